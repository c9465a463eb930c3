//! The Tor within the program beside C-tor, in a private Tor network of real `tor` processes: `cargo xtask bench-tor`.
//!
//! Both sides read by the same Byway, once by `tor:` and once through C-tor's SOCKS port. They take turns, and medians are
//! compared. criterion is not used: its rounds would need a network that lives for an hour. It needs Debian's package `tor`.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used, clippy::panic, reason = "a bench")]
#![allow(dead_code, reason = "each bench uses its part of what they share")]

#[path = "../measure/account.rs"]
mod account;
#[path = "../get/origin.rs"]
mod origin;
mod process;
mod resident;
mod scene;

use std::collections::HashMap;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use account::{Account, Line, mean, median, ratio, shown};
use byway::Byway;
use byway_lab::private_tor::SocksClient;
use process::{Peak, Process, disk};
use resident::{HOUR, RESIDENT, read, stream};
use scene::{ORIGIN, Readable, Scene};

fn main() {
    if let Ok(role) = std::env::var(CHILD) {
        let scene = || Readable::of_line(&std::env::var(SCENE).expect("a scene"));
        return match role.as_str() {
            ORIGIN => scene::serve(),
            RESIDENT => resident::reads_and_sleeps(&scene()),
            _ => resident::reads_for_an_hour(&scene()),
        };
    }
    let scene = Scene::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut account = Account::of("tor");
    runtime.block_on(starts(&scene, &mut account));
    runtime.block_on(pages(&scene, &mut account));
    let theirs = runtime.block_on(resident_of_c_tor(&scene));
    let ours = child(RESIDENT, &scene.readable);
    resident(&ours, &theirs, &mut account);
    hour(&child(HOUR, &scene.readable), &mut account);
    account.write();
}

/// From nothing that runs to the first page: with no file yet, and with those of the start before.
async fn starts(scene: &Scene, account: &mut Account) {
    let mut samples: [[Vec<Duration>; 2]; 2] = Default::default();
    for round in 0..STARTS {
        for turn in 0..2 {
            let side = (round + turn) % 2;
            let folder = tempfile::tempdir().expect("a folder");
            for is_cached in [0, 1] {
                let took = if side == OURS {
                    start_inside(&scene.readable, folder.path()).await
                } else {
                    start_c_tor(scene, folder.path()).await
                };
                samples[is_cached][side].push(took);
            }
        }
    }
    for (is_cached, what) in ["from nothing", "with the files of the last start"].into_iter().enumerate() {
        let [ours, theirs] = samples[is_cached].each_mut().map(|samples| median(samples));
        account.line(Line {
            what: format!("the first page by a Tor that is started for it, {what}"),
            ours: shown(ours),
            other: format!("C-tor {}", shown(theirs)),
            ratio: ratio(ours, theirs),
            claim: if is_cached == 1 { "under a second".to_owned() } else { String::new() },
            held: (is_cached == 1).then_some(ours < Duration::from_secs(1)),
        });
    }
}

async fn start_inside(scene: &Readable, folder: &Path) -> Duration {
    let byway = scene.byway("tor:", folder).await;
    let began = Instant::now();
    read(&byway, &scene.url("/small/close")).await;
    let took = began.elapsed();
    byway.suspend().await.expect("it sleeps");
    took
}

/// The process included: a reader without one has to start it.
async fn start_c_tor(scene: &Scene, folder: &Path) -> Duration {
    let data = tempfile::tempdir().expect("a folder");
    let began = Instant::now();
    let client = c_tor(scene, folder).await;
    let byway = scene.readable.byway(&client.strategy(), data.path()).await;
    read(&byway, &scene.readable.url("/small/close")).await;
    began.elapsed()
}

