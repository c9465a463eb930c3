//! The key of the store: from a key file, or from a passphrase.
//!
//! A key file is 32 random bytes in base64, for its owner's eyes only. It can lie on a stick that is taken along.
//! Without one, a random key lies in the data directory itself, sealed with a passphrase (age's format, scrypt); the
//! passphrase is typed on the terminal or read from a file, and never comes from an argument or the environment: other
//! processes may read those. Either is made when the store is.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use age::{DecryptError, scrypt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use byway::sentences::Language;
use byway::store::{KeyError, KeyProvider, StoreKey};
use zeroize::Zeroizing;

use crate::screen;
use crate::setup::{self, Wrong};
use crate::words::{self, Word};

/// Where the key comes from.
#[derive(Clone, Debug)]
pub(crate) struct KeySource {
    pub(crate) data_dir: PathBuf,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) passphrase_file: Option<PathBuf>,
    pub(crate) language: Language,
}

impl KeyProvider for KeySource {
    /// Called by the store once it has the directory for itself.
    fn key(&self) -> Result<StoreKey, KeyError> {
        self.find().map_err(|Wrong(reason)| KeyError::new(reason))
    }
}

impl KeySource {
    fn find(&self) -> Result<StoreKey, Wrong> {
        let sealed = sealed_key(&self.data_dir);
        let (has_sealed, has_store) = (sealed.exists(), self.data_dir.join(DATABASE).exists());
        match &self.key_file {
            Some(_) if has_sealed => Err(self.wrong(words::KEY_SEALED, &self.data_dir)),
            Some(path) if path.exists() => self.read_key_file(path),
            Some(path) if has_store => Err(self.wrong(words::KEY_MISSING, path)),
            Some(path) => make_key_file(path, self.language),
            None if has_sealed => self.unseal(&sealed),
            None if has_store => Err(self.wrong(words::KEY_UNNAMED, &self.data_dir)),
            None => self.seal_new(&sealed),
        }
    }

    /// What is wrong with a file.
    fn wrong(&self, what: Word, path: &Path) -> Wrong {
        Wrong(format!("{}: {}", path.display(), what.in_(self.language)))
    }

    fn said(&self, what: Word) -> Wrong {
        Wrong(what.in_(self.language).to_owned())
    }

    fn read_key_file(&self, path: &Path) -> Result<StoreKey, Wrong> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            if path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
                return Err(self.wrong(words::KEY_OPEN_TO_OTHERS, path));
            }
        }
        let text = Zeroizing::new(setup::read(path, KEY_BYTES, self.language)?);
        let bytes = STANDARD.decode(text.trim_ascii()).map(Zeroizing::new).unwrap_or_default();
        key_of(&bytes).ok_or_else(|| self.wrong(words::KEY_IS_NONE, path))
    }

    fn unseal(&self, path: &Path) -> Result<StoreKey, Wrong> {
        let bytes = setup::read(path, KEY_BYTES, self.language)?;
        let tries = if self.passphrase_file.is_some() { 1 } else { TRIES };
        for attempt in 0..tries {
            if attempt > 0 {
                screen::err(&format!("{}\n", words::PASSPHRASE_WRONG.in_(self.language)));
            }
            let passphrase = self.passphrase(words::PASSPHRASE.in_(self.language))?;
            let mut identity = scrypt::Identity::new(passphrase);
            identity.set_max_work_factor(MAX_WORK_FACTOR);
            match age::decrypt(&identity, &bytes).map(Zeroizing::new) {
                Ok(key) => return key_of(&key).ok_or_else(|| self.wrong(words::KEY_DAMAGED, path)),
                Err(
                    DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed,
                ) => {}
                Err(_) => return Err(self.wrong(words::KEY_DAMAGED, path)),
            }
        }
        Err(self.said(words::PASSPHRASE_WRONG))
    }

    fn seal_new(&self, path: &Path) -> Result<StoreKey, Wrong> {
        let passphrase = self.passphrase(words::PASSPHRASE_NEW.in_(self.language))?;
        if self.passphrase_file.is_none() {
            let again = self.passphrase(words::PASSPHRASE_AGAIN.in_(self.language))?;
            if !same(&passphrase, &again) {
                return Err(self.said(words::PASSPHRASES_DIFFER));
            }
        }
        let key = StoreKey::random()?;
        let mut recipient = scrypt::Recipient::new(passphrase);
        recipient.set_work_factor(WORK_FACTOR);
        let sealed = age::encrypt(&recipient, key.as_bytes()).map_err(|_| self.said(words::NOT_SEALED))?;
        write_private(path, &sealed, self.language)?;
        Ok(key)
    }

    fn passphrase(&self, prompt: &str) -> Result<SecretString, Wrong> {
        let text = match &self.passphrase_file {
            Some(path) => {
                let bytes = Zeroizing::new(setup::read(path, PASSPHRASE_BYTES, self.language)?);
                let text = std::str::from_utf8(&bytes).map_err(|_| self.wrong(words::NO_UTF8, path))?;
                Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
            }
            None if !io::stderr().is_terminal() && !io::stdin().is_terminal() => {
                return Err(self.said(words::PASSPHRASE_NO_TERMINAL));
            }
            None => {
                Zeroizing::new(rpassword::prompt_password(prompt).map_err(|_| self.said(words::PASSPHRASE_UNREAD))?)
            }
        };
        if text.is_empty() {
            return Err(match &self.passphrase_file {
                Some(path) => self.wrong(words::PASSPHRASE_EMPTY, path),
                None => self.said(words::PASSPHRASE_EMPTY),
            });
        }
        Ok(SecretString::from(text.as_str()))
    }
}

