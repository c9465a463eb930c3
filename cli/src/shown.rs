//! What `byway show` shows at a time of one community that is kept.

use byway::community::{CommunityId, Event, Post, Trust, TrustState};
use byway::{Cursor, Language, Standing, Store, StoredCommunity};
use jiff::Timestamp;

use crate::wrong::{Wrong, of_store};

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

/// What may be believed now of the communities of which that is not plain.
pub(crate) fn doubts(
    store: &Store,
    communities: &[StoredCommunity],
    language: Language,
) -> Result<Vec<(CommunityId, Trust)>, Wrong> {
    let mut doubts = Vec::new();
    for kept in communities {
        let id = &kept.community.id;
        let trust = Standing::of(store, id, Timestamp::now()).map_err(of_store(language))?.trust();
        if !is_plain(&trust) {
            doubts.push((id.clone(), trust));
        }
    }
    Ok(doubts)
}

/// Whether the content is what it seems to be: signed and recent, or a page that signs nothing.
pub(crate) fn is_plain(trust: &Trust) -> bool {
    matches!(trust.state, TrustState::Verified | TrustState::Unsigned)
}
