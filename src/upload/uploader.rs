//! Reads a server's folder, and carries out a plan.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::connector::Shown;
use super::credentials::UploadCredentials;
use super::error::UploadError;
use super::folder::ServerFolder;
use super::target::UploadTarget;
use crate::client::{Byway, GetOptions};
use crate::exposure::Exposure;
use crate::publisher::{
    Proposal, Publisher, RemoteContent, RemoteFile, RemoteFolder, RemotePlan, RemoteScope, RemoteVersion, RemoteWrite,
    Replaces, Wanted, is_of_site,
};

/// Publishes a signed community to a server, by the routes that a [`Byway`] allows.
///
/// ```no_run
/// # async fn publish(byway: byway::Byway, mut zavod: byway::publisher::Publisher) -> Result<(), Box<dyn std::error::Error>> {
/// use byway::jiff::Timestamp;
/// use byway::publisher::RemoteScope;
/// use byway::upload::{UploadCredentials, Uploader};
///
/// let credentials = UploadCredentials::key("an id", "a secret", None)?;
/// let uploader = Uploader::new(&byway, "s3://zavod/pages".parse()?).with_credentials(credentials);
/// let remote = uploader.look(&zavod, RemoteScope::Changed, Timestamp::now()).await?;
/// let plan = zavod.plan(&remote, false, Timestamp::now())?;
/// uploader.send(plan).await?;
/// # Ok(())
/// # }
/// ```
///
/// A future that is dropped ends after its last write: readers have a complete state, and the next upload continues there.
pub struct Uploader(ServerFolder);

/// What was done on a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Files that were written or removed. The head counts twice if the file of the newest changed.
    pub changed: usize,
    /// Files that were the same already, as far as they were compared.
    pub unchanged: usize,
}

impl Uploader {
    /// Without credentials: for a WebDAV folder that asks for none.
    pub fn new(byway: &Byway, target: UploadTarget) -> Self {
        let (byway, how, shown) = (byway.clone(), GetOptions::default(), Shown::default());
        Self(ServerFolder { byway, target, credentials: None, how, shown })
    }

