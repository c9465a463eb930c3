//! Rules for attempts that say nothing.

use super::super::code::VerdictCode;
use super::super::facts::Sign;
use super::id::RuleId;
use super::rule::{Rule, found, rule, some};

/// Attempts that say nothing.
pub(super) const UNKNOWN: &[Rule] = &[
    rule(
        RuleId::NotWaitedFor,
        VerdictCode::Unknown,
        None,
        &[(25, 25, "")],
        "The attempt was cancelled before its silence meant anything: another route was faster.",
        |f| some((0..f.case.subject.len()).filter(|index| f.sign(*index) == Sign::Waiting).collect()),
    )
    .limits("Three seconds of silence are evidence (RFC 6298: a lost packet was sent again by then); less is not."),
    rule(
        RuleId::Unknown,
        VerdictCode::Unknown,
        None,
        &[(45, 50, "")],
        "No rule applies: it is blocked or down.",
        |f| Some(found(f.subject.iter().copied())),
    ),
];
