//! Rows N1 to N5, N13, N17 to N20 and N24: the verdict's code and layer, and what the user then gets.

use std::time::{Duration, SystemTime};

use byway::community::CommunityState;
use byway::internals::reach::{Layer, VerdictCode};
use byway::source::SourceError;
use byway::{Exposure, Language, OpenFault};
use byway_lab::{Certificate, Fault, Lab, Page, Proxy};

use crate::stack::{byway, open, probe};

/// The group, a proxy in the Netherlands, and no fault yet.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().http().page("/", "the group");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

/// What a network or a host does.
type Setup = fn(&Lab);
/// What a proxy does.
type Breakage = fn(Proxy);

const DIRECT: &str = "direct:?cc=ru";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const OTHER_RESOLVER: &str = "direct:?dns=udp://198.51.100.53";
const BOTH: &[&str] = &[DIRECT, PROXY];
const URL: &str = "https://vk.com/";
const PLAIN_URL: &str = "http://vk.com/";
const NOTICE: &str = "Материал заблокирован на территории Российской Федерации на основании требования Генеральной \
    прокуратуры Российской Федерации от 21.09.2017 № 27-31-2017/Ид4752-17";

#[tokio::test(start_paused = true)]
async fn without_a_censor_it_is_reachable() {
    let lab = lab();
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::Reachable, None, Some("direct")), "{probed:?}");
    assert_eq!(probed.text(), Some("the group"));
}

#[tokio::test(start_paused = true)]
async fn n1_a_lying_resolver_is_dns_tampered_and_another_one_works() {
    let lies: &[(&str, Setup)] = &[
        ("nxdomain", |lab| drop(lab.system_resolver().nxdomain("vk.com"))),
        ("servfail", |lab| drop(lab.system_resolver().servfail("vk.com"))),
        ("refused", |lab| drop(lab.system_resolver().refuses("vk.com"))),
        ("silence", |lab| drop(lab.system_resolver().silent("vk.com"))),
        ("bogon", |lab| drop(lab.system_resolver().answers("vk.com", "10.10.34.35"))),
        ("loopback", |lab| drop(lab.system_resolver().answers("vk.com", "127.0.0.1"))),
        ("block page's address", |lab| {
            lab.host("block.isp").at("192.0.2.66").https().http().page("/", "blocked");
            drop(lab.system_resolver().answers("vk.com", "192.0.2.66"));
        }),
        ("dead address", |lab| drop(lab.system_resolver().answers("vk.com", "192.0.2.67"))),
    ];
    for (lie, tell) in lies {
        let lab = lab();
        lab.resolver("198.51.100.53");
        tell(&lab);
        let probed = probe(&lab, &[DIRECT, OTHER_RESOLVER], URL).await;
        assert_eq!(probed.told(), (VerdictCode::DnsTampered, Some(Layer::Dns), Some("direct")), "{lie}: {probed:?}");
        assert_eq!(probed.text(), Some("the group"), "{lie}");
    }
}

#[tokio::test(start_paused = true)]
async fn n1_an_injected_answer_is_dns_tampered_and_a_proxy_works() {
    let lab = lab();
    lab.censor().when_query("vk.com").resolve_to("10.10.34.35");
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::DnsTampered, Some(Layer::Dns), Some("socks5")), "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n2_a_cut_address_is_tcp_blocked_if_another_vantage_connects() {
    let cuts: &[(&str, Setup)] = &[
        ("swallow", |lab| drop(lab.censor().when_address("203.0.113.10").swallow())),
        ("refuse", |lab| drop(lab.censor().when_address("203.0.113.10").refuse())),
        ("unreachable", |lab| drop(lab.censor().when_address("203.0.113.10").unreachable())),
    ];
    for (how, cut) in cuts {
        let lab = lab();
        cut(&lab);
        let probed = probe(&lab, BOTH, URL).await;
        assert_eq!(probed.told(), (VerdictCode::TcpBlocked, Some(Layer::Tcp), Some("socks5")), "{how}: {probed:?}");
        let alone = probe(&lab, &[DIRECT], URL).await;
        assert_eq!(alone.told(), (VerdictCode::Unknown, Some(Layer::Tcp), None), "{how}: {alone:?}");
    }
    let lab = lab();
    lab.host("vk.com").refuses();
    let down = probe(&lab, BOTH, URL).await;
    assert_eq!(down.told(), (VerdictCode::OriginDown, Some(Layer::Tcp), None), "{down:?}");
}

