//! The legs of a route, as they become known.
//!
//! A lookup is not one answer: one family comes before the other (RFC 8305 section 3), one resolver before another, and
//! a forged answer before the true one. Whoever dials takes the best leg that is known and not taken yet; whoever looks
//! up adds what it learns meanwhile.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Ech, Leg};

/// Legs of one route, in the order to try. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Legs(Arc<Mutex<Queue>>);

/// A leg, and the answer in which its address stood (empty for a leg without a lookup).
#[derive(Clone, Debug)]
pub struct Found {
    /// The leg.
    pub leg: Leg,
    /// All addresses of the answer that it comes from.
    pub answers: Vec<IpAddr>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Every leg that was ever added: none is handed out twice.
    known: Vec<Leg>,
    /// The one taken last was an IPv6 one.
    last_ipv6: bool,
    /// No more are wanted.
    closed: bool,
}

#[derive(Debug)]
struct Waiting {
    found: Found,
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

/// When a leg's turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// What was tried asks for it.
    Next,
    /// Nobody tried its address.
    Fresh,
    /// Somebody did.
    Tried,
    /// Somebody is at it in this moment, in the same manner. It is not taken.
    UnderWay,
}

impl Legs {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the legs of one answer. Those that are known are not added again. One with an encrypted ClientHello that may
    /// do without is added without it, too.
    pub fn add(&self, legs: impl IntoIterator<Item = Leg>, answers: &[IpAddr], trust: Trust) {
        let mut queue = self.queue();
        let plain = |leg: &Leg| {
            let may = leg.ech.is_some() && leg.route.strategy.ech == Ech::Prefer;
            may.then(|| Leg { ech: None, ..leg.clone() })
        };
        for leg in legs.into_iter().flat_map(|leg| [plain(&leg), Some(leg)].into_iter().rev().flatten()) {
            if queue.closed || queue.known.len() >= MAX_LEGS {
                return;
            }
            if !queue.known.contains(&leg) {
                queue.known.push(leg.clone());
                queue.waiting.push(Waiting { found: Found { leg, answers: answers.to_vec() }, trust });
            } else if let Some(waiting) = queue.waiting.iter_mut().find(|w| w.found.leg == leg && w.trust < trust) {
                // What two resolvers say, the more trusted one says.
                waiting.trust = trust;
                waiting.found.answers = answers.to_vec();
            }
        }
    }

    /// Takes the next one: by its turn, what can be believed before what is claimed, and the families by turns, IPv6 first
    /// (RFC 8305 section 4). What is [under way](Turn::UnderWay) stays.
    pub fn next(&self, turn: impl Fn(&Leg) -> Turn) -> Option<Found> {
        let mut queue = self.queue();
        let wanted = !queue.last_ipv6;
        let rank = |waiting: &Waiting| {
            let Found { leg, .. } = &waiting.found;
            (turn(leg), std::cmp::Reverse(waiting.trust), is_ipv6(leg) != wanted)
        };
        let ranked = queue.waiting.iter().enumerate().map(|(at, waiting)| (rank(waiting), at));
        let (_, at) = ranked.filter(|((turn, ..), _)| *turn != Turn::UnderWay).min()?;
        let Waiting { found, .. } = queue.waiting.remove(at);
        queue.last_ipv6 = is_ipv6(&found.leg);
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
    pub fn any(&self, such: impl Fn(&Leg) -> bool) -> bool {
        self.queue().waiting.iter().any(|waiting| such(&waiting.found.leg))
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

fn is_ipv6(leg: &Leg) -> bool {
    leg.address.is_some_and(|address| address.is_ipv6())
}

/// How many legs one route has at most: eight addresses of each of four resolvers, so that no answer crowds another out.
const MAX_LEGS: usize = 32;
