//! The path between two machines: a delay, a bandwidth, a segment size; and the errors that an operating system
//! reports.

use std::time::Duration;

use tokio::time::Instant;

/// The properties of one connection's path, the same in both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    delay: Duration,
    bandwidth: Option<u64>,
    mss: usize,
}

impl Link {
    /// A link with this round-trip time, without a bandwidth limit, with an Ethernet MSS.
    pub fn round_trip(rtt: Duration) -> Self {
        Self { delay: rtt / 2, bandwidth: None, mss: MSS }
    }

    /// The same with this many bytes per second in each direction.
    #[must_use]
    pub fn with_bandwidth(mut self, bytes_per_second: u64) -> Self {
        self.bandwidth = Some(bytes_per_second.max(1));
        self
    }

    /// The time one way.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// The longest segment.
    pub fn mss(&self) -> usize {
        self.mss
    }

    /// The same with this much more round-trip time.
    pub(crate) fn longer_by(mut self, rtt: Duration) -> Self {
        self.delay += rtt / 2;
        self
    }

    /// Cuts the link in two at `near` from the first end: the bandwidth counts once, on the far part.
    pub(crate) fn cut_at(&self, near: Duration) -> (Link, Link) {
        let near = near.min(self.delay);
        (Link { delay: near, bandwidth: None, mss: self.mss }, Link { delay: self.delay - near, ..self.clone() })
    }

    /// When `bytes` that begin to leave at `start` have left completely.
    pub(crate) fn sent_by(&self, start: Instant, bytes: usize) -> Instant {
        match self.bandwidth {
            None => start,
            Some(rate) => start + Duration::from_micros((bytes as u64).saturating_mul(1_000_000) / rate),
        }
    }
}

/// The round trip if a scenario states none: a good home line to a server in the next country.
pub const RTT: Duration = Duration::from_millis(50);

/// The segment size of an Ethernet path: 1500 less the headers of IPv4 and TCP.
pub const MSS: usize = 1460;

/// The one-way distance of the censor's middlebox from the client: a provider's border, so that what it injects comes
/// before what the far end sends.
pub const CENSOR_DELAY: Duration = Duration::from_millis(5);

// Linux's errno numbers (include/uapi/asm-generic/errno.h): evidence keeps them, so the lab returns real ones.
pub(crate) const EPIPE: i32 = 32;
pub(crate) const ENETUNREACH: i32 = 101;
pub(crate) const ECONNRESET: i32 = 104;
pub(crate) const ECONNREFUSED: i32 = 111;
pub(crate) const EHOSTUNREACH: i32 = 113;
