#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! One row for each behaviour of networks, and the false positives that cost other tools dearly.

mod attempts;
mod rows;

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;

use self::attempts::*;
use self::rows::{Row, rows};
use super::addresses::is_bogon;
use super::*;
use crate::reach::{Finding, Outcome};
use crate::transport::{
    Cause, CertificateFault, EchOutcome, LimitKind, Lookup, LookupAnswer, PolicyRule, Protocol, QueryType, Stage,
    StrategyKind,
};

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
    let of = |id: RuleId| rules().find(|rule| rule.id == id).unwrap();
    for Row { rule, what, mut subject, mut others, context } in rows() {
        number(&mut subject, &mut others);
        let verdict = verdict(&Case { subject: &subject, others: &others, context });
        if verdict.rule != rule {
            wrong.push(format!("{what}: {}, not {rule}", verdict.rule));
        } else if (verdict.code, verdict.layer) != (of(rule).code, of(rule).layer) {
            wrong.push(format!("{what}: {:?} {:?} is not what {rule} concludes", verdict.code, verdict.layer));
        }
        if !is_among(&verdict.evidence, &subject, &others) {
            wrong.push(format!("{what}: evidence {:?}", verdict.evidence));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_row() {
    let used: HashSet<RuleId> = rows().iter().map(|row| row.rule).collect();
    let unused: Vec<RuleId> = rules().map(|rule| rule.id).filter(|id| !used.contains(id)).collect();
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
        let StrategyKind::Direct { dns, .. } = strategy(&format!("direct:?dns={text}")).kind else { panic!("{text}") };
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
    (resolver, prop::collection::vec(answer, 0..3)).prop_map(|(resolver, answers)| Lookup {
        resolver,
        asked: true,
        answers,
    })
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
    fn nothing_in_cleartext_is_put_down_to_the_site(
        subject in prop::collection::vec(any_attempt(), 1..5),
        others in prop::collection::vec(any_attempt(), 0..6),
        redirect_fault: bool,
        led_in_cleartext: bool,
    ) {
        // What only TLS can say, or a host at home.
        let in_the_clear = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Failed(failure) => {
                !matches!(failure.cause, Cause::Certificate { .. } | Cause::Alert { .. } | Cause::EndUnannounced)
            }
            _ => true,
        };
        let public = |attempt: &Attempt| !attempt.address.is_some_and(is_bogon);
        let subject: Vec<Attempt> =
            of_one_strategy(subject).into_iter().filter(|one| in_the_clear(one) && public(one)).map(clear).collect();
        let context = Context { redirect_fault, led_in_cleartext, ..Context::default() };
        let verdict = verdict(&Case { subject: &subject, others: &others, context });
        let of_this_device = matches!(verdict.rule, RuleId::ClockTwoHosts | RuleId::ClockDate);
        prop_assert!(verdict.code != VerdictCode::OriginFault || of_this_device, "{} {subject:?}", verdict.rule);
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
                matches!(failure.cause, Cause::Forbidden { .. } | Cause::Io) || blame::blames_first_hop(failure, &attempt.strategy, &attempt.destination)
            }
            Outcome::Pending => attempt.took < Duration::from_secs(3),
            Outcome::Interrupted | Outcome::Overtaken | Outcome::Raised => true,
            Outcome::Refuted(_) => false,
        };
        let public = |attempt: &Attempt| !attempt.address.is_some_and(is_bogon);
        let subject: Vec<Attempt> = subject.into_iter().filter(|attempt| harmless(attempt) && public(attempt)).collect();
        let verdict = verdict(&Case { subject: &subject, others: &others, context: Context::default() });
        let stated = [VerdictCode::BlockPage, VerdictCode::Legal451, VerdictCode::PlatformBlocked];
        prop_assert!(!BY_COMPARISON.contains(&verdict.code) && !stated.contains(&verdict.code), "{} {:?}", verdict.rule, verdict.code);
    }
}
