//! What a list holds: posts or events, and how one item becomes another.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::community::{EventStatus, PostState};
use crate::store::{Event, List, Post};

/// What stands in a list.
pub(super) trait Item: Serialize + DeserializeOwned + Clone + PartialEq {
    const LIST: SealedList;

    /// What it is called in its list.
    fn name(&self) -> &str;

    /// Its place in the order; `None` is last.
    fn time(&self) -> Option<Timestamp>;

    /// Which version of it this is, where its source says: a higher one is never replaced by a lower.
    fn version(&self) -> Option<Timestamp>;

    /// What is known once `newer` was read: nothing is lost to what the newer reading does not state. `read_at`: when
    /// this was written, which is kept beside a state that was seen later.
    fn after(self, newer: &Self, read_at: Timestamp) -> Self;

    /// What is known of it, where `later` is a later version than this.
    fn before(self, later: Self) -> Self;

    /// It has content that could take the place of what is known.
    fn states_content(&self) -> bool;

    /// There is nothing in it but that it was removed.
    fn is_nothing(&self) -> bool;

    /// Its platform says that it was removed.
    fn is_removed(&self) -> bool;

    /// Without the times at which it was read: what two readings of the same content have in common.
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
        false
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
