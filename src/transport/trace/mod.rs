//! What one attempt has seen so far.
//!
//! Dialers and the HTTP exchange record here while they work. The race reads the record, also when it cancels an
//! attempt: a loser that was still waiting is evidence too. The record contains no conclusion.

mod control;
mod lookup;
mod observer;
mod snapshot;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use lookup::{Lookup, LookupAnswer, QueryType};
pub use observer::{AttemptEvent, AttemptObserver};
pub use snapshot::{EchOutcome, Slow, TraceSnapshot, Wait};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Cause, Failure, Resolver, Stage, TorProgress};

/// The record of one attempt under way. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    record: Arc<Record>,
    observer: Option<Arc<dyn AttemptObserver>>,
}

#[derive(Default)]
struct Record {
    seen: Mutex<TraceSnapshot>,
    hurry: Notify,
    /// The latest instant when its race polls it again.
    wakes: Mutex<Option<Instant>>,
    at_rest: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seen.fmt(f)
    }
}

impl Trace {
    /// A new, empty record.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty record with an observer.
    pub fn observed_by(observer: Arc<dyn AttemptObserver>) -> Self {
        Self { observer: Some(observer), ..Self::default() }
    }

    /// Notes that a stage begins.
    pub fn enter(&self, stage: Stage) {
        let mut seen = self.seen_mut();
        seen.entered = seen.entered.max(Some(stage));
        if let Some(beyond) = &mut seen.beyond
            && stage > Stage::Proxy
        {
            *beyond = stage;
            return;
        }
        seen.stage = stage;
        drop(seen);
        self.notify(AttemptEvent::Entered(stage));
    }

    /// Notes that the proxy in use gives no answer of its own.
    pub(super) fn awaits_proxy(&self) {
        self.enter(Stage::Proxy);
        self.seen_mut().beyond = Some(Stage::Proxy);
    }

    /// Notes that something came that only the proxy can have sent.
    pub(super) fn proxy_answered(&self) {
        let beyond = self.seen_mut().beyond.take();
        if let Some(beyond) = beyond.filter(|beyond| *beyond > Stage::Proxy) {
            self.enter(beyond);
        }
    }

    /// The failure, assigned to its stage: if the proxy gave no sign of taking part, a failure behind it belongs to the
    /// proxy's stage.
    pub fn placed(&self, failure: Failure) -> Failure {
        let unproved = self.seen_mut().beyond.is_some() && failure.stage > Stage::Proxy;
        // A refusal by our own side needed no proxy.
        let is_ours = matches!(failure.cause, Cause::Forbidden { .. } | Cause::Limit { .. });
        if unproved && !is_ours { Failure { stage: Stage::Proxy, ..failure } } else { failure }
    }

    /// Notes the address that is dialled.
    pub fn dialled(&self, address: IpAddr) {
        if self.seen_mut().address.replace(address) != Some(address) {
            self.notify(AttemptEvent::Dialled(address));
        }
    }

    /// Notes how far the start of Tor has come.
    pub fn tor_starts(&self, progress: TorProgress) {
        self.notify(AttemptEvent::TorStarts(progress));
    }

    /// Notes that Tor has started, and how long that took.
    pub fn tor_started(&self, took: Duration) {
        self.seen_mut().tor_start = Some(took);
    }

    /// Notes that what listens at a proxy's port is greeted. Nothing of the destination is said to it yet.
    pub fn greets(&self) {
        self.seen_mut().mute = true;
    }

    /// Notes that it answered the greeting as such a proxy does, so that it is told the destination.
    pub fn was_greeted(&self) {
        self.seen_mut().mute = false;
    }

    /// Notes that Tor makes a way to an onion service, which may take so long. That is longer than a race usually hears nothing, and
    /// no other way leads there, so the race waits for it. Other Tors have their turn meanwhile.
    pub fn makes_circuit(&self, time: Duration) {
        self.seen_mut().circuit_until = Some(Instant::now() + time);
    }

    /// Notes that a circuit of Tor broke before it carried anything, and that Tor is asked once more, for another one.
    pub(crate) fn asks_tor_again(&self) {
        self.seen_mut().asked_tor_again = true;
    }

    /// Notes that what Tor [made](Self::makes_circuit) is there.
    pub fn circuit_made(&self) {
        let mut seen = self.seen_mut();
        seen.circuit_made = seen.circuit_until.map(|_| Instant::now());
    }

    /// Notes that a body which broke off on another attempt continues here, from this byte.
    pub fn continued(&self, from: u64) {
        self.notify(AttemptEvent::Continued { from });
    }

