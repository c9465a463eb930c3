#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::reach::Outcome;
use std::net::IpAddr;

use super::*;
use crate::sentences::Language;
use crate::sentences::tests::{attempt, has_cyrillic, of, promises_nothing, server, ways};

fn observers(language: Language, strategy: &Strategy, host: &str, tls: bool) -> String {
    let to = to_whom(strategy, &by_nature(strategy, destination(host), tls, false));
    language.phrasebook().shown(&Disclosure { host, to })
}

fn seen_at(language: Language, strategy: &Strategy, host: &str, tls: bool, at: Option<&Attempt>) -> String {
    language.phrasebook().shown(&shown_to(strategy, host, tls, at))
}

fn tried(language: Language, attempts: &[Attempt]) -> Option<String> {
    super::tried(attempts).map(|tried| language.phrasebook().tried(&tried))
}

fn beside(
    language: Language,
    reached: (&Strategy, &str, bool),
    at: Option<&Attempt>,
    attempts: &[Attempt],
) -> Option<String> {
    super::beside(reached, at, attempts).map(|beside| language.phrasebook().beside(&beside))
}

#[test]
fn a_name_that_must_be_encrypted_is_not_said_to_be_seen() {
    let strategy: Strategy = "direct:?dns=https://9.9.9.9/dns-query&ech=require".parse().unwrap();
    for &language in Language::ALL {
        let clause = observers(language, &strategy, "vk.com", true);
        promises_nothing(&clause);
        assert_eq!(has_cyrillic(&clause), language == Language::Ru, "{clause}");
        assert!(clause.contains("the address of vk.com") || clause.contains("с адресом vk.com"), "{clause}");
        // If the name may have been sent, it counts as sent.
        let strategy: Strategy = "direct:?dns=https://9.9.9.9/dns-query&ech=prefer".parse().unwrap();
        let clause = observers(language, &strategy, "vk.com", true);
        assert!(clause.contains("you connect to vk.com") || clause.contains("соединяетесь с vk.com"), "{clause}");
    }
}

