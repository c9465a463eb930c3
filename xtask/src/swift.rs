//! The Swift package: its generated code, the folder that an app gets, and its tests.
//!
//! The tests run over `byway-lab serve` as a process, in the Swift of [`toolchain`]. An app gets a folder with the sources
//! and the Rust library ([`package`]); the consumers in `bindings/swift/Consumers` have nothing else of this repository.

use std::path::Path;
use std::process::Command;

use crate::cargo::{cargo, root, target};
use crate::step::{Outcome, command};

mod package;
mod reader;
mod toolchain;
pub(crate) mod xcframework;

pub(crate) use package::{SYSTEM, keep_private};
pub(crate) use reader::with_fast_reader;
use toolchain::{Found, Toolchain};

/// Where Swift builds, below the target folder.
const BUILD: &str = "swift";

/// All that is checked of the Swift package.
pub(crate) fn test() -> Outcome {
    let toolchain = match Toolchain::find_or_make() {
        Ok(Found::Here(toolchain)) => toolchain,
        Ok(Found::Missing(sentence)) => return Outcome::Unchecked { sentence },
        Err(sentence) => return Outcome::failed(sentence),
    };
    println!("with {toolchain}");
    match all(&toolchain) {
        Ok(()) => Outcome::Passed,
        Err(outcome) => outcome,
    }
}

fn all(toolchain: &Toolchain) -> Result<(), Outcome> {
    passed(command(cargo().args(["build", "--locked", "--package", "byway-ffi", "--package", "byway-lab"])))?;
    let packaged = package::make(&target().join("debug")).map_err(Outcome::failed)?;
    let swift = |arguments: &[&str], directory: &Path, build: &str| {
        let mut swift = toolchain.command("swift", directory);
        // Before the other arguments: what follows a program's name is the program's own.
        swift.args(&arguments[..1]).arg("--scratch-path").arg(target().join(BUILD).join(build)).args(&arguments[1..]);
        swift.env("PKG_CONFIG_PATH", packaged.join("lib/pkgconfig"));
        swift.env("BYWAY_LAB", target().join("debug/byway-lab"));
        swift
    };
    // One after the other: they count the library's tasks in one process.
    passed(command(&mut swift(&["test", "--no-parallel", "-Xswiftc", "-warnings-as-errors"], root(), "build")))?;
    consumers(&packaged, &swift)?;
    let sample = root().join("examples/swift-cli");
    let arguments = ["run", "--quiet", "swift-cli", "--lab", "--events"];
    passed(command(&mut swift(&arguments, &sample, "swift-cli")))
}

/// An app's package that has the packaged folder only must build and run; one that reaches for what is internal must not
/// build, and for that reason.
fn consumers(packaged: &Path, swift: &dyn Fn(&[&str], &Path, &str) -> Command) -> Result<(), Outcome> {
    let folder = packaged.with_file_name("consumers");
    package::copy_consumers(&folder).map_err(Outcome::failed)?;
    passed(command(&mut swift(&["run", "--quiet"], &folder.join("first-post"), "consumer")))?;
    for (misuse, reason) in [
        ("reaches-generated", "'BywayGenerated'"),
        ("reaches-internal", "is inaccessible due to 'internal' protection level"),
    ] {
        let mut build =
            swift(&["build", "--explicit-target-dependency-import-check", "error"], &folder.join(misuse), misuse);
        let answer = build.output().map_err(|error| Outcome::failed(format!("swift cannot be started: {error}")))?;
        let said = String::from_utf8_lossy(&[answer.stdout, answer.stderr].concat()).into_owned();
        if answer.status.success() {
            return Err(Outcome::failed(format!("the consumer `{misuse}` builds, and must not")));
        }
        if !said.contains(reason) {
            println!("{said}");
            return Err(Outcome::failed(format!("the consumer `{misuse}` fails for another reason than: {reason}")));
        }
        println!("the consumer `{misuse}` does not build, as it must not");
    }
    Ok(())
}

fn passed(outcome: Outcome) -> Result<(), Outcome> {
    match outcome {
        Outcome::Passed => Ok(()),
        other => Err(other),
    }
}
