//! A bundle is a mirror in one file, and a folder of this device may be one too. It is verified against the same state as a mirror is, without any network.
//!
//! Its content is handed on in batches, the newest first: a deletion comes before what it deletes. Beside the bytes of the bundle
//! only one batch is in memory, and what later lines are compared with.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::carried::Carried;
use super::described::described;
use super::held::VerifiedState;
use super::months::Months;
use super::parsed::ParsedFiles;
use super::reading::note_fault;
use crate::community::{Attachment, Community, CommunityId, Event, Post, PostState, shown_line};
use crate::signed::{
    Admission, Chain, ChainError, Content as SignedContent, Digest, Envelope, FileEntry, FileError, Head, HeadError,
    LinesFromEnd, NEWEST, NotGenuine, picture_digest,
};
use crate::source::{Memory, SourceNote};

/// What the charters and the head of a bundle say, with what was known before. They are verified; the content is not yet.
pub(crate) struct UnpackedState {
    held: VerifiedState,
    chain: Chain,
    /// `None` if a freeze trusts none that is known.
    head: Option<Head>,
    id: CommunityId,
    notes: Vec<SourceNote>,
    /// The head that was carried is an older one than the known one, which says nothing of the files beside it.
    is_older: bool,
}

/// What is left of a bundle when its content was handed on.
pub(crate) struct Unpacked {
    pub(crate) notes: Vec<SourceNote>,
    pub(crate) memory: Memory,
    /// The pictures that its posts name, those of the newest first, each with the id of a post.
    pub(crate) pictures: Vec<(String, Digest)>,
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
    // As at a mirror, the head counts by the charter that it names: a publisher may have ended between a charter with other keys and the
    // head under it.
    let named = Head::read(carried.head()).map_or(u64::MAX, |head| head.charter.max(1));
    let charters = carried.charters();
    let named = usize::try_from(named).map_or(charters.len(), |named| named.min(charters.len()));
    let (charters, later) = charters.split_at(named);
    let mut fits = true;
    for charter in charters {
        if let Err(fault) = held.take(carried.id(), charter, at) {
            if held.chain.is_none() {
                return Err(NotGenuine::new(fault));
            }
            note_fault(&mut notes, fault);
            fits = false;
            break;
        }
    }
    let mut is_older = false;
    if let Err(fault) = held.take(carried.id(), carried.head(), at) {
        is_older = fault == HeadError::Rollback.into() || is_of_earlier_charter(&held, carried.head());
        if held.heads.newest().is_none() && held.freeze.is_none() {
            return Err(NotGenuine::new(fault));
        }
        if is_older {
            notes.push(SourceNote::OlderThanKnown);
        } else {
            note_fault(&mut notes, fault);
        }
    }
    for charter in later.iter().take_while(|_| fits) {
        if let Err(fault) = held.take(carried.id(), charter, at) {
            note_fault(&mut notes, fault);
            break;
        }
    }
    if let Some(freeze) = carried.freeze()
        && let Err(fault) = held.take(carried.id(), freeze, at)
    {
        note_fault(&mut notes, fault);
    }
    let Some(chain) = held.chain.clone() else { return Err(NotGenuine::new(ChainError::Gap)) };
    let head = held.heads.newest().cloned();
    if head.is_none() {
        // A freeze beside the head, or one that was known, trusts nothing of its time. The charters and the freeze are shown.
        note_fault(&mut notes, HeadError::Frozen.into());
    }
    let id = chain.id().community_id().ok_or_else(|| NotGenuine::new(ChainError::OtherCommunity))?;
    Ok(UnpackedState { held, chain, head, id, notes, is_older })
}

/// Whether a head was signed under a charter before the newest known one: genuine then, and no longer taken.
fn is_of_earlier_charter(held: &VerifiedState, envelope: &Envelope) -> bool {
    let (Some(chain), Ok(head)) = (&held.chain, Head::read(envelope)) else { return false };
    head.community == chain.id()
        && head.charter < chain.newest_version()
        && chain.digest(head.charter) == Some(head.charter_digest)
        && chain.charter(head.charter).is_some_and(|charter| envelope.is_signed_by(&charter.routine, 1))
}

impl UnpackedState {
    /// What the charter in force says about the community.
    pub(crate) fn community(&self, at: Timestamp) -> Community {
        let charter = self.chain.in_force(at);
        described(Community::new(self.id.clone(), shown_line(&charter.name)), charter, None)
    }

