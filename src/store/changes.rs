//! The differences that a write makes to the stored data: which posts and events, and the community itself.
//!
//! A change is a change of content. The time of a reading is not content: an identical reading changes nothing, and
//! neither does a later one that only repeats that a post was removed. Counts (likes, views) are content, because a
//! list shows them.
//!
//! To follow the store, an app applies [`Changes`] to the list on screen: it reads the ids in `added`, `changed` and
//! `removed` again, and takes the ids in `dropped` out.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::broadcast::{Heard, Receiver};
use crate::community::CommunityId;

/// What one reading changed in a stored community. Empty if nothing changed.
///
/// `Debug` shows counts, not ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changes {
    /// True if the community's own fields (name, state, restrictions and so on) differ, or were not stored before.
    pub community: bool,
    /// The changed posts, by [`Post::id`](crate::community::Post::id).
    pub posts: Changed<String>,
    /// The changed events, by [`Event::id`](crate::community::Event::id).
    pub events: Changed<CommunityId>,
}

impl Changes {
    /// Returns `true` if nothing differs.
    pub fn is_empty(&self) -> bool {
        !self.community && self.posts.is_empty() && self.events.is_empty()
    }
}

/// The changed items of one list. An id is in at most one of the four vectors; each vector has the newest item first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changed<Id> {
    /// True if the items in `added` are new to this device only: the community, or its list of posts, was read for the
    /// first time. A list shows them; a notification should not.
    pub first: bool,
    /// Items that were not stored before.
    pub added: Vec<Id>,
    /// Items that were stored, and whose content differs now.
    pub changed: Vec<Id>,
    /// Items that their platform now reports as removed, and gatherings that are no longer in their calendar. The store keeps what it knew
    /// of them, with that state.
    pub removed: Vec<Id>,
    /// Items that the store deleted because of the retention or the size limit, or because a calendar lists the same gathering as another
    /// item now.
    pub dropped: Vec<Id>,
    /// How many items were not stored before and are not in `added`: a bundle may bring very many, of which only the first are named.
    /// The stored list has all of them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_added: u64,
}

impl<Id> Changed<Id> {
    /// Returns `true` if nothing differs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.more_added == 0
    }

    /// The number of items that were not stored before, whether or not they are named in `added`.
    pub fn count_added(&self) -> u64 {
        self.added.len() as u64 + self.more_added
    }

    /// The number of changed items that are named here.
    pub fn len(&self) -> usize {
        self.added.len() + self.changed.len() + self.removed.len() + self.dropped.len()
    }
}

impl<Id> Default for Changed<Id> {
    fn default() -> Self {
        let (added, changed, removed, dropped) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { first: false, added, changed, removed, dropped, more_added: 0 }
    }
}

impl<Id> fmt::Debug for Changed<Id> {
    /// Shows counts: an id reveals what is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, added, changed, removed, dropped, more_added } = self;
        f.debug_struct("Changed")
            .field("first", first)
            .field("added", &added.len())
            .field("changed", &changed.len())
            .field("removed", &removed.len())
            .field("dropped", &dropped.len())
            .field("more_added", more_added)
            .finish()
    }
}

/// One change of the stored data, as [`StoreChanges`] delivers it.
///
/// With serde it is one flat object: `change` (a [`StoreChange::code`]), the community's id, and the ids. `Debug` shows
/// no id.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StoreChange {
    /// A community's own fields differ, or it is new.
    Community {
        /// The community.
        id: CommunityId,
    },
    /// Posts of a community differ. A large eviction comes as several changes of at most 1,000 dropped ids each.
    Posts {
        /// The community.
        id: CommunityId,
        /// The posts.
        #[serde(flatten)]
        posts: Changed<String>,
    },
    /// Events of a community differ. A large eviction comes as several changes of at most 1,000 dropped ids each.
    Events {
        /// The community.
        id: CommunityId,
        /// The events.
        #[serde(flatten)]
        events: Changed<CommunityId>,
    },
    /// A community was removed from this device, with all of its posts and events.
    Forgotten {
        /// Which community.
        id: CommunityId,
    },
    /// The store is empty: it was wiped, or it was in memory and was locked.
    Emptied,
    /// This listener was too slow and lost the oldest changes in its queue. Read the lists again.
    Missed {
        /// The number of lost changes.
        changes: u64,
    },
}

