//! The library with a Tor of its own in a private Tor network: bridges, and what it contacts at all.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use byway::{
    Builder, Byway, Cause, EngineEvent, EngineEventKind, Exposure, GetError, GetResponse, Language, OnionKey, Outcome,
    Roots, StoreKey, TorNetwork, TorStall, TorTransport, VerdictCode,
};

use byway_lab::private_tor::{PrivateTor, READERS_KEY};

use crate::daemon::demand;
use crate::origin::{LARGE, NAME, Origin, PAGE};
use crate::tor::{self, PATIENCE, bridge, relay_ports};
use crate::watched::{Pass, Then, Watched};

/// The network, shared by the tests that run at the same time: it takes a quarter of a minute to start.
pub(crate) struct Private {
    pub(crate) tor: PrivateTor,
    pub(crate) origin: Origin,
}

impl Private {
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Private>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let origin = Origin::start();
            let made = Arc::new(Self { tor: tor::start(origin.plain_port), origin });
            *shared = Arc::downgrade(&made);
            made
        })
    }

    pub(crate) fn builder(&self, net: &Arc<Watched>, strategies: &[&str]) -> Builder {
        let roots = Roots::from_certificates(&fs::read(self.origin.ca()).unwrap()).unwrap();
        let strategies = strategies.iter().map(|strategy| strategy.parse().unwrap());
        let network = TorNetwork::from_json(&self.tor.arti).unwrap();
        let builder = Byway::builder().strategies(strategies).exposure(Exposure::Tor).roots(roots);
        builder.tor_network(network).net(net.clone())
    }
}

/// A start that has the list of relays, and no connection and nothing else of the directory, is so far.
const WITH_RELAYS: u8 = 20;

/// How far Tor's start is, where that is what an event says.
fn percent(event: &EngineEvent) -> Option<u8> {
    match event.kind {
        EngineEventKind::TorStarts { progress, .. } => Some(progress.percent),
        _ => None,
    }
}

/// In bytes of the connection that carries a page of a megabyte.
const MIDDLE_OF_TRANSFER: u64 = 300_000;

pub(crate) const DAY: i64 = 24 * 60 * 60;

/// There is one Tor client in a process, and so one test at a time.
pub(crate) fn one_at_a_time() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn run(work: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().unwrap().block_on(work);
}

pub(crate) async fn reads(byway: &Byway, url: &str) {
    let page = started(byway, url).await.unwrap_or_else(|error| panic!("{}", why(&error)));
    assert_eq!(&page.response.body[..], PAGE.as_bytes());
}

/// Asks for it, again while Tor's start stands still or its circuits are slow or break.
async fn started(byway: &Byway, url: &str) -> Result<GetResponse, GetError> {
    let began = Instant::now();
    loop {
        match byway.get(url).await {
            // On a busy machine a start may stand still for longer than a stream waits for it. It goes on meanwhile. With a bridge
            // this is likelier: arti asks one that did not give its descriptor in time again after half a minute at least, and
            // after more each time (`BridgeDescDownloadConfig`, which cannot be set).
            Err(error) if (stood_still(&error) || was_slow(&error)) && began.elapsed() < PATIENCE => {
                eprintln!("again: {}", why(&error))
            }
            answered => return answered,
        }
    }
}

fn stood_still(error: &GetError) -> bool {
    let attempts = error.reachability().map(|met| met.attempts.as_slice()).unwrap_or_default();
    attempts.iter().any(|attempt| match &attempt.outcome {
        Outcome::Failed(failure) => matches!(
            failure.cause,
            Cause::TorNotStarted {
                stall: TorStall::NoConnection | TorStall::Directory | TorStall::Bridge | TorStall::Unknown
            }
        ),
        _ => false,
    })
}

/// Tor had no circuit, or none in time, or one that broke, as on a busy machine. None of the sites here is slow, or ends what it began.
fn was_slow(error: &GetError) -> bool {
    let attempts = error.reachability().map(|met| met.attempts.as_slice()).unwrap_or_default();
    attempts.iter().any(|attempt| match &attempt.outcome {
        Outcome::Pending => true,
        Outcome::Failed(failure) => matches!(
            failure.cause,
            Cause::Silence | Cause::Closed | Cause::Reset | Cause::ProxyReply { code: NO_CIRCUIT | TOO_LATE }
        ),
        _ => false,
    })
}

