//! The driver of a connection: its tasks, how it ended, and the cause behind each of hyper's errors.

use std::error::Error as _;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use tokio::task::JoinSet;
use tokio_rustls::rustls;

use super::error::{Error, HeadLimits};
use crate::net::EndedByApp;
use crate::wire::MessageFault;
use crate::wire::shadowsocks::Unauthentic;

/// Called with the number of received bytes of a response.
#[derive(Clone, Default)]
pub(super) struct ByteObserver(Arc<Mutex<Option<Callback>>>);

type Callback = Arc<dyn Fn(u64) + Send + Sync>;

impl ByteObserver {
    pub(super) fn notify(&self, bytes: u64) {
        let observer = self.observer().clone();
        if let Some(observer) = observer {
            observer(bytes);
        }
    }

    pub(super) fn observer(&self) -> MutexGuard<'_, Option<Callback>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state shared by a connection, its bodies, its tasks and its monitored stream. Only the first two own it.
#[derive(Default)]
pub(super) struct Driver {
    tasks: Mutex<JoinSet<()>>,
    state: Mutex<DriverState>,
    /// The observer of the first connection. On HTTP/1.1 there is no other.
    pub(super) progress: ByteObserver,
}

#[derive(Default)]
pub(super) struct DriverState {
    /// The number of bytes that may still arrive while a head is awaited.
    pub(super) head_left: Option<usize>,
    /// True while a head is awaited and none of it has arrived.
    pub(super) at_head: bool,
    /// True if other connections share the stream.
    pub(super) joined: bool,
    pub(super) end: Option<StreamEnd>,
}

/// How the stream ended, as the monitored stream saw it.
pub(super) enum StreamEnd {
    HeadTooLarge,
    Closed,
    Failed(io::Error),
    Malformed(String),
}

impl Driver {
    pub(super) fn state(&self) -> MutexGuard<'_, DriverState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // Finished tasks would accumulate: an HTTP/2 connection starts one for each request.
        while tasks.try_join_next().is_some() {}
        // Boxed, so that tokio's task code is compiled once and not for each kind of task.
        tasks.spawn(Box::pin(task) as Pin<Box<dyn Future<Output = ()> + Send>>);
    }

    /// Runs the connection and records how it ended. hyper does not report this for a request that had not started.
    pub(super) fn drive(
        self: &Arc<Self>,
        connection: impl Future<Output = hyper::Result<()>> + Send + 'static,
        limits: HeadLimits,
    ) {
        let driver = Arc::downgrade(self);
        self.spawn(async move {
            if let Err(error) = connection.await
                && let Some(driver) = driver.upgrade()
                && let Error::Malformed(what) = driver.explain(&error, limits)
            {
                driver.state().end = Some(StreamEnd::Malformed(what));
            }
        });
    }

    pub(super) fn await_head(&self, limit: usize) {
        let mut state = self.state();
        state.head_left = (!state.joined).then_some(limit);
        state.at_head = true;
    }

    pub(super) fn head_came(&self) {
        self.state().head_left = None;
    }

    pub(super) fn not_sent(&self, error: &hyper::Error, limits: HeadLimits) -> Error {
        Error::NotSent(Box::new(self.explain(error, limits)))
    }

    /// The cause behind hyper's error. What the monitored stream saw takes precedence over hyper's interpretation.
    pub(super) fn explain(&self, error: &hyper::Error, limits: HeadLimits) -> Error {
        // The peer's statement about a request outweighs how the stream ended afterwards.
        if let Some(asked) = another_try(error) {
            return asked;
        }
        match &self.state().end {
            Some(StreamEnd::HeadTooLarge) => return Error::HeadTooLarge(limits),
            Some(StreamEnd::Failed(error)) => return Error::Io(copy(error)),
            Some(StreamEnd::Malformed(what)) => return Error::Malformed(what.clone()),
            _ if is_too_large(error) => return Error::HeadTooLarge(limits),
            _ if let Some(form) = refused_form(error) => return Error::NotAccepted(form),
            // Garbage followed by an end counts as garbage.
            _ if error.is_parse() => return Error::Malformed(error.to_string()),
            Some(StreamEnd::Closed) => return Error::Closed,
            None => {}
        }
        if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
            return Error::Closed;
        }
        let mut source = error.source();
        while let Some(inner) = source {
            if let Some(h2) = inner.downcast_ref::<h2::Error>() {
                // RST_STREAM and GOAWAY come from the peer. An error that our side detects is a violation by the peer.
                return if h2.is_remote() { Error::Closed } else { Error::Malformed(h2.to_string()) };
            }
            if let Some(io) = inner.downcast_ref::<io::Error>() {
                // The stream's own errors were recorded above. This error is hyper's for an invalid chunk.
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

/// hyper identifies a head that is too large only in its message, unless it is built as a server. A test checks the
/// message.
fn is_too_large(error: &hyper::Error) -> bool {
    error.is_parse() && error.to_string().contains("too large")
}

/// The form that hyper refused. hyper states it only in its message; a test checks the message.
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

/// The retry that an HTTP/2 peer asks for (RFC 9113 section 8.7), if any.
fn another_try(error: &hyper::Error) -> Option<Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(h2) = inner.downcast_ref::<h2::Error>().filter(|h2| h2.is_remote()) {
            return match h2.reason() {
                Some(h2::Reason::HTTP_1_1_REQUIRED) => Some(Error::Http1Required),
                Some(h2::Reason::REFUSED_STREAM) if h2.is_reset() => Some(Error::Refused),
                // Streams up to the last one in GOAWAY continue; h2 ends the others with this error.
                Some(_) if h2.is_go_away() => Some(Error::Refused),
                _ => None,
            };
        }
        source = inner.source();
    }
    None
}

/// A fault that leaves the end of an HTTP/1.1 body unclear, if there is one.
pub(super) fn unclear_end(headers: &HeaderMap) -> Option<MessageFault> {
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

/// Copies the reported parts of an [`io::Error`], which is not `Clone`: the kind, the errno, and an inner error of TLS,
/// of Shadowsocks, or of the app itself.
pub(super) fn copy(error: &io::Error) -> io::Error {
    if let Some(errno) = error.raw_os_error() {
        return io::Error::from_raw_os_error(errno);
    }
    if Unauthentic::is_in(error) {
        return io::Error::new(error.kind(), Unauthentic);
    }
    if EndedByApp::is_in(error) {
        return EndedByApp.into();
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => io::Error::new(error.kind(), tls.clone()),
        None => io::Error::from(error.kind()),
    }
}

/// Spawns HTTP/2's tasks into the connection's own set. The reference is weak, because the tasks hold the spawner.
#[derive(Clone)]
pub(super) struct TaskSpawner(pub(super) Weak<Driver>);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for TaskSpawner {
    fn execute(&self, task: F) {
        if let Some(driver) = self.0.upgrade() {
            driver.spawn(task);
        }
    }
}
