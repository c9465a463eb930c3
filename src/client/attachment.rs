//! The attachments of a post. They are fetched when somebody asks for them, over the routes that are allowed for the
//! community.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header;
use serde::{Deserialize, Serialize};
use url::Url;

use super::access_error::access_error;
use super::access_scope::AccessScope;
use super::known::{Known, KnownPage};
use super::reachability::Target;
use super::{Action, Byway, GetFault, GetOptions, OpenOptions, Reachability, RouteLimits};
use crate::community::{Attachment, CommunityId, Post};
use crate::errors::{ErrorKind, errors};
use crate::exposure::Exposure;
use crate::fetch::{FetchError, Fetched, Request, Stop};
use crate::reach::{Attempt, Context, Outcome};
use crate::sentences::{self, Language};
use crate::signed::{Digest, picture_digest};
use crate::source::{file_judge, isolation, mirror_picture};
use crate::store::{Store, StoreError, picture_name};
use crate::transport::{Cause, Isolation, LimitKind, PrivateAddresses, is_local};

/// Names one attachment of one post of one community that is kept.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AttachmentId {
    /// The community. Its exposure also applies to the fetch.
    pub community: CommunityId,
    /// [`Post::id`].
    pub post: String,
    /// The attachment's place in the list that [`attachments`] returns, counted from 0.
    pub index: usize,
}

impl fmt::Debug for AttachmentId {
    /// Redacted: the id of a post names its community.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachmentId").field("index", &self.index).finish_non_exhaustive()
    }
}

/// The attachments of a post and of the posts that it repeats, each with the id by which it is fetched.
pub fn attachments<'a>(community: &CommunityId, post: &'a Post) -> Vec<(AttachmentId, &'a Attachment)> {
    hanging(post)
        .enumerate()
        .map(|(index, attachment)| {
            (AttachmentId { community: community.clone(), post: post.id.clone(), index }, attachment)
        })
        .collect()
}

fn hanging(post: &Post) -> impl Iterator<Item = &Attachment> {
    std::iter::successors(Some(post), |post| post.repost.as_deref()).flat_map(|post| &post.attachments)
}

/// The URL of an attachment that is a file. A link is not a file, and neither is a page that plays a video.
fn file(attachment: &Attachment) -> Option<&str> {
    match attachment {
        Attachment::Photo { url, .. } | Attachment::Document { url, .. } | Attachment::Audio { url, .. } => {
            url.as_deref()
        }
        Attachment::Video { preview, .. } => preview.as_deref(),
        _ => None,
    }
}

/// A file, and how it was reached.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FetchedFile {
    /// The whole file.
    pub bytes: Bytes,
    /// The type of the file, as the host states it. It may be wrong: an app that shows the file should look at its
    /// bytes.
    pub content_type: Option<String>,
    /// How it was reached.
    pub reachability: Reachability,
}

/// Why there is no file.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{fault}")]
#[non_exhaustive]
pub struct AttachmentError {
    /// Why.
    #[source]
    pub fault: AttachmentFault,
    reachability: Option<Box<Reachability>>,
    language: Language,
}

access_error!(AttachmentError of AttachmentFault from AttachmentFault, StoreError);

/// Why an attachment could not be fetched.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttachmentFault {
    /// No such attachment is kept. Nothing was contacted.
    #[error("this attachment is not kept on this device")]
    NotStored,
    /// Its community is kept only because another one named it as its successor, and that move does not count: see
    /// [`OpenFault::MoveNotFollowed`](super::OpenFault::MoveNotFollowed). Nothing was contacted.
    #[error("{}", sentences::move_not_followed(Language::En))]
    MoveNotFollowed,
    /// The attachment is kept, but it is not a file. Nothing was contacted.
    #[error("this attachment is not a file that can be fetched")]
    NoFile,
    /// The address is not one that a stranger may lead to: it is not a web address, or it is private, or it contains a
    /// login, or it has no digest where the community signs its files. Nothing was contacted.
    #[error("the address of this attachment is not one that is fetched")]
    Address,
    /// The file would come without encryption, and its community is not read with the exposure `open`. Nothing was
    /// contacted.
    #[error("this attachment comes without encryption, and its community is not read openly")]
    Cleartext,
    /// The file is larger than the caller allowed.
    #[error("this attachment is larger than {limit} bytes")]
    TooLarge {
        /// The size that was allowed, in bytes.
        limit: u64,
    },
    /// The host answered with this status instead of the file.
    #[error("the host answers with status {status} instead of this attachment")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The store cannot be read. Nothing was contacted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No route led to the file. [`AttachmentError::reachability`] says what that means.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl AttachmentFault {
    /// The stable code: its own, or that of the [`StoreError`] or [`FetchError`].
    pub fn code(&self) -> &'static str {
        match self {
            AttachmentFault::NotStored => "not_stored",
            AttachmentFault::MoveNotFollowed => "move_not_followed",
            AttachmentFault::NoFile => "no_file",
            AttachmentFault::Address => "bad_address",
            AttachmentFault::Cleartext => "cleartext",
            AttachmentFault::TooLarge { .. } => "too_large",
            AttachmentFault::Status { .. } => "status",
            AttachmentFault::Store(error) => error.code(),
            AttachmentFault::Fetch(error) => error.code(),
        }
    }

    /// Why, in one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        use sentences::AttachmentRefusal as No;
        let told = match self {
            AttachmentFault::NotStored => No::Kept,
            AttachmentFault::MoveNotFollowed => return sentences::move_not_followed(language).to_owned(),
            AttachmentFault::NoFile => No::File,
            AttachmentFault::Address => No::Address,
            AttachmentFault::Cleartext => No::Cleartext,
            AttachmentFault::TooLarge { limit } => No::TooLarge { limit: *limit },
            AttachmentFault::Status { status } => No::Status { status: *status },
            AttachmentFault::Store(error) => return error.sentence(language),
            AttachmentFault::Fetch(error) => return error.sentence(language),
        };
        sentences::no_attachment(language, told)
    }
}

