//! A community from its founding on, in folders: what readers see, what a kill leaves, and what is written.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::files::Files;
use super::mirror::Mirror;
use super::*;
use crate::community::{Event, EventStatus, Moment, Place};
use crate::exposure::Exposure;
use crate::language::Language;
use crate::signed::SigningKey;
use crate::store::StoreKey;

pub(super) fn keys(seed: u8) -> CommunityKeys {
    CommunityKeys::derived(&StoreKey::from_bytes([seed; 32])).unwrap()
}

pub(super) fn at(minutes: i64) -> Timestamp {
    "2026-11-28T12:00:30Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn statement() -> Statement {
    Statement {
        name: "Рабочие станкозавода".to_owned(),
        description: "О заводе".to_owned(),
        mirrors: vec!["https://zavod.example/".to_owned()],
        pages: vec!["https://vk.com/zavod".to_owned()],
        ..Statement::default()
    }
}

pub(super) fn founded(folder: &Path) -> Publisher {
    Publisher::found(folder, keys(1), &statement(), at(0), Language::Ru).unwrap()
}

fn gathering() -> Event {
    let mut event = Event::new("draft".parse().unwrap(), "Сход у ворот");
    event.start = Some("2026-12-19T12:00:00+07:00".parse().unwrap());
    event.end = Some("2026-12-19T14:00:00+07:00".parse().unwrap());
    event.zone = Some("Asia/Barnaul".to_owned());
    event.place = Some(Place { name: Some("Ворота № 2".to_owned()), ..Place::default() });
    event
}

/// Opens a folder without its lock, because another publisher of the test has it.
pub(super) fn open(folder: &Path, keys: CommunityKeys, now: Timestamp) -> Result<Publisher, PublishError> {
    Publisher::over(Files::of(folder)?, keys, now, Language::Ru)
}

/// What a reader of a folder sees.
fn texts(folder: &Path, now: Timestamp) -> Vec<String> {
    let reader = open(folder, keys(1), now).unwrap();
    reader.content(now).1.into_iter().map(|post| post.text).collect()
}

/// The content of every file under a folder.
pub(super) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
            all.extend(files(&entry).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            all.insert(entry.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&entry).unwrap());
        }
    }
    all
}

#[test]
fn what_is_published_is_read_again_from_the_files() {
    let folder = TempDir::new().unwrap();
    let mut community = founded(folder.path());
    let first = community.post("Собираемся в пятницу.", at(0)).unwrap();
    community.post("Второе\r\nсообщение", at(1)).unwrap();
    community.edit(&first, "Собираемся в субботу.", at(1)).unwrap();
    let announced = community.announce(&gathering(), None, at(2)).unwrap();
    let mut cancelled = gathering();
    cancelled.status = EventStatus::Cancelled;

    let reader = open(folder.path(), keys(1), at(3)).unwrap();
    assert_eq!(reader.id(), community.id());
    let (about, posts, events) = reader.content(at(3));
    assert_eq!((about.name.as_str(), about.description.as_deref()), ("Рабочие станкозавода", Some("О заводе")));
    assert_eq!((about.homes.len(), about.links.len()), (1, 1));
    let shown: Vec<&str> = posts.iter().map(|post| post.text.as_str()).collect();
    assert_eq!(shown, ["Второе\nсообщение", "Собираемся в субботу."]);
    assert!(posts[1].edited > posts[1].created && posts[0].edited.is_none());
    assert!(posts.iter().all(|post| post.created.unwrap().as_second() % 60 == 0), "to the minute, the first of each");
    assert_eq!(events[0].start.map(|start| start.to_string()).as_deref(), Some("2026-12-19T12:00:00+07:00"));
    assert_eq!(events[0].status, EventStatus::Scheduled);

    community.announce(&cancelled, Some(&announced), at(4)).unwrap();
    community.delete(&first, at(4)).unwrap();
    let (_, posts, events) = open(folder.path(), keys(1), at(5)).unwrap().content(at(5));
    assert_eq!((posts.len(), events.len(), events[0].status), (1, 1, EventStatus::Cancelled));
    assert!(matches!(community.edit(&first, "x", at(6)), Err(PublishError::NoSuchItem)));
    assert!(matches!(community.delete("0000000000", at(6)), Err(PublishError::NoSuchItem)));
    for text in ["", " \n", "a\u{1b}[31m"] {
        assert!(matches!(community.post(text, at(6)), Err(PublishError::Unfit(_))), "{text:?}");
    }
}

