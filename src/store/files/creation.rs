//! Creation: which files exist when a store is opened, and how each comes into being.

use std::io::Write;
use std::path::PathBuf;

use super::super::StoreError;
use super::super::file_names::{DATABASE, KEY};
use super::directory::{Files, UNFINISHED, private, remove};
use super::lock::{Lock, Stage};
use super::wipe::WIPED;

/// The state of the key file.
pub(in crate::store) enum KeyState {
    /// No store exists: none was created, or its creation was interrupted.
    New,
    /// The key file holds a wrapped key.
    Wrapped(Vec<u8>),
}

impl Files {
    /// The state of the key file, after finishing an interrupted wipe and removing unfinished files.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`] if a file is lost: the rest is not treated as a new store.
    pub(in crate::store) fn key_state(&self, lock: &Lock) -> Result<KeyState, StoreError> {
        let key = self.read_key()?;
        if key.as_ref().is_some_and(|text| text.starts_with(&WIPED)) {
            self.finish_wipe(lock)?;
            return Ok(KeyState::New);
        }
        match (key, self.has_database()?, lock.stage()?) {
            (Some(text), true, _) => {
                self.remove_unfinished()?;
                Ok(KeyState::Wrapped(text))
            }
            (None, true, _) | (None, false, Stage::Made) => Err(StoreError::Missing { file: KEY }),
            (Some(_), false, Stage::Unsaid | Stage::Made) => Err(StoreError::Missing { file: DATABASE }),
            (key, false, _) => {
                self.remove_unfinished()?;
                if key.is_some() {
                    // It belongs to a database that was never finished.
                    remove(&self.directory.join(KEY))?;
                    self.sync()?;
                }
                Ok(KeyState::New)
            }
        }
    }

    /// Creates the key file, which must not exist.
    pub(in crate::store) fn write_key(&self, text: &[u8]) -> Result<(), StoreError> {
        let unfinished = self.directory.join([KEY, UNFINISHED].concat());
        let mut file = private().create_new(true).open(&unfinished)?;
        file.write_all(text)?;
        file.sync_all()?;
        self.finish(&unfinished, KEY)
    }

    /// Creates an empty private file for the unfinished database. SQLite gives its companions the same permissions.
    pub(in crate::store) fn create_unfinished_database(&self) -> Result<PathBuf, StoreError> {
        let path = self.unfinished_database();
        private().create_new(true).open(&path)?;
        Ok(path)
    }

    /// Renames the finished database.
    pub(in crate::store) fn finish_database(&self) -> Result<(), StoreError> {
        let path = self.unfinished_database();
        private().open(&path)?.sync_all()?;
        self.finish(&path, DATABASE)
    }
}
