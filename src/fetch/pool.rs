//! Idle connections between requests, and connections in use that can carry one more request.
//!
//! This pool is our own, because a client library's pool is keyed by origin alone. It would give one community's
//! connection to another, or a direct one to a request that must not be seen.
//!
//! The idle time is measured by two clocks. The monotonic clock stands still while some phones sleep, and the wall
//! clock jumps when it is set. A connection is used again only if neither clock says that it was idle too long.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use crate::reach::WallClock;
use crate::transport::{Candidate, PrivateAddresses, Route};

/// Idle connections; the one used last is at the back. `C` is the connection; dropping it closes it.
pub(crate) struct Pool<C: Reusable> {
    idle: Mutex<VecDeque<Idle<C>>>,
    in_use: Mutex<VecDeque<InUse<C::Joint>>>,
    given_back: Notify,
    wall: WallClock,
}

/// A moment by both clocks.
#[derive(Clone, Copy)]
struct Moment {
    now: Instant,
    wall: SystemTime,
}

impl Moment {
    fn of(wall: &WallClock) -> Self {
        Self { now: Instant::now(), wall: wall() }
    }

    /// The time until `later`, by the clock that says more. A wall clock that was set back counts by how far it was set
    /// back: we can't tell what it would have shown.
    fn until(self, later: Self) -> Duration {
        let by_wall = later.wall.duration_since(self.wall).unwrap_or_else(|back| back.duration());
        self.ran(later).max(by_wall)
    }

    /// How long the device was awake since then.
    fn ran(self, later: Self) -> Duration {
        later.now.saturating_duration_since(self.now)
    }
}

struct InUse<J> {
    candidate: Candidate,
    tls: bool,
    since: Moment,
    joint: J,
}

struct Idle<C> {
    candidate: Candidate,
    tls: bool,
    since: Moment,
    connection: C,
}

/// A connection that knows whether it can still be used.
pub(crate) trait Reusable: Sized {
    /// A handle by which another request may use it at the same time. It does not keep the connection open.
    type Joint;

    /// Whether it was open at the last check.
    fn is_open(&self) -> bool;

    /// Returns `None` if it carries one request at a time.
    fn joint(&self) -> Option<Self::Joint>;

    /// Returns `None` if it is gone, or if nothing has come on it for a while, so that a further request might wait in
    /// vain.
    fn join(joint: &Self::Joint) -> Option<Self>;

    /// Whether it is the same connection.
    fn is_same(&self, other: &Self) -> bool;

    /// Whether the handle belongs to that connection.
    fn is_joint_of(joint: &Self::Joint, connection: &Self) -> bool;
}

/// How a connection came from the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was idle.
    Idle,
    /// Others are using it.
    Joined,
}

/// Whether a connection that was opened for `own` may carry a request of `route`: same strategy, same community, same
/// host.
fn fits(own: &Candidate, route: &Route) -> bool {
    let Route { strategy, destination, exposure, private, isolation } = route;
    own.route.strategy == *strategy
        && own.route.destination == *destination
        && own.route.isolation == *isolation
        && strategy.is_allowed_by(*exposure)
        // A connection that the user allowed into a private network is not for a redirect that must not lead there.
        && (*private == PrivateAddresses::Allowed || !own.leads_inward())
}

impl<C> Idle<C> {
    fn fits(&self, route: &Route, tls: bool) -> bool {
        self.tls == tls && fits(&self.candidate, route)
    }
}

impl<C: Reusable> Pool<C> {
    /// An empty pool with this wall clock.
    pub(crate) fn wall(&self) -> SystemTime {
        (self.wall)()
    }

    pub(crate) fn new(wall: WallClock) -> Self {
        Self { idle: Mutex::default(), in_use: Mutex::default(), given_back: Notify::new(), wall }
    }

    /// The candidate of this route that has a connection. `exclusive`: one that no other request uses.
    pub(crate) fn candidate(&self, route: &Route, tls: bool, exclusive: bool) -> Option<Candidate> {
        let idle = self.fresh().iter().rev().find(|idle| idle.fits(route, tls)).map(|idle| idle.candidate.clone());
        let candidate = idle.or_else(|| {
            let in_use = self.in_use();
            let mut usable = in_use.iter().filter(|used| !exclusive && used.tls == tls && fits(&used.candidate, route));
            usable.find(|used| C::join(&used.joint).is_some()).map(|used| used.candidate.clone())
        })?;
        Some(Candidate { route: route.clone(), ..candidate })
    }

