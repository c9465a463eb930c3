//! The device's present network, for the engine.

use crate::reach::NetworkId;

/// The device's present network.
#[derive(Clone, Debug, Default)]
pub(super) struct CurrentNetwork {
    pub(super) network: NetworkId,
    /// The number of changes so far.
    pub(super) changes: u64,
}
