//! Which directories this process has open, so that it can tell itself from another process.
//!
//! The lock on a directory's lock file keeps other processes out, and a second store of this process too, without saying
//! which of both it met. This registry knows: a directory is found by its inode, however its path is spelled. It also
//! knows which stores are being closed by a worker thread, or opened for a caller who may have gone: who opens such a
//! directory waits for the outcome.

use std::collections::HashMap;
use std::fs::{Metadata, TryLockError};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
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

/// Who has a directory: one store.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    place: Place,
    /// No two stores of a process share it.
    number: u64,
}

struct Entry {
    number: u64,
    /// The lock file is locked.
    locked: bool,
    /// Those that wait for its end are told to: see [`Closing`].
    closing: usize,
}

impl Holder {
    /// A new one.
    pub(super) fn of(place: Place) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { place, number: NEXT.fetch_add(1, Ordering::Relaxed) }
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
                Some(entry) if entry.number == self.number && !entry.locked => break,
                Some(entry) if entry.number != self.number && entry.closing > 0 => {}
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
                self.entry(&mut held).locked = true;
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Lets the directory go, by `unlock`.
    pub(super) fn release(&self, unlock: impl FnOnce()) {
        self.change(|entry| {
            entry.locked = false;
            unlock();
        });
    }

    /// From now on who opens the directory waits, until what is returned is dropped. Does not block. Where another store
    /// has the directory this does nothing.
    pub(super) fn closing(&self) -> Closing {
        let mut held = held();
        let mine = held.get(&self.place).is_none_or(|entry| entry.number == self.number);
        if mine {
            self.entry(&mut held).closing += 1;
        }
        Closing(mine.then(|| self.clone()))
    }

    fn entry<'a>(&self, held: &'a mut MutexGuard<'_, Held>) -> &'a mut Entry {
        let empty = Entry { number: self.number, locked: false, closing: 0 };
        held.entry(self.place.clone()).or_insert(empty)
    }

    fn change(&self, change: impl FnOnce(&mut Entry)) {
        let mut held = held();
        let Some(entry) = held.get_mut(&self.place).filter(|entry| entry.number == self.number) else { return };
        change(entry);
        if !entry.locked && entry.closing == 0 {
            held.remove(&self.place);
        }
        CHANGED.notify_all();
    }
}

/// A store that is about to let its directory go, or is not given out yet and may never be. Dropped once it has let go, or
/// was given out.
#[derive(Debug)]
pub(crate) struct Closing(Option<Holder>);

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(holder) = self.0.take() {
            holder.change(|entry| entry.closing -= 1);
        }
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
