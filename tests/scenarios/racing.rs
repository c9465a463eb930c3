//! Many requests at once: one race for all of one host, a cap on handshakes across all races, and nothing left behind.

use std::sync::Arc;
use std::time::Duration;

use byway::internals::fetch::{FetchError, Fetched, HttpClient, Request};
use byway::internals::reach::{Attempt, Finding};
use byway_lab::{Ask, Lab, Page};
use futures_util::FutureExt;
use futures_util::future::join_all;
use http::header::AUTHORIZATION;
use tokio::time::{Instant, timeout};

use crate::stack::{engine, get};

const DIRECT: &str = "direct:";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const HOST: &str = "203-0-113-10.example";
const ADDRESS: &str = "203.0.113.10";
const URL: &str = "https://203-0-113-10.example/";

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host(HOST).at(ADDRESS).https().page("/", "the page");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// How many connections the client opened to an address.
fn connects(lab: &Lab, address: &str) -> usize {
    lab.packets().connects().iter().filter(|(_, to)| to.ip().to_string() == address).count()
}

async fn at_once(engine: &HttpClient, requests: impl IntoIterator<Item = Request>) -> Vec<Fetched> {
    join_all(requests.into_iter().map(|request| engine.fetch(request))).await
}

fn read(fetched: &Fetched) -> &[u8] {
    &fetched.result.as_ref().unwrap_or_else(|error| panic!("{error}: {:?}", fetched.attempts)).body
}

