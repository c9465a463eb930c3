//! Reads Atom (RFC 4287) and RSS 0.9x, 1.0 and 2.0, with the usual extensions: Dublin Core, `content:encoded`, Media
//! RSS, iTunes.
//!
//! Entries are read one after another. For each, a small tree of bounded size and depth is built and dropped again. A
//! document type is skipped: only the entities of XML and HTML are known, and nothing is ever loaded. If the document
//! is broken, reading continues at the next entry.

use std::time::Duration;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{Enclosure, Entry, Feed, MAX_ENCLOSURES, MAX_ENTRIES, MAX_FIELD, Markup, Person, date, head};
use crate::source::html;

/// Reads a document. `None`: it is not a feed.
pub(in crate::source::web) fn read(text: &str) -> Option<Feed> {
    let mut reading = Reading { document: text, ..Reading::default() };
    let mut from = text.find('<')?;
    while let Some(rest) = text.get(from..) {
        match reading.run(rest, from) {
            Ended::Whole => break,
            Ended::Broken { at } => {
                reading.torn();
                let Some(next) = next_entry(text, at.max(from + 1)) else { break };
                from = next;
            }
        }
    }
    reading.is_feed.then_some(reading.feed)
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

#[derive(Default)]
struct Reading<'a> {
    document: &'a str,
    feed: Feed,
    /// Whether `rss`, `feed` or `RDF` was found.
    is_feed: bool,
    /// The open elements, from an entry or a child of the feed down.
    open: Vec<Element>,
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

/// How often a feed says that it changes, in the module "syndication" of RSS 1.0: so many times in each period.
#[derive(Clone, Copy, Debug, Default)]
struct Syndication {
    period: Option<Duration>,
    frequency: Option<u64>,
}

impl Syndication {
    fn take(&mut self, element: &Element) {
        match element.name.as_str() {
            "updatePeriod" => self.period = period(element.text.trim()),
            "updateFrequency" => self.frequency = element.number().filter(|times| *times > 0),
            _ => {}
        }
    }

    fn period(self) -> Option<Duration> {
        let times = self.frequency.unwrap_or(1);
        self.period.map(|period| Duration::from_secs(period.as_secs() / times))
    }
}

fn period(name: &str) -> Option<Duration> {
    const HOUR: u64 = 60 * 60;
    let hours = match name {
        "hourly" => 1,
        "daily" => 24,
        "weekly" => 7 * 24,
        "monthly" => 30 * 24,
        "yearly" => 365 * 24,
        _ => return None,
    };
    Some(Duration::from_secs(hours * HOUR))
}

/// One element of an entry.
#[derive(Debug, Default)]
struct Element {
    space: Space,
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
    /// Where its content begins in the document.
    begins: usize,
    /// Its content with markup, if it has elements.
    markup: Option<String>,
}

/// The namespace of an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Space {
    /// The feed format's own.
    #[default]
    Own,
    DublinCore,
    Content,
    Media,
    Itunes,
    Syndication,
    Other,
}

impl Space {
    /// By the URI of the namespace.
    fn of_namespace(uri: &str) -> Self {
        let uri = uri.trim();
        if uri.contains("w3.org/2005/Atom") || uri.contains("purl.org/atom/") || uri.contains("purl.org/rss/1.0/") {
            return match uri {
                _ if uri.contains("modules/content") => Self::Content,
                _ if uri.contains("modules/syndication") => Self::Syndication,
                _ => Self::Own,
            };
        }
        if uri.contains("purl.org/dc/") {
            return Self::DublinCore;
        }
        if uri.contains("search.yahoo.com/mrss") {
            return Self::Media;
        }
        if uri.contains("itunes.com/dtds/podcast") {
            return Self::Itunes;
        }
        if uri.contains("netscape.com/rdf") || uri.contains("backend.userland.com") { Self::Own } else { Self::Other }
    }

