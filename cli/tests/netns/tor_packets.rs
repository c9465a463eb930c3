//! Every packet of a Tor: of the one within the process, with and without bridges, and of a reader at a SOCKS port.
//!
//! Nine relays, the bridge and the SOCKS port are real processes in the internet's namespace, each at an address of its own.
//! The site, the resolver and the way to them are open: a client that leaked would succeed. In each part of an app's life the
//! client's namespace may exchange packets with the addresses that the part names, and with no others.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use byway::{Byway, Exposure, Roots, StoreKey, TorNetwork, TorTransport};
use byway_lab::Lab;
use byway_lab::private_tor::{Options, PrivateTor, Resolve};
use serde_json::{Value, json};

use crate::capture::{Capture, Packet};
use crate::namespaces::{READY, Server};
use crate::rows::Scene;
use crate::scene::Stage;

/// Where the relays are: authorities, relays, bridge.
const RELAYS: std::ops::RangeInclusive<u8> = 101..=110;
const SOCKS_AT: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 90);
/// As many as arti uses at a time.
const GUARDS: usize = 3;
const OBFS4PROXY: &str = "/usr/bin/obfs4proxy";

const NAME: &str = "zavod.example";
const SITE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const URL: &str = "https://zavod.example/";
const PAGE: &str = "The page of the plant.";
const LARGE_URL: &str = "https://zavod.example/large";
const LARGE: usize = 300_000;

/// Direct strategies, with two resolvers, before the one whose packets are counted.
const DIRECT: [&str; 2] = ["direct:", "direct:?dns=udp://192.0.2.53"];

pub(crate) fn scene() -> Scene {
    Scene::new("packets of a Tor, embedded and at a SOCKS port", |lab: &Lab| {
        let site = lab.host(NAME).at(&SITE.to_string()).https().http();
        let _ = site.page("/", PAGE).page("/large", vec![7; LARGE]);
    })
}

/// Counts the packets of each part, and returns the numbers.
pub(crate) fn count(scene: &Scene) -> String {
    let stage = Stage::set(scene);
    let relays = RELAYS.map(|last| format!("addr add 198.51.100.{last}/32 dev lo\n")).collect::<String>();
    stage.topology.internet.run(&format!("ip -batch - <<END\naddr add {SOCKS_AT}/32 dev lo\n{relays}END\n"));
    let mut command = stage.topology.internet.command(std::env::current_exe().unwrap());
    command.arg("private-tor");
    let (_network, told) = Server::start(command, &stage.file("private-tor.log"));
    let tor: Value = serde_json::from_str(&told).unwrap();
    let private = Private { stage: &stage, tor };

    private.the_capture_sees_a_direct_reading();
    let embedded = private.embedded();
    let bridge = private.with_bridge(&["plain"], "plain bridge");
    let obfs4 = private.with_bridge(&["obfs4"], "obfs4 bridge");
    let socks = private.at_the_socks_port();
    let blocked = private.blocked();
    format!("{embedded}; {bridge}; {obfs4}; {socks}; {blocked}")
}

/// The network, and what it says of itself.
struct Private<'a> {
    stage: &'a Stage,
    tor: Value,
}

