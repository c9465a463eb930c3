//! Why the key of the store is not available.

use super::Language;
use crate::store::{KeyError, KeyFileError};

/// Why a key provider has no key.
pub fn key(language: Language, error: &KeyError) -> String {
    language.phrasebook().key(error)
}

/// Why a key file gave no key, or was not made. The English sentence is the error's own text.
pub fn key_file(language: Language, error: &KeyFileError) -> String {
    language.phrasebook().key_file(error)
}

#[cfg(test)]
mod tests {
    use super::super::every;
    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;

    #[test]
    fn each_fault_of_a_key_file_has_a_sentence_in_each_language() {
        for language in Language::ALL.iter().copied() {
            for error in every::key_files() {
                let sentence = key_file(language, &error);
                promises_nothing(&sentence);
                is_a_sentence(&sentence);
                assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
                assert_eq!(key(language, &error.into()), sentence);
            }
        }
    }
}
