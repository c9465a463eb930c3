//! The DocC pages of the Swift package. A link that leads nowhere fails.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::{root, target};
use crate::step::{Outcome, command, passed};

use super::toolchain::Toolchain;

/// The module that has a catalogue.
const MODULE: &str = "Byway";
const CATALOGUE: &str = "bindings/swift/Sources/Byway/Byway.docc";

/// Makes the pages from the build of the package's tests.
pub(super) fn check(toolchain: &Toolchain, swift: &dyn Fn(&[&str], &Path, &str) -> Command) -> Result<(), Outcome> {
    // SwiftPM's data about the module goes next to the build; the other modules have no pages.
    passed(command(&mut swift(
        &["package", "dump-symbol-graph", "--minimum-access-level", "public"],
        root(),
        "build",
    )))?;
    let (graphs, made) = (target().join("swift/symbols"), target().join("swift/documentation"));
    let collect = || -> std::io::Result<usize> {
        for folder in [&graphs, &made] {
            let _ = fs::remove_dir_all(folder);
            fs::create_dir_all(folder)?;
        }
        let built = fs::canonicalize(target().join("swift/build/debug"))?.with_file_name("symbolgraph");
        let mut found = 0;
        for entry in fs::read_dir(built)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name == format!("{MODULE}.symbols.json") || name.starts_with(&format!("{MODULE}@")) {
                fs::copy(&path, graphs.join(name))?;
                found += 1;
            }
        }
        Ok(found)
    };
    match collect() {
        Ok(0) => return Err(Outcome::failed(format!("there is no symbol graph of {MODULE}"))),
        Ok(_) => {}
        Err(error) => return Err(Outcome::failed(format!("the symbol graphs cannot be collected: {error}"))),
    }
    let mut docc = toolchain.tool("docc", root());
    docc.args(["convert", CATALOGUE, "--warnings-as-errors", "--fallback-display-name", MODULE]);
    docc.args(["--fallback-bundle-identifier", "org.byway", "--additional-symbol-graph-dir"]).arg(&graphs);
    passed(command(docc.arg("--output-path").arg(&made)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_type_of_swift_is_in_a_topic() {
        let sources = root().join(CATALOGUE).parent().map(Path::to_path_buf).unwrap_or_default();
        let page = fs::read_to_string(root().join(CATALOGUE).join("Byway.md")).unwrap_or_default();
        let mut types = Vec::new();
        for entry in fs::read_dir(&sources).into_iter().flatten().flatten() {
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            types.extend(text.lines().filter_map(public_type).map(str::to_owned));
        }
        assert!(types.len() > 50, "the sources of {MODULE} have their types");
        for name in types {
            assert!(page.contains(&format!("\n- ``{name}``\n")), "{name} is in no topic of {CATALOGUE}/Byway.md");
        }
    }

    /// The name of the type that a line of Swift declares at the top level, if it is public.
    fn public_type(line: &str) -> Option<&str> {
        let rest = line.strip_prefix("public ")?;
        let rest = rest.strip_prefix("final ").unwrap_or(rest);
        let kinds = ["class ", "struct ", "enum ", "protocol ", "actor ", "typealias "];
        let rest = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
        rest.split(|letter: char| !letter.is_alphanumeric()).next()
    }
}
