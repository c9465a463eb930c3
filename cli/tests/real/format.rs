//! The format of signed communities, read by a program of another language: `docs/verify.py`, which was written from
//! `docs/format.md`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::daemon::demand_tool;

#[test]
fn the_reader_in_python_passes_every_vector() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let vectors: Vec<_> = fs::read_dir(docs.join("vectors")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(vectors.len() >= 8, "{vectors:?}");
    let python = demand_tool("verify/bin/python");
    let ended = Command::new(python).arg("-B").arg(docs.join("verify.py")).args(&vectors).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(said.contains(" 0 with another result"), "{said}");
}