    /// With these credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: UploadCredentials) -> Self {
        self.0.credentials = Some(Arc::new(credentials));
        self
    }

    /// Who may learn of it, if fewer than the client's exposure says.
    #[must_use]
    pub fn with_exposure(mut self, exposure: Exposure) -> Self {
        self.0.how.exposure = self.0.how.exposure.max(exposure);
        self
    }

    /// Tries direct strategies even if something recorded speaks against them. What the exposure forbids stays forbidden.
    #[must_use]
    pub fn with_direct(mut self, allowed: bool) -> Self {
        self.0.how.allow_direct = allowed;
        self
    }

    /// Reads what is on the server, as far as a publisher needs it. Nothing is written.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn look(
        &self,
        publisher: &Publisher,
        scope: RemoteScope,
        now: Timestamp,
    ) -> Result<RemoteFolder, UploadError> {
        self.0.shown.begin();
        let mut folder = RemoteFolder::default();
        let mut left = MOST_READ;
        for wanted in publisher.wanted_first() {
            self.read(&mut folder, wanted, &mut left).await?;
        }
        // Charters of another admin, to be taken in.
        for version in publisher.newest_charter() + 2.. {
            let Some(next) = Publisher::wanted_after(&folder, version).filter(|_| scope == RemoteScope::All) else {
                break;
            };
            self.read(&mut folder, next, &mut left).await?;
        }
        for wanted in publisher.wanted_then(&folder, scope, now) {
            self.read(&mut folder, wanted, &mut left).await?;
        }
        if scope == RemoteScope::All {
            for wanted in publisher.wanted_pictures(&folder, now) {
                self.read(&mut folder, wanted, &mut left).await?;
            }
        }
        for Wanted { name, most } in publisher.compared_pictures(scope, now) {
            match self.0.read(&name, most).await {
                Ok(file) => folder.compare_picture(&name, file.as_ref()),
                Err(UploadError::TooLarge) => folder.compare_picture(&name, None),
                Err(error) => return Err(error),
            }
        }
        Ok(folder)
    }

    /// Publishes a freeze on the server, for good: as [`place_freeze`](crate::publisher::place_freeze) in a folder. It needs no keys
    /// of the community. The web site is written anew after it: it says so, and shows nothing that is later.
    ///
    /// # Errors
    /// See [`UploadError`]; of [`UploadError::Publish`] those of `place_freeze`. Nothing was written then. After another error the freeze
    /// may be there already, and the next call writes the site.
    pub async fn freeze(&self, freeze: &Proposal, now: Timestamp) -> Result<Uploaded, UploadError> {
        self.0.shown.begin();
        let mut folder = RemoteFolder::default();
        let mut left = MOST_READ;
        for wanted in Publisher::wanted_for_freeze() {
            self.read(&mut folder, wanted, &mut left).await?;
        }
        for version in 2.. {
            let Some(next) = Publisher::wanted_after(&folder, version) else { break };
            self.read(&mut folder, next, &mut left).await?;
        }
        let mut done = Uploaded { changed: 0, unchanged: 1 };
        if let Some(bytes) = folder.freeze(freeze, now)? {
            let replaces = folder.replaces(FREEZE);
            self.expects(FREEZE, &replaces).await?;
            self.0.write(FREEZE, &bytes, &replaces).await?;
            folder.add(FREEZE.to_owned(), Some(RemoteFile { bytes, tag: None }));
            done = Uploaded { changed: 1, unchanged: 0 };
        }
        // The page comes after the freeze, which counts without it. First the head is read, then the months that it names.
        for _ in 0..2 {
            for wanted in folder.wanted_for_site() {
                self.read(&mut folder, wanted, &mut left).await?;
            }
        }
        let site = tokio::task::spawn_blocking(move || {
            let site = folder.frozen_site(now);
            let named = |(name, file): (String, Option<Vec<u8>>)| (folder.replaces(&name), name, file);
            site.into_iter().map(named).collect::<Vec<_>>()
        });
        let mut shown = Vec::new();
        for (there, name, file) in site.await.map_err(|_| UploadError::Answer { status: None })? {
            match file {
                Some(bytes) => {
                    self.0.write(&name, &bytes, &Replaces::Anything).await?;
                    shown.push(Sent::new(name, RemoteContent::Bytes(bytes.clone()), &bytes, there.version()));
                }
                None => self.0.remove(&name).await?,
            }
            done.changed += 1;
        }
        self.expect_shown(&shown).await?;
        Ok(done)
    }

    /// Carries out a plan, one write after the other.
    ///
    /// Two admins may publish at the same time. Each write states what it replaces, and a server that compares refuses the second one. Many
    /// WebDAV servers ignore that. So the head is read again before the first write and after the last, a signed file before it is
    /// overwritten, and what was written before the head names it. On such a server a moment is left in which both write; then one of both
    /// ends with [`UploadError::Mixed`], and its next upload repairs the folder.
    ///
    /// # Errors
    /// See [`UploadError`]. Except after [`UploadError::Mixed`], what was written before the error is a complete state for readers.
    pub async fn send(&self, plan: RemotePlan) -> Result<Uploaded, UploadError> {
        let mut done = Uploaded { changed: 0, unchanged: plan.unchanged };
        self.expects(HEAD, &plan.head).await?;
        // What was written since the last head, to be read again.
        let mut sent: Vec<Sent> = Vec::new();
        // Whether a signed file was written already.
        let mut begun = false;
        // The head that was written last.
        let mut own: Option<(Sent, Option<String>)> = None;
        // The files of the web site.
        let mut shown: Vec<Sent> = Vec::new();
        for write in plan.writes {
            match write {
                RemoteWrite::Put { name, content, replaces } => {
                    let bytes = read_content(content.clone()).await?;
                    let is_signed = name.ends_with(".json") || name.ends_with(".jsonl");
                    let known = RemoteVersion::of(&RemoteFile { bytes: bytes.clone(), tag: None });
                    let replaces = if name == HEAD {
                        for sent in std::mem::take(&mut sent) {
                            self.expects_kept(&sent).await?;
                        }
                        match &own {
                            Some((head, tag)) if replaces == Replaces::Own => {
                                let version = head.known.with_tag(tag.clone());
                                if tag.is_none() || !self.0.compares() {
                                    self.expects_kept(head).await?;
                                }
                                Replaces::Version(version)
                            }
                            _ => {
                                self.expects(&name, &replaces).await.map_err(|error| crossed(error, begun))?;
                                replaces
                            }
                        }
                    } else {
                        if is_signed && !self.0.compares() {
                            self.expects(&name, &replaces).await.map_err(|error| crossed(error, begun))?;
                        }
                        replaces
                    };
                    let written = self.0.write(&name, &bytes, &replaces).await;
                    let tag = written.map_err(|error| crossed(error, begun))?;
                    begun |= is_signed;
                    let (is_head, is_shown) = (name == HEAD, is_of_site(&name));
                    let mut earlier: Vec<RemoteVersion> = Vec::new();
                    if is_head {
                        earlier.extend(plan.head.version().cloned());
                        earlier.extend(own.as_ref().map(|(head, _)| head.known.clone()));
                    } else {
                        earlier.extend(replaces.version().cloned());
                    }
                    let file = Sent { name, content, known, earlier };
                    if is_head {
                        own = Some((file, tag));
                    } else if is_signed {
                        sent.push(file);
                    } else if is_shown {
                        shown.push(file);
                    }
                }
                RemoteWrite::Remove { name } => self.0.remove(&name).await?,
            }
            done.changed += 1;
        }
        if let Some((head, _)) = &own {
            self.expects_kept(head).await?;
        }
        self.expect_shown(&shown).await?;
        Ok(done)
    }

    /// Reads the files of the web site again that were written. They are not signed: what a server adds to its pages is no other state,
    /// and what it gave before is.
    async fn expect_shown(&self, shown: &[Sent]) -> Result<(), UploadError> {
        for sent in shown {
            match self.expects_kept(sent).await {
                Ok(()) | Err(UploadError::Mixed) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads a file again that was written. A server may say that it took it, and keep nothing or a half of it, or another admin may have
    /// written it since.
    async fn expects_kept(&self, sent: &Sent) -> Result<(), UploadError> {
        let most = sent.earlier.iter().map(|version| version.length).fold(sent.known.length, u64::max);
        for attempt in 0..TRIES_READ {
            let file = match self.0.read(&sent.name, most).await {
                // It is longer than anything that is known of.
                Err(UploadError::TooLarge) => Err(UploadError::Mixed),
                file => Ok(file?),
            };
            match file {
                Ok(Some(file)) if sent.known.is(&file) => return Ok(()),
                // Some servers give what they took a little later, and until then what was there before.
                _ if attempt + 1 < TRIES_READ => tokio::time::sleep(PAUSE_READ).await,
                Ok(Some(file)) if !sent.earlier.iter().any(|earlier| earlier.is(&file)) => {
                    let is_cut = read_content(sent.content.clone()).await?.starts_with(&file.bytes);
                    return Err(if is_cut { UploadError::NotKept } else { UploadError::Mixed });
                }
                Ok(_) => return Err(UploadError::NotKept),
                Err(error) => return Err(error),
            }
        }
        Err(UploadError::NotKept)
    }

    /// Whether the server still has what a write is to replace.
    async fn expects(&self, name: &str, replaces: &Replaces) -> Result<(), UploadError> {
        let most = match replaces {
            Replaces::Version(version) => version.length,
            Replaces::Nothing => MOST_HEAD,
            Replaces::Anything | Replaces::Likely(_) | Replaces::Own => return Ok(()),
        };
        match self.0.read(name, most).await {
            Ok(file) if replaces.is(file.as_ref()) => Ok(()),
            Ok(_) | Err(UploadError::TooLarge) => Err(UploadError::Changed),
            Err(error) => Err(error),
        }
    }

    async fn read(&self, folder: &mut RemoteFolder, wanted: Wanted, left: &mut u64) -> Result<(), UploadError> {
        let most = wanted.most.min(*left);
        let file = self.0.read(&wanted.name, most).await?;
        *left = left.saturating_sub(file.as_ref().map_or(0, |file| file.bytes.len() as u64));
        folder.add(wanted.name, file);
        Ok(())
    }
}

impl fmt::Debug for Uploader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Uploader(..)")
    }
}

