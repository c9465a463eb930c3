//! What somebody says of the block: the platform, a law, a provider's page; and where redirects lead.

use super::super::facts::{Facts, Sign};
use super::{Found, found};
use crate::reach::{Finding, Statement};

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

/// The subject's redirects, if they lead nowhere.
pub(super) fn astray(f: &Facts<'_>) -> Option<Found> {
    f.case.context.redirect_fault.then(|| found(f.subject.iter().copied()))
}

/// The subject was answered with a fault of the host's own.
pub(super) fn origin_fault(f: &Facts<'_>) -> Option<Vec<usize>> {
    let fault = |sign: Sign<'_>| matches!(sign, Sign::Found(Finding::OriginFault { .. }));
    f.said().is_some_and(fault).then(|| f.subject_with(fault))
}
