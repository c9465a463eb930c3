//! The app's key, and the keys that are derived from the data key.
//!
//! The app's key opens nothing by itself: it wraps a random data key, which lies in a small file beside the database.
//! Destroying those few bytes destroys the store, however large it is, and the app's key can be changed or used for
//! other purposes too. All other keys are derived from the data key (HKDF-SHA256), one per purpose.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf, hmac, rand};
use zeroize::Zeroizing;

use super::StoreError;
use super::file_names::KEY;
use crate::store::StoreKey;

/// The keys of an open store.
pub(super) struct Keys {
    seal: LessSafeKey,
    lookup: hmac::Key,
    derive: hkdf::Prk,
}

impl Keys {
    /// The keys derived from a new data key.
    pub(super) fn new(data: &DataKey) -> Result<Self, StoreError> {
        let derive = hkdf::Salt::new(hkdf::HKDF_SHA256, b"byway store 1").extract(data.0.as_slice());
        Ok(Self {
            seal: aead_key(expand(&derive, &[b"seal"])?.as_slice())?,
            lookup: hmac::Key::new(hmac::HMAC_SHA256, expand(&derive, &[b"lookup"])?.as_slice()),
            derive,
        })
    }

    /// Seals `plain` for the given place; it opens at no other place.
    pub(super) fn seal(&self, place: &[u8], mut plain: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let nonce = random::<NONCE_LEN>()?;
        let tag = self
            .seal
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut plain)
            .map_err(|_| StoreError::Item)?;
        // Appended at the end, so that the text is not moved.
        plain.extend_from_slice(tag.as_ref());
        plain.extend_from_slice(&nonce);
        Ok(plain)
    }

    /// Opens what was sealed for this place. `None` if it was sealed for another place or was changed since.
    pub(super) fn open(&self, place: &[u8], mut sealed: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
        let nonce: [u8; NONCE_LEN] = sealed.split_off(sealed.len().checked_sub(NONCE_LEN)?).try_into().ok()?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = self.seal.open_in_place(nonce, Aad::from(place), &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(Zeroizing::new(sealed))
    }

    /// The keyed hash of these parts, under which a value is found. Each part is prefixed with its length, so that no
    /// two lists of parts give the same input.
    pub(super) fn lookup(&self, parts: &[&[u8]]) -> LookupKey {
        let mut context = hmac::Context::with_key(&self.lookup);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let tag = context.sign();
        let mut key = [0; 16];
        for (byte, from) in key.iter_mut().zip(tag.as_ref()) {
            *byte = *from;
        }
        key
    }

    /// A secret for the app's own use, which lives as long as the store.
    pub(super) fn derive(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        expand(&self.derive, &[b"app", name.as_bytes()])
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// A keyed hash, truncated to 128 bits. Within one store no two values share it by chance.
pub(super) type LookupKey = [u8; 16];

/// The random key that seals everything.
///
/// It is on the heap: moving a value leaves a copy at its old place.
#[derive(Clone)]
pub(super) struct DataKey(Box<Zeroizing<[u8; 32]>>);

impl DataKey {
    /// A new random key.
    pub(super) fn random() -> Result<Self, StoreError> {
        let mut key = Self(Box::default());
        rand::fill(key.0.as_mut_slice()).map_err(|_| fault())?;
        Ok(key)
    }

    /// Wraps the key with the app's key. Returns the content of the key file.
    pub(super) fn wrap(&self, key: &StoreKey) -> Result<Vec<u8>, StoreError> {
        let salt = random::<SALT>()?;
        let nonce = random::<NONCE_LEN>()?;
        let mut wrapped = self.0.to_vec();
        wrapping(key, &salt)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(MAGIC), &mut wrapped)
            .map_err(|_| fault())?;
        let mut file = [MAGIC.as_slice(), &salt, &nonce, &wrapped].concat();
        let check = digest::digest(&digest::SHA256, &file);
        file.extend_from_slice(check.as_ref());
        Ok(file)
    }

    /// Reads a key file. Its checksum distinguishes damage from a wrong key.
    pub(super) fn unwrap(file: &[u8], key: &StoreKey) -> Result<Self, StoreError> {
        const DAMAGED: StoreError = StoreError::Corrupt { file: KEY };
        let (text, check) = file.split_at_checked(KEY_FILE - CHECKSUM).ok_or(DAMAGED)?;
        if digest::digest(&digest::SHA256, text).as_ref() != check {
            return Err(DAMAGED);
        }
        let rest = text.strip_prefix(MAGIC).ok_or(DAMAGED)?;
        let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or(DAMAGED)?;
        let (nonce, wrapped) = rest.split_first_chunk::<NONCE_LEN>().ok_or(DAMAGED)?;
        let mut wrapped = Zeroizing::new(wrapped.to_vec());
        let data = wrapping(key, salt)?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(MAGIC), &mut wrapped)
            .map_err(|_| StoreError::WrongKey)?;
        let mut key = Self(Box::default());
        if data.len() != key.0.len() {
            return Err(DAMAGED);
        }
        key.0.copy_from_slice(data);
        Ok(key)
    }
}

