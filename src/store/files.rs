//! The files of a store, and how it ends.
//!
//! ```text
//! byway.lock     empty; locked while a process has the store open
//! byway.key      the data key, wrapped in the app's key
//! byway.db       the database; -wal beside it
//! *.new          one of them in the making: it is given its name when it is whole
//! ```
//!
//! A wipe first writes over the key file, in place: from then on nothing can be read, and what it writes says that a
//! wipe has begun. Then the database goes, and the key file last. A wipe that is cut short is finished by whoever
//! opens the directory next. On flash and on copying file systems the overwritten bytes may live on for a while
//! where no file shows them; they are still wrapped in the app's key, so an app that wipes throws its own key away too.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::key::KEY_FILE;

pub(super) const LOCK: &str = "byway.lock";
pub(super) const KEY: &str = "byway.key";
pub(super) const DATABASE: &str = "byway.db";

/// What may lie beside a database: SQLite's own names.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The end of the name of a file in the making.
const UNFINISHED: &str = ".new";

/// What a key file says once a wipe has begun, as long as a key file so that nothing of the key is left.
const WIPED: [u8; KEY_FILE] = [b'w'; KEY_FILE];

/// Where a store lies.
#[derive(Clone)]
pub(super) struct Files {
    directory: PathBuf,
}

/// The directory is ours as long as this lives.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // To close the file is not enough: a process that was forked a moment ago still has it, until it is another
        // program. If this fails, closing is what is left.
        let _ = self.0.unlock();
    }
}

/// What the key file says.
pub(super) enum KeyState {
    /// There is none, and no database either.
    New,
    /// It holds a wrapped key.
    Wrapped(Vec<u8>),
}

