//! How far connections to relays come: what arti's own status says only after many of them have failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::transport::TorStall;

/// The farthest step of any connection to a relay. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach(Arc<AtomicU8>);

impl Reach {
    /// A TCP connection was made.
    pub(super) fn connected(&self) {
        self.0.fetch_max(CONNECTED, Ordering::Relaxed);
    }

    /// TLS was made, as with a relay.
    pub(super) fn secured(&self) {
        self.0.fetch_max(SECURED, Ordering::Relaxed);
    }

    /// What that says of a start that stands still.
    pub(super) fn stall(&self) -> Option<TorStall> {
        match self.0.load(Ordering::Relaxed) {
            SECURED => None,
            CONNECTED => Some(TorStall::Filtered),
            _ => Some(TorStall::NoConnection),
        }
    }
}

const CONNECTED: u8 = 1;
const SECURED: u8 = 2;
