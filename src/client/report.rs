//! How the latest accesses went: kept in memory only, and redacted unless it is asked for in full.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::Reachability;
pub use crate::reach::Action;
use crate::reach::Attempt;

/// One access: when, what, and how it went.
///
/// `Display` and `Debug` leave out what was read, over which proxy and at which addresses, so they can be shown to a
/// helper.
#[derive(Clone)]
#[non_exhaustive]
pub struct Access {
    /// When the access began.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    reachability: Reachability,
}

impl Access {
    /// Everything, with hosts and addresses: for the user's own eyes.
    pub fn in_full(&self) -> &Reachability {
        &self.reachability
    }
}

impl fmt::Display for Access {
    /// `2026-11-22T21:40:21Z open tls_interfered tls.reset.other_vantage by tor+socks5; direct tls reset 152 ms; ...`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, action, reachability } = self;
        let (verdict, by) = (&reachability.verdict, reachability.reached_by.as_ref());
        let by = by.map_or("nothing", |way| way.scheme());
        write!(f, "{at:.0} {} {} {} by {by}", action.code(), verdict.code.code(), verdict.rule)?;
        for attempt in &reachability.attempts {
            let Attempt { strategy, stage, outcome, took, .. } = attempt;
            write!(f, "; {} {} {} {} ms", strategy.scheme(), stage.code(), outcome.code(), took.as_millis())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({self})")
    }
}

/// The latest accesses.
#[derive(Debug, Default)]
pub(super) struct Report(Mutex<Accesses>);

#[derive(Debug, Default)]
struct Accesses {
    latest: VecDeque<Access>,
    /// How often the accesses were forgotten.
    session: u64,
}

impl Report {
    /// The current session. An access that began in an earlier, forgotten session is not reported.
    pub(super) fn session(&self) -> u64 {
        self.accesses().session
    }

    pub(super) fn add(&self, session: u64, at: Timestamp, action: Action, reachability: &Reachability) {
        if reachability.attempts.is_empty() {
            return;
        }
        let mut accesses = self.accesses();
        if accesses.session != session {
            return;
        }
        if accesses.latest.len() >= MAX_ACCESSES {
            accesses.latest.pop_front();
        }
        let reachability = reachability.clone().shortened(ATTEMPTS);
        accesses.latest.push_back(Access { at, action, reachability });
    }

    pub(super) fn forget(&self) {
        let mut accesses = self.accesses();
        *accesses = Accesses { latest: VecDeque::new(), session: accesses.session + 1 };
    }

    pub(super) fn all(&self) -> Vec<Access> {
        self.accesses().latest.iter().cloned().collect()
    }

    fn accesses(&self) -> MutexGuard<'_, Accesses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As many as a person scrolls through to find what went wrong today.
pub const MAX_ACCESSES: usize = 50;

/// For one access: ten routes, each for a few calls.
const ATTEMPTS: usize = 64;
