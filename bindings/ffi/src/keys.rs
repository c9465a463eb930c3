//! The key of the store: bytes, a file, or a provider of the app.

use std::fmt;
use std::sync::Arc;

use byway::{KeyError, KeyFile, SealedKeyFile, StoreKey};
use zeroize::Zeroizing;

use crate::configuration::Language;
use crate::errors::{BywayError, Own, Worded};
use crate::publisher::secret;
use crate::runtime::blocking;

/// Gives the store its key, from the Android Keystore or the iOS Keychain. A worker thread asks for it when a client is
/// made and when it is unlocked. It may wait for a person.
#[uniffi::export(foreign)]
pub trait KeyProvider: Send + Sync {
    /// The key: the same 32 random bytes each time.
    fn key(&self) -> Result<Vec<u8>, KeyFault>;
}

/// Why a key provider has no key.
#[derive(Clone, uniffi::Error)]
pub enum KeyFault {
    /// There is no key now.
    Unavailable {
        /// Why not, as one clause in the app's own words, such as `the device has not been unlocked since it was
        /// started`.
        reason: String,
    },
}

impl fmt::Debug for KeyFault {
    /// Leaves out the reason: it may be an app's stack trace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFault")
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Unavailable { reason } = self;
        f.write_str(&first_line(reason))
    }
}

impl std::error::Error for KeyFault {}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeyFault {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable { reason: error.reason }
    }
}

/// The longest reason from an app that is put into a sentence, in characters.
const LONGEST_REASON: usize = 200;

/// A foreign error's text is a whole stack trace; its first line says what went wrong.
fn first_line(reason: &str) -> String {
    reason.lines().next().unwrap_or_default().trim().chars().take(LONGEST_REASON).collect()
}

/// Where the key of a store comes from.
#[derive(Clone, uniffi::Enum)]
pub enum StoreKeySource {
    /// The key itself: 32 random bytes, which the app keeps.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A key file, readable by its owner only; see `create_key_file`.
    File {
        /// Its path.
        path: String,
    },
    /// A key file that is sealed with a passphrase; see `create_sealed_key_file`.
    SealedFile {
        /// Its path.
        path: String,
        /// The passphrase, in UTF-8.
        passphrase: Vec<u8>,
    },
    /// The app, when the key is needed.
    Provider {
        /// The app's provider.
        provider: Arc<dyn KeyProvider>,
    },
}

impl StoreKeySource {
    pub(crate) fn provider(self, language: Language) -> Result<Box<dyn byway::KeyProvider>, BywayError> {
        Ok(match self {
            Self::Bytes { bytes } => Box::new(exact(bytes).ok_or_else(|| Own::KeyLength.error(language))?),
            Self::File { path } => Box::new(KeyFile::new(path)),
            Self::SealedFile { path, passphrase } => Box::new(SealedKeyFile::new(path, secret(passphrase, language)?)),
            Self::Provider { provider } => Box::new(CoreKeyProvider { provider, language }),
        })
    }
}

fn exact(bytes: Vec<u8>) -> Option<StoreKey> {
    StoreKey::from_slice(&Zeroizing::new(bytes))
}

/// The app's provider, in the form in which the core asks it.
struct CoreKeyProvider {
    provider: Arc<dyn KeyProvider>,
    language: Language,
}

impl byway::KeyProvider for CoreKeyProvider {
    fn key(&self) -> Result<StoreKey, KeyError> {
        match self.provider.key() {
            Ok(bytes) => exact(bytes).ok_or_else(|| KeyError::new(Own::KeyLength.error(self.language).text())),
            Err(fault) => Err(KeyError::new(fault.to_string())),
        }
    }
}

/// A new random key of 32 bytes. The app keeps it with its other keys.
#[uniffi::export]
pub fn random_store_key(language: Language) -> Result<Vec<u8>, BywayError> {
    StoreKey::random().map(|key| key.as_bytes().to_vec()).map_err(|error| error.worded(language))
}

/// Makes a key file with a new random key. An existing file is an error, and so is one in the folder of a community, which a web
/// server hands out.
#[uniffi::export]
pub async fn create_key_file(path: String, language: Language) -> Result<(), BywayError> {
    blocking(language, move || KeyFile::new(path).create().map(drop).map_err(|error| error.worded(language))).await
}

/// Makes a key file with a new random key that is sealed with a passphrase. An existing file is an error, and so is one in the
/// folder of a community.
///
/// `work_factor` says how hard guessing is made, from 15 to 18. The default is 17 (128 MiB of memory, about half a
/// second).
#[uniffi::export]
pub async fn create_sealed_key_file(
    path: String,
    passphrase: Vec<u8>,
    work_factor: Option<i32>,
    language: Language,
) -> Result<(), BywayError> {
    let secret = secret(passphrase, language)?;
    let factor = match work_factor {
        Some(factor) => Some(u8::try_from(factor).map_err(|_| Own::Number.error(language))?),
        None => None,
    };
    blocking(language, move || {
        let file = SealedKeyFile::new(path, secret);
        let file = factor.into_iter().fold(file, SealedKeyFile::with_work_factor);
        file.create().map(drop).map_err(|error| error.worded(language))
    })
    .await
}

/// Destroys the store in this directory without opening it. No key is needed. Every file of it is removed.
#[uniffi::export]
pub async fn wipe_at(directory: String, language: Language) -> Result<(), BywayError> {
    blocking(language, move || byway::Store::wipe_at(directory).map_err(|error| error.worded(language))).await
}
