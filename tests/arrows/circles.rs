//! No circle of files inside a crate.
//!
//! A file uses another when it names an item that the other defines: in a `use`, in a path, or through a re-export.
//! `mod child;` and a re-export alone do not count, and neither does code that is built for tests only (`#[cfg(test)]`,
//! files of tests). Files that use each other in a circle are one file cut in pieces: each can be understood only
//! together with all others. To remove a circle, move what both sides need below both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{module_of, root, sources, tokens::tokens};

/// The crates of this repository. None holds a circle of files.
const CRATES: &[&str] =
    &["allocator/src", "bindings/ffi/src", "bindings/uniffi-bindgen/src", "cli/src", "lab/src", "src", "xtask/src"];

/// Uses that may close a circle: from, to, and the reason.
const DEFENDED: &[(&str, &str, &str)] = &[];

#[test]
fn no_files_of_a_crate_look_into_each_other_in_a_circle() {
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    for krate in CRATES {
        let looks = looks(&root().join(krate));
        let mut kept: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in &looks {
            let full = (format!("{krate}/{from}"), format!("{krate}/{to}"));
            match DEFENDED.iter().position(|(a, b, _)| *a == full.0 && *b == full.1) {
                Some(defended) => drop(used.insert(defended)),
                None => drop(kept.entry(from).or_default().insert(to)),
            }
        }
        faults.extend(circles(&kept).iter().map(|circle| format!("{krate}: {}", circle.join(" -> "))));
    }
    let faults = faults.join("\n");
    assert!(faults.is_empty(), "files that look into each other (see tests/arrows/circles.rs):\n{faults}\n");
    let idle: Vec<_> = (0..DEFENDED.len()).filter(|at| !used.contains(at)).map(|at| DEFENDED[at]).collect();
    assert!(idle.is_empty(), "defended, and not there: {idle:?}");
}

#[test]
fn a_planted_circle_is_found_through_every_kind_of_look() {
    for (one, other) in [
        ("use super::b::B; pub struct A;", "use super::a::A; pub struct B;"),
        ("use crate::room::b; pub struct A(b::B);", "pub struct B(super::a::A);"),
        ("use super::B; pub struct A;", "use super::A; pub struct B;"),
        ("use super::{b::{B as C}}; pub struct A;", "use {super::a::{self}}; pub struct B(a::A);"),
        ("use super::*; pub struct A(B);", "use super::a::*; pub struct B(A);"),
    ] {
        let house = tempfile::tempdir().unwrap();
        super::plant(house.path(), "lib.rs", "mod room;");
        super::plant(house.path(), "room/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;");
        super::plant(house.path(), "room/a.rs", one);
        super::plant(house.path(), "room/b.rs", other);
        assert_eq!(found(house.path()), ["room/a.rs -> room/b.rs -> room/a.rs"], "{one}\n{other}");
    }
}

#[test]
fn a_planted_circle_of_parent_and_child_is_found() {
    let house = tempfile::tempdir().unwrap();
    super::plant(house.path(), "lib.rs", "mod room;");
    super::plant(house.path(), "room/mod.rs", "mod a; use a::A; pub struct Room(A); pub struct Plan;");
    super::plant(house.path(), "room/a.rs", "use super::Plan; pub(super) struct A(pub(super) Plan);");
    assert_eq!(found(house.path()), ["room/a.rs -> room/mod.rs -> room/a.rs"]);
}

#[test]
fn a_circle_in_a_program_without_a_library_is_found() {
    let house = tempfile::tempdir().unwrap();
    super::plant(house.path(), "main.rs", "mod a; mod b;");
    super::plant(house.path(), "a.rs", "use crate::b::B; pub struct A;");
    super::plant(house.path(), "b.rs", "use crate::a::A; pub struct B;");
    assert_eq!(found(house.path()), ["a.rs -> b.rs -> a.rs"]);
}

#[test]
fn re_exports_tests_and_comments_close_no_circle() {
    let house = tempfile::tempdir().unwrap();
    super::plant(house.path(), "lib.rs", "mod room;");
    super::plant(house.path(), "room/mod.rs", "mod a; mod b; #[cfg(test)] mod tests; pub use a::A; pub struct Plan;");
    super::plant(
        house.path(),
        "room/a.rs",
        "use super::{Plan, b::B}; pub struct A; #[cfg(test)] mod tests { use super::super::tests::T; }",
    );
    super::plant(
        house.path(),
        "room/b.rs",
        "// use super::A;\n pub(super) struct B; pub(in super::a) fn b() {} #[cfg(test)] mod tests { use crate::room::A; }",
    );
    super::plant(house.path(), "room/tests.rs", "use super::a::A; pub struct T;");
    assert_eq!(found(house.path()), [""; 0]);
}

