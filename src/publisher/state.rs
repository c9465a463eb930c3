//! The newest state: what is signed about it, what lies beside it for people without an app, and how another folder is brought to it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::attached::stated;
use super::community::{HEAD_LIFETIME, Publisher, content_of, link, refused};
use super::error::PublishError;
use super::files::{Files, ReadFiles};
use super::frozen::{frozen_trust, is_earlier, verified_freeze};
use super::keys::CommunityKeys;
use super::mirror::{FREEZE, HEAD, charter_file};
use super::site::{Site, StatedPictures};
use super::statement::later;
use crate::community::{Community, Event, Post, Trust};
use crate::exposure::Exposure;
use crate::language::Language;
use crate::signed::{
    Chain, CommunityLink, Digest, DocumentKind, EventKind, FileEntry, Head, MAX_FILE_BYTES, NEWEST, PICTURES, Role,
    SignedEvent, month_file, to_minute,
};

impl Publisher {
    pub(super) fn publish_into(&mut self, target: &mut Files, now: Timestamp) -> Result<(), PublishError> {
        self.take_in_freeze(&*target, now)?;
        self.state(now)?;
        for version in 1..=self.chain.newest_version() {
            copy(&self.files, target, &charter_file(version))?;
        }
        let there = target.read(FREEZE, DocumentKind::Freeze.max_envelope() as u64)?;
        if let Some(freeze) = self.freeze_for(there.as_deref(), now)? {
            target.replace(FREEZE, &freeze)?;
        }
        self.publish_pictures(target, now)?;
        for entry in self.head.files.iter().filter(|entry| entry.name != NEWEST) {
            self.continue_month(target, entry)?;
        }
        let newest = self.newest(now);
        write_state(target, &self.keys, &self.bare_head(), &self.head, &newest)?;
        SiteContent::of(self, now).site().write_into(target)?;
        Ok(target.remove_pictures(&self.pictures(now))?)
    }

    /// The freeze of this folder, if it has to take the place of what a mirror has.
    pub(super) fn freeze_for(&self, there: Option<&[u8]>, now: Timestamp) -> Result<Option<Vec<u8>>, PublishError> {
        let ours = self.files.read(FREEZE, DocumentKind::Freeze.max_envelope() as u64)?;
        let freeze = ours.as_deref().and_then(|bytes| verified_freeze(bytes, &self.chain, now));
        Ok(ours.filter(|_| freeze.is_some_and(|freeze| is_earlier(&freeze, there, &self.chain, now))))
    }

    /// Takes in the freeze that another folder has, if it is earlier than the one here.
    pub(super) fn take_in_freeze(&mut self, source: &impl ReadFiles, now: Timestamp) -> Result<(), PublishError> {
        let most = DocumentKind::Freeze.max_envelope() as u64;
        let (ours, theirs) = (self.files.read(FREEZE, most)?, source.read(FREEZE, most)?.unwrap_or_default());
        match verified_freeze(&theirs, &self.chain, now) {
            Some(freeze) if is_earlier(&freeze, ours.as_deref(), &self.chain, now) => {
                Ok(self.files.replace(FREEZE, &theirs)?)
            }
            _ => Ok(()),
        }
    }

