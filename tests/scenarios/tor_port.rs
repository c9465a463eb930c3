//! A Tor that runs elsewhere, by its SOCKS port: each thing that it can say, and that it says nothing.

use std::time::Duration;

use byway::Language;
use byway::internals::reach::{RuleId, VerdictCode};
use byway_lab::{Fault, Lab, Proxy};
use tokio::time::Instant;

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
        // No Tor says this of a site.
        (SITE, 0xF0, RuleId::RouteReply, "The route through Tor itself failed", "ничего не говорит"),
        (SITE, 0xF4, RuleId::RouteReply, "The route through Tor itself failed", "ничего не говорит"),
        (ONION, 1, RuleId::RouteReply, "has no circuit to the onion service at", "цепочки до onion-сервиса"),
        (ONION, 2, RuleId::RouteReply, "does not offer this port", "на этом порту"),
        // Without the flag `ExtendedErrors`.
        (
            ONION,
            3,
            RuleId::TcpCut,
            "it is off, overloaded or wants a key, or the address is mistyped",
            "не может связаться",
        ),
        (
            ONION,
            4,
            RuleId::TcpCut,
            "it is off, overloaded or wants a key, or the address is mistyped",
            "не может связаться",
        ),
        (
            ONION,
            5,
            RuleId::TcpCut,
            "it is off, overloaded or wants a key, or the address is mistyped",
            "не может связаться",
        ),
        (ONION, 6, RuleId::RouteReply, "a relay is slow, or 2gzyxa", "медлит"),
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
        let no_exit = !told.1.contains("exit") && !told.2.contains("выходной") && !told.2.contains("по ту сторону");
        assert!(no_exit || *url == SITE, "no exit is on the way to an onion service: {} {}", told.1, told.2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tor_that_does_not_run_is_told_from_one_that_starts() {
    // It holds requests back while it starts, and closes its port while its network is off (`DisableNetwork`).
    let (rule, english, russian) = told(|tor| tor.fault(Fault::HangOnRequest), SITE).await;
    assert_eq!(rule, RuleId::RouteSilent);
    assert!(english.contains("may still be building its circuits") && russian.contains("строит цепочки"), "{english}");
    let (rule, english, russian) = told(Proxy::dead, SITE).await;
    assert_eq!(rule, RuleId::RouteDead);
    assert!(english.contains("please start it") && russian.contains("запустите его"), "{english}");
}

#[tokio::test(start_paused = true)]
async fn a_port_that_says_nothing_is_no_tor() {
    // A Tor takes the greeting at once, whatever else it waits for.
    for url in [SITE, ONION] {
        let began = Instant::now();
        let (rule, english, russian) = told(Proxy::hangs, url).await;
        assert_eq!(rule, RuleId::RouteSilent);
        assert!(english.contains("does not answer as Tor does") && !english.contains("Tor runs"), "{english}");
        assert!(russian.contains("отвечает не как Tor"), "{russian}");
        assert!(began.elapsed() <= Duration::from_secs(20), "{url} has no minute: {:?}", began.elapsed());
    }
    let began = Instant::now();
    let (rule, ..) = told(|tor| tor.fault(Fault::HangOnRequest), ONION).await;
    assert_eq!(rule, RuleId::RouteSilent);
    assert!(began.elapsed() >= Duration::from_secs(60), "one that took it has its minute: {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_breaks_behind_a_rendezvous_names_no_exit() {
    for address in [ONION.to_owned(), ONION.replace("http:", "https:")] {
        let cut = |tor: Proxy| tor.fault(Fault::CutAfterReply);
        let (_, english, russian) = told(cut, &address).await;
        assert!(english.contains("does not finish its answer") && !english.contains("exit"), "{english}");
        assert!(russian.contains("не пришёл целиком") && !russian.contains("по ту сторону"), "{russian}");
    }
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
