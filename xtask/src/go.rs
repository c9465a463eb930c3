//! Go, whose crypto/tls is the server for tests of encrypted ClientHellos: rustls has no such server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::packages;
use crate::step::{Outcome, command};

/// The first Go whose servers accept encrypted ClientHellos, as in `go1.24`.
const LEAST: u32 = 24;

/// Debian 13, and the backports of Debian 12. The plain `golang` of Debian 12 is 1.19.
const PACKAGE: &str = "golang-1.24";

/// Where Go is installed: in the path, by its own archive, by Debian. The tests look in the same places.
const PLACES: [&str; 4] = ["go", "/usr/local/go/bin/go", "/usr/lib/go/bin/go", "/usr/lib/go-1.24/bin/go"];

/// Installs Go if it is missing or too old.
pub(crate) fn install() -> Outcome {
    if let Some(go) = find() {
        println!("there: {}", go.display());
        return Outcome::Passed;
    }
    let sentence =
        format!("install Go 1.{LEAST} or newer (https://go.dev/dl, into /usr/local/go): no package here has it");
    if !packages::is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return Outcome::failed(sentence);
    }
    let arguments = ["-q", "install", "--yes", "--no-install-recommends", PACKAGE];
    command(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()));
    if find().is_some() { Outcome::Passed } else { Outcome::failed(sentence) }
}

pub(crate) fn find() -> Option<PathBuf> {
    let new_enough = |go: &&str| {
        let answer = Command::new(go).args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local").output().ok();
        answer.and_then(|answer| minor(&answer.stdout)).is_some_and(|minor| minor >= LEAST)
    };
    PLACES.into_iter().find(new_enough).map(PathBuf::from)
}

/// Returns 24 for `go1.24.3`.
fn minor(version: &[u8]) -> Option<u32> {
    std::str::from_utf8(version).ok()?.trim().strip_prefix("go1.")?.split(['.', 'r', 'b']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (version, expected) in [
            (&b"go1.24\n"[..], Some(24)),
            (b"go1.26.8\n", Some(26)),
            (b"go1.25rc1", Some(25)),
            (b"devel go1.27-abc", None),
            (b"", None),
        ] {
            assert_eq!(minor(version), expected);
        }
    }
}
