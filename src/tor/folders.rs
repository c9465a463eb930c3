//! The folders for the files of the client, for their owner alone.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What the names of folders for one set of bridges begin with.
const BRIDGES: &str = "bridges-";

/// What the names of temporary folders begin with.
const TEMPORARY: &str = "byway-tor-";

/// Locked by the process whose Tor has its files here.
const LOCK: &str = "lock";

/// How long another process may take to let go of the files: one that is just being ended.
const BUSY: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(10);

/// The folders, made.
pub(super) struct Folders {
    pub(super) state: PathBuf,
    pub(super) cache: PathBuf,
    /// Where programs of transports keep their files.
    pub(super) programs: PathBuf,
    pub(super) hold: Hold,
}

/// What keeps the files for one client, as long as it lives.
pub(super) enum Hold {
    Temporary(#[expect(dead_code, reason = "it is held")] Temporary),
    Locked(#[expect(dead_code, reason = "it is held")] Locked),
}

/// No other process uses the folder, or removes the files of the bridges that this one uses.
pub(super) struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        // A process that was forked a moment ago still has the file until its exec. If this fails, closing must do.
        let _ = self.0.unlock();
    }
}

/// A folder that goes with the client. One that a killed process left goes when the next is made.
pub(super) struct Temporary {
    folder: tempfile::TempDir,
    _lock: File,
}

impl Folders {
    /// Makes them here, or in a temporary folder. Arti writes the lines of bridges into its files, so that each set of bridges has
    /// files of its own, and those of other sets are removed. Blocks for two seconds where another process has the folder.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] if another process has the folder, [`io::ErrorKind::NotADirectory`] for a link where one belongs: its
    /// target is not ours.
    pub(super) fn prepared(folder: Option<PathBuf>, bridges: Option<&str>) -> io::Result<Self> {
        let (folder, hold) = match folder {
            Some(folder) => {
                let folder = absolute(folder)?;
                create_private(&folder)?;
                let locked = Locked::new(&folder)?;
                (folder, Hold::Locked(locked))
            }
            None => {
                let temporary = Temporary::new(&std::env::temp_dir())?;
                (temporary.folder.path().to_owned(), Hold::Temporary(temporary))
            }
        };
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
        Ok(Self { state: files.join("state"), cache: files.join("cache"), programs, hold })
    }
}

impl Locked {
    fn new(folder: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(folder.join(LOCK))?;
        let began = Instant::now();
        loop {
            match file.try_lock().map_err(io::Error::from) {
                Ok(()) => return Ok(Self(file)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && began.elapsed() < BUSY => sleep(GLANCE),
                Err(error) => return Err(error),
            }
        }
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
    if fs::symlink_metadata(folder).is_ok_and(|found| found.is_symlink()) {
        return Err(io::ErrorKind::NotADirectory.into());
    }
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
        // Each ends before the next begins.
        let prepared = |bridges| {
            let Folders { state, cache, .. } = Folders::prepared(Some(folder.path().to_owned()), bridges).unwrap();
            (state, cache)
        };
        let (state, _) = prepared(None);
        fs::create_dir(state).unwrap();
        let (_, first) = prepared(Some("1"));
        fs::create_dir(&first).unwrap();
        assert!(prepared(Some("1")).1.exists());
        prepared(Some("2"));
        assert!(!first.exists());
        prepared(None);
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names: std::collections::BTreeSet<_> = names.collect();
        assert_eq!(
            names,
            ["lock", "state", "transports"].map(Into::into).into(),
            "the guards among public relays stay"
        );
    }

    #[test]
    fn a_running_tor_keeps_its_files_from_another_process() {
        let folder = tempfile::tempdir().unwrap();
        let prepared = |bridges| Folders::prepared(Some(folder.path().to_owned()), bridges);
        let running = prepared(Some("1")).unwrap();
        fs::create_dir(&running.cache).unwrap();
        for bridges in [None, Some("1"), Some("2")] {
            let refused = prepared(bridges).err().map(|error| error.kind());
            assert_eq!(refused, Some(io::ErrorKind::WouldBlock), "{bridges:?}");
        }
        assert!(running.cache.exists());
        drop(running);
        assert!(prepared(Some("2")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_folder_is_refused() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (place, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let tor = place.path().join("tor");
        symlink(elsewhere.path(), &tor).unwrap();
        let refused =
            |folder: &Path| Folders::prepared(Some(folder.to_owned()), Some("1")).err().map(|error| error.kind());
        assert_eq!(refused(&tor), Some(io::ErrorKind::NotADirectory));
        let own = place.path().join("own");
        fs::create_dir(&own).unwrap();
        symlink(elsewhere.path(), own.join("bridges-1")).unwrap();
        assert_eq!(refused(&own), Some(io::ErrorKind::NotADirectory));
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
        assert_eq!(fs::metadata(elsewhere.path()).unwrap().permissions().mode() & 0o777, 0o755);
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
