//! Where the store's key may come from, for apps that have no keystore of the system's.
//!
//! - [`StoreKey::from_bytes`](crate::StoreKey::from_bytes): 32 bytes that the app keeps itself (Android Keystore, iOS
//!   Keychain). Where there is one, this is the best there is.
//! - [`KeyFile`]: 32 random bytes in Base64, for their owner's eyes only. It can lie on a stick that is taken along.
//! - [`SealedKeyFile`]: a random key, sealed with a passphrase in the format of age (age-encryption.org/v1, its scrypt
//!   recipient). A passphrase is no key: scrypt (RFC 7914) makes each guess cost memory and time.
//!
//! Both files are [`KeyProvider`](crate::KeyProvider)s. A file is made exclusively, for its owner alone (mode 600), whole or
//! not at all; no link is followed, neither in reading nor in making a key file; and what lies there is read within bounds, because
//! it may have been put there by a stranger.
//!
//! They block, and a passphrase takes about half a second of CPU on a PC: [`Builder::data_dir`](crate::Builder::data_dir)
//! calls them on a worker thread.

mod age;
mod disk;
mod file;
mod sealed;
mod secret;

use std::io;
use std::sync::Arc;

pub use file::KeyFile;
pub use sealed::SealedKeyFile;
pub use secret::Secret;

/// Why a file gave no key or secret, or was not made. No message repeats a path or anything out of the file.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// There is no such file.
    #[error("there is no key file")]
    Absent,
    /// There is such a file already. It is as it was.
    #[error("there is a key file already, and it was not replaced")]
    Exists,
    /// A link, a directory, or something else that is no plain file lies there. It was not followed.
    #[error("the key file is a link or no plain file, so it is not used")]
    NotPlain,
    /// Other users of this device may read it.
    #[error("others on this device may read this key file; make it yours alone (chmod 600)")]
    OpenToOthers,
    /// It is no key file: one holds 32 bytes in Base64.
    #[error("this is no key file; one holds 32 bytes in base64")]
    NoKey,
    /// This is not the passphrase.
    #[error("this is not the passphrase with which the key was sealed")]
    WrongPassphrase,
    /// The sealed key is damaged, or another program made it for something else.
    #[error("the sealed key is damaged, or was not made for a store; put a copy of it back, or wipe the store")]
    Damaged,
    /// To try a passphrase on it would take more memory than a key file of this library's asks for, so none was tried.
    #[error("the sealed key asks for too much work: 2^{log_n} rounds of scrypt, and at most 2^{most} are done")]
    WorkFactor {
        /// For how many rounds it asks, as a power of two.
        log_n: u8,
        /// How many are done at most.
        most: u8,
    },
    /// The secret is empty.
    #[error("the passphrase or token is empty")]
    Empty,
    /// The secret is no UTF-8, or longer than 4,096 bytes.
    #[error("the passphrase or token is no text, or is longer than 4096 bytes")]
    NoText,
    /// The system has no randomness for a new key.
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
