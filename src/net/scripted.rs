//! A network for unit tests: peers that follow a script, and a record of every access.
//!
//! It is not an internet (the lab is): it maps each address to the behaviour of a connection to it.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{BoxStream, Datagram, Listener, Net};

/// ECONNRESET on Linux.
pub(crate) const ECONNRESET: i32 = 104;
/// ECONNREFUSED on Linux.
pub(crate) const ECONNREFUSED: i32 = 111;
/// EHOSTUNREACH on Linux.
pub(crate) const EHOSTUNREACH: i32 = 113;

/// An access to the outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    Lookup(String),
    Connect(SocketAddr),
    Datagram(SocketAddr),
}

/// The scripted network.
#[derive(Default)]
pub(crate) struct Scripted {
    names: HashMap<String, Vec<IpAddr>>,
    hosts: HashMap<SocketAddr, Host>,
    resolvers: HashMap<SocketAddr, Resolver>,
    lookup_time: Duration,
    wall: Option<SystemTime>,
    touches: Mutex<Vec<Touch>>,
    peers: Mutex<JoinSet<()>>,
}

type Script = Arc<dyn Fn(Peer) -> BoxFuture<'static, ()> + Send + Sync>;
type Resolver = Arc<dyn Fn(&[u8]) -> Vec<Vec<u8>> + Send + Sync>;

enum Host {
    Peer(Duration, Script),
    Failing(i32),
    Silent,
}

impl Scripted {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a name to the system's resolver.
    pub(crate) fn name(mut self, name: &str, addresses: &[&str]) -> Self {
        self.names.insert(name.to_owned(), addresses.iter().map(|address| address.parse().unwrap()).collect());
        self
    }

    /// Sets the duration of a lookup by the system's resolver.
    pub(crate) fn lookup_time(mut self, time: Duration) -> Self {
        self.lookup_time = time;
        self
    }

    /// Adds a host that accepts connections and plays `script` on each.
    pub(crate) fn peer<F: Future<Output = ()> + Send + 'static>(
        self,
        at: &str,
        script: impl Fn(Peer) -> F + Send + Sync + 'static,
    ) -> Self {
        self.slow_peer(at, Duration::ZERO, script)
    }

    /// Adds a host that takes `time` to accept connections.
    pub(crate) fn slow_peer<F: Future<Output = ()> + Send + 'static>(
        mut self,
        at: &str,
        time: Duration,
        script: impl Fn(Peer) -> F + Send + Sync + 'static,
    ) -> Self {
        let script: Script = Arc::new(move |peer| script(peer).boxed());
        self.hosts.insert(at.parse().unwrap(), Host::Peer(time, script));
        self
    }

    /// Adds a host that fails connections with an errno. Addresses that are not configured refuse.
    pub(crate) fn failing(mut self, at: &str, errno: i32) -> Self {
        self.hosts.insert(at.parse().unwrap(), Host::Failing(errno));
        self
    }

    /// Adds a host that drops the SYN.
    pub(crate) fn silent(mut self, at: &str) -> Self {
        self.hosts.insert(at.parse().unwrap(), Host::Silent);
        self
    }

    /// Adds a UDP host that answers each datagram with datagrams.
    pub(crate) fn datagrams(
        mut self,
        at: &str,
        answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        self.resolvers.insert(at.parse().unwrap(), Arc::new(answer));
        self
    }

    /// Sets the wall clock.
    pub(crate) fn wall(mut self, wall: SystemTime) -> Self {
        self.wall = Some(wall);
        self
    }

    /// All accesses to the outside, in order.
    pub(crate) fn touches(&self) -> Vec<Touch> {
        self.touches.lock().unwrap().clone()
    }

    fn touch(&self, touch: Touch) {
        self.touches.lock().unwrap().push(touch);
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").finish_non_exhaustive()
    }
}

