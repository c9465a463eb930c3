//! An app that has the packaged AAR only, under Robolectric: as it is, shrunk by R8 with the rules that the AAR brings, and
//! shrunk without them. The last must fail, or the rules would be there for nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{DEBUG_NETWORK, VERSION, check_archive, has_debug_network, lay_out_for_this_machine, name};
use crate::kotlin;
use crate::kotlin::package::PACKAGE;
use crate::mobile::{self, Tor};
use crate::step::{Outcome, command};

/// What the run without the rules must say: the native methods of JNA are found by the names of their classes.
const MISSED: &str = "java.lang.UnsatisfiedLinkError";

/// Packages the AAR with the library of this machine, compiles the app, and downloads what its test needs.
pub(crate) fn fetch() -> Outcome {
    fetch_archive(Tor::Without)
}

/// The same for the archive with Tor inside.
pub(crate) fn fetch_tor() -> Outcome {
    if let Err(failure) = mobile::debug_libraries() {
        return failure;
    }
    // The check of what an app ships looks for a name that is there, and in this one alone.
    match [Tor::Inside, Tor::Without].map(|tor| has_debug_network(&mobile::debug_library(tor))) {
        [Ok(true), Ok(false)] => fetch_archive(Tor::Inside),
        [Err(sentence), _] | [_, Err(sentence)] => Outcome::failed(sentence),
        has => Outcome::failed(format!("`{DEBUG_NETWORK}` with Tor inside, and without: {has:?}")),
    }
}

fn fetch_archive(tor: Tor) -> Outcome {
    match publish(tor) {
        Outcome::Passed => {}
        failure => return failure,
    }
    // Maven knows no AARs, and looks for their classes at the beginning of a run: a run before fetches them.
    match command(app_with(tor).arg("initialize")) {
        Outcome::Passed => {}
        failure => return failure,
    }
    for archive in [&*name(tor), "jna", "monitor"] {
        match unpack(archive) {
            Outcome::Passed => {}
            failure => return failure,
        }
    }
    // An app ships JNA's own library beside ours.
    for archive in [&*name(tor), "jna"] {
        if let Err(sentence) = check_archive(&built().join("aars").join(archive)) {
            return Outcome::failed(sentence);
        }
    }
    // The runner of the tests is chosen, and fetched, when a test runs.
    command(app_with(tor).args(["-Dtest=ReaderAppTest#aFailureHasItsKindCodeAndSentence", "verify"]))
}

/// The app with the archive that has Tor inside reads by it, in a private Tor network, where there is nothing but loopback.
pub(crate) fn test_tor() -> Outcome {
    let mut tor = app_with(Tor::Inside);
    tor.args([kotlin::OFFLINE, kotlin::FILES, "-Dbyway.tor=true", "-Dtest=TorAppTest", "verify"]);
    kotlin::in_namespace(&tor)
}

/// The three runs, without a network.
pub(crate) fn test() -> Outcome {
    let mut plain = app();
    plain.args([kotlin::OFFLINE, kotlin::FILES, "verify"]);
    match kotlin::in_namespace(&plain) {
        Outcome::Passed => {}
        failure => return failure,
    }
    let rules = built().join("aars/byway-android/proguard.txt");
    let kept = built().join("shrunk.jar");
    let lost = built().join("shrunk-without-rules.jar");
    for (rules, jar) in [(Some(rules.as_path()), &kept), (None, &lost)] {
        match shrink(rules, jar) {
            Outcome::Passed => {}
            failure => return failure,
        }
    }
    match kotlin::in_namespace(&shrunk(&kept)) {
        Outcome::Passed => must_fail(shrunk(&lost)),
        failure => failure,
    }
}

/// Puts the AAR into the repository from which the app takes it, as `groupId/artifactId/version`.
fn publish(tor: Tor) -> Outcome {
    let archive = match lay_out_for_this_machine(tor) {
        Ok(archive) => archive,
        Err(failure) => return failure,
    };
    let folder = PACKAGE.split('.').fold(kotlin::repository(), |folder, part| folder.join(part));
    let folder = folder.join(name(tor)).join(VERSION);
    kotlin::forget_cached();
    let copied = fs::create_dir_all(&folder).and_then(|()| {
        for file in [archive.clone(), archive.with_extension("pom")] {
            let Some(name) = file.file_name() else { continue };
            fs::copy(&file, folder.join(name))?;
        }
        Ok(())
    });
    match copied {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::failed(format!("the AAR cannot be put into {}: {error}", folder.display())),
    }
}

