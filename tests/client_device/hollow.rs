//! An answer without content erases nothing that was known.

use std::time::Duration;

use byway::community::{CommunityState, EventStatus, Field, PostState};
use byway::{OpenOptions, ReadFrom};
use serde_json::json;

use super::{LINK, Scene, id};

/// The community with a description, a gathering and a claimed successor.
fn full() -> Scene {
    let scene = Scene::new();
    let council = scene.lab.vk().community("works_council");
    let _ = council
        .field("description", "Only through the Tor browser. Our new group: vk.com/council_live")
        .field("status", "We meet on Friday")
        .field("site", "https://council.example/")
        .field("links", json!([{"url": "https://vk.com/event78", "name": "The gathering"}]));
    let _ = scene
        .lab
        .vk()
        .community("event78")
        .id(78)
        .name("The gathering")
        .field("type", "event")
        .field("description", "Bring your colleagues")
        .field("start_date", 4_000_000_000_i64)
        .field("finish_date", 4_000_007_200_i64)
        .field("place", json!({"title": "The square", "address": "Lenin street 1"}));
    scene
}

#[tokio::test(start_paused = true)]
async fn a_deleted_community_keeps_what_was_known() {
    for how in ["deleted", "banned"] {
        let scene = full();
        let ways = [scene.proxy.url()];
        let byway = scene.byway(&ways).await;
        let read = byway.open(LINK).await.unwrap();
        assert_eq!((read.events.len(), read.community.access_advice.len()), (1, 1), "{read:?}");
        let _ = scene.lab.vk().community("works_council").deactivated(how);
        tokio::time::advance(Duration::from_secs(3600)).await;
        let gone = byway.open(LINK).await.unwrap();
        let offline = byway.open_with(LINK, OpenOptions { offline: true, ..OpenOptions::default() }).await.unwrap();
        for shown in [&gone, &offline] {
            let (was, is) = (&read.community, &shown.community);
            assert_eq!(is.state, CommunityState::Gone, "{how}");
            assert_eq!(
                (&is.name, &is.description, &is.status, &is.links, &is.homes, &is.access_advice, &is.successor),
                (&was.name, &was.description, &was.status, &was.links, &was.homes, &was.access_advice, &was.successor),
                "{how}"
            );
            assert!(is.successor.as_ref().is_some_and(|claim| claim.field == Field::Description));
            assert_eq!((&shown.posts, &shown.events), (&read.posts, &read.events), "{how}");
            assert_eq!((shown.source, shown.synced_at), (ReadFrom::Store, read.synced_at), "read whole only then");
            assert!(is.state_seen.unwrap() > read.synced_at, "the state has a time of its own");
        }
        assert!(gone.age.unwrap() >= Duration::from_secs(3600));
        assert_eq!(byway.communities().await.unwrap()[0].community.name, "The works council");
    }
}

