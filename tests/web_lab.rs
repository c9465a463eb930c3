//! Sites with feeds, over the lab: found, read, blocked, gone and moved, with their exposure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use byway::community::Home;
use byway::source::{SourceError, SourceNote, WebFormat};
use byway::{Byway, Exposure, Language, OpenFault, OpenOptions, Opened, ReadFrom, Roots, Strategy, VerdictCode};
use byway_lab::{Lab, Page};

const RSS: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>Zavod</title><link>https://zavod.example/</link>
    <description>The plant</description>
    <item><title>Older</title><guid>1</guid><pubDate>Wed, 09 Nov 2016 10:00:00 GMT</pubDate><description>one</description></item>
    <item><title>Newer</title><guid>2</guid><pubDate>Thu, 10 Nov 2016 10:00:00 GMT</pubDate>
      <description>&lt;p&gt;See &lt;a href="/map"&gt;the map&lt;/a&gt;&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</description></item>
    <item/></channel></rss>"#;

const HTML: &str = r#"<html><head><title>The plant's site</title>
    <link rel="alternate" type="application/rss+xml" href="/feed/"></head><body>x</body></html>"#;

fn feed() -> Page {
    Page::new(RSS).header("content-type", "application/rss+xml; charset=utf-8")
}

fn html(markup: &str) -> Page {
    Page::new(markup.to_owned()).header("content-type", "text/html; charset=utf-8")
}

/// A site like those of WordPress: a page that names its feed.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("zavod.example").at("203.0.113.10").https().page("/", html(HTML)).page("/feed/", feed());
    lab
}

async fn over(lab: &Lab) -> Byway {
    let strategies = ["direct:".to_owned(), lab.tor().url()].map(|strategy| strategy.parse::<Strategy>().unwrap());
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    Byway::builder().strategies(strategies).roots(roots).net(lab.client()).build().await.unwrap()
}

fn codes(opened: &Opened) -> Vec<&'static str> {
    opened.notes.iter().map(byway::Note::code).collect()
}

#[tokio::test(start_paused = true)]
async fn a_feed_is_read_at_its_own_address() {
    let lab = lab();
    let byway = over(&lab).await;
    let opened = byway.open("https://zavod.example/feed/").await.unwrap();
    assert_eq!((opened.community.name.as_str(), opened.community.id.as_str()), ("Zavod", "web:zavod.example/feed"));
    assert_eq!(opened.community.description.as_deref(), Some("The plant"));
    let texts: Vec<&str> = opened.posts.iter().map(|post| post.text.as_str()).collect();
    assert_eq!(texts, ["Newer\n\nSee the map", "Older\n\none"], "newest first, without its script");
    assert_eq!(opened.posts[0].links[0].url, "https://zavod.example/map");
    assert_eq!(codes(&opened), ["found", "posts_odd"], "an odd entry is noted and loses no other");
    assert_eq!(opened.reachability.verdict.code, VerdictCode::Reachable);
}

#[tokio::test(start_paused = true)]
async fn a_page_leads_to_the_feed_that_it_names() {
    let lab = lab();
    let opened = over(&lab).await.open("https://zavod.example/").await.unwrap();
    assert_eq!(opened.community.name, "The plant's site");
    assert_eq!(opened.posts.len(), 2);
    assert_eq!(opened.notes[0].sentence(Language::En), "Read: RSS feed.");
    assert_eq!(lab.packets().lookups(), ["zavod.example"], "one host is contacted");
}

const ICS: &str = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Zavod's dates\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Meeting at the ga\r\n te\r\n\
    DTSTART;TZID=Asia/Novosibirsk:20990309T170000\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn calendar() -> Page {
    Page::new(ICS).header("content-type", "text/calendar; charset=utf-8")
}

#[tokio::test(start_paused = true)]
async fn a_calendar_is_read_at_its_own_address() {
    let lab = lab();
    lab.host("zavod.example").page("/events.ics", calendar());
    let byway = over(&lab).await;
    for link in ["https://zavod.example/events.ics", "webcal://zavod.example/events.ics"] {
        let opened = byway.open(link).await.unwrap();
        assert_eq!(opened.community.name, "Zavod's dates");
        let [event] = &opened.events[..] else { panic!("{} events", opened.events.len()) };
        assert_eq!((event.name.as_str(), event.zone.as_deref()), ("Meeting at the gate", Some("Asia/Novosibirsk")));
        assert_eq!(event.start.unwrap().to_string(), "2099-03-09T17:00:00+07:00");
        assert_eq!(codes(&opened), ["found", "events_odd"]);
    }
}

