//! Which events an app gets, and when, and what it can send to a helper.

use std::time::Duration;

use byway::internals::reach::{EngineEvent, EngineEventKind, EngineEvents};
use byway::{Account, Exposure, Language};
use byway_lab::{Lab, Page};

use crate::stack::byway;

const DIRECT: &str = "direct:";
const PROXY: &str = "socks5://reader:CANARYWORD@198.51.100.7:1080?cc=nl#CANARYNAME";
const HOST: &str = "canary.example";
const URL: &str = "https://canary.example/";

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host(HOST).at("203.0.113.10").https().page("/", "the page");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl").password("reader", "CANARYWORD");
    lab
}

/// All events so far.
fn heard(watch: &mut EngineEvents) -> Vec<EngineEvent> {
    std::iter::from_fn(|| watch.try_next()).collect()
}

/// `110 ended 1 tls reset`: the instant, the code, the attempt, and other distinguishing details.
fn line(event: &EngineEvent) -> String {
    let what = match &event.kind {
        EngineEventKind::Began { action } => action.code().to_owned(),
        EngineEventKind::Started { attempt, strategy, why, .. } => {
            format!("{attempt} {} {}", strategy.scheme(), why.code())
        }
        EngineEventKind::Entered { attempt, stage } => format!("{attempt} {stage}"),
        EngineEventKind::Dialled { attempt, address } => format!("{attempt} {address}"),
        EngineEventKind::FirstByte { attempt } => attempt.to_string(),
        EngineEventKind::Continued { attempt, from } => format!("{attempt} {}", *from > 0),
        EngineEventKind::Ended { attempt, stage, outcome, took } => {
            format!("{attempt} {stage} {} {}", outcome.code(), took.as_millis())
        }
        EngineEventKind::Won { attempt, strategy, .. } => format!("{attempt} {}", strategy.scheme()),
        EngineEventKind::Judged { rule, .. } => rule.to_string(),
        EngineEventKind::AnsweredFromStore { age } => format!("{:?}", age.map(|age| age.as_secs())),
        _ => String::new(),
    };
    format!("{} {} {what}", event.at.as_millis(), event.kind.code()).trim_end().to_owned()
}

fn lines(events: &[EngineEvent]) -> Vec<String> {
    events.iter().map(line).collect()
}

#[tokio::test(start_paused = true)]
async fn a_block_and_the_next_route_are_events_to_the_millisecond() {
    let lab = lab();
    lab.censor().when_sni(HOST).reset();
    let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
    let mut watch = byway.engine_events();
    byway.get(URL).await.unwrap();
    let events = heard(&mut watch);
    assert!(events.iter().all(|event| event.access == Some(1)));
    // Lookup and connect take a round trip of 50 ms each, and the censor is 5 ms away. The proxy's handshakes are a
    // round trip for TCP, one for the greeting, one for the login, one for the tunnel with the leg behind it; then TLS.
    let told = lines(&events);
    let expected = [
        "0 began get",
        "0 started 1 direct first",
        "0 entered 1 dns",
        "50 entered 1 tcp",
        "50 dialled 1 203.0.113.10",
        "100 entered 1 tls",
        "110 ended 1 tls reset 110",
        "110 started 2 socks5 failure",
    ];
    assert_eq!(told[..expected.len()], expected, "{told:#?}");
    let ends: Vec<&str> = told.iter().rev().take(4).rev().map(|line| line.split_once(' ').unwrap().1).collect();
    let took = events.last().unwrap().at.as_millis() - 110;
    let ended = format!("ended 2 progress ok {took}");
    assert_eq!(ends, ["entered 2 progress", &ended, "won 2 socks5", "judged tls.reset.other_vantage"], "{told:#?}");
    let stages: Vec<&str> =
        told.iter().filter_map(|line| line.split_once("entered 2 ")).map(|(_, stage)| stage).collect();
    assert_eq!(stages, ["dns", "tcp", "proxy", "tls", "first_byte", "progress"], "{told:#?}");
}

