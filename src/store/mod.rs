//! The sealed store on the device.
//!
//! A [`Store`] holds communities with their posts and events, the exposure floors, and opaque blobs such as the ledger.
//! Everything in its directory is sealed under a key that the app gives ([`KeyProvider`]). Without a key there is
//! [`Store::in_memory`], which does not touch the disk.
//!
//! A seized phone reveals without the key: that a store exists, how many rows it has, their padded lengths, which rows
//! belong to the same day of the same list (but not which day or list), and when the files were last written. With the
//! key, or while the app runs unlocked, it reveals everything.
//!
//! **It blocks.** Every call reads or writes a file and may wait for another call: from async code, call it on
//! `spawn_blocking`. Clones are cheap and share one connection. A change is all or nothing. It survives the death of
//! the process once its call has returned; a power failure may lose the last moments, and never more.
//!
//! **Its states.** *Open*; *suspended* ([`Store::suspend`]): the keys stay in memory and no file is held, as iOS
//! requires of a sleeping app; *locked* ([`Store::lock`]): the keys are forgotten as well. In both, calls return
//! [`StoreError::Suspended`] or [`StoreError::Locked`] until [`Store::resume`] or [`Store::unlock`].
//!
//! **Damage is refused, not repaired.** A changed, swapped, lost or foreign row gives [`StoreError::Corrupt`] with the
//! file's name, and the files stay as they are. [`Store::wipe_at`] removes a store that cannot be opened.

mod changes;
mod communities;
mod database;
mod error;
mod file_names;
mod files;
mod floor;
mod held;
mod item;
mod key;
mod key_files;
mod key_provider;
mod life_cycle;
mod page;
mod sealed_list;
mod search;
mod settings;
mod upcoming;

use std::collections::BTreeMap;

#[cfg(feature = "internals")]
use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use zeroize::Zeroizing;

pub use changes::{Changed, Changes, StoreChange, StoreChanges};
pub use communities::StoredCommunity;
pub use error::StoreError;
pub use floor::Subject;
pub(crate) use held::Closing;
pub use key_files::{KeyFile, KeyFileError, SealedKeyFile, Secret};
pub use key_provider::{KeyError, KeyProvider, StoreKey};
pub use page::{Cursor, ListPage};
pub use sealed_list::Kept;
pub(crate) use search::Search;
pub use search::SearchHit;
pub use upcoming::{UpcomingEvent, UpcomingOptions};

use crate::broadcast::Broadcast;
use crate::community::{Community, CommunityId, Event, Home, PageOwners, Post};
use crate::exposure::Exposure;
use changes::{List, Tally};
use communities::{community, id_at, merge_community, set_home};
use database::{Database, Kind, Tx};
use files::{Files, KeyState, Lock};
use key::{DataKey, Keys};
use settings::Settings;

/// The store. Cheap to clone; all clones share one store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None` for a store in memory.
    files: Option<Files>,
    /// See [`Store::generation`].
    generation: AtomicU64,
    listeners: Broadcast<StoreChange>,
    state: Mutex<State>,
}

enum State {
    Open(Box<Open>),
    Suspended(Held),
    Locked,
}

/// What a suspended store keeps in memory.
struct Held {
    key: DataKey,
    /// The content of the key file, to check after suspension that it is still the same store.
    file: Vec<u8>,
}

/// Fields are dropped in their order: the database is closed before the directory is released.
struct Open {
    database: Database,
    held: Held,
    _lock: Option<Lock>,
}

/// The result of reading one community at one time.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The community's id.
    pub id: &'a CommunityId,
    /// The wall clock at the reading.
    pub read_at: Timestamp,
    /// The community itself, if it was read. Fields that it does not state keep their known value
    /// ([`Community::merge`]).
    pub community: Option<&'a Community>,
    /// Posts, in any order.
    pub posts: &'a [Post],
    /// Events, in any order.
    pub events: &'a [Event],
}

impl<'a> Batch<'a> {
    /// An empty batch.
    pub fn new(id: &'a CommunityId, read_at: Timestamp) -> Self {
        Self { id, read_at, community: None, posts: &[], events: &[] }
    }
}

