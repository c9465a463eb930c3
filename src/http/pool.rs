//! Connections that lie idle between requests.
//!
//! A pool of ours, because a client library's pool is keyed by origin alone and would hand one community's connection
//! to another, or a direct one to a request that must not be seen.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::transport::{Leg, PrivateAddresses, Route};

/// Idle connections, the one used last at the back. `C` is the connection; dropping it closes it.
pub(crate) struct Pool<C>(Mutex<VecDeque<Idle<C>>>);

struct Idle<C> {
    leg: Leg,
    tls: bool,
    since: Instant,
    connection: C,
}

/// What can tell that it is of no use any more.
pub(crate) trait Reusable {
    /// Whether it was still open when somebody looked last.
    fn is_open(&self) -> bool;
}

impl<C> Idle<C> {
    /// Whether it may carry what goes along `route`: same way, same community, same host.
    fn fits(&self, route: &Route, tls: bool) -> bool {
        let Route { strategy, destination, exposure, private, isolation } = route;
        let own = &self.leg.route;
        own.strategy == *strategy
            && own.destination == *destination
            && own.isolation == *isolation
            && self.tls == tls
            && exposure.allows(strategy)
            // One that the user let into a private network is not for a redirect that must not lead there.
            && (*private == PrivateAddresses::Allowed || !self.leg.leads_inward())
    }
}

impl<C> Default for Pool<C> {
    fn default() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }
}

impl<C: Reusable> Pool<C> {
    /// The leg of this route that has an idle connection.
    pub(crate) fn leg(&self, route: &Route, tls: bool) -> Option<Leg> {
        let leg = self.fresh().iter().rev().find(|idle| idle.fits(route, tls)).map(|idle| idle.leg.clone())?;
        Some(Leg { route: route.clone(), ..leg })
    }

    /// Takes the connection of this leg that was used last.
    pub(crate) fn take(&self, leg: &Leg, tls: bool) -> Option<C> {
        let mut idle = self.fresh();
        let at = idle.iter().rposition(|idle| idle.fits(&leg.route, tls) && idle.leg.address == leg.address)?;
        idle.remove(at).map(|idle| idle.connection)
    }

    /// Keeps a connection for later, and closes the one idle longest when there are too many.
    pub(crate) fn put(&self, leg: Leg, tls: bool, connection: C) {
        let mut idle = self.fresh();
        let same = |idle: &Idle<C>| idle.fits(&leg.route, tls);
        if idle.iter().filter(|idle| same(idle)).count() >= PER_ROUTE {
            if let Some(oldest) = idle.iter().position(same) {
                idle.remove(oldest);
            }
        } else if idle.len() >= IN_ALL {
            idle.pop_front();
        }
        idle.push_back(Idle { leg, tls, since: Instant::now(), connection });
    }

    /// Closes all.
    pub(crate) fn clear(&self) {
        self.fresh().clear();
    }

    /// The idle ones, without those that lay too long or were closed. There is no timer: they are looked at when the
    /// pool is used.
    fn fresh(&self) -> MutexGuard<'_, VecDeque<Idle<C>>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|idle| idle.since.elapsed() < IDLE && idle.connection.is_open());
        idle
    }
}

/// Below the shortest common keep-alive of servers (nginx 75 s, Apache 5 s but says so by closing) and of the NATs of
/// mobile carriers, which forget a quiet connection after one to five minutes.
const IDLE: Duration = Duration::from_secs(50);

/// A race and its hedge leave two.
const PER_ROUTE: usize = 2;

/// A community has a handful of homes; sockets are dear on a phone.
const IN_ALL: usize = 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use url::Host;

    use super::*;
    use crate::transport::{Destination, Exposure, Isolation, Strategy};

    impl Reusable for usize {
        fn is_open(&self) -> bool {
            *self != CLOSED
        }
    }

    const CLOSED: usize = 404;

    fn leg(host: &str, isolation: &str) -> Leg {
        Leg {
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
        let pool = Pool::default();
        let ours = leg("vk.com", "ours");
        pool.put(ours.clone(), true, 1);
        let mut elsewhere = ours.clone();
        elsewhere.address = Some("192.0.2.2:443".parse().unwrap());
        let mut hidden = ours.clone();
        hidden.route.exposure = Exposure::Tor;
        for other in [leg("vk.com", "theirs"), leg("vk.ru", "ours"), elsewhere, hidden] {
            assert_eq!(pool.take(&other, true), None);
        }
        assert_eq!(pool.take(&ours, false), None);
        assert_eq!(pool.leg(&ours.route, true), Some(ours.clone()));
        assert_eq!(pool.take(&ours, true), Some(1));
        assert_eq!(pool.take(&ours, true), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_redirect_gets_no_connection_into_the_users_network() {
        let pool = Pool::default();
        for (address, given) in [("192.0.2.1:443", Some(1)), ("192.168.0.1:443", None)] {
            let mut named = leg("nas.example", "ours");
            named.address = Some(address.parse().unwrap());
            let mut redirected = named.clone();
            redirected.route.private = PrivateAddresses::Refused;
            pool.put(named, true, 1);
            assert_eq!(pool.take(&redirected, true), given, "{address}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_lay_too_long_is_closed() {
        let pool = Pool::default();
        let leg = leg("vk.com", "ours");
        pool.put(leg.clone(), true, 1);
        tokio::time::advance(IDLE).await;
        assert_eq!(pool.take(&leg, true), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_closed_is_forgotten() {
        let pool = Pool::default();
        let leg = leg("vk.com", "ours");
        pool.put(leg.clone(), true, 1);
        pool.put(leg.clone(), true, CLOSED);
        assert_eq!(pool.take(&leg, true), Some(1));
        assert_eq!(pool.leg(&leg.route, true), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pool_is_bounded_and_closes_the_one_idle_longest() {
        let pool = Pool::default();
        for n in 0..IN_ALL + 1 {
            pool.put(leg(&format!("host-{n}.example"), "ours"), true, n);
        }
        assert_eq!(pool.take(&leg("host-0.example", "ours"), true), None);

        let same = leg("host-1.example", "ours");
        for n in 100..100 + PER_ROUTE {
            pool.put(same.clone(), true, n);
        }
        assert_eq!(pool.take(&same, true), Some(101));
        assert_eq!(pool.take(&same, true), Some(100));
        assert_eq!(pool.take(&same, true), None);
    }
}
