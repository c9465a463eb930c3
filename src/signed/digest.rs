use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::hex;
use crate::community::CommunityId;

/// A SHA-256 digest. It is written as 64 lower-case hexadecimal digits, and no other spelling is read.
///
/// `Debug` is redacted, because the digest of a first charter names a community.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; Digest::BYTES]);

impl Digest {
    /// The length of a digest.
    pub const BYTES: usize = 32;

    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The digest of these parts, one after the other.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Hasher::default();
        parts.into_iter().for_each(|part| hasher.update(part));
        hasher.finish()
    }

    /// A digest that was computed elsewhere.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The digest as bytes.
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// The id of the community whose first charter has this digest: `byway:` and the digits.
    pub fn community_id(&self) -> Option<CommunityId> {
        format!("{COMMUNITY_SCHEME}{self}").parse().ok()
    }

    /// The digest in a community's id. `None` if the community has no charter.
    pub fn of_community(id: &CommunityId) -> Option<Self> {
        id.as_str().strip_prefix(COMMUNITY_SCHEME)?.parse().ok()
    }
}

/// What the id of a signed community begins with.
pub const COMMUNITY_SCHEME: &str = "byway:";

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        hex::decode(text).map(Self).ok_or(DigestError)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// The text is not a SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 64 lower-case hexadecimal digits")]
pub struct DigestError;

/// A digest of bytes that arrive in pieces.
pub struct Hasher(digest::Context);

impl Default for Hasher {
    fn default() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }
}

impl Hasher {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes so far.
    pub fn finish(self) -> Digest {
        let mut bytes = [0; Digest::BYTES];
        bytes.copy_from_slice(self.0.finish().as_ref());
        Digest(bytes)
    }
}
