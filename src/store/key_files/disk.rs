//! Files that hold a secret, on a disk where others may have put something.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::KeyFileError;

/// Reads a plain file of at most [`LARGEST`] bytes; of a larger one, no more than one byte beyond it.
///
/// # Errors
/// [`KeyFileError::Absent`], [`KeyFileError::NotPlain`], [`KeyFileError::Io`].
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    bounded(open(path)?.0)
}

fn bounded(file: File) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    // At its full size from the start: a buffer that grows leaves copies.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// [`read`] of whatever the path leads to, a link or a pipe included.
///
/// # Errors
/// [`KeyFileError::Absent`], [`KeyFileError::Io`].
pub(super) fn read_any(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    bounded(File::open(path)?)
}

/// [`read`] of a file that is for its owner's eyes only.
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

/// Makes a file where there is none, for its owner alone: whole or not at all.
///
/// # Errors
/// [`KeyFileError::Exists`]: what is there is as it was. [`KeyFileError::Io`].
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(KeyFileError::Exists);
    }
    let unfinished = unfinished(path)?;
    let made = write_new(&unfinished, bytes).and_then(|()| match fs::hard_link(&unfinished, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without hard links, as on a stick.
        Err(_) => write_new(path, bytes),
        Ok(()) => Ok(()),
    });
    // Whatever became of it: under that name nobody looks for it.
    let _ = fs::remove_file(&unfinished);
    made?;
    // The name is on the disk only when its directory is.
    #[cfg(unix)]
    File::open(directory(path))?.sync_all()?;
    Ok(())
}

/// Opens a plain file and follows no link.
fn open(path: &Path) -> Result<(File, Metadata), KeyFileError> {
    // Looked at first, because to open a pipe is to wait for its other end.
    let named = fs::symlink_metadata(path)?;
    if !named.is_file() {
        return Err(KeyFileError::NotPlain);
    }
    let file = File::open(path)?;
    let opened = file.metadata()?;
    // And once more, in case a link was put there since.
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
        // A half of a key opens nothing.
        let _ = fs::remove_file(path);
    }
    written
}

/// How a file is called until it is whole: `.byway-*.new`, beside its place.
fn unfinished(path: &Path) -> Result<PathBuf, KeyFileError> {
    let mut random = [0; 8];
    rand::fill(&mut random).map_err(|_| KeyFileError::NoRandomness)?;
    Ok(directory(path).join(format!(".byway-{:016x}.new", u64::from_le_bytes(random))))
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A key file has 45 bytes, a sealed key about 200, a token of VK's about 200, a passphrase what a person types.
pub(super) const LARGEST: usize = 4096;
