//! Single-flight: simultaneous requests to one host share one race.
//!
//! An app that opens a screen requests fifty things from a host at once. Fifty cold races would be fifty handshakes to
//! a blocked address, and fifty through the proxy. So the first request *leads* a [`Flight`], and the others wait for
//! its outcome:
//!
//! - the leader found a working route: the others start with that route;
//! - nothing can be connected to: the others end at once, with the leader's evidence;
//! - anything else: each of the others runs its own race.
//!
//! A leader that is dropped in the middle marks its flight as lost, and one of the waiting requests takes over at once.
//! A leader that is kept but not polled (for example in an app's list that has scrolled on) cannot do that. So the
//! waiting requests ping it. If it does not answer within a hedge delay, one of them leads a new flight and the others
//! follow that one. No request waits longer than a race lasts. Requests with credentials, and those that may be sent
//! only once, also wait for the outcome and then send for themselves. They have their own flights, because their race
//! is slower.
//!
//! A flight has one community (isolation), one exposure, one destination and one network.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

use crate::exposure::Exposure;
use crate::reach::{self, Attempt, NetworkId, Outcome, Replay};
use crate::transport::{Cause, Destination, Failure, Isolation, PrivateAddresses, Stage, Strategy};

/// The flights under way.
#[derive(Default)]
pub(crate) struct Coalescer(Mutex<HashMap<Key, Weak<Flight>>>);

/// What two requests must have in common to share a flight.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    destination: Destination,
    tls: bool,
    exposure: Exposure,
    avoid_direct: bool,
    private: PrivateAddresses,
    isolation: Isolation,
    network: NetworkId,
    /// One attempt in flight at a time.
    alone: bool,
}

impl Hash for Key {
    /// Hashes the destination alone: two keys for one destination are rare, and hashing is part of every request.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.destination.hash(state);
    }
}

/// The task of a request that joined.
pub(crate) enum Role {
    /// Race, and report to the flight.
    Lead(Leader),
    /// Race, and start with the strategy that the leader found.
    Follow(Strategy),
    /// Do nothing: these are the leader's attempts, and this request would meet the same.
    Answered(Vec<Attempt>),
    /// Race like a single request.
    Independent,
}

impl Coalescer {
    /// Waits for the outcome of a flight, until `until` at the latest, or becomes the leader of one. Cancel-safe.
    pub(crate) async fn join(&self, asked: &reach::Request, network: &NetworkId, until: Instant) -> Role {
        let alone = asked.credentials || asked.replay == Replay::Once;
        let key = Key {
            destination: asked.destination.clone(),
            tls: asked.tls,
            exposure: asked.exposure,
            avoid_direct: asked.avoid_direct,
            private: asked.private,
            isolation: asked.isolation.clone(),
            network: network.clone(),
            alone,
        };
        if alone && let Some(faster) = self.find(&Key { alone: false, ..key.clone() }) {
            match faster.outcome(until, false).await {
                FlightState::LeaderLost | FlightState::UnderWay | FlightState::LeaderUnresponsive => {}
                outcome => return outcome.role(asked.hop),
            }
        }
        loop {
            let flight = match self.find_or_begin(&key) {
                Ok(flight) => flight,
                Err(begun) => return Role::Lead(begun),
            };
            match flight.outcome(until, true).await {
                // The caller takes over if it may.
                FlightState::LeaderLost => return Role::Lead(Leader { flight }),
                FlightState::LeaderUnresponsive => self.abandon(&key, &flight),
                outcome => return outcome.role(asked.hop),
            }
        }
    }

    /// Drops a flight whose leader does not answer: waiting requests join the next one.
    fn abandon(&self, key: &Key, abandoned: &Arc<Flight>) {
        let mut flights = self.flights();
        if flights.get(key).is_some_and(|flight| flight.as_ptr() == Arc::as_ptr(abandoned)) {
            flights.remove(key);
        }
    }

