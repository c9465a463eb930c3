//! Statements about the block, by the platform, a law or a provider's page; and redirects.

use super::super::code::{Layer, VerdictCode};
use super::super::facts::{Facts, Sign};
use super::super::pages::PageSimilarity;
use super::id::RuleId;
use super::rule::Against::{Abroad, AnyWay};
use super::rule::{Found, Rule, found, rule, some, with};
use crate::reach::{Finding, Statement};

/// Statements of the platform, and redirects that lead nowhere.
pub(super) const STATED: &[Rule] = &[
    rule(
        RuleId::PlatformGone,
        VerdictCode::Gone,
        Some(Layer::Platform),
        &[(0, 100, "")],
        "The platform says, over a connection that proved its name, that the community was deleted.",
        |f| f.case.context.gone.then(|| found(f.subject.iter().copied())),
    )
    .rows(&["N18"]),
    rule(
        RuleId::NothingTried,
        VerdictCode::Unknown,
        None,
        &[(34, 33, "")],
        "This strategy tried nothing, or our own rules forbade it.",
        |f| f.only_forbidden().then(|| found(f.subject.iter().copied())),
    ),
    rule(
        RuleId::PlatformNoticeOtherCountry,
        VerdictCode::PlatformBlocked,
        Some(Layer::Platform),
        &[(97, 0, "")],
        "The platform answers with a notice here and with the content elsewhere: it hides the content in this country.",
        |f| stated(f, platform).and_then(|s| with(s, f.read_otherwise())),
    )
    .against(AnyWay)
    .rows(&["N17"]),
    rule(
        RuleId::PlatformNoticeEverywhere,
        VerdictCode::PlatformBlocked,
        Some(Layer::Platform),
        &[(97, 0, "")],
        "The platform answers with a notice here and in another country: it hides the content everywhere.",
        |f| stated(f, platform).and_then(|s| with(s, f.found_abroad(|finding| platform(finding).is_some()))),
    )
    .against(Abroad)
    .rows(&["N17"]),
    rule(
        RuleId::PlatformNotice,
        VerdictCode::PlatformBlocked,
        Some(Layer::Platform),
        &[(97, 0, "")],
        "The platform answers with a notice instead of the content; no other country was compared.",
        |f| stated(f, platform),
    )
    .limits("A route that exits in the same country gets the same notice and disproves nothing.")
    .rows(&["N17"]),
    rule(
        RuleId::HttpRedirectOtherVantage,
        VerdictCode::HttpInterfered,
        Some(Layer::Http),
        &[(65, 25, "")],
        "A cleartext answer redirects in circles or to a forbidden target, and another route gets the content. Anyone \
         on the path can have written the redirect.",
        |f| if f.subject_is_vouched() || !f.case.context.read_otherwise { None } else { astray(f) },
    )
    .against(AnyWay)
    .limits("A site that treats two countries differently looks the same, without any censor.")
    .rows(&["N3"]),
    rule(
        RuleId::RedirectHere,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(35, 35, "")],
        "The host redirects this network in circles or to nowhere, and does not do so to another network. It is the \
         host's own rule, or a block.",
        |f| if f.case.context.read_otherwise { astray(f) } else { None },
    )
    .against(AnyWay),
    rule(
        RuleId::RedirectNowhere,
        VerdictCode::OriginFault,
        Some(Layer::Http),
        &[(5, 90, "")],
        "The host answers, over TLS that proves it, and its redirects lead nowhere.",
        |f| if f.subject_is_vouched() { astray(f) } else { None },
    )
    .rows(&["N24"]),
    rule(
        RuleId::RedirectNowhereCleartext,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(34, 33, "")],
        "Redirects lead nowhere, and at least one of them came in cleartext. The site can have written it, or anyone on \
         the path.",
        astray,
    )
    .rows(&["N3"]),
];

