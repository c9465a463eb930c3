//! The Swift package: its generated code, the folder for an app, and its tests.
//!
//! The tests run against `byway-lab serve` as a process, in the Swift of [`toolchain`]. An app gets a folder with the
//! sources and the Rust library ([`package`]); the consumers in `bindings/swift/Consumers` have nothing else of this
//! repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::{cargo, root, target};
use crate::mobile::{self, Tor};
use crate::step::{Outcome, command, passed};

mod documentation;
mod package;
mod reader;
mod toolchain;
mod writer;
pub(crate) mod xcframework;

pub(crate) use package::{SYSTEM, keep_private};
pub(crate) use reader::with_fast_reader;
use toolchain::{Found, Toolchain};
pub(crate) use writer::with_overwriting_writer;

/// Where Swift builds, below the target folder.
const BUILD: &str = "swift";

/// Where the programs that must build do so, below that.
const CONSUMER_BUILD: &str = "consumer";

/// All checks of the Swift package.
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
    format(toolchain)?;
    manifest_forms(toolchain)?;
    passed(command(cargo().args(["build", "--locked", "--package", "byway-ffi", "--package", "byway-lab"])))?;
    let packaged = package::make(&target().join("debug")).map_err(Outcome::failed)?;
    let swift = |arguments: &[&str], directory: &Path, build: &str| {
        with_package(toolchain, &packaged, arguments, directory, build)
    };
    // The tests run one after the other, because they count the library's tasks in one process.
    passed(command(&mut swift(&["test", "--no-parallel", "-Xswiftc", "-warnings-as-errors"], root(), "build")))?;
    documentation::check(toolchain, &swift)?;
    consumers(&packaged, &swift)?;
    let sample = root().join("examples/swift-cli");
    let arguments = ["run", "--quiet", "swift-cli", "--lab", "--events"];
    passed(command(&mut swift(&arguments, &sample, "swift-cli")))
}

/// A program that has the packaged library with Tor inside alone, and reads by it in a private Tor network. It takes the library
/// that [`mobile::debug_libraries`] made last.
pub(crate) fn test_tor() -> Outcome {
    if !cfg!(target_os = "linux") {
        return Outcome::Unchecked { sentence: "the private Tor network of the tests runs on Linux".to_owned() };
    }
    let toolchain = match Toolchain::find_or_make() {
        Ok(Found::Here(toolchain)) => toolchain,
        Ok(Found::Missing(sentence)) => return Outcome::Unchecked { sentence },
        Err(sentence) => return Outcome::failed(sentence),
    };
    let read = || {
        let built = mobile::debug_folder(Tor::Inside);
        let packaged = package::make(&built).map_err(Outcome::failed)?;
        // It takes half a gigabyte, and is packaged now.
        let _ = fs::remove_file(built.join(package::LIBRARY));
        let folder = packaged.with_file_name("consumers");
        package::copy_consumers(&folder).map_err(Outcome::failed)?;
        // What the other consumer has compiled is linked with the other library.
        passed(command(&mut with_package(
            &toolchain,
            &packaged,
            &["run", "--quiet"],
            &folder.join("tor-app"),
            CONSUMER_BUILD,
        )))
    };
    read().err().unwrap_or(Outcome::Passed)
}

/// A command of SwiftPM whose package finds the library of the packaged folder, and the lab.
fn with_package(toolchain: &Toolchain, packaged: &Path, arguments: &[&str], directory: &Path, build: &str) -> Command {
    let mut swift = toolchain.command("swift", directory);
    // SwiftPM plans anew if sources come or go, but not if pkg-config's answer changes: it would link an older library.
    let _ = fs::remove_file(target().join(BUILD).join(build).join("debug.yaml"));
    // This comes before the other arguments: arguments after a program's name belong to the program.
    swift.args(&arguments[..1]).arg("--scratch-path").arg(target().join(BUILD).join(build)).args(&arguments[1..]);
    swift.env("PKG_CONFIG_PATH", packaged.join("lib/pkgconfig"));
    swift.env("BYWAY_LAB", target().join("debug/byway-lab"));
    swift
}

