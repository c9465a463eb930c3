//! What another folder of the community has that this one does not have: another phone may have published there since.
//!
//! A head that replaces a newer one makes readers refuse it, and two heads with one number make the community disputed. So the
//! folder is compared before anything is written.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;

use super::community::Publisher;
use super::error::PublishError;
use super::files::{Files, FilesWritten, ReadFiles};
use super::mirror::{HEAD, Mirror, charter_file};
use crate::signed::{Admission, Chain, Digest, DocumentKind, Envelope, Head, MAX_FILE_BYTES, NEWEST};

/// What a folder holds, compared with the publisher's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TargetState {
    /// Nothing, or an earlier state of ours.
    Behind,
    /// Content of ours that the publisher's own folder does not have. The number is the one of its head.
    Newer(u64),
    /// A head that no key of the community signed.
    Foreign,
}

impl Publisher {
    /// Renews the statement of the newest state, which readers otherwise call stale after 30 days, and brings another
    /// folder to it: the one of a web server, or one that is uploaded. Only what changed is written.
    ///
    /// # Errors
    /// [`PublishError::Newer`] if the folder has something of this community that this one does not have, for example
    /// because another phone published there ([`Publisher::take_in`]); [`PublishError::Foreign`] if its head is not one of
    /// this community; [`PublishError::Exists`] if another community is there. Nothing is written then.
    /// [`PublishError::Io`].
    pub fn publish(&mut self, into: &Path, now: Timestamp) -> Result<FilesWritten, PublishError> {
        let mut target = Files::locked(into)?;
        match self.compare(&target, now)? {
            TargetState::Behind => {}
            TargetState::Newer(_) => return Err(PublishError::Newer),
            TargetState::Foreign => return Err(PublishError::Foreign),
        }
        self.publish_into(&mut target, now)?;
        Ok(target.written())
    }

    /// The same over what the folder has and this one does not have, which is lost. Readers who have it keep it.
    ///
    /// # Errors
    /// As [`Publisher::publish`]. A charter that is not known here is never replaced: readers would call the community
    /// disputed for good.
    pub fn publish_over(&mut self, into: &Path, now: Timestamp) -> Result<FilesWritten, PublishError> {
        let mut target = Files::locked(into)?;
        if let TargetState::Newer(sequence) = self.compare(&target, now)? {
            // Readers refuse a head with a number that they know.
            self.head.sequence = self.head.sequence.max(sequence);
        }
        self.publish_into(&mut target, now)?;
        Ok(target.written())
    }

    /// Compares a folder with this one.
    ///
    /// # Errors
    /// [`PublishError::Exists`] if another community is there; [`PublishError::Newer`] if there is a charter that is not known
    /// here, over which nothing may be published; [`PublishError::Foreign`] if it contradicts one of ours.
    pub(super) fn compare(&self, target: &impl ReadFiles, now: Timestamp) -> Result<TargetState, PublishError> {
        let Some(first) = target.read(&charter_file(1), DocumentKind::Charter.max_envelope() as u64)? else {
            let is_empty = target.read(HEAD, DocumentKind::Head.max_envelope() as u64)?.is_none();
            return Ok(if is_empty { TargetState::Behind } else { TargetState::Foreign });
        };
        let first = Envelope::parse(&first, DocumentKind::Charter).map_err(|_| PublishError::Exists)?;
        if first.digest() != self.chain.id() {
            return Err(PublishError::Exists);
        }
        self.compare_charters(target, now)?;
        let Some(head) = target.read(HEAD, DocumentKind::Head.max_envelope() as u64)? else {
            return Ok(TargetState::Behind);
        };
        let Ok(envelope) = Envelope::parse(&head, DocumentKind::Head) else { return Ok(TargetState::Foreign) };
        let Ok(head) = Head::read(&envelope) else { return Ok(TargetState::Foreign) };
        if !self.is_ours(&head, &envelope, now) {
            return Ok(TargetState::Foreign);
        }
        let (theirs, ours) = ((head.charter, head.sequence), (self.head.charter, self.head.sequence));
        if theirs > ours || (theirs == ours && head != self.head) || !self.has_content_of(target, &head, now)? {
            return Ok(TargetState::Newer(head.sequence));
        }
        Ok(TargetState::Behind)
    }

    fn compare_charters(&self, target: &impl ReadFiles, now: Timestamp) -> Result<(), PublishError> {
        for version in 2.. {
            let bytes = target.read(&charter_file(version), DocumentKind::Charter.max_envelope() as u64)?;
            let Some(bytes) = bytes else { return Ok(()) };
            let charter = Envelope::parse(&bytes, DocumentKind::Charter).map_err(|_| PublishError::Foreign)?;
            match self.chain.digest(version) {
                Some(known) if known == charter.digest() => {}
                None if self.chain.clone().extend(&charter, now).is_ok() => return Err(PublishError::Newer),
                _ => return Err(PublishError::Foreign),
            }
        }
        Ok(())
    }

