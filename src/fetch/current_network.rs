//! The network that the device is on, as the engine knows it.

use crate::reach::NetworkId;

/// The network that the device is on.
#[derive(Clone, Debug, Default)]
pub(super) struct CurrentNetwork {
    pub(super) network: NetworkId,
    /// How often it changed.
    pub(super) changes: u64,
}