#[test]
fn posts_of_one_minute_keep_their_order() {
    let folder = TempDir::new().unwrap();
    let mut community = founded(folder.path());
    let all: Vec<String> = (0..70).map(|number| number.to_string()).collect();
    for text in &all {
        community.post(text, at(0)).unwrap();
    }
    let mut shown = texts(folder.path(), at(1));
    shown.reverse();
    assert_eq!(shown, all);
    let newest = community.content(at(1)).1[0].created.unwrap();
    assert!(newest < at(2), "the seconds count posts, and the clock is not run ahead of: {newest}");
}

#[test]
fn a_link_names_the_community_its_keys_and_mirrors() {
    let folder = TempDir::new().unwrap();
    let community = founded(folder.path());
    let link = community.link(Exposure::Tor, at(0));
    assert_eq!((link.id(), link.exposure()), (community.id(), Exposure::Tor));
    assert_eq!(link.mirrors()[0].as_str(), "https://zavod.example/");
    let payload = fs::read(folder.path().join("charter/1.json")).unwrap();
    let envelope: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    use base64::Engine as _;
    let payload = base64::engine::general_purpose::STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    assert_eq!(crate::signed::Digest::of(&payload).to_string(), link.id().to_string(), "sha256sum shows the id");
}

#[test]
fn a_new_charter_keeps_the_id_and_the_keys() {
    let folder = TempDir::new().unwrap();
    let mut community = founded(folder.path());
    community.post("до", at(0)).unwrap();
    let id = community.id();
    let mut next = community.statement(at(1));
    assert_eq!(next, statement());
    next.mirrors.push("http://zavodzavod.onion/".to_owned());
    community.restate(&next, at(1)).unwrap();
    community.post("после", at(2)).unwrap();
    let reader = open(folder.path(), keys(1), at(3)).unwrap();
    assert_eq!((reader.id(), reader.statement(at(3))), (id, next));
    assert_eq!(texts(folder.path(), at(3)), ["после", "до"]);
    let mut wrong = statement();
    wrong.mirrors = vec!["javascript:alert(1)".to_owned()];
    assert!(matches!(community.restate(&wrong, at(3)), Err(PublishError::Unfit(_))));
}

#[test]
fn other_keys_change_nothing() {
    let folder = TempDir::new().unwrap();
    founded(folder.path()).post("наше", at(0)).unwrap();
    let before = files(folder.path());
    assert!(matches!(open(folder.path(), keys(2), at(1)), Err(PublishError::OtherKeys)));
    assert!(matches!(
        Publisher::found(folder.path(), keys(2), &statement(), at(1), Language::Ru),
        Err(PublishError::Exists)
    ));
    assert_eq!(files(folder.path()), before);
}

#[test]
fn one_publisher_at_a_time_writes_a_folder() {
    let (folder, web) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut first = founded(folder.path());
    let second = || Publisher::open(folder.path(), keys(1), at(1), Language::Ru);
    assert!(matches!(second(), Err(PublishError::Busy)));
    let other = Files::locked(web.path()).unwrap();
    assert!(matches!(first.publish(web.path(), at(1)), Err(PublishError::Busy)));
    drop(other);
    let before = fs::read(folder.path().join("head.json")).unwrap();
    first.publish(folder.path(), at(1)).unwrap();
    assert_ne!(fs::read(folder.path().join("head.json")).unwrap(), before, "its own folder is renewed");
    first.publish(web.path(), at(1)).unwrap();
    drop(first);
    second().unwrap();
}

#[test]
fn a_missing_file_is_damage_and_no_free_folder() {
    for name in ["charter/1.json", "head.json", "events-2026-11.jsonl"] {
        let folder = TempDir::new().unwrap();
        founded(folder.path()).post("наше", at(0)).unwrap();
        fs::remove_file(folder.path().join(name)).unwrap();
        let before = files(folder.path());
        let opened = open(folder.path(), keys(1), at(1));
        assert!(matches!(opened, Err(PublishError::Damaged)), "{name}: {opened:?}");
        let founded = Publisher::found(folder.path(), keys(2), &statement(), at(1), Language::Ru);
        assert!(matches!(founded, Err(PublishError::Exists)), "{name}: {founded:?}");
        assert_eq!(files(folder.path()), before);
    }
}

