//! A source of the app's own over the lab: it is asked for its homes, and has the same limits as the one for VKontakte.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use byway::community::{Community, Event, Home, Post, Restriction};
use byway::source::{
    Contacts, Content, HttpClient, Identity, Platform, PlatformMessage, ReadOptions, ReadOutcome, Source, SourceError,
    SourceNote,
};
use byway::{
    Builder, Byway, Exposure, HomeLink, Language, OpenFault, OpenOptions, ReadFrom, Roots, Strategy, SyncLimits,
    VerdictCode,
};
use byway_lab::Lab;
use tokio::time::Instant;
use url::Url;

const LINK: &str = "https://board.example/";

/// Reads a page, whatever it contains, as a community's name.
#[derive(Debug)]
struct Page {
    reads: fn(&Home) -> bool,
}

impl Source for Page {
    fn reads(&self, home: &Home) -> bool {
        (self.reads)(home)
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        let fetched = http.fetch(how.request(home, Url::parse(LINK).unwrap())).await;
        let result = match fetched.result {
            Ok(answer) if answer.status.is_success() => {
                let name = String::from_utf8(answer.body.to_vec()).unwrap();
                let mut content = Content::new(Community::new("board:1".parse().unwrap(), name), answer.strategy);
                content.notes.push(SourceNote::own("Доска прочитана не до конца."));
                Ok(content)
            }
            Ok(_) => Err(SourceError::Own(match how.language {
                Language::Ru => "На доске ничего нет.".to_owned(),
                _ => "The board is empty.".to_owned(),
            })),
            Err(error) => Err(SourceError::Unreached(error)),
        };
        ReadOutcome::new(result, fetched.attempts)
    }

    fn contacts(&self, _: &Home) -> Contacts {
        Contacts::new([Url::parse(LINK).unwrap()], "the board", Identity::None)
    }
}

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("board.example").at("203.0.113.10").https().page("/", "The gate");
    let _ = lab.vk().token("token").community("works_council").name("At VK");
    lab
}

fn over(lab: &Lab, reads: fn(&Home) -> bool) -> Builder {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let ways = ["direct:".to_owned(), lab.tor().url()].map(|way| way.parse().unwrap());
    let source = Page { reads };
    Byway::builder().strategies(ways).roots(roots).vk_token("token").net(lab.client()).source(source)
}

fn is_web(home: &Home) -> bool {
    matches!(home, Home::Web(_))
}

/// A source that only has a fault.
#[derive(Debug)]
struct Faulty(SourceError);

impl Source for Faulty {
    fn reads(&self, home: &Home) -> bool {
        is_web(home)
    }

    async fn read(&self, _: &Home, _: &ReadOptions, _: &HttpClient) -> ReadOutcome {
        ReadOutcome::new(Err(self.0.clone()), Vec::new())
    }

    fn contacts(&self, _: &Home) -> Contacts {
        Contacts::new([Url::parse(LINK).unwrap()], board(), Identity::None)
    }
}

fn board() -> Platform {
    Platform::new("Board").in_language("ru", "Доска")
}

/// Every kind of platform fault, in the name of this platform.
fn faults_of(platform: &Platform) -> Vec<SourceError> {
    let stated = || PlatformMessage::new(platform.clone(), "Closed.").with_code(7);
    let restriction = || Box::new(Restriction::new("Closed.", platform.name()));
    vec![
        SourceError::NoToken { platform: platform.clone(), issued_at: "https://board.example/tokens".parse().ok() },
        SourceError::TokenNamesReader(platform.clone()),
        SourceError::TokenRefused { other_address: true, stated: stated() },
        SourceError::TokenRefused { other_address: false, stated: stated() },
        SourceError::UserRefused(stated()),
        SourceError::AppRefused(stated()),
        SourceError::Stated(stated()),
        SourceError::Throttled(stated()),
        SourceError::Denied(stated()),
        SourceError::Gone(stated()),
        SourceError::Platform(stated()),
        SourceError::Request(stated()),
        SourceError::Absent(platform.clone()),
        SourceError::Answer(platform.clone()),
        SourceError::Restricted { platform: platform.clone(), restriction: restriction() },
    ]
}

