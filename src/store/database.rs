//! The database: one connection, two tables, nothing readable in any column.
//!
//! - `records`: small things that are found by their name: communities, the homes that lead to them, lists, exposure
//!   floors, blobs. All in one table, so that not even their kinds can be counted. One of them is the census: how many
//!   there are.
//! - `items`: posts and events, laid out in [`super::sealed_list`].
//!
//! Keys are keyed hashes, payloads are sealed for their key: a row that is changed, swapped or moved does not open, and
//! a row that is lost or added is missed by a count that is sealed itself. (What goes unnoticed is a whole directory
//! put back as it was earlier.) Payloads are padded to one of four sizes a power of two.
//!
//! The connection holds SQLite's exclusive lock for as long as it is open: there is no shared memory file then, and a
//! second program is turned away even if it does not heed our own lock.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::StoreError;
use super::file_names::DATABASE;
use super::files::Files;
use super::key::{Keys, LookupKey};

/// The format that this version writes. It is sealed into the census as well, so that it cannot be changed unseen.
pub(super) const FORMAT: i64 = 1;

/// Migration 1. `WITHOUT ROWID`: a row of `records` has no number that says when it came.
const TABLES: [(&str, &str); 3] = [
    ("records", "CREATE TABLE records (key BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID"),
    (
        "items",
        "CREATE TABLE items (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, day INTEGER NOT NULL, \
         head BLOB NOT NULL, body BLOB NOT NULL)",
    ),
    ("items_day", "CREATE INDEX items_day ON items (day)"),
];

/// Pages that SQLite keeps in memory, in KiB: enough for the index of some hundred thousand items.
const CACHE_KIB: i64 = 8 * 1024;

/// The log is cut to this size when it is empty, in bytes.
const LOG_SIZE: i64 = 4 * 1024 * 1024;

/// The kinds of records. Stored: numbers are never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Census = 0,
    Community = 1,
    Home = 2,
    SealedList = 3,
    Floor = 4,
    Blob = 5,
    Setting = 6,
}

impl Kind {
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
    /// An empty one, in memory.
    pub(super) fn in_memory(keys: Keys) -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        set_up(&connection)?;
        let mut database = Self { connection, keys };
        database.create()?;
        Ok(database)
    }

    /// That of these files. Nothing is changed of one that is not as it was left.
    pub(super) fn open(files: &Files, keys: Keys) -> Result<Self, StoreError> {
        if !files.has_database()? {
            return Err(StoreError::Missing { file: DATABASE });
        }
        Self::open_existing(&files.database(), keys)
    }

    /// Makes one where there is none.
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
        // Until it has proved to be ours, not even its own log is written into it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        set_up(&connection)?;
        let mut database = Self { connection, keys };
        database.verify()?;
        database.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(database)
    }

    /// Migration 1.
    fn create(&mut self) -> Result<(), StoreError> {
        // Before the first table: what is deleted can be given back to the disk page by page.
        self.connection.pragma_update(None, "auto_vacuum", "incremental")?;
        self.write(|tx| {
            for (_, sql) in TABLES {
                tx.sql.execute(sql, [])?;
            }
            tx.sql.pragma_update(None, "user_version", FORMAT)?;
            tx.set_census(0)
        })
    }

    /// Whether this is our database and all of its small records are there. Reads only.
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

    /// Looks, at one state of the whole.
    pub(super) fn read<T>(&mut self, look: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let tx = Tx { sql: self.connection.transaction()?, keys: &self.keys };
        look(&tx)
    }

    /// Changes all or nothing. When this returns, the change outlives the process.
    pub(super) fn write<T>(&mut self, change: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let sql = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tx = Tx { sql, keys: &self.keys };
        let done = change(&tx)?;
        tx.sql.commit()?;
        Ok(done)
    }

    /// Gives free pages back to the disk and empties the log, so that what was deleted is in no file.
    pub(super) fn shrink(&mut self) -> Result<(), StoreError> {
        // The pragma frees a page a step, so it is stepped to its end.
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

    /// Moves the log into the database and lets go of both.
    pub(super) fn close(self) -> Result<(), StoreError> {
        self.empty_log()?;
        self.connection.close().map_err(|(_, error)| error.into())
    }

    /// Lets go of a database that is about to be removed: nothing is moved out of its log any more.
    pub(super) fn abandon(self) {
        // Where that fails, closing takes a moment longer.
        let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// What SQLite finds wrong, if anything.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let answer: String = self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if answer == "ok" { Ok(()) } else { Err(StoreError::damaged()) }
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }
}

/// A transaction, with the keys to what is in it.
pub(super) struct Tx<'a> {
    pub(super) sql: Transaction<'a>,
    pub(super) keys: &'a Keys,
}

