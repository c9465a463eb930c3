//! What a reading changed of what is kept.

/// Which items of one list have changed. Each id is in at most one of the lists; each list has the newest first.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ChangedIds {
    /// The list was read for the first time. So what was added is only new to this device, and was published before.
    /// Show it in a list, but don't notify of it.
    pub first: bool,
    /// They were not kept before.
    pub added: Vec<String>,
    /// They were kept, and their content has changed.
    pub changed: Vec<String>,
    /// Their platform says now that they were removed. What was known of them is still kept, with that state.
    pub removed: Vec<String>,
    /// They are no longer kept on this device, because of the retention or of the size limit.
    pub dropped: Vec<String>,
    /// How many were not kept before and are not in `added`: a bundle may bring very many, of which only the first are named.
    pub more_added: u64,
}

impl<Id: ToString> From<byway::Changed<Id>> for ChangedIds {
    fn from(core: byway::Changed<Id>) -> Self {
        let texts = |ids: Vec<Id>| ids.iter().map(ToString::to_string).collect();
        Self {
            first: core.first,
            added: texts(core.added),
            changed: texts(core.changed),
            removed: texts(core.removed),
            dropped: texts(core.dropped),
            more_added: core.more_added,
        }
    }
}

/// What one reading changed of what is kept of a community.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Changes {
    /// Nothing changed.
    pub is_empty: bool,
    /// The community's own fields have changed, or were not kept before.
    pub community: bool,
    /// Its posts, by their ids.
    pub posts: ChangedIds,
    /// Its events, by their ids.
    pub events: ChangedIds,
}

impl From<byway::Changes> for Changes {
    fn from(core: byway::Changes) -> Self {
        Self {
            is_empty: core.is_empty(),
            community: core.community,
            posts: core.posts.into(),
            events: core.events.into(),
        }
    }
}