    /// By the usual prefix, if a document declares none.
    fn of_prefix(prefix: &str) -> Self {
        match prefix {
            "" | "atom" | "atom10" | "a10" | "rss" => Self::Own,
            "dc" => Self::DublinCore,
            "content" => Self::Content,
            "media" => Self::Media,
            "itunes" => Self::Itunes,
            "sy" => Self::Syndication,
            _ => Self::Other,
        }
    }
}

impl Reading<'_> {
    /// Reads from `offset` on, where `text` begins in the document.
    fn run(&mut self, text: &str, offset: usize) -> Ended {
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
                    self.start(&tag, offset + position(reader.buffer_position()));
                }
                Ok(Event::Empty(tag)) => {
                    self.start(&tag, before);
                    self.end(before);
                }
                Ok(Event::End(_)) => {
                    depth = depth.saturating_sub(1);
                    self.end(before);
                }
                Ok(Event::Text(text)) => self.text(&text),
                Ok(Event::CData(text)) => self.text(&text),
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

    fn start(&mut self, tag: &BytesStart<'_>, begins: usize) {
        let name = tag.local_name();
        let name: &str = name.as_ref();
        if self.open.is_empty() && CONTAINERS.contains(&name) {
            self.is_feed |= name != "channel";
            self.feed.is_atom |= name == "feed";
            self.declare(tag);
            if let Some(base) = attributes(tag).into_iter().find(|(key, _)| key == "xml:base") {
                self.base = Some(base.1);
            }
            return;
        }
        if self.skipped > 0 || self.open.len() >= MAX_DEPTH || self.size >= MAX_ELEMENTS {
            self.skipped += 1;
            return;
        }
        let attributes = attributes(tag);
        self.size += 1;
        self.open.push(Element {
            space: self.space(tag, &attributes),
            name: name.to_owned(),
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
            let inner = self.document.get(element.begins..ends).unwrap_or_default();
            head(inner, MAX_FIELD).clone_into(markup);
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

    fn text(&mut self, text: &str) {
        if self.skipped == 0
            && let Some(element) = self.open.last_mut()
        {
            element.text.push_str(head(text, MAX_FIELD.saturating_sub(element.text.len())));
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        let name: &str = reference;
        match reference.resolve_char_ref() {
            Ok(Some(c)) => self.text(c.encode_utf8(&mut [0; 4])),
            // A number that is not a character.
            Err(_) => {}
            Ok(None) => match html::entity(name) {
                Some(text) => self.text(&text),
                // An entity that the document defines is never expanded.
                None => self.text(&format!("&{};", head(name, LONGEST_REFERENCE))),
            },
        }
    }

    /// Notes the prefixes that a container declares.
    fn declare(&mut self, tag: &BytesStart<'_>) {
        for (key, uri) in attributes(tag) {
            if let Some(prefix) = key.strip_prefix("xmlns:")
                && self.prefixes.len() < MAX_PREFIXES
            {
                self.prefixes.push((prefix.to_owned(), Space::of_namespace(&uri)));
            }
        }
    }

    fn space(&self, tag: &BytesStart<'_>, attributes: &[(String, String)]) -> Space {
        let name = tag.name();
        let name: &str = name.as_ref();
        let Some((prefix, _)) = name.split_once(':') else {
            let own = attributes.iter().find(|(key, _)| key == "xmlns");
            return own.map_or(Space::Own, |(_, uri)| Space::of_namespace(uri));
        };
        let declares = format!("xmlns:{prefix}");
        let here = attributes.iter().find(|(key, _)| *key == declares).map(|(_, uri)| Space::of_namespace(uri));
        let declared = || self.prefixes.iter().rev().find(|(known, _)| known == prefix).map(|(_, space)| *space);
        here.or_else(declared).unwrap_or_else(|| Space::of_prefix(prefix))
    }

    /// A child of the feed is complete.
    fn take(&mut self, element: &Element) {
        if element.space == Space::Own && ENTRIES.contains(&element.name.as_str()) {
            if self.feed.entries.len() >= MAX_ENTRIES {
                self.feed.cut = true;
                return;
            }
            let mut entry = element.entry();
            entry.base = self.resolved_base(entry.base.take());
            if entry.is_empty() {
                self.feed.odd += 1;
            } else {
                self.feed.entries.push(entry);
            }
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
        match element.name.as_str() {
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

impl Element {
    fn entry(&self) -> Entry {
        let own = |name: &str| self.children.iter().find(|child| child.space == Space::Own && child.name == name);
        let of = |space: Space, name: &str| {
            self.children.iter().find(|child| child.space == space && child.name == name && child.has_content())
        };
        let any = |names: &[(Space, &str)]| names.iter().find_map(|(space, name)| of(*space, name));
        let links = || self.children.iter().filter(|child| child.space == Space::Own && child.name == "link");
        let guid = own("guid").filter(|guid| guid.has_content());
        let permalink = guid.filter(|guid| guid.attribute("isPermaLink").is_none_or(|is| is == "true"));
        let text = any(&[
            (Space::Content, "encoded"),
            (Space::Own, "content"),
            (Space::Own, "description"),
            (Space::Own, "summary"),
            (Space::Media, "description"),
            (Space::Itunes, "summary"),
            (Space::DublinCore, "description"),
        ]);
        let in_group = self.children.iter().filter(|child| child.space == Space::Media && child.name == "group");
        let text =
            text.or_else(|| in_group.flat_map(|group| &group.children).find(|child| child.name == "description"));
        let time = |names: &[(Space, &str)]| any(names).and_then(|element| date::read(&element.text));
        Entry {
            id: any(&[(Space::Own, "id"), (Space::Own, "guid")])
                .map(|id| id.text.trim().to_owned())
                .or_else(|| self.attribute("about").map(str::to_owned))
                .filter(|id| !id.is_empty()),
            page: links()
                .find_map(Element::page)
                .or_else(|| permalink.map(|guid| guid.text.trim().to_owned()))
                .or_else(|| self.attribute("about").map(str::to_owned)),
            base: self.attribute("xml:base").map(str::to_owned),
            title: any(&[(Space::Own, "title"), (Space::DublinCore, "title"), (Space::Media, "title")])
                .and_then(Element::as_markup),
            text: text.and_then(Element::as_markup),
            author: any(&[(Space::Own, "author"), (Space::DublinCore, "creator"), (Space::Itunes, "author")])
                .and_then(Element::person),
            published: time(&[
                (Space::Own, "published"),
                (Space::Own, "pubDate"),
                (Space::Own, "issued"),
                (Space::DublinCore, "date"),
                (Space::Own, "created"),
            ]),
            updated: time(&[(Space::Own, "updated"), (Space::Own, "modified")]),
            enclosures: self.enclosures(),
        }
    }

    fn enclosures(&self) -> Vec<Enclosure> {
        let groups = self.children.iter().filter(|child| child.space == Space::Media && child.name == "group");
        let elements = self.children.iter().chain(groups.flat_map(|group| &group.children));
        let mut enclosures: Vec<Enclosure> = Vec::new();
        for element in elements {
            let (url, kind) = match (element.space, element.name.as_str()) {
                (Space::Own, "enclosure") => (element.attribute("url").or(element.attribute("href")), None),
                (Space::Own, "link") if element.attribute("rel") == Some("enclosure") => {
                    (element.attribute("href"), None)
                }
                (Space::Media, "content") => (element.attribute("url"), element.attribute("medium")),
                (Space::Media, "thumbnail") => (element.attribute("url"), Some("image")),
                _ => continue,
            };
            let Some(url) = url.map(str::trim).filter(|url| !url.is_empty()) else { continue };
            if enclosures.len() >= MAX_ENCLOSURES || enclosures.iter().any(|known| known.url == url) {
                continue;
            }
            enclosures.push(Enclosure {
                url: url.to_owned(),
                media_type: element.attribute("type").map(str::to_owned).or_else(|| Some(format!("{}/*", kind?))),
                bytes: ["length", "fileSize"].into_iter().find_map(|name| element.attribute(name)?.parse().ok()),
                title: element.attribute("title").map(str::to_owned),
            });
        }
        enclosures
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        let is = |key: &str| key == name || key.rsplit_once(':').is_some_and(|(_, local)| local == name);
        self.attributes.iter().find(|(key, _)| is(key)).map(|(_, value)| value.as_str())
    }

    fn number(&self) -> Option<u64> {
        self.text.trim().parse().ok()
    }

    fn has_content(&self) -> bool {
        self.markup.is_some() || !self.text.trim().is_empty()
    }

    /// Its content. Atom states the type (`type`); RSS does not, and means HTML.
    fn as_markup(&self) -> Option<Markup> {
        if let Some(markup) = &self.markup {
            return Some(Markup::Html(markup.clone()));
        }
        let text = self.text.trim();
        if text.is_empty() {
            return None;
        }
        let is_atom = matches!(self.name.as_str(), "title" | "subtitle" | "summary" | "content");
        let text_type = self.attribute("type");
        let is_text = match text_type {
            Some(kind) => matches!(kind, "text" | "text/plain" | "plain"),
            // In Atom, text is the default. Elsewhere, a text without `<` and `&` contains no escaped HTML.
            None => is_atom && self.name != "title" && self.space == Space::Own || !text.contains(['<', '&']),
        };
        Some(if is_text { Markup::Text(text.to_owned()) } else { Markup::Html(text.to_owned()) })
    }

    /// The page that a `link` leads to.
    fn page(&self) -> Option<String> {
        let href = match self.attribute("href") {
            Some(href) if matches!(self.attribute("rel"), None | Some("alternate" | "")) => href,
            Some(_) => return None,
            None => self.text.as_str(),
        };
        Some(href.trim().to_owned()).filter(|href| !href.is_empty())
    }

    /// An author: `name` and `uri` of Atom; a name or `address (name)` in RSS.
    fn person(&self) -> Option<Person> {
        let child = |name: &str| {
            let found = self.children.iter().find(|child| child.name == name)?;
            Some(found.text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        if !self.children.is_empty() {
            return Some(Person { name: child("name")?, page: child("uri").or_else(|| child("url")) });
        }
        let text = self.text.trim();
        let name = text.split_once('(').map_or(text, |(_, rest)| rest.trim_end_matches(')'));
        (!name.is_empty()).then(|| Person { name: name.to_owned(), page: None })
    }
}

/// The attributes of a tag, as far as they can be read.
fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    let mut attributes = tag.html_attributes();
    let attributes = attributes.with_checks(false).take(MAX_ATTRIBUTES).flatten();
    attributes
        .map(|attribute| {
            let raw = head(&attribute.value, LONGEST_ATTRIBUTE);
            let value = quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_owned(), |value| value.into_owned());
            (attribute.key.0.to_owned(), value)
        })
        .collect()
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// Elements that hold entries.
const CONTAINERS: [&str; 4] = ["rss", "RDF", "feed", "channel"];

/// Names of entry elements.
const ENTRIES: [&str; 2] = ["item", "entry"];

/// The maximum depth of an entry's tree: `entry`, `media:group`, `media:content`, `media:description`. Deeper markup
/// belongs to a text.
const MAX_DEPTH: usize = 4;

/// The most elements of one entry. The fullest have a hundred.
const MAX_ELEMENTS: usize = 1000;

/// The maximum depth of a document.
const DEEPEST: usize = 1000;

const MAX_ATTRIBUTES: usize = 32;
const LONGEST_ATTRIBUTE: usize = 8 * 1024;
const LONGEST_REFERENCE: usize = 64;
const MAX_PREFIXES: usize = 64;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    fn html(text: &str) -> Option<Markup> {
        Some(Markup::Html(text.to_owned()))
    }

    fn text(text: &str) -> Option<Markup> {
        Some(Markup::Text(text.to_owned()))
    }

    #[test]
    fn rss_2_is_read_with_its_extensions() {
        let feed = read(
            r#"<?xml version="1.0"?><rss version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/"
            xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
            <channel><title>Zavod &amp; co</title><atom:link rel="self" href="https://z.example/feed"/>
            <link>https://z.example/</link><description><![CDATA[<b>The</b> plant]]></description>
            <image><title>logo</title><link>https://logo.example/</link></image>
            <item><title>AT&T &nbsp; strike &#8212; now</title><link>https://z.example/1</link><guid isPermaLink="false">g1</guid>
              <description>short</description><c:encoded><![CDATA[<p>Long &amp; full</p>]]></c:encoded>
              <dc:creator>Anna</dc:creator><pubDate>Wed, 09 Nov 2016 17:00:00 +0700</pubDate>
              <enclosure url="https://z.example/1.mp3" length="9" type="audio/mpeg"/>
              <media:group><media:content url="https://z.example/1.jpg" medium="image" fileSize="7"/></media:group></item>
            <item><guid>https://z.example/2</guid><description>&lt;p&gt;escaped&lt;/p&gt;</description><author>a@z.example (Boris)</author></item>
            <item><description><p>Not <i>escaped</i></p></description></item>
            <item><category>nothing</category></item>
            </channel></rss>"#,
        )
        .unwrap();
        assert_eq!(feed.title, html("Zavod & co"));
        assert_eq!((feed.page.as_deref(), feed.subtitle), (Some("https://z.example/"), html("<b>The</b> plant")));
        assert_eq!((feed.is_atom, feed.odd, feed.torn), (false, 1, 0));
        let [first, second, third] = &feed.entries[..] else { panic!("three entries") };
        assert_eq!(first.title, html("AT&T \u{a0} strike — now"));
        assert_eq!(first.text, html("<p>Long &amp; full</p>"));
        assert_eq!((first.id.as_deref(), first.page.as_deref()), (Some("g1"), Some("https://z.example/1")));
        assert_eq!(first.author.as_ref().unwrap().name, "Anna");
        assert_eq!(first.published, Some("2016-11-09T10:00:00Z".parse().unwrap()));
        let enclosures: Vec<_> =
            first.enclosures.iter().map(|one| (one.url.as_str(), one.media_type.as_deref(), one.bytes)).collect();
        assert_eq!(
            enclosures,
            [
                ("https://z.example/1.mp3", Some("audio/mpeg"), Some(9)),
                ("https://z.example/1.jpg", Some("image/*"), Some(7)),
            ]
        );
        assert_eq!((second.page.as_deref(), &second.text), (Some("https://z.example/2"), &html("<p>escaped</p>")));
        assert_eq!(second.author.as_ref().unwrap().name, "Boris");
        assert_eq!(third.text, html("<p>Not <i>escaped</i></p>"));
    }

    #[test]
    fn atom_says_what_its_texts_are() {
        let feed = read(
            r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://z.example/blog/"><title type="text">a &lt; b</title>
            <link rel="self" href="https://z.example/self"/><link href="/"/><author><name>All</name></author>
            <entry xml:base="2016/"><id>urn:1</id><title type="html">T &amp;amp; U</title>
              <link rel="edit" href="e"/><link rel="alternate" href="one.html"/>
              <link rel="enclosure" href="one.pdf" type="application/pdf" title="Leaflet"/>
              <published>2016-11-09T17:00:00+07:00</published><updated>2016-11-10T17:00:00+07:00</updated>
              <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One<br/>two &amp; three</p></div></content>
              <source><title>Elsewhere</title><id>urn:other</id></source>
              <author><name>Anna</name><uri>/anna</uri></author></entry>
            <entry><id>urn:2</id><title/><summary>plain &lt;i&gt; text</summary></entry></feed>"#,
        )
        .unwrap();
        assert_eq!((&feed.title, feed.is_atom), (&text("a < b"), true));
        assert_eq!(feed.page.as_deref(), Some("/"));
        let [first, second] = &feed.entries[..] else { panic!("two entries") };
        assert_eq!((first.id.as_deref(), &first.title), (Some("urn:1"), &html("T &amp; U")));
        assert_eq!(
            (first.page.as_deref(), first.base.as_deref()),
            (Some("one.html"), Some("https://z.example/blog/2016/"))
        );
        let expected = r#"<div xmlns="http://www.w3.org/1999/xhtml"><p>One<br/>two &amp; three</p></div>"#;
        assert_eq!(first.text, html(expected));
        assert_eq!(first.author, Some(Person { name: "Anna".to_owned(), page: Some("/anna".to_owned()) }));
        assert!(first.updated > first.published);
        assert_eq!(first.enclosures.first().unwrap().title.as_deref(), Some("Leaflet"));
        assert_eq!((second.title.as_ref(), &second.text), (None, &text("plain <i> text")));
    }

    #[test]
    fn old_and_odd_dialects_are_read() {
        let cases = [
            r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
               <channel rdf:about="x"><title>Z</title></channel><item rdf:about="https://z.example/1"><title>one</title><dc:date>2016-11-09</dc:date></item></rdf:RDF>"#,
            "<rss version='0.91'><channel><title>Z</title><item><title>one</title><link>https://z.example/1</link><pubDate>9 Nov 2016</pubDate></item></channel></rss>",
            "<atom:feed xmlns:atom='http://www.w3.org/2005/Atom'><atom:title>Z</atom:title><atom:entry><atom:title>one</atom:title><atom:link href='https://z.example/1'/></atom:entry></atom:feed>",
            "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>Z</title><entry><title>one</title><link rel='alternate' href='https://z.example/1'/></entry></feed>",
            "<b>Warning</b>: x.php <rss><channel><title>Z</title><item><title>one</title><link>https://z.example/1</link></item>",
        ];
        for document in cases {
            let feed = read(document).unwrap();
            assert_eq!(feed.title, text("Z"), "{document}");
            let [entry] = &feed.entries[..] else { panic!("one entry: {document}") };
            assert_eq!(entry.page.as_deref(), Some("https://z.example/1"), "{document}");
        }
    }

    #[test]
    fn a_broken_entry_costs_no_other() {
        let feed = read(
            "<rss><channel><item><title>one</title></item><item><title>broken</b></item>\
             <item><title>two</title></item><item><title a=<>x</title></item>\
             <item><title>three</title></item><item><title>cut",
        )
        .unwrap();
        let titles: Vec<_> = feed.entries.iter().filter_map(|entry| entry.title.clone()).collect();
        assert_eq!(titles.first(), text("one").as_ref());
        assert!(
            titles.contains(&Markup::Text("two".into())) && titles.contains(&Markup::Text("three".into())),
            "{titles:?}"
        );
        assert!(feed.torn >= 2, "{}", feed.torn);
    }

    #[test]
    fn bombs_and_foreign_entities_are_harmless() {
        let bomb = format!(
            "<!DOCTYPE rss [<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
             <rss><channel><item><title>&b;&x;</title></item></channel></rss>",
            "ha".repeat(100)
        );
        assert_eq!(read(&bomb).unwrap().entries[0].title, html("&b;&x;"), "an own entity stands as it is written");
        let deep = format!("<rss><channel><item><title>t</title>{}", "<a>".repeat(100_000));
        assert!(read(&deep).unwrap().entries.len() <= 1);
        let nested = format!("<rss>{}", "<channel>".repeat(10_000));
        assert!(read(&nested).unwrap().entries.is_empty());
        let wide =
            format!("<rss><item><title>t</title>{}</item><item><title>u</title></item></rss>", "<a/>".repeat(10_000));
        assert_eq!(read(&wide).unwrap().entries.len(), 2);
        let many = format!("<rss>{}</rss>", "<item><title>t</title></item>".repeat(MAX_ENTRIES + 5));
        let many = read(&many).unwrap();
        assert!(many.cut && many.entries.len() == MAX_ENTRIES);
        let broken = format!("<rss>{}", "<item></x>".repeat(50_000));
        assert!(read(&broken).unwrap().entries.is_empty(), "each restart goes forward");
        for other in ["", "<html><item><title>x</title></item></html>", "plain", "<channel><item/></channel>"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
