//! What machines send: web pages with hyper, and byte scripts for servers that no HTTP library would write.
//!
//! Everything here works with any [`BoxWire`], so the virtual lab and the one on real sockets have the same servers.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::sleep;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use crate::inspect::Inspector;
use crate::log::What;
use crate::stream::{BoxWire, Rewound};
use crate::world::{INTERCEPTOR, Shared};

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

    async fn into_response(mut self, asked: &HeaderMap) -> Response<UnsyncBoxBody<Bytes, io::Error>> {
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

/// Serves HTTP on a stream, inside TLS or not, for every web host at `address`: the name in SNI or `Host` chooses.
pub(crate) async fn serve_web(
    world: Shared,
    address: IpAddr,
    machine: usize,
    port: u16,
    tls: bool,
    from: IpAddr,
    stream: BoxWire,
) {
    if !tls {
        return serve_http(world, address, machine, port, false, from, stream, false).await;
    }
    let hello = match LazyConfigAcceptor::new(Acceptor::default(), stream).await {
        Ok(hello) => hello,
        Err(error) => return world.handshake_failed(machine, &error),
    };
    let named = hello.client_hello().server_name().map(str::to_owned);
    let machine = named.and_then(|name| world.state().web_host(address, port, &name)).unwrap_or(machine);
    let Some(config) = world.tls_config(machine) else { return };
    match hello.into_stream(config).await {
        Ok(stream) => {
            world.shook_hands(machine, stream.get_ref().1);
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            serve_http(world, address, machine, port, true, from, stream, http2).await;
        }
        Err(error) => world.handshake_failed(machine, &error),
    }
}

/// Terminates TLS instead of the server with a certificate of the censor's authority, and reads what the client then
/// sends.
pub(crate) async fn intercept(inspector: &Inspector, stream: Rewound<BoxWire>) {
    let world = inspector.world().clone();
    let Some(config) = world.forged_config(&inspector.name()) else { return };
    match TlsAcceptor::from(config).accept(stream).await {
        Ok(stream) => {
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let (nowhere, port) = (IpAddr::V4(Ipv4Addr::UNSPECIFIED), inspector.to().port());
            serve_http(world, nowhere, INTERCEPTOR, port, true, inspector.from(), stream, http2).await;
        }
        Err(error) => world.handshake_failed(INTERCEPTOR, &error),
    }
}

#[allow(clippy::too_many_arguments)]
async fn serve_http<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    world: Shared,
    address: IpAddr,
    machine: usize,
    port: u16,
    tls: bool,
    from: IpAddr,
    stream: S,
    http2: bool,
) {
    let tasks = TaskExecutor(world.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let world = world.clone();
        async move { Ok::<_, Infallible>(answer(&world, address, machine, port, tls, from, request).await) }
    });
    // A broken connection is part of the scenario, and the log has what the client did.
    if http2 {
        let _ = hyper::server::conn::http2::Builder::new(tasks)
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service)
            .await;
    } else {
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }
}

async fn answer(
    world: &Shared,
    address: IpAddr,
    machine: usize,
    port: u16,
    tls: bool,
    from: IpAddr,
    request: Request<Incoming>,
) -> Response<UnsyncBoxBody<Bytes, io::Error>> {
    let (head, body) = request.into_parts();
    let authority = match head.uri.authority() {
        Some(authority) => authority.to_string(),
        None => head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned(),
    };
    let host = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host).to_ascii_lowercase();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    world.note(
        machine,
        What::Request {
            from,
            method: head.method.to_string(),
            url: format!("{}://{authority}{target}", if tls { "https" } else { "http" }),
            credentials: head.headers.contains_key(header::AUTHORIZATION),
        },
    );
    let body = Limited::new(body, LONGEST_REQUEST).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let (app, page) = {
        let state = world.state();
        let machine = state.web_host(address, port, &host).unwrap_or(machine);
        let country = state.country_of(from);
        let node = &state.nodes[machine];
        let find = |path: &str| {
            let path = path.to_owned();
            let here = node.pages.get(&(path.clone(), country.clone()));
            here.or_else(|| node.pages.get(&(path, None))).cloned()
        };
        let page = find(target).or_else(|| find(head.uri.path()));
        let ask = Ask {
            from,
            country: country.clone(),
            method: head.method.clone(),
            host,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers.clone(),
            body,
        };
        (node.app.clone().map(|app| (app, ask)), page)
    };
    let page = match (page, app) {
        (Some(page), _) => page,
        (None, Some((app, ask))) => app.answer(&ask),
        (None, None) => Page::new("There is no such page here.").status(404),
    };
    let response = page.into_response(&head.headers).await;
    // hyper omits the body of an answer to HEAD on HTTP/1.1 only.
    if head.method == Method::HEAD {
        return response.map(|_| BodyExt::boxed_unsync(http_body_util::Empty::new().map_err(|never| match never {})));
    }
    response
}

/// hyper's tasks belong to the lab, like all others.
#[derive(Clone)]
struct TaskExecutor(Shared);

impl<F> hyper::rt::Executor<F> for TaskExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

