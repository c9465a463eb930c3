//! How fast a body comes, and when that is too slow to be waited for alone.
//!
//! A server or a censor that lets a byte through now and then is never silent, and never done. Nor is slowness a failure:
//! on a bad mobile network it is all there is. So a slow body only says that it is one ([`Trace::paced`]), and the race
//! starts another way beside it where one is left.

use std::time::Duration;

use tokio::time::Instant;

use super::limits::LIVELY;
use crate::transport::{Slow, Trace};

/// The present window of a body under way.
pub(crate) struct Tempo {
    since: Instant,
    /// What had come over the connection when the window began.
    bytes: u64,
    /// When to look again, whatever comes.
    next: Instant,
}

impl Tempo {
    /// A body that begins now, when so many bytes have come over its connection.
    pub(crate) fn new(bytes: u64) -> Self {
        let now = Instant::now();
        Self { since: now, bytes, next: now + WINDOW }
    }

    /// When to look again.
    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    /// Looks at what has come over the connection until now, the last of it at `last`, while `rest` bytes of the body are
    /// missing, where that is known.
    ///
    /// Who says nothing at the moment is not judged: that may be a freeze, which is noticed by its silence and continued.
    pub(crate) fn look(&mut self, bytes: u64, last: Instant, rest: Option<u64>, trace: &Trace) {
        let now = Instant::now();
        if now >= self.next {
            self.next = now + WINDOW;
        }
        let time = now.saturating_duration_since(self.since);
        if time < WINDOW || now.saturating_duration_since(last) >= LIVELY {
            return;
        }
        trace.paced(judged(bytes.saturating_sub(self.bytes), time, rest));
        (self.since, self.bytes) = (now, bytes);
    }
}

/// What so many bytes in such a time say of a body of which `rest` is missing.
fn judged(bytes: u64, time: Duration, rest: Option<u64>) -> Option<Slow> {
    let rate = bytes as f64 / time.as_secs_f64();
    let is_long = rest.is_none_or(|rest| rest as f64 > rate * NEARLY_THERE.as_secs_f64());
    match rate {
        _ if !is_long => None,
        rate if rate < DRIP => Some(Slow::Drips),
        rate if rate < SLOW && rest.is_some() => Some(Slow::Long),
        _ => None,
    }
}

/// For so long a rate is measured: several round trips of a bad mobile network, so that neither a slow start nor the pause
/// between two TLS records decides. As long as a freeze takes to be noticed.
const WINDOW: Duration = Duration::from_secs(2);

/// What will have come in so long is waited for: another way needs a second or two for its handshakes alone.
const NEARLY_THERE: Duration = Duration::from_secs(5);

/// Bytes a second. Twice what throttled networks were seen to let through (14 kB/s): at more than that a page can be read
/// while it comes, and loading a long file a second time would cost its reader more than the wait.
const SLOW: f64 = 32_000.0;

/// Bytes a second. GPRS was faster: a page of text takes minutes, and whoever sends so little wants to be waited for.
const DRIP: f64 = 1_024.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_slowly_is_told_from_what_drips_and_from_what_is_nearly_there() {
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
            assert_eq!(judged(bytes, two, rest), told, "{bytes} bytes in two seconds, {rest:?} missing");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_is_judged_when_it_is_over_and_not_while_nothing_comes() {
        let trace = Trace::new();
        let mut tempo = Tempo::new(1_000);
        let mut look = async |after: u64, bytes, silent: u64| {
            tokio::time::advance(Duration::from_millis(after)).await;
            tempo.look(bytes, Instant::now() - Duration::from_millis(silent), Some(1_000_000), &trace);
            trace.slow()
        };
        assert_eq!(look(1_900, 1_010, 0).await, None, "too early");
        assert_eq!(look(200, 1_010, 1_500).await, None, "it may be a freeze");
        assert_eq!(look(400, 1_011, 0).await, Some(Slow::Drips));
        assert_eq!(look(2_000, 30_000, 0).await, Some(Slow::Long));
        assert_eq!(look(2_000, 300_000, 0).await, None);
    }
}
