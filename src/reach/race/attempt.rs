//! One attempt of a race: a candidate under way, and what is known about it.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::reach::{Attempt, AttemptId, Finding, Outcome, PageDigest};
use crate::transport::{Candidate, Cause, Failure, ResolvedCandidate, Route, Slow, Stage, Trace, TraceSnapshot, Wait};

/// How one candidate ended.
pub(super) enum End<R> {
    Proven(R, Option<Box<PageDigest>>),
    Refuted(R, Finding),
    Failed(Failure),
}

/// An answer and its origin.
#[derive(Debug)]
pub struct Won<R> {
    /// The answer as far as the judge needed it.
    pub reply: R,
    /// The candidate that brought it.
    pub candidate: Candidate,
}

pub(super) struct Entry<R> {
    pub(super) lane: usize,
    pub(super) candidate: Option<Candidate>,
    pub(super) id: AttemptId,
    /// There was a listener when it began.
    pub(super) is_observed: bool,
    pub(super) trace: Trace,
    pub(super) started: Instant,
    pub(super) dialled: Option<Instant>,
    /// Its silence has started the lane's next candidate.
    pub(super) hedged: bool,
    /// What it waited for at the last poll.
    pub(super) waits: Option<Wait>,
    /// The time of admission, if it had to wait for its turn.
    pub(super) let_go: Option<Instant>,
    /// How slowly its body came at the last poll.
    pub(super) slow: Option<Slow>,
    /// When a way to an onion service was there, at the last poll.
    pub(super) circuit_made: Option<Instant>,
    pub(super) work: Work<R>,
    /// When and how it ended; cancelled while silent is [`Outcome::Pending`].
    pub(super) ended: Option<(Instant, Outcome)>,
    /// The features of what it read.
    pub(super) page: Option<Box<PageDigest>>,
}

/// What all attempts of a race share.
pub(super) struct Common {
    /// The start of the race.
    pub(super) started: Instant,
    pub(super) hop: u32,
    pub(super) tls: bool,
    pub(super) credentials: bool,
}

pub(super) enum Work<R> {
    /// Its lane is looking for the first candidate.
    Resolving,
    Dialling(BoxFuture<'static, End<R>>),
    Done,
}

impl<R> Entry<R> {
    pub(super) fn new(lane: usize, work: Work<R>, (id, trace, is_observed): (AttemptId, Trace, bool)) -> Self {
        Self {
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
            circuit_made: None,
            work,
            ended: None,
            page: None,
        }
    }

    pub(super) fn dial(&mut self, candidate: Candidate, dialling: BoxFuture<'static, End<R>>) {
        self.dialled = Some(Instant::now());
        self.work = Work::Dialling(dialling);
        self.candidate = Some(candidate);
    }

    /// Polls it. What it waits for, and how slowly its body comes, decide when the others continue, and a way to an onion
    /// service when the race is given up.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Polled<R> {
        let Work::Dialling(dialling) = &mut self.work else { return Polled::Same };
        if let Poll::Ready(end) = dialling.as_mut().poll(cx) {
            return Polled::Ended(end);
        }
        let now = self.trace.read(|seen| (seen.waiting.map(|(_, wait)| wait), seen.slow, seen.circuit_made));
        let before = (self.waits, self.slow, self.circuit_made);
        if before.0.is_some() && now.0.is_none() {
            self.let_go = Some(Instant::now());
        }
        (self.waits, self.slow, self.circuit_made) = now;
        if now == before { Polled::Same } else { Polled::Changed }
    }

    pub(super) fn is_working(&self) -> bool {
        !matches!(self.work, Work::Done)
    }

    /// Whether it is silent, and the silence is its own.
    pub(super) fn is_silent(&self) -> bool {
        let says_nothing = |seen: &TraceSnapshot| {
            let patient = seen.waiting.is_some_and(|(_, wait)| wait.is_patient());
            seen.first_byte.is_none() && !patient
        };
        self.is_working() && self.trace.read(says_nothing)
    }

    /// The time from which its silence counts.
    pub(super) fn silent_since(&self) -> Instant {
        self.trace.read(|seen| seen.let_in).map_or(self.started, |at| at.max(self.started))
    }

