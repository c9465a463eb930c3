//! Finds the elements of a page by their classes.
//!
//! Telegram's pages consist of elements that are known by their class. The tokens of the page are kept in a list,
//! together with the place where the element of each start tag ends. So elements are found and read without a tree, and
//! without a recursion that would grow with the depth of the markup.

use std::borrow::Cow;
use std::ops::Range;

use html5gum::{StartTag, Token};
use url::Url;

use crate::source::held_bytes::HeldBytes;
use crate::source::html::{self, Rendered, Renderer};
use crate::source::plain::squeeze;

/// A page as its tokens.
#[derive(Debug)]
pub(super) struct Markup {
    tokens: Vec<Token>,
    /// For each token, where the content of its element ends: the index of the end tag, or of the end of the element
    /// around it.
    ends: Vec<usize>,
    /// The page has more tokens than are read.
    pub(super) is_cut: bool,
    /// The page ends before its document does.
    pub(super) breaks_off: bool,
}

/// One element of a page, with everything in it.
#[derive(Clone, Debug)]
pub(super) struct Element<'a> {
    markup: &'a Markup,
    tag: &'a StartTag<()>,
    inside: Range<usize>,
}

impl Markup {
    pub(super) fn read(text: &str) -> Self {
        let text = shortened(text);
        // The tokenizer puts a text together before it hands it out.
        let mut markup =
            Self { tokens: Vec::new(), ends: Vec::new(), is_cut: matches!(text, Cow::Owned(_)), breaks_off: false };
        let mut open: Vec<usize> = Vec::new();
        let mut held = HeldBytes::new(MAX_HELD);
        for token in html::tokens(&text) {
            if markup.tokens.len() >= MAX_TOKENS || !held.take(bytes_of(&token)) {
                markup.is_cut = true;
                break;
            }
            let index = markup.tokens.len();
            match &token {
                Token::StartTag(tag) => {
                    if !tag.self_closing && !VOID.contains(&&tag.name[..]) {
                        open.push(index);
                    }
                }
                Token::EndTag(tag) => markup.close(&mut open, &tag.name, index),
                Token::String(_) => {}
                _ => continue,
            }
            markup.tokens.push(token);
            markup.ends.push(index + 1);
        }
        // An element that is still open ends with the page.
        let end = markup.tokens.len();
        let is_document =
            |index: &usize| matches!(markup.tokens.get(*index), Some(Token::StartTag(tag)) if &tag.name[..] == b"html");
        markup.breaks_off = !markup.is_cut && open.iter().any(is_document);
        for index in open {
            markup.set_end(index, end);
        }
        markup
    }

    /// Closes the innermost open element of this name, and those in it. An end tag without one is ignored.
    fn close(&mut self, open: &mut Vec<usize>, name: &[u8], end: usize) {
        let has_name =
            |index: &usize| matches!(self.tokens.get(*index), Some(Token::StartTag(tag)) if &tag.name[..] == name);
        let Some(depth) = open.iter().rev().take(MAX_UNCLOSED).position(has_name) else { return };
        for index in open.split_off(open.len() - 1 - depth) {
            self.set_end(index, end);
        }
    }

    fn set_end(&mut self, index: usize, end: usize) {
        if let Some(known) = self.ends.get_mut(index) {
            *known = end;
        }
    }

    /// All elements in a part of the page, in order. Those inside another one come after it.
    fn elements(&self, part: Range<usize>) -> impl Iterator<Item = Element<'_>> {
        part.filter_map(|index| match (self.tokens.get(index)?, self.ends.get(index)?) {
            (Token::StartTag(tag), end) => Some(Element { markup: self, tag, inside: index + 1..*end }),
            _ => None,
        })
    }

    /// The first element of this class.
    pub(super) fn first(&self, class: &str) -> Option<Element<'_>> {
        self.elements(0..self.tokens.len()).find(|element| element.is(class))
    }

    /// The elements of this class, without those inside another one of them.
    pub(super) fn all(&self, class: &'static str) -> impl Iterator<Item = Element<'_>> {
        outermost(self, 0..self.tokens.len(), class)
    }

    /// The first element of this name whose attribute has this value.
    pub(super) fn first_with(&self, name: &str, attribute: &str, value: &str) -> Option<Element<'_>> {
        self.elements(0..self.tokens.len())
            .find(|element| element.is_named(name) && element.attribute(attribute).as_deref() == Some(value))
    }
}

impl<'a> Element<'a> {
    /// Returns `true` if the element is of this class.
    pub(super) fn is(&self, class: &str) -> bool {
        let classes = self.tag.attributes.get(&b"class"[..]).map_or(&b""[..], |classes| &classes[..]);
        classes.split(u8::is_ascii_whitespace).any(|one| !one.is_empty() && one == class.as_bytes())
    }

