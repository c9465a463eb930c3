//! An admin's key in parts on paper.

use std::path::Path;

use byway::KeyFileError;
use byway::publisher::{CardError, RecoveryCard as CoreCard};
use zeroize::Zeroizing;

use super::key_files::{AdminKeys, secret};
use crate::configuration::Language;
use crate::errors::{BywayError, Worded};
use crate::runtime::blocking;

/// What stands on a card and is not secret.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct CardInfo {
    /// Its number in its set, from 1 on.
    pub number: i32,
    /// How many cards the set has.
    pub of: i32,
    /// How many of them make the key.
    pub needed: i32,
    /// The name of the set, in eight hexadecimal digits. Cards of two sets do not mix.
    pub set: String,
    /// The fingerprint of the key that the set makes.
    pub keys: String,
}

impl From<&CoreCard> for CardInfo {
    fn from(core: &CoreCard) -> Self {
        let (number, of) = core.number();
        Self {
            number: number.into(),
            of: of.into(),
            needed: core.needed().into(),
            set: core.set(),
            keys: core.keys().to_string(),
        }
    }
}

/// A card to be printed. Enough of them are as secret as the key file. The app overwrites the bytes once they were printed.
#[derive(Clone, uniffi::Record)]
pub struct RecoveryCard {
    /// What is not secret of it.
    pub info: CardInfo,
    /// The card as one line, for a QR code. In UTF-8.
    pub line: Vec<u8>,
    /// The rows of groups that a person types, one below the other. In UTF-8.
    pub rows: Vec<u8>,
    /// A page to print, in HTML, which loads nothing: what the card is, how it is used, its rows and its QR code. In UTF-8.
    pub page: Vec<u8>,
}

/// Opens a key file, and makes cards of its key: `of` (2 to 16), of which `needed` (2 or more) make the file again. Each call makes
/// a new set.
#[uniffi::export]
pub async fn split_key(
    key_file: String,
    passphrase: Vec<u8>,
    needed: i32,
    of: i32,
    language: Language,
) -> Result<Vec<RecoveryCard>, BywayError> {
    let passphrase = secret(passphrase, language)?;
    blocking(language, move || {
        // What is outside of a byte is outside of the numbers of cards too, and is refused there.
        let byte = |number: i32| u8::try_from(number).unwrap_or(u8::MAX);
        let cards = CoreCard::split(Path::new(&key_file), passphrase, byte(needed), byte(of));
        let cards = cards.map_err(|error| error.worded(language))?;
        let card = |core: &CoreCard| {
            let mut rows = Zeroizing::new(String::with_capacity(ROWS));
            for row in core.rows() {
                rows.push_str(&row);
                rows.push('\n');
            }
            RecoveryCard {
                info: core.into(),
                line: core.line().as_bytes().to_vec(),
                rows: rows.as_bytes().to_vec(),
                page: core.page(language.into()).as_bytes().to_vec(),
            }
        };
        Ok(cards.iter().map(card).collect())
    })
    .await
}

/// More than the rows of a card have: a growing text would leave copies.
const ROWS: usize = 4 << 10;

/// Reads the cards of a text as it is typed or scanned, in UTF-8: each begins with `byway-card:`. White space, hyphens and the case
/// of letters do not matter. The error names the card that was mistyped.
#[uniffi::export]
pub async fn read_cards(text: Vec<u8>, language: Language) -> Result<Vec<CardInfo>, BywayError> {
    let text = Zeroizing::new(text);
    blocking(language, move || Ok(cards_of(&text, language)?.iter().map(Into::into).collect())).await
}

/// Makes a key file again from the cards of a text, sealed with a new passphrase. An existing file is an error, and so is one in
/// the folder of a community.
#[uniffi::export]
pub async fn restore_key(
    cards: Vec<u8>,
    key_file: String,
    passphrase: Vec<u8>,
    language: Language,
) -> Result<AdminKeys, BywayError> {
    let (cards, passphrase) = (Zeroizing::new(cards), secret(passphrase, language)?);
    blocking(language, move || {
        let cards = cards_of(&cards, language)?;
        let keys = CoreCard::restore(&cards, Path::new(&key_file), passphrase);
        keys.map(|keys| keys.public().into()).map_err(|error| error.worded(language))
    })
    .await
}

fn cards_of(text: &[u8], language: Language) -> Result<Vec<CoreCard>, BywayError> {
    let read = || {
        let text = Some(text).filter(|text| text.len() <= MOST).and_then(|text| std::str::from_utf8(text).ok());
        CoreCard::read_all(text.ok_or(CardError::KeyFile(KeyFileError::NoText))?)
    };
    read().map_err(|error| error.worded(language))
}

/// More than the pages of the largest set.
const MOST: usize = 1 << 20;
