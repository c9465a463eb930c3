//! Events of a signed community: how fast they are verified, beside the signature library alone on all cores; and a whole community
//! of 1,000 to 100,000 events, verified and stored. `cargo bench --bench signed`.
//!
//! The two sides of the verification take turns. For the memory, a child of this program takes in a bundle, because the kernel's
//! peak of a process (`VmHWM`, Linux) must start from zero for each.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

#[path = "measure/account.rs"]
mod account;

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use byway::internals::signed::{
    Admission, Bundle, Chain, Charter, Digest, EventKind, FORMAT, FileEntry, FileReader, Head, KeySet, NEWEST,
    SignedEvent, SigningKey,
};
use byway::{Byway, Exposure, StoreKey};
use jiff::Timestamp;
use secp256k1::{Secp256k1, XOnlyPublicKey, schnorr};

use account::{Account, Line, median};

fn main() {
    if let Some(folder) = std::env::var_os(CHILD) {
        return take(Path::new(&folder));
    }
    let mut account = Account::of("signed");
    verified(&mut account);
    stored(&mut account);
    account.write();
}

/// One key that signs everything, and the community's charters.
struct Group {
    key: SigningKey,
    first: String,
    chain: Chain,
}

impl Group {
    fn new() -> Self {
        let key = SigningKey::from_bytes([1; 32].into()).expect("a key");
        let keys = KeySet::new(vec![key.public()], 1);
        let mut charter = Charter::first("Zavod", at(0), at(LONG), keys, vec![key.public()]);
        charter.authors = vec![key.public()];
        let first = charter.seal([&key]).expect("a charter");
        let chain = Chain::begin(first.digest(), &first, at(0)).expect("a chain");
        Self { key, first: first.to_json(), chain }
    }

    /// Posts of a few sentences.
    fn posts(&self, from: usize, count: usize) -> Vec<SignedEvent> {
        let text = "Завтра в шесть у проходной. ".repeat(6);
        let tags = vec![vec!["i".to_owned(), format!("byway:{}", self.chain.id())]];
        let sign = |number: usize| {
            let when = at(i64::try_from(number).expect("a number") * 60);
            SignedEvent::sign(&self.key, when, EventKind::Note, tags.clone(), format!("{number}. {text}"))
        };
        (from..from + count).map(|number| sign(number).expect("an event")).collect()
    }

    fn head(&self, files: Vec<FileEntry>) -> Head {
        let (format, community, sequence, charter_digest) = (FORMAT, self.chain.id(), 1, self.chain.id());
        let (issued, expires) = (at(LONG / 2), at(LONG / 2 + LIFETIME));
        Head { format, community, charter: 1, charter_digest, sequence, issued, expires, files }
    }
}

/// The time of each event's file to be verified, beside the signatures alone.
fn verified(account: &mut Account) {
    let group = Group::new();
    let events = group.posts(0, VERIFIED);
    let lines = text(&events);
    let file = FileEntry { name: NEWEST.to_owned(), bytes: lines.len() as u64, sha256: Digest::of(&lines) };
    let head = group.head(vec![file.clone()]);
    let admission = Admission::new(&group.chain, &head, None, at(LONG / 2));
    let signatures: Vec<([u8; 32], [u8; 32], [u8; 64])> = events.iter().map(parts).collect();
    let curve = Secp256k1::verification_only();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let started = Instant::now();
        let (mut reader, mut taken) = (FileReader::new(admission, &file), 0);
        for piece in lines.chunks(1 << 20) {
            reader.push(piece, &mut |line| taken += usize::from(line.is_ok())).expect("a file");
        }
        reader.finish(&mut |line| taken += usize::from(line.is_ok())).expect("the whole file");
        ours.push(started.elapsed());
        assert_eq!(taken, VERIFIED);

        let started = Instant::now();
        let valid: usize = thread::scope(|scope| {
            let verify = |part: &[([u8; 32], [u8; 32], [u8; 64])]| {
                let is_valid = |(key, digest, signature): &&([u8; 32], [u8; 32], [u8; 64])| {
                    let key = XOnlyPublicKey::from_byte_array(key).expect("a key");
                    let signature = schnorr::Signature::from_byte_array(*signature);
                    curve.verify_schnorr(&signature, digest, &key).is_ok()
                };
                part.iter().filter(is_valid).count()
            };
            let parts = signatures.chunks(VERIFIED.div_ceil(cores));
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || verify(part))).collect();
            threads.into_iter().map(|thread| thread.join().expect("a thread")).sum()
        });
        alone.push(started.elapsed());
        assert_eq!(valid, VERIFIED);
    }
    let (ours, alone) = (rate(VERIFIED, median(&mut ours)), rate(VERIFIED, median(&mut alone)));
    account.line(Line {
        what: "signed events read and verified, on all cores".to_owned(),
        ours: shown(ours),
        other: format!("the signature library alone {}", shown(alone)),
        ratio: ours / alone,
        claim: "at least 0.90".to_owned(),
        held: Some(ours >= LEAST * alone),
    });
}

