//! Which routes, in which order: policy, no sockets.
use std::time::Duration;

use crate::transport::{Destination, Exposure, Isolation, PrivateAddresses, Route, Strategy};

/// Whether a request may be sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Replay {
    /// It changes nothing: it may be sent again on another route at any time.
    Safe,
    /// It moves to another route only while none of its bytes was sent.
    Once,
}

/// The routes of one race, in order, each with the time after which silence starts the next.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The routes and their hedge delays.
    pub routes: Vec<(Route, Duration)>,
    /// Whether the request may be sent twice.
    pub replay: Replay,
    /// The request carries credentials: one route in flight at a time.
    pub credentials: bool,
    /// When to give up while no byte of an answer came on any route.
    pub budget: Duration,
}

/// Why no plan can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// No strategy was given.
    #[error("no strategy is configured; give at least one, for example `direct:`")]
    NoStrategy,
    /// None of the strategies fits the exposure.
    #[error("exposure `{exposure}` allows none of the configured strategies")]
    ExposureForbidsAll {
        /// The exposure.
        exposure: Exposure,
    },
}

/// What a plan is made for.
#[derive(Clone, Debug)]
pub struct Request {
    /// To whom.
    pub destination: Destination,
    /// Who may learn of it.
    pub exposure: Exposure,
    /// Whether private addresses may be dialled.
    pub private: PrivateAddresses,
    /// Whose circuits.
    pub isolation: Isolation,
    /// Whether it may be sent twice.
    pub replay: Replay,
    /// Whether it carries credentials.
    pub credentials: bool,
}

/// Orders the strategies for one request: those that the exposure forbids are left out, the ledger's winner on this network is first.
///
/// # Errors
/// See [`PlanError`].
pub fn plan(strategies: &[Strategy], request: &Request, ledger: &super::Ledger, network: &super::NetworkId) -> Result<Plan, PlanError> {
    let _ = (strategies, request, ledger, network);
    todo!()
}
