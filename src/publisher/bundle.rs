use std::path::Path;

use jiff::Timestamp;

use super::error::PublishError;
use super::files::{Files, ReadFiles as _};
use super::mirror::{FREEZE, HEAD, Mirror, charter_file};
use crate::signed::{Bundle, DocumentKind, MAX_BUNDLE_BYTES, MAX_FILE_BYTES, NEWEST};

/// The bundle of the community in a folder: its charters, head, freeze and content in one file, which proves itself without a
/// network. It holds nothing else of the folder, so one state gives one bundle. It needs no keys. Blocks.
///
/// # Errors
/// [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`]; [`PublishError::Refused`] if it is larger than a
/// reader takes.
pub fn bundle_of(folder: &Path, now: Timestamp) -> Result<Vec<u8>, PublishError> {
    if !folder.is_dir() {
        return Err(PublishError::Absent);
    }
    let files = Files::of(folder)?;
    let Mirror { chain, head, .. } = Mirror::read(&files, now)?;
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let documents = (1..=chain.newest_version()).map(charter_file).chain([HEAD.to_owned(), FREEZE.to_owned()]);
    for name in documents {
        if let Some(bytes) = files.read(&name, DocumentKind::Head.max_envelope() as u64)? {
            parts.push((name, bytes));
        }
    }
    let mut entries: Vec<_> = head.files.iter().collect();
    entries.sort_by_key(|entry| (entry.name != NEWEST, &entry.name));
    for entry in entries {
        let mut bytes = files.read(&entry.name, MAX_FILE_BYTES)?.ok_or(PublishError::Damaged)?;
        bytes.truncate(usize::try_from(entry.bytes).unwrap_or(usize::MAX));
        parts.push((entry.name.clone(), bytes));
    }
    let bytes = Bundle::write(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    if bytes.len() > MAX_BUNDLE_BYTES { Err(PublishError::Refused) } else { Ok(bytes) }
}
