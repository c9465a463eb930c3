//! Durations, as a sentence writes them.

use crate::configuration::Language;
use crate::errors::BywayError;
use crate::runtime::guarded;

/// How a sentence in this language writes a duration, such as `2.5 s`.
#[uniffi::export]
pub fn duration_text(duration: std::time::Duration, language: Language) -> Result<String, BywayError> {
    guarded(language, || byway::Language::from(language).duration(duration))
}
