//! Connections to resolvers, kept for the next lookup of the same community.
//!
//! A resolver over TLS or HTTPS costs two round trips before the first question. A kept connection belongs to one
//! isolation: a connection shared by two communities would tell the resolver that they have one reader. A connection is
//! kept only if every question on it was answered, so that no answer can be taken for another question's.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::{Isolation, Resolver, Shaping};
use crate::net::BoxStream;
use crate::wire::http::Connection;

/// Idle connections to resolvers; the one used last is at the back. Dropping one closes it.
#[derive(Default)]
pub(in crate::transport) struct ResolverPool(Mutex<VecDeque<Idle>>);

struct Idle {
    owner: Owner,
    since: Instant,
    line: ResolverConnection,
}

/// The isolation that a connection belongs to, and its resolver.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) isolation: Isolation,
    /// How the ClientHello was sent: a strategy that cuts it must not use a connection whose ClientHello was whole.
    pub(super) shaping: Shaping,
    pub(super) resolver: Resolver,
}

/// One open connection to a resolver.
pub(super) struct ResolverConnection {
    pub(super) link: ResolverStream,
    /// Its certificate proved it under authoritative roots.
    pub(super) proves_name: bool,
}

pub(super) enum ResolverStream {
    Tls(BoxStream),
    Https(Connection),
}

impl ResolverConnection {
    /// Whether it is open, as far as is known: the end of a bare stream is seen only by reading.
    fn is_open(&self) -> bool {
        match &self.link {
            ResolverStream::Tls(_) => true,
            ResolverStream::Https(connection) => connection.is_open(),
        }
    }
}

impl ResolverPool {
    /// Takes the owner's connection, if there is one.
    pub(super) fn take(&self, owner: &Owner) -> Option<ResolverConnection> {
        let mut idle = self.fresh();
        let at = idle.iter().position(|idle| idle.owner == *owner)?;
        idle.remove(at).map(|idle| idle.line)
    }

    /// Keeps a connection: one per owner, within the total limit.
    pub(super) fn put(&self, owner: Owner, line: ResolverConnection) {
        let mut idle = self.fresh();
        idle.retain(|idle| idle.owner != owner);
        if idle.len() >= IN_ALL {
            idle.pop_front();
        }
        idle.push_back(Idle { owner, since: Instant::now(), line });
    }

    /// Closes all connections.
    pub(in crate::transport) fn clear(&self) {
        self.fresh().clear();
    }

    /// Drops connections that were idle for too long or were closed. There is no timer: they are checked when the pool
    /// is used.
    fn fresh(&self) -> MutexGuard<'_, VecDeque<Idle>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|idle| idle.since.elapsed() < IDLE && idle.line.is_open());
        idle
    }
}

impl fmt::Debug for ResolverPool {
    /// Prints no resolvers and no communities.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolverPool").field("idle", &self.fresh().len()).finish()
    }
}

/// Long enough for the redirects, attachments and homes of one visit. The NAT of a mobile carrier forgets a quiet
/// connection after a minute, and many resolvers close it sooner, and say so.
const IDLE: Duration = Duration::from_secs(30);

/// Four communities that are read at once, with two resolvers each: sockets are scarce on a phone.
const IN_ALL: usize = 8;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::net::scripted::pair;

    fn owner(isolation: &str, resolver: &str) -> Owner {
        let strategy: crate::transport::Strategy = format!("direct:?dns=tls://{resolver}").parse().unwrap();
        let crate::transport::StrategyKind::Direct { dns } = strategy.kind else { unreachable!() };
        let resolver = dns.iter().next().unwrap().clone();
        Owner { isolation: Isolation::of(isolation), shaping: Shaping::default(), resolver }
    }

    fn line() -> ResolverConnection {
        ResolverConnection { link: ResolverStream::Tls(pair().0), proves_name: true }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_serves_one_community_and_resolver_for_a_while() {
        let pool = ResolverPool::default();
        let ours = owner("ours", "9.9.9.9");
        pool.put(ours.clone(), line());
        assert!(pool.take(&owner("theirs", "9.9.9.9")).is_none());
        assert!(pool.take(&owner("ours", "1.1.1.1")).is_none());
        assert!(pool.take(&Owner { shaping: Shaping { delay_ms: 9, ..Shaping::default() }, ..ours.clone() }).is_none());
        assert!(pool.take(&ours).is_some());
        assert!(pool.take(&ours).is_none(), "one lookup has it at a time");
        pool.put(ours.clone(), line());
        tokio::time::advance(IDLE).await;
        assert!(pool.take(&ours).is_none());
        pool.put(ours.clone(), line());
        pool.clear();
        assert!(pool.take(&ours).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn the_pool_is_bounded_and_closes_the_one_used_longest_ago() {
        let pool = ResolverPool::default();
        (0..=IN_ALL).for_each(|n| pool.put(owner(&n.to_string(), "9.9.9.9"), line()));
        let kept = |n: usize| pool.take(&owner(&n.to_string(), "9.9.9.9")).is_some();
        assert!(!kept(0) && (1..=IN_ALL).all(kept));
    }
}
