//! How far connections to relays come: what arti's own status says only after many of them have failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::transport::TorStall;

/// The farthest step of any connection to a relay. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    farthest: Arc<AtomicU8>,
    /// The relays are bridges. A connection may be one to a transport's program on this device, which says nothing.
    to_bridges: bool,
}

impl Reach {
    pub(super) fn new(to_bridges: bool) -> Self {
        Self { farthest: Arc::default(), to_bridges }
    }

    /// A TCP connection was made.
    pub(super) fn connected(&self) {
        self.farthest.fetch_max(CONNECTED, Ordering::Relaxed);
    }

    /// TLS was made, as with a relay.
    pub(super) fn secured(&self) {
        self.farthest.fetch_max(SECURED, Ordering::Relaxed);
    }

    /// What that says of a start that stands still.
    pub(super) fn stall(&self) -> Option<TorStall> {
        match self.farthest.load(Ordering::Relaxed) {
            SECURED => None,
            _ if self.to_bridges => Some(TorStall::Bridge),
            CONNECTED => Some(TorStall::Filtered),
            _ => Some(TorStall::NoConnection),
        }
    }
}

const CONNECTED: u8 = 1;
const SECURED: u8 = 2;
