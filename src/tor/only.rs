//! One Tor client for each process: two would have two sets of guards, which is worse for a reader than one.

use std::sync::atomic::{AtomicBool, Ordering};

static EXISTS: AtomicBool = AtomicBool::new(false);

/// The right to be this process's Tor client.
#[derive(Debug)]
pub(super) struct OnlyClient(());

impl OnlyClient {
    /// `None` while there is another.
    pub(super) fn claim() -> Option<Self> {
        EXISTS.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_ok().then_some(Self(()))
    }
}

impl Drop for OnlyClient {
    fn drop(&mut self) {
        EXISTS.store(false, Ordering::Release);
    }
}
