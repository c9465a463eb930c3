//! What the engine does, told while it does it.
//!
//! Attempts are evidence, and evidence is complete when something is over. A screen that shows progress, a log that a
//! person switches on, a test that asks in which order things happened want to know sooner: they *watch*. An [`EngineEvent`]
//! says which access it belongs to, when it happened, and what ([`EngineEventKind`]).
//!
//! Three rules keep this out of the engine's way:
//!
//! 1. *Nobody listens, nothing is made.* Whoever has something to tell hands over a closure, which is called only if
//!    somebody listens: one relaxed load of a counter, no allocation, no lock, no formatting.
//! 2. *Nobody waits for a listener.* Each listener has a queue of its own. One that does not keep up loses the oldest
//!    events and is told how many.
//! 3. *What is told is data.* Nothing is logged here. `Debug` and `Display` name no host; an app that wants to show one
//!    takes it out of its field. A login never leaves through serde.
//!
//! An attempt that began before anybody listened is not told of, so that no end comes without its beginning.

use std::fmt;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use serde::{Deserialize, Serialize, Serializer};
use tokio::time::Instant;

use super::{AttemptId, Layer, Outcome, RuleId, VerdictCode};
use crate::broadcast::{Broadcast, Heard, Receiver};
use crate::transport::{AttemptEvent, AttemptObserver, Destination, Stage, Strategy, Trace};

/// Something that the engine did.
///
/// With serde it is one flat object: `access`, `at_ms`, `event` (a [`EngineEventKind::code`]) and that happening's own fields,
/// times in milliseconds, strategies without their logins.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EngineEvent {
    /// To which access it belongs, counted from 1; `None`: to the whole engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<u64>,
    /// How long after that access began; of what belongs to none, after the engine was made.
    #[serde(rename = "at_ms", serialize_with = "milliseconds")]
    pub at: Duration,
    /// What happened.
    #[serde(flatten)]
    pub kind: EngineEventKind,
}

