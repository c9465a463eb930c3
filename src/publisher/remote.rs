//! A mirror on a server: what has to be read there before anything is written, and what is written, in which order.
//!
//! Nothing here touches a network. The room `upload` reads the [wanted](Wanted) files into a [`RemoteFolder`], a publisher
//! compares that with its own folder and makes a [`RemotePlan`], and the room `upload` carries the plan out.
//!
//! The order is the one of a folder: charters, a freeze, pictures, months, a head without the newest, the newest, a head with it, the web site. So
//! an upload that ends after any of its writes leaves a complete state to readers. Each write states what it replaces,
//! so that two admins cannot overwrite each other where the server compares.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use jiff::Timestamp;

use super::attached::named_in;
use super::community::{Publisher, page_language, refused};
use super::error::PublishError;
use super::files::ReadFiles;
use super::freezing::placed_freeze;
use super::frozen::time_of;
use super::mirror::{FREEZE, HEAD, Mirror, charter_file};
use super::proposal::Proposal;
use super::site::CALENDAR;
use super::state::SiteContent;
use super::target::TargetState;
use crate::signed::{
    Admission, Chain, Digest, DocumentKind, Envelope, FileEntry, Head, MAX_FILE_BYTES, MAX_PICTURE_BYTES, MAX_VERSION,
    NEWEST, SignedEvent, picture_digest, picture_file,
};

/// A file that has to be read on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    /// The most bytes that it may have.
    pub(crate) most: u64,
}

/// How much of a server's folder is read before it is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoteScope {
    /// The head, the charters, the web site, and the months that differ by the head. That is a constant number of files.
    #[default]
    Changed,
    /// Every file, to repair a folder that lost some or to take in what another admin published there.
    All,
}

/// What was read of the folder on a server.
#[derive(Default)]
pub struct RemoteFolder {
    files: BTreeMap<String, Option<RemoteFile>>,
    /// The pictures that were compared, and whether each is there.
    pictures: BTreeMap<Digest, bool>,
}

/// A file on the server.
pub(crate) struct RemoteFile {
    pub(crate) bytes: Vec<u8>,
    /// The version that the server names (`ETag`), if it names one.
    pub(crate) tag: Option<String>,
}

/// A file as it was read, to be compared with what the server has later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteVersion {
    /// The version that the server names, if it names one.
    pub(crate) tag: Option<String>,
    pub(crate) length: u64,
    sha256: Digest,
}

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

/// What a write replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Replaces {
    /// Whatever is there.
    Anything,
    /// Whatever is there. As far as is known it is this.
    Likely(RemoteVersion),
    /// Nothing: there is no such file.
    Nothing,
    /// The file that was read.
    Version(RemoteVersion),
    /// What the plan itself has written before.
    Own,
}

impl RemoteFolder {
    /// Adds a file that was asked for. `None` if it is not there.
    pub(crate) fn add(&mut self, name: String, file: Option<RemoteFile>) {
        self.files.insert(name, file);
    }

    /// Compares a picture with its name. Only the answer is kept, because pictures are large.
    pub(crate) fn compare_picture(&mut self, name: &str, file: Option<&RemoteFile>) {
        if let Some(digest) = picture_digest(name) {
            self.pictures.insert(digest, file.is_some_and(|file| Digest::of(&file.bytes) == digest));
        }
    }

