//! What the app allows, as data.
use std::fmt;
use std::net::SocketAddr;

/// One way that the app allows. Written as a URL; parse and print are inverse.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Strategy {
    /// Which kind of way.
    pub kind: Kind,
    /// The country in which it leaves to the internet (ISO 3166-1 alpha-2, lower case), where known.
    pub country: Option<Country>,
    /// What the user calls it.
    pub name: Option<String>,
}

/// The kinds of ways.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `direct:`: straight to the host.
    Direct {
        /// Who resolves the name.
        dns: Dns,
    },
    /// `socks5://`: a SOCKS5 proxy (RFC 1928), with an optional login (RFC 1929).
    Socks5 {
        /// The proxy.
        server: super::Destination,
        /// The login.
        login: Option<Login>,
    },
    /// `http://` and `https://`: CONNECT through an HTTP proxy (RFC 9110 section 9.3.6), Basic login.
    HttpConnect {
        /// The proxy.
        server: super::Destination,
        /// TLS to the proxy (`https://`).
        tls: bool,
        /// The login.
        login: Option<Login>,
    },
    /// `tor+socks5://`: a running Tor's SOCKS port.
    TorSocks5 {
        /// The SOCKS port.
        server: super::Destination,
    },
}

/// Who resolves names for `direct:`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dns {
    /// The system's resolver (`dns=system`, the default).
    #[default]
    System,
    /// A resolver over UDP (`dns=udp://ADDR`, port 53 unless given), TCP where the answer is cut.
    Udp(SocketAddr),
}

/// A proxy's login. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Login {
    user: String,
    password: String,
}

/// An ISO 3166-1 alpha-2 code, lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Strategy {
    /// Straight to the host, names by the system's resolver.
    pub fn direct() -> Self {
        Self { kind: Kind::Direct { dns: Dns::System }, country: None, name: None }
    }
    /// Whether packets go straight to the host.
    pub fn is_direct(&self) -> bool {
        matches!(self.kind, Kind::Direct { .. })
    }
    /// Whether Tor carries it.
    pub fn is_tor(&self) -> bool {
        matches!(self.kind, Kind::TorSocks5 { .. })
    }
    /// The URL without login: for people, logs and JSON.
    pub fn redacted(&self) -> String {
        todo!()
    }
}

impl fmt::Debug for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Strategy(..)")
    }
}
