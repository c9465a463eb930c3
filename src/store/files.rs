//! The files of a store, and how it begins and ends.
//!
//! ```text
//! byway.lock     locked while a process has the store open; says how far the making of it came
//! byway.key      the data key, wrapped in the app's key
//! byway.db       the database; -wal beside it
//! *.new          one of them in the making: it is given its name when it is whole
//! ```
//!
//! **How it begins.** The lock file says `making` before the first file is there, and `made` once all are. A key without
//! a database is therefore one of two things: the making was cut short (the lock says `making`), and it begins anew; or
//! the database is lost, which is damage. An empty store is never made instead of a lost one: with it everything
//! would be forgotten, and what was only to be read through Tor would be read directly. What looks the same as a new
//! store is a directory in which no file of the store is left.
//!
//! **How it ends.** A wipe first writes over the key file, in place: from then on nothing can be read, and what it
//! writes says that a wipe has begun. Then the database goes, then the key file, and the lock file last. A wipe that is
//! cut short is finished by the process that opens the directory next. On flash and on copying file systems the
//! overwritten bytes may live on for a while where no file shows them; they are still wrapped in the app's key, so an app
//! that wipes throws its own key away too.
//!
//! **No link is followed**, neither instead of the directory nor of a file: what lies behind it is another's, and a
//! wipe would write over it.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::held::{Closing, Holder, Place};
use super::key::KEY_FILE;
use crate::store::file_names::{DATABASE, KEY, LOCK};

/// What may lie beside a database: SQLite's own names.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The end of the name of a file in the making.
const UNFINISHED: &str = ".new";

/// What a key file says once a wipe has begun, as long as a key file so that nothing of the key is left.
const WIPED: [u8; KEY_FILE] = [b'w'; KEY_FILE];

/// What the lock file says while the store is made, and once it is. Of one length: the second is written over the first
/// in one sector, also on a full disk.
const MAKING: &[u8; 7] = b"making\n";
const MADE: &[u8; 7] = b"made...";

/// Where a store lies.
#[derive(Clone)]
pub(super) struct Files {
    directory: PathBuf,
    holder: Holder,
}

/// The directory is ours as long as this lives.
pub(super) struct Lock {
    file: File,
    holder: Holder,
}

/// How far the making of the store came, as the lock file says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing is said: nothing was made, or the lock file was not among what was put back.
    Unsaid,
    /// It was begun.
    Making,
    /// It was finished.
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
            // What this version does not know was written by one that had a store here.
            _ => Stage::Made,
        })
    }

    /// Says that the store is being made. Until it is, nothing of it is missed.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
        self.say(MAKING)
    }

    /// Takes that back: nothing was made.
    pub(super) fn give_up(&self) -> Result<(), StoreError> {
        self.say(&[])
    }

    /// Says that every file of the store is there.
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
        // To close the file is not enough: a process that was forked a moment ago still has it, until it is another
        // program. If this fails, closing is what is left.
        self.holder.release(|| drop(self.file.unlock()));
    }
}

/// What the key file says.
pub(super) enum KeyState {
    /// There is no store: none was made, or the making of it was cut short.
    New,
    /// It holds a wrapped key.
    Wrapped(Vec<u8>),
}

impl Files {
    /// The files of this directory, which is made if it is not there.
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

    /// The files of this directory, if it is there.
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

    /// Every file that is or may be there.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        let mut all = vec![self.directory.join(LOCK), self.directory.join(KEY), self.database()];
        all.extend(COMPANIONS.map(|end| self.directory.join([DATABASE, end].concat())));
        all
    }

    /// Who opens the directory waits from now on, until what is returned is dropped.
    pub(super) fn closing(&self) -> Closing {
        self.holder.closing()
    }

    /// Takes the directory. Waits only for a store of this process that is being closed.
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
            // A wipe removes the lock file while it holds it: then this one locks nothing any more.
            if metadata(&path)?.is_some_and(|named| is_same(&named, &lock.file)) {
                return Ok(lock);
            }
        }
    }

    /// What the key file says, after a wipe that was cut short was finished and what was left in the making removed.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where a file is lost: what is left is not taken for a new store.
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
                    // It was made for a database that never was.
                    remove(&self.directory.join(KEY))?;
                    self.sync()?;
                }
                Ok(KeyState::New)
            }
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
    /// An empty one is refused, too: SQLite would throw its log away and take it for a new one.
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

    /// Gives a whole database its name.
    pub(super) fn finish_database(&self) -> Result<(), StoreError> {
        let path = self.unfinished_database();
        private().open(&path)?.sync_all()?;
        self.finish(&path, DATABASE)
    }

    /// The first step of a wipe, after which nothing can be read. Works on a damaged store as well.
    ///
    /// # Errors
    /// [`StoreError::Link`], where something else lies instead of the key file. It is left as it is.
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

    /// The rest of a wipe, but for the lock file. The key file goes last, because it says that a wipe has begun. Of a link
    /// the link goes, and what it leads to stays.
    pub(super) fn finish_wipe(&self, lock: &Lock) -> Result<(), StoreError> {
        self.remove_unfinished()?;
        // The log first: it holds what was written last.
        for end in COMPANIONS {
            remove(&self.directory.join([DATABASE, end].concat()))?;
        }
        remove(&self.database())?;
        self.sync()?;
        lock.give_up()?;
        remove(&self.directory.join(KEY))?;
        self.sync()
    }

    /// A whole wipe: nothing of the store is left in the directory.
    ///
    /// # Errors
    /// [`StoreError::Link`], where a link stood instead of the key file or the database: it is removed like
    /// everything else, and what it leads to could not be destroyed.
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
        // One byte more than it can have, to see that it has too many.
        file.take(KEY_FILE as u64 + 1).read_to_end(&mut text)?;
        Ok(Some(text))
    }

    /// Opens a file that is there, to read and to write, and follows no link.
    fn open_plain(&self, name: &'static str) -> Result<Option<File>, StoreError> {
        let path = self.directory.join(name);
        // Looked at first, because to open a pipe is to wait for its other end.
        match metadata(&path)? {
            None => return Ok(None),
            Some(found) if !found.is_file() => return Err(StoreError::Link { file: name }),
            Some(_) => {}
        }
        let file = match private().open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        // And once more, in case a link was put there since.
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

    /// Names are on the disk only when their directory is.
    fn sync(&self) -> Result<(), StoreError> {
        #[cfg(unix)]
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }
}

/// The directory itself, where its path ends with a slash or a dot that would follow a link.
fn plain_path(directory: &Path) -> PathBuf {
    let plain: PathBuf = directory.components().collect();
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

/// What lies under a name, itself and not what it leads to.
fn metadata(path: &Path) -> Result<Option<Metadata>, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether what lies under a name is this open file.
#[cfg(unix)]
fn is_same(named: &Metadata, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    named.is_file() && file.metadata().is_ok_and(|open| (open.dev(), open.ino()) == (named.dev(), named.ino()))
}

/// Elsewhere an open file cannot be renamed or removed.
#[cfg(not(unix))]
fn is_same(named: &Metadata, _: &File) -> bool {
    named.is_file()
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
            files.wipe(lock).unwrap();
            assert_eq!(left(folder.path()), [""; 0], "nothing at all");
        }
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

    /// Every set of files that a kill, a loss or a copy put back in part can leave.
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
        // As another process has it.
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
