//! Who sees what when a host is reached by a strategy, and who saw what of everything that was tried.
//!
//! The clause for a strategy is a fact of the strategy, not of the moment: a plain proxy hides nothing from the network in
//! front of it; Tor hides the reader from the host and the host from the provider, and cannot hide an account that logs in.
//! What was shown beside it comes from the attempts themselves (`reach::sightings`): the hops of a chain, the attempts that
//! lost, failed or were still waiting.

use url::Host;

use super::{Language, capital};
use crate::reach::{Attempt, Saw, Sighting, Witness, by_nature, leads_here, sightings, stayed_here};
use crate::transport::{Destination, Ech, Kind, Resolver, Resolvers, Strategy, is_local, is_loopback, is_onion_host};

/// Who sees what, as a clause without a capital and a full stop: "your provider sees that you connect to vk.com".
///
/// `tls`: the host is spoken to over TLS, so that those who carry the bytes see the name and not the page.
#[cfg(test)]
pub(super) fn observers(language: Language, strategy: &Strategy, host: &str, tls: bool) -> String {
    seen_by(language, strategy, &by_nature(strategy, destination(host), tls, false), host)
}

/// The same for a host that was reached: `at` is the attempt that brought the answer.
pub(super) fn seen_at(language: Language, strategy: &Strategy, host: &str, tls: bool, at: Option<&Attempt>) -> String {
    seen_by(language, strategy, &nature(strategy, host, tls, at), host)
}

/// What the strategy shows of this host by its nature, where the user may have given the host's address.
fn nature(strategy: &Strategy, host: &str, tls: bool, at: Option<&Attempt>) -> Attempt {
    let pinned = at.is_some_and(|at| at.pinned);
    let nature = by_nature(strategy, destination(host), tls, pinned);
    Attempt { address: at.filter(|_| pinned).and_then(|at| at.address), ..nature }
}

fn seen_by(language: Language, strategy: &Strategy, shown: &Attempt, host: &str) -> String {
    let sees = || seen(language, host, shown.tls);
    match language {
        Language::En if leads_here(shown) => {
            format!("the connection to {host} stays on this device; what the program there sends on depends on it")
        }
        Language::Ru if leads_here(shown) => format!(
            "соединение с {host} не покидает этого устройства; что отправит дальше программа, которая там отвечает, зависит от неё"
        ),
        Language::En if is_around(shown) => format!("whoever runs this network sees {}", sees()),
        Language::Ru if is_around(shown) => format!("тот, кто управляет этой сетью, видит, {}", sees()),
        Language::En => english(strategy, host, shown),
        Language::Ru => russian(strategy, host, shown),
    }
}

/// A direct way to a host in the device's own network.
fn is_around(shown: &Attempt) -> bool {
    shown.strategy.is_direct() && is_local(&shown.destination.host)
}

/// A destination of this name; its port is no matter here.
fn destination(host: &str) -> Destination {
    Destination { host: Host::parse(host).unwrap_or_else(|_| Host::Domain(host.to_owned())), port: 443 }
}

/// Who saw the attempts, as sentences, when none of them read anything; `None` when nothing left this device, nor was to.
pub(super) fn tried(language: Language, attempts: &[Attempt]) -> Option<String> {
    if stayed_here(attempts) {
        return Some(match language {
            Language::En => "Nothing of it left this device.".to_owned(),
            Language::Ru => "За пределы этого устройства ничего не вышло.".to_owned(),
        });
    }
    let seen = sightings(attempts);
    let hidden = attempts.iter().any(|attempt| attempt.entered.is_some() && !attempt.strategy.is_direct());
    let seen: Vec<_> = seen.into_iter().filter(|one| hidden || one.witness != Witness::Site).collect();
    let clauses = clauses(language, &seen, None);
    (!clauses.is_empty())
        .then(|| clauses.iter().map(|clause| format!("{}.", capital(clause))).collect::<Vec<_>>().join(" "))
}

