//! Collects the answers of several resolvers for one name, and decides when to dial.
//!
//! Three waits stand between an answer and a candidate. A single family waits 50 ms for the other (RFC 8305 section 3).
//! An address that no public host has waits until every resolver that might know better has answered. If the
//! ClientHello is to be encrypted, addresses wait for the key: for the whole lookup if the strategy requires it,
//! briefly if the strategy prefers it.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::rules::{allows, forbidden};
use super::super::{
    Candidate, Candidates, Cause, Ech, EchConfigList, Failure, PolicyRule, QueryType, Resolver, Route, Stage, Trust,
    address,
};
use super::interleave::interleave;
use crate::wire::dns::{QuestionType, ServiceBinding};

/// The answers to one lookup, as they come.
pub(super) struct Gathering<'a> {
    pub(super) route: &'a Route,
    candidates: &'a Candidates,
    state: Mutex<GatheringState>,
}

struct GatheringState {
    sources: Vec<Source>,
    key: EchKey,
}

/// Whether the ClientHello can be encrypted.
enum EchKey {
    /// A trusted resolver was asked and has not answered yet.
    Awaited,
    Known(Option<EchConfigList>),
}

/// The answers of one resolver.
pub(super) struct Source {
    trust: Trust,
    kinds: Vec<QuestionType>,
    /// It takes one question after another. The second family is then a round trip away, which is more than its wait
    /// allows.
    one_by_one: bool,
    /// The questions that it has not answered.
    open: Vec<QueryType>,
    found: Vec<IpAddr>,
    /// The time when it gave the first address.
    since: Option<Instant>,
    failures: Vec<Failure>,
}

impl Source {
    /// The questions for a resolver. They include the key of an encrypted ClientHello if that is wanted and the
    /// resolver is authenticated.
    pub(super) fn of(resolver: &Resolver, encrypts: bool) -> Self {
        // Over HTTP/1.1 one question follows the other. The key goes before the second family, because no candidate
        // waits for that family.
        let kinds = match resolver {
            Resolver::System => vec![],
            resolver if resolver.is_authenticated() && encrypts => {
                vec![QuestionType::A, QuestionType::Https, QuestionType::Aaaa]
            }
            _ => vec![QuestionType::A, QuestionType::Aaaa],
        };
        let open =
            if kinds.is_empty() { vec![QueryType::Both] } else { kinds.iter().copied().map(QueryType::of).collect() };
        Self {
            trust: Trust::Claimed,
            kinds,
            one_by_one: false,
            open,
            found: Vec::new(),
            since: None,
            failures: Vec::new(),
        }
    }

    /// Whether its addresses no longer wait for the other family.
    fn is_ripe(&self, now: Instant) -> bool {
        let alone = !self.one_by_one && self.open.iter().any(|asked| *asked != QueryType::Https);
        self.since.is_some_and(|since| !alone || since + RESOLUTION_DELAY <= now)
    }
}

impl<'a> Gathering<'a> {
    pub(super) fn new(route: &'a Route, candidates: &'a Candidates, sources: Vec<Source>) -> Self {
        let asks = sources.iter().any(|source| source.open.contains(&QueryType::Https));
        let key = if asks { EchKey::Awaited } else { EchKey::Known(None) };
        Self { route, candidates, state: Mutex::new(GatheringState { sources, key }) }
    }

    /// The unanswered questions for this resolver, if we choose the questions.
    pub(super) fn kinds(&self, source: usize) -> Vec<QuestionType> {
        let state = self.state();
        let Some(Source { kinds, open, .. }) = state.sources.get(source) else { return Vec::new() };
        kinds.iter().copied().filter(|kind| open.contains(&QueryType::of(*kind))).collect()
    }

    /// The resolver takes one question after another.
    pub(super) fn is_asked_one_by_one(&self, source: usize) {
        if let Some(source) = self.state().sources.get_mut(source) {
            source.one_by_one = true;
        }
    }

    /// The questions that it has not answered.
    pub(super) fn open(&self, source: usize) -> Vec<QueryType> {
        self.state().sources.get(source).map(|source| source.open.clone()).unwrap_or_default()
    }

    /// The resolver has proved itself, or only under a root that proves nothing.
    pub(super) fn proved(&self, source: usize, proved: bool) {
        if let Some(source) = self.state().sources.get_mut(source).filter(|_| proved) {
            source.trust = Trust::Authentic;
        }
    }

