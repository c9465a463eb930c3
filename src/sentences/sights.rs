//! Who sees what when a strategy reaches a host, and who saw what of everything that was tried: as data.
//!
//! What a strategy shows depends on the strategy, not on the moment. A plain proxy hides nothing from the network in
//! front of it. Tor hides the reader from the host and the host from the provider, and cannot hide an account that logs
//! in. What else was shown comes from the attempts themselves (`reach::sightings`): the hops of a chain, and attempts
//! that lost, failed or were still waiting. A phrasebook words both.

use url::Host;

use super::routes::{named_resolvers, resolver_name};
use crate::reach::{Attempt, Saw, Sighting, Witness, by_nature, leads_here, sightings, stayed_here};
use crate::transport::{Destination, Ech, Strategy, StrategyKind, is_local, is_loopback, is_onion_host};

/// What a strategy shows of one host, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Disclosure<'a> {
    /// The host.
    pub(super) host: &'a str,
    /// The observers, by the strategy's kind.
    pub(super) to: DisclosedTo<'a>,
}

/// Who sees a host that a strategy reaches, by the strategy's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DisclosedTo<'a> {
    /// The connection stays on this device.
    ThisDevice,
    /// The operator of the device's own network.
    OwnNetwork(Visibility),
    /// The provider, and resolvers other than its own.
    Provider {
        /// What the provider sees.
        seen: Visibility,
        /// The other resolvers that learn the name.
        resolvers: Vec<String>,
    },
    /// The provider sees Tor, and the exit sees what is read.
    Tor {
        /// The exit can read the page, because it comes without encryption.
        exit_reads: bool,
    },
    /// The operator of a Tor elsewhere, and the network in front of it.
    TorElsewhere {
        /// Where that Tor runs.
        server: &'a Host<String>,
        /// What is seen.
        seen: Visibility,
    },
    /// A program on this device, which decides what the provider sees.
    Program {
        /// The address where it listens.
        server: &'a Host<String>,
        /// What it sees.
        seen: Visibility,
    },
    /// A proxy over TLS; the provider sees only the proxy.
    ProxyOverTls(Visibility),
    /// A Shadowsocks server; the provider sees only that server.
    Shadowsocks(Visibility),
    /// A proxy without encryption; the provider sees the same.
    PlainProxy(Visibility),
}

/// What an observer sees of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visibility {
    /// A connection to the host.
    Connection,
    /// A connection to its address, under a name that several sites may share.
    Address,
    /// What is read there.
    Page,
}

/// Who saw attempts of which none read anything.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SeenInAttempts {
    /// No one: nothing left this device.
    NothingLeft,
    /// These observers.
    By(Vec<Observed>),
}

/// Who saw more than a strategy shows by its nature.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeenBesides(pub(super) Vec<Observed>);

/// What one observer saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Observed {
    /// The observer.
    pub(super) who: NamedObserver,
    /// What it saw: at least one thing.
    pub(super) saw: Vec<Observation>,
    /// What the provider saw depends on this observer.
    pub(super) decides_for_provider: bool,
}

/// An observer, by its name in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NamedObserver {
    /// The provider.
    Provider,
    /// The operator of this network.
    Network,
    /// A resolver.
    Resolver(String),
    /// A program on this device.
    Program(String),
    /// A proxy.
    Proxy(String),
    /// The operator of a Tor elsewhere.
    TorElsewhere(String),
    /// Tor's exit.
    Exit,
    /// The servers of the hosts.
    Site,
}

/// What was seen, and of which hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Observation {
    /// The whole requested address, the answer, and cookies or a login.
    Credentials(Hosts),
    /// The whole requested address, and the answer.
    Page(Hosts),
    /// The name.
    Name(Hosts),
    /// A connection to the address behind a name.
    Address(Hosts),
    /// A connection to an address.
    Connection(Hosts),
    /// Only that a proxy is used.
    OnlyProxy(Hosts),
    /// At most that Tor is used.
    OnlyTor,
    /// The reader's address: seen by the servers of these hosts.
    Reader(Hosts),
}

/// Some hosts of a list that may be long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    /// Those that are named.
    pub(super) named: Vec<String>,
    /// How many more there are.
    pub(super) more: usize,
}

impl Hosts {
    /// A list of this many hosts names all of them. A chain of redirects may have twenty.
    const NAMED: usize = 4;

