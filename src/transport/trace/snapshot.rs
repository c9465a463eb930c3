//! What an attempt has seen, as data.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::super::Stage;
use super::lookup::Lookup;

/// What was seen so far.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct TraceSnapshot {
    /// The last stage that was entered. If the proxy gives no answer of its own (Shadowsocks), it is the proxy's stage
    /// until something came that only the proxy can have sent.
    pub stage: Stage,
    /// The farthest stage that was entered, behind any proxy; `None` if none was.
    pub entered: Option<Stage>,
    /// The stage behind the proxy's stage, while nothing shows that the proxy took part.
    pub(super) beyond: Option<Stage>,
    /// The address of the host that was dialled (direct), or of the proxy.
    pub address: Option<IpAddr>,
    /// The addresses of the resolver's answer that contains the dialled one.
    pub answers: Vec<IpAddr>,
    /// The answers of each resolver, if this attempt resolved the host's name.
    pub lookups: Vec<Lookup>,
    /// Bytes of the answer so far, as they came over the wire after TLS: head and body.
    pub bytes: u64,
    /// When the first byte of the answer came.
    pub first_byte: Option<Instant>,
    /// The time when the peer last sent something, or took a piece of a long request.
    pub last_progress: Option<Instant>,
    /// TLS with the host was completed and its certificate proved the name under authoritative roots.
    pub proved_name: bool,
    /// The exchange ran over a connection that was already open.
    pub reused: bool,
    /// The address was given by hand, so no resolver answers for it.
    pub pinned: bool,
    /// The result of encrypting the name in the ClientHello.
    pub ech: EchOutcome,
    /// By how many seconds this device's clock is ahead of the host's time, once TLS had proved the host's name.
    pub clock_ahead: Option<i64>,
    /// Since when it waits for admission, and why. Nothing is under way meanwhile, so no silence is measured.
    pub waiting: Option<(Instant, Wait)>,
    /// How long it has waited for admission, without the present wait.
    pub waited: Duration,
    /// The time of admission, if it had waited as one of many ([`Wait::is_patient`]).
    pub let_in: Option<Instant>,
    /// How long the start of Tor took, if it waited for that.
    pub tor_start: Option<Duration>,
    /// How long the start of Tor may take: see [`Trace::tor_may_take`](super::Trace::tor_may_take).
    pub tor_may_take: Option<Duration>,
    /// What listens at a Tor's port has not answered the greeting, and was told nothing of the destination.
    pub mute: bool,
    /// A circuit of Tor broke before it carried anything, and Tor was asked once more.
    pub asked_tor_again: bool,
    /// Until when Tor may make a way to an onion service: see [`Trace::makes_circuit`](super::Trace::makes_circuit).
    pub circuit_until: Option<Instant>,
    /// When that way was there.
    pub circuit_made: Option<Instant>,
    /// How slowly its body comes: see [`Trace::paced`](super::Trace::paced).
    pub slow: Option<Slow>,
    /// Nothing else is left to try: see [`Trace::last`](super::Trace::last).
    pub last: bool,
    /// Nothing else goes on: see [`Trace::hurry`](super::Trace::hurry).
    pub hurried: bool,
}

impl fmt::Debug for TraceSnapshot {
    /// Prints no addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceSnapshot")
            .field("stage", &self.stage)
            .field("entered", &self.entered)
            .finish_non_exhaustive()
    }
}

/// The result of encrypting the name in the ClientHello (RFC 9849).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EchOutcome {
    /// It was not encrypted.
    #[default]
    Off,
    /// It was encrypted, and the host has not answered, or not for itself.
    Offered,
    /// The host accepted it: the name was not sent in cleartext.
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

/// A body that comes so slowly that another route should be asked, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slow {
    /// The rest will take several seconds.
    Long,
    /// Almost nothing comes.
    Drips,
}

/// Why an attempt that could begin waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wait {
    /// The limit of connections being opened is reached.
    Crowd,
    /// The limit of handshakes to its first hop is reached, and they are being answered.
    Queue,
    /// The limit of handshakes to its first hop is reached.
    Busy,
    /// Its first hop swallows handshakes, and rests for a moment.
    Rest,
    /// The Tor within this process starts, and its start moves.
    Tor,
    /// The start of the Tor within this process stands still, or takes longer than usual.
    StalledTor,
    /// Another attempt of its race is dialling the only address that it has, in the same manner.
    Twin,
}

impl Wait {
    /// Whether its turn will come and the wait says nothing about the route: no reason to start another.
    pub fn is_patient(self) -> bool {
        matches!(self, Wait::Crowd | Wait::Queue | Wait::Tor)
    }

    /// Whether the race goes on for it: it ends by itself.
    pub fn extends_the_race(self) -> bool {
        self.is_patient() || self == Wait::StalledTor
    }
}
