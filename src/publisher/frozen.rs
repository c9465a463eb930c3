//! What a freeze in the folder of a community ends.

use std::io;

use jiff::Timestamp;

use super::community::Publisher;
use super::error::PublishError;
use super::files::ReadFiles;
use super::mirror::FREEZE;
use crate::community::{Trust, TrustReason, TrustState};
use crate::signed::{Chain, DocumentKind, Envelope, Freeze};

impl Publisher {
    /// The time of the freeze in this folder, if there is one: readers trust nothing that is signed later, and call the community
    /// disputed. An app says so before anything is written.
    pub fn frozen(&self, now: Timestamp) -> Option<Timestamp> {
        time_of(&self.files, &self.chain, now)
    }

    /// Refuses to sign what readers would not take: something of this time, after the freeze.
    pub(super) fn refuse_after_freeze(&self, at: Timestamp, now: Timestamp) -> Result<(), PublishError> {
        if self.frozen(now).is_some_and(|after| after < at) { Err(PublishError::Frozen) } else { Ok(()) }
    }
}

/// What a web site says of a freeze.
pub(super) fn frozen_trust(after: Timestamp) -> Trust {
    Trust { reasons: vec![TrustReason::Frozen { after }], ..Trust::plain(TrustState::Disputed) }
}

/// What lies where a freeze belongs. What is longer than any freeze does not count.
pub(super) fn read_freeze(files: &impl ReadFiles) -> io::Result<Option<Vec<u8>>> {
    match files.read(FREEZE, DocumentKind::Freeze.max_envelope() as u64) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Ok(None),
        read => read,
    }
}

/// The time of the freeze in a folder. Anyone who can write there can leave something else in its place, which counts for nothing.
pub(super) fn time_of(files: &impl ReadFiles, chain: &Chain, now: Timestamp) -> Option<Timestamp> {
    let bytes = read_freeze(files).ok()??;
    Some(verified_freeze(&bytes, chain, now)?.after)
}

/// Whether a freeze has to take the place of what a mirror has there: nothing, something that is no freeze, or a later one.
pub(super) fn is_earlier(freeze: &Freeze, there: Option<&[u8]>, chain: &Chain, now: Timestamp) -> bool {
    let there = there.and_then(|bytes| verified_freeze(bytes, chain, now));
    there.is_none_or(|there| freeze.after < there.after)
}

/// The freeze in these bytes, if it is one of this community.
pub(super) fn verified_freeze(bytes: &[u8], chain: &Chain, now: Timestamp) -> Option<Freeze> {
    Freeze::verify(&Envelope::parse(bytes, DocumentKind::Freeze).ok()?, chain, now).ok()
}
