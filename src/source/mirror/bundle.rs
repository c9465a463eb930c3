//! A bundle is a mirror in one file, and a folder of this device may be one too. It is verified against the same state as a mirror is, without any network.
//!
//! Its content is handed on in batches, the newest first: a deletion comes before what it deletes. Beside the bytes of the bundle
//! only one batch is in memory, and what later lines are compared with.

use std::borrow::Cow;
use std::cmp::Reverse;

use jiff::Timestamp;

use super::carried::Carried;
use super::described::described;
use super::held::VerifiedState;
use super::months::Months;
use super::parsed::ParsedFiles;
use super::reading::note_fault;
use super::shown::one_line;
use crate::community::{Community, CommunityId, Event, Post};
use crate::signed::{
    Admission, Chain, ChainError, Content as SignedContent, Digest, FileEntry, FileError, Head, LinesFromEnd, NEWEST,
    NotGenuine,
};
use crate::source::{Memory, SourceNote};

/// What the charters and the head of a bundle say, with what was known before. They are verified; the content is not yet.
pub(crate) struct UnpackedState {
    held: VerifiedState,
    chain: Chain,
    head: Head,
    id: CommunityId,
    notes: Vec<SourceNote>,
}

/// What is left of a bundle when its content was handed on.
pub(crate) struct Unpacked {
    pub(crate) notes: Vec<SourceNote>,
    pub(crate) memory: Memory,
}

/// Takes the posts and gatherings of a batch.
pub(crate) type BatchSink<'a, E> = dyn FnMut(&[Post], &[Event]) -> Result<(), E> + 'a;

/// Verifies the charters, the head and the freeze of a mirror that was carried here.
///
/// # Errors
/// No charter or no head of the bundle is genuine, and nothing was known before.
pub(crate) fn unpack(carried: &dyn Carried, known: &Memory, at: Timestamp) -> Result<UnpackedState, NotGenuine> {
    let mut held = VerifiedState::of(known, carried.id(), at);
    let mut notes: Vec<SourceNote> = Vec::new();
    for charter in carried.charters() {
        if let Err(fault) = held.take(carried.id(), charter, at) {
            if held.chain.is_none() {
                return Err(NotGenuine::new(fault));
            }
            note_fault(&mut notes, fault);
            break;
        }
    }
    if let Err(fault) = held.take(carried.id(), carried.head(), at) {
        if held.heads.newest().is_none() {
            return Err(NotGenuine::new(fault));
        }
        note_fault(&mut notes, fault);
    }
    if let Some(freeze) = carried.freeze()
        && let Err(fault) = held.take(carried.id(), freeze, at)
    {
        note_fault(&mut notes, fault);
    }
    let (Some(chain), Some(head)) = (held.chain.clone(), held.heads.newest().cloned()) else {
        return Err(NotGenuine::new(ChainError::Gap));
    };
    let id = chain.id().community_id().ok_or_else(|| NotGenuine::new(ChainError::OtherCommunity))?;
    Ok(UnpackedState { held, chain, head, id, notes })
}

impl UnpackedState {
    /// What the charter in force says about the community.
    pub(crate) fn community(&self, at: Timestamp) -> Community {
        let charter = self.chain.in_force(at);
        described(Community::new(self.id.clone(), one_line(&charter.name)), charter, None)
    }

    /// When the newest known head was signed: what is taken is not newer than that.
    pub(crate) fn issued(&self) -> Timestamp {
        self.head.issued
    }

    /// Takes what is genuine of the content, and hands it on in batches. Blocks: signatures are verified on all cores.
    ///
    /// # Errors
    /// That of `sink`, which ends it.
    pub(crate) fn read<E>(
        mut self,
        carried: &dyn Carried,
        at: Timestamp,
        sink: &mut BatchSink<'_, E>,
    ) -> Result<Unpacked, E> {
        let admission = Admission::new(&self.chain, &self.head, self.held.freeze.as_ref(), at);
        let mut content = SignedContent::new(self.id.clone(), one_line(&self.chain.in_force(at).name));
        let mut files: Vec<&FileEntry> = self.head.files.iter().collect();
        files.sort_by_key(|file| (file.name != NEWEST, Reverse(&file.name)));
        if self.held.disputed_rank().is_some() {
            // Nobody knows which of two heads is meant, so nothing is taken of either.
            files.clear();
        }
        let mut months = Months::new(self.held.months.take(), &files);
        let mut read = ParsedFiles::default();
        let mut has_newest = !self.head.files.iter().any(|file| file.name == NEWEST);
        let mut hand_on = |read: &mut ParsedFiles| {
            let (posts, events) = read.take_shown();
            sink(&posts, &events)
        };
        for file in files {
            // An empty file is in no bundle.
            let carried = if file.bytes == 0 { Some(Ok(Cow::Borrowed(&[][..]))) } else { carried.file(file) };
            let bytes = carried.map(|bytes| whole(bytes?, file));
            let lines = bytes.as_ref().map(|bytes| match bytes {
                Ok(bytes) => LinesFromEnd::new(admission, bytes),
                Err(fault) => Err(*fault),
            });
            // A month that is missing may delete what an earlier one holds.
            let ends = file.name != NEWEST && !matches!(lines, Some(Ok(_)));
            match lines {
                Some(Ok(mut lines)) => {
                    while let Some(batch) = lines.next_batch() {
                        batch.into_iter().for_each(|line| read.line(line, &mut content));
                        hand_on(&mut read)?;
                    }
                    months.was_read(file);
                    has_newest |= file.name == NEWEST;
                }
                Some(Err(fault)) => note_fault(&mut self.notes, fault.into()),
                None => {}
            }
            if ends {
                break;
            }
        }
        // What was read later than the deletion stands: the store compares the versions.
        let mut removed = content.removed_unread().peekable();
        while removed.peek().is_some() {
            read.change(removed.by_ref().take(BATCH));
            hand_on(&mut read)?;
        }
        drop(removed);
        let Self { mut held, mut notes, .. } = self;
        if has_newest && months.unread() == 0 {
            held.files_were_read();
        }
        held.months = Some(months.into_kept());
        notes.extend((read.odd > 0).then_some(SourceNote::PostsOdd { count: read.odd }));
        let left_out = content.deletions_left_out();
        notes.extend((left_out > 0).then_some(SourceNote::DeletionsCut { count: left_out }));
        notes.splice(0..0, held.trust(at));
        Ok(Unpacked { notes, memory: held.to_memory() })
    }
}

/// The bytes of a file, if they are those that the head names. All of them are compared before any is taken: a cut file could lack a
/// deletion.
fn whole<'a>(bytes: Cow<'a, [u8]>, file: &FileEntry) -> Result<Cow<'a, [u8]>, FileError> {
    if Digest::of(&bytes) == file.sha256 { Ok(bytes) } else { Err(FileError::Digest) }
}

/// As many changes are handed on at once.
const BATCH: usize = 1024;
