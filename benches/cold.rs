//! A process that fetches one page on loopback and ends: `byway get`, compared with curl, and with a program with
//! reqwest. `cargo bench --bench cold`.
//!
//! Every start of an app pays for what a library does before its first request: a provider, roots, the first random
//! byte. The program with reqwest is this bench itself, started with other arguments: its TLS is that of `benches/get`.
//! The sides take turns, process by process. The medians of the time from the start of a process to its end are
//! compared.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]
#![allow(dead_code, reason = "each bench uses its part of what they share")]

#[path = "measure/account.rs"]
mod account;
#[path = "get/origin.rs"]
mod origin;
#[path = "get/tls.rs"]
mod tls;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use account::{Account, Line, median, ratio, shown};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use origin::{HOST, Origin};
use rustls::pki_types::CertificateDer;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, url, address, authority] = words.as_slice()
        && word == AS_REQWEST
    {
        return fetch(url, address.parse().expect("an address"), fs::read(authority).expect("an authority"));
    }
    let program = built();
    let origin = Origin::start(false);
    let folder = tempfile::tempdir().expect("a folder");
    let (der, pem) = (folder.path().join("authority.der"), folder.path().join("authority.pem"));
    fs::write(&der, &origin.authority).expect("a file");
    fs::write(&pem, text(&origin.authority)).expect("a file");
    let commands = |side: usize| command(side, &program, &origin, &der, &pem);

    let mut samples: [Vec<Duration>; 3] = Default::default();
    for round in 0..ROUNDS + WARM_UP {
        for turn in 0..samples.len() {
            let side = (round + turn) % samples.len();
            let mut command = commands(side);
            let started = Instant::now();
            let output = command.output();
            let took = started.elapsed();
            let output = output.expect("curl, and what was built here, start");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && output.stdout.len() >= origin::SMALL, "{command:?}: {said}");
            if round >= WARM_UP {
                samples[side].push(took);
            }
        }
    }
    let [ours, curl, reqwest] = samples.each_mut().map(|samples| median(samples));
    let mut account = Account::of("cold");
    for (theirs, name, claim) in [(curl, "curl", CLAIM_CURL), (reqwest, "a program with reqwest", CLAIM_REQWEST)] {
        let (times, sentence) = claim;
        account.line(Line {
            what: format!("a process that fetches 1 KB, beside {name}"),
            ours: shown(ours),
            other: format!("{name} {}", shown(theirs)),
            ratio: ratio(ours, theirs),
            claim: sentence.to_owned(),
            held: Some(ours <= theirs.mul_f64(times)),
        });
    }
    account.write();
}

/// The command `byway`, built like a release.
fn built() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["build", "--release", "--locked", "--package", "byway-cli"];
    let built = Command::new(cargo).current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).status();
    assert!(built.is_ok_and(|status| status.success()), "`byway` is built");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target's folder");
    target.join("release/byway")
}

/// The arguments of one side. Each prints the page.
fn command(side: usize, program: &Path, origin: &Origin, der: &Path, pem: &Path) -> Command {
    let (address, port) = (origin.address, origin.address.port());
    let url = format!("https://{HOST}:{port}/small");
    let resolve = format!("{HOST}:{port}:{}", address.ip());
    let mut command = match side {
        BYWAY => {
            let mut command = Command::new(program);
            command.args(["get", &url, "--resolve", &resolve, "--ca"]).arg(pem);
            command
        }
        CURL => {
            let mut command = Command::new("curl");
            // It does not accept a server's own certificate as an authority, which costs it a check and no round trip.
            command.args([
                "--disable",
                "--silent",
                "--show-error",
                "--noproxy",
                "*",
                &url,
                "--resolve",
                &resolve,
                "--insecure",
            ]);
            command
        }
        _ => {
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args([AS_REQWEST, &url, &address.to_string()]).arg(der);
            command
        }
    };
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

const BYWAY: usize = 0;
const CURL: usize = 1;

/// The argument that makes this program the one with reqwest.
const AS_REQWEST: &str = "--as-reqwest";

/// What the program with reqwest does.
fn fetch(url: &str, address: SocketAddr, authority: Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls::same(CertificateDer::from(authority)))
        .resolve(HOST, address)
        .build()
        .expect("a client");
    let body =
        runtime.block_on(async { client.get(url).send().await.expect("an answer").text().await.expect("a body") });
    println!("{body}");
}

/// A certificate as PEM (RFC 7468).
fn text(certificate: &CertificateDer<'_>) -> String {
    let lines: Vec<String> = STANDARD
        .encode(certificate)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

const ROUNDS: usize = 100;
const WARM_UP: usize = 5;

const CLAIM_CURL: (f64, &str) = (1.0, "no more than curl");
const CLAIM_REQWEST: (f64, &str) = (1.5, "at most 1.5 times");
