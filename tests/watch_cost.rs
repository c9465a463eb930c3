//! The cost of events without a watcher: no allocation.

#![allow(unsafe_code, clippy::unwrap_used, clippy::expect_used, reason = "a test, with an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use byway::Exposure;
use byway::internals::reach::{
    Action, EventHub, EventSender, Exchange, Judge, Judgement, Ledger, NetworkId, Replay, Request, plan, race,
};
use byway::internals::transport::{
    Candidate, Candidates, Cause, Destination, Failure, Isolation, PrivateAddresses, Route, Stage, Strategy, Trace,
    Trust,
};

/// The system's allocator, which counts for each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is ending may no longer have a counter.
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Fails on every route but the last.
struct LastWins(Strategy);

impl Exchange for LastWins {
    type Reply = ();

    async fn resolve(&self, route: &Route, _: &Trace, candidates: &Candidates) -> Result<(), Failure> {
        candidates.add([Candidate::to(route, None)], &[], Trust::Authentic);
        Ok(())
    }

    async fn begin(&self, candidate: &Candidate, trace: &Trace) -> Result<(), Failure> {
        trace.enter(Stage::Tls);
        if candidate.route.strategy == self.0 {
            Ok(())
        } else {
            Err(byway::internals::failure(Stage::Tls, Cause::Reset))
        }
    }

    async fn more(&self, (): &mut (), _: &Trace) -> Result<bool, Failure> {
        Ok(false)
    }
}

struct Content;

impl Judge<()> for Content {
    fn judge(&self, (): &()) -> Judgement {
        Judgement::Proven
    }
}

/// How often a race of four strategies allocates.
async fn allocations(events: &EventSender) -> u64 {
    let strategies: Vec<Strategy> =
        (0..4).map(|n| format!("socks5://proxy{n}.example:1080").parse().unwrap()).collect();
    let request = Request {
        destination: Destination { host: url::Host::Domain("site.example".to_owned()), port: 443 },
        exposure: Exposure::Open,
        avoid_direct: false,
        private: PrivateAddresses::Refused,
        isolation: Isolation::of("a test"),
        replay: Replay::Safe,
        credentials: false,
        tls: true,
        hop: 0,
    };
    let mut plan = plan(&strategies, &request, &Ledger::in_memory(), &NetworkId::default()).unwrap();
    plan.events = events.clone();
    let exchange = Arc::new(LastWins(strategies.last().unwrap().clone()));
    let before = COUNT.get();
    let raced = race(plan, exchange, Arc::new(Content)).await;
    let count = COUNT.get() - before;
    assert_eq!(raced.attempts().len(), 4);
    count
}

#[tokio::test(start_paused = true)]
async fn without_a_listener_a_race_allocates_nothing_more() {
    let hub = EventHub::new();
    // Allocations that happen once, on a thread's first race, do not count.
    allocations(&EventSender::default()).await;
    let without = allocations(&EventSender::default()).await;
    let before = COUNT.get();
    let events = hub.access(Action::Get);
    assert_eq!(COUNT.get(), before, "to begin an access");
    assert_eq!(allocations(&events).await, without);

    let watch = hub.subscribe();
    assert!(allocations(&events).await > without, "the counter counts");
    drop(watch);
    assert_eq!(allocations(&events).await, without, "a watcher that left costs nothing");
}
