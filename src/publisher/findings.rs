//! What the comparison of a proposal with a folder found.

use jiff::Timestamp;

use super::waiting::WaitingRecovery;
use crate::signed::KeyFingerprint;

/// What a comparison with a folder found, for those who sign.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Findings {
    pub(super) losses: Vec<Loss>,
    pub(super) ends: Option<WaitingRecovery>,
}

/// Published items of one key that would no longer count.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) key: KeyFingerprint,
    pub(super) items: usize,
    /// The date of the first one.
    pub(super) since: Timestamp,
}
