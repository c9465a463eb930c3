//! How much is kept on the device, for how long, and where.

use std::path::PathBuf;

use super::Byway;
use crate::store::StoreError;

impl Byway {
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
}
