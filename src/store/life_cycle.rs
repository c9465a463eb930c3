//! The life of a store: opened, locked, suspended, wiped.

use std::path::Path;

use crate::store::{
    Closing, DataKey, Database, Files, Held, KeyProvider, KeyState, Keys, Lock, Open, State, Store, StoreChange,
    StoreError, floor,
};

impl Store {
    /// Opens the store of this directory, or makes one. A wipe that was cut short is finished first.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::AlreadyOpen`], [`StoreError::NoKey`], [`StoreError::WrongKey`],
    /// [`StoreError::Corrupt`], [`StoreError::Missing`], [`StoreError::Link`], [`StoreError::Newer`], [`StoreError::Io`]. In none of these cases is anything of the store changed.
    pub fn open(directory: impl AsRef<Path>, provider: &dyn KeyProvider) -> Result<Self, StoreError> {
        Self::open_unclaimed(directory, provider).map(|(store, _)| store)
    }

    /// [`Store::open`] for a caller who may have gone when it is open: who opens the directory meanwhile waits until the
    /// second value is dropped. Drop it when the store was given out, or after the store.
    pub(crate) fn open_unclaimed(
        directory: impl AsRef<Path>,
        provider: &dyn KeyProvider,
    ) -> Result<(Self, Closing), StoreError> {
        let files = Files::at(directory.as_ref())?;
        let unclaimed = files.closing();
        let open = open_with_provider(&files, provider)?;
        Ok((Self::new(Some(files), open), unclaimed))
    }

    /// An empty store that ends with its last clone, and touches no disk.
    ///
    /// # Errors
    /// [`StoreError::Fault`], when the system has no randomness or memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self::new(None, open_in_memory()?))
    }

    /// Forgets the keys and closes. What a store in memory holds is gone with them.
    ///
    /// # Errors
    /// When the log could not be moved into the database. The store is locked all the same, and nothing is lost.
    pub fn lock(&self) -> Result<(), StoreError> {
        match std::mem::replace(&mut *self.changing(), State::Locked) {
            State::Open(open) => {
                if self.inner.files.is_none() {
                    self.inner.listeners.send(&StoreChange::Emptied);
                }
                open.database.close()
            }
            State::Suspended(_) | State::Locked => Ok(()),
        }
    }

    /// Opens a locked store again, with the same key. A wiped store, or one in memory, begins empty. An open or
    /// suspended store stays as it is.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn unlock(&self, provider: &dyn KeyProvider) -> Result<(), StoreError> {
        if !matches!(*self.state(), State::Locked) {
            return Ok(());
        }
        let Some(files) = &self.inner.files else {
            let open = Box::new(open_in_memory()?);
            *self.changing() = State::Open(open);
            return Ok(());
        };
        // Before the state is taken: it may wait for a person, and other calls must not wait with it.
        let key = provider.key()?;
        let mut state = self.changing();
        if matches!(*state, State::Locked) {
            *state = State::Open(Box::new(open_with_provider(files, &key)?));
        }
        Ok(())
    }

    /// Lets go of every file and lock, because the system is about to put the process to sleep: it would kill one that
    /// holds them. The keys stay in memory; [`Store::lock`] forgets them too. A store in memory holds no file and stays open.
    ///
    /// # Errors
    /// When the log could not be moved into the database. The store is suspended all the same, and nothing is lost.
    pub fn suspend(&self) -> Result<(), StoreError> {
        let mut state = self.changing();
        if self.inner.files.is_none() {
            return Ok(());
        }
        match std::mem::replace(&mut *state, State::Locked) {
            State::Open(open) => {
                // The lock goes last, with what is left of `open`.
                let Open { database, held, _lock } = *open;
                let closed = database.close();
                *state = State::Suspended(held);
                closed
            }
            other => {
                *state = other;
                Ok(())
            }
        }
    }

    /// Opens a suspended store again. An open one stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Locked`]; [`StoreError::Busy`] when another process took the directory meanwhile,
    /// [`StoreError::AlreadyOpen`] when another store of this one did;
    /// [`StoreError::WrongKey`] when it wiped it. The store then stays as it was.
    pub fn resume(&self) -> Result<(), StoreError> {
        let mut state = self.changing();
        match (&*state, &self.inner.files) {
            (State::Open(_), _) => Ok(()),
            (State::Suspended(held), Some(files)) => {
                let open = reopen(files, held)?;
                *state = State::Open(Box::new(open));
                Ok(())
            }
            _ => Err(StoreError::Locked),
        }
    }

    /// Destroys everything: first the key, in place, then the files, none of which is left. Works on a locked and on a suspended store as well.
    /// The store is locked then; unlocking it begins an empty one. Cut short, it is finished when the store is opened next.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process has the directory, [`StoreError::AlreadyOpen`] when another store of this
    /// one has, [`StoreError::Io`]. [`StoreError::Link`] when a link
    /// stood instead of a file: everything else is gone, the link too, and what it leads to is as it was.
    pub fn wipe(&self) -> Result<(), StoreError> {
        let mut state = self.changing();
        // Whatever becomes of the files, nothing can be read any more.
        self.inner.listeners.send(&StoreChange::Emptied);
        let Some(files) = &self.inner.files else {
            *state = State::Locked;
            return Ok(());
        };
        let (database, lock) = match std::mem::replace(&mut *state, State::Locked) {
            State::Open(open) => {
                let Open { database, held, _lock } = *open;
                drop(held);
                (Some(database), _lock)
            }
            State::Suspended(_) | State::Locked => (None, None),
        };
        let lock = lock.map_or_else(|| files.lock(), Ok)?;
        let destroyed = files.destroy_key(&lock);
        if let Some(database) = database {
            database.abandon();
        }
        match destroyed {
            // It is told once the rest is gone.
            Ok(()) | Err(StoreError::Link { .. }) => files.wipe(lock),
            Err(error) => Err(error),
        }
    }

    /// [`Store::wipe`] of a store that is not open, for which no key is needed. Where there is no directory, nothing is
    /// made.
    ///
    /// # Errors
    /// As [`Store::wipe`].
    pub fn wipe_at(directory: impl AsRef<Path>) -> Result<(), StoreError> {
        let Some(files) = Files::existing(directory.as_ref())? else { return Ok(()) };
        let lock = files.lock()?;
        files.wipe(lock)
    }
}

