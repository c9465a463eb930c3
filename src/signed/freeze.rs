//! A freeze: the root keys say in advance that nothing signed after a time is to be trusted.
//!
//! Admins sign it while they are free and give it to someone abroad, who publishes it when they are arrested or forced to
//! hand over their keys. Anyone may carry it. It can't be taken back: the one who holds the keys afterwards could do that too.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::charter::FORMAT;
use super::moment::is_plausible;
use super::{Charter, Digest, DocumentKind, Envelope, SigningKey, json};

/// The statement that nothing signed after a time is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// The version of the format, [`FORMAT`].
    pub format: u64,
    /// The community's id.
    pub community: Digest,
    /// The number of the charter whose root keys sign.
    pub charter: u64,
    /// The last trusted second.
    #[serde(with = "super::moment::seconds")]
    pub after: Timestamp,
}

impl Freeze {
    /// A freeze of this community.
    pub fn new(community: Digest, charter: u64, after: Timestamp) -> Self {
        Self { format: FORMAT, community, charter, after }
    }

    /// The freeze in an envelope, signed by these keys.
    ///
    /// # Errors
    /// See [`FreezeError`].
    pub fn seal<'a>(&self, keys: impl IntoIterator<Item = &'a SigningKey>) -> Result<Envelope, FreezeError> {
        if !is_plausible(self.after) {
            return Err(FreezeError::Form);
        }
        let payload = serde_json::to_vec(self).map_err(|_| FreezeError::Form)?;
        Ok(Envelope::sign(DocumentKind::Freeze, payload, keys))
    }

    /// Reads the freeze of an envelope. Its signatures are not verified here.
    ///
    /// # Errors
    /// [`FreezeError::Form`].
    pub fn read(envelope: &Envelope) -> Result<Self, FreezeError> {
        if envelope.kind() != DocumentKind::Freeze {
            return Err(FreezeError::Form);
        }
        let freeze: Self = json::read(envelope.payload()).ok_or(FreezeError::Form)?;
        let is_read = freeze.format == FORMAT && is_plausible(freeze.after);
        if is_read { Ok(freeze) } else { Err(FreezeError::Form) }
    }

    /// Whether a charter counts for nothing beside this freeze: it follows the charter that the freeze names, whatever time it states,
    /// or it was issued later than the freeze trusts.
    pub(super) fn ends(&self, charter: &Charter) -> bool {
        charter.version > self.charter || charter.issued > self.after
    }
}

/// Error reading or sealing a freeze.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FreezeError {
    /// The payload is not a freeze of this format.
    #[error("the signed document is not a freeze")]
    Form,
    /// It freezes another community.
    #[error("the freeze is that of another community")]
    OtherCommunity,
    /// It names a charter that this reader does not have, or that is not in force.
    #[error("the freeze names a charter that is not in force here")]
    UnknownCharter,
    /// Too few of that charter's root keys signed it.
    #[error("too few of the charter's keys signed the freeze")]
    Unsigned,
}

codes! {
    FreezeError {
        Form = "freeze_form",
        OtherCommunity = "freeze_other_community",
        UnknownCharter = "freeze_unknown_charter",
        Unsigned = "freeze_unsigned",
    }
}
