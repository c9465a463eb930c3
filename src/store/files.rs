//! The files of a store: how a store is created and how it is wiped.
//!
//! ```text
//! byway.lock     locked while a process has the store open; records the progress of creation
//! byway.key      the data key, wrapped in the app's key
//! byway.db       the database; -wal beside it
//! *.new          an unfinished file; it is renamed when it is complete
//! ```
//!
//! **Creation.** The lock file says `making` before the first file exists, and `made` once all exist. So a key without
//! a database means one of two things. If the lock file says `making`, creation was interrupted, and it starts again.
//! Otherwise the database is lost, and that is damage. A lost store is never replaced by an empty one: that would
//! forget the exposure floors, and a community bound to Tor would be read directly. Only a directory without any file
//! of the store looks like a new store.
//!
//! **Wipe.** A wipe first overwrites the key file in place. From then on nothing can be read, and the overwritten text
//! says that a wipe has begun. Then it removes the database, the key file, and the lock file, in this order. If a wipe
//! is interrupted, the next process that opens the directory finishes it. On flash and on copy-on-write file systems
//! the overwritten bytes may survive for a while outside any file. They are still wrapped in the app's key, so an app
//! that wipes destroys its own key too.
//!
//! **No link is followed**, neither for the directory nor for a file: its target belongs to something else, and a wipe
//! would overwrite it.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::held::{Closing, Holder, Place};
use super::key::KEY_FILE;
use crate::store::file_names::{DATABASE, KEY, LOCK};

/// The suffixes of the files that SQLite may put beside a database.
/// The folder for the files of the Tor within this process: the list of relays, and the guards that it chose. They are not
/// sealed: they name no community, and Tor checks the signatures of all that it loads.
const TOR: &str = "tor";

const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The suffix of an unfinished file.
const UNFINISHED: &str = ".new";

/// The content of the key file after a wipe has begun. It is as long as a key file, so that nothing of the key is left.
const WIPED: [u8; KEY_FILE] = [b'w'; KEY_FILE];

/// The content of the lock file during and after creation. Both have one length: the second overwrites the first within
/// one sector, even on a full disk.
const MAKING: &[u8; 7] = b"making\n";
const MADE: &[u8; 7] = b"made...";

/// The location of a store.
#[derive(Clone)]
pub(super) struct Files {
    directory: PathBuf,
    holder: Holder,
}

/// Holds the directory while it lives.
pub(super) struct Lock {
    file: File,
    holder: Holder,
}

/// The progress of creation, as the lock file states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No statement: nothing was created, or the lock file was not restored with the other files.
    Unsaid,
    /// Creation has begun.
    Making,
    /// Creation has finished.
    Made,
}

impl Lock {
    fn stage(&self) -> Result<Stage, StoreError> {
        let mut said = Vec::new();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        file.take(MADE.len() as u64).read_to_end(&mut said)?;
        Ok(match said.as_slice() {
            [] => Stage::Unsaid,
            said if said == MAKING => Stage::Making,
            // A value that this version does not know comes from a version that had a store here.
            _ => Stage::Made,
        })
    }

    /// Records that creation has begun. Until it has finished, a missing file is not an error.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
        self.say(MAKING)
    }

    /// Takes [`begin`](Self::begin) back: nothing was created.
    pub(super) fn give_up(&self) -> Result<(), StoreError> {
        self.say(&[])
    }

    /// Records that every file of the store exists.
    pub(super) fn finish(&self) -> Result<(), StoreError> {
        if self.stage()? == Stage::Made { Ok(()) } else { self.say(MADE) }
    }

    fn say(&self, words: &[u8]) -> Result<(), StoreError> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(words)?;
        file.set_len(words.len() as u64)?;
        Ok(file.sync_all()?)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that was forked a moment ago still holds it until its exec. If
        // unlocking fails, closing must do.
        self.holder.release(|| drop(self.file.unlock()));
    }
}

