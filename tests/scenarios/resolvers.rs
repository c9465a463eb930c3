//! Rows N1, N12 and N14 with several resolvers in one strategy, and Happy Eyeballs: what the user gets, when, and what
//! the evidence says about each resolver.

use std::net::IpAddr;
use std::time::Duration;

use byway::Exposure;
use byway::internals::reach::{Attempt, VerdictCode};
use byway::internals::transport::{
    Candidates, Cause, Dialer, EchConfigList, Isolation, Lookup, Overrides, PrivateAddresses, QueryType, Rank, Route,
    Trace,
};
use byway::internals::wire::tls::TlsClient;
use byway::net::Net;
use byway_lab::{Certificate, Lab, Lie, Resolver};

use crate::stack::{Probed, byway, engine, fetch, get, probe, roots};

/// The group, and a resolver abroad that answers over all protocols.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().http().page("/", "the group");
    lab.host("block.isp").at("192.0.2.66").https().http().page("/", "blocked");
    abroad(&lab);
    lab
}

fn abroad(lab: &Lab) -> Resolver {
    lab.resolver("198.51.100.53").named("dns.example").tls().https()
}

const SYSTEM: &str = "dns=system";
const UDP: &str = "dns=udp://198.51.100.53";
const TLS: &str = "dns=tls://dns.example@198.51.100.53";
const HTTPS: &str = "dns=https://dns.example@198.51.100.53/dns-query";
const URL: &str = "https://vk.com/";

fn direct(resolvers: &[&str]) -> String {
    format!("direct:?{}", resolvers.join("&"))
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// What the user reads with these resolvers alone, and when.
async fn read(lab: &Lab, resolvers: &[&str]) -> (Option<String>, Duration) {
    let fetched = fetch(lab, &[&direct(resolvers)], get(URL)).await;
    let text = fetched.result.ok().map(|page| String::from_utf8(page.body.to_vec()).unwrap());
    (text, lab.elapsed())
}

async fn judged(lab: &Lab, resolvers: &[&str]) -> Probed {
    probe(lab, &[&direct(resolvers)], URL).await
}

/// A resolver's answers, as recorded in the attempts of a probe.
fn lookup<'a>(attempts: &'a [Attempt], kind: &str) -> &'a Lookup {
    let lookups = || attempts.iter().flat_map(|attempt| &attempt.lookups);
    lookups().find(|lookup| lookup.resolver.code() == kind).unwrap_or_else(|| panic!("{kind} was not asked"))
}

fn lies() -> Vec<(&'static str, Lie)> {
    let address = |text| Lie::Addresses(vec![ip(text)]);
    vec![
        ("nxdomain", Lie::NxDomain),
        ("servfail", Lie::ServFail),
        ("refused", Lie::Refused),
        ("silence", Lie::Silence),
        ("garbage", Lie::Garbage),
        ("nothing of this kind", Lie::Addresses(vec![])),
        ("bogon", address("10.10.34.35")),
        ("loopback", address("127.0.0.1")),
        ("block page's address", address("192.0.2.66")),
        ("dead address", address("192.0.2.67")),
    ]
}

