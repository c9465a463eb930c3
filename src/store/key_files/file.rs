use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{KeyFileError, disk};
use crate::store::{KeyError, KeyProvider, StoreKey};

/// A file with a key of the store: 32 random bytes in Base64, and a line break.
///
/// As a [`KeyProvider`] it reads the file. Anyone with the file can read the store, so keep it out of backups, and
/// preferably not beside the store.
///
/// ```no_run
/// # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
/// use byway::{Byway, KeyFile, KeyFileError};
///
/// let key = KeyFile::new("/media/stick/byway.key");
/// // Once, for a new store. An existing key is not replaced.
/// match key.create() {
///     Ok(_) | Err(KeyFileError::Exists) => {}
///     Err(error) => return Err(error.into()),
/// }
/// let byway = Byway::builder().data_dir("/data/byway", key).build().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The key file at this path. Nothing is read yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Creates the file with a new random key. Blocks.
    ///
    /// # Errors
    /// [`KeyFileError::Exists`], [`KeyFileError::Served`], [`KeyFileError::NoRandomness`], [`KeyFileError::Io`].
    pub fn create(&self) -> Result<StoreKey, KeyFileError> {
        let key = StoreKey::random().map_err(|_| KeyFileError::NoRandomness)?;
        let mut text = Zeroizing::new(String::with_capacity(TEXT + 1));
        STANDARD.encode_string(key.as_bytes(), &mut text);
        text.push('\n');
        disk::create(&self.path, text.as_bytes())?;
        Ok(key)
    }

    /// Reads the key. Blocks.
    ///
    /// # Errors
    /// [`KeyFileError::Absent`], [`KeyFileError::NotPlain`], [`KeyFileError::OpenToOthers`], [`KeyFileError::NoKey`],
    /// [`KeyFileError::Io`].
    pub fn read(&self) -> Result<StoreKey, KeyFileError> {
        let text = disk::read_private(&self.path)?;
        let text = text.trim_ascii();
        // The decoder's own buffer is larger than the key, and only this one is wiped.
        let mut bytes = Zeroizing::new([0; 36]);
        if text.len() != TEXT {
            return Err(KeyFileError::NoKey);
        }
        let length = STANDARD.decode_slice(text, bytes.as_mut_slice()).map_err(|_| KeyFileError::NoKey)?;
        StoreKey::from_slice(bytes.get(..length).unwrap_or_default()).ok_or(KeyFileError::NoKey)
    }
}

impl KeyProvider for KeyFile {
    fn key(&self) -> Result<StoreKey, KeyError> {
        Ok(self.read()?)
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFile(..)")
    }
}

/// The length of 32 bytes in Base64.
const TEXT: usize = 44;
