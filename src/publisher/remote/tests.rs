//! What is read and written on a server that a `BTreeMap` stands for.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::language::Language;
use crate::publisher::community::Publisher;
use crate::publisher::error::PublishError;
use crate::publisher::files::{Files, ReadFiles as _};
use crate::publisher::mirror::{FREEZE, HEAD, Mirror};
use crate::publisher::picture_tests::picture;
use crate::publisher::{CommunityKeys, Statement};
use crate::signed::{Admission, Digest, EventKind, Head, NEWEST, Role, SignedEvent};
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
        let pictures = if scope == RemoteScope::All { publisher.wanted_pictures(&folder, now) } else { Vec::new() };
        for wanted in pictures {
            self.read(&mut folder, wanted);
        }
        for wanted in publisher.compared_pictures(scope, now) {
            let file = self.files.get(&wanted.name);
            let file = file.map(|(bytes, tag)| RemoteFile { bytes: bytes.clone(), tag: Some(tag.to_string()) });
            folder.compare_picture(&wanted.name, file.as_ref());
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
                        Replaces::Anything | Replaces::Likely(_) => true,
                        Replaces::Nothing => there.is_none(),
                        Replaces::Version(version) => there.map(|tag| tag.to_string()) == version.tag,
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
        std::fs::create_dir(folder.path().join("files")).unwrap();
        for (name, (bytes, _)) in &self.files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }
}

fn keys() -> CommunityKeys {
    keys_of(1)
}

fn keys_of(community: u8) -> CommunityKeys {
    CommunityKeys::derived(&StoreKey::from_bytes([community; 32])).unwrap()
}

fn at(minutes: i64) -> Timestamp {
    "2026-11-28T12:00:30Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn founded(folder: &Path) -> Publisher {
    found(folder, 1, "Рабочие станкозавода")
}

fn another_founded(folder: &Path) -> Publisher {
    found(folder, 2, "Другой")
}

fn found(folder: &Path, community: u8, name: &str) -> Publisher {
    let statement = Statement { name: name.to_owned(), ..Statement::default() };
    Publisher::found(folder, keys_of(community), &statement, at(-60 * 24 * 300), Language::Ru).unwrap()
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
    // The head, a freeze, a charter, the one after it, three files of the site, and the month.
    assert_eq!(touched[0].0, 8);
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
    let mut other = another_founded(folders[1].path());
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

#[test]
fn a_file_in_which_an_upload_broke_off_is_written_again() {
    let folder = TempDir::new().unwrap();
    let mut zavod = founded(folder.path());
    zavod.post("Сход в пятницу.", at(0)).unwrap();
    let mut whole = Server::default();
    whole.publish(&mut zavod, at(1));
    zavod.post("Сход в субботу.", at(2)).unwrap();
    let names: Vec<String> = whole.files.keys().cloned().collect();
    for name in names {
        let length = whole.files[&name].0.len();
        for kept in [None, Some(0), Some(1), Some(length / 2), Some(length - 1)] {
            for takes_in in [false, true] {
                let mut server = whole.clone();
                match kept {
                    Some(kept) => server.files.get_mut(&name).unwrap().0.truncate(kept),
                    None => drop(server.files.remove(&name)),
                }
                let remote = server.look(&zavod, RemoteScope::All, at(3));
                if takes_in {
                    zavod.take_in_remote(&remote, at(3)).unwrap_or_else(|error| panic!("{name} {kept:?}: {error}"));
                }
                let plan = zavod.plan(&remote, false, at(3));
                let plan = plan.unwrap_or_else(|error| panic!("{name} {kept:?} {takes_in}: {error}"));
                server.apply(plan, usize::MAX).unwrap();
                assert_eq!(server.texts(at(3)).len(), 2, "{name} {kept:?}");
            }
        }
    }
}

#[test]
fn another_community_is_spared_where_an_upload_broke_off() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let mut zavod = founded(folders[0].path());
    let mut other = another_founded(folders[1].path());
    let mut server = Server::default();
    server.publish(&mut other, at(1));
    server.files.get_mut("charter/1.json").unwrap().0.truncate(20);
    for over in [false, true] {
        let remote = server.look(&zavod, RemoteScope::All, at(1));
        assert!(matches!(zavod.plan(&remote, over, at(1)), Err(PublishError::Exists)), "its head is there");
        assert!(zavod.take_in_remote(&remote, at(1)).is_err());
    }
    // What is no document at all was not left by an upload.
    server.files.insert("charter/1.json".to_owned(), (b"<html>".to_vec(), 99));
    server.files.remove(HEAD);
    let remote = server.look(&zavod, RemoteScope::All, at(1));
    assert!(matches!(zavod.plan(&remote, false, at(1)), Err(PublishError::Foreign)));
}

