//! Lists of communities as OPML 2.0, the format in which feed readers hand their lists to each other.
//!
//! A list may come from a stranger. It is read within limits. Only its links and titles are taken: its document type is skipped,
//! nothing in it is loaded, and no address in it is contacted. An exposure is part of its link ([`HomeLink`]).

use std::collections::HashMap;
use std::fmt;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};

use super::asked::{Asked, is_unasked};
use super::known::memory_name;
use super::link::{HomeLink, LinkError, keys_in};
use crate::community::{Home, shown_line};
use crate::errors::{ErrorKind, errors};
use crate::exposure::Exposure;
use crate::sentences::{self, Language, NoOpml};
use crate::signed::{KeyFingerprint, MAX_LINK_MIRRORS};
use crate::source::{Memory, remembered_chain};
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
    /// Entries that are left out because of their address: it is not one of a community, has another scheme, an unknown
    /// exposure or entity, or more than 32 KiB.
    pub odd: usize,
    /// The list has more than is read: it has more than 10,000 entries, or breaks off. Of the entries after the first
    /// 10,000, those that have an exposure are read, so that none of these is followed without it.
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
    /// The address of a signed community that its maker never asked for: a charter or a bundle named it. Read it with
    /// [`Byway::open_listed`](crate::Byway::open_listed), and it is not contacted directly.
    pub unasked: bool,
    /// The fingerprint of the root keys of a signed community, as its link names it. It is compared when the entry is opened.
    pub key: Option<KeyFingerprint>,
}

impl OpmlEntry {
    /// An entry. The title is made one line.
    pub fn new(link: HomeLink, title: &str) -> Self {
        Self { link, title: one_line(title), unasked: false, key: None }
    }

    /// An entry by its [address](Self::address).
    ///
    /// # Errors
    /// See [`LinkError`].
    pub fn from_address(address: &str, title: &str) -> Result<Self, LinkError> {
        Ok(Self { key: keys_in(address), ..Self::new(address.parse()?, title) })
    }

    /// The link with the fingerprint of the keys, as a list has it.
    pub fn address(&self) -> String {
        self.link.with_keys(self.key)
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
        let mut list = Gathering::default();
        entries.into_iter().for_each(|entry| list.add(entry));
        list.list
    }

    /// The communities that a store keeps, each with the exposure that it must be read with. It blocks as the store does:
    /// from async code call [`Byway::opml`](crate::Byway::opml).
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn of_store(store: &Store) -> Result<Self, StoreError> {
        let mut list = Gathering::default();
        for kept in store.communities()? {
            let community = &kept.community;
            let Some(home) = community.homes.first() else { continue };
            let floor = store.floor(&community.id)?.max(store.floor(home)?);
            let mut entry = OpmlEntry::new(HomeLink::new(home.clone(), floor), &community.name);
            entry.unasked = is_unasked(store, home)?;
            if home.signed_community().as_ref() == Some(&community.id) {
                let asked = Asked::of(store, &community.id)?.mirrors;
                entry.link.mirrors = asked.into_iter().rev().filter(|mirror| mirror != home).collect();
                entry.link.mirrors.truncate(MAX_LINK_MIRRORS);
                let memory = store.blob(&memory_name(&community.id))?.map(|bytes| Memory::from_bytes(&bytes));
                let chain = remembered_chain(&memory.unwrap_or_default(), &community.id, kept.synced_at);
                let keys = chain.map(|chain| chain.in_force(kept.synced_at).root.keys.clone());
                entry.key = keys.map(|keys| KeyFingerprint::of(keys.iter().map(|key| key.to_bytes())));
            }
            list.add(entry);
        }
        Ok(list.list)
    }

    /// Reads a list, in UTF-8. An odd entry is left out and counted; the others are read. Broken XML ends the list there.
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
        let (mut gathering, mut depth, mut is_opml) = (Gathering::default(), 0_usize, false);
        loop {
            let (tag, opens) = match reader.read_event() {
                Ok(Event::Start(tag)) => (tag, true),
                Ok(Event::Empty(tag)) => (tag, false),
                Ok(Event::End(_)) => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                Ok(Event::Eof) => break,
                Err(_) => {
                    gathering.list.cut = true;
                    break;
                }
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
                gathering.take(&tag);
            }
        }
        if is_opml { Ok(gathering.list) } else { Err(OpmlError::NotOpml) }
    }
}

/// A list that is being read.
#[derive(Default)]
struct Gathering {
    list: Opml,
    /// The position of each entry, by its home.
    places: HashMap<String, usize>,
}

