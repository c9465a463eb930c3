//! Which events belong to a community: those that name it, by authors that its charters allow, dated within its life.
//!
//! No rule asks the device's clock. "In the future" means after the community's own newest statement, so a clock that is
//! wrong hides nothing.

use jiff::Timestamp;

use super::event::EventError;
use super::key::RecentKeys;
use super::moment::after;
use super::{Chain, Charter, EventKind, Freeze, Head, PublicKey, SignedEvent};

/// The rules for the content of one community at one time.
#[derive(Clone, Copy, Debug)]
pub struct Admission<'a> {
    chain: &'a Chain,
    now: Timestamp,
    horizon: Timestamp,
    freeze: Option<Timestamp>,
}

/// As what the author of an event speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The community itself.
    Community,
    /// A moderator.
    Moderator,
    /// A member.
    Member,
}

impl Role {
    /// Returns `true` if the author may delete what others published.
    pub fn may_delete_others(self) -> bool {
        matches!(self, Role::Community | Role::Moderator)
    }
}

impl<'a> Admission<'a> {
    /// The rules, by a community's charters and its newest head.
    pub fn new(chain: &'a Chain, head: &Head, freeze: Option<&Freeze>, now: Timestamp) -> Self {
        Self { chain, now, horizon: after(head.issued, TOLERANCE), freeze: freeze.map(|freeze| freeze.after) }
    }

    /// Verifies one line of a file.
    ///
    /// What costs least is asked first: the line of a stranger is refused before its signature is computed.
    ///
    /// # Errors
    /// See [`EventError`].
    pub fn admit(&self, line: &[u8]) -> Result<(SignedEvent, Role), EventError> {
        self.admit_one_of(line, &mut RecentKeys::default())
    }

    /// Verifies one line of many, as [`Admission::admit`] does.
    pub(super) fn admit_one_of(&self, line: &[u8], keys: &mut RecentKeys) -> Result<(SignedEvent, Role), EventError> {
        let event = SignedEvent::parse_one_of(line, keys)?;
        if event.created() > self.horizon {
            return Err(EventError::Future);
        }
        if self.freeze.is_some_and(|after| event.created() > after) {
            return Err(EventError::Frozen);
        }
        if !self.names_community(&event) {
            return Err(EventError::OtherCommunity);
        }
        let role = self.role(event.author(), event.kind(), event.created())?;
        if event.is_signed() { Ok((event, role)) } else { Err(EventError::Signature) }
    }

    /// A tag `i` or `I` (NIP-22, NIP-73) is the community's id. A key that posts in two communities would otherwise let
    /// anyone carry its posts from one to the other.
    fn names_community(&self, event: &SignedEvent) -> bool {
        let names = |value: &str| value.strip_prefix(super::COMMUNITY_SCHEME).and_then(|id| id.parse().ok());
        let mut named = event.tags("i").chain(event.tags("I")).filter_map(|values| names(values.first()?));
        named.any(|id: super::Digest| id == self.chain.id())
    }

    /// The charter that was in force when the event was made decides, and the newest one's bans.
    fn role(&self, author: PublicKey, kind: EventKind, created: Timestamp) -> Result<Role, EventError> {
        if self.chain.in_force(self.now).banned.iter().any(|ban| ban.key == author && ban.since <= created) {
            return Err(EventError::Banned);
        }
        self.chain.at_time(created, self.now).role_of(author, kind).ok_or(EventError::NotAllowed)
    }
}

impl Charter {
    /// As what this key speaks in an event of this kind, if it may. Bans are looked at elsewhere.
    pub fn role_of(&self, author: PublicKey, kind: EventKind) -> Option<Role> {
        if self.authors.contains(&author) {
            return Some(Role::Community);
        }
        if self.moderators.contains(&author) {
            return Some(Role::Moderator);
        }
        let is_of_members = matches!(kind, EventKind::Note | EventKind::Comment | EventKind::Deletion);
        (self.members_may_post && is_of_members).then_some(Role::Member)
    }
}

/// A day, in seconds: the clocks of the author and of the signer of the head may differ.
const TOLERANCE: i64 = 86_400;
