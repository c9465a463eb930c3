//! What is kept on the device: lists and pages for an app to show, and what an app does with the store.

use jiff::Timestamp;

use super::Byway;
use super::link::HomeLink;
use crate::community::{CommunityId, Event, Post};
use crate::exposure::Exposure;
use crate::reach::EngineEventKind;
use crate::store::{Cursor, KeyProvider, Page, StoreError, StoredCommunity};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

impl Byway {
    /// All communities that are kept, by their ids.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn communities(&self) -> Result<Vec<StoredCommunity>, StoreError> {
        self.inner.kept.on(|store| store.communities()).await
    }

    /// One community as it was read last; `None`: it is not kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn community(&self, id: &CommunityId) -> Result<Option<StoredCommunity>, StoreError> {
        let id = id.clone();
        self.inner.kept.on(move |store| store.community(&id)).await
    }

    /// At most `limit` posts (1 to 1000), newest first, from the cursor on.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn posts(
        &self,
        id: &CommunityId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Post>, StoreError> {
        let (id, after) = (id.clone(), after.cloned());
        self.inner.kept.on(move |store| store.posts(&id, after.as_ref(), limit)).await
    }

    /// The gatherings of a community, by start. Those that are over are among them, as long as they are kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn events(&self, id: &CommunityId) -> Result<Vec<Event>, StoreError> {
        let id = id.clone();
        self.inner.kept.on(move |store| Ok(by_start(store.events(&id, None, EVENTS)?.items))).await
    }

    /// The link to a community that is kept, with the exposure that it must be read with; `None`: it is not kept, or has
    /// no home any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn link(&self, id: &CommunityId) -> Result<Option<HomeLink>, StoreError> {
        let known = self.inner.kept.of(id).await?;
        let home = known.community.and_then(|kept| kept.community.homes.into_iter().next());
        Ok(home.map(|home| HomeLink::new(home, known.floor)))
    }

    /// Raises the least exposure with which a community may be read, before anything is sent. It never falls again,
    /// short of a [`wipe`](Byway::wipe).
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn raise_exposure(&self, link: &HomeLink) -> Result<(), StoreError> {
        let known = self.inner.kept.at(&link.home).await?;
        let (home, id, floor) = (link.home.clone(), known.id().cloned(), link.exposure);
        // What is open on the way to it is closed before it must not be there any more.
        self.inner.http.forget_connections();
        self.inner
            .kept
            .on(move |store| {
                store.raise_floor(&home, floor)?;
                id.map_or(Ok(()), |id| store.raise_floor(&id, floor))
            })
            .await?;
        self.inner.raised.send_modify(|_| ());
        Ok(())
    }

    /// The least exposure with which a community may be read.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn exposure_of(&self, id: &CommunityId) -> Result<Exposure, StoreError> {
        Ok(self.inner.exposure.max(self.inner.kept.of(id).await?.floor))
    }

    /// Allows direct ways for a community, although a recorded restriction or its access advice speaks against them; or
    /// takes that back. What the exposure forbids stays forbidden.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn allow_direct(&self, id: &CommunityId, allowed: bool) -> Result<(), StoreError> {
        self.inner.kept.allow_direct(id, allowed).await
    }

    /// Removes a community with its posts and events. The exposure that it must be read with stays.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget(&self, id: &CommunityId) -> Result<(), StoreError> {
        let id = id.clone();
        self.inner.kept.on(move |store| store.forget(&id)).await
    }

    /// Removes posts and events that are older than this many days, now and after every
    /// [`sync_once`](Byway::sync_once) of this `Byway`. Answers how many went now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn retention(&self, days: u32) -> Result<u64, StoreError> {
        self.inner.retention_days.store(u64::from(days), Ordering::Relaxed);
        self.apply_retention().await
    }

    pub(super) async fn apply_retention(&self) -> Result<u64, StoreError> {
        let Ok(days) = u32::try_from(self.inner.retention_days.load(Ordering::Relaxed)) else { return Ok(0) };
        let now = self.wall();
        self.inner.kept.on(move |store| store.retention(days, now)).await
    }

    /// Every file that the store has or may have, to be left out of backups. None in memory.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.inner.kept.store().paths()
    }

    /// Forgets the store's key, the connections and the report. Nothing is read or opened until
    /// [`unlock`](Byway::unlock): without its floors, nobody knows whom a community may be shown to.
    ///
    /// Once it was polled it is carried out, though the future is dropped.
    ///
    /// # Errors
    /// See [`StoreError`]. The store is locked all the same.
    pub async fn lock(&self) -> Result<(), StoreError> {
        self.forget_session();
        let diary = self.inner.kept.diary().clone();
        let locking = self.inner.kept.change(move |store| {
            let _ = diary.write_now(store);
            store.lock()
        });
        locking.await
    }

    /// Opens a locked store again. One that was wiped, or is in memory, begins empty. The key is asked for on a worker
    /// thread.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unlock(&self, key: impl KeyProvider + 'static) -> Result<(), StoreError> {
        self.inner.kept.on(move |store| store.unlock(&key)).await
    }

    /// Destroys everything that is kept, the key first, and forgets what this process has learned. The store is locked
    /// then. Make a new [`Byway`] to begin anew: what this one learns of ways is not written down any more.
    ///
    /// Once it was polled it is carried out, though the future is dropped or the runtime ends.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn wipe(&self) -> Result<(), StoreError> {
        self.inner.kept.diary().close();
        self.inner.ledger.forget();
        self.forget_session();
        self.inner.kept.owe_nothing();
        self.inner.kept.change(|store| store.wipe()).await
    }

    /// What is in memory only.
    fn forget_session(&self) {
        self.inner.http.forget_connections();
        self.inner.report.forget();
        self.inner.kept.forget();
    }

    /// The system is about to put the app to sleep: closes the connections that lie idle and lets go of every file. What
    /// is under way ends by itself, and is not kept if it ends before [`resumed`](Byway::resumed).
    ///
    /// Once it was polled it is carried out, though the future is dropped.
    ///
    /// # Errors
    /// See [`StoreError`]. Everything is let go of all the same.
    pub async fn suspend(&self) -> Result<(), StoreError> {
        self.inner.http.forget_connections();
        self.inner.events.tell(|| EngineEventKind::Suspended);
        let diary = self.inner.kept.diary().clone();
        let suspending = self.inner.kept.change(move |store| {
            let _ = diary.write_now(store);
            store.suspend()
        });
        suspending.await
    }

    /// The app is awake again.
    ///
    /// # Errors
    /// See [`StoreError`]. Until it succeeds nothing is opened.
    pub async fn resumed(&self) -> Result<(), StoreError> {
        // What ended while the app slept may have left a connection that has died since.
        self.inner.http.network_changed();
        self.inner.events.tell(|| EngineEventKind::Resumed);
        self.inner.kept.on(|store| store.resume()).await
    }

    pub(super) fn wall(&self) -> Timestamp {
        Timestamp::try_from(self.inner.net.wall()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

pub(super) fn by_start(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| (event.start.is_none(), event.start.map(|start| start.timestamp())));
    events
}

/// More gatherings than any community has in sight.
pub(super) const EVENTS: usize = 1000;
