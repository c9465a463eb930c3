//! Attachments use the routes of their community, or are not fetched.

use std::time::Duration;

use byway::{AttachmentFault, AttachmentId, Exposure, HomeLink, OpenOptions, attachments};
use byway_lab::Page;
use serde_json::json;

use super::{LINK, Scene, assert_only_tor, id};

fn photo(url: &str) -> serde_json::Value {
    json!({"type": "photo", "photo": {"id": 1, "owner_id": -77, "sizes": [{"type": "x", "url": url, "width": 6, "height": 4}]}})
}

fn post_with(scene: &Scene, id: u64, attachments: &[serde_json::Value]) {
    let _ = scene.lab.vk().community("works_council").post_object(
        json!({"id": id, "date": 1_478_700_000 + id, "text": "look", "type": "post", "attachments": attachments}),
    );
}

#[tokio::test(start_paused = true)]
async fn an_attachment_is_fetched_within_its_limit() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    let opened = byway.open(LINK).await.unwrap();
    let hanging = attachments(&opened.community.id, &opened.posts[0]);
    let (photo, _) = &hanging[0];
    let file = byway.fetch_attachment(photo, 5_000).await.unwrap();
    assert_eq!(file.bytes.len(), 5_000);
    assert!(file.reachability.is_direct());
    let larger = byway.fetch_attachment(photo, 4_999).await.unwrap_err();
    assert!(matches!(larger.fault, AttachmentFault::TooLarge { limit: 4_999 }), "{larger:?}");
    assert!(larger.reachability().is_some_and(|met| !met.attempts.is_empty()), "the host was asked for it");

    let unkept = AttachmentId { index: 1, ..photo.clone() };
    assert_eq!(byway.fetch_attachment(&unkept, 1).await.unwrap_err().code(), "not_stored");
    scene.lab.host("photos.example").https().page("/1.jpg", Page::new("gone").status(404));
    assert_eq!(byway.fetch_attachment(photo, 5_000).await.unwrap_err().code(), "status");
}