#[test]
fn a_changed_file_is_found_before_anything_is_written() {
    for name in ["charter/1.json", "head.json", "events-2026-11.jsonl"] {
        let folder = TempDir::new().unwrap();
        founded(folder.path()).post("наше", at(0)).unwrap();
        let path = folder.path().join(name);
        let changed = fs::read_to_string(&path).unwrap().replacen('a', "b", 1);
        fs::write(&path, changed).unwrap();
        let opened = open(folder.path(), keys(1), at(1));
        assert!(matches!(opened, Err(PublishError::Damaged)), "{name}: {opened:?}");
    }
}

#[test]
fn the_newest_says_what_was_deleted() {
    let folder = TempDir::new().unwrap();
    let mut community = founded(folder.path());
    let post = community.post("первое", at(0)).unwrap();
    community.post("второе", at(1)).unwrap();
    community.delete(&post, at(2)).unwrap();
    let newest = fs::read_to_string(folder.path().join("newest.jsonl")).unwrap();
    let kinds: Vec<bool> = newest.lines().map(|line| line.contains("\"kind\":5,")).collect();
    assert_eq!(kinds, [true, false], "{newest}");
    assert!(newest.contains(&post) && !newest.contains("первое"), "{newest}");
}

#[test]
fn a_kill_at_any_write_leaves_the_old_or_the_new_state() {
    let mut kills = 0;
    for writes in 0.. {
        let folder = TempDir::new().unwrap();
        let mut community = founded(folder.path());
        community.post("первое", at(0)).unwrap();
        community.files.writes_left = Some(writes);
        let done = community.post("второе", at(1)).is_ok();
        drop(community);
        // A reader who comes now, with the files as they are.
        let seen = texts(folder.path(), at(2));
        assert!(seen == ["первое"] || seen == ["второе", "первое"], "killed after {writes} writes: {seen:?}");
        let files = Files::of(folder.path()).unwrap();
        assert!(Mirror::newest_is_whole(&files, at(2)).unwrap(), "killed after {writes} writes");
        // And the admin goes on.
        let mut community = open(folder.path(), keys(1), at(2)).unwrap();
        community.post("третье", at(3)).unwrap();
        let seen = texts(folder.path(), at(4));
        assert_eq!((seen[0].as_str(), seen.last().map(String::as_str)), ("третье", Some("первое")));
        if done {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 8, "{kills} writes were interrupted");
}

#[test]
fn a_killed_upload_is_whole_and_is_completed() {
    let (folder, web) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut community = founded(folder.path());
    community.post("первое", at(0)).unwrap();
    community.publish(web.path(), at(0)).unwrap();
    community.post("второе", at(1)).unwrap();
    for writes in 0.. {
        let mut target = Files::of(web.path()).unwrap();
        target.writes_left = Some(writes);
        let done = community.publish_into(&mut target, at(2)).is_ok();
        let seen = texts(web.path(), at(3));
        assert!(seen == ["первое"] || seen == ["второе", "первое"], "{writes}: {seen:?}");
        assert!(Mirror::newest_is_whole(&target, at(3)).unwrap(), "{writes}");
        if done {
            break;
        }
    }
    community.publish(web.path(), at(4)).unwrap();
    assert_eq!(files(web.path()), files(folder.path()), "an upload is the whole folder");
}

#[test]
fn a_post_touches_as_few_files_in_a_large_mirror() {
    let mut counts = Vec::new();
    for posts in [25, 75] {
        let (folder, web) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let mut community = founded(folder.path());
        for number in 0..posts {
            community.post(&format!("Запись {number}"), at(0)).unwrap();
        }
        community.publish(web.path(), at(0)).unwrap();
        let before = community.written().changed;
        community.post("ещё", at(1)).unwrap();
        counts.push((community.written().changed - before, community.publish(web.path(), at(1)).unwrap().changed));
    }
    assert_eq!(counts[0], counts[1], "files changed here and there");
    assert!(counts[0].0 <= 7 && counts[0].1 <= 7, "{counts:?}");
}

#[test]
fn an_upload_never_replaces_another_community() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut community = founded(folder.path());
    Publisher::found(other.path(), keys(2), &statement(), at(0), Language::Ru).unwrap();
    let before = files(other.path());
    assert!(matches!(community.publish(other.path(), at(1)), Err(PublishError::Exists)));
    assert_eq!(files(other.path()), before);
}

