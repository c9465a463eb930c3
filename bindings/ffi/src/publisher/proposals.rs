//! What several admins decide together: a change of the charter that waits for signatures, a recovery, a freeze.
//!
//! A proposal crosses as its file. Every call reads and verifies it again, so that a file that was changed on its way is
//! refused, and nothing has to be released by the app.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use byway::jiff::Timestamp;
use byway::publisher::{Approvals, CommunityKeys, Proposal as CoreProposal, PublishError};

use super::calls::Publisher;
use super::key_files::{KeyChanges, new_keys, opened_keys, secret};
use super::records::{Statement, signed_link};
use crate::configuration::Language;
use crate::errors::{BywayError, Worded};
use crate::given::timestamp;
use crate::numbers::{length, time};
use crate::runtime::blocking;

/// A change of a community that waits for signatures.
///
/// Every text in it was written by its maker: show it as text that a stranger wrote.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Proposal {
    /// The file, to be sent to the other admins through any chat. It holds no secret.
    pub file: Vec<u8>,
    /// The name of the community before the change.
    pub community: String,
    /// The fingerprint of the root keys before the change: the one that the community's link shows. Absent for a founding.
    pub root_keys: Option<String>,
    /// What it would change, a line each, in the language of the call. It is read from the charters, and not from anything that
    /// the maker says about it.
    pub changes: Vec<String>,
    /// The fingerprints of those who have signed it.
    pub signers: Vec<String>,
    /// How many more have to sign it, at least.
    pub missing: i64,
    /// Recovery keys propose it: it takes effect after a waiting time, if the root keys do not object.
    pub is_recovery: bool,
    /// It founds a community.
    pub is_founding: bool,
}

impl Proposal {
    fn of(core: &CoreProposal, language: Language) -> Self {
        Self {
            file: core.to_bytes(),
            community: core.community(),
            root_keys: core.root_keys().map(|keys| keys.to_string()),
            changes: core.changes(language.into(), Timestamp::now()),
            signers: core.signers().iter().map(ToString::to_string).collect(),
            missing: length(core.missing()),
            is_recovery: core.is_recovery(),
            is_founding: core.is_founding(),
        }
    }
}

/// What is proposed.
#[allow(clippy::large_enum_variant, reason = "one is made for each proposal, and is taken apart at once")]
#[derive(Clone, uniffi::Enum)]
pub enum ProposedChange {
    /// The charter says this. Its `keys` change who decides, publishes and moderates.
    Restate {
        /// The whole statement.
        statement: Statement,
    },
    /// The community moves to another one; without a link, it does not.
    Move {
        /// The link of the other one, with a mirror in it.
        successor: Option<String>,
    },
    /// The keys of the proposing admin are replaced by new ones of the same admin. Both sign.
    Rotate {
        /// The new file, which is made.
        key_file: String,
        /// The passphrase under which it is sealed, in UTF-8.
        passphrase: Vec<u8>,
    },
    /// With a recovery key: these admins decide instead of those whose keys are lost.
    Recover {
        /// The new admins are `root`.
        keys: KeyChanges,
    },
    /// With a root key: a recovery that waits does not take effect. The charter says the same as before.
    Object,
    /// Nothing that is signed after this time is to be trusted. It is never taken back.
    Freeze {
        /// The time.
        after: SystemTime,
    },
}

/// A proposal that was signed, and the signature by itself.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Approved {
    /// The proposal, with the signature.
    pub proposal: Proposal,
    /// The signature as one line, for a chat or a QR code: what `take_approvals` takes.
    pub line: String,
}