/// Who saw more than the strategy shows by its nature by which the host was read in the end, as a sentence: other attempts
/// and other hosts of a chain of redirects were seen too.
pub(super) fn beside(
    language: Language,
    (strategy, host, tls): (&Strategy, &str, bool),
    at: Option<&Attempt>,
    attempts: &[Attempt],
) -> Option<String> {
    let mut nature = nature(strategy, host, tls, at);
    // The attempt's own spelling of the host, with the dot of an absolute name.
    if let Some(at) = at.filter(|at| same_host(&at.destination.host, &nature.destination.host)) {
        nature.destination = at.destination.clone();
    }
    let known = sightings([&nature]);
    let is_new = |one: &Sighting<'_>| {
        let said = known.iter().filter(|known| known.witness == one.witness);
        if one.saw <= Saw::Proxy {
            said.map(|known| known.saw).max() < Some(one.saw)
        } else {
            !said.clone().any(|known| known.host == one.host && known.saw >= one.saw)
        }
    };
    let new: Vec<_> = sightings(attempts).into_iter().filter(is_new).collect();
    let clauses = clauses(language, &new, Some(&known));
    let all = clauses.join("; ");
    (!clauses.is_empty()).then(|| match language {
        Language::En => format!("Besides, {all}."),
        Language::Ru => format!("Кроме того, {all}."),
    })
}

fn same_host(one: &Host<String>, other: &Host<String>) -> bool {
    one.to_string().trim_end_matches('.') == other.to_string().trim_end_matches('.')
}

/// A clause for each observer: the provider first. `said`: what was said of them before.
fn clauses(language: Language, seen: &[Sighting<'_>], said: Option<&[Sighting<'_>]>) -> Vec<String> {
    let mut witnesses: Vec<Witness<'_>> = Vec::new();
    for one in seen {
        if !witnesses.contains(&one.witness) {
            witnesses.push(one.witness);
        }
    }
    witnesses.sort_by_key(rank);
    let of = |witness: Witness<'_>, all: &[Sighting<'_>]| {
        all.iter().any(|one| one.witness == witness && one.saw > Saw::Proxy)
    };
    let provider = of(Witness::Provider, seen) || said.is_some_and(|said| of(Witness::Provider, said));
    witnesses.into_iter().filter_map(|witness| clause(language, witness, seen, provider)).collect()
}

fn rank(witness: &Witness<'_>) -> usize {
    match witness {
        Witness::Provider => 0,
        Witness::Network => 1,
        Witness::Resolver(_) => 2,
        Witness::Program(_) => 3,
        Witness::Proxy(_) => 4,
        Witness::TorElsewhere(_) => 5,
        Witness::Exit => 6,
        Witness::Site => 7,
    }
}

