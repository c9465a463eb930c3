//! The pictures that posts name, and their files in a mirror.
//!
//! A picture lies in `files/` under its digest, and a post names it by that. It is written before the post, and removed after
//! the last post that names it was deleted or edited, so that what an admin deletes is not handed out any more.

use std::collections::BTreeSet;
use std::io;

use jiff::Timestamp;

use super::community::Publisher;
use super::error::{PublishError, Unfit};
use super::files::{Files, ReadFiles};
use super::picture::{MAX_PICTURES, Picture, PictureKind};
use super::site::StatedPictures;
use crate::community::{Attachment, Post};
use crate::sentences::{StatedPart, StatedRule};
use crate::signed::{Digest, MAX_PICTURE_BYTES, PICTURES, Role, SignedEvent, picture_digest, picture_file};

impl Publisher {
    /// The pictures that posts name now.
    pub(super) fn pictures(&self, now: Timestamp) -> BTreeSet<Digest> {
        named(&self.content(now).1)
    }

    /// The pictures that the posts of these events name.
    #[cfg(feature = "upload")]
    pub(super) fn pictures_of(&self, is_there: impl Fn(&SignedEvent) -> bool, now: Timestamp) -> BTreeSet<Digest> {
        let events = self.events.iter().filter(|(event, _)| is_there(event));
        named(&self.content_of(events, now).1)
    }

    /// Writes the files of a post's pictures, before the post.
    pub(super) fn add_pictures(&mut self, pictures: &[Picture]) -> Result<(), PublishError> {
        if pictures.len() > MAX_PICTURES {
            return Err(Unfit::error(StatedPart::Picture, StatedRule::TooManyPictures(MAX_PICTURES)));
        }
        pictures.iter().try_for_each(|picture| Ok(self.files.replace(&picture.file(), picture.bytes())?))
    }

    /// The bytes of a picture of this folder. `None` for one of another admin that was never here.
    ///
    /// # Errors
    /// [`PublishError::Damaged`] if it was changed, or if these keys published it and it is gone.
    pub(super) fn picture(&self, digest: &Digest) -> Result<Option<Vec<u8>>, PublishError> {
        let own = |(event, _): &(SignedEvent, Role)| {
            event.author() == self.keys.author.public() && named_in(event).any(|named| named == *digest)
        };
        match read(&self.files, digest)? {
            Some(bytes) if Digest::of(&bytes) == *digest => Ok(Some(bytes)),
            None if !self.events.iter().any(own) => Ok(None),
            _ => Err(PublishError::Damaged),
        }
    }

    /// Brings the pictures of another folder to those of this one, except that none is removed yet.
    pub(super) fn publish_pictures(&self, target: &mut Files, now: Timestamp) -> Result<(), PublishError> {
        for digest in self.pictures(now) {
            let theirs = read(target, &digest).ok().flatten();
            if theirs.is_some_and(|bytes| Digest::of(&bytes) == digest) {
                continue;
            }
            if let Some(bytes) = self.picture(&digest)? {
                target.replace(&picture_file(&digest), &bytes)?;
            }
        }
        Ok(())
    }

    /// Takes in the pictures of events that another folder has. One that is missing there, or was changed, is left out.
    pub(super) fn take_in_pictures(
        &mut self,
        source: &impl ReadFiles,
        events: &[(SignedEvent, Role)],
    ) -> Result<(), PublishError> {
        let wanted: BTreeSet<Digest> = events.iter().flat_map(|(event, _)| named_in(event)).collect();
        for digest in wanted {
            if self.files.has(&picture_file(&digest))? {
                continue;
            }
            let bytes = read(source, &digest)?.filter(|bytes| Digest::of(bytes) == digest);
            if let Some(bytes) = bytes {
                self.files.replace(&picture_file(&digest), &bytes)?;
            }
        }
        Ok(())
    }
}

impl Files {
    /// Removes the pictures that no post names any more.
    pub(super) fn remove_pictures(&mut self, named: &BTreeSet<Digest>) -> io::Result<()> {
        let digests: Vec<Digest> = self.names_in(PICTURES)?.iter().filter_map(|name| name.parse().ok()).collect();
        let unnamed = digests.iter().filter(|digest| !named.contains(digest));
        unnamed.map(picture_file).try_for_each(|name| self.remove(&name))
    }
}

/// The pictures that an event names.
pub(super) fn named_in(event: &SignedEvent) -> impl Iterator<Item = Digest> {
    let urls = event.tags("imeta").flat_map(|values| values.iter().filter_map(|value| value.strip_prefix("url ")));
    urls.filter_map(picture_digest)
}

fn named(posts: &[Post]) -> BTreeSet<Digest> {
    named_by(posts).collect()
}

/// What events state of their pictures, as far as it can be true.
pub(super) fn stated(events: &[(SignedEvent, Role)]) -> StatedPictures {
    let mut stated = StatedPictures::new();
    for values in events.iter().flat_map(|(event, _)| event.tags("imeta")) {
        let field = |name: &str| values.iter().find_map(|value| value.strip_prefix(name)?.strip_prefix(' '));
        let digest = field("url").and_then(picture_digest);
        let kind = field("m").and_then(PictureKind::of_media_type);
        let bytes = field("size").and_then(|size| size.parse().ok()).filter(|bytes| *bytes <= MAX_PICTURE_BYTES);
        stated.extend(digest.zip(kind.zip(bytes)));
    }
    stated
}

/// The pictures that these posts name, in their order.
pub(super) fn named_by(posts: &[Post]) -> impl Iterator<Item = Digest> {
    let attachments = posts.iter().flat_map(|post| &post.attachments);
    let urls = attachments.filter_map(|attachment| match attachment {
        Attachment::Photo { url, .. } => url.as_deref(),
        _ => None,
    });
    urls.filter_map(picture_digest)
}

/// A file that is larger than any picture has another digest than every picture.
pub(super) fn read(files: &impl ReadFiles, digest: &Digest) -> io::Result<Option<Vec<u8>>> {
    match files.read(&picture_file(digest), MAX_PICTURE_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Ok(Some(Vec::new())),
        read => read,
    }
}