#[tokio::test(start_paused = true)]
async fn fifty_requests_behind_a_block_are_one_race_and_fifty_answers() {
    for swallowed in [true, false] {
        let lab = lab();
        let rule = lab.censor().when_sni(HOST);
        drop(if swallowed { rule.swallow() } else { rule.reset() });
        let engine = engine(&lab, &[DIRECT, PROXY]);
        let fetched = at_once(&engine, (0..50).map(|_| get(URL))).await;
        assert!(fetched.iter().all(|fetched| read(fetched) == b"the page"));
        assert_eq!(connects(&lab, ADDRESS), 1, "one handshake met the block\n{}", lab.log());
        assert_eq!(connects(&lab, "198.51.100.7"), 1, "and one connection carries them all\n{}", lab.log());
        assert!(lab.elapsed() < ms(1000), "{:?}", lab.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_without_http2_is_asked_over_a_few_connections() {
    let lab = lab();
    let _ = lab.host(HOST).http1_only();
    lab.censor().when_sni(HOST).swallow();
    let engine = engine(&lab, &[DIRECT, PROXY]);
    let fetched = at_once(&engine, (0..50).map(|_| get(URL))).await;
    assert!(fetched.iter().all(|fetched| read(fetched) == b"the page"));
    assert_eq!(connects(&lab, ADDRESS), 1, "{}", lab.log());
    assert!(connects(&lab, "198.51.100.7") < 20, "what is given back is used again\n{}", lab.log());
    assert!(lab.elapsed() < ms(3000), "{:?}", lab.elapsed());
}

#[tokio::test(start_paused = true)]
async fn when_the_first_is_dropped_another_goes_on_at_once() {
    for dropped_at in [0, 40, 100, 249, 251, 400] {
        let lab = lab();
        lab.censor().when_sni(HOST).swallow();
        let engine = engine(&lab, &[DIRECT, PROXY]);
        let begun = Instant::now();
        let first = timeout(ms(dropped_at), engine.fetch(get(URL)));
        let (first, others) = tokio::join!(first, at_once(&engine, (0..9).map(|_| get(URL))));
        assert!(first.is_err());
        assert!(others.iter().all(|fetched| read(fetched) == b"the page"), "{dropped_at}");
        // A hedge delay, and the proxy's handshakes.
        let alone = ms(250 + 50 * 12);
        assert!(begun.elapsed() <= ms(dropped_at) + alone, "{dropped_at}: {:?}\n{}", begun.elapsed(), lab.log());
        assert!(connects(&lab, ADDRESS) <= 2, "{dropped_at}: {}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn an_unpolled_leader_is_passed_and_a_working_one_waited_for() {
    let lab = lab();
    let engine = engine(&lab, &[DIRECT, PROXY]);
    let mut kept = Box::pin(engine.fetch(get(URL)));
    assert!((&mut kept).now_or_never().is_none());
    let begun = Instant::now();
    let fetched = at_once(&engine, (0..9).map(|_| get(URL))).await;
    assert!(fetched.iter().all(|fetched| read(fetched) == b"the page"));
    assert!(begun.elapsed() <= ms(250 + 50 * 5), "{:?}\n{}", begun.elapsed(), lab.log());
    assert!(connects(&lab, ADDRESS) <= 1, "{}", lab.log());
    assert_eq!(read(&kept.await), b"the page", "and it goes on when it is polled");

    // A slow host: its leader hears nothing for seconds, but is alive.
    let lab = self::lab();
    let _ = lab.host(HOST).page("/", Page::new("the page").after(Duration::from_secs(2)));
    let engine = self::engine(&lab, &[DIRECT]);
    let fetched = at_once(&engine, (0..9).map(|_| get(URL))).await;
    assert!(fetched.iter().all(|fetched| read(fetched) == b"the page"));
    assert_eq!(connects(&lab, ADDRESS), 1, "{}", lab.log());
}

fn met(attempts: &[Attempt]) -> Vec<(&str, &str)> {
    attempts.iter().map(|attempt| (attempt.strategy.scheme(), attempt.outcome.code())).collect()
}

#[tokio::test(start_paused = true)]
async fn if_nothing_connects_all_callers_get_the_same_evidence() {
    type Cut = fn(&Lab);
    let cuts: [(Cut, Duration); 2] = [
        (|lab| drop(lab.censor().always().refuse()), ms(500)),
        (|lab| drop(lab.censor().when_not_address(&["192.0.2.53"]).swallow()), ms(10_000)),
    ];
    for (cut, within) in cuts {
        let lab = lab();
        cut(&lab);
        let engine = engine(&lab, &[DIRECT, PROXY]);
        let fetched = at_once(&engine, (0..50).map(|_| get(URL))).await;
        assert!(lab.elapsed() <= within, "{:?}", lab.elapsed());
        let first = met(&fetched[0].attempts);
        assert_eq!(first.len(), 2, "{first:?}");
        for fetched in &fetched {
            assert!(matches!(fetched.result, Err(FetchError::Unreached { finding: None::<Finding> })));
            assert_eq!(met(&fetched.attempts), first);
        }
        assert_eq!((connects(&lab, ADDRESS), connects(&lab, "198.51.100.7")), (1, 1), "{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn each_sends_its_own_credentials_and_gets_its_own_answer() {
    let lab = lab();
    let _ = lab.host("203-0-113-20.example").at("203.0.113.20").https().app(|ask: &Ask| {
        Page::new(ask.headers.get(AUTHORIZATION).map(|value| value.as_bytes().to_vec()).unwrap_or_default())
    });
    lab.censor().when_address("203.0.113.20").swallow();
    let engine = engine(&lab, &[DIRECT, PROXY]);
    let requests = (0..20).map(|n| {
        let mut request = get("https://203-0-113-20.example/");
        if n % 2 == 1 {
            request.headers.insert(AUTHORIZATION, format!("Bearer {n}").parse().unwrap());
        }
        request
    });
    let fetched = at_once(&engine, requests).await;
    for (n, fetched) in fetched.iter().enumerate() {
        let expected = if n % 2 == 1 { format!("Bearer {n}") } else { String::new() };
        assert_eq!(read(fetched), expected.as_bytes());
    }
    let sent = lab.log().requests().len();
    assert_eq!(sent, 20, "each once");
    assert_eq!(connects(&lab, "203.0.113.20"), 1, "{}", lab.log());
    assert!(lab.elapsed() < ms(1500), "who sends credentials follows who found the way: {:?}", lab.elapsed());
}

#[tokio::test(start_paused = true)]
async fn communities_do_not_share_a_race_nor_a_connection() {
    let lab = lab();
    let engine = engine(&lab, &[DIRECT, PROXY]);
    let requests = ["ours", "theirs"].map(|whose| {
        let mut request = get(URL);
        request.isolation = byway::internals::transport::Isolation::of(whose);
        request
    });
    let fetched = at_once(&engine, requests).await;
    assert!(fetched.iter().all(|fetched| read(fetched) == b"the page"));
    assert_eq!(connects(&lab, ADDRESS), 2);
}

/// A censor that counts: after three flows with the name it swallows further ones, and those to the address for two
/// minutes.
fn counting(lab: &Lab) {
    lab.censor().when_sni(HOST).after(3).residual(Duration::from_secs(120)).swallow();
}

#[tokio::test(start_paused = true)]
async fn n7_requests_side_by_side_do_not_feed_a_censor_that_counts() {
    let lab = lab();
    counting(&lab);
    let engine = engine(&lab, &[DIRECT, PROXY]);
    for _ in 0..3 {
        let fetched = at_once(&engine, (0..30).map(|_| get(URL))).await;
        assert!(fetched.iter().all(|fetched| read(fetched) == b"the page"));
    }
    assert_eq!(lab.log().censored(), 0, "{}", lab.log());
    assert_eq!(connects(&lab, ADDRESS), 1);
}

#[tokio::test(start_paused = true)]
async fn n7_once_tripped_the_censor_is_left_alone_for_another_route() {
    let lab = lab();
    counting(&lab);
    let engine = engine(&lab, &[DIRECT, PROXY]);
    // Ten communities on one host: each must use its own connection.
    let request = |n: usize| {
        let mut request = get(URL);
        request.isolation = byway::internals::transport::Isolation::of(&format!("community {n}"));
        request
    };
    let fetched = at_once(&engine, (0..10).map(request)).await;
    assert!(fetched.iter().all(|fetched| read(fetched) == b"the page"), "{}", lab.log());
    assert!(lab.elapsed() < ms(2500), "{:?}\n{}", lab.elapsed(), lab.log());
    // There are never more than two at a time, and a swallowed one is not repeated while another route continues.
    assert!(connects(&lab, ADDRESS) <= 6, "{}", lab.log());
    let before = connects(&lab, ADDRESS);
    engine.forget_connections();
    assert_eq!(read(&engine.fetch(request(11)).await), b"the page");
    assert_eq!(connects(&lab, ADDRESS), before, "the ledger and the hop's rest agree\n{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_hosts_at_once_are_each_read_within_its_own_time() {
    let lab = Lab::new();
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    let name = |n: usize| format!("h{n}.example");
    for n in 0..1000 {
        let host = lab.host(&name(n)).at(&format!("203.{}.{}.10", n / 250, n % 250)).https().page("/", name(n));
        if n % 10 == 0 {
            let _ = host.down();
        } else if n % 10 < 4 {
            lab.censor().when_sni(&name(n)).swallow();
        }
    }
    let engine = engine(&lab, &[DIRECT, PROXY]);
    let begun = Instant::now();
    let asked = (0..1000).map(|n| {
        let engine = &engine;
        async move {
            let fetched = engine.fetch(get(&format!("https://{}/", name(n)))).await;
            (n, fetched, begun.elapsed())
        }
    });
    for (n, fetched, took) in join_all(asked).await {
        if n % 10 == 0 {
            assert!(fetched.result.is_err(), "{n}");
            assert!(took <= Duration::from_secs(20), "{n}: {took:?}");
        } else {
            assert_eq!(read(&fetched), name(n).as_bytes());
            // Without a block it takes a fifth of a second, behind a block three fifths.
            assert!(took <= Duration::from_secs(8), "{n}: {took:?} {:?}", fetched.attempts);
        }
    }
    assert!(lab.most_open_streams() <= 1024, "{}", lab.most_open_streams());
    engine.forget_connections();
    drop(engine);
    tokio::time::sleep(ms(1)).await;
    assert_eq!(lab.open_streams(), 0);
}

/// Tasks of the runtime once everything that was woken has run.
async fn tasks() -> usize {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

#[tokio::test(start_paused = true)]
async fn whenever_it_is_dropped_nothing_runs_on() {
    type Cut = fn(&Lab);
    let cuts: [(&str, Cut); 4] = [
        ("swallowed", |lab| drop(lab.censor().when_sni(HOST).swallow())),
        ("frozen", |lab| drop(lab.censor().when_sni(HOST).freeze_after_bytes(16 * 1024))),
        ("reset", |lab| drop(lab.censor().when_sni(HOST).reset())),
        ("open", |_| {}),
    ];
    for (name, cut) in cuts {
        for at in (0..900).step_by(7).chain([2_100, 2_250, 2_400]) {
            let lab = lab();
            let _ = lab.host(HOST).page("/long", Page::new(vec![b'x'; 400_000]).with_ranges("v1"));
            cut(&lab);
            let engine = Arc::new(engine(&lab, &[DIRECT, PROXY]));
            let long = || get(&format!("{URL}long"));
            let work = async {
                let streamed = async {
                    let mut streamed = engine.stream(long()).await.result.unwrap();
                    while streamed.body.next().await.is_some() {}
                };
                tokio::join!(engine.fetch(long()), engine.fetch(long()), streamed)
            };
            let _ = timeout(ms(at), work).await;
            engine.forget_connections();
            tasks().await;
            assert_eq!(lab.open_streams(), 0, "{name}, dropped at {at} ms\n{}", lab.log());
            drop((engine, lab));
            assert_eq!(tasks().await, 0, "{name}, dropped at {at} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whichever_poll_was_its_last_nothing_runs_on() {
    type Cut = fn(&Lab);
    let cuts: [(&str, Cut); 4] = [
        ("swallowed", |lab| drop(lab.censor().when_sni(HOST).swallow())),
        ("reset", |lab| drop(lab.censor().when_sni(HOST).reset())),
        ("no name", |lab| drop(lab.system_resolver().silent(HOST))),
        ("open", |_| {}),
    ];
    for (name, cut) in cuts {
        for polls in 1.. {
            let lab = lab();
            cut(&lab);
            let engine = engine(&lab, &[DIRECT, PROXY]);
            let mut left = polls;
            let mut fetching = Box::pin(engine.fetch(get(URL)));
            let ended = std::future::poll_fn(|cx| {
                if left == 0 {
                    return std::task::Poll::Ready(false);
                }
                left -= 1;
                let ended = fetching.as_mut().poll(cx).map(|fetched| fetched.result.is_ok());
                if left == 0 { std::task::Poll::Ready(ended.is_ready()) } else { ended }
            })
            .await;
            drop(fetching);
            engine.forget_connections();
            drop(engine);
            tasks().await;
            assert_eq!((lab.open_streams(), lab.open_sockets()), (0, 0), "{name}, poll {polls}\n{}", lab.log());
            drop(lab);
            assert_eq!(tasks().await, 0, "{name}, poll {polls}");
            assert!(polls < 1000, "{name} does not end");
            if ended {
                assert!(polls > 3, "{name}: nothing was cut");
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_was_polled_once_and_dropped_leaves_nothing() {
    let lab = lab();
    let engine = engine(&lab, &[DIRECT, PROXY]);
    assert!(engine.fetch(get(URL)).now_or_never().is_none());
    assert_eq!(lab.open_streams(), 0);
    assert_eq!(read(&engine.fetch(get(URL)).await), b"the page");
}

#[tokio::test(start_paused = true)]
async fn the_order_given_is_the_order_tried() {
    let lab = lab();
    let tor = lab.tor().url();
    let order = |engine: &HttpClient| -> Vec<String> {
        engine.order(&get(URL)).unwrap().iter().map(|way| way.to_string()).collect()
    };
    let cold = engine(&lab, &[&tor, PROXY, "direct:?tls=frag", DIRECT]);
    assert_eq!(order(&cold), [&tor, PROXY, "direct:?tls=frag", DIRECT]);
    let learned = engine(&lab, &[DIRECT, "direct:?tls=frag", &tor, PROXY]);
    lab.censor().when_sni(HOST).swallow();
    let _ = lab.tor().dead();
    assert_eq!(read(&learned.fetch(get(URL)).await), b"the page");
    assert_eq!(
        order(&learned),
        [&tor, PROXY, DIRECT, "direct:?tls=frag"],
        "what was learned moves past what reveals more; both direct strategies failed, and keep their order"
    );
    let mut hidden = get(URL);
    hidden.exposure = byway::Exposure::Tor;
    let only: Vec<String> = learned.order(&hidden).unwrap().iter().map(|way| way.to_string()).collect();
    assert_eq!(only, [tor], "what is forbidden is not there, whatever was learned");
}

#[tokio::test(start_paused = true)]
async fn a_tor_that_failed_lately_still_goes_before_direct() {
    let lab = lab();
    let tor = lab.tor().dead();
    let engine = engine(&lab, &[&tor.url(), DIRECT]);
    for round in 0..3 {
        let before = lab.packets().connects().len();
        assert_eq!(read(&engine.fetch(get(URL)).await), b"the page");
        let connects = lab.packets().connects();
        let to: Vec<bool> = connects.iter().skip(before).map(|(_, to)| to.ip().is_loopback()).collect();
        assert_eq!(to, [true, false], "round {round}: {}", lab.packets());
        engine.forget_connections();
    }
}

#[tokio::test(start_paused = true)]
async fn a_hop_that_swallows_is_tried_before_what_reveals_more() {
    let lab = Lab::new();
    lab.host(HOST).at(ADDRESS).https().page("/", Page::new("the page").after(Duration::from_secs(2)));
    drop(lab.socks5("proxy.nl").at("198.51.100.7").down());
    let engine = engine(&lab, &[PROXY, DIRECT]);
    for round in 0..4 {
        let (before, began) = (lab.packets().connects().len(), lab.elapsed());
        assert_eq!(read(&engine.fetch(get(URL)).await), b"the page");
        let connects = lab.packets().connects();
        let new: Vec<_> = connects.iter().skip(before).map(|(at, to)| (to.ip().to_string(), *at - began)).collect();
        let [(first, at), (second, later), ..] = &new[..] else { panic!("{}", lab.packets()) };
        assert_eq!((first.as_str(), *at, second.as_str()), ("198.51.100.7", ms(0), ADDRESS), "round {round}: {new:?}");
        assert!((ms(250)..ms(400)).contains(later), "round {round}: {new:?}");
        engine.forget_connections();
    }
}

#[tokio::test(start_paused = true)]
async fn the_cap_delays_the_next_of_one_prefix_by_a_moment() {
    // Proxies of one prefix: two are silent, the third works. Or it works only under another prefix.
    for (silent, working, limit) in [
        (&["198.51.100.8", "198.51.100.9"][..], "198.51.100.10", 2500),
        (&["198.51.100.8", "198.51.100.9"], "192.0.2.9", 1000),
    ] {
        let lab = lab();
        for proxy in silent.iter().chain([&working]) {
            lab.socks5(&format!("{proxy}.example")).at(proxy);
        }
        for proxy in silent {
            lab.censor().when_address(proxy).swallow();
        }
        let strategies: Vec<String> =
            silent.iter().chain([&working]).map(|proxy| format!("socks5://{proxy}:1080")).collect();
        let strategies: Vec<&str> = strategies.iter().map(String::as_str).collect();
        let fetched = engine(&lab, &strategies).fetch(get(URL)).await;
        assert_eq!(read(&fetched), b"the page");
        assert!(lab.elapsed() < ms(limit), "{working}: {:?}\n{}", lab.elapsed(), lab.log());
    }
}
