//! The device contacts only the requested sites and the configured strategies.

use std::sync::Arc;
use std::time::Duration;

use byway::{SyncLimits, attachments};
use byway_lab::{Event, What};

use super::{LINK, Scene, id, key};

/// The sites: VK's API, its web page, the photo's host. The resolver and the proxy that a strategy names, and Tor.
const ADDRESSES: [&str; 7] = [
    "203.0.113.80:443",
    "203.0.113.81:443",
    "203.0.113.82:443",
    "203.0.113.30:443",
    "9.9.9.9:853",
    "198.51.100.7:443",
    "127.0.0.1:9050",
];

/// Their names, in the order of the addresses. The resolver and Tor are given by their addresses.
const NAMES: [&str; 5] = ["vk.com", "api.vk.com", "api.vk.ru", "photos.example", "proxy.example"];

fn is_named(event: &Event) -> bool {
    match &event.what {
        What::Connect { to } => ADDRESSES.contains(&to.to_string().as_str()),
        What::Lookup { name } => NAMES.contains(&name.as_str()),
        _ => false,
    }
}

#[tokio::test(start_paused = true)]
async fn only_named_sites_and_strategies_are_contacted() {
    for blocked in [false, true] {
        let scene = Scene::new();
        scene.lab.host("vk.com").page("/works_council", "The works council");
        let _ = scene.lab.resolver("9.9.9.9").named("dns.example").tls();
        if blocked {
            for name in ["vk.com", "vk.ru", "photos.example"] {
                scene.lab.censor().when_sni(name).reset();
            }
        }
        let directory = tempfile::tempdir().unwrap();
        let encrypted = "direct:?dns=tls://dns.example@9.9.9.9".to_owned();
        let ways: Vec<String> = scene.all().into_iter().chain([encrypted]).collect();
        let byway = Arc::new(scene.byway_in(directory.path(), &ways).await);
        let mut watch = byway.engine_events();
        assert!(scene.lab.packets().is_empty(), "building sends nothing: {}", scene.lab.packets());

        let opened = byway.open(LINK).await.unwrap();
        byway.refresh(&id()).await.unwrap();
        let limits = SyncLimits { deadline: Duration::from_secs(60), bytes: u64::MAX };
        byway.sync_once(&[id()], limits).await;
        let (photo, _) = &attachments(&opened.community.id, &opened.posts[0])[0];
        byway.fetch_attachment(photo, 5_000).await.unwrap();
        byway.probe(LINK).await.unwrap();
        let mut got = byway.get("https://photos.example/1.jpg").await.unwrap();
        got.settle().await;
        byway.reqwest().get("https://photos.example/1.jpg").send().await.unwrap().bytes().await.unwrap();
        while watch.try_next().is_some() {}

        // Nothing more is requested: no update check, no report, no measurement of the network.
        let (quiet, sent) = scene
            .sent_during(async {
                tokio::time::sleep(Duration::from_secs(86_400)).await;
                byway.preview(LINK).await.unwrap();
                byway.network_changed();
                byway.suspend().await.unwrap();
                byway.resume().await.unwrap();
                byway.communities().await.unwrap();
                byway.lock().await.unwrap();
                byway.unlock(key()).await.unwrap();
                byway.wipe().await.unwrap();
                tokio::time::sleep(Duration::from_secs(86_400)).await;
                drop(byway);
                tokio::time::sleep(Duration::from_secs(86_400)).await;
            })
            .await;
        let () = quiet;
        assert!(sent.is_empty(), "{sent:?}");

        let packets = scene.lab.packets();
        for event in packets.events() {
            assert!(is_named(event), "{event}\n{packets}");
        }
        // Each of them was contacted, so the search would have found more.
        let connects: Vec<String> = packets.connects().iter().map(|(_, to)| to.to_string()).collect();
        for address in ADDRESSES.iter().filter(|address| **address != "203.0.113.82:443") {
            assert!(connects.contains(&(*address).to_owned()), "{address} is not in {packets}");
        }
    }
}
