//! A `reqwest` client whose requests go through Byway.
//!
//! [`Byway::reqwest`] returns a `reqwest_middleware::ClientWithMiddleware`. Requests are built and responses read with
//! reqwest's own types (`json`, `form`, `multipart`, `query`, `bytes_stream`, `error_for_status`), and run by Byway's
//! engine. Its one middleware never calls the next, so reqwest opens no socket, looks up no name and speaks no TLS. The
//! client below it, which `AsRef` gives out, is made so that it can reach nothing.
//!
//! # Which options apply
//!
//! | of reqwest | here |
//! | --- | --- |
//! | method, URL, headers, `query`, `form`, `json`, `multipart`, `basic_auth`, `bearer_auth` | apply |
//! | `body` of bytes | applies |
//! | `body` of a stream | applies; it is sent once, and moves to another route only before its first byte |
//! | `RequestBuilder::timeout` | applies to everything, the body included; without it, [`Builder::timeout`](crate::Builder::timeout) applies until the response is there, and then the body may take as long as it keeps coming |
//! | `RequestBuilder::version` | ignored: HTTP/2 if the host offers it in TLS, else HTTP/1.1 |
//! | `with_extension(Replay)`, `with_extension(Exposure)`, `with_extension(GetOptions)` | apply to this request: see below |
//! | `Response::remote_addr` | always `None`: it may be a proxy's; the route is in [`ReachabilityExt::reachability`] |
//! | `Response::content_length` | the length of the decoded body if it is known, as in reqwest |
//! | other middlewares, retries, `RequestInitialiser` | apply, if they stand before [`ReqwestBuilder::middleware`] |
//!
//! | of `reqwest::ClientBuilder` | instead |
//! | --- | --- |
//! | `redirect` | the engine's rules: at most [`Limits::redirects`], credentials stay at their origin, none into the local network |
//! | `cookie_store`, `cookie_provider` | [`ReqwestBuilder::cookie_store`], [`ReqwestBuilder::cookie_provider`] |
//! | `timeout`, `connect_timeout`, `read_timeout` | [`Builder::timeout`](crate::Builder::timeout), [`Limits::progress`] |
//! | `proxy`, `resolve`, `dns_resolver`, `local_address` | [`Builder::strategy`](crate::Builder::strategy), [`Builder::resolve`](crate::Builder::resolve), [`Builder::net`](crate::Builder::net) |
//! | `add_root_certificate`, `identity`, other TLS | [`Builder::roots`](crate::Builder::roots) |
//! | `gzip`, `deflate`, `brotli`, `zstd` | always asked for and undone; the last two with the features of that name |
//! | `default_headers`, `user_agent` | a `RequestInitialiser`; without one, that of a common browser |
//! | pool and HTTP/2 tuning | the engine's |
//!
//! # What counts as a response
//!
//! To a user of reqwest, an error status is an answer. A 5xx or a 451 makes Byway try the other routes; if none does
//! better, the response is that answer, and `error_for_status` works. What somebody else put in the host's place never
//! comes as a response, because it would be taken for the page: a block page, a captive portal or a proxy's own error
//! is a [`GetError`].
//!
//! A response is returned when enough of it has come, see [`HttpClient::stream`](crate::fetch::HttpClient::stream). If
//! the body stops after that, another route continues it, provided that the host gives it a strong validator. Else
//! reading it fails.
//!
//! During a pause on a network that lets only a few addresses through, nothing is sent (see
//! [`OpenOptions::ignore_pause`](crate::OpenOptions::ignore_pause)): the error comes at once, with the verdict that
//! began the pause.
//!
//! # What is sent twice
//!
//! GET, HEAD, OPTIONS and TRACE change nothing (RFC 9110 section 9.2.1), so they are raced over several routes.
//! Everything else is sent once, and moves to another route only while none of it was sent. This includes PUT and
//! DELETE: they are idempotent, which means that a second copy right behind the first does no harm. It does not mean
//! that a copy may arrive after your next request. A caller that knows better uses `with_extension(Replay::Safe)`. A
//! request with credentials, cookies included, is on one route at a time.
//!
//! # Whose cookies
//!
//! None are kept unless [`ReqwestBuilder::cookie_store`] asks for it. Then this client has its own cookies, in memory,
//! never shared with another client or with communities, and apart for each community and site. All routes use the same
//! ones, because a host that has set a cookie recognises the reader anyway.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream::{self, BoxStream, StreamExt};
use http::{Extensions, HeaderValue, Method, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use percent_encoding::percent_decode_str;
use reqwest::ResponseBuilderExt;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::access_scope::AccessScope;
use super::binding::Binding;
use super::cookies::{Jar, NoJar, Provided};
use super::known::KnownPage;
use super::page_request::leads_nowhere;
use super::reachability::Target;
use super::{Action, Byway, GetError, GetOptions, Reachability};
use crate::exposure::Exposure;
use crate::fetch::{
    BodyStream, Bound, Cookies, FetchError, Floors, Limits, Payload, StreamError, Streamed, StreamedResponse, fetchable,
};
use crate::reach::Replay;
use crate::transport::Isolation;

impl Byway {
    /// A `reqwest` client that goes through Byway, with this Byway's exposure and limits.
    ///
    /// Of reqwest's options, those of a request apply. Those of the transport are Byway's own.
    ///
    /// # Panics
    ///
    /// Where `reqwest::Client::new` does: if something else in the program gave reqwest TLS, and that cannot be set up.
    /// With the feature `reqwest-beside-tls` this cannot happen.
    pub fn reqwest(&self) -> ClientWithMiddleware {
        self.reqwest_builder().build()
    }

    /// The same, with its own settings.
    pub fn reqwest_builder(&self) -> ReqwestBuilder {
        let limits = Limits { total: self.inner.timeout, ..Limits::default() };
        ReqwestBuilder {
            byway: self.clone(),
            exposure: Exposure::default(),
            allow_direct: false,
            isolation: Isolation::default(),
            limits,
            cookies: None,
        }
    }
}

/// Makes a `reqwest` client that goes through Byway.
///
/// # Which options of reqwest apply
///
/// Of a request: method, URL, headers, `query`, `form`, `json`, `multipart`, logins, bodies of bytes (which some
/// methods allow to be sent again) and of streams (sent once), `timeout` (for everything, the body included). Ignored:
/// `version`.
///
/// Of `reqwest::ClientBuilder`: none. The engine decides on redirects, compression, TLS, names, proxies and pooling.
/// [This builder](Self::cookie_store) sets the cookies. A `RequestInitialiser` sets default headers.
#[must_use]
pub struct ReqwestBuilder {
    byway: Byway,
    exposure: Exposure,
    allow_direct: bool,
    isolation: Isolation,
    limits: Limits,
    cookies: Option<Arc<dyn Cookies>>,
}

impl ReqwestBuilder {
    /// Who may learn of these requests. It is added to the Byway's exposure, and to that of a community whose page is
    /// asked for: the highest applies. To set it for one request, use `with_extension(Exposure)`.
    pub fn exposure(mut self, exposure: Exposure) -> Self {
        self.exposure = self.exposure.max(exposure);
        self
    }

    /// Tries direct strategies even if a restriction or the access advice of a community speaks against them. What the
    /// exposure forbids stays forbidden. To set it for one request only, use `with_extension(GetOptions)`.
    pub fn allow_direct(mut self, allowed: bool) -> Self {
        self.allow_direct = allowed;
        self
    }

    /// Keeps the circuits, connections, TLS sessions and cookies of this client apart from those of another label. Each
    /// site has its own, with a label or without. Pages of communities have those of their community, whatever the
    /// label.
    pub fn isolation(mut self, label: &str) -> Self {
        self.isolation = Isolation::by_site(label);
        self
    }

    /// How much is taken from a peer at most. Unless this says otherwise, a body ends at 32 MiB, streamed or not.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Keeps cookies for this client, in memory, each only for the host that set it, and apart for each community. Off
    /// by default.
    pub fn cookie_store(mut self, on: bool) -> Self {
        self.cookies = on.then(|| Arc::new(Jar::default()) as Arc<dyn Cookies>);
        self
    }

    /// Uses these cookies, given as reqwest's own trait, such as `reqwest::cookie::Jar`. They are not kept apart for
    /// each community, and a host sees the same reader in all clients that share them.
    pub fn cookie_provider<C: reqwest::cookie::CookieStore + 'static>(mut self, cookies: Arc<C>) -> Self {
        self.cookies = Some(Arc::new(Provided(cookies)));
        self
    }

    /// The middleware itself, to be put behind others with [`ReqwestBuilder::client_builder`]. It is the last one that
    /// runs.
    pub fn middleware(self) -> impl Middleware {
        self.engine()
    }

    /// The engine alone, for single requests without a client and its middlewares.
    pub fn engine(self) -> ReqwestEngine {
        ReqwestEngine(self)
    }

    /// Makes the client.
    ///
    /// # Panics
    ///
    /// See [`Byway::reqwest`].
    pub fn build(self) -> ClientWithMiddleware {
        Self::client_builder().with(self.middleware()).build()
    }

    /// A builder over a client that reaches nothing by itself. Give it your middlewares, and
    /// [`ReqwestBuilder::middleware`] as the last.
    ///
    /// # Panics
    ///
    /// See [`Byway::reqwest`].
    pub fn client_builder() -> ClientBuilder {
        ClientBuilder::new(nowhere())
    }
}

