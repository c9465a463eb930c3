//! Several readings of one community at once.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use byway::community::CommunityId;
use byway::{Byway, Exposure, OpenError, OpenOptions, Opened, ReadFrom, SyncLimits};
use byway_lab::{Event, RTT};
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{LINK, Scene, assert_only_tor, id};

const DIRECT: &[&str] = &["direct:"];

/// What was sent, without times.
fn what(sent: &[Event]) -> Vec<String> {
    sent.iter().map(|event| format!("{:?}", event.what)).collect()
}

async fn refreshes(byway: &Byway, count: usize) -> Vec<Opened> {
    let id = id();
    join_all((0..count).map(|_| byway.refresh(&id))).await.into_iter().map(Result::unwrap).collect()
}

/// A client whose community is kept, without open connections, and idle for a minute.
async fn opened(scene: &Scene) -> Byway {
    let byway = scene.byway(DIRECT).await;
    byway.open(LINK).await.unwrap();
    byway.network_changed();
    tokio::time::sleep(Duration::from_secs(60)).await;
    byway
}

/// The packets and the time of this many refreshes at once, and the number of reported readings.
async fn cost(count: usize) -> (Vec<String>, Duration, usize) {
    let scene = Scene::new();
    let byway = opened(&scene).await;
    let (before, reports) = (Instant::now(), byway.report().len());
    let (all, sent) = scene.sent_during(refreshes(&byway, count)).await;
    for opened in &all {
        assert_eq!(opened.source, ReadFrom::Network);
        assert_eq!(opened.posts, all[0].posts);
        assert_eq!(opened.reachability.attempts.len(), all[0].reachability.attempts.len());
    }
    (what(&sent), before.elapsed(), byway.report().len() - reports)
}

