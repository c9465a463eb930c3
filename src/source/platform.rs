//! The name of a platform, and what it says instead of content.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::community::Restriction;
use crate::source::plain::one_line;

/// The name of a platform: errors, notes and sentences use it.
///
/// A name is one line of at most 60 characters. Markup, control characters and characters that control the layout are
/// dropped, so that a name from a remote document can do no harm. If nothing remains of a name, or if it would
/// attribute a [`Restriction`] to someone else, it becomes "the platform".
///
/// ```
/// use byway::source::Platform;
///
/// let board = Platform::new("the board").in_language("ru", "Доска");
/// assert_eq!(board.name(), "the board");
/// assert_eq!((board.name_in("ru"), board.name_in("de")), ("Доска", "the board"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Platform {
    /// The default name, followed by language tags with their names.
    names: Arc<(String, Vec<(String, String)>)>,
}

impl Platform {
    /// A platform with this name.
    pub fn new(name: &str) -> Self {
        Self { names: Arc::new((named(name).unwrap_or_else(|| NAMELESS.0.to_owned()), Vec::new())) }
            .or_nameless_in_russian()
    }

    /// The same with another name in the language of this tag (BCP 47: `ru`), in the nominative.
    #[must_use]
    pub fn in_language(mut self, tag: &str, name: &str) -> Self {
        if let Some(name) = named(name) {
            let (_, by_language) = Arc::make_mut(&mut self.names);
            by_language.retain(|(known, _)| !known.eq_ignore_ascii_case(tag));
            if by_language.len() < MAX_LANGUAGES {
                by_language.push((one_line(tag, MAX_NAME), name));
            }
        }
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.names.0
    }

    /// The name in the language of this tag, else [`Platform::name`].
    pub fn name_in(&self, tag: &str) -> &str {
        let found = self.names.1.iter().find(|(known, _)| known.eq_ignore_ascii_case(tag));
        found.map_or_else(|| self.name(), |(_, name)| name)
    }

    fn or_nameless_in_russian(self) -> Self {
        if self.name() == NAMELESS.0 { self.in_language("ru", NAMELESS.1) } else { self }
    }
}

impl From<&str> for Platform {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Platform").field(&self.name()).finish()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Platform {
    /// Serialises as its [name](Platform::name).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a platform states instead of content.
///
/// ```
/// use byway::Language;
/// use byway::source::{PlatformMessage, SourceError};
///
/// let closed = SourceError::Gone(PlatformMessage::new("The board", "It was closed.").with_code(410));
/// let sentence = "The board states that this community no longer exists (error 410): It was closed.";
/// assert_eq!(closed.sentence(Language::En), sentence);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformMessage {
    /// Which platform.
    pub platform: Platform,
    /// The platform's own error number, if it has one.
    pub code: Option<i64>,
    /// What the platform says, in its own language: one line of at most 1,000 characters.
    pub message: String,
}

impl PlatformMessage {
    /// A statement of `platform`: markup is removed, and it is cut to one line of 1,000 characters.
    pub fn new(platform: impl Into<Platform>, message: &str) -> Self {
        Self { platform: platform.into(), code: None, message: one_line(message, MAX_MESSAGE) }
    }

    /// The same with the platform's own error number.
    #[must_use]
    pub fn with_code(self, code: i64) -> Self {
        Self { code: Some(code), ..self }
    }

    /// " (error 5)", or an empty text if there is no number.
    pub(super) fn number(&self) -> String {
        self.code.map(|code| format!(" (error {code})")).unwrap_or_default()
    }
}

/// A name that can stand in a sentence and be stored as the author of a claim.
fn named(name: &str) -> Option<String> {
    let name = one_line(name, MAX_NAME);
    let of_another =
        [Restriction::OWN_WORD, Restriction::HTTP_451].iter().any(|other| name.eq_ignore_ascii_case(other));
    (!name.is_empty() && !of_another).then_some(name)
}

/// The name of an unnamed platform, in English and in Russian.
const NAMELESS: (&str, &str) = ("the platform", "Платформа");

/// A name stands within a sentence on a phone's screen.
const MAX_NAME: usize = 60;

/// More languages than sentences are written in.
const MAX_LANGUAGES: usize = 30;

/// A notice fits; a page does not.
pub(in crate::source) const MAX_MESSAGE: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_is_one_bounded_line() {
        let platform = Platform::new("  Bo\u{202e}ard\r\n<b>two</b>\u{1b}[31m ");
        assert_eq!(platform.name(), "Board two[31m");
        assert_eq!(Platform::new(&"x".repeat(5_000)).name().chars().count(), MAX_NAME);
        let many = (0..1_000).fold(Platform::new("x"), |platform, n| platform.in_language(&n.to_string(), "y"));
        assert_eq!(many.names.1.len(), MAX_LANGUAGES);
    }

    #[test]
    fn a_platform_cannot_take_the_name_of_another_speaker() {
        for name in ["", " \u{200b}", "the community", "The Community", "HTTP 451"] {
            let platform = Platform::new(name);
            assert_eq!((platform.name(), platform.name_in("ru")), NAMELESS, "{name:?}");
            assert_eq!(Platform::new("Board").in_language("ru", name).name_in("ru"), "Board", "{name:?}");
        }
    }

    #[test]
    fn a_message_is_one_bounded_line() {
        let message = PlatformMessage::new("Board", &format!("no\n<br>{}", "way ".repeat(5_000)));
        assert!(message.message.starts_with("no way way") && message.message.chars().count() <= MAX_MESSAGE);
        assert_eq!((message.number(), message.with_code(-7).number()), (String::new(), " (error -7)".to_owned()));
    }
}