/// What Tor answers without a circuit, in the codes of SOCKS5.
const NO_CIRCUIT: u16 = 1;

/// What it answers where an exit says nothing in time.
const TOO_LATE: u16 = 6;

/// The processes that this one started and that run this program.
fn children(program: &str) -> usize {
    let own = std::process::id().to_string();
    let is_one = |entry: &fs::DirEntry| {
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { return false };
        let Some((head, tail)) = stat.rsplit_once(')') else { return false };
        let mut fields = tail.split_ascii_whitespace();
        let (state, parent) = (fields.next(), fields.next());
        head.ends_with(&format!("({program}")) && state != Some("Z") && parent == Some(&own)
    };
    fs::read_dir("/proc").unwrap().flatten().filter(is_one).count()
}

/// Waits until no such program runs.
async fn ended(program: &str) {
    let began = Instant::now();
    while children(program) > 0 {
        assert!(began.elapsed() < PATIENCE, "{program} went on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn reads_large(byway: &Byway, private: &Private) {
    let page = started(byway, &format!("{}/large", private.origin.url())).await;
    let page = page.unwrap_or_else(|error| panic!("{}", why(&error)));
    assert_eq!(page.response.body.len(), LARGE);
}

fn why(error: &GetError) -> String {
    let met = error.reachability().map(|met| serde_json::to_string(met).unwrap());
    format!("{} {}", error.sentence(Language::En), met.unwrap_or_default())
}

/// Only relays were contacted since this was asked last, and no resolver ever.
pub(crate) fn only_relays(net: &Watched, private: &Private) {
    let relays = relay_ports(&private.tor);
    let others: Vec<u16> = net.contacted().into_iter().filter(|port| !relays.contains(port)).collect();
    assert!(others.is_empty(), "{others:?} are no relays");
    assert!(net.lookups().is_empty(), "{:?}", net.lookups());
}

#[test]
fn an_interrupted_start_goes_on_and_files_are_the_owners() {
    let private = Private::shared();
    let _one = one_at_a_time();
    let folder = tempfile::tempdir().unwrap();
    // One that an earlier version left open to others.
    let files = folder.path().join("data");
    fs::create_dir_all(files.join("tor")).unwrap();
    fs::set_permissions(files.join("tor"), fs::Permissions::from_mode(0o777)).unwrap();
    run(async {
        let net = Arc::new(Watched::default());
        let build = || private.builder(&net, &["direct:", "tor:"]).data_dir(&files, StoreKey::new([7; 32])).build();
        let byway = build().await.unwrap();
        let mut events = byway.engine_events();
        let url = private.origin.url();
        let (interrupt, interrupted) = tokio::sync::oneshot::channel();
        let (frozen, mut interrupt, cache) = (net.clone(), Some(interrupt), files.join("tor/cache/dir_blobs"));
        // As soon as the list of relays is on the disk. What the start needs besides comes later.
        net.after(1, move |_| {
            if fs::read_dir(&cache).map_or(0, Iterator::count) == 0 {
                return Then::NotYet;
            }
            frozen.set_pass(Pass::Frozen);
            let _ = interrupt.take().unwrap().send(());
            Then::GoesOn
        });
        tokio::select! {
            told = interrupted => told.unwrap(),
            read = started(&byway, &url) => panic!("it read from a network that stood still: {}", read.is_ok()),
        }
        byway.suspend().await.unwrap();
        only_relays(&net, &private);
        let mut percents = Vec::new();
        while let Some(event) = events.next().await
            && !matches!(event.kind, EngineEventKind::Suspended)
        {
            percents.extend(percent(&event));
        }
        assert!(percents.first().is_some_and(|first| *first < WITH_RELAYS), "{percents:?}");
        assert!(!percents.contains(&100), "{percents:?}");

        // The next start has the list before a byte has come.
        net.came();
        byway.resume().await.unwrap();
        assert_eq!(net.contacted(), HashSet::new(), "waking alone contacts no one");
        let resumed = async {
            while let Some(event) = events.next().await {
                if percent(&event).is_some_and(|percent| percent >= WITH_RELAYS) {
                    return;
                }
            }
        };
        tokio::select! {
            () = resumed => {}
            read = started(&byway, &url) => panic!("it read from a network that stands still: {}", read.is_ok()),
        }
        assert_eq!(net.came(), HashMap::new());
        net.set_pass(Pass::Open);
        reads(&byway, &url).await;
        only_relays(&net, &private);
        for folder in ["tor", "tor/state", "tor/cache"] {
            let mode = fs::metadata(files.join(folder)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{folder} is open to others");
        }
        byway.wipe().await.unwrap();
        assert!(!files.join("tor").exists());
    });
}

#[test]
fn guards_outlive_a_process_that_is_killed_at_once() {
    let private = Private::shared();
    let _one = one_at_a_time();
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    run(async {
        let net = Arc::new(Watched::default());
        let build = |files| private.builder(&net, &["tor:"]).data_dir(files, StoreKey::new([7; 32])).build();
        let byway = build(&before).await.unwrap();
        reads(&byway, &private.origin.url()).await;
        // What the disk has at this moment is what a process leaves that is killed now.
        let guards = confirmed(&before).await;
        fs::create_dir_all(after.join("tor")).unwrap();
        copy(&before.join("tor/state"), &after.join("tor/state"));
        byway.suspend().await.unwrap();
        drop(byway);

        let byway = build(&after).await.unwrap();
        reads(&byway, &private.origin.url()).await;
        byway.suspend().await.unwrap();
        keeps(&self::guards(&after), &guards);
    });
}

#[test]
fn files_of_tor_name_no_site_and_a_new_identity_keeps_the_guard() {
    let private = Private::shared();
    let _one = one_at_a_time();
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("data");
    run(async {
        let net = Arc::new(Watched::default());
        let builder = private.builder(&net, &["tor:"]).data_dir(&files, StoreKey::new([7; 32]));
        let byway = builder.build().await.unwrap();
        reads(&byway, &private.origin.url()).await;
        reads(&byway, &format!("http://{}/", private.tor.onion)).await;
        let chosen = confirmed(&files).await;
        net.contacted();
        byway.new_identity();
        reads(&byway, &private.origin.url()).await;
        only_relays(&net, &private);
        byway.suspend().await.unwrap();
        keeps(&guards(&files), &chosen);

        let onion = private.tor.onion.trim_end_matches(".onion");
        let (mut seen, mut names_a_guard) = (0, false);
        for (path, bytes) in all_files(&files.join("tor")) {
            let names = |name: &str| bytes.windows(name.len()).any(|window| window == name.as_bytes());
            assert!(!names(NAME) && !names(onion), "{} names a site", path.display());
            names_a_guard |= chosen.iter().any(|guard| names(&guard.identity));
            seen += bytes.len();
        }
        assert!(names_a_guard, "the search finds what is there");
        assert!((10_000..QUARTER_MIB).contains(&seen), "{seen} bytes of nine relays");
    });
}

/// A directory of nine relays, in SQLite's file and its journal.
const QUARTER_MIB: usize = 256 * 1024;

fn all_files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.map(|path| match path.is_dir() {
        true => all_files(&path),
        false => vec![(path.clone(), fs::read(&path).unwrap())],
    });
    found.flatten().collect()
}

/// The same guards in the same order, and none that was confirmed is given up. One more may be confirmed: a
/// directory is fetched through several at once.
fn keeps(now: &[Guard], before: &[Guard]) {
    let identities = |guards: &[Guard]| guards.iter().map(|guard| guard.identity.clone()).collect::<Vec<_>>();
    assert_eq!(identities(now), identities(before), "others were chosen");
    for (now, before) in now.iter().zip(before) {
        assert!(now.is_confirmed || !before.is_confirmed, "{} was given up", before.identity);
    }
}

/// Waits until a guard is confirmed on the disk, while Tor runs.
async fn confirmed(files: &Path) -> Vec<Guard> {
    let began = Instant::now();
    loop {
        let guards = guards(files);
        if guards.iter().any(|guard| guard.is_confirmed) {
            return guards;
        }
        assert!(began.elapsed() < ARTI_SAVES, "the guard is not on the disk");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Arti itself saves what it chose this long after its start.
const ARTI_SAVES: Duration = Duration::from_secs(55);

#[derive(Debug, PartialEq, Eq)]
struct Guard {
    identity: String,
    is_confirmed: bool,
}

/// The guards in the files of Tor, in their order.
fn guards(files: &Path) -> Vec<Guard> {
    let text = fs::read_to_string(files.join("tor/state/state/guards.json")).unwrap_or_default();
    let kept: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let guard = |guard: &serde_json::Value| Guard {
        identity: guard["id"]["ed25519"].as_str().unwrap().to_owned(),
        is_confirmed: !guard["confirmed_at"].is_null(),
    };
    kept["default"]["guards"].as_array().map(|guards| guards.iter().map(guard).collect()).unwrap_or_default()
}

fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success());
}

#[test]
fn a_guard_killed_in_a_transfer_is_replaced() {
    let _one = one_at_a_time();
    let origin = Origin::start();
    let tor = tor::with_three_guards(origin.plain_port);
    let private = Arc::new(Private { tor, origin });
    run(async {
        let net = Arc::new(Watched::default());
        let byway = private.builder(&net, &["direct:", "tor:"]).build().await.unwrap();
        reads(&byway, &private.origin.url()).await;
        only_relays(&net, &private);

        let killed: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
        let (killing, network) = (killed.clone(), private.clone());
        net.after(MIDDLE_OF_TRANSFER, move |guard| {
            network.tor.kill(guard).unwrap();
            *killing.lock().unwrap() = Some(guard);
            Then::GoesOn
        });
        // With one strategy there is no other route for the rest.
        let large = format!("{}/large", private.origin.url());
        let began = Instant::now();
        let cut = loop {
            let cut = byway.get(&large).await.expect_err("its guard was killed");
            if net.has_acted() || began.elapsed() > PATIENCE {
                break cut;
            }
            eprintln!("again: {}", why(&cut));
        };
        assert_ne!(cut.reachability().unwrap().verdict.code, VerdictCode::TlsInterfered, "{}", why(&cut));
        let killed = killed.lock().unwrap().expect("a relay carried the transfer");
        assert!(private.tor.guards.contains(&killed), "{killed} is no guard");
        let refused = std::net::TcpStream::connect(killed).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused, "it is gone");

        // All pages that follow come by the others.
        net.came();
        let began = Instant::now();
        let mut read = 0;
        while read < 3 {
            match byway.get(&large).await {
                Ok(page) => {
                    assert_eq!(page.response.body.len(), LARGE);
                    read += 1;
                }
                // On a busy machine a circuit may take longer than a reading waits for it.
                Err(error) => {
                    assert!(began.elapsed() < PATIENCE, "{}", why(&error));
                    eprintln!("again: {}", why(&error));
                }
            }
        }
        let came = net.came();
        assert_eq!(came.get(&killed), None);
        let others = private.tor.guards.iter().filter(|guard| **guard != killed);
        let by_others: u64 = others.filter_map(|guard| came.get(guard)).sum();
        assert!(by_others >= 3 * u64::try_from(LARGE).unwrap(), "{came:?}, {killed} was killed");
        only_relays(&net, &private);
    });
}

#[test]
fn a_frozen_network_is_waited_for() {
    let private = Private::shared();
    let _one = one_at_a_time();
    run(async {
        let net = Arc::new(Watched::default());
        let byway = private.builder(&net, &["direct:", "tor:"]).build().await.unwrap();
        reads(&byway, &private.origin.url()).await;
        let thaw = net.clone();
        let runtime = tokio::runtime::Handle::current();
        net.after(MIDDLE_OF_TRANSFER, move |_| {
            thaw.set_pass(Pass::Frozen);
            let thaw = thaw.clone();
            runtime.spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                thaw.set_pass(Pass::Open);
            });
            Then::GoesOn
        });
        reads_large(&byway, &private).await;
        assert!(net.has_acted());
        only_relays(&net, &private);
    });
}

