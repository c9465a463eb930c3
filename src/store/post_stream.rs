//! All posts of a community, one page at a time.

use std::collections::VecDeque;

use super::{Cursor, Store, StoreError};
use crate::community::{CommunityId, Post};

impl Store {
    /// All posts, newest first, one page at a time: memory does not grow with their number, and other calls may use the
    /// store between pages.
    pub(crate) fn all_posts(&self, id: &CommunityId) -> Posts {
        Posts { store: self.clone(), id: id.clone(), ready: VecDeque::new(), next: None, begun: false }
    }
}

/// All posts of a community: see [`Store::all_posts`]. The iterator ends after an error.
#[derive(Debug)]
#[must_use]
pub struct Posts {
    store: Store,
    id: CommunityId,
    ready: VecDeque<Post>,
    next: Option<Cursor>,
    begun: bool,
}

impl Iterator for Posts {
    type Item = Result<Post, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !(self.begun && self.next.is_none()) {
            self.begun = true;
            match self.store.posts(&self.id, self.next.take().as_ref(), STREAM_PAGE) {
                Ok(page) => {
                    self.ready = page.items.into();
                    self.next = page.next;
                }
                Err(error) => return Some(Err(error)),
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

/// The most posts that a stream holds in memory.
const STREAM_PAGE: usize = 256;
