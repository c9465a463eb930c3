//! Taking in a bundle: a whole signed community in one file, from a memory card or a chat.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::arrival::Arrival;
use super::asked::Asked;
use super::async_store::KeepPictures;
use super::opened::{OpenError, OpenFault, OpenOptions};
use super::{Byway, Note};
use crate::community::{Community, Home};
use crate::exposure::Exposure;
use crate::signed::{Bundle, BundleError, Digest, FileError, NotGenuine};
use crate::source::{BatchSink, Carried, Content, Folder, SourceError, SourceNote, Unpacked, mirror_platform, unpack};
use crate::store::{AllChanges, Changes, FirstLists, StoreError, StoredCommunity};
use crate::transport::Strategy;

/// What a bundle brought.
///
/// `Debug` is redacted.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct TakenBundle {
    /// The community, as it is kept now.
    pub community: Community,
    /// What is new, changed or removed.
    pub changes: Changes,
    /// What may be believed of the community, and what of the bundle was refused.
    pub notes: Vec<Note>,
    /// The exposure with which it is read from now on.
    pub exposure: Exposure,
}

impl std::fmt::Debug for TakenBundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes: Vec<_> = self.notes.iter().map(Note::code).collect();
        f.debug_struct("TakenBundle").field("changes", &self.changes).field("notes", &codes).finish_non_exhaustive()
    }
}

impl Byway {
    /// Takes in a bundle and keeps what is genuine of it, beside what is known of the community. Nothing is sent: a bundle proves
    /// itself. What it says is refused where a mirror's would be: an older state, another community's files, a changed one.
    ///
    /// From then on the community has at least this exposure. A mirror that only the bundle names is not contacted directly until the
    /// user opens its link. The mirrors at which the user opened the community stay the first ones.
    ///
    /// # Errors
    /// [`OpenFault::Bundle`]; [`SourceError::NotGenuine`] if nothing of it is signed as it must be;
    /// [`OpenFault::Store`].
    pub async fn take_bundle(&self, bytes: Vec<u8>, exposure: Exposure) -> Result<TakenBundle, OpenError> {
        self.take_in(Carrier::Bundle(bytes), exposure)
            .await
            .map_err(|fault| OpenError::untried(fault).in_language(self.language()))
    }

    pub(super) async fn take_in(&self, carrier: Carrier, exposure: Exposure) -> Result<TakenBundle, OpenFault> {
        let named = |carrier: &Carrier| carrier.with(|carried| carried.id().community_id());
        let (id, carrier) = self.inner.store.on(move |_| Ok((named(&carrier), carrier))).await?;
        let id = id?.ok_or(OpenFault::Bundle(BundleError::Form))?;
        // Readings of one community take turns: each continues what the one before it verified.
        let _turn = self.inner.turns.lock(id.as_str()).await;
        let (known, at) = (self.inner.store.of(&id).await?, self.wall());
        let ways = self.ways(&known, OpenOptions { exposure, ..OpenOptions::default() });
        let memory = known.memory.clone();
        let unpacked = move |carrier: &Carrier| carrier.with(|carried| unpack(carried, &memory, at));
        let (state, carrier) = self.inner.store.on(move |_| Ok((unpacked(&carrier), carrier))).await?;
        let state = state?.map_err(not_genuine)?;
        // A bundle may be old. It is no reading of now.
        let read_at =
            at.min(state.issued()).max(known.community.as_ref().map_or(Timestamp::MIN, |kept| kept.synced_at));
        let own = id.clone();
        self.inner.store.on(move |store| Arrival::is_own_now(store, &own)).await?;
        let asked = self.inner.store.asked(id.clone()).await?;
        let is_first = known.community.is_none();
        let community = read_before(known.community, &asked, state.community(at));
        let content = Content::new(community, Strategy::direct());
        let marked = (known.floor, known.life);
        // The exposure comes before everything else.
        let (exposure, merged) = self.inner.store.keep(&[], &content, ways.exposure, read_at, marked).await?;
        if exposure > known.floor {
            self.inner.http.forget_connections();
        }
        let read = move |sink: &mut BatchSink<'_, StoreError>| {
            (carrier.with(|carried| state.read(carried, at, sink)), carrier)
        };
        let first = FirstLists { posts: is_first, events: is_first };
        let ((unpacked, carrier), changes) =
            self.inner.store.keep_in_batches(id.clone(), first, read_at, known.life, read).await?;
        let Unpacked { notes, memory, pictures } = unpacked??;
        let mut all = AllChanges::default();
        all.push(merged.changes);
        all.push(changes);
        let changes = all.finish();
        let change = move |kept: &mut crate::source::Memory| {
            (kept.of_source, kept.writer) = (memory.of_source, memory.writer);
        };
        self.inner.store.remember(id.clone(), known.life, change).await?;
        let take = move |store: &KeepPictures<'_>| carrier.with(|carried| take_pictures(carried, &pictures, store));
        let taken = self.inner.store.keep_pictures(id, read_at, known.life, take).await?;
        self.inner.store.flush().await;
        let community = merged.kept.map_or(content.community, |kept| kept.community);
        let mut notes: Vec<Note> = notes.into_iter().map(Note::Source).collect();
        match taken? {
            Ok(of_pictures) => notes.extend(of_pictures.into_iter().map(Note::Source)),
            // The posts are kept.
            Err(error) => notes.push(Note::StoreFailed { error: Arc::new(error) }),
        }
        Ok(TakenBundle { community, changes, notes, exposure })
    }
}

