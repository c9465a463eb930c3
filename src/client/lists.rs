//! What is kept on the device: lists and pages for an app to show, and what an app does with the store.

use jiff::Timestamp;

use super::Byway;
use super::link::HomeLink;
use crate::community::{CommunityId, Event, Post};
use crate::exposure::Exposure;
use crate::reach::EngineEventKind;
use crate::store::{
    Cursor, KeyProvider, ListPage, Search, SearchHit, StoreChanges, StoreError, StoredCommunity, UpcomingEvent,
};
use std::path::PathBuf;

/// Where to search, and for how much.
#[derive(Clone, Copy, Debug)]
pub struct SearchOptions<'a> {
    /// In this community only; `None`: in all of them.
    pub community: Option<&'a CommunityId>,
    /// Go on from where an earlier page of the same query ended.
    pub after: Option<&'a Cursor>,
    /// How many hits at most, 1 to 1000.
    pub limit: usize,
}

impl Default for SearchOptions<'_> {
    /// The first 20 hits in all communities.
    fn default() -> Self {
        Self { community: None, after: None, limit: 20 }
    }
}

impl Byway {
    /// All communities that are kept, by their ids.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn communities(&self) -> Result<Vec<StoredCommunity>, StoreError> {
        self.inner.store.on(|store| store.communities()).await
    }

    /// One community as it was read last; `None`: it is not kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn community(&self, id: &CommunityId) -> Result<Option<StoredCommunity>, StoreError> {
        let id = id.clone();
        self.inner.store.on(move |store| store.community(&id)).await
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
    ) -> Result<ListPage<Post>, StoreError> {
        let (id, after) = (id.clone(), after.cloned());
        self.inner.store.on(move |store| store.posts(&id, after.as_ref(), limit)).await
    }

    /// At most `limit` events (1 to 1000), the latest start first, from the cursor on. Those that are over are among them, as
    /// long as they are kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn events(
        &self,
        id: &CommunityId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<ListPage<Event>, StoreError> {
        let (id, after) = (id.clone(), after.cloned());
        self.inner.store.on(move |store| store.events(&id, after.as_ref(), limit)).await
    }

    /// One post by its id; `None`: it is not kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn post(&self, id: &CommunityId, post: &str) -> Result<Option<Post>, StoreError> {
        let (id, post) = (id.clone(), post.to_owned());
        self.inner.store.on(move |store| store.post(&id, &post)).await
    }

    /// One event by its id; `None`: it is not kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn event(&self, id: &CommunityId, event: &CommunityId) -> Result<Option<Event>, StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.inner.store.on(move |store| store.event(&id, &event)).await
    }

    /// At most `limit` events (1 to 1000) of all communities that begin before `to` and are not over at `from`, by their
    /// start, the earliest first, from the cursor on.
    ///
    /// What was cancelled or removed is among them, with that status. One that began before `from` is among them where its end
    /// is known and later than `from`, unless it began more than a year earlier. An event that two communities keep comes with
    /// each of them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn upcoming_events(
        &self,
        from: Timestamp,
        to: Option<Timestamp>,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<ListPage<UpcomingEvent>, StoreError> {
        let after = after.cloned();
        self.inner.store.on(move |store| store.upcoming(from, to, after.as_ref(), limit)).await
    }

    /// Searches everything that is kept for the words of a query; nothing is sent.
    ///
    /// Communities come first, then posts and events, newest first. Each word of the query must be the beginning of a word of
    /// the text, in any order; case and accents do not count, and `ё` is `е`. A query is read to its 16th word and its
    /// 1,000th character; one without a word finds nothing.
    ///
    /// There is no index on disk, because it would tell what was read: everything is opened for it, on worker threads, a few
    /// hundred items at a time, and other calls take their turn in between. Dropping the future ends the search after the
    /// items that are being looked at.
    ///
    /// ```no_run
    /// # async fn demo(byway: &byway::Byway) -> Result<(), byway::StoreError> {
    /// use byway::{SearchHit, SearchOptions};
    ///
    /// let page = byway.search("сход пятница", SearchOptions::default()).await?;
    /// for hit in &page.items {
    ///     if let SearchHit::Post { post, .. } = hit {
    ///         println!("{}", post.text);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another query; see [`StoreError`].
    pub async fn search(&self, query: &str, how: SearchOptions<'_>) -> Result<ListPage<SearchHit>, StoreError> {
        let SearchOptions { community, after, limit } = how;
        let mut search = Search::new(query, community.cloned(), after.cloned(), limit);
        loop {
            let (stepped, done) = self
                .inner
                .store
                .on(move |store| {
                    let done = search.step(store)?;
                    Ok((search, done))
                })
                .await?;
            search = stepped;
            if done {
                return Ok(search.finish());
            }
        }
    }

    /// What changes of what is kept, from now on: which posts and events of which community were added, changed, removed
    /// by their platform, or dropped here. A list or a notification hangs on it.
    ///
    /// Every change is told, whatever made it: [`Byway::open`], [`Byway::refresh`], [`Byway::sync_once`], the retention, the
    /// size limit, [`Byway::forget`] or [`Byway::wipe`]; also one that another client of the same [`Store`](crate::Store)
    /// made. Nothing waits for a listener; dropping it ends it.
    ///
    /// ```no_run
    /// # async fn demo(byway: &byway::Byway) {
    /// use byway::StoreChange;
    ///
    /// let mut changes = byway.changes();
    /// while let Some(change) = changes.next().await {
    ///     match change {
    ///         StoreChange::Posts { id, posts } if !posts.first && !posts.added.is_empty() => {
    ///             println!("{} new posts in {id}", posts.added.len());
    ///         }
    ///         StoreChange::Missed { .. } => println!("the lists are to be read again"),
    ///         _ => {}
    ///     }
    /// }
    /// # }
    /// ```
    pub fn changes(&self) -> StoreChanges {
        self.inner.store.store().changes()
    }

    /// The link to a community that is kept, with the exposure that it must be read with; `None`: it is not kept, or has
    /// no home any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn link(&self, id: &CommunityId) -> Result<Option<HomeLink>, StoreError> {
        let known = self.inner.store.of(id).await?;
        let home = known.community.and_then(|kept| kept.community.homes.into_iter().next());
        Ok(home.map(|home| HomeLink::new(home, known.floor)))
    }

    /// Raises the least exposure with which a community may be read, before anything is sent. It never falls again,
    /// short of a [`wipe`](Byway::wipe). What is under way to it is bound as well, also where the future is dropped when it
    /// was raised already.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn raise_exposure(&self, link: &HomeLink) -> Result<(), StoreError> {
        // What is open on the way to it is closed before it must not be there any more.
        self.inner.http.forget_connections();
        self.inner.store.raise(&link.home, link.exposure).await
    }

    /// The least exposure with which a community may be read.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn exposure_of(&self, id: &CommunityId) -> Result<Exposure, StoreError> {
        Ok(self.inner.exposure.max(self.inner.store.of(id).await?.floor))
    }

    /// Allows direct ways for a community, although a recorded restriction or its access advice speaks against them; or
    /// takes that back, which binds what is under way as well. What the exposure forbids stays forbidden.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn allow_direct(&self, id: &CommunityId, allowed: bool) -> Result<(), StoreError> {
        self.inner.store.allow_direct(id, allowed).await
    }

    /// Removes a community with its posts and events. The exposure that it must be read with stays.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget(&self, id: &CommunityId) -> Result<(), StoreError> {
        let id = id.clone();
        self.inner.store.on(move |store| store.forget(&id)).await
    }

    /// For how many days posts and events are kept; `None`: for ever, as in the beginning.
    ///
    /// The setting is kept in the store, and ends with a [`wipe`](Byway::wipe). What is older goes now, whenever the store
    /// is opened, unlocked or resumed, and after every [`sync_once`](Byway::sync_once); it is not added again when it is read
    /// again. Answers how many went now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn set_retention(&self, days: Option<u32>) -> Result<u64, StoreError> {
        let now = self.wall();
        self.inner.store.on(move |store| store.set_retention(days, now)).await
    }

    /// For how many days posts and events are kept: see [`Byway::set_retention`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn retention(&self) -> Result<Option<u32>, StoreError> {
        self.inner.store.on(|store| store.retention()).await
    }

    pub(super) async fn retain(&self) -> Result<u64, StoreError> {
        let now = self.wall();
        self.inner.store.on(move |store| store.retain(now)).await
    }

    /// Holds the store's database below this many bytes from the next reading on: the oldest posts of all communities go
    /// first, events stay. `None`: no limit, as in the beginning. The setting is kept in the store, and ends with a
    /// [`wipe`](Byway::wipe).
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn set_storage_limit(&self, bytes: Option<u64>) -> Result<(), StoreError> {
        self.inner.store.on(move |store| store.set_limit(bytes)).await
    }

    /// Below how many bytes the database is held: see [`Byway::set_storage_limit`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn storage_limit(&self) -> Result<Option<u64>, StoreError> {
        self.inner.store.on(|store| store.limit()).await
    }

    /// How many bytes of the database hold something.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn storage_used(&self) -> Result<u64, StoreError> {
        self.inner.store.on(|store| store.size()).await
    }

    /// Reads everything that is kept and answers whether it is whole. It takes as long as reading the file does, and
    /// other calls wait for it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where something is damaged; see [`StoreError`].
    pub async fn check_integrity(&self) -> Result<(), StoreError> {
        self.inner.store.on(|store| store.check()).await
    }

    /// Every file that the store has or may have, to be left out of backups. None in memory.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.inner.store.store().paths()
    }

    /// Forgets the store's key, the connections and the report; what is under way is not reported. Nothing is read or opened until
    /// [`unlock`](Byway::unlock): without its floors, nobody knows whom a community may be shown to.
    ///
    /// Once it was polled it is carried out, though the future is dropped.
    ///
    /// # Errors
    /// See [`StoreError`]. The store is locked all the same.
    pub async fn lock(&self) -> Result<(), StoreError> {
        self.forget_session();
        let ledger_buffer = self.inner.store.ledger_buffer().clone();
        let locking = self.inner.store.change(move |store| {
            let _ = ledger_buffer.write_now(store);
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
        self.inner.store.reopen(move |store| store.unlock(&key), self.wall()).await
    }

    /// Destroys everything that is kept, the key first, and forgets what this process has learned. The store is locked
    /// then. Make a new [`Byway`] to begin anew: what this one learns of ways is not written down any more. A reading that
    /// is under way is answered, and leaves nothing behind: neither in the report nor in a store that is unlocked later.
    ///
    /// Once it was polled it is carried out, though the future is dropped or the runtime ends.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn wipe(&self) -> Result<(), StoreError> {
        self.inner.store.ledger_buffer().close();
        self.inner.ledger.forget();
        let wiping = self.inner.store.wipe();
        self.forget_session();
        wiping.await
    }

    /// What is in memory only.
    fn forget_session(&self) {
        self.inner.http.forget_connections();
        self.inner.report.forget();
        self.inner.store.forget();
    }

    /// The system is about to put the app to sleep: closes the connections that lie idle and lets go of every file. What
    /// is under way ends by itself, and is not kept if it ends before [`resume`](Byway::resume).
    ///
    /// Once it was polled it is carried out, though the future is dropped.
    ///
    /// # Errors
    /// See [`StoreError`]. Everything is let go of all the same.
    pub async fn suspend(&self) -> Result<(), StoreError> {
        self.inner.http.forget_connections();
        self.inner.events.send(|| EngineEventKind::Suspended);
        let ledger_buffer = self.inner.store.ledger_buffer().clone();
        let suspending = self.inner.store.change(move |store| {
            let _ = ledger_buffer.write_now(store);
            store.suspend()
        });
        suspending.await
    }

    /// The app is awake again.
    ///
    /// # Errors
    /// See [`StoreError`]. Until it succeeds nothing is opened.
    pub async fn resume(&self) -> Result<(), StoreError> {
        // What ended while the app slept may have left a connection that has died since.
        self.inner.http.network_changed();
        self.inner.events.send(|| EngineEventKind::Resumed);
        self.inner.store.reopen(|store| store.resume(), self.wall()).await
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
