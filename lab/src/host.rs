//! Machines of the lab: names, addresses, ports, and what they serve.
//!
//! A [`Host`] is described by chained methods, each of which takes effect at once; `lab.host(name)` twice gives the
//! same host. An invalid address panics: a scenario with a typo must not run.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use crate::ca::Certificate;
use crate::dns::{HttpsRecord, Lie};
use crate::link::{Link, RTT};
use crate::proxy::ProxySettings;
use crate::server::{App, Page, Script, TlsScript};
use crate::world::Shared;

/// A web host.
#[derive(Clone, Debug)]
pub struct Host(pub(crate) Machine);

impl Host {
    /// Adds an address, IPv4 or IPv6. Without one a host gets an address of its own.
    pub fn at(self, address: &str) -> Self {
        self.0.at(ip(address));
        self
    }

    /// Adds another name for the same machine, in DNS and in its certificate.
    pub fn also_named(self, name: &str) -> Self {
        self.0.edit(|node| node.names.push(name.to_ascii_lowercase()));
        self
    }

    /// Serves HTTPS on port 443, HTTP/2 and HTTP/1.1 by ALPN.
    pub fn https(self) -> Self {
        self.https_on(443)
    }

    /// Serves HTTPS on this port.
    pub fn https_on(self, port: u16) -> Self {
        self.0.edit(|node| node.ports.insert(port, Service::Web { tls: true }));
        self
    }

    /// Serves plain HTTP on port 80.
    pub fn http(self) -> Self {
        self.http_on(80)
    }

    /// Serves plain HTTP on this port.
    pub fn http_on(self, port: u16) -> Self {
        self.0.edit(|node| node.ports.insert(port, Service::Web { tls: false }));
        self
    }

    /// Offers HTTP/1.1 only.
    pub fn http1_only(self) -> Self {
        self.0.edit(|node| node.http2 = false);
        self.0.world.forget_certificates();
        self
    }

    /// Serves `page` at `path` (with its query, if the path states one).
    pub fn page(self, path: &str, page: impl Into<Page>) -> Self {
        self.page_in(None, path, page.into())
    }

    /// Serves `page` at `path` to visitors from an address in `country`.
    pub fn page_for(self, country: &str, path: &str, page: impl Into<Page>) -> Self {
        self.page_in(Some(country.to_ascii_lowercase()), path, page.into())
    }

    /// Redirects `path` (302).
    pub fn redirect(self, path: &str, to: &str) -> Self {
        self.page(path, Page::redirect(to))
    }

    /// Answers with code instead of pages.
    pub fn app(self, app: impl App) -> Self {
        let app: Arc<dyn App> = Arc::new(app);
        self.0.edit(|node| node.app = Some(app));
        self
    }

    /// Shows this certificate.
    pub fn certificate(self, certificate: Certificate) -> Self {
        self.0.edit(|node| node.certificate = certificate);
        self.0.world.forget_certificates();
        self
    }

    /// Its certificate has expired.
    pub fn expired_certificate(self) -> Self {
        self.certificate(Certificate::Expired)
    }

    /// Plays this script on this port: a hostile or broken server.
    pub fn script(self, port: u16, script: Script) -> Self {
        self.0.edit(|node| node.ports.insert(port, Service::Script(script)));
        self
    }

    /// Plays a script inside TLS on a port; `http2` says whether ALPN chooses HTTP/2, whose frames the script then
    /// sends.
    pub fn tls_script(self, port: u16, http2: bool, script: Script) -> Self {
        let alpn: &[u8] = if http2 { b"h2" } else { b"http/1.1" };
        self.0.edit(|node| node.ports.insert(port, Service::TlsScript(TlsScript { alpn, script })));
        self
    }

    /// Publishes this HTTPS record (RFC 9460).
    pub fn https_record(self, record: HttpsRecord) -> Self {
        self.0.edit(|node| node.https_record = Some(record));
        self
    }

    /// Publishes this `ECHConfigList` in its HTTPS record (RFC 9848).
    pub fn ech(self, config_list: &[u8]) -> Self {
        let ech = Some(config_list.to_vec());
        self.0.edit(|node| node.https_record.get_or_insert_default().ech = ech);
        self
    }

    /// The machine is off: packets to it are swallowed.
    pub fn down(self) -> Self {
        self.health(Health::Swallows)
    }

    /// The machine is on, and nothing listens.
    pub fn refuses(self) -> Self {
        self.health(Health::Refuses)
    }

    /// A router says that the machine cannot be reached.
    pub fn unreachable(self) -> Self {
        self.health(Health::Unreachable)
    }

    /// Connections are accepted, and nothing is ever sent.
    pub fn silent(self) -> Self {
        self.health(Health::Silent)
    }

    /// The machine works again.
    pub fn up(self) -> Self {
        self.health(Health::Up)
    }

    /// One of its addresses is dead, the others are not.
    pub fn down_at(self, address: &str) -> Self {
        let address = ip(address);
        self.0.edit(|node| node.dead_addresses.push(address));
        self
    }

    /// The round trip to it.
    pub fn rtt(self, rtt: Duration) -> Self {
        self.0.edit(|node| node.rtt = rtt);
        self
    }