impl Store {
    fn new(files: Option<Files>, open: Open) -> Self {
        let (generation, listeners) = (AtomicU64::new(0), Broadcast::new(changes::WAITING));
        let state = Mutex::new(State::Open(Box::new(open)));
        Self { inner: Arc::new(Inner { files, generation, listeners, state }) }
    }

    /// Stores a batch, all of it or nothing.
    ///
    /// The call is idempotent. An answer that does not state something never deletes it: a stated field replaces the
    /// known one, and a state (gone, removed, withheld) is kept beside the known content. Of two versions of a post,
    /// the one with the later edit time of its source wins, in whichever order they arrive; without edit times the last
    /// one to arrive wins.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`], [`StoreError::DiskFull`], and the errors of every call.
    pub(crate) fn upsert(&self, batch: &Batch<'_>) -> Result<Kept, StoreError> {
        self.with(|database| {
            let (mut kept, mut changes) = database.write(|tx| {
                let (settings, mut kept, mut tally) = (Settings::load(tx)?, Kept::default(), Tally::default());
                let oldest = settings.oldest(batch.read_at);
                let (before, had_no_posts) = (community(tx, batch.id)?, sealed_list::has_no_posts(tx, batch.id)?);
                if let Some(community) = batch.community {
                    // A wall without a post says nothing about the pinned post.
                    merge_community(tx, batch.id, community, !batch.posts.is_empty(), batch.read_at, &mut tally)?;
                }
                sealed_list::upsert(tx, batch.id, batch.posts, batch.read_at, oldest, &mut kept, &mut tally)?;
                sealed_list::upsert(tx, batch.id, batch.events, batch.read_at, oldest, &mut kept, &mut tally)?;
                match before {
                    None => {
                        tally.first(batch.id, List::Posts);
                        tally.first(batch.id, List::Events);
                    }
                    // These items existed when the community was read before, but its list of posts was not read.
                    Some(before) if had_no_posts && tally.all_added_by(batch.id, List::Posts, before.synced_at) => {
                        tally.first(batch.id, List::Posts);
                    }
                    Some(_) => {}
                }
                kept.evicted = evict(tx, settings.limit(), &mut tally)?;
                Ok((kept, tally.finish()))
            })?;
            if kept.evicted > 0 {
                database.shrink()?;
            }
            self.tell(&changes);
            kept.changes = changes.remove(batch.id).unwrap_or_default();
            Ok(kept)
        })
    }

    #[cfg(feature = "internals")]
    /// [`Store::upsert`] of a community alone.
    ///
    /// # Errors
    /// As [`Store::upsert`].
    pub(crate) fn upsert_community(&self, community: &Community, read_at: Timestamp) -> Result<(), StoreError> {
        let batch = Batch { community: Some(community), ..Batch::new(&community.id, read_at) };
        self.upsert(&batch).map(drop)
    }

    #[cfg(feature = "internals")]
    /// [`Store::upsert`] of posts alone.
    ///
    /// # Errors
    /// As [`Store::upsert`].
    pub(crate) fn upsert_posts(
        &self,
        id: &CommunityId,
        posts: &[Post],
        read_at: Timestamp,
    ) -> Result<Kept, StoreError> {
        self.upsert(&Batch { posts, ..Batch::new(id, read_at) })
    }

    #[cfg(feature = "internals")]
    /// [`Store::upsert`] of events alone.
    ///
    /// # Errors
    /// As [`Store::upsert`].
    pub(crate) fn upsert_events(
        &self,
        id: &CommunityId,
        events: &[Event],
        read_at: Timestamp,
    ) -> Result<Kept, StoreError> {
        self.upsert(&Batch { events, ..Batch::new(id, read_at) })
    }

    /// All communities, by their ids.
    ///
    /// # Errors
    /// The errors of every call: [`StoreError::Locked`], [`StoreError::Suspended`], [`StoreError::Corrupt`].
    pub fn communities(&self) -> Result<Vec<StoredCommunity>, StoreError> {
        let mut all = self.read(communities::communities)?;
        all.sort_by(|a, b| a.community.id.cmp(&b.community.id));
        Ok(all)
    }

