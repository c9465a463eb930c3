//! The settings for size and retention. They live in the store, so that they survive a restart.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::database::{RecordKind, Tx};

/// The settings of a store. Earlier versions have none; later versions may have more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    /// The number of days after which posts and events are deleted.
    pub(super) retention_days: Option<u32>,
    /// The size limit of the database in bytes.
    pub(super) limit_bytes: Option<u64>,
}

impl Settings {
    pub(super) fn load(tx: &Tx<'_>) -> Result<Self, StoreError> {
        match tx.record(RecordKind::Setting, NAME)? {
            Some(plain) => serde_json::from_slice(&plain).map_err(|_| StoreError::damaged()),
            None => Ok(Self::default()),
        }
    }

    pub(super) fn save(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.set_record(RecordKind::Setting, NAME, &serde_json::to_vec(self).map_err(|_| StoreError::Item)?)
    }

    /// The oldest time that is kept, if there is a limit.
    pub(super) fn oldest(&self, now: Timestamp) -> Option<Timestamp> {
        let days = i64::from(self.retention_days?);
        Some(now.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN))
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit_bytes.unwrap_or(u64::MAX)
    }
}

/// The only record of its kind.
const NAME: &[&[u8]] = &[b"settings"];