/// The wrapping key, bound to this file by its salt.
fn wrapping(key: &StoreKey, salt: &[u8]) -> Result<LessSafeKey, StoreError> {
    let derive = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(&key.0);
    aead_key(expand(&derive, &[b"byway store 1 wrap"])?.as_slice())
}

fn expand(derive: &hkdf::Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut key = Zeroizing::new([0; 32]);
    derive.expand(info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut())).map_err(|_| fault())?;
    Ok(key)
}

/// AES-256-GCM-SIV (RFC 8452): nonces are random, and a repeated nonce would reveal only that two texts are equal.
fn aead_key(bytes: &[u8]) -> Result<LessSafeKey, StoreError> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, bytes).map_err(|_| fault())?))
}

pub(super) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| fault())?;
    Ok(bytes)
}

fn fault() -> StoreError {
    StoreError::Fault { code: 0 }
}

/// The header of a key file: its kind and version.
const MAGIC: &[u8; 8] = b"bywaykey";

const SALT: usize = 32;
const CHECKSUM: usize = 32;
const TAG: usize = 16;

/// The length of a key file.
pub(super) const KEY_FILE: usize = MAGIC.len() + SALT + NONCE_LEN + 32 + TAG + CHECKSUM;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn keys() -> Keys {
        Keys::new(&DataKey(Box::new(Zeroizing::new([7; 32])))).unwrap()
    }

    #[test]
    fn a_wrapped_key_opens_with_its_key_only_and_damage_is_named() {
        let data = DataKey(Box::new(Zeroizing::new([7; 32])));
        let file = data.wrap(&StoreKey::new([1; 32])).unwrap();
        assert_eq!(file.len(), KEY_FILE);
        assert_eq!(**DataKey::unwrap(&file, &StoreKey::new([1; 32])).unwrap().0, [7; 32]);
        assert!(matches!(DataKey::unwrap(&file, &StoreKey::new([2; 32])), Err(StoreError::WrongKey)));
        for at in 0..file.len() {
            let mut flipped = file.clone();
            flipped[at] ^= 1;
            assert!(matches!(DataKey::unwrap(&flipped, &StoreKey::new([1; 32])), Err(StoreError::Corrupt { .. })));
            assert!(matches!(DataKey::unwrap(&file[..at], &StoreKey::new([1; 32])), Err(StoreError::Corrupt { .. })));
        }
    }

    #[test]
    fn derived_secrets_differ_by_name_and_repeat_for_one_name() {
        let keys = keys();
        assert_eq!(*keys.derive("ledger").unwrap(), *keys.derive("ledger").unwrap());
        assert_ne!(*keys.derive("ledger").unwrap(), *keys.derive("tor").unwrap());
    }

    #[test]
    fn keys_are_not_shown() {
        assert_eq!(format!("{:?} {:?}", StoreKey::new([65; 32]), keys()), "StoreKey(..) Keys(..)");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place_only(plain: Vec<u8>, place: Vec<u8>, other: Vec<u8>, flip: usize) {
            let keys = keys();
            let sealed = keys.seal(&place, plain.clone()).unwrap();
            prop_assert_eq!(keys.open(&place, sealed.clone()).unwrap().to_vec(), plain);
            if place != other {
                prop_assert!(keys.open(&other, sealed.clone()).is_none());
            }
            let mut flipped = sealed.clone();
            let at = flip % flipped.len();
            flipped[at] ^= 1 << (flip % 8);
            prop_assert!(keys.open(&place, flipped).is_none());
            prop_assert!(keys.open(&place, sealed[..at].to_vec()).is_none());
        }

        #[test]
        fn lists_of_parts_that_run_together_have_their_own_lookup_keys(a: Vec<u8>, b: Vec<u8>) {
            let joined = [a.as_slice(), b.as_slice()].concat();
            prop_assert_ne!(keys().lookup(&[&a, &b]), keys().lookup(&[&joined]));
        }
    }
}
