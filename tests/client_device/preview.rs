//! A preview names everybody, and tells nobody.

use byway::sentences::{Language, Observer};
use byway::source::vk::VkToken;
use byway::transport::Exposure;
use byway::{Network, NetworkKind};

use super::{LINK, Scene};

#[tokio::test(start_paused = true)]
async fn a_preview_names_every_observer_of_every_way_and_sends_nothing() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all());
    let preview = byway.preview(LINK).await.unwrap();
    assert!(scene.lab.log().is_empty(), "{:?}", scene.lab.log());
    let observers: Vec<Vec<&str>> =
        preview.ways.iter().map(|way| way.contacts.iter().map(|contact| contact.observer.code()).collect()).collect();
    assert_eq!(
        observers,
        [
            vec!["resolver", "provider", "platform"],
            vec!["provider", "proxy", "platform"],
            vec!["provider", "exit", "platform"]
        ]
    );
    assert_eq!(preview.hosts, ["api.vk.ru", "api.vk.com"]);
    assert_eq!((preview.kept, preview.nothing, preview.link.exposure), (false, None, Exposure::Open));
    for contact in preview.ways.iter().flat_map(|way| &way.contacts) {
        for language in Language::ALL {
            let sentence = contact.sentence(language);
            assert!(!sentence.contains("CANARY"), "{sentence}");
        }
    }
    let platform = preview.ways[0].contacts.last().unwrap();
    assert_eq!(platform.observer, Observer::Platform);
    assert_eq!(
        platform.sentence(Language::En),
        "VK sees your address and what is read; the token names an app, not you."
    );
}

#[tokio::test(start_paused = true)]
async fn a_preview_is_bound_as_the_opening_would_be() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all());
    byway.open("vk.com/works_council#exposure=tor").await.unwrap();
    let (preview, sent) = scene.sent_during(byway.preview(LINK)).await;
    let preview = preview.unwrap();
    assert!(sent.is_empty() && preview.kept && preview.link.exposure == Exposure::Tor);
    assert!(preview.ways.iter().all(|way| way.strategy.is_tor()) && preview.ways.len() == 1);

    let person = scene.builder(&scene.all()).vk_token(VkToken::from(super::TOKEN)).exposure(Exposure::Tor);
    let preview = person.build().unwrap().preview(LINK).await.unwrap();
    assert!(preview.ways.is_empty());
    assert_eq!(preview.nothing, Some("token_names_reader"));
}

#[tokio::test(start_paused = true)]
async fn behind_a_vpn_the_preview_and_the_verdict_speak_of_it() {
    let scene = Scene::new();
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).reset();
    }
    let byway = scene.byway(&["direct:", &scene.proxy.url()]);
    byway.set_network(Network::new("home", NetworkKind::Vpn));
    let preview = byway.preview(LINK).await.unwrap();
    let provider = preview.ways[0].contacts.iter().find(|contact| contact.observer == Observer::Provider).unwrap();
    assert!(provider.sentence(Language::En).starts_with("The VPN sees"));
    let opened = byway.open(LINK).await.unwrap();
    let sentence = opened.reachability.sentence(Language::En);
    assert!(sentence.starts_with("Cut behind this VPN when api.vk.ru is named (TLS)."), "{sentence}");
    assert!(sentence.contains("A VPN is on"), "{sentence}");
}

#[tokio::test(start_paused = true)]
async fn a_network_that_the_system_has_not_validated_is_said_to_be_so() {
    let scene = Scene::new();
    scene.lab.censor().when_sni("vk.com").swallow();
    scene.lab.censor().when_sni("vk.ru").swallow();
    let byway = scene.byway(&["direct:"]);
    let mut network = Network::new("hotel", NetworkKind::Wifi);
    network.validated = false;
    byway.set_network(network);
    let error = byway.open(LINK).await.unwrap_err();
    let sentence = error.reachability().unwrap().sentence(Language::En);
    assert!(
        sentence.contains("This device's system says that the network does not lead to the internet."),
        "{sentence}"
    );
}
