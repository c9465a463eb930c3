//! What a process with a Tor inside takes: memory, threads, wake-ups. Each in a child of its own, which prints one figure a line.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use byway::Byway;
use tokio::time::{Instant, advance};

use super::TRIES;
use super::process::{Peak, Process, disk};
use super::scene::Readable;

/// The child that reads, rests and sleeps.
pub(crate) const RESIDENT: &str = "resident";

/// The child that reads for an hour of virtual time.
pub(crate) const HOUR: &str = "hour";

/// What the child does that reads, rests and sleeps.
pub(crate) fn reads_and_sleeps(scene: &Readable) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let own = Process::own();
    runtime.block_on(async {
        let byway = scene.byway("tor:", folder.path()).await;
        say("alone", own.resident());
        read(&byway, &scene.url("/small/close")).await;
        tokio::time::sleep(SETTLES).await;
        say("started", own.resident());
        say("disk", disk(&folder.path().join("tor")));
        say("unused_wake_ups", own.wake_ups_a_minute(COUNTED));
        let peak = Peak::of(own);
        let mut most_threads = 0;
        for _ in 0..TRANSFERS {
            let url = scene.url("/large");
            let (all, threads) =
                tokio::join!(futures_util::future::join_all((0..AT_ONCE).map(|_| stream(&byway, &url))), async {
                    tokio::time::sleep(IN_THE_MIDDLE).await;
                    own.threads()
                });
            assert_eq!(all.len(), AT_ONCE);
            most_threads = most_threads.max(threads);
        }
        say("in_use", peak.end());
        say("threads", most_threads - THREAD_THAT_LOOKS);
        byway.suspend().await.expect("it sleeps");
        tokio::time::sleep(SETTLES).await;
        say("asleep", own.resident());
        say("asleep_threads", own.threads());
        say("asleep_wake_ups", own.wake_ups_a_minute(COUNTED));
    });
}

/// What the child does that reads for an hour of virtual time.
///
/// The clock of the runtime, and so of arti's timers, is moved by hand: with the machine's while a page is read, and [`PACE`]
/// times as fast between two pages. The relays and the date keep the machine's pace.
pub(crate) fn reads_for_an_hour(scene: &Readable) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let own = Process::own();
    runtime.block_on(async {
        tokio::time::pause();
        // While work is on a thread for it, tokio does not move a paused clock by itself.
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let parked = tokio::task::spawn_blocking(move || ended.recv().is_err());
        let pace = Cell::new(1);
        let rests = async |time| {
            pace.set(PACE);
            tokio::time::sleep(time).await;
            pace.set(1);
        };
        let reads = async {
            let byway = scene.byway("tor:", folder.path()).await;
            let began = Instant::now();
            let mut is_early = true;
            for round in 0.. {
                read(&byway, &scene.url("/small/close")).await;
                if round % LARGE_EACH == LARGE_EACH - 1 {
                    stream(&byway, &scene.url("/large")).await;
                }
                if began.elapsed() >= EARLY && is_early {
                    is_early = false;
                    figures("early", own, folder.path());
                }
                if began.elapsed() >= AN_HOUR {
                    break;
                }
                rests(PAUSE).await;
            }
            figures("late", own, folder.path());
            rests(UNUSED).await;
            figures("unused", own, folder.path());
        };
        let clock = async {
            loop {
                let began = std::time::Instant::now();
                tokio::task::spawn_blocking(|| std::thread::sleep(STEP)).await.expect("a thread");
                // A machine that stands still must not make the clock leap.
                advance(began.elapsed().min(STEP * 2) * pace.get()).await;
            }
        };
        tokio::select! {
            () = reads => {}
            () = clock => {}
        }
        drop(end);
        parked.await.expect("a thread");
    });
}

fn figures(when: &str, own: Process, folder: &Path) {
    say(&format!("{when}_resident"), own.resident());
    say(&format!("{when}_tasks"), tokio::runtime::Handle::current().metrics().num_alive_tasks());
    say(&format!("{when}_disk"), disk(&folder.join("tor")));
}

/// Reads a page whole. A circuit may fail on a busy machine, and then the next one is tried: a median does not notice.
pub(crate) async fn read(byway: &Byway, url: &str) {
    for _ in 0..TRIED {
        match Box::pin(byway.get(url)).await {
            Ok(_) => return,
            Err(error) => {
                let met = error.reachability().map(|met| serde_json::to_string(met).unwrap_or_default());
                eprintln!("again: {error}: {}", met.unwrap_or_default());
            }
        }
    }
    panic!("{url} was not read {TRIED} times");
}

/// Reads a page and keeps nothing of it, as a download to a file would.
pub(crate) async fn stream(byway: &Byway, url: &str) {
    for _ in 0..TRIED {
        match streamed(byway, url).await {
            Ok(()) => return,
            Err(error) => eprintln!("again: {error}"),
        }
    }
    panic!("{url} was not read {TRIED} times");
}

async fn streamed(byway: &Byway, url: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut response = byway.reqwest().get(url).send().await?;
    while response.chunk().await?.is_some() {}
    Ok(())
}

fn say(name: &str, figure: impl std::fmt::Display) {
    println!("{name} {figure}");
}

/// After this, what a start or an end has begun is done: tokio ends a thread for blocking work that was unused for ten seconds.
pub(crate) const SETTLES: Duration = Duration::from_secs(12);

/// Wake-ups are counted for this long.
pub(crate) const COUNTED: Duration = Duration::from_secs(30);

/// How often a page is tried.
const TRIED: usize = 3;

/// How often 40 MB are read, four pages at once.
pub(crate) const TRANSFERS: usize = if TRIES { 1 } else { 5 };
pub(crate) const AT_ONCE: usize = 4;
const IN_THE_MIDDLE: Duration = Duration::from_millis(300);
const THREAD_THAT_LOOKS: usize = 1;

/// The pace of the virtual clock between two pages: what Tor does by itself then has a minute's time limit, 1.2 s of the machine.
const PACE: u32 = 50;
const STEP: Duration = Duration::from_millis(4);

const AN_HOUR: Duration = Duration::from_secs(3600);
/// When the memory of a client in use is looked at first: after a circuit's usual ten minutes.
const EARLY: Duration = Duration::from_secs(600);
/// Between two pages, in virtual time.
const PAUSE: Duration = Duration::from_secs(10);
/// Every how many pages there is one of 10 MB.
const LARGE_EACH: u32 = if TRIES { 1000 } else { 30 };
/// Longer than the five minutes after which an unused Tor is ended.
const UNUSED: Duration = Duration::from_secs(320);