impl Tx<'_> {
    /// The record of this kind and name.
    pub(super) fn record(&self, kind: Kind, name: &[&[u8]]) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let key = kind.lookup(self.keys, name);
        let sql = "SELECT sealed FROM records WHERE key = ?1";
        let sealed = self.sql.query_row(sql, params![key], |row| row.get(0)).optional()?;
        let Some(sealed) = sealed else { return Ok(None) };
        match self.open_record(&key, sealed)? {
            (found, plain) if found == kind as u8 => Ok(Some(plain)),
            _ => Err(StoreError::damaged()),
        }
    }

    /// Puts a record instead of the one of the same name.
    pub(super) fn set_record(&self, kind: Kind, name: &[&[u8]], plain: &[u8]) -> Result<(), StoreError> {
        let key = kind.lookup(self.keys, name);
        let sql = "UPDATE records SET sealed = ?2 WHERE key = ?1";
        if self.sql.execute(sql, params![key, self.seal_record(&key, kind, plain)?])? == 0 {
            self.add_record(kind, name, plain)?;
        }
        Ok(())
    }

    /// Adds a record, unless there is one of this name: then that one stays.
    pub(super) fn add_record(&self, kind: Kind, name: &[&[u8]], plain: &[u8]) -> Result<(), StoreError> {
        let key = kind.lookup(self.keys, name);
        let sql = "INSERT OR IGNORE INTO records (key, sealed) VALUES (?1, ?2)";
        match self.sql.execute(sql, params![key, self.seal_record(&key, kind, plain)?])? {
            0 => Ok(()),
            _ => self.set_census(self.census()? + 1),
        }
    }

    /// Removes a record.
    pub(super) fn remove_record(&self, kind: Kind, name: &[&[u8]]) -> Result<(), StoreError> {
        let key = kind.lookup(self.keys, name);
        match self.sql.execute("DELETE FROM records WHERE key = ?1", params![key])? {
            0 => Ok(()),
            _ => self.set_census(self.census()?.checked_sub(1).ok_or_else(StoreError::damaged)?),
        }
    }

    /// All records of one kind.
    pub(super) fn records(&self, kind: Kind) -> Result<Vec<Zeroizing<Vec<u8>>>, StoreError> {
        let mut found = Vec::new();
        self.each_record(|of, plain| {
            if of == kind as u8 {
                found.push(plain);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// All records but the census, each with its kind's number.
    fn each_record(
        &self,
        mut visit: impl FnMut(u8, Zeroizing<Vec<u8>>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.sql.prepare("SELECT key, sealed FROM records ORDER BY key")?;
        let mut rows = statement.query([])?;
        let mut last: Option<LookupKey> = None;
        while let Some(row) = rows.next()? {
            let key = row.get(0)?;
            // A key out of order would not be found by its name.
            if last.is_some_and(|last| last >= key) {
                return Err(StoreError::damaged());
            }
            last = Some(key);
            match self.open_record(&key, row.get(1)?)? {
                (kind, _) if kind == Kind::Census as u8 => {}
                (kind, plain) => visit(kind, plain)?,
            }
        }
        Ok(())
    }

    /// How many records there must be, the census itself aside.
    fn census(&self) -> Result<u64, StoreError> {
        let plain = self.record(Kind::Census, &[])?.ok_or_else(StoreError::damaged)?;
        let (format, count) = plain.split_first_chunk::<8>().ok_or_else(StoreError::damaged)?;
        let count: [u8; 8] = count.try_into().map_err(|_| StoreError::damaged())?;
        if i64::from_le_bytes(*format) != FORMAT {
            return Err(StoreError::damaged());
        }
        Ok(u64::from_le_bytes(count))
    }

    fn set_census(&self, count: u64) -> Result<(), StoreError> {
        let key = Kind::Census.lookup(self.keys, &[]);
        let plain = [FORMAT.to_le_bytes(), count.to_le_bytes()].concat();
        let sealed = self.seal_record(&key, Kind::Census, &plain)?;
        self.sql.execute("INSERT OR REPLACE INTO records (key, sealed) VALUES (?1, ?2)", params![key, sealed])?;
        Ok(())
    }

    fn seal_record(&self, key: &LookupKey, kind: Kind, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
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

    /// Opens what was padded and sealed.
    pub(super) fn open_padded(&self, place: &[u8], sealed: Vec<u8>) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let mut plain = self.keys.open(place, sealed).ok_or_else(StoreError::damaged)?;
        let end = plain.iter().rposition(|byte| *byte != 0).ok_or_else(StoreError::damaged)?;
        // The mark before the padding.
        plain.truncate(end);
        Ok(plain)
    }

    /// Bytes of the database that hold something.
    pub(super) fn used(&self) -> Result<u64, StoreError> {
        let number = |name| self.sql.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let pages = number("page_count")? - number("freelist_count")?;
        u64::try_from(pages.saturating_mul(number("page_size")?)).map_err(|_| StoreError::damaged())
    }
}

/// What a payload is sealed for: the table and part, and the row's key.
pub(super) fn place(part: &[u8], key: &[u8]) -> Vec<u8> {
    [part, b" ", key].concat()
}

/// Fills a text up to one of a few lengths (ISO/IEC 7816-4: a mark, then zeros).
pub(super) fn pad(mut text: Vec<u8>) -> Vec<u8> {
    let length = padded_length(text.len());
    text.reserve_exact((length + SEAL).saturating_sub(text.len()));
    text.push(0x80);
    text.resize(length, 0);
    text
}

/// Four lengths a power of two, from 256 bytes: a length tells little, and costs at most a quarter more.
pub(super) fn padded_length(length: usize) -> usize {
    let step = ((length + 1).next_power_of_two() / 8).max(256);
    (length + 1).next_multiple_of(step)
}

/// What sealing adds: a tag and a nonce.
pub(super) const SEAL: usize = 16 + 12;

fn connect(path: &Path) -> Result<Connection, StoreError> {
    // No URI: a directory may well have a question mark in its name. No creation: our files are made private.
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

/// What holds for this connection only. Changes nothing in the file.
fn set_up(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    for (name, value) in [
        // First of all: decided before the log is first looked at, it means that there is no file of shared memory.
        ("locking_mode", "exclusive"),
        // Under a log, a commit survives the death of the process; that of the power may take the last ones with it.
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