    /// The resolver answered with addresses or with a reason, or could not be asked.
    pub(super) fn heard(&self, source: usize, asked: QueryType, said: Result<Vec<IpAddr>, Failure>) {
        if let Some(source) = self.state().sources.get_mut(source) {
            source.open.retain(|open| *open != asked);
            match said {
                Ok(addresses) => {
                    source.since.get_or_insert_with(Instant::now);
                    source.found.extend(addresses);
                }
                Err(failure) if asked != QueryType::Https => source.failures.push(failure),
                Err(_) => {}
            }
        }
        self.offer();
    }

    /// The resolver gave the host's HTTPS records. Those of an unauthenticated resolver are ignored: a false key would
    /// cost the connection, and a withheld one the encryption.
    pub(super) fn services(&self, source: usize, services: &[ServiceBinding]) {
        let mut state = self.state();
        if let Some(source) = state.sources.get_mut(source) {
            source.open.retain(|open| *open != QueryType::Https);
            let key = services.iter().find_map(|service| service.ech.clone());
            if source.trust == Trust::Authentic && key.is_some() {
                state.key = EchKey::Known(key);
            }
        }
        drop(state);
        self.offer();
    }

    /// The resolver will answer nothing more.
    pub(super) fn ended(&self, source: usize) {
        if let Some(source) = self.state().sources.get_mut(source) {
            source.open.clear();
        }
        self.offer();
    }

    /// The time when an answer becomes due even if no other comes.
    pub(super) fn due(&self) -> Option<Instant> {
        let (state, now) = (self.state(), Instant::now());
        let found = state.sources.iter().filter_map(|source| source.since);
        let wait = if self.route.strategy.ech == Ech::Prefer { KEY_DELAY } else { Duration::ZERO };
        found.flat_map(|since| [since + RESOLUTION_DELAY, since + wait]).filter(|due| *due > now).min()
    }

    /// Adds the candidates that are due.
    pub(super) fn offer(&self) {
        let (mut state, now) = (self.state(), Instant::now());
        let GatheringState { sources, key } = &mut *state;
        if matches!(key, EchKey::Awaited) && !sources.iter().any(|source| source.open.contains(&QueryType::Https)) {
            *key = EchKey::Known(None);
        }
        let first = sources.iter().filter_map(|source| source.since).min();
        let ech = match key {
            EchKey::Known(ech) => ech.clone(),
            EchKey::Awaited if self.route.strategy.ech == Ech::Require => return,
            EchKey::Awaited if first.is_none_or(|first| first + KEY_DELAY > now) => return,
            EchKey::Awaited => None,
        };
        for source in sources.iter().filter(|source| source.is_ripe(now)) {
            self.add(source, &ech, |address| {
                address::is_plausible(address) || address::is_local(&self.route.destination.host)
            });
        }
    }

    /// All resolvers have ended, or the time is over.
    ///
    /// # Errors
    /// If there is no candidate.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        self.state().sources.iter_mut().for_each(|source| source.open.clear());
        self.offer();
        let state = self.state();
        if self.candidates.known() == 0 {
            let EchKey::Known(ech) = &state.key else { return Err(Failure::new(Stage::Dns, Cause::Silence)) };
            state.sources.iter().for_each(|source| self.add(source, ech, |_| true));
        }
        if self.candidates.known() > 0 {
            return Ok(());
        }
        if state.sources.iter().any(|source| !source.found.is_empty()) {
            return Err(forbidden(Stage::Dns, PolicyRule::PrivateAddress));
        }
        let failures = state.sources.iter().flat_map(|source| source.failures.iter().map(|f| (f, source.trust)));
        // Takes the first of the most informative failures.
        let told = failures.rev().max_by_key(|(failure, trust)| (weight(&failure.cause), *trust));
        Err(told.map_or_else(|| Failure::new(Stage::Dns, Cause::Silence), |(failure, _)| failure.clone()))
    }

    fn add(&self, source: &Source, ech: &Option<EchConfigList>, wanted: impl Fn(IpAddr) -> bool) {
        let fit = |address: &IpAddr| allows(self.route, *address) && wanted(*address);
        let addresses: Vec<_> = source.found.iter().copied().filter(fit).collect();
        let to = interleave(&addresses).into_iter().map(|address| Candidate {
            ech: ech.clone(),
            ..Candidate::to(self.route, Some(SocketAddr::new(address, self.route.destination.port)))
        });
        self.candidates.add(to, &source.found, source.trust);
    }

    fn state(&self) -> MutexGuard<'_, GatheringState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much a failure says about the name. "None of this family" says least, since the other family was asked for too.
