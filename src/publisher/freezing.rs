//! Where a freeze is published: in folders and on servers, of which some have one already.

use std::path::Path;

use jiff::Timestamp;

use super::error::PublishError;
use super::files::{Files, ReadFiles as _};
use super::mirror::{FREEZE, Mirror};
use super::proposal::{Next, Proposal};
use crate::signed::{Chain, DocumentKind, Envelope, Freeze, FreezeError};

/// Puts a freeze into a folder that carries the community: of an admin, or of a web server. It needs no keys. Readers trust nothing
/// from then on that is signed later than it says, and no key takes that back. Of several freezes the earliest stays.
///
/// # Errors
/// [`PublishError::TooFewSigned`], [`PublishError::ProposalForeign`], [`PublishError::ProposalAhead`];
/// [`PublishError::ProposalForm`] if it is no freeze;
/// [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`].
pub fn place_freeze(folder: &Path, proposal: &Proposal, now: Timestamp) -> Result<(), PublishError> {
    if !folder.is_dir() {
        return Err(PublishError::Absent);
    }
    let mut files = Files::locked(folder)?;
    let chain = Mirror::read(&files, now)?.chain;
    let there = files.read(FREEZE, DocumentKind::Freeze.max_envelope() as u64)?;
    match placed_freeze(proposal, there.as_deref(), &chain, now)? {
        Some(bytes) => Ok(files.replace(FREEZE, &bytes)?),
        None => Ok(()),
    }
}

/// A freeze as a mirror gets it. `None` if the mirror has one that is as early.
///
/// # Errors
/// Those of [`place_freeze`] about the proposal.
pub(super) fn placed_freeze(
    proposal: &Proposal,
    there: Option<&[u8]>,
    chain: &Chain,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, PublishError> {
    let Next::Freeze(freeze) = &proposal.next else { return Err(PublishError::ProposalForm) };
    let envelope = proposal.published();
    Freeze::verify(&envelope, chain, now).map_err(|error| match error {
        FreezeError::Unsigned => PublishError::TooFewSigned,
        FreezeError::UnknownCharter => PublishError::ProposalAhead,
        _ => PublishError::ProposalForeign,
    })?;
    Ok(is_earlier(freeze, there, chain, now).then(|| envelope.to_json().into_bytes()))
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
