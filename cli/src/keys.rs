//! The key of the store: from a key file, or from a passphrase.
//!
//! A key file holds 32 random bytes in base64, readable only by its owner. It can be on a removable drive. Without one,
//! a random key is in the data directory itself, sealed with a passphrase (age's format, scrypt). The passphrase is
//! typed on the terminal or read from a file, and never comes from an argument or the environment: other processes may
//! read those. Either key is made together with the store.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use byway::{
    KeyError, KeyFile, KeyFileError, KeyProvider, Language, SealedKeyFile, Secret, Store, StoreError, StoreKey,
};
use zeroize::Zeroizing;

use crate::words::{self, Label};
use crate::wrong::{self, Wrong};
use crate::{files, screen};

/// Where the key comes from.
#[derive(Clone, Debug)]
pub(crate) struct KeySource {
    pub(crate) data_dir: PathBuf,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) passphrase_file: Option<PathBuf>,
    pub(crate) language: Language,
}

impl KeyProvider for KeySource {
    /// The store calls this once it has locked the directory.
    fn key(&self) -> Result<StoreKey, KeyError> {
        self.find().map_err(|Wrong(reason)| KeyError::new(reason))
    }
}

impl KeySource {
    fn find(&self) -> Result<StoreKey, Wrong> {
        let sealed = sealed_key(&self.data_dir);
        let there = |path: &Path| {
            files::itself(path).map_err(|error| wrong::cannot(words::CANNOT_READ, path, &error, self.language))
        };
        let (has_sealed, has_store) = (there(&sealed)?.is_some(), there(&self.data_dir.join(DATABASE))?.is_some());
        match &self.key_file {
            Some(_) if has_sealed => Err(self.wrong(words::KEY_SEALED, &self.data_dir)),
            Some(path) if there(path)?.is_some() => self.read_key_file(path),
            Some(path) if has_store => Err(self.wrong(words::KEY_MISSING, path)),
            Some(path) => self.make_key_file(path),
            None if has_sealed => self.unseal(&sealed),
            None if has_store => Err(self.wrong(words::KEY_UNNAMED, &self.data_dir)),
            None => self.seal_new(&sealed),
        }
    }

    /// An error about a file.
    fn wrong(&self, what: Label, path: &Path) -> Wrong {
        Wrong(format!("{}: {}", path.display(), what.in_(self.language)))
    }

    fn said(&self, what: Label) -> Wrong {
        Wrong(what.in_(self.language).to_owned())
    }

    fn read_key_file(&self, path: &Path) -> Result<StoreKey, Wrong> {
        KeyFile::new(path).read().map_err(|error| self.of_file(&error, path))
    }

    fn unseal(&self, path: &Path) -> Result<StoreKey, Wrong> {
        for attempt in 0..self.tries() {
            if attempt > 0 {
                screen::err(&format!("{}\n", words::PASSPHRASE_WRONG.in_(self.language)));
            }
            let passphrase = self.passphrase(words::PASSPHRASE.in_(self.language))?;
            match SealedKeyFile::new(path, passphrase).read() {
                Err(KeyFileError::WrongPassphrase) => {}
                read => return read.map_err(|error| self.of_file(&error, path)),
            }
        }
        Err(self.said(words::PASSPHRASE_WRONG))
    }

    /// How often a passphrase is asked for: people make typing mistakes, and a file says the same again.
    pub(crate) fn tries(&self) -> u32 {
        if self.passphrase_file.is_some() || !io::stdin().is_terminal() && !io::stderr().is_terminal() {
            1
        } else {
            TRIES
        }
    }

    fn seal_new(&self, path: &Path) -> Result<StoreKey, Wrong> {
        let passphrase = self.new_passphrase(words::PASSPHRASE_NEW)?;
        SealedKeyFile::new(path, passphrase).create().map_err(|error| self.of_file(&error, path))
    }

    /// A passphrase that is chosen now, and typed twice.
    pub(crate) fn new_passphrase(&self, prompt: Label) -> Result<Secret, Wrong> {
        let passphrase = self.passphrase(prompt.in_(self.language))?;
        if self.passphrase_file.is_none() {
            let again = self.passphrase(words::PASSPHRASE_AGAIN.in_(self.language))?;
            if passphrase.expose() != again.expose() {
                return Err(self.said(words::PASSPHRASES_DIFFER));
            }
        }
        Ok(passphrase)
    }

    /// Makes a key file, or uses the one that another process made meanwhile for its own store.
    fn make_key_file(&self, path: &Path) -> Result<StoreKey, Wrong> {
        match KeyFile::new(path).create() {
            Err(KeyFileError::Exists) => self.read_key_file(path),
            made => made.map_err(|error| match error {
                KeyFileError::Io(error) => wrong::cannot(words::CANNOT_WRITE, path, &error, self.language),
                KeyFileError::Absent => {
                    wrong::cannot(words::CANNOT_WRITE, path, &io::ErrorKind::NotFound.into(), self.language)
                }
                error => self.of_file(&error, path),
            }),
        }
    }

