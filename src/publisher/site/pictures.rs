//! The pictures that lie beside a page.

use std::collections::BTreeMap;

use crate::community::{Attachment, Post};
use crate::publisher::picture::{Picture, PictureKind};
use crate::signed::{Digest, MAX_BUNDLE_PICTURES, picture_digest};

/// What posts state of their pictures: the media type and the size in bytes. A picture of which nothing is stated is not in it.
pub(in crate::publisher) type StatedPictures = BTreeMap<Digest, (PictureKind, u64)>;

/// Pictures for the folder of a site that a reader makes: those of its posts that the reader's store kept. Each is written anew
/// without metadata, and lies in `files/` under its digest. `Debug` shows how many there are.
#[derive(Clone, Default)]
pub struct SitePictures {
    files: BTreeMap<Digest, Picture>,
    /// The picture of each address that posts name.
    named: BTreeMap<String, Digest>,
    bytes: usize,
    left_out: usize,
}

impl SitePictures {
    /// The pictures that the page of these posts has room for, in their order.
    pub fn wanted(posts: &[Post]) -> impl Iterator<Item = &Attachment> {
        let attachments = posts.iter().take(MAX_POSTS).flat_map(|post| &post.attachments);
        attachments.filter(|attachment| matches!(attachment, Attachment::Photo { url: Some(_), .. }))
    }

    /// Takes the picture of an attachment. `false` if it is no picture that may be published ([`Picture::clean`]), or if all together
    /// would have more than 32 MiB: then the page names it as it does without pictures.
    pub fn take(&mut self, attachment: &Attachment, bytes: &[u8]) -> bool {
        let Attachment::Photo { url: Some(url), .. } = attachment else { return false };
        let cleaned = Picture::clean(bytes, "").ok();
        let known = |picture: &Picture| self.files.contains_key(&picture.digest());
        let fits = |picture: &Picture| known(picture) || self.bytes + picture.bytes().len() <= MAX_BUNDLE_PICTURES;
        let Some(picture) = cleaned.filter(fits) else {
            self.left_out += 1;
            return false;
        };
        self.named.insert(url.clone(), picture.digest());
        self.bytes += if known(&picture) { 0 } else { picture.bytes().len() };
        self.files.insert(picture.digest(), picture);
        true
    }

    /// How many pictures are there.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// How many pictures were not taken.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The pictures, by their digests.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Digest, &Picture)> {
        self.files.iter()
    }
}

impl std::fmt::Debug for SitePictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { files, named: _, bytes, left_out } = self;
        f.debug_struct("SitePictures")
            .field("files", &files.len())
            .field("bytes", bytes)
            .field("left_out", left_out)
            .finish_non_exhaustive()
    }
}

/// Whose pictures lie beside a page.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beside<'a> {
    /// Those of the mirror in which the page is, with what posts state of them. Every picture that a post names is one.
    Mirror(&'a StatedPictures),
    /// Those that a reader kept.
    Kept(&'a SitePictures),
}

impl Beside<'_> {
    /// The picture at an address that a post names, if it lies beside the page.
    pub(super) fn digest(self, url: &str) -> Option<Digest> {
        match self {
            Beside::Mirror(_) => picture_digest(url),
            Beside::Kept(kept) => kept.named.get(url).copied(),
        }
    }

    /// Its media type and its size in bytes, if they are known.
    pub(super) fn stated(self, digest: &Digest) -> Option<(PictureKind, u64)> {
        match self {
            Beside::Mirror(stated) => stated.get(digest).copied(),
            Beside::Kept(kept) => kept.files.get(digest).map(|picture| (picture.kind(), picture.bytes().len() as u64)),
        }
    }
}

/// A page that a phone on a slow network loads in one go: some 100 kB compressed at most.
pub(super) const MAX_POSTS: usize = 200;
