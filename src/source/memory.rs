//! What a source remembers of a community from one reading to the next.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a source remembers of a community from one reading to the next. The client keeps it sealed beside the community, and
/// hands it to the next reading.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// The site asks not to be asked again before this time. Background work waits for it, a person does not.
    pub(crate) again_at: Option<Timestamp>,
    /// What the source wrote, which only it reads.
    pub(crate) of_source: String,
}

impl Memory {
    /// Out of the store. What an earlier or later version wrote in another form is forgotten: a reading then begins anew.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// For the store. Nothing in it fails to be written.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl fmt::Debug for Memory {
    /// Without what the source wrote: addresses stand in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("again_at", &self.again_at).finish_non_exhaustive()
    }
}
