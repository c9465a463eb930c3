//! What a thief of one publisher's key does with numbers: of heads, of months, of lines and of bytes.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use jiff::Timestamp;

use super::files::{Files, ReadFiles as _};
use super::mirror::Mirror;
use super::thief_tests::{at, community, keys, open, removal, texts};
use super::*;
use crate::language::Language;
use crate::signed::{
    Chain, Digest, DocumentKind, Envelope, EventKind, FileEntry, Head, HeadError, Heads, MAX_EVENTS, SignedEvent,
    month_file,
};

/// The largest number that a head can have.
const LAST: u64 = (1 << 53) - 1;

fn state(folder: &Path, now: Timestamp) -> Mirror {
    Mirror::read(&Files::of(folder).unwrap(), now).unwrap()
}

/// The head of a folder as the thief (3) signs it, with a change.
fn signed_by_thief(folder: &Path, now: Timestamp, change: impl FnOnce(&mut Head)) -> Envelope {
    let mut head = state(folder, now).head;
    change(&mut head);
    head.seal(&keys(3).routine).unwrap()
}

fn put(folder: &Path, head: &Envelope) {
    std::fs::write(folder.join("head.json"), head.to_json()).unwrap();
}

/// What a reader of one folder says to the head in another one.
fn reads(known: &[&Envelope], folder: &Path, now: Timestamp) -> Result<Heads, HeadError> {
    let charter = |version| {
        let bytes = std::fs::read(folder.join(format!("charter/{version}.json"))).ok()?;
        Some(Envelope::parse(&bytes, DocumentKind::Charter).unwrap())
    };
    let first = charter(1).unwrap();
    let mut chain = Chain::begin(first.digest(), &first, now).unwrap();
    let mut heads = Heads::default();
    for head in known {
        heads.accept(&chain, head, now).unwrap();
    }
    while let Some(next) = charter(chain.newest_version() + 1) {
        chain.extend(&next, now).unwrap();
    }
    let head = std::fs::read(folder.join("head.json")).unwrap();
    heads.accept(&chain, &Envelope::parse(&head, DocumentKind::Head).unwrap(), now)?;
    Ok(heads)
}

fn names_the_thief(error: &PublishError) -> bool {
    let key = super::keys::fingerprint(&keys(3).routine.public());
    matches!(error, PublishError::HeadNumber { key: named } if *named == key)
        && error.sentence(Language::En).contains(&key.to_string())
}

fn post_by(seed: u8, folder: &Path, text: &str) -> SignedEvent {
    let community = format!("byway:{}", state(folder, at(1)).chain.id());
    let tags = vec![vec!["i".to_owned(), community]];
    SignedEvent::sign(&keys(seed).author, at(1), EventKind::Note, tags, text.to_owned()).unwrap()
}

#[test]
fn a_thief_leaves_the_admins_numbers_for_their_heads() {
    for number in (LAST - 5..=LAST).chain([numbers::MOST_AHEAD * 2]) {
        let [anna, boris, _, web] = community();
        let stolen = signed_by_thief(web.path(), at(1), |head| head.sequence = number);
        put(web.path(), &stolen);
        let before = std::fs::read(anna.path().join("head.json")).unwrap();
        let mut publisher = open(anna.path(), 1, at(2));
        for done in [
            publisher.publish(web.path(), at(2)).map(drop),
            publisher.take_in(web.path(), at(2)),
            publisher.publish_over(web.path(), at(2)).map(drop),
        ] {
            let error = done.unwrap_err();
            assert!(names_the_thief(&error), "{number}: {error:?}");
        }
        assert_eq!(std::fs::read(anna.path().join("head.json")).unwrap(), before, "nothing was written");
        drop(publisher);
        let mut proposal = removal(anna.path(), 1, at(3));
        proposal.approve(&keys(2), Some(boris.path()), at(3)).unwrap();
        let mut publisher = Publisher::open_with(anna.path(), keys(1), &proposal, at(3), Language::Ru).unwrap();
        publisher.publish(web.path(), at(3)).unwrap();
        reads(&[&stolen], web.path(), at(3)).unwrap();
        publisher.post("дальше", at(4)).unwrap();
        publisher.publish(web.path(), at(4)).unwrap();
        assert_eq!(texts(&open(web.path(), 1, at(4)), at(4)), ["дальше", "до"], "{number}");
        // The thief signs once more, by the charter that allowed it.
        let again = signed_by_thief(web.path(), at(5), |head| {
            let first = std::fs::read(web.path().join("charter/1.json")).unwrap();
            head.charter_digest = Envelope::parse(&first, DocumentKind::Charter).unwrap().digest();
            (head.charter, head.sequence, head.issued) = (1, LAST, at(5));
        });
        let honest = std::fs::read(web.path().join("head.json")).unwrap();
        put(web.path(), &again);
        assert_eq!(reads(&[&stolen], web.path(), at(5)).unwrap_err(), HeadError::Unsigned);
        publisher.post("и снова", at(6)).unwrap();
        publisher.publish(web.path(), at(6)).unwrap();
        let known = Envelope::parse(&honest, DocumentKind::Head).unwrap();
        assert_eq!(reads(&[&stolen], web.path(), at(6)).unwrap().newest().map(|head| head.charter), Some(2));
        assert!(state(web.path(), at(6)).head.sequence > Head::read(&known).unwrap().sequence);
    }
}

