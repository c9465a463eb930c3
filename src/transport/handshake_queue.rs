//! The queue of handshakes: who waits, who runs, and who may go next. Plain data; [`handshakes`](super::handshakes) hands out
//! the permits.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::first_hop::FirstHop;
use super::{Route, Trace, Wait};

#[derive(Default)]
pub(super) struct Queue {
    pub(super) next: u64,
    pub(super) running: HashMap<u64, Running>,
    /// The number of permits that each race has now.
    pub(super) racers: HashMap<u64, usize>,
    pub(super) busy: HashMap<FirstHop, usize>,
    pub(super) waiting: VecDeque<Waiter>,
    /// The recent times when handshakes to a hop were swallowed, the oldest first.
    pub(super) swallowed: HashMap<FirstHop, VecDeque<Instant>>,
    /// The time when a handshake to a hop was last answered.
    pub(super) answered: HashMap<FirstHop, Instant>,
    /// The time when a handshake to a hop was last admitted beyond the cap, after a long wait.
    pub(super) beyond: HashMap<FirstHop, Instant>,
}

pub(super) struct Waiter {
    pub(super) id: u64,
    pub(super) racer: u64,
    pub(super) since: Instant,
    pub(super) hop: Option<FirstHop>,
    pub(super) route: Option<Route>,
    pub(super) news: Arc<Notify>,
    pub(super) trace: Trace,
}

pub(super) struct Running {
    pub(super) racer: u64,
    pub(super) hop: Option<FirstHop>,
    /// Set for a proxy that is dialled by its name.
    pub(super) named: Option<(Route, Trace)>,
}

pub(super) enum Admission {
    Granted,
    /// The reason for waiting, and its end if that is known.
    Wait(Wait, Option<Instant>),
}

impl Queue {
    pub(super) fn ask(&mut self, id: u64) -> Admission {
        self.grant();
        if self.running.contains_key(&id) {
            return Admission::Granted;
        }
        let waiter = self.waiting.iter().find(|waiter| waiter.id == id);
        let obstacle = waiter.and_then(|waiter| self.obstacle(waiter, Instant::now()));
        // An attempt that was put to rest before it was admitted is no longer in the queue.
        let (wait, until) = obstacle.unwrap_or((Wait::Busy, None));
        Admission::Wait(wait, until)
    }

    /// Admits the waiters that no rule holds up, in the order in which they asked.
    pub(super) fn grant(&mut self) {
        let now = Instant::now();
        let mut at = 0;
        while let Some(waiter) = self.waiting.get(at) {
            if self.obstacle(waiter, now).is_some() {
                at += 1;
                continue;
            }
            let Some(Waiter { id, racer, since: _, hop, route, news, trace }) = self.waiting.remove(at) else { break };
            *self.racers.entry(racer).or_default() += 1;
            if let Some(hop) = &hop {
                if self.busy(hop) >= HANDSHAKES {
                    self.beyond.retain(|_, at| *at + PATIENCE > now);
                    self.beyond.insert(hop.clone(), now);
                }
                *self.busy.entry(hop.clone()).or_default() += 1;
            }
            trace.waits(None);
            self.running.insert(id, Running { racer, hop, named: route.map(|route| (route, trace)) });
            news.notify_one();
        }
    }

    /// The reason why a waiter waits.
    pub(super) fn obstacle(&self, waiter: &Waiter, now: Instant) -> Option<(Wait, Option<Instant>)> {
        if self.racers.len() >= RACERS && !self.racers.contains_key(&waiter.racer) {
            return Some((Wait::Crowd, None));
        }
        let hop = waiter.hop.as_ref()?;
        let busy = self.busy(hop);
        let rests_until = if waiter.trace.is_hurried() { None } else { self.rests_until(hop, now) };
        let last_beyond = self.beyond.get(hop).copied().unwrap_or(waiter.since);
        let goes_beyond = waiter.since.max(last_beyond) + PATIENCE;
        let goes_unrested = waiter.since + REST;
        match rests_until {
            _ if busy >= HANDSHAKES && goes_beyond > now => {
                Some(match self.answered.get(hop).map(|at| *at + HEALTHY) {
                    Some(until) if until > now => (Wait::Queue, Some(until.min(goes_beyond))),
                    _ => (Wait::Busy, Some(goes_beyond)),
                })
            }
            Some(_) if busy > 0 && goes_unrested > now => Some((Wait::Rest, Some(goes_unrested))),
            Some(until) if until.min(goes_unrested) > now => Some((Wait::Rest, Some(until.min(goes_unrested)))),
            _ => None,
        }
    }

