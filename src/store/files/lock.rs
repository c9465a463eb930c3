//! The lock file: it is locked while a process has the store open, and records the progress of creation.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use super::super::StoreError;
use super::super::held::Holder;

/// The content of the lock file during and after creation. Both have one length: the second overwrites the first within
/// one sector, even on a full disk.
pub(super) const MAKING: &[u8; 7] = b"making\n";
pub(super) const MADE: &[u8; 7] = b"made...";

/// Holds the directory while it lives.
pub(in crate::store) struct Lock {
    file: File,
    holder: Holder,
}

/// The progress of creation, as the lock file states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// No statement: nothing was created, or the lock file was not restored with the other files.
    Unsaid,
    /// Creation has begun.
    Making,
    /// Creation has finished.
    Made,
}

impl Lock {
    /// `file` is the lock file, and `holder` has locked it.
    pub(super) fn new(file: File, holder: Holder) -> Self {
        Self { file, holder }
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn stage(&self) -> Result<Stage, StoreError> {
        let mut said = Vec::new();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        file.take(MADE.len() as u64).read_to_end(&mut said)?;
        Ok(match said.as_slice() {
            [] => Stage::Unsaid,
            said if said == MAKING => Stage::Making,
            // A value that this version does not know comes from a version that had a store here.
            _ => Stage::Made,
        })
    }

    /// Records that creation has begun. Until it has finished, a missing file is not an error.
    pub(in crate::store) fn begin(&self) -> Result<(), StoreError> {
        self.say(MAKING)
    }

    /// Takes [`begin`](Self::begin) back: nothing was created.
    pub(in crate::store) fn give_up(&self) -> Result<(), StoreError> {
        self.say(&[])
    }

    /// Records that every file of the store exists.
    pub(in crate::store) fn finish(&self) -> Result<(), StoreError> {
        if self.stage()? == Stage::Made { Ok(()) } else { self.say(MADE) }
    }

    fn say(&self, words: &[u8]) -> Result<(), StoreError> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(words)?;
        file.set_len(words.len() as u64)?;
        Ok(file.sync_all()?)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that was forked a moment ago still holds it until its exec. If
        // unlocking fails, closing must do.
        self.holder.release(|| drop(self.file.unlock()));
    }
}
