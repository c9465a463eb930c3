//! Copies of pages: what a VK page, a feed or a Telegram channel says is put into a mirror, for people who cannot reach it.
//!
//! A copy is a community of its own, with the keys of the person who copies. Its charter says so from the first version on,
//! so that no reader takes it for the words of the original: the keys prove who copied, and not who wrote.
//!
//! A copy is brought up to date as often as the original is read. What the original deletes stays in the copy, and says that it is
//! gone there: a page that is made to delete something would otherwise delete it everywhere.

mod founding;
mod pictures;
mod words;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

pub use self::founding::CopyKeys;
use self::pictures::{PICTURE, picture_tags};
pub use self::pictures::{PostPictures, WantedPicture};
use self::words::{name_of, plain};
use super::community::{Publisher, refused};
use super::error::PublishError;
use super::picture::MAX_PICTURES;
use super::statement::{CopyOf, Statement, later};
use super::tags::{gathering_tags, tag};
use crate::community::{Community, Event, EventStatus, Home, Place, Post, PostState};
use crate::sentences;
use crate::signed::{Admission, EDITED_AT, EventKind, Head, PUBLISHED_AT, Role, SignedEvent, is_plausible, to_minute};

/// What was read of an original.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Original<'a> {
    /// The community.
    pub community: &'a Community,
    /// Its posts, as one reading returned them: not together with what was kept of earlier ones.
    pub posts: &'a [Post],
    /// Its gatherings.
    pub events: &'a [Event],
    /// The posts are all that the original has between the oldest and the newest of them. Then one that is missing in between was
    /// removed there. A feed does not promise that; VKontakte's and Telegram's lists are such.
    pub is_gapless: bool,
    /// The pictures that were fetched for it ([`Publisher::pictures_to_copy`]).
    pub pictures: &'a [PostPictures],
}

/// What a copy took over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopiedItems {
    /// Posts and gatherings that are new, or have other words.
    pub changed: usize,
    /// Posts and gatherings that the original no longer has. They stay, with a sentence that says so.
    pub removed: usize,
    /// Posts and gatherings that this copy cannot hold: without words, without a name, or with a part that no event holds.
    pub left_out: usize,
}

impl<'a> Original<'a> {
    /// What was read of a community, with gaps.
    pub fn new(community: &'a Community, posts: &'a [Post], events: &'a [Event]) -> Self {
        Self { community, posts, events, is_gapless: false, pictures: &[] }
    }
}

impl Statement {
    /// The statement of a copy: of the page at this home, made by the person or group with this name.
    pub fn of_copy(community: &Community, home: &Home, by: &str) -> Self {
        let name = plain(&community.name.replace(['\n', '\t'], " "), MAX_NAME);
        Statement {
            name: if name.is_empty() { home.to_string() } else { name },
            description: plain(community.description.as_deref().unwrap_or_default(), MAX_DESCRIPTION),
            pages: vec![home.to_string()],
            copy: Some(CopyOf { of: home.to_string(), by: by.to_owned() }),
            ..Statement::default()
        }
    }
}

/// A version that is to be added.
struct Draft {
    name: String,
    kind: EventKind,
    tags: Vec<Vec<String>>,
    content: String,
}

impl Publisher {
    /// The address that this is a copy of. `None` for a community that is no copy.
    pub fn copy_of(&self, now: Timestamp) -> Option<String> {
        self.chain.in_force(now).copy.as_ref().map(|copy| copy.of.clone())
    }

    /// When the newest state was made.
    pub fn state_of(&self) -> Timestamp {
        self.head.issued
    }

    /// Whether the original of this copy may be read again: it is asked at most once in ten minutes, however often a copy is brought
    /// up to date.
    ///
    /// # Errors
    /// [`PublishError::CopyOfOther`] if this is not the copy of the page at this home.
    pub fn is_copy_due(&self, home: &Home, now: Timestamp) -> Result<bool, PublishError> {
        if self.copy_of(now) != Some(home.to_string()) {
            return Err(PublishError::CopyOfOther);
        }
        // A process that was killed between founding and copying has left a copy without content.
        let (_, posts, events) = self.content(now);
        let has_content = !(posts.is_empty() && events.is_empty());
        Ok(!has_content || later(self.head.issued, LEAST_INTERVAL) <= now)
    }

