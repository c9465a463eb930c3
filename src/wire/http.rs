//! One HTTP connection over one stream: HTTP/1.1 (RFC 9112) or HTTP/2 (RFC 9113), by hyper.
//!
//! A [`Connection`] carries one request at a time, so that whatever comes of an answer can be counted against its limits
//! and says how it is getting on. On HTTP/2 there may be several `Connection`s on one stream ([`Connection::joint`]), each
//! with a request of its own. hyper reads through a `Gauge`, which
//! counts, ends a head that does not end, and keeps the stream's own error: what hyper and h2 make of an error loses
//! its errno, and a reset must stay a reset.
//!
//! The tasks that drive the connection are owned by it and by the [`Body`] it answered; when both are gone they are
//! ended and the stream is closed.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use http::{Request, Response, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinSet;
use tokio_rustls::rustls;

use super::MessageFault;
use super::shadowsocks::Unauthentic;
use super::status_line::Spelling;
use crate::net::BoxStream;

/// How much of a head is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of the status line and all header lines together, informational (1xx) answers included.
    pub bytes: usize,
    /// Header lines.
    pub headers: usize,
}

impl Default for HeadLimits {
    /// 64 KiB, which bound a head, and 300 lines, which bound what one of many short lines costs to hold.
    fn default() -> Self {
        Self { bytes: 64 * 1024, headers: 300 }
    }
}

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection was gone before a byte of the request was sent, by this cause: the request may be sent elsewhere,
    /// whatever it is.
    #[error("the connection was gone before the request was sent: {0}")]
    NotSent(#[source] Box<Error>),
    /// The stream failed; the error keeps its errno, or the TLS alert that ended it.
    #[error("the connection failed: {0}")]
    Io(#[source] io::Error),
    /// The peer closed the stream, or this answer, before it was complete.
    #[error("the answer ended before it was complete")]
    Closed,
    /// The peer states that it has not begun to process the request (HTTP/2 `REFUSED_STREAM`, or `GOAWAY` with a lower
    /// last stream; RFC 9113 section 8.7): it may be sent again on another connection, whatever it is.
    #[error("the peer did not begin to process the request")]
    Refused,
    /// The peer wants the request by HTTP/1.1 (HTTP/2 `HTTP_1_1_REQUIRED`, RFC 9113 section 7), and has not processed it.
    #[error("the peer wants the request by HTTP/1.1")]
    Http1Required,
    /// The answer has a form that is refused by choice.
    #[error("the answer has a form that is not accepted: {0:?}")]
    NotAccepted(MessageFault),
    /// What came is no HTTP.
    #[error("what came is no HTTP: {0}")]
    Malformed(String),
    /// The head is larger than is taken.
    #[error("the head of the answer is larger than {} bytes or {} lines", .0.bytes, .0.headers)]
    HeadTooLarge(HeadLimits),
}

/// The body of a request: bytes, or a stream of them. It may fail by its own error; the request is broken off then.
pub type Outgoing = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

/// One connection, ready for requests one after another.
pub struct Connection {
    sender: Sender,
    shared: Arc<Shared>,
    limits: HeadLimits,
    progress: Progress,
}

/// By what others may use an HTTP/2 connection, too. It does not keep it open.
pub struct Joint {
    sender: http2::SendRequest<Outgoing>,
    shared: Weak<Shared>,
    limits: HeadLimits,
}

impl Joint {
    /// A [`Connection`] for one more request at a time; `None` when the connection is gone.
    pub fn join(&self) -> Option<Connection> {
        let shared = self.shared.upgrade().filter(|_| !self.sender.is_closed())?;
        {
            // From now on the bytes that come while one head is awaited may be another's; h2 bounds heads by itself.
            let mut state = shared.state();
            (state.joined, state.head_left) = (true, None);
        }
        let sender = Sender::Http2(self.sender.clone());
        Some(Connection { sender, shared, limits: self.limits, progress: Progress::default() })
    }

    /// Whether it is this connection's.
    pub fn is_of(&self, connection: &Connection) -> bool {
        std::ptr::eq(self.shared.as_ptr(), Arc::as_ptr(&connection.shared))
    }
}

impl fmt::Debug for Joint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joint").field("open", &!self.sender.is_closed()).finish_non_exhaustive()
    }
}

/// Who is told of the bytes of an answer.
#[derive(Clone, Default)]
struct Progress(Arc<Mutex<Option<Observer>>>);

type Observer = Arc<dyn Fn(u64) + Send + Sync>;

impl Progress {
    fn tell(&self, bytes: u64) {
        let observer = self.observer().clone();
        if let Some(observer) = observer {
            observer(bytes);
        }
    }

    fn observer(&self) -> MutexGuard<'_, Option<Observer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Sender {
    Http1(http1::SendRequest<Outgoing>),
    Http2(http2::SendRequest<Outgoing>),
}

