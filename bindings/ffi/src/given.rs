//! Numbers and times from the other language, checked.

use std::time::SystemTime;

use byway::jiff::Timestamp;

use crate::configuration::Language;
use crate::errors::{BywayError, Own};

/// A number from the other language. Negative ones are an error.
pub(crate) fn natural<N: TryFrom<i64>>(given: i64, language: Language) -> Result<N, BywayError> {
    N::try_from(given).map_err(|_| Own::Number.error(language))
}

/// A time from the other language. The core knows the years -9999 to 9999.
pub(crate) fn timestamp(at: SystemTime, language: Language) -> Result<Timestamp, BywayError> {
    Timestamp::try_from(at).map_err(|_| Own::Time.error(language))
}
