//! What is said about something that a person hands on, in Russian.

use super::Russian;
use crate::sentences::phrasebook::PublisherPhrases;

impl PublisherPhrases for Russian {
    fn too_long_for_qr(&self) -> &'static str {
        "В этой ссылке больше 331 байта: QR-код с ней телефон не прочитает."
    }
}
