//! Every change of an admin, ended at each of its writes: readers have the old state or the new one, and the next command goes on.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use tempfile::TempDir;

use super::files::{Files, ReadFiles as _, stop_after};
use super::mirror::Mirror;
use super::picture_tests::picture;
use super::tests::{at, keys, open};
use super::*;
use crate::exposure::Exposure;
use crate::language::Language;
use crate::signed::picture_file;
use crate::store::{SealedKeyFile, Secret, stop_key_files_after};

type Change = fn(&Path, &Path, Timestamp) -> Result<(), PublishError>;

/// The changes. The folders are the community's own and one of a web server.
const CHANGES: &[(&str, Change)] = &[
    ("a post with a picture", |own, _, now| {
        open(own, keys(1), now)?.post_with("новое", &[picture(7, "")], now).map(drop)
    }),
    ("an edit that changes the picture", |own, _, now| {
        let mut community = open(own, keys(1), now)?;
        let name = named(&community, "старое", now);
        name.map_or(Ok(()), |name| community.edit_with(&name, "новее", &[picture(9, "")], now))
    }),
    ("a deletion with its picture", |own, _, now| {
        let mut community = open(own, keys(1), now)?;
        named(&community, "старое", now).map_or(Ok(()), |name| community.delete(&name, now))
    }),
    ("a charter", |own, _, now| {
        let mut community = open(own, keys(1), now)?;
        let mut statement = community.statement(now);
        statement.description = "другое".to_owned();
        community.restate(&statement, now)
    }),
    ("a move", |own, _, now| {
        let other = TempDir::new().unwrap();
        let statement = Statement {
            name: "Новый".to_owned(),
            mirrors: vec!["https://new.example/".to_owned()],
            ..Statement::default()
        };
        let left = stop_after(None);
        let new = Publisher::found(other.path(), keys(5), &statement, at(0), Language::Ru)?;
        stop_after(left);
        open(own, keys(1), now)?.move_to(Some(&new.link(Exposure::Open, now)), now)
    }),
    ("a recovery", |own, _, now| {
        let changes = KeyChanges { root: vec![keys(11).public()], ..KeyChanges::default() };
        let recovery = match Proposal::recovering(own, &keys(11), &changes, at(1)) {
            // It is there.
            Err(PublishError::ProposalOutdated) => return Ok(()),
            recovery => recovery?,
        };
        place_recovery(own, &recovery, now).map(drop)
    }),
    ("a freeze", |own, _, now| {
        let freeze = Proposal::freezing(own, &keys(1), at(1), now)?;
        place_freeze(own, &freeze, now)
    }),
    ("an upload", |own, web, now| {
        let mut community = open(own, keys(1), now)?;
        if named(&community, "новое", now).is_none() {
            let left = stop_after(None);
            community.post_with("новое", &[picture(7, "")], now)?;
            stop_after(left);
        }
        community.publish(web, now).map(drop)
    }),
];

fn named(community: &Publisher, text: &str, now: Timestamp) -> Option<String> {
    let (_, posts, _) = community.content(now);
    let post = posts.into_iter().find(|post| post.text == text)?;
    Some(post.id.rsplit(':').next().unwrap_or_default().to_owned())
}

fn community() -> (TempDir, TempDir) {
    let (own, web) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let changes = KeyChanges { recovery: vec![keys(11).public()], ..KeyChanges::default() };
    let statement = Statement {
        name: "Завод".to_owned(),
        mirrors: vec!["https://zavod.example/".to_owned()],
        keys: changes,
        ..Statement::default()
    };
    let mut zavod = Publisher::found(own.path(), keys(1), &statement, at(0), Language::Ru).unwrap();
    zavod.post_with("старое", &[picture(3, "")], at(0)).unwrap();
    zavod.post("ещё", at(0)).unwrap();
    zavod.publish(web.path(), at(0)).unwrap();
    (own, web)
}

