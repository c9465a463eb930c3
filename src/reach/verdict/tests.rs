#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! One row for each behaviour of networks, and the false positives that cost other tools dearly.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use super::addresses::is_bogon;
use super::*;
use crate::reach::{Finding, Outcome, PageDigest};
use crate::transport::{
    Cause, CertificateFault, EchOutcome, Failure, Kind, LimitKind, Lookup, LookupAnswer, PolicyRule, Protocol,
    QueryType, Stage, Strategy,
};

fn strategy(text: &str) -> Strategy {
    text.parse().unwrap()
}

const DIRECT: &str = "direct:";
const OTHER_DNS: &str = "direct:?dns=udp://9.9.9.9";
const SHAPED: &str = "direct:?tls=frag";
const ENCRYPTED: &str = "direct:?dns=https://9.9.9.9/dns-query&ech=prefer";
const PROXY: &str = "socks5://proxy.example:1080";
const PROXY_NL: &str = "http://proxy.example:3128?cc=nl";
const PROXY_RU: &str = "socks5://proxy2.example:1080?cc=ru";
const SHADOWSOCKS: &str = "ss://aes-256-gcm:p@proxy3.example:8388";
const TOR: &str = "tor+socks5://127.0.0.1:9050";

/// The host's true addresses.
const A: &str = "192.0.2.1";
const B: &str = "192.0.2.2";
/// The answer of a lying resolver.
const LIE: &str = "198.51.100.66";

/// An attempt that reached the host over TLS.
fn ok(by: &str) -> Attempt {
    let strategy = strategy(by);
    let address = match by {
        by if strategy.is_direct() => Some(if by == DIRECT { A } else { B }.parse().unwrap()),
        TOR => Some("127.0.0.1".parse().unwrap()),
        _ => Some("203.0.113.9".parse().unwrap()),
    };
    Attempt {
        id: AttemptId::new(0),
        answers: if strategy.is_direct() { address.into_iter().collect() } else { vec![] },
        address,
        took: Duration::from_millis(400),
        first_byte: Some(Duration::from_millis(300)),
        bytes: 5000,
        ..Attempt::of_test(strategy)
    }
}

/// An attempt that failed.
fn fail(by: &str, stage: Stage, cause: Cause) -> Attempt {
    let late = stage >= Stage::Progress;
    Attempt {
        answers: if stage == Stage::Dns { vec![] } else { ok(by).answers },
        address: if stage == Stage::Dns { None } else { ok(by).address },
        stage,
        outcome: Outcome::Failed(Failure::new(stage, cause)),
        first_byte: late.then(|| Duration::from_millis(300)),
        bytes: if late { 16_384 } else { 0 },
        proved_name: stage > Stage::Tls,
        ..ok(by)
    }
}

fn found(by: &str, finding: Finding) -> Attempt {
    Attempt { outcome: Outcome::Refuted(finding), ..ok(by) }
}

fn pending(by: &str, stage: Stage, ms: u64) -> Attempt {
    Attempt { outcome: Outcome::Pending, took: Duration::from_millis(ms), ..fail(by, stage, Cause::Io) }
}

