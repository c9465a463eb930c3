//! Which months' files have changed since the last reading.

use std::collections::{BTreeMap, BTreeSet};

use crate::signed::{Digest, FileEntry, NEWEST};

/// The months' files of a head, against those of the last reading.
pub(super) struct Months {
    kept: BTreeMap<String, Digest>,
    stated: BTreeMap<String, Digest>,
    /// Those that are still to be read: changed ones, and all after the first changed one.
    unread: BTreeSet<String>,
}

impl Months {
    /// The months of a head. `files`: the newest first. Before the first reading nothing has changed: nothing is kept that a
    /// deletion could concern.
    pub(super) fn new(kept: Option<BTreeMap<String, Digest>>, files: &[&FileEntry]) -> Self {
        let months = files.iter().take(MAX_FILES).filter(|file| file.name != NEWEST);
        let stated: BTreeMap<String, Digest> = months.map(|file| (file.name.clone(), file.sha256)).collect();
        let first = kept.as_ref().and_then(|kept| stated.iter().find(|(name, digest)| kept.get(*name) != Some(digest)));
        let unread = first.into_iter().flat_map(|(first, _)| stated.range(first.clone()..));
        let unread = unread.map(|(name, _)| name.clone()).collect();
        Self { kept: kept.unwrap_or_default(), stated, unread }
    }

    pub(super) fn must_read(&self, file: &FileEntry) -> bool {
        self.unread.contains(&file.name)
    }

    pub(super) fn was_read(&mut self, file: &FileEntry) {
        self.unread.remove(&file.name);
    }

    /// How many are still to be read.
    pub(super) fn unread(&self) -> usize {
        self.unread.len()
    }

    /// What the next reading is compared with. A month that could not be read counts as changed until it is.
    pub(super) fn into_kept(self) -> BTreeMap<String, Digest> {
        let Self { mut kept, stated, unread } = self;
        let of = |(name, digest)| {
            let digest = if unread.contains(&name) { kept.remove(&name)? } else { digest };
            Some((name, digest))
        };
        stated.into_iter().filter_map(of).collect()
    }
}

/// The most files of content in one reading: the newest, and a year.
pub(super) const MAX_FILES: usize = 13;