/// What a reader of a folder has: all of it verified, each picture that a post names, and as a bundle.
fn assert_read(folder: &Path, said: &str) {
    let files = Files::of(folder).unwrap();
    let mirror = Mirror::read(&files, at(3)).unwrap_or_else(|error| panic!("{said}: {error}"));
    assert!(Mirror::newest_is_whole(&files, at(3)).unwrap(), "{said}");
    let posts = super::community::content_of(&mirror.chain, &mirror.events, at(3)).1;
    assert!(posts.iter().any(|post| post.text == "ещё"), "{said}");
    for digest in super::attached::named_by(&posts) {
        assert!(files.has(&picture_file(&digest)).unwrap(), "{said}: a picture is not there");
    }
    let bundle = bundle_of(folder, BundlePictures::Newest, at(3)).unwrap_or_else(|error| panic!("{said}: {error}"));
    assert_eq!(bundle.pictures_left_out, 0, "{said}");
}

#[test]
fn every_change_survives_a_kill_at_each_of_its_writes() {
    for (name, change) in CHANGES {
        for writes in 0.. {
            let said = format!("{name}, killed after {writes} writes");
            let (own, web) = community();
            stop_after(Some(writes));
            let done = change(own.path(), web.path(), at(1)).is_ok();
            stop_after(None);
            for folder in [&own, &web] {
                // What a process leaves that is killed in the middle of a file.
                fs::write(folder.path().join(".byway-kIll3d.new"), "half").unwrap();
                assert_read(folder.path(), &said);
            }
            change(own.path(), web.path(), at(2)).unwrap_or_else(|error| panic!("{said}, again: {error}"));
            assert_read(own.path(), &said);
            assert_read(web.path(), &said);
            if done {
                assert!(writes > 1, "{name} writes something");
                break;
            }
        }
    }
}

type MakeKeys = fn(&Path, &[RecoveryCard]) -> Result<CommunityKeys, CardError>;

/// What makes a key file: it may be killed at any step.
const KEY_FILES: &[(&str, MakeKeys)] = &[
    ("a new key file", |path, _| {
        let key = SealedKeyFile::new(path, secret("new")).with_work_factor(15).create()?;
        Ok(CommunityKeys::derived(&key)?)
    }),
    ("a key file of cards", |path, cards| RecoveryCard::restore(&cards[1..], path, secret("new"))),
];

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

#[test]
fn a_key_file_survives_a_kill_at_each_of_its_writes() {
    let folder = TempDir::new().unwrap();
    let known = folder.path().join("known");
    let key = SealedKeyFile::new(&known, secret("old")).with_work_factor(15).create().unwrap();
    let cards = RecoveryCard::split(&known, secret("old"), 2, 3).unwrap();
    for (name, make) in KEY_FILES {
        for steps in 0.. {
            let said = format!("{name}, killed after {steps} steps");
            let place = TempDir::new().unwrap();
            let path = place.path().join("keys");
            stop_key_files_after(Some(steps));
            let made = make(&path, &cards).map(|keys| keys.public().to_string());
            stop_key_files_after(None);
            let is_there = path.exists();
            assert!(is_there || made.is_err(), "{said}");
            match make(&path, &cards) {
                Ok(_) => assert!(!is_there, "{said}: a key file was replaced"),
                Err(error) => assert_eq!((error.code(), is_there), ("key_exists", true), "{said}"),
            }
            let opened = CommunityKeys::open(&path, secret("new")).unwrap().public().to_string();
            assert!(!made.as_ref().is_ok_and(|made| *made != opened), "{said}: it is the key that was told");
            // No other name in the folder has the key.
            let names = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name());
            assert_eq!(names.collect::<Vec<_>>(), ["keys"], "{said}");
            if made.is_ok() {
                assert!(steps > 2, "{name} writes something");
                break;
            }
        }
    }
    // The making of cards writes nothing.
    assert_eq!(SealedKeyFile::new(&known, secret("old")).read().unwrap().as_bytes(), key.as_bytes());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_a_killed_writer_left_is_swept_by_the_next_one() {
    let (own, web) = community();
    fs::create_dir_all(web.path().join("files")).unwrap();
    for folder in ["", "charter", "files"] {
        for (name, is_ours) in [(".byway-kIll3d.new", true), (".byway.recovery", false), ("own.new", false)] {
            fs::write(web.path().join(folder).join(name), "half").unwrap();
            Publisher::open(own.path(), keys(1), at(1), Language::Ru).unwrap().publish(web.path(), at(1)).unwrap();
            assert_eq!(web.path().join(folder).join(name).exists(), !is_ours, "{folder}/{name}");
        }
    }
}
