//! From a destination to the addresses that are tried: by hand, by itself, or by a resolver.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::time::{Instant, timeout};
use url::Host;

use super::address;
use super::{Answer, Asked, Cause, Destination, Dns, Failure, PrivateAddresses, Resolvers, Stage, Trace, timeouts};
use crate::net::Net;
use crate::wire::dns;

/// Addresses given by hand for `HOST:PORT`, as curl's `--resolve`. They replace the lookup of direct routes only.
///
/// They are the user's word: such an address may be private where the user named the destination. Where a stranger
/// named it ([`PrivateAddresses::Refused`]) they are judged like a resolver's answer: a redirect must not lead into
/// the user's network because the user once gave some name an address there.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    entries: Vec<(Destination, Vec<IpAddr>)>,
}

/// Why an entry of [`Overrides`] cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// It has not three parts.
    #[error("`{0}` is not `HOST:PORT:ADDRESS[,ADDRESS]`, IPv6 in brackets")]
    Form(String),
    /// Its host is none.
    #[error("`{0}` is not a host name or address")]
    Host(String),
    /// Its port is none.
    #[error("`{0}` is not a port from 1 to 65535")]
    Port(String),
    /// One of its addresses is none.
    #[error("`{0}` is not an IP address; write IPv6 in brackets, as `[2001:db8::1]`")]
    Address(String),
}

impl OverrideError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            OverrideError::Form(_) => "form",
            OverrideError::Host(_) => "host",
            OverrideError::Port(_) => "port",
            OverrideError::Address(_) => "address",
        }
    }
}

impl Overrides {
    /// Adds an address for a destination.
    pub fn add(&mut self, destination: Destination, address: IpAddr) {
        match self.entries.iter_mut().find(|(known, _)| *known == destination) {
            Some((_, addresses)) if addresses.contains(&address) => {}
            Some((_, addresses)) => addresses.push(address),
            None => self.entries.push((destination, vec![address])),
        }
    }

    /// Adds what `HOST:PORT:ADDRESS[,ADDRESS]` says, IPv6 in brackets.
    ///
    /// # Errors
    /// See [`OverrideError`]: each is one sentence.
    pub fn add_entry(&mut self, entry: &str) -> Result<(), OverrideError> {
        let (destination, addresses) = Self::parse_entry(entry)?;
        for address in addresses {
            self.add(destination.clone(), address);
        }
        Ok(())
    }

    /// What `HOST:PORT:ADDRESS[,ADDRESS]` says.
    ///
    /// # Errors
    /// As [`Overrides::add_entry`].
    pub fn parse_entry(entry: &str) -> Result<(Destination, Vec<IpAddr>), OverrideError> {
        let form = || OverrideError::Form(entry.to_owned());
        let (host, rest) = if entry.starts_with('[') {
            let end = entry.find(']').ok_or_else(form)? + 1;
            let (host, rest) = entry.split_at_checked(end).ok_or_else(form)?;
            (host, rest.strip_prefix(':').ok_or_else(form)?)
        } else {
            entry.split_once(':').ok_or_else(form)?
        };
        let (port, addresses) = rest.split_once(':').ok_or_else(form)?;
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = match port.parse::<u16>() {
            Ok(number @ 1..) if digits => number,
            _ => return Err(OverrideError::Port(port.to_owned())),
        };
        let addresses: Result<Vec<_>, _> = addresses.split(',').map(parse_address).collect();
        let destination = Destination::new(host, port).map_err(|_| OverrideError::Host(host.to_owned()))?;
        Ok((destination, addresses?))
    }

    fn of(&self, destination: &Destination) -> Option<&[IpAddr]> {
        self.entries.iter().find(|(known, _)| known == destination).map(|(_, addresses)| addresses.as_slice())
    }
}

fn parse_address(text: &str) -> Result<IpAddr, OverrideError> {
    let address = match text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().map(IpAddr::V6).ok(),
        None => text.parse::<Ipv4Addr>().map(IpAddr::V4).ok(),
    };
    address.ok_or_else(|| OverrideError::Address(text.to_owned()))
}

