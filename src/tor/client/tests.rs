#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use tokio::task::yield_now;

use super::*;
use crate::net::scripted::Scripted;
use crate::transport::{Bridges, TorTransport};

/// There is one Tor client in a process, and so one test at a time.
static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn tor(folder: &Path, bridges: TorBridges) -> (Arc<Scripted>, EmbeddedTor) {
    let net = Arc::new(Scripted::new());
    let settings = TorSettings { files: TorFiles::Beside(folder.to_owned()), bridges, ..TorSettings::default() };
    (Arc::clone(&net), EmbeddedTor::new(net, settings))
}

/// Until this is so, while the others go on.
async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        yield_now().await;
    }
}

#[cfg(unix)]
fn program(folder: &Path, script: &str) -> TorTransport {
    let path = folder.join("program");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    format!("obfs4={}", path.display()).parse().unwrap()
}

#[cfg(unix)]
fn obfs4(transport: TorTransport) -> TorBridges {
    let line = "obfs4 192.0.2.4:443 0123456789ABCDEF0123456789ABCDEF01234567 cert=x";
    TorBridges::new(Bridges::new(vec![line.parse().unwrap()]).unwrap(), vec![transport])
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_is_being_started_ends_with_its_tor() {
    let _one = ONE.lock().await;
    for end in [EmbeddedTor::sleep, EmbeddedTor::close] {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("tor");
        // It never says where it listens.
        let silent = program(place.path(), "echo $$ > started; mv started pid; while read line; do :; done");
        let (net, tor) = tor(&folder, obfs4(silent));
        let pid = folder.join("transports/pid");
        let ends = async {
            until(|| pid.exists()).await;
            let pid = fs::read_to_string(&pid).unwrap();
            end(&tor);
            pid
        };
        let (started, pid) = tokio::join!(tor.start(&|_| ()), ends);
        assert_eq!(started, Err(not_started(TorStall::Ended)));
        let status = format!("/proc/{}/status", pid.trim());
        until(|| {
            fs::read_to_string(&status).is_ok_and(|status| status.contains("Z (zombie)"))
                || !Path::new(&status).exists()
        })
        .await;
        assert_eq!(net.touches(), []);
    }
}

#[tokio::test]
async fn one_that_is_being_made_leaves_nothing_after_a_wipe() {
    let _one = ONE.lock().await;
    for is_awaited in [false, true] {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("tor");
        let (net, tor) = tor(&folder, TorBridges::default());
        let mut start = tor.start(&|_| ());
        tokio::select! {
            biased;
            _ = &mut start => {}
            () = until(|| folder.join("transports").exists()) => {}
        }
        if is_awaited {
            tor.close();
            assert_eq!(start.await, Err(not_started(TorStall::Ended)));
        } else {
            // Its reader has gone. A thread may still make files.
            drop(start);
            tor.close();
        }
        let _ = fs::remove_dir_all(&folder);
        tor.settled().await;
        assert!(!folder.exists(), "awaited: {is_awaited}");
        assert_eq!(net.touches(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_one_begins_when_the_last_has_left_its_files() {
    let _one = ONE.lock().await;
    let place = tempfile::tempdir().unwrap();
    let bridge = "192.0.2.4:443 0123456789ABCDEF0123456789ABCDEF01234567".parse().unwrap();
    let bridges = TorBridges::new(Bridges::new(vec![bridge]).unwrap(), Vec::new());
    let (net, tor) = tor(&place.path().join("tor"), bridges);
    let contacts = async |before| {
        tokio::select! {
            ended = tor.start(&|_| ()) => panic!("{ended:?}"),
            () = until(|| net.touches().len() > before) => {}
        }
    };
    contacts(0).await;
    let held = Arc::clone(&tor.0.state().running.as_ref().unwrap().client);
    tor.leave_network();
    assert_eq!(tor.start(&|_| ()).await, Err(not_started(TorStall::InUse)));
    let before = net.touches().len();
    drop(held);
    contacts(before).await;
    tor.sleep();
}

#[tokio::test]
async fn one_dropped_while_it_is_made_lets_the_next_begin() {
    let _one = ONE.lock().await;
    let places = [(), ()].map(|()| tempfile::tempdir().unwrap());
    let [dropped, (net, next)] = places.each_ref().map(|place| tor(&place.path().join("tor"), TorBridges::default()));
    let state = places[0].path().join("tor/state");
    tokio::select! {
        biased;
        ended = dropped.1.start(&|_| ()) => panic!("{ended:?}"),
        // A thread makes it, and nothing can stop the thread.
        () = until(|| state.exists()) => {}
    }
    drop(dropped);
    tokio::select! {
        ended = next.start(&|_| ()) => panic!("{ended:?}"),
        () = until(|| !net.touches().is_empty()) => {}
    }
    next.sleep();
}

/// Keeps what is logged on this thread.
struct Everything(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.0.lock().unwrap().push(format!("{event:?}"));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn one_that_ends_logs_nothing() {
    let _one = ONE.lock().await;
    let said = Arc::new(Mutex::new(Vec::new()));
    let _logs = tracing::subscriber::set_default(Everything(Arc::clone(&said)));
    for (how, end) in [("left", (|tor| tor.leave_network()) as fn(EmbeddedTor)), ("dropped", drop)] {
        let place = tempfile::tempdir().unwrap();
        let (net, tor) = tor(&place.path().join("tor"), TorBridges::default());
        tokio::select! {
            ended = tor.start(&|_| ()) => panic!("{ended:?}"),
            () = until(|| !net.touches().is_empty()) => {}
        }
        let client = Arc::downgrade(&tor.0.state().running.as_ref().unwrap().client);
        end(tor);
        until(|| client.upgrade().is_none()).await;
        for _ in 0..100 {
            yield_now().await;
        }
        tracing::info!("the record of an app");
        let said = std::mem::take(&mut *said.lock().unwrap());
        let of_tor: Vec<_> = said.iter().filter(|record| !record.contains("byway")).collect();
        assert!(of_tor.is_empty() && !said.is_empty(), "{how}: {of_tor:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_is_given_up_leaves_the_wait_to_the_next() {
    let _one = ONE.lock().await;
    let (ended, gone) = tokio::sync::oneshot::channel::<()>();
    let mut last = OnlyClient::claim().await.unwrap();
    assert!(OnlyClient::claim().await.is_none(), "there is one");
    last.until(gone.map(drop));
    drop(last);
    for _ in 0..3 {
        assert_eq!(OnlyClient::claim().now_or_never().map(drop), None, "its caller goes");
    }
    let began = tokio::time::Instant::now();
    for seconds in [10, 20] {
        assert!(OnlyClient::claim().await.is_none(), "the last one stays");
        assert_eq!(began.elapsed().as_secs(), seconds);
    }
    drop(ended);
    let next = OnlyClient::claim().await;
    assert!(next.is_some());
    assert_eq!(began.elapsed().as_secs(), 20);
}

#[cfg(unix)]
#[tokio::test]
async fn streams_wait_once_for_a_program_that_does_not_start() {
    let _one = ONE.lock().await;
    let place = tempfile::tempdir().unwrap();
    let (_, tor) = tor(&place.path().join("tor"), obfs4(program(place.path(), "echo >> starts; exit 1")));
    let failed = Err(not_started(TorStall::Transport));
    let all = tokio::join!(tor.start(&|_| ()), tor.start(&|_| ()), tor.start(&|_| ()));
    assert_eq!(all, (failed.clone(), failed.clone(), failed.clone()));
    let starts = place.path().join("tor/transports/starts");
    assert_eq!(fs::read_to_string(&starts).unwrap(), "\n");
    assert_eq!(tor.start(&|_| ()).await, failed);
    assert_eq!(fs::read_to_string(&starts).unwrap(), "\n\n", "a later stream tries again");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_gets_nothing_of_the_environment() {
    let _one = ONE.lock().await;
    let place = tempfile::tempdir().unwrap();
    let program = program(place.path(), "/usr/bin/env > seen; exit 1");
    let (_, tor) = tor(&place.path().join("tor"), obfs4(program));
    assert_eq!(tor.start(&|_| ()).await, Err(not_started(TorStall::Transport)));
    let folder = place.path().join("tor/transports");
    let seen = fs::read_to_string(folder.join("seen")).unwrap();
    // A shell adds some of its own.
    let names = seen.lines().filter_map(|line| Some(line.split_once('=')?.0)).filter(|name| !is_of_shell(name));
    let names: std::collections::BTreeSet<_> = names.collect();
    let given = ["MANAGED_TRANSPORT_VER", "STATE_LOCATION", "CLIENT_TRANSPORTS", "EXIT_ON_STDIN_CLOSE"]
        .map(|name| format!("TOR_PT_{name}"));
    assert_eq!(names, given.iter().map(String::as_str).collect(), "{seen}");
    assert!(seen.contains(&format!("TOR_PT_STATE_LOCATION={}", folder.display())), "{seen}");
}

#[cfg(target_os = "linux")]
fn is_of_shell(name: &str) -> bool {
    ["PWD", "OLDPWD", "SHLVL", "_"].contains(&name)
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn programs_that_say_nothing_are_ended_together() {
    let _one = ONE.lock().await;
    let places = [(), ()].map(|()| tempfile::tempdir().unwrap());
    let line = "192.0.2.4:443 0123456789ABCDEF0123456789ABCDEF01234567";
    let lines = ["obfs4", "snowflake"].map(|name| format!("{name} {line} a=b").parse().unwrap());
    let transports = [("obfs4", &places[0]), ("snowflake", &places[1])].map(|(name, place)| {
        let silent = program(place.path(), "while read line; do :; done");
        TorTransport::program([name], silent.path().unwrap()).unwrap()
    });
    let bridges = TorBridges::new(Bridges::new(lines.to_vec()).unwrap(), transports.to_vec());
    let (_, tor) = tor(&places[0].path().join("tor"), bridges);
    let began = tokio::time::Instant::now();
    assert_eq!(tor.start(&|_| ()).await, Err(not_started(TorStall::Transport)));
    assert_eq!(began.elapsed().as_secs(), 10, "one after the other takes longer");
}

#[tokio::test]
async fn a_wipe_removes_files_that_lie_apart_from_a_store() {
    let _one = ONE.lock().await;
    for is_made in [false, true] {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("other"), "").unwrap();
        let files = TorFiles::new(None, Some(place.path().to_owned()));
        let tor = EmbeddedTor::new(Arc::new(Scripted::new()), TorSettings { files, ..TorSettings::default() });
        let folder = place.path().join("tor");
        fs::create_dir_all(folder.join("state")).unwrap();
        let mut start = tor.start(&|_| ());
        if is_made {
            tokio::select! {
                biased;
                _ = &mut start => {}
                () = until(|| folder.join("transports").exists()) => {}
            }
        }
        drop(start);
        tor.close();
        tor.settled().await;
        assert!(!folder.exists(), "made: {is_made}");
        assert!(place.path().join("other").exists(), "what is not of Tor stays");
    }
}

#[tokio::test]
async fn guards_that_no_directory_keeps_are_named_in_its_start() {
    let _one = ONE.lock().await;
    let place = tempfile::tempdir().unwrap();
    for (files, forgets) in [
        (TorFiles::default(), true),
        (TorFiles::new(None, Some(place.path().to_owned())), false),
        (TorFiles::new(Some(place.path().join("tor")), None), false),
    ] {
        let tor = EmbeddedTor::new(Arc::new(Scripted::new()), TorSettings { files, ..TorSettings::default() });
        let said = std::sync::Mutex::new(None);
        let progress = |at: TorProgress| *said.lock().unwrap() = Some(at.forgets_guards);
        let mut start = tor.start(&progress);
        tokio::select! {
            biased;
            _ = &mut start => {}
            () = until(|| said.lock().unwrap().is_some()) => {}
        }
        drop(start);
        tor.close();
        tor.settled().await;
        assert_eq!(*said.lock().unwrap(), Some(forgets));
    }
}
