use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::KeyFileError;
use super::disk::{self, LARGEST};

/// A passphrase or a token. It is wiped from memory when it is dropped, and `Debug` does not show it.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A secret with this text.
    ///
    /// # Errors
    /// [`KeyFileError::Empty`], [`KeyFileError::NoText`] for more than 4,096 bytes, and for a text with a zero byte: nobody types one,
    /// and a passphrase that was overwritten consists of them.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyFileError> {
        let text = Zeroizing::new(text.into());
        match text.len() {
            0 => Err(KeyFileError::Empty),
            length if length > LARGEST || text.contains('\0') => Err(KeyFileError::NoText),
            _ => Ok(Self(text)),
        }
    }

    /// The first line of a file, including blanks: a passphrase. The path may be a link or a pipe, as secrets of
    /// containers and shells are.
    ///
    /// # Errors
    /// [`KeyFileError::Absent`], [`KeyFileError::Io`], and those of [`Secret::new`].
    pub fn first_line_of(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        Self::of_file(path.as_ref(), |text| text.lines().next().unwrap_or_default())
    }

    /// The content of a file without surrounding white space: a token. The path may be a link or a pipe.
    ///
    /// ```no_run
    /// # fn demo() -> Result<(), byway::KeyFileError> {
    /// let token = byway::Secret::from_file("/run/secrets/vk_token")?;
    /// let builder = byway::Byway::builder().vk_token(byway::VkToken::service(token.expose()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Secret::first_line_of`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        Self::of_file(path.as_ref(), str::trim)
    }

    /// The text itself. Pass it on, but do not show it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn of_file(path: &Path, part: impl Fn(&str) -> &str) -> Result<Self, KeyFileError> {
        let bytes = disk::read_any(path)?;
        if bytes.len() > LARGEST {
            return Err(KeyFileError::NoText);
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| KeyFileError::NoText)?;
        // Editors on Windows write a byte order mark, which nobody types.
        Self::new(part(text.strip_prefix('\u{feff}').unwrap_or(text)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
