//! Processes that are killed. A child is this test's own program, run again for the one test [`child`].

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use byway::internals::ClientStore as _;
use byway::internals::store::{Store, StoreKey};

use crate::made::*;

/// Another process with a store.
pub(crate) struct Child {
    process: std::process::Child,
    output: BufReader<ChildStdout>,
}

const ROLE: &str = "BYWAY_STORE_CHILD";

impl Child {
    pub(crate) fn new(role: &str, directory: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["killed::child", "--exact", "--nocapture", "--quiet"])
            .env(ROLE, role)
            .env("BYWAY_STORE_DIR", directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output }
    }

    /// All of its output.
    pub(crate) fn lines(mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.line() {
            lines.push(line);
        }
        self.process.wait().unwrap();
        lines
    }

    /// Its next output; the test harness's own lines begin differently.
    fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some((_, said)) = line.trim_end().split_once("child: ") {
                return Some(said.to_owned());
            }
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("child: {words}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let directory = std::env::var_os("BYWAY_STORE_DIR").unwrap();
    match role.split_once(' ').unwrap_or((&role, "")) {
        ("open", _) => match Store::open(directory, &key()) {
            Ok(_) => say("opened"),
            Err(error) => say(error.code()),
        },
        ("add", _) => {
            Store::open(directory, &key()).unwrap().upsert_posts(&id(), &posts([99]), at(0)).unwrap();
            say("added");
        }
        ("sync", first) => {
            let store = Store::open(directory, &key()).unwrap();
            let mut next: u32 = first.parse().unwrap();
            let mut random = Random(u64::from(next));
            // This is far more than it lives for.
            for _ in 0..10_000 {
                let batch = next..next + 1 + random.below(8) as u32;
                store.upsert_posts(&id(), &posts(batch.clone()), at(0)).unwrap();
                next = batch.end;
                say(&format!("{} {}", batch.start, batch.end));
            }
        }
        ("make", _) => {
            say("making");
            Store::open(directory, &key()).unwrap();
            say("made");
        }
        ("wipe", _) => {
            let store = Store::open(directory, &key()).unwrap();
            say("wiping");
            store.wipe().unwrap();
        }
        _ => unreachable!("{role}"),
    }
}

#[test]
fn every_acknowledged_row_outlives_five_hundred_kills() {
    let mut random = Random(20_161_112);
    let (mut acknowledged, mut begun) = (0, 0);
    // Fifty stores with ten kills each: some hit the creation of the store.
    for _ in 0..50 {
        let folder = quick_folder();
        let mut kept: Vec<u32> = Vec::new();
        let mut next = 0;
        for kill in 0..10 {
            let mut child = Child::new(&format!("sync {next}"), folder.path());
            // The first is killed at any moment, the others once they have acknowledged some rows.
            let rows = if kill == 0 { 0 } else { 1 + random.below(25) as usize };
            let mut new: Vec<u32> = Vec::new();
            while new.len() < rows {
                new.extend(acknowledgement(&child.line().expect("it syncs for longer than that")));
            }
            spin(if kill == 0 { random.below(250_000) } else { random.below(20_000) });
            child.kill();
            while let Some(line) = child.line() {
                new.extend(acknowledgement(&line));
            }

            let store = Store::open(folder.path(), &key()).unwrap();
            store.check().unwrap();
            for number in &new {
                assert_eq!(store.post(&id(), &post(*number).id).unwrap().as_ref(), Some(&post(*number)));
            }
            begun += usize::from(!new.is_empty());
            kept.extend(new);
            next = kept.last().map_or(0, |last| last + 1);
        }
        let store = Store::open(folder.path(), &key()).unwrap();
        let listed: Vec<String> = paged(&store, &id(), 1000).into_iter().map(|post| post.id).collect();
        for number in &kept {
            assert!(listed.contains(&post(*number).id), "{number} was acknowledged");
        }
        acknowledged += kept.len();
    }
    assert!(begun >= 450 && acknowledged > 5000, "{begun} children came to {acknowledged} rows");
}

fn acknowledgement(line: &str) -> std::ops::Range<u32> {
    let (from, to) = line.split_once(' ').unwrap();
    from.parse().unwrap()..to.parse().unwrap()
}

#[test]
fn a_wipe_that_is_killed_is_finished_at_the_next_start() {
    let mut random = Random(11);
    let folder = quick_folder();
    let path = |name: &str| folder.path().join(name);
    for _ in 0..100 {
        Store::open(folder.path(), &key()).unwrap().upsert_posts(&id(), &posts(0..5), at(0)).unwrap();
        let whole = std::fs::read(path("byway.key")).unwrap();
        let mut child = Child::new("wipe", folder.path());
        assert_eq!(child.line().unwrap(), "wiping");
        // It has begun when the key has changed.
        while std::fs::read(path("byway.key")).is_ok_and(|key| key == whole) {
            std::hint::spin_loop();
        }
        spin(random.below(60_000));
        child.kill();

        // A new store accepts any key.
        let store = Store::open(folder.path(), &StoreKey::new([9; 32])).unwrap();
        assert!(paged(&store, &id(), 5).is_empty());
        store.check().unwrap();
        drop(store);
        Store::wipe_at(folder.path()).unwrap();
    }
}

#[test]
fn a_making_that_is_killed_at_any_moment_begins_anew() {
    let mut random = Random(12);
    let mut cut_short = 0;
    // The time of a creation depends on the machine and its load: a kill that came too late makes the next one earlier.
    let mut longest = 1_500_000;
    for _ in 0..150 {
        let folder = quick_folder();
        let mut child = Child::new("make", folder.path());
        assert_eq!(child.line().unwrap(), "making");
        spin(random.below(longest));
        child.kill();
        let made = child.line().is_some();
        cut_short += usize::from(!made);
        longest = if made { longest / 4 * 3 } else { longest / 4 * 5 }.clamp(1_000, 10_000_000);
        // What was acknowledged opens only with its key; before that, a new store accepts any key.
        let other = Store::open(folder.path(), &StoreKey::new([9; 32]));
        match other {
            Ok(store) => {
                assert!(!made, "a store that was made is never begun anew");
                store.upsert_posts(&id(), &posts(0..3), at(0)).unwrap();
                store.check().unwrap();
            }
            Err(error) => {
                assert_eq!(error.code(), "store_wrong_key", "a making that was cut short is no damage");
                Store::open(folder.path(), &key()).unwrap().check().unwrap();
            }
        }
    }
    assert!(cut_short >= 20, "{cut_short} of 150 were killed in the middle");
}

fn spin(turns: u64) {
    for _ in 0..turns {
        std::hint::spin_loop();
    }
}