fn weight(cause: &Cause) -> u8 {
    match cause {
        Cause::NxDomain | Cause::Rcode { .. } => 3,
        Cause::LookupFailed => 2,
        Cause::NoAddress => 0,
        _ => 1,
    }
}

/// How long a family waits for the other: RFC 8305 section 3.
pub(super) const RESOLUTION_DELAY: Duration = Duration::from_millis(50);

/// How long an address waits for the key of an encrypted ClientHello if the strategy prefers one. The cold handshake of
/// a resolver over HTTPS is two round trips longer than a question over UDP. A later key becomes a candidate of its
/// own.
pub(super) const KEY_DELAY: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use tokio::time::advance;

    use super::*;
    use crate::exposure::Exposure;
    use crate::transport::{Isolation, PrivateAddresses, Rank};

    const OURS: &str = "203.0.113.9";
    const OTHER: &str = "203.0.113.10";
    const V6: &str = "2001:db8::9";

    fn route(strategy: &str) -> Route {
        Route {
            strategy: strategy.parse().unwrap(),
            destination: "a.example:443".parse().unwrap(),
            exposure: Exposure::Open,
            private: PrivateAddresses::Allowed,
            isolation: Isolation::default(),
        }
    }

    /// A strategy with these resolvers, and its candidates.
    struct World {
        route: Route,
        candidates: Candidates,
    }

    impl World {
        fn new(strategy: &str) -> Self {
            Self { route: route(strategy), candidates: Candidates::new() }
        }

        fn gathering(&self) -> Gathering<'_> {
            let crate::transport::StrategyKind::Direct { dns } = &self.route.strategy.kind else { panic!("direct") };
            let encrypts = self.route.strategy.ech != Ech::Off;
            Gathering::new(&self.route, &self.candidates, dns.iter().map(|dns| Source::of(dns, encrypts)).collect())
        }

        /// Takes the candidates that may be dialled now.
        fn take(&self) -> Vec<String> {
            let found = std::iter::from_fn(|| self.candidates.next(|_| Rank::Fresh));
            found.map(|found| found.candidate.address.unwrap().ip().to_string()).collect()
        }
    }

    fn ok(addresses: &[&str]) -> Result<Vec<IpAddr>, Failure> {
        Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())
    }

    fn none(cause: Cause) -> Result<Vec<IpAddr>, Failure> {
        Err(Failure::new(Stage::Dns, cause))
    }

    #[tokio::test(start_paused = true)]
    async fn a_family_alone_is_dialled_after_50_ms_and_the_other_added() {
        for (first, first_is, second, second_is) in
            [(QueryType::A, OURS, QueryType::Aaaa, V6), (QueryType::Aaaa, V6, QueryType::A, OURS)]
        {
            let world = World::new("direct:?dns=udp://9.9.9.9");
            let gathering = world.gathering();
            gathering.heard(0, first, ok(&[first_is]));
            assert_eq!(world.take(), [""; 0]);
            assert_eq!(gathering.due(), Some(Instant::now() + RESOLUTION_DELAY));
            advance(RESOLUTION_DELAY).await;
            gathering.offer();
            assert_eq!((world.take(), gathering.due()), (vec![first_is.to_owned()], None));
            advance(Duration::from_secs(2)).await;
            gathering.heard(0, second, ok(&[second_is]));
            assert_eq!(world.take(), [second_is]);
            gathering.finish().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_family_asked_for_after_the_other_is_not_waited_for() {
        for one_by_one in [true, false] {
            let world = World::new("direct:?dns=https://9.9.9.9");
            let gathering = world.gathering();
            if one_by_one {
                gathering.is_asked_one_by_one(0);
            }
            gathering.heard(0, QueryType::A, ok(&[OURS]));
            assert_eq!(world.take().len(), usize::from(one_by_one));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn both_families_are_dialled_at_once_by_turns() {
        let world = World::new("direct:?dns=udp://9.9.9.9");
        let gathering = world.gathering();
        gathering.heard(0, QueryType::A, ok(&[OURS, OTHER]));
        gathering.heard(0, QueryType::Aaaa, ok(&[V6, "2001:db8::a"]));
        assert_eq!(world.take(), [V6, OURS, "2001:db8::a", OTHER]);
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_contradicting_answers_the_proved_one_is_dialled_first() {
        let world = World::new("direct:?dns=system&dns=https://9.9.9.9");
        let gathering = world.gathering();
        gathering.heard(0, QueryType::Both, ok(&["192.0.2.66", "192.0.2.67"]));
        gathering.proved(1, true);
        gathering.heard(1, QueryType::A, ok(&[OURS]));
        gathering.heard(1, QueryType::Aaaa, none(Cause::NoAddress));
        assert_eq!(world.take(), [OURS, "192.0.2.66", "192.0.2.67"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_of_the_user_s_own_network_may_have_its_addresses() {
        let mut world = World::new("direct:?dns=system&dns=udp://9.9.9.9");
        world.route.destination = "nas.lan:443".parse().unwrap();
        let gathering = world.gathering();
        gathering.heard(0, QueryType::Both, ok(&["192.168.1.9"]));
        assert_eq!(world.take(), ["192.168.1.9"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bogon_waits_for_a_resolver_that_may_know_better() {
        for (later, dialled) in
            [(ok(&[OURS]), OURS), (none(Cause::NxDomain), "10.1.2.3"), (none(Cause::Reset), "10.1.2.3")]
        {
            let world = World::new("direct:?dns=system&dns=udp://9.9.9.9");
            let gathering = world.gathering();
            gathering.heard(0, QueryType::Both, ok(&["10.1.2.3"]));
            gathering.ended(0);
            assert_eq!(world.take(), [""; 0]);
            gathering.heard(1, QueryType::A, later);
            gathering.ended(1);
            gathering.finish().unwrap();
            assert_eq!(world.take(), [dialled]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_most_telling_reason_is_the_failure() {
        for (system, a, aaaa, told) in [
            (none(Cause::LookupFailed), none(Cause::NoAddress), none(Cause::NoAddress), Cause::LookupFailed),
            (none(Cause::LookupFailed), none(Cause::NxDomain), none(Cause::NxDomain), Cause::NxDomain),
            (
                none(Cause::LookupFailed),
                none(Cause::NoAddress),
                none(Cause::Rcode { rcode: 2 }),
                Cause::Rcode { rcode: 2 },
            ),
            (none(Cause::LookupFailed), none(Cause::Reset), none(Cause::Reset), Cause::LookupFailed),
        ] {
            let world = World::new("direct:?dns=system&dns=udp://9.9.9.9");
            let gathering = world.gathering();
            gathering.heard(0, QueryType::Both, system);
            gathering.heard(1, QueryType::A, a);
            gathering.heard(1, QueryType::Aaaa, aaaa);
            assert_eq!(gathering.finish().unwrap_err().cause, told);
        }
        let silent = World::new("direct:?dns=system&dns=udp://9.9.9.9");
        assert_eq!(silent.gathering().finish().unwrap_err().cause, Cause::Silence);
    }

    fn service(key: &[u8]) -> Vec<ServiceBinding> {
        vec![ServiceBinding { ech: Some(EchConfigList::new(key)), ..ServiceBinding::default() }]
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_of_who_did_not_prove_itself_is_none() {
        for (proved, key) in [(true, Some(EchConfigList::new(&[7]))), (false, None)] {
            let world = World::new("direct:?dns=https://9.9.9.9&ech=require");
            let gathering = world.gathering();
            gathering.proved(0, proved);
            gathering.heard(0, QueryType::A, ok(&[OURS]));
            gathering.heard(0, QueryType::Aaaa, none(Cause::NoAddress));
            assert!(world.candidates.is_empty(), "the key is awaited");
            gathering.services(0, &service(&[7]));
            assert_eq!(world.candidates.next(|_| Rank::Fresh).unwrap().candidate.ech, key);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_comes_late_makes_another_candidate() {
        let world = World::new("direct:?dns=system&dns=https://9.9.9.9&ech=prefer");
        let gathering = world.gathering();
        gathering.proved(1, true);
        gathering.heard(0, QueryType::Both, ok(&[OURS]));
        advance(KEY_DELAY).await;
        gathering.offer();
        assert_eq!(world.candidates.next(|_| Rank::Fresh).unwrap().candidate.ech, None);
        gathering.services(1, &service(&[7]));
        assert_eq!(world.candidates.next(|_| Rank::Fresh).unwrap().candidate.ech, Some(EchConfigList::new(&[7])));
    }
}
