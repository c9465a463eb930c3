//! The directory of a store, and its files by name. No link is followed.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::super::StoreError;
use super::super::file_names::{DATABASE, KEY, LOCK, TOR};
use super::super::held::{Closing, DirectoryId, Holder};
use super::super::key::KEY_FILE;
use super::lock::Lock;

/// The suffixes of the files that SQLite may put beside a database.
pub(super) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The suffix of an unfinished file.
pub(super) const UNFINISHED: &str = ".new";

/// The location of a store.
#[derive(Clone)]
pub(in crate::store) struct Files {
    pub(super) directory: PathBuf,
    holder: Holder,
}

impl Files {
    /// The files in this directory, which is created if it does not exist.
    pub(in crate::store) fn at(directory: &Path) -> Result<Self, StoreError> {
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
    pub(in crate::store) fn existing(directory: &Path) -> Result<Option<Self>, StoreError> {
        let directory = plain_path(directory);
        match metadata(&directory)? {
            Some(metadata) if metadata.is_symlink() => Err(StoreError::Link { file: "" }),
            Some(metadata) => {
                let holder = Holder::of(DirectoryId::of(&directory, &metadata)?);
                Ok(Some(Self { directory, holder }))
            }
            None => Ok(None),
        }
    }

    pub(in crate::store) fn database(&self) -> PathBuf {
        self.directory.join(DATABASE)
    }

    pub(in crate::store) fn unfinished_database(&self) -> PathBuf {
        self.directory.join([DATABASE, UNFINISHED].concat())
    }

    /// The paths of every file that exists or may exist.
    pub(in crate::store) fn all(&self) -> Vec<PathBuf> {
        let mut all = vec![self.directory.join(LOCK), self.directory.join(KEY), self.database()];
        all.extend(COMPANIONS.map(|end| self.directory.join([DATABASE, end].concat())));
        all
    }

    /// From now on, opening the directory waits until the returned value is dropped.
    pub(in crate::store) fn closing(&self) -> Closing {
        self.holder.closing()
    }

    /// Locks the directory. Waits only for a store of this process that is being closed.
    pub(in crate::store) fn lock(&self) -> Result<Lock, StoreError> {
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
            let lock = Lock::new(file, self.holder.clone());
            // A wipe removes the lock file while it holds the lock. Then the lock on the removed file protects nothing.
            if metadata(&path)?.is_some_and(|named| is_same(&named, lock.file())) {
                return Ok(lock);
            }
        }
    }

    /// Returns `true` if there is a database. Companions without a database are refused: SQLite would replay an old log
    /// into a new database. An empty database is refused too: SQLite would discard its log and start a new one.
    pub(in crate::store) fn has_database(&self) -> Result<bool, StoreError> {
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

    /// The folder for Tor's files. A wipe removes it.
    pub(in crate::store) fn tor(&self) -> PathBuf {
        self.directory.join(TOR)
    }

    /// Whether that folder is a link.
    pub(super) fn tor_is_link(&self) -> bool {
        fs::symlink_metadata(self.tor()).is_ok_and(|found| found.is_symlink())
    }

    pub(super) fn remove_unfinished(&self) -> Result<(), StoreError> {
        remove(&self.directory.join([KEY, UNFINISHED].concat()))?;
        for end in COMPANIONS.iter().chain(&[""]) {
            remove(&self.directory.join([DATABASE, UNFINISHED, end].concat()))?;
        }
        Ok(())
    }

    pub(super) fn read_key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(file) = self.open_plain(KEY)? else { return Ok(None) };
        let mut text = Vec::new();
        // Reads one byte more than the maximum, to detect a longer file.
        file.take(KEY_FILE as u64 + 1).read_to_end(&mut text)?;
        Ok(Some(text))
    }

    /// Opens an existing file for reading and writing, without following links.
    pub(super) fn open_plain(&self, name: &'static str) -> Result<Option<File>, StoreError> {
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

    pub(super) fn finish(&self, unfinished: &Path, name: &str) -> Result<(), StoreError> {
        fs::rename(unfinished, self.directory.join(name))?;
        self.sync()
    }

    /// A new name is on the disk only after its directory is synced.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
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
pub(super) fn metadata(path: &Path) -> Result<Option<Metadata>, StoreError> {
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
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A link is removed; its target stays. A Tor that was ended a moment ago may still write a last file, so it is tried again.
pub(super) fn remove_folder(path: &Path) -> Result<(), StoreError> {
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

pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
