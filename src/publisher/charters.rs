//! Charters after the first: moves to another community, and other keys.

use jiff::{SignedDuration, Timestamp};

use super::community::{CHARTER_LIFETIME, Publisher, later, refused};
use super::error::PublishError;
use super::keys::CommunityKeys;
use super::mirror::charter_file;
use crate::signed::{Charter, CharterHome, CommunityLink, Digest, HomeKind, PublicKey, Successor, to_minute};

impl Publisher {
    /// Names the community that continues this one, with the mirrors of its link; `None` takes that back. The other one has
    /// to name this one too ([`Statement::continues`](super::Statement::continues)); then both sides sign the move. Where one key decides, readers are
    /// asked before they follow.
    ///
    /// # Errors
    /// [`PublishError::OtherKeys`] if the root key of these keys does not decide alone; [`PublishError::Refused`] if the link
    /// leads here or has no mirror; [`PublishError::Io`].
    pub fn move_to(&mut self, successor: Option<&CommunityLink>, now: Timestamp) -> Result<(), PublishError> {
        let mut charter = self.next_charter(now);
        charter.successor = match successor {
            Some(link) if link.id() == self.id() || link.mirrors().is_empty() => return Err(PublishError::Refused),
            Some(link) => {
                let homes = link.mirrors().iter().map(|url| CharterHome::new(HomeKind::Mirror, url.as_str())).collect();
                Some(Successor { community: Digest::from_bytes(*link.id().as_bytes()), homes })
            }
            None => None,
        };
        self.enact(&charter, None, now)
    }

    /// Replaces the keys: the next charter names the new ones, and the old and the new root key sign it. The id stays. From then
    /// on the old keys may do nothing more. What they published stays, and can be deleted but not edited.
    ///
    /// # Errors
    /// [`PublishError::OtherKeys`] if the root key of the old keys does not decide alone; [`PublishError::Io`].
    pub fn rotate(&mut self, new: CommunityKeys, now: Timestamp) -> Result<(), PublishError> {
        let mut charter = self.next_charter(now);
        let lists = [
            (&mut charter.root.keys, &self.keys.root, &new.root),
            (&mut charter.routine, &self.keys.routine, &new.routine),
            (&mut charter.authors, &self.keys.author, &new.author),
        ];
        for (keys, old, new) in lists {
            replace(keys, old.public(), new.public());
        }
        self.enact(&charter, Some(new), now)
    }

    /// The charter after the one in force, for changes. It is dated after everything that was published: whether an event
    /// counts is decided by the charter of its time, so a charter of the same minute could take away what the one before allowed.
    pub(super) fn next_charter(&self, now: Timestamp) -> Charter {
        let newest = self.events.iter().map(|(event, _)| event.created()).max();
        let after = newest.map_or(Timestamp::MIN, |newest| later(to_minute(newest), SignedDuration::from_mins(1)));
        let issued = to_minute(now).max(self.chain.in_force(now).issued).max(after);
        self.chain.in_force(now).next(self.chain.digest_in_force(now), issued, later(issued, CHARTER_LIFETIME))
    }

    /// Signs a charter, writes it, and states the newest state. With `new` keys both sign.
    pub(super) fn enact(
        &mut self,
        charter: &Charter,
        new: Option<CommunityKeys>,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        let signers = std::iter::once(&self.keys.root).chain(new.as_ref().map(|keys| &keys.root));
        let envelope = charter.seal(signers).map_err(refused)?;
        self.chain.extend(&envelope, now).map_err(|_| PublishError::OtherKeys)?;
        self.files.replace(&charter_file(charter.version), envelope.to_json().as_bytes())?;
        if let Some(new) = new {
            self.keys = new;
        }
        self.state(now)
    }
}

fn replace(keys: &mut [PublicKey], old: PublicKey, new: PublicKey) {
    keys.iter_mut().filter(|key| **key == old).for_each(|key| *key = new);
}
