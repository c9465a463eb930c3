//! The project's tasks, run as `cargo xtask TASK`.
//!
//! `cargo xtask test` is the whole gate: a change that passes it may land, and CI runs nothing else. It is made of
//! [`Step`]s, each of which is one command that a person can run by hand. A failed step does not stop the next ones, so
//! one run reports everything. Nothing is skipped silently: an unchecked step has its own line and is counted.
//!
//! Only the standard library is used: this crate must build in a second on a machine that has nothing yet.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to a person at a terminal")]

use std::process::ExitCode;

use mobile::Tor;
use step::Step;

mod aar;
mod bench;
mod bench_bindings;
mod bindings;
mod cargo;
mod coincurve;
mod deny;
mod fuzz;
mod go;
mod ical_js;
mod jar;
mod kotlin;
mod mobile;
mod packages;
mod resident;
mod shadowsocks;
mod size;
mod step;
mod swift;
mod versitygw;

const HELP: &str = "\
The tasks of this project.

Usage: cargo xtask TASK

  test        everything below, then all tests: what CI runs
  install     install the Debian packages that the tests need (as root), build the Shadowsocks and the S3 server that they use,
              and download ical.js and coincurve
  fmt         is the code formatted? (`cargo fmt` formats it)
  lint        clippy, warnings denied
  docs        rustdoc with private items, warnings denied
  deny        licences, bans and sources of dependencies, known vulnerabilities
  bindings    generate the Kotlin and the Swift that call byway-ffi; `--check`: is the committed Swift what is generated?
  kotlin      build, test and package the Kotlin library (part of `test`)
  aar         lay out the archive for Android from the ABIs that are built (see docs/android.md); `--with-tor`: the one with Tor
              inside
  jar         the Kotlin library for desktops and servers with this machine's native library, with its sources and documentation,
              as a Maven repository in target/jar-repository (takes minutes; needs a network; not part of `test`)
  aar-users   test an app that has the archive only (after `kotlin`, of which it is a part)
  aar-tor     test an app that reads by the Tor inside the archive, in a private Tor network (after `kotlin`, of which it is a part)
  kotlin-package NAME
              give the Kotlin library another package, in every file that names it
  netns-test  byway with real packets, between network namespaces (as root on Linux; part of `test` there)
  tornet      a private Tor network on this machine, to try `byway` over it; Enter ends it (as root on Linux; not part of `test`)
  swift       the Swift package: generated code, tests over the lab, consumers, sample (gets Swift 6 as root on Debian)
  swift-tor   test a program that reads by the Tor inside the packaged Swift library, in a private Tor network (part of `test`)
  bench-bindings
              what a Kotlin and a Swift app meet, measured with the release library, into docs/performance.md (takes minutes; needs a
              network; not part of `test`)
  xcframework the Rust library as static frameworks for Xcode, into target/xcframework (on macOS); `--with-tor`: the one with Tor
              inside, into target/with-tor/xcframework; `--with-s3`: one that uploads to S3 buckets too
  bench       measure, print one table, and write docs/performance.md (takes minutes; not part of `test`)
  bench-tor   the Tor within the program beside C-tor, by turns in a private Tor network, into docs/performance.md (needs Debian's
              package tor; takes minutes; not part of `test`)
  size        build byway-ffi for size, measure it and what it costs a process (needs python3), and write docs/size.md (takes
              minutes; not part of `test`); fails where it grew, unless `--accept`; `--with-tor` prints the size with Tor inside
  fuzz-smoke  every fuzz target for a minute, or `--seconds N`, where cargo-fuzz and a nightly toolchain are present
              (not part of `test`, which runs the same targets over their seeds and random bytes)
  help        this text
";

