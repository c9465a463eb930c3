//! A GET over `direct:`, compared with the same GET by plain reqwest: the cost of the plan, the race, the judge, the
//! evidence and the verdict. `cargo bench --bench get`.
//!
//! Both sides use one origin on loopback, with the same provider, key exchange, roots, ALPN and session cache of TLS,
//! each with its own pool, on one thread. They take turns, request by request; the medians are compared. criterion's
//! own figures are those of `Byway::get`.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

#[path = "../measure/account.rs"]
mod account;
mod origin;
mod sides;
mod tls;

use std::time::{Duration, Instant};

use criterion::Criterion;
use tokio::runtime::Runtime;

use account::{Account, Line, median, ratio, shown};
use origin::{HOST, LARGE, Origin, SMALL};
use sides::{BYWAY, FACES, REQWEST, SIDES, Sides};

fn main() {
    let mut criterion = Criterion::default().without_plots().sample_size(SAMPLES).configure_from_args();
    let mut account = Account::of("get");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for (version, http2) in [("HTTP/1.1", false), ("HTTP/2", true)] {
        let origin = Origin::start(http2);
        let _guard = runtime.enter();
        let sides = runtime.block_on(Sides::of(&origin));
        for (what, path, length) in [("1 KB", "small", SMALL), ("10 MB", "large", LARGE)] {
            let case = Case { name: format!("GET {what}, {version}, open connection"), path: path.into(), length };
            compare(&mut criterion, &mut account, &runtime, &sides, &origin, &case);
        }
        if http2 {
            // A server cannot end an HTTP/2 connection in a way that both sides notice before their next request.
            continue;
        }
        for (what, path, length) in [("1 KB", "small/close", SMALL), ("10 MB", "large/close", LARGE)] {
            let case = Case { name: format!("GET {what}, {version}, new connection"), path: path.into(), length };
            compare(&mut criterion, &mut account, &runtime, &sides, &origin, &case);
        }
    }
    criterion.final_summary();
    account.write();
}

/// Measures one case, and accounts for it.
fn compare(
    criterion: &mut Criterion,
    account: &mut Account,
    runtime: &Runtime,
    sides: &Sides,
    origin: &Origin,
    case: &Case,
) {
    let url = format!("https://{HOST}:{}/{}", origin.address.port(), case.path);
    let before = origin.handshakes();
    let mut samples: [Vec<Duration>; SIDES] = Default::default();
    criterion.bench_function(&case.name, |bencher| {
        bencher.iter_custom(|rounds| {
            let mut ours = Duration::ZERO;
            runtime.block_on(async {
                for _ in 0..rounds {
                    // The sides alternate, so that neither always comes second.
                    let first = samples[0].len();
                    for turn in 0..SIDES {
                        let side = (first + turn) % SIDES;
                        let started = Instant::now();
                        let length = sides.get(side, &url).await;
                        let took = started.elapsed();
                        assert_eq!(length, case.length);
                        samples[side].push(took);
                        if side == BYWAY {
                            ours += took;
                        }
                        // Tasks return connections to their pools: they run before the clock starts again.
                        tokio::task::yield_now().await;
                    }
                }
            });
            ours
        });
    });
    let requests: usize = samples.iter().map(Vec::len).sum();
    if requests == 0 {
        return;
    }
    let (all, resumed) = origin.handshakes();
    let (all, resumed) = (all - before.0, resumed - before.1);
    println!("  {requests} requests, {all} handshakes, {resumed} of them resumed");
    if case.path.ends_with("/close") {
        assert!(all + SIDES >= requests && all - resumed <= SIDES, "a new connection and a resumed session each");
    }
    let theirs = median(&mut samples[REQWEST]);
    for (side, name) in FACES {
        let ours = median(&mut samples[side]);
        account.line(Line {
            what: format!("{}: {name}", case.name),
            ours: shown(ours),
            other: format!("reqwest {}", shown(theirs)),
            ratio: ratio(ours, theirs),
            claim: CLAIM.to_owned(),
            held: Some(ours <= theirs.mul_f64(TIMES) || ours <= theirs + MORE),
        });
    }
}

struct Case {
    name: String,
    path: String,
    length: usize,
}

/// The claim: at most this many times the time of reqwest, or at most this much more, whichever is larger.
const TIMES: f64 = 1.05;
const MORE: Duration = Duration::from_micros(20);
const CLAIM: &str = "at most 1.05 times, or 20 µs more";

const SAMPLES: usize = 40;
