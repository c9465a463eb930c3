//! What several resolvers say of one name, and when it is dialled.
//!
//! Three waits stand between an answer and a leg. A family that is alone is given the other's 50 ms (RFC 8305 section 3).
//! An address that no public host has waits until nobody is left who might know better. And where the ClientHello is
//! encrypted, addresses wait for the key: as long as the lookup takes if the way requires it, a little if it prefers it.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::resolve::{RULE_PRIVATE, allows, asked, forbidden};
use super::{Asked, Cause, Dns, Ech, EchConfigList, Failure, Leg, Legs, Route, Stage, Trust, address};
use crate::wire::dns::{Kind, ServiceBinding};

/// The answers to one lookup, as they come.
pub(super) struct Gathering<'a> {
    pub(super) route: &'a Route,
    legs: &'a Legs,
    state: Mutex<State>,
}

struct State {
    sources: Vec<Source>,
    key: Key,
}

/// Whether the ClientHello can be encrypted.
enum Key {
    /// Somebody who can be believed was asked and has not answered.
    Awaited,
    Known(Option<EchConfigList>),
}

/// What one resolver has said.
pub(super) struct Source {
    trust: Trust,
    kinds: Vec<Kind>,
    /// The questions that it has not answered.
    open: Vec<Asked>,
    found: Vec<IpAddr>,
    /// When it gave the first address.
    since: Option<Instant>,
    failures: Vec<Failure>,
}

impl Source {
    /// A resolver that is asked, for the key of an encrypted ClientHello too if that is wanted and it can be believed.
    pub(super) fn of(resolver: &Dns, encrypts: bool) -> Self {
        // Over HTTPS one question follows the other: the key goes before the second family, which nobody waits for.
        let kinds = match resolver {
            Dns::System => vec![],
            resolver if resolver.is_authenticated() && encrypts => vec![Kind::A, Kind::Https, Kind::Aaaa],
            _ => vec![Kind::A, Kind::Aaaa],
        };
        let open = if kinds.is_empty() { vec![Asked::Both] } else { kinds.iter().copied().map(asked).collect() };
        Self { trust: Trust::Claimed, kinds, open, found: Vec::new(), since: None, failures: Vec::new() }
    }

    /// Whether its addresses wait for no other family any more.
    fn is_ripe(&self, now: Instant) -> bool {
        let alone = self.open.iter().any(|asked| *asked != Asked::Https);
        self.since.is_some_and(|since| !alone || since + RESOLUTION_DELAY <= now)
    }
}

impl<'a> Gathering<'a> {
    pub(super) fn new(route: &'a Route, legs: &'a Legs, sources: Vec<Source>) -> Self {
        let asks = sources.iter().any(|source| source.open.contains(&Asked::Https));
        let key = if asks { Key::Awaited } else { Key::Known(None) };
        Self { route, legs, state: Mutex::new(State { sources, key }) }
    }

    /// What this resolver is asked for, if the questions are ours to choose.
    pub(super) fn kinds(&self, source: usize) -> Vec<Kind> {
        self.state().sources.get(source).map(|source| source.kinds.clone()).unwrap_or_default()
    }

    /// What it has not answered.
    pub(super) fn open(&self, source: usize) -> Vec<Asked> {
        self.state().sources.get(source).map(|source| source.open.clone()).unwrap_or_default()
    }

    /// It has proved itself, or only under a root that proves nothing.
    pub(super) fn proved(&self, source: usize, proved: bool) {
        if let Some(source) = self.state().sources.get_mut(source).filter(|_| proved) {
            source.trust = Trust::Authentic;
        }
    }

    /// It answered with addresses, or with a reason; or could not be asked.
    pub(super) fn heard(&self, source: usize, asked: Asked, said: Result<Vec<IpAddr>, Failure>) {
        if let Some(source) = self.state().sources.get_mut(source) {
            source.open.retain(|open| *open != asked);
            match said {
                Ok(addresses) => {
                    source.since.get_or_insert_with(Instant::now);
                    source.found.extend(addresses);
                }
                Err(failure) if asked != Asked::Https => source.failures.push(failure),
                Err(_) => {}
            }
        }
        self.offer();
    }

    /// It told how the host is spoken to. That of one which did not prove itself is not believed: a false key would
    /// cost the connection, and a withheld one the encryption.
    pub(super) fn services(&self, source: usize, services: &[ServiceBinding]) {
        let mut state = self.state();
        if let Some(source) = state.sources.get_mut(source) {
            source.open.retain(|open| *open != Asked::Https);
            let key = services.iter().find_map(|service| service.ech.clone());
            if source.trust == Trust::Authentic && key.is_some() {
                state.key = Key::Known(key);
            }
        }
        drop(state);
        self.offer();
    }

