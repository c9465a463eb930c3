//! What the pages point at is there: the tests that they name, the programs that they run, the files that they link.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Pages that show their claims by tests.
const CLAIMING: [&str; 5] =
    ["docs/claims.md", "docs/architecture.md", "docs/cli.md", "docs/networks.md", "docs/threats.md"];

#[test]
fn every_test_that_a_page_names_is_there() {
    let folders = ["src", "tests", "cli/src", "cli/tests", "lab/src", "lab/tests", "xtask/src"];
    let files = folders.iter().flat_map(|folder| files(&root().join(folder), "rs"));
    let code: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let mut missing = Vec::new();
    for page in CLAIMING {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let named: Vec<&str> = text.split('`').skip(1).step_by(2).filter(|span| is_test(span)).collect();
        assert!(named.len() >= 8, "{page} shows its claims by {named:?} only");
        let absent = named.into_iter().filter(|name| !code.contains(&format!("fn {name}(")));
        missing.extend(absent.map(|name| format!("{page}: {name}")));
    }
    assert!(missing.is_empty(), "tests that are not there:\n{}", missing.join("\n"));
}

#[test]
fn every_test_file_and_example_that_a_command_names_is_there() {
    let mut missing = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for (flag, folders) in [("--test ", ["tests", "cli/tests", "lab/tests"]), ("--example ", ["examples"; 3])] {
            for rest in text.split(flag).skip(1) {
                let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let there = folders.iter().map(|folder| root().join(folder)).any(|folder| {
                    folder.join(format!("{name}.rs")).exists() || folder.join(&name).join("main.rs").exists()
                });
                if !there {
                    missing.push(format!("{}: {flag}{name}", page.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            let there = path.is_empty() || page.parent().unwrap().join(path).exists();
            if !link.contains("://") && !there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// Tests, rules and comments cite what networks do by number: each number has its row.
#[test]
fn every_number_of_what_networks_do_has_its_row() {
    let list = fs::read_to_string(root().join("docs/networks.md")).unwrap();
    let rows: Vec<String> =
        list.lines().filter_map(|line| Some(line.strip_prefix("| N")?.split(' ').next()?.to_owned())).collect();
    let folders = ["src", "tests", "cli/src", "cli/tests", "lab/src", "benches"];
    let code = folders.iter().flat_map(|folder| files(&root().join(folder), "rs"));
    let mut cited = BTreeSet::new();
    for file in code.chain(pages()) {
        let text = fs::read_to_string(file).unwrap();
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        cited.extend(words.filter_map(number).map(str::to_owned));
    }
    assert!(cited.len() >= 20, "the reader of numbers found only {cited:?}");
    let missing: Vec<_> = cited.iter().filter(|number| !rows.contains(number)).collect();
    assert!(missing.is_empty(), "docs/networks.md has no row for {missing:?}");
}

/// `17` of `N17` or of a test's name `n17_...`.
fn number(word: &str) -> Option<&str> {
    let digits =
        word.strip_prefix('N').or_else(|| word.strip_prefix('n')?.split_once('_').map(|(digits, _)| digits))?;
    (!digits.is_empty() && digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// A sentence in snake case.
fn is_test(span: &str) -> bool {
    span.matches('_').count() >= 3 && span.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn pages() -> Vec<PathBuf> {
    let above = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|page| root().join(page));
    above.into_iter().chain(files(&root().join("docs"), "md")).collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
