//! Waiting with a deadline, and with few timers.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::time::error::Elapsed;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use crate::transport::Trace;

/// Waits until `deadline`, if there is one.
pub(super) async fn in_time<F: Future>(deadline: Option<Instant>, future: F) -> Result<F::Output, Elapsed> {
    match deadline {
        Some(deadline) => timeout_at(deadline, future).await,
        None => Ok(future.await),
    }
}

/// Waits for `future` until `deadline`, if there is one, without a timer: the race that polls the attempt keeps the
/// time.
pub(super) async fn kept_by_race<F: Future>(
    deadline: Option<Instant>,
    trace: &Trace,
    future: F,
) -> Result<F::Output, TimedOut> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        // A nested wait sets its own time again.
        trace.wakes(None);
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            trace.wakes(None);
            return Poll::Ready(Ok(output));
        }
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            trace.wakes(None);
            return Poll::Ready(Err(TimedOut));
        }
        trace.wakes(trace.wake().into_iter().chain(deadline).min());
        Poll::Pending
    })
    .await
}

/// The time was over.
pub(super) struct TimedOut;

/// A timer that is set once and not for each piece of a body. It fires too early rather than being set anew, because
/// each setting may cost a system call.
#[derive(Default)]
pub(super) struct CoarseTimer(Option<Pin<Box<Sleep>>>);

impl CoarseTimer {
    /// Waits for `future` until `at`.
    pub(super) async fn wait<F: Future>(&mut self, at: Instant, future: F) -> Result<F::Output, TimedOut> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            loop {
                let timer = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
                if timer.deadline() > at {
                    timer.as_mut().reset(at);
                }
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                if at <= Instant::now() {
                    return Poll::Ready(Err(TimedOut));
                }
                timer.as_mut().reset(at);
            }
        })
        .await
    }
}
