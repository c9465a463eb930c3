//! The posts and gatherings of the files that were read.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::community::{Event, Post, PostState};
use crate::signed::{Admission, Change, Content as SignedContent, EventError, FileEntry, FileReader, ReadLine};
use crate::source::ReadOptions;

/// What was made of the files.
#[derive(Default)]
pub(super) struct ParsedFiles {
    posts: BTreeMap<String, Post>,
    events: BTreeMap<String, Event>,
    /// How many lines were not taken.
    pub(super) odd: usize,
}

impl ParsedFiles {
    /// Verifies a file and takes its content. Other readings have their turn between the pieces of a large file.
    pub(super) async fn take(
        &mut self,
        bytes: &[u8],
        file: &FileEntry,
        admission: Admission<'_>,
        content: &mut SignedContent,
    ) {
        let mut reader = FileReader::new(admission, file);
        for piece in bytes.chunks(PIECE) {
            if reader.push(piece, &mut |line| self.line(line, content)).is_err() {
                self.odd += 1;
                return;
            }
            tokio::task::yield_now().await;
        }
        self.odd += usize::from(reader.finish(&mut |line| self.line(line, content)).is_err());
    }

    pub(super) fn line(&mut self, line: ReadLine, content: &mut SignedContent) {
        match line {
            // The newest content is in the file of its month as well.
            Ok((event, role)) => self.change(content.take(&event, role).unwrap_or_default()),
            // The state of the community says that nothing after its freeze counts.
            Err(EventError::Frozen) => {}
            Err(_) => self.odd += 1,
        }
    }

    pub(super) fn change(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            match change {
                Change::Post(post) => drop(self.posts.insert(post.id.clone(), post)),
                Change::Gathering(event) => drop(self.events.insert(event.id.to_string(), event)),
            }
        }
    }

    pub(super) fn into_shown(mut self) -> (Vec<Post>, Vec<Event>) {
        self.take_shown()
    }

    /// Hands out what was made so far.
    pub(super) fn take_shown(&mut self) -> (Vec<Post>, Vec<Event>) {
        let (posts, events) = (std::mem::take(&mut self.posts), std::mem::take(&mut self.events));
        (posts.into_values().collect(), events.into_values().collect())
    }

    /// Whether a reading wants more posts than there are.
    pub(super) fn wants_more(&self, how: &ReadOptions) -> bool {
        let is_reached = |since: Timestamp| self.posts.values().any(|post| post.created.is_some_and(|at| at <= since));
        let shown = self.posts.values().filter(|post| post.state != PostState::Removed).count();
        shown < how.posts || how.since.is_some_and(|since| !is_reached(since))
    }
}

/// The bytes that are verified without a pause: some milliseconds.
const PIECE: usize = 64 << 10;
