//! Collects the visible content of HTML from its tokens.

use html5gum::{StartTag, Token};
use url::Url;

use super::address::{bare_links, web_url};
use super::rendered::{Anchor, CROSSED_OUT, Media, MediaKind, Rendered};
use super::tokens::{attribute, local};
use crate::source::plain::{cut, is_ordinary, visible};

/// Reads the tokens of a piece of HTML one after another, and collects the visible content.
#[derive(Default)]
pub(in crate::source) struct Renderer<'a> {
    base: Option<&'a Url>,
    limit: usize,
    chars: usize,
    rendered: Rendered,
    /// The separator between the last text and the next.
    gap: Gap,
    /// The element whose content is left out, and how often it is open.
    hidden: Option<(Vec<u8>, usize)>,
    /// How often `pre` is open: its line breaks belong to the text.
    preformatted: usize,
    /// The text has no markup: only its line breaks belong to it, and not its runs of spaces.
    is_plain: bool,
    /// How many spaces of `pre` end the text.
    spaces: usize,
    /// The open link, and where its text begins.
    link: Option<(Url, usize)>,
    /// The element whose content is crossed out.
    struck: Option<Struck>,
    cut: bool,
}

/// An element whose content is crossed out.
struct Struck {
    name: Vec<u8>,
    /// How often an element of this name is open.
    depth: usize,
    /// Where its text begins, if it has some.
    from: Option<usize>,
}

/// The separator of two pieces of text; the larger wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

impl<'a> Renderer<'a> {
    /// Accepts at most `limit` characters. Relative addresses are resolved against `base`.
    pub(in crate::source) fn new(base: Option<&'a Url>, limit: usize) -> Self {
        Self { base, limit, ..Self::default() }
    }

    /// Renders text without markup.
    pub(super) fn plain(text: &str, limit: usize) -> Rendered {
        let mut renderer = Renderer { limit, preformatted: 1, is_plain: true, ..Renderer::default() };
        renderer.text(text);
        renderer.finish()
    }

    pub(in crate::source) fn token(&mut self, token: &Token) {
        match token {
            Token::StartTag(tag) => self.start(tag),
            Token::EndTag(tag) => self.end(local(&tag.name)),
            Token::String(text) if self.hidden.is_none() => self.text(&String::from_utf8_lossy(text)),
            _ => {}
        }
    }

