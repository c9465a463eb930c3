//! Every code of an error that an app can meet is provoked by a case that all languages run (`bindings/cases.json`), or
//! is listed here with the reason why not. The codes are read from `docs/errors.md`, which another test compares with
//! the sources.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Codes that no case provokes, by their list, and why. `*` is the whole list.
const NOT_PROVOKED: &[(&str, &str, &str)] = &[
    ("BuildError", "root_certificates", "the FFI parses the certificates itself, and answers with RootsError"),
    ("BuildError", "no_runtime", "the FFI makes its runtime; a system without threads cannot be had in a test"),
    ("PlanError", "no_strategy", "where none is given, it is `direct:`"),
    ("PlanError", "advice_forbids_all", "an access answers with the code of its own list, and the kind not_permitted"),
    ("PlanError", "on_this_device", "as advice_forbids_all"),
    ("PlanError", "onion_needs_tor", "as advice_forbids_all"),
    ("OpenFault", "unsupported", "a link of another platform is refused as a link before a source is asked"),
    ("OpenFault", "move_not_followed", "needs communities that move: tests of the core, in virtual time"),
    ("AttachmentFault", "move_not_followed", "as that of OpenFault"),
    ("OpenFault", "still_read", "needs another reading that takes all the time: tests of the core, in virtual time"),
    ("SourceError", "token_names_reader", "needs VkToken.User: the Kotlin test of tokens"),
    ("SourceError", "gone", "where a community is gone, what is known of it is the answer"),
    ("SourceError", "restricted", "needs a platform that hides it in every country: tests of the core"),
    ("SourceError", "bad_answer", "needs a platform that breaks its own protocol: tests of the core"),
    ("SourceError", "no_feed", "needs a site without a feed: tests of the core"),
    ("SourceError", "no_preview", "needs a page of Telegram's: tests of the core"),
    ("SourceError", "own_source", "sources of the app's own do not cross"),
    ("SourceError", "source_panicked", "as own_source"),
    ("SourceError", "not_genuine", "as CharterError"),
    ("SourceError", "unsupported", "as OpenFault"),
    ("MomentError", "*", "no text of a moment is taken from an app"),
    ("FetchError", "too_many_redirects", "needs a host with a circle: the tests of OkHttp and URLSession"),
    ("FetchError", "exposure_raised", "needs a race between two calls: tests of the core"),
    ("FetchError", "redirect", "answers with the code of RedirectError"),
    ("FetchError", "upload", "needs a body that fails: the tests of OkHttp and URLSession"),
    ("StreamError", "*", "needs a host that changes its file while it is read: tests of the core"),
    ("RedirectError", "two_locations", "needs a host that breaks the protocol: tests of the core"),
    ("RedirectError", "private_address", "the lab is a private address itself: tests of the core"),
    ("RedirectError", "downgrade", "needs a login or a community that is not read openly: tests of the core"),
    ("RedirectError", "body", "needs a host that asks for it: tests of the core"),
    ("UrlError", "malformed", "an access answers with the code `url`"),
    ("UrlError", "unaskable", "as malformed"),
    ("SignedIdError", "*", "no id is taken from an app by itself, only links"),
    ("CharterError", "*", "needs a mirror that lies: tests of the core, in virtual time"),
    ("ChainError", "*", "as CharterError"),
    ("HeadError", "*", "as CharterError"),
    ("EventError", "*", "as CharterError"),
    ("EnvelopeError", "*", "as CharterError"),
    ("FileError", "*", "as CharterError"),
    ("FreezeError", "*", "as CharterError"),
    ("BundleError", "*", "a bundle is a file: tests of each language and of the core"),
    ("FolderError", "*", "a folder of the device: tests of the core and of the command"),
    ("RoutePackError", "*", "needs folders of an admin: tests of each language and of the core"),
    ("PublishError", "*", "needs folders of an admin: tests of each language and of the core"),
    ("UploadCredentialsError", "*", "needs a server to write to: tests of each language and of the core"),
    ("UploadError", "*", "needs a server to write to: tests of each language and of the core"),
    ("UploadTargetError", "*", "needs folders of an admin: tests of each language and of the core"),
    ("CardError", "*", "needs key files of an admin: tests of each language and of the core"),
    ("OpmlError", "*", "tests of the core and contract tests of the layers"),
    ("DestinationError", "no_port", "a proxy has a usual port, and an address by hand its own form"),
    ("StoreError", "store_busy", "needs another process: tests of the core"),
    ("StoreError", "store_already_open", "two instances on one folder: tests of each language"),
    ("StoreError", "store_wrong_key", "a second key: tests of each language"),
    ("StoreError", "store_corrupt", "a damaged file: tests of the core"),
    ("StoreError", "store_missing", "as store_corrupt"),
    ("StoreError", "store_link", "as store_corrupt"),
    ("StoreError", "store_newer", "as store_corrupt"),
    ("StoreError", "store_full", "the least limit holds a small community: tests of the core"),
    ("StoreError", "disk_full", "a test cannot fill the disk"),
    ("StoreError", "bad_item", "a fault of Byway itself"),
    ("StoreError", "store_io", "root may do all: tests of the core"),
    ("StoreError", "store_fault", "a fault of the database itself"),
    ("KeyError", "store_no_key", "an app's own provider: tests of each language"),
    ("KeyFileError", "*", "files of keys: tests of each language and of the core"),
    ("StrategyError", "login_too_long", "tests of the core"),
    ("StrategyError", "tor_not_built_in", "depends on the features of the build: tests of the core"),
    ("StrategyError", "tor_takes_no_host", "tests of the core"),
    ("StrategyError", "bridge_form", "depends on the features of the build: tests of the core"),
    ("StrategyError", "bridge_parameters", "as bridge_form"),
    ("StrategyError", "bridge_count", "as bridge_form"),
    ("StrategyError", "bridge_twice", "as bridge_form"),
    ("StrategyError", "bridge_not_here", "tests of the core"),
    ("TorTransportError", "tor_transport_form", "a transport crosses as a value, not as a text"),
    ("FingerprintsError", "too_many_rows", "tests of the core"),
];

