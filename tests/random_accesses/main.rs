//! A thousand accesses in random worlds.
//!
//! Each seed draws hosts and their faults, resolvers and their lies, proxies and their faults, a censor with up to
//! three of its possible rules, strategies in any order, an exposure, a request, and sometimes the instant of its
//! cancellation. The production stack then runs over the lab, in virtual time. [`invariants`] states what must hold for
//! every access: it ends, it leaves nothing running, it never takes foreign bytes for the site's, it calls no innocent
//! party a censor, and it is visible to no observer that its exposure forbids.
//!
//! `BYWAY_SEED=N cargo test --test random_accesses` repeats one seed, with its whole log.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "a test")]

mod access;
mod invariants;
mod lot;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use crate::access::Ended;

#[test]
fn a_thousand_random_accesses_end_well() {
    if let Some(seed) = std::env::var("BYWAY_SEED").ok().and_then(|seed| seed.parse().ok()) {
        let ended = access::run(seed);
        panic!("{}\n{}\n{ended:?}\n{:?}", ended.world, ended.log, invariants::broken(&ended));
    }
    let faults = Mutex::new(Vec::new());
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= MAX_ACCESSES {
                        break;
                    }
                    faults.lock().unwrap().extend(faults_of(seed));
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    let count = faults.len();
    let shown: Vec<String> = faults.into_iter().take(SHOWN).map(|(_, fault)| fault).collect();
    assert!(shown.is_empty(), "{count} of {MAX_ACCESSES}\n{}", shown.join("\n"));
}

/// What does not hold for one seed's access.
fn faults_of(seed: u64) -> Option<(u64, String)> {
    let (done, ended) = mpsc::channel::<()>();
    // Virtual time cannot end a future that never waits.
    let watch = std::thread::spawn(move || {
        if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(STUCK) {
            eprintln!("BYWAY_SEED={seed} runs without end and without waiting");
            std::process::abort();
        }
    });
    let fault = match catch_unwind(AssertUnwindSafe(|| access::run(seed))) {
        Err(panic) => {
            let why = panic.downcast_ref::<String>().cloned();
            let why = why.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("BYWAY_SEED={seed} panics: {}", why.unwrap_or_default()))
        }
        Ok(ended) => {
            let mut broken = invariants::broken(&ended);
            if broken.is_empty() && seed.is_multiple_of(TWICE) && !ended.world.by_chance {
                let again = access::run(seed).told();
                if again != ended.told() {
                    broken.push(format!("told {:?}, and the second time {again:?}", ended.told()));
                }
            }
            (!broken.is_empty())
                .then(|| format!("{}    BROKEN: {}\n    {ended:?}", ended.world, broken.join("\n    BROKEN: ")))
        }
    };
    drop(done);
    watch.join().unwrap();
    fault.map(|fault| (seed, fault))
}

#[test]
fn what_is_drawn_is_worth_drawing() {
    let ended: Vec<Ended> = (0..60).map(access::run).collect();
    let some = |what: &str, is: &dyn Fn(&Ended) -> bool| assert!(ended.iter().any(is), "no seed of 60 {what}");
    some("reads a page", &|ended| ended.is_ok());
    some("reads none", &|ended| !ended.is_ok());
    some("meets the censor", &|ended| ended.log.censored() > 0);
    some("meets no censor", &|ended| ended.log.censored() == 0);
    some("is given up", &|ended| ended.reachability.is_none() && ended.world.cancelled.is_some());
    some("is told of a block", &|ended| ended.verdict().is_some_and(|verdict| verdict.code.blames()));
}

const MAX_ACCESSES: u64 = 1_000;

/// One in this many is run twice.
const TWICE: u64 = 10;

/// Faults that are shown.
const SHOWN: usize = 12;

/// Real time for one access, which takes milliseconds.
const STUCK: Duration = Duration::from_secs(120);