    /// One community.
    ///
    /// # Errors
    /// The errors of every call.
    pub fn community(&self, id: &CommunityId) -> Result<Option<StoredCommunity>, StoreError> {
        self.read(|tx| community(tx, id))
    }

    /// The community that was last read at this address, or that had it among its homes.
    ///
    /// # Errors
    /// The errors of every call.
    pub fn community_at(&self, home: &Home) -> Result<Option<StoredCommunity>, StoreError> {
        self.read(|tx| id_at(tx, home)?.map_or(Ok(None), |id| community(tx, &id)))
    }

    /// Records that this address leads to this community, e.g. an address that a person typed.
    ///
    /// # Errors
    /// The errors of every call.
    pub(crate) fn set_home(&self, home: &Home, id: &CommunityId) -> Result<(), StoreError> {
        self.write(|tx| set_home(tx, home, id))
    }

    /// Removes a community with its posts and events. Its exposure floor stays.
    ///
    /// # Errors
    /// The errors of every call.
    pub fn forget(&self, id: &CommunityId) -> Result<(), StoreError> {
        self.with(|database| {
            database.write(|tx| {
                sealed_list::remove_community(tx, id)?;
                communities::remove_community(tx, id)
            })?;
            self.inner.listeners.send(&StoreChange::Forgotten { id: id.clone() });
            database.shrink()
        })
    }

    /// At most `limit` posts (1 to 1000), newest first, from the cursor on.
    ///
    /// A caller that follows the cursors to the end sees every post that existed all the while exactly once, whatever
    /// is added meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Cursor`], and the errors of every call.
    pub fn posts(&self, id: &CommunityId, after: Option<&Cursor>, limit: usize) -> Result<ListPage<Post>, StoreError> {
        self.read(|tx| sealed_list::page(tx, id, after, limit))
    }

    /// At most `limit` events (1 to 1000), the latest start first, from the cursor on. An event whose start changes
    /// meanwhile may appear twice, or not at all.
    ///
    /// # Errors
    /// [`StoreError::Cursor`], and the errors of every call.
    pub fn events(
        &self,
        id: &CommunityId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<ListPage<Event>, StoreError> {
        self.read(|tx| sealed_list::page(tx, id, after, limit))
    }

    /// One post by its id.
    ///
    /// # Errors
    /// The errors of every call.
    pub fn post(&self, id: &CommunityId, post: &str) -> Result<Option<Post>, StoreError> {
        self.read(|tx| sealed_list::one(tx, id, post))
    }

    /// One event by its id.
    ///
    /// # Errors
    /// The errors of every call.
    pub fn event(&self, id: &CommunityId, event: &CommunityId) -> Result<Option<Event>, StoreError> {
        self.read(|tx| sealed_list::one(tx, id, event.as_str()))
    }

    #[cfg(feature = "internals")]
    /// All posts, newest first, one page at a time: memory does not grow with their number, and other calls may use the
    /// store between pages.
    pub(crate) fn all_posts(&self, id: &CommunityId) -> Posts {
        Posts { store: self.clone(), id: id.clone(), ready: VecDeque::new(), next: None, begun: false }
    }

    /// Raises the least exposure with which this subject may be read. A level below the current one changes nothing.
    ///
    /// # Errors
    ///
    /// The errors of every call. A caller that cannot raise a floor must not continue as if it were raised.
    pub(crate) fn raise_floor<'a>(&self, subject: impl Into<Subject<'a>>, floor: Exposure) -> Result<(), StoreError> {
        let subject = subject.into();
        self.write(|tx| floor::raise(tx, subject, floor))
    }

