//! Following a community to its successor (`docs/format.md`, "Moving").
//!
//! The old community decides first: unless several of its keys named the successor and the waiting time is over, nothing
//! of the successor is contacted and the user is asked. A successor that Byway looks at by itself is read over routes that
//! are not direct, unless the user asked for its host (`asked`): a stolen key could otherwise use a move to call every phone.
//! What was read of the old community stays where it was.

use jiff::Timestamp;
use tokio::time::Instant;

use super::asked::is_public;
use super::known::Decision;
use super::opened::{OpenError, OpenFault, OpenOptions, Opened};
use super::read_request::ReadRequest;
use super::{Action, Byway, Note, standing};
use crate::community::{Community, CommunityId, Home};
use crate::fetch::Allowance;
use crate::signed::{Chain, Digest, Follow, HomeKind, MAX_MOVES, Move, MoveKind, Succession, old_side, succession};
use crate::source::{mirror_home, remembered_chain};
use crate::store::StoreError;

/// What follows a community that was read.
enum MoveStep {
    Stay(Move),
    Go(Box<Opened>, Move),
}

/// What following a community may use, for all its moves together.
#[derive(Clone)]
pub(super) struct Walk {
    pub(super) until: Instant,
    pub(super) action: Action,
    pub(super) allowance: Option<Allowance>,
}

impl Walk {
    /// That of a person who opens a community.
    pub(super) fn of_open(until: Instant) -> Self {
        Self { until, action: Action::Open, allowance: None }
    }
}

/// How a successor is read.
struct Approach {
    how: OpenOptions,
    walk: Walk,
    /// The user said yes to the successor at the addresses that are named now.
    is_yes: bool,
}

impl Byway {
    /// Follows a community to its successor on the user's yes: reads it, remembers the decision, and returns the successor. A later
    /// [`Byway::open`] of the old community leads there as well. The note [`Note::Move`] says what is signed of the move.
    ///
    /// The yes is for the addresses that are named now: from then on they may be contacted directly. An address that a later charter names, or
    /// one in the reader's own network, is not. Without a signature of both sides the yes alone counts, so show both
    /// fingerprints first ([`Byway::successor`]).
    ///
    /// A disputed move is not followed. If the old community is disputed or frozen, nothing of the successor is contacted, and the old one is
    /// returned. The note says so.
    ///
    /// # Errors
    /// [`OpenFault::NotStored`] if the community is not kept, or names no successor; [`OpenFault::NoMirror`] if it names no
    /// address of it; else as [`Byway::open`].
    pub async fn follow(&self, id: &CommunityId) -> Result<Opened, OpenError> {
        let (mut opened, moved) = self.look(id, true).await.map_err(|error| error.in_language(self.language()))?;
        if moved.kind != MoveKind::Disputed {
            let decision = Decision { to: opened.community.id.clone(), home: moved.home.clone(), follow: true };
            let decided = self.inner.store.decide(id.clone(), Some(decision)).await;
            decided.map_err(|error| OpenError::untried(error).in_language(self.language()))?;
        }
        opened.notes.push(Note::Move(moved));
        Ok(opened)
    }

    /// Reads the successor that a kept community names, over routes that are not direct, and says in a note
    /// ([`Note::Move`]) what is signed of the move. Nothing is decided by that.
    ///
    /// What a page names that signs nothing is not contacted: the kept community is returned, and the note has the address.
    ///
    /// # Errors
    /// As [`Byway::follow`].
    pub async fn successor(&self, id: &CommunityId) -> Result<Opened, OpenError> {
        let looked = match self.chain_of(id).await {
            Some(_) => self.look(id, false).await,
            None => self.claimed(id).await,
        };
        let (mut opened, mut moved) = looked.map_err(|error| error.in_language(self.language()))?;
        if moved.kind == MoveKind::OnYourWord {
            moved.kind = MoveKind::OneSided;
        }
        opened.notes.push(Note::Move(moved));
        Ok(opened)
    }

