//! A month that grows is fetched from where the kept part ends.

use std::sync::{Arc, Mutex};

use byway::http::header;
use byway::{AnswerFault, Finding, Outcome};
use byway_lab::Ask;

use super::*;

const MONTH: &str = "events-2026-11.jsonl";

/// What a server answers to a request for a part.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answers {
    TheRest,
    TheWhole,
    OtherBytes,
    FromTheBeginning,
    Nothing,
    TooMuch,
    Error,
}

/// The range of a request, and the bytes of its answer.
type Given = (Option<String>, usize);

/// A mirror that counts what it gives of the month.
#[derive(Clone)]
struct Server {
    month: Arc<Mutex<String>>,
    answers: Arc<Mutex<Answers>>,
    /// The range of each request for the month, and the bytes of its answer.
    given: Arc<Mutex<Vec<Given>>>,
}

impl Server {
    fn of(lab: &Lab) -> Self {
        let server =
            Self { month: Arc::default(), answers: Arc::new(Mutex::new(Answers::TheRest)), given: Arc::default() };
        let app = server.clone();
        lab.host("zavod.example").app(move |ask: &Ask| app.answer(ask));
        server
    }

    fn answer(&self, ask: &Ask) -> Page {
        if !ask.path.ends_with(MONTH) {
            return Page::new("").status(404);
        }
        let range = ask.headers.get(header::RANGE).map(|range| range.to_str().unwrap().to_owned());
        let month = self.month.lock().unwrap().clone();
        let from = range.as_ref().and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        let part = |body: String, first: usize| {
            let range = format!("bytes {first}-{}/{}", first + body.len() - 1, first + body.len());
            Page::new(body).status(206).header("content-range", &range)
        };
        let (page, length) = match (from, *self.answers.lock().unwrap()) {
            (None, _) | (_, Answers::TheWhole) => (Page::new(month.clone()), month.len()),
            (Some(from), Answers::TheRest) => (part(month[from..].to_owned(), from), month.len() - from),
            (Some(from), Answers::OtherBytes) => (part("x".repeat(month.len() - from), from), month.len() - from),
            (Some(_), Answers::FromTheBeginning) => (part(month.clone(), 0), month.len()),
            (Some(_), Answers::Nothing) => (Page::new("").status(416).header("content-range", "bytes */1"), 0),
            (Some(from), Answers::TooMuch) => (part("x".repeat(8 << 20), from), 8 << 20),
            (Some(_), Answers::Error) => (Page::new("").status(503), 0),
        };
        self.given.lock().unwrap().push((range, length));
        page
    }

    fn given(&self) -> Vec<Given> {
        std::mem::take(&mut self.given.lock().unwrap())
    }
}

/// Publishes everything: the month has all events, and the newest file the last twenty.
fn publish(zavod: &mut Zavod<'_>, server: &Server) {
    let (head, newest, month) = published(zavod);
    zavod.write_with("zavod.example", &head);
    zavod.lab.host("zavod.example").page("/m/newest.jsonl", Page::new(newest));
    *server.month.lock().unwrap() = month;
}

/// The head, the newest file and the month.
fn published(zavod: &mut Zavod<'_>) -> (Head, String, String) {
    let mut head = zavod.head();
    let month = zavod.newest();
    let newest: String = zavod.events.iter().rev().take(20).map(|event| format!("{}\n", event.to_json())).collect();
    let entry = |name: &str, text: &str| FileEntry {
        name: name.into(),
        bytes: text.len() as u64,
        sha256: Digest::of(text.as_bytes()),
    };
    head.files = vec![entry(NEWEST, &newest), entry(MONTH, &month)];
    (head, newest, month)
}

/// A community with sixty posts, and a reader that has read them twice: a month is read whole where it changes.
async fn read<'a>(lab: &'a Lab, exposure: &str) -> (Zavod<'a>, Server, Byway, String) {
    let (server, mut zavod) = (Server::of(lab), Zavod::new(lab, |_| {}));
    let link = format!("{}{exposure}", zavod.link("zavod.example"));
    let byway = over(lab, None).await;
    let posts = |zavod: &mut Zavod<'_>, numbers: std::ops::Range<u32>| {
        for number in numbers {
            zavod.post(&format!("{number} {}", "x".repeat(600)));
        }
    };
    posts(&mut zavod, 0..30);
    publish(&mut zavod, &server);
    byway.open(&link).await.unwrap();
    posts(&mut zavod, 30..60);
    publish(&mut zavod, &server);
    byway.open(&link).await.unwrap();
    assert!(server.given().iter().any(|(range, length)| range.is_none() && *length > 50_000));
    (zavod, server, byway, link)
}

