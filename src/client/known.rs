//! What the store knows of a community or a page before it is asked for, and what it knows afterwards.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::asked::{is_on_host_of, is_unasked_page};
use crate::community::{AdviceKind, Community, CommunityId, Event, Home, PageOwners, Post, TrustReason, VkHome};
use crate::exposure::Exposure;
use crate::source::{Content, Memory, SourceNote, remembered_trust};
use crate::store::{Changes, Store, StoreError, StoredCommunity};

/// A page that is asked for.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct KnownPage {
    pub(super) url: Url,
    /// The page is a file that a known community publishes: see [`PageOwners::of_published_file`].
    pub(super) published: bool,
}

/// What is known of a page before it is asked for, of all that its address names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageKnown {
    /// The least exposure with which it may be read.
    pub(super) floor: Exposure,
    /// What speaks against reading the page directly.
    pub(super) against: Against,
}

/// What speaks against direct strategies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Against {
    always: bool,
    without_vpn: bool,
}

impl Against {
    /// A recorded restriction speaks against direct strategies, because where it applies a direct attempt is noticed
    /// and fails. So does advice to use Tor or a proxy. Advice to use a VPN does so unless there is a VPN. The user's
    /// permission outweighs them all.
    pub(super) fn of(community: &Community, direct_allowed: bool) -> Self {
        if direct_allowed {
            return Self::default();
        }
        // What a community says of itself does not show that a direct attempt fails here.
        let stated = community.restrictions.iter().any(|restriction| !restriction.is_own_word());
        let mut against = Self { always: stated, without_vpn: false };
        for advice in &community.access_advice {
            match advice.kind {
                AdviceKind::Tor | AdviceKind::Proxy => against.always = true,
                AdviceKind::Vpn => against.without_vpn = true,
            }
        }
        against
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { always: self.always || other.always, without_vpn: self.without_vpn || other.without_vpn }
    }

    pub(super) fn avoids_direct(self, vpn: bool) -> bool {
        self.always || (self.without_vpn && !vpn)
    }
}

/// The time between two wipes of the store. What was begun in one life leaves nothing in the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Life(pub(super) u64);

/// What the user decided about a community's successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Decision {
    /// The successor. A decision about another one does not count.
    pub(super) to: CommunityId,
    /// Where it was read. A refusal needs no address.
    #[serde(default)]
    pub(super) home: Option<Home>,
    pub(super) follow: bool,
}

/// What is known of a community before it is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The life in which the store was asked.
    pub(super) life: Life,
    /// The community as it was last read.
    pub(super) community: Option<StoredCommunity>,
    /// The least exposure with which it may be read.
    pub(super) floor: Exposure,
    /// What speaks against reading it directly, unless the user allowed that.
    pub(super) against: Against,
    /// The address is one that only the community names: see [`asked`](super::asked).
    pub(super) is_unasked: bool,
    /// When the newest of its kept posts were published, newest first.
    newest: Vec<Timestamp>,
    /// What the community's source remembers of it.
    pub(super) memory: Memory,
}

impl Known {
    /// Whether something that is known of the community speaks against reading it directly.
    pub(super) fn avoids_direct(&self, vpn: bool) -> bool {
        self.is_unasked || self.against.avoids_direct(vpn)
    }

    /// When the newest of its kept posts was published. Times in the future are left out: a wrong clock wrote them, and
    /// every post to come would be older.
    pub(super) fn newest(&self, now: Timestamp) -> Option<Timestamp> {
        self.newest.iter().copied().find(|published| *published <= now)
    }

    /// The time up to which the kept posts are complete, as far as is known. `None` if none are kept.
    pub(super) fn complete_until(&self, now: Timestamp) -> Option<Timestamp> {
        let newest = self.newest(now);
        newest.map(|newest| self.memory.gap.map_or(newest, |gap| newest.min(gap.after)))
    }

    pub(super) fn id(&self) -> Option<&CommunityId> {
        self.community.as_ref().map(|kept| &kept.community.id)
    }
}

/// What is known after a reading.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) kept: Option<StoredCommunity>,
    pub(super) posts: Vec<Post>,
    pub(super) events: Vec<Event>,
    /// What has changed since the reading before.
    pub(super) changes: Changes,
}

