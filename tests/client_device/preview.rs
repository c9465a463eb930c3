//! A preview names every observer and sends nothing.

use std::collections::BTreeSet;
use std::net::IpAddr;

use byway::Exposure;
use byway::internals::sentences::{Language, Observer};
use byway::internals::transport::{PlannedLookups, Resolver};
use byway::net::Net as _;
use byway::{Network, NetworkKind, OpenOptions, PreviewContact, PreviewRoute, VkToken};
use byway_lab::{Log, What};

use super::{LINK, Scene};

#[tokio::test(start_paused = true)]
async fn a_preview_names_each_routes_observers_and_sends_nothing() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    let preview = byway.preview(LINK).await.unwrap();
    assert!(scene.lab.log().is_empty(), "{:?}", scene.lab.log());
    let observers: Vec<Vec<&str>> =
        preview.routes.iter().map(|way| way.contacts.iter().map(|contact| contact.observer.code()).collect()).collect();
    assert_eq!(
        observers,
        [
            vec!["resolver", "provider", "platform"],
            vec!["provider", "proxy", "platform"],
            vec!["provider", "exit", "platform"]
        ]
    );
    assert_eq!(preview.hosts, ["api.vk.ru", "api.vk.com"]);
    assert_eq!((preview.kept, preview.refusal, preview.link.exposure), (false, None, Exposure::Open));
    for contact in preview.routes.iter().flat_map(|way| &way.contacts) {
        for &language in Language::ALL {
            let sentence = contact.sentence(language);
            assert!(!sentence.contains("CANARY"), "{sentence}");
        }
    }
    let platform = preview.routes[0].contacts.last().unwrap();
    assert_eq!(platform.observer, Observer::Platform);
    assert_eq!(
        platform.sentence(Language::En),
        "VK sees your address and what is read; the token names an app, not you."
    );
}

#[tokio::test(start_paused = true)]
async fn a_preview_is_bound_as_the_opening_would_be() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    byway.open("vk.com/works_council#exposure=tor").await.unwrap();
    let (preview, sent) = scene.sent_during(byway.preview(LINK)).await;
    let preview = preview.unwrap();
    assert!(sent.is_empty() && preview.kept && preview.link.exposure == Exposure::Tor);
    assert!(preview.routes.iter().all(|way| way.strategy.is_tor()) && preview.routes.len() == 1);

    let person = scene.builder(&scene.all()).vk_token(VkToken::from(super::TOKEN)).exposure(Exposure::Tor);
    let preview = person.build().await.unwrap().preview(LINK).await.unwrap();
    assert!(preview.routes.is_empty());
    assert_eq!(preview.refusal, Some("token_names_reader"));
}

#[tokio::test(start_paused = true)]
async fn behind_a_vpn_the_preview_and_the_verdict_speak_of_it() {
    let scene = Scene::new();
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).reset();
    }
    let byway = scene.byway(&["direct:", &scene.proxy.url()]).await;
    byway.set_network(Network::new("home", NetworkKind::Vpn));
    let preview = byway.preview(LINK).await.unwrap();
    let provider = preview.routes[0].contacts.iter().find(|contact| contact.observer == Observer::Provider).unwrap();
    assert!(provider.sentence(Language::En).starts_with("The VPN sees"));
    let opened = byway.open(LINK).await.unwrap();
    let sentence = opened.reachability.sentence(Language::En);
    assert!(sentence.starts_with("The connection is cut behind this VPN when api.vk.ru is named (TLS)."), "{sentence}");
    assert!(sentence.contains("A VPN is on"), "{sentence}");
}

#[tokio::test(start_paused = true)]
async fn a_network_that_the_system_has_not_validated_is_said_to_be_so() {
    let scene = Scene::new();
    scene.lab.censor().when_sni("vk.com").swallow();
    scene.lab.censor().when_sni("vk.ru").swallow();
    let byway = scene.byway(&["direct:"]).await;
    let mut network = Network::new("hotel", NetworkKind::Wifi);
    network.validated = false;
    byway.set_network(network);
    let error = byway.open(LINK).await.unwrap_err();
    let sentence = error.reachability().unwrap().sentence(Language::En);
    assert!(sentence.contains("The system says that this network has no internet access."), "{sentence}");
}

/// What a preview says about one strategy, and what opening with it did, in one form.
#[derive(Debug, Default, PartialEq)]
struct Contacts {
    /// Names for which the system's resolver was asked.
    system: BTreeSet<String>,
    /// A resolver was asked for the host over UDP; over TLS or HTTPS.
    udp: bool,
    private: bool,
    /// The host's name passed the network in readable form.
    named: bool,
    /// A proxy or Tor was asked for the host.
    tunnel: bool,
    /// The host was asked from the device's own address.
    own_address: bool,
}

