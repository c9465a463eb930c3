//! Following a community to its successor (`docs/format.md`, "Moving").
//!
//! The old community decides first: unless several of its keys named the successor and the waiting time is over, nothing
//! of the successor is contacted and the user is asked. A successor that Byway looks at by itself is read over routes that
//! are not direct, unless the user asked for its host (`asked`): a stolen key could otherwise use a move to call every phone.
//! What was read of the old community stays where it was.

use jiff::Timestamp;
use tokio::time::Instant;

use super::asked::{Asked, is_public};
use super::known::{Decision, is_disputed, memory_of};
use super::opened::{OpenError, OpenFault, OpenOptions, Opened};
use super::passage::{Judged, Passage, Why};
use super::read_request::ReadRequest;
use super::{Action, Byway, Note, standing};
use crate::community::{Community, CommunityId, Home};
use crate::fetch::Allowance;
use crate::signed::{Chain, Digest, Follow, MAX_MOVES, Move, MoveKind, Succession, old_side, succession};
use crate::source::{Memory, remembered_chain};
use crate::store::StoreError;

/// What a community leads to, by what is remembered.
pub(super) enum Lead {
    /// The community itself is shown. This is what is said of its successor.
    Stays(Box<Move>),
    /// Its successor is read.
    Onward(Box<Onward>),
}

/// A successor that is read without another question.
pub(super) struct Onward {
    pub(super) to: CommunityId,
    /// Where it is read: the first of these that answers.
    pub(super) homes: Vec<Home>,
    /// The user said yes to it. Else both sides must sign the move.
    pub(super) is_yes: bool,
    /// The verified charters of the old community; `None` for a page that signs nothing.
    old: Option<Chain>,
    /// What is said of the move if the successor is not read.
    moved: Move,
}

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
    passage: Passage,
}

impl Byway {
    /// Follows a community to its successor on the user's yes: reads it, remembers the decision, and returns the successor. A later
    /// [`Byway::open`] of the old community leads there as well. The note [`Note::Move`] says what is signed of the move.
    ///
    /// `shown` is the move about which the user was asked: that of a note of [`Byway::open`], [`Byway::refresh`], [`Byway::standing`] or
    /// [`Byway::successor`]. The yes is for the community, the addresses ([`Move::homes`]) and the keys in it, and these addresses may be
    /// contacted directly from then on, except those in the reader's own network. If the community names another successor by now, or
    /// another address, nothing is contacted and nothing is remembered. Without a signature of both sides the yes alone counts, so show
    /// both fingerprints first ([`Byway::successor`]).
    ///
    /// A disputed move is not followed. If the old community is disputed or frozen, nothing of the successor is contacted, and the old one is
    /// returned. The note says so.
    ///
    /// # Errors
    /// [`OpenFault::NotStored`] if the community is not kept, or names no successor; [`OpenFault::NoMirror`] if it names no
    /// address of it; [`OpenFault::SuccessorChanged`] if it is no longer the one that was shown; else as [`Byway::open`].
    pub async fn follow(&self, shown: &Move) -> Result<Opened, OpenError> {
        let looked = self.look(&shown.from, Some(shown)).await;
        let (mut opened, moved) = looked.map_err(|error| error.in_language(self.language()))?;
        opened.notes.push(Note::Move(moved));
        Ok(opened)
    }

    /// Reads the successor that a kept community names, over routes that are not direct, and says in a note
    /// ([`Note::Move`]) what is signed of the move. Nothing is decided by that, and a successor that is not kept is not kept by it.
    ///
    /// The note says what the user has to know for an answer: that one key was enough ([`MoveKind::Asked`]), that the other admins can
    /// still object ([`MoveKind::Waits`]), or that the successor does not name the community ([`MoveKind::OneSided`]). It says
    /// [`MoveKind::Moved`] only after a yes, or where the move is followed by itself.
    ///
    /// What a page names that signs nothing is not contacted: the kept community is returned, and the note has the address.
    ///
    /// # Errors
    /// [`OpenFault::NotStored`] if the community is not kept, or names no successor; [`OpenFault::NoMirror`] if it names no
    /// address of it; else as [`Byway::open`].
    pub async fn successor(&self, id: &CommunityId) -> Result<Opened, OpenError> {
        let looked = match self.chain_of(id).await {
            Some(_) => self.look(id, None).await,
            None => self.claimed(id).await,
        };
        let (mut opened, moved) = looked.map_err(|error| error.in_language(self.language()))?;
        let moved = self.before_an_answer(moved).await;
        opened.notes.push(Note::Move(moved));
        Ok(opened)
    }

