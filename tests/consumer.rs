//! A new user's crate, outside of this workspace: tests/consumer/ compiles against the public surface, and the programs
//! in its src/bin/ that use private parts are refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[test]
fn what_a_new_user_writes_compiles_and_internals_are_refused() {
    let at = placed();
    let library = check(&at, &["--lib"]);
    assert!(library.status.success(), "{}", String::from_utf8_lossy(&library.stderr));

    let refused = check(&at, &["--bins", "--keep-going", "--message-format", "short"]);
    assert!(!refused.status.success(), "the programs in src/bin/ must not compile");
    let errors = String::from_utf8_lossy(&refused.stderr);
    for (name, code) in expected(&at) {
        let file = format!("src/bin/{name}.rs:");
        let met: Vec<_> = errors.lines().filter(|line| line.starts_with(&file) && line.contains("error")).collect();
        assert!(met.iter().any(|line| line.contains(&code)), "{name} is refused by {met:?}, not by {code}");
        let others: Vec<_> = met.iter().filter(|line| !line.contains(&code)).collect();
        assert!(others.is_empty(), "{name} has other faults: {others:?}");
    }
    let rooms = errors.lines().filter(|line| line.starts_with("src/bin/rooms.rs:") && line.contains("E0603")).count();
    assert_eq!(rooms, 5, "each room is private: {errors}");
}

/// By program, the error that its first line names.
fn expected(at: &Path) -> BTreeMap<String, String> {
    let programs: BTreeMap<_, _> = fs::read_dir(at.join("src/bin"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), code)
        })
        .collect();
    assert!(programs.len() > 5);
    programs
}

/// The crate in a folder of its own, with this workspace's lock file: the same dependencies, and no network.
fn placed() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (from, to) = (root.join("tests/consumer"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumer"));
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(to.join("src/bin")).unwrap();
    let manifest = fs::read_to_string(from.join("Cargo.toml")).unwrap();
    let path = format!("path = {root:?}");
    fs::write(to.join("Cargo.toml"), manifest.replace("path = \"../..\"", &path)).unwrap();
    fs::copy(root.join("Cargo.lock"), to.join("Cargo.lock")).unwrap();
    for folder in ["src", "src/bin"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, to.join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    to
}

fn check(at: &Path, what: &[&str]) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder within target");
    Command::new(env!("CARGO"))
        .current_dir(at)
        .args(["check", "--quiet", "--offline", "--target-dir"])
        .arg(target)
        .args(what)
        .output()
        .expect("cargo runs")
}
