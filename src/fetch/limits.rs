//! What is taken from a peer at most, and for how long it is waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::reach::LONGEST_WAIT;

/// What is taken from a peer at most. A time above 24 hours is taken for 24 hours. A peer that passes a limit ends its attempt with
/// [`Cause::Limit`](crate::transport::Cause::Limit) (time without progress: with
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
    /// From the start of the fetch to the last byte of the last hop, waiting for a turn included. Of an answer whose
    /// body is streamed: until it is handed out.
    pub total: Duration,
    /// From the start of the fetch to the last byte of a body that is streamed. `None`: as long as it comes on.
    pub streamed: Option<Duration>,
    /// From one piece of the answer to the next.
    ///
    /// Through Tor at least eight seconds are waited, because circuits stall for seconds without any censor.
    pub progress: Duration,
}

impl Limits {
    /// The same, with no time above [`LONGEST_WAIT`]: a deadline is a point in time, and an instant that is added to
    /// `Duration::MAX` overflows.
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

/// Bytes that several requests may take together, every attempt of each included. Clones share it.
///
/// It counts answers (head and body, after TLS) as they come. A body that it cuts short ends its attempt with
/// [`Cause::Limit`](crate::transport::Cause::Limit); what is taken beyond it is at most the last piece that was read.
#[derive(Clone, Debug)]
pub struct Allowance {
    bytes: u64,
    taken: Arc<AtomicU64>,
}

impl Allowance {
    /// So many bytes.
    pub fn new(bytes: u64) -> Self {
        Self { bytes, taken: Arc::default() }
    }

    /// What is left.
    pub fn left(&self) -> u64 {
        self.bytes.saturating_sub(self.taken())
    }

    /// What was taken, the little beyond it included.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Nothing is left.
    pub fn is_spent(&self) -> bool {
        self.left() == 0
    }

    pub(crate) fn take(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// As many as curl's and the browsers' users ever meet; the longest chain of a real login is about six.
const REDIRECTS: u32 = 10;

/// Four times what nginx and Apache take in a request; large `Set-Cookie` and policy headers fit.
const HEADER_BYTES: usize = 64 * 1024;

/// Bounds what many short lines cost to hold; their bytes are bounded above. Sites behind several proxies send a hundred
/// and more. hyper clears a slot for each line that it would take before it reads a head over HTTP/1.1: at 1,000 that was
/// 20,000 instructions of the 60,000 that a request of 1 KB takes beyond its connection.
const HEADERS: usize = 300;

/// A long page or a feed with its inline pictures. Media are fetched with a limit of their own.
const BODY_BYTES: u64 = 32 * 1024 * 1024;

/// Real text shrinks to a quarter at best; what grows beyond this is hostile, or not for a phone's memory.
const DECODED_BYTES: u64 = 64 * 1024 * 1024;

/// The wire limit at the 14 kB/s of a throttled network lets 1.6 MB through in this time: text, with pictures to come.
const TOTAL: Duration = Duration::from_secs(120);

/// Two round trips of the worst mobile network and a retransmission. A censor's freeze never ends, and noticing it late
/// costs the reader more than giving up a slow server that can be continued elsewhere.
const PROGRESS: Duration = Duration::from_secs(2);

/// The same where nothing else is left to try: giving up gains nothing, and a mobile network that hands over from mast to
/// mast is silent for some seconds. Within the ten seconds of a race without a byte, so that the freeze is on record.
pub(crate) const LAST_PROGRESS: Duration = Duration::from_secs(8);

/// Tor's own congestion control and a busy relay stall a circuit for several seconds.
pub const TOR_PROGRESS: Duration = Duration::from_secs(8);

/// TLS with the host: two round trips of a second, on a network that stretches the handshake to 5 s.
pub(crate) const TLS: Duration = Duration::from_secs(8);

/// A streamed answer is handed out when so much of it has come, unless it is complete before. A censor that lets a
/// connection begin and then freezes it does so after 16 to 20 kB: by then the race is still on, and goes elsewhere
/// even where the body cannot be continued.
pub(crate) const PROLOGUE_BYTES: usize = 64 * 1024;

/// What comes more slowly than that is handed out this long after its head: later than a freeze is noticed.
pub(crate) const PROLOGUE: Duration = Duration::from_secs(3);

/// The same for what drips while another way is left: the race goes on until that one had the time for its handshakes.
pub(crate) const DRIPPING_PROLOGUE: Duration = Duration::from_secs(6);

/// From the request to the head of the answer, and while a long request is sent, from one piece to the next: a slow page takes some seconds to make, and over Tor a round trip takes
/// one; meanwhile the race has started other routes. With the handshakes before it, it ends within the ten seconds of a
/// race without any answer, so that the silence is told with its stage.
pub(crate) const FIRST_BYTE: Duration = Duration::from_secs(8);

/// A connection by which nothing came for so long may be frozen: nobody joins those who wait there.
pub(crate) const LIVELY: Duration = Duration::from_secs(1);

/// The same on a connection that lay idle: it may have died without a word (a NAT that forgot it, a phone that
/// slept). What can be sent twice is then sent on a fresh one.
pub(crate) const REUSED_FIRST_BYTE: Duration = Duration::from_secs(3);
