use serde::{Deserialize, Serialize};

use super::Home;

/// An attachment of a post. A field is `None` if the source does not state it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Attachment {
    /// A picture.
    Photo {
        /// The URL of the largest version.
        #[serde(default)]
        url: Option<String>,
        /// Its width in pixels.
        #[serde(default)]
        width: Option<u32>,
        /// Its height in pixels.
        #[serde(default)]
        height: Option<u32>,
        /// Its caption.
        #[serde(default)]
        text: Option<String>,
    },
    /// A video.
    Video {
        /// Its title.
        #[serde(default)]
        title: Option<String>,
        /// Its page.
        #[serde(default)]
        url: Option<String>,
        /// Its length in seconds.
        #[serde(default)]
        seconds: Option<u64>,
        /// A still of it.
        #[serde(default)]
        preview: Option<String>,
    },
    /// A file.
    Document {
        /// Its title.
        #[serde(default)]
        title: Option<String>,
        /// Its URL.
        #[serde(default)]
        url: Option<String>,
        /// Its size in bytes.
        #[serde(default)]
        bytes: Option<u64>,
        /// Its extension, without the dot.
        #[serde(default)]
        extension: Option<String>,
    },
    /// A link with a preview.
    Link {
        /// Its target.
        url: String,
        /// Its title.
        #[serde(default)]
        title: Option<String>,
        /// Its description.
        #[serde(default)]
        text: Option<String>,
    },
    /// A recording.
    Audio {
        /// Who made it.
        #[serde(default)]
        artist: Option<String>,
        /// Its title.
        #[serde(default)]
        title: Option<String>,
        /// Its length in seconds.
        #[serde(default)]
        seconds: Option<u64>,
        /// Its URL.
        #[serde(default)]
        url: Option<String>,
    },
    /// A poll.
    Poll {
        /// The question.
        question: String,
        /// The possible answers.
        #[serde(default)]
        options: Vec<PollOption>,
        /// The number of votes.
        #[serde(default)]
        votes: Option<u64>,
    },
    /// A gathering. The events of the same reading have the details.
    Event {
        /// Its home.
        home: Home,
    },
    /// A kind that this version does not know, kept by its name.
    #[serde(untagged)]
    Unknown(UnknownAttachment),
}

impl Attachment {
    /// The stable code of its kind, the same as in its serialised form.
    pub fn code(&self) -> &'static str {
        match self {
            Attachment::Photo { .. } => "photo",
            Attachment::Video { .. } => "video",
            Attachment::Document { .. } => "document",
            Attachment::Link { .. } => "link",
            Attachment::Audio { .. } => "audio",
            Attachment::Poll { .. } => "poll",
            Attachment::Event { .. } => "event",
            Attachment::Unknown(_) => "unknown",
        }
    }
}

/// One answer of a poll.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PollOption {
    /// The answer.
    pub text: String,
    /// The number of votes for it.
    #[serde(default)]
    pub votes: Option<u64>,
}

impl PollOption {
    /// An answer with its votes.
    pub fn new(text: impl Into<String>, votes: Option<u64>) -> Self {
        Self { text: text.into(), votes }
    }
}

/// An attachment of which only the name of its kind is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnknownAttachment {
    /// The kind, as the source calls it.
    pub kind: String,
}

impl UnknownAttachment {
    /// An attachment of this kind.
    pub fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into() }
    }
}
