//! Content as the model knows it: posts and gatherings, from the events of a community's files.
//!
//! Files and their lines may be read in any order, and give the same content. The newest version of an item counts; if a
//! deletion applies to that one, the item is removed. An event that can't be shown (a gathering without a start) is no version.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::event::EventError;
use super::moment::is_plausible;
use super::{Digest, EventKind, PublicKey, Role, SignedEvent};
use crate::community::{
    Attachment, Author, AuthorKind, CommunityId, Event, EventDays, EventStatus, Link, Moment, Place, Post, PostState,
};

/// What was read of a community so far, as far as later events depend on it.
#[derive(Debug)]
pub struct Content {
    community: CommunityId,
    name: String,
    /// Every event that was read, with the id of its item if it is a version of one.
    read: HashMap<Digest, Option<String>>,
    /// The newest version of each item, by [`SignedEvent::item_id`].
    items: HashMap<String, Version>,
    /// Deletions of single events (tags `e`).
    of_events: HashMap<Digest, Vec<Deletion>>,
    /// Deletions of items by their names (tags `a`).
    of_items: HashMap<String, Vec<Deletion>>,
}

/// A version of an item.
#[derive(Clone, Copy, Debug)]
struct Version {
    event: Digest,
    at: Timestamp,
    author: PublicKey,
    kind: EventKind,
}

#[derive(Clone, Copy, Debug)]
struct Deletion {
    by: PublicKey,
    role: Role,
    at: Timestamp,
}

/// What an event changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A post is new, or has a new text, or was deleted ([`PostState::Removed`]).
    Post(Post),
    /// A gathering is new or changed, or its announcement was deleted ([`EventStatus::Removed`]).
    Gathering(Event),
}

impl Content {
    /// No content yet, of the community with this id and name.
    pub fn new(community: CommunityId, name: impl Into<String>) -> Self {
        let (read, items) = (HashMap::new(), HashMap::new());
        Self { community, name: name.into(), read, items, of_events: HashMap::new(), of_items: HashMap::new() }
    }

    /// Takes an admitted event. The answer is empty if it changes nothing, e.g. because a newer version is known.
    ///
    /// # Errors
    /// [`EventError::Duplicate`] if it was taken before.
    pub fn take(&mut self, event: &SignedEvent, role: Role) -> Result<Vec<Change>, EventError> {
        if self.read.contains_key(&event.id()) {
            return Err(EventError::Duplicate);
        }
        if event.kind() == EventKind::Deletion {
            self.read.insert(event.id(), None);
            return Ok(self.delete(event, role));
        }
        let shown = match event.kind() {
            EventKind::DayGathering | EventKind::TimedGathering => self.gathering(event, role).map(Change::Gathering),
            _ => Some(Change::Post(self.post(event, role))),
        };
        let Some(shown) = shown else {
            self.read.insert(event.id(), None);
            return Ok(Vec::new());
        };
        let item = event.item_id();
        self.read.insert(event.id(), Some(item.clone()));
        let version = Version { event: event.id(), at: event.created(), author: event.author(), kind: event.kind() };
        if self.items.get(&item).is_some_and(|known| known.replaces(&version)) {
            return Ok(Vec::new());
        }
        self.items.insert(item.clone(), version);
        Ok(vec![match self.removed_at(&item) {
            Some(at) => removed(&item, version.kind, at),
            None => shown,
        }])
    }

    /// What deletions remove that was not read here. A reader that keeps what it read earlier may keep it.
    ///
    /// A member's deletion of a single event is not among them: it counts only for the member's own events.
    pub fn removed_unread(&self) -> Vec<Change> {
        let events = self.of_events.iter().filter(|(event, _)| !self.read.contains_key(event));
        let events = events.filter_map(|(event, deletions)| {
            let may = deletions.iter().filter(|deletion| deletion.role.may_delete_others());
            Some(removed(&format!("nostr:{event}"), EventKind::Note, may.map(|deletion| deletion.at).min()?))
        });
        let items = self.of_items.iter().filter(|(item, _)| !self.items.contains_key(*item));
        let items = items.filter_map(|(item, deletions)| {
            let mut named = item.strip_prefix("nostr:")?.split(':');
            let kind = EventKind::from_number(named.next()?.parse().ok()?).filter(|kind| kind.is_replaceable())?;
            let author = named.next()?.parse().ok()?;
            let may = deletions.iter().filter(|deletion| deletion.may_delete(author));
            Some(removed(item, kind, may.map(|deletion| deletion.at).min()?))
        });
        events.chain(items).collect()
    }

    fn delete(&mut self, event: &SignedEvent, role: Role) -> Vec<Change> {
        let deletion = Deletion { by: event.author(), role, at: event.created() };
        let mut changes = Vec::new();
        for id in event.tags("e").filter_map(|values| values.first()?.parse::<Digest>().ok()) {
            let item = self.read.get(&id).cloned().flatten();
            changes.extend(self.add(item, |content| content.of_events.entry(id).or_default().push(deletion)));
        }
        for named in event.tags("a").filter_map(|values| values.first()) {
            let item = format!("nostr:{named}");
            let add = |content: &mut Self| content.of_items.entry(item.clone()).or_default().push(deletion);
            changes.extend(self.add(Some(item.clone()), add));
        }
        changes
    }

