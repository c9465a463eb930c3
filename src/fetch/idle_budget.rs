//! How long several requests together may hear nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::reach;

/// The silence that several requests share. A caller that makes them for one purpose waits ten seconds for the first
/// byte of any answer, not ten for each. Every byte of an answer restarts the time, and so does a change of the
/// network.
///
/// Clones share it.
#[derive(Clone, Debug)]
pub struct IdleBudget {
    since: Arc<Mutex<Instant>>,
    /// The part that is kept for others.
    spared: Duration,
}

impl IdleBudget {
    /// A budget that begins now.
    pub fn new() -> Self {
        Self { since: Arc::new(Mutex::new(Instant::now())), spared: Duration::ZERO }
    }

    /// The same budget, of which the holder leaves this part to later requests.
    #[must_use]
    pub fn sparing(&self, spared: Duration) -> Self {
        Self { since: self.since.clone(), spared: self.spared.saturating_add(spared) }
    }

    /// How long nothing may be heard from now on.
    pub fn left(&self) -> Duration {
        let until = *self.since() + reach::BUDGET;
        until.saturating_duration_since(Instant::now()).saturating_sub(self.spared)
    }

    /// Something came, or the network changed.
    pub(crate) fn broken(&self) {
        *self.since() = Instant::now();
    }

    /// Adds the time in which nothing was requested, so nothing could be heard.
    pub(crate) fn postpone(&self, by: Duration) {
        let mut since = self.since();
        *since = (*since + by).min(Instant::now());
    }

    fn since(&self) -> MutexGuard<'_, Instant> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for IdleBudget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_shared_spared_and_broken() {
        let second = Duration::from_secs(1);
        let all = IdleBudget::new();
        let first = all.sparing(second * 5);
        advance(second * 4).await;
        assert_eq!((all.left(), first.left()), (second * 6, second));
        advance(second * 2).await;
        assert_eq!((all.left(), first.left()), (second * 4, Duration::ZERO));
        first.postpone(second);
        assert_eq!(all.left(), second * 5);
        first.broken();
        assert_eq!((all.left(), first.left()), (second * 10, second * 5));
        all.postpone(second * 60);
        assert_eq!(all.left(), second * 10, "and never longer than that");
    }
}