#[test]
fn an_app_that_sleeps_in_a_transfer_opens_no_other_route() {
    let private = Private::shared();
    let _one = one_at_a_time();
    run(async {
        let net = Arc::new(Watched::default());
        let builder = private.builder(&net, &["tor:", "direct:"]).exposure(Exposure::Open);
        // A direct connection would lead to the origin.
        let site = private.origin.url().trim_start_matches("https://").parse().unwrap();
        let byway = builder.resolve(site, [127, 0, 0, 1].into()).build().await.unwrap();
        // Beside a Tor that is slow, on a busy machine, a direct connection is tried. It ends at once.
        net.block(&[private.origin.port]);
        reads(&byway, &private.origin.url()).await;
        let (asleep, woken) = tokio::sync::oneshot::channel();
        let (frozen, mut asleep) = (net.clone(), Some(asleep));
        net.after(MIDDLE_OF_TRANSFER, move |_| {
            // The rest cannot come before the app sleeps.
            frozen.set_pass(Pass::Frozen);
            let _ = asleep.take().unwrap().send(());
            Then::GoesOn
        });
        let sleeps = async {
            woken.await.unwrap();
            net.contacted();
            byway.suspend().await.unwrap();
        };
        let large = format!("{}/large", private.origin.url());
        let (read, ()) = tokio::join!(byway.get(&large), sleeps);
        assert!(read.is_err(), "it was read on another route");
        only_relays(&net, &private);
        net.set_pass(Pass::Open);
        byway.resume().await.unwrap();
        reads(&byway, &private.origin.url()).await;
    });
}