/// `provider`: the provider saw something of a host, so that a proxy or Tor beside it needs no word.
fn clause(language: Language, witness: Witness<'_>, seen: &[Sighting<'_>], provider: bool) -> Option<String> {
    let hosts = |wanted: &dyn Fn(Saw, &Host<String>) -> bool| -> Vec<String> {
        let of_witness = seen.iter().filter(|one| one.witness == witness && wanted(one.saw, one.host));
        of_witness.map(|one| one.host.to_string().trim_end_matches('.').to_owned()).collect()
    };
    let is_name = |host: &Host<String>| matches!(host, Host::Domain(_));
    if witness == Witness::Site {
        let all = some_of(language, &hosts(&|_, _| true));
        return Some(match language {
            Language::En => format!("what answers for {all} saw your address"),
            Language::Ru => format!("то, что отвечает за {all}, видело ваш адрес"),
        });
    }
    let mut did: Vec<String> = Vec::new();
    let mut add = |hosts: Vec<String>, en: &dyn Fn(&str, bool) -> String, ru: &dyn Fn(&str, bool) -> String| {
        if !hosts.is_empty() {
            let (all, many) = (some_of(language, &hosts), hosts.len() > 1);
            did.push(if language == Language::Ru { ru(&all, many) } else { en(&all, many) });
        }
    };
    let she = matches!(witness, Witness::Program(_));
    let (could, saw_ru) = if she { ("могла", "видела") } else { ("мог", "видел") };
    add(
        hosts(&|saw, _| saw == Saw::Credentials),
        &|all, _| {
            format!(
                "could read the whole address asked for on {all}, the answer, and the cookies or login sent with it"
            )
        },
        &|all, _| {
            format!(
                "{could} прочесть весь адрес, запрошенный на {all}, ответ и отправленные с запросом cookie или пароль"
            )
        },
    );
    add(
        hosts(&|saw, _| saw == Saw::Page),
        &|all, _| format!("could read the whole address asked for on {all}, and the answer"),
        &|all, _| format!("{could} прочесть весь адрес, запрошенный на {all}, и ответ"),
    );
    // A Tor exit sees a name, and not whose connection it is.
    add(
        hosts(&|saw, host| saw == Saw::Name && is_name(host) && witness != Witness::Exit),
        &|all, many| format!("saw the {} {all}", if many { "names" } else { "name" }),
        &|all, many| format!("{saw_ru} {} {all}", if many { "имена" } else { "имя" }),
    );
    add(
        hosts(&|saw, host| saw == Saw::Address && is_name(host)),
        &|all, many| {
            format!(
                "saw {} of {all}",
                if many { "connections to the addresses" } else { "a connection to the address" }
            )
        },
        &|all, many| format!("{saw_ru} {} {all}", if many { "соединения с адресами" } else { "соединение с адресом" }),
    );
    add(
        hosts(&|saw, host| matches!(saw, Saw::Address | Saw::Name) && !is_name(host) && witness != Witness::Exit),
        &|all, many| format!("saw {} to {all}", if many { "connections" } else { "a connection" }),
        &|all, many| format!("{saw_ru} {} с {all}", if many { "соединения" } else { "соединение" }),
    );
    if !provider {
        add(
            hosts(&|saw, _| saw == Saw::Proxy),
            &|all, many| format!("saw only that you connect to the {} {all}", if many { "proxies" } else { "proxy" }),
            &|all, _| format!("{saw_ru} только, что вы соединяетесь с прокси {all}"),
        );
        add(hosts(&|saw, _| saw == Saw::Tor), &|_, _| "saw at most that you use Tor".to_owned(), &|_, _| {
            format!("{saw_ru} самое большее, что вы пользуетесь Tor")
        });
    }
    if did.is_empty() {
        return None;
    }
    let who = who(language, witness);
    let and = if language == Language::Ru { "и" } else { "and" };
    let did = list(&did, and);
    Some(match (language, witness) {
        (Language::En, Witness::Program(_)) if !provider => {
            format!("{who} {did}; what your provider saw depends on it")
        }
        (Language::Ru, Witness::Program(_)) if !provider => format!("{who} {did}; что видел провайдер, зависит от неё"),
        _ => format!("{who} {did}"),
    })
}

fn who(language: Language, witness: Witness<'_>) -> String {
    match (language, witness) {
        (Language::En, Witness::Provider) => "your provider".to_owned(),
        (Language::Ru, Witness::Provider) => "провайдер".to_owned(),
        (Language::En, Witness::Network) => "the operator of this network".to_owned(),
        (Language::Ru, Witness::Network) => "тот, кто управляет этой сетью,".to_owned(),
        (Language::En, Witness::Resolver(dns)) => format!("the resolver {}", named(dns)),
        (Language::Ru, Witness::Resolver(dns)) => format!("DNS-сервер {}", named(dns)),
        (Language::En, Witness::Proxy(server)) => format!("the proxy {}", server.host),
        (Language::Ru, Witness::Proxy(server)) => format!("прокси {}", server.host),
        (Language::En, Witness::TorElsewhere(server)) => format!("the operator of the Tor at {}", server.host),
        (Language::Ru, Witness::TorElsewhere(server)) => format!("тот, у кого работает Tor на {},", server.host),
        (Language::En, Witness::Program(server)) => format!("the program behind {} on this device", server.host),
        (Language::Ru, Witness::Program(server)) => {
            format!("программа на этом устройстве, которая отвечает по адресу {},", server.host)
        }
        (Language::En, Witness::Exit) => "Tor's exit".to_owned(),
        (Language::Ru, Witness::Exit) => "выходной узел Tor".to_owned(),
        (Language::En, Witness::Site) => "the site".to_owned(),
        (Language::Ru, Witness::Site) => "сайт".to_owned(),
    }
}

