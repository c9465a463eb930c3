//! A host's rate limit, enforced by us.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// Turns to wait for: at most this many in any second.
///
/// They are not spaced: the first few are free at once, because a page usually needs a few requests. Callers get their
/// turns in the order of asking; a caller that stops waiting takes none.
#[derive(Debug)]
pub struct RateLimit {
    per_second: NonZeroU32,
    /// When the latest turns were taken, the oldest first; never more than `per_second`.
    taken: Mutex<VecDeque<Instant>>,
}

impl RateLimit {
    /// At most `turns` in any second.
    pub fn per_second(turns: NonZeroU32) -> Self {
        Self { per_second: turns, taken: Mutex::new(VecDeque::new()) }
    }

    /// Waits for a turn and takes it.
    pub async fn turn(&self) {
        let mut taken = self.taken.lock().await;
        self.wait(&taken).await;
        if taken.len() >= self.per_second.get() as usize {
            taken.pop_front();
        }
        taken.push_back(Instant::now());
    }

    /// Waits until a turn is free, and takes none.
    ///
    /// A race waits here before it starts, so that the wait does not count against the routes.
    pub async fn ready(&self) {
        let taken = self.taken.lock().await;
        self.wait(&taken).await;
    }

    async fn wait(&self, taken: &VecDeque<Instant>) {
        if taken.len() < self.per_second.get() as usize {
            return;
        }
        if let Some(oldest) = taken.front() {
            sleep_until(*oldest + WINDOW).await;
        }
    }
}

/// The span in which turns are counted.
const WINDOW: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use futures_util::future::join_all;

    use super::*;

    fn pace(turns: u32) -> RateLimit {
        RateLimit::per_second(NonZeroU32::new(turns).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_turns_than_allowed() {
        let pace = pace(3);
        let start = Instant::now();
        let mut taken = Vec::new();
        for _ in 0..8 {
            pace.turn().await;
            taken.push(start.elapsed().as_millis());
        }
        assert_eq!(taken, [0, 0, 0, 1000, 1000, 1000, 2000, 2000]);
    }

    #[tokio::test(start_paused = true)]
    async fn turns_taken_apart_are_not_delayed() {
        let pace = pace(2);
        let start = Instant::now();
        for _ in 0..4 {
            pace.turn().await;
            tokio::time::advance(Duration::from_millis(500)).await;
        }
        assert_eq!(start.elapsed(), Duration::from_millis(2000));
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_takes_no_turn() {
        let pace = pace(1);
        let start = Instant::now();
        pace.turn().await;
        let gave_up = tokio::time::timeout(Duration::from_millis(400), pace.turn()).await;
        assert!(gave_up.is_err());
        pace.turn().await;
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_wait_at_once_share_the_turns() {
        let pace = Arc::new(pace(2));
        let start = Instant::now();
        join_all((0..6).map(|_| pace.turn())).await;
        assert_eq!(start.elapsed(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn readiness_takes_no_turn() {
        let pace = pace(1);
        pace.ready().await;
        pace.ready().await;
        let start = Instant::now();
        pace.turn().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        pace.ready().await;
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }
}
