//! What one attempt has seen so far.
//!
//! Dialers and the HTTP exchange write here while they work; the race reads it, also when it gives an attempt up in
//! the middle: a loser that was still waiting is evidence too. Nothing here is a conclusion.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Cause, Failure, Resolver, Stage};

/// The record of one attempt under way. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    record: Arc<Record>,
    observer: Option<Arc<dyn AttemptObserver>>,
}

#[derive(Default)]
struct Record {
    seen: Mutex<Seen>,
    hurry: Notify,
    /// When its race polls it again at the latest.
    wakes: Mutex<Option<Instant>>,
    at_rest: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seen.fmt(f)
    }
}

/// Gets what an attempt records, while it is under way.
pub trait AttemptObserver: fmt::Debug + Send + Sync + 'static {
    /// Called as soon as the event is recorded. It must not wait.
    fn observe(&self, event: AttemptEvent);
}

/// An event that an [`AttemptObserver`] gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptEvent {
    /// A stage begins.
    Entered(Stage),
    /// This address is dialled.
    Dialled(IpAddr),
    /// The first byte of the answer came.
    FirstByte,
    /// A body that broke off elsewhere goes on here.
    Continued {
        /// From which byte of the body on.
        from: u64,
    },
}

/// What was seen until now.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Seen {
    /// The stage that was entered last. Of a route whose proxy gives no answer of its own (Shadowsocks) it is the proxy's
    /// until something came that only that proxy can have sent.
    pub stage: Stage,
    /// The farthest stage that was entered, behind any proxy; `None` if none was.
    pub entered: Option<Stage>,
    /// The stage behind the proxy's, while nothing shows that the proxy took part.
    beyond: Option<Stage>,
    /// The address of the host that was dialled (direct), or of the proxy.
    pub address: Option<IpAddr>,
    /// The addresses among which the dialled one stood in a resolver's answer.
    pub answers: Vec<IpAddr>,
    /// What each resolver said, where this attempt resolved the host's name.
    pub lookups: Vec<Lookup>,
    /// Bytes of the answer so far, as they came over the wire after TLS: head and body.
    pub bytes: u64,
    /// When the first byte of the answer came.
    pub first_byte: Option<Instant>,
    /// When something came from the peer last, or the peer took a piece of a long request.
    pub last_progress: Option<Instant>,
    /// TLS with the host was completed and its certificate proved the name under authoritative roots.
    pub proved_name: bool,
    /// The exchange ran over a connection that was already open.
    pub reused: bool,
    /// The address was given by hand: no resolver is answerable for it.
    pub pinned: bool,
    /// What became of encrypting the name in the ClientHello.
    pub ech: EchOutcome,
    /// By how many seconds this device's clock is ahead of the time that the host told, once TLS had proved its name.
    pub clock_ahead: Option<i64>,
    /// Since when it waits to be let, and for what: nothing is under way, and nobody listens.
    pub waiting: Option<(Instant, Wait)>,
    /// For how long it has waited to be let, until now without the present waiting.
    pub waited: Duration,
    /// When it was let after it had waited as one of many ([`Wait::is_patient`]).
    pub let_in: Option<Instant>,
    /// How slowly its body comes: see [`Trace::paced`].
    pub slow: Option<Slow>,
    /// Nothing else is left to try: see [`Trace::last`].
    pub last: bool,
    /// Nothing else goes on: see [`Trace::hurry`].
    pub hurried: bool,
}

impl fmt::Debug for Seen {
    /// Without addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").field("stage", &self.stage).field("entered", &self.entered).finish_non_exhaustive()
    }
}

/// What became of encrypting the name in the ClientHello (RFC 9849).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EchOutcome {
    /// It was not encrypted.
    #[default]
    Off,
    /// It was, and the host has not answered, or not for itself.
    Offered,
    /// The host took it: the name was not said in the clear.
    Accepted,
    /// The host answered for the outer name: it does not have the key.
    Rejected,
}

codes! {
    EchOutcome {
        Off = "off",
        Offered = "offered",
        Accepted = "accepted",
        Rejected = "rejected",
    }
}

/// How a body comes for which another way should be asked, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slow {
    /// Its rest takes several seconds more.
    Long,
    /// As good as nothing comes.
    Drips,
}

