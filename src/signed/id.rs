use std::fmt;
use std::str::FromStr;

use super::digest::{Digest, DigestError};
use super::hex;

/// The id of a signed community: SHA-256 of the bytes of its first charter. A host, a name or a key can be lost without
/// losing it.
///
/// It is printed as 64 hexadecimal digits, so that `sha256sum` shows the same. `Debug` is redacted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedId(Digest);

impl SignedId {
    /// The id with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Digest::from_bytes(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for SignedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SignedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedId(..)")
    }
}

impl FromStr for SignedId {
    type Err = SignedIdError;

    /// Accepts 64 hexadecimal digits in any case.
    fn from_str(text: &str) -> Result<Self, SignedIdError> {
        text.to_ascii_lowercase().parse().map(Self).map_err(|_: DigestError| SignedIdError)
    }
}

/// The text is not a [`SignedId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a signed community has 64 hexadecimal digits")]
pub struct SignedIdError;

impl SignedIdError {
    /// The stable code.
    pub fn code(self) -> &'static str {
        "signed_id"
    }
}

/// A short form of a community's root keys, for people to compare: the first 10 bytes of SHA-256 over the keys, the
/// least first. It is printed in five groups of four hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyFingerprint([u8; FINGERPRINT_BYTES]);

impl KeyFingerprint {
    /// The fingerprint of these public keys, in any order.
    pub fn of(keys: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let mut keys: Vec<[u8; 32]> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        let digest = Digest::of(keys.as_flattened());
        let mut bytes = [0; FINGERPRINT_BYTES];
        bytes.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }

    /// The number of its bytes.
    #[cfg(feature = "publisher")]
    pub(crate) const BYTES: usize = FINGERPRINT_BYTES;

    /// The fingerprint with these bytes.
    #[cfg(feature = "publisher")]
    pub(crate) fn from_bytes(bytes: [u8; FINGERPRINT_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[cfg(feature = "publisher")]
    pub(crate) fn to_bytes(self) -> [u8; FINGERPRINT_BYTES] {
        self.0
    }

    /// Without spaces, as in a link.
    pub(super) fn compact(self) -> String {
        self.to_string().replace(' ', "")
    }

    /// Accepts hexadecimal digits in any case; spaces and hyphens between them are skipped.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        hex::decode(&digits.to_ascii_lowercase()).map(Self)
    }
}

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, group) in self.0.chunks(2).enumerate() {
            f.write_str(if at == 0 { "" } else { " " })?;
            hex::write(f, group)?;
        }
        Ok(())
    }
}

/// 80 bits: finding other keys with the same fingerprint takes 2^80 attempts, and five groups can be read aloud.
const FINGERPRINT_BYTES: usize = 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_id_is_what_sha256sum_prints() {
        let id = SignedId(Digest::of(b"abc"));
        let printed = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(id.to_string(), printed);
        assert_eq!(printed.to_uppercase().parse(), Ok(id));
        assert_eq!(format!("{id:?}"), "SignedId(..)");
        for text in ["", "ba", &printed[1..], &format!("{printed}0"), &printed.replace('b', "g"), &"я".repeat(32)] {
            assert_eq!(text.parse::<SignedId>(), Err(SignedIdError), "{text}");
        }
    }

    #[test]
    fn a_fingerprint_does_not_depend_on_the_order_of_keys() {
        let one = KeyFingerprint::of([[1; 32], [2; 32]]);
        assert_eq!(KeyFingerprint::of([[2; 32], [1; 32], [1; 32]]), one);
        assert_ne!(KeyFingerprint::of([[1; 32], [3; 32]]), one);
        assert_eq!(one.to_string().len(), 24);
        for text in [one.to_string(), one.compact().to_string(), one.to_string().to_uppercase().replace(' ', "-")] {
            assert_eq!(KeyFingerprint::parse(&text), Some(one), "{text}");
        }
        assert_eq!(KeyFingerprint::parse(&one.to_string()[..23]), None);
    }
}
