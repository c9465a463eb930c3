//! What is read and written on a server that a `BTreeMap` stands for.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::language::Language;
use crate::publisher::files::Files;
use crate::publisher::mirror::Mirror;
use crate::publisher::{CommunityKeys, Statement};
use crate::signed::{EventKind, Role, SignedEvent};
use crate::store::StoreKey;

/// Compares versions as S3 does. Each write gives a file a new one.
#[derive(Clone, Default)]
struct Server {
    files: BTreeMap<String, (Vec<u8>, usize)>,
    reads: usize,
    writes: usize,
}

impl Server {
    fn look(&mut self, publisher: &Publisher, scope: RemoteScope, now: Timestamp) -> RemoteFolder {
        let mut folder = RemoteFolder::default();
        for wanted in publisher.wanted_first() {
            self.read(&mut folder, wanted);
        }
        for wanted in publisher.wanted_then(&folder, scope, now) {
            self.read(&mut folder, wanted);
        }
        folder
    }

    fn read(&mut self, folder: &mut RemoteFolder, wanted: Wanted) {
        self.reads += 1;
        let file = self.files.get(&wanted.name);
        let file = file.map(|(bytes, tag)| RemoteFile { bytes: bytes.clone(), tag: Some(tag.to_string()) });
        folder.add(wanted.name, file);
    }

    /// Writes what a plan says until `most` writes are done. An error: a file is not what the plan replaces.
    fn apply(&mut self, plan: RemotePlan, most: usize) -> Result<Vec<String>, String> {
        let mut own = BTreeMap::new();
        let mut names = Vec::new();
        for write in plan.writes.into_iter().take(most) {
            self.writes += 1;
            match write {
                RemoteWrite::Put { name, content, replaces } => {
                    let there = self.files.get(&name).map(|(_, tag)| *tag);
                    let is_expected = match &replaces {
                        Replaces::Anything => true,
                        Replaces::Nothing => there.is_none(),
                        Replaces::Version(tag) => there.map(|tag| tag.to_string()).as_ref() == Some(tag),
                        Replaces::Own => there == own.get(&name).copied(),
                    };
                    if !is_expected {
                        return Err(name);
                    }
                    own.insert(name.clone(), self.writes);
                    self.files.insert(name.clone(), (content.read().unwrap(), self.writes));
                    names.push(name);
                }
                RemoteWrite::Remove { name } => {
                    self.files.remove(&name);
                    names.push(name);
                }
            }
        }
        Ok(names)
    }

    fn publish(&mut self, publisher: &mut Publisher, now: Timestamp) -> Vec<String> {
        let remote = self.look(publisher, RemoteScope::Changed, now);
        let plan = publisher.plan(&remote, false, now).unwrap();
        self.apply(plan, usize::MAX).unwrap()
    }

    /// Writes the files into a folder, and reads it as a reader would.
    fn texts(&self, now: Timestamp) -> Vec<String> {
        let folder = self.folder();
        let files = Files::of(folder.path()).unwrap();
        assert!(Mirror::newest_is_whole(&files, now).unwrap() || !files.has(NEWEST).unwrap());
        let events = Mirror::read(&files, now).unwrap().events;
        events.iter().map(|(event, _)| event.content().to_owned()).collect()
    }

    fn folder(&self) -> TempDir {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("charter")).unwrap();
        for (name, (bytes, _)) in &self.files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }
}

fn keys() -> CommunityKeys {
    CommunityKeys::derived(&StoreKey::from_bytes([1; 32])).unwrap()
}

fn at(minutes: i64) -> Timestamp {
    "2026-11-28T12:00:30Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn founded(folder: &Path) -> Publisher {
    let statement = Statement { name: "Рабочие станкозавода".to_owned(), ..Statement::default() };
    Publisher::found(folder, keys(), &statement, at(-60 * 24 * 300), Language::Ru).unwrap()
}

/// Posts without the work of publishing each.
fn add(publisher: &mut Publisher, count: usize, now: Timestamp) {
    let community = publisher.community_tag();
    let posts = (0..count).map(|number| {
        let name = format!("{}-{number}", now.as_second());
        let tags = vec![vec!["d".to_owned(), name], community.clone()];
        let event = SignedEvent::sign(&publisher.keys.author, now, EventKind::Article, tags, format!("Пост {number}"));
        (event.unwrap(), Role::Community)
    });
    let posts = posts.collect();
    publisher.append(posts, now).unwrap();
}

#[test]
fn one_post_in_10_000_touches_a_constant_number_of_files() {
    let mut touched = Vec::new();
    for count in [10, 1_000] {
        let folder = TempDir::new().unwrap();
        let mut zavod = founded(folder.path());
        for month in (0..10).rev() {
            add(&mut zavod, count, at(-month * 60 * 24 * 30));
        }
        assert_eq!(zavod.events.len(), 10 * count);
        let mut server = Server::default();
        server.publish(&mut zavod, at(1));
        zavod.post("Сход в пятницу.", at(2)).unwrap();
        server.reads = 0;
        let names = server.publish(&mut zavod, at(2));
        touched.push((server.reads, names));
    }
    // The head, a charter, the one after it, three files of the site, and the month.
    assert_eq!(touched[0].0, 7);
    let month = "events-2026-11.jsonl";
    assert_eq!(touched[0].1, [month, HEAD, NEWEST, HEAD, "index.html", "feed.xml"]);
    assert_eq!(touched[0], touched[1], "ten thousand posts cost as much as a hundred");
}

