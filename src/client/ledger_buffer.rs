//! Holds the ledger's bytes until they are stored.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::reach::LedgerStorage;
use crate::store::{Store, StoreError};

/// What the ledger has saved but the store does not have yet.
///
/// A ledger saves while it is locked, on whichever thread that happens. So its bytes are put here. A worker stores them
/// ([`LedgerBuffer::write`]) when the operation that changed the ledger is over.
#[derive(Debug, Default)]
pub(super) struct LedgerBuffer {
    pages: Mutex<Pages>,
    /// The writer holds it. So nobody stores older pages after newer ones, or writes after a wipe what was learned
    /// before it.
    writing: Mutex<()>,
}

#[derive(Default)]
struct Pages {
    stored: Option<Vec<u8>>,
    unsaved: Option<Vec<u8>>,
    /// The store was wiped: what was learned before is not written any more.
    closed: bool,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages(..)")
    }
}

impl LedgerBuffer {
    /// The bytes that were stored last. Blocks.
    pub(super) fn of(store: &Store) -> Result<Arc<Self>, StoreError> {
        let stored = store.blob(LEDGER)?;
        let pages = Mutex::new(Pages { stored, ..Pages::default() });
        Ok(Arc::new(Self { pages, writing: Mutex::default() }))
    }

    pub(super) fn is_unsaved(&self) -> bool {
        self.pages().unsaved.is_some()
    }

    /// Stores what was put here since. If that fails, the bytes are kept for the next call. Blocks.
    pub(super) fn write(&self, store: &Store) -> Result<(), StoreError> {
        self.undisturbed(|| self.write_now(store))
    }

    /// Does this work while nothing is written. Blocks.
    pub(super) fn undisturbed<T>(&self, work: impl FnOnce() -> T) -> T {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    }

    /// [`LedgerBuffer::write`] for a caller that is already [undisturbed](LedgerBuffer::undisturbed).
    pub(super) fn write_now(&self, store: &Store) -> Result<(), StoreError> {
        let Some(bytes) = self.pages().unsaved.take() else { return Ok(()) };
        store.set_blob(LEDGER, &bytes).inspect_err(|_| {
            let mut pages = self.pages();
            if !pages.closed {
                pages.unsaved.get_or_insert(bytes);
            }
        })
    }

    /// From now on writes nothing.
    pub(super) fn close(&self) {
        *self.pages() = Pages { closed: true, ..Pages::default() };
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LedgerStorage for LedgerBuffer {
    fn load(&self) -> Option<Vec<u8>> {
        self.pages().stored.take()
    }

    fn save(&self, bytes: &[u8]) {
        let mut pages = self.pages();
        if !pages.closed {
            pages.unsaved = Some(bytes.to_vec());
        }
    }
}

/// The blob that contains the ledger and the secret of its hashes.
pub(super) const LEDGER: &str = "ledger";
