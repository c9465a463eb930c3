//! The files of a folder on a server, one at a time: read, written under a condition, removed.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
#[cfg(feature = "upload-s3")]
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::http::HttpBuilder;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, RetryConfig,
    UpdateVersion,
};
use zeroize::Zeroizing;

use super::connector::{Connector, Last, ServerFault, Shown};
use super::credentials::{Kind, UploadCredentials};
use super::error::UploadError;
use super::target::{Place, UploadTarget};
use crate::client::{Byway, GetError, GetFault, GetOptions};
use crate::fetch::FetchError;
use crate::publisher::{PictureKind, RemoteFile, RemoteVersion, Replaces};
use crate::reach::Outcome;
use crate::transport::{Cause, LimitKind};

/// A folder on a server.
pub(super) struct ServerFolder {
    pub(super) byway: Byway,
    pub(super) target: UploadTarget,
    pub(super) credentials: Option<Arc<UploadCredentials>>,
    pub(super) how: GetOptions,
    pub(super) shown: Shown,
}

/// How an operation ended, before it is known what to do about it.
enum Ended<T> {
    Done(T),
    /// There is no such file.
    Missing,
    /// The file is not the one that was expected.
    NotExpected,
    /// The server may do it later, or has done it already.
    Later {
        status: Option<u16>,
        retry_after: Option<Duration>,
        error: UploadError,
    },
    Failed(UploadError),
}

impl ServerFolder {
    /// Whether the server compares versions with each write. A WebDAV server may ignore that it is asked to.
    pub(super) fn compares(&self) -> bool {
        self.target.is_bucket()
    }

    /// Reads a file of at most `most` bytes. `None` if it is not there.
    pub(super) async fn read(&self, name: &str, most: u64) -> Result<Option<RemoteFile>, UploadError> {
        for attempt in 0.. {
            let connector = self.connector(most, &Replaces::Anything)?;
            let (store, path) = self.store(&connector, name)?;
            let read = async {
                let found = store.get(&path).await?;
                let tag = found.meta.e_tag.clone();
                Ok(RemoteFile { bytes: found.bytes().await?.to_vec(), tag })
            };
            match ended(Box::pin(read).await, &connector) {
                Ended::Done(file) => return Ok(Some(file)),
                Ended::Missing => return Ok(None),
                Ended::NotExpected => return Err(UploadError::Answer { status: None }),
                Ended::Failed(error) => return Err(error),
                Ended::Later { status, retry_after, error } => wait(attempt, status, retry_after, error).await?,
            }
        }
        Err(UploadError::Answer { status: None })
    }

    /// Writes a file, if the server has what it is to replace. Returns the version that the server names.
    pub(super) async fn write(
        &self,
        name: &str,
        bytes: &[u8],
        replaces: &Replaces,
    ) -> Result<Option<String>, UploadError> {
        for attempt in 0.. {
            match Box::pin(self.put(name, bytes, replaces)).await? {
                Ended::Done(tag) => return Ok(tag),
                Ended::Missing => return Err(UploadError::NoFolder),
                // An earlier try may have been done although its answer was lost.
                Ended::NotExpected if attempt > 0 => match self.read(name, bytes.len() as u64).await? {
                    Some(file) if file.bytes == bytes => return Ok(file.tag),
                    _ => return Err(UploadError::Changed),
                },
                Ended::NotExpected => return Err(UploadError::Changed),
                Ended::Failed(error) => return Err(error),
                Ended::Later { status, retry_after, error } => wait(attempt, status, retry_after, error).await?,
            }
        }
        Err(UploadError::Answer { status: None })
    }

    /// Removes a file. A missing one is not an error.
    pub(super) async fn remove(&self, name: &str) -> Result<(), UploadError> {
        for attempt in 0.. {
            let connector = self.connector(0, &Replaces::Anything)?;
            let (store, path) = self.store(&connector, name)?;
            match ended(Box::pin(store.delete(&path)).await, &connector) {
                Ended::Done(()) | Ended::Missing => return Ok(()),
                Ended::NotExpected => return Err(UploadError::Changed),
                Ended::Failed(error) => return Err(error),
                Ended::Later { status, retry_after, error } => wait(attempt, status, retry_after, error).await?,
            }
        }
        Err(UploadError::Answer { status: None })
    }