/// A C-tor whose port is open. It may not have started yet: it holds streams back until it has.
async fn c_tor(scene: &Scene, folder: &Path) -> SocksClient {
    let client = scene.network.client(folder).expect("a client");
    let began = Instant::now();
    while TcpStream::connect(client.socks).is_err() {
        assert!(began.elapsed() < PATIENCE, "C-tor opened no port");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    client
}

/// Pages through a Tor that runs: the first of a circuit, the next ones, and large ones.
async fn pages(scene: &Scene, account: &mut Account) {
    let folders = [(), (), ()].map(|()| tempfile::tempdir().expect("a folder"));
    let [data, other_data, c_tor_data] = &folders;
    let client = c_tor(scene, c_tor_data.path()).await;
    let sides = [
        scene.readable.byway("tor:", data.path()).await,
        scene.readable.byway(&client.strategy(), other_data.path()).await,
    ];
    let small = scene.readable.url("/small/close");
    let mut firsts: [Vec<Duration>; 2] = Default::default();
    let mut nexts: [Vec<Duration>; 2] = Default::default();
    let mut moments = moments();
    for round in 0..CIRCUITS + WARM_UP {
        sides.iter().for_each(Byway::new_identity);
        for page in 0..PAGES {
            for turn in 0..2 {
                let side = (round + page + turn) % 2;
                tokio::time::sleep(moments.next().expect("a moment")).await;
                let began = Instant::now();
                read(&sides[side], &small).await;
                let samples = if page == 0 { &mut firsts } else { &mut nexts };
                if round >= WARM_UP {
                    samples[side].push(began.elapsed());
                }
            }
        }
    }
    let [ours, theirs] = nexts.each_ref().map(|samples| mean(samples));
    account.line(against("1 KB by a new stream, Tor runs and has a circuit, mean", ours, theirs, true));
    let [ours, theirs] = firsts.each_ref().map(|samples| mean(samples));
    account.line(against("1 KB by a new stream, with a new identity, mean", ours, theirs, false));

    let large = scene.readable.url("/large");
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut cpu: [Vec<Duration>; 2] = Default::default();
    let c_tor = Process::number(client.process_id());
    for round in 0..LARGE_PAGES + WARM_UP {
        for turn in 0..2 {
            let side = (round + turn) % 2;
            let spent = || Process::own().cpu() + c_tor.cpu();
            let (began, before) = (Instant::now(), spent());
            stream(&sides[side], &large).await;
            if round >= WARM_UP {
                times[side].push(began.elapsed());
                cpu[side].push(spent().saturating_sub(before));
            }
        }
    }
    let [ours, theirs] = times.each_mut().map(|samples| median(samples));
    account.line(against("10 MB, Tor runs", ours, theirs, true));
    let [ours, theirs] = cpu.each_mut().map(|samples| median(samples));
    account.line(against("10 MB, CPU time of the reader (Byway and its Tor)", ours, theirs, false));
}

/// How long to wait before each small page. The relays of C-tor send on once in 10 ms (KIST, Jansen et al., USENIX Security
/// 2014), and a page that begins as the page before ends meets them all at the same moment of that step, over and over.
/// These waits spread the beginnings evenly over the step.
fn moments() -> impl Iterator<Item = Duration> {
    let step = Duration::from_millis(10);
    (0_u32..).map(move |count| Duration::from_millis(50) + step.mul_f64((f64::from(count) * GOLDEN).fract()))
}

/// The multiples of this fall evenly between whole numbers, however many there are.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

fn against(what: &str, ours: Duration, theirs: Duration, is_claimed: bool) -> Line {
    Line {
        what: what.to_owned(),
        ours: shown(ours),
        other: format!("C-tor's SOCKS port {}", shown(theirs)),
        ratio: ratio(ours, theirs),
        claim: if is_claimed { format!("at most {CLAIM} times") } else { String::new() },
        held: is_claimed.then_some(ours <= theirs.mul_f64(CLAIM)),
    }
}

/// What C-tor's process takes where ours is measured: KiB, threads and wake-ups by name.
async fn resident_of_c_tor(scene: &Scene) -> HashMap<String, f64> {
    let (data, folder) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let client = c_tor(scene, folder.path()).await;
    let process = Process::number(client.process_id());
    let byway = scene.readable.byway(&client.strategy(), data.path()).await;
    read(&byway, &scene.readable.url("/small/close")).await;
    tokio::time::sleep(resident::SETTLES).await;
    let started = process.resident();
    let wake_ups = process.wake_ups_a_minute(resident::COUNTED);
    let peak = Peak::of(process);
    let url = scene.readable.url("/large");
    for _ in 0..resident::TRANSFERS {
        futures_util::future::join_all((0..resident::AT_ONCE).map(|_| stream(&byway, &url))).await;
    }
    #[expect(clippy::cast_precision_loss, reason = "KiB of a process")]
    let figures = [("started", started as f64), ("in_use", peak.end() as f64), ("unused_wake_ups", wake_ups)];
    let disk = u32::try_from(disk(&folder.path().join("client/data"))).map(f64::from);
    let figures = figures.into_iter().chain([("disk", disk.expect("KiB"))]);
    figures.map(|(name, figure)| (name.to_owned(), figure)).collect()
}

fn resident(ours: &HashMap<String, f64>, theirs: &HashMap<String, f64>, account: &mut Account) {
    for (name, what) in [
        ("started", "memory of a process that has read a page by Tor and rests"),
        ("in_use", "memory at its peak, four pages of 10 MB at once"),
    ] {
        account.line(memory(what, ours[name], &format!("C-tor alone {}", mib(theirs[name])), theirs[name], true));
    }
    let alone = ours["alone"];
    account.line(memory("memory after the app went to sleep", ours["asleep"], &without_tor(alone), alone, true));
    account.line(Line {
        what: "wake-ups a minute, Tor runs and is unused (for five minutes at most)".to_owned(),
        ours: format!("{:.0}", ours["unused_wake_ups"]),
        other: format!("C-tor {:.0}", theirs["unused_wake_ups"]),
        ratio: ours["unused_wake_ups"] / theirs["unused_wake_ups"],
        claim: String::new(),
        held: None,
    });
    account.line(Line {
        what: "wake-ups a minute, the app sleeps".to_owned(),
        ours: format!("{:.0}", ours["asleep_wake_ups"]),
        other: "none 0".to_owned(),
        ratio: 0.0,
        claim: "none".to_owned(),
        held: Some(ours["asleep_wake_ups"] == 0.0),
    });
    account.line(Line {
        what: "threads while four pages are read".to_owned(),
        ours: format!("{:.0}", ours["threads"]),
        other: format!("after the app went to sleep {:.0}", ours["asleep_threads"]),
        ratio: ours["threads"] / ours["asleep_threads"],
        claim: String::new(),
        held: None,
    });
    account.line(Line {
        what: "files of Tor".to_owned(),
        ours: format!("{:.0} KiB", ours["disk"]),
        other: format!("C-tor {:.0} KiB", theirs["disk"]),
        ratio: ours["disk"] / theirs["disk"],
        claim: String::new(),
        held: None,
    });
}

fn hour(figures: &HashMap<String, f64>, account: &mut Account) {
    let (early, late) = (figures["early_resident"], figures["late_resident"]);
    account.line(Line {
        what: "memory after an hour of use, in virtual time".to_owned(),
        ours: mib(late),
        other: format!("after ten minutes {}", mib(early)),
        ratio: late / early,
        claim: format!("flat: at most {MORE_MIB} MiB more"),
        held: Some(late <= early + MORE_MIB * 1024.0),
    });
    for (name, what, unit) in [("tasks", "tasks after that hour", ""), ("disk", "files of Tor after that hour", " KiB")]
    {
        let (early, late) = (figures[&format!("early_{name}")], figures[&format!("late_{name}")]);
        account.line(Line {
            what: what.to_owned(),
            ours: format!("{late:.0}{unit}"),
            other: format!("after ten minutes {early:.0}{unit}"),
            ratio: late / early,
            claim: "flat: at most twice".to_owned(),
            held: Some(late <= early * 2.0),
        });
    }
    let unused = figures["unused_resident"];
    account.line(memory(
        "memory when it was unused for five minutes then",
        unused,
        &format!("after that hour {}", mib(late)),
        late,
        true,
    ));
}

fn without_tor(kib: f64) -> String {
    format!("before Tor was started {}", mib(kib))
}

fn memory(what: &str, ours: f64, other: &str, theirs: f64, is_claimed: bool) -> Line {
    Line {
        what: what.to_owned(),
        ours: mib(ours),
        other: other.to_owned(),
        ratio: ours / theirs,
        claim: if is_claimed { format!("under {EXTENSION_MIB} MiB, as an extension of iOS") } else { String::new() },
        held: is_claimed.then_some(ours < EXTENSION_MIB * 1024.0),
    }
}

fn mib(kib: f64) -> String {
    format!("{:.1} MiB", kib / 1024.0)
}

/// Runs a child, and returns the figures that it prints.
fn child(role: &str, scene: &Readable) -> HashMap<String, f64> {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).env(CHILD, role).env(SCENE, scene.to_line()).output().expect("a child");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{role}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
    println!("{role}: {}", said.replace('\n', ", "));
    let figures = said.lines().filter_map(|line| line.split_once(' '));
    figures.map(|(name, figure)| (name.to_owned(), figure.parse().expect("a number"))).collect()
}

/// Set for a child: what it does, and what it reads.
const CHILD: &str = "BYWAY_BENCH_TOR";
const SCENE: &str = "BYWAY_BENCH_TOR_SCENE";

const OURS: usize = 0;

/// A debug build only tries whether everything runs: arti's cryptography is slow in it, and its figures mean nothing.
pub(crate) const TRIES: bool = cfg!(debug_assertions);

/// Rounds. A start of C-tor takes seconds.
const STARTS: usize = if TRIES { 2 } else { 7 };
const CIRCUITS: usize = if TRIES { 2 } else { 20 };
const PAGES: usize = 11;
const LARGE_PAGES: usize = if TRIES { 1 } else { 15 };
const WARM_UP: usize = 2;

/// How long a process may take to open its port.
const PATIENCE: Duration = Duration::from_secs(30);

/// What may be lost against C-tor.
const CLAIM: f64 = 1.1;

/// What iOS allows an extension for VPN, as measured by developers; Apple documents no number.
const EXTENSION_MIB: f64 = 50.0;

/// The heap of a process that reads for an hour may grow by so much.
const MORE_MIB: f64 = 8.0;
