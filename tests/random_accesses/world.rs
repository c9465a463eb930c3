//! A random world: hosts, resolvers, proxies, a censor, a phone, and one access.

use std::time::Duration;

use byway::Exposure;
use byway_lab::{Certificate, Fault, Host, Lab, Lie, Page, Proxy, Script, add_rule};

use crate::lot::Lot;

/// What was drawn, as far as it is needed to judge the engine's result.
pub(crate) struct World {
    pub(crate) seed: u64,
    /// Everything that was drawn, in words.
    pub(crate) told: Vec<String>,
    /// The strategies that are allowed, in order.
    pub(crate) ways: Vec<Way>,
    pub(crate) exposure: Exposure,
    pub(crate) access: Access,
    /// The call's own time limit.
    pub(crate) timeout: Duration,
    /// It is dropped at this time.
    pub(crate) cancelled: Option<Duration>,
    /// What the resolvers answer for the site is not the truth.
    pub(crate) system_lies: bool,
    pub(crate) other_lies: bool,
    pub(crate) portal: bool,
    pub(crate) offline: bool,
    /// rustls, and not this seed, decides what a middlebox reads that sees only the first segment.
    pub(crate) by_chance: bool,
}

/// A strategy, and where its first packet goes.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) url: String,
    /// `None`: direct.
    pub(crate) socket: Option<String>,
    /// It asks a resolver other than the provider's.
    pub(crate) other_resolver: bool,
}

/// The access.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    Get(String),
    Probe(String),
    /// A community of VK's.
    Open,
    /// In the room below the client: a request that is sent once, or that identifies the reader.
    Fetch {
        url: String,
        once: bool,
        credentials: bool,
    },
}

impl World {
    /// Draws a world and puts it into a lab.
    pub(crate) fn draw(seed: u64, lab: &Lab) -> Self {
        let mut lot = Lot::new(seed);
        let lot = &mut lot;
        let mut told = Vec::new();
        let addresses = site(lot, lab, &mut told);
        let (system_lies, other_lies) = resolvers(lot, lab, &mut told);
        let access = access(lot, lab, &mut told);
        let ways = ways(lot, lab, &mut told);
        let by_chance = censor(lot, lab, &addresses, &mut told);
        let (portal, offline) = phone(lot, lab, &mut told);
        let exposure = lot.pick(&[Exposure::Open, Exposure::Open, Exposure::Open, Exposure::Proxied, Exposure::Tor]);
        let timeout = Duration::from_secs(lot.pick(&[5, 20, 60]));
        let cancelled = lot.chance(15).then(|| lot.millis(12_000));
        told.push(format!("{access:?} by {:?}", ways.iter().map(|way| &way.url).collect::<Vec<_>>()));
        told.push(format!("exposure {exposure}, {timeout:?}, cancelled {cancelled:?}"));
        Self {
            seed,
            told,
            ways,
            exposure,
            access,
            timeout,
            cancelled,
            system_lies,
            other_lies,
            portal,
            offline,
            by_chance,
        }
    }
}