/// A reader west of the calendar's zone would otherwise see the evening before.
#[tokio::test(start_paused = true)]
async fn an_event_of_whole_days_keeps_its_dates() {
    let lab = lab();
    let ics = "BEGIN:VCALENDAR\r\nX-WR-TIMEZONE:Asia/Novosibirsk\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Fair\r\n\
               DTSTART;VALUE=DATE:20991212\r\nDTEND;VALUE=DATE:20991214\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    lab.host("zavod.example").page("/events.ics", Page::new(ics).header("content-type", "text/calendar"));
    let byway = over(&lab).await;
    let link = "https://zavod.example/events.ics";
    let read = byway.open(link).await.unwrap();
    let kept = byway.open_with(link, OpenOptions { offline: true, ..OpenOptions::default() }).await.unwrap();
    for opened in [read, kept] {
        let event = &opened.events[0];
        let days = event.days.unwrap();
        assert_eq!((days.first.to_string(), days.last.to_string()), ("2099-12-12".into(), "2099-12-13".into()));
        assert_eq!(event.start.unwrap().to_string(), "2099-12-12T00:00:00+07:00");
        let json = serde_json::to_value(&opened).unwrap();
        assert_eq!(json["events"][0]["days"], serde_json::json!({"first": "2099-12-12", "last": "2099-12-13"}));
        let file = byway::icalendar([(event, opened.synced_at)], Language::En);
        assert!(file.contains("\r\nDTSTART;VALUE=DATE:20991212\r\nDTEND;VALUE=DATE:20991214\r\n"), "{file}");
    }
}

/// A site like those of Mobilizon: a group's page that names its feed and its calendar.
#[tokio::test(start_paused = true)]
async fn a_feed_and_a_calendar_are_one_community() {
    let lab = lab();
    let named = r#"<title>Zavod</title><link rel="alternate" type="application/atom+xml" href="/@zavod/feed/atom">
        <link rel="alternate" type="text/calendar" href="/@zavod/feed/ics">"#;
    let host = lab.host("events.example").at("203.0.113.20").https().page("/@zavod", html(named));
    let host = host.page("/@zavod/feed/atom", feed()).page("/@zavod/feed/ics", calendar());
    let byway = over(&lab).await;
    let opened = byway.open("https://events.example/@zavod").await.unwrap();
    assert_eq!((opened.posts.len(), opened.events.len()), (2, 1));
    assert_eq!(opened.community.id.as_str(), "web:events.example/@zavod");
    assert_eq!(opened.notes[0].sentence(Language::En), "Read: RSS feed and calendar.");
    assert_eq!(opened.notes[0].sentence(Language::Ru), "Прочитано: лента RSS и календарь.");
    // If one of them is missing, the other is shown with a note.
    host.page("/@zavod/feed/ics", Page::new("x").status(403));
    let without = byway.open("https://events.example/@zavod").await.unwrap();
    assert_eq!((without.posts.len(), without.events.len()), (2, 1), "what was read earlier stays");
    assert!(codes(&without).contains(&"events_unread"), "{:?}", codes(&without));
}

