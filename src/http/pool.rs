//! Connections that lie idle between requests.
//!
//! A pool of ours, because a client library's pool is keyed by origin alone and would hand one community's connection
//! to another, or a direct one to a request that must not be seen.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::transport::{Destination, Isolation, Leg, PrivateAddresses, Route, Strategy};

/// By what a connection may be used again: everything about its route but the address that was found.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    strategy: Strategy,
    isolation: Isolation,
    destination: Destination,
    /// A connection to a private address, that the user allowed, is not for a redirect that must not lead there.
    private: PrivateAddresses,
    tls: bool,
}

impl Key {
    pub(crate) fn new(route: &Route, tls: bool) -> Self {
        let Route { strategy, destination, exposure: _, private, isolation } = route;
        Self {
            strategy: strategy.clone(),
            isolation: isolation.clone(),
            destination: destination.clone(),
            private: *private,
            tls,
        }
    }
}

/// Idle connections, the one used last at the back. `C` is the connection; dropping it closes it.
pub(crate) struct Pool<C>(Mutex<VecDeque<Idle<C>>>);

struct Idle<C> {
    key: Key,
    /// Where it leads, for direct routes.
    address: Option<SocketAddr>,
    since: Instant,
    connection: C,
}

impl<C> Default for Pool<C> {
    fn default() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }
}

impl<C> Pool<C> {
    /// The address to which an idle connection of this route leads (`None` inside for a proxied one).
    pub(crate) fn leads_to(&self, key: &Key) -> Option<Option<SocketAddr>> {
        self.fresh().iter().rev().find(|idle| idle.key == *key).map(|idle| idle.address)
    }

    /// Takes the connection of this leg that was used last.
    pub(crate) fn take(&self, key: &Key, leg: &Leg) -> Option<C> {
        let mut idle = self.fresh();
        let at = idle.iter().rposition(|idle| idle.key == *key && idle.address == leg.address)?;
        idle.remove(at).map(|idle| idle.connection)
    }

    /// Keeps a connection for later, and closes the one idle longest when there are too many.
    pub(crate) fn put(&self, key: Key, address: Option<SocketAddr>, connection: C) {
        let mut idle = self.fresh();
        let same = idle.iter().filter(|idle| idle.key == key).count();
        if same >= PER_ROUTE {
            if let Some(oldest) = idle.iter().position(|idle| idle.key == key) {
                idle.remove(oldest);
            }
        } else if idle.len() >= IN_ALL {
            idle.pop_front();
        }
        idle.push_back(Idle { key, address, since: Instant::now(), connection });
    }

    /// Closes all.
    pub(crate) fn clear(&self) {
        self.fresh().clear();
    }

    /// The idle ones, without those that lay too long. There is no timer: they are looked at when the pool is used.
    fn fresh(&self) -> MutexGuard<'_, VecDeque<Idle<C>>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|idle| idle.since.elapsed() < IDLE);
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
    use crate::transport::Exposure;

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
        }
    }

    fn key(leg: &Leg) -> Key {
        Key::new(&leg.route, true)
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_used_again_by_its_own_route_only() {
        let pool = Pool::default();
        let ours = leg("vk.com", "ours");
        pool.put(key(&ours), ours.address, 1);
        let mut refused = ours.clone();
        refused.route.private = PrivateAddresses::Refused;
        let mut elsewhere = ours.clone();
        elsewhere.address = Some("192.0.2.2:443".parse().unwrap());
        for other in [leg("vk.com", "theirs"), leg("vk.ru", "ours"), refused, elsewhere] {
            assert_eq!(pool.take(&key(&other), &other), None);
        }
        assert_eq!(pool.take(&Key::new(&ours.route, false), &ours), None);
        assert_eq!(pool.leads_to(&key(&ours)), Some(ours.address));
        assert_eq!(pool.take(&key(&ours), &ours), Some(1));
        assert_eq!(pool.take(&key(&ours), &ours), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_lay_too_long_is_closed() {
        let pool = Pool::default();
        let leg = leg("vk.com", "ours");
        pool.put(key(&leg), leg.address, 1);
        tokio::time::advance(IDLE).await;
        assert_eq!(pool.take(&key(&leg), &leg), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pool_is_bounded_and_closes_the_one_idle_longest() {
        let pool = Pool::default();
        for n in 0..IN_ALL + 1 {
            let leg = leg(&format!("host-{n}.example"), "ours");
            pool.put(key(&leg), leg.address, n);
        }
        let first = leg("host-0.example", "ours");
        assert_eq!(pool.take(&key(&first), &first), None);

        let same = leg("host-1.example", "ours");
        for n in 100..100 + PER_ROUTE {
            pool.put(key(&same), same.address, n);
        }
        assert_eq!(pool.take(&key(&same), &same), Some(101));
        assert_eq!(pool.take(&key(&same), &same), Some(100));
        assert_eq!(pool.take(&key(&same), &same), None);
    }
}
