//! What has not changed is not sent again, what a site recognises a reader by follows the exposure, and a site is asked
//! no sooner than it likes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use byway::community::CommunityId;
use byway::http::HeaderMap;
use byway::{Byway, Exposure, OpenOptions, ReadFrom, StoreKey, SyncLimits, SyncOutcome};
use byway_lab::{Ask, Lab, Page};

use crate::{RSS, codes, feed, html, over};

const URL: &str = "https://zavod.example/feed";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A site whose one answer can be changed, and what it was asked with.
#[derive(Clone)]
struct Site {
    answer: Arc<Mutex<Page>>,
    asked: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Site {
    fn of(lab: &Lab, page: Page) -> Self {
        let site = Self { answer: Arc::new(Mutex::new(page)), asked: Arc::default() };
        let own = site.clone();
        lab.host("zavod.example").at("203.0.113.10").https().http().app(move |ask: &Ask| {
            own.asked.lock().unwrap().push(ask.headers.clone());
            own.answer.lock().unwrap().clone()
        });
        site
    }

    fn answers(&self, page: Page) {
        *self.answer.lock().unwrap() = page;
    }

    /// The validators of each request since the last call.
    fn validators(&self) -> Vec<Option<String>> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        let value = |headers: &HeaderMap, name: &str| Some(headers.get(name)?.to_str().unwrap().to_owned());
        asked.iter().map(|asked| value(asked, "if-none-match").or(value(asked, "if-modified-since"))).collect()
    }
}

fn tagged(etag: &str) -> Page {
    feed().header("etag", etag)
}

fn some(etag: &str) -> Vec<Option<String>> {
    vec![Some(etag.to_owned())]
}

async fn sync(byway: &Byway, id: &CommunityId) -> SyncOutcome {
    let synced = byway.sync_once(std::slice::from_ref(id), SyncLimits::default()).await;
    synced.communities.into_iter().next().unwrap().outcome
}

#[tokio::test(start_paused = true)]
async fn what_has_not_changed_costs_two_kilobytes_and_keeps_all() {
    let lab = Lab::new();
    let long = RSS.replacen("Older", &"A long text. ".repeat(10_000), 1);
    let site = Site::of(&lab, Page::new(long).header("content-type", "application/rss+xml").header("etag", "W/\"7\""));
    let byway = over(&lab, &["direct:"]).await;
    let read = byway.open(URL).await.unwrap();
    let before = lab.client().carried();
    let again = byway.open(URL).await.unwrap();
    let carried = lab.client().carried() - before;
    assert!(carried < 2_000, "{carried} bytes over a connection that is open");
    assert_eq!(site.validators(), [None, Some("W/\"7\"".to_owned())]);
    assert_eq!((again.source, again.posts.len(), again.community.name.as_str()), (ReadFrom::Network, 2, "Zavod"));
    assert_eq!(again.posts, read.posts);
    assert_eq!(again.community.links, read.community.links);
    assert_eq!(codes(&again), ["found", "unchanged"]);
    assert!(again.changes.is_empty(), "{:?}", again.changes);
    // The next reading that finds something new reads all of it.
    site.answers(tagged("\"8\""));
    let changed = byway.refresh(&read.community.id).await.unwrap();
    assert_eq!((changed.changes.posts.changed.len(), site.validators()), (1, some("W/\"7\"")));
}

/// An entity tag can serve as a cookie.
#[tokio::test(start_paused = true)]
async fn no_validator_is_sent_with_exposure_tor_or_in_cleartext() {
    let lab = Lab::new();
    let site = Site::of(&lab, tagged("\"reader-4711\"").header("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT"));
    let tor = lab.tor().url();
    let byway = over(&lab, &["direct:", &tor]).await;
    byway.open(URL).await.unwrap();
    let read = byway.open(URL).await.unwrap();
    assert_eq!(site.validators(), [None, Some("\"reader-4711\"".to_owned())]);
    let how = OpenOptions { exposure: Exposure::Tor, ..OpenOptions::default() };
    for _ in 0..2 {
        byway.open_with(URL, how).await.unwrap();
        byway.refresh(&read.community.id).await.unwrap();
    }
    assert_eq!(site.validators(), vec![None; 4], "neither what was known before nor what Tor was given");
    for _ in 0..2 {
        over(&lab, &["direct:"]).await.open("http://zavod.example/feed").await.unwrap();
    }
    assert_eq!(site.validators(), vec![None; 2]);
}

