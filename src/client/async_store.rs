//! The store for async code: every call runs on a thread that may block.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::Timestamp;
use tokio::sync::{oneshot, watch};

use super::known::{
    Decision, Known, KnownPage, Life, Merged, PageKnown, against, decision_name, direct_name, known, memory_name,
    merged, page_known, unasked, unasked_name,
};
use super::ledger_buffer::LedgerBuffer;
use super::owed::Owed;
use super::worker::Worker;
use crate::community::{Community, CommunityId, Home};
use crate::exposure::Exposure;
use crate::source::{Content, Memory};
use crate::store::{Batch, Changes, Closing, Store, StoreError, StoredCommunity};

/// A store behind worker threads, and what is on its way into it. Cheap to clone.
///
/// If the future of a call is dropped after the call has begun, the call is still carried out. When the last clone is
/// dropped, what is still to be written (an owed floor, the ledger) is written and the store is closed: on a worker
/// thread, or, if the runtime has ended, on the thread that drops it.
#[derive(Clone, Debug)]
pub(super) struct AsyncStore(Arc<Shared>);

/// A store, without keeping it open.
#[derive(Clone, Debug)]
pub(super) struct WeakStore(Weak<Shared>);

impl WeakStore {
    pub(super) fn upgrade(&self) -> Option<AsyncStore> {
        self.0.upgrade().map(AsyncStore)
    }
}

#[derive(Debug)]
struct Shared {
    /// `None` only in [`Drop`].
    store: Option<Store>,
    ledger_buffer: Arc<LedgerBuffer>,
    owed: Mutex<Vec<Owed>>,
    floors: Mutex<Remembered>,
    /// How many changes of the store's state ([`AsyncStore::change`]) are under way.
    changes: watch::Sender<usize>,
    /// Sent whenever the least exposure of something was raised, or when more than before speaks against direct
    /// strategies.
    raised: watch::Sender<()>,
    /// How often the store was wiped: see [`Life`].
    wipes: AtomicU64,
    worker: Worker,
    /// Present before the first handle is given out, and after the last one was dropped.
    closing: Mutex<Option<Closing>>,
}

/// What was known of pages that were asked for recently. It is kept until something is written. A page and its pictures
/// ask again and again, and a thread for each answer would take longer than the rest of a request over an open
/// connection.
#[derive(Default)]
struct Remembered {
    /// The store's [`Store::generation`] when the pages were asked for.
    changes: u64,
    pages: HashMap<KnownPage, PageKnown>,
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remembered(..)")
    }
}

impl AsyncStore {
    /// `worker` makes the calls that block. `unclaimed` ends with [`AsyncStore::claim`].
    pub(super) fn new(
        store: Store,
        ledger_buffer: Arc<LedgerBuffer>,
        worker: Worker,
        unclaimed: Option<Closing>,
    ) -> Self {
        Self(Arc::new(Shared {
            store: Some(store),
            ledger_buffer,
            owed: Mutex::default(),
            floors: Mutex::default(),
            changes: watch::Sender::new(0),
            raised: watch::Sender::new(()),
            wipes: AtomicU64::new(0),
            worker,
            closing: Mutex::new(unclaimed),
        }))
    }

    pub(super) fn downgrade(&self) -> WeakStore {
        WeakStore(Arc::downgrade(&self.0))
    }

