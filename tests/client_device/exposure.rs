//! Exposure, counted packet by packet.

use byway::community::CommunityId;
use byway::{AttachmentId, Exposure, HomeLink, OpenFault, OpenOptions, ReadFrom, VkToken};
use byway_lab::What;
use serde_json::json;

use super::{LINK, Scene, assert_nothing_direct, assert_only_tor, id};

#[tokio::test(start_paused = true)]
async fn once_raised_to_tor_every_later_packet_goes_to_tor() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    // The photo lies behind a redirect to a third host.
    scene.lab.host("photos.example").https().redirect("/1.jpg", "https://cdn.example/1.jpg");
    scene.lab.host("cdn.example").at("203.0.113.31").https().page("/1.jpg", vec![7; 5_000]);
    let _ = scene.lab.vk().community("works_council").field("status", "Мы переехали: vk.com/works_council_2");
    let _ = scene.lab.vk().community("works_council_2").id(78).name("The council, again").post("Here now.");

    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    let (_, sent) = scene.sent_during(byway.open(LINK)).await;
    assert!(sent.iter().any(|event| matches!(&event.what, What::Lookup { .. })), "read openly at first");

    let how = OpenOptions { exposure: Exposure::Tor, ..OpenOptions::default() };
    let (raised, sent) = scene.sent_during(byway.open_with(LINK, how)).await;
    let raised = raised.unwrap();
    assert_eq!(raised.exposure, Exposure::Tor);
    assert_only_tor(&sent);
    drop(byway);

    // Another run of the app, whose builder and callers require only `open`.
    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    let photo = AttachmentId { community: id(), post: raised.posts[0].id.clone(), index: 0 };
    let successor = raised.community.successor.as_ref().unwrap().home.to_string();
    let ((), sent) = scene
        .sent_during(async {
            byway.open(LINK).await.unwrap();
            byway.open("https://m.vk.com/club77").await.unwrap();
            byway.refresh(&id()).await.unwrap();
            byway.get("https://vk.com/works_council").await.unwrap();
            byway.probe(LINK).await.unwrap();
            assert_eq!(byway.fetch_attachment(&photo, 10_000).await.unwrap().bytes.len(), 5_000);
            assert_eq!(byway.open(&successor).await.unwrap().exposure, Exposure::Tor);
            byway.sync_once(&[id(), CommunityId::vk(78)], byway::SyncLimits::default()).await;
        })
        .await;
    assert_only_tor(&sent);

    // Tor fails, and is tried again; nothing else is.
    let _ = scene.tor.clone().dead();
    byway.network_changed();
    let (kept, sent) = scene.sent_during(byway.open(LINK)).await;
    assert_eq!(kept.unwrap().source, ReadFrom::Store);
    assert_only_tor(&sent);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_a_raised_community_is_followed_by_tor_only() {
    let scene = Scene::new();
    scene
        .lab
        .host("short.example")
        .at("203.0.113.33")
        .https()
        .redirect("/1", "https://vk.com/works_council")
        .redirect("/2", "http://vk.com/works_council");
    let byway = scene.byway(&scene.all()).await;
    byway.raise_exposure(&HomeLink::new(LINK.parse().unwrap(), Exposure::Tor)).await.unwrap();
    let (got, sent) = scene.sent_during(byway.get("https://short.example/1")).await;
    assert!(got.unwrap().response.strategy.is_tor());
    let [.., last] = &sent[..] else { panic!("nothing was sent") };
    assert_only_tor(std::slice::from_ref(last));
    assert!(!scene.lab.packets().lookups().contains(&"vk.com".to_owned()));
    let (refused, sent) = scene.sent_during(byway.get("https://short.example/2")).await;
    assert_eq!(refused.unwrap_err().code(), "redirect");
    assert!(sent.iter().all(|event| !event.to_string().contains("vk.com")));
    // A page that was never raised is fetched as before.
    assert!(byway.get("https://photos.example/1.jpg").await.unwrap().response.strategy.is_direct());
}

