//! The Debian packages that building and testing need.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::step::{Outcome, command};

/// What is installed, and for what.
const PACKAGES: &[&str] = &[
    // The C compiler for aws-lc and zstd, and cmake where aws-lc has no prepared build.
    "gcc",
    "libc6-dev",
    "cmake",
    // cargo-deny clones the advisory database.
    "git",
    // `ip`, for the tests' own network namespace.
    "iproute2",
    // Tools that change packets like routers do, record them, and set a wrong clock: for the tests with real packets.
    "nftables",
    "tcpdump",
    "faketime",
    // The Kotlin library is built by Maven, and runs on a JVM.
    "maven",
    "openjdk-17-jdk-headless",
    // Emoji in one colour, as Java draws them, for the screenshots of the desktop sample.
    "fonts-symbola",
    // The real programs that Byway is tested against.
    "tor",
    "obfs4proxy",
    "snowflake-client",
    "microsocks",
    "dante-server",
    "tinyproxy",
    "squid",
    "nginx",
    "shadowsocks-libev",
    // Software that writes feeds and calendars, and what it runs on.
    "hugo",
    "pelican",
    "wordpress",
    "wordpress-theme-twentytwentythree",
    "php-cli",
    "php-mysql",
    "mariadb-server",
    "python3-feedparser",
    "python3-icalendar",
    "libical-dev",
    // Reads and writes what cameras and programs write into pictures.
    "libimage-exiftool-perl",
    // An environment for the Python that Debian has no package of.
    "python3-venv",
    // A Debian with Swift 6 in a folder, for the Swift package.
    "debootstrap",
];

/// Asked by Debian's maintainer scripts before they start a service; 101 is "no".
const POLICY: &str = "/usr/sbin/policy-rc.d";

pub(crate) fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

/// Installs what is missing. Starts no service.
pub(crate) fn install() -> Outcome {
    let missing: Vec<&str> = PACKAGES.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        println!("all there: {}", PACKAGES.join(" "));
        return Outcome::Passed;
    }
    if !is_root() {
        return Outcome::failed(format!("install these Debian packages first, or run as root: {}", missing.join(" ")));
    }
    if !Path::new("/usr/bin/apt-get").exists() {
        return Outcome::failed(format!("this is no Debian; install what these packages hold: {}", missing.join(" ")));
    }
    let quiet = match QuietServices::begin() {
        Ok(quiet) => quiet,
        Err(error) => return Outcome::failed(format!("{POLICY} cannot be written: {error}")),
    };
    // An old list names packages that the mirror no longer has. A failed update is not yet a failure: the old list may
    // be good enough.
    command(apt_get().arg("update"));
    let outcome = command(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(&missing));
    drop(quiet);
    outcome
}

fn is_installed(package: &str) -> bool {
    let answer = Command::new("dpkg-query").args(["-W", "-f=${Status}", package]).stderr(Stdio::null()).output();
    answer.is_ok_and(|answer| answer.stdout == b"install ok installed")
}

pub(crate) fn apt_get() -> Command {
    let mut apt_get = Command::new("apt-get");
    apt_get.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    // Another apt may be running, for example an unattended upgrade: wait for it.
    apt_get.args(["-q", "-o", "DPkg::Lock::Timeout=300"]);
    apt_get
}

/// While it exists, installing a daemon does not start it. An existing policy is left unchanged.
struct QuietServices {
    ours: bool,
}

impl QuietServices {
    fn begin() -> std::io::Result<Self> {
        if Path::new(POLICY).exists() {
            return Ok(Self { ours: false });
        }
        fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
        let quiet = Self { ours: true };
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))?;
        Ok(quiet)
    }
}

impl Drop for QuietServices {
    fn drop(&mut self) {
        if self.ours {
            let _ = fs::remove_file(POLICY);
        }
    }
}
