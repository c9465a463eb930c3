//! Changes, in the answer and as a stream; retention that a restart keeps; search and lists of a client.

use byway::{SearchHit, SearchOptions, StoreChange, SyncLimits, UpcomingOptions};
use serde_json::json;

use super::{LINK, Scene, id};

#[tokio::test(start_paused = true)]
async fn open_refresh_and_sync_say_what_is_new() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:"]).await;
    let mut listener = byway.changes();
    let opened = byway.open(LINK).await.unwrap();
    assert_eq!(opened.changes.posts.added, ["vk:-77_1"]);
    assert!(opened.changes.posts.first && opened.changes.community, "{:?}", opened.changes);
    assert!(byway.refresh(&id()).await.unwrap().changes.is_empty(), "nothing was published since");

    let _ = scene.lab.vk().community("works_council").post("We meet on Saturday.");
    let synced = byway.sync_once(&[id()], SyncLimits::default()).await;
    let changes = &synced.communities[0].changes;
    assert_eq!((changes.posts.added.len(), changes.posts.first, changes.posts.changed.len()), (1, false, 0));
    let document = serde_json::to_value(&synced).unwrap();
    assert_eq!(document["communities"][0]["changes"]["posts"]["added"], json!(changes.posts.added));

    let mut heard = Vec::new();
    while let Some(change) = listener.try_next() {
        heard.push(change);
    }
    let codes: Vec<_> = heard.iter().map(StoreChange::code).collect();
    assert_eq!(codes, ["community", "posts", "posts"]);
    assert_eq!(heard[2], StoreChange::Posts { id: id(), posts: changes.posts.clone() });

    let _ = scene.lab.vk().community("works_council").deactivated("banned");
    let gone = byway.open(LINK).await.unwrap();
    assert!(gone.changes.community && !byway.open(LINK).await.unwrap().changes.community);
    scene.offline();
    assert!(byway.open(LINK).await.unwrap().changes.is_empty(), "nothing was read");
}

#[tokio::test(start_paused = true)]
async fn listener_is_woken_and_ends_with_the_client() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:"]).await;
    let mut listener = byway.changes();
    let (heard, ()) = tokio::join!(
        async {
            let mut heard = Vec::new();
            while let Some(change) = listener.next().await {
                heard.push(change.code());
            }
            heard
        },
        async {
            byway.open(LINK).await.unwrap();
            byway.forget(&id()).await.unwrap();
            drop(byway);
        }
    );
    assert_eq!(heard, ["community", "posts", "forgotten"]);
}

#[tokio::test(start_paused = true)]
async fn retention_survives_a_restart_and_is_applied_at_opening() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let posts = async |byway: &byway::Byway| byway.posts(&id(), None, 10).await.unwrap().items.len();
    {
        let byway = scene.byway_in(directory.path(), &["direct:"]).await;
        byway.open(LINK).await.unwrap();
        assert_eq!((byway.retention().await.unwrap(), posts(&byway).await), (None, 1));
        assert_eq!(byway.set_retention(Some(36_500)).await.unwrap(), 0, "a century");
        byway.set_storage_limit(Some(9_000_000)).await.unwrap();
    }
    {
        let byway = scene.byway_in(directory.path(), &["direct:"]).await;
        assert_eq!(byway.retention().await.unwrap(), Some(36_500));
        assert_eq!(byway.storage_limit().await.unwrap(), Some(9_000_000));
        assert!((1..9_000_000).contains(&byway.storage_used().await.unwrap()));
        byway.check_integrity().await.unwrap();
        // The next opening applies the settings, whichever store wrote them.
        assert_eq!(byway.set_retention(Some(1)).await.unwrap(), 1);
        let opened = byway.open(LINK).await.unwrap();
        assert!(opened.changes.posts.added.is_empty(), "a post of 2016 is not kept again");
        byway.set_retention(None).await.unwrap();
        byway.open(LINK).await.unwrap();
        assert_eq!(posts(&byway).await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn lists_and_search_of_a_client_send_nothing() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:"]).await;
    let opened = byway.open(LINK).await.unwrap();
    let (_, sent) = scene
        .sent_during(async {
            let post = byway.post(&id(), &opened.posts[0].id).await.unwrap();
            assert_eq!(post.as_ref(), Some(&opened.posts[0]));
            assert_eq!(byway.post(&id(), "vk:-77_404").await.unwrap(), None);
            let now = jiff::Timestamp::UNIX_EPOCH;
            assert!(byway.upcoming_events(UpcomingOptions::since(now)).await.unwrap().items.is_empty());
            let found = byway.search("FRIDAY", SearchOptions::default()).await.unwrap().items;
            assert!(matches!(&found[..], [SearchHit::Post { post, .. }] if post.id == opened.posts[0].id));
            let found = byway.search("council", SearchOptions { limit: 1, ..SearchOptions::default() }).await.unwrap();
            assert!(matches!(&found.items[..], [SearchHit::Community { .. }]));
        })
        .await;
    assert!(sent.is_empty(), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn locking_ends_a_search_and_no_text_is_shown() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:"]).await;
    byway.open(LINK).await.unwrap();
    byway.lock().await.unwrap();
    let error = byway.search("friday", SearchOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), "store_locked");
}
