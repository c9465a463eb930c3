//! Anyone on the path can answer a request in cleartext. Such an answer is read if it holds what was asked for, and
//! does not count as the site's word if it does not.

use byway::{Exposure, Language, OpenOptions, VerdictCode};
use byway_lab::{Lab, Page};

use crate::{feed, html, over};

const DIRECT: &str = "direct:";
const URL: &str = "http://zavod.example/feed";
const NOTICE: &str = "<html><head><title>Sorry</title></head><body>This page is not available here.</body></html>";
const EMPTY_RSS: &str = "<rss version='2.0'><channel><title>Zavod</title></channel></rss>";
const EMPTY_JSON: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Zavod","items":[]}"#;
const EMPTY_ICS: &str = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Zavod\r\nEND:VCALENDAR\r\n";

/// A site that is read in cleartext, and a hotel's site that names a feed of its own.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("zavod.example").at("203.0.113.10").http().page("/feed", feed());
    let own_feed = "<title>Hotel</title><link rel=alternate type=application/rss+xml href=/news>";
    lab.host("hotel.example").at("203.0.113.20").https().http().page("/", html(own_feed)).page("/news", feed());
    lab.host("hotel.example").page("/empty", Page::new(EMPTY_RSS)).page("/gone", Page::new("").status(410));
    lab
}

