//! The table of docs/threats.md: who sees what with each strategy, as the lab's machines see it.
//!
//! A middlebox in front of the phone is the provider: it watches for the site's name (in TLS, in cleartext, in
//! questions to resolvers, and inside a plain proxy's stream) and for the words of the page. The lab's log has the
//! requests to a proxy and the source address of the site's visitor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::time::Duration;

use byway::{Byway, Language, Roots};
use byway_lab::{Lab, Log, What};

const NAME: &str = "news.example";
const PATH: &str = "/meeting-on-friday";
const PHONE: &str = "192.0.2.10";
const PROXY: &str = "198.51.100.7";

/// Who learned what about one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// The network in front of the phone read the site's name.
    provider_name: bool,
    /// It read which page was requested.
    provider_page: bool,
    /// The system's resolver was asked for the site.
    system_resolver: bool,
    /// Another resolver was asked in cleartext.
    other_resolver: bool,
    /// Another resolver was asked over an encrypted connection.
    private_resolver: bool,
    /// A proxy or Tor was given the site's name.
    proxy_name: bool,
    /// The site was contacted from the phone's own address.
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
    // The observers: a rule that only delays shows in the log that its condition was met.
    let moment = Duration::from_millis(1);
    lab.censor().when_sni(NAME).inside_proxies().delay(moment);
    lab.censor().when_cleartext(NAME).inside_proxies().delay(moment);
    lab.censor().when_cleartext(PATH).inside_proxies().delay(moment);

    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let byway = Byway::builder().strategy(way.parse().unwrap()).roots(roots).net(lab.client()).build().await.unwrap();
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

/// Whether the phone asked a resolver that it chose for the site.
fn asked_in_the_clear(log: &Log) -> bool {
    let is_site = |name: &str| name.trim_end_matches('.') == NAME;
    let asked = |what: &What| matches!(what, What::Datagram { query: Some(name), .. } if is_site(name));
    log.by("client").events().iter().any(|event| asked(&event.what))
}

#[tokio::test(start_paused = true)]
async fn each_strategy_shows_what_the_page_on_threats_says() {
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
async fn a_preview_names_each_observer_and_sends_nothing() {
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
            Byway::builder().strategy(way.parse().unwrap()).vk_token("token").net(lab.client()).build().await.unwrap();
        let preview = byway.preview("vk.com/works_council").await.unwrap();
        let named: Vec<_> =
            preview.routes.iter().flat_map(|way| &way.contacts).map(|one| one.observer.code()).collect();
        assert_eq!(named, observers, "{way}");
        assert!(lab.packets().is_empty(), "{way}: {}", lab.packets());
    }
}

/// Two hosts: the first redirects from `first` to `second`; the middlebox in front of the phone watches for both.
struct Chain {
    lab: Lab,
}

impl Chain {
    fn new(second: &str) -> Self {
        let lab = Lab::new();
        let to = format!("{second}{PATH}");
        let first = lab.host("a.example").at("203.0.113.20").https().http();
        first.redirect("/secret?q=name", &to).redirect("/secret", &to);
        lab.host("b.example").at("203.0.113.21").https().http().page(PATH, "We meet on Friday.");
        lab.host("inside.example").at("10.0.0.7").http().page(PATH, "The printer.");
        lab.resolver("9.9.9.9").named("dns.example").tls().https();
        lab.tor();
        lab.https_proxy("proxy.example").at(PROXY);
        let moment = Duration::from_millis(1);
        for word in ["a.example", "b.example"] {
            lab.censor().when_sni(word).inside_proxies().delay(moment);
        }
        for word in ["secret?q=name", PATH] {
            lab.censor().when_cleartext(word).inside_proxies().delay(moment);
        }
        Self { lab }
    }

    fn builder(&self, ways: &[&str]) -> byway::Builder {
        let roots = Roots::from_certificates(self.lab.ca_pem().as_bytes()).unwrap();
        let ways = ways.iter().map(|way| way.parse().unwrap());
        Byway::builder().strategies(ways).roots(roots).net(self.lab.client())
    }

    /// What is said about the page in English, whether it came or not.
    async fn told(&self, byway: &Byway, url: &str) -> String {
        let reachability = match byway.get(url).await {
            Ok(got) => got.reachability,
            Err(error) => error.reachability().unwrap().clone(),
        };
        let russian = reachability.sentence(Language::Ru);
        assert!(
            !russian.contains("your provider") && ["видит", "видел", "мог "].iter().any(|word| russian.contains(word)),
            "{russian}"
        );
        let account = reachability.account(Language::En).to_string();
        for name in ["a.example", "b.example", "proxy.example", "dns.example", "9.9.9.9"] {
            let own = name == "proxy.example" || name == "dns.example";
            assert!(own || !account.contains(name), "an account names no host: {account}");
        }
        reachability.sentence(Language::En)
    }

