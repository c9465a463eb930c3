//! Pages of a list, and cursors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::StoreError;
use super::key::Keys;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ListPage<T> {
    /// The items, newest first. Items without a time are last.
    pub items: Vec<T>,
    /// The cursor of the next page. `None` on the last page.
    pub next: Option<Cursor>,
    /// The number of items on this page that another version of Byway wrote and this one cannot read.
    pub unreadable: usize,
}

/// A position in a list. Opaque: pass it back to the same list, in this process or in another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor from its printed form. It is checked when it is used.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The cursor as text, for storage.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Seals `plain` as a cursor of the list that `place` describes.
    pub(super) fn seal(keys: &Keys, place: &[u8], plain: Vec<u8>) -> Result<Self, StoreError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(keys.seal(place, plain)?)))
    }

    /// The content of a cursor of that list.
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
