//! One hop of a fetch: its race, or the result of another request's race to the same host.
//!
//! A race says something about the network that it began on. If the network changes, the process stands still, or the
//! page requires a higher exposure, the race ends. It starts anew if the request may be sent again.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use url::Url;

use super::IdleBudget;
use super::coalesce::{Coalescer, Leader, Role};
use super::current_network::CurrentNetwork;
use super::error::FetchError;
use super::exchange::{Engine, HopExchange, HopJudge, Reply};
use super::fetched::LastRace;
use super::floors::{Bound, Raises};
use super::request::Stop;
use crate::reach::{self, Attempt, EventSender, Ledger, NetworkId, Outcome, Plan, Raced, Won};
use crate::transport::Strategy;

/// What the races of all requests share.
#[derive(Clone)]
pub(super) struct HopRacer {
    pub(super) engine: Arc<Engine>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) coalescer: Arc<Coalescer>,
    pub(super) current_network: Arc<watch::Sender<CurrentNetwork>>,
    pub(super) events: EventSender,
}

/// The routes of a request's race.
#[derive(Clone, Copy)]
pub(super) struct RouteChoice<'a> {
    pub(super) strategies: &'a [Strategy],
    /// The ledger that orders the routes.
    pub(super) order: &'a Ledger,
    /// It may wait for the race of another request to the same host.
    pub(super) joins: bool,
}

/// One hop, ready to be raced.
#[derive(Clone, Copy)]
pub(super) struct Prepared<'a> {
    pub(super) choice: RouteChoice<'a>,
    pub(super) asked: &'a reach::Request,
    pub(super) url: &'a Url,
    pub(super) exchange: &'a Arc<HopExchange>,
    pub(super) judge: &'a Arc<HopJudge>,
    pub(super) idle: Option<&'a IdleBudget>,
    pub(super) stop: Option<&'a Stop>,
}

impl Prepared<'_> {
    fn bound(&self) -> Bound {
        Bound { exposure: self.asked.exposure, avoid_direct: self.asked.avoid_direct }
    }

    /// Waits until the request is stopped from outside.
    async fn stopped(self) {
        match self.stop {
            Some(stop) => stop.is_set().await,
            None => std::future::pending().await,
        }
    }

    /// Something was heard, or earlier silence no longer counts.
    fn hears(&self) {
        self.idle.inspect(|idle| idle.broken());
    }
}

/// How a hop's race ended.
#[allow(clippy::large_enum_variant, reason = "the large variant is the usual one, and is taken apart at once")]
pub(super) enum Hopped {
    /// With an answer or without one.
    Ended(Option<Won<Box<Reply>>>, Option<LastRace>),
    /// The page requires a higher exposure than it was planned for.
    Raised,
}

/// How one round of a hop's race ended.
#[allow(clippy::large_enum_variant, reason = "the large variant is the usual one, and is taken apart at once")]
enum Round {
    Done(Hopped),
    /// The network changed: the race starts anew.
    Anew,
    /// The exposure of something else was raised. The race had not begun.
    Again,
}

/// How a race ended, and why.
struct Run {
    raced: Raced<Box<Reply>>,
    /// The network changed, the page requires a higher exposure, or the request was stopped.
    interrupted: bool,
    forbidden: bool,
    stopped: bool,
}

impl HopRacer {
    /// The network that the device is on.
    pub(super) fn network(&self) -> NetworkId {
        self.current_network.borrow().network.clone()
    }

    /// The identity under which a new hop is raced.
    pub(super) fn identity(&self) -> u64 {
        self.engine.identity.load(Ordering::Relaxed)
    }

    /// Closes idle connections and forgets TLS sessions.
    pub(super) fn forget_connections(&self) {
        self.engine.dialer.forget_connections();
        self.engine.pool.clear();
        self.engine.sessions.clear();
    }

