//! How much is kept on the device, for how long, and where.

use std::path::PathBuf;

use super::Byway;
use crate::store::StoreError;

impl Byway {
    /// For how many days posts and events are kept; `None` keeps them for ever, which is the default.
    ///
    /// The setting is kept in the store, and ends with a [`wipe`](Byway::wipe). What is older is removed now, whenever
    /// the store is opened, unlocked or resumed, and after every [`sync_once`](Byway::sync_once). If it is read again,
    /// it is not added again. Returns how many were removed now.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn set_retention(&self, days: Option<u32>) -> Result<u64, StoreError> {
        let now = self.wall();
        self.inner.store.set_retention(days, now).await
    }

    /// For how many days posts and events are kept: see [`Byway::set_retention`].
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn retention(&self) -> Result<Option<u32>, StoreError> {
        self.inner.store.on(|store| store.retention()).await
    }

    pub(super) async fn retain(&self) -> Result<u64, StoreError> {
        let now = self.wall();
        self.inner.store.on(move |store| store.retain(now)).await
    }

    /// Keeps the store's database below this many bytes, from the next reading on. The oldest posts of all communities
    /// are removed first; events stay. `None`, the default, sets no limit. The setting is kept in the store, and ends
    /// with a [`wipe`](Byway::wipe).
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn set_storage_limit(&self, bytes: Option<u64>) -> Result<(), StoreError> {
        self.inner.store.on(move |store| store.set_limit(bytes)).await
    }

    /// Below how many bytes the database is kept: see [`Byway::set_storage_limit`].
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn storage_limit(&self) -> Result<Option<u64>, StoreError> {
        self.inner.store.on(|store| store.limit()).await
    }

    /// How many bytes of the database are in use.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn storage_used(&self) -> Result<u64, StoreError> {
        self.inner.store.on(|store| store.size()).await
    }

    /// Reads everything that is kept and checks that it is whole. This takes as long as reading the file does, and
    /// other calls wait for it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if something is damaged; see [`StoreError`].
    pub async fn check_integrity(&self) -> Result<(), StoreError> {
        self.inner.store.on(|store| store.check()).await
    }

    /// Every file that the store has or may have, to be left out of backups. A store in memory has none.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.inner.store.store().paths()
    }
}
