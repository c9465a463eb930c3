//! The stored form of the ledger: one page per network, one entry per route.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The stored form.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Book {
    pub(super) version: u32,
    /// The network used last is first.
    pub(super) networks: Vec<NetworkPage>,
}

/// One network.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NetworkPage {
    pub(super) network: Hash,
    /// The route noted last is first.
    pub(super) routes: Vec<RouteEntry>,
}

/// One strategy for one destination on one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RouteEntry {
    pub(super) route: Hash,
    /// The day of the last proven answer, in days since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) good: Option<u64>,
    /// The day of the last loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lost: Option<u64>,
    /// Losses since the last proven answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) losses: u32,
    /// The usual time from an attempt's start to its first byte, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) usual_ms: Option<u32>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A truncated keyed hash; 32 hexadecimal digits in the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Hash(pub(super) [u8; 16]);

impl From<Hash> for String {
    fn from(Hash(bytes): Hash) -> Self {
        format!("{:032x}", u128::from_be_bytes(bytes))
    }
}

impl TryFrom<String> for Hash {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(|number| Self(number.to_be_bytes()))
    }
}

impl Default for Book {
    fn default() -> Self {
        Self { version: VERSION, networks: Vec::new() }
    }
}

impl Book {
    /// Reads the usable part of stored bytes. Unreadable bytes give an empty book.
    pub(super) fn read(bytes: &[u8], today: u64) -> Self {
        if bytes.len() > MOST_BYTES {
            return Self::default();
        }
        let book = serde_json::from_slice::<Book>(bytes).ok().filter(|book| book.version == VERSION);
        let mut book = book.unwrap_or_default();
        book.networks.truncate(MOST_NETWORKS);
        for page in &mut book.networks {
            page.routes.truncate(MOST_ROUTES);
            for entry in &mut page.routes {
                // A future day was written under a wrong clock. It counts as today, or it would never expire.
                entry.good = entry.good.map(|day| day.min(today));
                entry.lost = entry.lost.map(|day| day.min(today));
                entry.losses = entry.losses.min(MOST_LOSSES);
            }
        }
        book.expire(today);
        book
    }

    pub(super) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The page of a network, moved to the front. Entries that are too old or too many are removed.
    pub(super) fn page(&mut self, network: Hash, today: u64) -> &mut NetworkPage {
        self.expire(today);
        let index = self.networks.iter().position(|page| page.network == network);
        let page = match index {
            Some(index) => self.networks.remove(index),
            None => NetworkPage { network, routes: Vec::new() },
        };
        self.networks.truncate(MOST_NETWORKS - 1);
        self.networks.insert(0, page);
        &mut self.networks[0]
    }

    fn expire(&mut self, today: u64) {
        for page in &mut self.networks {
            page.routes.retain(|entry| entry.is_fresh(today));
        }
        self.networks.retain(|page| !page.routes.is_empty());
    }
}

impl NetworkPage {
    /// The entry of a route, moved to the front.
    pub(super) fn entry(&mut self, route: Hash, today: u64) -> &mut RouteEntry {
        let index = self.routes.iter().position(|entry| entry.route == route);
        let entry = match index {
            Some(index) => self.routes.remove(index),
            None => RouteEntry { route, good: None, lost: None, losses: 0, usual_ms: None },
        };
        debug_assert!(index.is_none() || entry.is_fresh(today), "old entries go before a page is used");
        self.routes.truncate(MOST_ROUTES - 1);
        self.routes.insert(0, entry);
        &mut self.routes[0]
    }
}

impl RouteEntry {
    pub(super) fn is_fresh(&self, today: u64) -> bool {
        self.good.max(self.lost).is_some_and(|day| day.saturating_add(EXPIRES_DAYS) > today)
    }

    /// Moves the usual time a quarter of the way to the newest.
    pub(super) fn learn(&mut self, first_byte: Duration) {
        let new = u32::try_from(first_byte.as_millis()).unwrap_or(u32::MAX).min(LONGEST_USUAL_MS);
        let usual = self.usual_ms.map_or(new, |old| (old / 4).saturating_mul(3).saturating_add(new / 4));
        self.usual_ms = Some(usual);
    }
}

pub(super) fn day(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / DAY.as_secs()
}

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The version of the stored form. Other versions are not read: what they held is learned again within a day.
pub(super) const VERSION: u32 = 1;

/// After two weeks the network's policy has probably changed. Older entries would only be a record of a person's
/// habits.
const EXPIRES_DAYS: u64 = 14;

/// Home, work, the phone's two carriers, and some cafes.
pub(super) const MOST_NETWORKS: usize = 8;

/// About fifty hosts by five strategies.
pub(super) const MOST_ROUTES: usize = 256;

/// The size of `MOST_NETWORKS` by `MOST_ROUTES` entries, and half as much again.
pub(super) const MOST_BYTES: usize = 400 * 1024;

/// Further losses in a row change nothing.
pub(super) const MOST_LOSSES: u32 = 16;

/// A first byte that takes a minute is as bad as no answer.
const LONGEST_USUAL_MS: u32 = 60_000;
