//! The texts that a calendar shows in addition to an event.

use super::Language;

/// An event was taken out where it was announced, or cannot be read there any more.
pub fn calendar_removed(language: Language) -> &'static str {
    language.phrasebook().calendar_removed()
}

/// The text of an event has a word about a cancellation in it.
pub fn calendar_mentions(language: Language) -> &'static str {
    language.phrasebook().calendar_mentions()
}

/// The words before the time at which something was seen.
pub fn calendar_seen(language: Language) -> &'static str {
    language.phrasebook().calendar_seen()
}

/// The words before the time at which something was read.
pub fn calendar_read(language: Language) -> &'static str {
    language.phrasebook().calendar_read()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;

    #[test]
    fn calendar_remarks_are_sentences_in_each_language() {
        for language in Language::ALL.iter().copied() {
            for sentence in [calendar_removed(language), calendar_mentions(language)] {
                promises_nothing(sentence);
                is_a_sentence(sentence);
                assert_eq!(has_cyrillic(sentence), language == Language::Ru, "{sentence}");
            }
            for word in [calendar_seen(language), calendar_read(language)] {
                assert_eq!(has_cyrillic(word), language == Language::Ru, "{word}");
            }
        }
    }
}