#[test]
fn every_code_has_a_case_or_a_reason() {
    let cases = provoked();
    let codes = documented();
    assert!(codes.len() > 150, "the page is read: {}", codes.len());
    let missing: Vec<_> =
        codes.iter().filter(|(list, code)| !cases.contains(code) && reason(list, code).is_none()).collect();
    assert!(missing.is_empty(), "neither in bindings/cases.json nor here with a reason: {missing:#?}");
}

#[test]
fn reasons_are_of_codes_without_a_case() {
    let (cases, codes) = (provoked(), documented());
    for (list, code, _) in NOT_PROVOKED {
        let known = codes.iter().any(|(of, known)| of == list && (known == code || *code == "*"));
        assert!(known, "{list} has no `{code}` any more");
        assert!(!cases.contains(*code), "a case provokes `{code}` of {list}");
    }
}

fn reason(list: &str, code: &str) -> Option<&'static str> {
    let found = NOT_PROVOKED.iter().find(|(of, known, _)| *of == list && (*known == code || *known == "*"));
    found.map(|(_, _, why)| *why)
}

/// The codes that the cases expect.
fn provoked() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    errors_in(&serde_json::from_str(&read("cases.json")).unwrap(), &mut found);
    found
}

/// What is under `error`, as a code or as an object with one, and the codes of rows that are skipped.
fn errors_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| errors_in(item, found)),
        Value::Object(fields) => {
            let error = fields.get("error").map(|error| error.get("code").unwrap_or(error));
            let skipped = fields.get("skipped").and_then(Value::as_array).into_iter().flatten();
            found.extend(error.into_iter().chain(skipped).filter_map(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| errors_in(field, found));
        }
        _ => {}
    }
}

/// The lists of errors of the page: each code with the type whose list it is in.
fn documented() -> BTreeSet<(String, String)> {
    let mut codes = BTreeSet::new();
    let mut list = None;
    for line in read("../docs/errors.md").lines() {
        if let Some(heading) = line.strip_prefix('#') {
            // The last type that a heading names: `OpenError`: its `OpenFault`.
            let named = heading.split('`').skip(1).step_by(2).last().unwrap_or_default();
            let of_errors = ["Error", "Fault"].iter().any(|end| named.ends_with(end));
            list = (of_errors && !EVIDENCE.contains(&named)).then(|| named.to_owned());
        } else if let (Some(list), Some(row)) = (&list, line.strip_prefix("| `")) {
            codes.extend(row.split_once('`').map(|(code, _)| (list.clone(), code.to_owned())));
        }
    }
    codes
}

/// Lists of evidence, whose codes no error has.
const EVIDENCE: [&str; 3] = ["AnswerFault", "CertificateFault", "MessageFault"];

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)).unwrap()
}
