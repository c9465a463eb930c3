//! Files that hold a secret, on a disk that other programs can write to.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::KeyFileError;
use super::served::served_folder;

/// Reads a regular file of at most [`LARGEST`] bytes. Of a larger file it reads one byte more than that.
///
/// # Errors
/// [`KeyFileError::Absent`], [`KeyFileError::NotPlain`], [`KeyFileError::Io`].
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    sweep(directory(path));
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

/// Whether a file may be created here: before the work of sealing what goes into it.
///
/// # Errors
/// [`KeyFileError::Exists`], [`KeyFileError::Served`].
pub(super) fn check_new(path: &Path) -> Result<(), KeyFileError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(KeyFileError::Exists);
    }
    if served_folder(path, &[]).is_some() { Err(KeyFileError::Served) } else { Ok(()) }
}

/// Creates a file that does not exist, for its owner only: complete, or not at all.
///
/// # Errors
/// [`KeyFileError::Exists`], and the existing file is unchanged. [`KeyFileError::Served`], [`KeyFileError::Io`].
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    check_new(path)?;
    sweep(directory(path));
    let unfinished = unfinished(path)?;
    let made = write_new(&unfinished, bytes).and_then(|_locked| {
        may_write()?;
        match fs::hard_link(&unfinished, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // A file system without hard links, as on a USB stick.
            Err(_) => write_new(path, bytes).map(drop),
            Ok(()) => Ok(()),
        }
    });
    // Ignored: nothing reads the unfinished file under that name, and the next reading of a key here removes it.
    let _ = remove(&unfinished);
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

/// The file is locked for as long as it is open, so that [`sweep`] spares it.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    may_write()?;
    let mut file = options.open(path)?;
    // Ignored: a file system without locks has no sweeping either.
    let _ = file.try_lock();
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let written = file
        .write_all(first)
        .and_then(|()| may_write())
        .and_then(|()| file.write_all(second))
        .and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a key opens nothing.
        let _ = remove(path);
        return Err(error);
    }
    Ok(file)
}

/// Removes what a process left that was killed while it made a key file: the whole key may be in it, under a name that nobody looks for.
/// It may be a second name of the finished file, so it is not overwritten. What is being written now is locked, and stays.
fn sweep(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if !entry.file_name().to_str().is_some_and(is_unfinished) {
            continue;
        }
        let path = entry.path();
        let Ok((file, _)) = open(&path) else { continue };
        match file.try_lock() {
            Ok(()) => drop(fs::remove_file(path)),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

fn is_unfinished(name: &str) -> bool {
    let middle = name.strip_prefix(".byway-").and_then(|name| name.strip_suffix(".new"));
    middle.is_some_and(|middle| middle.len() == 16 && middle.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn remove(path: &Path) -> io::Result<()> {
    may_write()?;
    fs::remove_file(path)
}

#[cfg(test)]
std::thread_local! {
    /// The test's kill: this many more steps are done in this thread.
    static STEPS_LEFT: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

/// Ends everything that writes a key file in this thread after so many steps, as a kill would: nothing is tidied up.
#[cfg(test)]
pub(crate) fn stop_after(steps: Option<usize>) {
    STEPS_LEFT.set(steps);
}

#[cfg(test)]
fn may_write() -> io::Result<()> {
    match STEPS_LEFT.get() {
        Some(0) => Err(io::Error::other("killed")),
        left => {
            STEPS_LEFT.set(left.map(|left| left - 1));
            Ok(())
        }
    }
}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "the test's kill")]
fn may_write() -> io::Result<()> {
    Ok(())
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_writer_left_is_gone_at_the_next_reading() {
        for steps in 0.. {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("key");
            stop_after(Some(steps));
            let done = create(&path, b"a key").is_ok() && STEPS_LEFT.get() != Some(0);
            stop_after(None);
            match read(&path) {
                Ok(bytes) => assert_eq!(bytes.as_slice(), b"a key", "{steps}"),
                Err(error) => assert!(matches!(error, KeyFileError::Absent), "{steps}: {error}"),
            }
            let left: &[&str] = if path.exists() { &["key"] } else { &[] };
            assert_eq!(names(directory.path()), left, "{steps}");
            let again = create(&path, b"a key");
            assert!(again.is_ok() || matches!(again, Err(KeyFileError::Exists)), "{steps}");
            assert_eq!(names(directory.path()), ["key"], "{steps}");
            if done {
                assert!(steps > 3, "there are steps to be killed at");
                break;
            }
        }
    }

    #[test]
    fn what_is_being_written_or_is_not_ours_stays() {
        let directory = tempfile::tempdir().unwrap();
        let (path, others) = (directory.path().join("key"), [".byway-0123456789abcde.new", ".byway-x7.new", "own.new"]);
        create(&path, b"a key").unwrap();
        for name in others {
            fs::write(directory.path().join(name), "own").unwrap();
        }
        let unfinished = unfinished(&path).unwrap();
        let locked = write_new(&unfinished, b"another key").unwrap();
        read(&path).unwrap();
        assert!(unfinished.exists() && others.iter().all(|name| directory.path().join(name).exists()));
        drop(locked);
        read(&path).unwrap();
        assert!(!unfinished.exists() && others.iter().all(|name| directory.path().join(name).exists()));
    }
}