/// A mirror that was carried to this device.
pub(super) enum Carrier {
    /// In one file, which was read.
    Bundle(Vec<u8>),
    /// In a folder.
    Folder(Box<Folder>),
}

impl Carrier {
    /// Does something with the parts. Blocks.
    fn with<T>(&self, with: impl FnOnce(&dyn Carried) -> T) -> Result<T, OpenFault> {
        Ok(match self {
            Carrier::Bundle(bytes) => with(&Bundle::parse(bytes)?),
            Carrier::Folder(folder) => with(&**folder),
        })
    }
}

/// Keeps the pictures that were carried along and are those that posts name. What is to be said of the others comes back.
fn take_pictures(
    carried: &dyn Carried,
    named: &[(String, Digest)],
    store: &KeepPictures<'_>,
) -> Result<Vec<SourceNote>, StoreError> {
    let (mut notes, mut absent) = (Vec::new(), 0);
    for (post, digest) in named {
        let bytes = carried.picture(digest);
        let is_changed = bytes.as_ref().is_some_and(|bytes| Digest::of(bytes) != *digest);
        if is_changed && notes.is_empty() {
            notes.push(SourceNote::NotGenuine { fault: NotGenuine::new(FileError::Digest) });
        }
        let is_here = match bytes.filter(|_| !is_changed) {
            Some(bytes) => store.keep(post, digest, &bytes)?,
            None => store.has(digest)?,
        };
        absent += usize::from(!is_here);
    }
    notes.extend((absent > 0).then_some(SourceNote::PicturesAbsent { count: absent }));
    Ok(notes)
}

/// The community with the homes first at which the user opened it: a bundle says of no home that it can be read there.
fn read_before(kept: Option<StoredCommunity>, asked: &Asked, mut community: Community) -> Community {
    let homes = kept.map(|kept| kept.community.homes).unwrap_or_default();
    let mut homes: Vec<Home> = homes.into_iter().filter(|home| asked.covers(home)).collect();
    let named: Vec<Home> = community.homes.into_iter().filter(|home| !homes.contains(home)).collect();
    homes.extend(named);
    community.homes = homes;
    community
}

pub(super) fn not_genuine(fault: NotGenuine) -> OpenFault {
    SourceError::NotGenuine { platform: mirror_platform(), fault }.into()
}