    /// It has nothing more to say.
    pub(super) fn ended(&self, source: usize) {
        if let Some(source) = self.state().sources.get_mut(source) {
            source.open.clear();
        }
        self.offer();
    }

    /// When what was told becomes due without anything else being told.
    pub(super) fn due(&self) -> Option<Instant> {
        let (state, now) = (self.state(), Instant::now());
        let found = state.sources.iter().filter_map(|source| source.since);
        let wait = if self.route.strategy.ech == Ech::Prefer { KEY_DELAY } else { Duration::ZERO };
        found.flat_map(|since| [since + RESOLUTION_DELAY, since + wait]).filter(|due| *due > now).min()
    }

    /// Adds the legs that are due.
    pub(super) fn offer(&self) {
        let (mut state, now) = (self.state(), Instant::now());
        let State { sources, key } = &mut *state;
        if matches!(key, Key::Awaited) && !sources.iter().any(|source| source.open.contains(&Asked::Https)) {
            *key = Key::Known(None);
        }
        let first = sources.iter().filter_map(|source| source.since).min();
        let ech = match key {
            Key::Known(ech) => ech.clone(),
            Key::Awaited if self.route.strategy.ech == Ech::Require => return,
            Key::Awaited if first.is_none_or(|first| first + KEY_DELAY > now) => return,
            Key::Awaited => None,
        };
        for source in sources.iter().filter(|source| source.is_ripe(now)) {
            self.add(source, &ech, |address| {
                address::is_plausible(address) || address::is_local(&self.route.destination.host)
            });
        }
    }

    /// Nobody has anything more to say, or there is no more time.
    ///
    /// # Errors
    /// If there is no leg.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        self.state().sources.iter_mut().for_each(|source| source.open.clear());
        self.offer();
        let state = self.state();
        if self.legs.known() == 0 {
            let Key::Known(ech) = &state.key else { return Err(Failure::new(Stage::Dns, Cause::Silence)) };
            state.sources.iter().for_each(|source| self.add(source, ech, |_| true));
        }
        if self.legs.known() > 0 {
            return Ok(());
        }
        if state.sources.iter().any(|source| !source.found.is_empty()) {
            return Err(forbidden(Stage::Dns, RULE_PRIVATE));
        }
        let failures = state.sources.iter().flat_map(|source| source.failures.iter().map(|f| (f, source.trust)));
        // The first of the most telling ones.
        let told = failures.rev().max_by_key(|(failure, trust)| (weight(&failure.cause), *trust));
        Err(told.map_or_else(|| Failure::new(Stage::Dns, Cause::Silence), |(failure, _)| failure.clone()))
    }

    fn add(&self, source: &Source, ech: &Option<EchConfigList>, wanted: impl Fn(IpAddr) -> bool) {
        let fit = |address: &IpAddr| allows(self.route, *address) && wanted(*address);
        let addresses: Vec<_> = source.found.iter().copied().filter(fit).collect();
        let to = interleave(&addresses).into_iter().map(|address| Leg {
            ech: ech.clone(),
            ..Leg::to(self.route, Some(SocketAddr::new(address, self.route.destination.port)))
        });
        self.legs.add(to, &source.found, source.trust);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much a failure says of the name: "none of this kind" the least, since the other kind was asked for too.
fn weight(cause: &Cause) -> u8 {
    match cause {
        Cause::NxDomain | Cause::Rcode { .. } => 3,
        Cause::LookupFailed => 2,
        Cause::NoAddress => 0,
        _ => 1,
    }
}

/// Families by turns, IPv6 first (RFC 8305 section 4), each address once, within each family in the resolver's order.
pub(super) fn interleave(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let mut seen = Vec::new();
    for address in addresses {
        // A mapped address is dialled over IPv4 in any case.
        let address = address.to_canonical();
        if !seen.contains(&address) {
            seen.push(address);
        }
    }
    let (v6, v4): (Vec<_>, Vec<_>) = seen.into_iter().partition(IpAddr::is_ipv6);
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    let mut ordered = Vec::new();
    while ordered.len() < MAX_ADDRESSES {
        let before = ordered.len();
        ordered.extend(v6.next());
        ordered.extend(v4.next());
        if ordered.len() == before {
            break;
        }
    }
    ordered
}

/// What the other kind of address is given once one is there: RFC 8305 section 3.
pub(super) const RESOLUTION_DELAY: Duration = Duration::from_millis(50);

/// What the key of an encrypted ClientHello is given once an address is there, where the way prefers one: the cold
/// handshake of a resolver over HTTPS is two round trips longer than a question over UDP. What comes later becomes a leg
/// of its own.
pub(super) const KEY_DELAY: Duration = Duration::from_millis(250);

/// How many addresses of one answer are tried.
const MAX_ADDRESSES: usize = 8;
