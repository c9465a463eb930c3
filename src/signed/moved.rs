use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::succession::keys_before_move;
use super::{Chain, KeyFingerprint, SignerChange, named_at};
use crate::community::{CommunityId, Home};

/// How a community that is shown is related to the one from which it was reached, or to the one that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MoveKind {
    /// Both sides sign the move, and it was followed: the successor is shown.
    Moved,
    /// The user asked to follow, and the two sides do not both sign the move: the claimed successor is shown.
    OnYourWord,
    /// Both sides sign the move of the community that is shown, and it is followed: its successor is another one that is kept.
    MovedOn,
    /// The user asked to follow the community that is shown, and the two sides do not both sign the move.
    LeftOnYourWord,
    /// Several keys of the old community sign the move. It is followed after a waiting time.
    Waits,
    /// One key was enough to name the successor, so the user is asked.
    Asked,
    /// The move would be followed, but the successor was not read: no permitted route led there.
    Unread,
    /// The named successor does not name the community.
    OneSided,
    /// A page that signs nothing names the successor.
    Claimed,
    /// One of the two communities is disputed.
    Disputed,
    /// The user asked to stay.
    Declined,
    /// The next successor was passed already.
    Loop,
    /// There are more moves than are followed at once.
    TooLong,
    /// The community that is shown continues one that is kept, and both sides sign that.
    Continues,
    /// The community that is shown says that it continues one that is kept, which does not say so.
    ClaimsToContinue,
    /// The community that is shown says that it continues one of which nothing is kept.
    ContinuesUnknown,
}

codes! {
    MoveKind {
        Moved = "moved",
        OnYourWord = "moved_on_your_word",
        MovedOn = "moved_on",
        LeftOnYourWord = "left_on_your_word",
        Waits = "move_waits",
        Asked = "move_asked",
        Unread = "move_unread",
        OneSided = "move_one_sided",
        Claimed = "move_claimed",
        Disputed = "move_disputed",
        Declined = "move_declined",
        Loop = "move_loop",
        TooLong = "move_too_long",
        Continues = "continues",
        ClaimsToContinue = "continues_claimed",
        ContinuesUnknown = "continues_unknown",
    }
}

/// A move from one community to another, and what is signed of it.
///
/// It serialises as an object with its `code` and its fields. `Debug` is redacted.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Move {
    /// What is signed of it, and what was done.
    #[serde(rename = "code", serialize_with = "as_code")]
    pub kind: MoveKind,
    /// The old community.
    pub from: CommunityId,
    /// The new one. `None` if a page names it that signs nothing, and it was not read.
    pub to: Option<CommunityId>,
    /// The address at which the new one was read, else the first that is named; `None` if none is.
    pub home: Option<Home>,
    /// All addresses at which the new one may be read, at most four. A yes is for these.
    pub homes: Vec<Home>,
    /// The fingerprint of the old community's root keys as this reader knew them before the move.
    #[serde(serialize_with = "as_text")]
    pub from_keys: Option<KeyFingerprint>,
    /// The fingerprint of the new community's root keys, if its charters are known.
    #[serde(serialize_with = "as_text")]
    pub to_keys: Option<KeyFingerprint>,
    /// The time from which on the move is followed ([`MoveKind::Waits`]).
    pub until: Option<Timestamp>,
    /// The time that the old community's charter which names the new one states, if its charters are known.
    pub at: Option<Timestamp>,
    /// How many root keys are in both communities.
    pub stayed: usize,
    /// How many root keys are in the old one alone.
    pub left: usize,
    /// How many root keys are in the new one alone.
    pub joined: usize,
    /// The fingerprints of the root keys that are in both communities.
    #[serde(serialize_with = "as_texts")]
    pub stayed_keys: Vec<KeyFingerprint>,
    /// Those of the keys that are in the old one alone.
    #[serde(serialize_with = "as_texts")]
    pub left_keys: Vec<KeyFingerprint>,
    /// Those of the keys that are in the new one alone.
    #[serde(serialize_with = "as_texts")]
    pub joined_keys: Vec<KeyFingerprint>,
    /// How many members the old community's page stated when it was read last, if it stated any.
    pub from_members: Option<u64>,
    /// How many the new one's states, if the two are known.
    pub to_members: Option<u64>,
}

