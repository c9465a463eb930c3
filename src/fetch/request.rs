//! What is asked for, and what came.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use super::{Allowance, Floors, IdleBudget, Limits, Owners, PageJudge, Payload, PlainJudge, RateLimit, Validators};
use crate::exposure::Exposure;
use crate::reach::Replay;
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
    /// Headers beside those that the engine sets: `Host`, and unless given here `Accept`, `Accept-Encoding` and
    /// `User-Agent`. `Authorization` or `Cookie` makes it a request with credentials.
    ///
    /// Who sets `Accept-Encoding` still gets the codings that the engine knows decoded.
    pub headers: HeaderMap,
    /// The body.
    pub body: Payload,
    /// Whether it may be sent twice. A body that is a stream never is.
    pub replay: Replay,
    /// Who may learn of it. It binds every hop of its redirects.
    pub exposure: Exposure,
    /// Asked of every hop: it can raise the exposure and leave direct strategies out, from there on.
    pub floors: Option<Arc<dyn Floors>>,
    /// What becomes of it when [`Request::floors`] rise while it is under way.
    pub raised: OnRaise,
    /// The community's access advice or a recorded restriction speaks against direct ways, and the user has not allowed
    /// them: they are not tried.
    pub avoid_direct: bool,
    /// Whose circuits, connections, TLS sessions and cookies. By default each site has its own.
    pub isolation: Isolation,
    /// Asked of every hop: one that leads to a community has that community's isolation, and so have the hops behind it. On
    /// the first hop [`Request::isolation`] comes first, unless it is [by site](Isolation::by_site).
    pub owners: Option<Arc<dyn Owners>>,
    /// Whether the first hop may lead to a private address. Later hops may only if the first one did.
    pub private: PrivateAddresses,
    /// What is taken from a peer at most.
    pub limits: Limits,
    /// What this request and others may take together.
    pub allowance: Option<Allowance>,
    /// For how long this request and others may hear nothing. `None`: each by itself.
    pub idle: Option<IdleBudget>,
    /// Says what an answer is worth. Sees the decoded body.
    pub judge: Arc<dyn PageJudge>,
    /// Awaited before each sending, resends included: the host's rate limit.
    pub pace: Option<Arc<RateLimit>>,
    /// Asked for the cookies of each hop, unless [`Request::headers`] has some, and given those of its answer. A hop
    /// with cookies is one with credentials.
    ///
    /// `None`, and no `Cookie` in the headers: what a redirect sets is sent on the next hops of its chain, to the very
    /// origin and by the strategy by which it came, and is forgotten with the chain.
    pub cookies: Option<Arc<dyn Cookies>>,
}

/// What becomes of a request whose page must be asked for with more than it was planned for.
#[derive(Clone, Debug, Default)]
pub enum OnRaise {
    /// Its hop begins anew, with more. One that may not be sent twice ends with
    /// [`FetchError::ExposureRaised`](super::FetchError::ExposureRaised).
    #[default]
    Anew,
    /// It ends with [`FetchError::ExposureRaised`](super::FetchError::ExposureRaised), before it is sent as well. For requests with
    /// something in them that must not be sent with more.
    End(Ended),
}

/// Whether a request of one access was ended because an exposure rose. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct Ended(Arc<AtomicBool>);

impl Ended {
    /// Whether one was, since this was asked last.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }

    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Somebody's cookies. The engine keeps none by itself.
pub trait Cookies: fmt::Debug + Send + Sync + 'static {
    /// The `Cookie` header for a request to this URL under this isolation; `None` if there is none to send. A cookie that
    /// was set under another isolation would tell the host that both have one reader.
    fn header(&self, url: &Url, isolation: &Isolation) -> Option<HeaderValue>;

    /// Keeps what an answer from this URL set under this isolation. Only an answer that was accepted is shown.
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
        }
    }

    /// A request with a body, to be sent once. Set [`Request::replay`] where the server does not mind a second one.
    #[cfg(any(test, feature = "internals"))]
    pub fn post(url: Url, body: impl Into<Payload>) -> Self {
        Self { method: Method::POST, body: body.into(), replay: Replay::Once, ..Self::get(url) }
    }

    /// [`Request::replay`], as far as the body allows it.
    pub(crate) fn may_repeat(&self) -> Replay {
        if self.body.as_bytes().is_some() { self.replay } else { Replay::Once }
    }

    /// Whether it tells the server who asks.
    pub fn has_credentials(&self) -> bool {
        has_credentials(&self.headers) || !self.url.username().is_empty() || self.url.password().is_some()
    }
}

impl fmt::Debug for Request {
    /// Without the URL, headers and body: a log must not say who reads what.
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

/// Whether one of these tells the server who asks.
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
    /// The headers, as they came: `Content-Encoding` and `Content-Length` speak of the body before it was decoded.
    pub headers: HeaderMap,
    /// The whole body, decoded.
    pub body: Bytes,
    /// By which way it came. Of a body that was continued on another route: by which the last piece came.
    pub strategy: Strategy,
}

impl Response {
    /// What a later request can ask with whether this is still the newest.
    pub fn validators(&self) -> Validators {
        Validators::from_headers(&self.headers)
    }
}

impl fmt::Debug for Response {
    /// Without the URL, headers and body: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, status, headers: _, body, strategy } = self;
        f.debug_struct("Response")
            .field("status", status)
            .field("body", &body.len())
            .field("strategy", strategy)
            .finish_non_exhaustive()
    }
}
