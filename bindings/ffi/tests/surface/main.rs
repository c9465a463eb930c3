//! Every item that the core offers an app is exported, or listed in `reasons.rs` with the reason why not. Both sides are read from
//! the text that declares them: the core's from `api/byway.txt`, this crate's from its sources.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod reasons;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use reasons::{
    BUILDER_OF_RUST, CROSSES_AS, ITEMS_CROSS_AS, ITEMS_LEFT_OUT, OF_EVERY_TYPE, PUBLISHER_LEFT_OUT, TYPES_LEFT_OUT,
};

#[test]
fn everything_the_core_offers_an_app_crosses() {
    let (core, crossed) = (core(), crossed());
    let missing: Vec<_> = core.iter().filter(|item| !crosses(item, &crossed)).collect();
    assert!(missing.is_empty(), "neither cross nor stand in `reasons.rs`: {missing:#?}");
}

#[test]
fn reasons_speak_of_what_is_there() {
    let (core, crossed) = (core(), crossed());
    let lists = [TYPES_LEFT_OUT, ITEMS_LEFT_OUT, BUILDER_OF_RUST, CROSSES_AS, ITEMS_CROSS_AS];
    for (item, _) in lists.into_iter().flatten() {
        assert!(core.contains(*item), "{item} is not of the core any more");
    }
    for (item, target) in CROSSES_AS.iter().chain(ITEMS_CROSS_AS) {
        assert!(crossed.contains(*target), "{item} is said to cross as {target}, which is not there");
    }
}

#[test]
fn everything_an_admin_can_do_crosses() {
    let crossed = crossed();
    let mut core = BTreeSet::new();
    let mut folders = vec![here().join("../../src/publisher"), here().join("../../src/copying")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { functions(&fs::read_to_string(path).unwrap(), &mut core) }
        }
    }
    assert!(core.len() > 25 && core.contains("PageCopier::read") && core.contains("bundle_of"), "{core:#?}");
    let left_out = |item: &String| PUBLISHER_LEFT_OUT.iter().any(|(known, _)| known == item);
    let missing: Vec<_> = core.iter().filter(|item| !crossed.contains(*item) && !left_out(item)).collect();
    assert!(missing.is_empty(), "neither cross nor stand in `reasons.rs`: {missing:#?}");
    for (item, _) in PUBLISHER_LEFT_OUT {
        assert!(core.contains(*item), "{item} is not of the core any more");
    }
}

/// The public functions of a source file, as `Type::function` and `function`.
fn functions(code: &str, names: &mut BTreeSet<String>) {
    let word = |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned();
    let mut owner = String::new();
    for line in code.split("#[cfg(test)]\nmod tests").next().unwrap().lines() {
        if let Some(of) = line.strip_prefix("impl") {
            owner = word(of.trim_start_matches("<'a>").trim_start());
        } else if let Some(rest) = line.strip_prefix("    pub fn ").or(line.strip_prefix("    pub async fn ")) {
            names.insert(format!("{owner}::{}", word(rest)));
        } else if let Some(rest) = line.strip_prefix("pub fn ") {
            names.insert(word(rest));
        }
    }
}

#[test]
fn a_new_item_of_the_core_is_noticed() {
    let crossed = crossed();
    for new in
        ["Byway::teleport", "Opened::mood", "Mood", "EngineEventKind::Slept", "Attachment::Photo::smell", "teleport"]
    {
        assert!(!crosses(new, &crossed), "{new}");
    }
}

fn crosses(item: &str, crossed: &BTreeSet<String>) -> bool {
    let lists = [TYPES_LEFT_OUT, ITEMS_LEFT_OUT, BUILDER_OF_RUST, CROSSES_AS, ITEMS_CROSS_AS];
    if lists.into_iter().flatten().any(|(known, _)| *known == item) {
        return true;
    }
    let Some((owner, rest)) = item.split_once("::") else { return crossed.contains(item) };
    if OF_EVERY_TYPE.contains(&rest) || TYPES_LEFT_OUT.iter().any(|(known, _)| *known == owner) {
        return true;
    }
    match CROSSES_AS.iter().find(|(known, _)| *known == owner) {
        // A type of its own: its items must be there too.
        Some((_, target @ ("Client" | "Configuration"))) => crossed.contains(&format!("{target}::{rest}")),
        // An error, a key or a page: it is worded, opened or listed by the core.
        Some(_) => true,
        None => crossed.contains(item),
    }
}