/// What an attempt that could begin waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wait {
    /// As many connections are being opened as there may be.
    Crowd,
    /// As many handshakes are under way to its first hop as there may be, and they are answered.
    Queue,
    /// As many handshakes are under way to its first hop as there may be.
    Busy,
    /// Its first hop swallows handshakes, and is left alone for a moment.
    Rest,
    /// Another attempt of its race is dialling the only address that it has, in the same manner.
    Twin,
}

impl Wait {
    /// Its turn will come, and says nothing about the way: no reason to call another.
    pub fn is_patient(self) -> bool {
        matches!(self, Wait::Crowd | Wait::Queue)
    }
}

/// What one resolver said of the host's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// Who was asked.
    pub resolver: Resolver,
    /// What came, in its order, also what came after the race had begun; nothing, if nobody answered.
    pub answers: Vec<LookupAnswer>,
}

/// One answer of a resolver, or why it could not be queried.
#[derive(Clone, PartialEq)]
pub struct LookupAnswer {
    /// The query that it answers.
    pub query: QueryType,
    /// How long after the question it came.
    pub after: Duration,
    /// The addresses, or why there are none: the resolver's reason ([`Cause::NxDomain`], [`Cause::Rcode`],
    /// [`Cause::NoAddress`], [`Cause::LookupFailed`]), or how it could not be reached ([`Cause::Reset`], a certificate's
    /// fault, ...). [`QueryType::Https`]: the addresses are hints, and there may be none.
    pub result: Result<Vec<IpAddr>, Cause>,
}

impl fmt::Debug for LookupAnswer {
    /// Without the addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = self.result.as_ref().map(Vec::len);
        f.debug_struct("LookupAnswer")
            .field("query", &self.query)
            .field("after", &self.after)
            .field("result", &result)
            .finish()
    }
}

/// What a resolver is queried for: the type of the record (RFC 1035, RFC 9460).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryType {
    /// Addresses of both kinds: the system's resolver.
    Both,
    /// IPv4 addresses (A).
    A,
    /// IPv6 addresses (AAAA).
    Aaaa,
    /// How the host is spoken to (HTTPS, RFC 9460).
    Https,
}

codes! {
    QueryType {
        Both = "both",
        A = "a",
        Aaaa = "aaaa",
        Https = "https",
    }
}

