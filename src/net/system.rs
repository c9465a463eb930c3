//! The real network.

use std::fmt;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::lookup::SystemResolver;
use super::{BoxStream, Datagram, Listener, Net, Stream};

/// The operating system's network, through tokio.
///
/// An app that must prepare each socket before use sets a [hook](Self::with_socket_hook). An app that must use only one
/// interface sets it with [`SystemNet::with_interface`].
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SystemNet {
    resolver: SystemResolver,
    hook: Option<Arc<SocketHook>>,
    lookup: Option<Arc<LookupHook>>,
}

/// Borrows a socket of the operating system: a file descriptor on Unix, a `SOCKET` on Windows.
#[cfg(unix)]
pub type BorrowedSocket<'a> = std::os::fd::BorrowedFd<'a>;

/// Borrows a socket of the operating system: a file descriptor on Unix, a `SOCKET` on Windows.
#[cfg(windows)]
pub type BorrowedSocket<'a> = std::os::windows::io::BorrowedSocket<'a>;

type SocketHook = dyn Fn(BorrowedSocket<'_>, SocketAddr) -> io::Result<()> + Send + Sync;
type LookupHook = dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync;

impl SystemNet {
    /// The operating system's network.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `hook` with each socket before its first packet, and with the destination address: for Android's
    /// `VpnService.protect` and `Network.bindSocket`, a mark, or a binding to an interface.
    ///
    /// The hook runs on a thread of the async runtime and must not block for long. If it returns an error, the
    /// connection fails with that error and nothing is sent. Several hooks run in the order in which they were added.
    ///
    /// The system's resolver opens its own sockets, which no hook sees: see [`SystemNet::with_lookup`].
    ///
    /// ```
    /// use byway::net::SystemNet;
    ///
    /// let net = SystemNet::new().with_socket_hook(|_socket, to| {
    ///     // e.g. vpn_service.protect(socket.as_raw_fd())
    ///     if to.ip().is_ipv6() { Err(std::io::ErrorKind::NetworkUnreachable.into()) } else { Ok(()) }
    /// });
    /// ```
    #[must_use]
    pub fn with_socket_hook(
        self,
        hook: impl Fn(BorrowedSocket<'_>, SocketAddr) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let hook: Arc<SocketHook> = match self.hook {
            None => Arc::new(hook),
            Some(first) => Arc::new(move |socket, to| {
                first(socket, to)?;
                hook(socket, to)
            }),
        };
        Self { hook: Some(hook), ..self }
    }

    /// Sends everything through the interface with this name (`wlan0`), or nothing at all: `SO_BINDTODEVICE`
    /// (socket(7)), for which kernels before 5.7 require `CAP_NET_RAW`. Addresses of this device itself are exempt, or
    /// a local proxy would be unreachable. On Apple's systems, set `IP_BOUND_IF` in a [socket
    /// hook](Self::with_socket_hook).
    ///
    /// The system's resolver ignores this: see [`SystemNet::with_lookup`].
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[must_use]
    pub fn with_interface(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.with_socket_hook(move |socket, to| {
            if to.ip().to_canonical().is_loopback() {
                return Ok(());
            }
            socket2::SockRef::from(&socket).bind_device(Some(name.as_bytes()))
        })
    }

    /// Looks names up with `lookup` instead of `getaddrinfo`, which uses the device's default network whatever the
    /// sockets are bound to. On Android, use `Network.getAllByName`. The name has no trailing dot. A name that contains
    /// a dot is absolute: no search list may be applied to it. The function is called for names for which no strategy
    /// has its own resolvers. The future may be dropped at any await point.
    #[must_use]
    pub fn with_lookup(
        self,
        lookup: impl Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync + 'static,
    ) -> Self {
        Self { lookup: Some(Arc::new(lookup)), ..self }
    }

    fn prepare(&self, socket: BorrowedSocket<'_>, to: SocketAddr) -> io::Result<()> {
        self.hook.as_ref().map_or(Ok(()), |hook| hook(socket, to))
    }
}

impl fmt::Debug for SystemNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resolver: _, hook, lookup } = self;
        let mut shown = f.debug_struct("SystemNet");
        shown.field("socket_hook", &hook.is_some()).field("lookup", &lookup.is_some()).finish_non_exhaustive()
    }
}

