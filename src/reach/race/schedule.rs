//! The scheduler of a race: which lane, which candidate, and when. It knows no exchange and no judge, only what they answer.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until};

use super::Won;
use super::remedy::may_help;
use crate::reach::revealed::Revealed;
use crate::reach::{
    Attempt, AttemptId, BUDGET, EngineEventKind, EventSender, Finding, LONGEST_WAIT, Outcome, PageDigest, Plan, Replay,
    StartReason,
};
use crate::transport::{
    Candidate, Candidates, Cause, Failure, Rank, ResolvedCandidate, Route, Seen, Slow, Stage, Strategy, Trace, Wait,
};

/// How one candidate ended.
pub(super) enum End<R> {
    Proven(R, Option<Box<PageDigest>>),
    Refuted(R, Finding),
    Failed(Failure),
}

pub(super) type Lookup = BoxFuture<'static, Result<(), Failure>>;
pub(super) type Resolve = Box<dyn Fn(Route, Trace, Candidates) -> Lookup + Send>;
pub(super) type Dial<R> = Box<dyn Fn(Candidate, Trace) -> BoxFuture<'static, End<R>> + Send>;

/// One race under way, or at rest.
pub(super) struct Race<R> {
    lanes: Vec<Lane>,
    /// Every attempt, by its start.
    entries: Vec<Entry<R>>,
    /// One attempt in flight: attempts that were given up for their silence, to be tried again when nothing else is left.
    again: VecDeque<Again>,
    resolve: Resolve,
    dial: Dial<R>,
    replay: Replay,
    alone: bool,
    credentials: bool,
    budget: Duration,
    tls: bool,
    hop: u32,
    events: EventSender,
    /// Batons that were passed and have started no lane yet.
    batons: usize,
    /// Why what starts now does.
    why: StartReason,
    /// No new attempt may start.
    closed: bool,
    started: Instant,
    /// When the attempts were listened to last.
    now: Instant,
    /// A timer rang long after its time: the process stood still meanwhile, and so did its connections.
    pub(super) slept: Duration,
    /// For how long nobody listened, between the end of the race and its settling.
    unwatched: Duration,
    pub(super) won: Option<Won<R>>,
    pub(super) refuted: Vec<(Won<R>, Finding)>,
}

/// An attempt that was given up.
struct Again {
    lane: usize,
    found: Option<ResolvedCandidate>,
    /// It was told to rest, and has not been heard out.
    rested: bool,
}

struct Lane {
    route: Route,
    hedge: Duration,
    /// Candidates that were not started yet; the lookup adds to them.
    candidates: Candidates,
    /// What still looks for more, and since when.
    lookup: Option<(Instant, Lookup)>,
    /// How many candidates were known when somebody looked last.
    known: usize,
    /// The attempt that waits for the first candidate.
    resolving: Option<usize>,
    /// A candidate would have been started, had there been one: the next that is found is, at once.
    owed: bool,
    started: bool,
    passed: bool,
}

impl Lane {
    /// The attempt that knows where to dial, and waits because another one is dialling there.
    fn held(&self) -> Option<usize> {
        self.resolving.filter(|_| self.lookup.is_none())
    }

    /// It may have a candidate later: one that is found, or one that another lane is dialling now.
    fn is_looking(&self) -> bool {
        self.lookup.is_some() || !self.candidates.is_empty()
    }
}

struct Entry<R> {
    lane: usize,
    candidate: Option<Candidate>,
    id: AttemptId,
    /// There was a listener when it began.
    is_observed: bool,
    trace: Trace,
    started: Instant,
    dialled: Option<Instant>,
    /// Its silence has started the lane's next candidate.
    hedged: bool,
    /// What it waited for when it was polled last.
    waits: Option<Wait>,
    /// When it was let go, if it had to wait for its turn.
    let_go: Option<Instant>,
    /// How slowly its body came when it was polled last.
    slow: Option<Slow>,
    work: Work<R>,
    /// When and how it ended; given up while silent is [`Outcome::Pending`].
    ended: Option<(Instant, Outcome)>,
    /// The features of what it read.
    page: Option<Box<PageDigest>>,
}

