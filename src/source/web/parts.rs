//! What is read of a community, piece by piece.

use std::collections::HashSet;

use jiff::Timestamp;
use url::Url;

use super::calendar::Gatherings;
use super::discover::same_host;
use super::document::Document;
use super::format::WebFormat;
use super::posts::Posts;
use super::{older, posts};
use crate::community::{CalendarReading, CommunityId, Event, Field, Home, Link, Post};
use crate::source::claims::Claims;
use crate::source::{SourceNote, held_bytes, html};

/// What is read of a community, piece by piece.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) links: Vec<Link>,
    pub(super) posts: Vec<Post>,
    pub(super) events: Vec<Event>,
    pub(super) formats: Vec<WebFormat>,
    /// The formats that have not changed since they were last read.
    pub(super) unchanged: Vec<WebFormat>,
    pub(super) notes: Vec<SourceNote>,
    pub(super) truncated: bool,
    /// Where the feed's older entries are, on its own host.
    pub(super) older: Option<Url>,
    /// Where the feed says that it has moved.
    pub(super) moved: Option<Url>,
    /// Where the texts of the feed and the calendar say that they moved to or came from.
    pub(super) claims: Claims,
    /// What the calendar says about the gatherings that were read from it before.
    pub(super) calendar: Option<CalendarReading>,
}

impl Parts {
    /// Adds what a feed or a calendar at this address contains.
    pub(super) fn take(&mut self, document: Document, found_at: &Url, community: &CommunityId) {
        match document {
            Document::Feed(format, read) => {
                self.older = older::page(&read.feed, found_at);
                let Posts { feed, base, posts, notes } = *read;
                self.moved = feed.moved.as_deref().and_then(|moved| html::web_url(moved, Some(found_at)));
                let is_own = is_own(found_at);
                self.name = feed.title.as_ref().map(|title| posts::line(title, &base));
                let title = feed.title.as_ref().map(|title| posts::rendered(title, &base, MAX_DESCRIPTION));
                let about = feed.subtitle.as_ref().map(|subtitle| posts::rendered(subtitle, &base, MAX_DESCRIPTION));
                for (text, field) in [(&about, Field::Description), (&title, Field::Name)] {
                    let claims = text.as_ref().map(|text| text.claims(field, &is_own)).unwrap_or_default();
                    self.claims = std::mem::take(&mut self.claims).or(claims);
                }
                self.description = about.map(|about| about.text).filter(|text| !text.is_empty());
                if feed.page.is_some() {
                    self.links.push(Link::new(base.as_str(), None));
                }
                self.posts = posts;
                self.notes.extend(notes);
                self.notes.extend(feed.cut.then_some(SourceNote::PostsCut { count: self.posts.len() }));
                self.notes.extend(feed.breaks_off.then_some(SourceNote::BreaksOff));
                self.formats.push(format);
            }
            Document::Calendar(read) => {
                let mut read = read;
                self.calendar = read.reading(community, found_at);
                let Gatherings { name, description, events, odd, floating, cut, breaks_off, .. } = *read;
                self.name = self.name.take().or(name);
                let about = html::plain(description.as_deref().unwrap_or_default(), MAX_DESCRIPTION);
                self.claims = std::mem::take(&mut self.claims).or(about.claims(Field::Description, &is_own(found_at)));
                self.description = self.description.take().or(description);
                self.events = events;
                self.notes.extend((odd > 0).then_some(SourceNote::EventsOdd { count: odd }));
                self.notes.extend((floating > 0).then_some(SourceNote::EventsWithoutZone { count: floating }));
                self.notes.extend(cut.then_some(SourceNote::EventsCut { count: self.events.len() }));
                self.notes.extend(breaks_off.then_some(SourceNote::BreaksOff));
                self.formats.push(WebFormat::Calendar);
            }
            Document::Unchanged(format) => {
                self.formats.push(format);
                self.unchanged.push(format);
            }
            Document::Page(_) => {}
        }
    }

    /// Adds the entries of an older page of the feed, and says how many are new.
    pub(super) fn take_older(&mut self, read: Posts, found_at: &Url) -> usize {
        self.older = older::page(&read.feed, found_at);
        let known: HashSet<String> = self.posts.iter().map(|post| post.id.clone()).collect();
        let before = self.posts.len();
        self.posts.extend(read.posts.into_iter().filter(|post| !known.contains(&post.id)));
        self.posts.truncate(MAX_POSTS.max(before));
        self.notes.extend(read.notes);
        let knows = self.notes.iter().any(|note| matches!(note, SourceNote::BreaksOff));
        self.notes.extend((read.feed.breaks_off && !knows).then_some(SourceNote::BreaksOff));
        self.posts.len() - before
    }

    /// Whether as much was read as is held while older pages are read.
    pub(super) fn is_full(&self) -> bool {
        self.posts.iter().map(held_bytes::of_post).sum::<usize>() >= MAX_HELD
    }

    /// When the oldest entry that was read was published.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.posts.iter().filter_map(|post| post.created).min()
    }
}

/// Whether a home is on the same host as an address. A text that names it claims no move.
fn is_own(at: &Url) -> impl Fn(&Home) -> bool + use<> {
    let at = at.clone();
    move |home| matches!(home, Home::Web(url) if same_host(url, &at))
}

/// The longest description of a community, in characters.
const MAX_DESCRIPTION: usize = 5_000;

/// Bytes of posts that end the reading of older pages: with them, the largest page fits into 64 MiB.
const MAX_HELD: usize = 8 << 20;

/// Posts of all pages of a feed together.
const MAX_POSTS: usize = 10_000;
