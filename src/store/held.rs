//! The directories that this process has open. The registry distinguishes this process from another one.
//!
//! The lock on the lock file keeps out other processes and also a second store of this process, but does not say which
//! of the two it met. This registry does. It identifies a directory by its inode, however its path is spelled. It also
//! knows which stores a worker thread is closing, and which are being opened for a caller that may be gone. Opening
//! such a directory waits for the outcome.

use std::collections::HashMap;
use std::fs::{Metadata, TryLockError};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::StoreError;

/// The identity of a directory, independent of its path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct DirectoryId(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] std::path::PathBuf);

impl DirectoryId {
    /// The place of a directory. `metadata` is the directory's own.
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

/// The holder of a directory: one store and its clones.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    place: DirectoryId,
    /// The number of [`Closing`]s of this holder. Changed under the registry's lock. Each store has its own counter, so
    /// the pointer also identifies the holder.
    closing: Arc<AtomicUsize>,
}

struct Entry {
    closing: Arc<AtomicUsize>,
    /// True while the lock file is locked.
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
    /// A new holder.
    pub(super) fn of(place: DirectoryId) -> Self {
        Self { place, closing: Arc::default() }
    }

    /// Locks the directory with `lock`, and waits for another store of this process that is being closed.
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
        // The registry is held here, so a refused lock means an entry in it, or another process.
        match lock() {
            Ok(()) => {
                held.insert(self.place.clone(), Entry { closing: self.closing.clone(), locked: true });
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Releases the directory with `unlock`.
    pub(super) fn release(&self, unlock: impl FnOnce()) {
        let mut held = held();
        unlock();
        if let Some(entry) = held.get_mut(&self.place).filter(|entry| entry.is_of(self)) {
            entry.locked = false;
        }
        self.changed(held);
    }

    /// From now on, opening the directory waits until the returned value is dropped. Does not block. If another store
    /// has the directory, the wait starts when this holder takes it.
    pub(super) fn closing(&self) -> Closing {
        let mut held = held();
        self.closing.fetch_add(1, Ordering::Relaxed);
        held.entry(self.place.clone()).or_insert(Entry { closing: self.closing.clone(), locked: false });
        Closing(self.clone())
    }

    /// Removes the entry if nothing of it is left, and wakes the waiting threads.
    fn changed(&self, mut held: MutexGuard<'_, HeldDirectories>) {
        if held.get(&self.place).is_some_and(|entry| entry.is_of(self) && !entry.locked && !entry.is_closing()) {
            held.remove(&self.place);
        }
        CHANGED.notify_all();
    }
}

/// A store that is about to release its directory, or that was not handed out yet and may never be. Drop it after the
/// release, or after the store was handed out.
#[derive(Debug)]
pub(crate) struct Closing(Holder);

impl Drop for Closing {
    fn drop(&mut self) {
        let held = held();
        self.0.closing.fetch_sub(1, Ordering::Relaxed);
        self.0.changed(held);
    }
}

type HeldDirectories = HashMap<DirectoryId, Entry>;

static HELD: LazyLock<Mutex<HeldDirectories>> = LazyLock::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();

fn held() -> MutexGuard<'static, HeldDirectories> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Closing moves a log of some megabytes into the database: about a second on a slow phone. A longer wait means that
/// the worker does not get to run.
const LONGEST_CLOSE: Duration = Duration::from_secs(10);
