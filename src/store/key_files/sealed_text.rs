use zeroize::Zeroizing;

use super::{KeyFileError, Secret, age};

impl Secret {
    /// Seals a text of at most 64 KiB with this passphrase, as [`SealedKeyFile`](super::SealedKeyFile) seals a key.
    ///
    /// # Errors
    /// [`KeyFileError::NoRandomness`].
    #[cfg(feature = "publisher")]
    pub(crate) fn seal(&self, text: &[u8]) -> Result<Vec<u8>, KeyFileError> {
        age::seal(self, age::LOG_N, text)
    }

    /// Opens what was sealed so.
    ///
    /// # Errors
    /// [`KeyFileError::WrongPassphrase`], [`KeyFileError::Damaged`], [`KeyFileError::WorkFactor`].
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
        age::open(self, sealed)
    }
}