    /// Whether a key signed the head that the charter in force names, or the one that the head itself names.
    pub(super) fn is_ours(&self, head: &Head, envelope: &Envelope, now: Timestamp) -> bool {
        let charters = [self.chain.charter(head.charter), Some(self.chain.in_force(now))];
        head.community == self.chain.id()
            && self.chain.digest(head.charter) == Some(head.charter_digest)
            && charters.into_iter().flatten().any(|charter| envelope.is_signed_by(&charter.routine, 1))
    }

    /// Whether everything that a folder publishes by this head is known here. Each month is the beginning of ours, or has no
    /// event that this folder lacks, in whatever order: two phones that took in each other's posts have other orders, and a
    /// killed upload leaves a file that its head does not name yet.
    fn has_content_of(&self, target: &impl ReadFiles, head: &Head, now: Timestamp) -> Result<bool, PublishError> {
        let known: BTreeSet<Digest> = self.events.iter().map(|(event, _)| event.id()).collect();
        for entry in head.files.iter().filter(|entry| entry.name != NEWEST) {
            let length = self.head.file(&entry.name).map_or(0, |entry| entry.bytes);
            let ours = self.files.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
            let end = usize::try_from(entry.bytes).ok().filter(|_| entry.bytes <= length);
            if end.and_then(|end| ours.get(..end)).is_some_and(|begin| Digest::of(begin) == entry.sha256) {
                continue;
            }
            let theirs = target.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
            // What does not verify is not the community's, and is not lost.
            let admission = Admission::new(&self.chain, head, None, now);
            let lines = theirs.split(|byte| *byte == b'\n');
            let mut events = lines.filter_map(|line| Some(admission.admit(line).ok()?.0.id()));
            if events.any(|event| !known.contains(&event)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes in what another folder of this community has and this one does not: charters, posts, gatherings and deletions of
    /// another admin, or of another phone. All of it is verified as a reader would.
    ///
    /// # Errors
    /// [`PublishError::Absent`], [`PublishError::Damaged`]; [`PublishError::Exists`] if another community is there;
    /// [`PublishError::Foreign`] if a charter there contradicts one of this folder; [`PublishError::OtherKeys`] if a charter
    /// there took the right from these keys. Nothing is written then. [`PublishError::Io`].
    pub fn take_in(&mut self, from: &Path, now: Timestamp) -> Result<(), PublishError> {
        if !from.is_dir() {
            return Err(PublishError::Absent);
        }
        self.take_in_files(&Files::of(from)?, now)
    }

    pub(super) fn take_in_files(&mut self, source: &impl ReadFiles, now: Timestamp) -> Result<(), PublishError> {
        let theirs = Mirror::read(source, now)?;
        if theirs.chain.id() != self.chain.id() {
            return Err(PublishError::Exists);
        }
        let mut chain = self.chain.clone();
        let mut charters = Vec::new();
        for version in 2..=theirs.chain.newest_version() {
            let name = charter_file(version);
            let bytes =
                source.read(&name, DocumentKind::Charter.max_envelope() as u64)?.ok_or(PublishError::Damaged)?;
            let charter = Envelope::parse(&bytes, DocumentKind::Charter).map_err(|_| PublishError::Damaged)?;
            chain.extend(&charter, now).map_err(|_| PublishError::Foreign)?;
            if version > self.chain.newest_version() {
                charters.push((name, bytes));
            }
        }
        self.keys.speak_for(&chain, now)?;
        // A head of the state before the newest charter stays valid until the new one is written.
        for (name, bytes) in charters {
            self.files.replace(&name, &bytes)?;
        }
        self.chain = chain;
        let known: BTreeSet<Digest> = self.events.iter().map(|(event, _)| event.id()).collect();
        let new: Vec<_> = theirs.events.into_iter().filter(|(event, _)| !known.contains(&event.id())).collect();
        if theirs.head.charter >= self.head.charter {
            self.head.sequence = self.head.sequence.max(theirs.head.sequence);
        }
        self.head.issued = self.head.issued.max(theirs.head.issued);
        if new.is_empty() { self.state(now) } else { self.append(new, now) }
    }
}

impl super::keys::CommunityKeys {
    /// Whether a community lets these keys sign its heads and its posts.
    pub(super) fn speak_for(&self, chain: &Chain, now: Timestamp) -> Result<(), PublishError> {
        let charter = chain.in_force(now);
        let may = charter.routine.contains(&self.routine.public()) && charter.authors.contains(&self.author.public());
        if may { Ok(()) } else { Err(PublishError::OtherKeys) }
    }
}
