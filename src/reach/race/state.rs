//! The state of a race, and what follows from it: which lane and which candidate is next, and when. Nothing is started
//! here.

use std::time::Duration;

use tokio::time::Instant;

use super::attempt::Entry;
use super::lane::Lane;
use super::remedy::may_help;
use crate::reach::revealed::Revealed;
use crate::reach::{BUDGET, Replay};
use crate::transport::{Candidate, Rank, ResolvedCandidate, Stage, Strategy, TraceSnapshot, Wait};

pub(super) struct RaceState<R> {
    pub(super) lanes: Vec<Lane>,
    /// Every attempt, by its start.
    pub(super) entries: Vec<Entry<R>>,
    pub(super) replay: Replay,
    /// One attempt is in flight at a time.
    pub(super) alone: bool,
    pub(super) budget: Duration,
    /// No new attempt may start.
    pub(super) closed: bool,
    pub(super) started: Instant,
    /// The time of the last poll.
    pub(super) now: Instant,
}

impl<R> RaceState<R> {
    /// The lane's next candidate. Two resolvers often give the same addresses, so addresses that were not tried yet
    /// come first. Before them comes an address where an encrypted ClientHello got no answer, now without encryption
    /// (N8). An address that another lane is dialling in the same manner is left to that lane: a second attempt would
    /// learn nothing, and would use up the turn of an untried address, because the handshakes to one prefix are
    /// limited.
    pub(super) fn next_candidate(&mut self, lane: usize) -> Option<ResolvedCandidate> {
        let turn = |candidate: &Candidate| {
            let there = self.entries.iter().filter(|entry| {
                candidate.address.is_some()
                    && entry.candidate.as_ref().is_some_and(|tried| tried.address == candidate.address)
            });
            let (mut tried, mut encrypted, mut plain) = (false, false, false);
            for entry in there {
                let is_twin = |other: &Candidate| {
                    other.ech == candidate.ech && other.route.strategy.tls == candidate.route.strategy.tls
                };
                if entry.is_working() && entry.candidate.as_ref().is_some_and(is_twin) {
                    return Rank::UnderWay;
                }
                let ech = entry.candidate.as_ref().is_some_and(|candidate| candidate.ech.is_some());
                tried = true;
                encrypted |= ech && entry.lane == lane && entry.trace.read(|seen| seen.stage) >= Stage::Tls;
                plain |= !ech;
            }
            match tried {
                true if candidate.ech.is_none() && encrypted && !plain => Rank::Next,
                true => Rank::Tried,
                false => Rank::Fresh,
            }
        };
        self.lanes[lane].candidates.next(turn)
    }

    /// The lane to start next: the first that may help against every attempt that is stuck, else the first.
    pub(super) fn next_lane(&self) -> Option<usize> {
        let left = |lane: &usize| !self.lanes[*lane].started;
        // A lane got as far as the farthest of its addresses.
        let furthest = |lane: usize| {
            let of_it = self.entries.iter().filter(|entry| entry.lane == lane);
            of_it
                .filter_map(|entry| entry.stuck(self.lanes[lane].hedge, self.now))
                .max()
                .map(|stage| (&self.lanes[lane].route.strategy, stage))
        };
        let stuck: Vec<(&Strategy, Stage)> = (0..self.lanes.len()).filter_map(furthest).collect();
        let helps = |lane: &usize| {
            let strategy = &self.lanes[*lane].route.strategy;
            stuck.iter().all(|(stuck, stage)| may_help(strategy, stuck, *stage))
        };
        let lanes = || (0..self.lanes.len()).filter(left);
        lanes().find(helps).or_else(|| lanes().next())
    }

    /// Whether any observer sees more with lane `next` than with lane `before`.
    pub(super) fn reveals_more(&self, next: usize, before: usize) -> bool {
        let by = |lane: usize| Revealed::by(&self.lanes[lane].route.strategy);
        !by(next).is_no_more_than(by(before))
    }

    /// Until when lane `next` is held back. It reveals more than a lane whose attempt waits for its turn: starting it
    /// first would send the more revealing packet although the other was never tried. After that attempt is admitted,
    /// it gets its hedge delay like any other.
    pub(super) fn held_back(&self, next: usize) -> Option<Instant> {
        let of = |entry: &Entry<R>| match entry.let_go {
            _ if !self.reveals_more(next, entry.lane) => None,
            _ if entry.waits_for_its_turn() => Some(self.now + BUDGET),
            Some(at) if entry.is_silent() => Some(at + self.lanes[entry.lane].hedge).filter(|until| *until > self.now),
            _ => None,
        };
        self.entries.iter().filter_map(of).max()
    }