#[tokio::test(start_paused = true)]
async fn an_exposure_in_a_link_binds_from_the_first_packet() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    let link = HomeLink::new("vk.com/works_council".parse().unwrap(), Exposure::Tor).to_string();
    let (opened, sent) = scene.sent_during(byway.open(&link)).await;
    assert_eq!(opened.unwrap().exposure, Exposure::Tor);
    assert_only_tor(&sent);
    // Its connection through Tor is not used again.
    byway.network_changed();
    let (_, sent) = scene.sent_during(byway.open(LINK)).await;
    assert_only_tor(&sent);
    assert_eq!(byway.link(&id()).await.unwrap().unwrap().to_string(), link);
    let wrong = byway.open("vk.com/works_council#exposure=onion").await.unwrap_err();
    assert!(matches!(wrong.fault, OpenFault::Exposure(_)));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_could_not_be_read_still_binds() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    let _ = scene.tor.clone().dead();
    let link = HomeLink::new("vk.com/works_council".parse().unwrap(), Exposure::Tor).to_string();
    let (failed, sent) = scene.sent_during(byway.open(&link)).await;
    failed.unwrap_err();
    assert_only_tor(&sent);
    let (failed, sent) = scene.sent_during(byway.open(LINK)).await;
    failed.unwrap_err();
    assert_only_tor(&sent);
}

#[tokio::test(start_paused = true)]
async fn an_exposure_may_be_raised_before_anything_is_sent() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    byway.raise_exposure(&HomeLink::new(LINK.parse().unwrap(), Exposure::Proxied)).await.unwrap();
    let (opened, sent) = scene.sent_during(byway.open(LINK)).await;
    assert_eq!(opened.unwrap().exposure, Exposure::Proxied);
    assert_nothing_direct(&sent);
    // It is the same community, found under its number.
    let (_, sent) = scene.sent_during(byway.open("vk.com/club77")).await;
    assert_nothing_direct(&sent);
    assert_eq!(byway.exposure_of(&id()).await.unwrap(), Exposure::Proxied);
}

