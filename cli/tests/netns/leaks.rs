//! Every packet of a reader with a raised exposure: at start-up, in use, in failure and at shutdown.
//!
//! All strategies are given each time, including direct ones and another resolver. With the exposure `proxied` the only
//! addresses on the cable must be those of the proxy and of Tor, with `tor` Tor's alone. An open reading of the same
//! shows that the capture works.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use byway::{Byway, Exposure, Roots, StoreKey, SyncLimits, VkToken, attachments};
use byway_lab::{Fault, Lab, Proxy};
use serde_json::json;

use crate::capture::{Capture, Packet, tcp_sockets};
use crate::rows::Scene;
use crate::scene::{Run, Stage};

const WAYS: &[&str] = &["direct:", RESOLVERS, PROXY, TOR];
const RESOLVERS: &str = "direct:?dns=udp://198.51.100.53&dns=tls://dns.example@198.51.100.53\
    &dns=https://dns.example@198.51.100.53/dns-query&tls=frag";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const TOR: &str = "tor+socks5://198.51.100.90:9050";
const LINK: &str = "vk.com/works_council";
/// A page that redirects to another host.
const ELSEWHERE: &str = "https://short.example/out";

/// A scene whose packets are counted.
pub(crate) struct Leak {
    pub(crate) scene: Scene,
    story: Story,
}

/// What the reader does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Story {
    /// Everything succeeds.
    Reads,
    /// The same with exposure `open`: the capture must see it.
    ReadsOpenly,
    /// Every route fails.
    Fails,
    /// The program is told to end while it waits.
    Interrupted,
}

/// Every scene of this kind.
pub(crate) fn leaks() -> Vec<Leak> {
    let leak = |name: &str, setup, story| Leak { scene: Scene::new(name, setup), story };
    vec![
        leak("packets of a reading", |lab| internet(lab, |proxy| proxy), Story::Reads),
        leak("packets of an open reading, to compare", |lab| internet(lab, |proxy| proxy), Story::ReadsOpenly),
        leak("packets where the proxies are dead", |lab| internet(lab, Proxy::dead), Story::Fails),
        leak("packets where the proxies are off", |lab| internet(lab, Proxy::down), Story::Fails),
        leak("packets where the proxies refuse", |lab| internet(lab, |proxy| proxy.replies(2)), Story::Fails),
        leak("packets where the proxies' password is wrong", |lab| internet(lab, with_password), Story::Fails),
        leak("packets where the proxies lie", |lab| internet(lab, Proxy::garbage), Story::Fails),
        leak("packets where the proxies close", |lab| internet(lab, |proxy| proxy.fault(Fault::Close)), Story::Fails),
        leak(
            "packets of an interrupted reading (N21: nothing listens)",
            |lab| internet(lab, Proxy::hangs),
            Story::Interrupted,
        ),
    ]
}

fn with_password(proxy: Proxy) -> Proxy {
    proxy.password("somebody", "else")
}

/// A community with a photo and a successor, a page that redirects elsewhere, a resolver abroad, a proxy, and a Tor on
/// another machine than the client, so that its traffic is on the cable.
fn internet(lab: &Lab, ill: impl Fn(Proxy) -> Proxy) {
    let vk = lab.vk();
    let _ = vk.community("works_council").id(77).name("The works council").post_object(json!({
        "id": 1, "date": 1_478_600_000, "text": "We meet on Friday.", "type": "post",
        "attachments": [{"type": "photo", "photo": {"id": 1, "owner_id": -77, "text": "", "sizes": [
            {"type": "x", "url": "https://photos.example/1.jpg", "width": 600, "height": 400}
        ]}}]
    }));
    lab.host("photos.example").at("203.0.113.30").https().page("/1.jpg", vec![7; 5_000]);
    lab.host("short.example").at("203.0.113.31").https().redirect("/out", "https://elsewhere.example/");
    lab.host("elsewhere.example").at("203.0.113.32").https().page("/", "there");
    lab.resolver("198.51.100.53").named("dns.example").tls().https();
    ill(lab.socks5("proxy.nl").at("198.51.100.7").country("nl"));
    ill(lab.tor().at("198.51.100.90"));
}

/// Plays the scene with both exposures, and returns the number of packets by address.
pub(crate) fn count(leak: &Leak) -> String {
    let stage = Stage::set(&leak.scene);
    if leak.story == Story::ReadsOpenly {
        return counted(&stage, leak.story, "open", None);
    }
    let proxied = counted(&stage, leak.story, "proxied", Some(&["198.51.100.7:1080", "198.51.100.90:9050"]));
    let tor = counted(&stage, leak.story, "tor", Some(&["198.51.100.90:9050"]));
    format!("{proxied}; {tor}")
}

