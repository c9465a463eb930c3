#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::net::IpAddr;

use futures_util::future::BoxFuture;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig, pki_types::PrivateKeyDer};

use super::*;
use crate::exposure::Exposure;
use crate::net::scripted::{ECONNREFUSED, ECONNRESET, EHOSTUNREACH, Peer, Scripted, Touch};
use crate::transport::{Bridges, CertificateFault, Isolation, PrivateAddresses, Protocol};
use crate::transport::{Rank, parse_resolve_entry};
use crate::wire::tls::Roots;

const PROXY: &str = "192.0.2.7:1080";

/// A scripted network, and a dialer over it.
struct World {
    net: Arc<Scripted>,
    dialer: Dialer,
}

impl World {
    fn new(net: Scripted) -> Self {
        Self::with(net, &[])
    }

    fn with(net: Scripted, overrides: &[&str]) -> Self {
        Self::trusting(&Roots::default(), net, overrides)
    }

    fn trusting(roots: &Roots, net: Scripted, overrides: &[&str]) -> Self {
        let net = Arc::new(net);
        let tls = TlsClient::new(net.clone(), roots).unwrap();
        let mut known = Overrides::default();
        for entry in overrides {
            let (destination, addresses) = parse_resolve_entry(entry).unwrap();
            addresses.into_iter().for_each(|address| known.add(destination.clone(), address));
        }
        Self { dialer: Dialer::new(net.clone(), &tls, known), net }
    }

    async fn resolve(&self, route: &Route) -> Result<Vec<SocketAddr>, Failure> {
        let candidates = self.candidates(route, &Trace::new()).await?;
        Ok(candidates.into_iter().filter_map(|candidate| candidate.address).collect())
    }

    /// All candidates, in the order to try them.
    async fn candidates(&self, route: &Route, trace: &Trace) -> Result<Vec<Candidate>, Failure> {
        let candidates = Candidates::new();
        let looked_up = self.dialer.resolve(route, trace, &candidates).await;
        let found: Vec<_> =
            std::iter::from_fn(|| candidates.next(|_| Rank::Fresh)).map(|found| found.candidate).collect();
        if found.is_empty() { looked_up.map(|()| found) } else { Ok(found) }
    }

    /// Resolves and dials the first candidate.
    async fn open(&self, route: &Route) -> Result<BoxStream, Failure> {
        let trace = Trace::new();
        let candidates = self.candidates(route, &trace).await?;
        self.dialer.dial(candidates.first().unwrap(), &trace).await
    }
}

fn route(strategy: &str, destination: &str) -> Route {
    Route {
        strategy: strategy.parse().unwrap(),
        destination: destination.parse().unwrap(),
        exposure: Exposure::Open,
        private: PrivateAddresses::Allowed,
        isolation: Isolation::default(),
    }
}

fn named_by_a_stranger(strategy: &str, destination: &str) -> Route {
    Route { private: PrivateAddresses::Refused, ..route(strategy, destination) }
}

fn failure(stage: Stage, cause: Cause) -> Failure {
    Failure::new(stage, cause)
}

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

async fn hang(peer: Peer) {
    peer.hang().await;
}

#[tokio::test(start_paused = true)]
async fn families_come_by_turns_and_v6_first() {
    let all = ["203.0.113.1", "203.0.113.2", "203.0.113.1", "2001:db8::1", "203.0.113.3", "::ffff:203.0.113.3"];
    let world = World::new(Scripted::new().name("a.example", &all));
    let expected = ["[2001:db8::1]:443", "203.0.113.1:443", "203.0.113.2:443", "203.0.113.3:443"];
    assert_eq!(world.resolve(&route("direct:", "a.example:443")).await.unwrap(), addresses(&expected));
}