    /// Brings a copy to what was read of its original.
    ///
    /// # Errors
    /// [`PublishError::OtherKeys`] if this is no copy: a community speaks for itself. [`PublishError::Io`].
    pub fn copy(&mut self, original: &Original<'_>, now: Timestamp) -> Result<CopiedItems, PublishError> {
        if self.chain.in_force(now).copy.is_none() {
            return Err(PublishError::OtherKeys);
        }
        // An original whose name can't be taken over is copied all the same.
        let restated = match self.copy_statement(original.community, now) {
            Err(error @ (PublishError::Io(_) | PublishError::Busy)) => Err(error),
            _ => Ok(()),
        };
        let mut done = CopiedItems::default();
        let mut drafts = Vec::new();
        let mut there: Vec<String> = Vec::new();
        for post in original.posts {
            let name = name_of(&post.id);
            there.push(name.clone());
            let fetched = original.pictures.iter().find(|fetched| fetched.post == post.id);
            match self.draft_of_post(post, name, fetched) {
                Some(draft) if post.state == PostState::Removed => done.removed += self.mark(draft, &mut drafts),
                Some(draft) => done.changed += self.change(draft, &mut drafts),
                None => done.left_out += 1,
            }
        }
        for event in original.events {
            match self.draft_of_event(event) {
                Some(draft) if event.status == EventStatus::Removed => done.removed += self.mark(draft, &mut drafts),
                Some(draft) => done.changed += self.change(draft, &mut drafts),
                None => done.left_out += 1,
            }
        }
        if original.is_gapless {
            for draft in self.missing(original, &there) {
                done.removed += self.mark(draft, &mut drafts);
            }
        }
        // Before the posts that name them.
        for fetched in original.pictures {
            self.add_pictures(fetched.pictures.get(..MAX_PICTURES).unwrap_or(&fetched.pictures))?;
        }
        let signed = self.sign_all(drafts, now, &mut done)?;
        if !signed.is_empty() {
            self.append(signed, now)?;
        }
        restated.map(|()| done)
    }

    /// The name and the text about it, if they changed. A copy does not take over the original's homes: readers would call them.
    ///
    /// Each change is a charter more, and a chain of charters has an end. So an original that changes its name every day gets its
    /// newest one once a week, and after some years the copy keeps the last one.
    fn copy_statement(&mut self, community: &Community, now: Timestamp) -> Result<(), PublishError> {
        let charter = self.chain.in_force(now);
        let is_early = charter.version > 1 && now < later(charter.issued, RESTATED_AFTER);
        if is_early || self.chain.newest_version() >= MOST_CHARTERS {
            return Ok(());
        }
        let mut statement = self.statement(now);
        let name = plain(&community.name.replace(['\n', '\t'], " "), MAX_NAME);
        let description = plain(community.description.as_deref().unwrap_or_default(), MAX_DESCRIPTION);
        if (name.is_empty() || statement.name == name) && statement.description == description {
            return Ok(());
        }
        if !name.is_empty() {
            statement.name = name;
        }
        statement.description = description;
        self.restate(&statement, now)
    }

    fn draft_of_post(&self, post: &Post, name: String, fetched: Option<&PostPictures>) -> Option<Draft> {
        let mut content = post.text.clone();
        if let Some(repost) = &post.repost {
            let author = repost.author.as_ref().map(|author| author.name.as_str()).unwrap_or_default();
            content = format!("{content}\n\n\u{21b7} {author}\n{}", repost.text);
        }
        let pictures = picture_tags(post, fetched, self.latest_of_ours(&name));
        let copied = pictures.iter().filter(|tag| tag.first().is_some_and(|name| name == PICTURE)).count();
        let hanging = post.attachments.len() + post.repost.as_ref().map_or(0, |repost| repost.attachments.len());
        let hanging = hanging.saturating_sub(copied);
        if hanging > 0 {
            content = format!("{content}\n\n{}", sentences::attachments_left_out(self.language, hanging));
        }
        let content = plain(&content, MAX_TEXT);
        if content.is_empty() && copied == 0 {
            return None;
        }
        let mut tags = vec![tag("d", &name), self.community_tag()];
        // Else the time of copying would look like that of the post, or of an edit.
        let created = post.created.and_then(stated);
        let edited = post.edited.and_then(stated).filter(|edited| created.is_none_or(|created| *edited > created));
        tags.push(tag(PUBLISHED_AT, &created.unwrap_or(UNKNOWN).to_string()));
        tags.push(tag(EDITED_AT, &edited.unwrap_or(UNKNOWN).to_string()));
        let links = post.url.iter().chain(post.links.iter().map(|link| &link.url));
        for url in links.filter(|url| is_web(url)).take(MAX_LINKS) {
            tags.push(tag("r", url));
        }
        tags.extend(pictures);
        Some(Draft { name, kind: EventKind::Article, tags, content })
    }

    fn draft_of_event(&self, event: &Event) -> Option<Draft> {
        let name = name_of(event.id.as_str());
        let event = Event {
            name: plain(&event.name.replace(['\n', '\t'], " "), MAX_NAME),
            text: event.text.as_deref().map(|text| plain(text, MAX_TEXT)),
            place: event.place.as_ref().and_then(one_line),
            ..event.clone()
        };
        let (kind, more) = gathering_tags(&event)?;
        let tags = [tag("d", &name), self.community_tag()].into_iter().chain(more).collect();
        Some(Draft { name, kind, tags, content: event.text.unwrap_or_default() })
    }

