//! Whom a reading would contact by a way, and what each of them would see: said before anything is sent.
//!
//! Where [`sights`](super::sights) says in a clause who still sees what once a page was read, this says it of each
//! by itself, and in the future: a preview is shown to somebody who has not decided yet.

use super::sights::on_this_device;
use super::{Language, capital, in_language};
use crate::source::{Identity, Platform};
use crate::transport::{DnsServer, Ech, Kind, PlannedLookups, Resolver, Strategy};

/// Who sees something of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Observer {
    /// Whoever looks a name up.
    Resolver,
    /// The network in front of the device, and whoever runs it.
    Provider,
    /// The proxy, or whoever runs a Tor elsewhere.
    Proxy,
    /// The last relay of a Tor circuit.
    Exit,
    /// The platform that is read.
    Platform,
}

codes! {
    Observer {
        Resolver = "resolver",
        Provider = "provider",
        Proxy = "proxy",
        Exit = "exit",
        Platform = "platform",
    }
}

impl Observer {
    /// Who sees something when this strategy is used and these lookups are made for it, in the order in which it passes them.
    pub(crate) fn of(strategy: &Strategy, lookups: &PlannedLookups) -> Vec<Self> {
        use Observer::{Exit, Platform, Provider, Proxy, Resolver};
        let on_the_way: &[Observer] = match &strategy.kind {
            Kind::Direct { .. } => &[Provider, Platform],
            Kind::TorSocks5 { server } if on_this_device(server) => &[Provider, Exit, Platform],
            Kind::TorSocks5 { .. } => &[Provider, Proxy, Exit, Platform],
            Kind::Socks5 { .. } | Kind::HttpConnect { .. } | Kind::Shadowsocks { .. } => &[Provider, Proxy, Platform],
        };
        let asked = *lookups != PlannedLookups::default();
        asked.then_some(Resolver).into_iter().chain(on_the_way.iter().copied()).collect()
    }
}

/// What is told of one observer.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    /// Who.
    pub observer: Observer,
    /// By which way.
    pub strategy: &'a Strategy,
    /// The lookups that are made for it.
    pub lookups: &'a PlannedLookups,
    /// The host that is asked, over TLS.
    pub host: &'a str,
    /// What people call the platform behind it.
    pub platform: &'a Platform,
    /// Whom the requests name.
    pub identity: Identity,
    /// The device's network is a VPN.
    pub vpn: bool,
}

/// What the observer would see, in one sentence.
pub fn contact(language: Language, contact: &Contact<'_>) -> String {
    match language {
        Language::En => english(contact),
        Language::Ru => russian(contact),
    }
}

/// Why nobody would be asked at all: only what is kept was asked for, or the network lets only chosen addresses through.
pub fn left_alone(language: Language, offline: bool) -> &'static str {
    match (language, offline) {
        (Language::En, true) => "Only what is kept on this device was asked for.",
        (Language::Ru, true) => "Спросили только то, что сохранено на этом устройстве.",
        (Language::En, false) => {
            "This network lets only a few chosen addresses through at the moment, so it is left alone unless you insist."
        }
        (Language::Ru, false) => {
            "Сейчас эта сеть пропускает только к немногим разрешённым адресам, поэтому без вашего настояния её не тревожат."
        }
    }
}