    /// Returns `true` if the element is of this name: `a`, `time`.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.tag.name[..] == *name.as_bytes()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        html::attribute(self.tag, name)
    }

    /// The address that an attribute names.
    pub(super) fn url(&self, name: &str, base: &Url) -> Option<Url> {
        html::web_url(&self.attribute(name)?, Some(base))
    }

    /// The first element of this class in it.
    pub(super) fn first(&self, class: &str) -> Option<Element<'a>> {
        self.elements().find(|element| element.is(class))
    }

    /// The first element of this name in it.
    pub(super) fn named(&self, name: &str) -> Option<Element<'a>> {
        self.elements().find(|element| element.is_named(name))
    }

    /// The elements of this class in it, without those inside another one of them.
    pub(super) fn all(&self, class: &'static str) -> impl Iterator<Item = Element<'a>> + use<'a> {
        outermost(self.markup, self.inside.clone(), class)
    }

    /// All elements in it, in order. Those inside another one come after it.
    pub(super) fn elements(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        self.markup.elements(self.inside.clone())
    }

    /// Returns `true` if the other element is in this one.
    pub(super) fn holds(&self, other: &Element<'_>) -> bool {
        self.inside.start < other.inside.start && other.inside.end <= self.inside.end
    }

    /// What it shows, of at most `limit` characters.
    pub(super) fn rendered(&self, base: &Url, limit: usize) -> Rendered {
        self.rendered_without("", base, limit)
    }

    /// What it shows, without the elements of a class.
    pub(super) fn rendered_without(&self, class: &str, base: &Url, limit: usize) -> Rendered {
        let mut renderer = Renderer::new(Some(base), limit);
        let mut index = self.inside.start;
        while index < self.inside.end && !renderer.is_full() {
            let Some(token) = self.markup.tokens.get(index) else { break };
            let left_out = self.markup.elements(index..index + 1).find(|element| element.is(class));
            if let Some(element) = left_out {
                index = element.inside.end.max(index + 1);
                continue;
            }
            renderer.token(token);
            index += 1;
        }
        renderer.finish()
    }

    /// What it shows, on one line; `None` if it shows nothing.
    pub(super) fn line(&self, base: &Url, limit: usize) -> Option<String> {
        Some(squeeze(&self.rendered(base, limit).text)).filter(|line| !line.is_empty())
    }

    /// The picture behind it: the first address of its `background-image`.
    pub(super) fn background(&self, base: &Url) -> Option<Url> {
        let style = self.attribute("style")?;
        let (_, rest) = style.split_once("background-image:")?;
        let (_, rest) = rest.split_once("url(")?;
        let (address, _) = rest.split_once(')')?;
        html::web_url(address.trim().trim_matches(['\'', '"']), Some(base))
    }
}

/// The page without the rest of texts and tags that are longer than any of Telegram's.
fn shortened(text: &str) -> Cow<'_, str> {
    let pieces = || text.split_inclusive(['<', '>']);
    if pieces().all(|piece| piece.len() <= LONGEST_PIECE) {
        return Cow::Borrowed(text);
    }
    let mut short = String::with_capacity(pieces().map(|piece| piece.len().min(LONGEST_PIECE + 1)).sum());
    for piece in pieces() {
        let mut end = piece.len().min(LONGEST_PIECE);
        while !piece.is_char_boundary(end) {
            end -= 1;
        }
        let (start, rest) = piece.split_at_checked(end).unwrap_or((piece, ""));
        short.push_str(start);
        short.extend(rest.chars().next_back().filter(|c| matches!(c, '<' | '>')));
    }
    Cow::Owned(short)
}

/// The bytes that a token takes, with its places in the lists, which grow to twice their length.
fn bytes_of(token: &Token) -> usize {
    let places = 2 * (size_of::<Token>() + size_of::<usize>());
    places
        + match token {
            Token::StartTag(tag) => {
                let texts: usize = tag.attributes.iter().map(|(name, value)| 2 * TEXT + name.len() + value.len()).sum();
                // The nodes of a B-tree are at least half full, but for the first one.
                let nodes = if tag.attributes.is_empty() { 0 } else { NODE.max(2 * ATTRIBUTE * tag.attributes.len()) };
                TEXT + tag.name.len() + texts + nodes
            }
            Token::EndTag(tag) => TEXT + tag.name.len(),
            // A text grows to twice its length.
            Token::String(text) => TEXT + 2 * text.len(),
            _ => 0,
        }
}

fn outermost<'a>(
    markup: &'a Markup,
    part: Range<usize>,
    class: &'static str,
) -> impl Iterator<Item = Element<'a>> + use<'a> {
    let mut passed = part.start;
    markup.elements(part).filter(move |element| {
        let is_one = element.inside.start > passed && element.is(class);
        if is_one {
            passed = element.inside.end;
        }
        is_one
    })
}