impl Connection {
    /// Starts HTTP on `stream`: HTTP/2 where ALPN chose it, else HTTP/1.1. Sends nothing that a server must answer.
    ///
    /// # Errors
    /// The stream's.
    pub async fn start(stream: BoxStream, http2: bool, limits: HeadLimits) -> Result<Self, Error> {
        let shared = Arc::new(Shared::default());
        let io = TokioIo::new(Gauge { stream, http2, spelling: Spelling::default(), shared: Arc::downgrade(&shared) });
        let sender = if http2 {
            let (sender, driver) = http2::Builder::new(Spawner(Arc::downgrade(&shared)))
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .max_header_list_size(u32::try_from(limits.bytes).unwrap_or(u32::MAX))
                .handshake(io)
                .await
                .map_err(|error| shared.explain(&error, limits))?;
            shared.drive(driver, limits);
            Sender::Http2(sender)
        } else {
            let (sender, driver) = http1::Builder::new()
                .max_headers(limits.headers)
                .max_buf_size(limits.bytes.max(HTTP1_SMALLEST_BUFFER))
                // As browsers and curl do: a blank before the colon is cut, a folded line is joined (RFC 9112 section
                // 5.2), a line that is no field is passed over.
                .allow_spaces_after_header_name_in_responses(true)
                .allow_obsolete_multiline_headers_in_responses(true)
                .ignore_invalid_headers_in_responses(true)
                .handshake(io)
                .await
                .map_err(|error| shared.explain(&error, limits))?;
            shared.drive(driver, limits);
            Sender::Http1(sender)
        };
        let progress = shared.progress.clone();
        Ok(Self { sender, shared, limits, progress })
    }

    /// Whether it speaks HTTP/2.
    pub fn is_http2(&self) -> bool {
        matches!(self.sender, Sender::Http2(_))
    }

    /// Calls `progress` with the number of bytes whenever some of an answer came, head and body, until it is replaced.
    ///
    /// HTTP/1.1 counts what the stream gave. HTTP/2 counts header lists and data, since its stream also carries what
    /// belongs to no answer.
    pub fn observe(&self, progress: impl Fn(u64) + Send + Sync + 'static) {
        *self.progress.observer() = Some(Arc::new(progress));
    }

    /// Calls nothing any more.
    pub fn observe_no_more(&self) {
        *self.progress.observer() = None;
    }

    /// By what others may use it too, at the same time; `None` on HTTP/1.1.
    pub fn joint(&self) -> Option<Joint> {
        let Sender::Http2(sender) = &self.sender else { return None };
        Some(Joint { sender: sender.clone(), shared: Arc::downgrade(&self.shared), limits: self.limits })
    }

    /// Whether both are one connection.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Sends one request, whose URI is absolute, and waits for the head of its answer. The body of the answer before
    /// must have been read to its end. There is no time limit here.
    ///
    /// Dropping the future gives the request up; the connection is of no use afterwards, but for others that
    /// [joined](Joint::join) it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send(&mut self, request: Request<Outgoing>) -> Result<Response<Body>, Error> {
        let limits = self.limits;
        // What follows the head may come with it: one read on HTTP/1.1, a window of data on HTTP/2.
        let ahead = if self.is_http2() { CONNECTION_WINDOW as usize } else { limits.bytes.max(HTTP1_SMALLEST_BUFFER) };
        self.shared.await_head(limits.bytes.saturating_add(ahead));
        let answer = match &mut self.sender {
            Sender::Http1(sender) => {
                sender.ready().await.map_err(|error| self.shared.not_sent(&error, limits))?;
                sender.try_send_request(origin_form(request)?).await
            }
            Sender::Http2(sender) => {
                sender.ready().await.map_err(|error| self.shared.not_sent(&error, limits))?;
                sender.try_send_request(pseudo_form(request)).await
            }
        };
        let answer = answer.map_err(|mut error| match error.take_message() {
            Some(_) => self.shared.not_sent(error.error(), limits),
            None => self.shared.explain(error.error(), limits),
        })?;
        self.shared.head_came();
        let http2 = self.is_http2();
        if http2 {
            self.progress.tell(head_bytes(&answer));
        }
        if answer.headers().len() > limits.headers {
            return Err(Error::HeadTooLarge(limits));
        }
        if !http2 && let Some(form) = unclear_end(answer.headers()) {
            return Err(Error::NotAccepted(form));
        }
        let progress = http2.then(|| self.progress.clone());
        Ok(answer.map(|incoming| Body { incoming, shared: Arc::clone(&self.shared), progress, limits }))
    }

    /// Whether another request may be sent, as far as is known: the peer may have closed it in this moment, and then
    /// sending answers [`Error::NotSent`] or [`Error::Closed`].
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

