//! Lists of communities as feed readers hand them to each other (OPML).

use byway::Opml;

use crate::numbers::length;

/// A community of a list.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ListedFeed {
    /// Its link, with its exposure. That of a signed community has further mirrors and the fingerprint of its keys, if the list names
    /// them: the keys are compared when it is opened.
    pub link: String,
    /// What the list calls it.
    pub title: String,
    /// The address of a signed community that the maker of the list never asked for: a charter or a bundle named it. It is read with
    /// `open_listed`, which does not contact it directly.
    pub unasked: bool,
}

/// A list of communities.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct FeedList {
    /// The communities, in the order of the list, each once.
    pub entries: Vec<ListedFeed>,
    /// How many entries were left out because of their address.
    pub odd: i64,
    /// The list has more than was read, or breaks off.
    pub cut: bool,
}

impl From<Opml> for FeedList {
    fn from(core: Opml) -> Self {
        let entries = core.entries.into_iter();
        Self {
            entries: entries
                .map(|entry| ListedFeed { link: entry.address(), title: entry.title, unasked: entry.unasked })
                .collect(),
            odd: length(core.odd),
            cut: core.cut,
        }
    }
}
