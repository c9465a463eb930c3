//! How long a reader waits for a blocked page, compared with an oracle that knows the working route: `cargo bench
//! --bench scenarios`.
//!
//! Each row of the scenarios is a network in the lab, in virtual time: the figures are exact, the same on every
//! machine, and say nothing about the processor. *Cold* is the first access on this network, *learned* the second, over
//! new connections. The *oracle* is the same stack with the working route alone. Its time is the cost of that route's
//! round trips, so the ratio is the price of not knowing. A page of a few bytes is requested, and only authenticated
//! content counts, not a handshake: the time is that of the whole page, which for such a page is that of its first
//! byte.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

#[path = "measure/account.rs"]
mod account;

use std::time::Duration;

use byway::{Byway, Roots};
use byway_lab::{Lab, Page, RTT};

use account::{Account, Line, ratio};

/// One row.
struct Row {
    what: &'static str,
    /// What the network does.
    censor: fn(&Lab),
    /// What else it does from the second access on.
    later: fn(&Lab),
    ways: &'static [&'static str],
    /// The working route, and the working address, if the route alone does not determine it.
    oracle: (&'static str, Option<&'static str>),
    url: &'static str,
    /// How much longer than the oracle a first access may take.
    cold: Duration,
    /// The same for a second access.
    learned: Duration,
}

const fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

const DIRECT: &str = "direct:?cc=ru";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const OTHER_RESOLVER: &str = "direct:?dns=udp://198.51.100.53";
const BOTH_DOH: &str = "direct:?dns=https://198.51.100.53/dns-query&dns=https://198.51.100.54/dns-query";
const ONE_DOH: &str = "direct:?dns=https://198.51.100.54/dns-query";
const BOTH: &[&str] = &[DIRECT, PROXY];
const RESOLVERS: &[&str] = &[DIRECT, OTHER_RESOLVER];
const HOST: &str = "site.example";
const URL: &str = "https://site.example/";
const PLAIN_URL: &str = "http://site.example/";

/// A silent route is overtaken after this time: `reach::plan`.
const HEDGE: Duration = ms(250);
/// The same for a route that usually answers after four round trips.
const HEDGE_LEARNED: Duration = ms(300);
/// The maximum cost of a failure: a lookup, a connect and a ClientHello, each a round trip.
const SEEN: Duration = ms(150);

/// A row that differs only in the censor and the limits.
const ROW: Row = Row {
    what: "",
    censor: |_| {},
    later: |_| {},
    ways: BOTH,
    oracle: (PROXY, None),
    url: URL,
    cold: SEEN,
    learned: Duration::ZERO,
};

