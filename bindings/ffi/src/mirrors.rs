//! How each home of a signed community behaved.

use std::time::SystemTime;

use byway::community as core_model;

use crate::community::Home;
use crate::configuration::Language;
use crate::evidence::Reachability;
use crate::numbers::time;

mirror! {
    /// How one home of a signed community behaved when it was last asked.
    MirrorState of core_model::MirrorState, else Unreached {
        /// It has the newest state that was seen.
        Current,
        /// It has an older state than another home: it was not updated yet, or it withholds what is new.
        Behind,
        /// It gave an older state than it had given before.
        RolledBack,
        /// It does not give a file that the community's newest statement names, or only a part of it.
        Withholds,
        /// It gave the newest statement, and failed to give a file that the statement names: it answered with an error, or
        /// the file was cut short, too slow or too large. That proves no intent.
        Incomplete,
        /// It sent the reader to another site, which was not contacted.
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
}

/// One home of a signed community, and how it behaved. A fault of a home says nothing about the community.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct MirrorStanding {
    /// The address.
    pub home: Home,
    /// How it behaved.
    pub state: MirrorState,
    /// The home itself did something that a faithful mirror does not do.
    pub is_fault: bool,
    /// What it says, in the client's language.
    pub text: String,
    /// When it was last asked.
    pub at: SystemTime,
}

impl MirrorStanding {
    pub(crate) fn of(core: core_model::MirrorStanding, language: Language) -> Self {
        Self {
            state: core.state.into(),
            is_fault: core.state.is_fault(),
            text: core.state.sentence(language.into()),
            home: core.home.into(),
            at: time(core.at),
        }
    }
}

/// A home of a signed community in one reading.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct HomeAccess {
    /// The home, and how it behaved.
    pub standing: MirrorStanding,
    /// How it was reached, or why it was not. Absent for the home whose account is that of the whole reading, and if nothing was
    /// sent there.
    pub reachability: Option<Reachability>,
}

impl HomeAccess {
    pub(crate) fn of(core: byway::HomeAccess, language: Language) -> Self {
        Self {
            reachability: core.reachability.map(|reached| Reachability::of(&reached, language)),
            standing: MirrorStanding::of(core.standing, language),
        }
    }
}
