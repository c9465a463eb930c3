//! What machines send: web pages with hyper, and byte scripts for servers that no HTTP library would write.
//!
//! Everything here works with any [`BoxWire`], so the virtual lab and the one on real sockets have the same servers.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{self};
use http::{Method, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use crate::inspect::Inspector;
use crate::log::What;
use crate::page::{Ask, Page};
use crate::script::TlsScript;
use crate::stream::{BoxWire, Rewound};
use crate::world::{INTERCEPTOR, Shared};

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

/// The lab's clients are well-behaved; this only limits a mistake.
const LONGEST_REQUEST: usize = 1 << 20;
