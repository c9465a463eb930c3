//! The second form: the same machines, servers and censor on real sockets, for other languages and for experiments.
//!
//! Each machine has two loopback addresses. At `127.77.0.N` is the machine itself, which only proxies use. At
//! `127.77.1.N` is the machine for the client, with the censor in between. So "abroad" and "behind the censor" are two
//! addresses, as they are two networks in the virtual lab. One real port stands for each port of the lab, the same one
//! on every machine, because `--resolve HOST:PORT:ADDR` changes the address and not the port.
//!
//! Real sockets have limits without root: an ICMP "unreachable" is a refusal here, round trips are those of loopback,
//! and a swallowed SYN is a listener whose queue is full.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::time::{sleep, timeout};

use crate::censor::Censor;
use crate::inspect::Inspector;
use crate::link::EHOSTUNREACH;
use crate::node::{CLIENT_V4, Service};
use crate::relay::relay;
use crate::rule::Action;
use crate::stream::BoxWire;
use crate::world::{RealFace, Shared};

/// How the lab is put on real sockets.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Real ports count up from here; if it is not stated, free ones are used.
    pub port_base: Option<u16>,
    /// Where the authority's certificate is written.
    pub ca_file: PathBuf,
}

/// A lab on real sockets. It runs until the lab is dropped.
#[derive(Clone, Debug)]
pub struct Served {
    places: Places,
    /// The one JSON document that says where everything is.
    pub document: Value,
}

impl Served {
    /// Where the client finds this port of this machine of the lab.
    pub fn seen(&self, address: IpAddr, port: u16) -> Option<SocketAddr> {
        self.places.find(SocketAddr::new(address, port), true)
    }

    /// Where machines abroad find it, which are not behind the censor.
    pub fn abroad(&self, address: IpAddr, port: u16) -> Option<SocketAddr> {
        self.places.find(SocketAddr::new(address, port), false)
    }
}

pub(crate) async fn serve(world: &Shared, options: &Options) -> io::Result<Served> {
    let (places, doors) = doors(world, options).await?;
    if world.real.set(Arc::new(places.clone())).is_err() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "this lab is on real sockets already"));
    }
    world.forget_certificates();
    for door in doors {
        door.open(world, &places);
    }
    std::fs::write(&options.ca_file, world.authority.pem())?;
    let document = places.document(world, options);
    Ok(Served { places, document })
}