    /// Takes the most recently used connection of this candidate; if none is idle, one that is in use. `exclusive`: no
    /// other request may use it until it is [given back](Self::put) or offered.
    pub(crate) fn take(&self, candidate: &Candidate, tls: bool, exclusive: bool) -> Option<(C, Taken)> {
        let mut idle = self.fresh();
        let at = idle
            .iter()
            .rposition(|idle| idle.fits(&candidate.route, tls) && idle.candidate.address == candidate.address);
        let taken = at.and_then(|at| idle.remove(at)).map(|idle| idle.connection);
        drop(idle);
        let mut in_use = self.in_use();
        if let Some(taken) = taken {
            if exclusive {
                in_use.retain(|used| !C::is_joint_of(&used.joint, &taken));
            }
            return Some((taken, Taken::Idle));
        }
        let here = |used: &&InUse<C::Joint>| {
            !exclusive
                && used.tls == tls
                && fits(&used.candidate, &candidate.route)
                && used.candidate.address == candidate.address
        };
        in_use.iter().filter(here).find_map(|used| C::join(&used.joint)).map(|joined| (joined, Taken::Joined))
    }

    /// Lets others join a connection that is in use.
    pub(crate) fn offer(&self, candidate: &Candidate, tls: bool, connection: &C) {
        let Some(joint) = connection.joint() else { return };
        let mut in_use = self.in_use();
        in_use.retain(|used| !C::is_joint_of(&used.joint, connection));
        if in_use.len() >= IN_ALL {
            in_use.pop_front();
        }
        in_use.push_back(InUse { candidate: candidate.clone(), tls, since: Moment::of(&self.wall), joint });
        drop(in_use);
        self.given_back.notify_waiters();
    }

    /// Keeps a connection for later, and closes the one that was idle longest if there are too many.
    pub(crate) fn put(&self, candidate: Candidate, tls: bool, connection: C) {
        let mut idle = self.fresh();
        // Each of several users gives a shared connection back.
        if let Some(at) = idle.iter().position(|idle| idle.connection.is_same(&connection)) {
            idle.remove(at);
        }
        let same = |idle: &Idle<C>| idle.fits(&candidate.route, tls);
        if idle.iter().filter(|idle| same(idle)).count() >= PER_ROUTE {
            if let Some(oldest) = idle.iter().position(same) {
                idle.remove(oldest);
            }
        } else if idle.len() >= IN_ALL {
            idle.pop_front();
        }
        idle.push_back(Idle { candidate, tls, since: Moment::of(&self.wall), connection });
        drop(idle);
        self.given_back.notify_waiters();
    }

    /// Waits until a connection is given back or offered, from this call on.
    pub(crate) fn given_back(&self) -> Notified<'_> {
        self.given_back.notified()
    }

    /// Closes all connections.
    pub(crate) fn clear(&self) {
        self.fresh().clear();
        self.in_use().clear();
    }

    /// The connections in use, without those that were in use while the device slept: no clock records what comes on
    /// them.
    fn in_use(&self) -> MutexGuard<'_, VecDeque<InUse<C::Joint>>> {
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        if in_use.is_empty() {
            return in_use;
        }
        let now = Moment::of(&self.wall);
        in_use.retain(|used| used.since.until(now) < used.since.ran(now) + IDLE);
        in_use
    }

    /// The idle connections, without those that were idle too long or were closed. There is no timer: they are checked
    /// when the pool is used.
    fn fresh(&self) -> MutexGuard<'_, VecDeque<Idle<C>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.is_empty() {
            return idle;
        }
        let now = Moment::of(&self.wall);
        idle.retain(|idle| idle.since.until(now) < IDLE && idle.connection.is_open());
        idle
    }
}

/// Shorter than the usual keep-alive of servers (nginx 75 s; Apache 5 s, but it announces that by closing) and of the
/// NATs of mobile carriers, which forget a quiet connection after one to five minutes.
const IDLE: Duration = Duration::from_secs(50);

/// A race and its hedge leave two.
const PER_ROUTE: usize = 2;

