//! What one route met, in a few words, and what is known besides.

use std::time::Duration;

use crate::reach::verdict::*;
use crate::reach::{AnswerFault, Finding, Outcome, PageDigest};
use crate::transport::{
    Cause, CertificateFault, EchOutcome, Failure, LimitKind, Lookup, LookupAnswer, Protocol, QueryType, Stage,
    Strategy, StrategyKind,
};

pub(super) fn strategy(text: &str) -> Strategy {
    text.parse().unwrap()
}

pub(super) const DIRECT: &str = "direct:";
pub(super) const OTHER_DNS: &str = "direct:?dns=udp://9.9.9.9";
pub(super) const SHAPED: &str = "direct:?tls=frag";
pub(super) const ENCRYPTED: &str = "direct:?dns=https://9.9.9.9/dns-query&ech=prefer";
pub(super) const PROXY: &str = "socks5://proxy.example:1080";
pub(super) const PROXY_NL: &str = "http://proxy.example:3128?cc=nl";
pub(super) const PROXY_RU: &str = "socks5://proxy2.example:1080?cc=ru";
pub(super) const SHADOWSOCKS: &str = "ss://aes-256-gcm:p@proxy3.example:8388";
pub(super) const DOH: &str = "direct:?dns=https://9.9.9.9/dns-query";
pub(super) const TOR: &str = "tor+socks5://127.0.0.1:9050";

/// The host's true addresses.
pub(super) const A: &str = "192.0.2.1";
pub(super) const B: &str = "192.0.2.2";
/// The answer of a lying resolver.
pub(super) const LIE: &str = "198.51.100.66";

/// An attempt that reached the host over TLS.
pub(super) fn ok(by: &str) -> Attempt {
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
pub(super) fn fail(by: &str, stage: Stage, cause: Cause) -> Attempt {
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

pub(super) fn found(by: &str, finding: Finding) -> Attempt {
    Attempt { outcome: Outcome::Refuted(finding), ..ok(by) }
}

pub(super) fn pending(by: &str, stage: Stage, ms: u64) -> Attempt {
    Attempt { outcome: Outcome::Pending, took: Duration::from_millis(ms), ..fail(by, stage, Cause::Io) }
}

/// The answers to one question.
pub(super) type Said<'a> = Result<&'a [&'a str], Cause>;

/// The same attempt, with the answers of its resolvers.
pub(super) fn asked(lookups: &[(&str, &[Said<'_>])], attempt: Attempt) -> Attempt {
    let resolver = |text: &str| {
        let StrategyKind::Direct { dns, .. } = strategy(&format!("direct:?dns={text}")).kind else { panic!("{text}") };
        dns.iter().next().unwrap().clone()
    };
    let answer = |said: &Said<'_>| LookupAnswer {
        query: QueryType::Both,
        after: Duration::from_millis(20),
        result: said.clone().map(|addresses| addresses.iter().map(|address| address.parse().unwrap()).collect()),
    };
    let lookups = lookups.iter().map(|(text, said)| Lookup {
        resolver: resolver(text),
        asked: true,
        answers: said.iter().map(answer).collect(),
    });
    Attempt { lookups: lookups.collect(), ..attempt }
}

pub(super) fn at(address: &str, attempt: Attempt) -> Attempt {
    let address = address.parse().unwrap();
    Attempt { address: Some(address), answers: vec![address], ..attempt }
}

pub(super) fn encrypted(attempt: Attempt) -> Attempt {
    Attempt { ech: EchOutcome::Accepted, ..attempt }
}

pub(super) fn given(answers: &[&str], attempt: Attempt) -> Attempt {
    Attempt { answers: answers.iter().map(|answer| answer.parse().unwrap()).collect(), ..attempt }
}

pub(super) fn clear(attempt: Attempt) -> Attempt {
    Attempt { tls: false, proved_name: false, ..attempt }
}

pub(super) fn bad_certificate(by: &str, fault: CertificateFault) -> Attempt {
    fail(by, Stage::Tls, Cause::Certificate { fault })
}

pub(super) fn reply(by: &str, code: u16) -> Attempt {
    fail(by, Stage::Proxy, Cause::ProxyReply { code })
}

/// What two strategies read, with this similarity.
pub(super) fn compared(similarity: PageSimilarity) -> Box<PageComparison> {
    let (here, there) = (PageDigest::new(200), PageDigest::new(200));
    let equal = similarity == PageSimilarity::Same;
    Box::new(PageComparison { similarity, equal, hop: 0, here, there, by: strategy(PROXY) })
}

/// The system's resolver answers for other names.
pub(super) fn answering() -> Context {
    Context { answering: vec![crate::transport::Resolver::System], ..Context::default() }
}

/// A body in cleartext that was still coming when our own time was over.
pub(super) fn cut_short(by: &str, bytes: u64, ms: u64) -> Attempt {
    let limit = Cause::Limit { limit: LimitKind::TotalTime };
    clear(Attempt { bytes, took: Duration::from_millis(ms), ..fail(by, Stage::Progress, limit) })
}

pub(super) fn errno(number: i32, mut attempt: Attempt) -> Attempt {
    if let Outcome::Failed(failure) = &mut attempt.outcome {
        failure.errno = Some(number);
    }
    attempt
}

pub(super) fn fault(status: u16) -> Finding {
    Finding::OriginFault { status: Some(status), what: AnswerFault::ServerError }
}

pub(super) fn page() -> Finding {
    Finding::BlockPage { fingerprint: "test".into(), statement: Statement::default() }
}

pub(super) fn pinned(attempt: Attempt) -> Attempt {
    Attempt { pinned: true, ..attempt }
}

/// To an address that nobody looked up.
pub(super) fn literal(attempt: Attempt) -> Attempt {
    Attempt { answers: vec![], ..attempt }
}

/// An answer whose end nothing announced.
pub(super) fn unannounced(by: &str, bytes: u64) -> Attempt {
    Attempt { bytes, ..fail(by, Stage::Progress, Cause::EndUnannounced) }
}

pub(super) fn garbage() -> Cause {
    Cause::Malformed { expected: Protocol::Tls }
}

pub(super) fn no_http() -> Cause {
    Cause::Malformed { expected: Protocol::Http }
}

pub(super) fn no_gzip() -> Cause {
    Cause::Malformed { expected: Protocol::Gzip }
}

pub(super) fn no_answer() -> Cause {
    Cause::Malformed { expected: Protocol::Dns }
}

pub(super) fn too_much(limit: LimitKind) -> Cause {
    Cause::Limit { limit }
}

pub(super) fn in_country(country: &str) -> Context {
    Context { country: country.parse().ok(), ..Context::default() }
}

/// The host redirects in circles here, and another route reads it.
pub(super) fn led_away() -> Context {
    Context { redirect_fault: true, read_otherwise: true, ..Context::default() }
}

/// The name came from a redirect; `surely`: from one that its host proved.
pub(super) fn redirected(surely: bool) -> Context {
    Context { redirected: surely, ..Context::default() }
}

/// The system found no internet.
pub(super) fn unvalidated() -> Context {
    Context { unvalidated: true, ..Context::default() }
}
