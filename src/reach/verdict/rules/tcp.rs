//! Rules for connections that are not made.

use super::super::code::{Layer, VerdictCode};
use super::super::facts::How;
use super::cuts;
use super::id::RuleId;
use super::rule::Against::{Abroad, Network};
use super::rule::{Rule, rule, some};
use crate::transport::Stage;

/// Connections that are not made.
pub(super) const TCP: &[Rule] = &[
    rule(
        RuleId::TcpIpv6,
        VerdictCode::Unknown,
        Some(Layer::Network),
        &[(20, 70, "")],
        "Only IPv6 addresses were tried, and nothing shows that IPv6 works here. A broken IPv6 at home looks like a \
         block.",
        |f| if f.only_dead_ipv6() { some(f.subject.clone()) } else { None },
    )
    .rows(&["N2"]),
    rule(
        RuleId::TcpLocal,
        VerdictCode::OriginDown,
        Some(Layer::Tcp),
        &[(3, 95, "")],
        "The user named a host on this device or in this network, and it does not answer. No censor stands in between.",
        cuts::local,
    )
    .rows(&["N24"]),
    rule(
        RuleId::TcpResetOtherVantage,
        VerdictCode::TcpBlocked,
        Some(Layer::Tcp),
        &[(90, 7, "")],
        "Connections to the address are reset here, and an independent vantage reaches the host.",
        |f| cuts::here(f, Stage::Tcp, &[How::Reset, How::Closed, How::Garbage, How::Alert]),
    )
    .against(Network)
    .rows(&["N2"]),
    rule(
        RuleId::TcpRefusedOtherVantage,
        VerdictCode::TcpBlocked,
        Some(Layer::Tcp),
        &[(80, 17, "")],
        "Connections to the address are refused here, and an independent vantage reaches the host.",
        |f| cuts::here(f, Stage::Tcp, &[How::Refused]),
    )
    .against(Network)
    .limits("A host may refuse a network by a rule of its own.")
    .rows(&["N2"]),
    rule(
        RuleId::TcpUnreachableOtherVantage,
        VerdictCode::TcpBlocked,
        Some(Layer::Tcp),
        &[(80, 17, "")],
        "An error says that the address is unreachable here, and an independent vantage reaches the host.",
        |f| cuts::here(f, Stage::Tcp, &[How::Unreachable]),
    )
    .against(Network)
    .limits("A broken path between two networks looks the same.")
    .rows(&["N2"]),
    rule(
        RuleId::TcpSilenceOtherVantage,
        VerdictCode::TcpBlocked,
        Some(Layer::Tcp),
        &[(85, 12, "")],
        "Connections to the address get no answer here for three seconds, and an independent vantage reaches the host.",
        |f| cuts::here(f, Stage::Tcp, &[How::Silence]),
    )
    .against(Network)
    .limits(
        "A broken path between two networks looks the same, and so does a host that drops packets from this \
         network.",
    )
    .rows(&["N2"]),
    rule(
        RuleId::TcpEverywhere,
        VerdictCode::OriginDown,
        Some(Layer::Tcp),
        &[(8, 90, "")],
        "No connection to the host succeeds, here or on another network in another country.",
        |f| cuts::everywhere(f, Stage::Tcp),
    )
    .against(Abroad)
    .rows(&["N2", "N24"]),
    rule(
        RuleId::TcpCut,
        VerdictCode::Unknown,
        Some(Layer::Tcp),
        &[(48, 49, "silence, a reset, or an error that says unreachable"), (30, 67, "refused")],
        "No connection to the host succeeds, and there is no independent vantage: blocked or down.",
        |f| cuts::alone(f, Stage::Tcp),
    )
    .rows(&["N2"]),
];
