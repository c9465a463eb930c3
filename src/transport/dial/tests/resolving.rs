//! Which addresses are looked up, and which are dialled first.

use super::*;

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
async fn of_mixed_answers_only_the_public_ones_are_dialled() {
    let world = World::new(Scripted::new().name("a.example", &["10.0.0.1", "203.0.113.9", "fe80::1"]));
    let found = world.resolve(&named_by_a_stranger("direct:", "a.example:80")).await.unwrap();
    assert_eq!(found, addresses(&["203.0.113.9:80"]));
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
