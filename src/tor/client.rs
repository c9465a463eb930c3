//! The Tor client of a process: started with its first stream, ended when it is not used.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use arti_client::config::BoolOrAuto;
use arti_client::{
    BootstrapBehavior, DangerouslyIntoTorAddr as _, IntoTorAddr as _, IsolationToken, StreamPrefs, TorClient,
};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::AbortHandle;
use tokio_util::compat::FuturesAsyncReadCompatExt as _;
use url::Host;

use super::bridges::{TorBridges, UsableBridges};
use super::circuits::Circuits;
use super::ending::Ending;
use super::fault::{not_started, of_stream, stall_of, stall_of_files};
use super::folders::{Folders, Hold};
use super::making::{Making, remove};
use super::network::{TorNetwork, public_config};
use super::onion_keys::insert;
use super::only::OnlyClient;
use super::program::Program;
use super::reach::Reach;
use super::runtime::TorRuntime;
use super::start::{Start, StartOutcome, save_guards, wait_until_ready};
use super::tasks::{Tasks, Unlogged, unlogged};
use super::usage::{InUse, Usage, UsedStream};
use crate::net::{BoxStream, Net};
use crate::transport::{Destination, Failure, OnionKey, TorProgress, TorStall, TorStreams};

/// Nothing used it for this long: it is ended, and with it every timer and connection of it. Networks forget a stream that is silent for as
/// long.
const UNUSED: Duration = Duration::from_secs(300);

/// How long another client may take to let go of the files: one that is just being ended.
const FILES_BUSY: Duration = Duration::from_secs(2);

/// The Tor client of this process.
pub(crate) struct EmbeddedTor(Arc<Inner>);

/// What the app has set.
#[derive(Default)]
pub(crate) struct TorSettings {
    pub(crate) files: TorFiles,
    /// Another network than the public one.
    pub(crate) network: Option<TorNetwork>,
    pub(crate) bridges: TorBridges,
    pub(crate) onion_keys: Vec<OnionKey>,
}

/// Where its files lie. The folder is made when it starts, for its owner alone.
#[derive(Default)]
pub(crate) enum TorFiles {
    /// In a folder that goes with the client.
    #[default]
    Temporary,
    /// Beside a store. A wipe of the store removes them.
    Beside(PathBuf),
    /// Where there is no store on the disk.
    Apart(PathBuf),
}

struct Inner {
    net: Arc<dyn Net>,
    settings: TorSettings,
    state: Mutex<TorClientState>,
    /// One is made at a time.
    making: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct TorClientState {
    running: Option<Running>,
    /// Told each time that it is ended, with how often for a wipe. A client that is being made meanwhile is not used.
    ends: watch::Sender<u64>,
    /// How often one was not made, and why the last time: who waited for that one does not make the next.
    failures: (u64, Option<Failure>),
    /// Its files are wiped: none may be written.
    closed: bool,
    /// The app sleeps.
    asleep: bool,
}

impl TorFiles {
    /// In the store's folder for them, or else in the folder `tor` of this directory.
    pub(crate) fn new(beside: Option<PathBuf>, apart: Option<PathBuf>) -> Self {
        match (beside, apart) {
            (Some(folder), _) => Self::Beside(folder),
            (None, Some(directory)) => Self::Apart(directory.join("tor")),
            (None, None) => Self::Temporary,
        }
    }

