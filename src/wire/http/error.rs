//! The errors of an HTTP connection, and the limits of a head.

use std::io;

use crate::wire::MessageFault;

/// The limits of a response's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of the status line and all header lines together, including informational (1xx) responses.
    pub bytes: usize,
    /// Header lines.
    pub headers: usize,
}

impl Default for HeadLimits {
    /// 64 KiB bound the size of a head; 300 lines bound the memory cost of many short lines.
    fn default() -> Self {
        Self { bytes: 64 * 1024, headers: 300 }
    }
}

/// Error of an exchange.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection ended for this cause before a byte of the request was sent. Any request may be sent elsewhere.
    #[error("the connection was gone before the request was sent: {0}")]
    NotSent(#[source] Box<Error>),
    /// The stream failed; the error keeps its errno, or the TLS alert that ended it.
    #[error("the connection failed: {0}")]
    Io(#[source] io::Error),
    /// The peer closed the stream or this response before it was complete.
    #[error("the answer ended before it was complete")]
    Closed,
    /// The peer states that it has not begun to process the request (HTTP/2 `REFUSED_STREAM`, or `GOAWAY` with a lower
    /// last stream; RFC 9113 section 8.7). Any request may be sent again on another connection.
    #[error("the peer did not begin to process the request")]
    Refused,
    /// The peer requires HTTP/1.1 (HTTP/2 `HTTP_1_1_REQUIRED`, RFC 9113 section 7), and has not processed the request.
    #[error("the peer wants the request by HTTP/1.1")]
    Http1Required,
    /// The response has a form that this library refuses by choice.
    #[error("the answer has a form that is not accepted: {0:?}")]
    NotAccepted(MessageFault),
    /// The bytes are not HTTP.
    #[error("what came is not HTTP: {0}")]
    Malformed(String),
    /// The head exceeds the limits.
    #[error("the head of the answer is larger than {} bytes or {} lines", .0.bytes, .0.headers)]
    HeadTooLarge(HeadLimits),
}