errors! {
    AttachmentFault: |fault| match fault {
        AttachmentFault::NotStored => ErrorKind::NotStored,
        AttachmentFault::NoFile => ErrorKind::Input,
        AttachmentFault::MoveNotFollowed | AttachmentFault::Address | AttachmentFault::Cleartext => ErrorKind::NotPermitted,
        AttachmentFault::TooLarge { .. } => ErrorKind::TooLarge,
        AttachmentFault::Status { .. } => ErrorKind::Refused,
        AttachmentFault::Store(error) => error.kind(),
        AttachmentFault::Fetch(error) => error.kind(),
    };
}

impl Byway {
    /// Fetches an attachment of a post that is kept, up to `max_bytes` on the wire and in memory.
    ///
    /// A stranger wrote the attachment's address. So it never leads to a private address, neither directly nor by a
    /// redirect, and no credentials are sent with it. A file of a signed community is compared with the digest that the post
    /// names. A picture that a bundle brought is taken from the store, and nothing is contacted. Only the routes that are allowed for the community are used. If
    /// an exposure is raised meanwhile, or direct routes lose their permission, the fetch begins anew if that concerns it.
    ///
    /// # Errors
    ///
    /// See [`AttachmentError`].
    pub async fn fetch_attachment(&self, id: &AttachmentId, max_bytes: u64) -> Result<FetchedFile, AttachmentError> {
        Box::pin(self.fetch_attachment_with(id, max_bytes, GetOptions::default())).await
    }

    /// The same, with options.
    ///
    /// # Errors
    ///
    /// See [`AttachmentError`].
    pub async fn fetch_attachment_with(
        &self,
        id: &AttachmentId,
        max_bytes: u64,
        how: GetOptions,
    ) -> Result<FetchedFile, AttachmentError> {
        let fetched = Box::pin(self.fetch_file(id, max_bytes, how)).await;
        fetched.map_err(|error| error.in_language(self.language()))
    }