enum Work<R> {
    /// Its lane looks for the first candidate.
    Resolving,
    Dialling(BoxFuture<'static, End<R>>),
    Done,
}

impl<R> Entry<R> {
    fn is_working(&self) -> bool {
        !matches!(self.work, Work::Done)
    }

    /// It says nothing, and it is its own silence.
    fn is_silent(&self) -> bool {
        let says_nothing = |seen: &Seen| {
            let patient = seen.waiting.is_some_and(|(_, wait)| wait.is_patient());
            seen.first_byte.is_none() && !patient
        };
        self.is_working() && self.trace.read(says_nothing)
    }

    /// Since when its silence counts.
    fn silent_since(&self) -> Instant {
        self.trace.read(|seen| seen.let_in).map_or(self.started, |at| at.max(self.started))
    }

    /// Its first hop swallows handshakes, so it leaves that hop alone.
    fn rests(&self) -> bool {
        self.trace.waiting() == Some(Wait::Rest)
    }

    /// It does nothing that could end soon: its hop is left alone, or another lane is dialling for it.
    fn idles(&self) -> bool {
        matches!(self.trace.waiting(), Some(Wait::Rest | Wait::Twin))
    }

    /// Nothing was dialled for it yet, and that only because it waits for its turn.
    fn waits_for_its_turn(&self) -> bool {
        self.is_working() && self.trace.waiting().is_some_and(|wait| wait != Wait::Twin)
    }
}

impl<R> Race<R> {
    pub(super) fn new(plan: Plan, resolve: Resolve, dial: Dial<R>) -> Self {
        let Plan { routes, replay, credentials, budget, tls, hop, events } = plan;
        let now = Instant::now();
        let lane = |(route, hedge): (Route, Duration)| Lane {
            route,
            hedge: hedge.min(LONGEST_WAIT),
            candidates: Candidates::new(),
            lookup: None,
            known: 0,
            resolving: None,
            owed: false,
            started: false,
            passed: false,
        };
        Self {
            lanes: routes.into_iter().map(lane).collect(),
            entries: Vec::new(),
            again: VecDeque::new(),
            resolve,
            dial,
            replay,
            alone: credentials || replay == Replay::Once,
            credentials,
            budget: budget.min(LONGEST_WAIT),
            tls,
            hop,
            events,
            batons: 0,
            why: StartReason::First,
            closed: false,
            started: now,
            now,
            slept: Duration::ZERO,
            unwatched: Duration::ZERO,
            won: None,
            refuted: Vec::new(),
        }
    }

    /// Until it ends or is interrupted; answers whether it was.
    pub(super) async fn run(&mut self, interrupt: impl Future<Output = ()>) -> bool {
        let interrupted = tokio::select! {
            // An interrupt comes first: what has to end at once sends nothing more.
            biased;
            () = interrupt => true,
            () = self.go() => false,
        };
        self.closed = true;
        // Nothing is under way on those that wait for another's address, and nothing will be.
        self.lanes.iter().filter_map(Lane::held).collect::<Vec<_>>().into_iter().for_each(|held| self.give_up(held));
        self.entries.iter().filter(|entry| entry.is_working()).for_each(|entry| entry.trace.rests());
        self.send_end_of_race();
        interrupted
    }

    async fn go(&mut self) {
        self.start_next_lane();
        loop {
            self.turn();
            let silent_until = self.gives_up();
            let idle =
                !self.entries.iter().any(Entry::is_working) && !self.lanes.iter().any(|lane| lane.lookup.is_some());
            if self.won.is_some() || !self.slept.is_zero() || self.now >= silent_until || idle {
                break;
            }
            let moves = self.entries.iter().filter_map(|entry| self.moves(entry));
            let wake = moves.chain(self.baton_waits()).fold(silent_until, Instant::min);
            self.listen(wake).await;
        }
    }

