//! The pages refer to existing tests, programs and files. Tests have short names, and prose is plain.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Pages that show their claims by tests.
const CLAIMING: [&str; 6] =
    ["docs/claims.md", "docs/architecture.md", "docs/cli.md", "docs/networks.md", "docs/threats.md", "docs/tor.md"];

#[test]
fn every_test_that_a_page_names_is_there() {
    let folders = [
        "src",
        "tests",
        "allocator/src",
        "bindings/ffi/tests",
        "cli/src",
        "cli/tests",
        "lab/src",
        "lab/tests",
        "xtask/src",
    ];
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

/// A name states the behaviour; details belong in the assert's message.
#[test]
fn names_of_tests_have_at_most_sixty_characters() {
    let mut seen = 0;
    let mut long = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        for name in names_of_tests(&text) {
            seen += 1;
            if name.len() > 60 {
                long.push(format!("{}: {name}", file.display()));
            }
        }
    }
    assert!(seen > 1000, "the reader of tests found only {seen}");
    assert!(long.is_empty(), "over 60 characters:\n{}", long.join("\n"));
}

/// CONTRIBUTING.md lists the phrases. Text in backquotes or in a block of code is not prose.
#[test]
fn prose_has_none_of_the_refused_phrases() {
    let refused = refused_phrases();
    assert!(refused.len() >= 8, "CONTRIBUTING.md lists {refused:?}");
    let mut found = Vec::new();
    for file in pages().into_iter().filter(|page| !page.ends_with("docs/verdicts.md")) {
        let prose = prose_of_page(&fs::read_to_string(&file).unwrap());
        found.extend(hits(&prose, &refused).map(|hit| format!("{}: {hit}", file.display())));
    }
    for file in sources() {
        let prose = comments(&fs::read_to_string(&file).unwrap());
        found.extend(hits(&prose, &refused).map(|hit| format!("{}: {hit}", file.display())));
    }
    assert!(found.is_empty(), "say it otherwise (CONTRIBUTING.md, Words of the house):\n{}", found.join("\n"));
}

#[test]
fn a_planted_phrase_and_a_planted_long_name_are_found() {
    let refused = ["quux".to_owned(), "is foo".to_owned()];
    let code = "/// A note, by Quux\nfn f() {} // reads: it\n// is foo.\nlet url = \"http://quux\"; // `quux`\n// there is foo";
    assert_eq!(hits(&comments(code), &refused).count(), 2, "{:?}", comments(code));
    let page = "Said by quux.\n```text\nquux\n```\n`quux` is a word";
    assert_eq!(hits(&prose_of_page(page), &refused).count(), 1, "{:?}", prose_of_page(page));
    let tests =
        "#[test]\nfn a() {}\n#[tokio::test(start_paused = true)]\n#[cfg(unix)]\nasync fn b() {}\nfn helper() {}";
    assert_eq!(names_of_tests(tests), ["a", "b"]);
}

/// A line of CONTRIBUTING.md lists them, each in backquotes.
fn refused_phrases() -> Vec<String> {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let list = text.split("phrases are not used:").nth(1).unwrap().split("\n\n").next().unwrap();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Finds a phrase as separate words, with its surroundings. "There is none" is plain enough.
fn hits<'a>(prose: &'a str, refused: &'a [String]) -> impl Iterator<Item = String> + 'a {
    let lower = prose.to_lowercase();
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    refused.iter().flat_map(move |phrase| {
        let around: Vec<String> = lower
            .match_indices(phrase.as_str())
            .filter(|(at, _)| {
                let bytes = lower.as_bytes();
                !is_word(bytes.get(at.wrapping_sub(1))) && !is_word(bytes.get(at + phrase.len()))
            })
            .filter(|(at, _)| !lower[..*at].ends_with("there "))
            .map(|(at, _)| {
                let around = lower[..at].chars().rev().take(40).collect::<Vec<_>>().into_iter().rev();
                around.chain(lower[at..].chars().take(60)).collect()
            })
            .collect();
        around
    })
}

/// The comments of a source as one line, without text in backquotes.
fn comments(source: &str) -> String {
    let lines = source.lines().filter_map(|line| {
        let line = line.trim_start();
        let comment = if line.starts_with("//") { line } else { line.split_once(" // ")?.1 };
        Some(comment.trim_start_matches(['/', '!']).trim())
    });
    without_code(&lines.collect::<Vec<_>>().join(" "))
}

/// A page as one line, without its blocks of code and without text in backquotes.
fn prose_of_page(page: &str) -> String {
    let outside = page.split("```").step_by(2).collect::<Vec<_>>().join(" ");
    without_code(&outside.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The functions under an attribute that makes a test of them.
fn names_of_tests(source: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            names.extend(rest.split('(').next());
            is_test = false;
        }
    }
    names
}

/// Every Rust file of the repository that people write.
fn sources() -> Vec<PathBuf> {
    let folders =
        ["src", "tests", "benches", "examples", "allocator", "cli", "lab", "xtask", "bindings/ffi", "fuzz/src"];
    folders.iter().flat_map(|folder| files(&root().join(folder), "rs")).collect()
}

/// Each crate has the metadata that a registry shows, and packages the page that it names.
#[test]
fn every_crate_for_others_states_its_metadata() {
    for folder in [".", "allocator", "cli", "lab", "bindings/ffi"] {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let package = manifest.split("[package]").nth(1).unwrap().split("\n[").next().unwrap();
        for key in ["description", "readme", "keywords", "categories", "include", "rust-version", "license"] {
            let states = |line: &str| line.split([' ', '.']).next() == Some(key);
            assert!(package.lines().any(states), "{folder}/Cargo.toml: no {key}");
        }
        let readme = package.lines().find_map(|line| line.strip_prefix("readme = \"")?.strip_suffix('"')).unwrap();
        assert!(root().join(folder).join(readme).exists(), "{folder}: {readme}");
    }
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
