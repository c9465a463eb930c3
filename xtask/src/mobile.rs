//! How the library is built that an app ships: one recipe for Android's library, Apple's and the one that is measured.
//!
//! What holds for a target lies in `.cargo/config.toml`, and what holds for the profile in `Cargo.toml`, so that a plain
//! `cargo` has both. The rest is here.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::cargo::{cargo, target};
use crate::step::{Outcome, command, passed};

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

/// The library of this machine as tests use it, in a debug build, each in a folder of its own: cargo gives both one name. With Tor it
/// shares what the workspace's own programs are built from, and so costs a minute and not ten. What lies in cargo's own folder
/// afterwards is the one without Tor, which other tasks take from there.
///
/// # Errors
///
/// If one is not built.
pub(crate) fn debug_libraries() -> Result<(), Outcome> {
    for tor in [Tor::Inside, Tor::Without] {
        let mut build = cargo();
        build.args(["build", "--locked", "--package", "byway-ffi", "--package", "byway-lab"]);
        if tor == Tor::Inside {
            build.args(["--package", "byway-cli", "--features", "byway-ffi/tor"]);
        }
        passed(command(&mut build))?;
        let (debug, own) = (target().join("debug"), debug_folder(tor));
        let kept = || {
            fs::create_dir_all(&own)?;
            fs::copy(debug.join(LIBRARY), own.join(LIBRARY))?;
            let _ = fs::remove_file(own.join(STATIC_LIBRARY));
            // It is large, so this is no copy. The next build writes another file of that name.
            if tor == Tor::Inside {
                fs::hard_link(debug.join(STATIC_LIBRARY), own.join(STATIC_LIBRARY))
            } else {
                Ok(())
            }
        };
        kept().map_err(|error| Outcome::failed(format!("{} cannot be written: {error}", own.display())))?;
    }
    Ok(())
}

/// The same as a step.
pub(crate) fn make_debug_libraries() -> Outcome {
    debug_libraries().err().unwrap_or(Outcome::Passed)
}

/// Where [`debug_libraries`] puts the shared library.
pub(crate) fn debug_library(tor: Tor) -> PathBuf {
    debug_folder(tor).join(LIBRARY)
}

/// Where [`debug_libraries`] puts the shared library and, of the one with Tor, the static one.
pub(crate) fn debug_folder(tor: Tor) -> PathBuf {
    target().join(format!("debug-library{}", tor.suffix()))
}

/// The shared library's file.
const LIBRARY: &str = "libbyway_ffi.so";

/// The static library's file.
const STATIC_LIBRARY: &str = "libbyway_ffi.a";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::root;

    #[test]
    fn no_profile_that_ships_has_debug_assertions() -> std::io::Result<()> {
        // With them, a library with Tor inside takes another network than the public one.
        let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
        let profile = manifest.split("[profile.mobile]").nth(1).unwrap_or_default();
        assert!(profile.trim_start().starts_with("inherits = \"release\""), "{profile}");
        assert!(!manifest.contains("debug-assertions"), "a profile sets them");
        Ok(())
    }

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
