//! Why a part of a signed community is not believed, in English.

use super::English;
use crate::sentences::phrasebook::SignedPhrases;
use crate::sentences::signed::Unbelieved;
use crate::sentences::typed::own_words;

impl SignedPhrases for English {
    fn unbelieved(&self, what: Unbelieved) -> String {
        match what {
            Unbelieved::Envelope(error) => own_words(&error),
            Unbelieved::Charter(error) => own_words(&error),
            Unbelieved::Chain(error) => own_words(&error),
            Unbelieved::Head(error) => own_words(&error),
            Unbelieved::Freeze(error) => own_words(&error),
            Unbelieved::Event(error) => own_words(&error),
            Unbelieved::File(error) => own_words(&error),
        }
    }
}