#[tokio::test(start_paused = true)]
async fn no_validator_is_sent_once_the_exposure_has_risen() {
    let lab = Lab::new();
    let site = Site::of(&lab, tagged("\"1\"").after(Duration::from_secs(2)));
    let tor = lab.tor().url();
    let byway = over(&lab, &["direct:", &tor]).await;
    let read = byway.open(URL).await.unwrap();
    site.validators();
    let link = format!("{URL}#exposure=tor").parse().unwrap();
    let (again, raised) = tokio::join!(byway.refresh(&read.community.id), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        byway.raise_exposure(&link).await
    });
    raised.unwrap();
    assert_eq!(again.unwrap().exposure, Exposure::Tor);
    let validators = site.validators();
    assert_eq!(validators.last(), Some(&None), "what was sent by Tor: {validators:?}");
}

/// Which reader it was given to is the site's to choose.
#[tokio::test(start_paused = true)]
async fn a_new_identity_sends_no_validator_of_the_old_one() {
    let lab = Lab::new();
    let site = Site::of(&lab, tagged("\"old\""));
    let folder = tempfile::tempdir().unwrap();
    let app = async || {
        let store = folder.path().join("data");
        let builder = crate::builder(&lab, &["direct:"]).data_dir(store, StoreKey::new([7; 32]));
        builder.build().await.unwrap()
    };
    let byway = app().await;
    let id = byway.open(URL).await.unwrap().community.id;
    byway.refresh(&id).await.unwrap();
    assert_eq!(site.validators(), [None, Some("\"old\"".to_owned())], "under one identity they are sent");

    byway.new_identity();
    byway.refresh(&id).await.unwrap();
    assert_eq!(site.validators(), [None]);
    byway.refresh(&id).await.unwrap();
    assert_eq!(site.validators(), some("\"old\""), "it was given to this identity, too");

    // One that is taken while a reading is under way, which the site answers with a tag for the old one.
    site.answers(tagged("\"older\"").after(Duration::from_secs(2)));
    let (read, ()) = tokio::join!(byway.refresh(&id), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        byway.new_identity();
    });
    read.unwrap();
    assert_eq!(site.validators(), some("\"old\""), "what is under way ends under the old identity");
    byway.refresh(&id).await.unwrap();
    assert_eq!(site.validators(), [None]);

    // Taken while the app sleeps, and the process ends before anything is read again.
    byway.suspend().await.unwrap();
    byway.new_identity();
    drop(byway);
    let byway = app().await;
    byway.refresh(&id).await.unwrap();
    assert_eq!(site.validators(), [None]);
    drop(byway);
    app().await.refresh(&id).await.unwrap();
    assert_eq!(site.validators(), some("\"older\""), "a restart alone is no new identity");
}

/// The hosts `a.example` and `b.example`, which answer as `answers` says for a host and a path. Returns each request's
/// host, and whether it had a validator.
fn two_sites(lab: &Lab, answers: fn(&str, &str) -> Page) -> Arc<Mutex<Vec<(String, bool)>>> {
    let asked: Arc<Mutex<Vec<(String, bool)>>> = Arc::default();
    for (host, address) in [("a.example", "203.0.113.10"), ("b.example", "203.0.113.20")] {
        let asked = Arc::clone(&asked);
        lab.host(host).at(address).https().app(move |ask: &Ask| {
            let conditional =
                ask.headers.contains_key("if-none-match") || ask.headers.contains_key("if-modified-since");
            asked.lock().unwrap().push((ask.host.clone(), conditional));
            answers(&ask.host, &ask.path)
        });
    }
    asked
}

/// A 304 answers a request with validators. Here none were sent, so it says nothing.
#[tokio::test(start_paused = true)]
async fn a_304_without_validators_says_nothing() {
    let lab = Lab::new();
    let site = Site::of(&lab, tagged("\"1\""));
    let tor = lab.tor().url();
    let byway = over(&lab, &["direct:", &tor]).await;
    let read = byway.open(URL).await.unwrap();
    site.answers(Page::new("").status(304).after(Duration::from_secs(2)));
    let link = format!("{URL}#exposure=tor").parse().unwrap();
    let (again, raised) = tokio::join!(byway.refresh(&read.community.id), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        byway.raise_exposure(&link).await
    });
    raised.unwrap();
    let again = again.unwrap();
    assert_eq!(again.source, ReadFrom::Store);
    assert!(again.fault.is_some() && !codes(&again).contains(&"unchanged"), "{:?}", again.notes);
}

