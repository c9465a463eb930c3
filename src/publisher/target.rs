//! What another folder of the community has that this one does not have: another phone may have published there since.
//!
//! A head that replaces a newer one makes readers refuse it, and two heads with one number make the community disputed. So the
//! folder is compared before anything is written.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;

use super::broken_off::{Completed, is_cut};
use super::clock;
use super::community::Publisher;
use super::error::PublishError;
use super::files::{Files, FilesWritten, ReadFiles};
use super::mirror::{HEAD, Mirror, charter_file};
use super::waiting::WaitingRecovery;
use crate::signed::{
    Admission, Chain, ChainError, Digest, DocumentKind, Envelope, Extension, Head, MAX_FILE_BYTES, NEWEST, Role,
    SignedEvent,
};

/// What a folder holds, compared with the publisher's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TargetState {
    /// Nothing, or an earlier state of ours.
    Behind,
    /// Content of ours that the publisher's own folder does not have, with its head.
    Newer(Box<Head>),
    /// A head that no present key of the community signed, over something that is not known here.
    Foreign,
}

/// The charters of another folder.
struct CharterState {
    /// A recovery that waits there, beside which readers take what is published.
    recovery: Option<Envelope>,
    /// Something that is no charter lies where one belongs that is known here.
    is_garbled: bool,
}

/// What lies where a document belongs.
enum Found {
    Document(Envelope),
    /// Nothing, or what an upload left that broke off: the file is written again.
    Nothing,
    /// Something else, for example the page of a server that has nothing.
    Other,
}

fn document(target: &impl ReadFiles, name: &str, kind: DocumentKind) -> Result<Found, PublishError> {
    let bytes = match target.read(name, kind.max_envelope() as u64) {
        Err(error) if error.kind() == ErrorKind::FileTooLarge => return Ok(Found::Other),
        read => read?.filter(|bytes| !is_cut(bytes)),
    };
    let Some(bytes) = bytes else { return Ok(Found::Nothing) };
    Ok(Envelope::parse(&bytes, kind).map_or(Found::Other, Found::Document))
}

impl Publisher {
    /// Renews the statement of the newest state, which readers otherwise call stale after 30 days, and brings another
    /// folder to it: the one of a web server, or one that is uploaded. Only what changed is written. The community's own
    /// folder is renewed alone.
    ///
    /// # Errors
    /// [`PublishError::Newer`] if the folder has something of this community that this one does not have, for example
    /// because another phone published there ([`Publisher::take_in`]); [`PublishError::Foreign`] if its head is not one of
    /// this community, or has more and only a replaced key signed it; [`PublishError::Exists`] if another community is there.
    /// [`PublishError::RecoveryInForce`] if recovery keys replaced the keys there; [`PublishError::HeadNumber`] if the head there, or the one
    /// of this folder, has a number after which there is no next one. Nothing is written then.
    /// [`PublishError::Io`]. A recovery that still waits there stays ([`Publisher::recovery`]).
    pub fn publish(&mut self, into: &Path, now: Timestamp) -> Result<FilesWritten, PublishError> {
        if self.files.is_of(into) {
            self.state(now)?;
            return Ok(self.files.written());
        }
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
        if self.files.is_of(into) {
            return self.publish(into, now);
        }
        let mut target = Files::locked(into)?;
        if let TargetState::Newer(head) = self.compare(&target, now)? {
            self.outrank(&head);
        }
        self.publish_into(&mut target, now)?;
        Ok(target.written())
    }