#[tokio::test(start_paused = true)]
async fn without_an_allowed_strategy_nothing_is_sent() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:", &scene.proxy.url()]).await;
    let (refused, sent) = scene.sent_during(byway.open("vk.com/works_council#exposure=tor")).await;
    assert_eq!(refused.unwrap_err().code(), "unreached");
    assert!(sent.is_empty(), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_users_token_is_not_sent_for_a_community_raised_to_tor() {
    let scene = Scene::new();
    let byway = scene.builder(&scene.all()).vk_token(VkToken::from(super::TOKEN)).build().await.unwrap();
    byway.open(LINK).await.unwrap();
    byway.raise_exposure(&HomeLink::new(LINK.parse().unwrap(), Exposure::Tor)).await.unwrap();
    let (kept, sent) = scene.sent_during(byway.open(LINK)).await;
    let kept = kept.unwrap();
    assert_eq!((kept.source, kept.fault.unwrap().code()), (ReadFrom::Store, "token_names_reader"));
    assert!(sent.is_empty(), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn the_circuits_of_two_communities_are_apart() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("other_plant").id(99).name("Other").post("Also here.");
    let byway = scene.byway(&[scene.tor.url()]).await;
    let opened = byway.open(LINK).await.unwrap();
    byway.open("vk.com/other_plant").await.unwrap();
    let photo = AttachmentId { community: id(), post: opened.posts[0].id.clone(), index: 0 };
    byway.fetch_attachment(&photo, 10_000).await.unwrap();
    let tunnels = scene.lab.log().tunnels();
    let logins: Vec<_> = tunnels.iter().map(|(to, login)| (to.as_str(), login.as_deref().unwrap())).collect();
    let [("api.vk.ru:443", first), ("api.vk.ru:443", second), ("photos.example:443", of_first)] = logins[..] else {
        panic!("{logins:?}");
    };
    assert_ne!(first, second);
    assert_eq!(of_first, first, "an attachment is its community's");
    for login in [first, second] {
        assert!(
            !login.contains("works_council") && !login.contains("other_plant"),
            "only a keyed hash leaves the process"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn access_advice_stops_direct_until_the_user_allows_it() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("works_council").field("status", "Читайте нас только через Tor");
    let byway = scene.byway(&scene.all()).await;
    let first = byway.open(LINK).await.unwrap();
    assert!(first.reachability.is_direct() && !first.community.access_advice.is_empty());

    byway.network_changed();
    let (advised, sent) = scene.sent_during(byway.open(LINK)).await;
    assert!(!advised.unwrap().reachability.is_direct());
    assert_nothing_direct(&sent);
    assert!(!sent.is_empty());

    let once = OpenOptions { allow_direct: true, ..OpenOptions::default() };
    assert!(byway.open_with(LINK, once).await.unwrap().reachability.is_direct());
    byway.network_changed();
    assert!(!byway.open(LINK).await.unwrap().reachability.is_direct(), "it was for that once");

    byway.allow_direct(&id(), true).await.unwrap();
    let (_, sent) = scene.sent_during(byway.open(LINK)).await;
    assert!(
        sent.iter().any(|event| matches!(&event.what, What::Connect { to } if to.ip().to_string() == "203.0.113.80")
            || matches!(&event.what, What::Lookup { name } if name == "api.vk.ru"))
    );
    byway.allow_direct(&id(), false).await.unwrap();
    byway.network_changed();
    let (_, sent) = scene.sent_during(byway.open(LINK)).await;
    assert_nothing_direct(&sent);
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_community_loses_its_direct_permission() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("works_council").field("status", "Читайте нас только через Tor");
    let byway = scene.byway(&scene.all()).await;
    byway.open(LINK).await.unwrap();
    byway.allow_direct(&id(), true).await.unwrap();
    byway.network_changed();
    assert!(byway.open(LINK).await.unwrap().reachability.is_direct(), "it is allowed");

    byway.forget(&id()).await.unwrap();
    // Read for the first time again, it says anew that it is to be read through Tor.
    byway.open(LINK).await.unwrap();
    byway.network_changed();
    let (opened, sent) = scene.sent_during(byway.open(LINK)).await;
    assert!(!opened.unwrap().reachability.is_direct(), "the permission ended with the community");
    assert_nothing_direct(&sent);
}

#[tokio::test(start_paused = true)]
async fn direct_is_not_tried_again_where_a_restriction_was_met() {
    let scene = Scene::new();
    let notice = "Материал заблокирован на территории Российской Федерации на основании требования Генеральной прокуратуры \
                  Российской Федерации от 21.09.2017 № 27-31-2017/Ид4752-17";
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &["direct:"]).await;
    byway.open(LINK).await.unwrap();
    let _ = scene.lab.vk().community("works_council").hidden_in("ru", notice);
    let kept = byway.open(LINK).await.unwrap();
    assert_eq!((kept.source, kept.fault.unwrap().code()), (ReadFrom::Store, "restricted"));
    assert_eq!(kept.community.restrictions.len(), 1);

    let (kept, sent) = scene.sent_during(byway.open(LINK)).await;
    let kept = kept.unwrap();
    assert!(sent.is_empty(), "{sent:?}");
    assert_eq!(kept.source, ReadFrom::Store);
    assert_eq!(kept.reachability.verdict.rule.code(), "nothing.tried");
    let fault = kept.fault.unwrap().sentence(byway::Language::En);
    assert!(fault.contains("allow direct"), "{fault}");
    drop(byway);

    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    let (read, sent) = scene.sent_during(byway.open(LINK)).await;
    assert_eq!(read.unwrap().source, ReadFrom::Network);
    assert_nothing_direct(&sent);
}

#[tokio::test(start_paused = true)]
async fn what_follows_from_a_raised_community_is_raised_with_it() {
    let scene = Scene::new();
    let _ = scene.lab.vk().event("gathering", 1_478_685_600, 0).id(500).name("Gathering");
    let link = json!([{"url": "https://vk.com/event500", "name": "Gathering"}]);
    let _ = scene.lab.vk().community("works_council").field("links", link);
    let byway = scene.byway(&scene.all()).await;
    let opened = byway.open("vk.com/works_council#exposure=tor").await.unwrap();
    assert_eq!(opened.events.len(), 1, "{:?}", opened.notes);
    let (_, sent) = scene.sent_during(byway.open("vk.com/event500")).await;
    assert_only_tor(&sent);
}

#[tokio::test(start_paused = true)]
async fn the_builders_exposure_is_the_least_of_every_community() {
    let scene = Scene::new();
    let byway = scene.builder(&scene.all()).exposure(Exposure::Proxied).build().await.unwrap();
    assert_eq!(byway.exposure_of(&id()).await.unwrap(), Exposure::Proxied);
    byway.raise_exposure(&format!("{LINK}#exposure=tor").parse().unwrap()).await.unwrap();
    byway.open(LINK).await.unwrap();
    assert_eq!(byway.exposure_of(&id()).await.unwrap(), Exposure::Tor);
}