#[tokio::test(start_paused = true)]
async fn no_more_than_eight_addresses_are_tried() {
    let many: Vec<_> = (1..100).map(|last| format!("203.0.113.{last}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let world = World::new(Scripted::new().name("a.example", &many));
    assert_eq!(world.resolve(&route("direct:", "a.example:443")).await.unwrap().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_fails_says_so_without_a_reason() {
    let world = World::new(Scripted::new());
    let failed = world.resolve(&route("direct:", "a.example:443")).await.unwrap_err();
    assert_eq!(failed, failure(Stage::Dns, Cause::LookupFailed));
}

#[tokio::test(start_paused = true)]
async fn a_silent_resolver_is_silence_after_the_stage_s_time() {
    for (net, strategy) in [
        (Scripted::new().lookup_time(Duration::from_secs(3600)), "direct:"),
        (Scripted::new().datagrams("9.9.9.9:53", |_| vec![]), "direct:?dns=udp://9.9.9.9"),
    ] {
        let begun = Instant::now();
        let failed = World::new(net).resolve(&route(strategy, "a.example:443")).await.unwrap_err();
        assert_eq!(failed, failure(Stage::Dns, Cause::Silence));
        assert_eq!(begun.elapsed(), timeouts::DNS);
    }
}

#[tokio::test(start_paused = true)]
async fn literals_and_localhost_are_never_looked_up() {
    let world = World::new(Scripted::new());
    for (destination, expected) in [
        ("203.0.113.9:80", &["203.0.113.9:80"][..]),
        ("[2001:db8::9]:80", &["[2001:db8::9]:80"]),
        ("localhost:80", &["[::1]:80", "127.0.0.1:80"]),
        ("a.localhost:80", &["[::1]:80", "127.0.0.1:80"]),
    ] {
        assert_eq!(world.resolve(&route("direct:", destination)).await.unwrap(), addresses(expected));
    }
    assert!(world.net.touches().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_onion_name_never_reaches_a_resolver() {
    for dns in ["direct:", "direct:?dns=udp://9.9.9.9"] {
        let world = World::new(Scripted::new());
        let failed = world.resolve(&route(dns, "abc.onion:80")).await.unwrap_err();
        assert_eq!(failed, failure(Stage::Dns, Cause::Forbidden { rule: PolicyRule::Onion }));
        assert!(world.net.touches().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_onion_name_is_given_to_no_proxy_but_tor() {
    let proxies =
        ["socks5://192.0.2.7:1080", "http://192.0.2.7:80", "https://192.0.2.7", "ss://aes-256-gcm:p@192.0.2.7:8388"];
    for way in proxies.iter().chain(&["direct:"]) {
        for name in ["abc.onion:80", "a.ABC.Onion.:443"] {
            let world = World::with(Scripted::new(), &["abc.onion:80:192.0.2.1"]);
            let failed = world.open(&route(way, name)).await.err().unwrap();
            assert_eq!(failed, failure(Stage::Dns, Cause::Forbidden { rule: PolicyRule::Onion }), "{way} {name}");
            assert!(world.net.touches().is_empty(), "{way} {name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_or_resolver_with_an_onion_name_is_not_looked_up() {
    for way in [
        "socks5://abc.onion:1080",
        "http://abc.onion:80",
        "https://ABC.onion",
        "tor+socks5://abc.onion.:9050",
        "ss://aes-256-gcm:p@abc.onion:8388",
        "direct:?dns=tls://abc.onion",
        "direct:?dns=https://abc.onion/dns-query",
    ] {
        let Ok(strategy) = way.parse::<super::super::Strategy>() else { continue };
        let world = World::new(Scripted::new());
        assert!(world.open(&route(&strategy.to_string(), "a.example:80")).await.is_err(), "{way}");
        assert!(world.net.touches().is_empty(), "{way}: {:?}", world.net.touches());
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_given_by_hand_replaces_the_lookup() {
    let world = World::with(Scripted::new(), &["a.example:443:192.0.2.1,[2001:db8::1]"]);
    let found = world.resolve(&route("direct:", "a.example:443")).await.unwrap();
    assert_eq!(found, addresses(&["[2001:db8::1]:443", "192.0.2.1:443"]));
    assert!(world.net.touches().is_empty());
    world.resolve(&route("direct:", "a.example:80")).await.unwrap_err();
    assert_eq!(world.net.touches(), [Touch::Lookup("a.example".into())], "another port is another destination");
}

#[tokio::test(start_paused = true)]
async fn what_a_stranger_named_never_leads_into_a_private_network() {
    let net = || Scripted::new().name("in.example", &["10.0.0.1", "::1", "169.254.169.254"]);
    let world = World::with(net(), &["hand.example:80:127.0.0.1"]);
    for destination in [
        "in.example:80",
        "hand.example:80",
        "localhost:80",
        "127.0.0.1:80",
        "[::1]:80",
        "[::ffff:10.0.0.1]:80",
        "169.254.169.254:80",
    ] {
        let failed = world.open(&named_by_a_stranger("direct:", destination)).await.err().unwrap();
        assert_eq!(failed, failure(Stage::Dns, Cause::Forbidden { rule: PolicyRule::PrivateAddress }), "{destination}");
    }
    assert_eq!(world.net.touches(), [Touch::Lookup("in.example".into())], "and nothing was dialled");
    assert_eq!(world.resolve(&route("direct:", "in.example:80")).await.unwrap().len(), 3, "the user may");
}

#[tokio::test(start_paused = true)]
async fn of_mixed_answers_only_the_public_ones_are_dialled() {
    let world = World::new(Scripted::new().name("a.example", &["10.0.0.1", "203.0.113.9", "fe80::1"]));
    let found = world.resolve(&named_by_a_stranger("direct:", "a.example:80")).await.unwrap();
    assert_eq!(found, addresses(&["203.0.113.9:80"]));
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_was_made_elsewhere_is_judged_again() {
    let world = World::new(Scripted::new());
    let route = named_by_a_stranger("direct:", "a.example:80");
    let candidate = Candidate::to(&route, Some("127.0.0.1:80".parse().unwrap()));
    let failed = world.dialer.dial(&candidate, &Trace::new()).await.err().unwrap();
    assert_eq!(failed, failure(Stage::Tcp, Cause::Forbidden { rule: PolicyRule::PrivateAddress }));
    assert!(world.net.touches().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_strangers_private_address_is_never_handed_to_a_proxy() {
    for strategy in ["socks5://192.0.2.7:1080", "http://192.0.2.7:1080", "tor+socks5://192.0.2.7:1080"] {
        let world = World::new(Scripted::new().peer(PROXY, hang));
        for destination in ["localhost:80", "x.localhost:80", "127.0.0.1:80", "[fd00::1]:80", "192.168.0.1:80"] {
            let route = named_by_a_stranger(strategy, destination);
            let failed = world.open(&route).await.err().unwrap();
            assert_eq!(failed, failure(Stage::Dns, Cause::Forbidden { rule: PolicyRule::PrivateAddress }));
            let failed = world.dialer.dial(&Candidate::to(&route, None), &Trace::new()).await.err().unwrap();
            assert_eq!(failed.cause, Cause::Forbidden { rule: PolicyRule::PrivateAddress });
        }
        assert!(world.net.touches().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_exposure_forbids_causes_no_lookup_and_no_connect() {
    let direct = ["direct:", "direct:?dns=udp://9.9.9.9"];
    let proxies = ["socks5://proxy.example:1080", "http://proxy.example:3128", "https://proxy.example:443"];
    for (exposure, strategies) in
        [(Exposure::Proxied, &direct[..]), (Exposure::Tor, &[&direct[..], &proxies[..]].concat())]
    {
        for strategy in strategies {
            let world = World::with(Scripted::new(), &["given.example:80:203.0.113.1"]);
            for destination in ["a.example:80", "203.0.113.9:80", "localhost:80", "given.example:80"] {
                let route = Route { exposure, ..route(strategy, destination) };
                let rule = Cause::Forbidden { rule: PolicyRule::Exposure };
                assert_eq!(world.resolve(&route).await.unwrap_err(), failure(Stage::Dns, rule.clone()));
                let candidate = Candidate::to(&route, Some("203.0.113.9:80".parse().unwrap()));
                let failed = world.dialer.dial(&candidate, &Trace::new()).await.err().unwrap();
                assert_eq!(failed, failure(Stage::Tcp, rule));
            }
            assert!(world.net.touches().is_empty(), "{exposure} over {strategy}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_direct_dial_keeps_each_failure_apart() {
    let net = Scripted::new()
        .failing("203.0.113.1:80", ECONNREFUSED)
        .failing("203.0.113.2:80", EHOSTUNREACH)
        .failing("203.0.113.3:80", ECONNRESET)
        .silent("203.0.113.4:80");
    let world = World::new(net);
    for (host, cause, errno) in [
        ("203.0.113.1:80", Cause::Refused, Some(ECONNREFUSED)),
        ("203.0.113.2:80", Cause::Unreachable, Some(EHOSTUNREACH)),
        ("203.0.113.3:80", Cause::Reset, Some(ECONNRESET)),
        ("203.0.113.4:80", Cause::Silence, None),
    ] {
        let begun = Instant::now();
        let failed = world.open(&route("direct:", host)).await.err().unwrap();
        let took = if cause == Cause::Silence { timeouts::TCP } else { Duration::ZERO };
        assert_eq!(failed, Failure { errno, ..failure(Stage::Tcp, cause) });
        assert_eq!(begun.elapsed(), took);
    }
}

#[tokio::test(start_paused = true)]
async fn a_direct_dial_is_traced() {
    let world = World::new(Scripted::new().name("a.example", &["203.0.113.1"]).peer("203.0.113.1:80", hang));
    let trace = Trace::new();
    let candidates = world.candidates(&route("direct:", "a.example:80"), &trace).await.unwrap();
    assert_eq!(trace.seen().stage, Stage::Dns);
    world.dialer.dial(&candidates[0], &trace).await.unwrap();
    let seen = trace.seen();
    let address: IpAddr = "203.0.113.1".parse().unwrap();
    let said: Vec<_> = seen.lookups.into_iter().flat_map(|lookup| lookup.answers).map(|answer| answer.result).collect();
    assert_eq!((seen.stage, seen.address, said), (Stage::Tcp, Some(address), vec![Ok(vec![address])]));
}

#[tokio::test(start_paused = true)]
async fn the_host_s_name_travels_to_every_proxy_unresolved() {
    let net = Scripted::new().peer(PROXY, |mut peer| async move {
        peer.read(3).await;
        peer.write(b"\x05\x00").await;
        assert_eq!(peer.read(16).await, b"\x05\x01\x00\x03\x09a.example\x00\x50");
        peer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00hello").await;
        peer.hang().await;
    });
    let world = World::new(net);
    let trace = Trace::new();
    let candidates = world.candidates(&route("socks5://192.0.2.7:1080", "a.example:80"), &trace).await.unwrap();
    let mut stream = world.dialer.dial(&candidates[0], &trace).await.unwrap();
    let mut hello = [0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(&hello, b"hello");
    assert_eq!(world.net.touches(), [Touch::Connect(PROXY.parse().unwrap())]);
    let seen = trace.seen();
    assert_eq!((seen.stage, seen.address, seen.answers), (Stage::Proxy, Some("192.0.2.7".parse().unwrap()), vec![]));

    let net = Scripted::new().peer(PROXY, |mut peer| async move {
        let head = peer.read_head().await;
        assert!(head.starts_with("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"), "{head}");
        peer.write("HTTP/1.1 200 OK\r\n\r\nhello").await;
        assert_eq!(peer.read(3).await, b"you");
        peer.hang().await;
    });
    let world = World::new(net);
    let mut stream = world.open(&route("http://192.0.2.7:1080", "[2001:db8::1]:443")).await.unwrap();
    stream.read_exact(&mut hello).await.unwrap();
    stream.write_all(b"you").await.unwrap();
    assert_eq!(&hello, b"hello");
}

#[tokio::test(start_paused = true)]
async fn each_failure_of_a_proxy_is_told_as_what_it_is_and_at_once() {
    let socks = "socks5://user:word@192.0.2.7:1080";
    let http = "http://user:word@192.0.2.7:1080";
    let malformed = |expected| Cause::Malformed { expected };
    for (strategy, answer, cause) in [
        (socks, &b"\x05\xff"[..], Cause::ProxyLogin),
        (socks, b"\x05\x02\x01\x01", Cause::ProxyLogin),
        (socks, b"\x05\x00\x05\x01", Cause::ProxyReply { code: 1 }),
        (socks, b"\x05\x00\x05\x02", Cause::ProxyReply { code: 2 }),
        (socks, b"\x05\x00\x05\x03", Cause::ProxyReply { code: 3 }),
        (socks, b"\x05\x00\x05\x04", Cause::ProxyReply { code: 4 }),
        (socks, b"\x05\x00\x05\x05", Cause::ProxyReply { code: 5 }),
        (socks, b"\x05\x00\x05\xf0", Cause::ProxyReply { code: 0xF0 }),
        (socks, b"HTTP/1.1 400 Bad Request\r\n\r\n", malformed(Protocol::Socks5)),
        (socks, b"", Cause::Closed),
        (socks, b"\x05\x00\x05\x00", Cause::Closed),
        (http, b"HTTP/1.1 407 Login\r\n\r\n", Cause::ProxyLogin),
        (http, b"HTTP/1.1 403 No\r\n\r\n", Cause::ProxyReply { code: 403 }),
        (http, b"HTTP/1.1 502 Bad\r\n\r\n", Cause::ProxyReply { code: 502 }),
        (http, b"HTTP/1.1 504 Late\r\n\r\n", Cause::ProxyReply { code: 504 }),
        (http, b"\x05\xff", malformed(Protocol::HttpConnect)),
        (http, b"", Cause::Closed),
        (http, b"HTTP/1.1 200 O", Cause::Closed),
    ] {
        let world = World::new(Scripted::new().peer(PROXY, move |mut peer| async move {
            peer.read(3).await;
            peer.write(answer).await;
            // The stream is half closed: the peer still reads what the client writes.
            peer.stream.shutdown().await.unwrap();
            peer.hang().await;
        }));
        let begun = Instant::now();
        let route = route(strategy, "a.example:443");
        let failed = world.open(&route).await.err().unwrap();
        assert_eq!(failed, failure(Stage::Proxy, cause));
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_resets_is_a_reset_with_its_errno() {
    for strategy in ["socks5://192.0.2.7:1080", "http://192.0.2.7:1080", "https://192.0.2.7:1080"] {
        let world = World::new(Scripted::new().peer(PROXY, |mut peer| async move {
            peer.read(1).await;
            peer.reset();
        }));
        let failed = world.open(&route(strategy, "a.example:443")).await.err().unwrap();
        assert_eq!(failed, Failure { errno: Some(ECONNRESET), ..failure(Stage::Proxy, Cause::Reset) }, "{strategy}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_at_each_stage_takes_exactly_its_time() {
    let silent = || Scripted::new().silent(PROXY);
    let mute = || Scripted::new().peer(PROXY, hang);
    let unfinished = || {
        Scripted::new().peer(PROXY, |mut peer| async move {
            peer.write(b"\x05\x00").await;
            peer.hang().await;
        })
    };
    let drip = || {
        Scripted::new().peer(PROXY, |mut peer| async move {
            peer.write("HTTP/1.1 200 OK\r\n").await;
            loop {
                sleep(Duration::from_secs(1)).await;
                peer.write("a: b\r\n").await;
            }
        })
    };
    let unresolved = Scripted::new().lookup_time(Duration::from_secs(3600));
    for (net, strategy, stage, time) in [
        (unresolved, "socks5://proxy.example:1080", Stage::Dns, timeouts::DNS),
        (silent(), "socks5://192.0.2.7:1080", Stage::Tcp, timeouts::TCP),
        (silent(), "tor+socks5://192.0.2.7:1080", Stage::Tcp, timeouts::TCP),
        (mute(), "socks5://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (unfinished(), "socks5://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (mute(), "http://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (drip(), "http://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (mute(), "https://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (greeted(), "tor+socks5://192.0.2.7:1080", Stage::Proxy, timeouts::TOR),
    ] {
        let begun = Instant::now();
        let failed = World::new(net).open(&route(strategy, "a.example:443")).await.err().unwrap();
        assert_eq!(failed, failure(stage, Cause::Silence), "{strategy}");
        assert_eq!(begun.elapsed(), time, "{strategy}");
    }
}

#[tokio::test(start_paused = true)]
async fn tors_own_time_begins_when_it_has_taken_the_login() {
    let half = || {
        Scripted::new().peer(PROXY, |mut peer| async move {
            peer.read(3).await;
            peer.write(b"\x05\x02").await;
            peer.hang().await;
        })
    };
    let mute = || Scripted::new().peer(PROXY, hang);
    for (net, host, time, is_mute) in [
        (mute(), "a.example:443", timeouts::PROXY, true),
        (mute(), "abc.onion:80", timeouts::PROXY, true),
        (half(), "abc.onion:80", timeouts::PROXY, true),
        (greeted(), "a.example:443", timeouts::TOR, false),
        (greeted(), "abc.onion:80", timeouts::ONION, false),
    ] {
        let World { dialer, .. } = World::new(net);
        let (trace, begun) = (Trace::new(), Instant::now());
        let route = route("tor+socks5://192.0.2.7:1080", host);
        let failed = dialer.dial(&Candidate::to(&route, None), &trace).await.err().unwrap();
        assert_eq!((failed, begun.elapsed()), (failure(Stage::Proxy, Cause::Silence), time), "{host}");
        let seen = trace.seen();
        assert_eq!((seen.mute, seen.circuit_until.is_some()), (is_mute, time == timeouts::ONION), "{host}");
    }
}

/// A Tor that takes the greeting and the login, and says nothing to the request.
fn greeted() -> Scripted {
    Scripted::new().peer(PROXY, |mut peer| async move {
        peer.read(3).await;
        peer.write(b"\x05\x02").await;
        peer.read(1).await;
        peer.write(b"\x01\x00").await;
        peer.hang().await;
    })
}

#[tokio::test(start_paused = true)]
async fn a_proxys_name_is_resolved_by_the_system_and_staggered() {
    let net = Scripted::new()
        .name("proxy.example", &["192.0.2.1", "192.0.2.2", "192.0.2.3"])
        .silent("192.0.2.1:1080")
        .failing("192.0.2.2:1080", ECONNREFUSED)
        .peer("192.0.2.3:1080", |mut peer| async move {
            peer.read(3).await;
            peer.write(b"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00").await;
            peer.hang().await;
        });
    let world = World::new(net);
    let begun = Instant::now();
    world.open(&route("socks5://proxy.example:1080", "a.example:443")).await.unwrap();
    assert_eq!(begun.elapsed(), timeouts::STAGGER, "silence costs one stagger, refusal nothing");
    assert_eq!(world.net.touches()[0], Touch::Lookup("proxy.example".into()));
    assert_eq!(world.net.touches().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn when_no_address_of_a_proxy_answers_the_first_failure_is_told() {
    let net = Scripted::new()
        .name("proxy.example", &["192.0.2.1", "192.0.2.2"])
        .failing("192.0.2.1:1080", ECONNREFUSED)
        .failing("192.0.2.2:1080", EHOSTUNREACH);
    let route = route("socks5://proxy.example:1080", "a.example:443");
    let failed = World::new(net).open(&route).await.err().unwrap();
    assert_eq!(failed, Failure { errno: Some(ECONNREFUSED), ..failure(Stage::Tcp, Cause::Refused) });
}

#[tokio::test(start_paused = true)]
async fn tor_is_told_communities_apart_and_never_their_names() {
    /// The credentials that a dialer's stream shows.
    async fn shown(world: &World, label: &str, seen: &mut tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>) -> Vec<u8> {
        let route = Route { isolation: Isolation::of(label), ..route("tor+socks5://192.0.2.7:1080", "a.example:443") };
        world.open(&route).await.unwrap();
        seen.recv().await.unwrap()
    }
    fn world() -> (World, tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>) {
        let (send, receive) = tokio::sync::mpsc::unbounded_channel();
        let net = Scripted::new().peer(PROXY, move |mut peer| {
            let send = send.clone();
            async move {
                assert_eq!(peer.read(3).await, b"\x05\x01\x02", "no way around the isolation");
                peer.write(b"\x05\x02").await;
                send.send(peer.read(1 + 1 + 32 + 1 + 32).await).unwrap();
                peer.write(b"\x01\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00").await;
                peer.hang().await;
            }
        });
        (World::new(net), receive)
    }
    let (first, mut of_first) = world();
    let (second, mut of_second) = world();
    let one = shown(&first, "community one", &mut of_first).await;
    assert_eq!(one, shown(&first, "community one", &mut of_first).await, "one community, one circuit");
    let all = HashSet::from([
        one.clone(),
        shown(&first, "community two", &mut of_first).await,
        shown(&first, "", &mut of_first).await,
        shown(&second, "community one", &mut of_second).await,
    ]);
    assert_eq!(all.len(), 4, "others, and other processes, have others");
    assert!(!one.windows(3).any(|window| window == b"one"));
}

#[test]
fn an_entry_given_by_hand_is_read_or_refused_in_one_sentence() {
    for (entry, host, port, expected) in [
        ("a.example:443:203.0.113.1", "a.example", 443, &["203.0.113.1"][..]),
        ("A.Example.:443:[2001:db8::1],203.0.113.1", "a.example", 443, &["2001:db8::1", "203.0.113.1"]),
        ("[2001:db8::2]:80:127.0.0.1", "2001:db8::2", 80, &["127.0.0.1"]),
    ] {
        let (destination, addresses) = parse_resolve_entry(entry).unwrap();
        let expected: Vec<IpAddr> = expected.iter().map(|address| address.parse().unwrap()).collect();
        assert_eq!((destination.host_text().as_str(), destination.port, addresses), (host, port, expected));
    }
    for entry in [
        "",
        "a.example",
        "a.example:443",
        "a.example:443:",
        "a.example:0:203.0.113.1",
        "a.example:+443:203.0.113.1",
        "a.example:70000:203.0.113.1",
        "a.example::203.0.113.1",
        ":443:203.0.113.1",
        "a b:443:203.0.113.1",
        "a.example:443:2001:db8::1",
        "a.example:443:b.example",
        "a.example:443:203.0.113.1,",
        "[2001:db8::2:80:127.0.0.1",
        "[a.example]:80:127.0.0.1",
        "[",
        "[]",
    ] {
        let refused = parse_resolve_entry(entry).unwrap_err().to_string();
        assert!(!refused.contains('\n') && refused.starts_with('`'), "{entry}: {refused}");
    }
}

/// A Tor whose start takes this long and moves every second.
#[derive(Debug)]
struct SlowTor(Duration);

impl TorStreams for SlowTor {
    fn start<'a>(
        &'a self,
        progress: &'a (dyn Fn(TorProgress) + Send + Sync),
    ) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            for second in 0..self.0.as_secs() {
                progress(TorProgress::new(u8::try_from(second).unwrap(), None));
                sleep(Duration::from_secs(1)).await;
            }
            Ok(Some(self.0))
        })
    }

    fn connect<'a>(&'a self, _: &'a Destination, _: &'a str) -> BoxFuture<'a, Result<BoxStream, Failure>> {
        Box::pin(async { Err(failure(Stage::Proxy, Cause::ProxyReply { code: 4 })) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_of_tor_longer_than_usual_gives_others_their_turn() {
    let World { dialer, .. } = World::new(Scripted::new());
    let dialer = dialer.with_tor(Arc::new(SlowTor(Duration::from_secs(30))));
    let tor = Route {
        strategy: StrategyKind::Tor { bridges: Bridges::default() }.into(),
        ..route("direct:", "a.example:443")
    };
    for (may_take, late_from) in [(None, None), (Some(12), Some(12)), (Some(60), None)] {
        let trace = Trace::new();
        trace.tor_may_take(may_take.map(Duration::from_secs));
        let mut late = None;
        let began = Instant::now();
        let candidate = Candidate::to(&tor, None);
        let mut dialling = std::pin::pin!(dialer.dial(&candidate, &trace));
        let failed = loop {
            tokio::select! {
                ended = &mut dialling => break ended.err().unwrap(),
                () = sleep(Duration::from_millis(250)) => {
                    let waits = trace.waiting().unwrap();
                    if waits == Wait::StalledTor {
                        late.get_or_insert(began.elapsed().as_secs());
                    } else {
                        assert_eq!((waits, late), (Wait::Tor, None), "its progress does not take the turn back");
                    }
                }
            }
        };
        assert_eq!(failed, failure(Stage::Proxy, Cause::ProxyReply { code: 4 }), "its start went on");
        assert_eq!((late, trace.waiting()), (late_from, None), "{may_take:?}");
        assert_eq!(trace.seen().tor_start, Some(Duration::from_secs(30)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_race_waits_for_a_way_to_an_onion_service_alone() {
    for (host, seconds) in [("a.example:443", None), ("abc.onion:80", Some(60))] {
        let World { dialer, .. } = World::new(Scripted::new());
        let dialer = dialer.with_tor(Arc::new(SlowTor(Duration::ZERO)));
        let route =
            Route { strategy: StrategyKind::Tor { bridges: Bridges::default() }.into(), ..route("direct:", host) };
        let (trace, began) = (Trace::new(), Instant::now());
        assert!(dialer.dial(&Candidate::to(&route, None), &trace).await.is_err());
        let seen = trace.seen();
        assert_eq!(
            (seen.circuit_until, seen.circuit_made),
            (seconds.map(|seconds| began + Duration::from_secs(seconds)), None)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_https_proxy_proves_its_name_before_it_learns_the_hosts() {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["proxy.example".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let config = Arc::new(config);
    let net = || {
        let acceptor = TlsAcceptor::from(Arc::clone(&config));
        Scripted::new().name("proxy.example", &["192.0.2.7"]).name("other.example", &["192.0.2.7"]).peer(
            "192.0.2.7:443",
            move |peer| {
                let acceptor = acceptor.clone();
                async move {
                    let Ok(mut stream) = acceptor.accept(peer.stream).await else { return };
                    let mut head = [0; 100];
                    let length = stream.read(&mut head).await.unwrap();
                    assert!(head[..length].starts_with(b"CONNECT a.example:443 HTTP/1.1\r\n"));
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").await.unwrap();
                    stream.flush().await.unwrap();
                    std::future::pending::<()>().await;
                }
            },
        )
    };
    let roots = Roots { authoritative: vec![authority.der().clone()], extra: vec![] };
    let world = World::trusting(&roots, net(), &[]);
    let mut stream = world.open(&route("https://proxy.example:443", "a.example:443")).await.unwrap();
    let mut hello = [0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(&hello, b"hello");

    let certificate = |fault| failure(Stage::Proxy, Cause::Certificate { fault });
    let wrong_name = route("https://other.example:443", "a.example:443");
    let failed = world.open(&wrong_name).await.err().unwrap();
    assert_eq!(failed, certificate(CertificateFault::WrongName));
    let failed = World::new(net()).open(&route("https://proxy.example:443", "a.example:443")).await.err().unwrap();
    assert_eq!(failed, certificate(CertificateFault::UnknownIssuer));
}