/// Whether something is kept there, or was begun.
pub(crate) fn has_store(data_dir: &Path) -> bool {
    data_dir.join(DATABASE).exists() || sealed_key(data_dir).exists()
}

/// Whether there is anything of a store, whole or not.
pub(crate) fn has_files(data_dir: &Path) -> bool {
    has_store(data_dir) || data_dir.join(WRAPPED_KEY).exists()
}

/// Where the key lies that a passphrase opens.
pub(crate) fn sealed_key(data_dir: &Path) -> PathBuf {
    data_dir.join("passphrase.age")
}

/// Overwrites a key and removes it. That there is none is no error.
pub(crate) fn destroy(path: &Path, language: Language) -> Result<(), Wrong> {
    let cannot = |error: io::Error| setup::cannot(words::CANNOT_REMOVE, path, &error, language);
    let mut file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file.map_err(cannot)?,
    };
    let length = usize::try_from(file.metadata().map_err(cannot)?.len().min(KEY_BYTES)).unwrap_or_default();
    file.write_all(&vec![b'w'; length]).and_then(|()| file.sync_all()).map_err(cannot)?;
    std::fs::remove_file(path).map_err(cannot)
}

fn make_key_file(path: &Path, language: Language) -> Result<StoreKey, Wrong> {
    let key = StoreKey::random()?;
    let mut text = Zeroizing::new(STANDARD.encode(key.as_bytes()));
    text.push('\n');
    write_private(path, text.as_bytes(), language)?;
    Ok(key)
}

/// Puts a whole file where there is none, for its owner's eyes only.
pub(crate) fn write_private(path: &Path, bytes: &[u8], language: Language) -> Result<(), Wrong> {
    let unfinished = {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        PathBuf::from(name)
    };
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        // The name is on the disk only when its directory is.
        match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) if cfg!(unix) => File::open(parent)?.sync_all(),
            _ => Ok(()),
        }
    };
    write().map_err(|error| setup::cannot(words::CANNOT_WRITE, path, &error, language))
}

fn key_of(bytes: &[u8]) -> Option<StoreKey> {
    bytes.try_into().ok().map(StoreKey::new)
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    use age::secrecy::ExposeSecret as _;
    one.expose_secret() == other.expose_secret()
}

/// The store's own file (docs/cli.md): where it is, there is something that a new key would not open.
const DATABASE: &str = "byway.db";

/// The store's own key, wrapped in ours.
const WRAPPED_KEY: &str = "byway.key";

/// scrypt with 2^17 rounds takes 128 MiB and about half a second: little for who types, much for who guesses.
const WORK_FACTOR: u8 = 17;

/// A file that asks for more (2^20: a gigabyte) was not made by us.
const MAX_WORK_FACTOR: u8 = 20;

/// Typing mistakes happen.
const TRIES: u32 = 3;

/// A key file has 45 bytes, a sealed key about 200.
const KEY_BYTES: u64 = 4096;

/// Longer than anybody types.
const PASSPHRASE_BYTES: u64 = 4096;
