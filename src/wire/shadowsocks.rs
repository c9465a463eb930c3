//! The client side of one Shadowsocks stream (SIP004, SIP022), based on the crate `shadowsocks`.
//!
//! There is no handshake. The first written bytes are prefixed with the host's name, encrypted; the server sends back
//! the host's response, encrypted. A wrong password, a server that is something else and an unreachable host look the
//! same from here: silence, or an end of the stream. One thing is certain: from the first byte that decrypts, the
//! server has the key. `Tunnel::proved` reports that moment.
//!
//! This file adds what callers of a stream may expect and the crate does not provide:
//!
//! - The crate reports the bytes of a pending write as written, whatever the next write passes, and loses the part of a
//!   first write that exceeds one of its packets. So bytes are buffered here first, at most `MAX_WRITE`.
//! - It needs the first response of a 2022 server in one read. TCP may split it anywhere, so it is assembled below.
//! - It continues reading after bytes that did not decrypt. Here the first such bytes end the stream.
//! - It pads a 2022 header without a first payload with bytes that it does not overwrite. Here no header is sent
//!   without a payload: a caller that only reads or flushes has not requested anything yet.
//! - It decrypts its own bytes: with an older method a packet says neither its direction nor its number of a stream. So
//!   a response that begins with the request's own salt ends the stream: only a program without the key repeats it.
//! - It panics if a 2022 method writes or reads the time while the system's clock, which it reads itself, is before
//!   1970. That happens on a phone without a battery. So the clock is checked first.
//!
//! The crate opens no socket and looks up no name here: it receives a stream and a name.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::{Buf, BytesMut};
use shadowsocks::config::{ServerConfig, ServerType};
use shadowsocks::context::Context as Shared;
use shadowsocks::crypto::CipherKind;
use shadowsocks::relay::Address;
use shadowsocks::relay::tcprelay::ProxyClientStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use url::Host;

/// Error creating a tunnel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The crate does not know the method, or the password does not fit it.
    #[error("the method or the password is not valid")]
    Key,
    /// This device's clock is before 1970, and a 2022 method writes the time (SIP022 section 3.1.3), which has no
    /// encoding for such a time.
    #[error("the clock of this device stands before 1970")]
    Clock,
}

/// The server's bytes do not decrypt: it is another program, it has another password, or its bytes were modified on the
/// path. Found inside an [`io::Error`] of the kind `InvalidData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what came is not encrypted with the key of this Shadowsocks server")]
pub struct Unauthentic;

impl Unauthentic {
    /// Returns `true` if `error` contains this.
    pub fn is_in(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

/// Wraps `stream`, which leads to a Shadowsocks server, into a stream to `host:port`. Nothing is sent before the first
/// write.
///
/// `method` is the cipher's name. `password` is any text, or for a 2022 method its key in Base64.
///
/// # Errors
/// See [`Error`].
pub fn connect<S>(
    stream: S,
    key: (&str, &str),
    destination: (&Host<String>, u16),
    proved: impl FnOnce() + Send + 'static,
) -> Result<Tunnel<S>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    connect_by(SystemTime::now, stream, key, destination, proved)
}

/// [`connect`] with this clock, which must agree with the system's.
fn connect_by<S>(
    clock: fn() -> SystemTime,
    stream: S,
    (method, password): (&str, &str),
    (host, port): (&Host<String>, u16),
    proved: impl FnOnce() + Send + 'static,
) -> Result<Tunnel<S>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let method: CipherKind = method.parse().map_err(|_| Error::Key)?;
    let clock = method.is_aead_2022().then_some(clock);
    in_time(clock).map_err(|_| Error::Clock)?;
    // The server's address is required but not used: the stream is already connected.
    let nowhere = ("", 0);
    let server = ServerConfig::new(nowhere, password, method).map_err(|_| Error::Key)?;
    let address = match host {
        Host::Domain(name) => Address::DomainNameAddress(name.clone(), port),
        Host::Ipv4(address) => Address::SocketAddress((*address, port).into()),
        Host::Ipv6(address) => Address::SocketAddress((*address, port).into()),
    };
    let salt = method.salt_len();
    let head = if method.is_aead_2022() { salt * 2 + ANSWER_2022 + method.tag_len() } else { salt };
    let below = Below {
        stream,
        salt: BytesMut::with_capacity(salt),
        salt_length: salt,
        head: BytesMut::with_capacity(head),
        missing: head,
        begun: false,
        end: None,
    };
    // The shared state matters only to servers: the salts they have seen.
    let context = Shared::new_shared(ServerType::Local);
    Ok(Tunnel {
        stream: ProxyClientStream::from_stream(context, below, &server, address),
        clock,
        taken: BytesMut::new(),
        proved: Some(Box::new(proved)),
        unauthentic: false,
    })
}

