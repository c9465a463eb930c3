//! An admin's key in parts on paper: some of them make the key file again, and fewer say nothing about it.
//!
//! The 32 random bytes of a key file are shared by Shamir's scheme over GF(256) (`blahaj`). A card says which set it belongs to and
//! which key it makes, so that a wrong card is named before anything is made. `docs/format.md` has the bytes.

use std::fmt;
use std::path::Path;

use aws_lc_rs::rand;
use blahaj::{Share, Sharks};
use zeroize::Zeroizing;

use super::card_error::{CardError, MOST_CARDS};
use super::keys::CommunityKeys;
use crate::signed::{Digest, KeyFingerprint};
use crate::store::{KeyFileError, SealedKeyFile, Secret, StoreKey};

/// One part of a key, to be printed. It is as secret as the key file where enough of them are together. `Debug` is redacted.
pub struct RecoveryCard {
    needed: u8,
    of: u8,
    number: u8,
    set: [u8; SET],
    keys: KeyFingerprint,
    share: Zeroizing<Vec<u8>>,
}

impl RecoveryCard {
    /// Opens a key file, and makes cards of its key: so many, of which so many make the file again. Blocks, for about half a second of
    /// CPU on a PC. Each call makes a new set, which does not mix with an earlier one.
    ///
    /// # Errors
    /// [`CardError::Numbers`], [`CardError::KeyFile`].
    pub fn split(path: &Path, passphrase: Secret, needed: u8, of: u8) -> Result<Vec<Self>, CardError> {
        if !(2..=MOST_CARDS).contains(&of) || !(2..=of).contains(&needed) {
            return Err(CardError::Numbers);
        }
        let seed = SealedKeyFile::new(path, passphrase).read()?;
        let keys = CommunityKeys::derived(&seed)?.public().fingerprint();
        let mut set = [0; SET];
        rand::fill(&mut set).map_err(|_| KeyFileError::NoRandomness)?;
        let shares = Sharks(needed).dealer(seed.as_bytes());
        let card = |(number, share): (u8, Share)| {
            // The first byte is the number, which the card has beside it.
            let bytes = Zeroizing::new(Vec::from(&share));
            let share = Zeroizing::new(bytes.iter().skip(1).copied().collect::<Vec<u8>>());
            Self { needed, of, number, set, keys, share }
        };
        Ok((1..=of).zip(shares).map(card).collect())
    }

    /// Reads the cards of a text: each begins with `byway-card:`. White space, hyphens and the case of letters do not matter, and `O`
    /// is read as 0, `I` and `L` as 1.
    ///
    /// # Errors
    /// [`CardError::Mistyped`] with the number of the card in the text, from 1 on; [`CardError::TooFew`] if there is none.
    pub fn read_all(text: &str) -> Result<Vec<Self>, CardError> {
        let text = Zeroizing::new(text.to_ascii_lowercase());
        let mut cards = Vec::new();
        for (at, card) in text.split(SCHEME).skip(1).enumerate() {
            cards.push(Self::read(card).ok_or(CardError::Mistyped { card: at + 1 })?);
            if cards.len() > usize::from(MOST_CARDS) {
                return Err(CardError::Numbers);
            }
        }
        if cards.is_empty() { Err(CardError::TooFew { needed: 2, given: 0 }) } else { Ok(cards) }
    }

    fn read(text: &str) -> Option<Self> {
        let mut digits = Zeroizing::new(Vec::with_capacity(DIGITS));
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(DIGITS) {
            digits.push(digit(c)?);
        }
        let bytes = Zeroizing::new(unpacked(&digits)?);
        let (body, end) = bytes.split_at_checked(BODY)?;
        if check(body) != end {
            return None;
        }
        let (&[needed, of, number], rest) = body.split_first_chunk::<3>()?;
        let (set, rest) = rest.split_first_chunk::<SET>()?;
        let (keys, share) = rest.split_first_chunk::<{ KeyFingerprint::BYTES }>()?;
        let fits = (2..=MOST_CARDS).contains(&of) && (2..=of).contains(&needed) && (1..=of).contains(&number);
        let keys = KeyFingerprint::from_bytes(*keys);
        fits.then(|| Self { needed, of, number, set: *set, keys, share: Zeroizing::new(share.to_vec()) })
    }

