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
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures_util::poll;
    use proptest::prelude::{any, prop_assert, proptest};
    use shadowsocks::config::{ServerUser, ServerUserManager};
    use shadowsocks::relay::tcprelay::ProxyServerStream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, Join, duplex, join};

    use super::*;

    type Pipe = Join<DuplexStream, DuplexStream>;

    const LONG_KEY: &str = "YctPZ6U7xPPcU+gp3u+0tx/tRizJN9K8y+uKlW2qjlI=";

    /// Every method that a strategy can name, with a password for it.
    const METHODS: [(&str, &str); 6] = [
        ("aes-128-gcm", "password"),
        ("aes-256-gcm", "пароль"),
        ("chacha20-ietf-poly1305", ":@/"),
        ("2022-blake3-aes-128-gcm", "AQEBAQEBAQEBAQEBAQEBAQ=="),
        ("2022-blake3-aes-256-gcm", LONG_KEY),
        ("2022-blake3-chacha20-poly1305", LONG_KEY),
    ];

    /// A pair of streams. The response arrives in pieces of at most `piece` bytes.
    fn pipe(piece: usize) -> (Pipe, Pipe) {
        let (up_in, up_out) = duplex(4096);
        let (down_in, down_out) = duplex(piece);
        (join(down_out, up_in), join(up_out, down_in))
    }

    fn client(pipe: Pipe, key: (&str, &str)) -> (Tunnel<Pipe>, Arc<AtomicBool>) {
        let proved = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&proved);
        let host = Host::Domain("site.example".to_owned());
        let tunnel = connect(pipe, key, (&host, 443), move || flag.store(true, Ordering::Relaxed)).unwrap();
        (tunnel, proved)
    }

    fn server(pipe: Pipe, (method, password): (&str, &str)) -> ProxyServerStream<Pipe> {
        let method = method.parse().unwrap();
        let config = ServerConfig::new(("", 0), password, method).unwrap();
        ProxyServerStream::from_stream(Shared::new_shared(ServerType::Server), pipe, method, config.key())
    }

    #[tokio::test]
    async fn a_clock_before_1970_is_an_error_and_no_panic() {
        fn early() -> SystemTime {
            SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1)
        }
        let host = Host::Domain("site.example".to_owned());
        for key in METHODS {
            let made = connect_by(early, pipe(4096).0, key, (&host, 443), || ());
            // The older methods do not write the time.
            assert_eq!(matches!(made, Err(Error::Clock)), key.0.starts_with("2022"), "{key:?}");
            // The clock is set back while the stream is open.
            let (near, _far) = pipe(4096);
            let mut tunnel = client(near, key).0;
            tunnel.clock = tunnel.clock.map(|_| early as fn() -> SystemTime);
            let written = tunnel.write_all(b"hello").await;
            assert_eq!(written.is_err(), key.0.starts_with("2022"), "{key:?}");
        }
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n % 251) as u8).collect()
    }

    #[tokio::test]
    async fn every_method_carries_a_megabyte_each_way_in_any_pieces() {
        for key in METHODS {
            for (piece, length) in [(4096, 1 << 20), (1, 2_000), (7, 40_000)] {
                let (near, far) = pipe(piece);
                let ((mut near, proved), mut far) = (client(near, key), server(far, key));
                let serve = async {
                    assert_eq!(far.handshake().await.unwrap().to_string(), "site.example:443", "{key:?}");
                    let mut asked = Vec::new();
                    far.read_to_end(&mut asked).await.unwrap();
                    assert!(asked == bytes(length), "{key:?} {}", asked.len());
                    far.write_all(&asked).await.unwrap();
                    far.shutdown().await.unwrap();
                };
                let ask = async {
                    near.write_all(&bytes(length)).await.unwrap();
                    near.shutdown().await.unwrap();
                    assert!(!proved.load(Ordering::Relaxed));
                    let mut answer = Vec::new();
                    near.read_to_end(&mut answer).await.unwrap();
                    assert!(answer == bytes(length), "{key:?} {}", answer.len());
                    assert!(proved.load(Ordering::Relaxed));
                };
                tokio::join!(serve, ask);
            }
        }
    }

    #[tokio::test]
    async fn a_user_of_a_server_of_many_is_told_by_the_key() {
        let (method, ours, theirs) =
            ("2022-blake3-aes-128-gcm", "AAAAAAAAAAAAAAAAAAAAAA==", "AQEBAQEBAQEBAQEBAQEBAQ==");
        let (near, far) = pipe(4096);
        let (mut near, _) = client(near, (method, &format!("{ours}:{theirs}")));
        let mut users = ServerUserManager::new();
        users.add_user(ServerUser::with_encoded_key("reader", theirs).unwrap());
        let kind = method.parse().unwrap();
        let config = ServerConfig::new(("", 0), ours, kind).unwrap();
        let context = Shared::new_shared(ServerType::Server);
        let mut far =
            ProxyServerStream::from_stream_with_user_manager(context, far, kind, config.key(), Some(Arc::new(users)));
        near.write_all(b"question").await.unwrap();
        assert_eq!(far.handshake().await.unwrap().to_string(), "site.example:443");
        far.write_all(b"answer").await.unwrap();
        let mut answer = [0; 6];
        near.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
    }

    #[tokio::test]
    async fn nothing_goes_out_before_there_is_something_to_say() {
        for key in METHODS {
            let (near, mut far) = pipe(4096);
            let (mut near, _) = client(near, key);
            near.flush().await.unwrap();
            assert!(poll!(Box::pin(near.read_u8())).is_pending());
            assert_eq!(near.write(b"").await.unwrap(), 0);
            near.shutdown().await.unwrap();
            drop(near);
            let mut seen = Vec::new();
            far.read_to_end(&mut seen).await.unwrap();
            assert!(seen.is_empty(), "{key:?}");
        }
    }

    #[tokio::test]
    async fn what_was_taken_is_sent_whatever_is_offered_next() {
        let key = METHODS[1];
        let (near, far) = pipe(4096);
        let ((mut near, _), mut far) = (client(near, key), server(far, key));
        // More than the pipe holds: it is accepted and buffered.
        let first = bytes(6_000);
        assert_eq!(near.write(&first).await.unwrap(), 6_000);
        assert!(poll!(Box::pin(near.write(&[1; 9_000]))).is_pending());
        let say = async {
            near.write_all(b"second").await.unwrap();
            near.shutdown().await.unwrap();
        };
        let hear = async {
            far.handshake().await.unwrap();
            let mut heard = Vec::new();
            far.read_to_end(&mut heard).await.unwrap();
            heard
        };
        let ((), heard) = tokio::join!(say, hear);
        assert!(heard == [&first[..], b"second"].concat(), "{}", heard.len());
    }

    #[tokio::test]
    async fn what_does_not_decrypt_ends_the_stream_and_proves_nothing() {
        let answers: [&[u8]; 3] = [&[0x5a; 300], b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0"];
        for key in METHODS {
            for answer in answers {
                let (near, mut far) = pipe(4096);
                let (mut near, proved) = client(near, key);
                near.write_all(b"question").await.unwrap();
                far.write_all(answer).await.unwrap();
                far.shutdown().await.unwrap();
                for _ in 0..2 {
                    let error = near.read_u8().await.unwrap_err();
                    assert!(Unauthentic::is_in(&error), "{key:?}: {error:?}");
                }
                assert!(!proved.load(Ordering::Relaxed));
            }
        }
    }

    #[tokio::test]
    async fn a_server_that_repeats_the_request_has_no_key() {
        for key in METHODS {
            for piece in [4096, 1] {
                let (near, mut far) = pipe(piece);
                let (mut near, proved) = client(near, key);
                let echo = async {
                    let mut asked = [0; 512];
                    loop {
                        match far.read(&mut asked).await {
                            Ok(length) if length > 0 => far.write_all(&asked[..length]).await.unwrap(),
                            _ => break,
                        }
                    }
                };
                let ask = async {
                    near.write_all(b"a question that is long enough for the head of any method").await.unwrap();
                    let error = near.read(&mut [0; 64]).await.unwrap_err();
                    assert!(Unauthentic::is_in(&error), "{key:?} {piece}: {error}");
                    assert!(!proved.load(Ordering::Relaxed), "{key:?} {piece}");
                };
                tokio::select! { () = echo => panic!("{key:?}: the stream ended"), () = ask => {} }
            }
        }
    }

    #[tokio::test]
    async fn an_end_without_a_byte_is_an_end() {
        for key in METHODS {
            let (near, mut far) = pipe(4096);
            let (mut near, proved) = client(near, key);
            near.write_all(b"question").await.unwrap();
            far.shutdown().await.unwrap();
            assert_eq!(near.read(&mut [0; 9]).await.unwrap(), 0, "{key:?}");
            assert!(!proved.load(Ordering::Relaxed));
        }
    }

    /// The caller's view of a server's `b"answer"` that was modified on the path.
    async fn answer_of(key: (&str, &str), spoil: impl FnOnce(&mut Vec<u8>)) -> io::Result<Vec<u8>> {
        let ((near, mut middle_near), (middle_far, far)) = (pipe(4096), pipe(4096));
        let ((mut near, _), mut far) = (client(near, key), server(far, key));
        let mut middle_far = middle_far;
        near.write_all(b"question").await.unwrap();
        let mut question = vec![0; 4096];
        let length = middle_near.read(&mut question).await.unwrap();
        middle_far.write_all(&question[..length]).await.unwrap();
        far.handshake().await.unwrap();
        far.write_all(b"answer").await.unwrap();
        far.shutdown().await.unwrap();
        let mut answer = Vec::new();
        middle_far.read_to_end(&mut answer).await.unwrap();
        spoil(&mut answer);
        middle_near.write_all(&answer).await.unwrap();
        middle_near.shutdown().await.unwrap();
        let mut heard = Vec::new();
        near.read_to_end(&mut heard).await.map(|_| heard)
    }

    #[tokio::test]
    async fn an_answer_with_a_changed_or_missing_byte_is_refused() {
        for key in METHODS {
            assert_eq!(answer_of(key, |_| ()).await.unwrap(), b"answer", "{key:?}");
            for place in [0, 17, 40, 50] {
                let changed = answer_of(key, |answer| answer[place] ^= 1).await.unwrap_err();
                assert!(Unauthentic::is_in(&changed), "{key:?} {place}: {changed:?}");
                let cut = answer_of(key, |answer| answer.truncate(place + 1)).await.unwrap_err();
                assert!(Unauthentic::is_in(&cut), "{key:?} {place}: {cut:?}");
            }
        }
    }

    #[test]
    fn a_password_that_is_no_key_is_an_error() {
        let host = Host::Domain("site.example".to_owned());
        for key in [("2022-blake3-aes-128-gcm", "AAAA"), ("aes-256-gcm ", "x"), ("nothing", "x")] {
            let (near, _far) = pipe(1);
            assert!(connect(near, key, (&host, 443), || ()).is_err(), "{key:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_an_end_or_an_error(answer in proptest::collection::vec(any::<u8>(), 0..400), which in 0usize..6) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let heard = runtime.block_on(async {
                let (near, mut far) = pipe(4096);
                let (mut near, _) = client(near, METHODS[which]);
                near.write_all(b"question").await.unwrap();
                far.write_all(&answer).await.unwrap();
                far.shutdown().await.unwrap();
                let mut heard = Vec::new();
                near.read_to_end(&mut heard).await.map(|_| heard)
            });
            prop_assert!(heard.as_ref().is_err_and(Unauthentic::is_in) || heard.is_ok_and(|heard| heard.is_empty()));
        }
    }
}
