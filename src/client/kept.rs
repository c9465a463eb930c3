//! The store, as async code calls it: every call on a thread that may wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use url::Url;

use crate::community::{AdviceKind, Community, CommunityId, Event, Home, Post};
use crate::http::Floors;
use crate::reach::LedgerStorage;
use crate::source::Content;
use crate::store::{Batch, Floor, KeptCommunity, Store, StoreError, Subject};
use crate::transport::Exposure;

/// A store behind `spawn_blocking`. A call whose future is dropped is carried out all the same.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    store: Store,
    owed: Arc<Mutex<Vec<Owed>>>,
    floors: Arc<Mutex<Remembered>>,
}

/// Floors of pages that were asked for lately, for as long as nothing was written: a page and its pictures ask again and
/// again, and a thread for each answer would take longer than the rest of a request over an open connection.
#[derive(Default)]
struct Remembered {
    /// The store's [`Store::changes`] when they were asked for.
    changes: u64,
    floors: HashMap<Home, Exposure>,
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remembered(..)")
    }
}

/// A floor that was earned, and is to be raised before anything else is asked: a reading may end while the store is
/// suspended, and must not be forgotten for that.
#[derive(Clone, Debug)]
struct Owed {
    communities: Vec<CommunityId>,
    homes: Vec<Home>,
    floor: Floor,
}

impl Owed {
    /// For the community and for all that it leads to.
    fn of(home: &Home, content: &Content, floor: Exposure) -> Self {
        let Content { community, events, .. } = content;
        let claims = community.successor.iter().chain(&community.predecessor).map(|claim| &claim.home);
        let gatherings = events.iter().filter_map(|event| event.home.as_ref());
        Self {
            communities: [&community.id].into_iter().chain(events.iter().map(|event| &event.id)).cloned().collect(),
            homes: [home].into_iter().chain(&community.homes).chain(claims).chain(gatherings).cloned().collect(),
            floor: of_exposure(floor),
        }
    }

    fn pay(&self, store: &Store) -> Result<(), StoreError> {
        let Self { communities, homes, floor } = self;
        let subjects = communities.iter().map(Subject::Community).chain(homes.iter().map(Subject::Home));
        subjects.into_iter().try_for_each(|subject| store.raise_floor(subject, *floor))
    }
}

/// What is known of a community before it is read.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// As it was read last.
    pub(super) community: Option<KeptCommunity>,
    /// The least exposure with which it may be read.
    pub(super) floor: Exposure,
    /// The user allowed direct ways for it, whatever speaks against them.
    pub(super) direct_allowed: bool,
    /// When the newest of its posts that are kept was published.
    pub(super) newest: Option<Timestamp>,
}

impl Known {
    /// Whether something that is known of it speaks against reading it directly.
    ///
    /// A recorded restriction does, because where it holds a direct attempt is noticed and fails; advice to use Tor or
    /// a proxy does; advice to use a VPN does unless there is one.
    pub(super) fn avoids_direct(&self, vpn: bool) -> bool {
        let Some(KeptCommunity { community, .. }) = &self.community else { return false };
        let advised = community.access_advice.iter().any(|advice| match advice.kind {
            AdviceKind::Tor | AdviceKind::Proxy => true,
            AdviceKind::Vpn => !vpn,
        });
        // What a community says of itself is no sign that a direct attempt fails here.
        let stated = community.restrictions.iter().any(|restriction| !restriction.is_own_word());
        !self.direct_allowed && (advised || stated)
    }

    pub(super) fn id(&self) -> Option<&CommunityId> {
        self.community.as_ref().map(|kept| &kept.community.id)
    }
}

impl Kept {
    pub(super) fn new(store: Store) -> Self {
        Self { store, owed: Arc::default(), floors: Arc::default() }
    }