impl Lookup {
    /// Every address that was given for the host, each once, in the order in which they came.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for answer in self.answers.iter().filter(|answer| answer.query != QueryType::Https) {
            for address in answer.result.iter().flatten() {
                if !addresses.contains(address) {
                    addresses.push(*address);
                }
            }
        }
        addresses
    }

    /// Why it gave no address, if it gave none: the first reason that is more than "none of this kind".
    pub fn reason(&self) -> Option<&Cause> {
        let reasons = || {
            self.answers
                .iter()
                .filter(|answer| answer.query != QueryType::Https)
                .filter_map(|a| a.result.as_ref().err())
        };
        if !self.addresses().is_empty() {
            return None;
        }
        reasons().find(|cause| **cause != Cause::NoAddress).or_else(|| reasons().next())
    }

    /// It gave no address, and did not say that there is none: an error, silence, or no way to it.
    pub fn is_unanswered(&self) -> bool {
        self.addresses().is_empty() && !matches!(self.reason(), Some(Cause::NxDomain | Cause::NoAddress))
    }

    /// To one question comes one answer. A second one that says something else was raced by a forged one, or is it: the
    /// address that proves the name tells which.
    pub fn contradicts_itself(&self) -> bool {
        let mut rest = self.answers.as_slice();
        while let [first, others @ ..] = rest {
            if others.iter().any(|other| other.query == first.query && other.result != first.result) {
                return true;
            }
            rest = others;
        }
        false
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

    /// Notes that a proxy is spoken to that gives no answer of its own.
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

    /// The failure as far as it is known where it happened: what failed behind a proxy that showed no sign of taking part
    /// is said of the proxy's stage.
    pub fn placed(&self, failure: Failure) -> Failure {
        let unproved = self.seen_mut().beyond.is_some() && failure.stage > Stage::Proxy;
        // What our own side refused needed no proxy.
        let is_ours = matches!(failure.cause, Cause::Forbidden { .. } | Cause::Limit { .. });
        if unproved && !is_ours { Failure { stage: Stage::Proxy, ..failure } } else { failure }
    }

    /// Notes the address that is dialled.
    pub fn dialled(&self, address: IpAddr) {
        if self.seen_mut().address.replace(address) != Some(address) {
            self.notify(AttemptEvent::Dialled(address));
        }
    }

    /// A body that broke off elsewhere goes on here, from this byte on.
    pub fn continued(&self, from: u64) {
        self.notify(AttemptEvent::Continued { from });
    }

    /// Notes the answer that the dialled address comes from.
    pub fn resolved(&self, answers: &[IpAddr]) {
        self.seen_mut().answers = answers.to_vec();
    }

    /// Notes that a resolver is asked for the host.
    pub fn contacts(&self, resolver: &Resolver) {
        self.seen_mut().lookups.push(Lookup { resolver: resolver.clone(), answers: Vec::new() });
    }

    /// Notes what a resolver that was asked has answered.
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

    /// Notes what became of encrypting the name.
    pub fn encrypted(&self, ech: EchOutcome) {
        self.seen_mut().ech = ech;
    }

    /// Notes by how many seconds this device's clock is ahead of the time that the proved host tells.
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

    /// Notes that a piece of a long request was taken: no byte of the answer, yet no silence.
    pub fn sent(&self) {
        self.seen_mut().last_progress = Some(Instant::now());
    }

    /// Notes that it waits to be let, or no longer does.
    pub fn waits(&self, wait: Option<Wait>) {
        let now = Instant::now();
        let mut seen = self.seen_mut();
        let patient = |wait: Option<Wait>| wait.is_some_and(Wait::is_patient);
        if patient(seen.waiting.map(|(_, wait)| wait)) && wait.is_none() {
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

    /// Says how the body comes at the moment: `None`, fast enough, or nearly all of it is there.
    pub fn paced(&self, slow: Option<Slow>) {
        self.seen_mut().slow = slow;
    }

    /// Whether something of the answer has come.
    pub fn has_begun(&self) -> bool {
        self.seen_mut().first_byte.is_some()
    }

    /// What was said by [`Trace::paced`].
    pub fn slow(&self) -> Option<Slow> {
        self.seen_mut().slow
    }

    /// Says whether anything else is left to try: where nothing is, giving up a slow answer gains nothing.
    pub fn last(&self, last: bool) {
        self.seen_mut().last = last;
    }

    /// What was said by [`Trace::last`].
    pub fn is_last(&self) -> bool {
        self.seen_mut().last
    }

    /// Says that nothing else goes on: it should not rest for politeness' sake.
    pub fn hurry(&self) {
        self.seen_mut().hurried = true;
        self.record.hurry.notify_one();
    }

    /// Whether [`Trace::hurry`] was said.
    pub fn is_hurried(&self) -> bool {
        self.seen_mut().hurried
    }

    /// Waits until [`Trace::hurry`] is said.
    pub(crate) async fn hurried(&self) {
        while !self.is_hurried() {
            self.record.hurry.notified().await;
        }
    }

    /// The attempt wants to be polled at this instant, whatever comes before. The race keeps one timer for all its attempts:
    /// each timer of their own costs a system call where it is the first of its runtime.
    pub(crate) fn wakes(&self, at: Option<Instant>) {
        *self.record.wakes.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// When it wants to be polled.
    pub(crate) fn wake(&self) -> Option<Instant> {
        *self.record.wakes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be done when nobody listens to the attempt any more, though it may still be there.
    pub(crate) fn on_rest(&self, work: impl FnOnce() + Send + 'static) {
        *self.at_rest() = Some(Box::new(work));
    }

    /// Nobody listens to the attempt any more.
    pub(crate) fn rests(&self) {
        let work = self.at_rest().take();
        if let Some(work) = work {
            work();
        }
    }

    fn at_rest(&self) -> MutexGuard<'_, Option<Box<dyn FnOnce() + Send>>> {
        self.record.at_rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it waits for.
    pub fn waiting(&self) -> Option<Wait> {
        self.seen_mut().waiting.map(|(_, wait)| wait)
    }

    /// The address that was dialled.
    pub fn address(&self) -> Option<IpAddr> {
        self.seen_mut().address
    }

    /// Reads the record where it lies. It is locked meanwhile: `read` must not call the trace.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Seen) -> T) -> T {
        read(&self.seen_mut())
    }

    /// A copy of the record.
    pub fn seen(&self) -> Seen {
        self.seen_mut().clone()
    }

    fn seen_mut(&self) -> MutexGuard<'_, Seen> {
        // A poisoned record is still a record: a panic elsewhere must not take the evidence with it.
        self.record.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notify(&self, event: AttemptEvent) {
        if let Some(observer) = &self.observer {
            observer.observe(event);
        }
    }
}
