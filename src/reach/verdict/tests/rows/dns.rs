//! What resolvers say.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        // N1.
        row(
            RuleId::DnsNoAnswerTrueAddress,
            "N1: NXDOMAIN, and another resolver knows the address",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![ok(OTHER_DNS)],
        ),
        row(
            RuleId::DnsNoAnswer,
            "N1: the other resolver's address speaks no TLS: a resolver that rewrites NXDOMAIN is no proof",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![clear(ok(OTHER_DNS))],
        ),
        row(
            RuleId::DnsNoAnswerOtherVantage,
            "N1: NXDOMAIN and Tor reads it",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::DnsUnansweredOtherVantage,
            "N1: SERVFAIL and Tor reads it",
            vec![fail(DIRECT, Dns, Rcode { rcode: 2 })],
            vec![ok(TOR)],
        ),
        row(
            RuleId::DnsUnansweredOtherVantage,
            "N1: REFUSED and a proxy reads it",
            vec![fail(DIRECT, Dns, Rcode { rcode: 5 })],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::DnsNoAnswerOtherVantage,
            "N1: an empty answer and a proxy reads it",
            vec![fail(DIRECT, Dns, NoAddress)],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::DnsUnansweredOtherVantage,
            "N1: no answer and a proxy reads it",
            vec![fail(DIRECT, Dns, Silence)],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::DnsUnansweredOtherVantage,
            "N1: the resolver is given up after three seconds",
            vec![pending(DIRECT, Dns, 3000)],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::DnsUnansweredOtherVantage,
            "the system's resolver fails and a proxy reads it",
            vec![fail(DIRECT, Dns, LookupFailed)],
            vec![ok(PROXY)],
        ),
        row(RuleId::DnsNoAnswer, "NXDOMAIN and nobody to ask", vec![fail(DIRECT, Dns, NxDomain)], vec![]),
        row(
            RuleId::DnsSilenceNamedResolver,
            "a resolver of the user's own choice that is silent, and a proxy reads it",
            vec![fail(OTHER_DNS, Dns, Silence)],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::DnsNoAnswerEverywhere,
            "NXDOMAIN and the proxies cannot reach it either",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![reply(PROXY, 4)],
        ),
        row(
            RuleId::DnsNoAnswer,
            "NXDOMAIN and the only proxy is dead",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![fail(PROXY, Tcp, Refused)],
        ),
        row(
            RuleId::DnsBogonTrueAddress,
            "N1: a private address, and another resolver knows better",
            vec![at("10.9.8.7", fail(DIRECT, Tcp, Silence))],
            vec![ok(OTHER_DNS)],
        ),
        row(
            RuleId::DnsBogonOtherVantage,
            "N1: loopback, and Tor reads it",
            vec![at("127.0.0.1", fail(DIRECT, Tcp, Refused))],
            vec![ok(TOR)],
        ),
        row(RuleId::DnsBogon, "N1: 0.0.0.0 and nobody to ask", vec![at("0.0.0.0", fail(DIRECT, Tcp, Refused))], vec![]),
        row(
            RuleId::DnsWrongCertificateTrueAddress,
            "N1: a block page's address, where the certificate is wrong",
            vec![at(LIE, bad_certificate(DIRECT, WrongName))],
            vec![ok(OTHER_DNS)],
        ),
        row(
            RuleId::DnsDeadAddressTrueAddress,
            "N1: a false address that swallows",
            vec![at(LIE, fail(DIRECT, Tcp, Silence))],
            vec![ok(OTHER_DNS)],
        ),
        row(RuleId::DnsNoAnswer, "a resolver that fails is not offline", vec![fail(DIRECT, Dns, LookupFailed)], vec![]),
        // What resolvers said within one strategy.
        row(
            RuleId::DnsInjected,
            "N1: a forged answer races the true one, and the true one is read",
            vec![asked(&[("udp://9.9.9.9", &[Ok(&[LIE]), Ok(&[A])])], ok(DIRECT))],
            vec![],
        ),
        row(
            RuleId::DnsInjected,
            "N1: a forged NXDOMAIN races the true answer",
            vec![asked(&[("udp://9.9.9.9", &[Err(NxDomain), Ok(&[A])])], ok(DIRECT))],
            vec![],
        ),
        row(
            RuleId::DnsInjected,
            "N1: one of two answers is an address that no public name has, and nothing was read",
            vec![asked(
                &[("udp://9.9.9.9", &[Ok(&["10.10.34.35"]), Ok(&[B])])],
                at("10.10.34.35", fail(DIRECT, Tcp, Silence)),
            )],
            vec![],
        ),
        row(
            RuleId::DnsFalseAnswer,
            "N1: at the other resolver's address somebody else answers",
            vec![
                asked(
                    &[("system", &[Ok(&[LIE])]), ("tls://9.9.9.9", &[Ok(&[A])])],
                    at(LIE, bad_certificate(DIRECT, WrongName)),
                ),
                asked(&[("system", &[Ok(&[LIE])]), ("tls://9.9.9.9", &[Ok(&[A])])], ok(DIRECT)),
            ],
            vec![],
        ),
        row(
            RuleId::DnsBlockAddress,
            "N1: the address of a known block page, and nothing to compare",
            vec![at("95.167.13.50", bad_certificate(DIRECT, WrongName))],
            vec![],
        ),
        row(
            RuleId::DnsBlockAddress,
            "N1: the same over cleartext, whatever came from there",
            vec![clear(at("95.167.13.50", ok(DIRECT)))],
            vec![],
        ),
        row(
            RuleId::DnsRewritten,
            "wildcard rewriting: the name does not exist, says a resolver over TLS",
            vec![asked(
                &[("system", &[Ok(&[LIE])]), ("tls://9.9.9.9", &[Err(NxDomain)])],
                at(LIE, bad_certificate(DIRECT, WrongName)),
            )],
            vec![],
        ),
        row(
            RuleId::DnsRewritten,
            "wildcard rewriting: another resolver denies the name, and a proxy cannot reach it either",
            vec![at(LIE, fail(DIRECT, Tcp, Refused))],
            vec![fail(OTHER_DNS, Dns, NxDomain), reply(PROXY, 4)],
        ),
        row(
            RuleId::DnsRewrittenUnproved,
            "wildcard rewriting: only another resolver in the clear denies the name",
            vec![at(LIE, bad_certificate(DIRECT, UnknownIssuer))],
            vec![fail(OTHER_DNS, Dns, NxDomain)],
        ),
        row(
            RuleId::DnsNoAnswer,
            "a resolver that is silent as well: a network that is gone",
            vec![fail(DIRECT, Dns, Silence)],
            vec![fail(OTHER_DNS, Tcp, Silence), fail(PROXY, Tcp, Silence)],
        ),
    ];
    for lie in [
        Ok(&["10.10.34.35"][..]),
        Ok(&["127.0.0.1"]),
        Ok(&["95.167.13.50"]),
        Err(NxDomain),
        Err(Rcode { rcode: 2 }),
        Err(LookupFailed),
    ] {
        rows.push(
            row(
                RuleId::DnsFalseAnswer,
                "N1: one of a strategy's own resolvers says something else, and the other's address is proved",
                vec![asked(&[("system", &[lie]), ("https://9.9.9.9/dns-query", &[Ok(&[A])])], ok(DIRECT))],
                vec![],
            )
            .met_in(answering()),
        );
    }
    for reason in [Rcode { rcode: 2 }, Rcode { rcode: 5 }, LookupFailed, Silence] {
        let mute = || vec![asked(&[("system", &[Err(reason.clone())])], fail(DIRECT, Dns, reason.clone()))];
        for (other, rule) in
            [(ok(PROXY), RuleId::DnsNoAnswerOtherVantage), (ok(OTHER_DNS), RuleId::DnsNoAnswerTrueAddress)]
        {
            let what = "N1: a resolver says nothing of this name, and answers for another one";
            rows.push(row(rule, what, mute(), vec![other.clone()]).met_in(answering()));
            let what = "a resolver that answers nobody";
            rows.push(row(RuleId::DnsUnansweredOtherVantage, what, mute(), vec![other]));
        }
    }
    rows.extend(of_a_chosen_resolver());
    rows.extend(of_a_redirect());
    rows
}

