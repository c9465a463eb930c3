//! What the latest accesses met: kept in memory only, and redacted unless it is asked for in full.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::{Byway, Reachability};
use crate::reach::Attempt;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// [`Byway::open`] or [`Byway::refresh`].
    Open,
    /// [`Byway::sync_once`].
    Sync,
    /// [`Byway::get`].
    Get,
    /// [`Byway::probe`].
    Probe,
    /// [`Byway::fetch_attachment`].
    Attachment,
}

impl Action {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Action::Open => "open",
            Action::Sync => "sync",
            Action::Get => "get",
            Action::Probe => "probe",
            Action::Attachment => "attachment",
        }
    }
}

/// One access: when, what, and how it went.
///
/// `Display` and `Debug` leave out what was read, by which proxy and at which addresses: they can be shown to somebody
/// who helps.
#[derive(Clone)]
#[non_exhaustive]
pub struct Access {
    /// When it began.
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
        write!(f, "{at:.0} {} {} {} by {by}", action.code(), verdict.code.as_str(), verdict.rule)?;
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
pub(super) struct Report(Mutex<VecDeque<Access>>);

impl Report {
    pub(super) fn add(&self, at: Timestamp, action: Action, reachability: &Reachability) {
        if reachability.attempts.is_empty() {
            return;
        }
        let mut accesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if accesses.len() >= ACCESSES {
            accesses.pop_front();
        }
        let mut reachability = reachability.clone();
        reachability.attempts.truncate(ATTEMPTS);
        accesses.push_back(Access { at, action, reachability });
    }

    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn all(&self) -> Vec<Access> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Byway {
    /// How the latest accesses went, oldest first: those of this process, and no more than the last [`ACCESSES`]. They
    /// are in memory only, and forgotten by [`lock`](Byway::lock) and [`wipe`](Byway::wipe).
    pub fn report(&self) -> Vec<Access> {
        self.report.all()
    }
}

/// What a person scrolls through to find what went wrong today.
pub const ACCESSES: usize = 50;

/// Of one access: ten ways, each for a few calls.
const ATTEMPTS: usize = 64;
