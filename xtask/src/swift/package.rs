//! The package for apps where there is no XCFramework: the package's sources, and the Rust library with its pkg-config
//! file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::cargo::{root, target};
use crate::step::{Outcome, command};

/// The sources that are packaged. Tests and consumers are not.
const SOURCES: &str = "bindings/swift/Sources";

/// The consumers, each a package of its own.
const CONSUMERS: &str = "bindings/swift/Consumers";

pub(super) const LIBRARY: &str = "libbyway_ffi.a";

/// The prefixes of functions that the generated Swift calls.
pub(super) const EXPORTS: [&str; 3] = ["uniffi_", "ffi_byway_ffi_", "UNIFFI_META_"];

/// The system libraries that the Rust library needs, as `rustc --print native-static-libs` lists them for Linux. On
/// Apple's systems libSystem contains all of them.
pub(crate) const SYSTEM: &str =
    if cfg!(target_os = "linux") { "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc" } else { "" };

/// Lays out the package in a folder below the target folder, with the library in `built`.
pub(super) fn make(built: &Path) -> Result<PathBuf, String> {
    let folder = target().join("swift/package");
    let library = built.join(LIBRARY);
    let make = || -> io::Result<PathBuf> {
        copy_folder(&root().join(SOURCES), &folder.join(SOURCES))?;
        write(&folder.join("Package.swift"), manifest()?.as_bytes())?;
        if folder.join("lib").exists() {
            fs::remove_dir_all(folder.join("lib"))?;
        }
        // SwiftPM links again if an argument changes, but not if a library changes. So each library has its own folder.
        let age = fs::metadata(&library)?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let libraries = folder.join("lib").join(age.as_nanos().to_string());
        fs::create_dir_all(&libraries)?;
        fs::create_dir_all(folder.join("lib/pkgconfig"))?;
        fs::write(folder.join("lib/pkgconfig/byway-ffi.pc"), pkg_config(&libraries))?;
        Ok(libraries)
    };
    let libraries =
        make().map_err(|error| format!("the Swift package cannot be laid out in {}: {error}", folder.display()))?;
    keep_private(&library, &libraries)?;
    Ok(folder)
}

/// Copies the static library with only its exports visible, and returns these: SQLite, AWS-LC and Rust's own library
/// stay private.
///
/// An app may link another SQLite, for example its system's. If the two see each other's symbols, they become one with
/// parts of two versions, and it crashes.
pub(crate) fn keep_private(library: &Path, into: &Path) -> Result<Vec<String>, String> {
    let (whole, own) = (into.join("whole.o"), into.join("byway_ffi.o"));
    // Symbols can be made local only within one object, so all members become one.
    run(Command::new("ld").args(["-r", "--strip-debug", "--whole-archive"]).arg(library).arg("-o").arg(&whole))?;
    let mut objcopy = Command::new("objcopy");
    // Rust's own library contains bitcode of its LLVM, which tools with an older LLVM cannot read.
    objcopy.args(["--wildcard", "--strip-debug", "--remove-section=.llvmbc", "--remove-section=.llvmcmd"]);
    objcopy.args(EXPORTS.map(|prefix| format!("--keep-global-symbol={prefix}*")));
    run(objcopy.arg(&whole).arg(&own))?;
    run(Command::new("ar").arg("rcs").arg(into.join(LIBRARY)).arg(&own))?;
    let listed = Command::new("readelf").args(["--symbols", "--wide"]).arg(&own).output();
    let listed = listed.map_err(|error| format!("readelf cannot be started: {error}"))?;
    let visible = visible(&String::from_utf8_lossy(&listed.stdout));
    for object in [whole, own] {
        fs::remove_file(&object).map_err(|error| format!("{} cannot be removed: {error}", object.display()))?;
    }
    let export = |symbol: &&String| EXPORTS.iter().any(|prefix| symbol.starts_with(prefix));
    match visible.iter().find(|symbol| !export(symbol)) {
        Some(symbol) => Err(format!("{LIBRARY} of the Swift package shows `{symbol}` to an app's other libraries")),
        None if visible.is_empty() => Err(format!("{LIBRARY} of the Swift package exports nothing")),
        None => Ok(visible),
    }
}

/// The symbols that an object defines for others, from the output of `readelf --symbols --wide`.
fn visible(listed: &str) -> Vec<String> {
    let symbol = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        // Number, value, size, type, binding, visibility, section, name.
        let &[_, _, _, _, binding, _, section, name, ..] = columns.as_slice() else { return None };
        (matches!(binding, "GLOBAL" | "WEAK") && section != "UND").then(|| name.to_owned())
    };
    listed.lines().filter_map(symbol).collect()
}

fn run(tool: &mut Command) -> Result<(), String> {
    match command(tool) {
        Outcome::Passed => Ok(()),
        Outcome::Failed { sentence, .. } | Outcome::Unchecked { sentence } => Err(sentence),
    }
}

