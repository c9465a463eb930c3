//! Whose turn it is to shake hands.
//!
//! Some censors count: after a few handshakes to one prefix under one name they block both for a while (N7). What
//! counts for them is the device and not one race of it, so all races of an engine ask here before they open a
//! connection. Three rules, and the order of asking among those that they let pass:
//!
//! 1. *Two at a time* to one first hop (`FirstHop`). Silent ones must not hold up a strategy of the same prefix that works:
//!    a handshake that has waited for one and a half seconds goes beyond the two, one in each such time.
//! 2. *A hop that swallows is left alone for a moment.* After two handshakes to it were swallowed within a minute, the
//!    next one waits until two seconds after the last, and goes alone. The race passes it by meanwhile. Who has no
//!    other way, or none that reveals no more, does not wait: the least bad starts at once.
//! 3. *So many races dial at once, and no more*: a phone gives a process about a thousand sockets. One that dials already
//!    may dial its next way as well: it would hold what it has for nothing if it had to wait. One that has dialled before
//!    goes before those that have not.
//!
//! Who waits says so in its trace: nobody has listened to it, so its silence is no evidence. Who waits behind handshakes
//! that are answered waits in patience; who waits behind silence lets the race call the next way. There is no task here:
//! a racer that gives its turn back passes it on.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::FirstHop;
use crate::transport::{Candidate, Cause, Failure, Route, Stage, Trace, Wait};

/// The turns of all races of one engine. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Handshakes(Arc<Mutex<Board>>);

impl Handshakes {
    /// Waits until a connection for this candidate may be opened. Cancel-safe: dropping the future leaves the queue.
    pub(crate) async fn turn(&self, candidate: &Candidate, trace: &Trace, racer: &Racer) -> Turn {
        let place = Place::in_line(self, candidate, trace, racer);
        loop {
            let (wait, until) = match self.board().ask(place.id) {
                Asked::Go => break,
                Asked::Wait(wait, until) => (wait, until),
            };
            trace.waits(Some(wait));
            tokio::select! {
                () = place.news.notified() => {}
                () = trace.hurried(), if wait == Wait::Rest => {}
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
            }
        }
        Turn { place, since: Instant::now(), told: false }
    }

    /// A participant that will ask for turns.
    pub(crate) fn racer(&self) -> Racer {
        let mut board = self.board();
        board.next += 1;
        Racer { id: board.next, has_dialled: AtomicBool::new(false) }
    }

    /// Forgets which hops swallow: the network is another one.
    pub(crate) fn forget(&self) {
        let mut board = self.board();
        board.swallowed.clear();
        board.answered.clear();
    }

    fn leave(&self, id: u64) {
        let mut board = self.board();
        board.leave(id);
        board.grant();
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Handshakes {
    /// Without the hops: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let board = self.board();
        f.debug_struct("Handshakes")
            .field("running", &board.running.len())
            .field("waiting", &board.waiting.len())
            .finish_non_exhaustive()
    }
}

/// A participant that asks for turns: one race.
#[derive(Debug)]
pub(crate) struct Racer {
    id: u64,
    has_dialled: AtomicBool,
}

/// A handshake under way. Dropping it ends the turn; a caller that knows how the handshake ended says so.
pub(crate) struct Turn {
    place: Place,
    since: Instant,
    told: bool,
}

impl Turn {
    /// The other side has answered.
    pub(crate) fn answered(mut self) {
        self.told = true;
        if let Some(hop) = &self.place.hop {
            self.place.handshakes.board().note_answer(hop);
        }
    }

    /// It failed. What a censor does with a handshake that it does not like counts against the hop.
    pub(crate) fn failed(mut self, failure: &Failure) {
        self.told = true;
        let silenced = matches!(failure.cause, Cause::Silence | Cause::Reset | Cause::Closed);
        if silenced && matches!(failure.stage, Stage::Tcp | Stage::Proxy | Stage::Tls) {
            self.swallowed();
        }
    }

