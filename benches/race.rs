//! What a race costs beside the work of its routes: planning, starting, judging and recording attempts that answer (or
//! fail) at once, without a network. `cargo bench --bench race`.
//!
//! No harness: the figure that matters is microseconds beside a handshake of tens of milliseconds, and the median of
//! many rounds tells that.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use byway::reach::{Exchange, Judge, Judgement, Ledger, NetworkId, Replay, Request, plan, race};
use byway::transport::{
    Cause, Destination, Exposure, Failure, Isolation, Leg, PrivateAddresses, Route, Stage, Strategy, Trace,
};

/// Fails on every route but the last.
struct LastWins {
    winner: Strategy,
}

impl Exchange for LastWins {
    type Reply = ();

    async fn resolve(&self, route: &Route, _: &Trace) -> Result<Vec<Leg>, Failure> {
        Ok(vec![Leg { route: route.clone(), address: None }])
    }

    async fn begin(&self, leg: &Leg, trace: &Trace) -> Result<(), Failure> {
        trace.enter(Stage::Tls);
        if leg.route.strategy == self.winner { Ok(()) } else { Err(Failure::new(Stage::Tls, Cause::Reset)) }
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    println!("one race, planned and run, by how many routes fail before one answers:");
    for losers in [0, 1, 3, 7] {
        let strategies: Vec<Strategy> =
            (0..=losers).map(|n| format!("socks5://proxy{n}.example:1080").parse().expect("a strategy")).collect();
        let mut rounds: Vec<Duration> = (0..ROUNDS).map(|_| runtime.block_on(one(&strategies))).collect();
        rounds.sort_unstable();
        println!(
            "  {losers} losers: median {:>7.1} µs, 99 of 100 within {:>7.1} µs",
            rounds[ROUNDS / 2].as_secs_f64() * 1e6,
            rounds[ROUNDS * 99 / 100].as_secs_f64() * 1e6
        );
    }
}

async fn one(strategies: &[Strategy]) -> Duration {
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
    let plan = plan(strategies, &request, &ledger, &network).expect("a plan");
    let raced = race(plan, Arc::new(LastWins { winner }), Arc::new(Content)).await;
    let took = started.elapsed();
    assert_eq!(raced.attempts().len(), strategies.len());
    took
}

const ROUNDS: usize = 2_000;
