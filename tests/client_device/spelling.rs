//! An exposure holds for a community's pages in every spelling of their addresses; the packets are counted.

use byway::community::CommunityId;
use byway::{
    AttachmentId, Byway, Exposure, GetFault, GetOptions, HomeLink, Language, Network, NetworkKind, OpenOptions,
    ProbeOptions,
};
use byway_lab::Event;
use serde_json::json;

use super::{LINK, Scene, assert_nothing_direct, assert_only_tor, id};

async fn raised(scene: &Scene) -> Byway {
    scene.byway(&scene.all()).await
}

async fn raise(byway: &Byway, link: &str, exposure: Exposure) {
    byway.raise_exposure(&HomeLink::new(link.parse().unwrap(), exposure)).await.unwrap();
}

/// What was sent for this request, over separate connections.
async fn sent_by<T>(scene: &Scene, byway: &Byway, asked: impl Future<Output = T>) -> (T, Vec<Event>) {
    byway.network_changed();
    scene.sent_during(asked).await
}

const PHOTO_OF_RAISED: &str = "https://vk.com/other?z=photo-77_1%2Falbum-77_0";

#[tokio::test(start_paused = true)]
async fn an_unknown_exposure_is_an_error_on_every_url() {
    let scene = Scene::new();
    let byway = raised(&scene).await;
    raise(&byway, LINK, Exposure::Tor).await;
    for url in [
        "https://vk.com/works_council#exposure=onion",
        "https://vk.com/works_council#exposure=",
        "https://vk.com/feed#exposure=onion",
        "https://photos.example/1.jpg#exposure=onion",
        "https://photos.example/1.jpg#part&EXPOSURE=t",
        "https://photos.example/1.jpg#exposure%3Donion",
    ] {
        let (got, sent) = sent_by(&scene, &byway, byway.get(url)).await;
        let error = got.unwrap_err();
        assert!(matches!(error.fault, GetFault::Exposure(_)), "{url}: {error:?}");
        assert_eq!(error.code(), "exposure");
        assert!(sent.is_empty(), "{url}: {sent:?}");
        assert!(error.sentence(Language::Ru).contains("режим"));
        let (probed, sent) = sent_by(&scene, &byway, byway.probe(url)).await;
        assert!(matches!(probed.map_err(|error| error.fault), Err(GetFault::Exposure(_))), "{url}");
        assert!(sent.is_empty(), "{url}: {sent:?}");
        let (opened, sent) = sent_by(&scene, &byway, byway.open(url)).await;
        assert_eq!(opened.unwrap_err().code(), "link", "{url}");
        assert_eq!(byway.preview(url).await.unwrap_err().code(), "link", "{url}");
        assert!(sent.is_empty(), "{url}: {sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fragments_exposure_counts_on_every_url() {
    let scene = Scene::new();
    let byway = raised(&scene).await;
    for url in [
        "https://vk.com/feed#exposure=tor",
        "https://vk.com/id1#exposure=tor",
        "https://photos.example/1.jpg#exposure=tor",
    ] {
        let (_, sent) = sent_by(&scene, &byway, byway.get(url)).await;
        assert_only_tor(&sent);
        let (_, sent) = sent_by(&scene, &byway, byway.probe(url)).await;
        assert_only_tor(&sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_floor_binds_every_spelling_of_a_community() {
    let scene = Scene::new();
    let byway = raised(&scene).await;
    byway.open(LINK).await.unwrap();
    raise(&byway, LINK, Exposure::Tor).await;
    for url in [
        "https://vk.com/works_council",
        "http://vk.com/works_council",
        "https://vk.com:443/Works_Council/",
        "https://vk.com:8443/works_council",
        "https://VK.com./works_council",
        "https://vk.com/%77orks_council",
        "https://vk.com/./x/../works_council",
        "https://vk.com/works_council#",
        "https://vk.com/works_council?w=wall-77_1",
        "https://m.vk.com/works_council",
        "https://vk.ru/works_council",
        "https://vk.me/works_council",
        "https://vkontakte.ru/club77",
        "https://vk.com/@works_council-article",
        "https://vk.com/club77/x",
        "https://vk.com/public077",
        "https://vk.com/page-77_1",
        "https://vk.com/board77",
        "https://vk.com/wall.php?oid=-77",
        "https://vk.com/search?c[owner]=-77",
        "https://vk.com/feed?w=wall-77_1",
        "https://vk.com/video_ext.php?oid=-77&id=1",
        "https://vk.com/im?sel=-77",
        "https://vk.com/write-77",
        "https://vk.com/uslugi-77",
        "https://vk.com/app123_-77",
        "https://vk.com/away.php?to=https%3A%2F%2Fvk.com%2Fworks_council",
        "https://vk.com/away.php?to=https%253A%252F%252Fvk.com%252Fclub77",
        "https://vk.com/share.php?url=vk.com/works_council",
        "https://vk.cc/abcdef",
        "https://api.vk.com/method/wall.get?owner_id=-77",
        "https://api.vk.com/method/wall.get?domain=works_council",
        "https://oauth.vk.com/authorize?group_ids=77",
        "https://sun9-1.userapi.com/impg/abc.jpg",
        "https://vk.com/feed",
        "https://vk.com/",
        PHOTO_OF_RAISED,
        "https://archive.example/web/2020/https://vk.com/works_council",
        "http://translate.example/?u=vk.com%2Fclub77",
    ] {
        let (_, sent) = sent_by(&scene, &byway, byway.get(url)).await;
        assert!(!sent.is_empty(), "{url}");
        assert_only_tor(&sent);
        let (_, sent) = sent_by(&scene, &byway, byway.probe(url)).await;
        assert!(!sent.is_empty(), "{url}");
        assert_only_tor(&sent);
    }
    let (opened, sent) = sent_by(&scene, &byway, Box::pin(byway.open("vk.com/other?w=wall-77_1"))).await;
    assert!(opened.is_err(), "there is no such community");
    assert_only_tor(&sent);
    // Another community, in forms that say whose page it is, and another host.
    for url in [
        "https://vk.com/wall-99_1",
        "https://vk.com/other",
        "https://vk.com/wall.php?oid=-99",
        "https://photos.example/1.jpg",
    ] {
        byway.set_network(Network::new(url, NetworkKind::Wifi));
        let (_, sent) = sent_by(&scene, &byway, byway.get(url)).await;
        assert!(sent.iter().any(|event| !event.to_string().contains("127.0.0.1:9050")), "{url}: {sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_floor_by_name_binds_the_number_before_any_reading() {
    let scene = Scene::new();
    for (kept, pages, links, open) in [
        (
            "vk.com/works_council",
            &["https://vk.com/wall-77_1", "https://vk.ru/club77?x", "https://api.vk.com/method/wall.get?owner_id=-77"]
                [..],
            &["vk.com/club77", "https://vk.com/wall-77_1"][..],
            "https://vk.com/other",
        ),
        (
            "vk.com/club77",
            &[
                "https://vk.com/works_council",
                "https://m.vk.com/Works_Council",
                "https://vk.com/feed?domain=works_council",
            ],
            &["vk.com/works_council"],
            "https://vk.com/wall-99_1",
        ),
    ] {
        let byway = std::sync::Arc::new(raised(&scene).await);
        raise(&byway, kept, Exposure::Tor).await;
        for url in pages {
            let (_, sent) = sent_by(&scene, &byway, byway.get(url)).await;
            assert_only_tor(&sent);
            let (_, sent) = sent_by(&scene, &byway, byway.probe(url)).await;
            assert_only_tor(&sent);
            let (_, sent) = sent_by(&scene, &byway, byway.reqwest().get(*url).send()).await;
            assert_only_tor(&sent);
        }
        // Addresses that are certainly another community's.
        for url in [open, "https://photos.example/1.jpg"] {
            byway.set_network(Network::new(url, NetworkKind::Wifi));
            let (_, sent) = sent_by(&scene, &byway, byway.get(url)).await;
            assert!(sent.iter().any(|event| !event.to_string().contains("127.0.0.1:9050")), "{url}: {sent:?}");
        }
        for link in links {
            let (_, sent) = sent_by(&scene, &byway, Box::pin(byway.open(link))).await;
            assert_only_tor(&sent);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_floor_raised_during_an_access_binds_the_next_packet() {
    for url in ["https://vk.com/works_council", "https://short.example/vk", "https://vk.com/feed"] {
        for (after, probes) in (0..600).step_by(25).flat_map(|after| [(after, false), (after, true)]) {
            let scene = Scene::new();
            scene.lab.host("short.example").at("203.0.113.33").https().redirect("/vk", "https://vk.com/club77");
            let byway = raised(&scene).await;
            let raising = async {
                tokio::time::sleep(std::time::Duration::from_millis(after)).await;
                raise(&byway, LINK, Exposure::Tor).await;
                scene.lab.packets().len()
            };
            let access = async {
                if probes {
                    drop(byway.probe(url).await);
                } else {
                    drop(byway.get(url).await);
                }
            };
            let ((), sent) = tokio::join!(Box::pin(access), raising);
            // Only the path to the redirecting host may still be another one.
            let later: Vec<Event> = scene.lab.packets().events()[sent..].to_vec();
            let elsewhere = |event: &Event| {
                let text = event.to_string();
                url.contains("short.example")
                    && ["short.example", "203.0.113.33", "proxy.example", "198.51.100.7"]
                        .iter()
                        .any(|own| text.contains(own))
            };
            let later: Vec<Event> = later.into_iter().filter(|event| !elsewhere(event)).collect();
            if !later.is_empty() {
                assert_only_tor(&later);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_floor_of_a_web_page_binds_its_whole_host() {
    let scene = Scene::new();
    scene.lab.host("www.site.example").at("203.0.113.40").https().http().page("/", "x").page("/b", "y");
    scene.lab.host("site.example").at("203.0.113.40").https().http().page("/", "x").page("/b", "y");
    for kept in ["https://site.example/a", "http://www.site.example:8080/a?b#part", "https://SITE.example./"] {
        let byway = raised(&scene).await;
        raise(&byway, kept, Exposure::Tor).await;
        for url in [
            "https://site.example/a",
            "https://site.example/b",
            "https://site.example/a#",
            "http://site.example/b?c=1",
            "https://www.site.example/",
            "https://m.site.example/x",
            "https://Site.Example./b",
            "https://site.example:8443/b",
            "https://s%69te.example/b",
            "https://site\u{3002}example/b",
            "https://static.site.example/b.css",
        ] {
            let (_, sent) = sent_by(&scene, &byway, byway.get(url)).await;
            assert_only_tor(&sent);
        }
        let (_, sent) = sent_by(&scene, &byway, byway.get("https://photos.example/1.jpg")).await;
        assert!(sent.iter().any(|event| event.to_string().contains("photos.example")), "{sent:?}");
    }
    for (kept, url) in [
        ("https://пример.рф/a", "https://xn--e1afmkfd.xn--p1ai/b"),
        ("http://203.0.113.30/a", "http://[::ffff:203.0.113.30]/b"),
        ("http://203.0.113.30/a", "http://0xcb00711e/b"),
    ] {
        let byway = raised(&scene).await;
        raise(&byway, kept, Exposure::Tor).await;
        let (_, sent) = sent_by(&scene, &byway, byway.get(url)).await;
        assert_only_tor(&sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirects_fragment_neither_unbinds_nor_is_ignored() {
    let scene = Scene::new();
    let site = scene.lab.host("short.example").at("203.0.113.33").https();
    site.redirect("/kept", "https://site.example/b")
        .redirect("/said", "https://photos.example/1.jpg#exposure=tor")
        .redirect("/wrong", "https://photos.example/1.jpg#exposure=onion")
        .redirect("/less", "https://photos.example/1.jpg#exposure=open");
    scene.lab.host("site.example").at("203.0.113.40").https().page("/b", "y");
    let byway = raised(&scene).await;
    raise(&byway, "https://site.example/a", Exposure::Tor).await;
    for url in ["https://short.example/kept#old", "https://short.example/kept", "https://short.example/said#old"] {
        let got = byway.get(url).await.unwrap();
        assert!(got.response.strategy.is_tor(), "{url}");
        byway.network_changed();
    }
    assert!(!scene.lab.packets().lookups().contains(&"site.example".to_owned()));
    assert!(!scene.lab.packets().lookups().contains(&"photos.example".to_owned()));
    let wrong = byway.get("https://short.example/wrong").await.unwrap_err();
    assert_eq!(wrong.code(), "redirect");
    let (_, sent) = sent_by(&scene, &byway, byway.get("https://short.example/less#exposure=tor")).await;
    assert_only_tor(&sent);
}

#[tokio::test(start_paused = true)]
async fn get_and_probe_avoid_direct_where_a_community_advises_it() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("works_council").field("status", "Читайте нас только через Tor");
    scene.lab.host("short.example").at("203.0.113.33").https().redirect("/1", "https://vk.com/wall-77_1");
    let byway = raised(&scene).await;
    byway.open(LINK).await.unwrap();
    byway.network_changed();
    let photo = AttachmentId { community: id(), post: "vk:-77_1".into(), index: 0 };
    for url in ["https://vk.com/works_council", "https://vk.com/wall-77_1", PHOTO_OF_RAISED] {
        let (_, sent) = sent_by(&scene, &byway, byway.get(url)).await;
        assert!(!sent.is_empty(), "{url}");
        assert_nothing_direct(&sent);
        let (_, sent) = sent_by(&scene, &byway, byway.probe(url)).await;
        assert!(!sent.is_empty(), "{url}");
        assert_nothing_direct(&sent);
    }
    let (_, sent) = sent_by(&scene, &byway, byway.fetch_attachment(&photo, 10_000)).await;
    assert_nothing_direct(&sent);
    let (_, sent) = sent_by(&scene, &byway, byway.get("https://short.example/1")).await;
    assert!(sent.iter().all(|event| !event.to_string().contains("vk.com")), "{sent:?}");

    // The user allows it: for one access, or for good.
    let is_direct = |sent: &[Event]| sent.iter().any(|event| event.to_string().contains("looks up vk.com"));
    let how = GetOptions { allow_direct: true, ..GetOptions::default() };
    byway.set_network(Network::new("second", NetworkKind::Wifi));
    let (_, sent) = sent_by(&scene, &byway, Box::pin(byway.get_with("https://vk.com/works_council", how))).await;
    assert!(is_direct(&sent), "{sent:?}");
    let (got, sent) = sent_by(&scene, &byway, Box::pin(byway.get_with("https://short.example/1", how))).await;
    assert!(got.is_ok() && is_direct(&sent), "{sent:?}");
    let how = ProbeOptions { allow_direct: true, ..ProbeOptions::default() };
    let (_, sent) = sent_by(&scene, &byway, Box::pin(byway.probe_with(LINK, how))).await;
    assert!(is_direct(&sent), "{sent:?}");
    let (_, sent) = sent_by(&scene, &byway, byway.probe(LINK)).await;
    assert!(!is_direct(&sent), "it was for that once: {sent:?}");
    byway.allow_direct(&id(), true).await.unwrap();
    byway.set_network(Network::new("third", NetworkKind::Wifi));
    let (_, sent) = sent_by(&scene, &byway, byway.get("https://vk.com/works_council")).await;
    assert!(is_direct(&sent), "{sent:?}");
    let (_, sent) = sent_by(&scene, &byway, byway.probe(LINK)).await;
    assert!(is_direct(&sent), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn with_direct_alone_an_advised_community_is_not_probed() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("works_council").field("status", "Читайте нас только через Tor");
    let byway = scene.byway(&["direct:"]).await;
    byway.open(LINK).await.unwrap();
    for refused in [byway.probe(LINK).await.map(drop), byway.get("https://vk.com/club77").await.map(drop)] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "no_way");
        assert!(refused.sentence(Language::En).contains("asks not to be read directly"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_onion_service_is_reached_by_tor_alone() {
    let scene = Scene::new();
    let onion = format!("{}.onion", "a".repeat(56));
    scene.lab.onion(&onion).page("/", "the mirror");
    scene.lab.host("short.example").at("203.0.113.33").https().redirect("/1", &format!("http://{onion}/"));
    let byway = raised(&scene).await;
    for url in
        [format!("http://{onion}/"), format!("http://{}./", onion.to_uppercase()), format!("http://www.{onion}/")]
    {
        let (_, sent) = sent_by(&scene, &byway, byway.get(&url)).await;
        assert_only_tor(&sent);
        let (_, sent) = sent_by(&scene, &byway, byway.probe(&url)).await;
        assert_only_tor(&sent);
    }
    let got = byway.get("https://short.example/1").await.unwrap();
    assert_eq!(&got.response.body[..], b"the mirror");
    assert!(scene.lab.log().tunnels().iter().all(|(to, _)| !to.contains("onion") || to.contains(&onion)));

    let byway = scene.byway(&["direct:", &scene.proxy.url()]).await;
    for url in [format!("http://{onion}/"), "https://short.example/1".to_owned()] {
        let before = scene.lab.log().tunnels().len();
        let error = byway.get(&url).await.unwrap_err();
        assert_eq!(error.code(), "no_way", "{url}");
        assert!(error.sentence(Language::En).contains("through Tor only"), "{}", error.sentence(Language::En));
        assert!(error.sentence(Language::Ru).contains("через Tor"));
        assert!(scene.lab.log().tunnels()[before..].iter().all(|(to, _)| !to.contains("onion")));
    }
    assert_eq!(byway.probe(&format!("http://{onion}/")).await.unwrap_err().code(), "no_way");
    assert!(scene.lab.packets().lookups().iter().all(|name| !name.to_lowercase().contains("onion")));
}

#[tokio::test(start_paused = true)]
async fn an_attachment_keeps_its_communitys_exposure_and_not_anothers() {
    let scene = Scene::new();
    let file = "https://sun9-1.userapi.com/impg/1.jpg";
    scene.lab.host("sun9-1.userapi.com").at("203.0.113.41").https().page("/impg/1.jpg", vec![7; 500]);
    let photo = |owner: i64, url: &str| {
        json!({
            "id": 5, "date": 1_478_600_000, "text": "See.", "type": "post",
            "attachments": [{"type": "photo", "photo": {"id": 1, "owner_id": owner, "text": "", "sizes": [
                {"type": "x", "url": url, "width": 600, "height": 400}
            ]}}]
        })
    };
    let _ = scene.lab.vk().community("open_plant").id(99).name("Open").post_object(photo(-99, file));
    let byway = raised(&scene).await;
    byway.open("vk.com/open_plant").await.unwrap();
    byway.open(LINK).await.unwrap();
    raise(&byway, LINK, Exposure::Tor).await;
    let how = AttachmentId { community: CommunityId::vk(99), post: "vk:-99_5".into(), index: 0 };
    let fetched = byway.fetch_attachment(&how, 10_000).await.unwrap();
    assert!(fetched.reachability.is_direct(), "the file is a community's that is read openly");
    let (_, sent) = sent_by(&scene, &byway, byway.get(file)).await;
    assert_only_tor(&sent);

    // The address of a file may name another owner, or say an exposure itself.
    for (name, id, url) in [
        ("one", 101, "https://photos.example/1.jpg?u=https://vk.com/club77"),
        ("two", 102, "https://photos.example/1.jpg#exposure=tor"),
    ] {
        let _ = scene.lab.vk().community(name).id(id).name("Another").post_object(photo(-id, url));
        Box::pin(byway.open_with(&format!("vk.com/{name}"), OpenOptions::default())).await.unwrap();
        let how = AttachmentId { community: CommunityId::vk(id as u64), post: format!("vk:-{id}_5"), index: 0 };
        let (fetched, sent) = sent_by(&scene, &byway, byway.fetch_attachment(&how, 10_000)).await;
        assert!(fetched.is_ok(), "{url}");
        assert_only_tor(&sent);
    }
}