#[test]
fn rotated_keys_replace_the_old_ones_for_good() {
    let [folder, web] = [(); 2].map(|()| TempDir::new().unwrap());
    let mut community = founded(folder.path());
    let id = community.id();
    let first = community.post("старым ключом", at(0)).unwrap();
    // Within the minute of the post, whose charter must stay the one before.
    community.rotate(keys(2), at(0)).unwrap();
    assert!(matches!(open(folder.path(), keys(1), at(1)), Err(PublishError::OtherKeys)));
    let mut community = open(folder.path(), keys(2), at(1)).unwrap();
    assert_eq!(community.id(), id);
    community.post("новым ключом", at(0)).unwrap();
    assert_eq!(community.content(at(2)).1.len(), 2, "what the old key signed stays");
    assert!(matches!(community.edit(&first, "x", at(2)), Err(PublishError::NoSuchItem)));
    community.delete(&first, at(2)).unwrap();
    community.publish(web.path(), at(3)).unwrap();
    let reader = open(web.path(), keys(2), at(4)).unwrap();
    let texts: Vec<String> = reader.content(at(4)).1.into_iter().map(|post| post.text).collect();
    assert_eq!(texts, ["новым ключом"]);
}

#[test]
fn a_kill_while_keys_are_rotated_leaves_one_of_both() {
    for writes in 0.. {
        let folder = TempDir::new().unwrap();
        let mut community = founded(folder.path());
        community.post("первое", at(0)).unwrap();
        community.files.writes_left = Some(writes);
        let done = community.rotate(keys(2), at(1)).is_ok();
        drop(community);
        let opens = [1, 2].map(|seed| open(folder.path(), keys(seed), at(2)).is_ok());
        assert!(opens == [true, false] || opens == [false, true], "killed after {writes} writes: {opens:?}");
        if done {
            break;
        }
    }
}

#[test]
fn a_move_is_signed_by_both_sides() {
    use crate::signed::{Follow, Succession, succession};
    let [folder, next] = [(); 2].map(|()| TempDir::new().unwrap());
    let mut old = founded(folder.path());
    let continuing = Statement { continues: Some(old.id()), ..statement() };
    let new = Publisher::found(next.path(), keys(2), &continuing, at(1), Language::Ru).unwrap();
    assert_eq!(succession(&old.chain, &new.chain, at(1)), Succession::NewSideOnly);
    let link = new.link(Exposure::Open, at(1));
    old.move_to(Some(&link), at(2)).unwrap();
    let Succession::TwoSided { follow, .. } = succession(&old.chain, &new.chain, at(3)) else { panic!("two-sided") };
    assert_eq!(follow, Follow::Asked, "one key decides");
    let here = old.link(Exposure::Open, at(3));
    assert!(matches!(old.move_to(Some(&here), at(3)), Err(PublishError::SuccessorSame)), "to itself");
    let bare = crate::signed::CommunityLink::new(crate::signed::SignedId::from_bytes([7; 32]), Exposure::Open);
    assert!(matches!(old.move_to(Some(&bare), at(3)), Err(PublishError::SuccessorHomeless)), "without a mirror");
    old.restate(&old.statement(at(3)), at(3)).unwrap();
    assert!(matches!(succession(&old.chain, &new.chain, at(4)), Succession::TwoSided { .. }), "it stays");
    old.move_to(None, at(5)).unwrap();
    assert_eq!(succession(&old.chain, &new.chain, at(6)), Succession::NewSideOnly);
}

/// A community that a second phone has in a folder of its own.
#[test]
fn the_page_and_the_feed_say_where_the_community_moved() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (mut old, mut mirrored) = (founded(one.path()), statement());
    mirrored.mirrors = vec!["https://new.example/".to_owned()];
    mirrored.continues = Some(old.id());
    let new = Publisher::found(other.path(), keys(2), &mirrored, at(0), Language::En).unwrap();
    let read = |folder: &TempDir, name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(!read(&one, "index.html").contains("id=\"moved\"") && !read(&one, "feed.xml").contains("/moved/"));
    old.set_page_language(Language::En, at(1)).unwrap();
    old.move_to(Some(&new.link(Exposure::Open, at(1))), at(1)).unwrap();
    let (page, feed) = (read(&one, "index.html"), read(&one, "feed.xml"));
    for text in [&page, &feed] {
        assert!(text.contains("signed charter of 28 November 2026 that it moved"), "{text}");
        assert!(text.contains(&format!("byway:{}", new.id())) && text.contains("https://new.example/"), "{text}");
        assert!(text.contains("asks before it follows") && text.contains("is not signed"), "{text}");
    }
    assert!(feed.contains("<title>This community moved</title>"), "{feed}");
    let continued = read(&other, "index.html");
    assert!(continued.contains("continues another one") && continued.contains(&format!("byway:{}", old.id())));

    old.move_to(None, at(2)).unwrap();
    assert!(!read(&one, "index.html").contains("id=\"moved\""), "it was taken back");
}

