//! Lists of communities as OPML 2.0, the format in which feed readers hand their lists to each other.
//!
//! A list comes from anybody. It is read within limits, its document type is skipped, nothing in it is loaded, and nothing that it
//! names is contacted: it is links and titles. An exposure in a link ([`HomeLink`]) is written and read as part of it.

use std::fmt;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};

use super::link::HomeLink;
use crate::community::{Home, is_display_control};
use crate::errors::{ErrorKind, errors};
use crate::sentences::{self, Language, NoOpml};
use crate::store::{Store, StoreError};

/// A list of communities.
///
/// ```
/// use byway::Opml;
///
/// let text = r#"<opml version="2.0"><body><outline text="News">
///     <outline type="rss" text="Zavod" xmlUrl="https://zavod.example/feed#exposure=tor"/></outline></body></opml>"#;
/// let list = Opml::parse(text.as_bytes())?;
/// assert_eq!(list.entries[0].title, "Zavod");
/// assert_eq!(list.entries[0].link.to_string(), "https://zavod.example/feed#exposure=tor");
/// assert_eq!(Opml::parse(list.to_string().as_bytes())?, list);
/// # Ok::<(), byway::OpmlError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opml {
    /// The communities, in the order of the list, each once.
    pub entries: Vec<OpmlEntry>,
    /// Entries whose address is not one of a community: not a link, of another scheme, or with an unknown exposure or
    /// entity.
    pub odd: usize,
    /// The list has more than is read: 10,000 entries.
    pub cut: bool,
}

/// One community of a list.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpmlEntry {
    /// Where it is read, and who may learn of it.
    pub link: HomeLink,
    /// What the list calls it: one line, at most 200 characters.
    pub title: String,
}

impl OpmlEntry {
    /// An entry. The title is made one line.
    pub fn new(link: HomeLink, title: &str) -> Self {
        Self { link, title: one_line(title) }
    }
}

impl fmt::Debug for OpmlEntry {
    /// Without what is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpmlEntry").field("exposure", &self.link.exposure).finish_non_exhaustive()
    }
}

impl fmt::Debug for Opml {
    /// Without what is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, odd, cut } = self;
        f.debug_struct("Opml").field("entries", &entries.len()).field("odd", odd).field("cut", cut).finish()
    }
}

/// Error parsing a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpmlError {
    /// It holds no OPML.
    #[error("this file is not an OPML list of feeds")]
    NotOpml,
    /// It is larger than 4 MiB.
    #[error("this list is larger than 4 MiB and was not read")]
    TooLarge,
    /// Its outlines are nested deeper than 64 levels.
    #[error("this list is nested more deeply than 64 levels and was not read")]
    TooDeep,
}

errors! {
    OpmlError: |_error| ErrorKind::Input;
}

codes! {
    OpmlError {
        NotOpml = "not_opml",
        TooLarge = "opml_too_large",
        TooDeep = "opml_too_deep",
    }
}

impl OpmlError {
    /// Why, in one plain sentence.
    pub fn sentence(self, language: Language) -> String {
        let why = match self {
            OpmlError::NotOpml => NoOpml::NotOpml,
            OpmlError::TooLarge => NoOpml::TooLarge,
            OpmlError::TooDeep => NoOpml::TooDeep,
        };
        sentences::no_opml(language, why).to_owned()
    }
}

impl Opml {
    /// A list of these communities.
    pub fn of(entries: impl IntoIterator<Item = OpmlEntry>) -> Self {
        let mut list = Self::default();
        entries.into_iter().for_each(|entry| list.add(entry));
        list
    }

    /// The communities that a store keeps, each with the exposure that it must be read with. It blocks as the store does:
    /// from async code call [`Byway::opml`](crate::Byway::opml).
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn of_store(store: &Store) -> Result<Self, StoreError> {
        let mut list = Self::default();
        for kept in store.communities()? {
            let community = &kept.community;
            let Some(home) = community.homes.first() else { continue };
            let floor = store.floor(&community.id)?.max(store.floor(home)?);
            list.add(OpmlEntry::new(HomeLink::new(home.clone(), floor), &community.name));
        }
        Ok(list)
    }

