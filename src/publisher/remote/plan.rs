//! What is written to a server, in which order.
//!
//! The order is the one of a folder: charters, a freeze, pictures, months, a head without the newest, the newest, a head with it, the web site. So
//! an upload that ends after any of its writes leaves a complete state to readers. Each write states what it replaces,
//! so that two admins cannot overwrite each other where the server compares.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use jiff::Timestamp;

use super::super::attached::named_in;
use super::super::community::{Publisher, refused};
use super::super::error::PublishError;
use super::super::files::ReadFiles as _;
use super::super::mirror::{FREEZE, HEAD, charter_file};
use super::super::site::CALENDAR;
use super::super::state::SiteContent;
use super::super::target::TargetState;
use super::folder::{RemoteFolder, RemoteVersion, Replaces, lines_of};
use crate::signed::{Digest, DocumentKind, Head, MAX_FILE_BYTES, MAX_PICTURE_BYTES, NEWEST, SignedEvent, picture_file};

/// What is to be written to a server, in this order.
pub struct RemotePlan {
    pub(crate) writes: Vec<RemoteWrite>,
    /// The head that was read before.
    pub(crate) head: Replaces,
    /// Files that are the same on the server already, as far as they were compared.
    pub(crate) unchanged: usize,
}

/// One write.
pub(crate) enum RemoteWrite {
    Put { name: String, content: RemoteContent, replaces: Replaces },
    Remove { name: String },
}

/// The bytes of a write.
#[derive(Clone)]
pub(crate) enum RemoteContent {
    Bytes(Vec<u8>),
    /// The beginning of a file of the publisher's folder. A month may be large, and a first upload has all of them.
    Beginning {
        path: PathBuf,
        length: u64,
        sha256: Digest,
    },
}

impl RemoteContent {
    /// Reads it. Blocks.
    pub(crate) fn read(self) -> Result<Vec<u8>, PublishError> {
        match self {
            RemoteContent::Bytes(bytes) => Ok(bytes),
            RemoteContent::Beginning { path, length, sha256 } => {
                let mut bytes = Vec::new();
                File::open(path)?.take(length).read_to_end(&mut bytes)?;
                if Digest::of(&bytes) == sha256 { Ok(bytes) } else { Err(PublishError::Damaged) }
            }
        }
    }
}

impl Publisher {
    /// Renews the statement of the newest state, and plans what has to be written to a server to bring its folder to it.
    /// Blocks. [`Publisher::publish`] does the same for a folder on this device.
    ///
    /// With `over`, what the server has and this folder does not have is published over, and is lost there.
    ///
    /// # Errors
    /// Those of [`Publisher::publish`].
    pub fn plan(&mut self, remote: &RemoteFolder, over: bool, now: Timestamp) -> Result<RemotePlan, PublishError> {
        match self.compare(remote, now)? {
            TargetState::Behind => {}
            TargetState::Newer(head) if over => self.outrank(&head),
            TargetState::Foreign if over => {}
            TargetState::Newer(_) => return Err(PublishError::Newer),
            TargetState::Foreign => return Err(PublishError::Foreign),
        }
        let theirs = remote.head().filter(|(head, envelope)| self.is_ours(head, envelope, now)).map(|(head, _)| head);
        // The web site that follows says so.
        self.take_in_freeze(remote, now)?;
        self.state(now)?;
        let mut plan = RemotePlan { writes: Vec::new(), head: remote.replaces(HEAD), unchanged: 0 };
        for name in (1..=self.chain.newest_version()).map(charter_file) {
            let most = DocumentKind::Charter.max_envelope() as u64;
            let bytes = self.files.read(&name, most)?.ok_or(PublishError::Damaged)?;
            plan.put_changed(remote, &name, bytes);
        }
        self.plan_freeze(&mut plan, remote, now)?;
        let (added, removed) = self.changed_pictures(remote, theirs.as_ref(), now)?;
        for digest in added {
            if self.picture(&digest)?.is_some() {
                let name = picture_file(&digest);
                let (path, length) = (self.files.path(&name), MAX_PICTURE_BYTES);
                let content = RemoteContent::Beginning { path, length, sha256: digest };
                plan.put(&name, content, Replaces::Anything);
            }
        }
        // Before the head: after it no state says that they have to go.
        plan.writes.extend(removed.iter().map(|digest| RemoteWrite::Remove { name: picture_file(digest) }));
        for entry in self.head.files.iter().filter(|entry| entry.name != NEWEST) {
            let is_there = match remote.file(&entry.name) {
                Some(file) => file.bytes.len() as u64 == entry.bytes && Digest::of(&file.bytes) == entry.sha256,
                None => !remote.has_asked(&entry.name),
            };
            if is_there {
                plan.unchanged += 1;
                continue;
            }
            let (path, length, sha256) = (self.files.path(&entry.name), entry.bytes, entry.sha256);
            let content = RemoteContent::Beginning { path, length, sha256 };
            plan.put(&entry.name, content, remote.replaces(&entry.name));
        }
        self.plan_head(&mut plan, remote, theirs.as_ref(), now)?;
        let files = SiteContent::of(self, now).site().files();
        let has_calendar = files.iter().any(|file| file.name == CALENDAR);
        for file in files {
            plan.put_changed(remote, file.name, file.bytes);
        }
        if !has_calendar && remote.file(CALENDAR).is_some() {
            plan.writes.push(RemoteWrite::Remove { name: CALENDAR.to_owned() });
        }
        Ok(plan)
    }

