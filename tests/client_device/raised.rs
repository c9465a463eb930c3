//! An exposure that is raised while something is under way: it holds for the next packet, or nothing more is sent.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use byway::Language::En;
use byway::community::{Community, Home};
use byway::source::{Contacts, Content, HttpClient, Identity, ReadOptions, ReadOutcome, Source, SourceError};
use byway::{Attempt, Byway, Exposure, GetError, HomeLink, OpenFault, Reachability, ReadFrom, VkToken};
use byway_lab::{Event, Page, RTT, What};
use reqwest_middleware::Error as FaceError;
use url::Url;

use super::{LINK, Scene, TOKEN, assert_nothing_direct, assert_only_tor, id};

const BOARD: &str = "https://board.example/";

/// The moments of an access at which the exposure is raised, in milliseconds.
fn moments() -> impl Iterator<Item = u64> {
    (0..600).step_by(25)
}

/// Runs an access, raises the exposure of `link` to `tor` in the middle of it, and returns what was sent from then on.
async fn sent_after_raise<T>(
    scene: &Scene,
    byway: &Byway,
    link: &str,
    after: u64,
    access: impl Future<Output = T>,
) -> (T, Vec<Event>) {
    let raising = async {
        tokio::time::sleep(Duration::from_millis(after)).await;
        byway.raise_exposure(&HomeLink::new(link.parse().unwrap(), Exposure::Tor)).await.unwrap();
        scene.lab.packets().len()
    };
    let (done, sent) = tokio::join!(Box::pin(access), raising);
    (done, scene.lab.packets().events()[sent..].to_vec())
}

