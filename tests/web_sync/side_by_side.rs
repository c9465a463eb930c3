//! A sync of many sites: one request each, several at a time, and the first ones complete under any limit.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use byway::community::CommunityId;
use byway::{Byway, EngineEventKind, SyncLimits, Synced};
use byway_lab::{Ask, Lab, Page};
use tokio::time::Instant;

use crate::{RSS, feed, over};

/// How long a site takes to answer.
const SERVED: Duration = Duration::from_millis(300);

/// When each site was asked.
type Asked = Arc<Mutex<Vec<Instant>>>;

/// A site whose page has this text, at an address of its own.
fn site(lab: &Lab, n: usize, page: Page, asked: &Asked) {
    let asked = asked.clone();
    let address = format!("203.0.{}.{}", 113 + n / 200, 10 + n % 200);
    lab.host(&format!("site-{n}.example")).at(&address).https().app(move |_: &Ask| {
        asked.lock().unwrap().push(Instant::now());
        page.clone().after(SERVED)
    });
}

async fn opened(byway: &Byway, sites: usize) -> Vec<CommunityId> {
    let mut ids = Vec::new();
    for n in 0..sites {
        ids.push(byway.open(&format!("https://site-{n}.example/feed")).await.unwrap().community.id);
    }
    ids
}

fn codes(synced: &Synced) -> Vec<&'static str> {
    synced.communities.iter().map(|one| one.outcome.code()).collect()
}

/// The most requests that one site or another was answering at once.
fn most_at_once(asked: &[Instant]) -> usize {
    let beside = |at: &Instant| asked.iter().filter(|other| (**other..**other + SERVED).contains(at)).count();
    asked.iter().map(beside).max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_hundred_feeds_without_news_take_a_request_each() {
    let lab = Lab::new();
    let asked = Asked::default();
    for n in 0..100 {
        // The newest post of the last site is the newest of all.
        let text =
            RSS.replace("Thu, 10 Nov 2016 10:00:00", &format!("Thu, 10 Nov 2016 {:02}:{:02}:00", n / 60, n % 60));
        let page = Page::new(text).header("content-type", "application/rss+xml").header("etag", &format!("\"{n}\""));
        site(&lab, n, page, &asked);
    }
    let byway = over(&lab, &["direct:"]).await;
    let mut ids = opened(&byway, 100).await;
    // The connections of the reading are closed meanwhile.
    tokio::time::advance(Duration::from_secs(3_600)).await;
    asked.lock().unwrap().clear();
    let before = lab.client().carried();
    let synced = byway.sync_once(&ids, SyncLimits::default()).await;
    let (asked, carried) = (asked.lock().unwrap().clone(), lab.client().carried() - before);
    assert_eq!(codes(&synced), vec!["done"; 100]);
    assert!(synced.communities.iter().all(|one| one.changes.is_empty()));
    assert_eq!(asked.len(), 100, "one request each");
    assert!(carried < 1_000_000, "{carried} bytes, with the handshakes of a hundred new connections");
    assert_eq!(most_at_once(&asked), 6);
    assert!(synced.took < Duration::from_secs(20), "{:?}", synced.took);
    ids.reverse();
    assert_eq!(synced.communities.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), ids, "the newest first");
}

#[tokio::test(start_paused = true)]
async fn one_site_is_asked_one_thing_at_a_time() {
    let lab = Lab::new();
    let asked = Asked::default();
    site(&lab, 0, feed(), &asked);
    let byway = over(&lab, &["direct:"]).await;
    let mut ids = Vec::new();
    for n in 0..8 {
        ids.push(byway.open(&format!("https://site-0.example/feed-{n}")).await.unwrap().community.id);
    }
    asked.lock().unwrap().clear();
    assert_eq!(codes(&byway.sync_once(&ids, SyncLimits::default()).await), ["done"; 8]);
    let asked = asked.lock().unwrap().clone();
    assert_eq!((asked.len(), most_at_once(&asked)), (8, 1));
}