#[test]
fn a_folder_with_a_spent_number_goes_on_after_a_change() {
    for number in LAST - 5..=LAST {
        // Both one that was taken in by an earlier version, and one that was copied from the mirror.
        let [anna, boris, _, web] = community();
        for folder in [&anna, &boris] {
            let stolen = signed_by_thief(folder.path(), at(1), |head| head.sequence = number);
            put(folder.path(), &stolen);
        }
        let mut publisher = open(anna.path(), 1, at(2));
        if number >= LAST - 1 {
            let before = std::fs::read(anna.path().join("head.json")).unwrap();
            let error = publisher.post("нет", at(2)).unwrap_err();
            assert!(names_the_thief(&error), "{number}: {error:?}");
            assert_eq!(std::fs::read(anna.path().join("head.json")).unwrap(), before);
        }
        drop(publisher);
        let mut proposal = removal(anna.path(), 1, at(3));
        proposal.approve(&keys(2), Some(boris.path()), at(3)).unwrap();
        let mut publisher = Publisher::open_with(anna.path(), keys(1), &proposal, at(3), Language::Ru).unwrap();
        publisher.post("дальше", at(4)).unwrap();
        publisher.publish(web.path(), at(4)).unwrap();
        assert!(state(web.path(), at(4)).head.sequence < 10, "{number}");
        // Another admin comes along from such a folder.
        let mut boris = open(boris.path(), 2, at(5));
        boris.take_in(web.path(), at(5)).unwrap();
        boris.post("и Борис", at(5)).unwrap();
        boris.publish(web.path(), at(5)).unwrap();
        publisher.take_in(web.path(), at(6)).unwrap();
        assert_eq!(texts(&publisher, at(6)), ["и Борис", "дальше", "до"], "{number}");
    }
}

#[test]
fn a_change_that_no_head_can_follow_is_not_written() {
    let folder = tempfile::TempDir::new().unwrap();
    let statement = Statement { name: "Завод".to_owned(), ..Statement::default() };
    let mut zavod = Publisher::found(folder.path(), keys(1), &statement, at(0), Language::Ru).unwrap();
    zavod.head.files = (0..602)
        .map(|month| FileEntry {
            name: month_file(2000 + month / 12, i8::try_from(month % 12).unwrap() + 1),
            bytes: 0,
            sha256: Digest::of(b""),
        })
        .collect();
    // All of them are months that are over.
    let late = at(24 * 365 * 40);
    let refused = zavod.restate(&Statement { name: "Другое".to_owned(), ..statement }, late);
    assert!(matches!(refused, Err(PublishError::Refused)), "{refused:?}");
    assert!(!folder.path().join("charter/2.json").exists());
    assert_eq!(zavod.chain.newest_version(), 1, "what is in memory is as before");
}

#[test]
fn months_to_come_leave_room_for_this_one() {
    let [_, _, _, web] = community();
    let posted = post_by(3, web.path(), "в будущем");
    let line = format!("{}\n", posted.to_json());
    let stolen = signed_by_thief(web.path(), at(1), |head| {
        head.sequence += 2;
        head.files.retain(|entry| entry.name != "newest.jsonl");
        for month in 0.. {
            if head.files.len() == 601 {
                break;
            }
            let name = month_file(2027 + month / 12, i8::try_from(month % 12).unwrap() + 1);
            let text = if month == 0 { line.as_str() } else { "" };
            std::fs::write(web.path().join(&name), text).unwrap();
            head.files.push(FileEntry { name, bytes: text.len() as u64, sha256: Digest::of(text.as_bytes()) });
        }
    });
    put(web.path(), &stolen);
    let mut copied = open(web.path(), 1, at(2));
    copied.post("сегодня", at(2)).unwrap();
    assert_eq!(texts(&copied, at(2)), ["сегодня", "в будущем", "до"]);
    drop(copied);
    let head = state(web.path(), at(3)).head;
    assert_eq!(head.files.len(), 2, "the newest, and this month");
    assert_eq!(texts(&open(web.path(), 1, at(3)), at(3)).len(), 3);
}

#[test]
fn a_month_that_a_thief_filled_is_continued_in_the_next() {
    let [anna, ..] = community();
    let name = month_file(2026, 11);
    // Lines that count for nothing take room as well.
    let lines = format!("{}\n", post_by(9, anna.path(), "чужое").to_json()).repeat(MAX_EVENTS);
    let stolen = signed_by_thief(anna.path(), at(1), |head| {
        head.sequence += 2;
        let entry = head.files.iter_mut().find(|entry| entry.name == name).unwrap();
        (entry.bytes, entry.sha256) = (lines.len() as u64, Digest::of(lines.as_bytes()));
    });
    std::fs::write(anna.path().join(&name), &lines).unwrap();
    put(anna.path(), &stolen);
    let mut publisher = open(anna.path(), 1, at(2));
    publisher.post("дальше", at(2)).unwrap();
    drop(publisher);
    let mirror = state(anna.path(), at(3));
    assert!(mirror.head.file(&month_file(2026, 12)).is_some());
    assert!(Files::of(anna.path()).unwrap().read(&name, u64::MAX).unwrap().unwrap().len() == lines.len());
    assert_eq!(mirror.events.last().unwrap().0.kind(), EventKind::Article);
    assert_eq!(mirror.events.len(), 1);
}
