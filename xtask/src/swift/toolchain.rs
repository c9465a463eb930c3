//! Where `swift` comes from: the machine's own if it is recent enough, else a Debian trixie in a folder.
//!
//! Debian 12 has no Swift. Debian trixie has 6.0.3, and runs in a folder on the same kernel. Each command gets its own
//! mount namespace, so every mount ends with the command, even if it is killed.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::{root, target};
use crate::packages;
use crate::step::{Outcome, command};

/// The package needs Swift 6 (strict concurrency as a rule of the language).
const LEAST_MAJOR: u32 = 6;

/// The Debian release that has Swift 6, and where it is fetched from.
const RELEASE: &str = "trixie";
const MIRROR: &str = "http://deb.debian.org/debian";

/// The compiler, a linker, the headers and start files of C and C++ that `swiftc` links with, what finds a C library, and the `tor`
/// of which the lab makes a private network.
const PACKAGES: &str = "swiftlang,binutils,libc6-dev,libstdc++-14-dev,pkgconf,tor";

/// What a folder with these packages has.
const PROGRAMS: [&str; 2] = ["usr/bin/swift", "usr/bin/tor"];

/// A Swift that can be run.
pub(super) enum Toolchain {
    /// In the path.
    Path { version: String },
    /// In a folder that holds a Debian.
    Folder(PathBuf),
}

/// What the search for a toolchain found.
pub(super) enum Found {
    Here(Toolchain),
    /// There is none, and it cannot be made here; the sentence says why.
    Missing(String),
}

impl Toolchain {
    /// Finds a toolchain, or makes one where that is possible: as root on Debian, in about three minutes and 3.2 GB.
    pub(super) fn find_or_make() -> Result<Found, String> {
        if let Some(version) = version_in_path() {
            return Ok(Found::Here(Self::Path { version }));
        }
        if !packages::is_root() || !Path::new("/usr/sbin/debootstrap").exists() {
            return Ok(Found::Missing(
                "no Swift 6 is in the path; as root on Debian, `cargo xtask install` gets one".to_owned(),
            ));
        }
        let folder = cache()?.join(format!("swift-{RELEASE}"));
        make(&folder)?;
        Ok(Found::Here(Self::Folder(folder)))
    }

    /// The command that runs `program` of the toolchain in `directory`, in a network that holds nothing but loopback where
    /// that is possible.
    ///
    /// The repository and the target folder are at the same paths inside as outside.
    pub(super) fn command(&self, program: &str, directory: &Path) -> Command {
        match self {
            Self::Path { .. } => {
                let mut command = Command::new(program);
                command.current_dir(directory);
                command
            }
            Self::Folder(folder) => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "--net", "--propagation", "private", "sh", "-c", ENTER, "swift"]);
                command.arg(folder).arg(root()).arg(target()).arg(directory).arg(program);
                // The build's own variables of the outside mean nothing inside.
                command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("HOME", "/root").env("LC_ALL", "C.UTF-8");
                command
            }
        }
    }
}

impl Toolchain {
    /// A program that comes with the compiler and is not in the path everywhere.
    pub(super) fn tool(&self, name: &str, directory: &Path) -> Command {
        match self {
            Self::Path { .. } if cfg!(target_os = "macos") => {
                let mut command = self.command("xcrun", directory);
                command.arg(name);
                command
            }
            Self::Path { .. } => self.command(name, directory),
            // Debian keeps them beside the compiler's own parts.
            Self::Folder(_) => self.command(&format!("/usr/libexec/swift/bin/{name}"), directory),
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { version } => write!(f, "Swift {version} in the path"),
            Self::Folder(folder) => write!(f, "Swift in {}", folder.display()),
        }
    }
}

/// Mounts what a compiler needs into the folder, and runs the command in it: folder, repository, target, directory, then
/// the command.
const ENTER: &str = r#"
set -e
into=$1; repository=$2; target=$3; directory=$4; shift 4
ip link set lo up
mount -t proc proc "$into/proc"
mount --rbind /dev "$into/dev"
mount -t tmpfs tmpfs "$into/tmp"
mkdir -p "$into$repository" "$into$target"
mount --bind "$repository" "$into$repository"
mkdir -p "$into$target"
mount --bind "$target" "$into$target"
exec chroot "$into" sh -c 'cd "$0" && exec "$@"' "$directory" "$@"
"#;

/// Where what is made once for all checkouts of this machine is kept.
fn cache() -> Result<PathBuf, String> {
    let own = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = own("XDG_CACHE_HOME").or_else(|| own("HOME").map(|home| home.join(".cache")));
    let folder = folder.ok_or("neither XDG_CACHE_HOME nor HOME says where the Swift toolchain may be kept")?;
    let folder = folder.join("byway");
    fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

/// Makes the folder, if it is not whole. Two checkouts that want it at once make it once.
fn make(folder: &Path) -> Result<(), String> {
    let lock = File::create(folder.with_extension("lock")).and_then(|file| file.lock().map(|()| file));
    let _lock = lock.map_err(|error| format!("the cache of the Swift toolchain cannot be locked: {error}"))?;
    // Not `exists`: it may be a link to what is at that place only inside.
    if PROGRAMS.iter().all(|program| folder.join(program).symlink_metadata().is_ok()) {
        return Ok(());
    }
    // A folder that is not whole has another name, so that an interrupted run leaves nothing that looks whole.
    let partial = folder.with_extension("partial");
    let _ = fs::remove_dir_all(&partial);
    let mut debootstrap = Command::new("debootstrap");
    debootstrap.stdin(Stdio::null()).args(["--variant=minbase", &format!("--include={PACKAGES}"), RELEASE]);
    step(debootstrap.arg(&partial).arg(MIRROR))?;
    // Swift's own libraries lie in a folder that the loader learns of only now.
    step(Command::new("chroot").arg(&partial).args(["ldconfig"]))?;
    // The archives of the packages are a quarter of the folder.
    step(Command::new("chroot").arg(&partial).args(["apt-get", "clean"]))?;
    // One of an earlier version lacks a package.
    let _ = fs::remove_dir_all(folder);
    fs::rename(&partial, folder).map_err(|error| format!("{} cannot be renamed: {error}", partial.display()))
}

fn step(deed: &mut Command) -> Result<(), String> {
    match command(deed) {
        Outcome::Passed => Ok(()),
        Outcome::Failed { sentence, .. } | Outcome::Unchecked { sentence } => Err(sentence),
    }
}

fn version_in_path() -> Option<String> {
    let answer = Command::new(OsStr::new("swift")).arg("--version").stderr(Stdio::null()).output().ok()?;
    let version = version(std::str::from_utf8(&answer.stdout).ok()?)?;
    let major: u32 = version.split('.').next()?.parse().ok()?;
    (major >= LEAST_MAJOR).then(|| version.to_owned())
}

/// `6.0.3` of `Swift version 6.0.3 (swift-6.0.3-RELEASE)`, also with Apple's words before it.
fn version(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace().skip_while(|word| *word != "version").skip(1);
    words.next().filter(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_swift_is_read() {
        for (text, expected) in [
            ("Swift version 6.0.3 (swift-6.0.3-RELEASE)\nTarget: x86_64-pc-linux-gnu", Some("6.0.3")),
            ("swift-driver version: 1.115 Apple Swift version 6.0.3 (swiftlang-6.0.3.1.10)", Some("6.0.3")),
            ("Swift version unknown", None),
            ("", None),
        ] {
            assert_eq!(version(text), expected, "{text}");
        }
    }
}
