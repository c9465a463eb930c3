//! How a proposal is made from a community's folder.

use std::path::Path;

use jiff::Timestamp;

use super::clock;
use super::compared::check_freeze;
use super::error::PublishError;
use super::files::{Files, ReadFiles as _};
use super::key_changes::KeyChanges;
use super::keys::CommunityKeys;
use super::mirror::{Mirror, charter_file};
use super::proposal::{Next, Proposal};
use super::statement::{Statement, check_new, first_charter, next_charter, rotate, successor_of, unsealed};
use super::waiting::WaitingRecovery;
use crate::signed::{
    Chain, Charter, CommunityLink, DocumentKind, Envelope, Freeze, KeySet, Role, SignedEvent, SigningKey, to_minute,
};

impl Proposal {
    /// Proposes to found a community of several admins. The keys of its maker are the first of the root keys.
    ///
    /// # Errors
    /// [`PublishError::Refused`] if the statement is outside the limits of the format; [`PublishError::KeyRules`].
    pub fn founding(keys: &CommunityKeys, statement: &Statement, now: Timestamp) -> Result<Self, PublishError> {
        clock::check_range(now)?;
        let charter = first_charter(keys, statement, now)?;
        let document = charter.seal([&keys.root]).map_err(unsealed)?;
        Self::new(None, Next::Charter(Box::new(charter)), document).ok_or(PublishError::OtherKeys)
    }

    /// Proposes that the charter says this.
    ///
    /// # Errors
    /// [`PublishError::OtherKeys`] if these keys have no say; [`PublishError::Refused`], [`PublishError::KeyRules`];
    /// [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`].
    pub fn restating(
        folder: &Path,
        keys: &CommunityKeys,
        statement: &Statement,
        now: Timestamp,
    ) -> Result<Self, PublishError> {
        let base = Base::read(folder, now)?;
        let mut charter = base.next(now);
        statement.write_to(&mut charter)?;
        base.propose(charter, &[&keys.root], now)
    }

    /// Proposes that the community moves to another one, or that it does not.
    ///
    /// # Errors
    /// As [`Proposal::restating`].
    pub fn moving(
        folder: &Path,
        keys: &CommunityKeys,
        successor: Option<&CommunityLink>,
        now: Timestamp,
    ) -> Result<Self, PublishError> {
        let base = Base::read(folder, now)?;
        let mut charter = base.next(now);
        charter.successor = successor_of(&base.chain, successor)?;
        base.propose(charter, &[&keys.root], now)
    }

    /// Proposes that the keys of one admin are replaced by new ones of the same admin. Both sign.
    ///
    /// # Errors
    /// As [`Proposal::restating`]. [`PublishError::KeysReplaced`] if the new keys were replaced here before.
    pub fn rotating(
        folder: &Path,
        keys: &CommunityKeys,
        new: &CommunityKeys,
        now: Timestamp,
    ) -> Result<Self, PublishError> {
        let base = Base::read(folder, now)?;
        check_new(&base.chain, new, now)?;
        let mut charter = base.next(now);
        rotate(&mut charter, keys, new);
        base.propose(charter, &[&keys.root, &new.root], now)
    }

    /// Proposes, with a recovery key, that these admins decide instead of those whose keys are lost. It takes effect after the
    /// waiting time that the charter states, if the root keys do not object. They and nobody else decide and publish then, unless
    /// the changes name publishers.
    ///
    /// # Errors
    /// As [`Proposal::restating`].
    pub fn recovering(
        folder: &Path,
        keys: &CommunityKeys,
        changes: &KeyChanges,
        now: Timestamp,
    ) -> Result<Self, PublishError> {
        let base = Base::read(folder, now)?;
        let mut charter = base.next(now);
        let may = charter.recovery.as_ref().is_some_and(|known| known.keys.keys.contains(&keys.root.public()));
        if !may || changes.root.is_empty() {
            return Err(if may { PublishError::KeyRules } else { PublishError::OtherKeys });
        }
        let threshold = charter.root.threshold.min(changes.root.len() as u64);
        charter.root = KeySet::new(Vec::new(), threshold);
        (charter.routine, charter.authors) = (Vec::new(), Vec::new());
        let mut changes = changes.clone();
        if changes.publishers.is_empty() {
            changes.publishers.clone_from(&changes.root);
        }
        changes.apply(&mut charter)?;
        base.propose(charter, &[&keys.root], now)
    }