    /// `losers`: until the last of them has ended too, and not only the last lookup.
    pub(super) async fn settle(&mut self, silence: Duration, losers: bool) {
        self.closed = true;
        self.unwatched = Instant::now().saturating_duration_since(self.now);
        loop {
            let enough = |started: Instant| started + silence + self.unwatched;
            let working = self.entries.iter().filter(|entry| losers && entry.is_working()).map(|entry| entry.started);
            let looking = self.lanes.iter().filter_map(|lane| lane.lookup.as_ref().map(|(started, _)| *started));
            let Some(wake) = working.chain(looking).map(enough).min() else { break };
            self.listen(wake).await;
            for lane in &mut self.lanes {
                lane.lookup.take_if(|(started, _)| *started + silence + self.unwatched <= self.now);
            }
            for index in 0..self.entries.len() {
                if self.entries[index].started + silence + self.unwatched <= self.now {
                    self.give_up(index);
                }
            }
        }
    }

    /// Who won, and who was left waiting.
    fn send_end_of_race(&self) {
        let winner = self.entries.iter().find(|entry| matches!(entry.ended, Some((_, Outcome::Proven))));
        if let Some((entry, attempt)) = winner.filter(|entry| entry.is_observed).map(|entry| (entry, entry.id)) {
            self.events.send(|| EngineEventKind::Won {
                attempt,
                strategy: self.lanes[entry.lane].route.strategy.clone(),
                took: self.now.saturating_duration_since(self.started),
            });
        }
        for entry in self.entries.iter().filter(|entry| entry.is_working()) {
            self.send_end(entry);
        }
    }

    fn send_end(&self, entry: &Entry<R>) {
        if !entry.is_observed {
            return;
        }
        self.events.send(|| {
            let Attempt { id: attempt, stage, outcome, took, .. } = self.attempt(entry);
            EngineEventKind::Ended { attempt, stage, outcome, took }
        });
    }

    /// Waits until an attempt ends, or until `wake`. One timer serves the race and those of its attempts that keep none of
    /// their own ([`Trace::wakes`]).
    async fn listen(&mut self, wake: Instant) {
        let mut timer = pin!(sleep_until(wake));
        poll_fn(|cx| {
            loop {
                let mut moved = false;
                for lane in 0..self.lanes.len() {
                    moved |= self.poll_lookup(lane, cx);
                }
                for index in 0..self.entries.len() {
                    moved |= self.poll(index, cx);
                    if self.won.is_some() {
                        break;
                    }
                }
                if moved {
                    return Poll::Ready(());
                }
                let working = self.entries.iter().filter(|entry| entry.is_working());
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
                // Those that are due say anew when they want to be polled next.
                self.entries
                    .iter()
                    .filter(|entry| entry.trace.wake() <= Some(due))
                    .for_each(|entry| entry.trace.wakes(None));
            }
        })
        .await;
        self.now = Instant::now();
        let late = self.now.saturating_duration_since(timer.deadline());
        if late > STOOD_STILL {
            self.slept += late;
        }
    }

    /// Polls a lane's lookup. `true`: it found something, or ended.
    fn poll_lookup(&mut self, number: usize, cx: &mut Context<'_>) -> bool {
        let lane = &mut self.lanes[number];
        let Some((_, lookup)) = &mut lane.lookup else { return false };
        let ended = match lookup.as_mut().poll(cx) {
            Poll::Pending => None,
            Poll::Ready(result) => {
                lane.lookup = None;
                Some(result)
            }
        };
        let news = lane.candidates.known() > std::mem::replace(&mut lane.known, lane.candidates.known());
        if let Some(index) = lane.resolving {
            if let Some(found) = self.next_candidate(number) {
                self.lanes[number].resolving = None;
                self.dial(index, found);
            } else if !self.lanes[number].candidates.is_empty() {
                self.entries[index].trace.waits(Some(Wait::Twin));
            } else if let Some(result) = ended {
                self.lanes[number].resolving = None;
                let failure = result.err().unwrap_or_else(|| Failure::new(Stage::Dns, Cause::NoAddress));
                self.ended(index, End::Failed(failure));
                return true;
            }
        } else if news && lane.owed && !self.closed {
            let owed = if self.alone { 0..self.lanes.len() } else { number..number + 1 };
            self.lanes[owed].iter_mut().for_each(|lane| lane.owed = false);
            self.start_next_candidate(number);
        }
        news || ended.is_some()
    }

