//! Faults of HTTP messages that this library refuses, though other programs may accept them.

use serde::{Deserialize, Serialize};

/// A fault of an HTTP message that this library refuses by choice: other clients may show the same response.
///
/// Each fault leaves unclear where a body ends or whether it is complete. Guessing could present a part of the page, or
/// a stranger's bytes, as the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageFault {
    /// `Content-Length` beside `Transfer-Encoding`: two ends of one body (RFC 9112 section 6.3, point 3).
    TwoLengths,
    /// A `Content-Length` that is not a number, or two that differ (RFC 9112 section 6.3, point 5).
    Length,
    /// A transfer coding other than `chunked`, or `chunked` in HTTP/1.0 (RFC 9112 section 6.1).
    TransferCoding,
    /// An unknown content coding (RFC 9110 section 8.4).
    ContentCoding,
    /// A part when the whole was requested, or another part than was requested (RFC 9110 section 15.3.7).
    Part,
}

codes! {
    MessageFault {
        TwoLengths = "two_lengths",
        Length = "length",
        TransferCoding = "transfer_coding",
        ContentCoding = "content_coding",
        Part = "part",
    }
}