/// A page with twenty long posts has about a tenth of this.
const MAX_TOKENS: usize = 100_000;

/// Bytes that the tokens of a page may take. Those of a page with twenty long posts take about a tenth of this.
const MAX_HELD: usize = 16 << 20;

/// Bytes of a tag, or of a text between two tags. A message has at most 4,096 characters.
const LONGEST_PIECE: usize = 64 * 1024;

/// What an allocator needs for a text in addition to its bytes.
const TEXT: usize = 16;

/// Bytes of an attribute in a node of a B-tree, and of a node, which has room for eleven.
const ATTRIBUTE: usize = 56;
const NODE: usize = 11 * ATTRIBUTE + 16;

/// How many unclosed elements an end tag may close. The search for its start tag ends there, so that reading a page takes
/// time in proportion to its length.
const MAX_UNCLOSED: usize = 64;

/// Elements without an end tag (HTML, section 13.1.2).
const VOID: [&[u8]; 14] = [
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"source", b"track", b"wbr",
    b"param",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://t.me/s/zavod").unwrap()
    }

    #[test]
    fn an_element_ends_with_its_own_end_tag() {
        let cases = [
            ("<div class='x'>a<div>b</div>c</div>d", "a\nb\nc"),
            ("<div class='y x z'>a<p>b</div>c", "a\n\nb"),
            ("<div class='x'>a</i>b<br>c</div>d", "ab\nc"),
            ("<div class='x'>a", "a"),
            ("<div class='xy x'></div>b", ""),
        ];
        for (markup, shown) in cases {
            let markup = Markup::read(markup);
            assert_eq!(markup.first("x").unwrap().rendered(&base(), 100).text, shown, "{shown}");
        }
        assert!(Markup::read("<div class='xx x-y'>").first("x").is_none());
    }

    #[test]
    fn a_text_or_a_tag_without_end_is_shortened_and_says_so() {
        let long = "я".repeat(LONGEST_PIECE);
        let markup = Markup::read(&format!("<div class=x>{long}<b>end</b></div>"));
        let shown = markup.first("x").unwrap().rendered(&base(), 2 * LONGEST_PIECE).text;
        assert!(markup.is_cut && shown.len() < LONGEST_PIECE + 9 && shown.ends_with("яend"), "{}", shown.len());
        assert!(Markup::read(&format!("<div class=x><b a='{long}'>end</b></div>")).is_cut);
        assert!(!Markup::read("<div class=x>short</div>").is_cut);
    }

    #[test]
    fn elements_of_a_class_are_found_outermost_first() {
        let markup = Markup::read("<i class=x>1<i class=x>2</i></i><b><i class=x>3</i></b>");
        let texts: Vec<_> = markup.all("x").filter_map(|element| element.line(&base(), 9)).collect();
        assert_eq!(texts, ["12", "3"]);
        let outer = markup.all("x").next().unwrap();
        assert_eq!(outer.all("x").count(), 1);
        assert!(outer.holds(&outer.first("x").unwrap()) && !outer.holds(&outer));
    }

    #[test]
    fn a_class_is_left_out_of_what_is_shown() {
        let markup = Markup::read("<div class=x>Zavod <i class=mark>\u{2714}</i> live</div>");
        assert_eq!(markup.first("x").unwrap().rendered_without("mark", &base(), 99).text, "Zavod live");
    }

    #[test]
    fn the_picture_behind_an_element_is_found() {
        for (style, url) in [
            ("width:9px;background-image:url('https://c.example/1.jpg')", Some("https://c.example/1.jpg")),
            ("background-image:url(//c.example/1.jpg);x:y", Some("https://c.example/1.jpg")),
            ("background-image:url('data:image/png;base64,AA==')", None),
            ("background-image:url('https://c.example/1", None),
            ("color:red", None),
        ] {
            let markup = Markup::read(&format!("<a class=x style=\"{style}\">"));
            assert_eq!(markup.first("x").unwrap().background(&base()).map(String::from).as_deref(), url, "{style}");
        }
    }

    proptest! {
        #[test]
        fn any_markup_is_read_and_elements_lie_in_each_other(text in "(<(div|b|br|p)( class=x)?>|</(div|b|p)>|a){0,40}") {
            let markup = Markup::read(&text);
            let spans: Vec<_> = markup.elements(0..markup.tokens.len()).map(|element| element.inside).collect();
            for (one, other) in spans.iter().flat_map(|one| spans.iter().map(move |other| (one, other))) {
                let apart = one.end <= other.start || other.end <= one.start;
                let within = |a: &Range<usize>, b: &Range<usize>| a.start <= b.start && b.end <= a.end;
                prop_assert!(apart || within(one, other) || within(other, one), "{:?} {:?}", one, other);
            }
        }
    }
}
