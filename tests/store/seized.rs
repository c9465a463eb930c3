//! What the files show without the key.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use byway::Exposure;
use byway::community::{
    Attachment, Author, AuthorKind, Community, CommunityId, Event, Home, Link, Moment, Place, Post,
};
use byway::internals::ClientStore as _;
use byway::internals::store::{Batch, Store};
use rusqlite::Connection;

use crate::made::*;

/// Words for everything that must not be found, each in its own place.
const CANARIES: [&str; 14] = [
    "canary-name-Станкозавод",
    "canary-status",
    "canary-description",
    "canary-post-text",
    "canary-post-id",
    "canary-author",
    "canary-link.example",
    "canary-attachment.example",
    "canary_home",
    "canary-event",
    "canary-place",
    "canary-network-id",
    "canary-blob-name",
    "canary-community-id",
];

fn keep_canaries(store: &Store) {
    let [name, status, description, text, post, author, link, file, home, event_name, place, network, blob, id] =
        CANARIES;
    let home: Home = format!("vk.com/{home}").parse().unwrap();
    let mut community = Community::new(id.parse().unwrap(), name);
    community.status = Some(status.to_owned());
    community.description = Some(description.to_owned());
    community.homes = vec![home.clone()];
    let mut made = Post::new(post);
    made.created = Some(at(NOON));
    made.text = text.to_owned();
    made.author = Some(Author::new("vk:1", author, AuthorKind::Person));
    made.links = vec![Link::new(format!("https://{link}/"), None)];
    made.attachments = vec![Attachment::Link { url: format!("https://{file}/"), title: None, text: None }];
    let mut event = Event::new("vk:-7".parse().unwrap(), event_name);
    event.start = Some(Moment::utc(at(NOON)));
    let mut held_at = Place::default();
    held_at.name = Some(place.to_owned());
    event.place = Some(held_at);
    let id = community.id.clone();
    let batch = Batch { community: Some(&community), posts: &[made], events: &[event], ..Batch::new(&id, at(NOON)) };
    store.upsert(&batch).unwrap();
    store.raise_floor(&id, Exposure::Tor).unwrap();
    store.raise_floor(&home, Exposure::Tor).unwrap();
    store.set_blob(blob, network.as_bytes()).unwrap();
}

/// All files of the directory must contain none of the words, in UTF-8 or UTF-16; nor the key, nor the time of the
/// post.
fn search(directory: &Path) -> usize {
    let mut words: Vec<Vec<u8>> = Vec::new();
    for canary in
        CANARIES.iter().chain(&["canary", "Станкозавод", "vk.com", "vk:-7", "2016-11-12", "\"posts\"", "tor\""])
    {
        words.push(canary.as_bytes().to_vec());
        words.push(canary.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    words.push(key().as_bytes().to_vec());
    for time in [NOON, NOON * 1000, NOON * 1_000_000] {
        words.push(time.to_be_bytes()[2..].to_vec());
        words.push(time.to_le_bytes()[..6].to_vec());
    }
    words.push((NOON as u32).to_be_bytes().to_vec());
    let mut searched = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for word in &words {
            let found = bytes.windows(word.len()).any(|window| window == word.as_slice());
            assert!(!found, "{path:?} holds {:?}", String::from_utf8_lossy(word));
        }
        searched += bytes.len();
    }
    searched
}

#[test]
fn no_file_of_the_directory_holds_a_word_of_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    keep_canaries(&store);
    assert!(fs::metadata(folder.path().join("byway.db-wal")).unwrap().len() > 0, "the log is searched too");
    assert!(search(folder.path()) > 10_000);
    store.suspend().unwrap();
    search(folder.path());
    store.resume().unwrap();
    assert_eq!(store.communities().unwrap()[0].community.name, CANARIES[0], "yet it is there");
    store.set_retention(Some(0), at(NOON + 99 * 86_400)).unwrap();
    search(folder.path());
    drop(store);
    search(folder.path());
}

