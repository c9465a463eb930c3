//! A Tor that runs elsewhere, by its SOCKS port: each thing that it can say, and that it says nothing.

use byway::Language;
use byway::internals::reach::{RuleId, VerdictCode};
use byway_lab::{Lab, Proxy};

use crate::stack::probe;

const SITE: &str = "https://zavod.example/";
const ONION: &str = "http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion/";

#[tokio::test(start_paused = true)]
async fn each_thing_that_a_tor_can_say_has_its_sentence() {
    // The replies of C-tor (RFC 1928, proposal 304). The site is up, and nothing else is asked about it.
    let cases: &[(&str, u16, RuleId, &str, &str)] = &[
        (SITE, 1, RuleId::RouteReply, "has no circuit to zavod.example", "цепочки до"),
        (SITE, 2, RuleId::RouteReply, "does not go to zavod.example", "не идёт"),
        (SITE, 3, RuleId::TcpCut, "No connection", ""),
        (SITE, 4, RuleId::TcpCut, "No connection", ""),
        (SITE, 5, RuleId::TcpCut, "No connection", ""),
        (SITE, 6, RuleId::RouteReply, "a relay is slow, or zavod.example is", "медлит"),
        (ONION, 1, RuleId::RouteReply, "has no circuit to", "цепочки до"),
        (ONION, 0xF0, RuleId::TcpCut, "No onion service is found", "не найден"),
        (ONION, 0xF1, RuleId::TcpCut, "is known, and does not connect", "известен"),
        (ONION, 0xF2, RuleId::TcpCut, "is known, and does not connect", "известен"),
        (ONION, 0xF3, RuleId::TcpCut, "is known, and does not connect", "известен"),
        (ONION, 0xF4, RuleId::TcpCut, "only readers who have a key", "у кого есть ключ"),
        (ONION, 0xF5, RuleId::TcpCut, "does not take the key", "не принимает ключ"),
        (ONION, 0xF6, RuleId::TcpCut, "No onion service can have the address", "ни у какого onion-сервиса"),
        (ONION, 0xF7, RuleId::TcpCut, "is known, and does not connect", "известен"),
    ];
    for (url, code, rule, english, russian) in cases {
        let told = told(|tor| tor.replies(*code), url).await;
        assert_eq!(told.0, *rule, "{code:#x}: {}", told.1);
        assert!(told.1.contains(english) && told.2.contains(russian), "{code:#x}: {} {}", told.1, told.2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tor_that_does_not_run_is_told_from_one_that_starts() {
    // It holds requests back while it starts, and closes its port while its network is off (`DisableNetwork`).
    let (rule, english, russian) = told(Proxy::hangs, SITE).await;
    assert_eq!(rule, RuleId::RouteSilent);
    assert!(english.contains("may still be building its circuits") && russian.contains("строит цепочки"), "{english}");
    let (rule, english, russian) = told(Proxy::dead, SITE).await;
    assert_eq!(rule, RuleId::RouteDead);
    assert!(english.contains("please start it") && russian.contains("запустите его"), "{english}");
}

/// The rule and both sentences, where nothing but this Tor may be used.
async fn told(tor: impl FnOnce(Proxy) -> Proxy, url: &str) -> (RuleId, String, String) {
    let lab = Lab::new();
    lab.host("zavod.example").at("203.0.113.10").https().page("/", "the page");
    let strategy = tor(lab.tor()).url();
    let probed = probe(&lab, &[&strategy], url).await;
    assert!(probed.got.is_none(), "{probed:?}");
    let met = probed.reachability;
    assert_ne!(met.verdict.code, VerdictCode::Reachable);
    assert_eq!(lab.packets().first_packet_to("203.0.113.10"), None, "the site was contacted directly");
    (met.verdict.rule, met.sentence(Language::En), met.sentence(Language::Ru))
}
