//! The sealed store on the device.
//!
//! A [`Store`] holds communities with their posts, pictures and events, the exposure floors, and opaque blobs such as the ledger.
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

mod batch;
mod blobs;
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
mod limits;
mod list_calendar;
mod page;
mod picture_names;
mod pictures;
#[cfg(feature = "internals")]
mod post_stream;
mod sealed_list;
mod search;
mod settings;
mod state;
mod taken_back;
mod upcoming;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use batch::{Batch, FirstLists};
pub(crate) use changes::AllChanges;
pub use changes::{Changed, Changes, StoreChange, StoreChanges};
pub use communities::StoredCommunity;
pub(crate) use communities::age_at;
pub use error::StoreError;
pub use floor::Subject;
pub(crate) use held::Closing;
#[cfg(feature = "publisher")]
pub use key_files::served_folder;
#[cfg(all(test, feature = "publisher"))]
pub(crate) use key_files::stop_key_files_after;
pub use key_files::{KeyFile, KeyFileError, SealedKeyFile, Secret};
pub use key_provider::{KeyError, KeyProvider, StoreKey};
pub use page::{Cursor, ListPage};
pub(crate) use picture_names::file_name as picture_name;
pub(crate) use pictures::KeptPicture;
#[cfg(feature = "internals")]
pub use post_stream::Posts;
pub use sealed_list::BatchOutcome;
pub(crate) use search::Search;
pub use search::SearchHit;
pub use upcoming::{UpcomingEvent, UpcomingOptions};

use crate::broadcast::Broadcast;
use crate::community::{CommunityId, Event, Home, PageOwners, Post};
use crate::exposure::Exposure;
use communities::{community, id_at, set_home};
use database::{Database, Tx};
use files::Files;
use state::{OpenStore, StoreState, opened};

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
    state: Mutex<StoreState>,
}

impl Store {
    fn new(files: Option<Files>, open: OpenStore) -> Self {
        let (generation, listeners) = (AtomicU64::new(0), Broadcast::new(changes::WAITING));
        let state = Mutex::new(StoreState::Open(Box::new(open)));
        Self { inner: Arc::new(Inner { files, generation, listeners, state }) }
    }

    /// All communities, by their ids.
    ///
    /// # Errors
    /// The errors of every call: [`StoreError::Locked`], [`StoreError::Suspended`], [`StoreError::Corrupt`].
    pub fn communities(&self) -> Result<Vec<StoredCommunity>, StoreError> {
        self.read(communities::communities)
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

    /// The addresses at which this community was read.
    ///
    /// # Errors
    /// The errors of every call.
    pub(crate) fn homes_of(&self, id: &CommunityId) -> Result<Vec<Home>, StoreError> {
        self.read(|tx| communities::homes_of(tx, id))
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
    fn changing(&self) -> MutexGuard<'_, StoreState> {
        let state = self.state();
        self.inner.generation.fetch_add(1, Ordering::AcqRel);
        state
    }

    fn state(&self) -> MutexGuard<'_, StoreState> {
        // A panic in another thread leaves nothing half done: its transaction was rolled back.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.inner.files.is_some() { "Store(on disk)" } else { "Store(in memory)" })
    }
}