#[tokio::test(start_paused = true)]
async fn feeds_on_other_hosts_are_told_and_not_asked() {
    let lab = lab();
    let elsewhere = r#"<link rel="alternate" type="application/atom+xml" href="https://feeds.example/zavod">"#;
    lab.host("page.example").at("203.0.113.11").https().page("/", html(&format!("<title>P</title>{elsewhere}")));
    lab.host("feeds.example").at("203.0.113.12").https().page("/zavod", feed());
    let error = over(&lab).await.open("https://page.example/").await.unwrap_err();
    assert!(matches!(error.fault, OpenFault::Source(SourceError::NoFeed(_))), "{error}");
    assert!(!lab.packets().lookups().contains(&"feeds.example".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_blocked_site_is_read_through_tor_and_said_to_be_cut() {
    let lab = lab();
    lab.censor().when_sni("zavod.example").reset();
    let opened = over(&lab).await.open("https://zavod.example/").await.unwrap();
    assert_eq!(opened.posts.len(), 2);
    let sentence = opened.reachability.sentence(Language::En);
    assert!(sentence.contains("The connection is cut on this network when zavod.example is named"), "{sentence}");
}

#[tokio::test(start_paused = true)]
async fn with_exposure_tor_no_request_goes_directly() {
    let lab = lab();
    let how = OpenOptions { exposure: Exposure::Tor, ..OpenOptions::default() };
    let opened = over(&lab).await.open_with("https://zavod.example/", how).await.unwrap();
    assert_eq!((opened.posts.len(), opened.exposure), (2, Exposure::Tor));
    assert_eq!(lab.packets().lookups(), [""; 0], "the page and its feed are asked through Tor alone");
}

#[tokio::test(start_paused = true)]
async fn what_was_read_is_shown_when_the_site_is_gone_or_out_of_reach() {
    let lab = lab();
    let byway = over(&lab).await;
    byway.open("https://zavod.example/feed").await.unwrap_err();
    let read = byway.open("https://zavod.example/feed/").await.unwrap();
    // The feed drops its old posts: what is kept stays.
    let short = RSS.replacen("<item><title>Older", "<skipped><title>Older", 1).replacen("</item>", "</skipped>", 1);
    lab.host("zavod.example").page("/feed/", Page::new(short));
    let again = byway.open("https://zavod.example/feed/").await.unwrap();
    assert!(again.changes.posts.removed.is_empty(), "{:?}", again.changes);
    assert_eq!(byway.posts(&read.community.id, None, 9).await.unwrap().items.len(), 2);
    lab.host("zavod.example").page("/feed/", Page::new("").status(410));
    let gone = byway.open("https://zavod.example/feed/").await.unwrap();
    assert_eq!((gone.source, gone.posts.len()), (ReadFrom::Store, 2));
    assert_eq!(gone.community.state.code(), "gone");
    lab.host("zavod.example").down();
    let offline = byway.open("https://zavod.example/feed/").await.unwrap();
    assert_eq!((offline.source, offline.posts.len()), (ReadFrom::Store, 2));
}

/// Anyone on the path can answer a request in cleartext.
#[tokio::test(start_paused = true)]
async fn nothing_in_cleartext_makes_a_community_gone() {
    let lab = Lab::new();
    lab.host("plain.example").at("203.0.113.16").http().page("/feed", feed());
    let byway = over(&lab).await;
    byway.open("http://plain.example/feed").await.unwrap();
    for status in [410, 404] {
        lab.host("plain.example").page("/feed", Page::new("").status(status));
        let read = byway.open("http://plain.example/feed").await.unwrap();
        assert_eq!((read.source, read.community.state.code()), (ReadFrom::Store, "active"), "{status}");
        assert_eq!(read.fault.unwrap().code(), "unreached", "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_feed_is_a_typed_error() {
    let lab = lab();
    let host = lab.host("odd.example").at("203.0.113.13").https();
    host.page("/bare", html("<p>nothing</p>"))
        .page("/png", Page::new("\u{1}PNG").header("content-type", "image/png"))
        .page("/busy", Page::new("later").status(429))
        .page("/members", Page::new("no").status(403))
        .page("/gone", Page::new("").status(410));
    let byway = over(&lab).await;
    for (path, code) in [
        ("bare", "no_feed"),
        ("png", "bad_answer"),
        ("busy", "throttled"),
        ("members", "platform_error"),
        ("gone", "gone"),
        ("nowhere", "absent"),
    ] {
        let error = byway.open(&format!("https://odd.example/{path}")).await.unwrap_err();
        assert_eq!(error.fault.code(), code, "{path}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_permanent_redirect_is_told_as_another_home() {
    let lab = lab();
    lab.host("old.example")
        .at("203.0.113.14")
        .https()
        .page("/feed", Page::new("").status(301).header("location", "https://zavod.example/feed/"));
    lab.host("old.example").page("/now", Page::new("").status(302).header("location", "https://zavod.example/feed/"));
    let byway = over(&lab).await;
    let homes = |opened: &Opened| opened.community.homes.iter().map(Home::to_string).collect::<Vec<_>>();
    let moved = byway.open("https://old.example/feed").await.unwrap();
    assert_eq!(homes(&moved), ["https://old.example/feed", "https://zavod.example/feed/"]);
    assert_eq!(moved.community.id.as_str(), "web:old.example/feed", "who moves keeps the id");
    let passing = byway.open("https://old.example/now").await.unwrap();
    assert_eq!(homes(&passing), ["https://old.example/now"], "a redirect for now is no home");
}

#[tokio::test(start_paused = true)]
async fn two_feeds_with_one_id_are_two_communities_posts() {
    let lab = lab();
    lab.host("other.example").at("203.0.113.15").https().page("/feed/", feed());
    let byway = over(&lab).await;
    let one = byway.open("https://zavod.example/feed/").await.unwrap();
    let other = byway.open("https://other.example/feed/").await.unwrap();
    assert!(one.posts.iter().all(|post| other.posts.iter().all(|theirs| theirs.id != post.id)));
    let again = byway.open("http://www.zavod.example/feed").await;
    assert!(again.is_err(), "the lab has no such host: nothing was guessed");
    assert!(
        matches!(&one.notes[0], byway::Note::Source(SourceNote::Found { formats }) if formats == &[WebFormat::Rss])
    );
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_an_odd_address_costs_no_record() {
    let lab = lab();
    let host = lab.host("old.example").at("203.0.113.14").https();
    let to = |location: &str| Page::new("").status(301).header("location", location);
    host.page("/login", to("https://u:p@zavod.example/feed/"))
        .page("/long", to(&format!("https://zavod.example/feed/?q={}", "a".repeat(3000))));
    let byway = over(&lab).await;
    let other = byway.open("https://zavod.example/feed/").await.unwrap().community.id;
    for url in ["https://old.example/login", "https://old.example/long"] {
        let Ok(opened) = byway.open(url).await else { continue };
        let id = opened.community.id;
        assert_eq!(opened.community.homes.len(), 1, "{url}: an address that nobody could give is no home");
        assert!(byway.community(&id).await.unwrap().is_some(), "{url}: it is kept, and read again");
    }
    byway.forget(&other).await.unwrap();
}
