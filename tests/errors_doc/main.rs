//! docs/errors.md and the sources have the same codes: a code without a row, or a row without a code, fails here.
//!
//! The codes of an enum without data are those of its `ALL`. For any other, a code is a text in one of the arms of its
//! `fn code(..) -> &'static str` in the sources. On the page a list's heading names its type in backquotes, and each
//! row begins with a code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod codes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// By type, its codes.
type Codes = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_code_has_its_row_and_every_row_its_code() {
    let mut there = Codes::new();
    for file in sources(&root().join("src")) {
        codes_of(&fs::read_to_string(file).unwrap(), &mut there);
    }
    // The rules of the verdict have a page of their own, docs/verdicts.md.
    for (name, codes) in codes::all().into_iter().filter(|(name, _)| *name != "RuleId") {
        let codes = codes.into_iter().map(String::from).collect();
        assert_eq!(there.insert(name.to_owned(), codes), None, "{name} has a code() of its own beside its ALL");
    }
    there.insert("Exit".into(), exit_codes(&fs::read_to_string(root().join("cli/src/exit.rs")).unwrap()));
    let told = rows(&fs::read_to_string(root().join("docs/errors.md")).unwrap());

    let mut faults = Vec::new();
    for name in there.keys().chain(told.keys()).collect::<BTreeSet<_>>() {
        let empty = BTreeSet::new();
        let (there, told) = (there.get(name).unwrap_or(&empty), told.get(name).unwrap_or(&empty));
        faults.extend(there.difference(told).map(|code| format!("{name}: `{code}` has no row in docs/errors.md")));
        faults.extend(told.difference(there).map(|code| format!("{name}: docs/errors.md tells of `{code}`, no code")));
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_code_is_found_in_every_match_arm() {
    let source = "impl fmt::Display for Other {\n    fn fmt() {}\n}\nimpl AnError {\n    /// What.\n    \
        pub fn code(&self) -> &'static str {\n        match self {\n            AnError::A | AnError::B => \"one\",\n            \
        AnError::C { x: 2 } => { \"two\" }\n            AnError::D(d) => d.code(),\n        }\n    }\n\n    \
        pub fn name(&self) -> &'static str {\n        \"three\"\n    }\n}\n";
    let mut codes = Codes::new();
    codes_of(source, &mut codes);
    assert_eq!(codes, Codes::from([("AnError".into(), ["one", "two"].map(String::from).into())]));
    let page =
        "## A list: `AnError`\n\n| code | cause |\n| --- | --- |\n| `one` | x `y` |\n\n## Other\n\n| `no` | x |\n";
    assert_eq!(rows(page), Codes::from([("AnError".into(), ["one"].map(String::from).into())]));
    assert_eq!(exit_codes("Exit::A => 0,\nExit::B => 130,\n"), ["0", "130"].map(String::from).into());
}

/// Adds the codes of one file. It relies on rustfmt's layout: an `impl` begins and ends at the margin, a function one
/// level in.
fn codes_of(source: &str, codes: &mut Codes) {
    let mut lines = source.lines();
    let mut name = None;
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("impl ") {
            name = rest.strip_suffix(" {").filter(|rest| !rest.contains(" for ")).map(String::from);
        }
        let is_code = line.starts_with("    pub fn code(");
        let (true, true, Some(name)) = (is_code, line.ends_with("-> &'static str {"), &name) else { continue };
        let list = codes.entry(name.clone()).or_default();
        for line in lines.by_ref().take_while(|line| *line != "    }") {
            list.extend(line.split('"').skip(1).step_by(2).map(String::from));
        }
    }
}

/// `Exit::X => 3,`
fn exit_codes(source: &str) -> BTreeSet<String> {
    let arms = source.lines().filter_map(|line| line.trim().strip_prefix("Exit::")?.split_once(" => "));
    arms.filter_map(|(_, code)| code.strip_suffix(',')).map(String::from).collect()
}

/// The codes on the page, by the type that the heading above them names.
fn rows(page: &str) -> Codes {
    let mut told = Codes::new();
    let mut name = None;
    for line in page.lines() {
        if line.starts_with('#') {
            name = line.strip_suffix('`').and_then(|line| line.rsplit('`').next()).map(String::from);
        } else if let (Some(name), Some(row)) = (&name, line.strip_prefix("| `")) {
            told.entry(name.clone()).or_default().insert(row.split('`').next().unwrap().to_owned());
        }
    }
    told
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
