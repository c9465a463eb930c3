//! A request and its answer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::sync::watch;
use url::Url;

use super::{
    Allowance, Floors, IdleBudget, Limits, Owners, PageJudge, Payload, PlainJudge, RateLimit, Validators, validators,
    validators::GivenValidators,
};
use crate::exposure::Exposure;
use crate::reach::{Outcome, Replay};
use crate::transport::{Isolation, PrivateAddresses, Strategy};

/// One request, as a user means it.
///
/// ```
/// # use byway::Exposure;
/// # use byway::internals::fetch::Request;
/// let mut request = Request::get("https://example.org/feed.xml".parse()?);
/// request.exposure = Exposure::Tor;
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// An `http` or `https` URL. A login in it is sent as `Authorization: Basic`, unless that header is given.
    pub url: Url,
    /// Headers in addition to those that the engine sets: `Host` and, unless given here, `Accept`, `Accept-Encoding`
    /// and `User-Agent`. `Authorization` or `Cookie` makes it a request with credentials.
    ///
    /// If `Accept-Encoding` is given here, the codings that the engine knows are still decoded.
    pub headers: HeaderMap,
    /// The body.
    pub body: Payload,
    /// Whether it may be sent twice. A body that is a stream is never sent twice.
    pub replay: Replay,
    /// Who may learn of it. This holds for every hop of its redirects.
    pub exposure: Exposure,
    /// Asked for every hop: it can raise the exposure and exclude direct strategies from that hop on.
    pub floors: Option<Arc<dyn Floors>>,
    /// What happens if [`Request::floors`] rise while it is under way.
    pub raised: OnRaise,
    /// The community's access advice or a recorded restriction rules out direct strategies, and the user has not
    /// allowed them: they are not tried.
    pub avoid_direct: bool,
    /// The isolation of its circuits, connections, TLS sessions and cookies. By default each site has its own.
    pub isolation: Isolation,
    /// Asked for every hop: one that leads to a community has that community's isolation, and so have the hops after
    /// it. On the first hop [`Request::isolation`] has priority, unless it is [by site](Isolation::by_site).
    pub owners: Option<Arc<dyn Owners>>,
    /// Whether the first hop may lead to a private address. Later hops may only if the first one did.
    pub private: PrivateAddresses,
    /// The limits on what is accepted from a peer.
    pub limits: Limits,
    /// The bytes that this request and others may take together.
    pub allowance: Option<Allowance>,
    /// How long this request and others together may hear nothing. `None`: each by itself.
    pub idle: Option<IdleBudget>,
    /// Judges the answer. It sees the decoded body.
    pub judge: Arc<dyn PageJudge>,
    /// Awaited before each sending, including resends: the host's rate limit.
    pub pace: Option<Arc<RateLimit>>,
    /// Asked for the cookies of each hop, unless [`Request::headers`] has some, and given those of its answer. A hop
    /// with cookies is one with credentials.
    ///
    /// `None`, and no `Cookie` in the headers: a cookie that a redirect sets is sent on the next hops of its chain,
    /// only to the same origin and by the strategy that brought it, and is forgotten with the chain.
    pub cookies: Option<Arc<dyn Cookies>>,
    /// Asks whether the answer still has these validators; a 304 says that it does. They are sent only to the origin that
    /// gave them, only over TLS, and never on a hop of exposure `tor`: an entity tag can serve as a cookie.
    pub validators: Option<GivenValidators>,
    /// Ends it from outside. What it did until then stays in its account.
    pub stop: Option<Stop>,
}

/// What happens to a request whose page requires a higher exposure than it was planned for.
#[derive(Clone, Debug, Default)]
pub enum OnRaise {
    /// Its hop starts anew with the higher exposure. A request that may not be sent twice ends with
    /// [`FetchError::ExposureRaised`](super::FetchError::ExposureRaised).
    #[default]
    Anew,
    /// It ends with [`FetchError::ExposureRaised`](super::FetchError::ExposureRaised), even if it was not sent yet.
    /// This is for requests that contain something that must not be sent with a higher exposure.
    End(Ended),
}

/// Whether a request of one access ended because an exposure rose. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Ended(Arc<AtomicBool>);

impl Ended {
    /// Returns whether one ended since the last call.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }

    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Ends requests from outside. Unlike a request whose future is dropped, one that was stopped still says whom it contacted.
/// Clones share it.
#[derive(Clone, Debug)]
pub struct Stop {
    is_set: watch::Receiver<bool>,
    outcome: Outcome,
}

impl Stop {
    /// A stop for when another address has given what was asked for, and the sender that sets it.
    pub(crate) fn when_overtaken() -> (watch::Sender<bool>, Self) {
        Self::new(Outcome::Overtaken)
    }

    /// A stop for when the exposure is raised, and the sender that sets it.
    pub(crate) fn when_raised() -> (watch::Sender<bool>, Self) {
        Self::new(Outcome::Raised)
    }

