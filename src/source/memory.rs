//! What a source remembers of a community from one reading to the next.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exposure::Exposure;

/// What a source remembers of a community from one reading to the next. The client keeps it sealed, next to the
/// community, and hands it to the next reading.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// The site asks not to be asked again before this time. Background work waits for it, a person does not have to.
    pub(crate) again_at: Option<Timestamp>,
    /// A gap between the posts that are kept. The client writes it.
    pub(crate) gap: Option<Gap>,
    /// When a sync that wanted to read the community ended without having read it. The client writes it.
    pub(crate) left_at: Option<Timestamp>,
    /// What the source wrote. Only the source reads it.
    pub(crate) of_source: String,
    /// Which source wrote it.
    pub(crate) writer: Writer,
    /// The number of the reader's identity when it was written.
    pub(crate) identity: u64,
    /// The newest month of a signed community. Nothing of it is kept where the user limits how long posts are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept_month: Option<KeptMonth>,
}

/// The newest month of a signed community as far as it was read. It grows, and the next reading asks for what follows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptMonth {
    pub(crate) name: String,
    pub(crate) text: String,
    /// How much is kept can be a mark of the reader. With another exposure nobody learns it.
    exposure: Exposure,
    /// The same for the reader's identity.
    identity: u64,
}

impl KeptMonth {
    /// The month of these bytes. `None` if they are too many to be kept.
    pub(crate) fn of(name: &str, bytes: &[u8], exposure: Exposure, identity: u64) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_KEPT_MONTH)?;
        Some(Self { name: name.to_owned(), text: text.to_owned(), exposure, identity })
    }

    /// Whether a request of this reading may show how much is kept.
    pub(crate) fn is_of(&self, exposure: Exposure, identity: u64) -> bool {
        self.exposure == exposure && self.identity == identity
    }
}

impl fmt::Debug for KeptMonth {
    /// Redacted: it has posts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptMonth").field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

/// The longest month that is kept, in bytes: that of some hundred posts. It is read and written with the rest at each reading.
const MAX_KEPT_MONTH: usize = 256 << 10;

/// A source that remembers something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Writer {
    #[default]
    Web,
    Mirror,
}

/// A gap between the posts that are kept: newer and older ones were read, and those in between were not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gap {
    /// The time of the newest post before the gap.
    pub(crate) after: Timestamp,
    /// How many syncs tried to close it.
    pub(crate) tries: u8,
}

impl Memory {
    /// What this source wrote. Nothing if another one did.
    pub(crate) fn written_by(&self, source: Writer) -> &str {
        if self.writer == source { &self.of_source } else { "" }
    }

    /// Leaves out what must not be used under this identity: a site can recognise the reader by what it gave to be sent back. What
    /// was verified at mirrors is never sent, and stays.
    pub(crate) fn use_under(&mut self, identity: u64) {
        if self.writer == Writer::Web && self.identity != identity {
            self.of_source.clear();
        }
        self.identity = identity;
    }

    /// Whether a source may replace what is remembered without having read the community: nothing is lost, or only its own.
    pub(crate) fn is_replaceable_by(&self, source: Writer) -> bool {
        self.of_source.is_empty() || self.writer == source
    }

    /// Reads it from the store. What another version wrote in another form is forgotten, and the next reading begins
    /// anew.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// Writes it for the store. Nothing in it can fail to be written.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl fmt::Debug for Memory {
    /// Leaves out what the source wrote, because it contains addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { again_at, gap, left_at, of_source: _, writer, identity: _, kept_month: _ } = self;
        let mut shown = f.debug_struct("Memory");
        shown.field("again_at", again_at).field("gap", gap).field("left_at", left_at).field("writer", writer);
        shown.finish_non_exhaustive()
    }
}
