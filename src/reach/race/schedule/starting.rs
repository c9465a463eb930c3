//! What starts next: another lane, another address of a lane, or an attempt that was cancelled for its silence.

use tokio::time::Instant;

use super::super::attempt::{Entry, Work};
use super::super::state::ALONE_SILENCE;
use super::{Again, Race};
use crate::reach::{EngineEventKind, Replay, StartReason};
use crate::transport::{ResolvedCandidate, Route, Stage};

impl<R> Race<R> {
    /// Starts what follows an attempt of `lane` that ended at stage `reached` without the answer.
    pub(super) fn move_on(&mut self, lane: usize, reached: Stage, no_ipv6: bool) {
        if self.state.replay == Replay::Once && reached >= Stage::FirstByte {
            self.state.closed = true;
        }
        if self.state.closed {
            return;
        }
        self.why = StartReason::Failure;
        if self.state.alone {
            // An address that cannot be connected to says nothing about the route: the route's next address is nearer
            // than another country. Any later failure says something about the route.
            return self.start_alone((reached <= Stage::Tcp).then_some(lane));
        }
        self.start_next_candidate(lane);
        // A home without IPv6 is no reason to use the proxy: the IPv4 address gets its hedge delay first.
        if !no_ipv6 {
            self.pass_baton(lane);
        }
    }

    /// The time when a passed baton can start a lane, if any can.
    pub(super) fn baton_waits(&self) -> Option<Instant> {
        self.state
            .next_lane()
            .filter(|_| self.batons > 0 && !self.state.closed)
            .and_then(|next| self.state.held_back(next))
    }

    pub(super) fn pass_baton(&mut self, lane: usize) {
        if !std::mem::replace(&mut self.state.lanes[lane].passed, true) {
            self.batons += 1;
            self.take_batons();
        }
    }

    /// Starts a lane for each passed baton, unless the lane is held back.
    pub(super) fn take_batons(&mut self) {
        while self.batons > 0 && !self.state.closed {
            match self.state.next_lane() {
                Some(next) if self.state.held_back(next).is_some() => return,
                Some(next) => self.start_lane(next),
                None => {}
            }
            self.batons -= 1;
        }
    }

    pub(super) fn start_next_lane(&mut self) {
        if let Some(next) = self.state.next_lane() {
            self.start_lane(next);
        }
    }

    pub(super) fn start_next_candidate(&mut self, lane: usize) {
        match self.state.next_candidate(lane) {
            Some(found) => self.start_candidate(lane, found),
            None => self.state.lanes[lane].owed = self.state.lanes[lane].is_looking(),
        }
    }

    /// For one attempt in flight: starts the next candidate of `lane` if that is preferred, else the next lane, else a
    /// remaining address, else a cancelled attempt.
    pub(super) fn start_alone(&mut self, preferred: Option<usize>) {
        let left = |lane: &usize| !self.state.lanes[*lane].candidates.is_empty();
        if let Some(lane) = preferred.filter(left) {
            self.start_next_candidate(lane);
        } else if self.state.next_lane().is_some() {
            self.start_next_lane();
        } else if let Some(lane) = (0..self.state.lanes.len()).find(left) {
            self.start_next_candidate(lane);
        } else if let Some(Again { lane, found, .. }) = self.next_again() {
            match found {
                Some(found) => self.start_candidate(lane, found),
                None => self.start_lane(lane),
            }
        } else {
            self.state.lanes.iter_mut().for_each(|lane| lane.owed = lane.lookup.is_some());
        }
    }

    /// The next cancelled attempt that is worth another try: with less time than its silence took, it would only be
    /// silent again.
    pub(super) fn next_again(&mut self) -> Option<Again> {
        let time = self.state.gives_up().saturating_duration_since(Instant::now()) >= ALONE_SILENCE;
        self.again.retain(|again| again.rested || time);
        self.again.pop_front()
    }

    pub(super) fn start_lane(&mut self, lane: usize) {
        let index = self.enter(lane, Work::Resolving, self.why);
        let trace = self.state.entries[index].trace.clone();
        let lane = &mut self.state.lanes[lane];
        let lookup = (self.resolve)(lane.route.clone(), trace, lane.candidates.clone());
        lane.start(lookup, index);
    }

    pub(super) fn start_candidate(&mut self, lane: usize, found: ResolvedCandidate) {
        if !self.state.closed {
            let index = self.enter(lane, Work::Done, self.why);
            self.dial(index, found);
        }
    }

    pub(super) fn dial(&mut self, index: usize, ResolvedCandidate { candidate, mut answers }: ResolvedCandidate) {
        let entry = &mut self.state.entries[index];
        if answers.is_empty() {
            answers.extend(candidate.address.map(|address| address.ip()));
        }
        entry.trace.waits(None);
        entry.trace.resolved(&answers);
        let dialling = (self.dial)(candidate.clone(), entry.trace.clone());
        entry.dial(candidate, dialling);
    }

    /// A new attempt.
    pub(super) fn enter(&mut self, lane: usize, work: Work<R>, why: StartReason) -> usize {
        let begun = self.events.attempt();
        let (id, ref trace, is_observed) = begun;
        trace.tor_may_take(self.tor_may_take);
        if is_observed {
            let Route { strategy, destination, .. } = &self.state.lanes[lane].route;
            self.events.send(|| EngineEventKind::Started {
                attempt: id,
                strategy: strategy.clone(),
                destination: destination.clone(),
                hop: self.common.hop,
                why,
            });
        }
        self.state.entries.push(Entry::new(lane, work, begun));
        self.state.entries.len() - 1
    }
}
