use crate::errors::{ErrorKind, errors};
use crate::language::Language;
use crate::sentences::{self, CardFault};
use crate::store::KeyFileError;

/// Error making cards, or a key file of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// There are 2 to 16 cards, of which 2 or more are needed.
    #[error("there are 2 to {MOST_CARDS} cards, of which at least 2 are needed")]
    Numbers,
    /// This card, counted from 1 on, was mistyped or is not one.
    #[error("card {card} was mistyped, or is not a card")]
    Mistyped {
        /// Its place, from 1 on.
        card: usize,
    },
    /// This card is of another set, or was changed.
    #[error("card {card} belongs to another set")]
    Mixed {
        /// Its place, from 1 on.
        card: usize,
        /// The place of the one that it differs from, if the cards do not show which of both is the odd one. `None`: most of them agree,
        /// and this one does not.
        than: Option<usize>,
    },
    /// This card was given twice.
    #[error("card {card} was given before")]
    Repeated {
        /// Its place, from 1 on.
        card: usize,
    },
    /// There are too few cards.
    #[error("{needed} cards are needed, and {given} were given")]
    TooFew {
        /// How many are needed.
        needed: usize,
        /// How many were given.
        given: usize,
    },
    /// This card was changed: enough of the others make the key that they say, and this one does not fit them.
    #[error("card {card} was changed, and the others make the key")]
    Changed {
        /// Its place, from 1 on.
        card: usize,
    },
    /// The cards make another key than they say: somebody made or changed one of them. Which one shows only with more cards of the set.
    #[error("the cards make another key than they say")]
    Wrong,
    /// The key file cannot be read or made.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
}

impl CardError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            CardError::Numbers => "card_numbers",
            CardError::Mistyped { .. } => "card_mistyped",
            CardError::Mixed { .. } => "card_mixed",
            CardError::Repeated { .. } => "card_repeated",
            CardError::TooFew { .. } => "cards_too_few",
            CardError::Changed { .. } => "card_changed",
            CardError::Wrong => "cards_wrong",
            CardError::KeyFile(error) => error.code(),
        }
    }

    /// Why, in one or two plain sentences.
    pub fn sentence(&self, language: Language) -> String {
        let fault = match self {
            CardError::Numbers => CardFault::Numbers,
            CardError::Mistyped { card } => CardFault::Mistyped(*card),
            CardError::Mixed { card, than } => CardFault::Mixed { card: *card, than: *than },
            CardError::Repeated { card } => CardFault::Repeated(*card),
            CardError::TooFew { needed, given } => CardFault::TooFew { needed: *needed, given: *given },
            CardError::Changed { card } => CardFault::Changed(*card),
            CardError::Wrong => CardFault::Wrong,
            CardError::KeyFile(error) => return error.sentence(language),
        };
        sentences::card_fault(language, fault)
    }
}

errors! {
    CardError: |error| match error {
        CardError::KeyFile(error) => error.kind(),
        _ => ErrorKind::Input,
    };
}

/// More cards than that are a crowd, and not a set.
pub(super) const MOST_CARDS: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentences::every::is_russian;

    #[test]
    fn every_error_of_a_card_is_said_in_both_languages() {
        let known = [
            CardError::Numbers,
            CardError::Mistyped { card: 2 },
            CardError::Mixed { card: 2, than: None },
            CardError::Mixed { card: 2, than: Some(1) },
            CardError::Repeated { card: 2 },
            CardError::TooFew { needed: 2, given: 1 },
            CardError::Changed { card: 2 },
            CardError::Wrong,
            CardError::KeyFile(KeyFileError::Absent),
        ];
        for error in known {
            let (en, ru) = (error.sentence(Language::En), error.sentence(Language::Ru));
            assert!(!en.is_empty() && !is_russian(&en) && is_russian(&ru), "{}: {en} {ru}", error.code());
        }
    }
}