impl Files {
    /// The files of this directory, which is made if it is not there.
    pub(super) fn at(directory: &Path) -> Result<Self, StoreError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
        Ok(Self { directory: directory.to_owned() })
    }

    pub(super) fn database(&self) -> PathBuf {
        self.directory.join(DATABASE)
    }

    pub(super) fn unfinished_database(&self) -> PathBuf {
        self.directory.join([DATABASE, UNFINISHED].concat())
    }

    /// Every file that is or may be there.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        let mut all = vec![self.directory.join(LOCK), self.directory.join(KEY), self.database()];
        all.extend(COMPANIONS.map(|end| self.directory.join([DATABASE, end].concat())));
        all
    }

    /// Takes the directory, without waiting.
    pub(super) fn lock(&self) -> Result<Lock, StoreError> {
        let file = private().create(true).truncate(false).open(self.directory.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// What the key file says, after a wipe that was cut short was finished and what was left in the making removed.
    pub(super) fn key_state(&self, lock: &Lock) -> Result<KeyState, StoreError> {
        self.remove_unfinished()?;
        match self.read_key()? {
            Some(text) if text.starts_with(&WIPED) => {
                self.finish_wipe(lock)?;
                Ok(KeyState::New)
            }
            Some(text) => Ok(KeyState::Wrapped(text)),
            // A database without its key is not taken for a new store: it may be a copy put back by half.
            None if self.has_database()? => Err(StoreError::Corrupt { file: KEY }),
            None => Ok(KeyState::New),
        }
    }

    /// Puts a key file where there is none.
    pub(super) fn write_key(&self, text: &[u8]) -> Result<(), StoreError> {
        let unfinished = self.directory.join([KEY, UNFINISHED].concat());
        let mut file = private().create_new(true).open(&unfinished)?;
        file.write_all(text)?;
        file.sync_all()?;
        self.finish(&unfinished, KEY)
    }

    /// An empty private file for the database in the making: SQLite gives its companions the same permissions.
    pub(super) fn create_unfinished_database(&self) -> Result<PathBuf, StoreError> {
        let path = self.unfinished_database();
        private().create_new(true).open(&path)?;
        Ok(path)
    }

    /// Whether there is a database. Its companions alone are refused: SQLite would play an old log into a new database.
    pub(super) fn has_database(&self) -> Result<bool, StoreError> {
        if self.database().try_exists()? {
            return Ok(true);
        }
        for end in COMPANIONS {
            if self.directory.join([DATABASE, end].concat()).try_exists()? {
                return Err(StoreError::damaged());
            }
        }
        Ok(false)
    }

    /// Gives a whole database its name.
    pub(super) fn finish_database(&self) -> Result<(), StoreError> {
        let path = self.unfinished_database();
        private().open(&path)?.sync_all()?;
        self.finish(&path, DATABASE)
    }

    /// The first step of a wipe, after which nothing can be read. Works on a damaged store as well.
    pub(super) fn destroy_key(&self, _lock: &Lock) -> Result<(), StoreError> {
        let mut file = private().create(true).truncate(false).open(self.directory.join(KEY))?;
        file.write_all(&WIPED)?;
        file.set_len(WIPED.len() as u64)?;
        file.sync_all()?;
        self.sync()
    }

    /// The rest of a wipe. The key file goes last, because it says that a wipe has begun.
    pub(super) fn finish_wipe(&self, _lock: &Lock) -> Result<(), StoreError> {
        self.remove_unfinished()?;
        // The log first: it holds what was written last.
        for end in COMPANIONS {
            remove(&self.directory.join([DATABASE, end].concat()))?;
        }
        remove(&self.database())?;
        self.sync()?;
        remove(&self.directory.join(KEY))?;
        self.sync()
    }

    fn remove_unfinished(&self) -> Result<(), StoreError> {
        remove(&self.directory.join([KEY, UNFINISHED].concat()))?;
        for end in COMPANIONS.iter().chain(&[""]) {
            remove(&self.directory.join([DATABASE, UNFINISHED, end].concat()))?;
        }
        Ok(())
    }

    fn read_key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let file = match File::open(self.directory.join(KEY)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut text = Vec::new();
        // One byte more than it can have, to see that it has too many.
        file.take(KEY_FILE as u64 + 1).read_to_end(&mut text)?;
        Ok(Some(text))
    }

    fn finish(&self, unfinished: &Path, name: &str) -> Result<(), StoreError> {
        fs::rename(unfinished, self.directory.join(name))?;
        self.sync()
    }

    /// Names are on the disk only when their directory is.
    fn sync(&self) -> Result<(), StoreError> {
        #[cfg(unix)]
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }
}

/// For the owner's eyes only.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn old_store() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::at(folder.path()).unwrap();
        for path in files.all().into_iter().filter(|path| !path.ends_with(LOCK)) {
            fs::write(path, "old").unwrap();
        }
        (folder, files)
    }

    fn left(folder: &Path) -> Vec<String> {
        let mut left: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        left
    }

    #[test]
    fn a_wipe_cut_short_after_any_step_is_finished_by_who_opens_next() {
        // The steps after the key is overwritten each remove one file; any of them may be there or not.
        for mask in 0..16_u32 {
            let (folder, files) = old_store();
            files.destroy_key(&files.lock().unwrap()).unwrap();
            let rest: Vec<PathBuf> = files.all().into_iter().skip(2).collect();
            for (at, path) in rest.iter().enumerate() {
                if mask & (1 << at) != 0 {
                    fs::remove_file(path).unwrap();
                }
            }
            let lock = files.lock().unwrap();
            assert!(matches!(files.key_state(&lock), Ok(KeyState::New)));
            assert_eq!(left(folder.path()), [LOCK]);
        }
    }

    #[test]
    fn what_was_left_in_the_making_is_removed_and_a_database_without_its_key_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::at(folder.path()).unwrap();
        for name in ["byway.key.new", "byway.db.new", "byway.db.new-wal", "byway.db.new-journal"] {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        let lock = files.lock().unwrap();
        assert!(matches!(files.key_state(&lock), Ok(KeyState::New)));
        assert_eq!(left(folder.path()), [LOCK]);
        fs::write(files.database(), "old").unwrap();
        assert!(matches!(files.key_state(&lock), Err(StoreError::Corrupt { file: KEY })));
        assert_eq!(fs::read(files.database()).unwrap(), b"old");
    }

    #[test]
    fn a_key_file_longer_than_any_leaves_nothing_behind_the_mark_of_a_wipe() {
        let (folder, files) = old_store();
        fs::write(folder.path().join(KEY), [b'k'; 1000]).unwrap();
        files.destroy_key(&files.lock().unwrap()).unwrap();
        assert_eq!(fs::read(folder.path().join(KEY)).unwrap(), WIPED);
    }

    #[test]
    fn a_directory_is_had_once() {
        let (_folder, files) = old_store();
        let lock = files.lock().unwrap();
        assert!(matches!(files.lock(), Err(StoreError::Busy)));
        drop(lock);
        files.lock().unwrap();
    }
}
