//! Streams: what changes in the store, and what the engine does. They are pulled in batches, so that a slow listener
//! delays nothing, and a fast one needs few calls.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use byway::EngineEventKind as Core;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::changes::ChangedIds;
use crate::configuration::Language;
use crate::errors::{BywayError, Own};
use crate::evidence::{Action, Layer, Stage, StartReason, TorStall, VerdictCode};
use crate::numbers::{number, small};

use crate::runtime::{guarded, inline};

/// The most items of one batch.
const LARGEST_BATCH: usize = 1_000;

/// Something that changed in the store.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum StoreChange {
    /// The fields of a community have changed.
    CommunityChanged {
        /// Its id.
        id: String,
    },
    /// Posts of a community have changed.
    PostsChanged {
        /// The community's id.
        id: String,
        /// Which posts.
        posts: ChangedIds,
    },
    /// Events of a community have changed.
    EventsChanged {
        /// The community's id.
        id: String,
        /// Which events.
        events: ChangedIds,
    },
    /// A community was forgotten.
    Forgotten {
        /// Its id.
        id: String,
    },
    /// Everything was wiped.
    Emptied,
    /// The listener was too slow and lost changes: read the lists again.
    Missed {
        /// How many.
        changes: i64,
    },
}

impl StoreChange {
    /// `None` for a kind that this version does not know.
    fn of(core: byway::StoreChange) -> Option<Self> {
        Some(match core {
            byway::StoreChange::Community { id } => Self::CommunityChanged { id: id.to_string() },
            byway::StoreChange::Posts { id, posts } => Self::PostsChanged { id: id.to_string(), posts: posts.into() },
            byway::StoreChange::Events { id, events } => {
                Self::EventsChanged { id: id.to_string(), events: events.into() }
            }
            byway::StoreChange::Forgotten { id } => Self::Forgotten { id: id.to_string() },
            byway::StoreChange::Emptied => Self::Emptied,
            byway::StoreChange::Missed { changes } => Self::Missed { changes: number(changes) },
            _ => return None,
        })
    }
}

/// What the engine did.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum EngineEventKind {
    /// An access began.
    Began {
        /// What it is for.
        action: Action,
    },
    /// An attempt was started.
    Started {
        /// Its number, which later events refer to.
        attempt: i64,
        /// The strategy, without its login.
        strategy: String,
        /// The host and port.
        destination: String,
        /// Which request of a chain of redirects it is for, counted from 0.
        hop: i32,
        /// Why it was started now.
        why: StartReason,
    },
    /// An attempt entered a stage.
    Entered {
        /// Which attempt.
        attempt: i64,
        /// The stage.
        stage: Stage,
    },
    /// An attempt dials an address.
    Dialled {
        /// Which attempt.
        attempt: i64,
        /// The address.
        address: String,
    },
    /// The first byte of an answer came.
    FirstByte {
        /// Which attempt.
        attempt: i64,
    },
    /// The Tor within this library starts, for the first attempt that needs it.
    TorStarts {
        /// For which attempt.
        attempt: i64,
        /// How far it is: 0 to 100. It may fall.
        percent: i32,
        /// What probably holds it up, where nothing has moved for a while.
        stall: Option<TorStall>,
    },
    /// Another attempt continues a body.
    Continued {
        /// Which attempt.
        attempt: i64,
        /// From which byte on.
        from: i64,
    },
    /// An attempt ended.
    Ended {
        /// Which attempt.
        attempt: i64,
        /// How it ended: a stable code.
        outcome: String,
        /// The last stage that it reached.
        stage: Stage,
        /// How long it took.
        took: Duration,
    },
    /// An attempt won the race.
    Won {
        /// Which attempt.
        attempt: i64,
        /// The strategy, without its login.
        strategy: String,
        /// How long the race took.
        took: Duration,
    },
    /// An access was judged.
    Judged {
        /// The verdict.
        code: VerdictCode,
        /// The layer, if the verdict names one.
        layer: Option<Layer>,
        /// The rule that decided: a stable code.
        rule: String,
        /// Later evidence changed the judgement.
        again: bool,
    },
    /// An access answered from the store.
    AnsweredFromStore {
        /// How old the answer is; absent if it was read at a time that is ahead of this device's clock.
        age: Option<Duration>,
    },
    /// An access was dropped before its end.
    Abandoned,
    /// Nothing is dialled for a while.
    DialsPaused {
        /// For how long.
        lasts: Duration,
    },
    /// The device's network changed.
    NetworkChanged,
    /// The store was suspended.
    Suspended,
    /// The store was resumed.
    Resumed,
    /// The listener was too slow and lost events.
    Missed {
        /// How many.
        events: i64,
    },
    /// A kind that this version does not know; see the event's code.
    Other,
}