const ROWS: &[Row] = &[
    Row { what: "no censor", oracle: (DIRECT, None), cold: Duration::ZERO, ..ROW },
    Row {
        what: "N1 the resolver says that there is no such name",
        censor: |lab| drop(lab.system_resolver().nxdomain(HOST)),
        ways: RESOLVERS,
        oracle: (OTHER_RESOLVER, None),
        ..ROW
    },
    Row {
        what: "N1 the resolver is silent",
        censor: |lab| drop(lab.system_resolver().silent(HOST)),
        ways: RESOLVERS,
        oracle: (OTHER_RESOLVER, None),
        cold: HEDGE,
        ..ROW
    },
    Row {
        what: "N1 the resolver gives a bogon",
        censor: |lab| drop(lab.system_resolver().answers(HOST, "10.10.34.35")),
        ways: RESOLVERS,
        oracle: (OTHER_RESOLVER, None),
        cold: HEDGE,
        ..ROW
    },
    Row {
        what: "N1 a bogon is injected",
        censor: |lab| drop(lab.censor().when_query(HOST).resolve_to("10.10.34.35")),
        cold: HEDGE,
        ..ROW
    },
    Row {
        what: "N2 connections to the address are refused",
        censor: |lab| drop(lab.censor().when_address("203.0.113.10").refuse()),
        ..ROW
    },
    Row {
        what: "N2 the address is unreachable",
        censor: |lab| drop(lab.censor().when_address("203.0.113.10").unreachable()),
        ..ROW
    },
    Row {
        what: "N2 the SYN is swallowed",
        censor: |lab| drop(lab.censor().when_address("203.0.113.10").swallow()),
        cold: HEDGE,
        ..ROW
    },
    Row { what: "N3 reset on SNI", censor: |lab| drop(lab.censor().when_sni(HOST).reset()), ..ROW },
    Row { what: "N3 closed on SNI", censor: |lab| drop(lab.censor().when_sni(HOST).close()), ..ROW },
    Row {
        what: "N3 the ClientHello is swallowed",
        censor: |lab| drop(lab.censor().when_sni(HOST).swallow()),
        cold: HEDGE,
        ..ROW
    },
    Row {
        what: "N3 reset on SNI, a shaped ClientHello passes",
        censor: |lab| drop(lab.censor().when_sni(HOST).first_record_only().reset()),
        ways: &[DIRECT, "direct:?tls=frag", PROXY],
        oracle: ("direct:?tls=frag", None),
        ..ROW
    },
    Row {
        what: "N3 reset on the host in cleartext",
        censor: |lab| drop(lab.censor().when_host(HOST).reset()),
        url: PLAIN_URL,
        ..ROW
    },
    Row { what: "N4 a forged certificate", censor: |lab| drop(lab.censor().when_sni(HOST).forge_certificate()), ..ROW },
    Row {
        what: "N5 a block page",
        censor: |lab| drop(lab.censor().when_host(HOST).block_page(Page::redirect("http://warning.rt.ru/?id=1"))),
        url: PLAIN_URL,
        ..ROW
    },
    Row {
        what: "N5 HTTP 451",
        censor: |lab| drop(lab.censor().when_host(HOST).legal_451("https://rkn.example/", "By order of the court")),
        url: PLAIN_URL,
        ..ROW
    },
    Row {
        what: "N6 frozen after 16 kB of 100",
        censor: |lab| drop(lab.censor().when_sni(HOST).freeze_after_bytes(16 * 1024)),
        url: "https://site.example/long",
        cold: ms(2400),
        ..ROW
    },
    Row {
        what: "N6 frozen after 25 packets of 70",
        censor: |lab| drop(lab.censor().when_sni(HOST).freeze_after_packets(25)),
        url: "https://site.example/long",
        cold: ms(2400),
        ..ROW
    },
    Row {
        what: "N7 swallowed after one handshake",
        censor: |lab| drop(lab.censor().when_sni(HOST).after(1).swallow()),
        cold: Duration::ZERO,
        learned: HEDGE_LEARNED,
        ..ROW
    },
    Row {
        what: "N10 the handshake takes 5 s",
        censor: |lab| drop(lab.censor().when_sni(HOST).delay(Duration::from_secs(5))),
        cold: HEDGE,
        ..ROW
    },
    Row {
        what: "N11 only a few addresses pass",
        censor: |lab| drop(lab.censor().when_not_address(&["192.0.2.53", "198.51.100.7"]).swallow()),
        cold: HEDGE,
        ..ROW
    },
    Row {
        what: "N12 one DNS over HTTPS of two is reset",
        censor: |lab| {
            let _ = lab.resolver("198.51.100.53").https();
            let _ = lab.resolver("198.51.100.54").https();
            let _ = lab.censor().when_address("198.51.100.53").port(443).reset();
        },
        ways: &[BOTH_DOH],
        oracle: (ONE_DOH, None),
        cold: RTT,
        ..ROW
    },
    Row {
        what: "N14 one resolver's address is swallowed, another's not",
        censor: |lab| one_address_swallowed(lab, "198.51.100.20"),
        ways: RESOLVERS,
        oracle: (OTHER_RESOLVER, Some("198.51.100.20")),
        cold: ms(300),
        learned: ms(350),
        ..ROW
    },
    Row {
        what: "N14 the same, both in one /24",
        censor: |lab| one_address_swallowed(lab, "203.0.113.11"),
        ways: RESOLVERS,
        oracle: (OTHER_RESOLVER, Some("203.0.113.11")),
        cold: ms(300),
        learned: ms(350),
        ..ROW
    },
    Row {
        what: "N15 the handshake passes, no byte of data does",
        censor: |lab| {
            let _ = lab.host(HOST).page_for("ru", "/", Page::new("the page").after(Duration::from_secs(3600)));
        },
        cold: HEDGE,
        ..ROW
    },
    Row {
        what: "N16 a way that worked is reset the next time",
        later: |lab| drop(lab.censor().when_sni(HOST).reset()),
        cold: Duration::ZERO,
        learned: SEEN,
        ..ROW
    },
    Row {
        what: "N17 the page is another one in this country (451)",
        censor: |lab| {
            let _ = lab.host(HOST).page_for("ru", "/", Page::new("withheld").status(451));
        },
        cold: ms(250),
        ..ROW
    },
];

