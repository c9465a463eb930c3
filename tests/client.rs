//! The client over the lab: what an app gets, and what was sent for it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::time::Duration;

use byway::internals::reach::{Outcome, VerdictCode};
use byway::{BuildError, Builder, Byway, Exposure, GetFault, Language, OpenFault, Roots, SyncLimits, VkToken};
use byway_lab::{Lab, Proxy};
use futures_util::FutureExt as _;

const LINK: &str = "vk.com/works_council";

fn lab() -> (Lab, Proxy, Proxy) {
    let lab = Lab::new();
    let _ = lab.vk().token("token").community("works_council").post("We meet on Friday.");
    let (proxy, tor) = (lab.https_proxy("proxy.example").at("198.51.100.7").country("nl"), lab.tor());
    (lab, proxy, tor)
}

fn over(lab: &Lab, ways: &[&str]) -> Builder {
    let ways = ways.iter().map(|way| way.parse().unwrap());
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    Byway::builder().strategies(ways).roots(roots).vk_token("token").net(lab.client())
}

fn cut_vk(lab: &Lab) {
    lab.censor().when_sni("vk.com").reset();
    lab.censor().when_sni("vk.ru").reset();
}

#[tokio::test(start_paused = true)]
async fn a_community_is_read_directly_where_nothing_is_cut() {
    let (lab, _, _) = lab();
    let opened = over(&lab, &[]).build().await.unwrap().open(LINK).await.unwrap();
    assert_eq!(opened.posts[0].text, "We meet on Friday.");
    assert_eq!(opened.reachability.verdict.code, VerdictCode::Reachable);
    assert!(opened.reachability.is_direct());
    let sentence = opened.reachability.sentence(Language::En);
    assert!(sentence.contains("your provider sees that you connect to api.vk.ru"), "{sentence}");
}

#[tokio::test(start_paused = true)]
async fn a_cut_name_is_read_by_the_next_route_and_the_cut_is_named() {
    let (lab, proxy, tor) = lab();
    cut_vk(&lab);
    let byway = over(&lab, &["direct:", &proxy.url(), &tor.url()]).build().await.unwrap();
    let opened = byway.open(LINK).await.unwrap();
    let reachability = &opened.reachability;
    assert_eq!(
        (reachability.verdict.code, reachability.verdict.rule.code()),
        (VerdictCode::TlsInterfered, "tls.reset.other_vantage")
    );
    assert_eq!(reachability.reached_by, Some(proxy.url().parse().unwrap()));
    assert!(
        reachability
            .sentence(Language::En)
            .starts_with("The connection is cut on this network when api.vk.ru is named (TLS). Read")
    );
    assert!(reachability.sentence(Language::Ru).starts_with("В этой сети соединение обрывают"));
}

#[tokio::test(start_paused = true)]
async fn one_cut_route_alone_is_blocked_or_down() {
    let (lab, _, _) = lab();
    cut_vk(&lab);
    let error = over(&lab, &[]).build().await.unwrap().open(LINK).await.unwrap_err();
    let reachability = error.reachability().unwrap();
    assert_eq!((error.code(), reachability.verdict.code), ("unreached", VerdictCode::Unknown));
    assert_eq!(reachability.reached_by, None);
    assert!(reachability.sentence(Language::En).contains("blocked or down"));
}

