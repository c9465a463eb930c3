//! Which directories this process has open, so that it can tell itself from another process.
//!
//! The lock on a directory's lock file keeps other processes out, and a second store of this process too, without saying
//! which of both it met. This registry knows: a directory is found by its inode, however its path is spelled. It also
//! knows which stores are being closed by a worker thread, or opened for a caller who may have gone: who opens such a
//! directory waits for the outcome.

use std::collections::HashMap;
use std::fs::{Metadata, TryLockError};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::StoreError;

/// A directory, whatever its path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] std::path::PathBuf);

impl Place {
    /// `metadata`: its own.
    #[cfg(unix)]
    pub(super) fn of(_: &Path, metadata: &Metadata) -> Result<Self, StoreError> {
        use std::os::unix::fs::MetadataExt as _;
        Ok(Self((metadata.dev(), metadata.ino())))
    }

    #[cfg(not(unix))]
    pub(super) fn of(directory: &Path, _: &Metadata) -> Result<Self, StoreError> {
        Ok(Self(std::fs::canonicalize(directory)?))
    }
}

/// Who has a directory: one store, and its clones.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    place: Place,
    /// How many [`Closing`] of it there are. Changed under the lock of the registry. One for each store, so it tells them
    /// apart too.
    closing: Arc<AtomicUsize>,
}

struct Entry {
    closing: Arc<AtomicUsize>,
    /// The lock file is locked.
    locked: bool,
}

impl Entry {
    fn is_of(&self, holder: &Holder) -> bool {
        Arc::ptr_eq(&self.closing, &holder.closing)
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed) > 0
    }
}

impl Holder {
    /// A new one.
    pub(super) fn of(place: Place) -> Self {
        Self { place, closing: Arc::default() }
    }

    /// Locks the directory, by `lock`, and waits for another store of this process that is being closed.
    ///
    /// # Errors
    /// [`StoreError::AlreadyOpen`], [`StoreError::Busy`], [`StoreError::Io`].
    pub(super) fn take(&self, lock: impl FnOnce() -> Result<(), TryLockError>) -> Result<(), StoreError> {
        let deadline = Instant::now() + LONGEST_CLOSE;
        let mut held = held();
        loop {
            match held.get(&self.place) {
                None => break,
                Some(entry) if entry.is_of(self) && !entry.locked => break,
                Some(entry) if !entry.is_of(self) && entry.is_closing() => {}
                Some(_) => return Err(StoreError::AlreadyOpen),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::AlreadyOpen);
            }
            held = CHANGED.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        // While the registry is held: who is refused by the lock meets an entry, or another process.
        match lock() {
            Ok(()) => {
                held.insert(self.place.clone(), Entry { closing: self.closing.clone(), locked: true });
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Lets the directory go, by `unlock`.
    pub(super) fn release(&self, unlock: impl FnOnce()) {
        let mut held = held();
        unlock();
        if let Some(entry) = held.get_mut(&self.place).filter(|entry| entry.is_of(self)) {
            entry.locked = false;
        }
        self.changed(held);
    }

    /// From now on who opens the directory waits, until what is returned is dropped. Does not block. Where another store
    /// has the directory it begins when this one takes it.
    pub(super) fn closing(&self) -> Closing {
        let mut held = held();
        self.closing.fetch_add(1, Ordering::Relaxed);
        held.entry(self.place.clone()).or_insert(Entry { closing: self.closing.clone(), locked: false });
        Closing(self.clone())
    }

    /// Forgets the entry if nothing is left of it, and wakes those that wait.
    fn changed(&self, mut held: MutexGuard<'_, Held>) {
        if held.get(&self.place).is_some_and(|entry| entry.is_of(self) && !entry.locked && !entry.is_closing()) {
            held.remove(&self.place);
        }
        CHANGED.notify_all();
    }
}

/// A store that is about to let its directory go, or is not given out yet and may never be. Dropped once it has let go, or
/// was given out.
#[derive(Debug)]
pub(crate) struct Closing(Holder);

impl Drop for Closing {
    fn drop(&mut self) {
        let held = held();
        self.0.closing.fetch_sub(1, Ordering::Relaxed);
        self.0.changed(held);
    }
}

type Held = HashMap<Place, Entry>;

static HELD: LazyLock<Mutex<Held>> = LazyLock::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();

fn held() -> MutexGuard<'static, Held> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// To close is to move a log of some megabytes into the database: a second on a bad phone. Who waits longer waits for a
/// worker that never gets its turn.
const LONGEST_CLOSE: Duration = Duration::from_secs(10);
