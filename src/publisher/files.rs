//! Files of a folder that a web server hands out: each complete or as before, and touched only if it changes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::signed::PICTURES;

/// A folder, and how many of its files were touched.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    /// Held until it is dropped, by a folder that is written to.
    _lock: Option<File>,
    written: FilesWritten,
    /// The test's kill: this many more writes succeed.
    #[cfg(test)]
    pub(super) writes_left: Option<usize>,
}

/// Files of a mirror by their names, wherever they lie.
pub(super) trait ReadFiles {
    /// The content of a file of at most this length. `None` if there is no file of this name.
    fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>>;

    /// Whether a file of this name exists.
    fn has(&self, name: &str) -> io::Result<bool>;

    /// Whether a file can be read. One of a server may not have been asked for, because a head says that it is known.
    fn was_read(&self, _name: &str) -> bool {
        true
    }

    /// The names of the files in the mirror's folder itself.
    fn names(&self) -> io::Result<Vec<String>>;
}

/// What was done to the files of a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilesWritten {
    /// Files that were created, replaced, continued or removed.
    pub changed: usize,
    /// Files that were the same already, and were not touched.
    pub unchanged: usize,
}

impl Files {
    /// The files of a folder, which is created if it is missing.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        create_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            _lock: None,
            written: FilesWritten::default(),
            #[cfg(test)]
            writes_left: None,
        })
    }

    /// The same, for one writer at a time: two that read one state would each write the next one, and lose the other's.
    ///
    /// # Errors
    /// [`io::ErrorKind::ResourceBusy`] if there is another writer, in this process or in another one.
    pub(super) fn locked(folder: &Path) -> io::Result<Self> {
        let files = Self::of(folder)?;
        let path = folder.join(LOCK);
        let _ = plain_length(&path)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = options.open(path)?;
        match lock.try_lock() {
            Ok(()) => {
                files.sweep();
                Ok(Self { _lock: Some(lock), ..files })
            }
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::ResourceBusy.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Removes what a writer left that was killed before a file had its name. What can't be removed stays.
    fn sweep(&self) {
        for folder in ["", CHARTERS, PICTURES] {
            for name in self.names_in(folder).unwrap_or_default() {
                let path = self.folder.join(folder).join(&name);
                if is_unfinished(&name) && matches!(plain_length(&path), Ok(Some(_))) {
                    let _ = fs::remove_file(path);
                }
            }
        }
    }

    /// Whether this is the folder, by whatever path.
    pub(super) fn is_of(&self, folder: &Path) -> bool {
        let same = fs::canonicalize(folder).and_then(|other| Ok(other == fs::canonicalize(&self.folder)?));
        same.unwrap_or(false)
    }

    /// When one of the files in the folder itself was last changed, if the system says so.
    pub(super) fn newest_time(&self) -> io::Result<Option<Timestamp>> {
        let mut newest = None;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // The lock is made by the very command that asks.
            if entry.file_name() != LOCK {
                let changed = entry.metadata().and_then(|found| found.modified()).ok();
                newest = newest.max(changed.and_then(|time| Timestamp::try_from(time).ok()));
            }
        }
        Ok(newest)
    }

    /// What was done so far.
    pub(super) fn written(&self) -> FilesWritten {
        self.written
    }

    /// Where a file of this name lies.
    #[cfg(feature = "upload")]
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Gives a file this content: writes it under another name, syncs it, and renames it. `folder/name` needs its folder.
    pub(super) fn replace(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join(name);
        let folder = path.parent().unwrap_or(&self.folder).to_owned();
        // What a link leads to is not ours to change.
        if folder != self.folder && fs::symlink_metadata(&folder).is_ok_and(|found| !found.is_dir()) {
            return Err(foreign());
        }
        create_folder(&folder)?;
        if plain_length(&path)? == Some(bytes.len() as u64) && fs::read(&path)? == bytes {
            self.written.unchanged += 1;
            return Ok(());
        }
        self.may_write()?;
        let mut unfinished = tempfile::Builder::new().prefix(UNFINISHED.0).suffix(UNFINISHED.1).tempfile_in(&folder)?;
        readable(unfinished.as_file(), FILE)?;
        unfinished.write_all(bytes)?;
        unfinished.as_file().sync_all()?;
        self.may_write()?;
        unfinished.persist(&path).map_err(|error| error.error)?;
        self.written.changed += 1;
        synced(&folder)
    }

    /// Continues a file after its first `length` bytes. What a killed writer left after them is overwritten.
    pub(super) fn append(&mut self, name: &str, length: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join(name);
        if plain_length(&path)?.unwrap_or_default() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.may_write()?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let mut file = options.open(&path)?;
        readable(&file, FILE)?;
        file.set_len(length)?;
        file.seek(io::SeekFrom::Start(length))?;
        let (first, second) = bytes.split_at(bytes.len() / 2);
        file.write_all(first)?;
        self.may_write()?;
        file.write_all(second)?;
        file.sync_all()?;
        self.written.changed += 1;
        synced(&self.folder)
    }

    /// The names of the files in a folder of this one. A missing folder has none.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] for a link: what it leads to is not ours to change.
    pub(super) fn names_in(&self, folder: &str) -> io::Result<Vec<String>> {
        let path = self.folder.join(folder);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => names(&path),
            Ok(_) => Err(foreign()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Removes a file. A missing one is not an error.
    pub(super) fn remove(&mut self, name: &str) -> io::Result<()> {
        let path = self.folder.join(name);
        if plain_length(&path)?.is_some() {
            self.may_write()?;
            fs::remove_file(&path)?;
            self.written.changed += 1;
        }
        Ok(())
    }

    #[cfg(test)]
    fn may_write(&mut self) -> io::Result<()> {
        WRITES_LEFT.with_borrow_mut(counted)?;
        counted(&mut self.writes_left)
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the test's kill")]
    fn may_write(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ReadFiles for Files {
    /// Anything of this name but a plain file is an error.
    fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let path = self.folder.join(name);
        let Some(length) = plain_length(&path)? else { return Ok(None) };
        if length > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::read(&path).map(Some)
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        Ok(plain_length(&self.folder.join(name))?.is_some())
    }

    fn names(&self) -> io::Result<Vec<String>> {
        names(&self.folder)
    }
}

#[cfg(test)]
std::thread_local! {
    /// The test's kill of every folder: this many more writes succeed.
    static WRITES_LEFT: std::cell::RefCell<Option<usize>> = const { std::cell::RefCell::new(None) };
}

/// Ends everything that writes in this thread after so many writes. The answer is what was left before.
#[cfg(test)]
pub(super) fn stop_after(writes: Option<usize>) -> Option<usize> {
    WRITES_LEFT.replace(writes)
}

#[cfg(test)]
fn counted(left: &mut Option<usize>) -> io::Result<()> {
    match left {
        Some(0) => Err(io::Error::other("killed")),
        Some(left) => {
            *left -= 1;
            Ok(())
        }
        None => Ok(()),
    }
}

/// Whether a name is one that a file has before it gets its own.
fn is_unfinished(name: &str) -> bool {
    let middle = name.strip_prefix(UNFINISHED.0).and_then(|name| name.strip_suffix(UNFINISHED.1));
    middle.is_some_and(|middle| !middle.is_empty() && middle.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().into_string()));
    Ok(entries.collect::<io::Result<Vec<_>>>()?.into_iter().filter_map(Result::ok).collect())
}

/// The length of a plain file. Anything else of this name is an error: a link is neither followed nor replaced.
fn plain_length(path: &Path) -> io::Result<Option<u64>> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(Some(found.len())),
        Ok(_) => Err(foreign()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn foreign() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "it is a link or no plain file, and was left as it is")
}

/// A new name is on the disk only after its folder is synced.
fn synced(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Creates a folder, and those above it that are missing.
fn create_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists()).collect();
    fs::create_dir_all(folder)?;
    missing.into_iter().try_for_each(|created| readable(&File::open(created)?, FOLDER))
}

/// For everyone, whatever the umask says, because a web server runs as another user.
#[cfg(unix)]
fn readable(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn readable(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

const FILE: u32 = 0o644;
const FOLDER: u32 = 0o755;

/// How the name of a file begins and ends that is not complete.
const UNFINISHED: (&str, &str) = (".byway-", ".new");

const CHARTERS: &str = "charter";

/// An empty file. Its lock ends with the process that holds it.
const LOCK: &str = ".byway.lock";
