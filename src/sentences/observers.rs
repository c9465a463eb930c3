//! Who still sees what, when a host is reached by a way, and who saw it when it was not.
//!
//! Each line is a fact of the way, not of the moment: a plain proxy hides nothing from the network in front of it,
//! Tor hides the reader from the host and the host from the provider and cannot hide an account that logs in. What was
//! tried is part of it: a page that Tor brought was named to the provider all the same where a direct attempt went first.

use std::net::IpAddr;

use url::Host;

use super::{Language, way};
use crate::reach::{Attempt, Outcome};
use crate::transport::{Cause, Destination, Dns, Ech, Kind, Resolvers, Stage, Strategy, is_local, is_loopback};

/// Who sees what, as a clause without a capital and a full stop: "your provider sees that you connect to vk.com".
///
/// `tls`: the host is spoken to over TLS, so that whoever carries the bytes sees the name and not the page.
pub fn observers(language: Language, strategy: &Strategy, host: &str, tls: bool) -> String {
    seen_at(language, strategy, host, tls, None)
}

/// The same, where it is known at which address a direct way found the host.
pub(super) fn seen_at(language: Language, strategy: &Strategy, host: &str, tls: bool, at: Option<IpAddr>) -> String {
    let shown = if strategy.is_direct() { directly(host, at) } else { Shown::Host };
    match (language, shown) {
        (Language::En, Shown::Nothing) => {
            format!("the connection to {host} stays on this device; what the program there sends on depends on it")
        }
        (Language::Ru, Shown::Nothing) => {
            format!(
                "соединение с {host} не покидает этого устройства; что отправит дальше программа, которая там отвечает, зависит от неё"
            )
        }
        (Language::En, Shown::Around) => {
            format!("whoever runs this network sees {}", seen(language, host, tls))
        }
        (Language::Ru, Shown::Around) => {
            format!("тот, кто управляет этой сетью, видит, {}", seen(language, host, tls))
        }
        (Language::En, _) => english(strategy, host, tls),
        (Language::Ru, _) => russian(strategy, host, tls),
    }
}

/// Who saw the attempts, as a sentence, when none of them read anything; `None` when nothing was sent.
pub(super) fn tried(language: Language, host: &str, attempts: &[Attempt]) -> Option<String> {
    let worst = attempts.iter().filter_map(|attempt| shown(host, attempt)).max()?;
    let (en, ru) = match worst {
        Shown::Nothing => ("Nothing of it left this device.", "За пределы этого устройства ничего не вышло."),
        Shown::Tor => (
            "Your provider saw of it at most that you use Tor.",
            "Провайдер видел при этом самое большее, что вы пользуетесь Tor.",
        ),
        Shown::Proxy => (
            "The proxy saw the attempt, your provider only the proxy.",
            "Эту попытку видел прокси, а провайдер видел только прокси.",
        ),
        Shown::Depends => (
            "The program on this device that was to pass it on saw the attempt; what your provider saw depends on it.",
            "Эту попытку видела программа на этом устройстве, которая должна была передать её дальше; что видел провайдер, \
             зависит от неё.",
        ),
        Shown::Around => {
            ("Whoever runs this network saw the attempt.", "Эту попытку видел тот, кто управляет этой сетью.")
        }
        Shown::Host => ("Your provider saw the attempt.", "Эту попытку видел провайдер."),
    };
    Some(match language {
        Language::En => en.to_owned(),
        Language::Ru => ru.to_owned(),
    })
}

