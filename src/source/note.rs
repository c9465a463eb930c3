//! What a source could not read, as data. The sentences are in `sentences`.

use std::sync::Arc;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::{NotGenuine, Platform, SourceError, WebFormat};
use crate::community::Trust;
use crate::signed::CommunityLink;

/// What a source could not read of a community, or what its platform said in addition to the content.
///
/// It serialises as an object with its `code` and its fields.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceNote {
    /// A field of the community has a shape that this version cannot read.
    CommunityPart {
        /// Which platform.
        platform: Platform,
    },
    /// The platform states that the community is deactivated, in a word that this version does not know.
    UnknownState {
        /// The platform's word.
        state: String,
        /// Which platform.
        platform: Platform,
    },
    /// The platform reports an error next to an answer.
    ErrorBeside {
        /// The platform's code.
        platform_code: i64,
        /// What the platform says.
        message: String,
        /// Which platform.
        platform: Platform,
    },
    /// The posts could not be read.
    PostsUnread {
        /// The community shows its posts to members only.
        closed: bool,
        /// Why.
        #[serde(serialize_with = "as_code_and_words")]
        error: Arc<SourceError>,
    },
    /// The platform's answer holds no readable list of posts.
    PostsNoList {
        /// Which platform.
        platform: Platform,
    },
    /// The platform announces more posts than it gives.
    PostsMissing {
        /// How many it announces.
        announced: u64,
        /// How many it gives.
        given: u64,
        /// Which platform.
        platform: Platform,
    },
    /// Some posts could not be read.
    PostsOdd {
        /// How many.
        count: usize,
    },
    /// Months of a signed community are more, or larger, than one reading takes.
    MonthsUnread {
        /// How many were not read.
        count: usize,
    },
    /// Files that the newest statement of a signed community names were not read: posts, changes and cancellations may be missing.
    FilesUnread {
        /// How many.
        count: usize,
    },
    /// Files of a signed community did not come from any of its homes as the community signed them. If they were read before, nothing
    /// is missing.
    FilesNotAsSigned {
        /// Their names, at most three.
        names: Vec<String>,
    },
    /// What was carried here is an earlier state of a signed community than the known one.
    OlderThanKnown,
    /// The feed has more posts than the limit of one reading.
    PostsCut {
        /// How many were read.
        count: usize,
    },
    /// The community deletes more than one reading takes in: something that is shown may be deleted.
    DeletionsCut {
        /// How many deletions were left out.
        count: usize,
    },
    /// Pictures of posts did not come along in a bundle or a folder, or were changed. They are fetched from a mirror when they are
    /// shown.
    PicturesAbsent {
        /// How many.
        count: usize,
    },
    /// Some posts could only be read in part.
    PostsTorn {
        /// How many.
        count: usize,
    },
    /// Some posts hold a notice of the platform instead of their text.
    PostsWithheld {
        /// How many.
        count: usize,
        /// Which platform.
        platform: Platform,
    },
    /// The gatherings that the community links to could not be read.
    EventsUnread {
        /// Why.
        #[serde(serialize_with = "as_code_and_words")]
        error: Arc<SourceError>,
    },
    /// The platform's answer names none of the gatherings that the community links to.
    EventsAbsent {
        /// Which platform.
        platform: Platform,
    },
    /// The address of a gathering could not be read.
    AddressUnread {
        /// Why.
        #[serde(serialize_with = "as_code_and_words")]
        error: Arc<SourceError>,
    },
    /// The platform's answer does not hold the address of a gathering.
    AddressAbsent {
        /// Which platform.
        platform: Platform,
    },
    /// Some gatherings could not be read.
    EventsOdd {
        /// How many.
        count: usize,
    },
    /// The calendar has more gatherings, or more occurrences of one, than the limit of one reading.
    EventsCut {
        /// How many were read.
        count: usize,
    },
    /// Some gatherings have a time and no time zone, or one that is not known. Their times are taken as those of this device's
    /// clock (RFC 5545 section 3.3.5).
    EventsWithoutZone {
        /// How many. A recurring event counts once.
        count: usize,
    },
    /// An answer ends in its middle. More may be published, and changes of what was read.
    BreaksOff,
    /// The formats that a site is read from.
    Found {
        /// The formats that were found.
        formats: Vec<WebFormat>,
    },
    /// The site says that this has not changed since it was last read.
    Unchanged {
        /// The formats that have not changed.
        formats: Vec<WebFormat>,
    },
    /// A page names feeds on other hosts. They were not contacted; their addresses are among the community's links.
    FeedsElsewhere {
        /// How many.
        count: usize,
    },
    /// A page says that it belongs to a signed community. It was read as a page that signs nothing, because an address does not show
    /// which community is the right one: the link of the community does.
    SignedHere {
        /// The link that the page names. Nothing verified it. As text.
        #[serde(serialize_with = "as_text")]
        link: CommunityLink,
    },
    /// The platform shows a label of its own beside the community's name, such as a warning.
    Labelled {
        /// The label, in the platform's words.
        label: String,
        /// Which platform.
        platform: Platform,
    },
    /// What may be believed of a signed community.
    Signed(Trust),
    /// Something that a mirror sent is not what the community signed. It was refused.
    NotGenuine {
        /// Why.
        fault: NotGenuine,
    },
    /// A note of the app's own source: a whole sentence in the app's language.
    #[serde(rename = "own_note")]
    Own {
        /// The sentence.
        sentence: String,
    },
}