#[tokio::test(start_paused = true)]
async fn n2_another_address_of_the_same_host_is_tried() {
    let lab = lab();
    lab.host("vk.com").at("203.0.113.11");
    lab.censor().when_address("203.0.113.10").refuse();
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::Reachable, None, Some("direct")), "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n3_a_cut_on_sni_is_tls_interfered() {
    let cuts: &[(&str, Setup)] = &[
        ("reset", |lab| drop(lab.censor().when_sni("vk.com").reset())),
        ("close", |lab| drop(lab.censor().when_sni("vk.com").close())),
        ("swallow", |lab| drop(lab.censor().when_sni("vk.com").swallow())),
        ("residual", |lab| drop(lab.censor().when_sni("vk.com").residual(Duration::from_secs(60)).reset())),
    ];
    for (how, cut) in cuts {
        let lab = lab();
        cut(&lab);
        let probed = probe(&lab, BOTH, URL).await;
        assert_eq!(probed.told(), (VerdictCode::TlsInterfered, Some(Layer::Tls), Some("socks5")), "{how}: {probed:?}");
        assert_eq!(probed.text(), Some("the group"));
    }
}

#[tokio::test(start_paused = true)]
async fn n3_a_box_that_reads_one_segment_is_found_out_or_passed() {
    // rustls randomises the order of extensions, and a post-quantum key share fills a segment: each connection sends
    // its name in the first segment or in the second. In both cases the user reads the group.
    for _ in 0..8 {
        let lab = lab();
        lab.censor().when_sni("vk.com").first_segment_only().reset();
        let reachability = byway(&lab, BOTH, Exposure::Open).await.probe(URL).await.unwrap();
        let told = if lab.log().censored() > 0 { VerdictCode::TlsInterfered } else { VerdictCode::Reachable };
        assert_eq!(reachability.verdict.code, told, "{}", lab.log());
        assert!(reachability.reached_by.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn n3_a_cut_cleartext_host_is_http_interfered_after_redirects() {
    let lab = lab();
    lab.censor().when_host("vk.com").reset();
    let probed = probe(&lab, BOTH, PLAIN_URL).await;
    assert_eq!(probed.told(), (VerdictCode::HttpInterfered, Some(Layer::Http), Some("socks5")), "{probed:?}");

    lab.host("short.example").http().redirect("/g", PLAIN_URL);
    let probed = probe(&lab, BOTH, "http://short.example/g").await;
    assert_eq!(probed.told(), (VerdictCode::HttpInterfered, Some(Layer::Http), Some("socks5")), "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n4_a_forged_certificate_is_tls_mitm_and_no_request_is_sent() {
    let lab = lab();
    lab.censor().when_sni("vk.com").forge_certificate();
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::TlsMitm, Some(Layer::Tls), Some("socks5")), "{probed:?}");
    assert!(lab.log().by("censor").requests().is_empty(), "{}", lab.log());
    let alone = probe(&lab, &[DIRECT], URL).await;
    assert_eq!(alone.told(), (VerdictCode::OriginFault, Some(Layer::Tls), None), "{alone:?}");
}

#[tokio::test(start_paused = true)]
async fn n5_a_block_page_is_distinguished_from_the_page() {
    let page = || Page::new("<title>Доступ ограничен</title>Доступ к запрашиваемому ресурсу ограничен по решению суда");
    let injected = [
        page(),
        page().status(403),
        Page::redirect("http://warning.rt.ru/?id=1"),
        Page::redirect("http://10.10.34.36/"),
    ];
    for page in injected {
        let lab = lab();
        lab.censor().when_host("vk.com").block_page(page);
        let probed = probe(&lab, BOTH, PLAIN_URL).await;
        assert_eq!(probed.told(), (VerdictCode::BlockPage, Some(Layer::Http), Some("socks5")), "{probed:?}");
        assert_eq!(probed.text(), Some("the group"));
    }
}

#[tokio::test(start_paused = true)]
async fn n5_a_451_is_legal_451_with_its_link() {
    let lab = lab();
    lab.censor().when_host("vk.com").legal_451("https://rkn.example/", "By order of the court");
    let probed = probe(&lab, BOTH, PLAIN_URL).await;
    assert_eq!(probed.told(), (VerdictCode::Legal451, Some(Layer::Http), Some("socks5")), "{probed:?}");
    assert_eq!(probed.reachability.verdict.statement.unwrap().link.as_deref(), Some("https://rkn.example/"));
}

#[tokio::test(start_paused = true)]
async fn n6_a_frozen_body_is_frozen() {
    let lab = lab();
    lab.host("vk.com").page("/long", vec![b'x'; 100_000]);
    lab.censor().when_sni("vk.com").freeze_after_bytes(16 * 1024);
    let probed = probe(&lab, BOTH, "https://vk.com/long").await;
    assert_eq!(probed.told(), (VerdictCode::Frozen, Some(Layer::Network), Some("socks5")), "{probed:?}");
    assert_eq!(probed.text().unwrap().len(), 100_000);
}

#[tokio::test(start_paused = true)]
async fn n13_no_network_is_offline() {
    let lab = lab();
    lab.client().offline();
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::Offline, Some(Layer::Network), None), "{probed:?}");
}

