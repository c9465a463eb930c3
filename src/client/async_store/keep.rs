//! What is written of a community: what was read, what its source remembers, what the user allows.

use std::collections::HashSet;

use jiff::Timestamp;

use super::super::arrival::{Arrival, arrival_name};
use super::super::asked::{Asked, asked_name, unasked_name};
use super::super::followed::{Followed, forget_origin, refuse};
use super::super::known::{Decision, Life, Merged, against, decision_name, direct_name, memory_name, merged};
use super::super::owed::Owed;
use super::AsyncStore;
use crate::community::{CalendarReading, Community, CommunityId, Home};
use crate::exposure::Exposure;
use crate::signed::Digest;
use crate::source::{BatchSink, Content, Memory};
use crate::store::{AllChanges, Batch, BatchOutcome, Changes, FirstLists, KeptPicture, Store, StoreError};

impl AsyncStore {
    /// Keeps what was read at these homes with an exposure, or what a file brought (there are none). From now on this is the least exposure for the home and for
    /// everything it leads to. Returns that least exposure, which may be higher, because the community may have been
    /// known under another address with a higher one. Also returns what is known now: what an answer does not state was
    /// perhaps read before.
    ///
    /// If the floor is higher than the one that was known, the accesses under way are notified.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] if the store was wiped since `life`; [`StoreError`].
    pub(in crate::client) async fn keep(
        &self,
        homes: &[Home],
        content: &Content,
        used: Exposure,
        at: Timestamp,
        (floor, life): (Exposure, Life),
    ) -> Result<(Exposure, Merged), StoreError> {
        // This comes first. What is not kept can be read again, but what was shown to an observer cannot be taken back.
        self.owe(Owed::of(homes, content, used), life)?;
        if used > floor {
            self.tell_raised();
        }
        // The caller needs the content for its answer, whatever happens here.
        let (homes, mut content, kept) = (homes.to_vec(), content.clone(), self.clone());
        self.paid(move |store| {
            kept.is_alive(life)?;
            let Content { community, posts, events, calendar, .. } = &content;
            let mut floor = used.max(store.floor(&community.id)?);
            for home in homes.iter().chain(&community.homes) {
                floor = floor.max(store.floor(home)?);
            }
            if floor > used {
                Owed::of(&homes, &content, floor).pay(store)?;
                kept.tell_raised();
            }
            let batch = Batch { community: Some(community), posts, events, ..Batch::new(&community.id, at) };
            let BatchOutcome { changes, outdated, .. } = kept.upsert_reading(store, &batch, calendar.as_ref())?;
            if community.id.is_signed() {
                // Before the homes are recorded: that they were read does not mean that the user asked for them.
                Asked::own(store, &community.id)?.write(store, &community.id)?;
            }
            for home in &homes {
                store.set_home(home, &community.id)?;
            }
            // The kept form of these is newer.
            let outdated: HashSet<CommunityId> = outdated.into_iter().collect();
            content.events.retain(|event| !outdated.contains(&event.id));
            Ok((floor, merged(store, content, changes)?))
        })
        .await
    }