impl From<Core> for EngineEventKind {
    fn from(core: Core) -> Self {
        match core {
            Core::Began { action } => Self::Began { action: action.into() },
            Core::Started { attempt, strategy, destination, hop, why } => Self::Started {
                attempt: number(attempt.number()),
                strategy: strategy.redacted(),
                destination: destination.to_string(),
                hop: small(hop),
                why: why.into(),
            },
            Core::Entered { attempt, stage } => {
                Self::Entered { attempt: number(attempt.number()), stage: stage.into() }
            }
            Core::Dialled { attempt, address } => {
                Self::Dialled { attempt: number(attempt.number()), address: address.to_string() }
            }
            Core::FirstByte { attempt } => Self::FirstByte { attempt: number(attempt.number()) },
            Core::TorStarts { attempt, progress } => Self::TorStarts {
                attempt: number(attempt.number()),
                percent: progress.percent.into(),
                stall: progress.stall.map(Into::into),
            },
            Core::Continued { attempt, from } => {
                Self::Continued { attempt: number(attempt.number()), from: number(from) }
            }
            Core::Ended { attempt, outcome, stage, took } => Self::Ended {
                attempt: number(attempt.number()),
                outcome: outcome.code().to_owned(),
                stage: stage.into(),
                took,
            },
            Core::Won { attempt, strategy, took } => {
                Self::Won { attempt: number(attempt.number()), strategy: strategy.redacted(), took }
            }
            Core::Judged { again, code, layer, rule } => {
                Self::Judged { code: code.into(), layer: layer.map(Into::into), rule: rule.code().to_owned(), again }
            }
            Core::AnsweredFromStore { age } => Self::AnsweredFromStore { age },
            Core::Abandoned => Self::Abandoned,
            Core::DialsPaused { lasts } => Self::DialsPaused { lasts },
            Core::NetworkChanged => Self::NetworkChanged,
            Core::Suspended => Self::Suspended,
            Core::Resumed => Self::Resumed,
            Core::Missed { events } => Self::Missed { events: number(events) },
            _ => Self::Other,
        }
    }
}

/// Something that the engine did.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct EngineEvent {
    /// The access that it belongs to, counted from 1; absent if it concerns the whole engine.
    pub access: Option<i64>,
    /// How long after the start of that access, or of the engine if it belongs to no access.
    pub at: Duration,
    /// What happened, as a stable code.
    pub code: String,
    /// What happened, as one sentence in the client's language.
    pub sentence: String,
    /// What happened.
    pub kind: EngineEventKind,
}

impl EngineEvent {
    fn of(core: byway::EngineEvent, language: Language) -> Self {
        Self {
            access: core.access.map(number),
            at: core.at,
            code: core.kind.code().to_owned(),
            sentence: core.sentence(language.into()),
            kind: core.kind.into(),
        }
    }
}

/// A queue of the core, pulled in batches.
struct Pulled<Queue> {
    queue: Mutex<Queue>,
    /// Cancelled by `end`, and with the client.
    ended: CancellationToken,
    language: Language,
}

/// What the core's queues have in common.
trait Queue: Send {
    type Item;
    fn next(&mut self) -> impl Future<Output = Option<Self::Item>> + Send;
    fn try_next(&mut self) -> Option<Self::Item>;
}

impl Queue for byway::StoreChanges {
    type Item = byway::StoreChange;

    async fn next(&mut self) -> Option<Self::Item> {
        byway::StoreChanges::next(self).await
    }

    fn try_next(&mut self) -> Option<Self::Item> {
        byway::StoreChanges::try_next(self)
    }
}

/// Engine events, without names if the app asked for that.
struct RedactedEvents {
    events: byway::EngineEvents,
    redaction: Option<byway::Redaction>,
}

impl RedactedEvents {
    fn shown(&mut self, event: byway::EngineEvent) -> byway::EngineEvent {
        match &mut self.redaction {
            Some(redaction) => redaction.event(&event),
            None => event,
        }
    }
}

