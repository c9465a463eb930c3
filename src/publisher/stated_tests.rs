//! What a charter says beside names and addresses: who may post, bans, relays, hints, known blocks.

#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::files::Files;
use super::*;
use crate::language::Language;
use crate::signed::{EventKind, SignedEvent};
use crate::store::StoreKey;

fn keys(seed: u8) -> CommunityKeys {
    CommunityKeys::derived(&StoreKey::from_bytes([seed; 32])).unwrap()
}

fn at(hours: i64) -> Timestamp {
    "2026-11-28T12:00:30Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

fn founded(folder: &TempDir) -> Publisher {
    let statement = Statement { name: "Завод".to_owned(), ..Statement::default() };
    Publisher::found(folder.path(), keys(1), &statement, at(0), Language::Ru).unwrap()
}

fn whole() -> Statement {
    let restriction = StatedRestriction {
        text: "Страница закрыта".to_owned(),
        jurisdiction: Some("RU".to_owned()),
        date: Some("2026-11-30".to_owned()),
        ..StatedRestriction::default()
    };
    Statement {
        name: "Завод".to_owned(),
        mirrors: vec!["https://zavod.example/".to_owned()],
        relays: vec!["wss://relay.example/".to_owned()],
        members_may_post: true,
        banned: vec![BannedKey::new(&keys(9).public().to_string(), at(1)).unwrap()],
        hints: vec![HostHint::new("zavod.example", &["203.0.113.7".to_owned()]).unwrap()],
        resolvers: vec!["https://dns.example/dns-query".to_owned()],
        restrictions: vec![restriction],
        ..Statement::default()
    }
}

#[test]
fn all_that_a_charter_can_say_is_stated_and_read_back() {
    let folder = TempDir::new().unwrap();
    let mut publisher = founded(&folder);
    publisher.restate(&whole(), at(2)).unwrap();
    assert_eq!(publisher.statement(at(2)), whole());
    drop(publisher);
    assert_eq!(Statement::of(folder.path(), at(3)).unwrap(), whole());
    let proposal = Proposal::restating(
        folder.path(),
        &keys(1),
        &Statement { name: "Завод".into(), ..Statement::default() },
        at(3),
    );
    let lines = proposal.unwrap().changes(Language::En, at(3)).join("\n");
    for part in ["relay.example", "203.0.113.7", "dns.example", "Страница закрыта", "RU"] {
        assert!(lines.contains(part), "{part}: {lines}");
    }
}

#[test]
fn a_statement_outside_the_limits_names_its_part() {
    let folder = TempDir::new().unwrap();
    let mut publisher = founded(&folder);
    let restriction = |text: &str| StatedRestriction { text: text.to_owned(), ..StatedRestriction::default() };
    for (statement, word) in [
        (Statement { relays: vec!["https://relay.example/".to_owned()], ..whole() }, "relay"),
        (Statement { resolvers: vec!["http://dns.example/".to_owned()], ..whole() }, "hint"),
        (Statement { hints: vec![HostHint { host: "a b".to_owned(), addresses: Vec::new() }], ..whole() }, "hint"),
        (Statement { restrictions: vec![restriction(" ")], ..whole() }, "block"),
        (Statement { restrictions: vec![restriction("x"); 17], ..whole() }, "block"),
        (Statement { banned: whole().banned.repeat(129), ..whole() }, "ban"),
    ] {
        let refused = publisher.restate(&statement, at(2)).unwrap_err();
        assert!(matches!(refused, PublishError::Unfit(_)), "{refused:?}");
        assert!(refused.sentence(Language::En).contains(word), "{}", refused.sentence(Language::En));
    }
    assert!(HostHint::new("zavod.example", &["here".to_owned()]).is_err());
    assert!(matches!(BannedKey::new("x", at(0)), Err(PublishError::PublicKeys)));
}

#[test]
fn a_removed_person_posts_no_more_as_a_member_either() {
    let folder = TempDir::new().unwrap();
    let mut publisher = founded(&folder);
    let given = KeyChanges { moderators: vec![keys(2).public()], ..KeyChanges::default() };
    let open = Statement { members_may_post: true, keys: given, ..whole() };
    publisher.restate(&open, at(2)).unwrap();
    let gone = KeyChanges { removed: vec![keys(2).public()], ..KeyChanges::default() };
    publisher.restate(&Statement { keys: gone, ..publisher.statement(at(4)) }, at(4)).unwrap();
    let said = publisher.statement(at(4));
    let banned = |seed: u8| {
        let key = BannedKey::new(&keys(seed).public().to_string(), at(0)).unwrap().key();
        said.banned.iter().any(|ban| ban.key() == key)
    };
    assert!(banned(2) && banned(9) && !banned(1), "the earlier ban stays");
    let tags = vec![vec!["i".to_owned(), format!("byway:{}", publisher.chain.id())]];
    let post = |hours| SignedEvent::sign(&keys(2).author, at(hours), EventKind::Note, tags.clone(), "x").unwrap();
    let head = publisher.head.clone();
    let admission = crate::signed::Admission::new(&publisher.chain, &head, None, at(5));
    assert!(admission.admit(post(3).to_json().as_bytes()).is_ok(), "what was posted before stays");
    let refused = admission.admit(post(5).to_json().as_bytes()).map(drop);
    assert_eq!(refused, Err(crate::signed::EventError::Banned));
    drop(publisher);
    let again = KeyChanges { moderators: vec![keys(2).public()], ..KeyChanges::default() };
    let mut publisher = Publisher::over(Files::of(folder.path()).unwrap(), keys(1), at(6), Language::Ru).unwrap();
    publisher.restate(&Statement { keys: again, ..publisher.statement(at(6)) }, at(6)).unwrap();
    assert_eq!(publisher.statement(at(6)).banned.len(), 1, "a part that is given takes the ban back");
}