fn english(contact: &Contact<'_>) -> String {
    let Contact { observer, strategy, lookups, host, platform, identity, vpn } = contact;
    let server = strategy.server().map(|server| server.host.to_string()).unwrap_or_default();
    let here = strategy.server().is_some_and(on_this_device);
    let provider = if *vpn { "The VPN" } else { "Your provider" };
    match (observer, &strategy.kind) {
        (Observer::Resolver, Kind::Direct { .. }) => each(&lookups.of_host, |resolver| match resolver {
            Resolver::System => {
                format!("The resolver of this network is asked for {host}: whoever runs it learns that name.")
            }
            Resolver::Udp(resolver) => format!(
                "The resolver {} is asked for {host}; it learns that name, and so does the network on the way, because the question is not encrypted.",
                resolver.ip()
            ),
            Resolver::Tls(server) | Resolver::Https { server, .. } => {
                let own = if is_looked_up(server, lookups) {
                    format!(" The resolver of this network is asked where {} is.", server.name)
                } else {
                    String::new()
                };
                format!(
                    "The resolver {} is asked for {host}; it learns that name, the network on the way only that it is asked something.{own}",
                    server.name
                )
            }
        }),
        (Observer::Resolver, _) => {
            format!("The resolver of this network is asked for {server}; it is not asked for {host}.")
        }
        (Observer::Provider, Kind::Direct { .. }) if strategy.ech == Ech::Require => {
            let rest = if *vpn { "; your provider sees only the VPN" } else { "" };
            format!(
                "{provider} sees the address of {host} that you connect to, when and how much, and a name that several sites may \
                 share in the place of {host}; not what you read{rest}."
            )
        }
        (Observer::Provider, Kind::Direct { .. }) if *vpn => {
            format!("The VPN sees that you connect to {host}, not what you read; your provider sees only the VPN.")
        }
        (Observer::Provider, Kind::Direct { .. }) => {
            format!("Your provider sees that you connect to {host}, when and how much; not what you read.")
        }
        (Observer::Provider, Kind::TorSocks5 { .. }) if here => {
            format!("{provider} sees that you use Tor, unless your Tor goes through a bridge, and does not see {host}.")
        }
        (Observer::Provider, Kind::Socks5 { .. } | Kind::HttpConnect { .. } | Kind::Shadowsocks { .. }) if here => {
            format!("What your provider sees depends on the program behind {server} on this device.")
        }
        (Observer::Provider, Kind::HttpConnect { tls: true, .. }) => {
            format!("{provider} sees that you connect to the proxy {server}, and does not see {host}.")
        }
        (Observer::Provider, Kind::Shadowsocks { .. }) => format!(
            "{provider} sees that you connect to {server}, may recognise Shadowsocks in it, and does not see {host}."
        ),
        (Observer::Provider, _) => format!(
            "{provider} sees that you connect to {server} and reads the name {host}, because nothing is encrypted on the way there."
        ),
        (Observer::Proxy, Kind::TorSocks5 { .. }) => {
            format!("Whoever runs the Tor at {server} sees your address and that you connect to {host}.")
        }
        (Observer::Proxy, _) if here => {
            format!("The program behind {server} on this device sees that you connect to {host}.")
        }
        (Observer::Proxy, _) => {
            format!("The proxy {server} sees your address and that you connect to {host}; not what you read.")
        }
        (Observer::Exit, _) => format!("Tor's exit sees that somebody connects to {host}, and not who."),
        (Observer::Platform, kind) => {
            let address = match kind {
                Kind::Direct { .. } if *vpn => "the VPN's address",
                Kind::Direct { .. } => "your address",
                Kind::TorSocks5 { .. } => "the address of a Tor exit",
                Kind::Socks5 { .. } | Kind::HttpConnect { .. } | Kind::Shadowsocks { .. } => "the address of the proxy",
            };
            let token = match identity {
                Identity::Reader => ", and your token tells it who you are",
                Identity::App => "; the token names an app, not you",
                Identity::None => "",
            };
            capital(&format!("{} sees {address} and what is read{token}.", in_language(Language::En, platform)))
        }
    }
}

/// Where it is was not written down.
fn is_looked_up(server: &DnsServer, lookups: &PlannedLookups) -> bool {
    lookups.of_servers.contains(&server.name.to_string())
}