impl Gathering {
    /// Takes an outline. If it repeats its address, which XML forbids, all of them are read, with the strictest exposure
    /// of all.
    fn take(&mut self, tag: &BytesStart<'_>) {
        let (mut feeds, mut pages, mut text, mut title, mut is_torn) = (Vec::new(), Vec::new(), None, None, false);
        let mut unasked = false;
        for (index, attribute) in tag.html_attributes().with_checks(false).enumerate() {
            if index == MAX_ATTRIBUTES {
                self.list.odd += 1;
                return;
            }
            let Ok(attribute) = attribute else {
                is_torn = true;
                continue;
            };
            let raw: &str = &attribute.value;
            match attribute.key.0 {
                name if name.eq_ignore_ascii_case("xmlUrl") => feeds.push(link(raw)),
                "url" => pages.push(link(raw)),
                "text" => text = shown(raw),
                "title" => title = shown(raw),
                UNASKED => unasked |= raw != "false",
                _ => {}
            }
        }
        let links = if feeds.is_empty() { pages } else { feeds };
        let Some(links) = links.into_iter().collect::<Option<Vec<(HomeLink, Option<KeyFingerprint>)>>>() else {
            self.list.odd += 1;
            return;
        };
        // An outline without an address is a heading. One whose address could not be read is odd.
        let Some(exposure) = links.iter().map(|(link, _)| link.exposure).max() else {
            self.list.odd += usize::from(is_torn);
            return;
        };
        let title = text.or(title).unwrap_or_default();
        for (link, key) in links {
            self.add(OpmlEntry { unasked, key, ..OpmlEntry::new(HomeLink { exposure, ..link }, &title) });
        }
    }

    fn add(&mut self, entry: OpmlEntry) {
        let (list, home) = (&mut self.list, entry.link.home.to_string());
        let known = self.places.get(&home).and_then(|place| list.entries.get_mut(*place));
        if let Some(known) = known {
            known.link.exposure = known.link.exposure.max(entry.link.exposure);
            known.unasked |= entry.unasked;
            known.key = known.key.or(entry.key);
            for mirror in entry.link.mirrors {
                if known.link.mirrors.len() < MAX_LINK_MIRRORS && !known.link.mirrors.contains(&mirror) {
                    known.link.mirrors.push(mirror);
                }
            }
        } else if list.entries.len() >= MAX_ENTRIES && entry.link.exposure == Exposure::Open {
            list.cut = true;
        } else {
            self.places.insert(home, list.entries.len());
            list.entries.push(entry);
        }
    }
}

/// The community at an address, and its keys; `None` if it is odd.
fn link(raw: &str) -> Option<(HomeLink, Option<KeyFingerprint>)> {
    let address = (raw.len() <= MAX_ATTRIBUTE).then(|| unescaped(raw)).filter(|address| !address.has_unknown)?;
    let link = address.text.trim().parse().ok().filter(is_shareable)?;
    Some((link, keys_in(&address.text)))
}

/// The title of an entry.
fn shown(raw: &str) -> Option<String> {
    (raw.len() <= MAX_ATTRIBUTE).then(|| unescaped(raw).text)
}

/// The text of an attribute.
struct Unescaped {
    text: String,
    /// It contains an unknown reference. In an address, an exposure may be behind it.
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

/// Addresses with a login are refused: the login would be stored and shown with the address.
fn is_shareable(link: &HomeLink) -> bool {
    match &link.home {
        Home::Web(url) => url.username().is_empty() && url.password().is_none(),
        _ => true,
    }
}

impl fmt::Display for Opml {
    /// The list as OPML 2.0. It names what is read, to everyone who has the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\"")?;
        if self.entries.iter().any(|entry| entry.unasked) {
            write!(f, " xmlns:byway=\"{NAMESPACE}\"")?;
        }
        f.write_str(">\n<head/>\n<body>\n")?;
        for entry in &self.entries {
            let OpmlEntry { link, title, unasked, key: _ } = entry;
            let (kind, name) = if matches!(link.home, Home::Web(_)) { ("rss", "xmlUrl") } else { ("link", "url") };
            let (title, address) = (escape(title.as_str()), entry.address());
            let mark = if *unasked { format!(" {UNASKED}=\"true\"") } else { String::new() };
            writeln!(f, "<outline type=\"{kind}\" text=\"{title}\" {name}=\"{}\"{mark}/>", escape(address.as_str()))?;
        }
        f.write_str("</body>\n</opml>\n")
    }
}

fn one_line(text: &str) -> String {
    shown_line(text).chars().take(MAX_TITLE).collect::<String>().trim().to_owned()
}

