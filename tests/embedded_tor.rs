//! The Tor within the process where no Tor can be reached, over the lab: what is said, and that nothing else is tried.
//! That it reads, and reaches onion services, is tested with a real Tor network: `cli/tests/real/through_tor.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::time::Duration;

use byway::{Byway, EngineEventKind, Exposure, Language, Roots, RuleId, Strategy, TorNetwork, TorStall};
use byway_lab::{Lab, Page};
use tokio::sync::Mutex;

const URL: &str = "https://zavod.example/";
const RELAYS: [&str; 2] = ["203.0.113.91", "203.0.113.92"];

/// There is one Tor client in a process, and so one test at a time.
static ONE: Mutex<()> = Mutex::const_new(());

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("zavod.example").at("203.0.113.10").https().page("/", Page::new("the page"));
    for (at, address) in RELAYS.iter().enumerate() {
        lab.host(&format!("relay{at}.example")).at(address).https();
    }
    lab
}

/// A network whose relays are at these addresses. Nothing there is a relay.
fn network() -> TorNetwork {
    let relay = |at: usize, address: &str| {
        format!(
            r#"{{"rsa_identity": "{}", "ed_identity": "{}", "orports": ["{address}:443"]}}"#,
            format!("{at}").repeat(40),
            ["6OHyKFlLE0B1HxDBJVYqBKJxEqPxRw6YU8dTOo4tOXk", "uOkYSw7nbhfYjCJ5YOpZPD8dv0tFpNJ0uQ3kSJwNR9E"][at],
        )
    };
    let relays: Vec<_> = RELAYS.iter().enumerate().map(|(at, address)| relay(at, address)).collect();
    let authority = "0123456789012345678901234567890123456789";
    TorNetwork::from_json(&format!(
        r#"{{"tor_network": {{"authorities": {{"v3idents": ["{authority}"], "downloads": [], "uploads": [], "votes": []}},
            "fallback_caches": [{}]}}}}"#,
        relays.join(", ")
    ))
    .unwrap()
}

