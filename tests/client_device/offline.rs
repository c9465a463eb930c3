//! What was read stays, and says how old it is.

use std::time::{Duration, SystemTime};

use byway::{EngineEventKind, HomeLink, Language, OpenFault, OpenOptions, ReadFrom, StoreError};

use jiff::Timestamp;

use super::{LINK, Scene, id, key};

#[tokio::test(start_paused = true)]
async fn where_nothing_is_reached_the_store_answers_with_its_age() {
    let scene = Scene::new();
    // In the lab, a Tor on this device continues to answer, whatever happens to its network.
    let ways = ["direct:".to_owned(), scene.proxy.url()];
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &ways).await;
    let read = byway.open(LINK).await.unwrap();
    assert_eq!((read.source, read.age, read.fault.is_none()), (ReadFrom::Network, Some(Duration::ZERO), true));
    drop(byway);

    scene.offline();
    tokio::time::advance(Duration::from_secs(3600)).await;
    let byway = scene.byway_in(directory.path(), &ways).await;
    let kept = byway.open(LINK).await.unwrap();
    assert_eq!((kept.source, kept.synced_at), (ReadFrom::Store, read.synced_at));
    let age = kept.age.unwrap();
    assert!(age >= Duration::from_secs(3600) && age < Duration::from_secs(3700), "{age:?}");
    assert_eq!((kept.community, kept.posts, kept.events), (read.community, read.posts, read.events));
    assert_eq!(kept.reachability.reached_by, None);
    let fault = kept.fault.unwrap();
    assert_eq!(fault.code(), "unreached");
    assert!(!fault.sentence(Language::Ru).is_empty());
    assert_eq!(byway.refresh(&id()).await.unwrap().source, ReadFrom::Store);

    scene.online();
    assert_eq!(byway.refresh(&id()).await.unwrap().source, ReadFrom::Network);
}

#[tokio::test(start_paused = true)]
async fn the_age_of_a_copy_from_the_future_is_unknown() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let read = scene.byway_in(directory.path(), &scene.all()).await.open(LINK).await.unwrap();
    scene.offline();
    let hour = Duration::from_secs(3600);
    let read_at = SystemTime::from(read.synced_at);
    let year_1969 = SystemTime::UNIX_EPOCH - hour;
    let year_11476 = SystemTime::UNIX_EPOCH + Duration::from_secs(300_000_000_000);
    for (clock, known) in [(read_at - hour, false), (year_1969, false), (year_11476, false), (read_at, true)] {
        let _ = scene.lab.client().wall_clock(clock);
        let byway = scene.byway_in(directory.path(), &scene.all()).await;
        let mut events = byway.engine_events();
        let kept = byway.open(LINK).await.unwrap();
        assert_eq!((kept.source, kept.age.is_some()), (ReadFrom::Store, known), "{:?}", kept.age);
        assert_eq!(kept.notes.iter().any(|note| note.code() == "age_unknown"), !known, "{:?}", kept.notes);
        assert_eq!(serde_json::to_value(&kept).unwrap()["age_seconds"].is_null(), !known);
        let listed = byway.communities().await.unwrap();
        let now = clock.try_into().unwrap_or(Timestamp::UNIX_EPOCH);
        assert_eq!((listed.len(), listed[0].age_at(now).is_some()), (1, known));
        while let Some(event) = events.next().await {
            let EngineEventKind::AnsweredFromStore { age } = event.kind else { continue };
            assert_eq!((age.is_some(), event.to_string().contains("unknown")), (known, !known), "{event}");
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_the_store_alone_sends_nothing() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    let how = OpenOptions { offline: true, ..OpenOptions::default() };
    let (unkept, sent) = scene.sent_during(byway.open_with(LINK, how)).await;
    assert!(matches!(unkept.unwrap_err().fault, OpenFault::NotStored) && sent.is_empty());
    byway.open(LINK).await.unwrap();
    let (kept, sent) = scene.sent_during(byway.open_with(LINK, how)).await;
    assert!(kept.unwrap().fault.is_none() && sent.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_app_finds_what_is_kept_in_lists_and_pages() {
    let scene = Scene::new();
    for n in 0..5 {
        let _ = scene.lab.vk().community("works_council").post(&format!("post {n}"));
    }
    let byway = scene.byway(&scene.all()).await;
    byway.open(LINK).await.unwrap();
    assert_eq!(byway.communities().await.unwrap()[0].community.id, id());
    let first = byway.posts(&id(), None, 4).await.unwrap();
    let second = byway.posts(&id(), first.next.as_ref(), 4).await.unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next.is_none()), (4, 2, true));
    assert!(byway.events(&id(), None, 10).await.unwrap().items.is_empty());
    let link = byway.link(&id()).await.unwrap().unwrap();
    assert_eq!(link, LINK.parse::<HomeLink>().unwrap());
    assert_eq!(byway.set_retention(Some(1)).await.unwrap(), 6, "they are of 2016");
    byway.forget(&id()).await.unwrap();
    assert!(byway.communities().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_openings_of_one_community_follow_each_other() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:"]).await;
    let (first, second) = tokio::join!(byway.open(LINK), byway.open("https://vk.com/works_council"));
    assert!(first.is_ok() && second.is_ok());
    // The second reads over the connection that the first left behind: they did not race each other.
    assert_eq!(scene.lab.packets().connects().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_locked_store_answers_nothing_and_lets_nothing_be_sent() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    byway.open(LINK).await.unwrap();
    byway.lock().await.unwrap();
    let (refused, sent) = scene.sent_during(byway.open(LINK)).await;
    assert!(matches!(refused.unwrap_err().fault, OpenFault::Store(StoreError::Locked)) && sent.is_empty());
    let (refused, sent) = scene.sent_during(byway.probe(LINK)).await;
    assert!(refused.unwrap_err().code() == "store_locked" && sent.is_empty());
    assert!(byway.report().is_empty());
    byway.unlock(key()).await.unwrap();
    assert_eq!(byway.open(LINK).await.unwrap().source, ReadFrom::Network);
}

#[tokio::test(start_paused = true)]
async fn a_wiped_store_leaves_no_file() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    byway.open(LINK).await.unwrap();
    byway.wipe().await.unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "no file is left");
    byway.unlock(key()).await.unwrap();
    assert!(byway.communities().await.unwrap().is_empty());
}
