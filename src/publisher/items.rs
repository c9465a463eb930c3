//! What an admin writes: posts, gatherings, their later versions, and deletions.

use aws_lc_rs::rand;
use jiff::{SignedDuration, Timestamp};

use super::community::Publisher;
use super::error::{PublishError, Unfit};
use super::limits;
use super::picture::Picture;
use super::statement::later;
use super::tags::{gathering_tags, tag};
use crate::community::Event;
use crate::sentences::{StatedPart, StatedRule};
use crate::signed::{Admission, COMMUNITY_SCHEME, EventKind, Head, SignedEvent, to_minute};

impl Publisher {
    /// Publishes a post in the community's name. The answer names it for [`Publisher::edit`] and [`Publisher::delete`].
    ///
    /// # Errors
    /// [`PublishError::Unfit`] if the text is empty, too long, or has control characters; [`PublishError::Io`].
    pub fn post(&mut self, text: &str, now: Timestamp) -> Result<String, PublishError> {
        self.post_with(text, &[], now)
    }

    /// Publishes a post with pictures, at most 10. Its text may be empty then.
    ///
    /// # Errors
    /// As [`Publisher::post`].
    pub fn post_with(&mut self, text: &str, pictures: &[Picture], now: Timestamp) -> Result<String, PublishError> {
        let name = new_name()?;
        let at = self.time(None, now);
        self.add_pictures(pictures)?;
        self.article(&name, text, pictures.iter().map(Picture::tag).collect(), (at, at), now)?;
        Ok(name)
    }

    /// Replaces the text of a post. Its pictures stay. Readers see that it was edited.
    ///
    /// # Errors
    /// [`PublishError::NoSuchItem`], and those of [`Publisher::post`].
    pub fn edit(&mut self, name: &str, text: &str, now: Timestamp) -> Result<(), PublishError> {
        self.replace_post(name, text, None, now)
    }

    /// Replaces the text and the pictures of a post.
    ///
    /// # Errors
    /// As [`Publisher::edit`].
    pub fn edit_with(
        &mut self,
        name: &str,
        text: &str,
        pictures: &[Picture],
        now: Timestamp,
    ) -> Result<(), PublishError> {
        self.replace_post(name, text, Some(pictures), now)
    }

    fn replace_post(
        &mut self,
        name: &str,
        text: &str,
        pictures: Option<&[Picture]>,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        let known = self.latest_of_ours(name).filter(|event| event.kind() == EventKind::Article);
        let known = known.ok_or(PublishError::NoSuchItem)?;
        let published = known.tag("published_at").and_then(|text| Timestamp::from_second(text.parse().ok()?).ok());
        let (published, at) = (published.unwrap_or(known.created()), self.time(Some(known.created()), now));
        let is_picture = |tag: &&Vec<String>| tag.first().is_some_and(|name| name == "imeta");
        let tags = match pictures {
            Some(pictures) => pictures.iter().map(Picture::tag).collect(),
            None => known.all_tags().iter().filter(is_picture).cloned().collect(),
        };
        self.add_pictures(pictures.unwrap_or_default())?;
        self.article(name, text, tags, (published, at), now)
    }

    /// Announces a gathering, or replaces the announcement with this name. A gathering has a name, and a start or days;
    /// a cancelled one has the status [`EventStatus::Cancelled`](crate::community::EventStatus::Cancelled).
    ///
    /// # Errors
    /// [`PublishError::Unfit`] without a name or a start, with an end that is not after the start, with a zone that is not one of
    /// the time zone database (`Asia/Barnaul`), or if days replace a time;
    /// [`PublishError::NoSuchItem`], [`PublishError::Io`].
    pub fn announce(
        &mut self,
        gathering: &Event,
        replaces: Option<&str>,
        now: Timestamp,
    ) -> Result<String, PublishError> {
        let (name, known) = match replaces {
            Some(name) => {
                let known = self.latest_of_ours(name).filter(|event| is_gathering(event.kind()));
                (name.to_owned(), Some(known.ok_or(PublishError::NoSuchItem)?))
            }
            None => (new_name()?, None),
        };
        limits::check_gathering(gathering)?;
        let (kind, more) = gathering_tags(gathering).ok_or(PublishError::Refused)?;
        if known.is_some_and(|known| known.kind() != kind) {
            return Err(Unfit::error(StatedPart::Start, StatedRule::OtherKind));
        }
        let at = self.time(known.map(SignedEvent::created), now);
        let mut tags = self.tags(&name);
        tags.extend(more);
        self.add(kind, tags, gathering.text.as_deref().unwrap_or_default(), at, now)?;
        Ok(name)
    }