fn found(krate: &Path) -> Vec<String> {
    let looks = looks(krate);
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in &looks {
        graph.entry(from).or_default().insert(to);
    }
    circles(&graph).iter().map(|circle| circle.join(" -> ")).collect()
}

/// What one file offers and names.
struct File {
    shown: String,
    module: Vec<String>,
    defines: BTreeSet<String>,
    /// Names that a `use` brings in, each with its full path. A glob has the name `*`.
    imports: Vec<Import>,
    /// Paths in the code outside of `use`.
    paths: Vec<Vec<String>>,
}

struct Import {
    name: String,
    path: Vec<String>,
    is_public: bool,
}

/// All pairs of files of a crate in which the first names an item of the second.
fn looks(krate: &Path) -> BTreeSet<(String, String)> {
    let mut files: Vec<File> = sources(krate)
        .into_iter()
        .filter(|file| !file.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests.rs" | "tests"))))
        .map(|file| {
            let shown = file.strip_prefix(krate).unwrap().display().to_string();
            read(shown, &fs::read_to_string(&file).unwrap())
        })
        .collect();
    // In a program without a library, `main.rs` is the root.
    if !files.iter().any(|file| file.module.is_empty()) {
        files.iter_mut().filter(|file| file.shown == "main.rs").for_each(|file| file.module.clear());
    }
    let by_module: BTreeMap<&[String], &File> = files.iter().map(|file| (file.module.as_slice(), file)).collect();
    let mut found = BTreeSet::new();
    for file in &files {
        let named: BTreeSet<&str> = file.paths.iter().flatten().map(String::as_str).collect();
        let imported = file
            .imports
            .iter()
            // A re-export counts as a use only if the file itself uses the name too.
            .filter(|import| !import.is_public || named.contains(import.name.as_str()))
            .filter(|import| import.name != "*")
            .map(|import| &import.path);
        let mut targets: BTreeSet<&str> =
            imported.chain(&file.paths).filter_map(|path| resolve(&by_module, &file.module, path, 0)).collect();
        // A name that only a glob can have brought in.
        for glob in file.imports.iter().filter(|import| import.name == "*") {
            for name in &named {
                let is_own = file.defines.contains(*name) || file.imports.iter().any(|import| import.name == **name);
                let mut path = glob.path.clone();
                path.push((*name).to_owned());
                if !is_own && let Some(target) = resolve(&by_module, &file.module, &path, 0) {
                    targets.insert(target);
                }
            }
        }
        targets.remove(file.shown.as_str());
        found.extend(targets.into_iter().map(|to| (file.shown.clone(), to.to_owned())));
    }
    found
}

/// The file that defines what `path` names, seen from `module`. `None` if it is not in this crate.
fn resolve<'a>(
    files: &BTreeMap<&[String], &'a File>,
    module: &[String],
    path: &[String],
    depth: usize,
) -> Option<&'a str> {
    if depth > 8 {
        return None;
    }
    let mut at = module.to_vec();
    for (index, name) in path.iter().enumerate() {
        match name.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()),
            name => {
                let file = files.get(at.as_slice())?;
                let child: Vec<String> = at.iter().cloned().chain([name.to_owned()]).collect();
                if files.contains_key(child.as_slice()) {
                    at = child;
                    continue;
                }
                if file.defines.contains(name) {
                    return Some(&file.shown);
                }
                let rest = &path[index + 1..];
                for import in &file.imports {
                    let mut target = import.path.clone();
                    if import.name == "*" {
                        target.push(name.to_owned());
                    } else if import.name != name {
                        continue;
                    }
                    target.extend_from_slice(rest);
                    if let Some(found) = resolve(files, &at, &target, depth + 1) {
                        return Some(found);
                    }
                }
                return None;
            }
        }
    }
    files.get(at.as_slice()).map(|file| file.shown.as_str())
}