    /// Races a hop, again after each change of the network.
    pub(super) async fn race(
        &self,
        hop: Prepared<'_>,
        deadline: &mut Instant,
        attempts: &mut Vec<Attempt>,
        raises: &mut Raises<'_>,
    ) -> Result<Hopped, FetchError> {
        let mut begun_anew = 0;
        loop {
            match self.round(hop, begun_anew >= BEGUN_ANEW, deadline, attempts, raises).await? {
                Round::Done(hopped) => return Ok(hopped),
                Round::Again => {}
                Round::Anew => {
                    begun_anew += 1;
                    hop.hears();
                }
            }
        }
    }

    /// `often`: it was restarted so often that further changes of the network no longer count.
    async fn round(
        &self,
        hop: Prepared<'_>,
        often: bool,
        deadline: &mut Instant,
        attempts: &mut Vec<Attempt>,
        raises: &mut Raises<'_>,
    ) -> Result<Round, FetchError> {
        let Prepared { choice, asked, url, exchange, idle, .. } = hop;
        let mut current_network = self.current_network.subscribe();
        // A race that survives a change of the network teaches about the network that it began on.
        let CurrentNetwork { network, changes } = current_network.borrow_and_update().clone();
        let before = Instant::now();
        let quiet = idle.map_or(reach::BUDGET, IdleBudget::left);
        if quiet.is_zero() {
            return Ok(Round::Done(Hopped::Ended(None, None)));
        }
        if hop.stop.is_some_and(Stop::is_over) {
            return Ok(Round::Done(Hopped::Ended(None, None)));
        }
        let until = (*deadline).min(before + quiet);
        let part = tokio::select! {
            biased;
            () = raises.signalled(), if choice.joins => {
                let forbidden = raises.forbid(url, hop.bound(), *deadline).await;
                return Ok(if forbidden { Round::Done(Hopped::Raised) } else { Round::Again });
            }
            () = hop.stopped(), if choice.joins => return Ok(Round::Done(Hopped::Ended(None, None))),
            part = self.coalescer.join(asked, &network, until), if choice.joins => part,
            () = ground_changes(&mut current_network, exchange, often), if choice.joins => return Ok(Round::Anew),
            else => Role::Independent,
        };
        let (mut found, mut leader) = (None, None);
        match part {
            Role::Lead(lead) => leader = Some(lead),
            Role::Follow(strategy) => found = Some(strategy),
            Role::Answered(met) => {
                // They belong to another request, which may be part of the same access.
                attempts.extend(met.into_iter().map(|met| Attempt { id: self.events.number(), ..met }));
                return Ok(Round::Done(Hopped::Ended(None, None)));
            }
            Role::Independent => {}
        }
        let mut plan = reach::plan(choice.strategies, asked, choice.order, &network)?;
        plan.events = self.events.clone();
        plan.budget = quiet.saturating_sub(before.elapsed());
        if idle.is_none() {
            plan.budget = plan.budget.max(OWN_BUDGET);
        }
        if let Some(found) = &found {
            plan.routes.sort_by_key(|(route, _)| route.strategy != *found);
        }
        let ground = ground_changes(&mut current_network, exchange, often);
        let warming = plan.warms_tor.then(|| self.engine.dialer.warm_tor());
        let Run { mut raced, interrupted, forbidden, stopped } =
            run(hop, plan, leader, ground, warming, *deadline, raises).await;
        let slept = raced.slept();
        if let Some(slept) = slept.filter(|_| !interrupted) {
            *deadline += slept;
            exchange.postpone(slept);
        }
        let elsewhere = slept.is_some() || self.current_network.borrow().changes != changes;
        let stale = raced.won.is_none() && elsewhere && exchange.may_begin_anew() && !often;
        if interrupted || stale {
            if slept.is_some() && !interrupted {
                self.forget_connections();
            }
            attempts.extend(match hop.stop.filter(|_| stopped) {
                Some(stop) => raced.ended(stop.outcome()),
                None if forbidden => raced.ended(&Outcome::Raised),
                None => raced.interrupted(),
            });
            // Dropping the leader tells the followers at once.
            exchange.take_leader();
            return Ok(match (forbidden, stopped) {
                (_, true) => Round::Done(Hopped::Ended(None, None)),
                (true, false) => Round::Done(Hopped::Raised),
                (false, false) => Round::Anew,
            });
        }
        let seen = raced.attempts();
        if seen.iter().any(|attempt| attempt.first_byte.is_some()) {
            hop.hears();
        }
        let won = raced.won.take();
        if won.as_ref().is_none_or(|won| won.reply.shows_health()) {
            self.ledger.note(&network, &asked.destination, &seen);
        } else {
            self.ledger.note_losers(&network, &asked.destination, &seen);
        }
        if let Some(leader) = exchange.take_leader() {
            leader.finish(won.as_ref().map(|won| &won.candidate.route.strategy), &seen);
        }
        let earlier = attempts.len();
        attempts.extend(seen);
        let destination = asked.destination.clone();
        let last = LastRace { raced, earlier, hops: 0, destination, ledger: self.ledger.clone(), network };
        Ok(Round::Done(Hopped::Ended(won, Some(last))))
    }
}

