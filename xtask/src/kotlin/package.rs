//! The package of the Kotlin library. It is one setting, [`PACKAGE`], from which the Maven group, the R8 rules and Android's
//! manifest follow; Kotlin, Maven and uniffi have no such setting, so it stands in their files, too.
//!
//! `cargo xtask kotlin-package NAME` changes all of them at once, for a project that publishes the library under its own name.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::root;
use crate::step::Outcome;

/// The package, and the group of the artefacts.
pub(crate) const PACKAGE: &str = "org.byway";

/// Writes `name` into every tracked file that names the package.
pub(crate) fn rename(name: &str) -> Outcome {
    if !is_package(name) {
        return Outcome::failed(format!(
            "`{name}` is no package: two names in small letters or more, with dots between them"
        ));
    }
    match rename_files(root(), name) {
        Ok(count) => {
            println!("{count} files name the package {name} now; git shows what changed");
            Outcome::Passed
        }
        Err(sentence) => Outcome::failed(sentence),
    }
}

fn rename_files(root: &Path, name: &str) -> Result<usize, String> {
    let mut count = 0;
    for file in tracked(root)? {
        let path = root.join(&file);
        // What is no text names no package.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let renamed = renamed(&text, PACKAGE, name);
        if renamed != text {
            fs::write(&path, renamed).map_err(|error| format!("{file} cannot be written: {error}"))?;
            count += 1;
        }
    }
    Ok(count)
}

fn tracked(root: &Path) -> Result<Vec<String>, String> {
    let listed = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z"])
        .output()
        .map_err(|error| format!("git cannot be started: {error}"))?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(listed.split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect())
}

/// The text with another package: in dots, as Kotlin writes it, and in slashes, as files are named.
fn renamed(text: &str, from: &str, to: &str) -> String {
    let text = replaced(text, from, to);
    replaced(&text, &from.replace('.', "/"), &to.replace('.', "/"))
}

/// Replaces what is a name of its own, and no part of a longer one.
fn replaced(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, found) = rest.split_at(at);
        let after = &found[from.len()..];
        let begins = !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let ends = !after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        out.push_str(before);
        out.push_str(if begins && ends { to } else { from });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_package(name: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    name.split('.').count() >= 2 && name.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_is_renamed_in_both_spellings_and_nowhere_else() {
        let text = "package net.old.ffi\nimport net.old.*\nnet/old/Old.class net.older old net.example my_net.old";
        let expected = "package a.b.c.ffi\nimport a.b.c.*\na/b/c/Old.class net.older old net.example my_net.old";
        assert_eq!(renamed(text, "net.old", "a.b.c"), expected);
    }

    #[test]
    fn only_a_package_is_taken_for_one() {
        for name in ["org.example", "io.a1.b_c"] {
            assert!(is_package(name), "{name}");
        }
        for name in ["", "org", "org.", ".org", "org..a", "Org.a", "org.1a", "org/a", "org.a-b", "org.a b"] {
            assert!(!is_package(name), "{name}");
        }
    }

    /// What the sources say, and what follows from the setting, is one name.
    #[test]
    fn every_kotlin_file_is_in_the_package() -> Result<(), String> {
        for file in tracked(root())? {
            let is_library = file.starts_with("bindings/kotlin/byway") && file.ends_with(".kt");
            if !is_library {
                continue;
            }
            let text = fs::read_to_string(root().join(&file)).map_err(|error| format!("{file}: {error}"))?;
            let package = text.lines().find_map(|line| line.strip_prefix("package ")).unwrap_or_default();
            // Classes that stand where the framework has its own.
            let is_framework = ["android.", "dalvik."].iter().any(|of| package.starts_with(of));
            let is_ours = package == PACKAGE || package.strip_prefix(PACKAGE).is_some_and(|rest| rest.starts_with('.'));
            assert!(is_ours || is_framework, "{file}: package {package}");
        }
        Ok(())
    }

    #[test]
    fn maven_and_uniffi_name_the_package() -> Result<(), std::io::Error> {
        let pom = fs::read_to_string(root().join("bindings/kotlin/pom.xml"))?;
        assert!(pom.contains(&format!("<groupId>{PACKAGE}</groupId>")));
        let uniffi = fs::read_to_string(root().join("bindings/ffi/uniffi.toml"))?;
        assert!(uniffi.contains(&format!("package_name = \"{PACKAGE}.ffi\"")));
        Ok(())
    }
}