/// Who saw more than the way shows by which it was read in the end, as a sentence: the attempts beside it were seen too.
pub(super) fn beside(language: Language, host: &str, reached: &Strategy, attempts: &[Attempt]) -> Option<String> {
    let read_as = attempts.iter().filter(|attempt| attempt.strategy == *reached).filter_map(|a| shown(host, a)).max();
    let others = attempts.iter().filter(|attempt| attempt.strategy != *reached);
    let (worst, attempt) = others
        .filter_map(|attempt| shown(host, attempt).map(|shown| (shown, attempt)))
        .max_by_key(|(shown, _)| *shown)
        .filter(|(worst, _)| Some(*worst) > read_as)?;
    let way = way(language, &attempt.strategy);
    match (language, worst) {
        (Language::En, Shown::Host) if attempt.strategy.is_direct() => {
            Some("Your provider did see the direct attempt.".to_owned())
        }
        (Language::En, Shown::Host) => Some(format!("Your provider did see the attempt {way}.")),
        (Language::Ru, Shown::Host) => Some(format!("Попытку соединиться {way} провайдер видел.")),
        (Language::En, Shown::Proxy) => Some(format!("The attempt {way} was seen there.")),
        (Language::Ru, Shown::Proxy) => Some(format!("Попытку соединиться {way} там видели.")),
        _ => None,
    }
}

/// What an attempt shows to others, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    /// It stays on this device.
    Nothing,
    /// The provider sees Tor.
    Tor,
    /// The provider sees the proxy, and the proxy the host.
    Proxy,
    /// A program on this device passes it on, nobody knows how.
    Depends,
    /// The host lies in the device's own network: who runs that sees it.
    Around,
    /// The provider sees the host.
    Host,
}

/// What an attempt showed; `None`: nothing of it was sent.
fn shown(host: &str, attempt: &Attempt) -> Option<Shown> {
    let unsent = |cause: &Cause| matches!(cause, Cause::Forbidden { .. } | Cause::EchUnavailable);
    if matches!(&attempt.outcome, Outcome::Failed(failure) if unsent(&failure.cause)) {
        return None;
    }
    let told = attempt.stage >= Stage::Proxy;
    match &attempt.strategy.kind {
        Kind::Direct { .. } => Some(directly(host, by_hand(attempt))),
        Kind::TorSocks5 { server } if on_this_device(server) => Some(Shown::Tor),
        // Before a proxy is asked, nobody has heard of the host.
        _ if !told => None,
        Kind::Socks5 { server, .. } | Kind::HttpConnect { server, .. } | Kind::Shadowsocks { server, .. }
            if on_this_device(server) =>
        {
            Some(Shown::Depends)
        }
        Kind::HttpConnect { tls: true, .. } | Kind::Shadowsocks { .. } => Some(Shown::Proxy),
        Kind::TorSocks5 { .. } | Kind::Socks5 { .. } | Kind::HttpConnect { .. } => Some(Shown::Host),
    }
}

/// What a direct way to this host shows, by its name and the address at which it was found.
///
/// A name that is found at a private address may be a VPN's trick, so only its own spelling makes a host local.
fn directly(host: &str, at: Option<IpAddr>) -> Shown {
    let name = Host::parse(host).ok();
    if at.is_some_and(|at| at.is_loopback()) || name.as_ref().is_some_and(is_loopback) {
        Shown::Nothing
    } else if name.as_ref().is_some_and(is_local) {
        Shown::Around
    } else {
        Shown::Host
    }
}

/// Its address, where the user gave it: for any other a resolver was asked, who saw the name.
fn by_hand(attempt: &Attempt) -> Option<IpAddr> {
    attempt.address.filter(|_| attempt.pinned)
}

/// Whether every attempt of a way, or the way by its nature, stays on this device.
pub(super) fn stays_here(strategy: &Strategy, host: &str, attempts: &[Attempt]) -> bool {
    let mut of_way = attempts.iter().filter(|attempt| attempt.strategy == *strategy).peekable();
    let here = match of_way.peek() {
        None => directly(host, None) == Shown::Nothing,
        Some(_) => of_way.all(|attempt| directly(host, by_hand(attempt)) == Shown::Nothing),
    };
    strategy.is_direct() && here
}

fn seen(language: Language, host: &str, tls: bool) -> String {
    match (language, tls) {
        (Language::En, true) => format!("that you connect to {host}"),
        (Language::En, false) => format!("what you read on {host}"),
        (Language::Ru, true) => format!("что вы соединяетесь с {host}"),
        (Language::Ru, false) => format!("что вы читаете на {host}"),
    }
}

