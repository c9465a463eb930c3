//! What one attempt has seen so far.
//!
//! Dialers and the HTTP exchange write here while they work; the race reads it, also when it gives an attempt up in
//! the middle: a loser that was still waiting is evidence too. Nothing here is a conclusion.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Cause, Dns, Stage};

/// The record of one attempt under way. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Trace(Arc<Mutex<Seen>>);

/// What was seen until now.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Seen {
    /// The stage that was entered last.
    pub stage: Stage,
    /// The address of the host that was dialled (direct), or of the proxy.
    pub address: Option<IpAddr>,
    /// The addresses that the resolver gave for the host, where this attempt resolved it.
    pub answers: Vec<IpAddr>,
    /// What each resolver said, where this attempt resolved the host's name.
    pub lookups: Vec<Lookup>,
    /// Bytes of the answer so far, as they came over the wire after TLS: head and body.
    pub bytes: u64,
    /// When the first byte of the answer came.
    pub first_byte: Option<Instant>,
    /// When something came from the peer last, or the peer took a piece of a long request.
    pub last_progress: Option<Instant>,
    /// TLS with the host was completed and its certificate proved the name under authoritative roots.
    pub proved_name: bool,
    /// The exchange ran over a connection that was already open.
    pub reused: bool,
    /// The address was given by hand: no resolver is answerable for it.
    pub pinned: bool,
}

/// What one resolver said of the host's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// Who was asked.
    pub resolver: Dns,
    /// What came, in its order; nothing, if nobody answered. To one question comes one answer: a second one that says
    /// something else was raced by a forged one, or is it (the address that proves the name tells which).
    pub answers: Vec<Answer>,
}

/// One answer of a resolver.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How long after the question it came.
    pub after: Duration,
    /// The addresses, or why there are none.
    pub said: Result<Vec<IpAddr>, Cause>,
}

impl Trace {
    /// A new, empty record.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that a stage begins.
    pub fn enter(&self, stage: Stage) {
        self.seen_mut().stage = stage;
    }

    /// Notes the address that is dialled.
    pub fn dialled(&self, address: IpAddr) {
        self.seen_mut().address = Some(address);
    }

    /// Notes what the resolver answered.
    pub fn resolved(&self, answers: &[IpAddr]) {
        self.seen_mut().answers = answers.to_vec();
    }

    /// Notes what a resolver said, in the place of what was noted of it before.
    pub fn looked_up(&self, lookup: Lookup) {
        let mut seen = self.seen_mut();
        match seen.lookups.iter_mut().find(|known| known.resolver == lookup.resolver) {
            Some(known) => *known = lookup,
            None => seen.lookups.push(lookup),
        }
    }

    /// Notes that TLS proved the host's name.
    pub fn proved_name(&self) {
        self.seen_mut().proved_name = true;
    }

    /// Notes that the address was given by hand.
    pub fn pinned(&self) {
        self.seen_mut().pinned = true;
    }

    /// Notes that an open connection is used.
    pub fn reused(&self) {
        self.seen_mut().reused = true;
    }

    /// Notes that `bytes` of the answer came.
    pub fn progressed(&self, bytes: u64) {
        let now = Instant::now();
        let mut seen = self.seen_mut();
        seen.bytes = seen.bytes.saturating_add(bytes);
        seen.first_byte.get_or_insert(now);
        seen.last_progress = Some(now);
    }

    /// Notes that a piece of a long request was taken: no byte of the answer, yet no silence.
    pub fn sent(&self) {
        self.seen_mut().last_progress = Some(Instant::now());
    }

    /// A copy of the record.
    pub fn seen(&self) -> Seen {
        self.seen_mut().clone()
    }

    fn seen_mut(&self) -> MutexGuard<'_, Seen> {
        // A poisoned record is still a record: a panic elsewhere must not take the evidence with it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