/// Proposes a change of the community in this folder, and signs it. Nothing is in force yet.
///
/// The key file has a list beside it of what it has signed (`FILE.signed`). If it signed another change in the same place,
/// nothing is signed (`proposal_rival`), unless `instead` says that the other one will not be put in force: with both in force
/// the community is disputed for good.
#[uniffi::export]
pub async fn propose(
    folder: String,
    key_file: String,
    passphrase: Vec<u8>,
    change: ProposedChange,
    instead: bool,
    language: Language,
) -> Result<Proposal, BywayError> {
    let passphrase = secret(passphrase, language)?;
    let change = match change {
        ProposedChange::Rotate { key_file, passphrase } => Change::Rotate(key_file, secret(passphrase, language)?),
        other => Change::Other(Box::new(other)),
    };
    blocking(language, move || {
        let (folder, now) = (Path::new(&folder), Timestamp::now());
        let keys = opened_keys(&key_file, passphrase, language)?;
        let proposal = match change {
            Change::Rotate(file, passphrase) => {
                let new = new_keys(&file, passphrase, Some(folder), language)?;
                let made =
                    CoreProposal::rotating(folder, &keys, &new, now).and_then(|made| noted(&key_file, made, instead));
                if made.is_err() {
                    // No proposal names these keys, so they are of no use to anybody.
                    let _ = std::fs::remove_file(&file);
                }
                return made.map(|made| Proposal::of(&made, language)).map_err(|error| error.worded(language));
            }
            Change::Other(change) => drafted(folder, &keys, *change, now, language)?,
        };
        let proposal = noted(&key_file, proposal, instead).map_err(|error| error.worded(language))?;
        Ok(Proposal::of(&proposal, language))
    })
    .await
}

/// The change, with its passphrase taken.
enum Change {
    Rotate(String, byway::Secret),
    Other(Box<ProposedChange>),
}

fn drafted(
    folder: &Path,
    keys: &CommunityKeys,
    change: ProposedChange,
    now: Timestamp,
    language: Language,
) -> Result<CoreProposal, BywayError> {
    let drafted = match change {
        ProposedChange::Restate { statement } => CoreProposal::restating(folder, keys, &statement.core(language)?, now),
        ProposedChange::Move { successor } => {
            let link = successor.map(|link| signed_link(&link, language)).transpose()?;
            CoreProposal::moving(folder, keys, link.as_ref(), now)
        }
        ProposedChange::Recover { keys: changes } => {
            CoreProposal::recovering(folder, keys, &changes.core(language)?, now)
        }
        ProposedChange::Object => byway::publisher::Statement::of(folder, now)
            .and_then(|same| CoreProposal::restating(folder, keys, &same, now)),
        ProposedChange::Freeze { after } => CoreProposal::freezing(folder, keys, timestamp(after, language)?, now),
        // It was taken apart before.
        ProposedChange::Rotate { .. } => Err(PublishError::KeyRules),
    };
    drafted.map_err(|error| error.worded(language))
}

/// Notes beside the key file that it signed this.
fn noted(key_file: &str, proposal: CoreProposal, instead: bool) -> Result<CoreProposal, PublishError> {
    Approvals::beside(Path::new(key_file)).note(&proposal, instead)?;
    Ok(proposal)
}

/// Proposes to found a community of several admins, and signs it. The keys of its maker are the first of the root keys; `keys` of
/// the statement names the others. Nobody can read anything yet: `publisher_of_proposal` founds it.
#[uniffi::export]
pub async fn propose_founding(
    key_file: String,
    passphrase: Vec<u8>,
    statement: Statement,
    language: Language,
) -> Result<Proposal, BywayError> {
    let passphrase = secret(passphrase, language)?;
    blocking(language, move || {
        let statement = statement.core(language)?;
        let keys = opened_keys(&key_file, passphrase, language)?;
        let made = CoreProposal::founding(&keys, &statement, Timestamp::now());
        let made = made.and_then(|made| noted(&key_file, made, false)).map_err(|error| error.worded(language))?;
        Ok(Proposal::of(&made, language))
    })
    .await
}

/// Reads the file of a proposal with the signatures of these lines, and verifies that it continues the charter in it. With a
/// folder: also that it belongs to the community there, and is still in time.
#[uniffi::export]
pub async fn read_proposal(
    file: Vec<u8>,
    approvals: Vec<String>,
    folder: Option<String>,
    language: Language,
) -> Result<Proposal, BywayError> {
    blocking(language, move || {
        let proposal = parsed(&file, &approvals, folder.as_deref(), language)?;
        Ok(Proposal::of(&proposal, language))
    })
    .await
}

