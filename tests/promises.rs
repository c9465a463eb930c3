//! No sentence of Byway promises what it cannot keep: the words that do are in no string of the sources
//! (verdicts, errors, labels, the demo) and on no page for users.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The words and related ones.
const FORBIDDEN: [&str; 10] =
    ["safe", "secur", "anonym", "protect", "безопас", "защищ", "защит", "аноним", "надёжн", "надежн"];

/// Pages that explain the rule to contributors, or Rust's `unsafe`, contain the words.
const PAGES: [&str; 4] = ["README.md", "docs/cli.md", "docs/errors.md", "docs/threats.md"];

/// The strings of this folder are compared with other people's text, and shown to no user.
const READER: &str = "src/source/notice";

/// Names from standards, each in the file that compares it with a peer's text, and shows it to no user: cookie attributes and
/// prefixes (RFC 6265bis), a parameter of proxy links. Each is the whole string.
const NAMES: [(&str, &str); 4] = [
    ("src/fetch/chain_cookies.rs", "secure"),
    ("src/fetch/chain_cookies.rs", "__secure-"),
    ("src/client/cookies.rs", "__Secure-"),
    ("src/transport/strategy/parse.rs", "security"),
];

#[test]
fn no_string_of_the_sources_promises() {
    let (mut strings, mut faults, mut read) = (0, Vec::new(), BTreeSet::<&(&str, &str)>::new());
    for file in ["src", "cli/src"].iter().flat_map(|folder| sources(&root().join(folder))) {
        if file.parent().is_some_and(|folder| folder.ends_with(READER)) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        // Tests come last in a file, and name the words to forbid them.
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for literal in literals(code) {
            strings += 1;
            let name = NAMES.iter().find(|(reader, name)| file.ends_with(reader) && literal == *name);
            read.extend(name);
            // A type's name in its `Debug` is not a sentence, and neither is SQLite's name for a setting.
            let is_name = name.is_some()
                || code.contains(&format!("debug_struct(\"{literal}\")"))
                || literal.contains('_') && literal.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if let Some(word) = promise(&literal).filter(|_| !is_name) {
                faults.push(format!("`{word}` in {}: {literal}", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let unread: Vec<_> = NAMES.iter().filter(|name| !read.contains(name)).collect();
    assert!(unread.is_empty(), "no file reads {unread:?}");
    assert!(strings > 1000, "the reader of strings found only {strings}");
}

/// The library knows no command line: a flag, a variable or a command in a sentence does not help an app.
#[test]
fn library_strings_name_no_flag_variable_or_command() {
    let (mut strings, mut faults) = (0, Vec::new());
    for file in sources(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for literal in literals(code) {
            strings += 1;
            if let Some(part) = of_a_command_line(&literal) {
                faults.push(format!("`{part}` in {}: {literal}", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(strings > 1000, "the reader of strings found only {strings}");
}

#[test]
fn a_planted_flag_variable_or_command_is_found() {
    for (text, part) in [
        ("give it with --vk-token-file", Some("--vk-token-file")),
        ("or in BYWAY_VK_TOKEN.", Some("BYWAY_VK_TOKEN")),
        ("(`-s direct:`)", Some("-s")),
        ("любую страницу прочитает byway get.", Some("byway get")),
        ("a dash -- and a - minus, SHA-256, BYWAY, `byway` gets it", None),
        ("-1", None),
    ] {
        assert_eq!(of_a_command_line(text).as_deref(), part, "{text}");
    }
}

/// The parts of a text that belong to a command line: a flag, an environment variable of ours, or a command of `byway`.
fn of_a_command_line(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words: Vec<&str> = text.split(|c: char| !is_part(c)).collect();
    let is_flag = |word: &&&str| {
        let name = word.trim_start_matches('-');
        let dashes = word.len() - name.len();
        let named = name.starts_with(|c: char| c.is_ascii_lowercase());
        named && (dashes == 2 || dashes == 1 && name.len() == 1)
    };
    let named = words.iter().find(|word| is_flag(word) || word.starts_with("BYWAY_")).map(|word| (*word).to_owned());
    let command = |pair: &&[&str]| pair[0] == "byway" && COMMANDS.contains(&pair[1]);
    named.or_else(|| words.windows(2).find(command).map(|pair| pair.join(" ")))
}

const COMMANDS: [&str; 9] = ["open", "preview", "list", "show", "export", "wipe", "get", "probe", "strategies"];

#[test]
fn no_page_for_users_promises() {
    for page in PAGES {
        let Ok(text) = fs::read_to_string(root().join(page)) else { panic!("{page} is missing") };
        // Hosting sites look for this file name.
        for line in text.replace("SECURITY.md", "").lines() {
            if let Some(word) = promise(line) {
                panic!("`{word}` in {page}: {line}");
            }
        }
    }
}

#[test]
fn a_planted_promise_is_found_and_a_comment_passes() {
    let code = r##"
        /// "A secure comment" is no string. /* "nor this" */
        let a = "a \"quoted\" word"; let c = '"'; let d: &'static str = r#"raw "and" safe"#; // "safe"
    "##;
    assert_eq!(literals(code), [r#"a \"quoted\" word"#, r#"raw "and" safe"#]);
    assert_eq!(promise("Это Безопасно"), Some("безопас"));
    assert_eq!(promise("It was read through Tor."), None);
}

fn promise(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    FORBIDDEN.into_iter().find(|word| lower.contains(word))
}

/// The string literals of Rust code, as they are written.
fn literals(code: &str) -> Vec<String> {
    let chars: Vec<char> = code.chars().collect();
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c));
    let find = |from: usize, what: &str| (from..chars.len()).find(|at| starts(*at, what)).unwrap_or(chars.len());
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let hashes = (at + 1..chars.len()).take_while(|at| chars[*at] == '#').count();
        if starts(at, "//") {
            at = find(at, "\n");
        } else if starts(at, "/*") {
            at = find(at, "*/") + 2;
        } else if starts(at, "'\"'") || starts(at, "'\\") {
            at += 3;
        } else if chars[at] == 'r' && chars.get(at + 1 + hashes) == Some(&'"') {
            let start = at + 2 + hashes;
            let end = find(start, &format!("\"{}", "#".repeat(hashes)));
            found.push(chars[start..end].iter().collect());
            at = end + 1 + hashes;
        } else if chars[at] == '"' {
            let mut end = at + 1;
            while end < chars.len() && chars[end] != '"' {
                end += if chars[end] == '\\' { 2 } else { 1 };
            }
            found.push(chars[at + 1..end.min(chars.len())].iter().collect());
            at = end + 1;
        } else {
            at += 1;
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
