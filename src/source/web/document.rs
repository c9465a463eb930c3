//! The content of an answer: a feed, a calendar, or a page that may name some.
//!
//! A body is taken by value. It becomes text, the text becomes posts or gatherings, and each is dropped as early as possible: what is
//! held at one time stays below 64 MiB for the largest answer (`tests/web_memory.rs`).

use http::HeaderMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use super::calendar::{self, Gatherings};
use super::encoding::{self, Text};
use super::feed::{self, Feed, Take};
use super::format::WebFormat;
use super::kind::{self, AnswerFormat};
use super::posts::{self, Posts};
use super::{discover, encoding::into_text};
use crate::community::CommunityId;

/// The content of a body.
pub(super) enum Document {
    Feed(WebFormat, Box<Posts>),
    Calendar(Box<Gatherings>),
    Page(discover::PageLinks),
    /// What was last read here, in this format, has not changed.
    Unchanged(WebFormat),
}

impl Document {
    /// Whether it ends in its middle.
    pub(super) fn breaks_off(&self) -> bool {
        match self {
            Document::Feed(_, read) => read.feed.breaks_off,
            Document::Calendar(read) => read.breaks_off,
            Document::Page(_) | Document::Unchanged(_) => false,
        }
    }
}

/// What the head of an answer says about its body.
#[derive(Clone, Copy)]
pub(super) struct Answered<'a> {
    /// The address that it came from.
    pub(super) url: &'a Url,
    pub(super) headers: &'a HeaderMap,
}

impl Answered<'_> {
    fn content_type(&self) -> Option<&str> {
        self.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
    }
}

/// The content of a body, as of this time. `None`: nothing readable.
pub(super) fn read_body(
    mut body: Vec<u8>,
    answered: Answered<'_>,
    community: &CommunityId,
    at: Timestamp,
) -> Option<Document> {
    let (url, content_type) = (answered.url, answered.content_type());
    if calendar::is_calendar(&body) {
        // Lines are joined before the bytes are decoded, because they may be folded inside a character.
        calendar::unfold(&mut body);
        let Text { text, is_cut } = into_text(body, content_type);
        let mut found = calendar::read(&text)?.gatherings(community, url, at, TimeZone::system);
        found.cut |= is_cut;
        return Some(Document::Calendar(Box::new(found)));
    }
    let Text { text, is_cut } = into_text(body, content_type);
    let feed = |read: fn(&str, &mut Take<'_>) -> Option<Feed>| {
        let mut found = posts::posts(community, url, &text, read)?;
        found.feed.cut |= is_cut;
        Some(Box::new(found))
    };
    Some(match kind::kind(&text, content_type) {
        AnswerFormat::XmlFeed => {
            let found = feed(feed::read_xml)?;
            Document::Feed(if found.feed.is_atom { WebFormat::Atom } else { WebFormat::Rss }, found)
        }
        AnswerFormat::JsonFeed => Document::Feed(WebFormat::JsonFeed, feed(feed::read_json)?),
        AnswerFormat::Calendar => {
            Document::Calendar(Box::new(calendar::read(&text)?.gatherings(community, url, at, TimeZone::system)))
        }
        AnswerFormat::Html => Document::Page(discover::page(&text, answered.headers, url)),
        AnswerFormat::Unknown => return None,
    })
}

/// What a body turns out to be.
pub(super) enum Recognised {
    /// A feed with entries, or a calendar with events.
    Content,
    Page(discover::PageLinks),
    /// Nothing that can be read, or nothing in it.
    Nothing,
}

/// Recognises a body without building what it contains.
pub(super) fn recognise(body: &[u8], answered: Answered<'_>) -> Recognised {
    let content_type = answered.content_type();
    let of_content = |holds: bool| if holds { Recognised::Content } else { Recognised::Nothing };
    if calendar::is_calendar(body) {
        return of_content(calendar::holds_events(body));
    }
    let Text { text, .. } = encoding::text(body, content_type);
    let holds_entries = |read: fn(&str, &mut Take<'_>) -> Option<Feed>| {
        read(&text, &mut |_, _| true).is_some_and(|feed| feed.count > 0)
    };
    match kind::kind(&text, content_type) {
        AnswerFormat::XmlFeed => of_content(holds_entries(feed::read_xml)),
        AnswerFormat::JsonFeed => of_content(holds_entries(feed::read_json)),
        AnswerFormat::Calendar => of_content(calendar::holds_events(text.as_bytes())),
        AnswerFormat::Html => Recognised::Page(discover::page(&text, answered.headers, answered.url)),
        AnswerFormat::Unknown => Recognised::Nothing,
    }
}
