//! The store for async code: every call runs on a thread that may block.

mod identity;
mod keep;
mod page_cache;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::Timestamp;
use tokio::sync::{oneshot, watch};

use self::identity::UnwrittenIdentities;
pub(super) use self::keep::KeepPictures;
use self::page_cache::PageCache;
use super::asked::is_unasked;
use super::known::{Known, KnownPage, Life, PageKnown, known, known_bound, memory_of, page_known};
use super::ledger_buffer::LedgerBuffer;
use super::owed::Owed;
use super::worker::Worker;
use crate::community::{CommunityId, Home};
use crate::exposure::Exposure;
use crate::store::{Closing, Store, StoreError, StoredCommunity};

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
    identities: UnwrittenIdentities,
    pages: PageCache,
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
            identities: UnwrittenIdentities::default(),
            pages: PageCache::default(),
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

    /// From now on, no source uses what a site gave it to send back. It is written at once, or where the store is closed, when it
    /// is opened again.
    pub(super) fn new_identity(&self) {
        self.0.identities.take();
        let kept = self.downgrade();
        // If this fails, it stays unwritten and counts all the same.
        drop(self.change(move |store| kept.upgrade().map_or(Ok(()), |kept| kept.0.identities.write(store))));
    }

    /// Stores what the ledger has learned since the last time.
    pub(super) async fn flush(&self) {
        if self.0.ledger_buffer.is_unsaved() {
            let ledger_buffer = self.0.ledger_buffer.clone();
            // If this fails, the next call tries again.
            let _ = self.on(move |store| ledger_buffer.write(store)).await;
        }
    }

    #[cfg(feature = "publisher")]
    pub(super) fn worker(&self) -> &Worker {
        &self.0.worker
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
            // This raises the floor of the community as well, for a mirror even if nothing of it is kept.
            let raised = store.raise_floor(&home, floor);
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
            let _ = kept.0.identities.write(store);
            let _ = store.retain(now);
            Ok(())
        })
        .await
    }

    /// What is known of the community at this home.
    pub(super) async fn at(&self, home: &Home) -> Result<Known, StoreError> {
        self.known_at(home, known, (false, true)).await
    }

    /// The same, as far as it limits a request.
    pub(super) async fn bound_at(&self, home: &Home, is_asked: bool) -> Result<Known, StoreError> {
        self.known_at(home, known_bound, (is_asked, false)).await
    }

    /// What is known of the community at this home, as it would be if the user asked for this address.
    pub(super) async fn at_if_asked(&self, home: &Home, is_asked: bool) -> Result<Known, StoreError> {
        self.known_at(home, known, (is_asked, true)).await
    }

    /// `is_whole`: with what its source remembers.
    async fn known_at(
        &self,
        home: &Home,
        known: fn(&Store, Option<StoredCommunity>) -> Result<Known, StoreError>,
        (is_asked, is_whole): (bool, bool),
    ) -> Result<Known, StoreError> {
        let (home, life, kept) = (home.clone(), self.life(), self.clone());
        self.paid(move |store| {
            // For a mirror, this is the community in its address: what was verified at another mirror holds here too.
            let mut known = known(store, store.community_at(&home)?)?;
            known.life = life;
            if let Some(id) = home.signed_community().filter(|_| is_whole && known.community.is_none()) {
                // Its charters may have been read before a first reading ended early.
                known.memory = memory_of(store, &id)?;
            }
            known.memory.use_under(kept.0.identities.present(store)?);
            known.floor = known.floor.max(store.floor(&home)?);
            if let Some(id) = &home.signed_community() {
                known.floor = known.floor.max(store.floor(id)?);
                known.is_unasked = !is_asked && is_unasked(store, &home)?;
            }
            if let Home::Web(url) = &home {
                known.against = known
                    .against
                    .and(page_known(store, &KnownPage { url: url.clone(), published: false }, is_asked)?.against);
            }
            Ok(known)
        })
        .await
    }

    /// What is known of the page at this URL, in whatever way the URL is written.
    pub(super) async fn page(&self, page: KnownPage) -> Result<PageKnown, StoreError> {
        let generation = self.store().generation();
        // The holder of the lock is paying at this moment.
        let owes_nothing = self.0.owed.try_lock().is_ok_and(|owed| owed.is_empty());
        if owes_nothing && let Some(known) = self.0.pages.get(generation, &page) {
            return Ok(known);
        }
        let asked = page.clone();
        let known = self.paid(move |store| page_known(store, &asked, false)).await?;
        self.0.pages.insert(generation, page, known);
        Ok(known)
    }

    /// The same for a page at an origin for which the user asks with this reading.
    pub(super) async fn asked_page(&self, page: KnownPage) -> Result<PageKnown, StoreError> {
        self.paid(move |store| page_known(store, &page, true)).await
    }

    /// Forgets which pages were asked for.
    pub(super) fn forget(&self) {
        self.0.pages.clear();
    }

    /// What is known of this community.
    pub(super) async fn of(&self, id: &CommunityId) -> Result<Known, StoreError> {
        let (id, life, kept) = (id.clone(), self.life(), self.clone());
        self.paid(move |store| {
            let mut known = known(store, store.community(&id)?)?;
            known.life = life;
            known.memory.use_under(kept.0.identities.present(store)?);
            known.floor = known.floor.max(store.floor(&id)?);
            Ok(known)
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
        let identities = std::mem::take(&mut self.identities);
        let ledger_buffer = self.ledger_buffer.clone();
        let Some(store) = self.store.take() else { return };
        self.worker.surely(move || {
            let is_suspended = |paid| matches!(paid, Err(StoreError::Suspended));
            let owes = owed.iter().any(|one| is_suspended(one.pay(&store))) | is_suspended(identities.write(&store));
            if owes && store.resume().is_ok() {
                // A floor or an identity that was taken while the app slept must not be lost with the process.
                let _ = owed.iter().try_for_each(|one| one.pay(&store));
                let _ = identities.write(&store);
            }
            let _ = ledger_buffer.write(&store);
            drop(store);
            drop(closing);
        });
    }
}

#[cfg(test)]
mod tests;
