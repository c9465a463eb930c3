//! The life cycle of a store: open, lock, suspend, wipe.

use std::path::Path;

use super::database::Database;
use super::files::{Files, KeyState, Lock};
use super::key::{DataKey, Keys};
use super::state::{KeyMaterial, OpenStore, StoreState};
use super::{Closing, KeyProvider, Store, StoreChange, StoreError, floor};

impl Store {
    /// Opens the store in this directory, or creates one. An interrupted wipe is finished first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`], [`StoreError::AlreadyOpen`], [`StoreError::NoKey`], [`StoreError::WrongKey`],
    /// [`StoreError::Corrupt`], [`StoreError::Missing`], [`StoreError::Link`], [`StoreError::Newer`],
    /// [`StoreError::Io`]. None of them changes the store.
    pub fn open(directory: impl AsRef<Path>, provider: &dyn KeyProvider) -> Result<Self, StoreError> {
        Self::open_unclaimed(directory, provider).map(|(store, _)| store)
    }

    /// Like [`Store::open`], for a caller that may be gone before the store is open. Opening the directory elsewhere
    /// waits until the second value is dropped. Drop it after the store was handed out, or after the store.
    pub(crate) fn open_unclaimed(
        directory: impl AsRef<Path>,
        provider: &dyn KeyProvider,
    ) -> Result<(Self, Closing), StoreError> {
        let files = Files::at(directory.as_ref())?;
        let unclaimed = files.closing();
        let open = open_with_provider(&files, provider)?;
        Ok((Self::new(Some(files), open), unclaimed))
    }

    /// An empty store that ends with its last clone, and does not touch the disk.
    ///
    /// # Errors
    /// [`StoreError::Fault`] if the system has no randomness or no memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self::new(None, open_in_memory()?))
    }

    /// Forgets the keys and closes the database. The content of a store in memory is lost.
    ///
    /// # Errors
    /// If the log could not be moved into the database. The store is locked all the same, and nothing is lost.
    pub fn lock(&self) -> Result<(), StoreError> {
        match std::mem::replace(&mut *self.changing(), StoreState::Locked) {
            StoreState::Open(open) => {
                if self.inner.files.is_none() {
                    self.inner.listeners.send(&StoreChange::Emptied);
                }
                open.database.close()
            }
            StoreState::Suspended(_) | StoreState::Locked => Ok(()),
        }
    }

    /// Opens a locked store again, with the same key. A wiped store, or one in memory, starts empty. An open or
    /// suspended store is left as it is.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn unlock(&self, provider: &dyn KeyProvider) -> Result<(), StoreError> {
        if !matches!(*self.state(), StoreState::Locked) {
            return Ok(());
        }
        let Some(files) = &self.inner.files else {
            let open = Box::new(open_in_memory()?);
            *self.changing() = StoreState::Open(open);
            return Ok(());
        };
        // Called before the state is locked: the provider may wait for a person, and other calls must not wait with it.
        let key = provider.key()?;
        let mut state = self.changing();
        if matches!(*state, StoreState::Locked) {
            *state = StoreState::Open(Box::new(open_with_provider(files, &key)?));
        }
        Ok(())
    }

    /// Releases every file and lock, because the system is about to suspend the process and would kill one that holds
    /// them. The keys stay in memory; [`Store::lock`] forgets them too. A store in memory holds no file and stays open.
    ///
    /// # Errors
    ///
    /// If the log could not be moved into the database. The store is suspended all the same, and nothing is
    /// lost.
    pub fn suspend(&self) -> Result<(), StoreError> {
        let mut state = self.changing();
        if self.inner.files.is_none() {
            return Ok(());
        }
        match std::mem::replace(&mut *state, StoreState::Locked) {
            StoreState::Open(open) => {
                // The lock goes last, with the rest of `open`.
                let OpenStore { database, held, _lock } = *open;
                let closed = database.close();
                *state = StoreState::Suspended(held);
                closed
            }
            other => {
                *state = other;
                Ok(())
            }
        }
    }

    /// Opens a suspended store again. An open store is left as it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`]; [`StoreError::Busy`] if another process took the directory meanwhile,
    /// [`StoreError::AlreadyOpen`] if another store of this process did; [`StoreError::WrongKey`] if it wiped the
    /// directory. The store then stays as it was.
    pub fn resume(&self) -> Result<(), StoreError> {
        let mut state = self.changing();
        match (&*state, &self.inner.files) {
            (StoreState::Open(_), _) => Ok(()),
            (StoreState::Suspended(held), Some(files)) => {
                let open = reopen(files, held)?;
                *state = StoreState::Open(Box::new(open));
                Ok(())
            }
            _ => Err(StoreError::Locked),
        }
    }

    /// Destroys everything: first the key, in place, then all files. Works on a locked and on a suspended store as
    /// well. The store is locked afterwards; unlocking it starts an empty store. If a wipe is interrupted, the next
    /// opening finishes it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] if another process has the directory, [`StoreError::AlreadyOpen`] if another store
    /// of this process has it, [`StoreError::Io`]. [`StoreError::Link`] if a link had the name of a file:
    /// everything else is gone, and so is the link; its target is unchanged.
    pub fn wipe(&self) -> Result<(), StoreError> {
        let mut state = self.changing();
        // From here on nothing can be read, whatever happens to the files.
        self.inner.listeners.send(&StoreChange::Emptied);
        let Some(files) = &self.inner.files else {
            *state = StoreState::Locked;
            return Ok(());
        };
        let (database, lock) = match std::mem::replace(&mut *state, StoreState::Locked) {
            StoreState::Open(open) => {
                let OpenStore { database, held, _lock } = *open;
                drop(held);
                (Some(database), _lock)
            }
            StoreState::Suspended(_) | StoreState::Locked => (None, None),
        };
        let lock = lock.map_or_else(|| files.lock(), Ok)?;
        let destroyed = files.destroy_key(&lock);
        if let Some(database) = database {
            database.abandon();
        }
        match destroyed {
            // This error is returned after the rest is gone.
            Ok(()) | Err(StoreError::Link { .. }) => files.wipe(lock),
            Err(error) => Err(error),
        }
    }

    /// [`Store::wipe`] for a store that is not open. It needs no key. If the directory does not exist, it is not
    /// created.
    ///
    /// # Errors
    /// As [`Store::wipe`].
    pub fn wipe_at(directory: impl AsRef<Path>) -> Result<(), StoreError> {
        let Some(files) = Files::existing(directory.as_ref())? else { return Ok(()) };
        let lock = files.lock()?;
        files.wipe(lock)
    }
}

