//! Files that the command writes: whole or not at all, for their owner alone, and in nobody's place.
//!
//! Bytes go into a new file of a name that no other has (`O_EXCL`, mode 600), in the directory of the file that is
//! wanted, reach the disk, and are given their name then. A full disk leaves what was there before. A link in the place
//! of the file is not followed, and a device or a pipe is not replaced; directories on the way to it may be links, as
//! the caller named them.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use byway::Language;
use tempfile::NamedTempFile;

use crate::setup::{Wrong, cannot, wrong_file};
use crate::words;

/// Writes a file, in the place of one that is there.
pub(crate) fn replace(path: &Path, bytes: &[u8], language: Language) -> Result<(), Wrong> {
    let failed = |error: io::Error| cannot(words::CANNOT_WRITE, path, &error, language);
    match itself(path).map_err(failed)? {
        Some(found) if found.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
        Some(found) if !found.is_file() => return Err(wrong_file(path, words::NO_PLAIN_FILE, language)),
        _ => {}
    }
    let file = written(path, bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_directory(path).map_err(failed)
}

/// Writes a file where there is none. `Ok(false)`: there is one, perhaps of another process that was faster, and it is
/// as it was.
pub(crate) fn create(path: &Path, bytes: &[u8], language: Language) -> Result<bool, Wrong> {
    let failed = |error: io::Error| cannot(words::CANNOT_WRITE, path, &error, language);
    if itself(path).map_err(failed)?.is_some() {
        return Ok(false);
    }
    let file = written(path, bytes).map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        // A file system without hard links, as on a stick.
        Err(_) => match in_place(path, bytes) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            done => done.map_err(failed)?,
        },
    }
    sync_directory(path).map_err(failed)?;
    Ok(true)
}

/// Overwrites a file that holds a key. `Ok(false)`: there is none.
pub(crate) fn overwrite(path: &Path, language: Language) -> Result<bool, Wrong> {
    let failed = |error: io::Error| cannot(words::CANNOT_REMOVE, path, &error, language);
    match itself(path).map_err(failed)? {
        None => return Ok(false),
        Some(found) if !found.is_file() => return Err(wrong_file(path, words::NO_PLAIN_FILE, language)),
        Some(_) => {}
    }
    let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
    let length = usize::try_from(file.metadata().map_err(failed)?.len().min(KEY_BYTES)).unwrap_or_default();
    file.write_all(&vec![WIPED; length.max(1)]).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(true)
}

/// Whether a file was overwritten by [`overwrite`].
pub(crate) fn is_overwritten(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| *byte == WIPED)
}

/// Removes a file. That there is none is no error.
pub(crate) fn remove(path: &Path, language: Language) -> Result<(), Wrong> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(cannot(words::CANNOT_REMOVE, path, &error, language))
        }
        _ => Ok(()),
    }
}

/// What lies under a name, itself and not what it leads to.
pub(crate) fn itself(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file is one of ours that was never given its name.
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

fn written(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    // Mode 600, which is what this crate gives every file.
    let mut file = builder.tempfile_in(directory(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
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

/// The name is on the disk only when its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory(path))?.sync_all() } else { Ok(()) }
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// How a file is called until it is whole.
const PREFIX: &str = ".byway-";
const SUFFIX: &str = ".new";

/// What a key is overwritten with.
const WIPED: u8 = b'w';

/// A key file has 45 bytes, a sealed key about 200.
pub(crate) const KEY_BYTES: u64 = 4096;
