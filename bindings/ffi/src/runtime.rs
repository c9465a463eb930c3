//! Where the work of exported calls runs, and how it ends early.
//!
//! The process has one runtime for all clients. It is made at first use. It is multi-threaded although two workers
//! suffice: uniffi polls an exported future on the caller's thread, which on Android may be the main thread, so the
//! work itself must run elsewhere, and a client that computes for long must not delay another. It is never taken down,
//! because a static library has no good moment for that. Idle workers only cost their stacks.
//!
//! A call is a task. Dropping the exported future aborts it. So does a [`CancelHandle`], which exists for Swift, whose
//! `Task.cancel` does not reach a foreign future. What must not stop half-way (wipe, lock, suspend) always runs to its
//! end.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use futures_util::FutureExt;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::configuration::Language;
use crate::errors::{BywayError, Own};

/// One for calls that compute, one for those that wait.
const WORKERS: usize = 2;

static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
static RUNNING: AtomicI64 = AtomicI64::new(0);

/// The runtime of this process.
pub(crate) fn runtime(language: Language) -> Result<&'static Runtime, BywayError> {
    let made = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(WORKERS).thread_name("byway").enable_all().build().ok()
    });
    made.as_ref().ok_or_else(|| Own::NoRuntime.error(language))
}

/// Ends a call early. One handle may serve several calls; once cancelled, a call that begins with it ends at once.
#[derive(Default, uniffi::Object)]
pub struct CancelHandle {
    pub(crate) token: CancellationToken,
}

#[uniffi::export]
impl CancelHandle {
    /// A handle that is not cancelled.
    #[uniffi::constructor]
    pub fn new() -> Result<Arc<Self>, BywayError> {
        Ok(Arc::default())
    }

    /// Ends the calls that have this handle. Further calls of it do nothing.
    pub fn cancel(&self) -> Result<(), BywayError> {
        guarded(Language::En, || self.token.cancel())
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> Result<bool, BywayError> {
        guarded(Language::En, || self.token.is_cancelled())
    }
}

/// What the library is doing now, for tests and for bug reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Diagnostics {
    /// How many calls are running in this process. After a cancellation the number returns to what it was before.
    pub running_tasks: i64,
}

/// What the library is doing now.
#[uniffi::export]
pub fn diagnostics() -> Result<Diagnostics, BywayError> {
    Ok(Diagnostics { running_tasks: RUNNING.load(Ordering::SeqCst) })
}

/// Counts a task as long as it exists.
struct Running;

impl Running {
    fn begin() -> Self {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A task that ends when its owner drops it.
pub(crate) type Task = AbortOnDropHandle<Result<Answer, BywayError>>;

/// The answer of a task. Its type is erased, and so is that of the work. Otherwise tokio's code for a task is compiled
/// anew for each type of future, which is some 5 kB of the library for each exported call.
pub(crate) type Answer = Box<dyn Any + Send>;

type Work = Pin<Box<dyn Future<Output = Result<Answer, BywayError>> + Send>>;

/// The calls of one client. They end with it.
#[derive(Default)]
pub(crate) struct Scope {
    pub(crate) ended: CancellationToken,
    tracker: TaskTracker,
    lent: Mutex<Vec<Weak<dyn Release>>>,
}

/// A part of a client's core that an app may hold longer than the client, such as the engine of a session. It is
/// released when the client ends. Otherwise the store would stay open after a shutdown, and could not be wiped.
pub(crate) struct Lent<T>(Mutex<Option<T>>);

impl<T: Clone> Lent<T> {
    /// `None` after the client has ended.
    pub(crate) fn get(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

trait Release: Send + Sync {
    fn release(&self);
}

impl<T: Send> Release for Lent<T> {
    fn release(&self) {
        let value = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Outside of the lock: dropping a core may take its time.
        drop(value);
    }
}

impl Scope {
    /// Begins something that uses the core. A shutdown waits until the token is dropped, so that no clone of the core outlives
    /// it.
    pub(crate) fn enter(&self, language: Language) -> Result<TaskTrackerToken, BywayError> {
        let token = self.tracker.token();
        // In this order: a shutdown that did not see the token has set this before.
        if self.ended.is_cancelled() { Err(Own::Closed.error(language)) } else { Ok(token) }
    }

    /// Lends a part of the core until the client ends.
    pub(crate) fn lend<T: Send + 'static>(&self, value: T) -> Arc<Lent<T>> {
        let lent = Arc::new(Lent(Mutex::new(Some(value))));
        let weak: Weak<dyn Release> = Arc::downgrade(&(lent.clone() as Arc<dyn Release>));
        {
            let mut all = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|lent| lent.strong_count() > 0);
            all.push(weak);
        }
        // `end` sets this before it takes the list.
        if self.ended.is_cancelled() {
            lent.release();
        }
        lent
    }

    /// Runs `work` as a task. It ends when this future is dropped, when `cancel` says so, and with the client.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        language: Language,
        cancel: Option<Arc<CancelHandle>>,
        work: impl Future<Output = Result<T, BywayError>> + Send + 'static,
    ) -> Result<T, BywayError> {
        taken(self.run_erased(language, cancel, erased(work)).await?, language)
    }

    async fn run_erased(
        &self,
        language: Language,
        cancel: Option<Arc<CancelHandle>>,
        work: Work,
    ) -> Result<Answer, BywayError> {
        answered(self.spawn_erased(language, cancel, work)?.await, language)
    }

    /// The same, without waiting for it.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        language: Language,
        cancel: Option<Arc<CancelHandle>>,
        work: impl Future<Output = Result<T, BywayError>> + Send + 'static,
    ) -> Result<Task, BywayError> {
        self.spawn_erased(language, cancel, erased(work))
    }

