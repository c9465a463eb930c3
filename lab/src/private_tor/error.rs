//! Why there is no private network.

use std::io;

/// Why there is no private network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateTorError {
    /// A program is not installed.
    #[error("the program `{program}` is not installed; it is in the package `tor` of Debian and others")]
    Missing {
        /// Its name.
        program: &'static str,
    },
    /// A file, a port or a process.
    #[error("the private Tor network could not be set up: {0}")]
    Io(#[from] io::Error),
    /// A program did not do what was expected.
    #[error("the private Tor network did not start: {what}; its programs said:\n{log}")]
    NotStarted {
        /// What was waited for.
        what: String,
        /// The ends of the logs.
        log: String,
    },
}
