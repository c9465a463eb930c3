//! The source of the program's first random byte: see "The first random byte" in docs/performance.md.

#![allow(clippy::expect_used, reason = "a test")]

use std::fs;

#[test]
fn byway_is_built_without_cpu_jitter_entropy() {
    let program = fs::read(env!("CARGO_BIN_EXE_byway")).expect("the program");
    // The symbols of AWS-LC are present, so a missing one is absent and not stripped.
    assert!(holds(&program, "CRYPTO_sysrand"), "the symbol table of AWS-LC is there");
    let jitter = ["jent_read_entropy", "jent_entropy_init"];
    let found: Vec<&str> = jitter.into_iter().filter(|symbol| holds(&program, symbol)).collect();
    assert!(found.is_empty(), "40 ms of CPU before the first random byte: {found:?}; see .cargo/config.toml");
}

/// Whether the program contains these bytes.
fn holds(program: &[u8], text: &str) -> bool {
    program.windows(text.len()).any(|window| window == text.as_bytes())
}
