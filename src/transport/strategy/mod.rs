//! Strategies: what the app allows, as data.
//!
//! A [`Strategy`] describes one means to reach a host. It opens nothing and remembers nothing, and two strategies that
//! print the same are equal. It is written as a URL, because people pass such URLs on in chats:
//!
//! ```text
//! direct:                              straight to the host, names by the system's resolver
//! direct:?dns=udp://9.9.9.9            the same, names by a resolver of one's own (`dns`: several may be given)
//! direct:?tls=frag                     the same, the name in the ClientHello cut in two (`hello`)
//! socks5://user:password@host:1080     SOCKS5 (RFC 1928), login by RFC 1929
//! http://user:password@host:8080       HTTP CONNECT (RFC 9110 section 9.3.6), Basic login (RFC 7617)
//! https://host:443?cc=nl#my%20proxy    the same over TLS to the proxy
//! ss://aes-256-gcm:password@host:8388  Shadowsocks (SIP002), AEAD and 2022 methods (`shadowsocks`)
//! tor:                                 the Tor client within this process (feature `tor`)
//! tor:?bridge=192.0.2.3:443%20...      the same, through this bridge and no public relay (`bridge`: several may be given)
//! tor+socks5://127.0.0.1:9050          the SOCKS port of a running Tor
//! ```
//!
//! Every kind takes `cc=` (the country where the traffic exits to the internet), `tls=` (how the ClientHello is cut),
//! and a name as the fragment.
//!
//! Parsing and printing are inverse: what a strategy prints parses back to the same strategy, and a parsed strategy
//! prints in one canonical form (lower case, always with the port, without defaults). No character of a login is lost.
//! A mistake is refused with one sentence that says what would be right. The parser never guesses: a mistyped option
//! that is ignored would be a wish that is neither granted nor denied.
//!
//! A strategy may hold a password. `Display` and serde write all of it. [`Strategy::redacted`] is for people, logs and
//! JSON. `Debug` shows the kind alone. No [`StrategyError`] quotes anything that might belong to a login.

mod bridge;
mod country;
mod dns;
mod error;
mod hello;
mod kind;
mod limits;
mod login;
mod name;
mod one_tor;
mod parse;
mod percent;
mod print;
mod scheme;
mod server;
mod shadowsocks;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

pub(crate) use bridge::{Bridge, Bridges, is_transport};
pub use country::Country;
pub(crate) use dns::Resolvers;
pub use dns::{DnsServer, Resolver};
pub use error::StrategyError;
pub(crate) use hello::{Cut, Ech, Shaping};
pub(crate) use kind::StrategyKind;
use limits::MAX_BRIDGES_BYTES;
pub use limits::MAX_STRATEGY_BYTES;
pub(crate) use limits::{
    MAX_BRIDGES, MAX_LOGIN_BYTES, MAX_NAME_BYTES, MAX_RESOLVERS, MAX_TLS_DELAY_MS, MAX_TRANSPORT_BYTES,
};
pub(crate) use login::Login;
pub(crate) use name::Name;
pub(crate) use one_tor::with_one_tor;
pub(crate) use percent::decode;
pub(crate) use scheme::Scheme;
#[cfg(test)]
pub(crate) use shadowsocks::Method;
pub(crate) use shadowsocks::SharedKey;

use url::Host;

use super::{Destination, is_local, is_loopback, is_onion_host};

/// One means to reach a host that the app allows. It is written as a URL; parsing and printing are inverse.
///
/// ```
/// use byway::Strategy;
///
/// let strategy: Strategy = "SOCKS5://me:s3cret@Proxy.Example?cc=NL".parse()?;
/// assert_eq!(strategy.to_string(), "socks5://me:s3cret@proxy.example:1080?cc=nl");
/// assert_eq!(strategy.redacted(), "socks5://***@proxy.example:1080?cc=nl");
/// # Ok::<(), byway::StrategyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Strategy {
    /// The kind of strategy.
    pub(crate) kind: StrategyKind,
    /// How the ClientHello is cut.
    pub(crate) tls: Shaping,
    /// Whether the name in the ClientHello is encrypted. Only a direct strategy with an authenticated resolver can do
    /// that.
    pub(crate) ech: Ech,
    /// The country where the traffic exits to the internet (ISO 3166-1 alpha-2, lower case), if known.
    pub(crate) country: Option<Country>,
    /// The user's name for it.
    pub(crate) name: Option<Name>,
}

impl Strategy {
    /// Straight to the host, names by the system's resolver.
    pub fn direct() -> Self {
        StrategyKind::Direct { dns: Resolvers::default() }.into()
    }

    /// Whether packets go straight to the host.
    pub fn is_direct(&self) -> bool {
        match self.kind {
            StrategyKind::Direct { .. } => true,
            StrategyKind::Socks5 { .. }
            | StrategyKind::HttpConnect { .. }
            | StrategyKind::Shadowsocks { .. }
            | StrategyKind::Tor { .. }
            | StrategyKind::TorSocks5 { .. } => false,
        }
    }

