//! The scheduler of a race: which lane and candidate start, and when. It knows no exchange and no judge, only their
//! results.

mod starting;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until};

use super::attempt::{Common, End, Entry, Polled, Won, Work};
use super::lane::{Lane, Looked, Lookup};
use super::state::RaceState;
use crate::reach::{Attempt, EngineEventKind, EventSender, Finding, LONGEST_WAIT, Outcome, Plan, Replay, StartReason};
use crate::transport::{Candidate, Candidates, Cause, Failure, ResolvedCandidate, Route, Slow, Stage, Trace, Wait};

pub(super) type Resolve = Box<dyn Fn(Route, Trace, Candidates) -> Lookup + Send>;
pub(super) type Dial<R> = Box<dyn Fn(Candidate, Trace) -> BoxFuture<'static, End<R>> + Send>;

/// One race under way, or at rest.
pub(super) struct Race<R> {
    state: RaceState<R>,
    /// For one attempt in flight: attempts that were cancelled for their silence, to be tried again when nothing else
    /// is left.
    again: VecDeque<Again>,
    resolve: Resolve,
    dial: Dial<R>,
    common: Common,
    /// Given to each attempt.
    tor_may_take: Option<Duration>,
    events: EventSender,
    /// Batons that were passed and have not started a lane yet.
    batons: usize,
    /// The reason for what starts now.
    why: StartReason,
    /// A timer fired long after its time: the process stood still meanwhile, and so did its connections.
    pub(super) slept: Duration,
    /// The time between the end of the race and its settling, in which nothing was polled.
    unwatched: Duration,
    pub(super) won: Option<Won<R>>,
    pub(super) refuted: Vec<(Won<R>, Finding)>,
}

/// A cancelled attempt.
struct Again {
    lane: usize,
    found: Option<ResolvedCandidate>,
    /// It was told to rest, and has not had its full time.
    rested: bool,
}

impl<R> Race<R> {
    pub(super) fn new(plan: Plan, resolve: Resolve, dial: Dial<R>) -> Self {
        // The caller starts Tor beside the race.
        let Plan { routes, replay, credentials, budget, tls, hop, warms_tor: _, tor_may_take, events } = plan;
        let now = Instant::now();
        let state = RaceState {
            lanes: routes.into_iter().map(|(route, hedge)| Lane::new(route, hedge)).collect(),
            entries: Vec::new(),
            replay,
            alone: credentials || replay == Replay::Once,
            budget: budget.min(LONGEST_WAIT),
            closed: false,
            started: now,
            now,
        };
        Self {
            state,
            again: VecDeque::new(),
            resolve,
            dial,
            common: Common { started: now, hop, tls, credentials },
            tor_may_take,
            events,
            batons: 0,
            why: StartReason::First,
            slept: Duration::ZERO,
            unwatched: Duration::ZERO,
            won: None,
            refuted: Vec::new(),
        }
    }

