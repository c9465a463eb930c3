//! Reads Atom (RFC 4287) and RSS 0.9x, 1.0 and 2.0, with the usual extensions: Dublin Core, `content:encoded`, Media
//! RSS, iTunes.
//!
//! Entries are read one after another. For each, a small tree of bounded size and depth is built, which borrows from the document, and
//! dropped again. A document type is skipped: only the entities of XML and HTML are known, and nothing is ever loaded. If the document
//! is broken, reading continues at the next entry.

mod element;
mod entry;
mod syndication;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{Feed, MAX_FIELD, Take, head};
use crate::source::html;
use element::{Attribute, Element, Space, attributes};
use syndication::Syndication;

/// Reads a document, and hands out its entries. `None`: it is not a feed.
pub(in crate::source::web) fn read(text: &str, take: &mut Take<'_>) -> Option<Feed> {
    let mut reading = Reading {
        document: text,
        take,
        feed: Feed::default(),
        is_feed: false,
        is_closed: false,
        open: Vec::new(),
        skipped: 0,
        size: 0,
        prefixes: Vec::new(),
        base: None,
        syndication: Syndication::default(),
    };
    let mut from = text.find('<')?;
    while let Some(rest) = text.get(from..) {
        match reading.run(rest, from) {
            Ended::Whole => break,
            Ended::Broken { at } => {
                reading.torn();
                let Some(next) = next_entry(text, at.max(from + 1)) else {
                    reading.is_closed |= ends_as_feed(text);
                    break;
                };
                from = next;
            }
        }
    }
    // The limit may end the reading earlier.
    reading.feed.breaks_off = !reading.is_closed && !reading.feed.cut;
    reading.is_feed.then_some(reading.feed)
}

/// Whether the last end tag of a document is that of a feed.
fn ends_as_feed(text: &str) -> bool {
    let name = text.rsplit_once("</").and_then(|(_, end)| end.split(['>', ' ', '\t', '\r', '\n']).next());
    let local = name.map(|name| name.split_once(':').map_or(name, |(_, local)| local));
    local.is_some_and(|local| ROOTS.contains(&local))
}

/// How a run over the document ended.
enum Ended {
    /// At the end of the document, or at the limit.
    Whole,
    /// Where the text is not XML.
    Broken { at: usize },
}

/// Where the next entry may begin.
fn next_entry(text: &str, from: usize) -> Option<usize> {
    let mut from = from;
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let rest = text.get(from..)?;
    let begins = |at: &usize| {
        let tag = rest.get(at + 1..).unwrap_or_default();
        ENTRIES
            .iter()
            .filter_map(|name| tag.strip_prefix(name))
            .any(|after| after.starts_with(['>', ' ', '\t', '\r', '\n']))
    };
    // This takes one pass in total: a document may break at every entry.
    rest.match_indices('<').map(|(at, _)| at).find(begins).map(|at| from + at)
}

struct Reading<'a, 't> {
    document: &'t str,
    take: &'a mut Take<'a>,
    feed: Feed,
    /// Whether `rss`, `feed` or `RDF` was found.
    is_feed: bool,
    /// Whether its end was found.
    is_closed: bool,
    /// The open elements, from an entry or a child of the feed down.
    open: Vec<Element<'t>>,
    /// The number of open elements below these that are not kept.
    skipped: usize,
    /// The number of elements in the tree.
    size: usize,
    /// The prefixes that the document declares.
    prefixes: Vec<(String, Space)>,
    /// `xml:base` of the feed.
    base: Option<String>,
    syndication: Syndication,
}