    /// When the newest known head was signed: what is taken is not newer than that.
    pub(crate) fn issued(&self) -> Timestamp {
        let founded = || self.chain.charter(1).map_or(Timestamp::MIN, |charter| charter.issued);
        self.head.as_ref().map_or_else(founded, |head| head.issued)
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
        let head = self.head.take();
        let admission = head.as_ref().map(|head| Admission::new(&self.chain, head, self.held.freeze.as_ref(), at));
        let mut content = SignedContent::new(self.id.clone(), shown_line(&self.chain.in_force(at).name));
        let mut files = head.as_ref().map(Head::newest_first).unwrap_or_default();
        if self.held.disputed_rank().is_some() {
            // Nobody knows which of two heads is meant, so nothing is taken of either.
            files.clear();
        }
        // Of a community of which nothing was read before, every file is wanted: nothing else tells a month that was cut off from one that
        // was not asked for.
        let is_first = self.held.months.is_none();
        // Nothing is missing then, whatever else came along: what is refused below replaces nothing.
        let has_all = !is_first && !self.held.is_unread();
        let mut months = Months::new(self.held.months.take().or_else(|| Some(BTreeMap::new())), &files);
        let mut absent = if is_first { files.len() } else { 0 };
        let mut read = ParsedFiles::default();
        let mut has_newest = !files.iter().any(|file| file.name == NEWEST);
        let mut pictures = NamedPictures::default();
        let mut hand_on = |read: &mut ParsedFiles| {
            let (mut posts, events) = read.take_shown();
            posts.iter_mut().for_each(|post| pictures.name(post));
            sink(&posts, &events)
        };
        for (file, admission) in files.into_iter().filter_map(|file| Some((file, admission?))) {
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
                    content.forget_handed_on();
                    months.was_read(file);
                    absent = absent.saturating_sub(1);
                    has_newest |= file.name == NEWEST;
                }
                // An older file is what an older head names.
                Some(Err(_)) if self.is_older => {}
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
        let Self { mut held, mut notes, is_older, .. } = self;
        let absent = if has_all { 0 } else { absent.max(months.unread() + usize::from(!has_newest)) };
        if absent == 0 {
            held.files_were_read();
        } else if !is_older {
            notes.push(SourceNote::FilesUnread { count: absent });
        }
        held.months = Some(months.into_kept());
        notes.extend((read.odd > 0).then_some(SourceNote::PostsOdd { count: read.odd }));
        let left_out = content.deletions_left_out();
        notes.extend((left_out > 0).then_some(SourceNote::DeletionsCut { count: left_out }));
        notes.splice(0..0, held.trust(at));
        Ok(Unpacked { notes, memory: held.to_memory(), pictures: pictures.into_newest_first() })
    }
}

/// The pictures of the posts that were handed on.
#[derive(Default)]
struct NamedPictures {
    /// By their digests: when a post that names it was published, and its id.
    posts: HashMap<Digest, (Option<Timestamp>, String)>,
}

impl NamedPictures {
    /// Notes the pictures of a post. An address that is no picture of the mirror is removed: a post leads to no other host.
    fn name(&mut self, post: &mut Post) {
        for attachment in &mut post.attachments {
            let Attachment::Photo { url, .. } = attachment else { continue };
            let digest = url.as_deref().and_then(picture_digest);
            *url = url.take().filter(|_| digest.is_some());
            let Some(digest) = digest.filter(|_| post.state != PostState::Removed) else { continue };
            if self.posts.len() < MAX_PICTURES {
                self.posts.entry(digest).or_insert_with(|| (post.created, post.id.clone()));
            }
        }
    }

    fn into_newest_first(self) -> Vec<(String, Digest)> {
        let mut named: Vec<_> = self.posts.into_iter().collect();
        named.sort_by(|(one, (one_at, _)), (other, (other_at, _))| (other_at, one).cmp(&(one_at, other)));
        named.into_iter().map(|(digest, (_, post))| (post, digest)).collect()
    }
}

/// The bytes of a file, if they are those that the head names. All of them are compared before any is taken: a cut file could lack a
/// deletion.
fn whole<'a>(bytes: Cow<'a, [u8]>, file: &FileEntry) -> Result<Cow<'a, [u8]>, FileError> {
    if Digest::of(&bytes) == file.sha256 { Ok(bytes) } else { Err(FileError::Digest) }
}

/// As many pictures are looked for: more than a bundle holds, and few megabytes of names. The posts of the newest files come first.
const MAX_PICTURES: usize = 20_000;

/// As many changes are handed on at once.
const BATCH: usize = 1024;
