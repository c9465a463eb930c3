//! A Tor that has started and that nothing uses, and one that starts again from what is on the disk.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, thread};

use byway::{Byway, EngineEventKind, StoreKey};

use crate::embedded_tor::{DAY, Private, one_at_a_time, only_relays, reads, run};
use crate::process;
use crate::tor::PATIENCE;
use crate::watched::{Pass, Watched};

/// The kernel counts a wait more of a thread that sleeps when another thread of its process starts a program, as the other tests
/// do. So this one has a process of its own.
#[test]
fn a_started_tor_at_rest_wakes_no_thread() {
    if process::is_own() {
        return count_at_rest();
    }
    process::own("tor_at_rest::a_started_tor_at_rest_wakes_no_thread").unwrap_or_else(|said| panic!("{said}"));
}

fn count_at_rest() {
    let private = Private::shared();
    for sleeps in [true, false] {
        let ((running, is_running), (resting, is_resting)) = (mpsc::channel(), mpsc::channel());
        let (rest, rests) = tokio::sync::oneshot::channel();
        let (end, ends) = tokio::sync::oneshot::channel();
        let shared = private.clone();
        let work = async move {
            let net = Arc::new(Watched::default());
            let folder = tempfile::tempdir().unwrap();
            let builder = shared.builder(&net, &["tor:"]).data_dir(folder.path().join("data"), StoreKey::new([7; 32]));
            let byway = builder.build().await.unwrap();
            let before = tasks();
            reads(&byway, &shared.origin.url()).await;
            assert!(tasks() > before + FEW, "Tor runs: {} tasks, {before} before", tasks());
            running.send(()).unwrap();
            rests.await.unwrap();
            if sleeps {
                byway.suspend().await.unwrap();
            } else {
                // The origin keeps its connection open: it answers in the time of this machine, and not in the runtime's.
                tokio::time::pause();
                tokio::time::sleep(UNUSED).await;
                tokio::time::resume();
            }
            // Tasks end at their next poll.
            let began = Instant::now();
            while tasks() > before {
                assert!(began.elapsed() < PATIENCE, "{} tasks are left, {before} before, asleep: {sleeps}", tasks());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            net.contacted();
            resting.send(()).unwrap();
            ends.await.unwrap();
            assert!(net.contacted().is_empty(), "asleep: {sleeps}");
            if sleeps {
                byway.resume().await.unwrap();
            }
            reads(&byway, &shared.origin.url()).await;
            only_relays(&net, &shared);
            byway.suspend().await.unwrap();
        };
        let thread = thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
            // Threads for work of the disk go at once, so that all that is left is the one that is counted.
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().thread_name(THREAD).thread_keep_alive(Duration::from_millis(1));
            runtime.build().unwrap().block_on(work);
        });
        let thread = thread.unwrap();
        is_running.recv().unwrap();
        let began = Instant::now();
        let at_first = wake_ups();
        while wake_ups() == at_first {
            assert!(began.elapsed() < PATIENCE, "the wake-ups of a Tor that runs are not seen");
            thread::sleep(SETTLED);
        }
        rest.send(()).unwrap();
        is_resting.recv().unwrap();
        // Until it waits, and no other thread of its runtime is left.
        let began = Instant::now();
        let mut before = wake_ups();
        loop {
            thread::sleep(SETTLED);
            let now = wake_ups();
            if now == before && now.0 == 1 {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "asleep: {sleeps}, it does not come to rest: {now:?}");
            before = now;
        }
        // What its peers still send wakes it once; a timer wakes it in each of these times.
        let mut woken = Vec::new();
        while woken.len() < TIMES && woken.last() != Some(&0) {
            let (_, before) = wake_ups();
            thread::sleep(COUNTED);
            woken.push(wake_ups().1 - before);
        }
        assert_eq!(woken.last(), Some(&0), "asleep: {sleeps}, woken {woken:?} times in {COUNTED:?} each");
        end.send(()).unwrap();
        thread.join().unwrap();
    }
}

