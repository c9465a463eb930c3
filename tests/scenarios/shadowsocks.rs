//! Shadowsocks: what can be read through it, and what its silence means (N3, N19, N24).

use byway::internals::reach::{Layer, VerdictCode};
use byway::{Exposure, Language};
use byway_lab::{Fault, Lab, Proxy};

use crate::stack::{open, probe};

const DIRECT: &str = "direct:?cc=ru";
const URL: &str = "https://vk.com/";
const KEY: &str = "YctPZ6U7xPPcU+gp3u+0tx/tRizJN9K8y+uKlW2qjlI=";

/// The group, a Shadowsocks server in the Netherlands, and no fault yet.
fn lab() -> (Lab, Proxy) {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().http().page("/", "the group");
    let server = lab.shadowsocks("ss.nl").at("198.51.100.7").country("nl");
    (lab, server)
}

#[tokio::test(start_paused = true)]
async fn n3_a_cut_name_is_read_through_shadowsocks_by_every_method() {
    for (method, password) in [
        ("aes-128-gcm", "a password / with @ and :"),
        ("aes-256-gcm", "p"),
        ("chacha20-ietf-poly1305", "p"),
        ("2022-blake3-aes-128-gcm", "AQEBAQEBAQEBAQEBAQEBAQ=="),
        ("2022-blake3-aes-256-gcm", KEY),
        ("2022-blake3-chacha20-poly1305", KEY),
    ] {
        let (lab, server) = lab();
        let way = server.password(method, password).url();
        lab.censor().when_sni("vk.com").inside_proxies().reset();
        let probed = probe(&lab, &[DIRECT, &way], URL).await;
        assert_eq!(probed.told(), (VerdictCode::TlsInterfered, Some(Layer::Tls), Some("ss")), "{method}: {probed:?}");
        assert_eq!(probed.text(), Some("the group"));
        assert!(lab.log().tunnels().iter().all(|(to, _)| to == "vk.com:443"), "the name travels unresolved");
    }
}

#[tokio::test(start_paused = true)]
async fn exposure_proxied_contacts_the_server_and_looks_nothing_up() {
    let (lab, server) = lab();
    lab.vk().community("club").name("The club").post("hello");
    let opened = open(&lab, &[DIRECT, &server.url()], Exposure::Proxied, "club").await.unwrap();
    assert_eq!(opened.posts.len(), 1);
    assert!(lab.packets().connects().iter().all(|(_, to)| *to == server.socket()), "{}", lab.packets());
    assert_eq!(lab.packets().lookups(), Vec::<String>::new());
}

/// What a server does.
type Breakage = fn(Proxy) -> Proxy;

#[tokio::test(start_paused = true)]
async fn n19_a_shadowsocks_server_is_blamed_and_never_the_host() {
    let broken: &[(&str, Breakage, &str)] = &[
        ("dead", Proxy::dead, "route.dead"),
        ("off", Proxy::down, "route.dead"),
        ("another password", |server| server.password("chacha20-ietf-poly1305", "another"), "route.unanswered"),
        ("another method", |server| server.password("aes-128-gcm", "of-the-lab"), "route.unanswered"),
        ("a method of 2022", |server| server.password("2022-blake3-aes-256-gcm", KEY), "route.unanswered"),
        ("hangs", Proxy::hangs, "route.unanswered"),
        ("hangs when asked", |server| server.fault(Fault::HangOnRequest), "route.unanswered"),
        ("closes", |server| server.fault(Fault::Close), "route.unanswered"),
        ("garbage", Proxy::garbage, "route.garbage"),
    ];
    for (how, break_it, rule) in broken {
        for others in [&[DIRECT][..], &[]] {
            let (lab, server) = lab();
            let way = server.url();
            break_it(server);
            let ways = [&[way.as_str()][..], others].concat();
            let probed = probe(&lab, &ways, URL).await;
            let reached = others.first().map(|_| "direct");
            assert_eq!(probed.told(), (VerdictCode::RouteFailed, Some(Layer::Route), reached), "{how}: {probed:?}");
            assert_eq!(probed.reachability.verdict.rule.code(), *rule, "{how}: {probed:?}");
            assert_eq!(probed.text(), reached.map(|_| "the group"), "{how}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n19_a_key_of_2022_that_is_another_is_blamed_on_the_server() {
    let (lab, server) = lab();
    let server = server.password("2022-blake3-aes-256-gcm", KEY);
    let way = server.url();
    let _ = server.password("2022-blake3-aes-256-gcm", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let probed = probe(&lab, &[&way, DIRECT], URL).await;
    assert_eq!(probed.told(), (VerdictCode::RouteFailed, Some(Layer::Route), Some("direct")), "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n24_a_host_down_behind_a_good_server_is_not_blocked() {
    let (lab, server) = lab();
    lab.host("vk.com").refuses();
    let probed = probe(&lab, &[&server.url(), DIRECT], URL).await;
    assert_eq!(probed.told(), (VerdictCode::Unknown, None, None), "{probed:?}");
    let probed = probe(&lab, &[DIRECT, &server.url()], URL).await;
    assert_eq!((probed.told().0, probed.told().2), (VerdictCode::Unknown, None), "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_bad_certificate_behind_the_server_is_not_the_servers_fault() {
    let (lab, server) = lab();
    lab.host("vk.com").expired_certificate();
    let probed = probe(&lab, &[&server.url(), DIRECT], URL).await;
    assert_eq!(probed.told().0, VerdictCode::OriginFault, "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_cut_behind_the_server_looks_like_a_wrong_password() {
    let (lab, server) = lab();
    let server = server.behind_censor();
    lab.tor();
    lab.censor().when_sni("vk.com").reset();
    let probed = probe(&lab, &[&server.url(), "tor+socks5://127.0.0.1:9050"], URL).await;
    assert_eq!(probed.told(), (VerdictCode::RouteFailed, Some(Layer::Route), Some("tor+socks5")), "{probed:?}");
    assert_eq!(probed.reachability.verdict.rule.code(), "route.unanswered");
    let sentence = probed.reachability.sentence(Language::En);
    assert!(sentence.contains("cut before or behind it"), "{sentence}");
}
