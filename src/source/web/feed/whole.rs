//! A feed with all its entries at once, for tests.

use std::ops::Deref;

use super::{Entry, Feed, Take};

#[derive(Debug, PartialEq)]
pub(in crate::source::web) struct WholeFeed {
    feed: Feed,
    pub(in crate::source::web) entries: Vec<Entry>,
}

impl Deref for WholeFeed {
    type Target = Feed;

    fn deref(&self) -> &Feed {
        &self.feed
    }
}

/// Reads a document with one of the readers.
pub(super) fn whole(text: &str, read: impl FnOnce(&str, &mut Take<'_>) -> Option<Feed>) -> Option<WholeFeed> {
    let mut entries = Vec::new();
    let feed = read(text, &mut |_, entry| {
        entries.push(entry);
        true
    })?;
    Some(WholeFeed { feed, entries })
}
