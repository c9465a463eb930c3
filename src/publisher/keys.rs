use std::fmt;
use std::path::Path;

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use crate::signed::{KeyFingerprint, SigningKey};
use crate::store::{KeyFileError, SealedKeyFile, Secret, StoreKey};

/// The keys with which an admin signs for a community: the root key, which decides, the routine key, which states what is
/// newest, and the community's own key, under which it posts.
///
/// All three are derived from 32 random bytes (HKDF, RFC 5869), which lie in a file sealed with a passphrase
/// ([`SealedKeyFile`]; `age -d` opens it). So one small file is all that an admin has to keep, and a copy of it is a
/// complete one. The keys are never printed, and are overwritten in memory when this is dropped.
pub struct CommunityKeys {
    pub(super) root: SigningKey,
    pub(super) routine: SigningKey,
    pub(super) author: SigningKey,
}

impl CommunityKeys {
    /// Makes new keys, and the file. Blocks, for about half a second of CPU on a PC.
    ///
    /// # Errors
    /// [`KeyFileError::Exists`], and the existing file is unchanged. [`KeyFileError::NoRandomness`],
    /// [`KeyFileError::Io`].
    pub fn create(path: &Path, passphrase: Secret) -> Result<Self, KeyFileError> {
        Self::derived(&SealedKeyFile::new(path, passphrase).create()?)
    }

    /// Opens the file. Blocks, for about half a second of CPU on a PC.
    ///
    /// # Errors
    /// Those of [`SealedKeyFile::read`].
    pub fn open(path: &Path, passphrase: Secret) -> Result<Self, KeyFileError> {
        Self::derived(&SealedKeyFile::new(path, passphrase).read()?)
    }

    /// The fingerprint of these keys, as the link of a community shows it where they decide alone.
    pub fn fingerprint(&self) -> KeyFingerprint {
        KeyFingerprint::of([self.root.public().to_bytes()])
    }

    /// The keys of these 32 random bytes.
    ///
    /// # Errors
    /// [`KeyFileError::Damaged`], with a probability of 2^-126.
    pub(super) fn derived(seed: &StoreKey) -> Result<Self, KeyFileError> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT);
        let key = salt.extract(seed.as_bytes());
        let derive = |purpose: &str| {
            let mut secret = Zeroizing::new([0; 32]);
            key.expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(secret.as_mut_slice()))
                .map_err(|_| KeyFileError::Damaged)?;
            SigningKey::from_bytes(secret).ok_or(KeyFileError::Damaged)
        };
        Ok(Self { root: derive("root 1")?, routine: derive("routine 1")?, author: derive("author 1")? })
    }
}

impl fmt::Debug for CommunityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommunityKeys(..)")
    }
}

/// What separates these keys from others that might be derived from the same bytes.
const SALT: &[u8] = b"byway community keys 1";
