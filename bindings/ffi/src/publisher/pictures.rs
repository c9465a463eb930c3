//! The pictures of a post, which the core cleans of what a camera or a program wrote into them.

use byway::publisher::Picture as Core;

use crate::configuration::Language;
use crate::errors::{BywayError, Worded};
use crate::numbers::small;
use crate::runtime::blocking;

/// A picture as an admin chose it: JPEG, PNG or still WebP. A post takes it, and it is cleaned then.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct GivenPicture {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// What it shows, for people who can't see it. It may be empty.
    pub text: String,
}

impl GivenPicture {
    fn core(&self, language: Language) -> Result<Core, BywayError> {
        Core::clean(&self.bytes, &self.text).map_err(|error| error.worded(language))
    }
}

/// A picture without metadata, as it is published.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its media type, such as `image/jpeg`. It is recognised by the bytes.
    pub media_type: String,
    /// Its width in pixels, as it is shown.
    pub width: i32,
    /// Its height in pixels, as it is shown.
    pub height: i32,
    /// What it shows.
    pub text: String,
}

impl From<Core> for Picture {
    fn from(core: Core) -> Self {
        Self {
            media_type: core.kind().media_type().to_owned(),
            width: small(core.width()),
            height: small(core.height()),
            text: core.text().to_owned(),
            bytes: core.bytes().to_vec(),
        }
    }
}

/// Removes from a picture what its maker's device wrote into it. A picture that is no JPEG, PNG or still WebP, is damaged, or is
/// larger than 8 MiB or 50 million pixels is an error (`unfit`), and so is a text of more than 1000 bytes or with a line break.
#[uniffi::export]
pub async fn clean_picture(picture: GivenPicture, language: Language) -> Result<Picture, BywayError> {
    blocking(language, move || Ok(picture.core(language)?.into())).await
}

/// The pictures of a post, cleaned, in their order.
pub(super) fn cleaned(pictures: &[GivenPicture], language: Language) -> Result<Vec<Core>, BywayError> {
    pictures.iter().map(|picture| picture.core(language)).collect()
}
