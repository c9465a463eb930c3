//! A mirror in a folder of this device: on a memory card, or on a share that the system shows as a folder.
//!
//! It is read as a bundle is, and it is believed no more. The card may come from anyone: only files with the names of a mirror are opened,
//! only plain ones, and of each only as many bytes as the format allows. Nothing in it leads to another place.

use std::borrow::Cow;
use std::cell::Cell;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::carried::Carried;
use crate::signed::{
    Digest, DocumentKind, Envelope, FileEntry, FileError, FolderError, MAX_BUNDLE_BYTES, MAX_PICTURE_BYTES,
    MAX_VERSION, PICTURES, picture_file,
};

/// The documents of a mirror in a folder, and where its files are.
pub(crate) struct Folder {
    path: PathBuf,
    charters: Vec<Envelope>,
    head: Envelope,
    freeze: Option<Envelope>,
    id: Digest,
    /// The bytes that may still be read.
    left: Cell<u64>,
}

impl Folder {
    /// Reads the documents of the mirror in this folder. The path may be a link to the folder. Blocks.
    ///
    /// # Errors
    /// See [`FolderError`].
    pub(crate) fn read(path: &Path) -> Result<Self, FolderError> {
        let is_folder = fs::metadata(path).map_err(|error| of_system(&error))?.is_dir();
        if !is_folder {
            return Err(FolderError::Absent);
        }
        let left = Cell::new(MAX_BUNDLE_BYTES as u64);
        let mut charters = Vec::new();
        // A link in its place would lead out of the folder.
        if plain(&path.join(CHARTERS))?.is_some_and(|found| !found.is_dir()) {
            return Err(FolderError::Form);
        }
        for version in 1..=MAX_VERSION {
            let charter = document(path, &format!("{CHARTERS}/{version}.json"), DocumentKind::Charter, &left)?;
            let Some(charter) = charter else { break };
            charters.push(charter);
        }
        let head = document(path, "head.json", DocumentKind::Head, &left)?.ok_or(FolderError::Absent)?;
        let freeze = document(path, "freeze.json", DocumentKind::Freeze, &left)?;
        let id = charters.first().ok_or(FolderError::Absent)?.digest();
        Ok(Self { path: path.to_owned(), charters, head, freeze, id, left })
    }
}

impl Carried for Folder {
    fn id(&self) -> Digest {
        self.id
    }

    fn charters(&self) -> &[Envelope] {
        &self.charters
    }

    fn head(&self) -> &Envelope {
        &self.head
    }

    fn freeze(&self) -> Option<&Envelope> {
        self.freeze.as_ref()
    }

    fn file(&self, file: &FileEntry) -> Option<Result<Cow<'_, [u8]>, FileError>> {
        // The names of a head are names of files and have no path in them.
        let bytes = match open(&self.path.join(&file.name)) {
            Ok(Some((opened, found))) if found.len() <= file.bytes || file.only_grows() => {
                begin(opened, file.bytes, &self.left)
            }
            Ok(Some(_)) => return Some(Err(FileError::TooLong)),
            Ok(None) => return None,
            Err(error) => Err(error),
        };
        Some(match bytes {
            Ok(bytes) if (bytes.len() as u64) < file.bytes => Err(FileError::TooShort),
            Ok(bytes) => Ok(Cow::Owned(bytes)),
            Err(_) => Err(FileError::Absent),
        })
    }

    fn picture(&self, digest: &Digest) -> Option<Cow<'_, [u8]>> {
        // A link in its place would lead out of the folder.
        plain(&self.path.join(PICTURES)).ok().flatten().filter(Metadata::is_dir)?;
        let (file, found) = open(&self.path.join(picture_file(digest))).ok().flatten()?;
        if found.len() > MAX_PICTURE_BYTES {
            return None;
        }
        begin(file, found.len(), &self.left).ok().map(Cow::Owned)
    }
}

/// A document of the mirror. `None` if there is no file of this name.
fn document(folder: &Path, name: &str, kind: DocumentKind, left: &Cell<u64>) -> Result<Option<Envelope>, FolderError> {
    let Some((file, found)) = open(&folder.join(name))? else { return Ok(None) };
    let most = kind.max_envelope() as u64;
    if found.len() > most {
        return Err(FolderError::Form);
    }
    let bytes = begin(file, most, left)?;
    Envelope::parse(&bytes, kind).map(Some).map_err(|_| FolderError::Form)
}

/// Opens a plain file. `None` if there is none. What waits for another program when it is opened (a FIFO) is not opened at all.
fn open(path: &Path) -> Result<Option<(File, Metadata)>, FolderError> {
    let Some(named) = plain(path)? else { return Ok(None) };
    if !named.is_file() {
        return Err(FolderError::Form);
    }
    let file = File::open(path).map_err(|error| of_system(&error))?;
    let found = file.metadata().map_err(|error| of_system(&error))?;
    // It was replaced in between.
    if found.is_file() { Ok(Some((file, found))) } else { Err(FolderError::Form) }
}

/// What is at a path, without following a link.
fn plain(path: &Path) -> Result<Option<Metadata>, FolderError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(of_system(&error)),
    }
}

/// The first bytes of a file.
fn begin(file: File, most: u64, left: &Cell<u64>) -> Result<Vec<u8>, FolderError> {
    let mut bytes = Vec::new();
    let read = file.take(most.min(left.get())).read_to_end(&mut bytes).map_err(|error| of_system(&error))?;
    left.set(left.get().saturating_sub(read as u64));
    Ok(bytes)
}

/// Why the system gave no file.
fn of_system(error: &io::Error) -> FolderError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FolderError::Absent,
        _ => FolderError::Unreadable,
    }
}

/// The folder of the charters.
const CHARTERS: &str = "charter";