/// What someone on the path may write.
fn injected() -> Vec<(&'static str, Page)> {
    vec![
        ("an unknown notice", html(NOTICE)),
        ("an unknown notice with status 403", html(NOTICE).status(403)),
        ("an unknown notice with status 404", html(NOTICE).status(404)),
        (
            "a page that names a feed elsewhere",
            html("<link rel=alternate type=application/rss+xml href=https://x.example/>"),
        ),
        ("an empty body", Page::new("")),
        ("an empty feed", Page::new(EMPTY_RSS)),
        ("an empty JSON Feed", Page::new(EMPTY_JSON)),
        ("an empty calendar", Page::new(EMPTY_ICS)),
        ("bytes", Page::new("\u{1}PNG").header("content-type", "image/png")),
        ("nothing new", Page::new("").status(304)),
        ("gone", Page::new("").status(410)),
        ("too many requests", Page::new("").status(429).header("retry-after", "99999999")),
        ("a login", Page::new("").status(401)),
        ("a redirect to a site with a feed of its own", Page::redirect("https://hotel.example/")),
        ("a redirect to a site in cleartext", Page::redirect("http://hotel.example/")),
        ("a permanent redirect to a site", Page::new("").status(301).header("location", "https://hotel.example/")),
        ("a redirect to an empty feed", Page::redirect("https://hotel.example/empty")),
        ("a redirect to what is gone", Page::redirect("https://hotel.example/gone")),
        ("a redirect to what is not there", Page::redirect("https://hotel.example/nowhere")),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_injected_answer_is_not_the_sites_word() {
    for (what, page) in injected() {
        let lab = lab();
        lab.censor().when_host("zavod.example").block_page(page);
        let error = over(&lab, &[DIRECT]).await.open(URL).await.unwrap_err();
        assert_eq!(error.fault.code(), "unreached", "{what}: {error}");
        let met = error.reachability().unwrap();
        assert_eq!(met.verdict.code, VerdictCode::Unknown, "{what}: {}", met.sentence(Language::En));
        assert!(met.reached_by.is_none(), "{what}: nothing was reached");
        assert_eq!(met.verdict.rule.code(), "http.unvouched", "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_route_reads_what_was_replaced() {
    for (what, page) in injected() {
        let lab = lab();
        lab.censor().when_host("zavod.example").block_page(page);
        let tor = lab.tor().url();
        let opened = over(&lab, &[DIRECT, &tor]).await.open(URL).await.unwrap();
        assert_eq!(opened.posts.len(), 2, "{what}");
        assert_eq!(opened.reachability.reached_by.as_ref().unwrap().scheme(), "tor+socks5", "{what}");
        assert_eq!(opened.community.homes.len(), 1, "{what}: a redirect that anybody can write is no home");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_read_stays_whatever_is_injected() {
    let lab = lab();
    let byway = over(&lab, &[DIRECT]).await;
    let read = byway.open(URL).await.unwrap();
    for (what, page) in injected() {
        let rule = lab.censor().when_host("zavod.example").block_page(page);
        let kept = byway.open(URL).await.unwrap();
        assert_eq!((kept.posts.len(), kept.community.state.code()), (2, "active"), "{what}");
        assert_eq!(kept.synced_at, read.synced_at, "{what}: it was not read anew");
        assert!(kept.changes.posts.removed.is_empty(), "{what}");
        rule.lift();
    }
}

#[tokio::test(start_paused = true)]
async fn content_in_cleartext_is_read_and_said_to_be_unproved() {
    let lab = lab();
    lab.host("named.example")
        .at("203.0.113.11")
        .http()
        .page("/", html("<title>Named</title><link rel=alternate type=application/rss+xml href=/feed>"));
    lab.host("named.example").page("/feed", feed());
    // A site that redirects its readers to its encrypted address, and one whose feed is elsewhere.
    lab.host("secure.example").at("203.0.113.12").https().http().page("/feed", feed());
    lab.host("secure.example").page("/", Page::redirect("https://secure.example/feed"));
    lab.host("burner.example").at("203.0.113.13").http().page("/", Page::redirect("https://hotel.example/news"));
    let byway = over(&lab, &[DIRECT]).await;
    for (url, rule) in [
        (URL, "reachable.cleartext"),
        ("http://named.example/", "reachable.cleartext"),
        ("http://secure.example/", "reachable"),
        ("http://burner.example/", "reachable.cleartext"),
    ] {
        let opened = byway.open(url).await.unwrap();
        assert_eq!((opened.posts.len(), opened.reachability.verdict.rule.code()), (2, rule), "{url}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_proved_answer_without_a_feed_is_the_sites_word() {
    let lab = lab();
    lab.host("bare.example").at("203.0.113.14").https().http().page("/", html(NOTICE));
    // The same address over TLS, in whatever way the reading was led to it.
    lab.censor().when_host("bare.example").block_page(Page::redirect("https://bare.example/"));
    lab.host("bare.example").page("/away", Page::redirect("https://hotel.example/nowhere"));
    let byway = over(&lab, &[DIRECT]).await;
    for (url, code) in [
        ("https://bare.example/", "no_feed"),
        ("http://bare.example/", "no_feed"),
        ("https://bare.example/away", "absent"),
    ] {
        let error = byway.open(url).await.unwrap_err();
        assert_eq!(error.fault.code(), code, "{url}: {error}");
        assert_eq!(error.reachability().unwrap().verdict.code, VerdictCode::Reachable, "{url}");
    }
}

/// The address of an onion service is its key.
#[tokio::test(start_paused = true)]
async fn an_onion_service_vouches_for_itself() {
    let lab = lab();
    let name = format!("{}.onion", "z".repeat(56));
    lab.onion(&name).http().page("/", html(NOTICE));
    let tor = lab.tor().url();
    let how = OpenOptions { exposure: Exposure::Tor, ..OpenOptions::default() };
    let error = over(&lab, &[&tor]).await.open_with(&format!("http://{name}/"), how).await.unwrap_err();
    assert_eq!(error.fault.code(), "no_feed", "{error}");
}

/// A redirect in cleartext chooses the page whose host then proves its name. The host vouches for that page and for no
/// other.
#[tokio::test(start_paused = true)]
async fn a_page_that_cleartext_chose_is_no_word_of_the_site() {
    let chosen = [
        ("gone", Page::new("").status(410)),
        ("absent", Page::new("").status(404)),
        ("empty", Page::new(EMPTY_RSS)),
        ("a page without a feed", html(NOTICE)),
        ("refused", Page::new("").status(403)),
        ("moved for good", Page::new("").status(301).header("location", "https://hotel.example/gone")),
        ("of another port", Page::redirect("https://zavod.example:8443/feed")),
    ];
    for (what, page) in chosen {
        let lab = lab();
        lab.host("zavod.example").https().https_on(8443).page("/chosen", page);
        let (direct, tor) = (over(&lab, &[DIRECT]).await, lab.tor().url());
        direct.open(URL).await.unwrap();
        lab.censor().when_host("zavod.example").block_page(Page::redirect("https://zavod.example/chosen"));
        let kept = direct.open(URL).await.unwrap();
        if what == "of another port" {
            assert_eq!(kept.posts.len(), 2, "{what}: it holds a feed, and is read as what comes in cleartext is");
            continue;
        }
        assert_eq!((kept.posts.len(), kept.community.state.code()), (2, "active"), "{what}");
        assert_eq!(kept.reachability.verdict.rule.code(), "http.unvouched", "{what}");
        assert_eq!(kept.community.homes.len(), 1, "{what}");
        let opened = over(&lab, &[DIRECT, &tor]).await.open(URL).await.unwrap();
        assert_eq!(opened.reachability.reached_by.as_ref().unwrap().scheme(), "tor+socks5", "{what}");
    }
}

/// Anybody may have written a page in cleartext that names a feed, until there is such a feed.
#[tokio::test(start_paused = true)]
async fn a_page_in_cleartext_that_leads_nowhere_is_passed() {
    let named = r#"<title>Zavod</title><link rel="alternate" type="application/rss+xml" href="/feed">"#;
    for named_feed in ["https://zavod.example/gone", "/nowhere", "/empty"] {
        let lab = lab();
        lab.host("zavod.example").https().page("/", html(named)).page("/gone", Page::new("").status(410));
        lab.host("zavod.example").page("/empty", Page::new(EMPTY_RSS));
        let direct = over(&lab, &[DIRECT]).await;
        direct.open("http://zavod.example/").await.unwrap();
        let injected = format!(r#"<link rel="alternate" type="application/rss+xml" href="{named_feed}">"#);
        lab.censor().when_host("zavod.example").block_page(html(&injected));
        let kept = direct.open("http://zavod.example/").await.unwrap();
        assert_eq!((kept.posts.len(), kept.community.state.code()), (2, "active"), "{named_feed}");
        assert_eq!(kept.fault.unwrap().code(), "unreached", "{named_feed}");
        let tor = lab.tor().url();
        let opened = over(&lab, &[DIRECT, &tor]).await.open("http://zavod.example/").await.unwrap();
        assert_eq!(opened.posts.len(), 2, "{named_feed}");
    }
}

/// If two routes were led to two places, or one of them was not led away, no redirect in cleartext is followed.
#[tokio::test(start_paused = true)]
async fn a_redirect_elsewhere_is_followed_only_if_all_routes_agree() {
    let away = || Page::redirect("https://hotel.example/news");
    for (what, honest, is_followed) in [
        ("all were led to one site", away(), true),
        ("another route was led elsewhere", Page::redirect("https://keeper.example/news"), false),
        ("another route was not led away", Page::new(EMPTY_RSS), false),
    ] {
        let lab = lab();
        lab.host("keeper.example").at("203.0.113.30").https().page("/news", feed());
        lab.host("zavod.example").page("/feed", honest);
        lab.censor().when_host("zavod.example").block_page(away());
        let tor = lab.tor().url();
        let read = over(&lab, &[DIRECT, &tor]).await.open(URL).await;
        assert_eq!(read.is_ok(), is_followed, "{what}");
        assert_eq!(lab.packets().lookups().contains(&"hotel.example".to_owned()), is_followed, "{what}");
    }
}

/// Anybody may have written each hop in cleartext.
#[tokio::test(start_paused = true)]
async fn every_hop_in_cleartext_is_held_to_the_same_rule() {
    let lab = lab();
    lab.host("old.example").at("203.0.113.31").http().page("/", Page::redirect("http://keeper.example/"));
    lab.host("keeper.example").at("203.0.113.30").http().page("/", Page::redirect("https://hotel.example/news"));
    let opened = over(&lab, &[DIRECT]).await.open("http://old.example/").await.unwrap();
    assert_eq!((opened.posts.len(), opened.reachability.verdict.rule.code()), (2, "reachable.cleartext"));
    // A proved redirect to cleartext is the site's word, but what answers there is not.
    lab.host("proved.example").at("203.0.113.32").https().page("/", Page::redirect("http://keeper.example/gone"));
    lab.host("keeper.example").page("/gone", Page::new("").status(410));
    let error = over(&lab, &[DIRECT]).await.open("https://proved.example/").await.unwrap_err();
    assert_eq!(error.fault.code(), "unreached", "{error}");
    // No feed needs three sites in a row.
    lab.host("older.example").at("203.0.113.33").http().page("/", Page::redirect("http://old.example/"));
    let error = over(&lab, &[DIRECT]).await.open("http://older.example/").await.unwrap_err();
    assert_eq!(error.fault.code(), "unreached", "{error}");
}

/// A page that came over TLS is the community, whatever happens to its feed.
#[tokio::test(start_paused = true)]
async fn a_feed_that_is_gone_does_not_make_its_page_gone() {
    let lab = lab();
    let named = |href: &str| html(&format!(r#"<link rel="alternate" type="application/rss+xml" href="{href}">"#));
    let site = lab.host("site.example").at("203.0.113.34").https().page("/", named("/feed")).page("/feed", feed());
    let byway = over(&lab, &[DIRECT]).await;
    byway.open("https://site.example/").await.unwrap();
    let site = site.page("/feed", Page::new("").status(410));
    let kept = byway.open("https://site.example/").await.unwrap();
    assert_eq!((kept.posts.len(), kept.community.state.code()), (2, "active"));
    assert_eq!(kept.fault.unwrap().code(), "platform_error");
    // The site itself says where its feed is kept.
    site.page("/feed", Page::redirect("https://hotel.example/news"));
    let opened = byway.open("https://site.example/").await.unwrap();
    assert!(opened.fault.is_none() && opened.posts.len() == 2);
}
