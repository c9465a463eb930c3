//! What an answer may look like to other programs, and not to this one.

use serde::{Deserialize, Serialize};

/// A fault of an HTTP message that this program refuses by choice: other clients may show the same answer.
///
/// Each leaves open where a body ends or whether it is whole, so that guessing could pass off a part, or bytes of a
/// stranger's, as the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageFault {
    /// `Content-Length` beside `Transfer-Encoding`: two ends of one body (RFC 9112 section 6.3, point 3).
    TwoLengths,
    /// A `Content-Length` that is no number, or two that differ (RFC 9112 section 6.3, point 5).
    Length,
    /// A transfer coding other than `chunked`, or `chunked` in HTTP/1.0 (RFC 9112 section 6.1).
    TransferCoding,
    /// A content coding that is unknown here (RFC 9110 section 8.4).
    ContentCoding,
    /// A part, where the whole was asked for; or another part than was asked for (RFC 9110 section 15.3.7).
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