impl fmt::Debug for ReqwestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestBuilder")
            .field("exposure", &self.exposure)
            .field("allow_direct", &self.allow_direct)
            .field("limits", &self.limits)
            .field("cookies", &self.cookies.is_some())
            .finish_non_exhaustive()
    }
}

/// What happened to a request of such a client.
pub trait ReachabilityExt {
    /// What the attempts mean. For an error: `None` if nothing was contacted, or if the error has nothing to do with
    /// reaching the host (such as invalid JSON).
    fn reachability(&self) -> Option<&Reachability>;
}

impl ReachabilityExt for reqwest::Response {
    fn reachability(&self) -> Option<&Reachability> {
        self.extensions().get()
    }
}

impl ReachabilityExt for reqwest::Error {
    fn reachability(&self) -> Option<&Reachability> {
        std::iter::successors(self.source(), |error| (*error).source()).find_map(explained)
    }
}

impl ReachabilityExt for reqwest_middleware::Error {
    fn reachability(&self) -> Option<&Reachability> {
        match self {
            reqwest_middleware::Error::Middleware(error) => error.chain().find_map(explained),
            reqwest_middleware::Error::Reqwest(error) => error.reachability(),
        }
    }
}

fn explained<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Reachability> {
    match error.downcast_ref::<GetError>() {
        Some(error) => error.reachability(),
        None => error.downcast_ref::<BrokenBody>().map(|broken| &*broken.reachability),
    }
}

