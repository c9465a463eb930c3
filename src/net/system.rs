//! The real outside.

use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{BoxStream, Datagram, Listener, Net, Stream};

/// The operating system's network, by tokio.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SystemNet;

impl SystemNet {
    /// The operating system's network.
    pub fn new() -> Self {
        Self
    }
}

impl Net for SystemNet {
    // getaddrinfo cannot be called off: dropped, it ends on a thread of tokio's and its answer goes nowhere.
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|a| a.ip()).collect()) }.boxed()
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        async move {
            let stream = tokio::net::TcpStream::connect(to).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(Pushed { stream, written: false }) as Box<dyn Stream>)
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
            socket.connect(to).await?;
            Ok(Box::new(SystemDatagram(socket)) as Box<dyn Datagram>)
        }
        .boxed()
    }
}

/// A TCP stream whose flush means that what was written is on its way.
///
/// Linux keeps a small write back while the one before it waits in the device's queue, and joins it with the next
/// (`tcp_autocorking`), with `TCP_NODELAY` too. Setting that option again pushes out what is kept back (tcp(7)). Whoever cuts a
/// message into segments flushes between them, and relies on this.
struct Pushed {
    stream: tokio::net::TcpStream,
    written: bool,
}

impl AsyncRead for Pushed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Pushed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.written = true;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.written = true;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.written) {
            // On a connection that is gone this fails; the next read or write says so with its own errno.
            let _ = self.stream.set_nodelay(true);
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
