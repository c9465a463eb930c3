//! What can go wrong on an HTTP connection, and what bounds a head.

use std::io;

use crate::wire::MessageFault;

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
