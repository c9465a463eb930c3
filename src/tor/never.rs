//! What a client of Tor has no use for: listeners, datagrams, sockets of Unix, and TLS as a server. They cannot be made.

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures_util::Stream;
use futures_util::io::{AsyncRead, AsyncWrite};
use tor_general_addr::unix;
use tor_rtcompat::tls::{CertifiedConn, TlsConnector};
use tor_rtcompat::{NetStreamListener, StreamOps, UdpSocket};

use super::connection::Connection;

/// A value that does not exist.
#[derive(Clone, Copy, Debug)]
pub(super) enum Never {}

impl AsyncRead for Never {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
        match *self {}
    }
}

impl AsyncWrite for Never {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match *self {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}

impl StreamOps for Never {}

/// The connections of a listener that does not exist, from addresses of this kind.
pub(super) struct Incoming<S, A>(Never, std::marker::PhantomData<fn() -> (S, A)>);

impl<S, A> Stream for Incoming<S, A> {
    type Item = io::Result<(S, A)>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0 {}
    }
}

impl NetStreamListener<SocketAddr> for Never {
    type Stream = Connection;
    type Incoming = Incoming<Connection, SocketAddr>;

    fn incoming(self) -> Self::Incoming {
        match self {}
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match *self {}
    }
}

impl NetStreamListener<unix::SocketAddr> for Never {
    type Stream = Never;
    type Incoming = Incoming<Never, unix::SocketAddr>;

    fn incoming(self) -> Self::Incoming {
        match self {}
    }

    fn local_addr(&self) -> io::Result<unix::SocketAddr> {
        match *self {}
    }
}

#[async_trait]
impl UdpSocket for Never {
    async fn recv(&self, _: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match *self {}
    }

    async fn send(&self, _: &[u8], _: &SocketAddr) -> io::Result<usize> {
        match *self {}
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match *self {}
    }
}

impl CertifiedConn for Never {
    fn export_keying_material(&self, _: usize, _: &[u8], _: Option<&[u8]>) -> io::Result<Vec<u8>> {
        match *self {}
    }

    fn peer_certificate(&self) -> io::Result<Option<Cow<'_, [u8]>>> {
        match *self {}
    }

    fn own_certificate(&self) -> io::Result<Option<Cow<'_, [u8]>>> {
        match *self {}
    }
}

#[async_trait]
impl TlsConnector<Connection> for Never {
    type Conn = Never;

    async fn negotiate_unvalidated(&self, _: Connection, _: &str) -> io::Result<Never> {
        match *self {}
    }
}
