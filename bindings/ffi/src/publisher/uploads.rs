//! Uploads of a community to a WebDAV folder, or with the feature `s3` to an S3-compatible store, by the routes of a client.

use std::sync::Arc;

use byway::jiff::Timestamp;
use byway::publisher::RemoteScope;
use byway::upload::{UploadCredentialsError, UploadError, UploadTargetError, Uploader};
use zeroize::Zeroizing;

use super::calls::Publisher;
use super::proposals::parsed;
use super::records::FilesWritten;
use crate::client::Client;
use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Worded};
use crate::numbers::length;
use crate::runtime::{CancelHandle, blocking};

/// A folder on a server, and who may learn that it is uploaded to.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct UploadTarget {
    /// The `https://` address of a WebDAV folder. Over `http://` only an onion service and a server in the user's own network are
    /// uploaded to. `s3://BUCKET/PREFIX` needs a library that is built with the feature `s3`; the code is `upload_no_s3` otherwise.
    pub address: String,
    /// For a bucket: its region. Most servers other than Amazon's accept the default, `us-east-1`.
    #[uniffi(default)]
    pub region: Option<String>,
    /// For a bucket: the address of its server, if it is not Amazon's.
    #[uniffi(default)]
    pub endpoint: Option<String>,
    /// Who may learn of it, if fewer than the client's configuration says.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Try direct strategies even if something recorded speaks against them. What the exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
}

/// What a server knows an admin by. The secrets are text in UTF-8, and are overwritten in memory after the call.
#[derive(uniffi::Enum)]
pub enum UploadCredentials {
    /// An access key for a bucket.
    Key {
        /// Its id.
        id: String,
        /// Its secret.
        secret: Vec<u8>,
        /// The token of a session, if the key is one for a session.
        token: Option<Vec<u8>>,
    },
    /// A login for a WebDAV folder.
    Login {
        /// The name.
        user: String,
        /// The password.
        password: Vec<u8>,
    },
}

/// How to upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, uniffi::Record)]
pub struct UploadOptions {
    /// Take in first what the server has and the folder does not: charters, posts and gatherings of another admin. All of it is
    /// verified as a reader would.
    #[uniffi(default = false)]
    pub take_in: bool,
    /// Write over what the server has and the folder does not, which is lost.
    #[uniffi(default = false)]
    pub replace: bool,
    /// Compare every file with the server's, and not only what changed.
    #[uniffi(default = false)]
    pub check_all: bool,
}

#[uniffi::export]
impl Publisher {
    /// Renews the statement of the newest state, and brings a folder on a server to it, by the client's routes and under its exposure.
    /// Only what changed is sent. If the server has something that this folder does not have, nothing is written there, unless
    /// `take_in` or `replace` is set.
    ///
    /// An upload that is cancelled or fails ends after its last write: readers have a complete state, and the next one continues
    /// there.
    pub async fn upload(
        &self,
        client: Arc<Client>,
        target: UploadTarget,
        credentials: Option<UploadCredentials>,
        options: UploadOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<FilesWritten, BywayError> {
        let publisher = self.lent();
        let credentials = credentials.map(Crossed::from);
        client
            .call(cancel, |byway, language| async move {
                let uploader = uploader(&byway, target, credentials, language)?;
                let mut publisher = publisher.await?;
                let UploadOptions { take_in, replace, check_all } = options;
                let scope = if take_in || check_all { RemoteScope::All } else { RemoteScope::Changed };
                let remote = uploader.look(&publisher, scope, Timestamp::now()).await;
                let remote = remote.map_err(|error| worded(&error, language))?;
                let plan = blocking(language, move || {
                    let now = Timestamp::now();
                    if take_in {
                        publisher.take_in_remote(&remote, now).map_err(|error| error.worded(language))?;
                    }
                    publisher.plan(&remote, replace, now).map_err(|error| error.worded(language))
                });
                let uploaded = uploader.send(plan.await?).await.map_err(|error| worded(&error, language))?;
                Ok(uploaded.into())
            })
            .await
    }
}

#[uniffi::export]
impl Client {
    /// Publishes a freeze in a folder on a server, for good. It needs no keys of the community. Readers trust nothing from then on
    /// that is signed later than it says.
    pub async fn upload_freeze(
        &self,
        file: Vec<u8>,
        target: UploadTarget,
        credentials: Option<UploadCredentials>,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<FilesWritten, BywayError> {
        let credentials = credentials.map(Crossed::from);
        self.call(cancel, |byway, language| async move {
            let uploader = uploader(&byway, target, credentials, language)?;
            let freeze = parsed(&file, &[], None, language)?;
            let uploaded = uploader.freeze(&freeze, Timestamp::now()).await;
            uploaded.map(Into::into).map_err(|error| worded(&error, language))
        })
        .await
    }
}

/// Credentials as they came, overwritten when they are dropped.
struct Crossed {
    name: Zeroizing<String>,
    secret: Zeroizing<Vec<u8>>,
    token: Option<Zeroizing<Vec<u8>>>,
    is_key: bool,
}

impl From<UploadCredentials> for Crossed {
    fn from(crossed: UploadCredentials) -> Self {
        match crossed {
            UploadCredentials::Key { id, secret, token } => {
                Self { name: id.into(), secret: secret.into(), token: token.map(Into::into), is_key: true }
            }
            UploadCredentials::Login { user, password } => {
                Self { name: user.into(), secret: password.into(), token: None, is_key: false }
            }
        }
    }
}

impl Crossed {
    fn core(&self) -> Result<byway::upload::UploadCredentials, UploadCredentialsError> {
        // What is no text is empty here, and is refused as that.
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
        let secret = text(&self.secret);
        let token = self.token.as_deref().map(|token| text(token));
        if self.is_key {
            byway::upload::UploadCredentials::key(&self.name, secret, token)
        } else {
            byway::upload::UploadCredentials::login(&self.name, secret)
        }
    }
}

fn uploader(
    byway: &byway::Byway,
    target: UploadTarget,
    credentials: Option<Crossed>,
    language: Language,
) -> Result<Uploader, BywayError> {
    let UploadTarget { address, region, endpoint, exposure, allow_direct } = target;
    let mut place: byway::upload::UploadTarget = address.parse().map_err(wrong(language))?;
    // In a build beside a program with buckets, the core has them, and this library still answers as an app's does.
    if place.is_bucket() && !cfg!(feature = "s3") {
        return Err(UploadTargetError::NoS3.worded(language));
    }
    if let Some(endpoint) = endpoint {
        place = place.with_endpoint(&endpoint).map_err(wrong(language))?;
    }
    if let Some(region) = region {
        place = place.with_region(&region).map_err(wrong(language))?;
    }
    let exposure = exposure.map(Into::into).unwrap_or_default();
    let uploader = Uploader::new(byway, place).with_exposure(exposure).with_direct(allow_direct);
    Ok(match credentials {
        Some(credentials) => uploader.with_credentials(credentials.core().map_err(|error| error.worded(language))?),
        None => uploader,
    })
}

fn wrong(language: Language) -> impl Fn(UploadTargetError) -> BywayError {
    move |error| error.worded(language)
}

/// An error with the account of the access, if it is one.
fn worded(error: &UploadError, language: Language) -> BywayError {
    match error {
        UploadError::Unreached(error) => error.worded(language),
        error => error.worded(language),
    }
}

impl From<byway::upload::Uploaded> for FilesWritten {
    fn from(core: byway::upload::Uploaded) -> Self {
        Self { changed: length(core.changed), unchanged: length(core.unchanged) }
    }
}