/// The description of `netns-test`.
const PACKETS: &str = "the program with real packets: a client, a censoring router, an internet";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let steps = match task.as_slice() {
        ["test"] if std::env::var_os(INCREMENTAL).is_none() => return without_incremental_data(),
        ["test"] => {
            let mut steps = install();
            steps.push(Step::essential("fetch", "download the crates of the lock file", cargo::fetch));
            steps.extend(fmt());
            steps.extend(lint());
            steps.extend(docs());
            steps.extend(deny());
            steps.extend(bindings_check());
            steps.push(Step::new("tests", "all tests, in a network that holds nothing but loopback", cargo::test));
            steps.push(Step::new("tests-s3", "the uploads of an app's library with buckets", cargo::test_s3));
            steps.push(Step::new("netns-test", PACKETS, cargo::netns_test_where_possible));
            steps.extend(kotlin());
            steps.extend(swift_package());
            steps.push(swift_tor());
            steps
        }
        ["install"] => install(),
        ["fmt"] => fmt(),
        ["lint"] => lint(),
        ["docs"] => docs(),
        ["deny"] => deny(),
        ["bindings"] => {
            vec![Step::new("bindings", "generate the Kotlin and the Swift that call byway-ffi", bindings::generate)]
        }
        ["bindings", "--check"] => bindings_check(),
        ["kotlin"] => kotlin(),
        ["size"] => size(false),
        ["size", "--accept"] => size(true),
        ["size", "--with-tor"] => {
            vec![Step::new("size", "how large the library is with Tor inside", size::measure_with_tor)]
        }
        ["aar"] => aar(Tor::Without),
        ["aar", "--with-tor"] => aar(Tor::Inside),
        ["aar-users"] => aar_users(),
        ["jar"] => {
            vec![Step::new("jar", "the jar for desktops and servers, with sources and documentation", jar::build)]
        }
        ["aar-tor"] => aar_tor(),
        ["kotlin-package", name] => {
            let name = (*name).to_owned();
            vec![Step::new("kotlin-package", "another package for the Kotlin library", move || {
                kotlin::package::rename(&name)
            })]
        }
        ["netns-test"] => vec![Step::new("netns-test", PACKETS, cargo::netns_test)],
        ["tornet"] => vec![Step::new("tornet", "a private Tor network to try, until Enter", cargo::tornet)],
        ["swift"] => swift_package(),
        ["swift-tor"] => vec![
            Step::essential("library", "the library with Tor inside, in a debug build", mobile::make_debug_libraries),
            swift_tor(),
        ],
        ["bench-bindings"] => {
            vec![Step::new("bench-bindings", "what a Kotlin and a Swift app meet, measured", bench_bindings::measure)]
        }
        ["xcframework"] => xcframework(Tor::Without, &[]),
        ["xcframework", "--with-tor"] => xcframework(Tor::Inside, &[]),
        ["xcframework", "--with-s3"] => xcframework(Tor::Without, &["s3"]),
        ["xcframework", "--with-tor", "--with-s3"] => xcframework(Tor::Inside, &["s3"]),
        ["bench"] => vec![
            Step::essential("measure", "the benches, one after the other", bench::measure),
            Step::new("table", "what was measured, into docs/performance.md", bench::table),
        ],
        ["bench-tor"] => vec![
            Step::essential(
                "measure",
                "the Tor within the program beside C-tor, in a private network",
                bench::measure_tor,
            ),
            Step::new("table", "what was measured, into docs/performance.md", bench::table_of_tor),
        ],
        ["fuzz-smoke"] => fuzz(fuzz::SECONDS),
        ["fuzz-smoke", "--seconds", seconds] => match seconds.parse() {
            Ok(seconds @ 1..) => fuzz(seconds),
            _ => {
                eprintln!("`{seconds}` is no number of seconds.");
                return ExitCode::from(2);
            }
        },
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        [] => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
        other => {
            eprintln!("There is no task `{}`; `cargo xtask help` lists them.", other.join(" "));
            return ExitCode::from(2);
        }
    };
    step::run(&steps)
}

/// Cargo's variable: whether it keeps what the next build of the same crate can use.
const INCREMENTAL: &str = "CARGO_INCREMENTAL";

