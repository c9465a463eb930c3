//! What came of a sync.

use std::time::{Duration, SystemTime};

use crate::changes::Changes;
use crate::configuration::Language;
use crate::errors::Fault;
use crate::evidence::Reachability;
use crate::numbers::{number, time};
use crate::opened::Note;

/// What came of one community of a sync.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum SyncOutcome {
    /// It was read.
    Done {
        /// How.
        reachability: Reachability,
    },
    /// It was not.
    Failed {
        /// Why.
        fault: Fault,
        /// How far it came.
        reachability: Option<Reachability>,
    },
    /// The time or the allowance ended before its turn.
    Left,
    /// Its site asks not to be asked again before this time. Nothing was sent. A refresh does not wait.
    NotYet {
        /// Before this time it is not asked.
        until: SystemTime,
    },
}

/// One community of a sync.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct SyncedCommunity {
    /// Its id.
    pub id: String,
    /// What came of it.
    pub outcome: SyncOutcome,
    /// What has changed since it was last kept, even if it was not read to its end.
    pub changes: Changes,
    /// What could not be read or kept of it.
    pub notes: Vec<Note>,
}

/// What came of a sync.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Synced {
    /// Each community that was asked for, once, in the order in which they were to be read.
    pub communities: Vec<SyncedCommunity>,
    /// Bytes of answers.
    pub bytes: i64,
    /// How long it took.
    pub took: Duration,
}

impl Synced {
    pub(crate) fn of(core: byway::Synced, language: Language) -> Self {
        let community = |core: byway::SyncedCommunity| SyncedCommunity {
            id: core.id.to_string(),
            outcome: match core.outcome {
                byway::SyncOutcome::Done { reachability } => {
                    SyncOutcome::Done { reachability: Reachability::of(&reachability, language) }
                }
                byway::SyncOutcome::Failed { fault, reachability } => SyncOutcome::Failed {
                    fault: fault.details(language.into()).into(),
                    reachability: reachability.map(|core| Reachability::of(&core, language)),
                },
                byway::SyncOutcome::NotYet { until } => SyncOutcome::NotYet { until: time(until) },
                _ => SyncOutcome::Left,
            },
            changes: core.changes.into(),
            notes: core.notes.iter().map(|note| Note::of(note, language)).collect(),
        };
        Self {
            communities: core.communities.into_iter().map(community).collect(),
            bytes: number(core.bytes),
            took: core.took,
        }
    }
}
