//! Cases that look like blocking and are not. Every entry is judged from four vantages, and no verdict blames anyone.

use std::time::Duration;

use byway::{Exposure, Reachability, VerdictCode};
use byway_lab::{Ask, Certificate, Lab, Lie, Page, Script};

use crate::stack;

/// The four: alone, with a proxy abroad, with another resolver, with Tor.
const VANTAGES: [&[&str]; 4] = [
    &["direct:"],
    &["direct:", "socks5://198.51.100.7:1080?cc=nl"],
    &["direct:", "direct:?dns=udp://198.51.100.53"],
    &["direct:", "tor+socks5://127.0.0.1:9050?cc=de"],
];

const URL: &str = "https://site.example/";
const CLEAR: &str = "http://site.example/";

/// A lab with a healthy site, and further conditions.
fn lab(make: impl Fn(&Lab)) -> Lab {
    let lab = Lab::new();
    lab.host("site.example").at("203.0.113.10").https().http().page("/", "the page");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.resolver("198.51.100.53");
    lab.tor();
    make(&lab);
    lab
}

/// Probes the page from every vantage and returns each code. None blames anyone, and a `get` agrees with it.
async fn judged(make: impl Fn(&Lab), url: &str) -> [VerdictCode; 4] {
    let mut codes = [VerdictCode::Unknown; 4];
    for (ways, code) in VANTAGES.iter().zip(&mut codes) {
        let lab = lab(&make);
        let byway = stack::byway(&lab, ways, Exposure::Open).await;
        let probed = byway.probe(url).await.unwrap();
        check(&probed, ways);
        *code = probed.verdict.code;
        let got = stack::byway(&lab, ways, Exposure::Open).await.get(url).await;
        let reachability = got.as_ref().map_or_else(byway::GetError::reachability, |got| Some(&got.reachability));
        check(reachability.unwrap(), ways);
    }
    codes
}

fn check(reachability: &Reachability, ways: &[&str]) {
    let verdict = &reachability.verdict;
    let attempts: Vec<String> = reachability
        .attempts
        .iter()
        .map(|attempt| {
            let (stage, outcome) = (attempt.stage, attempt.outcome.code());
            format!("{} {stage} {outcome} {:?} {:?}", attempt.strategy.redacted(), attempt.address, attempt.took)
        })
        .collect();
    assert!(!verdict.code.blames(), "{ways:?}: {verdict:?}\n{}", attempts.join("\n"));
    assert!(verdict.weights.blocked <= EVEN, "{ways:?}: {verdict:?}\n{}", attempts.join("\n"));
}

/// "Blocked or down" may lean towards a block, but no further: nothing here is a block.
const EVEN: f32 = 0.75;

