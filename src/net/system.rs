//! The real outside.
use std::io;
use std::net::{IpAddr, SocketAddr};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

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
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|a| a.ip()).collect()) }.boxed()
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        async move {
            let stream = tokio::net::TcpStream::connect(to).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
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