/// Answers that state a block.
pub(super) const ANSWERED: &[Rule] = &[
    rule(
        RuleId::Http451OtherVantage,
        VerdictCode::Legal451,
        Some(Layer::Http),
        &[(98, 0, "")],
        "The answer is HTTP 451 (RFC 7725) here, and the content elsewhere.",
        |f| stated(f, legal).and_then(|s| with(s, f.read_otherwise())),
    )
    .against(AnyWay)
    .rows(&["N5"]),
    rule(
        RuleId::Http451,
        VerdictCode::Legal451,
        Some(Layer::Http),
        &[(97, 0, "")],
        "The answer is HTTP 451 (RFC 7725) on every vantage.",
        |f| stated(f, legal),
    )
    .limits("In cleartext it is not visible whether the host or someone on the path says so.")
    .rows(&["N5"]),
    rule(
        RuleId::HttpBlockPageOtherVantage,
        VerdictCode::BlockPage,
        Some(Layer::Http),
        &[(98, 0, "")],
        "A page with a known fingerprint replaces the host's page here, and the content comes elsewhere.",
        |f| stated(f, block_page).and_then(|s| with(s, f.read_otherwise())),
    )
    .against(AnyWay)
    .rows(&["N5"]),
    rule(
        RuleId::HttpBlockPage,
        VerdictCode::BlockPage,
        Some(Layer::Http),
        &[(95, 0, "")],
        "A page with a known fingerprint replaces the host's page. It states the block itself; no other vantage is \
         needed.",
        |f| stated(f, block_page),
    )
    .limits(
        "A notice is known by its words. A page in cleartext of at most 32 kB that quotes such a notice, as an article \
         about blocks does, is taken for one: providers set their notices in frames of every kind and length, so neither \
         a title nor a layout excludes one. A page without a known fingerprint is compared with what another route reads \
         of it (`http.other_page.other_vantage`).",
    )
    .rows(&["N5"]),
];

pub(super) fn platform(finding: &Finding) -> Option<&Statement> {
    if let Finding::PlatformBlocked(statement) = finding { Some(statement) } else { None }
}

pub(super) fn legal(finding: &Finding) -> Option<&Statement> {
    if let Finding::Legal451(statement) = finding { Some(statement) } else { None }
}

pub(super) fn block_page(finding: &Finding) -> Option<&Statement> {
    if let Finding::BlockPage { statement, .. } = finding { Some(statement) } else { None }
}

/// The subject got a statement of this kind, and no later answer.
pub(super) fn stated(f: &Facts<'_>, kind: fn(&Finding) -> Option<&Statement>) -> Option<Found> {
    let evidence = f.subject_with(|sign| matches!(sign, Sign::Found(finding) if kind(finding).is_some()));
    let last = *evidence.last()?;
    if f.subject_with(|sign| sign == Sign::Proven).last().is_some_and(|proven| *proven > last) {
        return None;
    }
    let statement = if let Sign::Found(finding) = f.sign(last) { kind(finding).cloned() } else { None };
    Some(Found { statement, ..found(evidence) })
}

/// The subject read another page than another strategy, with this similarity.
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

/// The subject read the page, or was led to it, in cleartext and beyond the user's own network, and no other strategy
/// reads exactly the same.
pub(super) fn unvouched(f: &Facts<'_>) -> Option<Found> {
    if f.case.context.local_destination || f.case.context.pages.as_deref().is_some_and(|pages| pages.equal) {
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
    if f.case.context.led_in_cleartext || proven.iter().all(in_cleartext) { some(proven) } else { None }
}

/// The subject's redirects, if they lead nowhere.
pub(super) fn astray(f: &Facts<'_>) -> Option<Found> {
    f.case.context.redirect_fault.then(|| found(f.subject.iter().copied()))
}

/// The subject got an answer that is not what was asked for, in cleartext, or from where an answer in cleartext led.
pub(super) fn unvouched_answer(f: &Facts<'_>) -> Option<Vec<usize>> {
    let led = f.case.context.led_in_cleartext;
    let unvouched = |sign: Sign<'_>| match sign {
        Sign::Found(Finding::Unvouched) => true,
        Sign::Found(Finding::OriginFault { .. }) => led,
        _ => false,
    };
    f.said().is_some_and(unvouched).then(|| f.subject_with(unvouched))
}

/// The host itself refuses the request.
pub(super) fn is_refusal(sign: Sign<'_>) -> bool {
    matches!(sign, Sign::Found(Finding::OriginFault { status: Some(401 | 403), .. }))
}

/// The subject got an answer that reports the host's own fault.
pub(super) fn origin_fault(f: &Facts<'_>) -> Option<Vec<usize>> {
    let fault = |sign: Sign<'_>| matches!(sign, Sign::Found(Finding::OriginFault { .. }));
    f.said().is_some_and(fault).then(|| f.subject_with(fault))
}
