//! Every enum that an app sees has a stable code for each variant, and `ALL` where its variants carry no data.
//!
//! The enums are those of api/byway.txt, the listing of the public surface.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use byway::community::{
    AdviceKind, AuthorKind, CommunityState, EventStatus, Field, HomeError, IdError, MirrorState, PostState, TrustState,
};
use byway::internals::signed::{CharterError, EnvelopeError, EventError, FileError, FreezeError, HeadError, WalkEnd};
use byway::source::{Identity, Replay, WebFormat};
use byway::{
    Action, BundleError, CertificateFault, CommunityLinkError, DestinationError, EchOutcome, ErrorKind, Exposure,
    FolderError, Language, Layer, LimitKind, MessageFault, MoveKind, NetworkKind, Observer, OnionKeyError, OpmlError,
    PageSimilarity, PolicyRule, Protocol, QueryType, ReadFrom, RedirectError, RoutePackError, RowFault, RuleId, Stage,
    StartReason, TorStall, TorTransportError, UrlError, VerdictCode, VkConfigError,
};

macro_rules! all {
    ($($name:ident)*) => {
        [$((stringify!($name), $name::ALL.iter().map(|one| one.code()).collect::<Vec<&'static str>>())),*]
    };
}

/// By type, the codes of all its variants.
pub(super) fn all() -> BTreeMap<&'static str, Vec<&'static str>> {
    all! {
        Action AdviceKind BundleError CommunityLinkError QueryType AuthorKind CertificateFault VerdictCode DestinationError EchOutcome ErrorKind FolderError EventStatus
        Exposure Field MessageFault HomeError IdError Identity Language Layer LimitKind MoveKind PageSimilarity NetworkKind Observer PostState
        OpmlError ReadFrom RedirectError Replay RowFault Stage StartReason PolicyRule Protocol RuleId RoutePackError CommunityState TorStall TorTransportError OnionKeyError UrlError VkConfigError
        WebFormat CharterError EnvelopeError EventError FileError FreezeError HeadError MirrorState TrustState WalkEnd
    }
    .into()
}

#[test]
fn codes_are_unique_within_their_enum() {
    for (name, codes) in all() {
        let unique: BTreeSet<_> = codes.iter().collect();
        assert_eq!(unique.len(), codes.len(), "{name}: {codes:?}");
        for code in codes {
            // The id of a rule has parts: `tls.reset.other_vantage`.
            let has_parts = name == "RuleId";
            let is_code = |c: char| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-' || (c == '.' && has_parts)
            };
            assert!(!code.is_empty() && code.chars().all(is_code), "{name}: `{code}`");
        }
    }
}

#[test]
fn every_public_enum_has_codes_and_all() {
    let listing = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("api/byway.txt")).unwrap();
    let faults = faults(&listing, &all().into_keys().collect());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_public_error_has_kind_code_and_sentence() {
    let listing = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("api/byway.txt")).unwrap();
    let faults = errors_at_fault(&listing);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    let bare = "impl Error for byway::A\nimpl Clone for byway::A\npub fn byway::A::kind(&self) -> byway::ErrorKind\n";
    let lacks = ["code()", "sentence()", "details()", "Serialize"].map(|what| format!("byway::A lacks {what}"));
    assert_eq!(errors_at_fault(bare), lacks);
}

/// Evidence is not an answer to an app, and a key provider's reason is part of the store's error.
const NO_ANSWERS: [&str; 2] = ["byway::Failure", "byway::KeyError"];

/// What an error of the listing lacks.
fn errors_at_fault(listing: &str) -> Vec<String> {
    let errors = listing.lines().filter_map(|line| line.strip_prefix("impl ")?.split_once("Error for "));
    let mut faults = Vec::new();
    for (_, name) in errors.filter(|(path, name)| matches!(*path, "" | "core::error::") && !NO_ANSWERS.contains(name)) {
        for method in ["kind", "code", "sentence", "details"] {
            if !listing.contains(&format!("pub fn {name}::{method}(")) {
                faults.push(format!("{name} lacks {method}()"));
            }
        }
        for (what, line) in [("Clone", "Clone for"), ("Serialize", "Serialize for")] {
            if !listing.lines().any(|at| at.starts_with("impl") && at.ends_with(&format!("{line} {name}"))) {
                faults.push(format!("{name} lacks {what}"));
            }
        }
    }
    faults
}

#[test]
fn a_listed_enum_without_codes_is_found() {
    let listing = "pub enum byway::A\npub byway::A::One\npub byway::A::Two\npub fn byway::A::code(self) -> &'static str\n\
        pub enum byway::x::B\npub byway::x::B::One(u8)\npub fn byway::x::B::codes()\npub enum byway::C\npub byway::C::One\n\
        pub byway::C::One::field: u8\npub fn byway::C::code(&self) -> &'static str\n";
    assert_eq!(faults(listing, &BTreeSet::new()), ["byway::A has no ALL", "byway::x::B has no code()"]);
    let whole = "pub enum byway::A\npub byway::A::One\npub fn byway::A::code(self) -> &'static str\n\
        pub const byway::A::ALL: &'static [Self]\n";
    assert_eq!(faults(whole, &BTreeSet::new()), ["byway::A is not tested here: add it to `all`"]);
    assert!(faults(whole, &["A"].into()).is_empty());
}

/// What an enum of the listing lacks. `tested`: those whose codes are tested here.
fn faults(listing: &str, tested: &BTreeSet<&str>) -> Vec<String> {
    let enums = listing.lines().filter_map(|line| line.split_once("pub enum ").map(|(_, name)| name));
    let mut faults = Vec::new();
    for name in enums {
        let name = name.split(['<', ' ']).next().unwrap();
        let of = |start: &str| {
            let start = format!("{start} {name}::");
            listing.lines().filter_map(move |line| line.strip_prefix(&start).map(str::to_owned)).collect::<Vec<_>>()
        };
        if !of("pub fn").iter().any(|method| method.starts_with("code(")) {
            faults.push(format!("{name} has no code()"));
        }
        let has_data = of("pub").iter().any(|variant| variant.contains(['(', ':']));
        let has_all = of("pub const").iter().any(|constant| constant.starts_with("ALL: &'static [Self]"));
        if !has_data && !has_all {
            faults.push(format!("{name} has no ALL"));
        }
        if has_all && !tested.contains(name.rsplit("::").next().unwrap()) {
            faults.push(format!("{name} is not tested here: add it to `all`"));
        }
    }
    faults
}
