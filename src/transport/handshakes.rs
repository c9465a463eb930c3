//! Admission of handshakes: how many connections may be opened at once, to one hop and in all.
//!
//! Some censors count: after a few handshakes to one prefix under one name they block both for a while (N7). They count
//! per device and not per race, so all races of an engine ask here before they open a connection. There are three
//! rules. Waiters that the rules admit go in the order in which they asked:
//!
//! 1. *Two at a time* to one first hop ([`FirstHop`]). Silent handshakes must not hold up a working strategy of the
//!    same prefix. So a handshake that has waited for one and a half seconds is admitted beyond the two, one in each
//!    such period.
//! 2. *A hop that swallows handshakes rests for a moment.* After two handshakes to it were swallowed within a minute,
//!    the next one waits until two seconds after the last, and goes alone. Meanwhile the race tries other routes. A
//!    race that has no other route, or only routes that reveal more, does not wait: the least bad starts at once.
//! 3. *A limited number of races dial at once*, because a phone gives a process about a thousand sockets. A race that
//!    is already dialling may dial its next route as well: if it had to wait, it would hold its sockets for nothing. A
//!    race that has dialled before goes before those that have not.
//!
//! An attempt that waits says so in its trace: it has sent nothing yet, so its silence is no evidence. Behind
//! handshakes that are answered the race waits with it. Behind silent ones the race starts the next route. There is no
//! task here: when a permit ends, it admits the next waiter.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::first_hop::FirstHop;
use super::handshake_queue::{Admission, Queue, Waiter};
use super::{Candidate, Cause, Failure, Stage, Trace, Wait};

/// The handshakes of all races of one engine. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Handshakes(Arc<Mutex<Queue>>);

impl Handshakes {
    /// Waits until a connection for this candidate may be opened. Cancel-safe: dropping the future leaves the queue.
    pub(crate) async fn admit(&self, candidate: &Candidate, trace: &Trace, racer: &Racer) -> HandshakePermit {
        let entry = QueueEntry::enqueue(self, candidate, trace, racer);
        loop {
            let (wait, until) = match self.queue().ask(entry.id) {
                Admission::Granted => break,
                Admission::Wait(wait, until) => (wait, until),
            };
            trace.waits(Some(wait));
            tokio::select! {
                () = entry.news.notified() => {}
                () = trace.hurried(), if wait == Wait::Rest => {}
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
            }
        }
        HandshakePermit { entry, since: Instant::now(), reported: false }
    }

    /// Registers a race that will ask for permits.
    pub(crate) fn racer(&self) -> Racer {
        let mut queue = self.queue();
        queue.next += 1;
        Racer { id: queue.next, has_dialled: AtomicBool::new(false) }
    }

    /// Forgets which hops swallow handshakes, because the network has changed.
    pub(crate) fn forget(&self) {
        let mut queue = self.queue();
        queue.swallowed.clear();
        queue.answered.clear();
    }

    fn leave(&self, id: u64) {
        let mut queue = self.queue();
        queue.leave(id);
        queue.grant();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Handshakes {
    /// Prints no hops: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = self.queue();
        f.debug_struct("Handshakes")
            .field("running", &queue.running.len())
            .field("waiting", &queue.waiting.len())
            .finish_non_exhaustive()
    }
}

/// One race that asks for permits.
#[derive(Debug)]
pub(crate) struct Racer {
    id: u64,
    has_dialled: AtomicBool,
}

/// Permission for one handshake, until it is dropped. The holder reports how the handshake ended, if it knows.
pub(crate) struct HandshakePermit {
    entry: QueueEntry,
    since: Instant,
    reported: bool,
}

impl HandshakePermit {
    /// The peer has answered.
    pub(crate) fn answered(mut self) {
        self.reported = true;
        if let Some(hop) = &self.entry.hop {
            self.entry.handshakes.queue().note_answer(hop);
        }
    }

    /// The handshake failed. A failure that a censor may have caused counts against the hop.
    pub(crate) fn failed(mut self, failure: &Failure) {
        self.reported = true;
        let silenced = matches!(failure.cause, Cause::Silence | Cause::Reset | Cause::Closed);
        if silenced && matches!(failure.stage, Stage::Tcp | Stage::Proxy | Stage::Tls) {
            self.swallowed();
        }
    }