    /// An error about a key file, in the command's words if it has some.
    fn of_file(&self, error: &KeyFileError, path: &Path) -> Wrong {
        match error {
            KeyFileError::OpenToOthers => self.wrong(words::KEY_OPEN_TO_OTHERS, path),
            KeyFileError::NoKey => self.wrong(words::KEY_IS_NONE, path),
            KeyFileError::NotPlain => self.wrong(words::NO_PLAIN_FILE, path),
            KeyFileError::Damaged => self.wrong(words::KEY_DAMAGED, path),
            KeyFileError::WrongPassphrase => self.said(words::PASSPHRASE_WRONG),
            KeyFileError::NoRandomness => self.said(words::NO_RANDOMNESS),
            KeyFileError::Io(error) => wrong::cannot(words::CANNOT_READ, path, error, self.language),
            error => Wrong(format!("{}: {}", path.display(), wrong::unended(error.sentence(self.language)))),
        }
    }

    /// The passphrase, from its file or typed after a prompt.
    pub(crate) fn passphrase(&self, prompt: &str) -> Result<Secret, Wrong> {
        let secret = match &self.passphrase_file {
            Some(path) => {
                let bytes = Zeroizing::new(files::read(path, files::KEY_BYTES, self.language)?);
                let text = std::str::from_utf8(&bytes).map_err(|_| self.wrong(words::NO_UTF8, path))?;
                let text = text.strip_prefix('\u{feff}').unwrap_or(text);
                Secret::new(text.lines().next().unwrap_or_default()).inspect(|_| {
                    if path.as_os_str() != "-" {
                        files::warn_if_for_others(path, self.language);
                    }
                })
            }
            None if !io::stderr().is_terminal() && !io::stdin().is_terminal() => {
                // The keys of a community come from no `--key-file`.
                let is_of_store = !self.data_dir.as_os_str().is_empty();
                let what =
                    if is_of_store { words::PASSPHRASE_NO_TERMINAL } else { words::PASSPHRASE_OF_KEYS_NO_TERMINAL };
                return Err(self.said(what));
            }
            None => Secret::new(rpassword::prompt_password(prompt).map_err(|_| self.said(words::PASSPHRASE_UNREAD))?),
        };
        secret.map_err(|error| match (error, &self.passphrase_file) {
            (KeyFileError::Empty, Some(path)) => self.wrong(words::PASSPHRASE_EMPTY, path),
            (KeyFileError::Empty, None) => self.said(words::PASSPHRASE_EMPTY),
            (KeyFileError::Absent, Some(path)) => {
                wrong::cannot(words::CANNOT_READ, path, &io::ErrorKind::NotFound.into(), self.language)
            }
            (error, path) => self.of_file(&error, path.as_deref().unwrap_or(Path::new("-"))),
        })
    }
}

/// Whether any part of a store exists.
///
/// # Errors
/// If the directory may not be read: that is different from an empty one.
pub(crate) fn has_store(data_dir: &Path, language: Language) -> Result<bool, Wrong> {
    let there = |path: PathBuf| {
        files::itself(&path).map_err(|error| wrong::cannot(words::CANNOT_USE, data_dir, &error, language))
    };
    for name in STORE_FILES {
        if there(data_dir.join(name))?.is_some() {
            return Ok(true);
        }
    }
    // The lock file says whether there was a store; an empty one says nothing.
    Ok(there(data_dir.join(LOCK))?.is_some_and(|lock| lock.len() > 0))
}

/// The path of the key that a passphrase opens.
pub(crate) fn sealed_key(data_dir: &Path) -> PathBuf {
    data_dir.join(SEALED_KEY)
}

/// Finishes a wipe that was interrupted after the sealed key was overwritten. Refuses a sealed key that is the only
/// remainder of a store: an empty store in its place would have forgotten which communities may be read only through
/// Tor.
pub(crate) fn settle(data_dir: &Path, language: Language) -> Result<(), Wrong> {
    let sealed = sealed_key(data_dir);
    let failed = |error: io::Error| wrong::cannot(words::CANNOT_USE, data_dir, &error, language);
    match files::itself(&sealed).map_err(failed)? {
        Some(found) if found.is_file() => {}
        Some(_) => return Err(wrong::wrong_file(&sealed, words::NO_PLAIN_FILE, language)),
        None => return Ok(()),
    }
    if files::is_overwritten(&files::read(&sealed, files::KEY_BYTES, language)?) {
        return wipe(data_dir, None, language);
    }
    // Another process writes into the lock file that it makes a store before it seals a key.
    let lock = files::itself(&data_dir.join(LOCK)).map_err(failed)?;
    let begun = lock.is_some_and(|lock| lock.len() > 0);
    let mut others = STORE_FILES.iter().filter(|name| **name != SEALED_KEY);
    let is_alone = others.try_fold(true, |alone, name| {
        files::itself(&data_dir.join(name)).map(|found| alone && found.is_none()).map_err(failed)
    })?;
    if is_alone && !begun {
        return Err(wrong::wrong_file(&sealed, words::KEY_ALONE, language));
    }
    Ok(())
}