/// The answers to one question.
type Said<'a> = Result<&'a [&'a str], Cause>;

/// The same attempt, with the answers of its resolvers.
fn asked(lookups: &[(&str, &[Said<'_>])], attempt: Attempt) -> Attempt {
    let resolver = |text: &str| {
        let Kind::Direct { dns, .. } = strategy(&format!("direct:?dns={text}")).kind else { panic!("{text}") };
        dns.iter().next().unwrap().clone()
    };
    let answer = |said: &Said<'_>| LookupAnswer {
        query: QueryType::Both,
        after: Duration::from_millis(20),
        result: said.clone().map(|addresses| addresses.iter().map(|address| address.parse().unwrap()).collect()),
    };
    let lookups = lookups
        .iter()
        .map(|(text, said)| Lookup { resolver: resolver(text), answers: said.iter().map(answer).collect() });
    Attempt { lookups: lookups.collect(), ..attempt }
}

fn at(address: &str, attempt: Attempt) -> Attempt {
    let address = address.parse().unwrap();
    Attempt { address: Some(address), answers: vec![address], ..attempt }
}

fn encrypted(attempt: Attempt) -> Attempt {
    Attempt { ech: EchOutcome::Accepted, ..attempt }
}

fn given(answers: &[&str], attempt: Attempt) -> Attempt {
    Attempt { answers: answers.iter().map(|answer| answer.parse().unwrap()).collect(), ..attempt }
}

fn clear(attempt: Attempt) -> Attempt {
    Attempt { tls: false, proved_name: false, ..attempt }
}

fn bad_certificate(by: &str, fault: CertificateFault) -> Attempt {
    fail(by, Stage::Tls, Cause::Certificate { fault })
}

fn reply(by: &str, code: u16) -> Attempt {
    fail(by, Stage::Proxy, Cause::ProxyReply { code })
}

/// What two strategies read, with this similarity.
fn compared(similarity: PageSimilarity) -> Box<PageComparison> {
    let (here, there) = (PageDigest::new(200), PageDigest::new(200));
    Box::new(PageComparison { similarity, hop: 0, here, there, by: strategy(PROXY) })
}

/// The system's resolver answers for other names.
fn answering() -> Context {
    Context { answering: vec![crate::transport::Resolver::System], ..Context::default() }
}

/// A body in cleartext that was still coming when our own time was over.
fn cut_short(by: &str, bytes: u64, ms: u64) -> Attempt {
    let limit = Cause::Limit { limit: LimitKind::TotalTime };
    clear(Attempt { bytes, took: Duration::from_millis(ms), ..fail(by, Stage::Progress, limit) })
}

fn errno(number: i32, mut attempt: Attempt) -> Attempt {
    if let Outcome::Failed(failure) = &mut attempt.outcome {
        failure.errno = Some(number);
    }
    attempt
}

fn fault(status: u16) -> Finding {
    Finding::OriginFault { status: Some(status), what: String::new() }
}

fn page() -> Finding {
    Finding::BlockPage { fingerprint: "test".into(), statement: Statement::default() }
}

struct Row {
    what: &'static str,
    subject: Vec<Attempt>,
    others: Vec<Attempt>,
    context: Context,
    code: VerdictCode,
    layer: Option<Layer>,
    rule: &'static str,
}

fn row(
    what: &'static str,
    subject: Vec<Attempt>,
    others: Vec<Attempt>,
    code: VerdictCode,
    layer: impl Into<Option<Layer>>,
    rule: &'static str,
) -> Row {
    Row { what, subject, others, context: Context::default(), code, layer: layer.into(), rule }
}

fn rows() -> Vec<Row> {
    use Cause::{Closed, LookupFailed, NoAddress, NxDomain, ProxyLogin, Rcode, Refused, Reset, Silence, Unreachable};
    use CertificateFault::{Expired, NotYetValid, UnknownIssuer, WrongName};
    use Stage::{Dns, FirstByte, Progress, Proxy, Tcp, Tls};
    let garbage = || Cause::Malformed { expected: Protocol::Tls };
    let no_http = || Cause::Malformed { expected: Protocol::Http };
    let no_gzip = || Cause::Malformed { expected: Protocol::Gzip };
    let too_much = |limit| Cause::Limit { limit };
    let none = None::<Layer>;
    let mut rows = vec![
        // Works.
        row("all is well", vec![ok(DIRECT)], vec![], VerdictCode::Reachable, none, "reachable"),
        row(
            "one of two addresses is dead, the other works",
            vec![fail(DIRECT, Tcp, Silence), at(B, ok(DIRECT))],
            vec![ok(TOR)],
            VerdictCode::Reachable,
            none,
            "reachable",
        ),
        row(
            "N20: a token is refused by the platform",
            vec![ok(DIRECT)],
            vec![],
            VerdictCode::Reachable,
            none,
            "reachable",
        ),
        row(
            "a reset in an earlier request, then it works at the same address",
            vec![fail(DIRECT, Tls, Reset), ok(DIRECT)],
            vec![],
            VerdictCode::Reachable,
            none,
            "reachable",
        ),
        row(
            "a redirect works and its target is cut",
            vec![ok(DIRECT), Attempt { hop: 1, ..fail(DIRECT, Tls, Reset) }],
            vec![Attempt { hop: 1, ..ok(TOR) }],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.reset.other_vantage",
        ),
        row(
            "N10: a handshake of five seconds",
            vec![Attempt { first_byte: Some(Duration::from_secs(5)), took: Duration::from_secs(6), ..ok(DIRECT) }],
            vec![ok(PROXY)],
            VerdictCode::Throttled,
            Layer::Network,
            "throttled.handshake.other_vantage",
        ),
        row(
            "a slow uplink is slow by every way",
            vec![Attempt { first_byte: Some(Duration::from_secs(5)), took: Duration::from_secs(6), ..ok(DIRECT) }],
            vec![Attempt { first_byte: Some(Duration::from_secs(5)), took: Duration::from_secs(6), ..ok(PROXY) }],
            VerdictCode::Reachable,
            none,
            "reachable",
        ),
        row(
            "N10: 14 kB/s",
            vec![Attempt { bytes: 140_000, took: Duration::from_millis(10_300), ..ok(DIRECT) }],
            vec![Attempt { bytes: 140_000, took: Duration::from_millis(1300), ..ok(PROXY) }],
            VerdictCode::Throttled,
            Layer::Network,
            "throttled.rate.other_vantage",
        ),
        row(
            "N10: 14 kB/s, and another way had all of it before",
            vec![Attempt { bytes: 36_000, took: Duration::from_millis(2900), ..pending(DIRECT, Progress, 0) }],
            vec![Attempt { bytes: 200_000, took: Duration::from_millis(600), ..ok(PROXY) }],
            VerdictCode::Throttled,
            Layer::Network,
            "throttled.rate.unfinished",
        ),
        row(
            "N10: a drip, until our own time was over",
            vec![Attempt {
                bytes: 360,
                took: Duration::from_secs(30),
                first_byte: Some(Duration::from_millis(300)),
                ..fail(DIRECT, Progress, Cause::Limit { limit: LimitKind::TotalTime })
            }],
            vec![Attempt { bytes: 100_000, took: Duration::from_millis(600), ..ok(PROXY) }],
            VerdictCode::Throttled,
            Layer::Network,
            "throttled.rate.unfinished",
        ),
        row(
            "a body that was not listened to for long",
            vec![Attempt { bytes: 16_000, took: Duration::from_millis(1500), ..pending(DIRECT, Progress, 0) }],
            vec![Attempt { bytes: 200_000, took: Duration::from_millis(600), ..ok(PROXY) }],
            VerdictCode::Unknown,
            none,
            "not_waited_for",
        ),
        row(
            "a body that drips by every way",
            vec![Attempt { bytes: 360, took: Duration::from_secs(30), ..pending(DIRECT, Progress, 0) }],
            vec![Attempt { bytes: 400, took: Duration::from_secs(30), ..ok(PROXY) }],
            VerdictCode::Unknown,
            Layer::Network,
            "body.unfinished",
        ),
        row(
            "N10: 589 kB of 1 MB in cleartext until our own time was over, and another network has all of it",
            vec![cut_short(DIRECT, 589_000, 30_000)],
            vec![clear(Attempt { bytes: 1_000_000, took: Duration::from_millis(1800), ..ok(PROXY) })],
            VerdictCode::Throttled,
            Layer::Network,
            "throttled.rate.unfinished",
        ),
        row(
            "N10: a file that nobody has whole in the time, and another network has ten times as much of it",
            vec![cut_short(DIRECT, 589_000, 30_000)],
            vec![cut_short(PROXY, 5_890_000, 30_000)],
            VerdictCode::Throttled,
            Layer::Network,
            "throttled.rate.unfinished",
        ),
        row(
            "a slow uplink has a third more by another way",
            vec![cut_short(DIRECT, 600_000, 30_000)],
            vec![cut_short(PROXY, 800_000, 30_000)],
            VerdictCode::Unknown,
            Layer::Network,
            "body.unfinished",
        ),
        row(
            "another resolver over the same network is faster: no other network is compared",
            vec![cut_short(DIRECT, 589_000, 30_000)],
            vec![Attempt { bytes: 1_000_000, took: Duration::from_millis(1800), ..ok(OTHER_DNS) }],
            VerdictCode::Unknown,
            Layer::Network,
            "body.unfinished",
        ),
        row(
            "a slow body and nothing to compare",
            vec![cut_short(DIRECT, 589_000, 30_000)],
            vec![],
            VerdictCode::Unknown,
            Layer::Network,
            "body.unfinished",
        ),
        row(
            "a long film at a good rate, and another network that is faster still",
            vec![cut_short(DIRECT, 30_000_000, 30_000)],
            vec![Attempt { bytes: 100_000_000, took: Duration::from_secs(9), ..ok(PROXY) }],
            VerdictCode::Unknown,
            Layer::Network,
            "body.unfinished",
        ),
        // N1.
        row(
            "N1: NXDOMAIN, and another resolver knows the address",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![ok(OTHER_DNS)],
            VerdictCode::DnsTampered,
            Layer::Dns,
            "dns.no_answer.true_address",
        ),
        row(
            "N1: the other resolver's address speaks no TLS: a resolver that rewrites NXDOMAIN is no proof",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![clear(ok(OTHER_DNS))],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.no_answer",
        ),
        row(
            "N1: NXDOMAIN and Tor reads it",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![ok(TOR)],
            VerdictCode::DnsTampered,
            Layer::Dns,
            "dns.no_answer.other_vantage",
        ),
        row(
            "N1: SERVFAIL and Tor reads it",
            vec![fail(DIRECT, Dns, Rcode { rcode: 2 })],
            vec![ok(TOR)],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.unanswered.other_vantage",
        ),
        row(
            "N1: REFUSED and a proxy reads it",
            vec![fail(DIRECT, Dns, Rcode { rcode: 5 })],
            vec![ok(PROXY)],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.unanswered.other_vantage",
        ),
        row(
            "N1: an empty answer and a proxy reads it",
            vec![fail(DIRECT, Dns, NoAddress)],
            vec![ok(PROXY)],
            VerdictCode::DnsTampered,
            Layer::Dns,
            "dns.no_answer.other_vantage",
        ),
        row(
            "N1: no answer and a proxy reads it",
            vec![fail(DIRECT, Dns, Silence)],
            vec![ok(PROXY)],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.unanswered.other_vantage",
        ),
        row(
            "N1: the resolver is given up after three seconds",
            vec![pending(DIRECT, Dns, 3000)],
            vec![ok(PROXY)],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.unanswered.other_vantage",
        ),
        row(
            "the system's resolver fails and a proxy reads it",
            vec![fail(DIRECT, Dns, LookupFailed)],
            vec![ok(PROXY)],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.unanswered.other_vantage",
        ),
        row(
            "NXDOMAIN and nobody to ask",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.no_answer",
        ),
        row(
            "a resolver of the user's own choice that is silent, and a proxy reads it",
            vec![fail(OTHER_DNS, Dns, Silence)],
            vec![ok(PROXY)],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.silence.named_resolver",
        ),
        row(
            "NXDOMAIN and the proxies cannot reach it either",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![reply(PROXY, 4)],
            VerdictCode::OriginDown,
            Layer::Dns,
            "dns.no_answer.everywhere",
        ),
        row(
            "NXDOMAIN and the only proxy is dead",
            vec![fail(DIRECT, Dns, NxDomain)],
            vec![fail(PROXY, Tcp, Refused)],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.no_answer",
        ),
        row(
            "N1: a private address, and another resolver knows better",
            vec![at("10.9.8.7", fail(DIRECT, Tcp, Silence))],
            vec![ok(OTHER_DNS)],
            VerdictCode::DnsTampered,
            Layer::Dns,
            "dns.bogon.true_address",
        ),
        row(
            "N1: loopback, and Tor reads it",
            vec![at("127.0.0.1", fail(DIRECT, Tcp, Refused))],
            vec![ok(TOR)],
            VerdictCode::DnsTampered,
            Layer::Dns,
            "dns.bogon.other_vantage",
        ),
        row(
            "N1: 0.0.0.0 and nobody to ask",
            vec![at("0.0.0.0", fail(DIRECT, Tcp, Refused))],
            vec![],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.bogon",
        ),
        row(
            "N1: a block page's address, where the certificate is wrong",
            vec![at(LIE, bad_certificate(DIRECT, WrongName))],
            vec![ok(OTHER_DNS)],
            VerdictCode::DnsTampered,
            Layer::Dns,
            "dns.wrong_certificate.true_address",
        ),
        row(
            "N1: a false address that swallows",
            vec![at(LIE, fail(DIRECT, Tcp, Silence))],
            vec![ok(OTHER_DNS)],
            VerdictCode::DnsTampered,
            Layer::Dns,
            "dns.dead_address.true_address",
        ),
        row(
            "N14: one true address is blocked, and the other resolver gives both",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![Attempt { answers: vec![A.parse().unwrap(), B.parse().unwrap()], ..ok(OTHER_DNS) }],
            VerdictCode::Unknown,
            Layer::Tcp,
            "tcp.cut",
        ),
        row(
            "N14: the same, and Tor reads it",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![Attempt { answers: vec![A.parse().unwrap(), B.parse().unwrap()], ..ok(OTHER_DNS) }, ok(TOR)],
            VerdictCode::TcpBlocked,
            Layer::Tcp,
            "tcp.silence.other_vantage",
        ),
        row(
            "NAT64 gives the same address in another form",
            vec![at("64:ff9b::c000:202", fail(DIRECT, Tls, Reset))],
            vec![ok(OTHER_DNS), ok(TOR)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.reset.other_vantage",
        ),
        // N2.
        row(
            "N2: refused, and a proxy reads it",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![ok(PROXY)],
            VerdictCode::TcpBlocked,
            Layer::Tcp,
            "tcp.refused.other_vantage",
        ),
        row(
            "N2: unreachable, and a proxy reads it",
            vec![errno(113, fail(DIRECT, Tcp, Unreachable))],
            vec![ok(PROXY)],
            VerdictCode::TcpBlocked,
            Layer::Tcp,
            "tcp.unreachable.other_vantage",
        ),
        row(
            "N2: SYN swallowed, and Tor reads it",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![ok(TOR)],
            VerdictCode::TcpBlocked,
            Layer::Tcp,
            "tcp.silence.other_vantage",
        ),
        row(
            "N2: SYN swallowed for three seconds",
            vec![pending(DIRECT, Tcp, 3000)],
            vec![ok(TOR)],
            VerdictCode::TcpBlocked,
            Layer::Tcp,
            "tcp.silence.other_vantage",
        ),
        row(
            "N2: SYN swallowed until the user's own limit",
            vec![Attempt {
                took: Duration::from_secs(5),
                ..fail(DIRECT, Tcp, Cause::Limit { limit: LimitKind::TotalTime })
            }],
            vec![ok(TOR)],
            VerdictCode::TcpBlocked,
            Layer::Tcp,
            "tcp.silence.other_vantage",
        ),
        row(
            "SYN unanswered for 400 ms is no evidence",
            vec![pending(DIRECT, Tcp, 400)],
            vec![ok(TOR)],
            VerdictCode::Unknown,
            none,
            "not_waited_for",
        ),
        row(
            "N2: reset, and a proxy reads it",
            vec![fail(DIRECT, Tcp, Reset)],
            vec![ok(PROXY)],
            VerdictCode::TcpBlocked,
            Layer::Tcp,
            "tcp.reset.other_vantage",
        ),
        row(
            "refused and nobody to ask",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![],
            VerdictCode::Unknown,
            Layer::Tcp,
            "tcp.cut",
        ),
        row(
            "refused, and another resolver's way to it as well",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![fail(OTHER_DNS, Tcp, Refused)],
            VerdictCode::Unknown,
            Layer::Tcp,
            "tcp.cut",
        ),
        row(
            "N24: refused here and at the proxy",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![reply(PROXY, 5)],
            VerdictCode::OriginDown,
            Layer::Tcp,
            "tcp.everywhere",
        ),
        row(
            "N24: swallowed here and behind Tor",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![reply(TOR, 4)],
            VerdictCode::OriginDown,
            Layer::Tcp,
            "tcp.everywhere",
        ),
        row(
            "N24: a CONNECT proxy says 504",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![reply(PROXY_NL, 504)],
            VerdictCode::OriginDown,
            Layer::Tcp,
            "tcp.everywhere",
        ),
        row(
            "all proxies are dead: no evidence that the host is down",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![fail(PROXY, Tcp, Refused), fail(TOR, Proxy, Silence), fail(PROXY_NL, Proxy, ProxyLogin)],
            VerdictCode::Unknown,
            Layer::Tcp,
            "tcp.cut",
        ),
        row(
            "an idle connection that was closed is no evidence",
            vec![Attempt { reused: true, ..fail(DIRECT, FirstByte, Reset) }],
            vec![ok(TOR)],
            VerdictCode::Unknown,
            none,
            "unknown",
        ),
        row(
            "a broken home IPv6 is no block",
            vec![at("2001:db8::1", fail(DIRECT, Tcp, Silence))],
            vec![ok(TOR)],
            VerdictCode::Unknown,
            Layer::Network,
            "tcp.ipv6",
        ),
        row(
            "a CDN's challenge to Tor shows that the host is there",
            vec![fail(DIRECT, Tcp, Silence)],
            vec![found(TOR, fault(503))],
            VerdictCode::TcpBlocked,
            Layer::Tcp,
            "tcp.silence.other_vantage",
        ),
        // N3.
        row(
            "N3: reset on the name",
            vec![fail(DIRECT, Tls, Reset)],
            vec![ok(TOR)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.reset.other_vantage",
        ),
        row(
            "N3: closed on the name",
            vec![fail(DIRECT, Tls, Closed)],
            vec![ok(PROXY)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.closed.other_vantage",
        ),
        row(
            "N3: swallowed on the name",
            vec![fail(DIRECT, Tls, Silence)],
            vec![ok(PROXY)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.silence.other_vantage",
        ),
        row(
            "N3: swallowed on the name, given up",
            vec![pending(DIRECT, Tls, 3100)],
            vec![ok(PROXY)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.silence.other_vantage",
        ),
        row(
            "N3: garbage for the name",
            vec![fail(DIRECT, Tls, garbage())],
            vec![ok(PROXY)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.garbage.other_vantage",
        ),
        row(
            "an alert is not a cut",
            vec![fail(DIRECT, Tls, Cause::Alert { alert: 40 })],
            vec![ok(PROXY)],
            VerdictCode::Unknown,
            Layer::Tls,
            "tls.alert",
        ),
        row(
            "an alert everywhere",
            vec![fail(DIRECT, Tls, Cause::Alert { alert: 40 })],
            vec![fail(PROXY, Tls, Cause::Alert { alert: 40 })],
            VerdictCode::OriginFault,
            Layer::Tls,
            "tls.alert.everywhere",
        ),
        row(
            "reset on the name, nobody to ask",
            vec![fail(DIRECT, Tls, Reset)],
            vec![],
            VerdictCode::Unknown,
            Layer::Tls,
            "tls.cut",
        ),
        row(
            "reset on the name everywhere",
            vec![fail(DIRECT, Tls, Reset)],
            vec![fail(TOR, Tls, Reset)],
            VerdictCode::OriginDown,
            Layer::Tls,
            "tls.everywhere",
        ),
        row(
            "one address is dead and the other resets on the name",
            vec![fail(DIRECT, Tcp, Refused), at(B, fail(DIRECT, Tls, Reset))],
            vec![ok(TOR)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.reset.other_vantage",
        ),
        row(
            "a reset on the inner ClientHello through a plain proxy, and Tor reads it",
            vec![fail(PROXY, Tls, Reset)],
            vec![ok(TOR)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.reset.other_vantage",
        ),
        row(
            "N3: reset on the name, and the same address answers a ClientHello with the name cut",
            vec![fail(DIRECT, Tls, Reset)],
            vec![at(A, ok(SHAPED))],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.reset.shaped",
        ),
        row(
            "N3: closed on the name, and the same address answers a ClientHello with the name encrypted",
            vec![fail(DIRECT, Tls, Closed)],
            vec![encrypted(at(A, ok(ENCRYPTED))), ok(TOR)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.closed.shaped",
        ),
        row(
            "N3: swallowed on the name, and the same address answers a ClientHello with the name cut",
            vec![pending(DIRECT, Tls, 3100)],
            vec![at(A, ok(SHAPED))],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.silence.shaped",
        ),
        row(
            "a cut name reaches another of the host's addresses: that one may be in order and this one not",
            vec![given(&[A, B], fail(DIRECT, Tls, Reset))],
            vec![given(&[A, B], ok(SHAPED))],
            VerdictCode::Unknown,
            Layer::Tls,
            "tls.cut",
        ),
        row(
            "the same address answers a ClientHello that might have been encrypted and was not",
            vec![fail(DIRECT, Tls, Reset)],
            vec![at(A, ok(ENCRYPTED))],
            VerdictCode::Unknown,
            Layer::Tls,
            "tls.cut",
        ),
        row(
            "ech=require, and no key is known: nothing was sent to the host",
            vec![fail(ENCRYPTED, Tls, Cause::EchUnavailable)],
            vec![],
            VerdictCode::Unknown,
            none,
            "nothing.tried",
        ),
        row(
            "the same address answers another direct way that says the name as well: it was a moment's fault",
            vec![fail(DIRECT, Tls, Reset)],
            vec![at(A, ok(OTHER_DNS))],
            VerdictCode::Unknown,
            Layer::Tls,
            "tls.cut",
        ),
        row(
            "a cut name is reset, and the whole one is not: the host does not like it",
            vec![fail(SHAPED, Tls, Reset)],
            vec![at(B, ok(OTHER_DNS))],
            VerdictCode::Unknown,
            Layer::Tls,
            "tls.cut",
        ),
        row(
            "N3: reset on the Host",
            vec![clear(fail(DIRECT, FirstByte, Reset))],
            vec![clear(ok(TOR))],
            VerdictCode::HttpInterfered,
            Layer::Http,
            "http.reset.other_vantage",
        ),
        row(
            "N3: closed on the Host",
            vec![clear(fail(DIRECT, FirstByte, Closed))],
            vec![clear(ok(TOR))],
            VerdictCode::HttpInterfered,
            Layer::Http,
            "http.closed.other_vantage",
        ),
        row(
            "N3: swallowed on the Host",
            vec![clear(fail(DIRECT, FirstByte, Silence))],
            vec![clear(ok(TOR))],
            VerdictCode::HttpInterfered,
            Layer::Http,
            "http.silence.other_vantage",
        ),
        row(
            "reset on the Host, nobody to ask",
            vec![clear(fail(DIRECT, FirstByte, Reset))],
            vec![],
            VerdictCode::Unknown,
            Layer::Http,
            "http.cut",
        ),
        row(
            "the host answers nobody",
            vec![clear(fail(DIRECT, FirstByte, Silence))],
            vec![clear(fail(PROXY, FirstByte, Silence))],
            VerdictCode::OriginDown,
            Layer::Http,
            "http.everywhere",
        ),
        row(
            "N15: reset inside TLS",
            vec![fail(DIRECT, FirstByte, Reset)],
            vec![ok(TOR)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.after_handshake.reset.other_vantage",
        ),
        row(
            "N15: dropped inside TLS",
            vec![fail(DIRECT, FirstByte, Silence)],
            vec![ok(TOR)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.after_handshake.silence.other_vantage",
        ),
        row(
            "N6: frozen after 16 KB",
            vec![fail(DIRECT, Progress, Silence)],
            vec![ok(TOR)],
            VerdictCode::Frozen,
            Layer::Network,
            "frozen.other_vantage",
        ),
        row(
            "frozen, nobody to ask",
            vec![fail(DIRECT, Progress, Silence)],
            vec![],
            VerdictCode::Unknown,
            Layer::Http,
            "http.cut",
        ),
        // N4.
        row(
            "N4: a forged certificate, and Tor sees the true one",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![ok(TOR)],
            VerdictCode::TlsMitm,
            Layer::Tls,
            "tls.certificate.other_vantage",
        ),
        row(
            "N4: another resolver gives the same address and sees the true one there",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![at(A, ok(OTHER_DNS))],
            VerdictCode::TlsMitm,
            Layer::Tls,
            "tls.certificate.other_vantage",
        ),
        row(
            "N4: nobody to ask",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![],
            VerdictCode::OriginFault,
            Layer::Tls,
            "origin.certificate",
        ),
        row(
            "N24: the same wrong name everywhere",
            vec![bad_certificate(DIRECT, WrongName)],
            vec![bad_certificate(TOR, WrongName)],
            VerdictCode::OriginFault,
            Layer::Tls,
            "origin.certificate.everywhere",
        ),
        row(
            "N24: expired everywhere",
            vec![bad_certificate(DIRECT, Expired)],
            vec![bad_certificate(TOR, Expired)],
            VerdictCode::OriginFault,
            Layer::Tls,
            "origin.certificate.expired_or_clock",
        ),
        row(
            "N24: expired, nobody to ask",
            vec![bad_certificate(DIRECT, Expired)],
            vec![],
            VerdictCode::OriginFault,
            Layer::Tls,
            "origin.certificate.expired_or_clock",
        ),
        row(
            "N13: a clock that is behind",
            vec![bad_certificate(DIRECT, NotYetValid)],
            vec![bad_certificate(TOR, NotYetValid)],
            VerdictCode::OriginFault,
            Layer::Tls,
            "clock.not_yet_valid",
        ),
        row(
            "N13: a clock that is ahead, for the site and for the proxy",
            vec![bad_certificate(DIRECT, Expired)],
            vec![fail("https://proxy.example", Proxy, Cause::Certificate { fault: Expired })],
            VerdictCode::OriginFault,
            Layer::Tls,
            "clock.two_hosts",
        ),
        // N5.
        row(
            "N5: a block page",
            vec![clear(found(DIRECT, page()))],
            vec![],
            VerdictCode::BlockPage,
            Layer::Http,
            "http.block_page",
        ),
        row(
            "N5: a block page, and Tor reads it",
            vec![clear(found(DIRECT, page()))],
            vec![clear(ok(TOR))],
            VerdictCode::BlockPage,
            Layer::Http,
            "http.block_page.other_vantage",
        ),
        row(
            "N5: 451 here",
            vec![found(DIRECT, Finding::Legal451(Statement::default()))],
            vec![ok(TOR)],
            VerdictCode::Legal451,
            Layer::Http,
            "http.451.other_vantage",
        ),
        row(
            "N5: 451 everywhere",
            vec![found(DIRECT, Finding::Legal451(Statement::default()))],
            vec![found(TOR, Finding::Legal451(Statement::default()))],
            VerdictCode::Legal451,
            Layer::Http,
            "http.451",
        ),
        row(
            "a CDN's challenge is no block page",
            vec![found(DIRECT, fault(503))],
            vec![ok(TOR)],
            VerdictCode::Unknown,
            Layer::Http,
            "origin.fault.here",
        ),
        row(
            "a page without the content in cleartext, and the content elsewhere",
            vec![clear(found(DIRECT, Finding::Unvouched))],
            vec![ok(TOR)],
            VerdictCode::Unknown,
            Layer::Http,
            "http.unvouched.other_vantage",
        ),
        row(
            "a page without the content in cleartext, everywhere",
            vec![clear(found(DIRECT, Finding::Unvouched))],
            vec![clear(found(TOR, Finding::Unvouched))],
            VerdictCode::Unknown,
            Layer::Http,
            "http.unvouched",
        ),
        Row {
            context: Context { led_in_cleartext: true, ..Context::default() },
            ..row(
                "a redirect in cleartext led to another site, which proved its name",
                vec![ok(DIRECT)],
                vec![],
                VerdictCode::Reachable,
                none,
                "reachable.cleartext",
            )
        },
        row(
            "N24: 503 everywhere",
            vec![found(DIRECT, fault(503))],
            vec![found(TOR, fault(503))],
            VerdictCode::OriginFault,
            Layer::Http,
            "origin.fault",
        ),
        // N13.
        row(
            "N13: a portal",
            vec![clear(found(DIRECT, Finding::CaptivePortal))],
            vec![],
            VerdictCode::CaptivePortal,
            Layer::Network,
            "portal",
        ),
        row(
            "N13: no network, by errno",
            vec![errno(101, fail(DIRECT, Tcp, Unreachable))],
            vec![],
            VerdictCode::Offline,
            Layer::Network,
            "offline",
        ),
        row(
            "N13: no network, by two first hops",
            vec![fail(DIRECT, Tcp, Unreachable)],
            vec![fail(PROXY, Tcp, Unreachable)],
            VerdictCode::Offline,
            Layer::Network,
            "offline",
        ),
        row(
            "N13: no network, no resolver, and a Tor on this device that cannot help",
            vec![fail(DIRECT, Dns, LookupFailed)],
            vec![errno(101, fail(PROXY, Tcp, Unreachable)), reply(TOR, 1)],
            VerdictCode::Offline,
            Layer::Network,
            "offline",
        ),
        row(
            "one host that is unreachable is not offline",
            vec![fail(DIRECT, Tcp, Unreachable)],
            vec![],
            VerdictCode::Unknown,
            Layer::Tcp,
            "tcp.cut",
        ),
        row(
            "one host that is unreachable by two direct ways is not offline",
            vec![fail(DIRECT, Tcp, Unreachable)],
            vec![fail(OTHER_DNS, Tcp, Unreachable)],
            VerdictCode::Unknown,
            Layer::Tcp,
            "tcp.cut",
        ),
        row(
            "a resolver that fails is not offline",
            vec![fail(DIRECT, Dns, LookupFailed)],
            vec![],
            VerdictCode::Unknown,
            Layer::Dns,
            "dns.no_answer",
        ),
        // N17.
        row(
            "N17: the platform's notice, and another country reads it",
            vec![found(DIRECT, Finding::PlatformBlocked(Statement::default()))],
            vec![ok(PROXY_NL)],
            VerdictCode::PlatformBlocked,
            Layer::Platform,
            "platform.notice.other_country",
        ),
        row(
            "N17: the notice abroad as well",
            vec![found(DIRECT, Finding::PlatformBlocked(Statement::default()))],
            vec![found(PROXY_NL, Finding::PlatformBlocked(Statement::default()))],
            VerdictCode::PlatformBlocked,
            Layer::Platform,
            "platform.notice.everywhere",
        ),
        // N19.
        row(
            "N19: the proxy is dead",
            vec![fail(PROXY, Tcp, Refused)],
            vec![ok(DIRECT)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.dead",
        ),
        row(
            "N19: the proxy is swallowed",
            vec![fail(PROXY, Tcp, Silence)],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.dead",
        ),
        row(
            "N19: the proxy's name is gone",
            vec![fail(PROXY, Dns, NxDomain)],
            vec![ok(DIRECT)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.dead",
        ),
        row(
            "N19: the password is wrong",
            vec![fail(PROXY, Proxy, ProxyLogin)],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.login",
        ),
        row(
            "a proxy that claims to have reached the host and leads to something else",
            vec![fail(PROXY, Tls, garbage())],
            vec![fail(DIRECT, Tcp, Refused)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.astray",
        ),
        row(
            "the same, while the host is read directly",
            vec![fail(PROXY, Tls, garbage())],
            vec![ok(DIRECT)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.astray",
        ),
        row(
            "a host that speaks no TLS on any way",
            vec![fail(PROXY, Tls, garbage())],
            vec![fail(DIRECT, Tls, garbage())],
            VerdictCode::OriginDown,
            Layer::Tls,
            "tls.everywhere",
        ),
        row(
            "a lying proxy is no vantage against a host that refuses",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![fail(PROXY_NL, Tls, garbage())],
            VerdictCode::Unknown,
            Layer::Tcp,
            "tcp.cut",
        ),
        row(
            "an answer inside TLS that is no HTTP, from a proven host: nobody else can have written it",
            vec![fail(DIRECT, FirstByte, no_http())],
            vec![],
            VerdictCode::OriginFault,
            Layer::Http,
            "origin.fault",
        ),
        row(
            "a broken body inside TLS, and a whole one elsewhere: no interference with the connection",
            vec![fail(DIRECT, Progress, no_gzip())],
            vec![ok(TOR)],
            VerdictCode::Unknown,
            Layer::Http,
            "origin.fault.here",
        ),
        row(
            "garbage instead of a TLS record after the handshake can be anyone's",
            vec![fail(DIRECT, Progress, garbage())],
            vec![ok(TOR)],
            VerdictCode::TlsInterfered,
            Layer::Tls,
            "tls.after_handshake.reset.other_vantage",
        ),
        row(
            "garbage instead of a cleartext answer can be anyone's",
            vec![clear(fail(DIRECT, Progress, no_gzip()))],
            vec![clear(ok(TOR))],
            VerdictCode::HttpInterfered,
            Layer::Http,
            "http.body_reset.other_vantage",
        ),
        row(
            "a body without an end",
            vec![clear(fail(DIRECT, Progress, too_much(LimitKind::Body)))],
            vec![],
            VerdictCode::OriginFault,
            Layer::Http,
            "origin.fault",
        ),
        row(
            "a form that is refused by choice, in the clear: nothing of a network's",
            vec![clear(fail(
                DIRECT,
                Progress,
                Cause::NotAccepted { fault: crate::transport::MessageFault::TwoLengths },
            ))],
            vec![],
            VerdictCode::OriginFault,
            Layer::Http,
            "origin.fault",
        ),
        row(
            "our own time was over while an answer came slowly",
            vec![fail(DIRECT, Progress, too_much(LimitKind::TotalTime))],
            vec![],
            VerdictCode::Unknown,
            none,
            "unknown",
        ),
        row(
            "our own time was over while a proxy was silent: no garbage of its",
            vec![Attempt { took: Duration::from_secs(1), ..fail(PROXY, Proxy, too_much(LimitKind::TotalTime)) }],
            vec![],
            VerdictCode::Unknown,
            none,
            "not_waited_for",
        ),
        row(
            "the same after five seconds: a silent proxy",
            vec![Attempt { took: Duration::from_secs(5), ..fail(PROXY, Proxy, too_much(LimitKind::TotalTime)) }],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.silent",
        ),
        row(
            "N19: the proxy speaks something else",
            vec![fail(PROXY, Proxy, garbage())],
            vec![ok(TOR)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.garbage",
        ),
        row(
            "N19: a Shadowsocks server with another password, which says nothing",
            vec![fail(SHADOWSOCKS, Proxy, Cause::Silence)],
            vec![ok(DIRECT)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.unanswered",
        ),
        row(
            "N19: one that closes, and nobody to compare with",
            vec![fail(SHADOWSOCKS, Proxy, Cause::Closed)],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.unanswered",
        ),
        row(
            "N19: one whose line is cut when it is recognised",
            vec![fail(SHADOWSOCKS, Proxy, Cause::Reset)],
            vec![ok(TOR)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.unanswered",
        ),
        row(
            "N19: one that is still silent when another way has read it",
            vec![pending(SHADOWSOCKS, Proxy, 5_000)],
            vec![ok(TOR)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.unanswered",
        ),
        row(
            "N19: bytes in its place that do not decrypt",
            vec![fail(SHADOWSOCKS, Proxy, garbage())],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.garbage",
        ),
        row(
            "N19: its port is closed",
            vec![fail(SHADOWSOCKS, Tcp, Cause::Refused)],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.dead",
        ),
        row(
            "N24: it closes, and the host fails elsewhere too: that stays open",
            vec![fail(SHADOWSOCKS, Proxy, Cause::Closed)],
            vec![reply(TOR, 5)],
            VerdictCode::Unknown,
            none,
            "unknown",
        ),
        row(
            "what answered through it was cut later: that is no fault of its password",
            vec![fail(SHADOWSOCKS, Tls, Cause::Reset)],
            vec![],
            VerdictCode::Unknown,
            Layer::Tls,
            "tls.cut",
        ),
        row(
            "N19: the proxy refuses",
            vec![reply(PROXY, 2)],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.reply",
        ),
        row(
            "N19: the proxy answers in the host's place",
            vec![clear(found(PROXY_NL, Finding::ProxyAnswer { status: 403 }))],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.reply",
        ),
        row(
            "a Tor still bootstrapping",
            vec![pending(TOR, Proxy, 10_000)],
            vec![],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.silent",
        ),
        row(
            "a proxy that cannot reach the host, and a host that nobody reaches",
            vec![reply(PROXY, 4)],
            vec![reply(TOR, 4)],
            VerdictCode::OriginDown,
            Layer::Tcp,
            "tcp.everywhere",
        ),
        row(
            "a proxy that cannot reach the host, and direct reads it",
            vec![reply(PROXY, 5)],
            vec![ok(DIRECT)],
            VerdictCode::RouteFailed,
            Layer::Route,
            "route.reply.other_vantage",
        ),
        row("nothing was tried", vec![], vec![ok(TOR)], VerdictCode::Unknown, none, "nothing.tried"),
    ];
    let ru = "ru".parse().ok();
    rows.push(Row {
        context: Context { country: ru, ..Context::default() },
        ..row(
            "N17: a proxy in the same country repeats the notice and disproves nothing",
            vec![found(DIRECT, Finding::PlatformBlocked(Statement::default()))],
            vec![found(PROXY_RU, Finding::PlatformBlocked(Statement::default()))],
            VerdictCode::PlatformBlocked,
            Layer::Platform,
            "platform.notice",
        )
    });
    rows.push(Row {
        context: Context { country: ru, ..Context::default() },
        ..row(
            "a proxy in the same country is cut as well: that does not mean that the host is down",
            vec![fail(DIRECT, Tls, Reset)],
            vec![fail(PROXY_RU, Tls, Reset)],
            VerdictCode::Unknown,
            Layer::Tls,
            "tls.cut",
        )
    });
    rows.push(Row {
        context: Context { gone: true, ..Context::default() },
        ..row("N18: deleted", vec![ok(DIRECT)], vec![], VerdictCode::Gone, Layer::Platform, "platform.gone")
    });
    let led_away = || Context { redirect_fault: true, read_otherwise: true, ..Context::default() };
    rows.push(Row {
        context: led_away(),
        ..row(
            "cleartext redirects in circles here, and the content by another way",
            vec![clear(ok(DIRECT))],
            vec![],
            VerdictCode::HttpInterfered,
            Layer::Http,
            "http.redirect.other_vantage",
        )
    });
    rows.push(Row {
        context: led_away(),
        ..row(
            "a proven host that leads this network in circles, and not another",
            vec![ok(DIRECT)],
            vec![],
            VerdictCode::Unknown,
            Layer::Http,
            "redirect.here",
        )
    });
    rows.push(row(
        "an onion service without Tor: nothing was sent",
        vec![fail(DIRECT, Dns, Cause::Forbidden { rule: PolicyRule::Onion })],
        vec![],
        VerdictCode::Unknown,
        none,
        "nothing.tried",
    ));
    rows.push(Row {
        context: Context { redirect_fault: true, ..Context::default() },
        ..row(
            "N24: redirects to nowhere",
            vec![ok(DIRECT)],
            vec![ok(TOR)],
            VerdictCode::OriginFault,
            Layer::Http,
            "redirect.nowhere",
        )
    });
    // What resolvers said within one strategy.
    rows.push(row(
        "N1: a forged answer races the true one, and the true one is read",
        vec![asked(&[("udp://9.9.9.9", &[Ok(&[LIE]), Ok(&[A])])], ok(DIRECT))],
        vec![],
        VerdictCode::DnsTampered,
        Layer::Dns,
        "dns.injected",
    ));
    rows.push(row(
        "N1: a forged NXDOMAIN races the true answer",
        vec![asked(&[("udp://9.9.9.9", &[Err(NxDomain), Ok(&[A])])], ok(DIRECT))],
        vec![],
        VerdictCode::DnsTampered,
        Layer::Dns,
        "dns.injected",
    ));
    rows.push(row(
        "N1: one of two answers is an address that no public name has, and nothing was read",
        vec![asked(
            &[("udp://9.9.9.9", &[Ok(&["10.10.34.35"]), Ok(&[B])])],
            at("10.10.34.35", fail(DIRECT, Tcp, Silence)),
        )],
        vec![],
        VerdictCode::DnsTampered,
        Layer::Dns,
        "dns.injected",
    ));
    rows.push(row(
        "a question that was sent twice is answered twice, with other addresses of a large site",
        vec![asked(&[("udp://9.9.9.9", &[Ok(&[A]), Ok(&[B])])], fail(DIRECT, Tcp, Silence))],
        vec![],
        VerdictCode::Unknown,
        Layer::Tcp,
        "tcp.cut",
    ));
    rows.push(row(
        "the same with a common address is no contradiction",
        vec![asked(&[("udp://9.9.9.9", &[Ok(&[A, B]), Ok(&[A, LIE])])], ok(DIRECT))],
        vec![],
        VerdictCode::Reachable,
        none,
        "reachable",
    ));
    for (lie, rule_of) in [
        (Ok(&["10.10.34.35"][..]), VerdictCode::DnsTampered),
        (Ok(&["127.0.0.1"]), VerdictCode::DnsTampered),
        (Ok(&["95.167.13.50"]), VerdictCode::DnsTampered),
        (Err(NxDomain), VerdictCode::DnsTampered),
        (Err(Rcode { rcode: 2 }), VerdictCode::DnsTampered),
        (Err(LookupFailed), VerdictCode::DnsTampered),
        // A resolver that did not answer, or could not be asked, did not lie.
        (Err(Silence), VerdictCode::Reachable),
        (Err(Reset), VerdictCode::Reachable),
        // N14: another public address may be the host's as well.
        (Ok(&[LIE]), VerdictCode::Reachable),
    ] {
        let tampered = rule_of == VerdictCode::DnsTampered;
        rows.push(Row {
            context: answering(),
            ..row(
                "N1: one of a strategy's own resolvers says something else, and the other's address is proved",
                vec![asked(&[("system", &[lie]), ("https://9.9.9.9/dns-query", &[Ok(&[A])])], ok(DIRECT))],
                vec![],
                rule_of,
                tampered.then_some(Layer::Dns),
                if tampered { "dns.false_answer" } else { "reachable" },
            )
        });
    }
    for reason in [Rcode { rcode: 2 }, Rcode { rcode: 5 }, LookupFailed] {
        rows.push(row(
            "a resolver that answers nobody beside one that proves itself, by one way",
            vec![asked(&[("system", &[Err(reason)]), ("https://9.9.9.9/dns-query", &[Ok(&[A])])], ok(DIRECT))],
            vec![],
            VerdictCode::Reachable,
            none,
            "reachable",
        ));
    }
    for reason in [Rcode { rcode: 2 }, Rcode { rcode: 5 }, LookupFailed, Silence] {
        let mute = || vec![asked(&[("system", &[Err(reason.clone())])], fail(DIRECT, Dns, reason.clone()))];
        for other in [ok(PROXY), ok(OTHER_DNS)] {
            let rule =
                if other.strategy.is_direct() { "dns.no_answer.true_address" } else { "dns.no_answer.other_vantage" };
            rows.push(Row {
                context: answering(),
                ..row(
                    "N1: a resolver says nothing of this name, and answers for another one",
                    mute(),
                    vec![other.clone()],
                    VerdictCode::DnsTampered,
                    Layer::Dns,
                    rule,
                )
            });
            rows.push(row(
                "a resolver that answers nobody",
                mute(),
                vec![other],
                VerdictCode::Unknown,
                Layer::Dns,
                "dns.unanswered.other_vantage",
            ));
        }
    }
    rows.push(row(
        "N1: at the other resolver's address somebody else answers",
        vec![
            asked(
                &[("system", &[Ok(&[LIE])]), ("tls://9.9.9.9", &[Ok(&[A])])],
                at(LIE, bad_certificate(DIRECT, WrongName)),
            ),
            asked(&[("system", &[Ok(&[LIE])]), ("tls://9.9.9.9", &[Ok(&[A])])], ok(DIRECT)),
        ],
        vec![],
        VerdictCode::DnsTampered,
        Layer::Dns,
        "dns.false_answer",
    ));
    rows.push(row(
        "N12: a resolver over TLS denies the name, and the network's own address is proved: no word of the network's",
        vec![asked(&[("system", &[Ok(&[A])]), ("tls://9.9.9.9", &[Err(NxDomain)])], ok(DIRECT))],
        vec![],
        VerdictCode::Reachable,
        none,
        "reachable",
    ));
    rows.push(row(
        "N1: the address of a known block page, and nothing to compare",
        vec![at("95.167.13.50", bad_certificate(DIRECT, WrongName))],
        vec![],
        VerdictCode::DnsTampered,
        Layer::Dns,
        "dns.block_address",
    ));
    rows.push(row(
        "N1: the same over cleartext, whatever came from there",
        vec![clear(at("95.167.13.50", ok(DIRECT)))],
        vec![],
        VerdictCode::DnsTampered,
        Layer::Dns,
        "dns.block_address",
    ));
    rows.push(row(
        "wildcard rewriting: the name does not exist, says a resolver over TLS",
        vec![asked(
            &[("system", &[Ok(&[LIE])]), ("tls://9.9.9.9", &[Err(NxDomain)])],
            at(LIE, bad_certificate(DIRECT, WrongName)),
        )],
        vec![],
        VerdictCode::OriginDown,
        Layer::Dns,
        "dns.rewritten",
    ));
    rows.push(row(
        "wildcard rewriting: another resolver denies the name, and a proxy cannot reach it either",
        vec![at(LIE, fail(DIRECT, Tcp, Refused))],
        vec![fail(OTHER_DNS, Dns, NxDomain), reply(PROXY, 4)],
        VerdictCode::OriginDown,
        Layer::Dns,
        "dns.rewritten",
    ));
    rows.push(row(
        "wildcard rewriting: only another resolver in the clear denies the name",
        vec![at(LIE, bad_certificate(DIRECT, UnknownIssuer))],
        vec![fail(OTHER_DNS, Dns, NxDomain)],
        VerdictCode::Unknown,
        Layer::Dns,
        "dns.rewritten.unproved",
    ));
    rows.push(row(
        "another resolver denies the name, and a proxy reads it where this one is cut: no rewriting",
        vec![fail(DIRECT, Tls, Reset)],
        vec![fail(OTHER_DNS, Dns, NxDomain), ok(PROXY)],
        VerdictCode::TlsInterfered,
        Layer::Tls,
        "tls.reset.other_vantage",
    ));
    // N11.
    let tor_bridge = || at("192.88.99.7", pending("tor+socks5://tor.example:9050", Tcp, 4000));
    rows.push(row(
        "N11: the host and a proxy are silent, and the resolver answered",
        vec![fail(DIRECT, Tcp, Silence)],
        vec![fail(PROXY, Tcp, Silence)],
        VerdictCode::WhitelistOnly,
        Layer::Network,
        "whitelist.first_hops",
    ));
    rows.push(row(
        "N11: three first hops are silent",
        vec![fail(DIRECT, Tcp, Silence)],
        vec![fail(PROXY, Tcp, Silence), tor_bridge()],
        VerdictCode::WhitelistOnly,
        Layer::Network,
        "whitelist.first_hops",
    ));
    rows.push(row(
        "one silent first hop is no whitelist, whatever Tor on this device does",
        vec![fail(DIRECT, Tcp, Silence)],
        vec![fail(TOR, Proxy, Silence), fail(OTHER_DNS, Tcp, Silence)],
        VerdictCode::Unknown,
        Layer::Tcp,
        "tcp.cut",
    ));
    rows.push(row(
        "a proxy that refuses is off, and shows that something is let through",
        vec![fail(DIRECT, Tcp, Silence)],
        vec![fail(PROXY, Tcp, Refused)],
        VerdictCode::Unknown,
        Layer::Tcp,
        "tcp.cut",
    ));
    let literal = |attempt: Attempt| Attempt { answers: vec![], ..attempt };
    rows.push(row(
        "silence everywhere, and no sign that the network lives at all",
        vec![literal(fail(DIRECT, Tcp, Silence))],
        vec![fail(PROXY, Tcp, Silence)],
        VerdictCode::Unknown,
        Layer::Tcp,
        "tcp.cut",
    ));
    rows.push(Row {
        context: Context { alive: true, ..Context::default() },
        ..row(
            "N11: the same, and a moment ago something was reached",
            vec![literal(fail(DIRECT, Tcp, Silence))],
            vec![fail(PROXY, Tcp, Silence)],
            VerdictCode::WhitelistOnly,
            Layer::Network,
            "whitelist.first_hops",
        )
    });
    rows.push(row(
        "a resolver that is silent as well: a network that is gone",
        vec![fail(DIRECT, Dns, Silence)],
        vec![fail(OTHER_DNS, Tcp, Silence), fail(PROXY, Tcp, Silence)],
        VerdictCode::Unknown,
        Layer::Dns,
        "dns.no_answer",
    ));
    rows.push(Row {
        context: Context { alive: true, ..Context::default() },
        ..row(
            "N11: the resolver is not on the list either, and a moment ago something that is was reached",
            vec![fail(DIRECT, Dns, Silence)],
            vec![fail(PROXY, Tcp, Silence)],
            VerdictCode::WhitelistOnly,
            Layer::Network,
            "whitelist.first_hops",
        )
    });
    let unvalidated = || Context { unvalidated: true, ..Context::default() };
    rows.push(Row {
        context: unvalidated(),
        ..row(
            "N13: a portal that answers encrypted connections with a certificate of its own",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![fail(PROXY, Tcp, Silence)],
            VerdictCode::CaptivePortal,
            Layer::Network,
            "portal.unvalidated",
        )
    });
    rows.push(Row {
        context: unvalidated(),
        ..row(
            "N13: a portal that refuses all but its own page",
            vec![fail(DIRECT, Tcp, Refused)],
            vec![fail(PROXY, Tcp, Refused)],
            VerdictCode::CaptivePortal,
            Layer::Network,
            "portal.unvalidated",
        )
    });
    rows.push(Row {
        context: unvalidated(),
        ..row(
            "N4: the system found no internet, and yet a proxy reads it: a forgery",
            vec![bad_certificate(DIRECT, UnknownIssuer)],
            vec![ok(PROXY)],
            VerdictCode::TlsMitm,
            Layer::Tls,
            "tls.certificate.other_vantage",
        )
    });
    rows.push(row(
        "N13: the site's and a resolver's certificate are both over: the clock is set too late",
        vec![asked(
            &[("system", &[Ok(&[A])]), ("tls://9.9.9.9", &[Err(Cause::Certificate { fault: Expired })])],
            bad_certificate(DIRECT, Expired),
        )],
        vec![],
        VerdictCode::OriginFault,
        Layer::Tls,
        "clock.two_hosts",
    ));
    const DAY: i64 = 24 * 60 * 60;
    let tells = |ahead: i64| Context { clock_ahead: Some(ahead), ..Context::default() };
    let of_time = |what, ahead, fault, others, code, rule| Row {
        context: tells(ahead),
        ..row(what, vec![bad_certificate(DIRECT, fault)], others, code, Layer::Tls, rule)
    };
    let (fault, over) = (VerdictCode::OriginFault, "origin.certificate.expired_or_clock");
    rows.extend([
        of_time("N13: expired, and a proved host tells a day long ago", 40 * DAY, Expired, vec![], fault, "clock.date"),
        of_time(
            "N13: not yet valid, and a proved host tells a later day",
            -40 * DAY,
            NotYetValid,
            vec![],
            fault,
            "clock.date",
        ),
        of_time(
            "N13: expired here and by Tor alike",
            40 * DAY,
            Expired,
            vec![bad_certificate(TOR, Expired)],
            fault,
            "clock.date",
        ),
        of_time("N24: expired, and a proved host tells the same time", 60, Expired, vec![], fault, over),
        of_time("N24: expired, and the clock is behind: that is no reason", -40 * DAY, Expired, vec![], fault, over),
        of_time("a time zone is no reason", 23 * 3600, Expired, vec![], fault, over),
        of_time(
            "N13: expired here and good elsewhere by the same clock",
            40 * DAY,
            Expired,
            vec![ok(TOR)],
            VerdictCode::TlsMitm,
            "tls.certificate.other_vantage",
        ),
        of_time("no time explains an unknown issuer", 40 * DAY, UnknownIssuer, vec![], fault, "origin.certificate"),
    ]);
    // Resolvers of the user's own choice.
    const DOH: &str = "direct:?dns=https://9.9.9.9/dns-query";
    let no_answer = || Cause::Malformed { expected: Protocol::Dns };
    let (failed, unknown) = ("dns.named_resolver.failed", VerdictCode::Unknown);
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
                "N12: a DoH that could not be asked is no lie",
                subject,
                others,
                unknown,
                Layer::Dns,
                failed,
            ));
        }
    }
    let mut of_a_resolver =
        |what, subject, others, code, rule| rows.push(row(what, subject, others, code, Layer::Dns, rule));
    of_a_resolver("a closed port of UDP", vec![fail(OTHER_DNS, Dns, Refused)], vec![ok(PROXY)], unknown, failed);
    of_a_resolver(
        "a named resolver that is silent, and the system's knows the address",
        vec![fail(DOH, Dns, Silence)],
        vec![ok(DIRECT)],
        unknown,
        "dns.silence.named_resolver",
    );
    of_a_resolver(
        "N12: DoH is reset, and a proxy reads it",
        vec![fail(DOH, Dns, Reset)],
        vec![ok(PROXY)],
        VerdictCode::DnsTampered,
        "dns.named_resolver.cut",
    );
    of_a_resolver("DoH is reset, and nobody to ask", vec![fail(DOH, Dns, Reset)], vec![], unknown, "dns.no_answer");
    for cause in [NxDomain, NoAddress] {
        of_a_resolver(
            "an authenticated denial cannot be this network's lie",
            vec![fail(DOH, Dns, cause.clone())],
            vec![ok(PROXY)],
            unknown,
            "dns.denied.authenticated",
        );
        of_a_resolver(
            "a DoH that filters gives an address that no website has: this network did not write it",
            vec![at("0.0.0.0", fail(DOH, Tcp, Refused))],
            vec![ok(PROXY)],
            unknown,
            "dns.bogon.authenticated",
        );
        of_a_resolver(
            "N1: a named resolver over UDP denies the name, and a proxy reads it",
            vec![fail(OTHER_DNS, Dns, cause)],
            vec![ok(PROXY)],
            VerdictCode::DnsTampered,
            "dns.no_answer.other_vantage",
        );
    }
    of_a_resolver(
        "N1: one of the way's resolvers is off, the other denies the name, where anybody can have answered",
        vec![asked(
            &[("https://9.9.9.9/dns-query", &[Err(Refused)]), ("udp://9.9.9.9", &[Err(NxDomain)])],
            fail("direct:?dns=https://9.9.9.9/dns-query&dns=udp://9.9.9.9", Dns, NxDomain),
        )],
        vec![ok(PROXY)],
        VerdictCode::DnsTampered,
        "dns.no_answer.other_vantage",
    );
    of_a_resolver(
        "a resolver that could not be asked, and a host that is down abroad",
        vec![fail(DOH, Dns, Refused)],
        vec![reply(PROXY, 4)],
        VerdictCode::OriginDown,
        "dns.no_answer.everywhere",
    );
    of_a_resolver(
        "N1: the one resolver leads to another real host",
        vec![at(LIE, bad_certificate(DIRECT, WrongName))],
        vec![ok(PROXY)],
        VerdictCode::DnsTampered,
        "dns.another_host.other_vantage",
    );
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
        let rule = "tls.certificate.other_vantage";
        rows.push(row(what, subject, others, VerdictCode::TlsMitm, Layer::Tls, rule));
    }
    // Redirects to a name that is not found.
    let redirected =
        |surely: bool, row: Row| Row { context: Context { redirected: surely, ..Context::default() }, ..row };
    let nowhere = "redirect.nowhere.name";
    for (cause, others) in [
        (NxDomain, vec![reply(PROXY, 4)]),
        (LookupFailed, vec![fail(TOR, Proxy, Silence), reply(PROXY, 4)]),
        (NxDomain, vec![fail(DOH, Dns, NxDomain)]),
    ] {
        let subject = vec![fail(DIRECT, Dns, cause)];
        let what = "N24: redirects to a name that is found nowhere";
        rows.push(redirected(true, row(what, subject, others, VerdictCode::OriginFault, Layer::Http, nowhere)));
    }
    let denied = || vec![fail(DOH, Dns, NxDomain)];
    let what = "N24: a resolver that proves itself denies the name to which a host redirects";
    rows.push(redirected(true, row(what, denied(), vec![], VerdictCode::OriginFault, Layer::Http, nowhere)));
    for (what, surely, others, code, rule) in [
        (
            "in cleartext anybody can have written the redirect",
            false,
            vec![reply(PROXY, 4)],
            VerdictCode::OriginDown,
            "dns.no_answer.everywhere",
        ),
        (
            "the name to which a host redirects is found elsewhere",
            true,
            vec![ok(PROXY)],
            VerdictCode::DnsTampered,
            "dns.no_answer.other_vantage",
        ),
        (
            "the name to which a host redirects is found elsewhere, and refuses",
            true,
            vec![reply(PROXY, 5)],
            VerdictCode::OriginDown,
            "dns.no_answer.everywhere",
        ),
        (
            "two resolvers in the clear deny it, and one liar can be behind both",
            true,
            vec![fail(OTHER_DNS, Dns, NxDomain)],
            VerdictCode::Unknown,
            "dns.no_answer",
        ),
        ("nobody else was asked for it", true, vec![], VerdictCode::Unknown, "dns.no_answer"),
    ] {
        let subject = vec![fail(DIRECT, Dns, NxDomain)];
        rows.push(redirected(surely, row(what, subject, others, code, Layer::Dns, rule)));
    }
    // The same, met by two networks.
    for (stage, how) in [(FirstByte, Silence), (FirstByte, Closed), (Progress, Silence), (Progress, Reset)] {
        rows.push(row(
            "N24: TLS is completed everywhere, and then the host is silent or ends it",
            vec![fail(DIRECT, stage, how.clone())],
            vec![fail(PROXY_NL, stage, how)],
            VerdictCode::OriginDown,
            Layer::Http,
            "http.everywhere",
        ));
    }
    rows.push(row(
        "N3: TLS is completed elsewhere, whatever comes after it",
        vec![fail(DIRECT, Tls, Reset)],
        vec![fail(PROXY_NL, FirstByte, Silence)],
        VerdictCode::TlsInterfered,
        Layer::Tls,
        "tls.reset.other_vantage",
    ));
    rows.push(row(
        "silent after the handshake here, and elsewhere a refusal by law: the host answers there",
        vec![fail(DIRECT, FirstByte, Silence)],
        vec![found(PROXY_NL, Finding::Legal451(Statement::default()))],
        VerdictCode::Unknown,
        Layer::Http,
        "http.cut",
    ));
    let pinned = |attempt: Attempt| Attempt { pinned: true, ..attempt };
    rows.push(row(
        "cut in the TLS handshake here, and a proxy cannot even connect: two stories, no verdict",
        vec![fail(DIRECT, Tls, Reset)],
        vec![reply(TOR, 5)],
        VerdictCode::Unknown,
        Layer::Tls,
        "tls.cut",
    ));
    for (cause, stage) in
        [(Cause::EndedByHost, FirstByte), (Cause::EndedByHost, Progress), (Cause::Alert { alert: 80 }, Progress)]
    {
        rows.push(row(
            "a host that proved its name ends the answer itself here, and gives all of it elsewhere",
            vec![fail(DIRECT, stage, cause.clone())],
            vec![ok(TOR)],
            VerdictCode::Unknown,
            Layer::Http,
            "origin.fault.here",
        ));
        rows.push(row(
            "a host that proved its name ends the answer itself, by every way",
            vec![fail(DIRECT, stage, cause)],
            vec![fail(TOR, stage, Cause::EndedByHost)],
            VerdictCode::OriginFault,
            Layer::Http,
            "origin.fault",
        ));
    }
    rows.push(row(
        "an end in order inside TLS that proved nothing may be anybody's",
        vec![Attempt { proved_name: false, ..fail(DIRECT, FirstByte, Cause::EndedByHost) }],
        vec![ok(TOR)],
        VerdictCode::TlsInterfered,
        Layer::Tls,
        "tls.after_handshake.reset.other_vantage",
    ));
    rows.push(row(
        "N15: a TCP end without close_notify inside proved TLS may be anybody's",
        vec![fail(DIRECT, FirstByte, Closed)],
        vec![ok(TOR)],
        VerdictCode::TlsInterfered,
        Layer::Tls,
        "tls.after_handshake.reset.other_vantage",
    ));
    let unannounced = |by, bytes| Attempt { bytes, ..fail(by, Progress, Cause::EndUnannounced) };
    for elsewhere in [unannounced(TOR, 5000), Attempt { bytes: 5020, ..ok(TOR) }] {
        rows.push(row(
            "an answer ends unannounced here, and elsewhere as much of it comes",
            vec![unannounced(DIRECT, 5000)],
            vec![elsewhere],
            VerdictCode::OriginFault,
            Layer::Http,
            "http.end_unannounced.other_vantage",
        ));
    }
    rows.push(row(
        "an answer ends unannounced, and there is nothing to compare",
        vec![unannounced(DIRECT, 5000)],
        vec![],
        VerdictCode::Unknown,
        Layer::Http,
        "http.end_unannounced",
    ));
    rows.push(row(
        "answers end unannounced by two ways, and one brings ten times as much",
        vec![unannounced(DIRECT, 5000)],
        vec![unannounced(TOR, 50_000)],
        VerdictCode::Unknown,
        Layer::Http,
        "http.end_unannounced",
    ));
    rows.push(row(
        "N15: an answer ends unannounced after a tenth of what another network has whole",
        vec![unannounced(DIRECT, 5000)],
        vec![Attempt { bytes: 50_000, ..ok(TOR) }],
        VerdictCode::TlsInterfered,
        Layer::Tls,
        "tls.after_handshake.reset.other_vantage",
    ));
    rows.push(row(
        "connections are refused here, and elsewhere an answer ends unannounced",
        vec![fail(DIRECT, Tcp, Refused)],
        vec![unannounced(TOR, 5000)],
        VerdictCode::TcpBlocked,
        Layer::Tcp,
        "tcp.refused.other_vantage",
    ));
    rows.push(Row {
        context: Context { pages: Some(compared(PageSimilarity::Unexplained)), ..Context::default() },
        ..row(
            "N5: a page in cleartext that has nothing in common with what another network reads",
            vec![clear(ok(DIRECT))],
            vec![clear(ok(PROXY))],
            VerdictCode::Unknown,
            Layer::Http,
            "http.other_page.other_vantage",
        )
    });
    rows.push(Row {
        context: Context { pages: Some(compared(PageSimilarity::Explained)), ..Context::default() },
        ..row(
            "a 404 in cleartext here and a page elsewhere",
            vec![clear(ok(DIRECT))],
            vec![clear(ok(PROXY))],
            VerdictCode::Reachable,
            none,
            "http.other_answer.other_vantage",
        )
    });
    rows.push(Row {
        context: Context { pages: Some(compared(PageSimilarity::Same)), ..Context::default() },
        ..row(
            "the same page in cleartext here and elsewhere",
            vec![clear(ok(DIRECT))],
            vec![clear(ok(PROXY))],
            VerdictCode::Reachable,
            none,
            "reachable",
        )
    });
    rows.push(row(
        "N5: a page in cleartext that nobody compares",
        vec![clear(ok(DIRECT))],
        vec![],
        VerdictCode::Reachable,
        none,
        "reachable.cleartext",
    ));
    rows.push(Row {
        context: Context { local_destination: true, ..Context::default() },
        ..row(
            "a page in cleartext of a host in the user's own network",
            vec![clear(at("192.168.1.7", ok(DIRECT)))],
            vec![],
            VerdictCode::Reachable,
            none,
            "reachable",
        )
    });
    rows.push(row(
        "N3: reset at an address that the user gave by hand, on this very device",
        vec![pinned(at("127.0.0.2", fail(DIRECT, Tls, Reset)))],
        vec![ok(TOR)],
        VerdictCode::TlsInterfered,
        Layer::Tls,
        "tls.reset.other_vantage",
    ));
    rows.push(row(
        "N2: refused at an address that the user gave by hand, on this very device",
        vec![pinned(at("127.0.0.2", fail(DIRECT, Tcp, Refused)))],
        vec![ok(TOR)],
        VerdictCode::TcpBlocked,
        Layer::Tcp,
        "tcp.refused.other_vantage",
    ));
    rows.push(Row {
        context: Context { local_destination: true, ..Context::default() },
        ..row(
            "a host at home that is off",
            vec![at("192.168.1.7", fail(DIRECT, Tcp, Refused))],
            vec![reply(TOR, 4)],
            VerdictCode::OriginDown,
            Layer::Tcp,
            "tcp.local",
        )
    });
    rows
}

fn number(subject: &mut [Attempt], others: &mut [Attempt]) {
    for (number, attempt) in (1..).zip(subject.iter_mut().chain(others)) {
        attempt.id = AttemptId::new(number);
    }
}

/// Whether the evidence names attempts of the case, each once and in its order.
fn is_among(evidence: &[AttemptId], subject: &[Attempt], others: &[Attempt]) -> bool {
    let all: Vec<AttemptId> = subject.iter().chain(others).map(|attempt| attempt.id).collect();
    evidence.iter().all(|id| all.contains(id)) && evidence.is_sorted_by(|one, next| one < next)
}

#[test]
fn each_thing_that_networks_do_gets_its_verdict() {
    let mut wrong = Vec::new();
    for Row { what, mut subject, mut others, context, code, layer, rule } in rows() {
        number(&mut subject, &mut others);
        let verdict = verdict(&Case { subject: &subject, others: &others, context });
        if (verdict.code, verdict.layer, verdict.rule.code()) != (code, layer, rule) {
            wrong.push(format!(
                "{what}: {:?} {:?} {}, not {code:?} {layer:?} {rule}",
                verdict.code, verdict.layer, verdict.rule
            ));
        }
        if !is_among(&verdict.evidence, &subject, &others) {
            wrong.push(format!("{what}: evidence {:?}", verdict.evidence));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_row() {
    let used: HashSet<&str> = rows().iter().map(|row| row.rule).collect();
    let unused: Vec<&str> = rules().map(|rule| rule.id.code()).filter(|id| !used.contains(id)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn rule_ids_are_unique_and_each_says_why() {
    let ids: Vec<RuleId> = rules().map(|rule| rule.id).collect();
    assert_eq!(ids, RuleId::ALL, "each id has one rule, and they are listed in the order in which they are asked");
    let codes: HashSet<&str> = ids.iter().map(|id| id.code()).collect();
    assert_eq!(codes.len(), ids.len(), "a code stands for one rule");
    for rule in rules() {
        let code = rule.id.code();
        assert_eq!(serde_json::to_value(rule.id).unwrap(), code, "an id is serialised as its code");
        assert!(rule.why.ends_with('.') && rule.why.len() > 20, "{}", rule.id);
        assert!(
            code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'_'),
            "{}",
            rule.id
        );
        assert_eq!(code.contains("other_vantage"), code.ends_with("other_vantage"));
    }
}

#[test]
fn a_statement_is_carried_into_the_verdict() {
    let statement = Statement { authority: Some("Roskomnadzor".into()), link: None, text: None };
    let subject = [found(DIRECT, Finding::Legal451(statement.clone()))];
    let verdict = verdict(&Case { subject: &subject, others: &[], context: Context::default() });
    assert_eq!(verdict.statement, Some(statement));
}

#[test]
fn each_address_of_a_host_is_judged_by_itself() {
    let (dead, alive) = (fail(DIRECT, Stage::Tcp, Cause::Silence), at(B, ok(DIRECT)));
    let both = vec![A.parse().unwrap(), B.parse().unwrap()];
    let subject = [dead, alive].map(|attempt| Attempt { answers: both.clone(), ..attempt });
    let judged = |others: &[Attempt]| {
        let verdict = verdict(&Case { subject: &subject, others, context: Context::default() });
        let addresses: Vec<_> =
            verdict.addresses.iter().map(|found| (found.address.to_string(), found.code, found.rule.code())).collect();
        (verdict.code, addresses)
    };
    let works = (B.to_owned(), VerdictCode::Reachable, "reachable");
    let alone = (VerdictCode::Reachable, vec![(A.to_owned(), VerdictCode::Unknown, "tcp.cut"), works.clone()]);
    assert_eq!(judged(&[]), alone);
    let abroad = (A.to_owned(), VerdictCode::TcpBlocked, "tcp.silence.other_vantage");
    assert_eq!(judged(&[ok(TOR)]), (VerdictCode::Reachable, vec![abroad, works]));
    let one = verdict(&Case { subject: &subject[1..], others: &[], context: Context::default() });
    assert_eq!(one.addresses, []);
}

fn any_cause() -> impl proptest::strategy::Strategy<Value = Cause> {
    prop_oneof![
        Just(Cause::Reset),
        Just(Cause::Refused),
        Just(Cause::Unreachable),
        Just(Cause::Silence),
        Just(Cause::Closed),
        Just(Cause::EndedByHost),
        Just(Cause::EndUnannounced),
        Just(Cause::NxDomain),
        any::<u8>().prop_map(|rcode| Cause::Rcode { rcode }),
        Just(Cause::NoAddress),
        Just(Cause::LookupFailed),
        prop_oneof![
            Just(CertificateFault::UnknownIssuer),
            Just(CertificateFault::WrongName),
            Just(CertificateFault::Expired),
            Just(CertificateFault::NotYetValid)
        ]
        .prop_map(|fault| Cause::Certificate { fault }),
        any::<u8>().prop_map(|alert| Cause::Alert { alert }),
        prop::sample::select(Protocol::ALL).prop_map(|expected| Cause::Malformed { expected }),
        Just(Cause::ProxyLogin),
        (0..600u16).prop_map(|code| Cause::ProxyReply { code }),
        prop::sample::select(LimitKind::ALL).prop_map(|limit| Cause::Limit { limit }),
        Just(Cause::NotAccepted { fault: crate::transport::MessageFault::Part }),
        prop::sample::select(PolicyRule::ALL).prop_map(|rule| Cause::Forbidden { rule }),
        Just(Cause::Io),
    ]
}

fn any_attempt() -> impl proptest::strategy::Strategy<Value = Attempt> {
    let by = prop::sample::select(vec![DIRECT, OTHER_DNS, PROXY, PROXY_NL, PROXY_RU, TOR]);
    let stage =
        prop::sample::select(vec![Stage::Dns, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::FirstByte, Stage::Progress]);
    let address = prop::sample::select(vec![A, B, LIE, "127.0.0.1", "10.0.0.1", "2001:db8::1", "64:ff9b::c000:201"]);
    let outcome = prop_oneof![
        2 => Just(None),
        1 => Just(Some(Outcome::Proven)),
        1 => Just(Some(Outcome::Pending)),
        1 => prop::sample::select(vec![
            page(),
            fault(503),
            Finding::CaptivePortal,
            Finding::Legal451(Statement::default()),
            Finding::PlatformBlocked(Statement::default()),
            Finding::ProxyAnswer { status: 502 },
        ]).prop_map(|finding| Some(Outcome::Refuted(finding))),
    ];
    (by, stage, any_cause(), address, outcome, (0..3u32, 0..9000u64, any::<[bool; 4]>())).prop_map(
        |(by, stage, cause, address, outcome, (hop, ms, [tls, proved_name, reused, addressed]))| {
            let failed = fail(by, stage, cause);
            Attempt {
                hop,
                address: addressed.then(|| address.parse().unwrap()),
                outcome: outcome.unwrap_or(failed.outcome.clone()),
                took: Duration::from_millis(ms),
                tls,
                proved_name: tls && proved_name,
                reused,
                pinned: false,
                ech: EchOutcome::Off,
                ..failed
            }
        },
    )
}

fn any_lookup() -> impl proptest::strategy::Strategy<Value = Lookup> {
    let resolver = prop::sample::select(vec!["system", "udp://9.9.9.9", "tls://9.9.9.9"]).prop_map(|text| {
        let Kind::Direct { dns, .. } = strategy(&format!("direct:?dns={text}")).kind else { panic!("{text}") };
        dns.iter().next().unwrap().clone()
    });
    let address = prop::sample::select(vec![A, B, LIE, "127.0.0.1", "10.10.34.35", "2001:db8::1"]);
    let said = prop_oneof![
        prop::collection::vec(address.prop_map(|address| address.parse().unwrap()), 0..3).prop_map(Ok),
        any_cause().prop_map(Err),
    ];
    let question = prop::sample::select(vec![QueryType::Both, QueryType::A, QueryType::Aaaa, QueryType::Https]);
    let answer =
        (question, said).prop_map(|(asked, said)| LookupAnswer { query: asked, after: Duration::ZERO, result: said });
    (resolver, prop::collection::vec(answer, 0..3)).prop_map(|(resolver, answers)| Lookup { resolver, answers })
}

fn of_one_strategy(attempts: Vec<Attempt>) -> Vec<Attempt> {
    let first = attempts.first().map(|attempt| attempt.strategy.clone());
    attempts.into_iter().filter(|attempt| Some(&attempt.strategy) == first.as_ref()).collect()
}

/// Codes that accuse someone on this network, by comparison.
const BY_COMPARISON: [VerdictCode; 6] = [
    VerdictCode::DnsTampered,
    VerdictCode::TcpBlocked,
    VerdictCode::TlsInterfered,
    VerdictCode::HttpInterfered,
    VerdictCode::TlsMitm,
    VerdictCode::Frozen,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn every_case_has_a_verdict_with_weights_of_one_and_evidence(
        subject in prop::collection::vec(any_attempt(), 0..5),
        mut others in prop::collection::vec(any_attempt(), 0..6),
        lookups in prop::collection::vec(prop::collection::vec(any_lookup(), 0..3), 0..5),
        gone: bool,
        local_destination: bool,
    ) {
        let mut subject = of_one_strategy(subject);
        for (attempt, lookup) in subject.iter_mut().zip(lookups) {
            attempt.lookups = lookup;
        }
        number(&mut subject, &mut others);
        let context = Context { gone, local_destination, ..Context::default() };
        let verdict = verdict(&Case { subject: &subject, others: &others, context });
        let Weights { blocked, down, ok } = verdict.weights;
        prop_assert!((blocked + down + ok - 1.0).abs() < 1e-5);
        prop_assert!([blocked, down, ok].iter().all(|weight| (0.0..=1.0).contains(weight)));
        prop_assert!(is_among(&verdict.evidence, &subject, &others));
    }

    #[test]
    fn without_a_better_vantage_no_comparison_says_blocked(
        subject in prop::collection::vec(any_attempt(), 1..5),
        others in prop::collection::vec(any_attempt(), 0..6),
    ) {
        let subject = of_one_strategy(subject);
        let others: Vec<Attempt> = others.into_iter()
            .filter(|attempt| attempt.outcome != Outcome::Proven)
            .map(|attempt| Attempt { proved_name: false, ..attempt })
            .collect();
        let verdict = verdict(&Case { subject: &subject, others: &others, context: Context::default() });
        prop_assert!(!BY_COMPARISON.contains(&verdict.code), "{} {:?}", verdict.rule, verdict.code);
    }

    #[test]
    fn a_subject_that_was_never_cut_is_never_called_blocked(
        subject in prop::collection::vec(any_attempt(), 1..5),
        others in prop::collection::vec(any_attempt(), 0..6),
    ) {
        let subject = of_one_strategy(subject);
        // The rest: it works, it did not get enough time, our own route or limits failed, or the host answered with a
        // fault.
        let harmless = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Proven | Outcome::Refuted(Finding::OriginFault { .. } | Finding::ProxyAnswer { .. }) => true,
            Outcome::Failed(failure) => {
                matches!(failure.cause, Cause::Forbidden { .. } | Cause::Io) || blame::blames_first_hop(failure, &attempt.strategy)
            }
            Outcome::Pending => attempt.took < Duration::from_secs(3),
            Outcome::Interrupted => true,
            Outcome::Refuted(_) => false,
        };
        let public = |attempt: &Attempt| !attempt.address.is_some_and(is_bogon);
        let subject: Vec<Attempt> = subject.into_iter().filter(|attempt| harmless(attempt) && public(attempt)).collect();
        let verdict = verdict(&Case { subject: &subject, others: &others, context: Context::default() });
        let stated = [VerdictCode::BlockPage, VerdictCode::Legal451, VerdictCode::PlatformBlocked];
        prop_assert!(!BY_COMPARISON.contains(&verdict.code) && !stated.contains(&verdict.code), "{} {:?}", verdict.rule, verdict.code);
    }
}