    fn box_saw(&self, word: &str) -> bool {
        let log = self.lab.log();
        log.events().iter().any(|event| matches!(&event.what, What::Censored { rule, .. } if rule.contains(word)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_chain_says_what_was_read_of_its_cleartext_hop() {
    let chain = Chain::new("https://b.example");
    let byway = chain.builder(&["direct:"]).build().await.unwrap();
    let told = chain.told(&byway, "http://a.example/secret?q=name").await;
    assert!(chain.box_saw("secret?q=name") && chain.box_saw("b.example") && !chain.box_saw(PATH));
    assert!(told.contains("your provider sees that you connect to b.example"), "{told}");
    assert!(
        told.contains("your provider could read the whole address asked for on a.example, and the answer"),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_hop_that_went_directly_is_not_hidden_by_tor() {
    for scheme in ["http", "https"] {
        let chain = Chain::new("https://b.example");
        chain.lab.censor().when_sni("b.example").reset();
        let byway = chain.builder(&["direct:", "tor+socks5://127.0.0.1:9050"]).build().await.unwrap();
        let told = chain.told(&byway, &format!("{scheme}://a.example/secret?q=name")).await;
        assert!(told.contains("Read through Tor"), "{told}");
        let of_first = match scheme {
            "http" => "could read the whole address asked for on a.example, and the answer",
            _ => "saw the names a.example and b.example",
        };
        assert!(
            told.contains(of_first)
                && told.contains("the servers that answer for a.example and b.example saw your address"),
            "{told}"
        );
        assert_eq!(chain.box_saw("secret?q=name"), scheme == "http");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cleartext_page_by_tor_is_said_to_be_read_at_the_exit() {
    let chain = Chain::new("https://b.example");
    let byway = chain.builder(&["tor+socks5://127.0.0.1:9050"]).build().await.unwrap();
    let told = chain.told(&byway, "http://a.example/secret?q=name").await;
    assert!(
        told.contains("Besides, Tor's exit could read the whole address asked for on a.example, and the answer."),
        "{told}"
    );
    assert!(!told.contains("saw your address") && !told.contains("saw the name"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_lookup_counts_as_something_that_was_sent() {
    let require = "direct:?dns=https://dns.example@9.9.9.9/dns-query&ech=require";
    for (way, url, says) in [
        (require, "https://b.example/", "The resolver dns.example saw the name b.example."),
        ("direct:", "https://nowhere.example/", "Your provider saw the name nowhere.example."),
        ("direct:?dns=udp://9.9.9.9", "https://nowhere.example/", "The resolver 9.9.9.9 saw the name nowhere.example."),
    ] {
        let chain = Chain::new("http://b.example");
        let byway = chain.builder(&[way]).build().await.unwrap();
        let told = chain.told(&byway, url).await;
        assert!(told.contains(says), "{way}: {told}");
        assert!(!told.contains("Nothing was tried") && !told.contains("nothing was sent"), "{way}: {told}");
        if way == require {
            assert!(!told.contains("our provider saw the name"), "the question was encrypted: {told}");
            assert!(!chain.box_saw("b.example"));
        }
    }
    // A stranger's redirect leads to a name, and that name to a private address: it is refused after the lookup.
    let chain = Chain::new("http://inside.example");
    let byway = chain.builder(&["direct:"]).build().await.unwrap();
    let told = chain.told(&byway, "http://a.example/secret?q=name").await;
    assert!(chain.lab.log().lookups().contains(&"inside.example".to_owned()));
    assert!(told.contains("saw the name inside.example") && told.contains("asked for on a.example"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_was_not_asked_saw_no_name() {
    for listens in [false, true] {
        let chain = Chain::new("http://b.example");
        let resolver = chain.lab.resolver("203.0.113.9");
        if listens {
            // It does not prove its name, so it gets no question.
            let _ = resolver.tls().certificate(byway_lab::Certificate::SelfSigned);
        }
        let byway = chain.builder(&["direct:?dns=tls://203.0.113.9"]).build().await.unwrap();
        let error = byway.get("https://b.example/").await.unwrap_err();
        let reachability = error.reachability().unwrap();
        let (en, ru) = (reachability.sentence(Language::En), reachability.sentence(Language::Ru));
        assert!(!en.contains("saw the name") && !en.contains("looked up directly"), "{en}");
        assert!(!ru.contains("видел"), "{ru}");
        assert!(!chain.box_saw("b.example"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_proxy_was_seen_and_the_host_was_not() {
    let chain = Chain::new("https://b.example");
    chain.lab.host("dead.example").at("198.51.100.99").silent();
    let byway = chain.builder(&["https://dead.example"]).build().await.unwrap();
    let told = chain.told(&byway, "https://b.example/").await;
    assert!(told.contains("Your provider saw only that you connect to the proxy dead.example."), "{told}");
    assert!(!told.contains("name b.example"), "{told}");
}
