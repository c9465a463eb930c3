//! How a client ends: what its last handle leaves behind, and what finishes although its caller is gone.

use std::fs::File;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use byway::Exposure;
use byway::internals::store::{KeyError, KeyProvider, StoreError, StoreKey};
use byway::{BuildError, Byway, OpenOptions, ReadFrom};
use tokio::runtime::{Builder as Runtime, Handle};

use super::{LINK, Scene, assert_only_tor, id, key};

/// Whether a process holds the lock of this directory.
fn is_locked(directory: &Path) -> bool {
    File::open(directory.join("byway.lock")).is_ok_and(|file| file.try_lock().is_err())
}

async fn over_disk(directory: &Path) -> Byway {
    Byway::builder().data_dir(directory, key()).build().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn clones_share_one_store_and_one_report() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let first = scene.byway_in(directory.path(), &["direct:"]).await;
    let second = first.clone();
    second.open(LINK).await.unwrap();
    drop(second);
    assert_eq!(first.communities().await.unwrap().len(), 1);
    assert_eq!(first.report().len(), 1);
    assert!(is_locked(directory.path()), "one handle is left");
}

async fn build_and_drop_in_a_loop() {
    let directory = tempfile::tempdir().unwrap();
    for turn in 0..50 {
        let byway = over_disk(directory.path()).await;
        let link = format!("vk.com/club{}#exposure=tor", turn + 1);
        byway.raise_exposure(&link.parse().unwrap()).await.unwrap();
        if turn > 0 {
            let before = byway.preview(&format!("vk.com/club{turn}")).await.unwrap();
            assert_eq!(before.link.exposure, Exposure::Tor, "turn {turn}: nothing is lost");
        }
        drop(byway);
    }
}

#[tokio::test]
async fn a_build_right_after_the_last_drop_waits_for_the_close() {
    build_and_drop_in_a_loop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_right_after_the_last_drop_waits_on_many_threads_too() {
    build_and_drop_in_a_loop().await;
}

#[test]
fn the_last_handle_is_closed_by_a_worker() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Runtime::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    let byway = runtime.block_on(over_disk(directory.path()));
    let (open, gate) = mpsc::channel::<()>();
    let (begun, runs) = mpsc::channel();
    // The only blocking thread is in use.
    drop(runtime.spawn_blocking(move || {
        begun.send(()).unwrap();
        gate.recv()
    }));
    runs.recv().unwrap();
    runtime.block_on(async { drop(byway) });
    assert!(is_locked(directory.path()), "the thread that dropped it did not close it");
    drop(open);
    drop(runtime.block_on(over_disk(directory.path())));
}

#[test]
fn a_handle_dropped_outside_a_runtime_is_closed_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Runtime::new_current_thread().enable_all().build().unwrap();
    let byway = runtime.block_on(over_disk(directory.path()));
    drop(byway);
    drop(runtime.block_on(over_disk(directory.path())));

    let byway = runtime.block_on(over_disk(directory.path()));
    drop(runtime);
    drop(byway);
    assert!(!is_locked(directory.path()), "without a runtime the thread that drops it closes it");
}

#[tokio::test(start_paused = true)]
async fn a_client_beside_another_on_one_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let byway = over_disk(directory.path()).await;
    let second = Byway::builder().data_dir(directory.path().join("."), key()).build().await;
    assert!(matches!(second, Err(BuildError::Store(StoreError::AlreadyOpen))));
    assert!(byway.communities().await.is_ok(), "the first one is not disturbed");
}

#[tokio::test(start_paused = true)]
async fn a_page_or_its_leftovers_keep_no_store_open() {
    let scene = Scene::new();
    scene.lab.host("site.example").at("203.0.113.40").https().page("/", "the page");
    scene.lab.censor().when_sni("site.example").swallow();
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &["direct:", &scene.proxy.url()]).await;
    let got = byway.get("https://site.example/").await.unwrap();
    drop(byway);
    drop(scene.byway_in(directory.path(), &["direct:"]).await);
    drop(got);
}

