//! Who saw what of an access, derived from its attempts, hop by hop.
//!
//! A strategy says what it hides; only the attempts say what was shown. If a direct attempt went first, the provider
//! learned the name of a page even if Tor brought it. A chain of redirects shows each of its hosts, by its own scheme.
//! So each attempt counts by the farthest stage that it entered ([`Attempt::entered`]), whether it won, lost, failed or
//! was still waiting. A lookup shows the name to the resolver, and without encryption to the network too. A TCP
//! connection shows an address. A ClientHello shows the name unless it is encrypted; cutting the name does not hide it,
//! because an observer can put the pieces together. A cleartext request shows its whole URL and its credentials.
//!
//! For each observer and host only the most that was seen is kept ([`Saw`] is ordered). If it is not known whether
//! something was seen, it counts as seen.

use std::time::Duration;

use url::Host;

use super::{Attempt, AttemptId, Outcome};
use crate::transport::{
    Cause, Destination, Ech, EchOutcome, Lookup, Resolver, Stage, Strategy, StrategyKind, is_local, is_loopback,
    is_onion_host,
};

/// An observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Witness<'a> {
    /// The provider, and every network in front of the device. A VPN takes its place.
    Provider,
    /// The operator of the device's own network, in which the host lies.
    Network,
    /// A resolver other than the network's.
    Resolver(&'a Resolver),
    /// A proxy elsewhere.
    Proxy(&'a Destination),
    /// A Tor elsewhere, and its operator.
    TorElsewhere(&'a Destination),
    /// A program on this device that forwards the connection. What it shows to others is not known.
    Program(&'a Destination),
    /// The last relay of a Tor circuit.
    Exit,
    /// The server at the host's address.
    Site,
}

/// What was seen, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Saw {
    /// At most that Tor is used.
    Tor,
    /// That a proxy is used.
    Proxy,
    /// A connection to the host's address. For [`Witness::Site`], the reader's own address.
    Address,
    /// The host's name.
    Name,
    /// The whole URL and the answer.
    Page,
    /// The same with cookies or credentials.
    Credentials,
}

/// The most that one observer saw of one host, and the attempt that showed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sighting<'a> {
    pub(crate) witness: Witness<'a>,
    /// The host. For [`Saw::Tor`] and [`Saw::Proxy`], the Tor or the proxy itself.
    pub(crate) host: &'a Host<String>,
    pub(crate) saw: Saw,
    /// The first attempt that showed this much.
    pub(crate) by: AttemptId,
}

/// Everything that was seen of these attempts: one entry for each observer and host, in the order in which it was
/// shown.
pub(crate) fn sightings<'a>(attempts: impl IntoIterator<Item = &'a Attempt>) -> Vec<Sighting<'a>> {
    let mut all: Vec<Sighting<'a>> = Vec::new();
    for attempt in attempts {
        of_attempt(attempt, &mut |witness, host, saw| {
            let new = Sighting { witness, host, saw, by: attempt.id };
            match all.iter_mut().find(|known| (known.witness, known.host) == (witness, host)) {
                Some(known) if known.saw < saw => *known = new,
                Some(_) => {}
                None => all.push(new),
            }
        });
    }
    all
}

/// Drops the attempts that showed nothing which another one did not show too.
#[cfg(feature = "upload")]
pub(crate) fn retain_telling(attempts: &mut Vec<Attempt>) {
    let telling: Vec<AttemptId> = sightings(attempts.iter()).into_iter().map(|sighting| sighting.by).collect();
    attempts.retain(|attempt| telling.contains(&attempt.id));
}

/// Whether something was sent and all of it stayed on this device.
pub(crate) fn stayed_here<'a>(attempts: impl IntoIterator<Item = &'a Attempt>) -> bool {
    let mut attempts = attempts.into_iter().filter(|attempt| attempt.entered.is_some()).peekable();
    attempts.peek().is_some() && attempts.all(leads_here)
}

/// A direct attempt at this device itself: by the host's own spelling, by an address that the user gave, or on a
/// connection that was there. If a resolver gave such an address for a name, the name was shown to that resolver.
pub(crate) fn leads_here(attempt: &Attempt) -> bool {
    let is_unasked = attempt.reused && attempt.lookups.is_empty();
    let by_hand = attempt.address.filter(|_| attempt.pinned || is_unasked);
    attempt.strategy.is_direct()
        && (is_loopback(&attempt.destination.host) || by_hand.is_some_and(|address| address.is_loopback()))
}