    fn folder(&self) -> Option<&PathBuf> {
        match self {
            Self::Temporary => None,
            Self::Beside(folder) | Self::Apart(folder) => Some(folder),
        }
    }
}

/// The client, running. Its end ends all of its tasks.
struct Running {
    client: Arc<TorClient<TorRuntime>>,
    start: Start,
    circuits: Circuits,
    /// A stream was opened: the guard that carries it is confirmed, and saved as such.
    has_carried: bool,
    usage: Usage,
    /// Ends it when nothing uses it. It is finished if the runtime of the first stream is gone, and all tasks with it.
    watch: AbortHandle,
    ending: Ending,
    end: EndTasks,
    _hold: Hold,
    _only: OnlyClient,
}

/// The client, made. It does nothing yet.
struct Made {
    client: Arc<TorClient<TorRuntime>>,
    programs: Vec<Program>,
    tasks: Tasks,
    end: EndTasks,
    hold: Hold,
    only: OnlyClient,
}

struct EndTasks(Tasks);

impl Drop for EndTasks {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl TorClientState {
    /// Whether none may start.
    fn is_closed(&self) -> bool {
        self.closed || self.asleep
    }
}

/// The client, for one stream.
struct Client {
    client: Arc<TorClient<TorRuntime>>,
    ending: Ending,
    in_use: InUse,
}

impl Made {
    /// Begins its start.
    fn run(self, inner: &Weak<Inner>) -> Result<Running, Failure> {
        let Self { client, programs, tasks, end, hold, only } = self;
        let ended = |_| not_started(TorStall::Ended);
        let usage = Usage::new();
        let watch = tasks.spawn(end_when_unused(Weak::clone(inner), usage.clone())).map_err(ended)?;
        for program in programs {
            tasks.spawn(end_with_program(Weak::clone(inner), program)).map_err(ended)?;
        }
        let start = Start::begin(Arc::clone(&client), &tasks)?;
        let (circuits, ending, has_carried) = (Circuits::default(), Ending::default(), false);
        let (_hold, _only) = (hold, only);
        Ok(Running { client, start, circuits, has_carried, usage, watch, ending, end, _hold, _only })
    }
}

impl Running {
    fn to_use(&self) -> Client {
        Client { client: Arc::clone(&self.client), ending: self.ending.clone(), in_use: self.usage.begin() }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, TorClientState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let running = self.state().running.take();
        unlogged(|| drop(running));
    }
}

impl EmbeddedTor {
    /// Nothing starts yet.
    pub(crate) fn new(net: Arc<dyn Net>, settings: TorSettings) -> Self {
        Self(Arc::new(Inner { net, settings, state: Mutex::default(), making: Arc::default() }))
    }

    /// Ends it, its circuits and its streams, because they belong to a network that was left. The next stream starts it anew.
    pub(crate) fn leave_network(&self) {
        self.end(TorStall::NetworkChanged, |_| {});
    }

    /// Ends it while the app sleeps: it does not start again before [`EmbeddedTor::wake`].
    pub(crate) fn sleep(&self) {
        self.end(TorStall::Ended, |state| state.asleep = true);
    }

    /// The app is awake again.
    pub(crate) fn wake(&self) {
        self.0.state().asleep = false;
    }

    /// Ends it for a wipe: it does not start again before [`EmbeddedTor::reopen`]. Files that lie apart from a store are removed
    /// before [`EmbeddedTor::settled`].
    pub(crate) fn close(&self) {
        self.end(TorStall::Ended, |state| {
            state.closed = true;
            state.ends.send_modify(|wipes| *wipes += 1);
        });
        // What is being made is removed at its end.
        if let TorFiles::Apart(folder) = &self.0.settings.files
            && let Ok(one) = Arc::clone(&self.0.making).try_lock_owned()
        {
            remove(folder.clone(), one, &Handle::current());
        }
    }

    /// Waits until one that was being made when it was ended is gone, with its files if they were wiped.
    pub(crate) async fn settled(&self) {
        drop(self.0.making.lock().await);
    }

    fn end(&self, why: TorStall, change: impl FnOnce(&mut TorClientState)) {
        let running = {
            let mut state = self.0.state();
            state.ends.send_modify(|_| ());
            change(&mut state);
            state.running.take()
        };
        if let Some(running) = &running {
            running.ending.because(why);
        }
        unlogged(|| drop(running));
    }

    /// After a wipe, when the store is open again.
    pub(crate) fn reopen(&self) {
        self.0.state().closed = false;
    }

