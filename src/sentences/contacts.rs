//! Whom a reading would contact with a strategy, and what each of them would see: said before anything is sent.
//!
//! After a page was read, [`sights`](super::sights) says in one clause who still sees what. Here each observer gets a
//! sentence in the future tense: a preview is for a user who has not decided yet.

use super::Language;
use super::sights::on_this_device;
use crate::source::{Identity, Platform};
use crate::transport::{DnsServer, PlannedLookups, Resolver, Strategy, StrategyKind};

/// An observer of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Observer {
    /// The operator of the resolver that looks a name up.
    Resolver,
    /// The network in front of the device, and its operator.
    Provider,
    /// The proxy, or the operator of a Tor elsewhere.
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
    /// The observers of this strategy with these lookups, in the order in which it passes them.
    pub(crate) fn of(strategy: &Strategy, lookups: &PlannedLookups) -> Vec<Self> {
        use Observer::{Exit, Platform, Provider, Proxy, Resolver};
        let on_the_way: &[Observer] = match &strategy.kind {
            StrategyKind::Direct { .. } => &[Provider, Platform],
            StrategyKind::Tor { .. } => &[Provider, Exit, Platform],
            StrategyKind::TorSocks5 { server } if on_this_device(server) => &[Provider, Exit, Platform],
            StrategyKind::TorSocks5 { .. } => &[Provider, Proxy, Exit, Platform],
            StrategyKind::Socks5 { .. } | StrategyKind::HttpConnect { .. } | StrategyKind::Shadowsocks { .. } => {
                &[Provider, Proxy, Platform]
            }
        };
        let asked = *lookups != PlannedLookups::default();
        asked.then_some(Resolver).into_iter().chain(on_the_way.iter().copied()).collect()
    }
}

/// What one observer would see.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    /// The observer.
    pub observer: Observer,
    /// The strategy.
    pub strategy: &'a Strategy,
    /// The lookups that are made for it.
    pub lookups: &'a PlannedLookups,
    /// The host that is contacted, over TLS.
    pub host: &'a str,
    /// The usual name of the platform behind it.
    pub platform: &'a Platform,
    /// Whom the requests identify.
    pub identity: Identity,
    /// The device's network is a VPN.
    pub vpn: bool,
}

/// What the observer would see, in one sentence.
pub fn contact(language: Language, contact: &Contact<'_>) -> String {
    language.phrasebook().contact(contact)
}

/// Why no one would be contacted: only what is kept was requested, or the network lets only chosen addresses through.
pub fn left_alone(language: Language, offline: bool) -> &'static str {
    language.phrasebook().left_alone(offline)
}

/// Whether its address is not in the strategy.
pub(super) fn is_looked_up(server: &DnsServer, lookups: &PlannedLookups) -> bool {
    lookups.of_servers.contains(&server.name.to_string())
}

/// A sentence for each resolver that is asked.
pub(super) fn each(resolvers: &[Resolver], sentence: impl Fn(&Resolver) -> String) -> String {
    resolvers.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing, ways};
    use super::*;
    use crate::source::vk::platform as vk;
    use crate::transport::{Bridges, Overrides, StrategyKind};

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
    fn each_resolver_is_named_with_what_it_and_its_network_learn() {
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
            "The resolver of this network is asked for vk.com: its operator learns that name. \
             The resolver 9.9.9.9 is asked for vk.com; it learns that name, and so does the network in between, because the question is not encrypted. \
             The resolver dns.example is asked for vk.com; it learns that name; the network in between learns only that something is asked. \
             The resolver doh.example is asked for vk.com; it learns that name; the network in between learns only that something is asked. \
             The resolver of this network is asked where doh.example is."
        );
        assert_eq!(
            told(Language::Ru),
            "У DNS-сервера этой сети спрашивают адрес vk.com: тот, кто им управляет, узнаёт это имя. \
             У DNS-сервера 9.9.9.9 спрашивают адрес vk.com; это имя узнают и он, и сеть по пути к нему, потому что вопрос не зашифрован. \
             У DNS-сервера dns.example спрашивают адрес vk.com; это имя узнаёт он, а сеть по пути к нему узнаёт только, что его о чём-то спросили. \
             У DNS-сервера doh.example спрашивают адрес vk.com; это имя узнаёт он, а сеть по пути к нему узнаёт только, что его о чём-то спросили. \
             У DNS-сервера этой сети спрашивают, где находится doh.example."
        );
    }

    #[test]
    fn a_program_of_a_bridge_contacts_what_it_needs() {
        for (way, contacts) in [
            ("", "you use Tor"),
            ("{F}", "a bridge of Tor"),
            ("obfs4 {F} cert=x", "the program for your bridges contacts"),
        ] {
            let line = way.replace("{F}", "192.0.2.3:443 0123456789ABCDEF0123456789ABCDEF01234567");
            let bridges: Vec<_> =
                Some(line).filter(|line| !line.is_empty()).iter().map(|line| line.parse().unwrap()).collect();
            let strategy = Strategy::from(StrategyKind::Tor { bridges: Bridges::new(bridges).unwrap_or_default() });
            let (observer, lookups) = (Observer::Provider, &lookups(&strategy));
            let (strategy, identity) = (&strategy, Identity::None);
            let told = Contact { observer, strategy, lookups, host: "vk.com", platform: &vk(), identity, vpn: false };
            let said = contact(Language::En, &told);
            assert!(said.contains(contacts), "{said}");
        }
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
