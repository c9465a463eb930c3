//! Parts of what an admin states in a charter: bans, hints and known blocks.

use std::time::SystemTime;

use byway::publisher as core;

use crate::configuration::Language;
use crate::errors::{BywayError, Worded};
use crate::given::timestamp;
use crate::numbers::time;

/// A key whose posts do not count from a time on.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct BannedKey {
    /// The key that writes: 64 hexadecimal digits, or a person's line of public keys (`byway-keys:`).
    pub key: String,
    /// Posts of this time and later ones do not count. A thief of the key can state an earlier time.
    pub since: SystemTime,
}

/// The addresses of a host, for readers whose network falsifies its name.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct HostHint {
    /// The host's name.
    pub host: String,
    /// Its IP addresses, 1 to 16.
    pub addresses: Vec<String>,
}

/// A block that the admins know of. Readers see it as the admins' own word.
#[derive(Clone, PartialEq, uniffi::Record)]
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

impl BannedKey {
    pub(super) fn core(&self, language: Language) -> Result<core::BannedKey, BywayError> {
        let since = timestamp(self.since, language)?;
        core::BannedKey::new(&self.key, since).map_err(|error| error.worded(language))
    }
}

impl From<core::BannedKey> for BannedKey {
    fn from(core: core::BannedKey) -> Self {
        Self { key: core.key(), since: time(core.since) }
    }
}

impl HostHint {
    pub(super) fn core(&self, language: Language) -> Result<core::HostHint, BywayError> {
        core::HostHint::new(&self.host, &self.addresses).map_err(|error| error.worded(language))
    }
}

impl From<core::HostHint> for HostHint {
    fn from(core: core::HostHint) -> Self {
        Self { host: core.host, addresses: core.addresses.iter().map(ToString::to_string).collect() }
    }
}

impl From<StatedRestriction> for core::StatedRestriction {
    fn from(stated: StatedRestriction) -> Self {
        let StatedRestriction { text, jurisdiction, authority, number, date } = stated;
        Self { text, jurisdiction, authority, number, date }
    }
}

impl From<core::StatedRestriction> for StatedRestriction {
    fn from(core: core::StatedRestriction) -> Self {
        let core::StatedRestriction { text, jurisdiction, authority, number, date } = core;
        Self { text, jurisdiction, authority, number, date }
    }
}
