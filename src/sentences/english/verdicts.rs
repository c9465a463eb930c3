//! Verdicts in English.

use super::English;
use super::attempts::form;
use crate::reach::{PageComparison, PageDigest};
use crate::sentences::capital;
use crate::sentences::phrasebook::{RoutePhrases, SightPhrases, VerdictPhrases};
use crate::sentences::sights::list;
use crate::sentences::verdicts::{Claim, Doubt, Happened, ResolverFault, Scene, Sequel, TooStrict};

impl VerdictPhrases for English {
    fn happened(&self, scene: &Scene<'_>, happened: &Happened<'_>) -> String {
        let Scene { host, platform, strategy, place, resolvers } = scene;
        let platform = platform.map_or(*host, |platform| platform.name());
        let (place, way) = (self.place(*place), self.way(strategy));
        let theirs = if resolvers.is_empty() { String::new() } else { format!(" {}", list(resolvers, "and")) };
        match happened {
            Happened::LookedUpOnly => {
                format!(
                    "{host} was looked up {way}, and after that it was sent nothing, so it cannot be said how it answers {place}."
                )
            }
            Happened::NotTried => {
                format!("Nothing was tried {way} this time, so it cannot be said how {host} answers {place}.")
            }
            Happened::IsThisDevice => {
                format!(
                    "{host} is this device itself: what goes {way} cannot reach it, so nothing was sent there; allow `direct:` for it."
                )
            }
            Happened::GivenTimeOver => {
                format!("How {host} answers {place} cannot be told: the time that was given ran out before.")
            }
            Happened::TimeOver => {
                format!("How {host} answers {place} cannot be told: the time was over before.")
            }
            Happened::NotWaitedFor => {
                format!("Another way was faster; how {host} answers {place} was not waited for.")
            }
            Happened::NoEndAnywhere => {
                format!(
                    "{host} sends its page, here and elsewhere, and does not say where it ends. One that was cut off would look the \
                 same, so that this program does not accept it; the fault is the site's, and no block."
                )
            }
            Happened::NoEnd => {
                format!(
                    "{host} answers {place}, and its page ends without saying that it is whole, so that this program does not accept \
                 it: a habit of the site's, or somebody cut it off; which, cannot be told without another way."
                )
            }
            Happened::OtherPage(pages) => {
                let (here, there) = two_pages(*pages);
                format!(
                    "{host} gives {here} {place}, and {there}. It was sent without encryption, so that anybody on the way can have \
                 changed it; whether somebody did cannot be told."
                )
            }
            Happened::OtherAnswer(pages) => {
                let (here, there) = two_pages(*pages);
                format!(
                    "{host} gives {here} {place}, and {there}. Sites differ so by country, language or load, but it was sent \
                 without encryption, and anybody on the way can have changed it."
                )
            }
            Happened::Cleartext => {
                let by = if strategy.is_direct() { &place } else { &way };
                format!(
                    "{host} answers {by}, without encryption: anybody on the way can read and change it, and no other network was \
                 seen to read the same."
                )
            }
            Happened::BodyOvertaken => {
                format!(
                    "{host} answers {place}; its page was still coming when another way had it, and the rest was not waited for."
                )
            }
            Happened::BodyUnfinished => {
                format!(
                    "{host} answers {place}, and its page was still coming when the time was over: a slow network, a slow site, a \
                 long page, or somebody who slows it down; which, cannot be told from here."
                )
            }
            Happened::RedirectsAstrayInCleartext => {
                format!(
                    "{host} leads in circles or to nowhere {place}, and not elsewhere; without encryption anybody on the way can do that (HTTP)."
                )
            }
            Happened::RedirectsAstray => {
                format!(
                    "{host} leads in circles or to nowhere {place}, and not elsewhere: a rule of its own or a block, that cannot be told."
                )
            }
            Happened::RedirectsNowhere => {
                format!("{host} answers, and its redirects lead nowhere; that is no block.")
            }
            Happened::BogonProved => {
                format!(
                    "The resolver{theirs} gives an address for {host} that no website has (DNS). Nobody on the way wrote that answer; whether it filters or the name's owner wants it so cannot be told."
                )
            }
            Happened::Bogon(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "An address that no website has is given for {host} {place} (DNS): a filter or a block{untold}."
                )
            }
            Happened::NoAddress(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "No address is found for {host} {place} (DNS): a name that does not exist, a broken resolver or a block{untold}."
                )
            }
            Happened::NoAddressHere => {
                format!("The name {host} is not found {place} when it is looked up (DNS), and it is found elsewhere.")
            }
            Happened::ResolverMute => {
                format!(
                    "The resolver of this network says nothing of {host} (DNS), which is reached otherwise, and was not seen to \
                 answer for any other name: it is out of order, not meant for this device, or blocked; which, cannot be told."
                )
            }
            Happened::NamedResolversSilent => {
                format!(
                    "The resolvers that this way asks do not answer (DNS), and {host} is reached otherwise: they are blocked or down, that cannot be told."
                )
            }
            Happened::NamedResolverCut => {
                format!(
                    "The connection to the resolver{theirs} that this way asks is cut {place} (DNS), and {host} is reached otherwise."
                )
            }
            Happened::NamedResolverFailed(fault) => {
                let why = why_unasked(*fault);
                format!(
                    "The resolver{theirs} that this way names could not be asked: {why} (DNS). It is misspelt, off or blocked, that cannot be told; of {host} it says nothing."
                )
            }
            Happened::NoAddressProved => {
                format!(
                    "The resolver{theirs} says that {host} does not exist or has no address, and elsewhere it is found (DNS). Nobody on the way wrote that answer; why it is given cannot be told."
                )
            }
            Happened::RedirectToNoName => {
                format!(
                    "A redirect leads to {host}, a name that is found by none of the ways that were tried; the fault is that of the site that redirects, and no block."
                )
            }
            Happened::NoTlsHere => {
                format!("Something that does not speak TLS answers {place} in the place of {host}, and not elsewhere.")
            }
            Happened::NoTls(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "Something that does not speak TLS answers {place} in the place of {host}: the site's fault, another program or a block{untold}."
                )
            }
            Happened::ContradictingAnswers => {
                format!(
                    "When {host} is looked up {place}, two answers come that contradict each other: one of them is forged (DNS)."
                )
            }
            Happened::BlockPageAddress => {
                format!("The address of a known block page is given for {host} {place} when it is looked up (DNS).")
            }
            Happened::InventedAddress => {
                format!(
                    "The name {host} does not exist. An address is given for it {place} all the same, as some providers do to show advertisements; that is no block."
                )
            }
            Happened::DisputedName(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "One resolver says that {host} does not exist, another gives an address where nobody proves to be it (DNS): which is right {place}{untold}."
                )
            }
            Happened::ClockOff { behind, days } => {
                let by = of_days(*days);
                let (wrong, side) = if *behind { ("not valid yet", "behind") } else { ("out of date", "ahead of") };
                format!(
                    "The certificate of {host} is {wrong} by this device's clock, which is {by} {side} the time that another host tells; please check the date and time. That is no block."
                )
            }
            Happened::ClockTooEarly => {
                format!(
                    "The certificate of {host} is not valid yet by this device's clock, which seems to be set too early; please check the date and time. That is no block."
                )
            }
            Happened::ClockTooLate => {
                format!(
                    "Certificates, that of {host} among them, are out of date by this device's clock, which seems to be set too late; please check the date and time. That is no block."
                )
            }
            Happened::ExpiredOrClock => {
                format!(
                    "The certificate of {host} is out of date by this device's clock: check the date and time; if they are right, the fault is the site's."
                )
            }
            Happened::CertificateBadEverywhere => {
                format!(
                    "The certificate of {host} does not prove that it is {host}, by any way; the fault is the site's own, and nothing was sent to it."
                )
            }
            Happened::CertificateBad(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "The certificate shown for {host} {place} does not prove that it is {host}: the site's fault or a forgery{untold}. Nothing was sent to it."
                )
            }
            Happened::OnlyIpv6 => {
                format!(
                    "Only IPv6 addresses of {host} were tried, and IPv6 may not work {place}; that says nothing about a block."
                )
            }
            Happened::NothingHere => {
                format!("Nothing answers at {host}, on this device or in its own network.")
            }
            Happened::NoConnection(doubt) => {
                let untold = untold(*doubt);
                format!("No connection to {host} is made {place} (TCP): blocked or down{untold}.")
            }
            Happened::NameCut(doubt) => {
                let untold = untold(*doubt);
                format!("The connection is cut {place} when {host} is named (TLS): blocked or down{untold}.")
            }
            Happened::TlsRefusedHere => {
                format!(
                    "{host} refuses TLS {place} and not elsewhere: a rule of its own or a block, that cannot be told."
                )
            }
            Happened::EncryptedCutHere => {
                format!("Encrypted connections to {host} are cut {place} (TLS), and not elsewhere.")
            }
            Happened::Unanswered(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{host} takes the connection {place} and does not answer to the end (HTTP): blocked or down{untold}."
                )
            }
            Happened::FaultHere => {
                format!(
                    "{host} answers with an error {place} and properly elsewhere: an overload, a rule of its own or a block, that cannot be told."
                )
            }
            Happened::LoginRefused => {
                format!("The way {way} did not accept the login; that says nothing about {host}.")
            }
            Happened::NoTor => {
                format!(
                    "No Tor answers where it should run on this device; please start it. That says nothing about {host}."
                )
            }
            Happened::TorNotYet => {
                format!(
                    "Tor runs and has not reached {host} yet; it may still be building its circuits, so try again in a minute."
                )
            }
            Happened::ProxyMute => {
                format!(
                    "Nothing came back {way}: it has another password, something else stands there, or a line is cut, in front of it \
                 or behind it. That says nothing about {host} itself."
                )
            }
            Happened::ProxyMuteOrHostDown => {
                format!(
                    "Nothing came back {way}: it has another password, something else stands there, a line is cut, in front of it or \
                 behind it, or {host} is down. A Shadowsocks server does not say which."
                )
            }
            Happened::ProxyAstray => {
                format!("The way {way} leads to something that is not {host}; that says nothing about {host} itself.")
            }
            Happened::ProxyRefuses => {
                format!("What answers {way} says that it cannot reach {host}, which is reached otherwise.")
            }
            Happened::NoProxy => {
                format!("What answers {way} is no such proxy; that says nothing about {host}.")
            }
            Happened::Answers { except } => match except {
                Some(address) => {
                    format!("{host} answers {place}, though not at each of its addresses: {address} does not.")
                }
                None => format!("{host} answers {place}."),
            },
            Happened::AnswersByProxy => {
                format!("{host} answers {way}.")
            }
            Happened::FalseAnswer => {
                format!("False answers are given {place} when {host} is looked up (DNS).")
            }
            Happened::AddressCut => {
                format!("Connections to the address of {host} are cut {place} (TCP), and not elsewhere.")
            }
            Happened::NameCutHere => {
                format!("Cut {place} when {host} is named (TLS).")
            }
            Happened::RequestCutHere => {
                format!("Cut {place} when a page of {host} is asked for (HTTP).")
            }
            Happened::ForgedCertificate => {
                format!(
                    "Somebody {place} answers in the place of {host} with a certificate of their own (TLS); they were sent nothing."
                )
            }
            Happened::BlockPage(claim) => {
                format!("A block page is shown {place} in the place of {host}.{}", named("The page", claim))
            }
            Happened::Legal451(claim) => {
                format!("{host} is refused {place} for legal reasons (HTTP 451).{}", named("The refusal", claim))
            }
            Happened::Withheld { here, claim } => {
                let here = if *here { " in this country" } else { "" };
                match &claim.text {
                    Some(text) => {
                        format!("The network lets it through; {platform} withholds it{here}, and states: “{text}”")
                    }
                    None => format!(
                        "The network lets it through; {platform} itself withholds it{here}.{}",
                        named(platform, claim)
                    ),
                }
            }
            Happened::Frozen => {
                format!("Answers of {host} stop coming {place} after their first part.")
            }
            Happened::Slow => {
                format!("{host} comes very slowly {place}, and faster elsewhere.")
            }
            Happened::Portal => "This network wants a login first; open its login page, then try again.".to_owned(),
            Happened::Offline => "This device has no network at the moment.".to_owned(),
            Happened::Whitelist => "This network lets only a few chosen addresses through at the moment.".to_owned(),
            Happened::Down => {
                format!("{host} answers by none of the ways that were tried; it seems to be down, not blocked.")
            }
            Happened::Fault => format!("{host} itself answers with a fault; that is no block."),
            Happened::NotAccepted(strict) => {
                let what = not_accepted(*strict);
                format!("{host} answers, and this program does not accept {what}; that is no block.")
            }
            Happened::Gone => {
                let who = scene.platform.map_or_else(|| (*host).to_owned(), |platform| capital(platform.name()));
                format!("{who} states that this community no longer exists.")
            }
            Happened::RouteFailed => {
                format!("The way {way} itself failed; that says nothing about {host}.")
            }
            Happened::BlockedOrDown => {
                format!("{host} was not read {place}: blocked or down, that cannot be told from here.")
            }
        }
    }

    fn sequel(&self, sequel: &Sequel<'_>) -> String {
        match sequel {
            Sequel::FoundEarlier => "That was found a short while ago; nothing was sent now.".to_owned(),
            Sequel::Unread => "No way that was tried reads it.".to_owned(),
            Sequel::TorBegins => {
                "Tor runs and may still be building its circuits; nobody waited for that, so try again in a minute."
                    .to_owned()
            }
            Sequel::NoWayOut => "This device's system says that the network does not lead to the internet.".to_owned(),
            Sequel::Seen(tried) => self.tried(tried),
            Sequel::Reached { by, took, read, shown } => {
                let (way, time, seen) = (self.way(by), self.time(*took), self.shown(shown));
                if *read {
                    format!("Read {way} in {time}; {seen}.")
                } else {
                    format!("It was asked {way} and answered in {time}; {seen}.")
                }
            }
            Sequel::Beside(beside) => self.beside(beside),
            Sequel::Vpn => {
                "A VPN is on: what is said here of your provider is true of the VPN, and your provider sees only that."
                    .to_owned()
            }
        }
    }
}