#[test]
fn a_wrong_clock_is_named_and_a_day_does_not_matter() {
    let private = Private::shared();
    let _one = one_at_a_time();
    run(async {
        for wrong_by in [DAY, -DAY] {
            let net = Arc::new(Watched::default());
            net.set_clock(wrong_by);
            let byway = private.builder(&net, &["direct:", "tor:"]).build().await.unwrap();
            reads(&byway, &private.origin.url()).await;
            byway.suspend().await.unwrap();
        }
        for wrong_by in [30 * DAY, -30 * DAY] {
            let net = Arc::new(Watched::default());
            net.set_clock(wrong_by);
            let byway = private.builder(&net, &["direct:", "tor:"]).build().await.unwrap();
            let mut events = byway.engine_events();
            let url = private.origin.url();
            let named = async {
                loop {
                    if let Some(event) = events.next().await
                        && let EngineEventKind::TorStarts { progress, .. } = event.kind
                        && let Some(stall) = progress.stall
                        // On a busy machine no relay may have answered for ten seconds.
                        && !matches!(stall, TorStall::NoConnection | TorStall::Filtered)
                    {
                        return stall;
                    }
                }
            };
            let stall = tokio::select! {
                stall = named => stall,
                read = started(&byway, &url) => panic!("{wrong_by}: {:?}", read.map(drop).map_err(|error| why(&error))),
            };
            assert_eq!(stall, TorStall::Clock, "{wrong_by}");
            only_relays(&net, &private);
            byway.suspend().await.unwrap();
        }
    });
}

