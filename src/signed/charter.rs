//! A charter: a community's constitution. It names the keys that decide, that post and that sign the heads, the homes
//! where the community is read, and where it moved.
//!
//! A charter by itself proves nothing. [`Chain`](super::Chain) says which charters are a community's.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::json::MAX_NUMBER;
use super::moment::is_plausible;
use super::{Digest, DocumentKind, Envelope, PublicKey, SigningKey, json};

/// One version of a community's constitution. `docs/format.md` describes each field and its limits.
///
/// [`Charter::read`] and [`Charter::seal`] hold to the limits, so a charter that was read or sealed is within them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    /// The version of the format, [`FORMAT`].
    pub format: u64,
    /// The number of this charter. The first has 1.
    pub version: u64,
    /// The digest of the payload of the charter before. `None` in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
    /// The community's name.
    pub name: String,
    /// What the community says about itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The time at which it was made.
    #[serde(with = "super::moment::seconds")]
    pub issued: Timestamp,
    /// The time after which a reader calls it stale.
    #[serde(with = "super::moment::seconds")]
    pub expires: Timestamp,
    /// The keys that sign charters.
    pub root: KeySet,
    /// The keys that may sign a charter if root keys are lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    /// The keys that sign heads. One of them suffices.
    pub routine: Vec<PublicKey>,
    /// The community's own keys: what they sign is published by the community.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<PublicKey>,
    /// The keys of moderators. They may post, and delete what others posted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moderators: Vec<PublicKey>,
    /// True if every key may post that is not banned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub members_may_post: bool,
    /// Keys that may no longer post.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub banned: Vec<Ban>,
    /// The addresses at which the community is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub homes: Vec<CharterHome>,
    /// Addresses of hosts, and resolvers, for readers whose network falsifies names.
    #[serde(default)]
    pub hints: Hints,
    /// Blocks that the admins know of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<KnownRestriction>,
    /// The community that this one continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<Digest>,
    /// The community that continues this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Successor>,
    /// The page that is copied, if this is somebody's copy and not the community itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<Copied>,
}

/// The format that this version reads and writes.
pub const FORMAT: u64 = 1;

impl Charter {
    /// A first charter, with the least that one needs. The other fields are empty and can be set.
    pub fn first(
        name: impl Into<String>,
        issued: Timestamp,
        expires: Timestamp,
        root: KeySet,
        routine: Vec<PublicKey>,
    ) -> Self {
        Self {
            format: FORMAT,
            version: 1,
            previous: None,
            name: name.into(),
            description: String::new(),
            issued,
            expires,
            root,
            recovery: None,
            routine,
            authors: Vec::new(),
            moderators: Vec::new(),
            members_may_post: false,
            banned: Vec::new(),
            homes: Vec::new(),
            hints: Hints::default(),
            restrictions: Vec::new(),
            predecessor: None,
            successor: None,
            copy: None,
        }
    }

    /// The next charter: a copy of this one, whose payload has this digest, with the number after it.
    pub fn next(&self, digest: Digest, issued: Timestamp, expires: Timestamp) -> Self {
        Self { version: self.version + 1, previous: Some(digest), issued, expires, ..self.clone() }
    }

    /// Reads the charter of an envelope. Its signatures are not verified here.
    ///
    /// # Errors
    /// See [`CharterError`].
    pub fn read(envelope: &Envelope) -> Result<Self, CharterError> {
        let payload = envelope.payload();
        if envelope.kind() != DocumentKind::Charter {
            return Err(CharterError::Form);
        }
        let Format { format } = json::read(payload).ok_or(CharterError::Form)?;
        if format != FORMAT {
            return Err(CharterError::Format);
        }
        let charter: Self = json::read(payload).ok_or(CharterError::Form)?;
        charter.check()?;
        Ok(charter)
    }

