//! A community that was read, or why it was not read.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::access_error::access_error;
use super::home_access::HomeAccess;
use super::{LinkError, Note, Reachability};
use crate::community::{self, Community, Event, HomeError, Post, Trust, TrustState};
use crate::errors::{ErrorKind, errors};
use crate::exposure::{Exposure, UnknownExposure};
use crate::sentences::{self, Language};
use crate::signed::{BundleError, CommunityLinkError, FolderError};
use crate::source::{SourceError, SourceNote};
use crate::store::{Changes, StoreError};

/// A community as it was read.
///
/// It serialises in full, with the names in its reachability, for the app's own use. `Debug` is redacted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Opened {
    /// The community, or its successor where that was followed ([`Note::Move`]). A successor that it names is a claim.
    pub community: Community,
    /// The posts, newest first.
    pub posts: Vec<Post>,
    /// The events, by their start.
    pub events: Vec<Event>,
    /// What has changed since it was last kept, for a notification or to mark it in a list. Empty if nothing was read
    /// or kept.
    pub changes: Changes,
    /// How it was reached; if the content comes from the store, why it was not reached. Without attempts: nothing was
    /// sent.
    pub reachability: Reachability,
    /// Where the content comes from.
    pub source: ReadFrom,
    /// When it was read from its source. An answer of the platform that the community is gone does not count as a
    /// reading.
    pub synced_at: Timestamp,
    /// How long ago that was. Zero for what was read just now. `None`: that time is ahead of this device's clock, which was
    /// set back, so the age is not known; [`Note::AgeUnknown`] says so.
    pub age: Option<Duration>,
    /// The exposure with which it was asked for, and must be asked for from now on.
    pub exposure: Exposure,
    /// The homes of a signed community, and how each behaved. Empty for any other community, and if nothing was asked.
    pub homes: Vec<HomeAccess>,
    /// What could not be read or kept of it.
    pub notes: Vec<Note>,
    /// It was not read to its end: the time or the allowance was used up.
    pub truncated: bool,
    /// Why the content comes from the store. `None` if it does not, if only the store was asked, or if the platform
    /// says that the community is gone and this is what was known ([`Community::state`]).
    pub fault: Option<OpenFault>,
}

impl Opened {
    /// What may be believed of this content: signed by the community, copied by somebody, or unsigned. It is the same
    /// from the network and from the store. The [`SourceNote::Signed`] among the notes says it in words.
    pub fn trust(&self) -> Trust {
        trust_of(&self.notes)
    }
}

/// What the notes of a reading or of the store say may be believed.
pub(super) fn trust_of(notes: &[Note]) -> Trust {
    let signed = notes.iter().rev().find_map(|note| match note {
        Note::Source(SourceNote::Signed(trust)) => Some(trust.clone()),
        _ => None,
    });
    signed.unwrap_or_else(|| Trust::plain(TrustState::Unsigned))
}

impl fmt::Debug for Opened {
    /// Shows how the reading went, but not what was read.
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
    /// The content was read just now.
    Network,
    /// The content was read earlier, and kept.
    Store,
}

codes! {
    ReadFrom {
        Network = "network",
        Store = "store",
    }
}

/// How to open a community.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Who may learn that it is read, if fewer than the builder, the link and the store allow.
    pub exposure: Exposure,
    /// Try direct routes this time, even if a restriction or the community's access advice speaks against them. What
    /// the exposure forbids stays forbidden.
    pub allow_direct: bool,
    /// Send nothing, and answer from the store at once. An app that opens a screen makes such a call and, at the same
    /// time, one with the network: neither waits for the other.
    pub offline: bool,
    /// Try now, even if this network was just found to let only a few addresses through (`whitelist_only`). After that
    /// finding Byway dials nothing by itself for a while, one minute at first and fifteen at most.
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
        OpenFault::Link(_)
        | OpenFault::UnsupportedHome
        | OpenFault::Exposure(_)
        | OpenFault::SignedLink(_)
        | OpenFault::NoMirror
        | OpenFault::SuccessorChanged => ErrorKind::Input,
        OpenFault::Bundle(error) => error.kind(),
        OpenFault::Folder(error) => error.kind(),
        OpenFault::Source(error) => error.kind(),
        OpenFault::Store(error) => error.kind(),
        OpenFault::NotStored => ErrorKind::NotStored,
        OpenFault::MoveNotFollowed | OpenFault::OwnNetwork => ErrorKind::NotPermitted,
        OpenFault::StillReading => ErrorKind::Unreached,
    };
}

