//! A large bundle is taken in with the memory of a few batches beside its own bytes.
//!
//! A program has one counting allocator, so this is a test binary with one test function.

#![allow(clippy::unwrap_used, clippy::print_stdout, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::sync::atomic::Ordering;
use std::time::Instant;

use byway::internals::signed::{
    Bundle, Chain, Charter, Digest, EventKind, FORMAT, FileEntry, Head, KeySet, NEWEST, SignedEvent, SigningKey,
};
use byway::jiff::Timestamp;
use byway::{Byway, Exposure, StoreChange, StoreKey};
use byway_lab::Lab;

use peak_memory::{PEAK, USED};

/// Beside the bundle: a few batches of lines as bytes, as events and as posts, and some hundred bytes of each item.
const LIMIT: usize = 16 << 20;

/// The posts of a month. Twelve months are 31 MiB.
const POSTS: usize = 1_000;

const MONTHS: i64 = 12;

#[tokio::test]
async fn a_large_bundle_takes_the_memory_of_its_batches() {
    let (lab, directory) = (Lab::new(), tempfile::tempdir().unwrap());
    let began = Timestamp::try_from(byway::net::Net::wall(&*lab.client())).unwrap().as_second() / 60 * 60 - 3_000_000;
    let at = |second: i64| Timestamp::from_second(began + second).unwrap();
    let key = SigningKey::from_bytes([1; 32].into()).unwrap();
    let keys = KeySet::new(vec![key.public()], 1);
    let mut charter = Charter::first("Zavod", at(0), at(100_000_000), keys, vec![key.public()]);
    charter.authors = vec![key.public()];
    let first = charter.seal([&key]).unwrap();
    let chain = Chain::begin(first.digest(), &first, at(0)).unwrap();
    let tags = vec![vec!["i".to_owned(), format!("byway:{}", chain.id())]];
    let text = "Завтра в шесть у проходной. ".repeat(46);
    let mut files: Vec<(String, Vec<u8>)> = vec![(NEWEST.to_owned(), Vec::new())];
    for month in 0..MONTHS {
        let mut lines = Vec::new();
        for number in 0..POSTS as i64 {
            let second = (month * POSTS as i64 + number) * 60;
            let event = SignedEvent::sign(&key, at(second), EventKind::Note, tags.clone(), format!("{number}. {text}"));
            lines.extend_from_slice(event.unwrap().to_json().as_bytes());
            lines.push(b'\n');
        }
        files.push((format!("events-2025-{:02}.jsonl", month + 1), lines));
    }
    let entry = |(name, bytes): &(String, Vec<u8>)| FileEntry {
        name: name.clone(),
        bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
    };
    let entries = files.iter().map(entry).collect();
    let (format, community, sequence, charter_digest) = (FORMAT, chain.id(), 1, chain.id());
    let (issued, expires) = (at(2_900_000), at(2_900_000 + 86_400 * 30));
    let head = Head { format, community, charter: 1, charter_digest, sequence, issued, expires, files: entries };
    let head = head.seal(&key).unwrap().to_json();
    let first = first.to_json();
    let documents = [("charter/1.json", first.as_bytes()), ("head.json", head.as_bytes())];
    let parts = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let bundle = Bundle::write(documents.into_iter().chain(parts));
    drop(files);

    let byway =
        Byway::builder().strategy("direct:".parse().unwrap()).data_dir(directory.path(), StoreKey::from_bytes([7; 32]));
    let byway = byway.net(lab.client()).build().await.unwrap();
    let mut heard = byway.changes();
    let (before, bytes) = (USED.load(Ordering::Relaxed), bundle.len());
    PEAK.store(before, Ordering::Relaxed);
    let began = Instant::now();
    let taken = byway.take_bundle(bundle, Exposure::Open).await.unwrap();
    let (took, grown) = (began.elapsed(), PEAK.load(Ordering::Relaxed) - before);
    let posts = taken.changes.posts;
    println!("{} posts of {bytes} bytes in {took:?}, {grown} bytes of memory beside the bundle", posts.added.len());
    assert_eq!((posts.added.len(), posts.first), (POSTS * MONTHS as usize, true), "{:?}", taken.notes);
    assert!(grown < LIMIT, "{grown} bytes");
    let mut told = 0;
    while let Some(change) = heard.try_next() {
        if let StoreChange::Posts { posts, .. } = change {
            told += posts.added.len();
            assert!(posts.first, "a later batch is no news either");
        }
    }
    assert_eq!(told, POSTS * MONTHS as usize);
}