    /// Polls one attempt. `true`: it ended, waits for something else than before, or comes slowly since now or no longer.
    fn poll(&mut self, index: usize, cx: &mut Context<'_>) -> bool {
        let entry = &mut self.entries[index];
        match &mut entry.work {
            Work::Resolving | Work::Done => false,
            Work::Dialling(dialling) => match dialling.as_mut().poll(cx) {
                // What it waits for decides when the others go on.
                Poll::Pending => {
                    let now = (entry.trace.waiting(), entry.trace.slow());
                    let before = (entry.waits, entry.slow);
                    if before.0.is_some() && now.0.is_none() {
                        entry.let_go = Some(Instant::now());
                    }
                    (entry.waits, entry.slow) = now;
                    now != before
                }
                Poll::Ready(end) => {
                    self.ended(index, end);
                    true
                }
            },
        }
    }

    /// The lane's next candidate. Two resolvers often give the same addresses: those that nobody tried yet come first. Before
    /// them comes an address where an encrypted ClientHello was sent and not answered, without it (N8). What another lane
    /// is dialling in the same manner is left to it while it does: it would learn nothing, and take the turn of an address
    /// that nobody tried where so many handshakes go to one prefix and no more.
    fn next_candidate(&mut self, lane: usize) -> Option<ResolvedCandidate> {
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

    fn ended(&mut self, index: usize, end: End<R>) {
        let now = Instant::now();
        let entry = &mut self.entries[index];
        entry.work = Work::Done;
        let lane = entry.lane;
        let (stage, proved_name) = entry.trace.read(|seen| (seen.stage, seen.proved_name));
        let won = |reply, candidate: &Option<Candidate>| candidate.clone().map(|candidate| Won { reply, candidate });
        match end {
            End::Proven(reply, page) => {
                entry.page = page;
                entry.ended = Some((now, Outcome::Proven));
                self.send_end(&self.entries[index]);
                if !self.closed {
                    self.won = won(reply, &self.entries[index].candidate);
                }
            }
            End::Refuted(reply, finding) => {
                entry.ended = Some((now, Outcome::Refuted(finding.clone())));
                self.send_end(&self.entries[index]);
                if self.closed {
                    return;
                }
                self.refuted.extend(won(reply, &self.entries[index].candidate).map(|won| (won, finding)));
                if proved_name {
                    // The host itself spoke: its other addresses would say the same, and count it as another request.
                    self.lanes[lane].candidates.close();
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
                    && self.lanes[lane]
                        .candidates
                        .any(|candidate| candidate.address.is_some_and(|address| address.is_ipv4()));
                entry.ended = Some((now, Outcome::Failed(failure)));
                self.send_end(&self.entries[index]);
                self.move_on(lane, reached, no_ipv6);
            }
        }
    }

    /// An attempt of `lane` ended at stage `reached` without the answer: what starts in its place.
    fn move_on(&mut self, lane: usize, reached: Stage, no_ipv6: bool) {
        if self.replay == Replay::Once && reached >= Stage::FirstByte {
            self.closed = true;
        }
        if self.closed {
            return;
        }
        self.why = StartReason::Failure;
        if self.alone {
            // An address that cannot be connected to says nothing about the route: its next address is nearer than
            // another country. Anything later does.
            return self.start_alone((reached <= Stage::Tcp).then_some(lane));
        }
        self.start_next_candidate(lane);
        // A home without IPv6 is no reason to call the proxy: the IPv4 address has its hedge delay first.
        if !no_ipv6 {
            self.pass_baton(lane);
        }
    }

    /// Does what is due: what waited for another lane's attempt that has ended, and the hedges of silent attempts.
    fn turn(&mut self) {
        if !self.closed {
            self.go_on();
            self.take_batons();
        }
        for index in 0..self.entries.len() {
            if self.moves(&self.entries[index]).is_none_or(|due| due > self.now) {
                continue;
            }
            let lane = self.entries[index].lane;
            self.why = StartReason::Silence;
            if self.alone {
                let entry = &self.entries[index];
                let found = entry
                    .candidate
                    .clone()
                    .map(|candidate| ResolvedCandidate { candidate, answers: entry.trace.seen().answers });
                let rested = entry.rests();
                self.give_up(index);
                self.again.push_back(Again { lane, found, rested });
                self.start_alone(None);
                continue;
            }
            let entry = &mut self.entries[index];
            let (since, hedge) = (entry.silent_since(), self.lanes[lane].hedge);
            if !entry.hedged && entry.dialled.is_some_and(|at| at.max(since) + hedge <= self.now) {
                entry.hedged = true;
                self.start_next_candidate(lane);
            }
            if self.baton_due(&self.entries[index]).is_some_and(|due| due <= self.now) {
                self.pass_baton(lane);
            }
        }
        self.overtake();
        self.hurry();
    }

    /// Starts the next lane beside a body that comes slowly, unless another comes that is no drip: two loads share the
    /// uplink, and where it is what is slow, a third would slow them down for nothing.
    fn overtake(&mut self) {
        if self.closed || self.alone {
            return;
        }
        let comes = |entry: &Entry<R>| entry.is_working() && entry.trace.has_begun();
        for index in 0..self.entries.len() {
            let slow = &self.entries[index];
            let others = self.entries.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other);
            if comes(slow)
                && slow.slow.is_some()
                && !others.into_iter().any(|o| comes(o) && o.slow != Some(Slow::Drips))
            {
                self.why = StartReason::Slow;
                self.pass_baton(self.entries[index].lane);
            }
        }
    }

    /// Starts what was left to other lanes' attempts, where those have ended.
    fn go_on(&mut self) {
        for number in 0..self.lanes.len() {
            if let Some(index) = self.lanes[number].resolving {
                if let Some(found) = self.next_candidate(number) {
                    self.lanes[number].resolving = None;
                    self.dial(index, found);
                }
            } else if self.lanes[number].owed && !self.alone {
                self.lanes[number].owed = false;
                self.start_next_candidate(number);
            }
        }
    }

    /// When the silence of this attempt starts something else, if it may.
    fn moves(&self, entry: &Entry<R>) -> Option<Instant> {
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
            // The last one is waited for: giving it up would gain nothing.
            return (fresh && !(sent && self.replay == Replay::Once))
                .then(|| since + patience(self.alone_silence(since)));
        }
        let baton = self.baton_due(entry);
        let unhedged = entry.dialled.filter(|_| !entry.hedged && !lane.candidates.is_empty());
        let candidate = unhedged.map(|dialled| dialled.max(since) + lane.hedge);
        baton.into_iter().chain(candidate).min()
    }

