//! House rules that a compiler does not check: arrows between the rooms of `src/` point one way.
//!
//! A room is a module of the crate's root. The sources are read as tokens (comments and strings are not code). Every
//! path that leads through the root (`crate::net::Net`, `use crate::{net, wire::tls}`, `super::super::net`) is resolved
//! to the room it enters, and each crossing is compared with [`ROOMS`]. Tests inside a room obey the same arrows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod circles;
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tokens::{tokens, words};

/// The rooms, and which others each may use. `docs/architecture.md` has the same map with the reasons.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "internals",
        &[
            "exposure",
            "language",
            "client",
            "strategies",
            "sentences",
            "signed",
            "source",
            "fetch",
            "reach",
            "transport",
            "wire",
            "net",
            "community",
            "store",
        ],
    ),
    ("fuzzing", &["exposure", "source", "fetch", "reach", "transport", "wire", "net", "community"]),
    (
        "client",
        &[
            "exposure",
            "language",
            "errors",
            "strategies",
            "sentences",
            "signed",
            "source",
            "fetch",
            "reach",
            "transport",
            "wire",
            "net",
            "community",
            "store",
            "tor",
        ],
    ),
    (
        "errors",
        &[
            "exposure",
            "language",
            "sentences",
            "strategies",
            "source",
            "fetch",
            "reach",
            "transport",
            "wire",
            "net",
            "signed",
            "community",
            "store",
        ],
    ),
    (
        "sentences",
        &[
            "exposure",
            "language",
            "strategies",
            "signed",
            "source",
            "fetch",
            "reach",
            "transport",
            "wire",
            "net",
            "community",
            "store",
        ],
    ),
    ("publisher", &["calendar", "community", "errors", "exposure", "language", "sentences", "signed", "store"]),
    ("copying", &["client", "community", "exposure", "publisher", "source"]),
    ("upload", &["client", "errors", "exposure", "fetch", "language", "publisher", "reach", "sentences", "transport"]),
    ("calendar", &["sentences", "community"]),
    ("source", &["exposure", "language", "signed", "fetch", "reach", "transport", "wire", "net", "community"]),
    ("fetch", &["exposure", "reach", "transport", "wire", "net"]),
    ("reach", &["broadcast", "exposure", "transport", "wire", "net"]),
    ("strategies", &["transport"]),
    ("tor", &["transport", "wire", "net"]),
    ("transport", &["exposure", "wire", "net"]),
    ("wire", &["net"]),
    ("net", &[]),
    ("exposure", &[]),
    ("language", &[]),
    ("codes", &[]),
    ("community", &[]),
    ("signed", &["exposure", "community"]),
    ("store", &["broadcast", "exposure", "community"]),
    ("broadcast", &[]),
];

/// Rooms that know no product, and the words that would show a product in them.
const NEUTRAL_ROOMS: &[&str] = &["transport", "wire", "net"];
const PRODUCTS: &[&str] = &["vk.com", "vk.ru", "vk.me", "vkontakte", "userapi", "telegram", "t.me"];