    fn start(&mut self, tag: &StartTag<()>) {
        let name = local(&tag.name);
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(hidden == name && !tag.self_closing);
            return;
        }
        match &mut self.struck {
            Some(struck) => struck.depth += usize::from(struck.name == name && !tag.self_closing),
            None if !tag.self_closing && is_crossed_out(name, tag) => {
                self.struck = Some(Struck { name: name.to_vec(), depth: 1, from: None });
            }
            None => {}
        }
        match name {
            b"script" | b"style" | b"noscript" | b"noembed" | b"template" | b"object" | b"svg" | b"math"
            | b"canvas" | b"head" | b"select" | b"textarea" | b"title" => {
                if !tag.self_closing {
                    self.hidden = Some((name.to_vec(), 1));
                }
            }
            b"iframe" => {
                self.media(tag, MediaKind::Frame);
                if !tag.self_closing {
                    self.hidden = Some((name.to_vec(), 1));
                }
            }
            b"img" => self.picture(tag),
            b"video" => self.media(tag, MediaKind::Video),
            b"audio" => self.media(tag, MediaKind::Audio),
            b"source" => {
                let kind = attribute(tag, "type").unwrap_or_default();
                if kind.starts_with("video/") {
                    self.media(tag, MediaKind::Video);
                } else if kind.starts_with("audio/") {
                    self.media(tag, MediaKind::Audio);
                }
            }
            b"a" => {
                self.close_link();
                let url = attribute(tag, "href").and_then(|href| web_url(&href, self.base));
                self.link = url.map(|url| (url, self.rendered.text.len()));
            }
            b"br" => self.break_line(),
            b"li" => {
                self.widen(Gap::Line);
                self.text("\u{2022} ");
            }
            b"pre" => {
                self.preformatted += 1;
                self.widen(Gap::Paragraph);
            }
            _ => self.widen(gap(name)),
        }
    }

    fn end(&mut self, name: &[u8]) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth -= usize::from(hidden == name);
            if *depth == 0 {
                self.hidden = None;
            }
            return;
        }
        if let Some(struck) = &mut self.struck {
            struck.depth -= usize::from(struck.name == name);
            if struck.depth == 0 {
                self.close_struck();
            }
        }
        match name {
            b"a" => self.close_link(),
            b"pre" => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.widen(Gap::Paragraph);
            }
            b"li" => self.widen(Gap::Line),
            _ => self.widen(gap(name)),
        }
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if self.chars >= self.limit {
                self.cut = true;
                return;
            }
            // Most text consists of runs of characters that stand for themselves.
            let run = rest.find(|c| c == ' ' || !is_ordinary(c)).unwrap_or(rest.len());
            let (run, after) = rest.split_at_checked(run).unwrap_or((rest, ""));
            if !run.is_empty() {
                self.spaces = 0;
                self.fill_gap();
                let piece = cut(run, self.limit.saturating_sub(self.chars));
                self.rendered.text.push_str(piece);
                self.chars += piece.chars().count();
                self.cut |= piece.len() < run.len();
                rest = after;
                continue;
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            let Some(c) = visible(c, self.rendered.text.chars().next_back()) else { continue };
            match c {
                '\n' if self.preformatted > 0 => self.break_line(),
                // A table or a timetable in `pre` has its columns by spaces.
                ' ' if self.preformatted > 0 && !self.is_plain => {
                    if self.spaces < MAX_SPACES {
                        self.fill_gap();
                        self.rendered.text.push(' ');
                        self.chars += 1;
                        self.spaces += 1;
                    }
                }
                ' ' | '\n' => self.widen(Gap::Space),
                c => {
                    self.spaces = 0;
                    self.fill_gap();
                    if self.chars >= self.limit {
                        self.cut = true;
                        return;
                    }
                    self.rendered.text.push(c);
                    self.chars += 1;
                }
            }
        }
    }

    /// A written line break: two of them make a paragraph.
    fn break_line(&mut self) {
        self.spaces = 0;
        self.gap = if self.gap >= Gap::Line { Gap::Paragraph } else { Gap::Line };
    }

    fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// Writes what stands before the next visible character.
    fn fill_gap(&mut self) {
        self.separate();
        if let Some(struck) = &mut self.struck
            && struck.from.is_none()
        {
            self.rendered.text.push_str(CROSSED_OUT);
            self.chars += CROSSED_OUT.len();
            struck.from = Some(self.rendered.text.len());
        }
    }

    fn close_struck(&mut self) {
        let Some(from) = self.struck.take().and_then(|struck| struck.from) else { return };
        self.rendered.crossed_out.push(from..self.rendered.text.len());
        self.rendered.text.push_str(CROSSED_OUT);
        self.chars += CROSSED_OUT.len();
    }

    fn separate(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if self.rendered.text.is_empty() {
            return;
        }
        let between = match gap {
            Gap::None => "",
            Gap::Space if self.rendered.text.ends_with(' ') => "",
            Gap::Space => " ",
            Gap::Line => "\n",
            Gap::Paragraph => "\n\n",
        };
        self.rendered.text.push_str(between);
        self.chars += between.len();
    }

    fn picture(&mut self, tag: &StartTag<()>) {
        let alt = attribute(tag, "alt").map(|alt| one_line(&alt)).filter(|alt| !alt.is_empty());
        let class = attribute(tag, "class").unwrap_or_default().to_ascii_lowercase();
        if ["emoji", "smiley", "emoticon"].iter().any(|kind| class.contains(kind)) {
            return self.text(&alt.unwrap_or_default());
        }
        let is_dot = |side: &str| {
            let side = attribute(tag, side).unwrap_or_default();
            matches!(side.trim().trim_end_matches("px"), "0" | "1")
        };
        if is_dot("width") || is_dot("height") {
            return;
        }
        let url = ["src", "data-src"].into_iter().find_map(|name| web_url(&attribute(tag, name)?, self.base));
        match url {
            Some(url) => self.push_media(Media { url, kind: MediaKind::Picture, text: alt }),
            // A picture inside the page itself (`data:`) is not kept; its description is.
            None => self.text(&alt.unwrap_or_default()),
        }
    }

    fn media(&mut self, tag: &StartTag<()>, kind: MediaKind) {
        let url = attribute(tag, "src").and_then(|src| web_url(&src, self.base));
        let text = attribute(tag, "title").map(|title| one_line(&title)).filter(|title| !title.is_empty());
        if let Some(url) = url {
            self.push_media(Media { url, kind, text });
        }
    }

    fn push_media(&mut self, media: Media) {
        if self.rendered.media.len() >= MAX_MEDIA {
            self.rendered.cut = true;
        } else if !self.rendered.media.iter().any(|known| known.url == media.url) {
            self.rendered.media.push(media);
        }
    }

    fn close_link(&mut self) {
        let Some((url, from)) = self.link.take() else { return };
        let text = self.rendered.text.get(from..).map(one_line).filter(|text| !text.is_empty());
        let at = from..self.rendered.text.len();
        if self.rendered.links.len() >= MAX_LINKS {
            self.rendered.cut = true;
        } else if !self.rendered.links.iter().any(|known| known.url == url) {
            self.rendered.links.push(Anchor { url, text, at });
        }
    }

    /// Whether the limit is reached.
    pub(in crate::source) fn is_full(&self) -> bool {
        self.chars >= self.limit && self.cut
    }

    /// Returns the collected content.
    pub(in crate::source) fn finish(mut self) -> Rendered {
        self.close_link();
        self.close_struck();
        self.rendered.cut |= self.cut;
        let end = self.rendered.text.trim_end().len();
        self.rendered.text.truncate(end);
        for (url, at) in bare_links(&self.rendered.text) {
            if self.rendered.links.len() < MAX_LINKS && !self.rendered.links.iter().any(|known| known.url == url) {
                self.rendered.links.push(Anchor { url, text: None, at });
            }
        }
        self.rendered
    }
}