/// Why a community could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenFault {
    /// The link is invalid. Nothing was contacted.
    #[error(transparent)]
    Link(#[from] HomeError),
    /// The link leads to a kind of page that no source reads. Nothing was contacted.
    #[error("{}", sentences::unknown_kind(Language::En))]
    UnsupportedHome,
    /// The link asks for an exposure that does not exist. Nothing was contacted.
    #[error(transparent)]
    Exposure(#[from] UnknownExposure),
    /// The link begins as that of a signed community, and is not one. Nothing was contacted.
    #[error(transparent)]
    SignedLink(#[from] CommunityLinkError),
    /// The link to a signed community names no mirror. Nothing was contacted.
    #[error("{}", LinkError::NoMirror)]
    NoMirror,
    /// A file is not a bundle that can be read. Nothing of it was taken.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A folder of this device was not read. Nothing was contacted, and nothing of it was taken.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The source read nothing.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store cannot say with which exposure the community may be read. Nothing was contacted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The community is not kept on this device, and only the store was asked. Nothing was contacted.
    #[error("{}", sentences::not_stored(Language::En))]
    NotStored,
    /// The community names another successor than the one that was shown to the user, another address of it, or the successor has other
    /// keys. Nothing was decided. Show what is named now, and ask again.
    #[error("{}", sentences::successor_changed(Language::En))]
    SuccessorChanged,
    /// The community is kept only because another one named it as its successor, and that move does not count: the user refused it, or the
    /// other community is disputed. Nothing was contacted. It is read again when the user opens its own link.
    #[error("{}", sentences::move_not_followed(Language::En))]
    MoveNotFollowed,
    /// A list leads into the reader's own network, to a community that is not kept. Nothing was contacted: the list may be a stranger's. It is
    /// read when the user opens its own link.
    #[error("{}", sentences::own_network(Language::En))]
    OwnNetwork,
    /// Other readings of the community took all the time that this call had. This call contacted nothing. Ask again.
    #[error("{}", sentences::still_read(Language::En))]
    StillReading,
}

impl OpenFault {
    /// The stable code: `link`, `not_stored`, or that of the [`SourceError`] or [`StoreError`].
    pub fn code(&self) -> &'static str {
        match self {
            OpenFault::Link(_) | OpenFault::Exposure(_) | OpenFault::SignedLink(_) | OpenFault::NoMirror => "link",
            OpenFault::UnsupportedHome => "unsupported",
            OpenFault::Bundle(error) => error.code(),
            OpenFault::Folder(error) => error.code(),
            OpenFault::Source(error) => error.code(),
            OpenFault::Store(error) => error.code(),
            OpenFault::NotStored => "not_stored",
            OpenFault::SuccessorChanged => "successor_changed",
            OpenFault::MoveNotFollowed => "move_not_followed",
            OpenFault::OwnNetwork => "own_network",
            OpenFault::StillReading => "still_read",
        }
    }

    /// The reason in one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            OpenFault::Link(error) => sentences::link(language, error),
            OpenFault::UnsupportedHome => sentences::unknown_kind(language).to_owned(),
            OpenFault::Exposure(_) => sentences::unknown_exposure(language).to_owned(),
            OpenFault::SignedLink(error) => error.sentence(language),
            OpenFault::NoMirror => LinkError::NoMirror.sentence(language),
            OpenFault::Bundle(error) => error.sentence(language),
            OpenFault::Folder(error) => error.sentence(language),
            OpenFault::Source(error) => sentences::source(language, error),
            OpenFault::Store(error) => sentences::store(language, error),
            OpenFault::NotStored => sentences::not_stored(language).to_owned(),
            OpenFault::SuccessorChanged => sentences::successor_changed(language).to_owned(),
            OpenFault::MoveNotFollowed => sentences::move_not_followed(language).to_owned(),
            OpenFault::OwnNetwork => sentences::own_network(language).to_owned(),
            OpenFault::StillReading => sentences::still_read(language).to_owned(),
        }
    }
}

impl From<LinkError> for OpenFault {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Home(error) => OpenFault::Link(error),
            LinkError::Exposure(error) => OpenFault::Exposure(error),
            LinkError::Signed(error) => OpenFault::SignedLink(error),
            LinkError::NoMirror => OpenFault::NoMirror,
        }
    }
}

/// Those without a start come last.
pub(super) fn by_start(mut events: Vec<Event>) -> Vec<Event> {
    community::by_start(&mut events);
    events
}
