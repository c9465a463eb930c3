//! Our own route: the proxy or Tor.

use super::super::code::{Layer, VerdictCode};
use super::super::facts::{Facts, RouteFault, Sign};
use super::id::RuleId;
use super::rule::Against::Network;
use super::rule::{Found, Rule, compared, found, rule, some};

/// Our own route.
pub(super) const ROUTE: &[Rule] = &[
    rule(
        RuleId::RouteLogin,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 98, "")],
        "The proxy wants a login, or does not accept ours.",
        |f| failed(f, RouteFault::Login),
    )
    .rows(&["N19"]),
    rule(
        RuleId::RouteGarbage,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 95, "")],
        "The server at the proxy's address does not speak its protocol, or cannot prove its name.",
        |f| failed(f, RouteFault::Garbage),
    )
    .rows(&["N19"]),
    rule(
        RuleId::RouteAstray,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(10, 85, "")],
        "The proxy says that it has reached the host, and what it leads to does not speak TLS. No other vantage meets \
         such a thing. A proxy that answers in the host's place lies.",
        |f| f.led_astray().map(found),
    )
    .against(Network)
    .rows(&["N19"]),
    rule(
        RuleId::RouteReply,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 90, "")],
        "The proxy says that it could not or would not, and does not blame the host.",
        |f| failed(f, RouteFault::Reply),
    )
    .rows(&["N19"]),
    rule(
        RuleId::RouteReplyOtherVantage,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(15, 82, "")],
        "The proxy says that it cannot reach the host, and an independent vantage reaches it. What was seen outweighs \
         the proxy's word.",
        |f| compared(f.word_of_a_proxy().into_iter().collect(), f.reached_elsewhere()),
    )
    .against(Network)
    .limits("A proxy whose own network blocks the host says the same.")
    .rows(&["N19"]),
    rule(
        RuleId::RouteDead,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 95, "")],
        "The proxy's own address cannot be reached. That says nothing about the host behind it.",
        |f| failed(f, RouteFault::Dead),
    )
    .limits("We can't tell whether the proxy is off or its address is blocked.")
    .rows(&["N19"]),
    rule(
        RuleId::RouteSilent,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 85, "")],
        "The proxy accepted the connection and did not answer, and no other vantage failed at the host. The proxy is \
         slow (a Tor that is still building circuits), or the host behind it is.",
        |f| if f.down_elsewhere().is_some() { None } else { failed(f, RouteFault::Silent) },
    )
    .rows(&["N19"]),
    rule(
        RuleId::RouteUnanswered,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 85, "")],
        "No byte that decrypts came through the Shadowsocks server: only silence, or an end. Such a server gives no \
         answer of its own. Its password is different, the server is of another kind, or a line is cut in front of it \
         or behind it. No other vantage failed at the host.",
        |f| if f.down_elsewhere().is_some() { None } else { failed(f, RouteFault::Unanswered) },
    )
    .limits("If no other route was tried, a host that is down behind a good server looks the same.")
    .rows(&["N19"]),
];

/// Our own route failed in this way, and none of its attempts came farther.
pub(super) fn failed(f: &Facts<'_>, kind: RouteFault) -> Option<Found> {
    match f.said()? {
        Sign::Route(fault) if fault == kind => some(f.subject_with(|sign| matches!(sign, Sign::Route(_)))),
        _ => None,
    }
}
