//! The stored communities, and the addresses that lead to them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::StoreError;
use super::changes::Tally;
use super::database::{RecordKind, Tx};
use crate::community::{Community, CommunityId, Home};

/// A stored community.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredCommunity {
    /// The community's data. A field that a later answer did not state has its known value.
    pub community: Community,
    /// The time of the last reading. A platform's answer that the community is gone does not count as a reading: see
    /// [`Community::state_seen`](crate::community::Community::state_seen).
    pub synced_at: Timestamp,
}

impl StoredCommunity {
    /// How long ago the last reading was. `None`: it is ahead of this clock, which was set back (or was ahead then), so
    /// the age is not known. Two minutes ahead count as now: clocks are corrected by themselves.
    pub fn age_at(&self, now: Timestamp) -> Option<Duration> {
        age_at(self.synced_at, now)
    }
}

/// See [`StoredCommunity::age_at`].
pub(crate) fn age_at(synced_at: Timestamp, now: Timestamp) -> Option<Duration> {
    match now.duration_since(synced_at) {
        age if age >= SignedDuration::ZERO => Duration::try_from(age).ok(),
        ahead if -ahead <= CLOCK_DRIFT => Some(Duration::ZERO),
        _ => None,
    }
}

/// As much as clocks are corrected by themselves.
const CLOCK_DRIFT: SignedDuration = SignedDuration::from_mins(2);

/// Maps an address to the community that is read there.
#[derive(Serialize, Deserialize)]
struct HomeEntry {
    home: Home,
    id: CommunityId,
}

/// A [`HomeEntry`] whose address is not examined.
#[derive(Deserialize)]
struct HomeText {
    home: String,
    id: CommunityId,
}

pub(super) fn community(tx: &Tx<'_>, id: &CommunityId) -> Result<Option<StoredCommunity>, StoreError> {
    let plain = tx.record(RecordKind::Community, &[id.as_str().as_bytes()])?;
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

/// All communities, by their ids.
pub(super) fn communities(tx: &Tx<'_>) -> Result<Vec<StoredCommunity>, StoreError> {
    let records = tx.records(RecordKind::Community)?;
    let mut all: Vec<StoredCommunity> = records.iter().filter_map(|plain| serde_json::from_slice(plain).ok()).collect();
    all.sort_by(|one, other| one.community.id.cmp(&other.community.id));
    Ok(all)
}

/// The id of the community that is read at this address, even if the community is not stored. A mirror names its community
/// itself: no record of it counts, because anyone's page can lead to it.
pub(super) fn id_at(tx: &Tx<'_>, home: &Home) -> Result<Option<CommunityId>, StoreError> {
    if let Some(id) = home.signed_community() {
        return Ok(Some(id));
    }
    let Some(plain) = tx.record(RecordKind::Home, &[home.to_string().as_bytes()])? else { return Ok(None) };
    let entry: HomeEntry = serde_json::from_slice(&plain).map_err(|_| StoreError::damaged())?;
    Ok(Some(entry.id))
}

/// All addresses whose community the store knows. Of mirrors, those that were read.
pub(super) fn homes(tx: &Tx<'_>) -> Result<Vec<Home>, StoreError> {
    let home = |plain: &Zeroizing<Vec<u8>>| serde_json::from_slice(plain).ok().map(|entry: HomeEntry| entry.home);
    Ok(tx.records(RecordKind::Home)?.iter().filter_map(home).collect())
}

/// The addresses at which a community was read.
pub(super) fn homes_of(tx: &Tx<'_>, id: &CommunityId) -> Result<Vec<Home>, StoreError> {
    let entries = tx.records(RecordKind::Home)?;
    let entries = entries.iter().filter_map(|plain| serde_json::from_slice::<HomeEntry>(plain).ok());
    Ok(entries.filter(|entry| entry.id == *id).map(|entry| entry.home).collect())
}

pub(super) fn merge_community(
    tx: &Tx<'_>,
    id: &CommunityId,
    community: &Community,
    pinned_read: bool,
    at: Timestamp,
    tally: &mut Tally,
) -> Result<(), StoreError> {
    let known = self::community(tx, id)?;
    let before = known.as_ref().map(|known| timeless(known.community.clone()));
    let kept = match known {
        Some(known) => {
            // An answer that the community is gone does not count as a reading.
            let synced_at =
                if community.state == crate::community::CommunityState::Gone { known.synced_at } else { at };
            // A charter is complete: what it does not state was withdrawn.
            let mut community = community.clone();
            if !id.is_signed() {
                community = known.community.merge(community, pinned_read);
            } else if community.homes.is_empty() {
                // A bundle was read at no home, and its charter may list none.
                community.homes = known.community.homes;
            }
            StoredCommunity { community, synced_at }
        }
        None => StoredCommunity { community: community.clone(), synced_at: at },
    };
    if before.is_none_or(|before| before != timeless(kept.community.clone())) {
        tally.community(id);
    }
    let plain = Zeroizing::new(serde_json::to_vec(&kept).map_err(|_| StoreError::Item)?);
    tx.set_record(RecordKind::Community, &[id.as_str().as_bytes()], &plain)?;
    // Homes that are only remembered are left out: another community may have them now.
    for home in community.homes.iter().filter(|home| home.may_lead_to(id)) {
        set_home(tx, home, id)?;
    }
    Ok(())
}

/// The community without its reading times, to compare the content of two readings.
fn timeless(mut community: Community) -> Community {
    community.state_seen = None;
    if let Some(members) = &mut community.members {
        members.read_at = Timestamp::UNIX_EPOCH;
    }
    community
}

pub(super) fn set_home(tx: &Tx<'_>, home: &Home, id: &CommunityId) -> Result<(), StoreError> {
    let entry = HomeEntry { home: home.clone(), id: id.clone() };
    let plain = serde_json::to_vec(&entry).map_err(|_| StoreError::Item)?;
    tx.set_record(RecordKind::Home, &[home.to_string().as_bytes()], &plain)
}

/// Removes a community and the addresses that lead to it.
pub(super) fn remove_community(tx: &Tx<'_>, id: &CommunityId) -> Result<(), StoreError> {
    for plain in tx.records(RecordKind::Home)? {
        // By its text: an address of another community that cannot be read keeps nobody from forgetting this one.
        let Ok(HomeText { home, id: owner }) = serde_json::from_slice(&plain) else { continue };
        if owner == *id {
            tx.remove_record(RecordKind::Home, &[home.as_bytes()])?;
        }
    }
    tx.remove_record(RecordKind::Community, &[id.as_str().as_bytes()])
}