/// The body of an answer, as it comes. It keeps its connection alive.
pub struct Body {
    incoming: Incoming,
    shared: Arc<Shared>,
    /// On HTTP/2; else the gauge tells.
    progress: Option<Progress>,
    limits: HeadLimits,
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.incoming).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(progress), Some(data)) = (&this.progress, frame.data_ref()) {
                    progress.tell(data.len() as u64);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(this.shared.explain(&error, this.limits)))),
            // hyper ends a body at RST_STREAM with NO_ERROR. It is whole only if END_STREAM came (RFC 9113 section 8.1).
            Poll::Ready(None) if this.progress.is_some() && !this.incoming.is_end_stream() => {
                Poll::Ready(Some(Err(Error::Closed)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("size", &self.incoming.size_hint()).finish_non_exhaustive()
    }
}

/// What HTTP/1.1 wants: the path alone in the request line (RFC 9112 section 3.2.1), the authority in `Host`.
fn origin_form(mut request: Request<Outgoing>) -> Result<Request<Outgoing>, Error> {
    let uri = request.uri();
    let host = HeaderValue::from_str(&authority(uri)).map_err(|_| Error::Malformed("the host of the URL".into()))?;
    let path = uri.path_and_query().cloned().map(Uri::from).unwrap_or_default();
    request.headers_mut().insert(HOST, host);
    *request.uri_mut() = path;
    *request.version_mut() = http::Version::HTTP_11;
    Ok(request)
}

/// What HTTP/2 wants: hyper makes the pseudo header fields from the absolute URI, and `Host` would repeat them.
fn pseudo_form(mut request: Request<Outgoing>) -> Request<Outgoing> {
    request.headers_mut().remove(HOST);
    *request.version_mut() = http::Version::HTTP_2;
    request
}

/// Host and port as they go into `Host`: no user, no port that the scheme implies.
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

/// What the connection, its bodies, its tasks and its gauge have in common. Only the first two own it.
#[derive(Default)]
struct Shared {
    tasks: Mutex<JoinSet<()>>,
    state: Mutex<State>,
    /// Of the first connection: on HTTP/1.1 there is no other.
    progress: Progress,
}

#[derive(Default)]
struct State {
    /// While a head is awaited: how many bytes may still come.
    head_left: Option<usize>,
    /// A head is awaited of which nothing has come.
    at_head: bool,
    /// Others use it too.
    joined: bool,
    end: Option<End>,
}

/// How the stream ended, as the gauge saw it.
enum End {
    HeadTooLarge,
    Closed,
    Failed(io::Error),
    Malformed(String),
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // Finished tasks would pile up over a long life: an HTTP/2 connection starts one for each request.
        while tasks.try_join_next().is_some() {}
        // Boxed, so that tokio's code for a task exists once and not for each kind of it.
        tasks.spawn(Box::pin(task) as Pin<Box<dyn Future<Output = ()> + Send>>);
    }

    /// Runs the connection, and notes what ended it: a request that was not begun is not told by hyper.
    fn drive(self: &Arc<Self>, driver: impl Future<Output = hyper::Result<()>> + Send + 'static, limits: HeadLimits) {
        let shared = Arc::downgrade(self);
        self.spawn(async move {
            if let Err(error) = driver.await
                && let Some(shared) = shared.upgrade()
                && let Error::Malformed(what) = shared.explain(&error, limits)
            {
                shared.state().end = Some(End::Malformed(what));
            }
        });
    }

    fn await_head(&self, limit: usize) {
        let mut state = self.state();
        state.head_left = (!state.joined).then_some(limit);
        state.at_head = true;
    }

    fn head_came(&self) {
        self.state().head_left = None;
    }

    fn not_sent(&self, error: &hyper::Error, limits: HeadLimits) -> Error {
        Error::NotSent(Box::new(self.explain(error, limits)))
    }

    /// The cause behind hyper's error: what the gauge saw goes before what hyper made of it.
    fn explain(&self, error: &hyper::Error, limits: HeadLimits) -> Error {
        // The peer's word on one request outweighs how the stream ended afterwards.
        if let Some(asked) = another_try(error) {
            return asked;
        }
        match &self.state().end {
            Some(End::HeadTooLarge) => return Error::HeadTooLarge(limits),
            Some(End::Failed(error)) => return Error::Io(copy(error)),
            Some(End::Malformed(what)) => return Error::Malformed(what.clone()),
            _ if is_too_large(error) => return Error::HeadTooLarge(limits),
            _ if let Some(form) = refused_form(error) => return Error::NotAccepted(form),
            // Garbage followed by an end is garbage.
            _ if error.is_parse() => return Error::Malformed(error.to_string()),
            Some(End::Closed) => return Error::Closed,
            None => {}
        }
        if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
            return Error::Closed;
        }
        let mut source = error.source();
        while let Some(inner) = source {
            if let Some(h2) = inner.downcast_ref::<h2::Error>() {
                // RST_STREAM and GOAWAY are the peer's word; what our side detects is the peer's violation.
                return if h2.is_remote() { Error::Closed } else { Error::Malformed(h2.to_string()) };
            }
            if let Some(io) = inner.downcast_ref::<io::Error>() {
                // The stream's own errors were noted above: this is what hyper says of a chunk that is none.
                if matches!(io.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) {
                    return Error::Malformed(io.to_string());
                }
                return Error::Io(copy(io));
            }
            source = inner.source();
        }
        Error::Malformed(error.to_string())
    }
}

