//! The threads on which blocking calls run.

use std::any::Any;

use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle};

/// The blocking threads of the current runtime: that of the calling task, or, outside of one, that in which the client
/// was made.
#[derive(Clone, Debug)]
pub(super) struct Worker(Handle);

impl Worker {
    /// `runtime` is the one in which the client is made.
    pub(super) fn new(runtime: Handle) -> Self {
        Self(runtime)
    }

    /// Does the work and returns its answer. The work is done even if the future is dropped, unless the runtime ends
    /// before its turn.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        Ok(answer(self.spawn(Box::new(move || Box::new(work()) as Answer)).await?))
    }

    /// Does the work, whatever happens to the caller and to the runtime. If the runtime ends first, the work is done on
    /// the thread that ends it. If the runtime has already ended, it is done here.
    pub(super) fn surely(&self, work: impl FnOnce() + Send + 'static) {
        let work = Surely(Some(work));
        // A runtime drops the work that it does not run.
        drop(self.spawn(Box::new(move || {
            drop(work);
            Box::new(())
        })));
    }

    fn spawn(&self, work: Work) -> JoinHandle<Answer> {
        self.runtime().spawn_blocking(work)
    }

    fn runtime(&self) -> Handle {
        Handle::try_current().unwrap_or_else(|_| self.0.clone())
    }
}

/// Work and its answer, both type-erased. Otherwise tokio's code for a task is compiled anew for each type of work, and
/// in a phone's library that is more code than the work itself.
type Work = Box<dyn FnOnce() -> Answer + Send>;
type Answer = Box<dyn Any + Send>;

#[expect(clippy::expect_used, reason = "`Worker::run` boxes what the same work answers")]
fn answer<T: 'static>(answer: Answer) -> T {
    *answer.downcast().expect("the answer is of the work's type")
}

/// Work that is done when it is dropped, if it was not done before.
struct Surely<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for Surely<F> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc;
    use std::thread;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().max_blocking_threads(1).build().unwrap()
    }

    fn where_it_is_done(worker: &Worker) -> mpsc::Receiver<thread::ThreadId> {
        let (tell, told) = mpsc::channel();
        worker.surely(move || tell.send(thread::current().id()).unwrap());
        told
    }

    #[test]
    fn work_is_done_on_a_worker_also_outside_the_runtime() {
        let runtime = runtime();
        let worker = Worker::new(runtime.handle().clone());
        assert_ne!(where_it_is_done(&worker).recv().unwrap(), thread::current().id());
        let _inside = runtime.enter();
        assert_ne!(where_it_is_done(&worker).recv().unwrap(), thread::current().id());
    }

    #[test]
    fn work_is_done_though_the_runtime_ends_before_its_turn() {
        let runtime = runtime();
        let worker = Worker::new(runtime.handle().clone());
        let (open, gate) = mpsc::channel::<()>();
        let (begun, runs) = mpsc::channel();
        // The only thread is busy.
        drop(runtime.spawn_blocking(move || {
            begun.send(()).unwrap();
            gate.recv()
        }));
        runs.recv().unwrap();
        let told = where_it_is_done(&worker);
        runtime.shutdown_background();
        drop(open);
        told.recv().unwrap();
    }

    #[test]
    fn work_is_done_here_where_the_runtime_has_ended() {
        let runtime = runtime();
        let worker = Worker::new(runtime.handle().clone());
        drop(runtime);
        assert_eq!(where_it_is_done(&worker).recv().unwrap(), thread::current().id());
    }
}
