//! What an admin's key has signed already. Two charters with one number that are both signed by enough keys make a community
//! disputed for good, so a key signs the second one on demand alone.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::PublishError;
use super::proposal::Proposal;

/// The list of the charters that one key file has signed: a line each, in a file beside it, for its owner alone.
#[derive(Debug)]
pub struct Approvals {
    path: PathBuf,
}

impl Approvals {
    /// The list beside this key file: `FILE.signed`.
    pub fn beside(keys: &Path) -> Self {
        let mut name = keys.file_name().unwrap_or_default().to_owned();
        name.push(".signed");
        Self { path: keys.with_file_name(name) }
    }

    /// Whether there is a list. Without one it is not known what the key signed: a key that was made again from cards has none.
    pub fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok()
    }

    /// Notes that the key signs this proposal now. A freeze has no rivals, and is not noted. Two foundings are rivals: one key is for one
    /// community, and another file could come back instead of the one that was signed last.
    ///
    /// # Errors
    /// [`PublishError::ProposalRival`] if it signed another charter in the same place, unless `instead` says that the other one
    /// will not be put in force. [`PublishError::Io`].
    pub fn note(&self, proposal: &Proposal, instead: bool) -> Result<(), PublishError> {
        let Some((before, document)) = proposal.place() else { return Ok(()) };
        let known = match fs::read(&self.path) {
            Ok(bytes) if bytes.len() > MOST_BYTES => return Err(io::Error::from(io::ErrorKind::FileTooLarge).into()),
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        let before = before.map_or_else(|| FOUNDING.to_owned(), |before| before.to_string());
        let line = format!("{before} {document}");
        let mut is_known = false;
        for known in known.lines() {
            if *known == line {
                is_known = true;
            } else if known.starts_with(&before) && !instead {
                return Err(PublishError::ProposalRival);
            }
        }
        if is_known { Ok(()) } else { Ok(self.append(&line)?) }
    }

    fn append(&self, line: &str) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()
    }
}

/// Stands for the charter before a first one.
const FOUNDING: &str = "founding";

/// The charters of a chain at its longest, twice over.
const MOST_BYTES: usize = 2 * 1000 * 130;