/// Binds everything before answering anything, so that another port can be chosen if a port was taken meanwhile.
async fn doors(world: &Shared, options: &Options) -> io::Result<(Places, Vec<Door>)> {
    let mut tries = 0;
    loop {
        let places = Places::choose(world, options).await?;
        match places.doors(world).await {
            Ok(doors) => return Ok((places, doors)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && options.port_base.is_none() && tries < TRIES => {
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The loopback addresses and ports that stand for those of the lab.
#[derive(Clone, Debug)]
struct Places {
    machines: Vec<MachinePort>,
    /// From the lab's ports to the real ones.
    ports: BTreeMap<u16, u16>,
}

/// The position of one machine.
#[derive(Clone, Debug)]
struct MachinePort {
    machine: usize,
    name: String,
    /// Its address in the lab.
    address: IpAddr,
    /// The source address of its own connections, in the lab.
    vantage: IpAddr,
    itself: Ipv4Addr,
    seen: Ipv4Addr,
}

impl Places {
    async fn choose(world: &Shared, options: &Options) -> io::Result<Self> {
        let nodes = world.state().nodes.clone();
        let mut machines = Vec::new();
        let mut ports = BTreeMap::new();
        for (machine, node) in nodes.iter().enumerate() {
            let Some(&address) = node.addresses.first().filter(|_| !node.ports.is_empty()) else { continue };
            let number = u8::try_from(machines.len() + 1)
                .map_err(|_| io::Error::other("a lab on real sockets has at most 255 machines"))?;
            machines.push(MachinePort {
                machine,
                name: node.name().to_owned(),
                address,
                vantage: node.vantage(),
                itself: Ipv4Addr::new(127, 77, 0, number),
                seen: Ipv4Addr::new(127, 77, if address.is_loopback() { 0 } else { 1 }, number),
            });
            for &port in node.ports.keys() {
                let taken = u16::try_from(ports.len()).unwrap_or(u16::MAX);
                if let std::collections::btree_map::Entry::Vacant(entry) = ports.entry(port) {
                    entry.insert(match options.port_base {
                        Some(base) => base.checked_add(taken).ok_or_else(|| io::Error::other("no ports are left"))?,
                        None => TcpListener::bind((Ipv4Addr::new(127, 77, 0, 1), 0)).await?.local_addr()?.port(),
                    });
                }
            }
        }
        Ok(Self { machines, ports })
    }

    async fn doors(&self, world: &Shared) -> io::Result<Vec<Door>> {
        let mut doors = Vec::new();
        for place in &self.machines {
            for (&port, &real) in &self.ports {
                let service = world.state().nodes[place.machine].ports.get(&port).cloned();
                if let Some(service) = service {
                    doors.push(place.door(world, port, real, &service).await?);
                }
            }
        }
        Ok(doors)
    }

    /// The real address for an address of the lab.
    fn find(&self, to: SocketAddr, by_client: bool) -> Option<SocketAddr> {
        let place = self.machines.iter().find(|place| place.address == to.ip() || place.vantage == to.ip())?;
        let address = if by_client { place.seen } else { place.itself };
        // A URL with a real port also names that port to a proxy.
        let real = self.ports.values().copied().find(|real| *real == to.port());
        Some(SocketAddr::new(address.into(), real.or(self.ports.get(&to.port()).copied())?))
    }

    /// The owner of this connection, by its real source address.
    fn from(&self, peer: IpAddr) -> IpAddr {
        self.machines.iter().find(|place| place.itself == peer).map_or(CLIENT_V4, |place| place.vantage)
    }

    fn document(&self, world: &Shared, options: &Options) -> Value {
        let state = world.state();
        let (mut hosts, mut proxies, mut resolvers, mut resolve) = (vec![], vec![], vec![], vec![]);
        for place in &self.machines {
            let node = &state.nodes[place.machine];
            let mut urls = Vec::new();
            for (port, service) in &node.ports {
                let real = self.ports[port];
                let at = format!("{}:{real}", place.seen);
                let country = node.country.as_ref().map_or(String::new(), |country| format!("?cc={country}"));
                let mut proxy = |scheme: &str, settings: &crate::proxy_settings::ProxySettings| {
                    let scheme = if settings.is_tor() { "tor+socks5" } else { scheme };
                    let url = format!("{scheme}://{}{at}{country}", settings.login_text());
                    proxies.push(json!({ "name": place.name, "strategy": url, "country": node.country }));
                };
                let named = format!("{}@{at}", node.names.last().map_or("", String::as_str));
                let mut resolver = |dns: String| {
                    resolvers.push(json!({
                        "name": place.name, "address": at, "strategy": format!("direct:?dns={dns}"),
                    }));
                };
                match service {
                    Service::Web { tls: true } if node.is_resolver() => {
                        resolver(format!("https://{named}{}", crate::dns::DOH_PATH));
                        resolve.extend(node.names.last().map(|name| format!("{name}:{real}:{}", place.seen)));
                    }
                    Service::Web { tls } => {
                        let scheme = if *tls { "https" } else { "http" };
                        urls.extend(node.names.iter().map(|name| format!("{scheme}://{name}:{real}/")));
                        if !node.onion {
                            resolve.extend(node.names.iter().map(|name| format!("{name}:{real}:{}", place.seen)));
                        }
                    }
                    Service::Socks5(settings) => proxy("socks5", settings),
                    Service::Shadowsocks(settings) => proxy("ss", settings),
                    Service::HttpProxy { settings, tls } => proxy(if *tls { "https" } else { "http" }, settings),
                    Service::Dns => resolver(format!("udp://{at}")),
                    Service::DnsTls => resolver(format!("tls://{named}")),
                    Service::Script(_) | Service::TlsScript(_) => urls.push(format!("tcp://{at}")),
                }
            }
            if !urls.is_empty() {
                let (seen, itself) = (place.seen.to_string(), place.itself.to_string());
                hosts.push(json!({ "name": place.name, "address": seen, "origin": itself, "urls": urls }));
            }
        }
        let ca = options.ca_file.display().to_string();
        let rules: Vec<String> = state.rules.iter().map(ToString::to_string).collect();
        let vk = self.machines.iter().find(|place| place.name == "api.vk.ru").and_then(|place| {
            let plain = self.ports.get(&80).map(|port| format!("http://{}:{port}", place.seen));
            let tls = self.ports.get(&443).map(|port| format!("https://api.vk.ru:{port}"));
            Some(json!({ "https": tls?, "http": plain? }))
        });
        // The resolver cannot be used: its answers are loopback addresses here, which count as false ones.
        let url = hosts.iter().filter(|host| host["name"] == EXAMPLE).find_map(|host| {
            host["urls"].as_array()?.iter().filter_map(Value::as_str).find(|url| url.starts_with("https:"))
        });
        let port = self.ports.get(&443);
        let given =
            resolve.iter().find(|line| port.is_some_and(|port| line.starts_with(&format!("{EXAMPLE}:{port}:"))));
        let proxy = proxies.first().and_then(|proxy| proxy["strategy"].as_str());
        let example = given.zip(url).zip(proxy).map(|((given, url), proxy)| {
            format!("byway probe --ca '{ca}' --resolve {given} --strategy direct: --strategy '{proxy}' {url}")
        });
        json!({
            "ca": ca, "hosts": hosts, "proxies": proxies, "resolvers": resolvers, "resolve": resolve,
            "vk_api": vk, "censor": rules, "example": example,
        })
    }
}

impl RealFace for Places {
    fn dial(&self, from: IpAddr, to: SocketAddr, censored: bool) -> BoxFuture<'static, io::Result<BoxWire>> {
        let found = self.find(to, censored);
        let source = self.machines.iter().find(|place| place.vantage == from).map(|place| place.itself);
        async move {
            let Some(to) = found else { return Err(io::Error::from_raw_os_error(EHOSTUNREACH)) };
            let socket = TcpSocket::new_v4()?;
            if let Some(source) = source {
                socket.bind((source, 0).into())?;
            }
            let stream = socket.connect(to).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as BoxWire)
        }
        .boxed()
    }

    fn seen_by_client(&self, address: IpAddr) -> IpAddr {
        self.machines.iter().find(|place| place.address == address).map_or(address, |place| place.seen.into())
    }
}

/// One port of one machine, bound but not answered yet.
struct Door {
    place: MachinePort,
    to: SocketAddr,
    itself: TcpListener,
    seen: ClientPort,
    datagrams: Option<UdpSocket>,
}

/// What the client finds at a port.
enum ClientPort {
    /// The machine itself: it is on the client's own loopback.
    Itself,
    /// The machine behind the censor.
    Censored(TcpListener),
    /// Nothing listens: the kernel refuses.
    Refused,
    /// A listener that never answers, and the connections that fill its queue.
    Deaf(TcpListener, Vec<TcpStream>),
}

impl MachinePort {
    async fn door(&self, world: &Shared, port: u16, real: u16, service: &Service) -> io::Result<Door> {
        let to = SocketAddr::new(self.address, port);
        let itself = TcpListener::bind((self.itself, real)).await?;
        let at = SocketAddr::new(self.seen.into(), real);
        let seen = if self.seen == self.itself {
            ClientPort::Itself
        } else {
            match Censor(world.clone()).syn(to) {
                None => ClientPort::Censored(TcpListener::bind(at).await?),
                Some(Action::Refuse | Action::Unreachable) => ClientPort::Refused,
                Some(_) => deaf_listener(at).await?,
            }
        };
        let datagrams = match service {
            Service::Dns if self.seen != self.itself => Some(UdpSocket::bind(at).await?),
            _ => None,
        };
        Ok(Door { place: self.clone(), to, itself, seen, datagrams })
    }

    /// The machine itself.
    async fn answer(self, world: Shared, places: Places, to: SocketAddr, listener: TcpListener) {
        loop {
            let Ok((stream, peer)) = listener.accept().await else {
                sleep(AFTER_AN_ERROR).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let from = places.from(peer.ip());
            world.spawn(world.clone().serve(self.machine, to, from, Box::new(stream)));
        }
    }
}

impl Door {
    fn open(self, world: &Shared, places: &Places) {
        let Self { place, to, itself, seen, datagrams } = self;
        if let Some(socket) = datagrams {
            world.spawn(answer_datagrams(world.clone(), to, Arc::new(socket)));
        }
        if let Some(beyond) = places.find(to, false) {
            match seen {
                ClientPort::Itself | ClientPort::Refused => {}
                ClientPort::Censored(listener) => world.spawn(censored(world.clone(), to, beyond, listener)),
                ClientPort::Deaf(listener, queue) => world.spawn(async move {
                    let _deaf = (listener, queue);
                    std::future::pending().await
                }),
            }
        }
        world.spawn(place.answer(world.clone(), places.clone(), to, itself));
    }
}

/// The machine for the client: each connection passes the censor.
async fn censored(world: Shared, to: SocketAddr, beyond: SocketAddr, listener: TcpListener) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            sleep(AFTER_AN_ERROR).await;
            continue;
        };
        let _ = client.set_nodelay(true);
        world.log("client", crate::What::Connect { to });
        if Censor(world.clone()).syn(to).is_some() {
            // Residual blocking: this kernel answered the SYN, and nothing more is answered.
            world.spawn(async move {
                let _client = client;
                std::future::pending().await
            });
            continue;
        }
        let inspector = Inspector::new(Censor(world.clone()), CLIENT_V4, to);
        world.spawn(async move {
            let Ok(server) = TcpStream::connect(beyond).await else { return };
            let _ = server.set_nodelay(true);
            relay(Box::new(client), Box::new(server), Some(inspector), None).await;
        });
    }
}

pub(crate) async fn answer_datagrams(world: Shared, to: SocketAddr, socket: Arc<UdpSocket>) {
    let mut buffer = vec![0; 4096];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else {
            sleep(AFTER_AN_ERROR).await;
            continue;
        };
        for (after, answer) in world.answers(to, &buffer[..length]) {
            let socket = socket.clone();
            world.spawn(async move {
                sleep(after).await;
                let _ = socket.send_to(&answer, peer).await;
            });
        }
    }
}

/// A listener whose queue is full, so that Linux drops further SYNs: a swallowed SYN without root.
async fn deaf_listener(at: SocketAddr) -> io::Result<ClientPort> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(at)?;
    let listener = socket.listen(1)?;
    let mut waiting = Vec::new();
    for _ in 0..QUEUE {
        match timeout(FULL_AFTER, TcpStream::connect(at)).await {
            Ok(stream) => waiting.push(stream?),
            Err(_) => break,
        }
    }
    Ok(ClientPort::Deaf(listener, waiting))
}

/// How often other ports are chosen if one was taken meanwhile.
const TRIES: usize = 8;
/// More than any kernel's queue for a backlog of one.
const QUEUE: usize = 16;
/// On loopback a handshake takes microseconds: after this long the queue is full.
const FULL_AFTER: Duration = Duration::from_millis(100);
/// An accept error concerns one connection, or the limit of open files: then a pause helps.
pub(crate) const AFTER_AN_ERROR: Duration = Duration::from_millis(50);
/// The host that the example command line is about.
const EXAMPLE: &str = "vk.com";
