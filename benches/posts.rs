//! Storing posts from VK's answer in the sealed store, a thousand at a time, compared with SQLite's minimum: the same
//! posts as plain JSON with their key and time. `cargo bench --bench posts`.
//!
//! Reading, storing and SQLite alone take turns, batch by batch. criterion's own figures are those of reading and
//! storing together.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

#[path = "measure/account.rs"]
mod account;
#[path = "measure/wall.rs"]
mod wall;

use std::time::{Duration, Instant};

use byway::community::Post;
use byway::internals::ClientStore as _;
use byway::internals::store::{Store, StoreKey};
use byway::internals::vk;
use criterion::{Criterion, SamplingMode, Throughput};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use account::{Account, Line, median};

fn main() {
    let mut criterion = Criterion::default().without_plots().sample_size(SAMPLES).configure_from_args();
    let mut account = Account::of("posts");
    let [mut read, mut stored, mut raw]: [Vec<Duration>; 3] = Default::default();
    let mut number = 0;
    let mut shelf = Shelf::new();
    let mut group = criterion.benchmark_group("posts");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("1,000 read and stored", |bencher| {
        bencher.iter_custom(|batches| {
            let mut ours = Duration::ZERO;
            for _ in 0..batches {
                if number % REFILL == 0 {
                    shelf = Shelf::new();
                }
                let answers = wall::answers(number, BATCH);
                number += BATCH;

                let started = Instant::now();
                let posts: Vec<Post> = answers.iter().flat_map(|answer| vk::posts(answer).expect("posts")).collect();
                read.push(started.elapsed());
                assert_eq!(posts.len(), BATCH);

                let started = Instant::now();
                let kept = shelf.store.upsert_posts(&wall::community(), &posts, wall::read_at()).expect("a batch");
                stored.push(started.elapsed());
                assert_eq!(kept.added, BATCH as u64);
                ours += read.last().zip(stored.last()).map(|(read, stored)| *read + *stored).unwrap_or_default();

                let started = Instant::now();
                shelf.insert(&posts);
                raw.push(started.elapsed());
            }
            ours
        });
    });
    group.finish();
    if !raw.is_empty() {
        let mut both: Vec<Duration> = read.iter().zip(&stored).map(|(read, stored)| *read + *stored).collect();
        let (both, read, stored, raw) = (median(&mut both), median(&mut read), median(&mut stored), median(&mut raw));
        let line = |what: &str, ours: f64, other: String, than: f64, claim: &str, held| Line {
            what: what.to_owned(),
            ours: shown(ours),
            other,
            ratio: ours / than,
            claim: claim.to_owned(),
            held,
        };
        let sqlite = || format!("plain INSERT {}", shown(rate(raw)));
        let all = rate(both);
        let (limit, claim) = (format!("limit {}", shown(LEAST)), "at least 20,000 a second");
        account.line(line("posts read and stored, by 1,000", all, limit, LEAST, claim, Some(all >= LEAST)));
        account.line(line("posts read from VK's answer", rate(read), sqlite(), rate(raw), "", None));
        account.line(line("posts stored, sealed", rate(stored), sqlite(), rate(raw), "", None));
    }
    let searched = searched();
    account.line(Line {
        what: "a word that no post has, searched in 10,000 posts".to_owned(),
        ours: format!("{:.0} ms", searched.as_secs_f64() * 1e3),
        other: format!("limit {} ms", LONGEST_SEARCH.as_millis()),
        ratio: searched.as_secs_f64() / LONGEST_SEARCH.as_secs_f64(),
        claim: "at most a second".to_owned(),
        held: Some(searched <= LONGEST_SEARCH),
    });
    criterion.final_summary();
    account.write();
}

/// The median time of a search through everything that finds nothing.
fn searched() -> Duration {
    let shelf = Shelf::new();
    for from in (0..SEARCHED).step_by(BATCH) {
        let answers = wall::answers(from, BATCH);
        let posts: Vec<Post> = answers.iter().flat_map(|answer| vk::posts(answer).expect("posts")).collect();
        shelf.store.upsert_posts(&wall::community(), &posts, wall::read_at()).expect("a batch");
    }
    let search = |_| {
        let started = Instant::now();
        let found = shelf.store.search("нигденет", None, None, 20).expect("a search");
        assert!(found.items.is_empty() && found.next.is_none());
        started.elapsed()
    };
    median(&mut (0..SEARCHES).map(search).collect::<Vec<_>>())
}

/// An empty store, and an empty database next to it.
struct Shelf {
    store: Store,
    raw: Connection,
    _folder: TempDir,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let store = Store::open(folder.path().join("store"), &StoreKey::new([7; 32])).expect("a store");
        let raw = Connection::open(folder.path().join("raw.db")).expect("a database");
        raw.pragma_update(None, "journal_mode", "wal").expect("a log");
        raw.pragma_update(None, "synchronous", "normal").expect("as the store");
        raw.execute_batch(
            "CREATE TABLE posts (id TEXT PRIMARY KEY, time INTEGER, post BLOB NOT NULL) WITHOUT ROWID;
             CREATE INDEX posts_time ON posts (time);",
        )
        .expect("a table");
        Self { store, raw, _folder: folder }
    }

    /// The minimum that keeps posts so that they can be paged by time.
    fn insert(&mut self, posts: &[Post]) {
        let transaction = self.raw.transaction().expect("a transaction");
        let mut insert = transaction.prepare("INSERT INTO posts VALUES (?1, ?2, ?3)").expect("a statement");
        for post in posts {
            let json = serde_json::to_vec(post).expect("JSON");
            insert.execute(params![post.id, post.created.map(|time| time.as_second()), json]).expect("a row");
        }
        drop(insert);
        transaction.commit().expect("a commit");
    }
}

/// Posts per second.
fn rate(batch: Duration) -> f64 {
    BATCH as f64 / batch.as_secs_f64()
}

fn shown(rate: f64) -> String {
    format!("{:.1} thousand a second", rate / 1e3)
}

/// The claim.
const LEAST: f64 = 20_000.0;

/// The claim: a user does not wait longer without a sign of progress.
const LONGEST_SEARCH: Duration = Duration::from_secs(1);

const BATCH: usize = 1_000;

const SEARCHED: usize = 10_000;

const SEARCHES: usize = 5;

/// After this many posts both start anew, so that the bench does not fill the disk.
const REFILL: usize = 50_000;

const SAMPLES: usize = 30;
