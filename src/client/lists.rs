//! What is kept on the device, in lists and pages that an app can show, and what an app can set for a kept community.

use super::Byway;
use super::known::KnownPage;
use super::link::{HomeLink, given_url};
use super::opml::Opml;
use crate::community::{CommunityId, Event, Home, Post};
use crate::exposure::Exposure;
use crate::store::{
    Cursor, ListPage, Search, SearchHit, Store, StoreChanges, StoreError, StoredCommunity, UpcomingEvent,
    UpcomingOptions,
};

/// Where to search, and how many results to return.
#[derive(Clone, Copy, Debug)]
pub struct SearchOptions<'a> {
    /// Search only this community; `None` searches all.
    pub community: Option<&'a CommunityId>,
    /// Continue where an earlier page of the same query ended.
    pub after: Option<&'a Cursor>,
    /// How many results at most, 1 to 1000.
    pub limit: usize,
}

impl Default for SearchOptions<'_> {
    /// The first 20 results in all communities.
    fn default() -> Self {
        Self { community: None, after: None, limit: 20 }
    }
}

impl Byway {
    /// All communities that are kept, ordered by their ids.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn communities(&self) -> Result<Vec<StoredCommunity>, StoreError> {
        self.inner.store.on(|store| store.communities()).await
    }

    /// All communities that are kept, as a list for another device or a feed reader. It names what is read, and each link carries
    /// its exposure.
    ///
    /// To import a list, raise the exposures of all entries before the first one is opened. An entry may lead to the host
    /// of another one, whose exposure is higher.
    ///
    /// ```no_run
    /// # async fn demo(byway: &byway::Byway, file: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// let list = byway::Opml::parse(file)?;
    /// for entry in &list.entries {
    ///     byway.raise_exposure(&entry.link).await?;
    /// }
    /// for entry in &list.entries {
    ///     let opened = byway.open_listed(entry, byway::OpenOptions::default()).await;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn opml(&self) -> Result<Opml, StoreError> {
        self.inner.store.on(Opml::of_store).await
    }

    /// One community as it was last read; `None` if it is not kept.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn community(&self, id: &CommunityId) -> Result<Option<StoredCommunity>, StoreError> {
        let id = id.clone();
        self.inner.store.on(move |store| store.community(&id)).await
    }

    /// At most `limit` posts (1 to 1000), newest first, starting at the cursor.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn posts(
        &self,
        id: &CommunityId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<ListPage<Post>, StoreError> {
        let (id, after) = (id.clone(), after.cloned());
        self.inner.store.on(move |store| store.posts(&id, after.as_ref(), limit)).await
    }

    /// At most `limit` events (1 to 1000), the latest start first, starting at the cursor. Events that are over are
    /// included for as long as they are kept.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn events(
        &self,
        id: &CommunityId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<ListPage<Event>, StoreError> {
        let (id, after) = (id.clone(), after.cloned());
        self.inner.store.on(move |store| store.events(&id, after.as_ref(), limit)).await
    }

    /// One post by its id; `None` if it is not kept.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn post(&self, id: &CommunityId, post: &str) -> Result<Option<Post>, StoreError> {
        let (id, post) = (id.clone(), post.to_owned());
        self.inner.store.on(move |store| store.post(&id, &post)).await
    }

    /// One event by its id; `None` if it is not kept.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn event(&self, id: &CommunityId, event: &CommunityId) -> Result<Option<Event>, StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.inner.store.on(move |store| store.event(&id, &event)).await
    }

    /// Events of all communities that begin before [`to`](UpcomingOptions::to) and are not over at
    /// [`from`](UpcomingOptions::from), the earliest start first.
    ///
    /// Events that were cancelled or removed are included, with that status. An event that began before `from` is
    /// included if its end is known and later than `from`, unless it began more than a year earlier. Whole days count by
    /// the clock of [`zone`](UpcomingOptions::zone). An event that two communities keep comes once for each of them.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn upcoming_events(&self, options: UpcomingOptions<'_>) -> Result<ListPage<UpcomingEvent>, StoreError> {
        let UpcomingOptions { from, to, after, limit, zone } = options;
        let (after, zone) = (after.cloned(), zone.cloned());
        let listed = move |store: &Store| {
            store.upcoming(UpcomingOptions { from, to, after: after.as_ref(), limit, zone: zone.as_ref() })
        };
        self.inner.store.on(listed).await
    }

    /// Searches everything that is kept for the words of a query. Nothing is sent.
    ///
    /// Communities come first, then posts and events, newest first. Each word of the query must be the beginning of a
    /// word of the text, in any order. Case and accents do not count, and `ё` is the same as `е`. Only the first 16
    /// words and the first 1,000 characters of a query count. A query without a word finds nothing.
    ///
    /// There is no index on disk, because it would tell what was read. So every item is opened for each search, on
    /// worker threads, a few hundred items at a time, and other calls take their turn in between. Dropping the future
    /// ends the search after the items that are being looked at.
    ///
    /// ```no_run
    /// # async fn demo(byway: &byway::Byway) -> Result<(), byway::StoreError> {
    /// use byway::{SearchHit, SearchOptions};
    ///
    /// let page = byway.search("сход пятница", SearchOptions::default()).await?;
    /// for hit in &page.items {
    ///     if let SearchHit::Post { post, .. } = hit {
    ///         println!("{}", post.text);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError::Cursor`] for a cursor of another query; see [`StoreError`].
    pub async fn search(&self, query: &str, how: SearchOptions<'_>) -> Result<ListPage<SearchHit>, StoreError> {
        let SearchOptions { community, after, limit } = how;
        let mut search = Search::new(query, community.cloned(), after.cloned(), limit);
        loop {
            let (stepped, done) = self
                .inner
                .store
                .on(move |store| {
                    let done = search.step(store)?;
                    Ok((search, done))
                })
                .await?;
            search = stepped;
            if done {
                return Ok(search.finish());
            }
        }
    }

    /// What changes in the store, from now on: which posts and events of which community were added, changed, removed
    /// by their platform, or dropped here. An app uses it to update a list or to show a notification.
    ///
    /// Every change is reported, whatever made it: [`Byway::open`], [`Byway::refresh`], [`Byway::sync_once`], the
    /// retention, the size limit, [`Byway::forget`] or [`Byway::wipe`], or another client of the same
    /// [`Store`]. Nothing waits for a listener. To stop listening, drop it.
    ///
    /// ```no_run
    /// # async fn demo(byway: &byway::Byway) {
    /// use byway::StoreChange;
    ///
    /// let mut changes = byway.changes();
    /// while let Some(change) = changes.next().await {
    ///     match change {
    ///         StoreChange::Posts { id, posts } if !posts.first && !posts.added.is_empty() => {
    ///             println!("{} new posts in {id}", posts.added.len());
    ///         }
    ///         StoreChange::Missed { .. } => println!("the lists are to be read again"),
    ///         _ => {}
    ///     }
    /// }
    /// # }
    /// ```
    pub fn changes(&self) -> StoreChanges {
        self.inner.store.store().changes()
    }

    /// The link to a community that is kept, to hand it on, with the exposure with which it is read here; `None` if it is not
    /// kept, or no longer has a home. A person who opens it asks for its address. To read the community again on this device, use
    /// [`Byway::open_kept`], which asks for nothing.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn link(&self, id: &CommunityId) -> Result<Option<HomeLink>, StoreError> {
        let known = self.inner.store.of(id).await?;
        let home = known.community.and_then(|kept| kept.community.homes.into_iter().next());
        let Some(home) = home else { return Ok(None) };
        let exposure = self.least_exposure(known.floor, Some(&home)).await?;
        Ok(Some(HomeLink::new(home, exposure)))
    }

    /// The exposure that applies to a community with this floor at a home: the highest of the builder's, the community's, and what
    /// the address itself asks for, because another community on its host may have a higher one.
    async fn least_exposure(&self, floor: Exposure, home: Option<&Home>) -> Result<Exposure, StoreError> {
        let mut least = self.inner.exposure.max(floor);
        if let Some(home) = home {
            least = least.max(self.inner.store.bound_at(home, false).await?.floor);
            if let Ok(url) = given_url(&home.to_string()) {
                least = least.max(self.inner.store.page(KnownPage { url, published: false }).await?.floor);
            }
        }
        Ok(least)
    }

    /// Raises the least exposure with which a community may be read, before anything is sent. It never falls again,
    /// except by a [`wipe`](Byway::wipe). It also applies to accesses to the community that are under way, even if the
    /// future is dropped after the raise.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn raise_exposure(&self, link: &HomeLink) -> Result<(), StoreError> {
        // Closes open connections to the community, which the new exposure may forbid.
        self.inner.http.forget_connections();
        self.inner.store.raise(&link.home, link.exposure).await
    }

    /// The least exposure with which a community may be read, at the address at which it is read first.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn exposure_of(&self, id: &CommunityId) -> Result<Exposure, StoreError> {
        let known = self.inner.store.of(id).await?;
        let homes = known.community.map(|kept| kept.community.homes).unwrap_or_default();
        let home = homes.iter().find(|home| self.inner.sources.of(home).is_some()).or(homes.first());
        self.least_exposure(known.floor, home).await
    }

    /// Allows direct routes for a community, even if a recorded restriction or its access advice speaks against them.
    /// Or takes that permission back, which also applies to what is under way. What the exposure forbids stays
    /// forbidden.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn allow_direct(&self, id: &CommunityId, allowed: bool) -> Result<(), StoreError> {
        self.inner.store.allow_direct(id, allowed).await
    }

    /// Removes a community with its posts and events, and the permission to read it directly ([`Byway::allow_direct`]).
    /// The exposure with which it must be read stays.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn forget(&self, id: &CommunityId) -> Result<(), StoreError> {
        self.inner.store.forget_community(id.clone(), self.wall()).await
    }
}
