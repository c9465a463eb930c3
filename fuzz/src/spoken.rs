//! Protocols over one stream or datagram: TLS, DNS, SOCKS, CONNECT, HTTP.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use byway::fuzzing;
use byway::internals::wire::http::{Connection, HeadLimits, Outgoing};
use byway::internals::wire::{connect, dns, socks};
use byway::net::{BoxStream, Datagram, Listener, Net};
use byway_lab::{Progress, Reassembler, name_in_first_segment};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Empty};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use url::Host;

use super::{choose, contains, pieces};

/// The lab's middlebox: it reads the same from a ClientHello in any pieces, and reads nothing that was not sent.
pub(crate) fn client_hello(bytes: &[u8]) {
    let ([size], bytes) = choose(bytes);
    let whole = Reassembler::default().push(bytes);
    let mut reassembler = Reassembler::default();
    let mut cut = Progress::NeedMore;
    for piece in pieces(bytes, size) {
        cut = reassembler.push(piece);
        if cut != Progress::NeedMore {
            break;
        }
    }
    // After a ClientHello comes another message: the whole may see it as none, a middlebox that stopped before does
    // not.
    if let Progress::Complete(hello) = &whole {
        assert_eq!(cut, whole, "cut into pieces of {size}");
        let low = bytes.to_ascii_lowercase();
        let said: Vec<u8> = low.iter().copied().filter(u8::is_ascii).collect();
        if let Some(name) = hello.name.as_ref().filter(|name| name.is_ascii() && name.len() < 16) {
            // A record's five-byte header may stand in the middle of a name.
            assert!(subsequence(name.as_bytes(), &said), "{name:?} was not said");
        }
    }
    // Two readers of one message: we cut at what a middlebox would read.
    if let (Some(name), Progress::Complete(hello)) = (fuzzing::name_in_hello(bytes), &whole) {
        let read = hello.name.as_deref();
        assert_eq!(read, Some(&*String::from_utf8_lossy(&name.to_ascii_lowercase())), "two readers of one name");
    }
    if let Some(name) = name_in_first_segment(bytes).filter(|name| name.is_ascii()) {
        assert!(contains(&bytes.to_ascii_lowercase(), name.as_bytes()), "{name:?} was not said in one piece");
    }
}

fn subsequence(part: &[u8], of: &[u8]) -> bool {
    let mut rest = of.iter();
    part.iter().all(|byte| rest.any(|other| other == byte))
}

/// A resolver that answers with these bytes: only addresses in them are used, and never too many.
pub(crate) fn dns(bytes: &[u8]) {
    let ([way], bytes) = choose(bytes);
    let net = Resolver { echoes: way & 1 == 1, by_stream: way & 2 == 2, bytes: bytes.to_vec() };
    let server = SocketAddr::from(([192, 0, 2, 53], 53));
    let told = Mutex::new(Vec::new());
    let kinds = [dns::QuestionType::A, dns::QuestionType::Aaaa, dns::QuestionType::Https];
    let hear = |_, said: &Result<dns::AnswerContent, dns::Error>| {
        told.lock().expect("one thread").extend(said.as_ref().ok().cloned())
    };
    let asked = async {
        let asked = dns::over_udp(&net, server, "a.example", &kinds, &hear);
        tokio::time::timeout(std::time::Duration::from_secs(6), asked).await
    };
    if block_on(asked).is_err() {
        return;
    }
    let mut addresses: Vec<IpAddr> = Vec::new();
    for said in told.into_inner().expect("one thread") {
        match said {
            dns::AnswerContent::Addresses(found) => {
                assert!(!found.is_empty() && found.len() <= 32, "{} addresses", found.len());
                addresses.extend(found);
            }
            dns::AnswerContent::Services(services) => {
                assert!(services.len() <= 8, "{} services", services.len());
                for service in services {
                    assert!(service.hints.len() <= 64, "{} hints", service.hints.len());
                    addresses.extend(service.hints);
                }
            }
        }
    }
    for address in addresses {
        let said = match address {
            IpAddr::V4(v4) => contains(bytes, &v4.octets()),
            IpAddr::V6(v6) => contains(bytes, &v6.octets()),
        };
        assert!(said, "{address} was not said");
    }
}

/// A network with one resolver, which gives every client the same answer.
#[derive(Clone, Debug)]
struct Resolver {
    /// The question is repeated between the header and the bytes, as an honest resolver would.
    echoes: bool,
    /// The answer over UDP says that it is truncated.
    by_stream: bool,
    bytes: Vec<u8>,
}

