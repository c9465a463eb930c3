//! Clauses of which the sentences of verdicts are made, in English.

use super::English;
use super::attempts::form;
use crate::reach::{PageComparison, PageDigest};
use crate::sentences::phrasebook::RoutePhrases;
use crate::sentences::verdicts::{Claim, Doubt, ResolverFault, TooStrict};
use crate::transport::{CertificateFault, TorStall};

/// What a person can do where Tor did not start, as a sentence after the reason.
pub(super) fn what_helps(stall: TorStall) -> &'static str {
    match stall {
        TorStall::NoConnection | TorStall::Filtered => {
            " Another network may let Tor through, or a bridge: paste its line into the list of strategies."
        }
        TorStall::Bridge => " Please try the lines of other bridges.",
        TorStall::Transport => " Please name the program of that transport, or use a bridge without one.",
        TorStall::Directory => " Please check the date and time of this device, or try again in a while.",
        TorStall::Clock => " Please set the date and time of this device.",
        TorStall::Storage => " Please check the free space and the permissions of the data folder.",
        TorStall::Outdated => " Please update this program.",
        TorStall::InUse | TorStall::Ended | TorStall::NetworkChanged | TorStall::Unknown => {
            " Please try again in a while."
        }
    }
}

/// What is wrong with the certificate of a proxy, as a clause.
pub(super) fn unproved(fault: CertificateFault) -> String {
    match fault {
        CertificateFault::Expired | CertificateFault::NotYetValid => {
            let wrong =
                if fault == CertificateFault::Expired { "out of date" } else { "not valid yet" };
            format!(
                "a certificate that is {wrong} by this device's clock; please check the date and time. If they are right, the fault is the proxy's"
            )
        }
        CertificateFault::UnknownIssuer | CertificateFault::WrongName | CertificateFault::Unusable => {
            "a certificate that does not prove that it is this proxy: the proxy's fault, another program, or someone in between".to_owned()
        }
    }
}

/// Why the cause stays open, as a clause after "blocked or down".
pub(super) fn untold(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::OthersFailed => "; the other routes failed too, so we can't tell which",
        Doubt::NoOtherWay => "; without another route we can't tell which",
    }
}

/// What happened to the resolvers that the strategy names, as a clause.
pub(super) fn why_unasked(fault: ResolverFault) -> &'static str {
    match fault {
        ResolverFault::Refused => "nothing accepts connections there",
        ResolverFault::Unproved => "the certificate there does not prove that resolver",
        ResolverFault::NameNotFound => "its own name is not found",
        ResolverFault::Closed => "the connection is closed there",
        ResolverFault::Error => "it answers with an error",
        ResolverFault::NoDns => "what comes from there is no DNS answer",
        ResolverFault::Unreached => "it cannot be reached",
    }
}

pub(super) fn of_days(days: u64) -> String {
    match days {
        0..730 => format!("about {days} {}", if days == 1 { "day" } else { "days" }),
        _ => format!("about {} years", days / 365),
    }
}

pub(super) fn not_accepted(strict: TooStrict) -> &'static str {
    match strict {
        TooStrict::Form(refused) => form(refused),
        TooStrict::Size => "so large an answer",
    }
}

/// The authority that a block names, as the block's own claim.
pub(super) fn named(who: &str, claim: &Claim<'_>) -> String {
    claim.authority.map(|authority| format!(" {who} names {authority}.")).unwrap_or_default()
}

/// What was read here, and what another strategy read: each as what a site gives.
pub(super) fn two_pages(pages: Option<&PageComparison>) -> (String, String) {
    match pages {
        Some(pages) => (page(&pages.here), format!("{} {}", page(&pages.there), English.way(&pages.by))),
        None => ("one page".to_owned(), "another by another route".to_owned()),
    }
}

/// An answer as what a site gives. Its words are the peer's, and are quoted.
fn page(page: &PageDigest) -> String {
    let PageDigest { status, bytes, title, leads_to, .. } = page;
    match (leads_to, title) {
        (Some(to), _) => format!("a redirect to {to} (status {status})"),
        (None, Some(title)) => format!("a page “{title}” (status {status}, {bytes} bytes)"),
        (None, None) => format!("a page without a title (status {status}, {bytes} bytes)"),
    }
}
