//! A community in a folder of this device: on a memory card, or on a share.

use std::fs::{self, File};
use std::path::Path;

use byway::community::{Community, Home, TrustState};
use byway::internals::signed::{Charter, CharterHome, EventKind, HomeKind, KeySet};
use byway::source::SourceNote;
use byway::{Exposure, HomeLink, Note, OpenOptions, Opml, ReadFrom};
use byway_lab::Lab;
use tempfile::TempDir;
use url::Url;

use super::{Zavod, key, phone, texts};

/// Writes a mirror's files into a folder.
fn write(zavod: &mut Zavod, folder: &Path) {
    fs::create_dir_all(folder.join("charter")).unwrap();
    for (name, bytes) in zavod.parts() {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn address(folder: &Path) -> String {
    Url::from_file_path(folder).unwrap().to_string()
}

/// A folder with a community that has one post, and its link.
fn card(lab: &Lab) -> (Zavod, TempDir, String) {
    let (mut zavod, card) = (Zavod::new(lab, 1), tempfile::tempdir().unwrap());
    zavod.post(0, "one");
    write(&mut zavod, card.path());
    let link = format!("{}#{}", address(card.path()), zavod.community());
    (zavod, card, link)
}

#[tokio::test(start_paused = true)]
async fn a_rotation_killed_before_its_head_reads_as_before() {
    let lab = Lab::new();
    let (mut zavod, card, link) = card(&lab);
    // The charter with other keys is there, and the head is still the one of the old keys.
    let old = zavod.chain.charter(1).unwrap().clone();
    let mut charter = old.next(zavod.chain.digest(1).unwrap(), zavod.at(70), zavod.at(60 * 24 * 100));
    charter.root = KeySet::new(vec![key(2).public()], 1);
    charter.routine = vec![key(11).public()];
    charter.authors = vec![key(21).public()];
    let next = charter.seal([&key(1), &key(2)]).unwrap().to_json().into_bytes();
    fs::write(card.path().join("charter/2.json"), &next).unwrap();
    let byway = phone(&lab).await;
    let opened = byway.open(&link).await.unwrap();
    assert_eq!((opened.posts.len(), opened.fault.is_none()), (1, true));
    let mut parts = zavod.parts();
    parts.insert(1, ("charter/2.json".to_owned(), next));
    let reader = phone(&lab).await;
    let taken = super::take(&reader, super::written(&parts)).await;
    assert_eq!((taken.changes.posts.added.len(), super::faults(&taken)), (1, vec![]));
    // Who knows the new keys takes nothing more from the old ones.
    zavod.post(1, "by the old key");
    let old_keys = super::take(&reader, zavod.bundle()).await;
    assert_eq!(old_keys.changes.posts.added.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_folder_is_read_verified_and_kept_without_a_network() {
    let lab = Lab::new();
    let (mut zavod, card, link) = card(&lab);
    let byway = phone(&lab).await;
    let preview = byway.preview(&link).await.unwrap();
    assert_eq!((preview.hosts.len(), preview.routes.len(), preview.refusal), (0, 0, Some("offline")));
    let opened = byway.open(&link).await.unwrap();
    assert_eq!((opened.posts[0].text.as_str(), opened.source), ("one", ReadFrom::Store));
    assert_eq!((opened.trust().state, opened.changes.posts.added.len()), (TrustState::Verified, 1));
    assert_eq!((opened.fault.is_none(), opened.synced_at), (true, zavod.at(60)), "as old as its head");

    let old = tempfile::tempdir().unwrap();
    write(&mut zavod, old.path());
    let one = zavod.event(1, EventKind::Deletion, Some(["e", &zavod.months[0].1[0].id().to_string()]), "");
    zavod.post(1, "two");
    write(&mut zavod, card.path());
    let opened = byway.open(&address(card.path())).await.unwrap();
    assert_eq!((opened.changes.posts.added.len(), opened.changes.posts.removed.len()), (1, 1), "{one}");
    let opened = byway.open(&address(old.path())).await.unwrap();
    let codes: Vec<_> = opened.notes.iter().map(Note::code).collect();
    assert!(codes.contains(&"older_than_known"), "an older folder leads nowhere back: {codes:?}");
    assert_eq!(texts(&byway, &zavod.community()).await, ["two"]);

    let homes = byway.community(&zavod.community()).await.unwrap().unwrap().community.homes;
    assert_eq!(
        homes.iter().map(Home::to_string).collect::<Vec<_>>(),
        [format!("https://zavod.example/#{}", zavod.community())]
    );
    assert!(byway.refresh(&zavod.community()).await.unwrap().fault.is_some(), "a folder is not read by itself");
    assert!(lab.log().by("client").sent().is_empty(), "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn a_folder_raises_the_exposure_of_its_link() {
    let lab = Lab::new();
    let (zavod, card, link) = card(&lab);
    let byway = phone(&lab).await;
    let opened = byway.open(&format!("{link}?exposure=tor")).await.unwrap();
    assert_eq!(opened.exposure, Exposure::Tor);
    assert_eq!(byway.exposure_of(&zavod.community()).await.unwrap(), Exposure::Tor);
    let how = OpenOptions { exposure: Exposure::Open, ..OpenOptions::default() };
    let opened = byway.open_with(&format!("{}#exposure=proxied", address(card.path())), how).await.unwrap();
    assert_eq!(opened.exposure, Exposure::Tor, "it never falls");
}

#[tokio::test(start_paused = true)]
async fn another_community_or_a_strange_link_is_refused() {
    let lab = Lab::new();
    let (_, card, link) = card(&lab);
    let byway = phone(&lab).await;
    let folder = address(card.path());
    let other = format!("{folder}#{}", Zavod::new(&lab, 2).community());
    for (link, code) in [
        (other, "not_genuine"),
        (format!("{folder}?x=1"), "folder_address"),
        (format!("{folder}#part"), "folder_address"),
        (format!("{folder}#byway:12"), "link"),
        (format!("{link}?mirror=https://a.example/"), "link"),
        (format!("{link}?unknown=1"), "link"),
        (format!("{folder}#exposure=none"), "link"),
        ("file://server/share".to_owned(), "folder_address"),
        ("file:////server/share".to_owned(), "folder_address"),
        (r"file:///\\server\share".to_owned(), "folder_address"),
        ("file:relative".to_owned(), "folder_address"),
        (format!("{folder}/none"), "folder_absent"),
        (format!("{folder}/head.json"), "folder_absent"),
        (format!("{folder}/charter"), "folder_absent"),
    ] {
        let error = byway.open(&link).await.unwrap_err();
        assert_eq!(error.code(), code, "{link}");
    }
    assert!(byway.communities().await.unwrap().is_empty());
    assert!(lab.log().by("client").sent().is_empty(), "{}", lab.log());
}

#[cfg(unix)]
#[tokio::test]
async fn a_hostile_folder_costs_nothing_but_an_error() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let lab = Lab::new();
    let byway = phone(&lab).await;
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 9] = [
        ("a FIFO", |path| {
            fs::remove_file(path.join("head.json")).unwrap();
            assert!(Command::new("mkfifo").arg(path.join("head.json")).status().unwrap().success());
        }),
        ("an endless device", |path| {
            fs::remove_file(path.join("head.json")).unwrap();
            symlink("/dev/zero", path.join("head.json")).unwrap();
        }),
        ("a link out of the folder", |path| {
            fs::rename(path.join("head.json"), path.join("moved.json")).unwrap();
            symlink(path.join("moved.json"), path.join("head.json")).unwrap();
        }),
        ("a link in place of a folder", |path| {
            fs::rename(path.join("charter"), path.join("moved")).unwrap();
            symlink(path.join("moved"), path.join("charter")).unwrap();
        }),
        ("a folder in place of a file", |path| {
            fs::remove_file(path.join("head.json")).unwrap();
            fs::create_dir(path.join("head.json")).unwrap();
        }),
        ("a huge head", |path| {
            File::options().write(true).open(path.join("head.json")).unwrap().set_len(1 << 40).unwrap();
        }),
        ("a huge charter", |path| File::create(path.join("charter/2.json")).unwrap().set_len(1 << 40).unwrap()),
        ("a FIFO where a freeze may be", |path| {
            assert!(Command::new("mkfifo").arg(path.join("freeze.json")).status().unwrap().success());
        }),
        ("no head at all", |path| fs::write(path.join("head.json"), "{}").unwrap()),
    ];
    for (what, harm) in harms {
        let (_, card, link) = card(&lab);
        harm(card.path());
        assert_eq!(byway.open(&link).await.unwrap_err().code(), "folder_form", "{what}");
        assert!(byway.communities().await.unwrap().is_empty(), "{what}");
    }
    let files: [(&str, Harm, &str); 3] = [
        ("a FIFO", |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()), "file_absent"),
        ("a link", |path| symlink("/dev/zero", path).unwrap(), "file_absent"),
        ("zeros", |path| File::create(path).unwrap().set_len(1 << 40).unwrap(), "file_digest"),
    ];
    for (what, harm, code) in files {
        let (_, card, link) = card(&lab);
        let month = card.path().join("events-2026-10.jsonl");
        fs::remove_file(&month).unwrap();
        harm(&month);
        let opened = phone(&lab).await.open(&link).await.unwrap();
        let fault = opened.notes.iter().find_map(|note| match note {
            Note::Source(SourceNote::NotGenuine { fault }) => Some(fault.code()),
            _ => None,
        });
        assert_eq!(fault, Some(code), "{what}");
        assert_eq!(opened.posts.len(), 1, "{what}: what is genuine is shown");
    }
}

#[test]
fn nothing_that_was_read_leads_to_a_folder() {
    let lab = Lab::new();
    let zavod = Zavod::new(&lab, 1);
    let (id, folder) = (zavod.community(), "file:///etc/");
    assert!(format!("{folder}#{id}").parse::<Home>().is_err(), "no folder is a home");
    assert!(format!("{folder}#{id}").parse::<HomeLink>().is_err());
    assert!(format!("{id}?mirror={folder}").parse::<HomeLink>().is_err(), "nor a mirror of a link");
    let root = KeySet::new(vec![key(1).public()], 1);
    let mut charter = Charter::first("Zavod", zavod.at(0), zavod.at(900_000), root, vec![key(10).public()]);
    charter.homes = vec![CharterHome::new(HomeKind::Mirror, folder)];
    assert!(charter.seal([&key(1)]).is_err(), "nor of a charter");
    let list =
        format!(r#"<opml version="2.0"><body><outline type="rss" text="x" xmlUrl="{folder}#{id}"/></body></opml>"#);
    let list = Opml::parse(list.as_bytes()).unwrap();
    assert_eq!((list.entries.len(), list.odd), (0, 1), "nor of a list");
    let kept = format!(r#"{{"id":"{id}","name":"x","homes":["{folder}#{id}"]}}"#);
    assert!(serde_json::from_str::<Community>(&kept).is_err());
}
