//! Reading a community because another one named it as its successor, and keeping it only if that move is followed.
//!
//! A look decides nothing, and a yes can turn out to be one to somebody else. So what such a reading brings is shown, and kept only
//! after the move was judged and the decision was remembered. Otherwise nothing stays that is listed or read again: of a signed
//! community its verified charters alone, so that nobody can show this reader older ones later.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::followed::{is_held, is_held_before};
use super::known::{Life, is_disputed};
use super::opened::{OpenFault, Opened, ReadFrom, by_start};
use super::passage::{Judged, Passage};
use super::{Byway, Note, Reachability, RouteLimits};
use crate::community::{CommunityId, Home};
use crate::exposure::Exposure;
use crate::signed::Move;
use crate::source::{Content, Memory, begun_anew, remembered_chain};
use crate::store::{Changes, Store};

impl Byway {
    /// Whether a kept community is not contacted, because no move that led to it counts ([`arrival`](super::arrival)). If the store cannot say,
    /// it is not.
    pub(super) async fn is_held(&self, id: &CommunityId) -> bool {
        let (id, now) = (id.clone(), self.wall());
        self.inner.store.on(move |store| is_held(store, &id, now)).await.unwrap_or(true)
    }

    /// Which of these communities wait for the ones from which a move led to them. `unread`: those that this sync has not looked at yet.
    /// If the store cannot say it, none waits: its turn says what is wrong.
    pub(super) async fn wait_for_origins(
        &self,
        followed: Vec<CommunityId>,
        unread: HashSet<CommunityId>,
    ) -> HashSet<CommunityId> {
        if followed.is_empty() {
            return HashSet::new();
        }
        let now = self.wall();
        let waiting = move |store: &Store| {
            let waits = |id: &CommunityId| is_held_before(store, id, now, &unread).unwrap_or(false);
            Ok(followed.into_iter().filter(waits).collect())
        };
        self.inner.store.on(waiting).await.unwrap_or_default()
    }

    /// Whether a community that is not kept yet is kept now that a reading brought it. The decision is remembered before that.
    pub(super) async fn admits(
        &self,
        passage: &Passage,
        at: (&CommunityId, &Home),
        memory: &Memory,
    ) -> Result<bool, OpenFault> {
        let now = self.wall();
        let new = remembered_chain(memory, at.0, now);
        let is_disputed = self.is_disputed(&passage.from).await || is_disputed(memory, at.0, now);
        match passage.judge(at, new.as_ref(), is_disputed, now) {
            Judged::Followed(moved) => self.remember_followed(passage, &moved).await.map(|()| true),
            Judged::Stays(_) | Judged::Other => Ok(false),
        }
    }

    /// Remembers a move that is followed.
    pub(super) async fn remember_followed(&self, passage: &Passage, moved: &Move) -> Result<(), OpenFault> {
        match passage.followed(moved) {
            Some(followed) => Ok(self.inner.store.follow(followed, passage.life).await?),
            None => Ok(()),
        }
    }

    /// What was read, without keeping it. The exposure with which it was read stays the least one for its address.
    pub(super) async fn unkept(
        &self,
        home: &Home,
        (ways, life): (RouteLimits, Life),
        at: Timestamp,
        content: Content,
        reachability: Reachability,
        memory: &Memory,
    ) -> Opened {
        let Content { community, mut posts, mut events, notes, truncated, .. } = content;
        let mut notes: Vec<Note> = notes.into_iter().map(Note::Source).collect();
        if ways.exposure > Exposure::Open
            && let Err(error) = self.inner.store.raise(home, ways.exposure).await
        {
            notes.push(Note::StoreFailed { error: Arc::new(error) });
        }
        if let Some(begun) = begun_anew(memory, &community.id, at) {
            // If this is not remembered, the next look reads the charters again.
            let _ = self.inner.store.remember_begun(community.id.clone(), life, begun).await;
        }
        posts.retain(|post| !post.is_removed_and_hollow());
        events.retain(|event| !event.is_removed_and_hollow());
        Opened {
            community,
            posts,
            events: by_start(events),
            changes: Changes::default(),
            reachability,
            source: ReadFrom::Network,
            synced_at: at,
            age: Some(Duration::ZERO),
            exposure: ways.exposure,
            homes: Vec::new(),
            notes,
            truncated,
            fault: None,
        }
    }
}