    async fn fetch_file(
        &self,
        id: &AttachmentId,
        max_bytes: u64,
        how: GetOptions,
    ) -> Result<FetchedFile, AttachmentError> {
        let mut access = AccessScope::new(self, Action::Attachment);
        let http = access.http();
        let started = self.inner.net.now();
        let mut raised = self.inner.store.raises();
        let (mut known, address) = self.known_attachment(id).await?;
        if let Some(digest) = picture_digest_in(&id.community, &address)
            && let Some(bytes) = self.inner.store.picture(id.community.clone(), digest).await?
        {
            if bytes.len() as u64 > max_bytes {
                return Err(AttachmentFault::TooLarge { limit: max_bytes }.into());
            }
            let reachability = self.account_of_kept(&known, &address);
            return Ok(FetchedFile { bytes: bytes.into(), content_type: None, reachability });
        }
        let url = fetched_from(&known, &address)?;
        if self.is_held(&id.community).await {
            return Err(AttachmentFault::MoveNotFollowed.into());
        }
        // What a raise has ended.
        let mut before: Option<Fetched> = None;
        let (ways, mut fetched) = loop {
            raised.mark_unchanged();
            let planned = match self.attachment_ways(&known, &url, how).await {
                Ok(ways) => self.attachment_request(&known, &url, ways, max_bytes).map(|request| (ways, request)),
                Err(fault) => Err(fault),
            };
            let (ways, mut request) = match planned {
                Ok(planned) => planned,
                Err(fault) => return Err(self.attachment_ended_by(fault, &url, before)),
            };
            if Digest::of_community(&id.community).is_some() {
                // A mirror, or a route, could put another picture there.
                request.judge = Arc::new(file_judge(&url).ok_or(AttachmentFault::Address)?);
            }
            if before.is_none()
                && !how.ignore_pause
                && let Some(stands) = self.keeps_still(&url, ways, &mut access)
            {
                let error = FetchError::Unreached { finding: None };
                return Err(AttachmentError::met(error, stands));
            }
            let (end, stop) = Stop::when_raised();
            request.stop = Some(stop);
            let mut fetching = Box::pin(http.fetch(request));
            let done = loop {
                tokio::select! {
                    biased;
                    changed = raised.changed() => {
                        let now = self.inner.store.of(&id.community).await.ok();
                        let may = match &now {
                            Some(now) => self.attachment_ways(now, &url, how).await.ok(),
                            None => None,
                        };
                        // A direct route that is under way may have lost its permission.
                        let forbids = |may: RouteLimits| {
                            may.exposure > ways.exposure || (may.avoid_direct && !ways.avoid_direct)
                        };
                        if changed.is_err() || may.is_none_or(forbids) {
                            known = now.unwrap_or(known);
                            break None;
                        }
                    }
                    fetched = &mut fetching => break Some(fetched),
                }
            };
            if let Some(fetched) = done {
                break (ways, fetched);
            }
            end.send_replace(true);
            let mut ended = fetching.await;
            if let Some(before) = before.take() {
                let _ = ended.begin_after(before);
            }
            before = Some(ended);
        };
        if let Some(before) = before {
            let _ = fetched.begin_after(before);
        }
        self.inner.store.flush().await;
        let reached_by = fetched.result.as_ref().ok().map(|response| response.strategy.clone());
        let took = Some(self.inner.net.now().saturating_duration_since(started));
        let asked = Target { took, ..self.asked(&url, ways, fetched.urls.clone()) };
        let reachability = Reachability::of(asked, reached_by, fetched.attempts.clone());
        access.judged(&reachability);
        match fetched.result {
            Ok(response) if response.status.is_success() => Ok(FetchedFile {
                content_type: response
                    .headers
                    .get(header::CONTENT_TYPE)
                    .and_then(|value| value.to_str().ok())
                    .map(str::to_owned),
                bytes: response.body,
                reachability,
            }),
            Ok(response) => {
                Err(AttachmentError::met(AttachmentFault::Status { status: response.status.as_u16() }, reachability))
            }
            Err(_) if too_large(&fetched.attempts) => {
                Err(AttachmentError::met(AttachmentFault::TooLarge { limit: max_bytes }, reachability))
            }
            Err(error) => Err(AttachmentError::met(error, reachability)),
        }
    }

    /// Nothing more is sent because of this fault.
    fn attachment_ended_by(&self, fault: AttachmentFault, url: &Url, before: Option<Fetched>) -> AttachmentError {
        let Some(Fetched { attempts, urls, .. }) = before else { return fault.into() };
        let met = Reachability::of(self.asked(url, RouteLimits::STRICTEST, urls), None, attempts);
        match fault {
            // It says that nothing was contacted.
            AttachmentFault::Address | AttachmentFault::Cleartext => {
                AttachmentError::met(FetchError::ExposureRaised, met)
            }
            fault => AttachmentError::met(fault, met),
        }
    }

    /// What is known of the attachment's community, and the address of the file as the post names it.
    async fn known_attachment(&self, id: &AttachmentId) -> Result<(Known, String), AttachmentFault> {
        let known = self.inner.store.of(&id.community).await?;
        let (community, name) = (id.community.clone(), id.post.clone());
        let post = self.inner.store.on(move |store| store.post(&community, &name)).await?;
        let post = post.ok_or(AttachmentFault::NotStored)?;
        let attachment = hanging(&post).nth(id.index).ok_or(AttachmentFault::NotStored)?;
        let address = file(attachment).ok_or(AttachmentFault::NoFile)?.to_owned();
        Ok((known, address))
    }

    /// The account of a picture that was kept: nothing was contacted.
    fn account_of_kept(&self, known: &Known, address: &str) -> Reachability {
        let ways = self.ways(known, OpenOptions::default());
        let asked = Target {
            url: address.to_owned(),
            hops: Url::parse(address).into_iter().collect(),
            platform: None,
            subject: self.subject(ways, None).clone(),
            context: Context { local_destination: true, ..self.context() },
            read: false,
            took: None,
            language: self.language(),
        };
        Reachability::of(asked, None, Vec::new())
    }

