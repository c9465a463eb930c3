//! The reader's own route: a proxy or Tor that fails by itself.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    vec![
        // N19.
        row(RuleId::RouteDead, "N19: the proxy is dead", vec![fail(PROXY, Tcp, Refused)], vec![ok(DIRECT)]),
        row(RuleId::RouteDead, "N19: the proxy is swallowed", vec![fail(PROXY, Tcp, Silence)], vec![]),
        row(RuleId::RouteDead, "N19: the proxy's name is gone", vec![fail(PROXY, Dns, NxDomain)], vec![ok(DIRECT)]),
        row(RuleId::RouteLogin, "N19: the password is wrong", vec![fail(PROXY, Proxy, ProxyLogin)], vec![]),
        row(
            RuleId::RouteAstray,
            "a proxy that claims to have reached the host and leads to something else",
            vec![fail(PROXY, Tls, garbage())],
            vec![fail(DIRECT, Tcp, Refused)],
        ),
        row(
            RuleId::RouteAstray,
            "the same, while the host is read directly",
            vec![fail(PROXY, Tls, garbage())],
            vec![ok(DIRECT)],
        ),
        row(
            RuleId::RouteSilent,
            "the same after five seconds: a silent proxy",
            vec![Attempt { took: Duration::from_secs(5), ..fail(PROXY, Proxy, too_much(LimitKind::TotalTime)) }],
            vec![],
        ),
        row(
            RuleId::RouteGarbage,
            "N19: the proxy speaks something else",
            vec![fail(PROXY, Proxy, garbage())],
            vec![ok(TOR)],
        ),
        row(
            RuleId::RouteUnanswered,
            "N19: a Shadowsocks server with another password, which says nothing",
            vec![fail(SHADOWSOCKS, Proxy, Cause::Silence)],
            vec![ok(DIRECT)],
        ),
        row(
            RuleId::RouteUnanswered,
            "N19: one that closes, and nobody to compare with",
            vec![fail(SHADOWSOCKS, Proxy, Cause::Closed)],
            vec![],
        ),
        row(
            RuleId::RouteUnanswered,
            "N19: one whose line is cut when it is recognised",
            vec![fail(SHADOWSOCKS, Proxy, Cause::Reset)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::RouteUnanswered,
            "N19: one that is still silent when another way has read it",
            vec![pending(SHADOWSOCKS, Proxy, 5_000)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::RouteGarbage,
            "N19: bytes in its place that do not decrypt",
            vec![fail(SHADOWSOCKS, Proxy, garbage())],
            vec![],
        ),
        row(RuleId::RouteDead, "N19: its port is closed", vec![fail(SHADOWSOCKS, Tcp, Cause::Refused)], vec![]),
        row(RuleId::RouteReply, "N19: the proxy refuses", vec![reply(PROXY, 2)], vec![]),
        row(
            RuleId::RouteReply,
            "N19: the proxy answers in the host's place",
            vec![clear(found(PROXY_NL, Finding::ProxyAnswer { status: 403 }))],
            vec![],
        ),
        row(RuleId::RouteSilent, "a Tor still bootstrapping", vec![pending(TOR, Proxy, 10_000)], vec![]),
        row(
            RuleId::RouteReplyOtherVantage,
            "a proxy that cannot reach the host, and direct reads it",
            vec![reply(PROXY, 5)],
            vec![ok(DIRECT)],
        ),
    ]
}
