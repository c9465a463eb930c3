//! The body of a request: bytes, which can be sent again, or a stream, which can be sent once.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};

use crate::wire::http::Outgoing;

/// The error of a stream that was to be sent.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The body of a request.
///
/// Bytes are sent again if the request may be. A stream is sent once, whatever [`Replay`](crate::reach::Replay) the
/// request claims: clones share it, and the first to be sent takes it.
#[derive(Clone)]
pub struct Payload(PayloadKind);

#[derive(Clone)]
enum PayloadKind {
    Bytes(Bytes),
    Once(Arc<Once>),
}

struct Once {
    stream: Mutex<Stream>,
    length: Option<u64>,
}

enum Stream {
    Whole(Outgoing),
    Taken,
    /// Sending failed, by the stream's own error.
    Failed(BoxError),
}

impl Payload {
    /// No body.
    pub const fn empty() -> Self {
        Self(PayloadKind::Bytes(Bytes::new()))
    }

    /// A stream. If it does not know its length, `length` may give it: servers that do not understand chunks accept a
    /// request with a length. A stream that then gives more or less breaks off its request.
    pub(crate) fn stream<B>(body: B, length: Option<u64>) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let length = body.size_hint().exact().or(length);
        let stream = Mutex::new(Stream::Whole(body.map_err(Into::into).boxed_unsync()));
        Self(PayloadKind::Once(Arc::new(Once { stream, length })))
    }

    /// Whether there is nothing to send. A stream counts as something.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_some_and(Bytes::is_empty)
    }

    /// The bytes, unless it is a stream.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            PayloadKind::Bytes(bytes) => Some(bytes),
            PayloadKind::Once(_) => None,
        }
    }

    /// The number of bytes, if known.
    pub fn length(&self) -> Option<u64> {
        match &self.0 {
            PayloadKind::Bytes(bytes) => Some(bytes.len() as u64),
            PayloadKind::Once(once) => once.length,
        }
    }

    /// The body to send now, and a handle that reports its progress; `None` if it was a stream and has been sent.
    pub(crate) fn outgoing(&self) -> Option<(Outgoing, Sending)> {
        let sending = Sending { long: !self.is_empty(), starved: Arc::default() };
        let body = match &self.0 {
            PayloadKind::Bytes(bytes) => Full::new(bytes.clone()).map_err(|never| match never {}).boxed_unsync(),
            PayloadKind::Once(once) => {
                let Stream::Whole(body) = std::mem::replace(&mut *once.stream(), Stream::Taken) else { return None };
                let starved = sending.starved.clone();
                Watched { body, once: once.clone(), starved }.boxed_unsync()
            }
        };
        Some((body, sending))
    }

    /// The stream's own error, if that broke off the request.
    pub(crate) fn failed(&self) -> Option<BoxError> {
        let PayloadKind::Once(once) = &self.0 else { return None };
        let mut stream = once.stream();
        match std::mem::replace(&mut *stream, Stream::Taken) {
            Stream::Failed(error) => Some(error),
            other => {
                *stream = other;
                None
            }
        }
    }
}

impl Once {
    fn stream(&self) -> MutexGuard<'_, Stream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self::empty()
    }
}

impl<B: Into<Bytes>> From<B> for Payload {
    fn from(bytes: B) -> Self {
        Self(PayloadKind::Bytes(bytes.into()))
    }
}

impl fmt::Debug for Payload {
    /// Prints no bytes: a log must not say what is sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("length", &self.length())
            .field("stream", &self.as_bytes().is_none())
            .finish_non_exhaustive()
    }
}

/// The progress of sending a payload.
#[derive(Clone)]
pub(crate) struct Sending {
    /// There is a body to send.
    pub(crate) long: bool,
    starved: Arc<AtomicBool>,
}

impl Sending {
    /// Whether the app's own stream has nothing to send at the moment: then the network is not to blame.
    pub(crate) fn is_starved(&self) -> bool {
        self.starved.load(Ordering::Relaxed)
    }
}

/// A stream while it is sent. It records which side waits for the other, and its own error.
struct Watched {
    body: Outgoing,
    once: Arc<Once>,
    starved: Arc<AtomicBool>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.starved.store(polled.is_pending(), Ordering::Relaxed);
        polled.map_err(|error| {
            *self.once.stream() = Stream::Failed(error);
            "the stream of the request failed".into()
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.once.length.map_or_else(|| self.body.size_hint(), SizeHint::with_exact)
    }
}