/// Checks which native library `Package.swift` takes: a framework where one is made, the one with Tor first, else the system's. Only
/// Xcode can build the former; here SwiftPM reads the manifest beside empty folders of their names.
fn manifest_forms(toolchain: &Toolchain) -> Result<(), Outcome> {
    let folder = target().join(BUILD).join("manifest");
    let failed = |error: std::io::Error| Outcome::failed(format!("{} cannot be made: {error}", folder.display()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::copy(root().join("Package.swift"), folder.join("Package.swift")).map_err(failed)?;
    let forms = [
        ("", "\"pkgConfig\" : \"byway-ffi\""),
        ("target/xcframework/BywayFFI.xcframework", "\"type\" : \"binary\""),
        ("target/with-tor/xcframework/BywayFFITor.xcframework", "\"type\" : \"binary\""),
    ];
    for (framework, form) in forms {
        fs::create_dir_all(folder.join(framework)).map_err(failed)?;
        // SwiftPM remembers what a manifest was, and does not see that a framework was made since.
        let dump = ["package", "--manifest-cache", "none", "dump-package"];
        let read = toolchain.command("swift", &folder).args(dump).output().map_err(failed)?;
        let read = String::from_utf8_lossy(&[read.stdout, read.stderr].concat()).into_owned();
        if !read.contains(form) || !read.contains(framework) {
            return Err(Outcome::failed(format!("Package.swift does not take `{framework}` as {form}; it is\n{read}")));
        }
    }
    Ok(())
}

/// An app that has only the packaged folder must build and run. An app that uses internal parts must fail to build, for
/// that reason.
fn consumers(packaged: &Path, swift: &dyn Fn(&[&str], &Path, &str) -> Command) -> Result<(), Outcome> {
    let folder = packaged.with_file_name("consumers");
    package::copy_consumers(&folder).map_err(Outcome::failed)?;
    passed(command(&mut swift(&["run", "--quiet"], &folder.join("first-post"), CONSUMER_BUILD)))?;
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

/// The hand-written sources. `Consumers` contain code that must not compile.
const WRITTEN: [&str; 10] = [
    "Package.swift",
    "bindings/swift/Sources/Byway",
    "bindings/swift/Sources/BywayFakes",
    "bindings/swift/Sources/BywayURLSession",
    "bindings/swift/Tests",
    "bindings/swift/Bench",
    "bindings/swift/Consumers/first-post",
    "bindings/swift/Consumers/tor-app",
    "examples/ios",
    "examples/swift-cli",
];

/// Checks that the Swift is formatted according to `.swift-format`. `swift-format format --in-place --recursive`
/// formats it.
fn format(toolchain: &Toolchain) -> Result<(), Outcome> {
    passed(command(toolchain.tool("swift-format", root()).args(["lint", "--strict", "--recursive"]).args(WRITTEN)))
}

/// The program that measures what an app gets with the library in this folder: one JSON object per line on standard
/// output.
pub(crate) fn measuring(library: &Path) -> Result<Command, Outcome> {
    let toolchain = match Toolchain::find_or_make() {
        Ok(Found::Here(toolchain)) => toolchain,
        Ok(Found::Missing(sentence)) => return Err(Outcome::Unchecked { sentence }),
        Err(sentence) => return Err(Outcome::failed(sentence)),
    };
    let packaged = package::make(library).map_err(Outcome::failed)?;
    let mut swift = toolchain.command("swift", &root().join("bindings/swift/Bench"));
    swift.args(["run", "--quiet", "--configuration", "release", "--scratch-path"]);
    swift.arg(target().join(BUILD).join("bench")).arg("bench");
    swift.env("PKG_CONFIG_PATH", packaged.join("lib/pkgconfig"));
    swift.env("BYWAY_LAB", target().join("debug/byway-lab"));
    Ok(swift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listing_of_the_guide_is_what_the_consumer_compiles() {
        let page = fs::read_to_string(root().join("docs/ios.md")).unwrap_or_default();
        let first = page.split("```swift\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
        let file = root().join("bindings/swift/Consumers/first-post/Sources/first-post/FirstPost.swift");
        assert!(!first.is_empty());
        assert_eq!(fs::read_to_string(file).unwrap_or_default(), first);
    }

    #[test]
    fn every_folder_of_swift_that_is_formatted_is_there() {
        for path in WRITTEN {
            assert!(root().join(path).exists(), "{path}");
        }
    }
}
