//! One reading of a community at a home: what is sent, what is kept of the answer, and what is shown if none came.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::timeout_at;
use url::Url;

use super::access_scope::AccessScope;
use super::binding::ReadingBinding;
use super::continuity::Continuity;
use super::known::{Known, Life, Merged};
use super::opened::{OpenError, OpenFault, OpenOptions, Opened, ReadFrom, by_start};
use super::reachability::Target;
use super::read_request::ReadRequest;
use super::{Action, Byway, Note, Reachability, RouteLimits};
use crate::community::{CommunityId, CommunityState, Home, TrustReason};
use crate::exposure::Exposure;
use crate::fetch::{Bound, FetchError};
use crate::reach::{Context, Outcome};
use crate::signed::Digest;
use crate::source::{
    AnySource, Content, Gap, HttpClient, Memory, PATIENCE, ReadOptions, ReadOutcome, SYNC_PATIENCE, SourceError,
    SourceNote, remembered_chain, remembered_trust,
};
use crate::store::{Changes, StoredCommunity, age_at};
use crate::transport::{PrivateAddresses, is_local};

impl Byway {
    pub(super) async fn read(&self, home: &Home, known: &Known, request: ReadRequest) -> Result<Opened, OpenError> {
        let how = request.how;
        let mut access = AccessScope::new(self, request.action);
        let ways = self.ways(known, how);
        let Some(source) = self.inner.sources.of(home) else {
            return Err(OpenError::untried(OpenFault::UnsupportedHome));
        };
        if how.offline {
            let kept = known.community.as_ref().ok_or_else(|| OpenError::untried(OpenFault::NotStored))?;
            let asked = self.asked_home(source, home, ways, false, Duration::ZERO);
            let untried = Reachability::of(asked, None, Vec::new());
            return self.kept_content(kept, ways, untried, None, &mut access).await.map_err(OpenError::untried);
        }
        if let Some(verdict) = self.inner.dial_backoff.verdict(self.inner.net.now()).filter(|_| !how.ignore_pause) {
            let asked = self.asked_home(source, home, ways, false, Duration::ZERO);
            let stands = Reachability::standing(asked, verdict);
            access.judged(&stands);
            let error = SourceError::Unreached(FetchError::Unreached { finding: None });
            return self.unread((known, request.life), ways, error, stands, &mut access).await;
        }
        let (at, life) = (access.at(), request.life);
        let started = self.inner.net.now();
        let until = request.until.unwrap_or(started + self.inner.timeout);
        let http = HttpClient::new(access.http());
        let (mut known, mut ways, mut earlier) = (Cow::Borrowed(known), ways, Vec::new());
        let asked = self.asked_mirrors(home, &request).await;
        let (result, attempts, memory, homes) = loop {
            let mut reading = ReadOptions::new(ways.exposure, self.language(), at);
            reading.avoid_direct = ways.avoid_direct;
            reading.private = if known.is_unasked { PrivateAddresses::Refused } else { PrivateAddresses::Allowed };
            binding_of(self, ways, home, &mut reading, &request);
            reading.until = Some(until);
            reading.allowance.clone_from(&request.allowance);
            reading.memory.clone_from(&known.memory);
            reading.since = known.complete_until(at).filter(|_| request.back_to_known);
            reading.is_thorough = matches!(request.action, Action::Sync);
            reading.patience = if reading.is_thorough { SYNC_PATIENCE } else { PATIENCE };
            reading.others = self.other_homes(home, &known, &asked, &reading, &request).await;
            // A source may be the app's own. Its panic is this reading's error: the callers who share the reading must not
            // panic with it. Its state is its own; what Byway lends it is locked without poison.
            let read = AssertUnwindSafe(source.read(home, &reading, &http)).catch_unwind();
            let failed = |error| ReadOutcome::new(Err(error), Vec::new());
            let ReadOutcome { result, attempts, memory, homes } = match timeout_at(until + LATE, read).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => failed(SourceError::Panicked),
                Err(_) => failed(SourceError::Unreached(FetchError::Unreached { finding: None })),
            };
            // What was sent before the exposure was raised stays part of the account.
            earlier.extend(attempts);
            if !reading.ended.take() || self.inner.net.now() >= until {
                break (result, earlier, memory, homes);
            }
            let again = self.inner.store.at_if_asked(home, request.asks_for(home)).await;
            known = Cow::Owned(again.map_err(OpenError::untried)?);
            ways = self.ways(&known, how);
        };
        let known = &*known;
        // A new identity may have been taken meanwhile: what this reading was given belongs to the one that it began with.
        let identity = known.memory.identity;
        let took = self.inner.net.now().saturating_duration_since(started);
        let main = homes.iter().find(|one| one.is_main).map(|one| one.standing.home.clone());
        let main = main.as_ref().unwrap_or(home);
        let read_at = Self::read_at(home, &homes);
        let homes = self.accounts_of(homes, ways, took, &access);
        match result {
            Ok(mut content) => {
                if let Some(kept) = known.community.as_ref().filter(|_| content.community.name.is_empty()) {
                    content.community.name.clone_from(&kept.community.name);
                }
                let gone = content.community.state == CommunityState::Gone;
                let target = Target { read: true, ..self.asked_home(source, main, ways, gone, took) };
                let reachability = Reachability::of(target, Some(content.reached_by.clone()), attempts);
                access.judged(&reachability);
                // If one route was refused, that is known from now on, even if another route read the community.
                if let Some(restriction) = reachability.proved_restriction() {
                    content.community.restrict(restriction);
                }
                // Where the restriction applies, nobody was asked this time. So what was stated there still counts.
                let stands = known.community.iter().filter(|_| ways.avoid_direct);
                for stated in stands.flat_map(|kept| &kept.community.restrictions) {
                    if !stated.is_own_word() {
                        content.community.restrict(stated.clone());
                    }
                }
                let reachability = reachability.knowing(&content.community);
                let id = content.community.id.clone();
                if let Some(passage) = request.passage.as_ref().filter(|_| known.id() != Some(&id)) {
                    let memory = memory.as_ref().unwrap_or(&known.memory);
                    if !self.admits(passage, (&id, home), memory).await.map_err(OpenError::untried)? {
                        let opened = self.unkept(home, (ways, life), at, content, reachability, memory).await;
                        return Ok(Opened { homes, ..opened });
                    }
                }
                // Under another id it is another community.
                let complete_until = known.complete_until(at).filter(|_| known.id() == Some(&id));
                let continuity = Continuity::of(complete_until, &content.posts);
                let gap = continuity.remembered(known.memory.gap, request.back_to_known && !content.truncated);
                if gap.is_some() {
                    // Before the posts are kept, because the process may end in between.
                    let _ = self.inner.store.remember(id.clone(), life, move |memory| memory.gap = gap).await;
                }
                let mut opened = self.content(&read_at, (known.floor, life), ways, at, content, reachability).await;
                opened.homes = homes;
                if let Continuity::Gap { after, before } = continuity {
                    opened.notes.push(Note::PostsGap { after, before });
                }
                let is_kept = !opened.notes.iter().any(|note| matches!(note, Note::StoreFailed { .. }));
                if is_kept && (memory.is_some() || gap != known.memory.gap) {
                    // If this is not remembered, it only costs the bytes of one more reading.
                    let change = move |known: &mut Memory| remember(known, memory, identity, gap);
                    let _ = self.inner.store.remember(id, life, change).await;
                }
                Ok(opened)
            }
            Err(error) => {
                let gone = matches!(error, SourceError::Gone(_));
                // The platform's own words are an authentic answer, even if they are not the content.
                let answered = !matches!(error, SourceError::Unreached(_) | SourceError::Restricted { .. });
                let proven = attempts.iter().rev().find(|attempt| attempt.outcome == Outcome::Proven);
                let reached_by = proven.filter(|_| answered).map(|attempt| attempt.strategy.clone());
                let mut target = self.asked_home(source, main, ways, gone, took);
                // Each redirect is an answer. Where they lead nowhere, none of them is the page that was asked for.
                target.context.redirect_fault = leads_nowhere(&error);
                let reachability = Reachability::of(target, reached_by, attempts);
                let memory = memory.filter(|memory| known.memory.is_replaceable_by(memory.writer));
                match (known.id(), home.signed_community(), memory) {
                    (Some(id), _, Some(memory)) => {
                        let change = move |known: &mut Memory| remember(known, Some(memory), identity, known.gap);
                        let _ = self.inner.store.remember(id.clone(), life, change).await;
                    }
                    // Hundreds of charters take longer than one reading over a slow route.
                    (None, Some(id), Some(memory)) if remembered_chain(&memory, &id, at).is_some() => {
                        let mut begun = Memory::default();
                        remember(&mut begun, Some(memory), identity, None);
                        let _ = self.inner.store.remember_begun(id, life, begun).await;
                    }
                    _ => {}
                }
                if !was_not_tried(&error) {
                    access.judged(&reachability);
                }
                let unread = self.unread((known, life), ways, error, reachability, &mut access).await;
                unread.map(|opened| Opened { homes, ..opened })
            }
        }
    }

    /// Which routes may be used for a community.
    pub(super) fn ways(&self, known: &Known, how: OpenOptions) -> RouteLimits {
        RouteLimits {
            exposure: self.inner.exposure.max(how.exposure).max(known.floor),
            avoid_direct: !how.allow_direct && known.avoids_direct(self.network_mut().is_vpn()),
            allow_direct: how.allow_direct,
        }
    }

    /// Keeps what was read. `floor`: the least exposure before this reading.
    async fn content(
        &self,
        read_at: &[Home],
        (floor, life): (Exposure, Life),
        ways: RouteLimits,
        at: Timestamp,
        content: Content,
        reachability: Reachability,
    ) -> Opened {
        // An idle connection of an earlier reading with a lower exposure must not be used any more.
        if ways.exposure > floor {
            self.inner.http.forget_connections();
        }
        let kept = self.inner.store.keep(read_at, &content, ways.exposure, at, (floor, life)).await;
        if kept.as_ref().is_ok_and(|(exposure, _)| *exposure > ways.exposure.max(floor)) {
            self.inner.http.forget_connections();
        }
        let Content { community, posts, events, reached_by: _, notes, truncated, is_unchanged, calendar: _ } = content;
        let gone = community.state == CommunityState::Gone;
        let mut opened = Opened {
            community,
            posts,
            events,
            changes: Changes::default(),
            reachability,
            source: ReadFrom::Network,
            synced_at: at,
            age: Some(Duration::ZERO),
            exposure: ways.exposure,
            homes: Vec::new(),
            notes: notes.into_iter().map(Note::Source).collect(),
            truncated,
            fault: None,
        };
        match kept {
            Ok((exposure, merged)) => {
                opened.exposure = exposure;
                self.show_known(&mut opened, merged, (gone, is_unchanged)).await;
            }
            Err(error) => opened.notes.push(Note::StoreFailed { error: Arc::new(error) }),
        }
        opened.posts.retain(|post| !post.is_removed_and_hollow());
        opened.events.retain(|event| !event.is_removed_and_hollow());
        opened.events = by_start(opened.events);
        opened
    }

    /// Adds what was known before to what this answer states. An answer without posts or gatherings says nothing of
    /// those that were read earlier.
    async fn show_known(&self, opened: &mut Opened, merged: Merged, (gone, is_unchanged): (bool, bool)) {
        let Merged { kept, posts, events, changes } = merged;
        (opened.posts, opened.events, opened.changes) = (posts, events, changes);
        let Some(StoredCommunity { community, synced_at, .. }) = kept else { return };
        opened.community = community;
        if opened.posts.is_empty() {
            let id = opened.community.id.clone();
            let earlier = self.inner.store.on(move |store| Ok(store.posts(&id, None, FIRST_SCREEN)?.items)).await;
            opened.posts = earlier.unwrap_or_default();
            let says_more = is_unchanged || says_unchanged(&opened.notes) || lacks_files(&opened.notes);
            if !opened.posts.is_empty() && !gone && !says_more {
                opened.notes.push(Note::PostsReadEarlier);
            }
        }
        if opened.events.is_empty() {
            let id = opened.community.id.clone();
            let earlier = self.inner.store.on(move |store| Ok(store.events(&id, None, EVENTS)?.items)).await;
            opened.events = earlier.unwrap_or_default();
        }
        if gone && synced_at != opened.synced_at {
            // What is shown was read earlier. Now the platform only said that the community is gone.
            opened.source = ReadFrom::Store;
            opened.age = age_at(synced_at, opened.synced_at);
            opened.notes.extend(opened.age.is_none().then_some(Note::AgeUnknown));
            opened.synced_at = synced_at;
        }
    }

    /// What is kept, for a reading that failed; or why there is nothing to show.
    async fn unread(
        &self,
        (known, life): (&Known, Life),
        ways: RouteLimits,
        error: SourceError,
        reachability: Reachability,
        access: &mut AccessScope<'_>,
    ) -> Result<Opened, OpenError> {
        let Some(kept) = &known.community else {
            return Err(match was_not_tried(&error) {
                true => OpenError::untried(error),
                false => OpenError::met(error, reachability),
            });
        };
        let (mut kept, mut changes) = (kept.clone(), Changes::default());
        if matches!(error, SourceError::Gone(_)) {
            kept.community.set_gone(access.at());
            let amended = self.inner.store.amend(kept.community.clone(), kept.synced_at, life).await;
            changes.community |= amended.unwrap_or_default().community;
        }
        let stated = match &error {
            SourceError::Restricted { restriction, .. } => Some((**restriction).clone()),
            _ => reachability.proved_restriction(),
        };
        if let Some(restriction) = stated {
            // From now on the restriction is known, and direct routes are not tried by themselves. If this cannot be
            // stored, it only costs an attempt.
            kept.community.restrict(restriction);
            let amended = self.inner.store.amend(kept.community.clone(), kept.synced_at, life).await;
            changes.community |= amended.unwrap_or_default().community;
        }
        let opened = self.kept_content(&kept, ways, reachability, Some(error.into()), access).await;
        opened.map(|opened| Opened { changes, ..opened }).map_err(OpenError::untried)
    }

    pub(super) async fn kept_content(
        &self,
        kept: &StoredCommunity,
        ways: RouteLimits,
        reachability: Reachability,
        fault: Option<OpenFault>,
        access: &mut AccessScope<'_>,
    ) -> Result<Opened, OpenFault> {
        let StoredCommunity { community, synced_at } = kept.clone();
        let id = community.id.clone();
        let (posts, events) = self
            .inner
            .store
            .on(move |store| Ok((store.posts(&id, None, FIRST_SCREEN)?.items, store.events(&id, None, EVENTS)?.items)))
            .await?;
        let trust = self.kept_trust(&community.id).await?;
        let age = age_at(synced_at, self.wall());
        access.kept(age);
        let reachability = reachability.knowing(&community);
        Ok(Opened {
            community,
            posts,
            events: by_start(events),
            changes: Changes::default(),
            reachability,
            source: ReadFrom::Store,
            synced_at,
            age,
            exposure: ways.exposure,
            homes: Vec::new(),
            notes: trust.into_iter().chain(age.is_none().then_some(Note::AgeUnknown)).collect(),
            truncated: false,
            fault,
        })
    }

    /// What may be believed of a signed community that is kept. Whether the network works makes no difference to a copy or
    /// a dispute.
    async fn kept_trust(&self, id: &CommunityId) -> Result<Option<Note>, OpenFault> {
        if Digest::of_community(id).is_none() {
            return Ok(None);
        }
        let memory = self.inner.store.of(id).await?.memory;
        Ok(remembered_trust(&memory, id, self.wall()).map(Note::Source))
    }

    /// `gone`: the platform says that the community no longer exists, and there is nothing else to read.
    pub(super) fn asked_home(
        &self,
        source: &dyn AnySource,
        home: &Home,
        ways: RouteLimits,
        gone: bool,
        took: Duration,
    ) -> Target {
        let asks = source.contacts(home);
        let first = asks.urls.into_iter().next();
        let local_destination = first.as_ref().and_then(Url::host).is_some_and(|host| is_local(&host));
        Target {
            url: home.to_string(),
            subject: self.subject(ways, first.as_ref().and_then(Url::host)).clone(),
            hops: first.into_iter().collect(),
            platform: Some(asks.platform),
            context: Context { gone, local_destination, ..self.context() },
            read: gone,
            took: Some(took),
            language: self.language(),
        }
    }
}

