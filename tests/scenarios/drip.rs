//! A body that drips and never ends: which route starts beside it, which does not, and the verdict.

use std::time::Duration;

use byway::Exposure;
use byway::internals::fetch::Fetched;
use byway::internals::reach::{Layer, Outcome, VerdictCode};
use byway_lab::{Lab, Page};
use tokio::time::Instant;

use crate::stack::{builder, byway, engine, get};

const DIRECT: &str = "direct:?cc=ru";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const OTHER: &str = "socks5://198.51.100.8:1080?cc=de";
const URL: &str = "https://site.example/";

/// A long page, and two proxies abroad.
fn lab(bytes: usize) -> Lab {
    // They are so near that no route is silent for a hedge delay.
    let (lab, near) = (Lab::new(), Duration::from_millis(20));
    lab.host("site.example").at("203.0.113.10").rtt(near).https().page("/", vec![b'x'; bytes]);
    lab.socks5("proxy.nl").at("198.51.100.7").rtt(near).country("nl");
    lab.socks5("proxy.de").at("198.51.100.8").rtt(near).country("de");
    lab
}

/// A byte each half second.
fn drip() -> Page {
    Page::new(vec![b'x'; 100_000]).slowly(1, Duration::from_millis(500))
}

/// The route that read all of it, and how many loads were begun.
fn read(fetched: &Fetched, bytes: usize) -> (String, usize) {
    let response = fetched.result.as_ref().unwrap();
    assert_eq!(response.body.len(), bytes);
    let begun = fetched.attempts.iter().filter(|attempt| attempt.first_byte.is_some()).count();
    (response.strategy.redacted().to_string(), begun)
}

/// A page that comes at this rate from the beginning.
fn at(rate: usize, bytes: usize) -> Page {
    Page::new(vec![b'x'; bytes]).slowly(rate / 10, Duration::from_millis(100))
}

#[tokio::test(start_paused = true)]
async fn n10_a_page_at_14_kb_a_second_is_throttled_and_read_elsewhere() {
    // It is slow from the handshake on, or begins at once.
    for from_the_body_on in [false, true] {
        let lab = lab(200_000);
        if from_the_body_on {
            let _ = lab.host("site.example").page_for("ru", "/", at(14_000, 200_000));
        } else {
            lab.censor().when_sni("site.example").rate(14_000);
        }
        let mut got = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await.get(URL).await.unwrap();
        assert_eq!((got.response.body.len(), got.response.strategy.scheme()), (200_000, "socks5"));
        assert!(lab.elapsed() < Duration::from_secs(4), "{:?}", lab.elapsed());
        let direct = &got.reachability.attempts[0];
        assert_eq!((direct.strategy.is_direct(), &direct.outcome), (true, &Outcome::Pending), "hedged, and not failed");
        if !from_the_body_on {
            assert_eq!(
                got.reachability.verdict.rule.code(),
                "not_waited_for",
                "it began too late to have been listened to"
            );
            got.settle().await;
        }
        let verdict = &got.reachability.verdict;
        assert_eq!(
            (verdict.code, verdict.layer),
            (VerdictCode::Throttled, Some(Layer::Network)),
            "{:?}",
            got.reachability
        );
    }
}

#[tokio::test(start_paused = true)]
async fn n10_a_drip_is_overtaken_by_the_other_route() {
    let lab = lab(100_000);
    let _ = lab.host("site.example").page_for("ru", "/", drip());
    let fetched = engine(&lab, &[DIRECT, PROXY]).fetch(get(URL)).await;
    assert_eq!(read(&fetched, 100_000).1, 2);
    assert!(!fetched.result.as_ref().unwrap().strategy.is_direct());
    assert!(lab.elapsed() < Duration::from_secs(5), "{:?}", lab.elapsed());
}

