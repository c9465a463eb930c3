//! What is missing between two readings: it is noted, remembered, and read by the next sync that can.

use std::time::Duration;

use byway::community::CommunityId;
use byway::{Byway, SyncLimits, SyncedCommunity};
use byway_lab::{Lab, Page};

use crate::{codes, over};

const URL: &str = "https://zavod.example/feed";

/// A page of ten entries that ends with this number, and names the next page.
fn page(last: i64, older: Option<&str>) -> Page {
    let item = |n: i64| {
        let time = byway::jiff::Timestamp::from_second(1_478_685_600 + n * 3_600).unwrap();
        let text = "A long text. ".repeat(500);
        format!(
            "<item><guid>{n}</guid><title>{n}</title><description>{text}</description><dc:date>{time}</dc:date></item>"
        )
    };
    let items: String = (last - 9..=last).rev().map(item).collect();
    let older = older.map(|href| format!("<atom:link rel='next' href='{href}'/>")).unwrap_or_default();
    Page::new(format!("<rss><channel><title>T</title>{older}{items}</channel></rss>"))
        .header("etag", &format!("\"{last}\""))
        .slowly(20_000, Duration::from_millis(50))
}

async fn kept(byway: &Byway, id: &CommunityId) -> usize {
    byway.posts(id, None, 1_000).await.unwrap().items.len()
}

/// Posts 1 to 10 are kept; then there are 50, of which the feed itself has the last ten.
async fn behind(lab: &Lab, has_older: bool) -> (Byway, CommunityId) {
    lab.host("zavod.example").at("203.0.113.10").https().page("/feed", page(10, None));
    let byway = over(lab, &["direct:"]).await;
    let id = byway.open(URL).await.unwrap().community.id;
    let older = |n: i64| format!("/{n}");
    lab.host("zavod.example").page("/feed", page(50, has_older.then_some("/40")));
    for last in [40, 30, 20, 10] {
        lab.host("zavod.example").page(&format!("/{last}"), page(last, Some(&older(last - 10))));
    }
    (byway, id)
}

async fn synced(byway: &Byway, id: &CommunityId, bytes: u64) -> SyncedCommunity {
    let limits = SyncLimits { bytes, ..SyncLimits::default() };
    byway.sync_once(std::slice::from_ref(id), limits).await.communities.remove(0)
}

fn notes(synced: &SyncedCommunity) -> Vec<&'static str> {
    synced.notes.iter().map(byway::Note::code).filter(|code| *code == "posts_gap").collect()
}

#[tokio::test(start_paused = true)]
async fn a_gap_of_a_sync_that_was_cut_off_is_closed() {
    let lab = Lab::new();
    let (byway, id) = behind(&lab, true).await;
    let cut = synced(&byway, &id, 100_000).await;
    assert_eq!((cut.outcome.code(), notes(&cut)), ("left", vec!["posts_gap"]));
    assert!((20..50).contains(&kept(&byway, &id).await), "some pages were read");
    let closed = synced(&byway, &id, 10_000_000).await;
    assert_eq!((closed.outcome.code(), notes(&closed)), ("done", vec![]));
    assert_eq!(kept(&byway, &id).await, 50);
}

#[tokio::test(start_paused = true)]
async fn a_sync_closes_the_gap_that_a_first_screen_leaves() {
    let lab = Lab::new();
    let (byway, id) = behind(&lab, true).await;
    let opened = byway.open(URL).await.unwrap();
    assert!(codes(&opened).contains(&"posts_gap"), "{:?}", opened.notes);
    let gap = opened.notes.iter().find(|note| note.code() == "posts_gap").unwrap();
    assert_eq!(
        gap.sentence(byway::Language::En),
        "Posts between 2016-11-09 20:00 UTC and 2016-11-11 03:00 UTC were not read and may be missing."
    );
    // The feed itself has not changed since.
    let closed = synced(&byway, &id, 10_000_000).await;
    assert_eq!((closed.outcome.code(), kept(&byway, &id).await), ("done", 50));
    let requests = lab.log().requests().len();
    let unchanged = synced(&byway, &id, 10_000_000).await;
    assert!(unchanged.notes.iter().any(|note| note.code() == "unchanged"), "{:?}", unchanged.notes);
    assert_eq!(lab.log().requests().len(), requests + 1);
}

/// Many feeds have no older pages. What they no longer show cannot be read, and is not asked for again and again.
#[tokio::test(start_paused = true)]
async fn a_gap_that_no_page_closes_is_given_up() {
    let lab = Lab::new();
    let (byway, id) = behind(&lab, false).await;
    for expected in [vec!["posts_gap"], vec!["posts_gap"], vec!["posts_gap"], vec![], vec![]] {
        let synced = synced(&byway, &id, 10_000_000).await;
        assert_eq!((synced.outcome.code(), notes(&synced)), ("done", expected));
    }
    assert_eq!(kept(&byway, &id).await, 20);
}

/// A post that is dated in the future is newer than all that will follow it.
#[tokio::test(start_paused = true)]
async fn a_post_of_the_future_hides_no_older_ones() {
    let lab = Lab::new();
    let future = "<rss><channel><item><guid>x</guid><title>x</title><dc:date>2099-01-01T00:00:00Z</dc:date></item>";
    lab.host("zavod.example").at("203.0.113.10").https().page("/feed", Page::new(future));
    let byway = over(&lab, &["direct:"]).await;
    byway.open(URL).await.unwrap();
    lab.host("zavod.example").page("/feed", page(10, None));
    let id = byway.open(URL).await.unwrap().community.id;
    lab.host("zavod.example").page("/feed", page(30, Some("/20"))).page("/20", page(20, None));
    synced(&byway, &id, 10_000_000).await;
    assert_eq!(kept(&byway, &id).await, 31);
}
