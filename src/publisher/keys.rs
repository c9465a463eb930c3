use std::fmt;
use std::path::Path;
use std::str::FromStr;

use aws_lc_rs::hkdf;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::error::PublishError;
use crate::signed::{Digest, KeyFingerprint, PublicKey, SigningKey};
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
    /// [`KeyFileError::Exists`], and the existing file is unchanged. [`KeyFileError::Served`] in the folder of a community; where
    /// one is founded later, ask [`served_folder`](super::served_folder). [`KeyFileError::NoRandomness`], [`KeyFileError::Io`].
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

    /// The public halves, to hand to the other admins.
    pub fn public(&self) -> PublicKeys {
        PublicKeys { root: self.root.public(), routine: self.routine.public(), author: self.author.public() }
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

/// The public halves of the keys in one admin's file: what the others need in order to give that admin a part in a community.
///
/// It is printed as one line, `byway-keys:` and 134 characters, which ends with a check: a line that was mistyped is refused.
/// Nothing in it is secret. `Debug` is redacted, because keys name their community.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKeys {
    pub(super) root: PublicKey,
    pub(super) routine: PublicKey,
    pub(super) author: PublicKey,
}

impl PublicKeys {
    /// The fingerprint of the key that decides, for two admins to compare aloud.
    pub fn fingerprint(&self) -> KeyFingerprint {
        fingerprint(&self.root)
    }

    /// The fingerprints of the key that decides, of the one that signs the newest state, and of the one that writes: a proposal
    /// shows each where it gets a part or loses it.
    pub fn fingerprints(&self) -> [KeyFingerprint; 3] {
        [&self.root, &self.routine, &self.author].map(fingerprint)
    }
}

impl fmt::Display for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [self.root, self.routine, self.author].map(PublicKey::to_bytes).concat();
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        write!(f, "{PUBLIC_SCHEME}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for PublicKeys {
    type Err = PublishError;

    /// # Errors
    /// [`PublishError::PublicKeys`].
    fn from_str(text: &str) -> Result<Self, PublishError> {
        let read = || {
            let text = text.trim().strip_prefix(PUBLIC_SCHEME)?;
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            let (keys, end) = bytes.split_at_checked(3 * 32)?;
            if check(keys) != end {
                return None;
            }
            let mut keys = keys.chunks_exact(32).map(|key| PublicKey::from_bytes(key.try_into().ok()?).ok());
            Some(Self { root: keys.next()??, routine: keys.next()??, author: keys.next()?? })
        };
        read().ok_or(PublishError::PublicKeys)
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKeys(..)")
    }
}

/// The fingerprint of one key.
pub(super) fn fingerprint(key: &PublicKey) -> KeyFingerprint {
    KeyFingerprint::of([key.to_bytes()])
}

fn check(keys: &[u8]) -> Vec<u8> {
    let digest = Digest::of(&[PUBLIC_SCHEME.as_bytes(), keys].concat());
    digest.as_bytes().iter().copied().take(CHECK).collect()
}

const PUBLIC_SCHEME: &str = "byway-keys:";

/// A mistyped line passes with a probability of 2^-32.
const CHECK: usize = 4;

/// What separates these keys from others that might be derived from the same bytes.
const SALT: &[u8] = b"byway community keys 1";