    fn spawn_erased(
        &self,
        language: Language,
        cancel: Option<Arc<CancelHandle>>,
        work: Work,
    ) -> Result<Task, BywayError> {
        let ended = self.ended.clone();
        let counted = Running::begin();
        let task = async move {
            let _counted = counted;
            provoked::here();
            let cancelled = async {
                match &cancel {
                    Some(handle) => handle.token.cancelled().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = cancelled => Err(Own::Cancelled.error(language)),
                () = ended.cancelled() => Err(Own::Closed.error(language)),
                result = work => result,
            }
        };
        Ok(AbortOnDropHandle::new(self.track(language, Box::pin(task))?))
    }

    /// Runs `work` to its end, even if this future is dropped or the client is shut down meanwhile.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        language: Language,
        work: impl Future<Output = Result<T, BywayError>> + Send + 'static,
    ) -> Result<T, BywayError> {
        taken(self.finish_erased(language, erased(work)).await?, language)
    }

    async fn finish_erased(&self, language: Language, work: Work) -> Result<Answer, BywayError> {
        let counted = Running::begin();
        let task = Box::pin(async move {
            let _counted = counted;
            provoked::here();
            work.await
        });
        answered(self.track(language, task)?.await, language)
    }

    fn track(&self, language: Language, work: Work) -> Result<JoinHandle<Result<Answer, BywayError>>, BywayError> {
        Ok(self.tracker.spawn_on(work, runtime(language)?.handle()))
    }

    /// Ends every call but those that must finish, and releases what was lent.
    pub(crate) fn end(&self) {
        self.ended.cancel();
        self.tracker.close();
        let lent = std::mem::take(&mut *self.lent.lock().unwrap_or_else(PoisonError::into_inner));
        for lent in lent.iter().filter_map(Weak::upgrade) {
            lent.release();
        }
    }

    /// Done when the last call has ended.
    pub(crate) fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let tracker = self.tracker.clone();
        async move { tracker.wait().await }
    }
}

/// Runs `work` that belongs to no client.
pub(crate) async fn alone<T: Send + 'static>(
    language: Language,
    work: impl Future<Output = Result<T, BywayError>> + Send + 'static,
) -> Result<T, BywayError> {
    Scope::default().run(language, None, work).await
}

/// Runs `work`, which may block, to its end on a thread for blocking work.
pub(crate) async fn blocking<T: Send + 'static>(
    language: Language,
    work: impl FnOnce() -> Result<T, BywayError> + Send + 'static,
) -> Result<T, BywayError> {
    let counted = Running::begin();
    let work: Box<dyn FnOnce() -> Result<Answer, BywayError> + Send> = Box::new(move || {
        let _counted = counted;
        work().map(|answer| Box::new(answer) as Answer)
    });
    taken(answered(runtime(language)?.spawn_blocking(work).await, language)?, language)
}

fn erased<T: Send + 'static>(work: impl Future<Output = Result<T, BywayError>> + Send + 'static) -> Work {
    Box::pin(async move { work.await.map(|answer| Box::new(answer) as Answer) })
}

/// An answer of another type would be a bug of this file.
fn taken<T: 'static>(answer: Answer, language: Language) -> Result<T, BywayError> {
    answer.downcast().map(|answer| *answer).map_err(|_| Own::Panic.error(language))
}

fn answered(result: Result<Result<Answer, BywayError>, JoinError>, language: Language) -> Result<Answer, BywayError> {
    match result {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err(panicked(error.into_panic(), language)),
        Err(_) => Err(Own::Cancelled.error(language)),
    }
}

/// Calls `work` on this thread; a panic becomes an error.
pub(crate) fn guarded<T>(language: Language, work: impl FnOnce() -> T) -> Result<T, BywayError> {
    let work = || {
        provoked::here();
        work()
    };
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panicked(panic, language))
}

/// Polls `work` on the caller's thread; a panic becomes an error. This is for work that only waits: it may be dropped
/// between two polls without losing anything.
pub(crate) async fn inline<T>(language: Language, work: impl Future<Output = T>) -> Result<T, BywayError> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| panicked(panic, language))
}

/// The payload is not read: its text may quote what was read.
fn panicked(panic: Box<dyn Any + Send>, language: Language) -> BywayError {
    // If the drop of a payload panics, it would unwind into the foreign caller.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(panic)));
    Own::Panic.error(language)
}

/// A panic on demand, in debug builds. The layers above cannot test otherwise what happens after a panic.
mod provoked {
    #[cfg(debug_assertions)]
    use std::sync::atomic::{AtomicBool, Ordering};

    #[cfg(debug_assertions)]
    static NEXT: AtomicBool = AtomicBool::new(false);

    /// Makes the work of the next call panic. No release has this.
    #[cfg(debug_assertions)]
    #[unsafe(no_mangle)]
    extern "C" fn ffi_byway_ffi_debug_panic_next() {
        NEXT.store(true, Ordering::SeqCst);
    }

    #[cfg_attr(debug_assertions, expect(clippy::panic, reason = "it is what is asked for"))]
    pub(super) fn here() {
        #[cfg(debug_assertions)]
        if NEXT.swap(false, Ordering::SeqCst) {
            panic!("provoked");
        }
    }
}
