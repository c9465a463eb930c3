//! Reads a server's folder, and carries out a plan.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::credentials::UploadCredentials;
use super::error::UploadError;
use super::folder::ServerFolder;
use super::target::UploadTarget;
use crate::client::{Byway, GetOptions};
use crate::exposure::Exposure;
use crate::publisher::{
    Proposal, Publisher, RemoteFile, RemoteFolder, RemoteName, RemotePlan, RemoteScope, RemoteWrite, Replaces, Wanted,
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
        Self(ServerFolder { byway: byway.clone(), target, credentials: None, how: GetOptions::default() })
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
            self.0.write(FREEZE, &bytes, &folder.replaces(FREEZE)).await?;
            folder.add(FREEZE.to_owned(), Some(RemoteFile { bytes, tag: None }));
            done = Uploaded { changed: 1, unchanged: 0 };
        }
        // The page comes after the freeze, which counts without it. First the head is read, then the months that it names.
        for _ in 0..2 {
            for wanted in folder.wanted_for_site() {
                self.read(&mut folder, wanted, &mut left).await?;
            }
        }
        let site = tokio::task::spawn_blocking(move || folder.frozen_site(now)).await;
        for (name, file) in site.map_err(|_| UploadError::Answer { status: None })? {
            match file {
                Some(bytes) => drop(self.0.write(&name, &bytes, &Replaces::Anything).await?),
                None => self.0.remove(&name).await?,
            }
            done.changed += 1;
        }
        Ok(done)
    }

    /// Carries out a plan, one write after the other.
    ///
    /// # Errors
    /// See [`UploadError`]. What was written before the error stays, and is a complete state for readers.
    pub async fn send(&self, plan: RemotePlan) -> Result<Uploaded, UploadError> {
        let mut done = Uploaded { changed: 0, unchanged: plan.unchanged };
        // Of a first upload: what was written before the head, to be read again. Later ones begin with reading.
        let mut first: Vec<RemoteName> = Vec::new();
        // The last file that has a version of its own here: the head.
        let mut own: Option<(String, Vec<u8>, Option<String>)> = None;
        for write in plan.writes {
            match write {
                RemoteWrite::Put { name, content, replaces } => {
                    let bytes = tokio::task::spawn_blocking(move || content.read()).await;
                    let bytes = bytes.map_err(|_| UploadError::Answer { status: None })??;
                    if name == HEAD && replaces == Replaces::Nothing {
                        self.expects_kept(&first).await?;
                    }
                    if name.ends_with(".json") || name.ends_with(".jsonl") {
                        first.push(RemoteName::of(&name, &bytes));
                    }
                    let replaces = match (replaces, &own) {
                        (Replaces::Own, Some((known, written, tag))) if *known == name => {
                            self.expects_own(&name, written, tag.as_deref()).await?
                        }
                        (replaces, _) => {
                            self.expects(&name, &replaces).await?;
                            replaces
                        }
                    };
                    let tag = self.0.write(&name, &bytes, &replaces).await?;
                    if replaces != Replaces::Anything {
                        own = Some((name, bytes, tag));
                    }
                }
                RemoteWrite::Remove { name } => self.0.remove(&name).await?,
            }
            done.changed += 1;
        }
        Ok(done)
    }

    /// Reads files again. A server may say that it took them, and keep nothing.
    async fn expects_kept(&self, files: &[RemoteName]) -> Result<(), UploadError> {
        for known in files {
            let kept = match self.0.read(&known.name, known.length).await {
                Ok(file) => file.is_some_and(|file| known.is(&file)),
                Err(UploadError::TooLarge) => false,
                Err(error) => return Err(error),
            };
            if !kept {
                return Err(UploadError::NotKept);
            }
        }
        Ok(())
    }

    /// The condition for a second write of a file. A server that named no version of the first write is asked what it has.
    async fn expects_own(&self, name: &str, written: &[u8], tag: Option<&str>) -> Result<Replaces, UploadError> {
        if let Some(tag) = tag.filter(|_| self.0.compares()) {
            return Ok(Replaces::Version(tag.to_owned()));
        }
        match self.0.read(name, written.len() as u64).await {
            Ok(Some(file)) if file.bytes == written => Ok(file.tag.map_or(Replaces::Anything, Replaces::Version)),
            Ok(_) | Err(UploadError::TooLarge) => Err(UploadError::Changed),
            Err(error) => Err(error),
        }
    }

    /// Before the first head is written to a server that may not compare versions itself: whether it is still the one
    /// that was read.
    async fn expects(&self, name: &str, replaces: &Replaces) -> Result<(), UploadError> {
        if self.0.compares() || name != HEAD {
            return Ok(());
        }
        let file = self.0.read(name, MOST_HEAD).await?;
        let is_expected = match (replaces, file) {
            (Replaces::Nothing, file) => file.is_none(),
            (Replaces::Version(tag), file) => file.and_then(|file| file.tag).as_ref() == Some(tag),
            (Replaces::Anything | Replaces::Own, _) => true,
        };
        if is_expected { Ok(()) } else { Err(UploadError::Changed) }
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

const HEAD: &str = "head.json";

const FREEZE: &str = "freeze.json";

/// The largest envelope of a head has 140,288 bytes.
const MOST_HEAD: u64 = 256 * 1024;

/// All that is read of a server's folder together, in memory. Text of ten years has a few megabytes.
const MOST_READ: u64 = 256 * 1024 * 1024;
