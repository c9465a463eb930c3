//! What admins of a signed community hand on, and what they are handed.

use byway::Language;
use byway::internals::signed::{DocumentKind, Envelope, RouteList, SigningKey};
use byway::publisher::{MAX_PROPOSAL_BYTES, Picture, Proposal, RecoveryCard};

use super::contains;

/// A card that was read is printed and read again, in one line and in rows, and its numbers fit.
pub(crate) fn cards(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match RecoveryCard::read_all(text) {
        Ok(cards) => {
            assert!((1..=16).contains(&cards.len()));
            for card in cards {
                let (number, of) = card.number();
                assert!((1..=of).contains(&number) && (2..=of).contains(&card.needed()) && of <= 16);
                let rows: Vec<String> = card.rows().iter().map(|row| row.to_string()).collect();
                for printed in [card.line().to_string(), rows.join("\n")] {
                    let again = RecoveryCard::read_all(&printed).expect("a card that was printed");
                    assert!(again.len() == 1 && *again[0].line() == *card.line());
                }
            }
        }
        Err(error) => assert!(!error.code().is_empty()),
    }
}

/// A proposal that was read is written and read again as the same one; somebody has signed it, and what it changes is said.
pub(crate) fn proposal(bytes: &[u8]) {
    match Proposal::parse(bytes) {
        Ok(proposal) => {
            assert!(bytes.len() <= MAX_PROPOSAL_BYTES && !proposal.signers().is_empty());
            let written = proposal.to_bytes();
            let again = Proposal::parse(&written).expect("a proposal that was written");
            assert_eq!(again.to_bytes(), written);
            let now = byway::jiff::Timestamp::UNIX_EPOCH;
            assert_eq!(again.changes(Language::En, now), proposal.changes(Language::En, now));
            assert_eq!((again.missing(), again.is_founding()), (proposal.missing(), proposal.is_founding()));
        }
        Err(error) => assert!(!error.code().is_empty()),
    }
}

/// A list of routes that was read is within the limits of the one that writes it, and names no strategy that was not in it.
pub(crate) fn routes(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::parse(bytes, DocumentKind::Routes) {
        assert_eq!(Envelope::parse(envelope.to_json().as_bytes(), DocumentKind::Routes), Ok(envelope.clone()));
        read(&envelope, envelope.payload());
    }
    let nobody: [&SigningKey; 0] = [];
    read(&Envelope::sign(DocumentKind::Routes, bytes.to_vec(), nobody), bytes);
}

fn read(envelope: &Envelope, payload: &[u8]) {
    match RouteList::read(envelope) {
        Ok(list) => {
            assert!((1..=32).contains(&list.strategies.len()));
            let is_plain = |text: &String| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            assert!(
                list.strategies.iter().filter(|text| is_plain(text)).all(|text| contains(payload, text.as_bytes()))
            );
            let key = SigningKey::from_bytes([1; 32].into()).expect("a key");
            if let Ok(sealed) = list.seal(&key) {
                assert_eq!(RouteList::read(&sealed), Ok(list));
            }
        }
        Err(error) => assert!(!error.code().is_empty()),
    }
}

/// A picture that was cleaned is clean: there is nothing more to remove, and it is no larger than a picture may be.
pub(crate) fn picture(bytes: &[u8]) {
    match Picture::clean(bytes, "") {
        Ok(picture) => {
            // A header may get a longer form, and the pixels of a PNG are packed anew: at worst as they are, of at most 50 million.
            assert!(picture.bytes().len() <= 8 << 20);
            let again = Picture::clean(picture.bytes(), "").expect("a clean picture");
            assert!(again == picture);
        }
        Err(error) => assert!(!error.code().is_empty()),
    }
}