    /// A kept community, and the successor that its page claims.
    async fn claimed(&self, id: &CommunityId) -> Result<(Opened, Move), OpenError> {
        let kept = self.inner.store.of(id).await.map_err(OpenError::untried)?.community;
        let kept = kept.ok_or_else(|| OpenError::untried(OpenFault::NotStored))?.community;
        let claim = kept.successor.clone().ok_or_else(|| OpenError::untried(OpenFault::NotStored))?;
        let moved = Move::new(MoveKind::Claimed, id.clone(), None);
        Ok((self.as_kept(kept).await?, moved.at_homes(vec![claim.home])))
    }

    /// A community as it is kept. Nothing is sent.
    async fn as_kept(&self, kept: Community) -> Result<Opened, OpenError> {
        let home = kept.homes.into_iter().next().ok_or_else(|| OpenError::untried(OpenFault::NotStored))?;
        let how = OpenOptions { offline: true, ..OpenOptions::default() };
        self.read_home(&home, ReadRequest::of(how, Action::Open)).await
    }

    /// Stays at a community although it names a successor, whatever address the successor has or gets. [`Byway::follow`] takes that back.
    /// `shown` is the move about which the user was asked.
    ///
    /// Returns `false` if there is nothing to decide: the community is not kept or names no successor.
    ///
    /// # Errors
    /// [`OpenFault::SuccessorChanged`] if the community names another successor by now; [`OpenFault::Store`].
    pub async fn stay(&self, shown: &Move) -> Result<bool, OpenError> {
        self.decline(shown).await.map_err(|error| error.in_language(self.language()))
    }

    async fn decline(&self, shown: &Move) -> Result<bool, OpenError> {
        let id = &shown.from;
        let chain = self.chain_of(id).await;
        let kept = self.inner.store.of(id).await.map_err(OpenError::untried)?.community.map(|kept| kept.community);
        let Some(kept) = kept else { return Ok(false) };
        let now = self.wall();
        let to = chain.as_ref().and_then(|chain| old_side(chain, now)?.0.community.community_id());
        if to.is_none() && (chain.is_some() || kept.successor.is_none()) {
            return Ok(false);
        }
        let named = Move::new(MoveKind::Claimed, id.clone(), to.clone()).at_homes(homes_of(chain.as_ref(), &kept, now));
        if !shown.is_to_successor_of(&named) {
            return Err(OpenError::untried(OpenFault::SuccessorChanged));
        }
        // A page that signs nothing is not followed by itself, so there it is enough that no yes is remembered.
        let decision = to.clone().map(|to| Decision { to, home: None, follow: false });
        let earlier = self.inner.store.decision(id.clone()).await.map_err(OpenError::untried)?;
        let to = to.or(earlier.map(|earlier| earlier.to));
        self.inner.store.stay(id.clone(), to, decision).await.map_err(OpenError::untried)?;
        Ok(true)
    }

