//! The XCFramework: the Rust library for Apple's systems, one static framework a system.
//!
//! Frameworks, and not bare libraries, because only a framework carries its privacy manifest into an app. The header lies in
//! the framework's own folder, so that two libraries made by uniffi can be in one app.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::root;
use crate::mobile::{self, Tor};
use crate::step::{Outcome, command};

use super::package::EXPORTS;

/// The framework and its module.
const NAME: &str = "BywayFFI";
const HEADERS: &str = "bindings/swift/Sources/BywayFFI";
const PRIVACY: &str = "bindings/swift/PrivacyInfo.xcprivacy";

/// One framework: the targets whose libraries become one file, and the oldest system that it is for.
struct Slice {
    folder: &'static str,
    targets: &'static [&'static str],
    oldest: &'static str,
}

const SLICES: [Slice; 3] = [
    Slice { folder: "ios", targets: &["aarch64-apple-ios"], oldest: "16.0" },
    Slice { folder: "ios-simulator", targets: &["aarch64-apple-ios-sim", "x86_64-apple-ios"], oldest: "16.0" },
    Slice { folder: "macos", targets: &["aarch64-apple-darwin", "x86_64-apple-darwin"], oldest: "13.0" },
];

/// Builds all slices and joins them. `features`: what the library has beside what every artefact has, e.g. `s3`.
pub(crate) fn make(tor: Tor, features: &[&str]) -> Outcome {
    if !cfg!(target_os = "macos") {
        return Outcome::failed("an XCFramework is made on macOS with Xcode: Apple's linker and SDKs are not here");
    }
    match all(tor, features) {
        Ok(made) => {
            println!("made: {}", made.display());
            Outcome::Passed
        }
        Err(sentence) => Outcome::failed(sentence),
    }
}

/// The framework inside and its module have the same name in both, so that an app's code is the same.
fn file(tor: Tor) -> &'static str {
    match tor {
        Tor::Without => "BywayFFI.xcframework",
        Tor::Inside => "BywayFFITor.xcframework",
    }
}

fn all(tor: Tor, features: &[&str]) -> Result<PathBuf, String> {
    let work = tor.folder().join("xcframework");
    let made = work.join(file(tor));
    let _ = fs::remove_dir_all(&work);
    let mut join = Command::new("xcodebuild");
    join.arg("-create-xcframework");
    for slice in &SLICES {
        let folder = work.join(slice.folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        let mut libraries = Vec::new();
        for triple in slice.targets {
            libraries.push(library(tor, features, triple, slice.oldest, &folder)?);
        }
        let joined = folder.join("libbyway_ffi.a");
        run(Command::new("lipo").arg("-create").args(&libraries).arg("-output").arg(&joined))?;
        let framework = lay_out(&folder, &joined, slice.oldest)
            .map_err(|error| format!("the framework in {} cannot be laid out: {error}", folder.display()))?;
        check(&framework)?;
        let mut symbols = Command::new("nm");
        symbols.args(["-g", "-U", "-j"]).arg(framework.join(NAME));
        let listed = symbols.output().map_err(|error| format!("nm cannot be started: {error}"))?;
        check_symbols(&String::from_utf8_lossy(&listed.stdout))?;
        join.arg("-framework").arg(framework);
    }
    run(join.arg("-output").arg(&made))?;
    Ok(made)
}

/// The library of one target, with its exports alone visible and without debug information.
fn library(tor: Tor, features: &[&str], triple: &str, oldest: &str, folder: &Path) -> Result<PathBuf, String> {
    let mut build = mobile::rustc("staticlib", tor);
    for feature in features {
        build.args(["--features", feature]);
    }
    let variable = if triple.ends_with("darwin") { "MACOSX_DEPLOYMENT_TARGET" } else { "IPHONEOS_DEPLOYMENT_TARGET" };
    build.env(variable, oldest).env("AWS_LC_SYS_NO_JITTER_ENTROPY", "1");
    run(build.args(["--target", triple]))?;
    let built = tor.folder().join(triple).join(mobile::PROFILE).join("libbyway_ffi.a");
    let (exports, object) = (folder.join("exports"), folder.join(format!("{triple}.o")));
    let listed = EXPORTS.map(|prefix| format!("_{prefix}*\n")).concat();
    fs::write(&exports, listed).map_err(|error| format!("{} cannot be written: {error}", exports.display()))?;
    let architecture = if triple.starts_with("aarch64") { "arm64" } else { "x86_64" };
    let mut link = Command::new("ld");
    link.args(["-r", "-arch", architecture, "-all_load"]).arg(&built).arg("-exported_symbols_list").arg(&exports);
    run(link.arg("-o").arg(&object))?;
    run(Command::new("strip").arg("-S").arg(&object))?;
    let library = folder.join(format!("{triple}.a"));
    run(Command::new("libtool").args(["-static", "-o"]).arg(&library).arg(&object))?;
    Ok(library)
}

/// A static framework around a library.
fn lay_out(folder: &Path, library: &Path, oldest: &str) -> io::Result<PathBuf> {
    let framework = folder.join(format!("{NAME}.framework"));
    let header = format!("{NAME}.h");
    for part in ["Headers", "Modules"] {
        fs::create_dir_all(framework.join(part))?;
    }
    fs::copy(library, framework.join(NAME))?;
    fs::copy(root().join(HEADERS).join(&header), framework.join("Headers").join(&header))?;
    fs::copy(root().join(PRIVACY), framework.join("PrivacyInfo.xcprivacy"))?;
    let module = format!("framework module {NAME} {{\n    umbrella header \"{header}\"\n    export *\n}}\n");
    fs::write(framework.join("Modules/module.modulemap"), module)?;
    fs::write(framework.join("Info.plist"), information(oldest))?;
    Ok(framework)
}

/// What Xcode and the App Store need of a framework, and do not all say when it is missing.
fn check(framework: &Path) -> Result<(), String> {
    let needs = [
        (NAME.to_owned(), "!<arch>"),
        (format!("Headers/{NAME}.h"), "uniffi_byway_ffi"),
        ("Modules/module.modulemap".to_owned(), "framework module BywayFFI {"),
        ("Modules/module.modulemap".to_owned(), "umbrella header \"BywayFFI.h\""),
        ("PrivacyInfo.xcprivacy".to_owned(), "<key>NSPrivacyTracking</key>"),
        ("PrivacyInfo.xcprivacy".to_owned(), "NSPrivacyAccessedAPICategoryFileTimestamp"),
        ("Info.plist".to_owned(), "<string>FMWK</string>"),
        ("Info.plist".to_owned(), "<key>MinimumOSVersion</key>"),
        ("Info.plist".to_owned(), "<string>BywayFFI</string>"),
    ];
    for (part, text) in needs {
        let bytes = fs::read(framework.join(&part)).map_err(|error| format!("{part} of the framework: {error}"))?;
        if !bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
            return Err(format!("{part} of the framework has no `{text}`"));
        }
    }
    Ok(())
}

