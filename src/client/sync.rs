//! Background work: reads the newest posts of many communities, within a limit of time and bytes.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::known::Life;
use super::read_request::ReadRequest;
use super::sync_queue::{Site, SyncQueue, Turn};
use super::{Action, Byway, OpenFault, OpenOptions, Opened, Reachability, ReadFrom};
use crate::community::{CommunityId, Home};
use crate::fetch::{Allowance, FetchError};
use crate::reach::LONGEST_WAIT;
use crate::sentences::Language;
use crate::source::SourceError;
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
    /// The community with the newest post comes first, because people read it now. Communities of which no post is kept
    /// come before all others. Up to six are read side by side, but never two at one site. They may use half of the
    /// bytes and three quarters of the time; what is not finished then is read one after another, so that the first
    /// ones are complete even if the limits are too small for all.
    ///
    /// Each community is read from its newest post back to what is already kept; on a metered network only its first
    /// page is read. What was read of a community is kept at once. So dropping the future loses only the readings that
    /// are under way, and nothing that was kept.
    ///
    /// This call does not fail: errors are given for each community.
    pub async fn sync_once(&self, ids: &[CommunityId], limits: SyncLimits) -> Synced {
        let started = self.inner.net.now();
        let deadline = limits.deadline.min(LONGEST_WAIT);
        let whole = Share { until: started + deadline, allowance: Allowance::new(limits.bytes) };
        let shared = Share { until: started + deadline * 3 / 4, allowance: whole.allowance.up_to(limits.bytes / 2) };
        let (ids, sites): (Vec<CommunityId>, Vec<Site>) = self.newest_first(ids).await.into_iter().unzip();
        let mut queue = SyncQueue::new(sites);
        let mut read: Vec<Option<SyncedCommunity>> = ids.iter().map(|_| None).collect();
        let mut running = FuturesUnordered::new();
        loop {
            while let Some(turn) = queue.begin(!self.is_spent(&shared)) {
                let share = if turn.beside { &shared } else { &whole };
                let Some(id) = ids.get(turn.place) else { continue };
                running.push(async move {
                    let mut changes = Changes::default();
                    let outcome = self.sync_community(id, share, &mut changes).await;
                    (turn, SyncedCommunity { id: id.clone(), outcome, changes })
                });
            }
            let Some((Turn { place, beside }, synced)) = running.next().await else { break };
            // It is only read again if nothing of it was kept.
            let is_unfinished = matches!(synced.outcome, SyncOutcome::Left) && synced.changes.is_empty();
            queue.end(place, beside && is_unfinished && !self.is_spent(&whole));
            if let Some(slot) = read.get_mut(place) {
                *slot = Some(synced);
            }
        }
        // What has grown too old is dropped when there is something newer. It does no harm if this fails.
        let _ = self.retain().await;
        let took = self.inner.net.now().saturating_duration_since(started);
        let communities = read.into_iter().flatten().collect();
        Synced { communities, bytes: whole.allowance.taken(), took, language: self.language() }
    }

    /// The communities in the order in which they are read, with the site of each.
    async fn newest_first(&self, ids: &[CommunityId]) -> Vec<(CommunityId, Site)> {
        let mut order: Vec<(Option<Timestamp>, CommunityId, Site)> = Vec::new();
        for id in ids {
            if order.iter().any(|(_, known, _)| known == id) {
                continue;
            }
            // A community that cannot be looked up gives its error when its turn comes.
            let newest = self.inner.store.of(id).await.ok().and_then(|known| known.newest);
            let site = self.first_home(id).await.ok().and_then(|home| self.site(&home));
            order.push((newest, id.clone(), site));
        }
        order.sort_by_key(|(newest, ..)| (newest.is_some(), newest.map(std::cmp::Reverse)));
        order.into_iter().map(|(_, id, site)| (id, site)).collect()
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

    async fn sync_community(&self, id: &CommunityId, share: &Share, changes: &mut Changes) -> SyncOutcome {
        if self.is_spent(share) {
            return SyncOutcome::Left;
        }
        if let Some(until) = self.waits_until(id).await {
            return SyncOutcome::NotYet { until };
        }
        let home = match self.first_home(id).await {
            Ok(home) => home,
            Err(fault) => return SyncOutcome::Failed { fault, reachability: None },
        };
        let request = ReadRequest {
            how: OpenOptions::default(),
            action: Action::Sync,
            life: Life::default(),
            until: Some(share.until),
            allowance: Some(share.allowance.clone()),
            back_to_known: !self.network_mut().metered,
        };
        // Another call may be reading it at this moment.
        let Ok(read) = tokio::time::timeout_at(share.until, Box::pin(self.read_home(&home, request))).await else {
            return SyncOutcome::Left;
        };
        let read = read.map(|mut opened| {
            *changes = std::mem::take(&mut opened.changes);
            opened
        });
        let (fault, reachability) = match read {
            Ok(Opened { source: ReadFrom::Network, truncated: false, reachability, .. }) => {
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

/// What a reading may use.
#[derive(Debug)]
struct Share {
    until: Instant,
    allowance: Allowance,
}

/// The longest time that a source lets a site ask for.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24);
