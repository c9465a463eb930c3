//! A community's mirror: the folder of signed files that any web server carries, with a web site beside them.
//!
//! ```text
//! charter/1.json ...       the charters, from the first on
//! events-2026-11.jsonl     what was published in a month, one event a line; a line is only ever added
//! newest.jsonl             the newest posts and the next events, for a first screen
//! head.json                which of this is the newest state, signed
//! index.html, feed.xml, events.ics
//! ```
//!
//! A publisher that is killed at any write leaves the old state or the new one to the next publisher. The head decides and
//! is written last; of a month's file only the bytes that the head names count, for readers too. The file of the newest is
//! replaced, so a head without it comes first, and one with it after.

use std::io;

use jiff::Timestamp;

use super::files::ReadFiles;
use crate::signed::{
    Admission, Chain, ChainError, CharterError, DocumentKind, Envelope, EnvelopeError, EventError, FileEntry,
    FileError, FileReader, Head, HeadError, Heads, MAX_FILE_BYTES, NEWEST, Role, SignedEvent,
};

/// What a folder holds, verified.
pub(super) struct Mirror {
    pub(super) chain: Chain,
    pub(super) head: Head,
    /// The head as it is signed.
    pub(super) statement: Envelope,
    /// Every event with its author's role, in the order of the files.
    pub(super) events: Vec<(SignedEvent, Role)>,
    /// Events for which no head vouches: see [`Mirror::read_crossed`].
    pub(super) unvouched: Vec<(SignedEvent, Role)>,
}

/// Error reading a mirror from a folder.
#[derive(Debug, thiserror::Error)]
pub(super) enum MirrorError {
    #[error("there is no community in this folder")]
    Absent,
    #[error("a signed file is missing")]
    Missing,
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error(transparent)]
    Charter(#[from] CharterError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Head(#[from] HeadError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Event(#[from] EventError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Mirror {
    /// Whether a folder holds more of a community than a first charter, with which nothing was founded yet.
    pub(super) fn is_begun(files: &impl ReadFiles) -> io::Result<bool> {
        let is_month = |name: &String| name.starts_with("events-") && name.ends_with(".jsonl");
        Ok(files.has(HEAD)? || files.has(&charter_file(2))? || files.names()?.iter().any(is_month))
    }

    /// Reads and verifies a folder.
    pub(super) fn read(files: &impl ReadFiles, now: Timestamp) -> Result<Self, MirrorError> {
        let mut mirror = Self::stated(files, now)?;
        for entry in mirror.months() {
            let bytes = files.read(&entry.name, MAX_FILE_BYTES)?.ok_or(MirrorError::Missing)?;
            let events = mirror.named(&entry, &bytes, now)?;
            mirror.events.extend(events);
        }
        Ok(mirror)
    }

    /// The same of a folder in which uploads of two admins crossed, or one broke off: a month's file need not be the one that the
    /// head names. What such a file has proves itself, line by line, and so does what follows after the named bytes. Only the
    /// head would vouch for the time at which it was published.
    pub(super) fn read_crossed(files: &impl ReadFiles, now: Timestamp) -> Result<Self, MirrorError> {
        let mut mirror = Self::stated(files, now)?;
        for entry in mirror.months() {
            let bytes = files.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
            let after = match mirror.named(&entry, &bytes, now) {
                Ok(events) => {
                    mirror.events.extend(events);
                    usize::try_from(entry.bytes).unwrap_or(usize::MAX)
                }
                Err(MirrorError::File(_)) => 0,
                Err(error) => return Err(error),
            };
            let admission = Admission::new(&mirror.chain, &mirror.head, None, now);
            let lines = bytes.get(after..).unwrap_or_default().split(|byte| *byte == b'\n');
            let unvouched: Vec<_> = lines.filter_map(|line| admission.admit(line).ok()).collect();
            mirror.unvouched.extend(unvouched);
        }
        Ok(mirror)
    }

    /// The charters and the head, without events.
    fn stated(files: &impl ReadFiles, now: Timestamp) -> Result<Self, MirrorError> {
        let absent = || -> Result<MirrorError, MirrorError> {
            Ok(if Self::is_begun(files)? { MirrorError::Missing } else { MirrorError::Absent })
        };
        let Some(first) = envelope(files, &charter_file(1), DocumentKind::Charter)? else { return Err(absent()?) };
        let Some(newest) = envelope(files, HEAD, DocumentKind::Head)? else { return Err(absent()?) };
        let named = Head::read(&newest)?.charter;
        let mut chain = Chain::begin(first.digest(), &first, now)?;
        let mut heads = Heads::default();
        loop {
            // A killed publisher may have left a charter with other keys after the head: the head counts by the charter that it
            // names, as for readers, who look for no later one.
            if chain.newest_version() == named {
                heads.accept(&chain, &newest, now)?;
            }
            let next = envelope(files, &charter_file(chain.newest_version() + 1), DocumentKind::Charter)?;
            let Some(next) = next else { break };
            chain.extend(&next, now)?;
        }
        let head = heads.newest().cloned().ok_or(MirrorError::Missing)?;
        Ok(Self { chain, head, statement: newest, events: Vec::new(), unvouched: Vec::new() })
    }

    fn months(&self) -> Vec<FileEntry> {
        self.head.files.iter().filter(|entry| entry.name != NEWEST).cloned().collect()
    }

    /// The events of a file that the head names.
    fn named(&self, entry: &FileEntry, bytes: &[u8], now: Timestamp) -> Result<Vec<(SignedEvent, Role)>, MirrorError> {
        let mut reader = FileReader::new(Admission::new(&self.chain, &self.head, None, now), entry);
        let (mut events, mut wrong) = (Vec::new(), None);
        let mut take = |line: Result<(SignedEvent, Role), EventError>| match line {
            Ok(event) => events.push(event),
            // A recovery or a ban took the right from its author since. Readers leave it out as well.
            Err(EventError::NotAllowed | EventError::Banned) => {}
            Err(error) => wrong = wrong.or(Some(error)),
        };
        reader.push(bytes, &mut take)?;
        reader.finish(&mut take)?;
        wrong.map_or(Ok(events), |error| Err(error.into()))
    }
}

#[cfg(test)]
impl Mirror {
    /// Whether the file of the newest is the one that the head names, if it names one.
    pub(super) fn newest_is_whole(files: &impl ReadFiles, now: Timestamp) -> Result<bool, MirrorError> {
        let head = Self::read(files, now)?.head;
        let Some(entry) = head.file(NEWEST) else { return Ok(true) };
        let bytes = files.read(NEWEST, MAX_FILE_BYTES)?.unwrap_or_default();
        Ok(crate::signed::Digest::of(&bytes) == entry.sha256)
    }
}

fn envelope(files: &impl ReadFiles, name: &str, kind: DocumentKind) -> Result<Option<Envelope>, MirrorError> {
    let bytes = files.read(name, kind.max_envelope() as u64)?;
    Ok(bytes.map(|bytes| Envelope::parse(&bytes, kind)).transpose()?)
}

/// `charter/1.json`
pub(super) fn charter_file(version: u64) -> String {
    format!("charter/{version}.json")
}

pub(super) const HEAD: &str = "head.json";

pub(super) const FREEZE: &str = "freeze.json";
