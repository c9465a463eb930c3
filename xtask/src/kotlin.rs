//! The Kotlin library: its generated sources, its native library, its Maven build, and programs that have only its package.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::bindings;
use crate::cargo;
use crate::step::{Outcome, command};

/// The Maven project.
const PROJECT: &str = "bindings/kotlin";

/// Where JNA looks for the library inside a jar on this machine. Another machine has another name, and builds its own.
const HOST_NATIVES: &str = "linux-x86-64";

/// The native library's file.
const LIBRARY: &str = "libbyway_ffi.so";

/// Downloads what Maven needs. Only this step of the Kotlin ones needs a network.
pub(crate) fn fetch() -> Outcome {
    prepare().map_or_else(
        |failure| failure,
        |()| {
            // The runner of the tests is chosen, and fetched, when tests run: so run none of them.
            let none = ["-Dtest=None", "-Dsurefire.failIfNoSpecifiedTests=false"];
            command(maven().args(none).args(["verify", "--fail-at-end"]))
        },
    )
}

/// Builds, and runs the tests, without a network.
pub(crate) fn test() -> Outcome {
    if let Err(failure) = prepare() {
        return failure;
    }
    let mut maven = maven();
    // The artifacts go into a folder that is a Maven repository, from which the consumers take them.
    let repository = format!("-DaltDeploymentRepository=local::file://{}", repository().display());
    maven.args(["--offline", &repository, "deploy"]);
    in_namespace(&maven)
}

/// What Maven builds from: the generated sources, the native library, the lab. Each of these has the code of this tree.
fn prepare() -> Result<(), Outcome> {
    match bindings::kotlin() {
        Outcome::Passed => {}
        failure => return Err(failure),
    }
    let natives = natives().join(HOST_NATIVES);
    let copied = fs::create_dir_all(&natives)
        .and_then(|()| fs::copy(cargo::target().join("debug").join(LIBRARY), natives.join(LIBRARY)));
    if let Err(error) = copied {
        return Err(Outcome::failed(format!("{LIBRARY} cannot be copied to {}: {error}", natives.display())));
    }
    match command(Command::new("strip").arg("--strip-debug").arg(natives.join(LIBRARY))) {
        Outcome::Passed => Ok(()),
        failure => Err(failure),
    }
}

/// The resources folder of native libraries.
fn natives() -> PathBuf {
    cargo::root().join(PROJECT).join("byway/natives")
}

/// A Maven repository that holds the packaged artifacts and nothing else.
pub(crate) fn repository() -> PathBuf {
    cargo::target().join("kotlin-repository")
}

fn maven() -> Command {
    let mut maven = Command::new("mvn");
    maven.current_dir(cargo::root().join(PROJECT)).args(["--batch-mode", "--quiet"]);
    maven.arg(format!("-Dbyway.lab={}", cargo::target().join("debug/byway-lab").display()));
    maven
}

/// Runs it where there is nothing but loopback.
fn in_namespace(maven: &Command) -> Outcome {
    match cargo::without_network(maven) {
        Ok(mut sealed) => command(&mut sealed),
        Err(failure) => failure,
    }
}