#[tokio::test(start_paused = true)]
async fn a_floor_owed_while_the_app_slept_outlives_the_handle() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    let opening = byway.open_with(LINK, OpenOptions { exposure: Exposure::Tor, ..OpenOptions::default() });
    let falling_asleep = async {
        tokio::time::sleep(byway_lab::RTT * 3).await;
        byway.suspend().await.unwrap();
    };
    let (opened, ()) = tokio::join!(opening, falling_asleep);
    assert_eq!(opened.unwrap().source, ReadFrom::Network);
    drop(byway);
    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    let (_, sent) = scene.sent_during(byway.open(LINK)).await;
    assert_only_tor(&sent);
}

/// Polls a future this often, and drops it. `None`: it had not ended.
fn polled<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return Some(done);
        }
        // This is long enough for a worker to act, or to have nothing to do yet.
        std::thread::yield_now();
    }
    None
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Wipe,
    Lock,
    Suspend,
}

impl Ending {
    async fn of(self, byway: &Byway) -> Result<(), StoreError> {
        match self {
            Ending::Wipe => byway.wipe().await,
            Ending::Lock => byway.lock().await,
            Ending::Suspend => byway.suspend().await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn wipe_lock_and_suspend_finish_though_dropped() {
    let scene = Scene::new();
    for ending in [Ending::Wipe, Ending::Lock, Ending::Suspend] {
        for polls in 0..8 {
            let directory = tempfile::tempdir().unwrap();
            let byway = scene.byway_in(directory.path(), &["direct:"]).await;
            byway.open(LINK).await.unwrap();
            let _ = polled(ending.of(&byway), polls);
            // A later call is handled after it.
            let asked = byway.communities().await.map(|all| all.len());
            let told = format!("{ending:?} dropped after {polls} polls: {asked:?}");
            match (polls, ending) {
                (0, _) => assert!(matches!(asked, Ok(1)), "{told}: a future that was never polled does nothing"),
                (_, Ending::Suspend) => assert!(matches!(asked, Err(StoreError::Suspended)), "{told}"),
                _ => assert!(matches!(asked, Err(StoreError::Locked)), "{told}"),
            }
            assert_eq!(is_locked(directory.path()), polls == 0, "{told}: no file is held");
            if polls > 0 && ending != Ending::Suspend {
                assert!(byway.report().is_empty(), "{told}");
            }
            let files = byway.paths().iter().filter(|path| path.exists()).count();
            assert_eq!(files == 0, ending == Ending::Wipe && polls > 0, "{told}: {files} files");
            match ending {
                Ending::Suspend => byway.resume().await.unwrap(),
                _ => byway.unlock(key()).await.unwrap(),
            }
            let kept = byway.community(&id()).await.unwrap().is_some();
            assert_eq!(kept, ending != Ending::Wipe || polls == 0, "{told}");
        }
    }
}

#[test]
fn a_wipe_finishes_though_the_runtime_ends() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Runtime::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    let byway = runtime.block_on(over_disk(directory.path()));
    let (open, gate) = mpsc::channel::<()>();
    drop(runtime.spawn_blocking(move || gate.recv()));
    runtime.block_on(async {
        let _ = polled(byway.wipe(), 1);
    });
    assert!(directory.path().join("byway.key").exists(), "no thread was free yet");
    drop(open);
    drop(runtime);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

/// Records the thread on which the key is requested.
struct Asked(std::thread::ThreadId);

impl KeyProvider for Asked {
    fn key(&self) -> Result<StoreKey, KeyError> {
        assert_ne!(std::thread::current().id(), self.0, "the key is asked for on the thread of the caller");
        assert!(Handle::try_current().is_ok());
        Ok(StoreKey::new([7; 32]))
    }
}

#[tokio::test]
async fn keys_are_asked_for_on_a_worker() {
    let directory = tempfile::tempdir().unwrap();
    let asked = || Asked(std::thread::current().id());
    let byway = Byway::builder().data_dir(directory.path(), asked()).build().await.unwrap();
    byway.lock().await.unwrap();
    byway.unlock(asked()).await.unwrap();
    byway.lock().await.unwrap();
    let shared: std::sync::Arc<dyn KeyProvider> = std::sync::Arc::new(asked());
    byway.unlock(shared).await.unwrap();
}

#[tokio::test]
async fn a_build_that_is_dropped_leaves_the_directory_free() {
    let directory = tempfile::tempdir().unwrap();
    for turn in 0..30 {
        let _ = polled(Byway::builder().data_dir(directory.path(), key()).build(), turn % 3);
        drop(over_disk(directory.path()).await);
    }
}