    /// The charter in an envelope, signed by these keys.
    ///
    /// # Errors
    /// See [`CharterError`].
    pub fn seal<'a>(&self, keys: impl IntoIterator<Item = &'a SigningKey>) -> Result<Envelope, CharterError> {
        self.check()?;
        let payload = serde_json::to_vec(self).map_err(|_| CharterError::Form)?;
        if payload.len() > DocumentKind::Charter.max_payload() {
            return Err(CharterError::TooLarge);
        }
        Ok(Envelope::sign(DocumentKind::Charter, payload, keys))
    }

    fn check(&self) -> Result<(), CharterError> {
        if self.version == 0 || self.version > MAX_VERSION || self.previous.is_some() != (self.version > 1) {
            return Err(CharterError::Version);
        }
        if !is_line(&self.name, MAX_NAME) || !is_text(&self.description, MAX_DESCRIPTION) {
            return Err(CharterError::Text);
        }
        let lifetime = self.expires.as_second() - self.issued.as_second();
        if !is_plausible(self.issued) || !is_plausible(self.expires) || !(1..=MAX_LIFETIME).contains(&lifetime) {
            return Err(CharterError::Times);
        }
        self.check_keys()?;
        if self.homes.len() > MAX_HOMES || !self.homes.iter().all(CharterHome::is_within_limits) {
            return Err(CharterError::Homes);
        }
        if !self.hints.is_within_limits() {
            return Err(CharterError::Hints);
        }
        let restrictions = &self.restrictions;
        if restrictions.len() > MAX_RESTRICTIONS || !restrictions.iter().all(KnownRestriction::is_within_limits) {
            return Err(CharterError::Restrictions);
        }
        let moved = self.successor.as_ref();
        if moved
            .is_some_and(|next| next.homes.len() > MAX_HOMES || !next.homes.iter().all(CharterHome::is_within_limits))
        {
            return Err(CharterError::Successor);
        }
        if self
            .copy
            .as_ref()
            .is_some_and(|copy| !is_address(&copy.of, &["https://", "http://"]) || !is_line(&copy.by, MAX_NAME))
        {
            return Err(CharterError::Copy);
        }
        Ok(())
    }

    fn check_keys(&self) -> Result<(), CharterError> {
        if !self.root.is_within_limits() {
            return Err(CharterError::Threshold);
        }
        if let Some(recovery) = &self.recovery {
            let keeps_threshold = self.root.threshold == 1 || recovery.keys.threshold > 1;
            let waits = (MIN_RECOVERY_WAIT..=MAX_RECOVERY_WAIT).contains(&recovery.wait);
            if !recovery.keys.is_within_limits() || !keeps_threshold || !waits {
                return Err(CharterError::Recovery);
            }
        }
        let lists =
            [(&self.routine, 1, MAX_ROUTINE), (&self.authors, 0, MAX_POSTING), (&self.moderators, 0, MAX_POSTING)];
        if !lists.iter().all(|(keys, least, most)| (*least..=*most).contains(&keys.len()) && are_distinct(keys.iter()))
        {
            return Err(CharterError::Keys);
        }
        let banned = self.banned.iter().map(|ban| &ban.key);
        if self.banned.len() > MAX_BANNED
            || !are_distinct(banned)
            || !self.banned.iter().all(|ban| is_plausible(ban.since))
        {
            return Err(CharterError::Keys);
        }
        Ok(())
    }
}

impl std::fmt::Debug for Charter {
    /// Redacted: names and homes say who reads what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Charter").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Keys of which a number must sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet {
    /// The keys, each once.
    pub keys: Vec<PublicKey>,
    /// The number of them that must sign.
    pub threshold: u64,
}

impl KeySet {
    /// Keys of which this number must sign.
    pub fn new(keys: Vec<PublicKey>, threshold: u64) -> Self {
        Self { keys, threshold }
    }

    /// Returns `true` if enough of the keys signed the document.
    pub fn have_signed(&self, envelope: &Envelope) -> bool {
        envelope.is_signed_by(&self.keys, usize::try_from(self.threshold).unwrap_or(usize::MAX))
    }

    fn is_within_limits(&self) -> bool {
        let count = self.keys.len();
        count <= MAX_ROOT && (1..=count as u64).contains(&self.threshold) && are_distinct(self.keys.iter())
    }
}

/// The keys that may sign the next charter instead of the root keys, after a waiting time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// The keys, and how many of them. More than one must sign if more than one root key must.
    #[serde(flatten)]
    pub keys: KeySet,
    /// The waiting time in seconds, in which the root keys can object.
    pub wait: u64,
}