fn assert_bound(sent: &[Event]) {
    if !sent.is_empty() {
        assert_only_tor(sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_raise_binds_the_next_packet_of_an_opening() {
    let (mut anew, mut direct) = (0, 0);
    for after in moments() {
        let scene = Scene::new();
        let byway = scene.byway(&scene.all()).await;
        let (opened, sent) = sent_after_raise(&scene, &byway, LINK, after, byway.open(LINK)).await;
        assert_bound(&sent);
        let opened = opened.unwrap();
        let reachability = &opened.reachability;
        let by_tor = reachability.reached_by.as_ref().unwrap().is_tor();
        assert_eq!(opened.source, ReadFrom::Network, "{after}");
        assert!(!by_tor || opened.exposure == Exposure::Tor, "{after}");
        let went_direct = reachability.attempts.iter().any(|attempt| attempt.strategy.is_direct());
        anew += usize::from(by_tor && went_direct);
        direct += usize::from(!by_tor);
        assert!(by_tor || sent.is_empty(), "{after}: it was read before");
    }
    assert!(
        anew > 2 && direct > 0,
        "the direct attempts of those that began anew stay in the account: {anew} {direct}"
    );
}

/// A page, a probe and a file begin anew after a raise as a reading does, and their account keeps what was sent before.
#[tokio::test(start_paused = true)]
async fn what_a_raise_ended_stays_in_the_account_of_a_page() {
    let (mut anew, mut probed_anew) = (0, 0);
    for after in moments() {
        let scene = Scene::new();
        scene.lab.host("board.example").at("203.0.113.32").https().page("/", "the board");
        let byway = scene.byway(&scene.all()).await;
        let (page, sent) = sent_after_raise(&scene, &byway, BOARD, after, byway.get(BOARD)).await;
        assert_bound(&sent);
        let reachability = page.unwrap().reachability;
        let direct = |attempt: &&Attempt| attempt.strategy.is_direct();
        let went_direct = reachability.attempts.iter().any(|attempt| direct(&attempt));
        let by_tor = reachability.reached_by.as_ref().unwrap().is_tor();
        for ended in reachability.attempts.iter().filter(direct).filter(|_| by_tor) {
            assert_eq!(ended.outcome.code(), "raised", "{after}: no other network came");
            assert_eq!((ended.started + ended.took).as_millis(), u128::from(after), "its time is that of the raise");
        }
        let is_named = scene.lab.log().lookups().iter().any(|name| name == "board.example");
        assert_eq!(went_direct, is_named, "{after}: what the resolver was asked is in the account");
        assert!(!(by_tor && went_direct) || seen_by_provider(&reachability), "{after}: {}", reachability.sentence(En));
        anew += usize::from(by_tor && went_direct);

        let scene = Scene::new();
        scene.lab.host("board.example").at("203.0.113.32").https().page("/", "the board");
        let byway = scene.byway(&scene.all()).await;
        let (probed, sent) = sent_after_raise(&scene, &byway, BOARD, after, byway.probe(BOARD)).await;
        assert_bound(&sent);
        let reachability = probed.unwrap();
        let went_direct = reachability.attempts.iter().any(|attempt| attempt.strategy.is_direct());
        let is_named = scene.lab.log().lookups().iter().any(|name| name == "board.example");
        assert_eq!(went_direct, is_named, "{after}: what the resolver was asked is in the account");
        probed_anew += usize::from(reachability.reached_by.as_ref().unwrap().is_tor() && went_direct);
    }
    assert!(anew > 2 && probed_anew > 2, "{anew} {probed_anew}");
}

fn seen_by_provider(reachability: &Reachability) -> bool {
    reachability.sentence(En).contains("provider")
}

#[tokio::test(start_paused = true)]
async fn a_raise_that_is_dropped_binds_what_is_under_way() {
    for polls in 0..4 {
        let scene = Scene::new();
        for name in ["vk.ru", "vk.com"] {
            scene.lab.censor().when_sni(name).swallow();
        }
        let byway = scene.byway(&["direct:".to_owned(), scene.tor.url()]).await;
        let link = HomeLink::new(LINK.parse().unwrap(), Exposure::Tor);
        let raising = async {
            tokio::time::sleep(RTT * 4).await;
            polled(byway.raise_exposure(&link), polls);
            byway.preview(LINK).await.unwrap().link.exposure
        };
        let (opened, floor) = tokio::join!(byway.open(LINK), raising);
        assert_eq!(floor == Exposure::Tor, polls > 0, "a worker raised it after {polls} polls");
        let attempts = opened.unwrap().reachability.attempts;
        let direct = attempts.iter().find(|attempt| attempt.strategy.is_direct()).unwrap();
        assert_eq!(direct.took < RTT * 5, polls > 0, "dropped after {polls} polls: {direct:?}");
    }
}

/// Polls a future this often, each time long enough for a worker to do its part, and drops it.
fn polled<T>(future: impl Future<Output = T>, polls: usize) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        // This is real time: the worker's thread knows no other.
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(start_paused = true)]
async fn a_raise_binds_the_next_packet_of_a_refresh() {
    for after in moments() {
        let scene = Scene::new();
        let byway = scene.byway(&scene.all()).await;
        byway.open(LINK).await.unwrap();
        byway.network_changed();
        let (refreshed, sent) = sent_after_raise(&scene, &byway, LINK, after, byway.refresh(&id())).await;
        assert_bound(&sent);
        assert_eq!(refreshed.unwrap().exposure, Exposure::Tor);
    }
}

#[tokio::test(start_paused = true)]
async fn direct_that_is_disallowed_ends_with_the_next_packet() {
    let (mut anew, mut direct) = (0, 0);
    for after in (0..1_500).step_by(50) {
        let scene = Scene::new();
        let _ = scene.lab.vk().community("works_council").field("status", "Читайте нас только через Tor");
        let byway = scene.byway(&scene.all()).await;
        byway.open(LINK).await.unwrap();
        byway.allow_direct(&id(), true).await.unwrap();
        byway.network_changed();
        let disallowing = async {
            tokio::time::sleep(Duration::from_millis(after)).await;
            byway.allow_direct(&id(), false).await.unwrap();
            scene.lab.packets().len()
        };
        let community = id();
        let (refreshed, sent) = tokio::join!(Box::pin(byway.refresh(&community)), disallowing);
        assert_nothing_direct(&scene.lab.packets().events()[sent..]);
        let reachability = refreshed.unwrap().reachability;
        let ended_direct = reachability.is_direct();
        anew += usize::from(!ended_direct && reachability.attempts.iter().any(|attempt| attempt.strategy.is_direct()));
        direct += usize::from(ended_direct);
    }
    assert!(anew > 2 && direct > 0, "at some moments it began anew, at others it was read before: {anew} {direct}");
}

/// A page that is read directly, while another reading learns that its community advises against that.
#[tokio::test(start_paused = true)]
async fn advice_that_is_learned_binds_the_next_packet() {
    let mut bound = 0;
    for after in (0..1_500).step_by(25) {
        let scene = Scene::new();
        let byway = scene.byway(&scene.all()).await;
        byway.open(LINK).await.unwrap();
        let _ = scene.lab.vk().community("works_council").field("status", "Читайте нас только через Tor");
        byway.network_changed();
        let learning = async {
            let opened = byway.open(LINK).await.unwrap();
            assert!(!opened.community.access_advice.is_empty());
            scene.lab.packets().len()
        };
        let getting = async {
            tokio::time::sleep(Duration::from_millis(after)).await;
            byway.get("https://vk.com/works_council").await
        };
        let (_, sent) = tokio::join!(Box::pin(getting), Box::pin(learning));
        let packets = scene.lab.packets();
        let (before, later) = packets.events().split_at(sent);
        assert_nothing_direct(later);
        let began_direct = before.iter().any(|event| matches!(&event.what, What::Lookup { name } if name == "vk.com"));
        bound += usize::from(began_direct && !later.is_empty());
    }
    assert!(bound > 2, "some began directly and ended by another strategy: {bound}");
}

#[tokio::test(start_paused = true)]
async fn a_user_token_is_not_sent_by_tor_after_a_raise() {
    let mut kept_back = 0;
    for after in moments() {
        let scene = Scene::new();
        let byway = scene.builder(&scene.all()).vk_token(VkToken::user(TOKEN)).build().await.unwrap();
        let (opened, sent) = sent_after_raise(&scene, &byway, LINK, after, byway.open(LINK)).await;
        assert!(sent.is_empty(), "{after}: {sent:?}");
        if let Err(error) = opened {
            assert!(matches!(error.fault, OpenFault::Source(SourceError::TokenNamesReader(_))), "{error:?}");
            kept_back += 1;
        }
    }
    assert!(kept_back > 2, "{kept_back}");
}

/// Reads three pages of a board, one after the other.
#[derive(Debug)]
struct Board;

impl Source for Board {
    fn reads(&self, home: &Home) -> bool {
        matches!(home, Home::Web(_))
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        let mut attempts = Vec::new();
        let mut way = None;
        for page in ["https://board.example/", "https://feed.example/1", "https://feed.example/2"] {
            let fetched = http.fetch(how.request(home, page.parse().unwrap())).await;
            attempts.extend(fetched.attempts);
            match fetched.result {
                Ok(answer) => way = Some(answer.strategy),
                Err(error) => return ReadOutcome::new(Err(SourceError::Unreached(error)), attempts),
            }
        }
        let community = Community::new("board:1".parse().unwrap(), "The board");
        ReadOutcome::new(Ok(Content::new(community, way.unwrap())), attempts)
    }

    fn contacts(&self, _: &Home) -> Contacts {
        Contacts::new([Url::parse(BOARD).unwrap()], "the board", Identity::None)
    }
}

#[tokio::test(start_paused = true)]
async fn a_raise_binds_the_next_packet_of_an_apps_own_source() {
    let mut anew = 0;
    for after in moments() {
        let scene = Scene::new();
        scene.lab.host("board.example").at("203.0.113.50").https().page("/", "x");
        scene.lab.host("feed.example").at("203.0.113.51").https().page("/1", "x").page("/2", "x");
        let byway = scene.builder(&scene.all()).source(Board).build().await.unwrap();
        let (opened, sent) = sent_after_raise(&scene, &byway, BOARD, after, byway.open(BOARD)).await;
        assert_bound(&sent);
        let opened = opened.unwrap();
        let (by_tor, direct): (Vec<_>, Vec<_>) =
            opened.reachability.attempts.iter().partition(|attempt| attempt.strategy.is_tor());
        assert!(by_tor.is_empty() || opened.exposure == Exposure::Tor, "{after}");
        anew += usize::from(!by_tor.is_empty() && !direct.is_empty());
    }
    assert!(anew > 2, "{anew}");
}

fn fault(error: &FaceError) -> &str {
    match error {
        FaceError::Middleware(error) => error.downcast_ref::<GetError>().map_or("another", GetError::code),
        FaceError::Reqwest(_) => "reqwest",
    }
}

#[tokio::test(start_paused = true)]
async fn a_raise_binds_the_next_packet_of_a_reqwest_client() {
    let mut by_tor = 0;
    for after in moments() {
        let scene = Scene::new();
        scene.lab.host("board.example").at("203.0.113.50").https().redirect("/old", "https://feed.example/1");
        scene.lab.host("feed.example").at("203.0.113.51").https().page("/1", "x");
        let byway = scene.byway(&scene.all()).await;
        let client = byway.reqwest();
        let access = async { client.get("https://board.example/old").send().await };
        let (answer, sent) = sent_after_raise(&scene, &byway, "https://feed.example/", after, access).await;
        // Only the page that redirects may still be read otherwise.
        let later: Vec<Event> = sent.into_iter().filter(|event| !event.to_string().contains("203.0.113.50")).collect();
        let later: Vec<Event> =
            later.into_iter().filter(|event| !event.to_string().contains("board.example")).collect();
        assert_bound(&later);
        assert_eq!(answer.unwrap().status(), 200, "{after}");
        by_tor += usize::from(!later.is_empty());
    }
    assert!(by_tor > 2, "{by_tor}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_was_sent_is_not_sent_again_after_a_raise() {
    let (mut refused, mut anew) = (0, 0);
    for after in moments() {
        let scene = Scene::new();
        let slow = Page::new("taken").after(Duration::from_millis(200));
        scene.lab.host("board.example").at("203.0.113.50").https().page("/", slow);
        let byway = scene.byway(&scene.all()).await;
        let client = byway.reqwest();
        let access = async { client.post(BOARD).body("a vote").send().await };
        let (answer, sent) = sent_after_raise(&scene, &byway, BOARD, after, access).await;
        assert_bound(&sent);
        match answer {
            Ok(_) => anew += usize::from(!sent.is_empty()),
            Err(error) => {
                assert_eq!((fault(&error), sent.len()), ("exposure_raised", 0), "{after} {error:?}");
                refused += 1;
            }
        }
    }
    assert!(refused > 2 && anew > 0, "what was not sent yet goes through Tor: {refused} {anew}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_read_ends_where_a_raise_forbids_its_strategy() {
    for (raised, ends) in [(BOARD, true), ("https://another.example/", false)] {
        let scene = Scene::new();
        let slowly = Page::new(vec![7; 400_000]).slowly(20_000, Duration::from_millis(500));
        scene.lab.host("board.example").at("203.0.113.50").https().page("/", slowly);
        let byway = scene.byway(&["direct:".to_owned(), scene.tor.url()]).await;
        let mut answer = byway.reqwest().get(BOARD).send().await.unwrap();
        assert!(answer.chunk().await.unwrap().is_some());
        byway.raise_exposure(&HomeLink::new(raised.parse().unwrap(), Exposure::Tor)).await.unwrap();
        let before = scene.lab.packets().len();
        let mut read = Ok(());
        while let Some(piece) = answer.chunk().await.map_err(|error| read = Err(error.to_string())).ok().flatten() {
            drop(piece);
        }
        assert_eq!(read.is_err(), ends, "{raised}: {read:?}");
        assert_eq!(scene.lab.packets().len(), before, "{raised}: nothing more was dialled");
    }
}