/// The time and the memory of a community that is taken in.
fn stored(account: &mut Account) {
    let mut first = None;
    for count in [1_000, 10_000, 100_000] {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let bundle = bundle(count);
        fs::write(folder.path().join(BUNDLE), &bundle).expect("a file");
        let length = bundle.len() as f64 / 1024.0;
        drop(bundle);
        let program = std::env::current_exe().expect("this program");
        let child = Command::new(program).env(CHILD, folder.path()).output().expect("a child");
        let told = String::from_utf8_lossy(&child.stdout).into_owned();
        let told: Vec<f64> = told.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [posts, seconds, peak] = told[..].try_into().expect("what the child counted");
        assert_eq!(posts, count as f64);
        let beside = peak - length;
        let least = *first.get_or_insert(beside);
        account.line(Line {
            what: format!("{} events verified and stored in one pass, time", grouped(count)),
            ours: format!("{:.2} s", seconds),
            other: format!("{} a second", shown(count as f64 / seconds).trim_end_matches(" a second")),
            ratio: count as f64 / seconds / SLOWEST,
            claim: format!("at least {} a second", grouped(SLOWEST as usize)),
            held: Some(count as f64 / seconds >= SLOWEST),
        });
        account.line(Line {
            what: format!("{} events verified and stored in one pass, peak memory beside the file", grouped(count)),
            ours: mib(beside),
            other: format!("with 1,000 events {}", mib(least)),
            ratio: beside / least,
            claim: if count == 1_000 { String::new() } else { format!("at most {MORE_MIB} MiB more") },
            held: (count != 1_000).then_some(beside <= least + MORE_MIB * 1024.0),
        });
    }
}

/// What the child does: it prints how many posts were added, the seconds, and its peak in KiB.
fn take(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let direct = "direct:".parse().expect("a strategy");
        let key = StoreKey::new([7; 32]);
        let byway =
            Byway::builder().strategy(direct).data_dir(folder.join("data"), key).build().await.expect("a client");
        let bundle = fs::read(folder.join(BUNDLE)).expect("the bundle");
        let started = Instant::now();
        let taken = byway.take_bundle(bundle, Exposure::Open).await.expect("a community");
        println!("{} {} {}", taken.changes.posts.count_added(), started.elapsed().as_secs_f64(), peak());
    });
}

/// A bundle of so many posts, in months of 10,000.
fn bundle(count: usize) -> Vec<u8> {
    let group = Group::new();
    let mut files = vec![(NEWEST.to_owned(), Vec::new())];
    for (month, from) in (0..count).step_by(MONTH).enumerate() {
        let name = format!("events-2016-{:02}.jsonl", month + 1);
        files.push((name, text(&group.posts(from, MONTH.min(count - from)))));
    }
    let entry = |(name, bytes): &(String, Vec<u8>)| FileEntry {
        name: name.clone(),
        bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
    };
    let head = group.head(files.iter().map(entry).collect()).seal(&group.key).expect("a head").to_json();
    let documents = [("charter/1.json", group.first.as_bytes()), ("head.json", head.as_bytes())];
    let parts = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    Bundle::write(documents.into_iter().chain(parts))
}

fn text(events: &[SignedEvent]) -> Vec<u8> {
    events.iter().flat_map(|event| format!("{}\n", event.to_json()).into_bytes()).collect()
}

/// The key, the digest and the signature of an event, as bytes.
fn parts(event: &SignedEvent) -> ([u8; 32], [u8; 32], [u8; 64]) {
    let json: serde_json::Value = serde_json::from_str(&event.to_json()).expect("JSON");
    let bytes = |name: &str| -> Vec<u8> {
        let digits = json[name].as_str().expect("digits").as_bytes();
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("digits");
        digits.chunks(2).map(pair).collect()
    };
    let fixed = |name| <[u8; 32]>::try_from(bytes(name)).expect("32 bytes");
    (fixed("pubkey"), fixed("id"), <[u8; 64]>::try_from(bytes("sig")).expect("64 bytes"))
}

/// The peak of this process in KiB; 0 if the kernel does not report it.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn shown(rate: f64) -> String {
    format!("{:.1} thousand a second", rate / 1e3)
}

fn mib(kib: f64) -> String {
    format!("{:.1} MiB", kib / 1024.0)
}

fn grouped(count: usize) -> String {
    if count < 1_000 { count.to_string() } else { format!("{},{:03}", count / 1_000, count % 1_000) }
}

/// A second of the community's life.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_451_606_400 + second).expect("a time")
}

/// Set for the child: the folder of the bundle and of the store.
const CHILD: &str = "BYWAY_BENCH_SIGNED";

const BUNDLE: &str = "zavod.byway";

/// The community's life, in seconds: longer than a minute for each post.
const LONG: i64 = 20_000_000;

/// Thirty days, in seconds: how long the community's newest statement holds.
const LIFETIME: i64 = 30 * 86_400;

/// The events of one turn of the verification: several batches for each core.
const VERIFIED: usize = 20_000;

const TURNS: usize = 7;

/// The part of the library's rate that is left for reading JSON, the ids and the rules.
const LEAST: f64 = 0.9;

/// The posts of a month.
const MONTH: usize = 10_000;

/// Events a second.
const SLOWEST: f64 = 5_000.0;

/// SQLite's page cache (8 MiB) fills up once. The ids of a month's events are kept until its end, to compare later lines with, and the
/// first 4,096 among the changes.
const MORE_MIB: f64 = 16.0;
