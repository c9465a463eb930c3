//! A machine as data: its names and addresses, its ports, and what it serves on them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use crate::ca::Certificate;
use crate::lie::{HttpsRecord, Lie};
use crate::link::{Link, RTT};
use crate::page::{App, Page};
use crate::proxy_settings::ProxySettings;
use crate::script::{Script, TlsScript};

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
