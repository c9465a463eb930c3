//! Who would see a reading, in English.

use super::English;
use crate::sentences::contacts::{Contact, Observer, each, is_looked_up};
use crate::sentences::grammar::capital;
use crate::sentences::phrasebook::ContactPhrases;
use crate::sentences::sights::on_this_device;
use crate::source::Identity;
use crate::transport::{Ech, Resolver, StrategyKind};

impl ContactPhrases for English {
    fn contact(&self, contact: &Contact<'_>) -> String {
        let Contact { observer, strategy, lookups, host, platform, identity, vpn } = contact;
        let server = strategy.server().map(|server| server.host.to_string()).unwrap_or_default();
        let here = strategy.server().is_some_and(on_this_device);
        let provider = if *vpn { "The VPN" } else { "Your provider" };
        match (observer, &strategy.kind) {
            (Observer::Resolver, StrategyKind::Direct { .. }) => each(&lookups.of_host, |resolver| match resolver {
                Resolver::System => {
                    format!("The resolver of this network is asked for {host}: its operator learns that name.")
                }
                Resolver::Udp(resolver) => format!(
                    "The resolver {} is asked for {host}; it learns that name, and so does the network in between, because the question is not encrypted.",
                    resolver.ip()
                ),
                Resolver::Tls(server) | Resolver::Https { server, .. } => {
                    let own = if is_looked_up(server, lookups) {
                        format!(" The resolver of this network is asked where {} is.", server.name)
                    } else {
                        String::new()
                    };
                    format!(
                        "The resolver {} is asked for {host}; it learns that name; the network in between learns only that something is asked.{own}",
                        server.name
                    )
                }
            }),
            (Observer::Resolver, _) => {
                format!("The resolver of this network is asked for {server}; it is not asked for {host}.")
            }
            (Observer::Provider, StrategyKind::Direct { .. }) if strategy.ech == Ech::Require => {
                let rest = if *vpn { "; your provider sees only the VPN" } else { "" };
                format!(
                    "{provider} sees the address of {host} that you connect to, when and how much, and a name that several sites may \
                 share instead of {host}; not what you read{rest}."
                )
            }
            (Observer::Provider, StrategyKind::Direct { .. }) if *vpn => {
                format!("The VPN sees that you connect to {host}, not what you read; your provider sees only the VPN.")
            }
            (Observer::Provider, StrategyKind::Direct { .. }) => {
                format!("Your provider sees that you connect to {host}, when and how much; not what you read.")
            }
            (Observer::Provider, StrategyKind::Tor { .. }) if strategy.tor_transports().next().is_some() => {
                format!(
                    "{provider} sees what the program for your bridges contacts, may recognise Tor in it, and does not see {host}. \
                     That program may also ask the resolver of this network for names that it needs."
                )
            }
            (Observer::Provider, StrategyKind::Tor { bridges }) if !bridges.is_empty() => {
                format!(
                    "{provider} sees that you connect to a bridge of Tor, may recognise Tor in it, and does not see {host}."
                )
            }
            (Observer::Provider, StrategyKind::Tor { .. }) => {
                format!("{provider} sees that you use Tor, and does not see {host}.")
            }
            (Observer::Provider, StrategyKind::TorSocks5 { .. }) if here => {
                format!(
                    "{provider} sees that you use Tor, unless your Tor goes through a bridge, and does not see {host}."
                )
            }
            (
                Observer::Provider,
                StrategyKind::Socks5 { .. } | StrategyKind::HttpConnect { .. } | StrategyKind::Shadowsocks { .. },
            ) if here => {
                format!("What your provider sees depends on the program behind {server} on this device.")
            }
            (Observer::Provider, StrategyKind::HttpConnect { tls: true, .. }) => {
                format!("{provider} sees that you connect to the proxy {server}, and does not see {host}.")
            }
            (Observer::Provider, StrategyKind::Shadowsocks { .. }) => format!(
                "{provider} sees that you connect to {server}, may recognise Shadowsocks in it, and does not see {host}."
            ),
            (Observer::Provider, _) => format!(
                "{provider} sees that you connect to {server} and reads the name {host}, because nothing is encrypted up to there."
            ),
            (Observer::Proxy, StrategyKind::TorSocks5 { .. }) => {
                format!("The operator of the Tor at {server} sees your address and that you connect to {host}.")
            }
            (Observer::Proxy, _) if here => {
                format!("The program behind {server} on this device sees that you connect to {host}.")
            }
            (Observer::Proxy, _) => {
                format!("The proxy {server} sees your address and that you connect to {host}; not what you read.")
            }
            (Observer::Exit, _) => format!("Tor's exit sees that someone connects to {host}, but not who."),
            (Observer::Platform, kind) => {
                let address = match kind {
                    StrategyKind::Direct { .. } if *vpn => "the VPN's address",
                    StrategyKind::Direct { .. } => "your address",
                    StrategyKind::Tor { .. } | StrategyKind::TorSocks5 { .. } => "the address of a Tor exit",
                    StrategyKind::Socks5 { .. }
                    | StrategyKind::HttpConnect { .. }
                    | StrategyKind::Shadowsocks { .. } => "the address of the proxy",
                };
                let token = match identity {
                    Identity::Reader => ", and your token tells it who you are",
                    Identity::App => "; the token names an app, not you",
                    Identity::None => "",
                };
                capital(&format!("{} sees {address} and what is read{token}.", platform.name()))
            }
        }
    }

    fn left_alone(&self, offline: bool) -> &'static str {
        match offline {
            true => "Only what is kept on this device was asked for.",
            false => {
                "This network lets only a few chosen addresses through at the moment, so nothing is sent to it unless you ask again."
            }
        }
    }
}
