//! How the library is built that an app ships: one recipe for Android's library, Apple's and the one that is measured.
//!
//! What holds for a target lies in `.cargo/config.toml`, and what holds for the profile in `Cargo.toml`, so that a plain
//! `cargo` has both. The rest is here.

use std::path::PathBuf;
use std::process::Command;

use crate::cargo::{cargo, target};

/// The profile: `[profile.mobile]` in Cargo.toml.
pub(crate) const PROFILE: &str = "mobile";

/// C needs no unwind tables: no exception passes through it.
pub(crate) const C_FLAGS: &str =
    "-fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections";

/// Builds `byway-ffi` as these kinds of library, e.g. `cdylib`. The kinds are named, because cargo optimises nothing across
/// crates where a Rust library is among them.
pub(crate) fn rustc(kinds: &str, tor: Tor) -> Command {
    let mut build = cargo();
    build.args(["rustc", "--locked", "--package", "byway-ffi", "--lib", "--profile", PROFILE, "--crate-type", kinds]);
    for feature in tor.features() {
        build.args(["--features", feature]);
    }
    build.env("CARGO_TARGET_DIR", tor.folder());
    build.env("CFLAGS", C_FLAGS);
    build
}

/// What apps can have. The generated code and all names in both are the same, so that an app changes from one to the other by a
/// dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tor {
    /// An app names the Tor that it has.
    Without,
    /// Tor is inside.
    Inside,
}

impl Tor {
    /// The features of byway-ffi.
    pub(crate) const fn features(self) -> &'static [&'static str] {
        match self {
            Self::Without => &[],
            Self::Inside => &["tor"],
        }
    }

    /// What is behind an artefact's name.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Without => "",
            Self::Inside => "-tor",
        }
    }

    /// Where it is built. Each has its own folder: the libraries have the same name, and one must not be taken for the other.
    pub(crate) fn folder(self) -> PathBuf {
        match self {
            Self::Without => target(),
            Self::Inside => target().join("with-tor"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::cargo::root;

    #[test]
    fn android_page_builds_by_this_recipe() -> std::io::Result<()> {
        let page = fs::read_to_string(root().join("docs/android.md"))?;
        let with_tor = Tor::Inside.folder();
        for part in [
            format!("export CFLAGS=\"{C_FLAGS}\""),
            format!("rustc --profile {PROFILE} --package byway-ffi --lib --crate-type cdylib"),
            format!("--features {}", Tor::Inside.features().join(",")),
            format!(
                "CARGO_TARGET_DIR=target/{}",
                with_tor.file_name().and_then(|name| name.to_str()).unwrap_or_default()
            ),
        ] {
            assert!(page.contains(&part), "docs/android.md does not say `{part}`");
        }
        Ok(())
    }

    #[test]
    fn byway_ffi_has_the_features_of_both_artefacts() -> std::io::Result<()> {
        let manifest = fs::read_to_string(root().join("bindings/ffi/Cargo.toml"))?;
        let features =
            manifest.split("[features]\n").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
        for feature in Tor::Inside.features().iter().chain(&["s3"]) {
            assert!(features.lines().any(|line| line.starts_with(&format!("{feature} = "))), "{feature}");
        }
        Ok(())
    }
}
