//! Background work stays within its limits, and says what is left.

use std::time::Duration;

use byway::community::CommunityId;
use byway::{Network, NetworkKind, SyncLimits, SyncOutcome, Synced};
use tokio::time::Instant;

use super::Scene;

/// Communities 101 to 103, later ones newer, each with posts of a kilobyte.
fn scene() -> Scene {
    let scene = Scene::new();
    for n in 1..=3 {
        let mut community = scene.lab.vk().community(&format!("plant_{n}")).id(100 + n).name("Plant");
        for post in 0..10 * n {
            community = community.post(&format!("{post} {}", "x".repeat(1000)));
        }
    }
    scene
}

fn ids() -> Vec<CommunityId> {
    (101..=103).map(CommunityId::vk).collect()
}

async fn opened(scene: &Scene) -> byway::Byway {
    let byway = scene.byway(&["direct:"]).await;
    for n in 1..=3 {
        byway.open(&format!("vk.com/plant_{n}")).await.unwrap();
    }
    byway
}

fn order(synced: &Synced) -> Vec<&str> {
    synced.communities.iter().map(|one| one.id.as_str()).collect()
}

fn codes(synced: &Synced) -> Vec<&'static str> {
    let code = |outcome: &SyncOutcome| match outcome {
        SyncOutcome::Done { .. } => "done",
        SyncOutcome::Left => "left",
        SyncOutcome::Failed { fault, .. } => fault.code(),
        _ => "?",
    };
    synced.communities.iter().map(|one| code(&one.outcome)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_community_with_the_newest_post_is_synced_first() {
    let scene = scene();
    let byway = opened(&scene).await;
    let _ = scene.lab.vk().community("plant_1").post("news");
    let synced = byway.sync_once(&ids(), SyncLimits::default()).await;
    assert_eq!(order(&synced), ["vk:-103", "vk:-102", "vk:-101"]);
    assert_eq!(codes(&synced), ["done"; 3]);
    assert!(synced.bytes > 40_000 && synced.left().next().is_none());
    assert_eq!(byway.posts(&ids()[0], None, 1).await.unwrap().items[0].text, "news");
}

#[tokio::test(start_paused = true)]
async fn bytes_are_kept_to_within_a_page_and_what_is_left_is_said() {
    let scene = scene();
    let byway = opened(&scene).await;
    let all = byway.sync_once(&ids(), SyncLimits::default()).await.bytes;
    for bytes in [1, 5_000, all / 2] {
        let limits = SyncLimits { bytes, ..SyncLimits::default() };
        let synced = byway.sync_once(&ids(), limits).await;
        assert!(synced.bytes <= bytes + 20_000, "{} of {bytes}", synced.bytes);
        assert_eq!(codes(&synced).last(), Some(&"left"), "{synced:?}");
        assert!(codes(&synced).iter().all(|code| ["done", "left"].contains(code)), "{:?}", codes(&synced));
    }
    let limits = SyncLimits { bytes: 0, ..SyncLimits::default() };
    let (synced, sent) = scene.sent_during(byway.sync_once(&ids(), limits)).await;
    assert_eq!((codes(&synced), sent.len()), (vec!["left"; 3], 0));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_without_any_answer() {
    let scene = scene();
    let byway = opened(&scene).await;
    byway.network_changed();
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).swallow();
    }
    let limits = SyncLimits { deadline: Duration::from_secs(4), ..SyncLimits::default() };
    let started = Instant::now();
    let synced = byway.sync_once(&ids(), limits).await;
    assert!(started.elapsed() <= Duration::from_millis(4_200), "{:?}", started.elapsed());
    assert_eq!(codes(&synced), ["left"; 3]);
    let limits = SyncLimits { deadline: Duration::from_secs(300), ..SyncLimits::default() };
    let synced = byway.sync_once(&ids(), limits).await;
    assert_eq!(codes(&synced), ["unreached"; 3]);
    for one in &synced.communities {
        let SyncOutcome::Failed { reachability: Some(met), .. } = &one.outcome else { panic!("{one:?}") };
        assert!(!met.attempts.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn sync_reads_every_new_post_unless_the_network_is_metered() {
    let scene = scene();
    let byway = opened(&scene).await;
    let ten = byway.posts(&ids()[0], None, 1000).await.unwrap().items.len();
    let mut metered = Network::new("cell", NetworkKind::Cell);
    metered.metered = true;
    byway.set_network(metered);
    let mut community = scene.lab.vk().community("plant_1");
    for n in 0..150 {
        community = community.post(&format!("news {n}"));
    }
    byway.sync_once(&ids()[..1], SyncLimits::default()).await;
    let kept = byway.posts(&ids()[0], None, 1000).await.unwrap().items.len();
    assert_eq!(kept, ten + 20, "one screen");

    let byway = opened(&scene).await;
    for n in 0..150 {
        community = community.post(&format!("more news {n}"));
    }
    let synced = byway.sync_once(&ids()[..1], SyncLimits::default()).await;
    assert_eq!(codes(&synced), ["done"]);
    let kept = byway.posts(&ids()[0], None, 1000).await.unwrap().items.len();
    assert!(kept >= 150 + 20, "{kept}");
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_loses_no_community_that_was_read() {
    let scene = scene();
    let byway = opened(&scene).await;
    for n in 1..=3 {
        let _ = scene.lab.vk().community(&format!("plant_{n}")).post("news");
    }
    let ids = ids();
    let given_up = tokio::time::timeout(Duration::from_millis(1_300), byway.sync_once(&ids, SyncLimits::default()));
    assert!(given_up.await.is_err());
    assert_eq!(byway.posts(&ids[2], None, 1).await.unwrap().items[0].text, "news");
    let synced = byway.sync_once(&ids, SyncLimits::default()).await;
    assert_eq!(codes(&synced), ["done"; 3]);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_community_is_reported_and_the_others_are_read() {
    let scene = scene();
    let byway = opened(&scene).await;
    let synced =
        byway.sync_once(&[CommunityId::vk(1), ids()[0].clone(), ids()[0].clone()], SyncLimits::default()).await;
    assert_eq!(codes(&synced), ["not_stored", "done"]);
}
