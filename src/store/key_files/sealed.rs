use std::fmt;
use std::path::PathBuf;

use super::{KeyFileError, Secret, age, disk};
use crate::store::{KeyError, KeyProvider, StoreKey};

/// A file with a key of the store, sealed with a passphrase.
///
/// The file is an age file (`age -d` opens it) with the scrypt recipient. As a [`KeyProvider`] it reads the file and
/// tries the passphrase. A wrong passphrase gives [`KeyFileError::WrongPassphrase`], which an app gets from
/// [`KeyError::file_error`](crate::KeyError::file_error).
///
/// ```no_run
/// # async fn demo(typed: String) -> Result<(), Box<dyn std::error::Error>> {
/// use byway::{Byway, KeyFileError, Secret, SealedKeyFile};
///
/// let key = SealedKeyFile::new("/data/passphrase.age", Secret::new(typed)?);
/// match key.create() {
///     Ok(_) | Err(KeyFileError::Exists) => {}
///     Err(error) => return Err(error.into()),
/// }
/// let byway = Byway::builder().data_dir("/data/byway", key).build().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SealedKeyFile {
    path: PathBuf,
    passphrase: Secret,
    log_n: u8,
}

impl SealedKeyFile {
    /// The sealed key at this path, with the passphrase to try. Nothing is read yet.
    pub fn new(path: impl Into<PathBuf>, passphrase: Secret) -> Self {
        Self { path: path.into(), passphrase, log_n: age::LOG_N }
    }

    /// Sets the cost of each guess for [`SealedKeyFile::create`]: 2^`log_n` rounds of scrypt, which take 2^`log_n` KiB
    /// of memory. The value is clamped to 2^15 (32 MiB) to 2^18 (256 MiB); the default is 2^17 (128 MiB, about half a
    /// second). A lower value suits a device with little memory, and makes guesses cheaper by the same factor.
    #[must_use]
    pub fn with_work_factor(mut self, log_n: u8) -> Self {
        self.log_n = log_n.clamp(age::LEAST_LOG_N, age::MOST_LOG_N);
        self
    }

    /// Creates the file with a new random key. Blocks for as long as opening it takes.
    ///
    /// # Errors
    /// [`KeyFileError::Exists`], [`KeyFileError::Served`], [`KeyFileError::NoRandomness`], [`KeyFileError::Io`].
    pub fn create(&self) -> Result<StoreKey, KeyFileError> {
        disk::check_new(&self.path)?;
        let key = StoreKey::random().map_err(|_| KeyFileError::NoRandomness)?;
        disk::create(&self.path, &age::seal(&self.passphrase, self.log_n, key.as_bytes())?)?;
        Ok(key)
    }

    /// Creates the file with a key that is known already. Blocks for as long as opening it takes.
    ///
    /// # Errors
    /// As [`SealedKeyFile::create`].
    #[cfg(feature = "publisher")]
    pub(crate) fn create_with(&self, key: &StoreKey) -> Result<(), KeyFileError> {
        disk::check_new(&self.path)?;
        disk::create(&self.path, &age::seal(&self.passphrase, self.log_n, key.as_bytes())?)
    }

    /// Opens the key. Blocks, for about half a second of CPU on a PC.
    ///
    /// # Errors
    /// [`KeyFileError::WrongPassphrase`], [`KeyFileError::Damaged`], [`KeyFileError::WorkFactor`],
    /// [`KeyFileError::Absent`], [`KeyFileError::NotPlain`], [`KeyFileError::Io`].
    pub fn read(&self) -> Result<StoreKey, KeyFileError> {
        let key = age::open(&self.passphrase, &disk::read(&self.path)?)?;
        StoreKey::from_slice(&key).ok_or(KeyFileError::Damaged)
    }
}

impl KeyProvider for SealedKeyFile {
    fn key(&self) -> Result<StoreKey, KeyError> {
        Ok(self.read()?)
    }
}

impl fmt::Debug for SealedKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedKeyFile(..)")
    }
}