    fn new(outcome: Outcome) -> (watch::Sender<bool>, Self) {
        let (sender, is_set) = watch::channel(false);
        (sender, Self { is_set, outcome })
    }

    /// How attempts end that it stops.
    pub(super) fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Whether it is set.
    pub(crate) fn is_over(&self) -> bool {
        *self.is_set.borrow()
    }

    /// Waits until the stop is set. Cancel-safe.
    pub(crate) async fn is_set(&self) {
        if self.is_set.clone().wait_for(|is_set| *is_set).await.is_err() {
            // Nobody can set it any more.
            std::future::pending::<()>().await;
        }
    }
}

/// A store of cookies. The engine itself keeps none.
pub trait Cookies: fmt::Debug + Send + Sync + 'static {
    /// The `Cookie` header for a request to this URL under this isolation; `None` if there is none to send. A cookie
    /// that was set under another isolation would tell the host that both have one reader.
    fn header(&self, url: &Url, isolation: &Isolation) -> Option<HeaderValue>;

    /// Keeps the cookies that an answer from this URL set under this isolation. It is called only for accepted answers.
    fn keep(&self, url: &Url, isolation: &Isolation, headers: &HeaderMap);
}

impl Request {
    /// A request without a body that changes nothing on the server, judged by [`PlainJudge`].
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Payload::empty(),
            replay: Replay::Safe,
            exposure: Exposure::default(),
            floors: None,
            raised: OnRaise::default(),
            avoid_direct: false,
            isolation: Isolation::default(),
            owners: None,
            private: PrivateAddresses::default(),
            limits: Limits::default(),
            allowance: None,
            idle: None,
            judge: Arc::new(PlainJudge),
            pace: None,
            cookies: None,
            validators: None,
            stop: None,
        }
    }

    /// A request with a body, to be sent once. Set [`Request::replay`] if the server accepts it twice.
    #[cfg(any(test, feature = "internals"))]
    pub fn post(url: Url, body: impl Into<Payload>) -> Self {
        Self { method: Method::POST, body: body.into(), replay: Replay::Once, ..Self::get(url) }
    }

    /// [`Request::replay`], as far as the body allows it.
    pub(crate) fn may_repeat(&self) -> Replay {
        if self.body.as_bytes().is_some() { self.replay } else { Replay::Once }
    }

    /// Whether it identifies the reader to the server.
    pub fn has_credentials(&self) -> bool {
        has_credentials(&self.headers) || !self.url.username().is_empty() || self.url.password().is_some()
    }
}

impl fmt::Debug for Request {
    /// Prints no URL, headers and body: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            method,
            url: _,
            headers: _,
            body,
            replay,
            exposure,
            floors: _,
            raised: _,
            avoid_direct,
            isolation: _,
            owners: _,
            private,
            limits,
            allowance,
            idle,
            judge,
            pace,
            cookies: _,
            validators: _,
            stop: _,
        } = self;
        f.debug_struct("Request")
            .field("method", method)
            .field("body", body)
            .field("replay", replay)
            .field("exposure", exposure)
            .field("avoid_direct", avoid_direct)
            .field("private", private)
            .field("limits", limits)
            .field("allowance", allowance)
            .field("idle", idle)
            .field("judge", judge)
            .field("pace", pace)
            .finish_non_exhaustive()
    }
}

/// Whether one of these identifies the reader to the server.
pub(crate) fn has_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::COOKIE)
}

/// The final answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response {
    /// The URL after redirects.
    pub url: Url,
    /// The status.
    pub status: StatusCode,
    /// The headers as they came: `Content-Encoding` and `Content-Length` describe the body before decoding.
    pub headers: HeaderMap,
    /// The whole body, decoded.
    pub body: Bytes,
    /// The strategy that brought it. For a body that was continued on another route: the strategy of the last piece.
    pub strategy: Strategy,
    /// The exposure of its hop: that of the request, or a higher one.
    pub(crate) exposure: Exposure,
}

impl Response {
    /// The validators with which a later request can ask whether this is still the newest version.
    pub fn validators(&self) -> Validators {
        Validators::from_headers(&self.headers)
    }

    /// The validators that may be kept for a later request. There are none if they came in cleartext or with exposure
    /// `tor`: see [`Request::validators`].
    pub(crate) fn given_validators(&self) -> Validators {
        if validators::may_be_given(&self.url, self.exposure) { self.validators() } else { Validators::default() }
    }
}

impl fmt::Debug for Response {
    /// Prints no URL, headers and body: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, status, headers: _, body, strategy, exposure } = self;
        f.debug_struct("Response")
            .field("status", status)
            .field("body", &body.len())
            .field("strategy", strategy)
            .field("exposure", exposure)
            .finish_non_exhaustive()
    }
}
