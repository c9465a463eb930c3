//! Background work: reads the newest posts of many communities, within a limit of time and bytes.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::known::Life;
use super::read_request::ReadRequest;
use super::succession::Walk;
use super::sync_queue::{Site, SyncQueue, Turn};
use super::{Action, Byway, Note, OpenError, OpenFault, OpenOptions, Opened, Reachability, ReadFrom};
use crate::community::{CommunityId, Home};
use crate::fetch::{Allowance, FetchError};
use crate::reach::LONGEST_WAIT;
use crate::sentences::Language;
use crate::source::{Memory, SourceError, SourceNote};
use crate::store::Changes;

/// How much background work may use. The default is about what the system gives it (30 s for an iOS refresh, ten
/// minutes on Android).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncLimits {
    /// How long it may take from now on.
    pub deadline: Duration,
    /// How many bytes of answers (heads and bodies, after TLS) it may take, for all communities together. At most one
    /// piece of each page that was being read comes on top.
    pub bytes: u64,
}

impl Default for SyncLimits {
    /// What both systems give without being asked: 25 s, and two megabytes.
    fn default() -> Self {
        Self { deadline: Duration::from_secs(25), bytes: 2 * 1024 * 1024 }
    }
}

/// The result. It serialises with the communities' ids, and with no other names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Synced {
    /// Each community that was asked for, once, in the order in which they were to be read.
    pub communities: Vec<SyncedCommunity>,
    /// How many bytes of answers came.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
    language: Language,
}

impl Synced {
    /// The client's language when this was made.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The communities for which there was no time or no allowance.
    pub fn left(&self) -> impl Iterator<Item = &CommunityId> {
        self.communities.iter().filter(|one| matches!(one.outcome, SyncOutcome::Left)).map(|one| &one.id)
    }
}

/// The result for one community.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyncedCommunity {
    /// Which community.
    pub id: CommunityId,
    /// What happened to it.
    pub outcome: SyncOutcome,
    /// What has changed since it was last kept, even if it was not read to its end.
    pub changes: Changes,
    /// What could not be read or kept of it, as [`Opened::notes`].
    pub notes: Vec<Note>,
}

/// What happened to one community.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SyncOutcome {
    /// It was read and kept.
    Done {
        /// How it was reached.
        reachability: Box<Reachability>,
    },
    /// The community was not read, or not to its end, because the time or the allowance was used up. What was read of
    /// it is kept.
    Left,
    /// The site asks not to be asked again before a time, which is less than a day ahead. Nothing was sent. If a person
    /// asks for it ([`Byway::refresh`]), this is ignored.
    NotYet {
        /// The site is not asked before this time.
        until: Timestamp,
    },
    /// It was not read.
    Failed {
        /// Why.
        fault: OpenFault,
        /// How far the access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
}

impl SyncOutcome {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SyncOutcome::Done { .. } => "done",
            SyncOutcome::Left => "left",
            SyncOutcome::NotYet { .. } => "not_yet",
            SyncOutcome::Failed { .. } => "failed",
        }
    }
}