    fn swallowed(&self) {
        if let Some(hop) = &self.place.hop {
            self.place.handshakes.board().note(hop);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.told && self.since.elapsed() >= SILENT {
            self.swallowed();
        }
    }
}

/// A place in the queue, and then among those whose turn it is. It is given up when dropped.
struct Place {
    handshakes: Handshakes,
    id: u64,
    hop: Option<FirstHop>,
    news: Arc<Notify>,
    trace: Trace,
}

impl Place {
    fn in_line(handshakes: &Handshakes, candidate: &Candidate, trace: &Trace, racer: &Racer) -> Self {
        let (hop, news) = (FirstHop::of(candidate), Arc::new(Notify::new()));
        let mut board = handshakes.board();
        let id = board.next;
        board.next += 1;
        // A proxy's name is looked up while it is dialled: its address is known from the trace only.
        let named = candidate.address.is_none() && hop.as_ref().is_some_and(FirstHop::is_named);
        let route = named.then(|| candidate.route.clone());
        let (hop_too, news_too) = (hop.clone(), news.clone());
        let asking = Asking {
            id,
            racer: racer.id,
            since: Instant::now(),
            hop: hop_too,
            route,
            news: news_too,
            trace: trace.clone(),
        };
        if racer.has_dialled.swap(true, Ordering::Relaxed) {
            board.waiting.push_front(asking);
        } else {
            board.waiting.push_back(asking);
        }
        drop(board);
        // A loser at rest does nothing, and must not hold up those who do.
        let theirs = handshakes.clone();
        trace.on_rest(move || theirs.leave(id));
        Self { handshakes: handshakes.clone(), id, hop, news, trace: trace.clone() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.trace.waits(None);
        self.handshakes.leave(self.id);
    }
}

#[derive(Default)]
struct Board {
    next: u64,
    running: HashMap<u64, Running>,
    /// How many turns each race has now.
    racers: HashMap<u64, usize>,
    busy: HashMap<FirstHop, usize>,
    waiting: VecDeque<Asking>,
    /// When handshakes to a hop were swallowed lately, the oldest first.
    swallowed: HashMap<FirstHop, VecDeque<Instant>>,
    /// When a handshake to a hop was answered last.
    answered: HashMap<FirstHop, Instant>,
    /// When a handshake to a hop went beyond the cap last, because it had waited for long.
    beyond: HashMap<FirstHop, Instant>,
}

struct Asking {
    id: u64,
    racer: u64,
    since: Instant,
    hop: Option<FirstHop>,
    route: Option<Route>,
    news: Arc<Notify>,
    trace: Trace,
}

struct Running {
    racer: u64,
    hop: Option<FirstHop>,
    /// Of a proxy that is dialled by its name.
    named: Option<(Route, Trace)>,
}

enum Asked {
    Go,
    /// And until when, if that is known.
    Wait(Wait, Option<Instant>),
}

impl Board {
    fn ask(&mut self, id: u64) -> Asked {
        self.grant();
        if self.running.contains_key(&id) {
            return Asked::Go;
        }
        let asking = self.waiting.iter().find(|asking| asking.id == id);
        let hindered = asking.and_then(|asking| self.hindered(asking, Instant::now()));
        // Who was laid to rest before its turn came begins nothing any more.
        let (wait, until) = hindered.unwrap_or((Wait::Busy, None));
        Asked::Wait(wait, until)
    }