#[tokio::test(start_paused = true)]
async fn silence_is_the_reason_and_the_silent_attempt_stays_pending() {
    let lab = lab();
    lab.censor().when_sni(HOST).swallow();
    let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
    let mut watch = byway.engine_events();
    byway.get(URL).await.unwrap();
    let told = lines(&heard(&mut watch));
    assert!(told.contains(&"250 started 2 socks5 silence".to_owned()), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("ended 1 tls pending")), "{told:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_resumes_elsewhere_is_an_event() {
    let lab = lab();
    lab.host(HOST).page("/long", Page::new(vec![b'x'; 100_000]).with_ranges("v1"));
    // This is after two whole TLS records, so that there is something to continue.
    lab.censor().when_sni(HOST).freeze_after_bytes(48 * 1024);
    let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
    let mut watch = byway.engine_events();
    byway.get("https://canary.example/long").await.unwrap();
    let told = lines(&heard(&mut watch));
    assert!(told.iter().any(|line| line.contains("continued 2 true")), "{told:#?}");
}

#[tokio::test(start_paused = true)]
async fn events_number_each_access_and_mark_a_dropped_one_abandoned() {
    let lab = lab();
    lab.censor().when_address("203.0.113.10").swallow();
    let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
    let mut watch = byway.engine_events();
    let dropped = tokio::time::timeout(Duration::from_secs(1), byway.get(URL));
    let (dropped, probed) = tokio::join!(dropped, byway.probe(URL));
    assert!(dropped.is_err() && probed.is_ok());
    byway.network_changed();
    let events = heard(&mut watch);
    let of = |access| -> Vec<EngineEvent> { events.iter().filter(|event| event.access == access).cloned().collect() };
    assert_eq!(line(of(Some(1)).last().unwrap()), "1000 abandoned");
    assert_eq!(of(Some(2)).last().unwrap().kind.code(), "judged");
    assert_eq!(of(None).first().unwrap().kind, EngineEventKind::NetworkChanged);
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_dials_is_an_event_with_its_length() {
    let lab = lab();
    let resolver = lab.system_resolver().address().to_string();
    lab.censor().when_not_address(&["203.0.113.200", &resolver]).swallow();
    let byway = byway(&lab, &[DIRECT, PROXY], Exposure::Open).await;
    let mut watch = byway.engine_events();
    byway.probe(URL).await.unwrap();
    let quiet = heard(&mut watch).pop().unwrap();
    assert_eq!(quiet.kind, EngineEventKind::DialsPaused { lasts: Duration::from_secs(60) });

    // An access in that time is over at once.
    byway.get(URL).await.unwrap_err();
    let codes: Vec<_> = heard(&mut watch).iter().map(|event| event.kind.code()).collect();
    assert_eq!(codes, ["began", "judged"]);
}

#[tokio::test(start_paused = true)]
async fn events_and_accounts_name_no_host_unless_asked() {
    let lab = lab();
    lab.censor().when_sni(HOST).reset();
    let byway = byway(&lab, &[DIRECT, PROXY, "direct:?dns=udp://203.0.113.53"], Exposure::Open).await;
    let mut watch = byway.engine_events();
    byway.probe(URL).await.unwrap();
    let events = heard(&mut watch);
    let access = byway.report().pop().unwrap();
    let mut told = format!("{events:?} {watch:?}");
    for event in &events {
        told.push_str(&event.to_string());
    }
    for &language in Language::ALL {
        let account = access.account(language);
        told.push_str(&format!("{account} {account:?} {account:#?} {}", serde_json::to_string(&account).unwrap()));
        let full = access.account_in_full(language);
        told.push_str(&format!("{full:?}"));
    }
    for canary in ["canary", "CANARY", "203.0.113", "198.51.100", "reader"] {
        assert!(!told.contains(canary), "{canary} in {told}");
    }
    assert!(told.contains("The connection is cut on this network when site.example is named (TLS)"), "{told}");

    let full = access.account_in_full(Language::En);
    let sent = serde_json::to_string(&full).unwrap();
    assert!(sent.contains(HOST) && sent.contains("198.51.100.7") && !sent.contains("CANARYWORD"), "{sent}");
    assert_eq!(serde_json::from_str::<Account>(&sent).unwrap(), full);
    let json = serde_json::to_string(&events).unwrap();
    assert!(json.contains(HOST) && !json.contains("CANARYWORD"), "{json}");
}

#[tokio::test(start_paused = true)]
async fn the_watch_ends_with_the_engine() {
    let lab = lab();
    let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
    let mut watch = byway.engine_events();
    byway.get(URL).await.unwrap();
    drop(byway);
    let mut last = None;
    while let Some(event) = watch.next().await {
        last = Some(event);
    }
    assert_eq!(last.unwrap().kind.code(), "judged");
}
