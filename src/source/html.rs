//! Reads text, links and media from HTML, as a person would read it.
//!
//! Nothing is rendered, run or loaded. The tokens of the HTML standard are read one after another, so no tree grows
//! with the depth of the markup. Scripts, styles and other content that is not prose are left out. Pictures become
//! their description and an attachment. Pictures of one pixel, which count readers, are dropped.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

use crate::source::plain::visible;

/// The visible content of a piece of HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rendered {
    pub(super) text: String,
    /// Absolute web addresses, each once, with their link text.
    pub(super) links: Vec<(Url, Option<String>)>,
    pub(super) media: Vec<Media>,
    /// There was more content than the limit.
    pub(super) cut: bool,
}

/// Something that a browser would load with the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Media {
    pub(super) url: Url,
    pub(super) kind: MediaKind,
    /// Its author's description of it.
    pub(super) text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaKind {
    Picture,
    Video,
    Audio,
    /// A page embedded in the page, such as a video player.
    Frame,
}

/// Renders at most `limit` characters. Relative addresses are resolved against `base`; without a base they are left
/// out.
pub(super) fn render(markup: &str, base: Option<&Url>, limit: usize) -> Rendered {
    let mut renderer = Renderer::new(base, limit);
    for token in tokens(markup) {
        renderer.token(&token);
        if renderer.is_full() {
            break;
        }
    }
    renderer.finish()
}

/// The tokens of a piece of HTML. The content of a script or a similar element is one text.
pub(super) fn tokens(markup: &str) -> impl Iterator<Item = Token> + '_ {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(markup, emitter).filter_map(Result::ok)
}

/// Text without markup, with its line breaks, in the form of [`render`].
pub(super) fn plain(text: &str, limit: usize) -> Rendered {
    let mut renderer = Renderer { limit, preformatted: 1, ..Renderer::default() };
    renderer.text(text);
    renderer.finish()
}

/// The character that a named reference of HTML stands for, without `&` and `;`: `nbsp`.
pub(super) fn entity(name: &str) -> Option<String> {
    if name.len() > LONGEST_NAME || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let reference = format!("&{name};");
    let Ok(token) = Tokenizer::new(&reference).next()?;
    match token {
        Token::String(text) => String::from_utf8(text.to_vec()).ok().filter(|text| *text != reference),
        _ => None,
    }
}

/// Reads the tokens of a piece of HTML one after another, and collects the visible content.
#[derive(Default)]
pub(super) struct Renderer<'a> {
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
    /// The open link, and where its text begins.
    link: Option<(Url, usize)>,
    cut: bool,
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
    pub(super) fn new(base: Option<&'a Url>, limit: usize) -> Self {
        Self { base, limit, ..Self::default() }
    }

    pub(super) fn token(&mut self, token: &Token) {
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
        for c in text.chars() {
            if self.chars >= self.limit {
                self.cut = true;
                return;
            }
            let Some(c) = visible(c, self.rendered.text.chars().next_back()) else { continue };
            match c {
                '\n' if self.preformatted > 0 => self.break_line(),
                ' ' | '\n' => self.widen(Gap::Space),
                c => {
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
        self.gap = if self.gap >= Gap::Line { Gap::Paragraph } else { Gap::Line };
    }

    fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn fill_gap(&mut self) {
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
        if self.rendered.links.len() >= MAX_LINKS {
            self.rendered.cut = true;
        } else if !self.rendered.links.iter().any(|(known, _)| *known == url) {
            self.rendered.links.push((url, text));
        }
    }

    /// Whether the limit is reached.
    pub(super) fn is_full(&self) -> bool {
        self.chars >= self.limit && self.cut
    }

    /// Returns the collected content.
    pub(super) fn finish(mut self) -> Rendered {
        self.close_link();
        self.rendered.cut |= self.cut;
        let end = self.rendered.text.trim_end().len();
        self.rendered.text.truncate(end);
        for url in bare_links(&self.rendered.text) {
            if self.rendered.links.len() < MAX_LINKS && !self.rendered.links.iter().any(|(known, _)| *known == url) {
                self.rendered.links.push((url, None));
            }
        }
        self.rendered
    }
}

/// Addresses in a plain text.
fn bare_links(text: &str) -> impl Iterator<Item = Url> + '_ {
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '«' | '»' | '(' | ')')).filter_map(|word| {
        let word = word.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '…']);
        let has_scheme = ["https://", "http://"].iter().any(|scheme| word.starts_with(scheme));
        if has_scheme { web_url(word, None) } else { None }
    })
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

/// The name without its prefix: in XHTML, elements may have a prefix.
fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

pub(super) fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

/// An address on the web. An app should not open other addresses (`javascript:`, `file:`, `data:`).
pub(super) fn web_url(text: &str, base: Option<&Url>) -> Option<Url> {
    let text = text.trim();
    if text.len() > LONGEST_URL {
        return None;
    }
    let url = match base {
        Some(base) => base.join(text),
        None => Url::parse(text),
    };
    url.ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.as_str().len() <= LONGEST_URL
    })
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

