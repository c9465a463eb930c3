//! Under which identity something was remembered: what a site gave under an earlier one is not sent back to it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::{Store, StoreError};

/// How often a new identity was taken since it was written last: the store may be asleep or locked.
#[derive(Debug, Default)]
pub(super) struct UnwrittenIdentities(Mutex<u64>);

impl UnwrittenIdentities {
    fn count(&self) -> MutexGuard<'_, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more is taken.
    pub(super) fn take(&self) {
        *self.count() += 1;
    }

    /// The number of the present identity. Blocks.
    pub(super) fn present(&self, store: &Store) -> Result<u64, StoreError> {
        let unwritten = self.count();
        Ok(written(store)?.wrapping_add(*unwritten))
    }

    /// Writes it, if it is not written. Blocks.
    pub(super) fn write(&self, store: &Store) -> Result<(), StoreError> {
        let mut unwritten = self.count();
        if *unwritten == 0 {
            return Ok(());
        }
        store.set_blob(IDENTITY, &written(store)?.wrapping_add(*unwritten).to_le_bytes())?;
        *unwritten = 0;
        Ok(())
    }
}

fn written(store: &Store) -> Result<u64, StoreError> {
    let bytes = store.blob(IDENTITY)?;
    // What another version wrote in another form begins anew: its number is not that of anything remembered.
    Ok(bytes.map_or(0, |bytes| bytes.try_into().map_or(u64::MAX, u64::from_le_bytes)))
}

const IDENTITY: &str = "identity";
