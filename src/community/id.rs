use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of a community, e.g. `vk:-12345`. Opaque: it is only compared, stored and shown.
///
/// `Debug` is redacted, because a log must not reveal who reads what; `Display` is not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommunityId(String);

impl CommunityId {
    /// The id of the VKontakte community with this (positive) number.
    pub fn vk(number: u64) -> Self {
        Self(format!("vk:-{number}"))
    }

    /// The number of a VKontakte community. `None` for any other.
    pub fn vk_number(&self) -> Option<u64> {
        self.0.strip_prefix("vk:-")?.parse().ok()
    }

    /// The placeholder for the name of a community whose platform states none, e.g. `club12345`. `None` if there is no
    /// such placeholder.
    pub(crate) fn stand_in(&self) -> Option<String> {
        self.vk_number().map(|number| format!("{}{number}", STAND_INS[0]))
    }

    /// Returns `true` if a text is a placeholder for the name of this community, in any form that the platform uses.
    pub(crate) fn is_stand_in(&self, name: &str) -> bool {
        let Some(number) = self.0.strip_prefix("vk:-") else { return false };
        STAND_INS.iter().any(|kind| name.strip_prefix(kind) == Some(number))
    }

    /// Returns `true` for the id of a signed community, which is the digest of its first charter.
    pub(crate) fn is_signed(&self) -> bool {
        self.0.starts_with(SIGNED)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommunityId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for CommunityId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(IdError::TooLong);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(IdError::Character);
        }
        Ok(Self(text))
    }
}

impl From<CommunityId> for String {
    fn from(id: CommunityId) -> Self {
        id.0
    }
}

impl fmt::Display for CommunityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CommunityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommunityId(..)")
    }
}

/// How the id of a signed community begins.
pub(super) const SIGNED: &str = "byway:";

/// The prefixes of placeholders for pages without a name. This library writes the first.
const STAND_INS: [&str; 3] = ["club", "public", "event"];

/// Error parsing a community id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text is empty.
    #[error("the community id is empty")]
    Empty,
    /// The text is longer than any id.
    #[error("the community id is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The text has a space or a control character.
    #[error("the community id holds a space or a control character")]
    Character,
}

codes! {
    &IdError {
        Empty = "empty",
        TooLong = "too_long",
        Character = "character",
    }
}

/// Room for a scheme and a 64-byte hash in hexadecimal, and a margin.
const MAX_BYTES: usize = 256;
