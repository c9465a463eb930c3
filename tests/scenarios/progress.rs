//! A body that stops: when the engine waits, when it changes routes, and which halves it never joins.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use byway::internals::fetch::Fetched;
use byway_lab::{Ask, Lab, Page};
use proptest::prelude::*;

use crate::stack::{engine, get};

const DIRECT: &str = "direct:";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const HOST: &str = "203-0-113-10.example";
const URL: &str = "https://203-0-113-10.example/";

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host(HOST).at("203.0.113.10").https();
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

fn long() -> Vec<u8> {
    (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

async fn fetch(lab: &Lab, ways: &[&str]) -> Fetched {
    engine(lab, ways).fetch(get(URL)).await
}

/// The kind of route that read it.
fn by(fetched: &Fetched) -> &str {
    fetched.result.as_ref().unwrap().strategy.scheme()
}

#[tokio::test(start_paused = true)]
async fn only_the_last_route_is_waited_for_when_it_pauses() {
    for (ways, read_by) in [(&[DIRECT][..], "direct"), (&[DIRECT, PROXY][..], "socks5")] {
        let lab = lab();
        let pausing = Page::new(long()).slowly(40_000, Duration::from_secs(4));
        let _ = lab.host(HOST).page("/", long()).page_for("ru", "/", pausing);
        let fetched = fetch(&lab, ways).await;
        assert_eq!(fetched.result.as_ref().map(|response| response.body.to_vec()).unwrap(), long());
        assert_eq!(by(&fetched), read_by);
    }
}

#[tokio::test(start_paused = true)]
async fn a_last_route_that_is_frozen_ends_with_the_evidence() {
    let lab = lab();
    let _ = lab.host(HOST).page("/", long());
    lab.censor().when_sni(HOST).freeze_after_bytes(16 * 1024);
    let fetched = fetch(&lab, &[DIRECT]).await;
    let last = fetched.attempts.last().unwrap();
    assert_eq!((last.stage.to_string().as_str(), last.outcome.code()), ("progress", "silence"), "{last:?}");
    assert!(lab.elapsed() <= Duration::from_secs(10), "{:?}", lab.elapsed());
}

/// Freezes the direct route, and reads by the other.
async fn frozen(freeze: impl FnOnce(&Lab), page: Page) -> (Lab, Fetched) {
    let lab = lab();
    let _ = lab.host(HOST).page("/", page);
    freeze(&lab);
    let fetched = fetch(&lab, &[DIRECT, PROXY]).await;
    assert_eq!(fetched.result.as_ref().map(|response| response.body.to_vec()).unwrap(), long(), "{}", lab.log());
    assert_eq!(by(&fetched), "socks5");
    (lab, fetched)
}

#[tokio::test(start_paused = true)]
async fn n6_a_freeze_after_bytes_or_packets_resumes_by_another_route() {
    let freezes: [fn(&Lab); 3] = [
        |lab| drop(lab.censor().when_sni(HOST).freeze_after_bytes(16 * 1024)),
        |lab| drop(lab.censor().when_sni(HOST).freeze_after_packets(25)),
        |lab| drop(lab.censor().when_sni(HOST).freeze_after_packets(45)),
    ];
    let mut rests = Vec::new();
    for freeze in freezes {
        let (lab, fetched) = frozen(freeze, Page::new(long()).with_ranges("v1")).await;
        assert!(lab.elapsed() < Duration::from_secs(3), "noticed in seconds: {:?}", lab.elapsed());
        rests.push(fetched.attempts.last().unwrap().bytes);
    }
    // An incomplete TLS record (16 KiB) cannot be read, and neither can an incomplete frame.
    assert!(rests[2] < 90_000, "the rest, and not all of it again: {rests:?}");
}

#[tokio::test(start_paused = true)]
async fn n6_a_server_without_parts_is_asked_for_all_of_it_elsewhere() {
    let freeze = |lab: &Lab| drop(lab.censor().when_sni(HOST).freeze_after_bytes(16 * 1024));
    let (_, fetched) = frozen(freeze, Page::new(long())).await;
    assert!(fetched.attempts.last().unwrap().bytes >= 100_000);
}

#[tokio::test(start_paused = true)]
async fn n15_a_handshake_that_passes_is_no_proof_of_what_follows() {
    // The data may stop anywhere after the handshake: in the head, in the body, or before either.
    for bytes in (2_000..14_000).step_by(1_500) {
        let freeze = |lab: &Lab| drop(lab.censor().when_sni(HOST).freeze_after_bytes(bytes));
        let (lab, fetched) = frozen(freeze, Page::new(long()).with_ranges("v1")).await;
        let first = &fetched.attempts[0];
        assert!(first.strategy.is_direct() && first.outcome.code() != "ok", "{first:?}");
        assert!(lab.elapsed() < Duration::from_secs(3), "{:?}", lab.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn n15_a_route_that_froze_is_not_first_the_next_time() {
    let lab = lab();
    let _ = lab.host(HOST).page("/", Page::new(long()).with_ranges("v1"));
    lab.censor().when_sni(HOST).freeze_after_bytes(16 * 1024);
    let engine = engine(&lab, &[DIRECT, PROXY]);
    for stream in [false, true] {
        if stream {
            let mut streamed = engine.stream(get(URL)).await.result.unwrap();
            while let Some(piece) = streamed.body.next().await {
                piece.unwrap();
            }
        } else {
            engine.fetch(get(URL)).await.result.unwrap();
        }
        assert!(!engine.order(&get(URL)).unwrap()[0].is_direct());
    }
}

#[tokio::test(start_paused = true)]
async fn n15_a_stream_that_freezes_later_speaks_against_its_route() {
    let lab = lab();
    // More than a beginning passes: the stream is handed out before the censor acts.
    let long: Vec<u8> = long().repeat(4);
    let _ = lab.host(HOST).page("/", Page::new(long.clone()).with_ranges("v1"));
    lab.censor().when_sni(HOST).freeze_after_bytes(150_000);
    let engine = engine(&lab, &[DIRECT, PROXY]);
    let mut streamed = engine.stream(get(URL)).await.result.unwrap();
    assert!(streamed.strategy.is_direct());
    let mut read = Vec::new();
    while let Some(piece) = streamed.body.next().await {
        read.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(read, long);
    assert!(!engine.order(&get(URL)).unwrap()[0].is_direct(), "what it was good for is not enough");
}

/// How a server identifies its versions.
#[derive(Clone, Copy, Debug)]
enum Mark {
    Strong,
    Weak,
    Dated,
    None,
}

/// How it handles a range request.
#[derive(Clone, Copy, Debug)]
enum Parts {
    /// According to the RFC.
    Given,
    /// It sends the part in spite of the condition, and states correctly what it is part of.
    Unconditional,
    /// It sends less than requested.
    Short,
    Refused,
}

#[derive(Clone, Debug)]
struct Server {
    mark: Mark,
    parts: Parts,
    /// The version number for each request.
    versions: Vec<u8>,
    same_length: bool,
    /// After how many bytes each answer breaks off, and whether with a message.
    breaks: Vec<(usize, bool)>,
}

fn version(server: &Server, number: u8) -> Vec<u8> {
    let length = if server.same_length { 90_000 } else { 80_000 + 1_000 * usize::from(number) };
    (0..length).map(|at: usize| number.wrapping_mul(97).wrapping_add((at / 7) as u8)).collect()
}

fn answer(server: &Server, ask: &Ask, request: usize) -> Page {
    let number = server.versions[request % server.versions.len()];
    let whole = version(server, number);
    let modified = format!("Sun, 01 Nov 2026 09:0{}:00 GMT", number % 10);
    let marked = |page: Page| match server.mark {
        Mark::Strong => page.header("etag", &format!("\"v{number}\"")),
        Mark::Weak => page.header("etag", &format!("W/\"v{number}\"")),
        Mark::Dated => page.header("last-modified", &modified).header("date", "Sun, 01 Nov 2026 12:00:00 GMT"),
        Mark::None => page,
    };
    let header = |name: &str| ask.headers.get(name).and_then(|value| value.to_str().ok());
    let from = header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let condition = header("if-range");
    let met = match server.mark {
        Mark::Strong => condition == Some(&format!("\"v{number}\"")),
        Mark::Dated => condition == Some(&modified),
        Mark::Weak | Mark::None => false,
    };
    let page = match (from, server.parts) {
        (Some(from), Parts::Given | Parts::Short | Parts::Unconditional)
            if from < whole.len() && (met || matches!(server.parts, Parts::Unconditional)) =>
        {
            let to = if matches!(server.parts, Parts::Short) {
                from + (whole.len() - from).div_ceil(2)
            } else {
                whole.len()
            };
            let range = format!("bytes {from}-{}/{}", to - 1, whole.len());
            Page::new(whole[from..to].to_vec()).status(206).header("content-range", &range)
        }
        (Some(_), Parts::Refused) => Page::new(whole.clone()).header("accept-ranges", "none"),
        _ => Page::new(whole.clone()),
    };
    match server.breaks.get(request) {
        Some((after, true)) => marked(page).cut_after(*after),
        Some((after, false)) => marked(page).stall_after(*after),
        None => marked(page),
    }
}

fn server() -> impl Strategy<Value = Server> {
    // Most servers break off, have a new version meanwhile, and send parts of it to any client: there two versions
    // could be joined.
    let mark =
        prop_oneof![3 => Just(Mark::Strong), 3 => Just(Mark::Dated), 1 => Just(Mark::Weak), 1 => Just(Mark::None)];
    let parts = prop_oneof![
        1 => Just(Parts::Given),
        3 => Just(Parts::Unconditional),
        1 => Just(Parts::Short),
        1 => Just(Parts::Refused)
    ];
    let breaks = proptest::collection::vec((20_000..80_000_usize, any::<bool>()), 0..4);
    (mark, parts, proptest::collection::vec(0..3_u8, 2..6), any::<bool>(), breaks)
        .prop_map(|(mark, parts, versions, same_length, breaks)| Server { mark, parts, versions, same_length, breaks })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_exactly_one_version_or_nothing(server in server(), stream: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let lab = lab();
            let requests = AtomicU64::new(0);
            let served = server.clone();
            let _ = lab.host(HOST).app(move |ask: &Ask| {
                answer(&served, ask, usize::try_from(requests.fetch_add(1, Ordering::Relaxed)).unwrap())
            });
            let _ = lab.socks5("second.de").at("198.18.5.5").country("de");
            let engine = engine(&lab, &[DIRECT, PROXY, "socks5://198.18.5.5:1080"]);
            let versions: Vec<Vec<u8>> = (0..3).map(|number| version(&server, number)).collect();
            if stream {
                let Ok(mut streamed) = engine.stream(get(URL)).await.result else { return };
                let (mut read, mut whole) = (Vec::new(), true);
                while let Some(piece) = streamed.body.next().await {
                    match piece {
                        Ok(piece) => read.extend_from_slice(&piece),
                        Err(_) => whole = false,
                    }
                }
                let fits = versions.iter().any(|version| if whole { *version == read } else { version.starts_with(&read) });
                assert!(fits, "{} bytes, whole: {whole}", read.len());
            } else if let Ok(response) = engine.fetch(get(URL)).await.result {
                assert!(versions.iter().any(|version| *version == response.body), "{} bytes", response.body.len());
            }
        });
    }
}