fn second_phone(folder: &Path, other: &Path) -> Publisher {
    founded(folder).publish(other, at(0)).unwrap();
    open(other, keys(1), at(0)).unwrap()
}

#[test]
fn a_newer_state_of_another_phone_is_not_overwritten() {
    let [folder, other, web] = [(); 3].map(|()| TempDir::new().unwrap());
    let mut second = second_phone(folder.path(), other.path());
    let mut first = open(folder.path(), keys(1), at(0)).unwrap();
    second.post("со второго", at(1)).unwrap();
    second.publish(web.path(), at(1)).unwrap();
    let before = files(web.path());
    assert!(matches!(first.publish(web.path(), at(2)), Err(PublishError::Newer)));
    // Its number is higher now, and it still does not have the other phone's post.
    for minute in 2..5 {
        first.post("с первого", at(minute)).unwrap();
    }
    assert!(matches!(first.publish(web.path(), at(5)), Err(PublishError::Newer)));
    assert_eq!(files(web.path()), before, "nothing was written");

    first.take_in(web.path(), at(6)).unwrap();
    first.publish(web.path(), at(6)).unwrap();
    let seen = texts(web.path(), at(7));
    assert_eq!((seen.len(), seen.contains(&"со второго".to_owned())), (4, true), "{seen:?}");
    second.take_in(web.path(), at(8)).unwrap();
    second.publish(web.path(), at(8)).unwrap();
    assert_eq!(texts(other.path(), at(9)), texts(web.path(), at(9)));
}

#[test]
fn what_a_replaced_key_publishes_is_never_taken_in() {
    // A post of before the rotation (dated back), of after it, and of the far future.
    for minute in [1, 20, 30_000_000] {
        let [folder, web, kept] = [(); 3].map(|()| TempDir::new().unwrap());
        let mut thief = second_phone(folder.path(), web.path());
        let mut admin = open(folder.path(), keys(1), at(0)).unwrap();
        admin.rotate(keys(2), at(10)).unwrap();
        let mut admin = open(folder.path(), keys(2), at(11)).unwrap();
        admin.post("от сообщества", at(11)).unwrap();
        thief.post("подделка", at(minute)).unwrap();
        let before = files(folder.path());
        assert!(matches!(admin.take_in(web.path(), at(30)), Err(PublishError::Foreign)), "minute {minute}");
        // Readers refuse what a replaced key dates after its end, so that is no loss. The rest is replaced on demand alone.
        if minute < 10 {
            assert!(matches!(admin.publish(web.path(), at(30)), Err(PublishError::Foreign)));
        }
        assert_eq!(files(folder.path()), before, "nothing was written");
        let sequence = Mirror::read(&Files::of(folder.path()).unwrap(), at(30)).unwrap().head.sequence;
        match minute {
            ..10 => admin.publish_over(web.path(), at(30)).unwrap(),
            _ => admin.publish(web.path(), at(30)).unwrap(),
        };
        let head = Mirror::read(&Files::of(web.path()).unwrap(), at(30)).unwrap().head;
        assert_eq!(head.sequence, sequence + 2, "a head of an earlier charter has no say in the numbers of this one");
        admin.publish(kept.path(), at(31)).unwrap();
        for place in [folder.path(), web.path(), kept.path()] {
            let reader = open(place, keys(2), at(32)).unwrap();
            let texts: Vec<String> = reader.content(at(32)).1.into_iter().map(|post| post.text).collect();
            assert_eq!(texts, ["от сообщества"], "minute {minute}");
        }
    }
}

