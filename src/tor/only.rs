//! One Tor client for each process: two would have two sets of guards, which is worse for a reader than one.

use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

/// How long the last client may take to let go of its files. Its tasks end at their next await point, which on a busy device comes
/// late.
const ENDING: Duration = Duration::from_secs(10);

/// Resolves when a client is gone, and the lock on its files with it.
type Gone = Pin<Box<dyn Future<Output = ()> + Send>>;

static ONE: Mutex<One> = Mutex::new(One { exists: false, last: None });

struct One {
    exists: bool,
    last: Option<Gone>,
}

/// The right to be this process's Tor client.
pub(super) struct OnlyClient {
    /// Until then, no other client may begin. Arti gives a client whose files are still locked no guards, if it has bridges, and
    /// otherwise guards that it never saves.
    gone: Option<Gone>,
}

impl OnlyClient {
    /// Waits until the last client is gone. `None` while there is another, also one that does not end.
    pub(super) async fn claim() -> Option<Self> {
        let mut own = {
            let mut one = one();
            if std::mem::replace(&mut one.exists, true) {
                return None;
            }
            Self { gone: one.last.take() }
        };
        if let Some(gone) = &mut own.gone {
            timeout(ENDING, gone).await.ok()?;
            own.gone = None;
        }
        Some(own)
    }

    /// The client that uses the right is gone with this.
    pub(super) fn until(&mut self, gone: impl Future<Output = ()> + Send + 'static) {
        self.gone = Some(Box::pin(gone));
    }
}

impl Drop for OnlyClient {
    fn drop(&mut self) {
        let mut one = one();
        (one.exists, one.last) = (false, self.gone.take());
    }
}

fn one() -> MutexGuard<'static, One> {
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}