/// What happened.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EngineEventKind {
    /// An access began.
    Began {
        /// What it is for.
        action: Action,
    },
    /// An attempt was started.
    Started {
        /// Its number, by which later events name it.
        attempt: AttemptId,
        /// By which way.
        #[serde(serialize_with = "redacted")]
        strategy: Strategy,
        /// To whom.
        #[serde(serialize_with = "shown")]
        destination: Destination,
        /// Which request of a chain of redirects it is for, from 0.
        hop: u32,
        /// Why now.
        why: StartReason,
    },
    /// An attempt entered a stage.
    Entered {
        /// Which attempt.
        attempt: AttemptId,
        /// Which stage.
        stage: Stage,
    },
    /// An attempt dials.
    Dialled {
        /// Which attempt.
        attempt: AttemptId,
        /// The address of the host (direct) or of the proxy.
        address: IpAddr,
    },
    /// The first byte of an answer came.
    FirstByte {
        /// On which attempt.
        attempt: AttemptId,
    },
    /// A body that broke off elsewhere goes on here, where it stopped.
    Continued {
        /// On which attempt.
        attempt: AttemptId,
        /// From which byte of the body on.
        from: u64,
    },
    /// An attempt ended.
    Ended {
        /// Which attempt.
        attempt: AttemptId,
        /// The stage that it had reached.
        stage: Stage,
        /// How. [`Outcome::Pending`]: the race was over, or had no use for it any more, while it was still waiting. Serde
        /// writes its code.
        #[serde(serialize_with = "code")]
        outcome: Outcome,
        /// From its start.
        #[serde(rename = "took_ms", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// A race was won. What follows of a chain of redirects is raced anew.
    Won {
        /// By which attempt.
        attempt: AttemptId,
        /// By which way.
        #[serde(serialize_with = "redacted")]
        strategy: Strategy,
        /// From the start of the race.
        #[serde(rename = "took_ms", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// An access is over, and this is what its attempts mean. Told once; of a page whose losers were heard out afterwards
    /// (`GetResponse::settle`) once more, if that changed the verdict.
    Judged {
        /// The verdict's code.
        code: VerdictCode,
        /// Its layer, where there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        layer: Option<Layer>,
        /// The rule that made it.
        rule: RuleId,
        /// It stands in the place of the one before.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// The store answers, with what was read earlier.
    AnsweredFromStore {
        /// How long ago that was.
        #[serde(rename = "age_ms", serialize_with = "milliseconds")]
        age: Duration,
    },
    /// The network lets only a whitelist through: from now on nothing is dialled for a while, unless the user insists.
    DialsPaused {
        /// For how long.
        #[serde(rename = "lasts_ms", serialize_with = "milliseconds")]
        lasts: Duration,
    },
    /// An access was given up by whoever asked for it, or found nothing to send.
    Abandoned,
    /// The network is another one, or not what it was: idle connections are dropped.
    NetworkChanged,
    /// The app goes to sleep: the store is closed.
    Suspended,
    /// The app woke up.
    Resumed,
    /// This listener was too slow, and the oldest events that waited for it are lost.
    Missed {
        /// How many.
        events: u64,
    },
}

impl EngineEventKind {
    /// The stable code, as serde's `event`.
    pub fn code(&self) -> &'static str {
        match self {
            EngineEventKind::Began { .. } => "began",
            EngineEventKind::Started { .. } => "started",
            EngineEventKind::Entered { .. } => "entered",
            EngineEventKind::Dialled { .. } => "dialled",
            EngineEventKind::FirstByte { .. } => "first_byte",
            EngineEventKind::Continued { .. } => "continued",
            EngineEventKind::Ended { .. } => "ended",
            EngineEventKind::Won { .. } => "won",
            EngineEventKind::Judged { .. } => "judged",
            EngineEventKind::AnsweredFromStore { .. } => "kept",
            EngineEventKind::DialsPaused { .. } => "quiet",
            EngineEventKind::Abandoned => "abandoned",
            EngineEventKind::NetworkChanged => "network_changed",
            EngineEventKind::Suspended => "suspended",
            EngineEventKind::Resumed => "resumed",
            EngineEventKind::Missed { .. } => "missed",
        }
    }

    /// The attempt that it is about.
    pub fn attempt(&self) -> Option<AttemptId> {
        match self {
            EngineEventKind::Started { attempt, .. }
            | EngineEventKind::Entered { attempt, .. }
            | EngineEventKind::Dialled { attempt, .. }
            | EngineEventKind::FirstByte { attempt }
            | EngineEventKind::Continued { attempt, .. }
            | EngineEventKind::Ended { attempt, .. }
            | EngineEventKind::Won { attempt, .. } => Some(*attempt),
            _ => None,
        }
    }
}

impl fmt::Debug for EngineEvent {
    /// Without hosts, addresses and logins: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access, at, kind } = self;
        f.debug_struct("EngineEvent").field("access", access).field("at", at).field("what", kind).finish()
    }
}

impl fmt::Debug for EngineEventKind {
    /// Its code and its attempt.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        self.attempt().map_or(Ok(()), |attempt| write!(f, " {attempt}"))
    }
}

/// Why an attempt was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StartReason {
    /// It is the first.
    First,
    /// Another one failed, or brought something else than what was asked for.
    Failure,
    /// Another one was silent for longer than it should be. It goes on, unless one attempt may be in flight only.
    Silence,
    /// What another one reads comes slowly. It goes on.
    Slow,
}

codes! {
    StartReason {
        First = "first",
        Failure = "failure",
        Silence = "silence",
        Slow = "slow",
    }
}

/// What an access is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Reading a community: `Byway::open` or `Byway::refresh`.
    Open,
    /// Reading one in the background: `Byway::sync_once`.
    Sync,
    /// Fetching a page: `Byway::get`, or the reqwest face.
    Get,
    /// Comparing all ways: `Byway::probe`.
    Probe,
    /// Fetching what hangs on a post: `Byway::fetch_attachment`.
    Attachment,
}

codes! {
    Action {
        Open = "open",
        Sync = "sync",
        Get = "get",
        Probe = "probe",
        Attachment = "attachment",
    }
}

/// An engine's events, and who listens to them. Clones are of the same engine.
#[derive(Clone)]
pub struct Events(Arc<Hub>);

struct Hub {
    listeners: Broadcast<EngineEvent>,
    accesses: AtomicU64,
    attempts: Arc<AtomicU64>,
    made: Instant,
}

