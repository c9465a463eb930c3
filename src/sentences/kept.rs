//! Sentences about the store, and about what is kept in it.

use super::Language;
use crate::store::StoreError;

/// Why the store did not do what was asked. The English sentence is the error's own text.
pub fn store(language: Language, error: &StoreError) -> String {
    language.phrasebook().store(error)
}

/// A community was requested on this device only, and is not kept there.
pub fn not_stored(language: Language) -> &'static str {
    language.phrasebook().not_stored()
}

/// Other readings of a community took all the time.
pub fn still_read(language: Language) -> &'static str {
    language.phrasebook().still_read()
}

/// A community names another successor, or another address of it, than was shown to the user.
pub fn successor_changed(language: Language) -> &'static str {
    language.phrasebook().successor_changed()
}

/// A community is kept because of a move that does not count.
pub fn move_not_followed(language: Language) -> &'static str {
    language.phrasebook().move_not_followed()
}

/// A list leads into the reader's own network.
pub fn own_network(language: Language) -> &'static str {
    language.phrasebook().own_network()
}

/// A link names an unknown exposure.
pub fn unknown_exposure(language: Language) -> &'static str {
    language.phrasebook().unknown_exposure()
}

/// Why an attachment was not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttachmentRefusal {
    /// It is not kept.
    Kept,
    /// It is not a file.
    File,
    /// Its address is one that a stranger may not lead to.
    Address,
    /// It would come without encryption.
    Cleartext,
    /// It is larger than allowed.
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// The host answers with another status.
    Status {
        /// The HTTP status.
        status: u16,
    },
}

/// Why an attachment was not fetched, in one sentence.
pub fn no_attachment(language: Language, why: AttachmentRefusal) -> String {
    language.phrasebook().no_attachment(why)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::every;
    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;

    #[test]
    fn every_fault_of_the_store_has_a_sentence_in_every_language() {
        let attachments = [
            AttachmentRefusal::Kept,
            AttachmentRefusal::File,
            AttachmentRefusal::Address,
            AttachmentRefusal::Cleartext,
            AttachmentRefusal::TooLarge { limit: 1 },
            AttachmentRefusal::Status { status: 404 },
        ];
        for &language in Language::ALL {
            let told = every::stores().into_iter().map(|error| store(language, &error));
            let told = told.chain(attachments.into_iter().map(|why| no_attachment(language, why)));
            let told = told.chain([not_stored(language).to_owned(), unknown_exposure(language).to_owned()]);
            for sentence in told {
                promises_nothing(&sentence);
                is_a_sentence(&sentence);
                assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
            }
        }
    }
}