/// A stream through a Shadowsocks server.
pub struct Tunnel<S> {
    stream: ProxyClientStream<Below<S>>,
    /// The clock that the crate will read, if it reads one.
    clock: Option<fn() -> SystemTime>,
    /// Bytes accepted from the caller, and not yet passed to the stream below.
    taken: BytesMut,
    /// Called at the first byte that decrypts.
    proved: Option<Box<dyn FnOnce() + Send>>,
    unauthentic: bool,
}

impl<S> Tunnel<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn end_unauthentic(&mut self) -> io::Result<()> {
        self.unauthentic = true;
        Err(unauthentic())
    }

    /// Passes the accepted bytes to the stream below.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        in_time(self.clock)?;
        while !self.taken.is_empty() {
            // The same bytes are passed until they are written: see the head of this file.
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.taken))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.taken.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> AsyncRead for Tunnel<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.unauthentic {
            return Poll::Ready(Err(unauthentic()));
        }
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        // A caller that waits for a response has sent its request: bytes that are still here go first. The next write
        // reports their error, and what arrived before it can still be read.
        let _ = self.poll_drain(cx);
        in_time(self.clock)?;
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        if read.is_ok() && buf.filled().len() > before {
            if let Some(proved) = self.proved.take() {
                proved();
            }
            return Poll::Ready(Ok(()));
        }
        // Bytes of an incomplete packet are not handed out.
        buf.set_filled(before);
        let Below { end, begun, .. } = self.stream.get_ref();
        let nothing_decrypts = self.proved.is_some() && *begun;
        Poll::Ready(match (end, read) {
            // The stream below is intact, so the crate rejected the bytes.
            (None, _) => self.end_unauthentic(),
            (Some(End::Failed), Err(error)) => Err(error),
            // Some bytes and an end: this was not a Shadowsocks response.
            (Some(_), _) if nothing_decrypts => self.end_unauthentic(),
            // In the middle of a packet, or at the start of the next one.
            (Some(_), Err(_)) if *begun => Err(io::ErrorKind::UnexpectedEof.into()),
            (Some(_), _) => Ok(()),
        })
    }
}

impl<S> AsyncWrite for Tunnel<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_drain(cx))?;
        let piece = buf.get(..MAX_WRITE).unwrap_or(buf);
        self.taken.extend_from_slice(piece);
        match self.poll_drain(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            // Accepted: a flush, or the next write, waits for it.
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(piece.len())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The stream to the server, as passed to the crate.
struct Below<S> {
    stream: S,
    /// The salt of the request, as far as it was written.
    salt: BytesMut,
    salt_length: usize,
    /// The first response of a 2022 server, or the salt of another one's, while it is assembled and read.
    head: BytesMut,
    /// The number of its bytes that are still missing.
    missing: usize,
    /// True if anything has arrived.
    begun: bool,
    end: Option<End>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Closed,
    Failed,
}

impl<S: AsyncRead + Unpin> Below<S> {
    /// Reads, and records how the stream ended.
    fn poll_noted(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        match &read {
            Err(_) => self.end = Some(End::Failed),
            Ok(()) if buf.filled().len() == before => self.end = Some(End::Closed),
            Ok(()) => self.begun = true,
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Below<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.missing > 0 && this.end != Some(End::Closed) {
            let mut piece = [0; MAX_ANSWER_2022];
            let mut piece = ReadBuf::new(piece.get_mut(..this.missing).unwrap_or_default());
            ready!(this.poll_noted(cx, &mut piece))?;
            this.missing -= piece.filled().len();
            this.head.extend_from_slice(piece.filled());
            let is_sent = this.salt.len() == this.salt_length;
            if this.missing == 0 && is_sent && this.head.starts_with(&this.salt) {
                return Poll::Ready(Err(unauthentic()));
            }
        }
        if this.head.is_empty() {
            return this.poll_noted(cx, buf);
        }
        let length = this.head.len().min(buf.remaining());
        buf.put_slice(&this.head.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Below<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        let lacking = self.salt_length - self.salt.len();
        let salt = buf.get(..written.min(lacking)).unwrap_or_default();
        self.salt.extend_from_slice(salt);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Checks that the clock, if one is read, is in the range whose seconds the crate can count. The clock may be set at
/// any time.
fn in_time(clock: Option<fn() -> SystemTime>) -> io::Result<()> {
    match clock {
        Some(clock) if clock() < SystemTime::UNIX_EPOCH => Err(io::Error::other(Error::Clock)),
        _ => Ok(()),
    }
}

fn unauthentic() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Unauthentic)
}

/// The most bytes accepted at once. A packet of SIP004 holds 0x3FFF bytes, and the first one also holds the host's
/// name: up to 259 bytes in the form of SOCKS5 (RFC 1928 section 5).
const MAX_WRITE: usize = 0x3FFF - 259;

/// SIP022 section 3.1.3: the part of a server's first response between the two salts and the tag: type, time, length.
const ANSWER_2022: usize = 1 + 8 + 2;

/// The longest first response: salts of 32 bytes, a tag of 16.
const MAX_ANSWER_2022: usize = 2 * 32 + ANSWER_2022 + 16;

#[cfg(test)]
mod tests;