/// Runs `reqwest`'s requests, by itself or as the one middleware of a client.
///
/// By itself it needs no `reqwest::Client`, which brings a connector and a pool that nothing here uses: 200 kB of an
/// app.
#[derive(Debug)]
pub struct ReqwestEngine(ReqwestBuilder);

impl ReqwestEngine {
    /// Runs a request. `extensions` are what `with_extension` gives to a request of a client: [`Replay`], [`Exposure`],
    /// [`GetOptions`]. A login in the URL becomes the header `Authorization`, as in a client.
    ///
    /// # Errors
    ///
    /// Those of [`Byway::get`].
    pub async fn execute(
        &self,
        mut request: reqwest::Request,
        extensions: &Extensions,
    ) -> Result<reqwest::Response, GetError> {
        let said = Said {
            replay: extensions.get().copied(),
            exposure: extensions.get().copied().unwrap_or_default(),
            how: extensions.get().copied().unwrap_or_default(),
        };
        move_login(&mut request);
        self.0.run(request, said).await.map_err(|error| error.in_language(self.0.byway.language()))
    }
}

/// Moves a login from the URL into the header. If the header is already there, it stays.
fn move_login(request: &mut reqwest::Request) {
    let url = request.url_mut();
    if url.username().is_empty() && url.password().is_none() {
        return;
    }
    let decoded = |part: &str| percent_decode_str(part).collect::<Vec<u8>>();
    let mut login = Zeroizing::new(decoded(url.username()));
    login.push(b':');
    login.extend(decoded(url.password().unwrap_or_default()));
    // An http or https URL has a host, so its login can be removed.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    if let Ok(mut value) = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(&*login))) {
        value.set_sensitive(true);
        request.headers_mut().entry(header::AUTHORIZATION).or_insert(value);
    }
}

impl Middleware for ReqwestEngine {
    fn handle<'this, 'extensions, 'next, 'all>(
        &'this self,
        request: reqwest::Request,
        extensions: &'extensions mut Extensions,
        _: Next<'next>,
    ) -> Pin<Box<dyn Future<Output = reqwest_middleware::Result<reqwest::Response>> + Send + 'all>>
    where
        'this: 'all,
        'extensions: 'all,
        'next: 'all,
        Self: 'all,
    {
        Box::pin(async move { self.execute(request, extensions).await.map_err(reqwest_middleware::Error::middleware) })
    }
}

