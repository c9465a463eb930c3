//! Pictures of posts, without what a camera or a program wrote into them.
//!
//! A photograph says where and when it was taken, with which device, and often shows in a thumbnail what was cut off. So a
//! picture is not edited but written anew from the parts that a decoder needs to show it. Every other part is left out, whatever
//! it is called: Exif with its GPS, XMP, IPTC, comments, thumbnails, colour profiles, texts, times, and what follows the end of
//! the picture, where some phones leave the picture before it was cropped. Of Exif one number is kept, which side is up.
//!
//! The compressed pixels of JPEG and WebP are copied as they are. So the quality stays, and so do the marks that a sensor and an encoder
//! leave in pixels and tables. Those of PNG, which lose nothing by it, are written anew (`pixels`): a program that erases a part often
//! makes it transparent alone, and its colours must not be published. A transparent WebP is refused for that.

mod jpeg;
mod orientation;
mod palette;
mod parts;
mod pixels;
mod png;
mod webp;

use std::fmt;

use self::parts::{Cleaned, Fault, MAX_PIXELS, MAX_SIDE, Size};
use super::error::{PublishError, Unfit};
use super::limits;
use crate::sentences::{StatedPart, StatedRule};
use crate::signed::{Digest, MAX_PICTURE_BYTES, picture_file};

/// A picture for a post: JPEG, PNG or WebP, without metadata.
///
/// ```no_run
/// use byway::publisher::Picture;
///
/// let picture = Picture::clean(&std::fs::read("gate.jpg")?, "The gate of the plant, closed")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    bytes: Vec<u8>,
    kind: PictureKind,
    digest: Digest,
    size: Size,
    text: String,
}

/// The format of a picture. It is recognised by the bytes; the name of a file says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PictureKind {
    /// JPEG (ITU-T T.81), baseline or progressive.
    Jpeg,
    /// PNG (third edition). Of a moving one the still picture is kept.
    Png,
    /// WebP (RFC 9649), still.
    WebP,
}

impl Picture {
    /// The picture without metadata. `text` says what it shows, for people who can't see it; it may be empty.
    ///
    /// # Errors
    /// [`PublishError::Unfit`] if it is no JPEG, PNG or still WebP, is damaged, has more than 8 MiB, 50 million pixels or
    /// 65,535 in a side, or if the text is too long. It takes at most some 40 MiB of memory, whatever the picture states of itself.
    pub fn clean(bytes: &[u8], text: &str) -> Result<Self, PublishError> {
        let text = text.trim();
        if !text.is_empty() {
            limits::line(StatedPart::PictureText, text, MAX_PICTURE_TEXT)?;
        }
        let unfit = |rule| Unfit::error(StatedPart::Picture, rule);
        if bytes.len() as u64 > MAX_PICTURE_BYTES {
            return Err(unfit(StatedRule::TooLong(MAX_PICTURE_BYTES as usize)));
        }
        let kind = PictureKind::of(bytes).ok_or_else(|| unfit(StatedRule::NoPicture))?;
        let cleaned = match kind {
            PictureKind::Jpeg => jpeg::clean(bytes),
            PictureKind::Png => png::clean(bytes),
            PictureKind::WebP => webp::clean(bytes),
        };
        let Cleaned { bytes, size, orientation } = cleaned.map_err(|fault| match fault {
            Fault::Damaged => unfit(StatedRule::Damaged),
            Fault::Unknown => unfit(StatedRule::NoPicture),
            Fault::TooManyPixels => unfit(StatedRule::TooManyPixels(MAX_PIXELS)),
            Fault::TooLongSide => unfit(StatedRule::TooLongSide(MAX_SIDE)),
            Fault::TooLarge => unfit(StatedRule::TooLong(MAX_PICTURE_BYTES as usize)),
            Fault::Transparent => unfit(StatedRule::Transparent),
        })?;
        if size.pixels() > MAX_PIXELS {
            return Err(unfit(StatedRule::TooManyPixels(MAX_PIXELS)));
        }
        // What is written anew can be larger than before.
        if bytes.len() as u64 > MAX_PICTURE_BYTES {
            return Err(unfit(StatedRule::TooLong(MAX_PICTURE_BYTES as usize)));
        }
        let size = if orientation.is_turned() { Size { width: size.height, height: size.width } } else { size };
        Ok(Self { digest: Digest::of(&bytes), bytes, kind, size, text: text.to_owned() })
    }

    /// The picture as it is published.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its format.
    pub fn kind(&self) -> PictureKind {
        self.kind
    }

    /// Its width in pixels, as it is shown.
    pub fn width(&self) -> u32 {
        self.size.width
    }

    /// Its height in pixels, as it is shown.
    pub fn height(&self) -> u32 {
        self.size.height
    }

    /// What it shows.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The digest of its bytes.
    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    /// The name of its file in a mirror.
    pub(super) fn file(&self) -> String {
        picture_file(&self.digest)
    }

    /// The tag of NIP-92 by which a post names it.
    pub(super) fn tag(&self) -> Vec<String> {
        let Size { width, height } = self.size;
        let mut tag = vec![
            "imeta".to_owned(),
            format!("url {}", self.file()),
            format!("m {}", self.kind.media_type()),
            format!("dim {width}x{height}"),
            format!("size {}", self.bytes.len()),
        ];
        if !self.text.is_empty() {
            tag.push(format!("alt {}", self.text));
        }
        tag
    }
}

impl PictureKind {
    /// The format of these bytes, by how they begin.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(PictureKind::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(PictureKind::WebP),
            _ if bytes.starts_with(png::SIGNATURE) => Some(PictureKind::Png),
            _ => None,
        }
    }

    /// The format with this media type.
    pub(super) fn of_media_type(name: &str) -> Option<Self> {
        [PictureKind::Jpeg, PictureKind::Png, PictureKind::WebP].into_iter().find(|kind| kind.media_type() == name)
    }

    /// The media type (RFC 6838).
    pub fn media_type(self) -> &'static str {
        match self {
            PictureKind::Jpeg => "image/jpeg",
            PictureKind::Png => "image/png",
            PictureKind::WebP => "image/webp",
        }
    }
}

impl fmt::Debug for Picture {
    /// Without the text and the digest: they say what a person is about to publish.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("kind", &self.kind).field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// What fits into a text of a tag, with its name.
const MAX_PICTURE_TEXT: usize = 1000;

/// The most pictures of one post.
pub(super) const MAX_PICTURES: usize = 10;

#[cfg(test)]
mod tests;
