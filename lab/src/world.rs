//! The lab's state, and how packets travel in it: which client reaches which machine, on which path, and when.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_rustls::rustls::ServerConfig;

use crate::ca::{Authority, Certificate};
use crate::censor::Censor;
use crate::client::Phone;
use crate::dns::{self, Lie};
use crate::host::{CLIENT_V4, CLIENT_V6, Health, Machine, Node, Service};
use crate::link::{CENSOR_DELAY, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, Link, RTT};
use crate::log::{Event, Log, What};
use crate::relay::relay;
use crate::rule::{Action, Rule};
use crate::stream::{BoxWire, LabStream, OpenStreams, pair};
use crate::vk::Platform;
use crate::{proxy, server, shadowsocks};

/// The lab, shared by everything in it.
pub(crate) type Shared = Arc<World>;

pub(crate) struct World {
    state: Mutex<State>,
    events: Mutex<Vec<Event>>,
    /// Everything that runs in the lab; `None` once the lab was dropped.
    tasks: Mutex<Option<JoinSet<()>>>,
    certificates: Mutex<BTreeMap<(usize, bool), Arc<ServerConfig>>>,
    pub(crate) authority: Authority,
    pub(crate) began: Instant,
    /// The client's streams.
    pub(crate) open: Arc<OpenStreams>,
    /// The last action on the client's flows.
    pub(crate) flows: watch::Sender<Option<Action>>,
    /// The VK-shaped platform, once a scenario has used it.
    pub(crate) vk: std::sync::OnceLock<Arc<Platform>>,
    /// Called with each event as it happens.
    pub(crate) watcher: std::sync::OnceLock<Watcher>,
    /// The client's sockets: connections, connections being made, and UDP sockets.
    pub(crate) sockets: Arc<AtomicUsize>,
    /// Bytes that the client's connections carried.
    pub(crate) carried: Arc<AtomicU64>,
    /// How machines reach each other when they stand on real sockets; `None` in virtual time.
    pub(crate) real: std::sync::OnceLock<Arc<dyn RealFace>>,
}

/// The positions of the machines when the lab is on real sockets.
pub(crate) trait RealFace: Send + Sync {
    /// Connects a machine to an address of the lab.
    fn dial(&self, from: IpAddr, to: SocketAddr, censored: bool) -> BoxFuture<'static, io::Result<BoxWire>>;
    /// The client's real address for an address of the lab.
    fn seen_by_client(&self, address: IpAddr) -> IpAddr;
}

pub(crate) struct State {
    pub(crate) nodes: Vec<Node>,
    pub(crate) phone: Phone,
    pub(crate) rules: Vec<Arc<Rule>>,
    /// Where the censor swallows SYNs for a while, and until when.
    pub(crate) residual: Vec<(SocketAddr, Instant)>,
    pub(crate) listeners: BTreeMap<SocketAddr, mpsc::UnboundedSender<(LabStream, SocketAddr)>>,
    next_address: u8,
    pub(crate) next_port: u16,
}

/// The opener of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Client,
    Machine(usize),
}

/// See [`World::watcher`].
pub(crate) type Watcher = Box<dyn Fn(&Event) + Send + Sync>;

/// A datagram's answer and its time of arrival.
pub(crate) type Arrival = (Duration, Vec<u8>);

