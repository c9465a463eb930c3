//! What was known of pages that were asked for recently.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::known::{KnownPage, PageKnown};

/// What was known of pages that were asked for recently. It is kept until something is written. A page and its pictures
/// ask again and again, and a thread for each answer would take longer than the rest of a request over an open
/// connection.
#[derive(Default)]
pub(super) struct PageCache(Mutex<Cached>);

#[derive(Default)]
struct Cached {
    /// The store's [`Store::generation`](crate::store::Store::generation) when the pages were asked for.
    generation: u64,
    pages: HashMap<KnownPage, PageKnown>,
}

impl PageCache {
    /// What was known at this generation of the store.
    pub(super) fn get(&self, generation: u64, page: &KnownPage) -> Option<PageKnown> {
        self.at(generation).pages.get(page).copied()
    }

    /// Remembers what was known at this generation of the store.
    pub(super) fn insert(&self, generation: u64, page: KnownPage, known: PageKnown) {
        let mut cached = self.at(generation);
        if cached.pages.len() >= MOST_PAGES {
            cached.pages.clear();
        }
        cached.pages.insert(page, known);
    }

    pub(super) fn clear(&self) {
        self.lock().pages.clear();
    }

    /// What was cached at another generation is forgotten.
    fn at(&self, generation: u64) -> MutexGuard<'_, Cached> {
        let mut cached = self.lock();
        if cached.generation != generation {
            *cached = Cached { generation, ..Cached::default() };
        }
        cached
    }

    fn lock(&self) -> MutexGuard<'_, Cached> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for PageCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageCache(..)")
    }
}

/// A page with its pictures.
const MOST_PAGES: usize = 64;
