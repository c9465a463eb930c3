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

/// What four times as many posts may take more. Each new post would take more than a hundred bytes, if it were remembered.
const GROWTH: usize = 1 << 20;

/// The posts of a month. Twelve months are 12 MiB.
const POSTS: usize = 1_000;

const MONTHS: i64 = 12;

#[tokio::test]
async fn a_large_bundle_takes_the_memory_of_its_batches() {
    let large = taking(MONTHS, false).await;
    assert!(large < LIMIT, "{large} bytes");
    let larger = taking(MONTHS * 4, false).await;
    assert!(larger < large + GROWTH, "{large} bytes for {MONTHS} months, {larger} for four times as many");
    taking(MONTHS, true).await;
}

/// The memory that taking in so many months takes beside the bundle. `is_followed`: an app listens to the changes.
async fn taking(months: i64, is_followed: bool) -> usize {
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
    let text = "Завтра в шесть у проходной. ".repeat(11);
    let mut files: Vec<(String, Vec<u8>)> = vec![(NEWEST.to_owned(), Vec::new())];
    for month in 0..months {
        let mut lines = Vec::new();
        for number in 0..POSTS as i64 {
            let second = (month * POSTS as i64 + number) * 60;
            let event = SignedEvent::sign(&key, at(second), EventKind::Note, tags.clone(), format!("{number}. {text}"));
            lines.extend_from_slice(event.unwrap().to_json().as_bytes());
            lines.push(b'\n');
        }
        files.push((format!("events-{}-{:02}.jsonl", 2021 + month / 12, month % 12 + 1), lines));
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
    let mut heard = is_followed.then(|| byway.changes());
    let (before, bytes) = (USED.load(Ordering::Relaxed), bundle.len());
    PEAK.store(before, Ordering::Relaxed);
    let began = Instant::now();
    let taken = byway.take_bundle(bundle, Exposure::Open).await.unwrap();
    let (took, grown) = (began.elapsed(), PEAK.load(Ordering::Relaxed) - before);
    let posts = taken.changes.posts;
    println!("{} posts of {bytes} bytes in {took:?}, {grown} bytes of memory beside the bundle", posts.count_added());
    assert_eq!((posts.count_added(), posts.first), (POSTS as u64 * months as u64, true), "{:?}", taken.notes);
    let Some(heard) = &mut heard else { return grown };
    let mut told = 0;
    while let Some(change) = heard.try_next() {
        if let StoreChange::Posts { posts, .. } = change {
            told += posts.added.len();
            assert!(posts.first, "a later batch is no news either");
        }
    }
    assert_eq!(told, POSTS * months as usize);
    grown
}
