//! The bridge from `object_store` to the engine: one request of the one is one request of the other.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use url::Url;

use crate::client::{Byway, Exchange, GetError, GetOptions, Reachability};
use crate::reach::{Attempt, retain_telling};

/// Sends the requests of one operation, and remembers how the last one ended.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) byway: Byway,
    pub(super) how: GetOptions,
    /// The most bytes that an answer may have.
    pub(super) most: u64,
    /// Added to every `PUT`: the condition under which it replaces something, for a store whose client has none.
    pub(super) condition: Option<(header::HeaderName, HeaderValue)>,
    /// The login, for a store whose client has none.
    pub(super) login: Option<HeaderValue>,
    /// The server is one of WebDAV.
    pub(super) is_webdav: bool,
    pub(super) last: Arc<Mutex<Option<Last>>>,
    pub(super) shown: Shown,
}

/// What the requests of one upload showed to somebody, for the account of a later one that fails.
#[derive(Clone, Default)]
pub(super) struct Shown(Arc<Mutex<Vec<Attempt>>>);

impl Shown {
    /// Another upload begins.
    pub(super) fn begin(&self) {
        self.attempts().clear();
    }

    /// Adds what a request showed. It keeps an attempt or two for each observer, however many requests there are.
    fn add(&self, reachability: Option<&Reachability>) {
        let mut attempts = self.attempts();
        attempts.extend(reachability.into_iter().flat_map(|known| known.attempts.iter().cloned()));
        retain_telling(&mut attempts);
    }

    fn attempts(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a request ended.
pub(super) enum Last {
    Answered { status: StatusCode, retry_after: Option<Duration>, fault: Option<ServerFault> },
    Failed(Box<GetError>),
}

/// What a server says is wrong, as far as something follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerFault {
    /// There is no such bucket.
    NoBucket,
    /// The clock of this device or of the server is wrong: a signature is valid for 15 minutes.
    Clock,
}

impl Connector {
    /// How the last request ended.
    pub(super) fn last(&self) -> Option<Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let mut url =
            Url::parse(&parts.uri.to_string()).map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        if parts.method.as_str() == "MKCOL"
            && let Ok(mut path) = url.path_segments_mut()
        {
            // nginx makes a folder only of an address that ends as one.
            path.pop_if_empty().push("");
        }
        let body = body.collect().await?.to_bytes();
        let mut headers = parts.headers;
        // The engine writes these itself, with the same values.
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        // A tag of a coded answer is not the one of the file.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(login) = &self.login {
            headers.insert(header::AUTHORIZATION, login.clone());
        }
        if let Some((name, value)) = self.condition.as_ref().filter(|_| parts.method == http::Method::PUT) {
            headers.insert(name.clone(), value.clone());
        }
        let (method, most) = (parts.method, self.most.max(MESSAGE));
        let total = TOTAL + Duration::from_secs(body.len() as u64 / LEAST_RATE);
        let exchange = Exchange { method, url, headers, body, most, total };
        let last = |last| *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        match Box::pin(self.byway.exchange(exchange, self.how)).await {
            Ok((response, reachability)) => {
                self.shown.add(Some(&reachability));
                let (status, retry_after) = (response.status, retry_after(&response.headers));
                let fault = (!status.is_success()).then(|| fault(&response.body)).flatten();
                last(Last::Answered { status, retry_after, fault });
                Ok(answer(status, response.headers, response.body))
            }
            Err(error) => {
                let earlier = self.shown.attempts().clone();
                self.shown.add(error.reachability());
                let error = error.after(earlier);
                last(Last::Failed(Box::new(error.clone())));
                Err(HttpError::new(HttpErrorKind::Unknown, error))
            }
        }
    }
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.send(request).await
    }
}

impl HttpConnector for Connector {
    /// None of the options applies: they are about a transport that this does not have.
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector(..)")
    }
}

fn answer(status: StatusCode, headers: HeaderMap, body: Bytes) -> HttpResponse {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// In seconds. The form with a date is rare at stores, and a wrong clock would make a wait of years of it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The code in an S3 server's answer.
fn fault(body: &[u8]) -> Option<ServerFault> {
    let text = String::from_utf8_lossy(body.get(..MESSAGE_READ).unwrap_or(body));
    let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
    match code {
        "NoSuchBucket" => Some(ServerFault::NoBucket),
        "RequestTimeTooSkewed" => Some(ServerFault::Clock),
        _ => None,
    }
}

/// An answer that says what is wrong may be longer than the file that was asked for.
const MESSAGE: u64 = 64 * 1024;

/// The code is at its beginning.
const MESSAGE_READ: usize = 4096;

/// For an answer that a busy server takes long for, through Tor.
const TOTAL: Duration = Duration::from_secs(120);

/// A throttled network carries 14 kB a second; what is slower than this does not end.
const LEAST_RATE: u64 = 4 * 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_a_server_says_is_read() {
        let message =
            |code: &str| format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>x</Message></Error>");
        for (code, expected) in [
            ("NoSuchBucket", Some(ServerFault::NoBucket)),
            ("RequestTimeTooSkewed", Some(ServerFault::Clock)),
            ("NoSuchKey", None),
        ] {
            assert_eq!(fault(message(code).as_bytes()), expected, "{code}");
        }
        assert_eq!(fault(b"<Code>NoSuchBucket"), None);
        let mut headers = HeaderMap::new();
        for (value, expected) in
            [("7", Some(7)), (" 120 ", Some(120)), ("Sun, 29 Nov 2026 12:00:00 GMT", None), ("-1", None)]
        {
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{value}");
        }
    }
}
