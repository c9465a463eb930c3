//! Charters after the first: moves to another community, other keys, and what several admins approved.

use std::path::Path;

use jiff::Timestamp;

use super::clock;
use super::community::Publisher;
use super::error::PublishError;
use super::files::Files;
use super::frozen;
use super::keys::CommunityKeys;
use super::mirror::{Mirror, charter_file};
use super::proposal::{Next, Proposal};
use super::statement::{check_new, later, next_charter, rotate, successor_of, unsealed};
use crate::language::Language;
use crate::signed::{Admission, Chain, ChainError, Charter, CommunityLink, Extension, Head, Role, SignedEvent};

impl Publisher {
    /// Names the community that continues this one, with the mirrors of its link; `None` takes that back. The other one has
    /// to name this one too ([`Statement::continues`](super::Statement::continues)); then both sides sign the move. Where one key decides, readers are
    /// asked before they follow.
    ///
    /// # Errors
    /// [`PublishError::TooFewSigned`] if the root key of these keys does not decide alone ([`Proposal::moving`]), and
    /// [`PublishError::OtherKeys`] if it has no say; [`PublishError::SuccessorSame`] if the link leads here, and
    /// [`PublishError::SuccessorHomeless`] if it has no mirror;
    /// [`PublishError::Io`].
    pub fn move_to(&mut self, successor: Option<&CommunityLink>, now: Timestamp) -> Result<(), PublishError> {
        let mut charter = self.next_charter(now);
        charter.successor = successor_of(&self.chain, successor)?;
        self.enact(&charter, None, now)
    }

    /// Replaces the keys: the next charter names the new ones, and the old and the new root key sign it. The id stays. From then
    /// on the old keys may do nothing more. What they published stays, and can be deleted but not edited.
    ///
    /// # Errors
    /// As [`Publisher::move_to`]; several admins use [`Proposal::rotating`]. [`PublishError::KeysReplaced`] if the new keys were replaced
    /// here before.
    pub fn rotate(&mut self, new: CommunityKeys, now: Timestamp) -> Result<(), PublishError> {
        check_new(&self.chain, &new, now)?;
        let mut charter = self.next_charter(now);
        rotate(&mut charter, &self.keys, &new);
        self.enact(&charter, Some(new), now)
    }

    /// Puts a proposal in force that enough keys have signed, and opens the community with keys that may publish by it. A founding
    /// creates the folder.
    ///
    /// # Errors
    /// [`PublishError::TooFewSigned`], [`PublishError::ProposalOutdated`]; [`PublishError::ProposalForeign`], also for a
    /// founding that the root key of these keys has not signed; [`PublishError::ProposalDate`], [`PublishError::Clock`];
    /// [`PublishError::ProposalOvertaken`] if it takes away what was published more than a day ago;
    /// [`PublishError::OtherKeys`] if these keys may not publish by it; [`PublishError::Recovery`] for a recovery, which
    /// [`place_recovery`] puts into a folder. Nothing is written then. [`PublishError::Io`].
    pub fn open_with(
        folder: &Path,
        keys: CommunityKeys,
        proposal: &Proposal,
        now: Timestamp,
        language: Language,
    ) -> Result<Self, PublishError> {
        if let (Next::Charter(charter), true) = (&proposal.next, proposal.is_founding()) {
            proposal.check_date(now)?;
            let envelope = proposal.published();
            // Another file may have come back than the one that was signed.
            if !proposal.has_signed(&keys) {
                return Err(PublishError::ProposalForeign);
            }
            if !charter.root.have_signed(&envelope) {
                return Err(PublishError::TooFewSigned);
            }
            return Self::begin(folder, keys, &envelope, now, language);
        }
        if !folder.is_dir() {
            return Err(PublishError::Absent);
        }
        Self::enact_in(Files::locked(folder)?, keys, proposal, now, language)
    }