    /// Whether it lets its first hop rest, because that hop swallows handshakes.
    pub(super) fn rests(&self) -> bool {
        self.trace.waiting() == Some(Wait::Rest)
    }

    /// Whether it does nothing that could end soon: its hop rests, or another lane is dialling for it.
    pub(super) fn idles(&self) -> bool {
        matches!(self.trace.waiting(), Some(Wait::Rest | Wait::Twin))
    }

    /// Whether nothing was dialled for it yet, only because it waits for its turn.
    pub(super) fn waits_for_its_turn(&self) -> bool {
        self.is_working() && self.trace.waiting().is_some_and(|wait| !matches!(wait, Wait::Twin | Wait::StalledTor))
    }

    /// The stage at which this attempt is stuck, if it is: it failed there, or has been silent or slow there for so
    /// long that another one starts.
    pub(super) fn stuck(&self, hedge: Duration, now: Instant) -> Option<Stage> {
        match &self.ended {
            Some((_, Outcome::Proven)) => None,
            // Our own limits and rules, and faults of this device, say nothing about the route.
            Some((
                _,
                Outcome::Failed(Failure { cause: Cause::Limit { .. } | Cause::Forbidden { .. } | Cause::Io, .. }),
            )) => None,
            Some((_, Outcome::Failed(failure))) => Some(failure.stage),
            Some((_, Outcome::Refuted(_))) => Some(Stage::Progress),
            Some((_, Outcome::Pending | Outcome::Interrupted | Outcome::Overtaken | Outcome::Raised)) => {
                Some(self.trace.seen().stage)
            }
            // Its hop swallows handshakes.
            None if self.rests() => Some(Stage::Tcp),
            // The attempt that it waits for is stuck or not by itself.
            None if self.trace.waiting().is_some() => None,
            None if self.slow.is_some() => Some(Stage::Progress),
            None if self.is_silent() && self.silent_since() + hedge <= now => Some(self.trace.seen().stage),
            None => None,
        }
    }

    /// What happened on it so far.
    pub(super) fn evidence(&self, route: &Route, common: &Common, now: Instant) -> Attempt {
        let seen = self.trace.seen();
        let (end, outcome) = self.ended.clone().unwrap_or((now, Outcome::Pending));
        // An attempt that waits for admission is not polled. It begins when it is admitted, and one that was never
        // admitted has not been silent.
        let started = self.started + seen.waited;
        let end = seen.waiting.map_or(end, |(since, _)| since.min(end));
        Attempt {
            id: self.id,
            strategy: route.strategy.clone(),
            destination: route.destination.clone(),
            hop: common.hop,
            address: seen.address.or_else(|| Some(self.candidate.as_ref()?.address?.ip())),
            answers: seen.answers,
            lookups: seen.lookups,
            stage: if let Outcome::Failed(failure) = &outcome { failure.stage } else { seen.stage },
            entered: seen.entered,
            outcome,
            started: started.saturating_duration_since(common.started),
            took: end.saturating_duration_since(started),
            first_byte: seen.first_byte.map(|at| at.saturating_duration_since(started)),
            bytes: seen.bytes,
            proved_name: seen.proved_name,
            tls: common.tls,
            credentials: common.credentials,
            reused: seen.reused,
            pinned: seen.pinned,
            ech: seen.ech,
            clock_ahead: seen.clock_ahead,
            page: self.page.as_deref().cloned(),
            tor_start: seen.tor_start,
            mute: seen.mute,
            asked_tor_again: seen.asked_tor_again,
        }
    }

    /// The candidate that it was dialling, to be tried again.
    pub(super) fn found(&self) -> Option<ResolvedCandidate> {
        let candidate = self.candidate.clone()?;
        Some(ResolvedCandidate { candidate, answers: self.trace.seen().answers })
    }
}

/// The result of one poll of an attempt.
pub(super) enum Polled<R> {
    Same,
    /// It now waits for something else, or its body has become slow or is no longer slow.
    Changed,
    Ended(End<R>),
}
