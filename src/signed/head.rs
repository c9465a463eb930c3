//! A head: the small signed statement of a community's newest state. With it a reader notices that a mirror withholds,
//! rolls back or changes something.
//!
//! It lists the files of the community with their digests, so its own digest is one over all content. It is signed by a
//! routine key, which is on a machine and can be stolen. Therefore the charter outranks it: heads are ordered by the
//! number of their charter, then by their sequence, and a new charter with other routine keys ends what a thief signed.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::charter::FORMAT;
use super::json::MAX_NUMBER;
use super::moment::is_plausible;
use super::{Chain, Digest, DocumentKind, Envelope, SigningKey, json};

/// The state of a community at one time. `docs/format.md` describes each field and its limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the format, [`FORMAT`].
    pub format: u64,
    /// The community's id.
    pub community: Digest,
    /// The number of the charter in force.
    pub charter: u64,
    /// The digest of that charter.
    pub charter_digest: Digest,
    /// The number of this head, which grows with each.
    pub sequence: u64,
    /// The time at which it was made.
    #[serde(with = "super::moment::seconds")]
    pub issued: Timestamp,
    /// The time after which a reader calls it stale.
    #[serde(with = "super::moment::seconds")]
    pub expires: Timestamp,
    /// The files with content.
    pub files: Vec<FileEntry>,
}

/// A file of content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name: [`NEWEST`], or [`month_file`].
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its digest.
    pub sha256: Digest,
}

/// The file with the newest posts and the next events, for the first screen.
pub const NEWEST: &str = "newest.jsonl";

/// The name of the file with the events of a month: `events-2026-11.jsonl`.
pub fn month_file(year: i16, month: i8) -> String {
    format!("events-{year:04}-{month:02}.jsonl")
}

impl Head {
    /// Reads the head of an envelope. Its signatures are not verified here.
    ///
    /// # Errors
    /// See [`HeadError`].
    pub fn read(envelope: &Envelope) -> Result<Self, HeadError> {
        if envelope.kind() != DocumentKind::Head {
            return Err(HeadError::Form);
        }
        let Format { format } = json::read(envelope.payload()).ok_or(HeadError::Form)?;
        if format != FORMAT {
            return Err(HeadError::Format);
        }
        let head: Self = json::read(envelope.payload()).ok_or(HeadError::Form)?;
        head.check()?;
        Ok(head)
    }

    /// The head in an envelope, signed by a routine key.
    ///
    /// # Errors
    /// See [`HeadError`].
    pub fn seal(&self, key: &SigningKey) -> Result<Envelope, HeadError> {
        self.check()?;
        let payload = serde_json::to_vec(self).map_err(|_| HeadError::Form)?;
        if payload.len() > DocumentKind::Head.max_payload() {
            return Err(HeadError::Files);
        }
        Ok(Envelope::sign(DocumentKind::Head, payload, [key]))
    }

    /// Its files as a reader wants them: the newest, then the months back in time.
    pub(crate) fn newest_first(&self) -> Vec<&FileEntry> {
        let mut files: Vec<&FileEntry> = self.files.iter().collect();
        files.sort_by_key(|file| (file.name != NEWEST, Reverse(&file.name)));
        files
    }

    /// The entry of a file.
    pub fn file(&self, name: &str) -> Option<&FileEntry> {
        self.files.iter().find(|file| file.name == name)
    }

    fn check(&self) -> Result<(), HeadError> {
        if !(1..=MAX_NUMBER).contains(&self.sequence) {
            return Err(HeadError::Sequence);
        }
        let lifetime = self.expires.as_second() - self.issued.as_second();
        if !is_plausible(self.issued) || !is_plausible(self.expires) || !(1..=MAX_LIFETIME).contains(&lifetime) {
            return Err(HeadError::Times);
        }
        let mut names = BTreeSet::new();
        if self.files.len() > MAX_FILES
            || !self.files.iter().all(|file| file.is_within_limits() && names.insert(&file.name))
        {
            return Err(HeadError::Files);
        }
        Ok(())
    }

    /// What heads are ordered by.
    fn rank(&self) -> (u64, u64) {
        (self.charter, self.sequence)
    }
}

impl FileEntry {
    /// Whether lines are only ever added to the file, at its end. Then it may be newer than its head, and begins with what
    /// the head names.
    pub fn only_grows(&self) -> bool {
        self.name != NEWEST
    }

    fn is_within_limits(&self) -> bool {
        (self.name == NEWEST || is_month_file(&self.name)) && self.bytes <= MAX_FILE_BYTES
    }
}

pub(super) fn is_month_file(name: &str) -> bool {
    let Some(month) = name.strip_prefix("events-").and_then(|rest| rest.strip_suffix(".jsonl")) else { return false };
    let is_number = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    month.split_once('-').is_some_and(|(year, month)| {
        is_number(year, 4) && year >= "2000" && is_number(month, 2) && ("01"..="12").contains(&month)
    })
}

/// The newest head of a community, and whether another one contradicts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    newest: Option<(Head, Digest)>,
    /// The number of the charter and the sequence at which two heads differ.
    dispute: Option<(u64, u64)>,
}

/// What a head did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadStep {
    /// It is the newest now.
    Newer,
    /// It is the newest already.
    Known,
}