/// Why it stays open, as it goes behind "blocked or down".
fn untold(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::OthersFailed => "; the other ways that were tried failed too, so that cannot be told",
        Doubt::NoOtherWay => ", that cannot be told without another way",
    }
}

/// What befell the resolvers that the strategy names, as a clause.
fn why_unasked(fault: ResolverFault) -> &'static str {
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

fn of_days(days: u64) -> String {
    match days {
        0..730 => format!("about {days} {}", if days == 1 { "day" } else { "days" }),
        _ => format!("about {} years", days / 365),
    }
}

fn not_accepted(strict: TooStrict) -> &'static str {
    match strict {
        TooStrict::Form(refused) => form(refused),
        TooStrict::Size => "so large an answer",
    }
}

/// Whom a block names, as its own claim.
fn named(who: &str, claim: &Claim<'_>) -> String {
    claim.authority.map(|authority| format!(" {who} names {authority}.")).unwrap_or_default()
}

/// What was read here, and by which other strategy something else was: each as what a site gives.
fn two_pages(pages: Option<&PageComparison>) -> (String, String) {
    match pages {
        Some(pages) => (page(&pages.here), format!("{} {}", page(&pages.there), English.way(&pages.by))),
        None => ("one page".to_owned(), "another by another way".to_owned()),
    }
}

/// What an answer is, as what a site gives. Its words are the peer's, and are quoted.
fn page(page: &PageDigest) -> String {
    let PageDigest { status, bytes, title, leads_to, .. } = page;
    match (leads_to, title) {
        (Some(to), _) => format!("a redirect to {to} (status {status})"),
        (None, Some(title)) => format!("a page “{title}” (status {status}, {bytes} bytes)"),
        (None, None) => format!("a page without a title (status {status}, {bytes} bytes)"),
    }
}