    /// Runs until the race ends or is interrupted; returns whether it was interrupted.
    pub(super) async fn run(&mut self, interrupt: impl Future<Output = ()>) -> bool {
        let interrupted = tokio::select! {
            // An interrupt comes first: a race that must end at once sends nothing more.
            biased;
            () = interrupt => {
                self.state.now = Instant::now();
                true
            }
            () = self.go() => false,
        };
        self.state.closed = true;
        // Nothing is under way on lanes that wait for another's address, and nothing will be.
        self.state
            .lanes
            .iter()
            .filter_map(Lane::held)
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|held| self.give_up(held));
        self.state.entries.iter().filter(|entry| entry.is_working()).for_each(|entry| entry.trace.rests());
        self.send_end_of_race();
        interrupted
    }

    /// `losers`: waits until the last loser has ended too, and not only the last lookup.
    pub(super) async fn settle(&mut self, silence: Duration, losers: bool) {
        self.state.closed = true;
        self.unwatched = Instant::now().saturating_duration_since(self.state.now);
        loop {
            let enough = |started: Instant| started + silence + self.unwatched;
            let working =
                self.state.entries.iter().filter(|entry| losers && entry.is_working()).map(|entry| entry.started);
            let looking = self.state.lanes.iter().filter_map(|lane| lane.lookup.as_ref().map(|(started, _)| *started));
            let Some(wake) = working.chain(looking).map(enough).min() else { break };
            self.listen(wake).await;
            for lane in &mut self.state.lanes {
                lane.lookup.take_if(|(started, _)| *started + silence + self.unwatched <= self.state.now);
            }
            for index in 0..self.state.entries.len() {
                if self.state.entries[index].started + silence + self.unwatched <= self.state.now {
                    self.give_up(index);
                }
            }
        }
    }

    pub(super) fn attempts(&self) -> Vec<Attempt> {
        let mut attempts: Vec<Attempt> = self
            .state
            .entries
            .iter()
            .map(|entry| entry.evidence(&self.state.lanes[entry.lane].route, &self.common, self.state.now))
            .collect();
        attempts.sort_by_key(|attempt| attempt.started);
        attempts
    }

    async fn go(&mut self) {
        self.start_next_lane();
        loop {
            self.turn();
            let silent_until = self.state.gives_up();
            if self.won.is_some() || !self.slept.is_zero() || self.state.now >= silent_until || self.state.is_idle() {
                break;
            }
            let moves = self.state.entries.iter().filter_map(|entry| self.state.moves(entry));
            let wake = moves.chain(self.baton_waits()).fold(silent_until, Instant::min);
            self.listen(wake).await;
        }
    }

    /// Does what is due: lanes that waited for another lane's attempt, and the hedges of silent attempts.
    fn turn(&mut self) {
        if !self.state.closed {
            self.go_on();
            self.take_batons();
        }
        for index in 0..self.state.entries.len() {
            if self.state.moves(&self.state.entries[index]).is_none_or(|due| due > self.state.now) {
                continue;
            }
            let lane = self.state.entries[index].lane;
            self.why = StartReason::Silence;
            if self.state.alone {
                let entry = &self.state.entries[index];
                let (found, rested) = (entry.found(), entry.rests());
                self.give_up(index);
                self.again.push_back(Again { lane, found, rested });
                self.start_alone(None);
                continue;
            }
            let entry = &mut self.state.entries[index];
            let (since, hedge) = (entry.silent_since(), self.state.lanes[lane].hedge);
            if !entry.hedged && entry.dialled.is_some_and(|at| at.max(since) + hedge <= self.state.now) {
                entry.hedged = true;
                self.start_next_candidate(lane);
            }
            if self.state.baton_due(&self.state.entries[index]).is_some_and(|due| due <= self.state.now) {
                self.pass_baton(lane);
            }
        }
        self.overtake();
        self.state.hurry(!self.again.is_empty());
    }

    /// Starts the next lane beside a slow body, unless another body comes that does not drip: two loads share the
    /// uplink, and if that is the bottleneck, a third would only slow them down.
    fn overtake(&mut self) {
        if self.state.closed || self.state.alone {
            return;
        }
        let comes = |entry: &Entry<R>| entry.is_working() && entry.trace.has_begun();
        for index in 0..self.state.entries.len() {
            let slow = &self.state.entries[index];
            let others =
                self.state.entries.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other);
            if comes(slow)
                && slow.slow.is_some()
                && !others.into_iter().any(|o| comes(o) && o.slow != Some(Slow::Drips))
            {
                self.why = StartReason::Slow;
                self.pass_baton(self.state.entries[index].lane);
            }
        }
    }

    /// Starts candidates that were left to other lanes' attempts, once those have ended.
    fn go_on(&mut self) {
        for number in 0..self.state.lanes.len() {
            if let Some(index) = self.state.lanes[number].resolving {
                if let Some(found) = self.state.next_candidate(number) {
                    self.state.lanes[number].resolving = None;
                    self.dial(index, found);
                }
            } else if self.state.lanes[number].owed && !self.state.alone {
                self.state.lanes[number].owed = false;
                self.start_next_candidate(number);
            }
        }
    }

    /// Waits until an attempt ends, or until `wake`. One timer serves the race and those of its attempts that have none
    /// of their own ([`Trace::wakes`]).
    async fn listen(&mut self, wake: Instant) {
        let mut timer = pin!(sleep_until(wake));
        poll_fn(|cx| {
            loop {
                let mut moved = false;
                for lane in 0..self.state.lanes.len() {
                    moved |= self.poll_lookup(lane, cx);
                }
                for index in 0..self.state.entries.len() {
                    moved |= self.poll(index, cx);
                    if self.won.is_some() {
                        break;
                    }
                }
                if moved {
                    return Poll::Ready(());
                }
                let working = self.state.entries.iter().filter(|entry| entry.is_working());
                let due = working.filter_map(|entry| entry.trace.wake()).fold(wake, Instant::min);
                if timer.deadline() != due {
                    timer.as_mut().reset(due);
                }
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let late = Instant::now().saturating_duration_since(due);
                if due == wake || late > STOOD_STILL {
                    return Poll::Ready(());
                }
                // Attempts that are due set anew when they want to be polled next.
                self.state
                    .entries
                    .iter()
                    .filter(|entry| entry.trace.wake() <= Some(due))
                    .for_each(|entry| entry.trace.wakes(None));
            }
        })
        .await;
        self.state.now = Instant::now();
        let late = self.state.now.saturating_duration_since(timer.deadline());
        if late > STOOD_STILL {
            self.slept += late;
        }
    }

    /// Polls a lane's lookup. `true`: it found something, or ended.
    fn poll_lookup(&mut self, number: usize, cx: &mut Context<'_>) -> bool {
        let Some(Looked { news, ended }) = self.state.lanes[number].poll(cx) else { return false };
        let is_over = ended.is_some();
        if let Some(index) = self.state.lanes[number].resolving {
            if let Some(found) = self.state.next_candidate(number) {
                self.state.lanes[number].resolving = None;
                self.dial(index, found);
            } else if !self.state.lanes[number].candidates.is_empty() {
                self.state.entries[index].trace.waits(Some(Wait::Twin));
            } else if let Some(result) = ended {
                self.state.lanes[number].resolving = None;
                let failure = result.err().unwrap_or_else(|| Failure::new(Stage::Dns, Cause::NoAddress));
                self.ended(index, End::Failed(failure));
                return true;
            }
        } else if news && self.state.lanes[number].owed && !self.state.closed {
            let owed = if self.state.alone { 0..self.state.lanes.len() } else { number..number + 1 };
            self.state.lanes[owed].iter_mut().for_each(|lane| lane.owed = false);
            self.start_next_candidate(number);
        }
        news || is_over
    }

    /// Polls one attempt. `true`: it ended, or the others may have to act.
    fn poll(&mut self, index: usize, cx: &mut Context<'_>) -> bool {
        match self.state.entries[index].poll(cx) {
            Polled::Same => false,
            Polled::Changed => true,
            Polled::Ended(end) => {
                self.ended(index, end);
                true
            }
        }
    }

    fn ended(&mut self, index: usize, end: End<R>) {
        let now = Instant::now();
        let entry = &mut self.state.entries[index];
        entry.work = Work::Done;
        let lane = entry.lane;
        let (stage, proved_name) = entry.trace.read(|seen| (seen.stage, seen.proved_name));
        let won = |reply, candidate: &Option<Candidate>| candidate.clone().map(|candidate| Won { reply, candidate });
        match end {
            End::Proven(reply, page) => {
                entry.page = page;
                entry.ended = Some((now, Outcome::Proven));
                self.send_end(&self.state.entries[index]);
                if !self.state.closed {
                    self.won = won(reply, &self.state.entries[index].candidate);
                }
            }
            End::Refuted(reply, finding) => {
                entry.ended = Some((now, Outcome::Refuted(finding.clone())));
                self.send_end(&self.state.entries[index]);
                if self.state.closed {
                    return;
                }
                self.refuted.extend(won(reply, &self.state.entries[index].candidate).map(|won| (won, finding)));
                if proved_name {
                    // The host itself answered: its other addresses would say the same, and count it as another
                    // request.
                    self.state.lanes[lane].candidates.close();
                }
                self.move_on(lane, Stage::Progress, false);
            }
            End::Failed(failure) => {
                let reached = failure.stage.max(stage);
                let no_ipv6 = failure.stage == Stage::Tcp
                    && failure.cause == Cause::Unreachable
                    && entry
                        .candidate
                        .as_ref()
                        .and_then(|candidate| candidate.address)
                        .is_some_and(|address| address.is_ipv6())
                    && self.state.lanes[lane]
                        .candidates
                        .any(|candidate| candidate.address.is_some_and(|address| address.is_ipv4()));
                // The app sleeps: no other route may be opened for what Tor was to carry.
                self.state.closed |= failure.is_the_apps();
                entry.ended = Some((now, Outcome::Failed(failure)));
                self.send_end(&self.state.entries[index]);
                self.move_on(lane, reached, no_ipv6);
            }
        }
    }

    /// Ends an attempt that is still under way; the stage that it reached stays as evidence.
    fn give_up(&mut self, index: usize) {
        let entry = &mut self.state.entries[index];
        if entry.is_working() {
            entry.work = Work::Done;
            let lane = &mut self.state.lanes[entry.lane];
            if lane.resolving.take_if(|resolving| *resolving == index).is_some() {
                lane.lookup = None;
            }
            let listened = self.state.now.checked_sub(self.unwatched).unwrap_or(entry.started);
            entry.ended = Some((listened, Outcome::Pending));
            self.send_end(&self.state.entries[index]);
        }
    }

    /// Sends which attempt won, and which were left waiting.
    fn send_end_of_race(&self) {
        let winner = self.state.entries.iter().find(|entry| matches!(entry.ended, Some((_, Outcome::Proven))));
        if let Some((entry, attempt)) = winner.filter(|entry| entry.is_observed).map(|entry| (entry, entry.id)) {
            self.events.send(|| EngineEventKind::Won {
                attempt,
                strategy: self.state.lanes[entry.lane].route.strategy.clone(),
                took: self.state.now.saturating_duration_since(self.state.started),
            });
        }
        for entry in self.state.entries.iter().filter(|entry| entry.is_working()) {
            self.send_end(entry);
        }
    }

    fn send_end(&self, entry: &Entry<R>) {
        if !entry.is_observed {
            return;
        }
        self.events.send(|| {
            let Attempt { id: attempt, stage, outcome, took, .. } =
                entry.evidence(&self.state.lanes[entry.lane].route, &self.common, self.state.now);
            EngineEventKind::Ended { attempt, stage, outcome, took }
        });
    }
}

/// On a busy phone a timer is late by milliseconds. A timer that is this late was frozen with the process, and the
/// peers of its connections are gone.
const STOOD_STILL: Duration = Duration::from_secs(5);
