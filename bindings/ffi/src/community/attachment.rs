//! What is attached to a post.

use byway::community as core_model;

use super::home::Home;
use crate::numbers::{number, small};

/// One answer of a poll.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PollOption {
    /// The answer.
    pub text: String,
    /// How many chose it.
    pub votes: Option<i64>,
}

impl From<core_model::PollOption> for PollOption {
    fn from(core: core_model::PollOption) -> Self {
        Self { text: core.text, votes: core.votes.map(number) }
    }
}

/// An attachment of a post. If a field is absent, the source did not say.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum Attachment {
    /// A picture.
    Photo {
        /// The largest version.
        url: Option<String>,
        /// Its width in pixels.
        width: Option<i32>,
        /// Its height in pixels.
        height: Option<i32>,
        /// Its caption.
        text: Option<String>,
    },
    /// A video.
    Video {
        /// Its title.
        title: Option<String>,
        /// Its page.
        url: Option<String>,
        /// Its length in seconds.
        seconds: Option<i64>,
        /// A still of it.
        preview: Option<String>,
    },
    /// A file.
    Document {
        /// Its title.
        title: Option<String>,
        /// Where it lies.
        url: Option<String>,
        /// Its size in bytes.
        bytes: Option<i64>,
        /// Its extension, without the dot.
        extension: Option<String>,
    },
    /// A link with a preview.
    Link {
        /// Where it leads.
        url: String,
        /// Its title.
        title: Option<String>,
        /// Its description.
        text: Option<String>,
    },
    /// A recording.
    Audio {
        /// Who made it.
        artist: Option<String>,
        /// Its title.
        title: Option<String>,
        /// Its length in seconds.
        seconds: Option<i64>,
        /// Where it lies.
        url: Option<String>,
    },
    /// A poll.
    Poll {
        /// What is asked.
        question: String,
        /// What can be answered.
        options: Vec<PollOption>,
        /// How many voted.
        votes: Option<i64>,
    },
    /// A gathering, which the events of the same reading describe in full.
    Event {
        /// Its home.
        home: Home,
    },
    /// A kind that this version does not know, by its name.
    Unknown {
        /// The name of its kind.
        kind: String,
    },
}

impl From<core_model::Attachment> for Attachment {
    fn from(core: core_model::Attachment) -> Self {
        use core_model::Attachment as Core;
        match core {
            Core::Photo { url, width, height, text } => {
                Self::Photo { url, width: width.map(small), height: height.map(small), text }
            }
            Core::Video { title, url, seconds, preview } => {
                Self::Video { title, url, seconds: seconds.map(number), preview }
            }
            Core::Document { title, url, bytes, extension } => {
                Self::Document { title, url, bytes: bytes.map(number), extension }
            }
            Core::Link { url, title, text } => Self::Link { url, title, text },
            Core::Audio { artist, title, seconds, url } => {
                Self::Audio { artist, title, seconds: seconds.map(number), url }
            }
            Core::Poll { question, options, votes } => Self::Poll {
                question,
                options: options.into_iter().map(Into::into).collect(),
                votes: votes.map(number),
            },
            Core::Event { home } => Self::Event { home: home.into() },
            Core::Unknown(unknown) => Self::Unknown { kind: unknown.kind },
            unknown => Self::Unknown { kind: unknown.code().to_owned() },
        }
    }
}
