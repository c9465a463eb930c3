//! Damage: no panic, no wrong content, and the files stay as they are.

use std::fs;
use std::path::Path;

use byway::Exposure;
use byway::community::{Community, CommunityId, Home};
use byway::internals::ClientStore as _;
use byway::internals::store::{Store, StoreError, StoreKey};
use rusqlite::Connection;

use crate::made::*;

const POSTS: u32 = 120;

fn home() -> Home {
    "vk.com/zavod".parse().unwrap()
}

/// A directory with a store that was closed in order.
fn made() -> tempfile::TempDir {
    let folder = quick_folder();
    let store = Store::open(folder.path(), &key()).unwrap();
    fill(&store);
    store.lock().unwrap();
    folder
}

fn fill(store: &Store) {
    for number in [12_345, 2, 3] {
        let mut community = Community::new(CommunityId::vk(number), "Рабочие станкозавода");
        community.homes = vec![home()];
        store.upsert_community(&community, at(0)).unwrap();
    }
    store.raise_floor(&id(), Exposure::Tor).unwrap();
    store.set_blob("ledger", &[b'x'; 3000]).unwrap();
    for batch in 0..POSTS / 10 {
        store.upsert_posts(&id(), &posts(batch * 10..batch * 10 + 10), at(0)).unwrap();
    }
}

/// Reads everything. Each answer is right or an error.
fn read(directory: &Path) -> Result<(), StoreError> {
    let store = Store::open(directory, &key())?;
    let mut faults = Vec::new();
    let mut note = |result: Result<(), StoreError>| faults.extend(result.err());
    note(store.communities().map(|all| assert_eq!(all.len(), 3)));
    note(store.community_at(&home()).map(|found| assert!(found.is_some())));
    note(store.floor(&id()).map(|floor| assert_eq!(floor, Exposure::Tor)));
    note(store.blob("ledger").map(|blob| assert_eq!(blob.unwrap(), [b'x'; 3000])));
    note(store.all_posts(&id()).collect::<Result<Vec<_>, _>>().map(|all| assert!(all == posts((0..POSTS).rev()))));
    note(store.check());
    faults.into_iter().next().map_or(Ok(()), Err)
}

#[test]
fn a_flipped_bit_anywhere_is_refused_or_does_no_harm() {
    let folder = made();
    let database = folder.path().join("byway.db");
    let whole = fs::read(&database).unwrap();
    let mut random = Random(1);
    let mut refused = 0;
    // The first page and the roots of the tables are chosen more often than the rest, because they control everything.
    for turn in 0..400 {
        let span = if turn % 3 == 0 { 4096 * 4 } else { whole.len() as u64 };
        let at = random.below(span) as usize;
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << random.below(8);
        fs::write(&database, &damaged).unwrap();
        match read(folder.path()) {
            Ok(()) => {}
            Err(StoreError::Corrupt { file: "byway.db" } | StoreError::Newer { .. }) => refused += 1,
            // SQLite words some damage to its first page differently.
            Err(StoreError::Fault { .. } | StoreError::Io(_) | StoreError::DiskFull) => refused += 1,
            Err(other) => panic!("at {at}: {other}"),
        }
        assert!(fs::read(&database).unwrap() == damaged, "the file was changed after a flip at {at}");
    }
    // The rest fell into unused space.
    assert!(refused > 150, "{refused} of 400");
    fs::write(&database, &whole).unwrap();
    read(folder.path()).unwrap();
}

#[test]
fn a_flipped_bit_in_the_log_loses_the_end_of_it_at_most() {
    let folder = quick_folder();
    let copy = quick_folder();
    let store = Store::open(folder.path(), &key()).unwrap();
    fill(&store);
    let log = fs::read(folder.path().join("byway.db-wal")).unwrap();
    let mut random = Random(2);
    for _ in 0..60 {
        for name in ["byway.db", "byway.key"] {
            fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
        }
        let mut damaged = log.clone();
        damaged[random.below(log.len() as u64) as usize] ^= 1 << random.below(8);
        fs::write(copy.path().join("byway.db-wal"), damaged).unwrap();
        // A torn end looks like a power failure: whole batches are kept, up to the flip.
        let store = Store::open(copy.path(), &key()).unwrap();
        let kept = paged(&store, &id(), 1000);
        assert_eq!(kept.len() % 10, 0);
        assert!(kept == posts((0..kept.len() as u32).rev()));
        store.check().unwrap();
    }
}