/// The state that two uploads leave on a server that compares nothing: the month of the first, the head of the second.
fn crossed() -> ([TempDir; 2], [Publisher; 2], Server) {
    crossed_with(keys)
}

/// The same, after the community's keys were replaced by these, if they are others.
fn crossed_with(keys: fn() -> CommunityKeys) -> ([TempDir; 2], [Publisher; 2], Server) {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let mut first = founded(folders[0].path());
    first.post("Сход в пятницу.", at(-2)).unwrap();
    if keys().public() != first.keys.public() {
        first.rotate(keys(), at(0)).unwrap();
    }
    let mut server = Server::default();
    server.publish(&mut first, at(1));
    first.publish(folders[1].path(), at(1)).unwrap();
    let mut second = Publisher::open(folders[1].path(), keys(), at(2), Language::Ru).unwrap();
    first.post("От первого.", at(3)).unwrap();
    second.post("От второго.", at(3)).unwrap();
    let looks = [server.look(&first, RemoteScope::Changed, at(4)), server.look(&second, RemoteScope::Changed, at(4))];
    let plans = [first.plan(&looks[0], false, at(4)).unwrap(), second.plan(&looks[1], false, at(4)).unwrap()];
    let [one, two] = plans;
    server.apply(two, usize::MAX).unwrap();
    for write in one.writes.into_iter().take(1) {
        let RemoteWrite::Put { name, content, .. } = write else { panic!() };
        assert_eq!(name, "events-2026-11.jsonl");
        server.files.insert(name, (content.read().unwrap(), 999));
    }
    (folders, [first, second], server)
}

#[test]
fn crossed_uploads_are_repaired_by_either_admin_alone() {
    for who in [0, 1] {
        let (_folders, mut admins, mut server) = crossed();
        let admin = &mut admins[who];
        admin.post("Ещё.", at(5)).unwrap();
        let remote = server.look(admin, RemoteScope::Changed, at(5));
        assert!(matches!(admin.plan(&remote, false, at(5)), Err(PublishError::Newer)), "{who}: nothing is dropped");
        let remote = server.look(admin, RemoteScope::All, at(5));
        admin.take_in_remote(&remote, at(5)).unwrap();
        let plan = admin.plan(&remote, false, at(5)).unwrap();
        server.apply(plan, usize::MAX).unwrap();
        let own = ["От первого.", "От второго."][who].to_owned();
        assert!(server.texts(at(5)).contains(&own), "{who}");
        // The other one does the same, and nothing is missing.
        let other = &mut admins[1 - who];
        let remote = server.look(other, RemoteScope::Changed, at(6));
        assert!(matches!(other.plan(&remote, false, at(6)), Err(PublishError::Newer)), "{who}: nothing is dropped");
        let remote = server.look(other, RemoteScope::All, at(6));
        other.take_in_remote(&remote, at(6)).unwrap();
        let plan = other.plan(&remote, false, at(6)).unwrap();
        server.apply(plan, usize::MAX).unwrap();
        assert_eq!(server.texts(at(6)).len(), 4, "{who}");
    }
}