impl Resolver {
    /// The answer to a query: its id, and then the fuzzer's bytes.
    fn answer(&self, query: &[u8], over_udp: bool) -> Vec<u8> {
        let mut answer = query.get(..2).unwrap_or_default().to_vec();
        let header = self.bytes.get(..10.min(self.bytes.len())).unwrap_or_default();
        answer.extend(header);
        if over_udp && self.by_stream && answer.len() > 2 {
            answer[2] |= 2;
        }
        if self.echoes && answer.len() == 12 {
            // One question; its name is followed by the type and the class.
            answer[4..6].copy_from_slice(&[0, 1]);
            let question = query.get(12..).unwrap_or_default();
            let end = question.iter().position(|byte| *byte == 0).map_or(0, |zero| zero + 5);
            answer.extend(question.get(..end).unwrap_or_default());
        }
        answer.extend(self.bytes.get(header.len()..).unwrap_or_default());
        answer
    }
}

impl Net for Resolver {
    fn lookup<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async { Err(io::ErrorKind::Unsupported.into()) }.boxed()
    }

    fn connect(&self, _: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        let net = self.clone();
        async move {
            let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
            // It reads the query and answers it when it is polled for reading: no task is needed.
            let serve = async move {
                let mut query = vec![0; 2 + 512];
                let read = theirs.read(&mut query).await?;
                let answer = net.answer(query.get(2..read).unwrap_or_default(), false);
                let length = u16::try_from(answer.len()).unwrap_or(u16::MAX).to_be_bytes();
                tokio::io::AsyncWriteExt::write_all(&mut theirs, &[&length[..], &answer].concat()).await?;
                Ok::<_, io::Error>(theirs)
            };
            Ok(Box::new(Served { stream: ours, serve: Some(serve.boxed()), kept: None }) as BoxStream)
        }
        .boxed()
    }

    fn listen(&self, _: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        async { Err(io::ErrorKind::Unsupported.into()) }.boxed()
    }

    fn datagram(&self, _: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>> {
        let socket = Socket { net: self.clone(), asked: Mutex::default() };
        async { Ok(Box::new(socket) as Box<dyn Datagram>) }.boxed()
    }
}

/// A stream whose peer runs when we read.
struct Served {
    stream: tokio::io::DuplexStream,
    serve: Option<BoxFuture<'static, io::Result<tokio::io::DuplexStream>>>,
    kept: Option<tokio::io::DuplexStream>,
}