#[test]
fn bridges_read_where_every_relay_is_blocked() {
    let private = Private::shared();
    let _one = one_at_a_time();
    let obfs4proxy = demand("obfs4proxy", "obfs4proxy");
    let bridge = bridge(&private.tor);
    run(async {
        let net = Arc::new(Watched::default());
        net.block(&relay_ports(&private.tor));

        let plain = format!("tor:?bridge={}", bridge.line.replace(' ', "%20"));
        let byway = private.builder(&net, &["direct:", "tor:", &plain]).build().await.unwrap();
        reads(&byway, &private.origin.url()).await;
        reads(&byway, &format!("http://{}/", private.tor.onion)).await;
        assert_eq!(net.contacted(), HashSet::from([bridge.plain.port()]), "something besides the bridge was contacted");
        byway.suspend().await.unwrap();
        drop(byway);

        let disguised = format!("tor:?bridge={}", bridge.obfs4_line.replace(' ', "%20"));
        let transport = TorTransport::program(["obfs4"], &obfs4proxy).unwrap();
        let byway = private.builder(&net, &[&disguised]).tor_transport(transport).build().await.unwrap();
        reads(&byway, &private.origin.url()).await;
        let contacted = net.contacted();
        assert_eq!(contacted.len(), 1, "only obfs4proxy's own port: {contacted:?}");
        let of_bridge = [bridge.plain.port(), bridge.obfs4.port()];
        assert!(of_bridge.iter().all(|port| !contacted.contains(port)), "{contacted:?}");
        assert_eq!(children("obfs4proxy"), 1);
        byway.suspend().await.unwrap();
        ended("obfs4proxy").await;
        assert!(net.lookups().is_empty(), "{:?}", net.lookups());
    });
}