impl Events {
    /// Of a new engine, to which nobody listens yet.
    pub fn new() -> Self {
        Self(Arc::new(Hub {
            listeners: Broadcast::new(WAITING),
            accesses: AtomicU64::new(0),
            attempts: Arc::default(),
            made: Instant::now(),
        }))
    }

    /// Listens from now on. There may be several listeners; dropping the watch ends it.
    pub fn subscribe(&self) -> EngineEvents {
        EngineEvents { events: self.0.listeners.subscribe(), made: self.0.made }
    }

    /// An access begins.
    pub fn access(&self, action: Action) -> Teller {
        let access = self.0.accesses.fetch_add(1, Ordering::Relaxed) + 1;
        let told = Told { events: self.clone(), access: Some(access), began: Instant::now() };
        let teller = Teller { told: Some(told), attempts: self.0.attempts.clone() };
        teller.tell(|| EngineEventKind::Began { action });
        teller
    }

    /// Tells of what belongs to no access.
    pub fn tell(&self, what: impl FnOnce() -> EngineEventKind) {
        if self.is_heard() {
            self.0.listeners.send(&EngineEvent { access: None, at: self.0.made.elapsed(), kind: what() });
        }
    }

    fn is_heard(&self) -> bool {
        self.0.listeners.is_heard()
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("listeners", &self.0.listeners).finish_non_exhaustive()
    }
}

/// Tells of one access, to whoever listens, and numbers its attempts. The default tells nobody, and numbers by itself.
#[derive(Clone, Debug, Default)]
pub struct Teller {
    told: Option<Told>,
    /// How many attempts were numbered: by all tellers of one engine together.
    attempts: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
struct Told {
    events: Events,
    access: Option<u64>,
    began: Instant,
}

impl Teller {
    /// Tells, if somebody listens; otherwise `what` is not called.
    pub fn tell(&self, what: impl FnOnce() -> EngineEventKind) {
        if let Some(told) = self.heard() {
            told.send(what());
        }
    }

    /// The number of a new attempt.
    pub(crate) fn number(&self) -> AttemptId {
        AttemptId::new(self.attempts.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The number and the record of a new attempt, and whether anybody is told of it; if nobody listens, the record is
    /// like any other.
    pub(super) fn attempt(&self) -> (AttemptId, Trace, bool) {
        let attempt = self.number();
        match self.heard() {
            None => (attempt, Trace::new(), false),
            Some(told) => (attempt, Trace::watched(Arc::new(Attempting { told: told.clone(), attempt })), true),
        }
    }

    fn heard(&self) -> Option<&Told> {
        self.told.as_ref().filter(|told| told.events.is_heard())
    }
}

impl Told {
    fn send(&self, kind: EngineEventKind) {
        self.events.0.listeners.send(&EngineEvent { access: self.access, at: self.began.elapsed(), kind });
    }
}

/// Tells of what one attempt sees.
#[derive(Debug)]
struct Attempting {
    told: Told,
    attempt: AttemptId,
}

impl AttemptObserver for Attempting {
    fn saw(&self, sight: AttemptEvent) {
        if self.told.events.is_heard() {
            let attempt = self.attempt;
            self.told.send(match sight {
                AttemptEvent::Entered(stage) => EngineEventKind::Entered { attempt, stage },
                AttemptEvent::Dialled(address) => EngineEventKind::Dialled { attempt, address },
                AttemptEvent::FirstByte => EngineEventKind::FirstByte { attempt },
                AttemptEvent::Continued { from } => EngineEventKind::Continued { attempt, from },
            });
        }
    }
}

/// What the engine does, from the moment of listening on: a stream that ends when the engine is dropped.
///
/// At most 1,024 events wait for a listener; of one that is slower the oldest are lost, which [`EngineEventKind::Missed`] tells.
pub struct EngineEvents {
    events: Receiver<EngineEvent>,
    made: Instant,
}

impl EngineEvents {
    /// The next event; `None`: the engine is gone. Cancel-safe.
    pub async fn next(&mut self) -> Option<EngineEvent> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next event, if one is waiting.
    pub fn try_next(&mut self) -> Option<EngineEvent> {
        self.events.try_next().map(|heard| self.event(heard))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<EngineEvent>> {
        self.events.poll(cx).map(|heard| heard.map(|heard| self.event(heard)))
    }

    fn event(&self, heard: Heard<EngineEvent>) -> EngineEvent {
        match heard {
            Heard::Value(event) => event,
            Heard::Missed(events) => {
                EngineEvent { access: None, at: self.made.elapsed(), kind: EngineEventKind::Missed { events } }
            }
        }
    }
}

impl Stream for EngineEvents {
    type Item = EngineEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<EngineEvent>> {
        self.poll(cx)
    }
}

impl fmt::Debug for EngineEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineEvents").field("waiting", &self.events.waiting()).finish_non_exhaustive()
    }
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn redacted<S: Serializer>(strategy: &Strategy, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&strategy.redacted())
}

fn code<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.code())
}