    /// Reads a list, in UTF-8. An odd entry is counted and loses no other; what is broken ends the list where it breaks.
    ///
    /// # Errors
    /// See [`OpmlError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, OpmlError> {
        if bytes.len() > MAX_BYTES {
            return Err(OpmlError::TooLarge);
        }
        let text = String::from_utf8_lossy(bytes);
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().allow_dangling_amp = true;
        reader.config_mut().allow_unmatched_ends = true;
        let (mut list, mut depth, mut is_opml) = (Self::default(), 0_usize, false);
        while !list.cut {
            let (tag, opens) = match reader.read_event() {
                Ok(Event::Start(tag)) => (tag, true),
                Ok(Event::Empty(tag)) => (tag, false),
                Ok(Event::End(_)) => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                Ok(Event::Eof) | Err(_) => break,
                Ok(_) => continue,
            };
            depth += usize::from(opens);
            if depth > MAX_DEPTH {
                return Err(OpmlError::TooDeep);
            }
            let name = tag.local_name();
            let name: &str = name.as_ref();
            is_opml |= name.eq_ignore_ascii_case("opml");
            if is_opml && name.eq_ignore_ascii_case("outline") {
                list.take(&tag);
            }
        }
        if is_opml { Ok(list) } else { Err(OpmlError::NotOpml) }
    }

    fn take(&mut self, tag: &BytesStart<'_>) {
        let (mut feed, mut page, mut text, mut title) = (None, None, None, None);
        for attribute in tag.html_attributes().with_checks(false).take(MAX_ATTRIBUTES).flatten() {
            let known = match attribute.key.0 {
                name if name.eq_ignore_ascii_case("xmlUrl") => &mut feed,
                "url" => &mut page,
                "text" => &mut text,
                "title" => &mut title,
                _ => continue,
            };
            let raw: &str = &attribute.value;
            if raw.len() <= MAX_ATTRIBUTE {
                *known = Some(unescaped(raw));
            }
        }
        // What has no address is a heading.
        let Some(address) = feed.or(page) else { return };
        match address.text.trim().parse::<HomeLink>() {
            Ok(link) if is_shareable(&link) && !address.has_unknown => {
                let title = text.or(title).map(|title| title.text).unwrap_or_default();
                self.add(OpmlEntry::new(link, &title));
            }
            _ => self.odd += 1,
        }
    }

    fn add(&mut self, entry: OpmlEntry) {
        if let Some(known) = self.entries.iter_mut().find(|known| known.link.home == entry.link.home) {
            known.link.exposure = known.link.exposure.max(entry.link.exposure);
        } else if self.entries.len() >= MAX_ENTRIES {
            self.cut = true;
        } else {
            self.entries.push(entry);
        }
    }
}

/// The text of an attribute.
struct Unescaped {
    text: String,
    /// It has a reference whose meaning is not known. In an address, that may be an exposure.
    has_unknown: bool,
}

/// Replaces the references of an attribute, one by one: lists hold addresses that are only partly escaped. An `&` that begins
/// no reference stands for itself, and an unknown reference stays as it is written.
fn unescaped(raw: &str) -> Unescaped {
    let (mut text, mut has_unknown) = (String::with_capacity(raw.len()), false);
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let name = after.split(|c: char| !c.is_alphanumeric() && !"#_-.:".contains(c)).next().unwrap_or_default();
        let end = after.strip_prefix(name).and_then(|after| after.strip_prefix(';')).filter(|_| !name.is_empty());
        let Some(end) = end else {
            text.push('&');
            rest = after;
            continue;
        };
        let written = format!("&{name};");
        match unescape(&written) {
            Ok(character) => text.push_str(&character),
            Err(_) => {
                has_unknown = true;
                text.push_str(&written);
            }
        }
        rest = end;
    }
    text.push_str(rest);
    Unescaped { text, has_unknown }
}

/// A login in an address would be kept where addresses are shown.
fn is_shareable(link: &HomeLink) -> bool {
    match &link.home {
        Home::Web(url) => url.username().is_empty() && url.password().is_none(),
        _ => true,
    }
}

impl fmt::Display for Opml {
    /// The list as OPML 2.0. It names what is read, to everyone who has the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head/>\n<body>\n")?;
        for OpmlEntry { link, title } in &self.entries {
            let (kind, name) = if matches!(link.home, Home::Web(_)) { ("rss", "xmlUrl") } else { ("link", "url") };
            let (title, address) = (escape(title.as_str()), link.to_string());
            writeln!(f, "<outline type=\"{kind}\" text=\"{title}\" {name}=\"{}\"/>", escape(address.as_str()))?;
        }
        f.write_str("</body>\n</opml>\n")
    }
}

fn one_line(text: &str) -> String {
    let shown = |c: &char| !c.is_control() && !is_display_control(*c);
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(shown).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(MAX_TITLE).collect::<String>().trim().to_owned()
}

