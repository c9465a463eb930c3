//! A small internet in a box, with a censor.
//!
//! A scenario is written as one would tell it, and the production stack runs over it unchanged, because the box is a
//! [`byway::net::Net`]:
//!
//! ```
//! use byway::net::Net;
//! use byway_lab::Lab;
//! use std::time::Duration;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let lab = Lab::new(); // 50 ms round trip everywhere
//! lab.host("vk.com").at("203.0.113.10").https().page("/", "the group");
//! let proxy = lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
//! lab.censor().when_sni("vk.com").reset();
//! let net = lab.client(); // a phone behind the censor: Arc<dyn Net>
//!
//! net.connect("203.0.113.10:443".parse().unwrap()).await.unwrap(); // the name was not said yet
//! assert_eq!(lab.log().first_packet_to("203.0.113.10"), Some(Duration::ZERO));
//! assert!(lab.packets().lookups().is_empty());
//! assert_eq!(proxy.url(), "socks5://198.51.100.7:1080?cc=nl");
//! # });
//! ```
//!
//! # What is in the box
//!
//! *Machines*, each with names, addresses, ports and a health: web [`Host`]s with certificates of the lab's own
//! [authority](Authority), [`Resolver`]s, [`Proxy`]s, a [VK-shaped API](Vk) and a
//! [Telegram-shaped site](Telegram). One *client*, a phone. Between the
//! client and everything else stands the [`Censor`]; a proxy's own connections do not pass it, unless the proxy is
//! told to stand behind it. A [`Log`] of who did what at which instant.
//!
//! # Time
//!
//! All time is tokio's. In a test with `start_paused = true` it is virtual: a delay costs nothing and is exact, so a test
//! can say "at 250 ms" and mean it. Three traps were measured. Awaiting a thread of one's own under paused time
//! fires timers at once (`spawn_blocking` does not). `tokio::io::duplex` merges writes, so streams here keep them
//! apart. A real socket under paused time does not work at all: for those there is the second face, `byway-lab
//! serve`, which runs the same servers and the same censor on loopback addresses.
//!
//! # Determinism
//!
//! The same scenario gives the same log, event for event and instant for instant. Nothing is drawn by lot but what
//! TLS draws: keys and nonces, whose encoded length varies (TLS byte counts are not logged), and the order of a
//! ClientHello's extensions (so that a box which reads the [first segment only](When::first_segment_only) finds a name
//! in one connection and not in the next).
//!
//! # Ownership
//!
//! Whatever runs in the lab belongs to it and ends when the [`Lab`] is dropped.

mod border;
mod ca;
mod censor;
mod client;
mod client_hello;
mod dns;
mod facts;
mod host;
mod inspect;
mod lie;
mod link;
mod log;
mod machine;
mod node;
mod page;
mod phone;
pub mod private_tor;
mod proxy;
mod proxy_settings;
mod relay;
mod rule;
mod rule_text;
mod script;
mod serve;

mod server;
mod services;
mod shadowsocks;
mod stream;
mod telegram;
mod travel;
mod true_addresses;
mod vk;
mod webdav;
mod world;

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::pki_types::CertificateDer;

pub use ca::{Authority, Certificate};
pub use censor::{Censor, InForce, When};
pub use client::Client;
pub use client_hello::{
    ClientHello, Progress, Reassembler, name_in_first_record, name_in_first_segment, name_in_segment,
};
pub use dns::Resolver;
pub use host::Host;
pub use lie::{HttpsRecord, Lie};
pub use link::{CENSOR_DELAY, Link, MSS, RTT};
pub use log::{Event, Log, What};
pub use machine::Machine;
pub use page::{App, Ask, Page};
pub use phone::lab_epoch;
pub use proxy::Proxy;
pub use proxy_settings::Fault;
pub use rule_text::{RuleError, add_rule};
pub use script::Script;
pub use serve::{Options, Served};
pub use stream::{BoxWire, LabStream, Wire, pair};
pub use telegram::{Channel, Telegram};
pub use vk::{Community, CommunityState, Refusal, Vk, VkState};

