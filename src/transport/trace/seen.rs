//! What an attempt has seen, as data.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::super::Stage;
use super::lookup::Lookup;

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
    pub(super) beyond: Option<Stage>,
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
    /// How slowly its body comes: see [`Trace::paced`](super::Trace::paced).
    pub slow: Option<Slow>,
    /// Nothing else is left to try: see [`Trace::last`](super::Trace::last).
    pub last: bool,
    /// Nothing else goes on: see [`Trace::hurry`](super::Trace::hurry).
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