    /// Bytes a second in each direction.
    pub fn bandwidth(self, bytes_per_second: u64) -> Self {
        self.0.edit(|node| node.bandwidth = Some(bytes_per_second));
        self
    }

    /// The country it is in (this matters for its own connections).
    pub fn country(self, country: &str) -> Self {
        self.0.edit(|node| node.country = Some(country.to_ascii_lowercase()));
        self
    }

    /// Its first address.
    pub fn address(&self) -> IpAddr {
        self.0.address()
    }

    fn health(self, health: Health) -> Self {
        self.0.edit(|node| node.health = health);
        self
    }

    fn page_in(self, country: Option<String>, path: &str, page: Page) -> Self {
        let path = path.to_owned();
        self.0.edit(|node| node.pages.insert((path, country), page));
        self
    }
}

/// One machine, whatever it serves: a handle into the lab.
#[derive(Clone)]
pub struct Machine {
    pub(crate) world: Shared,
    pub(crate) index: usize,
}

impl Machine {
    pub(crate) fn edit<T>(&self, edit: impl FnOnce(&mut Node) -> T) -> T {
        edit(&mut self.world.state().nodes[self.index])
    }

    pub(crate) fn at(&self, address: IpAddr) {
        self.edit(|node| {
            if !std::mem::replace(&mut node.addresses_stated, true) {
                node.addresses.clear();
            }
            node.addresses.push(address);
        });
        self.world.forget_certificates();
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.edit(|node| node.addresses.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Machine({})", self.edit(|node| node.name().to_owned()))
    }
}

/// How a machine answers a SYN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Health {
    #[default]
    Up,
    Swallows,
    Refuses,
    Unreachable,
    Silent,
}

/// What listens on a port.
#[derive(Clone, Debug)]
pub(crate) enum Service {
    Web { tls: bool },
    Socks5(ProxySettings),
    HttpProxy { settings: ProxySettings, tls: bool },
    Shadowsocks(ProxySettings),
    Dns,
    DnsTls,
    Script(Script),
    TlsScript(TlsScript),
}

/// A machine's whole state.
#[derive(Clone)]
pub(crate) struct Node {
    /// The first is its main name.
    pub(crate) names: Vec<String>,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) addresses_stated: bool,
    /// The source address of its own connections, if it is not its first address (a Tor on the client's loopback exits
    /// elsewhere).
    pub(crate) exit_address: Option<IpAddr>,
    /// The extra round-trip time of each of its connections inside a proxy (a Tor circuit).
    pub(crate) circuit: Duration,
    pub(crate) country: Option<String>,
    pub(crate) rtt: Duration,
    pub(crate) bandwidth: Option<u64>,
    pub(crate) health: Health,
    pub(crate) dead_addresses: Vec<IpAddr>,
    pub(crate) ports: BTreeMap<u16, Service>,
    /// Only a Tor can reach it, by name.
    pub(crate) onion: bool,
    /// Its own connections pass the censor, too.
    pub(crate) behind_censor: bool,

    pub(crate) pages: BTreeMap<(String, Option<String>), Page>,
    pub(crate) app: Option<Arc<dyn App>>,
    pub(crate) certificate: Certificate,
    pub(crate) http2: bool,

    pub(crate) https_record: Option<HttpsRecord>,
    pub(crate) lies: Vec<(String, Lie)>,
    pub(crate) rewrites_nxdomain: Option<IpAddr>,
}

impl Node {
    pub(crate) fn new(name: &str, address: IpAddr) -> Self {
        Self {
            names: vec![name.to_ascii_lowercase()],
            addresses: vec![address],
            addresses_stated: false,
            exit_address: None,
            circuit: Duration::ZERO,
            country: None,
            rtt: RTT,
            bandwidth: None,
            health: Health::Up,
            dead_addresses: Vec::new(),
            ports: BTreeMap::new(),
            onion: false,
            behind_censor: false,
            pages: BTreeMap::new(),
            app: None,
            certificate: Certificate::Valid,
            http2: true,
            https_record: None,
            lies: Vec::new(),
            rewrites_nxdomain: None,
        }
    }

    /// Whether it resolves names, whatever else it serves.
    pub(crate) fn is_resolver(&self) -> bool {
        self.ports.values().any(|service| matches!(service, Service::Dns | Service::DnsTls))
    }

    pub(crate) fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// The source address of its own connections.
    pub(crate) fn vantage(&self) -> IpAddr {
        self.exit_address.or(self.addresses.first().copied()).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    pub(crate) fn health_at(&self, address: IpAddr) -> Health {
        if self.dead_addresses.contains(&address) { Health::Swallows } else { self.health }
    }

    pub(crate) fn link(&self) -> Link {
        let link = Link::round_trip(self.rtt);
        match self.bandwidth {
            Some(bandwidth) => link.with_bandwidth(bandwidth),
            None => link,
        }
    }
}

/// An address in a scenario.
///
/// # Panics
/// If the text is not an address: a scenario with a typo must not run.
#[track_caller]
#[expect(clippy::panic, reason = "a scenario with a typo must not run")]
pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no IP address"))
}

/// The client's addresses: TEST-NET-1 and the documentation prefix, so they never belong to a real machine.
pub(crate) const CLIENT_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));
pub(crate) const CLIENT_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 10));
