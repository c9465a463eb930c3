//! The items of a list, posts or events, and how a newer version of an item replaces an older one.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::changes::List;
use super::picture_names;
use crate::community::{Event, Post};
use crate::community::{EventStatus, PostState};

/// An item of a list.
pub(super) trait Item: Serialize + DeserializeOwned + Clone + PartialEq {
    const LIST: SealedList;

    /// The list that an app hears of.
    const NEWS: List;

    /// The item's name in its list.
    fn name(&self) -> &str;

    /// The position in the order. `None` sorts last.
    fn time(&self) -> Option<Timestamp>;

    /// The version, if the source states one: a lower version never replaces a higher one.
    fn version(&self) -> Option<Timestamp>;

    /// The version in a signed community: the time at which it was signed, or, of a removed item, that up to which versions are
    /// removed. `None` for an item that an earlier version of Byway kept, or that has one version and is removed.
    fn signed_version(&self) -> Option<Timestamp>;

    /// Returns `true` if a gathering is called off.
    fn is_cancelled(&self) -> bool;

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

    /// The pictures that it shows, by the names of their files.
    fn pictures(&self) -> Vec<String> {
        Vec::new()
    }

    /// The item with the addresses at which its pictures were known, where a bundle names them without one.
    fn with_known_addresses(self, _known: &Self) -> Self {
        self
    }
}

impl Item for Post {
    const LIST: SealedList = SealedList::Posts;
    const NEWS: List = List::Posts;

    fn name(&self) -> &str {
        &self.id
    }

    fn time(&self) -> Option<Timestamp> {
        self.created
    }

    fn version(&self) -> Option<Timestamp> {
        self.edited
    }

    fn signed_version(&self) -> Option<Timestamp> {
        self.edited.or(self.created)
    }

    fn is_cancelled(&self) -> bool {
        false
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

    fn pictures(&self) -> Vec<String> {
        picture_names::names(self).map(str::to_owned).collect()
    }

    fn with_known_addresses(self, known: &Self) -> Self {
        picture_names::with_known_addresses(self, known)
    }
}

impl Item for Event {
    const LIST: SealedList = SealedList::Events;
    const NEWS: List = List::Events;

    fn name(&self) -> &str {
        self.id.as_str()
    }

    fn time(&self) -> Option<Timestamp> {
        self.start.map(|start| start.timestamp())
    }

    fn version(&self) -> Option<Timestamp> {
        None
    }

    fn signed_version(&self) -> Option<Timestamp> {
        self.edited
    }

    fn is_cancelled(&self) -> bool {
        self.status == EventStatus::Cancelled
    }

    fn after(mut self, newer: &Self, read_at: Timestamp) -> Self {
        if newer.is_outdated_by(&self) {
            return self;
        }
        let known = self.clone();
        if self.status != EventStatus::Removed {
            self.read_at = Some(read_at);
        }
        let mut merged = self.merge(newer.clone());
        if merged.status != EventStatus::Removed {
            merged.read_at = None;
        }
        // Some servers stamp each answer. That is not worth writing every event of a calendar anew.
        if let (Some(now), Some(before)) = (merged.entry, known.entry)
            && now.version.modified == before.version.modified
            && (Event { entry: known.entry, ..merged.clone() }) == known
        {
            return known;
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
        (self.status_seen, self.read_at, self.entry) = (None, None, None);
        self
    }
}

/// What is kept of an item of a signed community after a reading. `None` if the reading changes nothing.
///
/// What is signed is complete: a newer version replaces the known one, and what it does not state was withdrawn. A mirror can
/// withhold the newest version or a deletion, so an older version never comes back: what was removed stays removed, and what was
/// called off stays called off, until a version that was signed later.
pub(super) fn signed_successor<T: Item>(known: &T, read: &T, written: Timestamp) -> Option<T> {
    let (known_at, read_at) = (known.signed_version(), read.signed_version());
    if read.is_removed() {
        let is_older = read_at.is_some_and(|at| known_at.is_some_and(|known| at < known));
        return (!is_older).then(|| known.clone().after(read, written));
    }
    let stands = if known.is_removed() || (known.is_cancelled() && !read.is_cancelled()) {
        read_at <= known_at
    } else {
        read_at < known_at
    };
    (!stands).then(|| read.clone().with_known_addresses(known))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SealedList {
    #[serde(rename = "posts")]
    Posts,
    #[serde(rename = "events")]
    Events,
    #[serde(rename = "pictures")]
    Pictures,
}

impl SealedList {
    pub(super) fn code(self) -> &'static [u8] {
        match self {
            SealedList::Posts => b"posts",
            SealedList::Events => b"events",
            SealedList::Pictures => b"pictures",
        }
    }

    /// The list that an app hears of. `None` for pictures, which belong to posts.
    pub(super) fn list(self) -> Option<List> {
        match self {
            SealedList::Posts => Some(List::Posts),
            SealedList::Events => Some(List::Events),
            SealedList::Pictures => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A gathering as it was signed at a time, with a status.
    fn signed(second: i64, status: EventStatus) -> Event {
        let mut event = Event::new("nostr:31923:a:shod".parse().unwrap(), "Сход");
        (event.edited, event.status) = (Some(at(second)), status);
        event
    }

    #[test]
    fn a_signed_gathering_never_goes_back() {
        use EventStatus::{Cancelled, Removed, Scheduled};
        // What is known, what is read, and whether that counts.
        let cases = [
            ((5, Scheduled), (4, Scheduled), false),
            ((5, Scheduled), (4, Cancelled), false),
            ((5, Scheduled), (5, Cancelled), true),
            ((5, Cancelled), (5, Scheduled), false),
            ((5, Cancelled), (6, Scheduled), true),
            ((5, Scheduled), (4, Removed), false),
            ((5, Scheduled), (5, Removed), true),
            ((5, Removed), (5, Scheduled), false),
            ((5, Removed), (4, Cancelled), false),
            ((5, Removed), (6, Scheduled), true),
        ];
        for (known, read, counts) in cases {
            let merged = signed_successor(&signed(known.0, known.1), &signed(read.0, read.1), at(9));
            assert_eq!(merged.map(|event| event.status), counts.then_some(read.1), "{known:?} {read:?}");
        }
    }

    #[test]
    fn a_deleted_note_stays_deleted_and_keeps_its_text() {
        let mut note = Post::new("nostr:a");
        (note.text, note.created) = ("x".into(), Some(at(5)));
        let mut gone = Post::new("nostr:a");
        (gone.state, gone.state_seen) = (PostState::Removed, Some(at(1)));
        let removed = signed_successor(&note, &gone, at(9)).unwrap();
        assert_eq!((removed.state, removed.text.as_str()), (PostState::Removed, "x"));
        assert_eq!(signed_successor(&removed, &note, at(10)), None);
    }

    #[test]
    fn what_a_later_version_does_not_state_was_withdrawn() {
        let (mut known, read) = (signed(5, EventStatus::Scheduled), signed(6, EventStatus::Scheduled));
        known.text = Some("x".into());
        assert_eq!(signed_successor(&known, &read, at(9)).unwrap().text, None);
    }
}
