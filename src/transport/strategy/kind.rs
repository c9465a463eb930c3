//! The kinds of strategies, each with its data.

use std::fmt;

use super::super::Destination;
use super::server::refuse_onion;
use super::{Bridges, Login, Resolvers, Scheme, SharedKey, StrategyError};

/// The kinds of strategies.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum StrategyKind {
    /// `direct:`: straight to the host.
    Direct {
        /// The resolvers for the name.
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
        /// The method and the password of the server.
        key: SharedKey,
    },
    /// `tor:`: the Tor client within this process, which is built with the feature `tor`.
    Tor {
        /// The bridges that it uses instead of public relays as its first hop.
        bridges: Bridges,
    },
    /// `tor+socks5://`: a running Tor's SOCKS port. We set the login for isolation, so it is not part of the strategy.
    /// The request to the port is not encrypted: if Tor runs on another device, the network between can read the host's
    /// name.
    TorSocks5 {
        /// The SOCKS port.
        server: Destination,
    },
}

impl StrategyKind {
    /// A proxy or Tor port of this scheme.
    ///
    /// # Errors
    /// [`StrategyError::Onion`]; [`StrategyError::LoginNotTaken`] and [`StrategyError::LoginColon`]; [`StrategyError::DirectTakesNoHost`]; for
    /// Shadowsocks, where the user is the method, those of [`SharedKey::new`], and [`StrategyError::ShadowsocksForm`].
    pub(crate) fn proxy(scheme: Scheme, server: Destination, login: Option<Login>) -> Result<Self, StrategyError> {
        refuse_onion(&server.host)?;
        match scheme {
            Scheme::Direct => Err(StrategyError::DirectTakesNoHost),
            Scheme::Socks5 => Ok(StrategyKind::Socks5 { server, login }),
            Scheme::Http | Scheme::Https if login.as_ref().is_some_and(|login| login.user().contains(':')) => {
                Err(StrategyError::LoginColon)
            }
            Scheme::Http | Scheme::Https => {
                Ok(StrategyKind::HttpConnect { server, tls: scheme == Scheme::Https, login })
            }
            Scheme::Shadowsocks => {
                let login = login.ok_or(StrategyError::ShadowsocksForm)?;
                Ok(StrategyKind::Shadowsocks { server, key: SharedKey::new(login.user().parse()?, login.password())? })
            }
            Scheme::Tor => Err(StrategyError::TorTakesNoHost),
            Scheme::TorSocks5 if login.is_some() => Err(StrategyError::LoginNotTaken),
            Scheme::TorSocks5 => Ok(StrategyKind::TorSocks5 { server }),
        }
    }

    pub(super) fn scheme(&self) -> Scheme {
        match self {
            StrategyKind::Direct { .. } => Scheme::Direct,
            StrategyKind::Socks5 { .. } => Scheme::Socks5,
            StrategyKind::HttpConnect { tls: false, .. } => Scheme::Http,
            StrategyKind::HttpConnect { tls: true, .. } => Scheme::Https,
            StrategyKind::Shadowsocks { .. } => Scheme::Shadowsocks,
            StrategyKind::Tor { .. } => Scheme::Tor,
            StrategyKind::TorSocks5 { .. } => Scheme::TorSocks5,
        }
    }

    /// The text before the `@`: user or method, and password.
    pub(super) fn user_info(&self) -> Option<(&str, &str)> {
        match self {
            StrategyKind::Socks5 { login, .. } | StrategyKind::HttpConnect { login, .. } => {
                login.as_ref().map(|login| (login.user(), login.password()))
            }
            StrategyKind::Shadowsocks { key, .. } => Some((key.method().text(), key.password())),
            StrategyKind::Direct { .. } | StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => None,
        }
    }
}

impl fmt::Debug for StrategyKind {
    /// Prints the same as for [`Strategy`](super::Strategy).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StrategyKind({}:..)", self.scheme().text())
    }
}
