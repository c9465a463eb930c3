//! What a person must not sign unseen: proposals that an attacker writes, who has one of three keys.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::files::Files;
use super::proposal::Next;
use super::*;
use crate::language::Language;
use crate::signed::{Ban, Charter, DocumentKind, Envelope, Freeze, KeySet, KnownRestriction, Recovery, SigningKey};
use crate::store::StoreKey;

fn keys(seed: u8) -> CommunityKeys {
    CommunityKeys::derived(&StoreKey::from_bytes([seed; 32])).unwrap()
}

fn at(days: i64) -> Timestamp {
    "2026-11-28T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

/// Anna (1), Boris (2) and a thief with the third key (3), of whom two must sign; recovery keys 11 and 12.
fn community(folder: &Path) -> Publisher {
    let changes = KeyChanges {
        root: vec![keys(2).public(), keys(3).public()],
        threshold: Some(2),
        publishers: vec![keys(2).public()],
        recovery: vec![keys(11).public(), keys(12).public()],
        recovery_days: Some(7),
        ..KeyChanges::default()
    };
    let statement = Statement { name: "Завод".to_owned(), keys: changes, ..Statement::default() };
    let mut founding = Proposal::founding(&keys(1), &statement, at(0)).unwrap();
    founding.approve(&keys(2), None, at(0)).unwrap();
    Publisher::open_with(folder, keys(1), &founding, at(0), Language::Ru).unwrap()
}

fn first(folder: &Path) -> (Charter, Envelope) {
    let bytes = std::fs::read(folder.join("charter/1.json")).unwrap();
    let envelope = Envelope::parse(&bytes, DocumentKind::Charter).unwrap();
    (Charter::read(&envelope).unwrap(), envelope)
}

/// A next charter as the thief's program writes it, signed with these keys, in a file.
fn forged(folder: &Path, signers: &[u8], change: impl FnOnce(&mut Charter)) -> Proposal {
    let (before, envelope) = first(folder);
    let mut next = before.next(envelope.digest(), at(10), at(500));
    change(&mut next);
    let roots: Vec<SigningKey> = signers.iter().map(|seed| keys(*seed).root).collect();
    let document = next.seal(&roots).unwrap();
    let made = Proposal::new(Some((before, envelope)), Next::Charter(Box::new(next)), document).unwrap();
    Proposal::parse(&made.to_bytes()).unwrap()
}

fn lines(proposal: &Proposal) -> String {
    proposal.changes(Language::En, at(10)).join("\n")
}

#[test]
fn a_charter_dated_ahead_is_shown_and_not_signed() {
    let folder = TempDir::new().unwrap();
    drop(community(folder.path()));
    let mut ahead = forged(folder.path(), &[3], |next| {
        next.description = "Новости".to_owned();
        (next.issued, next.expires) = (at(610), at(1_200));
    });
    assert!(lines(&ahead).contains("by its date: 2028-07-30 12:00 UTC"), "{}", lines(&ahead));
    let approved = ahead.approve(&keys(2), Some(folder.path()), at(10));
    assert!(matches!(approved, Err(PublishError::ProposalDate)), "{approved:?}");
    let enough = forged(folder.path(), &[3, 2], |next| (next.issued, next.expires) = (at(610), at(1_200)));
    let enacted = Publisher::open_with(folder.path(), keys(1), &enough, at(10), Language::Ru);
    assert!(matches!(enacted, Err(PublishError::ProposalDate)), "{enacted:?}");
    // A day is left for clocks that differ.
    let mut near = forged(folder.path(), &[3], |next| (next.issued, next.expires) = (at(11), at(500)));
    near.approve(&keys(2), Some(folder.path()), at(10)).unwrap();
}

#[test]
fn a_clock_far_ahead_proposes_and_founds_nothing() {
    let folder = TempDir::new().unwrap();
    drop(community(folder.path()));
    let said = Statement::of(folder.path(), at(1)).unwrap();
    let ahead = at(700).max(Timestamp::now() + SignedDuration::from_hours(24 * 61));
    let proposed = Proposal::restating(folder.path(), &keys(1), &said, ahead);
    assert!(matches!(proposed, Err(PublishError::Clock { .. })), "{proposed:?}");
    let behind = Proposal::restating(folder.path(), &keys(1), &said, at(-2));
    assert!(matches!(behind, Err(PublishError::Clock { .. })), "{behind:?}");
    let no_battery = Proposal::founding(&keys(1), &said, Timestamp::UNIX_EPOCH);
    assert!(matches!(no_battery, Err(PublishError::Clock { .. })), "{no_battery:?}");
    let founding = Proposal::founding(&keys(9), &Statement { copy: None, ..said }, at(30));
    let mut founding = founding.unwrap();
    let approved = founding.approve(&keys(9), None, at(10));
    assert!(matches!(approved, Err(PublishError::ProposalDate)), "{approved:?}");
}

#[test]
fn a_charter_dated_back_over_posts_is_not_signed() {
    let folder = TempDir::new().unwrap();
    community(folder.path()).post("до", at(5)).unwrap();
    let annas = keys(1).author.public();
    let mut back = forged(folder.path(), &[3], |next| {
        next.authors.retain(|key| *key != annas);
        next.issued = at(0);
    });
    assert!(lines(&back).contains("DATED BACK") && lines(&back).contains("days back: 10"), "{}", lines(&back));
    let approved = back.approve(&keys(2), Some(folder.path()), at(10));
    assert!(matches!(approved, Err(PublishError::ProposalOvertaken)), "{approved:?}");
    // What takes no post away may wait for its signatures while others publish.
    let mut slow = forged(folder.path(), &[3], |next| {
        next.name = "Завод 2".to_owned();
        next.issued = at(4);
    });
    assert!(!lines(&slow).contains("DATED BACK"), "{}", lines(&slow));
    slow.approve(&keys(2), Some(folder.path()), at(10)).unwrap();
}

#[test]
fn a_recovery_dated_back_does_not_skip_its_wait() {
    let folder = TempDir::new().unwrap();
    drop(community(folder.path()));
    let mut back = forged(folder.path(), &[11], |next| {
        next.root = KeySet::new(vec![keys(4).root.public()], 1);
        next.issued = at(0);
    });
    let approved = back.approve(&keys(12), Some(folder.path()), at(10));
    assert!(matches!(approved, Err(PublishError::ProposalDate)), "{approved:?}");
}

#[test]
fn a_rival_of_the_charter_in_force_is_not_signed() {
    let folder = TempDir::new().unwrap();
    let mut anna = community(folder.path());
    let mut rival = forged(folder.path(), &[3], |next| next.description = "Соперник".to_owned());
    let enough = forged(folder.path(), &[1, 2], |next| next.name = "Завод 2".to_owned());
    let unseen = rival.approve(&keys(2), None, at(10));
    assert!(matches!(unseen, Err(PublishError::ProposalUncompared)), "{unseen:?}");
    drop(Publisher::enact_in(Files::of(folder.path()).unwrap(), keys(2), &enough, at(10), Language::Ru).unwrap());
    let late = rival.approve(&keys(2), Some(folder.path()), at(10));
    assert!(matches!(late, Err(PublishError::ProposalOutdated)), "{late:?}");
    assert_eq!(rival.signers().len(), 1);
    anna.post("ещё", at(10)).unwrap();
}

#[test]
fn another_founding_than_the_signed_one_founds_nothing() {
    let folder = TempDir::new().unwrap();
    let signed = {
        let changes = KeyChanges { root: vec![keys(2).public()], threshold: Some(2), ..KeyChanges::default() };
        let statement = Statement { name: "Завод".to_owned(), keys: changes, ..Statement::default() };
        Proposal::founding(&keys(1), &statement, at(0)).unwrap()
    };
    let Next::Charter(charter) = &signed.next else { panic!() };
    let mut charter = charter.clone();
    charter.root = KeySet::new([21, 22, 23].map(|seed| keys(seed).root.public()).to_vec(), 2);
    let document = charter.seal(&[keys(21).root, keys(22).root]).unwrap();
    let swapped = Proposal::new(None, Next::Charter(charter), document).unwrap();
    let founded = Publisher::open_with(folder.path(), keys(1), &swapped, at(0), Language::Ru);
    assert!(matches!(founded, Err(PublishError::ProposalForeign)), "{founded:?}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    // The key file remembers the founding that it signed.
    let list = Approvals::beside(&folder.path().join("anna.keys"));
    list.note(&signed, false).unwrap();
    list.note(&signed, false).unwrap();
    assert!(matches!(list.note(&swapped, false), Err(PublishError::ProposalRival)));
}

#[test]
fn a_freeze_for_another_community_is_not_signed() {
    let folder = TempDir::new().unwrap();
    let id = community(folder.path()).id();
    let id = crate::signed::Digest::from_bytes(*id.as_bytes());
    // A community of the thief, in which Boris has a key; the freeze is for the real one.
    let root = KeySet::new(vec![keys(3).root.public(), keys(2).root.public()], 1);
    let fake = Charter::first("Проба", at(0), at(500), root, vec![keys(3).routine.public()]);
    let base = fake.seal([&keys(3).root]).unwrap();
    let freeze = Freeze::new(id, 1, at(-300));
    let document = freeze.seal([&keys(3).root]).unwrap();
    assert!(Proposal::new(Some((fake, base)), Next::Freeze(freeze), document).is_none());
    // Of a later charter only a folder says whose it is.
    let other = Freeze::new(crate::signed::Digest::of(b"another"), 2, at(0));
    let next = forged(folder.path(), &[1, 2], |_| {});
    let Next::Charter(second) = &next.next else { panic!() };
    let document = other.seal([&keys(3).root]).unwrap();
    let mut forged = Proposal::new(Some(((**second).clone(), next.document)), Next::Freeze(other), document).unwrap();
    assert!(lines(&forged).contains(&other.community.to_string()), "{}", lines(&forged));
    assert!(matches!(forged.approve(&keys(2), None, at(10)), Err(PublishError::ProposalUncompared)));
    let signed = forged.approve(&keys(2), Some(folder.path()), at(10));
    assert!(matches!(signed, Err(PublishError::ProposalForeign)), "{signed:?}");
}

#[test]
fn what_recovery_keys_could_do_is_shown_whoever_signs_first() {
    let folder = TempDir::new().unwrap();
    drop(community(folder.path()));
    let takes_over = |next: &mut Charter| next.root = KeySet::new(vec![keys(3).root.public()], 1);
    let mut theft = forged(folder.path(), &[3], takes_over);
    assert!(lines(&theft).contains("it is a RECOVERY"), "{}", lines(&theft));
    theft.approve(&keys(11), Some(folder.path()), at(10)).unwrap();
    assert!(lines(&theft).contains("RECOVERY: replaces the root keys"), "{}", lines(&theft));
    let signed = forged(folder.path(), &[1, 2], |_| {});
    assert!(!lines(&signed).contains("RECOVERY"), "{}", lines(&signed));
}

#[test]
fn a_part_that_cannot_be_shown_is_not_signed() {
    let folder = TempDir::new().unwrap();
    drop(community(folder.path()));
    let (before, envelope) = first(folder.path());
    let next = before.next(envelope.digest(), at(10), at(500));
    let payload = serde_json::to_string(&next).unwrap();
    for changed in [
        payload.replacen('{', "{\"threshold_v2\":1,", 1),
        payload.replacen(":2,", ": 2,", 1),
        payload.replacen("\"hints\":{}", "\"hints\":{\"later\":[1]}", 1),
    ] {
        assert_ne!(changed, payload);
        let document = Envelope::sign(DocumentKind::Charter, changed.into_bytes(), [&keys(3).root]);
        let file = format!("byway proposal 1\n{}\n{}\n", envelope.to_json(), document.to_json());
        let read = Proposal::parse(file.as_bytes());
        assert!(matches!(read, Err(PublishError::ProposalUnknown)), "{read:?}");
    }
}

#[test]
fn each_ban_and_known_block_is_shown_whole() {
    let folder = TempDir::new().unwrap();
    community(folder.path()).post("до", at(5)).unwrap();
    let ban = |seed: u8, since| Ban { key: keys(seed).author.public(), since };
    let block = |number: &str| KnownRestriction {
        text: "Закрыто".to_owned(),
        jurisdiction: Some("RU".to_owned()),
        authority: Some("РКН".to_owned()),
        number: Some(number.to_owned()),
        date: Some("2026-01-02".to_owned()),
    };
    let mut banned = forged(folder.path(), &[3], |next| {
        next.banned = vec![ban(1, "2000-01-01T00:00:00Z".parse().unwrap())];
        next.restrictions = vec![block("7")];
    });
    let shown = lines(&banned);
    assert!(
        shown.contains("2000-01-01 00:00:00 UTC") && shown.contains("“RU”; “РКН”; “7”; “2026-01-02”; “Закрыто”"),
        "{shown}"
    );
    let approved = banned.approve(&keys(2), Some(folder.path()), at(10));
    assert!(matches!(approved, Err(PublishError::ProposalOvertaken)), "{approved:?}");
    // The other bans are compared one by one.
    let (mut before, _) = first(folder.path());
    (before.banned, before.restrictions) = (vec![ban(5, at(1))], vec![block("7")]);
    let envelope = before.seal(&[keys(1).root, keys(2).root]).unwrap();
    let mut next = before.next(envelope.digest(), at(10), at(500));
    (next.banned, next.restrictions) = (vec![ban(6, at(2)), ban(5, at(0))], vec![block("8")]);
    let document = next.seal(&[keys(3).root]).unwrap();
    let changed = Proposal::new(Some((before, envelope)), Next::Charter(Box::new(next)), document).unwrap();
    let shown = lines(&changed);
    for part in
        ["2026-11-30 12:00:00", "2026-11-28 12:00:00", "(was: 2026-11-29 12:00:00", "“РКН”; “8”;", "“РКН”; “7”;"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn a_text_of_the_proposal_hides_and_imitates_nothing() {
    let folder = TempDir::new().unwrap();
    drop(community(folder.path()));
    let long = "Роскомнадзор ".repeat(145);
    let flood = forged(folder.path(), &[3], |next| {
        next.root = KeySet::new(vec![keys(3).root.public()], 1);
        next.recovery = Some(Recovery { keys: KeySet::new(vec![keys(3).root.public()], 1), wait: 7 * 86_400 + 1 });
        next.description = long.clone();
        next.name = format!("Завод{}” Valid until: 2040", "\u{2800}".repeat(3));
    });
    let shown = flood.changes(Language::En, at(10));
    assert!(
        shown[0].contains("“Завод<U+2800><U+2800><U+2800><U+201D> Valid until: 2040” (was: “Завод”)"),
        "{shown:#?}"
    );
    assert!(shown[1].contains(&format!("“{long}”")), "{shown:#?}");
    assert!(shown.iter().any(|line| line.contains("7 + 1 s (was: 7)")), "{shown:#?}");
    let last: Vec<&str> = shown[shown.len() - 4..].iter().map(|line| line.split(':').next().unwrap()).collect();
    let wanted = ["Keys that must sign each change, of all", "Takes effect on, by its date", "Valid until"];
    assert_eq!(last[..3], wanted, "{shown:#?}");
    // The end of a long text changes, and that end is shown.
    let (mut before, _) = first(folder.path());
    before.description = long.clone();
    let envelope = before.seal(&[keys(1).root, keys(2).root]).unwrap();
    let mut next = before.next(envelope.digest(), at(10), at(500));
    next.description = format!("{long}Встреча у ворот");
    let document = next.seal(&[keys(3).root]).unwrap();
    let changed = Proposal::new(Some((before, envelope)), Next::Charter(Box::new(next)), document).unwrap();
    let shown = lines(&changed);
    assert!(shown.contains("Роскомнадзор Встреча у ворот” [1900 characters in all] (was: “"), "{shown}");
}

#[test]
fn a_published_freeze_stands_on_the_web_page() {
    let (folder, web) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut zavod = community(folder.path());
    zavod.post("раньше", at(1)).unwrap();
    let mut freeze = Proposal::freezing(folder.path(), &keys(1), at(2), at(2)).unwrap();
    freeze.approve(&keys(2), Some(folder.path()), at(2)).unwrap();
    // A thief of the publisher's key writes later.
    zavod.post("поддельное", at(3)).unwrap();
    zavod.publish(web.path(), at(3)).unwrap();
    let page = |name: &str| std::fs::read_to_string(web.path().join(name)).unwrap();
    assert!(page("index.html").contains("поддельное") && page("feed.xml").contains("поддельное"));
    for _ in 0..2 {
        place_freeze(web.path(), &freeze, at(4)).unwrap();
        let shown = page("index.html");
        assert!(shown.contains("<html lang=\"ru\"") && shown.contains("30.11.2026"), "{shown}");
        assert!(shown.contains("раньше") && !shown.contains("поддельное"), "{shown}");
        assert!(!page("feed.xml").contains("поддельное"));
        // It was killed before the page was written.
        std::fs::write(web.path().join("index.html"), "<!DOCTYPE html>\n<html lang=\"ru\">").unwrap();
    }
}
