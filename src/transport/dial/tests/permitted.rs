//! What an exposure, a stranger's name or an onion service forbids.

use super::*;

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
