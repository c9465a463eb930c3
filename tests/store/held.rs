//! Which process holds the store, and when it releases it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use byway::Exposure;
use byway::internals::ClientStore as _;
use byway::internals::store::{Batch, KeyError, KeyProvider, Store, StoreError, StoreKey};

use crate::killed::Child;
use crate::made::*;

#[test]
fn a_second_process_gets_the_error_busy() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    assert_eq!(Child::new("open", folder.path()).lines().last().unwrap(), "store_busy");
    drop(store);
    assert_eq!(Child::new("open", folder.path()).lines().last().unwrap(), "opened");
}

#[test]
fn a_second_store_of_one_process_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("data");
    let store = Store::open(&directory, &key()).unwrap();
    for path in spellings(folder.path(), "data") {
        let second = Store::open(&path, &key()).expect_err("it is open");
        assert_eq!(second.code(), "store_already_open", "{}", path.display());
        let wiped = Store::wipe_at(&path).expect_err("it is open");
        assert_eq!(wiped.code(), "store_already_open", "{}", path.display());
    }
    let [english, russian] =
        [byway::Language::En, byway::Language::Ru].map(|language| StoreError::AlreadyOpen.sentence(language));
    assert!(english.starts_with("This app has"), "{english}");
    assert!(russian.contains("приложение уже открыло"), "{russian}");
    drop(store);
    for path in spellings(folder.path(), "data") {
        drop(Store::open(&path, &key()).unwrap());
    }
}

/// Paths that lead to one directory: plain, with detours, relative, and through a link to the folder around it.
fn spellings(folder: &Path, name: &str) -> Vec<PathBuf> {
    let plain = folder.join(name);
    let up: PathBuf = std::env::current_dir().unwrap().components().skip(1).map(|_| "..").collect();
    let relative = up.join(plain.strip_prefix("/").unwrap());
    let mut all = vec![plain.join("."), folder.join(name).join("..").join(name), plain, relative];
    #[cfg(unix)]
    {
        let link = folder.join("link");
        if !link.exists() {
            std::os::unix::fs::symlink(folder, &link).unwrap();
        }
        all.push(link.join(name));
    }
    all
}

#[test]
fn a_suspended_store_holds_nothing_and_takes_up_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    store.upsert_posts(&id(), &posts(0..3), at(0)).unwrap();
    store.suspend().unwrap();
    store.suspend().unwrap();
    assert!(matches!(store.posts(&id(), None, 1), Err(StoreError::Suspended)));
    store.unlock(&key()).unwrap();
    assert!(matches!(store.communities(), Err(StoreError::Suspended)), "only resuming resumes");
    // Another process can use it meanwhile, and everything is in the database itself.
    assert!(!folder.path().join("byway.db-wal").exists() && !folder.path().join("byway.db-shm").exists());
    assert_eq!(Child::new("add", folder.path()).lines().last().unwrap(), "added");
    {
        let _other = Store::open(folder.path(), &key()).unwrap();
        assert!(matches!(store.resume(), Err(StoreError::AlreadyOpen)));
    }
    store.resume().unwrap();
    store.resume().unwrap();
    assert_eq!(paged(&store, &id(), 10).len(), 4);
}

#[test]
fn a_locked_store_answers_nothing_until_it_gets_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    let other = store.clone();
    store.upsert_posts(&id(), &posts(0..3), at(0)).unwrap();
    store.lock().unwrap();
    store.lock().unwrap();
    let mine = id();
    let answers: [Result<(), StoreError>; 9] = [
        other.upsert(&Batch::new(&mine, at(0))).map(drop),
        other.communities().map(drop),
        other.posts(&mine, None, 1).map(drop),
        other.blob("ledger").map(drop),
        other.raise_floor(&mine, Exposure::Tor),
        other.floor(&mine).map(drop),
        other.secret("ledger").map(drop),
        other.check(),
        other.resume(),
    ];
    for answer in answers {
        assert!(matches!(answer, Err(StoreError::Locked)));
    }
    other.suspend().unwrap();
    assert!(matches!(store.unlock(&StoreKey::new([8; 32])), Err(StoreError::WrongKey)));
    assert!(matches!(store.unlock(&NoKey), Err(StoreError::NoKey(_))));
    assert!(matches!(store.communities(), Err(StoreError::Locked)));
    store.unlock(&key()).unwrap();
    assert_eq!(paged(&other, &mine, 10).len(), 3);
    store.suspend().unwrap();
    store.lock().unwrap();
    assert!(matches!(store.resume(), Err(StoreError::Locked)));
}