/// The items of the core's surface, without those that authors of sources and network leaves need.
fn core() -> BTreeSet<String> {
    let text = fs::read_to_string(here().join("../../api/byway.txt")).unwrap();
    let declares = |line: &str| -> Option<String> {
        let line = line.strip_prefix("#[non_exhaustive] ").unwrap_or(line).strip_prefix("pub ")?;
        if ["mod ", "trait ", "type ", "use ", "macro "].iter().any(|other| line.starts_with(other)) {
            return None;
        }
        let path = line.split(' ').find(|word| word.starts_with("byway::"))?.strip_prefix("byway::")?;
        let path = path.strip_prefix("community::").unwrap_or(path);
        let name = path.split(['(', '<', ' ']).next()?;
        // `Changed<Id>::len`: the name goes on behind the parameter.
        let rest = path.split_once('>').map_or("", |(_, rest)| rest).split('(').next()?;
        let name = if rest.starts_with("::") { format!("{name}{rest}") } else { name.to_owned() };
        let name = name.trim_end_matches(':').to_owned();
        let of_authors = ["net::", "source::"].iter().any(|module| name.starts_with(module));
        (!of_authors).then_some(name)
    };
    let mut names: BTreeSet<String> = text.lines().filter_map(declares).collect();
    // `api/byway.txt` lists the default features, so what needs Tor is read from the sources.
    with_tor(&fs::read_to_string(here().join("../../src/client/builder.rs")).unwrap(), "Builder", &mut names);
    names
}

/// The public functions of a source file that are built with the feature `tor` alone.
fn with_tor(code: &str, owner: &str, names: &mut BTreeSet<String>) {
    let mut is_gated = false;
    for line in code.lines().map(str::trim_start) {
        if let Some(rest) = line.strip_prefix("pub fn ") {
            let name = rest.split('(').next().unwrap();
            names.extend(is_gated.then(|| format!("{owner}::{name}")));
        }
        let goes_on = line.starts_with("#[") || line.starts_with("///");
        is_gated = line == "#[cfg(feature = \"tor\")]" || (is_gated && goes_on);
    }
}

/// What this crate declares for export, as `Type`, `Type::item`, `Enum::Variant::field` and `function`.
fn crossed() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![here().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            declared(code, &mut names);
        }
    }
    names
}

fn declared(code: &str, names: &mut BTreeSet<String>) {
    let (mut owner, mut variant) = (None::<String>, None::<String>);
    for line in code.lines() {
        let indent = line.len() - line.trim_start().len();
        let word = |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned();
        let public = line.trim_start().strip_prefix("pub ");
        let function =
            public.and_then(|rest| rest.strip_prefix("async ").unwrap_or(rest).strip_prefix("fn ")).map(word);
        if indent == 0 {
            let named =
                ["pub struct ", "pub enum ", "impl "].iter().find_map(|start| line.strip_prefix(start)).map(word);
            if named.is_some() || line.starts_with('}') {
                if let Some(name) = named.as_ref().filter(|_| !line.starts_with("impl")) {
                    names.insert(name.clone());
                }
                (owner, variant) = (named, None);
            }
            names.extend(function);
            continue;
        }
        // A mirrored enum: `Name of path, else Fallback {`, or a page: `Name of Item, from ...`.
        if indent == 4
            && line.contains(" of ")
            && line.contains("::")
            && line.trim_end().ends_with(['{', ')'])
            && !line.trim_start().starts_with("///")
        {
            let name = word(line.trim_start());
            names.insert(name.clone());
            (owner, variant) = (Some(name), None);
            continue;
        }
        let Some(owner) = &owner else { continue };
        if let Some(name) = function {
            names.insert(format!("{owner}::{name}"));
        } else if let Some(rest) = public {
            names.insert(format!("{owner}::{}", word(rest)));
        } else if line.trim_start().starts_with(char::is_uppercase) && line.trim_end().ends_with([',', '{']) {
            let name = word(line.trim_start());
            names.insert(format!("{owner}::{name}"));
            variant = Some(name);
        } else if let (Some(variant), 8) = (&variant, indent)
            && line.trim_start().starts_with(char::is_lowercase)
            && line.contains(": ")
        {
            names.insert(format!("{owner}::{variant}::{}", word(line.trim_start())));
        }
    }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