#[tokio::test(start_paused = true)]
async fn a_community_the_api_calls_gone_keeps_what_was_known() {
    let scene = full();
    let byway = scene.byway(&[scene.proxy.url()]).await;
    let read = byway.open(LINK).await.unwrap();
    let mut state = scene.lab.vk().state();
    state.errors.insert("groups.getById".to_owned(), 18);
    scene.lab.vk().set_state(state);
    let gone = byway.open(LINK).await.unwrap();
    assert_eq!((gone.community.state, gone.fault.unwrap().code()), (CommunityState::Gone, "gone"));
    assert_eq!((gone.community.name, gone.posts), (read.community.name, read.posts));
    let kept = byway.community(&id()).await.unwrap().unwrap();
    assert_eq!((kept.community.state, kept.synced_at), (CommunityState::Gone, read.synced_at));
    assert!(kept.community.state_seen.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_removed_gathering_keeps_its_date_and_place() {
    for how in ["deleted", "banned"] {
        let scene = full();
        let byway = scene.byway(&[scene.proxy.url()]).await;
        let read = byway.open(LINK).await.unwrap();
        let _ = scene.lab.vk().community("event78").deactivated(how).field("type", "group");
        let opened = byway.open(LINK).await.unwrap();
        let kept = byway.events(&id(), None, 10).await.unwrap().items;
        for event in [&opened.events[0], &kept[0]] {
            let was = &read.events[0];
            assert_eq!(event.status, EventStatus::Removed, "{how}");
            assert_eq!(
                (&event.name, &event.text, event.start, event.end, &event.place),
                (&was.name, &was.text, was.start, was.end, &was.place),
                "{how}"
            );
            assert_eq!(event.read_at.map(|at| at.as_second()), Some(read.synced_at.as_second()));
            assert!(event.status_seen.unwrap() >= read.synced_at);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hollow_post_keeps_its_text_and_attachments() {
    const NOTICE: &str =
        "Запись заблокирована на территории РФ на основании требования Роскомнадзора от 11.11.2016 № 7";
    let hollows = [
        (json!({"id": 1, "date": 1_478_600_000, "text": NOTICE}), PostState::Withheld),
        (json!({"id": 1, "is_deleted": true}), PostState::Removed),
        (
            json!({"id": 1, "date": 1_478_600_000, "text": "", "donut": {"is_donut": true, "placeholder":
            {"text": "For subscribers"}}}),
            PostState::Withheld,
        ),
        (json!({"id": 1, "text": ""}), PostState::Published),
    ];
    for (hollow, state) in hollows {
        let scene = Scene::new();
        let byway = scene.byway(&["direct:"]).await;
        let read = byway.open(LINK).await.unwrap();
        let mut vk = scene.lab.vk().state();
        for community in &mut vk.communities {
            community.posts.clear();
        }
        scene.lab.vk().set_state(vk);
        let _ = scene.lab.vk().community("works_council").post_object(hollow.clone());
        let opened = byway.open(LINK).await.unwrap();
        let kept = byway.posts(&id(), None, 5).await.unwrap().items;
        for posts in [&opened.posts, &kept] {
            let [post] = posts.as_slice() else { panic!("{posts:?}") };
            let was = &read.posts[0];
            assert_eq!(
                (&post.text, &post.attachments, post.created),
                (&was.text, &was.attachments, was.created),
                "{hollow}"
            );
            assert_eq!((post.state, post.state_seen.is_some()), (state, state != PostState::Published), "{hollow}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_real_edit_replaces_and_an_emptied_wall_does_not_erase() {
    let scene = full();
    let byway = scene.byway(&[scene.proxy.url()]).await;
    let read = byway.open(LINK).await.unwrap();
    let council = scene.lab.vk().community("works_council");
    let _ = council.name("The council of works").field("description", "We moved on").field("status", "");
    let mut vk = scene.lab.vk().state();
    for community in &mut vk.communities {
        community.posts.clear();
    }
    scene.lab.vk().set_state(vk);
    let edited = byway.open(LINK).await.unwrap();
    assert_eq!(edited.community.name, "The council of works");
    assert_eq!(edited.community.description.as_deref(), Some("We moved on"));
    assert_eq!(edited.community.status, read.community.status, "an empty field states nothing");
    assert_eq!((edited.community.successor, edited.community.access_advice.len()), (None, 0), "they were withdrawn");
    assert_eq!((edited.source, edited.posts), (ReadFrom::Network, read.posts));
    assert!(edited.notes.iter().any(|note| note.code() == "posts_read_earlier"), "{:?}", edited.notes);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_post_that_was_never_read_is_not_shown() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("works_council").post_object(json!({"id": 9, "is_deleted": true}));
    let byway = scene.byway(&["direct:"]).await;
    let opened = byway.open(LINK).await.unwrap();
    assert_eq!(opened.posts.len(), 1, "{:?}", opened.posts);
    assert_eq!(byway.posts(&id(), None, 5).await.unwrap().items.len(), 1);
}