/// Signs a proposal. Show before what it changes. The rest is as with `propose`, and a folder is compared as in `read_proposal`. Only a
/// founding has none yet; anything else without a folder is not signed (`proposal_uncompared`). The folder should be up to date.
#[uniffi::export]
pub async fn approve_proposal(
    file: Vec<u8>,
    key_file: String,
    passphrase: Vec<u8>,
    folder: Option<String>,
    instead: bool,
    language: Language,
) -> Result<Approved, BywayError> {
    let passphrase = secret(passphrase, language)?;
    blocking(language, move || {
        let mut proposal = parsed(&file, &[], folder.as_deref(), language)?;
        let keys = opened_keys(&key_file, passphrase, language)?;
        let folder = folder.as_deref().map(Path::new);
        proposal.approve(&keys, folder, Timestamp::now()).map_err(|error| error.worded(language))?;
        let proposal = noted(&key_file, proposal, instead).map_err(|error| error.worded(language))?;
        let line = proposal.approval(&keys).unwrap_or_default();
        Ok(Approved { proposal: Proposal::of(&proposal, language), line })
    })
    .await
}

/// Puts a recovery into a folder that carries the community: an admin's, or a web server's. It needs no keys. Readers see from then
/// on that it waits. The answer is the time at which it takes effect for a new reader; it is no earlier for any other.
#[uniffi::export]
pub async fn place_recovery(folder: String, file: Vec<u8>, language: Language) -> Result<SystemTime, BywayError> {
    blocking(language, move || {
        let proposal = parsed(&file, &[], None, language)?;
        let until = byway::publisher::place_recovery(Path::new(&folder), &proposal, Timestamp::now());
        until.map(time).map_err(|error| error.worded(language))
    })
    .await
}

/// Puts a freeze into a folder that carries the community: an admin's, or a web server's. It needs no keys. Readers trust nothing
/// from then on that is signed later than it says, and no key takes that back.
#[uniffi::export]
pub async fn place_freeze(folder: String, file: Vec<u8>, language: Language) -> Result<(), BywayError> {
    blocking(language, move || {
        let proposal = parsed(&file, &[], None, language)?;
        let placed = byway::publisher::place_freeze(Path::new(&folder), &proposal, Timestamp::now());
        placed.map_err(|error| error.worded(language))
    })
    .await
}

/// Puts a proposal in force that enough keys have signed, in a folder of the community, and opens it with the keys of one admin. A
/// founding makes the folder. A recovery and a freeze are placed instead (`place_recovery`, `place_freeze`).
#[uniffi::export]
pub async fn publisher_of_proposal(
    folder: String,
    file: Vec<u8>,
    key_file: String,
    passphrase: Vec<u8>,
    language: Language,
) -> Result<Arc<Publisher>, BywayError> {
    let passphrase = secret(passphrase, language)?;
    blocking(language, move || {
        let proposal = parsed(&file, &[], None, language)?;
        let keys = opened_keys(&key_file, passphrase, language)?;
        let (folder, now) = (Path::new(&folder), Timestamp::now());
        let core = byway::publisher::Publisher::open_with(folder, keys, &proposal, now, language.into());
        core.map(|core| Publisher::of(core, language)).map_err(|error| error.worded(language))
    })
    .await
}

pub(super) fn parsed(
    file: &[u8],
    approvals: &[String],
    folder: Option<&str>,
    language: Language,
) -> Result<CoreProposal, BywayError> {
    let read = || {
        let mut proposal = CoreProposal::parse(file)?;
        for line in approvals {
            proposal.take_approval(line)?;
        }
        // A community that is not founded yet has no folder.
        if let Some(folder) = folder.filter(|_| !proposal.is_founding()) {
            proposal.compare(Path::new(folder), Timestamp::now())?;
        }
        Ok(proposal)
    };
    read().map_err(|error: PublishError| error.worded(language))
}
