//! Where a stream should lead, and by which way: plain data, nothing opened yet.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::Strategy;

/// A host and a port, as the user named them: not looked up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Destination {
    /// A domain in lower-case ASCII, or an address.
    pub host: Host<String>,
    /// The TCP port.
    pub port: u16,
}

impl Destination {
    /// The destination of an `http` or `https` URL; `None` for any other.
    pub fn of(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        Some(Self { host: url.host()?.to_owned(), port: url.port_or_known_default()? })
    }

    /// The host without port, IPv6 without brackets: as it goes into SNI, SOCKS and a resolver.
    pub fn host_text(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }
}

impl fmt::Display for Destination {
    /// `host:port`, IPv6 in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Destination {
    /// Redacted: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Destination(..)")
    }
}

/// Who may learn that a community is read. It outranks reach and only rises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Any strategy may be used.
    #[default]
    Open,
    /// Never a direct packet to the community's hosts, DNS included.
    Proxied,
    /// Tor only.
    Tor,
}

impl Exposure {
    /// Whether `strategy` may carry something of this exposure.
    pub fn allows(self, strategy: &Strategy) -> bool {
        match self {
            Exposure::Open => true,
            Exposure::Proxied => !strategy.is_direct(),
            Exposure::Tor => strategy.is_tor(),
        }
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Exposure::Open => "open",
            Exposure::Proxied => "proxied",
            Exposure::Tor => "tor",
        })
    }
}

/// Whether a private, loopback or link-local address may be dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PrivateAddresses {
    /// The user named this destination: it may lie in the user's own network.
    #[default]
    Allowed,
    /// A redirect or a remote document named it: only public addresses are dialled, and no `localhost` or private
    /// literal is handed to a proxy.
    Refused,
}

/// Keeps circuits and pooled connections of one community apart from those of another.
///
/// It is a label made from the community's id; only its keyed hash ever leaves the process.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Isolation(Arc<str>);

impl Isolation {
    /// An isolation of its own for everything with this label.
    pub fn of(label: &str) -> Self {
        Self(label.into())
    }

    /// The label.
    pub fn label(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Isolation(..)")
    }
}

/// One strategy made concrete for one destination. Nothing is looked up and nothing is opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// By which way.
    pub strategy: Strategy,
    /// To whom.
    pub destination: Destination,
    /// Who may learn of it. The dialer refuses a strategy that does not fit, whatever the plan said.
    pub exposure: Exposure,
    /// Whether private addresses may be dialled.
    pub private: PrivateAddresses,
    /// Whose circuits it shares.
    pub isolation: Isolation,
}

/// A route that can be dialled: a direct one has an address now, a proxied one is as it was.
///
/// Two types, because a proxy must never be given an address that was looked up here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leg {
    /// The route.
    pub route: Route,
    /// Direct: the address of the host. Otherwise `None`: the proxy resolves the name.
    pub address: Option<SocketAddr>,
}
