//! The deletions of one reading. Their number is bounded, and so is the work for each: a member may publish as many as a file
//! holds.

use std::collections::HashMap;
use std::hash::Hash;

use jiff::Timestamp;

use super::event::is_identifier;
use super::{Digest, EventKind, PublicKey, Role};

/// The deletions that count, by what they delete. Of several for one target one is kept, so that the order in which they are
/// read does not matter.
#[derive(Debug, Default)]
pub(super) struct Deletions {
    /// Of single events (tags `e`), by those who may delete others: the earliest.
    pub(super) of_events: HashMap<Digest, Timestamp>,
    /// Of single events by a member, each with its author: the earliest. It counts only for the author's own events.
    by_members: HashMap<(Digest, [u8; 32]), Timestamp>,
    /// Of items by their names (tags `a`), by those who may delete them: the latest, because it applies to all versions until
    /// then.
    pub(super) of_items: HashMap<String, Timestamp>,
    /// How many targets members have named, and how many those who may delete others: the one cannot crowd out the other.
    members: usize,
    others: usize,
    /// How many were left out because there were more than [`MAX_TARGETS`].
    pub(super) left_out: usize,
}

impl Deletions {
    pub(super) fn add_event(&mut self, id: Digest, by: PublicKey, role: Role, at: Timestamp) {
        let is_kept = if role.may_delete_others() {
            add(&mut self.of_events, id, at, Timestamp::min, &mut self.others)
        } else {
            add(&mut self.by_members, (id, by.to_bytes()), at, Timestamp::min, &mut self.members)
        };
        self.left_out += usize::from(!is_kept);
    }

    pub(super) fn add_item(&mut self, item: String, role: Role, at: Timestamp) {
        let count = if role.may_delete_others() { &mut self.others } else { &mut self.members };
        let is_kept = add(&mut self.of_items, item, at, Timestamp::max, count);
        self.left_out += usize::from(!is_kept);
    }

    /// The earliest deletion that counts for this event of this author.
    pub(super) fn of_event(&self, id: &Digest, author: [u8; 32]) -> Option<Timestamp> {
        self.of_events.get(id).into_iter().chain(self.by_members.get(&(*id, author))).min().copied()
    }
}

/// Adds a deletion. `false` if there is no room for another target.
fn add<K: Eq + Hash>(
    deletions: &mut HashMap<K, Timestamp>,
    target: K,
    at: Timestamp,
    of_two: fn(Timestamp, Timestamp) -> Timestamp,
    targets: &mut usize,
) -> bool {
    if let Some(known) = deletions.get_mut(&target) {
        *known = of_two(*known, at);
        return true;
    }
    let has_room = *targets < MAX_TARGETS;
    if has_room {
        *targets += 1;
        deletions.insert(target, at);
    }
    has_room
}

/// The kind and the author in the name of an item that can be replaced (`KIND:PUBKEY:D`). `None` for what names no such item.
pub(super) fn replaceable(named: &str) -> Option<(EventKind, PublicKey)> {
    let (kind, rest) = named.split_once(':')?;
    let (author, identifier) = rest.split_once(':')?;
    let number = kind.parse().ok().filter(|number: &u64| number.to_string() == kind)?;
    let kind = EventKind::from_number(number).filter(|kind| kind.is_replaceable())?;
    is_identifier(identifier).then_some((kind, author.parse().ok()?))
}

/// The most targets of one reading, of members and of others each: as many as a community deletes in years. A target takes about
/// a hundred bytes.
const MAX_TARGETS: usize = 20_000;
