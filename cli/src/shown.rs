//! What `byway show` shows at a time of one community that is kept.

use byway::community::{Event, Post};
use byway::{Cursor, Standing, StoredCommunity};

/// One page: the first has posts and events, later ones continue one of the two.
pub(crate) struct Shown {
    pub(crate) kept: StoredCommunity,
    /// What is remembered of it, if it is signed.
    pub(crate) standing: Standing,
    pub(crate) posts: Vec<Post>,
    pub(crate) events: Vec<Event>,
    pub(crate) next_posts: Option<Cursor>,
    pub(crate) next_events: Option<Cursor>,
    /// It is not the first page.
    pub(crate) goes_on: bool,
}