/// The extensions of a request.
struct Said {
    replay: Option<Replay>,
    exposure: Exposure,
    how: GetOptions,
}

impl ReqwestBuilder {
    async fn run(&self, mut asked_for: reqwest::Request, said: Said) -> Result<reqwest::Response, GetError> {
        let byway = &self.byway;
        let url = fetchable(asked_for.url().clone())?;
        let started = byway.inner.net.now();
        let mut access = AccessScope::new(byway, Action::Get);
        let exposure = self.exposure.max(said.exposure).max(said.how.exposure);
        let allow_direct = self.allow_direct || said.how.allow_direct;
        let how = GetOptions { exposure, allow_direct, ignore_pause: said.how.ignore_pause };
        let raised = byway.inner.store.raises();
        let ways = byway.page_ways(KnownPage { url: url.clone(), published: false }, how).await?;
        if !said.how.ignore_pause
            && let Some(stands) = byway.keeps_still(&url, ways, &mut access)
        {
            let error = FetchError::Unreached { finding: None };
            return Err(GetError::met(error, stands));
        }

        let mut request = byway.request(&url, ways);
        request.body = payload(&mut asked_for);
        request.method = asked_for.method().clone();
        request.headers = std::mem::take(asked_for.headers_mut());
        request.replay = said.replay.unwrap_or_else(|| replay(&request.method));
        request.limits = self.limits.clone();
        if let Some(timeout) = asked_for.timeout() {
            request.limits.total = *timeout;
            request.limits.streamed = Some(*timeout);
        }
        // As in reqwest: without a jar no cookie is kept, not even for a chain of redirects.
        request.cookies = Some(self.cookies.clone().unwrap_or_else(|| Arc::new(NoJar)));
        request.isolation = self.isolation.clone();

        let Streamed { result, attempts, urls, .. } = Box::pin(access.http().stream(request)).await;
        byway.inner.store.flush().await;
        let mut asked = byway.asked(&url, ways, urls);
        asked.took = Some(byway.inner.net.now().saturating_duration_since(started));
        asked.context.redirect_fault = leads_nowhere(&result);
        let answered = result.as_ref().ok().filter(|response| response.finding.is_none());
        let reached_by = answered.map(|response| response.strategy.clone());
        let reachability = Reachability::of(asked.clone(), reached_by, attempts);
        access.judged(&reachability);
        match result {
            Ok(answer) => {
                let floor =
                    Floor { binding: byway.binding(ways, false), url: answer.url.clone(), raised, unchecked: false };
                Ok(response(byway.clone(), answer, asked, reachability, floor))
            }
            Err(error) => Err(GetError::met(error, reachability)),
        }
    }
}

/// The body of a request. Bytes stay bytes. A stream gets its length from the headers if they state it (as for a form).
fn payload(request: &mut reqwest::Request) -> Payload {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let Some(body) = request.body_mut().take() else { return Payload::empty() };
    if body.as_bytes().is_none() {
        return Payload::stream(body, length);
    }
    let whole = body.collect().now_or_never().and_then(Result::ok);
    whole.map_or_else(Payload::empty, |whole| whole.to_bytes().into())
}

fn replay(method: &Method) -> Replay {
    if method.is_safe() { Replay::Safe } else { Replay::Once }
}

/// The rules for the rest of a body.
struct Floor {
    binding: Binding,
    url: url::Url,
    raised: watch::Receiver<()>,
    /// Something was raised, and nobody has yet checked what this means for the body.
    unchecked: bool,
}

/// The next piece. Nothing is read while it is being checked what a raise means for the body.
async fn next_piece(body: &mut BodyStream, floor: &mut Floor) -> Option<Result<Bytes, StreamError>> {
    loop {
        if floor.unchecked {
            let least = floor.binding.least(&floor.url).await.unwrap_or(Bound::HIGHEST);
            floor.unchecked = false;
            if let Err(error) = body.bind(least) {
                return Some(Err(error));
            }
        }
        tokio::select! {
            biased;
            Ok(()) = floor.raised.changed() => floor.unchecked = true,
            piece = body.next() => return piece,
        }
    }
}