#[tokio::test(start_paused = true)]
async fn n1_another_resolvers_truth_is_read_by_the_same_route() {
    for (what, lie) in lies() {
        for liar in [SYSTEM, UDP, TLS, HTTPS] {
            for truth in [SYSTEM, UDP, TLS, HTTPS] {
                // One machine abroad serves three of them: it is either the liar or the other one.
                if (liar == SYSTEM) == (truth == SYSTEM) {
                    continue;
                }
                let lab = lab();
                if liar == SYSTEM { lab.system_resolver() } else { abroad(&lab) }.lies("vk.com", lie.clone());
                let (text, took) = read(&lab, &[liar, truth]).await;
                assert_eq!(text.as_deref(), Some("the group"), "{what} from {liar}, {truth}:\n{}", lab.log());
                // The slowest true answer comes after three round trips, and the page after three more; a liar costs at
                // most one silent address.
                assert!(took <= ms(150 + 150 + 250), "{what} from {liar}, {truth}: {took:?}\n{}", lab.log());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n1_a_forged_answer_racing_the_true_one_costs_no_other_route() {
    for (what, lie) in lies() {
        let lab = lab();
        lab.censor().when_query("vk.com").inject(lie.clone());
        let probed = judged(&lab, &[UDP]).await;
        assert_eq!(probed.text(), Some("the group"), "{what}: {probed:?}\n{}", lab.log());
        let udp = lookup(&probed.reachability.attempts, "udp");
        assert!(udp.addresses().contains(&ip("203.0.113.10")), "{what}: {udp:?}");
        let forged = !matches!(lie, Lie::Silence | Lie::Garbage);
        assert_eq!(udp.contradicts_itself(), forged, "{what}: both answers are kept: {udp:?}");
        if forged {
            let a: Vec<_> = udp.answers.iter().filter(|answer| answer.query == QueryType::A).collect();
            assert_eq!((a[0].after, a[1].after), (ms(10), ms(50)), "{what}: {udp:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n1_a_bogon_is_not_dialled_while_another_resolver_may_answer() {
    for bogon in ["10.10.34.35", "127.0.0.1", "0.0.0.0", "::1"] {
        let lab = lab();
        lab.system_resolver().answers("vk.com", bogon);
        let (text, took) = read(&lab, &[SYSTEM, HTTPS]).await;
        assert_eq!((text.as_deref(), took), (Some("the group"), ms(300)), "{bogon}:\n{}", lab.log());
        assert!(lab.packets().connects().iter().all(|(_, to)| to.ip() != ip(bogon)), "{}", lab.log());
        // Without another resolver its answer stands: a name may belong to the user's own network.
        let alone = self::lab();
        alone.system_resolver().answers("vk.com", bogon);
        read(&alone, &[SYSTEM]).await;
        assert!(alone.packets().connects().iter().any(|(_, to)| to.ip() == ip(bogon)), "{}", alone.log());
    }
}

#[tokio::test(start_paused = true)]
async fn n1_attempts_record_each_resolvers_answer_and_its_time() {
    let lab = lab();
    lab.system_resolver().rewrites_nxdomain("192.0.2.66");
    let probed = judged(&lab, &[SYSTEM, UDP, TLS, HTTPS]).await;
    assert_eq!(probed.text(), Some("the group"));
    let attempts = &probed.reachability.attempts;
    for (kind, after) in [("system", 50), ("udp", 50), ("tls", 150), ("https", 150)] {
        let lookup = lookup(attempts, kind);
        assert_eq!(lookup.addresses(), [ip("203.0.113.10")], "{kind}");
        let first = lookup.answers.first().unwrap();
        assert_eq!(first.after, ms(after), "{kind}: {lookup:?}");
    }
    assert_eq!(probed.reachability.verdict.code, VerdictCode::Reachable, "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n1_a_lie_after_the_page_is_recorded_without_waiting() {
    for truth in [UDP, TLS, HTTPS] {
        for late in [ms(400), ms(3000)] {
            let lab = lab();
            let (_, alone) = read(&lab, &[truth]).await;
            lab.system_resolver().rtt(late).nxdomain("vk.com");
            let byway = byway(&lab, &[&direct(&[SYSTEM, truth])], Exposure::Open).await;
            let before = lab.elapsed();
            let mut got = byway.get(URL).await.unwrap();
            assert_eq!((&got.response.body[..], lab.elapsed() - before), (&b"the group"[..], alone), "{truth}");
            assert_eq!(got.reachability.verdict.code, VerdictCode::Reachable, "{truth}");
            got.settle().await;
            assert_eq!(got.reachability.verdict.code, VerdictCode::DnsTampered, "{truth}: {:?}", got.reachability);
            let probed = judged(&lab, &[SYSTEM, truth]).await;
            assert_eq!(
                probed.reachability.verdict.code,
                VerdictCode::DnsTampered,
                "{truth}: {probed:?}\n{}",
                lab.log()
            );
            assert_eq!(probed.text(), Some("the group"), "{truth}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n1_the_true_answer_of_a_race_is_recorded_after_the_page() {
    // The forged answer comes first, and another resolver's answer is read before the true one can arrive.
    let lab = lab();
    lab.resolver("198.51.100.54");
    lab.resolver("198.51.100.53").rtt(ms(900));
    lab.censor().when_query("vk.com").address("198.51.100.53").inject(Lie::Addresses(vec![ip("10.10.34.35")]));
    let ways = [UDP, "dns=udp://198.51.100.54"];
    let (text, took) = read(&lab, &ways).await;
    assert_eq!((text.as_deref(), took), (Some("the group"), ms(200)), "{}", lab.log());
    let probed = judged(&lab, &ways).await;
    let udp = lookup(&probed.reachability.attempts, "udp");
    assert!(udp.contradicts_itself(), "{udp:?}\n{}", lab.log());
    assert_eq!(probed.reachability.verdict.rule.code(), "dns.injected", "{probed:?}");
}

#[tokio::test(start_paused = true)]
async fn n12_a_blocked_doh_or_dot_resolver_costs_nothing_with_another() {
    type Cut = fn(&Lab);
    let cuts: &[(&str, Cut, Option<Cause>)] = &[
        ("reset on its name", |lab| drop(lab.censor().when_sni("dns.example").reset()), Some(Cause::Reset)),
        ("swallowed on its name", |lab| drop(lab.censor().when_sni("dns.example").swallow()), None),
        ("its address swallowed", |lab| drop(lab.censor().when_address("198.51.100.53").swallow()), None),
        ("its address refused", |lab| drop(lab.censor().when_address("198.51.100.53").refuse()), Some(Cause::Refused)),
        ("a forged certificate", |lab| drop(lab.censor().when_sni("dns.example").forge_certificate()), None),
        ("an expired certificate", |lab| drop(abroad(lab).certificate(Certificate::Expired)), None),
        ("down", |lab| drop(abroad(lab).down()), None),
    ];
    for (how, cut, cause) in cuts {
        for blocked in [TLS, HTTPS] {
            let lab = lab();
            cut(&lab);
            let (text, took) = read(&lab, &[blocked, SYSTEM]).await;
            assert_eq!((text.as_deref(), took), (Some("the group"), ms(200)), "{how}, {blocked}:\n{}", lab.log());
            let probed = judged(&lab, &[blocked, SYSTEM]).await;
            assert_eq!(probed.reachability.verdict.code, VerdictCode::Reachable, "{how}: {probed:?}");
            let kind = if blocked == TLS { "tls" } else { "https" };
            let lookup = lookup(&probed.reachability.attempts, kind);
            assert!(lookup.addresses().is_empty(), "{how}: {lookup:?}");
            if let Some(cause) = cause {
                assert_eq!(lookup.reason(), Some(cause), "{how}: {lookup:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n12_a_lone_blocked_resolver_moves_to_another_route_at_once() {
    let lab = lab();
    lab.socks5("proxy.nl").at("198.18.0.7").country("nl");
    lab.censor().when_sni("dns.example").reset();
    let ways = [&direct(&[HTTPS]), "socks5://198.18.0.7:1080?cc=nl"];
    let fetched = fetch(&lab, &ways, get(URL)).await;
    assert_eq!(&fetched.result.unwrap().body[..], b"the group");
    assert_eq!(lab.packets().first_packet_to("198.18.0.7"), Some(ms(60)), "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn n14_of_two_resolvers_addresses_the_reachable_one_is_read() {
    for cut in [
        |lab: &Lab| drop(lab.censor().when_address("203.0.113.10").swallow()),
        |lab: &Lab| {
            drop(lab.censor().when_address("203.0.113.10").refuse());
        },
    ] {
        let lab = lab();
        lab.host("vk.com").at("203.0.113.11");
        lab.system_resolver().answers("vk.com", "203.0.113.10");
        abroad(&lab).answers("vk.com", "203.0.113.11");
        cut(&lab);
        let (text, took) = read(&lab, &[SYSTEM, UDP]).await;
        assert_eq!(text.as_deref(), Some("the group"), "{}", lab.log());
        assert!(took <= ms(50 + 250 + 150), "{took:?}\n{}", lab.log());
        let probed = judged(&lab, &[SYSTEM, UDP]).await;
        let attempt = |address| {
            let attempts = &probed.reachability.attempts;
            attempts.iter().find(|attempt| attempt.address == Some(ip(address))).unwrap_or_else(|| panic!("{probed:?}"))
        };
        assert!(!attempt("203.0.113.10").proved_name, "each address has its own attempt: {probed:?}");
        assert!(attempt("203.0.113.11").proved_name, "{probed:?}");
        assert_eq!(attempt("203.0.113.11").answers, [ip("203.0.113.11")], "and the answer that it comes from");
    }
}

#[tokio::test(start_paused = true)]
async fn n14_a_dead_address_known_to_two_routes_delays_no_good_one() {
    // Two handshakes go to one prefix at once, and both addresses are in one prefix.
    let lab = lab();
    lab.host("vk.com").at("203.0.113.11");
    lab.system_resolver().answers("vk.com", "203.0.113.10");
    lab.censor().when_address("203.0.113.10").swallow();
    let byway = byway(&lab, &["direct:", &direct(&[UDP])], Exposure::Open).await;
    for (access, most, times) in [("cold", ms(450), 1), ("learned", ms(500), 2)] {
        let before = lab.elapsed();
        let mut got = byway.get(URL).await.unwrap();
        assert!(lab.elapsed() - before <= most, "{access}: {:?}\n{}", lab.elapsed() - before, lab.log());
        let dialled = |address| lab.packets().connects().iter().filter(|(_, to)| to.ip() == ip(address)).count();
        assert_eq!(dialled("203.0.113.11"), times, "{access}: {}", lab.log());
        got.settle().await;
        assert!(got.reachability.attempts.iter().any(|attempt| attempt.address == Some(ip("203.0.113.10"))));
        byway.network_changed();
    }
}

#[tokio::test(start_paused = true)]
async fn n14_a_resolver_at_a_blocked_address_does_not_delay_another() {
    for blocked in [UDP, TLS, HTTPS] {
        let lab = lab();
        lab.censor().when_address("198.51.100.53").swallow();
        let (text, took) = read(&lab, &[blocked, SYSTEM]).await;
        assert_eq!((text.as_deref(), took), (Some("the group"), ms(200)), "{blocked}:\n{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_was_not_written_down_is_not_contacted() {
    let lab = lab();
    read(&lab, &[SYSTEM]).await;
    assert_eq!(lab.packets().first_packet_to("198.51.100.53"), None, "{}", lab.log());
    assert!(lab.log().asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_resolver_is_asked_for_what_must_not_be_seen() {
    for (exposure, hidden) in
        [(Exposure::Proxied, "socks5://198.18.0.7:1080?cc=nl"), (Exposure::Tor, "tor+socks5://127.0.0.1:9050")]
    {
        let lab = lab();
        lab.tor();
        lab.socks5("proxy.nl").at("198.18.0.7").country("nl");
        let ways = [&direct(&[SYSTEM, UDP, TLS, HTTPS]), hidden];
        byway(&lab, &ways, exposure).await.get(URL).await.unwrap();
        assert!(lab.packets().lookups().is_empty(), "{}", lab.log());
        assert_eq!(lab.packets().first_packet_to("198.51.100.53"), None, "{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_s_own_name_is_looked_up_where_it_was_not_pinned() {
    for named in ["dns=https://dns.example/dns-query", "dns=tls://dns.example"] {
        let lab = lab();
        let (text, _) = read(&lab, &[named]).await;
        assert_eq!(text.as_deref(), Some("the group"), "{}", lab.log());
        assert_eq!(lab.packets().lookups(), ["dns.example"], "and only that: {}", lab.log());
    }
    let lab = lab();
    let (text, _) = read(&lab, &["dns=https://198.51.100.53/dns-query"]).await;
    assert_eq!(text.as_deref(), Some("the group"), "proved by its address: {}", lab.log());
    assert!(lab.packets().lookups().is_empty());
}

/// A dialer on the lab's phone.
fn dialer(lab: &Lab) -> Dialer {
    let net: std::sync::Arc<dyn Net> = lab.client();
    let tls = TlsClient::new(net.clone(), &roots(lab)).unwrap();
    Dialer::new(net, &tls, Overrides::default())
}

fn route(way: &str, isolation: Isolation) -> Route {
    Route {
        strategy: way.parse().unwrap(),
        destination: "vk.com:443".parse().unwrap(),
        exposure: Exposure::Open,
        private: PrivateAddresses::Allowed,
        isolation,
    }
}

/// The first candidate of a route to the group.
async fn first_candidate(lab: &Lab, way: &str) -> (Option<EchConfigList>, Duration) {
    let (dialer, route) = (dialer(lab), route(way, Isolation::default()));
    let (candidates, trace, begun) = (Candidates::new(), Trace::new(), lab.elapsed());
    let mut lookup = std::pin::pin!(dialer.resolve(&route, &trace, &candidates));
    loop {
        if let Some(found) = candidates.next(|_| Rank::Fresh) {
            return (found.candidate.ech, lab.elapsed() - begun);
        }
        tokio::select! {
            biased;
            ended = &mut lookup => ended.unwrap(),
            () = tokio::time::sleep(ms(1)) => {}
        }
    }
}

/// How long a whole lookup takes, both families and the key.
async fn lookup_time(lab: &Lab, dialer: &Dialer, way: &str, isolation: &str) -> Duration {
    let (candidates, trace, begun) = (Candidates::new(), Trace::new(), lab.elapsed());
    dialer.resolve(&route(way, Isolation::of(isolation)), &trace, &candidates).await.unwrap();
    let lookups = trace.seen().lookups;
    let asked: Vec<_> = lookups[0].answers.iter().map(|answer| answer.query).collect();
    assert!(asked.len() == 3 && asked.contains(&QueryType::Https), "each question has one answer: {lookups:?}");
    lab.elapsed() - begun
}

#[tokio::test(start_paused = true)]
async fn a_second_lookup_costs_one_round_trip_on_its_own_connection() {
    for resolver in [TLS, HTTPS] {
        let lab = lab();
        lab.host("vk.com").at("2001:db8::10");
        let (dialer, way) = (dialer(&lab), format!("direct:?{resolver}&ech=prefer"));
        // TCP, TLS and one round trip for all questions.
        assert_eq!(lookup_time(&lab, &dialer, &way, "ours").await, ms(150), "{resolver}:\n{}", lab.log());
        assert_eq!(lookup_time(&lab, &dialer, &way, "ours").await, ms(50), "{resolver}:\n{}", lab.log());
        assert_eq!(lookup_time(&lab, &dialer, &way, "theirs").await, ms(150), "another reader: {resolver}");
        let cut = format!("direct:?{resolver}&tls=frag&ech=prefer");
        assert!(lookup_time(&lab, &dialer, &cut, "ours").await >= ms(150), "another way: {resolver}");
        assert_eq!(lookup_time(&lab, &dialer, &way, "ours").await, ms(50), "{resolver}");
        dialer.forget_connections();
        assert_eq!(lookup_time(&lab, &dialer, &way, "ours").await, ms(150), "forgotten: {resolver}");
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert_eq!(lookup_time(&lab, &dialer, &way, "ours").await, ms(150), "too old: {resolver}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_that_changes_closes_the_connections_to_resolvers() {
    let connects = |lab: &Lab| lab.packets().connects().iter().filter(|(_, to)| to.ip() == ip("198.51.100.53")).count();
    for (changes, expected) in [(false, 1), (true, 2)] {
        let lab = lab();
        lab.host("wall.example").at("203.0.113.20").https().page("/", "the wall");
        let engine = engine(&lab, &[&direct(&[HTTPS])]);
        let ours = |url: &str| {
            let mut request = get(url);
            request.isolation = Isolation::of("ours");
            request
        };
        engine.fetch(ours(URL)).await.result.unwrap();
        if changes {
            engine.network_changed();
        }
        engine.fetch(ours("https://wall.example/")).await.result.unwrap();
        assert_eq!(connects(&lab), expected, "{}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_connection_that_died_idle_costs_one_attempt() {
    type Kill = fn(&Lab);
    let kills: &[(&str, Kill, Duration)] = &[
        ("forgotten without a word", |lab| lab.client().flows_forgotten(), ms(1000)),
        ("reset", |lab| lab.client().flows_reset(), ms(50)),
    ];
    for (how, kill, most) in kills {
        for resolver in [TLS, HTTPS] {
            let lab = lab();
            let (dialer, way) = (dialer(&lab), format!("direct:?{resolver}&ech=prefer"));
            lookup_time(&lab, &dialer, &way, "ours").await;
            kill(&lab);
            let took = lookup_time(&lab, &dialer, &way, "ours").await;
            assert!(took >= ms(150) && took <= ms(150) + *most, "{how}, {resolver}: {took:?}\n{}", lab.log());
            assert_eq!(lookup_time(&lab, &dialer, &way, "ours").await, ms(50), "{how}, {resolver}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_ech_key_is_asked_for_if_wanted_of_trusted_resolvers_only() {
    let key = [0, 4, 0xFE, 0x0D, 0, 0];
    for (way, asked, told) in [
        (format!("direct:?{HTTPS}"), false, false),
        (format!("direct:?{HTTPS}&ech=prefer"), true, true),
        (format!("direct:?{TLS}&ech=require"), true, true),
        (format!("direct:?{SYSTEM}&{UDP}&{HTTPS}&ech=require"), true, true),
    ] {
        let lab = lab();
        lab.host("vk.com").ech(&key);
        let (ech, _) = first_candidate(&lab, &way).await;
        assert_eq!(ech, told.then(|| EchConfigList::new(&key)), "{way}");
        assert_eq!(lab.log().asked().iter().any(|(_, kind, _)| kind == "HTTPS"), asked, "{way}: {}", lab.log());
    }
}

#[tokio::test(start_paused = true)]
async fn a_preferred_ech_key_that_does_not_come_is_waited_for_briefly() {
    let lab = lab();
    lab.censor().when_sni("dns.example").swallow();
    let (ech, after) = first_candidate(&lab, &format!("direct:?{SYSTEM}&{HTTPS}&ech=prefer")).await;
    assert_eq!((ech, after), (None, ms(50 + 250)));
    let (ech, after) = first_candidate(&lab, &format!("direct:?{SYSTEM}&{HTTPS}&ech=require")).await;
    assert_eq!((ech, after), (None, ms(4000)), "as long as a lookup takes, and then nothing is encrypted with nothing");
}

#[tokio::test(start_paused = true)]
async fn broken_ipv6_costs_at_most_250_ms_and_is_no_block() {
    type Break = fn(&Lab);
    let breaks: &[(&str, Break, u64)] = &[
        ("healthy", |_| {}, 0),
        ("swallowed", |lab| drop(lab.client().broken_ipv6()), 250),
        ("no route", |lab| drop(lab.client().without_ipv6()), 0),
        ("refused", |lab| drop(lab.censor().when_address("2001:db8::10").refuse()), 10),
        ("unreachable", |lab| drop(lab.censor().when_address("2001:db8::10").unreachable()), 10),
    ];
    for resolver in [SYSTEM, UDP, TLS, HTTPS] {
        let mut healthy = None;
        for (how, break_it, costs) in breaks {
            let lab = lab();
            lab.host("vk.com").at("2001:db8::10");
            break_it(&lab);
            let (text, took) = read(&lab, &[resolver]).await;
            assert_eq!(text.as_deref(), Some("the group"), "{how}, {resolver}:\n{}", lab.log());
            let whole = *healthy.get_or_insert(took);
            assert_eq!(took - whole, ms(*costs), "{how}, {resolver}:\n{}", lab.log());
            let probed = judged(&lab, &[resolver]).await;
            assert_eq!(probed.reachability.verdict.code, VerdictCode::Reachable, "{how}, {resolver}: {probed:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_with_ipv6_only_is_read() {
    for resolver in [SYSTEM, UDP, TLS, HTTPS] {
        let lab = Lab::new();
        abroad(&lab);
        lab.host("vk.com").at("2001:db8::10").https().page("/", "the group");
        let (text, took) = read(&lab, &[resolver]).await;
        assert_eq!(text.as_deref(), Some("the group"), "{resolver}:\n{}", lab.log());
        assert!(took <= ms(150 + 50 + 150), "{resolver}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_answers_no_name_is_not_called_a_liar() {
    const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
    let faults = [Lie::ServFail, Lie::Refused, Lie::Silence, Lie::Garbage];
    for (who, subject, other) in [
        ("the system's", "direct:", "direct:?dns=udp://198.51.100.54"),
        ("one over UDP", "direct:?dns=udp://198.51.100.53", "direct:?dns=udp://198.51.100.54"),
        ("the system's, beside one that proves itself", &direct(&[SYSTEM, TLS]), PROXY),
    ] {
        for other in [other, PROXY] {
            for fault in faults.iter().map(Some).chain([None]) {
                for for_all in [true, false] {
                    // A dead address says nothing about single names.
                    if fault.is_none() && !for_all {
                        continue;
                    }
                    let lab = lab();
                    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
                    lab.resolver("198.51.100.54");
                    let system = subject != "direct:?dns=udp://198.51.100.53";
                    let resolver = if system { lab.system_resolver() } else { abroad(&lab) };
                    match fault {
                        Some(fault) if for_all => {
                            drop(resolver.lies("vk.com", fault.clone()).lies("root-servers.net", fault.clone()));
                        }
                        Some(fault) => drop(resolver.lies("vk.com", fault.clone())),
                        None => drop(resolver.down()),
                    }
                    let probed = probe(&lab, &[subject, other], URL).await;
                    let verdict = &probed.reachability.verdict;
                    let what = format!("{who}, {fault:?} for all: {for_all}, {other}: {probed:?}");
                    if for_all {
                        assert!(!verdict.code.blames() && verdict.weights.blocked <= 0.5, "{what}");
                    } else if subject == "direct:" {
                        assert_eq!(verdict.code, VerdictCode::DnsTampered, "{what}");
                    }
                    assert_eq!(probed.text(), Some("the group"), "{what}");
                }
            }
        }
    }
}