    async fn put(&self, name: &str, bytes: &[u8], replaces: &Replaces) -> Result<Ended<Option<String>>, UploadError> {
        let connector = self.connector(0, replaces)?;
        let (store, path) = self.store(&connector, name)?;
        let mode = match replaces {
            Replaces::Nothing if self.compares() => PutMode::Create,
            Replaces::Version(RemoteVersion { tag: Some(tag), .. }) if self.compares() => {
                PutMode::Update(UpdateVersion { e_tag: Some(tag.clone()), version: None })
            }
            _ => PutMode::Overwrite,
        };
        let options = PutOptions { mode, attributes: attributes(name, bytes), ..PutOptions::default() };
        let payload = PutPayload::from(bytes.to_vec());
        let put = Box::pin(store.put_opts(&path, payload, options)).await;
        Ok(ended(put.map(|put| put.e_tag), &connector))
    }

    fn connector(&self, most: u64, replaces: &Replaces) -> Result<Connector, UploadError> {
        let mut login = None;
        if let Some(credentials) = &self.credentials {
            match (&credentials.0, self.target.is_bucket()) {
                (Kind::Key { .. }, true) => {}
                (Kind::Login { user, password }, false) => {
                    let pair = Zeroizing::new(format!("{}:{}", user.as_str(), password.as_str()));
                    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
                    let mut value = HeaderValue::from_str(&text).map_err(|_| UploadError::Credentials)?;
                    value.set_sensitive(true);
                    login = Some(value);
                }
                _ => return Err(UploadError::Credentials),
            }
        }
        let condition = match replaces {
            _ if self.compares() => None,
            Replaces::Nothing => Some((header::IF_NONE_MATCH, HeaderValue::from_static("*"))),
            // A weak tag matches nothing (RFC 9110, section 13.1.1).
            Replaces::Version(RemoteVersion { tag: Some(tag), .. }) if !tag.starts_with("W/") => {
                HeaderValue::from_str(tag).ok().map(|tag| (header::IF_MATCH, tag))
            }
            _ => None,
        };
        Ok(Connector {
            byway: self.byway.clone(),
            how: self.how,
            most,
            condition,
            login,
            is_webdav: !self.compares(),
            last: Arc::default(),
            shown: self.shown.clone(),
        })
    }

    /// The store of one operation. It is cheap: connections belong to the engine.
    fn store(&self, connector: &Connector, name: &str) -> Result<(Arc<dyn ObjectStore>, Path), UploadError> {
        let retries = RetryConfig { max_retries: 0, ..RetryConfig::default() };
        let wrong = |_| UploadError::Answer { status: None };
        match &self.target.0 {
            Place::Folder(url) => {
                let mut url = url.clone();
                if let Ok(mut path) = url.path_segments_mut() {
                    path.pop_if_empty();
                }
                let store = HttpBuilder::new().with_url(url).with_retry(retries).with_http_connector(connector.clone());
                let path = Path::parse(name).map_err(|_| UploadError::Answer { status: None })?;
                Ok((Arc::new(store.build().map_err(wrong)?), path))
            }
            #[cfg(not(feature = "upload-s3"))]
            Place::Bucket { .. } => Err(UploadError::Credentials),
            #[cfg(feature = "upload-s3")]
            Place::Bucket { bucket, prefix, endpoint, region } => {
                let Some(Kind::Key { id, secret, token }) = self.credentials.as_deref().map(|known| &known.0) else {
                    // Without keys `object_store` would ask a cloud's metadata service for some.
                    return Err(UploadError::Credentials);
                };
                let mut store = AmazonS3Builder::new()
                    .with_bucket_name(bucket)
                    .with_region(region)
                    .with_access_key_id(id.as_str())
                    .with_secret_access_key(secret.as_str())
                    .with_conditional_put(S3ConditionalPut::ETagMatch)
                    .with_retry(retries)
                    .with_http_connector(connector.clone());
                if let Some(token) = token {
                    store = store.with_token(token.as_str());
                }
                if let Some(endpoint) = endpoint {
                    store = store.with_endpoint(endpoint.as_str().trim_end_matches('/'));
                    store = store.with_allow_http(endpoint.scheme() == "http");
                }
                let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
                let path = Path::parse(path).map_err(|_| UploadError::Answer { status: None })?;
                Ok((Arc::new(store.build().map_err(wrong)?), path))
            }
        }
    }
}