    /// Makes a call where it may block.
    pub(super) async fn on<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.store.clone();
        let done = tokio::task::spawn_blocking(move || call(&store)).await;
        // It panicked, or the runtime ends.
        done.unwrap_or(Err(StoreError::Fault { code: 0 }))
    }

    /// For what does not block.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Makes a call that asks for floors, or raises them: what is owed is paid first. Where that fails, so does the call.
    async fn paid<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let owed = self.owed.clone();
        self.on(move |store| {
            let mut owed = owed.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some(one) = owed.last() {
                one.pay(store)?;
                owed.pop();
            }
            drop(owed);
            call(store)
        })
        .await
    }

    fn owe(&self, owed: Owed) {
        if owed.floor > Floor::Open {
            self.owed.lock().unwrap_or_else(PoisonError::into_inner).push(owed);
        }
    }

    /// The store is gone, and with it everything that was owed to it.
    pub(super) fn owe_nothing(&self) {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What is known of the community at this home.
    pub(super) async fn at(&self, home: &Home) -> Result<Known, StoreError> {
        let home = home.clone();
        self.paid(move |store| {
            let mut known = known(store, store.community_at(&home)?)?;
            known.floor = known.floor.max(exposure(store.floor(&home)?));
            Ok(known)
        })
        .await
    }

    /// The least exposure with which this home may be read.
    pub(super) async fn floor(&self, home: &Home) -> Result<Exposure, StoreError> {
        let changes = self.store.changes();
        // Whoever holds the lock is paying.
        let owes_nothing = self.owed.try_lock().is_ok_and(|owed| owed.is_empty());
        if owes_nothing && let Some(floor) = self.floors(changes).floors.get(home) {
            return Ok(*floor);
        }
        let floor = self.at(home).await?.floor;
        let mut remembered = self.floors(changes);
        if remembered.floors.len() >= REMEMBERED {
            remembered.floors.clear();
        }
        remembered.floors.insert(home.clone(), floor);
        Ok(floor)
    }

    /// What was remembered while the store was at this number, and nothing of another time.
    fn floors(&self, changes: u64) -> MutexGuard<'_, Remembered> {
        let mut remembered = self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.changes != changes {
            *remembered = Remembered { changes, ..Remembered::default() };
        }
        remembered
    }

    /// Forgets which pages were asked for.
    pub(super) fn forget(&self) {
        self.floors.lock().unwrap_or_else(PoisonError::into_inner).floors.clear();
    }

    /// What is known of this community.
    pub(super) async fn of(&self, id: &CommunityId) -> Result<Known, StoreError> {
        let id = id.clone();
        self.paid(move |store| {
            let mut known = known(store, store.community(&id)?)?;
            known.floor = known.floor.max(exposure(store.floor(&id)?));
            Ok(known)
        })
        .await
    }

    /// Keeps what was read at a home with an exposure, which from now on is the least for it and for all that it leads
    /// to. Answers that least exposure (the community may have been known, with a higher one, under another address), and
    /// what is known now: what an answer does not state was perhaps read before.
    pub(super) async fn keep(
        &self,
        home: &Home,
        content: &Content,
        used: Exposure,
        at: Timestamp,
    ) -> Result<(Exposure, Merged), StoreError> {
        // First of all: what is not kept can be read again, what was shown stays shown.
        self.owe(Owed::of(home, content, used));
        // The content is the caller's to answer with, whatever becomes of this.
        let (home, content) = (home.clone(), content.clone());
        self.paid(move |store| {
            let Content { community, posts, events, .. } = &content;
            let mut floor = used.max(exposure(store.floor(&home)?)).max(exposure(store.floor(&community.id)?));
            for home in &community.homes {
                floor = floor.max(exposure(store.floor(home)?));
            }
            if floor > used {
                Owed::of(&home, &content, floor).pay(store)?;
            }
            let batch = Batch { community: Some(community), posts, events, ..Batch::new(&community.id, at) };
            store.upsert(&batch)?;
            store.set_home(&home, &community.id)?;
            Ok((floor, merged(store, content)?))
        })
        .await
    }

    /// Keeps a community of which something was learned without its being read. When it was read last stays as it was.
    pub(super) async fn amend(&self, community: Community, synced_at: Timestamp) -> Result<(), StoreError> {
        self.on(move |store| store.upsert_community(&community, synced_at)).await
    }

    /// Whether direct ways may be used for a community, whatever speaks against them.
    pub(super) async fn allow_direct(&self, id: &CommunityId, allowed: bool) -> Result<(), StoreError> {
        let name = direct_name(id);
        self.on(move |store| if allowed { store.set_blob(&name, b"1") } else { store.remove_blob(&name) }).await
    }
}

impl Floors for Kept {
    fn least<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Exposure> {
        Box::pin(async move {
            // A page that is no community's has no floor; one whose floor cannot be read has the highest.
            let Ok(home) = url.as_str().parse::<Home>() else { return Exposure::Open };
            self.floor(&home).await.unwrap_or(Exposure::Tor)
        })
    }
}

/// What is known once something was read.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) kept: Option<KeptCommunity>,
    pub(super) posts: Vec<Post>,
    pub(super) events: Vec<Event>,
}

fn merged(store: &Store, content: Content) -> Result<Merged, StoreError> {
    let Content { community: Community { id, .. }, posts, events, .. } = content;
    let mut known = Merged { kept: store.community(&id)?, posts: Vec::new(), events: Vec::new() };
    for post in posts {
        // One that had no room in the store is shown as it was read.
        known.posts.push(store.post(&id, &post.id)?.unwrap_or(post));
    }
    for event in events {
        known.events.push(store.event(&id, &event.id)?.unwrap_or(event));
    }
    Ok(known)
}

fn known(store: &Store, community: Option<KeptCommunity>) -> Result<Known, StoreError> {
    let Some(kept) = community else { return Ok(Known::default()) };
    let id = &kept.community.id;
    let mut floor = exposure(store.floor(id)?);
    for home in &kept.community.homes {
        floor = floor.max(exposure(store.floor(home)?));
    }
    let direct_allowed = store.blob(&direct_name(id))?.is_some();
    let newest = store.posts(id, None, 1)?.items.first().and_then(|post| post.created);
    Ok(Known { floor, direct_allowed, newest, community: Some(kept) })
}

