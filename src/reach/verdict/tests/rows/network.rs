//! The network as a whole: gone, behind a login page, or with a whitelist.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    vec![
        // N13.
        row(RuleId::Portal, "N13: a portal", vec![clear(found(DIRECT, Finding::CaptivePortal))], vec![]),
        row(RuleId::Offline, "N13: no network, by errno", vec![errno(101, fail(DIRECT, Tcp, Unreachable))], vec![]),
        row(
            RuleId::Offline,
            "N13: no network, by two first hops",
            vec![fail(DIRECT, Tcp, Unreachable)],
            vec![fail(PROXY, Tcp, Unreachable)],
        ),
        row(
            RuleId::Offline,
            "N13: no network, no resolver, and a Tor on this device that cannot help",
            vec![fail(DIRECT, Dns, LookupFailed)],
            vec![errno(101, fail(PROXY, Tcp, Unreachable)), reply(TOR, 1)],
        ),
        row(
            RuleId::TcpCut,
            "N2: an error says that there is no route, and the resolver answered: a middlebox can send it",
            vec![asked(&[("udp://9.9.9.9", &[Ok(&[A])])], errno(101, fail(DIRECT, Tcp, Unreachable)))],
            vec![],
        ),
        row(
            RuleId::TcpCut,
            "N2: the same, and a moment ago something was reached",
            vec![errno(101, fail(DIRECT, Tcp, Unreachable))],
            vec![],
        )
        .met_in(Context { alive: true, ..Context::default() }),
        row(
            RuleId::TcpCut,
            "N2: the same, and the host before it on a chain of redirects answered",
            vec![errno(101, fail(DIRECT, Tcp, Unreachable))],
            vec![],
        )
        .met_in(Context { answered_from_outside: true, ..Context::default() }),
        row(
            RuleId::Offline,
            "N13: no network, and a resolver on this device that answers from memory",
            vec![asked(&[("udp://127.0.0.1", &[Ok(&[A])])], errno(101, fail(DIRECT, Tcp, Unreachable)))],
            vec![],
        ),
        row(
            RuleId::WhitelistFirstHops,
            "N11: the host and a proxy are silent, and the resolver answered",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![fail(PROXY, Tcp, Silence)],
        ),
        row(
            RuleId::WhitelistFirstHops,
            "N11: three first hops are silent",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![fail(PROXY, Tcp, Silence), tor_bridge()],
        ),
        row(
            RuleId::WhitelistFirstHops,
            "N11: the same, and a moment ago something was reached",
            vec![literal(fail(DIRECT, Tcp, Silence))],
            vec![fail(PROXY, Tcp, Silence)],
        )
        .met_in(Context { alive: true, ..Context::default() }),
        row(
            RuleId::WhitelistFirstHops,
            "N11: the resolver is not on the list either, and a moment ago something that is was reached",
            vec![fail(DIRECT, Dns, Silence)],
            vec![fail(PROXY, Tcp, Silence)],
        )
        .met_in(Context { alive: true, ..Context::default() }),
        row(
            RuleId::PortalUnvalidated,
            "N13: a portal that answers encrypted connections with a certificate of its own",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![fail(PROXY, Tcp, Silence)],
        )
        .met_in(unvalidated()),
        row(
            RuleId::PortalUnvalidated,
            "N13: a portal that refuses all but its own page",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![fail(PROXY, Tcp, Refused)],
        )
        .met_in(unvalidated()),
    ]
}

/// A Tor on another machine, whose address is silent.
fn tor_bridge() -> Attempt {
    at("192.88.99.7", pending("tor+socks5://tor.example:9050", Tcp, 4000))
}
