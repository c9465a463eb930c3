use std::io;
use std::sync::Arc;

use rusqlite::ErrorCode;

use super::file_names::DATABASE;
use super::key_provider::KeyError;

/// An operation of the store failed. Each message is one sentence, and repeats nothing that is stored.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The key was forgotten, by [`Store::lock`](super::Store::lock) or [`Store::wipe`](super::Store::wipe).
    #[error("the store is locked; unlock it with its key first")]
    Locked,
    /// [`Store::suspend`](super::Store::suspend) was called, and [`Store::resume`](super::Store::resume) was not.
    #[error("the store is suspended while the app sleeps; resume it first")]
    Suspended,
    /// Another process has the directory open.
    #[error("another process is using this data directory; close it, or give another directory")]
    Busy,
    /// This process already has the directory open, under this or another path: in another client, or in another
    /// [`Store`](super::Store). A client that was dropped a moment ago does not cause this error; opening waits for it.
    #[error("this app has this data directory open already; use what has it open, or give another directory")]
    AlreadyOpen,
    /// The app or the key file gave no key. The code is the one of the [`KeyError`].
    #[error("the key of the store is not available: {0}")]
    NoKey(#[from] KeyError),
    /// The key is not the one that the store was sealed with. Nothing was read or changed.
    #[error("this is not the key that the store was sealed with; nothing can be read with it, and nothing was changed")]
    WrongKey,
    /// A file is damaged, or does not belong to the store. It was not changed.
    #[error(
        "the file {file} of the store is damaged or does not belong to it, so it is not used; put a copy of it back, \
         or wipe the store"
    )]
    Corrupt {
        /// The file's name, without the directory.
        file: &'static str,
    },
    /// A file of the store is missing, though others exist or existed. The directory may be a copy restored in part. No
    /// empty store is made instead, and nothing was changed.
    #[error(
        "the file {file} of the store is missing; nothing is read and nothing is made in its place; put a copy of it \
         back, or wipe the store"
    )]
    Missing {
        /// The file's name, without the directory.
        file: &'static str,
    },
    /// A link or another non-regular file stands where a file of the store belongs, or a link where its directory
    /// belongs. It was not followed.
    #[error("{} is a link or no plain file, so it is not used; a link is not followed", link_place(.file))]
    Link {
        /// The file's name, without the directory; empty for the directory itself.
        file: &'static str,
    },
    /// A newer version of Byway made the store. It was not changed.
    #[error(
        "the store was made by a newer version of Byway (format {found}; this one reads up to {known}); update the app"
    )]
    Newer {
        /// The store's format.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// The data does not fit into the size limit, even after all stored posts were evicted. The store is unchanged.
    #[error("the store may not grow beyond {limit} bytes, and without a single post it would still be larger")]
    Full {
        /// The limit in bytes.
        limit: u64,
    },
    /// The disk is full. The store is unchanged.
    #[error("the disk is full; what was read could not be kept")]
    DiskFull,
    /// The text is not a cursor of this list in this store.
    #[error("this cursor does not belong to this list; begin again without one")]
    Cursor,
    /// An item cannot be serialized.
    #[error("an item could not be written down: it is too large, or holds a value that cannot be stored")]
    Item,
    /// The operating system refused.
    #[error("the data directory cannot be used: {0}")]
    Io(#[source] Arc<io::Error>),
    /// The database or the system's random number generator failed, and no other variant describes the failure.
    #[error("the store failed inside (SQLite code {code}); this is a fault of Byway or of the device")]
    Fault {
        /// SQLite's extended result code; 0 if the error did not come from SQLite.
        code: i32,
    },
}

impl StoreError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            StoreError::Locked => "store_locked",
            StoreError::Suspended => "store_suspended",
            StoreError::Busy => "store_busy",
            StoreError::AlreadyOpen => "store_already_open",
            StoreError::NoKey(error) => error.code(),
            StoreError::WrongKey => "store_wrong_key",
            StoreError::Corrupt { .. } => "store_corrupt",
            StoreError::Missing { .. } => "store_missing",
            StoreError::Link { .. } => "store_link",
            StoreError::Newer { .. } => "store_newer",
            StoreError::Full { .. } => "store_full",
            StoreError::DiskFull => "disk_full",
            StoreError::Cursor => "bad_cursor",
            StoreError::Item => "bad_item",
            StoreError::Io(_) => "store_io",
            StoreError::Fault { .. } => "store_fault",
        }
    }

    /// The database contains something that the store did not write.
    pub(super) fn damaged() -> Self {
        StoreError::Corrupt { file: DATABASE }
    }
}

fn link_place(file: &str) -> &str {
    if file.is_empty() { "the data directory" } else { file }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull,
            _ => StoreError::Io(Arc::new(error)),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, _) = &error else {
            // A column of another type, or a required row that is missing: the store did not write this.
            return StoreError::damaged();
        };
        match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::SchemaChanged => StoreError::damaged(),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
            ErrorCode::DiskFull => StoreError::DiskFull,
            ErrorCode::TooBig => StoreError::Item,
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly => {
                io::Error::from(io::ErrorKind::PermissionDenied).into()
            }
            _ => StoreError::Fault { code: failure.extended_code },
        }
    }
}