impl Contacts {
    fn previewed(way: &PreviewRoute, host: &str) -> Self {
        let codes: Vec<&str> = way.contacts.iter().map(|contact| contact.observer.code()).collect();
        assert_eq!(codes.iter().filter(|code| **code == "provider").count(), 1, "{codes:?}");
        let lookups: Vec<PlannedLookups> = way.contacts.iter().map(PreviewContact::lookups).collect();
        let of_host = || lookups.iter().flat_map(|lookups| &lookups.of_host);
        let system = of_host().filter(|dns| **dns == Resolver::System).map(|_| host.to_owned());
        let told = |observer: &str| {
            let contact = way.contacts.iter().find(|contact| contact.observer.code() == observer);
            contact.map(|contact| contact.sentence(Language::En)).unwrap_or_default()
        };
        let udp = of_host().any(|dns| matches!(dns, Resolver::Udp(_)));
        let provider = told("provider");
        assert!(!provider.is_empty() && !told("platform").is_empty());
        Self {
            system: system.chain(lookups.iter().flat_map(|lookups| lookups.of_servers.clone())).collect(),
            udp,
            private: of_host().any(|dns| matches!(dns, Resolver::Tls(_) | Resolver::Https { .. })),
            named: provider.contains(&format!("connect to {host}"))
                || provider.contains(&format!("reads the name {host}")),
            tunnel: codes.contains(&"proxy") || codes.contains(&"exit"),
            own_address: told("platform").contains("your address"),
        }
    }

    fn happened(log: &Log, host: &str) -> Self {
        let own = |what: &dyn Fn(&What) -> bool| log.by("client").events().iter().any(|event| what(&event.what));
        let phone: IpAddr = "192.0.2.10".parse().unwrap();
        Self {
            system: asked_system(log),
            udp: own(
                &|what| matches!(what, What::Datagram { query: Some(name), .. } if name.trim_end_matches('.') == host),
            ),
            private: log.asked().iter().any(|(name, _, over)| name.trim_end_matches('.') == host && *over != "tcp"),
            named: log.censored() > 0,
            tunnel: log.tunnels().iter().any(|(to, _)| to.starts_with(host)),
            own_address: log.events().iter().any(
                |event| matches!(&event.what, What::Request { from, url, .. } if *from == phone && url.contains(host)),
            ),
        }
    }
}

/// The names for which the system's resolver was asked, and no other.
fn asked_system(log: &Log) -> BTreeSet<String> {
    let name = |what: &What| match what {
        What::Lookup { name } => Some(name.clone()),
        _ => None,
    };
    log.by("client").events().iter().filter_map(|event| name(&event.what)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_preview_says_exactly_what_opening_does() {
    let host = "api.vk.ru";
    for (way, by_hand) in [
        ("direct:", false),
        ("direct:", true),
        ("direct:?dns=udp://9.9.9.9", false),
        ("direct:?dns=udp://9.9.9.9", true),
        ("direct:?dns=tls://dns.example@9.9.9.9", false),
        ("direct:?dns=tls://dns.example", false),
        ("direct:?dns=system&dns=udp://9.9.9.9&dns=https://dns.example/dns-query", false),
        ("direct:?dns=https://dns.example@9.9.9.9/dns-query&ech=require", false),
        ("direct:?tls=frag", false),
        ("https://198.51.100.17", false),
        ("https://named.example", false),
        ("https://named.example", true),
        ("socks5://198.51.100.8:1080", false),
        ("http://plain.example:3128", true),
        ("ss://aes-256-gcm:password@198.51.100.10:8388", false),
        ("tor+socks5://127.0.0.1:9050", false),
    ] {
        let scene = Scene::new();
        scene.lab.https_proxy("named.example").at("198.51.100.17");
        scene.lab.socks5("socks.example").at("198.51.100.8");
        scene.lab.http_proxy("plain.example").at("198.51.100.9");
        scene.lab.shadowsocks("ss.example").at("198.51.100.10").password("aes-256-gcm", "password");
        scene.lab.resolver("9.9.9.9").named("dns.example").tls().https();
        let moment = std::time::Duration::from_millis(1);
        scene.lab.censor().when_sni(host).inside_proxies().delay(moment);
        scene.lab.censor().when_cleartext(host).inside_proxies().delay(moment);
        // Another internet of the same kind, because the question is the test's own.
        let address = Scene::new().lab.client().lookup(host).await.unwrap()[0];
        let before = scene.lab.log().len();
        let mut builder = scene.builder(&[way]);
        if by_hand {
            builder = builder.resolve("api.vk.ru:443".parse().unwrap(), address);
        }
        let byway = builder.build().await.unwrap();
        let preview = byway.preview(LINK).await.unwrap();
        assert_eq!(scene.lab.log().len(), before, "a preview sends nothing");
        assert_eq!((preview.routes.len(), preview.refusal), (1, None), "{way}");
        let previewed = Contacts::previewed(&preview.routes[0], host);
        let opened = byway.open(LINK).await;
        let happened = Contacts::happened(&scene.lab.log(), host);
        if way.contains("ech=require") {
            // The lab's host publishes no key: the resolver is asked, and the host is sent nothing.
            assert!(opened.is_err() && !happened.named && !happened.own_address, "{way}: {happened:?}");
            assert_eq!(previewed.private, happened.private, "{way}");
            continue;
        }
        opened.unwrap();
        assert_eq!(previewed, happened, "{way}, by hand: {by_hand}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_preview_where_nothing_may_be_sent_says_so() {
    let scene = Scene::new();
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    let preview = scene.byway(&scene.all()).await.preview_with(LINK, offline).await.unwrap();
    assert_eq!((preview.routes.len(), preview.refusal), (0, Some("offline")));
    // A store's floor that leaves no strategy.
    let byway = scene.byway(&["direct:"]).await;
    let preview = byway.preview("vk.com/works_council#exposure=tor").await.unwrap();
    assert_eq!((preview.routes.len(), preview.refusal), (0, Some("no_way")));
}