#[test]
fn every_way_says_who_sees_what_in_every_language() {
    for strategy in ways() {
        for tls in [true, false] {
            for &language in Language::ALL {
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
    let plain = of(StrategyKind::Socks5 { server: server("proxy.example"), login: None });
    assert!(observers(Language::En, &plain, "vk.com", true).contains("so does your provider"));
    let over_tls = of(StrategyKind::HttpConnect { server: server("proxy.example"), tls: true, login: None });
    assert!(observers(Language::En, &over_tls, "vk.com", true).contains("only the proxy"));
}

#[test]
fn the_resolvers_that_are_not_the_provider_s_are_named() {
    let told = |way: &str, language| observers(language, &way.parse().unwrap(), "vk.com", true);
    for (way, en, ru) in [
        ("direct:", "your provider sees that you connect to vk.com", "провайдер видит, что вы соединяетесь с vk.com"),
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
        let direct = Strategy::direct();
        let at = at.map(|at| Attempt { pinned: true, address: Some(at), ..attempt(&direct) });
        let clause = seen_at(Language::En, &direct, host, false, at.as_ref());
        assert!(clause.starts_with(&format!("the connection to {host} stays on this device")), "{clause}");
        assert!(!clause.contains("provider"), "{clause}");
        let clause = seen_at(Language::Ru, &direct, host, false, at.as_ref());
        assert!(clause.contains("не покидает этого устройства") && !clause.contains("провайдер"), "{clause}");
    }
    for host in ["192.168.1.1", "printer.local", "[fd00::1]"] {
        let clause = observers(Language::En, &Strategy::direct(), host, true);
        assert_eq!(clause, format!("the operator of this network sees that you connect to {host}"));
    }
    // For a proxy the same address is the proxy's own machine.
    let proxy = of(StrategyKind::HttpConnect { server: server("proxy.example"), tls: true, login: None });
    assert!(observers(Language::En, &proxy, "127.0.0.1", false).contains("the proxy sees"));
}

fn to(host: &str, attempt: Attempt) -> Attempt {
    Attempt { destination: destination(host), ..attempt }
}

#[test]
fn attempts_that_read_nothing_say_who_saw_the_most() {
    let ways = ways();
    let [direct, udp, plain, program, _, https, tor, tor_elsewhere, shadowsocks, ..] = &ways[..] else {
        panic!("nine ways")
    };
    for (tried_ways, en, ru) in [
        (vec![direct], "Your provider saw the name vk.com.", "Провайдер видел имя vk.com."),
        (
            vec![udp],
            "Your provider saw the name vk.com. The resolver 9.9.9.9 saw the name vk.com.",
            "Провайдер видел имя vk.com. DNS-сервер 9.9.9.9 видел имя vk.com.",
        ),
        (
            vec![tor, direct],
            "Your provider saw the name vk.com. The server that answers for vk.com saw your address.",
            "Провайдер видел имя vk.com. Сервер, который отвечает за vk.com, видел ваш адрес.",
        ),
        (
            vec![plain],
            "Your provider saw the name vk.com. The proxy proxy.example saw the name vk.com.",
            "Провайдер видел имя vk.com. Прокси proxy.example видел имя vk.com.",
        ),
        (
            vec![https],
            "Your provider saw only that you connect to the proxy proxy.example. The proxy proxy.example saw the name vk.com.",
            "Провайдер видел только то, что вы соединяетесь с прокси proxy.example. Прокси proxy.example видел имя vk.com.",
        ),
        (
            vec![shadowsocks],
            "Your provider saw only that you connect to the proxy ss.example. The proxy ss.example saw the name vk.com.",
            "Провайдер видел только то, что вы соединяетесь с прокси ss.example. Прокси ss.example видел имя vk.com.",
        ),
        (
            vec![program],
            "The program behind 127.0.0.1 on this device saw the name vk.com; what your provider saw depends on it.",
            "Программа на этом устройстве, которая отвечает по адресу 127.0.0.1, видела имя vk.com; что видел провайдер, \
             зависит от неё.",
        ),
        (
            vec![tor],
            "Your provider saw at most that you use Tor.",
            "Провайдер видел разве что то, что вы пользуетесь Tor.",
        ),
        (
            vec![tor_elsewhere],
            "Your provider saw the name vk.com. The operator of the Tor at tor.example saw the name vk.com.",
            "Провайдер видел имя vk.com. Тот, у кого работает Tor на tor.example, видел имя vk.com.",
        ),
    ] {
        let attempts: Vec<_> = tried_ways.into_iter().map(|way| to("vk.com", attempt(way))).collect();
        assert_eq!(tried(Language::En, &attempts).as_deref(), Some(en));
        assert_eq!(tried(Language::Ru, &attempts).as_deref(), Some(ru));
    }
    assert_eq!(tried(Language::En, &[]), None);
    let unsent = Attempt { entered: None, lookups: Vec::new(), ..attempt(direct) };
    assert_eq!(tried(Language::En, &[unsent]), None);
    let here = tried(Language::En, &[to("127.0.0.1", attempt(direct))]);
    assert_eq!(here.as_deref(), Some("Nothing was sent beyond this device."));
}

#[test]
fn each_host_of_a_chain_is_named_with_what_was_seen() {
    let ways = ways();
    let [direct, _, _, _, _, _, tor, ..] = &ways[..] else { panic!("ten ways") };
    let read = |host, way| {
        let whole = Some(crate::transport::Stage::Progress);
        to(host, Attempt { entered: whole, outcome: Outcome::Proven, ..attempt(way) })
    };
    let first = Attempt { tls: false, ..read("a.example", direct) };
    let told = |reached: &Strategy, host, attempts: &[Attempt]| {
        let at = attempts.last();
        let told = [Language::En, Language::Ru].map(|language| beside(language, (reached, host, true), at, attempts));
        told.map(Option::unwrap_or_default)
    };
    assert_eq!(
        told(direct, "b.example", &[first.clone(), read("b.example", direct)]),
        [
            "Besides, your provider could read the whole address asked for on a.example, and the answer; the server \
             that answers for a.example saw your address.",
            "Кроме того, провайдер мог прочитать весь адрес, запрошенный на a.example, и ответ; сервер, который \
             отвечает за a.example, видел ваш адрес."
        ]
    );
    let with_cookies = Attempt { credentials: true, ..first };
    let [en, ru] = told(tor, "b.example", &[with_cookies, read("b.example", tor)]);
    assert!(en.contains("asked for on a.example, the answer, and the cookies or login sent with it"), "{en}");
    assert!(ru.contains("запрошенный на a.example, ответ и отправленные с запросом cookie или пароль"), "{ru}");
    // What the clause already says is not repeated.
    assert_eq!(told(direct, "b.example", &[read("b.example", direct)]), ["", ""]);
    assert_eq!(told(tor, "b.example", &[read("b.example", tor)]), ["", ""]);
    let many: Vec<_> = ["a.example", "b.example", "c.example", "d.example", "e.example", "f.example"]
        .map(|host| read(host, tor))
        .into_iter()
        .chain(["a.example", "b.example", "c.example", "d.example", "e.example"].map(|host| read(host, direct)))
        .collect();
    let [en, _] = told(tor, "f.example", &many);
    assert!(en.starts_with("Besides, your provider saw the names a.example, b.example, c.example and 2 more;"), "{en}");
}

#[test]
fn what_tor_hides_a_direct_attempt_beside_it_has_shown() {
    let ways = ways();
    let [direct, _, plain, _, _, https, tor, ..] = &ways[..] else { panic!("ten ways") };
    let beside = |language, reached, other| {
        let attempts = [to("vk.com", attempt(other)), to("vk.com", attempt(reached))];
        beside(language, (reached, "vk.com", true), attempts.last(), &attempts).unwrap_or_default()
    };
    assert_eq!(
        beside(Language::En, tor, direct),
        "Besides, your provider saw the name vk.com; the server that answers for vk.com saw your address."
    );
    assert_eq!(
        beside(Language::Ru, tor, direct),
        "Кроме того, провайдер видел имя vk.com; сервер, который отвечает за vk.com, видел ваш адрес."
    );
    assert_eq!(
        beside(Language::En, tor, https),
        "Besides, your provider saw only that you connect to the proxy proxy.example; the proxy proxy.example saw the name \
         vk.com."
    );
    assert_eq!(beside(Language::En, https, tor), "");
    assert_eq!(beside(Language::En, direct, https), "Besides, the proxy proxy.example saw the name vk.com.");
    assert_eq!(beside(Language::En, plain, direct), "Besides, the server that answers for vk.com saw your address.");
}

#[test]
fn a_resolver_that_was_not_asked_is_not_said_to_see() {
    let strategy: Strategy = "direct:?dns=udp://9.9.9.9".parse().unwrap();
    let by_hand = Attempt { pinned: true, address: Some([203, 0, 113, 7].into()), ..attempt(&strategy) };
    let clause = seen_at(Language::En, &strategy, "vk.com", true, Some(&by_hand));
    assert_eq!(clause, "your provider sees that you connect to vk.com");
    assert_eq!(
        observers(Language::En, &strategy, "192.0.2.1", true),
        "your provider sees that you connect to 192.0.2.1"
    );
    let openly: Strategy = "direct:?dns=system&dns=https://9.9.9.9/dns-query&ech=require".parse().unwrap();
    let clause = observers(Language::En, &openly, "vk.com", true);
    assert!(
        clause.starts_with("your provider sees that you connect to vk.com,"),
        "it was asked for in the clear: {clause}"
    );
    let tor = "tor+socks5://127.0.0.1:9050".parse().unwrap();
    let onion = format!("{}.onion", "a".repeat(56));
    assert!(!observers(Language::En, &tor, &onion, false).contains("exit"), "an onion service has no exit");
}
