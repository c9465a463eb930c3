//! The client side of one HTTP CONNECT (RFC 9110 section 9.3.6) over HTTP/1.1.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use zeroize::Zeroizing;

use super::status_line::Spelling;

/// Error opening a tunnel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed, or ended before the response was complete (`UnexpectedEof`).
    #[error("the connection to the HTTP proxy failed: {0}")]
    Io(#[from] io::Error),
    /// The proxy does not speak HTTP/1.
    #[error("what came is not an answer to CONNECT")]
    Malformed,
    /// The head of the response does not end.
    #[error("the proxy's answer is longer than {MAX_HEAD} bytes or {MAX_HEADERS} lines")]
    HeadTooLarge,
    /// 407: the proxy requires a login, or rejects the given one.
    #[error("the HTTP proxy does not accept the login")]
    Login,
    /// Any other status than 2xx. The rest of the response comes from the proxy alone, and is not read.
    #[error("the HTTP proxy answered with status {0}")]
    Status(u16),
}

/// Asks the proxy behind `stream` for a tunnel to `authority` (`host:port`, IPv6 in brackets). The returned stream
/// leads there. It starts with the bytes that the proxy sent after its response.
///
/// # Errors
///
/// See [`Error`]. There is no time limit here.
pub async fn connect<S>(mut stream: S, authority: &str, login: Option<(&str, &str)>) -> Result<Tunnel<S>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let start = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    let basic = login.map(|(user, password)| {
        let mut pair = Zeroizing::new(String::with_capacity(user.len() + 1 + password.len()));
        for part in [user, ":", password] {
            pair.push_str(part);
        }
        Zeroizing::new(STANDARD.encode(pair.as_bytes()))
    });
    let login = basic.as_ref().map_or(["", "", ""], |basic| ["Proxy-Authorization: Basic ", basic, "\r\n"]);
    let parts = [&[start.as_str()], login.as_slice(), &["\r\n"]].concat();
    // Allocated at full size: a growing buffer would leave copies of a password behind.
    let mut request = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
    for part in parts {
        request.push_str(part);
    }
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;

    let mut ahead = BytesMut::with_capacity(TYPICAL_HEAD);
    let mut taken = 0;
    let mut spelling = Spelling::at_the_start();
    loop {
        match head(&ahead)? {
            // An informational response: the final one follows.
            Some((100..=199, length)) => {
                taken += length;
                ahead.advance(length);
                spelling = Spelling::at_the_start();
                spelling.mend(&mut ahead);
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
                let before = ahead.len();
                if stream.read_buf(&mut ahead).await? == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
                spelling.mend(ahead.get_mut(before..).unwrap_or_default());
            }
        }
    }
}

/// The status and length of a complete head. `None` while it is incomplete.
fn head(bytes: &[u8]) -> Result<Option<(u16, usize)>, Error> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    // As lenient as curl and browsers. Only the status is used.
    let mut parser = httparse::ParserConfig::default();
    parser
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true);
    match parser.parse_response(&mut answer, bytes) {
        Ok(httparse::Status::Complete(length)) => Ok(Some((answer.code.ok_or(Error::Malformed)?, length))),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(httparse::Error::TooManyHeaders) => Err(Error::HeadTooLarge),
        Err(_) => Err(Error::Malformed),
    }
}

/// A stream through a proxy. It starts with the bytes that arrived with the proxy's response.
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

/// The maximum size of the response's head: a proxy has little to say here.
const MAX_HEAD: usize = 16 * 1024;

/// The maximum number of header lines.
const MAX_HEADERS: usize = 256;

/// The initial allocation.
const TYPICAL_HEAD: usize = 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    /// Runs a CONNECT against a proxy whose bytes are all available at once. Returns the bytes after the response, and
    /// what was sent.
    fn against(proxy: &[u8], login: Option<(&str, &str)>) -> (Result<Vec<u8>, Error>, String) {
        let mut sent = Vec::new();
        let stream = tokio::io::join(proxy, &mut sent);
        let result = async {
            let mut tunnel = connect(stream, "a.example:443", login).await?;
            let mut rest = Vec::new();
            tunnel.read_to_end(&mut rest).await?;
            Ok(rest)
        }
        .now_or_never()
        .unwrap();
        (result, String::from_utf8(sent).unwrap())
    }

    #[test]
    fn the_tunnel_begins_right_behind_the_blank_line() {
        let (rest, sent) = against(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n\x16\x03\x01", None);
        assert_eq!(rest.unwrap(), b"\x16\x03\x01");
        assert_eq!(sent, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
    }

    #[test]
    fn other_spellings_of_yes_are_understood() {
        for proxy in [
            "HTTP/1.0 200 OK\r\n\r\n",
            "HTTP/1.1 204\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 \n\n",
            "http/1.1 200 ok\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nhttp/1.1 201 Created\r\n\r\n",
            "HTTP/1.1  299  Fine\r\n\r\n",
            "HTTP/1.1 200 \u{0443}\u{0440}\u{0430}\r\n\r\n",
            "HTTP/1.1 200 OK\r\nVia : x\r\n folded\r\na junk line\r\n\r\n",
            // A tunnel has no body, whatever length is claimed for it (RFC 9110 section 9.3.6).
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            assert_eq!(against(proxy.as_bytes(), None).0.unwrap(), b"", "{proxy}");
        }
    }

    #[test]
    fn a_login_goes_along_as_basic() {
        let (_, sent) = against(b"HTTP/1.1 200 OK\r\n\r\n", Some(("Aladdin", "open sesame")));
        assert!(sent.contains("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"), "{sent}");
    }

    #[test]
    fn each_fault_is_told_as_what_it_is() {
        type Check = fn(&Error) -> bool;
        let endless_lines = format!("HTTP/1.1 200 OK\r\n{}", "X-A: b\r\n".repeat(10_000));
        let endless_line = format!("HTTP/1.1 200 OK\r\nX-A: {}", "b".repeat(100_000));
        let endless_informational = "HTTP/1.1 102 Processing\r\n\r\n".repeat(10_000);
        let cases: &[(&str, Check)] = &[
            ("", |error| matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof)),
            ("HTTP/1.1 200 O", |error| matches!(error, Error::Io(_))),
            ("SSH-2.0-OpenSSH_9.2\r\n", |error| matches!(error, Error::Malformed)),
            ("\u{5}\u{0}", |error| matches!(error, Error::Malformed)),
            ("HTTP/1.1 2x0 OK\r\n\r\n", |error| matches!(error, Error::Malformed)),
            ("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n", |error| matches!(error, Error::Login)),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", |error| matches!(error, Error::Status(403))),
            ("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", |error| matches!(error, Error::Status(302))),
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n", |error| matches!(error, Error::Status(502))),
            (&endless_lines, |error| matches!(error, Error::HeadTooLarge)),
            (&endless_line, |error| matches!(error, Error::HeadTooLarge)),
            (&endless_informational, |error| matches!(error, Error::HeadTooLarge)),
        ];
        for (proxy, check) in cases {
            let (result, _) = against(proxy.as_bytes(), None);
            assert!(result.as_ref().is_err_and(check), "{}: {result:?}", proxy.get(..40).unwrap_or(proxy));
        }
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_and_never_a_panic(
            start in prop::sample::select(vec![&b""[..], b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 C\r\n\r\n"]),
            garbage in prop::collection::vec(any::<u8>(), 0..2000),
        ) {
            let _ = against(&[start, &garbage].concat(), None);
        }
    }
}
