//! Content as the model knows it: posts and gatherings, from the events of a community's files.
//!
//! Files and their lines may be read in any order, and give the same content. The newest version of an item counts; if a
//! deletion applies to that one, the item is removed. An event that can't be shown (a gathering without a start) is no version.
//!
//! A signature says who wrote a text, not that it is harmless: texts are handed on without characters that reorder or hide what is
//! beside them.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::deletions::{Deletions, replaceable};
use super::event::EventError;
use super::moment::is_plausible;
use super::{Digest, EventKind, PublicKey, Role, SignedEvent};
use crate::community::{
    Attachment, Author, AuthorKind, CommunityId, Event, EventDays, EventStatus, Link, Moment, Place, Post, PostState,
    is_display_control, shown_line, shown_text,
};

/// The tag that has the time of a post, in seconds; 0 for a copied post whose original states none.
pub const PUBLISHED_AT: &str = "published_at";

/// The tag of a copied post that has the time of the original's edit, in seconds, or 0.
pub const EDITED_AT: &str = "edited_at";

/// What was read of a community so far, as far as later events depend on it.
#[derive(Debug)]
pub struct Content {
    community: CommunityId,
    name: String,
    /// Every event that was read. It is kept small, because there are as many as lines.
    read: HashMap<Digest, ReadEvent>,
    /// The newest version of each item that has a name, by that.
    named: HashMap<Arc<str>, Version>,
    deletions: Deletions,
}

/// What is kept of an event.
#[derive(Clone, Debug)]
enum ReadEvent {
    /// It is no version of an item.
    NoVersion,
    /// It is an item by itself, which has no other version.
    Single(Signed),
    /// It is a version of the item with this name.
    VersionOf(Arc<str>),
}

/// The item of an event.
#[derive(Clone, Debug)]
enum Item {
    Single(Digest),
    Named(Arc<str>),
}

/// Who signed an event, and when.
#[derive(Clone, Copy, Debug)]
struct Signed {
    at: Timestamp,
    /// The bytes of the key, which take half of its memory.
    author: [u8; 32],
    kind: EventKind,
    /// It is by a member, whose own deletion may still come.
    is_members: bool,
}

/// A version of an item.
#[derive(Clone, Copy, Debug)]
struct Version {
    event: Digest,
    signed: Signed,
}

