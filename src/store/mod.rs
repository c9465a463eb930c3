//! What is kept on the device, sealed.
//!
//! A [`Store`] keeps communities with their posts and events, the exposure floors, and opaque blobs such as the ledger.
//! Everything in its directory is sealed under a key that the app gives ([`KeyProvider`]); without one there is
//! [`Store::in_memory`], which touches no disk.
//!
//! What a seized phone tells without the key: that there is a store, how many rows it has, their padded lengths, which
//! of them belong to one day of one list (of neither is told which), and when the files were last written. What it
//! tells with the key, or while the app runs unlocked: everything.
//!
//! **It blocks.** Every call reads or writes a file and may wait for another call: from async code, call it on
//! `spawn_blocking`. Clones are cheap and share one connection. A change is all or nothing, and outlives the death of the
//! process once its call has returned (that of the power may take the last moments with it, and never more).
//!
//! **Its states.** Open; *suspended* ([`Store::suspend`]), when the keys are still there and no file is held, which iOS
//! demands of a sleeping app; *locked* ([`Store::lock`]), when the keys are forgotten as well. In both, calls answer
//! [`StoreError::Suspended`] or [`StoreError::Locked`] until [`Store::resume`] or [`Store::unlock`].
//!
//! **Damage is refused, not repaired.** A changed, swapped, lost or foreign row answers [`StoreError::Corrupt`] with the
//! file's name; the files stay as they are. [`Store::wipe_at`] ends a store that cannot be opened.

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
pub use search::{SearchHit, UpcomingEvent};

use crate::broadcast::Broadcast;
use crate::community::{Community, CommunityId, Event, Home, PageOwners, Post};
use crate::exposure::Exposure;
use changes::{List, Tally};
use communities::{community, id_at, merge_community, set_home};
use database::{Database, Kind, Tx};
use files::{Files, KeyState, Lock};
use key::{DataKey, Keys};
use settings::Settings;

/// What Byway keeps. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None`: in memory.
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
    /// What the key file said, to know after sleep whether it is still the same store.
    file: Vec<u8>,
}

/// The database is closed before the directory is let go: fields are dropped in their order.
struct Open {
    database: Database,
    held: Held,
    _lock: Option<Lock>,
}

/// What was read of one community at one time.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Whose it is.
    pub id: &'a CommunityId,
    /// The wall clock when it was read.
    pub read_at: Timestamp,
    /// The community itself, if it was read. What it does not state stays as it was known ([`Community::merge`]).
    pub community: Option<&'a Community>,
    /// Posts, in any order.
    pub posts: &'a [Post],
    /// Events, in any order.
    pub events: &'a [Event],
}

impl<'a> Batch<'a> {
    /// Nothing, yet.
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