fn shown<S: Serializer>(destination: &Destination, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(destination)
}

/// An access over ten ways, each with its stages, makes about a hundred events; a screen that was busy for a second, or
/// an app that opens ten communities at once, loses none of them.
const WAITING: usize = 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn numbers(watch: &mut EngineEvents) -> Vec<u64> {
        std::iter::from_fn(|| watch.try_next()).filter_map(|event| Some(event.kind.attempt()?.number())).collect()
    }

    #[test]
    fn nobody_listens_and_nothing_is_made() {
        let events = Events::new();
        let teller = events.access(Action::Get);
        teller.tell(|| panic!("somebody listens"));
        assert!(!teller.attempt().2);
        Teller::default().tell(|| panic!("somebody listens"));
        drop(events.subscribe());
        teller.tell(|| panic!("somebody listens still"));
        assert_eq!(events.0.listeners.listeners(), 0);
    }

    #[test]
    fn each_listener_hears_all_from_its_beginning_on() {
        let events = Events::new();
        let teller = events.access(Action::Get);
        let mut first = events.subscribe();
        teller.tell(|| EngineEventKind::FirstByte { attempt: AttemptId::new(1) });
        let mut second = events.subscribe();
        teller.tell(|| EngineEventKind::FirstByte { attempt: AttemptId::new(2) });
        assert_eq!(numbers(&mut first), [1, 2]);
        drop(first);
        teller.tell(|| EngineEventKind::FirstByte { attempt: AttemptId::new(3) });
        assert_eq!(numbers(&mut second), [2, 3]);
    }

    #[test]
    fn a_slow_listener_loses_the_oldest_and_is_told_how_many() {
        let events = Events::new();
        let teller = events.access(Action::Get);
        let mut slow = events.subscribe();
        let all = WAITING as u64 + 7;
        for attempt in (1..=all).map(AttemptId::new) {
            teller.tell(|| EngineEventKind::FirstByte { attempt });
        }
        assert_eq!(slow.try_next().unwrap().kind, EngineEventKind::Missed { events: 7 });
        assert_eq!(numbers(&mut slow), (8..=all).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_is_woken_and_ends_with_the_engine() {
        let events = Events::new();
        let mut watch = events.subscribe();
        let listening = async {
            let heard = watch.next().await.unwrap();
            (heard.access, heard.at, heard.kind, watch.next().await)
        };
        let telling = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let teller = events.access(Action::Open);
            drop(events);
            drop(teller);
        };
        let (heard, ()) = tokio::join!(listening, telling);
        assert_eq!(heard, (Some(1), Duration::ZERO, EngineEventKind::Began { action: Action::Open }, None));
    }

    #[test]
    fn debug_names_nobody_and_serde_leaves_logins_out() {
        let event = EngineEvent {
            access: Some(3),
            at: Duration::from_millis(1500),
            kind: EngineEventKind::Started {
                attempt: AttemptId::new(4),
                strategy: "socks5://reader:canary@proxy.canary:1080".parse().unwrap(),
                destination: "site.canary:443".parse().unwrap(),
                hop: 0,
                why: StartReason::Silence,
            },
        };
        let dialled = EngineEvent {
            kind: EngineEventKind::Dialled { attempt: AttemptId::new(4), address: [203, 0, 113, 77].into() },
            ..event.clone()
        };
        for debug in [format!("{event:?} {event:#?}"), format!("{dialled:?} {dialled:#?}")] {
            assert!(!debug.contains("canary") && !debug.contains("203.0.113"), "{debug}");
        }
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"{"access":3,"at_ms":1500,"event":"started","attempt":4,"strategy":"socks5://***@proxy.canary:1080","destination":"site.canary:443","hop":0,"why":"silence"}"#
        );
    }
}