    /// When the silence of this attempt starts something else, if it may.
    pub(super) fn moves(&self, entry: &Entry<R>) -> Option<Instant> {
        if self.closed || !entry.is_silent() {
            return None;
        }
        let lane = &self.lanes[entry.lane];
        let since = entry.silent_since();
        let patience = |usual| if entry.rests() { Duration::ZERO } else { usual };
        if self.alone {
            let sent = entry.trace.read(|seen| seen.stage) >= Stage::FirstByte;
            let next = self.next_lane();
            if next.is_some_and(|next| entry.waits_for_its_turn() && self.reveals_more(next, entry.lane)) {
                return None;
            }
            let fresh = next.is_some() || self.lanes.iter().any(|lane| !lane.candidates.is_empty());
            // The last attempt is not cancelled: that would gain nothing.
            return (fresh && !(sent && self.replay == Replay::Once))
                .then(|| since + patience(self.alone_silence(since)));
        }
        let baton = self.baton_due(entry);
        let unhedged = entry.dialled.filter(|_| !entry.hedged && !lane.candidates.is_empty());
        let candidate = unhedged.map(|dialled| dialled.max(since) + lane.hedge);
        baton.into_iter().chain(candidate).min()
    }

    /// When the silence of this attempt passes its lane's baton, if it may.
    pub(super) fn baton_due(&self, entry: &Entry<R>) -> Option<Instant> {
        let lane = &self.lanes[entry.lane];
        let may = !lane.passed && self.lanes.iter().any(|lane| !lane.started);
        let patience = if entry.idles() { Duration::ZERO } else { lane.hedge };
        may.then(|| entry.silent_since() + patience)
    }

    /// How long the one attempt in flight that began at `since` may be silent. It is less than usual if those after it
    /// would get no time, and never less than half of what is left.
    pub(super) fn alone_silence(&self, since: Instant) -> Duration {
        let left = self.gives_up().saturating_duration_since(since);
        let others = self.lanes.iter().filter(|lane| !lane.started).count();
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        ALONE_SILENCE.min(left.saturating_sub(ALONE_LEAST.saturating_mul(others)).max(left / 2))
    }

    /// When the race is given up, unless something comes before: the budget after its start or, if a part of an answer
    /// has come, a whole budget after its last byte, however little was left when the race began. A way through
    /// Tor to an onion service has its own time, and what is sent through it a whole budget.
    pub(super) fn gives_up(&self) -> Instant {
        let mut until = self.started + self.budget;
        for entry in &self.entries {
            let seen = |seen: &TraceSnapshot| {
                let heard = seen.last_progress.max(seen.circuit_made);
                (heard, seen.circuit_until.filter(|_| seen.circuit_made.is_none()), seen.let_in, seen.waiting)
            };
            let (heard, circuit_until, let_in, waiting) = entry.trace.read(seen);
            let heard = heard.map(|at| at + self.budget.max(BUDGET));
            let let_in = let_in.map(|at| at + self.budget);
            let circuit = circuit_until.filter(|_| entry.is_working());
            until = until.max(heard.max(let_in).max(circuit).unwrap_or(until));
            // While the device's requests are admitted one after another, the silence has not begun.
            if entry.is_working() && waiting.is_some_and(|(_, wait)| wait.extends_the_race()) {
                until = until.max(self.now + self.budget);
            }
        }
        until
    }

    /// Tells the attempts what they cannot know about the others: if only resting attempts are left, they need not
    /// rest, and the last attempt is not cancelled for being slow.
    pub(super) fn hurry(&self, again: bool) {
        let held = |entry: &Entry<R>| entry.trace.waiting() == Some(Wait::Twin);
        let working: Vec<&Entry<R>> = self.entries.iter().filter(|entry| entry.is_working() && !held(entry)).collect();
        let next = self.next_lane();
        let fresh = next.is_some();
        if let Some(next) = next {
            // The race would reveal more if it continued without them.
            let first = working.iter().filter(|entry| entry.rests() && self.reveals_more(next, entry.lane));
            first.for_each(|entry| entry.trace.hurry());
        }
        if !fresh && working.iter().all(|entry| entry.rests()) {
            working.iter().for_each(|entry| entry.trace.hurry());
        }
        let left = fresh || again || self.lanes.iter().any(Lane::is_looking);
        if let [only] = &working[..] {
            let bound = self.replay == Replay::Once && only.trace.read(|seen| seen.stage) >= Stage::FirstByte;
            only.trace.last(bound || !left);
        }
    }

    /// Whether nothing is under way: no attempt, and no lookup.
    pub(super) fn is_idle(&self) -> bool {
        !self.entries.iter().any(Entry::is_working) && !self.lanes.iter().any(|lane| lane.lookup.is_some())
    }
}

/// When a request with one attempt in flight leaves a silent one: three lost round trips of a bad mobile network. It is
/// longer than a hedge delay, because the silent attempt is cancelled.
pub(super) const ALONE_SILENCE: Duration = Duration::from_secs(3);

/// The time that such a request leaves for each untried route: the handshakes of most routes, with a packet lost.
const ALONE_LEAST: Duration = Duration::from_secs(1);
