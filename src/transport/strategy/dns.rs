//! The resolvers for `direct:`: one resolver, or several that are raced and compared.
//!
//! ```text
//! dns=system                                    the system's resolver, the default
//! dns=udp://9.9.9.9                             a resolver over UDP, TCP where an answer is cut (RFC 1035, RFC 7766)
//! dns=tls://dns.quad9.net@9.9.9.9               DNS over TLS (RFC 7858) to that address, proved by that name
//! dns=https://dns.quad9.net@9.9.9.9/dns-query   DNS over HTTPS (RFC 8484), the same
//! dns=https://9.9.9.9/dns-query                 proved by its address
//! dns=https://dns.quad9.net/dns-query           its own name is looked up first: by hand, or by the system's resolver
//! ```
//!
//! The part after the `@` is the address for packets. The part before it is the name that the certificate must prove.
//! The option may be given several times: all resolvers are asked at once. No resolver is contacted that is not written
//! down.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use url::Host;

use super::super::destination::{parse_port, split_port};
use super::super::{Destination, is_loopback};
use super::login::REDACTED;
use super::server::refuse_onion;
use super::{MAX_RESOLVERS, StrategyError};

/// The resolvers of a direct strategy: one to [`MAX_RESOLVERS`], each once.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Resolvers(Arc<[Resolver]>);

impl Resolvers {
    /// A list of these resolvers.
    ///
    /// # Errors
    /// [`StrategyError::DnsCount`] and [`StrategyError::DnsTwice`].
    pub(crate) fn new(resolvers: Vec<Resolver>) -> Result<Self, StrategyError> {
        if resolvers.is_empty() || resolvers.len() > MAX_RESOLVERS {
            return Err(StrategyError::DnsCount);
        }
        let mut rest = resolvers.as_slice();
        while let [first, others @ ..] = rest {
            if others.contains(first) {
                return Err(StrategyError::DnsTwice);
            }
            rest = others;
        }
        Ok(Self(resolvers.into()))
    }

    /// Iterates in the given order.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Resolver> {
        self.0.iter()
    }

    /// Whether the list holds only the system's resolver.
    pub(crate) fn is_system(&self) -> bool {
        matches!(*self.0, [Resolver::System])
    }

    /// Whether one of them is authenticated by a certificate: no one on the path can write its answers.
    pub(crate) fn has_authenticated(&self) -> bool {
        self.iter().any(Resolver::is_authenticated)
    }
}

impl Default for Resolvers {
    /// The system's resolver.
    fn default() -> Self {
        Self([Resolver::System].into())
    }
}

impl From<Resolver> for Resolvers {
    /// A list of one resolver.
    fn from(resolver: Resolver) -> Self {
        Self([resolver].into())
    }
}

impl<'a> IntoIterator for &'a Resolvers {
    type Item = &'a Resolver;
    type IntoIter = std::slice::Iter<'a, Resolver>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Resolvers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter()).finish()
    }
}

/// One resolver.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resolver {
    /// The system's resolver (`dns=system`, the default).
    #[default]
    System,
    /// A resolver over UDP (`dns=udp://ADDR`, port 53 unless given), TCP where the answer is cut.
    Udp(SocketAddr),
    /// DNS over TLS (`dns=tls://...`, port 853 unless given; RFC 7858).
    Tls(DnsServer),
    /// DNS over HTTPS (`dns=https://...`, port 443 unless given; RFC 8484), by POST.
    Https {
        /// The server.
        server: DnsServer,
        /// The path of its endpoint, from its `/`: usually `/dns-query`.
        path: String,
    },
}

impl Resolver {
    /// Whether its address is of this device. The system's resolver keeps its address to itself.
    pub(crate) fn is_on_this_device(&self) -> bool {
        match self {
            Resolver::System => false,
            Resolver::Udp(address) => address.ip().to_canonical().is_loopback(),
            Resolver::Tls(server) | Resolver::Https { server, .. } => {
                is_loopback(&server.name) || server.address.is_some_and(|address| address.to_canonical().is_loopback())
            }
        }
    }

    /// Whether a certificate authenticates it.
    pub fn is_authenticated(&self) -> bool {
        match self {
            Resolver::System | Resolver::Udp(_) => false,
            Resolver::Tls(_) | Resolver::Https { .. } => true,
        }
    }

    /// The stable code of its kind, as in the URL: `system`, `udp`, `tls` or `https`.
    pub fn code(&self) -> &'static str {
        match self {
            Resolver::System => "system",
            Resolver::Udp(_) => "udp",
            Resolver::Tls(_) => "tls",
            Resolver::Https { .. } => "https",
        }
    }

    /// Its canonical form for people, logs and JSON: with `***` for the path of its endpoint unless that is the usual one. Some
    /// providers give each customer a path, which names the customer.
    pub fn redacted(&self) -> String {
        match self {
            Resolver::Https { server, path } if path != USUAL_PATH => {
                let path = format!("/{REDACTED}");
                Resolver::Https { server: server.clone(), path }.to_string()
            }
            shown => shown.to_string(),
        }
    }

    /// Parses the value of `dns=`.
    ///
    /// # Errors
    /// [`StrategyError::Dns`], [`StrategyError::DnsNotSpoken`] and [`StrategyError::Redacted`].
    pub(super) fn parse(value: &str) -> Result<Self, StrategyError> {
        if value.eq_ignore_ascii_case("system") {
            return Ok(Resolver::System);
        }
        let (kind, rest) = value.split_once("://").ok_or(StrategyError::Dns)?;
        match kind.to_ascii_lowercase().as_str() {
            "udp" => {
                let (address, port) = parse_address(rest)?;
                Ok(Resolver::Udp(SocketAddr::new(address, port.unwrap_or(UDP_PORT))))
            }
            "tls" => DnsServer::parse(rest.strip_suffix('/').unwrap_or(rest), TLS_PORT).map(Resolver::Tls),
            "https" => {
                let (server, path) = match rest.split_once('/') {
                    Some((server, path)) => (server, format!("/{path}")),
                    None => (rest, "/".to_owned()),
                };
                let path = if path == "/" { USUAL_PATH.to_owned() } else { path };
                if path.get(1..) == Some(REDACTED) {
                    return Err(StrategyError::Redacted);
                }
                let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
                if path.len() > MAX_PATH || !path.bytes().all(plain) {
                    return Err(StrategyError::Dns);
                }
                Ok(Resolver::Https { server: DnsServer::parse(server, HTTPS_PORT)?, path })
            }
            "quic" | "h3" | "tcp" | "sdns" => Err(StrategyError::DnsNotSpoken),
            _ => Err(StrategyError::Dns),
        }
    }
}

