//! The HTTP engine in the lab: real TLS and HTTP/2, round trips of 50 ms, and a censor on the path.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use byway::Exposure;
use byway::internals::fetch::{Fetched, HttpClient, Request};
use byway::internals::reach::{Finding, Ledger, NetworkId, Outcome};
use byway::internals::transport::{Dialer, Isolation, Overrides, Stage};
use byway::internals::wire::tls::{Roots, TlsClient};
use byway::net::Net;
use byway_lab::{Lab, Page};

fn client(lab: &Lab, strategies: &[&str]) -> HttpClient {
    let net: Arc<dyn Net> = lab.client();
    let roots = Roots::from_certificates(&lab.ca_der()).unwrap();
    let tls = TlsClient::new(net.clone(), &roots).unwrap();
    let dialer = Dialer::new(net, &tls, Overrides::default());
    let strategies = strategies.iter().map(|text| text.parse().unwrap()).collect();
    HttpClient::new(dialer, tls, Arc::new(Ledger::in_memory()), strategies, NetworkId::default())
}

fn get(url: &str) -> Request {
    Request::get(url.parse().unwrap())
}

fn codes(fetched: &Fetched) -> Vec<(Stage, &'static str)> {
    fetched.attempts.iter().map(|attempt| (attempt.stage, attempt.outcome.code())).collect()
}