    pub(super) fn enact_in(
        files: Files,
        keys: CommunityKeys,
        proposal: &Proposal,
        now: Timestamp,
        language: Language,
    ) -> Result<Self, PublishError> {
        let Next::Charter(charter) = &proposal.next else { return Err(PublishError::ProposalForm) };
        let Mirror { chain, head, events, .. } = Mirror::read(&files, now)?;
        clock::check(clock::stated(&chain, &head, &events), files.newest_time()?, now)?;
        proposal.check_date(now)?;
        let (chain, extension, envelope) = proposal.extend(&chain, now)?;
        if extension == Extension::Recovering {
            return Err(PublishError::Recovery);
        }
        keys.speak_for(&chain, now)?;
        if frozen::time_of(&files, &chain, now).is_some_and(|after| after < now) {
            return Err(PublishError::Frozen);
        }
        proposal.losses(&events, now)?;
        let events = counted(events, &chain, &head, now);
        let mut publisher = Self { files, keys, chain, head, events, language, taken_in: None };
        // A charter beside which no head can be signed would leave the folder unusable.
        publisher.next_state(now)?;
        publisher.files.replace(&charter_file(charter.version), envelope.to_json().as_bytes())?;
        publisher.files.forget_recovery()?;
        publisher.state(now)?;
        Ok(publisher)
    }

    pub(super) fn next_charter(&self, now: Timestamp) -> Charter {
        next_charter(&self.chain, &self.events, now)
    }

    /// Signs a charter, writes it, and states the newest state. With `new` keys both sign.
    pub(super) fn enact(
        &mut self,
        charter: &Charter,
        new: Option<CommunityKeys>,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        self.refuse_after_freeze(now, now)?;
        let signers = std::iter::once(&self.keys.root).chain(new.as_ref().map(|keys| &keys.root));
        let envelope = charter.seal(signers).map_err(unsealed)?;
        let has_a_say = self.chain.in_force(now).root.keys.contains(&self.keys.root.public());
        let mut chain = self.chain.clone();
        chain.extend(&envelope, now).map_err(|error| match error {
            ChainError::Unsigned | ChainError::NotApproved if has_a_say => PublishError::TooFewSigned,
            ChainError::TooLong => PublishError::Refused,
            _ => PublishError::OtherKeys,
        })?;
        let events = counted(self.events.clone(), &chain, &self.head, now);
        let chain = std::mem::replace(&mut self.chain, chain);
        let events = std::mem::replace(&mut self.events, events);
        let keys = new.map(|new| std::mem::replace(&mut self.keys, new));
        // A charter beside which no head can be signed would leave the folder unusable.
        if let Err(error) = self.next_state(now) {
            (self.chain, self.events) = (chain, events);
            if let Some(keys) = keys {
                self.keys = keys;
            }
            return Err(error);
        }
        self.files.replace(&charter_file(charter.version), envelope.to_json().as_bytes())?;
        self.files.forget_recovery()?;
        self.state(now)
    }
}

/// The events that readers still count by these charters.
fn counted(events: Vec<(SignedEvent, Role)>, chain: &Chain, head: &Head, now: Timestamp) -> Vec<(SignedEvent, Role)> {
    let admission = Admission::new(chain, head, None, now);
    let counts = |(event, _): &(SignedEvent, Role)| admission.admit(event.to_json().as_bytes()).is_ok();
    events.into_iter().filter(counts).collect()
}

/// Puts a recovery into a folder that carries the community: of an admin, or of a web server. It needs no keys. Readers see from then
/// on that it waits; the answer is the time at which it takes effect for a new reader, and no earlier for any other.
///
/// # Errors
/// [`PublishError::TooFewSigned`], [`PublishError::ProposalForeign`], [`PublishError::ProposalOutdated`];
/// [`PublishError::ProposalDate`]; [`PublishError::ProposalForm`] if it is no recovery; [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`].
pub fn place_recovery(folder: &Path, proposal: &Proposal, now: Timestamp) -> Result<Timestamp, PublishError> {
    let (Next::Charter(charter), Some(wait)) = (&proposal.next, proposal.waits()) else {
        return Err(PublishError::ProposalForm);
    };
    if !folder.is_dir() {
        return Err(PublishError::Absent);
    }
    proposal.check_date(now)?;
    let mut files = Files::locked(folder)?;
    let chain: Chain = Mirror::read(&files, now)?.chain;
    let (_, _, envelope) = proposal.extend(&chain, now)?;
    files.replace(&charter_file(charter.version), envelope.to_json().as_bytes())?;
    Ok(later(charter.issued, wait))
}
