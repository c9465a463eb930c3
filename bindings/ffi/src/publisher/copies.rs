//! A page is copied into a mirror, by the routes of a client.

use std::path::Path;
use std::sync::Arc;

use byway::copying::{PageCopier, ReadPage};
use byway::jiff::Timestamp;
use byway::publisher::{CopyKeys, PublishError, Publisher, link_of};
use byway::{OpenFault, Secret};

use super::key_files::{opened_keys, secret};
use crate::client::Client;
use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Worded};
use crate::link::SignedLink;
use crate::numbers::length;
use crate::runtime::{CancelHandle, blocking};

/// Whose copy of a page it is, and how the page is read.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct CopyOptions {
    /// The person or group who copies: a name that readers see. What the founding stated stays.
    pub by: String,
    /// Addresses of folders on the web that will carry the copy. What the founding stated stays, until the copy's charter is restated.
    #[uniffi(default = [])]
    pub mirrors: Vec<String>,
    /// Copy the pictures too.
    #[uniffi(default = true)]
    pub pictures: bool,
    /// Who may learn that the page is read, if fewer than the configuration, the link and the store allow.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Try direct strategies even if something recorded speaks against them. What the exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
}

/// What a copy took over.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct CopiedPage {
    /// The link of the copy, for readers.
    pub link: SignedLink,
    /// The page was read less than ten minutes ago. It was left alone, and nothing changed.
    pub is_too_soon: bool,
    /// Posts and gatherings that are new, or have other words.
    pub changed: i64,
    /// Posts and gatherings that the original no longer has. They stay, with a sentence that says so.
    pub removed: i64,
    /// Posts and gatherings that a copy cannot hold: without words, without a name, or with a part that no event holds.
    pub left_out: i64,
}

#[uniffi::export]
impl Client {
    /// Reads a page, and brings its copy in a folder to it: a mirror for people who cannot reach the page. The copy is a signed community
    /// with keys of the person who copies, and says so. What the original deletes stays in it, and says that it is gone there. If the
    /// folder holds no copy, it is founded, with new keys in the key file or with those that an interrupted call left there. No
    /// publisher may have the folder open. The copy is put on a server by `Publisher::upload`, or as any folder.
    ///
    /// What is kept of the page is neither used nor changed, except that its least exposure holds. If this is cancelled, the
    /// copy stays as it was, or is the new one.
    pub async fn copy_page(
        &self,
        link: String,
        folder: String,
        key_file: String,
        passphrase: Vec<u8>,
        options: CopyOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<CopiedPage, BywayError> {
        let passphrase = secret(passphrase, self.said_language());
        self.call(cancel, |byway, language| {
            // Its future has some kilobytes.
            Box::pin(async move {
                let place = Place { folder, key_file, passphrase: passphrase?, language };
                place.copy(&byway, &link, options).await
            })
        })
        .await
    }
}

/// Where a copy lies, and what opens it.
struct Place {
    folder: String,
    key_file: String,
    passphrase: Secret,
    language: Language,
}

impl Place {
    async fn copy(self, byway: &byway::Byway, link: &str, options: CopyOptions) -> Result<CopiedPage, BywayError> {
        let CopyOptions { by, mirrors, pictures, exposure, allow_direct } = options;
        let language = self.language;
        let copier = PageCopier::new(byway, link);
        let copier = copier.map_err(|error| BywayError::of(OpenFault::from(error).details(language.into()), None))?;
        let copier = copier.with_exposure(exposure.map(Into::into).unwrap_or_default()).with_direct(allow_direct);
        let home = copier.home().clone();
        let (place, known, is_due) = blocking(language, move || {
            let known = self.known()?;
            let is_due = known.as_ref().map_or(Ok(true), |copy| copy.is_copy_due(&home, Timestamp::now()));
            Ok((self, known, is_due.map_err(|error| error.worded(language))?))
        })
        .await?;
        if let (false, Some(copy)) = (is_due, &known) {
            return Ok(CopiedPage::of(copy, None));
        }
        let page = copier.read().await.map_err(|error| error.worded(language))?;
        let (page, mut copy, wanted) = blocking(language, move || {
            let copy = match known {
                Some(copy) => copy,
                None => place.found(&page, &by, mirrors)?,
            };
            let wanted = if pictures { page.wanted_pictures(&copy, Timestamp::now()) } else { Vec::new() };
            Ok((page, copy, wanted))
        })
        .await?;
        let pictures = page.fetch_pictures(wanted).await;
        blocking(language, move || {
            let copied = page.copy_into(&mut copy, &pictures, Timestamp::now());
            Ok(CopiedPage::of(&copy, Some(copied.map_err(|error| error.worded(language))?)))
        })
        .await
    }

    /// The copy that is there. `None`: it has yet to be founded.
    fn known(&self) -> Result<Option<Publisher>, BywayError> {
        let (folder, now, language) = (Path::new(&self.folder), Timestamp::now(), self.language);
        if matches!(link_of(folder, byway::Exposure::Open, now), Err(PublishError::Absent)) {
            return Ok(None);
        }
        let keys = opened_keys(&self.key_file, self.passphrase.clone(), language)?;
        let copy = Publisher::open(folder, keys, now, language.into());
        copy.map(Some).map_err(|error| error.worded(language))
    }

    fn found(&self, page: &ReadPage, by: &str, mirrors: Vec<String>) -> Result<Publisher, BywayError> {
        let (folder, file, language) = (Path::new(&self.folder), Path::new(&self.key_file), self.language);
        let keys = if CopyKeys::are_left(file) {
            CopyKeys::left(opened_keys(&self.key_file, self.passphrase.clone(), language)?)
        } else {
            CopyKeys::create(file, folder, self.passphrase.clone()).map_err(|error| error.worded(language))?
        };
        let mut statement = page.statement(by);
        statement.mirrors = mirrors;
        let copy = Publisher::found_copy(folder, keys, &statement, Timestamp::now(), language.into());
        copy.map_err(|error| error.worded(language))
    }
}

impl CopiedPage {
    fn of(copy: &Publisher, copied: Option<byway::publisher::CopiedItems>) -> Self {
        let items = copied.unwrap_or_default();
        Self {
            link: copy.link(byway::Exposure::Open, Timestamp::now()).into(),
            is_too_soon: copied.is_none(),
            changed: length(items.changed),
            removed: length(items.removed),
            left_out: length(items.left_out),
        }
    }
}