impl AsyncRead for Served {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(serve) = &mut self.serve
            && let Poll::Ready(peer) = serve.as_mut().poll(cx)
        {
            self.serve = None;
            self.kept = peer.ok();
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Served {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Answers each query once.
struct Socket {
    net: Resolver,
    asked: Mutex<Option<Vec<u8>>>,
}

impl Datagram for Socket {
    fn send<'a>(&'a self, payload: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        *self.asked.lock().unwrap() = Some(payload.to_vec());
        async { Ok(()) }.boxed()
    }

    fn receive<'a>(&'a self, buffer: &'a mut [u8]) -> BoxFuture<'a, io::Result<usize>> {
        async move {
            loop {
                let asked = self.asked.lock().unwrap().take();
                if let Some(query) = asked {
                    let answer = self.net.answer(&query, true);
                    let length = answer.len().min(buffer.len());
                    buffer[..length].copy_from_slice(&answer[..length]);
                    return Ok(length);
                }
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            }
        }
        .boxed()
    }
}

/// A SOCKS proxy that sends these bytes: the result does not depend on how they are cut, a login is sent only on
/// request, and nothing is read beyond the handshake.
pub(crate) fn socks(bytes: &[u8]) {
    let ([size, how], bytes) = choose(bytes);
    let login = || match how % 3 {
        0 => socks::Login::None,
        1 => socks::Login::Offered(USER, PASSWORD),
        _ => socks::Login::Always(USER, PASSWORD),
    };
    let run = |size: u8| {
        let mut proxy = Peer::new(bytes, size);
        let host = Host::Domain("a.example".to_owned());
        let end = socks::connect(&mut proxy, &host, 443, login()).now_or_never().expect("all bytes are there");
        (end.map_err(|error| error.to_string()), proxy)
    };
    let (end, proxy) = run(u8::MAX);
    let cut = run(size);
    assert_eq!((&end, &proxy.left, &proxy.sent), (&cut.0, &cut.1.left, &cut.1.sent), "in pieces of {size}");
    let asked_for = bytes.starts_with(&[5, 2]) && how % 3 != 0;
    assert!(asked_for || !contains(&proxy.sent, PASSWORD.as_bytes()), "the login went to who did not ask for it");
    if end.is_ok() {
        assert!(bytes.starts_with(&[5, 2]) || bytes.starts_with(&[5, 0]) && how % 3 != 2);
        // Two bytes of the greeting, two of a login, four and an address: an empty name with its length, or 255 bytes;
        // a port.
        let read = bytes.len() - proxy.left.len();
        assert!((2 + 4 + 1 + 2..=2 + 2 + 4 + 256 + 2).contains(&read), "{read} bytes of handshake");
    }
}

/// An HTTP proxy that sends these bytes: a tunnel begins directly after a 2xx, in any pieces.
pub(crate) fn connect(bytes: &[u8]) {
    let ([size], bytes) = choose(bytes);
    let run = |size: u8| {
        async {
            let proxy = Peer::new(bytes, size);
            let mut tunnel =
                connect::connect(proxy, "a.example:443", Some((USER, PASSWORD))).await.map_err(|error| {
                    let text = format!("{error} {error:?}");
                    assert!(!text.contains(PASSWORD), "{text}");
                    error.to_string()
                })?;
            let mut rest = Vec::new();
            tunnel.read_to_end(&mut rest).await.map_err(|error| error.to_string())?;
            Ok::<_, String>(rest)
        }
        .now_or_never()
        .expect("all bytes are there")
    };
    let whole = run(u8::MAX);
    match (&whole, &run(size)) {
        (Ok(whole), Ok(cut)) => assert_eq!(whole, cut, "in pieces of {size}"),
        // If a head is too large and also wrong, the pieces decide which is seen first.
        (Err(_), Err(_)) => {}
        (whole, cut) => panic!("{whole:?}, and in pieces of {size} {cut:?}"),
    }
    if let Ok(rest) = whole {
        let head = &bytes[..bytes.len() - rest.len()];
        assert!(bytes.ends_with(&rest) && head.len() <= LARGEST_CONNECT_HEAD, "a head of {} bytes", head.len());
        // In any case: what stands for HTTP here is as generous as the browsers are.
        let spelled = head.to_ascii_uppercase();
        assert!(contains(&spelled, b"HTTP/1.") && contains(head, b" 2"), "{}", String::from_utf8_lossy(head));
    }
}

/// A web server that sends these bytes on a connection of HTTP/1.1 or HTTP/2: the exchange ends, and a head stays
/// within its limits.
pub(crate) fn http_head(bytes: &[u8]) {
    let ([size, way], bytes) = choose(bytes);
    let http2 = way & 1 == 1;
    let limits = HeadLimits { bytes: 4096, headers: 16 };
    let exchange = async {
        let stream = Peer::new(bytes, size);
        let mut connection = Connection::start(Box::new(stream), http2, limits).await.ok()?;
        let body: Outgoing = Empty::new().map_err(|never| match never {}).boxed_unsync();
        let request = http::Request::get("http://a.example/").body(body).expect("a request");
        let (head, body) = connection.send(request).await.ok()?.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes);
        Some((head, body))
    };
    let ended = block_on(async { tokio::time::timeout(std::time::Duration::from_secs(600), exchange).await });
    let Some((head, body)) = ended.expect("a stream that ends ends the exchange") else { return };
    assert!(head.headers.len() <= limits.headers, "{} header lines", head.headers.len());
    let sizes = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    // A head of HTTP/2 may be compressed; hyper reads HTTP/1.1 into a buffer of at least 8 KiB.
    assert!(sizes.sum::<usize>() <= 64 * 1024, "a large head");
    if let Ok(body) = body {
        assert!(body.len() <= bytes.len(), "a body of {} bytes out of {}", body.len(), bytes.len());
    }
}

/// Sends bytes in pieces, then ends; keeps what it receives.
struct Peer {
    left: Vec<u8>,
    /// At most this many at once; [`u8::MAX`]: any number.
    size: usize,
    sent: Vec<u8>,
}

impl Peer {
    fn new(bytes: &[u8], size: u8) -> Self {
        let size = if size == u8::MAX { usize::MAX } else { usize::from(size).max(1) };
        Self { left: bytes.to_vec(), size, sent: Vec::new() }
    }
}

impl AsyncRead for Peer {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let length = self.left.len().min(self.size).min(buffer.remaining());
        let piece: Vec<u8> = self.left.drain(..length).collect();
        buffer.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Peer {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.sent.extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Runs to the end in virtual time.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

const USER: &str = "A-USER-OF-OURS";
const PASSWORD: &str = "OUR-PASSWORD";

/// A proxy's head of 16 KiB, and the bytes that were read with it.
const LARGEST_CONNECT_HEAD: usize = 64 * 1024;
