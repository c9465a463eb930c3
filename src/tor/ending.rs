//! Why the client was ended: its streams, and who waits for its start, say so.

use std::io;
use std::sync::{Arc, OnceLock};

use super::fault::not_started;
use crate::net::EndedByApp;
use crate::transport::{Failure, TorStall};

/// The reason, once there is one. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<OnceLock<TorStall>>);

impl Ending {
    /// The first reason stands.
    pub(super) fn because(&self, why: TorStall) {
        let _ = self.0.set(why);
    }

    /// The reason. A client that is gone without one went with the app's handle.
    pub(super) fn stall(&self) -> TorStall {
        self.0.get().copied().unwrap_or(TorStall::Ended)
    }

    /// Why a stream was not opened, if the client had ended.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.0.get().map(|stall| not_started(*stall))
    }

    /// What a stream that ended says: the same, unless the app ended the client.
    pub(super) fn or_by_app<T>(&self, ended: io::Result<T>) -> io::Result<T> {
        if self.0.get() == Some(&TorStall::Ended) { Err(EndedByApp.into()) } else { ended }
    }
}
