//! The listeners to an engine's events, and how an access sends events to them.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::time::Instant;

use super::{Action, EngineEvent, EngineEventKind};
use crate::broadcast::{Broadcast, Heard, Receiver};
use crate::reach::AttemptId;
use crate::transport::{AttemptEvent, AttemptObserver, Trace};

/// The listeners to one engine. Clones share them.
#[derive(Clone)]
pub struct EventHub(Arc<Shared>);

struct Shared {
    listeners: Broadcast<EngineEvent>,
    accesses: AtomicU64,
    attempts: Arc<AtomicU64>,
    made: Instant,
}

impl EventHub {
    /// A hub for a new engine, without listeners.
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            listeners: Broadcast::new(WAITING),
            accesses: AtomicU64::new(0),
            attempts: Arc::default(),
            made: Instant::now(),
        }))
    }

    /// Adds a listener, which gets the events from now on. Dropping the [`EngineEvents`] removes it.
    pub fn subscribe(&self) -> EngineEvents {
        EngineEvents { events: self.0.listeners.subscribe(), made: self.0.made }
    }

    /// Begins an access, and sends [`EngineEventKind::Began`].
    pub fn access(&self, action: Action) -> EventSender {
        let number = self.0.accesses.fetch_add(1, Ordering::Relaxed) + 1;
        let access = Access { hub: self.clone(), number, began: Instant::now() };
        let events = EventSender { access: Some(access), attempts: self.0.attempts.clone() };
        events.send(|| EngineEventKind::Began { action });
        events
    }

    /// Sends an event that belongs to no access. `kind` is called only if there is a listener.
    pub fn send(&self, kind: impl FnOnce() -> EngineEventKind) {
        if self.has_listeners() {
            self.0.listeners.send(&EngineEvent { access: None, at: self.0.made.elapsed(), kind: kind() });
        }
    }

    fn has_listeners(&self) -> bool {
        self.0.listeners.is_heard()
    }
}

impl Default for EventHub {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for EventHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventHub").field("listeners", &self.0.listeners).finish_non_exhaustive()
    }
}

/// Sends the events of one access, and numbers its attempts. The default sends nothing, and numbers from 1.
#[derive(Clone, Debug, Default)]
pub struct EventSender {
    access: Option<Access>,
    /// The number of attempts so far, over all senders of one engine.
    attempts: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
struct Access {
    hub: EventHub,
    number: u64,
    began: Instant,
}

impl EventSender {
    /// Sends an event of this access. `kind` is called only if there is a listener.
    pub fn send(&self, kind: impl FnOnce() -> EngineEventKind) {
        if let Some(access) = self.observed_access() {
            access.send(kind());
        }
    }

