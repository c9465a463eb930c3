//! The store for async code: floors, cached pages, wipes and locks.

#![allow(clippy::unwrap_used)]

use futures_util::FutureExt;

use super::*;
use crate::community::{Community, Restriction};
use crate::source::Content;
use crate::store::Batch;

fn kept() -> AsyncStore {
    let store = Store::in_memory().unwrap();
    let ledger_buffer = LedgerBuffer::of(&store).unwrap();
    AsyncStore::new(store, ledger_buffer, Worker::new(tokio::runtime::Handle::current()), None)
}

fn zavod() -> (Home, KnownPage) {
    let url = "https://vk.com/zavod".parse().unwrap();
    ("https://vk.com/zavod".parse().unwrap(), KnownPage { url, published: false })
}

#[tokio::test]
async fn a_platforms_statement_stops_direct_a_communitys_own_does_not() {
    for (stated_by, avoids) in [("VK", true), (Restriction::OWN_WORD, false)] {
        let kept = kept();
        // The admins choose the name of their community. It changes nothing.
        let mut community = Community::new(CommunityId::vk(77), "VK");
        community.restrictions.push(Restriction::new("blocked", stated_by));
        let id = community.id.clone();
        let written = id.clone();
        let store = move |store: &Store| {
            store.upsert(&Batch { community: Some(&community), ..Batch::new(&written, Timestamp::UNIX_EPOCH) })
        };
        kept.on(store).await.unwrap();
        assert_eq!(kept.of(&id).await.unwrap().avoids_direct(false), avoids, "{stated_by}");
    }
}

#[tokio::test]
async fn a_cached_floor_is_dropped_when_it_may_have_been_raised() {
    let kept = kept();
    let (home, page) = zavod();
    for expected in [Exposure::Proxied, Exposure::Tor] {
        let before = kept.page(page.clone()).await.unwrap().floor;
        assert!(before < expected);
        assert_eq!(kept.page(page.clone()).await.unwrap().floor, before);
        kept.store().raise_floor(&home, expected).unwrap();
        assert_eq!(kept.page(page.clone()).await.unwrap().floor, expected);
    }
}

#[tokio::test]
async fn a_floor_that_is_owed_holds_before_it_is_written() {
    let kept = kept();
    let (home, page) = zavod();
    assert_eq!(kept.page(page.clone()).await.unwrap().floor, Exposure::Open);
    kept.owe(
        Owed { communities: Vec::new(), homes: vec![home], listed: Vec::new(), floor: Exposure::Tor },
        kept.life(),
    )
    .unwrap();
    assert_eq!(kept.page(page.clone()).await.unwrap().floor, Exposure::Tor);
}

#[tokio::test]
async fn nothing_is_remembered_of_a_store_that_was_locked() {
    let kept = kept();
    let (_, page) = zavod();
    assert_eq!(kept.page(page.clone()).await.unwrap().floor, Exposure::Open);
    kept.store().lock().unwrap();
    assert!(matches!(kept.page(page.clone()).await, Err(StoreError::Locked)));
}

/// Both calls are made before a wipe, and wait for a change of the store's state that is under way.
#[tokio::test]
async fn what_was_called_before_a_wipe_is_kept_nowhere() {
    let kept = kept();
    let (home, _) = zavod();
    let community = Community::new(CommunityId::vk(77), "x");
    let content = Content::new(community.clone(), crate::transport::Strategy::direct());
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let locking = kept.change(move |store| {
        let _ = gate.recv();
        store.lock()
    });
    let at = Timestamp::UNIX_EPOCH;
    let mut keeping =
        Box::pin(kept.keep(std::slice::from_ref(&home), &content, Exposure::Tor, at, (Exposure::Open, kept.life())));
    let mut amending = Box::pin(kept.amend(community, at, kept.life()));
    assert!((&mut keeping).now_or_never().is_none() && (&mut amending).now_or_never().is_none());
    let wiping = kept.wipe();
    drop(open);
    locking.await.unwrap();
    wiping.await.unwrap();
    kept.store().unlock(&crate::store::StoreKey::new([7; 32])).unwrap();
    assert!(matches!(keeping.await, Err(StoreError::Locked)));
    assert!(matches!(amending.await, Err(StoreError::Locked)));
    assert!(kept.store().communities().unwrap().is_empty());
    assert_eq!(kept.at(&home).await.unwrap().floor, Exposure::Open);
}

#[tokio::test]
async fn what_is_asked_after_a_lock_comes_after_it() {
    let kept = kept();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let mut locking = Box::pin(kept.change(move |store| {
        let _ = gate.recv();
        store.lock()
    }));
    assert!((&mut locking).now_or_never().is_none());
    drop(locking);
    let mut asked = Box::pin(kept.on(|store| store.communities()));
    for _ in 0..50 {
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        assert!((&mut asked).now_or_never().is_none(), "another worker was free, and it was asked too early");
    }
    drop(open);
    assert!(matches!(asked.await, Err(StoreError::Locked)));
}
