//! An access under way: the events that the engine sends about it, and what it adds to the report.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::report::Access;
use super::{Action, Byway, Reachability};
use crate::fetch::HttpClient;
use crate::reach::{EngineEventKind, EngineEvents, EventSender, Verdict};

impl Byway {
    /// How the latest accesses went, oldest first: those of this process, at most the last
    /// [`MAX_ACCESSES`](super::MAX_ACCESSES). They are kept in memory only. [`lock`](Byway::lock) and
    /// [`wipe`](Byway::wipe) forget them.
    pub fn report(&self) -> Vec<Access> {
        self.inner.report.all()
    }

    /// Listens to what the engine does from now on: each access, attempt, stage and verdict as it happens. If nobody
    /// listens, no event is made. The engine never waits for a listener. To end the watch, drop it. See
    /// [`EngineEvents`].
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

/// An access under way: sends events about what it does, and adds it to the report when it is over.
pub(super) struct AccessScope<'a> {
    byway: &'a Byway,
    at: Timestamp,
    /// The same on the clock that is never set.
    began: Instant,
    action: Action,
    events: EventSender,
    /// In which session it began: see [`Report::session`](super::report::Report::session).
    session: u64,
    over: bool,
}

impl<'a> AccessScope<'a> {
    /// Begins an access.
    pub(super) fn new(byway: &'a Byway, action: Action) -> Self {
        let (events, session) = (byway.inner.events.access(action), byway.inner.report.session());
        let (at, began) = (byway.wall(), byway.inner.net.now());
        Self { byway, at, began, action, events, session, over: false }
    }

    /// When the access began.
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// The engine. It sends events about what is done through it.
    pub(super) fn http(&self) -> HttpClient {
        self.byway.inner.http.with_events(self.events.clone())
    }

    /// Sends events about what happens to the access later.
    pub(super) fn events(&self) -> EventSender {
        self.events.clone()
    }

    /// The access is over.
    pub(super) fn judged(&mut self, reachability: &Reachability) {
        self.over = true;
        send_verdict(&self.events, &reachability.verdict, false);
        let now = self.byway.inner.net.now();
        if let Some(lasts) = self.byway.inner.dial_backoff.learn(self.began, now, reachability) {
            self.events.send(|| EngineEventKind::DialsPaused { lasts });
        }
        self.byway.inner.report.add(self.session, self.at, self.action, reachability);
    }

    /// The same access contacted another home of the community as well.
    pub(super) fn also(&self, reachability: &Reachability) {
        self.byway.inner.report.add(self.session, self.at, self.action, reachability);
    }

    /// The store answers in its place.
    pub(super) fn kept(&mut self, age: Option<Duration>) {
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

/// Sends the verdict of an access. `again`: an access that was judged before has a new verdict.
pub(super) fn send_verdict(events: &EventSender, verdict: &Verdict, again: bool) {
    let (code, layer, rule) = (verdict.code, verdict.layer, verdict.rule);
    events.send(|| EngineEventKind::Judged { code, layer, rule, again });
}
