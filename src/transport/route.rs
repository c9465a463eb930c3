//! A strategy for a destination: plain data, nothing is opened yet.

use std::fmt;
use std::net::SocketAddr;

use super::address::{is_local, is_public};
use super::{Destination, Isolation, Strategy};
use crate::exposure::Exposure;
use crate::wire::dns::EchConfigList;

/// Whether a private, loopback or link-local address may be dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PrivateAddresses {
    /// The user named this destination: it may lie in the user's own network.
    #[default]
    Allowed,
    /// A redirect or a remote document named it: only public addresses are dialled, and no `localhost` or private
    /// address is passed to a proxy.
    Refused,
}

/// One strategy for one destination. Nothing is looked up and nothing is opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// The strategy.
    pub strategy: Strategy,
    /// The destination.
    pub destination: Destination,
    /// Who may learn of it. The dialer refuses a strategy that does not fit, even if the plan allowed it.
    pub exposure: Exposure,
    /// Whether private addresses may be dialled.
    pub private: PrivateAddresses,
    /// The circuits that it shares.
    pub isolation: Isolation,
}

/// A route that can be dialled: a direct one has an address now, a proxied one is unchanged.
///
/// These are two types because a proxy must never be given an address that was looked up here.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// The route.
    pub route: Route,
    /// Direct: the address of the host. Otherwise `None`: the proxy resolves the name.
    pub address: Option<SocketAddr>,
    /// What the host's HTTPS record says about encrypting the ClientHello, if the strategy asks for it and an
    /// authenticated resolver gave it.
    pub ech: Option<EchConfigList>,
}

impl Candidate {
    /// A candidate of this route for this address.
    pub fn to(route: &Route, address: Option<SocketAddr>) -> Self {
        Self { route: route.clone(), address, ech: None }
    }

    /// Whether it leads into this device's own network, as far as we can know: a proxy's lookup is unknown here.
    pub fn leads_inward(&self) -> bool {
        is_local(&self.route.destination.host) || self.address.is_some_and(|address| !is_public(address.ip()))
    }
}

impl fmt::Debug for Candidate {
    /// Prints no address, which says as much as the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, address, ech } = self;
        f.debug_struct("Candidate")
            .field("route", route)
            .field("address", &address.map(|_| ".."))
            .field("ech", ech)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_log_line_does_not_say_who_reads_what() {
        let route = Route {
            strategy: "socks5://alice:hunter2@proxy.example:1080#home".parse().unwrap(),
            destination: "site.example:443".parse().unwrap(),
            exposure: Exposure::Proxied,
            private: PrivateAddresses::Refused,
            isolation: Isolation::of("club1"),
        };
        let candidate = Candidate { route, address: Some("192.0.2.1:443".parse().unwrap()), ech: None };
        let shown = format!("{candidate:?}");
        for secret in ["alice", "hunter2", "proxy.example", "home", "site.example", "192.0.2.1", "club1"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
