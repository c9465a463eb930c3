//! What the engine does, told while it does it.
//!
//! Attempts are evidence, and evidence is complete when something is over. A screen that shows progress, a log that a
//! person switches on, a test that asks in which order things happened want to know sooner: they *watch*. An [`EngineEvent`]
//! says which access it belongs to, when it happened, and what ([`EngineEventKind`]).
//!
//! Three rules keep this out of the engine's way:
//!
//! 1. *Without a listener nothing is made.* A sender hands over a closure, which is called only if
//!    somebody listens: one relaxed load of a counter, no allocation, no lock, no formatting.
//! 2. *Nobody waits for a listener.* Each listener has a queue of its own. One that does not keep up loses the oldest
//!    events and is told how many.
//! 3. *What is told is data.* Nothing is logged here. `Debug` and `Display` name no host; an app that wants to show one
//!    takes it out of its field. A login never leaves through serde.
//!
//! An attempt that began before there was a listener sends no event, so no end comes without its beginning.

mod hub;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use super::{AttemptId, Layer, Outcome, RuleId, VerdictCode};
use crate::transport::{Destination, Stage, Strategy};

pub use hub::{EngineEvents, EventHub, EventSender};

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
        /// It stands instead of the one before.
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
    /// The caller gave an access up, or it found nothing to send.
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
