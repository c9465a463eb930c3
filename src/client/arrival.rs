//! How a community became known that another one named as its successor (`docs/format.md`, "What a reader contacts").
//!
//! The keys of the old community may be in other hands. So a successor that the reader knows only through moves is contacted only as
//! long as one of these moves counts: the user did not refuse it, and the community that named it is not disputed. What a yes permits
//! (direct contact with the addresses that were shown) is kept here with its move, and ends with it.

use serde::{Deserialize, Serialize};

use crate::community::{CommunityId, Home};
use crate::store::{Store, StoreError};

/// The moves by which a community became known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Arrival {
    /// The reader knows it otherwise too: by its own link, from a file or a list, or from before the first of these moves.
    pub(super) is_own: bool,
    pub(super) from: Vec<Origin>,
}

/// A community that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    pub(super) community: CommunityId,
    /// The addresses that may be contacted directly since this move was followed.
    pub(super) homes: Vec<Home>,
    /// The user refused the move, or its old community was forgotten when the move did not count.
    pub(super) is_refused: bool,
}

impl Arrival {
    /// `None` for a community to which no move led. What cannot be read any more permits nothing, and nothing counts of it.
    pub(super) fn of(store: &Store, id: &CommunityId) -> Result<Option<Self>, StoreError> {
        let bytes = store.blob(&arrival_name(id))?;
        Ok(bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    pub(super) fn write(&self, store: &Store, id: &CommunityId) -> Result<(), StoreError> {
        let (name, bytes) = (arrival_name(id), serde_json::to_vec(self).unwrap_or_default());
        if store.blob(&name)?.is_some_and(|known| known == bytes) { Ok(()) } else { store.set_blob(&name, &bytes) }
    }

    /// The addresses that may be contacted directly because moves were followed.
    pub(super) fn homes(store: &Store, id: &CommunityId) -> Result<Vec<Home>, StoreError> {
        let arrival = Self::of(store, id)?.unwrap_or_default();
        Ok(arrival.from.into_iter().flat_map(|origin| origin.homes).collect())
    }

    /// The user opened the community by itself.
    pub(super) fn is_own_now(store: &Store, id: &CommunityId) -> Result<(), StoreError> {
        match Self::of(store, id)? {
            Some(arrival) if !arrival.is_own => Self { is_own: true, ..arrival }.write(store, id),
            _ => Ok(()),
        }
    }
}

/// The moves by which a community became known.
pub(super) fn arrival_name(id: &CommunityId) -> String {
    format!("arrival {id}")
}