    fn swallowed(&self) {
        if let Some(hop) = &self.entry.hop {
            self.entry.handshakes.queue().note_swallowed(hop);
        }
    }
}

impl Drop for HandshakePermit {
    fn drop(&mut self) {
        if !self.reported && self.since.elapsed() >= SILENT {
            self.swallowed();
        }
    }
}

/// One handshake, first in the queue and then among the running ones. Dropping it removes it.
struct QueueEntry {
    handshakes: Handshakes,
    id: u64,
    hop: Option<FirstHop>,
    news: Arc<Notify>,
    trace: Trace,
}

impl QueueEntry {
    fn enqueue(handshakes: &Handshakes, candidate: &Candidate, trace: &Trace, racer: &Racer) -> Self {
        let (hop, news) = (FirstHop::of(candidate), Arc::new(Notify::new()));
        let mut queue = handshakes.queue();
        let id = queue.next;
        queue.next += 1;
        // A proxy's name is looked up while it is dialled: only the trace knows its address.
        let named = candidate.address.is_none() && hop.as_ref().is_some_and(FirstHop::is_named);
        let route = named.then(|| candidate.route.clone());
        let (hop_too, news_too) = (hop.clone(), news.clone());
        let waiter = Waiter {
            id,
            racer: racer.id,
            since: Instant::now(),
            hop: hop_too,
            route,
            news: news_too,
            trace: trace.clone(),
        };
        if racer.has_dialled.swap(true, Ordering::Relaxed) {
            queue.waiting.push_front(waiter);
        } else {
            queue.waiting.push_back(waiter);
        }
        drop(queue);
        // A loser at rest does nothing, and must not hold up active attempts.
        let theirs = handshakes.clone();
        trace.on_rest(move || theirs.leave(id));
        Self { handshakes: handshakes.clone(), id, hop, news, trace: trace.clone() }
    }
}

impl Drop for QueueEntry {
    fn drop(&mut self) {
        self.trace.waits(None);
        self.handshakes.leave(self.id);
    }
}

/// A cancelled handshake must have been silent for this long to count as silent, and not merely slower than another
/// route: a round trip of the worst network.
const SILENT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use futures_util::FutureExt;
    use url::Host;

    use super::super::handshake_queue::{PATIENCE, RACERS, REMEMBERED, REST, SWALLOWED};
    use super::*;
    use crate::exposure::Exposure;
    use crate::transport::{Destination, Isolation, PrivateAddresses, Route, Strategy};

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

    fn now(handshakes: &Handshakes, candidate: &Candidate) -> Option<HandshakePermit> {
        handshakes.admit(candidate, &Trace::new(), &handshakes.racer()).now_or_never()
    }

    fn silence() -> Failure {
        Failure::new(Stage::Tls, Cause::Silence)
    }

