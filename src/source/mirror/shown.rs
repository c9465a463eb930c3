//! What a charter says as a person sees it. Posts and gatherings come from [`crate::signed::Content`] so.

use crate::community::shown_line;

/// A name that a sentence puts between quotation marks, which it can't end.
pub(super) fn quoted(text: &str) -> String {
    shown_line(text).replace(['"', '“', '”', '„', '‟', '«', '»', '‹', '›', '〝', '〞', '＂'], "")
}