impl fmt::Display for Resolver {
    /// The value of `dns=`, in its canonical form, **with the path**. See [`Resolver::redacted`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resolver::System => f.write_str("system"),
            Resolver::Udp(at) => {
                write!(f, "udp://{}", host_of(at.ip()))?;
                print_port(f, at.port(), UDP_PORT)
            }
            Resolver::Tls(server) => {
                write!(f, "tls://{server}")?;
                print_port(f, server.port, TLS_PORT)
            }
            Resolver::Https { server, path } => {
                write!(f, "https://{server}")?;
                print_port(f, server.port, HTTPS_PORT)?;
                // A program that finds a URL in a sentence takes a full stop at its end for the end of the sentence.
                match path.strip_suffix('.') {
                    Some(path) => write!(f, "{path}%2E"),
                    None => f.write_str(path),
                }
            }
        }
    }
}

impl fmt::Debug for Resolver {
    /// Prints neither the resolver's name nor its address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resolver::System => f.write_str("Dns(system)"),
            Resolver::Udp(_) | Resolver::Tls(_) | Resolver::Https { .. } => write!(f, "Dns({}:..)", self.code()),
        }
    }
}

/// A resolver that is authenticated by a certificate.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DnsServer {
    /// The name, or the address, that its certificate must prove.
    pub name: Host<String>,
    /// Its address, if it is in the strategy. Otherwise the name is looked up: by hand, or by the system's resolver.
    pub address: Option<IpAddr>,
    /// The port.
    pub port: u16,
}

impl DnsServer {
    fn parse(text: &str, usual: u16) -> Result<Self, StrategyError> {
        match text.rsplit_once('@') {
            Some((name, address)) => {
                let (address, port) = parse_address(address)?;
                let named = Destination::new(name, 1).map_err(|_| StrategyError::Dns)?;
                // A resolver named by an address is proved by that address, where it is dialled.
                let Host::Domain(_) = named.host else { return Err(StrategyError::Dns) };
                refuse_onion(&named.host)?;
                Ok(Self { name: named.host, address: Some(address), port: port.unwrap_or(usual) })
            }
            None => {
                let (host, port) = split_port(text).map_err(|_| StrategyError::Dns)?;
                let port = port.map(parse_port).transpose().map_err(|_| StrategyError::Dns)?.unwrap_or(usual);
                let name = Destination::new(host, port).map_err(|_| StrategyError::Dns)?.host;
                if let Host::Ipv4(_) | Host::Ipv6(_) = name {
                    let (address, _) = parse_address(text)?;
                    return Ok(Self { name, address: Some(address), port });
                }
                refuse_onion(&name)?;
                Ok(Self { name, address: None, port })
            }
        }
    }
}

impl fmt::Display for DnsServer {
    /// `NAME@ADDRESS`, `NAME` or `ADDRESS`: without the port.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.address) {
            (Host::Domain(name), Some(address)) => write!(f, "{name}@{}", host_of(address)),
            (name, _) => write!(f, "{name}"),
        }
    }
}

impl fmt::Debug for DnsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DnsServer(..)")
    }
}

/// Prints IPv6 in brackets.
fn host_of(address: IpAddr) -> Host<String> {
    match address {
        IpAddr::V4(address) => Host::Ipv4(address),
        IpAddr::V6(address) => Host::Ipv6(address),
    }
}

/// An address, IPv6 in brackets, and its port if there is one.
fn parse_address(text: &str) -> Result<(IpAddr, Option<u16>), StrategyError> {
    let (host, port) = split_port(text).map_err(|_| StrategyError::Dns)?;
    let port = port.map(parse_port).transpose().map_err(|_| StrategyError::Dns)?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let address: IpAddr = host.parse().map_err(|_| StrategyError::Dns)?;
    if address.is_unspecified() || address.is_multicast() {
        return Err(StrategyError::Dns);
    }
    Ok((address, port))
}

fn print_port(f: &mut fmt::Formatter<'_>, port: u16, usual: u16) -> fmt::Result {
    if port == usual { Ok(()) } else { write!(f, ":{port}") }
}

/// RFC 1035 section 4.2.
const UDP_PORT: u16 = 53;

/// RFC 8484 section 4.1: the port of `https`.
const TLS_PORT: u16 = 853;

/// RFC 8484 section 4.1: that of `https`.
const HTTPS_PORT: u16 = 443;

/// The path of every public resolver, and of the examples in RFC 8484.
const USUAL_PATH: &str = "/dns-query";

/// Longer than any endpoint's path.
const MAX_PATH: usize = 128;
