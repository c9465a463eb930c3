//! The jar for desktops and servers: the Kotlin library with this machine's native library, small and stripped as an app ships it, and
//! beside it the sources and the documentation that an app's IDE shows.
//!
//! All of it is laid out as a Maven repository, so that a build names a folder and no file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::kotlin::package::PACKAGE;
use crate::kotlin::{self, HOST_NATIVES, LIBRARY};
use crate::mobile::{self, Tor};
use crate::step::{Outcome, command, passed};

/// The version of the workspace, which xtask has, too.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The artefacts of Maven.
const MODULES: [&str; 2] = ["byway", "byway-okhttp"];

/// What each of them has. The last two are what an IDE asks a repository for.
const FILES: [&str; 4] = [".pom", ".jar", "-sources.jar", "-javadoc.jar"];

/// Builds the jars into a repository of their own.
pub(crate) fn build() -> Outcome {
    match all() {
        Ok(repository) => {
            println!("{}", repository.display());
            Outcome::Passed
        }
        Err(failure) => failure,
    }
}

fn all() -> Result<PathBuf, Outcome> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Outcome::failed(
            "the jar is laid out for Linux on x86_64 alone: JNA looks for other names elsewhere",
        ));
    }
    // The generator reads a debug library, and the jar holds the small one: what they say of each other is compared when it is loaded.
    kotlin::prepare()?;
    passed(command(&mut mobile::rustc("cdylib", Tor::Without)))?;
    let small = Tor::Without.folder().join(mobile::PROFILE).join(LIBRARY);
    let place = kotlin::natives().join(HOST_NATIVES).join(LIBRARY);
    fs::copy(&small, &place)
        .map_err(|error| Outcome::failed(format!("{} cannot be copied: {error}", small.display())))?;
    let repository = cargo::target().join("jar-repository");
    let _ = fs::remove_dir_all(&repository);
    let mut maven = kotlin::maven_at(&kotlin::project());
    maven.args(["--activate-profiles", "release", "--projects", &MODULES.join(","), "--also-make", "-DskipTests"]);
    maven.arg(format!("-DaltDeploymentRepository=local::file://{}", repository.display())).arg("deploy");
    passed(command(&mut maven))?;
    remove_tests(&folder_of(&repository, "byway"))
        .map_err(|error| Outcome::failed(format!("the tests' jar cannot be removed: {error}")))?;
    check(&repository).map_err(Outcome::failed)?;
    Ok(repository)
}

/// Removes the jar with which the modules here test each other.
fn remove_tests(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().contains("-tests.jar")) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Where a Maven repository has this version of a module.
fn folder_of(repository: &Path, module: &str) -> PathBuf {
    let group = PACKAGE.split('.').fold(repository.to_owned(), |folder, part| folder.join(part));
    group.join(module).join(VERSION)
}

/// Whether a build and an IDE find everything where they look for it, and the native library is the small one.
fn check(repository: &Path) -> Result<(), String> {
    for module in MODULES {
        for file in FILES {
            let file = folder_of(repository, module).join(format!("{module}-{VERSION}{file}"));
            let length = fs::metadata(&file).map_err(|error| format!("{} is missing: {error}", file.display()))?.len();
            if length == 0 {
                return Err(format!("{} is empty", file.display()));
            }
        }
    }
    let folder = folder_of(repository, "byway");
    let entries = |name: &str| -> Result<String, String> {
        let listed = Command::new("jar").arg("--list").arg("--file").arg(folder.join(name)).output();
        let listed = listed.map_err(|error| format!("`jar` cannot be started: {error}"))?;
        Ok(String::from_utf8_lossy(&listed.stdout).into_owned())
    };
    let byway = format!("byway-{VERSION}");
    for (jar, wanted) in [
        (format!("{byway}.jar"), format!("{HOST_NATIVES}/{LIBRARY}")),
        (format!("{byway}.jar"), format!("{}/Byway.class", PACKAGE.replace('.', "/"))),
        (format!("{byway}-sources.jar"), "Byway.kt".to_owned()),
        (format!("{byway}-javadoc.jar"), format!("{}/Byway.html", PACKAGE.replace('.', "/"))),
    ] {
        if !entries(&jar)?.contains(&wanted) {
            return Err(format!("{jar} lacks {wanted}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_without_sources_or_documentation_is_refused() -> std::io::Result<()> {
        let repository = cargo::target().join("jar-tests");
        let _ = fs::remove_dir_all(&repository);
        for module in MODULES {
            fs::create_dir_all(folder_of(&repository, module))?;
        }
        for module in MODULES {
            for file in FILES {
                let missing = format!("{module}-{VERSION}{file}");
                assert!(check(&repository).is_err_and(|sentence| sentence.contains(&missing)), "{missing}");
                fs::write(folder_of(&repository, module).join(missing), "x")?;
            }
        }
        assert!(check(&repository).is_err_and(|sentence| sentence.contains("lacks")), "they are no jars");
        Ok(())
    }
}
