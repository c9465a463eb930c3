//! A copy is founded, with keys of its own.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::exposure::Exposure;
use crate::language::Language;
use crate::publisher::community::{Publisher, link_of};
use crate::publisher::error::PublishError;
use crate::publisher::keys::CommunityKeys;
use crate::publisher::statement::Statement;
use crate::store::{KeyFileError, Secret, served_folder};

/// The keys of a copy that is not founded yet.
#[derive(Debug)]
pub struct CopyKeys {
    keys: CommunityKeys,
    /// The file, if it was made for this copy.
    made: Option<PathBuf>,
}

impl CopyKeys {
    /// Whether there is a file already. A process that was killed between making the keys and founding the copy has left it, and the
    /// copy is founded with it.
    pub fn are_left(file: &Path) -> bool {
        fs::symlink_metadata(file).is_ok()
    }

    /// Keys that were there.
    pub fn left(keys: CommunityKeys) -> Self {
        Self { keys, made: None }
    }

    /// Makes new keys, and the file, for a copy in this folder. Blocks, as [`CommunityKeys::create`] does.
    ///
    /// # Errors
    /// Those of [`CommunityKeys::create`]. [`KeyFileError::Served`] for a file in the folder of the copy as well.
    pub fn create(file: &Path, folder: &Path, passphrase: Secret) -> Result<Self, KeyFileError> {
        // The copy is not in its folder yet.
        if served_folder(file, &[folder]).is_some() {
            return Err(KeyFileError::Served);
        }
        let keys = CommunityKeys::create(file, passphrase)?;
        Ok(Self { keys, made: Some(file.to_owned()) })
    }
}

impl Publisher {
    /// Founds a copy as [`Publisher::found`] does ([`Statement::of_copy`]). If that fails, keys that were made for it are removed.
    ///
    /// # Errors
    /// Those of [`Publisher::found`].
    pub fn found_copy(
        folder: &Path,
        keys: CopyKeys,
        statement: &Statement,
        now: Timestamp,
        language: Language,
    ) -> Result<Self, PublishError> {
        let CopyKeys { keys, made } = keys;
        Self::found(folder, keys, statement, now, language).inspect_err(|error| {
            // The keys of a copy that was not founded open nothing. A failure after the founding leaves one.
            let is_anothers = matches!(error, PublishError::Exists | PublishError::Busy);
            let is_absent = || matches!(link_of(folder, Exposure::Open, now), Err(PublishError::Absent));
            if let Some(file) = made.filter(|_| is_anothers || is_absent()) {
                let _ = fs::remove_file(file);
            }
        })
    }
}
