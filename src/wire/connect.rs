//! The client side of one HTTP CONNECT (RFC 9110 section 9.3.6) over HTTP/1.1.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use zeroize::Zeroizing;

/// Why there is no tunnel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed, or ended before the answer was complete (`UnexpectedEof`).
    #[error("the connection to the HTTP proxy failed: {0}")]
    Io(#[from] io::Error),
    /// The proxy does not speak HTTP/1.
    #[error("what came is no answer to CONNECT")]
    Malformed,
    /// The answer's head does not end.
    #[error("the proxy's answer is longer than {MAX_HEAD} bytes or {MAX_HEADERS} lines")]
    HeadTooLarge,
    /// 407: it wants a login, or does not accept the one that was given.
    #[error("the HTTP proxy does not accept the login")]
    Login,
    /// Any other answer than 2xx. What it says besides is the proxy's word, and is not read.
    #[error("the HTTP proxy answered with status {0}")]
    Status(u16),
}

/// Asks the proxy behind `stream` for a tunnel to `authority` (`host:port`, IPv6 in brackets). The answered stream
/// leads there; it begins with what the proxy sent behind its answer.
///
/// # Errors
/// See [`Error`]. There is no time limit here.
pub async fn connect<S>(mut stream: S, authority: &str, login: Option<(&str, &str)>) -> Result<Tunnel<S>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = Zeroizing::new(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n"));
    if let Some((user, password)) = login {
        let pair = Zeroizing::new(format!("{user}:{password}"));
        let basic = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        request.push_str("Proxy-Authorization: Basic ");
        request.push_str(&basic);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;

    let mut ahead = BytesMut::with_capacity(TYPICAL_HEAD);
    let mut taken = 0;
    loop {
        match head(&ahead)? {
            // Informational: the answer is still to come.
            Some((100..=199, length)) => {
                taken += length;
                ahead.advance(length);
            }
            Some((200..=299, length)) => {
                ahead.advance(length);
                return Ok(Tunnel { ahead, stream });
            }
            Some((407, _)) => return Err(Error::Login),
            Some((status, _)) => return Err(Error::Status(status)),
            None => {
                if taken + ahead.len() >= MAX_HEAD {
                    return Err(Error::HeadTooLarge);
                }
                if stream.read_buf(&mut ahead).await? == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
            }
        }
    }
}

/// The status of a complete head and its length; `None` while it is not complete.
fn head(bytes: &[u8]) -> Result<Option<(u16, usize)>, Error> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    match answer.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => Ok(Some((answer.code.ok_or(Error::Malformed)?, length))),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(httparse::Error::TooManyHeaders) => Err(Error::HeadTooLarge),
        Err(_) => Err(Error::Malformed),
    }
}

/// A stream through a proxy, which begins with the bytes that came with the proxy's answer.
#[derive(Debug)]
pub struct Tunnel<S> {
    ahead: BytesMut,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Tunnel<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let length = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tunnel<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// What is taken of the answer's head: a proxy has little to say here.
const MAX_HEAD: usize = 16 * 1024;

/// And as many header lines.
const MAX_HEADERS: usize = 64;

/// What is made room for at first.
const TYPICAL_HEAD: usize = 1024;