/// hyper tells a head that is too large apart only by its words, unless it is built as a server. A test holds it to them.
fn is_too_large(error: &hyper::Error) -> bool {
    error.is_parse() && error.to_string().contains("too large")
}

/// The form that hyper refused, which it tells by its words alone. A test holds it to them.
fn refused_form(error: &hyper::Error) -> Option<MessageFault> {
    if !error.is_parse() {
        return None;
    }
    match error.to_string().as_str() {
        "invalid content-length parsed" => Some(MessageFault::Length),
        "invalid transfer-encoding parsed" | "unexpected transfer-encoding parsed" => {
            Some(MessageFault::TransferCoding)
        }
        _ => None,
    }
}

/// The other try that an HTTP/2 peer asks for (RFC 9113 section 8.7), if it does.
fn another_try(error: &hyper::Error) -> Option<Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(h2) = inner.downcast_ref::<h2::Error>().filter(|h2| h2.is_remote()) {
            return match h2.reason() {
                Some(h2::Reason::HTTP_1_1_REQUIRED) => Some(Error::Http1Required),
                Some(h2::Reason::REFUSED_STREAM) if h2.is_reset() => Some(Error::Refused),
                // Streams up to the last one that GOAWAY names go on; h2 ends the others with it.
                Some(_) if h2.is_go_away() => Some(Error::Refused),
                _ => None,
            };
        }
        source = inner.source();
    }
    None
}

/// What leaves open where an HTTP/1.1 body ends, if anything does.
fn unclear_end(headers: &HeaderMap) -> Option<MessageFault> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter().peekable();
    codings.peek()?;
    if headers.contains_key(CONTENT_LENGTH) {
        return Some(MessageFault::TwoLengths);
    }
    let is_known = |coding: &str| ["", "identity", "chunked"].iter().any(|known| coding.eq_ignore_ascii_case(known));
    let all_known =
        |value: &HeaderValue| value.to_str().is_ok_and(|value| value.split(',').all(|c| is_known(c.trim())));
    (!codings.all(all_known)).then_some(MessageFault::TransferCoding)
}

/// [`io::Error`] is not `Clone`; this keeps what is told of it: the kind, the errno, and an error inside that is TLS's or
/// Shadowsocks'.
fn copy(error: &io::Error) -> io::Error {
    if let Some(errno) = error.raw_os_error() {
        return io::Error::from_raw_os_error(errno);
    }
    if Unauthentic::is_in(error) {
        return io::Error::new(error.kind(), Unauthentic);
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => io::Error::new(error.kind(), tls.clone()),
        None => io::Error::from(error.kind()),
    }
}

/// Spawns HTTP/2's tasks into the connection's own set. It holds that set weakly: the tasks hold the spawner.
#[derive(Clone)]
struct Spawner(Weak<Shared>);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Spawner {
    fn execute(&self, task: F) {
        if let Some(shared) = self.0.upgrade() {
            shared.spawn(task);
        }
    }
}

/// The stream as hyper sees it: counted, and its end noted.
struct Gauge {
    stream: BoxStream,
    http2: bool,
    /// Of the status line that comes.
    spelling: Spelling,
    shared: Weak<Shared>,
}

impl Gauge {
    fn end(&self, end: End) {
        if let Some(shared) = self.shared.upgrade() {
            shared.state().end.get_or_insert(end);
        }
    }

    /// Passes `result` on, and keeps its error.
    fn noted<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.end(End::Failed(copy(error)));
        }
        result
    }

    /// Spells the beginning of a status line as hyper expects it.
    fn respell(&mut self, bytes: &mut [u8]) {
        let at_head = self.shared.upgrade().is_some_and(|shared| std::mem::take(&mut shared.state().at_head));
        if at_head {
            self.spelling = Spelling::at_the_start();
        }
        self.spelling.mend(bytes);
    }

    /// Counts `bytes` that came; an error where a head grew beyond its limit.
    fn count(&self, bytes: usize) -> io::Result<()> {
        let Some(shared) = self.shared.upgrade() else {
            return Ok(());
        };
        let mut state = shared.state();
        if let Some(left) = state.head_left {
            let Some(left) = left.checked_sub(bytes) else {
                state.end.get_or_insert(End::HeadTooLarge);
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            };
            state.head_left = Some(left);
        }
        drop(state);
        if !self.http2 {
            shared.progress.tell(bytes as u64);
        }
        Ok(())
    }
}

impl AsyncRead for Gauge {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        self.noted(read)?;
        Poll::Ready(match buffer.filled().len().saturating_sub(before) {
            0 => {
                self.end(End::Closed);
                Ok(())
            }
            bytes => {
                if !self.http2 {
                    self.respell(buffer.filled_mut().get_mut(before..).unwrap_or_default());
                }
                self.count(bytes)
            }
        })
    }
}