    /// A kept community, and the successor that its page claims.
    async fn claimed(&self, id: &CommunityId) -> Result<(Opened, Move), OpenError> {
        let kept = self.inner.store.of(id).await.map_err(OpenError::untried)?.community;
        let kept = kept.ok_or_else(|| OpenError::untried(OpenFault::NotStored))?.community;
        let claim = kept.successor.clone().ok_or_else(|| OpenError::untried(OpenFault::NotStored))?;
        let moved = Move::new(MoveKind::Claimed, id.clone(), None);
        Ok((self.as_kept(kept).await?, Move { home: Some(claim.home), ..moved }))
    }

    /// A community as it is kept. Nothing is sent.
    async fn as_kept(&self, kept: Community) -> Result<Opened, OpenError> {
        let home = kept.homes.into_iter().next().ok_or_else(|| OpenError::untried(OpenFault::NotStored))?;
        let how = OpenOptions { offline: true, ..OpenOptions::default() };
        self.read_home(&home, ReadRequest::of(how, Action::Open)).await
    }

    /// Stays at a community although it names a successor, whatever address the successor has or gets. [`Byway::follow`] takes that back.
    ///
    /// Returns `false` if there is nothing to decide: the community is not kept or names no successor.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stay(&self, id: &CommunityId) -> Result<bool, StoreError> {
        let chain = self.chain_of(id).await;
        let kept = self.inner.store.of(id).await?.community.map(|kept| kept.community);
        let Some(kept) = kept else { return Ok(false) };
        let to = chain.as_ref().and_then(|chain| old_side(chain, self.wall())?.0.community.community_id());
        if to.is_none() && (chain.is_some() || kept.successor.is_none()) {
            return Ok(false);
        }
        // A page that signs nothing is not followed by itself, so there it is enough that no yes is remembered.
        let decision = to.map(|to| Decision { to, home: None, follow: false });
        self.inner.store.decide(id.clone(), decision).await?;
        Ok(true)
    }

    /// Reads the successor of a kept community, and says what is signed of the move. `is_yes`: the user says yes to it.
    async fn look(&self, id: &CommunityId, is_yes: bool) -> Result<(Opened, Move), OpenError> {
        let until = self.inner.net.now() + self.inner.timeout;
        let known = self.inner.store.of(id).await.map_err(OpenError::untried)?;
        let kept = known.community.ok_or_else(|| OpenError::untried(OpenFault::NotStored))?.community;
        let (old, now) = (self.chain_of(id).await, self.wall());
        let names_one = kept.successor.is_some() || old.as_ref().is_some_and(|old| old_side(old, now).is_some());
        let homes = homes_of(old.as_ref(), &kept, now);
        if homes.is_empty() {
            let fault = if names_one { OpenFault::NoMirror } else { OpenFault::NotStored };
            return Err(OpenError::untried(fault));
        }
        let to = old.as_ref().and_then(|old| old_side(old, now)?.0.community.community_id());
        if self.is_disputed(id).await {
            // What a stolen key may have signed is no reason to contact a host.
            let moved = Move::new(MoveKind::Disputed, id.clone(), to).with_keys(old.as_ref(), None, now);
            return Ok((self.as_kept(kept).await?, Move { home: homes.into_iter().next(), ..moved }));
        }
        let before = match &to {
            Some(to) => Some((to.clone(), self.inner.store.asked(to.clone()).await.map_err(OpenError::untried)?)),
            None => None,
        };
        let how = OpenOptions { exposure: known.floor, ignore_pause: true, ..OpenOptions::default() };
        let (opened, home) =
            self.read_successor(homes, &kept, &Approach { how, walk: Walk::of_open(until), is_yes }).await?;
        let new = self.chain_of(&opened.community.id).await;
        let is_disputed = self.is_disputed(id).await || self.is_disputed(&opened.community.id).await;
        if let Some((to, before)) = before.filter(|_| is_yes && is_disputed) {
            self.inner.store.ask_no_more(to, before).await.map_err(OpenError::untried)?;
        }
        let kind = match old.as_ref().zip(new.as_ref()).map(|(old, new)| succession(old, new, now)) {
            _ if is_disputed => MoveKind::Disputed,
            Some(Succession::TwoSided { .. }) => MoveKind::Moved,
            _ => MoveKind::OnYourWord,
        };
        let moved = Move::new(kind, id.clone(), Some(opened.community.id.clone()));
        Ok((opened, Move { home: Some(home), ..moved }.with_keys(old.as_ref(), new.as_ref(), now)))
    }

    /// The community that was read, or its successor as far as Byway may follow, with a note of each move.
    pub(super) async fn follow_moves(&self, mut here: Opened, how: OpenOptions, walk: Walk) -> Opened {
        let mut passed = vec![here.community.id.clone()];
        loop {
            let exposure = how.exposure.max(here.exposure);
            match Box::pin(self.next_step(&here, &passed, OpenOptions { exposure, ..how }, &walk)).await {
                Some(MoveStep::Go(next, moved)) => {
                    let earlier: Vec<Note> =
                        here.notes.into_iter().filter(|note| matches!(note, Note::Move(_))).collect();
                    here = *next;
                    here.notes.extend(earlier);
                    here.notes.push(Note::Move(moved));
                    passed.push(here.community.id.clone());
                }
                Some(MoveStep::Stay(moved)) => {
                    here.notes.push(Note::Move(moved));
                    break;
                }
                None => break,
            }
        }
        if passed.len() == 1 {
            let came_from = self.came_from(&here.community.id).await;
            here.notes.extend(came_from.map(Note::Move));
        }
        here
    }

    async fn next_step(
        &self,
        here: &Opened,
        passed: &[CommunityId],
        how: OpenOptions,
        walk: &Walk,
    ) -> Option<MoveStep> {
        let (from, now) = (&here.community.id, self.wall());
        let decision = self.inner.store.decision(from.clone()).await.ok().flatten();
        let Some(old) = self.chain_of(from).await else {
            // A page that signs nothing is left on the user's word alone, and only for the address that it still names.
            let claim = here.community.successor.as_ref()?;
            let is_yes = |decision: &Decision| decision.follow && decision.home.as_ref() == Some(&claim.home);
            let decision = decision.filter(is_yes)?;
            let moved = Move::new(MoveKind::OnYourWord, from.clone(), Some(decision.to.clone()));
            let moved = Move { home: decision.home, ..moved };
            let stays = |kind| Some(MoveStep::Stay(Move { kind, ..moved.clone() }));
            if passed.contains(&decision.to) {
                return stays(MoveKind::Loop);
            }
            if passed.len() > MAX_MOVES {
                return stays(MoveKind::TooLong);
            }
            let approach = Approach { how, walk: walk.clone(), is_yes: false };
            let read = self.read_successor(vec![claim.home.clone()], &here.community, &approach).await;
            return match read {
                Ok((next, _)) if next.community.id == decision.to => Some(MoveStep::Go(Box::new(next), moved)),
                // Another community is at that address now. The yes was not for it.
                Ok(_) => stays(MoveKind::Claimed),
                Err(_) => stays(MoveKind::Unread),
            };
        };
        let (successor, follow) = old_side(&old, now)?;
        let to = successor.community.community_id()?;
        let homes = homes_of(Some(&old), &here.community, now);
        let known = self.chain_of(&to).await;
        let moved = |kind, new: Option<&Chain>| {
            let moved = Move::new(kind, from.clone(), Some(to.clone())).with_keys(Some(&old), new, now);
            Move { home: homes.first().cloned(), ..moved }
        };
        let stays = |kind| Some(MoveStep::Stay(moved(kind, known.as_ref())));
        if passed.contains(&to) {
            return stays(MoveKind::Loop);
        }
        if passed.len() > MAX_MOVES {
            return stays(MoveKind::TooLong);
        }
        let decided = decision.filter(|decision| decision.to == to).map(|decision| decision.follow);
        match (decided, follow) {
            (Some(false), _) => return stays(MoveKind::Declined),
            // A yes does not outweigh it.
            _ if self.is_disputed(from).await => return stays(MoveKind::Disputed),
            (Some(true), _) => {}
            (None, Follow::Asked) => return stays(MoveKind::Asked),
            (None, Follow::ByItself { at }) if at > now => {
                return Some(MoveStep::Stay(Move { until: Some(at), ..moved(MoveKind::Waits, known.as_ref()) }));
            }
            (None, Follow::ByItself { .. }) => {}
        }
        let approach = Approach { how, walk: walk.clone(), is_yes: false };
        let Ok((next, home)) = self.read_successor(homes.clone(), &here.community, &approach).await else {
            return stays(MoveKind::Unread);
        };
        let Some(new) = self.chain_of(&to).await else { return stays(MoveKind::Unread) };
        let is_disputed = self.is_disputed(from).await || self.is_disputed(&to).await;
        let kind = match succession(&old, &new, now) {
            _ if is_disputed => return Some(MoveStep::Stay(moved(MoveKind::Disputed, Some(&new)))),
            Succession::TwoSided { .. } => MoveKind::Moved,
            Succession::OldSideOnly if decided == Some(true) => MoveKind::OnYourWord,
            _ => return Some(MoveStep::Stay(moved(MoveKind::OneSided, Some(&new)))),
        };
        Some(MoveStep::Go(Box::new(next), Move { home: Some(home), ..moved(kind, Some(&new)) }))
    }

    /// When the reading of a community ends that is known to lead on to its successor: a third of the time is its own. A server in the
    /// wrong hands could otherwise hold readers back by answering drop by drop. `None` if it leads nowhere.
    pub(super) async fn until_it_leads_on(&self, home: &Home, until: Instant) -> Option<Instant> {
        let id = match home.signed_community() {
            Some(id) => id,
            None => self.inner.store.at(home).await.ok()?.id()?.clone(),
        };
        if !self.leads_on(&id).await? {
            return None;
        }
        let now = self.inner.net.now();
        Some(now + until.saturating_duration_since(now) / 3)
    }

    /// Whether opening a community shows its successor, by what is remembered.
    async fn leads_on(&self, from: &CommunityId) -> Option<bool> {
        let kept = self.inner.store.of(from).await.ok()?.community?.community;
        let decision = self.inner.store.decision(from.clone()).await.ok()?;
        let Some(old) = self.chain_of(from).await else {
            let claim = kept.successor?;
            return Some(
                decision.is_some_and(|decision| decision.follow && decision.home.as_ref() == Some(&claim.home)),
            );
        };
        let now = self.wall();
        let (successor, follow) = old_side(&old, now)?;
        let to = successor.community.community_id()?;
        let decided = decision.filter(|decision| decision.to == to).map(|decision| decision.follow);
        let is_followed = decided.unwrap_or(matches!(follow, Follow::ByItself { at } if at <= now));
        Some(is_followed && !self.is_disputed(from).await)
    }

    /// Reads a successor at the first of its addresses that answers.
    async fn read_successor(
        &self,
        homes: Vec<Home>,
        old: &Community,
        approach: &Approach,
    ) -> Result<(Opened, Home), OpenError> {
        let Approach { how, walk: Walk { until, action, allowance }, is_yes } = approach;
        let mut met = OpenError::untried(OpenFault::NoMirror);
        let homes: Vec<Home> = homes.into_iter().take(MAX_HOMES).collect();
        self.ask_for(&homes, old, *is_yes).await.map_err(OpenError::untried)?;
        let mut left = u32::try_from(homes.len()).unwrap_or(1);
        for home in homes {
            // Each address has its share of the time, so that none of them holds the reader back.
            let now = self.inner.net.now();
            let share = now + until.saturating_duration_since(now) / left.max(1);
            left = left.saturating_sub(1);
            // The user's permission for the old community says nothing about a host that its charter names.
            let is_asked = match home.signed_community() {
                Some(to) => self.inner.store.asked(to).await.map_err(OpenError::untried)?.covers(&home),
                None => *is_yes,
            };
            let how = OpenOptions { allow_direct: how.allow_direct && is_asked, ..*how };
            let named = if is_asked { vec![home.clone()] } else { Vec::new() };
            let request = ReadRequest::of(how, *action).asked(named);
            let request = ReadRequest { until: Some(share), allowance: allowance.clone(), ..request };
            match Box::pin(self.read_home(&home, request)).await {
                Ok(opened) => return Ok((opened, home)),
                Err(error) => met = error,
            }
        }
        Err(met)
    }

    /// The notes of each move of a community that a sync has read. A successor that is not kept yet is read now, if Byway may
    /// follow; one that is kept has its own turn.
    pub(super) async fn moves_in_sync(&self, here: Opened, walk: Walk) -> Vec<Note> {
        let id = here.community.id.clone();
        let Some(old) = self.chain_of(&id).await else { return Vec::new() };
        let to = old_side(&old, self.wall()).and_then(|(successor, _)| successor.community.community_id());
        let known = match &to {
            Some(to) => self.inner.store.of(to).await.ok().and_then(|known| known.community),
            None => return Vec::new(),
        };
        let is_move = |note: &Note| matches!(note, Note::Move(_));
        if known.is_some() {
            let moves = self.standing(&id).await.map(|standing| standing.notes).unwrap_or_default();
            return moves.into_iter().filter(is_move).collect();
        }
        let here = Opened { notes: Vec::new(), ..here };
        let there = Box::pin(self.follow_moves(here, OpenOptions::default(), walk)).await;
        there.notes.into_iter().filter(is_move).collect()
    }

    /// Records which of a successor's homes the user asked for: all public ones on a yes, else those on an origin that the user asked for
    /// to read the old community.
    async fn ask_for(&self, homes: &[Home], old: &Community, is_yes: bool) -> Result<(), StoreError> {
        let Some(to) = homes.first().and_then(Home::signed_community) else { return Ok(()) };
        let known = self.inner.store.asked(old.id.clone()).await?;
        let is_asked = |home: &&Home| known.covers(home) || (is_yes && is_public(home));
        let asked: Vec<Home> = homes.iter().filter(is_asked).cloned().collect();
        if asked.is_empty() { Ok(()) } else { self.inner.store.ask(to, asked).await }
    }

    /// What the community that is shown says of the one that it continues.
    async fn came_from(&self, id: &CommunityId) -> Option<Move> {
        let (id, now) = (id.clone(), self.wall());
        self.inner.store.on(move |store| standing::came_from(store, &id, now)).await.ok().flatten()
    }

    /// Whether keys of a community contradict each other, or it said in advance that they are not to be trusted.
    async fn is_disputed(&self, id: &CommunityId) -> bool {
        let memory = self.inner.store.of(id).await.map(|known| known.memory).unwrap_or_default();
        standing::is_disputed(&memory, id, self.wall())
    }

    /// The verified charters that are remembered of a community.
    pub(super) async fn chain_of(&self, id: &CommunityId) -> Option<Chain> {
        Digest::of_community(id)?;
        let memory = self.inner.store.of(id).await.ok()?.memory;
        remembered_chain(&memory, id, self.wall())
    }
}

/// Where the successor of a community is read.
fn homes_of(chain: Option<&Chain>, community: &Community, now: Timestamp) -> Vec<Home> {
    let Some(chain) = chain else {
        return community.successor.iter().map(|claim| claim.home.clone()).collect();
    };
    let Some((successor, _)) = old_side(chain, now) else { return Vec::new() };
    let Some(to) = successor.community.community_id() else { return Vec::new() };
    let mirrors = successor.homes.iter().filter(|home| home.kind == HomeKind::Mirror);
    mirrors.filter_map(|home| mirror_home(&home.url, &to)).collect()
}

/// As many addresses as a link names.
const MAX_HOMES: usize = 4;
