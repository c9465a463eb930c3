//! The table of docs/threats.md: who sees what by each way, as the lab's machines see it.
//!
//! A box in front of the phone is the provider: it watches for the site's name (in TLS, in cleartext, in questions to
//! resolvers, and inside of what is only wrapped by a proxy) and for the words of the page. What a proxy is asked for
//! and from which address the site is asked stands in the lab's log.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::time::Duration;

use byway::Byway;
use byway::wire::tls::Roots;
use byway_lab::{Lab, Log, What};

const NAME: &str = "news.example";
const PATH: &str = "/meeting-on-friday";
const PHONE: &str = "192.0.2.10";
const PROXY: &str = "198.51.100.7";

/// Who learned what of one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// The network in front of the phone read the site's name.
    provider_name: bool,
    /// It read which page was asked for.
    provider_page: bool,
    /// The system's resolver was asked for the site.
    system_resolver: bool,
    /// Another resolver was, in the clear.
    other_resolver: bool,
    /// Another resolver was, where nobody on the way reads it.
    private_resolver: bool,
    /// A proxy or Tor was given the site's name.
    proxy_name: bool,
    /// The site was asked from the phone's own address.
    site_phone: bool,
}

async fn seen(scheme: &str, way: &str) -> Seen {
    let lab = Lab::new();
    lab.host(NAME).at("203.0.113.10").https().http().page(PATH, "We meet on Friday.");
    lab.socks5("proxy.one").at(PROXY);
    lab.http_proxy("proxy.two").at(PROXY);
    lab.https_proxy("proxy.three").at(PROXY);
    lab.shadowsocks("proxy.four").at(PROXY).password("aes-256-gcm", "password");
    lab.tor();
    lab.resolver("9.9.9.9").named("dns.example").tls().https();
    // The eyes: a rule that only delays shows in the log that its condition was met.
    let moment = Duration::from_millis(1);
    lab.censor().when_sni(NAME).inside_proxies().delay(moment);
    lab.censor().when_cleartext(NAME).inside_proxies().delay(moment);
    lab.censor().when_cleartext(PATH).inside_proxies().delay(moment);

    let roots = Roots::from_pem(lab.ca_pem().as_bytes()).unwrap();
    let byway = Byway::builder().strategy(way.parse().unwrap()).roots(roots).net(lab.client()).build().unwrap();
    let got = byway.get(&format!("{scheme}://{NAME}{PATH}")).await.unwrap();
    assert_eq!(&got.response.body[..], b"We meet on Friday.");

    let log = lab.log();
    let rules = |word: &str| {
        log.events().iter().any(|event| matches!(&event.what, What::Censored { rule, .. } if rule.contains(word)))
    };
    let asked = asked_in_the_clear(&log);
    Seen {
        provider_name: rules(NAME) || asked,
        provider_page: rules(PATH),
        system_resolver: log.events().iter().any(|event| matches!(&event.what, What::Lookup { name } if name == NAME)),
        other_resolver: asked,
        private_resolver: log.asked().iter().any(|(name, ..)| name == NAME),
        proxy_name: log.tunnels().iter().any(|(to, _)| to.starts_with(NAME)),
        site_phone: log.events().iter().any(
            |event| matches!(&event.what, What::Request { from, url, .. } if url.contains(PATH) && from.to_string() == PHONE),
        ),
    }
}

/// Whether the phone asked a resolver of its own choice for the site.
fn asked_in_the_clear(log: &Log) -> bool {
    let is_site = |name: &str| name.trim_end_matches('.') == NAME;
    let asked = |what: &What| matches!(what, What::Datagram { query: Some(name), .. } if is_site(name));
    log.by("client").events().iter().any(|event| asked(&event.what))
}

#[tokio::test(start_paused = true)]
async fn each_way_shows_what_the_page_on_threats_says() {
    let plain = |scheme: &str| scheme == "http";
    for scheme in ["https", "http"] {
        let direct = Seen {
            provider_name: true,
            provider_page: plain(scheme),
            system_resolver: true,
            other_resolver: false,
            private_resolver: false,
            proxy_name: false,
            site_phone: true,
        };
        assert_eq!(seen(scheme, "direct:").await, direct, "{scheme}");

        let other_resolver = Seen { system_resolver: false, other_resolver: true, ..direct };
        assert_eq!(seen(scheme, "direct:?dns=udp://9.9.9.9").await, other_resolver, "{scheme}");

        let private_resolver = Seen { system_resolver: false, private_resolver: true, ..direct };
        for way in ["direct:?dns=tls://dns.example@9.9.9.9", "direct:?dns=https://dns.example@9.9.9.9/dns-query"] {
            assert_eq!(seen(scheme, way).await, private_resolver, "{scheme} by {way}");
        }

        let by_proxy = |provider_name, provider_page| Seen {
            provider_name,
            provider_page,
            system_resolver: false,
            other_resolver: false,
            private_resolver: false,
            proxy_name: true,
            site_phone: false,
        };
        for way in ["socks5://198.51.100.7:1080", "http://198.51.100.7:3128"] {
            assert_eq!(seen(scheme, way).await, by_proxy(true, plain(scheme)), "{scheme} by {way}");
        }
        for way in
            ["https://198.51.100.7:443", "ss://aes-256-gcm:password@198.51.100.7:8388", "tor+socks5://127.0.0.1:9050"]
        {
            assert_eq!(seen(scheme, way).await, by_proxy(false, false), "{scheme} by {way}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_preview_names_those_who_would_see_something_and_sends_nothing() {
    for (way, observers) in [
        ("direct:", &["resolver", "provider", "platform"][..]),
        ("direct:?dns=udp://9.9.9.9", &["resolver", "provider", "platform"]),
        ("direct:?dns=system&dns=https://dns.example@9.9.9.9/dns-query", &["resolver", "provider", "platform"]),
        ("socks5://198.51.100.7:1080", &["provider", "proxy", "platform"]),
        ("http://198.51.100.7:3128", &["provider", "proxy", "platform"]),
        ("https://proxy.example", &["resolver", "provider", "proxy", "platform"]),
        ("ss://aes-256-gcm:password@198.51.100.7:8388", &["provider", "proxy", "platform"]),
        ("tor+socks5://127.0.0.1:9050", &["provider", "exit", "platform"]),
    ] {
        let lab = Lab::new();
        let byway =
            Byway::builder().strategy(way.parse().unwrap()).vk_token("token").net(lab.client()).build().unwrap();
        let preview = byway.preview("vk.com/works_council").await.unwrap();
        let named: Vec<_> = preview.ways.iter().flat_map(|way| &way.contacts).map(|one| one.observer.code()).collect();
        assert_eq!(named, observers, "{way}");
        assert!(lab.packets().is_empty(), "{way}: {}", lab.packets());
    }
}
