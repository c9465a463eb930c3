//! The source of the store's key: the app, which gets it from the system or from a key file.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::key_files::KeyFileError;

/// Gives the store its key: from the Android Keystore, the iOS Keychain, a [`KeyFile`](super::KeyFile), or a
/// [`SealedKeyFile`](super::SealedKeyFile) under a passphrase.
/// It is called when the store is opened and when it is unlocked, and may wait for a person. A
/// [`Byway`](crate::client::Byway) calls it on a worker thread, a [`Store`](super::Store) on the calling thread. An
/// `Arc` or a `Box` of a provider is a provider too.
pub trait KeyProvider: Send + Sync {
    /// The key: the same 32 random bytes each time.
    ///
    /// # Errors
    /// If no key is available now, e.g. before the device was first unlocked.
    fn key(&self) -> Result<StoreKey, KeyError>;
}

/// The app's key. Wiped from memory when it is dropped; `Debug` shows nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StoreKey(pub(super) [u8; 32]);

impl StoreKey {
    /// A key of these bytes. They must be random, or come from a passphrase through a slow hash such as scrypt.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// [`StoreKey::new`]: a key of these bytes, which the app keeps itself.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self::new(bytes)
    }

    /// A key of these bytes. `None` if they are not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Self([0; 32]);
        if bytes.len() != key.0.len() {
            return None;
        }
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    /// A new random key, to be kept where the app keeps its keys.
    ///
    /// # Errors
    /// If the system's random number generator fails.
    pub fn random() -> Result<Self, KeyError> {
        let mut key = Self([0; 32]);
        rand::fill(&mut key.0).map_err(|_| KeyError::new("the system has no randomness"))?;
        Ok(key)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl KeyProvider for StoreKey {
    fn key(&self) -> Result<StoreKey, KeyError> {
        Ok(self.clone())
    }
}

impl<P: KeyProvider + ?Sized> KeyProvider for Arc<P> {
    fn key(&self) -> Result<StoreKey, KeyError> {
        (**self).key()
    }
}

impl<P: KeyProvider + ?Sized> KeyProvider for Box<P> {
    fn key(&self) -> Result<StoreKey, KeyError> {
        (**self).key()
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(..)")
    }
}

/// A [`KeyProvider`] has no key.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The app's reason: one clause, in its own words.
    #[error("{0}")]
    App(String),
    /// A [`KeyFile`](super::KeyFile) or [`SealedKeyFile`](super::SealedKeyFile) failed.
    #[error(transparent)]
    File(#[from] KeyFileError),
}

impl KeyError {
    /// A reason of the app's own, e.g. `the device has not been unlocked since it was started`.
    pub fn new(reason: impl Into<String>) -> Self {
        KeyError::App(reason.into())
    }

    /// The error of the key file, if there was one. After a wrong passphrase, for example, an app asks again.
    pub fn file_error(&self) -> Option<&KeyFileError> {
        match self {
            KeyError::App(_) => None,
            KeyError::File(error) => Some(error),
        }
    }

    /// The stable code: this error's own, or the one of the [`KeyFileError`].
    pub fn code(&self) -> &'static str {
        match self {
            KeyError::App(_) => "store_no_key",
            KeyError::File(error) => error.code(),
        }
    }
}
