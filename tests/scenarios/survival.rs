//! Survival: sleep, networks that change and forget flows, policies that change, platforms that go back in time.

use std::net::SocketAddr;
use std::time::Duration;

use byway::{Byway, Exposure, Language, Network, NetworkKind, OpenOptions, ReadFrom, StoreKey};
use byway_lab::{Fault, Lab, Page};
use tokio::time::{Instant, advance, sleep};

use crate::stack::{byway, engine, get};

const DIRECT: &str = "direct:";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const HOST: &str = "203-0-113-10.example";
const URL: &str = "https://203-0-113-10.example/";

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host(HOST).at("203.0.113.10").https().page("/", "the page");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// A lookup, TCP, TLS, a request: the time of a page over a new connection, to the millisecond, and a little more.
const FRESH: Duration = Duration::from_millis(50 * 5);

async fn read(byway: &Byway) -> Duration {
    let begun = Instant::now();
    let got = byway.get(URL).await.unwrap();
    assert_eq!(&got.response.body[..], b"the page");
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn n22_after_fifteen_minutes_the_first_byte_comes_as_at_first() {
    type Death = fn(&Lab);
    let deaths: [Death; 2] = [|lab| lab.client().flows_forgotten(), |lab| lab.client().flows_reset()];
    for death in deaths {
        for told in [true, false] {
            let lab = lab();
            let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
            read(&byway).await;
            if told {
                byway.suspend().await.unwrap();
            }
            advance(Duration::from_secs(15 * 60)).await;
            death(&lab);
            if told {
                byway.resume().await.unwrap();
            }
            let took = read(&byway).await;
            assert!(took <= FRESH, "told: {told}, {took:?}\n{}", lab.log());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n22_a_sleep_with_a_stopped_clock_leaves_no_dead_connection() {
    for (slept, dies) in [(20, false), (60, true), (15 * 60, true), (8 * 3600, true)] {
        let lab = lab();
        let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
        read(&byway).await;
        // The system froze the process silently, and only the wall clock continued.
        let slept = Duration::from_secs(slept);
        if dies {
            lab.client().flows_forgotten();
        }
        lab.client().wall_clock(byway_lab::lab_epoch() + slept);
        let before = lab.packets().connects().len();
        let took = read(&byway).await;
        assert!(took <= FRESH, "{slept:?}: {took:?}\n{}", lab.log());
        assert_eq!(lab.packets().connects().len() > before, dies, "a nap closes nothing: {slept:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn n22_a_changed_network_leaves_no_dead_connection() {
    let lab = lab();
    let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
    byway.set_network(Network::new("home", NetworkKind::Wifi));
    read(&byway).await;
    lab.client().flows_forgotten();
    byway.set_network(Network::new("carrier", NetworkKind::Cell));
    assert!(read(&byway).await <= FRESH);
    // Without a notice: the silence of an idle connection is believed sooner than that of a new one.
    lab.client().flows_forgotten();
    let took = read(&byway).await;
    assert!(took <= Duration::from_secs(3) + FRESH, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn n22_a_request_under_way_moves_to_the_new_network() {
    for at in [0, 30, 80, 130, 180, 1_000, 3_000] {
        let lab = lab();
        let swallowed = lab.censor().when_not_address(&["192.0.2.53"]).swallow();
        let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
        byway.set_network(Network::new("home", NetworkKind::Wifi));
        let moves = async {
            sleep(ms(at)).await;
            lab.client().flows_reset();
            swallowed.lift();
            byway.set_network(Network::new("carrier", NetworkKind::Cell));
        };
        let begun = Instant::now();
        let (got, ()) = tokio::join!(byway.get(URL), moves);
        let got = got.unwrap_or_else(|error| {
            panic!("{at}: {error}\n{:?}\n{}", error.reachability().map(|met| &met.attempts), lab.log())
        });
        assert_eq!(&got.response.body[..], b"the page");
        assert!(begun.elapsed() <= ms(at) + FRESH, "{at}: {:?}\n{}", begun.elapsed(), lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_first_network_saw_is_named_after_a_change() {
    for asks_directly in [true, false] {
        let lab = lab();
        lab.censor().when_sni(HOST).swallow();
        let tor = lab.tor().url();
        let byway = byway(&lab, &[DIRECT, &tor], Exposure::Open).await;
        let carrier = || byway.set_network(Network::new("carrier", NetworkKind::Cell));
        carrier();
        // This was learned there: Tor goes first, and nothing is sent directly.
        read(&byway).await;
        byway.network_changed();
        if asks_directly {
            byway.set_network(Network::new("home", NetworkKind::Wifi));
        }
        let moves = async {
            // On the first network the ClientHello is in transit by now, and Tor has not been asked.
            sleep(ms(200)).await;
            if asks_directly {
                lab.client().flows_reset();
                carrier();
            }
        };
        let (got, ()) = tokio::join!(byway.get(URL), moves);
        let reachability = got.unwrap().reachability;
        let outcomes: Vec<&str> = reachability.attempts.iter().map(|attempt| attempt.outcome.code()).collect();
        assert_eq!(outcomes, if asks_directly { vec!["interrupted", "ok"] } else { vec!["ok"] });
        let sentence = reachability.sentence(Language::En);
        let is_told = sentence.contains(&format!("your provider saw the name {HOST}"));
        assert_eq!(is_told, asks_directly, "{sentence}");
        let rule = if asks_directly { "not_waited_for" } else { "nothing.tried" };
        assert_eq!(
            reachability.verdict.rule.code(),
            rule,
            "what was interrupted says nothing about the network of now"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn n22_a_body_under_way_goes_on_over_the_new_network() {
    let lab = lab();
    let body = vec![b'x'; 300_000];
    let _ = lab.host(HOST).page("/long", Page::new(body.clone()).with_ranges("v1").slowly(30_000, ms(100)));
    let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
    let moves = async {
        sleep(ms(700)).await;
        lab.client().flows_forgotten();
        byway.set_network(Network::new("carrier", NetworkKind::Cell));
    };
    let url = format!("{URL}long");
    let (got, ()) = tokio::join!(byway.get(&url), moves);
    assert!(got.unwrap().response.body == body);
}

#[tokio::test(start_paused = true)]
async fn n22_a_process_frozen_within_a_request_ends_it_properly() {
    for at in [10, 60, 120, 160, 190] {
        let lab = lab();
        let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
        let freezes = async {
            sleep(ms(at)).await;
            // The clocks continue and the process does not; meanwhile the network forgets its flows.
            lab.client().flows_forgotten();
            advance(Duration::from_secs(15 * 60)).await;
            Instant::now()
        };
        let (got, thawed) = tokio::join!(byway.get(URL), freezes);
        assert_eq!(&got.unwrap().response.body[..], b"the page", "{at}");
        assert!(thawed.elapsed() <= FRESH + ms(50), "{at}: {:?}\n{}", thawed.elapsed(), lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn n21_no_call_makes_anything_listen_on_the_device() {
    let lab = lab();
    let _ = lab.vk().community("works_council").post("We meet on Friday.");
    let tor = lab.tor().url();
    let byway = byway(&lab, &[DIRECT, PROXY, &tor], Exposure::Open).await;
    let watch = async {
        for _ in 0..200 {
            assert_eq!(lab.listeners(), 0);
            sleep(ms(5)).await;
        }
    };
    let use_it = async {
        byway.open("vk.com/works_council").await.unwrap();
        byway.get(URL).await.unwrap();
        byway.probe(URL).await.unwrap();
    };
    tokio::join!(watch, use_it);
    // A scanner of loopback finds the user's own Tor and nothing else.
    use byway::net::Net;
    for port in [80, 443, 1080, 3128, 8080, 9050, 9150, 40_001] {
        let open = lab.client().connect(SocketAddr::from(([127, 0, 0, 1], port))).await.is_ok();
        assert_eq!(open, port == 9050, "{port}");
    }
}

#[tokio::test(start_paused = true)]
async fn n16_a_flipped_policy_is_followed_per_network_after_its_rest() {
    let lab = lab();
    let rule = lab.censor().when_sni(HOST).reset();
    let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
    let way = async || byway.get(URL).await.unwrap().response.strategy.is_direct();
    byway.set_network(Network::new("lte", NetworkKind::Cell));
    assert!(!way().await, "blocked on the carrier");
    rule.lift();
    byway.set_network(Network::new("wifi", NetworkKind::Wifi));
    assert!(way().await, "and not at home");
    byway.set_network(Network::new("lte", NetworkKind::Cell));
    assert!(!way().await, "what was learned on the carrier holds there");
    // The block is lifted on the carrier too: after its rest the app's first strategy is tried again.
    advance(Duration::from_secs(61 * 60)).await;
    assert!(way().await, "an hour later it is direct again");
    rule.restore();
    byway.network_changed();
    let begun = Instant::now();
    assert!(!way().await, "and blocked again");
    assert!(begun.elapsed() < ms(700), "{:?}", begun.elapsed());
    byway.network_changed();
    let before = lab.packets().len();
    assert!(!way().await);
    let sent = lab.packets().events()[before..].to_vec();
    assert!(!sent.iter().any(|event| event.to_string().contains("203.0.113.10")), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn n16_what_was_learned_holds_for_two_weeks_and_no_longer() {
    const DAY: u64 = 24 * 60 * 60;
    for (days, known) in [(1, true), (13, true), (15, false), (400, false)] {
        let lab = lab();
        // A slow host: a client that knows its usual time does not use the proxy meanwhile.
        let _ = lab.host(HOST).page("/", Page::new("the page").after(ms(1000)));
        let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
        read(&byway).await;
        advance(Duration::from_secs(days * DAY)).await;
        let (before, began) = (lab.packets().len(), lab.elapsed());
        read(&byway).await;
        let sent = lab.packets().events()[before..].to_vec();
        let hedged = sent.iter().find(|event| event.to_string().contains("198.51.100.7")).map(|event| event.at - began);
        assert_eq!(hedged, (!known).then_some(ms(250)), "after {days} days\n{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn n16_a_policy_that_flips_by_the_hour_is_lived_with_for_days() {
    let lab = lab();
    let rule = lab.censor().when_sni(HOST).swallow();
    let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
    let mut direct = 0;
    for hour in 0..72 {
        let blocked = hour % 2 == 0;
        if blocked {
            rule.restore()
        } else {
            rule.lift()
        }
        byway.network_changed();
        let begun = Instant::now();
        let got = byway.get(URL).await.unwrap();
        assert_eq!(&got.response.body[..], b"the page");
        assert!(begun.elapsed() <= ms(250) + FRESH * 2, "hour {hour}: {:?}\n{}", begun.elapsed(), lab.log());
        let is_direct = got.response.strategy.is_direct();
        assert!(!(blocked && is_direct));
        direct += usize::from(is_direct);
        advance(Duration::from_secs(60 * 60)).await;
    }
    assert!(direct > 0, "the cheaper way gets its chance now and then");
    // Once the policy is stable, so is what is learned: within two days it is direct, and stays so.
    rule.lift();
    let mut ways = Vec::new();
    for _ in 0..72 {
        ways.push(byway.get(URL).await.unwrap().response.strategy.is_direct());
        advance(Duration::from_secs(60 * 60)).await;
    }
    assert!(ways[48..].iter().all(|direct| *direct), "{ways:?}");
}

#[tokio::test(start_paused = true)]
async fn n16_the_ninth_network_is_forgotten() {
    let lab = lab();
    let rule = lab.censor().when_sni(HOST).reset();
    let engine = engine(&lab, &[DIRECT, PROXY]);
    let network = |name: &str| engine.set_network(byway::internals::reach::NetworkId(name.into()));
    let first = || engine.order(&get(URL)).unwrap()[0].is_direct();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        network(name);
        engine.network_changed();
        engine.fetch(get(URL)).await.result.unwrap();
        assert!(!first(), "{name}");
    }
    network("a");
    assert!(!first(), "eight networks are remembered");
    network("i");
    engine.network_changed();
    engine.fetch(get(URL)).await.result.unwrap();
    rule.lift();
    network("a");
    assert!(first(), "the one used longest ago gave way");
    network("i");
    assert!(!first());
}

#[tokio::test(start_paused = true)]
async fn n23_a_home_that_goes_back_in_time_takes_nothing_away() {
    let lab = lab();
    let community = lab.vk().community("works_council").post("first").post("second");
    let old = lab.vk().state();
    let _ = community.post("third");
    let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
    let opened = byway.open("vk.com/works_council").await.unwrap();
    let id = opened.community.id.clone();
    let kept = async || byway.posts(&id, None, 50).await.unwrap().items.len();
    assert_eq!(kept().await, 3);
    // An older state, a shorter one, an empty one.
    let empty = {
        let mut state = old.clone();
        state.communities.iter_mut().for_each(|community| community.posts.clear());
        state
    };
    for state in [old, empty] {
        lab.vk().set_state(state);
        assert_eq!(byway.open("vk.com/works_council").await.unwrap().source, ReadFrom::Network);
        assert_eq!(kept().await, 3, "what was read once stays");
    }
}

#[tokio::test(start_paused = true)]
async fn with_all_swallowed_the_copy_comes_at_once_then_the_verdict() {
    let lab = lab();
    let _ = lab.vk().community("works_council").post("We meet on Friday.");
    // A Tor that accepts requests and does not answer them: it is still building its circuits.
    let tor = lab.tor().fault(Fault::HangOnRequest).url();
    let directory = tempfile::tempdir().unwrap();
    let byway = Byway::builder()
        .strategies([DIRECT, PROXY, &tor].map(|way| way.parse().unwrap()))
        .roots(byway::Roots::from_certificates(&lab.ca_der()).unwrap())
        .vk_token(byway::VkToken::service("token"))
        .data_dir(directory.path(), StoreKey::new([7; 32]))
        .net(lab.client())
        .build()
        .await
        .unwrap();
    let link = "vk.com/works_council";
    byway.open(link).await.unwrap();
    lab.censor().when_not_address(&["192.0.2.53"]).swallow();
    lab.client().flows_forgotten();
    byway.network_changed();
    let begun = Instant::now();
    let at_once = async {
        sleep(ms(100)).await;
        let asked = Instant::now();
        let kept = byway.open_with(link, OpenOptions { offline: true, ..OpenOptions::default() }).await.unwrap();
        assert_eq!((kept.source, kept.posts.len()), (ReadFrom::Store, 1));
        assert!(asked.elapsed() <= ms(5), "beside a reading that waits: {:?}", asked.elapsed());
    };
    let (opened, ()) = tokio::join!(byway.open(link), at_once);
    let opened = opened.unwrap();
    assert_eq!(opened.source, ReadFrom::Store);
    assert!(begun.elapsed() <= Duration::from_secs(10), "{:?}", begun.elapsed());
    let begun = Instant::now();
    assert!(byway.get(URL).await.is_err());
    assert!(begun.elapsed() <= Duration::from_secs(10), "{:?}", begun.elapsed());
    let tor = opened.reachability.attempts.iter().find(|attempt| attempt.strategy.is_tor()).unwrap();
    assert_eq!(tor.outcome.code(), "pending", "named, not awaited: {tor:?}");
    for (language, word) in [(Language::En, "Tor runs"), (Language::Ru, "Tor работает")] {
        let told = opened.reachability.sentence(language);
        assert!(told.contains(word), "{told}");
    }
}
