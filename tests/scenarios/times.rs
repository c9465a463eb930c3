//! Exact times: RTT 50 ms, a second route that is healthy and in another address prefix, a request that may be sent
//! again and has no credentials. Instants are read from the lab's log.

use std::time::Duration;

use byway::Outcome;
use byway_lab::{Lab, Page};
use http::header::AUTHORIZATION;

use crate::stack::{engine, fetch, get};

const DIRECT: &str = "direct:";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const URL: &str = "https://203-0-113-10.example/";
const HOST: &str = "203-0-113-10.example";

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host(HOST).at("203.0.113.10").https().page("/", "the page");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

/// The same with a second route of this kind, always at one address.
fn lab_with(proxy: &str) -> Lab {
    let lab = Lab::new();
    lab.host(HOST).at("203.0.113.10").https().page("/", "the page");
    match proxy.split(':').next().unwrap() {
        "socks5" => drop(lab.socks5("proxy.nl").at("198.51.100.7").country("nl")),
        "http" => drop(lab.http_proxy("proxy.nl").at("198.51.100.7").country("nl")),
        "https" => drop(lab.https_proxy("proxy.nl").at("198.51.100.7").country("nl")),
        other => panic!("{other}"),
    }
    lab
}

/// Every first route with every second one: a shaped route is given up as soon as a plain one.
fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    let seconds = [PROXY, "https://198.51.100.7?cc=nl", "http://198.51.100.7:3128?cc=nl"];
    [DIRECT, "direct:?tls=frag"].into_iter().flat_map(move |direct| seconds.map(|proxy| (direct, proxy)))
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// The time of the second route's first packet.
fn second(lab: &Lab) -> Option<Duration> {
    lab.packets().first_packet_to("198.51.100.7")
}