/// Otherwise six large feeds side by side would share a small allowance, and none would ever be complete.
#[tokio::test(start_paused = true)]
async fn the_first_is_complete_if_the_bytes_do_not_suffice_for_all() {
    let lab = Lab::new();
    let asked = Asked::default();
    for n in 0..8 {
        let long = RSS.replacen("Older", &"A long text. ".repeat(25_000), 1);
        site(&lab, n, Page::new(long).slowly(16_000, Duration::from_millis(50)), &asked);
    }
    let byway = over(&lab, &["direct:"]).await;
    let ids = opened(&byway, 8).await;
    let limits = SyncLimits { bytes: 700_000, deadline: Duration::from_secs(100) };
    let synced = byway.sync_once(&ids, limits).await;
    let done = codes(&synced).iter().filter(|code| **code == "done").count();
    assert!(done >= 1 && codes(&synced)[0] == "done", "{:?}", codes(&synced));
    assert_eq!(synced.left().count() + done, 8, "{:?}", codes(&synced));
    assert!(synced.bytes <= limits.bytes + 6 * 20_000, "{} bytes", synced.bytes);
    let all = SyncLimits { bytes: 10_000_000, ..limits };
    assert_eq!(codes(&byway.sync_once(&ids, all).await), ["done"; 8]);
}

/// Otherwise the end of a long list would never be read, or one silent site would use up every sync.
#[tokio::test(start_paused = true)]
async fn what_one_sync_leaves_comes_first_in_the_next() {
    let lab = Lab::new();
    let asked = Asked::default();
    for n in 0..6 {
        let long = RSS.replacen("Older", &"A long text. ".repeat(15_000), 1);
        site(&lab, n, Page::new(long).slowly(16_000, Duration::from_millis(50)), &asked);
    }
    let byway = over(&lab, &["direct:"]).await;
    let ids = opened(&byway, 6).await;
    let limits = SyncLimits { bytes: 1_000_000, deadline: Duration::from_secs(100) };
    let mut read = std::collections::HashSet::new();
    for sync in 0..4 {
        let synced = byway.sync_once(&ids, limits).await;
        assert!(synced.left().count() > 0, "sync {sync}: the limits are too small for all");
        read.extend(synced.communities.iter().filter(|one| one.outcome.code() == "done").map(|one| one.id.clone()));
    }
    assert_eq!(read.len(), 6, "each was read");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_for_readings_side_by_side() {
    let lab = Lab::new();
    let asked = Asked::default();
    for n in 0..10 {
        site(&lab, n, feed(), &asked);
    }
    let byway = over(&lab, &["direct:"]).await;
    let ids = opened(&byway, 10).await;
    byway.network_changed();
    let silent: Vec<String> = (0..10).map(|n| format!("site-{n}.example")).collect();
    for name in &silent {
        lab.censor().when_sni(name).swallow();
    }
    let limits = SyncLimits { deadline: Duration::from_secs(4), ..SyncLimits::default() };
    let synced = byway.sync_once(&ids, limits).await;
    assert_eq!(codes(&synced), ["left"; 10]);
    assert!(synced.took <= Duration::from_millis(4_200), "{:?}", synced.took);
}

#[tokio::test(start_paused = true)]
async fn six_silent_sites_begin_one_pause_of_a_minute() {
    let lab = Lab::new();
    let asked = Asked::default();
    for n in 0..6 {
        site(&lab, n, feed(), &asked);
    }
    let resolver = lab.system_resolver().address().to_string();
    let proxy = lab.socks5("proxy.example").at("198.51.100.9").url();
    let byway = over(&lab, &["direct:", &proxy]).await;
    let ids = opened(&byway, 6).await;
    byway.network_changed();
    lab.censor().when_not_address(&["203.0.113.200", &resolver]).swallow();
    let mut events = byway.engine_events();
    let limits = SyncLimits { deadline: Duration::from_secs(300), ..SyncLimits::default() };
    let synced = byway.sync_once(&ids, limits).await;
    assert_eq!(codes(&synced), ["failed"; 6]);
    drop(byway);
    let mut pauses = Vec::new();
    while let Some(event) = events.next().await {
        if let EngineEventKind::DialsPaused { lasts } = event.kind {
            pauses.push(lasts);
        }
    }
    assert_eq!(pauses, [Duration::from_secs(60)]);
}
