//! Events of an attempt for its observer.

use std::fmt;
use std::net::IpAddr;

use super::super::Stage;

/// Gets what an attempt records, while it is under way.
pub trait AttemptObserver: fmt::Debug + Send + Sync + 'static {
    /// Called as soon as the event is recorded. It must not wait.
    fn observe(&self, event: AttemptEvent);
}

/// An event that an [`AttemptObserver`] gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptEvent {
    /// A stage begins.
    Entered(Stage),
    /// This address is dialled.
    Dialled(IpAddr),
    /// The first byte of the answer came.
    FirstByte,
    /// A body that broke off elsewhere goes on here.
    Continued {
        /// From which byte of the body on.
        from: u64,
    },
}