#[test]
fn a_bridge_behind_meek_is_read_by_its_program_alone() {
    let private = Private::shared();
    let _one = one_at_a_time();
    let obfs4proxy = demand("obfs4proxy", "obfs4proxy");
    let bridge = bridge(&private.tor);
    let fingerprint = bridge.line.split(' ').nth(1).unwrap();
    let meek = crate::meek::before(bridge.plain);
    run(async {
        let net = Arc::new(Watched::default());
        net.block(&relay_ports(&private.tor));
        // The address of such a line means nothing: the program goes to the URL.
        let line = format!("tor:?bridge=meek_lite%20192.0.2.20:80%20{fingerprint}%20url=http://{meek}/");
        let transport = TorTransport::program(["meek_lite"], &obfs4proxy).unwrap();
        let byway = private.builder(&net, &["direct:", &line]).tor_transport(transport).build().await.unwrap();
        reads(&byway, &private.origin.url()).await;
        let contacted = net.contacted();
        assert_eq!(contacted.len(), 1, "only the program's own port: {contacted:?}");
        assert!([bridge.plain.port(), meek.port()].iter().all(|port| !contacted.contains(port)), "{contacted:?}");
        assert!(net.lookups().is_empty(), "{:?}", net.lookups());
        byway.suspend().await.unwrap();
    });
}

#[test]
fn snowflakes_program_asks_the_broker_of_its_line() {
    let private = Private::shared();
    let _one = one_at_a_time();
    let snowflake = demand("snowflake-client", "snowflake-client");
    let fingerprint = bridge(&private.tor).line.split(' ').nth(1).unwrap();
    let (broker, requests) = crate::snowflake::broker();
    run(async {
        let net = Arc::new(Watched::default());
        let line = format!(
            "tor:?bridge=snowflake%20192.0.2.3:80%20{fingerprint}%20fingerprint={fingerprint}\
             %20ice=stun:127.0.0.1:9%20url=http://{broker}/"
        );
        let transport = TorTransport::program(["snowflake"], &snowflake).unwrap();
        let byway = private.builder(&net, &["direct:", &line]).tor_transport(transport).build().await.unwrap();
        let asked = tokio::task::spawn_blocking(move || requests.recv_timeout(PATIENCE).unwrap());
        let url = private.origin.url();
        let (path, body) = tokio::select! {
            asked = asked => asked.unwrap(),
            read = started(&byway, &url) => panic!("read without a volunteer: {}", read.is_ok()),
        };
        assert_eq!(path, "/client");
        assert!(body.contains("offer") && body.contains(fingerprint), "{body}");
        let contacted = net.contacted();
        assert_eq!(contacted.len(), 1, "only the program's own port: {contacted:?}");
        assert!(!contacted.contains(&broker.port()), "{contacted:?}");
        assert!(net.lookups().is_empty(), "{:?}", net.lookups());
        byway.suspend().await.unwrap();
        ended("snowflake-clien").await;
    });
}

#[test]
fn a_restricted_onion_service_wants_its_readers_key() {
    let private = Private::shared();
    let _one = one_at_a_time();
    run(async {
        let net = Arc::new(Watched::default());
        let url = format!("http://{}/", private.tor.restricted);
        let key = |secret: &str| -> OnionKey {
            let address = private.tor.restricted.trim_end_matches(".onion");
            format!("{address}:descriptor:x25519:{secret}").parse().unwrap()
        };
        let wrong = "A".repeat(52);
        for (given, sentence) in [
            (None, "lets in only readers who have a key"),
            (Some(wrong.as_str()), "does not take the key that was given"),
        ] {
            let builder = private.builder(&net, &["tor:"]);
            let builder = given.map(key).into_iter().fold(builder, Builder::onion_key);
            let byway = builder.build().await.unwrap();
            let refused = started(&byway, &url).await.unwrap_err();
            let said = refused.reachability().unwrap().sentence(Language::En);
            assert!(said.contains(sentence), "{}", why(&refused));
            byway.suspend().await.unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let builder = private.builder(&net, &["tor:"]).data_dir(folder.path().join("data"), StoreKey::new([7; 32]));
        // The last one counts.
        let byway = builder.onion_key(key(&wrong)).onion_key(key(READERS_KEY)).build().await.unwrap();
        reads(&byway, &url).await;
        assert!(!folder.path().join("data/tor/state/keystore").exists(), "keys stay in memory");
        only_relays(&net, &private);
        byway.suspend().await.unwrap();
    });
}