    /// Lets those go whose turn it is, in the order in which they asked.
    fn grant(&mut self) {
        let now = Instant::now();
        let mut at = 0;
        while let Some(asking) = self.waiting.get(at) {
            if self.hindered(asking, now).is_some() {
                at += 1;
                continue;
            }
            let Some(Asking { id, racer, since: _, hop, route, news, trace }) = self.waiting.remove(at) else { break };
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

    /// What one that asks waits for.
    fn hindered(&self, asking: &Asking, now: Instant) -> Option<(Wait, Option<Instant>)> {
        if self.racers.len() >= RACERS && !self.racers.contains_key(&asking.racer) {
            return Some((Wait::Crowd, None));
        }
        let hop = asking.hop.as_ref()?;
        let busy = self.busy(hop);
        let rests_until = if asking.trace.is_hurried() { None } else { self.rests_until(hop, now) };
        let last_beyond = self.beyond.get(hop).copied().unwrap_or(asking.since);
        let goes_beyond = asking.since.max(last_beyond) + PATIENCE;
        let goes_unrested = asking.since + REST;
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

    fn busy(&self, hop: &FirstHop) -> usize {
        let named = self.running.values().filter_map(|running| running.named.as_ref());
        let there = named.filter(|(route, trace)| {
            trace.address().and_then(|address| FirstHop::at(address, route)).as_ref() == Some(hop)
        });
        self.busy.get(hop).copied().unwrap_or_default() + there.count()
    }

    /// Until when a hop that swallowed handshakes is left alone; `None` if it has not swallowed enough of them.
    fn rests_until(&self, hop: &FirstHop, now: Instant) -> Option<Instant> {
        let swallowed = self.swallowed.get(hop)?;
        let lately = swallowed.iter().filter(|at| **at + REMEMBERED > now).count();
        (lately >= SWALLOWED).then(|| swallowed.back().map_or(now, |last| *last + REST))
    }

    fn note_answer(&mut self, hop: &FirstHop) {
        let now = Instant::now();
        self.swallowed.remove(hop);
        self.answered.retain(|_, at| *at + HEALTHY > now);
        self.answered.insert(hop.clone(), now);
    }

    fn note(&mut self, hop: &FirstHop) {
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

    fn leave(&mut self, id: u64) {
        if let Some(Running { racer, hop, named: _ }) = self.running.remove(&id) {
            one_less(&mut self.racers, &racer);
            if let Some(hop) = hop {
                one_less(&mut self.busy, &hop);
            }
            return;
        }
        self.waiting.retain(|asking| asking.id != id);
    }
}

fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// How many handshakes may be under way to one first hop under one visible name. Two is what a browser's Happy Eyeballs
/// makes; some networks block a prefix after the third within a minute (N7).
pub(super) const HANDSHAKES: usize = 2;

/// One lost handshake is a bad moment of a mobile network; two in a minute are a habit.
const SWALLOWED: usize = 2;

/// How long a swallowed handshake is remembered: the minute within which counting censors count.
const REMEMBERED: Duration = Duration::from_secs(60);

/// How long a hop that swallows is left alone: by then a strategy with another first hop has answered, or none will.
const REST: Duration = Duration::from_secs(2);

/// How long a handshake waits for two that are silent. A stage may be silent for eight seconds, and a person who waits
/// gives up before. One more in one and a half seconds is too few for a censor that counts within a minute to be fed by a burst.
pub(super) const PATIENCE: Duration = Duration::from_millis(1500);

/// How long an answered handshake speaks for those behind it: as long as one more takes on most networks.
const HEALTHY: Duration = Duration::from_millis(500);

/// A handshake that was given up had been silent, not merely slower than another way: a round trip of the worst network.
const SILENT: Duration = Duration::from_secs(1);

/// How many races may be dialling. Android and iOS give a process 1,024 descriptors or so, of which the app has its own
/// use; a race has two or three dials under way while its ways are silent, for ten seconds at most.
const RACERS: usize = 256;

/// More hops that swallow than this are not distinguished from a network that swallows everything.
const HOPS: usize = 256;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use futures_util::FutureExt;
    use url::Host;

    use super::*;
    use crate::exposure::Exposure;
    use crate::transport::{Destination, Isolation, PrivateAddresses, Strategy};

    fn candidate(host: &str, address: &str) -> Candidate {
        Candidate {
            route: Route {
                strategy: Strategy::direct(),
                destination: Destination { host: Host::Domain(host.into()), port: 443 },
                exposure: Exposure::Open,
                private: PrivateAddresses::Refused,
                isolation: Isolation::of("ours"),
            },
            address: Some(format!("{address}:443").parse().unwrap()),
            ech: None,
        }
    }

    fn now(handshakes: &Handshakes, candidate: &Candidate) -> Option<Turn> {
        handshakes.turn(candidate, &Trace::new(), &handshakes.racer()).now_or_never()
    }

    fn silence() -> Failure {
        Failure::new(Stage::Tls, Cause::Silence)
    }

    #[tokio::test(start_paused = true)]
    async fn a_third_handshake_to_one_prefix_and_name_waits() {
        let handshakes = Handshakes::default();
        let vk = candidate("vk.com", "192.0.2.1");
        let first = now(&handshakes, &vk).unwrap();
        let _second = now(&handshakes, &candidate("vk.com", "192.0.2.99")).unwrap();
        assert!(now(&handshakes, &vk).is_none());
        assert!(now(&handshakes, &candidate("vk.com", "192.0.3.1")).is_some(), "another prefix");
        assert!(now(&handshakes, &candidate("vk.ru", "192.0.2.1")).is_some(), "another name");
        assert!(now(&handshakes, &candidate("vk.com", "127.0.0.1")).is_some(), "this device");
        first.answered();
        assert!(now(&handshakes, &vk).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn silent_handshakes_delay_the_next_by_a_bounded_time() {
        let handshakes = Handshakes::default();
        let vk = candidate("vk.com", "192.0.2.1");
        let _silent = [now(&handshakes, &vk).unwrap(), now(&handshakes, &vk).unwrap()];
        let begun = Instant::now();
        let waits = (0..3).map(|_| async {
            let (trace, racer) = (Trace::new(), handshakes.racer());
            let turn = handshakes.turn(&vk, &trace, &racer).await;
            (begun.elapsed(), turn)
        });
        let waited: Vec<_> = futures_util::future::join_all(waits).await;
        let times: Vec<Duration> = waited.iter().map(|(time, _)| *time).collect();
        assert_eq!(times, [PATIENCE, PATIENCE * 2, PATIENCE * 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hop_that_swallows_delays_nobody_beyond_its_rest() {
        let handshakes = Handshakes::default();
        let vk = candidate("vk.com", "192.0.2.1");
        for _ in 0..SWALLOWED {
            now(&handshakes, &vk).unwrap().failed(&silence());
        }
        let only = Trace::new();
        only.hurry();
        let _silent = handshakes.turn(&vk, &only, &handshakes.racer()).now_or_never().unwrap();
        let begun = Instant::now();
        let _turn = handshakes.turn(&vk, &Trace::new(), &handshakes.racer()).await;
        assert_eq!(begun.elapsed(), REST);
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_first_come_and_passes_over_those_who_left() {
        let handshakes = Handshakes::default();
        let vk = candidate("vk.com", "192.0.2.1");
        let running = [now(&handshakes, &vk).unwrap(), now(&handshakes, &vk).unwrap()];
        let traces: Vec<Trace> = (0..3).map(|_| Trace::new()).collect();
        let racers: Vec<Racer> = traces.iter().map(|_| handshakes.racer()).collect();
        let asking = traces.iter().zip(&racers).map(|(trace, racer)| Box::pin(handshakes.turn(&vk, trace, racer)));
        let mut asking: Vec<_> = asking.collect();
        for asking in &mut asking {
            assert!(asking.now_or_never().is_none());
        }
        assert!(traces.iter().all(|trace| trace.seen().waiting.is_some()));
        drop(asking.remove(1));
        drop(running);
        let turns: Vec<Turn> = asking.iter_mut().map(|asking| asking.now_or_never().unwrap()).collect();
        assert_eq!(turns.len(), 2);
        drop((turns, asking));
        let board = handshakes.board();
        assert!(board.running.is_empty() && board.waiting.is_empty() && board.busy.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_hop_that_swallows_is_left_alone_unless_it_is_the_only_way() {
        let handshakes = Handshakes::default();
        let vk = candidate("vk.com", "192.0.2.1");
        for _ in 0..SWALLOWED {
            now(&handshakes, &vk).unwrap().failed(&silence());
        }
        let trace = Trace::new();
        let begun = Instant::now();
        let turn = handshakes.turn(&vk, &trace, &handshakes.racer()).await;
        assert_eq!((begun.elapsed(), trace.seen().waited), (REST, REST));
        assert!(now(&handshakes, &vk).is_none(), "alone");
        let only = Trace::new();
        only.hurry();
        assert!(handshakes.turn(&vk, &only, &handshakes.racer()).now_or_never().is_some());
        turn.answered();
        assert!(now(&handshakes, &vk).is_some(), "an answer ends it");
        for _ in 0..SWALLOWED {
            now(&handshakes, &vk).unwrap().failed(&silence());
        }
        tokio::time::advance(REMEMBERED).await;
        assert!(now(&handshakes, &vk).is_some(), "and so does a minute");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_handshake_counts_as_swallowed_a_slower_one_does_not() {
        let handshakes = Handshakes::default();
        let vk = candidate("vk.com", "192.0.2.1");
        for (listened, rests) in [(Duration::from_millis(400), false), (SILENT, true)] {
            for _ in 0..SWALLOWED {
                let turn = now(&handshakes, &vk).unwrap();
                tokio::time::advance(listened).await;
                drop(turn);
            }
            assert_eq!(now(&handshakes, &vk).is_none(), rests, "{listened:?}");
        }
        handshakes.forget();
        assert!(now(&handshakes, &vk).is_some(), "another network, another censor");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_the_hosts_own_word() {
        let handshakes = Handshakes::default();
        let vk = candidate("vk.com", "192.0.2.1");
        for _ in 0..9 {
            now(&handshakes, &vk).unwrap().failed(&Failure::new(Stage::Tcp, Cause::Refused));
        }
        assert!(now(&handshakes, &vk).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_races_dial_at_once_than_a_phone_has_room_for() {
        let handshakes = Handshakes::default();
        let racers: Vec<Racer> = (0..=RACERS).map(|_| handshakes.racer()).collect();
        let dial = |racer: usize, name: &str| {
            handshakes
                .turn(&candidate(&format!("{name}{racer}.example"), "192.0.2.1"), &Trace::new(), &racers[racer])
                .now_or_never()
        };
        let mut running: Vec<Turn> = (0..RACERS).map(|racer| dial(racer, "h").unwrap()).collect();
        assert!(dial(0, "another").is_some(), "who holds one may dial its next way");
        let (trace, last) = (Trace::new(), candidate("last.example", "192.0.2.1"));
        let mut asking = Box::pin(handshakes.turn(&last, &trace, &racers[RACERS]));
        assert!((&mut asking).now_or_never().is_none());
        assert_eq!(trace.waiting(), Some(Wait::Crowd));
        running.pop();
        let turn = (&mut asking).now_or_never();
        assert!(turn.is_some());
        // Who lost its turn by a failure goes before who has had none.
        assert!(dial(RACERS - 1, "h").is_none());
        let fresh = handshakes.racer();
        let (early, veteran) = (Trace::new(), Trace::new());
        let mut first = Box::pin(handshakes.turn(&last, &early, &fresh));
        assert!((&mut first).now_or_never().is_none());
        let mut again = Box::pin(handshakes.turn(&last, &veteran, &racers[RACERS - 1]));
        assert!((&mut again).now_or_never().is_none());
        running.pop();
        let turn = (&mut again).now_or_never();
        assert!(turn.is_some() && (&mut first).now_or_never().is_none());
    }
}
