//! Why a stream of this process ended, where the app itself ended what carried it.

use std::io;

/// The app sleeps, or its data are wiped, and what carried this stream was ended for that. Found inside an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the app ended what carried this stream")]
pub(crate) struct EndedByApp;

impl EndedByApp {
    /// Returns `true` if `error` contains this.
    pub(crate) fn is_in(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl From<EndedByApp> for io::Error {
    fn from(ended: EndedByApp) -> Self {
        Self::new(io::ErrorKind::ConnectionAborted, ended)
    }
}
