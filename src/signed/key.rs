//! Keys of BIP-340: Schnorr signatures over secp256k1, as Nostr uses them.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use secp256k1::{All, Keypair, Secp256k1, SecretKey, XOnlyPublicKey, schnorr};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::{Digest, hex};

/// The tables of the signature library, which are computed once.
static CURVE: LazyLock<Secp256k1<All>> = LazyLock::new(Secp256k1::new);

/// A public key: the x coordinate of a point on the curve, written as 64 lower-case hexadecimal digits.
///
/// `Debug` is redacted, because a key names its community.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(XOnlyPublicKey);

impl PublicKey {
    /// The key, if these bytes are a coordinate of the curve.
    ///
    /// # Errors
    /// See [`KeyTextError`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyTextError> {
        XOnlyPublicKey::from_byte_array(bytes).map(Self).map_err(|_| KeyTextError)
    }

    /// The coordinate.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.serialize()
    }

    /// Returns `true` if the holder of the secret key signed this digest.
    pub fn has_signed(&self, digest: &Digest, signature: &Signature) -> bool {
        let signature = schnorr::Signature::from_byte_array(signature.0);
        CURVE.verify_schnorr(&signature, digest.as_bytes(), &self.0).is_ok()
    }
}

impl FromStr for PublicKey {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        Self::from_bytes(&hex::decode(text).ok_or(KeyTextError)?)
    }
}

/// The keys that were read lately. To find a key's point on the curve takes a fifth of the time of verifying a signature,
/// and a community has few authors.
#[derive(Default)]
pub(super) struct RecentKeys(Vec<(String, PublicKey)>);

impl RecentKeys {
    /// Reads the key, as [`PublicKey::from_str`] does.
    pub(super) fn read(&mut self, text: &str) -> Result<PublicKey, KeyTextError> {
        if let Some((_, key)) = self.0.iter().find(|(known, _)| known == text) {
            return Ok(*key);
        }
        let key = text.parse()?;
        if self.0.len() >= Self::MOST {
            self.0.remove(0);
        }
        self.0.push((text.to_owned(), key));
        Ok(key)
    }

    /// More would take longer to search than they save.
    const MOST: usize = 16;
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.to_bytes())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(..)")
    }
}

/// The text or the bytes are not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a public key has 64 lower-case hexadecimal digits, and lies on the curve")]
pub struct KeyTextError;

/// A signature of 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; Signature::BYTES]);

impl Signature {
    /// The length of a signature.
    pub const BYTES: usize = 64;

    /// A signature that was made elsewhere. It is checked by [`PublicKey::has_signed`].
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The signature as bytes.
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

/// A secret key. It is never printed, and its bytes are overwritten when it is dropped.
#[derive(Clone)]
pub struct SigningKey {
    secret: Zeroizing<[u8; 32]>,
    public: PublicKey,
}

impl SigningKey {
    /// A new random key.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        // Fewer than one draw in 2^127 is not a key, so a second failure means a broken source of randomness.
        for _ in 0..2 {
            let mut secret = Zeroizing::new([0; 32]);
            getrandom::fill(secret.as_mut()).map_err(|_| NoRandomness)?;
            if let Some(key) = Self::from_bytes(secret) {
                return Ok(key);
            }
        }
        Err(NoRandomness)
    }

    /// The key with these bytes. `None` for zero and for numbers beyond the order of the curve.
    pub fn from_bytes(secret: Zeroizing<[u8; 32]>) -> Option<Self> {
        let mut pair = pair(&secret)?;
        let public = PublicKey(pair.x_only_public_key().0);
        pair.non_secure_erase();
        Some(Self { secret, public })
    }

    /// The bytes, for a sealed file of keys.
    pub fn secret(&self) -> &Zeroizing<[u8; 32]> {
        &self.secret
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs a digest. The same key and digest give the same signature, so that a document can be made again byte for
    /// byte.
    pub fn sign(&self, digest: &Digest) -> Signature {
        let Some(mut pair) = pair(&self.secret) else { return Signature([0; Signature::BYTES]) };
        let signature = CURVE.sign_schnorr_no_aux_rand(digest.as_bytes(), &pair);
        pair.non_secure_erase();
        Signature(signature.to_byte_array())
    }
}

fn pair(secret: &Zeroizing<[u8; 32]>) -> Option<Keypair> {
    let mut key = SecretKey::from_byte_array(secret).ok()?;
    let pair = Keypair::from_secret_key(&CURVE, &key);
    key.non_secure_erase();
    Some(pair)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// The operating system gives no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this device gives no random numbers, so no key can be made")]
pub struct NoRandomness;
