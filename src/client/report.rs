//! What the latest accesses met: kept in memory only, and redacted unless it is asked for in full.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::{Byway, Reachability};
use crate::fetch::HttpClient;
pub use crate::reach::Action;
use crate::reach::{Attempt, EngineEventKind, EngineEvents, EventSender, Verdict};

/// One access: when, what, and how it went.
///
/// `Display` and `Debug` leave out what was read, by which proxy and at which addresses: they can be shown to a
/// helper.
#[derive(Clone)]
#[non_exhaustive]
pub struct Access {
    /// When it began.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    reachability: Reachability,
}

impl Access {
    /// Everything, with hosts and addresses: for the user's own eyes.
    pub fn in_full(&self) -> &Reachability {
        &self.reachability
    }
}

impl fmt::Display for Access {
    /// `2026-11-22T21:40:21Z open tls_interfered tls.reset.other_vantage by tor+socks5; direct tls reset 152 ms; ...`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, action, reachability } = self;
        let (verdict, by) = (&reachability.verdict, reachability.reached_by.as_ref());
        let by = by.map_or("nothing", |way| way.scheme());
        write!(f, "{at:.0} {} {} {} by {by}", action.code(), verdict.code.code(), verdict.rule)?;
        for attempt in &reachability.attempts {
            let Attempt { strategy, stage, outcome, took, .. } = attempt;
            write!(f, "; {} {} {} {} ms", strategy.scheme(), stage.code(), outcome.code(), took.as_millis())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({self})")
    }
}

/// An access under way: what it does is told, and when it is over it is reported.
pub(super) struct AccessScope<'a> {
    byway: &'a Byway,
    at: Timestamp,
    action: Action,
    events: EventSender,
    /// When it began: see [`Report::session`].
    session: u64,
    over: bool,
}

impl<'a> AccessScope<'a> {
    /// Sets out.
    pub(super) fn new(byway: &'a Byway, action: Action) -> Self {
        let (events, session) = (byway.inner.events.access(action), byway.inner.report.session());
        Self { byway, at: byway.wall(), action, events, session, over: false }
    }

    /// When it began.
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// The engine, which tells of what is done through it.
    pub(super) fn http(&self) -> HttpClient {
        self.byway.inner.http.with_events(self.events.clone())
    }

    /// Tells of what becomes of it later.
    pub(super) fn events(&self) -> EventSender {
        self.events.clone()
    }

    /// It is over.
    pub(super) fn judged(&mut self, reachability: &Reachability) {
        self.over = true;
        send_verdict(&self.events, &reachability.verdict, false);
        if let Some(lasts) = self.byway.inner.dial_backoff.learn(self.byway.inner.net.now(), reachability) {
            self.events.send(|| EngineEventKind::DialsPaused { lasts });
        }
        self.byway.inner.report.add(self.session, self.at, self.action, reachability);
    }

    /// The store answers.
    pub(super) fn kept(&mut self, age: Duration) {
        self.over = true;
        self.events.send(|| EngineEventKind::AnsweredFromStore { age });
    }
}

impl Drop for AccessScope<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.events.send(|| EngineEventKind::Abandoned);
        }
    }
}

/// What an access means; `again`: after all.
pub(super) fn send_verdict(events: &EventSender, verdict: &Verdict, again: bool) {
    let (code, layer, rule) = (verdict.code, verdict.layer, verdict.rule);
    events.send(|| EngineEventKind::Judged { code, layer, rule, again });
}

/// The latest accesses.
#[derive(Debug, Default)]
pub(super) struct Report(Mutex<Accesses>);

#[derive(Debug, Default)]
struct Accesses {
    latest: VecDeque<Access>,
    /// How often they were forgotten.
    session: u64,
}

impl Report {
    /// The session that it is now. What began in one that was forgotten is not reported.
    fn session(&self) -> u64 {
        self.accesses().session
    }

    fn add(&self, session: u64, at: Timestamp, action: Action, reachability: &Reachability) {
        if reachability.attempts.is_empty() {
            return;
        }
        let mut accesses = self.accesses();
        if accesses.session != session {
            return;
        }
        if accesses.latest.len() >= MAX_ACCESSES {
            accesses.latest.pop_front();
        }
        let reachability = reachability.clone().shortened(ATTEMPTS);
        accesses.latest.push_back(Access { at, action, reachability });
    }

    pub(super) fn forget(&self) {
        let mut accesses = self.accesses();
        *accesses = Accesses { latest: VecDeque::new(), session: accesses.session + 1 };
    }

    fn all(&self) -> Vec<Access> {
        self.accesses().latest.iter().cloned().collect()
    }

    fn accesses(&self) -> MutexGuard<'_, Accesses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Byway {
    /// How the latest accesses went, oldest first: those of this process, and no more than the last [`MAX_ACCESSES`]. They
    /// are in memory only, and forgotten by [`lock`](Byway::lock) and [`wipe`](Byway::wipe).
    pub fn report(&self) -> Vec<Access> {
        self.inner.report.all()
    }

    /// Listens to what the engine does, from now on: each access, attempt, stage and verdict as it happens. Where nobody
    /// listens, nothing is made; nothing waits for a listener; dropping the watch ends it. See [`EngineEvents`].
    ///
    /// ```no_run
    /// # async fn watch(byway: byway::Byway) {
    /// let mut events = byway.engine_events();
    /// while let Some(event) = events.next().await {
    ///     println!("{event}");
    /// }
    /// # }
    /// ```
    pub fn engine_events(&self) -> EngineEvents {
        self.inner.events.subscribe()
    }
}

/// What a person scrolls through to find what went wrong today.
pub const MAX_ACCESSES: usize = 50;

/// Of one access: ten ways, each for a few calls.
const ATTEMPTS: usize = 64;