#[test]
fn a_crossed_month_brings_no_post_of_a_replaced_key() {
    let (_folders, [mut first, _], mut server) = crossed_with(|| keys_of(9));
    // Dated back to when the old key had the right, so that only its replacement speaks against it.
    let tags = vec![vec!["d".to_owned(), "x".to_owned()], first.community_tag()];
    let event = SignedEvent::sign(&keys().author, at(-1), EventKind::Article, tags, "Чужое".to_owned()).unwrap();
    let admission = Admission::new(&first.chain, &first.head, None, at(5));
    assert!(admission.admit(event.to_json().as_bytes()).is_ok(), "readers take what a head vouches for");
    let month = &mut server.files.get_mut("events-2026-11.jsonl").unwrap().0;
    month.extend(format!("{}\n", event.to_json()).bytes());
    let remote = server.look(&first, RemoteScope::All, at(5));
    first.take_in_remote(&remote, at(5)).unwrap();
    let plan = first.plan(&remote, false, at(5)).unwrap();
    server.apply(plan, usize::MAX).unwrap();
    let texts = server.texts(at(5));
    assert!(texts.contains(&"От первого.".to_owned()) && !texts.contains(&"Чужое".to_owned()), "{texts:?}");
}

/// The pictures on the server.
fn pictures(server: &Server) -> Vec<String> {
    server.files.keys().filter(|name| name.starts_with("files/")).cloned().collect()
}

#[test]
fn pictures_are_uploaded_once_and_removed_with_their_post() {
    let folder = TempDir::new().unwrap();
    let mut publisher = founded(folder.path());
    let mut server = Server::default();
    server.publish(&mut publisher, at(0));
    let gate = picture(1, "");
    let name = publisher.post_with("a", std::slice::from_ref(&gate), at(1)).unwrap();
    let written = server.publish(&mut publisher, at(2));
    let head = written.iter().position(|name| name == HEAD);
    assert!(written.iter().position(|name| *name == gate.file()) < head, "before the head: {written:?}");
    assert_eq!(server.files[&gate.file()].0, gate.bytes());
    publisher.post("b", at(3)).unwrap();
    let written = server.publish(&mut publisher, at(4));
    assert!(!written.contains(&gate.file()), "a picture that is there is not sent again: {written:?}");
    publisher.delete(&name, at(5)).unwrap();
    let written = server.publish(&mut publisher, at(6));
    assert!(written.contains(&gate.file()) && pictures(&server).is_empty());
    assert!(!server.publish(&mut publisher, at(7)).contains(&gate.file()), "removed once");
}

#[test]
fn an_upload_with_pictures_that_ends_anywhere_is_continued() {
    let (folder, gate, hall) = (TempDir::new().unwrap(), picture(1, ""), picture(2, ""));
    let mut publisher = founded(folder.path());
    let mut begun = Server::default();
    let name = publisher.post_with("a", std::slice::from_ref(&gate), at(1)).unwrap();
    begun.publish(&mut publisher, at(2));
    publisher.edit_with(&name, "b", std::slice::from_ref(&hall), at(3)).unwrap();
    for most in 0..8 {
        let mut server = begun.clone();
        let remote = server.look(&publisher, RemoteScope::Changed, at(4));
        let plan = publisher.plan(&remote, false, at(4)).unwrap();
        server.apply(plan, most).unwrap();
        if server.texts(at(4)).contains(&"b".to_owned()) {
            assert!(pictures(&server).contains(&hall.file()), "a head names a picture that is not there: {most}");
        }
        server.publish(&mut publisher, at(5));
        assert_eq!(pictures(&server), [hall.file()], "{most}");
    }
}

#[test]
fn a_server_that_lost_a_picture_is_repaired_on_demand() {
    let folder = TempDir::new().unwrap();
    let mut publisher = founded(folder.path());
    let mut server = Server::default();
    let gate = picture(1, "");
    publisher.post_with("a", std::slice::from_ref(&gate), at(1)).unwrap();
    server.publish(&mut publisher, at(2));
    server.files.insert(gate.file(), (b"another".to_vec(), 0));
    server.publish(&mut publisher, at(3));
    assert_eq!(server.files[&gate.file()].0, b"another", "pictures are compared on demand alone");
    let remote = server.look(&publisher, RemoteScope::All, at(4));
    let plan = publisher.plan(&remote, false, at(4)).unwrap();
    server.apply(plan, usize::MAX).unwrap();
    assert_eq!(server.files[&gate.file()].0, gate.bytes());
}

