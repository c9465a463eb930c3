//! The key files of admins: made, opened, and shown to the other admins.

use std::path::Path;

use byway::publisher::{CommunityKeys, KeyChanges as CoreChanges, PublicKeys, PublishError, served_folder};
use byway::{KeyFileError, KeyFingerprint, Secret};
use zeroize::Zeroizing;

use crate::configuration::Language;
use crate::errors::{BywayError, Worded};
use crate::given::natural;
use crate::runtime::blocking;

/// The public halves of an admin's keys, for the other admins. Nothing in them is secret.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AdminKeys {
    /// One line: `byway-keys:` and 134 characters. It goes into `KeyChanges`. A line that was mistyped is refused.
    pub line: String,
    /// The fingerprint of the key that decides, for two admins to compare aloud.
    pub decides: String,
    /// The fingerprint of the key that signs the newest state.
    pub publishes: String,
    /// The fingerprint of the key that writes.
    pub writes: String,
}

impl From<PublicKeys> for AdminKeys {
    fn from(core: PublicKeys) -> Self {
        let [decides, publishes, writes] = core.fingerprints().map(|print| print.to_string());
        Self { line: core.to_string(), decides, publishes, writes }
    }
}

/// Who gets a part in a community, and who loses it. Each person is named by the line of `AdminKeys`. What is not named stays
/// as it is.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct KeyChanges {
    /// Admins who decide about charters.
    #[uniffi(default = [])]
    pub root: Vec<String>,
    /// How many of them must sign.
    #[uniffi(default)]
    pub threshold: Option<i32>,
    /// Admins who post in the community's name, and sign the newest state.
    #[uniffi(default = [])]
    pub publishers: Vec<String>,
    /// People who post under their own keys, delete what others posted, and sign the newest state.
    #[uniffi(default = [])]
    pub moderators: Vec<String>,
    /// People who may replace lost root keys.
    #[uniffi(default = [])]
    pub recovery: Vec<String>,
    /// How many of them must sign.
    #[uniffi(default)]
    pub recovery_threshold: Option<i32>,
    /// The days in which the root keys can object to a recovery, 7 to 366.
    #[uniffi(default)]
    pub recovery_days: Option<i32>,
    /// People who lose every part that they have: the lines of their public keys. A fingerprint, as a proposal or
    /// an error shows it, stands for that one key: the person's other keys keep their parts.
    #[uniffi(default = [])]
    pub removed: Vec<String>,
}

impl KeyChanges {
    pub(super) fn core(self, language: Language) -> Result<CoreChanges, BywayError> {
        let read = |lines: Vec<String>| -> Result<Vec<PublicKeys>, BywayError> {
            lines.iter().map(|line| line.parse().map_err(|error: PublishError| error.worded(language))).collect()
        };
        let count = |given: Option<i32>| given.map(|given| natural(given.into(), language)).transpose();
        let Self { root, threshold, publishers, moderators, recovery, recovery_threshold, recovery_days, removed } =
            self;
        let mut core = CoreChanges::default();
        (core.root, core.publishers, core.moderators) = (read(root)?, read(publishers)?, read(moderators)?);
        let (keys, lines): (Vec<String>, Vec<String>) =
            removed.into_iter().partition(|text| KeyFingerprint::parse(text).is_some());
        (core.recovery, core.removed) = (read(recovery)?, read(lines)?);
        core.removed_keys = keys.iter().filter_map(|text| KeyFingerprint::parse(text)).collect();
        (core.threshold, core.recovery_threshold) = (count(threshold)?, count(recovery_threshold)?);
        core.recovery_days = count(recovery_days)?;
        Ok(core)
    }
}

/// Makes the keys of an admin in a new file that is sealed with this passphrase (in UTF-8). An existing file is an error, and
/// so is one in the folder of a community, which a web server hands out.
#[uniffi::export]
pub async fn create_admin_keys(
    key_file: String,
    passphrase: Vec<u8>,
    language: Language,
) -> Result<AdminKeys, BywayError> {
    let passphrase = secret(passphrase, language)?;
    blocking(language, move || Ok(new_keys(&key_file, passphrase, None, language)?.public().into())).await
}

/// The public halves of the keys in a file.
#[uniffi::export]
pub async fn admin_keys(key_file: String, passphrase: Vec<u8>, language: Language) -> Result<AdminKeys, BywayError> {
    let passphrase = secret(passphrase, language)?;
    blocking(language, move || Ok(opened_keys(&key_file, passphrase, language)?.public().into())).await
}

pub(super) fn new_keys(
    file: &str,
    passphrase: Secret,
    folder: Option<&Path>,
    language: Language,
) -> Result<CommunityKeys, BywayError> {
    // A community that is founded now is not in its folder yet.
    if folder.is_some_and(|folder| served_folder(Path::new(file), &[folder]).is_some()) {
        return Err(KeyFileError::Served.worded(language));
    }
    CommunityKeys::create(Path::new(file), passphrase).map_err(|error| error.worded(language))
}

pub(crate) fn opened_keys(file: &str, passphrase: Secret, language: Language) -> Result<CommunityKeys, BywayError> {
    CommunityKeys::open(Path::new(file), passphrase).map_err(|error| error.worded(language))
}

/// Takes a passphrase, and overwrites its bytes.
pub(crate) fn secret(passphrase: Vec<u8>, language: Language) -> Result<Secret, BywayError> {
    let passphrase = Zeroizing::new(passphrase);
    let text = std::str::from_utf8(&passphrase).map_err(|_| KeyFileError::NoText.worded(language))?;
    Secret::new(text).map_err(|error| error.worded(language))
}
