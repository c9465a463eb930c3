//! The database: one connection and two tables, with nothing readable in any column.
//!
//! - `records`: small values that are found by name: communities, the homes that lead to them, lists, exposure floors,
//!   blobs. They share one table, so that an observer cannot count them by kind. One of them, the census, holds the
//!   number of records.
//! - `items`: posts and events, laid out in [`super::sealed_list`].
//!
//! Keys are keyed hashes, and each payload is sealed for its key: a row that is changed, swapped or moved does not
//! open. A sealed count detects rows that are lost or added. (An older copy of the whole directory, put back, is not
//! detected.) Payloads are padded to one of four sizes per power of two.
//!
//! The connection holds SQLite's exclusive lock while it is open. So there is no shared-memory file, and a second
//! program is refused even if it ignores our own lock.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::StoreError;
use super::file_names::DATABASE;
use super::files::Files;
use super::key::{Keys, LookupKey};

/// The format that this version writes. The census holds it too, sealed, so that it cannot be changed unnoticed.
pub(super) const FORMAT: i64 = 1;

/// Migration 1. `WITHOUT ROWID`: a row of `records` has no number that shows when it was added.
const TABLES: [(&str, &str); 3] = [
    ("records", "CREATE TABLE records (key BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID"),
    (
        "items",
        "CREATE TABLE items (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, day INTEGER NOT NULL, \
         head BLOB NOT NULL, body BLOB NOT NULL)",
    ),
    ("items_day", "CREATE INDEX items_day ON items (day)"),
];

/// SQLite's page cache in KiB: enough for the index of some hundred thousand items.
const CACHE_KIB: i64 = 8 * 1024;

/// The size in bytes to which SQLite truncates the log when it is empty.
const LOG_SIZE: i64 = 4 * 1024 * 1024;

/// The kinds of records. The numbers are stored, and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum RecordKind {
    Census = 0,
    Community = 1,
    Home = 2,
    SealedList = 3,
    Floor = 4,
    Blob = 5,
    Setting = 6,
}

impl RecordKind {
    fn lookup(self, keys: &Keys, name: &[&[u8]]) -> LookupKey {
        let kind = [self as u8];
        let mut parts: Vec<&[u8]> = vec![b"record", &kind];
        parts.extend(name);
        keys.lookup(&parts)
    }
}

/// An open database.
pub(super) struct Database {
    connection: Connection,
    keys: Keys,
}

impl Database {
    /// A new database in memory.
    pub(super) fn in_memory(keys: Keys) -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        set_up(&connection)?;
        let mut database = Self { connection, keys };
        database.create()?;
        Ok(database)
    }

    /// Opens the database in these files. A database that is not as the store left it is not modified.
    pub(super) fn open(files: &Files, keys: Keys) -> Result<Self, StoreError> {
        if !files.has_database()? {
            return Err(StoreError::Missing { file: DATABASE });
        }
        Self::open_existing(&files.database(), keys)
    }

    /// Creates the database if it does not exist.
    pub(super) fn make(files: &Files, keys: Keys) -> Result<Self, StoreError> {
        let path = files.create_unfinished_database()?;
        let connection = connect(&path)?;
        set_up(&connection)?;
        let mut database = Self { connection, keys };
        database.create()?;
        database.connection.pragma_update(None, "journal_mode", "wal")?;
        let Self { connection, keys } = database;
        connection.close().map_err(|(_, error)| error)?;
        files.finish_database()?;
        Self::open_existing(&files.database(), keys)
    }

    fn open_existing(path: &Path, keys: Keys) -> Result<Self, StoreError> {
        let connection = connect(path)?;
        // Until the database has proved to be ours, not even its own log is written into it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        set_up(&connection)?;
        let mut database = Self { connection, keys };
        database.verify()?;
        database.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(database)
    }

    /// Migration 1.
    fn create(&mut self) -> Result<(), StoreError> {
        // This must precede the first table: it allows deleted pages to be returned to the disk one by one.
        self.connection.pragma_update(None, "auto_vacuum", "incremental")?;
        self.write(|tx| {
            for (_, sql) in TABLES {
                tx.sql.execute(sql, [])?;
            }
            tx.sql.pragma_update(None, "user_version", FORMAT)?;
            tx.set_census(0)
        })
    }

    /// Checks that this is our database and that all of its records are there. Reads only.
    fn verify(&mut self) -> Result<(), StoreError> {
        let journal: String = self.connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let format: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if format > FORMAT {
            return Err(StoreError::Newer { found: format, known: FORMAT });
        }
        if format < FORMAT || journal != "wal" || self.tables()? != TABLES.map(|(name, sql)| (name.into(), sql.into()))
        {
            return Err(StoreError::damaged());
        }
        self.read(|tx| {
            let mut seen = 0;
            tx.each_record(|_, _| {
                seen += 1;
                Ok(())
            })?;
            if tx.census()? == seen { Ok(()) } else { Err(StoreError::damaged()) }
        })
    }

    fn tables(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL OR type NOT IN ('index') ORDER BY rowid";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Runs a read transaction: `look` sees one consistent state.
    pub(super) fn read<T>(&mut self, look: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let tx = Tx { sql: self.connection.transaction()?, keys: &self.keys };
        look(&tx)
    }

    /// Runs a write transaction, all or nothing. When this returns, the change survives the death of the process.
    pub(super) fn write<T>(&mut self, change: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let sql = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tx = Tx { sql, keys: &self.keys };
        let done = change(&tx)?;
        tx.sql.commit()?;
        Ok(done)
    }

    /// Returns free pages to the disk and empties the log, so that no file holds deleted data.
    pub(super) fn shrink(&mut self) -> Result<(), StoreError> {
        // The pragma frees one page per step, so it is stepped to its end.
        let mut statement = self.connection.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        drop(rows);
        drop(statement);
        self.empty_log()
    }

    fn empty_log(&self) -> Result<(), StoreError> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Moves the log into the database and closes both.
    pub(super) fn close(self) -> Result<(), StoreError> {
        self.empty_log()?;
        self.connection.close().map_err(|(_, error)| error.into())
    }

    /// Closes a database that is about to be removed, without moving its log.
    pub(super) fn abandon(self) {
        // If this fails, closing takes a moment longer.
        let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// Fails if SQLite's integrity check finds a fault.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let answer: String = self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if answer == "ok" { Ok(()) } else { Err(StoreError::damaged()) }
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }
}