struct NoKey;

impl KeyProvider for NoKey {
    fn key(&self) -> Result<StoreKey, KeyError> {
        Err(KeyError::new("the device has not been unlocked since it was started"))
    }
}

#[test]
fn without_a_key_nothing_is_made_and_a_busy_store_needs_none() {
    struct Counted(AtomicUsize);
    impl KeyProvider for Counted {
        fn key(&self) -> Result<StoreKey, KeyError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(key())
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let error = Store::open(folder.path(), &NoKey).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the key of the store is not available: the device has not been unlocked since it was started"
    );
    assert!(!folder.path().join("byway.key").exists());
    let _store = Store::open(folder.path(), &key()).unwrap();
    let counted = Counted(AtomicUsize::new(0));
    assert!(matches!(Store::open(folder.path(), &counted), Err(StoreError::AlreadyOpen)));
    assert_eq!(counted.0.into_inner(), 0);
}

#[test]
fn a_wiped_store_is_gone_and_begins_empty_under_any_key() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Store::wipe_at(folder.path().join("none")).is_ok() && !folder.path().join("none").exists());
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    for state in ["open", "suspended", "locked", "closed", "damaged"] {
        let store = Store::open(folder.path(), &key()).unwrap();
        let secret = store.secret("ledger").unwrap();
        store.upsert_posts(&id(), &posts(0..3), at(0)).unwrap();
        store.raise_floor(&id(), Exposure::Tor).unwrap();
        match state {
            "suspended" => store.suspend().unwrap(),
            "locked" => store.lock().unwrap(),
            _ => {}
        }
        let store = if matches!(state, "closed" | "damaged") {
            drop(store);
            if state == "damaged" {
                std::fs::remove_file(folder.path().join("byway.key")).unwrap();
            }
            Store::wipe_at(folder.path()).unwrap();
            None
        } else {
            store.wipe().unwrap();
            assert!(matches!(store.communities(), Err(StoreError::Locked)), "{state}");
            Some(store)
        };
        assert_eq!(files(), 0, "{state}: no file is left");
        let store = match store {
            Some(store) => {
                store.unlock(&StoreKey::new([9; 32])).unwrap();
                store
            }
            None => Store::open(folder.path(), &StoreKey::new([9; 32])).unwrap(),
        };
        assert!(paged(&store, &id(), 5).is_empty(), "{state}");
        assert_eq!(store.floor(&id()).unwrap(), Exposure::Open);
        assert_ne!(store.secret("ledger").unwrap(), secret);
        store.wipe().unwrap();
    }
}

#[test]
fn a_store_that_was_wiped_while_it_slept_does_not_wake() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    store.suspend().unwrap();
    Store::wipe_at(folder.path()).unwrap();
    assert!(matches!(store.resume(), Err(StoreError::WrongKey)));
    drop(Store::open(folder.path(), &key()).unwrap());
    assert!(matches!(store.resume(), Err(StoreError::WrongKey)), "what is there now is another store");
    assert_eq!(Store::open(folder.path(), &key()).unwrap().communities().unwrap(), []);
}

#[test]
fn a_store_in_memory_has_no_files_and_ends_with_its_lock() {
    let store = Store::in_memory().unwrap();
    store.upsert_posts(&id(), &posts(0..3), at(0)).unwrap();
    assert_eq!(store.paths(), Vec::<std::path::PathBuf>::new());
    store.suspend().unwrap();
    store.resume().unwrap();
    assert_eq!(paged(&store, &id(), 5).len(), 3);
    store.lock().unwrap();
    assert!(matches!(store.communities(), Err(StoreError::Locked)));
    store.unlock(&NoKey).unwrap();
    assert!(paged(&store, &id(), 5).is_empty());
}

#[test]
fn every_file_is_named_and_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("deep/data");
    let store = Store::open(&directory, &key()).unwrap();
    store.upsert_posts(&id(), &posts(0..3), at(0)).unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        assert!(store.paths().contains(&path), "{path:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        }
        found += 1;
    }
    assert!(found >= 4, "lock, key, database and log");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