/// A file that was written.
struct Sent {
    name: String,
    content: RemoteContent,
    known: RemoteVersion,
    /// What the server had before, and may give for a moment yet.
    earlier: Vec<RemoteVersion>,
}

impl Sent {
    fn new(name: String, content: RemoteContent, bytes: &[u8], before: Option<&RemoteVersion>) -> Self {
        let known = RemoteVersion::of(&RemoteFile { bytes: bytes.to_vec(), tag: None });
        Self { name, content, known, earlier: before.into_iter().cloned().collect() }
    }
}

/// The bytes of a write.
async fn read_content(content: RemoteContent) -> Result<Vec<u8>, UploadError> {
    let bytes = tokio::task::spawn_blocking(move || content.read()).await;
    Ok(bytes.map_err(|_| UploadError::Answer { status: None })??)
}

/// What it means that another admin has written there: after a signed file of this upload, the files may not fit each other.
fn crossed(error: UploadError, begun: bool) -> UploadError {
    if begun && matches!(error, UploadError::Changed) { UploadError::Mixed } else { error }
}

const HEAD: &str = "head.json";

const FREEZE: &str = "freeze.json";

/// The largest envelope of a head has 140,288 bytes.
const MOST_HEAD: u64 = 256 * 1024;

/// How often a file is read again that the server does not give yet.
const TRIES_READ: u32 = 3;

/// A server of several machines hands a file on within a second or two.
const PAUSE_READ: Duration = Duration::from_secs(2);

/// All that is read of a server's folder together, in memory. Text of ten years has a few megabytes.
const MOST_READ: u64 = 256 * 1024 * 1024;
