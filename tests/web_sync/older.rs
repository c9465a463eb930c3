//! Older pages of a feed, and where a feed says that it has moved.

use std::ops::Range;

use byway::{Byway, SyncLimits};
use byway_lab::{Lab, Page};

use crate::over;

const URL: &str = "https://zavod.example/feed";

fn page(entries: Range<i64>, channel: &str) -> Page {
    let item = |n: i64| {
        let time = byway::jiff::Timestamp::from_second(1_478_685_600 + n * 3_600).unwrap();
        format!("<item><guid>{n}</guid><title>{n}</title><dc:date>{time}</dc:date></item>")
    };
    let items: String = entries.rev().map(item).collect();
    Page::new(format!("<rss><channel><title>T</title>{channel}{items}</channel></rss>"))
}

fn next(href: &str) -> String {
    format!("<atom:link rel='next' href='{href}'/>")
}

/// Reads the first ten entries; then there are forty, of which the feed itself has the last ten.
async fn synced(lab: &Lab, byway: &Byway, pages: [(&str, Page); 3]) -> usize {
    lab.host("zavod.example").at("203.0.113.10").https().page("/feed", page(0..10, ""));
    let id = byway.open(URL).await.unwrap().community.id;
    for (path, page) in pages {
        lab.host("zavod.example").page(path, page);
    }
    byway.sync_once(std::slice::from_ref(&id), SyncLimits::default()).await;
    byway.posts(&id, None, 1_000).await.unwrap().items.len()
}

#[tokio::test(start_paused = true)]
async fn a_sync_reads_back_to_what_is_known() {
    let wordpress = "<generator>https://wordpress.org/?v=6.4</generator>";
    for pages in [
        [
            ("/feed", page(30..40, &next("/feed/2"))),
            ("/feed/2", page(20..30, &next("/feed/3"))),
            ("/feed/3", page(5..20, &next("/feed/4"))),
        ],
        [
            ("/feed", page(30..40, wordpress)),
            ("/feed?paged=2", page(20..30, wordpress)),
            ("/feed?paged=3", page(5..20, wordpress)),
        ],
    ] {
        let lab = Lab::new();
        let byway = over(&lab, &["direct:"]).await;
        assert_eq!(synced(&lab, &byway, pages).await, 40);
        assert_eq!(lab.log().requests().len(), 4, "it ends where the known posts begin: {:?}", lab.log().requests());
    }
}

#[tokio::test(start_paused = true)]
async fn older_pages_end_where_they_lead_in_a_circle_or_away() {
    for (what, pages, kept, requests) in [
        (
            "a circle",
            [("/feed", page(30..40, &next("/2"))), ("/2", page(25..30, &next("/feed"))), ("/3", page(0..1, ""))],
            25,
            4,
        ),
        (
            "another host",
            [("/feed", page(30..40, &next("https://evil.example/"))), ("/2", page(0..1, "")), ("/3", page(0..1, ""))],
            20,
            2,
        ),
        ("a page", [("/feed", page(30..40, &next("/2"))), ("/2", Page::new("<html>")), ("/3", page(0..1, ""))], 20, 3),
    ] {
        let lab = Lab::new();
        let byway = over(&lab, &["direct:"]).await;
        assert_eq!(synced(&lab, &byway, pages).await, kept, "{what}");
        assert_eq!(lab.log().requests().len(), requests, "{what}: {:?}", lab.log().requests());
    }
}

/// A claim is shown, and never followed.
#[tokio::test(start_paused = true)]
async fn a_feed_that_says_it_moved_makes_a_claim() {
    for moved in [
        "<itunes:new-feed-url>https://new.example/feed</itunes:new-feed-url>",
        "<newLocation>https://new.example/feed</newLocation>",
    ] {
        let lab = Lab::new();
        lab.host("zavod.example").at("203.0.113.10").https().page("/feed", page(0..3, moved));
        let opened = over(&lab, &["direct:"]).await.open(URL).await.unwrap();
        assert_eq!(opened.community.successor.unwrap().home.to_string(), "https://new.example/feed");
        assert_eq!((opened.community.homes.len(), lab.packets().lookups()), (1, vec!["zavod.example".to_owned()]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_tells_of_a_move_makes_a_claim() {
    for (about, successor) in [
        ("Мы переехали: https://new.example/feed", Some("https://new.example/feed")),
        ("&lt;a href='https://new.example/'&gt;Our new site&lt;/a&gt;", Some("https://new.example/")),
        ("Our new page: https://www.zavod.example/blog", None),
        ("Friends: https://new.example/", None),
    ] {
        let lab = Lab::new();
        let about = format!("<description>{about}</description>");
        lab.host("zavod.example").at("203.0.113.10").https().page("/feed", page(0..3, &about));
        let opened = over(&lab, &["direct:"]).await.open(URL).await.unwrap();
        let claimed = opened.community.successor.map(|claim| claim.home.to_string());
        assert_eq!(claimed.as_deref(), successor, "{about}");
        assert_eq!((opened.community.homes.len(), lab.packets().lookups()), (1, vec!["zavod.example".to_owned()]));
    }
}

/// `rel="me"` is what a page says of itself.
#[tokio::test(start_paused = true)]
async fn other_pages_of_an_author_are_links_and_are_not_asked() {
    let markup = "<html><link rel=alternate type=application/rss+xml href=/feed><link rel=me href=https://social.example/@zavod>\
                  <body><a rel='ME nofollow' href='https://t.me/zavod'>T</a><a rel=me href='javascript:x'>x</a>\
                  <a href='https://friends.example/'>f</a><a rel=alternate type=application/rss+xml href=/comment>c</a>";
    let lab = Lab::new();
    let html = Page::new(markup).header("content-type", "text/html");
    lab.host("zavod.example").at("203.0.113.10").https().page("/", html).page("/feed", page(0..3, ""));
    let byway = over(&lab, &["direct:"]).await;
    for _ in 0..2 {
        let opened = byway.open("https://zavod.example/").await.unwrap();
        let links: Vec<&str> = opened.community.links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(links, ["https://social.example/@zavod", "https://t.me/zavod"]);
    }
    assert_eq!(lab.packets().lookups().iter().filter(|name| *name != "zavod.example").count(), 0);
    assert!(lab.log().requests().iter().all(|request| !request.contains("comment")), "{:?}", lab.log().requests());
}
