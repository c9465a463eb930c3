//! Who still sees what, when a host is reached by a way.
//!
//! Each line is a fact of the way, not of the moment: a plain proxy hides nothing from the network in front of it,
//! Tor hides the reader from the host and the host from the provider and cannot hide an account that logs in.

use std::net::IpAddr;

use url::Host;

use super::Language;
use crate::transport::{Destination, Dns, Kind, Strategy};

/// Who sees what, as a clause without a capital and a full stop: "your provider sees that you connect to vk.com".
///
/// `tls`: the host is spoken to over TLS, so that whoever carries the bytes sees the name and not the page.
pub fn observers(language: Language, strategy: &Strategy, host: &str, tls: bool) -> String {
    match language {
        Language::En => english(strategy, host, tls),
        Language::Ru => russian(strategy, host, tls),
    }
}

fn english(strategy: &Strategy, host: &str, tls: bool) -> String {
    let sees = if tls { format!("that you connect to {host}") } else { format!("what you read on {host}") };
    match &strategy.kind {
        Kind::Direct { dns: Dns::System } => format!("your provider sees {sees}"),
        Kind::Direct { dns: Dns::Udp(resolver) } => {
            format!("your provider sees {sees}, and the resolver {} that you look it up", resolver.ip())
        }
        Kind::TorSocks5 { server } if on_this_device(server) => format!(
            "Tor tells neither {host} who you are nor your provider what you read, an account of yours would tell {host}{}",
            if tls { "" } else { "; Tor's exit sees what is read, not by whom" }
        ),
        Kind::TorSocks5 { server } => {
            format!("whoever runs the Tor at {} sees {sees}, and so does the network in front of it", server.host)
        }
        Kind::Socks5 { server, .. } | Kind::HttpConnect { server, .. } if on_this_device(server) => format!(
            "the program behind {} on this device sees {sees}; what your provider sees depends on it",
            server.host
        ),
        Kind::HttpConnect { tls: true, .. } => format!("the proxy sees {sees}, your provider sees only the proxy"),
        Kind::Socks5 { .. } | Kind::HttpConnect { .. } => {
            format!("the proxy sees {sees}, and so does your provider, because nothing is encrypted on the way to it")
        }
    }
}

fn russian(strategy: &Strategy, host: &str, tls: bool) -> String {
    let sees = if tls {
        format!("что вы соединяетесь с {host}")
    } else {
        format!("что вы читаете на {host}")
    };
    match &strategy.kind {
        Kind::Direct { dns: Dns::System } => format!("провайдер видит, {sees}"),
        Kind::Direct { dns: Dns::Udp(resolver) } => {
            format!("провайдер видит, {sees}, а DNS-сервер {} видит сам запрос имени", resolver.ip())
        }
        Kind::TorSocks5 { server } if on_this_device(server) => format!(
            "сеть Tor не говорит ни {host}, кто вы, ни провайдеру, что вы читаете, а ваша учётная запись сказала бы {host}{}",
            if tls { "" } else { "; выходной узел Tor видит, что читают, но не кто" }
        ),
        Kind::TorSocks5 { server } => {
            format!("тот, кто держит Tor на {}, видит, {sees}, и сеть перед ним видит то же", server.host)
        }
        Kind::Socks5 { server, .. } | Kind::HttpConnect { server, .. } if on_this_device(server) => format!(
            "программа за {} на этом устройстве видит, {sees}; что видит провайдер, зависит от неё",
            server.host
        ),
        Kind::HttpConnect { tls: true, .. } => format!("прокси видит, {sees}, провайдер видит только прокси"),
        Kind::Socks5 { .. } | Kind::HttpConnect { .. } => {
            format!("прокси видит, {sees}, и провайдер тоже: путь до прокси не зашифрован")
        }
    }
}

fn on_this_device(server: &Destination) -> bool {
    match &server.host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{has_cyrillic, of, promises_nothing, server, ways};
    use super::*;

    #[test]
    fn every_way_says_who_sees_what_in_every_language() {
        for strategy in ways() {
            for tls in [true, false] {
                for language in Language::ALL {
                    let clause = observers(language, &strategy, "vk.com", tls);
                    promises_nothing(&clause);
                    assert!(clause.contains("vk.com"), "{clause}");
                    assert!(!clause.ends_with('.'), "a clause, not a sentence: {clause}");
                    assert_eq!(has_cyrillic(&clause), language == Language::Ru, "{clause}");
                }
            }
        }
    }

    #[test]
    fn a_plain_proxy_is_said_to_hide_nothing_from_the_provider() {
        let plain = of(Kind::Socks5 { server: server("proxy.example"), login: None });
        assert!(observers(Language::En, &plain, "vk.com", true).contains("so does your provider"));
        let over_tls = of(Kind::HttpConnect { server: server("proxy.example"), tls: true, login: None });
        assert!(observers(Language::En, &over_tls, "vk.com", true).contains("only the proxy"));
    }
}
