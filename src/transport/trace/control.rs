//! Requests between the race and its attempt while the attempt is under way.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Slow, Trace};

impl Trace {
    /// Reports how the body comes now. `None`: fast enough, or nearly all of it is there.
    pub fn paced(&self, slow: Option<Slow>) {
        self.seen_mut().slow = slow;
    }

    /// The last report to [`Trace::paced`].
    pub fn slow(&self) -> Option<Slow> {
        self.seen_mut().slow
    }

    /// Says whether this is the last attempt: then giving up a slow answer gains nothing.
    pub fn last(&self, last: bool) {
        self.seen_mut().last = last;
    }

    /// The last value given to [`Trace::last`].
    pub fn is_last(&self) -> bool {
        self.seen_mut().last
    }

    /// Says how long the start of Tor may take before other routes have their turn. `None`: as long as it moves.
    pub fn tor_may_take(&self, time: Option<Duration>) {
        self.seen_mut().tor_may_take = time;
    }

    /// The last value given to [`Trace::tor_may_take`].
    pub fn time_for_tor(&self) -> Option<Duration> {
        self.seen_mut().tor_may_take
    }

    /// Says that nothing else is under way, so it should not rest any longer.
    pub fn hurry(&self) {
        self.seen_mut().hurried = true;
        self.record.hurry.notify_one();
    }

    /// Whether [`Trace::hurry`] was called.
    pub fn is_hurried(&self) -> bool {
        self.seen_mut().hurried
    }

    /// Waits until [`Trace::hurry`] is called.
    pub(crate) async fn hurried(&self) {
        while !self.is_hurried() {
            self.record.hurry.notified().await;
        }
    }

    /// The attempt wants to be polled at this instant at the latest. The race keeps one timer for all its attempts: a
    /// separate timer costs a system call if it is the first of its runtime.
    pub(crate) fn wakes(&self, at: Option<Instant>) {
        *self.record.wakes.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// The instant when it wants to be polled.
    pub(crate) fn wake(&self) -> Option<Instant> {
        *self.record.wakes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the work to do once the race no longer polls the attempt, though the attempt may still exist.
    pub(crate) fn on_rest(&self, work: impl FnOnce() + Send + 'static) {
        *self.at_rest() = Some(Box::new(work));
    }

    /// The race no longer polls the attempt.
    pub(crate) fn rests(&self) {
        let work = self.at_rest().take();
        if let Some(work) = work {
            work();
        }
    }

    fn at_rest(&self) -> MutexGuard<'_, Option<Box<dyn FnOnce() + Send>>> {
        self.record.at_rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
