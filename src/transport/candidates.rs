//! The candidates of a route, as they become known.
//!
//! A lookup has more than one answer: one family comes before the other (RFC 8305 section 3), one resolver before
//! another, and a forged answer before the true one. The dialer takes the best known candidate that was not taken yet.
//! Meanwhile a lookup adds what it learns.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Candidate, Ech};

/// Candidates of one route, in the order to try. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Candidates(Arc<Mutex<Queue>>);

/// A candidate, and all addresses of the answer that named it (empty for a candidate without a lookup).
#[derive(Clone, Debug)]
pub struct ResolvedCandidate {
    /// The candidate.
    pub candidate: Candidate,
    /// All addresses of the answer that it comes from.
    pub answers: Vec<IpAddr>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<QueuedCandidate>,
    /// Every candidate that was ever added. Each is handed out once.
    known: Vec<Candidate>,
    /// Whether the last candidate taken has an IPv6 address.
    last_ipv6: bool,
    /// No further candidates are accepted.
    closed: bool,
}

#[derive(Debug)]
struct QueuedCandidate {
    found: ResolvedCandidate,
    trust: Trust,
}

/// How far an answer can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// Anyone on the path may have written it.
    Claimed,
    /// It comes from an authenticated resolver, or from the user.
    Authentic,
}

/// The rank of a candidate in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// An earlier attempt asks for it.
    Next,
    /// Its address was not tried.
    Fresh,
    /// Its address was tried.
    Tried,
    /// Another attempt is dialling its address in the same manner. It is not taken now.
    UnderWay,
}

impl Candidates {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the candidates of one answer. Known candidates are not added again. A candidate that prefers an encrypted
    /// ClientHello is also added without it.
    pub fn add(&self, candidates: impl IntoIterator<Item = Candidate>, answers: &[IpAddr], trust: Trust) {
        let mut queue = self.queue();
        let plain = |candidate: &Candidate| {
            let may = candidate.ech.is_some() && candidate.route.strategy.ech == Ech::Prefer;
            may.then(|| Candidate { ech: None, ..candidate.clone() })
        };
        for candidate in candidates
            .into_iter()
            .flat_map(|candidate| [plain(&candidate), Some(candidate)].into_iter().rev().flatten())
        {
            if queue.closed || queue.known.len() >= MAX_CANDIDATES {
                return;
            }
            if !queue.known.contains(&candidate) {
                queue.known.push(candidate.clone());
                queue
                    .waiting
                    .push(QueuedCandidate { found: ResolvedCandidate { candidate, answers: answers.to_vec() }, trust });
            } else if let Some(waiting) =
                queue.waiting.iter_mut().find(|w| w.found.candidate == candidate && w.trust < trust)
            {
                // If two resolvers give one address, the higher trust counts.
                waiting.trust = trust;
                waiting.found.answers = answers.to_vec();
            }
        }
    }

    /// Takes the next candidate: by its rank, trusted answers before claimed ones, and the families in turn, IPv6 first
    /// (RFC 8305 section 4). A candidate that is [under way](Rank::UnderWay) stays.
    pub fn next(&self, rank_of: impl Fn(&Candidate) -> Rank) -> Option<ResolvedCandidate> {
        let mut queue = self.queue();
        let wanted = !queue.last_ipv6;
        let rank = |waiting: &QueuedCandidate| {
            let ResolvedCandidate { candidate, .. } = &waiting.found;
            (rank_of(candidate), std::cmp::Reverse(waiting.trust), is_ipv6(candidate) != wanted)
        };
        let ranked = queue.waiting.iter().enumerate().map(|(at, waiting)| (rank(waiting), at));
        let (_, at) = ranked.filter(|((rank, ..), _)| *rank != Rank::UnderWay).min()?;
        let QueuedCandidate { found, .. } = queue.waiting.remove(at);
        queue.last_ipv6 = is_ipv6(&found.candidate);
        Some(found)
    }

    /// The number of candidates that were ever added.
    pub fn known(&self) -> usize {
        self.queue().known.len()
    }

    /// Whether no candidate is waiting.
    pub fn is_empty(&self) -> bool {
        self.queue().waiting.is_empty()
    }

    /// Whether a waiting candidate satisfies the predicate.
    pub fn any(&self, such: impl Fn(&Candidate) -> bool) -> bool {
        self.queue().waiting.iter().any(|waiting| such(&waiting.found.candidate))
    }

    /// Drops the waiting candidates, and accepts no more.
    pub fn close(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        queue.waiting.clear();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_ipv6(candidate: &Candidate) -> bool {
    candidate.address.is_some_and(|address| address.is_ipv6())
}

/// The maximum for one route: eight addresses of each of four resolvers, so that no answer displaces another.
const MAX_CANDIDATES: usize = 32;