    #[tokio::test(start_paused = true)]
    async fn a_third_handshake_to_one_prefix_and_name_waits() {
        let handshakes = Handshakes::default();
        let site = candidate("site.example", "192.0.2.1");
        let first = now(&handshakes, &site).unwrap();
        let _second = now(&handshakes, &candidate("site.example", "192.0.2.99")).unwrap();
        assert!(now(&handshakes, &site).is_none());
        assert!(now(&handshakes, &candidate("site.example", "192.0.3.1")).is_some(), "another prefix");
        assert!(now(&handshakes, &candidate("other.example", "192.0.2.1")).is_some(), "another name");
        assert!(now(&handshakes, &candidate("site.example", "127.0.0.1")).is_some(), "this device");
        first.answered();
        assert!(now(&handshakes, &site).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn silent_handshakes_delay_the_next_by_a_bounded_time() {
        let handshakes = Handshakes::default();
        let site = candidate("site.example", "192.0.2.1");
        let _silent = [now(&handshakes, &site).unwrap(), now(&handshakes, &site).unwrap()];
        let begun = Instant::now();
        let waits = (0..3).map(|_| async {
            let (trace, racer) = (Trace::new(), handshakes.racer());
            let turn = handshakes.admit(&site, &trace, &racer).await;
            (begun.elapsed(), turn)
        });
        let waited: Vec<_> = futures_util::future::join_all(waits).await;
        let times: Vec<Duration> = waited.iter().map(|(time, _)| *time).collect();
        assert_eq!(times, [PATIENCE, PATIENCE * 2, PATIENCE * 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hop_that_swallows_delays_nobody_beyond_its_rest() {
        let handshakes = Handshakes::default();
        let site = candidate("site.example", "192.0.2.1");
        for _ in 0..SWALLOWED {
            now(&handshakes, &site).unwrap().failed(&silence());
        }
        let only = Trace::new();
        only.hurry();
        let _silent = handshakes.admit(&site, &only, &handshakes.racer()).now_or_never().unwrap();
        let begun = Instant::now();
        let _turn = handshakes.admit(&site, &Trace::new(), &handshakes.racer()).await;
        assert_eq!(begun.elapsed(), REST);
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_first_come_and_passes_over_those_who_left() {
        let handshakes = Handshakes::default();
        let site = candidate("site.example", "192.0.2.1");
        let running = [now(&handshakes, &site).unwrap(), now(&handshakes, &site).unwrap()];
        let traces: Vec<Trace> = (0..3).map(|_| Trace::new()).collect();
        let racers: Vec<Racer> = traces.iter().map(|_| handshakes.racer()).collect();
        let waiter = traces.iter().zip(&racers).map(|(trace, racer)| Box::pin(handshakes.admit(&site, trace, racer)));
        let mut waiter: Vec<_> = waiter.collect();
        for waiter in &mut waiter {
            assert!(waiter.now_or_never().is_none());
        }
        assert!(traces.iter().all(|trace| trace.seen().waiting.is_some()));
        drop(waiter.remove(1));
        drop(running);
        let turns: Vec<HandshakePermit> = waiter.iter_mut().map(|waiter| waiter.now_or_never().unwrap()).collect();
        assert_eq!(turns.len(), 2);
        drop((turns, waiter));
        let queue = handshakes.queue();
        assert!(queue.running.is_empty() && queue.waiting.is_empty() && queue.busy.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_hop_that_swallows_is_left_alone_unless_it_is_the_only_way() {
        let handshakes = Handshakes::default();
        let site = candidate("site.example", "192.0.2.1");
        for _ in 0..SWALLOWED {
            now(&handshakes, &site).unwrap().failed(&silence());
        }
        let trace = Trace::new();
        let begun = Instant::now();
        let turn = handshakes.admit(&site, &trace, &handshakes.racer()).await;
        assert_eq!((begun.elapsed(), trace.seen().waited), (REST, REST));
        assert!(now(&handshakes, &site).is_none(), "alone");
        let only = Trace::new();
        only.hurry();
        assert!(handshakes.admit(&site, &only, &handshakes.racer()).now_or_never().is_some());
        turn.answered();
        assert!(now(&handshakes, &site).is_some(), "an answer ends it");
        for _ in 0..SWALLOWED {
            now(&handshakes, &site).unwrap().failed(&silence());
        }
        tokio::time::advance(REMEMBERED).await;
        assert!(now(&handshakes, &site).is_some(), "and so does a minute");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_handshake_counts_as_swallowed_a_slower_one_does_not() {
        let handshakes = Handshakes::default();
        let site = candidate("site.example", "192.0.2.1");
        for (listened, rests) in [(Duration::from_millis(400), false), (SILENT, true)] {
            for _ in 0..SWALLOWED {
                let turn = now(&handshakes, &site).unwrap();
                tokio::time::advance(listened).await;
                drop(turn);
            }
            assert_eq!(now(&handshakes, &site).is_none(), rests, "{listened:?}");
        }
        handshakes.forget();
        assert!(now(&handshakes, &site).is_some(), "another network, another censor");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_the_hosts_own_word() {
        let handshakes = Handshakes::default();
        let site = candidate("site.example", "192.0.2.1");
        for _ in 0..9 {
            now(&handshakes, &site).unwrap().failed(&Failure::new(Stage::Tcp, Cause::Refused));
        }
        assert!(now(&handshakes, &site).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_races_dial_at_once_than_a_phone_has_room_for() {
        let handshakes = Handshakes::default();
        let racers: Vec<Racer> = (0..=RACERS).map(|_| handshakes.racer()).collect();
        let dial = |racer: usize, name: &str| {
            handshakes
                .admit(&candidate(&format!("{name}{racer}.example"), "192.0.2.1"), &Trace::new(), &racers[racer])
                .now_or_never()
        };
        let mut running: Vec<HandshakePermit> = (0..RACERS).map(|racer| dial(racer, "h").unwrap()).collect();
        assert!(dial(0, "another").is_some(), "who holds one may dial its next way");
        let (trace, last) = (Trace::new(), candidate("last.example", "192.0.2.1"));
        let mut waiter = Box::pin(handshakes.admit(&last, &trace, &racers[RACERS]));
        assert!((&mut waiter).now_or_never().is_none());
        assert_eq!(trace.waiting(), Some(Wait::Crowd));
        running.pop();
        let turn = (&mut waiter).now_or_never();
        assert!(turn.is_some());
        // A race that lost its turn by a failure goes before a race that had no turn.
        assert!(dial(RACERS - 1, "h").is_none());
        let fresh = handshakes.racer();
        let (early, veteran) = (Trace::new(), Trace::new());
        let mut first = Box::pin(handshakes.admit(&last, &early, &fresh));
        assert!((&mut first).now_or_never().is_none());
        let mut again = Box::pin(handshakes.admit(&last, &veteran, &racers[RACERS - 1]));
        assert!((&mut again).now_or_never().is_none());
        running.pop();
        let turn = (&mut again).now_or_never();
        assert!(turn.is_some() && (&mut first).now_or_never().is_none());
    }
}
