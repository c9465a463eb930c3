//! Calls that ask for the same thing at the same time become one call.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

/// The calls that are under way, by what they ask for.
///
/// Each caller of a call drives it whenever that caller is polled. If one caller is dropped, even the first one, the
/// others don't lose anything. When the last caller is dropped, the call is dropped at once. There is no task: nothing
/// runs that no caller waits for. A caller that is kept but not polled does not delay the others. With a mutex around
/// the call it would.
pub(super) struct SingleFlight<K, T>(Mutex<Vec<UnderWay<K, T>>>);

struct UnderWay<K, T> {
    key: K,
    shared: WeakShared<BoxFuture<'static, T>>,
    callers: Arc<Callers>,
}

/// One caller of a call.
pub(super) struct Call<T: Clone> {
    shared: Shared<BoxFuture<'static, T>>,
    callers: Arc<Callers>,
}

/// Wakes the callers of one call.
///
/// When the call is woken, [`Shared`] wakes every caller that waits, and forgets them. If those callers are woken while
/// another one polls, they find the call busy and wait again. If the one that polls is then dropped, or is not polled
/// any more, the wake is lost (<https://github.com/rust-lang/futures-rs/issues/2706>). So the callers are woken once
/// more after a poll during which the call was woken. They are also woken when one of them is dropped. If that one
/// panicked, the others panic too instead of waiting for ever.
#[derive(Default)]
struct Callers(Mutex<Polled>);

#[derive(Default)]
struct Polled {
    /// The waker of the callers. It wakes every caller that waits.
    waker: Option<Waker>,
    at_work: bool,
    /// The call was woken since its last poll began.
    woken: bool,
}

impl Callers {
    fn polled(&self) -> MutexGuard<'_, Polled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Polls the call for the one caller that [`Shared`] lets through.
    fn poll<T>(self: &Arc<Self>, future: &mut BoxFuture<'static, T>, waker: &Waker) -> Poll<T> {
        *self.polled() = Polled { waker: Some(waker.clone()), at_work: true, woken: false };
        let poll = future.poll_unpin(&mut Context::from_waker(&Waker::from(self.clone())));
        self.polled().at_work = false;
        poll
    }

    fn wake_all(&self) {
        let waker = self.polled().waker.clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn wake_all_if_woken_meanwhile(&self) {
        let Polled { at_work, woken, .. } = *self.polled();
        if woken && !at_work {
            self.wake_all();
        }
    }
}

impl Wake for Callers {
    fn wake(self: Arc<Self>) {
        self.polled().woken = true;
        self.wake_all();
    }
}

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, T: Clone + Send + 'static> SingleFlight<K, T> {
    /// Joins the call that is under way for `key`, or begins one. A call that has ended is not joined.
    pub(super) fn join(&self, key: K, begin: impl FnOnce() -> BoxFuture<'static, T>) -> Call<T> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut joined = None;
        // Another thread may let go of a call at this moment. Then the call ends with what is held here, which must not
        // happen under the lock.
        let mut held = Vec::new();
        calls.retain(|call| {
            let Some(shared) = call.shared.upgrade() else { return false };
            let under_way = shared.peek().is_none();
            if under_way && call.key == key {
                joined = Some(Call { shared, callers: call.callers.clone() });
            } else {
                held.push(shared);
            }
            under_way
        });
        let call = joined.unwrap_or_else(|| {
            let call = Call::of(begin());
            calls.extend(call.shared.downgrade().map(|shared| UnderWay { key, shared, callers: call.callers.clone() }));
            call
        });
        drop(calls);
        drop(held);
        call
    }
}

impl<T: Clone + Send + 'static> Call<T> {
    fn of(mut future: BoxFuture<'static, T>) -> Self {
        let callers = Arc::new(Callers::default());
        let polling = callers.clone();
        let polled = std::future::poll_fn(move |context| polling.poll(&mut future, context.waker()));
        Self { shared: polled.boxed().shared(), callers }
    }
}

impl<T: Clone> Future for Call<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let poll = self.shared.poll_unpin(context);
        if poll.is_pending() {
            self.callers.wake_all_if_woken_meanwhile();
        }
        poll
    }
}