    /// When the silence of this attempt passes its lane's baton, if it may.
    fn baton_due(&self, entry: &Entry<R>) -> Option<Instant> {
        let lane = &self.lanes[entry.lane];
        let may = !lane.passed && self.lanes.iter().any(|lane| !lane.started);
        let patience = if entry.idles() { Duration::ZERO } else { lane.hedge };
        may.then(|| entry.silent_since() + patience)
    }

    /// Until when lane `next` is held back. It reveals more than a lane whose attempt waits for its turn: to go first would
    /// send the more revealing packet although the other was never tried. Once that one was let go it has its hedge delay,
    /// like any other.
    fn held_back(&self, next: usize) -> Option<Instant> {
        let of = |entry: &Entry<R>| match entry.let_go {
            _ if !self.reveals_more(next, entry.lane) => None,
            _ if entry.waits_for_its_turn() => Some(self.now + BUDGET),
            Some(at) if entry.is_silent() => Some(at + self.lanes[entry.lane].hedge).filter(|until| *until > self.now),
            _ => None,
        };
        self.entries.iter().filter_map(of).max()
    }

    /// When the batons that were passed can start a lane, if any can.
    fn baton_waits(&self) -> Option<Instant> {
        self.next_lane().filter(|_| self.batons > 0 && !self.closed).and_then(|next| self.held_back(next))
    }

