//! What an app's IDE shows of the archive: its sources and its documentation, as jars beside it. An archive holds neither.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kotlin;
use crate::step::{Outcome, command, passed};

/// The two modules of an app for Android are one archive.
pub(super) const MODULES: [&str; 2] = ["byway", "byway-android"];

/// The version of the workspace, which xtask and the modules have, too.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Packs the sources of both modules.
pub(super) fn sources(archive: &Path) -> Result<PathBuf, Outcome> {
    let packed = beside(archive, "sources");
    let folders = MODULES.map(|module| kotlin::project().join(module).join("src/main/kotlin"));
    pack(&packed, &folders)?;
    Ok(packed)
}

/// Has the documentation of both modules written, and packs it, each module in its folder.
pub(super) fn documentation(archive: &Path) -> Result<PathBuf, Outcome> {
    let mut maven = kotlin::maven_at(&kotlin::project());
    maven.args(["--activate-profiles", "release", "--projects", &MODULES.join(","), "-DskipTests", "package"]);
    passed(command(&mut maven))?;
    let pages = archive.with_file_name("documentation");
    let _ = fs::remove_dir_all(&pages);
    for module in MODULES {
        let folder = pages.join(module);
        fs::create_dir_all(&folder)
            .map_err(|error| Outcome::failed(format!("{} cannot be made: {error}", folder.display())))?;
        let written = kotlin::project().join(module).join("target").join(format!("{module}-{VERSION}-javadoc.jar"));
        passed(command(Command::new("jar").current_dir(&folder).arg("--extract").arg("--file").arg(written)))?;
    }
    let packed = beside(archive, "javadoc");
    pack(&packed, &[pages])?;
    Ok(packed)
}

/// `NAME-VERSION.aar` has `NAME-VERSION-WHAT.jar` beside it, where a Maven repository has it.
fn beside(archive: &Path, what: &str) -> PathBuf {
    let name = archive.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    archive.with_file_name(format!("{name}-{what}.jar"))
}

fn pack(jar: &Path, folders: &[PathBuf]) -> Result<(), Outcome> {
    let mut pack = Command::new("jar");
    pack.args(["--create", "--no-manifest", "--date=2026-01-01T00:00:00Z", "--file"]).arg(jar);
    for folder in folders {
        pack.arg("-C").arg(folder).arg(".");
    }
    passed(command(&mut pack))
}
