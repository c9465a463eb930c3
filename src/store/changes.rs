//! What a write changed of what is kept: which posts and events, and whether the community itself.
//!
//! A change is one of content. When something was read is not content: an identical reading, or a later one that only
//! repeats that a post was removed, changes nothing. Counts (likes, views) are content, because a list shows them.
//!
//! An app that applies [`Changes`] to the list that was shown has the list that is kept: ids that were added, changed or
//! removed are read again, ids that were dropped are taken out.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::broadcast::{Heard, Receiver};
use crate::community::CommunityId;

/// What one reading changed of what is kept of a community. Empty where nothing did.
///
/// `Debug` shows numbers, and no id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changes {
    /// The community's own fields (name, state, restrictions and so on) are different, or were not kept before.
    pub community: bool,
    /// Its posts, by [`Post::id`](crate::community::Post::id).
    pub posts: Changed<String>,
    /// Its events, by [`Event::id`](crate::community::Event::id).
    pub events: Changed<CommunityId>,
}

impl Changes {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        !self.community && self.posts.is_empty() && self.events.is_empty()
    }
}

/// Which items of one list were changed. Each id is in one of the lists at most; each list has the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changed<Id> {
    /// What was added was published before, and is only new to this device: the community (or its list of posts) was
    /// read for the first time. A list shows it; a notification should not.
    pub first: bool,
    /// They were not kept before.
    pub added: Vec<Id>,
    /// They were kept, and their content is different.
    pub changed: Vec<Id>,
    /// Their platform says now that they were removed. What was known of them is still kept, with that state.
    pub removed: Vec<Id>,
    /// They are no longer kept on this device, because of the retention or of the size limit.
    pub dropped: Vec<Id>,
}

impl<Id> Changed<Id> {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items are different.
    pub fn len(&self) -> usize {
        self.added.len() + self.changed.len() + self.removed.len() + self.dropped.len()
    }
}

impl<Id> Default for Changed<Id> {
    fn default() -> Self {
        Self { first: false, added: Vec::new(), changed: Vec::new(), removed: Vec::new(), dropped: Vec::new() }
    }
}

impl<Id> fmt::Debug for Changed<Id> {
    /// Numbers: an id names what is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, added, changed, removed, dropped } = self;
        f.debug_struct("Changed")
            .field("first", first)
            .field("added", &added.len())
            .field("changed", &changed.len())
            .field("removed", &removed.len())
            .field("dropped", &dropped.len())
            .finish()
    }
}

/// One change of what is kept, as [`StoreChanges`] delivers it.
///
/// With serde it is one flat object: `change` (a [`StoreChange::code`]), the community's id, and the ids. `Debug` shows
/// no id.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StoreChange {
    /// A community's own fields are different, or it is new here.
    Community {
        /// Which community.
        id: CommunityId,
    },
    /// Posts of a community are different. Of many that were dropped at once, each change names at most 1,000.
    Posts {
        /// Which community.
        id: CommunityId,
        /// Which posts.
        #[serde(flatten)]
        posts: Changed<String>,
    },
    /// Events of a community are different. Of many that were dropped at once, each change names at most 1,000.
    Events {
        /// Which community.
        id: CommunityId,
        /// Which events.
        #[serde(flatten)]
        events: Changed<CommunityId>,
    },
    /// A community was removed from this device, with all of its posts and events.
    Forgotten {
        /// Which community.
        id: CommunityId,
    },
    /// Nothing is kept any more: the store was wiped, or was in memory and was locked.
    Emptied,
    /// This listener was too slow, and the oldest changes that waited for it are lost. Read the lists again.
    Missed {
        /// How many.
        changes: u64,
    },
}

impl StoreChange {
    /// The stable code, as serde's `change`.
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

    /// The community that it is about; `None`: it is about all of them.
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
    /// Its code and how many items it names.
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

/// The changes of a store, in their order, from the moment of subscribing on: a stream that ends with the store.
///
/// A change is delivered once it is written. At most 256 wait for a listener; one that is slower loses the oldest, and
/// receives their number ([`StoreChange::Missed`]). Nothing waits for a listener. Dropping the stream ends it.
pub struct StoreChanges(Receiver<StoreChange>);

impl StoreChanges {
    pub(super) fn new(receiver: Receiver<StoreChange>) -> Self {
        Self(receiver)
    }

    /// The next change; `None`: the store is gone. Cancel-safe.
    pub async fn next(&mut self) -> Option<StoreChange> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next change, if one is waiting.
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

/// As many changes as ten communities make in a minute of reading, several times over.
pub(super) const WAITING: usize = 256;

/// How many ids one change names at most, of those that were dropped.
const IDS_AT_ONCE: usize = 1000;

/// What one transaction changed, by community.
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

/// By name: what became of an item, and its time (posts: published; events: start).
type Items = BTreeMap<String, (Became, Option<Timestamp>)>;

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    Added,
    Changed,
    Removed,
    Dropped,
}

/// Which of a community's two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Posts,
    Events,
}

impl Tally {
    /// The community's own fields are different.
    pub(super) fn community(&mut self, id: &CommunityId) {
        self.of(id).community = true;
    }

    /// What is added to this list is not news.
    pub(super) fn first(&mut self, id: &CommunityId, list: List) {
        match list {
            List::Posts => self.of(id).first_posts = true,
            List::Events => self.of(id).first_events = true,
        }
    }

    /// Something became of an item. What became of it before in the same transaction is taken together with it.
    pub(super) fn item(&mut self, id: &CommunityId, list: List, name: &str, became: Became, time: Option<Timestamp>) {
        let items = match list {
            List::Posts => &mut self.of(id).posts,
            List::Events => &mut self.of(id).events,
        };
        let together = match (items.get(name).map(|(before, _)| *before), became) {
            (Some(Became::Added), Became::Dropped) => {
                items.remove(name);
                return;
            }
            (Some(Became::Added), _) => Became::Added,
            (Some(Became::Dropped), _) => Became::Changed,
            (_, became) => became,
        };
        items.insert(name.to_owned(), (together, time));
    }

    /// Whether all that was added to this list was published by then.
    pub(super) fn all_added_by(&self, id: &CommunityId, list: List, then: Timestamp) -> bool {
        let Some(noted) = self.0.get(id) else { return true };
        let items = if list == List::Posts { &noted.posts } else { &noted.events };
        items.values().all(|(became, time)| *became != Became::Added || time.is_some_and(|time| time <= then))
    }

    /// Each community's changes, where there are any.
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
    // The newest first; stable, so that what has one time stays in the order of names.
    items.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
    let mut changed = Changed::default();
    for (name, (became, _)) in items {
        // A name that is no id is of no event that could be asked for.
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

/// A community's changes, one list at a time.
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