/// What a direct way shows of the host that it connects to. With `ech=require` it is never named, but its address is there,
/// and an outer name.
fn seen_directly(language: Language, strategy: &Strategy, host: &str, tls: bool) -> String {
    match language {
        _ if strategy.ech != Ech::Require => seen(language, host, tls),
        Language::En => format!("that you connect to the address of {host}, under a name that several sites may share"),
        Language::Ru => {
            format!("что вы соединяетесь с адресом {host} под именем, которое может быть общим для нескольких сайтов")
        }
    }
}

fn english(strategy: &Strategy, host: &str, tls: bool) -> String {
    let sees = seen(Language::En, host, tls);
    match &strategy.kind {
        Kind::Direct { dns } => {
            let sees = seen_directly(Language::En, strategy, host, tls);
            let resolvers = others(dns);
            let learn = if resolvers.len() > 1 { "the resolvers" } else { "the resolver" };
            match resolvers.as_slice() {
                [] => format!("your provider sees {sees}"),
                _ => format!("your provider sees {sees}, and {learn} {} that you look it up", list(&resolvers, "and")),
            }
        }
        Kind::TorSocks5 { server } if on_this_device(server) => format!(
            "your provider sees of it at most that you use Tor; Tor does not tell {host} who you are, an account of yours \
             would{}",
            if tls { "" } else { "; Tor's exit sees what is read, not by whom" }
        ),
        Kind::TorSocks5 { server } => {
            format!("whoever runs the Tor at {} sees {sees}, and so does the network in front of it", server.host)
        }
        Kind::Socks5 { server, .. } | Kind::HttpConnect { server, .. } | Kind::Shadowsocks { server, .. }
            if on_this_device(server) =>
        {
            format!(
                "the program behind {} on this device sees {sees}; what your provider sees depends on it",
                server.host
            )
        }
        Kind::HttpConnect { tls: true, .. } => format!("the proxy sees {sees}, your provider sees only the proxy"),
        Kind::Shadowsocks { .. } => {
            format!("the Shadowsocks server sees {sees}, your provider sees only that you connect to that server")
        }
        Kind::Socks5 { .. } | Kind::HttpConnect { .. } => {
            format!("the proxy sees {sees}, and so does your provider, because nothing is encrypted on the way to it")
        }
    }
}

/// The resolvers that a direct way names, as they are named to a person; `None` if it names none.
pub(super) fn resolvers(language: Language, strategy: &Strategy) -> Option<String> {
    let Kind::Direct { dns } = &strategy.kind else { return None };
    let and = if language == Language::Ru { "и" } else { "and" };
    Some(list(&others(dns), and)).filter(|named| !named.is_empty())
}

/// The resolvers other than the provider's, as they are named to a person.
fn others(resolvers: &Resolvers) -> Vec<String> {
    let named = |resolver: &Dns| match resolver {
        Dns::System => None,
        Dns::Udp(at) => Some(at.ip().to_string()),
        Dns::Tls(server) | Dns::Https { server, .. } => Some(server.name.to_string()),
    };
    resolvers.iter().filter_map(named).collect()
}

/// `a`, `a and b`, `a, b and c`.
fn list(items: &[String], and: &str) -> String {
    match items {
        [front @ .., last] if !front.is_empty() => format!("{} {and} {last}", front.join(", ")),
        _ => items.join(""),
    }
}

