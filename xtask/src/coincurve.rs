//! coincurve, with which `docs/verify.py` verifies signatures. Debian has no package of it.

use std::fs;
use std::process::{Command, Stdio};

use crate::cargo::{root, target};
use crate::step::{Outcome, command};

/// Its version.
const REQUIREMENTS: &str = "docs/verify-requirements.txt";

/// Installs it into an environment of its own in the target folder, if it is not there in this version.
pub(crate) fn install() -> Outcome {
    let ours = target().join("xtask-tools/verify");
    let installed = ours.join("requirements.txt");
    let wanted = root().join(REQUIREMENTS);
    if fs::read(&wanted).is_ok_and(|wanted| fs::read(&installed).is_ok_and(|there| there == wanted)) {
        println!("there: {}", ours.display());
        return Outcome::Passed;
    }
    let _ = fs::remove_dir_all(&ours);
    let mut venv = Command::new("/usr/bin/python3");
    venv.args(["-m", "venv"]).arg(&ours).stdin(Stdio::null());
    let made = command(&mut venv);
    if !matches!(made, Outcome::Passed) {
        return made;
    }
    let mut pip = Command::new(ours.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        "--requirement",
    ]);
    let got = command(pip.arg(&wanted).stdin(Stdio::null()));
    if !matches!(got, Outcome::Passed) {
        return got;
    }
    // Last, so that an installation that fails is tried again.
    match fs::copy(&wanted, &installed) {
        Ok(_) => Outcome::Passed,
        Err(error) => Outcome::failed(format!("{} cannot be written: {error}", installed.display())),
    }
}
