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
        if let (Some(folder), Some(one)) = (self.folder.take(), self.one.take()) {
            // Made again after the wipe had removed it.
            remove(folder, one, &self.handle);
        }
    }
}

/// Removes the folder, on a thread for it. No other client is made before it is gone.
pub(super) fn remove(folder: PathBuf, one: OwnedMutexGuard<()>, handle: &Handle) {
    handle.spawn_blocking(move || {
        let _ = fs::remove_dir_all(folder);
        drop(one);
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn files_made_across_a_wipe_go_before_the_next_is_made() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("tor");
        let (wipes, watched) = watch::channel(0);
        let one = Arc::new(Mutex::new(()));
        for is_wiped in [false, true] {
            let making = Making::begin(one.clone().lock_owned().await, watched.clone(), Some(folder.clone()));
            fs::create_dir_all(&folder).unwrap();
            if is_wiped {
                wipes.send_modify(|count| *count += 1);
            }
            drop(making);
            let _next = one.clone().lock_owned().await;
            assert_eq!(folder.exists(), !is_wiped);
        }
    }
}