impl AsyncWrite for Gauge {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        Poll::Ready(self.noted(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = std::task::ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(self.noted(flushed))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, pieces));
        Poll::Ready(self.noted(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// How much of one answer may be under way unread: 2 MiB fill a 100 Mbit/s path of 160 ms.
const STREAM_WINDOW: u32 = 2 * 1024 * 1024;

/// Three answers that nobody reads for a while (losers of a race at rest) do not stop a fourth.
const CONNECTION_WINDOW: u32 = 4 * STREAM_WINDOW;

/// hyper takes no smaller limit for its buffer.
const HTTP1_SMALLEST_BUFFER: usize = 8192;

/// `:status` and three digits.
const STATUS_PSEUDO_HEADER: u64 = 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::sync::atomic::{AtomicU64, Ordering};

    use http::Method;
    use http_body_util::{BodyExt, Full};
    use proptest::prelude::*;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::net::scripted::{ECONNRESET, Peer, pair};

    fn get(url: &str) -> Request<Outgoing> {
        Request::builder()
            .method(Method::GET)
            .uri(url)
            .body(Full::default().map_err(|never| match never {}).boxed_unsync())
            .unwrap()
    }

    /// One HTTP/1.1 request to a peer that plays `script` once the request is there.
    async fn http1<F: Future<Output = ()> + Send + 'static>(
        script: impl FnOnce(Peer, String) -> F + Send + 'static,
    ) -> Result<(http::response::Parts, Bytes), Error> {
        let (stream, mut peer) = pair();
        let mut connection = Connection::start(stream, false, HeadLimits::default()).await?;
        let serve = async move {
            let head = peer.read_head().await;
            script(peer, head).await;
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(serve);
        let (parts, body) = connection.send(get("http://a.example/path?query")).await?.into_parts();
        Ok((parts, body.collect().await?.to_bytes()))
    }

    async fn answering(answer: impl AsRef<[u8]> + Send + 'static) -> Result<(http::response::Parts, Bytes), Error> {
        http1(|mut peer, _| async move { peer.write(answer).await }).await
    }

    #[tokio::test(start_paused = true)]
    async fn http1_is_asked_in_origin_form_with_the_authority_in_host() {
        for (url, line, host) in [
            ("http://a.example/path?query", "GET /path?query HTTP/1.1\r\n", "host: a.example\r\n"),
            ("http://a.example:80", "GET / HTTP/1.1\r\n", "host: a.example\r\n"),
            ("http://a.example:8080/", "GET / HTTP/1.1\r\n", "host: a.example:8080\r\n"),
            ("https://a.example:443/", "GET / HTTP/1.1\r\n", "host: a.example\r\n"),
            ("http://[2001:db8::1]:8080/", "GET / HTTP/1.1\r\n", "host: [2001:db8::1]:8080\r\n"),
        ] {
            let (stream, mut peer) = pair();
            let mut connection = Connection::start(stream, false, HeadLimits::default()).await.unwrap();
            let (answer, head) = tokio::join!(connection.send(get(url)), async {
                let head = peer.read_head().await;
                peer.write("HTTP/1.1 204 No Content\r\n\r\n").await;
                head
            });
            assert_eq!(answer.unwrap().status(), 204);
            assert!(head.starts_with(line) && head.contains(host), "{head}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_connection_carries_one_request_after_another() {
        let (stream, mut peer) = pair();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            for _ in 0..3 {
                peer.read_head().await;
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
            }
            peer.read_head().await;
        });
        let mut connection = Connection::start(stream, false, HeadLimits::default()).await.unwrap();
        for _ in 0..3 {
            assert!(connection.is_open());
            let answer = connection.send(get("http://a.example/")).await.unwrap();
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
        }
        let error = connection.send(get("http://a.example/")).await.unwrap_err();
        assert!(matches!(error, Error::Closed), "the request was out: {error:?}");
        let error = connection.send(get("http://a.example/")).await.unwrap_err();
        assert!(matches!(error, Error::NotSent(_)), "{error:?}");
        assert!(!connection.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_outlives_its_connection_and_both_end_the_stream() {
        let (stream, mut peer) = pair();
        let mut connection = Connection::start(stream, false, HeadLimits::default()).await.unwrap();
        let (answer, ()) = tokio::join!(connection.send(get("http://a.example/")), async {
            peer.read_head().await;
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await;
        });
        drop(connection);
        let mut body = answer.unwrap().into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "hello");
        peer.write("world").await;
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "world");
        drop(body);
        assert_eq!(peer.stream.read(&mut [0; 1]).await.unwrap(), 0, "nothing goes on behind them");
    }

    #[tokio::test(start_paused = true)]
    async fn every_byte_of_an_answer_is_observed() {
        let (stream, mut peer) = pair();
        let mut connection = Connection::start(stream, false, HeadLimits::default()).await.unwrap();
        let seen = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&seen);
        connection.observe(move |bytes| {
            counted.fetch_add(bytes, Ordering::SeqCst);
        });
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        let (answer, ()) = tokio::join!(connection.send(get("http://a.example/")), async {
            peer.read_head().await;
            peer.write(head).await;
        });
        assert_eq!(seen.load(Ordering::SeqCst), head.len() as u64);
        peer.write("hello").await;
        answer.unwrap().into_body().collect().await.unwrap();
        assert_eq!(seen.load(Ordering::SeqCst), head.len() as u64 + 5);
    }

    #[tokio::test(start_paused = true)]
    async fn each_fault_is_told_as_what_it_is_within_its_limit() {
        type Check = fn(&Error) -> bool;
        let too_large: Check = |error| matches!(error, Error::HeadTooLarge(_));
        let malformed: Check = |error| matches!(error, Error::Malformed(_));
        let closed: Check = |error| matches!(error, Error::Closed);
        let cases: Vec<(String, Check)> = vec![
            (String::new(), closed),
            ("HTTP/1.1 200 O".into(), closed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".into(), closed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".into(), closed),
            ("SSH-2.0-OpenSSH_9.2\r\n".into(), malformed),
            ("\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}(".into(), malformed),
            ("HTTP/1.1 abc OK\r\n\r\n".into(), malformed),
            ("HTTP/7.0 200 OK\r\n\r\n".into(), malformed),
            (format!("HTTP/1.1 200 OK\r\n{}\r\n", "a:\r\n".repeat(1001)), too_large),
            (format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(100_000)), too_large),
            (format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(1_000_000)), too_large),
            (format!("HTTP/1.1 {}", "2".repeat(1_000_000)), malformed),
            ("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100_000), too_large),
        ];
        for (answer, check) in cases {
            let start = answer.get(..60).unwrap_or(&answer).to_owned();
            let result = answering(answer).await;
            assert!(result.as_ref().is_err_and(check), "{start:?}: {result:?}");
        }
        let broken_chunk = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").await;
        assert!(broken_chunk.is_err());
        let odd_but_fine = answering("HTTP/1.1 103 Hints\r\n\r\nHTTP/1.0 200 OK\r\n\r\nto the end").await.unwrap();
        assert_eq!(odd_but_fine.1, "to the end");
    }

