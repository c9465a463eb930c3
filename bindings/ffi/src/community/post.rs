//! A post: what a community published, with its author and how it was received.

use std::time::SystemTime;

use byway::community as core_model;

use super::attachment::Attachment;
use super::author::Author;
use super::claims::Link;
use crate::numbers::{number, time};

mirror! {
    /// What a source says of a post.
    PostState of core_model::PostState, else Published {
        /// Its text is not shown here: see `withheld`.
        Withheld,
        /// It was deleted. What is known of it was read before.
        Removed,
        /// It is shown, and nothing else is known.
        Published,
    }
}

/// Something that a community published.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Post {
    /// Its machine-readable id, such as `vk:-12345_678`.
    pub id: String,
    /// Its own address.
    pub url: Option<String>,
    /// Who wrote it.
    pub author: Option<Author>,
    /// Its text, without markup; its links are in `links`.
    pub text: String,
    /// When it was published.
    pub created: Option<SystemTime>,
    /// When it was last changed.
    pub edited: Option<SystemTime>,
    /// It is pinned above the others.
    pub pinned: bool,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// The links in its text and attachments, each once, in order.
    pub links: Vec<Link>,
    /// The posts that it repeats, nested to a limited depth.
    pub repost: Vec<Post>,
    /// How it was received.
    pub counts: PostCounts,
    /// What its source says of it.
    pub state: PostState,
    /// When `state` was last seen, unless it is published.
    pub state_seen: Option<SystemTime>,
    /// When what is known of it was read, if its state was seen later.
    pub read_at: Option<SystemTime>,
    /// What its source shows instead of its text: a notice, or a placeholder for those who do not pay. `text` is what
    /// was read earlier, or these words if nothing was.
    pub withheld: Option<String>,
    /// Its text is its own, and not what its platform shows instead.
    pub has_own_text: bool,
    /// It contains nothing to show.
    pub is_hollow: bool,
    /// Its platform says that it was removed, and nothing else is known of it.
    pub is_removed_and_hollow: bool,
}

impl From<core_model::Post> for Post {
    fn from(core: core_model::Post) -> Self {
        Self {
            has_own_text: core.has_own_text(),
            is_hollow: core.is_hollow(),
            is_removed_and_hollow: core.is_removed_and_hollow(),
            id: core.id,
            url: core.url,
            author: core.author.map(Into::into),
            text: core.text,
            created: core.created.map(time),
            edited: core.edited.map(time),
            pinned: core.pinned,
            attachments: core.attachments.into_iter().map(Into::into).collect(),
            links: core.links.into_iter().map(Into::into).collect(),
            repost: core.repost.map(|post| (*post).into()).into_iter().collect(),
            counts: core.counts.into(),
            state: core.state.into(),
            state_seen: core.state_seen.map(time),
            read_at: core.read_at.map(time),
            withheld: core.withheld,
        }
    }
}

/// How a post was received, if the source says so.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PostCounts {
    /// Comments.
    pub comments: Option<i64>,
    /// Likes.
    pub likes: Option<i64>,
    /// Reposts.
    pub reposts: Option<i64>,
    /// Views.
    pub views: Option<i64>,
}

impl From<core_model::PostCounts> for PostCounts {
    fn from(core: core_model::PostCounts) -> Self {
        Self {
            comments: core.comments.map(number),
            likes: core.likes.map(number),
            reposts: core.reposts.map(number),
            views: core.views.map(number),
        }
    }
}
