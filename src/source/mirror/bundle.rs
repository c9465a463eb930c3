//! A bundle is a mirror in one file. It is verified against the same state as a mirror is, without any network.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::described::described;
use super::held::VerifiedState;
use super::months::Months;
use super::parsed::ParsedFiles;
use super::reading::note_fault;
use super::shown::one_line;
use crate::community::{Community, Event, Post};
use crate::signed::{
    Admission, Bundle, ChainError, Content as SignedContent, Digest, FileEntry, FileError, NEWEST, NotGenuine,
};
use crate::source::{Memory, SourceNote};

/// What a bundle adds to what is kept of a community.
pub(crate) struct Unpacked {
    pub(crate) community: Community,
    pub(crate) posts: Vec<Post>,
    pub(crate) events: Vec<Event>,
    pub(crate) notes: Vec<SourceNote>,
    pub(crate) memory: Memory,
    /// When the newest known head was signed: what is taken is not newer than that.
    pub(crate) issued: Timestamp,
}

/// Verifies a bundle and takes what is genuine of it. Blocks: signatures are verified on all cores.
///
/// # Errors
/// No charter or no head of the bundle is genuine, and nothing was known before.
pub(crate) fn unpack(bundle: &Bundle<'_>, known: &Memory, at: Timestamp) -> Result<Unpacked, NotGenuine> {
    let mut held = VerifiedState::of(known, bundle.id, at);
    let mut notes: Vec<SourceNote> = Vec::new();
    for charter in &bundle.charters {
        if let Err(fault) = held.take(bundle.id, charter, at) {
            if held.chain.is_none() {
                return Err(NotGenuine::new(fault));
            }
            note_fault(&mut notes, fault);
            break;
        }
    }
    if let Err(fault) = held.take(bundle.id, &bundle.head, at) {
        if held.heads.newest().is_none() {
            return Err(NotGenuine::new(fault));
        }
        note_fault(&mut notes, fault);
    }
    if let Some(freeze) = &bundle.freeze
        && let Err(fault) = held.take(bundle.id, freeze, at)
    {
        note_fault(&mut notes, fault);
    }
    let (Some(chain), Some(head)) = (held.chain.clone(), held.heads.newest().cloned()) else {
        return Err(NotGenuine::new(ChainError::Gap));
    };
    let id = chain.id().community_id().ok_or_else(|| NotGenuine::new(ChainError::OtherCommunity))?;
    let charter = chain.in_force(at);
    let admission = Admission::new(&chain, &head, held.freeze.as_ref(), at);
    let mut content = SignedContent::new(id.clone(), one_line(&charter.name));
    let mut files: Vec<&FileEntry> = head.files.iter().collect();
    files.sort_by_key(|file| (file.name != NEWEST, Reverse(&file.name)));
    let mut months = Months::new(held.months.take(), &files);
    let mut read = ParsedFiles::default();
    for file in files {
        let bytes = bundle.file(&file.name).map(|bytes| whole(bytes, file));
        let taken = bytes.map(|bytes| read.take_at_once(bytes?, file, admission, &mut content));
        match taken {
            Some(Ok(())) => months.was_read(file),
            Some(Err(fault)) => note_fault(&mut notes, fault.into()),
            None => {}
        }
        // A month that is missing may delete what an earlier one holds.
        if file.name != NEWEST && !matches!(taken, Some(Ok(()))) {
            break;
        }
    }
    // What was read later than the deletion stands: the store compares the versions.
    read.change(content.removed_unread());
    held.months = Some(months.into_kept());
    notes.extend((read.odd > 0).then_some(SourceNote::PostsOdd { count: read.odd }));
    let left_out = content.deletions_left_out();
    notes.extend((left_out > 0).then_some(SourceNote::DeletionsCut { count: left_out }));
    notes.splice(0..0, held.trust(at));
    let community = described(Community::new(id, one_line(&charter.name)), charter, None);
    let (posts, events) = read.into_shown();
    Ok(Unpacked { community, posts, events, notes, memory: held.to_memory(), issued: head.issued })
}

/// The bytes of a file that the head names. What follows them in a month is newer. All of them are compared before any is
/// taken: a cut file could lack a deletion.
fn whole<'a>(bytes: &'a [u8], file: &FileEntry) -> Result<&'a [u8], FileError> {
    let end = usize::try_from(file.bytes).map_err(|_| FileError::TooShort)?;
    let counted = bytes.get(..end).ok_or(FileError::TooShort)?;
    if counted.len() < bytes.len() && !file.only_grows() {
        return Err(FileError::TooLong);
    }
    if Digest::of(counted) == file.sha256 { Ok(counted) } else { Err(FileError::Digest) }
}
