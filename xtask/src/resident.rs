//! What the library of an app costs a process: memory, and the time to the first post.
//!
//! A program in Python reads with the same library that `size` built, because uniffi generates Python too. It is
//! compared with the command `byway`, which reads the same from the same lab.

use std::fs;
use std::process::Command;

use crate::bindings;
use crate::cargo::{cargo, root, target};
use crate::size;
use crate::step::{Outcome, command};

/// The program.
const PROGRAM: &str = "bindings/ffi/measure/resident.py";

/// What iOS allows an extension for VPN, as measured by developers; Apple documents no number.
const EXTENSION_MIB: f64 = 50.0;

/// Measures, and writes the section of docs/size.md.
pub(crate) fn measure() -> Outcome {
    match measured().and_then(|found| size::write_section(&section(&found))) {
        Ok(()) => Outcome::Passed,
        Err(sentence) => Outcome::failed(sentence),
    }
}

#[derive(Clone, Copy, Debug)]
struct Found {
    posts: f64,
    /// KiB after the library is loaded and has done nothing.
    loaded: f64,
    /// KiB at the peak, without the interpreter and the generated Python.
    grown: f64,
    first_post_ms: f64,
    command_ms: f64,
}

fn measured() -> Result<Found, String> {
    let folder = target().join("size/resident");
    fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    let (whole, stripped) = size::libraries();
    let library = folder.join("libbyway_ffi.so");
    fs::copy(&stripped, &library).map_err(|error| format!("{} cannot be copied: {error}", stripped.display()))?;
    let mut generate = bindings::bindgen("uniffi-bindgen");
    // A stripped library does not describe its exports.
    run(generate.args(["generate", "--language", "python", "--no-format", "--out-dir"]).arg(&folder).arg(whole))?;
    run(cargo().args(["build", "--locked", "--release", "--package", "byway-cli", "--package", "byway-lab"]))?;
    let built = target().join("release");
    let mut program = Command::new("python3");
    program.arg(root().join(PROGRAM)).arg("measure").args([built.join("byway-lab"), built.join("byway")]).arg(&folder);
    let output = program.output().map_err(|error| format!("python3 cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    found(&said).ok_or_else(|| format!("{PROGRAM} said `{said}` {}", String::from_utf8_lossy(&output.stderr)))
}

/// The numbers in the one flat JSON object that the program prints.
fn found(said: &str) -> Option<Found> {
    let number = |name: &str| {
        let (_, rest) = said.split_once(&format!("\"{name}\": "))?;
        rest.split([',', '}']).next()?.trim().parse().ok()
    };
    Some(Found {
        posts: number("posts")?,
        loaded: number("loaded_kib")?,
        grown: number("grown_kib")?,
        first_post_ms: number("first_post_ms")?,
        command_ms: number("command_ms")?,
    })
}

fn section(found: &Found) -> String {
    let Found { posts, loaded, grown, first_post_ms, command_ms } = *found;
    let grown = grown / 1024.0;
    format!(
        "\n{}\n\nA process that opens 50 communities of a lab on loopback and holds {posts:.0} posts grows by {grown:.1} MiB at its \
         peak, what is held on the other side of the border included; {:.0} % of the {EXTENSION_MIB:.0} MiB that an extension on iOS \
         may take. The library that is loaded and has done nothing takes {:.1} MiB.\n\nFrom loading the library to the first \
         post: {:.1} times what the command `byway open` takes from its start to its end. Measured by turns, medians of nine.\n",
        size::RESIDENT,
        grown / EXTENSION_MIB * 100.0,
        loaded / 1024.0,
        first_post_ms / command_ms,
    )
}

fn run(tool: &mut Command) -> Result<(), String> {
    match command(tool) {
        Outcome::Passed => Ok(()),
        Outcome::Failed { sentence, .. } | Outcome::Unchecked { sentence } => Err(sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_says_becomes_a_section() -> Result<(), String> {
        let said =
            r#"{"posts": 1000, "loaded_kib": 848, "grown_kib": 10240, "first_post_ms": 60.5, "command_ms": 30.25}"#;
        let section = section(&found(said).ok_or("not read")?);
        for part in ["1000 posts", "10.0 MiB", "20 %", "0.8 MiB", "2.0 times"] {
            assert!(section.contains(part), "{part}: {section}");
        }
        assert!(found(&said.replace("grown_kib", "grown")).is_none());
        assert!(root().join(PROGRAM).exists());
        Ok(())
    }
}
