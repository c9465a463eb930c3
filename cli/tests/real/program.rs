//! The program under test.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::censor;
use crate::origin::{NAME, Origin};

/// The result of a run of `byway`.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The one document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON document ({error}): {self}"))
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n{}\n{}", self.code, self.stdout, self.stderr)
    }
}

/// Runs `byway` with the origin's authority trusted and the direct path leading to the censor.
pub(crate) fn byway(origin: &Origin, strategies: &[&str], arguments: &[&str]) -> Run {
    byway_at(origin, &censor::ADDRESS.to_string(), origin.port, strategies, arguments)
}

/// The same, with the direct path to this port of the origin leading to this address.
pub(crate) fn byway_at(origin: &Origin, address: &str, port: u16, strategies: &[&str], arguments: &[&str]) -> Run {
    let resolve = format!("{NAME}:{port}:{address}");
    let ca = origin.ca().display().to_string();
    let strategies = strategies.iter().flat_map(|strategy| ["--strategy", strategy]);
    let arguments = arguments.iter().copied().chain(strategies).chain(["--resolve", &resolve, "--ca", &ca]);
    byway_with(&arguments.collect::<Vec<_>>())
}

/// Runs `byway`.
pub(crate) fn byway_with(arguments: &[&str]) -> Run {
    let mut command = Command::new("timeout");
    // Longer than `byway` itself ever takes: a hang must not hang the tests.
    command.arg("120").arg(env!("CARGO_BIN_EXE_byway")).args(arguments);
    finish(&mut command)
}

/// Options with which `open` reads the origin as the platform's API.
pub(crate) fn api(origin: &Origin, token: &Path) -> Vec<String> {
    let token = token.display().to_string();
    vec!["--vk-api".into(), origin.url() + "/method", "--vk-token-file".into(), token]
}

fn finish(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } =
        command.stdin(Stdio::null()).env_remove("BYWAY_VK_TOKEN").env("LC_ALL", "C.UTF-8").output().unwrap();
    Run {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}