impl<T: Clone> Drop for Call<T> {
    fn drop(&mut self) {
        self.callers.wake_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::panic::{self, AssertUnwindSafe};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use tokio::sync::Semaphore;
    use tokio::task::{AbortHandle, JoinSet};

    use super::*;

    /// Calls that wait for a permit and are counted.
    #[derive(Default)]
    struct Counted {
        calls: SingleFlight<u8, usize>,
        begun: Arc<AtomicUsize>,
        alive: Arc<()>,
    }

    impl Counted {
        fn join(&self, key: u8, permits: &Arc<Semaphore>) -> Call<usize> {
            let (begun, permits, alive) = (self.begun.clone(), permits.clone(), self.alive.clone());
            self.calls.join(key, || {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                Box::pin(async move {
                    permits.acquire().await.unwrap().forget();
                    drop(alive);
                    number
                })
            })
        }
    }

    #[tokio::test]
    async fn equal_calls_are_one_and_others_are_not() {
        let (counted, permits) = (Counted::default(), Arc::new(Semaphore::new(2)));
        let (a, b, other) = (counted.join(1, &permits), counted.join(1, &permits), counted.join(2, &permits));
        assert_eq!(tokio::join!(a, b, other), (0, 0, 1));
        permits.add_permits(1);
        assert_eq!(counted.join(1, &permits).await, 2, "what has ended is not joined");
    }

    #[tokio::test]
    async fn a_caller_that_is_dropped_hands_the_call_over() {
        let (counted, permits) = (Counted::default(), Arc::new(Semaphore::new(0)));
        let (mut leader, follower) = (counted.join(1, &permits), counted.join(1, &permits));
        assert!((&mut leader).now_or_never().is_none());
        let waiting = async {
            tokio::task::yield_now().await;
            drop(leader);
            permits.add_permits(1);
        };
        assert_eq!(tokio::join!(follower, waiting).0, 0, "it goes on where it was, and does not begin anew");
    }

    #[tokio::test]
    async fn the_last_caller_that_is_dropped_ends_the_call() {
        let (counted, permits) = (Counted::default(), Arc::new(Semaphore::new(0)));
        let mut callers: Vec<_> = (0..3).map(|_| counted.join(1, &permits)).collect();
        assert!((&mut callers[0]).now_or_never().is_none());
        callers.truncate(1);
        assert_eq!(Arc::strong_count(&counted.alive), 2);
        drop(callers);
        assert_eq!(Arc::strong_count(&counted.alive), 1, "the call is dropped");
        permits.add_permits(1);
        assert_eq!(counted.join(1, &permits).await, 1, "and the next one begins");
    }

    /// The call is woken while one caller polls it. That wakes another caller, which finds the call busy.
    fn woken_while_polled() -> (Call<u8>, Call<u8>, Arc<Woken>) {
        let flight = SingleFlight::<u8, u8>::default();
        let second = Arc::new(Mutex::new(None::<Call<u8>>));
        let woken = Arc::new(Woken::default());
        let (other, others_waker) = (second.clone(), Waker::from(woken.clone()));
        let mut polls = 0;
        let mut first = flight.join(1, || {
            Box::pin(std::future::poll_fn(move |context| {
                polls += 1;
                if polls > 1 {
                    return Poll::Ready(7);
                }
                context.waker().wake_by_ref();
                let mut other = other.lock().unwrap();
                assert!(other.as_mut().unwrap().poll_unpin(&mut Context::from_waker(&others_waker)).is_pending());
                Poll::Pending
            }))
        });
        *second.lock().unwrap() = Some(flight.join(1, || unreachable!("the call is under way")));
        assert!((&mut first).now_or_never().is_none());
        let second = second.lock().unwrap().take().unwrap();
        (first, second, woken)
    }

    #[test]
    fn a_wake_outlives_the_caller_that_was_polling() {
        let (first, second, woken) = woken_while_polled();
        drop(first);
        assert!(woken.0.load(Ordering::SeqCst), "the one that stays is woken");
        assert_eq!(second.now_or_never(), Some(7), "and ends the call");
    }

    #[test]
    fn a_wake_reaches_others_while_its_caller_is_kept() {
        let (first, second, woken) = woken_while_polled();
        assert!(woken.0.load(Ordering::SeqCst), "the other is woken, though nothing polls the first again");
        assert_eq!(second.now_or_never(), Some(7), "and ends the call");
        assert_eq!(first.now_or_never(), Some(7));
    }

    #[test]
    fn callers_of_a_call_that_panics_do_not_hang() {
        let flight = SingleFlight::<u8, u8>::default();
        let mut polls = 0;
        let mut first = flight.join(1, || {
            Box::pin(std::future::poll_fn(move |_| {
                polls += 1;
                assert!(polls < 3, "a source that panics");
                Poll::Pending
            }))
        });
        let mut second = flight.join(1, || unreachable!("the call is under way"));
        assert!((&mut first).now_or_never().is_none());
        let woken = Arc::new(Woken::default());
        assert!(second.poll_unpin(&mut Context::from_waker(&Waker::from(woken.clone()))).is_pending());
        assert!(panic::catch_unwind(AssertUnwindSafe(|| first.now_or_never())).is_err());
        assert!(woken.0.load(Ordering::SeqCst), "the other is woken");
        assert!(panic::catch_unwind(AssertUnwindSafe(|| second.now_or_never())).is_err(), "and panics too");
    }

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn a_caller_that_is_not_polled_holds_up_no_other() {
        let (counted, permits) = (Counted::default(), Arc::new(Semaphore::new(0)));
        let (mut kept, other) = (counted.join(1, &permits), counted.join(1, &permits));
        assert!((&mut kept).now_or_never().is_none());
        permits.add_permits(1);
        assert_eq!(other.await, 0);
        assert_eq!(kept.await, 0);
    }

    /// Runs on real threads, at many moments.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn callers_on_many_threads_are_handed_over_to() {
        for round in 0..200 {
            let counted = Arc::new(Counted::default());
            let permits = Arc::new(Semaphore::new(0));
            let mut tasks = JoinSet::new();
            let callers: Vec<_> = (0..6).map(|_| tasks.spawn(counted.join(1, &permits))).collect();
            for _ in 0..round % 7 {
                tokio::task::yield_now().await;
            }
            callers[..5].iter().for_each(AbortHandle::abort);
            permits.add_permits(1);
            let ended = tokio::time::timeout(std::time::Duration::from_secs(60), async {
                let mut last = None;
                while let Some(ended) = tasks.join_next_with_id().await {
                    last = last.or(ended.ok().filter(|(id, _)| *id == callers[5].id()));
                }
                last.map(|(_, number)| number)
            });
            assert_eq!(ended.await, Ok(Some(0)), "round {round}");
        }
    }
}