impl World {
    #[expect(clippy::expect_used, reason = "a P-256 key and a certificate can always be made")]
    pub(crate) fn new() -> Shared {
        let world = Arc::new(Self {
            state: Mutex::new(State {
                nodes: Vec::new(),
                phone: Phone::default(),
                rules: Vec::new(),
                residual: Vec::new(),
                listeners: BTreeMap::new(),
                next_address: 100,
                next_port: 40_000,
            }),
            events: Mutex::new(Vec::new()),
            tasks: Mutex::new(Some(JoinSet::new())),
            certificates: Mutex::new(BTreeMap::new()),
            authority: Authority::new("Byway Lab Root").expect("a P-256 key and a certificate can be made"),
            began: Instant::now(),
            open: Arc::default(),
            flows: watch::Sender::new(None),
            vk: std::sync::OnceLock::new(),
            watcher: std::sync::OnceLock::new(),
            sockets: Arc::default(),
            carried: Arc::default(),
            real: std::sync::OnceLock::new(),
        });
        let nodes = [
            Node::new("censor", IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))),
            Node::new("resolver.isp", SYSTEM_RESOLVER),
            Node::new("portal", PORTAL),
        ];
        world.state().nodes.extend(nodes);
        world.machine(INTERCEPTOR).edit(|node| {
            node.app = Some(Arc::new(|_: &server::Ask| server::Page::new("This connection is read by a middlebox.")));
        });
        world.machine(RESOLVER).edit(|node| node.ports.insert(53, Service::Dns));
        world.machine(PORTAL_MACHINE).edit(|node| {
            node.ports.insert(80, Service::Web { tls: false });
            node.app = Some(Arc::new(|ask: &server::Ask| {
                if ask.host == PORTAL.to_string() {
                    server::Page::new("<title>Free Wi-Fi</title><form>Log in</form>")
                } else {
                    server::Page::redirect(&format!("http://{PORTAL}/login"))
                }
            }));
        });
        world
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn machine(self: &Arc<Self>, index: usize) -> Machine {
        Machine { world: self.clone(), index }
    }

    /// The machine with this name; a new one, with its own address, if there is none yet.
    pub(crate) fn machine_named(self: &Arc<Self>, name: &str) -> Machine {
        let name = name.to_ascii_lowercase();
        let index = {
            let mut state = self.state();
            match state.nodes.iter().position(|node| node.names.contains(&name)) {
                Some(index) => index,
                None => {
                    let address = Ipv4Addr::new(203, 0, 113, state.next_address);
                    state.next_address = state.next_address.wrapping_add(1);
                    state.nodes.push(Node::new(&name, address.into()));
                    state.nodes.len() - 1
                }
            }
        };
        self.machine(index)
    }

    pub(crate) fn censor(self: &Arc<Self>) -> Censor {
        Censor(self.clone())
    }

    pub(crate) fn log(&self, by: &str, what: What) {
        let event = Event { at: self.began.elapsed(), by: by.to_owned(), what };
        if let Some(watcher) = self.watcher.get() {
            watcher(&event);
        }
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    pub(crate) fn note(&self, machine: usize, what: What) {
        let name = self.state().nodes[machine].name().to_owned();
        self.log(&name, what);
    }

    /// Records that a machine resumed a session, if it did.
    pub(crate) fn shook_hands(&self, machine: usize, tls: &rustls::ServerConnection) {
        if tls.handshake_kind() == Some(rustls::HandshakeKind::Resumed) {
            self.note(machine, What::Resumed);
        }
    }

    pub(crate) fn handshake_failed(&self, machine: usize, error: &io::Error) {
        self.note(machine, What::HandshakeFailed { error: error.to_string() });
    }

    pub(crate) fn events(&self) -> Log {
        Log::new(self.events.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    /// The number of running tasks.
    pub(crate) fn running(&self) -> usize {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tasks) = tasks.as_mut() else { return 0 };
        while tasks.try_join_next().is_some() {}
        tasks.len()
    }

    /// Ends every task and accepts no more.
    pub(crate) fn close(&self) {
        drop(self.tasks.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    pub(crate) fn tls_config(&self, machine: usize) -> Option<Arc<ServerConfig>> {
        let http2 = self.state().nodes[machine].http2;
        self.tls_config_of(machine, http2)
    }

    pub(crate) fn tls_config_of(&self, machine: usize, http2: bool) -> Option<Arc<ServerConfig>> {
        let mut certificates = self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = certificates.get(&(machine, http2)) {
            return Some(config.clone());
        }
        let (names, certificate) = {
            let state = self.state();
            let node = &state.nodes[machine];
            let real = self.real.get();
            let seen = node.addresses.iter().filter_map(|address| Some(real?.seen_by_client(*address)));
            let addresses = node.addresses.iter().copied().chain(seen).map(|address| address.to_string());
            (node.names.iter().cloned().chain(addresses).collect::<Vec<_>>(), node.certificate.clone())
        };
        let config = self.authority.server(&names, &certificate, http2).ok()?;
        certificates.insert((machine, http2), config.clone());
        Some(config)
    }

    /// A configuration with a certificate of the censor's own authority.
    pub(crate) fn forged_config(&self, name: &str) -> Option<Arc<ServerConfig>> {
        self.authority.server(&[name.to_owned()], &Certificate::OtherAuthority, true).ok()
    }

    pub(crate) fn forget_certificates(&self) {
        self.certificates.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether it runs on the phone itself and the phone has no network.
    pub(crate) fn is_cut_off(&self, machine: usize) -> bool {
        let state = self.state();
        state.phone.offline && state.nodes[machine].addresses.iter().any(IpAddr::is_loopback)
    }

    /// Opens a TCP connection for the client.
    pub(crate) async fn dial_as_client(self: &Arc<Self>, to: SocketAddr) -> io::Result<LabStream> {
        // A socket counts from its first packet on.
        let open = self.open.one();
        self.dial_from_phone(to).await.map(|stream| stream.counted(open))
    }

    async fn dial_from_phone(self: &Arc<Self>, to: SocketAddr) -> io::Result<LabStream> {
        self.log("client", What::Connect { to });
        let phone = self.state().phone.clone();
        if to.ip().is_loopback() {
            return self.dial_loopback(to);
        }
        if phone.offline || (to.is_ipv6() && !phone.ipv6) {
            return Err(io::Error::from_raw_os_error(ENETUNREACH));
        }
        if to.is_ipv6() && phone.ipv6_broken {
            return std::future::pending().await;
        }
        if phone.portal {
            if to.port() != 80 {
                sleep(RTT).await;
                return Err(io::Error::from_raw_os_error(ECONNREFUSED));
            }
            sleep(RTT).await;
            let from = self.address_of(Who::Client, to);
            return Ok(self.answered_by(PORTAL_MACHINE, SocketAddr::new(PORTAL, 80), from, &Link::round_trip(RTT)));
        }
        let stream = self.dial_virtual(Who::Client, to, true).await?;
        self.log("client", What::Connected { to });
        Ok(stream)
    }

    /// Opens a connection for a machine, from its position.
    pub(crate) async fn dial_from(self: &Arc<Self>, machine: usize, to: SocketAddr) -> io::Result<BoxWire> {
        self.note(machine, What::Connect { to });
        let (from, censored) = {
            let state = self.state();
            (state.nodes[machine].vantage(), state.nodes[machine].behind_censor)
        };
        match self.real.get() {
            Some(real) => real.dial(from, to, censored).await,
            None => Ok(Box::new(self.dial_virtual(Who::Machine(machine), to, censored).await?)),
        }
    }

    /// Opens a connection to an onion service, which only a Tor can.
    pub(crate) async fn dial_onion(self: &Arc<Self>, machine: usize, host: &str, port: u16) -> io::Result<BoxWire> {
        let found = {
            let state = self.state();
            state.nodes.iter().position(|node| node.onion && node.names.iter().any(|name| name == host))
        };
        let Some(service) = found else { return Err(io::ErrorKind::NotFound.into()) };
        let address = self.state().nodes[service].vantage();
        self.dial_from(machine, SocketAddr::new(address, port)).await
    }

    /// Resolves a name for a machine: by the lab's hosts, or by the censor if the machine is behind it.
    pub(crate) async fn resolve_for(self: &Arc<Self>, machine: usize, name: &str) -> io::Result<Vec<IpAddr>> {
        let (censored, truth) = {
            let state = self.state();
            (state.nodes[machine].behind_censor, state.resolve(name))
        };
        if self.real.get().is_none() {
            sleep(RTT).await;
        }
        let lie = if censored { self.censor().query(name, SocketAddr::new(SYSTEM_RESOLVER, 53)) } else { None };
        match (lie, truth) {
            (Some(Action::Inject(Lie::Addresses(addresses))), _) | (None, Some(addresses)) => Ok(addresses),
            _ => Err(io::Error::from_raw_os_error(EHOSTUNREACH)),
        }
    }

    async fn dial_virtual(self: &Arc<Self>, who: Who, to: SocketAddr, censored: bool) -> io::Result<LabStream> {
        let (found, link) = {
            let state = self.state();
            let found = state.machine_at(to);
            let mut link = found.map_or(Link::round_trip(RTT), |(index, _)| state.nodes[index].link());
            if let Who::Machine(from) = who {
                link = link.longer_by(state.nodes[from].circuit);
            }
            (found, link)
        };
        let (near, far) = link.cut_at(CENSOR_DELAY);
        if censored {
            let there_and_back = near.delay() * 2;
            let injected = |errno| async move {
                sleep(there_and_back).await;
                Err(io::Error::from_raw_os_error(errno))
            };
            match self.censor().syn(to) {
                None => {}
                Some(Action::Refuse) => return injected(ECONNREFUSED).await,
                Some(Action::Unreachable) => return injected(EHOSTUNREACH).await,
                Some(_) => return std::future::pending().await,
            }
        }
        let (machine, health) = match found {
            // No machine has this address, so there is no answer.
            None => return std::future::pending().await,
            Some(found) => found,
        };
        match health {
            Health::Swallows => return std::future::pending().await,
            Health::Up | Health::Silent => sleep(link.delay() * 2).await,
            Health::Refuses => {
                sleep(link.delay() * 2).await;
                return Err(io::Error::from_raw_os_error(ECONNREFUSED));
            }
            Health::Unreachable => {
                sleep(link.delay() * 2).await;
                return Err(io::Error::from_raw_os_error(EHOSTUNREACH));
            }
        }
        let from = self.address_of(who, to);
        if !censored {
            return Ok(self.answered_by(machine, to, from, &link));
        }
        let inspector = self.censor().inspect(from, to);
        let (client, border) = pair(&near);
        let beyond = self.answered_by(machine, to, from, &far);
        let fate = (who == Who::Client).then(|| self.flows.subscribe());
        self.spawn(relay(Box::new(border), Box::new(beyond), Some(inspector), fate));
        Ok(client)
    }

    fn dial_loopback(self: &Arc<Self>, to: SocketAddr) -> io::Result<LabStream> {
        let link = Link::round_trip(Duration::ZERO);
        let refused = || io::Error::from_raw_os_error(ECONNREFUSED);
        let (listener, from) = {
            let mut state = self.state();
            state.next_port = state.next_port.wrapping_add(1);
            (state.listeners.get(&to).cloned(), SocketAddr::new(to.ip(), state.next_port))
        };
        if let Some(listener) = listener {
            let (near, far) = pair(&link);
            return listener.send((far, from)).map(|()| near).map_err(|_| refused());
        }
        let found = self.state().machine_at(to);
        match found {
            Some((machine, Health::Up | Health::Silent)) => Ok(self.answered_by(machine, to, from.ip(), &link)),
            _ => Err(refused()),
        }
    }

    /// A connection to a machine, whose server runs at the other end.
    fn answered_by(self: &Arc<Self>, machine: usize, to: SocketAddr, from: IpAddr, link: &Link) -> LabStream {
        let (near, far) = pair(link);
        self.spawn(self.clone().serve(machine, to, from, Box::new(far)));
        near
    }

    /// Runs what listens at `to` on one connection. Both forms use it.
    pub(crate) async fn serve(self: Arc<Self>, machine: usize, to: SocketAddr, from: IpAddr, stream: BoxWire) {
        let (service, health) = {
            let state = self.state();
            let node = &state.nodes[machine];
            (node.ports.get(&to.port()).cloned(), node.health)
        };
        if health == Health::Silent {
            return std::future::pending().await;
        }
        // An I/O error ends this connection and nothing else: the scenario may have asked for it.
        let _ = match service {
            Some(Service::Web { tls }) => {
                server::serve_web(self, to.ip(), machine, to.port(), tls, from, stream).await;
                Ok(())
            }
            Some(Service::Socks5(settings)) => proxy::serve_socks5(self, machine, settings, stream).await,
            Some(Service::Shadowsocks(settings)) => shadowsocks::serve(self, machine, settings, stream).await,
            Some(Service::HttpProxy { settings, tls }) => {
                proxy::serve_http_proxy(self, machine, settings, tls, stream).await
            }
            Some(Service::Dns) => dns::serve_tcp(self, machine, stream).await,
            Some(Service::DnsTls) => dns::serve_tls(self, machine, stream).await,
            Some(Service::Script(script)) => script.play(stream).await,
            Some(Service::TlsScript(script)) => server::serve_tls_script(self, machine, script, stream).await,
            None => Ok(()),
        };
    }

    /// The answers to a datagram of the client.
    pub(crate) fn answers(self: &Arc<Self>, to: SocketAddr, payload: &[u8]) -> Vec<Arrival> {
        let asked = dns::query(payload);
        let name = asked.as_ref().map(|(_, name, _)| name.clone());
        self.log("client", What::Datagram { to, query: name });
        let Some((query, name, kind)) = asked else {
            // The lab answers nothing else; the censor still sees it.
            let _ = self.censor().datagram(to);
            return Vec::new();
        };
        let mut arrivals = Vec::new();
        match self.censor().query(&name, to) {
            Some(Action::Inject(lie)) => {
                arrivals.extend(dns::answer(&query, kind, &lie, None).map(|answer| (CENSOR_DELAY * 2, answer)));
            }
            Some(_) => return Vec::new(),
            None => {}
        }
        let found = {
            let state = self.state();
            state.machine_at(to).map(|(index, health)| (index, health, state.nodes[index].rtt))
        };
        if let Some((resolver, Health::Up, rtt)) = found {
            let truth = dns::opinion(self, resolver, &name);
            let published = dns::published(self, resolver, &name);
            arrivals.extend(dns::answer(&query, kind, &truth, published.as_ref()).map(|answer| (rtt, answer)));
        }
        arrivals
    }

    fn address_of(&self, who: Who, to: SocketAddr) -> IpAddr {
        match who {
            Who::Client if to.is_ipv6() => CLIENT_V6,
            Who::Client => CLIENT_V4,
            Who::Machine(index) => self.state().nodes[index].vantage(),
        }
    }
}

impl State {
    /// The machine at an address, and how it answers a SYN to this port.
    pub(crate) fn machine_at(&self, to: SocketAddr) -> Option<(usize, Health)> {
        let here = |node: &Node| node.addresses.contains(&to.ip());
        let listening = self.nodes.iter().position(|node| here(node) && node.ports.contains_key(&to.port()));
        if let Some(index) = listening {
            return Some((index, self.nodes[index].health_at(to.ip())));
        }
        let index = self.nodes.iter().position(here)?;
        let health = match self.nodes[index].health_at(to.ip()) {
            Health::Up | Health::Silent => Health::Refuses,
            other => other,
        };
        Some((index, health))
    }

    /// The web host with this name at an address: several may share one.
    pub(crate) fn web_host(&self, address: IpAddr, port: u16, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| {
            node.addresses.contains(&address)
                && matches!(node.ports.get(&port), Some(Service::Web { .. }))
                && node.names.iter().any(|own| own == name)
        })
    }

    /// The true addresses of a name.
    pub(crate) fn resolve(&self, name: &str) -> Option<Vec<IpAddr>> {
        let named = |node: &&Node| !node.onion && node.names.iter().any(|own| own == name);
        let addresses: Vec<IpAddr> = self.nodes.iter().filter(named).flat_map(|node| node.addresses.clone()).collect();
        (!addresses.is_empty()).then_some(addresses)
    }

    /// The country of an address.
    pub(crate) fn country_of(&self, address: IpAddr) -> Option<String> {
        if address == CLIENT_V4 || address == CLIENT_V6 {
            return self.phone.country.clone();
        }
        self.nodes.iter().find(|node| node.vantage() == address).and_then(|node| node.country.clone())
    }
}

/// The address of the client's provider's resolver.
pub(crate) const SYSTEM_RESOLVER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 53));
/// The address of a captive portal's login page: in the local network, as usual.
pub(crate) const PORTAL: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 1));

// The machines that every lab has.
pub(crate) const INTERCEPTOR: usize = 0;
pub(crate) const RESOLVER: usize = 1;
const PORTAL_MACHINE: usize = 2;
