//! The engine as a source sees it: requests with the limits of a reading, and their answers.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use crate::fetch::{
    self as engine, FetchError, GivenValidators, Limits, PageJudge, Payload, RateLimit, Response, Stop,
};
use crate::reach::{Attempt, Replay};

/// Sends the requests of a [`Source`](super::Source).
///
/// It races the strategies that the app allows and that the exposure of the reading permits. A source never chooses a
/// strategy itself.
#[derive(Clone)]
pub struct HttpClient(engine::HttpClient);

impl HttpClient {
    pub(crate) fn new(engine: engine::HttpClient) -> Self {
        Self(engine)
    }

    /// The engine itself, for the sources of this crate.
    pub(crate) fn engine(&self) -> &engine::HttpClient {
        &self.0
    }

    /// Runs one request to its final answer, redirects included.
    ///
    /// Cancel-safe: dropping the future ends every attempt.
    pub async fn fetch(&self, request: Request) -> Fetched {
        let engine::Fetched { result, attempts, .. } = self.0.fetch(request.0).await;
        Fetched { result, attempts }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// One request of a source. [`ReadOptions::request`](super::ReadOptions::request) makes it with the limits of the
/// reading: exposure, floors, isolation, time, allowance. No method here loosens them.
///
/// ```
/// use byway::community::Home;
/// use byway::http::{HeaderValue, header};
/// use byway::source::{ReadOptions, Request};
/// use byway::url::Url;
///
/// fn of_feed(how: &ReadOptions, home: &Home, url: Url) -> Request {
///     how.request(home, url).header(header::ACCEPT, HeaderValue::from_static("application/json"))
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Request(engine::Request);

impl Request {
    pub(super) fn new(engine: engine::Request) -> Self {
        Self(engine)
    }

    /// The engine's request, for the sources of this crate.
    pub(super) fn into_engine(self) -> engine::Request {
        self.0
    }

    /// Sets a header in addition to those that the engine sets: `Host` and, unless given here, `Accept`,
    /// `Accept-Encoding` and `User-Agent`. `Authorization` and `Cookie` make it a request with credentials: they are
    /// sent to the origin only, and one route is in flight at a time.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// Sends this body by `POST`, once. See [`Request::replay`].
    pub fn post(mut self, body: impl Into<Payload>) -> Self {
        self.0.method = Method::POST;
        self.0.body = body.into();
        self.0.replay = Replay::Once;
        self
    }

    /// Whether the request may be sent twice. A `GET` may, a [`Request::post`] may not unless this says so.
    pub fn replay(mut self, replay: Replay) -> Self {
        self.0.replay = replay;
        self
    }

    /// Accepts at most this from the peer. The time limit of the reading still holds.
    pub fn limits(mut self, limits: Limits) -> Self {
        let total = limits.total.min(self.0.limits.total);
        self.0.limits = Limits { total, ..limits };
        self
    }

    /// Judges the answer with this instead of [`PlainJudge`](super::PlainJudge).
    pub fn judge(mut self, judge: impl PageJudge) -> Self {
        self.0.judge = Arc::new(judge);
        self
    }

    /// Awaits this rate limit before each sending, including resends.
    pub fn pace(mut self, pace: Arc<RateLimit>) -> Self {
        self.0.pace = Some(pace);
        self
    }

    /// Asks whether what is known with these validators has changed; a 304 says that it has not.
    pub(super) fn validators(mut self, known: Option<GivenValidators>) -> Self {
        self.0.validators = known;
        self
    }

    /// Can be ended from outside, and then still says whom it contacted.
    pub(super) fn stopped_by(mut self, stop: Option<Stop>) -> Self {
        self.0.stop = stop;
        self
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// The headers set so far.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }
}

/// A finished request: the answer or the error, and the evidence in both cases.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fetched {
    /// The answer or the error.
    pub result: Result<Response, FetchError>,
    /// Every attempt of every hop. A source passes them on in [`ReadOutcome::attempts`](super::ReadOutcome::attempts):
    /// the verdict is made from them.
    pub attempts: Vec<Attempt>,
}
