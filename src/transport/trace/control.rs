//! What the race and its attempt ask of each other while the attempt is under way.

use std::sync::{MutexGuard, PoisonError};

use tokio::time::Instant;

use super::{Slow, Trace};

impl Trace {
    /// Says how the body comes at the moment: `None`, fast enough, or nearly all of it is there.
    pub fn paced(&self, slow: Option<Slow>) {
        self.seen_mut().slow = slow;
    }

    /// What was said by [`Trace::paced`].
    pub fn slow(&self) -> Option<Slow> {
        self.seen_mut().slow
    }

    /// Says whether anything else is left to try: where nothing is, giving up a slow answer gains nothing.
    pub fn last(&self, last: bool) {
        self.seen_mut().last = last;
    }

    /// What was said by [`Trace::last`].
    pub fn is_last(&self) -> bool {
        self.seen_mut().last
    }

    /// Says that nothing else goes on: it should not rest for politeness' sake.
    pub fn hurry(&self) {
        self.seen_mut().hurried = true;
        self.record.hurry.notify_one();
    }

    /// Whether [`Trace::hurry`] was said.
    pub fn is_hurried(&self) -> bool {
        self.seen_mut().hurried
    }

    /// Waits until [`Trace::hurry`] is said.
    pub(crate) async fn hurried(&self) {
        while !self.is_hurried() {
            self.record.hurry.notified().await;
        }
    }

    /// The attempt wants to be polled at this instant, whatever comes before. The race keeps one timer for all its attempts:
    /// each timer of their own costs a system call where it is the first of its runtime.
    pub(crate) fn wakes(&self, at: Option<Instant>) {
        *self.record.wakes.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// When it wants to be polled.
    pub(crate) fn wake(&self) -> Option<Instant> {
        *self.record.wakes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be done when nobody listens to the attempt any more, though it may still be there.
    pub(crate) fn on_rest(&self, work: impl FnOnce() + Send + 'static) {
        *self.at_rest() = Some(Box::new(work));
    }

    /// Nobody listens to the attempt any more.
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
