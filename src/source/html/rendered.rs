//! The visible content of a piece of HTML, as plain data.

use url::Url;

/// The visible content of a piece of HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Rendered {
    pub(in crate::source) text: String,
    /// Absolute web addresses, each once, with their link text.
    pub(in crate::source) links: Vec<(Url, Option<String>)>,
    pub(in crate::source) media: Vec<Media>,
    /// There was more content than the limit.
    pub(in crate::source) cut: bool,
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