impl Queue for RedactedEvents {
    type Item = byway::EngineEvent;

    async fn next(&mut self) -> Option<Self::Item> {
        let event = self.events.next().await?;
        Some(self.shown(event))
    }

    fn try_next(&mut self) -> Option<Self::Item> {
        let event = self.events.try_next()?;
        Some(self.shown(event))
    }
}

impl<Q: Queue> Pulled<Q> {
    fn new(queue: Q, ended: CancellationToken, language: Language) -> Self {
        Self { queue: Mutex::new(queue), ended, language }
    }

    /// Waits for the first item, then takes what is there. If the future is dropped before its end, nothing was taken.
    async fn next<T>(&self, max: i32, convert: impl Fn(Q::Item) -> Option<T>) -> Result<Vec<T>, BywayError> {
        let max = usize::try_from(max).ok().filter(|max| *max > 0).ok_or_else(|| Own::Number.error(self.language))?;
        inline(self.language, async {
            tokio::select! {
                biased;
                () = self.ended.cancelled() => Vec::new(),
                batch = self.batch(max.min(LARGEST_BATCH), convert) => batch,
            }
        })
        .await
    }

    async fn batch<T>(&self, max: usize, convert: impl Fn(Q::Item) -> Option<T>) -> Vec<T> {
        let mut queue = self.queue.lock().await;
        let mut batch = Vec::new();
        // An item of an unknown kind must not make an empty batch, because that would mean that the stream ended.
        while batch.is_empty() {
            let Some(first) = queue.next().await else { return batch };
            batch.extend(convert(first));
            while batch.len() < max {
                let Some(item) = queue.try_next() else { break };
                batch.extend(convert(item));
            }
        }
        batch
    }
}

/// What changes in the store, for as long as this exists.
#[derive(uniffi::Object)]
pub struct ChangeStream(Pulled<byway::StoreChanges>);

impl ChangeStream {
    pub(crate) fn new(changes: byway::StoreChanges, ended: CancellationToken, language: Language) -> Arc<Self> {
        Arc::new(Self(Pulled::new(changes, ended, language)))
    }
}

#[uniffi::export]
impl ChangeStream {
    /// Waits for a change, then takes at most `max` of those that are there. An empty list means that the stream has
    /// ended.
    pub async fn next(&self, max: i32) -> Result<Vec<StoreChange>, BywayError> {
        self.0.next(max, StoreChange::of).await
    }

    /// Ends the stream and wakes a `next` that waits. Further calls do nothing.
    pub fn end(&self) -> Result<(), BywayError> {
        guarded(self.0.language, || self.0.ended.cancel())
    }
}

/// What the engine does, for as long as this exists.
#[derive(uniffi::Object)]
pub struct EventStream(Pulled<RedactedEvents>);

impl EventStream {
    pub(crate) fn new(
        events: byway::EngineEvents,
        redacted: bool,
        ended: CancellationToken,
        language: Language,
    ) -> Arc<Self> {
        let redaction = redacted.then(byway::Redaction::default);
        Arc::new(Self(Pulled::new(RedactedEvents { events, redaction }, ended, language)))
    }
}

#[uniffi::export]
impl EventStream {
    /// Waits for an event, then takes at most `max` of those that are there. An empty list means that the stream has
    /// ended.
    pub async fn next(&self, max: i32) -> Result<Vec<EngineEvent>, BywayError> {
        let language = self.0.language;
        self.0.next(max, |event| Some(EngineEvent::of(event, language))).await
    }

    /// Ends the stream and wakes a `next` that waits. Further calls do nothing.
    pub fn end(&self) -> Result<(), BywayError> {
        guarded(self.0.language, || self.0.ended.cancel())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_of_tor_crosses_with_its_fields() -> serde_json::Result<()> {
        let attempt = serde_json::from_str("7")?;
        for (json, percent, stall) in
            [(r#"{"percent": 40}"#, 40, None), (r#"{"percent": 5, "stall": "filtered"}"#, 5, Some(TorStall::Filtered))]
        {
            let crossed: EngineEventKind = Core::TorStarts { attempt, progress: serde_json::from_str(json)? }.into();
            assert!(crossed == EngineEventKind::TorStarts { attempt: 7, percent, stall }, "{json}");
        }
        Ok(())
    }
}
