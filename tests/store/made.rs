//! Contents for the tests' stores.

use byway::community::{CommunityId, Post};
use byway::internals::store::{Store, StoreKey};
use jiff::Timestamp;

pub(crate) fn key() -> StoreKey {
    StoreKey::new([7; 32])
}

/// A folder for tests that open stores by the hundred: in memory if the system has such a place. The tests are about
/// processes and bytes; waiting for the disk would only add minutes.
pub(crate) fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// 12 November 2016, the day on which the page was cut.
pub(crate) const NOON: i64 = 1_478_952_000;

/// Post `number`, an hour later than the one before.
pub(crate) fn post(number: u32) -> Post {
    let mut post = Post::new(format!("vk:-12345_{number}"));
    post.created = Some(at(NOON + i64::from(number) * 3600));
    post.text = format!("Запись {number}");
    post
}

pub(crate) fn posts(numbers: impl IntoIterator<Item = u32>) -> Vec<Post> {
    numbers.into_iter().map(post).collect()
}

pub(crate) fn id() -> CommunityId {
    CommunityId::vk(12_345)
}

/// All posts, by pages of this many.
pub(crate) fn paged(store: &Store, id: &CommunityId, limit: usize) -> Vec<Post> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = store.posts(id, after.as_ref(), limit).unwrap();
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

/// SplitMix64: the same numbers every time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
