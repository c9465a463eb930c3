//! Events: what the engine does, reported while it does it.
//!
//! Attempts are evidence, and evidence is complete only when something is over. A progress screen, a log that a person
//! switches on, or a test of the order of events needs to know sooner: they *watch*. An [`EngineEvent`] says which
//! access it belongs to, when it happened, and what happened ([`EngineEventKind`]).
//!
//! Three rules keep events from disturbing the engine:
//!
//! 1. *Without a listener no event is made.* A sender passes a closure, which is called only if there is a listener.
//!    Otherwise the cost is one relaxed load of a counter: no allocation, no lock, no formatting.
//! 2. *The engine never waits for a listener.* Each listener has its own queue. A listener that does not keep up loses
//!    the oldest events and gets their number.
//! 3. *An event is data.* Nothing is logged here. `Debug` and `Display` name no host; an app that wants to show one
//!    reads it from its field. A login never leaves through serde.
//!
//! An attempt that began before there was a listener sends no event, so no end comes without its beginning.

mod hub;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use super::{AttemptId, Layer, Outcome, RuleId, VerdictCode};
use crate::transport::{Destination, Stage, Strategy, TorProgress};

pub use hub::{EngineEvents, EventHub, EventSender};

/// Something that the engine did.
///
/// With serde it is one flat object: `access`, `at_ms`, `event` (a [`EngineEventKind::code`]) and the fields of that
/// event, with times in milliseconds and strategies without their logins.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EngineEvent {
    /// The access that the event belongs to, counted from 1; `None` if it belongs to the whole engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<u64>,
    /// The time since that access began. For an event without an access, the time since the engine was made.
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
        /// The purpose of the access.
        action: Action,
    },
    /// An attempt was started.
    Started {
        /// Its number, by which later events name it.
        attempt: AttemptId,
        /// The strategy it uses.
        #[serde(serialize_with = "redacted")]
        strategy: Strategy,
        /// The destination.
        #[serde(serialize_with = "shown")]
        destination: Destination,
        /// Which request of a chain of redirects the attempt is for, from 0.
        hop: u32,
        /// The reason why it starts now.
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
    /// The Tor within this process starts, for the first attempt that needs it.
    TorStarts {
        /// For which attempt.
        attempt: AttemptId,
        /// How far it is, and what holds it up.
        #[serde(flatten)]
        progress: TorProgress,
    },
    /// A body that broke off on another attempt continues on this one, from the same byte.
    Continued {
        /// On which attempt.
        attempt: AttemptId,
        /// The first byte of the body that this attempt reads.
        from: u64,
    },
    /// An attempt ended.
    Ended {
        /// Which attempt.
        attempt: AttemptId,
        /// The stage that it had reached.
        stage: Stage,
        /// How it ended. [`Outcome::Pending`]: it was still waiting when the race was over or no longer needed it.
        /// Serde writes its code.
        #[serde(serialize_with = "code")]
        outcome: Outcome,
        /// The time from its start.
        #[serde(rename = "took_ms", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// A race was won. Each further redirect of a chain gets a new race.
    Won {
        /// The winning attempt.
        attempt: AttemptId,
        /// The strategy of that attempt.
        #[serde(serialize_with = "redacted")]
        strategy: Strategy,
        /// The time from the start of the race.
        #[serde(rename = "took_ms", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// An access is over, and this is what its attempts mean. It is sent once. For a page whose losers were heard out
    /// afterwards (`GetResponse::settle`) it is sent once more if that changed the verdict.
    Judged {
        /// The verdict's code.
        code: VerdictCode,
        /// Its layer, if it has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        layer: Option<Layer>,
        /// The rule that made the verdict.
        rule: RuleId,
        /// It replaces the earlier verdict of this access.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// The store answers with what was read earlier.
    AnsweredFromStore {
        /// The age of what was read. `None`: it was read at a time that is ahead of this device's clock.
        #[serde(rename = "age_ms", serialize_with = "milliseconds_if_known")]
        age: Option<Duration>,
    },
    /// The network lets only a whitelist through: no address is dialled for a while, unless the user insists.
    DialsPaused {
        /// For how long.
        #[serde(rename = "lasts_ms", serialize_with = "milliseconds")]
        lasts: Duration,
    },
    /// The caller cancelled an access, or there was nothing to send.
    Abandoned,
    /// The device moved to another network, or its network changed: idle connections are dropped.
    NetworkChanged,
    /// The app goes to sleep: the store is closed.
    Suspended,
    /// The app woke up.
    Resumed,
    /// This listener was too slow, and the oldest events in its queue are lost.
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
            EngineEventKind::TorStarts { .. } => "tor_starts",
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

    /// The attempt that the event is about.
    pub fn attempt(&self) -> Option<AttemptId> {
        match self {
            EngineEventKind::Started { attempt, .. }
            | EngineEventKind::Entered { attempt, .. }
            | EngineEventKind::Dialled { attempt, .. }
            | EngineEventKind::FirstByte { attempt }
            | EngineEventKind::TorStarts { attempt, .. }
            | EngineEventKind::Continued { attempt, .. }
            | EngineEventKind::Ended { attempt, .. }
            | EngineEventKind::Won { attempt, .. } => Some(*attempt),
            _ => None,
        }
    }
}

impl fmt::Debug for EngineEvent {
    /// Prints no hosts, addresses and logins: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access, at, kind } = self;
        f.debug_struct("EngineEvent").field("access", access).field("at", at).field("what", kind).finish()
    }
}

impl fmt::Debug for EngineEventKind {
    /// Prints the code and the attempt.
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
    /// It is the first attempt.
    First,
    /// Another attempt failed, or brought something other than what was asked for.
    Failure,
    /// Another attempt was silent for too long. It continues, unless the request allows only one attempt in flight.
    Silence,
    /// The body of another attempt comes slowly. That attempt continues.
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

/// The purpose of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Reading a community: `Byway::open` or `Byway::refresh`.
    Open,
    /// Reading a community in the background: `Byway::sync_once`.
    Sync,
    /// Fetching a page: `Byway::get`, or the reqwest face.
    Get,
    /// Comparing all routes: `Byway::probe`.
    Probe,
    /// Fetching the file of a post: `Byway::fetch_attachment`.
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

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn milliseconds_if_known<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => milliseconds(time, serializer),
        None => serializer.serialize_none(),
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn debug_omits_hosts_and_serde_omits_logins() {
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
