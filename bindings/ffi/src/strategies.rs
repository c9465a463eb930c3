//! Strategies for an app's settings screen: checked, described, imported.

use byway::Imported;
use zeroize::Zeroizing;

use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Fault, Worded};
use crate::numbers::length;
use crate::runtime::guarded;

/// A strategy, described. The text that it was made from contains its login; this does not.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct StrategyInfo {
    /// The strategy without its login.
    pub redacted: String,
    /// Its scheme, e.g. `socks5`.
    pub scheme: String,
    /// The name that its text gives it.
    pub name: Option<String>,
    /// The country of its exit, as two letters, if its text says so.
    pub country: Option<String>,
    /// The host and port of its server.
    pub server: Option<String>,
    /// It reaches the host directly.
    pub is_direct: bool,
    /// It goes through Tor.
    pub is_tor: bool,
    /// The transports that its bridges need (`obfs4`, `snowflake`), for `Configuration::tor_transports`.
    pub tor_transports: Vec<String>,
    /// The exposures that allow it.
    pub allowed_by: Vec<Exposure>,
    /// What it is, as a phrase, such as `through Tor`.
    pub phrase: String,
}

impl StrategyInfo {
    pub(crate) fn of(core: &byway::Strategy, language: Language) -> Self {
        let allowed = byway::Exposure::ALL.iter().copied().filter(|exposure| core.is_allowed_by(*exposure));
        Self {
            redacted: core.redacted(),
            scheme: core.scheme().to_owned(),
            name: core.name().map(str::to_owned),
            country: core.country().map(|country| country.code().to_owned()),
            server: core.server().map(ToString::to_string),
            is_direct: core.is_direct(),
            is_tor: core.is_tor(),
            tor_transports: core.tor_transports().map(str::to_owned).collect(),
            allowed_by: allowed.map(Into::into).collect(),
            phrase: core.phrase(language.into()),
        }
    }
}

/// The result for one pasted line.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum ImportOutcome {
    /// A strategy.
    Strategy {
        /// Its text with its login. Keep it as a secret and put it into a configuration.
        secret_text: String,
        /// The same, described.
        info: StrategyInfo,
    },
    /// The same strategy as on an earlier line.
    Duplicate {
        /// The strategy on this line, described.
        info: StrategyInfo,
        /// The number of the line that had it first.
        first: i64,
    },
    /// A comment, or nothing to read.
    Ignored,
    /// The line is not understood.
    Wrong {
        /// The line without anything that may be a login.
        shown: String,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// One line of what was pasted.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ImportedLine {
    /// Its number, counted from 1.
    pub number: i64,
    /// The result.
    pub outcome: ImportOutcome,
}

/// Reads what a user pasted: strategies, links of messengers, subscriptions, line by line. Nothing is contacted.
#[uniffi::export]
pub fn import_strategies(text: String, language: Language) -> Result<Vec<ImportedLine>, BywayError> {
    let text = Zeroizing::new(text);
    guarded(language, || {
        let lines = byway::import_strategies(&text).into_iter();
        lines
            .map(|line| ImportedLine {
                number: length(line.number),
                outcome: match line.outcome {
                    Imported::Strategy(strategy) => ImportOutcome::Strategy {
                        secret_text: strategy.to_string(),
                        info: StrategyInfo::of(&strategy, language),
                    },
                    Imported::Duplicate { strategy, first } => {
                        ImportOutcome::Duplicate { info: StrategyInfo::of(&strategy, language), first: length(first) }
                    }
                    Imported::Wrong { shown, error } => {
                        ImportOutcome::Wrong { shown, fault: error.details(language.into()).into() }
                    }
                    _ => ImportOutcome::Ignored,
                },
            })
            .collect()
    })
}

/// Checks and describes one strategy. The error says what is wrong with its text.
#[uniffi::export]
pub fn describe_strategy(text: String, language: Language) -> Result<StrategyInfo, BywayError> {
    let text = Zeroizing::new(text);
    guarded(language, || match text.parse::<byway::Strategy>() {
        Ok(strategy) => Ok(StrategyInfo::of(&strategy, language)),
        Err(error) => Err(error.worded(language)),
    })?
}
