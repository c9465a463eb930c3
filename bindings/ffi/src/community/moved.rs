//! A move from one community to another, and what is signed of it.

use std::time::SystemTime;

use super::home::Home;
use crate::numbers::{length, number, time};

mirror! {
    /// How a community that is shown is related to the one from which it was reached, or to the one that it names.
    MoveKind of byway::MoveKind, else Disputed {
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
}

/// A move from one community to another, and what is signed of it. Before the user decides, show both fingerprints: they
/// are compared with what is printed or known of the group.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Move {
    /// What is signed of it, and what was done.
    pub kind: MoveKind,
    /// The id of the old community.
    pub from: String,
    /// The id of the new one; absent if a page names it that signs nothing, and it was not read.
    pub to: Option<String>,
    /// The address at which the new one was read, else the first that is named; absent if none is.
    pub home: Option<Home>,
    /// All addresses at which the new one may be read, at most four. A yes is for these.
    pub homes: Vec<String>,
    /// The fingerprint of the old community's root keys, in groups that people compare.
    pub from_keys: Option<String>,
    /// The fingerprint of the new community's root keys, if its charters are known.
    pub to_keys: Option<String>,
    /// The time from which on the move is followed, if it waits.
    pub until: Option<SystemTime>,
    /// The time that the old community's charter which names the new one states, if its charters are known.
    pub at: Option<SystemTime>,
    /// How many root keys are in both communities.
    pub stayed: i64,
    /// How many root keys are in the old one alone.
    pub left: i64,
    /// How many root keys are in the new one alone.
    pub joined: i64,
    /// The fingerprints of the root keys that are in both communities.
    pub stayed_keys: Vec<String>,
    /// Those of the keys that are in the old one alone.
    pub left_keys: Vec<String>,
    /// Those of the keys that are in the new one alone.
    pub joined_keys: Vec<String>,
    /// How many members the old community's page stated when it was read last, if both pages state some.
    pub from_members: Option<i64>,
    /// How many the new one's states, if both do.
    pub to_members: Option<i64>,
}

impl From<&byway::Move> for Move {
    fn from(core: &byway::Move) -> Self {
        Self {
            kind: core.kind.into(),
            from: core.from.to_string(),
            to: core.to.as_ref().map(ToString::to_string),
            home: core.home.clone().map(Into::into),
            homes: core.homes.iter().map(ToString::to_string).collect(),
            from_keys: core.from_keys.map(|keys| keys.to_string()),
            to_keys: core.to_keys.map(|keys| keys.to_string()),
            until: core.until.map(time),
            at: core.at.map(time),
            stayed: length(core.stayed),
            left: length(core.left),
            joined: length(core.joined),
            stayed_keys: texts(&core.stayed_keys),
            left_keys: texts(&core.left_keys),
            joined_keys: texts(&core.joined_keys),
            from_members: core.from_members.map(number),
            to_members: core.to_members.map(number),
        }
    }
}

fn texts(keys: &[byway::KeyFingerprint]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}