    /// Compares a folder with this one.
    ///
    /// # Errors
    /// [`PublishError::Exists`] if another community is there; [`PublishError::Newer`] if there is a charter that is not known
    /// here, over which nothing may be published; [`PublishError::Foreign`] if it contradicts one of ours;
    /// [`PublishError::RecoveryInForce`], [`PublishError::HeadNumber`].
    pub(super) fn compare(&mut self, target: &impl ReadFiles, now: Timestamp) -> Result<TargetState, PublishError> {
        let first = document(target, &charter_file(1), DocumentKind::Charter)?;
        let is_known = matches!(&first, Found::Document(first) if first.digest() == self.chain.id());
        if matches!(&first, Found::Document(_)) && !is_known {
            return Err(PublishError::Exists);
        }
        let CharterState { recovery, is_garbled } = self.compare_charters(target, now)?;
        if let Some(recovery) = recovery {
            self.files.note_recovery(&recovery)?;
        }
        let is_garbled = is_garbled || matches!(first, Found::Other);
        let envelope = match document(target, HEAD, DocumentKind::Head)? {
            Found::Nothing => return Ok(if is_garbled { TargetState::Foreign } else { TargetState::Behind }),
            Found::Other => return Ok(TargetState::Foreign),
            Found::Document(envelope) => envelope,
        };
        let Ok(head) = Head::read(&envelope) else { return Ok(TargetState::Foreign) };
        if !is_known && head.community != self.chain.id() {
            return Err(PublishError::Exists);
        }
        if is_garbled || !self.is_ours(&head, &envelope, now) {
            return Ok(TargetState::Foreign);
        }
        let speaks = self.speaks(&envelope, now);
        if speaks {
            self.check_number(&head, &envelope, now)?;
        }
        let (theirs, ours) = ((head.charter, head.sequence), (self.head.charter, self.head.sequence));
        if theirs > ours || (theirs == ours && head != self.head) || !self.has_content_of(target, &head, speaks, now)? {
            // A key that was replaced may be in other hands: what it alone vouches for is not taken in.
            return Ok(if speaks { TargetState::Newer(Box::new(head)) } else { TargetState::Foreign });
        }
        Ok(TargetState::Behind)
    }

    /// Compares the charters after the first one.
    fn compare_charters(&self, target: &impl ReadFiles, now: Timestamp) -> Result<CharterState, PublishError> {
        let mut state = CharterState { recovery: None, is_garbled: false };
        for version in 2.. {
            let is_known = version <= self.chain.newest_version();
            let charter = match document(target, &charter_file(version), DocumentKind::Charter)? {
                Found::Document(charter) => charter,
                // Beyond the charters that are known here, some servers answer with a page.
                Found::Nothing | Found::Other if !is_known => return Ok(state),
                Found::Nothing => continue,
                Found::Other => {
                    state.is_garbled = true;
                    continue;
                }
            };
            match self.chain.digest(version) {
                Some(known) if known == charter.digest() => {}
                _ => match self.chain.clone().extend(&charter, now) {
                    // The root keys objected to a recovery, which is published there.
                    Err(ChainError::RecoveryVoid) => return Ok(state),
                    Ok(Extension::Recovering) => {
                        WaitingRecovery::check(&self.chain, &charter, now)?;
                        return Ok(CharterState { recovery: Some(charter), ..state });
                    }
                    Ok(_) => return Err(PublishError::Newer),
                    Err(_) => return Err(PublishError::Foreign),
                },
            }
        }
        Ok(state)
    }

    /// Whether a key of the charter in force signed the head, or one that the charter which the head names allows. The latter may
    /// have been replaced since.
    pub(super) fn is_ours(&self, head: &Head, envelope: &Envelope, now: Timestamp) -> bool {
        let named = self.chain.charter(head.charter);
        head.community == self.chain.id()
            && self.chain.digest(head.charter) == Some(head.charter_digest)
            && (self.speaks(envelope, now) || named.is_some_and(|named| envelope.is_signed_by(&named.routine, 1)))
    }

    fn speaks(&self, head: &Envelope, now: Timestamp) -> bool {
        head.is_signed_by(&self.chain.in_force(now).routine, 1)
    }