    /// Whether somebody sees more by lane `next` than by lane `before`.
    fn reveals_more(&self, next: usize, before: usize) -> bool {
        let by = |lane: usize| Revealed::by(&self.lanes[lane].route.strategy);
        !by(next).is_no_more_than(by(before))
    }

    /// The lane to start next: the first that may help against every attempt that is stuck, else the first.
    fn next_lane(&self) -> Option<usize> {
        let left = |lane: &usize| !self.lanes[*lane].started;
        // A lane got as far as the furthest of its addresses.
        let furthest = |lane: usize| {
            let of_it = self.entries.iter().filter(|entry| entry.lane == lane);
            of_it.filter_map(|entry| self.stuck(entry)).max().map(|stage| (&self.lanes[lane].route.strategy, stage))
        };
        let stuck: Vec<(&Strategy, Stage)> = (0..self.lanes.len()).filter_map(furthest).collect();
        let helps = |lane: &usize| {
            let strategy = &self.lanes[*lane].route.strategy;
            stuck.iter().all(|(stuck, stage)| may_help(strategy, stuck, *stage))
        };
        let lanes = || (0..self.lanes.len()).filter(left);
        lanes().find(helps).or_else(|| lanes().next())
    }

    /// The stage at which this attempt is stuck, if it is: it failed there, or has been silent or slow there for long enough to
    /// start another.
    fn stuck(&self, entry: &Entry<R>) -> Option<Stage> {
        match &entry.ended {
            Some((_, Outcome::Proven)) => None,
            // Our own limits and rules, and faults of this device, say nothing about the route.
            Some((
                _,
                Outcome::Failed(Failure { cause: Cause::Limit { .. } | Cause::Forbidden { .. } | Cause::Io, .. }),
            )) => None,
            Some((_, Outcome::Failed(failure))) => Some(failure.stage),
            Some((_, Outcome::Refuted(_))) => Some(Stage::Progress),
            Some((_, Outcome::Pending | Outcome::Interrupted)) => Some(entry.trace.seen().stage),
            // Its hop swallows.
            None if entry.rests() => Some(Stage::Tcp),
            // What it waits for is stuck, or not, by itself.
            None if entry.trace.waiting().is_some() => None,
            None if entry.slow.is_some() => Some(Stage::Progress),
            None if entry.is_silent() && entry.silent_since() + self.lanes[entry.lane].hedge <= self.now => {
                Some(entry.trace.seen().stage)
            }
            None => None,
        }
    }

    /// For how long the one attempt in flight may be silent that began at `since`: less than usual where those after it
    /// would get no time at all, and never less than half of what is left.
    fn alone_silence(&self, since: Instant) -> Duration {
        let left = self.gives_up().saturating_duration_since(since);
        let others = self.lanes.iter().filter(|lane| !lane.started).count();
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        ALONE_SILENCE.min(left.saturating_sub(ALONE_LEAST.saturating_mul(others)).max(left / 2))
    }

    /// When the race is given up, unless something comes before: the budget after its start, and where something of an
    /// answer has come, a whole budget after its last byte, however little was left when the race began.
    fn gives_up(&self) -> Instant {
        let mut until = self.started + self.budget;
        for entry in &self.entries {
            let seen = |seen: &Seen| (seen.last_progress, seen.let_in, seen.waiting);
            let (last_progress, let_in, waiting) = entry.trace.read(seen);
            let heard = last_progress.map(|at| at + self.budget.max(BUDGET));
            let let_in = let_in.map(|at| at + self.budget);
            until = until.max(heard.max(let_in).unwrap_or(until));
            // Where the device's requests are let in one after another, the silence has not begun.
            if entry.is_working() && waiting.is_some_and(|(_, wait)| wait.is_patient()) {
                until = until.max(self.now + self.budget);
            }
        }
        until
    }

