use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Home;

/// How one home of a signed community behaved when it was last asked.
///
/// A fault belongs to the home, and says nothing about the community: what the community signed is verified wherever it
/// comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MirrorState {
    /// It has the newest state that any home showed.
    Current,
    /// It has an older state than another home: it was not updated yet, or it withholds what is new.
    Behind,
    /// It gave an older state than it had given before.
    RolledBack,
    /// It does not give a file that the community's newest statement names, or only a part of it.
    Withholds,
    /// It gave something other than what the community signed.
    Tampered,
    /// It gave a statement that is signed and contradicts another one that is signed.
    Contradicts,
    /// It answers that it has no such files.
    Gone,
    /// It was not reached.
    Unreached,
    /// It had not answered when the others had, and was not waited for.
    Slow,
    /// It was not contacted: nothing that is allowed leads there. A host that only a charter names is never contacted
    /// directly.
    NotAsked,
}

codes! {
    MirrorState {
        Current = "current",
        Behind = "behind",
        RolledBack = "rolled_back",
        Withholds = "withholds",
        Tampered = "tampered",
        Contradicts = "contradicts",
        Gone = "gone",
        Unreached = "unreached",
        Slow = "slow",
        NotAsked = "not_asked",
    }
}

impl MirrorState {
    /// Whether the home gave a statement that the community signed.
    pub(crate) fn was_read(self) -> bool {
        matches!(self, MirrorState::Current | MirrorState::Behind | MirrorState::RolledBack | MirrorState::Withholds)
    }

    /// Whether the home itself did something that a faithful mirror does not do.
    pub fn is_fault(self) -> bool {
        matches!(
            self,
            MirrorState::RolledBack | MirrorState::Withholds | MirrorState::Tampered | MirrorState::Contradicts
        )
    }
}

/// One home of a signed community, and how it behaved.
///
/// `Debug` is redacted.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MirrorStanding {
    /// The address.
    pub home: Home,
    /// How it behaved.
    pub state: MirrorState,
    /// When it was last asked.
    pub at: Timestamp,
}

impl MirrorStanding {
    /// What a home was at a time.
    pub(crate) fn new(home: Home, state: MirrorState, at: Timestamp) -> Self {
        Self { home, state, at }
    }
}

impl fmt::Debug for MirrorStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { home: _, state, at } = self;
        f.debug_struct("MirrorStanding").field("state", state).field("at", at).finish_non_exhaustive()
    }
}