    /// Notes the answer that contains the dialled address.
    pub fn resolved(&self, answers: &[IpAddr]) {
        self.seen_mut().answers = answers.to_vec();
    }

    /// Notes that a resolver is contacted to ask it for the host. One without a connection is asked at once.
    pub fn contacts(&self, resolver: &Resolver) {
        let asked = matches!(resolver, Resolver::System | Resolver::Udp(_));
        self.seen_mut().lookups.push(Lookup { resolver: resolver.clone(), asked, answers: Vec::new() });
    }

    /// Notes that a question is sent to a resolver over the connection to it.
    pub fn asks(&self, resolver: &Resolver) {
        let mut seen = self.seen_mut();
        if let Some(lookup) = seen.lookups.iter_mut().rev().find(|lookup| lookup.resolver == *resolver) {
            lookup.asked = true;
        }
    }

    /// Notes an answer of a resolver that was asked.
    pub fn answered(&self, resolver: &Resolver, answer: LookupAnswer) {
        let mut seen = self.seen_mut();
        if let Some(lookup) = seen.lookups.iter_mut().rev().find(|lookup| lookup.resolver == *resolver) {
            lookup.answers.push(answer);
        }
    }

    /// Notes that TLS proved the host's name.
    pub fn proved_name(&self) {
        self.seen_mut().proved_name = true;
    }

    /// Notes that the address was given by hand.
    pub fn pinned(&self) {
        self.seen_mut().pinned = true;
    }

    /// Notes the result of encrypting the name.
    pub fn encrypted(&self, ech: EchOutcome) {
        self.seen_mut().ech = ech;
    }

    /// Notes by how many seconds this device's clock is ahead of the time of a host that proved its name.
    pub fn clock_ahead(&self, seconds: i64) {
        self.seen_mut().clock_ahead = Some(seconds);
    }

    /// Notes that an open connection is used.
    pub fn reused(&self) {
        self.seen_mut().reused = true;
    }

    /// Notes that `bytes` of the answer came.
    pub fn progressed(&self, bytes: u64) {
        let now = Instant::now();
        let mut seen = self.seen_mut();
        seen.bytes = seen.bytes.saturating_add(bytes);
        seen.last_progress = Some(now);
        let is_first = seen.first_byte.is_none();
        seen.first_byte.get_or_insert(now);
        drop(seen);
        if is_first {
            self.notify(AttemptEvent::FirstByte);
        }
    }

    /// Notes that the peer took a piece of a long request: no byte of the answer, but no silence either.
    pub fn sent(&self) {
        self.seen_mut().last_progress = Some(Instant::now());
    }

    /// Notes that the attempt waits for admission, or no longer does.
    pub fn waits(&self, wait: Option<Wait>) {
        let now = Instant::now();
        let mut seen = self.seen_mut();
        let was_kept_waiting = seen.waiting.is_some_and(|(_, wait)| wait.extends_the_race());
        if was_kept_waiting && wait.is_none() {
            seen.let_in = Some(now);
        }
        match (seen.waiting, wait) {
            (Some((since, _)), Some(wait)) => seen.waiting = Some((since, wait)),
            (None, Some(wait)) => seen.waiting = Some((now, wait)),
            (Some((since, _)), None) => {
                seen.waited += now.saturating_duration_since(since);
                seen.waiting = None;
            }
            (None, None) => {}
        }
    }

    /// Whether a part of the answer has come.
    pub fn has_begun(&self) -> bool {
        self.seen_mut().first_byte.is_some()
    }

    /// The reason why it waits.
    pub fn waiting(&self) -> Option<Wait> {
        self.seen_mut().waiting.map(|(_, wait)| wait)
    }

    /// The address that was dialled.
    pub fn address(&self) -> Option<IpAddr> {
        self.seen_mut().address
    }

    /// Reads the record without a copy. The record is locked meanwhile: `read` must not call the trace.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&TraceSnapshot) -> T) -> T {
        read(&self.seen_mut())
    }

    /// A copy of the record.
    pub fn seen(&self) -> TraceSnapshot {
        self.seen_mut().clone()
    }

    fn seen_mut(&self) -> MutexGuard<'_, TraceSnapshot> {
        // A poisoned record is still a record: a panic elsewhere must not destroy the evidence.
        self.record.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notify(&self, event: AttemptEvent) {
        if let Some(observer) = &self.observer {
            observer.observe(event);
        }
    }
}