fn open_with_provider(files: &Files, provider: &dyn KeyProvider) -> Result<Open, StoreError> {
    let lock = files.lock()?;
    let (held, database) = match files.key_state(&lock)? {
        KeyState::Wrapped(file) => {
            let held = Held { key: DataKey::unwrap(&file, &provider.key()?)?, file };
            let database = opened_database(files, &held.key)?;
            (held, database)
        }
        KeyState::New => make(files, &lock, provider)?,
    };
    lock.finish()?;
    Ok(Open { database, held, _lock: Some(lock) })
}

/// Makes the files of a new store. Cut short anywhere, the next opening begins anew.
fn make(files: &Files, lock: &Lock, provider: &dyn KeyProvider) -> Result<(Held, Database), StoreError> {
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
    Ok((Held { key, file }, database))
}

fn reopen(files: &Files, Held { key, file }: &Held) -> Result<Open, StoreError> {
    let lock = files.lock()?;
    match files.key_state(&lock)? {
        KeyState::Wrapped(now) if now == *file => {}
        // Wiped while we slept: what is there now, if anything, is not ours.
        _ => return Err(StoreError::WrongKey),
    }
    let database = opened_database(files, key)?;
    Ok(Open { database, held: Held { key: key.clone(), file: file.clone() }, _lock: Some(lock) })
}

/// The database, in which the floors of an earlier version are completed.
fn opened_database(files: &Files, key: &DataKey) -> Result<Database, StoreError> {
    let mut database = Database::open(files, Keys::new(key)?)?;
    if database.read(floor::is_incomplete)? {
        database.write(floor::complete)?;
    }
    Ok(database)
}

fn open_in_memory() -> Result<Open, StoreError> {
    let key = DataKey::random()?;
    let database = Database::in_memory(Keys::new(&key)?)?;
    Ok(Open { database, held: Held { key, file: Vec::new() }, _lock: None })
}