impl Net for Scripted {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.touch(Touch::Lookup(host.to_owned()));
        async move {
            tokio::time::sleep(self.lookup_time).await;
            self.names.get(host).cloned().ok_or_else(|| io::Error::other("failed to lookup address information"))
        }
        .boxed()
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        self.touch(Touch::Connect(to));
        async move {
            match self.hosts.get(&to) {
                Some(Host::Peer(time, script)) => {
                    tokio::time::sleep(*time).await;
                    let (client, peer) = pair();
                    self.peers.lock().unwrap().spawn(script(peer));
                    Ok(client)
                }
                Some(Host::Failing(errno)) => Err(io::Error::from_raw_os_error(*errno)),
                Some(Host::Silent) => std::future::pending().await,
                None => Err(io::Error::from_raw_os_error(ECONNREFUSED)),
            }
        }
        .boxed()
    }

    fn listen(&self, _: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        std::future::ready(Err(io::Error::from(io::ErrorKind::Unsupported))).boxed()
    }

    fn datagram(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>> {
        self.touch(Touch::Datagram(to));
        let (send, receive) = mpsc::unbounded_channel();
        let socket = Socket { resolver: self.resolvers.get(&to).cloned(), send, receive: receive.into() };
        std::future::ready(Ok(Box::new(socket) as Box<dyn Datagram>)).boxed()
    }

    fn wall(&self) -> SystemTime {
        self.wall.unwrap_or_else(SystemTime::now)
    }
}

struct Socket {
    resolver: Option<Resolver>,
    send: mpsc::UnboundedSender<Vec<u8>>,
    receive: tokio::sync::Mutex<mpsc::UnboundedReceiver<Vec<u8>>>,
}

impl Datagram for Socket {
    fn send<'a>(&'a self, payload: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        for answer in self.resolver.iter().flat_map(|resolver| resolver(payload)) {
            self.send.send(answer).unwrap();
        }
        std::future::ready(Ok(())).boxed()
    }

    fn receive<'a>(&'a self, buffer: &'a mut [u8]) -> BoxFuture<'a, io::Result<usize>> {
        async move {
            let datagram = self.receive.lock().await.recv().await.unwrap();
            let length = datagram.len().min(buffer.len());
            buffer[..length].copy_from_slice(&datagram[..length]);
            Ok(length)
        }
        .boxed()
    }
}

/// A stream for the code under test, and its other end for the script.
pub(crate) fn pair() -> (BoxStream, Peer) {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let reset = Arc::new(AtomicBool::new(false));
    (Box::new(Near { stream: near, reset: Arc::clone(&reset) }), Peer { stream: far, reset })
}

/// The far end of a connection. Dropping it closes the stream.
pub(crate) struct Peer {
    pub(crate) stream: DuplexStream,
    reset: Arc<AtomicBool>,
}

impl Peer {
    /// Reads exactly this many bytes.
    pub(crate) async fn read(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    /// Reads up to and including the first blank line.
    pub(crate) async fn read_head(&mut self) -> String {
        self.next_head().await.unwrap()
    }

    /// Like [`read_head`](Self::read_head). Returns `None` if the other side closes instead.
    pub(crate) async fn next_head(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.ok()?);
        }
        Some(String::from_utf8(head).unwrap())
    }

    /// Writes, and ignores that the other side may have closed.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Ends the connection with ECONNRESET.
    pub(crate) fn reset(self) {
        self.reset.store(true, Ordering::SeqCst);
    }

    /// Sends nothing more and keeps the connection open.
    pub(crate) async fn hang(self) {
        std::future::pending::<()>().await;
    }
}

struct Near {
    stream: DuplexStream,
    reset: Arc<AtomicBool>,
}

impl Near {
    fn check(&self) -> io::Result<()> {
        if self.reset.load(Ordering::SeqCst) { Err(io::Error::from_raw_os_error(ECONNRESET)) } else { Ok(()) }
    }
}

impl AsyncRead for Near {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Near {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