    /// Makes a call on a thread that may block, after all changes of the store's state that have begun.
    pub(super) async fn on<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if *self.0.changes.borrow() > 0 {
            // This fails only without a sender, and there is one.
            let _ = self.0.changes.subscribe().wait_for(|under_way| *under_way == 0).await;
        }
        let kept = self.clone();
        let done = self.0.worker.run(move || call(kept.store())).await;
        // The call panicked, or the runtime ends.
        done.unwrap_or(Err(StoreError::Fault { code: 0 }))
    }

    /// Changes the store's state (locks, suspends or wipes it). It is carried out from this call on, whether or not
    /// anybody waits for the answer. A later call of [`AsyncStore::on`] comes after it.
    pub(super) fn change(
        &self,
        change: impl FnOnce(&Store) -> Result<(), StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<(), StoreError>> {
        self.carry_out(UnderWay::of(self), change)
    }

    /// Wipes the store as [`AsyncStore::change`] does. What was begun before the wipe leaves nothing in the store that
    /// follows.
    pub(super) fn wipe(&self) -> impl Future<Output = Result<(), StoreError>> {
        // The order matters: what is asked after the wipe must wait until the wipe is done.
        let under_way = UnderWay::of(self);
        let mut owed = self.owed();
        self.0.wipes.fetch_add(1, Ordering::AcqRel);
        owed.clear();
        drop(owed);
        self.carry_out(under_way, |store| store.wipe())
    }

    fn carry_out(
        &self,
        under_way: UnderWay,
        change: impl FnOnce(&Store) -> Result<(), StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<(), StoreError>> {
        let (tell, told) = oneshot::channel();
        self.0.worker.surely(move || {
            let done = under_way.0.0.ledger_buffer.undisturbed(|| change(under_way.0.store()));
            drop(under_way);
            // Perhaps nobody waits.
            let _ = tell.send(done);
        });
        async move { told.await.unwrap_or(Err(StoreError::Fault { code: 0 })) }
    }

    /// Stores what the ledger has learned since the last time.
    pub(super) async fn flush(&self) {
        if self.0.ledger_buffer.is_unsaved() {
            let ledger_buffer = self.0.ledger_buffer.clone();
            // If this fails, the next call tries again.
            let _ = self.on(move |store| ledger_buffer.write(store)).await;
        }
    }

    pub(super) fn ledger_buffer(&self) -> &Arc<LedgerBuffer> {
        &self.0.ledger_buffer
    }

    /// A handle is given out.
    pub(super) fn claim(&self) {
        self.0.closing.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The last handle is dropped. From now on, a client that opens the same directory waits until the store is closed.
    pub(super) fn closing(&self) {
        let closing = self.store().closing();
        *self.0.closing.lock().unwrap_or_else(PoisonError::into_inner) = closing;
    }

    /// For calls that do not block.
    #[expect(clippy::expect_used, reason = "nothing can be called on what is being dropped")]
    pub(super) fn store(&self) -> &Store {
        self.0.store.as_ref().expect("it is taken by Drop alone")
    }

    /// Makes a call that asks for floors or raises them. It first pays what is owed. If that fails, the call fails.
    async fn paid<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            kept.pay(store)?;
            call(store)
        })
        .await
    }

    fn owed(&self) -> MutexGuard<'_, Vec<Owed>> {
        self.0.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pays what is owed. What fails stays owed.
    fn pay(&self, store: &Store) -> Result<(), StoreError> {
        let mut owed = self.owed();
        while let Some(one) = owed.last() {
            one.pay(store)?;
            owed.pop();
        }
        Ok(())
    }

    /// The current life of the store.
    fn life(&self) -> Life {
        Life(self.0.wipes.load(Ordering::Acquire))
    }

    /// [`StoreError::Locked`] for what was begun before a wipe: the store of that life stays locked for ever.
    fn is_alive(&self, life: Life) -> Result<(), StoreError> {
        if life == self.life() { Ok(()) } else { Err(StoreError::Locked) }
    }

    fn owe(&self, owed: Owed, life: Life) -> Result<(), StoreError> {
        let mut all = self.owed();
        // Under the lock, which a wipe takes as well.
        self.is_alive(life)?;
        if owed.floor > Exposure::Open {
            all.push(owed);
        }
        Ok(())
    }

    /// Notified whenever the least exposure of something was raised, or when more than before speaks against direct
    /// strategies.
    pub(super) fn raises(&self) -> watch::Receiver<()> {
        self.0.raised.subscribe()
    }

    fn tell_raised(&self) {
        self.0.raised.send_modify(|()| ());
    }

    /// Raises the floor of a home and of the community that is read there, and notifies the accesses under way.
    pub(super) async fn raise(&self, home: &Home, floor: Exposure) -> Result<(), StoreError> {
        let (home, kept) = (home.clone(), self.clone());
        self.paid(move |store| {
            let community = store.community_at(&home)?;
            let raised = store.raise_floor(&home, floor).and_then(|()| match community {
                Some(StoredCommunity { community, .. }) => store.raise_floor(&community.id, floor),
                None => Ok(()),
            });
            // In here, because the caller's future may be dropped meanwhile. If only a part was written, that part
            // counts.
            kept.tell_raised();
            raised
        })
        .await
    }

    /// Opens a store that was suspended or locked, pays what became owed meanwhile, and drops what has grown too old.
    pub(super) async fn reopen(
        &self,
        open: impl FnOnce(&Store) -> Result<(), StoreError> + Send + 'static,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            open(store)?;
            // The process may be killed before it asks for a floor again. If this fails, the next caller that asks for
            // a floor and the next sync try again.
            let _ = kept.pay(store);
            let _ = store.retain(now);
            Ok(())
        })
        .await
    }

    /// What is known of the community at this home.
    pub(super) async fn at(&self, home: &Home) -> Result<Known, StoreError> {
        let (home, life) = (home.clone(), self.life());
        self.paid(move |store| {
            let at_home = store.community_at(&home)?;
            // Another mirror of a community that is kept: what was verified at the first one holds here too.
            let signed = home.signed_community().filter(|_| at_home.is_none());
            let kept = signed.as_ref().map_or(Ok(at_home), |id| store.community(id))?;
            let mut known = known(store, kept)?;
            known.life = life;
            known.floor = known.floor.max(store.floor(&home)?);
            if let Some(id) = &signed {
                known.floor = known.floor.max(store.floor(id)?);
                known.against = known.against.and(unasked(store, id)?);
            }
            if let Home::Web(url) = &home {
                known.against =
                    known.against.and(page_known(store, &KnownPage { url: url.clone(), published: false })?.against);
            }
            Ok(known)
        })
        .await
    }

    /// What is known of the page at this URL, in whatever way the URL is written.
    pub(super) async fn page(&self, page: KnownPage) -> Result<PageKnown, StoreError> {
        let changes = self.store().generation();
        // The holder of the lock is paying at this moment.
        let owes_nothing = self.0.owed.try_lock().is_ok_and(|owed| owed.is_empty());
        if owes_nothing && let Some(known) = self.remembered(changes).pages.get(&page) {
            return Ok(*known);
        }
        let asked = page.clone();
        let known = self.paid(move |store| page_known(store, &asked)).await?;
        let mut remembered = self.remembered(changes);
        if remembered.pages.len() >= REMEMBERED {
            remembered.pages.clear();
        }
        remembered.pages.insert(page, known);
        Ok(known)
    }

    /// What was remembered at this generation of the store. What was remembered at another one is forgotten.
    fn remembered(&self, changes: u64) -> MutexGuard<'_, Remembered> {
        let mut remembered = self.0.floors.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.changes != changes {
            *remembered = Remembered { changes, ..Remembered::default() };
        }
        remembered
    }

    /// Forgets which pages were asked for.
    pub(super) fn forget(&self) {
        self.0.floors.lock().unwrap_or_else(PoisonError::into_inner).pages.clear();
    }

    /// What is known of this community.
    pub(super) async fn of(&self, id: &CommunityId) -> Result<Known, StoreError> {
        let (id, life) = (id.clone(), self.life());
        self.paid(move |store| {
            let mut known = known(store, store.community(&id)?)?;
            known.life = life;
            known.floor = known.floor.max(store.floor(&id)?);
            Ok(known)
        })
        .await
    }

    /// Keeps what was read at a home with an exposure. From now on this is the least exposure for the home and for
    /// everything it leads to. Returns that least exposure, which may be higher, because the community may have been
    /// known under another address with a higher one. Also returns what is known now: what an answer does not state was
    /// perhaps read before.
    ///
    /// If the floor is higher than the one that was known, the accesses under way are notified.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] if the store was wiped since `life`; [`StoreError`].
    pub(super) async fn keep(
        &self,
        home: &Home,
        content: &Content,
        used: Exposure,
        at: Timestamp,
        (floor, life): (Exposure, Life),
    ) -> Result<(Exposure, Merged), StoreError> {
        // This comes first. What is not kept can be read again, but what was shown to an observer cannot be taken back.
        self.owe(Owed::of(home, content, used), life)?;
        if used > floor {
            self.tell_raised();
        }
        // The caller needs the content for its answer, whatever happens here.
        let (home, content, kept) = (home.clone(), content.clone(), self.clone());
        self.paid(move |store| {
            kept.is_alive(life)?;
            let Content { community, posts, events, .. } = &content;
            let mut floor = used.max(store.floor(&home)?).max(store.floor(&community.id)?);
            for home in &community.homes {
                floor = floor.max(store.floor(home)?);
            }
            if floor > used {
                Owed::of(&home, &content, floor).pay(store)?;
                kept.tell_raised();
            }
            let batch = Batch { community: Some(community), posts, events, ..Batch::new(&community.id, at) };
            let changes = kept.upsert(store, &batch)?;
            store.set_home(&home, &community.id)?;
            Ok((floor, merged(store, content, changes)?))
        })
        .await
    }

    /// What the user decided about the successor of a community.
    pub(super) async fn decision(&self, id: CommunityId) -> Result<Option<Decision>, StoreError> {
        let decision = self.on(move |store| store.blob(&decision_name(&id))).await?;
        // What another version wrote in another form is no decision: the user is asked again.
        Ok(decision.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Remembers what the user decided about the successor of a community.
    pub(super) async fn decide(&self, id: CommunityId, decision: Option<Decision>) -> Result<(), StoreError> {
        self.on(move |store| match decision {
            Some(decision) => store.set_blob(&decision_name(&id), &serde_json::to_vec(&decision).unwrap_or_default()),
            None => store.remove_blob(&decision_name(&id)),
        })
        .await
    }

    /// Marks a community that a charter named and nobody asked for: it is not contacted directly. `asked`: the user asked for it.
    pub(super) async fn set_unasked(&self, id: CommunityId, is_new: bool, asked: bool) -> Result<(), StoreError> {
        self.on(move |store| {
            let name = unasked_name(&id);
            if asked {
                return if store.blob(&name)?.is_some() { store.remove_blob(&name) } else { Ok(()) };
            }
            // One that is kept was asked for before, or has the mark already.
            if is_new && store.community(&id)?.is_none() { store.set_blob(&name, b"1") } else { Ok(()) }
        })
        .await
    }

    /// Changes what is remembered of a community that is kept.
    pub(super) async fn remember(
        &self,
        id: CommunityId,
        life: Life,
        change: impl FnOnce(&mut Memory) + Send + 'static,
    ) -> Result<(), StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            kept.is_alive(life)?;
            let name = memory_name(&id);
            let known = store.blob(&name)?.map(|bytes| Memory::from_bytes(&bytes)).unwrap_or_default();
            let mut memory = known.clone();
            change(&mut memory);
            if known == memory || store.community(&id)?.is_none() {
                return Ok(());
            }
            store.set_blob(&name, &memory.to_bytes())
        })
        .await
    }

    /// Removes a community, together with what its source remembers of it.
    pub(super) async fn forget_community(&self, id: CommunityId) -> Result<(), StoreError> {
        self.on(move |store| {
            for name in [memory_name(&id), decision_name(&id), unasked_name(&id)] {
                store.remove_blob(&name)?;
            }
            store.forget(&id)
        })
        .await
    }

    /// Keeps a community of which something was learned although it was not read. The time of its last reading stays.
    pub(super) async fn amend(
        &self,
        community: Community,
        synced_at: Timestamp,
        life: Life,
    ) -> Result<Changes, StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            kept.is_alive(life)?;
            let batch = Batch { community: Some(&community), ..Batch::new(&community.id, synced_at) };
            kept.upsert(store, &batch)
        })
        .await
    }

    /// Keeps a batch. If its community now speaks against direct strategies, the accesses under way are notified.
    fn upsert(&self, store: &Store, batch: &Batch<'_>) -> Result<Changes, StoreError> {
        let before = against(store, store.community(batch.id)?.as_ref())?;
        let changes = store.upsert(batch)?.changes;
        if before.and(against(store, store.community(batch.id)?.as_ref())?) != before {
            self.tell_raised();
        }
        Ok(changes)
    }

    /// Sets whether direct strategies may be used for a community, whatever speaks against them. If this takes the
    /// permission back, the accesses under way are notified.
    pub(super) async fn allow_direct(&self, id: &CommunityId, allowed: bool) -> Result<(), StoreError> {
        let (name, kept) = (direct_name(id), self.clone());
        self.on(move |store| {
            if allowed {
                return store.set_blob(&name, b"1");
            }
            let removed = store.remove_blob(&name);
            kept.tell_raised();
            removed
        })
        .await
    }
}