    /// Reads the successor of a kept community, and says what is signed of the move. `yes`: the user says yes to the move that was shown.
    async fn look(&self, id: &CommunityId, yes: Option<&Move>) -> Result<(Opened, Move), OpenError> {
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
        let known_new = match &to {
            Some(to) => self.chain_of(to).await,
            None => None,
        };
        let named = Move::new(MoveKind::Disputed, id.clone(), to.clone()).at_homes(homes.clone());
        let named = named.with_keys(old.as_ref(), known_new.as_ref(), now);
        // From here on only these values count: whatever arrives meanwhile, no other address is contacted than one that was shown.
        if yes.is_some_and(|shown| !shown.covers(&named)) {
            return Err(OpenError::untried(OpenFault::SuccessorChanged));
        }
        if self.is_held(id).await {
            return Err(OpenError::untried(OpenFault::MoveNotFollowed));
        }
        if self.is_disputed(id).await {
            // What a stolen key may have signed is no reason to contact a host.
            return Ok((self.as_kept(kept).await?, named));
        }
        let how = OpenOptions { exposure: known.floor, ignore_pause: true, ..OpenOptions::default() };
        let why = yes.map_or(Why::Look, |shown| Why::Yes(Box::new(shown.clone())));
        let passage = Passage { life: known.life, from: id.clone(), old, named, why, permitted: Vec::new() };
        let approach = Approach { how, walk: Walk::of_open(until), passage };
        let (opened, home, passage) = self.read_successor(homes, approach).await?;
        match self.judged(&passage, &opened, &home).await {
            Judged::Followed(moved) => {
                self.remember_followed(&passage, &moved).await.map_err(OpenError::untried)?;
                Ok((opened, moved))
            }
            Judged::Stays(moved) => Ok((opened, moved)),
            Judged::Other => Err(OpenError::met(OpenFault::SuccessorChanged, opened.reachability)),
        }
    }

    /// What is said of a move after its successor was read.
    async fn judged(&self, passage: &Passage, opened: &Opened, home: &Home) -> Judged {
        let (id, now) = (&opened.community.id, self.wall());
        let new = self.chain_of(id).await;
        let is_disputed = self.is_disputed(&passage.from).await || self.is_disputed(id).await;
        let kept = self.inner.store.of(&passage.from).await.ok().and_then(|known| known.community);
        let before = kept.and_then(|kept| kept.community.members).map(|members| members.count);
        let after = opened.community.members.map(|members| members.count);
        passage.judge((id, home), new.as_ref(), is_disputed, now).with_members(before, after)
    }

    /// A move that was looked at, with what the user has to know before an answer.
    async fn before_an_answer(&self, moved: Move) -> Move {
        if !matches!(moved.kind, MoveKind::Moved | MoveKind::OnYourWord) {
            return moved;
        }
        if moved.kind == MoveKind::OnYourWord {
            return Move { kind: MoveKind::OneSided, ..moved };
        }
        let (now, old) = (self.wall(), self.chain_of(&moved.from).await);
        let decision = self.inner.store.decision(moved.from.clone()).await.ok().flatten();
        let is_yes = decision.is_some_and(|decision| decision.follow && Some(&decision.to) == moved.to.as_ref());
        match old.as_ref().and_then(|old| old_side(old, now)).map(|(_, follow)| follow) {
            _ if is_yes => moved,
            Some(Follow::ByItself { at }) if at > now => Move { kind: MoveKind::Waits, until: Some(at), ..moved },
            Some(Follow::ByItself { .. }) => moved,
            Some(Follow::Asked) | None => Move { kind: MoveKind::Asked, ..moved },
        }
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
        let on = match self.lead(&here.community, passed).await? {
            Lead::Stays(moved) => return Some(MoveStep::Stay(*moved)),
            Lead::Onward(on) => *on,
        };
        let Onward { to: _, homes, is_yes, old, moved } = on;
        let life = self.inner.store.of(&here.community.id).await.ok()?.life;
        let (from, unread) = (here.community.id.clone(), Move { kind: MoveKind::Unread, ..moved.clone() });
        let passage = Passage { life, from, old, named: moved, why: Why::LedOn { is_yes }, permitted: Vec::new() };
        let approach = Approach { how, walk: walk.clone(), passage };
        let Ok((next, home, passage)) = self.read_successor(homes, approach).await else {
            return Some(MoveStep::Stay(unread));
        };
        Some(match self.judged(&passage, &next, &home).await {
            Judged::Followed(moved) => match self.remember_followed(&passage, &moved).await {
                Ok(()) => MoveStep::Go(Box::new(next), moved),
                Err(_) => MoveStep::Stay(unread),
            },
            Judged::Stays(moved) => MoveStep::Stay(moved),
            Judged::Other => MoveStep::Stay(unread),
        })
    }