#[test]
fn a_hundred_posts_show_no_order_no_times_and_no_lengths() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    let mut all = posts(0..100);
    for (at, post) in all.iter_mut().enumerate() {
        post.text = "x".repeat(at * 7);
    }
    all.reverse();
    store.upsert_posts(&id(), &all, at(NOON)).unwrap();
    drop(store);
    let connection = Connection::open(folder.path().join("byway.db")).unwrap();
    let mut statement = connection.prepare("SELECT day, length(head), length(body) FROM items ORDER BY id").unwrap();
    let rows: Vec<(i64, i64, i64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut lengths: Vec<i64> = rows.iter().map(|(_, head, body)| head * 10_000 + body).collect();
    assert!(!lengths.is_sorted() && !lengths.iter().rev().is_sorted());
    lengths.sort_unstable();
    lengths.dedup();
    assert!(lengths.len() <= 5, "{lengths:?}");
    // Days are distinct but unnamed: their numbers are as large as random ones.
    let mut days: Vec<i64> = rows.iter().map(|(day, ..)| *day).collect();
    days.sort_unstable();
    days.dedup();
    assert!((5..=6).contains(&days.len()));
    assert!(days.iter().all(|day| day.unsigned_abs() > 1 << 40));
}

#[test]
fn the_same_things_kept_twice_look_different() {
    let records = || {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &key()).unwrap();
        keep_canaries(&store);
        drop(store);
        let connection = Connection::open(folder.path().join("byway.db")).unwrap();
        let mut statement =
            connection.prepare("SELECT key, sealed FROM records UNION ALL SELECT key, body FROM items").unwrap();
        statement
            .query_map([], |row| Ok([row.get(0)?, row.get(1)?]))
            .unwrap()
            .map(Result::unwrap)
            .collect::<Vec<[Vec<u8>; 2]>>()
    };
    let (one, other) = (records(), records());
    assert_eq!(one.len(), other.len());
    for [key, sealed] in &one {
        assert!(!other.iter().any(|[other_key, other_sealed]| key == other_key || sealed == other_sealed));
    }
}

/// What the rows of the database hold, sealed.
fn sealed(directory: &Path) -> Vec<Vec<u8>> {
    let connection = Connection::open(directory.join("byway.db")).unwrap();
    let all = "SELECT sealed FROM records UNION ALL SELECT head FROM items UNION ALL SELECT body FROM items";
    let mut statement = connection.prepare(all).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The key may be taken together with the device: what was removed must not even lie there sealed.
#[test]
fn nothing_of_what_was_removed_stays_in_the_files_sealed() {
    let now = at(NOON + 99 * 86_400);
    let other = CommunityId::vk(2);
    for is_forgotten in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &key()).unwrap();
        store.upsert_posts(&other, &posts(0..20), now).unwrap();
        let mut many = posts(0..60);
        // Longer than a page of the database, too.
        many.iter_mut().for_each(|post| post.text = post.text.repeat(400));
        let mut event = Event::new("vk:-7".parse().unwrap(), "Сход");
        event.start = Some(Moment::utc(at(NOON)));
        let own = id();
        let community = Community::new(own.clone(), "Zavod");
        let batch = Batch { community: Some(&community), posts: &many, events: &[event], ..Batch::new(&own, at(NOON)) };
        store.upsert(&batch).unwrap();
        store.suspend().unwrap();
        let before = sealed(folder.path());
        store.resume().unwrap();
        if is_forgotten {
            store.forget(&id()).unwrap();
            assert!(store.community(&id()).unwrap().is_none());
        } else {
            store.set_retention(Some(0), now).unwrap();
        }
        let files: Vec<Vec<u8>> =
            fs::read_dir(folder.path()).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
        store.suspend().unwrap();
        let after = sealed(folder.path());
        let removed: Vec<&Vec<u8>> = before.iter().filter(|row| !after.contains(row)).collect();
        assert!(removed.len() > 120, "{} of {}", removed.len(), before.len());
        // Pieces that lie in one page of a long row.
        let places: HashSet<&[u8]> = files.iter().flat_map(|file| file.windows(PIECE)).collect();
        for piece in removed.iter().flat_map(|row| row.chunks_exact(PIECE)) {
            assert!(!places.contains(piece), "forgotten: {is_forgotten}");
        }
    }
}

/// Bytes that are in no file by chance.
const PIECE: usize = 24;