/// Some of a long list, and how many more.
fn some_of(language: Language, items: &[String]) -> String {
    let and = if language == Language::Ru { "и" } else { "and" };
    if items.len() <= NAMED {
        return list(items, and);
    }
    let mut shown = items.get(..NAMED - 1).unwrap_or_default().to_vec();
    let more = items.len() - shown.len();
    shown.push(if language == Language::Ru { format!("ещё {more}") } else { format!("{more} more") });
    list(&shown, and)
}

/// How many hosts a sentence names: a chain of redirects may have twenty.
const NAMED: usize = 4;

/// Whether every attempt of a way, or the way by its nature, stays on this device.
pub(super) fn stays_here(strategy: &Strategy, host: &str, attempts: &[Attempt]) -> bool {
    let mut of_way = attempts.iter().filter(|attempt| attempt.strategy == *strategy).peekable();
    let here = match of_way.peek() {
        None => is_loopback(&destination(host).host),
        Some(_) => of_way.all(leads_here),
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

/// What a direct way shows of the host that it connects to. With `ech=require`, and no question in the clear, it is never
/// named, but its address is there, and an outer name.
fn seen_directly(language: Language, strategy: &Strategy, host: &str, shown: &Attempt) -> String {
    let asked_openly = || shown.lookups.iter().any(|lookup| !lookup.resolver.is_authenticated());
    match language {
        _ if !shown.tls || strategy.ech != Ech::Require || asked_openly() => seen(language, host, shown.tls),
        Language::En => format!("that you connect to the address of {host}, under a name that several sites may share"),
        Language::Ru => {
            format!("что вы соединяетесь с адресом {host} под именем, которое может быть общим для нескольких сайтов")
        }
    }
}

fn english(strategy: &Strategy, host: &str, shown: &Attempt) -> String {
    let tls = shown.tls;
    let sees = seen(Language::En, host, tls);
    let exit_reads = !tls && !is_onion_host(&shown.destination.host);
    match &strategy.kind {
        Kind::Direct { dns } => {
            let sees = seen_directly(Language::En, strategy, host, shown);
            let resolvers = if shown.lookups.is_empty() { Vec::new() } else { others(dns) };
            let learn = if resolvers.len() > 1 { "the resolvers" } else { "the resolver" };
            match resolvers.as_slice() {
                [] => format!("your provider sees {sees}"),
                _ => format!("your provider sees {sees}, and {learn} {} that you look it up", list(&resolvers, "and")),
            }
        }
        Kind::TorSocks5 { server } if on_this_device(server) => format!(
            "your provider sees of it at most that you use Tor; Tor does not tell {host} who you are, an account of yours \
             would{}",
            if exit_reads { "; Tor's exit sees what is read, not by whom" } else { "" }
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
    resolvers.iter().filter(|resolver| !matches!(resolver, Resolver::System)).map(named).collect()
}

/// A resolver's name or address.
fn named(resolver: &Resolver) -> String {
    match resolver {
        Resolver::System => "system".to_owned(),
        Resolver::Udp(at) => at.ip().to_string(),
        Resolver::Tls(server) | Resolver::Https { server, .. } => server.name.to_string(),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(items: &[String], and: &str) -> String {
    match items {
        [front @ .., last] if !front.is_empty() => format!("{} {and} {last}", front.join(", ")),
        _ => items.join(""),
    }
}

fn russian(strategy: &Strategy, host: &str, shown: &Attempt) -> String {
    let tls = shown.tls;
    let sees = seen(Language::Ru, host, tls);
    let exit_reads = !tls && !is_onion_host(&shown.destination.host);
    match &strategy.kind {
        Kind::Direct { dns } => {
            let sees = seen_directly(Language::Ru, strategy, host, shown);
            let resolvers = if shown.lookups.is_empty() { Vec::new() } else { others(dns) };
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
            if exit_reads {
                "; выходной узел Tor видит, что читают, но не кто"
            } else {
                ""
            }
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

    use crate::reach::Outcome;
    use std::net::IpAddr;

    use super::super::tests::{attempt, has_cyrillic, of, promises_nothing, server, ways};
    use super::*;

    #[test]
    fn a_name_that_must_be_encrypted_is_not_said_to_be_seen() {
        let strategy: Strategy = "direct:?dns=https://9.9.9.9/dns-query&ech=require".parse().unwrap();
        for &language in Language::ALL {
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
            assert_eq!(clause, format!("whoever runs this network sees that you connect to {host}"));
        }
        // To a proxy the same address is the proxy's own machine.
        let proxy = of(Kind::HttpConnect { server: server("proxy.example"), tls: true, login: None });
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
                "Your provider saw the name vk.com. What answers for vk.com saw your address.",
                "Провайдер видел имя vk.com. То, что отвечает за vk.com, видело ваш адрес.",
            ),
            (
                vec![plain],
                "Your provider saw the name vk.com. The proxy proxy.example saw the name vk.com.",
                "Провайдер видел имя vk.com. Прокси proxy.example видел имя vk.com.",
            ),
            (
                vec![https],
                "Your provider saw only that you connect to the proxy proxy.example. The proxy proxy.example saw the name vk.com.",
                "Провайдер видел только, что вы соединяетесь с прокси proxy.example. Прокси proxy.example видел имя vk.com.",
            ),
            (
                vec![shadowsocks],
                "Your provider saw only that you connect to the proxy ss.example. The proxy ss.example saw the name vk.com.",
                "Провайдер видел только, что вы соединяетесь с прокси ss.example. Прокси ss.example видел имя vk.com.",
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
                "Провайдер видел самое большее, что вы пользуетесь Tor.",
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
        assert_eq!(here.as_deref(), Some("Nothing of it left this device."));
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
            let told =
                [Language::En, Language::Ru].map(|language| beside(language, (reached, host, true), at, attempts));
            told.map(Option::unwrap_or_default)
        };
        assert_eq!(
            told(direct, "b.example", &[first.clone(), read("b.example", direct)]),
            [
                "Besides, your provider could read the whole address asked for on a.example, and the answer; what answers for \
                 a.example saw your address.",
                "Кроме того, провайдер мог прочесть весь адрес, запрошенный на a.example, и ответ; то, что отвечает за a.example, \
                 видело ваш адрес."
            ]
        );
        let with_cookies = Attempt { credentials: true, ..first };
        let [en, ru] = told(tor, "b.example", &[with_cookies, read("b.example", tor)]);
        assert!(en.contains("asked for on a.example, the answer, and the cookies or login sent with it"), "{en}");
        assert!(ru.contains("запрошенный на a.example, ответ и отправленные с запросом cookie или пароль"), "{ru}");
        // What the clause says already is not said again.
        assert_eq!(told(direct, "b.example", &[read("b.example", direct)]), ["", ""]);
        assert_eq!(told(tor, "b.example", &[read("b.example", tor)]), ["", ""]);
        let many: Vec<_> = ["a.example", "b.example", "c.example", "d.example", "e.example", "f.example"]
            .map(|host| read(host, tor))
            .into_iter()
            .chain(["a.example", "b.example", "c.example", "d.example", "e.example"].map(|host| read(host, direct)))
            .collect();
        let [en, _] = told(tor, "f.example", &many);
        assert!(
            en.starts_with("Besides, your provider saw the names a.example, b.example, c.example and 2 more;"),
            "{en}"
        );
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
            "Besides, your provider saw the name vk.com; what answers for vk.com saw your address."
        );
        assert_eq!(
            beside(Language::Ru, tor, direct),
            "Кроме того, провайдер видел имя vk.com; то, что отвечает за vk.com, видело ваш адрес."
        );
        assert_eq!(
            beside(Language::En, tor, https),
            "Besides, your provider saw only that you connect to the proxy proxy.example; the proxy proxy.example saw the name \
             vk.com."
        );
        assert_eq!(beside(Language::En, https, tor), "");
        assert_eq!(beside(Language::En, direct, https), "Besides, the proxy proxy.example saw the name vk.com.");
        assert_eq!(beside(Language::En, plain, direct), "Besides, what answers for vk.com saw your address.");
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
}
