//! The Android archive (AAR): a zip with the classes, the native libraries of the ABIs that were built, and the rules that an
//! app's shrinker follows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::kotlin;
use crate::kotlin::package::PACKAGE;
use crate::mobile::{self, Tor};
use crate::step::{Outcome, command};

pub(crate) mod consumer;
mod documentation;

/// The version of the workspace, which xtask has, too.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Android's names of ABIs, and Rust's of the same.
const ABIS: &[(&str, &str)] = &[
    ("arm64-v8a", "aarch64-linux-android"),
    ("armeabi-v7a", "armv7-linux-androideabi"),
    ("x86_64", "x86_64-linux-android"),
    ("x86", "i686-linux-android"),
];

/// Phones with pages of 16 KB load a 64-bit library only if its segments are aligned to them.
const PAGE: u64 = 16 * 1024;

const LIBRARY: &str = "libbyway_ffi.so";

/// What the shrinker of an app must keep: JNA finds these by reflection.
fn rules() -> String {
    format!(
        "\
-keep class com.sun.jna.** {{ *; }}
-keep class * implements com.sun.jna.** {{ *; }}
-keep class {PACKAGE}.** {{ *; }}
-keepattributes RuntimeVisibleAnnotations,InnerClasses,EnclosingMethod,Signature,AnnotationDefault
-dontwarn java.awt.**
"
    )
}

fn manifest() -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="{PACKAGE}.android">
    <uses-sdk android:minSdkVersion="26" />
    <uses-permission android:name="android.permission.INTERNET" />
    <uses-permission android:name="android.permission.ACCESS_NETWORK_STATE" />
</manifest>
"#
    )
}

/// The artefact of Maven.
fn name(tor: Tor) -> String {
    format!("byway-android{}", tor.suffix())
}

/// Lays the archive out from the libraries of the ABIs that are built.
pub(crate) fn build(tor: Tor) -> Outcome {
    let mut libraries = Vec::new();
    for (abi, triple) in ABIS {
        let library = tor.folder().join(triple).join(mobile::PROFILE).join(LIBRARY);
        if library.exists() {
            if let Err(sentence) = takes_no_other_network(abi, &library) {
                return Outcome::failed(sentence);
            }
            libraries.push((*abi, library));
        }
    }
    if libraries.is_empty() {
        return Outcome::failed(format!(
            "no Android ABI is built in {}: docs/android.md has the commands for a machine with the NDK",
            tor.folder().display()
        ));
    }
    let laid_out = lay_out(tor, &tor.folder().join("aar"), &libraries)
        .and_then(|archive| documentation::documentation(&archive).map(|_| archive));
    match laid_out {
        Ok(archive) => {
            println!("{}", archive.display());
            Outcome::Passed
        }
        Err(failure) => failure,
    }
}

/// The same with the library of this machine, which no phone can load.
fn lay_out_for_this_machine(tor: Tor) -> Result<PathBuf, Outcome> {
    let library = match tor {
        Tor::Without => cargo::target().join("debug").join(LIBRARY),
        Tor::Inside => mobile::debug_library(tor),
    };
    lay_out(tor, &cargo::target().join(format!("aar-layout{}", tor.suffix())), &[("x86_64", library)])
}

/// Whether the archive holds what it must, and nothing else.
pub(crate) fn check_layout() -> Outcome {
    let archive = match lay_out_for_this_machine(Tor::Without) {
        Ok(archive) => archive,
        Err(failure) => return failure,
    };
    let Ok(listed) = Command::new("jar").arg("--list").arg("--file").arg(&archive).output() else {
        return Outcome::failed("`jar` cannot be started");
    };
    let mut entries: Vec<String> =
        String::from_utf8_lossy(&listed.stdout).lines().filter(|name| !name.ends_with('/')).map(Into::into).collect();
    entries.sort();
    if let Err(sentence) = check_archive(&archive.with_file_name("content")) {
        return Outcome::failed(sentence);
    }
    let expected =
        ["AndroidManifest.xml", "R.txt", "classes.jar", "jni/x86_64/libbyway_ffi.so", "proguard.txt"].map(String::from);
    if entries != expected {
        return Outcome::failed(format!("the archive holds {entries:?}"));
    }
    let classes = archive.with_file_name("content").join("classes.jar");
    let Ok(listed) = Command::new("jar").arg("--list").arg("--file").arg(classes).output() else {
        return Outcome::failed("`jar` cannot be started");
    };
    let classes = String::from_utf8_lossy(&listed.stdout).into_owned();
    let package = PACKAGE.replace('.', "/");
    for wanted in ["Byway.class", "android/BywayAndroid.class", "ffi/Client.class"] {
        if !classes.contains(&format!("{package}/{wanted}")) {
            return Outcome::failed(format!("classes.jar lacks {package}/{wanted}"));
        }
    }
    let sources = archive.with_file_name(format!("{}-{VERSION}-sources.jar", name(Tor::Without)));
    let Ok(listed) = Command::new("jar").arg("--list").arg("--file").arg(sources).output() else {
        return Outcome::failed("`jar` cannot be started");
    };
    let sources = String::from_utf8_lossy(&listed.stdout).into_owned();
    for wanted in ["Byway.kt", "BywayAndroid.kt"] {
        if !sources.lines().any(|line| line.trim_start_matches("./") == wanted) {
            return Outcome::failed(format!("the sources beside the archive lack {wanted}"));
        }
    }
    if classes.contains(".so") || classes.contains("com/sun/jna") {
        return Outcome::failed("classes.jar holds native libraries or JNA, which come another way");
    }
    Outcome::Passed
}

