//! The program `byway` with real packets: a client, a router that censors, and an internet, each in a network namespace.
//!
//! `cargo xtask netns-test` runs it, as root on Linux. It has a main of its own because each row starts this binary
//! again, inside namespaces, as the internet's machines and as the censor.
//!
//! Every row is also played in the virtual lab. The two must agree on the verdict's code and layer, on the way by which
//! it was read, and on what was read; where they do not, the row says why.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test that prints a table")]

mod namespaces;
mod play;
mod rows;
mod scene;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rows::{Row, rows};
use scene::Stage;

/// Rows at a time: most of each is waiting for what does not come.
const AT_A_TIME: usize = 6;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["machines", scene, ca_file] => scene::be_the_machines(&scene_named(scene), Path::new(ca_file)),
        ["censor", scene] => scene::be_the_censor(&scene_named(scene)),
        ["run", filter @ ..] => return run(filter),
        // `cargo test` of everything comes here.
        _ => println!("netns: not run. Real packets need root: `cargo xtask netns-test` runs it."),
    }
    ExitCode::SUCCESS
}

fn scene_named(name: &str) -> rows::Scene {
    let found = rows().into_iter().map(|row| row.scene).find(|scene| scene.name == name);
    found.unwrap_or_else(|| panic!("no scene is called `{name}`"))
}

/// Plays every row whose name holds one of these words, or all.
fn run(filter: &[&str]) -> ExitCode {
    if let Err(missing) = demand() {
        eprintln!("netns: {missing}");
        return ExitCode::FAILURE;
    }
    std::panic::set_hook(Box::new(|_| {}));
    let chosen = |name: &str| filter.is_empty() || filter.iter().any(|word| name.contains(word));
    let rows: Vec<Row> = rows().into_iter().filter(|row| chosen(&row.scene.name)).collect();
    let began = Instant::now();
    let waiting = Mutex::new(rows.iter());
    let failures: Vec<String> = std::thread::scope(|scope| {
        let worker = || {
            let mut failures = Vec::new();
            while let Some(row) = next(&waiting) {
                if let Err(why) = judge(row) {
                    failures.push(why);
                }
            }
            failures
        };
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    for why in &failures {
        println!("\n{why}");
    }
    println!("\n{} rows, {} failed, {:.1} s", rows.len(), failures.len(), began.elapsed().as_secs_f64());
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn next<'a, T>(waiting: &Mutex<impl Iterator<Item = &'a T>>) -> Option<&'a T> {
    waiting.lock().unwrap().next()
}

/// Plays one row on both faces, and says in one line what came of it.
fn judge(row: &Row) -> Result<(), String> {
    let name = &row.scene.name;
    let began = Instant::now();
    let outcome = catching(|| {
        let virtually = play::virtually(row);
        let stage = Stage::set(&row.scene);
        let really = catching(|| play::really(row, &stage)).map_err(|why| format!("{why}\n{}", stage.logs()))?;
        let expected = row.virtually.as_ref().map_or(&row.told, |(told, _)| told);
        if !virtually.told.meets(expected) {
            let (told, account) = (&virtually.told, &virtually.account);
            return Err(format!(
                "the virtual lab says: {told} [{}]\nexpected:             {expected}\n{account}",
                virtually.rule
            ));
        }
        if !really.told.meets(&row.told) {
            let (told, account) = (&really.told, &really.account);
            let logs = stage.logs();
            return Err(format!("packets say: {told} [{}]\nexpected:    {}\n{account}\n{logs}", really.rule, row.told));
        }
        if row.virtually.is_none() && virtually.told != really.told {
            return Err(format!("packets say: {}\nthe virtual lab: {}", really.told, virtually.told));
        }
        Ok(really)
    });
    let took = Duration::as_secs_f64(&began.elapsed());
    match outcome.and_then(|inner| inner) {
        Ok(really) => {
            println!("ok      {took:>5.1} s  {name:<58} {} [{}]", really.told, really.rule);
            if let Some((told, why)) = &row.virtually {
                println!("                 the virtual lab says {told}: {why}");
            }
            Ok(())
        }
        Err(why) => {
            println!("FAILED  {took:>5.1} s  {name}");
            Err(format!("--- {name}\n{why}"))
        }
    }
}

/// What a panic said, as an error.
fn catching<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
    })
}

/// What must be there, or why this cannot run.
fn demand() -> Result<(), String> {
    let quiet = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !quiet("unshare", &["--net", "--mount", "true"]) {
        return Err("run as root on Linux: it makes network namespaces".into());
    }
    for (program, version) in [("nft", "--version"), ("tcpdump", "--version"), ("faketime", "--version"), ("ip", "-V")]
    {
        if !quiet(program, &[version]) {
            return Err(format!("`{program}` is missing: cargo xtask install"));
        }
    }
    Ok(())
}
