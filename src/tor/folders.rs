//! The folders for the files of the client, for their owner alone.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf, absolute};

/// What the names of folders for one set of bridges begin with.
const BRIDGES: &str = "bridges-";

/// What the names of temporary folders begin with.
const TEMPORARY: &str = "byway-tor-";

/// Locked by the process whose temporary folder it is in.
const LOCK: &str = "lock";

/// The folders, made.
pub(super) struct Folders {
    pub(super) state: PathBuf,
    pub(super) cache: PathBuf,
    /// Where programs of transports keep their files.
    pub(super) programs: PathBuf,
    pub(super) temporary: Option<Temporary>,
}

/// A folder that goes with the client. One that a killed process left goes when the next is made.
pub(super) struct Temporary {
    folder: tempfile::TempDir,
    _lock: File,
}

impl Folders {
    /// Makes them here, or in a temporary folder. Arti writes the lines of bridges into its files, so that each set of bridges has
    /// files of its own, and those of other sets are removed.
    pub(super) fn prepared(folder: Option<PathBuf>, bridges: Option<&str>) -> io::Result<Self> {
        let (folder, temporary) = match folder {
            Some(folder) => (absolute(folder)?, None),
            None => {
                let temporary = Temporary::new(&std::env::temp_dir())?;
                (temporary.folder.path().to_owned(), Some(temporary))
            }
        };
        create_private(&folder)?;
        let own = bridges.map(|bridges| format!("{BRIDGES}{bridges}"));
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with(BRIDGES) && own.as_deref() != Some(name)) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let files = own.map_or_else(|| folder.clone(), |own| folder.join(own));
        create_private(&files)?;
        let programs = folder.join("transports");
        create_private(&programs)?;
        Ok(Self { state: files.join("state"), cache: files.join("cache"), programs, temporary })
    }
}

impl Temporary {
    fn new(place: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(place)?;
        // It gets its name when it is locked: no other process takes the folder for one that was left.
        let unlocked = folder.path().join("unlocked");
        let lock = File::create_new(&unlocked)?;
        lock.try_lock().map_err(io::Error::from)?;
        fs::rename(unlocked, folder.path().join(LOCK))?;
        // One that cannot be removed now is tried again next time.
        let _ = remove_left(place, folder.path());
        Ok(Self { folder, _lock: lock })
    }
}

/// Removes those that a killed process of this user left.
fn remove_left(place: &Path, own: &Path) -> io::Result<()> {
    let own_metadata = fs::symlink_metadata(own)?;
    for entry in fs::read_dir(place)?.flatten() {
        let path = entry.path();
        let is_named = entry.file_name().to_str().is_some_and(|name| name.starts_with(TEMPORARY));
        if !is_named || path == own {
            continue;
        }
        let is_ours =
            |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| is_of_same_owner(&found, &own_metadata));
        let lock = path.join(LOCK);
        if is_ours(&path) && is_ours(&lock) && File::open(&lock).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(path);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn is_of_same_owner(found: &fs::Metadata, own: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.uid() == own.uid()
}

/// Elsewhere each user has a temporary folder of his own.
#[cfg(not(unix))]
fn is_of_same_owner(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // One that was there already may be open to others.
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn files_with_lines_of_other_bridges_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let prepared = |bridges| Folders::prepared(Some(folder.path().to_owned()), bridges).unwrap();
        let public = prepared(None);
        fs::create_dir(&public.state).unwrap();
        let first = prepared(Some("1"));
        fs::create_dir(&first.cache).unwrap();
        assert!(prepared(Some("1")).cache.exists());
        prepared(Some("2"));
        assert!(!first.cache.exists());
        prepared(None);
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names: std::collections::BTreeSet<_> = names.collect();
        assert_eq!(names, ["state", "transports"].map(Into::into).into(), "the guards among public relays stay");
    }

    #[test]
    fn what_a_killed_process_left_goes_with_the_next_start() {
        let place = tempfile::tempdir().unwrap();
        let running = Temporary::new(place.path()).unwrap();
        let Temporary { folder, _lock: lock } = Temporary::new(place.path()).unwrap();
        let left = folder.keep();
        drop(lock);
        let next = Temporary::new(place.path()).unwrap();
        assert!(!left.exists());
        assert!(running.folder.path().exists());
        let kept = next.folder.path().to_owned();
        drop(next);
        assert!(!kept.exists());
    }
}
