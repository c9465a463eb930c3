//! A Tor client within the process, as the dialer sees it.
//!
//! The client itself is in the room `tor`, which is built with the feature of that name. This is what lies between: a stream
//! is asked for, and until Tor has started there is progress to report.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{Destination, Failure, TorProgress};
use crate::net::BoxStream;

/// Opens streams through Tor.
pub trait TorStreams: fmt::Debug + Send + Sync + 'static {
    /// Starts Tor if it does not run, and waits until it is ready. `progress` is called meanwhile. Returns how long the start
    /// took, if this waited for it.
    ///
    /// # Errors
    ///
    /// [`Cause::TorNotStarted`](super::Cause::TorNotStarted).
    fn start<'a>(
        &'a self,
        progress: &'a (dyn Fn(TorProgress) + Send + Sync),
    ) -> BoxFuture<'a, Result<Option<Duration>, Failure>>;

    /// A stream to this destination. Streams of one `circuit` share circuits, and those of two never do.
    ///
    /// # Errors
    ///
    /// Failures of the stage [`proxy`](super::Stage::Proxy), with the codes of a SOCKS port of Tor.
    fn connect<'a>(
        &'a self,
        destination: &'a Destination,
        circuit: &'a str,
    ) -> BoxFuture<'a, Result<BoxStream, Failure>>;
}
