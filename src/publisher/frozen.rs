//! What a freeze in the folder of a community ends.

use jiff::Timestamp;

use super::community::Publisher;
use super::error::PublishError;
use super::files::ReadFiles;
use super::freezing::verified_freeze;
use super::mirror::FREEZE;
use crate::community::{Trust, TrustReason, TrustState};
use crate::signed::{Chain, DocumentKind};

impl Publisher {
    /// The time of the freeze in this folder, if there is one: readers trust nothing that is signed later, and call the community
    /// disputed. An app says so before anything is written.
    pub fn frozen(&self, now: Timestamp) -> Option<Timestamp> {
        time_of(&self.files, &self.chain, now)
    }

    /// What a web site says of the freeze.
    pub(super) fn frozen_trust(&self, now: Timestamp) -> Option<Trust> {
        let reasons = vec![TrustReason::Frozen { after: self.frozen(now)? }];
        Some(Trust { reasons, ..Trust::plain(TrustState::Disputed) })
    }

    /// Refuses to sign what readers would not take: something of this time, after the freeze.
    pub(super) fn refuse_after_freeze(&self, at: Timestamp, now: Timestamp) -> Result<(), PublishError> {
        if self.frozen(now).is_some_and(|after| after < at) { Err(PublishError::Frozen) } else { Ok(()) }
    }
}

/// The time of the freeze in a folder. Anyone who can write there can leave something else in its place, which counts for nothing.
pub(super) fn time_of(files: &impl ReadFiles, chain: &Chain, now: Timestamp) -> Option<Timestamp> {
    let bytes = files.read(FREEZE, DocumentKind::Freeze.max_envelope() as u64).ok()??;
    Some(verified_freeze(&bytes, chain, now)?.after)
}