/// Writes the archive and its POM into a folder.
fn lay_out(tor: Tor, folder: &Path, libraries: &[(&str, PathBuf)]) -> Result<PathBuf, Outcome> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: std::io::Error| Outcome::failed(format!("{what} cannot be written: {error}"))
    };
    let content = folder.join("content");
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(&content).map_err(failed("the folder of the archive"))?;
    for (name, text) in [("AndroidManifest.xml", manifest()), ("proguard.txt", rules()), ("R.txt", String::new())] {
        fs::write(content.join(name), text).map_err(failed(name))?;
    }
    for (abi, library) in libraries {
        check_pages(abi, library).map_err(Outcome::failed)?;
        let place = content.join("jni").join(abi);
        fs::create_dir_all(&place).map_err(failed(abi))?;
        fs::copy(library, place.join(LIBRARY)).map_err(failed(LIBRARY))?;
    }
    let jar = |archive: &Path, parts: &[PathBuf]| {
        let mut jar = Command::new("jar");
        jar.args(["--create", "--no-manifest", "--date=2026-01-01T00:00:00Z", "--file"]).arg(archive);
        for part in parts {
            jar.arg("-C").arg(part).arg(".");
        }
        match command(&mut jar) {
            Outcome::Passed => Ok(()),
            failure => Err(failure),
        }
    };
    // Native libraries of other systems next to the classes are left out.
    let classes = folder.join("classes");
    for module in documentation::MODULES {
        copy_classes(&kotlin::project().join(module).join("target/classes"), &classes)
            .map_err(failed("the classes"))?;
    }
    jar(&content.join("classes.jar"), &[classes])?;
    let name = name(tor);
    let archive = folder.join(format!("{name}-{VERSION}.aar"));
    jar(&archive, &[content])?;
    fs::write(archive.with_extension("pom"), pom(&name)).map_err(failed("the POM"))?;
    documentation::sources(&archive)?;
    Ok(archive)
}

