//! One HTTP connection over one stream: HTTP/1.1 (RFC 9112) or HTTP/2 (RFC 9113), by hyper.
//!
//! A [`Connection`] carries one request at a time, so that all received bytes count against that response's limits and
//! progress. On HTTP/2 several `Connection`s may share one stream ([`Connection::joint`]), each with its own request.
//! hyper reads through a `MonitoredStream`, which counts bytes, ends an endless head, and keeps the stream's own error:
//! hyper and h2 lose the errno, and a reset must stay a reset.
//!
//! The connection and the [`Body`] it returned own the tasks that drive it. When both are dropped, the tasks end and
//! the stream is closed.

mod body;
mod driver;
mod error;
mod monitored_stream;

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;

use super::status_line::Spelling;
use crate::net::BoxStream;
use driver::{ByteObserver, Driver, TaskSpawner, unclear_end};
use monitored_stream::MonitoredStream;

pub use body::Body;
pub use error::{Error, HeadLimits};

/// The body of a request: bytes, or a stream of them. If it fails with its own error, the request is aborted.
pub type Outgoing = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

/// One connection, ready for requests one after another.
pub struct Connection {
    sender: Sender,
    driver: Arc<Driver>,
    limits: HeadLimits,
    progress: ByteObserver,
}

/// A handle for more users of an HTTP/2 connection. It does not keep the connection open.
pub struct Joint {
    sender: http2::SendRequest<Outgoing>,
    driver: Weak<Driver>,
    limits: HeadLimits,
}

impl Joint {
    /// A [`Connection`] for one more concurrent request. `None` if the connection is gone.
    pub fn join(&self) -> Option<Connection> {
        let driver = self.driver.upgrade().filter(|_| !self.sender.is_closed())?;
        {
            // From now on bytes that arrive while a head is awaited may belong to another response; h2 bounds heads
            // itself.
            let mut state = driver.state();
            (state.joined, state.head_left) = (true, None);
        }
        let sender = Sender::Http2(self.sender.clone());
        Some(Connection { sender, driver, limits: self.limits, progress: ByteObserver::default() })
    }

    /// Returns `true` if the handle belongs to this connection.
    pub fn is_of(&self, connection: &Connection) -> bool {
        std::ptr::eq(self.driver.as_ptr(), Arc::as_ptr(&connection.driver))
    }
}

impl fmt::Debug for Joint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joint").field("open", &!self.sender.is_closed()).finish_non_exhaustive()
    }
}

enum Sender {
    Http1(http1::SendRequest<Outgoing>),
    Http2(http2::SendRequest<Outgoing>),
}

impl Connection {
    /// Starts HTTP on `stream`: HTTP/2 if ALPN chose it, else HTTP/1.1. Sends nothing that a server must answer.
    ///
    /// # Errors
    ///
    /// The stream's errors.
    pub async fn start(stream: BoxStream, http2: bool, limits: HeadLimits) -> Result<Self, Error> {
        let driver = Arc::new(Driver::default());
        let io = TokioIo::new(MonitoredStream {
            stream,
            http2,
            spelling: Spelling::default(),
            driver: Arc::downgrade(&driver),
        });
        let sender = if http2 {
            let (sender, running) = http2::Builder::new(TaskSpawner(Arc::downgrade(&driver)))
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .max_header_list_size(u32::try_from(limits.bytes).unwrap_or(u32::MAX))
                .handshake(io)
                .await
                .map_err(|error| driver.explain(&error, limits))?;
            driver.drive(running, limits);
            Sender::Http2(sender)
        } else {
            let (sender, running) = http1::Builder::new()
                .max_headers(limits.headers)
                .max_buf_size(limits.bytes.max(HTTP1_SMALLEST_BUFFER))
                // As browsers and curl do: a blank before the colon is removed, a folded line is joined (RFC 9112
                // section 5.2), and a line that is not a field is skipped.
                .allow_spaces_after_header_name_in_responses(true)
                .allow_obsolete_multiline_headers_in_responses(true)
                .ignore_invalid_headers_in_responses(true)
                .handshake(io)
                .await
                .map_err(|error| driver.explain(&error, limits))?;
            driver.drive(running, limits);
            Sender::Http1(sender)
        };
        let progress = driver.progress.clone();
        Ok(Self { sender, driver, limits, progress })
    }

    /// Returns `true` if the connection speaks HTTP/2.
    pub fn is_http2(&self) -> bool {
        matches!(self.sender, Sender::Http2(_))
    }

    /// Calls `progress` with the number of received bytes of a response, head and body, until another observer is set.
    ///
    /// On HTTP/1.1 it counts the bytes of the stream. On HTTP/2 it counts header lists and data, since the stream also
    /// carries frames that belong to no response.
    pub fn observe(&self, progress: impl Fn(u64) + Send + Sync + 'static) {
        *self.progress.observer() = Some(Arc::new(progress));
    }

