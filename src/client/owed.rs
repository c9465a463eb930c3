//! Floors that a reading has earned and the store does not have yet.

use crate::community::{CommunityId, Home};
use crate::exposure::Exposure;
use crate::source::Content;
use crate::store::{Store, StoreError, Subject};

/// A floor that was earned, and is to be raised before anything else is asked. A reading may end while the store is
/// suspended, and its floor must not be lost.
#[derive(Clone, Debug)]
pub(super) struct Owed {
    pub(super) communities: Vec<CommunityId>,
    pub(super) homes: Vec<Home>,
    /// What the community lists, and what it claims: not read yet.
    pub(super) listed: Vec<Home>,
    pub(super) floor: Exposure,
}

impl Owed {
    /// The floor for the community and for everything that it leads to.
    pub(super) fn of(read: &[Home], content: &Content, floor: Exposure) -> Self {
        let Content { community, events, .. } = content;
        let claims = community.successor.iter().chain(&community.predecessor).map(|claim| &claim.home);
        let gatherings = events.iter().filter_map(|event| event.home.as_ref());
        let listed = community.homes.iter().filter(|one| !read.contains(one));
        Self {
            communities: [&community.id].into_iter().chain(events.iter().map(|event| &event.id)).cloned().collect(),
            homes: read.to_vec(),
            listed: listed.chain(claims).chain(gatherings).cloned().collect(),
            floor,
        }
    }

    pub(super) fn pay(&self, store: &Store) -> Result<(), StoreError> {
        let Self { communities, homes, listed, floor } = self;
        let subjects = communities.iter().map(Subject::Community).chain(homes.iter().map(Subject::Home));
        let subjects = subjects.chain(listed.iter().map(Subject::Listed));
        subjects.into_iter().try_for_each(|subject| store.raise_floor(subject, *floor))
    }
}
