//! Where a community moved. A move counts if both sides sign it: the old charter names the new community, and the new one
//! names the old.
//!
//! Readers follow by themselves only if at least two people had to agree, and after a time in which the others can object.
//! One captured admin of a community with a single key can sign both sides, so there the reader is asked. Such a key can also name several
//! keys of its thief first and let these move. So every charter counts from the one on that this reader had known for a week
//! when it saw the move, or from the first one.

use jiff::Timestamp;

use super::moment::after;
use super::{Chain, Charter, Digest, PublicKey, Successor};
use crate::community::TrustState;

/// How a community and the one that should continue it are related.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Succession {
    /// Both sides sign it.
    TwoSided {
        /// When a reader follows.
        follow: Follow,
        /// Whose keys changed.
        signers: SignerChange,
    },
    /// Only the old community names the new one.
    OldSideOnly,
    /// Only the new community names the old one. Anyone can found such a community.
    NewSideOnly,
    /// One of the two is disputed.
    Disputed,
    /// Neither names the other.
    None,
}

/// When a reader follows a move that both sides sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// By itself, from this time on.
    ByItself {
        /// The end of the waiting time.
        at: Timestamp,
    },
    /// After the user's yes: one key was enough to sign the old side.
    Asked,
}

/// The root keys of both communities, compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignerChange {
    /// The keys in both.
    pub stayed: Vec<PublicKey>,
    /// The keys in the old community alone.
    pub left: Vec<PublicKey>,
    /// The keys in the new community alone.
    pub joined: Vec<PublicKey>,
}

/// What the old side alone says of its move: the successor, and when a reader follows if the successor agrees. `None` if no
/// successor is named.
pub fn old_side(old: &Chain, now: Timestamp) -> Option<(&Successor, Follow)> {
    let charter = old.in_force(now);
    let successor = charter.successor.as_ref()?;
    let first = first_named(old, charter).unwrap_or(charter.version);
    let settled = old.settled_before(first, SUCCESSION_WAIT);
    let several = (settled..=charter.version)
        .all(|version| old.charter(version).is_some_and(|charter| charter.root.threshold > 1));
    let follow = match old.counts_from(first) {
        Some(seen) if several => Follow::ByItself { at: after(seen, SUCCESSION_WAIT) },
        _ => Follow::Asked,
    };
    Some((successor, follow))
}

/// The time that the first charter which names the present successor states.
pub fn named_at(old: &Chain, now: Timestamp) -> Option<Timestamp> {
    let charter = old.in_force(now);
    Some(old.charter(first_named(old, charter)?)?.issued)
}

/// The number of the first charter that names the successor which this one names. The id alone is compared: another home of the
/// same community changes nothing.
fn first_named(old: &Chain, charter: &Charter) -> Option<u64> {
    let community = charter.successor.as_ref()?.community;
    let named = |version| Some(old.charter(version)?.successor.as_ref()?.community);
    let named_in = (1..=charter.version).rev().take_while(|version| named(*version) == Some(community));
    named_in.last()
}

/// The root keys with which those of a successor are compared: of the charter that this reader knew before the move, not of one that came with it.
pub(super) fn keys_before_move(old: &Chain, now: Timestamp) -> &[PublicKey] {
    let charter = old.in_force(now);
    let Some(first) = first_named(old, charter) else { return &charter.root.keys };
    let settled = old.charter(old.settled_before(first, SUCCESSION_WAIT));
    &settled.unwrap_or(charter).root.keys
}

/// How `new` is related to `old`.
pub fn succession(old: &Chain, new: &Chain, now: Timestamp) -> Succession {
    let (before, next) = (old.in_force(now), new.in_force(now));
    let old_names = before.successor.as_ref().is_some_and(|successor| successor.community == new.id());
    let new_names = next.predecessor == Some(old.id());
    match (old_names, new_names) {
        _ if old.id() == new.id() => Succession::None,
        (true, true) if old.dispute().is_some() || new.dispute().is_some() => Succession::Disputed,
        (true, true) => {
            let follow = old_side(old, now).map_or(Follow::Asked, |(_, follow)| follow);
            Succession::TwoSided { follow, signers: SignerChange::of(keys_before_move(old, now), &next.root.keys) }
        }
        (true, false) => Succession::OldSideOnly,
        (false, true) => Succession::NewSideOnly,
        (false, false) => Succession::None,
    }
}

impl Succession {
    /// What a reader may believe of the new community before it has moved.
    pub fn is_more_than_a_claim(&self) -> bool {
        matches!(self, Succession::TwoSided { .. })
    }

    /// The state in which a new community is shown that is no more than a claim. `None` if both sides sign the move.
    pub fn claim(&self) -> Option<TrustState> {
        (!self.is_more_than_a_claim()).then_some(TrustState::Claimed)
    }
}

impl SignerChange {
    pub(super) fn of(old: &[PublicKey], new: &[PublicKey]) -> Self {
        let only = |these: &[PublicKey], others: &[PublicKey]| {
            these.iter().filter(|key| !others.contains(key)).copied().collect()
        };
        let stayed = old.iter().filter(|key| new.contains(key)).copied().collect();
        Self { stayed, left: only(old, new), joined: only(new, old) }
    }
}

/// The end of a walk from community to successor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The communities, from the first to the last that may be followed.
    pub path: Vec<Digest>,
    /// Why the walk went no further.
    pub end: WalkEnd,
}

/// Why a walk from successor to successor ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WalkEnd {
    /// The last community names no successor.
    Newest,
    /// The next step is not signed by both sides, or the user must be asked, or its waiting time is not over.
    NotFollowed,
    /// The next community was passed already.
    Loop,
    /// There are more steps than [`MAX_MOVES`].
    TooLong,
}

codes! {
    WalkEnd {
        Newest = "newest",
        NotFollowed = "not_followed",
        Loop = "loop",
        TooLong = "too_long",
    }
}

/// Follows successors, as far as a reader may by itself. `chain` gives the chain of a community, if it is known.
pub fn walk<'a>(start: &'a Chain, now: Timestamp, chain: impl Fn(&Digest) -> Option<&'a Chain>) -> Walk {
    let mut path = vec![start.id()];
    let mut here = start;
    let end = loop {
        let Some(next) = here.in_force(now).successor.as_ref().map(|successor| successor.community) else {
            break WalkEnd::Newest;
        };
        if path.contains(&next) {
            break WalkEnd::Loop;
        }
        if path.len() > MAX_MOVES {
            break WalkEnd::TooLong;
        }
        let Some(there) = chain(&next) else { break WalkEnd::NotFollowed };
        match succession(here, there, now) {
            Succession::TwoSided { follow: Follow::ByItself { at }, .. } if at <= now => {}
            _ => break WalkEnd::NotFollowed,
        }
        path.push(next);
        here = there;
    };
    Walk { path, end }
}

/// The most moves that are followed at once. A community that moved more often is looked at by a person.
pub const MAX_MOVES: usize = 16;

/// A week, in seconds: time for the other admins to say that a move is forced.
pub const SUCCESSION_WAIT: i64 = 7 * 86_400;
