//! Certificates and handshakes.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        row(
            RuleId::TlsResetOtherVantage,
            "a redirect works and its target is cut",
            vec![ok(DIRECT), Attempt { hop: 1, ..fail(DIRECT, Tls, Reset) }],
            vec![Attempt { hop: 1, ..ok(TOR) }],
        ),
        row(
            RuleId::TlsResetOtherVantage,
            "NAT64 gives the same address in another form",
            vec![at("64:ff9b::c000:202", fail(DIRECT, Tls, Reset))],
            vec![ok(OTHER_DNS), ok(TOR)],
        ),
        // N3.
        row(RuleId::TlsResetOtherVantage, "N3: reset on the name", vec![fail(DIRECT, Tls, Reset)], vec![ok(TOR)]),
        row(RuleId::TlsClosedOtherVantage, "N3: closed on the name", vec![fail(DIRECT, Tls, Closed)], vec![ok(PROXY)]),
        row(
            RuleId::TlsSilenceOtherVantage,
            "N3: swallowed on the name",
            vec![fail(DIRECT, Tls, Silence)],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::TlsSilenceOtherVantage,
            "N3: swallowed on the name, given up",
            vec![pending(DIRECT, Tls, 3100)],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::TlsGarbageOtherVantage,
            "N3: garbage for the name",
            vec![fail(DIRECT, Tls, garbage())],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::TlsAlert,
            "an alert is not a cut",
            vec![fail(DIRECT, Tls, Cause::Alert { alert: 40 })],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::TlsAlertEverywhere,
            "an alert everywhere",
            vec![fail(DIRECT, Tls, Cause::Alert { alert: 40 })],
            vec![fail(PROXY, Tls, Cause::Alert { alert: 40 })],
        ),
        row(RuleId::TlsCut, "reset on the name, nobody to ask", vec![fail(DIRECT, Tls, Reset)], vec![]),
        row(
            RuleId::TlsEverywhere,
            "reset on the name everywhere",
            vec![fail(DIRECT, Tls, Reset)],
            vec![fail(TOR, Tls, Reset)],
        ),
        row(
            RuleId::TlsResetOtherVantage,
            "one address is dead and the other resets on the name",
            vec![fail(DIRECT, Tcp, Refused), at(B, fail(DIRECT, Tls, Reset))],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TlsResetOtherVantage,
            "a reset on the inner ClientHello through a plain proxy, and Tor reads it",
            vec![fail(PROXY, Tls, Reset)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TlsResetShaped,
            "N3: reset on the name, and the same address answers a ClientHello with the name cut",
            vec![fail(DIRECT, Tls, Reset)],
            vec![at(A, ok(SHAPED))],
        ),
        row(
            RuleId::TlsClosedShaped,
            "N3: closed on the name, and the same address answers a ClientHello with the name encrypted",
            vec![fail(DIRECT, Tls, Closed)],
            vec![encrypted(at(A, ok(ENCRYPTED))), ok(TOR)],
        ),
        row(
            RuleId::TlsSilenceShaped,
            "N3: swallowed on the name, and the same address answers a ClientHello with the name cut",
            vec![pending(DIRECT, Tls, 3100)],
            vec![at(A, ok(SHAPED))],
        ),
        row(
            RuleId::TlsCut,
            "a cut name reaches another of the host's addresses: that one may be in order and this one not",
            vec![given(&[A, B], fail(DIRECT, Tls, Reset))],
            vec![given(&[A, B], ok(SHAPED))],
        ),
        row(
            RuleId::TlsCut,
            "the same address answers a ClientHello that might have been encrypted and was not",
            vec![fail(DIRECT, Tls, Reset)],
            vec![at(A, ok(ENCRYPTED))],
        ),
        row(
            RuleId::TlsCut,
            "the same address answers another direct way that says the name as well: it was a moment's fault",
            vec![fail(DIRECT, Tls, Reset)],
            vec![at(A, ok(OTHER_DNS))],
        ),
        row(
            RuleId::TlsCut,
            "a cut name is reset, and the whole one is not: the host does not like it",
            vec![fail(SHAPED, Tls, Reset)],
            vec![at(B, ok(OTHER_DNS))],
        ),
        // N4.
        row(
            RuleId::TlsCertificateOtherVantage,
            "N4: a forged certificate, and Tor sees the true one",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TlsCertificateOtherVantage,
            "N4: another resolver gives the same address and sees the true one there",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![at(A, ok(OTHER_DNS))],
        ),
        row(RuleId::OriginCertificate, "N4: nobody to ask", vec![bad_certificate(DIRECT, UnknownIssuer)], vec![]),
        row(
            RuleId::OriginCertificateEverywhere,
            "N24: the same wrong name everywhere",
            vec![bad_certificate(DIRECT, WrongName)],
            vec![bad_certificate(TOR, WrongName)],
        ),
        row(
            RuleId::OriginCertificateExpiredOrClock,
            "N24: expired everywhere",
            vec![bad_certificate(DIRECT, Expired)],
            vec![bad_certificate(TOR, Expired)],
        ),
        row(
            RuleId::OriginCertificateExpiredOrClock,
            "N24: expired, nobody to ask",
            vec![bad_certificate(DIRECT, Expired)],
            vec![],
        ),
        row(
            RuleId::ClockNotYetValid,
            "N13: a clock that is behind",
            vec![bad_certificate(DIRECT, NotYetValid)],
            vec![bad_certificate(TOR, NotYetValid)],
        ),
        row(
            RuleId::ClockTwoHosts,
            "N13: a clock that is ahead, for the site and for the proxy",
            vec![bad_certificate(DIRECT, Expired)],
            vec![fail("https://proxy.example", Proxy, Cause::Certificate { fault: Expired })],
        ),
        row(
            RuleId::TlsEverywhere,
            "a host that speaks no TLS on any way",
            vec![fail(PROXY, Tls, garbage())],
            vec![fail(DIRECT, Tls, garbage())],
        ),
        row(
            RuleId::TlsCut,
            "what answered through it was cut later: that is no fault of its password",
            vec![fail(SHADOWSOCKS, Tls, Cause::Reset)],
            vec![],
        ),
        row(
            RuleId::TlsCut,
            "a proxy in the same country is cut as well: that does not mean that the host is down",
            vec![fail(DIRECT, Tls, Reset)],
            vec![fail(PROXY_RU, Tls, Reset)],
        )
        .met_in(in_country("ru")),
        row(
            RuleId::TlsResetOtherVantage,
            "another resolver denies the name, and a proxy reads it where this one is cut: no rewriting",
            vec![fail(DIRECT, Tls, Reset)],
            vec![fail(OTHER_DNS, Dns, NxDomain), ok(PROXY)],
        ),
        row(
            RuleId::TlsCertificateOtherVantage,
            "N4: the system found no internet, and yet a proxy reads it: a forgery",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![ok(PROXY)],
        )
        .met_in(unvalidated()),
        row(
            RuleId::ClockTwoHosts,
            "N13: the site's and a resolver's certificate are both over: the clock is set too late",
            vec![asked(
                &[("system", &[Ok(&[A])]), ("tls://9.9.9.9", &[Err(Cause::Certificate { fault: Expired })])],
                bad_certificate(DIRECT, Expired),
            )],
            vec![],
        ),
        row(
            RuleId::TlsResetOtherVantage,
            "N3: TLS is completed elsewhere, whatever comes after it",
            vec![fail(DIRECT, Tls, Reset)],
            vec![fail(PROXY_NL, FirstByte, Silence)],
        ),
        row(
            RuleId::TlsCut,
            "cut in the TLS handshake here, and a proxy cannot even connect: two stories, no verdict",
            vec![fail(DIRECT, Tls, Reset)],
            vec![reply(TOR, 5)],
        ),
        row(
            RuleId::TlsResetOtherVantage,
            "N3: reset at an address that the user gave by hand, on this very device",
            vec![pinned(at("127.0.0.2", fail(DIRECT, Tls, Reset)))],
            vec![ok(TOR)],
        ),
        row(
            RuleId::DnsAnotherHostOtherVantage,
            "N1: the one resolver leads to another real host",
            vec![at(LIE, bad_certificate(DIRECT, WrongName))],
            vec![ok(PROXY)],
        ),
    ];
    for (what, subject, others) in [
        (
            "the address came from a resolver that proves itself",
            vec![at(LIE, bad_certificate(DOH, WrongName))],
            vec![ok(PROXY)],
        ),
        (
            "the user gave the address by hand",
            vec![Attempt { pinned: true, ..at(LIE, bad_certificate(DIRECT, WrongName)) }],
            vec![ok(PROXY)],
        ),
        (
            "at the same address the name was proved",
            vec![bad_certificate(DIRECT, WrongName)],
            vec![at(A, ok(OTHER_DNS)), ok(PROXY)],
        ),
        ("nobody's certificate", vec![at(LIE, bad_certificate(DIRECT, UnknownIssuer))], vec![ok(PROXY)]),
    ] {
        rows.push(row(RuleId::TlsCertificateOtherVantage, what, subject, others));
    }
    for (rule, what, ahead, fault, others) in [
        (RuleId::ClockDate, "N13: expired, and a proved host tells a day long ago", 40 * DAY, Expired, vec![]),
        (RuleId::ClockDate, "N13: not yet valid, and a proved host tells a later day", -40 * DAY, NotYetValid, vec![]),
        (
            RuleId::ClockDate,
            "N13: expired here and by Tor alike",
            40 * DAY,
            Expired,
            vec![bad_certificate(TOR, Expired)],
        ),
        (
            RuleId::OriginCertificateExpiredOrClock,
            "N24: expired, and a proved host tells the same time",
            60,
            Expired,
            vec![],
        ),
        (
            RuleId::OriginCertificateExpiredOrClock,
            "N24: expired, and the clock is behind: that is no reason",
            -40 * DAY,
            Expired,
            vec![],
        ),
        (RuleId::OriginCertificateExpiredOrClock, "a time zone is no reason", 23 * 3600, Expired, vec![]),
        (
            RuleId::TlsCertificateOtherVantage,
            "N13: expired here and good elsewhere by the same clock",
            40 * DAY,
            Expired,
            vec![ok(TOR)],
        ),
        (RuleId::OriginCertificate, "no time explains an unknown issuer", 40 * DAY, UnknownIssuer, vec![]),
    ] {
        let tells = Context { clock_ahead: Some(ahead), ..Context::default() };
        rows.push(row(rule, what, vec![bad_certificate(DIRECT, fault)], others).met_in(tells));
    }
    rows
}

const DAY: i64 = 24 * 60 * 60;