    /// Removes the observer.
    pub fn observe_no_more(&self) {
        *self.progress.observer() = None;
    }

    /// A handle for concurrent requests on this connection. `None` on HTTP/1.1.
    pub fn joint(&self) -> Option<Joint> {
        let Sender::Http2(sender) = &self.sender else { return None };
        Some(Joint { sender: sender.clone(), driver: Arc::downgrade(&self.driver), limits: self.limits })
    }

    /// Returns `true` if both are the same connection.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.driver, &other.driver)
    }

    /// Sends one request, whose URI is absolute, and waits for the head of the response. The body of the previous
    /// response must have been read to its end. There is no time limit here.
    ///
    /// Dropping the future abandons the request. The connection is unusable afterwards, except for others that
    /// [joined](Joint::join) it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send(&mut self, request: Request<Outgoing>) -> Result<Response<Body>, Error> {
        let limits = self.limits;
        // Bytes after the head may arrive with it: one read on HTTP/1.1, a window of data on HTTP/2.
        let ahead = if self.is_http2() { CONNECTION_WINDOW as usize } else { limits.bytes.max(HTTP1_SMALLEST_BUFFER) };
        self.driver.await_head(limits.bytes.saturating_add(ahead));
        let answer = match &mut self.sender {
            Sender::Http1(sender) => {
                sender.ready().await.map_err(|error| self.driver.not_sent(&error, limits))?;
                sender.try_send_request(origin_form(request)?).await
            }
            Sender::Http2(sender) => {
                sender.ready().await.map_err(|error| self.driver.not_sent(&error, limits))?;
                sender.try_send_request(pseudo_form(request)).await
            }
        };
        let answer = answer.map_err(|mut error| match error.take_message() {
            Some(_) => self.driver.not_sent(error.error(), limits),
            None => self.driver.explain(error.error(), limits),
        })?;
        self.driver.head_came();
        let http2 = self.is_http2();
        if http2 {
            self.progress.notify(head_bytes(&answer));
        }
        if answer.headers().len() > limits.headers {
            return Err(Error::HeadTooLarge(limits));
        }
        if !http2 && let Some(form) = unclear_end(answer.headers()) {
            return Err(Error::NotAccepted(form));
        }
        let progress = http2.then(|| self.progress.clone());
        Ok(answer.map(|incoming| Body { incoming, driver: Arc::clone(&self.driver), progress, limits }))
    }

    /// Returns `true` if another request may be sent, as far as is known. The peer may be closing the connection at
    /// this moment; then sending returns [`Error::NotSent`] or [`Error::Closed`].
    pub fn is_open(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => !sender.is_closed(),
            Sender::Http2(sender) => !sender.is_closed(),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("http2", &self.is_http2())
            .field("open", &self.is_open())
            .finish_non_exhaustive()
    }
}

/// The form for HTTP/1.1: only the path in the request line (RFC 9112 section 3.2.1), the authority in `Host`.
fn origin_form(mut request: Request<Outgoing>) -> Result<Request<Outgoing>, Error> {
    let uri = request.uri();
    let host = HeaderValue::from_str(&authority(uri)).map_err(|_| Error::Malformed("the host of the URL".into()))?;
    let path = uri.path_and_query().cloned().map(Uri::from).unwrap_or_default();
    request.headers_mut().insert(HOST, host);
    *request.uri_mut() = path;
    *request.version_mut() = http::Version::HTTP_11;
    Ok(request)
}

/// The form for HTTP/2: hyper makes the pseudo-header fields from the absolute URI, so `Host` would be redundant.
fn pseudo_form(mut request: Request<Outgoing>) -> Request<Outgoing> {
    request.headers_mut().remove(HOST);
    *request.version_mut() = http::Version::HTTP_2;
    request
}

/// Host and port for `Host`: no user, and no port that the scheme implies.
fn authority(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match (uri.port_u16(), uri.scheme_str()) {
        (None, _) | (Some(80), Some("http")) | (Some(443), Some("https")) => host.to_owned(),
        (Some(port), _) => format!("{host}:{port}"),
    }
}

/// The size of a head as HTTP/2 counts it (RFC 9113 section 6.5.2), without the overhead per field.
fn head_bytes(answer: &Response<Incoming>) -> u64 {
    let fields = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    fields.sum::<usize>() as u64 + STATUS_PSEUDO_HEADER
}

/// The unread part of one response: 2 MiB fill a 100 Mbit/s path with a round trip of 160 ms.
const STREAM_WINDOW: u32 = 2 * 1024 * 1024;

/// Three responses that are not read for a while (paused losers of a race) do not stall a fourth.
const CONNECTION_WINDOW: u32 = 4 * STREAM_WINDOW;

/// The smallest buffer limit that hyper accepts.
const HTTP1_SMALLEST_BUFFER: usize = 8192;

/// `:status` and three digits.
const STATUS_PSEUDO_HEADER: u64 = 10;

#[cfg(test)]
mod tests;
