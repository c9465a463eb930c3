//! The network interface: everything that touches the outside goes through [`Net`].
//!
//! A `Net` looks names up with the system's resolver, connects, listens, sends datagrams and reads two clocks: the
//! monotonic clock (for durations) and the wall clock (for certificates). It knows nothing about routes, TLS or HTTP.
//!
//! [`SystemNet`] is the real network. The lab has another one, a small internet in virtual time, over which the
//! production stack runs unchanged; an app may bring its own. For an app that only has to prepare its sockets,
//! [`SystemNet`] has a hook. Durations are measured and awaited with `tokio::time`, so that a test can pause them.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

mod ended;
#[cfg(unix)]
mod hosts;
mod lookup;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
pub(crate) mod scripted;
mod system;

pub(crate) use ended::EndedByApp;
pub use system::{BorrowedSocket, SystemNet};

/// Access to everything outside the process.
///
/// Implementations are cheap to share and safe to call from many tasks. Every future may be dropped at any await point,
/// and nothing may continue after that.
pub trait Net: fmt::Debug + Send + Sync + 'static {
    /// Resolves `host` with the system's own resolver (getaddrinfo).
    ///
    /// An error of the kind [`io::ErrorKind::NotFound`] means that the resolver denies the name, and one of the kind
    /// [`io::ErrorKind::AddrNotAvailable`] that the name has no address. All other failures carry no reason: it is
    /// unknown whether the name or the resolver is at fault.
    ///
    /// A name with a dot is absolute, with or without a final dot: no search list may be applied to it. A name of one
    /// label belongs to the user's own network, and the system may apply its search list.
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;

    /// Opens a TCP connection. An error keeps the operating system's errno.
    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>>;

    /// Listens for TCP connections; port 0 takes a free one.
    fn listen(&self, at: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>>;

    /// Opens a UDP socket that talks to `to` only.
    fn datagram(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>>;

    /// The monotonic clock.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// The wall clock, by which certificates are verified. It may be wrong.
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A connected byte stream.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// Any [`Stream`].
pub type BoxStream = Box<dyn Stream>;

/// Accepts TCP connections until it is dropped.
pub trait Listener: Send + Sync {
    /// The local address, with the assigned port.
    fn local_addr(&self) -> io::Result<SocketAddr>;

    /// Waits for the next connection.
    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStream, SocketAddr)>>;
}

/// A UDP socket with one peer.
pub trait Datagram: Send + Sync {
    /// Sends one datagram.
    fn send<'a>(&'a self, payload: &'a [u8]) -> BoxFuture<'a, io::Result<()>>;

    /// Receives one datagram into `buffer`, truncated to its size. Returns the length.
    fn receive<'a>(&'a self, buffer: &'a mut [u8]) -> BoxFuture<'a, io::Result<usize>>;
}