fn response(
    byway: Byway,
    answer: StreamedResponse,
    asked: Target,
    reachability: Reachability,
    floor: Floor,
) -> reqwest::Response {
    let StreamedResponse { url, status, version, mut headers, body, .. } = answer;
    if body.is_decoded() {
        headers.remove(header::CONTENT_ENCODING);
        headers.remove(header::CONTENT_LENGTH);
    }
    let length = body.length();
    let body = ResponseBody { pieces: Mutex::new(pieces(byway, body, asked, floor)), left: length };
    let mut response = http::Response::new(reqwest::Body::wrap(body));
    *response.status_mut() = status;
    *response.version_mut() = version;
    *response.headers_mut() = headers;
    *response.extensions_mut() = extensions(url, reachability);
    response.into()
}

/// Tells reqwest the URL after redirects, which only a builder can do.
fn extensions(url: url::Url, reachability: Reachability) -> Extensions {
    let built = http::Response::builder().url(url).extension(reachability).body(());
    built.map(|response| response.into_parts().0.extensions).unwrap_or_default()
}

/// `byway`: if the body continues over another route, the store says which route may be used.
fn pieces(
    byway: Byway,
    body: BodyStream,
    asked: Target,
    floor: Floor,
) -> BoxStream<'static, Result<Bytes, BrokenBody>> {
    stream::unfold((byway, body, asked, floor), |(byway, mut body, asked, mut floor)| async move {
        let piece = next_piece(&mut body, &mut floor).await?.map_err(|error| {
            let reachability = Reachability::of(asked.clone(), None, body.attempts().to_vec());
            BrokenBody { error, reachability: Box::new(reachability) }
        });
        Some((piece, (byway, body, asked, floor)))
    })
    .boxed()
}

/// A body that stopped before its end, and why.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
struct BrokenBody {
    #[source]
    error: StreamError,
    reachability: Box<Reachability>,
}

/// A body as reqwest reads it. The lock is there because reqwest shares its bodies between threads; nobody waits for
/// it.
struct ResponseBody {
    pieces: Mutex<BoxStream<'static, Result<Bytes, BrokenBody>>>,
    left: Option<u64>,
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        let pieces = self.pieces.get_mut().unwrap_or_else(PoisonError::into_inner);
        let piece = ready!(pieces.poll_next_unpin(cx));
        if let (Some(left), Some(Ok(piece))) = (&mut self.left, &piece) {
            *left = left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// A client that reaches nothing. If something goes around the middleware, it ends at a name that does not exist, and
/// nobody is asked for that name.
#[expect(clippy::expect_used, reason = "it is what `reqwest::Client::new` does, with less that can go wrong")]
fn nowhere() -> reqwest::Client {
    without_trust(reqwest::Client::builder())
        .proxy(reqwest::Proxy::custom(|_| Some("http://byway.invalid")))
        .dns_resolver(NoNames)
        .build()
        .expect("a client without anything in it")
}

#[cfg(not(feature = "reqwest-beside-tls"))]
fn without_trust(client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    client
}

/// Trusts nobody, so the system's roots are not read and no provider is looked for.
#[cfg(feature = "reqwest-beside-tls")]
fn without_trust(client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    match config.with_safe_default_protocol_versions() {
        Ok(config) => client
            .tls_backend_preconfigured(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth()),
        Err(_) => client,
    }
}

struct NoNames;

impl reqwest::dns::Resolve for NoNames {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async { Err("this client goes through Byway only".into()) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn login_in_a_url_is_moved_as_reqwest_moves_it() {
        let client = nowhere();
        for url in [
            "https://a.example/page",
            "https://reader@a.example/page",
            "https://reader:word@a.example:8443/page?q=1",
            "http://:word@a.example/",
            "http://r%40b:w%3Ao%20rd@a.example/",
        ] {
            let url: url::Url = url.parse().unwrap();
            let theirs = client.get(url.clone()).build().unwrap();
            let mut ours = reqwest::Request::new(Method::GET, url);
            move_login(&mut ours);
            assert_eq!((ours.url(), ours.headers()), (theirs.url(), theirs.headers()));
        }
    }

    #[test]
    fn header_that_is_there_outranks_a_login_in_the_url() {
        let mut request = reqwest::Request::new(Method::GET, "https://reader:word@a.example/".parse().unwrap());
        request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer token"));
        move_login(&mut request);
        assert_eq!(request.url().as_str(), "https://a.example/");
        assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer token");
    }
}
