use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attachment, Author, Link};

/// Something that a community published.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
    /// What its source says of it.
    #[serde(default, skip_serializing_if = "PostState::is_published")]
    pub state: PostState,
    /// When [`Post::state`] was seen last, unless it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_seen: Option<Timestamp>,
    /// When what is known of it was read, where its state was seen later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// What its source shows instead of its text: a notice, or a placeholder for those who do not pay.
    /// [`Post::text`] is what was read earlier, or these words where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
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
            state: PostState::default(),
            state_seen: None,
            read_at: None,
            withheld: None,
        }
    }
}

/// What a source says of a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PostState {
    /// Its text is not shown here: see [`Post::withheld`].
    Withheld,
    /// It was deleted. What is known of it was read before.
    Removed,
    /// It is shown, and nothing else is known.
    #[default]
    #[serde(other)]
    Published,
}

codes! {
    PostState {
        Withheld = "withheld",
        Removed = "removed",
        Published = "published",
    }
}

impl PostState {
    fn is_published(&self) -> bool {
        *self == PostState::Published
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