impl StoreChange {
    /// The stable code, the same as serde's `change`.
    pub fn code(&self) -> &'static str {
        match self {
            StoreChange::Community { .. } => "community",
            StoreChange::Posts { .. } => "posts",
            StoreChange::Events { .. } => "events",
            StoreChange::Forgotten { .. } => "forgotten",
            StoreChange::Emptied => "emptied",
            StoreChange::Missed { .. } => "missed",
        }
    }

    /// The community that changed. `None` if the change concerns all of them.
    pub fn id(&self) -> Option<&CommunityId> {
        match self {
            StoreChange::Community { id }
            | StoreChange::Posts { id, .. }
            | StoreChange::Events { id, .. }
            | StoreChange::Forgotten { id } => Some(id),
            StoreChange::Emptied | StoreChange::Missed { .. } => None,
        }
    }
}

impl fmt::Debug for StoreChange {
    /// Shows the code and the number of items.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        match self {
            StoreChange::Posts { posts, .. } => write!(f, " {posts:?}"),
            StoreChange::Events { events, .. } => write!(f, " {events:?}"),
            StoreChange::Missed { changes } => write!(f, " {changes}"),
            StoreChange::Community { .. } | StoreChange::Forgotten { .. } | StoreChange::Emptied => Ok(()),
        }
    }
}

/// A store's changes in order, from the moment of subscribing. The stream ends with the store.
///
/// A change is delivered after it is written. The queue of a listener holds 256 changes; a slower listener loses the
/// oldest ones and receives their number ([`StoreChange::Missed`]). The store never waits for a listener. Dropping the
/// stream unsubscribes.
pub struct StoreChanges(Receiver<StoreChange>);

impl StoreChanges {
    pub(super) fn new(receiver: Receiver<StoreChange>) -> Self {
        Self(receiver)
    }

    /// The next change. `None` if the store is gone. Cancel-safe.
    pub async fn next(&mut self) -> Option<StoreChange> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next change, if one is queued.
    pub fn try_next(&mut self) -> Option<StoreChange> {
        self.0.try_next().map(change)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<StoreChange>> {
        self.0.poll(cx).map(|heard| heard.map(change))
    }
}

impl Stream for StoreChanges {
    type Item = StoreChange;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<StoreChange>> {
        self.poll(cx)
    }
}

impl fmt::Debug for StoreChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreChanges").field("waiting", &self.0.waiting()).finish_non_exhaustive()
    }
}

fn change(heard: Heard<StoreChange>) -> StoreChange {
    match heard {
        Heard::Value(change) => change,
        Heard::Missed(changes) => StoreChange::Missed { changes },
    }
}

/// Several times what ten communities change in a minute of reading.
pub(super) const WAITING: usize = 256;

/// The most dropped ids in one change.
const IDS_AT_ONCE: usize = 1000;

/// The changes of one transaction, by community.
#[derive(Default)]
pub(super) struct Tally(BTreeMap<CommunityId, Noted>);

#[derive(Default)]
struct Noted {
    community: bool,
    posts: Items,
    events: Items,
    /// See [`Changed::first`].
    first_posts: bool,
    first_events: bool,
}

/// Items by name: what happened to each, and its time (posts: published; events: start).
type Items = BTreeMap<String, (Became, Option<Timestamp>)>;

/// What happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    Added,
    Changed,
    Removed,
    Dropped,
}

impl Became {
    /// What two changes of one item are together. `None` if they undo each other.
    fn then(self, later: Self) -> Option<Self> {
        match (self, later) {
            (Became::Added, Became::Dropped) => None,
            (Became::Added, _) => Some(Became::Added),
            (Became::Dropped, _) => Some(Became::Changed),
            (_, later) => Some(later),
        }
    }
}

/// One of a community's two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Posts,
    Events,
}

impl Tally {
    /// Records that the community's own fields differ.
    pub(super) fn community(&mut self, id: &CommunityId) {
        self.of(id).community = true;
    }

