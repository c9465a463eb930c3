//! The homes of a signed community that are read side by side, and how each behaved.
//!
//! A mirror for whose origin the user did not ask (`asked`) is read over strategies that are not direct, with at least the exposure of the
//! community and of its own address.

use std::collections::BTreeMap;
use std::time::Duration;

use super::access_scope::AccessScope;
use super::asked::Asked;
use super::home_access::HomeAccess;
use super::known::Known;
use super::reachability::Target;
use super::read_request::ReadRequest;
use super::reading::binding_of;
use super::{Byway, Reachability, RouteLimits};
use crate::community::{Home, MirrorState};
use crate::fetch::IdleBudget;
use crate::source::{HomeOutcome, Memory, OtherHome, ReadOptions, remembered_behaviour};
use crate::transport::PrivateAddresses;

impl Byway {
    /// The mirrors that the user named for this reading or an earlier one. Empty for a community that is not signed.
    pub(super) async fn asked_mirrors(&self, home: &Home, request: &ReadRequest) -> Asked {
        let Some(id) = home.signed_community() else { return Asked::default() };
        // If the store cannot say, nothing but what this call names counts.
        let mut asked = self.inner.store.asked(id).await.unwrap_or_default();
        asked.add(&request.asked);
        asked
    }

    /// The addresses that a reading shows to lead to the community: the one that was asked for, and those that gave a head.
    pub(super) fn read_at(home: &Home, homes: &[HomeOutcome]) -> Vec<Home> {
        let gave_head = |one: &&HomeOutcome| one.standing.state.was_read() && one.standing.home != *home;
        [home].into_iter().chain(homes.iter().filter(gave_head).map(|one| &one.standing.home)).cloned().collect()
    }

    /// The account of each home beside that of the whole reading.
    pub(super) fn accounts_of(
        &self,
        homes: Vec<HomeOutcome>,
        ways: RouteLimits,
        took: Duration,
        access: &AccessScope<'_>,
    ) -> Vec<HomeAccess> {
        let account = |HomeOutcome { standing, attempts, reached_by, is_main }| {
            let source = self.inner.sources.of(&standing.home).filter(|_| !is_main && !attempts.is_empty());
            let reachability = source.map(|source| {
                let target = Target { read: true, ..self.asked_home(source, &standing.home, ways, false, took) };
                Reachability::of(target, reached_by, attempts)
            });
            if let Some(reachability) = &reachability {
                access.also(reachability);
            }
            HomeAccess { standing, reachability }
        };
        homes.into_iter().map(account).collect()
    }

    /// The other homes of a community that a reading asks as well, each with its own limits.
    pub(super) async fn other_homes(
        &self,
        home: &Home,
        known: &Known,
        asked: &Asked,
        reading: &ReadOptions,
        request: &ReadRequest,
    ) -> Vec<OtherHome> {
        let Some(id) = home.signed_community() else { return Vec::new() };
        let behaviour = remembered_behaviour(&known.memory);
        let listed = known.community.iter().flat_map(|kept| &kept.community.homes);
        let mut homes: Vec<&Home> = Vec::new();
        for other in request.asked.iter().chain(asked.mirrors.iter().rev()).chain(&request.beside).chain(listed) {
            if other != home && other.signed_community().as_ref() == Some(&id) && !homes.contains(&other) {
                homes.push(other);
            }
        }
        in_order_of_trial(&mut homes, &behaviour);
        let mut others = Vec::new();
        for other in homes.into_iter().take(MAX_OTHERS) {
            // If the store cannot say how it may be read, it is not.
            let is_asked = asked.covers(other);
            let Ok(known) = self.inner.store.at_if_asked(other, is_asked).await else { continue };
            let ways = self.ways(&known, request.how);
            let ways = RouteLimits {
                exposure: ways.exposure.max(reading.exposure),
                avoid_direct: ways.avoid_direct || reading.avoid_direct || !is_asked,
                allow_direct: ways.allow_direct && is_asked,
            };
            let mut how = ReadOptions {
                exposure: ways.exposure,
                avoid_direct: ways.avoid_direct,
                idle: IdleBudget::new(),
                private: if known.is_unasked { PrivateAddresses::Refused } else { PrivateAddresses::Allowed },
                memory: Memory { gap: reading.memory.gap, identity: reading.memory.identity, ..Memory::default() },
                ..reading.clone()
            };
            binding_of(self, ways, other, &mut how, request);
            others.push(OtherHome { home: other.clone(), how, is_asked });
        }
        others
    }
}

/// Orders homes by how they behaved when they were last asked, the best first. One that was never asked is among the first three:
/// those that are well must not keep a new one away for ever.
fn in_order_of_trial(homes: &mut Vec<&Home>, behaviour: &BTreeMap<String, MirrorState>) {
    let state = |home: &Home| behaviour.get(&home.to_string()).copied();
    let place = |home: &&Home| match state(home) {
        Some(MirrorState::Current | MirrorState::Behind) => 0,
        None | Some(MirrorState::Untried) => 1,
        Some(MirrorState::Slow | MirrorState::Failing | MirrorState::Incomplete | MirrorState::NotAsked) => 2,
        Some(MirrorState::RolledBack | MirrorState::Withholds | MirrorState::Redirects) => 3,
        Some(MirrorState::Unvouched | MirrorState::Unreached | MirrorState::Gone) => 4,
        Some(MirrorState::Tampered | MirrorState::Contradicts) => 5,
    };
    homes.sort_by_key(place);
    let is_new = |home: &&Home| place(home) == 1;
    if let Some(new) = homes.iter().position(is_new).filter(|new| *new >= FIRST_OTHERS) {
        let new = homes.remove(new);
        homes.insert(FIRST_OTHERS - 1, new);
    }
}

/// The other homes that are asked at once: with the one that was opened, as many as a link names.
const FIRST_OTHERS: usize = 3;

/// The other homes of one reading: with the one that was opened, as many as a charter names. They are asked in batches.
const MAX_OTHERS: usize = 31;