    /// Keeps what was read, all of it or nothing.
    ///
    /// Doing it twice changes nothing. Nothing that is kept is lost to an answer that does not state it: a field that is
    /// stated replaces the known one, and a state (gone, removed, withheld) is kept beside what was known. Of two
    /// versions of a post, the one that its source calls edited later stays, in whichever order they come; otherwise
    /// what the one that came last states.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::DiskFull`], and those of every call.
    pub(crate) fn upsert(&self, batch: &Batch<'_>) -> Result<Kept, StoreError> {
        self.with(|database| {
            let (mut kept, mut changes) = database.write(|tx| {
                let (settings, mut kept, mut tally) = (Settings::load(tx)?, Kept::default(), Tally::default());
                let oldest = settings.oldest(batch.read_at);
                let (before, had_no_posts) = (community(tx, batch.id)?, sealed_list::has_no_posts(tx, batch.id)?);
                if let Some(community) = batch.community {
                    // A wall without a post says nothing of what is pinned to it.
                    merge_community(tx, batch.id, community, !batch.posts.is_empty(), batch.read_at, &mut tally)?;
                }
                sealed_list::upsert(tx, batch.id, batch.posts, batch.read_at, oldest, &mut kept, &mut tally)?;
                sealed_list::upsert(tx, batch.id, batch.events, batch.read_at, oldest, &mut kept, &mut tally)?;
                match before {
                    None => {
                        tally.first(batch.id, List::Posts);
                        tally.first(batch.id, List::Events);
                    }
                    // They were there when the community was read before: its list of posts was not.
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
    /// Those of every call: [`StoreError::Locked`], [`StoreError::Suspended`], [`StoreError::Corrupt`].
    pub fn communities(&self) -> Result<Vec<StoredCommunity>, StoreError> {
        let mut all = self.read(communities::communities)?;
        all.sort_by(|a, b| a.community.id.cmp(&b.community.id));
        Ok(all)
    }

    /// One community.
    ///
    /// # Errors
    /// Those of every call.
    pub fn community(&self, id: &CommunityId) -> Result<Option<StoredCommunity>, StoreError> {
        self.read(|tx| community(tx, id))
    }

    /// The community that was read last at this address, or had it among its homes.
    ///
    /// # Errors
    /// Those of every call.
    pub fn community_at(&self, home: &Home) -> Result<Option<StoredCommunity>, StoreError> {
        self.read(|tx| id_at(tx, home)?.map_or(Ok(None), |id| community(tx, &id)))
    }

    /// Notes that this address leads to this community, e.g. the one that a person typed.
    ///
    /// # Errors
    /// Those of every call.
    pub(crate) fn set_home(&self, home: &Home, id: &CommunityId) -> Result<(), StoreError> {
        self.write(|tx| set_home(tx, home, id))
    }

    /// Removes a community with its posts and events. Its exposure floor stays.
    ///
    /// # Errors
    /// Those of every call.
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
    /// A caller that follows the cursors to the end sees every post that was there all the while exactly once, whatever is
    /// added meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Cursor`], and those of every call.
    pub fn posts(&self, id: &CommunityId, after: Option<&Cursor>, limit: usize) -> Result<ListPage<Post>, StoreError> {
        self.read(|tx| sealed_list::page(tx, id, after, limit))
    }

    /// At most `limit` events (1 to 1000), the latest start first, from the cursor on. One whose start is moved
    /// meanwhile may be seen twice, or not at all.
    ///
    /// # Errors
    /// [`StoreError::Cursor`], and those of every call.
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
    /// Those of every call.
    pub fn post(&self, id: &CommunityId, post: &str) -> Result<Option<Post>, StoreError> {
        self.read(|tx| sealed_list::one(tx, id, post))
    }

    /// One event by its id.
    ///
    /// # Errors
    /// Those of every call.
    pub fn event(&self, id: &CommunityId, event: &CommunityId) -> Result<Option<Event>, StoreError> {
        self.read(|tx| sealed_list::one(tx, id, event.as_str()))
    }

    #[cfg(feature = "internals")]
    /// All posts, newest first, a page at a time: memory does not grow with their number, and between pages others
    /// may use the store.
    pub(crate) fn all_posts(&self, id: &CommunityId) -> Posts {
        Posts { store: self.clone(), id: id.clone(), ready: VecDeque::new(), next: None, begun: false }
    }

    /// Raises the least exposure with which this may be read. A lower one than it has changes nothing.
    ///
    /// # Errors
    /// Those of every call. A caller that cannot raise a floor must not go on as if it were raised.
    pub(crate) fn raise_floor<'a>(&self, subject: impl Into<Subject<'a>>, floor: Exposure) -> Result<(), StoreError> {
        let subject = subject.into();
        self.write(|tx| floor::raise(tx, subject, floor))
    }

    /// The least exposure with which this may be read; [`Exposure::Open`] where none was ever set.
    ///
    /// # Errors
    /// Those of every call. A caller that cannot read a floor must take it for the highest.
    pub(crate) fn floor<'a>(&self, subject: impl Into<Subject<'a>>) -> Result<Exposure, StoreError> {
        let subject = subject.into();
        self.read(|tx| floor::of(tx, subject))
    }

    /// The least exposure with which a page may be read: the highest of all that its address names. A page outside
    /// VKontakte is bound by its host, and one of VKontakte's that cannot be attributed by the highest floor that was
    /// ever raised there.
    ///
    /// # Errors
    /// Those of every call. A caller that cannot read a floor must take it for the highest.
    pub(crate) fn page_floor(&self, page: &PageOwners) -> Result<Exposure, StoreError> {
        self.read(|tx| floor::of_page(tx, page))
    }

    /// The bytes kept under this name.
    ///
    /// # Errors
    /// Those of every call.
    pub(crate) fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|tx| Ok(tx.record(Kind::Blob, &[name.as_bytes()])?.map(|plain| plain.to_vec())))
    }

    /// Keeps bytes under a name, replacing those that were there.
    ///
    /// # Errors
    /// Those of every call.
    pub(crate) fn set_blob(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(|tx| tx.set_record(Kind::Blob, &[name.as_bytes()], bytes))
    }

    /// Removes the bytes of this name.
    ///
    /// # Errors
    /// Those of every call.
    pub(crate) fn remove_blob(&self, name: &str) -> Result<(), StoreError> {
        self.write(|tx| tx.remove_record(Kind::Blob, &[name.as_bytes()]))
    }

    /// A secret for a use of the caller's own, e.g. the ledger's hashes: the same for the same name for as long as the
    /// store lives, another one after a wipe, and nowhere stored.
    ///
    /// # Errors
    /// Those of every call.
    pub(crate) fn secret(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        self.with(|database| database.keys().derive(name))
    }

    /// For how many days posts and events are kept; `None`: for ever, as in the beginning. The setting is kept in the
    /// store, and ends with a wipe. It counts by the day of publishing and of the start, and where there is none by when it
    /// was read. What is older is neither added nor kept from then on: it goes now, and at every [`Store::retain`]. Returns
    /// how many went now.
    ///
    /// # Errors
    /// Those of every call. Nothing was changed then.
    pub fn set_retention(&self, days: Option<u32>, now: Timestamp) -> Result<u64, StoreError> {
        self.write(|tx| Settings { retention_days: days, ..Settings::load(tx)? }.save(tx))?;
        self.retain(now)
    }

    /// For how many days posts and events are kept: see [`Store::set_retention`].
    ///
    /// # Errors
    /// Those of every call.
    pub fn retention(&self) -> Result<Option<u32>, StoreError> {
        self.read(|tx| Ok(Settings::load(tx)?.retention_days))
    }

    /// Removes posts and events that are older than [`Store::retention`] allows. Returns how many went. Nothing of them
    /// remains in the files.
    ///
    /// # Errors
    /// Those of every call.
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

    /// Holds the database below this many bytes from the next write on: the oldest posts of all communities
    /// go first. `None`: no limit, as in the beginning. The setting is kept in the store, and ends with a wipe. The log
    /// beside the database comes on top, some megabytes.
    ///
    /// # Errors
    /// Those of every call.
    pub fn set_limit(&self, bytes: Option<u64>) -> Result<(), StoreError> {
        self.write(|tx| Settings { limit_bytes: bytes, ..Settings::load(tx)? }.save(tx))
    }

    /// Below how many bytes the database is held: see [`Store::set_limit`].
    ///
    /// # Errors
    /// Those of every call.
    pub fn limit(&self) -> Result<Option<u64>, StoreError> {
        self.read(|tx| Ok(Settings::load(tx)?.limit_bytes))
    }

    /// How many bytes of the database hold something.
    ///
    /// # Errors
    /// Those of every call.
    pub fn size(&self) -> Result<u64, StoreError> {
        self.read(|tx| tx.used())
    }

    /// Reads everything there is and answers whether it is whole. Takes as long as reading the file does.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], and those of every call.
    pub fn check(&self) -> Result<(), StoreError> {
        self.with(|database| {
            database.check()?;
            database.read(sealed_list::check)
        })
    }

    /// Every file that the store has or may have, to be left out of backups: a copy could outlive a wipe. (An app does
    /// best to leave out the whole directory.) None in memory.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.inner.files.as_ref().map(Files::all).unwrap_or_default()
    }

    /// A number that is another one after every call that may change what a later call answers: a write, and opening,
    /// suspending, locking and wiping. A caller that remembers an answer may use it while this number, taken before it was
    /// asked for, is the same. Does not block.
    pub(crate) fn generation(&self) -> u64 {
        self.inner.generation.load(Ordering::Acquire)
    }

    /// What changes of what is kept, from now on: a stream that ends with the store.
    pub fn changes(&self) -> StoreChanges {
        StoreChanges::new(self.inner.listeners.subscribe())
    }

    /// Says that the last of who uses it is about to let go, on a thread that may block: who opens the directory in this
    /// process waits until what is returned is dropped. `None` in memory. Does not block.
    pub(crate) fn closing(&self) -> Option<Closing> {
        self.inner.files.as_ref().map(Files::closing)
    }

    fn read<T>(&self, look: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        opened(&mut self.state())?.read(look)
    }

    /// Tells the listeners. Called with the lock, so that they hear in the order in which it was written.
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

    /// The state, to change it or what it holds. The number goes up under the lock: who asks later waits for the change.
    fn changing(&self) -> MutexGuard<'_, State> {
        let state = self.state();
        self.inner.generation.fetch_add(1, Ordering::AcqRel);
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves nothing half done: its transaction was rolled back.
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
/// All posts of a community: see [`Store::all_posts`]. Ends after an error.
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
/// Posts that a stream holds at most.
const STREAM_PAGE: usize = 256;

/// Lets the oldest posts go until the limit is kept, and a little further so that not every batch must.
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