/// A change of the store's state, until it is done.
struct UnderWay(AsyncStore);

impl UnderWay {
    fn of(kept: &AsyncStore) -> Self {
        kept.0.changes.send_modify(|under_way| *under_way += 1);
        Self(kept.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.changes.send_modify(|under_way| *under_way -= 1);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let closing = self.closing.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let owed = std::mem::take(self.owed.get_mut().unwrap_or_else(PoisonError::into_inner));
        let ledger_buffer = self.ledger_buffer.clone();
        let Some(store) = self.store.take() else { return };
        self.worker.surely(move || {
            if owed.iter().any(|one| matches!(one.pay(&store), Err(StoreError::Suspended))) && store.resume().is_ok() {
                // A floor that was earned while the app slept must not be lost with the process.
                let _ = owed.iter().try_for_each(|one| one.pay(&store));
            }
            let _ = ledger_buffer.write(&store);
            drop(store);
            drop(closing);
        });
    }
}

/// For how many pages the floors are remembered: a page with its pictures.
const REMEMBERED: usize = 64;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use futures_util::FutureExt;

    use super::*;
    use crate::community::Restriction;

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
        kept.owe(Owed { communities: Vec::new(), homes: vec![home], floor: Exposure::Tor }, kept.life()).unwrap();
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
        let mut keeping = Box::pin(kept.keep(&home, &content, Exposure::Tor, at, (Exposure::Open, kept.life())));
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
}
