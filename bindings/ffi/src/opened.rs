//! A community as it was opened.

use std::time::{Duration, SystemTime};

use crate::changes::Changes;
use crate::community::{Community, Event, Move, Post};
use crate::configuration::{Exposure, Language};
use crate::errors::Fault;
use crate::evidence::Reachability;
use crate::mirrors::HomeAccess;
use crate::numbers::time;
use crate::trust::Trust;

mirror! {
    /// Where content comes from.
    ReadFrom of byway::ReadFrom, else Network {
        /// The content was read just now.
        Network,
        /// The content was read earlier, and kept.
        Store,
    }
}

/// Something that could not be read or kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Note {
    /// The stable code.
    pub code: String,
    /// What it says, in the client's language.
    pub text: String,
    /// The move that it tells of, if it tells of one. The notes of a reading name each move that was followed, in the
    /// order in which they were.
    pub moved: Option<Move>,
}

impl Note {
    pub(crate) fn of(core: &byway::Note, language: Language) -> Self {
        let moved = match core {
            byway::Note::Move(moved) => Some(moved.into()),
            _ => None,
        };
        Self { code: core.code().to_owned(), text: core.sentence(language.into()), moved }
    }
}

/// A community as it was read.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Opened {
    /// The community. After a move that both sides signed, or that the user followed, this is the successor; the notes
    /// say so.
    pub community: Community,
    /// The posts, newest first.
    pub posts: Vec<Post>,
    /// The events, by their start.
    pub events: Vec<Event>,
    /// What has changed since it was last kept. Empty if nothing was read or kept.
    pub changes: Changes,
    /// How it was reached; if the content comes from the store, why it was not reached. Without attempts: nothing was
    /// sent.
    pub reachability: Reachability,
    /// Where the content comes from.
    pub source: ReadFrom,
    /// When it was read from its source.
    pub synced_at: SystemTime,
    /// How long ago that was. Zero for what was read just now; absent if that time is ahead of this device's clock.
    pub age: Option<Duration>,
    /// The exposure with which it was asked for, and must be asked for from now on.
    pub exposure: Exposure,
    /// What may be believed of the content: signed by the community, copied by somebody, or unsigned.
    pub trust: Trust,
    /// How each home of a signed community was reached, and how it behaved. Empty for other communities, and if nothing was asked.
    pub homes: Vec<HomeAccess>,
    /// What could not be read or kept of it.
    pub notes: Vec<Note>,
    /// It was not read to its end: the time or the allowance was used up.
    pub truncated: bool,
    /// Why the content comes from the store; absent if it does not, if only the store was asked, or if its platform
    /// says that it is gone.
    pub fault: Option<Fault>,
}

impl Opened {
    pub(crate) fn of(core: byway::Opened, language: Language) -> Self {
        Self {
            trust: Trust::of(core.trust(), language),
            community: core.community.into(),
            posts: core.posts.into_iter().map(Into::into).collect(),
            events: core.events.into_iter().map(Into::into).collect(),
            changes: core.changes.into(),
            reachability: Reachability::of(&core.reachability, language),
            source: core.source.into(),
            synced_at: time(core.synced_at),
            age: core.age,
            exposure: core.exposure.into(),
            homes: core.homes.into_iter().map(|home| HomeAccess::of(home, language)).collect(),
            notes: core.notes.iter().map(|note| Note::of(note, language)).collect(),
            truncated: core.truncated,
            fault: core.fault.map(|fault| fault.details(language.into()).into()),
        }
    }
}