    fn of(mut all: Vec<String>) -> Self {
        let more = if all.len() > Self::NAMED { all.len() - (Self::NAMED - 1) } else { 0 };
        all.truncate(all.len() - more);
        Self { named: all, more }
    }

    /// Whether there are several.
    pub(super) fn are_many(&self) -> bool {
        self.named.len() + self.more > 1
    }
}

/// What the strategy shows of a host that was reached; `at` is the attempt that brought the answer.
///
/// `tls`: the connection to the host uses TLS, so that observers on the path see the name and not the page.
pub(super) fn shown_to<'a>(strategy: &'a Strategy, host: &'a str, tls: bool, at: Option<&Attempt>) -> Disclosure<'a> {
    Disclosure { host, to: to_whom(strategy, &nature(strategy, host, tls, at)) }
}

/// What the strategy shows of this host by its nature, if the user may have given the host's address.
fn nature(strategy: &Strategy, host: &str, tls: bool, at: Option<&Attempt>) -> Attempt {
    let pinned = at.is_some_and(|at| at.pinned);
    let nature = by_nature(strategy, destination(host), tls, pinned);
    Attempt { address: at.filter(|_| pinned).and_then(|at| at.address), ..nature }
}

fn to_whom<'a>(strategy: &'a Strategy, shown: &Attempt) -> DisclosedTo<'a> {
    let seen = if shown.tls { Visibility::Connection } else { Visibility::Page };
    if leads_here(shown) {
        return DisclosedTo::ThisDevice;
    }
    if strategy.is_direct() && is_local(&shown.destination.host) {
        return DisclosedTo::OwnNetwork(seen);
    }
    match &strategy.kind {
        StrategyKind::Direct { dns } => {
            // With `ech=require`, and without a lookup in cleartext, the host is never named, but its address is
            // visible, and an outer name.
            let asked_openly = shown.lookups.iter().any(|lookup| !lookup.resolver.is_authenticated());
            let unnamed = shown.tls && strategy.ech == Ech::Require && !asked_openly;
            let resolvers = if shown.lookups.is_empty() { Vec::new() } else { named_resolvers(dns) };
            DisclosedTo::Provider { seen: if unnamed { Visibility::Address } else { seen }, resolvers }
        }
        StrategyKind::TorSocks5 { server } if on_this_device(server) => {
            DisclosedTo::Tor { exit_reads: !shown.tls && !is_onion_host(&shown.destination.host) }
        }
        StrategyKind::Tor { .. } => {
            DisclosedTo::Tor { exit_reads: !shown.tls && !is_onion_host(&shown.destination.host) }
        }
        StrategyKind::TorSocks5 { server } => DisclosedTo::TorElsewhere { server: &server.host, seen },
        StrategyKind::Socks5 { server, .. }
        | StrategyKind::HttpConnect { server, .. }
        | StrategyKind::Shadowsocks { server, .. }
            if on_this_device(server) =>
        {
            DisclosedTo::Program { server: &server.host, seen }
        }
        StrategyKind::HttpConnect { tls: true, .. } => DisclosedTo::ProxyOverTls(seen),
        StrategyKind::Shadowsocks { .. } => DisclosedTo::Shadowsocks(seen),
        StrategyKind::Socks5 { .. } | StrategyKind::HttpConnect { .. } => DisclosedTo::PlainProxy(seen),
    }
}

/// A destination with this name; its port does not matter here.
fn destination(host: &str) -> Destination {
    Destination { host: Host::parse(host).unwrap_or_else(|_| Host::Domain(host.to_owned())), port: 443 }
}

/// Who saw the attempts if none of them read anything; `None` if nothing left this device, nor was meant to.
pub(super) fn tried(attempts: &[Attempt]) -> Option<SeenInAttempts> {
    if stayed_here(attempts) {
        return Some(SeenInAttempts::NothingLeft);
    }
    let seen = sightings(attempts);
    let hidden = attempts.iter().any(|attempt| attempt.entered.is_some() && !attempt.strategy.is_direct());
    let seen: Vec<_> = seen.into_iter().filter(|one| hidden || one.witness != Witness::Site).collect();
    let observed = observed(&seen, None);
    (!observed.is_empty()).then_some(SeenInAttempts::By(observed))
}

/// Who saw more than the final strategy shows by its nature: other attempts and other hosts of a chain of redirects
/// were seen too.
pub(super) fn beside(
    (strategy, host, tls): (&Strategy, &str, bool),
    at: Option<&Attempt>,
    attempts: &[Attempt],
) -> Option<SeenBesides> {
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
    let observed = observed(&new, Some(&known));
    (!observed.is_empty()).then_some(SeenBesides(observed))
}

