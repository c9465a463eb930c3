//! The order in which posts and events are shown. It stands here once: each sort of such large items is 3,500 bytes of an app.

use std::cmp::Reverse;

use super::{Event, Post};

/// Newest first. Posts of one time keep their order; those without a time come last.
pub(crate) fn newest_first(posts: &mut [Post]) {
    posts.sort_by_key(|post| Reverse(post.created));
}

/// Earliest first. Events of one time keep their order; those without a start come last.
pub(crate) fn by_start(events: &mut [Event]) {
    events.sort_by_key(|event| (event.start.is_none(), event.start.map(|start| start.timestamp())));
}