macro_rules! innocent {
    ($(#[$doc:meta])* $name:ident, $make:expr, $url:expr, $codes:expr) => {
        $(#[$doc])*
        #[tokio::test(start_paused = true)]
        async fn $name() {
            assert_eq!(judged($make, $url).await, $codes);
        }
    };
}

use VerdictCode::{OriginDown, OriginFault, Reachable, Unknown};

innocent!(
    a_cdn_challenge_with_503,
    |lab| drop(lab.host("site.example").page("/", challenge(503))),
    URL,
    [OriginFault; 4]
);
innocent!(
    a_cdn_challenge_with_503_in_the_clear,
    |lab| drop(lab.host("site.example").page("/", challenge(503))),
    CLEAR,
    [Unknown; 4]
);
innocent!(
    a_cdn_challenge_with_403,
    |lab| drop(lab.host("site.example").page("/", challenge(403))),
    URL,
    [Reachable; 4]
);
innocent!(
    a_cdn_challenge_with_403_in_the_clear,
    |lab| drop(lab.host("site.example").page("/", challenge(403))),
    CLEAR,
    [Reachable; 4]
);
innocent!(
    a_challenge_here_and_the_page_there,
    |lab| {
        drop(
            lab.host("site.example")
                .page("/", challenge(503))
                .page_for("nl", "/", "the page")
                .page_for("de", "/", "the page"),
        );
    },
    URL,
    [OriginFault, Unknown, OriginFault, Unknown]
);
innocent!(
    a_different_page_abroad,
    |lab| drop(lab.host("site.example").page_for("nl", "/", "de pagina").page_for("de", "/", "die Seite")),
    CLEAR,
    [Reachable; 4]
);
innocent!(
    a_404_here_and_a_200_there,
    |lab| {
        drop(
            lab.host("site.example")
                .page("/", Page::new("no").status(404))
                .page_for("nl", "/", "yes")
                .page_for("de", "/", "yes"),
        );
    },
    URL,
    [Reachable; 4]
);
innocent!(
    /// Censors' notices have this status as often as sites' refusals: the verdict names it and blames no one.
    a_403_here_and_a_200_there_in_the_clear,
    |lab| {
        drop(
            lab.host("site.example")
                .page("/", Page::new("Access denied").status(403))
                .page_for("nl", "/", "yes")
                .page_for("de", "/", "yes"),
        );
    },
    CLEAR,
    [Reachable, Unknown, Reachable, Unknown]
);
innocent!(
    a_large_file,
    |lab| drop(lab.host("site.example").bandwidth(2_000_000).page("/", vec![b'x'; 2_000_000])),
    URL,
    [Reachable; 4]
);
innocent!(
    an_idn_host,
    |lab| drop(lab.host("xn--e1afmkfd.xn--p1ai").at("203.0.113.20").https().page("/", "да")),
    "https://пример.рф/",
    [Reachable; 4]
);
innocent!(
    more_than_ten_redirects,
    |lab| {
        let host = lab.host("site.example");
        (0..12).fold(host.redirect("/", "/0"), |host, n| host.redirect(&format!("/{n}"), &format!("/{}", n + 1)));
    },
    URL,
    [OriginFault; 4]
);
innocent!(an_expired_certificate, |lab| drop(lab.host("site.example").expired_certificate()), URL, [OriginFault; 4]);
innocent!(
    a_certificate_of_another_host,
    |lab| drop(lab.host("site.example").certificate(Certificate::ForName("x.example".into()))),
    URL,
    [OriginFault; 4]
);
innocent!(
    a_certificate_of_an_unknown_authority,
    |lab| drop(lab.host("site.example").certificate(Certificate::OtherAuthority)),
    URL,
    [OriginFault; 4]
);
innocent!(
    a_self_signed_certificate,
    |lab| drop(lab.host("site.example").certificate(Certificate::SelfSigned)),
    URL,
    [OriginFault; 4]
);
innocent!(
    a_redirect_to_no_web_page,
    |lab| drop(lab.host("site.example").redirect("/", "ftp://site.example/")),
    URL,
    [OriginFault; 4]
);
innocent!(
    a_redirect_to_no_address,
    |lab| drop(lab.host("site.example").redirect("/", "https://")),
    URL,
    [OriginFault; 4]
);
innocent!(
    a_redirect_to_a_name_that_does_not_exist,
    |lab| drop(lab.host("site.example").redirect("/", "https://nowhere.example/")),
    URL,
    [Unknown, OriginFault, Unknown, OriginFault]
);
innocent!(
    a_redirect_to_the_owners_own_network,
    |lab| drop(lab.host("site.example").redirect("/", "http://192.168.0.1/")),
    URL,
    [OriginFault; 4]
);
innocent!(
    a_dead_site_that_refuses,
    |lab| drop(lab.host("site.example").refuses()),
    URL,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(a_dead_site_that_is_silent, |lab| drop(lab.host("site.example").down()), URL, [Unknown; 4]);
innocent!(
    a_dead_site_that_is_unreachable,
    |lab| drop(lab.host("site.example").unreachable()),
    URL,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(
    a_site_that_takes_connections_and_says_nothing,
    |lab| drop(lab.host("site.example").silent()),
    URL,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(
    a_site_that_takes_connections_and_says_nothing_in_the_clear,
    |lab| drop(lab.host("site.example").silent()),
    CLEAR,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(
    a_site_that_closes_at_once,
    |lab| drop(lab.host("site.example").script(443, Script::new())),
    URL,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(
    a_site_that_resets_every_handshake,
    |lab| drop(lab.host("site.example").script(443, Script::new().read().reset())),
    URL,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(
    a_site_that_resets_every_request_in_the_clear,
    |lab| drop(lab.host("site.example").script(80, Script::new().read_request().reset())),
    CLEAR,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(
    a_site_without_tls_on_443,
    |lab| drop(lab.host("site.example").script(443, Script::new().read().send("HTTP/1.1 400 Bad Request\r\n\r\n"))),
    URL,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(
    a_name_that_its_owner_points_to_127_0_0_1,
    |lab| drop(lab.host("own.example").at("127.0.0.1").refuses()),
    "https://own.example/",
    [Unknown; 4]
);
innocent!(
    a_name_that_its_owner_points_to_192_168_0_5,
    |lab| drop(lab.host("own.example").at("192.168.0.5").down()),
    "https://own.example/",
    [Unknown; 4]
);
innocent!(
    a_dead_ipv6,
    |lab| {
        lab.client().broken_ipv6();
        drop(lab.host("site.example").at("2001:db8:100::10"));
    },
    URL,
    [Reachable; 4]
);
innocent!(
    no_ipv6_and_a_host_with_both,
    |lab| {
        lab.client().without_ipv6();
        drop(lab.host("site.example").at("2001:db8:100::10"));
    },
    URL,
    [Reachable; 4]
);
innocent!(
    no_ipv6_and_a_host_with_nothing_else,
    |lab| {
        lab.client().without_ipv6();
        drop(lab.host("six.example").at("2001:db8:100::10").https().page("/", "six"));
    },
    "https://six.example/",
    [Unknown; 4]
);
innocent!(
    a_dead_ipv6_and_a_host_with_nothing_else,
    |lab| {
        lab.client().broken_ipv6();
        drop(lab.host("six.example").at("2001:db8:100::10").https().page("/", "six"));
    },
    "https://six.example/",
    [Unknown; 4]
);
innocent!(
    a_provider_that_rewrites_names_that_do_not_exist,
    rewrites,
    "https://nowhere.example/",
    [OriginFault, OriginFault, Unknown, OriginFault]
);
innocent!(
    a_provider_that_rewrites_names_that_do_not_exist_in_the_clear,
    rewrites,
    "http://nowhere.example/",
    [Reachable; 4]
);
innocent!(a_provider_that_rewrites_and_a_name_that_does, rewrites, URL, [Reachable; 4]);
innocent!(
    a_name_that_does_not_exist,
    |_: &Lab| {},
    "https://nowhere.example/",
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(
    one_dead_address_of_two,
    |lab| drop(lab.host("site.example").at("203.0.113.9").down_at("203.0.113.9")),
    URL,
    [Reachable; 4]
);
innocent!(
    the_first_of_two_addresses_is_dead,
    |lab| {
        drop(
            lab.host("two.example")
                .at("203.0.113.9")
                .at("203.0.113.11")
                .down_at("203.0.113.9")
                .https()
                .page("/", "two"),
        );
    },
    "https://two.example/",
    [Reachable; 4]
);
innocent!(
    a_slow_origin,
    |lab| drop(lab.host("site.example").page("/", Page::new("late").after(Duration::from_secs(6)))),
    URL,
    [Reachable; 4]
);
innocent!(a_far_origin, |lab| drop(lab.host("site.example").rtt(Duration::from_millis(900))), URL, [Reachable; 4]);
innocent!(
    an_origin_on_a_thin_line,
    |lab| drop(lab.host("site.example").bandwidth(20_000).page("/", vec![b'x'; 200_000])),
    URL,
    [Reachable; 4]
);
innocent!(
    an_origin_that_breaks_off,
    |lab| drop(lab.host("site.example").page("/", Page::new(vec![b'x'; 60_000]).cut_after(20_000))),
    URL,
    [OriginFault; 4]
);
innocent!(
    an_origin_that_stops,
    |lab| drop(lab.host("site.example").page("/", Page::new(vec![b'x'; 60_000]).stall_after(20_000))),
    URL,
    [Unknown, OriginDown, Unknown, OriginDown]
);
innocent!(an_empty_page, |lab| drop(lab.host("site.example").page("/", "")), URL, [Reachable; 4]);
innocent!(a_page_of_one_byte_in_the_clear, |lab| drop(lab.host("site.example").page("/", "1")), CLEAR, [Reachable; 4]);
innocent!(a_page_that_quotes_a_notice, |lab| drop(lab.host("site.example").page("/", NOTICE)), URL, [Reachable; 4]);
innocent!(
    an_article_that_quotes_a_notice_in_the_clear,
    |lab| drop(lab.host("site.example").page("/", format!("{NOTICE}{}", " слово".repeat(10_000)))),
    CLEAR,
    [Reachable; 4]
);
innocent!(a_500, |lab| drop(lab.host("site.example").page("/", Page::new("oops").status(500))), URL, [OriginFault; 4]);
innocent!(
    a_502_in_the_clear,
    |lab| drop(lab.host("site.example").page("/", Page::new("oops").status(502))),
    CLEAR,
    [Unknown; 4]
);
innocent!(
    a_500_here_and_a_200_there,
    |lab| {
        drop(
            lab.host("site.example")
                .page("/", Page::new("oops").status(500))
                .page_for("nl", "/", "yes")
                .page_for("de", "/", "yes"),
        );
    },
    URL,
    [OriginFault, Unknown, OriginFault, Unknown]
);
innocent!(
    a_429,
    |lab| drop(lab.host("site.example").page("/", Page::new("slow down").status(429))),
    URL,
    [Reachable; 4]
);
innocent!(
    a_broken_coding,
    |lab| drop(lab.host("site.example").page("/", Page::new("no gzip").header("content-encoding", "gzip"))),
    URL,
    [OriginFault; 4]
);
innocent!(
    a_redirect_from_http_to_https,
    |lab| {
        lab.host("site.example").app(|_: &Ask| Page::new("never"));
        drop(lab.host("www.example").at("203.0.113.40").http().redirect("/", URL));
    },
    "http://www.example/",
    [Reachable; 4]
);
innocent!(
    a_cluster_of_which_one_machine_resets,
    |lab| {
        lab.host("cluster.example").at("203.0.113.50").https().page("/", "the page of a cluster");
        lab.host("broken.example").at("203.0.113.51").script(443, Script::new().read().reset());
        let both = || Lie::Addresses(["203.0.113.51", "203.0.113.50"].map(|address| address.parse().unwrap()).to_vec());
        let _ = lab.system_resolver().lies("cluster.example", both());
        drop(lab.resolver("198.51.100.53").lies("cluster.example", both()));
    },
    "https://cluster.example/",
    [Reachable; 4]
);
innocent!(
    resolvers_that_give_different_addresses_of_one_site,
    |lab| {
        lab.host("site.example").at("203.0.113.12");
        lab.system_resolver().answers("site.example", "203.0.113.10");
        drop(lab.resolver("198.51.100.53").answers("site.example", "203.0.113.12"));
    },
    URL,
    [Reachable; 4]
);

#[tokio::test(start_paused = true)]
async fn a_dead_proxy_of_ours() {
    for (break_it, why) in [("dead", "refuses"), ("down", "is off")] {
        let lab = lab(|lab| {
            let proxy = lab.socks5("proxy.nl");
            drop(if break_it == "dead" { proxy.dead() } else { proxy.down() });
        });
        let told = async |ways: &[&str], url| {
            let probed = stack::byway(&lab, ways, Exposure::Open).await.probe(url).await.unwrap();
            check(&probed, ways);
            probed.verdict.code
        };
        let proxy = VANTAGES[1][1];
        assert_eq!(told(&[proxy, "direct:"], URL).await, VerdictCode::RouteFailed, "{why}");
        assert_eq!(told(&[proxy], URL).await, VerdictCode::RouteFailed, "{why}");
        assert_eq!(told(&["direct:", proxy], URL).await, Reachable, "{why}");
        // The site is down as well: the proxy's result is no evidence about that.
        lab.host("site.example").refuses();
        assert_eq!(told(&["direct:", proxy], URL).await, Unknown, "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_of_ours_that_says_the_host_is_unreachable() {
    for code in [3, 4, 5] {
        let lab = lab(|lab| drop(lab.socks5("proxy.nl").replies(code)));
        let ways = [VANTAGES[1][1], "direct:"];
        let probed = stack::byway(&lab, &ways, Exposure::Open).await.probe(URL).await.unwrap();
        check(&probed, &ways);
        assert_eq!(probed.verdict.code, VerdictCode::RouteFailed, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_resolver_of_ours() {
    let lab = lab(|lab| drop(lab.resolver("198.51.100.53").down()));
    let own = "direct:?dns=udp://198.51.100.53";
    for (ways, code) in [
        (&[own][..], Unknown),
        (&[own, VANTAGES[1][1]], Unknown),
        (&[own, VANTAGES[3][1]], Unknown),
        (&["direct:", own], Reachable),
    ] {
        let probed = stack::byway(&lab, ways, Exposure::Open).await.probe(URL).await.unwrap();
        check(&probed, ways);
        assert_eq!(probed.verdict.code, code, "{ways:?}");
    }
}

fn challenge(status: u16) -> Page {
    Page::new("<title>Just a moment...</title>Checking your browser before accessing site.example.")
        .status(status)
        .header("cf-mitigated", "challenge")
        .header("server", "cloudflare")
}

/// The provider's resolver gives an address for every name: its page of advertisements.
fn rewrites(lab: &Lab) {
    lab.host("ads.isp").at("192.0.2.66").https().http().app(|_: &Ask| Page::new("Did you mean ...?"));
    drop(lab.system_resolver().rewrites_nxdomain("192.0.2.66"));
}

const NOTICE: &str = "<title>Доступ ограничен</title>Доступ к запрашиваемому ресурсу ограничен по решению суда";
