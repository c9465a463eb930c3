//! Strategies, places and times in Russian.

use std::time::Duration;

use super::Russian;
use crate::sentences::phrasebook::RoutePhrases;
use crate::sentences::routes::{NameInHello, Place, named_resolvers, seconds};
use crate::transport::{Kind, Strategy};

impl RoutePhrases for Russian {
    fn way(&self, strategy: &Strategy) -> String {
        let way = match &strategy.kind {
            Kind::Direct { dns } => match named_resolvers(dns).as_slice() {
                [] => "напрямую".to_owned(),
                [one] => format!("напрямую через DNS-сервер {one}"),
                several => format!("напрямую через DNS-серверы {}", several.join(", ")),
            },
            Kind::Tor { .. } | Kind::TorSocks5 { .. } => "через Tor".to_owned(),
            Kind::Socks5 { server, .. } | Kind::HttpConnect { server, .. } => format!("через прокси {}", server.host),
            Kind::Shadowsocks { server, .. } => format!("через сервер Shadowsocks {}", server.host),
        };
        way + name_in_hello(strategy)
    }

    fn nameless(&self, strategy: &Strategy) -> String {
        let way = match &strategy.kind {
            Kind::Direct { .. } => "напрямую".to_owned(),
            Kind::Tor { .. } | Kind::TorSocks5 { .. } => return self.way(strategy),
            Kind::Socks5 { .. } | Kind::HttpConnect { .. } | Kind::Shadowsocks { .. } => {
                format!("через прокси ({})", strategy.scheme())
            }
        };
        way + name_in_hello(strategy)
    }

    fn place(&self, place: Place<'_>) -> String {
        match place {
            Place::ThisDevice => "на этом устройстве".to_owned(),
            Place::ThisNetwork => "в этой сети".to_owned(),
            Place::BehindVpn => "за этим VPN".to_owned(),
            Place::BehindTor => "по ту сторону Tor".to_owned(),
            Place::BehindProxy(server) => format!("по ту сторону прокси {server}"),
            Place::BehindShadowsocks(server) => format!("по ту сторону сервера Shadowsocks {server}"),
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
