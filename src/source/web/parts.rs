//! What is read of a community, piece by piece.

use jiff::Timestamp;
use url::Url;

use super::calendar::Gatherings;
use super::document::Document;
use super::format::WebFormat;
use super::posts;
use crate::community::{Community, Event, Link, Post};
use crate::source::{SourceNote, html};

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
}

impl Parts {
    /// Adds what a feed or a calendar contains, as of this time.
    pub(super) fn take(&mut self, community: &Community, document: Document, base: &Url, at: Timestamp) {
        match document {
            Document::Feed(format, feed) => {
                let base =
                    &feed.page.as_deref().and_then(|page| html::web_url(page, Some(base))).unwrap_or(base.clone());
                let (posts, notes) = posts::posts(&community.id, &feed, base);
                self.name = feed.title.as_ref().map(|title| posts::line(title, base));
                self.description = feed
                    .subtitle
                    .as_ref()
                    .map(|subtitle| posts::rendered(subtitle, base, MAX_DESCRIPTION).text)
                    .filter(|text| !text.is_empty());
                if feed.page.is_some() {
                    self.links.push(Link::new(base.as_str(), None));
                }
                self.posts = posts;
                self.notes.extend(notes);
                self.truncated |= feed.cut;
                self.formats.push(format);
            }
            Document::Calendar(calendar) => {
                let Gatherings { events, odd, floating, cut } = calendar.gatherings(&community.id, base, at);
                self.name = self.name.take().or(calendar.name);
                self.description = self.description.take().or(calendar.description);
                self.events = events;
                self.notes.extend((odd > 0).then_some(SourceNote::EventsOdd { count: odd }));
                self.notes.extend((floating > 0).then_some(SourceNote::EventsWithoutZone { count: floating }));
                self.truncated |= cut;
                self.formats.push(WebFormat::Calendar);
            }
            Document::Unchanged(format) => {
                self.formats.push(format);
                self.unchanged.push(format);
            }
            Document::Page(_) => {}
        }
    }
}

/// The longest description of a community, in characters.
const MAX_DESCRIPTION: usize = 5_000;
