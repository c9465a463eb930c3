//! One client is made at a time, and what is made meanwhile goes with a wipe.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{OwnedMutexGuard, watch};

/// How long a client that was ended may go on to write its files.
const ENDING: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(10);

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
    let removal = Removal { folder, _one: one };
    handle.spawn_blocking(move || drop(removal));
}

/// Removes its folder when it is dropped: also where the runtime is gone, which drops the work unbegun.
struct Removal {
    folder: PathBuf,
    _one: OwnedMutexGuard<()>,
}

impl Drop for Removal {
    fn drop(&mut self) {
        let began = Instant::now();
        // A client that was ended a moment ago may still write a last file.
        while let Err(error) = fs::remove_dir_all(&self.folder) {
            if error.kind() == io::ErrorKind::NotFound || began.elapsed() > ENDING {
                return;
            }
            sleep(GLANCE);
        }
    }
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

    #[test]
    fn a_runtime_that_is_gone_keeps_no_files_from_a_wipe() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("tor");
        fs::create_dir_all(folder.join("state")).unwrap();
        let one = Arc::new(Mutex::new(()));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        remove(folder.clone(), one.try_lock_owned().unwrap(), &handle);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn files_written_while_they_are_wiped_go_as_well() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("tor");
        let one = Arc::new(Mutex::new(()));
        for _ in 0..20 {
            fs::create_dir_all(folder.join("state")).unwrap();
            let state = folder.join("state");
            let (begun, begins) = std::sync::mpsc::channel();
            let last = std::thread::spawn(move || {
                for number in 0..1000 {
                    let _ = fs::write(state.join(number.to_string()), "");
                    let _ = begun.send(());
                }
            });
            begins.recv().unwrap();
            remove(folder.clone(), one.clone().lock_owned().await, &Handle::current());
            let _next = one.lock().await;
            assert!(!folder.exists());
            last.join().unwrap();
        }
    }
}
