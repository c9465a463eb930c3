//! Exposure outranks reach: what the client itself sends into the network is counted.

use std::net::SocketAddr;
use std::time::Duration;

use byway::internals::sentences::attempted;
use byway::internals::transport::Isolation;
use byway::{Exposure, FetchError, Language, PlanError};
use byway_lab::{Fault, Lab};
use tokio::time::Instant;

use crate::stack::{byway, engine, fetch, get, open};

const ALL: &[&str] = &["direct:", "socks5://198.51.100.7:1080?cc=nl", "tor+socks5://127.0.0.1:9050"];

/// The platform, another site, a proxy, a Tor.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.vk().community("club").name("The club").post("hello");
    lab.host("site.example").at("203.0.113.30").https().http().page("/", "the page");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.tor();
    lab
}

/// Everyone to whom the client sent anything.
fn contacted(lab: &Lab) -> Vec<SocketAddr> {
    let mut all: Vec<SocketAddr> = lab.packets().connects().into_iter().map(|(_, to)| to).collect();
    all.sort();
    all.dedup();
    all
}

#[tokio::test(start_paused = true)]
async fn proxied_sends_no_direct_packet_and_no_lookup() {
    let lab = lab();
    let opened = open(&lab, ALL, Exposure::Proxied, "club").await.unwrap();
    assert_eq!(opened.posts.len(), 1);
    let proxies: Vec<SocketAddr> = vec!["127.0.0.1:9050".parse().unwrap(), "198.51.100.7:1080".parse().unwrap()];
    assert!(contacted(&lab).iter().all(|to| proxies.contains(to)), "{}", lab.packets());
    assert_eq!(lab.packets().lookups(), Vec::<String>::new());
    assert!(lab.log().tunnels().iter().all(|(to, _)| to.starts_with("api.vk.ru:")), "names travel unresolved");
}

#[tokio::test(start_paused = true)]
async fn tor_sends_nothing_to_anybody_but_tor() {
    let lab = lab();
    let opened = open(&lab, ALL, Exposure::Tor, "club").await.unwrap();
    assert_eq!(opened.reachability.reached_by.unwrap().scheme(), "tor+socks5");
    assert_eq!(contacted(&lab), ["127.0.0.1:9050".parse().unwrap()]);
    assert_eq!(lab.packets().lookups(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn exposure_fails_closed_without_a_packet() {
    for (exposure, allowed) in [(Exposure::Proxied, &ALL[..1]), (Exposure::Tor, &ALL[..2])] {
        let lab = lab();
        let mut request = get("https://site.example/");
        request.exposure = exposure;
        let fetched = fetch(&lab, allowed, request).await;
        assert!(matches!(fetched.result, Err(FetchError::Plan(PlanError::ExposureForbidsAll { .. }))));
        assert!(lab.packets().is_empty(), "{}", lab.packets());
    }
}

#[tokio::test(start_paused = true)]
async fn a_broken_circuit_of_tor_costs_a_second_and_nothing_else() {
    for (code, is_reached) in [(1, true), (2, false), (4, false), (6, false), (0xF0, false)] {
        let lab = lab();
        let _ = lab.tor().fault(Fault::FirstReply(code));
        let mut request = get("https://site.example/");
        request.exposure = Exposure::Tor;
        let began = Instant::now();
        let fetched = fetch(&lab, ALL, request).await;
        assert_eq!(fetched.result.is_ok(), is_reached, "{code:#x}");
        assert_eq!(fetched.attempts.len(), 1, "it is one attempt");
        let said = attempted(Language::En, &fetched.attempts[0]);
        assert_eq!(said.contains("Tor was asked twice"), is_reached, "{said}");
        let at_least = Duration::from_secs(u64::from(is_reached));
        assert!((at_least..at_least + Duration::from_secs(1)).contains(&began.elapsed()), "{:?}", began.elapsed());
        assert_eq!(contacted(&lab), ["127.0.0.1:9050".parse().unwrap()]);
        let tunnels = lab.log().tunnels();
        assert_eq!(tunnels.len(), if is_reached { 2 } else { 1 }, "{tunnels:?}");
        assert!(!is_reached || tunnels[0].1 != tunnels[1].1, "the second circuit is another: {tunnels:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_tor_opens_no_direct_route() {
    let lab = lab();
    let _ = lab.tor().dead();
    let mut request = get("https://site.example/");
    request.exposure = Exposure::Tor;
    assert!(fetch(&lab, ALL, request).await.result.is_err());
    assert_eq!(contacted(&lab), ["127.0.0.1:9050".parse().unwrap()]);
}

#[tokio::test(start_paused = true)]
async fn a_probe_is_bound_by_the_exposure_too() {
    let lab = lab();
    let probed = byway(&lab, ALL, Exposure::Tor).await.probe("vk.com/club").await.unwrap();
    assert_eq!(probed.reached_by.unwrap().scheme(), "tor+socks5");
    assert_eq!(contacted(&lab), ["127.0.0.1:9050".parse().unwrap()]);
    assert!(lab.packets().lookups().is_empty());
}

#[tokio::test(start_paused = true)]
async fn redirects_are_bound_by_the_exposure_too() {
    let lab = lab();
    lab.host("site.example").redirect("/out", "https://elsewhere.example/");
    lab.host("elsewhere.example").at("203.0.113.31").https().page("/", "there");
    let mut request = get("https://site.example/out");
    request.exposure = Exposure::Tor;
    assert_eq!(&fetch(&lab, ALL, request).await.result.unwrap().body[..], b"there");
    assert_eq!(contacted(&lab), ["127.0.0.1:9050".parse().unwrap()]);
    assert!(lab.packets().lookups().is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_communities_have_different_circuits_and_one_has_its_own() {
    let lab = lab();
    let engine = engine(&lab, ALL);
    for community in ["one", "two", "one"] {
        let mut request = get("https://site.example/");
        request.exposure = Exposure::Tor;
        request.isolation = Isolation::of(community);
        engine.fetch(request).await.result.unwrap();
        engine.forget_connections();
    }
    let logins: Vec<String> = lab.log().tunnels().into_iter().map(|(_, login)| login.unwrap()).collect();
    assert_eq!(logins.len(), 3, "{}", lab.log());
    assert_ne!(logins[0], logins[1]);
    assert_eq!(logins[0], logins[2]);
    assert!(!logins.iter().any(|login| login.contains("one") || login.contains("two")));
}

#[tokio::test(start_paused = true)]
async fn an_onion_is_never_looked_up() {
    let lab = lab();
    let onion = format!("{}.onion", "a".repeat(56));
    lab.onion(&onion).page("/", "the mirror");
    let fetched = fetch(&lab, ALL, get(&format!("http://{onion}/"))).await;
    assert_eq!(&fetched.result.unwrap().body[..], b"the mirror");
    assert!(lab.packets().lookups().is_empty(), "{}", lab.packets());
}
