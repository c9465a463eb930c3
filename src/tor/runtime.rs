//! What arti runs on: its tasks belong to us, and it touches the outside through our [`Net`] alone.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use futures_util::task::{FutureObj, Spawn, SpawnError};
use tokio_rustls::rustls::ClientConfig;
use tor_general_addr::unix;
use tor_rtcompat::{
    Blocking, CoarseInstant, CoarseTimeProvider, NetStreamProvider, RealCoarseTimeProvider, SleepProvider,
    TcpConnectOptions, TcpListenOptions, TlsProvider, UdpProvider, UnixConnectOptions, UnixListenOptions,
};

use super::connection::{Connection, TlsToRelay, TlsToRelays};
use super::never::Never;
use super::reach::Reach;
use super::tasks::{BlockingTask, Tasks};
use crate::net::Net;
use crate::wire::tls::relay_config;

/// Arti's runtime. Clones share it.
#[derive(Clone)]
pub(super) struct TorRuntime {
    net: Arc<dyn Net>,
    tasks: Tasks,
    tls: Arc<ClientConfig>,
    reach: Reach,
}

impl TorRuntime {
    /// # Errors
    ///
    /// If TLS has no common version with its provider: never with ours.
    pub(super) fn new(net: Arc<dyn Net>, tasks: Tasks, reach: Reach) -> Result<Self, tokio_rustls::rustls::Error> {
        Ok(Self { tls: Arc::new(relay_config(Arc::clone(&net))?), net, tasks, reach })
    }

    /// How far its connections have come.
    pub(super) fn reach(&self) -> &Reach {
        &self.reach
    }
}

impl fmt::Debug for TorRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TorRuntime(..)")
    }
}

impl Spawn for TorRuntime {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.tasks.spawn(future).map(drop)
    }
}

impl Blocking for TorRuntime {
    type ThreadHandle<T: Send + 'static> = BlockingTask<T>;

    fn spawn_blocking<F, T>(&self, work: F) -> BlockingTask<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.tasks.spawn_blocking(work)
    }

    fn reenter_block_on<F>(&self, future: F) -> F::Output
    where
        F: Future,
        F::Output: Send + 'static,
    {
        self.tasks.handle().block_on(future)
    }
}

impl SleepProvider for TorRuntime {
    type SleepFuture = tokio::time::Sleep;

    fn sleep(&self, duration: Duration) -> Self::SleepFuture {
        tokio::time::sleep(duration)
    }

    fn now(&self) -> Instant {
        self.net.now().into_std()
    }

    fn wallclock(&self) -> SystemTime {
        self.net.wall()
    }
}

impl CoarseTimeProvider for TorRuntime {
    fn now_coarse(&self) -> CoarseInstant {
        RealCoarseTimeProvider::new().now_coarse()
    }
}

#[async_trait]
impl NetStreamProvider<SocketAddr> for TorRuntime {
    type Stream = Connection;
    type Listener = Never;
    type ConnectOptions = TcpConnectOptions;
    type ListenOptions = TcpListenOptions;

    async fn connect(&self, to: &SocketAddr, _options: &TcpConnectOptions) -> io::Result<Connection> {
        let stream = self.net.connect(*to).await?;
        self.reach.connected();
        Ok(Connection::new(stream))
    }

    async fn listen(&self, _at: &SocketAddr, _options: &TcpListenOptions) -> io::Result<Never> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[async_trait]
impl NetStreamProvider<unix::SocketAddr> for TorRuntime {
    type Stream = Never;
    type Listener = Never;
    type ConnectOptions = UnixConnectOptions;
    type ListenOptions = UnixListenOptions;

    async fn connect(&self, _to: &unix::SocketAddr, _options: &UnixConnectOptions) -> io::Result<Never> {
        Err(io::ErrorKind::Unsupported.into())
    }

    async fn listen(&self, _at: &unix::SocketAddr, _options: &UnixListenOptions) -> io::Result<Never> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[async_trait]
impl UdpProvider for TorRuntime {
    type UdpSocket = Never;

    async fn bind(&self, _at: &SocketAddr) -> io::Result<Never> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl TlsProvider<Connection> for TorRuntime {
    type Connector = TlsToRelays;
    type TlsStream = TlsToRelay;
    type Acceptor = Never;
    type TlsServerStream = Never;

    fn tls_connector(&self) -> TlsToRelays {
        TlsToRelays::new(Arc::clone(&self.tls), self.reach.clone(), Arc::clone(&self.net))
    }

    fn tls_acceptor(&self, _settings: tor_rtcompat::tls::TlsAcceptorSettings) -> io::Result<Never> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn supports_keying_material_export(&self) -> bool {
        true
    }
}
