//! cargo-deny over the whole workspace: the rules of deny.toml, and known vulnerabilities.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cargo::{cargo, root, target};
use crate::step::{Outcome, command};

/// The version that we use.
const VERSION: &str = "0.20.2";

/// How long the advisory database may take to come, in seconds: it is a shallow clone of a few megabytes.
const FETCH_SECONDS: &str = "120";

/// Licences, bans and sources. It needs no network.
pub(crate) fn rules() -> Outcome {
    match cargo_deny() {
        Ok(program) => command(deny(Command::new(program)).args([
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ])),
        Err(failure) => failure,
    }
}

/// Known vulnerabilities, by the RustSec database, which is fetched from GitHub each time.
pub(crate) fn advisories() -> Outcome {
    let program = match cargo_deny() {
        Ok(program) => program,
        Err(failure) => return failure,
    };
    let mut timeout = Command::new("timeout");
    timeout.arg(FETCH_SECONDS).arg(&program);
    let fetched = command(deny(timeout).args(["fetch", "db"]));
    if fetched != Outcome::Passed {
        return Outcome::Unchecked {
            sentence:
                "the RustSec advisory database cannot be fetched from GitHub here; run `cargo xtask deny` where it can"
                    .into(),
        };
    }
    command(deny(Command::new(program)).args(["check", "--disable-fetch", "advisories"]))
}

fn deny(mut program: Command) -> Command {
    // Without this flag the graph is that of the root package alone.
    program.current_dir(root()).args(["deny", "--locked", "--workspace"]);
    program
}

/// The cargo-deny of [`VERSION`]: the one on the PATH, or ours under `target/`, built on first use.
///
/// It is built without optimisation and debug information: that takes a fifth of the time, and it runs for one second.
fn cargo_deny() -> Result<PathBuf, Outcome> {
    let tools = target().join("xtask-tools");
    let ours = tools.join("bin/cargo-deny");
    let found = [PathBuf::from("cargo-deny"), ours.clone()].into_iter().find(has_version);
    if let Some(program) = found {
        return Ok(program);
    }
    let build = tools.join("build");
    let mut install = cargo();
    install
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .args(["install", "cargo-deny", "--version", VERSION, "--locked", "--no-default-features"])
        .args(["--profile", "dev", "--quiet", "--no-track", "--force", "--root"])
        .arg(&tools)
        .arg("--target-dir")
        .arg(&build);
    let outcome = command(&mut install);
    // This frees half a gigabyte that is not needed again.
    let _ = fs::remove_dir_all(build);
    if outcome == Outcome::Passed { Ok(ours) } else { Err(outcome) }
}

fn has_version(program: &PathBuf) -> bool {
    let answer = Command::new(program).arg("--version").stderr(Stdio::null()).output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == format!("cargo-deny {VERSION}").as_bytes())
}