    /// Makes the key file again, sealed with a new passphrase. Blocks, for about half a second of CPU on a PC; for some seconds if there
    /// are many cards and several of them were changed.
    ///
    /// # Errors
    /// [`CardError::Mixed`], [`CardError::Repeated`] and [`CardError::Changed`] with the number of the card in the list, from 1 on;
    /// [`CardError::TooFew`]; [`CardError::Wrong`]; [`CardError::KeyFile`], and an existing file is unchanged, and none is
    /// made in the folder of a community.
    pub fn restore(cards: &[Self], path: &Path, passphrase: Secret) -> Result<CommunityKeys, CardError> {
        let Some(first) = cards.first() else { return Err(CardError::TooFew { needed: 2, given: 0 }) };
        one_set(cards)?;
        for (at, card) in cards.iter().enumerate() {
            if cards.iter().take(at).any(|known| known.number == card.number && known.share == card.share) {
                return Err(CardError::Repeated { card: at + 1 });
            }
        }
        let needed = usize::from(first.needed);
        if cards.len() < needed {
            return Err(CardError::TooFew { needed, given: cards.len() });
        }
        let (chosen, seed, keys) = fitting(cards, needed).ok_or(CardError::Wrong)?;
        // A card that does not fit helps nobody now. But somebody changed it, and the admin should learn whose it is.
        for (at, card) in cards.iter().enumerate().filter(|(at, _)| !chosen.contains(at)) {
            let others = chosen.iter().skip(1).filter_map(|other| cards.get(*other));
            let with_it: Vec<&Self> = std::iter::once(card).chain(others).collect();
            if made_of(&with_it).is_none_or(|(made, _)| made.as_bytes() != seed.as_bytes()) {
                return Err(CardError::Changed { card: at + 1 });
            }
        }
        SealedKeyFile::new(path, passphrase).create_with(&seed)?;
        Ok(keys)
    }

    fn belongs(&self) -> ([u8; SET], u8, u8, KeyFingerprint) {
        (self.set, self.needed, self.of, self.keys)
    }

    /// The number of the card in its set, from 1 on, and how many there are.
    pub fn number(&self) -> (u8, u8) {
        (self.number, self.of)
    }

    /// How many cards of the set make the key.
    pub fn needed(&self) -> u8 {
        self.needed
    }

    /// The fingerprint of the key that the set makes.
    pub fn keys(&self) -> KeyFingerprint {
        self.keys
    }

    /// The name of the set, in eight hexadecimal digits.
    pub fn set(&self) -> String {
        self.set.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The card as one line, in the characters that make a QR code small.
    pub fn line(&self) -> Zeroizing<String> {
        let mut body = Zeroizing::new(Vec::with_capacity(BODY + CHECK));
        body.extend_from_slice(&[self.needed, self.of, self.number]);
        body.extend_from_slice(&self.set);
        body.extend_from_slice(&self.keys.to_bytes());
        body.extend_from_slice(&self.share);
        let check = check(&body);
        body.extend_from_slice(&check);
        let mut line = Zeroizing::new(String::with_capacity(SCHEME.len() + DIGITS));
        line.push_str(SCHEME);
        packed(&body).iter().for_each(|digit| line.push(char::from(ALPHABET[usize::from(*digit & 31)])));
        line.make_ascii_uppercase();
        line
    }

    /// The card as rows of groups, for a person who types them.
    pub fn rows(&self) -> Vec<Zeroizing<String>> {
        let line = self.line();
        let digits: Vec<char> = line.chars().skip(SCHEME.len()).collect();
        let groups: Vec<String> = digits.chunks(GROUP).map(|group| group.iter().collect()).collect();
        let head = Zeroizing::new(SCHEME.to_ascii_uppercase());
        std::iter::once(head).chain(groups.chunks(GROUPS).map(|row| Zeroizing::new(row.join(" ")))).collect()
    }
}

impl fmt::Debug for RecoveryCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCard(..)")
    }
}

/// Checks that all cards are of one set, and names the odd one if most are.
fn one_set(cards: &[RecoveryCard]) -> Result<(), CardError> {
    let agreeing = |card: &RecoveryCard| cards.iter().filter(|other| other.belongs() == card.belongs()).count();
    let most = cards.iter().map(agreeing).max().unwrap_or_default();
    let Some(usual) = cards.iter().position(|card| agreeing(card) == most) else { return Ok(()) };
    let is_usual = |card: &RecoveryCard| cards.get(usual).is_some_and(|usual| usual.belongs() == card.belongs());
    let Some(odd) = cards.iter().position(|card| !is_usual(card)) else { return Ok(()) };
    let is_clear = !cards.iter().any(|card| !is_usual(card) && agreeing(card) == most);
    Err(CardError::Mixed { card: odd + 1, than: (!is_clear).then_some(usual + 1) })
}