impl Heads {
    /// Takes a head, if it is newer than the known one.
    ///
    /// An error leaves the known head as it was, except for [`HeadError::Disputed`], which is remembered.
    ///
    /// # Errors
    /// See [`HeadError`].
    pub fn accept(&mut self, chain: &Chain, envelope: &Envelope, now: Timestamp) -> Result<HeadStep, HeadError> {
        let head = Head::read(envelope)?;
        if head.community != chain.id() {
            return Err(HeadError::OtherCommunity);
        }
        let in_force = chain.in_force(now);
        if head.charter > in_force.version {
            return Err(HeadError::UnknownCharter);
        }
        if chain.digest(head.charter) != Some(head.charter_digest) {
            return Err(HeadError::OtherCharter);
        }
        if !envelope.is_signed_by(&in_force.routine, 1) {
            return Err(HeadError::Unsigned);
        }
        if chain.freeze().is_some_and(|freeze| head.issued > freeze.after) {
            return Err(HeadError::Frozen);
        }
        let digest = envelope.digest();
        if let Some((known, known_digest)) = &self.newest {
            if *known_digest == digest {
                return Ok(HeadStep::Known);
            }
            if head.rank() == known.rank() {
                self.dispute = Some(head.rank());
                return Err(HeadError::Disputed);
            }
            if head.rank() < known.rank() {
                return Err(HeadError::Rollback);
            }
        }
        if self.dispute.is_some_and(|(charter, _)| head.charter <= charter) {
            return Err(HeadError::Disputed);
        }
        self.dispute = None;
        self.newest = Some((head, digest));
        Ok(HeadStep::Newer)
    }

    /// Forgets a head that the freeze of this chain does not trust, as if it had not been read: it was issued later, or names a charter
    /// that counts no more.
    pub fn take_freeze(&mut self, chain: &Chain) {
        let Some(freeze) = chain.freeze() else { return };
        let is_trusted = |head: &Head| head.issued <= freeze.after && head.charter <= chain.newest_version();
        if self.newest().is_some_and(|head| !is_trusted(head)) {
            *self = Self::default();
        }
    }

    /// The newest head.
    pub fn newest(&self) -> Option<&Head> {
        self.newest.as_ref().map(|(head, _)| head)
    }

    /// The sequence at which two heads differ, until a newer charter settles it.
    pub fn dispute(&self) -> Option<u64> {
        self.dispute.map(|(_, sequence)| sequence)
    }

    /// The number of the charter and the sequence at which two heads differ, until a newer charter settles it.
    pub(crate) fn disputed_rank(&self) -> Option<(u64, u64)> {
        self.dispute
    }
}

#[derive(Serialize, Deserialize)]
struct Format {
    format: u64,
}

/// Error reading, sealing or accepting a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// The payload is not a head: not strict JSON, or a field is missing or has another type.
    #[error("the signed document is not a head")]
    Form,
    /// It follows a later version of the format.
    #[error("the head is written in a later version of the format; a newer program can read it")]
    Format,
    /// The sequence is zero or too large.
    #[error("the head's sequence number is impossible")]
    Sequence,
    /// A time is outside the limits, or the head expires before it is issued, or lasts too long.
    #[error("the head's times are impossible")]
    Times,
    /// A file has an unknown name or a name that another one has, is too large, or there are too many.
    #[error("a file in the head has a wrong name, is too large, or there are too many")]
    Files,
    /// It is the head of another community.
    #[error("the head is that of another community")]
    OtherCommunity,
    /// It names a charter that this reader does not have, or that is not in force.
    #[error("the head names a charter that is not in force here")]
    UnknownCharter,
    /// It names another charter than the one with that number.
    #[error("the head names another charter than the one with that number")]
    OtherCharter,
    /// No routine key of the charter in force signed it.
    #[error("no key that may sign heads signed this head")]
    Unsigned,
    /// It was issued after the time that a freeze of the community trusts.
    #[error("the head was signed after the time that a freeze of the community trusts")]
    Frozen,
    /// It is older than the newest known head.
    #[error("the head is older than one that was read before")]
    Rollback,
    /// Another head with the same number is validly signed as well, and no newer charter has settled it.
    #[error("two different heads with one number are signed")]
    Disputed,
}

codes! {
    HeadError {
        Form = "head_form",
        Format = "head_format",
        Sequence = "head_sequence",
        Times = "head_times",
        Files = "head_files",
        OtherCommunity = "head_other_community",
        UnknownCharter = "head_unknown_charter",
        OtherCharter = "head_other_charter",
        Unsigned = "head_unsigned",
        Frozen = "head_frozen",
        Rollback = "head_rollback",
        Disputed = "head_disputed",
    }
}

/// Fifty years of months, and the file of the newest.
const MAX_FILES: usize = 601;

/// 64 MiB: 100,000 events of an ordinary length.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// As much of a month every reader takes if it has changed, 16 MiB: some ten thousand posts. A phone holds it in memory. Writers keep
/// below.
pub const MAX_MONTH_BYTES: u64 = 16 << 20;

/// Ninety days, in seconds. A routine key that is stolen can't keep a state for longer than that without notice.
const MAX_LIFETIME: i64 = 90 * 86_400;
