//! What one reading writes: a community with its posts and events.

use std::borrow::Cow;

use jiff::Timestamp;

use super::changes::{List, Tally};
use super::communities::{community, merge_community};
use super::limits::{evict, shrink_after};
use super::pictures;
use super::sealed_list::{self, BatchOutcome};
use super::settings::Settings;
use super::taken_back::{Judged, judge};
use super::{Store, StoreError};
use crate::community::{CalendarReading, Community, CommunityId, Event, Post};

/// The result of reading one community at one time.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The community's id.
    pub id: &'a CommunityId,
    /// The wall clock at the reading.
    pub read_at: Timestamp,
    /// The community itself, if it was read. Fields that it does not state keep their known value
    /// ([`Community::merge`]).
    pub community: Option<&'a Community>,
    /// Posts, in any order.
    pub posts: &'a [Post],
    /// Events, in any order.
    pub events: &'a [Event],
    /// The posts and the events continue a reading that found the list empty: what they add is not news.
    pub continues_first: FirstLists,
}

/// Which of a community's lists are read for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstLists {
    /// The list of posts.
    pub posts: bool,
    /// The list of events.
    pub events: bool,
}

impl<'a> Batch<'a> {
    /// An empty batch.
    pub fn new(id: &'a CommunityId, read_at: Timestamp) -> Self {
        Self { id, read_at, community: None, posts: &[], events: &[], continues_first: FirstLists::default() }
    }
}

impl Store {
    /// [`Store::upsert_reading`] of what is not read from a calendar.
    ///
    /// # Errors
    /// As [`Store::upsert_reading`].
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn upsert(&self, batch: &Batch<'_>) -> Result<BatchOutcome, StoreError> {
        self.upsert_reading(batch, None)
    }

    /// Stores a batch, all of it or nothing.
    ///
    /// The call is idempotent. An answer that does not state something never deletes it: a stated field replaces the
    /// known one, and a state (gone, removed, withheld) is kept beside the known content. Of two versions of a post,
    /// the one with the later edit time of its source wins, in whichever order they arrive; without edit times the last
    /// one to arrive wins.
    ///
    /// `reading`: what a calendar says about events that were read from it before. Those that it took back are marked, and an older
    /// answer of it changes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`], [`StoreError::DiskFull`], and the errors of every call.
    pub(crate) fn upsert_reading(
        &self,
        batch: &Batch<'_>,
        reading: Option<&CalendarReading>,
    ) -> Result<BatchOutcome, StoreError> {
        self.with(|database| {
            let (mut kept, evicted, mut changes) = database.write(|tx| {
                let (settings, mut kept, mut tally) = (Settings::load(tx)?, BatchOutcome::default(), Tally::default());
                let oldest = settings.oldest(batch.read_at);
                let (before, had_no_posts) = (community(tx, batch.id)?, sealed_list::has_no_posts(tx, batch.id)?);
                if let Some(community) = batch.community {
                    // A wall without a post says nothing about the pinned post.
                    merge_community(tx, batch.id, community, !batch.posts.is_empty(), batch.read_at, &mut tally)?;
                }
                let unnamed =
                    sealed_list::upsert(tx, batch.id, batch.posts, batch.read_at, oldest, &mut kept, &mut tally)?;
                pictures::remove(tx, batch.id, &unnamed)?;
                let judged = match reading {
                    Some(reading) => judge(tx, batch.id, batch.events, reading, batch.read_at, &mut tally)?,
                    None => Judged { events: Cow::Borrowed(batch.events), outdated: Vec::new() },
                };
                kept.outdated = judged.outdated;
                sealed_list::upsert(tx, batch.id, &judged.events, batch.read_at, oldest, &mut kept, &mut tally)?;
                let FirstLists { posts, events } = batch.continues_first;
                let continued = [(List::Posts, posts), (List::Events, events)];
                continued.into_iter().filter(|(_, first)| *first).for_each(|(list, _)| tally.first(batch.id, list));
                match before {
                    None => {
                        tally.first(batch.id, List::Posts);
                        tally.first(batch.id, List::Events);
                    }
                    // These items existed when the community was read before, but its list of posts was not read.
                    Some(before) if had_no_posts && tally.all_added_by(batch.id, List::Posts, before.synced_at) => {
                        tally.first(batch.id, List::Posts);
                    }
                    Some(_) => {}
                }
                let evicted = evict(tx, settings.limit(), &mut tally)?;
                kept.evicted = evicted.items;
                Ok((kept, evicted, tally.finish()))
            })?;
            shrink_after(database, evicted)?;
            self.tell(&changes);
            kept.changes = changes.remove(batch.id).unwrap_or_default();
            Ok(kept)
        })
    }

    #[cfg(feature = "internals")]
    /// [`Store::upsert`] of a community alone.
    ///
    /// # Errors
    /// As [`Store::upsert`].
    pub(crate) fn upsert_community(&self, community: &Community, read_at: Timestamp) -> Result<(), StoreError> {
        let batch = Batch { community: Some(community), ..Batch::new(&community.id, read_at) };
        self.upsert(&batch).map(drop)
    }

    #[cfg(feature = "internals")]
    /// [`Store::upsert`] of posts alone.
    ///
    /// # Errors
    /// As [`Store::upsert`].
    pub(crate) fn upsert_posts(
        &self,
        id: &CommunityId,
        posts: &[Post],
        read_at: Timestamp,
    ) -> Result<BatchOutcome, StoreError> {
        self.upsert(&Batch { posts, ..Batch::new(id, read_at) })
    }

    #[cfg(feature = "internals")]
    /// [`Store::upsert`] of events alone.
    ///
    /// # Errors
    /// As [`Store::upsert`].
    pub(crate) fn upsert_events(
        &self,
        id: &CommunityId,
        events: &[Event],
        read_at: Timestamp,
    ) -> Result<BatchOutcome, StoreError> {
        self.upsert(&Batch { events, ..Batch::new(id, read_at) })
    }
}