fn read(shown: String, code: &str) -> File {
    let tokens: Vec<String> = without_tests(tokens(code).into_iter().map(|(token, _)| token).collect());
    let token = |at: usize| tokens.get(at).map_or("", String::as_str);
    let (mut defines, mut imports, mut paths) = (BTreeSet::new(), Vec::new(), Vec::new());
    let (mut open, mut at) = (0_usize, 0);
    while at < tokens.len() {
        match token(at) {
            "{" => open += 1,
            "}" => open = open.saturating_sub(1),
            // `pub(super)` and `pub(in crate::room)` state visibility, and use nothing.
            "pub" if token(at + 1) == "(" => {
                at = (at..tokens.len()).find(|end| token(*end) == ")").unwrap_or(tokens.len());
            }
            "use" => {
                let is_public = at > 0 && (token(at - 1) == "pub" || token(at - 1) == ")");
                let end = (at..tokens.len()).find(|end| token(*end) == ";").unwrap_or(tokens.len());
                import(&tokens[at + 1..end], &[], is_public, &mut imports);
                at = end;
            }
            "struct" | "enum" | "trait" | "type" | "fn" | "const" | "static" | "union" | "mod" if open == 0 => {
                let is_child = token(at) == "mod" && token(at + 2) == ";";
                if !is_child && token(at + 1) != "fn" && token(at + 1) != "mut" {
                    defines.insert(token(at + 1).to_owned());
                }
                at += 1;
            }
            "macro_rules" => drop(defines.insert(token(at + 2).to_owned())),
            name if is_name(name) && token(at.wrapping_sub(1)) != "::" && token(at.wrapping_sub(1)) != "." => {
                let mut path = vec![name.to_owned()];
                while token(at + 1) == "::" && is_name(token(at + 2)) {
                    path.push(token(at + 2).to_owned());
                    at += 2;
                }
                paths.push(path);
            }
            _ => {}
        }
        at += 1;
    }
    File { module: module_of(&shown), shown, defines, imports, paths }
}

fn is_name(token: &str) -> bool {
    token.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic())
}

/// The names of a `use`, including groups.
fn import(tokens: &[String], prefix: &[String], is_public: bool, found: &mut Vec<Import>) {
    let mut path = prefix.to_vec();
    let mut at = 0;
    let mut name = None;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "::" => {}
            "{" => {
                let (mut open, mut start) = (0_usize, at + 1);
                for (end, token) in tokens.iter().enumerate().skip(at) {
                    match token.as_str() {
                        "{" => open += 1,
                        "}" if open == 1 => return import(&tokens[start..end], &path, is_public, found),
                        "}" => open -= 1,
                        "," if open == 1 => {
                            import(&tokens[start..end], &path, is_public, found);
                            start = end + 1;
                        }
                        _ => {}
                    }
                }
                return;
            }
            "*" => name = Some("*".to_owned()),
            "as" => {
                name = tokens.get(at + 1).cloned();
                at += 1;
            }
            // `a::{self}` is `a`; a leading `self` is the module itself.
            "self" if !prefix.is_empty() => {}
            part => path.push(part.to_owned()),
        }
        at += 1;
    }
    if let Some(name) = name.or_else(|| path.last().cloned()) {
        found.push(Import { name, path, is_public });
    }
}

/// The tokens without inline modules, functions and `use` that are built for tests only.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut left = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !tokens[at..].iter().map(String::as_str).take(mark.len()).eq(mark) {
            left.push(tokens[at].clone());
            at += 1;
            continue;
        }
        // The item ends with its `;`, or with the brace that closes its body.
        let mut open = 0_usize;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token.as_str() {
                "{" => open += 1,
                "}" if open <= 1 => break,
                "}" => open -= 1,
                ";" if open == 0 => break,
                _ => {}
            }
        }
    }
    left
}

/// A shortest circle through each file that is on one, each circle once.
fn circles<'a>(graph: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    let mut seen = BTreeSet::new();
    for start in graph.keys() {
        let mut came: BTreeMap<&str, &str> = BTreeMap::new();
        let mut waiting = std::collections::VecDeque::from([*start]);
        while let Some(file) = waiting.pop_front() {
            for next in graph.get(file).into_iter().flatten() {
                if !came.contains_key(next) {
                    came.insert(next, file);
                    waiting.push_back(next);
                }
            }
        }
        if came.contains_key(start) {
            let mut circle = vec![*start];
            let mut at = came[start];
            while at != *start {
                circle.push(at);
                at = came[at];
            }
            circle.push(*start);
            circle.reverse();
            let members: BTreeSet<&str> = circle.iter().copied().collect();
            if seen.insert(members) {
                found.push(circle);
            }
        }
    }
    found
}