fn noise(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

#[tokio::test(start_paused = true)]
async fn a_page_is_read_over_http2_and_its_connection_used_again() {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().page("/", "the group").page("/more", "more of it");
    let client = client(&lab, &["direct:"]);
    let first = client.fetch(get("https://vk.com/")).await;
    assert_eq!(first.result.unwrap().body, "the group");
    assert!(first.attempts[0].proved_name);
    let second = client.fetch(get("https://vk.com/more")).await;
    assert_eq!(second.result.unwrap().body, "more of it");
    assert!(second.attempts[0].reused && second.attempts[0].proved_name);
    assert_eq!(second.attempts[0].took, byway_lab::RTT);
    assert_eq!(lab.packets().connects().len(), 1);
    assert_eq!(lab.packets().lookups(), ["vk.com"]);
}

#[tokio::test(start_paused = true)]
async fn a_head_request_has_no_body_whatever_its_answer_says() {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().page("/", "the group");
    let mut request = get("https://vk.com/");
    request.method = http::Method::HEAD;
    let response = client(&lab, &["direct:"]).fetch(request).await.result.unwrap();
    assert_eq!(response.status, 200);
    assert!(response.body.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_the_censor_freezes_is_continued_through_a_proxy() {
    let lab = Lab::new();
    let file = noise(200_000);
    lab.host("vk.com").at("203.0.113.10").https().page("/", Page::new(file.clone()).with_ranges("\"v1\""));
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7");
    // This is after the handshake and a few whole TLS records: half a record cannot be read or continued.
    lab.censor().when_sni("vk.com").freeze_after_bytes(64 * 1024);
    let fetched = client(&lab, &["direct:", &proxy.url()]).fetch(get("https://vk.com/")).await;
    assert_eq!(codes(&fetched), [(Stage::Progress, "silence"), (Stage::Progress, "ok")]);
    let [frozen, continued] = &fetched.attempts[..] else { panic!() };
    // The next attempt begins as the first ends: two seconds after its last byte.
    assert_eq!(continued.started, frozen.started + frozen.took);
    // Only the missing part came by the other route.
    let head = 1024;
    assert!(frozen.bytes > 32 * 1024, "{}", frozen.bytes);
    assert!(frozen.bytes + continued.bytes < file.len() as u64 + head, "{}", continued.bytes);
    let response = fetched.result.unwrap();
    assert!(response.body == file);
    assert_eq!(response.strategy.to_string(), proxy.url());
}

#[tokio::test(start_paused = true)]
async fn a_block_page_moves_to_the_next_route() {
    let lab = Lab::new();
    lab.host("site.example").at("203.0.113.10").http().page("/", "content");
    // A plain proxy would show the censor the same request.
    let proxy = lab.https_proxy("proxy.nl").at("198.51.100.7");
    lab.censor().when_host("site.example").block_page(Page::redirect("http://warning.rt.ru/?id=7"));
    let fetched = client(&lab, &["direct:", &proxy.url()]).fetch(get("http://site.example/")).await;
    let Outcome::Refuted(Finding::BlockPage { fingerprint, statement }) = &fetched.attempts[0].outcome else {
        panic!()
    };
    assert_eq!(fingerprint, "ru.rostelecom");
    assert_eq!(statement.link.as_deref(), Some("http://warning.rt.ru/?id=7"));
    assert_eq!(fetched.result.unwrap().body, "content");
}

#[tokio::test(start_paused = true)]
async fn every_hop_finds_its_own_route() {
    let lab = Lab::new();
    lab.host("old.example").at("203.0.113.10").https().redirect("/", "https://new.example/page");
    lab.host("new.example").at("203.0.113.20").https().page("/page", "moved here");
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7");
    lab.censor().when_sni("new.example").reset();
    let fetched = client(&lab, &["direct:", &proxy.url()]).fetch(get("https://old.example/")).await;
    let seen: Vec<_> = fetched.attempts.iter().map(|a| (a.hop, a.stage, a.outcome.code())).collect();
    assert_eq!(seen, [(0, Stage::Progress, "ok"), (1, Stage::Tls, "reset"), (1, Stage::Progress, "ok")]);
    assert_eq!(
        fetched.urls.iter().map(url::Url::as_str).collect::<Vec<_>>(),
        ["https://old.example/", "https://new.example/page"]
    );
    assert_eq!(fetched.result.unwrap().body, "moved here");
}

#[tokio::test(start_paused = true)]
async fn losers_can_be_listened_to_when_the_answer_is_there() {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().page("/", "the group");
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7");
    lab.censor().when_sni("vk.com").swallow();
    let fetched = client(&lab, &["direct:", &proxy.url()]).fetch(get("https://vk.com/")).await;
    assert_eq!(codes(&fetched), [(Stage::Tls, "pending"), (Stage::Progress, "ok")]);
    assert_eq!(fetched.attempts[1].started, Duration::from_millis(250));
    let (result, losers) = fetched.split();
    let attempts = losers.settle(Duration::from_secs(10)).await;
    assert_eq!(result.unwrap().body, "the group");
    assert_eq!((attempts[0].stage, attempts[0].outcome.code()), (Stage::Tls, "silence"));
}

#[tokio::test(start_paused = true)]
async fn two_communities_do_not_share_a_tor_circuit_or_a_connection() {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().page("/", "the group");
    let tor = lab.tor();
    let client = client(&lab, &["direct:", &tor.url()]);
    for label in ["one", "two", "one"] {
        let mut request = get("https://vk.com/");
        request.exposure = Exposure::Tor;
        request.isolation = Isolation::of(label);
        assert_eq!(client.fetch(request).await.result.unwrap().body, "the group");
    }
    let tunnels = lab.log().tunnels();
    assert_eq!(tunnels.len(), 2);
    assert_ne!(tunnels[0].1, tunnels[1].1);
    // Only Tor's own port was ever contacted.
    assert!(lab.packets().connects().iter().all(|(_, to)| to.ip().is_loopback()));
    assert!(lab.packets().lookups().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_page_is_slow_and_not_frozen() {
    let lab = Lab::new();
    let file = noise(60_000);
    lab.host("vk.com").at("203.0.113.10").https().page("/", Page::new(file.clone()));
    lab.censor().when_sni("vk.com").rate(6_000);
    let fetched = client(&lab, &["direct:"]).fetch(get("https://vk.com/")).await;
    assert_eq!(codes(&fetched), [(Stage::Progress, "ok")]);
    assert!(fetched.result.unwrap().body == file);
    assert!(fetched.attempts[0].took > Duration::from_secs(9));
}
