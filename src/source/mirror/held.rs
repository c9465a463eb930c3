//! What a reader holds of a signed community from one reading to the next.
//!
//! The documents that changed something are kept in their order, each with the time at which it was read. Read again in that
//! order they give the same state, disputes included. Nothing of it is sent to anyone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::signed::{Chain, Digest, DocumentKind, Envelope, Freeze, Heads, Unbelieved};
use crate::source::Memory;

/// The verified state of a community.
#[derive(Default)]
pub(super) struct Held {
    pub(super) chain: Option<Chain>,
    pub(super) heads: Heads,
    pub(super) freeze: Option<Freeze>,
    log: Vec<Entry>,
}

/// A document that changed the state.
#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    kind: Kind,
    at: Timestamp,
    envelope: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Charter,
    Head,
    Freeze,
}

impl Held {
    /// What the memory holds of this community. What can't be read any more is forgotten, together with what follows it.
    pub(super) fn of(memory: &Memory, community: Digest) -> Self {
        let log: Vec<Entry> = serde_json::from_str(&memory.of_source).unwrap_or_default();
        let mut held = Self::default();
        for Entry { kind, at, envelope } in log {
            let kind = match kind {
                Kind::Charter => DocumentKind::Charter,
                Kind::Head => DocumentKind::Head,
                Kind::Freeze => DocumentKind::Freeze,
            };
            let Ok(envelope) = Envelope::parse(envelope.as_bytes(), kind) else { break };
            // A document that made a dispute is refused again, and makes it again.
            let _ = held.take(community, &envelope, at);
        }
        held
    }

    /// Writes it for the store.
    pub(super) fn to_memory(&self) -> Memory {
        Memory { of_source: serde_json::to_string(&self.log).unwrap_or_default(), ..Memory::default() }
    }

    /// Takes a document.
    pub(super) fn take(&mut self, community: Digest, envelope: &Envelope, now: Timestamp) -> Result<(), Unbelieved> {
        let before = (self.chain.clone(), self.heads.clone(), self.freeze);
        let result = match envelope.kind() {
            DocumentKind::Charter => self.take_charter(community, envelope, now),
            DocumentKind::Head => self.take_head(envelope, now),
            DocumentKind::Freeze => self.take_freeze(envelope),
        };
        if before != (self.chain.clone(), self.heads.clone(), self.freeze) {
            self.log(envelope, now, result.is_ok());
        }
        result
    }

    fn take_charter(&mut self, community: Digest, envelope: &Envelope, now: Timestamp) -> Result<(), Unbelieved> {
        match &mut self.chain {
            Some(chain) => chain.extend(envelope, now).map(drop).map_err(Unbelieved::from),
            None => {
                self.chain = Some(Chain::begin(community, envelope, now)?);
                Ok(())
            }
        }
    }

    fn take_head(&mut self, envelope: &Envelope, now: Timestamp) -> Result<(), Unbelieved> {
        let Some(chain) = &self.chain else { return Ok(()) };
        self.heads.accept(chain, envelope, now).map(drop).map_err(Unbelieved::from)
    }

    fn take_freeze(&mut self, envelope: &Envelope) -> Result<(), Unbelieved> {
        let Some(chain) = &self.chain else { return Ok(()) };
        let freeze = Freeze::verify(envelope, chain)?;
        // Of several, the earliest counts.
        if self.freeze.is_none_or(|known| freeze.after < known.after) {
            self.freeze = Some(freeze);
        }
        Ok(())
    }

    fn log(&mut self, envelope: &Envelope, at: Timestamp, was_taken: bool) {
        let kind = match envelope.kind() {
            DocumentKind::Charter => Kind::Charter,
            DocumentKind::Head => Kind::Head,
            DocumentKind::Freeze => Kind::Freeze,
        };
        // A head that was taken replaces the earlier ones. One that made a dispute stands beside the one that it disputes.
        if was_taken && kind != Kind::Charter {
            self.log.retain(|entry| entry.kind != kind);
        }
        self.log.push(Entry { kind, at, envelope: envelope.to_json() });
    }
}