fn counted(stage: &Stage, story: Story, exposure: &str, allowed: Option<&[&str]>) -> String {
    let capture = Capture::begin(&stage.topology.client, stage.file(&format!("{exposure}.pcap")));
    match story {
        Story::Reads | Story::ReadsOpenly => reads(stage, exposure),
        Story::Fails => fails(stage, exposure),
        Story::Interrupted => interrupted(stage, exposure),
    }
    let packets = capture.end().packets();
    let of_ip = packets.iter().filter(|packet| **packet != Packet::Neighbours);
    let dns = packets.iter().filter(|packet| packet.is_dns()).count();
    let mut ends: BTreeMap<SocketAddr, usize> = BTreeMap::new();
    for packet in packets.iter() {
        if let Packet::Ip { from, to } = *packet {
            let far = if from.ip() == CLIENT { to } else { from };
            *ends.entry(far).or_default() += 1;
        }
    }
    let told = format!("{exposure}: {} packets, {dns} of DNS, {ends:?}", of_ip.clone().count());
    match allowed {
        Some(allowed) => {
            let allowed: Vec<SocketAddr> = allowed.iter().map(|end| end.parse().unwrap()).collect();
            let astray = of_ip.clone().filter(|packet| !allowed.iter().any(|end| packet.touches(*end)));
            assert_eq!(astray.collect::<Vec<_>>(), Vec::<&Packet>::new(), "packets went astray; {told}");
            assert_eq!(dns, 0, "{told}");
        }
        None => {
            assert!(dns > 0, "the capture does not see lookups; {told}");
            let direct = ends.keys().filter(|end| end.to_string().starts_with("203.0.113."));
            assert!(direct.count() > 1, "the capture does not see direct packets; {told}");
        }
    }
    assert!(of_ip.count() > 0, "the capture sees nothing; {told}");
    told
}

const CLIENT: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 10));

/// The program, then a whole session of the library.
fn reads(stage: &Stage, exposure: &str) {
    let reached = |run: &Run, code: i32| assert_eq!(run.code, code, "{run}");
    let code = if exposure == "open" { 0 } else { 3 };
    reached(&stage.byway(WAYS, &["open", LINK, "--json", "--vk-token-of", "app", "--exposure", exposure]), code);
    reached(&stage.byway(WAYS, &["get", ELSEWHERE, "--json", "--exposure", exposure]), code);
    let probe = stage.byway(WAYS, &["probe", LINK, "--json", "--exposure", exposure]);
    assert!([0, 3].contains(&probe.code), "{probe}");
    let mut session = stage.topology.client.command(std::env::current_exe().unwrap());
    session.args(["session", exposure]).arg(stage.file("ca.pem")).arg(stage.file(&format!("{exposure}.store")));
    let began = Instant::now();
    let run = Run::of(session.output().unwrap(), began.elapsed());
    assert!(run.code == 0, "the session failed: {run}\n{}", stage.logs());
}

/// Every allowed route fails; the others work, and must not be taken.
fn fails(stage: &Stage, exposure: &str) {
    let tries = [vec!["open", LINK, "--vk-token-of", "app"], vec!["get", ELSEWHERE], vec!["probe", LINK]];
    std::thread::scope(|scope| {
        let run =
            |arguments: Vec<&str>| stage.byway(WAYS, &[&arguments, &["--json", "--exposure", exposure][..]].concat());
        let runs = tries.map(|arguments| scope.spawn(move || run(arguments)));
        for run in runs.map(|run| run.join().unwrap()) {
            assert_eq!(run.code, 4, "{run}");
        }
    });
}

/// A proxy is silent, and the user gives up. Meanwhile nothing listens on the phone (N21).
fn interrupted(stage: &Stage, exposure: &str) {
    assert!(tcp_sockets(&stage.topology.internet).0 > 0, "what listens is not seen");
    let mut byway = stage.bare_command(WAYS, &["get", ELSEWHERE, "--json", "--exposure", exposure]);
    let child = byway.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    let mut seen = 0;
    while seen < GLANCES {
        let (listening, connected) = tcp_sockets(&stage.topology.client);
        assert_eq!(listening, 0, "something listens");
        seen += usize::from(connected > 0);
        assert!(began.elapsed() < PATIENCE, "it never connected");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let run = Run::of(child.wait_with_output().unwrap(), began.elapsed());
    assert_eq!(run.code, 130, "{run}");
}

/// How often the sockets are checked after a proxy was connected to.
const GLANCES: usize = 10;
const PATIENCE: Duration = Duration::from_secs(20);

/// This process as an app: it opens, keeps, comes back without stating an exposure, fetches a post's attachment,
/// sleeps, wakes, syncs, and ends.
pub(crate) fn be_a_session(exposure: &str, ca_file: &Path, store: &Path) {
    let exposure: Exposure = serde_json::from_value(json!(exposure)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let roots = Roots::from_certificates(&std::fs::read(ca_file).unwrap()).unwrap();
        let app = async |exposure| {
            let ways = WAYS.iter().map(|way| way.parse().unwrap());
            let key = StoreKey::new([7; 32]);
            let builder = Byway::builder().strategies(ways).roots(roots.clone()).vk_token(VkToken::service("token"));
            builder.exposure(exposure).data_dir(store, key).build().await.unwrap()
        };
        let first = app(exposure).await;
        first.preview(LINK).await.unwrap();
        let opened = first.open(LINK).await.unwrap();
        assert_eq!(opened.posts.len(), 1);
        drop(first);

        // A returning reader states no exposure; the store knows it.
        let second = app(Exposure::Open).await;
        second.open(LINK).await.unwrap();
        second.refresh(&opened.community.id).await.unwrap();
        let (photo, _) = attachments(&opened.community.id, &opened.posts[0])[0].clone();
        assert_eq!(second.fetch_attachment(&photo, 10_000).await.unwrap().bytes.len(), 5_000);
        second.suspend().await.unwrap();
        second.resume().await.unwrap();
        second.network_changed();
        second.sync_once(std::slice::from_ref(&opened.community.id), SyncLimits::default()).await;
        second.probe(LINK).await.unwrap();
    });
}
