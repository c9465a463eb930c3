//! ical.js, which writes and reads calendars in the tests of the program. Debian has no package of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cargo::{root, target};
use crate::packages;
use crate::step::{Outcome, command};

/// Where its version and its checksum are.
const LOCKED: &str = "cli/tests/real/calendars";
const FILES: [&str; 2] = ["package.json", "package-lock.json"];

/// The program that runs it and the one that downloads it, with Debian's packages of them. Another Node.js, which
/// Debian's `npm` would conflict with, brings both.
const PROGRAMS: [(&str, &str); 2] = [("node", "nodejs"), ("npm", "npm")];

/// Downloads it into the target folder, if it is not there in this version.
pub(crate) fn install() -> Outcome {
    for (program, package) in PROGRAMS {
        if !runs(program) {
            if !packages::is_root() || !Path::new("/usr/bin/apt-get").exists() {
                return Outcome::failed(format!("install {program} first (Debian: {package}), or run as root"));
            }
            let mut get = packages::apt_get();
            command(get.args(["install", "--yes", "--no-install-recommends", package]));
            if !runs(program) {
                return Outcome::failed(format!("{program} could not be installed"));
            }
        }
    }
    let ours = target().join("xtask-tools/ical.js");
    if is_there(&ours) {
        println!("there: {}", ours.display());
        return Outcome::Passed;
    }
    if let Err(error) = copy_lock(&ours) {
        return Outcome::failed(format!("{} cannot be written: {error}", ours.display()));
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&ours).stdin(Stdio::null());
    command(&mut npm)
}

fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn is_there(ours: &Path) -> bool {
    let is_same = |name: &&str| fs::read(root().join(LOCKED).join(name)).ok() == fs::read(ours.join(name)).ok();
    FILES.iter().all(is_same) && ours.join("node_modules/ical.js/dist/ical.js").exists()
}

/// Removes another version first: without its files, a download that fails is tried again.
fn copy_lock(ours: &Path) -> std::io::Result<()> {
    let _ = fs::remove_dir_all(ours);
    fs::create_dir_all(ours)?;
    FILES.iter().try_for_each(|name| fs::copy(root().join(LOCKED).join(name), ours.join(name)).map(drop))
}
