//! The store as a whole: how much it holds, its key, its files, its end.

use std::sync::Arc;

use super::Client;
use crate::errors::{BywayError, Worded};
use crate::given::natural;
use crate::keys::StoreKeySource;
use crate::numbers::{number, small};
use crate::runtime::CancelHandle;

#[uniffi::export]
impl Client {
    /// For how many days posts and events are kept; absent if for ever.
    pub async fn retention(&self) -> Result<Option<i32>, BywayError> {
        self.call(None, |byway, language| async move {
            let days = byway.retention().await.map_err(|error| error.worded(language))?;
            Ok(days.map(small))
        })
        .await
    }

    /// Sets for how many days posts and events are kept, drops what is older, and returns how many were dropped.
    pub async fn set_retention(&self, days: Option<i32>) -> Result<i64, BywayError> {
        self.finish(|byway, language| async move {
            let days = days.map(|days| natural(days.into(), language)).transpose()?;
            byway.set_retention(days).await.map(number).map_err(|error| error.worded(language))
        })
        .await
    }

    /// How many bytes the store may take; absent if there is no limit.
    pub async fn storage_limit(&self) -> Result<Option<i64>, BywayError> {
        self.call(None, |byway, language| async move {
            let limit = byway.storage_limit().await.map_err(|error| error.worded(language))?;
            Ok(limit.map(number))
        })
        .await
    }

    /// Sets how many bytes the store may take.
    pub async fn set_storage_limit(&self, bytes: Option<i64>) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            let bytes = bytes.map(|bytes| natural(bytes, language)).transpose()?;
            byway.set_storage_limit(bytes).await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// How many bytes the store takes now.
    pub async fn storage_used(&self) -> Result<i64, BywayError> {
        self.call(None, |byway, language| async move {
            byway.storage_used().await.map(number).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Reads everything that is kept. The error says what is damaged.
    #[uniffi::method(default(cancel = None))]
    pub async fn check_integrity(&self, cancel: Option<Arc<CancelHandle>>) -> Result<(), BywayError> {
        self.call(cancel, |byway, language| async move {
            byway.check_integrity().await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// Forgets the key: until `unlock`, nothing that is kept can be read. It is carried out even if the call is
    /// cancelled.
    pub async fn lock(&self) -> Result<(), BywayError> {
        self.finish(|byway, language| async move { byway.lock().await.map_err(|error| error.worded(language)) }).await
    }

    /// Opens the store again with its key.
    pub async fn unlock(&self, key: StoreKeySource) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            byway.unlock(key.provider(language)?).await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// Before the app sleeps: closes every file of the store. It is carried out even if the call is cancelled.
    pub async fn suspend(&self) -> Result<(), BywayError> {
        self.finish(|byway, language| async move { byway.suspend().await.map_err(|error| error.worded(language)) })
            .await
    }

    /// After the app slept.
    pub async fn resume(&self) -> Result<(), BywayError> {
        self.finish(|byway, language| async move { byway.resume().await.map_err(|error| error.worded(language)) }).await
    }

    /// Destroys everything that is kept. It is carried out even if the call is cancelled.
    pub async fn wipe(&self) -> Result<(), BywayError> {
        self.finish(|byway, language| async move { byway.wipe().await.map_err(|error| error.worded(language)) }).await
    }

    /// The files of the store, for example to leave them out of a backup.
    pub fn paths(&self) -> Result<Vec<String>, BywayError> {
        self.now(|byway, _, _| Ok(byway.paths().iter().map(|path| path.to_string_lossy().into_owned()).collect()))
    }
}
