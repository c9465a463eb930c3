//! One HTTP connection over one stream: HTTP/1.1 (RFC 9112) or HTTP/2 (RFC 9113), by hyper.
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;

use crate::net::BoxStream;

/// One connection, ready for requests one after another. Dropping it ends its tasks and closes the stream.
#[derive(Debug)]
pub struct Connection {}

impl Connection {
    /// Starts HTTP on `stream`.
    ///
    /// # Errors
    /// hyper's, e.g. an HTTP/2 preface that is not answered.
    pub async fn start(stream: BoxStream, http2: bool) -> Result<Self, hyper::Error> {
        let _ = (stream, http2);
        todo!()
    }

    /// Sends one request (absolute-form is made into what the version wants) and waits for the head of its answer.
    ///
    /// # Errors
    /// hyper's.
    pub async fn send(&mut self, request: http::Request<Full<Bytes>>) -> Result<http::Response<Incoming>, hyper::Error> {
        let _ = request;
        todo!()
    }

    /// Whether another request may be sent.
    pub fn is_open(&self) -> bool {
        todo!()
    }
}
