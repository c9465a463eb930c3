//! The hand-written Swift layer uses what this crate exports, or it is listed here with the reason why not. Both sides
//! are read from their text: the generated Swift, and the layer's sources.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Exports that the layer does not use, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("Account.action", "Access.action"),
    ("Account.at", "Access.at"),
    ("Access.shareable", "Reachability.shareable and report() have it as JSON"),
    ("CancelHandle.isCancelled", "Task.isCancelled"),
    ("Diagnostics.runningTasks", "for the layer's own tests"),
    ("Home.vkId", "Community.id has it"),
    ("Home.vkName", "Community.screenName"),
    ("Reachability.codeText", "the raw value of Verdict.code"),
    ("diagnostics", "for the layer's own tests"),
];

#[test]
fn the_swift_layer_meets_every_export() {
    let (exports, layer) = (exports(&generated()), layer());
    assert!(exports.len() > 200, "the generated Swift is read: {}", exports.len());
    let left_out = |export: &String| LEFT_OUT.iter().any(|(known, _)| known == export);
    let missing: Vec<_> = exports.iter().filter(|export| !left_out(export) && !meets(&layer, export)).collect();
    assert!(missing.is_empty(), "neither in bindings/swift/Sources/Byway nor here with a reason: {missing:#?}");
}

#[test]
fn reasons_speak_of_exports() {
    let exports = exports(&generated());
    for (export, _) in LEFT_OUT {
        assert!(exports.contains(*export), "{export} is not exported any more");
    }
}

#[test]
fn an_export_that_the_layer_does_not_meet_is_noticed() {
    let layer = layer();
    for new in ["Client.teleport", "Post.smell", "teleport"] {
        assert!(!meets(&layer, new), "{new}");
    }
    let declared = "public protocol ClientProtocol: AnyObject {\n    func teleport() throws\n}\npublic struct Post {\n    \
                    public var smell: String\n}\npublic func teleport()throws {\n}\n";
    let wanted = ["Client.teleport", "Post.smell", "teleport"].map(str::to_owned);
    assert_eq!(exports(declared), BTreeSet::from(wanted));
}

/// Whether the layer calls the function or the method, or names the field.
fn meets(layer: &str, export: &str) -> bool {
    match export.split_once('.') {
        None => layer.contains(&format!("{export}(")),
        Some((owner, name)) if owner.starts_with(char::is_uppercase) => {
            let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
            let read = layer.match_indices(&format!(".{name}")).any(|(at, found)| ends(&layer[at + found.len()..]));
            read || layer.contains(&format!(" {name}: ")) || layer.contains(&format!("({name}: "))
        }
        Some(_) => false,
    }
}

/// Top-level functions, `Object.method` and `Record.field`.
fn exports(generated: &str) -> BTreeSet<String> {
    let mut exports = BTreeSet::new();
    let mut owner = None::<String>;
    for line in generated.lines() {
        let word = |text: &str| {
            text.trim_start_matches('`').split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned()
        };
        let inner = line.trim_start();
        if let Some(object) = line.strip_prefix("public protocol ").map(word) {
            owner = object.strip_suffix("Protocol").map(str::to_owned);
        } else if let Some(record) = line.strip_prefix("public struct ").map(word) {
            owner = (!record.starts_with("FfiConverter") && !record.starts_with("Uniffi")).then_some(record);
        } else if line.starts_with('}') {
            owner = None;
        } else if let Some(function) = line.strip_prefix("public func ").map(word) {
            let of_uniffi = function.starts_with("FfiConverter") || function.starts_with("uniffi");
            exports.extend((!of_uniffi).then_some(function));
        } else if let Some(owner) = &owner {
            let named = inner.strip_prefix("func ").or_else(|| inner.strip_prefix("public var "));
            let named = named.or_else(|| inner.strip_prefix("public let ")).map(word);
            exports.extend(named.map(|name| format!("{owner}.{name}")));
        }
    }
    exports
}

fn generated() -> String {
    fs::read_to_string(swift().join("BywayGenerated/BywayGenerated.swift")).unwrap()
}

/// What the layer does, without what it declares: a function of the same name is not a call.
fn layer() -> String {
    let mut text = String::new();
    let mut folders = vec![swift().join("Byway")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "swift") {
                let source = fs::read_to_string(path).unwrap();
                let declares = |line: &&str| {
                    let line = line.trim_start();
                    ["///", "//", "public let ", "public var ", "public func ", "func "]
                        .iter()
                        .any(|start| line.starts_with(start))
                };
                for line in source.lines().filter(|line| !declares(line)) {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    text
}

fn swift() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../swift/Sources")
}
