//! Facts about a strategy for sentences, as data: the network where it exits, the resolvers that it names, how it sends
//! the host's name.

use std::time::Duration;

use url::Host;

use crate::transport::{Ech, Resolver, Resolvers, Strategy, StrategyKind};

/// Where a verdict applies: the network where its strategy exits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vantage<'a> {
    /// This device.
    ThisDevice,
    /// The device's network.
    ThisNetwork,
    /// The device's network, which is a VPN.
    BehindVpn,
    /// The network of a Tor exit.
    BehindTor,
    /// The network of Tor itself, where an onion service is.
    WithinTor,
    /// The network of a proxy.
    BehindProxy(&'a Host<String>),
    /// The network of a Shadowsocks server.
    BehindShadowsocks(&'a Host<String>),
}

impl<'a> Vantage<'a> {
    /// Where a strategy exits that leaves this device.
    pub(super) fn of(strategy: &'a Strategy, vpn: bool) -> Self {
        match &strategy.kind {
            StrategyKind::Direct { .. } if vpn => Vantage::BehindVpn,
            StrategyKind::Direct { .. } => Vantage::ThisNetwork,
            StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => Vantage::BehindTor,
            StrategyKind::Socks5 { server, .. } | StrategyKind::HttpConnect { server, .. } => {
                Vantage::BehindProxy(&server.host)
            }
            StrategyKind::Shadowsocks { server, .. } => Vantage::BehindShadowsocks(&server.host),
        }
    }
}

/// How a strategy sends the host's name in the ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameInHello {
    /// The name is sent whole.
    Whole,
    /// The name is cut.
    Cut,
    /// The name is encrypted if the host offers a key.
    EncryptedWherePossible,
    /// The name is encrypted, or not sent.
    Encrypted,
}

impl NameInHello {
    pub(super) fn of(strategy: &Strategy) -> Self {
        match (strategy.ech, strategy.tls.is_none()) {
            (Ech::Require, _) => NameInHello::Encrypted,
            (Ech::Prefer, _) => NameInHello::EncryptedWherePossible,
            (Ech::Off, false) => NameInHello::Cut,
            (Ech::Off, true) => NameInHello::Whole,
        }
    }
}

/// The resolvers other than the system's, with their names for people.
pub(super) fn named_resolvers(resolvers: &Resolvers) -> Vec<String> {
    resolvers.iter().filter(|resolver| !matches!(resolver, Resolver::System)).map(resolver_name).collect()
}

/// A resolver's name or address.
pub(super) fn resolver_name(resolver: &Resolver) -> String {
    match resolver {
        Resolver::System => "system".to_owned(),
        Resolver::Udp(at) => at.ip().to_string(),
        Resolver::Tls(server) | Resolver::Https { server, .. } => server.name.to_string(),
    }
}

/// A span of a second or more as whole seconds and tenths.
pub(super) fn seconds(span: Duration) -> Option<(u128, u128)> {
    let milliseconds = span.as_millis();
    let tenths = milliseconds.saturating_add(50) / 100;
    (milliseconds >= 1000).then_some((tenths / 10, tenths % 10))
}
