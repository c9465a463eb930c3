//! Content as the model knows it: posts and gatherings, from the events of a community's files.
//!
//! Files may be read in any order. A later version of an event replaces an earlier one; a deletion counts whether it is
//! read before or after what it deletes.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::event::EventError;
use super::{Digest, EventKind, PublicKey, Role, SignedEvent};
use crate::community::{
    Attachment, Author, AuthorKind, CommunityId, Event, EventDays, EventStatus, Link, Moment, Place, Post, PostState,
};

/// What was read of a community so far, as far as later events depend on it.
#[derive(Debug)]
pub struct Content {
    community: CommunityId,
    name: String,
    /// Every event that was read, with its author.
    read: HashMap<Digest, PublicKey>,
    /// The newest version of each item that can be replaced.
    versions: HashMap<String, (Timestamp, Digest)>,
    /// Deletions, by item or event.
    deletions: HashMap<String, Vec<Deletion>>,
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
        Self { community, name: name.into(), read: HashMap::new(), versions: HashMap::new(), deletions: HashMap::new() }
    }

    /// Takes an admitted event. The answer is empty if it changes nothing, e.g. because a newer version is known.
    ///
    /// # Errors
    /// [`EventError::Duplicate`] if it was taken before.
    pub fn take(&mut self, event: &SignedEvent, role: Role) -> Result<Vec<Change>, EventError> {
        if self.read.insert(event.id(), event.author()).is_some() {
            return Err(EventError::Duplicate);
        }
        if event.kind() == EventKind::Deletion {
            return Ok(self.delete(event, role));
        }
        let item = event.item_id();
        if self.is_deleted(&item, event) || self.is_deleted(&format!("nostr:{}", event.id()), event) {
            return Ok(Vec::new());
        }
        if event.kind().is_replaceable() {
            let version = (event.created(), event.id());
            // Of two versions of one second the one with the smaller id counts (NIP-01).
            let is_older =
                |known: &(Timestamp, Digest)| known.0 > version.0 || (known.0 == version.0 && known.1 < version.1);
            if self.versions.get(&item).is_some_and(is_older) {
                return Ok(Vec::new());
            }
            self.versions.insert(item, version);
        }
        Ok(vec![match event.kind() {
            EventKind::DayGathering | EventKind::TimedGathering => match self.gathering(event, role) {
                Some(gathering) => Change::Gathering(gathering),
                None => return Ok(Vec::new()),
            },
            _ => Change::Post(self.post(event, role)),
        }])
    }

    fn delete(&mut self, event: &SignedEvent, role: Role) -> Vec<Change> {
        let deletion = Deletion { by: event.author(), role, at: event.created() };
        let events = event.tags("e").map(|values| format!("nostr:{}", values[0]));
        let items = event.tags("a").map(|values| format!("nostr:{}", values[0]));
        let targets: Vec<String> = events.chain(items).collect();
        let mut changes = Vec::new();
        for target in targets {
            // A deletion by another author is kept, because it may concern something that is read later.
            let counts = |deletion: &Deletion, author| deletion.may_delete(author);
            let earlier = self.deletions.get(&target).map(Vec::as_slice).unwrap_or_default();
            if let Some(author) = self.author_of(&target)
                && counts(&deletion, author)
                && !earlier.iter().any(|known| counts(known, author) && known.at >= deletion.at)
            {
                changes.extend(self.removed(&target, deletion.at));
            }
            self.deletions.entry(target).or_default().push(deletion);
        }
        changes
    }

    /// Whether a deletion that was read earlier applies. One by the item's name applies to versions until its time.
    fn is_deleted(&self, target: &str, event: &SignedEvent) -> bool {
        let applies = |deletion: &Deletion| {
            let is_version = target.ends_with(&event.id().to_string());
            deletion.may_delete(event.author()) && (is_version || event.created() <= deletion.at)
        };
        self.deletions.get(target).is_some_and(|deletions| deletions.iter().any(applies))
    }

    /// The author of an event that was read, or of an item. An item's name has its author, so a deletion reaches those who
    /// read the item some other day.
    fn author_of(&self, target: &str) -> Option<PublicKey> {
        let rest = target.strip_prefix("nostr:")?;
        match rest.split_once(':') {
            Some((kind, named)) => {
                EventKind::from_number(kind.parse().ok()?).filter(|kind| kind.is_replaceable())?;
                named.split(':').next()?.parse().ok()
            }
            None => self.read.get(&rest.parse().ok()?).copied(),
        }
    }

    /// What a deletion changes of something that was read before.
    fn removed(&self, target: &str, at: Timestamp) -> Option<Change> {
        let rest = target.strip_prefix("nostr:")?;
        let kind = rest.split_once(':').and_then(|(kind, _)| EventKind::from_number(kind.parse().ok()?));
        if self.versions.get(target).is_some_and(|(created, _)| *created > at) {
            return None;
        }
        if matches!(kind, Some(EventKind::DayGathering | EventKind::TimedGathering)) {
            let mut gathering = Event::new(target.parse().ok()?, "");
            (gathering.status, gathering.status_seen) = (EventStatus::Removed, Some(at));
            return Some(Change::Gathering(gathering));
        }
        let mut post = Post::new(target);
        (post.state, post.state_seen) = (PostState::Removed, Some(at));
        Some(Change::Post(post))
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
        post.created = Some(published.filter(|at| *at <= event.created()).unwrap_or(event.created()));
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
