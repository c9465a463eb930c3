//! api/byway.txt lists the public surface, one item per line: a change of the surface shows in a diff of that file.
//!
//! `UPDATE_PAGES=1 cargo test --test public_api` rewrites it. The list covers the default features (`reqwest` is one),
//! read from rustdoc's JSON; an impl of a trait is one line, without the trait's methods.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use public_api::tokens::Token;

#[test]
fn the_listing_is_the_public_surface() {
    let page = listing();
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::create_dir_all(path().parent().unwrap()).unwrap();
        fs::write(path(), &page).unwrap();
    }
    let there = fs::read_to_string(path()).unwrap_or_default();
    let (now, before) = (set(&page), set(&there));
    assert!(
        there == page,
        "the public surface is not what api/byway.txt lists\nadded: {:#?}\nremoved: {:#?}\n\
         `UPDATE_PAGES=1 cargo test --test public_api` prints it anew; say the change in CHANGELOG.md",
        now.difference(&before).collect::<Vec<_>>(),
        before.difference(&now).collect::<Vec<_>>(),
    );
    let private: Vec<_> = page.lines().filter(|line| ROOMS.iter().any(|room| line.contains(room))).collect();
    assert!(private.is_empty(), "these lines name a private module: {private:#?}");
}

/// Private modules: a type that is listed under one of them cannot be named by an app.
const ROOMS: &[&str] = &[
    "byway::client::",
    "byway::errors::",
    "byway::fetch::",
    "byway::internals",
    "byway::reach::",
    "byway::sentences::",
    "byway::store::",
    "byway::strategies::",
    "byway::transport::",
    "byway::wire::",
];

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("api/byway.txt")
}

fn set(page: &str) -> BTreeSet<&str> {
    page.lines().collect()
}

fn listing() -> String {
    let api = public_api::Builder::from_rustdoc_json(rustdoc_json())
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()
        .expect(
            "rustdoc's JSON has another format than `public-api` reads: take the version of it that fits this rustc",
        );
    let is = |token: Option<&Token>, text: &str| token.is_some_and(|token| token.text() == text);
    let mut impls = BTreeSet::new();
    let mut page = String::new();
    for item in api.items() {
        let tokens: Vec<&Token> = item.tokens().collect();
        let line = item.to_string();
        let is_impl = tokens.iter().take(4).any(|token| is(Some(token), "impl")) && line.starts_with(['i', 'u']);
        let of_trait = is_impl && tokens.iter().any(|token| is(Some(token), "for"));
        if is_impl {
            // The methods of an inherent impl are listed with their type; those of a trait belong to the trait.
            if of_trait {
                impls.insert(item.id());
            }
            if !of_trait || DERIVED_ALONG.iter().any(|name| line.contains(name)) {
                continue;
            }
        } else if item.parent_id().is_some_and(|parent| impls.contains(&parent)) {
            continue;
        }
        page.push_str(&short(&line));
        page.push('\n');
    }
    page
}

/// What the compiler adds to other derives.
const DERIVED_ALONG: &[&str] = &["core::marker::StructuralPartialEq"];

/// Without the paths of the standard library, which are well known: `Option` for `core::option::Option`.
fn short(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(|c: char| c.is_ascii_lowercase()) {
        let (before, path) = rest.split_at(at);
        let inside = before.chars().last().or(out.chars().last()).is_some_and(|c| c.is_alphanumeric() || c == '_');
        out.push_str(before);
        let end = path.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(path.len());
        let (path, after) = path.split_at(end);
        let is_std = STD.iter().any(|root| path.strip_prefix(root).is_some_and(|path| path.starts_with("::")));
        match path.rsplit_once("::") {
            Some((_, name)) if is_std && !inside => out.push_str(name),
            _ => out.push_str(path),
        }
        rest = after;
    }
    out + rest
}

/// Roots of the standard library's paths, as rustdoc spells them.
const STD: &[&str] = &["alloc", "boxed", "collections", "core", "std", "string", "sync", "vec"];

/// rustdoc's description of the crate, built as an app builds it. The JSON is unstable: a small script makes the stable
/// rustdoc print it, and the compiler itself runs unchanged, so nothing is built twice.
fn rustdoc_json() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder within target");
    let rustdoc = std::env::var("RUSTDOC").unwrap_or_else(|_| "rustdoc".to_owned());
    let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rustdoc.sh");
    fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).unwrap();
    fs::write(&script, format!("#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec {rustdoc} \"$@\"\n")).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RUSTDOC", &script)
        .env_remove("RUSTDOCFLAGS")
        .args(["rustdoc", "--quiet", "--locked", "--offline", "--package", "byway", "--lib", "--target-dir"])
        .arg(target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "rustdoc: {}", String::from_utf8_lossy(&output.stderr));
    target.join("doc/byway.json")
}

#[test]
fn standard_paths_are_shortened_and_others_are_not() {
    for (long, line) in [
        ("pub fn byway::f() -> core::option::Option<string::String>", "pub fn byway::f() -> Option<String>"),
        ("pub byway::A::b: vec::Vec<jiff::timestamp::Timestamp>", "pub byway::A::b: Vec<jiff::timestamp::Timestamp>"),
        ("impl core::fmt::Debug for byway::source::Board", "impl Debug for byway::source::Board"),
        ("pub fn byway::store::at(&std::path::Path)", "pub fn byway::store::at(&Path)"),
    ] {
        assert_eq!(short(long), line);
    }
}
