//! What has to be read on a server before anything is written there.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::attached::named_in;
use super::super::community::Publisher;
use super::super::files::ReadFiles as _;
use super::super::mirror::{FREEZE, HEAD, charter_file};
use super::super::site::CALENDAR;
use super::folder::{RemoteFile, RemoteFolder, lines_of};
use crate::signed::{
    Admission, Digest, DocumentKind, Envelope, FileEntry, MAX_FILE_BYTES, MAX_PICTURE_BYTES, MAX_VERSION, NEWEST,
    picture_file,
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

impl RemoteFolder {
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
}

fn wanted_picture(digest: &Digest) -> Wanted {
    Wanted { name: picture_file(digest), most: MAX_PICTURE_BYTES }
}

/// Whether this is a file of the web site, which is not signed.
pub(crate) fn is_of_site(name: &str) -> bool {
    SITE.contains(&name)
}

/// The files of the web site.
const SITE: [&str; 3] = ["index.html", "feed.xml", CALENDAR];