impl Net for SystemNet {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        match &self.lookup {
            Some(lookup) => lookup(host.to_owned()),
            None => self.resolver.lookup(host).boxed(),
        }
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        async move {
            let socket = if to.is_ipv4() { tokio::net::TcpSocket::new_v4() } else { tokio::net::TcpSocket::new_v6() }?;
            self.prepare(borrowed(&socket), to)?;
            let stream = socket.connect(to).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(Pushed { stream, state: Written::Nothing }) as Box<dyn Stream>)
        }
        .boxed()
    }

    fn listen(&self, at: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        async move { Ok(Box::new(SystemListener(tokio::net::TcpListener::bind(at).await?)) as Box<dyn Listener>) }
            .boxed()
    }

    fn datagram(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>> {
        async move {
            let any: SocketAddr = if to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
            let socket = tokio::net::UdpSocket::bind(any).await?;
            self.prepare(borrowed(&socket), to)?;
            socket.connect(to).await?;
            Ok(Box::new(SystemDatagram(socket)) as Box<dyn Datagram>)
        }
        .boxed()
    }
}

#[cfg(unix)]
fn borrowed(socket: &impl std::os::fd::AsFd) -> BorrowedSocket<'_> {
    socket.as_fd()
}

#[cfg(windows)]
fn borrowed(socket: &impl std::os::windows::io::AsSocket) -> BorrowedSocket<'_> {
    socket.as_socket()
}

/// A TCP stream whose flush pushes out what was written.
///
/// Linux holds a small write back while the previous one waits in the device's queue, and joins it with the next one
/// (`tcp_autocorking`), even with `TCP_NODELAY`. Setting that option again pushes out what is held back (tcp(7)). Code
/// that splits a message into segments flushes between them, and relies on this. The push happens just before a write
/// that could be joined. If a response was read in between, nothing is held back, so a request and its response cost no
/// extra system call.
struct Pushed {
    stream: tokio::net::TcpStream,
    state: Written,
}

/// The state of the last write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// Nothing can be joined by the next write: nothing was written, or it was answered.
    Nothing,
    /// The next write may join it.
    Open,
    /// It was flushed: the next write must not join it.
    Flushed,
}

impl Pushed {
    fn writes(&mut self) {
        if self.state == Written::Flushed {
            // This fails on a connection that is gone; the write then reports its own errno.
            let _ = self.stream.set_nodelay(true);
        }
        self.state = Written::Open;
    }
}

impl AsyncRead for Pushed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before && self.state == Written::Flushed {
            self.state = Written::Nothing;
        }
        read
    }
}

impl AsyncWrite for Pushed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.writes();
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.writes();
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.state == Written::Open {
            self.state = Written::Flushed;
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

struct SystemListener(tokio::net::TcpListener);

impl Listener for SystemListener {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStream, SocketAddr)>> {
        async move {
            let (stream, from) = self.0.accept().await?;
            stream.set_nodelay(true)?;
            Ok((Box::new(stream) as Box<dyn Stream>, from))
        }
        .boxed()
    }
}

struct SystemDatagram(tokio::net::UdpSocket);