impl<'t> Reading<'_, 't> {
    /// Reads from `offset` on, where `text` begins in the document.
    fn run(&mut self, text: &'t str, offset: usize) -> Ended {
        let mut reader = Reader::from_str(text);
        // «AT&T» is not XML, and is in many feeds.
        reader.config_mut().allow_dangling_amp = true;
        // After a broken entry, the rest of the document ends elements that began before it.
        reader.config_mut().allow_unmatched_ends = offset > 0;
        let mut depth = 0_usize;
        loop {
            let before = offset + position(reader.buffer_position());
            // The reader keeps the name of each open element.
            if depth > DEEPEST {
                return Ended::Broken { at: before };
            }
            match reader.read_event() {
                Err(_) => return Ended::Broken { at: offset + position(reader.error_position()) },
                Ok(Event::Eof) => {
                    if !self.open.is_empty() {
                        self.torn();
                    }
                    return Ended::Whole;
                }
                Ok(Event::Start(tag)) => {
                    depth += 1;
                    self.start(&tag, before, offset + position(reader.buffer_position()));
                }
                Ok(Event::Empty(tag)) => {
                    self.start(&tag, before, before);
                    self.end(before);
                    self.is_closed |= depth == 0;
                }
                Ok(Event::End(tag)) => {
                    depth = depth.saturating_sub(1);
                    let name = tag.local_name();
                    self.is_closed |= self.open.is_empty() && ROOTS.iter().any(|root| name.as_ref() == *root);
                    self.end(before);
                }
                Ok(Event::Text(text)) => self.text(text.into_inner()),
                Ok(Event::CData(text)) => self.text(text.into_inner()),
                Ok(Event::GeneralRef(reference)) => self.reference(&reference),
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
            }
            if self.feed.cut {
                return Ended::Whole;
            }
        }
    }

    /// Drops the elements that were open where the document broke.
    fn torn(&mut self) {
        self.feed.torn += usize::from(!self.open.is_empty());
        self.open.clear();
        (self.skipped, self.size) = (0, 0);
    }

    /// An element begins: its tag at `at`, and its content at `begins`.
    fn start(&mut self, tag: &BytesStart<'_>, at: usize, begins: usize) {
        // The tag as it stands in the document, which outlives the event.
        let content = self.document.get(at + 1..).and_then(|rest| rest.get(..tag.len()));
        let Some((name, _)) = content.and_then(|content| content.split_at_checked(tag.name().as_ref().len())) else {
            return;
        };
        let content = content.unwrap_or_default();
        let (prefix, local) = name.split_once(':').map_or((None, name), |(prefix, local)| (Some(prefix), local));
        if self.open.is_empty() && CONTAINERS.contains(&local) {
            self.is_feed |= local != "channel";
            self.feed.is_atom |= local == "feed";
            let attributes = attributes(content, name.len());
            self.declare(&attributes);
            if let Some((_, base)) = attributes.into_iter().find(|(key, _)| *key == "xml:base") {
                self.base = Some(base.into_owned());
            }
            return;
        }
        if self.skipped > 0 || self.open.len() >= MAX_DEPTH || self.size >= MAX_ELEMENTS {
            self.skipped += 1;
            return;
        }
        let attributes = attributes(content, name.len());
        self.size += 1;
        self.open.push(Element {
            space: self.space(prefix, &attributes),
            name: local,
            attributes,
            begins,
            ..Element::default()
        });
    }

    fn end(&mut self, ends: usize) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if let Some(parent) = self.open.last_mut() {
                parent.markup.get_or_insert_default();
            }
            return;
        }
        let Some(mut element) = self.open.pop() else { return };
        if let Some(markup) = &mut element.markup {
            *markup = head(self.document.get(element.begins..ends).unwrap_or_default(), MAX_FIELD);
        }
        match self.open.last_mut() {
            Some(parent) => {
                parent.markup.get_or_insert_default();
                parent.children.push(element);
            }
            None => {
                self.size = 0;
                self.take(&element);
            }
        }
    }

    fn text(&mut self, text: Cow<'t, str>) {
        if self.skipped > 0 {
            return;
        }
        let Some(element) = self.open.last_mut() else { return };
        let room = MAX_FIELD.saturating_sub(element.text.len());
        match text {
            Cow::Borrowed(text) if element.text.is_empty() => element.text = Cow::Borrowed(head(text, room)),
            text => element.text.to_mut().push_str(head(&text, room)),
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        let name: &str = reference;
        match reference.resolve_char_ref() {
            Ok(Some(c)) => self.text(Cow::Owned(c.to_string())),
            // A number that is not a character.
            Err(_) => {}
            Ok(None) => match resolve_xml_entity(name) {
                Some(text) => self.text(Cow::Borrowed(text)),
                // An entity that the document defines is never expanded.
                None => self.text(Cow::Owned(
                    html::entity(name).unwrap_or_else(|| format!("&{};", head(name, LONGEST_REFERENCE))),
                )),
            },
        }
    }

    /// Notes the prefixes that a container declares.
    fn declare(&mut self, attributes: &[Attribute<'t>]) {
        for (key, uri) in attributes {
            if let Some(prefix) = key.strip_prefix("xmlns:")
                && self.prefixes.len() < MAX_PREFIXES
            {
                self.prefixes.push((prefix.to_owned(), Space::of_namespace(uri)));
            }
        }
    }

    fn space(&self, prefix: Option<&str>, attributes: &[Attribute<'t>]) -> Space {
        let Some(prefix) = prefix else {
            let own = attributes.iter().find(|(key, _)| *key == "xmlns");
            return own.map_or(Space::Own, |(_, uri)| Space::of_namespace(uri));
        };
        let here = attributes.iter().find(|(key, _)| key.strip_prefix("xmlns:") == Some(prefix));
        let here = here.map(|(_, uri)| Space::of_namespace(uri));
        let declared = || self.prefixes.iter().rev().find(|(known, _)| known == prefix).map(|(_, space)| *space);
        here.or_else(declared).unwrap_or_else(|| Space::of_prefix(prefix))
    }

    /// A child of the feed is complete.
    fn take(&mut self, element: &Element<'t>) {
        if element.space == Space::Own && ENTRIES.contains(&element.name) {
            let mut entry = element.entry();
            entry.base = self.resolved_base(entry.base.take());
            self.feed.hand_out(entry, &mut *self.take);
            return;
        }
        let feed = &mut self.feed;
        if element.space == Space::Syndication {
            self.syndication.take(element);
            feed.period = self.syndication.period().or(feed.period);
            return;
        }
        if element.space == Space::Itunes && element.name == "new-feed-url" {
            feed.moved = Some(element.text.trim().to_owned());
        }
        if element.space != Space::Own {
            return;
        }
        match element.name {
            // `ttl` is in minutes (RSS 2.0).
            "ttl" => {
                feed.period = feed.period.or_else(|| Some(Duration::from_secs(element.number()?.checked_mul(60)?)))
            }
            "title" => feed.title = feed.title.take().or_else(|| element.as_markup()),
            "subtitle" | "tagline" | "description" => {
                feed.subtitle = feed.subtitle.take().or_else(|| element.as_markup())
            }
            "link" => {
                feed.page = feed.page.take().or_else(|| element.page());
                if matches!(element.attribute("rel"), Some("next" | "prev-archive")) {
                    feed.older = element.attribute("href").map(|href| href.trim().to_owned());
                }
            }
            "newLocation" => feed.moved = Some(element.text.trim().to_owned()),
            "generator" => feed.is_wordpress |= element.text.contains("wordpress.org"),
            "author" => feed.author = feed.author.take().or_else(|| element.person()),
            _ => {}
        }
    }

    /// `xml:base` of an entry is relative to that of the feed.
    fn resolved_base(&self, own: Option<String>) -> Option<String> {
        match (&self.base, own) {
            (Some(base), Some(own)) => {
                let joined = html::web_url(base, None).and_then(|base| html::web_url(&own, Some(&base)));
                joined.map(String::from).or(Some(own))
            }
            (base, own) => own.or_else(|| base.clone()),
        }
    }
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// Elements that hold entries.
const CONTAINERS: [&str; 4] = ["rss", "RDF", "feed", "channel"];

/// The outermost elements of feeds.
const ROOTS: [&str; 3] = ["rss", "RDF", "feed"];

/// Names of entry elements.
const ENTRIES: [&str; 2] = ["item", "entry"];

/// The maximum depth of an entry's tree: `entry`, `media:group`, `media:content`, `media:description`. Deeper markup
/// belongs to a text.
const MAX_DEPTH: usize = 4;

/// The most elements of one entry. The fullest have a hundred.
const MAX_ELEMENTS: usize = 1000;

/// The maximum depth of a document.
const DEEPEST: usize = 1000;
const LONGEST_REFERENCE: usize = 64;
const MAX_PREFIXES: usize = 64;
