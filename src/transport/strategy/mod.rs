//! What the app allows, as data.
//!
//! A [`Strategy`] says one way to a host, and nothing more: it opens nothing, remembers nothing, and two that print
//! the same are the same. It is written as a URL, because people pass such URLs on in chats:
//!
//! ```text
//! direct:                              straight to the host, names by the system's resolver
//! direct:?dns=udp://9.9.9.9            the same, names by a resolver of one's own (`dns`: several may be given)
//! direct:?tls=frag                     the same, the name in the ClientHello cut in two (`hello`)
//! socks5://user:password@host:1080     SOCKS5 (RFC 1928), login by RFC 1929
//! http://user:password@host:8080       HTTP CONNECT (RFC 9110 section 9.3.6), Basic login (RFC 7617)
//! https://host:443?cc=nl#my%20proxy    the same over TLS to the proxy
//! ss://aes-256-gcm:password@host:8388  Shadowsocks (SIP002), AEAD and 2022 methods (`shadowsocks`)
//! tor+socks5://127.0.0.1:9050          the SOCKS port of a running Tor
//! ```
//!
//! Every kind takes `cc=`, the country in which the way leaves to the internet, `tls=`, how the ClientHello is cut, and
//! a name as the fragment.
//!
//! Parsing and printing are inverse: a strategy parses back from its print to itself, and what was parsed prints in
//! one canonical form (lower case, port always, defaults not). A user does not lose a character of a login on the way.
//! A mistake is refused with one sentence that says what would be right, never guessed away: a mistyped option that is
//! ignored would be a wish that is not granted and not denied either.
//!
//! A strategy may hold a password. `Display` and serde write all of it; [`Strategy::redacted`] is for people, logs and
//! JSON; `Debug` shows the kind alone, and no [`StrategyError`] quotes anything that might belong to a login.

mod country;
mod dns;
mod error;
mod hello;
mod login;
mod name;
mod parse;
mod print;
mod shadowsocks;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

pub use country::Country;
pub(crate) use dns::Resolvers;
pub use dns::{DnsServer, Resolver};
pub use error::StrategyError;
pub(crate) use hello::{Cut, Ech, Shaping};
pub(crate) use login::Login;
pub(crate) use name::Name;
pub(crate) use parse::decode;
#[cfg(test)]
pub(crate) use shadowsocks::Method;
pub(crate) use shadowsocks::SharedKey;

use super::{Destination, is_loopback};

/// One way that the app allows. Written as a URL; parse and print are inverse.
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
    /// Which kind of way.
    pub(crate) kind: Kind,
    /// How the ClientHello is cut.
    pub(crate) tls: Shaping,
    /// Whether the name in the ClientHello is encrypted. Only a direct way with an authenticated resolver has it.
    pub(crate) ech: Ech,
    /// The country in which it leaves to the internet (ISO 3166-1 alpha-2, lower case), where known.
    pub(crate) country: Option<Country>,
    /// What the user calls it.
    pub(crate) name: Option<Name>,
}

/// The kinds of ways.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// `direct:`: straight to the host.
    Direct {
        /// Who resolves the name.
        dns: Resolvers,
    },
    /// `socks5://`: a SOCKS5 proxy (RFC 1928), with an optional login (RFC 1929). It is given the host's name.
    Socks5 {
        /// The proxy.
        server: Destination,
        /// The login.
        login: Option<Login>,
    },
    /// `http://` and `https://`: CONNECT through an HTTP proxy (RFC 9110 section 9.3.6), Basic login (RFC 7617).
    HttpConnect {
        /// The proxy.
        server: Destination,
        /// TLS to the proxy (`https://`).
        tls: bool,
        /// The login. Its user holds no `:`.
        login: Option<Login>,
    },
    /// `ss://`: a Shadowsocks server (SIP002). It is given the host's name, encrypted.
    Shadowsocks {
        /// The server.
        server: Destination,
        /// What it shares with those who use it.
        key: SharedKey,
    },
    /// `tor+socks5://`: a running Tor's SOCKS port. Its login is ours, for isolation, and so is not part of it. The
    /// request to the port is not encrypted: if Tor runs on another device, the network between reads the host's name.
    TorSocks5 {
        /// The SOCKS port.
        server: Destination,
    },
}

/// The longest strategy that is parsed, in bytes. Every strategy that parsed prints within it.
pub const MAX_STRATEGY_BYTES: usize = 2048;

impl Strategy {
    /// Straight to the host, names by the system's resolver.
    pub fn direct() -> Self {
        Kind::Direct { dns: Resolvers::default() }.into()
    }

    /// Whether packets go straight to the host.
    pub fn is_direct(&self) -> bool {
        match self.kind {
            Kind::Direct { .. } => true,
            Kind::Socks5 { .. } | Kind::HttpConnect { .. } | Kind::Shadowsocks { .. } | Kind::TorSocks5 { .. } => false,
        }
    }