impl Datagram for SystemDatagram {
    fn send<'a>(&'a self, payload: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        async move { self.0.send(payload).await.map(drop) }.boxed()
    }

    fn receive<'a>(&'a self, buffer: &'a mut [u8]) -> BoxFuture<'a, io::Result<usize>> {
        async move { self.0.recv(buffer).await }.boxed()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn streams_carry_bytes_and_a_refusal_keeps_its_errno() {
        let net = SystemNet::new();
        let listener = net.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let at = listener.local_addr().unwrap();
        let (near, far) = tokio::join!(net.connect(at), listener.accept());
        let (mut near, (mut far, _)) = (near.unwrap(), far.unwrap());
        near.write_all(b"hello").await.unwrap();
        let mut hello = [0; 5];
        far.read_exact(&mut hello).await.unwrap();
        assert_eq!(&hello, b"hello");
        drop(listener);
        let refused = net.connect(at).await.err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        assert!(refused.raw_os_error().is_some());
    }

    #[tokio::test]
    async fn every_hook_sees_every_socket_before_its_first_packet() {
        let peer = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let listener = SystemNet::new().listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let (tcp, udp) = (listener.local_addr().unwrap(), peer.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let [first, second] = ["first", "second"].map(|name| {
            let seen = seen.clone();
            move |socket: BorrowedSocket<'_>, to: SocketAddr| {
                // An unconnected socket has no peer: nothing was sent.
                assert!(socket2::SockRef::from(&socket).peer_addr().is_err());
                seen.lock().unwrap().push((name, to));
                Ok(())
            }
        });
        let net = SystemNet::new().with_socket_hook(first).with_socket_hook(second);
        net.connect(tcp).await.unwrap();
        net.datagram(udp).await.unwrap();
        assert_eq!(*seen.lock().unwrap(), [("first", tcp), ("second", tcp), ("first", udp), ("second", udp)]);
    }

    #[tokio::test]
    async fn a_hook_that_fails_ends_the_connection_unsent() {
        let listener = SystemNet::new().listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let at = listener.local_addr().unwrap();
        let net = SystemNet::new().with_socket_hook(|_, _| Err(io::ErrorKind::PermissionDenied.into()));
        assert_eq!(net.connect(at).await.err().unwrap().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(net.datagram(at).await.err().unwrap().kind(), io::ErrorKind::PermissionDenied);
        assert!(listener.accept().now_or_never().is_none(), "nobody connected");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_interface_that_is_not_there_sends_nothing() {
        let net = SystemNet::new().with_interface("no-such-if");
        // TEST-NET-1 (RFC 5737).
        let to = ([192, 0, 2, 1], 9).into();
        assert_eq!(net.datagram(to).await.err().unwrap().raw_os_error(), Some(ENODEV));
        assert_eq!(net.connect(to).await.err().unwrap().raw_os_error(), Some(ENODEV));
        let listener = net.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        net.connect(listener.local_addr().unwrap()).await.expect("this device itself is exempt");
    }

    /// errno(3), "No such device".
    #[cfg(target_os = "linux")]
    const ENODEV: i32 = 19;

    #[tokio::test]
    async fn names_are_looked_up_by_the_app_where_it_wants() {
        let net = SystemNet::new().with_lookup(|host| {
            async move {
                assert_eq!(host, "site.example");
                Ok(vec![IpAddr::from([192, 0, 2, 7])])
            }
            .boxed()
        });
        assert_eq!(net.lookup("site.example").await.unwrap(), [IpAddr::from([192, 0, 2, 7])]);
    }

    #[tokio::test]
    async fn datagrams_go_to_their_peer_only() {
        let net = SystemNet::new();
        let peer = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let stranger = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let socket = net.datagram(peer.local_addr().unwrap()).await.unwrap();
        socket.send(b"question").await.unwrap();
        let mut buffer = [0; 64];
        let (length, from) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"question");
        stranger.send_to(b"forged", from).await.unwrap();
        peer.send_to(b"answer", from).await.unwrap();
        let length = socket.receive(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"answer");
    }

    #[tokio::test]
    async fn the_system_s_resolver_knows_this_device() {
        assert!(SystemNet::new().lookup("localhost").await.unwrap().iter().all(IpAddr::is_loopback));
    }
}