fn copy_classes(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            if path.join(LIBRARY).exists() {
                continue;
            }
            copy_classes(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

/// JNA comes as an AAR of its own, with its library for each ABI; its jar has those of desktops.
fn pom(name: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>{PACKAGE}</groupId>
  <artifactId>{name}</artifactId>
  <version>{VERSION}</version>
  <packaging>aar</packaging>
  <dependencies>
    <dependency>
      <groupId>net.java.dev.jna</groupId>
      <artifactId>jna</artifactId>
      <version>5.18.1</version>
      <type>aar</type>
    </dependency>
    <dependency>
      <groupId>org.jetbrains.kotlin</groupId>
      <artifactId>kotlin-stdlib</artifactId>
      <version>2.2.20</version>
    </dependency>
    <dependency>
      <groupId>org.jetbrains.kotlinx</groupId>
      <artifactId>kotlinx-coroutines-android</artifactId>
      <version>1.10.2</version>
    </dependency>
  </dependencies>
</project>
"#
    )
}

/// Whether every native library of an unpacked archive can be loaded by phones with pages of 16 KB. An archive without one is refused.
fn check_archive(archive: &Path) -> Result<(), String> {
    let listed = |folder: &Path| -> Result<Vec<PathBuf>, String> {
        let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let entries = entries.map_err(|error| format!("{} cannot be listed: {error}", folder.display()))?;
        Ok(entries.into_iter().map(|entry| entry.path()).collect())
    };
    let mut count = 0;
    for abi in listed(&archive.join("jni"))? {
        let name = abi.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for library in listed(&abi)? {
            check_pages(&name, &library)?;
            count += 1;
        }
    }
    if count == 0 { Err(format!("{} holds no native library", archive.display())) } else { Ok(()) }
}

/// Whether the library that an app ships lacks the export by which a debug build takes another Tor network than the public one.
fn takes_no_other_network(abi: &str, library: &Path) -> Result<(), String> {
    match has_debug_network(library)? {
        true => {
            Err(format!("the library for {abi} is a debug build: it takes another Tor network than the public one"))
        }
        false => Ok(()),
    }
}

fn has_debug_network(library: &Path) -> Result<bool, String> {
    let listed = Command::new("readelf").args(["--wide", "--dyn-syms"]).arg(library).output();
    let listed = listed.map_err(|error| format!("`readelf` cannot be started: {error}"))?;
    if !listed.status.success() {
        return Err(format!("`readelf` cannot read {}", library.display()));
    }
    Ok(String::from_utf8_lossy(&listed.stdout).contains(DEBUG_NETWORK))
}

/// The export's name.
const DEBUG_NETWORK: &str = "ffi_byway_ffi_debug_tor_network";

fn check_pages(abi: &str, library: &Path) -> Result<(), String> {
    let headers = Command::new("readelf")
        .args(["--wide", "--program-headers"])
        .arg(library)
        .output()
        .map_err(|error| format!("readelf cannot be started: {error}"))?;
    let headers = String::from_utf8_lossy(&headers.stdout).into_owned();
    pages_fit(abi, &headers).map_err(|sentence| format!("{}: {sentence}", library.display()))
}

/// Whether all segments that are loaded are aligned to pages of 16 KB. A 32-bit phone has none of these.
fn pages_fit(abi: &str, headers: &str) -> Result<(), String> {
    let loads: Vec<&str> = headers.lines().filter(|line| line.trim_start().starts_with("LOAD")).collect();
    if loads.is_empty() {
        return Err("it has no segment to load".into());
    }
    if !abi.contains("64") {
        return Ok(());
    }
    for load in loads {
        let alignment = load.split_whitespace().last().and_then(|last| last.strip_prefix("0x"));
        let alignment = alignment.and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0);
        if alignment < PAGE {
            return Err(format!("a segment is aligned to {alignment} bytes, and phones with pages of 16 KB refuse it"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "
  LOAD           0x000000 0x0000000000000000 0x0000000000000000 0x10a5d8 0x10a5d8 R   0x1000
  DYNAMIC        0x1d1be0 0x00000000001d2be0 0x00000000001d2be0 0x000210 0x000210 RW  0x8
";

    #[test]
    fn pages_of_16_kb_are_asked_of_64_bit_abis_only() {
        let large = SMALL.replace("0x1000", "0x4000");
        assert_eq!(pages_fit("arm64-v8a", &large), Ok(()));
        assert!(pages_fit("arm64-v8a", SMALL).is_err());
        assert!(pages_fit("x86_64", SMALL).is_err());
        assert_eq!(pages_fit("armeabi-v7a", SMALL), Ok(()));
    }

    #[test]
    fn both_archives_have_names_and_folders_of_their_own() {
        assert_eq!([Tor::Without, Tor::Inside].map(name), ["byway-android", "byway-android-tor"]);
        assert!(pom(&name(Tor::Inside)).contains("<artifactId>byway-android-tor</artifactId>"));
        assert_ne!(Tor::Without.folder(), Tor::Inside.folder());
    }

    #[test]
    fn an_archive_with_pages_of_4_kb_is_refused() -> Result<(), String> {
        let archive = cargo::target().join("aar-tests");
        let place = |abi: &str| -> std::io::Result<()> {
            let _ = fs::remove_dir_all(&archive);
            fs::create_dir_all(archive.join("jni").join(abi))?;
            // This program is linked with pages of 4 KB, as a library is that nobody has thought about.
            fs::copy(std::env::current_exe()?, archive.join("jni").join(abi).join(LIBRARY)).map(|_| ())
        };
        place("x86").map_err(|error| error.to_string())?;
        check_archive(&archive)?;
        place("x86_64").map_err(|error| error.to_string())?;
        assert!(check_archive(&archive).is_err_and(|sentence| sentence.contains("16 KB")));
        fs::remove_file(archive.join("jni/x86_64").join(LIBRARY)).map_err(|error| error.to_string())?;
        assert!(check_archive(&archive).is_err_and(|sentence| sentence.contains("no native library")));
        Ok(())
    }

    #[test]
    fn a_file_without_segments_is_refused() {
        assert!(pages_fit("arm64-v8a", "").is_err());
    }
}
