//! The newest state: what is signed about it, what lies beside it for people without an app, and how another folder is brought to it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::attached::stated;
use super::community::{HEAD_LIFETIME, Publisher, content_of, link, refused};
use super::error::PublishError;
use super::files::{Files, ReadFiles};
use super::frozen::{frozen_trust, is_earlier, read_freeze, verified_freeze};
use super::mirror::{FREEZE, HEAD, charter_file};
use super::site::{Site, SiteMoves, StatedPictures};
use super::statement::later;
use crate::community::{Community, Event, Post, Trust};
use crate::exposure::Exposure;
use crate::language::Language;
use crate::signed::{
    Chain, CommunityLink, Digest, EventKind, FileEntry, Head, HeadError, MAX_FILE_BYTES, NEWEST, PICTURES, Role,
    SignedEvent, to_minute,
};

impl Publisher {
    pub(super) fn publish_into(&mut self, target: &mut Files, now: Timestamp) -> Result<(), PublishError> {
        self.take_in_freeze(&*target, now)?;
        self.state(now)?;
        for version in 1..=self.chain.newest_version() {
            copy(&self.files, target, &charter_file(version))?;
        }
        let there = read_freeze(&*target)?;
        if let Some(freeze) = self.freeze_for(there.as_deref(), now)? {
            target.replace(FREEZE, &freeze)?;
        }
        self.publish_pictures(target, now)?;
        for entry in self.head.files.iter().filter(|entry| entry.name != NEWEST) {
            self.continue_month(target, entry)?;
        }
        let newest = self.newest(now);
        let signed = self.head.seal(&self.keys.routine).map_err(refused)?.to_json();
        let bare = self.bare_head().seal(&self.keys.routine).map_err(refused)?.to_json();
        NextState { bare, signed, head: self.head.clone(), newest }.write(target)?;
        SiteContent::of(self, now).site().write_into(target)?;
        Ok(target.remove_pictures(&self.pictures(now))?)
    }

    /// The freeze of this folder, if it has to take the place of what a mirror has.
    pub(super) fn freeze_for(&self, there: Option<&[u8]>, now: Timestamp) -> Result<Option<Vec<u8>>, PublishError> {
        let ours = read_freeze(&self.files)?;
        let freeze = ours.as_deref().and_then(|bytes| verified_freeze(bytes, &self.chain, now));
        Ok(ours.filter(|_| freeze.is_some_and(|freeze| is_earlier(&freeze, there, &self.chain, now))))
    }

    /// Takes in the freeze that another folder has, if it is earlier than the one here.
    pub(super) fn take_in_freeze(&mut self, source: &impl ReadFiles, now: Timestamp) -> Result<(), PublishError> {
        let (ours, theirs) = (read_freeze(&self.files)?, read_freeze(source)?.unwrap_or_default());
        match verified_freeze(&theirs, &self.chain, now) {
            Some(freeze) if is_earlier(&freeze, ours.as_deref(), &self.chain, now) => {
                Ok(self.files.replace(FREEZE, &theirs)?)
            }
            _ => Ok(()),
        }
    }

    /// States the newest state, and makes the site of it.
    pub(super) fn state(&mut self, now: Timestamp) -> Result<(), PublishError> {
        if !self.displaced_months(now).is_empty() {
            return self.append(Vec::new(), now);
        }
        let next = self.next_state(now)?;
        self.head = next.head.clone();
        next.write(&mut self.files)?;
        let site = SiteContent::of(self, now);
        site.site().write_into(&mut self.files)?;
        // What was deleted stays until the state says so.
        if !self.files.names_in(PICTURES)?.is_empty() {
            let named = self.pictures(now);
            self.files.remove_pictures(&named)?;
        }
        Ok(())
    }

    /// The state that is stated next, signed. Nothing is written, so that a caller can see that it will be possible before it writes anything else.
    pub(super) fn next_state(&self, now: Timestamp) -> Result<NextState, PublishError> {
        let newest = self.newest(now);
        let issued = to_minute(now).max(self.head.issued);
        let charter = self.chain.in_force(now).version;
        let mut head = Head {
            charter,
            charter_digest: self.chain.digest_in_force(now),
            sequence: self.next_sequence(charter),
            issued,
            expires: later(issued, HEAD_LIFETIME),
            ..self.head.clone()
        };
        let displaced = self.displaced_months(now);
        head.files.retain(|entry| entry.name != NEWEST && !displaced.contains(&entry.name));
        if !newest.is_empty() {
            let sha256 = Digest::of(newest.as_bytes());
            head.files.insert(0, FileEntry { name: NEWEST.to_owned(), bytes: newest.len() as u64, sha256 });
        }
        let sealed = |head: &Head| match head.seal(&self.keys.routine) {
            Ok(envelope) => Ok(envelope.to_json()),
            Err(HeadError::Sequence) => Err(self.number_spent(now)),
            Err(error) => Err(refused(error)),
        };
        Ok(NextState { bare: sealed(&bare(&head))?, signed: sealed(&head)?, head, newest })
    }

    /// The head before the newest one, which does not name the file of the newest.
    pub(super) fn bare_head(&self) -> Head {
        bare(&self.head)
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
    moves: SiteMoves,
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
        // A frozen community moves nobody.
        let moves = if frozen.is_some() { SiteMoves::default() } else { SiteMoves::of(chain, now) };
        let pictures = stated(events);
        Self { community, posts, gatherings, link, copied_by, frozen, pictures, moves, state_of, language }
    }

    pub(super) fn site(&self) -> Site<'_> {
        let site = Site::new(&self.community, self.state_of).with_posts(&self.posts).with_events(&self.gatherings);
        let site = site.with_link(&self.link).with_language(self.language).with_pictures(&self.pictures);
        let site = site.with_moves(&self.moves);
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

/// The state that is stated next.
pub(super) struct NextState {
    head: Head,
    /// The envelope of the head without the newest.
    bare: String,
    /// The envelope of the head.
    signed: String,
    newest: String,
}

impl NextState {
    /// A head without the newest, the newest, and a head with it: each of the three states is complete.
    fn write(&self, files: &mut Files) -> Result<(), PublishError> {
        let known = files.read(NEWEST, MAX_FILE_BYTES)?;
        if known.as_deref() != Some(self.newest.as_bytes()) {
            files.replace(HEAD, self.bare.as_bytes())?;
            files.replace(NEWEST, self.newest.as_bytes())?;
        }
        Ok(files.replace(HEAD, self.signed.as_bytes())?)
    }
}

fn bare(head: &Head) -> Head {
    let mut head = Head { sequence: head.sequence - 1, ..head.clone() };
    head.files.retain(|entry| entry.name != NEWEST);
    head
}

fn copy(from: &Files, to: &mut Files, name: &str) -> Result<(), PublishError> {
    let bytes = from.read(name, MAX_FILE_BYTES)?.ok_or(PublishError::Damaged)?;
    Ok(to.replace(name, &bytes)?)
}

/// What a first screen shows.
const NEWEST_POSTS: usize = 20;
const NEWEST_EVENTS: usize = 5;
const NEWEST_DELETIONS: usize = 20;
