//! Strategies, places and times in Russian.

use std::time::Duration;

use super::Russian;
use crate::sentences::phrasebook::RoutePhrases;
use crate::sentences::routes::{NameInHello, Vantage, named_resolvers, seconds};
use crate::transport::{Strategy, StrategyKind};

impl RoutePhrases for Russian {
    fn way(&self, strategy: &Strategy) -> String {
        let way = match &strategy.kind {
            StrategyKind::Direct { dns } => match named_resolvers(dns).as_slice() {
                [] => "напрямую".to_owned(),
                [one] => format!("напрямую через DNS-сервер {one}"),
                several => format!("напрямую через DNS-серверы {}", several.join(", ")),
            },
            StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => "через Tor".to_owned(),
            StrategyKind::Socks5 { server, .. } | StrategyKind::HttpConnect { server, .. } => {
                format!("через прокси {}", server.host)
            }
            StrategyKind::Shadowsocks { server, .. } => format!("через сервер Shadowsocks {}", server.host),
        };
        way + name_in_hello(strategy)
    }

    fn nameless(&self, strategy: &Strategy) -> String {
        let way = match &strategy.kind {
            StrategyKind::Direct { .. } => "напрямую".to_owned(),
            StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => return self.way(strategy),
            StrategyKind::Socks5 { .. } | StrategyKind::HttpConnect { .. } | StrategyKind::Shadowsocks { .. } => {
                format!("через прокси ({})", strategy.scheme())
            }
        };
        way + name_in_hello(strategy)
    }

    fn place(&self, place: Vantage<'_>) -> String {
        match place {
            Vantage::ThisDevice => "на этом устройстве".to_owned(),
            Vantage::ThisNetwork => "в этой сети".to_owned(),
            Vantage::BehindVpn => "за этим VPN".to_owned(),
            Vantage::BehindTor => "по ту сторону Tor".to_owned(),
            Vantage::WithinTor => "внутри Tor".to_owned(),
            Vantage::BehindProxy(server) => format!("по ту сторону прокси {server}"),
            Vantage::BehindShadowsocks(server) => format!("по ту сторону сервера Shadowsocks {server}"),
        }
    }

    fn time(&self, span: Duration) -> String {
        match seconds(span) {
            Some((whole, tenths)) => format!("{whole},{tenths} с"),
            None => format!("{} мс", span.as_millis()),
        }
    }
}

/// How the host's name is sent in the ClientHello, as a phrase after a strategy.
fn name_in_hello(strategy: &Strategy) -> &'static str {
    match NameInHello::of(strategy) {
        NameInHello::Encrypted => " с зашифрованным именем",
        NameInHello::EncryptedWherePossible => " с именем, зашифрованным там, где это возможно",
        NameInHello::Cut => " с разрезанным именем",
        NameInHello::Whole => "",
    }
}
