//! What a reading is for, what it may take, and which readings are one.

use tokio::time::Instant;

use super::Action;
use super::known::Life;
use super::opened::OpenOptions;
use crate::exposure::Exposure;
use crate::fetch::Allowance;

/// What a reading is for, and what it may take.
#[derive(Clone, Debug)]
pub(super) struct ReadRequest {
    pub(super) how: OpenOptions,
    pub(super) action: Action,
    /// When it was asked for: of a reading that waits for its turn while the store is wiped, nothing is kept.
    pub(super) life: Life,
    /// When it is given up, if before the usual time.
    pub(super) until: Option<Instant>,
    pub(super) allowance: Option<Allowance>,
    /// Read on until what is kept already is met.
    pub(super) back_to_known: bool,
}

impl ReadRequest {
    pub(super) fn of(how: OpenOptions, action: Action) -> Self {
        Self { how, action, life: Life::default(), until: None, allowance: None, back_to_known: false }
    }

    /// Whether it has no limits but the client's own, and reads what any other one would.
    pub(super) fn is_unlimited(&self) -> bool {
        self.until.is_none() && self.allowance.is_none() && !self.back_to_known
    }
}

/// What a reading does. Two with equal values may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) home: String,
    pub(super) action: Action,
    pub(super) exposure: Exposure,
    pub(super) avoid_direct: bool,
    pub(super) how: OpenOptions,
    /// Nobody rides on a reading that a wipe has cut off from the store.
    pub(super) life: Life,
}
