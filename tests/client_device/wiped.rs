//! Calls under way while the store is wiped or locked: they are answered, and leave nothing behind.

use byway::{ErrorKind, Exposure, OpenOptions, Opened, ReadFrom};
use byway_lab::RTT;

use super::{LINK, Scene, id, key};

const BY_TOR: OpenOptions =
    OpenOptions { exposure: Exposure::Tor, allow_direct: false, offline: false, ignore_pause: false };

/// A reading by Tor takes longer.
const MOMENTS: std::ops::Range<u32> = 1..12;

#[tokio::test(start_paused = true)]
async fn a_reading_under_way_leaves_nothing_behind_a_wipe() {
    for (moment, is_known) in MOMENTS.flat_map(|moment| [(moment, false), (moment, true)]) {
        let scene = Scene::new();
        let directory = tempfile::tempdir().unwrap();
        let byway = scene.byway_in(directory.path(), &scene.all()).await;
        if is_known {
            byway.open(LINK).await.unwrap();
            // Its present statements would be added to what was known.
            let _ = scene.lab.vk().community("works_council").deactivated("banned");
        }
        let wiping = async {
            tokio::time::sleep(RTT * moment).await;
            byway.wipe().await.unwrap();
            byway.unlock(key()).await.unwrap();
        };
        let (opened, ()) = tokio::join!(byway.open_with(LINK, BY_TOR), wiping);
        let told = format!("wiped after {moment} round trips, known before: {is_known}");
        assert!(is_known || opened.is_ok_and(|opened| is_answered(&opened)), "{told}: the caller is answered");
        assert!(byway.communities().await.unwrap().is_empty(), "{told}");
        assert_eq!(byway.exposure_of(&id()).await.unwrap(), Exposure::Open, "{told}");
        assert!(byway.report().is_empty(), "{told}");
        byway.open(LINK).await.map(drop).unwrap_or_default();
        assert_eq!(byway.report().len(), 1, "{told}: what begins now is reported");
    }
}

fn is_answered(opened: &Opened) -> bool {
    opened.source == ReadFrom::Network && opened.notes.iter().any(|note| note.code() == "not_kept")
}

#[tokio::test(start_paused = true)]
async fn a_call_after_a_wipe_rides_on_no_reading_before_it() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:"]).await;
    let later = async {
        tokio::time::sleep(RTT).await;
        byway.wipe().await.unwrap();
        byway.unlock(key()).await.unwrap();
        byway.open(LINK).await.unwrap()
    };
    let (_, later) = tokio::join!(byway.open(LINK), later);
    assert!(later.notes.is_empty(), "it was kept: {:?}", later.notes);
    assert_eq!(byway.communities().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_not_reported_after_a_lock() {
    for moment in MOMENTS {
        let scene = Scene::new();
        let byway = scene.byway(&scene.all()).await;
        let locking = async {
            tokio::time::sleep(RTT * moment).await;
            byway.lock().await.unwrap();
        };
        let page = byway.get("https://photos.example/1.jpg#exposure=tor");
        let _ = tokio::join!(byway.open_with(LINK, BY_TOR), page, locking);
        assert!(byway.report().is_empty(), "locked after {moment} round trips: {:?}", byway.report());
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_whose_store_was_closed_under_it_says_so() {
    let mut closed_under_it = 0;
    for moment in 0..60 {
        let scene = Scene::new();
        let byway = scene.byway(&["direct:"]).await;
        let closing = async {
            for _ in 0..moment {
                tokio::task::yield_now().await;
            }
            if moment % 2 == 0 { byway.wipe().await } else { byway.lock().await }
        };
        let (page, closed) = tokio::join!(byway.get("https://photos.example/1.jpg"), closing);
        closed.unwrap();
        if let Err(error) = page {
            assert_eq!((error.kind(), error.code()), (ErrorKind::StoreClosed, "store_locked"), "moment {moment}");
            closed_under_it += 1;
        }
    }
    assert!(closed_under_it > 0, "no moment was early enough");
}
