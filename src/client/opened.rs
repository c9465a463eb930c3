//! A community as it was read, or why it was not.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::access_error::access_error;
use super::{LinkError, Note, Reachability};
use crate::community::{Community, Event, HomeError, Post};
use crate::errors::{ErrorKind, errors};
use crate::exposure::{Exposure, UnknownExposure};
use crate::sentences::{self, Language};
use crate::source::SourceError;
use crate::store::{Changes, StoreError};

/// A community as it was read.
///
/// It serialises in full, with the names in its reachability, for the app's own use. `Debug` is redacted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Opened {
    /// The community. A successor it names is a claim, not followed.
    pub community: Community,
    /// Newest first.
    pub posts: Vec<Post>,
    /// By start.
    pub events: Vec<Event>,
    /// What is different from what was kept before, to be notified of or to be marked in a list. Empty where nothing was read or kept.
    pub changes: Changes,
    /// How it was reached; where the content comes from the store, why not. Without attempts: nothing was sent.
    pub reachability: Reachability,
    /// Where the content comes from.
    pub source: ReadFrom,
    /// When it was read from its source. That its platform says that it is gone is no reading of it.
    pub synced_at: Timestamp,
    /// How long ago that was. Zero for what was read just now, and where the clock was set back.
    pub age: Duration,
    /// With which exposure it was asked for, and must be from now on.
    pub exposure: Exposure,
    /// What could not be read or kept of it.
    pub notes: Vec<Note>,
    /// It was not read to its end: the time or the allowance was used up.
    pub truncated: bool,
    /// Why it comes from the store. `None`: it does not, nothing else was asked for, or its platform says that it is
    /// gone and this is what was known ([`Community::state`]).
    pub fault: Option<OpenFault>,
}

impl fmt::Debug for Opened {
    /// How it went, and not what was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("posts", &self.posts.len())
            .field("events", &self.events.len())
            .field("changes", &self.changes)
            .field("reachability", &self.reachability)
            .field("source", &self.source)
            .field("exposure", &self.exposure)
            .field("notes", &self.notes.iter().map(Note::code).collect::<Vec<_>>())
            .field("truncated", &self.truncated)
            .field("fault", &self.fault.as_ref().map(OpenFault::code))
            .finish_non_exhaustive()
    }
}

/// Where content comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadFrom {
    /// It was read just now.
    Network,
    /// It was read earlier, and kept.
    Store,
}

codes! {
    ReadFrom {
        Network = "network",
        Store = "store",
    }
}

/// How to open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Who may learn of it, if fewer than the builder, the link and the store say.
    pub exposure: Exposure,
    /// Try direct ways this time, although a restriction or the community's access advice speaks against them. What the
    /// exposure forbids stays forbidden.
    pub allow_direct: bool,
    /// Send nothing: answer from the store, at once. An app that opens a screen asks so first, and with the network
    /// beside it: neither waits for the other.
    pub offline: bool,
    /// Try now, although this network was just found to let only a few addresses through (`whitelist_only`): nothing is
    /// dialled by itself for a while then, one minute at first and fifteen at most.
    pub ignore_pause: bool,
}

/// Why a community was not read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{fault}")]
#[non_exhaustive]
pub struct OpenError {
    /// Why.
    #[source]
    pub fault: OpenFault,
    pub(super) reachability: Option<Box<Reachability>>,
    pub(super) language: Language,
}

access_error!(OpenError of OpenFault from OpenFault);

errors! {
    OpenFault: |fault| match fault {
        OpenFault::Link(_) | OpenFault::UnsupportedHome | OpenFault::Exposure(_) => ErrorKind::Input,
        OpenFault::Source(error) => error.kind(),
        OpenFault::Store(error) => error.kind(),
        OpenFault::NotStored => ErrorKind::NotStored,
        OpenFault::StillReading => ErrorKind::Unreached,
    };
}

/// What kept a community from being read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenFault {
    /// The link is invalid. Nothing was contacted.
    #[error(transparent)]
    Link(#[from] HomeError),
    /// The link leads to a page of a kind that no source reads. Nothing was contacted.
    #[error("{}", sentences::unknown_kind(Language::En))]
    UnsupportedHome,
    /// The link carries an exposure that is not one. Nothing was contacted.
    #[error(transparent)]
    Exposure(#[from] UnknownExposure),
    /// The source read nothing.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store does not say with which exposure it may be read. Nothing was contacted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not kept on this device, and was asked for there only. Nothing was contacted.
    #[error("{}", sentences::not_stored(Language::En))]
    NotStored,
    /// Other readings of it took all the time that this call had, and nothing was contacted by it. Ask again.
    #[error("{}", sentences::still_read(Language::En))]
    StillReading,
}

impl OpenFault {
    /// The stable code: `link`, `not_stored`, or that of the [`SourceError`] or [`StoreError`].
    pub fn code(&self) -> &'static str {
        match self {
            OpenFault::Link(_) | OpenFault::Exposure(_) => "link",
            OpenFault::UnsupportedHome => "unsupported",
            OpenFault::Source(error) => error.code(),
            OpenFault::Store(error) => error.code(),
            OpenFault::NotStored => "not_stored",
            OpenFault::StillReading => "still_read",
        }
    }

    /// In one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            OpenFault::Link(error) => sentences::link(language, error),
            OpenFault::UnsupportedHome => sentences::unknown_kind(language).to_owned(),
            OpenFault::Exposure(_) => sentences::unknown_exposure(language).to_owned(),
            OpenFault::Source(error) => sentences::source(language, error),
            OpenFault::Store(error) => sentences::store(language, error),
            OpenFault::NotStored => sentences::not_stored(language).to_owned(),
            OpenFault::StillReading => sentences::still_read(language).to_owned(),
        }
    }
}

impl From<LinkError> for OpenFault {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Home(error) => OpenFault::Link(error),
            LinkError::Exposure(error) => OpenFault::Exposure(error),
        }
    }
}