    /// Adds a deletion, which may remove this item. One by another author is kept too: it may concern a later version.
    fn add(&mut self, item: Option<String>, add: impl FnOnce(&mut Self)) -> Option<Change> {
        let before = item.as_ref().and_then(|item| self.removed_at(item));
        add(self);
        let item = item?;
        let at = self.removed_at(&item).filter(|at| before != Some(*at))?;
        Some(removed(&item, self.items.get(&item)?.kind, at))
    }

    /// The earliest deletion that applies to the newest version of an item. One by name applies to versions until its time.
    fn removed_at(&self, item: &str) -> Option<Timestamp> {
        let version = self.items.get(item)?;
        let of_event = self.of_events.get(&version.event).into_iter().flatten();
        let of_item = self.of_items.get(item).into_iter().flatten().filter(|deletion| version.at <= deletion.at);
        let applying = of_event.chain(of_item).filter(|deletion| deletion.may_delete(version.author));
        applying.map(|deletion| deletion.at).min()
    }

    fn post(&self, event: &SignedEvent, role: Role) -> Post {
        let mut post = Post::new(event.item_id());
        let title = event.tag("title").filter(|_| event.kind() == EventKind::Article);
        post.text = match title {
            Some(title) => format!("{title}\n\n{}", event.content()),
            None => event.content().to_owned(),
        };
        let published = event.tag("published_at").filter(|_| event.kind() == EventKind::Article);
        let published = published.and_then(|text| Timestamp::from_second(text.parse().ok()?).ok());
        post.created =
            Some(published.filter(|at| is_plausible(*at) && *at <= event.created()).unwrap_or(event.created()));
        post.edited = Some(event.created()).filter(|at| post.created != Some(*at));
        post.author = Some(self.author(event.author(), role));
        post.attachments = event.tags("imeta").filter_map(picture).collect();
        post.links = event.tags("r").map(|values| Link::new(&values[0], None)).collect();
        post
    }

    /// A gathering without a name or a start is not shown.
    fn gathering(&self, event: &SignedEvent, role: Role) -> Option<Event> {
        let mut gathering = Event::new(event.item_id().parse().ok()?, event.tag("title")?);
        match event.kind() {
            EventKind::DayGathering => {
                let first: Date = event.tag("start")?.parse().ok()?;
                // The end of NIP-52 is the day after the last one.
                let last = event.tag("end").and_then(|end| end.parse::<Date>().ok()?.yesterday().ok());
                gathering.days = Some(EventDays::new(first, last.unwrap_or(first)));
                gathering.start = first.to_zoned(TimeZone::UTC).ok().map(|start| Moment::utc(start.timestamp()));
            }
            _ => {
                let zone = event.tag("start_tzid").and_then(|name| TimeZone::get(name).ok());
                let moment = |text: &str| {
                    let at = Timestamp::from_second(text.parse().ok()?).ok()?;
                    let offset = zone.as_ref().map_or(Offset::UTC, |zone| zone.to_offset(at));
                    Some(Moment::new(at, offset))
                };
                gathering.start = Some(moment(event.tag("start")?)?);
                gathering.end = event.tag("end").and_then(moment);
                gathering.zone = zone.as_ref().and_then(TimeZone::iana_name).map(str::to_owned);
            }
        }
        gathering.text = Some(event.content().to_owned()).filter(|text| !text.is_empty());
        gathering.place =
            event.tag("location").map(|name| Place { name: Some(name.to_owned()), address: None, coordinates: None });
        gathering.organiser = Some(self.author(event.author(), role));
        gathering.status = match event.tag("status") {
            Some("cancelled") => EventStatus::Cancelled,
            _ => EventStatus::Scheduled,
        };
        Some(gathering)
    }

    /// The community speaks in its own name, whatever key it uses.
    fn author(&self, key: PublicKey, role: Role) -> Author {
        match role {
            Role::Community => Author::new(self.community.as_str(), &self.name, AuthorKind::Community),
            Role::Moderator | Role::Member => Author::new(format!("nostr:{key}"), "", AuthorKind::Person),
        }
    }
}

impl Version {
    /// Of two versions of one second the one with the smaller id counts (NIP-01).
    fn replaces(&self, other: &Self) -> bool {
        self.at > other.at || (self.at == other.at && self.event < other.event)
    }
}

/// What is left of an item that was deleted.
fn removed(item: &str, kind: EventKind, at: Timestamp) -> Change {
    if matches!(kind, EventKind::DayGathering | EventKind::TimedGathering)
        && let Ok(id) = item.parse()
    {
        let mut gathering = Event::new(id, "");
        (gathering.status, gathering.status_seen) = (EventStatus::Removed, Some(at));
        return Change::Gathering(gathering);
    }
    let mut post = Post::new(item);
    (post.state, post.state_seen) = (PostState::Removed, Some(at));
    Change::Post(post)
}

impl Deletion {
    fn may_delete(&self, author: PublicKey) -> bool {
        self.by == author || self.role.may_delete_others()
    }
}

/// A picture of NIP-92: texts like `url files/...` and `dim 800x600`.
fn picture(values: &[String]) -> Option<Attachment> {
    let field = |name: &str| values.iter().filter_map(|value| value.split_once(' ')).find(|(first, _)| *first == name);
    let (_, url) = field("url")?;
    let dim = field("dim").and_then(|(_, dim)| dim.split_once('x'));
    let side = |text: &str| text.parse().ok();
    Some(Attachment::Photo {
        url: Some(url.to_owned()),
        width: dim.and_then(|(width, _)| side(width)),
        height: dim.and_then(|(_, height)| side(height)),
        text: field("alt").map(|(_, alt)| alt.to_owned()),
    })
}
