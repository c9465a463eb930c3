//! It works, or nearly: nothing may be called a block here, and a body that comes slowly is compared.

use super::*;
use crate::reach::PageComparison;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        // Works.
        row(RuleId::Reachable, "all is well", vec![ok(DIRECT)], vec![]),
        row(
            RuleId::Reachable,
            "one of two addresses is dead, the other works",
            vec![fail(DIRECT, Tcp, Silence), at(B, ok(DIRECT))],
            vec![ok(TOR)],
        ),
        row(RuleId::Reachable, "N20: a token is refused by the platform", vec![ok(DIRECT)], vec![]),
        row(
            RuleId::Reachable,
            "a reset in an earlier request, then it works at the same address",
            vec![fail(DIRECT, Tls, Reset), ok(DIRECT)],
            vec![],
        ),
        row(
            RuleId::ThrottledHandshakeOtherVantage,
            "N10: a handshake of five seconds",
            vec![Attempt { first_byte: Some(Duration::from_secs(5)), took: Duration::from_secs(6), ..ok(DIRECT) }],
            vec![ok(PROXY)],
        ),
        row(
            RuleId::Reachable,
            "a slow uplink is slow by every way",
            vec![Attempt { first_byte: Some(Duration::from_secs(5)), took: Duration::from_secs(6), ..ok(DIRECT) }],
            vec![Attempt { first_byte: Some(Duration::from_secs(5)), took: Duration::from_secs(6), ..ok(PROXY) }],
        ),
        row(
            RuleId::ThrottledRateOtherVantage,
            "N10: 14 kB/s",
            vec![Attempt { bytes: 140_000, took: Duration::from_millis(10_300), ..ok(DIRECT) }],
            vec![Attempt { bytes: 140_000, took: Duration::from_millis(1300), ..ok(PROXY) }],
        ),
        row(
            RuleId::ThrottledRateUnfinished,
            "N10: 14 kB/s, and another way had all of it before",
            vec![Attempt { bytes: 36_000, took: Duration::from_millis(2900), ..pending(DIRECT, Progress, 0) }],
            vec![Attempt { bytes: 200_000, took: Duration::from_millis(600), ..ok(PROXY) }],
        ),
        row(
            RuleId::ThrottledRateUnfinished,
            "N10: a drip, until our own time was over",
            vec![Attempt {
                bytes: 360,
                took: Duration::from_secs(30),
                first_byte: Some(Duration::from_millis(300)),
                ..fail(DIRECT, Progress, Cause::Limit { limit: LimitKind::TotalTime })
            }],
            vec![Attempt { bytes: 100_000, took: Duration::from_millis(600), ..ok(PROXY) }],
        ),
        row(
            RuleId::ThrottledRateUnfinished,
            "N10: 589 kB of 1 MB in cleartext until our own time was over, and another network has all of it",
            vec![cut_short(DIRECT, 589_000, 30_000)],
            vec![clear(Attempt { bytes: 1_000_000, took: Duration::from_millis(1800), ..ok(PROXY) })],
        ),
        row(
            RuleId::ThrottledRateUnfinished,
            "N10: a file that nobody has whole in the time, and another network has ten times as much of it",
            vec![cut_short(DIRECT, 589_000, 30_000)],
            vec![cut_short(PROXY, 5_890_000, 30_000)],
        ),
        row(
            RuleId::ReachableCleartext,
            "a redirect in cleartext led to another site, which proved its name",
            vec![ok(DIRECT)],
            vec![],
        )
        .met_in(Context { led_in_cleartext: true, ..Context::default() }),
        row(
            RuleId::Reachable,
            "the same with a common address is no contradiction",
            vec![asked(&[("udp://9.9.9.9", &[Ok(&[A, B]), Ok(&[A, LIE])])], ok(DIRECT))],
            vec![],
        ),
        row(
            RuleId::Reachable,
            "N12: a resolver over TLS denies the name, and the network's own address is proved: no word of the network's",
            vec![asked(&[("system", &[Ok(&[A])]), ("tls://9.9.9.9", &[Err(NxDomain)])], ok(DIRECT))],
            vec![],
        ),
        row(
            RuleId::HttpOtherPageOtherVantage,
            "N5: a page in cleartext that has nothing in common with what another network reads",
            vec![clear(ok(DIRECT))],
            vec![clear(ok(PROXY))],
        )
        .met_in(Context { pages: Some(compared(PageSimilarity::Unexplained)), ..Context::default() }),
        row(
            RuleId::HttpOtherAnswerOtherVantage,
            "a 404 in cleartext here and a page elsewhere",
            vec![clear(ok(DIRECT))],
            vec![clear(ok(PROXY))],
        )
        .met_in(Context { pages: Some(compared(PageSimilarity::Explained)), ..Context::default() }),
        row(
            RuleId::Reachable,
            "the same page in cleartext here and elsewhere",
            vec![clear(ok(DIRECT))],
            vec![clear(ok(PROXY))],
        )
        .met_in(Context { pages: Some(compared(PageSimilarity::Same)), ..Context::default() }),
        row(
            RuleId::ReachableCleartext,
            "N5: a page in cleartext that another network reads alike, and not equal",
            vec![clear(ok(DIRECT))],
            vec![clear(ok(PROXY))],
        )
        .met_in(Context {
            pages: Some(Box::new(PageComparison { equal: false, ..*compared(PageSimilarity::Same) })),
            ..Context::default()
        }),
        row(
            RuleId::ReachableCleartext,
            "N5: a page in cleartext that nobody compares",
            vec![clear(ok(DIRECT))],
            vec![],
        ),
        row(
            RuleId::Reachable,
            "a page in cleartext of a host in the user's own network",
            vec![clear(at("192.168.1.7", ok(DIRECT)))],
            vec![],
        )
        .met_in(Context { local_destination: true, ..Context::default() }),
    ];
    // A resolver that did not answer, or could not be asked, did not lie.
    // N14: another public address may be the host's as well.
    for said in [Err(Silence), Err(Reset), Ok(&[LIE][..])] {
        rows.push(
            row(
                RuleId::Reachable,
                "N1: one of a strategy's own resolvers says something else, and the other's address is proved",
                vec![asked(&[("system", &[said]), ("https://9.9.9.9/dns-query", &[Ok(&[A])])], ok(DIRECT))],
                vec![],
            )
            .met_in(answering()),
        );
    }
    for reason in [Rcode { rcode: 2 }, Rcode { rcode: 5 }, LookupFailed] {
        rows.push(row(
            RuleId::Reachable,
            "a resolver that answers nobody beside one that proves itself, by one way",
            vec![asked(&[("system", &[Err(reason)]), ("https://9.9.9.9/dns-query", &[Ok(&[A])])], ok(DIRECT))],
            vec![],
        ));
    }
    rows
}