    /// Which pictures have to be written to a server, and which removed: what changes between the state there and this one.
    fn changed_pictures(
        &self,
        remote: &RemoteFolder,
        theirs: Option<&Head>,
        now: Timestamp,
    ) -> Result<(Vec<Digest>, Vec<Digest>), PublishError> {
        if !self.events.iter().any(|(event, _)| named_in(event).next().is_some()) {
            return Ok((Vec::new(), Vec::new()));
        }
        let ours = self.pictures(now);
        let mut known: BTreeSet<Digest> = BTreeSet::new();
        for entry in theirs.iter().flat_map(|head| &head.files).filter(|entry| entry.name != NEWEST) {
            let read = if remote.has_asked(&entry.name) {
                remote.file(&entry.name).map(|file| file.bytes.clone())
            } else {
                self.files.read(&entry.name, MAX_FILE_BYTES)?
            };
            let read = read.unwrap_or_default();
            let counted = usize::try_from(entry.bytes).ok().and_then(|end| read.get(..end)).unwrap_or_default();
            known.extend(lines_of(counted).filter_map(|line| Some(SignedEvent::parse(line).ok()?.id())));
        }
        let there = self.pictures_of(|event| known.contains(&event.id()), now);
        let is_there = |digest: &Digest| remote.has_picture(digest).unwrap_or(there.contains(digest));
        let added = ours.iter().filter(|digest| !is_there(digest)).copied().collect();
        Ok((added, there.difference(&ours).copied().collect()))
    }

    /// The freeze of this folder, unless the server has one that is as early: of several the earliest counts.
    fn plan_freeze(&self, plan: &mut RemotePlan, remote: &RemoteFolder, now: Timestamp) -> Result<(), PublishError> {
        let there = remote.file(FREEZE).map(|file| file.bytes.as_slice());
        if let Some(bytes) = self.freeze_for(there, now)? {
            plan.put(FREEZE, RemoteContent::Bytes(bytes), remote.replaces(FREEZE));
        }
        Ok(())
    }

    /// A head without the newest, the newest, and a head with it; the first two only if the newest changed. The first head
    /// that is written replaces the one that was read, so that of two admins at once one is refused.
    fn plan_head(
        &self,
        plan: &mut RemotePlan,
        remote: &RemoteFolder,
        theirs: Option<&Head>,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        let sealed = |head: &Head| -> Result<RemoteContent, PublishError> {
            let envelope = head.seal(&self.keys.routine).map_err(refused)?;
            Ok(RemoteContent::Bytes(envelope.to_json().into_bytes()))
        };
        let mut replaces = remote.replaces(HEAD);
        let is_known = theirs.is_some_and(|theirs| theirs.file(NEWEST) == self.head.file(NEWEST));
        if !is_known {
            plan.put(HEAD, sealed(&self.bare_head())?, std::mem::replace(&mut replaces, Replaces::Own));
            let there = theirs.and_then(|theirs| theirs.file(NEWEST)).map(RemoteVersion::stated);
            let there = there.map_or(Replaces::Anything, Replaces::Likely);
            plan.put(NEWEST, RemoteContent::Bytes(self.newest(now).into_bytes()), there);
        }
        plan.put(HEAD, sealed(&self.head)?, replaces);
        Ok(())
    }

    /// Takes in what the folder on a server has and this one does not: see [`Publisher::take_in`]. All of the folder has to be
    /// read ([`RemoteScope::All`](super::RemoteScope::All)).
    ///
    /// # Errors
    /// Those of [`Publisher::take_in`].
    pub fn take_in_remote(&mut self, remote: &RemoteFolder, now: Timestamp) -> Result<(), PublishError> {
        self.take_in_files(remote, now)
    }
}

impl RemotePlan {
    /// How many files are written or removed.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    fn put(&mut self, name: &str, content: RemoteContent, replaces: Replaces) {
        self.writes.push(RemoteWrite::Put { name: name.to_owned(), content, replaces });
    }

    fn put_changed(&mut self, remote: &RemoteFolder, name: &str, bytes: Vec<u8>) {
        if remote.file(name).is_some_and(|file| file.bytes == bytes) {
            self.unchanged += 1;
        } else {
            self.put(name, RemoteContent::Bytes(bytes), remote.replaces(name));
        }
    }
}

impl std::fmt::Debug for RemotePlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemotePlan").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}