/// A sentence for each resolver that is asked.
fn each(resolvers: &[Resolver], sentence: impl Fn(&Resolver) -> String) -> String {
    resolvers.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

fn russian(contact: &Contact<'_>) -> String {
    let Contact { observer, strategy, lookups, host, platform, identity, vpn } = contact;
    let server = strategy.server().map(|server| server.host.to_string()).unwrap_or_default();
    let here = strategy.server().is_some_and(on_this_device);
    let provider = if *vpn { "VPN" } else { "Провайдер" };
    match (observer, &strategy.kind) {
        (Observer::Resolver, Kind::Direct { .. }) => each(&lookups.of_host, |resolver| match resolver {
            Resolver::System => {
                format!("У DNS-сервера этой сети спрашивают адрес {host}: тот, кто им управляет, узнаёт это имя.")
            }
            Resolver::Udp(resolver) => format!(
                "У DNS-сервера {} спрашивают адрес {host}; это имя узнаёт он и сеть по пути к нему, потому что вопрос не зашифрован.",
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
        (Observer::Provider, Kind::Direct { .. }) if strategy.ech == Ech::Require => {
            let rest = if *vpn { "; провайдер видит только VPN" } else { "" };
            format!(
                "{provider} видит адрес {host}, с которым вы соединяетесь, когда и сколько, и вместо {host} имя, которое может быть \
                 общим для нескольких сайтов; но не что вы читаете{rest}."
            )
        }
        (Observer::Provider, Kind::Direct { .. }) if *vpn => {
            format!("VPN видит, что вы соединяетесь с {host}, но не что вы читаете; провайдер видит только VPN.")
        }
        (Observer::Provider, Kind::Direct { .. }) => {
            format!("Провайдер видит, что вы соединяетесь с {host}, когда и сколько; но не что вы читаете.")
        }
        (Observer::Provider, Kind::TorSocks5 { .. }) if here => {
            format!("{provider} видит, что вы пользуетесь Tor (если он настроен без моста), и не видит {host}.")
        }
        (Observer::Provider, Kind::Socks5 { .. } | Kind::HttpConnect { .. } | Kind::Shadowsocks { .. }) if here => {
            format!(
                "Что видит провайдер, зависит от программы на этом устройстве, которая отвечает по адресу {server}."
            )
        }
        (Observer::Provider, Kind::HttpConnect { tls: true, .. }) => {
            format!("{provider} видит, что вы соединяетесь с прокси {server}, и не видит {host}.")
        }
        (Observer::Provider, Kind::Shadowsocks { .. }) => format!(
            "{provider} видит, что вы соединяетесь с {server}, может распознать в этом Shadowsocks и не видит {host}."
        ),
        (Observer::Provider, _) => {
            format!("{provider} видит, что вы соединяетесь с {server}, и читает имя {host}: путь туда не зашифрован.")
        }
        (Observer::Proxy, Kind::TorSocks5 { .. }) => {
            format!("Тот, у кого работает Tor на {server}, видит ваш адрес и то, что вы соединяетесь с {host}.")
        }
        (Observer::Proxy, _) if here => {
            format!(
                "Программа на этом устройстве, которая отвечает по адресу {server}, видит, что вы соединяетесь с {host}."
            )
        }
        (Observer::Proxy, _) => {
            format!("Прокси {server} видит ваш адрес и то, что вы соединяетесь с {host}; но не что вы читаете.")
        }
        (Observer::Exit, _) => format!("Выходной узел Tor видит, что кто-то соединяется с {host}, но не кто."),
        (Observer::Platform, kind) => {
            let address = match kind {
                Kind::Direct { .. } if *vpn => "адрес VPN",
                Kind::Direct { .. } => "ваш адрес",
                Kind::TorSocks5 { .. } => "адрес выходного узла Tor",
                Kind::Socks5 { .. } | Kind::HttpConnect { .. } | Kind::Shadowsocks { .. } => "адрес прокси",
            };
            let token = match identity {
                Identity::Reader => ", а ваш ключ говорит, кто вы",
                Identity::App => "; ключ называет приложение, а не вас",
                Identity::None => "",
            };
            format!("{} видит {address} и что читают{token}.", in_language(Language::Ru, platform))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing, ways};
    use super::*;
    use crate::source::vk::platform as vk;
    use crate::transport::Overrides;

    fn lookups(strategy: &Strategy) -> PlannedLookups {
        PlannedLookups::of(strategy, &"api.vk.com:443".parse().unwrap(), &Overrides::default())
    }

    #[test]
    fn every_observer_of_every_way_has_a_sentence_in_every_language() {
        for strategy in ways() {
            let lookups = &lookups(&strategy);
            let observers = Observer::of(&strategy, lookups);
            assert_eq!(observers.last(), Some(&Observer::Platform));
            for observer in observers {
                for identity in [Identity::None, Identity::App, Identity::Reader] {
                    for (vpn, language) in
                        [(true, Language::En), (false, Language::En), (true, Language::Ru), (false, Language::Ru)]
                    {
                        let told = Contact {
                            observer,
                            strategy: &strategy,
                            lookups,
                            host: "api.vk.ru",
                            platform: &vk(),
                            identity,
                            vpn,
                        };
                        let sentence = contact(language, &told);
                        promises_nothing(&sentence);
                        is_a_sentence(&sentence);
                        assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
                    }
                }
            }
        }
    }

    #[test]
    fn of_several_resolvers_each_is_named_with_what_it_and_its_network_learn() {
        let way =
            "direct:?dns=system&dns=udp://9.9.9.9&dns=tls://dns.example@9.9.9.9&dns=https://doh.example/dns-query";
        let strategy: Strategy = way.parse().unwrap();
        let told = |language| {
            let identity = Identity::None;
            let (observer, strategy) = (Observer::Resolver, &strategy);
            let lookups = &lookups(strategy);
            contact(
                language,
                &Contact { observer, strategy, lookups, host: "vk.com", platform: &vk(), identity, vpn: false },
            )
        };
        assert_eq!(
            told(Language::En),
            "The resolver of this network is asked for vk.com: whoever runs it learns that name. \
             The resolver 9.9.9.9 is asked for vk.com; it learns that name, and so does the network on the way, because the question is not encrypted. \
             The resolver dns.example is asked for vk.com; it learns that name, the network on the way only that it is asked something. \
             The resolver doh.example is asked for vk.com; it learns that name, the network on the way only that it is asked something. \
             The resolver of this network is asked where doh.example is."
        );
        assert_eq!(
            told(Language::Ru),
            "У DNS-сервера этой сети спрашивают адрес vk.com: тот, кто им управляет, узнаёт это имя. \
             У DNS-сервера 9.9.9.9 спрашивают адрес vk.com; это имя узнаёт он и сеть по пути к нему, потому что вопрос не зашифрован. \
             У DNS-сервера dns.example спрашивают адрес vk.com; это имя узнаёт он, а сеть по пути к нему узнаёт только, что его о чём-то спросили. \
             У DNS-сервера doh.example спрашивают адрес vk.com; это имя узнаёт он, а сеть по пути к нему узнаёт только, что его о чём-то спросили. \
             У DNS-сервера этой сети спрашивают, где находится doh.example."
        );
    }

    #[test]
    fn only_a_way_that_looks_a_name_up_shows_it_to_a_resolver() {
        for strategy in ways() {
            let named = strategy.server().is_some_and(|server| server.host.to_string().ends_with(".example"));
            let resolver = Observer::of(&strategy, &lookups(&strategy)).contains(&Observer::Resolver);
            assert_eq!(resolver, strategy.is_direct() || named, "{strategy:?}");
        }
    }
}
