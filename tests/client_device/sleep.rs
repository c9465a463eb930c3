//! An app that sleeps, and networks that change: no restart is needed.

use std::time::Duration;

use byway::{Byway, Network, NetworkKind, OpenFault, ReadFrom, Store};
use byway_lab::RTT;
use tokio::time::Instant;

use super::{LINK, Scene, key};

#[tokio::test(start_paused = true)]
async fn after_fifteen_minutes_of_sleep_reading_goes_on() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &["direct:"]).await;
    byway.open(LINK).await.unwrap();
    byway.suspend().await.unwrap();
    // No file is held: another process could open the store.
    drop(Store::open(directory.path(), &*key()).unwrap());
    let (refused, sent) = scene.sent_during(byway.open(LINK)).await;
    assert!(matches!(refused.unwrap_err().fault, OpenFault::Store(_)) && sent.is_empty());

    tokio::time::advance(Duration::from_secs(15 * 60)).await;
    byway.resume().await.unwrap();
    let before = Instant::now();
    let opened = byway.open(LINK).await.unwrap();
    assert_eq!(opened.source, ReadFrom::Network);
    let first = &opened.reachability.attempts[0];
    assert!(!first.reused, "no connection outlived the sleep");
    // A lookup, TCP, TLS, and the request: no time is lost on connections that died meanwhile.
    assert!(first.started + first.first_byte.unwrap() <= RTT * 5, "{first:?}");
    assert!(before.elapsed() < Duration::from_secs(3), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_reading_in_flight_ends_by_itself_when_the_app_sleeps() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    let opening = byway.open("vk.com/works_council#exposure=tor");
    let falling_asleep = async {
        tokio::time::sleep(RTT * 3).await;
        byway.suspend().await.unwrap();
    };
    let (opened, ()) = tokio::join!(opening, falling_asleep);
    let opened = opened.unwrap();
    assert_eq!(opened.source, ReadFrom::Network);
    assert!(opened.notes.iter().any(|note| note.code() == "not_kept"), "{:?}", opened.notes);
    byway.resume().await.unwrap();
    assert!(byway.communities().await.unwrap().is_empty());
    // Only the exposure was kept.
    let (opened, sent) = scene.sent_during(byway.open(LINK)).await;
    super::assert_only_tor(&sent);
    assert!(!opened.unwrap().reachability.attempts[0].reused, "what it left open may have died since");
    assert_eq!(byway.communities().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_floor_earned_asleep_is_written_at_resume() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    let opening = byway.open("vk.com/works_council#exposure=tor");
    let falling_asleep = async {
        tokio::time::sleep(RTT * 3).await;
        byway.suspend().await.unwrap();
    };
    let _ = tokio::join!(opening, falling_asleep);
    byway.resume().await.unwrap();
    // The state of the disk after a kill: nothing was requested or closed since.
    let killed = tempfile::tempdir().unwrap();
    for file in byway.paths().iter().filter(|file| file.exists()) {
        std::fs::copy(file, killed.path().join(file.file_name().unwrap())).unwrap();
    }
    let byway = scene.byway_in(killed.path(), &scene.all()).await;
    let (_, sent) = scene.sent_during(byway.open(LINK)).await;
    super::assert_only_tor(&sent);
}

#[tokio::test(start_paused = true)]
async fn another_network_has_connections_and_a_memory_of_its_own() {
    let scene = Scene::new();
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).swallow();
    }
    let byway = scene.byway(&["direct:", &scene.proxy.url()]).await;
    let took = |byway: &Byway| byway.report().last().unwrap().in_full().attempts[0].strategy.is_direct();
    byway.set_network(Network::new("wifi", NetworkKind::Wifi));
    byway.open(LINK).await.unwrap();
    assert!(took(&byway), "direct is tried first on a network of which nothing is known");
    byway.network_changed();
    byway.open(LINK).await.unwrap();
    assert!(!took(&byway), "the proxy has won here");
    byway.set_network(Network::new("wifi", NetworkKind::Vpn));
    byway.open(LINK).await.unwrap();
    assert!(took(&byway), "behind a VPN it is another network, whatever its id");
    byway.set_network(Network::new("wifi", NetworkKind::Wifi));
    byway.open(LINK).await.unwrap();
    assert!(!took(&byway), "and this one is remembered");
}

#[tokio::test(start_paused = true)]
async fn the_next_run_of_the_app_goes_to_the_winner_first() {
    let scene = Scene::new();
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).swallow();
    }
    let directory = tempfile::tempdir().unwrap();
    scene.byway_in(directory.path(), &["direct:", &scene.proxy.url()]).await.open(LINK).await.unwrap();
    let byway = scene.byway_in(directory.path(), &["direct:", &scene.proxy.url()]).await;
    let (opened, sent) = scene.sent_during(byway.open(LINK)).await;
    let first = &opened.unwrap().reachability.attempts[0];
    assert!(!first.strategy.is_direct());
    assert_eq!(first.started, Duration::ZERO);
    super::assert_nothing_direct(&sent);
}