/// How an item was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Removal {
    /// The time of the deletion.
    at: Timestamp,
    /// Versions up to this time are removed. `None` for an item that has one version.
    up_to: Option<Timestamp>,
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
        let (read, named) = (HashMap::new(), HashMap::new());
        Self { community, name: shown_line(&name.into()), read, named, deletions: Deletions::default() }
    }

    /// How many deletions were left out, because there were more than one reading takes.
    pub fn deletions_left_out(&self) -> usize {
        self.deletions.left_out
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
            self.read.insert(event.id(), ReadEvent::NoVersion);
            return Ok(self.delete(event, role));
        }
        let shown = match event.kind() {
            EventKind::DayGathering | EventKind::TimedGathering => self.gathering(event, role).map(Change::Gathering),
            _ => Some(Change::Post(self.post(event, role))),
        };
        let Some(shown) = shown else {
            self.read.insert(event.id(), ReadEvent::NoVersion);
            return Ok(Vec::new());
        };
        let signed = Signed {
            at: event.created(),
            author: event.author().to_bytes(),
            kind: event.kind(),
            is_members: !role.may_delete_others(),
        };
        let item = match event.item_name().map(|name| self.known_name(name)) {
            Some(name) => {
                self.read.insert(event.id(), ReadEvent::VersionOf(name.clone()));
                let version = Version { event: event.id(), signed };
                if self.named.get(&name).is_some_and(|known| known.replaces(&version)) {
                    return Ok(Vec::new());
                }
                self.named.insert(name.clone(), version);
                Item::Named(name)
            }
            None => {
                self.read.insert(event.id(), ReadEvent::Single(signed));
                Item::Single(event.id())
            }
        };
        Ok(vec![match self.removal(&item) {
            Some(removal) => removed(&item.id(), signed.kind, removal),
            None => shown,
        }])
    }

    /// What deletions remove that was not read here. A reader that keeps what it read earlier may keep it.
    ///
    /// A member's deletion of a single event is not among them: it counts only for the member's own events.
    pub fn removed_unread(&self) -> impl Iterator<Item = Change> {
        let events = self.deletions.of_events.iter().filter(|(event, _)| !self.read.contains_key(event));
        let events = events
            .map(|(event, at)| removed(&format!("nostr:{event}"), EventKind::Note, Removal { at: *at, up_to: None }));
        let items = self.deletions.of_items.iter().filter(|(item, _)| !self.named.contains_key(item.as_str()));
        let items = items.filter_map(|(item, at)| {
            let (kind, _) = replaceable(item.strip_prefix("nostr:")?)?;
            Some(removed(item, kind, Removal { at: *at, up_to: Some(*at) }))
        });
        events.chain(items)
    }

    /// Forgets the single posts that were handed on, so that the memory of a reading does not grow with their number. What is read again
    /// is handed on again, and changes nothing that is kept. A later deletion of a forgotten post is among
    /// [`Self::removed_unread`]. The posts of members stay, because a member's deletion counts only for the member's own.
    pub fn forget_handed_on(&mut self) {
        self.read.retain(|_, read| match read {
            ReadEvent::NoVersion => false,
            ReadEvent::Single(signed) => signed.is_members,
            ReadEvent::VersionOf(_) => true,
        });
        // A table keeps the room that it once had.
        self.read.shrink_to(self.read.len() * 2);
    }

    fn delete(&mut self, event: &SignedEvent, role: Role) -> Vec<Change> {
        let (by, at) = (event.author(), event.created());
        let mut changes = Vec::new();
        for id in event.tags("e").filter_map(|values| values.first()?.parse::<Digest>().ok()) {
            let item = match self.read.get(&id) {
                Some(ReadEvent::Single(_)) => Some(Item::Single(id)),
                Some(ReadEvent::VersionOf(name)) => Some(Item::Named(name.clone())),
                Some(ReadEvent::NoVersion) | None => None,
            };
            let author = item.as_ref().and_then(|item| Some(self.version(item)?.signed.author));
            // The target was read, and a deletion by another member does not count for it.
            if !role.may_delete_others() && self.read.contains_key(&id) && author != Some(by.to_bytes()) {
                continue;
            }
            let add = |deletions: &mut Deletions| deletions.add_event(id, by, role, at);
            changes.extend(self.add(item, add));
        }
        for named in event.tags("a").filter_map(|values| values.first()) {
            // Nothing else has such a name, and a deletion by another member does not count for it.
            let counts = |author| by == author || role.may_delete_others();
            if replaceable(named).is_none_or(|(_, author)| !counts(author)) {
                continue;
            }
            let item = format!("nostr:{named}");
            let known = Item::Named(self.known_name(item.clone()));
            changes.extend(self.add(Some(known), |deletions| deletions.add_item(item, role, at)));
        }
        changes
    }

    /// Adds a deletion, which may remove this item.
    fn add(&mut self, item: Option<Item>, add: impl FnOnce(&mut Deletions)) -> Option<Change> {
        let before = item.as_ref().and_then(|item| self.removal(item));
        add(&mut self.deletions);
        let item = item?;
        let removal = self.removal(&item).filter(|removal| before != Some(*removal))?;
        Some(removed(&item.id(), self.version(&item)?.signed.kind, removal))
    }

    /// How the newest version of an item is removed. A deletion by name applies to the versions until its time.
    fn removal(&self, item: &Item) -> Option<Removal> {
        let Version { event, signed } = self.version(item)?;
        let of_event = self.deletions.of_event(&event, signed.author);
        let of_item = match item {
            Item::Named(name) => self.deletions.of_items.get(&**name).copied().filter(|at| signed.at <= *at),
            Item::Single(_) => None,
        };
        let up_to = of_item.unwrap_or(signed.at);
        let at = of_event.into_iter().chain(of_item).min()?;
        Some(Removal { at, up_to: signed.kind.is_replaceable().then_some(up_to) })
    }

    /// The newest version of an item.
    fn version(&self, item: &Item) -> Option<Version> {
        match item {
            Item::Named(name) => self.named.get(name).copied(),
            Item::Single(event) => match self.read.get(event)? {
                ReadEvent::Single(signed) => Some(Version { event: *event, signed: *signed }),
                ReadEvent::VersionOf(_) | ReadEvent::NoVersion => None,
            },
        }
    }

    /// The name, in the memory of the item that has it.
    fn known_name(&self, name: String) -> Arc<str> {
        self.named.get_key_value(name.as_str()).map_or_else(|| name.into(), |(known, _)| known.clone())
    }

    fn post(&self, event: &SignedEvent, role: Role) -> Post {
        let mut post = Post::new(event.item_id());
        let title = event.tag("title").filter(|_| event.kind() == EventKind::Article);
        post.text = match title {
            Some(title) => format!("{}\n\n{}", shown_line(title), shown_text(event.content())),
            None => shown_text(event.content()),
        };
        let published = event.tag(PUBLISHED_AT).filter(|_| event.kind() == EventKind::Article);
        post.created = match published {
            Some("0") => None,
            stated => {
                let at = stated.and_then(|text| Timestamp::from_second(text.parse().ok()?).ok());
                Some(at.filter(|at| is_plausible(*at) && *at <= event.created()).unwrap_or(event.created()))
            }
        };
        post.edited = match event.tag(EDITED_AT).filter(|_| event.kind() == EventKind::Article) {
            Some(stated) => stated.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok()),
            None => Some(event.created()),
        };
        post.edited = post.edited.filter(|at| is_plausible(*at) && *at <= event.created() && post.created < Some(*at));
        post.author = Some(self.author(event.author(), role));
        post.attachments = event.tags("imeta").filter_map(picture).collect();
        let steers = |url: &str| url.chars().any(|c| c.is_whitespace() || is_display_control(c));
        let urls = event.tags("r").filter_map(|values| values.first()).filter(|url| !steers(url));
        post.links = urls.map(|url| Link::new(url, None)).collect();
        post
    }

    /// A gathering without a name or a start is not shown.
    fn gathering(&self, event: &SignedEvent, role: Role) -> Option<Event> {
        let mut gathering = Event::new(event.item_id().parse().ok()?, shown_line(event.tag("title")?));
        match event.kind() {
            EventKind::DayGathering => {
                let first = day(event.tag("start")?)?;
                // The end of NIP-52 is the day after the last one.
                let last = event.tag("end").and_then(|end| day(end)?.yesterday().ok());
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
        gathering.text = Some(shown_text(event.content())).filter(|text| !text.is_empty());
        gathering.place =
            event.tag("location").map(|name| Place { name: Some(shown_line(name)), address: None, coordinates: None });
        gathering.organiser = Some(self.author(event.author(), role));
        gathering.edited = Some(event.created());
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

impl Item {
    /// As [`SignedEvent::item_id`].
    fn id(&self) -> String {
        match self {
            Item::Single(event) => format!("nostr:{event}"),
            Item::Named(name) => name.to_string(),
        }
    }
}

impl Version {
    /// Of two versions of one second the one with the smaller id counts (NIP-01).
    fn replaces(&self, other: &Self) -> bool {
        self.signed.at > other.signed.at || (self.signed.at == other.signed.at && self.event < other.event)
    }
}

/// What is left of an item that was deleted. Its version is that up to which it is removed.
/// A day as NIP-52 writes it, `YYYY-MM-DD`. One with a time of day means an hour, and is no day.
fn day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|day| day.to_string() == text)
}

fn removed(item: &str, kind: EventKind, removal: Removal) -> Change {
    if matches!(kind, EventKind::DayGathering | EventKind::TimedGathering)
        && let Ok(id) = item.parse()
    {
        let mut gathering = Event::new(id, "");
        (gathering.status, gathering.status_seen) = (EventStatus::Removed, Some(removal.at));
        gathering.edited = removal.up_to;
        return Change::Gathering(gathering);
    }
    let mut post = Post::new(item);
    (post.state, post.state_seen) = (PostState::Removed, Some(removal.at));
    post.edited = removal.up_to;
    Change::Post(post)
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
        text: field("alt").map(|(_, alt)| shown_text(alt)),
    })
}
