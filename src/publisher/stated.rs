//! Parts of what an admin states in a charter: bans, hints and known blocks.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;

use super::error::{PublishError, Unfit};
use super::keys::{PublicKeys, fingerprint};
use crate::sentences::{StatedPart, StatedRule};
use crate::signed::{Ban, HostAddresses, KeyFingerprint, KnownRestriction, PublicKey};

/// A key whose posts do not count from a time on. `Debug` is redacted, because keys name their community.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BannedKey {
    key: PublicKey,
    /// Posts of this time and later ones do not count. A thief of the key can state an earlier time.
    pub since: Timestamp,
}

impl BannedKey {
    /// A ban of the key that writes: 64 hexadecimal digits, or a line of public keys (`byway-keys:`).
    ///
    /// # Errors
    /// [`PublishError::PublicKeys`] if the text is neither.
    pub fn new(key: &str, since: Timestamp) -> Result<Self, PublishError> {
        let key = match key.trim().parse::<PublicKey>() {
            Ok(key) => key,
            Err(_) => key.parse::<PublicKeys>()?.author,
        };
        Ok(Self { key, since })
    }

    /// The key, as 64 hexadecimal digits.
    pub fn key(&self) -> String {
        self.key.to_string()
    }

    /// The fingerprint of the key, as a proposal shows it.
    pub fn fingerprint(&self) -> KeyFingerprint {
        fingerprint(&self.key)
    }

    pub(super) fn of(ban: &Ban) -> Self {
        Self { key: ban.key, since: ban.since }
    }

    pub(super) fn ban(self) -> Ban {
        Ban { key: self.key, since: self.since }
    }
}

impl fmt::Debug for BannedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BannedKey").finish_non_exhaustive()
    }
}

/// The addresses of a host, for readers whose network falsifies its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostHint {
    /// The host's name.
    pub host: String,
    /// Its addresses, 1 to 16.
    pub addresses: Vec<IpAddr>,
}

impl HostHint {
    /// A hint, of addresses as text.
    ///
    /// # Errors
    /// [`PublishError::Unfit`] if one is no IP address.
    pub fn new(host: &str, addresses: &[String]) -> Result<Self, PublishError> {
        let addresses = addresses.iter().map(|address| address.trim().parse::<IpAddr>());
        let addresses = addresses.collect::<Result<_, _>>();
        let addresses = addresses.map_err(|_| Unfit::error(StatedPart::Hint, StatedRule::Address))?;
        Ok(Self { host: host.trim().to_owned(), addresses })
    }

    pub(super) fn of(hint: &HostAddresses) -> Self {
        Self { host: hint.host.clone(), addresses: hint.addresses.clone() }
    }

    pub(super) fn hint(&self) -> HostAddresses {
        HostAddresses { host: self.host.clone(), addresses: self.addresses.clone() }
    }
}

/// A block that the admins know of. Readers see it as the admins' own word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedRestriction {
    /// What is blocked, and what is known of it.
    pub text: String,
    /// The jurisdiction, an ISO 3166 code.
    pub jurisdiction: Option<String>,
    /// The authority that ordered it.
    pub authority: Option<String>,
    /// The number of the order.
    pub number: Option<String>,
    /// The date of the order, `YYYY-MM-DD`.
    pub date: Option<String>,
}

impl StatedRestriction {
    pub(super) fn of(known: &KnownRestriction) -> Self {
        let KnownRestriction { text, jurisdiction, authority, number, date } = known.clone();
        Self { text, jurisdiction, authority, number, date }
    }

    pub(super) fn known(&self) -> KnownRestriction {
        let Self { text, jurisdiction, authority, number, date } = self.clone();
        KnownRestriction { text, jurisdiction, authority, number, date }
    }
}