/// A server as a list of steps on each connection, whatever the client sends.
#[derive(Clone, Debug, Default)]
pub struct Script(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Read,
    ReadUntil(Bytes),
    Send(Bytes),
    SendForever(Bytes, Duration),
    Wait(Duration),
    Hang,
    Reset,
    Abandon,
}

/// How a script leaves its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Closed,
    Reset,
    Abandoned,
}

impl Script {
    /// Closes at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for some bytes.
    #[must_use]
    pub fn read(self) -> Self {
        self.then(Step::Read)
    }

    /// Waits until these bytes were sent by the client.
    #[must_use]
    pub fn read_until(self, bytes: impl Into<Bytes>) -> Self {
        self.then(Step::ReadUntil(bytes.into()))
    }

    /// Waits for the head of an HTTP/1.1 request.
    #[must_use]
    pub fn read_request(self) -> Self {
        self.read_until(&b"\r\n\r\n"[..])
    }

    /// Sends bytes.
    #[must_use]
    pub fn send(self, bytes: impl Into<Bytes>) -> Self {
        self.then(Step::Send(bytes.into()))
    }

    /// Sends these bytes again and again, each `every`, until the client leaves.
    #[must_use]
    pub fn send_forever(self, bytes: impl Into<Bytes>, every: Duration) -> Self {
        self.then(Step::SendForever(bytes.into(), every))
    }

    /// Does nothing for a time.
    #[must_use]
    pub fn wait(self, time: Duration) -> Self {
        self.then(Step::Wait(time))
    }

    /// Does nothing more.
    #[must_use]
    pub fn hang(self) -> Self {
        self.then(Step::Hang)
    }

    /// Resets the connection.
    #[must_use]
    pub fn reset(self) -> Self {
        self.then(Step::Reset)
    }

    /// Closes the underlying connection: inside TLS without its close_notify.
    #[must_use]
    pub fn abandon(self) -> Self {
        self.then(Step::Abandon)
    }

    fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// Plays the steps, then closes.
    pub(crate) async fn play(self, mut stream: BoxWire) -> io::Result<()> {
        match self.act(&mut stream).await? {
            Left::Reset => {
                stream.reset();
                Ok(())
            }
            Left::Closed | Left::Abandoned => stream.shutdown().await,
        }
    }

    /// Plays the steps inside TLS, then closes with a close_notify.
    async fn play_in_tls(self, mut stream: tokio_rustls::server::TlsStream<BoxWire>) -> io::Result<()> {
        let left = self.act(&mut stream).await?;
        stream.flush().await?;
        match left {
            Left::Reset => {
                stream.into_inner().0.reset();
                Ok(())
            }
            Left::Abandoned => stream.get_mut().0.shutdown().await,
            Left::Closed => stream.shutdown().await,
        }
    }

    async fn act<S: AsyncRead + AsyncWrite + Unpin>(self, stream: &mut S) -> io::Result<Left> {
        let mut buffer = [0; 4096];
        for step in self.0 {
            match step {
                Step::Read => _ = stream.read(&mut buffer).await?,
                Step::ReadUntil(end) => {
                    let mut seen = Vec::new();
                    while !seen.windows(end.len().max(1)).any(|window| window == end) {
                        let read = stream.read(&mut buffer).await?;
                        if read == 0 || seen.len() > LONGEST_REQUEST {
                            return Ok(Left::Abandoned);
                        }
                        seen.extend_from_slice(&buffer[..read]);
                    }
                }
                Step::Send(bytes) => stream.write_all(&bytes).await?,
                Step::SendForever(bytes, every) => loop {
                    let bytes = if every.is_zero() {
                        bytes.repeat(4096 / bytes.len().max(1) + 1).into()
                    } else {
                        bytes.clone()
                    };
                    stream.write_all(&bytes).await?;
                    // It yields even without a pause: a server that never yields would stop virtual time.
                    if every.is_zero() { tokio::task::yield_now().await } else { sleep(every).await }
                },
                Step::Wait(time) => sleep(time).await,
                Step::Hang => std::future::pending().await,
                Step::Reset => return Ok(Left::Reset),
                Step::Abandon => return Ok(Left::Abandoned),
            }
        }
        Ok(Left::Closed)
    }
}

/// Plays a script inside TLS, with the machine's own certificate.
pub(crate) async fn serve_tls_script(world: Shared, machine: usize, tls: TlsScript, stream: BoxWire) -> io::Result<()> {
    let Some(config) = world.tls_config(machine) else { return Ok(()) };
    let mut config = tokio_rustls::rustls::ServerConfig::clone(&config);
    config.alpn_protocols = vec![tls.alpn.to_vec()];
    match TlsAcceptor::from(Arc::new(config)).accept(stream).await {
        Ok(stream) => tls.script.play_in_tls(stream).await,
        Err(error) => {
            world.handshake_failed(machine, &error);
            Ok(())
        }
    }
}

/// A script inside TLS, and the protocol that ALPN chooses.
#[derive(Clone, Debug)]
pub(crate) struct TlsScript {
    pub(crate) alpn: &'static [u8],
    pub(crate) script: Script,
}

/// The lab's clients are well-behaved; this only limits a mistake.
const LONGEST_REQUEST: usize = 1 << 20;