/// A middlebox sends "unreachable" for the site and for the proxy. The resolver answered, and the user is told so.
#[tokio::test(start_paused = true)]
async fn n2_addresses_called_unreachable_are_not_offline() {
    let lab = lab();
    lab.censor().when_address("203.0.113.10").unreachable();
    lab.censor().when_address("198.51.100.7").unreachable();
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::Unknown, Some(Layer::Tcp), None), "{probed:?}");
    let (en, ru) = (probed.reachability.sentence(Language::En), probed.reachability.sentence(Language::Ru));
    assert!(!en.contains("no network") && en.contains("saw the name vk.com"), "{en}");
    assert!(!ru.contains("нет сети") && ru.contains("vk.com"), "{ru}");
}

#[tokio::test(start_paused = true)]
async fn n13_a_portal_is_a_captive_portal() {
    let lab = lab();
    lab.client().captive_portal();
    let probed = probe(&lab, BOTH, PLAIN_URL).await;
    assert_eq!(probed.told(), (VerdictCode::CaptivePortal, Some(Layer::Network), None), "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n13_a_wrong_clock_is_named_as_such() {
    let day = Duration::from_secs(86_400);
    for clock in [SystemTime::UNIX_EPOCH + day, SystemTime::UNIX_EPOCH - day] {
        let lab = lab();
        lab.client().wall_clock(clock);
        let probed = probe(&lab, BOTH, URL).await;
        assert_eq!(probed.told(), (VerdictCode::OriginFault, Some(Layer::Tls), None), "{clock:?}: {probed:?}");
        assert_eq!(probed.reachability.verdict.rule.code(), "clock.not_yet_valid", "{clock:?}: {probed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn n17_a_page_hidden_here_is_platform_blocked_and_read_abroad() {
    let lab = Lab::new();
    lab.vk().community("club").name("The club").post("hello").hidden_in("ru", NOTICE);
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    let probed = probe(&lab, BOTH, "https://vk.com/club").await;
    assert_eq!(probed.told(), (VerdictCode::PlatformBlocked, Some(Layer::Platform), Some("socks5")), "{probed:?}");
    let statement = probed.reachability.verdict.statement.unwrap();
    assert!(statement.authority.unwrap().contains("Генеральн"));
}

#[tokio::test(start_paused = true)]
async fn n17_a_redirect_to_the_platforms_blank_is_platform_blocked() {
    let lab = Lab::new();
    lab.vk().community("club").name("The club").blanked_in("ru");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    let probed = probe(&lab, BOTH, "https://vk.com/club").await;
    assert_eq!(probed.told(), (VerdictCode::PlatformBlocked, Some(Layer::Platform), Some("socks5")), "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n17_a_community_hidden_here_is_read_abroad_and_noted() {
    for notice in [NOTICE, ""] {
        let lab = Lab::new();
        lab.vk().community("club").name("The club").post("hello").hidden_in("ru", notice);
        lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
        let opened = open(&lab, BOTH, Exposure::Open, "club").await.unwrap();
        assert_eq!((opened.community.name.as_str(), opened.posts.len()), ("The club", 1), "{notice}");
        assert_eq!(opened.reachability.verdict.code, VerdictCode::PlatformBlocked, "{opened:?}");
        assert_eq!(opened.reachability.reached_by.unwrap().scheme(), "socks5");
        let stated = &opened.community.restrictions;
        let numbers: Vec<_> = stated.iter().filter_map(|restriction| restriction.number.as_deref()).collect();
        assert!(!stated.is_empty(), "what VK stated on the first way is kept");
        assert_eq!(numbers.contains(&"27-31-2017/Ид4752-17"), !notice.is_empty(), "{stated:?}");

        // A proxy in the same country repeats it.
        lab.socks5("proxy.ru").at("198.51.100.8").country("ru");
        let repeated = open(&lab, &[DIRECT, "socks5://198.51.100.8:1080?cc=ru"], Exposure::Open, "club").await;
        match repeated {
            Ok(opened) => {
                assert!(opened.posts.is_empty() && opened.reachability.verdict.code == VerdictCode::PlatformBlocked)
            }
            Err(error) => assert_eq!(error.code(), "restricted"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n18_a_deleted_group_is_gone() {
    let lab = Lab::new();
    lab.vk().community("club").deactivated("deleted");
    let opened = open(&lab, BOTH, Exposure::Open, "club").await.unwrap();
    assert_eq!(opened.community.state, CommunityState::Gone);
    assert_eq!(opened.reachability.verdict.code, VerdictCode::Gone, "{opened:?}");
}

#[tokio::test(start_paused = true)]
async fn n19_our_own_proxy_is_blamed_and_never_the_host() {
    let broken: &[(&str, Breakage)] = &[
        ("dead", |proxy| drop(proxy.dead())),
        ("off", |proxy| drop(proxy.down())),
        ("wrong password", |proxy| drop(proxy.password("somebody", "else"))),
        ("garbage", |proxy| drop(proxy.garbage())),
        ("refuses", |proxy| drop(proxy.replies(2))),
        ("fails", |proxy| drop(proxy.replies(1))),
        ("hangs", |proxy| drop(proxy.hangs())),
        ("hangs when asked", |proxy| drop(proxy.fault(Fault::HangOnRequest))),
        ("closes", |proxy| drop(proxy.fault(Fault::Close))),
    ];
    for (how, break_it) in broken {
        let lab = lab();
        break_it(lab.socks5("proxy.nl"));
        let probed = probe(&lab, &[PROXY, DIRECT], URL).await;
        assert_eq!(probed.told(), (VerdictCode::RouteFailed, Some(Layer::Route), Some("direct")), "{how}: {probed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn n19_a_proxy_that_wants_its_login_by_http_is_blamed_too() {
    let lab = lab();
    lab.http_proxy("proxy.de").at("198.51.100.9").password("u", "p");
    let probed = probe(&lab, &["http://198.51.100.9:3128", DIRECT], URL).await;
    assert_eq!(probed.told(), (VerdictCode::RouteFailed, Some(Layer::Route), Some("direct")), "{probed:?}");
    let right = probe(&lab, &["http://u:p@198.51.100.9:3128", DIRECT], URL).await;
    assert_eq!(right.told(), (VerdictCode::Reachable, None, Some("http")), "{right:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reset_inside_an_unencrypted_proxy_is_tls_interfered() {
    let lab = lab();
    lab.censor().when_sni("vk.com").inside_proxies().reset();
    lab.tor();
    let probed = probe(&lab, &[PROXY, "tor+socks5://127.0.0.1:9050"], URL).await;
    assert_eq!(probed.told(), (VerdictCode::TlsInterfered, Some(Layer::Tls), Some("tor+socks5")), "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n20_a_token_of_another_address_is_an_authentication_error() {
    let lab = Lab::new();
    lab.vk().bind_token_to_address().community("club").name("The club");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    open(&lab, &[DIRECT], Exposure::Open, "club").await.unwrap();
    let moved = open(&lab, &[PROXY], Exposure::Open, "club").await.unwrap_err();
    let OpenFault::Source(SourceError::TokenRefused { other_address: true, stated }) = &moved.fault else {
        panic!("{moved:?}");
    };
    assert_eq!((stated.code, stated.platform.name()), (Some(5), "VK"));
    let reachability = moved.reachability().unwrap();
    assert_eq!(reachability.verdict.code, VerdictCode::Reachable, "VK answered: that is no block");
}

#[tokio::test(start_paused = true)]
async fn n24_a_site_that_is_down_is_not_censored() {
    let faults: &[(&str, Setup, VerdictCode)] = &[
        ("refuses", |lab| drop(lab.host("vk.com").refuses()), VerdictCode::OriginDown),
        ("unreachable", |lab| drop(lab.host("vk.com").unreachable()), VerdictCode::OriginDown),
        ("expired", |lab| drop(lab.host("vk.com").expired_certificate()), VerdictCode::OriginFault),
        (
            "wrong name",
            |lab| drop(lab.host("vk.com").certificate(Certificate::ForName("x.example".into()))),
            VerdictCode::OriginFault,
        ),
        ("500", |lab| drop(lab.host("vk.com").page("/", Page::new("oops").status(500))), VerdictCode::OriginFault),
        ("loops", |lab| drop(lab.host("vk.com").redirect("/", "/")), VerdictCode::OriginFault),
        ("inward", |lab| drop(lab.host("vk.com").redirect("/", "http://127.0.0.1/")), VerdictCode::OriginFault),
    ];
    for (fault, make, code) in faults {
        let lab = lab();
        make(&lab);
        let probed = probe(&lab, BOTH, URL).await;
        assert_eq!((probed.reachability.verdict.code, probed.got.is_none()), (*code, true), "{fault}: {probed:?}");
    }
}