pub(super) fn merged(store: &Store, content: Content, changes: Changes) -> Result<Merged, StoreError> {
    let Content { community: Community { id, .. }, mut posts, mut events, .. } = content;
    // A platform may list an item twice.
    let (mut shown_posts, mut shown_events) = (HashSet::new(), HashSet::new());
    posts.retain(|post| shown_posts.insert(post.id.clone()));
    events.retain(|event| shown_events.insert(event.id.clone()));
    let mut known = Merged { kept: store.community(&id)?, posts: Vec::new(), events: Vec::new(), changes };
    for post in posts {
        // A post for which the store had no room is shown as it was read.
        known.posts.push(store.post(&id, &post.id)?.unwrap_or(post));
    }
    for event in events {
        known.events.push(store.event(&id, &event.id)?.unwrap_or(event));
    }
    Ok(known)
}

/// `is_asked`: the user asks for the origin of the page.
pub(super) fn page_known(store: &Store, page: &KnownPage, is_asked: bool) -> Result<PageKnown, StoreError> {
    let owners = PageOwners::of(&page.url);
    let owners = if page.published { owners.of_published_file() } else { owners };
    let mut all = PageKnown { floor: store.page_floor(&owners)?, against: Against::default() };
    let mut add = |community: Option<StoredCommunity>| {
        let known = known_bound(store, community)?;
        all = PageKnown { floor: all.floor.max(known.floor), against: all.against.and(known.against) };
        Ok::<(), StoreError>(())
    };
    for home in owners.homes() {
        add(store.community_at(home)?)?;
        if let Home::Vk(VkHome::Id(number)) = home {
            add(store.community(&CommunityId::vk(*number))?)?;
        }
    }
    if !owners.hosts().is_empty() {
        // An app's own source reads this community: any page of its host may be a page of it.
        let is_here = |kept: &StoredCommunity| kept.community.homes.iter().any(|home| is_on_host_of(home, &owners));
        let here: Vec<StoredCommunity> = store.communities()?.into_iter().filter(is_here).collect();
        let is_unasked = !is_asked && is_unasked_page(store, &page.url, &owners, &here)?;
        for kept in here {
            add(Some(kept))?;
        }
        all.against.always |= is_unasked;
    }
    Ok(all)
}

pub(super) fn known(store: &Store, community: Option<StoredCommunity>) -> Result<Known, StoreError> {
    let known = known_bound(store, community)?;
    let Some(id) = known.id() else { return Ok(known) };
    let newest = store.posts(id, None, NEWEST)?.items.iter().filter_map(|post| post.created).collect();
    let memory = memory_of(store, id)?;
    Ok(Known { newest, memory, ..known })
}

/// The same without the posts and what the source remembers. Each hop of a request asks for this, and the memory of a mirror is
/// some kilobytes of documents, in the worst case a megabyte.
pub(super) fn known_bound(store: &Store, community: Option<StoredCommunity>) -> Result<Known, StoreError> {
    let Some(kept) = community else { return Ok(Known::default()) };
    let floor = store.floor(&kept.community.id)?;
    let against = against(store, Some(&kept))?;
    Ok(Known { floor, against, community: Some(kept), ..Known::default() })
}

/// Enough posts to find one that is not dated in the future.
const NEWEST: usize = 8;

pub(super) fn against(store: &Store, community: Option<&StoredCommunity>) -> Result<Against, StoreError> {
    let Some(StoredCommunity { community, .. }) = community else { return Ok(Against::default()) };
    let direct_allowed = store.blob(&direct_name(&community.id))?.is_some();
    Ok(Against::of(community, direct_allowed))
}

pub(super) fn memory_name(id: &CommunityId) -> String {
    format!("memory {id}")
}

/// What a community's source remembers of it. Of a signed one that is not kept it is what was verified: its first reading ended early, or it was
/// only looked at.
pub(super) fn memory_of(store: &Store, id: &CommunityId) -> Result<Memory, StoreError> {
    Ok(store.blob(&memory_name(id))?.map(|bytes| Memory::from_bytes(&bytes)).unwrap_or_default())
}

/// Whether keys of a community contradict each other, or it said in advance that they are not to be trusted.
pub(super) fn is_disputed(memory: &Memory, id: &CommunityId, now: Timestamp) -> bool {
    let Some(SourceNote::Signed(trust)) = remembered_trust(memory, id, now) else { return false };
    let contradicts = |reason: &TrustReason| {
        matches!(reason, TrustReason::TwoCharters { .. } | TrustReason::TwoHeads { .. } | TrustReason::Frozen { .. })
    };
    trust.reasons.iter().any(contradicts)
}

/// What the user decided about the community's successor.
pub(super) fn decision_name(id: &CommunityId) -> String {
    format!("follows {id}")
}

pub(super) fn direct_name(id: &CommunityId) -> String {
    format!("direct {id}")
}
