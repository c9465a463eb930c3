//! How the library is built that an app ships: one recipe for Android's library, Apple's and the one that is measured.
//!
//! What holds for a target lies in `.cargo/config.toml`, and what holds for the profile in `Cargo.toml`, so that a plain
//! `cargo` has both. The rest is here.

use std::fs;
use std::process::Command;

use crate::cargo::{cargo, root};

/// The profile: `[profile.mobile]` in Cargo.toml.
pub(crate) const PROFILE: &str = "mobile";

/// C needs no unwind tables: no exception passes through it.
pub(crate) const C_FLAGS: &str =
    "-fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections";

/// Builds `byway-ffi` as these kinds of library, e.g. `cdylib`. The kinds are named, because cargo optimises nothing across
/// crates where a Rust library is among them.
pub(crate) fn rustc(kinds: &str) -> Command {
    let mut build = cargo();
    build.args(["rustc", "--locked", "--package", "byway-ffi", "--lib", "--profile", PROFILE, "--crate-type", kinds]);
    build.env("CFLAGS", C_FLAGS);
    build
}

/// The first of these features that byway-ffi does not have.
pub(crate) fn missing_feature(wanted: &[&'static str]) -> Option<&'static str> {
    let manifest = fs::read_to_string(root().join("bindings/ffi/Cargo.toml")).unwrap_or_default();
    let features = manifest.split("[features]\n").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
    let names: Vec<&str> = features.lines().filter_map(|line| line.split('=').next()).map(str::trim).collect();
    wanted.iter().find(|feature| !names.contains(feature)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn android_page_builds_by_this_recipe() -> std::io::Result<()> {
        let page = fs::read_to_string(root().join("docs/android.md"))?;
        for part in [
            format!("export CFLAGS=\"{C_FLAGS}\""),
            format!("rustc --profile {PROFILE} --package byway-ffi --lib --crate-type cdylib"),
        ] {
            assert!(page.contains(&part), "docs/android.md does not say `{part}`");
        }
        Ok(())
    }
}
