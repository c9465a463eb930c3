//! Faults that are not blocks: of a resolver that the user named, of a redirect, of a host that is silent on every
//! route; and an address that leads to another real host.

use std::time::Duration;

use byway::Language;
use byway::internals::reach::{Layer, VerdictCode};
use byway_lab::{Certificate, Host, Lab, Page, Script};

use crate::stack::probe;

const DIRECT: &str = "direct:?cc=ru";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const URL: &str = "https://vk.com/";
const DOH: &str = "direct:?dns=https://odd.example@198.51.100.60/dns-query";
const DOT: &str = "direct:?dns=tls://odd.example@198.51.100.60";

/// The site, a proxy abroad, a good resolver, and a machine that is not a resolver.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().http().page("/", "the group");
    lab.host("other.example").at("203.0.113.77").https().page("/", "another site");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.resolver("198.51.100.53").named("dns.example").tls().https();
    lab
}

fn odd(lab: &Lab) -> Host {
    lab.host("odd.example").at("198.51.100.60").http()
}

#[tokio::test(start_paused = true)]
async fn n12_a_resolver_that_is_off_or_misspelt_is_no_network_lie() {
    type Setup = fn(&Lab);
    let answers = |page: fn() -> Page| page;
    let pages = [
        ("HTTP 500", answers(|| Page::new("oops").status(500))),
        ("HTML", answers(|| Page::new("<html>Welcome</html>"))),
        ("an empty body", answers(|| Page::new("").header("Content-Type", "application/dns-message"))),
        ("a redirect", answers(|| Page::redirect("https://other.example/"))),
        (
            "an answer without end",
            answers(|| Page::new(vec![0; 500_000]).header("Content-Type", "application/dns-message")),
        ),
    ];
    let setups: &[(&str, &str, Setup)] = &[
        ("DoH with another name's certificate", DOH, |lab| {
            drop(odd(lab).https().certificate(Certificate::ForName("else.example".into())));
        }),
        ("DoH at a closed port", DOH, |lab| drop(odd(lab))),
        ("DoT at a closed port", DOT, |lab| drop(odd(lab))),
        ("DoT that closes", DOT, |lab| drop(odd(lab).script(853, Script::new().read()))),
        ("DoT that is something else", DOT, |lab| {
            drop(odd(lab).script(853, Script::new().send("SSH-2.0-x\r\n").read()))
        }),
        ("a name that does not exist", "direct:?dns=https://misspelt.example/dns-query", |_| ()),
        ("UDP at a closed port", "direct:?dns=udp://198.51.100.60", |lab| drop(odd(lab).refuses())),
    ];
    let mut cases: Vec<(&str, &str, Lab)> = Vec::new();
    for (what, page) in pages {
        let lab = lab();
        odd(&lab).https().page("/dns-query", page());
        cases.push((what, DOH, lab));
    }
    for (what, way, setup) in setups {
        let lab = lab();
        setup(&lab);
        cases.push((what, way, lab));
    }
    for (what, way, lab) in cases {
        for other in [PROXY, DIRECT] {
            let probed = probe(&lab, &[way, other], URL).await;
            let scheme = if other == PROXY { "socks5" } else { "direct" };
            assert_eq!(probed.told(), (VerdictCode::Unknown, Some(Layer::Dns), Some(scheme)), "{what}: {probed:?}");
            assert_eq!(probed.text(), Some("the group"), "{what}");
            let silent = probed.reachability.verdict.rule.code() == "dns.silence.named_resolver";
            assert!(
                silent || probed.reachability.verdict.rule.code() == "dns.named_resolver.failed",
                "{what}: {probed:?}"
            );
            let sentence = probed.reachability.sentence(Language::En);
            assert!(!sentence.contains("is not found on this network"), "{what}: {sentence}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n1_a_denial_from_an_encrypted_resolver_blames_no_network() {
    let (doh, dot, udp) = (
        "direct:?dns=https://dns.example@198.51.100.53/dns-query",
        "direct:?dns=tls://dns.example@198.51.100.53",
        "direct:?dns=udp://198.51.100.53",
    );
    let denied = "dns.denied.authenticated";
    for (way, code, rule) in [
        (doh, VerdictCode::Unknown, denied),
        (dot, VerdictCode::Unknown, denied),
        (udp, VerdictCode::DnsTampered, "dns.no_answer.other_vantage"),
    ] {
        let lab = lab();
        drop(lab.resolver("198.51.100.53").nxdomain("vk.com"));
        let probed = probe(&lab, &[way, PROXY], URL).await;
        assert_eq!(probed.told(), (code, Some(Layer::Dns), Some("socks5")), "{way}: {probed:?}");
        assert_eq!(probed.reachability.verdict.rule.code(), rule, "{way}: {probed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn n1_an_address_of_another_real_host_is_a_false_address() {
    let lab = lab();
    drop(lab.system_resolver().answers("vk.com", "203.0.113.77"));
    let probed = probe(&lab, &[DIRECT, PROXY], URL).await;
    assert_eq!(probed.told(), (VerdictCode::DnsTampered, Some(Layer::Dns), Some("socks5")), "{probed:?}");
    assert_eq!(probed.reachability.verdict.rule.code(), "dns.another_host.other_vantage");
}

#[tokio::test(start_paused = true)]
async fn n24_a_redirect_to_an_unknown_name_is_the_hosts_fault() {
    let lab = lab();
    drop(lab.host("vk.com").redirect("/gone", "https://misspelt.example/"));
    let probed = probe(&lab, &[DIRECT, PROXY], "https://vk.com/gone").await;
    assert_eq!(probed.told(), (VerdictCode::OriginFault, Some(Layer::Http), None), "{probed:?}");
    assert_eq!(probed.reachability.verdict.rule.code(), "redirect.nowhere.name");
}

#[tokio::test(start_paused = true)]
async fn n24_a_host_that_is_silent_after_tls_by_every_route_is_down() {
    let lab = lab();
    drop(lab.host("vk.com").page("/", Page::new("late").after(Duration::from_secs(3600))));
    let probed = probe(&lab, &[DIRECT, PROXY], URL).await;
    assert_eq!(probed.told(), (VerdictCode::OriginDown, Some(Layer::Http), None), "{probed:?}");
    assert_eq!(probed.reachability.verdict.rule.code(), "http.everywhere");
}