    /// Keeps the content of a community in batches while `read` makes it, each batch in a transaction of its own. Other calls have
    /// their turn between them. The changes of every batch come back with what `read` answers.
    ///
    /// # Errors
    ///
    /// As [`AsyncStore::keep`].
    pub(in crate::client) async fn keep_in_batches<T: Send + 'static>(
        &self,
        id: CommunityId,
        first: FirstLists,
        read_at: Timestamp,
        life: Life,
        read: impl FnOnce(&mut BatchSink<'_, StoreError>) -> T + Send + 'static,
    ) -> Result<(T, Changes), StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            let (mut all, mut first) = (AllChanges::default(), first);
            let answer = read(&mut |posts, events| {
                if posts.is_empty() && events.is_empty() {
                    return Ok(());
                }
                kept.is_alive(life)?;
                let batch = Batch { posts, events, continues_first: first, ..Batch::new(&id, read_at) };
                let changes = kept.upsert(store, &batch)?;
                first.posts |= changes.posts.first;
                first.events |= changes.events.first;
                all.push(changes);
                Ok(())
            });
            Ok((answer, all.finish()))
        })
        .await
    }

    /// Keeps pictures of a community while `take` looks for them. Other calls have their turn between them.
    ///
    /// # Errors
    ///
    /// As [`AsyncStore::keep`].
    pub(in crate::client) async fn keep_pictures<T: Send + 'static>(
        &self,
        id: CommunityId,
        read_at: Timestamp,
        life: Life,
        take: impl FnOnce(&KeepPictures<'_>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let kept = self.clone();
        self.on(move |store| Ok(take(&KeepPictures { kept: &kept, store, id: &id, read_at, life }))).await
    }

    /// A picture of a community's post that is kept. The bytes are those that the digest names.
    pub(in crate::client) async fn picture(
        &self,
        id: CommunityId,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = self.on(move |store| store.picture(&id, &digest.to_string())).await?;
        Ok(bytes.filter(|bytes| Digest::of(bytes) == digest))
    }

    /// What the user decided about the successor of a community.
    pub(in crate::client) async fn decision(&self, id: CommunityId) -> Result<Option<Decision>, StoreError> {
        let decision = self.on(move |store| store.blob(&decision_name(&id))).await?;
        // What another version wrote in another form is no decision: the user is asked again.
        Ok(decision.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Remembers a move that is followed, the user's decision and what it permits.
    pub(in crate::client) async fn follow(&self, followed: Followed, life: Life) -> Result<(), StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            kept.is_alive(life)?;
            followed.write(store)
        })
        .await
    }

    /// Remembers that the user stays at a community, and ends what an earlier yes permitted. The accesses under way are notified.
    pub(in crate::client) async fn stay(
        &self,
        from: CommunityId,
        to: Option<CommunityId>,
        decision: Option<Decision>,
    ) -> Result<(), StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            let refused = refuse(store, &from, to.as_ref(), decision);
            kept.tell_raised();
            refused
        })
        .await
    }

    /// The origins of a signed community that the user asked for.
    pub(in crate::client) async fn asked(&self, id: CommunityId) -> Result<Asked, StoreError> {
        self.on(move |store| Asked::of(store, &id)).await
    }

    /// The user asked for these homes of a signed community.
    pub(in crate::client) async fn ask(&self, id: CommunityId, homes: Vec<Home>) -> Result<(), StoreError> {
        self.on(move |store| {
            let mut asked = Asked::own(store, &id)?;
            asked.add(&homes);
            asked.write(store, &id)
        })
        .await
    }

    /// The user opened the community at this home by itself: whatever becomes of the moves that led to it, it is contacted.
    pub(in crate::client) async fn is_own_now(&self, home: &Home) -> Result<(), StoreError> {
        let home = home.clone();
        self.on(move |store| {
            let id = match home.signed_community() {
                Some(id) => Some(id),
                None => store.community_at(&home)?.map(|kept| kept.community.id),
            };
            id.map_or(Ok(()), |id| Arrival::is_own_now(store, &id))
        })
        .await
    }

    /// The communities from which moves led to one that is known by nothing else. If this cannot be read, its turn says what is wrong.
    pub(in crate::client) async fn origins(&self, id: &CommunityId) -> Vec<CommunityId> {
        let id = id.clone();
        let arrival = self.on(move |store| Arrival::of(store, &id)).await.ok().flatten();
        let from = arrival.filter(|arrival| !arrival.is_own).map(|arrival| arrival.from).unwrap_or_default();
        from.into_iter().map(|origin| origin.community).collect()
    }

    /// Changes what is remembered of a community that is kept.
    pub(in crate::client) async fn remember(
        &self,
        id: CommunityId,
        life: Life,
        change: impl FnOnce(&mut Memory) + Send + 'static,
    ) -> Result<(), StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            kept.is_alive(life)?;
            let name = memory_name(&id);
            let known = store.blob(&name)?.map(|bytes| Memory::from_bytes(&bytes)).unwrap_or_default();
            let mut memory = known.clone();
            change(&mut memory);
            // Where the user limits how long posts are kept, no copy of them outlives that.
            memory.kept_month = memory.kept_month.take().filter(|_| store.retention().is_ok_and(|days| days.is_none()));
            if known == memory || store.community(&id)?.is_none() {
                return Ok(());
            }
            store.set_blob(&name, &memory.to_bytes())
        })
        .await
    }

    /// Remembers what was verified of a signed community before its first reading ended: the next one goes on from there.
    /// [`forget_community`](Self::forget_community) removes it.
    pub(in crate::client) async fn remember_begun(
        &self,
        id: CommunityId,
        life: Life,
        memory: Memory,
    ) -> Result<(), StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            kept.is_alive(life)?;
            store.set_blob(&memory_name(&id), &memory.to_bytes())
        })
        .await
    }

    /// Sets for how many days posts and events are kept, and drops what is older. Returns how many were dropped.
    pub(in crate::client) async fn set_retention(&self, days: Option<u32>, now: Timestamp) -> Result<u64, StoreError> {
        self.on(move |store| {
            for kept in store.communities()?.iter().filter(|_| days.is_some()) {
                let name = memory_name(&kept.community.id);
                let Some(bytes) = store.blob(&name)? else { continue };
                let mut memory = Memory::from_bytes(&bytes);
                if memory.kept_month.take().is_some() {
                    store.set_blob(&name, &memory.to_bytes())?;
                }
            }
            store.set_retention(days, now)
        })
        .await
    }

    /// Removes a community, together with what its source remembers of it.
    pub(in crate::client) async fn forget_community(&self, id: CommunityId, now: Timestamp) -> Result<(), StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            // The permission for direct strategies ends first. If the store fails afterwards, the community is read without it.
            let revoked = store.remove_blob(&direct_name(&id));
            kept.tell_raised();
            revoked?;
            forget_origin(store, &id, now)?;
            let names = [memory_name(&id), decision_name(&id), unasked_name(&id), asked_name(&id), arrival_name(&id)];
            for name in names {
                store.remove_blob(&name)?;
            }
            store.forget(&id)
        })
        .await
    }

    /// Keeps a community of which something was learned although it was not read. The time of its last reading stays.
    pub(in crate::client) async fn amend(
        &self,
        community: Community,
        synced_at: Timestamp,
        life: Life,
    ) -> Result<Changes, StoreError> {
        let kept = self.clone();
        self.on(move |store| {
            kept.is_alive(life)?;
            let batch = Batch { community: Some(&community), ..Batch::new(&community.id, synced_at) };
            kept.upsert(store, &batch)
        })
        .await
    }

    /// Keeps a batch. If its community now speaks against direct strategies, the accesses under way are notified.
    fn upsert(&self, store: &Store, batch: &Batch<'_>) -> Result<Changes, StoreError> {
        Ok(self.upsert_reading(store, batch, None)?.changes)
    }

    fn upsert_reading(
        &self,
        store: &Store,
        batch: &Batch<'_>,
        calendar: Option<&CalendarReading>,
    ) -> Result<BatchOutcome, StoreError> {
        let before = against(store, store.community(batch.id)?.as_ref())?;
        let outcome = store.upsert_reading(batch, calendar)?;
        if before.and(against(store, store.community(batch.id)?.as_ref())?) != before {
            self.tell_raised();
        }
        Ok(outcome)
    }

    /// Sets whether direct strategies may be used for a community, whatever speaks against them. If this takes the
    /// permission back, the accesses under way are notified.
    pub(in crate::client) async fn allow_direct(&self, id: &CommunityId, allowed: bool) -> Result<(), StoreError> {
        let (name, kept) = (direct_name(id), self.clone());
        self.on(move |store| {
            if allowed {
                return store.set_blob(&name, b"1");
            }
            let removed = store.remove_blob(&name);
            kept.tell_raised();
            removed
        })
        .await
    }
}

/// Takes the pictures of one community into the store. Blocks.
pub(in crate::client) struct KeepPictures<'a> {
    kept: &'a AsyncStore,
    store: &'a Store,
    id: &'a CommunityId,
    read_at: Timestamp,
    life: Life,
}

impl KeepPictures<'_> {
    /// Keeps a picture that this post names. Returns `false` if the post does not, or if there is no room.
    pub(in crate::client) fn keep(&self, post: &str, digest: &Digest, bytes: &[u8]) -> Result<bool, StoreError> {
        self.kept.is_alive(self.life)?;
        let kept = self.store.keep_picture(self.id, (post, &digest.to_string()), bytes, self.read_at)?;
        Ok(kept != KeptPicture::NoRoom)
    }

    /// Whether a picture is kept already.
    pub(in crate::client) fn has(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.store.picture(self.id, &digest.to_string())?.is_some())
    }
}
