//! The items of a list, posts or events, and how a newer version of an item replaces an older one.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::changes::List;
use crate::community::{Event, Post};
use crate::community::{EventStatus, PostState};

/// An item of a list.
pub(super) trait Item: Serialize + DeserializeOwned + Clone + PartialEq {
    const LIST: SealedList;

    /// The item's name in its list.
    fn name(&self) -> &str;

    /// The position in the order. `None` sorts last.
    fn time(&self) -> Option<Timestamp>;

    /// The version, if the source states one: a lower version never replaces a higher one.
    fn version(&self) -> Option<Timestamp>;

    /// The merge of this item with a newer reading. Fields that the newer reading does not state are kept. `read_at` is
    /// the time at which this version was written; it is kept beside a state that was seen later.
    fn after(self, newer: &Self, read_at: Timestamp) -> Self;

    /// The merge with a `later` version that is already known.
    fn before(self, later: Self) -> Self;

    /// Returns `true` if the item has content that can replace known content.
    fn states_content(&self) -> bool;

    /// Returns `true` if the item says only that it was removed.
    fn is_nothing(&self) -> bool;

    /// Returns `true` if the platform reports the item as removed.
    fn is_removed(&self) -> bool;

    /// The item without its reading times, to compare the content of two readings.
    fn timeless(self) -> Self;
}

impl Item for Post {
    const LIST: SealedList = SealedList::Posts;

    fn name(&self) -> &str {
        &self.id
    }

    fn time(&self) -> Option<Timestamp> {
        self.created
    }

    fn version(&self) -> Option<Timestamp> {
        self.edited
    }

    fn after(mut self, newer: &Self, read_at: Timestamp) -> Self {
        if self.state == PostState::Published {
            self.read_at = Some(read_at);
        }
        let mut merged = self.merge(newer.clone());
        if merged.state == PostState::Published {
            merged.read_at = None;
        }
        merged
    }

    fn before(self, later: Self) -> Self {
        self.merge(later)
    }

    fn states_content(&self) -> bool {
        self.has_own_text() || !self.attachments.is_empty()
    }

    fn is_nothing(&self) -> bool {
        self.is_removed_and_hollow()
    }

    fn is_removed(&self) -> bool {
        self.state == PostState::Removed
    }

    fn timeless(mut self) -> Self {
        (self.state_seen, self.read_at) = (None, None);
        self.repost = self.repost.map(|repost| Box::new(repost.timeless()));
        self
    }
}

impl Item for Event {
    const LIST: SealedList = SealedList::Events;

    fn name(&self) -> &str {
        self.id.as_str()
    }

    fn time(&self) -> Option<Timestamp> {
        self.start.map(|start| start.timestamp())
    }

    fn version(&self) -> Option<Timestamp> {
        None
    }

    fn after(mut self, newer: &Self, read_at: Timestamp) -> Self {
        if self.status != EventStatus::Removed {
            self.read_at = Some(read_at);
        }
        let mut merged = self.merge(newer.clone());
        if merged.status != EventStatus::Removed {
            merged.read_at = None;
        }
        merged
    }

    fn before(self, later: Self) -> Self {
        self.merge(later)
    }

    fn states_content(&self) -> bool {
        true
    }

    fn is_nothing(&self) -> bool {
        self.is_removed_and_hollow()
    }

    fn is_removed(&self) -> bool {
        self.status == EventStatus::Removed
    }

    fn timeless(mut self) -> Self {
        (self.status_seen, self.read_at) = (None, None);
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SealedList {
    #[serde(rename = "posts")]
    Posts,
    #[serde(rename = "events")]
    Events,
}

impl SealedList {
    pub(super) fn code(self) -> &'static [u8] {
        match self {
            SealedList::Posts => b"posts",
            SealedList::Events => b"events",
        }
    }

    pub(super) fn list(self) -> List {
        match self {
            SealedList::Posts => List::Posts,
            SealedList::Events => List::Events,
        }
    }
}