    /// What this copy has and the original no longer has, although the posts before and after it are there.
    fn missing(&self, original: &Original<'_>, there: &[String]) -> Vec<Draft> {
        // A pinned post stands before the others, whatever its age. One without a time stands at no place.
        let times = original.posts.iter().filter(|post| !post.pinned).filter_map(|post| stated(post.created?));
        let (Some(oldest), Some(newest)) = (times.clone().min(), times.max()) else { return Vec::new() };
        let mut latest = BTreeMap::new();
        for (event, _) in self.events.iter().filter(|(event, _)| event.kind() == EventKind::Article) {
            latest.insert(event.identifier().unwrap_or_default(), event);
        }
        let is_missing = |event: &&SignedEvent| {
            let published = event.tag(PUBLISHED_AT).and_then(|text| text.parse::<i64>().ok());
            let is_between = published.is_some_and(|at| oldest < at && at < newest);
            is_between && !there.iter().any(|name| Some(name.as_str()) == event.identifier())
        };
        let missing = latest.into_values().filter(is_missing);
        let draft = |event: &SignedEvent| Draft {
            name: event.identifier().unwrap_or_default().to_owned(),
            kind: event.kind(),
            tags: event.all_tags().to_vec(),
            content: event.content().to_owned(),
        };
        missing.map(draft).collect()
    }

    /// Adds a version if it differs from the newest one.
    fn change(&self, draft: Draft, drafts: &mut Vec<Draft>) -> usize {
        let known = self.latest_of_ours(&draft.name);
        // A gathering that got or lost its time of day is another item to the format; both would be shown.
        if known.is_some_and(|known| known.kind() != draft.kind) {
            return 0;
        }
        if known.is_some_and(|known| known.content() == draft.content && known.all_tags() == draft.tags) {
            return 0;
        }
        drafts.push(draft);
        1
    }

    /// Adds a version of something known that says that the original no longer has it.
    fn mark(&self, draft: Draft, drafts: &mut Vec<Draft>) -> usize {
        let Some(known) = self.latest_of_ours(&draft.name) else { return 0 };
        if known.tag(REMOVED).is_some() {
            return 0;
        }
        let words = sentences::removed_at_the_source(self.language);
        let content = plain(&format!("{words}\n\n{}", known.content()), MAX_TEXT);
        let mut tags = known.all_tags().to_vec();
        tags.push(tag(REMOVED, "source"));
        drafts.push(Draft { content, tags, kind: known.kind(), name: draft.name });
        1
    }

    /// Signs the versions, each a second after the one before, so that readers have one order of them. An original of which one item
    /// cannot be held is copied without that item.
    fn sign_all(
        &self,
        drafts: Vec<Draft>,
        now: Timestamp,
        done: &mut CopiedItems,
    ) -> Result<Vec<(SignedEvent, Role)>, PublishError> {
        let head = Head { issued: to_minute(now).max(self.head.issued), ..self.head.clone() };
        let admission = Admission::new(&self.chain, &head, None, now);
        let mut after = Timestamp::MIN;
        let mut signed = Vec::new();
        // The oldest first.
        for draft in drafts.into_iter().rev() {
            let known = self.latest_of_ours(&draft.name).map(SignedEvent::created);
            let at = self.time(known, now).max(after);
            after = at.checked_add(SignedDuration::from_secs(1)).unwrap_or(at);
            let event = SignedEvent::sign(&self.keys.author, at, draft.kind, draft.tags, draft.content);
            let Ok(event) = event else {
                done.changed = done.changed.saturating_sub(1);
                done.left_out += 1;
                continue;
            };
            let line = event.to_json();
            signed.push(admission.admit(line.as_bytes()).map_err(refused)?);
        }
        Ok(signed)
    }
}

/// A time of an original in seconds, if an event can state it. A page without dates, or one that is dated 1970, states none.
fn stated(at: Timestamp) -> Option<i64> {
    let seconds = at.as_second();
    Timestamp::from_second(seconds).is_ok_and(is_plausible).then_some(seconds)
}

/// A place as an event holds it: on one line, with its address. `None`: nothing is left of it.
fn one_line(place: &Place) -> Option<Place> {
    let parts = [&place.name, &place.address].into_iter().flatten();
    let lines = parts.map(|part| plain(&part.replace(['\n', '\t'], " "), MAX_PLACE)).filter(|part| !part.is_empty());
    let mut parts: Vec<String> = lines.collect();
    parts.dedup();
    (!parts.is_empty()).then(|| Place { name: Some(parts.join(", ")), address: None, ..place.clone() })
}

fn is_web(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url.len() <= MAX_URL
        && !url.contains(char::is_control)
}

/// More often than this no original is asked.
const LEAST_INTERVAL: SignedDuration = SignedDuration::from_mins(10);

/// Stands for a time that the original does not state.
const UNKNOWN: i64 = 0;

/// How often a copy takes over a name that changes.
const RESTATED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Readers read the charters one by one: a hundred are some seconds, and two years of a name that changes each week.
const MOST_CHARTERS: u64 = 100;

/// Marks a version that the original no longer has.
const REMOVED: &str = "removed";

/// What an event holds at most, escaped, with its links.
const MAX_TEXT: usize = 24 * 1024;
const MAX_LINKS: usize = 16;
const MAX_URL: usize = 512;

/// The name and the address of a place, each: together they are less than a tag holds.
const MAX_PLACE: usize = 500;

/// The limits of a charter.
const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 4000;

#[cfg(test)]
mod tests;
