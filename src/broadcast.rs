//! A broadcast channel whose listeners cannot slow the sender down.
//!
//! Each listener has its own bounded queue. A listener that does not keep up loses its oldest values and receives their
//! number ([`Heard::Missed`]). Without listeners a send costs one relaxed load. Dropping a [`Receiver`] ends its queue.
//! After the last [`Broadcast`] is dropped, its receivers end once they have read their queues.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

/// The sending side. Clones send to the same listeners.
pub(crate) struct Broadcast<T>(Arc<Hub<T>>);

struct Hub<T> {
    /// The capacity of each listener's queue.
    capacity: usize,
    /// The number of listeners. Without listeners nothing else is read.
    listeners: AtomicUsize,
    queues: Mutex<Vec<Arc<SharedQueue<T>>>>,
}

type SharedQueue<T> = Mutex<ListenerQueue<T>>;

/// The queue of one listener.
struct ListenerQueue<T> {
    values: VecDeque<T>,
    missed: u64,
    waker: Option<Waker>,
    closed: bool,
}

impl<T> Default for ListenerQueue<T> {
    fn default() -> Self {
        Self { values: VecDeque::new(), missed: 0, waker: None, closed: false }
    }
}

/// An item that a listener receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard<T> {
    /// A value.
    Value(T),
    /// This many values were lost before the next one.
    Missed(u64),
}

impl<T: Clone> Broadcast<T> {
    /// A channel without listeners. `capacity` bounds each listener's queue.
    pub(crate) fn new(capacity: usize) -> Self {
        Self(Arc::new(Hub { capacity, listeners: AtomicUsize::new(0), queues: Mutex::default() }))
    }

    /// Adds a listener, which receives what is sent from now on.
    pub(crate) fn subscribe(&self) -> Receiver<T> {
        let queue = Arc::<SharedQueue<T>>::default();
        self.0.queues().push(queue.clone());
        self.0.listeners.fetch_add(1, Ordering::Relaxed);
        Receiver { queue, hub: Arc::downgrade(&self.0) }
    }

    /// Returns `true` if there are listeners. If not, the caller can skip making a value.
    pub(crate) fn is_heard(&self) -> bool {
        self.0.listeners.load(Ordering::Relaxed) > 0
    }

    /// Sends a value to every listener. Never blocks.
    pub(crate) fn send(&self, value: &T) {
        for queue in self.0.queues().iter() {
            let waker = {
                let mut waiting = lock(queue);
                if waiting.values.len() >= self.0.capacity {
                    waiting.values.pop_front();
                    waiting.missed = waiting.missed.saturating_add(1);
                }
                waiting.values.push_back(value.clone());
                waiting.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// The number of listeners.
    #[cfg(test)]
    pub(crate) fn listeners(&self) -> usize {
        self.0.queues().len()
    }
}

impl<T> Clone for Broadcast<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Broadcast<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast").field("listeners", &self.0.listeners).finish_non_exhaustive()
    }
}

impl<T> Hub<T> {
    fn queues(&self) -> MutexGuard<'_, Vec<Arc<SharedQueue<T>>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Hub<T> {
    fn drop(&mut self) {
        for queue in self.queues().iter() {
            let waker = {
                let mut waiting = lock(queue);
                waiting.closed = true;
                waiting.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

/// One listener.
pub(crate) struct Receiver<T> {
    queue: Arc<SharedQueue<T>>,
    hub: Weak<Hub<T>>,
}

impl<T> Receiver<T> {
    /// The next queued item, without waiting.
    pub(crate) fn try_next(&mut self) -> Option<Heard<T>> {
        let mut waiting = lock(&self.queue);
        match std::mem::take(&mut waiting.missed) {
            0 => waiting.values.pop_front().map(Heard::Value),
            missed => Some(Heard::Missed(missed)),
        }
    }

    /// Polls for the next item. `None` if all senders are gone. Cancel-safe.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Heard<T>>> {
        // The waker is registered first, so that a value sent after an empty look wakes the task.
        let closed = {
            let mut waiting = lock(&self.queue);
            waiting.waker = Some(cx.waker().clone());
            waiting.closed
        };
        match self.try_next() {
            Some(heard) => Poll::Ready(Some(heard)),
            None if closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// The number of queued values.
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.queue).values.len()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.queues().retain(|queue| !Arc::ptr_eq(queue, &self.queue));
            hub.listeners.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn lock<T>(queue: &SharedQueue<T>) -> MutexGuard<'_, ListenerQueue<T>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
