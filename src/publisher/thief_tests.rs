//! What a thief of one key does against his removal, and what admins see of a recovery that waits.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::files::Files;
use super::proposal::Next;
use super::*;
use crate::language::Language;
use crate::signed::{COMMUNITY_SCHEME, EventKind, Role, SignedEvent};
use crate::store::StoreKey;

pub(super) fn keys(seed: u8) -> CommunityKeys {
    CommunityKeys::derived(&StoreKey::from_bytes([seed; 32])).unwrap()
}

pub(super) fn at(hours: i64) -> Timestamp {
    "2026-11-28T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

pub(super) fn open(folder: &Path, seed: u8, now: Timestamp) -> Publisher {
    Publisher::over(Files::of(folder).unwrap(), keys(seed), now, Language::Ru).unwrap()
}

pub(super) fn texts(community: &Publisher, now: Timestamp) -> Vec<String> {
    community.content(now).1.into_iter().map(|post| post.text).collect()
}

/// Anna (1), Boris (2) and the thief with the key of Vera (3), of whom two must sign and all publish; recovery keys 11 and 12. Each has a
/// folder, and the last one is the web server's.
pub(super) fn community() -> [TempDir; 4] {
    let folders = [(); 4].map(|()| TempDir::new().unwrap());
    let changes = KeyChanges {
        root: vec![keys(2).public(), keys(3).public()],
        threshold: Some(2),
        publishers: vec![keys(2).public(), keys(3).public()],
        recovery: vec![keys(11).public(), keys(12).public()],
        recovery_days: Some(7),
        ..KeyChanges::default()
    };
    let statement = Statement { name: "Завод".to_owned(), keys: changes, ..Statement::default() };
    let mut founding = Proposal::founding(&keys(1), &statement, at(0)).unwrap();
    founding.approve(&keys(2), None, at(0)).unwrap();
    let mut anna = Publisher::open_with(folders[0].path(), keys(1), &founding, at(0), Language::Ru).unwrap();
    anna.post("до", at(0)).unwrap();
    for folder in &folders[1..] {
        anna.publish(folder.path(), at(0)).unwrap();
    }
    folders
}

pub(super) fn removal(folder: &Path, by: u8, now: Timestamp) -> Proposal {
    let mut next = Statement::of(folder, now).unwrap();
    next.keys.removed = vec![keys(3).public()];
    next.keys.root = vec![keys(4).public()];
    Proposal::restating(folder, &keys(by), &next, now).unwrap()
}

/// A recovery in favour of key 4, with all signatures.
fn recovery(folder: &Path, now: Timestamp) -> Proposal {
    let changes = KeyChanges { root: vec![keys(4).public()], threshold: Some(1), ..KeyChanges::default() };
    let mut recovery = Proposal::recovering(folder, &keys(11), &changes, now).unwrap();
    for seed in [12, 4] {
        recovery.approve(&keys(seed), Some(folder), now).unwrap();
    }
    recovery
}

#[test]
fn a_thief_cannot_stop_the_removal_of_a_key_by_posting() {
    let [anna, boris, thief, web] = community();
    let mut proposal = removal(boris.path(), 2, at(1));
    let mut stolen = open(thief.path(), 3, at(2));
    stolen.post("вор", at(2)).unwrap();
    stolen.post("снова вор", at(3)).unwrap();
    stolen.publish(web.path(), at(3)).unwrap();
    for (folder, seed) in [(&anna, 1), (&boris, 2)] {
        open(folder.path(), seed, at(4)).take_in(web.path(), at(4)).unwrap();
    }
    proposal.approve(&keys(1), Some(anna.path()), at(4)).unwrap();
    let lines = proposal.changes(Language::En, at(4)).join("\n");
    let key = super::keys::fingerprint(&keys(3).author.public());
    let lost = format!("WILL NOT COUNT: what key {key} published since 2026-11-28 14:00 UTC, items: 2");
    assert!(lines.contains(&lost), "{lines}");
    let mut boris = Publisher::open_with(boris.path(), keys(2), &proposal, at(5), Language::Ru).unwrap();
    assert_eq!(texts(&boris, at(5)), ["до"]);
    boris.publish(web.path(), at(5)).unwrap();
    boris.post("дальше", at(5)).unwrap();
    boris.publish(web.path(), at(5)).unwrap();
    let anna = Publisher::open_with(anna.path(), keys(1), &proposal, at(6), Language::Ru);
    let mut anna = anna.unwrap();
    anna.take_in(web.path(), at(6)).unwrap();
    assert_eq!(texts(&anna, at(6)), ["дальше", "до"]);
}

#[test]
fn a_post_dated_ahead_costs_itself_alone() {
    let [anna, _, thief, web] = community();
    let mut stolen = open(thief.path(), 3, at(2));
    let community = format!("{COMMUNITY_SCHEME}{}", stolen.chain.id());
    let tags = vec![vec!["i".to_owned(), community]];
    // Within a day of the head, and more than a day ahead of the clock.
    let ahead = SignedEvent::sign(&keys(3).author, at(27), EventKind::Note, tags, "вперёд").unwrap();
    stolen.append(vec![(ahead, Role::Community)], at(4)).unwrap();
    let mut stolen = open(thief.path(), 3, at(4));
    stolen.post("честно", at(4)).unwrap();
    stolen.publish(web.path(), at(4)).unwrap();
    let mut anna = open(anna.path(), 1, at(2));
    anna.take_in(web.path(), at(2)).unwrap();
    assert_eq!(texts(&anna, at(2)), ["честно", "до"]);
    // Nor does it keep the admins from publishing.
    anna.publish(web.path(), at(2)).unwrap();
}

#[test]
fn a_removal_takes_the_last_day_and_no_more() {
    let [anna, boris, thief, web] = community();
    let mut proposal = removal(boris.path(), 2, at(1));
    let mut stolen = open(thief.path(), 3, at(2));
    stolen.post("честно", at(2)).unwrap();
    stolen.publish_over(web.path(), at(2)).unwrap();
    open(anna.path(), 1, at(3)).take_in(web.path(), at(3)).unwrap();
    let late = proposal.clone().approve(&keys(1), Some(anna.path()), at(26));
    assert!(matches!(late, Err(PublishError::ProposalOvertaken)), "{late:?}");
    proposal.approve(&keys(1), Some(anna.path()), at(25)).unwrap();
    let late = Publisher::open_with(anna.path(), keys(1), &proposal, at(26), Language::Ru);
    assert!(matches!(late, Err(PublishError::ProposalOvertaken)), "{late:?}");
    assert!(Publisher::open_with(anna.path(), keys(1), &proposal, at(25), Language::Ru).is_ok());
}

#[test]
fn a_post_of_tomorrow_does_not_date_what_follows() {
    let [anna, boris, thief, web] = community();
    let mut stolen = open(thief.path(), 3, at(24));
    stolen.post("из завтра", at(24)).unwrap();
    stolen.publish_over(web.path(), at(24)).unwrap();
    open(anna.path(), 1, at(1)).take_in(web.path(), at(1)).unwrap();
    let mut proposal = removal(anna.path(), 1, at(1));
    let Next::Charter(charter) = &proposal.next else { panic!() };
    assert!(charter.issued <= at(2), "{}", charter.issued);
    assert!(proposal.changes(Language::En, at(1)).join("\n").contains("WILL NOT COUNT"));
    proposal.approve(&keys(2), Some(boris.path()), at(1)).unwrap();
    let mut anna = Publisher::open_with(anna.path(), keys(1), &proposal, at(1), Language::Ru).unwrap();
    anna.post("сегодня", at(2)).unwrap();
    assert_eq!(texts(&anna, at(2)), ["сегодня", "до"]);
    let dates: Vec<_> = anna.events.iter().map(|(event, _)| event.created()).collect();
    assert!(dates.iter().all(|date| *date <= at(3)), "{dates:?}");
}

#[test]
fn admins_publish_beside_a_recovery_that_waits() {
    let [anna, boris, _, web] = community();
    let recovery = recovery(web.path(), at(1));
    let until = place_recovery(web.path(), &recovery, at(1)).unwrap();
    let before = std::fs::read(web.path().join("charter/2.json")).unwrap();
    let mut boris = open(boris.path(), 2, at(2));
    boris.take_in(web.path(), at(2)).unwrap();
    let told = boris.recovery(at(2)).unwrap();
    assert_eq!((told.until, told.signers.len(), told.root.len()), (until, 2, 1));
    boris.post("во время", at(2)).unwrap();
    boris.publish(web.path(), at(2)).unwrap();
    let mut anna = open(anna.path(), 1, at(3));
    assert_eq!(anna.recovery(at(3)), None);
    assert!(matches!(anna.publish(web.path(), at(3)), Err(PublishError::Newer)), "Boris has posted there");
    assert_eq!(anna.recovery(at(3)), Some(told));
    anna.take_in(web.path(), at(3)).unwrap();
    anna.publish(web.path(), at(3)).unwrap();
    assert_eq!(texts(&anna, at(3)), ["во время", "до"]);
    assert_eq!(std::fs::read(web.path().join("charter/2.json")).unwrap(), before, "the recovery is still there");
    // A reader sees both.
    let seen = open(web.path(), 2, at(4));
    assert_eq!((texts(&seen, at(4)).len(), seen.chain.recovers_at(at(4))), (2, Some(until)));
}

#[test]
fn a_recovery_in_force_at_a_mirror_is_an_error_of_its_own() {
    let [anna, boris, _, web] = community();
    place_recovery(web.path(), &recovery(web.path(), at(1)), at(1)).unwrap();
    let late = at(1 + 7 * 24);
    let mut community = open(anna.path(), 1, late);
    for done in [community.publish(web.path(), late).map(drop), community.take_in(web.path(), late)] {
        assert!(matches!(done, Err(PublishError::RecoveryInForce)), "{done:?}");
    }
    // The root keys object from their own folder.
    drop(community);
    let same = Statement::of(anna.path(), late).unwrap();
    let mut veto = Proposal::restating(anna.path(), &keys(1), &same, late).unwrap();
    veto.approve(&keys(2), Some(boris.path()), late).unwrap();
    let mut community = Publisher::open_with(anna.path(), keys(1), &veto, late, Language::Ru).unwrap();
    community.publish(web.path(), late).unwrap();
    assert_eq!(open(web.path(), 1, late).recovery(late), None);
}

#[test]
fn who_signs_sees_the_recovery_that_it_ends() {
    let [anna, boris, _, web] = community();
    let recovery = recovery(web.path(), at(1));
    place_recovery(web.path(), &recovery, at(1)).unwrap();
    let ends = "ENDS the recovery that waits until 2026-12-05 13:00 UTC, by keys ";
    // Both where the folder was copied from the mirror, and where it was brought up to date.
    let same = Statement::of(web.path(), at(2)).unwrap();
    let made = Proposal::restating(web.path(), &keys(1), &same, at(2)).unwrap();
    assert!(made.changes(Language::En, at(2)).join("\n").contains(ends));
    let mut veto = Proposal::parse(&made.to_bytes()).unwrap();
    assert!(!veto.changes(Language::En, at(2)).join("\n").contains(ends), "it was not compared");
    open(boris.path(), 2, at(2)).take_in(web.path(), at(2)).unwrap();
    veto.approve(&keys(2), Some(boris.path()), at(2)).unwrap();
    let lines = veto.changes(Language::En, at(2)).join("\n");
    assert!(lines.contains(ends), "{lines}");
    for seed in [11, 12] {
        assert!(lines.contains(&super::keys::fingerprint(&keys(seed).root.public()).to_string()), "{lines}");
    }
    // It is over where the change is in force.
    drop(Publisher::open_with(boris.path(), keys(2), &veto, at(3), Language::Ru).unwrap());
    assert_eq!(open(boris.path(), 2, at(3)).recovery(at(3)), None);
    let again = place_recovery(boris.path(), &recovery, at(3));
    assert!(matches!(again, Err(PublishError::ProposalOutdated)), "{again:?}");
    assert!(!anna.path().join(".byway.recovery").exists());
}

#[test]
fn a_folder_older_than_a_proposal_is_named() {
    let [anna, boris, other, _] = community();
    for name in ["Завод 2", "Завод 3"] {
        let mut next = Statement::of(anna.path(), at(1)).unwrap();
        next.name = name.to_owned();
        let mut proposal = Proposal::restating(anna.path(), &keys(1), &next, at(1)).unwrap();
        proposal.approve(&keys(2), Some(anna.path()), at(1)).unwrap();
        drop(Publisher::open_with(anna.path(), keys(1), &proposal, at(1), Language::Ru).unwrap());
        // One charter older, and two.
        let next = removal(anna.path(), 1, at(2)).approve(&keys(2), Some(boris.path()), at(2));
        assert!(matches!(next, Err(PublishError::ProposalAhead)), "{next:?}");
    }
    let mut freeze = Proposal::freezing(anna.path(), &keys(1), at(2), at(2)).unwrap();
    let frozen = freeze.approve(&keys(2), Some(boris.path()), at(2));
    assert!(matches!(frozen, Err(PublishError::ProposalAhead)), "{frozen:?}");
    freeze.approve(&keys(2), Some(anna.path()), at(2)).unwrap();
    let placed = place_freeze(boris.path(), &freeze, at(2));
    assert!(matches!(placed, Err(PublishError::ProposalAhead)), "{placed:?}");
    // Another community is another one.
    let statement = Statement { name: "Другое".to_owned(), ..Statement::default() };
    let elsewhere = other.path().join("elsewhere");
    drop(Publisher::found(&elsewhere, keys(1), &statement, at(0), Language::Ru).unwrap());
    let foreign = removal(boris.path(), 2, at(2)).compare(&elsewhere, at(2));
    assert!(matches!(foreign, Err(PublishError::ProposalForeign)), "{foreign:?}");
}

#[test]
fn a_freeze_has_a_time_of_the_community_and_not_to_come() {
    let [anna, ..] = community();
    for after in ["1999-01-01T00:00:00Z".parse().unwrap(), at(-25), at(49), at(48 + 25), at(24 * 365 * 60)] {
        let made = Proposal::freezing(anna.path(), &keys(1), after, at(48));
        assert!(matches!(made, Err(PublishError::FreezeTime)), "{after}: {made:?}");
    }
    // One whose maker's clock is two hours ahead is shown as such.
    let soon = Proposal::freezing(anna.path(), &keys(1), at(50), at(50)).unwrap();
    assert!(soon.changes(Language::En, at(48)).join("\n").contains("THAT TIME IS STILL TO COME"));
    assert!(!soon.changes(Language::En, at(51)).join("\n").contains("STILL TO COME"));
    // Neither does another admin sign one of next month.
    let mut far = Proposal::freezing(anna.path(), &keys(1), at(24 * 30), at(24 * 30)).unwrap();
    let approved = far.approve(&keys(2), Some(anna.path()), at(48));
    assert!(matches!(approved, Err(PublishError::FreezeTime)), "{approved:?}");
}

#[test]
fn a_second_change_in_a_long_text_is_shown() {
    let [anna, ..] = community();
    let said = |first: &str, card: &str| {
        let (week, thanks) = ("Встречаемся по пятницам. ".repeat(30), "Спасибо. ".repeat(10));
        format!("{first}, {week}Жертвуйте на карту {card}. {thanks}")
    };
    let mut next = Statement::of(anna.path(), at(1)).unwrap();
    next.description = said("Друзья", "1111");
    let mut proposal = Proposal::restating(anna.path(), &keys(1), &next, at(1)).unwrap();
    proposal.approve(&keys(2), Some(anna.path()), at(1)).unwrap();
    drop(Publisher::open_with(anna.path(), keys(1), &proposal, at(1), Language::Ru).unwrap());
    next.description = said("Товарищи", "6666");
    let lines = Proposal::restating(anna.path(), &keys(1), &next, at(2)).unwrap().changes(Language::En, at(2));
    let line = lines.iter().find(|line| line.contains("The text about")).unwrap();
    for shown in ["“Товарищи, ", " … “Жертвуйте на карту 6666. ", "(was: “Друзья, ", "карту 1111. "]
    {
        assert!(line.contains(shown), "{shown}: {line}");
    }
    assert!(line.chars().count() < 600, "what is the same is left out: {line}");
}