    /// Marks this list as read for the first time: what is added to it is not news.
    pub(super) fn first(&mut self, id: &CommunityId, list: List) {
        match list {
            List::Posts => self.of(id).first_posts = true,
            List::Events => self.of(id).first_events = true,
        }
    }

    /// Records what happened to an item, combined with what the same transaction recorded for it before.
    pub(super) fn item(&mut self, id: &CommunityId, list: List, name: &str, became: Became, time: Option<Timestamp>) {
        let items = match list {
            List::Posts => &mut self.of(id).posts,
            List::Events => &mut self.of(id).events,
        };
        match items.get(name).map_or(Some(became), |(before, _)| before.then(became)) {
            Some(together) => drop(items.insert(name.to_owned(), (together, time))),
            None => drop(items.remove(name)),
        }
    }

    /// Returns `true` if everything added to this list was published by `then`.
    pub(super) fn all_added_by(&self, id: &CommunityId, list: List, then: Timestamp) -> bool {
        let Some(noted) = self.0.get(id) else { return true };
        let items = if list == List::Posts { &noted.posts } else { &noted.events };
        items.values().all(|(became, time)| *became != Became::Added || time.is_some_and(|time| time <= then))
    }

    /// The changes by community, without the communities that did not change.
    pub(super) fn finish(self) -> BTreeMap<CommunityId, Changes> {
        let changes = |noted: Noted| Changes {
            community: noted.community,
            posts: changed(noted.posts, noted.first_posts, Some),
            events: changed(noted.events, noted.first_events, |name| name.parse().ok()),
        };
        let all = self.0.into_iter().map(|(id, noted)| (id, changes(noted)));
        all.filter(|(_, changes)| !changes.is_empty()).collect()
    }

    fn of(&mut self, id: &CommunityId) -> &mut Noted {
        if !self.0.contains_key(id) {
            self.0.insert(id.clone(), Noted::default());
        }
        self.0.entry(id.clone()).or_default()
    }
}

fn changed<Id>(items: Items, first: bool, id: impl Fn(String) -> Option<Id>) -> Changed<Id> {
    let mut items: Vec<_> = items.into_iter().collect();
    // Newest first. The sort is stable, so items of the same time stay in the order of their names.
    items.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
    let mut changed = Changed::default();
    for (name, (became, _)) in items {
        // No event can be requested under a name that is not an id.
        let Some(id) = id(name) else { continue };
        match became {
            Became::Added => changed.added.push(id),
            Became::Changed => changed.changed.push(id),
            Became::Removed => changed.removed.push(id),
            Became::Dropped => changed.dropped.push(id),
        }
    }
    changed.first = first && !changed.added.is_empty();
    changed
}

/// The changes of several transactions, in their order, as those of one. It holds few ids, however many items are new.
#[derive(Default)]
pub(crate) struct AllChanges {
    community: bool,
    posts: Joined<String>,
    events: Joined<CommunityId>,
}

impl AllChanges {
    pub(crate) fn push(&mut self, part: Changes) {
        self.community |= part.community;
        self.posts.push(part.posts);
        self.events.push(part.events);
    }

    /// The changes of all transactions. The items that were noted first come first.
    pub(crate) fn finish(self) -> Changes {
        Changes { community: self.community, posts: self.posts.finish(), events: self.events.finish() }
    }
}

/// The changes of one list in several transactions.
struct Joined<Id> {
    first: bool,
    /// What became of each item, with its place in the order of the transactions.
    items: BTreeMap<Id, (usize, Became)>,
    places: usize,
    /// How many of the items were listed as added.
    listed: usize,
    more_added: u64,
}

impl<Id> Default for Joined<Id> {
    fn default() -> Self {
        Self { first: false, items: BTreeMap::new(), places: 0, listed: 0, more_added: 0 }
    }
}

impl<Id: Ord> Joined<Id> {
    fn push(&mut self, part: Changed<Id>) {
        let Changed { first, added, changed, removed, dropped, more_added } = part;
        self.first |= first;
        self.more_added += more_added;
        let lists = [
            (added, Became::Added),
            (changed, Became::Changed),
            (removed, Became::Removed),
            (dropped, Became::Dropped),
        ];
        for (ids, became) in lists {
            for id in ids {
                self.note(id, became);
            }
        }
    }