/// Many sites redirect from one to the other.
#[tokio::test(start_paused = true)]
async fn validators_that_www_gave_are_sent_to_it_alone() {
    let lab = Lab::new();
    let asked = Arc::new(Mutex::new(Vec::new()));
    for (n, host) in ["zavod.example", "www.zavod.example"].into_iter().enumerate() {
        let asked = asked.clone();
        lab.host(host).at(&format!("203.0.113.{}", 10 + n)).https().app(move |ask: &Ask| {
            let is_conditional = ask.headers.contains_key("if-none-match");
            asked.lock().unwrap().push((host, is_conditional));
            let redirect = Page::new("").status(301).header("location", "https://www.zavod.example/feed");
            if host.starts_with("www") { tagged("\"1\"") } else { redirect.header("etag", "\"2\"") }
        });
    }
    let byway = over(&lab, &["direct:"]).await;
    byway.open(URL).await.unwrap();
    let again = byway.open(URL).await.unwrap();
    assert_eq!(codes(&again), ["found", "unchanged"]);
    let bare = ("zavod.example", false);
    let www = |is_conditional| ("www.zavod.example", is_conditional);
    assert_eq!(*asked.lock().unwrap(), [bare, www(false), bare, www(true)]);
}

/// A site could write a mark of the reader into a validator that another site is then sent.
#[tokio::test(start_paused = true)]
async fn validators_of_one_site_are_not_sent_to_another() {
    let lab = Lab::new();
    let asked = two_sites(&lab, |host, _| match host {
        "a.example" => Page::redirect("https://b.example/feed"),
        _ => tagged("\"reader-4711\""),
    });
    let byway = over(&lab, &["direct:"]).await;
    for _ in 0..3 {
        assert_eq!(byway.open("https://a.example/feed").await.unwrap().posts.len(), 2);
    }
    let asked = asked.lock().unwrap();
    assert_eq!((asked.len(), asked.iter().any(|(_, conditional)| *conditional)), (6, false), "{asked:?}");
}