fn russian(strategy: &Strategy, host: &str, tls: bool) -> String {
    let sees = seen(Language::Ru, host, tls);
    match &strategy.kind {
        Kind::Direct { dns } => {
            let sees = seen_directly(Language::Ru, strategy, host, tls);
            let resolvers = others(dns);
            match resolvers.as_slice() {
                [] => format!("провайдер видит, {sees}"),
                [one] => format!("провайдер видит, {sees}, а DNS-сервер {one} видит, что вы ищете этот адрес"),
                _ => format!(
                    "провайдер видит, {sees}, а DNS-серверы {} видят, что вы ищете этот адрес",
                    list(&resolvers, "и")
                ),
            }
        }
        Kind::TorSocks5 { server } if on_this_device(server) => format!(
            "провайдер видит при этом самое большее, что вы пользуетесь Tor; Tor не сообщает {host}, кто вы, а ваша учётная \
             запись сообщила бы{}",
            if tls { "" } else { "; выходной узел Tor видит, что читают, но не кто" }
        ),
        Kind::TorSocks5 { server } => {
            format!("тот, у кого работает Tor на {}, видит, {sees}, и сеть на пути к нему видит то же", server.host)
        }
        Kind::Socks5 { server, .. } | Kind::HttpConnect { server, .. } | Kind::Shadowsocks { server, .. }
            if on_this_device(server) =>
        {
            format!(
                "программа на этом устройстве, которая отвечает по адресу {}, видит, {sees}; что видит провайдер, зависит от неё",
                server.host
            )
        }
        Kind::HttpConnect { tls: true, .. } => format!("прокси видит, {sees}, а провайдер видит только прокси"),
        Kind::Shadowsocks { .. } => {
            format!("сервер Shadowsocks видит, {sees}, а провайдер видит только, что вы соединяетесь с этим сервером")
        }
        Kind::Socks5 { .. } | Kind::HttpConnect { .. } => {
            format!("прокси видит, {sees}, и провайдер тоже: путь до прокси не зашифрован")
        }
    }
}

