//! What is remembered of a move that is followed or refused, and whether a community is contacted because of it.

use std::collections::HashSet;

use jiff::Timestamp;

use super::arrival::{Arrival, Origin};
use super::asked::Asked;
use super::known::{Decision, decision_name, is_disputed, memory_of};
use crate::community::{CommunityId, Home};
use crate::store::{Store, StoreError};

/// Whether a community is not contacted, because no move that led to it counts and the reader knows it by nothing else.
pub(super) fn is_held(store: &Store, id: &CommunityId, now: Timestamp) -> Result<bool, StoreError> {
    is_held_before(store, id, now, &HashSet::new())
}

/// The same, as long as these communities are not looked at yet: no move of theirs counts until then.
pub(super) fn is_held_before(
    store: &Store,
    id: &CommunityId,
    now: Timestamp,
    unread: &HashSet<CommunityId>,
) -> Result<bool, StoreError> {
    Look { store, now, unread }.holds(id, &mut Vec::new())
}

/// A community is forgotten. What did not count of its moves does not count afterwards either.
pub(super) fn forget_origin(store: &Store, gone: &CommunityId, now: Timestamp) -> Result<(), StoreError> {
    let look = Look { store, now, unread: &HashSet::new() };
    for kept in store.communities()? {
        let id = &kept.community.id;
        let Some(mut arrival) = Arrival::of(store, id)? else { continue };
        for origin in arrival.from.iter_mut().filter(|origin| origin.community == *gone) {
            origin.is_refused = !look.counts(origin, &mut vec![id.clone()])?;
        }
        arrival.write(store, id)?;
    }
    Ok(())
}

/// What is known at a time.
struct Look<'a> {
    store: &'a Store,
    now: Timestamp,
    /// The communities whose moves do not count yet.
    unread: &'a HashSet<CommunityId>,
}

impl Look<'_> {
    /// `passed`: the communities that were looked at. In a circle none counts for itself.
    fn counts(&self, origin: &Origin, passed: &mut Vec<CommunityId>) -> Result<bool, StoreError> {
        let from = &origin.community;
        if origin.is_refused || self.unread.contains(from) || passed.contains(from) || passed.len() > MAX_PASSED {
            return Ok(false);
        }
        let memory = memory_of(self.store, from)?;
        Ok(!is_disputed(&memory, from, self.now) && !self.holds(from, passed)?)
    }

    fn holds(&self, id: &CommunityId, passed: &mut Vec<CommunityId>) -> Result<bool, StoreError> {
        passed.push(id.clone());
        let Some(arrival) = Arrival::of(self.store, id)?.filter(|arrival| !arrival.is_own) else { return Ok(false) };
        for origin in &arrival.from {
            if self.counts(origin, passed)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A move that is followed.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    pub(super) from: CommunityId,
    pub(super) to: CommunityId,
    /// The user's yes, if this reading was made on it.
    pub(super) decision: Option<Decision>,
    /// The addresses of the successor that may be contacted directly from now on.
    pub(super) homes: Vec<Home>,
}

impl Followed {
    /// Remembers it: the decision first, and what it permits after it.
    pub(super) fn write(self, store: &Store) -> Result<(), StoreError> {
        let Self { from, to, decision, homes } = self;
        if let Some(decision) = decision {
            store.set_blob(&decision_name(&from), &serde_json::to_vec(&decision).unwrap_or_default())?;
        }
        let mut arrival = match Arrival::of(store, &to)? {
            Some(arrival) => arrival,
            None => {
                let is_own = store.community(&to)?.is_some() || !Asked::own(store, &to)?.mirrors.is_empty();
                Arrival { is_own, from: Vec::new() }
            }
        };
        let known = arrival.from.iter().position(|origin| origin.community == from);
        let mut origin = match known {
            Some(place) => arrival.from.remove(place),
            None => Origin { community: from, homes: Vec::new(), is_refused: false },
        };
        origin.is_refused = false;
        let mut permitted = Asked { mirrors: std::mem::take(&mut origin.homes) };
        permitted.add(&homes);
        origin.homes = permitted.mirrors;
        arrival.from.push(origin);
        let surplus = arrival.from.len().saturating_sub(MAX_ORIGINS);
        arrival.from.drain(..surplus);
        arrival.write(store, &to)
    }
}

/// The user stays at a community: what a yes to its successor permitted ends, then the decision is remembered.
pub(super) fn refuse(
    store: &Store,
    from: &CommunityId,
    to: Option<&CommunityId>,
    decision: Option<Decision>,
) -> Result<(), StoreError> {
    if let Some(to) = to
        && let Some(mut arrival) = Arrival::of(store, to)?
    {
        for origin in arrival.from.iter_mut().filter(|origin| origin.community == *from) {
            (origin.is_refused, origin.homes) = (true, Vec::new());
        }
        arrival.write(store, to)?;
    }
    match decision {
        Some(decision) => store.set_blob(&decision_name(from), &serde_json::to_vec(&decision).unwrap_or_default()),
        None => store.remove_blob(&decision_name(from)),
    }
}

/// The communities that are looked at for one answer. Further back none counts.
const MAX_PASSED: usize = 64;

/// The communities that are remembered as having led to one.
const MAX_ORIGINS: usize = 16;