use node::{Service, ip};
use proxy_settings::ProxySettings;
use vk::Platform;
use world::{RESOLVER, Shared, World};

/// A small internet. Dropping it ends everything in it.
pub struct Lab {
    world: Shared,
    /// The VK-shaped platform, once a scenario has used it.
    vk: OnceLock<Arc<Platform>>,
    telegram: OnceLock<Telegram>,
}

impl Lab {
    /// An internet with a client, its provider's resolver, a censor without rules, and nothing else.
    pub fn new() -> Self {
        Self { world: World::new(services::serve), vk: OnceLock::new(), telegram: OnceLock::new() }
    }

    /// The web host with this name; a new one if there is none yet.
    pub fn host(&self, name: &str) -> Host {
        Host(Machine::named(&self.world, name))
    }

    /// An onion service on port 80: found by its name, through a Tor only.
    pub fn onion(&self, name: &str) -> Host {
        let host = self.host(name);
        host.0.edit(|node| node.onion = true);
        host.http()
    }

    /// A SOCKS5 proxy on port 1080.
    pub fn socks5(&self, name: &str) -> Proxy {
        self.proxy(name, 1080, "socks5", Service::Socks5(ProxySettings::default()))
    }

    /// An HTTP proxy on port 3128: CONNECT, nothing else.
    pub fn http_proxy(&self, name: &str) -> Proxy {
        self.proxy(name, 3128, "http", Service::HttpProxy { settings: ProxySettings::default(), tls: false })
    }

    /// The same inside TLS, on port 443, with a certificate of the lab's authority.
    pub fn https_proxy(&self, name: &str) -> Proxy {
        self.proxy(name, 443, "https", Service::HttpProxy { settings: ProxySettings::default(), tls: true })
    }

    /// A Shadowsocks server on port 8388 with `chacha20-ietf-poly1305`, like most of them, and a password of the lab.
    ///
    /// [`Proxy::password`] sets another method and password; a method of 2022 takes a key in Base64. Like a real server
    /// it sends nothing to a client with another password, and continues to read.
    pub fn shadowsocks(&self, name: &str) -> Proxy {
        self.proxy(name, 8388, "ss", Service::Shadowsocks(ProxySettings::shadowsocks()))
    }

    /// A Tor on the client's loopback: SOCKS port 127.0.0.1:9050, an exit in Germany, 150 ms of circuit.
    ///
    /// It accepts any login and logs it with each [`What::Tunnel`]: streams are isolated by it.
    pub fn tor(&self) -> Proxy {
        let service = Service::Socks5(ProxySettings::tor());
        let tor = self.proxy("tor", 9050, "tor+socks5", service).at("127.0.0.1").country("de");
        tor.machine.edit(|node| node.exit_address = Some(ip("198.51.100.90")));
        tor.circuit(RTT * 3)
    }

    /// A resolver on UDP and TCP port 53 of this address; over TLS and HTTPS by [`Resolver::tls`] and [`Resolver::https`].
    pub fn resolver(&self, address: &str) -> Resolver {
        let machine = Machine::named(&self.world, &format!("resolver.{address}"));
        machine.at(ip(address));
        machine.edit(|node| node.ports.insert(53, Service::Dns));
        Resolver(machine)
    }

    /// The resolver of the client's provider, which getaddrinfo asks.
    pub fn system_resolver(&self) -> Resolver {
        Resolver(Machine::of(&self.world, RESOLVER))
    }

    /// A VK-shaped platform: `api.vk.ru`, `api.vk.com`, `vk.com`, `m.vk.com`, `vk.ru`. The same one each time.
    pub fn vk(&self) -> Vk {
        Vk::in_world(&self.world, &self.vk)
    }

    /// A Telegram-shaped site: `t.me`, `telegram.me`, `telegram.dog`. The same one each time.
    pub fn telegram(&self) -> Telegram {
        self.telegram.get_or_init(|| Telegram::in_world(&self.world)).clone()
    }

    /// The censor.
    pub fn censor(&self) -> Censor {
        Censor(self.world.clone())
    }