pub(super) fn on_this_device(server: &Destination) -> bool {
    is_loopback(&server.host)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{attempt, has_cyrillic, of, promises_nothing, server, ways};
    use super::*;

    #[test]
    fn a_name_that_must_be_encrypted_is_not_said_to_be_seen() {
        let strategy: Strategy = "direct:?dns=https://9.9.9.9/dns-query&ech=require".parse().unwrap();
        for language in Language::ALL {
            let clause = observers(language, &strategy, "vk.com", true);
            promises_nothing(&clause);
            assert_eq!(has_cyrillic(&clause), language == Language::Ru, "{clause}");
            assert!(clause.contains("the address of vk.com") || clause.contains("с адресом vk.com"), "{clause}");
            // Where it may be said, it is taken for said.
            let strategy: Strategy = "direct:?dns=https://9.9.9.9/dns-query&ech=prefer".parse().unwrap();
            let clause = observers(language, &strategy, "vk.com", true);
            assert!(clause.contains("you connect to vk.com") || clause.contains("соединяетесь с vk.com"), "{clause}");
        }
    }

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

    #[test]
    fn the_resolvers_that_are_not_the_provider_s_are_named() {
        let told = |way: &str, language| observers(language, &way.parse().unwrap(), "vk.com", true);
        for (way, en, ru) in [
            (
                "direct:",
                "your provider sees that you connect to vk.com",
                "провайдер видит, что вы соединяетесь с vk.com",
            ),
            (
                "direct:?dns=system&dns=https://dns.example/dns-query",
                "your provider sees that you connect to vk.com, and the resolver dns.example that you look it up",
                "провайдер видит, что вы соединяетесь с vk.com, а DNS-сервер dns.example видит, что вы ищете этот адрес",
            ),
            (
                "direct:?dns=udp://9.9.9.9&dns=tls://dns.example&dns=https://doh.example/dns-query",
                "your provider sees that you connect to vk.com, and the resolvers 9.9.9.9, dns.example and doh.example that you look it up",
                "провайдер видит, что вы соединяетесь с vk.com, а DNS-серверы 9.9.9.9, dns.example и doh.example видят, что вы ищете этот адрес",
            ),
        ] {
            assert_eq!((told(way, Language::En), told(way, Language::Ru)), (en.to_owned(), ru.to_owned()));
        }
    }

    #[test]
    fn what_stays_on_this_device_is_seen_by_no_provider() {
        let named_by_hand = ("vk.com", Some(IpAddr::from([127, 0, 0, 1])));
        for (host, at) in [("127.0.0.1", None), ("localhost", None), ("[::1]", None), named_by_hand] {
            let clause = seen_at(Language::En, &Strategy::direct(), host, false, at);
            assert!(clause.starts_with(&format!("the connection to {host} stays on this device")), "{clause}");
            assert!(!clause.contains("provider"), "{clause}");
            let clause = seen_at(Language::Ru, &Strategy::direct(), host, false, at);
            assert!(clause.contains("не покидает этого устройства") && !clause.contains("провайдер"), "{clause}");
        }
        for host in ["192.168.1.1", "printer.local", "[fd00::1]"] {
            let clause = observers(Language::En, &Strategy::direct(), host, true);
            assert_eq!(clause, format!("whoever runs this network sees that you connect to {host}"));
        }
        // To a proxy the same address is the proxy's own machine.
        let proxy = of(Kind::HttpConnect { server: server("proxy.example"), tls: true, login: None });
        assert!(observers(Language::En, &proxy, "127.0.0.1", false).contains("the proxy sees"));
    }

    #[test]
    fn who_saw_attempts_that_read_nothing_is_said_by_the_one_that_showed_the_most() {
        let ways = ways();
        let [direct, _, plain, program, _, https, tor, _, shadowsocks, ..] = &ways[..] else { panic!("nine ways") };
        for (tried_ways, en, ru) in [
            (vec![direct], "Your provider saw the attempt.", "Эту попытку видел провайдер."),
            (vec![tor, direct], "Your provider saw the attempt.", "Эту попытку видел провайдер."),
            (vec![plain], "Your provider saw the attempt.", "Эту попытку видел провайдер."),
            (vec![https, tor], "The proxy saw", "Эту попытку видел прокси"),
            (vec![shadowsocks], "The proxy saw", "Эту попытку видел прокси"),
            (vec![program], "The program on this device", "Эту попытку видела программа"),
            (vec![tor], "Your provider saw of it at most that you use Tor.", "самое большее, что вы пользуетесь Tor"),
        ] {
            let attempts: Vec<_> = tried_ways.into_iter().map(attempt).collect();
            assert!(tried(Language::En, "vk.com", &attempts).unwrap().starts_with(en));
            assert!(tried(Language::Ru, "vk.com", &attempts).unwrap().contains(ru));
        }
        assert_eq!(tried(Language::En, "vk.com", &[]), None);
        let unasked = Attempt { stage: Stage::Tcp, ..attempt(https) };
        assert_eq!(tried(Language::En, "vk.com", &[unasked]), None, "the proxy never heard of the host");
        let here = tried(Language::En, "127.0.0.1", &[attempt(direct)]);
        assert_eq!(here.as_deref(), Some("Nothing of it left this device."));
    }

    #[test]
    fn what_tor_hides_a_direct_attempt_beside_it_has_shown() {
        let ways = ways();
        let [direct, _, plain, _, _, https, tor, ..] = &ways[..] else { panic!("ten ways") };
        let beside = |language, reached, other| {
            beside(language, "vk.com", reached, &[attempt(other), attempt(reached)]).unwrap_or_default()
        };
        assert_eq!(beside(Language::En, tor, direct), "Your provider did see the direct attempt.");
        assert_eq!(beside(Language::Ru, tor, direct), "Попытку соединиться напрямую провайдер видел.");
        assert_eq!(
            beside(Language::En, https, plain),
            "Your provider did see the attempt through the proxy proxy.example."
        );
        assert_eq!(beside(Language::En, tor, https), "The attempt through the proxy proxy.example was seen there.");
        assert_eq!(beside(Language::En, https, tor), "");
        assert_eq!(beside(Language::En, direct, https), "");
        assert_eq!(beside(Language::En, plain, direct), "");
    }
}
