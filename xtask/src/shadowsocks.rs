//! `ssserver` of shadowsocks-rust: Debian's shadowsocks-libev does not support the methods of 2022.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cargo::{cargo, target};
use crate::step::{Outcome, command};

/// The version that belongs to the crate `shadowsocks` in our lock file.
const VERSION: &str = "1.25.0";

/// Builds it under `target/`, if it is not there.
///
/// It builds only the server with Byway's methods, without optimisation and debug information: this takes a minute and
/// a half on one core.
pub(crate) fn install() -> Outcome {
    let tools = target().join("xtask-tools");
    let ours = tools.join("bin/ssserver");
    if has_version(&ours) {
        println!("there: {}", ours.display());
        return Outcome::Passed;
    }
    let build = tools.join("build-shadowsocks");
    let mut install = cargo();
    install
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .args(["install", "shadowsocks-rust", "--version", VERSION, "--locked", "--bin", "ssserver"])
        .args(["--no-default-features", "--features", "server,aead-cipher,aead-cipher-2022"])
        .args(["--profile", "dev", "--quiet", "--no-track", "--force", "--root"])
        .arg(&tools)
        .arg("--target-dir")
        .arg(&build);
    let outcome = command(&mut install);
    let _ = fs::remove_dir_all(build);
    outcome
}

fn has_version(program: &Path) -> bool {
    let answer = Command::new(program).arg("--version").stderr(Stdio::null()).output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == format!("shadowsocks {VERSION}").as_bytes())
}
