//! Lists of fingerprints of block pages, checked before they go into a configuration.

use crate::configuration::Language;
use crate::errors::{BywayError, Fault, Worded};
use crate::numbers::length;
use crate::runtime::guarded;

/// A row of a list of fingerprints that cannot be used.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct SkippedRow {
    /// Which row; the first one below the header is 1.
    pub row: i64,
    /// Why.
    pub fault: Fault,
}

/// What a list of fingerprints contains.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct FingerprintsInfo {
    /// How many of its rows can be used.
    pub usable: i64,
    /// The rows that cannot be used.
    pub skipped: Vec<SkippedRow>,
}

/// Checks a list of fingerprints of block pages before it goes into a configuration.
#[uniffi::export]
pub fn check_fingerprints(csv: String, language: Language) -> Result<FingerprintsInfo, BywayError> {
    guarded(language, || match byway::Fingerprints::parse_csv(&csv) {
        Ok(loaded) => {
            let rows = loaded.skipped.iter();
            let skipped =
                rows.map(|row| SkippedRow { row: length(row.row), fault: row.fault.details(language.into()).into() });
            Ok(FingerprintsInfo { usable: length(loaded.fingerprints.len()), skipped: skipped.collect() })
        }
        Err(error) => Err(error.worded(language)),
    })?
}
