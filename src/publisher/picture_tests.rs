//! Pictures in posts: what lies in the folders, what a kill leaves, and what the site shows.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::picture::Picture;
use super::tests::{at, files, founded, keys, open};
use super::*;
use crate::community::Attachment;
use crate::signed::{Bundle, Digest, picture_file};

/// A small picture of which the pixels count.
pub(super) fn picture(shade: u8, text: &str) -> Picture {
    let image = image::GrayImage::from_pixel(3, 2, image::Luma([shade]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    Picture::clean(&bytes.into_inner(), text).unwrap()
}

fn pictures_in(folder: &Path) -> Vec<String> {
    files(folder).into_keys().filter(|name| name.starts_with("files/")).collect()
}

fn page(folder: &Path) -> String {
    fs::read_to_string(folder.join("index.html")).unwrap()
}

#[test]
fn a_picture_is_named_by_its_post_and_lies_beside_it() {
    let (folder, web) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut community = founded(folder.path());
    assert!(!page(folder.path()).contains("<img"));
    let gate = picture(1, "Ворота <закрыты>");
    let name = community.post_with("Смотрите", std::slice::from_ref(&gate), at(1)).unwrap();
    community.post_with("", &[picture(2, "")], at(2)).unwrap();
    assert!(community.post_with("Много", &vec![gate.clone(); 11], at(2)).is_err());
    let (_, posts, _) = open(folder.path(), keys(1), at(3)).unwrap().content(at(3));
    let expected = Attachment::Photo {
        url: Some(picture_file(&Digest::of(gate.bytes()))),
        width: Some(3),
        height: Some(2),
        text: Some("Ворота <закрыты>".to_owned()),
    };
    assert!(posts[1].attachments == [expected] && posts[0].text.is_empty());
    community.publish(web.path(), at(4)).unwrap();
    assert_eq!(pictures_in(web.path()).len(), 2);
    assert_eq!(fs::read(web.path().join(gate.file())).unwrap(), gate.bytes());
    let shown = page(web.path());
    let tag = format!("<img src=\"{}\" alt=\"Ворота &#60;закрыты&#62;\" width=\"3\" height=\"2\"", gate.file());
    assert!(shown.contains(&tag) && shown.contains("; img-src 'self'; base-uri"), "{shown}");

    community.edit(&name, "Смотрите же", at(5)).unwrap();
    assert_eq!(pictures_in(folder.path()).len(), 2, "an edit of the text keeps the pictures");
    community.edit_with(&name, "Без картинки", &[], at(6)).unwrap();
    assert_eq!(pictures_in(folder.path()).len(), 1, "what no post names is not handed out");
    assert_eq!(pictures_in(web.path()).len(), 2, "not published yet");
    community.publish(web.path(), at(7)).unwrap();
    assert_eq!(pictures_in(web.path()).len(), 1);
}

#[test]
fn a_picture_of_two_posts_goes_with_the_last_one() {
    let folder = TempDir::new().unwrap();
    let mut community = founded(folder.path());
    let gate = [picture(1, "")];
    let first = community.post_with("a", &gate, at(1)).unwrap();
    let second = community.post_with("b", &gate, at(2)).unwrap();
    fs::write(folder.path().join("files/own.txt"), "kept").unwrap();
    community.delete(&first, at(3)).unwrap();
    assert_eq!(pictures_in(folder.path()).len(), 2);
    community.delete(&second, at(4)).unwrap();
    assert_eq!(pictures_in(folder.path()), ["files/own.txt"], "what is no picture is left alone");
}

#[test]
fn a_kill_while_a_picture_is_posted_leaves_one_state() {
    let gate = [picture(1, "")];
    for writes in 0..40 {
        let (folder, web) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let mut community = founded(folder.path());
        let old = community.post_with("alt", &[picture(9, "")], at(1)).unwrap();
        community.publish(web.path(), at(2)).unwrap();
        community.files.writes_left = Some(writes);
        let done = community.edit_with(&old, "neu", &gate, at(3)).is_ok();
        let mut next = open(folder.path(), keys(1), at(4)).unwrap();
        let (_, posts, _) = next.content(at(4));
        let named = next.pictures(at(4));
        assert!(posts[0].text == "neu" || (posts[0].text == "alt" && !done), "{writes}");
        assert!(named.iter().all(|digest| next.picture(digest).unwrap().is_some()), "{writes}: a picture is missing");
        next.publish(web.path(), at(5)).unwrap();
        for place in [folder.path(), web.path()] {
            let expected: Vec<String> = named.iter().map(picture_file).collect();
            assert_eq!(pictures_in(place), expected, "{writes}: the next one removes what was left");
        }
        if done {
            return;
        }
    }
    panic!("never done");
}

#[test]
fn a_changed_picture_is_damage_and_is_repaired_in_a_mirror() {
    let (folder, web) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut community = founded(folder.path());
    let gate = picture(1, "");
    community.post_with("a", std::slice::from_ref(&gate), at(1)).unwrap();
    community.publish(web.path(), at(2)).unwrap();
    let (own, public) = (folder.path().join(gate.file()), web.path().join(gate.file()));
    fs::write(&public, "another").unwrap();
    community.publish(web.path(), at(3)).unwrap();
    assert_eq!(fs::read(&public).unwrap(), gate.bytes(), "a mirror's picture is repaired");
    fs::write(&public, "another").unwrap();
    fs::write(&own, "another").unwrap();
    assert!(matches!(community.publish(web.path(), at(4)), Err(PublishError::Damaged)));
    fs::remove_file(&own).unwrap();
    assert!(matches!(community.publish(web.path(), at(5)), Err(PublishError::Damaged)));
}

#[test]
fn another_phones_pictures_are_taken_in() {
    let (folder, other, web) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut community = founded(folder.path());
    community.publish(other.path(), at(0)).unwrap();
    let mut phone = open(other.path(), keys(1), at(1)).unwrap();
    let (gate, hall) = (picture(1, ""), picture(2, ""));
    phone.post_with("b", &[gate.clone(), hall.clone()], at(2)).unwrap();
    fs::write(other.path().join(hall.file()), "another").unwrap();
    community.take_in(other.path(), at(3)).unwrap();
    assert_eq!(pictures_in(folder.path()), [gate.file()], "a changed picture is not taken in");
    let refused = community.publish(web.path(), at(4));
    assert!(matches!(refused, Err(PublishError::Damaged)), "these keys published it, and it is not here");
    fs::write(folder.path().join(hall.file()), hall.bytes()).unwrap();
    community.publish(web.path(), at(5)).unwrap();
    assert_eq!(pictures_in(web.path()).len(), 2);
}

#[test]
fn a_bundle_carries_the_pictures_of_the_newest_posts() {
    let folder = TempDir::new().unwrap();
    let mut community = founded(folder.path());
    let (gate, hall) = (picture(1, ""), picture(2, ""));
    community.post_with("old", &[gate.clone(), hall.clone()], at(1)).unwrap();
    let name = community.post_with("new", std::slice::from_ref(&gate), at(2)).unwrap();
    community.post_with("gone", &[picture(3, "")], at(3)).unwrap();
    drop(community);
    let made = bundle_of(folder.path(), BundlePictures::Newest, at(4)).unwrap();
    assert_eq!((made.pictures, made.pictures_left_out), (3, 0));
    let bundle = Bundle::parse(&made.bytes).unwrap();
    assert_eq!(bundle.picture(&Digest::of(gate.bytes())), Some(gate.bytes()));
    let small = bundle_of(folder.path(), BundlePictures::LeftOut, at(4)).unwrap();
    assert_eq!((small.pictures, small.pictures_left_out), (0, 3), "a picture of two posts counts once");
    assert!(Bundle::parse(&small.bytes).unwrap().picture(&Digest::of(gate.bytes())).is_none());
    fs::write(folder.path().join(hall.file()), "another").unwrap();
    let made = bundle_of(folder.path(), BundlePictures::Newest, at(4)).unwrap();
    assert_eq!((made.pictures, made.pictures_left_out), (2, 1), "a changed one is not handed on");
    // The room is for the newest posts, in their order.
    for number in 0..5_u8 {
        let large = vec![number; 8 << 20];
        let mut community = open(folder.path(), keys(1), at(5)).unwrap();
        let tag = vec!["imeta".to_owned(), format!("url {}", picture_file(&Digest::of(&large)))];
        community.files.replace(&picture_file(&Digest::of(&large)), &large).unwrap();
        let then = at(5 + i64::from(number));
        community.article(&format!("large{number}"), "large", vec![tag], (then, then), then).unwrap();
    }
    let made = bundle_of(folder.path(), BundlePictures::Newest, at(20)).unwrap();
    assert_eq!((made.pictures, made.pictures_left_out), (5, 3), "three of 8 MiB and two small ones");
    let bundle = Bundle::parse(&made.bytes).unwrap();
    assert!(bundle.picture(&Digest::of(&vec![4; 8 << 20])).is_some(), "the newest");
    assert!(bundle.picture(&Digest::of(&vec![0; 8 << 20])).is_none(), "the oldest of the large ones");
    assert!(!name.is_empty());
}