    /// What a community leads to, by what is remembered. `None` if it names no successor that is followed. Nothing is contacted.
    /// `passed`: the communities from which this one was reached, and itself.
    pub(super) async fn lead(&self, here: &Community, passed: &[CommunityId]) -> Option<Lead> {
        let (from, now) = (&here.id, self.wall());
        if self.is_held(from).await {
            return None;
        }
        let decision = self.inner.store.decision(from.clone()).await.ok().flatten();
        let old = self.chain_of(from).await;
        let homes = homes_of(old.as_ref(), here, now);
        let (to, decided, follow, moved) = match &old {
            None => {
                // A page that signs nothing is left on the user's word alone, and only for the address that it still names.
                let claim = here.successor.as_ref()?;
                let is_yes = |decision: &Decision| decision.follow && decision.home.as_ref() == Some(&claim.home);
                let to = decision.filter(is_yes)?.to;
                let moved = Move::new(MoveKind::OnYourWord, from.clone(), Some(to.clone()));
                (to, Some(true), Follow::Asked, moved)
            }
            Some(old) => {
                let (successor, follow) = old_side(old, now)?;
                let to = successor.community.community_id()?;
                let decided = decision.filter(|decision| decision.to == to).map(|decision| decision.follow);
                let known = self.chain_of(&to).await;
                let moved = Move::new(MoveKind::Unread, from.clone(), Some(to.clone()));
                (to, decided, follow, moved.with_keys(Some(old), known.as_ref(), now))
            }
        };
        let moved = moved.at_homes(homes.clone());
        let stays = |kind| Some(Lead::Stays(Box::new(Move { kind, ..moved.clone() })));
        if passed.contains(&to) {
            return stays(MoveKind::Loop);
        }
        if passed.len() > MAX_MOVES {
            return stays(MoveKind::TooLong);
        }
        match (decided, follow) {
            // Neither a yes nor a no outweighs it.
            _ if old.is_some() && self.is_disputed(from).await => return stays(MoveKind::Disputed),
            (Some(false), _) if self.is_disputed(&to).await => return stays(MoveKind::Disputed),
            (Some(false), _) => return stays(MoveKind::Declined),
            (Some(true), _) => {}
            (None, Follow::Asked) => return stays(MoveKind::Asked),
            (None, Follow::ByItself { at }) if at > now => {
                return Some(Lead::Stays(Box::new(Move { kind: MoveKind::Waits, until: Some(at), ..moved })));
            }
            (None, Follow::ByItself { .. }) => {}
        }
        Some(Lead::Onward(Box::new(Onward { to, homes, is_yes: decided == Some(true), old, moved })))
    }

    /// When the reading of a community ends that is known to lead on to its successor: a third of the time is its own. A server in the
    /// wrong hands could otherwise hold readers back by answering drop by drop. `None` if it leads nowhere.
    pub(super) async fn until_it_leads_on(&self, home: &Home, until: Instant) -> Option<Instant> {
        let id = match home.signed_community() {
            Some(id) => id,
            None => self.inner.store.at(home).await.ok()?.id()?.clone(),
        };
        let kept = self.inner.store.of(&id).await.ok()?.community?.community;
        if !matches!(self.lead(&kept, std::slice::from_ref(&id)).await?, Lead::Onward(_)) {
            return None;
        }
        let now = self.inner.net.now();
        Some(now + until.saturating_duration_since(now) / 3)
    }

