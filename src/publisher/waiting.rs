//! A recovery that waits: in the admin's own folder, or at a mirror.
//!
//! One that was found at a mirror is noted in the folder, and is no charter of it: a recovery states its own date, and one that is
//! dated back must not take the folder from the admins before they can object.

use std::io;

use jiff::{SignedDuration, Timestamp};

use super::community::Publisher;
use super::error::PublishError;
use super::files::{Files, ReadFiles};
use super::keys::fingerprint;
use super::mirror::charter_file;
use super::statement::later;
use crate::signed::{Chain, Charter, Digest, DocumentKind, Envelope, Extension, KeyFingerprint};

/// A recovery that replaces the keys of a community if the root keys do not object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingRecovery {
    /// When it takes effect for a new reader. Others wait longer: from the day on which they first see it.
    pub until: Timestamp,
    /// The recovery keys that signed it.
    pub signers: Vec<KeyFingerprint>,
    /// The keys that would decide.
    pub root: Vec<KeyFingerprint>,
    pub(super) version: u64,
    pub(super) digest: Digest,
}

impl WaitingRecovery {
    /// The recovery in this envelope, after the charter before it.
    fn read(chain: &Chain, envelope: &Envelope) -> Option<Self> {
        let charter = Charter::read(envelope).ok()?;
        let recovery = chain.charter(charter.version.checked_sub(1)?)?.recovery.as_ref()?;
        let wait = SignedDuration::from_secs(i64::try_from(recovery.wait).unwrap_or(i64::MAX));
        Some(Self {
            until: later(charter.issued, wait),
            signers: envelope.signers(&recovery.keys.keys).iter().map(fingerprint).collect(),
            root: charter.root.keys.iter().map(fingerprint).collect(),
            version: charter.version,
            digest: envelope.digest(),
        })
    }

    /// Refuses a recovery after these charters that has taken effect for new readers.
    ///
    /// # Errors
    /// [`PublishError::RecoveryInForce`].
    pub(super) fn check(chain: &Chain, envelope: &Envelope, now: Timestamp) -> Result<(), PublishError> {
        match Self::read(chain, envelope) {
            Some(found) if found.until > now => Ok(()),
            _ => Err(PublishError::RecoveryInForce),
        }
    }

    /// The recovery that waits in a folder with these charters, or was noted there.
    pub(super) fn of(files: &impl ReadFiles, chain: &Chain, now: Timestamp) -> Option<Self> {
        let settled = chain.settled(now);
        let own = chain.newest_version() > settled;
        let name = if own { charter_file(settled + 1) } else { NOTED.to_owned() };
        let bytes = files.read(&name, DocumentKind::Charter.max_envelope() as u64).ok()??;
        let envelope = Envelope::parse(&bytes, DocumentKind::Charter).ok()?;
        // Anyone who can write there may have left something else.
        let counts = own || matches!(chain.clone().extend(&envelope, now), Ok(Extension::Recovering));
        Self::read(chain, &envelope).filter(|_| counts)
    }
}

impl Publisher {
    /// The recovery that waits in this folder, or that waited at a mirror when it was last published to or taken in from there. Root
    /// keys object to it by any charter of theirs, for example one that says the same as before.
    pub fn recovery(&self, now: Timestamp) -> Option<WaitingRecovery> {
        WaitingRecovery::of(&self.files, &self.chain, now)
    }
}

impl Files {
    /// Notes a recovery that waits at a mirror.
    pub(super) fn note_recovery(&mut self, envelope: &Envelope) -> io::Result<()> {
        self.replace(NOTED, envelope.to_json().as_bytes())
    }

    /// Forgets it: another charter is in its place now.
    pub(super) fn forget_recovery(&mut self) -> io::Result<()> {
        self.remove(NOTED)
    }
}

/// The envelope of the recovery. No mirror gets this file.
const NOTED: &str = ".byway.recovery";
