//! The lab's state, shared by everything in it: its machines, its rules, its log and its tasks.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::rustls::ServerConfig;

use crate::ca::{Authority, Certificate};
use crate::log::{Event, Log, What};
use crate::node::{CLIENT_V4, CLIENT_V6, Health, Node, Service};
use crate::page::{Ask, Page};
use crate::phone::Phone;
use crate::rule::{Action, Rule};
use crate::stream::{BoxWire, LabStream, OpenStreams};

/// The lab, shared by everything in it.
pub(crate) type Shared = Arc<World>;

pub(crate) struct World {
    state: Mutex<WorldState>,
    events: Mutex<Vec<Event>>,
    /// Everything that runs in the lab; `None` once the lab was dropped.
    tasks: Mutex<Option<JoinSet<()>>>,
    certificates: Mutex<BTreeMap<(usize, bool), Arc<ServerConfig>>>,
    services: Services,
    pub(crate) authority: Authority,
    pub(crate) began: Instant,
    /// The client's streams.
    pub(crate) open: Arc<OpenStreams>,
    /// The last action on the client's flows.
    pub(crate) flows: watch::Sender<Option<Action>>,
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

pub(crate) struct WorldState {
    pub(crate) nodes: Vec<Node>,
    pub(crate) phone: Phone,
    pub(crate) rules: Vec<Arc<Rule>>,
    /// Where the censor swallows SYNs for a while, and until when.
    pub(crate) residual: Vec<(SocketAddr, Instant)>,
    pub(crate) listeners: BTreeMap<SocketAddr, mpsc::UnboundedSender<(LabStream, SocketAddr)>>,
    pub(crate) next_address: u8,
    pub(crate) next_port: u16,
}

/// Runs what listens on a machine's port. Servers open connections of their own, so they lie above the world, which calls
/// them by this.
pub(crate) type Services = fn(Shared, usize, SocketAddr, IpAddr, BoxWire) -> BoxFuture<'static, ()>;

/// See [`World::watcher`].
pub(crate) type Watcher = Box<dyn Fn(&Event) + Send + Sync>;

impl World {
    #[expect(clippy::expect_used, reason = "a P-256 key and a certificate can always be made")]
    pub(crate) fn new(services: Services) -> Shared {
        let world = Arc::new(Self {
            state: Mutex::new(WorldState {
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
            services,
            authority: Authority::new("Byway Lab Root").expect("a P-256 key and a certificate can be made"),
            began: Instant::now(),
            open: Arc::default(),
            flows: watch::Sender::new(None),
            watcher: std::sync::OnceLock::new(),
            sockets: Arc::default(),
            carried: Arc::default(),
            real: std::sync::OnceLock::new(),
        });
        world.state().nodes.extend(first_machines());
        world
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, WorldState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self, by: &str, what: What) {
        let event = Event { at: self.began.elapsed(), by: by.to_owned(), what };
        if let Some(watcher) = self.watcher.get() {
            watcher(&event);
        }
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Runs what listens at `to` on one connection, on virtual streams and on real sockets alike.
    pub(crate) fn serve(
        self: Arc<Self>,
        machine: usize,
        to: SocketAddr,
        from: IpAddr,
        stream: BoxWire,
    ) -> BoxFuture<'static, ()> {
        (self.services)(self.clone(), machine, to, from, stream)
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
}

impl WorldState {
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

/// The machines that every lab has, in the order of their numbers.
fn first_machines() -> [Node; 3] {
    let mut censor = Node::new("censor", IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    censor.app = Some(Arc::new(|_: &Ask| Page::new("This connection is read by a middlebox.")));
    let mut resolver = Node::new("resolver.isp", SYSTEM_RESOLVER);
    resolver.ports.insert(53, Service::Dns);
    let mut portal = Node::new("portal", PORTAL);
    portal.ports.insert(80, Service::Web { tls: false });
    portal.app = Some(Arc::new(|ask: &Ask| {
        if ask.host == PORTAL.to_string() {
            Page::new("<title>Free Wi-Fi</title><form>Log in</form>")
        } else {
            Page::redirect(&format!("http://{PORTAL}/login"))
        }
    }));
    [censor, resolver, portal]
}

// The machines that every lab has.
pub(crate) const INTERCEPTOR: usize = 0;
pub(crate) const RESOLVER: usize = 1;
pub(crate) const PORTAL_MACHINE: usize = 2;
