//! The visible content of a piece of HTML, as plain data.

use std::ops::Range;

use url::Url;

use crate::community::{Field, Home, Link};
use crate::source::claims::{self, Claims, LinkAt};

/// The visible content of a piece of HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Rendered {
    pub(in crate::source) text: String,
    /// Absolute web addresses, each once.
    pub(in crate::source) links: Vec<Anchor>,
    pub(in crate::source) media: Vec<Media>,
    /// The bytes of the text that its author crossed out, without the marks around them.
    pub(in crate::source) crossed_out: Vec<Range<usize>>,
    /// There was more content than the limit.
    pub(in crate::source) cut: bool,
}

impl Rendered {
    /// Where the text says that its community moved to or came from. What is crossed out says nothing.
    pub(in crate::source) fn claims(&self, field: Field, own: &dyn Fn(&Home) -> bool) -> Claims {
        let is_withdrawn =
            |at: &Range<usize>| self.crossed_out.iter().any(|struck| struck.start <= at.start && at.end <= struck.end);
        let links = self.links.iter().filter(|link| !is_withdrawn(&link.at));
        let links = links.map(|link| LinkAt { url: link.url.as_str(), at: link.at.clone() });
        claims::find(&self.text, links, field, own)
    }
}

/// Stands before and after text that is crossed out. Messengers and Markdown write it so, in every language.
pub(super) const CROSSED_OUT: &str = "~~";

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct Anchor {
    pub(in crate::source) url: Url,
    pub(in crate::source) text: Option<String>,
    /// The bytes of the text that show it.
    pub(super) at: Range<usize>,
}

impl From<Anchor> for Link {
    fn from(Anchor { url, text, at: _ }: Anchor) -> Self {
        Link::new(url, text)
    }
}

/// Something that a browser would load with the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct Media {
    pub(in crate::source) url: Url,
    pub(in crate::source) kind: MediaKind,
    /// Its author's description of it.
    pub(in crate::source) text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum MediaKind {
    Picture,
    Video,
    Audio,
    /// A page embedded in the page, such as a video player.
    Frame,
}