    fn has_asked(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    fn file(&self, name: &str) -> Option<&RemoteFile> {
        self.files.get(name)?.as_ref()
    }

    pub(crate) fn replaces(&self, name: &str) -> Replaces {
        match self.files.get(name) {
            Some(None) => Replaces::Nothing,
            Some(Some(file)) => Replaces::Version(RemoteVersion::of(file)),
            None => Replaces::Anything,
        }
    }

    /// A freeze as it has to be written to the server. `None` if one is there that is as early.
    ///
    /// # Errors
    /// As [`place_freeze`](super::place_freeze).
    pub(crate) fn freeze(&self, proposal: &Proposal, now: Timestamp) -> Result<Option<Vec<u8>>, PublishError> {
        let charter = |version| -> Result<Option<Envelope>, PublishError> {
            let file = self.file(&charter_file(version));
            let parsed = file.map(|file| Envelope::parse(&file.bytes, DocumentKind::Charter));
            parsed.transpose().map_err(|_| PublishError::Damaged)
        };
        let first = charter(1)?.ok_or(PublishError::Absent)?;
        let mut chain = Chain::begin(first.digest(), &first, now).map_err(|_| PublishError::Damaged)?;
        while let Some(next) = charter(chain.newest_version() + 1)? {
            // What follows a charter that is not the community's is not either.
            if chain.extend(&next, now).is_err() {
                break;
            }
        }
        let there = self.file(FREEZE).map(|file| file.bytes.as_slice());
        placed_freeze(proposal, there, &chain, now)
    }

    /// What has to be read beside the charters, before the web site can be written anew: the head, the site, and then the months of the head.
    pub(crate) fn wanted_for_site(&self) -> Vec<Wanted> {
        let Some((head, _)) = self.head() else {
            let head = Wanted { name: HEAD.to_owned(), most: DocumentKind::Head.max_envelope() as u64 };
            let site = SITE.map(|name| Wanted { name: name.to_owned(), most: MAX_FILE_BYTES });
            return std::iter::once(head).chain(site).collect();
        };
        let months = head.files.into_iter().filter(|entry| entry.name != NEWEST);
        months.map(|entry| Wanted { name: entry.name, most: MAX_FILE_BYTES }).collect()
    }

    /// The web site with the freeze that is here, as far as it differs: what is to be written, and what removed. Nothing if the folder is no mirror, because
    /// somebody changed it: the freeze itself does not depend on that.
    pub(crate) fn frozen_site(&self, now: Timestamp) -> Vec<(String, Option<Vec<u8>>)> {
        let Ok(Mirror { chain, head, events, .. }) = Mirror::read(self, now) else { return Vec::new() };
        let says = (page_language(self).unwrap_or_default(), time_of(self, &chain, now));
        let files = SiteContent::of_state((&chain, head.issued), &events, says, now).site().files();
        let has_calendar = files.iter().any(|file| file.name == CALENDAR);
        let is_new = |name: &str, bytes: &[u8]| self.file(name).is_none_or(|known| known.bytes != bytes);
        let changed = files.into_iter().filter(|file| is_new(file.name, &file.bytes));
        let mut site: Vec<_> = changed.map(|file| (file.name.to_owned(), Some(file.bytes))).collect();
        if !has_calendar && self.file(CALENDAR).is_some() {
            site.push((CALENDAR.to_owned(), None));
        }
        site
    }

    /// The head, if it is one. Whose it is has to be checked.
    fn head(&self) -> Option<(Head, Envelope)> {
        let envelope = Envelope::parse(&self.file(HEAD)?.bytes, DocumentKind::Head).ok()?;
        Some((Head::read(&envelope).ok()?, envelope))
    }
}

impl RemoteVersion {
    /// This file.
    pub(crate) fn of(file: &RemoteFile) -> Self {
        Self { tag: file.tag.clone(), length: file.bytes.len() as u64, sha256: Digest::of(&file.bytes) }
    }

    /// The one that a head names.
    fn stated(entry: &FileEntry) -> Self {
        Self { tag: None, length: entry.bytes, sha256: entry.sha256 }
    }

    /// The same file with the version that the server named when it was written.
    pub(crate) fn with_tag(&self, tag: Option<String>) -> Self {
        Self { tag, ..self.clone() }
    }

    /// Whether the server still has it. Its bytes decide: a server may make its tags of a second and a length.
    pub(crate) fn is(&self, file: &RemoteFile) -> bool {
        Digest::of(&file.bytes) == self.sha256
    }
}

impl Replaces {
    /// Whether a server that has this has what the write is to replace.
    pub(crate) fn is(&self, there: Option<&RemoteFile>) -> bool {
        match self {
            Replaces::Nothing => there.is_none(),
            Replaces::Version(version) => there.is_some_and(|file| version.is(file)),
            Replaces::Anything | Replaces::Likely(_) | Replaces::Own => true,
        }
    }

    /// The version that is there before the write, as far as it is known.
    pub(crate) fn version(&self) -> Option<&RemoteVersion> {
        match self {
            Replaces::Version(version) | Replaces::Likely(version) => Some(version),
            Replaces::Anything | Replaces::Nothing | Replaces::Own => None,
        }
    }
}

impl ReadFiles for RemoteFolder {
    /// A file that was not asked for is an error and not a missing one: what is missing may be published over.
    fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let file = self.files.get(name).ok_or_else(|| io::Error::other(format!("{name} was not read")))?;
        match file {
            Some(file) if file.bytes.len() as u64 > most => Err(io::ErrorKind::FileTooLarge.into()),
            file => Ok(file.as_ref().map(|file| file.bytes.clone())),
        }
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        Ok(self.file(name).is_some())
    }