/// What a strategy shows of a host over TLS or in cleartext, if the attempt completes.
pub(crate) fn by_nature(strategy: &Strategy, destination: Destination, tls: bool, pinned: bool) -> Attempt {
    let looked_up = matches!(destination.host, Host::Domain(_)) && !pinned;
    let lookups = match &strategy.kind {
        StrategyKind::Direct { dns } if looked_up => {
            dns.iter().map(|resolver| Lookup { resolver: resolver.clone(), asked: true, answers: Vec::new() }).collect()
        }
        _ => Vec::new(),
    };
    let encrypted = tls && strategy.ech == Ech::Require;
    Attempt {
        id: AttemptId::new(0),
        strategy: strategy.clone(),
        destination,
        hop: 0,
        address: None,
        answers: Vec::new(),
        lookups,
        stage: Stage::Progress,
        entered: Some(Stage::Progress),
        outcome: Outcome::Proven,
        started: Duration::ZERO,
        took: Duration::ZERO,
        first_byte: None,
        bytes: 0,
        proved_name: tls,
        tls,
        credentials: false,
        reused: false,
        pinned,
        ech: if encrypted { EchOutcome::Accepted } else { EchOutcome::Off },
        clock_ahead: None,
        page: None,
        tor_start: None,
        mute: false,
        asked_tor_again: false,
    }
}

fn of_attempt<'a>(attempt: &'a Attempt, see: &mut impl FnMut(Witness<'a>, &'a Host<String>, Saw)) {
    let host = &attempt.destination.host;
    let Some(entered) = attempt.entered else { return };
    let page = match () {
        () if attempt.tls || entered < Stage::FirstByte => None,
        () if attempt.credentials => Some(Saw::Credentials),
        () => Some(Saw::Page),
    };
    let told = page.unwrap_or(Saw::Name);
    match &attempt.strategy.kind {
        StrategyKind::Direct { .. } if leads_here(attempt) => {}
        StrategyKind::Direct { .. } => {
            // A private address found for a name may come from a VPN, so only the host's own spelling makes it local.
            let around = if is_local(host) { Witness::Network } else { Witness::Provider };
            for lookup in attempt.lookups.iter().filter(|lookup| lookup.asked) {
                match &lookup.resolver {
                    Resolver::System => see(around, host, Saw::Name),
                    Resolver::Udp(_) => {
                        see(around, host, Saw::Name);
                        see(Witness::Resolver(&lookup.resolver), host, Saw::Name);
                    }
                    Resolver::Tls(_) | Resolver::Https { .. } => {
                        see(Witness::Resolver(&lookup.resolver), host, Saw::Name)
                    }
                }
            }
            if let Some(saw) = page.or_else(|| connected(attempt, entered)) {
                see(around, host, saw);
            }
            // After a TCP connection was made.
            if entered > Stage::Tcp {
                see(Witness::Site, host, Saw::Address);
            }
        }
        // Its relays are seen as Tor, whether or not the stream comes to be.
        StrategyKind::Tor { .. } => {
            if entered >= Stage::Proxy {
                see(Witness::Provider, &attempt.destination.host, Saw::Tor);
                if !is_onion_host(host) {
                    see(Witness::Exit, host, told);
                }
            }
        }
        StrategyKind::TorSocks5 { server } if is_loopback(&server.host) => {
            if entered >= Stage::Proxy && !attempt.mute {
                see(Witness::Provider, &server.host, Saw::Tor);
                if !is_onion_host(host) {
                    see(Witness::Exit, host, told);
                }
            }
        }
        StrategyKind::TorSocks5 { server } => {
            see(Witness::Provider, &server.host, Saw::Proxy);
            if entered >= Stage::Proxy && !attempt.mute {
                see(Witness::Provider, host, told);
                see(Witness::TorElsewhere(server), host, told);
                if !is_onion_host(host) {
                    see(Witness::Exit, host, told);
                }
            }
        }
        StrategyKind::Socks5 { server, .. }
        | StrategyKind::HttpConnect { server, .. }
        | StrategyKind::Shadowsocks { server, .. }
            if is_loopback(&server.host) =>
        {
            if entered >= Stage::Proxy && !attempt.mute {
                see(Witness::Program(server), host, told);
            }
        }
        StrategyKind::Socks5 { server, .. } | StrategyKind::HttpConnect { server, tls: false, .. } => {
            see(Witness::Provider, &server.host, Saw::Proxy);
            if entered >= Stage::Proxy && !attempt.mute {
                see(Witness::Provider, host, told);
                see(Witness::Proxy(server), host, told);
            }
        }
        StrategyKind::HttpConnect { server, tls: true, .. } | StrategyKind::Shadowsocks { server, .. } => {
            see(Witness::Provider, &server.host, Saw::Proxy);
            if entered >= Stage::Proxy && !attempt.mute && !unproved(attempt) {
                see(Witness::Proxy(server), host, told);
            }
        }
    }
}