fn unpack(archive: &str) -> Outcome {
    let folder = built().join("aars").join(archive);
    let _ = fs::remove_dir_all(&folder);
    if let Err(error) = fs::create_dir_all(&folder) {
        return Outcome::failed(format!("{} cannot be made: {error}", folder.display()));
    }
    let packed = built().join("tools").join(format!("{archive}.aar"));
    command(Command::new("jar").current_dir(folder).args(["--extract", "--file"]).arg(packed))
}

/// Runs R8 as the Android Gradle plugin does for a release: code is removed, optimised and renamed.
fn shrink(rules: Option<&Path>, into: &Path) -> Outcome {
    let tools = built().join("tools");
    let mut inputs = vec![built().join("classes"), built().join("aars/byway-android/classes.jar")];
    inputs.push(built().join("aars/jna/classes.jar"));
    let dependencies = match fs::read_dir(built().join("dependencies")) {
        Ok(entries) => entries,
        Err(error) => return Outcome::failed(format!("the app's dependencies cannot be listed: {error}")),
    };
    inputs.extend(dependencies.flatten().map(|entry| entry.path()));
    // A folder of classes is no input of R8's.
    let classes = built().join("app-classes.jar");
    let mut jar = Command::new("jar");
    jar.args(["--create", "--file"]).arg(&classes).arg("-C").arg(&inputs[0]).arg(".");
    match command(&mut jar) {
        Outcome::Passed => inputs[0] = classes,
        failure => return failure,
    }
    let mut r8 = Command::new("java");
    r8.arg("-cp").arg(tools.join("r8.jar")).args(["com.android.tools.r8.R8", "--release", "--classfile"]);
    // Android's own classes, and Java's, which the former come without.
    let Some(home) = java_home() else { return Outcome::failed("`java` does not say where its own classes are") };
    r8.arg("--lib").arg(home).arg("--lib").arg(tools.join("android.jar")).arg("--output").arg(into);
    r8.arg("--pg-conf").arg(project().join("app.pro"));
    if let Some(rules) = rules {
        r8.arg("--pg-conf").arg(rules);
    }
    command(r8.args(inputs))
}

fn java_home() -> Option<String> {
    let settings = Command::new("java").args(["-XshowSettings:properties", "-version"]).output().ok()?;
    let settings = String::from_utf8_lossy(&settings.stderr).into_owned();
    let home = settings.lines().find_map(|line| line.trim().strip_prefix("java.home = "))?;
    Some(home.to_owned())
}

/// The app's test over R8's jar.
fn shrunk(jar: &Path) -> Command {
    let mut maven = app();
    maven.args([kotlin::OFFLINE, kotlin::FILES, "--activate-profiles", "shrunk"]);
    maven.arg(format!("-Dapp={}", jar.display())).arg("verify");
    maven
}

/// Passes only where the test fails because JNA's native methods are not found.
fn must_fail(maven: Command) -> Outcome {
    let output = match crate::cargo::without_network(&maven) {
        Ok(mut sealed) => sealed.output(),
        Err(failure) => return failure,
    };
    let Ok(output) = output else { return Outcome::failed("Maven cannot be started") };
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Outcome::failed("an app that is shrunk without the rules of the AAR works: are they needed?");
    }
    if !said.contains(MISSED) {
        return Outcome::failed(format!("the app without the rules fails otherwise than expected; it says:\n{said}"));
    }
    println!("shrunk without the rules, the app fails, as it must");
    Outcome::Passed
}

fn app() -> Command {
    app_with(Tor::Without)
}

fn app_with(tor: Tor) -> Command {
    let mut maven = kotlin::maven_at(&project());
    maven.arg(format!("-Dbyway.archive={}", name(tor)));
    maven.arg(format!("-Dbyway.repository=file://{}", kotlin::repository().display()));
    maven
}

fn project() -> PathBuf {
    kotlin::project().join("consumers/android")
}

fn built() -> PathBuf {
    project().join("target")
}
