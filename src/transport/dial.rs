//! Turns a leg into a connected stream.
use std::net::SocketAddr;
use std::sync::Arc;

use super::{Destination, Failure, Leg, Route, Trace};
use crate::net::{BoxStream, Net};

/// Opens streams along routes, over one [`Net`].
#[derive(Debug)]
pub struct Dialer {
    net: Arc<dyn Net>,
    overrides: Overrides,
}

/// Addresses given by hand for `HOST:PORT`, as curl's `--resolve`. They replace the lookup of direct routes only.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    entries: Vec<(Destination, Vec<SocketAddr>)>,
}

impl Overrides {
    /// Adds an address for a destination.
    pub fn add(&mut self, destination: Destination, address: std::net::IpAddr) {
        let _ = (destination, address);
        todo!()
    }
}

impl Dialer {
    /// A dialer over `net`. Draws a secret of its own for Tor's isolation.
    pub fn new(net: Arc<dyn Net>, overrides: Overrides) -> Self {
        Self { net, overrides }
    }

    /// The leaf.
    pub fn net(&self) -> &Arc<dyn Net> {
        &self.net
    }

    /// Makes a route dialable: a direct one becomes a leg an address, in the order to try (RFC 8305 section 4);
    /// any other is one leg, and nothing is looked up.
    ///
    /// # Errors
    /// [`super::Stage::Dns`] failures, and [`super::Cause::Forbidden`] where exposure or the address rule forbids it.
    pub async fn resolve(&self, route: &Route, trace: &Trace) -> Result<Vec<Leg>, Failure> {
        let _ = (route, trace);
        todo!()
    }

    /// Connects. The stream leads to the destination, through the proxy where there is one; TLS with the destination
    /// is not made here.
    ///
    /// # Errors
    /// Failures of the stages tcp and proxy (dns for a proxy's own name).
    pub async fn dial(&self, leg: &Leg, trace: &Trace) -> Result<BoxStream, Failure> {
        let _ = (leg, trace);
        todo!()
    }
}