/// Resolvers of the user's own choice.
fn of_a_chosen_resolver() -> Vec<Row> {
    let mut rows = vec![
        row(
            RuleId::DnsNamedResolverFailed,
            "a closed port of UDP",
            vec![fail(OTHER_DNS, Dns, Refused)],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::DnsSilenceNamedResolver,
            "a named resolver that is silent, and the system's knows the address",
            vec![fail(DOH, Dns, Silence)],
            vec![ok(DIRECT)],
        ),
        row(
            RuleId::DnsNamedResolverCut,
            "N12: DoH is reset, and a proxy reads it",
            vec![fail(DOH, Dns, Reset)],
            vec![ok(PROXY)],
        ),
        row(RuleId::DnsNoAnswer, "DoH is reset, and nobody to ask", vec![fail(DOH, Dns, Reset)], vec![]),
        row(
            RuleId::DnsBogonAuthenticated,
            "a DoH that filters gives an address that no website has: this network did not write it",
            vec![at("0.0.0.0", fail(DOH, Tcp, Refused))],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::DnsNoAnswerOtherVantage,
            "N1: one of the way's resolvers is off, the other denies the name, where anybody can have answered",
            vec![asked(
                &[("https://9.9.9.9/dns-query", &[Err(Refused)]), ("udp://9.9.9.9", &[Err(NxDomain)])],
                fail("direct:?dns=https://9.9.9.9/dns-query&dns=udp://9.9.9.9", Dns, NxDomain),
            )],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::DnsNoAnswerEverywhere,
            "a resolver that could not be asked, and a host that is down abroad",
            vec![fail(DOH, Dns, Refused)],
            vec![reply(PROXY, 4)],
        ),
    ];
    for cause in [
        no_answer(),
        too_much(LimitKind::DnsAnswer),
        Refused,
        Unreachable,
        Closed,
        LookupFailed,
        Rcode { rcode: 2 },
        Cause::Alert { alert: 40 },
        Cause::Certificate { fault: WrongName },
        Cause::Certificate { fault: UnknownIssuer },
    ] {
        for others in [vec![ok(PROXY)], vec![ok(DIRECT)], vec![]] {
            let subject = vec![fail(DOH, Dns, cause.clone())];
            rows.push(row(
                RuleId::DnsNamedResolverFailed,
                "N12: a DoH that could not be asked is no lie",
                subject,
                others,
            ));
        }
    }
    for cause in [NxDomain, NoAddress] {
        rows.extend([
            row(
                RuleId::DnsDeniedAuthenticated,
                "an authenticated denial cannot be this network's lie",
                vec![fail(DOH, Dns, cause.clone())],
                vec![ok(PROXY)],
            ),
            row(
                RuleId::DnsNoAnswerOtherVantage,
                "N1: a named resolver over UDP denies the name, and a proxy reads it",
                vec![fail(OTHER_DNS, Dns, cause)],
                vec![ok(PROXY)],
            ),
        ]);
    }
    rows
}