/// What follows from an operation and from how its last request ended. The statuses decide; the texts of errors do not.
fn ended<T>(result: object_store::Result<T>, connector: &Connector) -> Ended<T> {
    let Err(_) = result.as_ref() else {
        return result.map_or(Ended::Failed(UploadError::Answer { status: None }), Ended::Done);
    };
    let (status, retry_after, fault) = match connector.last() {
        None => return Ended::Failed(UploadError::Answer { status: None }),
        Some(Last::Failed(error)) if is_too_large(&error) => return Ended::Failed(UploadError::TooLarge),
        Some(Last::Failed(error)) if leads_elsewhere(&error) => return Ended::Failed(UploadError::Redirected),
        Some(Last::Failed(error)) => {
            let again = matches!(error.fault, GetFault::Fetch(FetchError::Unreached { .. }));
            let error = UploadError::Unreached(*error);
            return if again { Ended::Later { status: None, retry_after: None, error } } else { Ended::Failed(error) };
        }
        Some(Last::Answered { status, retry_after, fault }) => (status, retry_after, fault),
    };
    let number = status.as_u16();
    match (status, fault) {
        (_, Some(ServerFault::NoBucket)) => Ended::Failed(UploadError::NoFolder),
        (_, Some(ServerFault::Clock)) => Ended::Failed(UploadError::Clock),
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => Ended::Failed(UploadError::Denied { status: number }),
        // S3 names the endpoint of another region in the body, and in no `Location`.
        (status, _) if status.is_redirection() && status != StatusCode::NOT_MODIFIED => {
            Ended::Failed(UploadError::Redirected)
        }
        (StatusCode::NOT_FOUND | StatusCode::GONE, _) => Ended::Missing,
        (StatusCode::CONFLICT, _) if connector.is_webdav => Ended::Missing,
        (StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT, _) => Ended::NotExpected,
        // A disk that is full is still full in a minute.
        (StatusCode::INSUFFICIENT_STORAGE, _) => {
            Ended::Failed(UploadError::Unavailable { status: number, retry_after })
        }
        // A lock (RFC 4918) ends with the program that took it.
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::LOCKED, _) => {
            later(number, retry_after)
        }
        (status, _) if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => later(number, retry_after),
        _ => Ended::Failed(UploadError::Answer { status: Some(number) }),
    }
}

fn later<T>(status: u16, retry_after: Option<Duration>) -> Ended<T> {
    Ended::Later { status: Some(status), retry_after, error: UploadError::Unavailable { status, retry_after } }
}

/// No redirect is followed: a signature counts at one host, and a login is for one host.
fn leads_elsewhere(error: &GetError) -> bool {
    matches!(&error.fault, GetFault::Fetch(error) if error.leads_nowhere())
}

fn is_too_large(error: &GetError) -> bool {
    let attempts = error.reachability().into_iter().flat_map(|known| &known.attempts);
    let mut failures = attempts.filter_map(|attempt| match &attempt.outcome {
        Outcome::Failed(failure) => Some(&failure.cause),
        _ => None,
    });
    failures.any(|cause| matches!(cause, Cause::Limit { limit: LimitKind::Body | LimitKind::DecodedBody }))
}

/// Waits before the next try, as long as the server asks for, or longer each time.
///
/// # Errors
/// `error`, if there were enough tries or the server asks for more time than an upload waits.
async fn wait(
    attempt: u32,
    status: Option<u16>,
    retry_after: Option<Duration>,
    error: UploadError,
) -> Result<(), UploadError> {
    // Without an answer the engine has tried every route already.
    let tries = if status.is_some() { TRIES } else { TRIES_UNREACHED };
    let pause = retry_after.unwrap_or_default().max(FIRST_PAUSE * 2_u32.pow(attempt.min(4)));
    if attempt + 1 >= tries || pause > LONGEST_PAUSE {
        return Err(error);
    }
    tokio::time::sleep(pause).await;
    Ok(())
}

/// What a server sends with a file. A copy of the newest state must not be older than a reader thinks.
fn attributes(name: &str, bytes: &[u8]) -> Attributes {
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("xml") => "application/atom+xml",
        Some("ics") => "text/calendar; charset=utf-8",
        Some("json") => "application/json",
        Some("jsonl") => "application/x-ndjson",
        // A picture has no ending: its name is its digest.
        _ => PictureKind::of(bytes).map_or("application/octet-stream", PictureKind::media_type),
    };
    let mut attributes = Attributes::new();
    attributes.insert(Attribute::ContentType, kind.into());
    if !name.starts_with("charter/") && !name.starts_with("files/") {
        attributes.insert(Attribute::CacheControl, "no-cache".into());
    }
    attributes
}

/// A server that restarts is back after some tries; one that is out of order is not waited for longer.
const TRIES: u32 = 5;

/// A second try is for a connection that broke in the middle of an upload.
const TRIES_UNREACHED: u32 = 3;

/// Doubled with each try: 1, 2, 4, 8 seconds.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Longer than this an admin does not wait in front of a terminal; the next upload continues where this one ended.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
