//! A month of 100,000 events is verified in one pass, with the memory of one batch of lines.
//!
//! A program has one counting allocator, so this is a test binary with one test function.

#![allow(clippy::unwrap_used, clippy::print_stdout, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::sync::atomic::Ordering;
use std::time::Instant;

use byway::internals::signed::{
    Admission, Chain, Charter, Digest, EventKind, FORMAT, FileEntry, FileReader, Head, KeySet, MAX_EVENTS, SignedEvent,
    SigningKey,
};
use byway::jiff::Timestamp;

use peak_memory::{PEAK, USED};

/// A batch of lines as bytes and as events, on every core, with room to spare.
const LIMIT: usize = 16 << 20;

/// As many lines are signed; the file repeats them.
const LINES: usize = 1_000;

#[test]
fn a_hundred_thousand_events_take_the_memory_of_a_batch() {
    let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
    let key = SigningKey::from_bytes([1; 32].into()).unwrap();
    let keys = KeySet::new(vec![key.public()], 1);
    let mut charter = Charter::first("Zavod", at(0), at(10_000_000), keys, vec![key.public()]);
    charter.authors = vec![key.public()];
    let first = charter.seal([&key]).unwrap();
    let chain = Chain::begin(first.digest(), &first, at(0)).unwrap();
    let tags = vec![vec!["i".to_owned(), format!("byway:{}", chain.id())]];
    let text = "Завтра в шесть у проходной. ".repeat(8);
    let lines: Vec<String> = (0..LINES)
        .map(|number| {
            let text = format!("{number}. {text}");
            let event = SignedEvent::sign(&key, at(number as i64), EventKind::Note, tags.clone(), text).unwrap();
            format!("{}\n", event.to_json())
        })
        .collect();
    let all = lines.concat().repeat(MAX_EVENTS / LINES);
    let (bytes, sha256) = (all.len() as u64, Digest::of(all.as_bytes()));
    drop(all);
    let file = FileEntry { name: "events-2023-11.jsonl".into(), bytes, sha256 };
    let (format, community, sequence) = (FORMAT, chain.id(), 1);
    let files = vec![file.clone()];
    let (issued, expires) = (at(86_400), at(86_400 * 30));
    let head = Head { format, community, charter: 1, charter_digest: chain.id(), sequence, issued, expires, files };
    let admission = Admission::new(&chain, &head, None, at(86_400));

    let before = USED.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let began = Instant::now();
    let mut reader = FileReader::new(admission, &file);
    let mut taken = 0;
    for _ in 0..MAX_EVENTS / LINES {
        for line in &lines {
            reader.push(line.as_bytes(), &mut |line| taken += usize::from(line.is_ok())).unwrap();
        }
    }
    reader.finish(&mut |line| taken += usize::from(line.is_ok())).unwrap();
    let took = began.elapsed();
    let grown = PEAK.load(Ordering::Relaxed) - before;
    println!("{taken} events of {bytes} bytes in {took:?}, {grown} bytes of memory at most");
    assert_eq!(taken, MAX_EVENTS);
    assert!(grown < LIMIT, "{grown} bytes");
}
