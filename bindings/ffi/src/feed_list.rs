//! Lists of communities as feed readers hand them to each other (OPML).

use byway::Opml;

use crate::numbers::length;

/// A community of a list.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ListedFeed {
    /// Its link, with its exposure: what `open` takes.
    pub link: String,
    /// What the list calls it.
    pub title: String,
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
            entries: entries.map(|entry| ListedFeed { link: entry.link.to_string(), title: entry.title }).collect(),
            odd: length(core.odd),
            cut: core.cut,
        }
    }
}