    /// Whether a successor, if it is read, leads on by itself in turn, by what is remembered of it.
    pub(super) async fn goes_on(&self, from: &CommunityId, on: &Onward) -> bool {
        let Some(old) = &on.old else { return true };
        let Some(new) = self.chain_of(&on.to).await else { return false };
        let is_disputed = self.is_disputed(from).await || self.is_disputed(&on.to).await;
        match succession(old, &new, self.wall()) {
            _ if is_disputed => false,
            Succession::TwoSided { .. } => true,
            Succession::OldSideOnly => on.is_yes,
            _ => false,
        }
    }

    /// Reads a successor at the first of its addresses that answers. It comes back with that address, and with what the move permits.
    async fn read_successor(&self, homes: Vec<Home>, approach: Approach) -> Result<(Opened, Home, Passage), OpenError> {
        let Approach { how, walk: Walk { until, action, allowance }, mut passage } = approach;
        let mut met = OpenError::untried(OpenFault::NoMirror);
        passage.permitted = self.permitted(&homes, &passage).await.map_err(OpenError::untried)?;
        let is_yes = matches!(passage.why, Why::Yes(_) | Why::LedOn { is_yes: true });
        let mut left = u32::try_from(homes.len()).unwrap_or(1);
        for home in homes {
            // Each address has its share of the time, so that none of them holds the reader back.
            let now = self.inner.net.now();
            let share = now + until.saturating_duration_since(now) / left.max(1);
            left = left.saturating_sub(1);
            let mut named = Asked { mirrors: passage.permitted.clone() };
            if let Some(to) = home.signed_community() {
                named.add(&self.inner.store.asked(to).await.map_err(OpenError::untried)?.mirrors);
            }
            // The user's permission for the old community says nothing about a host that its charter names.
            let is_asked = if home.signed_community().is_some() { named.covers(&home) } else { is_yes };
            let how = OpenOptions { allow_direct: how.allow_direct && is_asked, ..how };
            let request = ReadRequest::of(how, action).asked(named.mirrors).by(passage.clone());
            let request = ReadRequest { until: Some(share), allowance: allowance.clone(), ..request };
            match Box::pin(self.read_home(&home, request)).await {
                Ok(opened) => return Ok((opened, home, passage)),
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

    /// Which of a successor's homes may be contacted directly for a move: all public ones on a yes, else those on an origin that the user
    /// asked for to read the old community.
    async fn permitted(&self, homes: &[Home], passage: &Passage) -> Result<Vec<Home>, StoreError> {
        let known = self.inner.store.asked(passage.from.clone()).await?;
        let is_yes = matches!(passage.why, Why::Yes(_));
        let is_permitted =
            |home: &&Home| home.signed_community().is_some() && (known.covers(home) || (is_yes && is_public(home)));
        Ok(homes.iter().filter(is_permitted).cloned().collect())
    }

    /// What the community that is shown says of the one that it continues.
    async fn came_from(&self, id: &CommunityId) -> Option<Move> {
        let (id, now) = (id.clone(), self.wall());
        self.inner.store.on(move |store| standing::came_from(store, &id, now)).await.ok().flatten()
    }

    /// Whether keys of a community contradict each other, or it said in advance that they are not to be trusted.
    pub(super) async fn is_disputed(&self, id: &CommunityId) -> bool {
        is_disputed(&self.verified(id).await.unwrap_or_default(), id, self.wall())
    }

    /// What was verified of a community, whether or not it is kept.
    async fn verified(&self, id: &CommunityId) -> Result<Memory, StoreError> {
        let id = id.clone();
        self.inner.store.on(move |store| memory_of(store, &id)).await
    }

    /// The verified charters that are remembered of a community.
    pub(super) async fn chain_of(&self, id: &CommunityId) -> Option<Chain> {
        Digest::of_community(id)?;
        let memory = self.verified(id).await.ok()?;
        remembered_chain(&memory, id, self.wall())
    }
}

/// Where the successor of a community is read.
fn homes_of(chain: Option<&Chain>, community: &Community, now: Timestamp) -> Vec<Home> {
    match chain {
        Some(chain) => standing::successor_homes(chain, now),
        None => community.successor.iter().map(|claim| claim.home.clone()).collect(),
    }
}