impl Private<'_> {
    fn at(&self, what: &str) -> SocketAddr {
        self.tor[what].as_str().unwrap().parse().unwrap()
    }

    fn all(&self, what: &str) -> BTreeSet<SocketAddr> {
        self.tor[what].as_array().unwrap().iter().map(|at| at.as_str().unwrap().parse().unwrap()).collect()
    }

    /// The relays that a client is given to begin with.
    fn fallbacks(&self) -> BTreeSet<SocketAddr> {
        let arti: Value = serde_json::from_str(self.tor["arti"].as_str().unwrap()).unwrap();
        let caches = arti["tor_network"]["fallback_caches"].as_array().unwrap();
        let ports = caches.iter().flat_map(|cache| cache["orports"].as_array().unwrap());
        ports.map(|at| at.as_str().unwrap().parse().unwrap()).collect()
    }

    fn app(&self, name: &str, exposure: &str, strategies: &[&str]) -> App {
        let about = json!({
            "exposure": exposure,
            "inside": strategies.iter().any(|strategy| strategy.starts_with("tor:")),
            "strategies": DIRECT.iter().chain(strategies).collect::<Vec<_>>(),
            "arti": self.tor["arti"],
            "onion": self.tor["onion"],
            "ca": self.stage.file("ca.pem"),
            "folder": self.stage.file(name),
        });
        App::start(self.stage, &about)
    }

    /// The packets of one part, by far end. Panics where one goes elsewhere.
    fn part(&self, app: &mut App, words: &str, allowed: &BTreeSet<SocketAddr>) -> BTreeMap<SocketAddr, usize> {
        let ends = self.recorded(app, words);
        let astray: Vec<_> = ends.keys().filter(|end| !allowed.contains(end)).collect();
        assert!(astray.is_empty(), "{words}: packets went astray: {astray:?}; {ends:?}\n{}", self.stage.logs());
        ends
    }

    /// What an app does, recorded.
    fn recorded(&self, app: &mut App, words: &str) -> BTreeMap<SocketAddr, usize> {
        let capture = Capture::begin(&self.stage.topology.client, self.stage.file("tor.pcap"));
        app.does(words);
        let mut ends = BTreeMap::new();
        for packet in capture.end().packets() {
            match packet {
                Packet::Neighbours => {}
                Packet::Ip { from, to } => *ends.entry(if from.ip() == CLIENT { to } else { from }).or_default() += 1,
                Packet::Other(kind) => panic!("{words}: a packet of type {kind:04x}"),
            }
        }
        ends
    }

    /// The control: the same app with exposure `open`.
    fn the_capture_sees_a_direct_reading(&self) {
        let ends = self.recorded(&mut self.app("open", "open", &["tor:"]), "build get");
        let ports: BTreeSet<u16> = ends.keys().map(SocketAddr::port).collect();
        assert!(ports.contains(&53), "a lookup is not seen: {ends:?}");
        assert!(ends.keys().any(|end| end.ip() == SITE), "a direct connection is not seen: {ends:?}");
        assert!(ends.keys().any(|end| !self.all("relays").contains(end)));
    }

    /// Start-up, use, failure, sleep, waking, a new network, a new identity, and the end.
    fn embedded(&self) -> String {
        let (guards, nothing) = (self.all("guards"), BTreeSet::new());
        let known = guards.union(&self.fallbacks()).copied().collect();
        let mut app = self.app("embedded", "tor", &["tor:"]);
        self.part(&mut app, "build", &nothing);
        let start = self.part(&mut app, "get", &known);
        // A directory may still come from where the start began.
        let used = self.part(&mut app, "get onion large dead-onion wrong-port identity get", &known);
        self.part(&mut app, "sleep", &known);
        self.part(&mut app, "rest refused", &nothing);
        self.part(&mut app, "wake", &nothing);
        let woken = self.part(&mut app, "get", &guards);
        self.part(&mut app, "network get interrupted", &guards);
        self.part(&mut app, "end", &guards);
        self.part(&mut app, "rest", &nothing);
        assert!(!start.is_empty() && !used.is_empty() && !woken.is_empty(), "{start:?} {used:?} {woken:?}");
        let sum = |ends: &BTreeMap<SocketAddr, usize>| ends.values().sum::<usize>();
        format!(
            "embedded: {} packets to {} relays at the start, {} to {} guards in use, {} after waking, 0 asleep",
            sum(&start),
            start.len(),
            sum(&used),
            used.len(),
            sum(&woken)
        )
    }

    /// The same parts of a life with a bridge, plain or behind the program that speaks its transport.
    fn with_bridge(&self, forms: &[&str], name: &str) -> String {
        let line = |form: &&str| self.tor[format!("{form}_line")].as_str().unwrap().replace(' ', "%20");
        let strategies: Vec<String> = forms.iter().map(|form| format!("tor:?bridge={}", line(form))).collect();
        let strategies: Vec<&str> = strategies.iter().map(String::as_str).collect();
        let (bridges, nothing): (BTreeSet<_>, _) = (forms.iter().map(|form| self.at(form)).collect(), BTreeSet::new());
        let mut app = self.app(name, "tor", &[&["tor:"], &strategies[..]].concat());
        // Returns how many packets were exchanged with the bridge. A program on this device speaks the transport: the app reaches it
        // on loopback, at ports that both draw.
        let part = |app: &mut App, words: &str| {
            let ends = self.recorded(app, words);
            let is_program = |end: &SocketAddr| end.ip().is_loopback() && forms.contains(&"obfs4");
            let astray: Vec<_> = ends.keys().filter(|end| !bridges.contains(end) && !is_program(end)).collect();
            assert!(astray.is_empty(), "{name}, {words}: packets went astray: {astray:?}; {ends:?}");
            bridges.iter().filter_map(|bridge| ends.get(bridge)).sum::<usize>()
        };
        self.part(&mut app, "build", &nothing);
        let used = part(&mut app, "get onion large dead-onion wrong-port identity get");
        part(&mut app, "sleep");
        self.part(&mut app, "rest refused", &nothing);
        self.part(&mut app, "wake", &nothing);
        let woken = part(&mut app, "get network get interrupted");
        part(&mut app, "end");
        self.part(&mut app, "rest", &nothing);
        assert!(used > 0 && woken > 0, "{name}: {used} {woken}");
        format!("{name}: {used} packets to it in use, {woken} after waking, 0 asleep")
    }

    fn at_the_socks_port(&self) -> String {
        let (socks, nothing) = (BTreeSet::from([self.at("socks")]), BTreeSet::new());
        let mut app = self.app("socks", "tor", &[&format!("tor+socks5://{}", self.at("socks"))]);
        self.part(&mut app, "build", &nothing);
        let used = self.part(&mut app, "get onion large dead-onion wrong-port identity get", &socks);
        self.part(&mut app, "sleep", &socks);
        self.part(&mut app, "rest", &nothing);
        self.part(&mut app, "wake", &nothing);
        self.part(&mut app, "get network get interrupted", &socks);
        self.part(&mut app, "end", &socks);
        format!("SOCKS port: {} packets to it in use, 0 asleep", used.values().sum::<usize>())
    }

    /// Every relay and the bridge are swallowed: the directory cannot be had, and nothing else is tried.
    fn blocked(&self) -> String {
        let (first, last) = (RELAYS.start(), RELAYS.end());
        self.stage.topology.router.nft(&format!(
            "table ip blocked {{\n chain forward {{\n  type filter hook forward priority -5;\n  \
             ip daddr 198.51.100.{first}-198.51.100.{last} drop\n }}\n}}\n"
        ));
        let mut app = self.app("blocked", "tor", &["tor:"]);
        let blocked = self.part(&mut app, "build-brief refused", &self.fallbacks());
        // Its start goes on by itself, as long as the app runs.
        drop(app);
        let plain = self.tor["plain_line"].as_str().unwrap().replace(' ', "%20");
        let mut with_bridge = self.app("blocked bridge", "tor", &["tor:", &format!("tor:?bridge={plain}")]);
        let bridge = self.part(&mut with_bridge, "build-brief refused", &BTreeSet::from([self.at("plain")]));
        assert!(!blocked.is_empty() && !bridge.is_empty(), "{blocked:?} {bridge:?}");
        format!("blocked: {} relays and the bridge were tried, and nothing else", blocked.len())
    }
}

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));

