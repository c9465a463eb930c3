//! Pictures that come in a bundle or a folder, and those that do not.

use byway::community::Attachment;
use byway::{AttachmentFault, AttachmentId, FetchedFile, GetOptions, attachments};

use super::*;

const GATE: &[u8] = b"\x89PNG gate";
const HALL: &[u8] = b"\x89PNG hall";

fn part(bytes: &[u8]) -> (String, Vec<u8>) {
    (format!("files/{}", Digest::of(bytes)), bytes.to_vec())
}

fn named(zavod: &mut Zavod, url: &str) -> String {
    format!("nostr:{}", zavod.event(1, EventKind::Note, Some(["imeta", &format!("url {url}")]), "see"))
}

async fn picture(byway: &Byway, zavod: &Zavod, post: &str) -> Result<FetchedFile, AttachmentFault> {
    let id = AttachmentId { community: zavod.community(), post: post.to_owned(), index: 0 };
    byway.fetch_attachment_with(&id, 1000, GetOptions::default()).await.map_err(|error| error.fault)
}

fn codes(taken: &TakenBundle) -> Vec<&'static str> {
    taken.notes.iter().map(Note::code).collect()
}

#[tokio::test(start_paused = true)]
async fn pictures_of_a_bundle_are_read_without_a_network() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    let gate = named(&mut zavod, &part(GATE).0);
    let foreign = named(&mut zavod, &format!("https://evil.example/{}", part(HALL).0));
    let mut parts = zavod.parts();
    let mut pictures = [part(GATE), part(b"nobody names it")];
    pictures.sort();
    parts.extend(pictures);
    let byway = phone(&lab).await;
    let taken = byway.take_bundle(written(&parts), Exposure::Open).await.unwrap();
    assert_eq!(codes(&taken), ["signed"]);
    let file = picture(&byway, &zavod, &gate).await.unwrap();
    assert_eq!((&file.bytes[..], file.reachability.attempts.len()), (GATE, 0));
    let unnamed = zavod.event(1, EventKind::Note, None, "");
    assert!(matches!(picture(&byway, &zavod, &unnamed).await, Err(AttachmentFault::NotStored)));
    assert!(matches!(picture(&byway, &zavod, &foreign).await, Err(AttachmentFault::NoFile)), "no other host");
    let post = byway.post(&zavod.community(), &gate).await.unwrap().unwrap();
    assert_eq!(attachments(&zavod.community(), &post).len(), 1);
    assert!(matches!(&post.attachments[0], Attachment::Photo { url: Some(url), .. } if *url == part(GATE).0));
    assert!(lab.log().by("client").sent().is_empty(), "{}", lab.log());
    zavod.event(1, EventKind::Deletion, Some(["e", gate.strip_prefix("nostr:").unwrap()]), "");
    byway.take_bundle(zavod.bundle(), Exposure::Open).await.unwrap();
    assert!(picture(&byway, &zavod, &gate).await.is_err(), "it went with its post");
}

#[tokio::test(start_paused = true)]
async fn pictures_that_did_not_come_along_are_said() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    let (gate, hall) = (named(&mut zavod, &part(GATE).0), named(&mut zavod, &part(HALL).0));
    let byway = phone(&lab).await;
    let taken = byway.take_bundle(zavod.bundle(), Exposure::Open).await.unwrap();
    assert!(matches!(taken.notes[..], [_, Note::Source(SourceNote::PicturesAbsent { count: 2 })]), "{:?}", taken.notes);
    let mut parts = zavod.parts();
    let mut pictures = [(part(GATE).0, HALL.to_vec()), part(HALL)];
    pictures.sort();
    parts.extend(pictures);
    let taken = byway.take_bundle(written(&parts), Exposure::Open).await.unwrap();
    assert_eq!(codes(&taken), ["signed", "not_genuine", "pictures_absent"]);
    assert_eq!(picture(&byway, &zavod, &hall).await.unwrap().bytes, HALL);
    // Only the charter names the mirror, and nobody asked for it.
    lab.host("zavod.example").https().page(&format!("/{}", part(GATE).0), Page::new(GATE));
    let refused = picture(&byway, &zavod, &gate).await.unwrap_err();
    assert!(lab.log().by("client").sent().is_empty(), "{refused} {}", lab.log());
    let id = AttachmentId { community: zavod.community(), post: gate, index: 0 };
    let how = GetOptions { allow_direct: true, ..GetOptions::default() };
    let fetched = byway.fetch_attachment_with(&id, 1000, how).await.unwrap();
    assert_eq!(fetched.bytes, GATE, "at the community's mirror, and compared with its digest");
}

#[tokio::test(start_paused = true)]
async fn pictures_of_a_folder_are_taken_in_and_links_are_not() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    let (gate, hall) = (named(&mut zavod, &part(GATE).0), named(&mut zavod, &part(HALL).0));
    let card = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(card.path().join("charter")).unwrap();
    std::fs::create_dir_all(card.path().join("files")).unwrap();
    for (name, bytes) in zavod.parts().into_iter().chain([part(GATE), ("other".to_owned(), HALL.to_vec())]) {
        std::fs::write(card.path().join(name), bytes).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(card.path().join("other"), card.path().join(part(HALL).0)).unwrap();
    let byway = phone(&lab).await;
    let link = byway::url::Url::from_directory_path(card.path()).unwrap();
    let opened = byway.open(link.as_str()).await.unwrap();
    let absent = |note: &Note| matches!(note, Note::Source(SourceNote::PicturesAbsent { count: 1 }));
    assert!(opened.notes.iter().any(absent), "{:?}", opened.notes);
    assert_eq!(picture(&byway, &zavod, &gate).await.unwrap().bytes, GATE);
    assert!(picture(&byway, &zavod, &hall).await.is_err());
}
