//! What is remembered of a signed community, without any network.

use jiff::Timestamp;
use serde::Serialize;

use super::known::{Decision, decision_name, is_disputed, memory_of};
use super::{Byway, Note};
use crate::community::{CommunityId, Home, MirrorStanding, Trust};
use crate::signed::{Chain, Digest, Follow, HomeKind, Move, MoveKind, Succession, old_side, succession};
use crate::source::{mirror_home, remembered_chain, remembered_homes, remembered_trust};
use crate::store::{Store, StoreError};

/// What is remembered of a signed community that is kept: what may be believed of it, how it is related to others, and how
/// each of its homes behaved when it was last asked.
///
/// Empty for a community that is not signed.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Standing {
    /// What may be believed ([`SourceNote::Signed`](crate::source::SourceNote::Signed)), and each move to or from another community ([`Note::Move`]).
    pub notes: Vec<Note>,
    /// Its homes. One that was never asked is not among them.
    pub homes: Vec<MirrorStanding>,
}

impl Standing {
    /// What is remembered of a community at this time. Nothing is contacted.
    ///
    /// # Errors
    /// The errors of every call of the store.
    pub fn of(store: &Store, id: &CommunityId, now: Timestamp) -> Result<Self, StoreError> {
        if Digest::of_community(id).is_none() {
            return Ok(Self::default());
        }
        let memory = memory_of(store, id)?;
        let mut notes: Vec<Note> = remembered_trust(&memory, id, now).map(Note::Source).into_iter().collect();
        if let Some(chain) = remembered_chain(&memory, id, now) {
            let here = Here { store, id, chain: &chain, is_disputed: is_disputed(&memory, id, now), now };
            notes.extend(here.came_from()?.map(Note::Move));
            notes.extend(here.leads_to()?.map(Note::Move));
        }
        Ok(Self { notes, homes: remembered_homes(&memory, id, now) })
    }
}

impl Standing {
    /// What may be believed now of what is kept: a state gets old, is disputed or frozen without a new reading.
    pub fn trust(&self) -> Trust {
        super::opened::trust_of(&self.notes)
    }
}

impl Byway {
    /// What is remembered of a community that is kept: what may be believed of it, its moves, and how its homes behaved. Nothing is
    /// contacted.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn standing(&self, id: &CommunityId) -> Result<Standing, StoreError> {
        let (id, now) = (id.clone(), self.wall());
        self.inner.store.on(move |store| Standing::of(store, &id, now)).await
    }
}

/// A community whose charters are known.
struct Here<'a> {
    store: &'a Store,
    id: &'a CommunityId,
    chain: &'a Chain,
    is_disputed: bool,
    now: Timestamp,
}

impl Here<'_> {
    /// What the community says of the one that it continues.
    fn came_from(&self) -> Result<Option<Move>, StoreError> {
        let Some(from) = self.chain.in_force(self.now).predecessor.and_then(|id| id.community_id()) else {
            return Ok(None);
        };
        let (old, is_disputed) = self.other(&from)?;
        let kind = match old.as_ref().map(|old| succession(old, self.chain, self.now)) {
            None => MoveKind::ContinuesUnknown,
            Some(_) if self.is_disputed || is_disputed => MoveKind::Disputed,
            Some(Succession::TwoSided { .. }) => MoveKind::Continues,
            Some(_) => MoveKind::ClaimsToContinue,
        };
        Ok(Some(Move::new(kind, from, Some(self.id.clone())).with_keys(old.as_ref(), Some(self.chain), self.now)))
    }

    /// What is known of the successor that the community names.
    fn leads_to(&self) -> Result<Option<Move>, StoreError> {
        let Some((successor, follow)) = old_side(self.chain, self.now) else { return Ok(None) };
        let Some(to) = successor.community.community_id() else { return Ok(None) };
        let decision = self.store.blob(&decision_name(self.id))?;
        let decision = decision.and_then(|bytes| serde_json::from_slice::<Decision>(&bytes).ok());
        let decided = decision.filter(|decision| decision.to == to).map(|decision| decision.follow);
        let (new, is_disputed) = self.other(&to)?;
        let mut until = None;
        let kind = match (decided, new.as_ref().map(|new| succession(self.chain, new, self.now)), follow) {
            _ if self.is_disputed || is_disputed => MoveKind::Disputed,
            (Some(false), ..) => MoveKind::Declined,
            (_, Some(Succession::TwoSided { .. }), _) if decided == Some(true) => MoveKind::MovedOn,
            (Some(true), ..) => MoveKind::LeftOnYourWord,
            (None, _, Follow::Asked) => MoveKind::Asked,
            (None, _, Follow::ByItself { at }) if at > self.now => {
                until = Some(at);
                MoveKind::Waits
            }
            // It was looked at, and is not kept.
            (None, Some(Succession::TwoSided { .. }), _) if self.store.community(&to)?.is_none() => MoveKind::Unread,
            (None, Some(Succession::TwoSided { .. }), _) => MoveKind::MovedOn,
            (None, Some(_), _) => MoveKind::OneSided,
            (None, None, _) => MoveKind::Unread,
        };
        let moved = Move::new(kind, self.id.clone(), Some(to)).at_homes(successor_homes(self.chain, self.now));
        Ok(Some(Move { until, ..moved }.with_keys(Some(self.chain), new.as_ref(), self.now)))
    }

    /// The charters of another community, and whether it is disputed.
    fn other(&self, id: &CommunityId) -> Result<(Option<Chain>, bool), StoreError> {
        let memory = memory_of(self.store, id)?;
        Ok((remembered_chain(&memory, id, self.now), is_disputed(&memory, id, self.now)))
    }
}

/// What a community says of the one that it continues.
pub(super) fn came_from(store: &Store, id: &CommunityId, now: Timestamp) -> Result<Option<Move>, StoreError> {
    let memory = memory_of(store, id)?;
    let Some(chain) = remembered_chain(&memory, id, now) else { return Ok(None) };
    Here { store, id, chain: &chain, is_disputed: is_disputed(&memory, id, now), now }.came_from()
}

/// Where the successor that a community names is read: as many addresses as a link names.
pub(super) fn successor_homes(chain: &Chain, now: Timestamp) -> Vec<Home> {
    let Some((successor, _)) = old_side(chain, now) else { return Vec::new() };
    let Some(to) = successor.community.community_id() else { return Vec::new() };
    let mirrors = successor.homes.iter().filter(|home| home.kind == HomeKind::Mirror);
    mirrors.filter_map(|home| mirror_home(&home.url, &to)).take(MAX_HOMES).collect()
}

/// As many addresses as a link names.
const MAX_HOMES: usize = 4;
