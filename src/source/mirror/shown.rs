//! Signed texts as a person sees them: without characters that reorder or hide what is beside them.
//!
//! A signature says who wrote a text, not that it is harmless.

use crate::community::{Attachment, Event, Post, is_display_control};

/// A text of several lines.
pub(super) fn lines(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || *c == '\t' || !is_display_control(*c)).collect()
}

/// A name.
pub(super) fn one_line(text: &str) -> String {
    text.chars().filter(|c| !is_display_control(*c)).collect()
}

/// A name that a sentence puts between quotation marks, which it can't end.
pub(super) fn quoted(text: &str) -> String {
    one_line(text).replace(['"', '“', '”', '„', '‟', '«', '»', '‹', '›', '〝', '〞', '＂'], "")
}

/// A post.
pub(super) fn post_shown(mut post: Post) -> Post {
    post.text = lines(&post.text);
    for attachment in &mut post.attachments {
        if let Attachment::Photo { text: Some(text), .. } = attachment {
            *text = lines(text);
        }
    }
    post
}

/// A gathering.
pub(super) fn event_shown(mut event: Event) -> Event {
    event.name = one_line(&event.name);
    event.text = event.text.as_deref().map(lines);
    if let Some(name) = event.place.as_mut().and_then(|place| place.name.as_mut()) {
        *name = one_line(name);
    }
    event
}