#[tokio::test(start_paused = true)]
async fn a_probe_tries_every_route_and_names_the_first_that_reads() {
    let (lab, proxy, tor) = lab();
    cut_vk(&lab);
    let byway = over(&lab, &["direct:", &tor.url(), &proxy.url()]).build().await.unwrap();
    let reachability = byway.probe(LINK).await.unwrap();
    assert_eq!(reachability.url, "https://vk.com/works_council");
    assert_eq!(reachability.verdict.code, VerdictCode::TlsInterfered);
    // Tor is slower than the proxy and first in the app's order.
    assert_eq!(reachability.reached_by, Some(tor.url().parse().unwrap()));
    let proven = reachability.attempts.iter().filter(|attempt| attempt.outcome == Outcome::Proven).count();
    assert_eq!((reachability.attempts.len(), proven), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_strategy_that_was_given_twice_is_probed_once() {
    let (lab, _, tor) = lab();
    let byway = over(&lab, &["direct:", &tor.url(), "direct:"]).build().await.unwrap();
    let reachability = byway.probe(LINK).await.unwrap();
    let asked: Vec<String> = reachability.attempts.iter().map(|attempt| attempt.strategy.to_string()).collect();
    assert_eq!(asked, ["direct:", &tor.url()]);
}

#[tokio::test(start_paused = true)]
async fn a_host_on_this_device_is_judged_by_a_route_that_reaches_it() {
    let (lab, proxy, _) = lab();
    for ways in [&["direct:"][..], &[&proxy.url(), "direct:"]] {
        let byway = over(&lab, ways).build().await.unwrap();
        let probed = byway.probe("http://127.0.0.1:9/").await.unwrap();
        let error = byway.get("http://127.0.0.1:9/").await.unwrap_err();
        for told in [&probed, error.reachability().unwrap()] {
            assert_ne!(told.verdict.code, VerdictCode::RouteFailed, "{ways:?}");
            assert!(!told.sentence(Language::En).contains("allow `direct:`"), "{}", told.sentence(Language::En));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_comes_first_and_silent_routes_are_recorded_later() {
    let (lab, proxy, _) = lab();
    lab.host("example.org").at("203.0.113.10").https().page("/", "the page");
    lab.censor().when_sni("example.org").swallow();
    let byway = over(&lab, &["direct:", &proxy.url()]).build().await.unwrap();
    let mut got = byway.get("https://example.org/").await.unwrap();
    assert_eq!(&got.response.body[..], b"the page");
    assert_eq!(got.reachability.verdict.rule.code(), "not_waited_for");
    got.settle().await;
    assert_eq!(got.reachability.verdict.rule.code(), "tls.silence.other_vantage");
    got.settle().await;
    assert_eq!(got.reachability.verdict.code, VerdictCode::TlsInterfered);
}

#[tokio::test(start_paused = true)]
async fn a_verdict_speaks_of_the_address_at_which_a_redirect_was_cut() {
    let (lab, proxy, _) = lab();
    lab.host("short.example").at("203.0.113.11").https().redirect("/", "https://example.org/");
    lab.host("example.org").at("203.0.113.10").https().page("/", "the page");
    lab.censor().when_sni("example.org").reset();
    let byway = over(&lab, &["direct:", &proxy.url()]).build().await.unwrap();
    let got = byway.get("https://short.example/").await.unwrap();
    assert_eq!(got.reachability.verdict.code, VerdictCode::TlsInterfered);
    let sentence = got.reachability.sentence(Language::En);
    assert!(sentence.starts_with("The connection is cut on this network when example.org is named"), "{sentence}");
}

#[tokio::test(start_paused = true)]
async fn redirects_to_nowhere_are_the_sites_own_fault() {
    let (lab, _, _) = lab();
    lab.host("loop.example").at("203.0.113.12").https().redirect("/", "/");
    let error = over(&lab, &[]).build().await.unwrap().get("https://loop.example/").await.unwrap_err();
    assert_eq!(error.code(), "too_many_redirects");
    assert_eq!(error.reachability().unwrap().verdict.rule.code(), "redirect.nowhere");
}

#[tokio::test(start_paused = true)]
async fn exposure_tor_sends_to_tor_only_and_never_a_users_token() {
    let (lab, proxy, tor) = lab();
    let ways = ["direct:", &proxy.url(), &tor.url()];
    let person = over(&lab, &ways).exposure(Exposure::Tor).build().await.unwrap();
    let error = person.open(LINK).await.unwrap_err();
    assert!(error.reachability().is_none(), "nothing was contacted");
    assert!(lab.packets().events().is_empty(), "{:?}", lab.packets());

    let app = over(&lab, &ways).exposure(Exposure::Tor).vk_token(VkToken::service("token")).build().await.unwrap();
    let opened = app.open(LINK).await.unwrap();
    assert!(opened.reachability.reached_by.as_ref().unwrap().is_tor());
    assert_eq!(
        opened.reachability.verdict.code,
        VerdictCode::Reachable,
        "the verdict is about the first way that is allowed"
    );
    app.probe(LINK).await.unwrap();
    assert!(lab.packets().lookups().is_empty());
    assert_eq!(lab.packets().first_packet_to("198.51.100.7"), None);
    assert_eq!(lab.packets().first_packet_to("203.0.113.80"), None);
}

#[tokio::test(start_paused = true)]
async fn a_community_hidden_everywhere_is_restricted_not_interfered() {
    let (lab, proxy, _) = lab();
    let notice = "Материал заблокирован на территории Российской Федерации на основании требования Генеральной прокуратуры \
                  Российской Федерации от 21.09.2017 № 27-31-2017/Ид4752-17";
    let _ = lab.vk().community("works_council").hidden_in("ru", notice);
    let direct = over(&lab, &[]).build().await.unwrap().open(LINK).await.unwrap_err();
    assert_eq!(direct.code(), "restricted");
    assert_eq!(direct.reachability().unwrap().verdict.code, VerdictCode::PlatformBlocked);
    assert_eq!(direct.reachability().unwrap().reached_by, None);

    let both = over(&lab, &["direct:", &proxy.url()]).build().await.unwrap().open(LINK).await.unwrap();
    assert_eq!(both.reachability.verdict.code, VerdictCode::PlatformBlocked);
    assert!(!both.reachability.is_direct());
    assert_eq!(both.community.restrictions.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_proxy_in_ones_own_country_is_no_witness_against_its_orders() {
    let (lab, _, _) = lab();
    let proxy = lab.socks5("proxy.ru").at("198.51.100.8").country("ru").behind_censor();
    cut_vk(&lab);
    let ways = ["direct:", &proxy.url()];
    let verdict = async |byway: Byway| byway.probe(LINK).await.unwrap().verdict;
    // If the country is unknown, two networks that both fail are evidence of a host that is down.
    assert_eq!(verdict(over(&lab, &ways).build().await.unwrap()).await.code, VerdictCode::OriginDown);
    let here = over(&lab, &ways).country("ru".parse().unwrap()).build().await.unwrap();
    assert_eq!(verdict(here).await.code, VerdictCode::Unknown);
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_says_is_gone_was_reached() {
    let (lab, _, _) = lab();
    let _ = lab.vk().community("works_council").deactivated("banned");
    let reachability = match over(&lab, &[]).build().await.unwrap().open(LINK).await {
        Ok(opened) => opened.reachability,
        Err(error) => error.reachability().unwrap().clone(),
    };
    assert_eq!(reachability.verdict.code, VerdictCode::Gone);
    assert!(reachability.is_direct());
}

#[tokio::test(start_paused = true)]
async fn time_that_runs_out_is_kept_to_and_accounted_for() {
    let (lab, _, _) = lab();
    for name in ["vk.com", "vk.ru"] {
        lab.censor().when_sni(name).swallow();
    }
    let byway = over(&lab, &[]).timeout(Duration::from_secs(2)).build().await.unwrap();
    let started = tokio::time::Instant::now();
    let error = byway.open(LINK).await.unwrap_err();
    assert!(started.elapsed() <= Duration::from_millis(2100), "{:?}", started.elapsed());
    assert!(!error.reachability().unwrap().attempts.is_empty());
}

#[tokio::test]
async fn what_cannot_be_built_says_why() {
    let forbidden = Byway::builder().exposure(Exposure::Tor).build().await;
    assert!(matches!(forbidden, Err(BuildError::Plan(_))));
    let plain = Byway::builder().vk_api("http://vk.example").build().await;
    assert!(matches!(plain, Err(BuildError::Vk(_))));
}

#[test]
fn building_outside_a_runtime_is_an_error() {
    let outside = Byway::builder().build().now_or_never().expect("it does not wait");
    let error = outside.expect_err("no runtime");
    assert!(matches!(error, BuildError::NoRuntime), "{error}");
    assert_eq!(error.code(), "no_runtime");
}

#[tokio::test]
async fn what_is_no_link_sends_nothing() {
    let (lab, _, _) = lab();
    let byway = over(&lab, &[]).build().await.unwrap();
    assert!(matches!(
        byway.open("https://chat.whatsapp.com/zavod").await.unwrap_err().fault,
        OpenFault::UnsupportedHome
    ));
    assert!(matches!(byway.open("nothing").await.unwrap_err().fault, OpenFault::Link(_)));
    assert!(matches!(byway.get("ftp://example.org/").await.unwrap_err().fault, GetFault::Url(_)));
    assert!(byway.probe("nothing").await.is_err());
    assert!(lab.packets().events().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_page_that_leads_nowhere_is_retried_within_the_timeout() {
    let lab = Lab::new();
    lab.host("site.example").at("203.0.113.10").https().redirect("/", "http://127.0.0.1/");
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7").hangs();
    let time = Duration::from_secs(5);
    let byway = over(&lab, &["direct:", &proxy.url()]).timeout(time).build().await.unwrap();
    let error = byway.get("https://site.example/").await.unwrap_err();
    assert!(lab.log().first_packet_to("198.51.100.7").is_some(), "{}", lab.log());
    assert_eq!(error.reachability().unwrap().verdict.code, VerdictCode::OriginFault);
    assert!(lab.elapsed() <= time, "{:?}", lab.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_longest_time_limit_is_a_limit_and_no_overflow() {
    let (lab, proxy, tor) = lab();
    lab.host("site.example").at("203.0.113.10").https().page("/", "hello");
    for timeout in [Duration::MAX, Duration::MAX - Duration::from_nanos(1), Duration::from_secs(u64::MAX / 2)] {
        let byway = over(&lab, &["direct:", &proxy.url(), &tor.url()]).timeout(timeout).build().await.unwrap();
        let opened = byway.open(LINK).await.unwrap();
        byway.refresh(&opened.community.id).await.unwrap();
        let mut got = byway.get("https://site.example/").await.unwrap();
        got.settle_for(timeout).await;
        byway.probe(LINK).await.unwrap();
        let limits = SyncLimits { deadline: timeout, bytes: u64::MAX };
        assert_eq!(byway.sync_once(std::slice::from_ref(&opened.community.id), limits).await.communities.len(), 1);
        byway.set_retention(Some(u32::MAX)).await.unwrap();
    }
}

/// What an app does with a handle and a call: it passes them to other threads and tasks.
#[test]
fn handles_and_calls_go_to_other_threads() {
    fn goes<T: Send + 'static>(_: T) {}
    fn is_a_handle<T: Clone + Send + Sync + 'static>() {}
    is_a_handle::<Byway>();
    goes(Byway::builder().build());
    // This is compiled and not run.
    let _calls = |byway: Byway, id: byway::community::CommunityId| {
        let (a, b, c, d) = (byway.clone(), byway.clone(), byway.clone(), byway.clone());
        let other = id.clone();
        goes(async move { a.open(LINK).await });
        goes(async move { b.refresh(&id).await });
        goes(async move { c.sync_once(&[other], SyncLimits::default()).await });
        goes(async move { (d.wipe().await, d.lock().await, d.suspend().await) });
    };
}
