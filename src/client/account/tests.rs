#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;
use crate::reach::{Attempt, Layer, VerdictCode, Weights};
use crate::sentences::Language;
use crate::transport::{EchOutcome, Lookup, Stage, StrategyKind};

prop_compose! {
    fn answers()(asked in "a|aaaa|https|both", ms: u64, outcome in "ok|nxdomain", addresses in prop::collection::vec(any::<IpAddr>(), 0..3)) -> AccountAnswer {
        AccountAnswer { asked, ms, outcome, count: addresses.len(), addresses }
    }
}

prop_compose! {
    fn lookups()(resolver in ".{0,12}", answers in prop::collection::vec(answers(), 0..3)) -> AccountLookup {
        AccountLookup { resolver, answers }
    }
}

prop_compose! {
    fn attempts()(
        (id, strategy) in (any::<u64>().prop_map(AttemptId::new), ".{0,20}"),
        stage in prop::sample::select(vec![Stage::Dns, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::FirstByte, Stage::Progress]),
        outcome in "ok|reset|pending",
        address: Option<IpAddr>,
        (ms, bytes, hop, started_ms) in any::<(u64, u64, u32, u64)>(),
        first_byte_ms: Option<u64>,
        (proved_name, reused) in any::<(bool, bool)>(),
        ech in prop::sample::select(vec![EchOutcome::Off, EchOutcome::Offered, EchOutcome::Accepted, EchOutcome::Rejected]),
        lookups in prop::collection::vec(lookups(), 0..3),
        sentence in ".{0,40}",
    ) -> AccountAttempt {
        AccountAttempt { id, strategy, stage, outcome, address, ms, bytes, hop, started_ms, first_byte_ms, proved_name, reused, ech, lookups, sentence }
    }
}

prop_compose! {
    fn addresses()(
        address: IpAddr,
        code in prop::sample::select(vec![VerdictCode::Reachable, VerdictCode::TcpBlocked, VerdictCode::Unknown]),
        layer in prop::option::of(prop::sample::select(vec![Layer::Tcp, Layer::Tls])),
        blocked in 0_u8..=100,
        rule: String,
    ) -> AccountAddress {
        AccountAddress { address, code, layer, weights: weights(blocked), rule }
    }
}

prop_compose! {
    fn restrictions()(
        (text, stated_by) in any::<(String, String)>(),
        (authority, link, observed_in) in any::<(Option<String>, Option<String>, Option<String>)>(),
    ) -> Restriction {
        Restriction { authority, link, observed_in, ..Restriction::new(text, stated_by) }
    }
}

fn weights(blocked: u8) -> Weights {
    let blocked = f32::from(blocked) / 100.0;
    Weights { blocked, down: 0.0, ok: 1.0 - blocked }
}

prop_compose! {
    fn accounts()(
        at in prop::option::of(-1_000_000_000_i64..4_000_000_000),
        action in prop::option::of(prop::sample::select(vec![Action::Open, Action::Sync, Action::Get, Action::Probe, Action::Attachment])),
        url: Option<String>,
        code in prop::sample::select(vec![VerdictCode::Reachable, VerdictCode::Legal451, VerdictCode::TlsInterfered, VerdictCode::Unknown]),
        layer in prop::option::of(prop::sample::select(vec![Layer::Dns, Layer::Network, Layer::Route])),
        blocked in 0_u8..=100,
        (rule, sentence) in any::<(String, String)>(),
        statement: Option<(Option<String>, Option<String>, Option<String>)>,
        reached_by: Option<String>,
        evidence in prop::collection::vec(any::<u64>().prop_map(AttemptId::new), 0..3),
        (addresses, restrictions) in (prop::collection::vec(addresses(), 0..3), prop::collection::vec(restrictions(), 0..3)),
        attempts in prop::collection::vec(attempts(), 0..4),
    ) -> Account {
        Account {
            at: at.map(|second| Timestamp::from_second(second).unwrap()),
            action,
            url,
            verdict: AccountVerdict {
                code,
                layer,
                weights: weights(blocked),
                rule,
                sentence,
                evidence,
                statement: statement.map(|(authority, link, text)| AccountStatement { authority, link, text }),
                addresses,
            },
            reached_by,
            restrictions,
            attempts,
        }
    }
}

proptest! {
    #[test]
    fn an_account_that_was_sent_is_the_same_where_it_is_read(account in accounts()) {
        let sent = serde_json::to_string(&account).unwrap();
        prop_assert_eq!(serde_json::from_str::<Account>(&sent).unwrap(), account);
    }
}

#[test]
fn an_account_of_an_older_version_is_read_too() {
    let told = r#"{
        "url": "https://site.example/", "reached_by": null, "later": true,
        "verdict": {"code": "unknown", "layer": "tcp", "weights": {"blocked": 0.5, "down": 0.5, "ok": 0.0}, "rule": "tcp.failed", "sentence": "."},
        "attempts": [{"strategy": "direct:", "stage": "tcp", "outcome": "refused", "address": null, "ms": 52, "bytes": 0}]
    }"#;
    let account: Account = serde_json::from_str(told).unwrap();
    assert_eq!((account.verdict.code, account.attempts[0].ms), (VerdictCode::Unknown, 52));
    assert!(account.verdict.evidence.is_empty() && account.attempts[0].id.number() == 0);
}

#[test]
fn an_account_shows_no_path_of_a_resolver() {
    let strategy: crate::transport::Strategy = "direct:?dns=https://dns.example/canary".parse().unwrap();
    let StrategyKind::Direct { dns } = &strategy.kind else { panic!("{strategy:?}") };
    let lookups =
        dns.iter().map(|resolver| Lookup { resolver: resolver.clone(), asked: true, answers: Vec::new() }).collect();
    let attempt = Attempt { lookups, ..Attempt::of_test(strategy.clone()) };
    for full in [true, false] {
        let account = serde_json::to_string(&AccountAttempt::of(&attempt, Language::En, full)).unwrap();
        assert!(!account.contains("canary") && account.contains("dns.example"), "{account}");
    }
}
