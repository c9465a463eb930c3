use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attachment, Author, Link};

/// Something that a community published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Post {
    /// What machines call it, e.g. `vk:-12345_678`.
    pub id: String,
    /// Its own address.
    #[serde(default)]
    pub url: Option<String>,
    /// Who wrote it.
    #[serde(default)]
    pub author: Option<Author>,
    /// Its text, without markup; its links are in [`Post::links`].
    #[serde(default)]
    pub text: String,
    /// When it was published.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default)]
    pub edited: Option<Timestamp>,
    /// It stands above the others.
    #[serde(default)]
    pub pinned: bool,
    /// What hangs on it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The links in its text and attachments, each once, in order.
    #[serde(default)]
    pub links: Vec<Link>,
    /// What it passes on. Nested, to a bounded depth.
    #[serde(default)]
    pub repost: Option<Box<Post>>,
    /// How it was received.
    #[serde(default)]
    pub counts: PostCounts,
}

impl Post {
    /// An empty post.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            url: None,
            author: None,
            text: String::new(),
            created: None,
            edited: None,
            pinned: false,
            attachments: Vec::new(),
            links: Vec::new(),
            repost: None,
            counts: PostCounts::default(),
        }
    }
}

/// How a post was received, where the source says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PostCounts {
    /// Comments.
    pub comments: Option<u64>,
    /// Likes.
    pub likes: Option<u64>,
    /// Reposts.
    pub reposts: Option<u64>,
    /// Views.
    pub views: Option<u64>,
}
