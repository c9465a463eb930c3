//! The elements of a feed, as a small tree, and the namespaces to which they belong.

use std::borrow::Cow;

use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attributes;

use super::super::{Markup, Person, head};
use crate::source::html;

/// One element of an entry.
#[derive(Debug, Default)]
pub(super) struct Element<'t> {
    pub(super) space: Space,
    /// Without its prefix.
    pub(super) name: &'t str,
    pub(super) attributes: Vec<Attribute<'t>>,
    pub(super) text: Cow<'t, str>,
    pub(super) children: Vec<Element<'t>>,
    /// Where its content begins in the document.
    pub(super) begins: usize,
    /// Its content with markup, if it has elements.
    pub(super) markup: Option<&'t str>,
}

/// An attribute: its name with its prefix, and its value.
pub(super) type Attribute<'t> = (&'t str, Cow<'t, str>);

/// The namespace of an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Space {
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
    pub(super) fn of_namespace(uri: &str) -> Self {
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
    pub(super) fn of_prefix(prefix: &str) -> Self {
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

impl Element<'_> {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let is = |key: &str| key == name || key.rsplit_once(':').is_some_and(|(_, local)| local == name);
        self.attributes.iter().find(|(key, _)| is(key)).map(|(_, value)| &**value)
    }

    pub(super) fn number(&self) -> Option<u64> {
        self.text.trim().parse().ok()
    }

    pub(super) fn has_content(&self) -> bool {
        self.markup.is_some() || !self.text.trim().is_empty()
    }

    /// Its content. Atom states the type (`type`); RSS does not, and means HTML.
    pub(super) fn as_markup(&self) -> Option<Markup> {
        if let Some(markup) = self.markup {
            return Some(Markup::Html(markup.to_owned()));
        }
        let text = self.text.trim();
        if text.is_empty() {
            return None;
        }
        let is_atom = matches!(self.name, "title" | "subtitle" | "summary" | "content");
        let text_type = self.attribute("type");
        let is_text = match text_type {
            Some(kind) => matches!(kind, "text" | "text/plain" | "plain"),
            // In Atom, text is the default. Elsewhere, a text without `<` and `&` contains no escaped HTML.
            None => is_atom && self.name != "title" && self.space == Space::Own || !text.contains(['<', '&']),
        };
        Some(if is_text { Markup::Text(text.to_owned()) } else { Markup::Html(text.to_owned()) })
    }

    /// The page that a `link` leads to.
    pub(super) fn page(&self) -> Option<String> {
        let href = match self.attribute("href") {
            Some(href) if matches!(self.attribute("rel"), None | Some("alternate" | "")) => href,
            Some(_) => return None,
            None => &*self.text,
        };
        let own_base = self.attribute("xml:base").and_then(|base| html::web_url(base, None));
        let from_base = own_base.and_then(|base| html::web_url(href, Some(&base)));
        from_base.map(String::from).or_else(|| Some(href.trim().to_owned())).filter(|href| !href.is_empty())
    }

    /// An author: `name` and `uri` of Atom; a name or `address (name)` in RSS.
    pub(super) fn person(&self) -> Option<Person> {
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

/// The attributes of a tag whose name has this length, as far as they can be read.
pub(super) fn attributes(tag: &str, name: usize) -> Vec<Attribute<'_>> {
    let mut attributes = Attributes::html(tag, name);
    let attributes = attributes.with_checks(false).take(MAX_ATTRIBUTES).flatten();
    attributes
        .map(|attribute| {
            let value = match attribute.value {
                Cow::Borrowed(raw) => {
                    let raw = head(raw, LONGEST_ATTRIBUTE);
                    unescape(raw).unwrap_or(Cow::Borrowed(raw))
                }
                // The parser changes no value that it reads from a text.
                Cow::Owned(raw) => Cow::Owned(head(&raw, LONGEST_ATTRIBUTE).to_owned()),
            };
            (attribute.key.0, value)
        })
        .collect()
}

const MAX_ATTRIBUTES: usize = 32;
const LONGEST_ATTRIBUTE: usize = 8 * 1024;