    /// Adds events to the file of this month, and states the new state.
    pub(super) fn append(&mut self, events: Vec<(SignedEvent, Role)>, now: Timestamp) -> Result<(), PublishError> {
        let day = to_minute(now).max(self.head.issued).to_zoned(TimeZone::UTC).date();
        let name = month_file(day.year(), day.month());
        let length = self.head.file(&name).map_or(0, |entry| entry.bytes);
        let mut bytes = self.files.read(&name, MAX_FILE_BYTES)?.unwrap_or_default();
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        let added: String = events.iter().map(|(event, _)| format!("{}\n", event.to_json())).collect();
        bytes.extend_from_slice(added.as_bytes());
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(PublishError::Refused);
        }
        self.files.append(&name, length, added.as_bytes())?;
        let entry = FileEntry { name, bytes: bytes.len() as u64, sha256: Digest::of(&bytes) };
        self.head.files.retain(|known| known.name != entry.name);
        self.head.files.push(entry);
        self.head.files.sort_by(|one, other| one.name.cmp(&other.name));
        self.events.extend(events);
        self.state(now)
    }

    /// States the newest state, and makes the site of it.
    pub(super) fn state(&mut self, now: Timestamp) -> Result<(), PublishError> {
        let newest = self.newest(now);
        let issued = to_minute(now).max(self.head.issued);
        let charter = self.chain.in_force(now);
        self.head.charter = charter.version;
        self.head.charter_digest = self.chain.digest_in_force(now);
        self.head.sequence += 2;
        (self.head.issued, self.head.expires) = (issued, later(issued, HEAD_LIFETIME));
        self.head.files.retain(|entry| entry.name != NEWEST);
        if !newest.is_empty() {
            let sha256 = Digest::of(newest.as_bytes());
            self.head.files.insert(0, FileEntry { name: NEWEST.to_owned(), bytes: newest.len() as u64, sha256 });
        }
        let bare = self.bare_head();
        write_state(&mut self.files, &self.keys, &bare, &self.head, &newest)?;
        let site = SiteContent::of(self, now);
        site.site().write_into(&mut self.files)?;
        // What was deleted stays until the state says so.
        if !self.files.names_in(PICTURES)?.is_empty() {
            let named = self.pictures(now);
            self.files.remove_pictures(&named)?;
        }
        Ok(())
    }

    /// The head before the newest one, which does not name the file of the newest.
    pub(super) fn bare_head(&self) -> Head {
        let mut head = Head { sequence: self.head.sequence - 1, ..self.head.clone() };
        head.files.retain(|entry| entry.name != NEWEST);
        head
    }

    /// The lines for a first screen: the newest posts, the next gatherings, and the newest deletions, so that they reach
    /// readers who need no other file.
    pub(super) fn newest(&self, now: Timestamp) -> String {
        let (_, posts, gatherings) = self.content(now);
        let upcoming = gatherings.iter().filter(|event| {
            event.start.is_some_and(|start| start.timestamp() > self.head.issued - SignedDuration::from_hours(24))
        });
        let posts = posts.iter().take(NEWEST_POSTS).map(|post| post.id.as_str());
        let wanted: BTreeSet<&str> = posts.chain(upcoming.take(NEWEST_EVENTS).map(|event| event.id.as_str())).collect();
        let mut latest: BTreeMap<String, &SignedEvent> = BTreeMap::new();
        for (event, _) in &self.events {
            if wanted.contains(event.item_id().as_str()) {
                latest.insert(event.item_id(), event);
            }
        }
        let deletions = self.events.iter().map(|(event, _)| event).filter(|event| event.kind() == EventKind::Deletion);
        let mut lines: Vec<&SignedEvent> = latest.into_values().collect();
        lines.extend(deletions.rev().take(NEWEST_DELETIONS));
        lines.sort_by_key(|event| std::cmp::Reverse((event.created(), event.id())));
        lines.iter().map(|event| format!("{}\n", event.to_json())).collect()
    }

    /// Brings a month's file of another folder to its newest state: by its end alone, if it begins the same.
    fn continue_month(&self, target: &mut Files, entry: &FileEntry) -> Result<(), PublishError> {
        let length = usize::try_from(entry.bytes).unwrap_or(usize::MAX);
        let ours = self.files.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
        let ours = ours.get(..length).ok_or(PublishError::Damaged)?;
        let theirs = target.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
        match ours.strip_prefix(theirs.as_slice()) {
            Some([]) => target.replace(&entry.name, ours)?,
            Some(rest) => target.append(&entry.name, theirs.len() as u64, rest)?,
            // A killed upload left a part of a line, or somebody changed the file.
            None => target.replace(&entry.name, ours)?,
        }
        Ok(())
    }
}

/// What the web site of a community shows.
pub(super) struct SiteContent {
    community: Community,
    posts: Vec<Post>,
    gatherings: Vec<Event>,
    link: CommunityLink,
    copied_by: Option<String>,
    frozen: Option<Trust>,
    pictures: StatedPictures,
    state_of: Timestamp,
    language: Language,
}

impl SiteContent {
    pub(super) fn of(publisher: &Publisher, now: Timestamp) -> Self {
        let Publisher { chain, head, events, language, .. } = publisher;
        Self::of_state((chain, head.issued), events, (*language, publisher.frozen(now)), now)
    }

    /// The site of a folder with this content. `state_of`: when its head was issued. Nothing is shown that is later than a freeze.
    pub(super) fn of_state(
        (chain, state_of): (&Chain, Timestamp),
        events: &[(SignedEvent, Role)],
        (language, frozen): (Language, Option<Timestamp>),
        now: Timestamp,
    ) -> Self {
        let is_trusted = |event: &SignedEvent| frozen.is_none_or(|after| event.created() <= after);
        let trusted = events.iter().filter(|(event, _)| is_trusted(event));
        let (community, posts, gatherings) = content_of(chain, trusted, now);
        let copied_by = chain.in_force(now).copy.as_ref().map(|copy| copy.by.clone());
        let (link, frozen) = (link(chain, Exposure::Open, now), frozen.map(frozen_trust));
        Self { community, posts, gatherings, link, copied_by, frozen, pictures: stated(events), state_of, language }
    }

    pub(super) fn site(&self) -> Site<'_> {
        let site = Site::new(&self.community, self.state_of).with_posts(&self.posts).with_events(&self.gatherings);
        let site = site.with_link(&self.link).with_language(self.language).with_pictures(&self.pictures);
        let site = match &self.frozen {
            Some(trust) => site.with_trust(trust),
            None => site,
        };
        match &self.copied_by {
            Some(by) => site.with_copier(by),
            None => site,
        }
    }
}

/// A head without the newest, the newest, and a head with it: each of the three states is complete.
fn write_state(
    files: &mut Files,
    keys: &CommunityKeys,
    bare: &Head,
    head: &Head,
    newest: &str,
) -> Result<(), PublishError> {
    let known = files.read(NEWEST, MAX_FILE_BYTES)?;
    if known.as_deref() != Some(newest.as_bytes()) {
        files.replace(HEAD, bare.seal(&keys.routine).map_err(refused)?.to_json().as_bytes())?;
        files.replace(NEWEST, newest.as_bytes())?;
    }
    files.replace(HEAD, head.seal(&keys.routine).map_err(refused)?.to_json().as_bytes())?;
    Ok(())
}

fn copy(from: &Files, to: &mut Files, name: &str) -> Result<(), PublishError> {
    let bytes = from.read(name, MAX_FILE_BYTES)?.ok_or(PublishError::Damaged)?;
    Ok(to.replace(name, &bytes)?)
}

/// What a first screen shows.
const NEWEST_POSTS: usize = 20;
const NEWEST_EVENTS: usize = 5;
const NEWEST_DELETIONS: usize = 20;
