//! A test in a process of its own, beside that of the other tests.

use std::env;
use std::process::Command;

/// Set in such a process.
const OWN: &str = "BYWAY_TEST_IN_A_PROCESS_OF_ITS_OWN";

/// Whether this is such a process.
pub(crate) fn is_own() -> bool {
    env::var_os(OWN).is_some()
}

/// Runs this one test in such a process.
///
/// # Errors
///
/// What it said, if it failed.
pub(crate) fn own(test: &str) -> Result<(), String> {
    let mut own = Command::new(env::current_exe().unwrap());
    let ran = own.args(["--exact", test]).env(OWN, "1").output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    if ran.status.success() && said.contains("1 passed") {
        return Ok(());
    }
    Err(format!("{said}{}", String::from_utf8_lossy(&ran.stderr)))
}