    fn was_read(&self, name: &str) -> bool {
        self.has_asked(name)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.files.iter().filter(|(_, file)| file.is_some()).map(|(name, _)| name.clone()).collect())
    }
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
    /// What has to be read on a server before a freeze is published there, beside the charters.
    pub(crate) fn wanted_for_freeze() -> [Wanted; 2] {
        let most = DocumentKind::Charter.max_envelope() as u64;
        [FREEZE.to_owned(), charter_file(1)].map(|name| Wanted { name, most })
    }

    /// What has to be read on a server first: the head, the freeze, every charter that is known here, the one after them, and the
    /// site.
    pub(crate) fn wanted_first(&self) -> Vec<Wanted> {
        let document = |name| Wanted { name, most: DocumentKind::Head.max_envelope() as u64 };
        let charters = (1..=self.chain.newest_version() + 1).map(|version| document(charter_file(version)));
        let site = SITE.map(|name| Wanted { name: name.to_owned(), most: MAX_FILE_BYTES });
        let documents = [HEAD, FREEZE].map(|name| document(name.to_owned()));
        documents.into_iter().chain(charters).chain(site).collect()
    }

    /// What has to be read after that: the months that are not the same by a head of this community, and more charters if
    /// `first` has one that is not known here.
    pub(crate) fn wanted_then(&self, first: &RemoteFolder, scope: RemoteScope, now: Timestamp) -> Vec<Wanted> {
        let theirs = match first.head() {
            Some((head, envelope)) if scope == RemoteScope::Changed && !self.is_ours(&head, &envelope, now) => {
                Vec::new()
            }
            Some((head, _)) => head.files,
            None => Vec::new(),
        };
        let is_same = |entry: &FileEntry| self.head.file(&entry.name) == Some(entry) && theirs.contains(entry);
        let months = theirs.iter().chain(&self.head.files).filter(|entry| entry.name != NEWEST);
        let mut names: Vec<&str> =
            months.filter(|entry| scope == RemoteScope::All || !is_same(entry)).map(|entry| &*entry.name).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| Wanted { name: name.to_owned(), most: MAX_FILE_BYTES }).collect()
    }

    /// The pictures that have to be compared, to repair a folder.
    pub(crate) fn compared_pictures(&self, scope: RemoteScope, now: Timestamp) -> Vec<Wanted> {
        let pictures = if scope == RemoteScope::All { self.pictures(now) } else { BTreeSet::new() };
        pictures.iter().map(wanted_picture).collect()
    }

    /// The pictures that posts there name and that this folder does not have, to take them in.
    pub(crate) fn wanted_pictures(&self, folder: &RemoteFolder, now: Timestamp) -> Vec<Wanted> {
        let Some((head, _)) = folder.head() else { return Vec::new() };
        let admission = Admission::new(&self.chain, &head, None, now);
        let months = head.files.iter().filter(|entry| entry.name != NEWEST);
        let lines = months.filter_map(|entry| folder.file(&entry.name)).flat_map(|file| lines_of(&file.bytes));
        let events = lines.filter_map(|line| admission.admit(line).ok());
        let named: BTreeSet<Digest> = events.flat_map(|(event, _)| named_in(&event).collect::<Vec<_>>()).collect();
        let is_missing = |wanted: &Wanted| !self.files.has(&wanted.name).unwrap_or(true);
        named.iter().map(wanted_picture).filter(is_missing).collect()
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
        let is_there = |digest: &Digest| remote.pictures.get(digest).copied().unwrap_or(there.contains(digest));
        let added = ours.iter().filter(|digest| !is_there(digest)).copied().collect();
        Ok((added, there.difference(&ours).copied().collect()))
    }

    /// The charter with this number, if the one before it was found on the server.
    pub(crate) fn wanted_after(folder: &RemoteFolder, version: u64) -> Option<Wanted> {
        // A server may answer with a page where it has nothing.
        let is_charter = |file: &RemoteFile| Envelope::parse(&file.bytes, DocumentKind::Charter).is_ok();
        let is_there = version <= MAX_VERSION && folder.file(&charter_file(version - 1)).is_some_and(is_charter);
        let most = DocumentKind::Charter.max_envelope() as u64;
        is_there.then(|| Wanted { name: charter_file(version), most })
    }

    /// The number of the newest charter that is known here.
    pub(crate) fn newest_charter(&self) -> u64 {
        self.chain.newest_version()
    }

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
    /// read ([`RemoteScope::All`]).
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

impl std::fmt::Debug for RemoteFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteFolder").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for RemotePlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemotePlan").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}

fn wanted_picture(digest: &Digest) -> Wanted {
    Wanted { name: picture_file(digest), most: MAX_PICTURE_BYTES }
}

/// The lines of a month's file.
fn lines_of(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// The files of the web site.
const SITE: [&str; 3] = ["index.html", "feed.xml", CALENDAR];

#[cfg(test)]
mod tests;
