//! One budget of silence for a whole reading. A community's platform has several addresses and a device several routes,
//! and a reader waits ten seconds for all of them together.

use std::time::Duration;

use byway::{Byway, Exposure, Language, OpenError, OpenOptions, Opened, Outcome, ReadFrom};
use byway_lab::{Fault, Lab};
use tokio::time::{Instant, sleep};

use crate::stack::byway;

const DIRECT: &str = "direct:";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const LINK: &str = "vk.com/works_council";
const API: [&str; 2] = ["api.vk.ru", "api.vk.com"];

fn lab() -> Lab {
    let lab = Lab::new();
    let _ = lab.vk().community("works_council").post("We meet on Friday.");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// A verdict comes within this time, whatever is swallowed.
const WITHIN: Duration = Duration::from_secs(10);

async fn timed(byway: &Byway) -> (Result<Opened, OpenError>, Duration) {
    let begun = Instant::now();
    let opened = byway.open(LINK).await;
    (opened, begun.elapsed())
}

fn swallow_everything(lab: &Lab) {
    lab.censor().when_not_address(&["192.0.2.53"]).swallow();
}

#[tokio::test(start_paused = true)]
async fn with_everything_swallowed_opening_ends_within_ten_seconds() {
    for hangs in [false, true] {
        let tor = |lab: &Lab| if hangs { lab.tor().hangs().url() } else { lab.tor().behind_censor().url() };
        for ways in 1..=4 {
            let lab = lab();
            let tor = tor(&lab);
            let ways = &[DIRECT, &tor, PROXY, "https://198.51.100.8?cc=de"][..ways];
            swallow_everything(&lab);
            let byway = byway(&lab, ways, Exposure::Open).await;
            let (opened, took) = timed(&byway).await;
            let error = opened.unwrap_err();
            assert!(took <= WITHIN, "{ways:?}: {took:?}\n{}", lab.log());
            let attempts = &error.reachability().unwrap().attempts;
            for way in ways {
                let met = attempts.iter().any(|attempt| attempt.strategy == way.parse().unwrap());
                assert!(met, "{way} had its turn\n{}", lab.log());
            }
            assert_eq!(error.code(), "unreached");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_swallowed_stage_ends_opening_within_ten_seconds() {
    type Cut = fn(&Lab);
    let cuts: [(&str, Cut); 3] = [
        ("names", |lab| {
            API.iter().for_each(|name| drop(lab.system_resolver().silent(name)));
        }),
        ("SYN", |lab| drop(lab.censor().when_not_address(&["192.0.2.53"]).swallow())),
        ("ClientHello", |lab| API.iter().for_each(|name| drop(lab.censor().when_sni(name).swallow()))),
    ];
    for (name, cut) in cuts {
        for ways in [&[DIRECT][..], &[DIRECT, "direct:?tls=frag"]] {
            let lab = lab();
            cut(&lab);
            let (opened, took) = timed(&byway(&lab, ways, Exposure::Open).await).await;
            assert!(opened.is_err() && took <= WITHIN, "{name} by {ways:?}: {took:?}\n{}", lab.log());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_swallowed_platform_address_leaves_the_other_its_time() {
    for ways in [&[DIRECT][..], &[DIRECT, "direct:?tls=frag"], &[DIRECT, PROXY]] {
        for blocked in API {
            let lab = lab();
            lab.censor().when_sni(blocked).swallow();
            // The proxy, if there is one, is dead.
            lab.censor().when_address("198.51.100.7").swallow();
            let (opened, took) = timed(&byway(&lab, ways, Exposure::Open).await).await;
            let opened = opened.unwrap_or_else(|error| panic!("{blocked} by {ways:?}: {error}\n{}", lab.log()));
            assert_eq!((opened.posts.len(), opened.source, opened.truncated), (1, ReadFrom::Network, false));
            assert!(opened.reachability.reached_by.unwrap().is_direct());
            assert!(took <= WITHIN, "{blocked} by {ways:?}: {took:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_flight_is_not_cut_for_another_address() {
    let lab = lab();
    let _ = lab.vk().community("works_council").post(&"We meet on Friday. ".repeat(5_000));
    lab.censor().when_sni(API[0]).rate(14_000);
    let (opened, took) = timed(&byway(&lab, &[DIRECT], Exposure::Open).await).await;
    assert_eq!(opened.unwrap().posts.len(), 2);
    assert!(took > ms(5000), "{took:?}");
    assert_eq!(lab.packets().first_packet_to(&lab.addresses_of(API[1])[0].to_string()), None);
}

#[tokio::test(start_paused = true)]
async fn a_tor_that_takes_its_time_is_used_where_nothing_else_answers() {
    // Four round trips of a circuit: SOCKS, TLS, and the request.
    for (ways, circuit) in [(&[][..], 2000), (&[DIRECT], 1000), (&[DIRECT, PROXY], 500)] {
        let lab = lab();
        let tor = lab.tor().circuit(ms(circuit)).url();
        swallow_everything(&lab);
        let ways: Vec<&str> = ways.iter().copied().chain([&*tor]).collect();
        let (opened, _) = timed(&byway(&lab, &ways, Exposure::Open).await).await;
        let opened = opened.unwrap_or_else(|error| panic!("{ways:?}: {error}\n{}", lab.log()));
        assert!(opened.reachability.reached_by.unwrap().is_tor(), "{ways:?}");
        assert_eq!(opened.posts.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_token_one_attempt_flies_and_moves_after_three_seconds() {
    let lab = lab();
    API.iter().for_each(|name| drop(lab.censor().when_sni(name).swallow()));
    let tor = lab.tor().hangs().url();
    let byway = byway(&lab, &[DIRECT, PROXY, &tor], Exposure::Open).await;
    let (opened, took) = timed(&byway).await;
    assert_eq!(opened.unwrap().posts.len(), 1);
    assert_eq!(lab.packets().first_packet_to("198.51.100.7"), Some(ms(3000)), "{}", lab.log());
    assert!(took <= ms(5000), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_copy_comes_with_the_fault_within_ten_seconds() {
    let lab = lab();
    let tor = lab.tor().fault(Fault::HangOnRequest).url();
    let byway = byway(&lab, &[DIRECT, PROXY, &tor], Exposure::Open).await;
    let id = byway.open(LINK).await.unwrap().community.id;
    swallow_everything(&lab);
    lab.client().flows_forgotten();
    byway.network_changed();
    let at_once = async {
        sleep(ms(100)).await;
        let asked = Instant::now();
        let kept = byway.open_with(LINK, OpenOptions { offline: true, ..OpenOptions::default() }).await.unwrap();
        assert_eq!((kept.source, kept.posts.len(), kept.fault.is_none()), (ReadFrom::Store, 1, true));
        assert_eq!(byway.posts(&id, None, 50).await.unwrap().items.len(), 1);
        assert!(asked.elapsed() <= ms(5), "beside a reading that waits: {:?}", asked.elapsed());
    };
    let begun = Instant::now();
    let (refreshed, ()) = tokio::join!(byway.refresh(&id), at_once);
    let refreshed = refreshed.unwrap();
    assert!(begun.elapsed() <= WITHIN, "{:?}", begun.elapsed());
    assert_eq!((refreshed.source, refreshed.posts.len()), (ReadFrom::Store, 1));
    assert_eq!(refreshed.fault.unwrap().code(), "unreached");
    let named = refreshed.reachability.attempts.iter().find(|attempt| attempt.strategy.is_tor()).unwrap();
    assert_eq!(named.outcome, Outcome::Pending);
    for (language, word) in [(Language::En, "Tor runs"), (Language::Ru, "Tor работает")] {
        let told = refreshed.reachability.sentence(language);
        assert!(told.contains(word), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_in_the_middle_of_a_reading_ends_it_in_ten_seconds() {
    // The answer about the community comes; the answer about its wall does not.
    for at in [200, 300, 400] {
        let lab = lab();
        let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
        let falls = async {
            sleep(ms(at)).await;
            swallow_everything(&lab);
            lab.client().flows_forgotten();
        };
        let ((_, took), ()) = tokio::join!(timed(&byway), falls);
        assert!(took <= ms(at) + WITHIN + ms(100), "{at}: {took:?}\n{}", lab.log());
    }
}