    fn find(&self, key: &Key) -> Option<Arc<Flight>> {
        self.flights().get(key).and_then(Weak::upgrade).filter(|flight| !flight.is_over())
    }

    fn find_or_begin(&self, key: &Key) -> Result<Arc<Flight>, Leader> {
        let mut flights = self.flights();
        let known = flights.get_mut(key);
        if let Some(flight) = known.as_deref().and_then(Weak::upgrade).filter(|flight| !flight.is_over()) {
            return Ok(flight);
        }
        let state = watch::Sender::new(FlightState::UnderWay);
        let flight = Arc::new(Flight { state, pinged: Notify::new(), answers: AtomicU64::new(0) });
        match known {
            Some(over) => *over = Arc::downgrade(&flight),
            None => {
                flights.retain(|_, flight| flight.strong_count() > 0);
                flights.insert(key.clone(), Arc::downgrade(&flight));
            }
        }
        Err(Leader { flight })
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Key, Weak<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One race and the requests that wait for it. It lives as long as its leader or a waiting request.
struct Flight {
    state: watch::Sender<FlightState>,
    /// A waiting request asks whether the leader is polled.
    pinged: Notify,
    /// How many pings the leader has answered.
    answers: AtomicU64,
}

#[derive(Clone)]
enum FlightState {
    /// The leader's race continues, without a route yet.
    UnderWay,
    /// The leader was dropped.
    LeaderLost,
    /// The leader found a working route, and its race continues.
    RouteFound(Strategy),
    /// The leader's race was won by this strategy, or the leader was dropped after it found the route.
    Succeeded(Strategy),
    /// The race is over: nothing can be connected to.
    Unreachable(Arc<Vec<Attempt>>),
    /// The race is over with neither result.
    Undecided,
    /// The leader does not answer pings. Only a waiting request finds that out.
    LeaderUnresponsive,
}

impl FlightState {
    fn role(self, hop: u32) -> Role {
        match self {
            FlightState::RouteFound(strategy) | FlightState::Succeeded(strategy) => Role::Follow(strategy),
            FlightState::Unreachable(attempts) => {
                let attempts = attempts.iter().cloned();
                Role::Answered(attempts.map(|attempt| Attempt { hop, ..attempt }).collect())
            }
            FlightState::UnderWay
            | FlightState::LeaderLost
            | FlightState::Undecided
            | FlightState::LeaderUnresponsive => Role::Independent,
        }
    }
}

impl Flight {
    fn is_over(&self) -> bool {
        matches!(
            &*self.state.borrow(),
            FlightState::Succeeded(_) | FlightState::Unreachable(_) | FlightState::Undecided
        )
    }

    /// Waits for an outcome. [`FlightState::UnderWay`]: none came in time. [`FlightState::LeaderLost`], to a caller
    /// that takes over: the flight now belongs to the caller.
    async fn outcome(&self, until: Instant, takes_over: bool) -> FlightState {
        let mut news = self.state.subscribe();
        loop {
            let state = news.borrow_and_update().clone();
            match state {
                FlightState::UnderWay => {}
                // Exactly one of the callers takes over.
                FlightState::LeaderLost if takes_over => {
                    let taken = self.state.send_if_modified(|state| {
                        let lost = matches!(state, FlightState::LeaderLost);
                        if lost {
                            *state = FlightState::UnderWay;
                        }
                        lost
                    });
                    if taken {
                        return FlightState::LeaderLost;
                    }
                    continue;
                }
                state => return state,
            }
            let answers = self.answers.load(Ordering::Relaxed);
            self.pinged.notify_one();
            let patience = Instant::now() + PING_TIMEOUT;
            match timeout_at(until.min(patience), news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return FlightState::UnderWay,
                Err(_) if Instant::now() >= until => return FlightState::UnderWay,
                Err(_) if self.answers.load(Ordering::Relaxed) == answers => return FlightState::LeaderUnresponsive,
                Err(_) => {}
            }
        }
    }
}

/// The request that races for a flight.
pub(crate) struct Leader {
    flight: Arc<Flight>,
}

impl Leader {
    /// Answers pings. Poll it together with the race, for as long as the race lasts.
    pub(crate) fn answer_pings(&self) -> impl Future<Output = Infallible> + use<> {
        let flight = self.flight.clone();
        async move {
            loop {
                flight.pinged.notified().await;
                flight.answers.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Reports that an authenticated answer has begun to come by this strategy.
    pub(crate) fn found(&self, strategy: &Strategy) {
        self.flight.state.send_if_modified(|state| {
            let news = matches!(state, FlightState::UnderWay);
            if news {
                *state = FlightState::RouteFound(strategy.clone());
            }
            news
        });
    }

    /// Reports how the race ended.
    pub(crate) fn finish(self, won: Option<&Strategy>, attempts: &[Attempt]) {
        let state = match won {
            Some(strategy) => FlightState::Succeeded(strategy.clone()),
            None if !attempts.is_empty() && attempts.iter().all(could_not_connect) => {
                FlightState::Unreachable(Arc::new(attempts.to_vec()))
            }
            None => FlightState::Undecided,
        };
        self.flight.state.send_replace(state);
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.flight.state.send_if_modified(|state| match state {
            FlightState::UnderWay => {
                *state = FlightState::LeaderLost;
                true
            }
            // The leader was dropped after it found a route.
            FlightState::RouteFound(strategy) => {
                *state = FlightState::Succeeded(strategy.clone());
                true
            }
            FlightState::LeaderLost
            | FlightState::Succeeded(_)
            | FlightState::Unreachable(_)
            | FlightState::Undecided
            | FlightState::LeaderUnresponsive => false,
        });
    }
}

/// Whether an attempt ended before any part of the request was sent, for a reason that other requests would meet as
/// well.
fn could_not_connect(attempt: &Attempt) -> bool {
    match &attempt.outcome {
        Outcome::Failed(Failure { cause: Cause::Limit { .. } | Cause::Forbidden { .. }, .. }) => false,
        Outcome::Failed(failure) => failure.stage < Stage::FirstByte,
        Outcome::Pending => attempt.stage < Stage::FirstByte,
        Outcome::Proven | Outcome::Refuted(_) | Outcome::Interrupted | Outcome::Overtaken | Outcome::Raised => false,
    }
}

/// How long a leader may take to answer a ping: a hedge delay, which is also how long a race waits for a silent route.
const PING_TIMEOUT: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use url::Host;

    use super::*;

    fn asked(credentials: bool) -> reach::Request {
        reach::Request {
            destination: Destination { host: Host::Domain("vk.com".into()), port: 443 },
            exposure: Exposure::Open,
            avoid_direct: false,
            private: PrivateAddresses::Refused,
            isolation: Isolation::of("ours"),
            replay: Replay::Safe,
            credentials,
            tls: true,
            hop: 3,
        }
    }

    fn join<'a>(coalescer: &'a Coalescer, asked: &'a reach::Request) -> impl Future<Output = Role> + 'a {
        static NETWORK: std::sync::OnceLock<NetworkId> = std::sync::OnceLock::new();
        coalescer.join(asked, NETWORK.get_or_init(NetworkId::default), Instant::now() + Duration::from_secs(10))
    }

    fn leader_of(role: Role) -> Leader {
        let Role::Lead(leader) = role else { panic!("not the leader") };
        leader
    }

    #[tokio::test(start_paused = true)]
    async fn followers_start_with_the_leaders_route() {
        let (coalescer, plain, secret) = (Coalescer::default(), asked(false), asked(true));
        let leader = leader_of(join(&coalescer, &plain).await);
        let mut waiting = [Box::pin(join(&coalescer, &plain)), Box::pin(join(&coalescer, &secret))];
        assert!(waiting.iter_mut().all(|waiting| waiting.now_or_never().is_none()));
        leader.found(&Strategy::direct());
        for waiting in waiting {
            assert!(matches!(waiting.now_or_never(), Some(Role::Follow(strategy)) if strategy == Strategy::direct()));
        }
        assert!(
            matches!(join(&coalescer, &plain).now_or_never(), Some(Role::Follow(_))),
            "while the leader's race goes on"
        );
        leader.finish(Some(&Strategy::direct()), &[]);
        assert!(matches!(join(&coalescer, &plain).now_or_never(), Some(Role::Lead(_))), "the ledger knows now");
    }

    #[tokio::test(start_paused = true)]
    async fn another_community_or_network_does_not_wait() {
        let (coalescer, ours) = (Coalescer::default(), asked(false));
        let _scout = leader_of(join(&coalescer, &ours).await);
        let theirs = reach::Request { isolation: Isolation::of("theirs"), ..ours.clone() };
        let hidden = reach::Request { exposure: Exposure::Tor, ..ours.clone() };
        for other in [theirs, hidden] {
            assert!(matches!(join(&coalescer, &other).now_or_never(), Some(Role::Lead(_))));
        }
        let elsewhere = NetworkId("another".into());
        let joined = coalescer.join(&ours, &elsewhere, Instant::now()).now_or_never();
        assert!(matches!(joined, Some(Role::Lead(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn exactly_one_takes_over_from_a_lost_leader() {
        let (coalescer, plain) = (Coalescer::default(), asked(false));
        let leader = leader_of(join(&coalescer, &plain).await);
        let mut waiting: Vec<_> = (0..5).map(|_| Box::pin(join(&coalescer, &plain))).collect();
        assert!(waiting.iter_mut().all(|waiting| waiting.now_or_never().is_none()));
        drop(leader);
        // A request that is dropped before it could take over loses nothing.
        drop(waiting.remove(0));
        let mut next = None;
        for waiting in &mut waiting {
            if let Some(role) = waiting.now_or_never() {
                assert!(next.replace(leader_of(role)).is_none(), "one takes over");
            }
        }
        next.unwrap().finish(None, &[]);
        let roles = waiting.into_iter().skip(1).map(|waiting| waiting.now_or_never());
        assert!(roles.into_iter().all(|role| matches!(role, Some(Role::Independent))));
        assert_eq!(coalescer.flights().values().filter(|flight| flight.strong_count() > 0).count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_waits_longer_than_a_race_lasts() {
        let (coalescer, plain) = (Coalescer::default(), asked(false));
        let leader = leader_of(join(&coalescer, &plain).await);
        let begun = Instant::now();
        let role = tokio::select! {
            role = join(&coalescer, &plain) => role,
            never = leader.answer_pings() => match never {},
        };
        assert!(matches!(role, Role::Independent));
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn exactly_one_takes_over_from_a_leader_that_is_not_polled() {
        let (coalescer, plain) = (Coalescer::default(), asked(false));
        let kept = leader_of(join(&coalescer, &plain).await);
        let begun = Instant::now();
        let waiting = join_all((0..5).map(|_| async {
            let role = join(&coalescer, &plain).await;
            assert_eq!(begun.elapsed(), PING_TIMEOUT);
            match role {
                Role::Lead(leader) => {
                    leader.found(&Strategy::direct());
                    Some(leader)
                }
                Role::Follow(_) => None,
                Role::Answered(_) | Role::Independent => panic!("neither leader nor follower"),
            }
        }));
        assert_eq!(waiting.await.into_iter().flatten().count(), 1);
        kept.finish(None, &[]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_with_credentials_holds_up_its_own_kind_only() {
        let (coalescer, plain, secret) = (Coalescer::default(), asked(false), asked(true));
        let _slow = leader_of(join(&coalescer, &secret).await);
        assert!(join(&coalescer, &secret).now_or_never().is_none());
        assert!(matches!(join(&coalescer, &plain).now_or_never(), Some(Role::Lead(_))));
    }
}