/// So many of the cards that make the key which they name, by their places, with what they make.
fn fitting(cards: &[RecoveryCard], needed: usize) -> Option<(Vec<usize>, StoreKey, CommunityKeys)> {
    let mut places: Vec<usize> = (0..needed).collect();
    loop {
        let chosen: Vec<&RecoveryCard> = places.iter().filter_map(|at| cards.get(*at)).collect();
        if let Some((seed, keys)) = made_of(&chosen)
            && chosen.iter().all(|card| card.keys == keys.public().fingerprint())
        {
            return Some((places, seed, keys));
        }
        // The next choice in the order of the places: there are at most 12,870, of 8 out of 16.
        let last =
            (0..needed).rev().find(|at| places.get(*at).is_some_and(|place| *place < cards.len() - needed + at))?;
        let next = *places.get(last)? + 1;
        places.iter_mut().skip(last).zip(next..).for_each(|(place, next)| *place = next);
    }
}

/// What these cards make, all together. `None` if two of them have one number.
fn made_of(cards: &[&RecoveryCard]) -> Option<(StoreKey, CommunityKeys)> {
    let share = |card: &&RecoveryCard| {
        let bytes = Zeroizing::new([&[card.number], card.share.as_slice()].concat());
        Share::try_from(bytes.as_slice()).ok()
    };
    let shares = cards.iter().map(share).collect::<Option<Vec<_>>>()?;
    let seed = Zeroizing::new(Sharks(u8::try_from(cards.len()).ok()?).recover(&shares).ok()?);
    let seed = StoreKey::from_slice(&seed)?;
    let keys = CommunityKeys::derived(&seed).ok()?;
    Some((seed, keys))
}

fn check(body: &[u8]) -> Vec<u8> {
    let text = Zeroizing::new([SCHEME.as_bytes(), body].concat());
    Digest::of(&text).as_bytes().iter().copied().take(CHECK).collect()
}

/// Eight bits a byte into five bits a digit; what is missing at the end is zero.
fn packed(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    let digit = |at: usize| (0..5).fold(0, |digit, place| digit << 1 | u8::from(bit(at * 5 + place)));
    Zeroizing::new((0..(bytes.len() * 8).div_ceil(5)).map(digit).collect())
}

/// The opposite. `None` unless there are as many digits as a card has, and the bits at the end are zero.
fn unpacked(digits: &[u8]) -> Option<Vec<u8>> {
    let bit = |at: usize| digits.get(at / 5).is_some_and(|digit| digit >> (4 - at % 5) & 1 == 1);
    let byte = |at: usize| (0..8).fold(0, |byte, place| byte << 1 | u8::from(bit(at * 8 + place)));
    let rest = (BODY + CHECK) * 8..digits.len() * 5;
    (digits.len() == DIGITS && !rest.into_iter().any(bit)).then(|| (0..BODY + CHECK).map(byte).collect())
}