    /// Whether Tor carries it.
    pub fn is_tor(&self) -> bool {
        match self.kind {
            Kind::TorSocks5 { .. } => true,
            Kind::Direct { .. } | Kind::Socks5 { .. } | Kind::HttpConnect { .. } | Kind::Shadowsocks { .. } => false,
        }
    }

    /// Whether it may lead to this device's own loopback addresses: a direct way, and a proxy that runs here. One elsewhere
    /// has a loopback of its own. (A Tor that runs here passes no such address on: its `ClientRejectInternalAddresses`.)
    pub(crate) fn reaches_this_device(&self) -> bool {
        self.server().is_none_or(|server| is_loopback(&server.host))
    }

    /// The scheme of its URL: `direct`, `socks5`, `http`, `https`, `ss` or `tor+socks5`.
    pub fn scheme(&self) -> &'static str {
        self.kind.scheme().text()
    }

    /// The proxy or Tor port that is dialled first; `None` for a direct way.
    pub fn server(&self) -> Option<&Destination> {
        match &self.kind {
            Kind::Direct { .. } => None,
            Kind::Socks5 { server, .. }
            | Kind::HttpConnect { server, .. }
            | Kind::Shadowsocks { server, .. }
            | Kind::TorSocks5 { server } => Some(server),
        }
    }

    /// The country in which it leaves to the internet, where known.
    pub fn country(&self) -> Option<Country> {
        self.country
    }

    /// What the user calls it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What of it changes a packet: all but what it is called and where it is said to leave. Two strategies are one way if
    /// this is equal.
    #[must_use]
    pub(crate) fn way(&self) -> Self {
        // Named one by one: a new field must decide here whether two strategies differ by it.
        let Self { kind, tls, ech, country: _, name: _ } = self;
        Self { kind: kind.clone(), tls: *tls, ech: *ech, country: None, name: None }
    }

    /// The URL with `***` for the login: for people, logs and JSON. It does not parse back where there is a login.
    pub fn redacted(&self) -> String {
        print::Redacted(self).to_string()
    }
}

impl From<Kind> for Strategy {
    /// A strategy of this kind without options and name.
    fn from(kind: Kind) -> Self {
        Self { kind, tls: Shaping::default(), ech: Ech::Off, country: None, name: None }
    }
}

impl fmt::Debug for Strategy {
    /// The kind alone: whose proxy somebody uses is nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Strategy({}:..)", self.scheme())
    }
}

impl Kind {
    pub(super) fn scheme(&self) -> Scheme {
        match self {
            Kind::Direct { .. } => Scheme::Direct,
            Kind::Socks5 { .. } => Scheme::Socks5,
            Kind::HttpConnect { tls: false, .. } => Scheme::Http,
            Kind::HttpConnect { tls: true, .. } => Scheme::Https,
            Kind::Shadowsocks { .. } => Scheme::Shadowsocks,
            Kind::TorSocks5 { .. } => Scheme::TorSocks5,
        }
    }

    /// What stands before its `@`: user or method, and password.
    fn user_info(&self) -> Option<(&str, &str)> {
        match self {
            Kind::Socks5 { login, .. } | Kind::HttpConnect { login, .. } => {
                login.as_ref().map(|login| (login.user(), login.password()))
            }
            Kind::Shadowsocks { key, .. } => Some((key.method().text(), key.password())),
            Kind::Direct { .. } | Kind::TorSocks5 { .. } => None,
        }
    }
}

impl fmt::Debug for Kind {
    /// As for [`Strategy`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({}:..)", self.scheme().text())
    }
}

/// The schemes that this version speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Direct,
    Socks5,
    Http,
    Https,
    Shadowsocks,
    TorSocks5,
}

impl Scheme {
    const ALL: [Self; 6] = [Self::Direct, Self::Socks5, Self::Http, Self::Https, Self::Shadowsocks, Self::TorSocks5];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Socks5 => "socks5",
            Self::Http => "http",
            Self::Https => "https",
            Self::Shadowsocks => "ss",
            Self::TorSocks5 => "tor+socks5",
        }
    }

    /// The scheme of this name or of one of its aliases, in any case.
    ///
    /// `socks5h` is `socks5`: in curl it says that the proxy resolves the name, and ours always does.
    pub(crate) fn named(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("socks5h") {
            return Some(Self::Socks5);
        }
        Self::ALL.into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme.text()))
    }

    /// The port where none is written: 1080 is registered for SOCKS, 9050 is what Tor's own manual names, 80 and 443
    /// are the schemes'. Shadowsocks has none.
    fn default_port(self) -> Option<u16> {
        match self {
            Self::Direct | Self::Shadowsocks => None,
            Self::Socks5 => Some(1080),
            Self::Http => Some(80),
            Self::Https => Some(443),
            Self::TorSocks5 => Some(9050),
        }
    }
}
