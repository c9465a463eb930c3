//! What is handed on without keys: the bundle and the link of a folder, a link as a QR code, a kept community as a web site.

use std::path::Path;
use std::sync::Arc;

use byway::community::CommunityId;
use byway::jiff::Timestamp;
use byway::publisher::{Site, SitePictures};
use byway::{Cursor, OpenFault};

use super::records::{FilesWritten, Statement};
use crate::client::{Client, community_id};
use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Worded};
use crate::link::SignedLink;
use crate::numbers::{length, small};
use crate::runtime::{CancelHandle, blocking, guarded};

/// A QR code (ISO/IEC 18004), at error correction M: a seventh of it may be dirty or torn.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct QrCode {
    /// The number of modules a side, with the margin of four light modules that readers of codes need.
    pub width: i32,
    /// The modules row by row: 1 is dark, 0 is light.
    pub modules: Vec<u8>,
    /// The same as an SVG image, black on white.
    pub svg: String,
}

impl From<&byway::publisher::QrCode> for QrCode {
    fn from(core: &byway::publisher::QrCode) -> Self {
        let width = core.width();
        let rows = (0..width).flat_map(|row| (0..width).map(move |column| u8::from(core.is_dark(column, row))));
        Self { width: small(u32::try_from(width).unwrap_or(u32::MAX)), modules: rows.collect(), svg: core.svg() }
    }
}

/// The QR code of a link, which has at most 331 bytes.
#[uniffi::export]
pub fn qr_code(text: String, language: Language) -> Result<QrCode, BywayError> {
    guarded(language, || match byway::publisher::QrCode::of(&text) {
        Ok(code) => Ok((&code).into()),
        Err(error) => Err(error.worded(language)),
    })?
}

/// Which pictures a bundle carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum BundlePictures {
    /// Those of the newest posts, up to 32 MiB in all.
    Newest,
    /// None, for a small file.
    LeftOut,
}

/// A bundle, and what is not in it.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct MadeBundle {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pictures are in it.
    pub pictures: i64,
    /// How many pictures of posts are not in it: there was no room for them, or they are not in the folder.
    pub pictures_left_out: i64,
}

/// The bundle of the community in a folder: all of it in one file, which proves itself without a network. It needs no keys.
#[uniffi::export]
pub async fn bundle_of(folder: String, pictures: BundlePictures, language: Language) -> Result<MadeBundle, BywayError> {
    blocking(language, move || {
        let pictures = match pictures {
            BundlePictures::Newest => byway::publisher::BundlePictures::Newest,
            BundlePictures::LeftOut => byway::publisher::BundlePictures::LeftOut,
        };
        let made = byway::publisher::bundle_of(Path::new(&folder), pictures, Timestamp::now());
        let made = made.map_err(|error| error.worded(language))?;
        let byway::publisher::MadeBundle { bytes, pictures, pictures_left_out, .. } = made;
        Ok(MadeBundle { bytes, pictures: length(pictures), pictures_left_out: length(pictures_left_out) })
    })
    .await
}

/// What the charter in force in a folder says. It needs no keys.
#[uniffi::export]
pub async fn statement_of(folder: String, language: Language) -> Result<Statement, BywayError> {
    blocking(language, move || {
        let statement = byway::publisher::Statement::of(Path::new(&folder), Timestamp::now());
        statement.map(Into::into).map_err(|error| error.worded(language))
    })
    .await
}

/// The link to the community in a folder, with its first mirrors. It needs no keys.
#[uniffi::export]
pub async fn link_of(folder: String, exposure: Exposure, language: Language) -> Result<SignedLink, BywayError> {
    blocking(language, move || {
        let link = byway::publisher::link_of(Path::new(&folder), exposure.into(), Timestamp::now());
        link.map(Into::into).map_err(|error| error.worded(language))
    })
    .await
}

#[uniffi::export]
impl Client {
    /// Writes a kept community into a folder as a small web site, for people who cannot reach it: a page that is marked as a
    /// reader's copy, a feed, a calendar, and pictures that came in a bundle or a folder. The folder is created if it
    /// is missing.
    #[uniffi::method(default(cancel = None))]
    pub async fn write_site(
        &self,
        id: String,
        folder: String,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<FilesWritten, BywayError> {
        self.call(cancel, |byway, language| async move {
            let id = community_id(&id, language)?;
            let kept = byway.community(&id).await.map_err(|error| error.worded(language))?;
            let kept = kept.ok_or_else(|| BywayError::of(OpenFault::NotStored.details(language.into()), None))?;
            let trust = byway.standing(&id).await.map_err(|error| error.worded(language))?.trust();
            let (posts, events) = everything(&byway, &id, language).await?;
            let mut pictures = SitePictures::default();
            for attachment in SitePictures::wanted(&posts) {
                let kept = byway.kept_picture(&id, attachment).await.map_err(|error| error.worded(language))?;
                if let Some(bytes) = kept {
                    let attachment = attachment.clone();
                    // A picture is written anew, which takes a while.
                    pictures = blocking(language, move || {
                        pictures.take(&attachment, &bytes);
                        Ok(pictures)
                    })
                    .await?;
                }
            }
            blocking(language, move || {
                let site = Site::new(&kept.community, kept.synced_at).with_posts(&posts).with_events(&events);
                let site = site.with_language(language.into()).as_copy().with_trust(&trust);
                let written = site.with_kept_pictures(&pictures).write_to(Path::new(&folder));
                let written = written.map_err(byway::publisher::PublishError::from);
                written.map(Into::into).map_err(|error| error.worded(language))
            })
            .await
        })
        .await
    }
}

/// All posts and events that are kept of a community.
async fn everything(
    byway: &byway::Byway,
    id: &CommunityId,
    language: Language,
) -> Result<(Vec<byway::community::Post>, Vec<byway::community::Event>), BywayError> {
    let (mut posts, mut events) = (Vec::new(), Vec::new());
    let mut after = None::<Cursor>;
    loop {
        let page = byway.posts(id, after.as_ref(), PAGE).await.map_err(|error| error.worded(language))?;
        posts.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let page = byway.events(id, after.as_ref(), PAGE).await.map_err(|error| error.worded(language))?;
        events.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok((posts, events));
        }
    }
}

/// How many posts or events are taken from the store at once.
const PAGE: usize = 256;
