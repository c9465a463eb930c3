use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use super::{MAX_NAME_BYTES, StrategyError};

/// A user's name for a strategy: 1 to 64 bytes on one line, without space around it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(String);

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = StrategyError;

    /// Parses a name and trims the space around it.
    ///
    /// # Errors
    /// [`StrategyError::NameEmpty`], [`StrategyError::NameTooLong`], and [`StrategyError::NameControl`] for characters
    /// that would change how the text around the name is shown.
    fn from_str(text: &str) -> Result<Self, StrategyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(StrategyError::NameEmpty);
        }
        if text.len() > MAX_NAME_BYTES {
            return Err(StrategyError::NameTooLong);
        }
        if text.contains(|c: char| c.is_control() || is_line_or_direction(c)) {
            return Err(StrategyError::NameControl);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(..)")
    }
}

/// Line and paragraph separators, and the marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX
/// 9). A name that was pasted from a chat must not reverse the line that shows it.
fn is_line_or_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