#[tokio::test(start_paused = true)]
async fn every_fault_names_the_platform_of_its_source() {
    for fault in faults_of(&board()) {
        let code = fault.code();
        assert_eq!(fault.platform(), Some(&board()), "{code}");
        let lab = lab();
        let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
        let client = Byway::builder().strategies(["direct:".parse().unwrap()]).roots(roots).net(lab.client());
        let client = client.source(Faulty(fault)).build().await.unwrap();
        let error = client.open(LINK).await.unwrap_err();
        assert_eq!(error.code(), code);
        let (english, russian) = (error.sentence(Language::En), error.sentence(Language::Ru));
        assert!(english.contains("Board") && russian.contains("Доска"), "{english} {russian}");
        for foreign in ["VK", "ВКонтакте", "vk.com"] {
            assert!(!english.contains(foreign) && !russian.contains(foreign), "{english} {russian}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_verdict_names_the_platform_of_its_source() {
    let lab = lab();
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let gone = SourceError::Gone(PlatformMessage::new(board(), "Closed."));
    let client = Byway::builder().strategies(["direct:".parse().unwrap()]).roots(roots).net(lab.client());
    let error = client.source(Faulty(gone)).build().await.unwrap().open(LINK).await.unwrap_err();
    let reachability = error.reachability().unwrap();
    assert_eq!(reachability.verdict.code, VerdictCode::Gone);
    assert_eq!(reachability.sentence(Language::En), "Board states that this community no longer exists.");
    assert_eq!(reachability.sentence(Language::Ru), "Доска сообщает, что этого сообщества больше нет.");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_no_source_reads_says_so() {
    let lab = lab();
    let error =
        over(&lab, |_| false).build().await.unwrap().open("https://chat.whatsapp.com/works_council").await.unwrap_err();
    assert_eq!(error.code(), "unsupported");
    assert!(error.sentence(Language::En).starts_with("No source here reads this kind of address."));
}

#[tokio::test(start_paused = true)]
async fn an_apps_own_source_reads_by_a_working_route_with_a_verdict() {
    let lab = lab();
    lab.censor().when_sni("board.example").reset();
    let opened = over(&lab, is_web).build().await.unwrap().open(LINK).await.unwrap();
    assert_eq!(opened.community.name, "The gate");
    let notes: Vec<_> = opened.notes.iter().map(|note| (note.code(), note.sentence(Language::Ru))).collect();
    assert_eq!(notes, [("own_note", "Доска прочитана не до конца.".to_owned())], "the app's own words");
    assert_eq!(opened.reachability.verdict.code, VerdictCode::TlsInterfered);
    assert!(opened.reachability.reached_by.as_ref().unwrap().is_tor());
    let sentence = opened.reachability.sentence(Language::En);
    assert!(
        sentence
            .starts_with("The connection is cut on this network when board.example is named (TLS). Read through Tor"),
        "{sentence}"
    );
}

#[tokio::test(start_paused = true)]
async fn its_requests_are_bound_by_the_exposure() {
    let lab = lab();
    let byway = over(&lab, is_web).exposure(Exposure::Tor).build().await.unwrap();
    assert_eq!(byway.open(LINK).await.unwrap().community.name, "The gate");
    assert!(lab.packets().connects().iter().all(|(_, to)| to.to_string() == "127.0.0.1:9050"), "{}", lab.packets());
    assert!(lab.packets().lookups().is_empty());
    // The login that separates its circuit from those of other communities is present.
    assert!(lab.log().tunnels().iter().all(|(_, login)| login.is_some()));
}

#[tokio::test(start_paused = true)]
async fn its_requests_are_bound_by_the_floor_of_each_hop() {
    for raised in ["https://board.example/other", "https://mirror.example/other"] {
        let lab = lab();
        lab.host("board.example").redirect("/", "https://mirror.example/page");
        lab.host("mirror.example").at("203.0.113.11").https().page("/page", "The gate");
        let byway = over(&lab, is_web).build().await.unwrap();
        byway.raise_exposure(&HomeLink::new(raised.parse().unwrap(), Exposure::Tor)).await.unwrap();
        let home = "https://third.example/".parse::<Home>().unwrap();
        assert_eq!(byway.open(&home.to_string()).await.unwrap().community.name, "The gate");
        let looked_up = lab.packets().lookups();
        assert!(!looked_up.contains(&"mirror.example".to_owned()), "{raised}: {looked_up:?}");
        assert_eq!(looked_up.contains(&"board.example".to_owned()), raised.contains("mirror"), "{looked_up:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_comes_before_the_vk_source_and_leaves_it_other_links() {
    let lab = lab();
    let opened = over(&lab, |_| true).build().await.unwrap().open("vk.com/works_council").await.unwrap();
    assert_eq!(opened.community.name, "The gate");
    let opened = over(&lab, is_web).build().await.unwrap().open("vk.com/works_council").await.unwrap();
    assert_eq!(opened.community.name, "At VK");
}

#[tokio::test(start_paused = true)]
async fn a_home_that_no_source_reads_is_said_so_without_a_packet() {
    let lab = lab();
    let byway = over(&lab, |_| false).build().await.unwrap();
    let error = byway.open("https://chat.whatsapp.com/works_council").await.unwrap_err();
    assert!(matches!(error.fault, OpenFault::UnsupportedHome), "{error}");
    assert!(lab.packets().is_empty(), "{}", lab.packets());
}

#[tokio::test(start_paused = true)]
async fn it_can_word_its_faults_in_the_clients_language() {
    let lab = lab();
    lab.host("board.example").page("/", byway_lab::Page::new("none").status(404));
    let byway = over(&lab, is_web).language(Language::Ru).build().await.unwrap();
    assert_eq!(byway.open(LINK).await.unwrap_err().to_string(), "На доске ничего нет.");
    byway.set_language(Language::En);
    assert_eq!(byway.open(LINK).await.unwrap_err().to_string(), "The board is empty.");
}

#[tokio::test(start_paused = true)]
async fn its_own_words_are_passed_on() {
    let lab = lab();
    lab.host("board.example").page("/", byway_lab::Page::new("none").status(404));
    let error = over(&lab, is_web).build().await.unwrap().open(LINK).await.unwrap_err();
    assert_eq!((error.code(), error.sentence(Language::En)), ("own_source", "The board is empty.".to_owned()));
    assert_eq!(error.sentence(Language::Ru), "The board is empty.", "own words are passed on as they are");
    assert!(error.reachability().unwrap().is_direct(), "the board was reached");
}

/// Answers once; after that it never ends.
#[derive(Debug, Default)]
struct Stuck {
    asked: AtomicUsize,
}

impl Source for Stuck {
    fn reads(&self, home: &Home) -> bool {
        is_web(home)
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        if self.asked.fetch_add(1, Ordering::Relaxed) > 0 {
            std::future::pending::<()>().await;
        }
        let mut outcome = Page { reads: is_web }.read(home, how, http).await;
        if let Ok(content) = &mut outcome.result {
            content.community.homes.push(home.clone());
        }
        outcome
    }

    fn contacts(&self, _: &Home) -> Contacts {
        Contacts::new([Url::parse(LINK).unwrap()], "the board", Identity::None)
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time_whatever_the_source_or_another_call_does() {
    let lab = lab();
    let timeout = Duration::from_secs(5);
    let byway = over(&lab, |_| false).source(Stuck::default()).timeout(timeout).build().await.unwrap();
    let kept = byway.open(LINK).await.unwrap();
    let timed = |how: OpenOptions, after| {
        let byway = byway.clone();
        async move {
            tokio::time::sleep(after).await;
            let before = Instant::now();
            (byway.open_with(LINK, how).await.unwrap(), before.elapsed())
        }
    };
    let other = OpenOptions { allow_direct: true, ..OpenOptions::default() };
    let (first, second) =
        tokio::join!(timed(OpenOptions::default(), Duration::ZERO), timed(other, Duration::from_millis(1)),);
    for ((opened, took), code) in [(first, "unreached"), (second, "still_read")] {
        assert!(took <= timeout + Duration::from_millis(100), "{code}: {took:?}");
        let fault = opened.fault.as_ref().unwrap();
        assert_eq!(fault.code(), code);
        assert_eq!((opened.source, opened.community), (ReadFrom::Store, kept.community.clone()), "{code}");
    }

    // Background work that had no turn is left for the next time.
    let ids = [kept.community.id.clone()];
    let limits = SyncLimits { deadline: Duration::from_secs(600), ..SyncLimits::default() };
    let behind = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        byway.sync_once(&ids, limits).await
    };
    let (_, synced) = tokio::join!(byway.open(LINK), behind);
    assert_eq!(synced.left().collect::<Vec<_>>(), [&ids[0]], "{synced:?}");
    assert!(synced.took <= timeout, "{:?}", synced.took);

    let nothing_kept = over(&lab, |_| false).source(Stuck { asked: 1.into() }).timeout(timeout).build().await.unwrap();
    let (one, two) = tokio::join!(nothing_kept.open(LINK), nothing_kept.open_with(LINK, other));
    let mut codes = [one, two].map(|ended| ended.unwrap_err().code());
    codes.sort_unstable();
    assert_eq!(codes, ["still_read", "unreached"]);
}

/// Lists a post and an event twice, in two versions.
#[derive(Debug)]
struct Stutter;

impl Source for Stutter {
    fn reads(&self, home: &Home) -> bool {
        is_web(home)
    }

    async fn read(&self, _: &Home, _: &ReadOptions, _: &HttpClient) -> ReadOutcome {
        let mut content = Content::new(Community::new("board:1".parse().unwrap(), "The board"), Strategy::direct());
        for text in ["one version", "another version"] {
            let (mut post, mut event) = (Post::new("1"), Event::new("board:2".parse().unwrap(), text));
            (post.text, event.text) = (text.to_owned(), Some(text.to_owned()));
            content.posts.push(post);
            content.events.push(event);
        }
        ReadOutcome::new(Ok(content), Vec::new())
    }

    fn contacts(&self, _: &Home) -> Contacts {
        Contacts::new([Url::parse(LINK).unwrap()], board(), Identity::None)
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_source_lists_twice_is_shown_once() {
    let lab = lab();
    let client = Byway::builder().net(lab.client()).source(Stutter).build().await.unwrap();
    let opened = client.open(LINK).await.unwrap();
    let kept = client.open_with(LINK, OpenOptions { offline: true, ..OpenOptions::default() }).await.unwrap();
    for shown in [opened, kept] {
        assert_eq!((shown.posts.len(), shown.events.len()), (1, 1), "{:?}", shown.source);
        assert_eq!(shown.posts[0].text, "another version");
    }
}

/// Panics in the middle of a reading, after a moment in which another call can join it.
#[derive(Debug)]
struct Panicking;

impl Source for Panicking {
    fn reads(&self, home: &Home) -> bool {
        matches!(home, Home::Web(_))
    }

    async fn read(&self, _: &Home, _: &ReadOptions, _: &HttpClient) -> ReadOutcome {
        tokio::time::sleep(Duration::from_millis(10)).await;
        panic!("a fault of the app's own source")
    }

    fn contacts(&self, _: &Home) -> Contacts {
        Contacts::new([Url::parse(LINK).unwrap()], "the board", Identity::None)
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_is_an_error_for_every_caller() {
    let lab = lab();
    let byway = over(&lab, |_| false).source(Panicking).build().await.unwrap();
    let (one, other) = tokio::join!(byway.open(LINK), byway.open(LINK));
    for result in [one, other, byway.open(LINK).await] {
        let error = result.unwrap_err();
        assert_eq!((error.code(), error.kind()), ("source_panicked", byway::ErrorKind::Internal));
    }
    let read = byway.open("vk.com/works_council").await.unwrap();
    assert_eq!(read.community.name, "At VK", "the client reads on");
}
