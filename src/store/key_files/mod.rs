//! Sources of the store's key, for apps without a system keystore.
//!
//! - [`StoreKey::from_bytes`](crate::StoreKey::from_bytes): 32 bytes that the app keeps itself (Android Keystore, iOS
//!   Keychain). This is the best choice where it exists.
//! - [`KeyFile`]: 32 random bytes in Base64, readable only by their owner. The file can be kept on a removable stick.
//! - [`SealedKeyFile`]: a random key, sealed with a passphrase in the format of age (age-encryption.org/v1, its scrypt
//!   recipient). A passphrase is not a key: scrypt (RFC 7914) makes each guess cost memory and time.
//!
//! Both files are [`KeyProvider`](crate::KeyProvider)s. A file is created exclusively, for its owner only (mode 600),
//! complete or not at all, and not in the folder of a signed community; what a killed process left of one is removed when a key
//! beside it is read or made. No link is followed when a key file is read or created. Reads are bounded, because a
//! stranger may have put the file there.
//!
//! Both block, and a passphrase takes about half a second of CPU on a PC:
//! [`Builder::data_dir`](crate::Builder::data_dir) calls them on a worker thread.

mod age;
mod disk;
mod file;
mod sealed;
mod sealed_text;
mod secret;
mod served;

use std::io;
use std::sync::Arc;

#[cfg(all(test, feature = "publisher"))]
pub(crate) use disk::stop_after as stop_key_files_after;
pub use file::KeyFile;
pub use sealed::SealedKeyFile;
pub use secret::Secret;
#[cfg(feature = "publisher")]
pub use served::served_folder;

/// Error reading or creating a key file or a secret. No message repeats a path or any content of the file.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file does not exist.
    #[error("there is no key file")]
    Absent,
    /// The file exists already. It is unchanged.
    #[error("there is a key file already, and it was not replaced")]
    Exists,
    /// The new file would lie in the folder of a signed community, whose files everyone can fetch from a web server. It was not made.
    #[error("everyone can fetch the files of a community's folder; keep the key elsewhere")]
    Served,
    /// The path is a link, a directory or another non-regular file. It was not followed.
    #[error("the key file is a link or no plain file, so it is not used")]
    NotPlain,
    /// Other users of this device may read the file.
    #[error("others on this device may read this key file; make it yours alone (chmod 600)")]
    OpenToOthers,
    /// The file is not a key file: a key file holds 32 bytes in Base64.
    #[error("this is not a key file; a key file holds 32 bytes in base64")]
    NoKey,
    /// The passphrase is wrong.
    #[error("this is not the passphrase with which the key was sealed")]
    WrongPassphrase,
    /// The sealed key is damaged, or another program made it for something else.
    #[error("the sealed key is damaged, or was not made for a store; restore it from a copy, or wipe the store")]
    Damaged,
    /// Trying a passphrase on this file would take more memory than this library allows, so none was tried.
    #[error("the sealed key asks for too much work: 2^{log_n} rounds of scrypt, and at most 2^{most} are done")]
    WorkFactor {
        /// The number of rounds that the file asks for, as a power of two.
        log_n: u8,
        /// The largest number that is accepted, as a power of two.
        most: u8,
    },
    /// The secret is empty.
    #[error("the passphrase or token is empty")]
    Empty,
    /// The secret is not UTF-8, or is longer than 4,096 bytes.
    #[error("the passphrase or token is not text, or is longer than 4096 bytes")]
    NoText,
    /// The system's random number generator failed.
    #[error("the system has no randomness")]
    NoRandomness,
    /// The operating system refused.
    #[error("the key file cannot be used: {0}")]
    Io(#[source] Arc<io::Error>),
}

impl KeyFileError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            KeyFileError::Absent => "key_absent",
            KeyFileError::Exists => "key_exists",
            KeyFileError::Served => "key_served",
            KeyFileError::NotPlain => "key_not_plain",
            KeyFileError::OpenToOthers => "key_open_to_others",
            KeyFileError::NoKey => "no_key_file",
            KeyFileError::WrongPassphrase => "wrong_passphrase",
            KeyFileError::Damaged => "key_damaged",
            KeyFileError::WorkFactor { .. } => "key_work_factor",
            KeyFileError::Empty => "secret_empty",
            KeyFileError::NoText => "secret_no_text",
            KeyFileError::NoRandomness => "no_randomness",
            KeyFileError::Io(_) => "key_io",
        }
    }
}

impl From<io::Error> for KeyFileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => KeyFileError::Absent,
            io::ErrorKind::AlreadyExists => KeyFileError::Exists,
            _ => KeyFileError::Io(Arc::new(error)),
        }
    }
}
