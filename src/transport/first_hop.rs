//! The first hop of a candidate, as coarse as a censor that counts handshakes sees it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

use super::{Candidate, Route, StrategyKind};

/// The first hop of a candidate as a counting censor groups it: its prefix (/24, /48) and the name that is visible on
/// the wire to it.
///
/// A proxied candidate has no address before it is dialled, because a proxy's own name is looked up while dialling. So
/// its hop is the proxy's host as the strategy writes it and, once the trace has an address, the prefix of that address
/// as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FirstHop {
    address: HopAddress,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum HopAddress {
    Prefix(IpAddr),
    Host(String),
}

impl FirstHop {
    /// The first hop of a candidate that may not be dialled yet. It is `None` for a hop on this device, which no censor
    /// sees.
    pub(super) fn of(candidate: &Candidate) -> Option<Self> {
        let host = match (&candidate.address, candidate.route.strategy.server()) {
            (Some(address), _) => return Self::at(address.ip(), &candidate.route),
            (None, Some(proxy)) => &proxy.host,
            // Tor counts its own.
            (None, None) if candidate.route.strategy.is_tor() => return None,
            (None, None) => &candidate.route.destination.host,
        };
        match host {
            Host::Ipv4(address) => Self::at(IpAddr::V4(*address), &candidate.route),
            Host::Ipv6(address) => Self::at(IpAddr::V6(*address), &candidate.route),
            Host::Domain(name) if name == "localhost" || name.ends_with(".localhost") => None,
            Host::Domain(name) => {
                Some(Self { address: HopAddress::Host(name.clone()), name: visible_name(&candidate.route) })
            }
        }
    }

    /// Whether its address is still unknown.
    pub(super) fn is_named(&self) -> bool {
        matches!(self.address, HopAddress::Host(_))
    }

    /// The first hop of a route that was dialled at `address`.
    pub(super) fn at(address: IpAddr, route: &Route) -> Option<Self> {
        let address = address.to_canonical();
        (!address.is_loopback())
            .then(|| Self { address: HopAddress::Prefix(prefix(address)), name: visible_name(route) })
    }
}

/// The first 24 bits of an IPv4 address, the first 48 of an IPv6 address: the blocks that are usually assigned to one
/// operator.
fn prefix(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & 0xffff_ff00)),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !((1 << 80) - 1))),
    }
}

/// The name that is visible on the path to the first hop: the host in the ClientHello or in the request to a plain
/// proxy, or the proxy's own name if TLS encrypts the connection to it. It is empty for Shadowsocks and Tor.
fn visible_name(route: &Route) -> String {
    match &route.strategy.kind {
        StrategyKind::HttpConnect { server, tls: true, .. } => server.host_text(),
        StrategyKind::Shadowsocks { .. } | StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => String::new(),
        _ => route.destination.host_text(),
    }
}
