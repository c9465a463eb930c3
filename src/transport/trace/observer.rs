//! Events of an attempt for its observer.

use std::fmt;
use std::net::IpAddr;

use super::super::{Stage, TorProgress};

/// Receives what an attempt records, while it is under way.
pub trait AttemptObserver: fmt::Debug + Send + Sync + 'static {
    /// Called as soon as the event is recorded. It must not wait.
    fn observe(&self, event: AttemptEvent);
}

/// An event for an [`AttemptObserver`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptEvent {
    /// A stage begins.
    Entered(Stage),
    /// This address is dialled.
    Dialled(IpAddr),
    /// The first byte of the answer came.
    FirstByte,
    /// The Tor within this process starts, and has come so far.
    TorStarts(TorProgress),
    /// A body that broke off on another attempt continues here.
    Continued {
        /// The first byte of the body that this attempt reads.
        from: u64,
    },
}