#[tokio::test(start_paused = true)]
async fn an_attachment_never_leads_to_a_private_address() {
    let scene = Scene::new();
    scene.lab.host("router.example").at("192.168.0.1").http().page("/", "the router");
    scene.lab.host("inward.example").at("203.0.113.40").https().redirect("/", "http://192.168.0.1/");
    scene.lab.host("named.example").at("203.0.113.41").https().redirect("/", "http://router.example/");
    post_with(
        &scene,
        10,
        &[
            photo("http://192.168.0.1/"),
            photo("http://localhost:9050/"),
            photo("https://user:pw@photos.example/1.jpg"),
            photo("http://router.example/"),
            photo("https://inward.example/"),
            photo("https://named.example/"),
        ],
    );
    // The target of a proxy's own lookup is unknown here, and lies in the proxy's network.
    let byway = scene.byway(&["direct:"]).await;
    let opened = byway.open(LINK).await.unwrap();
    let hanging = attachments(&opened.community.id, &opened.posts[0]);
    assert_eq!(hanging.len(), 6);
    for (id, _) in &hanging {
        let (fetched, sent) = scene.sent_during(byway.fetch_attachment(id, 5_000)).await;
        let error = fetched.unwrap_err();
        assert!(matches!(error.code(), "bad_address" | "unreached" | "redirect"), "{error:?}");
        for event in &sent {
            assert!(!event.to_string().contains("192.168.0.1"), "{event}");
        }
        if id.index < 3 {
            assert!(error.code() == "bad_address" && sent.is_empty(), "{error:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cleartext_attachment_is_fetched_for_exposure_open_only() {
    let scene = Scene::new();
    scene.lab.host("plain.example").at("203.0.113.42").http().page("/1.jpg", "bytes");
    post_with(&scene, 10, &[photo("http://plain.example/1.jpg")]);
    let byway = scene.byway(&scene.all()).await;
    let opened = byway.open(LINK).await.unwrap();
    let (photo, _) = attachments(&opened.community.id, &opened.posts[0])[0].clone();
    byway.fetch_attachment(&photo, 100).await.unwrap();
    byway.raise_exposure(&HomeLink::new(LINK.parse().unwrap(), Exposure::Proxied)).await.unwrap();
    let (refused, sent) = scene.sent_during(byway.fetch_attachment(&photo, 100)).await;
    assert!(refused.unwrap_err().code() == "cleartext" && sent.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_download_under_way_begins_anew_when_the_exposure_is_raised() {
    let scene = Scene::new();
    scene
        .lab
        .host("slow.example")
        .at("203.0.113.43")
        .https()
        .page("/1.jpg", Page::new(vec![7; 40_000]).slowly(1_000, Duration::from_millis(500)));
    post_with(&scene, 10, &[photo("https://slow.example/1.jpg")]);
    let byway = scene.byway(&["direct:", &scene.tor.url()]).await;
    let opened = byway.open(LINK).await.unwrap();
    let (photo, _) = attachments(&opened.community.id, &opened.posts[0])[0].clone();
    let raising = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let before = scene.lab.packets().len();
        let how = OpenOptions { exposure: Exposure::Tor, ..OpenOptions::default() };
        byway.open_with(LINK, how).await.unwrap();
        before
    };
    let (file, before) = tokio::join!(byway.fetch_attachment(&photo, 100_000), raising);
    let file = file.unwrap();
    assert_eq!(file.bytes.len(), 40_000);
    assert!(file.reachability.reached_by.as_ref().unwrap().is_tor());
    assert_only_tor(&scene.lab.packets().events()[before..]);
    assert_eq!(byway.exposure_of(&id()).await.unwrap(), Exposure::Tor);
    let direct = file.reachability.attempts.iter().any(|attempt| attempt.strategy.is_direct());
    assert!(direct, "what was sent before the raise stays in the account");
}

#[tokio::test(start_paused = true)]
async fn a_download_that_a_raise_ends_says_whom_it_contacted() {
    let scene = Scene::new();
    let slow = Page::new(vec![7; 40_000]).slowly(1_000, Duration::from_millis(500));
    scene.lab.host("slow.example").at("203.0.113.43").http().page("/1.jpg", slow);
    post_with(&scene, 10, &[photo("http://slow.example/1.jpg")]);
    let byway = scene.byway(&["direct:", &scene.tor.url()]).await;
    let opened = byway.open(LINK).await.unwrap();
    let (photo, _) = attachments(&opened.community.id, &opened.posts[0])[0].clone();
    let raising = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        byway.raise_exposure(&HomeLink::new(LINK.parse().unwrap(), Exposure::Tor)).await.unwrap();
        scene.lab.packets().len()
    };
    let (file, before) = tokio::join!(byway.fetch_attachment(&photo, 100_000), raising);
    let ended = file.unwrap_err();
    assert_eq!(ended.code(), "exposure_raised", "the other codes say that nothing was sent");
    assert!(ended.reachability().is_some_and(|met| met.attempts[0].strategy.is_direct()), "{ended:?}");
    assert_eq!(scene.lab.packets().len(), before);
}

#[tokio::test(start_paused = true)]
async fn a_download_under_way_ends_where_direct_is_disallowed() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("works_council").field("status", "Читайте нас только через Tor");
    let slow = Page::new(vec![7; 40_000]).slowly(1_000, Duration::from_millis(500));
    scene.lab.host("slow.example").at("203.0.113.43").https().page("/1.jpg", slow);
    post_with(&scene, 10, &[photo("https://slow.example/1.jpg")]);
    let byway = scene.byway(&["direct:", &scene.tor.url()]).await;
    let opened = byway.open(LINK).await.unwrap();
    let (photo, _) = attachments(&opened.community.id, &opened.posts[0])[0].clone();
    byway.allow_direct(&id(), true).await.unwrap();
    let disallowing = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(scene.lab.log().lookups().iter().any(|name| name == "slow.example"), "it was under way");
        // Tor may be called before this returns.
        let before = scene.lab.packets().len();
        byway.allow_direct(&id(), false).await.unwrap();
        before
    };
    let (file, before) = tokio::join!(byway.fetch_attachment(&photo, 100_000), disallowing);
    assert!(file.unwrap().reachability.reached_by.as_ref().unwrap().is_tor());
    assert_only_tor(&scene.lab.packets().events()[before..]);
}