/// Whether the content of an element is no longer valid, as its author shows it.
fn is_crossed_out(name: &[u8], tag: &StartTag<()>) -> bool {
    if matches!(name, b"s" | b"strike" | b"del") {
        return true;
    }
    // Editors write it as a style. Elements without an end tag are not among these.
    let may_be =
        matches!(name, b"span" | b"p" | b"div" | b"b" | b"i" | b"em" | b"strong" | b"u" | b"font" | b"a" | b"li");
    may_be && attribute(tag, "style").is_some_and(|style| style.to_ascii_lowercase().contains("line-through"))
}

/// The separator that an element puts before and after its content.
fn gap(name: &[u8]) -> Gap {
    match name {
        b"p" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl" | b"blockquote" | b"table"
        | b"figure" | b"article" | b"section" | b"header" | b"footer" | b"main" | b"aside" | b"nav" | b"hr"
        | b"address" | b"details" => Gap::Paragraph,
        b"div" | b"tr" | b"dt" | b"dd" | b"figcaption" | b"summary" | b"option" | b"form" | b"fieldset" | b"center" => {
            Gap::Line
        }
        b"td" | b"th" => Gap::Space,
        _ => Gap::None,
    }
}

/// Text on one line, cut to the length of a caption.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        match visible(c, line.chars().next_back()) {
            Some(' ' | '\n') if line.is_empty() || line.ends_with(' ') => {}
            Some(' ' | '\n') => line.push(' '),
            Some(c) => line.push(c),
            None => {}
        }
        if line.len() >= LONGEST_CAPTION {
            break;
        }
    }
    line.trim_end().to_owned()
}

/// Links and media of one post.
pub(super) const MAX_LINKS: usize = 100;
pub(super) const MAX_MEDIA: usize = 50;

/// Spaces of `pre` in a row that are kept: more would push the rest off the screen.
const MAX_SPACES: usize = 40;

/// Bytes of the description of a picture or the text of a link.
const LONGEST_CAPTION: usize = 1000;
