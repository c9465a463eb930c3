//! Files that the command reads and writes.
//!
//! A file is read up to a limit. It is written completely or not at all, for its owner alone, and without replacing
//! anything else: the bytes go into a new file with a unique name (`O_EXCL`, mode 600), in the directory of the target file. They are
//! synced to disk, and then the file gets its name. A full disk leaves what was there before. A link at the file's name
//! is not followed, and a device or a pipe is not replaced; directories on the path to it may be links, as the caller
//! named them.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use byway::Language;
use tempfile::NamedTempFile;

use crate::screen::say;
use crate::served;
use crate::words;
use crate::wrong::{Wrong, cannot, wrong_file};

/// A list as text, or the line that is not text.
pub(crate) fn text_of<'a>(path: &Path, bytes: &'a [u8], language: Language) -> Result<&'a str, Wrong> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let number = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let (line, what) = (words::LINE_NUMBER.in_(language), words::NO_UTF8.in_(language));
        Wrong(format!("{}, {line} {number}: {what}", path.display()))
    })
}

/// Whether other users of this machine may read a file, or change it.
#[cfg(unix)]
pub(crate) fn is_for_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 != 0)
}

/// Such permissions have another form here.
#[cfg(not(unix))]
pub(crate) fn is_for_others(_: &Path) -> bool {
    false
}

/// Says it, once, if other users of this machine may read the file of a secret.
pub(crate) fn warn_if_for_others(path: &Path, language: Language) {
    if !is_for_others(path) {
        return;
    }
    let mut said = WARNED_OF.lock().unwrap_or_else(PoisonError::into_inner);
    if said.insert(path.to_owned()) {
        say(&format!("{}: {}", path.display(), words::OPEN_TO_OTHERS.in_(language)));
    }
}

/// The files of which it was said: two keys may have one passphrase.
static WARNED_OF: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Reads a file up to a size limit. A pipe, such as `<(...)` of a shell, is read too, if something comes through it.
pub(crate) fn read(path: &Path, limit: u64, language: Language) -> Result<Vec<u8>, Wrong> {
    let cannot = |error| cannot(words::CANNOT_READ, path, &error, language);
    let bytes = if path.as_os_str() == "-" {
        up_to(std::io::stdin().lock(), limit).map_err(cannot)?
    } else {
        let found = fs::metadata(path).map_err(cannot)?;
        if found.is_dir() {
            return Err(cannot(io::ErrorKind::IsADirectory.into()));
        }
        if found.is_file() {
            up_to(File::open(path).map_err(cannot)?, limit).map_err(cannot)?
        } else {
            let read = from_pipe(path, limit).ok_or_else(|| wrong_file(path, words::NOTHING_CAME, language))?;
            read.map_err(cannot)?
        }
    };
    if bytes.len() as u64 > limit {
        return Err(Wrong(format!("{}: {} {limit}", path.display(), words::TOO_LARGE.in_(language))));
    }
    Ok(bytes)
}

/// One byte more than the limit, if there are more.
fn up_to(file: impl io::Read, limit: u64) -> io::Result<Vec<u8>> {
    // A secret is allocated at full size: a growing buffer would leave copies.
    let whole = usize::try_from(limit.min(KEY_BYTES) + 1).unwrap_or_default();
    let mut bytes = Vec::with_capacity(whole);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads what is no plain file, for a limited time: to open a pipe waits for a writer, and to read it waits for its end. `None` if the
/// time is over. The thread that waits ends with the process.
fn from_pipe(path: &Path, limit: u64) -> Option<io::Result<Vec<u8>>> {
    let ((opens, opened), (reads, read)) = (mpsc::channel(), mpsc::channel());
    let path = path.to_owned();
    thread::spawn(move || {
        let file = File::open(path);
        let _ = opens.send(());
        let _ = reads.send(file.and_then(|file| up_to(file, limit)));
    });
    opened.recv_timeout(WRITER_WAIT).ok()?;
    read.recv_timeout(PIPE_WAIT).ok()
}

/// The writer of `<(...)` is there before the command begins.
const WRITER_WAIT: Duration = Duration::from_secs(2);

/// A program that gives a passphrase may ask a person for another one first.
const PIPE_WAIT: Duration = Duration::from_secs(60);

/// What the command writes for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Bundle,
    Calendar,
    Opml,
    Picture,
    Svg,
    Proposal,
    Routes,
    /// A card of a key, or a sealed pack of routes: the file that is there may be the only one, and looks like a key file.
    Secret,
}

impl Written {
    /// Whether it may lie where everyone can fetch it: it has only what a community publishes itself.
    fn is_public(self) -> bool {
        match self {
            Written::Bundle | Written::Svg => true,
            // A freeze that enough have signed ends a community, a proposal names its admins, and a list or a picture says what is read.
            Written::Calendar
            | Written::Opml
            | Written::Picture
            | Written::Proposal
            | Written::Routes
            | Written::Secret => false,
        }
    }