/// Copies the consumers next to the package, outside the repository.
pub(super) fn copy_consumers(folder: &Path) -> Result<(), String> {
    copy_folder(&root().join(CONSUMERS), folder)
        .map_err(|error| format!("the consumers cannot be copied to {}: {error}", folder.display()))
}

/// The package's manifest without its tests, which are not packaged.
fn manifest() -> io::Result<String> {
    let text = fs::read_to_string(root().join("Package.swift"))?;
    let tests = text.find("        .testTarget(").zip(text.rfind("    ]\n)"));
    let (from, to) = tests.ok_or_else(|| io::Error::other("Package.swift does not end with its test target"))?;
    Ok(format!("{}{}", &text[..from], &text[to..]))
}

fn pkg_config(libraries: &Path) -> String {
    format!(
        "Name: byway-ffi\nDescription: Byway, as Swift calls it\nVersion: {}\nLibs: -L{} -lbyway_ffi {SYSTEM}\n",
        env!("CARGO_PKG_VERSION"),
        libraries.display()
    )
}

/// Brings a folder to what another one has. A file that is the same stays as it is: SwiftPM would compile it again.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| from.join(name).exists()) {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        // A manual build leaves this in a consumer.
        if name == ".build" {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            write(&to.join(name), &fs::read(&path)?)?;
        }
    }
    Ok(())
}

/// Writes a file, unless it is the same already.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(file).is_ok_and(|known| known == bytes) { Ok(()) } else { fs::write(file, bytes) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn a_copied_folder_keeps_what_is_the_same() {
        let folder = std::env::temp_dir().join(format!("byway-copied-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::create_dir_all(from.join("sub")).unwrap();
        fs::create_dir_all(to.join("gone")).unwrap();
        fs::create_dir_all(to.join("sub")).unwrap();
        for (place, text) in
            [("from/same", "a"), ("to/same", "a"), ("from/sub/other", "new"), ("to/sub/other", "old"), ("to/left", "")]
        {
            fs::write(folder.join(place), text).unwrap();
        }
        let before = fs::metadata(to.join("same")).unwrap().modified().unwrap();
        copy_folder(&from, &to).unwrap();
        assert_eq!(fs::metadata(to.join("same")).unwrap().modified().unwrap(), before);
        assert_eq!(fs::read_to_string(to.join("sub/other")).unwrap(), "new");
        assert!(!to.join("gone").exists() && !to.join("left").exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn symbols_that_others_see_are_listed() {
        let listed = "\
   Num:    Value          Size Type    Bind   Vis      Ndx Name
     1: 0000000000000000     8 FUNC    LOCAL  DEFAULT    3 sqlite3_open
     2: 0000000000000000     8 FUNC    GLOBAL DEFAULT    3 uniffi_byway_ffi_fn_func_diagnostics
     3: 0000000000000000     0 NOTYPE  GLOBAL DEFAULT  UND malloc
     4: 0000000000000000     8 OBJECT  WEAK   DEFAULT    4 sqlite3_version
";
        assert_eq!(visible(listed), ["uniffi_byway_ffi_fn_func_diagnostics", "sqlite3_version"]);
    }

    /// A library with these functions, visible as in a static library of Rust.
    #[cfg(target_os = "linux")]
    fn library(folder: &Path, functions: &[&str]) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let (source, object, library) = (folder.join("made.c"), folder.join("made.o"), folder.join("made.a"));
        let text: String = functions.iter().map(|name| format!("int {name}(void) {{ return 1; }}\n")).collect();
        fs::write(&source, text).unwrap();
        run(Command::new("cc").arg("-c").arg(&source).arg("-o").arg(&object)).unwrap();
        run(Command::new("ar").arg("rcs").arg(&library).arg(&object)).unwrap();
        library
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_the_exports_of_a_library_stay_visible() {
        let folder = std::env::temp_dir().join(format!("byway-private-{}", std::process::id()));
        let given =
            library(&folder, &["sqlite3_open", "uniffi_byway_ffi_fn_func_diagnostics", "aws_lc_0_30_RAND_bytes"]);
        let made = folder.join("made");
        fs::create_dir_all(&made).unwrap();
        keep_private(&given, &made).unwrap();
        let listed = Command::new("readelf").args(["--symbols", "--wide"]).arg(made.join(LIBRARY)).output().unwrap();
        let seen = visible(&String::from_utf8_lossy(&listed.stdout));
        assert_eq!(seen, ["uniffi_byway_ffi_fn_func_diagnostics"]);
        let given = library(&folder, &["sqlite3_open"]);
        let refused = keep_private(&given, &made).unwrap_err();
        assert!(refused.contains("exports nothing"), "{refused}");
        fs::remove_dir_all(folder).unwrap();
    }
}
