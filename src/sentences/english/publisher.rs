//! What is said about something that a person hands on, in English.

use super::English;
use crate::sentences::phrasebook::PublisherPhrases;

impl PublisherPhrases for English {
    fn too_long_for_qr(&self) -> &'static str {
        "This link has more than 331 bytes, too many for a QR code that a phone reads."
    }
}
