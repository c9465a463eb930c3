//! The steps that run cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::packages;
use crate::step::{self, Outcome, command};

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The cargo that runs us, in the workspace's folder.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

pub(crate) fn fetch() -> Outcome {
    command(cargo().args(["fetch", "--locked"]))
}

pub(crate) fn fmt() -> Outcome {
    command(cargo().args(["fmt", "--all", "--check"]))
}

/// Four runs: all targets, for which the tests' features are on; the shipped programs, without them; the crate without any
/// feature; and the library that an app ships, which uploads to no bucket. The second finds a public type that cannot be
/// named, and a program that needs a private module.
pub(crate) fn clippy() -> Outcome {
    let run = |which: &[&str]| command(cargo().args(["clippy", "--locked"]).args(which).args(["--", "-D", "warnings"]));
    let runs: [&[&str]; 4] = [
        &["--workspace", "--all-targets"],
        &["--package", "byway", "--package", "byway-cli"],
        &["--package", "byway", "--no-default-features"],
        &["--package", "byway-ffi"],
    ];
    let failure = runs.into_iter().map(run).find(|outcome| *outcome != Outcome::Passed);
    failure.unwrap_or(Outcome::Passed)
}

/// Two runs, because the program `byway` and the library `byway` would write to the same folder. The library is last
/// and stays.
pub(crate) fn doc() -> Outcome {
    let run = |which: &[&str]| {
        let mut doc = cargo();
        doc.env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--locked", "--no-deps", "--document-private-items"]);
        command(doc.args(which))
    };
    match run(&["--package", "byway-cli"]) {
        Outcome::Passed => run(&["--workspace", "--exclude", "byway-cli"]),
        failure => failure,
    }
}

/// All tests, in a network namespace with only loopback. A test that needs the internet fails here on every machine,
/// and no test can disturb a stranger.
///
/// The property tests draw the same values in every run of the gate, so that one tree has one answer. Run by hand,
/// `cargo test` draws new values each time.
pub(crate) fn test() -> Outcome {
    let mut cargo = cargo();
    cargo.args(["test", "--locked", "--offline", "--workspace", "--no-fail-fast"]);
    if std::env::var_os(PROPTEST_SEED).is_none() {
        cargo.env(PROPTEST_SEED, "0");
    }
    sealed(&cargo)
}

/// The uploads of an app's library that is built with buckets, which the library of all other tests is not. All crates are named, so
/// that nothing but this library is built again.
pub(crate) fn test_s3() -> Outcome {
    let uploads = ["--workspace", "--features", "byway-ffi/s3", "--test", "uploads"];
    sealed(cargo().args(["test", "--locked", "--offline"]).args(uploads))
}

/// Runs this in a network namespace with only loopback.
fn sealed(command: &Command) -> Outcome {
    match without_network(command) {
        Ok(mut sealed) => step::command(&mut sealed),
        Err(failure) => failure,
    }
}

/// The variable in which proptest takes the seed of its random numbers.
const PROPTEST_SEED: &str = "PROPTEST_RNG_SEED";

/// The same command in a network namespace with only loopback.
pub(crate) fn without_network(command: &Command) -> Result<Command, Outcome> {
    let mut namespace = vec!["--net"];
    if !packages::is_root() {
        namespace.push("--map-root-user");
    }
    let possible = Command::new("unshare")
        .args(&namespace)
        .arg("true")
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !possible {
        return Err(Outcome::failed(
            "the tests run in a network namespace of their own, and `unshare --net` is refused here: \
             run as root with CAP_SYS_ADMIN",
        ));
    }
    let mut unshare = Command::new("unshare");
    unshare.current_dir(command.get_current_dir().unwrap_or(root()));
    unshare.args(&namespace).args(["sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""]);
    unshare.arg(command.get_program()).args(command.get_args());
    Ok(unshare)
}

/// The program with real packets, in namespaces that it makes and that end with it.
pub(crate) fn netns_test() -> Outcome {
    if !cfg!(target_os = "linux") || !packages::is_root() {
        return Outcome::failed("real packets need root on Linux: namespaces, routes, nftables");
    }
    command(cargo().args(["test", "--locked", "--package", "byway-cli", "--test", "netns", "--", "run"]))
}

/// The private Tor network of the tests, for a person. It ends with its input.
pub(crate) fn tornet() -> Outcome {
    if !cfg!(target_os = "linux") || !packages::is_root() {
        return Outcome::failed(
            "the private Tor network needs root on Linux: its processes get namespaces of their own",
        );
    }
    let test = ["test", "--locked", "--package", "byway-cli", "--test", "real", "--"];
    command(cargo().args(test).args(["--ignored", "--nocapture", "tornet::"]))
}

/// The same where it can run; elsewhere it reports that it did not run.
pub(crate) fn netns_test_where_possible() -> Outcome {
    if cfg!(target_os = "linux") && packages::is_root() {
        netns_test()
    } else {
        Outcome::Unchecked { sentence: "real packets need root on Linux; nothing was sent".into() }
    }
}