    /// Whether no one in between can have written what comes from this host in cleartext: the host is of the user's own
    /// network, or it is an onion service that a Tor on this device reaches.
    pub(crate) fn vouches_for<S: AsRef<str>>(&self, host: &Host<S>) -> bool {
        let by_own_tor = || self.is_tor() && self.server().is_none_or(|server| is_loopback(&server.host));
        is_local(host) || is_onion_host(host) && by_own_tor()
    }

    /// Whether Tor carries it.
    pub fn is_tor(&self) -> bool {
        match self.kind {
            StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => true,
            StrategyKind::Direct { .. }
            | StrategyKind::Socks5 { .. }
            | StrategyKind::HttpConnect { .. }
            | StrategyKind::Shadowsocks { .. } => false,
        }
    }

    /// Whether it may lead to this device's own loopback addresses: a direct strategy, and a proxy that runs here. A
    /// proxy elsewhere has its own loopback. (A Tor that runs here does not forward to such an address: its
    /// `ClientRejectInternalAddresses`.)
    pub(crate) fn reaches_this_device(&self) -> bool {
        match self.next_hop() {
            NextHop::Host => true,
            NextHop::Server(server) => is_loopback(&server.host),
            NextHop::Tor => false,
        }
    }

    /// The scheme of its URL: `direct`, `socks5`, `http`, `https`, `ss`, `tor` or `tor+socks5`.
    pub fn scheme(&self) -> &'static str {
        self.kind.scheme().text()
    }

    /// The proxy or Tor port that is dialled first; `None` for a direct strategy, and for the Tor within this process, which
    /// dials its own relays.
    pub fn server(&self) -> Option<&Destination> {
        match &self.kind {
            StrategyKind::Direct { .. } | StrategyKind::Tor { .. } => None,
            StrategyKind::Socks5 { server, .. }
            | StrategyKind::HttpConnect { server, .. }
            | StrategyKind::Shadowsocks { server, .. }
            | StrategyKind::TorSocks5 { server } => Some(server),
        }
    }

    /// The country where the traffic exits to the internet, if known.
    pub fn country(&self) -> Option<Country> {
        self.country
    }

    /// The pluggable transports that the bridges of a `tor:` expect, such as `obfs4`. The app names a program for each:
    /// `Builder::tor_transport`. It is empty for other strategies.
    pub fn tor_transports(&self) -> impl Iterator<Item = &str> {
        let bridges = match &self.kind {
            StrategyKind::Tor { bridges } => Some(bridges),
            StrategyKind::Direct { .. }
            | StrategyKind::Socks5 { .. }
            | StrategyKind::HttpConnect { .. }
            | StrategyKind::Shadowsocks { .. }
            | StrategyKind::TorSocks5 { .. } => None,
        };
        bridges.into_iter().flat_map(Bridges::iter).filter_map(Bridge::transport)
    }

    /// Whether it is `tor:` with bridges.
    pub(crate) fn has_bridges(&self) -> bool {
        matches!(&self.kind, StrategyKind::Tor { bridges } if !bridges.is_empty())
    }

    /// Whether it names a host that shows by its spelling that it is of the user's own network: its server, or a bridge.
    pub(crate) fn names_own_network(&self) -> bool {
        match &self.kind {
            StrategyKind::Tor { bridges } => bridges.iter().any(Bridge::is_in_own_network),
            _ => self.server().is_some_and(|server| is_local(&server.host)),
        }
    }

    /// What is dialled first.
    pub(crate) fn next_hop(&self) -> NextHop<'_> {
        match (&self.kind, self.server()) {
            (StrategyKind::Tor { .. }, _) => NextHop::Tor,
            (_, Some(server)) => NextHop::Server(server),
            (_, None) => NextHop::Host,
        }
    }

    /// The user's name for it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The part of it that changes a packet: everything except the name and the country. Strategies with equal parts
    /// take the same route.
    #[must_use]
    pub(crate) fn way(&self) -> Self {
        // The fields are listed one by one, so that a new field must decide here whether two strategies differ by it.
        let Self { kind, tls, ech, country: _, name: _ } = self;
        Self { kind: kind.clone(), tls: *tls, ech: *ech, country: None, name: None }
    }
}

/// What a strategy dials first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextHop<'a> {
    /// The host itself.
    Host,
    /// A proxy, or the port of a running Tor.
    Server(&'a Destination),
    /// A relay or bridge that the Tor within this process chose.
    Tor,
}

impl From<StrategyKind> for Strategy {
    /// A strategy of this kind without options and name.
    fn from(kind: StrategyKind) -> Self {
        Self { kind, tls: Shaping::default(), ech: Ech::Off, country: None, name: None }
    }
}

impl fmt::Debug for Strategy {
    /// Prints the kind alone: a log must not say which proxy a person uses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Strategy({}:..)", self.scheme())
    }
}
