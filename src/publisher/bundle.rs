use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;

use super::attached::{named_by, read};
use super::community::content_of;
use super::error::PublishError;
use super::files::{Files, ReadFiles as _};
use super::mirror::{FREEZE, HEAD, Mirror, charter_file};
use crate::signed::{
    Bundle, Digest, DocumentKind, MAX_BUNDLE_BYTES, MAX_BUNDLE_PICTURES, MAX_FILE_BYTES, NEWEST, picture_file,
};

/// A bundle, and what is not in it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MadeBundle {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pictures are in it.
    pub pictures: usize,
    /// How many pictures of posts are not in it: there was no room for them, or they are not in the folder. A reader gets each from a
    /// mirror.
    pub pictures_left_out: usize,
}

/// Which pictures a bundle carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundlePictures {
    /// Those of the newest posts, up to 32 MiB in all.
    Newest,
    /// None, for a small file.
    LeftOut,
}

impl std::fmt::Debug for MadeBundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bytes, pictures, pictures_left_out } = self;
        let made = &mut f.debug_struct("MadeBundle");
        made.field("bytes", &bytes.len()).field("pictures", pictures).field("left_out", pictures_left_out).finish()
    }
}

/// The bundle of the community in a folder: its charters, head, freeze, content and pictures in one file, which proves itself without
/// a network. It holds nothing else of the folder, so one state gives one bundle. It needs no keys. Blocks.
///
/// # Errors
/// [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`]; [`PublishError::Refused`] if it is larger than a
/// reader takes.
pub fn bundle_of(folder: &Path, pictures: BundlePictures, now: Timestamp) -> Result<MadeBundle, PublishError> {
    if !folder.is_dir() {
        return Err(PublishError::Absent);
    }
    let files = Files::of(folder)?;
    let Mirror { chain, head, events, .. } = Mirror::read(&files, now)?;
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
    let taken: usize = parts.iter().map(|(_, bytes)| bytes.len() + PART_LINE).sum();
    let posts = content_of(&chain, &events, now).1;
    let mut known = BTreeSet::new();
    let named: Vec<Digest> = named_by(&posts).filter(|digest| known.insert(*digest)).collect();
    let (carried, left_out) = match pictures {
        BundlePictures::Newest => newest_pictures(&files, named, MAX_BUNDLE_BYTES.saturating_sub(taken))?,
        BundlePictures::LeftOut => (BTreeMap::new(), named.len()),
    };
    let count = carried.len();
    parts.extend(carried.into_iter().map(|(digest, bytes)| (picture_file(&digest), bytes)));
    let bytes = Bundle::write(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(PublishError::Refused);
    }
    Ok(MadeBundle { bytes, pictures: count, pictures_left_out: left_out })
}

/// The first of these pictures that there is room for, by their digests, and how many others there are.
fn newest_pictures(
    files: &Files,
    named: Vec<Digest>,
    room: usize,
) -> Result<(BTreeMap<Digest, Vec<u8>>, usize), PublishError> {
    let (mut room, mut left_out, mut carried) = (room.min(MAX_BUNDLE_PICTURES), 0, BTreeMap::new());
    for digest in named {
        match read(files, &digest)?.filter(|bytes| Digest::of(bytes) == digest) {
            Some(bytes) if bytes.len() + PART_LINE <= room => {
                room -= bytes.len() + PART_LINE;
                carried.insert(digest, bytes);
            }
            _ => left_out += 1,
        }
    }
    Ok((carried, left_out))
}

/// The most bytes that a part takes beside its own.
const PART_LINE: usize = 96;