async fn byway(lab: &Lab, strategies: &[&str], exposure: Exposure) -> Byway {
    let strategies = strategies.iter().map(|strategy| strategy.parse::<Strategy>().unwrap());
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let builder = Byway::builder().strategies(strategies).exposure(exposure).roots(roots).net(lab.client());
    builder.tor_network(network()).build().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_blocked_tor_is_named_and_nothing_else_is_tried() {
    let _one = ONE.lock().await;
    let lab = lab();
    RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
    let byway = byway(&lab, &["direct:", "tor:"], Exposure::Tor).await;
    let mut events = byway.engine_events();
    let failed = byway.get(URL).await.unwrap_err();

    let met = failed.reachability().unwrap();
    assert_eq!(met.verdict.rule, RuleId::RouteDead);
    let said = met.sentence(Language::En);
    assert!(said.contains("Tor did not start"), "{said}");
    assert!(met.sentence(Language::Ru).contains("Tor не запустился"));

    let mut stalled = None;
    while let Some(event) = events.try_next() {
        if let EngineEventKind::TorStarts { progress, .. } = event.kind
            && let (Some(stall), None) = (progress.stall, stalled)
        {
            stalled = Some((event.at, stall));
        }
    }
    let (at, stall) = stalled.expect("a stall is an event");
    assert!(at <= Duration::from_secs(15), "{at:?}");
    assert_eq!(stall, TorStall::NoConnection);

    let packets = lab.packets();
    assert!(!packets.is_empty());
    assert_eq!(packets.lookups(), [""; 0], "no resolver is asked");
    for (_, to) in packets.connects() {
        assert!(RELAYS.contains(&to.ip().to_string().as_str()), "{to} is no relay");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_tor_in_one_process_is_refused() {
    let _one = ONE.lock().await;
    let lab = lab();
    RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
    let (first, second) = (byway(&lab, &["tor:"], Exposure::Open).await, byway(&lab, &["tor:"], Exposure::Open).await);
    let under_way = first.get(URL);
    let refused = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        second.get(URL).await.unwrap_err()
    };
    let (_, refused) = tokio::join!(under_way, refused);
    let said = refused.reachability().unwrap().sentence(Language::En);
    assert!(said.contains("another Tor of this program is running"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_tor_gives_way_to_the_next_route() {
    let _one = ONE.lock().await;
    let lab = lab();
    RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
    let byway = byway(&lab, &["tor:", "direct:"], Exposure::Open).await;
    let began = tokio::time::Instant::now();
    let page = byway.get(URL).await.unwrap();
    assert_eq!(&page.response.body[..], b"the page");
    let waited = began.elapsed();
    assert!((Duration::from_secs(10)..Duration::from_secs(15)).contains(&waited), "{waited:?}");
    let site = lab.packets().first_packet_to("203.0.113.10").unwrap();
    assert!(site >= Duration::from_secs(10), "the site was asked while Tor's start was waited for");
}

#[tokio::test(start_paused = true)]
async fn what_keeps_tor_from_starting_is_told_from_how_far_it_comes() {
    let _one = ONE.lock().await;
    for (act, stall) in
        [("swallow", TorStall::NoConnection), ("refuse", TorStall::NoConnection), ("freeze", TorStall::Filtered)]
    {
        let lab = lab();
        for address in RELAYS {
            let when = lab.censor().when_address(address);
            match act {
                "swallow" => when.swallow(),
                "refuse" => when.refuse(),
                _ => when.freeze_after_bytes(0),
            };
        }
        let byway = byway(&lab, &["tor:"], Exposure::Tor).await;
        let mut events = byway.engine_events();
        let failed = byway.get(URL).await.unwrap_err();
        let told = std::iter::from_fn(|| events.try_next()).find_map(|event| match event.kind {
            EngineEventKind::TorStarts { progress, .. } => progress.stall,
            _ => None,
        });
        assert_eq!(told, Some(stall), "{act}");
        assert_eq!(failed.reachability().unwrap().verdict.rule, RuleId::RouteDead, "{act}");
    }
}

/// A bridge that answers nothing, and its address.
const BRIDGE: &str = "203.0.113.93:443%200123456789ABCDEF0123456789ABCDEF01234567";

#[tokio::test(start_paused = true)]
async fn blocked_bridges_are_named_and_no_relay_is_tried() {
    let _one = ONE.lock().await;
    for act in ["swallow", "refuse", "freeze"] {
        let lab = lab();
        lab.host("bridge.example").at("203.0.113.93").https();
        let when = lab.censor().when_address("203.0.113.93");
        match act {
            "swallow" => when.swallow(),
            "refuse" => when.refuse(),
            _ => when.freeze_after_bytes(0),
        };
        // A bridge anywhere belongs to the one Tor of the process.
        let strategies = ["direct:", "tor:", &format!("tor:?bridge={BRIDGE}")];
        let byway = byway(&lab, &strategies, Exposure::Tor).await;
        let mut events = byway.engine_events();
        let failed = byway.get(URL).await.unwrap_err();
        let told = std::iter::from_fn(|| events.try_next()).find_map(|event| match event.kind {
            EngineEventKind::TorStarts { progress, .. } => progress.stall,
            _ => None,
        });
        assert_eq!(told, Some(TorStall::Bridge), "{act}");
        let met = failed.reachability().unwrap();
        assert_eq!(met.verdict.rule, RuleId::RouteDead, "{act}");
        let said = met.sentence(Language::En);
        assert!(said.contains("no bridge answers") && said.contains("other bridges"), "{said}");
        let packets = lab.packets();
        assert_eq!(packets.lookups(), [""; 0], "no resolver is asked");
        assert!(!packets.connects().is_empty());
        for (_, to) in packets.connects() {
            assert_eq!(to.ip().to_string(), "203.0.113.93", "{act}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bridge_that_fails_is_tried_again_ever_more_seldom() {
    let _one = ONE.lock().await;
    let lab = lab();
    lab.host("bridge.example").at("203.0.113.93").https();
    lab.censor().when_address("203.0.113.93").refuse();
    let byway = byway(&lab, &[&format!("tor:?bridge={BRIDGE}")], Exposure::Tor).await;
    let began = tokio::time::Instant::now();
    byway.get(URL).await.unwrap_err();
    let waited = began.elapsed();
    assert!((Duration::from_secs(45)..Duration::from_secs(60)).contains(&waited), "{waited:?}");
    tokio::time::sleep(Duration::from_secs(250)).await;
    let tries: Vec<_> = lab.packets().connects().iter().map(|(at, _)| *at).collect();
    let between = |from, to| {
        let (from, to) = (Duration::from_secs(from), Duration::from_secs(to));
        tries.iter().filter(|at| (from..to).contains(*at)).count()
    };
    assert!(between(0, 10) > 1 && between(10, 45) > 0, "while it is waited for: {tries:?}");
    assert!(between(45, 295) > 0, "the start goes on: {tries:?}");
    // arti waits for a time of its own choice, so only how often it tries in all can be compared.
    assert!(between(45, 295) * 45 < between(0, 45) * 250, "more seldom: {tries:?}");
}

/// What is logged in this process, by any library.
static TOLD: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());

struct Everything;

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        TOLD.lock().unwrap().push(format!("{span:?}"));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        TOLD.lock().unwrap().push(format!("{values:?}"));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        TOLD.lock().unwrap().push(format!("{event:?}"));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn tor_logs_no_bridge() {
    let _one = ONE.lock().await;
    tracing::subscriber::set_global_default(Everything).unwrap();
    let lab = lab();
    lab.host("bridge.example").at("203.0.113.93").https();
    let byway = byway(&lab, &[&format!("tor:?bridge={BRIDGE}")], Exposure::Tor).await;
    byway.get(URL).await.unwrap_err();
    drop(byway);
    assert!(!lab.packets().is_empty());
    tracing::info!("the record of an app");
    let told = TOLD.lock().unwrap();
    assert!(told.iter().any(|record| record.contains("the record of an app")));
    let of_tor = ["203.0.113.93", "0123456789ABCDEF", "arti", "tor_"];
    let line = told.iter().find(|record| of_tor.iter().any(|word| record.contains(word)));
    assert_eq!(line, None);
}

#[tokio::test(start_paused = true)]
async fn a_bridge_without_its_transport_contacts_nobody() {
    let _one = ONE.lock().await;
    let lab = lab();
    let byway = byway(&lab, &["direct:", &format!("tor:?bridge=obfs4%20{BRIDGE}%20cert=x")], Exposure::Tor).await;
    let failed = byway.get(URL).await.unwrap_err();
    let met = failed.reachability().unwrap();
    assert!(met.sentence(Language::En).contains("need a transport such as obfs4"), "{}", met.sentence(Language::En));
    assert!(met.sentence(Language::Ru).contains("нужен транспорт"), "{}", met.sentence(Language::Ru));
    assert!(lab.packets().is_empty());
}

#[tokio::test(start_paused = true)]
async fn dropping_the_client_ends_every_task_of_its_tor() {
    let _one = ONE.lock().await;
    let lab = lab();
    RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
    let byway = byway(&lab, &["tor:"], Exposure::Tor).await;
    let cut = tokio::time::timeout(Duration::from_secs(5), byway.get(URL)).await;
    assert!(cut.is_err());
    drop(byway);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let before = lab.packets().len();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(lab.packets().len(), before, "something went on");
    assert_eq!(lab.open_sockets(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_app_that_sleeps_or_wipes_ends_its_tor() {
    let _one = ONE.lock().await;
    for wipes in [false, true] {
        let lab = lab();
        RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
        let byway = byway(&lab, &["tor:", "direct:"], Exposure::Open).await;
        let ends = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if wipes {
                byway.wipe().await.unwrap()
            } else {
                byway.suspend().await.unwrap()
            }
            lab.packets().len()
        };
        let (read, sent) = tokio::join!(byway.get(URL), ends);
        let failed = read.unwrap_err();
        assert_ne!(failed.reachability().unwrap().verdict.rule, RuleId::RouteDead, "nothing is blamed");
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!((lab.packets().len(), lab.open_sockets()), (sent, 0), "wipes: {wipes}");
        assert_eq!(lab.packets().first_packet_to("203.0.113.10"), None, "another route was opened while the app slept");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sleeping_app_starts_no_tor_until_it_wakes() {
    let _one = ONE.lock().await;
    let lab = lab();
    RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
    let byway = byway(&lab, &["tor:"], Exposure::Tor).await;
    let read = async { tokio::time::timeout(Duration::from_secs(5), byway.get(URL)).await };
    byway.suspend().await.unwrap();
    let _ = read.await;
    assert!(lab.packets().is_empty());
    byway.resume().await.unwrap();
    let _ = tokio::time::timeout(Duration::from_secs(5), byway.get(URL)).await;
    assert!(!lab.packets().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_network_begins_tor_anew() {
    let _one = ONE.lock().await;
    let lab = lab();
    RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
    let byway = byway(&lab, &["tor:", "direct:"], Exposure::Open).await;
    let mut events = byway.engine_events();
    let moves = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let old = lab.open_sockets();
        byway.network_changed();
        tokio::time::sleep(Duration::from_millis(1)).await;
        (old, lab.packets().len())
    };
    let (read, (old, sent)) = tokio::join!(byway.get(URL), moves);
    assert!(old > 0);
    assert_eq!(&read.unwrap().response.body[..], b"the page", "the reading goes on");
    let starts = std::iter::from_fn(|| events.try_next())
        .filter(|event| matches!(event.kind, EngineEventKind::TorStarts { progress, .. } if progress.percent == 0 && progress.stall.is_none()));
    assert!(starts.count() >= 2, "a new start after the change");
    assert!(lab.packets().len() > sent);
}

/// A lab where `blocked.example` is withheld directly, a proxy reads everything, and no relay answers.
fn censored() -> (Lab, String) {
    let lab = lab();
    RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
    for (host, address) in [("blocked.example", "203.0.113.20"), ("known.example", "203.0.113.21")] {
        lab.host(host).at(address).rtt(Duration::from_millis(10)).https().page("/", Page::new("the page"));
    }
    lab.censor().when_sni("blocked.example").swallow();
    // So near that no silence starts a third route.
    let proxy = lab.socks5("proxy").at("203.0.113.50").rtt(Duration::from_millis(10)).url();
    (lab, proxy)
}

/// When the first packet to a relay was sent.
fn relays_asked(lab: &Lab) -> Option<Duration> {
    RELAYS.iter().filter_map(|address| lab.packets().first_packet_to(address)).min()
}

async fn read(byway: &Byway, host: &str) {
    let page = byway.get(&format!("https://{host}/")).await.unwrap();
    assert_eq!(&page.response.body[..], b"the page", "{host}");
}

#[tokio::test(start_paused = true)]
async fn tor_starts_early_where_direct_was_blocked_before() {
    let _one = ONE.lock().await;
    let (lab, proxy) = censored();
    let byway = byway(&lab, &["direct:", &proxy, "tor:"], Exposure::Open).await;
    read(&byway, "known.example").await;
    read(&byway, "blocked.example").await;
    assert_eq!(relays_asked(&lab), None, "nothing was known of this network");
    read(&byway, "known.example").await;
    assert_eq!(relays_asked(&lab), None, "it is read directly");

    let began = lab.packets().connects().last().unwrap().0;
    read(&byway, "zavod.example").await;
    let asked = relays_asked(&lab).expect("Tor starts beside the first route");
    assert!(asked - began < Duration::from_millis(250), "{began:?} {asked:?}");
    // Nothing needed it: it ends like one that is not used.
    tokio::time::sleep(Duration::from_secs(600)).await;
    let idle = lab.packets().len();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(lab.packets().len(), idle, "something goes on");
}

#[tokio::test(start_paused = true)]
async fn tor_is_not_warmed_where_nothing_asks_for_it() {
    let _one = ONE.lock().await;
    // Without it among the strategies, on another network, and while the app sleeps.
    for case in ["not allowed", "another network", "asleep"] {
        let (lab, proxy) = censored();
        let allowed = ["direct:", &proxy, "tor:"];
        let byway = byway(&lab, if case == "not allowed" { &allowed[..2] } else { &allowed }, Exposure::Open).await;
        read(&byway, "blocked.example").await;
        match case {
            "another network" => {
                byway.set_network(byway::Network::new("another", byway::NetworkKind::Wifi));
                read(&byway, "zavod.example").await;
            }
            "asleep" => {
                byway.suspend().await.unwrap();
                let _ = tokio::time::timeout(Duration::from_secs(60), byway.get(URL)).await;
                tokio::time::sleep(Duration::from_secs(3600)).await;
                assert_eq!(relays_asked(&lab), None, "{case}");
                byway.resume().await.unwrap();
                tokio::time::sleep(Duration::from_secs(3600)).await;
            }
            _ => read(&byway, "zavod.example").await,
        }
        assert_eq!(relays_asked(&lab), None, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tor_that_is_unused_or_asleep_has_no_task_to_wake() {
    let _one = ONE.lock().await;
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for sleeps in [false, true] {
        let lab = lab();
        RELAYS.iter().for_each(|address| drop(lab.censor().when_address(address).swallow()));
        let byway = byway(&lab, &["tor:"], Exposure::Tor).await;
        let before = alive();
        let cut = tokio::time::timeout(Duration::from_secs(5), byway.get(URL)).await;
        assert!(cut.is_err() && alive() > before, "it runs: {} {before}", alive());
        if sleeps {
            byway.suspend().await.unwrap();
            // Tasks end at their next poll.
            tokio::time::sleep(Duration::from_millis(1)).await;
        } else {
            // It ends five minutes after its last use.
            tokio::time::sleep(Duration::from_secs(301)).await;
        }
        let idle = lab.packets().len();
        assert_eq!(alive(), before, "a task is left, asleep: {sleeps}");
        let wake_ups = wake_ups_in_an_hour().await;
        assert!(wake_ups <= OF_ONE_TIMER, "asleep: {sleeps}, woken {wake_ups} times");
        assert_eq!((lab.packets().len(), lab.open_sockets()), (idle, 0), "asleep: {sleeps}");
        byway.resume().await.unwrap();
    }
}

/// One timer wakes tokio's runtime once for each of the six levels of its timer wheel at most.
const OF_ONE_TIMER: u64 = 6;

/// How often the runtime wakes up in an hour, for the timer of this test and for anything else.
async fn wake_ups_in_an_hour() -> u64 {
    let parks = || tokio::runtime::Handle::current().metrics().worker_park_count(0);
    let before = parks();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    parks() - before
}