/// A redirect may pass a host with a higher exposure, and return. What came through Tor is not shown directly.
#[tokio::test(start_paused = true)]
async fn validators_received_with_exposure_tor_are_not_kept() {
    for (link, through) in
        [("https://a.example/feed", "https://b.example/feed"), ("https://a.example/around", "https://b.example/back")]
    {
        let lab = Lab::new();
        let asked = two_sites(&lab, |host, path| match (host, path) {
            ("a.example", "/feed") => Page::redirect("https://b.example/feed"),
            ("a.example", "/around") => Page::redirect("https://b.example/back"),
            ("b.example", "/back") => Page::redirect("https://a.example/own"),
            _ => tagged("\"reader-4711\""),
        });
        let tor = lab.tor().url();
        let byway = over(&lab, &["direct:", &tor]).await;
        byway.raise_exposure(&format!("{through}#exposure=tor").parse().unwrap()).await.unwrap();
        for _ in 0..3 {
            let read = byway.open(link).await.unwrap();
            assert_eq!((read.posts.len(), read.reachability.reached_by.unwrap().scheme()), (2, "tor+socks5"), "{link}");
        }
        let asked = asked.lock().unwrap();
        assert!(asked.iter().all(|(_, conditional)| !conditional), "{link}: {asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn odd_validators_are_not_sent_back() {
    let long = format!("\"{}\"", "a".repeat(4_000));
    for (name, value) in [
        ("etag", long.as_str()),
        ("etag", "no quotes"),
        ("etag", "\"a\tb\""),
        ("last-modified", "reader-4711"),
        ("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT; id=4711"),
    ] {
        let lab = Lab::new();
        let site = Site::of(&lab, feed().header(name, value));
        let byway = over(&lab, &["direct:"]).await;
        for _ in 0..2 {
            assert_eq!(byway.open(URL).await.unwrap().posts.len(), 2);
        }
        assert_eq!(site.validators(), vec![None; 2], "{name}: {value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_304_that_was_not_asked_for_is_no_answer() {
    let lab = Lab::new();
    let site = Site::of(&lab, feed());
    let byway = over(&lab, &["direct:"]).await;
    let read = byway.open(URL).await.unwrap();
    site.answers(Page::new("").status(304));
    let kept = byway.open(URL).await.unwrap();
    assert_eq!((kept.source, kept.synced_at, kept.posts.len()), (ReadFrom::Store, read.synced_at, 2));
    assert_eq!(kept.fault.unwrap().code(), "unreached");
}

/// A cache on the path that mixes up two versions says that nothing has changed, and names another one.
#[tokio::test(start_paused = true)]
async fn a_304_that_names_another_version_is_not_believed() {
    let lab = Lab::new();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (own, named) = (asked.clone(), Arc::new(Mutex::new("\"1\"")));
    let current = named.clone();
    lab.host("zavod.example").at("203.0.113.10").https().app(move |ask: &Ask| {
        let is_conditional = ask.headers.contains_key("if-none-match");
        own.lock().unwrap().push(is_conditional);
        let named = *current.lock().unwrap();
        match (named, is_conditional) {
            ("\"1\"", false) => tagged(named),
            (_, true) => Page::new("").status(304).header("etag", named),
            (_, false) => Page::new(RSS.replace("Newer", "Changed")).header("etag", named),
        }
    });
    let byway = over(&lab, &["direct:"]).await;
    byway.open(URL).await.unwrap();
    assert_eq!(codes(&byway.open(URL).await.unwrap()), ["found", "unchanged"], "it names the version that is known");
    *named.lock().unwrap() = "\"2\"";
    let read = byway.open(URL).await.unwrap();
    assert_eq!((read.source, read.posts[0].text.as_str()), (ReadFrom::Network, "Changed"));
    byway.open(URL).await.unwrap();
    assert_eq!(*asked.lock().unwrap(), [false, true, true, false, true], "once more, and then with the new version");
}

/// A server may call everything unchanged, so once a day it is asked as if nothing were known.
#[tokio::test(start_paused = true)]
async fn a_tag_that_never_changes_hides_nothing_for_ever() {
    let lab = Lab::new();
    let site = Site::of(&lab, tagged("\"always\""));
    let byway = over(&lab, &["direct:"]).await;
    let read = byway.open(URL).await.unwrap();
    site.answers(Page::new(RSS.replace("Newer", "Changed")).header("etag", "\"always\""));
    assert_eq!(byway.open(URL).await.unwrap().posts[0].text, "Newer", "the site says that nothing has changed");
    tokio::time::advance(DAY).await;
    assert_eq!(byway.refresh(&read.community.id).await.unwrap().posts[0].text, "Changed");
    byway.open(URL).await.unwrap();
    assert_eq!(site.validators(), [None, Some("\"always\"".to_owned()), None, None], "it is not believed again");
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_read_anew() {
    let lab = Lab::new();
    let site = Site::of(&lab, tagged("\"1\""));
    let byway = over(&lab, &["direct:"]).await;
    let read = byway.open(URL).await.unwrap();
    byway.forget(&read.community.id).await.unwrap();
    assert_eq!(byway.open(URL).await.unwrap().posts.len(), 2);
    assert_eq!(site.validators(), vec![None; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_page_and_its_feed_are_both_asked_whether_they_changed() {
    let lab = Lab::new();
    let named = r#"<title>Zavod</title><link rel="alternate" type="application/rss+xml" href="/feed">
        <link rel="alternate" type="text/calendar" href="/events">"#;
    let ics = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:A\r\nDTSTART:20990309T170000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let host = lab.host("zavod.example").at("203.0.113.10").https().page("/", html(named).header("etag", "\"p\""));
    let host = host.page("/feed", tagged("\"f\"")).page("/events", Page::new(ics).header("etag", "\"c\""));
    let byway = over(&lab, &["direct:"]).await;
    let read = byway.open("https://zavod.example/").await.unwrap();
    let before = lab.client().carried();
    let again = byway.open("https://zavod.example/").await.unwrap();
    assert!(lab.client().carried() - before < 3 * 2_000);
    assert_eq!((again.posts.len(), again.events.len(), again.community.name.as_str()), (2, 1, "Zavod"));
    assert_eq!(codes(&again), ["found", "unchanged"]);
    // If one of them changes, the other stays.
    host.page("/events", Page::new(ics.replace("SUMMARY:A", "SUMMARY:B")).header("etag", "\"d\""));
    let changed = byway.open("https://zavod.example/").await.unwrap();
    assert_eq!((changed.posts.len(), changed.events[0].name.as_str()), (2, "B"));
    assert!(read.changes.posts.first && changed.changes.posts.added.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_sync_asks_no_sooner_than_the_site_likes() {
    let ttl = |minutes: u64| {
        let own = format!("<channel><ttl>{minutes}</ttl>");
        Page::new(RSS.replacen("<channel>", &own, 1)).header("content-type", "application/rss+xml")
    };
    for (what, page, wait) in [
        ("nothing is said", feed(), None),
        ("fresh for ten minutes", feed().header("cache-control", "max-age=600"), Some(600)),
        ("fresh for a year", feed().header("cache-control", "max-age=31536000"), Some(3_600)),
        ("ttl of an hour", ttl(60), Some(3_600)),
        ("ttl of a year", ttl(525_600), Some(86_400)),
        ("ttl beyond all numbers", ttl(u64::MAX), None),
        ("too many requests", Page::new("").status(429).header("retry-after", "1800"), Some(1_800)),
        ("a fault of the site's", Page::new("").status(503).header("retry-after", "1800"), Some(1_800)),
        ("too many requests for ever", Page::new("").status(429).header("retry-after", "99999999"), Some(86_400)),
    ] {
        let lab = Lab::new();
        let site = Site::of(&lab, feed());
        let byway = over(&lab, &["direct:"]).await;
        let id = byway.open(URL).await.unwrap().community.id;
        site.answers(page);
        let _ = byway.refresh(&id).await;
        site.validators();
        let outcome = sync(&byway, &id).await;
        match (&outcome, wait) {
            (SyncOutcome::NotYet { .. }, Some(wait)) => {
                assert!(site.validators().is_empty(), "{what}: nothing is sent");
                // A person does not have to wait.
                let _ = byway.refresh(&id).await;
                assert!(!site.validators().is_empty(), "{what}");
                site.answers(feed());
                tokio::time::advance(Duration::from_secs(wait + 1)).await;
                assert_eq!(sync(&byway, &id).await.code(), "done", "{what}: no longer than that");
            }
            (SyncOutcome::Done { .. }, None) => {}
            _ => panic!("{what}: {}", outcome.code()),
        }
    }
}

/// A site that refuses a Tor exit does not ask the readers whom it answers to wait.
#[tokio::test(start_paused = true)]
async fn a_refused_route_makes_no_sync_wait_if_another_read_it() {
    for (refused, expected) in [(&["de"][..], "done"), (&["de", "ru"], "not_yet")] {
        let lab = Lab::new();
        lab.client().country("ru");
        let asked_from: Arc<Mutex<Option<Vec<String>>>> = Arc::default();
        let noted = Arc::clone(&asked_from);
        lab.host("zavod.example").at("203.0.113.10").https().app(move |ask: &Ask| {
            let country = ask.country.clone().unwrap();
            let refuses = refused.contains(&country.as_str());
            match &mut *noted.lock().unwrap() {
                None => return feed(),
                Some(asked_from) => asked_from.push(country),
            }
            // The refusal comes first.
            if refuses {
                Page::new("").status(503).header("retry-after", "86400")
            } else {
                feed().after(Duration::from_secs(2))
            }
        });
        let tor = lab.tor().url();
        let byway = over(&lab, &[&tor, "direct:"]).await;
        let id = byway.open(URL).await.unwrap().community.id;
        *asked_from.lock().unwrap() = Some(Vec::new());
        let read = byway.refresh(&id).await.unwrap();
        assert_eq!(read.source == ReadFrom::Network, expected == "done", "{refused:?}");
        let mut asked_from = asked_from.lock().unwrap().take().unwrap();
        asked_from.sort();
        assert_eq!(asked_from, ["de", "ru"], "{refused:?}");
        assert_eq!(sync(&byway, &id).await.code(), expected, "{refused:?}");
    }
}

/// Otherwise anybody on the path could silence a community for a day.
#[tokio::test(start_paused = true)]
async fn nothing_in_cleartext_makes_a_sync_wait() {
    let lab = Lab::new();
    let site = Site::of(&lab, feed().header("cache-control", "max-age=600"));
    let byway = over(&lab, &["direct:"]).await;
    let id = byway.open("http://zavod.example/feed").await.unwrap().community.id;
    assert_eq!(sync(&byway, &id).await.code(), "done");
    site.answers(Page::new("").status(429).header("retry-after", "99999999"));
    assert_eq!(sync(&byway, &id).await.code(), "failed");
    assert_eq!(sync(&byway, &id).await.code(), "failed", "it is asked again");
}