    /// Which strategies may fetch the file: those that are allowed both for its community and for whatever else its
    /// address names.
    async fn attachment_ways(&self, known: &Known, url: &Url, how: GetOptions) -> Result<RouteLimits, AttachmentFault> {
        let GetOptions { exposure, allow_direct, .. } = how;
        let own = self.ways(known, OpenOptions { exposure, allow_direct, ..OpenOptions::default() });
        let page =
            self.page_ways(KnownPage { url: url.clone(), published: true }, how).await.map_err(
                |error| match error {
                    GetFault::Store(error) => AttachmentFault::Store(error),
                    // The address asks for an exposure that does not exist.
                    _ => AttachmentFault::Address,
                },
            )?;
        Ok(RouteLimits {
            exposure: own.exposure.max(page.exposure),
            avoid_direct: own.avoid_direct || page.avoid_direct,
            allow_direct,
        })
    }

    fn attachment_request(
        &self,
        known: &Known,
        url: &Url,
        ways: RouteLimits,
        max_bytes: u64,
    ) -> Result<Request, AttachmentFault> {
        if url.scheme() == "http" && ways.exposure > Exposure::Open {
            return Err(AttachmentFault::Cleartext);
        }
        let mut request = self.request(url, ways);
        // The file is fetched as one of its community, whatever its address names, because the community's page led to
        // it.
        if let Some(community) = known.community.as_ref().map(|kept| &kept.community) {
            let own = || Isolation::of(&community.id.to_string());
            request.isolation = community.homes.first().map_or_else(own, isolation);
        }
        request.floors = Some(Arc::new(self.binding(ways, true)));
        request.private = PrivateAddresses::Refused;
        request.limits.body_bytes = max_bytes;
        request.limits.decoded_bytes = max_bytes;
        Ok(request)
    }
}

impl Byway {
    /// A picture of a post of a signed community that came here in a bundle or a folder. `None` if it is not kept. Nothing is sent.
    ///
    /// # Errors
    /// As [`Store::kept_picture`].
    pub async fn kept_picture(
        &self,
        community: &CommunityId,
        attachment: &Attachment,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let (community, attachment) = (community.clone(), attachment.clone());
        self.inner.store.on(move |store| store.kept_picture(&community, &attachment)).await
    }
}

impl Store {
    /// A picture of a post of a signed community that came here in a bundle or a folder. `None` if it is not kept. The bytes are those
    /// that the post names by their digest.
    ///
    /// # Errors
    /// The errors of every call.
    pub fn kept_picture(
        &self,
        community: &CommunityId,
        attachment: &Attachment,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let digest = file(attachment).and_then(|address| picture_digest_in(community, address));
        let Some(digest) = digest else { return Ok(None) };
        let bytes = self.picture(community, &digest.to_string())?;
        Ok(bytes.filter(|bytes| Digest::of(bytes) == digest))
    }
}

/// The digest of a signed community's picture, by its address in a post.
fn picture_digest_in(community: &CommunityId, address: &str) -> Option<Digest> {
    Digest::of_community(community)?;
    picture_name(address)?.parse().ok()
}

/// Where a file is fetched. A post that came in a bundle names no host: its pictures lie at the community's first mirror.
fn fetched_from(known: &Known, address: &str) -> Result<Url, AttachmentFault> {
    let homes = known.community.iter().flat_map(|kept| &kept.community.homes);
    let url = match picture_digest(address) {
        Some(digest) => homes.filter_map(|home| mirror_picture(home, &digest)).next().ok_or(AttachmentFault::NoFile)?,
        None => Url::parse(address).map_err(|_| AttachmentFault::Address)?,
    };
    let web = matches!(url.scheme(), "http" | "https");
    let login = !url.username().is_empty() || url.password().is_some();
    if !web || login || url.host().is_none_or(|host| is_local(&host.to_owned())) {
        return Err(AttachmentFault::Address);
    }
    Ok(url)
}

/// Whether the latest answer said that the file is too long.
fn too_large(attempts: &[Attempt]) -> bool {
    let mut failures = attempts.iter().rev().filter_map(|attempt| match &attempt.outcome {
        Outcome::Failed(failure) => Some(&failure.cause),
        _ => None,
    });
    failures.any(|cause| matches!(cause, Cause::Limit { limit: LimitKind::Body | LimitKind::DecodedBody }))
}