impl Byway {
    /// Reads communities that are kept, and stops at whichever limit comes first.
    ///
    /// Communities that an earlier sync left come first, and of these the ones that have waited longest: so each gets
    /// its turn, even if the limits are too small for all. Of the others, the community with the newest post comes first,
    /// because people read it now, and those of which no post is kept come before it.
    ///
    /// Up to six are read side by side, but never two at one site. They may use half of the bytes and three quarters of
    /// the time; what is not finished then is read one after another, so that the first ones are complete even if the
    /// limits are too small for all.
    ///
    /// Each community is read from its newest post back to what is already kept, and to the beginning of a gap that an
    /// earlier reading left ([`Note::PostsGap`]); on a metered network only its first page is read. What was read of a
    /// community is kept at once. So dropping the future loses only the readings that are under way, and nothing that was
    /// kept.
    ///
    /// A signed community that moved is followed as by [`Byway::open`]: its successor is read once, and from then on has a
    /// turn of its own if it is asked for. A note tells of the move ([`Note::Move`]). A successor that is known through moves alone has its
    /// turn after the communities from which they led, and nothing of it is contacted if these turn out to be disputed. Where one of
    /// them is not read now, what is kept of it decides. It has a third of the time before its successor begins.
    ///
    /// This call does not fail: errors are given for each community.
    pub async fn sync_once(&self, ids: &[CommunityId], limits: SyncLimits) -> Synced {
        let started = self.inner.net.now();
        let deadline = limits.deadline.min(LONGEST_WAIT);
        let whole = Share { until: started + deadline, allowance: Allowance::new(limits.bytes) };
        let shared = Share { until: started + deadline * 3 / 4, allowance: whole.allowance.up_to(limits.bytes / 2) };
        let began_at = self.wall();
        let wanted = self.in_order(ids).await;
        let mut queue = SyncQueue::new(wanted.iter().map(|one| one.site.clone()));
        let mut read: Vec<Option<Progress>> = wanted.iter().map(|_| None).collect();
        let mut running = FuturesUnordered::new();
        let mut unread: HashSet<CommunityId> = wanted.iter().map(|one| one.id.clone()).collect();
        loop {
            let waiting = self.wait_for_origins(followed(&wanted, &unread), unread.clone()).await;
            let waits = |place: usize| wanted.get(place).is_some_and(|one| waiting.contains(&one.id));
            while let Some(turn) = queue.begin(!self.is_spent(&shared), waits) {
                let share = if turn.beside { &shared } else { &whole };
                let Some(one) = wanted.get(turn.place) else { continue };
                // A server in the wrong hands could otherwise hold readers back by answering drop by drop.
                let is_awaited = unread.contains(&one.id) && wanted.iter().any(|other| other.came_from(&one.id));
                let share = if is_awaited { share.third(self.inner.net.now()) } else { share.clone() };
                running.push(async move {
                    if self.is_spent(&share) {
                        return (turn, SyncOutcome::Left.into());
                    }
                    let progress = self.sync_community(&one.id, &share).await;
                    (turn, Progress { was_alone: !turn.beside, ..progress })
                });
            }
            let Some((Turn { place, beside }, progress)) = running.next().await else { break };
            // What is kept of it decides from now on, even if it gets another turn.
            if let Some(one) = wanted.get(place) {
                unread.remove(&one.id);
            }
            // It is only read again if nothing of it was kept.
            let is_unfinished = progress.is_left() && progress.changes.is_empty();
            queue.end(place, beside && is_unfinished && !self.is_spent(&whole));
            if let Some(slot) = read.get_mut(place) {
                *slot = Some(progress);
            }
        }
        drop(running);
        let read: Vec<(Wanted, Progress)> =
            wanted.into_iter().zip(read).filter_map(|(wanted, progress)| Some((wanted, progress?))).collect();
        self.remember_left(&read, began_at).await;
        // What has grown too old is dropped when there is something newer. It does no harm if this fails.
        let _ = self.retain().await;
        let took = self.inner.net.now().saturating_duration_since(started);
        let communities = read.into_iter().map(|(Wanted { id, .. }, progress)| progress.of(id)).collect();
        Synced { communities, bytes: whole.allowance.taken(), took, language: self.language() }
    }

    /// The communities in the order in which they are read.
    async fn in_order(&self, ids: &[CommunityId]) -> Vec<Wanted> {
        let (now, mut known) = (self.wall(), HashSet::new());
        let mut order = Vec::new();
        for id in ids.iter().filter(|id| known.insert(*id)) {
            // A community that cannot be looked up gives its error when its turn comes.
            let known = self.inner.store.of(id).await.unwrap_or_default();
            let site = self.first_home(id).await.ok().and_then(|home| self.site(&home));
            let (newest, left_at) = (known.newest(now), known.memory.left_at);
            let origins = self.inner.store.origins(id).await;
            order.push(Wanted { id: id.clone(), site, newest, left_at, origins, life: known.life });
        }
        order.sort_by_key(|one| (one.left_at.is_none(), one.left_at, one.newest.is_some(), one.newest.map(Reverse)));
        order
    }

    /// Remembers which communities were left, so that the next sync begins with those that have waited longest. A
    /// community that could use all that was left, and was not read with it, waits anew: it may be silent.
    async fn remember_left(&self, read: &[(Wanted, Progress)], began_at: Timestamp) {
        for (wanted, progress) in read {
            let waits_since = wanted.left_at.filter(|_| !progress.was_alone).unwrap_or(began_at);
            let left_at = progress.is_left().then_some(waits_since);
            if left_at != wanted.left_at {
                // If this is not remembered, the community waits for another sync.
                let change = move |memory: &mut Memory| memory.left_at = left_at;
                let _ = self.inner.store.remember(wanted.id.clone(), wanted.life, change).await;
            }
        }
    }

    fn site(&self, home: &Home) -> Site {
        let first = self.inner.sources.of(home)?.contacts(home).urls.into_iter().next()?;
        Some(first.host_str()?.to_owned())
    }

    fn is_spent(&self, share: &Share) -> bool {
        share.allowance.is_spent() || self.inner.net.now() >= share.until
    }

    /// The time before which a community's site asks not to be asked again. A time too far ahead was written by another
    /// clock and is ignored.
    async fn waits_until(&self, id: &CommunityId) -> Option<Timestamp> {
        let (now, known) = (self.wall(), self.inner.store.of(id).await.ok()?);
        known.memory.again_at.filter(|until| *until > now && until.duration_since(now) <= LONGEST_PAUSE)
    }