/// A post is deleted, and another is published, and the reader has both.
async fn deletes_and_posts(zavod: &mut Zavod<'_>, server: &Server, byway: &Byway, link: &str) -> Vec<Given> {
    let old = zavod.events[3].id().to_string();
    zavod.publish(EventKind::Deletion, &[["e", &old]], "").post("new");
    publish(zavod, server);
    let opened = byway.open(link).await.unwrap();
    assert_eq!(faults(&opened), Vec::<&str>::new());
    assert_eq!(blamed(&opened, "zavod.example"), 0, "the file came whole: {:?}", opened.reachability.attempts);
    assert_eq!((opened.changes.posts.added.len(), opened.changes.posts.removed.len()), (1, 1));
    server.given()
}

#[tokio::test(start_paused = true)]
async fn a_month_that_grew_is_fetched_from_where_the_kept_part_ends() {
    let lab = lab();
    let (mut zavod, server, byway, link) = read(&lab, "").await;
    let whole = server.month.lock().unwrap().len();
    let given = deletes_and_posts(&mut zavod, &server, &byway, &link).await;
    let [(Some(range), length)] = &given[..] else { panic!("{given:?}") };
    let from: usize = range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap();
    assert!(from.is_multiple_of(4096) && from > whole - 4096, "{range} of {whole}");
    assert!(*length < 6_000, "{length} bytes");
    zavod.post("more");
    publish(&mut zavod, &server);
    assert_eq!(byway.open(&link).await.unwrap().changes.posts.added.len(), 1);
    assert!(matches!(&server.given()[..], [(Some(_), length)] if *length < 6_000), "and the next time again");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_rest_of_a_month_costs_its_bytes_and_no_more() {
    use Answers::{Error, FromTheBeginning, Nothing, OtherBytes, TheWhole, TooMuch};
    for answers in [TheWhole, OtherBytes, FromTheBeginning, Nothing, TooMuch, Error] {
        let lab = lab();
        let (mut zavod, server, byway, link) = read(&lab, "").await;
        *server.answers.lock().unwrap() = answers;
        let before = lab.client().carried();
        let given = deletes_and_posts(&mut zavod, &server, &byway, &link).await;
        assert!(given[0].0.is_some(), "{answers:?}: {given:?}");
        assert_eq!(given.last().unwrap().0.is_some(), answers == TheWhole, "{answers:?}: the whole is asked for then");
        let carried = lab.client().carried() - before;
        // An answer that is too long ends at its limit; what was under way by then comes over each of the two routes.
        assert!(carried < 3 << 20, "{answers:?}: {carried} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn how_much_of_a_month_is_kept_is_no_mark_of_the_reader() {
    let lab = lab();
    let (mut zavod, server, byway, link) = read(&lab, "&exposure=tor").await;
    let given = deletes_and_posts(&mut zavod, &server, &byway, &link).await;
    assert!(given.iter().all(|(range, _)| range.is_none()), "with exposure tor: {given:?}");
    let lab = super::lab();
    let (mut zavod, server, byway, link) = read(&lab, "").await;
    byway.new_identity();
    let given = deletes_and_posts(&mut zavod, &server, &byway, &link).await;
    assert!(given.iter().all(|(range, _)| range.is_none()), "under a new identity: {given:?}");
}

#[tokio::test(start_paused = true)]
async fn no_month_is_kept_where_posts_are_kept_for_some_days() {
    let lab = lab();
    let (mut zavod, server, byway, link) = read(&lab, "").await;
    byway.set_retention(Some(30)).await.unwrap();
    for _ in 0..2 {
        zavod.post("new");
        publish(&mut zavod, &server);
        byway.open(&link).await.unwrap();
        let given = server.given();
        assert!(given.iter().all(|(range, _)| range.is_none()), "{given:?}");
    }
}

/// The attempts at this host whose answers say something against it.
fn blamed(opened: &Opened, host: &str) -> usize {
    let here = opened.reachability.attempts.iter().filter(|attempt| attempt.destination.host.to_string() == host);
    here.filter(|attempt| {
        matches!(attempt.outcome, Outcome::Refuted(Finding::OriginFault { what: AnswerFault::OtherFile, .. }))
    })
    .count()
}

#[tokio::test(start_paused = true)]
async fn a_mirror_that_is_only_behind_is_blamed_for_no_file() {
    let lab = lab();
    let (mut zavod, server, byway, _) = read(&lab, "").await;
    zavod.post("new");
    let (head, ..) = published(&mut zavod);
    // The newer one gives no file.
    zavod.write_with("other.example", &head);
    lab.host("other.example").page("/m/newest.jsonl", Page::new("").status(404));
    let both = format!("byway:{}?mirror=zavod.example/m/&mirror=other.example/m/", zavod.id());
    let opened = byway.open(&both).await.unwrap();
    let mut states = homes(&opened);
    states.sort_unstable();
    assert_eq!(states, [("other.example", "withholds"), ("zavod.example", "behind")]);
    assert_eq!(blamed(&opened, "zavod.example"), 0, "{:?}", opened.reachability.attempts);
    let given = server.given();
    assert!(given.len() <= 1, "it is asked once for what its own head does not name: {given:?}");
}
