//! Opaque bytes under a name, and secrets that belong to the store.

use zeroize::Zeroizing;

use super::database::RecordKind;
use super::{Store, StoreError};

impl Store {
    /// The bytes stored under this name.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub(crate) fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|tx| Ok(tx.record(RecordKind::Blob, &[name.as_bytes()])?.map(|plain| plain.to_vec())))
    }

    /// Stores bytes under a name, and replaces the previous ones.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub(crate) fn set_blob(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(|tx| tx.set_record(RecordKind::Blob, &[name.as_bytes()], bytes))
    }

    /// Removes the bytes under this name.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub(crate) fn remove_blob(&self, name: &str) -> Result<(), StoreError> {
        self.write(|tx| tx.remove_record(RecordKind::Blob, &[name.as_bytes()]))
    }

    /// A secret for the caller's own use, e.g. the ledger's hashes. The same name gives the same secret for as long as
    /// the store lives, and another one after a wipe. It is stored nowhere.
    ///
    /// # Errors
    ///
    /// The errors of every call.
    pub(crate) fn secret(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        self.with(|database| database.keys().derive(name))
    }
}