fn direct_name(id: &CommunityId) -> String {
    format!("direct {id}")
}

/// A floor that this version does not know is the highest.
pub(super) fn exposure(floor: Floor) -> Exposure {
    match floor {
        Floor::Open => Exposure::Open,
        Floor::Proxied => Exposure::Proxied,
        Floor::Tor => Exposure::Tor,
    }
}

pub(super) fn of_exposure(exposure: Exposure) -> Floor {
    match exposure {
        Exposure::Open => Floor::Open,
        Exposure::Proxied => Floor::Proxied,
        Exposure::Tor => Floor::Tor,
    }
}

/// The ledger's bytes on their way to the store.
///
/// A ledger saves while it is locked, on whichever thread; so what it saves is set down here, and carried to the store
/// by [`Diary::flush`] when the operation that taught it is over.
#[derive(Debug, Default)]
pub(super) struct Diary {
    pages: Mutex<Pages>,
    /// One flush at a time, so that none carries older pages after newer ones.
    flushing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Pages {
    stored: Option<Vec<u8>>,
    unsaved: Option<Vec<u8>>,
    /// The store was wiped: nothing is written any more of what was learned before.
    closed: bool,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages(..)")
    }
}

impl Diary {
    /// The one that was stored last. Blocks.
    pub(super) fn of(store: &Store) -> Result<Arc<Self>, StoreError> {
        let stored = store.blob(LEDGER)?;
        let pages = Mutex::new(Pages { stored, ..Pages::default() });
        Ok(Arc::new(Self { pages, flushing: tokio::sync::Mutex::default() }))
    }

    /// Stores what was set down since. Where that fails, it is tried again at the next occasion.
    pub(super) async fn flush(&self, kept: &Kept) {
        let _turn = self.flushing.lock().await;
        let Some(bytes) = self.pages().unsaved.take() else { return };
        let again = bytes.clone();
        if kept.on(move |store| store.set_blob(LEDGER, &bytes)).await.is_err() {
            let mut pages = self.pages();
            if !pages.closed {
                pages.unsaved.get_or_insert(again);
            }
        }
    }

    /// Writes nothing any more.
    pub(super) fn close(&self) {
        *self.pages() = Pages { closed: true, ..Pages::default() };
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LedgerStorage for Diary {
    fn load(&self) -> Option<Vec<u8>> {
        self.pages().stored.take()
    }

    fn save(&self, bytes: &[u8]) {
        let mut pages = self.pages();
        if !pages.closed {
            pages.unsaved = Some(bytes.to_vec());
        }
    }
}

/// How many pages' floors are remembered: a page with its pictures.
const REMEMBERED: usize = 64;

/// The blob in which the ledger lies, and the secret of its hashes.
pub(super) const LEDGER: &str = "ledger";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::community::Restriction;

    #[tokio::test]
    async fn what_the_platform_states_keeps_direct_ways_off_and_what_a_community_says_of_itself_does_not() {
        for (stated_by, avoids) in [("VK", true), (Restriction::OWN_WORD, false)] {
            let kept = Kept::new(Store::in_memory().unwrap());
            // Its name is the choice of whoever runs it, and changes nothing.
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
    async fn a_remembered_floor_is_forgotten_as_soon_as_anything_may_have_raised_it() {
        let kept = Kept::new(Store::in_memory().unwrap());
        let home: Home = "https://vk.com/zavod".parse().unwrap();
        for (floor, expected) in [(Floor::Proxied, Exposure::Proxied), (Floor::Tor, Exposure::Tor)] {
            let before = kept.floor(&home).await.unwrap();
            assert!(before < expected);
            assert_eq!(kept.floor(&home).await.unwrap(), before);
            kept.store().raise_floor(&home, floor).unwrap();
            assert_eq!(kept.floor(&home).await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_floor_that_is_owed_holds_before_it_is_written() {
        let kept = Kept::new(Store::in_memory().unwrap());
        let home: Home = "https://vk.com/zavod".parse().unwrap();
        assert_eq!(kept.floor(&home).await.unwrap(), Exposure::Open);
        kept.owe(Owed { communities: Vec::new(), homes: vec![home.clone()], floor: Floor::Tor });
        assert_eq!(kept.floor(&home).await.unwrap(), Exposure::Tor);
    }

    #[tokio::test]
    async fn nothing_is_remembered_of_a_store_that_was_locked() {
        let kept = Kept::new(Store::in_memory().unwrap());
        let home: Home = "https://vk.com/zavod".parse().unwrap();
        assert_eq!(kept.floor(&home).await.unwrap(), Exposure::Open);
        kept.store().lock().unwrap();
        assert!(matches!(kept.floor(&home).await, Err(StoreError::Locked)));
    }
}
