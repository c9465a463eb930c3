//! What is said about something that a person hands on.

#![cfg_attr(not(feature = "publisher"), allow(dead_code, reason = "words of the publisher"))]

use super::Language;

/// The link is too long for a QR code.
pub fn too_long_for_qr(language: Language) -> &'static str {
    language.phrasebook().too_long_for_qr()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;

    #[test]
    fn what_is_handed_on_is_worded_in_each_language() {
        for language in Language::ALL.iter().copied() {
            let sentence = too_long_for_qr(language);
            promises_nothing(sentence);
            is_a_sentence(sentence);
            assert_eq!(has_cyrillic(sentence), language == Language::Ru, "{sentence}");
        }
    }
}