#[test]
fn a_damaged_or_foreign_or_missing_key_file_is_refused_by_name() {
    let folder = made();
    let path = folder.path().join("byway.key");
    let whole = fs::read(&path).unwrap();
    let foreign = fs::read(made().path().join("byway.key")).unwrap();
    let mut cases: Vec<Vec<u8>> = (0..whole.len())
        .map(|at| {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x10;
            flipped
        })
        .collect();
    cases.extend([Vec::new(), whole[..40].to_vec(), [whole.as_slice(), b"x"].concat()]);
    for damaged in cases {
        fs::write(&path, &damaged).unwrap();
        assert!(matches!(Store::open(folder.path(), &key()), Err(StoreError::Corrupt { file: "byway.key" })));
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
    fs::write(&path, &foreign).unwrap();
    assert!(matches!(Store::open(folder.path(), &key()), Err(StoreError::Corrupt { file: "byway.db" })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(Store::open(folder.path(), &key()), Err(StoreError::Missing { file: "byway.key" })));
    fs::write(&path, &whole).unwrap();
    read(folder.path()).unwrap();
}

#[test]
fn another_key_reads_nothing_and_changes_nothing() {
    let folder = made();
    let before = files(folder.path());
    let error = Store::open(folder.path(), &StoreKey::new([8; 32])).unwrap_err();
    assert!(matches!(error, StoreError::WrongKey));
    assert_eq!(error.code(), "store_wrong_key");
    assert!(files(folder.path()) == before);
    read(folder.path()).unwrap();
}

#[test]
fn rows_that_are_swapped_or_moved_or_lost_or_added_are_refused() {
    let folder = made();
    let database = folder.path().join("byway.db");
    let whole = fs::read(&database).unwrap();
    for crime in [
        // Two posts swap their texts, their heads, their keys, their days.
        "UPDATE items SET body = (SELECT body FROM items AS other WHERE other.id = 3 - items.id) WHERE id IN (1, 2)",
        "UPDATE items SET head = (SELECT head FROM items AS other WHERE other.id = 3 - items.id) WHERE id IN (1, 2)",
        "UPDATE items SET key = CASE id WHEN 1 THEN zeroblob(16) ELSE key END",
        "UPDATE items SET day = (SELECT day FROM items AS other WHERE other.day != items.day LIMIT 1) WHERE id = 60",
        "UPDATE items SET day = 0 WHERE id = 60",
        // One is missing, one is there twice, all are missing.
        "DELETE FROM items WHERE id = 60",
        "INSERT INTO items (key, day, head, body) SELECT zeroblob(16), day, head, body FROM items WHERE id = 1",
        "DELETE FROM items",
        // The same for records: any one of them, so that a floor cannot be lowered either.
        "DELETE FROM records WHERE key = (SELECT key FROM records LIMIT 1)",
        "DELETE FROM records WHERE key = (SELECT key FROM records ORDER BY key DESC LIMIT 1)",
        "DELETE FROM records",
        "INSERT INTO records SELECT zeroblob(16), sealed FROM records LIMIT 1",
        "UPDATE records SET sealed = (SELECT sealed FROM records AS other WHERE other.key != records.key LIMIT 1)",
        "UPDATE records SET sealed = zeroblob(300)",
        "UPDATE records SET sealed = 'text'",
        "UPDATE items SET day = 'text'",
        // The tables themselves.
        "CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP INDEX items_day",
        "ALTER TABLE items ADD COLUMN more",
        "PRAGMA user_version = 0",
        "PRAGMA journal_mode = delete",
    ] {
        fs::write(&database, &whole).unwrap();
        let connection = Connection::open(&database).unwrap();
        connection.execute_batch(crime).unwrap();
        drop(connection);
        let damaged = fs::read(&database).unwrap();
        assert!(damaged != whole, "{crime}: changes nothing");
        let Err(error) = read(folder.path()) else { panic!("{crime}: is not noticed") };
        assert!(matches!(error, StoreError::Corrupt { file: "byway.db" }), "{crime}: {error}");
        assert!(fs::read(&database).unwrap() == damaged, "{crime}: the file was changed");
    }
}

#[test]
fn an_earlier_copy_of_the_whole_store_still_opens() {
    // The docs say so: the files know only the newest state of the whole, so an old one looks right.
    let folder = made();
    let old = files(folder.path());
    Store::open(folder.path(), &key()).unwrap().upsert_posts(&id(), &posts([500]), at(0)).unwrap();
    for (name, bytes) in old {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    read(folder.path()).unwrap();
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    let folder = made();
    let connection = Connection::open(folder.path().join("byway.db")).unwrap();
    connection.pragma_update(None, "user_version", 7).unwrap();
    drop(connection);
    let before = files(folder.path());
    let error = Store::open(folder.path(), &key()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store was made by a newer version of Byway (format 7; this one reads up to 1); update the app"
    );
    assert!(files(folder.path()) == before);
}

#[test]
fn a_foreign_or_truncated_file_is_damage_not_a_new_store() {
    let folder = made();
    let database = folder.path().join("byway.db");
    let whole = fs::read(&database).unwrap();
    let cases =
        [Vec::new(), b"notes of mine".to_vec(), whole[..4096].to_vec(), whole[..100].to_vec(), vec![0; whole.len()]];
    for damaged in cases {
        fs::write(&database, &damaged).unwrap();
        let error = Store::open(folder.path(), &key()).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { file: "byway.db" }), "{error}");
        assert!(fs::read(&database).unwrap() == damaged);
    }
    // A log without its database would be applied to a new one.
    fs::remove_file(&database).unwrap();
    fs::write(folder.path().join("byway.db-wal"), "log").unwrap();
    assert!(matches!(Store::open(folder.path(), &key()), Err(StoreError::Missing { file: "byway.db" })));
}

#[test]
fn a_store_of_which_a_part_is_gone_is_not_begun_anew() {
    let folder = quick_folder();
    let store = Store::open(folder.path(), &key()).unwrap();
    fill(&store);
    // Like copies of a running app: the log contains the newest data.
    let whole = files(folder.path());
    drop(store);
    let names = ["byway.db", "byway.db-wal", "byway.key", "byway.lock"];
    for kept in 1..1 << names.len() {
        let is_kept =
            |name: &str| names.iter().position(|known| *known == name).is_some_and(|at| kept & (1 << at) != 0);
        let copy = quick_folder();
        for (name, bytes) in whole.iter().filter(|(name, _)| is_kept(name)) {
            fs::write(copy.path().join(name), bytes).unwrap();
        }
        let opened = Store::open(copy.path(), &key());
        match (is_kept("byway.key"), is_kept("byway.db")) {
            // Without its log the database is an earlier, complete one, or there is none yet.
            (true, true) => {
                assert!(matches!(opened, Ok(_) | Err(StoreError::Corrupt { .. })), "{kept:b}: {opened:?}");
                drop(opened);
            }
            (key_, _) => {
                let Err(error) = opened else { panic!("{kept:b}: a new store took its place") };
                assert_eq!(error.code(), "store_missing", "{kept:b} key {key_}");
                assert!(error.to_string().contains("is missing"), "{error}");
                let left: Vec<_> = files(copy.path()).into_iter().filter(|(name, _)| name != "byway.lock").collect();
                let put: Vec<_> =
                    whole.iter().filter(|(name, _)| name != "byway.lock" && is_kept(name)).cloned().collect();
                assert!(left == put, "{kept:b}: nothing was changed");
            }
        }
        Store::wipe_at(copy.path()).unwrap();
        assert_eq!(fs::read_dir(copy.path()).unwrap().count(), 0, "{kept:b}: a wipe works on any part");
    }
}

#[test]
fn an_emptied_database_keeps_its_log() {
    let folder = quick_folder();
    let store = Store::open(folder.path(), &key()).unwrap();
    fill(&store);
    let whole = files(folder.path());
    drop(store);
    for (name, bytes) in whole {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    fs::write(folder.path().join("byway.db"), "").unwrap();
    let before = files(folder.path());
    assert!(before.iter().any(|(name, _)| name == "byway.db-wal"));
    assert!(matches!(Store::open(folder.path(), &key()), Err(StoreError::Corrupt { file: "byway.db" })));
    assert!(files(folder.path()) == before, "the log may be all that is left of it");
}

#[test]
fn a_program_that_ignores_our_lock_is_refused_too() {
    let folder = made();
    let _store = Store::open(folder.path(), &key()).unwrap();
    let other = Connection::open(folder.path().join("byway.db")).unwrap();
    assert!(other.execute("DELETE FROM items", []).is_err());
    drop(other);

    drop(_store);
    let other = Connection::open(folder.path().join("byway.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM items").unwrap();
    assert!(matches!(Store::open(folder.path(), &key()), Err(StoreError::Busy)));
}

fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        // SQLite leaves an empty log if it read and wrote nothing.
        .filter(|(_, bytes)| !bytes.is_empty())
        .collect();
    files.sort();
    files
}