    async fn sync_community(&self, id: &CommunityId, share: &Share) -> Progress {
        if let Some(until) = self.waits_until(id).await {
            return SyncOutcome::NotYet { until }.into();
        }
        let home = match self.first_home(id).await {
            Ok(home) => home,
            Err(fault) => return SyncOutcome::Failed { fault, reachability: None }.into(),
        };
        let request = ReadRequest {
            how: OpenOptions::default(),
            action: Action::Sync,
            life: Life::default(),
            until: Some(share.until),
            allowance: Some(share.allowance.clone()),
            back_to_known: !self.network_mut().metered,
            asked: Vec::new(),
            beside: Vec::new(),
            passage: None,
        };
        // Another call may be reading it at this moment.
        let Ok(read) = tokio::time::timeout_at(share.until, Box::pin(self.read_home(&home, request))).await else {
            return SyncOutcome::Left.into();
        };
        let (mut changes, mut notes) = (Changes::default(), Vec::new());
        let moves = match &read {
            Ok(opened) if opened.source == ReadFrom::Network && !self.is_spent(share) => {
                let walk = Walk { until: share.until, action: Action::Sync, allowance: Some(share.allowance.clone()) };
                self.moves_in_sync(opened.clone(), walk).await
            }
            _ => Vec::new(),
        };
        let read = read.map(|mut opened| {
            changes = std::mem::take(&mut opened.changes);
            notes = std::mem::take(&mut opened.notes);
            notes.extend(moves);
            opened
        });
        let outcome = self.outcome(read, &notes, share);
        Progress { changes, notes, ..outcome.into() }
    }

    /// What a reading means for a sync.
    fn outcome(&self, read: Result<Opened, OpenError>, notes: &[Note], share: &Share) -> SyncOutcome {
        let (fault, reachability) = match read {
            Ok(Opened { source: ReadFrom::Network, truncated: false, reachability, .. }) => {
                return SyncOutcome::Done { reachability: Box::new(reachability) };
            }
            // The limits of this sync are not used up: the homes did not give all files as they are signed, and a note says so.
            Ok(Opened { source: ReadFrom::Network, reachability, .. })
                if !self.is_spent(share) && lacks_files(notes) =>
            {
                return SyncOutcome::Done { reachability: Box::new(reachability) };
            }
            Ok(Opened { source: ReadFrom::Network, .. }) => return SyncOutcome::Left,
            // The platform answered that the community is gone.
            Ok(Opened { source: ReadFrom::Store, fault: None, truncated: false, reachability, .. }) => {
                return SyncOutcome::Done { reachability: Box::new(reachability) };
            }
            Ok(Opened { fault, reachability, .. }) => {
                (fault.unwrap_or(OpenFault::NotStored), Some(Box::new(reachability)))
            }
            Err(error) => (error.fault, error.reachability),
        };
        let unreached = matches!(fault, OpenFault::Source(SourceError::Unreached(FetchError::Unreached { .. })));
        let waited = matches!(fault, OpenFault::StillReading);
        if (unreached && self.is_spent(share)) || waited {
            return SyncOutcome::Left;
        }
        SyncOutcome::Failed { fault, reachability: reachability.filter(|met| !met.attempts.is_empty()) }
    }
}

/// Whether the homes of a signed community did not give all files, or one reading does not take them all.
fn lacks_files(notes: &[Note]) -> bool {
    let lacks = |note: &SourceNote| {
        matches!(
            note,
            SourceNote::FilesUnread { .. } | SourceNote::FilesNotAsSigned { .. } | SourceNote::MonthsUnread { .. }
        )
    };
    notes.iter().any(|note| matches!(note, Note::Source(note) if lacks(note)))
}

/// A community that is to be read.
#[derive(Debug)]
struct Wanted {
    id: CommunityId,
    site: Site,
    newest: Option<Timestamp>,
    /// When an earlier sync left it.
    left_at: Option<Timestamp>,
    /// The communities from which moves led to it, if the reader knows it by nothing else.
    origins: Vec<CommunityId>,
    /// The life of the store in which it was looked up.
    life: Life,
}

impl Wanted {
    /// Whether it is known through moves alone, and one of them came from that community.
    fn came_from(&self, other: &CommunityId) -> bool {
        self.origins.contains(other)
    }
}

/// The communities that are known through moves alone and were not looked at yet.
fn followed(wanted: &[Wanted], unread: &HashSet<CommunityId>) -> Vec<CommunityId> {
    let followed = wanted.iter().filter(|one| !one.origins.is_empty() && unread.contains(&one.id));
    followed.map(|one| one.id.clone()).collect()
}

/// What was done with a community.
#[derive(Debug)]
struct Progress {
    outcome: SyncOutcome,
    changes: Changes,
    notes: Vec<Note>,
    /// It could use all that was left.
    was_alone: bool,
}

impl Progress {
    fn is_left(&self) -> bool {
        matches!(self.outcome, SyncOutcome::Left)
    }

    fn of(self, id: CommunityId) -> SyncedCommunity {
        let Self { outcome, changes, notes, was_alone: _ } = self;
        SyncedCommunity { id, outcome, changes, notes }
    }
}

impl From<SyncOutcome> for Progress {
    fn from(outcome: SyncOutcome) -> Self {
        Self { outcome, changes: Changes::default(), notes: Vec::new(), was_alone: false }
    }
}

/// What a reading may use.
#[derive(Clone, Debug)]
struct Share {
    until: Instant,
    allowance: Allowance,
}

impl Share {
    /// The same with a third of the time that is left.
    fn third(&self, now: Instant) -> Self {
        Self { until: now + self.until.saturating_duration_since(now) / 3, allowance: self.allowance.clone() }
    }
}

/// The longest time that a source lets a site ask for.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24);
