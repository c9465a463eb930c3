//! What a bundle brought: a whole signed community in one file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use byway::MAX_BUNDLE_BYTES;

use crate::changes::Changes;
use crate::community::Community;
use crate::configuration::{Exposure, Language};
use crate::opened::Note;

/// What a bundle brought.
#[derive(Clone, PartialEq, uniffi::Record)]
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

impl TakenBundle {
    pub(crate) fn of(core: byway::TakenBundle, language: Language) -> Self {
        Self {
            community: core.community.into(),
            changes: core.changes.into(),
            notes: core.notes.iter().map(|note| Note::of(note, language)).collect(),
            exposure: core.exposure.into(),
        }
    }
}

/// The bytes of a file, and one more than a bundle may have if it is larger: the core refuses them then.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BUNDLE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