/// A list of 10,000 feeds has two megabytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;
const MAX_ENTRIES: usize = 10_000;
/// The reader keeps the name of each element that is open. Lists have folders in folders, and no more.
const MAX_DEPTH: usize = 64;
const MAX_ATTRIBUTES: usize = 32;
/// Bytes of one attribute: a URL is not longer.
const MAX_ATTRIBUTE: usize = 32 * 1024;
/// Characters of a title.
const MAX_TITLE: usize = 200;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Opml, OpmlError> {
        Opml::parse(text.as_bytes())
    }

    fn links(text: &str) -> Vec<String> {
        parse(text).unwrap().entries.iter().map(|entry| entry.link.to_string()).collect()
    }

    #[test]
    fn a_list_of_a_feed_reader_is_read() {
        let text = "\u{feff}<?xml version='1.0'?><!DOCTYPE opml SYSTEM 'http://evil.example/x'><opml version=\"1.0\">
            <head><title>My feeds</title></head><body><outline text='News' title=\"News\">
            <outline type='rss' text='A &amp; B' title='x' xmlUrl='https://a.example/feed?a=1&amp;b=2' htmlUrl='https://a.example/'/>
            <outline type='rss' title='Only &#x442;itle' XMLURL='http://b.example/rss'></outline></outline>
            <outline type='link' text='VK' url='https://vk.com/zavod#exposure=tor'/>
            <outline type='rss' text='Again' xmlUrl='https://a.example/feed?a=1&amp;b=2#exposure=proxied'/>
            <outline type='rss' text='Odd' xmlUrl='javascript:alert(1)'/><outline xmlUrl='file:///etc/passwd'/>
            <outline xmlUrl='https://c.example/#exposure=none'/><outline xmlUrl='https://user:pw@d.example/'/>
            </body></opml>";
        let list = parse(text).unwrap();
        let read: Vec<_> = list.entries.iter().map(|entry| (entry.link.to_string(), entry.title.as_str())).collect();
        let expected = [
            ("https://a.example/feed?a=1&b=2#exposure=proxied", "A & B"),
            ("http://b.example/rss", "Only \u{442}itle"),
            ("https://vk.com/zavod#exposure=tor", "VK"),
        ];
        assert_eq!(read, expected.map(|(link, title)| (link.to_owned(), title)));
        assert_eq!((list.odd, list.cut), (4, false));
    }

    #[test]
    fn no_odd_reference_hides_an_exposure() {
        for (address, link) in [
            ("https://a.example/f?a=1&b=2#p&amp;exposure=tor", Some("https://a.example/f?a=1&b=2#p&exposure=tor")),
            ("https://a.example/f?a=1&b=2&#35;exposure=tor", Some("https://a.example/f?a=1&b=2#exposure=tor")),
            ("https://a.example/f?a&#x23;exposure=tor&", Some("https://a.example/f?a#&exposure=tor")),
            ("https://a.example/f?a=1&b=2&amp;c=3", Some("https://a.example/f?a=1&b=2&c=3")),
            ("https://a.example/f?a=1&amp;amp", Some("https://a.example/f?a=1&amp")),
            ("https://a.example/f?a=1&=b;&amp;c", Some("https://a.example/f?a=1&=b;&c")),
            // What these stand for is not known.
            ("https://a.example/f&own;", None),
            ("https://a.example/f&num;exposure=tor", None),
            ("https://a.example/f?a&#0;", None),
            ("https://a.example/f?a&#x110000;", None),
        ] {
            let list = parse(&format!("<opml><outline text='&own; & &lt;' xmlUrl='{address}'/>")).unwrap();
            let links: Vec<_> = list.entries.iter().map(|entry| entry.link.to_string()).collect();
            assert_eq!(
                (links, list.odd),
                (Vec::from_iter(link.map(str::to_owned)), usize::from(link.is_none())),
                "{address}"
            );
            assert!(list.entries.iter().all(|entry| entry.title == "&own; & <"), "{address}: a title is kept");
        }
    }

    #[test]
    fn what_is_broken_or_hostile_ends_within_limits() {
        for (text, error) in [
            ("", OpmlError::NotOpml),
            ("<rss/>", OpmlError::NotOpml),
            ("{}", OpmlError::NotOpml),
            (&format!("<opml>{}", "<outline>".repeat(10_000)), OpmlError::TooDeep),
            (&" ".repeat(MAX_BYTES + 1), OpmlError::TooLarge),
        ] {
            assert_eq!(parse(text), Err(error), "{}", &text[..text.len().min(40)]);
        }
        let torn = "<opml><body><outline xmlUrl='https://a.example/'/><outline xmlUrl='https://b.exam";
        assert_eq!(links(torn), ["https://a.example/"]);
        let bomb = "<!DOCTYPE opml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><opml><outline text='&b;' xmlUrl='https://a.example/'/>";
        assert_eq!(parse(bomb).unwrap().entries[0].title, "&b;", "no entity of its own is expanded");
        let outline = |n: usize| format!("<outline text='a\u{202e}b\u{1}\n c' xmlUrl='https://a.example/{n}'/>");
        let many = format!("<opml>{}", (0..MAX_ENTRIES + 5).map(outline).collect::<String>());
        let list = parse(&many).unwrap();
        assert_eq!((list.entries.len(), list.cut, list.entries[0].title.as_str()), (MAX_ENTRIES, true, "ab c"));
    }

    proptest! {
        #[test]
        fn a_printed_list_parses_to_itself(
            entries in prop::collection::vec(("\\PC{0,30}", "[a-z]{1,8}", "[a-z0-9&=<>'\"%/]{0,20}", 0..4_usize), 0..8)
        ) {
            let link = |host: &str, rest: &str, kind: usize| match kind {
                0 => format!("https://vk.com/{host}_1"),
                1 => format!("https://{host}.example/{rest}#exposure=tor"),
                _ => format!("https://{host}.example/?{rest}"),
            };
            let entries = entries.iter().filter_map(|(title, host, rest, kind)| {
                Some(OpmlEntry::new(link(host, rest, *kind).parse().ok()?, title))
            });
            let list = Opml::of(entries);
            prop_assert_eq!(parse(&list.to_string()), Ok(list));
        }
    }
}
