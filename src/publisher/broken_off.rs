//! What a server or a disk keeps of a file when an upload breaks off in it: nothing, or its beginning. That is not another community, and
//! the next upload writes the file again.

use std::io;

use super::files::{Files, ReadFiles};
use super::mirror::{HEAD, charter_file};
use crate::signed::{Digest, DocumentKind, Envelope};

/// Whether this is no document, but at most the beginning of one.
pub(super) fn is_cut(bytes: &[u8]) -> bool {
    // A disk that lost its power may have the length of a file without its content.
    bytes.iter().all(|byte| *byte == 0)
        || (bytes.starts_with(b"{")
            && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err_and(|error| error.is_eof()))
}

/// How the names of charters begin.
const CHARTERS: &str = "charter/";

/// A folder of a community whose charters and head are those of the publisher's own folder where it has nothing or a cut one.
pub(super) struct Completed<'a, S> {
    source: &'a S,
    own: &'a Files,
    community: Digest,
    /// The newest charter of the own folder.
    newest: u64,
}

impl<'a, S: ReadFiles> Completed<'a, S> {
    pub(super) fn new(source: &'a S, own: &'a Files, community: Digest, newest: u64) -> Self {
        Self { source, own, community, newest }
    }

    /// Whether the first charter there is the one of the community, whole or cut.
    fn is_of_community(&self) -> io::Result<bool> {
        let first = self.source.read(&charter_file(1), DocumentKind::Charter.max_envelope() as u64)?;
        Ok(first.is_some_and(|bytes| {
            let parsed = Envelope::parse(&bytes, DocumentKind::Charter);
            is_cut(&bytes) || parsed.is_ok_and(|charter| charter.digest() == self.community)
        }))
    }
}

impl<S: ReadFiles> ReadFiles for Completed<'_, S> {
    fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let is_head = name == HEAD;
        if !is_head && !(1..=self.newest).any(|version| charter_file(version) == name) {
            let found = self.source.read(name, most);
            if !name.starts_with(CHARTERS) {
                return found;
            }
            // Where a server has nothing it may answer with a page. That is no charter.
            return match found {
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Ok(None),
                found => Ok(found?.filter(|bytes| Envelope::parse(bytes, DocumentKind::Charter).is_ok())),
            };
        }
        match self.source.read(name, most)?.filter(|bytes| !is_cut(bytes)) {
            Some(bytes) => Ok(Some(bytes)),
            None if is_head && !self.is_of_community()? => Ok(None),
            None => self.own.read(name, most),
        }
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        self.source.has(name)
    }

    fn was_read(&self, name: &str) -> bool {
        self.source.was_read(name)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        self.source.names()
    }
}
