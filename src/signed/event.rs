//! A Nostr event (NIP-01): one signed item of content, one line of a file.
//!
//! The id is SHA-256 of the canonical array `[0, pubkey, created_at, kind, tags, content]`, and the signature goes over
//! the id. Control characters other than line feed and tab are refused, because clients write them in different ways in
//! the canonical array and would compute different ids.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::key::RecentKeys;
use super::moment::EARLIEST;
use super::{Digest, PublicKey, Signature, SigningKey, hex};

/// A signed item of content, within the limits of the format. [`SignedEvent::parse`] has compared the id; the signature
/// is verified by [`SignedEvent::is_signed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEvent {
    id: Digest,
    author: PublicKey,
    created: Timestamp,
    kind: EventKind,
    tags: Vec<Vec<String>>,
    content: String,
    signature: Signature,
}

/// The kinds of events that are read. Every other is refused: an attendance list, for example, is a list of suspects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// A short text (kind 1, NIP-10).
    Note,
    /// A request to delete (kind 5, NIP-09).
    Deletion,
    /// A text under the community (kind 1111, NIP-22).
    Comment,
    /// A text that its author can edit (kind 30023, NIP-23).
    Article,
    /// A gathering of whole days (kind 31922, NIP-52).
    DayGathering,
    /// A gathering at a time of day (kind 31923, NIP-52).
    TimedGathering,
}

impl EventKind {
    const ALL: [Self; 6] =
        [Self::Note, Self::Deletion, Self::Comment, Self::Article, Self::DayGathering, Self::TimedGathering];

    /// The number.
    pub fn number(self) -> u64 {
        match self {
            EventKind::Note => 1,
            EventKind::Deletion => 5,
            EventKind::Comment => 1111,
            EventKind::Article => 30_023,
            EventKind::DayGathering => 31_922,
            EventKind::TimedGathering => 31_923,
        }
    }

    /// The kind with this number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Returns `true` if a later event of the same author and name replaces an earlier one.
    pub fn is_replaceable(self) -> bool {
        matches!(self, EventKind::Article | EventKind::DayGathering | EventKind::TimedGathering)
    }
}

impl SignedEvent {
    /// Reads one line, without its line feed.
    ///
    /// # Errors
    /// See [`EventError`].
    pub fn parse(line: &[u8]) -> Result<Self, EventError> {
        Self::parse_one_of(line, &mut RecentKeys::default())
    }

    /// Reads one line of many, as [`SignedEvent::parse`] does.
    pub(super) fn parse_one_of(line: &[u8], keys: &mut RecentKeys) -> Result<Self, EventError> {
        if line.len() > MAX_LINE {
            return Err(EventError::TooLong);
        }
        // Serde would also take the list of the values.
        if line.trim_ascii_start().first() != Some(&b'{') {
            return Err(EventError::Form);
        }
        let written: Written = serde_json::from_slice(line).map_err(|_| EventError::Form)?;
        let kind = EventKind::from_number(written.kind).ok_or(EventError::Kind)?;
        let seconds = i64::try_from(written.created_at).map_err(|_| EventError::Time)?;
        let created = Timestamp::from_second(seconds).map_err(|_| EventError::Time)?;
        if seconds < EARLIEST {
            return Err(EventError::Time);
        }
        check_tags(&written.tags)?;
        if !is_text(&written.content) || !written.tags.iter().flatten().all(|text| is_text(text)) {
            return Err(EventError::Text);
        }
        let event = Self {
            id: written.id.parse().map_err(|_| EventError::Form)?,
            author: keys.read(&written.pubkey).map_err(|_| EventError::Form)?,
            created,
            kind,
            tags: written.tags,
            content: written.content,
            signature: Signature::from_bytes(hex::decode(&written.sig).ok_or(EventError::Form)?),
        };
        if kind.is_replaceable() && !event.identifier().is_some_and(is_identifier) {
            return Err(EventError::Identifier);
        }
        if event.computed_id() != event.id {
            return Err(EventError::Id);
        }
        Ok(event)
    }

    /// An event of this author.
    ///
    /// # Errors
    /// See [`EventError`].
    pub fn sign(
        key: &SigningKey,
        created: Timestamp,
        kind: EventKind,
        tags: Vec<Vec<String>>,
        content: impl Into<String>,
    ) -> Result<Self, EventError> {
        let mut event = Self {
            id: Digest::from_bytes([0; Digest::BYTES]),
            author: key.public(),
            created,
            kind,
            tags,
            content: content.into(),
            signature: Signature::from_bytes([0; Signature::BYTES]),
        };
        event.id = event.computed_id();
        event.signature = key.sign(&event.id);
        // What is written can be read: the limits are those of the reader.
        Self::parse(event.to_json().as_bytes())
    }

    /// Returns `true` if the author signed the event.
    pub fn is_signed(&self) -> bool {
        self.author.has_signed(&self.id, &self.signature)
    }

