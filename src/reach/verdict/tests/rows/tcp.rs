//! Connecting to an address.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    vec![
        row(
            RuleId::TcpCut,
            "N14: one true address is blocked, and the other resolver gives both",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![Attempt { answers: vec![A.parse().unwrap(), B.parse().unwrap()], ..ok(OTHER_DNS) }],
        ),
        row(
            RuleId::TcpSilenceOtherVantage,
            "N14: the same, and Tor reads it",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![Attempt { answers: vec![A.parse().unwrap(), B.parse().unwrap()], ..ok(OTHER_DNS) }, ok(TOR)],
        ),
        // N2.
        row(
            RuleId::TcpRefusedOtherVantage,
            "N2: refused, and a proxy reads it",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::TcpUnreachableOtherVantage,
            "N2: unreachable, and a proxy reads it",
            vec![errno(113, fail(DIRECT, Tcp, Unreachable))],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::TcpSilenceOtherVantage,
            "N2: SYN swallowed, and Tor reads it",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TcpSilenceOtherVantage,
            "N2: SYN swallowed for three seconds",
            vec![pending(DIRECT, Tcp, 3000)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TcpSilenceOtherVantage,
            "N2: SYN swallowed until the user's own limit",
            vec![Attempt {
                took: Duration::from_secs(5),
                ..fail(DIRECT, Tcp, Cause::Limit { limit: LimitKind::TotalTime })
            }],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TcpResetOtherVantage,
            "N2: reset, and a proxy reads it",
            vec![fail(DIRECT, Tcp, Reset)],
            vec![ok(PROXY)],
        ),
        row(RuleId::TcpCut, "refused and nobody to ask", vec![fail(DIRECT, Tcp, Refused)], vec![]),
        row(
            RuleId::TcpCut,
            "refused, and another resolver's way to it as well",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![fail(OTHER_DNS, Tcp, Refused)],
        ),
        row(
            RuleId::TcpEverywhere,
            "N24: refused here and at the proxy",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![reply(PROXY, 5)],
        ),
        row(
            RuleId::TcpEverywhere,
            "N24: swallowed here and behind Tor",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![reply(TOR, 4)],
        ),
        row(
            RuleId::TcpEverywhere,
            "N24: a CONNECT proxy says 504",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![reply(PROXY_NL, 504)],
        ),
        row(
            RuleId::TcpCut,
            "all proxies are dead: no evidence that the host is down",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![fail(PROXY, Tcp, Refused), fail(TOR, Proxy, Silence), fail(PROXY_NL, Proxy, ProxyLogin)],
        ),
        row(
            RuleId::TcpIpv6,
            "a broken home IPv6 is no block",
            vec![at("2001:db8::1", fail(DIRECT, Tcp, Silence))],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TcpSilenceOtherVantage,
            "a CDN's challenge to Tor shows that the host is there",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![found(TOR, fault(503))],
        ),
        row(
            RuleId::TcpCut,
            "one host that is unreachable is not offline",
            vec![fail(DIRECT, Tcp, Unreachable)],
            vec![],
        ),
        row(
            RuleId::TcpCut,
            "one host that is unreachable by two direct ways is not offline",
            vec![fail(DIRECT, Tcp, Unreachable)],
            vec![fail(OTHER_DNS, Tcp, Unreachable)],
        ),
        row(
            RuleId::TcpCut,
            "a lying proxy is no vantage against a host that refuses",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![fail(PROXY_NL, Tls, garbage())],
        ),
        row(
            RuleId::TcpEverywhere,
            "a proxy that cannot reach the host, and a host that nobody reaches",
            vec![reply(PROXY, 4)],
            vec![reply(TOR, 4)],
        ),
        row(
            RuleId::TcpCut,
            "a question that was sent twice is answered twice, with other addresses of a large site",
            vec![asked(&[("udp://9.9.9.9", &[Ok(&[A]), Ok(&[B])])], fail(DIRECT, Tcp, Silence))],
            vec![],
        ),
        row(
            RuleId::TcpCut,
            "one silent first hop is no whitelist, whatever Tor on this device does",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![fail(TOR, Proxy, Silence), fail(OTHER_DNS, Tcp, Silence)],
        ),
        row(
            RuleId::TcpCut,
            "a proxy that refuses is off, and shows that something is let through",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![fail(PROXY, Tcp, Refused)],
        ),
        row(
            RuleId::TcpCut,
            "silence everywhere, and no sign that the network lives at all",
            vec![literal(fail(DIRECT, Tcp, Silence))],
            vec![fail(PROXY, Tcp, Silence)],
        ),
        row(
            RuleId::TcpRefusedOtherVantage,
            "connections are refused here, and elsewhere an answer ends unannounced",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![unannounced(TOR, 5000)],
        ),
        row(
            RuleId::TcpRefusedOtherVantage,
            "N2: refused at an address that the user gave by hand, on this very device",
            vec![pinned(at("127.0.0.2", fail(DIRECT, Tcp, Refused)))],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TcpLocal,
            "a host at home that is off",
            vec![at("192.168.1.7", fail(DIRECT, Tcp, Refused))],
            vec![reply(TOR, 4)],
        )
        .met_in(Context { local_destination: true, ..Context::default() }),
    ]
}