/// The whole gate builds each crate once. What cargo would keep for a next time takes a third of the folder `target`, which fills
/// a small machine's disk.
fn without_incremental_data() -> ExitCode {
    let own = std::env::current_exe().map(std::process::Command::new);
    let ended = own.and_then(|mut own| own.arg("test").env(INCREMENTAL, "0").status());
    match ended {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("`cargo xtask test` cannot start itself: {error}");
            ExitCode::FAILURE
        }
    }
}

fn install() -> Vec<Step> {
    vec![
        Step::essential("install", "the Debian packages that the tests need", packages::install),
        Step::new("go", "Go, for the server that takes encrypted ClientHellos", go::install),
        Step::new("ssserver", "the Shadowsocks server of shadowsocks-rust, for the tests", shadowsocks::install),
        Step::new("versitygw", "the S3 server of Versity, for the tests", versitygw::install),
        Step::new("ical.js", "a library of calendars that Debian does not have, for the tests", ical_js::install),
        Step::new("coincurve", "signatures for the second reader of signed communities", coincurve::install),
    ]
}

fn fmt() -> Vec<Step> {
    vec![Step::new("fmt", "the code is formatted", cargo::fmt)]
}

fn lint() -> Vec<Step> {
    vec![Step::new("lint", "clippy, warnings denied", cargo::clippy)]
}

fn docs() -> Vec<Step> {
    vec![Step::new("docs", "rustdoc with private items, warnings denied", cargo::doc)]
}

fn deny() -> Vec<Step> {
    vec![
        Step::new("deny", "licences, bans and sources of dependencies", deny::rules),
        Step::new("advisories", "known vulnerabilities of dependencies", deny::advisories),
    ]
}

fn size(accept: bool) -> Vec<Step> {
    vec![
        Step::essential("size", "how large the library is that an app ships", move || size::measure(accept)),
        Step::new("resident", "what it costs a process: memory, and the time to the first post", resident::measure),
    ]
}

fn bindings_check() -> Vec<Step> {
    vec![Step::new("bindings", "the committed Swift is what byway-ffi generates", bindings::check)]
}

fn kotlin() -> Vec<Step> {
    let mut steps = vec![
        Step::new(
            "kotlin-fetch",
            "build and package the Kotlin library, and download what its tests need",
            kotlin::fetch,
        ),
        Step::new("kotlin", "the Kotlin library's tests, in a network that holds nothing but loopback", kotlin::test),
        Step::new("kotlin-users", "programs that have only the packaged Kotlin library", kotlin::consumers),
        Step::new("aar-layout", "what would be in the archive for Android", aar::check_layout),
    ];
    steps.extend(aar_users());
    steps.extend(aar_tor());
    steps
}

fn aar_users() -> Vec<Step> {
    vec![
        Step::new("aar-fetch", "package the archive, and download what an app's test needs", aar::consumer::fetch),
        Step::new("aar-users", "an app that has the archive only: as it is, and shrunk by R8", aar::consumer::test),
    ]
}

fn aar_tor() -> Vec<Step> {
    vec![
        Step::new("aar-tor-fetch", "build and package the archive with Tor inside", aar::consumer::fetch_tor),
        Step::new("aar-tor", "an app that reads by the Tor inside the archive", aar::consumer::test_tor),
    ]
}

fn swift_package() -> Vec<Step> {
    vec![Step::new("swift", "the Swift package: its tests over the lab, its consumers, its sample", swift::test)]
}

/// It takes the library that `aar-tor-fetch` built.
fn swift_tor() -> Step {
    Step::new("swift-tor", "a program that reads by the Tor inside the packaged Swift library", swift::test_tor)
}

fn aar(tor: Tor) -> Vec<Step> {
    vec![Step::new("aar", "the archive for Android, of the ABIs that are built", move || aar::build(tor))]
}

fn xcframework(tor: Tor, features: &'static [&'static str]) -> Vec<Step> {
    vec![Step::new("xcframework", "the Rust library as frameworks for Xcode", move || {
        swift::xcframework::make(tor, features)
    })]
}

fn fuzz(seconds: u32) -> Vec<Step> {
    vec![Step::new("fuzz", "every fuzz target for a while", move || fuzz::smoke(seconds))]
}
