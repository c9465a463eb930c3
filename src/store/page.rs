//! Pages of a list, and the place where the next one begins.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::store::{Keys, StoreError};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ListPage<T> {
    /// Newest first. What has no time is last.
    pub items: Vec<T>,
    /// Where the next page begins. `None`: this is the last one.
    pub next: Option<Cursor>,
    /// How many items stood here that another version of Byway wrote and this one cannot read.
    pub unreadable: usize,
}

/// A place in a list. Opaque: to be handed back, in this process or in another one, to the same list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor as it was printed. Whether it fits is found out when it is used.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As text, to be kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A cursor that says `plain` in the list that `place` describes.
    pub(super) fn seal(keys: &Keys, place: &[u8], plain: Vec<u8>) -> Result<Self, StoreError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(keys.seal(place, plain)?)))
    }

    /// What it says in that list.
    pub(super) fn open(&self, keys: &Keys, place: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let sealed = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| StoreError::Cursor)?;
        keys.open(place, sealed).ok_or(StoreError::Cursor)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