/// Destroys what is kept: first the keys outside the store, the sealed one and the one in `key_file`, so that the store's own key
/// is worthless. If it is interrupted, [`settle`] or another `wipe` continues.
pub(crate) fn wipe(data_dir: &Path, key_file: Option<&Path>, language: Language) -> Result<(), Wrong> {
    if is_link(data_dir) {
        return Err(wrong::wrong_file(data_dir, words::A_LINK, language));
    }
    let sealed = sealed_key(data_dir);
    // The store's own key first, by which the next opening knows that a wipe has begun. Then nothing opens what is left, not even a
    // copy of the other keys. A link there is not followed; it is removed with the rest, and reported at the end.
    let marked = files::overwrite(&data_dir.join(STORE_KEY), language).map(drop);
    let overwritten = files::overwrite(&sealed, language).map(drop);
    let destroyed = key_file.map_or(Ok(()), |path| destroy_key_file(path, language));
    let wiped = Store::wipe_at(data_dir).map_err(|error| match error {
        StoreError::Io(error) => wrong::cannot(words::CANNOT_WIPE, data_dir, &error, language),
        // The other process may hang, and nobody should have to look for it first.
        StoreError::Busy => Wrong(format!("{}: {}", data_dir.display(), words::WIPED_IN_USE.in_(language))),
        error => Wrong(format!("{}: {}", data_dir.display(), wrong::unended(error.sentence(language)))),
    });
    if wiped.is_err() && files::itself(&data_dir.join(LOCK)).is_ok_and(|lock| lock.is_some()) {
        // The system refuses: the mark of a begun wipe stays.
        return wiped;
    }
    files::remove(&sealed, language)?;
    for entry in std::fs::read_dir(data_dir).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(files::is_unfinished) {
            files::remove(&entry.path(), language)?;
        }
    }
    wiped.and(marked).and(overwritten).and(destroyed)
}

/// Whether a directory is a link, also if it is written with a slash at its end.
pub(crate) fn is_link(data_dir: &Path) -> bool {
    let plain: PathBuf = data_dir.components().collect();
    files::itself(&plain).is_ok_and(|found| found.is_some_and(|found| found.is_symlink()))
}

/// Destroys the key in a key file. Any other file stays: it may have been named by mistake.
fn destroy_key_file(path: &Path, language: Language) -> Result<(), Wrong> {
    let is_key = match files::read(path, files::KEY_BYTES, language) {
        Ok(bytes) => files::is_overwritten(&bytes) || is_key_text(&bytes),
        Err(error) if files::itself(path).is_ok_and(|found| found.is_some()) => return Err(error),
        Err(_) => return Ok(()),
    };
    if !is_key {
        return Err(wrong::wrong_file(path, words::KEY_NOT_DESTROYED, language));
    }
    destroy(path, language)
}

/// Whether a file holds a key as byway writes it: 32 bytes in base64.
fn is_key_text(bytes: &[u8]) -> bool {
    let text = Zeroizing::new(String::from_utf8_lossy(bytes).trim().to_owned());
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len() == KEY_TEXT && text.ends_with('=') && text.bytes().take(KEY_TEXT - 1).all(is_base64)
}

/// Destroys the key in a key file. A missing file is not an error.
pub(crate) fn destroy(path: &Path, language: Language) -> Result<(), Wrong> {
    if files::overwrite(path, language)? { files::remove(path, language) } else { Ok(()) }
}

/// The store's own file (docs/cli.md): if it exists, a new key would not open it.
const DATABASE: &str = "byway.db";

/// The key of the store, sealed with a passphrase.
const SEALED_KEY: &str = "passphrase.age";

/// The store notes here how far its creation has come.
const LOCK: &str = "byway.lock";
const STORE_KEY: &str = "byway.key";

/// The length of 32 bytes in base64.
const KEY_TEXT: usize = 44;

/// Every file that a store may have.
const STORE_FILES: &[&str] = &[DATABASE, "byway.db-wal", "byway.db-journal", "byway.key", SEALED_KEY];

/// People make typing mistakes.
const TRIES: u32 = 3;