#[test]
fn another_phones_pictures_on_a_server_are_taken_in() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (mut publisher, mut server) = (founded(folder.path()), Server::default());
    server.publish(&mut publisher, at(0));
    publisher.publish(other.path(), at(0)).unwrap();
    let mut phone = Publisher::over(Files::of(other.path()).unwrap(), keys(), at(1), Language::Ru).unwrap();
    let gate = picture(1, "");
    phone.post_with("b", std::slice::from_ref(&gate), at(2)).unwrap();
    server.publish(&mut phone, at(3));
    let remote = server.look(&publisher, RemoteScope::All, at(4));
    publisher.take_in_remote(&remote, at(4)).unwrap();
    assert_eq!(std::fs::read(folder.path().join(gate.file())).unwrap(), gate.bytes());
}

#[test]
fn an_upload_carries_the_freeze_and_keeps_an_earlier_one() {
    let folder = TempDir::new().unwrap();
    let mut publisher = founded(folder.path());
    let (mut server, freeze) = (Server::default(), |minutes| {
        crate::signed::Freeze::new(publisher_id(folder.path()), 1, at(minutes)).seal([&keys().root]).unwrap().to_json()
    });
    server.publish(&mut publisher, at(0));
    std::fs::write(folder.path().join(FREEZE), freeze(10)).unwrap();
    let written = server.publish(&mut publisher, at(1));
    assert!(written.contains(&FREEZE.to_owned()), "{written:?}");
    assert!(!server.publish(&mut publisher, at(2)).contains(&FREEZE.to_owned()), "it is there");
    for (there, ours, kept) in [(5, 10, 5), (10, 5, 5), (10, 10, 10)] {
        server.files.insert(FREEZE.to_owned(), (freeze(there).into_bytes(), 0));
        std::fs::write(folder.path().join(FREEZE), freeze(ours)).unwrap();
        server.publish(&mut publisher, at(3));
        assert_eq!(server.files[FREEZE].0, freeze(kept).into_bytes(), "{there} {ours}");
    }
    server.files.insert(FREEZE.to_owned(), (freeze(5).into_bytes(), 0));
    let remote = server.look(&publisher, RemoteScope::All, at(3));
    publisher.take_in_remote(&remote, at(3)).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join(FREEZE)).unwrap(), freeze(5), "taken in");
    std::fs::write(folder.path().join(FREEZE), freeze(10)).unwrap();
    server.files.insert(FREEZE.to_owned(), (b"{}".to_vec(), 0));
    server.publish(&mut publisher, at(4));
    assert_eq!(server.files[FREEZE].0, freeze(10).into_bytes(), "what is no freeze does not keep one away");
}

#[test]
fn a_thiefs_number_on_a_server_stops_no_admin() {
    use crate::publisher::thief_tests::{at, community, keys, open, removal, texts};
    let [anna, boris, ..] = community();
    let mut publisher = open(anna.path(), 1, at(0));
    let mut server = Server::default();
    server.publish(&mut publisher, at(0));
    let stolen = Head { sequence: (1 << 53) - 5, ..publisher.head.clone() }.seal(&keys(3).routine).unwrap();
    server.files.insert(HEAD.to_owned(), (stolen.to_json().into_bytes(), usize::MAX));
    for over in [false, true] {
        let remote = server.look(&publisher, RemoteScope::Changed, at(1));
        let plan = publisher.plan(&remote, over, at(1)).map(drop);
        assert!(matches!(plan, Err(PublishError::HeadNumber { .. })), "{plan:?}");
    }
    let remote = server.look(&publisher, RemoteScope::All, at(1));
    let taken = publisher.take_in_remote(&remote, at(1));
    assert!(matches!(taken, Err(PublishError::HeadNumber { .. })), "{taken:?}");
    drop(publisher);
    let mut proposal = removal(anna.path(), 1, at(2));
    proposal.approve(&keys(2), Some(boris.path()), at(2)).unwrap();
    let mut publisher = Publisher::open_with(anna.path(), keys(1), &proposal, at(2), Language::Ru).unwrap();
    server.publish(&mut publisher, at(2));
    publisher.post("дальше", at(3)).unwrap();
    server.publish(&mut publisher, at(3));
    assert_eq!(texts(&open(server.folder().path(), 1, at(3)), at(3)), ["дальше", "до"]);
}

fn publisher_id(folder: &Path) -> Digest {
    Mirror::read(&Files::of(folder).unwrap(), at(0)).unwrap().chain.id()
}
