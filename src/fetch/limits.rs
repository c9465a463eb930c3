//! Limits on what is accepted from a peer, and on how long to wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::reach::LONGEST_WAIT;

/// Limits on what is accepted from a peer. A time above 24 hours counts as 24 hours. A peer that exceeds a limit ends
/// its attempt with [`Cause::Limit`](crate::transport::Cause::Limit) (time without progress: with
/// [`Cause::Silence`](crate::transport::Cause::Silence)).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Redirects that are followed.
    pub redirects: u32,
    /// Bytes of one answer's head.
    pub header_bytes: usize,
    /// Header fields of one answer.
    pub headers: usize,
    /// Bytes of the body as it comes over the wire.
    pub body_bytes: u64,
    /// Bytes of the decoded body.
    pub decoded_bytes: u64,
    /// From the start of the fetch to the last byte of the last hop, including the wait for a turn. For an answer with
    /// a streamed body: until it is handed out.
    pub total: Duration,
    /// From the start of the fetch to the last byte of a streamed body. `None`: as long as more keeps coming.
    pub streamed: Option<Duration>,
    /// From one piece of the answer to the next.
    ///
    /// Through Tor it is at least eight seconds, because circuits stall for seconds without any censor.
    pub progress: Duration,
}

impl Limits {
    /// The same, with no time above [`LONGEST_WAIT`]: a deadline is a point in time, and adding `Duration::MAX` to an
    /// instant overflows.
    #[must_use]
    pub(crate) fn bounded(self) -> Self {
        let Self { total, streamed, progress, .. } = self;
        let streamed = streamed.map(|streamed| streamed.min(LONGEST_WAIT));
        Self { total: total.min(LONGEST_WAIT), streamed, progress: progress.min(LONGEST_WAIT), ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            redirects: REDIRECTS,
            header_bytes: HEADER_BYTES,
            headers: HEADERS,
            body_bytes: BODY_BYTES,
            decoded_bytes: DECODED_BYTES,
            total: TOTAL,
            streamed: None,
            progress: PROGRESS,
        }
    }
}

/// Bytes that several requests may take together, including every attempt of each. Clones share it.
///
/// It counts answers (head and body, after TLS) as they come. A body that it cuts short ends its attempt with
/// [`Cause::Limit`](crate::transport::Cause::Limit). It is exceeded by at most the last piece that was read.
#[derive(Clone, Debug)]
pub struct Allowance {
    bytes: u64,
    taken: Arc<AtomicU64>,
}

impl Allowance {
    /// An allowance of this many bytes.
    pub fn new(bytes: u64) -> Self {
        Self { bytes, taken: Arc::default() }
    }

    /// The first part of this allowance: spent when this many bytes were taken of the whole, by whichever request.
    pub(crate) fn up_to(&self, bytes: u64) -> Self {
        Self { bytes: bytes.min(self.bytes), taken: self.taken.clone() }
    }

    /// The bytes that are left.
    pub fn left(&self) -> u64 {
        self.bytes.saturating_sub(self.taken())
    }

    /// The bytes that were taken, including those beyond the allowance.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.left() == 0
    }

    pub(crate) fn take(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// More than users of curl and browsers ever meet; the longest chain of a real login is about six.
const REDIRECTS: u32 = 10;

/// Four times what nginx and Apache accept in a request; large `Set-Cookie` and policy headers fit.
const HEADER_BYTES: usize = 64 * 1024;

/// Bounds the memory for many short lines; their bytes are bounded above. Sites behind several proxies send a hundred
/// and more. Before hyper reads a head over HTTP/1.1, it clears a slot for each allowed line: at 1,000 that was 20,000
/// instructions of the 60,000 that a request of 1 KB takes beyond its connection.
const HEADERS: usize = 300;

/// A long page, or a feed with inline pictures. Media have a limit of their own.
const BODY_BYTES: u64 = 32 * 1024 * 1024;

/// Real text shrinks to a quarter at best. A body that grows more is hostile, or too large for a phone's memory.
const DECODED_BYTES: u64 = 64 * 1024 * 1024;

/// At the 14 kB/s of a throttled network, 1.6 MB come in this time: text, with pictures to come.
const TOTAL: Duration = Duration::from_secs(120);

/// Two round trips of the worst mobile network and a retransmission. A censor's freeze never ends, and noticing it late
/// costs the reader more than leaving a slow server whose body can be continued elsewhere.
const PROGRESS: Duration = Duration::from_secs(2);

/// The same if nothing else is left to try: leaving gains nothing, and a mobile network that hands over between masts
/// is silent for some seconds. It is shorter than the ten seconds of a race without a byte, so that the freeze is
/// recorded.
pub(crate) const LAST_PROGRESS: Duration = Duration::from_secs(8);

/// Tor's own congestion control and a busy relay stall a circuit for several seconds.
pub const TOR_PROGRESS: Duration = Duration::from_secs(8);

/// TLS with the host: two round trips of a second, on a network that stretches the handshake to 5 s.
pub(crate) const TLS: Duration = Duration::from_secs(8);

/// A streamed answer is handed out when this much of it has come, or when it is complete. A censor that freezes a
/// connection after its beginning does so after 16 to 20 kB. At that point the race is still on, and moves elsewhere
/// even if the body cannot be continued.
pub(crate) const PROLOGUE_BYTES: usize = 64 * 1024;

/// A slower answer is handed out this long after its head: later than a freeze is noticed.
pub(crate) const PROLOGUE: Duration = Duration::from_secs(3);

/// The same for an answer that drips while another route is left: the race continues until that route had time for its
/// handshakes.
pub(crate) const DRIPPING_PROLOGUE: Duration = Duration::from_secs(6);

/// From the request to the head of the answer and, while a long request is sent, from one piece to the next. A slow
/// page takes some seconds to make, and over Tor a round trip takes one second; meanwhile the race has started other
/// routes. Together with the handshakes before it, this ends within the ten seconds of a race without any answer, so
/// that the silence is recorded with its stage.
pub(crate) const FIRST_BYTE: Duration = Duration::from_secs(8);

/// A connection on which nothing came for this long may be frozen: no further request joins it.
pub(crate) const LIVELY: Duration = Duration::from_secs(1);

/// The same on a connection that was idle: it may have died silently (a NAT that forgot it, a phone that slept). A
/// repeatable request is then sent on a fresh one.
pub(crate) const REUSED_FIRST_BYTE: Duration = Duration::from_secs(3);
