//! The phone behind the censor: the lab's [`Net`].

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use byway::net::{BoxStream, Datagram, Listener, Net, Stream};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, sleep_until};

use crate::censor::Censor;
use crate::dns;
use crate::lie::{Lie, is_within};
use crate::link::{CENSOR_DELAY, ENETUNREACH};
use crate::log::What;
use crate::phone::Phone;
use crate::rule::Action;
use crate::stream::LabStream;
use crate::world::{RESOLVER, SYSTEM_RESOLVER, Shared};

/// A phone on a network with a censor. Clones and later `lab.client()`s are the same phone.
#[derive(Clone)]
pub struct Client(pub(crate) Shared);

impl Client {
    /// No network at all.
    pub fn offline(self: Arc<Self>) -> Arc<Self> {
        self.edit(|phone| phone.offline = true)
    }

    /// The network is back.
    pub fn online(self: Arc<Self>) -> Arc<Self> {
        self.edit(|phone| (phone.offline, phone.portal) = (false, false))
    }

    /// A Wi-Fi that wants a login first: port 80 leads to its page, every other port is refused, names resolve.
    pub fn captive_portal(self: Arc<Self>) -> Arc<Self> {
        self.edit(|phone| phone.portal = true)
    }

    /// There is no IPv6 route.
    pub fn without_ipv6(self: Arc<Self>) -> Arc<Self> {
        self.edit(|phone| phone.ipv6 = false)
    }

    /// There is an IPv6 route, and nothing comes back on it.
    pub fn broken_ipv6(self: Arc<Self>) -> Arc<Self> {
        self.edit(|phone| phone.ipv6_broken = true)
    }

    /// Sets the time on the clock when the lab begins.
    pub fn wall_clock(self: Arc<Self>, clock: SystemTime) -> Arc<Self> {
        self.edit(|phone| phone.clock = clock)
    }

    /// The country it is in; `ru` unless stated.
    pub fn country(self: Arc<Self>, country: &str) -> Arc<Self> {
        let country = country.to_ascii_lowercase();
        self.edit(|phone| phone.country = Some(country))
    }

    /// The bytes that its connections have carried so far, in both directions, including TLS but not TCP's own.
    pub fn carried(&self) -> u64 {
        self.0.carried.load(Ordering::Relaxed)
    }

    /// The network forgets all open flows, as a carrier's NAT does after some minutes: nothing passes any more, and no
    /// message is sent.
    pub fn flows_forgotten(&self) {
        self.0.flows.send_replace(Some(Action::Swallow));
    }

    /// The network ends all open flows with a reset.
    pub fn flows_reset(&self) {
        self.0.flows.send_replace(Some(Action::Reset));
    }

    fn edit<T>(self: Arc<Self>, edit: impl FnOnce(&mut Phone) -> T) -> Arc<Self> {
        edit(&mut self.0.state().phone);
        self
    }

    fn phone(&self) -> Phone {
        self.0.state().phone.clone()
    }
}

impl Net for Client {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async move {
            if let Ok(address) = host.parse() {
                return Ok(vec![address]);
            }
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            if is_within(&name, "localhost") {
                return Ok(vec![IpAddr::from([127, 0, 0, 1])]);
            }
            self.0.log("client", What::Lookup { name: name.clone() });
            // As glibc distinguishes them: EAI_AGAIN and EAI_NONAME.
            let again = || io::Error::other("Temporary failure in name resolution");
            let unknown = || io::Error::from(io::ErrorKind::NotFound);
            if self.phone().offline {
                return Err(again());
            }
            let (opinion, after) = match Censor(self.0.clone()).query(&name, SocketAddr::new(SYSTEM_RESOLVER, 53)) {
                Some(Action::Inject(lie)) => (lie, CENSOR_DELAY * 2),
                Some(_) => (Lie::Silence, Duration::ZERO),
                None => {
                    let rtt = self.0.state().nodes[RESOLVER].rtt;
                    (dns::opinion(&self.0, RESOLVER, &name), rtt)
                }
            };
            match opinion {
                Lie::Silence => {
                    sleep(GETADDRINFO).await;
                    Err(again())
                }
                Lie::Addresses(addresses) if !addresses.is_empty() => {
                    sleep(after).await;
                    Ok(addresses)
                }
                Lie::Truncated => {
                    sleep(after * 3).await;
                    self.0.state().resolve(&name).ok_or_else(unknown)
                }
                Lie::ServFail | Lie::Refused | Lie::Garbage => {
                    sleep(after).await;
                    Err(again())
                }
                Lie::NxDomain | Lie::Addresses(_) => {
                    sleep(after).await;
                    Err(unknown())
                }
            }
        }
        .boxed()
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        async move {
            let counted = Counted::new(&self.0);
            let stream = self.0.dial_as_client(to).await?;
            Ok(Box::new(Socket { stream, counted }) as Box<dyn Stream>)
        }
        .boxed()
    }

    fn listen(&self, at: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        async move {
            let mut state = self.0.state();
            let mut at = at;
            if at.port() == 0 {
                state.next_port = state.next_port.wrapping_add(1);
                at.set_port(state.next_port);
            }
            if state.listeners.contains_key(&at) {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            let (sender, receiver) = mpsc::unbounded_channel();
            state.listeners.insert(at, sender);
            let receiver = tokio::sync::Mutex::new(receiver);
            Ok(Box::new(LabListener { world: self.0.clone(), at, receiver }) as Box<dyn Listener>)
        }
        .boxed()
    }

    fn datagram(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>> {
        async move {
            let (inbox, news) = (Mutex::default(), Notify::new());
            let socket = LabDatagram { world: self.0.clone(), to, inbox, news, _counted: Counted::new(&self.0) };
            Ok(Box::new(socket) as Box<dyn Datagram>)
        }
        .boxed()
    }

    fn wall(&self) -> SystemTime {
        self.phone().clock + self.0.began.elapsed()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.phone()).finish()
    }
}