    /// Returns the number of a new attempt.
    pub(crate) fn number(&self) -> AttemptId {
        AttemptId::new(self.attempts.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Returns the number and the trace of a new attempt, and whether the trace sends events. It does if there is a
    /// listener now.
    pub(in crate::reach) fn attempt(&self) -> (AttemptId, Trace, bool) {
        let attempt = self.number();
        match self.observed_access() {
            None => (attempt, Trace::new(), false),
            Some(access) => {
                let sender = AttemptEventSender { access: access.clone(), attempt };
                (attempt, Trace::observed_by(Arc::new(sender)), true)
            }
        }
    }

    fn observed_access(&self) -> Option<&Access> {
        self.access.as_ref().filter(|access| access.hub.has_listeners())
    }
}

impl Access {
    fn send(&self, kind: EngineEventKind) {
        let at = self.began.elapsed();
        self.hub.0.listeners.send(&EngineEvent { access: Some(self.number), at, kind });
    }
}

/// Sends what one attempt records.
#[derive(Debug)]
struct AttemptEventSender {
    access: Access,
    attempt: AttemptId,
}

impl AttemptObserver for AttemptEventSender {
    fn observe(&self, event: AttemptEvent) {
        if self.access.hub.has_listeners() {
            let attempt = self.attempt;
            self.access.send(match event {
                AttemptEvent::Entered(stage) => EngineEventKind::Entered { attempt, stage },
                AttemptEvent::Dialled(address) => EngineEventKind::Dialled { attempt, address },
                AttemptEvent::TorStarts(progress) => EngineEventKind::TorStarts { attempt, progress },
                AttemptEvent::FirstByte => EngineEventKind::FirstByte { attempt },
                AttemptEvent::Continued { from } => EngineEventKind::Continued { attempt, from },
            });
        }
    }
}

/// The events of an engine since the listener subscribed: a stream that ends when the engine is dropped.
///
/// At most 1,024 events wait for a listener. A slower listener loses the oldest, and [`EngineEventKind::Missed`] says how many.
pub struct EngineEvents {
    events: Receiver<EngineEvent>,
    made: Instant,
}

impl EngineEvents {
    /// Returns the next event, or `None` if the engine is gone. Cancel-safe.
    pub async fn next(&mut self) -> Option<EngineEvent> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Returns the next event if one is waiting.
    pub fn try_next(&mut self) -> Option<EngineEvent> {
        self.events.try_next().map(|heard| self.event(heard))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<EngineEvent>> {
        self.events.poll(cx).map(|heard| heard.map(|heard| self.event(heard)))
    }

    fn event(&self, heard: Heard<EngineEvent>) -> EngineEvent {
        match heard {
            Heard::Value(event) => event,
            Heard::Missed(events) => {
                EngineEvent { access: None, at: self.made.elapsed(), kind: EngineEventKind::Missed { events } }
            }
        }
    }
}

impl Stream for EngineEvents {
    type Item = EngineEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<EngineEvent>> {
        self.poll(cx)
    }
}

impl fmt::Debug for EngineEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineEvents").field("waiting", &self.events.waiting()).finish_non_exhaustive()
    }
}

/// An access over ten routes, each with its stages, makes about a hundred events. A screen that was busy for a second,
/// or an app that opens ten communities at once, loses none of them.
const WAITING: usize = 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::time::Duration;

    use super::*;

    fn numbers(watch: &mut EngineEvents) -> Vec<u64> {
        std::iter::from_fn(|| watch.try_next()).filter_map(|event| Some(event.kind.attempt()?.number())).collect()
    }

    #[test]
    fn without_listeners_no_event_is_made() {
        let hub = EventHub::new();
        let events = hub.access(Action::Get);
        events.send(|| panic!("there is a listener"));
        assert!(!events.attempt().2);
        EventSender::default().send(|| panic!("there is a listener"));
        drop(hub.subscribe());
        events.send(|| panic!("there is still a listener"));
        assert_eq!(hub.0.listeners.listeners(), 0);
    }

    #[test]
    fn each_listener_gets_all_events_since_it_subscribed() {
        let hub = EventHub::new();
        let events = hub.access(Action::Get);
        let mut first = hub.subscribe();
        events.send(|| EngineEventKind::FirstByte { attempt: AttemptId::new(1) });
        let mut second = hub.subscribe();
        events.send(|| EngineEventKind::FirstByte { attempt: AttemptId::new(2) });
        assert_eq!(numbers(&mut first), [1, 2]);
        drop(first);
        events.send(|| EngineEventKind::FirstByte { attempt: AttemptId::new(3) });
        assert_eq!(numbers(&mut second), [2, 3]);
    }

    #[test]
    fn a_slow_listener_loses_the_oldest_and_learns_how_many() {
        let hub = EventHub::new();
        let events = hub.access(Action::Get);
        let mut slow = hub.subscribe();
        let all = WAITING as u64 + 7;
        for attempt in (1..=all).map(AttemptId::new) {
            events.send(|| EngineEventKind::FirstByte { attempt });
        }
        assert_eq!(slow.try_next().unwrap().kind, EngineEventKind::Missed { events: 7 });
        assert_eq!(numbers(&mut slow), (8..=all).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_is_woken_and_ends_with_the_engine() {
        let hub = EventHub::new();
        let mut watch = hub.subscribe();
        let listening = async {
            let heard = watch.next().await.unwrap();
            (heard.access, heard.at, heard.kind, watch.next().await)
        };
        let sending = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let events = hub.access(Action::Open);
            drop(hub);
            drop(events);
        };
        let (heard, ()) = tokio::join!(listening, sending);
        assert_eq!(heard, (Some(1), Duration::ZERO, EngineEventKind::Began { action: Action::Open }, None));
    }
}
