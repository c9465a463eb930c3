//! What a web host answers: pages as data, and applications that make them.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::time::sleep;

/// One answer of a web host.
#[derive(Clone, Debug)]
pub struct Page {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    length_stated: bool,
    thinks: Option<Duration>,
    pace: Option<(usize, Duration)>,
    ends_after: Option<(usize, Ending)>,
    ranges: bool,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Cut,
    Stall,
}

impl Page {
    /// A 200 with this body as HTML.
    pub fn new(body: impl Into<Bytes>) -> Self {
        let html = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))]);
        Self {
            status: StatusCode::OK,
            headers: html,
            body: body.into(),
            length_stated: true,
            thinks: None,
            pace: None,
            ends_after: None,
            ranges: false,
        }
    }

    /// A 200 with this JSON.
    pub fn json(value: &serde_json::Value) -> Self {
        Self::new(value.to_string()).header("content-type", "application/json; charset=utf-8")
    }

    /// A 302 to this URL.
    pub fn redirect(to: &str) -> Self {
        Self::new("").status(302).header("location", to)
    }

    /// A 451 (RFC 7725) with a link to the blocking party.
    pub fn legal_451(blocked_by: &str, text: &str) -> Self {
        Self::new(text.to_owned()).status(451).header("link", &format!("<{blocked_by}>; rel=\"blocked-by\""))
    }

    /// Sets this status.
    ///
    /// # Panics
    /// If the number is not a status.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a scenario with a typo must not run")]
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).expect("a status is three digits");
        self
    }

    /// Sets this header, and replaces one with the same name.
    ///
    /// # Panics
    /// If HTTP does not allow the name or value.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a scenario with a typo must not run")]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header name");
        self.headers.insert(name, value.parse().expect("a header value"));
        self
    }

    /// Without a stated length (chunked in HTTP/1.1).
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.length_stated = false;
        self
    }

    /// The head comes this long after the request.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.thinks = Some(time);
        self
    }

    /// The body comes in pieces of `bytes`, one each `time`.
    #[must_use]
    pub fn slowly(mut self, bytes: usize, time: Duration) -> Self {
        self.pace = Some((bytes.max(1), time));
        self
    }

    /// The connection breaks after this many bytes of the body.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.ends_after = Some((bytes, Ending::Cut));
        self
    }

    /// Nothing more comes after this many bytes of the body.
    #[must_use]
    pub fn stall_after(mut self, bytes: usize) -> Self {
        self.ends_after = Some((bytes, Ending::Stall));
        self
    }

    /// Allows range requests (RFC 9110 section 14), with this strong ETag to identify the version.
    #[must_use]
    pub fn with_ranges(self, etag: &str) -> Self {
        let mut page = self.header("etag", &format!("\"{etag}\"")).header("accept-ranges", "bytes");
        page.ranges = true;
        page
    }

    /// The page as bytes of HTTP/1.1, to be injected into a flow.
    pub(crate) fn as_http1(&self) -> Bytes {
        let reason = self.status.canonical_reason().unwrap_or("");
        let mut text = format!("HTTP/1.1 {} {reason}\r\n", self.status.as_str()).into_bytes();
        for (name, value) in &self.headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.extend_from_slice(b": ");
            text.extend_from_slice(value.as_bytes());
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", self.body.len()).as_bytes());
        text.extend_from_slice(&self.body);
        text.into()
    }

    pub(crate) async fn into_response(mut self, asked: &HeaderMap) -> Response<UnsyncBoxBody<Bytes, io::Error>> {
        if let Some(time) = self.thinks {
            sleep(time).await;
        }
        let etag = self.headers.get(header::ETAG).cloned();
        if etag.is_some() && asked.get(header::IF_NONE_MATCH) == etag.as_ref() {
            self.status = StatusCode::NOT_MODIFIED;
            self.body = Bytes::new();
        }
        let same = asked.get(header::IF_RANGE).is_none_or(|if_range| Some(if_range) == etag.as_ref());
        if self.ranges
            && same
            && self.status == StatusCode::OK
            && let Some(range) = asked.get(header::RANGE).and_then(|range| range.to_str().ok())
        {
            self.cut_to(range);
        }
        let length = self.body.len();
        let mut response = Response::new(self.pieces());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if self.length_stated && self.status != StatusCode::NOT_MODIFIED {
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
        response
    }

    /// `bytes=FROM-` and `bytes=FROM-TO`; any other range gets everything, as the RFC allows.
    fn cut_to(&mut self, range: &str) {
        let whole = self.body.len();
        let Some((from, to)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else { return };
        let Ok(from) = from.parse::<usize>() else { return };
        let to = to.parse::<usize>().map_or(whole, |to| to.saturating_add(1).min(whole));
        if from >= to {
            self.status = StatusCode::RANGE_NOT_SATISFIABLE;
            self.body = Bytes::new();
            self.headers.insert(header::CONTENT_RANGE, content_range(format!("bytes */{whole}")));
        } else {
            self.status = StatusCode::PARTIAL_CONTENT;
            self.body = self.body.slice(from..to);
            self.headers.insert(header::CONTENT_RANGE, content_range(format!("bytes {from}-{}/{whole}", to - 1)));
        }
    }

    fn pieces(&self) -> UnsyncBoxBody<Bytes, io::Error> {
        let (body, pace, ends_after) = (self.body.clone(), self.pace, self.ends_after);
        let pieces = stream::unfold(0_usize, move |at| {
            let body = body.clone();
            async move {
                let end = ends_after.map_or(body.len(), |(end, _)| end.min(body.len()));
                if at >= end {
                    return match ends_after {
                        Some((_, Ending::Cut)) => {
                            // hyper sends its buffer when there is nothing more to poll, and drops it on an error.
                            tokio::task::yield_now().await;
                            Some((Err(io::Error::other("the page is cut here")), usize::MAX))
                        }
                        Some((_, Ending::Stall)) => std::future::pending().await,
                        None => None,
                    };
                }
                let (piece, time) = pace.unwrap_or((end, Duration::ZERO));
                if !time.is_zero() {
                    sleep(time).await;
                }
                let next = at.saturating_add(piece).min(end);
                Some((Ok(Frame::data(body.slice(at..next))), next))
            }
        });
        BodyExt::boxed_unsync(StreamBody::new(pieces))
    }
}

impl<T: Into<Bytes>> From<T> for Page {
    fn from(body: T) -> Self {
        Self::new(body)
    }
}

#[expect(clippy::expect_used, reason = "digits and a few signs are a header value")]
fn content_range(text: String) -> HeaderValue {
    text.try_into().expect("digits are a header value")
}

/// A request as an [`App`] sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ask {
    /// The address it came from.
    pub from: IpAddr,
    /// The country of that address, if the lab knows it.
    pub country: Option<String>,
    /// The method.
    pub method: Method,
    /// The requested host, without port.
    pub host: String,
    /// The path.
    pub path: String,
    /// The query, without `?`.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// A web application of the lab.
pub trait App: Send + Sync + 'static {
    /// Answers a request. Called in virtual time, in the order in which requests arrive.
    fn answer(&self, ask: &Ask) -> Page;
}

impl<F: Fn(&Ask) -> Page + Send + Sync + 'static> App for F {
    fn answer(&self, ask: &Ask) -> Page {
        self(ask)
    }
}

impl fmt::Debug for dyn App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App(..)")
    }
}
