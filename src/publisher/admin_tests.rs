//! Several admins of one community, in virtual time: proposals, recoveries, kills.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tempfile::TempDir;

use super::files::Files;
use super::keys::fingerprint;
use super::*;
use crate::language::Language;
use crate::store::{KeyFileError, Secret, StoreKey};

fn keys(seed: u8) -> CommunityKeys {
    CommunityKeys::derived(&StoreKey::from_bytes([seed; 32])).unwrap()
}

fn at(days: i64) -> Timestamp {
    "2026-11-28T12:00:30Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

fn named(name: &str, keys: KeyChanges) -> Statement {
    Statement { name: name.to_owned(), keys, ..Statement::default() }
}

/// Three admins, of whom two must sign; two recovery keys, 11 and 12, and a week.
fn three(folder: &Path) -> Publisher {
    let changes = KeyChanges {
        root: vec![keys(2).public(), keys(3).public()],
        threshold: Some(2),
        publishers: vec![keys(2).public()],
        recovery: vec![keys(11).public(), keys(12).public()],
        recovery_days: Some(7),
        ..KeyChanges::default()
    };
    let mut founding = Proposal::founding(&keys(1), &named("Завод", changes), at(0)).unwrap();
    founding.approve(&keys(3), None, at(0)).unwrap();
    Publisher::open_with(folder, keys(1), &founding, at(0), Language::Ru).unwrap()
}

fn open(folder: &Path, seed: u8, now: Timestamp) -> Result<Publisher, PublishError> {
    Publisher::over(Files::of(folder)?, keys(seed), now, Language::Ru)
}

#[test]
fn one_key_of_a_charter_for_two_founds_nothing() {
    let folder = TempDir::new().unwrap();
    let changes = KeyChanges { root: vec![keys(2).public()], threshold: Some(2), ..KeyChanges::default() };
    let statement = named("Завод", changes);
    let alone = Publisher::found(folder.path(), keys(1), &statement, at(0), Language::Ru);
    assert!(matches!(alone, Err(PublishError::TooFewSigned)), "{alone:?}");
    let founding = Proposal::founding(&keys(1), &statement, at(0)).unwrap();
    let twice = Proposal::parse(&founding.to_bytes()).unwrap();
    assert_eq!((twice.missing(), twice.is_founding()), (1, true));
    let alone = Publisher::open_with(folder.path(), keys(1), &twice, at(0), Language::Ru);
    assert!(matches!(alone, Err(PublishError::TooFewSigned)), "{alone:?}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing was written");
}

#[test]
fn numbers_of_keys_that_do_not_fit_are_refused() {
    let person = |seed: u8| vec![keys(seed).public()];
    let none = KeyChanges::default;
    for changes in [
        KeyChanges { threshold: Some(0), ..none() },
        KeyChanges { threshold: Some(2), ..none() },
        KeyChanges { removed: person(1), ..none() },
        KeyChanges { recovery: person(2), recovery_days: Some(6), ..none() },
        KeyChanges { recovery: person(2), recovery_days: Some(367), ..none() },
        KeyChanges { recovery: person(2), recovery_days: Some(u64::MAX), ..none() },
        KeyChanges { recovery: person(2), recovery_threshold: Some(2), ..none() },
        KeyChanges { recovery_days: Some(7), ..none() },
        KeyChanges { root: person(2), threshold: Some(2), recovery: person(3), ..none() },
    ] {
        let made = Proposal::founding(&keys(1), &named("Завод", changes.clone()), at(0));
        assert!(matches!(made, Err(PublishError::KeyRules)), "{changes:?}: {made:?}");
    }
}

#[test]
fn lost_root_keys_are_replaced_after_the_waiting_time() {
    let folder = TempDir::new().unwrap();
    let mut old = three(folder.path());
    old.post("до", at(0)).unwrap();
    let id = old.id();
    drop(old);
    let changes = KeyChanges { root: vec![keys(4).public()], threshold: Some(1), ..KeyChanges::default() };
    let mut recovery = Proposal::recovering(folder.path(), &keys(11), &changes, at(1)).unwrap();
    recovery.approve(&keys(4), Some(folder.path()), at(1)).unwrap();
    let early = place_recovery(folder.path(), &recovery, at(1));
    assert!(matches!(early, Err(PublishError::TooFewSigned)), "one recovery key of two: {early:?}");
    recovery.approve(&keys(12), Some(folder.path()), at(1)).unwrap();
    let until = place_recovery(folder.path(), &recovery, at(1)).unwrap();
    assert_eq!(until, crate::signed::to_minute(at(8)));
    assert!(matches!(open(folder.path(), 4, at(7)), Err(PublishError::OtherKeys)), "it waits");
    // A surviving publisher goes on meanwhile.
    open(folder.path(), 2, at(2)).unwrap().post("во время", at(2)).unwrap();
    let mut new = open(folder.path(), 4, at(9)).unwrap();
    assert_eq!(new.id(), id);
    new.post("после", at(9)).unwrap();
    assert!(matches!(open(folder.path(), 2, at(9)), Err(PublishError::OtherKeys)), "the lost keys are out");
    let texts: Vec<String> = new.content(at(9)).1.into_iter().map(|post| post.text).collect();
    assert_eq!(texts, ["после", "до"], "the recovery's charter decides from its own time on");
    let late = Proposal::restating(folder.path(), &keys(1), &named("Вор", KeyChanges::default()), at(10));
    assert!(matches!(late, Err(PublishError::OtherKeys)), "{late:?}");
}

#[test]
fn root_keys_end_a_recovery_that_waits() {
    let [folder, web] = [(); 2].map(|()| TempDir::new().unwrap());
    let mut community = three(folder.path());
    community.publish(web.path(), at(0)).unwrap();
    let changes = KeyChanges { root: vec![keys(4).public()], threshold: Some(1), ..KeyChanges::default() };
    let mut recovery = Proposal::recovering(web.path(), &keys(11), &changes, at(1)).unwrap();
    recovery.approve(&keys(12), Some(web.path()), at(1)).unwrap();
    recovery.approve(&keys(4), Some(web.path()), at(1)).unwrap();
    place_recovery(web.path(), &recovery, at(1)).unwrap();
    drop(community);
    let same = Statement::of(folder.path(), at(2)).unwrap();
    let mut veto = Proposal::restating(folder.path(), &keys(1), &same, at(2)).unwrap();
    veto.approve(&keys(2), Some(folder.path()), at(2)).unwrap();
    let mut community = Publisher::open_with(folder.path(), keys(1), &veto, at(2), Language::Ru).unwrap();
    // The web server has the recovery in the same place; it is replaced without being asked for.
    community.publish(web.path(), at(2)).unwrap();
    assert!(matches!(open(web.path(), 4, at(30)), Err(PublishError::OtherKeys)));
    let again = place_recovery(web.path(), &recovery, at(3));
    assert!(matches!(again, Err(PublishError::ProposalOutdated)), "{again:?}");
}

#[test]
fn a_recovery_that_reaches_an_admins_folder_is_taken_back_there() {
    let [folder, second] = [(); 2].map(|()| TempDir::new().unwrap());
    let mut community = three(folder.path());
    community.publish(second.path(), at(0)).unwrap();
    drop(community);
    let changes = KeyChanges { root: vec![keys(4).public()], threshold: Some(1), ..KeyChanges::default() };
    let mut recovery = Proposal::recovering(folder.path(), &keys(11), &changes, at(1)).unwrap();
    recovery.approve(&keys(12), Some(folder.path()), at(1)).unwrap();
    recovery.approve(&keys(4), Some(folder.path()), at(1)).unwrap();
    place_recovery(second.path(), &recovery, at(1)).unwrap();
    let same = Statement::of(folder.path(), at(2)).unwrap();
    let mut veto = Proposal::restating(folder.path(), &keys(1), &same, at(2)).unwrap();
    veto.approve(&keys(2), Some(folder.path()), at(2)).unwrap();
    drop(Publisher::open_with(folder.path(), keys(1), &veto, at(2), Language::Ru).unwrap());
    let mut behind = open(second.path(), 2, at(3)).unwrap();
    behind.take_in(folder.path(), at(3)).unwrap();
    drop(behind);
    assert!(matches!(open(second.path(), 4, at(30)), Err(PublishError::OtherKeys)));
    assert!(open(second.path(), 2, at(30)).is_ok());
}

#[test]
fn a_proposal_that_would_lose_posts_is_refused() {
    let [folder, before] = [(); 2].map(|()| TempDir::new().unwrap());
    three(folder.path()).publish(before.path(), at(0)).unwrap();
    let rotated = Proposal::rotating(folder.path(), &keys(1), &keys(9), at(1));
    let mut rotated = rotated.unwrap();
    open(folder.path(), 1, at(2)).unwrap().post("старым ключом", at(2)).unwrap();
    let unseen = rotated.clone().approve(&keys(2), Some(folder.path()), at(2));
    assert!(matches!(unseen, Err(PublishError::ProposalOvertaken)), "{unseen:?}");
    rotated.approve(&keys(2), Some(before.path()), at(2)).unwrap();
    let late = Publisher::open_with(folder.path(), keys(9), &rotated, at(3), Language::Ru);
    assert!(matches!(late, Err(PublishError::ProposalOvertaken)), "{late:?}");
    let mut again = Proposal::rotating(folder.path(), &keys(1), &keys(9), at(3)).unwrap();
    again.approve(&keys(2), Some(folder.path()), at(3)).unwrap();
    let community = Publisher::open_with(folder.path(), keys(9), &again, at(3), Language::Ru).unwrap();
    assert_eq!(community.content(at(3)).1.len(), 1);
}

#[test]
fn a_kill_while_a_proposal_takes_effect_loses_nothing() {
    for writes in 0.. {
        let folder = TempDir::new().unwrap();
        three(folder.path()).post("запись", at(0)).unwrap();
        let mut renamed = Statement::of(folder.path(), at(1)).unwrap();
        renamed.name = "Новое имя".to_owned();
        let mut proposal = Proposal::restating(folder.path(), &keys(1), &renamed, at(1)).unwrap();
        proposal.approve(&keys(2), Some(folder.path()), at(1)).unwrap();
        let mut files = Files::of(folder.path()).unwrap();
        files.writes_left = Some(writes);
        let done = Publisher::enact_in(files, keys(1), &proposal, at(1), Language::Ru).is_ok();
        let after = open(folder.path(), 1, at(2)).unwrap();
        assert_eq!(after.content(at(2)).1.len(), 1, "killed after {writes} writes");
        let again = Publisher::open_with(folder.path(), keys(2), &proposal, at(3), Language::Ru).unwrap();
        assert_eq!(again.statement(at(3)).name, "Новое имя");
        if done {
            break;
        }
    }
}

#[test]
fn an_approval_counts_for_its_key_and_proposal_alone() {
    let folder = TempDir::new().unwrap();
    drop(three(folder.path()));
    let same = Statement::of(folder.path(), at(1)).unwrap();
    let mut one = Proposal::restating(folder.path(), &keys(1), &same, at(1)).unwrap();
    let mut other = Proposal::restating(folder.path(), &keys(1), &same, at(2)).unwrap();
    let mut signed = one.clone();
    signed.approve(&keys(2), Some(folder.path()), at(1)).unwrap();
    let line = signed.approval(&keys(2)).unwrap();
    assert!(line.len() < 331, "it fits a QR code: {}", line.len());
    assert!(matches!(other.take_approval(&line), Err(PublishError::Approval)));
    for at in 0..line.len() {
        let mut damaged = line.clone().into_bytes();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        let damaged = String::from_utf8(damaged).unwrap();
        assert!(matches!(one.clone().take_approval(&damaged), Err(PublishError::Approval)), "{at}");
    }
    one.take_approval(&line).unwrap();
    assert_eq!((one.missing(), one.signers().len()), (0, 2));
    assert!(matches!(one.approve(&keys(8), Some(folder.path()), at(1)), Err(PublishError::ProposalForeign)));
    assert!(one.approval(&keys(8)).is_none());
}

#[test]
fn a_key_is_removed_by_the_fingerprint_that_is_shown() {
    let folder = TempDir::new().unwrap();
    let community = three(folder.path());
    let before = community.chain.in_force(at(0)).clone();
    drop(community);
    let thief = keys(2);
    for (key, is_ban) in [(&thief.routine, false), (&thief.author, true), (&thief.root, false)] {
        let mut statement = Statement::of(folder.path(), at(1)).unwrap();
        statement.keys.removed_keys = vec![fingerprint(&key.public())];
        let proposal = Proposal::restating(folder.path(), &keys(1), &statement, at(1)).unwrap();
        let super::proposal::Next::Charter(next) = &proposal.next else { panic!() };
        let all = |charter: &crate::signed::Charter| {
            [&charter.root.keys, &charter.routine, &charter.authors, &charter.moderators]
                .map(|keys| keys.clone())
                .concat()
        };
        let left: Vec<_> = all(&before).into_iter().filter(|known| *known != key.public()).collect();
        assert_eq!(all(next), left, "that key alone");
        assert_eq!(next.banned.iter().any(|ban| ban.key == key.public()), is_ban);
        let shown = proposal.changes(Language::En, at(1)).join("\n");
        assert!(shown.contains(&fingerprint(&key.public()).to_string()), "{shown}");
    }
    let mut statement = Statement::of(folder.path(), at(1)).unwrap();
    statement.keys.removed_keys = vec![fingerprint(&keys(9).root.public())];
    let refused = Proposal::restating(folder.path(), &keys(1), &statement, at(1));
    assert!(matches!(refused, Err(PublishError::PublicKeys)), "a key of nobody here");
}

#[test]
fn keys_are_not_made_where_a_web_server_hands_them_out() {
    let place = TempDir::new().unwrap();
    let at_place = |name: &str| place.path().join(name);
    let mut community =
        Publisher::found(&at_place("zavod"), keys(1), &named("Завод", KeyChanges::default()), at(0), Language::Ru)
            .unwrap();
    community.publish(&at_place("web"), at(0)).unwrap();
    let passphrase = || Secret::new("long enough").unwrap();
    for name in ["zavod/k", "web/k", "web/charter/k", "web/new/k"] {
        let made = CommunityKeys::create(&at_place(name), passphrase());
        assert!(matches!(made, Err(KeyFileError::Served)), "{name}");
    }
    assert_eq!(served_folder(&at_place("later/k"), &[]), None);
    let later = served_folder(&at_place("later/k"), &[&at_place("later")]).unwrap();
    assert_eq!(later.file_name().unwrap(), "later", "a community is founded there after its keys are made");
}

#[test]
fn every_field_of_a_charter_has_its_line() {
    let folder = TempDir::new().unwrap();
    let community = three(folder.path());
    let before = community.chain.in_force(at(0)).clone();
    drop(community);
    let mut statement = named("Новое имя", KeyChanges::default());
    statement.description = "О нас".to_owned();
    statement.mirrors = vec!["https://new.example/".to_owned()];
    statement.pages = vec!["https://vk.com/new".to_owned()];
    statement.keys.removed = vec![keys(2).public()];
    statement.keys.root = vec![keys(5).public()];
    statement.keys.moderators = vec![keys(6).public()];
    statement.keys.recovery_days = Some(30);
    let proposal = Proposal::restating(folder.path(), &keys(1), &statement, at(1)).unwrap();
    for language in Language::ALL.iter().copied() {
        let lines = proposal.changes(language, at(1));
        // Name, text, two deciders, publisher and writer out, the writer banned, moderator in twice, days, mirror, page, date, expiry, recovery.
        assert_eq!(lines.len(), 15, "{lines:#?}");
    }
    assert_eq!(before.name, "Завод");
    let hints = before.hints.clone();
    assert_eq!(hints, crate::signed::Hints::default());
}

#[test]
fn public_keys_are_read_as_printed_and_no_other_way() {
    let public = keys(1).public();
    let line = public.to_string();
    assert_eq!(line.parse::<PublicKeys>().unwrap(), public);
    assert_eq!(format!("{public:?}"), "PublicKeys(..)");
    for at in 0..line.len() {
        let mut damaged = line.clone().into_bytes();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        let read = String::from_utf8(damaged).unwrap().parse::<PublicKeys>();
        assert!(matches!(read, Err(PublishError::PublicKeys)), "{at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A proposal, an approval and a line of public keys are read as they are written.
    #[test]
    fn what_admins_send_each_other_is_read_as_it_is_written(
        name in "[a-zа-я0-9 .,]{0,40}[a-zа-я]",
        others in prop::collection::btree_set(2..9_u8, 0..6),
        threshold in 1..7_u64,
        approving in prop::collection::btree_set(2..9_u8, 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        for seed in &others {
            let line = keys(*seed).public().to_string();
            let read: PublicKeys = line.parse().unwrap();
            prop_assert!(read == keys(*seed).public() && read.to_string() == line);
            let at = cut.index(line.len());
            prop_assert!(line[..at].parse::<PublicKeys>().is_err());
        }
        let root: Vec<PublicKeys> = others.iter().map(|seed| keys(*seed).public()).collect();
        let threshold = threshold.min(root.len() as u64 + 1);
        let changes = KeyChanges { root, threshold: Some(threshold), ..KeyChanges::default() };
        let mut proposal = Proposal::founding(&keys(1), &named(&name, changes), at(0)).unwrap();
        let bytes = proposal.to_bytes();
        let mut received = Proposal::parse(&bytes).unwrap();
        prop_assert_eq!(&received.to_bytes(), &bytes);
        for seed in approving {
            let may = others.contains(&seed);
            prop_assert_eq!(proposal.approve(&keys(seed), None, at(0)).is_ok(), may);
            prop_assert_eq!(proposal.approval(&keys(seed)).is_some(), may);
            if let Some(line) = proposal.approval(&keys(seed)) {
                received.take_approval(&format!(" {line}\n")).unwrap();
                let at = cut.index(line.len());
                prop_assert!(received.take_approval(&line[..at]).is_err());
            }
        }
        // A signature has random bytes: those of the lines count.
        prop_assert_eq!(received.to_bytes(), proposal.to_bytes());
        prop_assert_eq!((received.missing(), received.signers()), (proposal.missing(), proposal.signers()));
        let again = Proposal::parse(&received.to_bytes()).unwrap();
        prop_assert_eq!(again.changes(Language::Ru, at(0)), proposal.changes(Language::Ru, at(0)));
        // A chat takes the last line feed away; what is cut before it is damaged.
        prop_assert!(Proposal::parse(&bytes[..bytes.len() - 1]).unwrap().to_bytes() == bytes);
        let at = cut.index(bytes.len() - 1);
        prop_assert!(Proposal::parse(&bytes[..at]).is_err(), "cut at {at} of {}", bytes.len());
    }
}
