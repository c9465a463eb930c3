//! The tasks of a Tor client: all of them end with it, and none of them logs. Arti's log records name bridges.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::task::SpawnError;
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tracing::dispatcher::{Dispatch, with_default};

/// A set of tasks on one runtime. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Tasks {
    handle: Handle,
    /// `None` once they were ended. The tasks themselves hold this, so that dropping it would end nothing.
    set: Arc<Mutex<Option<JoinSet<()>>>>,
}

impl Tasks {
    /// Tasks on the runtime that the caller runs in.
    pub(super) fn here() -> Self {
        Self { handle: Handle::current(), set: Arc::new(Mutex::new(Some(JoinSet::new()))) }
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// # Errors
    ///
    /// After [`Tasks::end`].
    pub(super) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle, SpawnError> {
        let mut set = self.set();
        let set = set.as_mut().ok_or_else(SpawnError::shutdown)?;
        // Those that have ended would pile up. One that panicked has lost its own work alone.
        while set.try_join_next().is_some() {}
        Ok(set.spawn_on(Unlogged::future(future), &self.handle))
    }

    /// Work of the disk and of the processor, on a thread for it.
    pub(super) fn spawn_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> BlockingTask<T> {
        BlockingTask(self.handle.spawn_blocking(move || Unlogged(Some(unlogged(work)))))
    }

    /// Ends all of them at their next await point.
    pub(super) fn end(&self) {
        let set = self.set().take();
        drop(set);
    }

    fn set(&self) -> MutexGuard<'_, Option<JoinSet<()>>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does this without a log record.
pub(super) fn unlogged<T>(work: impl FnOnce() -> T) -> T {
    with_default(&Dispatch::none(), work)
}

/// What writes no log record: not when it is polled, and not when it is dropped. Arti's parts log at their end, too.
pub(super) struct Unlogged<T>(Option<T>);

impl<'a, T> Unlogged<BoxFuture<'a, T>> {
    pub(super) fn future(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self(Some(future.boxed()))
    }
}

impl<F: Future + Unpin> Future for Unlogged<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.0.as_mut().map_or(Poll::Pending, |future| unlogged(|| future.poll_unpin(context)))
    }
}

impl<T> Unpin for Unlogged<T> {}

impl<T> Drop for Unlogged<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        unlogged(|| drop(value));
    }
}

/// Work on a thread for it.
pub(super) struct BlockingTask<T>(JoinHandle<Unlogged<T>>);

impl<T> Future for BlockingTask<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.0.poll_unpin(context) {
            // There is one: nothing else takes it.
            Poll::Ready(Ok(mut value)) => value.0.take().map_or(Poll::Pending, Poll::Ready),
            Poll::Ready(Err(error)) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime shuts down, and this with it.
                Err(_) => Poll::Pending,
            },
            Poll::Pending => Poll::Pending,
        }
    }
}