    /// Prepares a freeze: nothing that is signed after this time is to be trusted. It is never taken back.
    ///
    /// # Errors
    /// As [`Proposal::restating`]; [`PublishError::FreezeTime`].
    pub fn freezing(
        folder: &Path,
        keys: &CommunityKeys,
        after: Timestamp,
        now: Timestamp,
    ) -> Result<Self, PublishError> {
        let base = Base::read(folder, now)?;
        check_freeze(after, &base.chain, now)?;
        // Another admin's clock may differ by a day, but of the own one a time to come is meant as such.
        if after > now {
            return Err(PublishError::FreezeTime);
        }
        let charter = base.chain.in_force(now);
        let freeze = Freeze::new(base.chain.id(), charter.version, to_minute(after));
        let document = freeze.seal([&keys.root]).map_err(|_| PublishError::Refused)?;
        let of_base = Some((charter.clone(), base.envelope));
        Self::new(of_base, Next::Freeze(freeze), document).ok_or(PublishError::OtherKeys)
    }

    /// Compares it with the folder of the community: whether it is the community's, still in time, dated as the clock says, and
    /// takes no post away that is older than a day. Which posts it takes away, and which recovery it ends, stands in
    /// [`Proposal::changes`] from then on.
    ///
    /// # Errors
    /// [`PublishError::ProposalForeign`], [`PublishError::ProposalAhead`], [`PublishError::ProposalOutdated`],
    /// [`PublishError::ProposalOvertaken`]; [`PublishError::ProposalDate`], [`PublishError::FreezeTime`], [`PublishError::Clock`];
    /// [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`].
    pub fn compare(&mut self, folder: &Path, now: Timestamp) -> Result<(), PublishError> {
        let base = Base::read(folder, now)?;
        self.compare_with(&base.chain, &base.events, base.waiting, now)
    }
}

impl Statement {
    /// What the charter in force in a folder says.
    ///
    /// # Errors
    /// [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`].
    pub fn of(folder: &Path, now: Timestamp) -> Result<Self, PublishError> {
        Ok(Self::of_charter(Base::read(folder, now)?.chain.in_force(now)))
    }
}

/// The charters of a folder, with what a next one needs.
pub(super) struct Base {
    pub(super) chain: Chain,
    envelope: Envelope,
    events: Vec<(SignedEvent, Role)>,
    waiting: Option<WaitingRecovery>,
}

impl Base {
    fn read(folder: &Path, now: Timestamp) -> Result<Self, PublishError> {
        if !folder.is_dir() {
            return Err(PublishError::Absent);
        }
        let files = Files::of(folder)?;
        let Mirror { chain, head, events, .. } = Mirror::read(&files, now)?;
        clock::check(clock::stated(&chain, &head, &events), files.newest_time()?, now)?;
        let name = charter_file(chain.in_force(now).version);
        let bytes = files.read(&name, DocumentKind::Charter.max_envelope() as u64)?.ok_or(PublishError::Damaged)?;
        let envelope = Envelope::parse(&bytes, DocumentKind::Charter).map_err(|_| PublishError::Damaged)?;
        let waiting = WaitingRecovery::of(&files, &chain, now);
        Ok(Self { chain, envelope, events, waiting })
    }

    fn next(&self, now: Timestamp) -> Charter {
        next_charter(&self.chain, &self.events, now)
    }

    fn propose(self, charter: Charter, signers: &[&SigningKey], now: Timestamp) -> Result<Proposal, PublishError> {
        let document = charter.seal(signers.iter().copied()).map_err(unsealed)?;
        let of_base = Some((self.chain.in_force(now).clone(), self.envelope));
        let made = Proposal::new(of_base, Next::Charter(Box::new(charter)), document);
        let mut proposal = made.ok_or(PublishError::OtherKeys)?;
        proposal.compare_with(&self.chain, &self.events, self.waiting, now)?;
        Ok(proposal)
    }
}