/// Runs a plan until it ends, the network changes, or the page requires a higher exposure. Meanwhile a leader answers
/// its followers, and Tor may start.
async fn run(
    hop: Prepared<'_>,
    plan: Plan,
    leader: Option<Leader>,
    ground_changes: impl Future<Output = ()>,
    warming: Option<impl Future<Output = ()>>,
    deadline: Instant,
    raises: &mut Raises<'_>,
) -> Run {
    let answering = leader.as_ref().map(Leader::answer_pings);
    if let Some(leader) = leader {
        hop.exchange.lead(leader);
    }
    let answering = async {
        match answering {
            Some(answering) => answering.await,
            None => std::future::pending().await,
        }
    };
    let warming = async {
        if let Some(warming) = warming {
            warming.await;
        }
        std::future::pending::<Infallible>().await
    };
    let (is_forbidden, is_stopped) = (Notify::new(), AtomicBool::new(false));
    let interrupt = async {
        tokio::select! {
            biased;
            () = is_forbidden.notified() => {}
            () = ground_changes => {}
            () = hop.stopped() => is_stopped.store(true, Ordering::Relaxed),
        }
    };
    let mut racing = pin!(reach::race_until(plan, hop.exchange.clone(), hop.judge.clone(), interrupt));
    let mut answering = pin!(answering);
    let mut warming = pin!(warming);
    let mut forbidden = false;
    loop {
        tokio::select! {
            biased;
            // The race pauses until it is known whether the raise concerns this hop.
            () = raises.signalled(), if !forbidden => {
                forbidden = raises.forbid(hop.url, hop.bound(), deadline).await;
                if forbidden {
                    is_forbidden.notify_one();
                }
            }
            (raced, interrupted) = &mut racing => {
                return Run { raced, interrupted, forbidden, stopped: is_stopped.load(Ordering::Relaxed) };
            }
            never = &mut answering => match never {},
            never = &mut warming => match never {},
        }
    }
}

/// Waits until the network has changed while the exchange may start anew.
async fn ground_changes(current_network: &mut watch::Receiver<CurrentNetwork>, exchange: &HopExchange, often: bool) {
    loop {
        if current_network.changed().await.is_err() || often {
            std::future::pending::<()>().await;
        }
        if exchange.may_begin_anew() && !exchange.is_answered() {
            return;
        }
    }
}

/// The minimum budget of a race that has waited in vain for another's result: a successful dial.
const OWN_BUDGET: Duration = Duration::from_secs(4);

/// A device whose network changes more often than this within one request has no network.
const BEGUN_ANEW: u32 = 8;