    #[tokio::test(start_paused = true)]
    async fn an_odd_form_is_read_as_browsers_read_it() {
        let many = format!("HTTP/1.1 200 OK\r\n{}Content-Length: 5\r\n\r\nhello", "a: b\r\n".repeat(250));
        let answers: &[&[u8]] = &[
            b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nContent-Length\t: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nX: folded\r\n once\r\n\ttwice\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\na junk line\r\n<!-- \xff -->\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\n: no name\r\nX(y): z\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
            b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 \xd0\xb4\xd0\xb0\xff\r\nContent-Length: 5\r\n\r\nhello",
            b"http/1.1 200 ok\r\ncontent-length: 5\r\n\r\nhello",
            b"HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.0 200 OK\r\n\r\nhello",
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0005;a=\"b\" \r\nhello\r\n0\r\nX: y\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello",
            many.as_bytes(),
        ];
        for answer in answers {
            let start = String::from_utf8_lossy(answer).chars().take(80).collect::<String>();
            let (_, body) = answering(answer.to_vec()).await.unwrap_or_else(|error| panic!("{start:?}: {error:?}"));
            assert_eq!(body, "hello", "{start:?}");
        }
        let folded = answering("HTTP/1.1 200 OK\r\nX: one\r\n  two\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        assert_eq!(folded.0.headers.get("x").unwrap(), "one two");
    }

    #[tokio::test(start_paused = true)]
    async fn an_unclear_end_of_a_body_is_refused_by_name() {
        let cases = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", MessageFault::Length),
            ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", MessageFault::Length),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello", MessageFault::Length),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello", MessageFault::Length),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                MessageFault::TwoLengths,
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", MessageFault::TransferCoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", MessageFault::TransferCoding),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", MessageFault::TransferCoding),
        ];
        for (answer, form) in cases {
            let result = answering(answer).await;
            assert!(matches!(result, Err(Error::NotAccepted(found)) if found == form), "{answer:?}: {result:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn http2_bodies_end_with_end_stream_alone() {
        for (whole, at_once) in [(false, false), (false, true), (true, false)] {
            let (mut connection, _tasks) = http2(move |mut server| async move {
                let (_, mut respond) = server.accept().await.unwrap().unwrap();
                let mut body = respond.send_response(Response::new(()), false).unwrap();
                body.send_data(Bytes::from_static(b"half"), whole).unwrap();
                if !whole {
                    if !at_once {
                        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), server.accept()).await;
                    }
                    body.send_reset(h2::Reason::NO_ERROR);
                }
                while server.accept().await.is_some() {}
            })
            .await;
            let body = connection.send(get("https://a.example/")).await;
            let read = match body {
                Ok(answer) => answer.into_body().collect().await.map(|body| body.to_bytes()),
                Err(error) => Err(error),
            };
            assert_eq!(read.is_ok(), whole, "{read:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_unprocessed_http2_request_says_so() {
        type Refuse = fn(&mut h2::server::Connection<tokio::io::DuplexStream, Bytes>);
        type Case = (Option<h2::Reason>, Refuse, fn(&Error) -> bool);
        let cases: [Case; 4] = [
            (Some(h2::Reason::REFUSED_STREAM), |_| {}, |error| matches!(error, Error::Refused)),
            (Some(h2::Reason::HTTP_1_1_REQUIRED), |_| {}, |error| matches!(error, Error::Http1Required)),
            (Some(h2::Reason::INTERNAL_ERROR), |_| {}, |error| matches!(error, Error::Closed)),
            (
                None,
                |server| server.abrupt_shutdown(h2::Reason::NO_ERROR),
                |error| matches!(error, Error::Refused | Error::Closed | Error::NotSent(_)),
            ),
        ];
        for (reset, shut, expected) in cases {
            let (mut connection, _tasks) = http2(move |mut server| async move {
                let (_, mut respond) = server.accept().await.unwrap().unwrap();
                if let Some(reason) = reset {
                    respond.send_reset(reason);
                }
                shut(&mut server);
                while server.accept().await.is_some() {}
            })
            .await;
            let error = connection.send(get("https://a.example/")).await.unwrap_err();
            assert!(expected(&error), "{reset:?}: {error:?}");
        }
        // GOAWAY that names no stream: none was processed. The connection is closed behind it.
        let (stream, mut peer) = pair();
        let mut connection = Connection::start(stream, true, HeadLimits::default()).await.unwrap();
        let (error, ()) = tokio::join!(connection.send(get("https://a.example/")), async {
            peer.read(1).await;
            // SETTINGS, and when the request has come GOAWAY with the last stream 0 and NO_ERROR.
            peer.write(b"\0\0\0\x04\0\0\0\0\0").await;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            peer.write(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0").await;
            drop(peer);
        });
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Refused), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_keeps_its_errno_before_and_in_the_body() {
        for answer in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"] {
            let error = http1(move |mut peer, _| async move {
                peer.write(answer).await;
                // What was written arrives first.
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                peer.reset();
            });
            let error = error.await.unwrap_err();
            assert!(matches!(&error, Error::Io(error) if error.raw_os_error() == Some(ECONNRESET)), "{error:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_tls_error_under_a_connection_stays_one() {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::BadCertificate);
        let copied = copy(&io::Error::new(io::ErrorKind::InvalidData, alert.clone()));
        assert_eq!(copied.get_ref().unwrap().downcast_ref::<rustls::Error>(), Some(&alert));
    }

    /// A connection to an HTTP/2 peer that plays `script`.
    async fn http2<F: Future<Output = ()> + Send + 'static>(
        script: impl FnOnce(h2::server::Connection<tokio::io::DuplexStream, Bytes>) -> F + Send + 'static,
    ) -> (Connection, JoinSet<()>) {
        let (stream, peer) = pair();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { script(h2::server::handshake(peer.stream).await.unwrap()).await });
        (Connection::start(stream, true, HeadLimits::default()).await.unwrap(), tasks)
    }

    #[tokio::test(start_paused = true)]
    async fn http2_uses_pseudo_headers_and_is_observed_without_frames() {
        let (mut connection, _tasks) = http2(|mut server| async move {
            while let Some(Ok((request, mut respond))) = server.accept().await {
                assert_eq!(request.uri(), "https://a.example/path?query");
                assert!(!request.headers().contains_key(HOST));
                let mut body = respond.send_response(Response::new(()), false).unwrap();
                body.send_data(Bytes::from_static(b"hello"), true).unwrap();
            }
        })
        .await;
        let seen = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&seen);
        connection.observe(move |bytes| {
            counted.fetch_add(bytes, Ordering::SeqCst);
        });
        for round in 1..=2 {
            let mut request = get("https://a.example:443/path?query");
            request.headers_mut().insert(HOST, HeaderValue::from_static("a.example"));
            *request.uri_mut() = "https://a.example/path?query".parse().unwrap();
            let answer = connection.send(request).await.unwrap();
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
            assert_eq!(seen.load(Ordering::SeqCst), round * (STATUS_PSEUDO_HEADER + 5));
        }
        assert!(connection.is_http2() && connection.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_http2_body_does_not_count_as_its_head() {
        const SIZE: usize = 20 * 1024 * 1024;
        let (mut connection, _tasks) = http2(|mut server| async move {
            let (_, mut respond) = server.accept().await.unwrap().unwrap();
            let mut body = respond.send_response(Response::new(()), false).unwrap();
            body.send_data(vec![7; SIZE].into(), true).unwrap();
            while server.accept().await.is_some() {}
        })
        .await;
        let answer = connection.send(get("https://a.example/")).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes().len(), SIZE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_http2_stream_is_closed_and_no_http2_is_malformed() {
        let (mut connection, _tasks) = http2(|mut server| async move {
            let (_, mut respond) = server.accept().await.unwrap().unwrap();
            respond.send_reset(h2::Reason::INTERNAL_ERROR);
            while server.accept().await.is_some() {}
        })
        .await;
        let error = connection.send(get("https://a.example/")).await.unwrap_err();
        assert!(matches!(error, Error::Closed), "{error:?}");

        for garbage in ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
            let (stream, mut peer) = pair();
            let mut connection = Connection::start(stream, true, HeadLimits::default()).await.unwrap();
            let (error, ()) = tokio::join!(connection.send(get("https://a.example/")), peer.write(garbage));
            let error = cause(error.unwrap_err());
            assert!(matches!(error, Error::Malformed(_)), "{error:?}");
        }
    }

    /// Whether hyper had begun the request when the connection ended is a matter of scheduling; the cause is not.
    fn cause(error: Error) -> Error {
        match error {
            Error::NotSent(cause) => *cause,
            error => error,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_http2_head_with_too_much_in_it_is_refused() {
        // h2 calls a header list beyond the announced size a violation, which it is.
        let oversize: fn(&Error) -> bool = |error| matches!(error, Error::Malformed(_));
        let too_many: fn(&Error) -> bool = |error| matches!(error, Error::HeadTooLarge(_));
        for (fields, value, check) in [(1, "b".repeat(100_000), oversize), (1001, "b".into(), too_many)] {
            let (mut connection, _tasks) = http2(move |mut server| async move {
                let (_, mut respond) = server.accept().await.unwrap().unwrap();
                let mut answer = Response::new(());
                for at in 0..fields {
                    let name = http::HeaderName::try_from(format!("x-{at}")).unwrap();
                    answer.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
                }
                let _ = respond.send_response(answer, true);
                while server.accept().await.is_some() {}
            })
            .await;
            let error = connection.send(get("https://a.example/")).await.unwrap_err();
            assert!(check(&error), "{fields}: {error:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_share_an_http2_connection_and_end_independently() {
        let (mut first, _tasks) = http2(|mut server| async move {
            let mut held = Vec::new();
            while let Some(Ok((request, mut respond))) = server.accept().await {
                let mut body = respond.send_response(Response::new(()), false).unwrap();
                match request.uri().path() {
                    "/slow" => held.push(body),
                    path => body.send_data(Bytes::from(path.to_owned()), true).unwrap(),
                }
            }
        })
        .await;
        let joint = first.joint().unwrap();
        let slow = first.send(get("https://a.example/slow")).await.unwrap();
        let mut second = joint.join().unwrap();
        assert!(second.is_same(&first) && joint.is_of(&second));
        let seen = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
        for (at, connection) in [&first, &second].into_iter().enumerate() {
            let seen = seen.clone();
            connection.observe(move |bytes| {
                seen[at].fetch_add(bytes, Ordering::SeqCst);
            });
        }
        let answer = second.send(get("https://a.example/quick")).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "/quick");
        drop((slow, first));
        let answer = second.send(get("https://a.example/again")).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "/again");
        let seen: Vec<u64> = seen.iter().map(|seen| seen.load(Ordering::SeqCst)).collect();
        assert_eq!(seen, [0, 2 * (STATUS_PSEUDO_HEADER + 6)]);
        drop(second);
        assert!(joint.join().is_none(), "nobody is left who keeps it open");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_under_http2_keeps_its_errno() {
        let (stream, mut peer) = pair();
        let mut connection = Connection::start(stream, true, HeadLimits::default()).await.unwrap();
        let (error, ()) = tokio::join!(connection.send(get("https://a.example/")), async {
            peer.read(1).await;
            peer.reset();
        });
        let error = cause(error.unwrap_err());
        assert!(matches!(&error, Error::Io(error) if error.raw_os_error() == Some(ECONNRESET)), "{error:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn garbage_is_an_error_or_an_answer_without_panic_or_wait(
            http2: bool,
            start in prop::sample::select(vec![
                &b""[..],
                b"HTTP/1.1 200 OK\r\n",
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"\0\0\0\x04\0\0\0\0\0",                                 // SETTINGS
                b"\0\0\0\x04\0\0\0\0\0\0\0\x01\x01\x04\0\0\0\x01\x88", // SETTINGS, HEADERS with :status 200
            ]),
            garbage in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let (stream, mut peer) = pair();
                let mut connection = Connection::start(stream, http2, HeadLimits::default()).await.unwrap();
                let (answer, ()) = tokio::join!(connection.send(get("https://a.example/")), async move {
                    peer.read(1).await;
                    peer.write([start, &garbage].concat()).await;
                });
                if let Ok(answer) = answer {
                    let _ = answer.into_body().collect().await;
                }
            });
        }
    }
}
