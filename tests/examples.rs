//! Every program in examples/ runs to its end and prints what it is meant to show.
//!
//! `cargo test` builds them together with this test. A program that is older than its source fails the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// For each name, a part of its output.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "community_app",
        &[
            "Read through Tor in ",
            "- We meet on Friday at six.\nfirst reading: 1 posts\nnotify: 1 new posts\n",
            "offline: 2 posts, from the store\ncancelled: true\n",
            "link (show it beside the field): ",
            "unsupported (show it beside the field): ",
        ],
    ),
    (
        "custom_net",
        &[
            "open: The news. lookups 1, connects 1",
            "proxied: The news. lookups 0, connects 1, of them to the site itself 0",
        ],
    ),
    (
        "custom_source",
        &[
            "The gate\n- The meeting stands",
            "The connection is cut on this network when collective.example is named (TLS)",
        ],
    ),
    (
        "errors",
        &[
            "a strategy: input/no_host (show it beside the field)",
            "only Tor, and no Tor: not_permitted/exposure_forbids_all",
            "no token: credentials/no_token",
            "a cut name: unreached/unreached",
            "Directly: connection reset (TLS handshake) after 110 ms.",
            "a circle: refused/too_many_redirects",
            "what it hides: withheld/restricted",
            "a deleted page: not_found/gone",
            "offline: not_stored/not_stored",
            "a locked store: store_closed/store_locked",
            "a damaged store: store_damaged/store_corrupt",
            "a full store: store_full/store_full",
            "a photo: too_large/too_large",
            "a long file: broken_off/ended_by_host",
            "no runtime: internal/no_runtime",
        ],
    ),
    (
        "events",
        &[
            "access 1, 250 ms: Attempt 2, through a proxy (https): another one is silent.",
            "Reached through a proxy (https) in ",
            "The news.",
            "site.example",
        ],
    ),
    (
        "explain",
        &[
            "at once:  not_waited_for",
            "settled:  tls.silence.other_vantage (tls_interfered)",
            "directly: still waiting (TLS handshake)",
        ],
    ),
    (
        "first_post",
        &[
            "We meet on Friday at six.\n",
            "The connection is cut on this network when api.vk.ru is named (TLS). Read through Tor",
        ],
    ),
    (
        "reqwest_client",
        &[
            "The connection is cut on this network when api.example is named (TLS)",
            "201 Created {\"kept\":\"We meet on Friday at six.\"}",
        ],
    ),
    (
        "side_by_side",
        &["posts: 1 and 1, readings: 1\n", "given up: true, refreshed: 1\n", "given up: true, sent since: 0\n"],
    ),
];

#[test]
fn every_example_runs_and_says_what_it_is_there_to_say() {
    for (name, says) in EXAMPLES {
        let output = Command::new(built(name)).output().unwrap();
        let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{name}: {}\n{text}{errors}", output.status);
        assert_eq!(errors, "", "{name}");
        for part in *says {
            assert!(text.contains(part), "{name} does not say {part:?}:\n{text}");
        }
    }
}

#[test]
fn no_example_is_left_out() {
    let there: BTreeSet<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // Folders contain samples in other languages, which are built by those languages' tasks.
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let run: BTreeSet<String> = EXAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, run);
}

/// The program, which cargo puts into `examples/` next to the folder of the tests.
fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{name}.rs"));
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    let fresh = changed(&program).is_ok_and(|built| built >= changed(&source).unwrap());
    assert!(
        fresh,
        "{name} is not built as it is now; `cargo test` without `--test`, or `cargo build --examples`, does"
    );
    program
}