    /// The client, which runs until the last user has gone.
    async fn client(&self) -> Result<Client, Failure> {
        let failures = self.0.state().failures.0;
        let one = Arc::clone(&self.0.making).lock_owned().await;
        let mut ends = {
            let mut state = self.0.state();
            if state.is_closed() {
                return Err(not_started(TorStall::Ended));
            }
            state.running.take_if(|running| running.watch.is_finished());
            if let Some(running) = &mut state.running {
                if running.start.has_failed() {
                    running.start = Start::begin(Arc::clone(&running.client), &running.end.0)?;
                }
                return Ok(running.to_use());
            }
            match &state.failures {
                (number, Some(failure)) if *number != failures => return Err(failure.clone()),
                _ => state.ends.subscribe(),
            }
        };
        let making = Arc::new(Making::begin(one, ends.clone(), self.0.settings.files.folder().cloned()));
        let made = tokio::select! {
            biased;
            _ = ends.changed() => None,
            made = self.create(&making) => Some(made),
        };
        let mut state = self.0.state();
        match made {
            // Nothing can end it between this look and its start.
            Some(Ok(made)) if ends.has_changed().is_ok_and(|has_ended| !has_ended) => {
                Ok(state.running.insert(made.run(&Arc::downgrade(&self.0))?).to_use())
            }
            Some(Err(failure)) => {
                state.failures = (state.failures.0 + 1, Some(failure.clone()));
                Err(failure)
            }
            ended => {
                let why = if state.is_closed() { TorStall::Ended } else { TorStall::NetworkChanged };
                drop(state);
                drop(ended);
                Err(not_started(why))
            }
        }
    }

    /// What a stream waits for, unless Tor has started.
    fn starting(&self) -> Option<watch::Receiver<StartOutcome>> {
        let state = self.0.state();
        state.running.as_ref().filter(|running| !running.start.is_done()).map(|running| running.start.waiting())
    }

    async fn create(&self, making: &Arc<Making>) -> Result<Made, Failure> {
        let TorSettings { files, network, bridges, onion_keys } = &self.0.settings;
        let mut only = OnlyClient::claim().await.ok_or_else(|| not_started(TorStall::InUse))?;
        let tasks = Tasks::here();
        let end = EndTasks(tasks.clone());
        let reach = Reach::new(!bridges.is_empty());
        let runtime = TorRuntime::new(Arc::clone(&self.0.net), tasks.clone(), reach);
        let runtime = runtime.map_err(|_| not_started(TorStall::Unknown))?;
        // What runs on a thread runs to its end, also where this future is dropped: it keeps `making` until then.
        let (folder, kept, held) = (files.folder().cloned(), bridges.kept_apart(), Arc::clone(making));
        let prepare = move || (Folders::prepared(folder, kept.as_deref()), held);
        let (folders, _) = tasks.spawn_blocking(prepare).await;
        let Folders { state, cache, programs, hold } = folders.map_err(|error| not_started(stall_of_files(&error)))?;
        let UsableBridges { settings, programs } = bridges.start(&programs).await?;
        let (network, onion_keys, held) = (network.clone(), onion_keys.clone(), Arc::clone(making));
        // The thread's client may outlive this future: the next one waits for it.
        let (made, gone) = oneshot::channel();
        only.until(async {
            if let Ok(gone) = gone.await {
                gone.await;
            }
        });
        let create = move || {
            let config = match network {
                Some(network) => network.config(&state, &cache, &settings),
                None => public_config(&state, &cache, &settings),
            };
            let client = config.map_err(|_| not_started(TorStall::Unknown)).and_then(|config| {
                TorClient::with_runtime(runtime)
                    .config(config)
                    .bootstrap_behavior(BootstrapBehavior::Manual)
                    .local_resource_timeout(FILES_BUSY)
                    .create_unbootstrapped()
                    .map_err(|error| not_started(stall_of(&error)))
            });
            if let Ok(client) = &client {
                // If nothing receives it, no other client waits for this one.
                let _ = made.send(client.wait_for_stop());
            }
            let client = client.and_then(|client| insert(&client, &onion_keys).map(|()| client));
            (client, hold, held)
        };
        let (client, hold, _) = tasks.spawn_blocking(create).await;
        Ok(Made { client: client?, programs, tasks, end, hold, only })
    }

