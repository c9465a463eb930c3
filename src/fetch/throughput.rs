//! Measures the throughput of a body. If it is too low, the race starts another route beside it.
//!
//! A server or a censor that lets a byte through now and then is never silent, and never done. Slowness is not a
//! failure either: a bad mobile network has nothing faster. So a slow body is only marked as slow ([`Trace::paced`]),
//! and the race starts another route beside it if one is left.

use std::time::Duration;

use tokio::time::Instant;

use super::limits::LIVELY;
use crate::transport::{Slow, Trace};

/// Measures the throughput of a body, one window after another.
pub(crate) struct ThroughputMonitor {
    since: Instant,
    /// The bytes that had come over the connection when the window began.
    bytes: u64,
    /// The time of the next check in any case.
    next_check: Instant,
}

impl ThroughputMonitor {
    /// A monitor for a body that begins now, after `bytes` have come over its connection.
    pub(crate) fn new(bytes: u64) -> Self {
        let now = Instant::now();
        Self { since: now, bytes, next_check: now + WINDOW }
    }

    /// When to call [`ThroughputMonitor::observe`] again.
    pub(crate) fn next_check(&self) -> Instant {
        self.next_check
    }

    /// Judges the window when it is over. `bytes` have come over the connection until now, the last of them at `last`,
    /// and `rest` bytes of the body are missing, if known.
    ///
    /// A connection that is silent at the moment is not judged: that may be a freeze, which the idle timeout notices.
    pub(crate) fn observe(&mut self, bytes: u64, last: Instant, rest: Option<u64>, trace: &Trace) {
        let now = Instant::now();
        if now >= self.next_check {
            self.next_check = now + WINDOW;
        }
        let time = now.saturating_duration_since(self.since);
        if time < WINDOW || now.saturating_duration_since(last) >= LIVELY {
            return;
        }
        trace.paced(slowness(bytes.saturating_sub(self.bytes), time, rest));
        (self.since, self.bytes) = (now, bytes);
    }
}

/// How slow a body is that had this many bytes in this time, and of which `rest` is missing.
fn slowness(bytes: u64, time: Duration, rest: Option<u64>) -> Option<Slow> {
    let rate = bytes as f64 / time.as_secs_f64();
    let is_long = rest.is_none_or(|rest| rest as f64 > rate * NEARLY_THERE.as_secs_f64());
    match rate {
        _ if !is_long => None,
        rate if rate < DRIP => Some(Slow::Drips),
        rate if rate < SLOW && rest.is_some() => Some(Slow::Long),
        _ => None,
    }
}

/// How long a rate is measured: several round trips of a bad mobile network, so that neither a slow start nor the pause
/// between two TLS records decides. A freeze is noticed in the same time.
const WINDOW: Duration = Duration::from_secs(2);

/// A body that will be complete in this time is not overtaken: another route needs a second or two for its handshakes
/// alone.
const NEARLY_THERE: Duration = Duration::from_secs(5);

/// Bytes per second. Twice the rate that throttled networks were seen to allow (14 kB/s). Above this rate a page can be
/// read while it comes, and loading a long file a second time would cost its reader more than the wait.
const SLOW: f64 = 32_000.0;

/// Bytes per second. GPRS was faster: a page of text takes minutes, and a server that sends this little is stalling.
const DRIP: f64 = 1_024.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_dripping_and_nearly_complete_bodies_are_distinct() {
        let two = Duration::from_secs(2);
        for (bytes, rest, told) in [
            (4, Some(99_996), Some(Slow::Drips)),
            (4, None, Some(Slow::Drips)),
            (4, Some(4), None),
            (28_000, Some(172_000), Some(Slow::Long)),
            (28_000, Some(70_000), None),
            (28_000, None, None),
            (64_000, Some(100_000_000), None),
            (0, Some(1), Some(Slow::Drips)),
            (0, Some(0), None),
        ] {
            assert_eq!(slowness(bytes, two, rest), told, "{bytes} bytes in two seconds, {rest:?} missing");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_is_judged_when_over_and_never_in_silence() {
        let trace = Trace::new();
        let mut monitor = ThroughputMonitor::new(1_000);
        let mut look = async |after: u64, bytes, silent: u64| {
            tokio::time::advance(Duration::from_millis(after)).await;
            monitor.observe(bytes, Instant::now() - Duration::from_millis(silent), Some(1_000_000), &trace);
            trace.slow()
        };
        assert_eq!(look(1_900, 1_010, 0).await, None, "too early");
        assert_eq!(look(200, 1_010, 1_500).await, None, "it may be a freeze");
        assert_eq!(look(400, 1_011, 0).await, Some(Slow::Drips));
        assert_eq!(look(2_000, 30_000, 0).await, Some(Slow::Long));
        assert_eq!(look(2_000, 300_000, 0).await, None);
    }
}
