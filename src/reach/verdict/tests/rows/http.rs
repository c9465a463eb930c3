//! The exchange after the handshake, in cleartext and inside TLS.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        row(
            RuleId::BodyUnfinished,
            "a body that drips by every way",
            vec![Attempt { bytes: 360, took: Duration::from_secs(30), ..pending(DIRECT, Progress, 0) }],
            vec![Attempt { bytes: 400, took: Duration::from_secs(30), ..ok(PROXY) }],
        ),
        row(
            RuleId::BodyUnfinished,
            "a slow uplink has a third more by another way",
            vec![cut_short(DIRECT, 600_000, 30_000)],
            vec![cut_short(PROXY, 800_000, 30_000)],
        ),
        row(
            RuleId::BodyUnfinished,
            "another resolver over the same network is faster: no other network is compared",
            vec![cut_short(DIRECT, 589_000, 30_000)],
            vec![Attempt { bytes: 1_000_000, took: Duration::from_millis(1800), ..ok(OTHER_DNS) }],
        ),
        row(
            RuleId::BodyUnfinished,
            "a slow body and nothing to compare",
            vec![cut_short(DIRECT, 589_000, 30_000)],
            vec![],
        ),
        row(
            RuleId::BodyUnfinished,
            "a long film at a good rate, and another network that is faster still",
            vec![cut_short(DIRECT, 30_000_000, 30_000)],
            vec![Attempt { bytes: 100_000_000, took: Duration::from_secs(9), ..ok(PROXY) }],
        ),
        row(
            RuleId::HttpResetOtherVantage,
            "N3: reset on the Host",
            vec![clear(fail(DIRECT, FirstByte, Reset))],
            vec![clear(ok(TOR))],
        ),
        row(
            RuleId::HttpClosedOtherVantage,
            "N3: closed on the Host",
            vec![clear(fail(DIRECT, FirstByte, Closed))],
            vec![clear(ok(TOR))],
        ),
        row(
            RuleId::HttpSilenceOtherVantage,
            "N3: swallowed on the Host",
            vec![clear(fail(DIRECT, FirstByte, Silence))],
            vec![clear(ok(TOR))],
        ),
        row(RuleId::HttpCut, "reset on the Host, nobody to ask", vec![clear(fail(DIRECT, FirstByte, Reset))], vec![]),
        row(
            RuleId::HttpEverywhere,
            "the host answers nobody",
            vec![clear(fail(DIRECT, FirstByte, Silence))],
            vec![clear(fail(PROXY, FirstByte, Silence))],
        ),
        row(
            RuleId::TlsAfterHandshakeResetOtherVantage,
            "N15: reset inside TLS",
            vec![fail(DIRECT, FirstByte, Reset)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TlsAfterHandshakeSilenceOtherVantage,
            "N15: dropped inside TLS",
            vec![fail(DIRECT, FirstByte, Silence)],
            vec![ok(TOR)],
        ),
        row(RuleId::FrozenOtherVantage, "N6: frozen after 16 KB", vec![fail(DIRECT, Progress, Silence)], vec![ok(TOR)]),
        row(RuleId::HttpCut, "frozen, nobody to ask", vec![fail(DIRECT, Progress, Silence)], vec![]),
        row(
            RuleId::OriginFaultHere,
            "a CDN's challenge is no block page",
            vec![found(DIRECT, fault(503))],
            vec![ok(TOR)],
        ),
        row(
            RuleId::HttpUnvouchedOtherVantage,
            "a page without the content in cleartext, and the content elsewhere",
            vec![clear(found(DIRECT, Finding::Unvouched))],
            vec![ok(TOR)],
        ),
        row(
            RuleId::HttpUnvouched,
            "a page without the content in cleartext, everywhere",
            vec![clear(found(DIRECT, Finding::Unvouched))],
            vec![clear(found(TOR, Finding::Unvouched))],
        ),
        row(RuleId::OriginFault, "N24: 503 everywhere", vec![found(DIRECT, fault(503))], vec![found(TOR, fault(503))]),
        row(
            RuleId::OriginFault,
            "an answer inside TLS that is no HTTP, from a proven host: nobody else can have written it",
            vec![fail(DIRECT, FirstByte, no_http())],
            vec![],
        ),
        row(
            RuleId::OriginFaultHere,
            "a broken body inside TLS, and a whole one elsewhere: no interference with the connection",
            vec![fail(DIRECT, Progress, no_gzip())],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TlsAfterHandshakeResetOtherVantage,
            "garbage instead of a TLS record after the handshake can be anyone's",
            vec![fail(DIRECT, Progress, garbage())],
            vec![ok(TOR)],
        ),
        row(
            RuleId::HttpBodyResetOtherVantage,
            "garbage instead of a cleartext answer can be anyone's",
            vec![clear(fail(DIRECT, Progress, no_gzip()))],
            vec![clear(ok(TOR))],
        ),
        row(
            RuleId::HttpUnvouched,
            "a body without an end, in the clear",
            vec![clear(fail(DIRECT, Progress, too_much(LimitKind::Body)))],
            vec![],
        ),
        row(
            RuleId::OriginFault,
            "a body without an end, from a proven host",
            vec![fail(DIRECT, Progress, too_much(LimitKind::Body))],
            vec![],
        ),
        row(
            RuleId::HttpUnvouched,
            "an error in the clear, which a source's judge takes for the host's",
            vec![clear(found(DIRECT, fault(503)))],
            vec![],
        ),
        row(
            RuleId::HttpUnvouched,
            "a proven host with a fault, to which an answer in the clear led",
            vec![found(DIRECT, fault(503))],
            vec![],
        )
        .met_in(Context { led_in_cleartext: true, ..Context::default() }),
        row(RuleId::OriginFault, "a proven host that refuses", vec![found(DIRECT, fault(403))], vec![]),
        row(
            RuleId::HttpUnvouched,
            "a form that is refused by choice, in the clear: anyone can have sent it",
            vec![clear(fail(
                DIRECT,
                Progress,
                Cause::NotAccepted { fault: crate::transport::MessageFault::TwoLengths },
            ))],
            vec![],
        ),
        row(
            RuleId::HttpCut,
            "silent after the handshake here, and elsewhere a refusal by law: the host answers there",
            vec![fail(DIRECT, FirstByte, Silence)],
            vec![found(PROXY_NL, Finding::Legal451(Statement::default()))],
        ),
        row(
            RuleId::TlsAfterHandshakeResetOtherVantage,
            "an end in order inside TLS that proved nothing may be anybody's",
            vec![Attempt { proved_name: false, ..fail(DIRECT, FirstByte, Cause::EndedByHost) }],
            vec![ok(TOR)],
        ),
        row(
            RuleId::TlsAfterHandshakeResetOtherVantage,
            "N15: a TCP end without close_notify inside proved TLS may be anybody's",
            vec![fail(DIRECT, FirstByte, Closed)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::HttpEndUnannounced,
            "an answer ends unannounced, and there is nothing to compare",
            vec![unannounced(DIRECT, 5000)],
            vec![],
        ),
        row(
            RuleId::HttpEndUnannounced,
            "answers end unannounced by two ways, and one brings ten times as much",
            vec![unannounced(DIRECT, 5000)],
            vec![unannounced(TOR, 50_000)],
        ),
        row(
            RuleId::TlsAfterHandshakeResetOtherVantage,
            "N15: an answer ends unannounced after a tenth of what another network has whole",
            vec![unannounced(DIRECT, 5000)],
            vec![Attempt { bytes: 50_000, ..ok(TOR) }],
        ),
    ];
    for (stage, how) in [(FirstByte, Silence), (FirstByte, Closed), (Progress, Silence), (Progress, Reset)] {
        rows.push(row(
            RuleId::HttpEverywhere,
            "N24: TLS is completed everywhere, and then the host is silent or ends it",
            vec![fail(DIRECT, stage, how.clone())],
            vec![fail(PROXY_NL, stage, how)],
        ));
    }
    for (cause, stage) in
        [(Cause::EndedByHost, FirstByte), (Cause::EndedByHost, Progress), (Cause::Alert { alert: 80 }, Progress)]
    {
        rows.push(row(
            RuleId::OriginFaultHere,
            "a host that proved its name ends the answer itself here, and gives all of it elsewhere",
            vec![fail(DIRECT, stage, cause.clone())],
            vec![ok(TOR)],
        ));
        rows.push(row(
            RuleId::OriginFault,
            "a host that proved its name ends the answer itself, by every way",
            vec![fail(DIRECT, stage, cause)],
            vec![fail(TOR, stage, Cause::EndedByHost)],
        ));
    }
    for elsewhere in [unannounced(TOR, 5000), Attempt { bytes: 5020, ..ok(TOR) }] {
        rows.push(row(
            RuleId::HttpEndUnannouncedOtherVantage,
            "an answer ends unannounced here, and elsewhere as much of it comes",
            vec![unannounced(DIRECT, 5000)],
            vec![elsewhere],
        ));
    }
    rows
}