    fn token(&self, circuit: &str) -> IsolationToken {
        let mut state = self.0.state();
        // Ended meanwhile: the stream will fail, and a token that nothing else has is never wrong.
        state.running.as_mut().map_or_else(IsolationToken::new, |running| running.circuits.token(circuit))
    }

    /// Saves the guard with the first stream.
    fn carried(&self, client: &Arc<TorClient<TorRuntime>>) {
        let mut state = self.0.state();
        let own = state.running.as_mut().filter(|running| Arc::ptr_eq(&running.client, client));
        if own.is_some_and(|running| !std::mem::replace(&mut running.has_carried, true)) {
            drop(state);
            save_guards(client);
        }
    }

    async fn open(&self, destination: &Destination, circuit: &str) -> Result<BoxStream, Failure> {
        let Client { client, ending, in_use } = self.client().await?;
        let mut preferences = StreamPrefs::new();
        preferences.set_isolation(self.token(circuit)).connect_to_onion_services(BoolOrAuto::Explicit(true));
        let Destination { host, port } = destination;
        let address = match host {
            Host::Domain(name) => (name.as_str(), *port).into_tor_addr(),
            Host::Ipv4(address) => (*address, *port).into_tor_addr_dangerously(),
            Host::Ipv6(address) => (*address, *port).into_tor_addr_dangerously(),
        };
        // An address that arti does not take is one that no exit is asked for.
        let address = address.map_err(|_| super::fault::not_an_address())?;
        let stream = client.connect_with_prefs(address, &preferences).await;
        let stream = stream.map_err(|error| ending.failure().unwrap_or_else(|| of_stream(&error)))?;
        self.carried(&client);
        Ok(Box::new(UsedStream { stream: stream.compat(), ending, usage: in_use.usage() }))
    }
}

impl TorStreams for EmbeddedTor {
    fn start<'a>(
        &'a self,
        progress: &'a (dyn Fn(TorProgress) + Send + Sync),
    ) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        let started = async move {
            let Client { client, ending, in_use: _in_use } = self.client().await?;
            let forgets_guards = matches!(self.0.settings.files, TorFiles::Temporary);
            let progress = |at| progress(TorProgress { forgets_guards, ..at });
            match self.starting() {
                Some(start) => wait_until_ready(&client, start, &ending, &progress).await.map(Some),
                None => Ok(None),
            }
        };
        Unlogged::future(started).boxed()
    }

    fn connect<'a>(
        &'a self,
        destination: &'a Destination,
        circuit: &'a str,
    ) -> BoxFuture<'a, Result<BoxStream, Failure>> {
        Unlogged::future(self.open(destination, circuit)).boxed()
    }
}

impl fmt::Debug for EmbeddedTor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmbeddedTor(..)")
    }
}

/// Ends the client, and this task with it.
async fn end_when_unused(inner: Weak<Inner>, usage: Usage) {
    loop {
        usage.unused_for(UNUSED).await;
        let Some(inner) = inner.upgrade() else { return };
        let running = {
            let mut state = inner.state();
            // A stream may have begun meanwhile.
            if !usage.is_unused_for(UNUSED) {
                continue;
            }
            state.running.take()
        };
        drop(running);
        return;
    }
}

/// Ends the client with a program that its bridges need, and this task with it. The next stream starts both.
async fn end_with_program(inner: Weak<Inner>, program: Program) {
    program.ended().await;
    let running = inner.upgrade().and_then(|inner| inner.state().running.take());
    if let Some(running) = &running {
        running.ending.because(TorStall::Transport);
    }
    drop(running);
}

#[cfg(test)]
mod tests;
