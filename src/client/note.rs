//! Notes that an app can show beside a community.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::sentences::{self, Language};
use crate::signed::Move;
use crate::source::SourceNote;
use crate::store::StoreError;

/// What could not be read or kept of a community.
///
/// A note serialises as an object with its `code` and its fields.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "notes are few, and apps match on what a move says")]
pub enum Note {
    /// What was read could not be kept.
    #[serde(rename = "not_kept")]
    StoreFailed {
        /// Why not. Only its code is serialised.
        #[serde(serialize_with = "as_code")]
        error: Arc<StoreError>,
    },
    /// The answer contains no posts; the posts shown were read earlier.
    PostsReadEarlier,
    /// The copy was read at a time that is ahead of this device's clock, so its age is not known.
    AgeUnknown,
    /// Posts between those that were read now and those that were read earlier may be missing: the reading ended before
    /// it met them. A sync tries to read them.
    PostsGap {
        /// The time of the newest post before the gap.
        after: Timestamp,
        /// The time of the oldest post after the gap.
        before: Timestamp,
    },
    /// The link names keys that no charter of the community names, as far as the charters were read.
    LinkKeys,
    /// The community moved, says so, or continues another one.
    #[serde(untagged)]
    Move(Move),
    /// The source could not read something.
    #[serde(untagged)]
    Source(SourceNote),
}

impl Note {
    /// The stable code: its own, or that of the [`SourceNote`] or of the [`MoveKind`](crate::MoveKind).
    pub fn code(&self) -> &'static str {
        match self {
            Note::StoreFailed { .. } => "not_kept",
            Note::PostsReadEarlier => "posts_read_earlier",
            Note::AgeUnknown => "age_unknown",
            Note::PostsGap { .. } => "posts_gap",
            Note::LinkKeys => "link_keys",
            Note::Move(moved) => moved.code(),
            Note::Source(note) => note.code(),
        }
    }

    /// The note in one or two plain sentences.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            Note::StoreFailed { error } => sentences::not_kept(language, error),
            Note::PostsReadEarlier => sentences::posts_read_earlier(language).to_owned(),
            Note::AgeUnknown => sentences::age_unknown(language).to_owned(),
            Note::PostsGap { after, before } => sentences::posts_gap(language, *after, *before),
            Note::LinkKeys => sentences::link_keys(language).to_owned(),
            Note::Move(moved) => sentences::moved(language, moved),
            Note::Source(note) => sentences::note(language, note),
        }
    }
}

impl From<SourceNote> for Note {
    fn from(note: SourceNote) -> Self {
        Note::Source(note)
    }
}

fn as_code<S: Serializer>(error: &StoreError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(error.code())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::source::{PlatformMessage, SourceError};

    #[test]
    fn a_note_serialises_with_its_code_and_fields() {
        let error = Arc::new(SourceError::Denied(PlatformMessage::new("VK", "Access denied").with_code(15)));
        let cases = [
            (Note::PostsReadEarlier, serde_json::json!({"code": "posts_read_earlier"})),
            (
                Note::StoreFailed { error: Arc::new(StoreError::DiskFull) },
                serde_json::json!({"code": "not_kept", "error": "disk_full"}),
            ),
            (SourceNote::PostsOdd { count: 2 }.into(), serde_json::json!({"code": "posts_odd", "count": 2})),
            (SourceNote::own("Половина.").into(), serde_json::json!({"code": "own_note", "sentence": "Половина."})),
            (
                SourceNote::PostsUnread { closed: true, error }.into(),
                serde_json::json!({"code": "posts_unread", "closed": true,
                    "error": {"code": "denied", "platform_code": 15, "message": "Access denied"}}),
            ),
        ];
        for (note, data) in cases {
            assert_eq!(serde_json::to_value(&note).unwrap(), data);
            assert_eq!(data["code"], note.code());
        }
    }
}