#[tokio::test(start_paused = true)]
async fn ten_refreshes_at_once_cost_one() {
    let one = cost(1).await;
    assert!(!one.0.is_empty() && one.2 == 1, "{one:?}");
    assert_eq!(cost(10).await, one, "packets, time and reports of one");
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_is_read_anew() {
    let scene = Scene::new();
    let byway = opened(&scene).await;
    let _ = scene.lab.vk().community("works_council").post("news");
    assert_eq!(refreshes(&byway, 3).await[2].posts.len(), 2);
    let _ = scene.lab.vk().community("works_council").post("more news");
    assert_eq!(refreshes(&byway, 3).await[2].posts.len(), 3);
}

/// Any one of three may be dropped, at any moment after they have met: the others get the one reading. (No time passes
/// before each has asked the store. A caller that is dropped earlier may have begun, and ended, a reading of its own.)
#[tokio::test(start_paused = true)]
async fn a_caller_that_is_dropped_cancels_no_other() {
    let (one, time_of_one, _) = cost(1).await;
    for dropped in 0..3 {
        for trips in 1..6 {
            let scene = Scene::new();
            let byway = opened(&scene).await;
            let (id, before) = (id(), Instant::now());
            let callers = (0..3).map(|caller| {
                let (byway, id) = (&byway, &id);
                async move {
                    let patience = if caller == dropped { RTT * trips } else { Duration::from_secs(60) };
                    tokio::time::timeout(patience, byway.refresh(id)).await
                }
            });
            let (ended, sent) = scene.sent_during(join_all(callers)).await;
            let told = format!("caller {dropped} dropped after {trips} round trips");
            for (caller, ended) in ended.into_iter().enumerate().filter(|(caller, _)| *caller != dropped) {
                assert!(matches!(ended, Ok(Ok(_))), "{told}: {caller}");
            }
            assert_eq!(before.elapsed(), time_of_one, "{told}");
            assert_eq!(what(&sent), one, "{told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_caller_that_is_dropped_ends_the_reading() {
    let scene = Scene::new();
    let byway = opened(&scene).await;
    for name in ["vk.ru", "vk.com"] {
        scene.lab.censor().when_sni(name).swallow();
    }
    assert!(tokio::time::timeout(RTT * 4, refreshes(&byway, 3)).await.is_err());
    let (_, sent) = scene.sent_during(tokio::time::sleep(Duration::from_secs(60))).await;
    assert!(what(&sent).iter().all(|what| !what.contains("Connect") && !what.contains("Lookup")), "{sent:?}");
    assert_eq!(refreshes(&byway, 1).await[0].source, ReadFrom::Store, "and the next one has its turn");
}

fn with(exposure: Exposure) -> OpenOptions {
    OpenOptions { exposure, ..OpenOptions::default() }
}

/// Runs two openings of one community at once, the first a little earlier.
async fn both(byway: &Byway, first: OpenOptions, second: OpenOptions) -> [Result<Opened, OpenError>; 2] {
    let later = async {
        tokio::time::sleep(RTT / 2).await;
        byway.open_with(LINK, second).await
    };
    let (first, second) = tokio::join!(byway.open_with(LINK, first), later);
    [first, second]
}

#[tokio::test(start_paused = true)]
async fn openings_with_one_exposure_are_one_reading() {
    for exposure in [Exposure::Open, Exposure::Proxied, Exposure::Tor] {
        let scene = Scene::new();
        let byway = scene.byway(&scene.all()).await;
        let [first, second] = both(&byway, with(exposure), with(exposure)).await;
        assert_eq!([first.unwrap().exposure, second.unwrap().exposure], [exposure; 2]);
        assert_eq!(byway.report().len(), 1, "{exposure:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_caller_rides_on_another_exposure() {
    let all = [Exposure::Open, Exposure::Proxied, Exposure::Tor];
    for (first, second) in all.iter().flat_map(|first| all.map(|second| (*first, second))) {
        if first == second {
            continue;
        }
        let scene = Scene::new();
        let byway = scene.byway(&scene.all()).await;
        let [one, two] = both(&byway, with(first), with(second)).await;
        assert_eq!(one.unwrap().exposure, first);
        // The earlier one left its exposure behind.
        assert_eq!(two.unwrap().exposure, first.max(second), "{first:?} then {second:?}");
        let report = byway.report();
        assert_eq!(report.len(), 2, "{first:?} then {second:?}: two readings");
        let reached = report[1].in_full().reached_by.clone().unwrap();
        assert!(reached.is_allowed_by(first.max(second)), "{reached:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_addresses_of_one_community_take_turns() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    byway.open(LINK).await.unwrap();
    byway.network_changed();
    let begun = scene.lab.packets().len();
    let by_number = async {
        tokio::time::sleep(RTT).await;
        byway.open("vk.com/club77").await.unwrap()
    };
    let (_, by_number) = tokio::join!(byway.open_with(LINK, with(Exposure::Tor)), by_number);
    assert_eq!(by_number.exposure, Exposure::Tor, "it sees what the one before it left behind");
    assert_only_tor(&scene.lab.packets().events()[begun..]);
}

#[tokio::test(start_paused = true)]
async fn an_offline_answer_waits_for_no_reading() {
    let scene = Scene::new();
    let byway = opened(&scene).await;
    let offline = async {
        tokio::time::sleep(RTT / 2).await;
        timed(byway.open_with(LINK, OpenOptions { offline: true, ..OpenOptions::default() })).await
    };
    let (_, (offline, took)) = tokio::join!(byway.open(LINK), offline);
    assert_eq!((offline.unwrap().source, took), (ReadFrom::Store, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_floor_raised_meanwhile_binds_every_shared_call() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    let first = byway.open(LINK);
    let second = async {
        tokio::time::sleep(RTT / 2).await;
        byway.raise_exposure(&format!("{LINK}#exposure=tor").parse().unwrap()).await.unwrap();
        byway.open(LINK).await.unwrap()
    };
    let (_, second) = tokio::join!(first, second);
    assert_eq!(second.exposure, Exposure::Tor);
    let last = byway.report().pop().unwrap();
    assert!(last.in_full().reached_by.as_ref().unwrap().is_tor(), "it was read by itself: {last}");
}

/// A reading that began under a Tor floor is not continued with a lower exposure after a wipe has removed the floor.
#[tokio::test(start_paused = true)]
async fn a_shared_reading_keeps_its_exposure_through_a_wipe() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    byway.open_with(LINK, with(Exposure::Tor)).await.unwrap();
    let id = id();
    let begun = scene.lab.packets().len();
    // It has its turn first, and is dropped before it could leave its exposure behind.
    let first = byway.open_with(LINK, OpenOptions { allow_direct: true, ..OpenOptions::default() });
    let first = tokio::time::timeout(RTT * 2, first);
    let waiting = async {
        tokio::time::sleep(RTT / 4).await;
        byway.refresh(&id).await
    };
    let sharing = async {
        tokio::time::sleep(RTT / 2).await;
        byway.open_with(LINK, OpenOptions { ignore_pause: true, ..with(Exposure::Tor) }).await
    };
    let wiping = async {
        tokio::time::sleep(RTT).await;
        byway.wipe().await.unwrap();
        byway.unlock(super::key()).await.unwrap();
    };
    let (_, _, sharing, ()) = tokio::join!(first, waiting, sharing, wiping);
    assert_eq!(sharing.unwrap().exposure, Exposure::Tor);
    assert_eq!(byway.report().len(), 1, "the two that waited are one reading");
    assert!(byway.communities().await.unwrap().is_empty(), "and they were asked for before the wipe");
    assert_only_tor(&scene.lab.packets().events()[begun..]);
}

async fn timed<T>(call: impl Future<Output = T>) -> (T, Duration) {
    let before = Instant::now();
    (call.await, before.elapsed())
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_turn_counts_against_the_timeout() {
    let scene = Scene::new();
    let timeout = Duration::from_secs(5);
    for name in ["vk.ru", "vk.com"] {
        scene.lab.censor().when_sni(name).swallow();
    }
    let dead = scene.lab.socks5("silent.example").at("198.51.100.8").hangs();
    let byway = scene.builder(&["direct:".to_owned(), dead.url()]).timeout(timeout).build().await.unwrap();
    // Each one asks for something else, so each has to wait for its turn.
    let calls = (0..6).map(|n| {
        let exposure = if n < 3 { Exposure::Open } else { Exposure::Proxied };
        let how =
            OpenOptions { exposure, allow_direct: n % 3 == 1, ignore_pause: n % 3 == 2, ..OpenOptions::default() };
        let byway = &byway;
        async move {
            tokio::time::sleep(RTT * n).await;
            timed(byway.open_with(LINK, how)).await
        }
    });
    for (n, (ended, took)) in join_all(calls).await.into_iter().enumerate() {
        assert!(took <= timeout, "call {n} took {took:?}");
        ended.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_zero_is_no_turn_that_did_not_come() {
    let scene = Scene::new();
    let byway = scene.builder(&["direct:".to_owned()]).timeout(Duration::ZERO).build().await.unwrap();
    let (ended, took) = timed(byway.open(LINK)).await;
    assert_eq!(ended.unwrap_err().code(), "unreached", "no other reading took its time");
    assert!(took <= Duration::from_millis(100), "{took:?}");
}

/// The earlier reading takes all the time that both have.
#[tokio::test(start_paused = true)]
async fn a_turn_that_comes_at_the_deadline_is_not_taken() {
    let scene = Scene::new();
    for name in ["vk.ru", "vk.com"] {
        scene.lab.censor().when_sni(name).swallow();
    }
    let dead = scene.lab.socks5("silent.example").at("198.51.100.8").hangs();
    let ways = ["direct:".to_owned(), dead.url()];
    let byway = scene.builder(&ways).timeout(Duration::from_secs(5)).build().await.unwrap();
    let another = OpenOptions { ignore_pause: true, ..OpenOptions::default() };
    let (first, second) = tokio::join!(byway.open(LINK), byway.open_with(LINK, another));
    // Either may have had the turn.
    let codes = BTreeSet::from([first.unwrap_err().code(), second.unwrap_err().code()]);
    assert_eq!(codes, BTreeSet::from(["still_read", "unreached"]));
    assert_eq!(byway.report().len(), 1, "the second one sent nothing");
}

#[tokio::test(start_paused = true)]
async fn background_work_takes_its_turn_and_rides_on_nothing() {
    let scene = Scene::new();
    let byway = opened(&scene).await;
    let reports = byway.report().len();
    let ids: [CommunityId; 1] = [id()];
    let (synced, refreshed) = tokio::join!(byway.sync_once(&ids, SyncLimits::default()), refreshes(&byway, 2));
    assert!(synced.left().next().is_none());
    assert_eq!(refreshed.len(), 2);
    assert_eq!(byway.report().len(), reports + 2);
}