/// The name of all threads whose wake-ups are counted. The kernel shows 15 bytes of one.
const THREAD: &str = "tor-at-rest";

/// Fewer than a Tor has.
const FEW: usize = 10;

/// A little more than the five minutes after which it ends.
const UNUSED: Duration = Duration::from_secs(310);

/// A thread that has not been woken for so long waits.
const SETTLED: Duration = Duration::from_millis(200);

/// Wake-ups are counted for this long. A Tor that runs has several a second.
const COUNTED: Duration = Duration::from_secs(3);

/// How often they are counted until there is none.
const TIMES: usize = 5;

fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

/// How many threads there are, and how often they have waited and so been woken.
fn wake_ups() -> (usize, u64) {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let statuses = threads.filter_map(|thread| fs::read_to_string(thread.path().join("status")).ok());
    let own: Vec<_> = statuses.filter(|status| status.starts_with(&format!("Name:\t{THREAD}\n"))).collect();
    let waits = own.iter().map(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.unwrap().trim().parse::<u64>().unwrap()
    });
    (own.len(), waits.sum())
}

#[test]
fn a_cache_from_yesterday_saves_a_start_from_nothing() {
    let private = Private::shared();
    let _one = one_at_a_time();
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("data");
    run(async {
        let byway = async |net: &Arc<Watched>| -> Byway {
            let builder = private.builder(net, &["tor:"]).data_dir(&files, StoreKey::new([7; 32]));
            builder.build().await.unwrap()
        };
        let url = private.origin.url();
        let tomorrow = Arc::new(Watched::default());
        tomorrow.set_clock(DAY);
        let mut has_started = false;
        let (mut from_nothing, mut is_first) = (Duration::MAX, true);
        for _ in 0..STARTS {
            let first = byway(&Arc::new(Watched::default())).await;
            let began = Instant::now();
            reads(&first, &url).await;
            if std::mem::take(&mut is_first) {
                from_nothing = began.elapsed();
            }
            first.suspend().await.unwrap();
            drop(first);

            // The whole directory is there before a byte has come.
            tomorrow.set_pass(Pass::Frozen);
            let byway = byway(&tomorrow).await;
            let mut events = byway.engine_events();
            let whole = async {
                while let Some(event) = events.next().await {
                    match event.kind {
                        EngineEventKind::TorStarts { progress, .. } if progress.percent == ALL_BUT_A_CONNECTION => {
                            return true;
                        }
                        // In the private network a directory is replaced every 15 seconds. Tor was ended while it had a part of the
                        // next one, which it then prefers.
                        EngineEventKind::TorStarts { progress, .. } if progress.stall.is_some() => return false,
                        _ => {}
                    }
                }
                false
            };
            has_started = tokio::select! {
                whole = whole => whole,
                read = byway.get(&url) => {
                    assert!(read.is_err(), "it read from a network that stands still");
                    false
                }
            };
            assert_eq!(tomorrow.came(), HashMap::new());
            byway.suspend().await.unwrap();
            if has_started {
                break;
            }
        }
        assert!(has_started, "no start had a whole directory");

        tomorrow.set_pass(Pass::Open);
        let byway = byway(&tomorrow).await;
        // On a busy machine some starts take longer than they need. The bench measures that one is there in under a second.
        let mut fastest = Duration::MAX;
        for _ in 0..STARTS {
            let began = Instant::now();
            reads(&byway, &url).await;
            fastest = fastest.min(began.elapsed());
            if fastest < from_nothing {
                break;
            }
            byway.suspend().await.unwrap();
            byway.resume().await.unwrap();
        }
        assert!(fastest < from_nothing, "{fastest:?}, {from_nothing:?} from nothing");
        only_relays(&tomorrow, &private);
    });
}

/// How far a start is that has the directory, in percent.
const ALL_BUT_A_CONNECTION: u8 = 85;

const STARTS: usize = 10;