    /// Whether everything that a folder publishes by this head is known here. Each month is the beginning of ours, or has no
    /// event that this folder lacks, in whatever order: two phones that took in each other's posts have other orders, and a
    /// killed upload leaves a file that its head does not name yet. What follows after the bytes that the head names counts only
    /// if the charter in force lets its author speak. Where a head of ours names something that is not there and not known here, two
    /// uploads crossed: it is something new until the folder was taken in.
    fn has_content_of(
        &self,
        target: &impl ReadFiles,
        head: &Head,
        vouched: bool,
        now: Timestamp,
    ) -> Result<bool, PublishError> {
        let known: BTreeSet<Digest> = self.events.iter().map(|(event, _)| event.id()).collect();
        // A single event that is dated ahead of all others is not taken in, and nothing that has to be.
        let is_left_out =
            |event: &SignedEvent| clock::is_ahead(event.created(), now) && !clock::is_ahead(head.issued, now);
        for entry in head.files.iter().filter(|entry| entry.name != NEWEST) {
            let length = self.head.file(&entry.name).map_or(0, |entry| entry.bytes);
            let ours = self.files.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
            let end = usize::try_from(entry.bytes).ok().filter(|_| entry.bytes <= length);
            let is_known = end.and_then(|end| ours.get(..end)).is_some_and(|begin| Digest::of(begin) == entry.sha256);
            // What follows there in the name of a replaced key is overwritten.
            if is_known && (!vouched || !target.was_read(&entry.name)) {
                continue;
            }
            let theirs = target.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
            if is_known && ours.starts_with(&theirs) {
                continue;
            }
            // What does not verify is not the community's, and is not lost.
            let admission = Admission::new(&self.chain, head, None, now);
            let named = usize::try_from(entry.bytes).ok().and_then(|end| theirs.get(..end));
            let is_whole = named.is_some_and(|named| Digest::of(named) == entry.sha256);
            if vouched && !is_known && !is_whole && self.taken_in.as_ref() != Some(head) {
                return Ok(false);
            }
            let end = if !vouched { theirs.len() } else { named.filter(|_| is_whole).map_or(0, <[u8]>::len) };
            let (named, after) = theirs.split_at(end);
            let unknown = |bytes: &[u8], counts: &dyn Fn(&SignedEvent) -> bool| {
                let mut events =
                    bytes.split(|byte| *byte == b'\n').filter_map(|line| Some(admission.admit(line).ok()?.0));
                events.any(|event| !known.contains(&event.id()) && !is_left_out(&event) && counts(&event))
            };
            if unknown(named, &|_| true) || unknown(after, &|event| may_speak(&self.chain, event, now)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes in what another folder of this community has and this one does not: charters, posts with their pictures, gatherings,
    /// deletions and a freeze of another admin, or of another phone. A key of the charter in force must have signed its head, as readers ask who know
    /// that charter: one that was replaced may be in other hands, and could date its posts back.
    ///
    /// Where uploads crossed or one broke off, the files need not be those that the head names. Then each event there counts by itself, if
    /// the charter in force lets its author speak, and a charter or a head that is cut is the one of this folder.
    ///
    /// # Errors
    /// [`PublishError::Absent`], [`PublishError::Damaged`]; [`PublishError::Exists`] if another community is there;
    /// [`PublishError::Foreign`] if a charter there contradicts one of this folder, or if no present key signed
    /// its head; [`PublishError::RecoveryInForce`]; [`PublishError::HeadNumber`]; [`PublishError::OtherKeys`] if a charter there took the right from these keys; [`PublishError::Clock`] if its
    /// head or a charter there is dated over a day ahead. Nothing is written then. A single post that is dated so is left out. [`PublishError::Io`].
    pub fn take_in(&mut self, from: &Path, now: Timestamp) -> Result<(), PublishError> {
        if !from.is_dir() {
            return Err(PublishError::Absent);
        }
        self.take_in_files(&Files::of(from)?, now)
    }

    pub(super) fn take_in_files(&mut self, source: &impl ReadFiles, now: Timestamp) -> Result<(), PublishError> {
        let completed = Completed::new(source, &self.files, self.chain.id(), self.chain.newest_version());
        let theirs = Mirror::read_crossed(&completed, now)?;
        if theirs.chain.id() != self.chain.id() {
            return Err(PublishError::Exists);
        }
        let mut chain = self.chain.clone();
        let (mut charters, mut recovery) = (Vec::new(), None);
        for version in 2..=theirs.chain.newest_version() {
            let name = charter_file(version);
            let bytes =
                completed.read(&name, DocumentKind::Charter.max_envelope() as u64)?.ok_or(PublishError::Damaged)?;
            let charter = Envelope::parse(&bytes, DocumentKind::Charter).map_err(|_| PublishError::Damaged)?;
            let mut extended = chain.clone();
            match extended.extend(&charter, now) {
                Ok(Extension::Known) => {}
                // Whether it comes into force is decided by those who wait for it, and not by the time that it states. So it is noted,
                // and what follows it is not looked at.
                Ok(Extension::Recovering) => {
                    WaitingRecovery::check(&chain, &charter, now)?;
                    recovery = Some(charter);
                    break;
                }
                // It is newer, or the root keys object there to a recovery that waits here.
                Ok(Extension::Newer | Extension::RecoveryEnded) => charters.push((name, bytes)),
                // They object here, and there it waits.
                Err(ChainError::RecoveryVoid) => break,
                Err(_) => return Err(PublishError::Foreign),
            }
            chain = extended;
        }
        if !theirs.statement.is_signed_by(&chain.in_force(now).routine, 1) {
            return Err(PublishError::Foreign);
        }
        self.keys.speak_for(&chain, now)?;
        self.check_number(&theirs.head, &theirs.statement, now)?;
        // The whole chain decides who may speak, and not only the charters that the other folder has.
        let admission = Admission::new(&chain, &theirs.head, None, now);
        let admitted = |(event, _): (SignedEvent, Role)| admission.admit(event.to_json().as_bytes()).ok();
        // What is the community's own is taken in only with a possible date. One event with another costs itself alone: anyone who
        // may post could otherwise keep the admins from what everybody else posted.
        clock::check_taken(&chain, &theirs.head, now)?;
        let unvouched = theirs.unvouched.into_iter().filter(|(event, _)| may_speak(&chain, event, now));
        let events = theirs.events.into_iter().chain(unvouched).filter_map(admitted);
        let mut seen = BTreeSet::new();
        let events: Vec<_> =
            events.filter(|(event, _)| !clock::is_ahead(event.created(), now) && seen.insert(event.id())).collect();
        let before = (std::mem::replace(&mut self.chain, chain), self.head.clone());
        self.outrank(&theirs.head);
        self.head.issued = self.head.issued.max(theirs.head.issued);
        // Charters beside which no head can be signed would leave the folder unusable.
        if let Err(error) = self.next_state(now) {
            (self.chain, self.head) = before;
            return Err(error);
        }
        // A head of the state before the newest charter stays valid until the new one is written.
        for (name, bytes) in charters {
            self.files.replace(&name, &bytes)?;
        }
        if let Some(recovery) = recovery {
            self.files.note_recovery(&recovery)?;
        }
        self.taken_in = Some(theirs.head);
        let known: BTreeSet<Digest> = self.events.iter().map(|(event, _)| event.id()).collect();
        let new: Vec<_> = events.into_iter().filter(|(event, _)| !known.contains(&event.id())).collect();
        self.take_in_pictures(source, &new)?;
        self.take_in_freeze(source, now)?;
        if new.is_empty() { self.state(now) } else { self.append(new, now) }
    }
}

/// Whether the charter in force lets the author of an event speak.
fn may_speak(chain: &Chain, event: &SignedEvent, now: Timestamp) -> bool {
    let charter = chain.in_force(now);
    let author = event.author();
    charter.members_may_post || charter.authors.contains(&author) || charter.moderators.contains(&author)
}

impl super::keys::CommunityKeys {
    /// Whether a community lets these keys sign its heads and its posts.
    pub(super) fn speak_for(&self, chain: &Chain, now: Timestamp) -> Result<(), PublishError> {
        let charter = chain.in_force(now);
        let author = self.author.public();
        let may_post = charter.authors.contains(&author) || charter.moderators.contains(&author);
        let may = charter.routine.contains(&self.routine.public()) && may_post;
        if may { Ok(()) } else { Err(PublishError::OtherKeys) }
    }
}