/// A key that may no longer post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// The key.
    pub key: PublicKey,
    /// The time from which on its posts do not count.
    #[serde(with = "super::moment::seconds")]
    pub since: Timestamp,
}

/// An address of the community.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharterHome {
    /// What is there.
    pub kind: HomeKind,
    /// The address: `https:` or `http:` for a mirror or a page, `wss:` or `ws:` for a relay.
    pub url: String,
}

/// What is found at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HomeKind {
    /// The signed files.
    Mirror,
    /// A Nostr relay.
    Relay,
    /// A page at a platform, or a web site, without signatures.
    Page,
    /// A kind that this version does not know. Its address is not read.
    #[serde(other)]
    Other,
}

impl CharterHome {
    /// An address.
    pub fn new(kind: HomeKind, url: impl Into<String>) -> Self {
        Self { kind, url: url.into() }
    }

    /// Whether a charter may name this address.
    pub fn is_within_limits(&self) -> bool {
        match self.kind {
            HomeKind::Mirror | HomeKind::Page => is_address(&self.url, &["https://", "http://"]),
            HomeKind::Relay => is_address(&self.url, &["wss://", "ws://"]),
            HomeKind::Other => self.url.len() <= MAX_ADDRESS,
        }
    }
}

impl std::fmt::Debug for CharterHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CharterHome").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Help for readers whose network falsifies names.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hints {
    /// Addresses of the community's hosts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<HostAddresses>,
    /// Resolvers: `https:` addresses of DNS over HTTPS.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<String>,
}

impl Hints {
    /// Whether a charter may have these hints.
    pub fn is_within_limits(&self) -> bool {
        let is_host = |host: &str| (1..=253).contains(&host.len()) && host.bytes().all(|byte| byte.is_ascii_graphic());
        self.addresses.len() <= MAX_HINTS
            && self.resolvers.len() <= MAX_HINTS
            && self.addresses.iter().all(|hint| is_host(&hint.host) && (1..=MAX_HINTS).contains(&hint.addresses.len()))
            && self.resolvers.iter().all(|url| is_address(url, &["https://"]))
    }
}

impl std::fmt::Debug for Hints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hints(..)")
    }
}

/// The addresses of one host.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostAddresses {
    /// The host's name.
    pub host: String,
    /// Its addresses.
    pub addresses: Vec<std::net::IpAddr>,
}

/// A block that the admins know of.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRestriction {
    /// The words of the statement.
    pub text: String,
    /// The jurisdiction, an ISO 3166 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// The authority that ordered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// The number of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The date of the order, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

impl KnownRestriction {
    fn is_within_limits(&self) -> bool {
        let short = [&self.jurisdiction, &self.authority, &self.number, &self.date];
        !self.text.is_empty()
            && is_text(&self.text, MAX_DESCRIPTION)
            && short.iter().all(|field| field.as_deref().is_none_or(|text| is_line(text, MAX_NAME)))
    }
}

/// The community that continues this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successor {
    /// Its id.
    pub community: Digest,
    /// Where it is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub homes: Vec<CharterHome>,
}

/// What a copy is a copy of. All versions of a charter say the same about it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The address of the original.
    pub of: String,
    /// The name of the person or group that copies it.
    pub by: String,
}

#[derive(Serialize, Deserialize)]
struct Format {
    format: u64,
}