    /// The least exposure with which this subject may be read; [`Exposure::Open`] if none was ever set.
    ///
    /// # Errors
    ///
    /// The errors of every call. A caller that cannot read a floor must assume the highest.
    pub(crate) fn floor<'a>(&self, subject: impl Into<Subject<'a>>) -> Result<Exposure, StoreError> {
        let subject = subject.into();
        self.read(|tx| floor::of(tx, subject))
    }

    /// The least exposure with which a page may be read: the highest floor among everything that its address names. A
    /// page outside VKontakte is bound by its host. A VKontakte page that cannot be attributed is bound by the highest
    /// floor that was ever raised there.
    ///
    /// # Errors
    ///
    /// The errors of every call. A caller that cannot read a floor must assume the highest.
    pub(crate) fn page_floor(&self, page: &PageOwners) -> Result<Exposure, StoreError> {
        self.read(|tx| floor::of_page(tx, page))
    }

    /// The bytes stored under this name.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub(crate) fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|tx| Ok(tx.record(Kind::Blob, &[name.as_bytes()])?.map(|plain| plain.to_vec())))
    }

    /// Stores bytes under a name, and replaces the previous ones.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub(crate) fn set_blob(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(|tx| tx.set_record(Kind::Blob, &[name.as_bytes()], bytes))
    }

    /// Removes the bytes under this name.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub(crate) fn remove_blob(&self, name: &str) -> Result<(), StoreError> {
        self.write(|tx| tx.remove_record(Kind::Blob, &[name.as_bytes()]))
    }

    /// A secret for the caller's own use, e.g. the ledger's hashes. The same name gives the same secret for as long as
    /// the store lives, and another one after a wipe. It is stored nowhere.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub(crate) fn secret(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        self.with(|database| database.keys().derive(name))
    }

    /// Sets how many days posts and events are kept. `None`, the default, keeps them for ever. The setting is stored,
    /// and ends with a wipe. The age counts from the day of publishing or of the start; without either, from the
    /// reading. Older items are deleted now and at every [`Store::retain`], and are no longer added. Returns how many
    /// were deleted now.
    ///
    /// # Errors
    ///
    /// The errors of every call. Nothing is changed then.
    pub fn set_retention(&self, days: Option<u32>, now: Timestamp) -> Result<u64, StoreError> {
        self.write(|tx| Settings { retention_days: days, ..Settings::load(tx)? }.save(tx))?;
        self.retain(now)
    }

    /// The number of days that posts and events are kept: see [`Store::set_retention`].
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn retention(&self) -> Result<Option<u32>, StoreError> {
        self.read(|tx| Ok(Settings::load(tx)?.retention_days))
    }

    /// Deletes posts and events that are older than [`Store::retention`] allows, without a trace in the files. Returns
    /// how many were deleted.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn retain(&self, now: Timestamp) -> Result<u64, StoreError> {
        if self.read(|tx| Ok(Settings::load(tx)?.retention_days.is_none()))? {
            return Ok(0);
        }
        self.with(|database| {
            let (removed, changes) = database.write(|tx| {
                let Some(oldest) = Settings::load(tx)?.oldest(now) else { return Ok((0, BTreeMap::new())) };
                let mut tally = Tally::default();
                Ok((sealed_list::remove_before(tx, oldest, &mut tally)?, tally.finish()))
            })?;
            self.tell(&changes);
            if removed > 0 {
                database.shrink()?;
            }
            Ok(removed)
        })
    }

    /// Limits the size of the database in bytes from the next write on: the oldest posts of all communities are evicted
    /// first. `None`, the default, means no limit. The setting is stored, and ends with a wipe. The log beside the
    /// database takes some more megabytes.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn set_limit(&self, bytes: Option<u64>) -> Result<(), StoreError> {
        self.write(|tx| Settings { limit_bytes: bytes, ..Settings::load(tx)? }.save(tx))
    }

    /// The size limit of the database in bytes: see [`Store::set_limit`].
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn limit(&self) -> Result<Option<u64>, StoreError> {
        self.read(|tx| Ok(Settings::load(tx)?.limit_bytes))
    }

    /// The number of bytes of the database that are in use.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn size(&self) -> Result<u64, StoreError> {
        self.read(|tx| tx.used())
    }

    /// Reads the whole store and checks it. Takes as long as reading the file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`], and the errors of every call.
    pub fn check(&self) -> Result<(), StoreError> {
        self.with(|database| {
            database.check()?;
            database.read(sealed_list::check)
        })
    }

    /// Every file that the store has or may have, and the folder of Tor's files, to be excluded from backups: a copy could outlive a wipe. (Excluding
    /// the whole directory is best.) Empty for a store in memory.
    pub fn paths(&self) -> Vec<PathBuf> {
        let with_tor = |files: &Files| [files.all(), vec![files.tor()]].concat();
        self.inner.files.as_ref().map(with_tor).unwrap_or_default()
    }

    /// The folder below its directory for the files of the Tor within this process; a wipe removes it. `None` for a store in
    /// memory.
    #[cfg(feature = "tor")]
    pub(crate) fn tor_folder(&self) -> Option<PathBuf> {
        self.inner.files.as_ref().map(Files::tor)
    }

    /// A number that changes with every call that may change the answer of a later call: a write, and open, suspend,
    /// lock and wipe. A caller may reuse an answer while the number, read before the question was asked, is the same.
    /// Does not block.
    pub(crate) fn generation(&self) -> u64 {
        self.inner.generation.load(Ordering::Acquire)
    }

    /// The changes of the stored data from now on. The stream ends with the store.
    pub fn changes(&self) -> StoreChanges {
        StoreChanges::new(self.inner.listeners.subscribe())
    }

    /// Announces that the last user of the store is about to release it, on a thread that may block. Opening the
    /// directory in this process waits until the returned value is dropped. `None` for a store in memory. Does not
    /// block.
    pub(crate) fn closing(&self) -> Option<Closing> {
        self.inner.files.as_ref().map(Files::closing)
    }

    fn read<T>(&self, look: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        opened(&mut self.state())?.read(look)
    }

    /// Notifies the listeners. Called under the lock, so that they receive changes in the order of the writes.
    fn tell(&self, changes: &BTreeMap<CommunityId, Changes>) {
        if self.inner.listeners.is_heard() {
            changes.iter().flat_map(|(id, changes)| changes::told(id, changes)).for_each(|change| {
                self.inner.listeners.send(&change);
            });
        }
    }

    fn write<T>(&self, change: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.with(|database| database.write(change))
    }

    fn with<T>(&self, call: impl FnOnce(&mut Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        call(opened(&mut self.changing())?)
    }

    /// The state, for a change to it or its content. The generation is raised under the lock: a later caller waits for
    /// the change.
    fn changing(&self) -> MutexGuard<'_, State> {
        let state = self.state();
        self.inner.generation.fetch_add(1, Ordering::AcqRel);
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in another thread leaves nothing half done: its transaction was rolled back.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn opened(state: &mut State) -> Result<&mut Database, StoreError> {
    match state {
        State::Open(open) => Ok(&mut open.database),
        State::Suspended(_) => Err(StoreError::Suspended),
        State::Locked => Err(StoreError::Locked),
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.inner.files.is_some() { "Store(on disk)" } else { "Store(in memory)" })
    }
}

