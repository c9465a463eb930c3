//! How old and how large the stored data may become: retention in days, and a limit in bytes.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::changes::Tally;
use super::database::{Database, Tx};
use super::sealed_list::{self, Removed};
use super::settings::Settings;
use super::{Store, StoreError};

impl Store {
    /// Sets how many days posts and events are kept. `None`, the default, keeps them for ever. The setting is stored,
    /// and ends with a wipe. The age counts from the day of publishing or of the start; without either, from the
    /// reading. Older items are deleted now and at every [`Store::retain`], and are no longer added. Returns how many
    /// were deleted now.
    ///
    /// # Errors
    ///
    /// The errors of every call. Nothing is changed then.
    pub fn set_retention(&self, days: Option<u32>, now: Timestamp) -> Result<u64, StoreError> {
        self.write(|tx| Settings { retention_days: days, ..Settings::load(tx)? }.save(tx))?;
        self.retain(now)
    }

    /// The number of days that posts and events are kept: see [`Store::set_retention`].
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn retention(&self) -> Result<Option<u32>, StoreError> {
        self.read(|tx| Ok(Settings::load(tx)?.retention_days))
    }

    /// Deletes posts and events that are older than [`Store::retention`] allows, without a trace in the files. Returns
    /// how many were deleted.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn retain(&self, now: Timestamp) -> Result<u64, StoreError> {
        if self.read(|tx| Ok(Settings::load(tx)?.retention_days.is_none()))? {
            return Ok(0);
        }
        self.with(|database| {
            let (removed, changes) = database.write(|tx| {
                let oldest = Settings::load(tx)?.oldest(now);
                let Some(oldest) = oldest else { return Ok((Removed::default(), BTreeMap::new())) };
                let mut tally = Tally::default();
                Ok((sealed_list::remove_before(tx, oldest, &mut tally)?, tally.finish()))
            })?;
            self.tell(&changes);
            shrink_after(database, removed)?;
            Ok(removed.items)
        })
    }

    /// Limits the size of the database in bytes from the next write on: the oldest pictures of all communities that
    /// bundles brought are evicted first, and then the oldest posts. `None`, the default, means no limit. The setting is stored, and ends with a wipe. The log beside the
    /// database takes some more megabytes.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn set_limit(&self, bytes: Option<u64>) -> Result<(), StoreError> {
        self.write(|tx| Settings { limit_bytes: bytes, ..Settings::load(tx)? }.save(tx))
    }

    /// The size limit of the database in bytes: see [`Store::set_limit`].
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn limit(&self) -> Result<Option<u64>, StoreError> {
        self.read(|tx| Ok(Settings::load(tx)?.limit_bytes))
    }

    /// The number of bytes of the database that are in use.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub fn size(&self) -> Result<u64, StoreError> {
        self.read(|tx| tx.used())
    }
}

/// Evicts the oldest pictures, and then the oldest posts, until the limit is met, and some more, so that not every batch has to evict.
pub(super) fn evict(tx: &Tx<'_>, limit: u64, tally: &mut Tally) -> Result<Removed, StoreError> {
    let mut evicted = Removed::default();
    if tx.used()? <= limit {
        return Ok(evicted);
    }
    while tx.used()? > limit - limit / 16 {
        let removed = sealed_list::remove_oldest(tx, tally)?;
        match removed.is_any() {
            false if tx.used()? <= limit => break,
            false => return Err(StoreError::Full { limit }),
            true => {
                evicted.items += removed.items;
                evicted.pictures += removed.pictures;
            }
        }
    }
    Ok(evicted)
}

/// Leaves no trace of what was removed in the files.
pub(super) fn shrink_after(database: &mut Database, removed: Removed) -> Result<(), StoreError> {
    if removed.is_any() { database.shrink() } else { Ok(()) }
}
