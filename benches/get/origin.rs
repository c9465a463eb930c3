//! The origin: HTTP/1.1 or HTTP/2 over TLS 1.3 on a socket of loopback, in a thread of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{HandshakeKind, ServerConfig};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// The name of the origin. Both clients are given its address; nothing is looked up.
pub(crate) const HOST: &str = "origin.example";

/// The body of `/small`.
pub(crate) const SMALL: usize = 1024;

/// The body of `/large`.
pub(crate) const LARGE: usize = 10 * 1024 * 1024;

/// A running origin. It ends with the process.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    pub(crate) authority: CertificateDer<'static>,
    handshakes: Arc<Handshakes>,
}

#[derive(Default)]
struct Handshakes {
    all: AtomicUsize,
    resumed: AtomicUsize,
}

impl Origin {
    /// Starts one with HTTP/2 or HTTP/1.1. A path that ends with `/close` ends its connection, on HTTP/1.1.
    pub(crate) fn start(http2: bool) -> Self {
        let (authority, config) = tls(http2);
        let handshakes = Arc::new(Handshakes::default());
        let counted = Arc::clone(&handshakes);
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of loopback");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(serve(listener, TlsAcceptor::from(Arc::new(config)), http2, counted));
        });
        Self { address, authority, handshakes }
    }

    /// How many handshakes there were, and how many of them resumed a session.
    pub(crate) fn handshakes(&self) -> (usize, usize) {
        (self.handshakes.all.load(Ordering::Relaxed), self.handshakes.resumed.load(Ordering::Relaxed))
    }
}

/// A new authority, and a server's side of TLS with a certificate of it.
fn tls(http2: bool) -> (CertificateDer<'static>, ServerConfig) {
    let mut params = CertificateParams::new([]).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new([HOST.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("a configuration");
    config.alpn_protocols = vec![if http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    (authority.der().clone(), config)
}

async fn serve(listener: std::net::TcpListener, tls: TlsAcceptor, http2: bool, handshakes: Arc<Handshakes>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    let bodies = Bodies { small: Bytes::from(vec![b'x'; SMALL]), large: Bytes::from(vec![b'x'; LARGE]) };
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let (tls, handshakes, bodies) = (tls.clone(), Arc::clone(&handshakes), bodies.clone());
        connections.spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            handshakes.all.fetch_add(1, Ordering::Relaxed);
            if stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed) {
                handshakes.resumed.fetch_add(1, Ordering::Relaxed);
            }
            let service =
                service_fn(|request| std::future::ready(Ok::<_, std::convert::Infallible>(bodies.of(&request))));
            // A client that leaves is no error for an origin.
            let _ = if http2 {
                http2::Builder::new(TokioExecutor).serve_connection(TokioIo::new(stream), service).await
            } else {
                http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            };
        });
    }
}

#[derive(Clone)]
struct Bodies {
    small: Bytes,
    large: Bytes,
}

impl Bodies {
    fn of(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let body = if path.starts_with("/large") { &self.large } else { &self.small };
        let mut response = Response::new(Full::new(body.clone()));
        if path.ends_with("/close") {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// hyper's HTTP/2 wants to start tasks; the origin's thread has a runtime for them.
#[derive(Clone)]
struct TokioExecutor;

impl<F: Future<Output: Send> + Send + 'static> hyper::rt::Executor<F> for TokioExecutor {
    fn execute(&self, task: F) {
        tokio::spawn(task);
    }
}