/// What the library shows to an app's other libraries, as `nm -g -U -j` lists it: what Swift calls, and nothing else. An app may link the
/// system's SQLite, and two that see each other's symbols become one with parts of both.
fn check_symbols(listed: &str) -> Result<(), String> {
    // Of an archive and of a file of two processors, nm names each member in a line of its own.
    let mut symbols = listed.lines().map(str::trim).filter(|line| !line.is_empty() && !line.ends_with(':')).peekable();
    if symbols.peek().is_none() {
        return Err("the framework exports nothing".to_owned());
    }
    let is_export = |symbol: &&str| {
        let name = symbol.strip_prefix('_').unwrap_or(symbol);
        EXPORTS.iter().any(|prefix| name.starts_with(prefix))
    };
    match symbols.find(|symbol| !is_export(symbol)) {
        Some(symbol) => Err(format!("the framework shows `{symbol}` to an app's other libraries")),
        None => Ok(()),
    }
}

fn information(oldest: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let entries = [
        ("CFBundleExecutable", NAME),
        ("CFBundleIdentifier", "org.byway.ffi"),
        ("CFBundleName", NAME),
        ("CFBundlePackageType", "FMWK"),
        ("CFBundleShortVersionString", version),
        ("CFBundleVersion", version),
        ("MinimumOSVersion", oldest),
    ];
    let entries = entries.map(|(key, value)| format!("  <key>{key}</key>\n  <string>{value}</string>\n")).concat();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n{entries}</dict>\n</plist>\n")
}

fn run(tool: &mut Command) -> Result<(), String> {
    match command(tool) {
        Outcome::Passed => Ok(()),
        Outcome::Failed { sentence, .. } | Outcome::Unchecked { sentence } => Err(sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framework_that_lacks_a_part_is_refused() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("byway-framework-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let library = folder.join("library.a");
        fs::write(&library, "!<arch>\n")?;
        let framework = lay_out(&folder, &library, "16.0")?;
        assert_eq!(check(&framework), Ok(()));
        for part in [NAME, "Headers/BywayFFI.h", "Modules/module.modulemap", "PrivacyInfo.xcprivacy", "Info.plist"] {
            let whole = fs::read(framework.join(part))?;
            fs::write(framework.join(part), "something else")?;
            let replaced = check(&framework);
            fs::remove_file(framework.join(part))?;
            let missing = check(&framework);
            fs::write(framework.join(part), whole)?;
            for broken in [replaced, missing] {
                assert!(broken.is_err_and(|sentence| sentence.contains(part)), "{part} was broken");
            }
        }
        fs::remove_dir_all(folder)
    }

    #[test]
    fn framework_that_shows_sqlite_is_refused() {
        let own = "\nBywayFFI (for architecture arm64):\n\nBywayFFI[arm64](arm64.o):\n_uniffi_byway_ffi_fn_open\n_ffi_byway_ffi_rustbuffer_free\n";
        assert_eq!(check_symbols(own), Ok(()));
        for other in ["_sqlite3_open_v2", "_aws_lc_0_EVP_sha256", "_rust_eh_personality"] {
            let shown = check_symbols(&format!("{own}{other}\n"));
            assert!(shown.is_err_and(|sentence| sentence.contains(other)), "{other}");
        }
        assert!(check_symbols("\n").is_err());
    }

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn off_macos_it_is_refused_with_one_sentence() {
        for tor in [Tor::Without, Tor::Inside] {
            assert!(matches!(make(tor, &[]), Outcome::Failed { sentence, .. } if sentence.contains("macOS")));
        }
    }
}