/// The attribute of [`OpmlEntry::unasked`], in a namespace as OPML 2.0 asks for.
const UNASKED: &str = "byway:unasked";
const NAMESPACE: &str = "urn:byway";
/// A list of 10,000 feeds has about two megabytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;
const MAX_ENTRIES: usize = 10_000;
/// The reader keeps the name of each element that is open. Lists have folders in folders, and no more.
const MAX_DEPTH: usize = 64;
const MAX_ATTRIBUTES: usize = 32;
/// The longest attribute, in bytes; URLs are shorter.
const MAX_ATTRIBUTE: usize = 32 * 1024;
/// The longest title, in characters.
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
    fn mirrors_and_keys_of_a_community_pass_through_a_list() {
        let id = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let long = format!("b.example/{}/", "x".repeat(150));
        for link in [
            format!("https://a.example/z/#byway:{id}?key=0011223344556677aabb"),
            format!(
                "https://a.example/#byway:{id}?exposure=tor&key=0011223344556677aabb&mirror=b.example/&mirror=c.example/"
            ),
            format!("https://a.example/#byway:{id}?mirror=b.example/"),
            format!("https://a.example/#byway:{id}"),
            format!("https://a.example/#byway:{id}?key=0011223344556677aabb&mirror={long}"),
        ] {
            let text = format!("<opml><outline xmlUrl='{}'/>", escape(link.as_str()));
            let list = parse(&text).unwrap();
            assert_eq!(list.entries[0].address(), link);
            assert_eq!(parse(&list.to_string()).unwrap(), list, "{link}");
        }
        let twice = format!(
            "<opml><outline xmlUrl='https://a.example/#byway:{id}?mirror=b.example/'/>\
             <outline xmlUrl='https://a.example/#byway:{id}?key=0011223344556677aabb&amp;mirror=c.example/'/>"
        );
        let list = parse(&twice).unwrap();
        assert_eq!((list.entries.len(), list.entries[0].link.mirrors.len()), (1, 2));
        assert!(list.entries[0].key.is_some(), "each adds what it has");
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
        assert!(parse(torn).unwrap().cut, "what follows is not known");
        let bomb = "<!DOCTYPE opml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><opml><outline text='&b;' xmlUrl='https://a.example/'/>";
        assert_eq!(parse(bomb).unwrap().entries[0].title, "&b;", "no entity of its own is expanded");
        let outline = |n: usize| format!("<outline text='a\u{202e}b\u{1}\n c' xmlUrl='https://a.example/{n}'/>");
        let many = format!("<opml>{}", (0..MAX_ENTRIES + 5).map(outline).collect::<String>());
        let list = parse(&many).unwrap();
        assert_eq!((list.entries.len(), list.cut, list.entries[0].title.as_str()), (MAX_ENTRIES, true, "ab c"));
    }

    /// An entry that is left out is not followed. An exposure that is left out would let others be followed openly.
    #[test]
    fn no_exposure_is_lost_in_a_long_or_repeated_list() {
        let plain: String = (0..MAX_ENTRIES).map(|n| format!("<outline xmlUrl='https://a.example/{n}'/>")).collect();
        let later = "<outline xmlUrl='https://a.example/7#exposure=tor'/><outline xmlUrl='https://b.example/'/>\
                     <outline xmlUrl='https://c.example/#exposure=proxied'/>";
        let list = parse(&format!("<opml>{plain}{later}")).unwrap();
        assert_eq!((list.entries.len(), list.cut), (MAX_ENTRIES + 1, true));
        assert_eq!(list.entries[7].link.to_string(), "https://a.example/7#exposure=tor");
        assert_eq!(list.entries[MAX_ENTRIES].link.to_string(), "https://c.example/#exposure=proxied");
        let repeated = |attributes: &str| links(&format!("<opml><outline {attributes}/>"));
        let tor = "https://a.example/#exposure=tor";
        assert_eq!(repeated("xmlUrl='https://a.example/#exposure=tor' xmlUrl='https://a.example/'"), [tor]);
        assert_eq!(repeated("xmlUrl='https://a.example/' XMLURL='https://a.example/#exposure=tor'"), [tor]);
        let both = repeated("xmlUrl='https://a.example/' xmlUrl='https://b.example/#exposure=tor'");
        assert_eq!(both, [tor, "https://b.example/#exposure=tor"]);
        let many = "a='' ".repeat(MAX_ATTRIBUTES);
        for odd in [
            format!("xmlUrl='https://a.example/{}'", "x".repeat(MAX_ATTRIBUTE)),
            format!("{many}xmlUrl='https://a.example/'"),
            "xmlUrl='https://a.example/' xmlUrl='https://a.example/#exposure=none'".to_owned(),
        ] {
            let list = parse(&format!("<opml><outline {odd}/>")).unwrap();
            assert_eq!((list.entries.len(), list.odd), (0, 1), "{}", &odd[..60]);
        }
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
                let entry = OpmlEntry::new(link(host, rest, *kind).parse().ok()?, title);
                Some(OpmlEntry { unasked: *kind == 3, ..entry })
            });
            let list = Opml::of(entries);
            prop_assert_eq!(parse(&list.to_string()), Ok(list));
        }
    }
}