/// An app in the client's namespace, which does what it is told.
struct App {
    process: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl App {
    fn start(stage: &Stage, about: &Value) -> Self {
        let mut command = stage.topology.client.command(std::env::current_exe().unwrap());
        command.args(["tor-app", &about.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let stdin = process.stdin.take();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Self { process, stdin, stdout }
    }

    /// Waits until it has done all of it.
    fn does(&mut self, words: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{words}").unwrap();
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n", "{words}");
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.process.wait();
    }
}

/// This process as the private Tor network, in the internet's namespace.
pub(crate) fn be_the_network() {
    let mut options = Options::new(NAME, (SITE, 80).into());
    options.names = Resolve::by(|name| (name == NAME).then_some(SITE));
    options.addresses = RELAYS.map(|last| Ipv4Addr::new(198, 51, 100, last)).collect();
    options.socks_at = SOCKS_AT;
    options.guards = Some(GUARDS);
    options.obfs4proxy = Some(OBFS4PROXY.into());
    let tor = PrivateTor::start(&options).unwrap_or_else(|error| panic!("{error}"));
    let bridge = tor.bridge.as_ref().unwrap();
    let about = json!({
        "arti": tor.arti, "relays": tor.relays, "guards": tor.guards, "socks": tor.socks, "onion": tor.onion,
        "plain": bridge.plain, "plain_line": bridge.line, "obfs4": bridge.obfs4, "obfs4_line": bridge.obfs4_line,
    });
    println!("{about}");
    print!("{READY}");
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// This process as an app.
pub(crate) fn be_an_app(about: &str) {
    let about: Value = serde_json::from_str(about).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut byway = None;
    for words in std::io::stdin().lines() {
        for word in words.unwrap().split(' ') {
            runtime.block_on(does(word, &mut byway, &about));
        }
        println!("done");
        std::io::stdout().flush().unwrap();
    }
}

async fn does(word: &str, byway: &mut Option<Byway>, about: &Value) {
    if let Some(how) = word.strip_prefix("build") {
        *byway = Some(build(about, if how == "-brief" { BRIEF } else { LONGEST }).await);
        return;
    }
    if word == "rest" {
        return tokio::time::sleep(RESTS).await;
    }
    let app = byway.as_ref().unwrap();
    let onion = format!("http://{}/", about["onion"].as_str().unwrap());
    match word {
        "get" => assert_eq!(&read(app, URL).await[..], PAGE.as_bytes()),
        "large" => assert_eq!(read(app, LARGE_URL).await.len(), LARGE),
        "onion" => assert!(!read(app, &onion).await.is_empty()),
        "dead-onion" => assert!(app.get(DEAD_ONION).await.is_err()),
        "wrong-port" => assert!(app.get("http://zavod.example:9/").await.is_err()),
        "refused" => assert!(app.get(URL).await.is_err()),
        "interrupted" => {
            let (read, slept) = tokio::join!(app.get(LARGE_URL), app.suspend());
            // What the Tor within the process carried ends; at a SOCKS port it ends by itself.
            assert!(slept.is_ok() && (read.is_err() || about["inside"] == false));
            app.resume().await.unwrap();
        }
        "identity" => app.new_identity(),
        "network" => app.network_changed(),
        "sleep" => {
            app.suspend().await.unwrap();
            ended().await;
        }
        "wake" => app.resume().await.unwrap(),
        "end" => {
            drop(byway.take());
            ended().await;
        }
        other => panic!("{other}"),
    }
}

/// Waits for the ends of connections in this namespace: on a busy machine a far end answers late to the end of ours.
async fn ended() {
    let began = Instant::now();
    let is_open = |line: &str| line.split_whitespace().nth(3).is_some_and(|state| ENDING.contains(&state));
    let any = || std::fs::read_to_string("/proc/self/net/tcp").unwrap().lines().skip(1).any(is_open);
    while any() && began.elapsed() < LONGEST {
        tokio::time::sleep(GLANCE).await;
    }
}

async fn read(byway: &Byway, url: &str) -> Vec<u8> {
    let began = Instant::now();
    loop {
        match byway.get(url).await {
            Ok(page) => return page.response.body.to_vec(),
            // On a busy machine a circuit may fail.
            Err(_) if began.elapsed() < PATIENCE => {}
            Err(error) => panic!("{url}: {error} {}", serde_json::to_string(&error.reachability()).unwrap()),
        }
    }
}

async fn build(about: &Value, longest: Duration) -> Byway {
    let strategies: Vec<String> = serde_json::from_value(about["strategies"].clone()).unwrap();
    let exposure: Exposure = serde_json::from_value(about["exposure"].clone()).unwrap();
    let path = |what: &str| Path::new(about[what].as_str().unwrap()).to_owned();
    let builder = Byway::builder()
        .strategies(strategies.iter().map(|strategy| strategy.parse().unwrap()))
        .exposure(exposure)
        .roots(Roots::from_certificates(&std::fs::read(path("ca")).unwrap()).unwrap())
        .data_dir(path("folder"), StoreKey::new([7; 32]))
        .timeout(longest)
        .tor_network(TorNetwork::from_json(about["arti"].as_str().unwrap()).unwrap())
        .tor_transport(TorTransport::program(["obfs4"], OBFS4PROXY).unwrap());
    builder.build().await.unwrap()
}

/// What a request may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);
/// What one may take that cannot succeed: long enough for every relay to be tried.
const BRIEF: Duration = Duration::from_secs(12);
/// How long a page is asked for again.
const PATIENCE: Duration = Duration::from_secs(180);
/// The states of connections that may still have packets to exchange (Linux, include/net/tcp_states.h): open, and ending in each
/// way. `TIME_WAIT` and listeners are none.
const ENDING: [&str; 6] = ["01", "04", "05", "08", "09", "0B"];
const GLANCE: Duration = Duration::from_millis(10);
/// Long enough for a packet that somebody meant to send.
const RESTS: Duration = Duration::from_secs(1);

/// An address of its form, with its own checksum, at which there is no service.
const DEAD_ONION: &str = "http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion/";