/// Redirects to a name that is not found.
fn of_a_redirect() -> Vec<Row> {
    let mut rows = Vec::new();
    for (what, surely, others, rule) in [
        (
            "in cleartext anybody can have written the redirect",
            false,
            vec![reply(PROXY, 4)],
            RuleId::DnsNoAnswerEverywhere,
        ),
        (
            "the name to which a host redirects is found elsewhere",
            true,
            vec![ok(PROXY)],
            RuleId::DnsNoAnswerOtherVantage,
        ),
        (
            "the name to which a host redirects is found elsewhere, and refuses",
            true,
            vec![reply(PROXY, 5)],
            RuleId::DnsNoAnswerEverywhere,
        ),
        (
            "two resolvers in the clear deny it, and one liar can be behind both",
            true,
            vec![fail(OTHER_DNS, Dns, NxDomain)],
            RuleId::DnsNoAnswer,
        ),
        ("nobody else was asked for it", true, vec![], RuleId::DnsNoAnswer),
    ] {
        let subject = vec![fail(DIRECT, Dns, NxDomain)];
        rows.push(row(rule, what, subject, others).met_in(redirected(surely)));
    }
    let what = "N24: redirects to a name that is found nowhere";
    for (cause, others) in [
        (NxDomain, vec![reply(PROXY, 4)]),
        (LookupFailed, vec![fail(TOR, Proxy, Silence), reply(PROXY, 4)]),
        (NxDomain, vec![fail(DOH, Dns, NxDomain)]),
    ] {
        let subject = vec![fail(DIRECT, Dns, cause)];
        rows.push(row(RuleId::RedirectNowhereName, what, subject, others).met_in(redirected(true)));
    }
    let what = "N24: a resolver that proves itself denies the name to which a host redirects";
    let denied = row(RuleId::RedirectNowhereName, what, vec![fail(DOH, Dns, NxDomain)], vec![]);
    rows.push(denied.met_in(redirected(true)));
    rows
}
