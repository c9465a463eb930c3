//! Files of a folder that a web server hands out: each complete or as before, and touched only if it changes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// A folder, and how many of its files were touched.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    written: FilesWritten,
    /// The test's kill: this many more writes succeed.
    #[cfg(test)]
    pub(super) writes_left: Option<usize>,
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
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            written: FilesWritten::default(),
            #[cfg(test)]
            writes_left: None,
        })
    }

    /// What was done so far.
    pub(super) fn written(&self) -> FilesWritten {
        self.written
    }

    /// The content of a plain file of at most this length. `None` if there is no file of this name.
    pub(super) fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let path = self.folder.join(name);
        let Some(length) = plain_length(&path)? else { return Ok(None) };
        if length > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::read(&path).map(Some)
    }

    /// Gives a file this content: writes it under another name, syncs it, and renames it. `folder/name` needs its folder.
    pub(super) fn replace(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join(name);
        let folder = path.parent().unwrap_or(&self.folder).to_owned();
        fs::create_dir_all(&folder)?;
        if plain_length(&path)? == Some(bytes.len() as u64) && fs::read(&path)? == bytes {
            self.written.unchanged += 1;
            return Ok(());
        }
        self.may_write()?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".byway-").suffix(".new");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(READABLE));
        let mut unfinished = builder.tempfile_in(&folder)?;
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
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, READABLE);
        let mut file = options.open(&path)?;
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
        match &mut self.writes_left {
            Some(0) => Err(io::Error::other("killed")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the test's kill")]
    fn may_write(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The length of a plain file. Anything else of this name is an error: a link is neither followed nor replaced.
fn plain_length(path: &Path) -> io::Result<Option<u64>> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(Some(found.len())),
        Ok(_) => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is a link or no plain file, and was left as it is"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A new name is on the disk only after its folder is synced.
fn synced(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// For everyone, because a web server runs as another user.
#[cfg(unix)]
const READABLE: u32 = 0o644;
