//! What was read of a server's folder, and what a write to it replaces.

use std::collections::BTreeMap;
use std::io;

use super::super::files::ReadFiles;
use super::super::mirror::HEAD;
use crate::signed::{Digest, DocumentKind, Envelope, FileEntry, Head, picture_digest};

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

    pub(super) fn has_asked(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(super) fn file(&self, name: &str) -> Option<&RemoteFile> {
        self.files.get(name)?.as_ref()
    }

    /// Whether a picture is there. `None` if it was not compared.
    pub(super) fn has_picture(&self, digest: &Digest) -> Option<bool> {
        self.pictures.get(digest).copied()
    }

    pub(crate) fn replaces(&self, name: &str) -> Replaces {
        match self.files.get(name) {
            Some(None) => Replaces::Nothing,
            Some(Some(file)) => Replaces::Version(RemoteVersion::of(file)),
            None => Replaces::Anything,
        }
    }

    /// The head, if it is one. Whose it is has to be checked.
    pub(super) fn head(&self) -> Option<(Head, Envelope)> {
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
    pub(super) fn stated(entry: &FileEntry) -> Self {
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

impl std::fmt::Debug for RemoteFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteFolder").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

/// The lines of a month's file.
pub(super) fn lines_of(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}
