//! N8 and N9: a name that is encrypted in the ClientHello (`ech=`), a middlebox that drops such ClientHellos, a host
//! that rejects them; and QUIC, which a network may swallow, because Byway does not use it.
//!
//! The lab's hosts use rustls and accept no encrypted ClientHello. The test against a Go server shows acceptance
//! (`cli/tests/real/ech.rs`).

use std::net::SocketAddr;
use std::time::Duration;

use byway::internals::fetch::Fetched;
use byway::internals::reach::{Attempt, Outcome, VerdictCode};
use byway::internals::transport::EchOutcome;
use byway_lab::{HttpsRecord, Lab, What, When};

use crate::stack::{fetch, get, probe};

const URL: &str = "https://site.example/";
const ADDRESS: &str = "203.0.113.10";
const PREFER: &str = "direct:?dns=https://dns.example@198.51.100.53/dns-query&ech=prefer";
const REQUIRE: &str = "direct:?dns=https://dns.example@198.51.100.53/dns-query&ech=require";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";

/// A host that publishes a key under the name `outer.example`, and an authenticated resolver.
fn lab() -> Lab {
    let lab = unpublished();
    lab.host("site.example").ech(&keys());
    lab
}

fn unpublished() -> Lab {
    let lab = Lab::new();
    lab.host("site.example").at(ADDRESS).https().http().page("/", "the page");
    lab.resolver("198.51.100.53").named("dns.example").tls().https();
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

/// A key of X25519 for AES-128-GCM (RFC 9849 section 4). Its private half does not exist.
fn keys() -> Vec<u8> {
    let mut contents = vec![1, 0, 0x20, 0, 32];
    contents.extend([9; 32]);
    contents.extend([0, 4, 0, 1, 0, 1, 0, 13]);
    contents.extend(b"outer.example");
    contents.extend([0, 0]);
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let config = [&[0xFE, 0x0D][..], &length(&contents), &contents].concat();
    [&length(&config)[..], &config].concat()
}

/// When connections to the host were begun.
fn connects(lab: &Lab) -> Vec<Duration> {
    let host = SocketAddr::new(ADDRESS.parse().unwrap(), 443);
    lab.packets().connects().into_iter().filter(|(_, to)| *to == host).map(|(at, _)| at).collect()
}

fn told(attempts: &[Attempt]) -> Vec<(EchOutcome, &'static str)> {
    attempts.iter().map(|attempt| (attempt.ech, attempt.outcome.code())).collect()
}

fn is_page(fetched: Fetched) -> Vec<Attempt> {
    assert_eq!(&fetched.result.unwrap().body[..], b"the page");
    fetched.attempts
}

/// What a middlebox does to an encrypted ClientHello.
type Act = fn(When);

#[tokio::test(start_paused = true)]
async fn n8_an_encrypted_hello_that_is_dropped_is_sent_again_without() {
    // A reset comes back from the middlebox 5 ms away, after a round trip for the connection; silence costs its hedge
    // delay.
    let cases: [(&str, Act, u64); 3] = [
        ("reset", |when| drop(when.reset()), 50 + 10),
        ("closed", |when| drop(when.close()), 50 + 10),
        ("pending", |when| drop(when.swallow()), 250),
    ];
    for (ended, act, after) in cases {
        let lab = lab();
        act(lab.censor().when_ech("outer.example"));
        let attempts = is_page(fetch(&lab, &[PREFER], get(URL)).await);
        assert_eq!(told(&attempts), [(EchOutcome::Offered, ended), (EchOutcome::Off, "ok")]);
        let times = connects(&lab);
        assert_eq!(times[1] - times[0], Duration::from_millis(after), "{ended}\n{}", lab.log());
        let probed = probe(&lab, &[PREFER, PROXY], URL).await;
        assert_eq!(probed.told(), (VerdictCode::Reachable, None, Some("direct")), "{probed:?}");
        assert_eq!(probed.text(), Some("the page"));
    }
}

#[tokio::test(start_paused = true)]
async fn n8_with_require_a_dropped_hello_is_not_sent_again_without() {
    for (act, ended) in [(((|when| drop(when.reset())) as Act), "reset"), (|when| drop(when.swallow()), "pending")] {
        let lab = lab();
        act(lab.censor().when_ech("outer.example"));
        // A ClientHello with the name in it would be visible here.
        lab.censor().when_sni("site.example").reset();
        let fetched = fetch(&lab, &[REQUIRE, PROXY], get(URL)).await;
        let attempts = is_page(fetched);
        assert_eq!(attempts[0].ech, EchOutcome::Offered);
        assert_eq!(attempts[0].outcome.code(), ended);
        assert!(!lab.log().to_string().contains("sni=site.example reset"), "{}", lab.log());
        assert_eq!(connects(&lab).len(), 1, "{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn n8_a_host_without_ech_is_read_with_its_name_or_not_at_all() {
    let lab = lab();
    let attempts = is_page(fetch(&lab, &[PREFER], get(URL)).await);
    assert_eq!(told(&attempts), [(EchOutcome::Rejected, "ech_rejected"), (EchOutcome::Off, "ok")]);

    let lab = self::lab();
    lab.censor().when_sni("site.example").reset();
    let fetched = fetch(&lab, &[REQUIRE], get(URL)).await;
    assert!(fetched.result.is_err());
    assert_eq!(told(&fetched.attempts), [(EchOutcome::Rejected, "ech_rejected")]);
    assert_eq!(lab.log().censored(), 0, "its name was not said: {}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn n8_without_a_published_key_require_sends_the_host_nothing() {
    let without: [fn() -> Lab; 3] = [
        unpublished,
        || {
            let lab = unpublished();
            let alpn = vec!["h2".to_owned()];
            lab.host("site.example").https_record(HttpsRecord { alpn, ech: None });
            lab
        },
        // A key of an unknown form.
        || {
            let lab = unpublished();
            lab.host("site.example").ech(&[0, 5, 0xFE, 0x99, 0, 1, 7]);
            lab
        },
    ];
    for (at, lab) in without.into_iter().enumerate() {
        let world = lab();
        let fetched = fetch(&world, &[REQUIRE], get(URL)).await;
        assert!(fetched.result.is_err());
        assert!(
            matches!(&fetched.attempts[0].outcome, Outcome::Failed(failure) if failure.cause.code() == "ech_unavailable")
        );
        // The last case appears when the ClientHello is made: a connection, and not a byte on it.
        assert_eq!(connects(&world).len(), usize::from(at == 2), "{}", world.log());
        assert!(world.log().by("site.example").requests().is_empty());
        // There is no request in cleartext either.
        let world = lab();
        assert!(fetch(&world, &[REQUIRE], get("http://site.example/")).await.result.is_err());
        assert!(
            world.packets().connects().iter().all(|(_, to)| to.ip() != ADDRESS.parse::<std::net::IpAddr>().unwrap())
        );
        // If it is allowed, it is read without encryption.
        let attempts = is_page(fetch(&lab(), &[PREFER], get(URL)).await);
        assert_eq!(attempts.last().unwrap().ech, EchOutcome::Off);
    }
}

#[tokio::test(start_paused = true)]
async fn n8_a_resolver_that_does_not_prove_itself_gives_no_key() {
    let lab = lab();
    lab.resolver("198.51.100.53").certificate(byway_lab::Certificate::SelfSigned);
    let fetched = fetch(&lab, &[REQUIRE], get(URL)).await;
    assert!(fetched.result.is_err());
    assert!(connects(&lab).is_empty(), "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn n9_swallowed_quic_costs_no_time_because_tcp_reads_the_page() {
    let mut times = Vec::new();
    for swallowed in [false, true] {
        let lab = unpublished();
        // It says that it speaks HTTP/3.
        let alpn = vec!["h3".to_owned(), "h2".to_owned()];
        lab.host("site.example").https_record(HttpsRecord { alpn, ech: None });
        if swallowed {
            lab.censor().when_quic().swallow();
        }
        for way in ["direct:", PREFER] {
            is_page(fetch(&lab, &[way], get(URL)).await);
        }
        let to_quic = |what: &What| matches!(what, What::Datagram { to, .. } if to.port() == 443);
        assert!(!lab.packets().events().iter().any(|event| to_quic(&event.what)), "{}", lab.log());
        assert_eq!(lab.log().censored(), 0);
        times.push(lab.elapsed());
    }
    assert_eq!(times[0], times[1]);
}