/// `CounterClockwiseContourIntegral`, and some more.
const LONGEST_NAME: usize = 40;

/// Links and media of one post.
const MAX_LINKS: usize = 100;
const MAX_MEDIA: usize = 50;

/// Longer than any address that a browser shows.
const LONGEST_URL: usize = 2048;

/// Bytes of the description of a picture or the text of a link.
const LONGEST_CAPTION: usize = 1000;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    fn shown(markup: &str) -> Rendered {
        let base = Url::parse("https://blog.example/2026/").unwrap();
        render(markup, Some(&base), 200)
    }

    #[test]
    fn markup_becomes_text_as_people_read_it() {
        let cases = [
            ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
            ("a<br/><br />b", "a\n\nb"),
            ("<ul><li>one</li><li>two</li></ul>end", "\u{2022} one\n\u{2022} two\n\nend"),
            ("<pre>a\n  b</pre>c", "a\nb\n\nc"),
            ("  much \t\n space&nbsp;&nbsp;here ", "much space here"),
            ("Fish &amp; chips &lt;3 &#8212; &laquo;ok&raquo; &bogus;", "Fish & chips <3 — «ok» &bogus;"),
            ("a<script>alert('<p>x</p>')</script>b<style>p{}</style>c", "abc"),
            ("a<noscript>x</noscript><template><p>y</template><svg><text>z</text></svg>b", "ab"),
            ("a<!-- hidden -->b", "ab"),
            ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
            ("\u{202e}evil\u{202c} \u{200b}te\u{ad}xt\u{7}", "evil text"),
            ("<html:p xmlns:html='x'>a</html:p><html:p>b</html:p>", "a\n\nb"),
            ("2 < 3 and <unknown>kept</unknown>", "2 < 3 and kept"),
            ("open <b>bold", "open bold"),
            (
                "<img class='wp-smiley' src='s.png' alt='🙂'> <img src='data:image/png;base64,AA' alt='a map'>",
                "🙂 a map",
            ),
            ("", ""),
        ];
        for (markup, expected) in cases {
            assert_eq!(shown(markup).text, expected, "{markup}");
        }
    }

    #[test]
    fn links_and_media_are_absolute_and_on_the_web() {
        let rendered = shown(
            "<a href='/about'>About <b>us</b></a> <a href='//cdn.example/x'>x</a> <a href='/about'>again</a>\
             <a href='javascript:alert(1)'>j</a><a href='file:///etc/passwd'>f</a><a href='https://u:p@h.example/'>c</a>\
             <img src='a.jpg' alt='The gate'><img src='t.gif' width=1 height='1'><img src='w.gif' style='' height='0px'>\
             <video src='v.mp4'><source src='w.mp4' type='video/mp4'></video><iframe src='https://tube.example/1'>no</iframe>",
        );
        let links: Vec<_> = rendered.links.iter().map(|(url, text)| (url.as_str(), text.as_deref())).collect();
        assert_eq!(links, [("https://blog.example/about", Some("About us")), ("https://cdn.example/x", Some("x"))]);
        let media: Vec<_> = rendered.media.iter().map(|media| (media.url.as_str(), media.kind)).collect();
        assert_eq!(
            media,
            [
                ("https://blog.example/2026/a.jpg", MediaKind::Picture),
                ("https://blog.example/2026/v.mp4", MediaKind::Video),
                ("https://blog.example/2026/w.mp4", MediaKind::Video),
                ("https://tube.example/1", MediaKind::Frame),
            ]
        );
        assert_eq!(rendered.media.first().and_then(|media| media.text.as_deref()), Some("The gate"));
        assert_eq!(rendered.text, "About us x againjfc");
    }

    #[test]
    fn bombs_end_at_the_limits() {
        let deep = format!("{}end", "<div><svg></svg>".repeat(100_000));
        assert_eq!(shown(&deep).text, "end");
        let long = shown(&"word ".repeat(100_000));
        assert!(long.text.chars().count() <= 200 && long.cut);
        let links: String = (0..10_000).map(|n| format!("<a href='/{n}'></a><img src='/{n}.png'>")).collect();
        let links = shown(&links);
        assert_eq!((links.links.len(), links.media.len(), links.cut), (MAX_LINKS, MAX_MEDIA, true));
        assert_eq!(shown(&format!("<a href='/{}'>x</a>", "y".repeat(LONGEST_URL))).links, []);
        assert_eq!(shown(&"<svg>".repeat(100_000)).text, "");
    }

    #[test]
    fn named_references_are_those_of_html() {
        assert_eq!(entity("nbsp").as_deref(), Some("\u{a0}"));
        assert_eq!(entity("mdash").as_deref(), Some("—"));
        assert_eq!(entity("bogus"), None);
        assert_eq!(entity("nbsp;<b>"), None);
        assert_eq!(entity(&"a".repeat(1000)), None);
    }
}