    fn note(&mut self, id: Id, became: Became) {
        match self.items.entry(id) {
            Entry::Occupied(mut known) => match known.get().1.then(became) {
                Some(together) => known.get_mut().1 = together,
                None => drop(known.remove()),
            },
            Entry::Vacant(_) if became == Became::Added && self.listed >= MAX_ADDED => self.more_added += 1,
            Entry::Vacant(new) => {
                new.insert((self.places, became));
                self.places += 1;
                self.listed += usize::from(became == Became::Added);
            }
        }
    }

    fn finish(self) -> Changed<Id> {
        let mut items: Vec<(Id, (usize, Became))> = self.items.into_iter().collect();
        items.sort_unstable_by_key(|(_, (place, _))| *place);
        let mut all = Changed { more_added: self.more_added, ..Changed::default() };
        for (id, (_, became)) in items {
            match became {
                Became::Added => all.added.push(id),
                Became::Changed => all.changed.push(id),
                Became::Removed => all.removed.push(id),
                Became::Dropped => all.dropped.push(id),
            }
        }
        all.first = self.first && !all.added.is_empty();
        all
    }
}

/// As many new items are named when a bundle is taken in. It may bring a hundred thousand, and no list on a screen is so long.
const MAX_ADDED: usize = 4096;

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A community's changes as separate [`StoreChange`]s, one per list.
pub(super) fn told(id: &CommunityId, changes: &Changes) -> Vec<StoreChange> {
    let mut told = Vec::new();
    if changes.community {
        told.push(StoreChange::Community { id: id.clone() });
    }
    let posts = pieces(&changes.posts).into_iter().map(|posts| StoreChange::Posts { id: id.clone(), posts });
    told.extend(posts);
    let events = pieces(&changes.events).into_iter().map(|events| StoreChange::Events { id: id.clone(), events });
    told.extend(events);
    told
}

fn pieces<Id: Clone>(all: &Changed<Id>) -> Vec<Changed<Id>> {
    let mut dropped = all.dropped.chunks(IDS_AT_ONCE);
    let mut first = Changed { dropped: Vec::new(), ..all.clone() };
    first.dropped = dropped.next().unwrap_or_default().to_vec();
    let rest = dropped.map(|ids| Changed { dropped: ids.to_vec(), ..Changed::default() });
    [first].into_iter().chain(rest).filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_batches_are_those_of_one() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let part = |added: &[&str], changed: &[&str], removed: &[&str], dropped: &[&str]| Changed {
            first: false,
            added: ids(added),
            changed: ids(changed),
            removed: ids(removed),
            dropped: ids(dropped),
            more_added: 0,
        };
        let joined = |parts: Vec<Changed<String>>| {
            let mut all = Joined::default();
            parts.into_iter().for_each(|part| all.push(part));
            all.finish()
        };
        let first = Changed { first: true, ..part(&["d", "c", "x"], &["m"], &[], &["o", "p"]) };
        let second = part(&["b", "o"], &["c"], &["m", "d"], &["x"]);
        let third = part(&["a", "x"], &[], &["b"], &[]);
        let all = joined(vec![first, second, third]);
        assert_eq!(all, Changed { first: true, ..part(&["d", "c", "b", "a", "x"], &["o"], &["m"], &["p"]) });
        let undone = joined(vec![Changed { first: true, ..part(&["a"], &[], &[], &[]) }, part(&[], &[], &[], &["a"])]);
        assert_eq!(undone, Changed::default(), "nothing is new");

        // Of very many the first are named, and the others are counted.
        let batch = |number: usize| {
            let names: Vec<String> = (0..1000).map(|name| format!("{number}.{name}")).collect();
            Changed { first: true, added: names, ..Changed::default() }
        };
        let all = joined((0..6).map(batch).chain([part(&[], &[], &["0.0", "5.999"], &[])]).collect());
        assert_eq!((all.added.len(), all.more_added, all.count_added()), (MAX_ADDED, 6000 - MAX_ADDED as u64, 6000));
        assert_eq!((all.added[0].as_str(), all.removed, all.first), ("0.0", ids(&["5.999"]), true));
    }
}
