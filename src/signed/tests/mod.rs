//! Attacks on a signed community, each with its outcome.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(clippy::type_complexity, reason = "tables of cases")]

mod chains;
mod content;
mod envelopes;
mod heads;
mod moves;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::*;

/// The time of all that happens, with this number of days added. It is a Tuesday in the year of the story.
pub(super) fn day(days: i64) -> Timestamp {
    Timestamp::from_second(1_478_595_600 + days * 86_400).unwrap()
}

/// The key of a person, who is a number.
pub(super) fn key(person: u8) -> SigningKey {
    SigningKey::from_bytes(Zeroizing::new([person; 32])).unwrap()
}

pub(super) fn keys(people: &[u8]) -> Vec<SigningKey> {
    people.iter().copied().map(key).collect()
}

pub(super) fn public(people: &[u8]) -> Vec<PublicKey> {
    people.iter().map(|person| key(*person).public()).collect()
}

/// A charter of the root keys 1, 2 and 3, of which two must sign, the routine key 10 and the community's own key 20.
pub(super) fn charter() -> Charter {
    let root = KeySet::new(public(&[1, 2, 3]), 2);
    let mut charter = Charter::first("Рабочие станкозавода", day(0), day(700), root, public(&[10]));
    charter.authors = public(&[20]);
    charter
}

pub(super) fn signed(charter: &Charter, people: &[u8]) -> Envelope {
    charter.seal(&keys(people)).unwrap()
}

/// A chain of this first charter, followed since the first day.
pub(super) fn begun(charter: &Charter, people: &[u8]) -> Chain {
    let first = signed(charter, people);
    Chain::begin(first.digest(), &first, day(0)).unwrap()
}

/// The next charter after the newest one of a chain.
pub(super) fn next(chain: &Chain, issued: Timestamp) -> Charter {
    let newest = chain.newest_version();
    let expires = Timestamp::from_second(issued.as_second() + 700 * 86_400).unwrap();
    chain.charter(newest).unwrap().next(chain.digest(newest).unwrap(), issued, expires)
}

/// A head of the charter in force on this day.
pub(super) fn head(chain: &Chain, sequence: u64, issued: i64) -> Head {
    let charter = chain.in_force(day(issued));
    Head {
        format: FORMAT,
        community: chain.id(),
        charter: charter.version,
        charter_digest: chain.digest_in_force(day(issued)),
        sequence,
        issued: day(issued),
        expires: day(issued + 30),
        files: vec![FileEntry { name: NEWEST.to_owned(), bytes: 0, sha256: Digest::of(b"") }],
    }
}
