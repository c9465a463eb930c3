//! How far connections to relays come, and what time relays say it is: what arti's own status says only after many of them have
//! failed.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::transport::TorStall;

/// The farthest step of any connection to a relay. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    farthest: Arc<AtomicU8>,
    /// By how much this device's clock differs from that of the relay that it differs least from. What a relay says before arti
    /// has recognised it is no proof; one relay with the right time is enough to contradict all others.
    least_error: Arc<Mutex<Option<Duration>>>,
    /// The relays are bridges. A connection may be one to a transport's program on this device, which says nothing.
    to_bridges: bool,
}

impl Reach {
    pub(super) fn new(to_bridges: bool) -> Self {
        Self { farthest: Arc::default(), least_error: Arc::default(), to_bridges }
    }

    /// A TCP connection was made.
    pub(super) fn connected(&self) {
        self.farthest.fetch_max(CONNECTED, Ordering::Relaxed);
    }

    /// TLS was made, as with a relay.
    pub(super) fn secured(&self) {
        self.farthest.fetch_max(SECURED, Ordering::Relaxed);
    }

    /// A relay told its time, in seconds since 1970; this device has that one.
    pub(super) fn told_time(&self, relay: u32, ours: SystemTime) {
        let relay = SystemTime::UNIX_EPOCH + Duration::from_secs(relay.into());
        let error = ours.duration_since(relay).unwrap_or_else(|slow| slow.duration());
        let mut least = self.least_error.lock().unwrap_or_else(PoisonError::into_inner);
        *least = Some(least.map_or(error, |least| least.min(error)));
    }

    /// Whether this device's clock is wrong by so much that no start succeeds, by all relays that told their time.
    pub(super) fn is_clock_wrong(&self) -> bool {
        self.least_error.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|least| least > CLOCK_MATTERS)
    }

    /// What the connections say of a start that stands still.
    pub(super) fn stall(&self) -> Option<TorStall> {
        match self.farthest.load(Ordering::Relaxed) {
            SECURED => None,
            _ if self.to_bridges => Some(TorStall::Bridge),
            CONNECTED => Some(TorStall::Filtered),
            _ => Some(TorStall::NoConnection),
        }
    }
}

/// Arti takes a directory from a day before it is valid (`DirTolerance`), and relays' certificates for TLS end after two days.
/// Relays' clocks differ by minutes.
const CLOCK_MATTERS: Duration = Duration::from_secs(23 * 60 * 60);

const CONNECTED: u8 = 1;
const SECURED: u8 = 2;