#[tokio::test(start_paused = true)]
async fn n10_a_stream_that_drips_at_first_is_taken_from_another_route() {
    for (ways, scheme) in [(&[DIRECT, PROXY][..], "socks5"), (&[DIRECT][..], "direct")] {
        let lab = lab(100_000);
        let _ = lab.host("site.example").page_for("ru", "/", drip());
        // Its handshakes take longer than the usual wait for a stream's beginning.
        lab.socks5("proxy.nl").rtt(Duration::from_millis(400));
        let streamed = engine(&lab, ways).stream(get(URL)).await.result.unwrap();
        assert_eq!(streamed.strategy.scheme(), scheme);
        assert!(lab.elapsed() < Duration::from_secs(7), "{:?}", lab.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn n10_where_two_routes_drip_a_third_is_tried() {
    let lab = lab(100_000);
    let _ = lab.host("site.example").page_for("ru", "/", drip()).page_for("nl", "/", drip());
    let fetched = engine(&lab, &[DIRECT, PROXY, OTHER]).fetch(get(URL)).await;
    assert_eq!(read(&fetched, 100_000).1, 3);
    assert_eq!(fetched.result.as_ref().unwrap().strategy, OTHER.parse().unwrap());
    assert!(lab.elapsed() < Duration::from_secs(8), "{:?}", lab.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_drip_on_the_last_route_is_read_until_the_timeout() {
    let total = Duration::from_secs(45);
    for ways in [&[DIRECT][..], &[DIRECT, PROXY]] {
        let lab = lab(0);
        let _ = lab.host("site.example").page("/", drip());
        let byway = builder(&lab, ways).timeout(total).build().await.unwrap();
        let began = Instant::now();
        byway.get(URL).await.unwrap_err();
        let took = began.elapsed();
        assert!((total..total + Duration::from_secs(8)).contains(&took), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_link_loads_a_file_twice_at_most_a_fast_one_once() {
    for (bytes, rate, loads) in [(300_000, 20_000, 2), (100_000, 20_000, 1), (3_000_000, 50_000, 1)] {
        let lab = lab(0);
        let _ = lab.host("site.example").page("/", at(rate, bytes));
        let fetched = engine(&lab, &[DIRECT, PROXY, OTHER]).fetch(get(URL)).await;
        assert_eq!(read(&fetched, bytes).1, loads, "{bytes} at {rate}: {:?}", fetched.attempts);
        assert!(fetched.result.unwrap().strategy.is_direct(), "who was asked first has it first");
        assert!(lab.elapsed() <= Duration::from_secs((bytes / rate) as u64 + 1), "{:?}", lab.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_with_credentials_stays_where_it_comes_slowly() {
    let lab = lab(100_000);
    let _ = lab.host("site.example").page_for("ru", "/", at(10_000, 100_000));
    let mut request = get(URL);
    request.headers.insert(http::header::AUTHORIZATION, http::HeaderValue::from_static("Bearer x"));
    let fetched = engine(&lab, &[DIRECT, PROXY]).fetch(request).await;
    assert_eq!(read(&fetched, 100_000).1, 1);
    assert!(fetched.result.as_ref().unwrap().strategy.is_direct());
}

#[tokio::test(start_paused = true)]
async fn n10_a_probe_of_a_dripping_route_ends_and_says_throttled() {
    for (ways, code) in [(&[DIRECT, PROXY][..], VerdictCode::Throttled), (&[DIRECT][..], VerdictCode::Unknown)] {
        let lab = lab(100_000);
        let _ = lab.host("site.example").page_for("ru", "/", drip());
        let probed = byway(&lab, ways, Exposure::Open).await.probe(URL).await.unwrap();
        assert_eq!(probed.verdict.code, code, "{probed:?}");
        assert!(lab.elapsed() <= Duration::from_secs(37), "{:?}", lab.elapsed());
    }
}

/// Every shape of a body, at this rate for this network alone.
fn slow_bodies(rate: usize, bytes: usize) -> Vec<(&'static str, Lab, &'static str)> {
    const CLEAR: &str = "http://site.example/";
    let mut labs = Vec::new();
    for (what, url) in [("encrypted", URL), ("in cleartext", CLEAR)] {
        for (how, chunked) in [("with a length", false), ("in chunks", true)] {
            let shaped = |page: Page| if chunked { page.chunked() } else { page };
            let by_host = lab(0);
            let page = || shaped(Page::new(vec![b'x'; bytes]));
            let _ = by_host.host("site.example").http().page("/", page());
            let slow = shaped(at(rate, bytes));
            let _ = by_host.host("site.example").page_for("ru", "/", slow);
            labs.push((how, by_host, url));
            let by_censor = lab(0);
            let _ = by_censor.host("site.example").http().page("/", page());
            by_censor.censor().when_address("203.0.113.10").rate(rate as u64);
            labs.push((what, by_censor, url));
        }
    }
    labs
}

#[tokio::test(start_paused = true)]
async fn n10_a_long_body_at_a_low_rate_is_throttled() {
    for rate in [2_000, 14_000, 20_000, 21_000] {
        for (what, lab, url) in slow_bodies(rate, 1_000_000) {
            let _ = lab.client().country("ru");
            let probed = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await.probe(url).await.unwrap();
            let verdict = &probed.verdict;
            assert_eq!(
                (verdict.code, verdict.rule.code()),
                (VerdictCode::Throttled, "throttled.rate.unfinished"),
                "{what} at {rate}, {url}: {probed:?} {:?}",
                probed.attempts
            );
            assert_eq!(probed.reached_by.as_ref().map(byway::Strategy::scheme), Some("socks5"), "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_body_that_is_slow_by_every_route_blames_no_one() {
    for (bandwidth, bytes, ways) in
        [(20_000, 1_000_000, &[DIRECT, PROXY][..]), (20_000, 1_000_000, &[DIRECT]), (400_000, 30_000_000, &[DIRECT])]
    {
        for url in [URL, "http://site.example/"] {
            let lab = lab(bytes);
            let _ = lab.host("site.example").http().bandwidth(bandwidth);
            let probed = byway(&lab, ways, Exposure::Open).await.probe(url).await.unwrap();
            assert_eq!(
                (probed.verdict.code, probed.verdict.rule.code()),
                (VerdictCode::Unknown, "body.unfinished"),
                "{ways:?} {url}: {probed:?} {:?}",
                probed.attempts
            );
        }
    }
}
