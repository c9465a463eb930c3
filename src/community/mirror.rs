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
    /// It has the newest state that was seen.
    Current,
    /// It has an older state than another home: it was not updated yet, or it withholds what is new.
    Behind,
    /// It gave an older state than it had given before.
    RolledBack,
    /// It does not give a file that the community's newest statement names, or only a part of it.
    Withholds,
    /// It gave the community's newest statement, and failed to give a file that the statement names: it answered with an error, or
    /// the file was cut short, too slow or too large. That proves no intent.
    Incomplete,
    /// It sent the reader to another site. No other site is contacted on the word of a home.
    Redirects,
    /// It gave something other than what the community signed.
    Tampered,
    /// It gave a statement that is signed and contradicts another one that is signed.
    Contradicts,
    /// It answers that it has no such files.
    Gone,
    /// It answered with an error other than that it has no such files.
    Failing,
    /// Something answered in its name, in cleartext, and what came proves nothing.
    Unvouched,
    /// It was not reached.
    Unreached,
    /// It had not answered when the others had, and was not waited for.
    Slow,
    /// It was not contacted: nothing that is allowed leads there. A host that only a charter names is never contacted
    /// directly.
    NotAsked,
    /// It was not tried: enough other homes answered.
    Untried,
}

codes! {
    MirrorState {
        Current = "current",
        Behind = "behind",
        RolledBack = "rolled_back",
        Withholds = "withholds",
        Incomplete = "incomplete",
        Redirects = "redirects",
        Tampered = "tampered",
        Contradicts = "contradicts",
        Gone = "gone",
        Failing = "failing",
        Unvouched = "unvouched",
        Unreached = "unreached",
        Slow = "slow",
        NotAsked = "not_asked",
        Untried = "untried",
    }
}

impl MirrorState {
    /// Whether the home gave a statement that the community signed.
    pub(crate) fn was_read(self) -> bool {
        matches!(
            self,
            MirrorState::Current
                | MirrorState::Behind
                | MirrorState::RolledBack
                | MirrorState::Withholds
                | MirrorState::Incomplete
        )
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