#[test]
fn lines_of_a_replaced_key_after_a_head_of_ours_are_overwritten() {
    let [folder, web] = [(); 2].map(|()| TempDir::new().unwrap());
    let mut thief = second_phone(folder.path(), web.path());
    let mut admin = open(folder.path(), keys(1), at(0)).unwrap();
    admin.rotate(keys(2), at(10)).unwrap();
    let mut admin = open(folder.path(), keys(2), at(11)).unwrap();
    admin.post("от сообщества", at(11)).unwrap();
    admin.publish(web.path(), at(12)).unwrap();
    let genuine = files(web.path());
    // The thief has the web server's folder as well, and adds a line that is dated before the rotation.
    thief.post("подделка", at(1)).unwrap();
    let month = "events-2026-11.jsonl";
    let forged = fs::read_to_string(web.path().join(month)).unwrap();
    let both = format!("{}{forged}", String::from_utf8(genuine[month].clone()).unwrap());
    for (name, bytes) in &genuine {
        fs::write(web.path().join(name), bytes).unwrap();
    }
    fs::write(web.path().join(month), both).unwrap();
    admin.publish(web.path(), at(13)).unwrap();
    assert_eq!(files(web.path()), files(folder.path()));
}

#[test]
fn publishing_over_a_newer_state_outranks_it() {
    let [folder, other, web] = [(); 3].map(|()| TempDir::new().unwrap());
    let mut second = second_phone(folder.path(), other.path());
    let mut first = open(folder.path(), keys(1), at(0)).unwrap();
    for minute in 1..4 {
        second.post("со второго", at(minute)).unwrap();
    }
    second.publish(web.path(), at(4)).unwrap();
    let known = Mirror::read(&Files::of(web.path()).unwrap(), at(4)).unwrap().head;
    first.publish_over(web.path(), at(5)).unwrap();
    let replaced = Mirror::read(&Files::of(web.path()).unwrap(), at(5)).unwrap().head;
    assert!(replaced.sequence > known.sequence, "readers would refuse it");
    assert_eq!(texts(web.path(), at(5)), [""; 0]);
}

#[test]
fn a_charter_that_is_not_known_here_is_never_replaced() {
    let [folder, other, web] = [(); 3].map(|()| TempDir::new().unwrap());
    let mut second = second_phone(folder.path(), other.path());
    let mut first = open(folder.path(), keys(1), at(0)).unwrap();
    second.restate(&Statement { name: "Новое имя".into(), ..statement() }, at(1)).unwrap();
    second.publish(web.path(), at(1)).unwrap();
    assert!(matches!(first.publish_over(web.path(), at(2)), Err(PublishError::Newer)));
    first.restate(&Statement { name: "Другое имя".into(), ..statement() }, at(2)).unwrap();
    for error in [first.publish(web.path(), at(3)), first.publish_over(web.path(), at(3))] {
        assert!(matches!(error, Err(PublishError::Foreign)), "two charters with one number: {error:?}");
    }
    assert!(matches!(first.take_in(web.path(), at(3)), Err(PublishError::Foreign)));
    drop(first);
    let mut third = open(other.path(), keys(1), at(4)).unwrap();
    third.take_in(web.path(), at(4)).unwrap();
    assert_eq!(third.statement(at(4)).name, "Новое имя");
}

#[test]
fn a_head_that_is_not_ours_is_replaced_on_demand_alone() {
    let [folder, web] = [(); 2].map(|()| TempDir::new().unwrap());
    let mut community = founded(folder.path());
    community.publish(web.path(), at(0)).unwrap();
    fs::write(web.path().join("head.json"), "<html>").unwrap();
    assert!(matches!(community.publish(web.path(), at(1)), Err(PublishError::Foreign)));
    community.publish_over(web.path(), at(1)).unwrap();
    assert_eq!(files(web.path()), files(folder.path()));
    assert!(matches!(community.take_in(&web.path().join("none"), at(1)), Err(PublishError::Absent)));
    assert!(!web.path().join("none").exists());
}

#[test]
fn keys_come_from_the_seed_and_are_never_shown() {
    let (one, other) = (keys(1), keys(2));
    let all = |keys: &CommunityKeys| [&keys.root, &keys.routine, &keys.author].map(SigningKey::public);
    assert_eq!(all(&one), all(&keys(1)));
    assert!(all(&one).iter().all(|key| !all(&other).contains(key)));
    assert!(one.root.public() != one.routine.public() && one.routine.public() != one.author.public());
    assert_eq!(format!("{one:?}"), "CommunityKeys(..)");
    let moment: Moment = "2026-12-19T12:00:00+07:00".parse().unwrap();
    assert_eq!(gathering().start, Some(moment));
}
