//! The Kotlin library: its generated sources, its native library, its Maven build, and programs that have only its
//! package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bindings;
use crate::cargo;
use crate::step::{Outcome, command};

pub(crate) mod package;

/// The Maven project.
const PROJECT: &str = "bindings/kotlin";

/// Where JNA looks for the library in a jar on this machine. Another machine has another name, and builds its own.
pub(crate) const HOST_NATIVES: &str = "linux-x86-64";

/// The native library's file.
pub(crate) const LIBRARY: &str = "libbyway_ffi.so";

/// Builds and packages, and downloads what Maven needs. Of the Kotlin steps only this one needs a network.
pub(crate) fn fetch() -> Outcome {
    prepare().map_or_else(
        |failure| failure,
        |()| {
            // Maven chooses and downloads the test runner when a test runs. So this runs one test, which needs no
            // network.
            let one = ["-Dtest=KeystoreKeyTest", "-Dsurefire.failIfNoSpecifiedTests=false"];
            command(maven().args(one).args([&deployed(), "deploy"]))
        },
    )
}

/// Runs the tests without a network.
pub(crate) fn test() -> Outcome {
    if let Err(failure) = prepare() {
        return failure;
    }
    let mut maven = maven();
    maven.args([OFFLINE, "verify"]);
    in_namespace(&maven)
}

/// The program that measures what an app gets with the library in this folder: one JSON object per line on standard
/// output. It needs a network, for the part of Maven that prints the class path.
pub(crate) fn measuring(library: &Path) -> Result<Command, Outcome> {
    prepare()?;
    let class_path = cargo::target().join("kotlin-class-path");
    let mut maven = maven();
    maven.args(["--projects", "byway", "test-compile", "dependency:build-classpath"]);
    maven.arg(format!("-Dmdep.outputFile={}", class_path.display()));
    match command(&mut maven) {
        Outcome::Passed => {}
        failure => return Err(failure),
    }
    let jars = fs::read_to_string(&class_path)
        .map_err(|error| Outcome::failed(format!("{} cannot be read: {error}", class_path.display())))?;
    let classes = project().join("byway/target");
    let all = format!("{0}/test-classes:{0}/classes:{1}", classes.display(), jars.trim());
    let mut java = Command::new("java");
    // This library has priority over the one in the resources, which is for the tests.
    java.arg(format!("-Djna.library.path={}", library.display()));
    java.arg(format!("-Dbyway.lab={}", cargo::target().join("debug/byway-lab").display()));
    java.args(["-cp", &all, &format!("{}.measure.BenchKt", package::PACKAGE)]);
    Ok(java)
}

/// The artifacts go into a folder that is a Maven repository. The consumers take them from there.
fn deployed() -> String {
    format!("-DaltDeploymentRepository=local::file://{}", repository().display())
}

pub(crate) const OFFLINE: &str = "--offline";

/// A folder is no network.
pub(crate) const FILES: &str = "-Daether.offline.protocols=file";

/// Programs that have only the packaged artifacts: one that must run, and one that must not compile.
pub(crate) fn consumers() -> Outcome {
    forget_cached();
    let consumers = project().join("consumers");
    let run = |project: &Path| {
        let mut maven = maven_at(project);
        maven.arg(format!("-Dbyway.repository=file://{}", repository().display())).args([OFFLINE, FILES, "verify"]);
        maven
    };
    for project in [consumers.join("packaged"), cargo::root().join("examples/kotlin-desktop")] {
        match in_namespace(&run(&project)) {
            Outcome::Passed => {}
            failure => return failure,
        }
    }
    must_not_compile(run(&consumers.join("internals")))
}

/// Removes Maven's copy of the packaged artifacts, which would hide what has just been packaged.
pub(crate) fn forget_cached() {
    if let Some(home) = std::env::var_os("HOME") {
        let group = package::PACKAGE.replace('.', "/");
        let _ = fs::remove_dir_all(Path::new(&home).join(".m2/repository").join(group));
    }
}

/// Passes only where the compiler refuses exactly what it must refuse.
fn must_not_compile(mut maven: Command) -> Outcome {
    let Ok(output) = maven.output() else { return Outcome::failed("Maven cannot be started") };
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Outcome::failed("a program that uses the library's internals compiles");
    }
    for refused in INTERNALS {
        if !said.contains(refused) {
            return Outcome::failed(format!("the compiler does not refuse `{refused}`; it says:\n{said}"));
        }
    }
    println!("refused, as it must be: {}", INTERNALS.map(str::trim).join(", "));
    Outcome::Passed
}

/// What `consumers/internals` uses; the compiler must name each.
const INTERNALS: [&str; 4] = ["'class Client ", "'object FfiConverterString ", "'class EngineByway ", "'val bytes: "];

/// Prepares what Maven builds from: the generated sources, the native library, the lab. Each has the code of this tree.
pub(crate) fn prepare() -> Result<(), Outcome> {
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
pub(crate) fn natives() -> PathBuf {
    project().join("byway/natives")
}

/// A Maven repository that holds the packaged artifacts and nothing else.
pub(crate) fn repository() -> PathBuf {
    cargo::target().join("kotlin-repository")
}

fn maven() -> Command {
    maven_at(&project())
}

/// The Maven project of the library.
pub(crate) fn project() -> PathBuf {
    cargo::root().join(PROJECT)
}

pub(crate) fn maven_at(project: &Path) -> Command {
    let mut maven = Command::new("mvn");
    maven.current_dir(project).args(["--batch-mode", "--quiet"]);
    maven.arg(format!("-Dbyway.lab={}", cargo::target().join("debug/byway-lab").display()));
    maven
}

/// Runs it where there is nothing but loopback.
pub(crate) fn in_namespace(maven: &Command) -> Outcome {
    match cargo::without_network(maven) {
        Ok(mut sealed) => command(&mut sealed),
        Err(failure) => failure,
    }
}