impl Move {
    /// A move of which nothing else is known. An app that shows moves gives back the one that it showed; this is for a layer that
    /// keeps the values of one in a form of its own.
    pub fn new(kind: MoveKind, from: CommunityId, to: Option<CommunityId>) -> Self {
        let (home, homes, from_keys, to_keys, until, at) = (None, Vec::new(), None, None, None, None);
        let (stayed_keys, left_keys, joined_keys) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            kind,
            from,
            to,
            home,
            homes,
            from_keys,
            to_keys,
            until,
            at,
            stayed: 0,
            left: 0,
            joined: 0,
            stayed_keys,
            left_keys,
            joined_keys,
            from_members: None,
            to_members: None,
        }
    }

    /// The same to a community that is read at these addresses.
    pub(crate) fn at_homes(self, homes: Vec<Home>) -> Self {
        Self { home: homes.first().cloned(), homes, ..self }
    }

    /// Whether a yes to this move is one to the move that is named now: to the same community, to no other address, and with the
    /// keys that were shown. Keys that were not shown, or are not known now, are not compared.
    pub(crate) fn covers(&self, named: &Move) -> bool {
        let is_shown = |home: &Home| self.home.as_ref() == Some(home) || self.homes.contains(home);
        let same = |shown: Option<KeyFingerprint>, now: Option<KeyFingerprint>| match (shown, now) {
            (Some(shown), Some(now)) => shown == now,
            _ => true,
        };
        self.is_to_successor_of(named)
            && named.homes.iter().all(is_shown)
            && same(self.from_keys, named.from_keys)
            && same(self.to_keys, named.to_keys)
    }

    /// Whether this move is to the same community as the one that is named now. What signs nothing names an address alone.
    pub(crate) fn is_to_successor_of(&self, named: &Move) -> bool {
        let is_same = match (&self.to, &named.to) {
            (Some(shown), Some(now)) => shown == now,
            (None, Some(_)) => !named.from.is_signed(),
            (_, None) => named.homes.iter().any(|home| self.home.as_ref() == Some(home) || self.homes.contains(home)),
        };
        self.from == named.from && is_same
    }

    /// The same with the keys of both communities, as far as their charters are known: of the old one those that this reader knew before the
    /// move, of the new one those that count now.
    pub(crate) fn with_keys(self, old: Option<&Chain>, new: Option<&Chain>, now: Timestamp) -> Self {
        let at = old.and_then(|old| named_at(old, now));
        let old = old.map(|chain| keys_before_move(chain, now).to_vec());
        let new = new.map(|chain| chain.in_force(now).root.keys.clone());
        let print = |keys: &Vec<super::PublicKey>| KeyFingerprint::of(keys.iter().map(|key| key.to_bytes()));
        let (from_keys, to_keys) = (old.as_ref().map(print), new.as_ref().map(print));
        let change = old.zip(new).map(|(old, new)| SignerChange::of(&old, &new)).unwrap_or_default();
        let SignerChange { stayed, left, joined } = change;
        let prints = |keys: &[super::PublicKey]| -> Vec<KeyFingerprint> {
            keys.iter().map(|key| KeyFingerprint::of([key.to_bytes()])).collect()
        };
        let (stayed_keys, left_keys, joined_keys) = (prints(&stayed), prints(&left), prints(&joined));
        let (stayed, left, joined) = (stayed.len(), left.len(), joined.len());
        Self { from_keys, to_keys, stayed, left, joined, stayed_keys, left_keys, joined_keys, at, ..self }
    }

    /// The same with the numbers of members that both pages state. One alone says nothing of the move.
    pub(crate) fn with_members(self, from: Option<u64>, to: Option<u64>) -> Self {
        let (from_members, to_members) = from.zip(to).unzip();
        Self { from_members, to_members, ..self }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl fmt::Debug for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, until, at, stayed, left, joined, .. } = self;
        let mut shown = f.debug_struct("Move");
        shown.field("kind", kind).field("until", until).field("at", at);
        shown.field("stayed", stayed).field("left", left).field("joined", joined).finish_non_exhaustive()
    }
}

fn as_code<S: serde::Serializer>(kind: &MoveKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.code())
}

fn as_texts<S: serde::Serializer>(keys: &[KeyFingerprint], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(keys.iter().map(ToString::to_string))
}

fn as_text<S: serde::Serializer>(keys: &Option<KeyFingerprint>, serializer: S) -> Result<S::Ok, S::Error> {
    match keys {
        Some(keys) => serializer.collect_str(keys),
        None => serializer.serialize_none(),
    }
}
