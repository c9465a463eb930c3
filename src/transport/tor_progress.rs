//! How far the start of the Tor within this process is, and what holds it up.

use serde::{Deserialize, Serialize};

/// How far Tor's start is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TorProgress {
    /// 0 to 100. It may fall: what was learned may turn out too old.
    pub percent: u8,
    /// What probably holds it up, where nothing has moved for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<TorStall>,
    /// Its guards, the relays that see the reader's address, are forgotten with it: there is no data directory to keep them
    /// in, and each start chooses others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forgets_guards: bool,
}

impl TorProgress {
    #[cfg(any(feature = "tor", test))]
    pub(crate) fn new(percent: u8, stall: Option<TorStall>) -> Self {
        Self { percent, stall, forgets_guards: false }
    }
}

/// What probably keeps Tor from starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TorStall {
    /// No connection is made at all: there is no network, or it blocks the addresses of all relays.
    NoConnection,
    /// Connections are made and nothing of Tor gets through: the network filters Tor, or asks for a login on a page first.
    Filtered,
    /// Relays answer, and Tor's directory (the list of all relays) does not come, or is not valid by this device's clock.
    Directory,
    /// This device's clock is wrong, so that the directory looks outdated or not valid yet.
    Clock,
    /// No bridge answers as one: all of them are down, or the network blocks them.
    Bridge,
    /// The bridges expect a pluggable transport for which the app has named no program, or its program does not start.
    Transport,
    /// Its files cannot be read or written.
    Storage,
    /// Another Tor client of this process or of another one has these files.
    InUse,
    /// The Tor network does not take this version any more.
    Outdated,
    /// The app ended it: it sleeps, or its data are wiped. Nothing else is tried for what it was to carry.
    Ended,
    /// The device's network changed. What may be sent again begins anew.
    NetworkChanged,
    /// Nothing moves, and nothing says why.
    Unknown,
}

codes! {
    TorStall {
        NoConnection = "no_connection",
        Filtered = "filtered",
        Directory = "directory",
        Clock = "clock",
        Bridge = "bridge",
        Transport = "transport",
        Storage = "storage",
        InUse = "in_use",
        Outdated = "outdated",
        Ended = "ended",
        NetworkChanged = "network_changed",
        Unknown = "unknown",
    }
}
