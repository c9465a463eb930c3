use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attachment, Author, Link};

/// Something that a community published.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Post {
    /// The post's id, e.g. `vk:-12345_678`.
    pub id: String,
    /// The post's address.
    #[serde(default)]
    pub url: Option<String>,
    /// The author.
    #[serde(default)]
    pub author: Option<Author>,
    /// The text, without markup; its links are in [`Post::links`].
    #[serde(default)]
    pub text: String,
    /// The time of publishing.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// The time of the last edit.
    #[serde(default)]
    pub edited: Option<Timestamp>,
    /// True if it is pinned above the other posts.
    #[serde(default)]
    pub pinned: bool,
    /// The attachments.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The links in the text and attachments, each once, in order.
    #[serde(default)]
    pub links: Vec<Link>,
    /// The reposted post. Nested, to a bounded depth.
    #[serde(default)]
    pub repost: Option<Box<Post>>,
    /// The counts of reactions.
    #[serde(default)]
    pub counts: PostCounts,
    /// The state, according to the source.
    #[serde(default, skip_serializing_if = "PostState::is_published")]
    pub state: PostState,
    /// The time at which [`Post::state`] was last seen, unless the post is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_seen: Option<Timestamp>,
    /// The time at which the known content was read, if the state was seen later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// The text that the source shows instead of the post's own: a notice, or a placeholder for people who do not pay.
    /// [`Post::text`] is the text that was read earlier, or these words if there is none.
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

/// The state of a post, according to its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PostState {
    /// The source does not show its text: see [`Post::withheld`].
    Withheld,
    /// It was deleted. The known content was read before.
    Removed,
    /// It is published, and nothing else is known.
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

/// The reactions to a post, if the source states them.
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