fn main() {
    // `cargo bench` passes criterion's arguments; there is nothing to choose here.
    let mut account = Account::of("scenarios");
    for row in ROWS {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let [(cold, cold_oracle), (learned, later_oracle)] = runtime.block_on(measured(row));
        for (which, took, oracle, more) in
            [("cold", cold, cold_oracle, row.cold), ("learned", learned, later_oracle, row.learned)]
        {
            let claim = match more.as_millis() {
                0 => "no more than the oracle".to_owned(),
                more => format!("at most {more} ms more"),
            };
            account.line(Line {
                what: format!("{}, {which}", row.what),
                ours: format!("{} ms", took.as_millis()),
                other: format!("oracle {} ms ({} round trips)", oracle.as_millis(), trips(oracle)),
                ratio: ratio(took, oracle),
                claim,
                held: Some(took <= oracle + more),
            });
        }
    }
    account.write();
}

/// A first access and a second one, each with the oracle's time in the same network.
async fn measured(row: &Row) -> [(Duration, Duration); 2] {
    let here = lab(row);
    let byway = byway(&here, row.ways, None).await;
    let cold = access(&here, &byway, row.url).await;
    byway.network_changed();
    (row.later)(&here);
    let learned = access(&here, &byway, row.url).await;

    // The censor counts the oracle too, so each access has its own network. If another route works the second time, the
    // oracle knows that as well.
    let (way, address) = row.oracle;
    let there = lab(row);
    let untroubled = if row.cold.is_zero() { DIRECT } else { way };
    let cold_oracle = access(&there, &self::byway(&there, &[untroubled], address).await, row.url).await;
    let there = lab(row);
    (row.later)(&there);
    let later_oracle = access(&there, &self::byway(&there, &[way], address).await, row.url).await;
    [(cold, cold_oracle), (learned, later_oracle)]
}

/// The provider's resolver gives one of two addresses, and that one is swallowed.
fn one_address_swallowed(lab: &Lab, other: &str) {
    lab.host(HOST).at(other);
    let _ = lab.system_resolver().answers(HOST, "203.0.113.10");
    let _ = lab.censor().when_address("203.0.113.10").swallow();
}

/// How long a page takes.
async fn access(lab: &Lab, byway: &Byway, url: &str) -> Duration {
    let before = lab.elapsed();
    let got = byway.get(url).await.expect("it is reached");
    assert!(got.response.body.starts_with(b"the page"), "the page itself");
    lab.elapsed() - before
}

fn lab(row: &Row) -> Lab {
    let lab = Lab::new();
    let long = [b"the page".to_vec(), vec![b'x'; 100_000]].concat();
    lab.host(HOST)
        .at("203.0.113.10")
        .https()
        .http()
        .page("/", "the page")
        .page("/long", Page::new(long).with_ranges("v1"));
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.resolver("198.51.100.53");
    (row.censor)(&lab);
    lab
}

async fn byway(lab: &Lab, ways: &[&str], address: Option<&str>) -> Byway {
    let mut builder = Byway::builder()
        .strategies(ways.iter().map(|way| way.parse().expect("a strategy")))
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes()).expect("roots"))
        .net(lab.client());
    if let Some(address) = address {
        let destination = format!("{HOST}:443").parse().expect("a destination");
        builder = builder.resolve(destination, address.parse().expect("an address"));
    }
    builder.build().await.expect("a client")
}

/// How many round trips of the lab's 50 ms it contains.
fn trips(time: Duration) -> u128 {
    time.as_millis() / RTT.as_millis()
}
