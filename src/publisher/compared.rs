//! A proposal compared with a folder of the community: whether it belongs there and is in time, which posts would no longer count,
//! and which recovery it ends.

use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::error::PublishError;
use super::findings::{Findings, Loss};
use super::keys::fingerprint;
use super::proposal::{Next, Proposal};
use super::waiting::WaitingRecovery;
use crate::signed::{Chain, ChainError, Extension, PublicKey, Role, SignedEvent};

impl Proposal {
    /// Compares it with what a folder has.
    ///
    /// # Errors
    /// See [`Proposal::compare`].
    pub(super) fn compare_with(
        &mut self,
        chain: &Chain,
        events: &[(SignedEvent, Role)],
        waiting: Option<WaitingRecovery>,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        self.fits(chain, now)?;
        self.check_date(now)?;
        if let Next::Freeze(freeze) = &self.next {
            check_freeze(freeze.after, chain, now)?;
        }
        let rival = waiting.filter(|waiting| {
            let Next::Charter(charter) = &self.next else { return false };
            waiting.version == charter.version && waiting.digest != self.document.digest()
        });
        // Two recoveries in one place put each other off.
        if rival.is_some() && self.is_recovery() {
            return Err(PublishError::ProposalOutdated);
        }
        let losses = self.losses(events, now)?;
        self.found = Findings { losses, ends: rival };
        Ok(())
    }

    /// What was published already and would no longer count: by keys that lose their right, or are banned, at a date before it. That is
    /// meant where a key is in other hands, and its thief must not stop the change by posting. So only a change that takes
    /// away more than the last day is refused: dated back further, it would take posts that nobody objected to. A day is the time in which
    /// admins can sign, and the difference that their clocks may have. A recovery may take more, because others may have published
    /// with the lost keys.
    ///
    /// # Errors
    /// [`PublishError::ProposalOvertaken`].
    pub(super) fn losses(&self, events: &[(SignedEvent, Role)], now: Timestamp) -> Result<Vec<Loss>, PublishError> {
        let Next::Charter(charter) = &self.next else { return Ok(Vec::new()) };
        let mut losses: Vec<(PublicKey, Loss)> = Vec::new();
        for (event, _) in events {
            let (author, created) = (event.author(), event.created());
            let loses = created >= charter.issued && charter.role_of(author, event.kind()).is_none();
            let banned = charter.banned.iter().filter(|ban| ban.key == author && ban.since <= created);
            let from = loses.then_some(charter.issued).into_iter().chain(banned.map(|ban| ban.since)).max();
            let Some(from) = from else { continue };
            if now.duration_since(from) > LOSABLE && !self.is_recovery() {
                return Err(PublishError::ProposalOvertaken);
            }
            match losses.iter_mut().find(|(key, _)| *key == author) {
                Some((_, loss)) => (loss.items, loss.since) = (loss.items + 1, loss.since.min(created)),
                None => losses.push((author, Loss { key: fingerprint(&author), items: 1, since: created })),
            }
        }
        Ok(losses.into_iter().map(|(_, loss)| loss).collect())
    }

    /// Compares it with the charters of a community.
    ///
    /// # Errors
    /// [`PublishError::ProposalForeign`], [`PublishError::ProposalAhead`], [`PublishError::ProposalOutdated`].
    pub(super) fn fits(&self, chain: &Chain, now: Timestamp) -> Result<(), PublishError> {
        let Some((charter, envelope)) = &self.base else { return Err(PublishError::ProposalForeign) };
        if let Next::Freeze(freeze) = &self.next
            && freeze.community != chain.id()
        {
            return Err(PublishError::ProposalForeign);
        }
        if chain.digest(charter.version) != Some(envelope.digest()) {
            return Err(match chain.clone().extend(envelope, now) {
                Ok(Extension::Newer | Extension::Recovering | Extension::RecoveryEnded) | Err(ChainError::Gap) => {
                    PublishError::ProposalAhead
                }
                Err(ChainError::RecoveryVoid) => PublishError::ProposalOutdated,
                _ => PublishError::ProposalForeign,
            });
        }
        match &self.next {
            Next::Freeze(_) if charter.version < chain.in_force(now).version => Err(PublishError::ProposalOutdated),
            Next::Charter(next) if chain.digest(next.version) == Some(self.document.digest()) => Ok(()),
            Next::Charter(_) if charter.version < chain.settled(now) => Err(PublishError::ProposalOutdated),
            // Two recoveries in one place put each other off.
            Next::Charter(next) if self.is_recovery() && chain.digest(next.version).is_some() => {
                Err(PublishError::ProposalOutdated)
            }
            _ => Ok(()),
        }
    }
}

/// Refuses a time of a freeze that nobody means: before the community was founded, or a time to come, until which those who have the keys
/// would still be trusted. A day is left for clocks that differ.
///
/// # Errors
/// [`PublishError::FreezeTime`].
pub(super) fn check_freeze(after: Timestamp, chain: &Chain, now: Timestamp) -> Result<(), PublishError> {
    let founded = chain.charter(1).map_or(now, |first| first.issued);
    if clock::is_ahead(after, now) || clock::is_ahead(founded, after) {
        return Err(PublishError::FreezeTime);
    }
    Ok(())
}

/// A day.
const LOSABLE: SignedDuration = SignedDuration::from_hours(24);
