//! The fuzz targets under libFuzzer, each for some time: they find what random tests do not.
//!
//! The step needs `cargo-fuzz` and a nightly toolchain. If one is missing, it reports and counts that it did not run. A
//! finding is written to `fuzz/artifacts/`; its bytes become a seed, committed with the fix. The growing corpus stays
//! with the build, and the repository holds only the seeds.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cargo::root;
use crate::step::{Outcome, command};

/// For each target, unless another time is given.
pub(crate) const SECONDS: u32 = 60;

/// Runs every target for this many seconds. If one finds something, the others still run.
pub(crate) fn smoke(seconds: u32) -> Outcome {
    let Some(nightly) = nightly() else {
        return unchecked("there is no nightly toolchain (`rustup toolchain install nightly`)");
    };
    if !says_yes(Command::new("cargo").arg(&nightly).args(["fuzz", "--version"])) {
        return unchecked("cargo-fuzz is not installed (`cargo install cargo-fuzz --locked`)");
    }
    let targets = match targets() {
        Ok(targets) => targets,
        Err(error) => return Outcome::failed(format!("fuzz/fuzz_targets cannot be read: {error}")),
    };
    let fuzz = |words: &[&str]| {
        let mut fuzz = Command::new("cargo");
        fuzz.current_dir(root()).arg(&nightly).arg("fuzz").args(words);
        fuzz
    };
    if let failure @ Outcome::Failed { .. } = command(&mut fuzz(&["build"])) {
        return failure;
    }
    let mut found = Vec::new();
    for target in &targets {
        let corpus = root().join("fuzz/target/corpus").join(target);
        if let Err(error) = fs::create_dir_all(&corpus) {
            return Outcome::failed(format!("{} cannot be made: {error}", corpus.display()));
        }
        let mut run = fuzz(&["run", target]);
        run.arg(corpus).arg(format!("fuzz/seeds/{target}")).arg("--");
        run.args([format!("-max_total_time={seconds}"), format!("-max_len={LONGEST_INPUT}")]);
        run.args(["-timeout=10", "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1"]);
        if command(&mut run) != Outcome::Passed {
            found.push(target.as_str());
        }
    }
    if found.is_empty() {
        println!("{} targets, {seconds} s each: nothing was found", targets.len());
        return Outcome::Passed;
    }
    Outcome::failed(format!("something was found by {}; see fuzz/artifacts", found.join(", ")))
}

fn unchecked(why: &str) -> Outcome {
    Outcome::Unchecked { sentence: format!("no target was fuzzed: {why}") }
}

/// `+NAME` of an installed nightly toolchain, in the form of rustup's cargo.
fn nightly() -> Option<String> {
    let listed = Command::new("rustup").args(["toolchain", "list"]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    text.lines().find_map(nightly_in).map(|name| format!("+{name}"))
}

fn nightly_in(line: &str) -> Option<&str> {
    line.split_whitespace().next().filter(|name| name.starts_with("nightly"))
}

fn says_yes(command: &mut Command) -> bool {
    let silent = command.current_dir(root()).stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// The targets, sorted by name.
fn targets() -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let file: PathBuf = entry?.path();
        names.extend(file.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Larger inputs find no more and are slower.
const LONGEST_INPUT: u32 = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nightly_is_found_in_what_rustup_lists() {
        assert_eq!(nightly_in("nightly-x86_64-unknown-linux-gnu (override)"), Some("nightly-x86_64-unknown-linux-gnu"));
        assert_eq!(nightly_in("stable-x86_64-unknown-linux-gnu (active, default)"), None);
    }

    #[test]
    fn there_are_targets_and_each_has_seeds() {
        let targets = targets().unwrap_or_default();
        assert!(!targets.is_empty());
        assert!(targets.iter().all(|target| root().join("fuzz/seeds").join(target).is_dir()));
    }
}