/// One socket of the client, for its lifetime.
struct Counted {
    sockets: Arc<AtomicUsize>,
    carried: Arc<AtomicU64>,
}

impl Counted {
    fn new(world: &Shared) -> Self {
        world.sockets.fetch_add(1, Ordering::Relaxed);
        Self { sockets: world.sockets.clone(), carried: world.carried.clone() }
    }

    fn carry(&self, bytes: usize) {
        self.carried.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection of the client.
struct Socket {
    stream: LabStream,
    counted: Counted,
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.counted.carry(buffer.filled().len().saturating_sub(before));
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(written)) = &polled {
            self.counted.carry(*written);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

struct LabListener {
    world: Shared,
    at: SocketAddr,
    receiver: tokio::sync::Mutex<mpsc::UnboundedReceiver<(LabStream, SocketAddr)>>,
}

impl Listener for LabListener {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.at)
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStream, SocketAddr)>> {
        async move {
            let accepted = self.receiver.lock().await.recv().await;
            let (stream, from) = accepted.ok_or(io::ErrorKind::NotConnected)?;
            Ok((Box::new(stream) as Box<dyn Stream>, from))
        }
        .boxed()
    }
}

impl Drop for LabListener {
    fn drop(&mut self) {
        self.world.state().listeners.remove(&self.at);
    }
}

struct LabDatagram {
    world: Shared,
    to: SocketAddr,
    /// What is in transit, and when it arrives.
    inbox: Mutex<Vec<(Instant, Vec<u8>)>>,
    news: Notify,
    _counted: Counted,
}

impl LabDatagram {
    /// The first to arrive, if it is there; otherwise the time of its arrival.
    fn take(&self) -> Result<Vec<u8>, Option<Instant>> {
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = (0..inbox.len()).min_by_key(|&index| inbox[index].0) else { return Err(None) };
        let arrives = inbox[first].0;
        if arrives <= Instant::now() { Ok(inbox.remove(first).1) } else { Err(Some(arrives)) }
    }
}

impl Datagram for LabDatagram {
    fn send<'a>(&'a self, payload: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        async move {
            let answers = self.world.answers(self.to, payload);
            if self.world.state().phone.offline {
                return Err(io::Error::from_raw_os_error(ENETUNREACH));
            }
            let now = Instant::now();
            let arrivals = answers.into_iter().map(|(after, answer)| (now + after, answer));
            self.inbox.lock().unwrap_or_else(PoisonError::into_inner).extend(arrivals);
            self.news.notify_one();
            Ok(())
        }
        .boxed()
    }

    fn receive<'a>(&'a self, buffer: &'a mut [u8]) -> BoxFuture<'a, io::Result<usize>> {
        async move {
            loop {
                match self.take() {
                    Ok(datagram) => {
                        let length = datagram.len().min(buffer.len());
                        buffer[..length].copy_from_slice(&datagram[..length]);
                        return Ok(length);
                    }
                    Err(None) => self.news.notified().await,
                    Err(Some(arrives)) => tokio::select! {
                        biased;
                        () = self.news.notified() => {}
                        () = sleep_until(arrives) => {}
                    },
                }
            }
        }
        .boxed()
    }
}

/// How long glibc's resolver waits for an answer that never comes: two tries of five seconds (resolv.conf(5)).
const GETADDRINFO: Duration = Duration::from_secs(10);
