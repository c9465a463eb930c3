//! Numbers and times for other languages. Numbers are signed, because unsigned ones are awkward in Kotlin and Swift.

use std::time::SystemTime;

use byway::jiff::Timestamp;

use crate::configuration::Language;
use crate::errors::{BywayError, Own};

/// A count of the core. If it is too large for the other language, it becomes the largest number there.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A small count of the core.
pub(crate) fn small(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A length or an index of the core.
pub(crate) fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

pub(crate) fn time(at: Timestamp) -> SystemTime {
    at.into()
}

/// A number from the other language. Negative ones are an error.
pub(crate) fn natural<N: TryFrom<i64>>(given: i64, language: Language) -> Result<N, BywayError> {
    N::try_from(given).map_err(|_| Own::Number.error(language))
}

/// A time from the other language. The core knows the years -9999 to 9999.
pub(crate) fn timestamp(at: SystemTime, language: Language) -> Result<Timestamp, BywayError> {
    Timestamp::try_from(at).map_err(|_| Own::Time.error(language))
}