#[cfg(feature = "internals")]
/// All posts of a community: see [`Store::all_posts`]. The iterator ends after an error.
#[derive(Debug)]
#[must_use]
pub struct Posts {
    store: Store,
    id: CommunityId,
    ready: VecDeque<Post>,
    next: Option<Cursor>,
    begun: bool,
}

#[cfg(feature = "internals")]
impl Iterator for Posts {
    type Item = Result<Post, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !(self.begun && self.next.is_none()) {
            self.begun = true;
            match self.store.posts(&self.id, self.next.take().as_ref(), STREAM_PAGE) {
                Ok(page) => {
                    self.ready = page.items.into();
                    self.next = page.next;
                }
                Err(error) => return Some(Err(error)),
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

#[cfg(feature = "internals")]
/// The most posts that a stream holds in memory.
const STREAM_PAGE: usize = 256;

/// Evicts the oldest posts until the limit is met, and some more, so that not every batch has to evict.
fn evict(tx: &Tx<'_>, limit: u64, tally: &mut Tally) -> Result<u64, StoreError> {
    let mut evicted = 0;
    if tx.used()? <= limit {
        return Ok(evicted);
    }
    while tx.used()? > limit - limit / 16 {
        match sealed_list::remove_oldest_posts(tx, tally)? {
            0 if tx.used()? <= limit => break,
            0 => return Err(StoreError::Full { limit }),
            removed => evicted += removed,
        }
    }
    Ok(evicted)
}