/// Error reading or sealing a charter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CharterError {
    /// The payload is not a charter: not strict JSON, or a field is missing or has another type.
    #[error("the signed document is not a charter")]
    Form,
    /// It follows a later version of the format.
    #[error("the charter is written in a later version of the format; a newer program can read it")]
    Format,
    /// It is larger than the format allows.
    #[error("the charter is larger than the format allows")]
    TooLarge,
    /// The number is outside the limits, or does not agree with the digest of the charter before.
    #[error("the charter's number and its link to the charter before do not agree")]
    Version,
    /// The name or the description is empty, too long, or has control characters in it.
    #[error("the charter's name or description is missing, too long, or has control characters in it")]
    Text,
    /// A time is outside the limits, or the charter expires before it is issued, or lasts too long.
    #[error("the charter's times are impossible")]
    Times,
    /// The list of root keys is empty, too long or has a key twice, or the threshold is more than there are keys.
    #[error("the charter's root keys and their threshold do not agree")]
    Threshold,
    /// A list of other keys is too long, has a key twice, or is empty and must not be.
    #[error("a list of keys in the charter is missing, too long, or has a key twice")]
    Keys,
    /// The recovery keys break a rule: a single key in place of several, or a waiting time outside the limits.
    #[error("the charter's recovery keys would be weaker than its root keys, or do not wait long enough")]
    Recovery,
    /// A home is not an address, or there are too many.
    #[error("a home in the charter is not an address, or there are too many")]
    Homes,
    /// A hint is not an address, or there are too many.
    #[error("a hint in the charter is not an address, or there are too many")]
    Hints,
    /// A restriction has no text, or is too long, or there are too many.
    #[error("a restriction in the charter is empty or too long, or there are too many")]
    Restrictions,
    /// A home of the successor is not an address, or there are too many.
    #[error("a home of the successor in the charter is not an address, or there are too many")]
    Successor,
    /// The original of a copy is not an address, or the copier has no name.
    #[error("the charter of a copy does not say of what it is a copy and who made it")]
    Copy,
}

codes! {
    CharterError {
        Form = "charter_form",
        Format = "charter_format",
        TooLarge = "charter_too_large",
        Version = "charter_version",
        Text = "charter_text",
        Times = "charter_times",
        Threshold = "charter_threshold",
        Keys = "charter_keys",
        Recovery = "charter_recovery",
        Homes = "charter_homes",
        Hints = "charter_hints",
        Restrictions = "charter_restrictions",
        Successor = "charter_successor",
        Copy = "charter_copy",
    }
}

/// Text of one line: not empty, no control characters.
fn is_line(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Text of several lines: no control characters but line feeds.
fn is_text(text: &str, most: usize) -> bool {
    text.len() <= most && !text.chars().any(|c| c.is_control() && c != '\n')
}

/// An address with one of these beginnings: graphic ASCII, something after the beginning, no login and no fragment.
fn is_address(text: &str, beginnings: &[&str]) -> bool {
    let Some(rest) = beginnings.iter().find_map(|beginning| text.strip_prefix(beginning)) else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    text.len() <= MAX_ADDRESS
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !host.is_empty()
        && !host.contains('@')
        && !rest.contains('#')
}

fn are_distinct<'a>(mut keys: impl Iterator<Item = &'a PublicKey>) -> bool {
    let mut seen = BTreeSet::new();
    keys.all(|key| seen.insert(key))
}

/// The most versions. A chain is verified from its first charter, at some milliseconds a charter.
pub const MAX_VERSION: u64 = 1000;

/// A name fits a line of a screen.
pub const MAX_NAME: usize = 200;

/// A description fits a screen or two.
pub const MAX_DESCRIPTION: usize = 4000;

/// An address is short enough to be typed from paper.
const MAX_ADDRESS: usize = 512;

/// The most root or recovery keys.
const MAX_ROOT: usize = 16;

/// The most routine keys.
const MAX_ROUTINE: usize = 16;

/// The most authors, and the most moderators.
const MAX_POSTING: usize = 64;

/// The most banned keys. More of them show that members should not post.
pub const MAX_BANNED: usize = 128;

/// The most homes.
pub const MAX_HOMES: usize = 32;

/// The most hosts with addresses, addresses of a host, and resolvers.
pub const MAX_HINTS: usize = 16;

/// The most restrictions.
pub const MAX_RESTRICTIONS: usize = 16;

/// Ten years, in seconds. A charter is renewed when an admin changes, and not before it expires.
const MAX_LIFETIME: i64 = 10 * 366 * 86_400;

/// A week, in seconds: time for the admins to see that somebody recovers their community, and to object.
const MIN_RECOVERY_WAIT: u64 = 7 * 86_400;

/// A year, in seconds.
const MAX_RECOVERY_WAIT: u64 = 366 * 86_400;

const _: () = assert!(MAX_VERSION < MAX_NUMBER);