impl SourceNote {
    /// A sentence of the app's own source.
    pub fn own(sentence: impl Into<String>) -> Self {
        Self::Own { sentence: sentence.into() }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SourceNote::CommunityPart { .. } => "community_part",
            SourceNote::UnknownState { .. } => "unknown_state",
            SourceNote::ErrorBeside { .. } => "error_beside",
            SourceNote::PostsUnread { .. } => "posts_unread",
            SourceNote::PostsNoList { .. } => "posts_no_list",
            SourceNote::PostsMissing { .. } => "posts_missing",
            SourceNote::PostsOdd { .. } => "posts_odd",
            SourceNote::MonthsUnread { .. } => "months_unread",
            SourceNote::FilesUnread { .. } => "files_unread",
            SourceNote::OlderThanKnown => "older_than_known",
            SourceNote::FilesNotAsSigned { .. } => "files_not_as_signed",
            SourceNote::PostsCut { .. } => "posts_cut",
            SourceNote::DeletionsCut { .. } => "deletions_cut",
            SourceNote::PicturesAbsent { .. } => "pictures_absent",
            SourceNote::PostsTorn { .. } => "posts_torn",
            SourceNote::PostsWithheld { .. } => "posts_withheld",
            SourceNote::EventsUnread { .. } => "events_unread",
            SourceNote::EventsAbsent { .. } => "events_absent",
            SourceNote::AddressUnread { .. } => "address_unread",
            SourceNote::AddressAbsent { .. } => "address_absent",
            SourceNote::EventsOdd { .. } => "events_odd",
            SourceNote::EventsCut { .. } => "events_cut",
            SourceNote::EventsWithoutZone { .. } => "events_without_zone",
            SourceNote::BreaksOff => "breaks_off",
            SourceNote::Found { .. } => "found",
            SourceNote::Unchanged { .. } => "unchanged",
            SourceNote::FeedsElsewhere { .. } => "feeds_elsewhere",
            SourceNote::SignedHere { .. } => "signed_here",
            SourceNote::Labelled { .. } => "labelled",
            SourceNote::Signed(_) => "signed",
            SourceNote::NotGenuine { .. } => "not_genuine",
            SourceNote::Own { .. } => "own_note",
        }
    }
}

fn as_text<S: Serializer>(link: &CommunityLink, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(link)
}

/// An error as data: its code, and the platform's statement.
fn as_code_and_words<S: Serializer>(error: &SourceError, serializer: S) -> Result<S::Ok, S::Error> {
    let platform_code = error.message().and_then(|stated| stated.code);
    let said = error.restriction().map(|restriction| &restriction.text);
    let message = error.message().map(|stated| &stated.message).or(said);
    let mut fields = serializer.serialize_struct("SourceError", 3)?;
    fields.serialize_field("code", error.code())?;
    fields.serialize_field("platform_code", &platform_code)?;
    fields.serialize_field("message", &message)?;
    fields.end()
}
