//! The numbers of heads, which a thief of one publisher's key can use up.
//!
//! Readers take only a head with a larger number than the one that they know, and numbers end at 2^53 - 1. A thief who signs a head with a
//! number near that end would leave nobody a number for the next one. So such a number is never taken over, and after a change of the
//! charter the numbers begin anew: readers order heads by the charter first.

use jiff::Timestamp;

use super::community::Publisher;
use super::error::PublishError;
use super::files::ReadFiles as _;
use super::keys::fingerprint;
use super::mirror::HEAD;
use crate::signed::{DocumentKind, Envelope, Head, KeyFingerprint};

impl Publisher {
    /// The number of the next head, under the charter with this number. It goes on under a new charter too, because two admins who put that in
    /// force in two folders would otherwise begin with the same number, and readers call a community with two such heads disputed. Only a
    /// number that nobody reaches by publishing is left behind.
    pub(super) fn next_sequence(&self, charter: u64) -> u64 {
        let begins_anew = charter > self.head.charter && self.head.sequence > MOST_AHEAD;
        let known = if begins_anew { 0 } else { self.head.sequence };
        known.saturating_add(STEP)
    }

    /// Takes over the number of another head, if readers order that one after ours: they refuse a head with a number that they know. A head of an
    /// earlier charter has no say in the numbers of this one.
    pub(super) fn outrank(&mut self, other: &Head) {
        if (other.charter, other.sequence) > (self.head.charter, self.head.sequence) {
            (self.head.charter, self.head.sequence) = (other.charter, other.sequence);
        }
    }

    /// Refuses a head whose number is so far ahead that nobody came to it by publishing.
    ///
    /// # Errors
    /// [`PublishError::HeadNumber`].
    pub(super) fn check_number(&self, other: &Head, statement: &Envelope, now: Timestamp) -> Result<(), PublishError> {
        let known = match other.charter.cmp(&self.head.charter) {
            std::cmp::Ordering::Less => return Ok(()),
            std::cmp::Ordering::Equal => self.head.sequence,
            std::cmp::Ordering::Greater => 0,
        };
        if other.sequence.saturating_sub(known) > MOST_AHEAD {
            return Err(PublishError::HeadNumber { key: self.signer(statement, other.charter, now) });
        }
        Ok(())
    }

    /// Why the folder's own head has no next number: who signed it.
    pub(super) fn number_spent(&self, now: Timestamp) -> PublishError {
        let bytes = self.files.read(HEAD, DocumentKind::Head.max_envelope() as u64).ok().flatten();
        let statement = bytes.and_then(|bytes| Envelope::parse(&bytes, DocumentKind::Head).ok());
        let own = fingerprint(&self.keys.routine.public());
        let key = statement.map_or(own, |statement| self.signer(&statement, self.head.charter, now));
        PublishError::HeadNumber { key }
    }

    fn signer(&self, statement: &Envelope, charter: u64, now: Timestamp) -> KeyFingerprint {
        let named = self.chain.charter(charter).map_or(&[][..], |named| &named.routine);
        let mut keys = self.chain.in_force(now).routine.clone();
        keys.extend(named);
        let signer = statement.signers(&keys).first().map(fingerprint);
        signer.unwrap_or_else(|| fingerprint(&self.keys.routine.public()))
    }
}

/// A head has two numbers: the first one is of the same head without the newest.
const STEP: u64 = 2;

/// How far a head may be ahead of the known one: a publication every second for 68 years. A thief who adds this much each time has to be
/// taken in two million times before the numbers end.
pub(super) const MOST_AHEAD: u64 = 1 << 32;