/// The addresses of a direct destination, in the order to try.
pub(super) async fn resolve(
    net: &dyn Net,
    overrides: &Overrides,
    destination: &Destination,
    resolvers: &Resolvers,
    private: PrivateAddresses,
    trace: &Trace,
) -> Result<Vec<SocketAddr>, Failure> {
    let addresses = match (overrides.of(destination), &destination.host) {
        (Some(addresses), _) => {
            trace.pinned();
            addresses.to_vec()
        }
        (None, host) => look_up(net, host, resolvers, trace).await?,
    };
    let found = !addresses.is_empty();
    let allowed = addresses
        .into_iter()
        .filter(|address| private == PrivateAddresses::Allowed || address::is_public(*address))
        .collect();
    let ordered = interleave(allowed);
    if ordered.is_empty() {
        return Err(if found {
            forbidden(Stage::Dns, RULE_PRIVATE)
        } else {
            Failure::new(Stage::Dns, Cause::NoAddress)
        });
    }
    Ok(ordered.into_iter().map(|address| SocketAddr::new(address, destination.port)).collect())
}

/// The addresses of a proxy, which the user named: its name goes to the system's resolver.
pub(super) async fn resolve_proxy(net: &dyn Net, server: &Destination) -> Result<Vec<SocketAddr>, Failure> {
    // The trace tells of the host's addresses; a proxy's would be taken for them.
    let addresses = look_up(net, &server.host, &Resolvers::default(), &Trace::new()).await?;
    Ok(interleave(addresses).into_iter().map(|address| SocketAddr::new(address, server.port)).collect())
}

async fn look_up(
    net: &dyn Net,
    host: &Host<String>,
    resolvers: &Resolvers,
    trace: &Trace,
) -> Result<Vec<IpAddr>, Failure> {
    let name = match host {
        Host::Ipv4(address) => return Ok(vec![IpAddr::V4(*address)]),
        Host::Ipv6(address) => return Ok(vec![IpAddr::V6(*address)]),
        Host::Domain(name) if address::is_onion(name) => return Err(forbidden(Stage::Dns, RULE_ONION)),
        Host::Domain(name) if address::is_loopback_name(name) => {
            return Ok(vec![IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        Host::Domain(name) => name,
    };
    trace.enter(Stage::Dns);
    let lookup = async {
        let mut last = Err(Failure::new(Stage::Dns, Cause::NoAddress));
        for resolver in resolvers {
            trace.asks(resolver);
            let asked = Instant::now();
            last = match resolver {
                Dns::System => net.lookup(name).await.map_err(|error| Failure {
                    // getaddrinfo's reasons differ by system and cannot be relied upon.
                    errno: error.raw_os_error(),
                    ..Failure::new(Stage::Dns, Cause::LookupFailed)
                }),
                Dns::Udp(server) => dns::addresses(net, *server, name).await.map_err(|error| Failure::dns(&error)),
                Dns::Tls(_) | Dns::Https { .. } => Err(forbidden(Stage::Dns, "dns")),
            };
            let said = last.clone().map_err(|failure| failure.cause);
            trace.answered(resolver, Answer { asked: Asked::Both, after: asked.elapsed(), said });
            if last.is_ok() {
                break;
            }
        }
        last
    };
    let answers = timeout(timeouts::DNS, lookup).await.map_err(|_| Failure::new(Stage::Dns, Cause::Silence))??;
    if answers.is_empty() {
        return Err(Failure::new(Stage::Dns, Cause::LookupFailed));
    }
    Ok(answers)
}

/// Families by turns, IPv6 first (RFC 8305 section 4), each address once, within each family in the resolver's order.
fn interleave(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let mut seen = Vec::new();
    for address in addresses {
        // A mapped address is dialled over IPv4 in any case.
        let address = address.to_canonical();
        if !seen.contains(&address) {
            seen.push(address);
        }
    }
    let (v6, v4): (Vec<_>, Vec<_>) = seen.into_iter().partition(IpAddr::is_ipv6);
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    let mut ordered = Vec::new();
    while ordered.len() < MAX_ADDRESSES {
        let before = ordered.len();
        ordered.extend(v6.next());
        ordered.extend(v4.next());
        if ordered.len() == before {
            break;
        }
    }
    ordered
}

pub(super) fn forbidden(stage: Stage, rule: &str) -> Failure {
    Failure::new(stage, Cause::Forbidden { rule: rule.to_owned() })
}

/// The strategy would show the community to somebody who must not learn of it.
pub(super) const RULE_EXPOSURE: &str = "exposure";

/// A stranger named a destination on this device or in its networks.
pub(super) const RULE_PRIVATE: &str = "private_address";

/// An `.onion` name exists within Tor only; a resolver must never see it (RFC 7686).
pub(super) const RULE_ONION: &str = "onion";

/// How many addresses of one host are tried.
const MAX_ADDRESSES: usize = 8;
