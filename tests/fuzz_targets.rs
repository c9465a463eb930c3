//! The fuzz targets as ordinary tests: with their seeds, with damaged seeds, and with random bytes.
//!
//! libFuzzer finds more (`cargo xtask fuzz-smoke`), but it is not installed everywhere. This test keeps the targets
//! working and prevents regressions: an input that broke something becomes a seed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

#[path = "../fuzz/src/lib.rs"]
mod targets;

use targets::{TARGETS, Target};

#[test]
fn every_target_holds_over_its_seeds() {
    for target in TARGETS {
        for (file, seed) in seeds(target) {
            let held = std::panic::catch_unwind(|| (target.run)(&seed));
            assert!(held.is_ok(), "{}", file.display());
        }
    }
}

#[test]
fn every_target_holds_over_damaged_seeds_and_over_any_bytes() {
    let mut broken = Vec::new();
    for target in TARGETS {
        // A runner counts its cases over all that it runs, so each target has its own.
        let mut runner = TestRunner::new(config());
        let seeds: Vec<Vec<u8>> = seeds(target).into_iter().map(|(_, seed)| seed).collect();
        let damaged = (
            proptest::sample::select(seeds),
            any::<prop::sample::Index>(),
            0..8usize,
            prop::collection::vec(any::<u8>(), 0..8),
        )
            .prop_map(|(mut seed, at, cut, put)| {
                let from = at.index(seed.len() + 1);
                let to = seed.len().min(from + cut);
                seed.splice(from..to, put);
                seed
            });
        let any_bytes = prop::collection::vec(any::<u8>(), 0..512);
        let bytes = prop_oneof![3 => damaged, 1 => any_bytes];
        let held = runner.run(&bytes, |bytes| {
            (target.run)(&bytes);
            Ok(())
        });
        if let Err(why) = held {
            broken.push(format!("{}: {why}", target.name));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_target_has_its_file_its_entry_and_its_seeds() {
    let listed: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(listed.len(), TARGETS.len(), "a name stands for one target");
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(fuzz().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("fuzz_targets"), listed);
    assert_eq!(names("seeds"), listed);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for target in TARGETS {
        let name = target.name;
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
        let file = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(file.contains(&format!("run(\"{name}\", bytes)")), "{name}");
        assert!(seeds(target).iter().all(|(_, seed)| seed.len() <= LARGEST_SEED), "{name}: small seeds find more");
    }
    targets::run(TARGETS[0].name, b"");
}

/// The same inputs in every run, so that a change is judged by what it changes. `PROPTEST_RNG_SEED=N` draws others.
fn config() -> ProptestConfig {
    let config = ProptestConfig { cases: 1024, ..ProptestConfig::default() };
    match config.rng_seed {
        RngSeed::Random => ProptestConfig { rng_seed: RngSeed::Fixed(0), ..config },
        RngSeed::Fixed(_) => config,
    }
}

/// The seeds of a target, with their files.
fn seeds(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = fuzz().join("seeds").join(target.name);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no seeds", target.name);
    files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

fn fuzz() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz"))
}

const LARGEST_SEED: usize = 16 * 1024;
