//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};

use super::driver::{ByteObserver, Driver};
use super::error::{Error, HeadLimits};

/// The body of a response as a stream. It keeps its connection alive.
pub struct Body {
    pub(super) incoming: Incoming,
    pub(super) driver: Arc<Driver>,
    /// Set on HTTP/2. On HTTP/1.1 the monitored stream reports progress.
    pub(super) progress: Option<ByteObserver>,
    pub(super) limits: HeadLimits,
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.incoming).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(progress), Some(data)) = (&this.progress, frame.data_ref()) {
                    progress.notify(data.len() as u64);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(this.driver.explain(&error, this.limits)))),
            // hyper ends a body at RST_STREAM with NO_ERROR. The body is complete only after END_STREAM (RFC 9113
            // section 8.1).
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