    fn pass_baton(&mut self, lane: usize) {
        if !std::mem::replace(&mut self.lanes[lane].passed, true) {
            self.batons += 1;
            self.take_batons();
        }
    }

    /// Starts a lane for each baton that was passed, as far as none is held back.
    fn take_batons(&mut self) {
        while self.batons > 0 && !self.closed {
            match self.next_lane() {
                Some(next) if self.held_back(next).is_some() => return,
                Some(next) => self.start_lane(next),
                None => {}
            }
            self.batons -= 1;
        }
    }

    fn start_next_lane(&mut self) {
        if let Some(next) = self.next_lane() {
            self.start_lane(next);
        }
    }

    fn start_next_candidate(&mut self, lane: usize) {
        match self.next_candidate(lane) {
            Some(found) => self.start_candidate(lane, found),
            None => self.lanes[lane].owed = self.lanes[lane].is_looking(),
        }
    }

    /// One attempt in flight: the next of `lane` where that is preferred, else the next lane, else an address that is
    /// left, else one that was given up.
    fn start_alone(&mut self, preferred: Option<usize>) {
        let left = |lane: &usize| !self.lanes[*lane].candidates.is_empty();
        if let Some(lane) = preferred.filter(left) {
            self.start_next_candidate(lane);
        } else if self.next_lane().is_some() {
            self.start_next_lane();
        } else if let Some(lane) = (0..self.lanes.len()).find(left) {
            self.start_next_candidate(lane);
        } else if let Some(Again { lane, found, .. }) = self.next_again() {
            match found {
                Some(found) => self.start_candidate(lane, found),
                None => self.start_lane(lane),
            }
        } else {
            self.lanes.iter_mut().for_each(|lane| lane.owed = lane.lookup.is_some());
        }
    }

    /// The next that was given up and is worth another try: in less time than it was silent for it would be silent again.
    fn next_again(&mut self) -> Option<Again> {
        let time = self.gives_up().saturating_duration_since(Instant::now()) >= ALONE_SILENCE;
        self.again.retain(|again| again.rested || time);
        self.again.pop_front()
    }

    fn start_lane(&mut self, lane: usize) {
        let index = self.enter(lane, Work::Resolving, self.why);
        let (route, trace) = (self.lanes[lane].route.clone(), self.entries[index].trace.clone());
        let lookup = (self.resolve)(route, trace, self.lanes[lane].candidates.clone());
        let lane = &mut self.lanes[lane];
        lane.started = true;
        lane.lookup = Some((Instant::now(), lookup));
        lane.resolving = Some(index);
    }

    fn start_candidate(&mut self, lane: usize, found: ResolvedCandidate) {
        if !self.closed {
            let index = self.enter(lane, Work::Done, self.why);
            self.dial(index, found);
        }
    }

    fn dial(&mut self, index: usize, ResolvedCandidate { candidate, mut answers }: ResolvedCandidate) {
        let entry = &mut self.entries[index];
        if answers.is_empty() {
            answers.extend(candidate.address.map(|address| address.ip()));
        }
        entry.trace.waits(None);
        entry.trace.resolved(&answers);
        entry.dialled = Some(Instant::now());
        entry.work = Work::Dialling((self.dial)(candidate.clone(), entry.trace.clone()));
        entry.candidate = Some(candidate);
    }

    /// Tells the attempts what they cannot know of the others: where nothing goes on but some that rest, they
    /// need not; and the last one is not given up for being slow.
    fn hurry(&self) {
        let held = |entry: &Entry<R>| entry.trace.waiting() == Some(Wait::Twin);
        let working: Vec<&Entry<R>> = self.entries.iter().filter(|entry| entry.is_working() && !held(entry)).collect();
        let next = self.next_lane();
        let fresh = next.is_some();
        if let Some(next) = next {
            // The race would reveal more if it went on without them.
            let first = working.iter().filter(|entry| entry.rests() && self.reveals_more(next, entry.lane));
            first.for_each(|entry| entry.trace.hurry());
        }
        if !fresh && working.iter().all(|entry| entry.rests()) {
            working.iter().for_each(|entry| entry.trace.hurry());
        }
        let left = fresh || !self.again.is_empty() || self.lanes.iter().any(Lane::is_looking);
        if let [only] = &working[..] {
            let bound = self.replay == Replay::Once && only.trace.read(|seen| seen.stage) >= Stage::FirstByte;
            only.trace.last(bound || !left);
        }
    }

