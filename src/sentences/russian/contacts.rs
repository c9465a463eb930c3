//! Who would see a reading, in Russian.

use super::{Russian, TAG};
use crate::sentences::contacts::{Contact, Observer, each, is_looked_up};
use crate::sentences::phrasebook::ContactPhrases;
use crate::sentences::sights::on_this_device;
use crate::source::Identity;
use crate::transport::{Ech, Resolver, StrategyKind};

impl ContactPhrases for Russian {
    fn contact(&self, contact: &Contact<'_>) -> String {
        let Contact { observer, strategy, lookups, host, platform, identity, vpn } = contact;
        let server = strategy.server().map(|server| server.host.to_string()).unwrap_or_default();
        let here = strategy.server().is_some_and(on_this_device);
        let provider = if *vpn { "VPN" } else { "Провайдер" };
        match (observer, &strategy.kind) {
            (Observer::Resolver, StrategyKind::Direct { .. }) => each(&lookups.of_host, |resolver| match resolver {
                Resolver::System => {
                    format!("У DNS-сервера этой сети спрашивают адрес {host}: тот, кто им управляет, узнаёт это имя.")
                }
                Resolver::Udp(resolver) => format!(
                    "У DNS-сервера {} спрашивают адрес {host}; это имя узнают и он, и сеть по пути к нему, потому что вопрос не зашифрован.",
                    resolver.ip()
                ),
                Resolver::Tls(server) | Resolver::Https { server, .. } => {
                    let own = if is_looked_up(server, lookups) {
                        format!(" У DNS-сервера этой сети спрашивают, где находится {}.", server.name)
                    } else {
                        String::new()
                    };
                    format!(
                        "У DNS-сервера {} спрашивают адрес {host}; это имя узнаёт он, а сеть по пути к нему узнаёт только, что его о чём-то спросили.{own}",
                        server.name
                    )
                }
            }),
            (Observer::Resolver, _) => {
                format!("У DNS-сервера этой сети спрашивают адрес {server}; о {host} не спрашивают.")
            }
            (Observer::Provider, StrategyKind::Direct { .. }) if strategy.ech == Ech::Require => {
                let rest = if *vpn { "; провайдер видит только VPN" } else { "" };
                format!(
                    "{provider} видит адрес {host}, с которым вы соединяетесь, когда и сколько данных идёт, и вместо имени {host} — имя, \
                 которое может быть общим для нескольких сайтов; но не видит, что вы читаете{rest}."
                )
            }
            (Observer::Provider, StrategyKind::Direct { .. }) if *vpn => {
                format!(
                    "VPN видит, что вы соединяетесь с {host}, но не видит, что вы читаете; провайдер видит только VPN."
                )
            }
            (Observer::Provider, StrategyKind::Direct { .. }) => {
                format!(
                    "Провайдер видит, что вы соединяетесь с {host}, когда и сколько данных идёт; но не видит, что вы читаете."
                )
            }
            (Observer::Provider, StrategyKind::Tor { .. }) if strategy.tor_transports().next().is_some() => {
                format!(
                    "{provider} видит, с чем соединяется программа для ваших мостов, может распознать в этом Tor и не видит {host}. \
                     Эта программа может спрашивать у DNS-сервера этой сети адреса, которые ей нужны."
                )
            }
            (Observer::Provider, StrategyKind::Tor { bridges }) if !bridges.is_empty() => {
                format!(
                    "{provider} видит, что вы соединяетесь с мостом Tor, может распознать в этом Tor и не видит {host}."
                )
            }
            (Observer::Provider, StrategyKind::Tor { .. }) => {
                format!("{provider} видит, что вы пользуетесь Tor, и не видит {host}.")
            }
            (Observer::Provider, StrategyKind::TorSocks5 { .. }) if here => {
                format!("{provider} видит, что вы пользуетесь Tor (если он настроен без моста), и не видит {host}.")
            }
            (
                Observer::Provider,
                StrategyKind::Socks5 { .. } | StrategyKind::HttpConnect { .. } | StrategyKind::Shadowsocks { .. },
            ) if here => {
                format!(
                    "Что видит провайдер, зависит от программы на этом устройстве, которая отвечает по адресу {server}."
                )
            }
            (Observer::Provider, StrategyKind::HttpConnect { tls: true, .. }) => {
                format!("{provider} видит, что вы соединяетесь с прокси {server}, и не видит {host}.")
            }
            (Observer::Provider, StrategyKind::Shadowsocks { .. }) => format!(
                "{provider} видит, что вы соединяетесь с {server}, может распознать в этом Shadowsocks и не видит {host}."
            ),
            (Observer::Provider, _) => {
                format!(
                    "{provider} видит, что вы соединяетесь с {server}, и читает имя {host}: путь туда не зашифрован."
                )
            }
            (Observer::Proxy, StrategyKind::TorSocks5 { .. }) => {
                format!("Тот, у кого работает Tor на {server}, видит ваш адрес и то, что вы соединяетесь с {host}.")
            }
            (Observer::Proxy, _) if here => {
                format!(
                    "Программа на этом устройстве, которая отвечает по адресу {server}, видит, что вы соединяетесь с {host}."
                )
            }
            (Observer::Proxy, _) => {
                format!(
                    "Прокси {server} видит ваш адрес и то, что вы соединяетесь с {host}; но не видит, что вы читаете."
                )
            }
            (Observer::Exit, _) => {
                format!("Выходной узел Tor видит, что кто-то соединяется с {host}, но не знает кто.")
            }
            (Observer::Platform, kind) => {
                let address = match kind {
                    StrategyKind::Direct { .. } if *vpn => "адрес VPN",
                    StrategyKind::Direct { .. } => "ваш адрес",
                    StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => "адрес выходного узла Tor",
                    StrategyKind::Socks5 { .. }
                    | StrategyKind::HttpConnect { .. }
                    | StrategyKind::Shadowsocks { .. } => "адрес прокси",
                };
                let token = match identity {
                    Identity::Reader => ", а по вашему ключу узнаёт, кто вы",
                    Identity::App => "; ключ указывает на приложение, а не на вас",
                    Identity::None => "",
                };
                format!("{} видит {address} и то, что читают{token}.", platform.name_in(TAG))
            }
        }
    }

    fn left_alone(&self, offline: bool) -> &'static str {
        match offline {
            true => "Запрашивалось только то, что сохранено на этом устройстве.",
            false => {
                "Сейчас эта сеть пропускает только к немногим разрешённым адресам, поэтому без повторной просьбы в неё ничего не отправляется."
            }
        }
    }
}