    /// The event as one line, without a line feed.
    pub fn to_json(&self) -> String {
        let written = Written {
            id: self.id.to_string(),
            pubkey: self.author.to_string(),
            created_at: self.created.as_second().unsigned_abs(),
            kind: self.kind.number(),
            tags: self.tags.clone(),
            content: self.content.clone(),
            sig: HexSignature(&self.signature).to_string(),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// The id.
    pub fn id(&self) -> Digest {
        self.id
    }

    /// The author's key.
    pub fn author(&self) -> PublicKey {
        self.author
    }

    /// The time that the author states.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// The kind.
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    /// The content.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// All tags, each with its name.
    pub fn all_tags(&self) -> &[Vec<String>] {
        &self.tags
    }

    /// The values of the tags with this name: what follows the name, each at least one text long.
    pub fn tags<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [String]> {
        let named =
            move |tag: &'a Vec<String>| tag.split_first().filter(|(first, _)| *first == name).map(|(_, rest)| rest);
        self.tags.iter().filter_map(named).filter(|rest| !rest.is_empty())
    }

    /// The first value of the first tag with this name.
    pub fn tag<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.tags(name).find_map(|values| values.first()).map(String::as_str)
    }

    /// The name under which the author replaces it.
    pub fn identifier(&self) -> Option<&str> {
        self.tag("d")
    }

    /// The id under which the item is kept: that of the event, or `kind:author:identifier` if it can be replaced.
    pub fn item_id(&self) -> String {
        self.item_name().unwrap_or_else(|| format!("nostr:{}", self.id))
    }

    /// The same, if the item has a name that its versions share.
    pub(super) fn item_name(&self) -> Option<String> {
        let identifier = self.identifier().filter(|_| self.kind.is_replaceable())?;
        Some(format!("nostr:{}:{}:{identifier}", self.kind.number(), self.author))
    }

    fn computed_id(&self) -> Digest {
        let (author, seconds) = (self.author.to_string(), self.created.as_second());
        let canonical = (0, author, seconds, self.kind.number(), &self.tags, &self.content);
        Digest::of(&serde_json::to_vec(&canonical).unwrap_or_default())
    }
}

/// The event's JSON. Unknown fields are refused, because nobody signs them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    pubkey: String,
    created_at: u64,
    kind: u64,
    tags: Vec<Vec<String>>,
    content: String,
    sig: String,
}

struct HexSignature<'a>(&'a Signature);

impl std::fmt::Display for HexSignature<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        hex::write(f, self.0.as_bytes())
    }
}

/// Error reading an event, or admitting it to a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// It is longer than the format allows.
    #[error("an item is longer than the format allows")]
    TooLong,
    /// It is not an event.
    #[error("an item is not a signed event")]
    Form,
    /// Its kind is not one of those that are read.
    #[error("an item is of a kind that a community does not publish")]
    Kind,
    /// Its time is before the year 2000, or impossible.
    #[error("an item has an impossible time")]
    Time,
    /// It has too many tags, or a tag is empty or too long.
    #[error("an item has too many tags, or an empty or too long one")]
    Tags,
    /// It has control characters in it.
    #[error("an item has control characters in it")]
    Text,
    /// It can be replaced, and has no name, or one with spaces in it.
    #[error("an item that can be replaced has no usable name")]
    Identifier,
    /// The id is not the digest of the event.
    #[error("an item has another id than its content")]
    Id,
    /// The author did not sign it.
    #[error("an item is not signed by its author")]
    Signature,
    /// It does not name this community.
    #[error("an item does not name this community")]
    OtherCommunity,
    /// Its author may not publish it here.
    #[error("the author of an item may not publish it in this community")]
    NotAllowed,
    /// Its author is banned.
    #[error("the author of an item is banned from this community")]
    Banned,
    /// It is dated after the newest statement of the community.
    #[error("an item is dated in the future")]
    Future,
    /// It is dated after the time from which on nothing is to be trusted.
    #[error("an item is dated after the time from which the community trusts nothing")]
    Frozen,
    /// It was read already.
    #[error("an item is there twice")]
    Duplicate,
}

codes! {
    EventError {
        TooLong = "event_too_long",
        Form = "event_form",
        Kind = "event_kind",
        Time = "event_time",
        Tags = "event_tags",
        Text = "event_text",
        Identifier = "event_identifier",
        Id = "event_id",
        Signature = "event_signature",
        OtherCommunity = "event_other_community",
        NotAllowed = "event_not_allowed",
        Banned = "event_banned",
        Future = "event_future",
        Frozen = "event_frozen",
        Duplicate = "event_duplicate",
    }
}

fn check_tags(tags: &[Vec<String>]) -> Result<(), EventError> {
    let is_within_limits = |tag: &Vec<String>| {
        (1..=MAX_TAG_VALUES).contains(&tag.len()) && tag.iter().all(|text| text.len() <= MAX_TAG_TEXT)
    };
    if tags.len() <= MAX_TAGS && tags.iter().all(is_within_limits) { Ok(()) } else { Err(EventError::Tags) }
}

fn is_text(text: &str) -> bool {
    !text.bytes().any(|byte| byte < b' ' && byte != b'\n' && byte != b'\t')
}

/// Letters of ASCII without spaces, so that the name can be part of an id.
pub(super) fn is_identifier(text: &str) -> bool {
    (1..=MAX_IDENTIFIER).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The longest line: 64 KiB, about thirty pages of Cyrillic.
pub const MAX_LINE: usize = 64 << 10;

/// The most tags of an event.
const MAX_TAGS: usize = 100;

/// The most texts of a tag.
const MAX_TAG_VALUES: usize = 20;

/// The longest text of a tag, in bytes.
pub const MAX_TAG_TEXT: usize = 2048;

/// The longest name of an event that can be replaced.
const MAX_IDENTIFIER: usize = 64;