/// The state of the key file.
pub(super) enum KeyState {
    /// No store exists: none was created, or its creation was interrupted.
    New,
    /// The key file holds a wrapped key.
    Wrapped(Vec<u8>),
}

impl Files {
    /// The files in this directory, which is created if it does not exist.
    pub(super) fn at(directory: &Path) -> Result<Self, StoreError> {
        if let Some(files) = Self::existing(directory)? {
            return Ok(files);
        }
        let directory = plain_path(directory);
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&directory)?;
        Self::existing(&directory)?.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound).into())
    }

    /// The files in this directory, if it exists.
    pub(super) fn existing(directory: &Path) -> Result<Option<Self>, StoreError> {
        let directory = plain_path(directory);
        match metadata(&directory)? {
            Some(metadata) if metadata.is_symlink() => Err(StoreError::Link { file: "" }),
            Some(metadata) => {
                let holder = Holder::of(Place::of(&directory, &metadata)?);
                Ok(Some(Self { directory, holder }))
            }
            None => Ok(None),
        }
    }

    pub(super) fn database(&self) -> PathBuf {
        self.directory.join(DATABASE)
    }

    pub(super) fn unfinished_database(&self) -> PathBuf {
        self.directory.join([DATABASE, UNFINISHED].concat())
    }

    /// The paths of every file that exists or may exist.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        let mut all = vec![self.directory.join(LOCK), self.directory.join(KEY), self.database()];
        all.extend(COMPANIONS.map(|end| self.directory.join([DATABASE, end].concat())));
        all
    }

    /// From now on, opening the directory waits until the returned value is dropped.
    pub(super) fn closing(&self) -> Closing {
        self.holder.closing()
    }

    /// Locks the directory. Waits only for a store of this process that is being closed.
    pub(super) fn lock(&self) -> Result<Lock, StoreError> {
        let path = self.directory.join(LOCK);
        loop {
            let file = match self.open_plain(LOCK)? {
                Some(file) => file,
                None => match private().create_new(true).open(&path) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                    file => file?,
                },
            };
            self.holder.take(|| file.try_lock())?;
            let lock = Lock { file, holder: self.holder.clone() };
            // A wipe removes the lock file while it holds the lock. Then the lock on the removed file protects nothing.
            if metadata(&path)?.is_some_and(|named| is_same(&named, &lock.file)) {
                return Ok(lock);
            }
        }
    }

    /// The state of the key file, after finishing an interrupted wipe and removing unfinished files.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`] if a file is lost: the rest is not treated as a new store.
    pub(super) fn key_state(&self, lock: &Lock) -> Result<KeyState, StoreError> {
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
    pub(super) fn write_key(&self, text: &[u8]) -> Result<(), StoreError> {
        let unfinished = self.directory.join([KEY, UNFINISHED].concat());
        let mut file = private().create_new(true).open(&unfinished)?;
        file.write_all(text)?;
        file.sync_all()?;
        self.finish(&unfinished, KEY)
    }

    /// Creates an empty private file for the unfinished database. SQLite gives its companions the same permissions.
    pub(super) fn create_unfinished_database(&self) -> Result<PathBuf, StoreError> {
        let path = self.unfinished_database();
        private().create_new(true).open(&path)?;
        Ok(path)
    }

    /// Returns `true` if there is a database. Companions without a database are refused: SQLite would replay an old log
    /// into a new database. An empty database is refused too: SQLite would discard its log and start a new one.
    pub(super) fn has_database(&self) -> Result<bool, StoreError> {
        let mut companion = false;
        for end in COMPANIONS {
            let found = metadata(&self.directory.join([DATABASE, end].concat()))?;
            if found.as_ref().is_some_and(|found| !found.is_file()) {
                return Err(StoreError::Link { file: DATABASE });
            }
            companion |= found.is_some();
        }
        match metadata(&self.database())? {
            Some(database) if !database.is_file() => Err(StoreError::Link { file: DATABASE }),
            Some(database) if database.len() == 0 => Err(StoreError::damaged()),
            Some(_) => Ok(true),
            None if companion => Err(StoreError::Missing { file: DATABASE }),
            None => Ok(false),
        }
    }

    /// Renames the finished database.
    pub(super) fn finish_database(&self) -> Result<(), StoreError> {
        let path = self.unfinished_database();
        private().open(&path)?.sync_all()?;
        self.finish(&path, DATABASE)
    }

    /// The folder for Tor's files. A wipe removes it.
    pub(super) fn tor(&self) -> PathBuf {
        self.directory.join(TOR)
    }

    /// The first step of a wipe, after which nothing can be read. Works on a damaged store as well.
    ///
    /// # Errors
    ///
    /// [`StoreError::Link`] if something else has the name of the key file. It is left as it is.
    pub(super) fn destroy_key(&self, _lock: &Lock) -> Result<(), StoreError> {
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
    pub(super) fn finish_wipe(&self, lock: &Lock) -> Result<(), StoreError> {
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
    /// [`StoreError::Link`] if a link had the name of the key file or the database. The link was removed
    /// with everything else, but its target could not be destroyed.
    pub(super) fn wipe(&self, lock: Lock) -> Result<(), StoreError> {
        let database = self.has_database().err().filter(|error| matches!(error, StoreError::Link { .. }));
        let key = match self.destroy_key(&lock) {
            Err(error @ StoreError::Link { .. }) => Some(error),
            done => done.map(|()| None)?,
        };
        self.finish_wipe(&lock)?;
        remove(&self.directory.join(LOCK))?;
        self.sync()?;
        key.or(database).map_or(Ok(()), Err)
    }

    fn remove_unfinished(&self) -> Result<(), StoreError> {
        remove(&self.directory.join([KEY, UNFINISHED].concat()))?;
        for end in COMPANIONS.iter().chain(&[""]) {
            remove(&self.directory.join([DATABASE, UNFINISHED, end].concat()))?;
        }
        Ok(())
    }

    fn read_key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(file) = self.open_plain(KEY)? else { return Ok(None) };
        let mut text = Vec::new();
        // Reads one byte more than the maximum, to detect a longer file.
        file.take(KEY_FILE as u64 + 1).read_to_end(&mut text)?;
        Ok(Some(text))
    }

    /// Opens an existing file for reading and writing, without following links.
    fn open_plain(&self, name: &'static str) -> Result<Option<File>, StoreError> {
        let path = self.directory.join(name);
        // This check comes first, because opening a pipe blocks until its other end is opened.
        match metadata(&path)? {
            None => return Ok(None),
            Some(found) if !found.is_file() => return Err(StoreError::Link { file: name }),
            Some(_) => {}
        }
        let file = match private().open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        // Checked again, in case a link was put there since.
        match metadata(&path)? {
            Some(named) if is_same(&named, &file) => Ok(Some(file)),
            Some(named) if !named.is_file() => Err(StoreError::Link { file: name }),
            _ => Ok(None),
        }
    }

    fn finish(&self, unfinished: &Path, name: &str) -> Result<(), StoreError> {
        fs::rename(unfinished, self.directory.join(name))?;
        self.sync()
    }

    /// A new name is on the disk only after its directory is synced.
    fn sync(&self) -> Result<(), StoreError> {
        #[cfg(unix)]
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }
}

/// The path of the directory itself, without a trailing slash or dot, which would follow a link.
fn plain_path(directory: &Path) -> PathBuf {
    let plain: PathBuf = directory.components().collect();
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

/// The metadata of what has this name, without following a link.
fn metadata(path: &Path) -> Result<Option<Metadata>, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns `true` if this name is the open file.
#[cfg(unix)]
fn is_same(named: &Metadata, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    named.is_file() && file.metadata().is_ok_and(|open| (open.dev(), open.ino()) == (named.dev(), named.ino()))
}

/// On other systems an open file cannot be renamed or removed.
#[cfg(not(unix))]
fn is_same(named: &Metadata, _: &File) -> bool {
    named.is_file()
}

/// Opens files for the owner only.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A link is removed; its target stays. A Tor that was ended a moment ago may still write a last file, so it is tried again.
fn remove_folder(path: &Path) -> Result<(), StoreError> {
    let mut removed = Ok(());
    for _ in 0..REMOVALS {
        removed = match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other,
        };
    }
    removed.map_err(StoreError::from)
}

/// How often a folder is removed, until it is gone.
const REMOVALS: usize = 10;

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

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
    fn a_wipe_cut_short_at_any_step_is_finished_by_the_next_opening() {
        // After the key is overwritten, each step removes one file. Any subset of the files may remain.
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
            files.wipe(lock).unwrap();
            assert_eq!(left(folder.path()), [""; 0], "nothing at all");
        }
    }

    #[test]
    fn a_wipe_removes_the_files_of_tor() {
        let (folder, files) = old_store();
        fs::create_dir_all(files.tor().join("cache")).unwrap();
        fs::write(files.tor().join("cache/relays"), "relays").unwrap();
        files.wipe(files.lock().unwrap()).unwrap();
        assert_eq!(left(folder.path()), [""; 0]);
    }

    #[test]
    fn half_made_files_are_removed_a_database_without_key_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::at(folder.path()).unwrap();
        for name in ["byway.key.new", "byway.db.new", "byway.db.new-wal", "byway.db.new-journal"] {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        let lock = files.lock().unwrap();
        assert!(matches!(files.key_state(&lock), Ok(KeyState::New)));
        assert_eq!(left(folder.path()), [LOCK]);
        fs::write(files.database(), "old").unwrap();
        assert!(matches!(files.key_state(&lock), Err(StoreError::Missing { file: KEY })));
        assert_eq!(fs::read(files.database()).unwrap(), b"old");
    }

    /// Every set of files that a kill, a loss or a partial restore can leave.
    #[test]
    fn every_set_of_files_is_a_store_damage_or_a_half_made_one() {
        #[derive(Debug, PartialEq)]
        enum Found {
            New,
            Store,
            Missing(&'static str),
            Damaged,
        }
        let locks: [Option<&[u8]>; 5] = [None, Some(b""), Some(MAKING), Some(MADE), Some(b"of a later version")];
        for lock in locks {
            for key in [false, true] {
                for database in [None, Some(""), Some("database")] {
                    for log in [false, true] {
                        let folder = tempfile::tempdir().unwrap();
                        let path = |name: &str| folder.path().join(name);
                        let write = |name: &str, text: &[u8]| fs::write(path(name), text).unwrap();
                        lock.iter().for_each(|text| write(LOCK, text));
                        key.then(|| write(KEY, b"key"));
                        database.iter().for_each(|text| write(DATABASE, text.as_bytes()));
                        log.then(|| write("byway.db-wal", b"log"));
                        let files = Files::at(folder.path()).unwrap();
                        let held = files.lock().unwrap();
                        let before = left(folder.path());
                        let found = match files.key_state(&held) {
                            Ok(KeyState::New) => Found::New,
                            Ok(KeyState::Wrapped(_)) => Found::Store,
                            Err(StoreError::Missing { file }) => Found::Missing(file),
                            Err(StoreError::Corrupt { file: DATABASE }) => Found::Damaged,
                            Err(error) => panic!("{error}"),
                        };
                        let unfinished = lock.is_none_or(|text| text.is_empty() || text == MAKING);
                        let expected = match (key, database, log) {
                            (_, Some(""), _) => Found::Damaged,
                            (true, Some(_), _) => Found::Store,
                            (false, Some(_), _) => Found::Missing(KEY),
                            (_, None, true) => Found::Missing(DATABASE),
                            (true, None, false) if lock == Some(MAKING) => Found::New,
                            (true, None, false) => Found::Missing(DATABASE),
                            (false, None, false) if unfinished => Found::New,
                            (false, None, false) => Found::Missing(KEY),
                        };
                        assert_eq!(found, expected, "lock {lock:?} key {key} database {database:?} log {log}");
                        if found != Found::New {
                            assert_eq!(left(folder.path()), before, "nothing is changed");
                        }
                    }
                }
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_file_is_not_followed() {
        use std::os::unix::fs::symlink;
        let outside = tempfile::tempdir().unwrap();
        let mine = outside.path().join("mine");
        for name in [LOCK, KEY, DATABASE, "byway.db-wal"] {
            for there in [true, false] {
                let _ = fs::remove_file(&mine);
                if there {
                    fs::write(&mine, "a letter").unwrap();
                }
                let (folder, files) = old_store();
                let _ = fs::remove_file(folder.path().join(name));
                symlink(&mine, folder.path().join(name)).unwrap();
                let opened = files.lock().and_then(|lock| files.key_state(&lock).map(drop));
                assert!(matches!(opened, Err(StoreError::Link { .. })), "{name}: {opened:?}");
                let wiped = files.lock().and_then(|lock| files.wipe(lock));
                assert!(matches!(wiped, Err(StoreError::Link { .. })), "{name}: {wiped:?}");
                assert_eq!(fs::read_to_string(&mine).ok(), there.then(|| "a letter".to_owned()), "{name}");
                if name != LOCK {
                    assert_eq!(left(folder.path()), [""; 0], "{name}: the rest is gone");
                }
            }
        }
        let (folder, _) = old_store();
        let link = outside.path().join("link");
        symlink(folder.path(), &link).unwrap();
        for path in [link.clone(), link.join("."), PathBuf::from(format!("{}/", link.display()))] {
            assert!(matches!(Files::at(&path), Err(StoreError::Link { file: "" })), "{}", path.display());
        }
    }

    #[test]
    fn a_lock_on_a_file_that_a_wipe_removed_is_not_taken_for_one() {
        let (folder, files) = old_store();
        fs::write(folder.path().join(LOCK), "").unwrap();
        // Simulates another process that holds the lock.
        let removed = private().open(folder.path().join(LOCK)).unwrap();
        removed.lock().unwrap();
        assert!(matches!(files.lock(), Err(StoreError::Busy)));
        fs::remove_file(folder.path().join(LOCK)).unwrap();
        let lock = files.lock().unwrap();
        drop(removed);
        let another = private().open(folder.path().join(LOCK)).unwrap();
        assert!(another.try_lock().is_err());
        drop(lock);
    }

    #[test]
    fn an_overlong_key_file_is_wiped_to_the_mark_alone() {
        let (folder, files) = old_store();
        fs::write(folder.path().join(KEY), [b'k'; 1000]).unwrap();
        files.destroy_key(&files.lock().unwrap()).unwrap();
        assert_eq!(fs::read(folder.path().join(KEY)).unwrap(), WIPED);
    }

    #[test]
    fn a_directory_is_had_once() {
        let (_folder, files) = old_store();
        let lock = files.lock().unwrap();
        assert!(matches!(files.lock(), Err(StoreError::AlreadyOpen)));
        drop(lock);
        files.lock().unwrap();
    }

    #[test]
    fn a_directory_that_is_being_closed_is_waited_for() {
        let (folder, files) = old_store();
        let lock = files.lock().unwrap();
        let closing = files.closing();
        let (begun, waits) = std::sync::mpsc::channel();
        let path = folder.path().to_owned();
        let opening = std::thread::spawn(move || {
            let files = Files::at(&path).unwrap();
            begun.send(()).unwrap();
            files.lock().map(drop)
        });
        waits.recv().unwrap();
        drop(lock);
        assert!(!opening.is_finished(), "what is closed is unlocked before it is done");
        drop(closing);
        opening.join().unwrap().unwrap();
        assert!(files.lock().is_ok(), "and nothing is left of either");
    }
}