#[test]
fn an_upload_that_ends_after_any_write_is_continued() {
    let folder = TempDir::new().unwrap();
    let mut zavod = founded(folder.path());
    zavod.post("Сход в пятницу.", at(0)).unwrap();
    let mut whole = Server::default();
    let old = whole.publish(&mut zavod, at(1)).len();
    zavod.post("Сход в субботу.", at(2)).unwrap();
    for (begun, most) in (0..=old).map(|most| (None, most)).chain((0..=6).map(|most| (Some(&whole), most))) {
        let mut server = begun.cloned().unwrap_or_default();
        let remote = server.look(&zavod, RemoteScope::Changed, at(3));
        let plan = zavod.plan(&remote, false, at(3)).unwrap();
        server.apply(plan, most).unwrap();
        if server.files.contains_key(HEAD) {
            let texts = server.texts(at(3));
            assert!(texts.iter().any(|text| text.contains("пятницу")), "after {most} writes: {texts:?}");
        }
        server.publish(&mut zavod, at(4));
        assert_eq!(server.texts(at(4)).len(), 2, "after {most} writes");
    }
}

#[test]
fn what_is_the_same_is_neither_read_nor_written() {
    let folder = TempDir::new().unwrap();
    let mut zavod = founded(folder.path());
    zavod.post("Сход в пятницу.", at(0)).unwrap();
    let mut server = Server::default();
    server.publish(&mut zavod, at(1));
    assert_eq!(server.publish(&mut zavod, at(1)), [HEAD]);
    let remote = server.look(&zavod, RemoteScope::Changed, at(1));
    assert!(!remote.has_asked("events-2026-11.jsonl"));
}

#[test]
fn of_two_writers_at_once_one_is_refused() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let mut first = founded(folders[0].path());
    first.post("Сход в пятницу.", at(0)).unwrap();
    let mut server = Server::default();
    server.publish(&mut first, at(1));
    let copy = server.folder();
    let mut second = Publisher::open(copy.path(), keys(), at(2), Language::Ru).unwrap();
    first.post("От первого.", at(3)).unwrap();
    second.post("От второго.", at(3)).unwrap();
    // Both have looked before either has written.
    let looks = [server.look(&first, RemoteScope::Changed, at(4)), server.look(&second, RemoteScope::Changed, at(4))];
    let plan = first.plan(&looks[0], false, at(4)).unwrap();
    server.apply(plan, usize::MAX).unwrap();
    let plan = second.plan(&looks[1], false, at(4)).unwrap();
    assert_eq!(server.apply(plan, usize::MAX).unwrap_err(), "events-2026-11.jsonl");
    assert!(server.texts(at(4)).contains(&"От первого.".to_owned()));
    // It looks again, is told that something is newer there, takes it in, and publishes both.
    let remote = server.look(&second, RemoteScope::Changed, at(5));
    assert!(matches!(second.plan(&remote, false, at(5)), Err(PublishError::Newer)));
    let remote = server.look(&second, RemoteScope::All, at(5));
    second.take_in_remote(&remote, at(5)).unwrap();
    let plan = second.plan(&remote, false, at(5)).unwrap();
    server.apply(plan, usize::MAX).unwrap();
    let texts = server.texts(at(5));
    assert!(["От первого.", "От второго."].iter().all(|text| texts.contains(&(*text).to_owned())), "{texts:?}");
}

#[test]
fn another_community_and_a_strangers_head_are_refused() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let mut zavod = founded(folders[0].path());
    let other = CommunityKeys::derived(&StoreKey::from_bytes([2; 32])).unwrap();
    let statement = Statement { name: "Другой".to_owned(), ..Statement::default() };
    let mut other = Publisher::found(folders[1].path(), other, &statement, at(0), Language::Ru).unwrap();
    let mut server = Server::default();
    server.publish(&mut other, at(1));
    let remote = server.look(&zavod, RemoteScope::Changed, at(1));
    assert!(matches!(zavod.plan(&remote, false, at(1)), Err(PublishError::Exists)));
    assert!(matches!(zavod.plan(&remote, true, at(1)), Err(PublishError::Exists)), "never over another community");

    let mut server = Server::default();
    server.publish(&mut zavod, at(1));
    server.files.insert(HEAD.to_owned(), (b"{}".to_vec(), 99));
    let remote = server.look(&zavod, RemoteScope::Changed, at(2));
    assert!(matches!(zavod.plan(&remote, false, at(2)), Err(PublishError::Foreign)));
    let plan = zavod.plan(&remote, true, at(2)).unwrap();
    server.apply(plan, usize::MAX).unwrap();
    server.texts(at(2));
}

#[test]
fn a_server_that_lost_a_month_is_repaired() {
    let folder = TempDir::new().unwrap();
    let mut zavod = founded(folder.path());
    zavod.post("Сход в пятницу.", at(-60 * 24 * 40)).unwrap();
    zavod.post("Сход в субботу.", at(0)).unwrap();
    let mut server = Server::default();
    server.publish(&mut zavod, at(1));
    server.files.remove("events-2026-10.jsonl");
    let remote = server.look(&zavod, RemoteScope::All, at(2));
    let plan = zavod.plan(&remote, false, at(2)).unwrap();
    assert!(server.apply(plan, usize::MAX).unwrap().contains(&"events-2026-10.jsonl".to_owned()));
    assert_eq!(server.texts(at(2)).len(), 2);
}

#[test]
fn a_file_that_was_not_read_is_not_taken_for_missing() {
    let folder = TempDir::new().unwrap();
    let mut zavod = founded(folder.path());
    assert!(matches!(zavod.plan(&RemoteFolder::default(), true, at(1)), Err(PublishError::Io(_))));
}
