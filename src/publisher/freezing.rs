//! Where a freeze is published: in folders and on servers, of which some have one already.

use std::path::Path;

use jiff::Timestamp;

use super::community::page_language;
use super::error::PublishError;
use super::files::Files;
use super::frozen::{is_earlier, read_freeze, time_of};
use super::mirror::{FREEZE, Mirror};
use super::proposal::{Next, Proposal};
use super::state::SiteContent;
use crate::signed::{Chain, Freeze, FreezeError};

/// Puts a freeze into a folder that carries the community: of an admin, or of a web server. It needs no keys. Readers trust nothing
/// from then on that is signed later than it says, and no key takes that back. Of several freezes the earliest stays. The web page in the
/// folder says so at once, and shows nothing that is later.
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
    let Mirror { chain, head, events, .. } = Mirror::read(&files, now)?;
    let there = read_freeze(&files)?;
    if let Some(bytes) = placed_freeze(proposal, there.as_deref(), &chain, now)? {
        files.replace(FREEZE, &bytes)?;
    }
    // Last, so that a publisher that was killed in between is continued by the next one.
    let says = (page_language(&files).unwrap_or_default(), time_of(&files, &chain, now));
    Ok(SiteContent::of_state((&chain, head.issued), &events, says, now).site().write_into(&mut files)?)
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
