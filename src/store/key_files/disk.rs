//! Files that hold a secret, on a disk that other programs can write to.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::KeyFileError;

/// Reads a regular file of at most [`LARGEST`] bytes. Of a larger file it reads one byte more than that.
///
/// # Errors
/// [`KeyFileError::Absent`], [`KeyFileError::NotPlain`], [`KeyFileError::Io`].
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    bounded(open(path)?.0)
}

fn bounded(file: File) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    // Allocated at full size: a growing buffer would leave copies.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Like [`read`], but follows links and reads pipes.
///
/// # Errors
/// [`KeyFileError::Absent`], [`KeyFileError::Io`].
pub(super) fn read_any(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    bounded(File::open(path)?)
}

/// Like [`read`], for a file that only its owner may read.
///
/// # Errors
/// [`KeyFileError::OpenToOthers`], and those of [`read`].
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if open(path)?.1.permissions().mode() & 0o077 != 0 {
            return Err(KeyFileError::OpenToOthers);
        }
    }
    read(path)
}

/// Creates a file that does not exist, for its owner only: complete, or not at all.
///
/// # Errors
/// [`KeyFileError::Exists`], and the existing file is unchanged. [`KeyFileError::Io`].
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(KeyFileError::Exists);
    }
    let unfinished = unfinished(path)?;
    let made = write_new(&unfinished, bytes).and_then(|()| match fs::hard_link(&unfinished, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without hard links, as on a USB stick.
        Err(_) => write_new(path, bytes),
        Ok(()) => Ok(()),
    });
    // Ignored: nothing reads the unfinished file under that name.
    let _ = fs::remove_file(&unfinished);
    made?;
    // The new name is on the disk only after its directory is synced.
    #[cfg(unix)]
    File::open(directory(path))?.sync_all()?;
    Ok(())
}

/// Opens a regular file without following links.
fn open(path: &Path) -> Result<(File, Metadata), KeyFileError> {
    // This check comes first, because opening a pipe blocks until its other end is opened.
    let named = fs::symlink_metadata(path)?;
    if !named.is_file() {
        return Err(KeyFileError::NotPlain);
    }
    let file = File::open(path)?;
    let opened = file.metadata()?;
    // Checked again, in case a link was put there since.
    if is_same(&named, &opened) { Ok((file, opened)) } else { Err(KeyFileError::NotPlain) }
}

#[cfg(unix)]
fn is_same(named: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (named.dev(), named.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn is_same(named: &Metadata, opened: &Metadata) -> bool {
    named.len() == opened.len()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a key opens nothing.
        let _ = fs::remove_file(path);
    }
    written
}

/// The path of the unfinished file: `.byway-*.new`, in the same directory.
fn unfinished(path: &Path) -> Result<PathBuf, KeyFileError> {
    let mut random = [0; 8];
    rand::fill(&mut random).map_err(|_| KeyFileError::NoRandomness)?;
    Ok(directory(path).join(format!(".byway-{:016x}.new", u64::from_le_bytes(random))))
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A key file has 45 bytes, a sealed key about 200, a VK token about 200; a passphrase is typed by a person.
pub(super) const LARGEST: usize = 4096;