/// What a direct connection shows over TLS, or before its request.
fn connected(attempt: &Attempt, entered: Stage) -> Option<Saw> {
    // A host given as an address has no name: nothing is looked up, and no ClientHello names it.
    let named = matches!(attempt.destination.host, Host::Domain(_));
    match entered {
        Stage::Dns => None,
        Stage::Tcp | Stage::Proxy => Some(Saw::Address),
        // A ClientHello that was to be cut and could not be cut was not sent.
        Stage::Tls if matches!(&attempt.outcome, Outcome::Failed(failure) if matches!(failure.cause, Cause::Forbidden { .. })) => {
            Some(Saw::Address)
        }
        Stage::Tls | Stage::FirstByte | Stage::Progress => {
            Some(if named && attempt.tls && attempt.ech == EchOutcome::Off { Saw::Name } else { Saw::Address })
        }
    }
}

/// An HTTPS proxy that did not prove its name has not learned the host's name.
fn unproved(attempt: &Attempt) -> bool {
    let Outcome::Failed(failure) = &attempt.outcome else { return false };
    failure.stage == Stage::Proxy && matches!(failure.cause, Cause::Certificate { .. } | Cause::Clock)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::transport::{Failure, PolicyRule};

    /// As `provider name news.example`, `resolver 9.9.9.9 name news.example`, ...
    fn seen(attempt: &Attempt) -> Vec<String> {
        let told = sightings([attempt]).into_iter().map(|Sighting { witness, host, saw, by: _ }| {
            let witness = match witness {
                Witness::Provider => "provider".to_owned(),
                Witness::Network => "network".to_owned(),
                Witness::Resolver(dns) => format!("resolver {dns}"),
                Witness::Proxy(_) => "proxy".to_owned(),
                Witness::TorElsewhere(_) => "tor".to_owned(),
                Witness::Program(_) => "program".to_owned(),
                Witness::Exit => "exit".to_owned(),
                Witness::Site => "site".to_owned(),
            };
            format!("{witness} {} {host}", format!("{saw:?}").to_lowercase())
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        told
    }

    fn of(way: &str, url: &str, entered: Stage) -> Attempt {
        let url: url::Url = url.parse().unwrap();
        let strategy: Strategy = way.parse().unwrap();
        let nature = by_nature(&strategy, Destination::from_url(&url).unwrap(), url.scheme() == "https", false);
        Attempt { entered: Some(entered), stage: entered, outcome: Outcome::Pending, ..nature }
    }

    const SITE: &str = "https://news.example/meeting";
    const CLEAR: &str = "http://news.example/meeting";
    const TOR: &str = "tor+socks5://127.0.0.1:9050";

    #[test]
    fn each_stage_of_each_strategy_shows_what_it_shows() {
        use Stage::{Dns, FirstByte, Proxy, Tcp, Tls};
        let name = "provider name news.example";
        let to_proxy = "provider proxy proxy.example";
        for (way, url, stage, expected) in [
            ("direct:", SITE, Dns, &[name][..]),
            ("direct:?dns=udp://9.9.9.9", SITE, Dns, &[name, "resolver udp://9.9.9.9 name news.example"]),
            ("direct:?dns=tls://9.9.9.9", SITE, Dns, &["resolver tls://9.9.9.9 name news.example"]),
            (
                "direct:?dns=tls://9.9.9.9",
                SITE,
                Tcp,
                &["provider address news.example", "resolver tls://9.9.9.9 name news.example"],
            ),
            (
                "direct:?dns=tls://9.9.9.9",
                SITE,
                Tls,
                &[name, "resolver tls://9.9.9.9 name news.example", "site address news.example"],
            ),
            (
                "direct:?dns=tls://9.9.9.9&tls=frag",
                SITE,
                Tls,
                &[name, "resolver tls://9.9.9.9 name news.example", "site address news.example"],
            ),
            (
                "direct:?dns=tls://9.9.9.9&ech=require",
                SITE,
                FirstByte,
                &[
                    "provider address news.example",
                    "resolver tls://9.9.9.9 name news.example",
                    "site address news.example",
                ],
            ),
            ("direct:", CLEAR, Tcp, &[name]),
            ("direct:", CLEAR, FirstByte, &["provider page news.example", "site address news.example"]),
            ("direct:", "https://192.0.2.1/", Tcp, &["provider address 192.0.2.1"]),
            (
                "direct:",
                "http://printer.local/",
                FirstByte,
                &["network page printer.local", "site address printer.local"],
            ),
            ("direct:", "http://127.0.0.1/", FirstByte, &[]),
            ("socks5://proxy.example", SITE, Tcp, &[to_proxy]),
            ("socks5://proxy.example", SITE, Proxy, &[name, to_proxy, "proxy name news.example"]),
            (
                "http://proxy.example",
                CLEAR,
                FirstByte,
                &["provider page news.example", to_proxy, "proxy page news.example"],
            ),
            ("https://proxy.example", SITE, Tls, &[to_proxy, "proxy name news.example"]),
            ("https://proxy.example", CLEAR, FirstByte, &[to_proxy, "proxy page news.example"]),
            ("ss://aes-256-gcm:p@proxy.example:8388", SITE, Proxy, &[to_proxy, "proxy name news.example"]),
            ("socks5://127.0.0.1:1080", SITE, Tcp, &[]),
            ("socks5://127.0.0.1:1080", CLEAR, FirstByte, &["program page news.example"]),
            (TOR, SITE, Tcp, &[]),
            (TOR, SITE, Proxy, &["exit name news.example", "provider tor 127.0.0.1"]),
            (TOR, CLEAR, FirstByte, &["exit page news.example", "provider tor 127.0.0.1"]),
            (
                "tor+socks5://proxy.example",
                SITE,
                Proxy,
                &["exit name news.example", name, to_proxy, "tor name news.example"],
            ),
        ] {
            let mut expected: Vec<String> = expected.iter().map(|&text| text.to_owned()).collect();
            expected.sort();
            assert_eq!(seen(&of(way, url, stage)), expected, "{way} {url} {stage}");
        }
    }

    #[test]
    fn a_strategy_that_was_not_begun_shows_nothing() {
        for way in ["direct:", "socks5://proxy.example", TOR] {
            let unsent = Attempt { entered: None, lookups: Vec::new(), ..of(way, SITE, Stage::Dns) };
            assert_eq!(seen(&unsent), [""; 0], "{way}");
            assert!(!stayed_here([&unsent]));
        }
        let failed = |way, stage, cause| Attempt {
            outcome: Outcome::Failed(Failure::new(stage, cause)),
            ..of(way, SITE, stage)
        };
        for (way, expected) in [
            ("socks5://proxy.example", &["provider proxy proxy.example"][..]),
            ("https://proxy.example", &["provider proxy proxy.example"]),
            ("tor+socks5://proxy.example", &["provider proxy proxy.example"]),
            ("socks5://127.0.0.1:1080", &[]),
            (TOR, &[]),
        ] {
            let greeted = Attempt { mute: true, ..of(way, SITE, Stage::Proxy) };
            assert_eq!(seen(&greeted), expected, "{way}: a proxy that did not answer the greeting was told no name");
        }
        let fault = crate::transport::CertificateFault::WrongName;
        let unproved = failed("https://proxy.example", Stage::Proxy, Cause::Certificate { fault });
        assert_eq!(seen(&unproved), ["provider proxy proxy.example"], "it did not learn the host's name");
        let uncut = failed("direct:?dns=tls://9.9.9.9", Stage::Tls, Cause::Forbidden { rule: PolicyRule::ClientHello });
        assert!(seen(&uncut).contains(&"provider address news.example".to_owned()), "no ClientHello was sent");
    }

    #[test]
    fn a_used_connection_within_this_device_shows_nothing() {
        let here = Attempt { address: "127.0.0.1".parse().ok(), ..of("direct:", SITE, Stage::FirstByte) };
        for (reused, pinned, lookups, is_seen) in
            [(true, false, vec![], false), (false, true, vec![], false), (true, false, here.lookups.clone(), true)]
        {
            let attempt = Attempt { reused, pinned, lookups, ..here.clone() };
            assert_eq!(!seen(&attempt).is_empty(), is_seen, "{attempt:?}");
        }
    }

    #[test]
    fn of_each_observer_and_host_the_most_is_kept() {
        let early = Attempt { id: AttemptId::new(1), ..of("direct:", CLEAR, Stage::Tcp) };
        let late = Attempt { id: AttemptId::new(2), credentials: true, ..of("direct:", CLEAR, Stage::FirstByte) };
        for attempts in [[&early, &late], [&late, &early]] {
            let all = sightings(attempts);
            let provider = all.iter().find(|one| one.witness == Witness::Provider).unwrap();
            assert_eq!((provider.saw, provider.by), (Saw::Credentials, AttemptId::new(2)));
            assert_eq!(all.len(), 2, "the provider and the site");
        }
    }
}
