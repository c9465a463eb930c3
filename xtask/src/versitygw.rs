//! The S3 server of Versity, which the tests upload to. Debian has none that verifies signatures and compares versions.

use std::fs;
use std::process::Stdio;

use crate::cargo::target;
use crate::go;
use crate::step::{Outcome, command};

/// The module at its version.
const MODULE: &str = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";

/// Builds it under `target/`, if it is not there in this version.
pub(crate) fn install() -> Outcome {
    let bin = target().join("xtask-tools/bin");
    let (program, version) = (bin.join("versitygw"), bin.join("versitygw.version"));
    if program.exists() && fs::read(&version).is_ok_and(|there| there == MODULE.as_bytes()) {
        println!("there: {}", program.display());
        return Outcome::Passed;
    }
    let Some(go) = go::find() else { return Outcome::failed("install Go first".to_owned()) };
    let mut install = std::process::Command::new(go);
    install.args(["install", MODULE]).env("GOBIN", &bin).env("GOTOOLCHAIN", "local").stdin(Stdio::null());
    let built = command(&mut install);
    if !matches!(built, Outcome::Passed) {
        return built;
    }
    match fs::write(&version, MODULE) {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::failed(format!("{} cannot be written: {error}", version.display())),
    }
}
