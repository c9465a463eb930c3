//! Wipe: the key first, so that nothing can be read from then on, then every file.

use std::io::Write;

use super::super::StoreError;
use super::super::file_names::{DATABASE, KEY, LOCK, TOR};
use super::super::key::KEY_FILE;
use super::directory::{COMPANIONS, Files, private, remove, remove_folder};
use super::lock::Lock;

/// The content of the key file after a wipe has begun. It is as long as a key file, so that nothing of the key is left.
pub(super) const WIPED: [u8; KEY_FILE] = [b'w'; KEY_FILE];

impl Files {
    /// The first step of a wipe, after which nothing can be read. Works on a damaged store as well.
    ///
    /// # Errors
    ///
    /// [`StoreError::Link`] if something else has the name of the key file. It is left as it is.
    pub(in crate::store) fn destroy_key(&self, _lock: &Lock) -> Result<(), StoreError> {
        let mut file = match self.open_plain(KEY)? {
            Some(file) => file,
            None => private().create_new(true).open(self.directory.join(KEY))?,
        };
        file.write_all(&WIPED)?;
        file.set_len(WIPED.len() as u64)?;
        file.sync_all()?;
        self.sync()
    }

    /// The rest of a wipe, except for the lock file. The key file goes last, because it records that a wipe has begun.
    /// A link is removed; its target stays.
    pub(in crate::store) fn finish_wipe(&self, lock: &Lock) -> Result<(), StoreError> {
        self.remove_unfinished()?;
        // The log goes first: it holds the latest writes.
        for end in COMPANIONS {
            remove(&self.directory.join([DATABASE, end].concat()))?;
        }
        remove(&self.database())?;
        remove_folder(&self.tor())?;
        self.sync()?;
        lock.give_up()?;
        remove(&self.directory.join(KEY))?;
        self.sync()
    }

    /// A complete wipe: no file of the store remains in the directory.
    ///
    /// # Errors
    ///
    /// [`StoreError::Link`] if a link had the name of the key file, the database or Tor's folder. The link was removed
    /// with everything else, but its target could not be destroyed.
    pub(in crate::store) fn wipe(&self, lock: Lock) -> Result<(), StoreError> {
        let database = self.has_database().err().filter(|error| matches!(error, StoreError::Link { .. }));
        // Its target has the guards, and the lines of bridges.
        let tor = self.tor_is_link().then_some(StoreError::Link { file: TOR });
        let key = match self.destroy_key(&lock) {
            Err(error @ StoreError::Link { .. }) => Some(error),
            done => done.map(|()| None)?,
        };
        self.finish_wipe(&lock)?;
        remove(&self.directory.join(LOCK))?;
        self.sync()?;
        key.or(database).or(tor).map_or(Ok(()), Err)
    }
}