    /// Whether a file that begins with these bytes is one of this kind.
    fn is_like(self, beginning: &[u8]) -> bool {
        match self {
            Written::Bundle => beginning.starts_with(b"byway bundle "),
            Written::Calendar => beginning.starts_with(b"BEGIN:VCALENDAR"),
            Written::Opml => {
                beginning.starts_with(b"<?xml") && beginning.windows(b"<opml".len()).any(|found| found == b"<opml")
            }
            Written::Picture => picture_ending(beginning).is_some(),
            Written::Svg => beginning.starts_with(b"<svg"),
            Written::Proposal => beginning.starts_with(b"byway proposal "),
            Written::Routes => beginning.starts_with(LIST_EXPIRES.as_bytes()),
            Written::Secret => false,
        }
    }
}

/// How a list begins whose strategies are not used for ever: those of a pack of routes.
pub(crate) const LIST_EXPIRES: &str = "# Routes of a pack, not used after ";

/// The second line of such a list.
pub(crate) const LIST_SIGNED: &str = "# Signed at ";

/// How the name of a picture's file ends, by its first bytes. `None` for what a signed community publishes no pictures in.
pub(crate) fn picture_ending(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

/// A file with its whole content on the disk, which has not got its name yet. It is gone when this is dropped.
pub(crate) struct Ready<'a> {
    file: NamedTempFile,
    path: &'a Path,
    language: Language,
}

impl Ready<'_> {
    /// Gives the file its name.
    pub(crate) fn named(self) -> Result<(), Wrong> {
        let failed = |error: io::Error| cannot(words::CANNOT_WRITE, self.path, &error, self.language);
        self.file.persist(self.path).map_err(|error| failed(error.error))?;
        sync_directory(self.path).map_err(failed)
    }
}

/// Writes a file, and replaces one of the same kind or an empty one. Any other file stays: a slip of the keyboard could
/// name a file that holds a key, of which there is no second one.
pub(crate) fn replace(path: &Path, bytes: &[u8], kind: Written, language: Language) -> Result<(), Wrong> {
    ready(path, bytes, kind, language)?.named()
}

/// The same without the name, for what must not be noted anywhere before it could be written.
pub(crate) fn ready<'a>(path: &'a Path, bytes: &[u8], kind: Written, language: Language) -> Result<Ready<'a>, Wrong> {
    let failed = |error: io::Error| cannot(words::CANNOT_WRITE, path, &error, language);
    if !kind.is_public() {
        served::keep_file_out(path, language)?;
    }
    if kind == Written::Secret {
        sweep_secrets(directory(path));
    }
    match itself(path).map_err(failed)? {
        Some(found) if found.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
        Some(found) if !found.is_file() => return Err(wrong_file(path, words::NO_PLAIN_FILE, language)),
        Some(found) if found.len() > 0 => {
            let mut beginning = Vec::new();
            File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning)).map_err(failed)?;
            if !kind.is_like(&beginning) {
                return Err(wrong_file(path, words::ANOTHER_FILE, language));
            }
        }
        _ => {}
    }
    let prefix = if kind == Written::Secret { SECRET } else { PREFIX };
    Ok(Ready { file: written(path, bytes, prefix).map_err(failed)?, path, language })
}

/// Removes what a command left that was killed before a file with a secret had its name. What is being written now is locked, and stays.
pub(crate) fn sweep_secrets(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_secret = |name: &str| name.starts_with(SECRET) && name.ends_with(SUFFIX);
        if !entry.file_name().to_str().is_some_and(is_secret) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        if File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Overwrites a file that holds a key. `Ok(false)`: the file does not exist.
pub(crate) fn overwrite(path: &Path, language: Language) -> Result<bool, Wrong> {
    let failed = |error: io::Error| cannot(words::CANNOT_REMOVE, path, &error, language);
    match itself(path).map_err(failed)? {
        None => return Ok(false),
        Some(found) if !found.is_file() => return Err(wrong_file(path, words::NO_PLAIN_FILE, language)),
        Some(_) => {}
    }
    let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
    let length = usize::try_from(file.metadata().map_err(failed)?.len().min(KEY_BYTES)).unwrap_or_default();
    file.write_all(&vec![WIPED; length.max(1)]).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(true)
}

/// Whether a file was overwritten by [`overwrite`].
pub(crate) fn is_overwritten(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| *byte == WIPED)
}

/// Removes a file. A missing file is not an error.
pub(crate) fn remove(path: &Path, language: Language) -> Result<(), Wrong> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(cannot(words::CANNOT_REMOVE, path, &error, language))
        }
        _ => Ok(()),
    }
}

/// The object with this name itself, not the target of a link.
pub(crate) fn itself(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file is one of ours that never got its name.
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

fn written(path: &Path, bytes: &[u8], prefix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(SUFFIX);
    // This crate gives every file mode 600.
    let mut file = builder.tempfile_in(directory(path))?;
    // Ignored: where there are no locks, nothing is swept.
    let _ = file.as_file().try_lock();
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The name is on the disk only when its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory(path))?.sync_all() } else { Ok(()) }
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The prefix of a file's name until it is complete.
const PREFIX: &str = ".byway-";

/// The same of a file with a secret, of which nothing may stay.
const SECRET: &str = ".byway-secret-";

const SUFFIX: &str = ".new";

/// Enough to recognise what the command writes itself.
const BEGINNING: u64 = 256;

/// The byte that overwrites a key.
const WIPED: u8 = b'w';

/// A key file has 45 bytes, a sealed key about 200.
pub(crate) const KEY_BYTES: u64 = 4096;