/// When the client could know about the failure: a round trip for the lookup, and this many milliseconds more.
async fn moves_at(cut: impl Fn(&Lab), after_lookup: u64) {
    for (direct, proxy) in pairs() {
        let lab = lab_with(proxy);
        cut(&lab);
        let fetched = fetch(&lab, &[direct, proxy], get(URL)).await;
        assert_eq!(&fetched.result.unwrap().body[..], b"the page");
        assert_eq!(second(&lab), Some(ms(50 + after_lookup)), "{direct} then {proxy}\n{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_moves_to_the_next_route_in_the_same_instant() {
    moves_at(|lab| drop(lab.censor().when_address("203.0.113.10").refuse()), 10).await;
}

#[tokio::test(start_paused = true)]
async fn unreachable_moves_to_the_next_route_in_the_same_instant() {
    moves_at(|lab| drop(lab.censor().when_address("203.0.113.10").unreachable()), 10).await;
}

#[tokio::test(start_paused = true)]
async fn a_reset_moves_to_the_next_route_in_the_same_instant() {
    // The connect takes a round trip; the ClientHello meets the censor 5 ms away, and the reset comes back.
    moves_at(|lab| drop(lab.censor().when_sni(HOST).reset()), 50 + 10).await;
}

#[tokio::test(start_paused = true)]
async fn a_bad_proxy_answer_starts_the_next_route_in_the_same_instant() {
    let lab = lab();
    lab.socks5("bad.de").at("198.18.5.5").replies(1);
    let fetched = fetch(&lab, &["socks5://198.18.5.5:1080", PROXY], get(URL)).await;
    fetched.result.unwrap();
    let answered = lab.log().by("bad.de").events().last().unwrap().at + ms(25);
    assert_eq!(second(&lab), Some(answered), "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_failed_proxy_starts_the_next_route_at_once() {
    use byway_lab::Proxy;
    type Make = fn(&Lab) -> Proxy;
    type Break = fn(Proxy) -> Proxy;
    let kinds: [(&str, Make); 3] = [
        ("socks5://198.18.5.5:1080", |lab| lab.socks5("bad.de")),
        ("http://198.18.5.5:3128", |lab| lab.http_proxy("bad.de")),
        ("https://198.18.5.5", |lab| lab.https_proxy("bad.de")),
    ];
    // Refused by the machine: a round trip. Silent, in any stage: the hedge delay.
    let breaks: [(&str, Break, u64); 3] =
        [("dead", Proxy::dead, 50), ("down", Proxy::down, 250), ("hangs", Proxy::hangs, 250)];
    for (url, make) in kinds {
        for (name, broken, at) in breaks {
            let lab = lab();
            drop(broken(make(&lab).at("198.18.5.5")));
            let fetched = fetch(&lab, &[url, PROXY], get(URL)).await;
            assert_eq!(&fetched.result.unwrap().body[..], b"the page");
            assert_eq!(second(&lab), Some(ms(at)), "{url} {name}\n{}", lab.log());
        }
        for code in [403, 407, 502] {
            let lab = lab();
            // SOCKS5 has its own numbers.
            drop(make(&lab).at("198.18.5.5").replies(if url.starts_with("socks5") { 1 } else { code }));
            let fetched = fetch(&lab, &[url, PROXY], get(URL)).await;
            fetched.result.unwrap();
            let answered = lab.log().by("bad.de").events().last().unwrap().at + ms(25);
            assert_eq!(second(&lab), Some(answered), "{url} answers {code}\n{}", lab.log());
        }
    }
}

/// Whatever stage is silent, the next route starts 250 ms after the first attempt began.
async fn hedges_at_250(make: impl Fn(&Lab), url: &str) {
    for (direct, proxy) in pairs() {
        let lab = lab_with(proxy);
        make(&lab);
        let fetched = fetch(&lab, &[direct, proxy], get(url)).await;
        assert_eq!(&fetched.result.unwrap().body[..], b"the page");
        assert_eq!(second(&lab), Some(ms(250)), "{direct} then {proxy}\n{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn a_swallowed_syn_starts_the_next_route_after_250_ms() {
    hedges_at_250(|lab| drop(lab.censor().when_address("203.0.113.10").swallow()), URL).await;
}

/// When the client first connected to this address, and when it did so for the second time.
fn connected(lab: &Lab, address: &str) -> (Option<Duration>, Option<Duration>) {
    let connects = lab.packets().connects();
    let mut at = connects.iter().filter(|(_, to)| to.ip().to_string() == address).map(|(at, _)| *at);
    (at.next(), at.next())
}

#[tokio::test(start_paused = true)]
async fn a_swallowed_syn_passes_over_what_has_the_same_first_hop() {
    for directs in [[DIRECT, "direct:?tls=frag"], ["direct:?tls=frag", DIRECT], [DIRECT, "direct:?tls=segments"]] {
        let lab = lab();
        lab.censor().when_address("203.0.113.10").swallow();
        let fetched = fetch(&lab, &[directs[0], directs[1], PROXY], get(URL)).await;
        assert_eq!(&fetched.result.unwrap().body[..], b"the page");
        assert_eq!(connected(&lab, "198.51.100.7").0, Some(ms(250)), "{directs:?}\n{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn a_swallowed_hello_is_followed_by_one_of_another_shape() {
    let lab = lab();
    lab.censor().when_sni(HOST).swallow();
    fetch(&lab, &[DIRECT, "direct:?tls=frag", PROXY], get(URL)).await.result.unwrap();
    let at = connected(&lab, "203.0.113.10").1.unwrap();
    assert!((ms(250)..=ms(300)).contains(&at), "{at:?}\n{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn a_swallowed_client_hello_starts_the_next_route_after_250_ms() {
    hedges_at_250(|lab| drop(lab.censor().when_sni(HOST).swallow()), URL).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_resolver_starts_the_next_route_after_250_ms() {
    hedges_at_250(|lab| drop(lab.system_resolver().silent(HOST)), URL).await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_first_byte_starts_the_next_route_after_250_ms() {
    let late = |lab: &Lab| {
        let here = Page::new("the page").after(Duration::from_secs(3600));
        drop(lab.host(HOST).page_for("ru", "/", here));
    };
    hedges_at_250(late, URL).await;
}

#[tokio::test(start_paused = true)]
async fn a_frozen_body_is_resumed_two_seconds_after_its_last_byte() {
    for (direct, proxy) in pairs() {
        let lab = lab_with(proxy);
        let long = Page::new(vec![b'x'; 100_000]).with_ranges("v1");
        lab.host(HOST).page("/long", long);
        // This is after two whole TLS records, so that there is something to continue.
        lab.censor().when_sni(HOST).freeze_after_bytes(48 * 1024);
        let fetched = fetch(&lab, &[direct, proxy], get(&format!("{URL}long"))).await;
        assert_eq!(fetched.result.unwrap().body.len(), 100_000);
        let moved = second(&lab).unwrap();
        assert!(moved >= ms(2000) && moved <= ms(2400), "{direct} then {proxy}: {moved:?}\n{}", lab.log());
        let won = fetched.attempts.iter().find(|attempt| attempt.outcome == Outcome::Proven).unwrap();
        assert!(won.bytes < 75_000, "only the rest was asked for, and not {} bytes", won.bytes);
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_fly_on_one_route_and_move_at_once_on_failure() {
    let lab = lab();
    lab.censor().when_sni(HOST).reset();
    let mut request = get(URL);
    request.headers.insert(AUTHORIZATION, "Bearer secret".parse().unwrap());
    fetch(&lab, &[DIRECT, PROXY], request.clone()).await.result.unwrap();
    assert_eq!(second(&lab), Some(ms(110)), "{}", lab.log());

    // A host that takes longer than a hedge delay: without credentials the proxy would start beside it.
    for (request, proxied) in [(request, None), (get(URL), Some(ms(250)))] {
        let lab = self::lab();
        lab.host(HOST).page("/", Page::new("the page").after(Duration::from_secs(1)));
        fetch(&lab, &[DIRECT, PROXY], request).await.result.unwrap();
        assert_eq!(second(&lab), proxied, "{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_move_on_silence_after_three_seconds() {
    let cuts: [fn(&Lab); 2] = [
        |lab| drop(lab.censor().when_address("203.0.113.10").swallow()),
        |lab| drop(lab.censor().when_sni(HOST).swallow()),
    ];
    for cut in cuts {
        let lab = lab();
        cut(&lab);
        let mut request = get(URL);
        request.headers.insert(AUTHORIZATION, "Bearer secret".parse().unwrap());
        fetch(&lab, &[DIRECT, PROXY], request).await.result.unwrap();
        assert_eq!(second(&lab), Some(ms(3000)), "{}", lab.log());
        let sent = lab.log().requests();
        assert_eq!(sent.len(), 1, "sent once: {sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_all_swallowed_the_verdict_comes_within_ten_seconds() {
    let lab = lab();
    lab.censor().when_not_address(&["192.0.2.53"]).swallow();
    let fetched = fetch(&lab, &[DIRECT, PROXY], get(URL)).await;
    assert!(fetched.result.is_err());
    assert!(lab.elapsed() <= Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_route_that_worked_is_first_the_next_time() {
    let lab = lab();
    lab.censor().when_sni(HOST).reset();
    let engine = engine(&lab, &[DIRECT, PROXY]);
    engine.fetch(get(URL)).await.result.unwrap();
    engine.forget_connections();
    let (before, began) = (lab.packets().len(), lab.elapsed());
    engine.fetch(get(URL)).await.result.unwrap();
    let next = lab.packets().events()[before].clone();
    assert_eq!(next.at, began);
    assert!(next.to_string().contains("198.51.100.7"), "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn a_silent_route_that_worked_before_gets_its_usual_time() {
    // Half as much again as its first byte took: four round trips; or a host that takes five seconds.
    for (thinks, hedge) in [(Duration::ZERO, ms(300)), (Duration::from_secs(5), ms(3000))] {
        let lab = lab();
        lab.host(HOST).page("/", Page::new("the page").after(thinks));
        let engine = engine(&lab, &[DIRECT, PROXY]);
        assert!(engine.fetch(get(URL)).await.result.unwrap().strategy.is_direct());
        engine.forget_connections();
        lab.censor().when_sni(HOST).swallow();
        let (before, began) = (lab.packets().connects().len(), lab.elapsed());
        engine.fetch(get(URL)).await.result.unwrap();
        let mut later = lab.packets().connects().into_iter().skip(before);
        let proxied = later.find(|(_, to)| to.ip().to_string() == "198.51.100.7").map(|(at, _)| at);
        assert_eq!(proxied, Some(began + hedge), "{thinks:?}\n{}", lab.log());
    }
}

/// A row of the table: what is done to the direct route, and to which page.
type Row = (&'static str, fn(&Lab), &'static str);

fn rows() -> [Row; 9] {
    [
        ("refusal", |lab| drop(lab.censor().when_address("203.0.113.10").refuse()), ""),
        ("unreachable", |lab| drop(lab.censor().when_address("203.0.113.10").unreachable()), ""),
        ("reset", |lab| drop(lab.censor().when_sni(HOST).reset()), ""),
        ("closed", |lab| drop(lab.censor().when_sni(HOST).close()), ""),
        ("SYN swallowed", |lab| drop(lab.censor().when_address("203.0.113.10").swallow()), ""),
        ("ClientHello swallowed", |lab| drop(lab.censor().when_sni(HOST).swallow()), ""),
        ("forged certificate", |lab| drop(lab.censor().when_sni(HOST).forge_certificate()), ""),
        (
            "first byte never comes",
            |lab| drop(lab.host(HOST).page_for("ru", "/", Page::new("the page").after(Duration::from_secs(3600)))),
            "",
        ),
        (
            "frozen after 16 KB",
            |lab| {
                let _ = lab.host(HOST).page("/long", Page::new(vec![b'x'; 100_000]).with_ranges("v1"));
                lab.censor().when_sni(HOST).freeze_after_bytes(16 * 1024);
            },
            "long",
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn what_this_network_showed_before_costs_nothing_the_next_time() {
    let proxies = [PROXY, "https://198.51.100.8?cc=de", "http://198.51.100.9:3128?cc=de"];
    for (name, cut, path) in rows() {
        for proxy in proxies {
            for credentials in [false, true] {
                let lab = lab();
                lab.https_proxy("proxy.tls").at("198.51.100.8").country("de");
                lab.http_proxy("proxy.http").at("198.51.100.9").country("de");
                cut(&lab);
                let engine = engine(&lab, &[DIRECT, proxy]);
                let request = || {
                    let mut request = get(&format!("{URL}{path}"));
                    if credentials {
                        request.headers.insert(AUTHORIZATION, "Bearer secret".parse().unwrap());
                    }
                    request
                };
                engine
                    .fetch(get(&format!("{URL}{path}")))
                    .await
                    .result
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                engine.forget_connections();
                let (before, began) = (lab.packets().len(), lab.elapsed());
                engine.fetch(request()).await.result.unwrap_or_else(|error| panic!("{name}: {error}"));
                let sent = lab.packets().events()[before..].to_vec();
                assert_eq!(sent[0].at, began, "{name} by {proxy}, credentials: {credentials}");
                let direct = sent.iter().any(|event| event.to_string().contains("203.0.113.10"));
                assert!(!direct, "{name} by {proxy}: the good way is first, and alone\n{sent:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_sent_once_moves_only_before_its_first_byte() {
    for (name, cut, _) in rows() {
        let lab = lab();
        cut(&lab);
        let mut request = byway::internals::fetch::Request::post(URL.parse().unwrap(), "a form");
        request.limits.total = Duration::from_secs(30);
        let fetched = fetch(&lab, &[DIRECT, PROXY], request).await;
        let sent = lab.log().requests().len();
        match name {
            "first byte never comes" => {
                assert!(fetched.result.is_err() && second(&lab).is_none(), "{name}: {}", lab.log());
            }
            // The page itself is so short that it comes.
            "frozen after 16 KB" => assert!(second(&lab).is_none(), "{name}"),
            _ => {
                fetched.result.unwrap_or_else(|error| panic!("{name}: {error}"));
                let moved = second(&lab).unwrap();
                let silent = name.contains("swallowed");
                assert!(if silent { moved == ms(3000) } else { moved <= ms(200) }, "{name}: {moved:?}");
            }
        }
        assert!(sent <= 1, "{name}: sent {sent} times");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_that_leads_nowhere_is_retried_by_another_route() {
    for broken in ["/", "ftp://elsewhere.example/"] {
        let lab = lab();
        let _ = lab.host(HOST).page_for("ru", "/", Page::redirect(broken));
        let byway = crate::stack::byway(&lab, &[DIRECT, PROXY], byway::Exposure::Open).await;
        let got = byway.get(URL).await.unwrap_or_else(|error| panic!("{broken}: {error}"));
        assert_eq!(&got.response.body[..], b"the page");
        assert!(!got.response.strategy.is_direct());
        let lone = crate::stack::byway(&lab, &[DIRECT], byway::Exposure::Open).await;
        let error = lone.get(URL).await.unwrap_err();
        assert!(["too_many_redirects", "redirect"].contains(&error.code()), "{}", error.code());
    }
}