/// A transaction, with the keys to its data.
pub(super) struct Tx<'a> {
    pub(super) sql: Transaction<'a>,
    pub(super) keys: &'a Keys,
}

impl Tx<'_> {
    /// The record of this kind and name.
    pub(super) fn record(&self, kind: RecordKind, name: &[&[u8]]) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let key = kind.lookup(self.keys, name);
        let sql = "SELECT sealed FROM records WHERE key = ?1";
        let sealed = self.sql.query_row(sql, params![key], |row| row.get(0)).optional()?;
        let Some(sealed) = sealed else { return Ok(None) };
        match self.open_record(&key, sealed)? {
            (found, plain) if found == kind as u8 => Ok(Some(plain)),
            _ => Err(StoreError::damaged()),
        }
    }

    /// Writes a record, and replaces the one of the same name.
    pub(super) fn set_record(&self, kind: RecordKind, name: &[&[u8]], plain: &[u8]) -> Result<(), StoreError> {
        let key = kind.lookup(self.keys, name);
        let sql = "UPDATE records SET sealed = ?2 WHERE key = ?1";
        if self.sql.execute(sql, params![key, self.seal_record(&key, kind, plain)?])? == 0 {
            self.add_record(kind, name, plain)?;
        }
        Ok(())
    }

    /// Adds a record. An existing record of this name stays.
    pub(super) fn add_record(&self, kind: RecordKind, name: &[&[u8]], plain: &[u8]) -> Result<(), StoreError> {
        let key = kind.lookup(self.keys, name);
        let sql = "INSERT OR IGNORE INTO records (key, sealed) VALUES (?1, ?2)";
        match self.sql.execute(sql, params![key, self.seal_record(&key, kind, plain)?])? {
            0 => Ok(()),
            _ => self.set_census(self.census()? + 1),
        }
    }

    /// Removes a record.
    pub(super) fn remove_record(&self, kind: RecordKind, name: &[&[u8]]) -> Result<(), StoreError> {
        let key = kind.lookup(self.keys, name);
        match self.sql.execute("DELETE FROM records WHERE key = ?1", params![key])? {
            0 => Ok(()),
            _ => self.set_census(self.census()?.checked_sub(1).ok_or_else(StoreError::damaged)?),
        }
    }

    /// All records of one kind.
    pub(super) fn records(&self, kind: RecordKind) -> Result<Vec<Zeroizing<Vec<u8>>>, StoreError> {
        let mut found = Vec::new();
        self.each_record(|of, plain| {
            if of == kind as u8 {
                found.push(plain);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// All records except the census, each with the number of its kind.
    fn each_record(
        &self,
        mut visit: impl FnMut(u8, Zeroizing<Vec<u8>>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.sql.prepare("SELECT key, sealed FROM records ORDER BY key")?;
        let mut rows = statement.query([])?;
        let mut last: Option<LookupKey> = None;
        while let Some(row) = rows.next()? {
            let key = row.get(0)?;
            // A lookup by name would not find a key that is out of order.
            if last.is_some_and(|last| last >= key) {
                return Err(StoreError::damaged());
            }
            last = Some(key);
            match self.open_record(&key, row.get(1)?)? {
                (kind, _) if kind == RecordKind::Census as u8 => {}
                (kind, plain) => visit(kind, plain)?,
            }
        }
        Ok(())
    }

    /// The number of records that must exist, without the census.
    fn census(&self) -> Result<u64, StoreError> {
        let plain = self.record(RecordKind::Census, &[])?.ok_or_else(StoreError::damaged)?;
        let (format, count) = plain.split_first_chunk::<8>().ok_or_else(StoreError::damaged)?;
        let count: [u8; 8] = count.try_into().map_err(|_| StoreError::damaged())?;
        if i64::from_le_bytes(*format) != FORMAT {
            return Err(StoreError::damaged());
        }
        Ok(u64::from_le_bytes(count))
    }

    fn set_census(&self, count: u64) -> Result<(), StoreError> {
        let key = RecordKind::Census.lookup(self.keys, &[]);
        let plain = [FORMAT.to_le_bytes(), count.to_le_bytes()].concat();
        let sealed = self.seal_record(&key, RecordKind::Census, &plain)?;
        self.sql.execute("INSERT OR REPLACE INTO records (key, sealed) VALUES (?1, ?2)", params![key, sealed])?;
        Ok(())
    }

    fn seal_record(&self, key: &LookupKey, kind: RecordKind, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut text = Vec::with_capacity(padded_length(plain.len() + 1) + SEAL);
        text.push(kind as u8);
        text.extend_from_slice(plain);
        self.keys.seal(&place(b"record", key), pad(text))
    }

    fn open_record(&self, key: &LookupKey, sealed: Vec<u8>) -> Result<(u8, Zeroizing<Vec<u8>>), StoreError> {
        let mut plain = self.open_padded(&place(b"record", key), sealed)?;
        if plain.is_empty() {
            return Err(StoreError::damaged());
        }
        Ok((plain.remove(0), plain))
    }

    /// Opens a padded and sealed payload.
    pub(super) fn open_padded(&self, place: &[u8], sealed: Vec<u8>) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let mut plain = self.keys.open(place, sealed).ok_or_else(StoreError::damaged)?;
        let end = plain.iter().rposition(|byte| *byte != 0).ok_or_else(StoreError::damaged)?;
        // The mark that precedes the padding.
        plain.truncate(end);
        Ok(plain)
    }

    /// The number of bytes in use.
    pub(super) fn used(&self) -> Result<u64, StoreError> {
        let number = |name| self.sql.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let pages = number("page_count")? - number("freelist_count")?;
        u64::try_from(pages.saturating_mul(number("page_size")?)).map_err(|_| StoreError::damaged())
    }
}

/// The place that a payload is sealed for: the table and part, and the row's key.
pub(super) fn place(part: &[u8], key: &[u8]) -> Vec<u8> {
    [part, b" ", key].concat()
}

/// Pads a text to one of a few lengths (ISO/IEC 7816-4: a mark, then zeros).
pub(super) fn pad(mut text: Vec<u8>) -> Vec<u8> {
    let length = padded_length(text.len());
    text.reserve_exact((length + SEAL).saturating_sub(text.len()));
    text.push(0x80);
    text.resize(length, 0);
    text
}

/// Four lengths per power of two, from 256 bytes: a length reveals little, and padding costs at most a quarter.
pub(super) fn padded_length(length: usize) -> usize {
    let step = ((length + 1).next_power_of_two() / 8).max(256);
    (length + 1).next_multiple_of(step)
}

/// The overhead of sealing: a tag and a nonce.
pub(super) const SEAL: usize = 16 + 12;

fn connect(path: &Path) -> Result<Connection, StoreError> {
    // No URI: a directory may have a question mark in its name. No creation: our files are created private.
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

/// Settings of this connection only. The file is not changed.
fn set_up(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    for (name, value) in [
        // First of all: set before the log is first read, it avoids the shared-memory file.
        ("locking_mode", "exclusive"),
        // With a log, a commit survives the death of the process. A power failure may lose the last commits.
        ("synchronous", "normal"),
        ("secure_delete", "on"),
        ("temp_store", "memory"),
        ("trusted_schema", "off"),
        ("cell_size_check", "on"),
    ] {
        connection.pragma_update(None, name, value)?;
    }
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "journal_size_limit", LOG_SIZE)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn tests_run_over_the_sqlite_that_an_app_ships() -> Result<(), rusqlite::Error> {
        let connection = Connection::open_in_memory()?;
        let options: BTreeSet<String> =
            connection.prepare("PRAGMA compile_options")?.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
        for (option, present) in
            [("OMIT_JSON", true), ("DQS=0", true), ("ENABLE_FTS5", false), ("ENABLE_LOAD_EXTENSION", false)]
        {
            assert_eq!(
                options.contains(option),
                present,
                "{option}: LIBSQLITE3_FLAGS in .cargo/config.toml is not in force"
            );
        }
        Ok(())
    }

    #[test]
    fn padding_has_four_lengths_a_power_of_two_and_costs_a_quarter() {
        for power in 10..20_u32 {
            let lengths: BTreeSet<usize> = (1 << power..1 << (power + 1)).map(padded_length).collect();
            assert!(lengths.len() <= 5, "{power}: {lengths:?}");
        }
        for length in 0..70_000 {
            let padded = padded_length(length);
            assert!(padded > length && padded <= (length + 1 + length / 4).max(length + 256), "{length} to {padded}");
            assert_eq!(pad(vec![0x80; length]).len(), padded);
        }
    }
}