    pub(super) fn busy(&self, hop: &FirstHop) -> usize {
        let named = self.running.values().filter_map(|running| running.named.as_ref());
        let there = named.filter(|(route, trace)| {
            trace.address().and_then(|address| FirstHop::at(address, route)).as_ref() == Some(hop)
        });
        self.busy.get(hop).copied().unwrap_or_default() + there.count()
    }

    /// The end of the rest of a hop that swallowed handshakes; `None` if it has not swallowed enough of them.
    pub(super) fn rests_until(&self, hop: &FirstHop, now: Instant) -> Option<Instant> {
        let swallowed = self.swallowed.get(hop)?;
        let lately = swallowed.iter().filter(|at| **at + REMEMBERED > now).count();
        (lately >= SWALLOWED).then(|| swallowed.back().map_or(now, |last| *last + REST))
    }

    pub(super) fn note_answer(&mut self, hop: &FirstHop) {
        let now = Instant::now();
        self.swallowed.remove(hop);
        self.answered.retain(|_, at| *at + HEALTHY > now);
        self.answered.insert(hop.clone(), now);
    }

    pub(super) fn note_swallowed(&mut self, hop: &FirstHop) {
        let now = Instant::now();
        self.answered.remove(hop);
        self.swallowed.retain(|_, at| at.back().is_some_and(|last| *last + REMEMBERED > now));
        if self.swallowed.len() < HOPS {
            let times = self.swallowed.entry(hop.clone()).or_default();
            times.push_back(now);
            if times.len() > SWALLOWED {
                times.pop_front();
            }
        }
    }

    pub(super) fn leave(&mut self, id: u64) {
        if let Some(Running { racer, hop, named: _ }) = self.running.remove(&id) {
            decrement(&mut self.racers, &racer);
            if let Some(hop) = hop {
                decrement(&mut self.busy, &hop);
            }
            return;
        }
        self.waiting.retain(|waiter| waiter.id != id);
    }
}

fn decrement<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// How many handshakes may be under way to one first hop under one visible name. A browser's Happy Eyeballs makes two;
/// some networks block a prefix after the third within a minute (N7).
pub(crate) const HANDSHAKES: usize = 2;

/// One lost handshake is a bad moment of a mobile network; two in a minute are a pattern.
pub(super) const SWALLOWED: usize = 2;

/// How long a swallowed handshake is remembered: counting censors count within a minute.
pub(super) const REMEMBERED: Duration = Duration::from_secs(60);

/// How long a swallowing hop rests. By then a strategy with another first hop has answered, or none will.
pub(super) const REST: Duration = Duration::from_secs(2);

/// How long a handshake waits behind two silent ones. A stage may be silent for eight seconds, and a person who waits
/// gives up before that. One more in one and a half seconds is too few to be a burst for a censor that counts within a
/// minute.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1500);

/// How long an answered handshake shows that the hop is healthy: as long as one more handshake takes on most networks.
pub(super) const HEALTHY: Duration = Duration::from_millis(500);

/// How many races may dial at once. Android and iOS give a process about 1,024 descriptors, and the app needs some of
/// them. While its routes are silent, a race has two or three dials under way, for at most ten seconds.
pub(super) const RACERS: usize = 256;

/// If more hops than this swallow handshakes, the network swallows everything.
pub(super) const HOPS: usize = 256;
