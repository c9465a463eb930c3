//! A page is read and copied into a mirror, for people who cannot reach the page. Built with the feature `publisher`.
//!
//! ```text
//! PageCopier  -- reads, over the client's routes -->  ReadPage  -- says what it read, fetches pictures -->  Publisher (the copy's folder)
//! ```
//!
//! The room `publisher` decides what a copy takes over and when its original may be asked again; this one decides what is sent. A
//! copy is of one reading: what the client has kept of the page is neither used nor changed, except for the exposure with which the page
//! may be read.

mod pictures;

use jiff::Timestamp;

use self::pictures::Fetching;
use crate::client::{Afresh, AttachmentId, Byway, Note, OpenError, Opened};
use crate::community::{Home, HomeError};
use crate::exposure::Exposure;
use crate::publisher::{
    CopiedItems, Original, Picture, PostPictures, PublishError, Publisher, Statement, WantedPicture,
};
use crate::source::SourceNote;

/// Copies one page, by the routes that a [`Byway`] allows.
///
/// ```no_run
/// # async fn copy(byway: byway::Byway, mut copy: byway::publisher::Publisher) -> Result<(), Box<dyn std::error::Error>> {
/// use byway::copying::PageCopier;
/// use byway::jiff::Timestamp;
///
/// let copier = PageCopier::new(&byway, "vk.com/zavod")?;
/// if copy.is_copy_due(copier.home(), Timestamp::now())? {
///     let page = copier.read().await?;
///     let wanted = page.wanted_pictures(&copy, Timestamp::now());
///     let pictures = page.fetch_pictures(wanted).await;
///     page.copy_into(&mut copy, &pictures, Timestamp::now())?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// Of a copy that is not founded yet, the page states its first charter ([`ReadPage::statement`],
/// [`Publisher::found_copy`](crate::publisher::Publisher::found_copy)).
#[derive(Clone, Debug)]
pub struct PageCopier {
    byway: Byway,
    link: String,
    home: Home,
    exposure: Exposure,
    allow_direct: bool,
}

/// A page as it was read for a copy.
#[derive(Debug)]
pub struct ReadPage {
    afresh: Afresh,
    home: Home,
    opened: Opened,
}

impl PageCopier {
    /// Of the page that this link leads to.
    ///
    /// # Errors
    /// [`HomeError`] if it leads to none.
    pub fn new(byway: &Byway, link: &str) -> Result<Self, HomeError> {
        let home = link.parse()?;
        Ok(Self { byway: byway.clone(), link: link.to_owned(), home, exposure: Exposure::Open, allow_direct: false })
    }

    /// Who may learn of it, if fewer than the client, the link and the store allow.
    #[must_use]
    pub fn with_exposure(mut self, exposure: Exposure) -> Self {
        self.exposure = self.exposure.max(exposure);
        self
    }

    /// Tries direct strategies even if something recorded speaks against them. What the exposure forbids stays forbidden.
    #[must_use]
    pub fn with_direct(mut self, allowed: bool) -> Self {
        self.allow_direct = allowed;
        self
    }

    /// The address of the original.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Reads the original. Ask [`Publisher::is_copy_due`] before, if there is a copy.
    ///
    /// # Errors
    /// See [`OpenError`]. What was kept of the page is no answer.
    pub async fn read(&self) -> Result<ReadPage, OpenError> {
        let afresh = self.byway.afresh(&self.link, self.exposure, self.allow_direct)?;
        let opened = afresh.open().await?;
        Ok(ReadPage { afresh, home: self.home.clone(), opened })
    }
}

impl ReadPage {
    /// What was read.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// What the first charter of a copy states that the person or group with this name makes. Its mirrors are to be added.
    pub fn statement(&self, by: &str) -> Statement {
        Statement::of_copy(&self.opened.community, &self.home, by)
    }

    /// The pictures that this copy has yet to get.
    pub fn wanted_pictures(&self, copy: &Publisher, now: Timestamp) -> Vec<WantedPicture> {
        copy.pictures_to_copy(&self.opened.posts, now)
    }

    /// Fetches pictures one after the other, by the routes of the page, each with at most 8 MiB. Those that do not come are tried again by
    /// a later run; three failures in a row end this one, as the route to them is blocked.
    pub async fn fetch_pictures(&self, wanted: Vec<WantedPicture>) -> Vec<PostPictures> {
        let mut fetching = Fetching::default();
        for WantedPicture { post, index, text } in wanted {
            if fetching.asks_for(&post) {
                let id = AttachmentId { community: self.opened.community.id.clone(), post, index };
                fetching.take(match self.afresh.fetch_attachment(&id, MAX_PICTURE_BYTES).await {
                    // A picture is written anew, which takes a while.
                    Ok(file) => {
                        let cleaned = tokio::task::spawn_blocking(move || Picture::clean(&file.bytes, &text).ok());
                        Ok(cleaned.await.unwrap_or_default())
                    }
                    Err(error) => Err(error.fault),
                });
            }
        }
        fetching.done()
    }

    /// Brings a copy to the page. Blocks.
    ///
    /// # Errors
    /// Those of [`Publisher::copy`].
    pub fn copy_into(
        &self,
        copy: &mut Publisher,
        pictures: &[PostPictures],
        now: Timestamp,
    ) -> Result<CopiedItems, PublishError> {
        let mut original = Original::new(&self.opened.community, &self.opened.posts, &self.opened.events);
        original.pictures = pictures;
        original.is_gapless = self.is_gapless();
        copy.copy(&original, now)
    }

    /// A feed may leave out what it likes; a list of a platform has gaps only where something was removed, or where a note says so.
    fn is_gapless(&self) -> bool {
        let is_list = matches!(self.home, Home::Vk(_) | Home::Telegram(_));
        let is_whole = self.opened.notes.iter().all(|note| match note {
            Note::Source(note) => matches!(note, SourceNote::Labelled { .. } | SourceNote::Found { .. }),
            _ => false,
        });
        is_list && is_whole && !self.opened.truncated
    }
}

/// As much as a picture of a mirror may have.
const MAX_PICTURE_BYTES: u64 = 8 << 20;