    /// Deletes a post or an announcement. What was published may have been copied; readers with Byway no longer see it.
    ///
    /// # Errors
    /// [`PublishError::NoSuchItem`], [`PublishError::Io`].
    pub fn delete(&mut self, name: &str, now: Timestamp) -> Result<(), PublishError> {
        let known = self.latest(name).ok_or(PublishError::NoSuchItem)?;
        let item = format!("{}:{}:{name}", known.kind().number(), known.author());
        let at = self.time(Some(known.created()), now);
        let tags = vec![tag("a", &item), self.community_tag()];
        self.add(EventKind::Deletion, tags, "", at, now)
    }

    pub(super) fn article(
        &mut self,
        name: &str,
        text: &str,
        pictures: Vec<Vec<String>>,
        (published, at): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<(), PublishError> {
        if text.trim().is_empty() && pictures.is_empty() {
            return Err(Unfit::error(StatedPart::Text, StatedRule::Empty));
        }
        let mut tags = self.tags(name);
        tags.push(tag("published_at", &published.as_second().to_string()));
        tags.extend(pictures);
        self.add(EventKind::Article, tags, text.trim(), at, now)
    }

    /// Signs an event, adds it to the file of its month, and states the new state.
    fn add(
        &mut self,
        kind: EventKind,
        tags: Vec<Vec<String>>,
        content: &str,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        self.refuse_after_freeze(at, now)?;
        let content = content.replace("\r\n", "\n");
        let event = SignedEvent::sign(&self.keys.author, at, kind, tags, content).map_err(limits::of_event)?;
        let line = event.to_json();
        let head = Head { issued: to_minute(now).max(self.head.issued), ..self.head.clone() };
        let (event, role) =
            Admission::new(&self.chain, &head, None, now).admit(line.as_bytes()).map_err(limits::of_event)?;
        self.append(vec![(event, role)], now)
    }

    /// The latest version of an item that is not deleted and that these keys can replace: another key's stays its own.
    pub(super) fn latest_of_ours(&self, name: &str) -> Option<&SignedEvent> {
        self.latest(name).filter(|event| event.author() == self.keys.author.public())
    }

    /// The latest version of an item that is not deleted.
    fn latest(&self, name: &str) -> Option<&SignedEvent> {
        let named = |event: &&SignedEvent| event.identifier() == Some(name);
        let latest = self.events.iter().map(|(event, _)| event).rfind(named)?;
        let deletes = |event: &SignedEvent| {
            event.kind() == EventKind::Deletion
                && event
                    .tags("a")
                    .any(|values| values.first().is_some_and(|item| latest.item_id() == format!("nostr:{item}")))
        };
        let is_deleted = self.events.iter().any(|(event, _)| deletes(event) && event.created() >= latest.created());
        (!is_deleted).then_some(latest)
    }

    /// The minute of a new version, which is after the one that it replaces.
    pub(super) fn time(&self, known: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let next = known.map(|known| known + SignedDuration::from_mins(1));
        // Before the charter in force another key may have been the author's.
        let at = to_minute(now).max(next.unwrap_or(Timestamp::MIN)).max(self.chain.in_force(now).issued);
        // The seconds of a minute only count what was published in it, so that readers have one order of it.
        let within = at..later(at, SignedDuration::from_hours(1));
        let newest =
            self.events.iter().map(|(event, _)| event.created()).filter(|created| within.contains(created)).max();
        newest.map_or(at, |newest| later(newest, SignedDuration::from_secs(1)))
    }

    fn tags(&self, name: &str) -> Vec<Vec<String>> {
        vec![tag("d", name), self.community_tag()]
    }

    pub(super) fn community_tag(&self) -> Vec<String> {
        tag("i", &format!("{COMMUNITY_SCHEME}{}", self.chain.id()))
    }
}

fn is_gathering(kind: EventKind) -> bool {
    matches!(kind, EventKind::DayGathering | EventKind::TimedGathering)
}

/// A name that no other item has, and that says nothing.
fn new_name() -> Result<String, PublishError> {
    let mut random = [0; 5];
    rand::fill(&mut random).map_err(|_| PublishError::NoRandomness)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
