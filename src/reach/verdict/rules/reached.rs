//! Rules for what works, and for what works worse than on another route.

use super::super::code::{Layer, VerdictCode};
use super::super::facts::Sign;
use super::id::RuleId;
use super::rule::Against::{Network, Pages};
use super::rule::{Rule, rule, some};
use super::{network, stated};
use crate::reach::PageSimilarity;

/// What works.
pub(super) const REACHED: &[Rule] = &[
    rule(
        RuleId::HttpOtherPageOtherVantage,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(50, 10, "it leads to another site, and no other strategy is led there"), (40, 15, "another page")],
        "The page was read in cleartext, another route reads a different page, and nothing explains the difference: \
         title, text and markup have nothing in common. Anyone on the path can have written what came here.",
        |f| stated::other_page(f, PageSimilarity::Unexplained),
    )
    .against(Pages)
    .limits("A site that gives each country an entirely different page looks the same, without any censor.")
    .rows(&["N5"]),
    rule(
        RuleId::ThrottledHandshakeOtherVantage,
        VerdictCode::Throttled,
        Some(Layer::Network),
        &[(55, 10, "")],
        "The page was read, but the first byte took four seconds or more here, and less than half of that on another \
         network at the same time, over the same uplink.",
        |f| network::slower(f, 4.0, network::seconds_to_begin),
    )
    .against(Network)
    .limits("A bad path between two networks is slow without any intention.")
    .rows(&["N10"]),
    rule(
        RuleId::ThrottledRateOtherVantage,
        VerdictCode::Throttled,
        Some(Layer::Network),
        &[(55, 10, "")],
        "The page was read, but at less than 32 kB/s over more than 32 kB, and more than twice as fast on another \
         network.",
        |f| network::slower(f, network::SLOW_BYTE, network::seconds_per_byte),
    )
    .against(Network)
    .limits("A bad path between two networks is slow without any intention.")
    .rows(&["N10"]),
    rule(
        RuleId::ThrottledRateUnfinished,
        VerdictCode::Throttled,
        Some(Layer::Network),
        &[(50, 15, "")],
        "The page was still coming at less than 32 kB/s after two seconds or more, when the time was over. On another \
         network the whole page came in less than half that time and at more than twice the rate, or four times as \
         much came until its own time was over.",
        network::unfinished,
    )
    .against(Network)
    .limits(
        "A bad path between two networks is slow without any intention, and so is a server that makes its page \
         while it sends it.",
    )
    .rows(&["N10"]),
    rule(
        RuleId::HttpOtherAnswerOtherVantage,
        VerdictCode::Reachable,
        None,
        &[(6, 2, "")],
        "The page was read in cleartext, and another route reads a different one. They differ as a site's own answers \
         do: a status of the site's own, a check for a browser, a login.",
        |f| stated::other_page(f, PageSimilarity::Explained),
    )
    .against(Pages)
    .limits("Anyone on the path can have written it.")
    .rows(&["N5"]),
    rule(
        RuleId::ReachableCleartext,
        VerdictCode::Reachable,
        None,
        &[(5, 2, "")],
        "What was asked for came in cleartext, or a redirect in cleartext led to it, and no other network was seen to \
         read exactly the same. Anyone on the path can have written or changed it.",
        stated::unvouched,
    )
    .rows(&["N5"]),
    rule(
        RuleId::Reachable,
        VerdictCode::Reachable,
        None,
        &[(1, 1, "")],
        "What was asked for came from one of the host's addresses.",
        |f| some(f.subject_with(|sign| sign == Sign::Proven)),
    )
    .limits("Another of its addresses may be blocked all the same: the addresses are listed one by one.")
    .rows(&["N2", "N14", "N20"]),
];
