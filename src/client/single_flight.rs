//! Calls that ask for the same at once are one call.

use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

type Call<T> = Shared<BoxFuture<'static, T>>;

/// The calls under way, by what they ask for.
///
/// A call is driven by whichever of its callers is polled. Dropping one of them, the first included, takes nothing from the
/// others; when the last is dropped, the call is dropped at once. There is no task: nothing runs that no caller waits for.
pub(super) struct SingleFlight<K, T>(Mutex<Vec<(K, WeakShared<BoxFuture<'static, T>>)>>);

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, T: Clone + Send + 'static> SingleFlight<K, T> {
    /// Joins the call under way for `key`, or begins one. What has ended is not joined.
    pub(super) fn join(&self, key: K, begin: impl FnOnce() -> BoxFuture<'static, T>) -> Call<T> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut joined = None;
        // A call that another thread lets go of just now may end with what is held here: not while the lock is held.
        let mut held = Vec::new();
        calls.retain(|(known, call)| {
            let Some(call) = call.upgrade() else { return false };
            let under_way = call.peek().is_none();
            if under_way && *known == key {
                joined = Some(call);
            } else {
                held.push(call);
            }
            under_way
        });
        let call = joined.unwrap_or_else(|| {
            let call = begin().shared();
            calls.extend(call.downgrade().map(|weak| (key, weak)));
            call
        });
        drop(calls);
        drop(held);
        call
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;
    use tokio::task::{AbortHandle, JoinSet};

    use super::*;

    /// Calls that wait for a permit, and are counted.
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

    /// On real threads: whoever drives the call and is aborted at whichever moment, the others get its result.
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
