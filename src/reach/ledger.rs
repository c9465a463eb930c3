//! What was learned about routes, per network.
use std::sync::Arc;
use std::time::Duration;

use super::Attempt;
use crate::transport::{Destination, Strategy};

/// The network the device is on now, as an opaque id that the app chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetworkId(pub String);

/// Where the ledger's bytes are kept. It does not look into them.
pub trait LedgerStorage: std::fmt::Debug + Send + Sync {
    /// What was saved last.
    fn load(&self) -> Option<Vec<u8>>;
    /// Keeps the bytes.
    fn save(&self, bytes: &[u8]);
}

/// The memory of routes.
#[derive(Debug)]
pub struct Ledger {
    storage: Option<Arc<dyn LedgerStorage>>,
}

impl Ledger {
    /// A memory that ends with the process.
    pub fn in_memory() -> Self {
        Self { storage: None }
    }

    /// Notes how an attempt on this network ended.
    pub fn note(&self, network: &NetworkId, destination: &Destination, attempt: &Attempt) {
        let _ = (network, destination, attempt, &self.storage);
    }

    /// The strategies in the order to try, with the usual first byte of the known winner.
    pub fn order(
        &self,
        network: &NetworkId,
        destination: &Destination,
        strategies: &[Strategy],
    ) -> Vec<(Strategy, Option<Duration>)> {
        let _ = (network, destination);
        strategies.iter().map(|strategy| (strategy.clone(), None)).collect()
    }
}