fn open_with_provider(files: &Files, provider: &dyn KeyProvider) -> Result<OpenStore, StoreError> {
    let lock = files.lock()?;
    let (held, database) = match files.key_state(&lock)? {
        KeyState::Wrapped(file) => {
            let held = KeyMaterial { key: DataKey::unwrap(&file, &provider.key()?)?, file };
            let database = opened_database(files, &held.key)?;
            (held, database)
        }
        KeyState::New => make(files, &lock, provider)?,
    };
    lock.finish()?;
    Ok(OpenStore { database, held, _lock: Some(lock) })
}

/// Creates the files of a new store. If it is interrupted anywhere, the next opening starts again.
fn make(files: &Files, lock: &Lock, provider: &dyn KeyProvider) -> Result<(KeyMaterial, Database), StoreError> {
    lock.begin()?;
    let app = match provider.key() {
        Ok(key) => key,
        Err(error) => {
            lock.give_up()?;
            return Err(error.into());
        }
    };
    let key = DataKey::random()?;
    let file = key.wrap(&app)?;
    files.write_key(&file)?;
    let database = Database::make(files, Keys::new(&key)?)?;
    Ok((KeyMaterial { key, file }, database))
}

fn reopen(files: &Files, KeyMaterial { key, file }: &KeyMaterial) -> Result<OpenStore, StoreError> {
    let lock = files.lock()?;
    match files.key_state(&lock)? {
        KeyState::Wrapped(now) if now == *file => {}
        // The store was wiped while it was suspended. Whatever is there now is not ours.
        _ => return Err(StoreError::WrongKey),
    }
    let database = opened_database(files, key)?;
    Ok(OpenStore { database, held: KeyMaterial { key: key.clone(), file: file.clone() }, _lock: Some(lock) })
}

/// The database, with the floors of an earlier version completed.
fn opened_database(files: &Files, key: &DataKey) -> Result<Database, StoreError> {
    let mut database = Database::open(files, Keys::new(key)?)?;
    if database.read(floor::is_incomplete)? {
        database.write(floor::complete)?;
    }
    Ok(database)
}

fn open_in_memory() -> Result<OpenStore, StoreError> {
    let key = DataKey::random()?;
    let database = Database::in_memory(Keys::new(&key)?)?;
    Ok(OpenStore { database, held: KeyMaterial { key, file: Vec::new() }, _lock: None })
}
