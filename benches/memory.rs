//! The peak memory of a process that streams all posts of a community from the store. `cargo bench --bench memory`.
//!
//! For each number of posts a store is filled, and a child of this program opens and streams it. The kernel's peak of a
//! process (`VmHWM`, Linux) includes everything, SQLite's cache as well, and must start from zero for each. criterion
//! is not used: no time is measured.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

#[path = "measure/account.rs"]
mod account;
#[path = "measure/wall.rs"]
mod wall;

use std::fs;
use std::path::Path;
use std::process::Command;

use byway::internals::ClientStore as _;
use byway::internals::store::{Store, StoreKey};

use account::{Account, Line};

fn main() {
    if let Some(folder) = std::env::var_os(CHILD) {
        return stream(Path::new(&folder));
    }
    let mut account = Account::of("memory");
    let mut first = None;
    for count in [1_000, 10_000, 100_000] {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        fill(folder.path(), count);
        let program = std::env::current_exe().expect("this program");
        let child = Command::new(program).env(CHILD, folder.path()).output().expect("a child");
        let told = String::from_utf8_lossy(&child.stdout);
        let (posts, peak) = told.trim().split_once(' ').expect("what the child counted");
        assert_eq!(posts, count.to_string());
        let peak: f64 = peak.parse().expect("the peak in KiB");
        let least = *first.get_or_insert(peak);
        account.line(Line {
            what: format!("peak memory, {} posts streamed from the store", shown(count)),
            ours: mib(peak),
            other: format!("with 1,000 posts {}", mib(least)),
            ratio: peak / least,
            claim: if count == 1_000 { String::new() } else { format!("flat: at most {MORE_MIB} MiB more") },
            held: (count != 1_000).then_some(peak <= least + MORE_MIB * 1024.0),
        });
    }
    account.write();
}

fn fill(folder: &Path, count: usize) {
    let store = Store::open(folder, &key()).expect("a store");
    for first in (0..count).step_by(1_000) {
        store.upsert_posts(&wall::community(), &wall::posts(first, 1_000), wall::read_at()).expect("a batch");
    }
    store.lock().expect("an orderly end");
}

/// What the child does: it prints how many posts it saw, and its peak in KiB.
fn stream(folder: &Path) {
    let store = Store::open(folder, &key()).expect("the store");
    let mut posts = 0;
    for post in store.all_posts(&wall::community()) {
        posts += usize::from(!post.expect("a post").text.is_empty());
    }
    println!("{posts} {}", peak());
}

/// The peak of this process in KiB; 0 if the kernel does not report it.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

fn mib(kib: f64) -> String {
    format!("{:.1} MiB", kib / 1024.0)
}

fn shown(count: usize) -> String {
    format!("{},{:03}", count / 1_000, count % 1_000)
}

/// Set for the child: the path of the store.
const CHILD: &str = "BYWAY_BENCH_MEMORY";

fn key() -> StoreKey {
    StoreKey::new([7; 32])
}

/// SQLite's page cache fills up once, to 8 MiB, whatever the number of posts.
const MORE_MIB: f64 = 8.0;
