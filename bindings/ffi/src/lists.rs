//! What is kept on the device: communities, pages of posts and events, what a search found, and the ids of their items.

use std::time::SystemTime;

use crate::community::{Attachment, Community, Event, Post};
use crate::numbers::{length, time};

/// A community that is kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct StoredCommunity {
    /// What is known of it.
    pub community: Community,
    /// When it was last read.
    pub synced_at: SystemTime,
}

impl From<byway::StoredCommunity> for StoredCommunity {
    fn from(core: byway::StoredCommunity) -> Self {
        Self { community: core.community.into(), synced_at: time(core.synced_at) }
    }
}

/// An event with the community in which it is kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct UpcomingEvent {
    /// The community's id.
    pub community: String,
    /// The event.
    pub event: Event,
}

impl From<byway::UpcomingEvent> for UpcomingEvent {
    fn from(core: byway::UpcomingEvent) -> Self {
        Self { community: core.community.to_string(), event: core.event.into() }
    }
}

/// Something that a search found.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum SearchHit {
    /// A community.
    FoundCommunity {
        /// The community.
        stored: StoredCommunity,
    },
    /// A post.
    FoundPost {
        /// The id of its community.
        community: String,
        /// The post.
        post: Post,
    },
    /// An event.
    FoundEvent {
        /// The id of its community.
        community: String,
        /// The event.
        event: Event,
    },
}

impl SearchHit {
    /// `None` for a kind that this version does not know.
    fn of(core: byway::SearchHit) -> Option<Self> {
        Some(match core {
            byway::SearchHit::Community { stored } => Self::FoundCommunity { stored: (*stored).into() },
            byway::SearchHit::Post { community, post } => {
                Self::FoundPost { community: community.to_string(), post: (*post).into() }
            }
            byway::SearchHit::Event { community, event } => {
                Self::FoundEvent { community: community.to_string(), event: (*event).into() }
            }
            _ => return None,
        })
    }
}

/// Declares the page of a list: uniffi has no generic records.
macro_rules! page {
    ($(#[$doc:meta])* $name:ident of $item:ty, from $core:ty => $convert:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, uniffi::Record)]
        pub struct $name {
            /// The items, in order.
            pub items: Vec<$item>,
            /// Where the next page begins; absent on the last page.
            pub next: Option<String>,
            /// How many items of this page are damaged and left out.
            pub unreadable: i64,
        }

        impl From<byway::ListPage<$core>> for $name {
            fn from(core: byway::ListPage<$core>) -> Self {
                Self {
                    items: core.items.into_iter().filter_map($convert).collect(),
                    next: core.next.map(|cursor| cursor.to_string()),
                    unreadable: length(core.unreadable),
                }
            }
        }
    };
}

page! {
    /// A page of posts, newest first.
    PostPage of Post, from byway::community::Post => |post| Some(post.into())
}
page! {
    /// A page of events.
    EventPage of Event, from byway::community::Event => |event| Some(event.into())
}
page! {
    /// A page of events of all communities, by start.
    UpcomingPage of UpcomingEvent, from byway::UpcomingEvent => |event| Some(event.into())
}
page! {
    /// A page of what a search found, the best first.
    SearchPage of SearchHit, from byway::SearchHit => SearchHit::of
}

/// Names one attachment of one post of one community that is kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AttachmentId {
    /// The community's id. Its exposure also applies to the fetch.
    pub community: String,
    /// The post's id.
    pub post: String,
    /// Its place among the attachments of the post, counted from 0.
    pub index: i64,
}

/// An attachment of a post or of a post that it repeats, with the id by which it is fetched.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ListedAttachment {
    /// The id by which it is fetched.
    pub id: AttachmentId,
    /// The attachment.
    pub attachment: Attachment,
}

/// Names one event of one community that is kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct EventRef {
    /// The community's id.
    pub community: String,
    /// The event's id.
    pub event: String,
}
