#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use super::super::StoreError;
use super::super::file_names::{DATABASE, KEY, LOCK};
use super::directory::private;
use super::lock::{MADE, MAKING};
use super::wipe::WIPED;
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
    // After the key is overwritten, each step removes one file. Any subset of the files may remain.
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
fn a_wipe_removes_the_files_of_tor() {
    let (folder, files) = old_store();
    fs::create_dir_all(files.tor().join("cache")).unwrap();
    fs::write(files.tor().join("cache/relays"), "relays").unwrap();
    files.wipe(files.lock().unwrap()).unwrap();
    assert_eq!(left(folder.path()), [""; 0]);
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

/// Every set of files that a kill, a loss or a partial restore can leave.
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

#[cfg(unix)]
#[test]
fn a_wipe_says_that_tors_files_lie_behind_a_link() {
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("bridges"), "a line").unwrap();
    let (folder, files) = old_store();
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("tor")).unwrap();
    let wiped = files.lock().and_then(|lock| files.wipe(lock));
    assert!(matches!(wiped, Err(StoreError::Link { file: "tor" })), "{wiped:?}");
    assert_eq!(left(folder.path()), [""; 0], "the rest is gone");
    assert!(elsewhere.path().join("bridges").exists(), "a link is not followed");
}

#[test]
fn a_lock_on_a_file_that_a_wipe_removed_is_not_taken_for_one() {
    let (folder, files) = old_store();
    fs::write(folder.path().join(LOCK), "").unwrap();
    // Simulates another process that holds the lock.
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
