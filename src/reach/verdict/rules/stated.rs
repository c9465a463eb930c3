//! What somebody says of the block: the platform, a law, a provider's page; and where redirects lead.

use super::super::facts::{Facts, How, Sign};
use super::super::lookups::OfNamed;
use super::super::pages::PageSimilarity;
use super::{Found, found, names, some};
use crate::reach::{Finding, Statement};
use crate::transport::{Cause, Stage};

pub(super) fn platform(finding: &Finding) -> Option<&Statement> {
    if let Finding::PlatformBlocked(statement) = finding { Some(statement) } else { None }
}

pub(super) fn legal(finding: &Finding) -> Option<&Statement> {
    if let Finding::Legal451(statement) = finding { Some(statement) } else { None }
}

pub(super) fn block_page(finding: &Finding) -> Option<&Statement> {
    if let Finding::BlockPage { statement, .. } = finding { Some(statement) } else { None }
}

/// The subject was answered with a statement of this kind, and that is the last that it was told.
pub(super) fn stated(f: &Facts<'_>, kind: fn(&Finding) -> Option<&Statement>) -> Option<Found> {
    let evidence = f.subject_with(|sign| matches!(sign, Sign::Found(finding) if kind(finding).is_some()));
    let last = *evidence.last()?;
    if f.subject_with(|sign| sign == Sign::Proven).last().is_some_and(|proven| *proven > last) {
        return None;
    }
    let statement = if let Sign::Found(finding) = f.sign(last) { kind(finding).cloned() } else { None };
    Some(Found { statement, ..found(evidence) })
}

/// The subject read another page than another strategy did, and this is how alike they are.
pub(super) fn other_page(f: &Facts<'_>, similarity: PageSimilarity) -> Option<Found> {
    let pages = f.case.context.pages.as_deref().filter(|pages| pages.similarity == similarity)?;
    let here = f.subject_with(|sign| sign == Sign::Proven);
    if here.is_empty() {
        return None;
    }
    let there = f.attempts().skip(f.case.subject.len()).filter(|(_, attempt, _)| attempt.strategy == pages.by);
    let there = there.filter(|(_, attempt, _)| attempt.page.is_some()).map(|(index, ..)| index);
    Some(found(here.into_iter().chain(there)).leaning(usize::from(!pages.leads_elsewhere())))
}

/// The subject read it in cleartext, beyond the user's own network, and nobody reads the same.
pub(super) fn unvouched(f: &Facts<'_>) -> Option<Found> {
    if f.case.context.local_destination || f.case.context.pages.is_some() {
        return None;
    }
    let proven = f.subject_with(|sign| sign == Sign::Proven);
    let in_cleartext = |index: &usize| {
        f.attempt(*index).is_some_and(|attempt| {
            let stays_here =
                attempt.strategy.is_direct() && attempt.address.is_some_and(|address| address.is_loopback());
            !attempt.tls && !stays_here
        })
    };
    if proven.iter().all(in_cleartext) { some(proven) } else { None }
}

/// The subject's redirects, if they lead nowhere.
pub(super) fn astray(f: &Facts<'_>) -> Option<Found> {
    f.case.context.redirect_fault.then(|| found(f.subject.iter().copied()))
}

/// The host answered, and redirects to a name that no vantage finds.
pub(super) fn to_no_name(f: &Facts<'_>) -> Option<Found> {
    let denied =
        |sign: Sign<'_>| matches!(sign, Sign::Name(Some(Cause::NxDomain | Cause::NoAddress | Cause::LookupFailed)));
    let own = names::none(f).filter(|_| f.said().is_some_and(denied))?;
    let named = f.of_named();
    if matches!(named, Some(OfNamed::Cut | OfNamed::Silent | OfNamed::Failed)) {
        return None;
    }
    let to = &f.attempt(f.primary.filter(|_| f.case.context.redirected)?)?.destination;
    let subject = f.case.subject.len();
    let mut elsewhere = Vec::new();
    for (index, attempt, sign) in f.attempts().skip(subject).filter(|(_, attempt, _)| attempt.destination == *to) {
        match sign {
            // Whoever lies in one resolver's place in the clear may lie in another's.
            _ if denied(sign) && Facts::asks_in_the_clear(attempt) => {}
            _ if denied(sign) => elsewhere.push(index),
            // A proxy's words for a host that it cannot find.
            Sign::Cut(Stage::Tcp, How::Unreachable) if !attempt.strategy.is_direct() => elsewhere.push(index),
            Sign::Name(_) | Sign::Route(_) | Sign::Nothing | Sign::Waiting if attempt.stage <= Stage::Proxy => {}
            // It was found there.
            _ => return None,
        }
    }
    if elsewhere.is_empty() && named != Some(OfNamed::Denied) {
        return None;
    }
    some([own, elsewhere].concat())
}

/// The subject was answered with a fault of the host's own.
pub(super) fn origin_fault(f: &Facts<'_>) -> Option<Vec<usize>> {
    let fault = |sign: Sign<'_>| matches!(sign, Sign::Found(Finding::OriginFault { .. }));
    f.said().is_some_and(fault).then(|| f.subject_with(fault))
}