/// Crockford's base 32 in lower case: without the letters that look like digits, which are read as those.
fn digit(c: char) -> Option<u8> {
    let c = match c {
        'o' => '0',
        'i' | 'l' => '1',
        c => c,
    };
    ALPHABET.iter().position(|known| char::from(*known) == c).and_then(|at| u8::try_from(at).ok())
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SCHEME: &str = "byway-card:";

/// Two sets are confused with a probability of 2^-32.
const SET: usize = 4;

/// A mistyped card passes with a probability of 2^-32.
const CHECK: usize = 4;

const BODY: usize = 3 + SET + KeyFingerprint::BYTES + 32;
const DIGITS: usize = ((BODY + CHECK) * 8).div_ceil(5);

const GROUP: usize = 5;
const GROUPS: usize = 5;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::fs;

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    /// A key file that is opened quickly, and its public line.
    fn key_file(folder: &TempDir, name: &str) -> (std::path::PathBuf, String) {
        let path = folder.path().join(name);
        let key = SealedKeyFile::new(&path, secret("old")).with_work_factor(15).create().unwrap();
        (path, CommunityKeys::derived(&key).unwrap().public().to_string())
    }

    fn again(card: &RecoveryCard) -> RecoveryCard {
        RecoveryCard::read_all(&card.line()).unwrap().remove(0)
    }

    #[test]
    fn any_cards_that_suffice_make_the_key_again() {
        let folder = TempDir::new().unwrap();
        let (path, public) = key_file(&folder, "keys");
        for (needed, of) in [(2, 3), (3, 5), (2, 2)] {
            let cards = RecoveryCard::split(&path, secret("old"), needed, of).unwrap();
            assert_eq!(cards.len(), usize::from(of));
            for (round, skipped) in (0..2).flat_map(|round| (0..cards.len()).map(move |skipped| (round, skipped))) {
                let mut chosen: Vec<RecoveryCard> =
                    cards.iter().cycle().skip(skipped).take(usize::from(needed)).map(again).collect();
                if round == 1 {
                    chosen.reverse();
                }
                let new = folder.path().join(format!("{needed}-{of}-{round}-{skipped}"));
                let keys = RecoveryCard::restore(&chosen, &new, secret("new")).unwrap();
                assert_eq!(keys.public().to_string(), public);
                let taken = RecoveryCard::restore(&chosen, &new, secret("new"));
                assert!(matches!(taken, Err(CardError::KeyFile(KeyFileError::Exists))), "{taken:?}");
            }
        }
    }

    #[test]
    fn a_wrong_mixed_or_repeated_card_is_named() {
        let folder = TempDir::new().unwrap();
        let (path, _) = key_file(&folder, "keys");
        let split = || RecoveryCard::split(&path, secret("old"), 2, 3).unwrap();
        let (one, other) = (split(), split());
        let restored = |cards: &[&RecoveryCard]| {
            let cards: Vec<RecoveryCard> = cards.iter().map(|card| again(card)).collect();
            RecoveryCard::restore(&cards, &folder.path().join("new"), secret("new")).map(drop)
        };
        assert!(matches!(restored(&[&one[0], &one[1], &other[2]]), Err(CardError::Mixed { card: 3, than: None })));
        assert!(matches!(restored(&[&other[2], &one[0], &one[1]]), Err(CardError::Mixed { card: 1, than: None })));
        assert!(matches!(restored(&[&one[0], &other[2]]), Err(CardError::Mixed { card: 2, than: Some(1) })));
        assert!(matches!(restored(&[&one[0], &one[0]]), Err(CardError::Repeated { card: 2 })));
        assert!(matches!(restored(&[&one[0]]), Err(CardError::TooFew { needed: 2, given: 1 })));
        assert!(matches!(restored(&[]), Err(CardError::TooFew { given: 0, .. })));
        // A forged card with the right check makes another key.
        let mut forged = again(&one[1]);
        forged.share[0] ^= 1;
        assert!(matches!(restored(&[&one[0], &forged]), Err(CardError::Wrong)));
        let mut renumbered = again(&one[1]);
        renumbered.number = 1;
        assert!(matches!(restored(&[&one[0], &renumbered]), Err(CardError::Wrong)), "it was not given before");
        assert!(!folder.path().join("new").exists());
        for (needed, of) in [(1, 3), (4, 3), (2, 17), (0, 0), (2, 1)] {
            let split = RecoveryCard::split(&path, secret("old"), needed, of);
            assert!(matches!(split, Err(CardError::Numbers)), "{needed} of {of}");
        }
    }

    #[test]
    fn a_changed_card_is_named_if_the_others_suffice() {
        let folder = TempDir::new().unwrap();
        let (path, public) = key_file(&folder, "keys");
        let new = folder.path().join("new");
        for (needed, of, changed) in [(2, 3, &[0][..]), (2, 3, &[1]), (2, 3, &[2]), (3, 5, &[1, 4]), (2, 5, &[0, 2, 3])]
        {
            let mut cards = RecoveryCard::split(&path, secret("old"), needed, of).unwrap();
            for (round, at) in changed.iter().enumerate() {
                // In its share, or in the number beside it, which is another card's.
                match round {
                    0 => cards[*at].share[31] ^= 0x80,
                    _ => cards[*at].number = cards[*at].number % of + 1,
                }
            }
            let mut named = Vec::new();
            loop {
                match RecoveryCard::restore(&cards, &new, secret("new")) {
                    Err(CardError::Changed { card }) => named.push(cards.remove(card - 1).line()),
                    made => break assert_eq!(made.unwrap().public().to_string(), public),
                }
            }
            assert_eq!(
                (named.len(), cards.len()),
                (changed.len(), usize::from(of) - changed.len()),
                "{needed} of {of}"
            );
            fs::remove_file(&new).unwrap();
        }
        // With as many as suffice nobody can say which it is.
        let mut cards = RecoveryCard::split(&path, secret("old"), 2, 3).unwrap();
        cards[0].share[0] ^= 1;
        cards[2].share[5] ^= 1;
        assert!(matches!(RecoveryCard::restore(&cards, &new, secret("new")), Err(CardError::Wrong)));
        assert!(matches!(RecoveryCard::restore(&cards[1..], &new, secret("new")), Err(CardError::Wrong)));
        assert!(!new.exists());
    }

    #[test]
    fn a_card_is_read_as_people_type_it_and_no_other_way() {
        let folder = TempDir::new().unwrap();
        let (path, _) = key_file(&folder, "keys");
        let cards = RecoveryCard::split(&path, secret("old"), 2, 3).unwrap();
        let typed: Vec<String> =
            cards.iter().map(|card| card.rows().iter().map(|row| format!("{}\n", **row)).collect()).collect();
        let typed = format!("My cards\n{}", typed.join("\n")).to_lowercase().replace('0', "o").replace('1', "l");
        let read = RecoveryCard::read_all(&typed).unwrap();
        assert_eq!(read.len(), 3);
        for (card, read) in cards.iter().zip(&read) {
            assert_eq!(card.line(), read.line());
            assert_eq!(format!("{card:?}"), "RecoveryCard(..)");
        }
        let line = cards[1].line();
        assert!(line.len() < 100, "{}", line.len());
        for at in SCHEME.len()..line.len() {
            let mut damaged = line.as_bytes().to_vec();
            damaged[at] = if damaged[at] == b'7' { b'8' } else { b'7' };
            let both = format!("{}\n{}", *cards[0].line(), String::from_utf8(damaged).unwrap());
            let read = RecoveryCard::read_all(&both);
            assert!(matches!(read, Err(CardError::Mistyped { card: 2 })), "{at}");
        }
        assert!(matches!(RecoveryCard::read_all(&line[..line.len() - 1]), Err(CardError::Mistyped { card: 1 })));
        assert!(matches!(RecoveryCard::read_all("byway"), Err(CardError::TooFew { .. })));
    }

    proptest! {
        /// However a person types a card, it is the one that was printed.
        #[test]
        fn a_card_is_read_as_it_is_printed(
            (needed, of, number) in (2..=MOST_CARDS).prop_flat_map(|of| (2..=of, Just(of), 1..=of)),
            set in any::<[u8; SET]>(),
            keys in any::<[u8; KeyFingerprint::BYTES]>(),
            share in any::<[u8; 32]>(),
            noise in "[ \\n\\t-]{0,3}",
            before in "[a-z0-9 :]{0,12}",
        ) {
            let share = Zeroizing::new(share.to_vec());
            let card = RecoveryCard { needed, of, number, set, keys: KeyFingerprint::from_bytes(keys), share };
            let rows: Vec<String> = card.rows().iter().map(|row| row.as_str().to_owned()).collect();
            let line = card.line();
            let (scheme, digits) = line.split_at(SCHEME.len());
            let typed: String = digits.to_lowercase().replace('0', "o").replace('1', "i").chars().map(|c| format!("{c}{noise}")).collect();
            for text in [card.line().as_str().to_owned(), rows.join("\n"), format!("{before}{scheme}{typed}")] {
                let read = RecoveryCard::read_all(&text).unwrap();
                prop_assert_eq!(read.len(), 1);
                prop_assert_eq!(read[0].belongs(), card.belongs());
                prop_assert_eq!((read[0].number(), read[0].share.as_slice()), (card.number(), card.share.as_slice()));
                prop_assert_eq!(read[0].line(), card.line());
            }
        }
    }

    #[test]
    fn known_shares_make_the_known_secret() {
        // By hand: f(x) = 0x42 + 0x17 x over GF(256) with 0x11d, at x = 1 and x = 3.
        let shares =
            [[1, 0x42 ^ 0x17], [3, 0x42 ^ (0x17 ^ 0x2e)]].map(|share| Share::try_from(share.as_slice()).unwrap());
        assert_eq!(Sharks(2).recover(&shares).unwrap(), [0x42]);
    }

    #[test]
    fn the_restored_file_is_for_its_owner_alone() {
        let folder = TempDir::new().unwrap();
        let (path, _) = key_file(&folder, "keys");
        let cards = RecoveryCard::split(&path, secret("old"), 2, 2).unwrap();
        let new = folder.path().join("new");
        drop(RecoveryCard::restore(&cards, &new, secret("new")).unwrap());
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&new).unwrap().permissions()) & 0o777, 0o600);
        assert_ne!(fs::read(new).unwrap(), fs::read(path).unwrap());
    }
}