fn same_host(one: &Host<String>, other: &Host<String>) -> bool {
    one.to_string().trim_end_matches('.') == other.to_string().trim_end_matches('.')
}

/// What each observer saw, the provider first. `said`: what was already said about them.
fn observed(seen: &[Sighting<'_>], said: Option<&[Sighting<'_>]>) -> Vec<Observed> {
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
    witnesses.into_iter().filter_map(|witness| by(witness, seen, provider)).collect()
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

/// `provider`: the provider saw something of a host, so a proxy or Tor need not be mentioned as well.
fn by(witness: Witness<'_>, seen: &[Sighting<'_>], provider: bool) -> Option<Observed> {
    let hosts = |wanted: &dyn Fn(Saw, &Host<String>) -> bool| -> Option<Hosts> {
        let of_witness = seen.iter().filter(|one| one.witness == witness && wanted(one.saw, one.host));
        let all: Vec<String> = of_witness.map(|one| one.host.to_string().trim_end_matches('.').to_owned()).collect();
        (!all.is_empty()).then(|| Hosts::of(all))
    };
    let is_name = |host: &Host<String>| matches!(host, Host::Domain(_));
    let who = match witness {
        Witness::Provider => NamedObserver::Provider,
        Witness::Network => NamedObserver::Network,
        Witness::Resolver(dns) => NamedObserver::Resolver(resolver_name(dns)),
        Witness::Program(server) => NamedObserver::Program(server.host.to_string()),
        Witness::Proxy(server) => NamedObserver::Proxy(server.host.to_string()),
        Witness::TorElsewhere(server) => NamedObserver::TorElsewhere(server.host.to_string()),
        Witness::Exit => NamedObserver::Exit,
        Witness::Site => {
            let saw = hosts(&|_, _| true).map(Observation::Reader).into_iter().collect();
            return Some(Observed { who: NamedObserver::Site, saw, decides_for_provider: false });
        }
    };
    // A Tor exit sees a name, and not who uses the connection.
    let is_exit = witness == Witness::Exit;
    let of_a_host = [
        hosts(&|saw, _| saw == Saw::Credentials).map(Observation::Credentials),
        hosts(&|saw, _| saw == Saw::Page).map(Observation::Page),
        hosts(&|saw, host| saw == Saw::Name && is_name(host) && !is_exit).map(Observation::Name),
        hosts(&|saw, host| saw == Saw::Address && is_name(host)).map(Observation::Address),
        hosts(&|saw, host| matches!(saw, Saw::Address | Saw::Name) && !is_name(host) && !is_exit)
            .map(Observation::Connection),
    ];
    let of_a_way = [
        hosts(&|saw, _| saw == Saw::Proxy).map(Observation::OnlyProxy),
        hosts(&|saw, _| saw == Saw::Tor).map(|_| Observation::OnlyTor),
    ];
    let saw: Vec<Observation> =
        of_a_host.into_iter().chain(of_a_way.into_iter().filter(|_| !provider)).flatten().collect();
    let decides_for_provider = matches!(who, NamedObserver::Program(_)) && !provider;
    (!saw.is_empty()).then_some(Observed { who, saw, decides_for_provider })
}

/// Whether every attempt of a strategy, or the strategy by its nature, stays on this device.
pub(super) fn stays_here(strategy: &Strategy, host: &str, attempts: &[Attempt]) -> bool {
    let mut of_way = attempts.iter().filter(|attempt| attempt.strategy == *strategy).peekable();
    let here = match of_way.peek() {
        None => is_loopback(&destination(host).host),
        Some(_) => of_way.all(leads_here),
    };
    strategy.is_direct() && here
}

pub(super) fn on_this_device(server: &Destination) -> bool {
    is_loopback(&server.host)
}

/// The resolvers that a direct strategy names, with their names for people.
pub(super) fn resolvers(strategy: &Strategy) -> Vec<String> {
    match &strategy.kind {
        StrategyKind::Direct { dns } => named_resolvers(dns),
        _ => Vec::new(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[String], and: &str) -> String {
    match items {
        [front @ .., last] if !front.is_empty() => format!("{} {and} {last}", front.join(", ")),
        _ => items.join(""),
    }
}

#[cfg(test)]
mod tests;