    /// The phone behind the censor.
    pub fn client(&self) -> Arc<Client> {
        Arc::new(Client(self.world.clone()))
    }

    /// Puts the lab on real sockets: the second form. See [`Options`].
    ///
    /// # Errors
    /// An address or port that cannot be listened on, or a CA file that cannot be written.
    pub async fn serve(&self, options: &Options) -> std::io::Result<Served> {
        serve::serve(&self.world, options).await
    }

    /// Puts the machines on real sockets at their true addresses and ports: half of the third form. Returns nftables
    /// rules for the machines that are off. The network namespace must have [these addresses](Self::addresses); the
    /// censor is in another namespace, see [`Lab::stand_between`].
    ///
    /// # Errors
    /// An address or port that cannot be listened on, a CA file that cannot be written, or a machine behind the censor,
    /// which is not possible here.
    pub async fn serve_at_true_addresses(&self, ca_file: &std::path::Path) -> std::io::Result<String> {
        true_addresses::serve(&self.world, ca_file).await
    }

    /// Puts the censor on a router that real packets cross: the other half of the third form. Returns the nftables
    /// rules for the router; `towards_client` is the name of the interface where the client's packets come in.
    ///
    /// # Errors
    /// A port that cannot be listened on, or a rule that nftables cannot express.
    pub async fn stand_between(&self, towards_client: &str) -> std::io::Result<String> {
        border::stand(&self.world, towards_client).await
    }

    /// The addresses of all machines, except those on the client's own loopback.
    pub fn addresses(&self) -> Vec<IpAddr> {
        true_addresses::addresses(&self.world.state())
    }

    /// Whether the client has no network at all.
    pub fn is_offline(&self) -> bool {
        self.world.state().offline()
    }

    /// Calls `watcher` with each event as it happens. Only the first watcher is kept.
    pub fn watch(&self, watcher: impl Fn(&Event) + Send + Sync + 'static) {
        let _ = self.world.watcher.set(Box::new(watcher));
    }

    /// How long the lab has run, as in [`Event::at`].
    pub fn elapsed(&self) -> std::time::Duration {
        self.world.began.elapsed()
    }

    /// How many sockets the client holds: connections, connections being made, and UDP sockets. A client that has
    /// cancelled everything holds none.
    pub fn open_sockets(&self) -> usize {
        self.world.sockets.load(Ordering::Relaxed)
    }

    /// How many of the runtime's tasks belong to the lab.
    pub fn running(&self) -> usize {
        self.world.running()
    }

    /// Everything that happened so far.
    pub fn log(&self) -> Log {
        self.world.events()
    }

    /// What the client itself sent into the network, proxies and loopback included: connects, lookups, datagrams.
    pub fn packets(&self) -> Log {
        self.world.events().by("client").sent()
    }

    /// How many streams the client has open, including those that are not accepted yet.
    pub fn open_streams(&self) -> usize {
        self.world.open.now()
    }

    /// The most streams that the client had open at once.
    pub fn most_open_streams(&self) -> usize {
        self.world.open.most()
    }

    /// How many sockets the client listens on.
    pub fn listeners(&self) -> usize {
        self.world.state().listeners.len()
    }

    /// The authority's certificate, PEM.
    pub fn ca_pem(&self) -> String {
        self.world.authority.pem().to_owned()
    }

    /// The authority's certificate, DER.
    pub fn ca_der(&self) -> CertificateDer<'static> {
        self.world.authority.der().clone()
    }

    /// The true addresses of a name.
    pub fn addresses_of(&self, name: &str) -> Vec<IpAddr> {
        self.world.state().resolve(name).unwrap_or_default()
    }

    fn proxy(&self, name: &str, port: u16, scheme: &'static str, service: Service) -> Proxy {
        let machine = Machine::named(&self.world, name);
        machine.edit(|node| {
            node.ports.entry(port).or_insert(service);
        });
        Proxy { machine, port, scheme }
    }
}

impl Default for Lab {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.world.close();
    }
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab").field("censor", &self.censor()).field("log", &self.log()).finish()
    }
}
