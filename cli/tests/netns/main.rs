//! The program `byway` with real packets: a client, a router that censors, and an internet, each in a network
//! namespace.
//!
//! `cargo xtask netns-test` runs it, as root on Linux. It has its own main because each row starts this binary again,
//! inside namespaces, as the internet's machines and as the censor.
//!
//! Every row is also played in the virtual lab. The two must agree on the verdict's code and layer, on the route that
//! read the content, and on what was read. If they differ, the row says why. Other tests count every packet of readers
//! with a raised exposure, and of a Tor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test that prints a table")]

mod capture;
mod handshakes;
mod hellos;
mod leaks;
mod namespaces;
mod play;
mod rows;
mod scene;
mod tor_packets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use leaks::{Leak, leaks};
use rows::{Row, Scene, rows};

/// Cases at a time: most of each consists of waiting for something that does not come.
const AT_A_TIME: usize = 6;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["machines", scene, ca_file] => scene::be_the_machines(&scene_named(scene), Path::new(ca_file)),
        ["censor", scene] => scene::be_the_censor(&scene_named(scene)),
        ["session", exposure, ca_file, store] => leaks::be_a_session(exposure, Path::new(ca_file), Path::new(store)),
        ["private-tor"] => tor_packets::be_the_network(),
        ["tor-app", about] => tor_packets::be_an_app(about),
        ["hellos", way, count, ca_file] => hellos::be_an_app(way, count.parse().unwrap(), Path::new(ca_file)),
        ["run", filter @ ..] => return run(filter),
        // `cargo test` of everything comes here.
        _ => println!("netns: not run. Real packets need root: `cargo xtask netns-test` runs it."),
    }
    ExitCode::SUCCESS
}

fn scene_named(name: &str) -> rows::Scene {
    let scenes = rows().into_iter().map(|row| row.scene).chain(leaks().into_iter().map(|leak| leak.scene));
    let found =
        { scenes.chain([hellos::scene(), handshakes::scene(), tor_packets::scene()]) }.find(|scene| scene.name == name);
    found.unwrap_or_else(|| panic!("no scene is called `{name}`"))
}

/// A case with its own network.
enum Case {
    Row(Box<Row>),
    Leak(Leak),
    Hellos(Scene),
    Handshakes(Scene),
    Tor(Scene),
}

impl Case {
    fn name(&self) -> &str {
        match self {
            Case::Row(row) => &row.scene.name,
            Case::Leak(leak) => &leak.scene.name,
            Case::Hellos(scene) | Case::Handshakes(scene) | Case::Tor(scene) => &scene.name,
        }
    }

    /// The result in one line, or the error.
    fn judge(&self) -> Result<String, String> {
        match self {
            Case::Row(row) => play::judge(row),
            Case::Leak(leak) => Ok(leaks::count(leak)),
            Case::Hellos(scene) => Ok(hellos::count(scene)),
            Case::Handshakes(scene) => Ok(handshakes::count(scene)),
            Case::Tor(scene) => Ok(tor_packets::count(scene)),
        }
    }
}

/// Runs everything whose name contains one of these words, or all.
fn run(filter: &[&str]) -> ExitCode {
    if let Err(missing) = demand() {
        eprintln!("netns: {missing}");
        return ExitCode::FAILURE;
    }
    // The text of a panic is printed once, next to its case.
    std::panic::set_hook(Box::new(|_| {}));
    // The longest come first.
    let counted =
        [Case::Tor(tor_packets::scene()), Case::Hellos(hellos::scene()), Case::Handshakes(handshakes::scene())];
    let all = counted
        .into_iter()
        .chain(leaks().into_iter().map(Case::Leak))
        .chain(rows().into_iter().map(|row| Case::Row(Box::new(row))));
    let chosen = |case: &Case| filter.is_empty() || filter.iter().any(|word| case.name().contains(word));
    let cases: Vec<Case> = all.filter(chosen).collect();
    let began = Instant::now();
    let waiting = Mutex::new(cases.iter());
    let failures: Vec<String> = std::thread::scope(|scope| {
        let worker = || {
            let mut failures = Vec::new();
            while let Some(case) = next(&waiting) {
                failures.extend(tried(case).err());
            }
            failures
        };
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    for why in &failures {
        println!("\n{why}");
    }
    println!("\n{} tried, {} failed, {:.1} s", cases.len(), failures.len(), began.elapsed().as_secs_f64());
    // A filter without a match has tested nothing.
    if failures.is_empty() && !cases.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn next<'a, T>(waiting: &Mutex<impl Iterator<Item = &'a T>>) -> Option<&'a T> {
    waiting.lock().unwrap().next()
}

/// Tries one case, and prints its line.
fn tried(case: &Case) -> Result<(), String> {
    let (name, began) = (case.name(), Instant::now());
    let outcome = catching(|| case.judge()).and_then(|inner| inner);
    let took = began.elapsed().as_secs_f64();
    match outcome {
        Ok(told) => println!("ok      {took:>5.1} s  {name:<60} {told}"),
        Err(why) => {
            println!("FAILED  {took:>5.1} s  {name}");
            return Err(format!("--- {name}\n{why}"));
        }
    }
    Ok(())
}

/// The text of a panic as an error.
pub(crate) fn catching<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
    })
}

/// Checks the requirements, and returns why this cannot run.
fn demand() -> Result<(), String> {
    let quiet = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !quiet("unshare", &["--net", "--mount", "true"]) {
        return Err("run as root on Linux: it makes network namespaces".into());
    }
    for (program, version) in [
        ("nft", "--version"),
        ("tcpdump", "--version"),
        ("faketime", "--version"),
        ("ip", "-V"),
        ("tor", "--version"),
        ("obfs4proxy", "--version"),
    ] {
        if !quiet(program, &[version]) {
            return Err(format!("`{program}` is missing: cargo xtask install"));
        }
    }
    Ok(())
}