#[test]
fn arrows_between_rooms_point_one_way() {
    let faults = wrong_arrows(&root().join("src"));
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn transport_and_below_name_no_product() {
    let faults = products_named(&root().join("src"));
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_core_has_no_bindings_in_it() {
    let faults: Vec<_> = sources(&root().join("src"))
        .into_iter()
        .filter(|file| words(&fs::read_to_string(file).unwrap()).contains(&"uniffi".to_owned()))
        .collect();
    assert!(faults.is_empty(), "uniffi belongs to bindings/ffi: {faults:?}");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(!dependencies(&manifest).iter().any(|(_, name)| name.contains("uniffi")), "Cargo.toml depends on uniffi");
}

#[test]
fn programs_and_examples_stand_on_the_public_surface() {
    let folders = ["cli/src", "lab/src", "examples", "tests/consumer/src/lib.rs"];
    let faults: Vec<_> = folders
        .iter()
        .flat_map(
            |folder| if folder.ends_with(".rs") { vec![root().join(folder)] } else { sources(&root().join(folder)) },
        )
        .filter(|file| words(&fs::read_to_string(file).unwrap()).contains(&"internals".to_owned()))
        .collect();
    assert!(faults.is_empty(), "`byway::internals` is for this repository's tests and benches: {faults:?}");
    for folder in ["cli", "lab"] {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let shipped = manifest.split("[dev-dependencies]").next().unwrap();
        assert!(!shipped.contains("internals"), "{folder}/Cargo.toml ships with the feature `internals`");
    }
}

#[test]
fn no_task_of_the_core_is_left_to_itself() {
    let faults = loose_tasks(&root().join("src"));
    assert!(faults.is_empty(), "tasks belong to an owned JoinSet:\n{}\n", faults.join("\n"));
}

#[test]
fn nothing_but_tests_and_the_cli_depends_on_the_lab() {
    let mut faults = Vec::new();
    for folder in [".", "allocator", "lab", "xtask", "bindings/ffi"] {
        let Ok(manifest) = fs::read_to_string(root().join(folder).join("Cargo.toml")) else { continue };
        faults.extend(
            dependencies(&manifest)
                .into_iter()
                .filter(|(section, name)| name == "byway-lab" && section != "dev-dependencies")
                .map(|(section, _)| format!("{folder}/Cargo.toml: byway-lab in [{section}]")),
        );
    }
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn every_direct_dependency_has_its_line_in_the_docs() {
    let docs = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let told: BTreeSet<&str> = docs
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .flat_map(|crates| crates.split(", "))
        .collect();
    for folder in [".", "allocator", "cli", "lab", "xtask"] {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        for (section, name) in dependencies(&manifest) {
            let is_ours = name.starts_with("byway");
            assert!(
                is_ours || told.contains(name.as_str()),
                "{folder}/Cargo.toml, [{section}]: docs/dependencies.md has no line for {name}"
            );
        }
    }
}

#[test]
fn the_map_in_the_docs_names_the_rooms_that_are_there() {
    let library = words(&fs::read_to_string(root().join("src/lib.rs")).unwrap());
    let there: BTreeSet<&str> =
        library.windows(3).filter(|w| w[0] == "mod" && w[2] == ";").map(|w| w[1].as_str()).collect();
    let drawn: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    assert!(there.is_subset(&drawn), "rooms without arrows, add them to ROOMS: {:?}", there.difference(&drawn));

    // A row of the map reads: | `net` | what it is for |
    let map = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let told: BTreeSet<&str> = map.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert!(there.is_subset(&told), "rooms that docs/architecture.md does not tell of: {:?}", there.difference(&told));
    let planned = |room: &&str| map.contains(&format!("| `{room}` | ")) && !there.contains(*room) && *room != "store";
    let gone: Vec<&str> = drawn.into_iter().filter(planned).collect();
    assert!(gone.is_empty(), "docs/architecture.md tells of rooms that are not there: {gone:?}");
}

#[test]
fn the_files_that_a_contributor_is_sent_to_are_there() {
    for page in ["CONTRIBUTING.md", "docs/architecture.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let named = text.split('`').skip(1).step_by(2);
        let missing: Vec<&str> = named
            .filter(|word| ["src/", "tests/", "cli/", "lab/", "xtask/"].iter().any(|folder| word.starts_with(folder)))
            .filter(|path| !root().join(path).exists())
            .collect();
        assert!(missing.is_empty(), "{page} names {missing:?}");
    }
}

// The tests below check the reader itself: a rule that finds nothing proves nothing.

#[test]
fn a_planted_wrong_arrow_is_found_however_it_is_written() {
    for (code, names) in [
        ("use crate::reach::Plan;", "crate::reach"),
        ("use crate::{net::Net, wire::{tls, dns}, fetch};", "crate::fetch"),
        ("pub(crate) use crate::source as s;", "crate::source"),
        ("use {crate::net::Net, crate::client::Byway};", "crate::client"),
        ("fn f() -> crate::client::Byway { todo!() }", "crate::client"),
        ("use super::super::reach::Plan;", "super::super::reach"),
        ("mod inner { use super::super::super::reach::Plan; }", "super::super::super::reach"),
        ("#[cfg(test)] mod tests { use crate::community::Community; }", "crate::community"),
        ("macro_rules! m { () => { $crate::fetch::get() } }", "crate::fetch"),
        ("/* outer /* inner */ still */ use crate::fetch;", "crate::fetch"),
        ("const Q: char = '\"'; use crate::fetch; const R: char = '\"';", "crate::fetch"),
        ("fn f<'a>(x: &'a str) -> &'a crate::fetch::Page { todo!() }", "crate::fetch"),
        ("use crate::Byway;", "crate::Byway"),
        ("use crate::*;", "crate::*"),
    ] {
        let faults = planted("transport/dial.rs", code);
        assert_eq!(faults.len(), 1, "{code}\n{faults:?}");
        assert!(faults[0].contains("transport/dial.rs:1:"), "{faults:?}");
        assert!(faults[0].contains(&format!("`{names}`")), "{names} in {faults:?}");
    }
}

#[test]
fn what_is_no_arrow_passes() {
    for code in [
        "use crate::net::Net; use crate::{wire::{self, tls::TlsClient}, net}; use crate::transport::Route;",
        "use super::route::Route; use super::super::wire::tls; use self::reach::x; mod reach { }",
        "// use crate::reach;\n/// [`crate::fetch`]\n/* crate::client */",
        "const A: &str = \"crate::reach\"; const B: &str = r#\"\"crate::fetch\"\"#; const C: &[u8] = b\"crate::fetch\";",
        "mod tests { use super::*; use super::super::net; mod deeper { use super::super::Route; } }",
        "pub(crate) fn f() {} pub(in crate::transport) fn g() {} pub(super) fn h() {}",
        "use hyper::client::conn; use http::Uri; use other::crate_like::reach;",
    ] {
        let faults = planted("transport/dial.rs", code);
        assert!(faults.is_empty(), "{code}\n{faults:?}");
    }
}

#[test]
fn a_file_deep_in_a_room_and_a_room_of_one_file_are_read_too() {
    assert_eq!(planted("transport/strategy/url.rs", "use super::super::super::reach::Plan;").len(), 1);
    assert!(planted("transport/strategy/url.rs", "use super::super::reach_of_its_own;").is_empty());
    assert_eq!(planted("transport/mod.rs", "use super::reach::Plan;").len(), 1);
    assert_eq!(planted("net.rs", "use super::wire::tls;").len(), 1);
    assert!(planted("client.rs", "use crate::source::Source; use super::net::Net;").is_empty());
    assert_eq!(planted("attic.rs", "use crate::net::Net;").len(), 1, "a room that is not on the map");
}

#[test]
fn a_planted_product_and_a_planted_loose_task_are_found() {
    let house = tempfile::tempdir().unwrap();
    plant(house.path(), "wire/tls.rs", "const HOST: &str = \"API.VK.COM\";");
    plant(house.path(), "source/vk.rs", "const HOST: &str = \"api.vk.com\";");
    assert_eq!(products_named(house.path()).len(), 1);
    plant(house.path(), "fetch/pool.rs", "fn f() { tokio::spawn(x); tokio::task::spawn(x); set.spawn(x); }");
    assert_eq!(loose_tasks(house.path()).len(), 2);
}

#[test]
fn the_sections_of_a_manifest_are_distinguished() {
    let manifest = "[workspace.dependencies]\nuniffi = \"1\"\n[dependencies]\nbyway-lab.workspace = true\n\
                    [dev-dependencies]\nurl = \"2\"\n[target.'cfg(unix)'.dependencies]\nbyway-lab = { path = \"lab\" }\n\
                    [dependencies.uniffi]\nversion = \"1\"\n";
    let expected = [
        ("dependencies", "byway-lab"),
        ("dev-dependencies", "url"),
        ("target.'cfg(unix)'.dependencies", "byway-lab"),
        ("dependencies", "uniffi"),
    ];
    assert_eq!(dependencies(manifest), expected.map(|(section, name)| (section.to_owned(), name.to_owned())));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn planted(path: &str, code: &str) -> Vec<String> {
    let house = tempfile::tempdir().unwrap();
    plant(house.path(), path, code);
    wrong_arrows(house.path())
}

fn plant(house: &Path, path: &str, code: &str) {
    let file = house.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, code).unwrap();
}

/// One sentence for each crossing that [`ROOMS`] does not allow.
fn wrong_arrows(src: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for file in sources(src) {
        let shown = file.strip_prefix(src).unwrap().display().to_string();
        let home = module_of(&shown);
        let Some(room) = home.first() else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| name == room) else {
            faults.push(format!("{shown}:1: `{room}` is not on the map: add it to ROOMS and to docs/architecture.md"));
            continue;
        };
        for Crossing { line, path, enters } in crossings(&fs::read_to_string(&file).unwrap(), home.len()) {
            if enters == *room || allowed.contains(&enters.as_str()) {
                continue;
            }
            let rule = if ROOMS.iter().any(|(name, _)| *name == enters) {
                format!("`{room}` may not look into `{enters}`")
            } else {
                "it enters no room: name the room where the item lives".to_owned()
            };
            faults.push(format!("{shown}:{line}: `{path}`: {rule}"));
        }
    }
    faults
}

fn products_named(src: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for file in sources(src) {
        let shown = file.strip_prefix(src).unwrap().display().to_string();
        if !module_of(&shown).first().is_some_and(|room| NEUTRAL_ROOMS.contains(&room.as_str())) {
            continue;
        }
        // The whole text is searched: a product's name in a comment is knowledge of it too.
        for (number, line) in fs::read_to_string(&file).unwrap().to_lowercase().lines().enumerate() {
            let words: Vec<&str> = line.split(|c: char| !(c.is_alphanumeric() || c == '.')).collect();
            let is_named = |product: &str| words.iter().any(|word| word.trim_matches('.').ends_with(product));
            if let Some(product) = PRODUCTS.iter().find(|product| is_named(product)) {
                faults.push(format!("{shown}:{}: names `{product}`", number + 1));
            }
        }
    }
    faults
}

fn loose_tasks(src: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for file in sources(src) {
        for window in tokens(&fs::read_to_string(&file).unwrap()).windows(3) {
            let [(owner, line), (colons, _), (call, _)] = window else { continue };
            if matches!(owner.as_str(), "tokio" | "task") && colons == "::" && call == "spawn" {
                faults.push(format!("{}:{line}: `{owner}::spawn`", file.strip_prefix(src).unwrap().display()));
            }
        }
    }
    faults
}

/// All `.rs` files below a folder, in order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `transport/strategy/url.rs` is the module `transport::strategy::url`.
fn module_of(file: &str) -> Vec<String> {
    let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib")) {
        module.pop();
    }
    module
}

/// A path that leads through the crate's root.
struct Crossing {
    line: usize,
    path: String,
    enters: String,
}

/// Every path in `code` that leads through the root. `depth` is the number of modules around the file's code.
fn crossings(code: &str, depth: usize) -> Vec<Crossing> {
    let tokens = tokens(code);
    let token = |at: usize| tokens.get(at).map_or("", |(token, _)| token.as_str());
    let mut found = Vec::new();
    // For each open brace, whether it opened an inline module.
    let mut braces: Vec<bool> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match token(at) {
            "{" => braces.push(at >= 2 && token(at - 2) == "mod"),
            "}" => drop(braces.pop()),
            "crate" | "super" | "self" if at == 0 || token(at - 1) != "::" => {
                let start = at;
                let mut level = depth + braces.iter().filter(|module| **module).count();
                while matches!(token(at), "super" | "self" | "crate") {
                    level = match token(at) {
                        "crate" => 0,
                        "super" => level.saturating_sub(1),
                        _ => level,
                    };
                    at += 1;
                    if token(at) != "::" {
                        break;
                    }
                    at += 1;
                }
                if level == 0 && token(at - 1) == "::" {
                    let prefix: String = tokens[start..at].iter().map(|(token, _)| token.as_str()).collect();
                    for (enters, line) in entered(&tokens[at..]) {
                        found.push(Crossing { line, path: format!("{prefix}{enters}"), enters });
                    }
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The first names of a path's rest: one, or those of a group's members.
fn entered(rest: &[(String, usize)]) -> Vec<(String, usize)> {
    match rest.first() {
        Some((first, _)) if first == "{" => {}
        Some(one) => return vec![one.clone()],
        None => return Vec::new(),
    }
    let mut names = Vec::new();
    let (mut open, mut fresh) = (0, true);
    for (token, line) in rest {
        match token.as_str() {
            "{" => open += 1,
            "}" if open == 1 => break,
            "}" => open -= 1,
            "," if open == 1 => fresh = true,
            name if fresh => {
                names.push((name.to_owned(), *line));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

/// The dependencies of a package's manifest, each with its section.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut section = String::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = header.to_owned();
            if let Some((kind, name)) = header.rsplit_once("dependencies.") {
                found.push((format!("{kind}dependencies"), name.to_owned()));
                section.clear();
            }
        } else if section.ends_with("dependencies") && section != "workspace.dependencies" {
            let name: String = line.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
            if !name.is_empty() {
                found.push((section.clone(), name));
            }
        }
    }
    found
}
