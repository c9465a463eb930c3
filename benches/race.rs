//! What a race costs in addition to the work of its routes: planning, starting, judging and recording attempts that answer (or
//! fail) at once, without a network. `cargo bench --bench race`.
//!
//! Compare the microseconds with a handshake of tens of milliseconds.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

#[path = "measure/account.rs"]
mod account;

use std::sync::Arc;
use std::time::{Duration, Instant};

use byway::Exposure;
use byway::internals::reach::{
    Action, EventHub, EventSender, Exchange, Judge, Judgement, Ledger, NetworkId, Replay, Request, plan, race,
};
use byway::internals::transport::{
    Candidate, Candidates, Cause, Destination, Failure, Isolation, PrivateAddresses, Route, Stage, Strategy, Trace,
    Trust,
};
use criterion::Criterion;

use account::{Account, Line, median, ratio, shown};

/// Fails on every route but the last.
struct LastWins {
    winner: Strategy,
}

impl Exchange for LastWins {
    type Reply = ();

    async fn resolve(&self, route: &Route, _: &Trace, candidates: &Candidates) -> Result<(), Failure> {
        candidates.add([Candidate::to(route, None)], &[], Trust::Authentic);
        Ok(())
    }

    async fn begin(&self, candidate: &Candidate, trace: &Trace) -> Result<(), Failure> {
        trace.enter(Stage::Tls);
        if candidate.route.strategy == self.winner {
            Ok(())
        } else {
            Err(byway::internals::failure(Stage::Tls, Cause::Reset))
        }
    }

    async fn more(&self, (): &mut (), _: &Trace) -> Result<bool, Failure> {
        Ok(false)
    }
}

struct Content;

impl Judge<()> for Content {
    fn judge(&self, (): &()) -> Judgement {
        Judgement::Proven
    }
}

fn main() {
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    let mut account = Account::of("race");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut alone = None;
    for count in [1, 2, 4, 10] {
        let strategies: Vec<Strategy> =
            (0..count).map(|n| format!("socks5://proxy{n}.example:1080").parse().expect("a strategy")).collect();
        let what = match count {
            1 => "race of 1 strategy".to_owned(),
            count => format!("race of {count} strategies, all but the last fail at once"),
        };
        let mut rounds: Vec<Duration> = Vec::new();
        criterion.bench_function(&what, |bencher| {
            bencher.iter_custom(|times| {
                let taken: Vec<Duration> =
                    (0..times).map(|_| runtime.block_on(one(&strategies, EventSender::default()))).collect();
                rounds.extend(&taken);
                taken.iter().sum()
            });
        });
        if rounds.is_empty() {
            continue;
        }
        let took = median(&mut rounds);
        let alone = *alone.get_or_insert(took);
        account.line(Line {
            what,
            ours: shown(took),
            other: format!("alone {}", shown(alone)),
            ratio: ratio(took, alone),
            claim: "under 1 ms, where one handshake takes tens".to_owned(),
            held: Some(took < LIMIT),
        });
    }
    watched(&runtime, &mut account);
    criterion.final_summary();
    account.write();
}

/// The cost of a race's events: nothing without a listener.
fn watched(runtime: &tokio::runtime::Runtime, account: &mut Account) {
    let strategies: Vec<Strategy> =
        (0..4).map(|n| format!("socks5://proxy{n}.example:1080").parse().expect("a strategy")).collect();
    let (unheard, heard) = (EventHub::new(), EventHub::new());
    let mut watch = heard.subscribe();
    let mut rounds: [Vec<Duration>; 3] = Default::default();
    for _ in 0..WATCHED_ROUNDS {
        let senders = [EventSender::default(), unheard.access(Action::Get), heard.access(Action::Get)];
        for (taken, events) in rounds.iter_mut().zip(senders) {
            taken.push(runtime.block_on(one(&strategies, events)));
        }
        while watch.try_next().is_some() {}
    }
    let [without, unheard, heard] = rounds.map(|mut taken| median(&mut taken));
    let lines = [
        ("race of 4 strategies, events without a listener", unheard, Some(0.05)),
        ("race of 4 strategies, events heard by one", heard, None),
    ];
    for (what, took, more) in lines {
        let ratio = ratio(took, without);
        account.line(Line {
            what: what.to_owned(),
            ours: shown(took),
            other: format!("without events {}", shown(without)),
            ratio,
            claim: more.map_or_else(String::new, |_| "at most a twentieth more".to_owned()),
            held: more.map(|more| ratio <= 1.0 + more),
        });
    }
}

async fn one(strategies: &[Strategy], events: EventSender) -> Duration {
    let winner = strategies.last().expect("a strategy").clone();
    let request = Request {
        destination: Destination { host: url::Host::Domain("vk.com".to_owned()), port: 443 },
        exposure: Exposure::Open,
        avoid_direct: false,
        private: PrivateAddresses::Refused,
        isolation: Isolation::of("bench"),
        replay: Replay::Safe,
        credentials: false,
        tls: true,
        hop: 0,
    };
    let (ledger, network) = (Ledger::in_memory(), NetworkId::default());
    let started = Instant::now();
    let mut plan = plan(strategies, &request, &ledger, &network).expect("a plan");
    plan.events = events;
    let raced = race(plan, Arc::new(LastWins { winner }), Arc::new(Content)).await;
    let took = started.elapsed();
    assert_eq!(raced.attempts().len(), strategies.len());
    took
}

/// In turns, this many times.
const WATCHED_ROUNDS: usize = 5_000;

/// A difference that a reader could never notice.
const LIMIT: Duration = Duration::from_millis(1);
