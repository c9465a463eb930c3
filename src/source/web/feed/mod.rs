//! Feeds as data: what Atom, RSS and JSON Feed have in common.
//!
//! The readers (`xml`, `json`) take what is there and count what they cannot read. They know no network. Each entry is handed
//! out as soon as it is read and is not kept, so a feed takes little more memory than its text. What a feed says about itself
//! is its claim: it can name no other community than the one at its address.

mod date;
mod json;
mod json_parts;
#[cfg(test)]
mod whole;
mod xml;

pub(super) use json::read as read_json;
pub(super) use xml::read as read_xml;

use std::time::Duration;

use jiff::Timestamp;

/// A feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Feed {
    pub(super) title: Option<Markup>,
    pub(super) subtitle: Option<Markup>,
    /// The page that the feed belongs to.
    pub(super) page: Option<String>,
    pub(super) author: Option<Person>,
    /// How often the feed says that it changes.
    pub(super) period: Option<Duration>,
    /// Where its older entries are (RFC 5005).
    pub(super) older: Option<String>,
    /// Where it says that it has moved.
    pub(super) moved: Option<String>,
    /// It names WordPress as its program.
    pub(super) is_wordpress: bool,
    /// Whether it is Atom; otherwise it is RSS or JSON Feed.
    pub(super) is_atom: bool,
    /// The number of entries that were handed out.
    pub(super) count: usize,
    /// Entries of which nothing could be read.
    pub(super) odd: usize,
    /// Entries that end where the document is broken.
    pub(super) torn: usize,
    /// There are more entries than the limit, or than were wanted.
    pub(super) cut: bool,
    /// The document ends before the feed does.
    pub(super) breaks_off: bool,
}

/// Takes an entry, with what is known of its feed so far. `false`: no further entry is wanted.
pub(super) type Take<'a> = dyn FnMut(&Feed, Entry) -> bool + 'a;

impl Feed {
    /// Hands out an entry, unless it is empty or the feed has too many. `false`: the reading ends.
    fn hand_out(&mut self, entry: Entry, take: &mut Take<'_>) -> bool {
        if entry.is_empty() {
            self.odd += 1;
            return true;
        }
        if self.count >= MAX_ENTRIES || !take(self, entry) {
            self.cut = true;
            return false;
        }
        self.count += 1;
        true
    }
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The feed's id for the entry.
    pub(super) id: Option<String>,
    /// Its page.
    pub(super) page: Option<String>,
    /// The base of relative addresses in the entry, if it states one (`xml:base`).
    pub(super) base: Option<String>,
    pub(super) title: Option<Markup>,
    /// The whole text, or a summary if the feed has only that.
    pub(super) text: Option<Markup>,
    pub(super) author: Option<Person>,
    pub(super) published: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) enclosures: Vec<Enclosure>,
}

impl Entry {
    /// Whether nothing in it could be shown.
    fn is_empty(&self) -> bool {
        let Self { title, text, enclosures, page, .. } = self;
        title.is_none() && text.is_none() && enclosures.is_empty() && page.is_none()
    }
}

/// Text, or HTML that is not parsed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    Text(String),
    Html(String),
}

/// An author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) page: Option<String>,
}

/// A file that belongs to an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Enclosure {
    pub(super) url: String,
    pub(super) media_type: Option<String>,
    pub(super) bytes: Option<u64>,
    pub(super) title: Option<String>,
}

/// The most entries of one feed. A blog's feed has dozens; an archive in one file has thousands.
const MAX_ENTRIES: usize = 10_000;

/// The most enclosures of one entry.
const MAX_ENCLOSURES: usize = 50;

/// Bytes of one field with its markup. A longer text is cut: what is shown of it is far shorter.
const MAX_FIELD: usize = 256 * 1024;

/// The beginning of a text: whole characters, at most this many bytes.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