/// A community has a handful of homes; sockets are scarce on a phone.
const IN_ALL: usize = 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use url::Host;

    use super::*;
    use crate::exposure::Exposure;
    use crate::transport::{Destination, Isolation, Strategy};

    impl Reusable for usize {
        type Joint = usize;

        fn is_open(&self) -> bool {
            *self != CLOSED
        }

        fn joint(&self) -> Option<usize> {
            (*self >= JOINABLE).then_some(*self)
        }

        fn join(joint: &usize) -> Option<usize> {
            Some(*joint)
        }

        fn is_same(&self, other: &usize) -> bool {
            self == other
        }

        fn is_joint_of(joint: &usize, connection: &usize) -> bool {
            joint == connection
        }
    }

    const JOINABLE: usize = 1000;

    fn pool() -> Pool<usize> {
        Pool::new(Arc::new(SystemTime::now))
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_idle_during_sleep_is_closed_by_the_wall_clock() {
        let wall = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + IDLE * 100));
        let clock = wall.clone();
        let pool = Pool::new(Arc::new(move || *clock.lock().unwrap()));
        let ours = candidate("vk.com", "ours");
        /// The case, the later wall clock, and whether the connection is still used.
        type Jump = (&'static str, fn(SystemTime) -> SystemTime, bool);
        let jumps: [Jump; 4] = [
            ("a nap", |wall| wall + IDLE / 2, true),
            ("the clock is set a little", |wall| wall - IDLE / 2, true),
            ("a sleep", |wall| wall + IDLE, false),
            ("the clock is set back, who knows after how long", |wall| wall - IDLE, false),
        ];
        for (name, jump, kept) in jumps {
            pool.put(ours.clone(), true, 1);
            pool.offer(&ours, true, &JOINABLE);
            let mut wall = wall.lock().unwrap();
            *wall = jump(*wall);
            drop(wall);
            assert_eq!(pool.take(&ours, true, true).is_some(), kept, "{name}, idle");
            assert_eq!(pool.take(&ours, true, false).is_some(), kept, "{name}, in use");
            pool.clear();
        }
        // A connection in long use was not asleep.
        pool.offer(&ours, true, &JOINABLE);
        tokio::time::advance(IDLE * 3).await;
        assert_eq!(pool.take(&ours, true, false), Some((JOINABLE, Taken::Joined)));
    }

    fn taken(pool: &Pool<usize>, candidate: &Candidate, tls: bool) -> Option<usize> {
        pool.take(candidate, tls, false).map(|(connection, _)| connection)
    }

    #[tokio::test(start_paused = true)]
    async fn what_others_use_is_joined_unless_it_is_wanted_alone() {
        let pool = pool();
        let ours = candidate("vk.com", "ours");
        pool.offer(&ours, true, &7);
        assert_eq!(pool.take(&ours, true, false), None, "it carries one at a time");
        pool.offer(&ours, true, &JOINABLE);
        assert_eq!(pool.take(&ours, true, false), Some((JOINABLE, Taken::Joined)));
        assert_eq!(pool.take(&candidate("vk.com", "theirs"), true, false), None);
        assert_eq!((pool.take(&ours, true, true), pool.candidate(&ours.route, true, true)), (None, None));
        for _ in 0..2 {
            pool.put(ours.clone(), true, JOINABLE);
        }
        assert_eq!(pool.take(&ours, true, true), Some((JOINABLE, Taken::Idle)), "given back by both, and there once");
        assert_eq!(pool.take(&ours, true, false), None, "who has it alone has it alone");
    }

    const CLOSED: usize = 404;

    fn candidate(host: &str, isolation: &str) -> Candidate {
        Candidate {
            route: Route {
                strategy: Strategy::direct(),
                destination: Destination { host: Host::Domain(host.into()), port: 443 },
                exposure: Exposure::Open,
                private: PrivateAddresses::Allowed,
                isolation: Isolation::of(isolation),
            },
            address: Some("192.0.2.1:443".parse().unwrap()),
            ech: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_used_again_by_its_own_route_only() {
        let pool = pool();
        let ours = candidate("vk.com", "ours");
        pool.put(ours.clone(), true, 1);
        let mut elsewhere = ours.clone();
        elsewhere.address = Some("192.0.2.2:443".parse().unwrap());
        let mut hidden = ours.clone();
        hidden.route.exposure = Exposure::Tor;
        for other in [candidate("vk.com", "theirs"), candidate("vk.ru", "ours"), elsewhere, hidden] {
            assert_eq!(taken(&pool, &other, true), None);
        }
        assert_eq!(taken(&pool, &ours, false), None);
        assert_eq!(pool.candidate(&ours.route, true, false), Some(ours.clone()));
        assert_eq!(taken(&pool, &ours, true), Some(1));
        assert_eq!(taken(&pool, &ours, true), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_redirect_gets_no_connection_into_the_users_network() {
        let pool = pool();
        for (address, given) in [("192.0.2.1:443", Some(1)), ("192.168.0.1:443", None)] {
            let mut named = candidate("nas.example", "ours");
            named.address = Some(address.parse().unwrap());
            let mut redirected = named.clone();
            redirected.route.private = PrivateAddresses::Refused;
            pool.put(named, true, 1);
            assert_eq!(taken(&pool, &redirected, true), given, "{address}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_lay_too_long_is_closed() {
        let pool = pool();
        let candidate = candidate("vk.com", "ours");
        pool.put(candidate.clone(), true, 1);
        tokio::time::advance(IDLE).await;
        assert_eq!(taken(&pool, &candidate, true), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_closed_is_forgotten() {
        let pool = pool();
        let candidate = candidate("vk.com", "ours");
        pool.put(candidate.clone(), true, 1);
        pool.put(candidate.clone(), true, CLOSED);
        assert_eq!(taken(&pool, &candidate, true), Some(1));
        assert_eq!(pool.candidate(&candidate.route, true, false), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pool_is_bounded_and_closes_the_one_idle_longest() {
        let pool = pool();
        for n in 0..IN_ALL + 1 {
            pool.put(candidate(&format!("host-{n}.example"), "ours"), true, n);
        }
        assert_eq!(taken(&pool, &candidate("host-0.example", "ours"), true), None);

        let same = candidate("host-1.example", "ours");
        for n in 100..100 + PER_ROUTE {
            pool.put(same.clone(), true, n);
        }
        assert_eq!(taken(&pool, &same, true), Some(101));
        assert_eq!(taken(&pool, &same, true), Some(100));
        assert_eq!(taken(&pool, &same, true), None);
    }
}