/// Sets the floors of a reading: those of the community, and of each page that is asked for.
pub(super) fn binding_of(
    byway: &Byway,
    ways: RouteLimits,
    home: &Home,
    reading: &mut ReadOptions,
    request: &ReadRequest,
) {
    let start = Bound { exposure: ways.exposure, avoid_direct: ways.avoid_direct };
    let binding = ReadingBinding::of(byway.binding(ways, false), home, start, request.named());
    reading.own_floors = Some(Arc::new(binding.of_the_community()));
    reading.floors = Some(Arc::new(binding));
}

/// Remembers what a source wrote under this identity, if it wrote something, and the gap that the reading leaves.
fn remember(known: &mut Memory, of_source: Option<Memory>, identity: u64, gap: Option<Gap>) {
    if let Some(Memory { again_at, of_source, writer, kept_month, .. }) = of_source {
        (known.again_at, known.of_source, known.writer, known.identity) = (again_at, of_source, writer, identity);
        known.kept_month = kept_month;
    }
    known.gap = gap;
}

/// Whether the source was answered with redirects alone, which end nowhere.
fn leads_nowhere(error: &SourceError) -> bool {
    matches!(error, SourceError::Unreached(error) if error.leads_nowhere())
}

/// Whether the site itself says that what was read earlier is still current.
fn says_unchanged(notes: &[Note]) -> bool {
    notes.iter().any(|note| matches!(note, Note::Source(SourceNote::Unchanged { .. })))
}

/// Whether there is an answer with posts that was not read, or not taken: then it does not "contain no posts".
fn lacks_files(notes: &[Note]) -> bool {
    notes.iter().any(|note| match note {
        Note::Source(SourceNote::FilesUnread { .. }) => true,
        Note::Source(SourceNote::Signed(trust)) => {
            trust.reasons.iter().any(|reason| matches!(reason, TrustReason::TwoHeads { .. }))
        }
        _ => false,
    })
}

/// Whether nothing was sent because of something on the device.
fn was_not_tried(error: &SourceError) -> bool {
    matches!(error, SourceError::NoToken { .. } | SourceError::TokenNamesReader(_))
}

/// A source ends by itself, with its evidence, at the time that it is given ([`ReadOptions::until`]). If it does not,
/// it is cut off this much later.
const LATE: Duration = Duration::from_millis(100);

/// As many posts as a source reads first.
const FIRST_SCREEN: usize = 20;

/// More than the coming gatherings of any community.
const EVENTS: usize = 1000;
