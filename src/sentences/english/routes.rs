//! Strategies, places and times in English.

use std::time::Duration;

use super::English;
use crate::sentences::phrasebook::RoutePhrases;
use crate::sentences::routes::{NameInHello, Vantage, named_resolvers, seconds};
use crate::transport::{Strategy, StrategyKind};

impl RoutePhrases for English {
    fn way(&self, strategy: &Strategy) -> String {
        let way = match &strategy.kind {
            StrategyKind::Direct { dns } => match named_resolvers(dns).as_slice() {
                [] => "directly".to_owned(),
                [one] => format!("directly by the resolver {one}"),
                several => format!("directly by the resolvers {}", several.join(", ")),
            },
            StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => "through Tor".to_owned(),
            StrategyKind::Socks5 { server, .. } | StrategyKind::HttpConnect { server, .. } => {
                format!("through the proxy {}", server.host)
            }
            StrategyKind::Shadowsocks { server, .. } => format!("through the Shadowsocks server {}", server.host),
        };
        way + name_in_hello(strategy)
    }

    fn nameless(&self, strategy: &Strategy) -> String {
        let way = match &strategy.kind {
            StrategyKind::Direct { .. } => "directly".to_owned(),
            StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => return self.way(strategy),
            StrategyKind::Socks5 { .. } | StrategyKind::HttpConnect { .. } | StrategyKind::Shadowsocks { .. } => {
                format!("through a proxy ({})", strategy.scheme())
            }
        };
        way + name_in_hello(strategy)
    }

    fn place(&self, place: Vantage<'_>) -> String {
        match place {
            Vantage::ThisDevice => "on this device".to_owned(),
            Vantage::ThisNetwork => "on this network".to_owned(),
            Vantage::BehindVpn => "behind this VPN".to_owned(),
            Vantage::BehindTor => "behind Tor's exit".to_owned(),
            Vantage::WithinTor => "within Tor".to_owned(),
            Vantage::BehindProxy(server) => format!("behind the proxy {server}"),
            Vantage::BehindShadowsocks(server) => format!("behind the Shadowsocks server {server}"),
        }
    }

    fn time(&self, span: Duration) -> String {
        match seconds(span) {
            Some((whole, tenths)) => format!("{whole}.{tenths} s"),
            None => format!("{} ms", span.as_millis()),
        }
    }
}

/// How the host's name is sent in the ClientHello, as a phrase after a strategy.
fn name_in_hello(strategy: &Strategy) -> &'static str {
    match NameInHello::of(strategy) {
        NameInHello::Encrypted => " with the name encrypted",
        NameInHello::EncryptedWherePossible => " with the name encrypted where it can be",
        NameInHello::Cut => " with the name cut",
        NameInHello::Whole => "",
    }
}