impl std::fmt::Display for World {
    /// How to repeat it, and what it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "BYWAY_SEED={} cargo test --test random_accesses", self.seed)?;
        self.told.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

/// The true body of a page: the host's text for a path, repeated up to the path's size.
pub(crate) fn truth(host: &str, path: &str) -> Option<Vec<u8>> {
    let size = match path {
        "/" => 40,
        "/page" => 6_000,
        "/long" => 60_000,
        "/large" => 250_000,
        "/missing" => 30,
        "/empty" => 0,
        _ => return None,
    };
    Some(format!("{host}{path} says: the truth. ").into_bytes().into_iter().cycle().take(size).collect())
}

const PATHS: [&str; 6] = ["/", "/page", "/long", "/large", "/missing", "/empty"];

/// The site, and another one to which it may redirect. Returns the site's addresses.
fn site(lot: &mut Lot, lab: &Lab, told: &mut Vec<String>) -> Vec<String> {
    let v4 = ["203.0.113.10", "203.0.113.11", "198.51.100.20"];
    let v6 = ["2001:db8:100::10", "2001:db8:200::10"];
    let mut addresses: Vec<String> = match lot.below(6) {
        0 => vec![v4[0], v4[1], v4[2]],
        1 => vec![v4[0], v6[0]],
        2 => vec![v6[0], v6[1], v4[0]],
        3 => vec![v6[0]],
        _ => vec![v4[0]],
    }
    .into_iter()
    .map(str::to_owned)
    .collect();
    let mut host = lab.host(SITE).https().http();
    for address in &addresses {
        host = host.at(address);
    }
    host = pages(lot, host, SITE, told);
    host = certificate(lot, host, told);
    host = match lot.below(20) {
        0 => host.down(),
        1 => host.refuses(),
        2 => host.unreachable(),
        3 => host.silent(),
        4 | 5 if addresses.len() > 1 => host.down_at(&addresses[0]),
        6 => host.script(443, Script::new()).script(80, Script::new().read().reset()),
        7 => host.http1_only(),
        8 => host.rtt(Duration::from_millis(400)),
        9 => host.bandwidth(30_000),
        _ => host,
    };
    told.push(format!("{host:?} at {addresses:?}"));
    let other = lab.host(OTHER).at("203.0.113.30").https().http();
    let other = pages(lot, other, OTHER, told);
    let _ = if lot.chance(10) { other.refuses() } else { other };
    lab.host("block.isp").at("192.0.2.66").https().http().app(|_: &byway_lab::Ask| Page::new("blocked"));
    addresses.push("203.0.113.30".to_owned());
    addresses
}

fn certificate(lot: &mut Lot, host: Host, told: &mut Vec<String>) -> Host {
    let certificate = match lot.below(14) {
        0 => Certificate::Expired,
        1 => Certificate::ForName("x.example".to_owned()),
        2 => Certificate::OtherAuthority,
        _ => Certificate::Valid,
    };
    told.push(format!("{certificate:?} certificate"));
    host.certificate(certificate)
}

/// Pages, each with its own quirks, and chains of redirects.
fn pages(lot: &mut Lot, mut host: Host, name: &str, told: &mut Vec<String>) -> Host {
    for path in PATHS {
        let mut page = Page::new(truth(name, path).unwrap());
        if path == "/missing" {
            page = page.status(lot.pick(&[404, 403, 410]));
        }
        let mut quirks = Vec::new();
        let quirk = lot.below(12);
        page = match quirk {
            0 => page.chunked(),
            1 => page.after(lot.millis(3_000)),
            2 => page.slowly(4_000, Duration::from_millis(100)),
            3 => page.cut_after(20_000),
            4 => page.stall_after(20_000),
            5 | 6 => page.with_ranges("v1"),
            7 if path == "/page" => page.status(lot.pick(&[500, 502, 503])),
            _ => page,
        };
        quirks.push(quirk);
        if lot.chance(20) {
            page = page.with_ranges("v2");
            quirks.push(100);
        }
        told.push(format!("{name}{path}: quirks {quirks:?}"));
        host = host.page(path, page);
    }
    let (scheme, to) = (lot.pick(&["https", "http"]), lot.pick(&[SITE, OTHER]));
    let target = format!("{scheme}://{to}{}", lot.pick(&["/", "/page", "/long"]));
    told.push(format!("{name}/r leads to {target}"));
    host.redirect("/r", &target).redirect("/rr", "/r").redirect("/loop", "/loop").redirect("/in", "http://127.0.0.1/")
}

fn resolvers(lot: &mut Lot, lab: &Lab, told: &mut Vec<String>) -> (bool, bool) {
    let lie = |lot: &mut Lot| match lot.below(10) {
        0 => Lie::NxDomain,
        1 => Lie::ServFail,
        2 => Lie::Refused,
        3 => Lie::Silence,
        4 => Lie::Garbage,
        5 => Lie::Truncated,
        6 => Lie::Addresses(vec!["10.10.34.35".parse().unwrap()]),
        7 => Lie::Addresses(vec!["127.0.0.1".parse().unwrap()]),
        8 => Lie::Addresses(vec!["192.0.2.66".parse().unwrap()]),
        _ => Lie::Addresses(vec!["192.0.2.67".parse().unwrap()]),
    };
    let mut lies = |lot: &mut Lot, resolver: byway_lab::Resolver, percent: u64| {
        if !lot.chance(percent) {
            return false;
        }
        let lie = lie(lot);
        told.push(format!("{resolver:?} says {lie:?}"));
        // A stream completes truncated answers: that is not a lie.
        let lying = lie != Lie::Truncated;
        let _ = resolver.lies(SITE, lie);
        lying
    };
    let system = lies(lot, lab.system_resolver(), 25);
    let other = lies(lot, lab.resolver(OTHER_RESOLVER), 10);
    if lot.chance(10) {
        told.push("the other resolver is down".to_owned());
        let _ = lab.resolver(OTHER_RESOLVER).down();
    }
    if lot.chance(10) {
        let _ = lab.system_resolver().rewrites_nxdomain("192.0.2.66");
    }
    (system, other)
}

fn access(lot: &mut Lot, lab: &Lab, told: &mut Vec<String>) -> Access {
    let scheme = lot.pick(&["https", "https", "http"]);
    let path =
        lot.pick(&["/", "/", "/page", "/page", "/long", "/large", "/missing", "/empty", "/r", "/rr", "/loop", "/in"]);
    let url = format!("{scheme}://{SITE}{path}");
    match lot.below(20) {
        0..8 => Access::Get(url),
        8..15 => Access::Probe(url),
        15..18 => Access::Fetch { url, once: lot.chance(50), credentials: lot.chance(50) },
        _ => {
            let community = lab.vk().community("club").name("The club").post("hello");
            match lot.below(5) {
                0 => {
                    told.push("VK hides it in ru".to_owned());
                    community.hidden_in("ru", "");
                }
                1 => {
                    told.push("VK has deleted it".to_owned());
                    community.deactivated("deleted");
                }
                _ => {}
            }
            Access::Open
        }
    }
}

fn ways(lot: &mut Lot, lab: &Lab, told: &mut Vec<String>) -> Vec<Way> {
    let direct = |options: &str| Way {
        url: format!("direct:{options}"),
        socket: None,
        other_resolver: options.contains("dns=udp"),
    };
    let mut all = vec![direct(""), direct(&format!("?dns=udp://{OTHER_RESOLVER}")), direct("?tls=frag")];
    let proxies = [
        lab.socks5("proxy.nl").at("198.51.100.7").country("nl"),
        lab.http_proxy("proxy.de").at("198.51.100.9").country("de"),
        lab.https_proxy("proxy.fr").at("198.51.100.11").country("fr"),
        lab.socks5("proxy.ru").at("198.51.100.13").country("ru").behind_censor(),
        lab.tor(),
    ];
    for proxy in proxies {
        let (url, socket) = (proxy.url(), Some(proxy.socket().to_string()));
        break_some(lot, proxy, told);
        all.push(Way { url, socket, other_resolver: false });
    }
    let some = 1 + lot.below(4);
    let mut ways = lot.shuffled(all);
    ways.truncate(usize::try_from(some).unwrap());
    // The strategy that most draws begin with.
    if lot.chance(60) && !ways.iter().any(|way| way.url == "direct:") {
        ways.insert(0, direct(""));
    }
    ways
}

fn break_some(lot: &mut Lot, proxy: Proxy, told: &mut Vec<String>) {
    if lot.chance(70) {
        return;
    }
    let fault = lot.below(10);
    told.push(format!("{proxy:?} has fault {fault}"));
    let _ = match fault {
        0 => proxy.dead(),
        1 => proxy.down(),
        2 => proxy.password("somebody", "else"),
        3 => proxy.garbage(),
        4 => proxy.hangs(),
        5 => proxy.fault(Fault::HangOnRequest),
        6 => proxy.fault(Fault::Close),
        7 => proxy.replies(502),
        8 => proxy.replies(5),
        _ => proxy.rtt(Duration::from_millis(600)),
    };
}

/// Up to three of the censor's possible rules. The caller draws whether they act.
fn censor(lot: &mut Lot, lab: &Lab, addresses: &[String], told: &mut Vec<String>) -> bool {
    let mut by_chance = false;
    for _ in 0..lot.below(4) {
        if lot.chance(5) {
            told.push("a whitelist".to_owned());
            let _ = lab.censor().when_not_address(&["198.51.100.0/24"]).swallow();
            continue;
        }
        let mut conditions = vec![match lot.below(9) {
            0 | 1 => format!("sni={SITE}"),
            2 => format!("host={SITE}"),
            3 => format!("query={SITE}"),
            4 => "path=/".to_owned(),
            5 => "text=GET".to_owned(),
            6 | 7 => format!("addr={}", lot.pick(addresses)),
            _ => lot
                .pick(&["addr=198.51.100.0/24", "addr=2001:db8::/32", "sni=example", "sni=vk.com", "port=443"])
                .to_owned(),
        }];
        for (word, percent) in [
            ("first-segment", 10),
            ("inside-proxies", 25),
            ("residual=30", 20),
            ("after=1", 10),
            ("ech", 5),
            ("port=443", 10),
        ] {
            if lot.chance(percent) {
                by_chance |= word == "first-segment";
                conditions.push(word.to_owned());
            }
        }
        let action = lot.pick(&[
            "reset",
            "reset",
            "close",
            "swallow",
            "swallow",
            "refuse",
            "unreachable",
            "block-page",
            "451",
            "forge",
            "freeze=16384",
            "freeze=4000",
            "freeze-packets=25",
            "delay=700",
            "delay=5000",
            "rate=14000",
            "nxdomain",
            "resolve=10.10.34.35",
            "resolve=192.0.2.66",
        ]);
        let rule = format!("{}:{action}", conditions.join(","));
        add_rule(lab, &rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
        told.push(rule);
    }
    by_chance
}

/// Whether it has a portal, and whether it is offline.
fn phone(lot: &mut Lot, lab: &Lab, told: &mut Vec<String>) -> (bool, bool) {
    let state = lot.below(40);
    told.push(format!("phone {state}"));
    match state {
        0 => drop(lab.client().offline()),
        1 => drop(lab.client().captive_portal()),
        2..6 => drop(lab.client().without_ipv6()),
        6..10 => drop(lab.client().broken_ipv6()),
        _ => {}
    }
    (state == 1, state == 0)
}

pub(crate) const SITE: &str = "site.example";
pub(crate) const OTHER: &str = "other.example";
pub(crate) const OTHER_RESOLVER: &str = "198.51.100.53";
