//! A network of scripts: names, addresses, and what each server sends. There is no latency.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use byway::internals::fetch::{FetchError, Fetched, HttpClient, Request};
use byway::internals::reach::{Attempt, Ledger, NetworkId, Outcome};
use byway::internals::transport::{Cause, Dialer, Overrides, Stage, Strategy};
use byway::internals::wire::tls::{Roots, TlsClient};
use byway::net::{BoxStream, Datagram, Listener, Net, SystemNet};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

type Script = Arc<dyn Fn(Peer) -> BoxFuture<'static, ()> + Send + Sync>;

/// The network. Set up first, then used through [`World::client`].
pub(crate) struct World {
    start: Instant,
    names: HashMap<String, Vec<IpAddr>>,
    servers: HashMap<SocketAddr, Script>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    connects: Vec<SocketAddr>,
    lookups: Vec<String>,
    heads: Vec<(Duration, SocketAddr, String)>,
}

/// One accepted connection, as a script sees it.
pub(crate) struct Peer {
    pub(crate) stream: BoxStream,
    at: SocketAddr,
    world: Arc<World>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), names: HashMap::new(), servers: HashMap::new(), seen: Mutex::default() }
    }

    pub(crate) fn name(mut self, name: &str, addresses: &[&str]) -> Self {
        self.names.insert(name.into(), addresses.iter().map(|a| a.parse().unwrap()).collect());
        self
    }

    pub(crate) fn server<F: Future<Output = ()> + Send + 'static>(
        mut self,
        at: &str,
        script: impl Fn(Peer) -> F + Send + Sync + 'static,
    ) -> Self {
        self.servers.insert(at.parse().unwrap(), Arc::new(move |peer| script(peer).boxed()));
        self
    }

    /// A server that answers each request by its path, on any number of connections.
    pub(crate) fn site(self, at: &str, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        self.server(at, move |mut peer| {
            let answer = answer.clone();
            async move {
                while let Some(head) = peer.head().await {
                    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                    if !peer.say(answer(&path)).await {
                        return;
                    }
                }
            }
        })
    }

    pub(crate) fn up(self) -> Arc<Self> {
        Arc::new(self)
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Where connections went, in order.
    pub(crate) fn connects(&self) -> Vec<String> {
        self.seen.lock().unwrap().connects.iter().map(ToString::to_string).collect()
    }

    pub(crate) fn lookups(&self) -> Vec<String> {
        self.seen.lock().unwrap().lookups.clone()
    }

    /// The heads of the requests that came to an address, lower case.
    pub(crate) fn heads(&self, at: &str) -> Vec<String> {
        let at: SocketAddr = at.parse().unwrap();
        let seen = self.seen.lock().unwrap();
        seen.heads.iter().filter(|(_, to, _)| *to == at).map(|(_, _, head)| head.to_lowercase()).collect()
    }

    /// When requests came, anywhere.
    pub(crate) fn times(&self) -> Vec<u128> {
        self.seen.lock().unwrap().heads.iter().map(|(when, _, _)| when.as_millis()).collect()
    }

    pub(crate) fn client(self: &Arc<Self>, strategies: &[&str]) -> HttpClient {
        self.client_with(strategies, &Roots::default())
    }

    pub(crate) fn client_with(self: &Arc<Self>, strategies: &[&str], roots: &Roots) -> HttpClient {
        let net: Arc<dyn Net> = Arc::new(Leaf(self.clone()));
        let tls = TlsClient::new(net.clone(), roots).unwrap();
        let strategies: Vec<Strategy> = strategies.iter().map(|text| text.parse().unwrap()).collect();
        let dialer = Dialer::new(net, &tls, Overrides::default());
        HttpClient::new(dialer, tls, Arc::new(Ledger::in_memory()), strategies, NetworkId::default())
    }
}

impl Peer {
    /// The head of the next request; `None` when the client has gone.
    pub(crate) async fn head(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        self.world.seen.lock().unwrap().heads.push((self.world.elapsed(), self.at, head.clone()));
        Some(head)
    }

    /// Whether the client still listens.
    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Stays silent until the client has gone.
    pub(crate) async fn silence(&mut self) {
        while self.stream.read_u8().await.is_ok() {}
    }

    /// Acts as an HTTP proxy for one CONNECT, within the same network.
    pub(crate) async fn tunnel(mut self) {
        let Some(head) = self.head().await else { return };
        let to = head.split(' ').nth(1).unwrap().to_owned();
        let (host, port) = to.rsplit_once(':').unwrap();
        let Some(address) = self.world.names.get(host).and_then(|found| found.first()).copied() else {
            self.say("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
            return;
        };
        self.say("HTTP/1.1 200 OK\r\n\r\n").await;
        let script = self.world.servers[&SocketAddr::new(address, port.parse().unwrap())].clone();
        script(Peer { stream: self.stream, at: SocketAddr::new(address, port.parse().unwrap()), world: self.world })
            .await;
    }
}

struct Leaf(Arc<World>);

impl std::fmt::Debug for Leaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Leaf")
    }
}

impl Net for Leaf {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.0.seen.lock().unwrap().lookups.push(host.into());
        let found = self.0.names.get(host).cloned().ok_or_else(|| io::Error::other("no such name"));
        async move { found }.boxed()
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        self.0.seen.lock().unwrap().connects.push(to);
        let Some(script) = self.0.servers.get(&to).cloned() else {
            return async { Err(io::Error::from(io::ErrorKind::ConnectionRefused)) }.boxed();
        };
        let (ours, theirs) = tokio::io::duplex(256 * 1024);
        tokio::spawn(script(Peer { stream: Box::new(theirs), at: to, world: self.0.clone() }));
        async move { Ok(Box::new(ours) as BoxStream) }.boxed()
    }

    fn listen(&self, at: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        async move { SystemNet::new().listen(at).await }.boxed()
    }

    fn datagram(&self, _: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>> {
        async { Err(io::Error::from(io::ErrorKind::Unsupported)) }.boxed()
    }
}

pub(crate) fn get(url: &str) -> Request {
    Request::get(url.parse().unwrap())
}

/// An answer with a length.
pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn redirect(status: u16, to: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
}

/// How each attempt ended: hop, stage, code.
pub(crate) fn outcomes(attempts: &[Attempt]) -> Vec<(u32, Stage, &'static str)> {
    attempts.iter().map(|attempt| (attempt.hop, attempt.stage, attempt.outcome.code())).collect()
}

pub(crate) fn cause(attempt: &Attempt) -> Cause {
    match &attempt.outcome {
        Outcome::Failed(failure) => failure.cause.clone(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn body(fetched: &Fetched) -> &str {
    match &fetched.result {
        Ok(response) => std::str::from_utf8(&response.body).unwrap(),
        Err(error) => panic!("{error}: {:?}", outcomes(&fetched.attempts)),
    }
}

pub(crate) fn error(fetched: &Fetched) -> &FetchError {
    fetched.result.as_ref().map(|_| ()).unwrap_err()
}
