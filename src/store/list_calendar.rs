//! The calendar of a sealed list: on which days it has rows, and how many.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::database::{RecordKind, Tx};
use super::item::SealedList;
use super::key::Keys;
use crate::community::CommunityId;

/// Microseconds since 1970. Items without a time precede all others.
pub(super) type Time = i64;
pub(super) const NO_TIME: Time = i64::MIN;

pub(super) fn time(at: Option<Timestamp>) -> Time {
    at.map_or(NO_TIME, |at| at.as_microsecond())
}

/// Days since 1970. Items without a time have the first day to themselves. A day out of range is clamped.
pub(super) type Day = u16;
pub(super) const NO_DAY: Day = 0;
pub(super) const DAY: i64 = 86_400 * 1_000_000;

pub(super) fn day(time: Time) -> Day {
    if time == NO_TIME {
        return NO_DAY;
    }
    Day::try_from(time.div_euclid(DAY).clamp(1, Day::MAX.into())).unwrap_or(Day::MAX)
}

/// The sealed record of a list.
#[derive(Serialize, Deserialize)]
pub(super) struct Calendar {
    #[serde(rename = "shelf")]
    pub(super) list: SealedList,
    pub(super) community: CommunityId,
    /// The number of rows per day. A day without rows is absent.
    pub(super) days: BTreeMap<Day, u64>,
}

impl Calendar {
    pub(super) fn name(list: SealedList, community: &CommunityId) -> [&[u8]; 2] {
        [list.code(), community.as_str().as_bytes()]
    }

    pub(super) fn load(tx: &Tx<'_>, list: SealedList, community: &CommunityId) -> Result<Self, StoreError> {
        match tx.record(RecordKind::SealedList, &Self::name(list, community))? {
            Some(plain) => serde_json::from_slice(&plain).map_err(|_| StoreError::damaged()),
            None => Ok(Self { list, community: community.clone(), days: BTreeMap::new() }),
        }
    }

    pub(super) fn all(tx: &Tx<'_>) -> Result<Vec<Self>, StoreError> {
        let read = |plain: &_| serde_json::from_slice(plain).map_err(|_| StoreError::damaged());
        tx.records(RecordKind::SealedList)?.iter().map(|plain| read(plain.as_slice())).collect()
    }

    pub(super) fn save(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let name = Self::name(self.list, &self.community);
        if self.days.is_empty() {
            return tx.remove_record(RecordKind::SealedList, &name);
        }
        tx.set_record(RecordKind::SealedList, &name, &serde_json::to_vec(self).map_err(|_| StoreError::Item)?)
    }

    /// Returns `true` if any row has this day.
    pub(super) fn has(&self, day: Day) -> bool {
        self.days.contains_key(&day)
    }

    pub(super) fn add(&mut self, day: Day) {
        *self.days.entry(day).or_default() += 1;
    }

    pub(super) fn subtract(&mut self, day: Day, rows: u64) -> Result<(), StoreError> {
        let count = self.days.get_mut(&day).ok_or_else(StoreError::damaged)?;
        *count = count.checked_sub(rows).ok_or_else(StoreError::damaged)?;
        if *count == 0 {
            self.days.remove(&day);
        }
        Ok(())
    }

    /// The number under which the rows of a day are found.
    pub(super) fn tag(&self, keys: &Keys, day: Day) -> i64 {
        let [list, community] = Self::name(self.list, &self.community);
        let hash = keys.lookup(&[b"day", list, community, &day.to_le_bytes()]);
        hash.first_chunk().map_or(0, |half| i64::from_le_bytes(*half))
    }
}
