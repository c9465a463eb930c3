//! The files of a mirror that its head names: whole, or the rest of a month that has grown, and the pictures under their digests.

use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use tokio::time::Instant;

use super::super::behaviour::says_absent;
use super::super::judge::Expected;
use super::{HeadAnswer, Reading, succeeded};
use crate::community::{Attachment, Post};
use crate::exposure::Exposure;
use crate::fetch::Stop;
use crate::signed::{Digest, FileEntry, FileError, Unbelieved};
use crate::source::SourceError;

impl Reading<'_> {
    /// Whether it was asked for this file and did not give it, or was too slow with another one.
    pub(in crate::source::mirror) fn has_not_given(&self, file: &FileEntry) -> bool {
        self.is_stalled || self.not_given.contains(&file.sha256)
    }

    /// It was too slow with a file: in this reading it is asked for no other one.
    pub(in crate::source::mirror) fn did_not_give(&mut self, file: &FileEntry) {
        self.is_stalled = true;
        self.not_given.insert(file.sha256);
    }

    /// The bytes of a file. The error has no fault if nothing is proved: the mirror was not reached, answered with an error, or was
    /// stopped. `is_due`: the mirror gave the head that names the file, so it is at fault if it does not give it. If it is not, it is
    /// asked once, and what it does not have enters no account.
    ///
    /// A file that is not the one of the head may come of an upload that is under way. So the mirror is asked for its head once
    /// more before it is said to be at fault; a newer one is taken, and the caller reads that one's files.
    pub(in crate::source::mirror) async fn file(
        &mut self,
        file: &FileEntry,
        is_due: bool,
        stop: Stop,
    ) -> Result<Vec<u8>, Option<Unbelieved>> {
        let expected = match usize::try_from(file.bytes) {
            Ok(bytes) if file.only_grows() => Expected::Grown(file.sha256, bytes),
            _ => Expected::File(file.sha256),
        };
        self.stop = Some(stop.clone());
        let asked = self.attempts.len();
        if is_due && let Some(whole) = self.rest(file).await {
            self.not_given.remove(&file.sha256);
            return Ok(whole);
        }
        let judge = if is_due { expected.clone() } else { Expected::Perhaps(Box::new(expected.clone())) };
        let fetched = self.fetch(&file.name, judge, file.bytes.saturating_add(GROWTH), None).await;
        let fault: Option<Unbelieved> = match fetched.and_then(succeeded) {
            // It has another form of the file.
            Ok(response) if !expected.is(response.status, &response.body, true) => None,
            Ok(response) => {
                self.leave_out_where_known(asked);
                self.not_given.remove(&file.sha256);
                return Ok(response.body.to_vec());
            }
            Err(SourceError::Answer(_)) => Some(FileError::Digest.into()),
            Err(SourceError::Stated(said)) if says_absent(&said) => Some(FileError::Absent.into()),
            Err(SourceError::NotGenuine { fault, .. }) => Some(fault.what()),
            // Another home was quicker, or the reader's own time or allowance is used up.
            Err(_) if stop.is_over() || self.is_spent() => return Err(None),
            Err(_) => None,
        };
        if !is_due {
            self.leave_out_where_known(asked);
            self.not_given.insert(file.sha256);
            return Err(None);
        }
        if fault == Some(FileError::Digest.into()) && self.has_newer_head().await {
            return Err(None);
        }
        self.not_given.insert(file.sha256);
        if let Some(fault) = fault {
            self.refuse(fault);
        }
        Err(fault)
    }

    /// Asks for the head once more, and takes it if it is newer than the one that this mirror gave.
    async fn has_newer_head(&mut self) -> bool {
        if std::mem::replace(&mut self.was_asked_again, true) {
            return false;
        }
        let (before, newest) = (self.rank, self.settled().max(1));
        let Ok(HeadAnswer::Head(head, _)) = self.head(newest, None).await else { return false };
        // What is wrong with it is noted when its files are read, or at the next reading.
        let _ = self.read_charters(&head).await;
        let _ = self.take_head(&head);
        self.rank > before
    }

    /// Whether the reader's own time or allowance is used up.
    fn is_spent(&self) -> bool {
        let is_over = self.how.until.is_some_and(|until| Instant::now() >= until);
        is_over || self.how.allowance.as_ref().is_some_and(|allowance| allowance.is_spent())
    }

    /// The bytes of a month that has grown, of which only the rest is asked for (`Range`, RFC 9110 section 14.2). There is no
    /// `If-Range`: a file that has grown has another tag, and the digest shows whether the rest belongs to what is kept. What does not
    /// fit is no fault, because the whole is asked for then: `None`.
    async fn rest(&mut self, file: &FileEntry) -> Option<Vec<u8>> {
        let bytes = usize::try_from(file.bytes).ok()?;
        let may_be_given = self.address.folder.scheme() == "https" && self.how.exposure < Exposure::Tor;
        let growing = self
            .held
            .with(|held| held.growing.clone())
            .filter(|known| may_be_given && known.is_of(self.how.exposure, self.how.memory.identity))?;
        let kept = growing.text.as_bytes();
        if growing.name != file.name || kept.len() >= bytes {
            return None;
        }
        // Many readers ask for the same place, so that it tells less of when each read the last time.
        let from = kept.len() / RANGE_STEP * RANGE_STEP;
        let kept: Arc<[u8]> = kept.get(..from).filter(|kept| !kept.is_empty())?.into();
        let range = HeaderValue::try_from(format!("bytes={from}-")).ok()?;
        let expected = Expected::Rest(kept.clone(), file.sha256, bytes);
        let most = file.bytes.saturating_add(GROWTH);
        // A server may answer a request for the rest as it can. No other route would bring another answer of it.
        let judge = Expected::Perhaps(Box::new(expected.clone()));
        let response = self.fetch_range(&file.name, judge, most, None, Some(range)).await.and_then(succeeded).ok()?;
        if !expected.is(response.status, &response.body, true) {
            return None;
        }
        if response.status != StatusCode::PARTIAL_CONTENT {
            return Some(response.body.to_vec());
        }
        Some([&*kept, &*response.body].concat())
    }

    /// The pictures of a post lie on the mirror, each under its digest. By that name it is verified when it is fetched.
    pub(in crate::source::mirror) fn with_addresses(&self, mut post: Post) -> Post {
        for attachment in &mut post.attachments {
            if let Attachment::Photo { url, .. } = attachment {
                let is_digest = |name: &str| name.parse::<Digest>().is_ok();
                let file = url.take().filter(|path| path.strip_prefix("files/").is_some_and(is_digest));
                *url = file.and_then(|path| self.address.file(&path)).map(String::from);
            }
        }
        post
    }
}

/// The places at which the rest of a month begins.
const RANGE_STEP: usize = 4096;

/// What an upload adds to a file before its head is there: four of the largest events, or hundreds of ordinary ones.
const GROWTH: u64 = 256 << 10;
