//! Addresses given by hand.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Destination;

/// Addresses given by hand for `HOST:PORT`, like curl's `--resolve`. They replace the lookup of direct routes only.
///
/// The user gave them, so such an address may be private if the user also named the destination. If a stranger named
/// the destination (by a redirect), it is judged like a resolver's answer: a redirect must not lead into the user's
/// network because the user once gave a name an address there.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    entries: Vec<(Destination, Vec<IpAddr>)>,
}

/// Error parsing an entry `HOST:PORT:ADDRESS`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// It does not have three parts.
    #[error("`{0}` is not `HOST:PORT:ADDRESS[,ADDRESS]`, IPv6 in brackets")]
    Form(String),
    /// Its host is invalid.
    #[error("`{0}` is not a host name or address")]
    Host(String),
    /// Its port is invalid.
    #[error("`{0}` is not a port from 1 to 65535")]
    Port(String),
    /// One of its addresses is invalid.
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

    pub(super) fn of(&self, destination: &Destination) -> Option<&[IpAddr]> {
        self.entries.iter().find(|(known, _)| known == destination).map(|(_, addresses)| addresses.as_slice())
    }
}

/// Parses the destination and the addresses of `HOST:PORT:ADDRESS[,ADDRESS]`, IPv6 in brackets, the format of curl's
/// `--resolve`. Pass each pair to [`Builder::resolve`](crate::Builder::resolve).
///
/// # Errors
/// See [`OverrideError`]: each is one sentence.
pub fn parse_resolve_entry(entry: &str) -> Result<(Destination, Vec<IpAddr>), OverrideError> {
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

fn parse_address(text: &str) -> Result<IpAddr, OverrideError> {
    let address = match text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().map(IpAddr::V6).ok(),
        None => text.parse::<Ipv4Addr>().map(IpAddr::V4).ok(),
    };
    address.ok_or_else(|| OverrideError::Address(text.to_owned()))
}
