//! Folders and servers with something else where a document belongs, and keys that come back.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::tests::{at, files, founded, keys, open};
use super::*;
use crate::signed::{Digest, Freeze};

/// The community's freeze, which one key has signed.
fn freeze(folder: &Path, minutes: i64) -> String {
    let id = link_of(folder, crate::exposure::Exposure::Open, at(0)).unwrap().id();
    let freeze = Freeze::new(Digest::from_bytes(*id.as_bytes()), 1, at(minutes));
    freeze.seal([&keys(1).root]).unwrap().to_json()
}

#[test]
fn replaced_keys_are_not_put_back_by_a_rotation() {
    let folder = TempDir::new().unwrap();
    let mut community = founded(folder.path());
    community.rotate(keys(2), at(1)).unwrap();
    let before = files(folder.path());
    let back = community.rotate(keys(1), at(2));
    assert!(matches!(back, Err(PublishError::KeysReplaced)), "they may be the stolen ones: {back:?}");
    drop(community);
    let proposed = Proposal::rotating(folder.path(), &keys(2), &keys(1), at(2)).map(drop);
    assert!(matches!(proposed, Err(PublishError::KeysReplaced)), "{proposed:?}");
    assert_eq!(files(folder.path()), before, "nothing was written");
    open(folder.path(), keys(2), at(3)).unwrap().rotate(keys(3), at(3)).unwrap();
}

#[test]
fn banned_keys_replace_nobody() {
    let folder = TempDir::new().unwrap();
    let mut community = founded(folder.path());
    let mut statement = community.statement(at(1));
    statement.keys.publishers = vec![keys(2).public()];
    community.restate(&statement, at(1)).unwrap();
    let mut statement = community.statement(at(2));
    statement.keys.removed = vec![keys(2).public()];
    community.restate(&statement, at(2)).unwrap();
    assert!(matches!(community.rotate(keys(2), at(3)), Err(PublishError::KeysReplaced)));
}

#[test]
fn what_is_no_document_is_replaced_on_demand() {
    let [folder, web] = [(); 2].map(|()| TempDir::new().unwrap());
    let mut community = founded(folder.path());
    community.restate(&community.statement(at(1)), at(1)).unwrap();
    let long = "x".repeat(200_000);
    for name in ["head.json", "charter/1.json", "charter/2.json"] {
        for content in ["<html>", &long] {
            community.publish(web.path(), at(2)).unwrap();
            fs::write(web.path().join(name), content).unwrap();
            let error = community.publish(web.path(), at(2));
            assert!(matches!(error, Err(PublishError::Foreign)), "{name}: {error:?}");
            community.publish_over(web.path(), at(2)).unwrap();
            assert_eq!(files(web.path()), files(folder.path()), "{name}");
        }
    }
    // Nothing is there that could be lost.
    for (name, content) in [("charter/3.json", "<html>"), ("charter/3.json", &long), ("freeze.json", &long)] {
        fs::write(web.path().join(name), content).unwrap();
        community.publish(web.path(), at(2)).unwrap_or_else(|error| panic!("{name}: {error}"));
        community.take_in(web.path(), at(2)).unwrap_or_else(|error| panic!("{name}: {error}"));
        fs::remove_file(web.path().join(name)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_folder_of_documents_that_is_a_link_is_left_alone() {
    let [folder, web, other] = [(); 3].map(|()| TempDir::new().unwrap());
    let mut community = founded(folder.path());
    std::os::unix::fs::symlink(other.path(), web.path().join("charter")).unwrap();
    assert!(matches!(community.publish(web.path(), at(1)), Err(PublishError::Io(_))));
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0, "nothing is written where the link leads");
}

#[cfg(feature = "upload")]
mod server {
    use super::super::remote::{RemoteFile, RemoteFolder, RemoteWrite};
    use super::super::{Publisher, RemoteScope};
    use super::*;

    /// What an uploader reads of a server with these files; a server that answers with a page where it has nothing.
    fn look(community: &Publisher, web: &Path, page: Option<&str>) -> RemoteFolder {
        let mut folder = RemoteFolder::default();
        let read = |name: &str| {
            let bytes = fs::read(web.join(name)).ok().or(page.map(|page| page.as_bytes().to_vec()));
            bytes.map(|bytes| RemoteFile { bytes, tag: None })
        };
        for wanted in community.wanted_first() {
            folder.add(wanted.name.clone(), read(&wanted.name));
        }
        for wanted in community.wanted_then(&folder, RemoteScope::All, at(1)) {
            folder.add(wanted.name.clone(), read(&wanted.name));
        }
        folder
    }

    #[test]
    fn a_freeze_at_a_server_is_noticed_by_the_next_upload() {
        let [folder, web] = [(); 2].map(|()| TempDir::new().unwrap());
        let mut community = founded(folder.path());
        community.post("раньше", at(1)).unwrap();
        community.publish(web.path(), at(1)).unwrap();
        fs::write(web.path().join("freeze.json"), freeze(folder.path(), 2)).unwrap();
        community.post("позже", at(5)).unwrap();
        let remote = look(&community, web.path(), None);
        let plan = community.plan(&remote, false, at(5)).unwrap();
        assert!(community.frozen(at(5)).is_some(), "the admin is told, and signs nothing more");
        let page = plan.writes.into_iter().find_map(|write| match write {
            RemoteWrite::Put { name, content, .. } if name == "index.html" => Some(content.read().unwrap()),
            _ => None,
        });
        let page = String::from_utf8(page.unwrap()).unwrap();
        assert!(page.contains("раньше") && !page.contains("позже"), "the page stays as the freeze made it: {page}");
        assert!(matches!(community.post("ещё", at(6)), Err(PublishError::Frozen)));
    }

    #[test]
    fn a_page_where_a_server_has_nothing_hinders_no_upload() {
        let [folder, web] = [(); 2].map(|()| TempDir::new().unwrap());
        let mut community = founded(folder.path());
        community.publish(web.path(), at(1)).unwrap();
        community.post("новое", at(1)).unwrap();
        let remote = look(&community, web.path(), Some("<html>not found"));
        assert_eq!(Publisher::wanted_after(&remote, 3), None, "no thousand charters are asked for");
        community.take_in_remote(&remote, at(2)).unwrap();
        community.plan(&remote, false, at(2)).unwrap();
    }
}