    /// A new attempt.
    fn enter(&mut self, lane: usize, work: Work<R>, why: StartReason) -> usize {
        let (id, trace, is_observed) = self.events.attempt();
        if is_observed {
            let Route { strategy, destination, .. } = &self.lanes[lane].route;
            self.events.send(|| EngineEventKind::Started {
                attempt: id,
                strategy: strategy.clone(),
                destination: destination.clone(),
                hop: self.hop,
                why,
            });
        }
        self.entries.push(Entry {
            lane,
            candidate: None,
            id,
            is_observed,
            trace,
            started: Instant::now(),
            dialled: None,
            hedged: false,
            waits: None,
            let_go: None,
            slow: None,
            work,
            ended: None,
            page: None,
        });
        self.entries.len() - 1
    }

    /// Ends an attempt that is still under way; what it had reached stays as evidence.
    fn give_up(&mut self, index: usize) {
        let entry = &mut self.entries[index];
        if entry.is_working() {
            entry.work = Work::Done;
            let lane = &mut self.lanes[entry.lane];
            if lane.resolving.take_if(|resolving| *resolving == index).is_some() {
                lane.lookup = None;
            }
            let listened = self.now.checked_sub(self.unwatched).unwrap_or(entry.started);
            entry.ended = Some((listened, Outcome::Pending));
            self.send_end(&self.entries[index]);
        }
    }

    pub(super) fn attempts(&self) -> Vec<Attempt> {
        let mut attempts: Vec<Attempt> = self.entries.iter().map(|entry| self.attempt(entry)).collect();
        attempts.sort_by_key(|attempt| attempt.started);
        attempts
    }

    fn attempt(&self, entry: &Entry<R>) -> Attempt {
        let seen = entry.trace.seen();
        let (end, outcome) = entry.ended.clone().unwrap_or((self.now, Outcome::Pending));
        // Nobody listens to one that waits to be let: it begins when it is, and one that never was has not been silent.
        let started = entry.started + seen.waited;
        let end = seen.waiting.map_or(end, |(since, _)| since.min(end));
        Attempt {
            id: entry.id,
            strategy: self.lanes[entry.lane].route.strategy.clone(),
            destination: self.lanes[entry.lane].route.destination.clone(),
            hop: self.hop,
            address: seen.address.or_else(|| Some(entry.candidate.as_ref()?.address?.ip())),
            answers: seen.answers,
            lookups: seen.lookups,
            stage: if let Outcome::Failed(failure) = &outcome { failure.stage } else { seen.stage },
            entered: seen.entered,
            outcome,
            started: started.saturating_duration_since(self.started),
            took: end.saturating_duration_since(started),
            first_byte: seen.first_byte.map(|at| at.saturating_duration_since(started)),
            bytes: seen.bytes,
            proved_name: seen.proved_name,
            tls: self.tls,
            credentials: self.credentials,
            reused: seen.reused,
            pinned: seen.pinned,
            ech: seen.ech,
            clock_ahead: seen.clock_ahead,
            page: entry.page.as_deref().cloned(),
        }
    }
}

/// When a request that has one attempt in flight leaves a silent one: three lost round trips of a bad mobile network.
/// Longer than a hedge, because nothing goes on behind it.
pub(super) const ALONE_SILENCE: Duration = Duration::from_secs(3);

/// What such a request leaves of the race's time to each route that is still untried: the handshakes of most, with a
/// packet lost.
const ALONE_LEAST: Duration = Duration::from_secs(1);

/// A timer is late by milliseconds on a busy phone. A timer that is late by so much was frozen with the process, and the other
/// sides of its connections have gone.
const STOOD_STILL: Duration = Duration::from_secs(5);
