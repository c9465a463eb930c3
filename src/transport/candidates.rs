//! The candidates of a route, as they become known.
//!
//! A lookup is not one answer: one family comes before the other (RFC 8305 section 3), one resolver before another, and
//! a forged answer before the true one. The dialer takes the best candidate that is known and not taken yet; a task that looks
//! up adds what it learns meanwhile.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Candidate, Ech};

/// Candidates of one route, in the order to try. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Candidates(Arc<Mutex<Queue>>);

/// A candidate, and the answer in which its address stood (empty for a candidate without a lookup).
#[derive(Clone, Debug)]
pub struct ResolvedCandidate {
    /// The candidate.
    pub candidate: Candidate,
    /// All addresses of the answer that it comes from.
    pub answers: Vec<IpAddr>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Every candidate that was ever added: none is handed out twice.
    known: Vec<Candidate>,
    /// The one taken last was an IPv6 one.
    last_ipv6: bool,
    /// No more are wanted.
    closed: bool,
}

#[derive(Debug)]
struct Waiting {
    found: ResolvedCandidate,
    trust: Trust,
}

/// How far an answer can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// Somebody on the way may have written it.
    Claimed,
    /// It comes from a resolver that proved itself, or from the user.
    Authentic,
}

/// When a candidate's turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// What was tried asks for it.
    Next,
    /// Nobody tried its address.
    Fresh,
    /// Somebody did.
    Tried,
    /// Somebody is at it in this moment, in the same manner. It is not taken.
    UnderWay,
}

impl Candidates {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the candidates of one answer. Those that are known are not added again. One with an encrypted ClientHello that may
    /// do without is added without it, too.
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
                    .push(Waiting { found: ResolvedCandidate { candidate, answers: answers.to_vec() }, trust });
            } else if let Some(waiting) =
                queue.waiting.iter_mut().find(|w| w.found.candidate == candidate && w.trust < trust)
            {
                // What two resolvers say, the more trusted one says.
                waiting.trust = trust;
                waiting.found.answers = answers.to_vec();
            }
        }
    }

    /// Takes the next one: by its rank, what can be believed before what is claimed, and the families by turns, IPv6 first
    /// (RFC 8305 section 4). What is [under way](Rank::UnderWay) stays.
    pub fn next(&self, rank_of: impl Fn(&Candidate) -> Rank) -> Option<ResolvedCandidate> {
        let mut queue = self.queue();
        let wanted = !queue.last_ipv6;
        let rank = |waiting: &Waiting| {
            let ResolvedCandidate { candidate, .. } = &waiting.found;
            (rank_of(candidate), std::cmp::Reverse(waiting.trust), is_ipv6(candidate) != wanted)
        };
        let ranked = queue.waiting.iter().enumerate().map(|(at, waiting)| (rank(waiting), at));
        let (_, at) = ranked.filter(|((rank, ..), _)| *rank != Rank::UnderWay).min()?;
        let Waiting { found, .. } = queue.waiting.remove(at);
        queue.last_ipv6 = is_ipv6(&found.candidate);
        Some(found)
    }

    /// How many were ever added.
    pub fn known(&self) -> usize {
        self.queue().known.len()
    }

    /// Whether none is waiting.
    pub fn is_empty(&self) -> bool {
        self.queue().waiting.is_empty()
    }

    /// Whether one of those that wait is such.
    pub fn any(&self, such: impl Fn(&Candidate) -> bool) -> bool {
        self.queue().waiting.iter().any(|waiting| such(&waiting.found.candidate))
    }

    /// Forgets those that wait, and takes no more.
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

/// How many candidates one route has at most: eight addresses of each of four resolvers, so that no answer crowds another out.
const MAX_CANDIDATES: usize = 32;
