//! One client is made at a time, and what is made meanwhile goes with a wipe.

use std::fs;
use std::path::PathBuf;

use tokio::runtime::Handle;
use tokio::sync::{OwnedMutexGuard, watch};

/// The right to make one. All work for it holds this to its end, also work on a thread that nothing can stop.
pub(super) struct Making {
    one: Option<OwnedMutexGuard<()>>,
    /// How often it was ended for a wipe.
    wipes: watch::Receiver<u64>,
    wipes_before: u64,
    folder: Option<PathBuf>,
    handle: Handle,
}

impl Making {
    pub(super) fn begin(one: OwnedMutexGuard<()>, wipes: watch::Receiver<u64>, folder: Option<PathBuf>) -> Self {
        let wipes_before = *wipes.borrow();
        Self { one: Some(one), wipes, wipes_before, folder, handle: Handle::current() }
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if *self.wipes.borrow() == self.wipes_before {
            return;
        }
        if let Some(folder) = self.folder.take() {
            // Made again after the wipe had removed it. No other is made before it is gone.
            let one = self.one.take();
            self.handle.spawn_blocking(move || {
                let _ = fs::remove_dir_all(folder);
                drop(one);
            });
        }
    }
}
