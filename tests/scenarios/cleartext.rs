//! Two networks read one page in cleartext: differences that are a site's own, and differences that nothing explains.

use std::fmt::Write as _;
use std::time::Duration;

use byway::Exposure;
use byway::internals::transport::Strategy;
use byway::{Language, Reachability, VerdictCode};
use byway_lab::{Ask, Lab, Lie, Page};

use crate::stack::byway;

const URL: &str = "http://site.example/";
const DIRECT: &str = "direct:";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const BOTH: &[&str] = &[DIRECT, PROXY];

/// A usual page: a constant frame, and words.
fn page(language: &str, title: &str, words: &str) -> Page {
    let mut html = format!(
        "<!doctype html><html lang={language}><head><meta charset=utf-8><title>{title}</title>\
         <link rel=stylesheet href=/static/site.css><script src=/static/menu.js></script></head><body class=site-body>\
         <div id=top-bar class='bar wide'><a class=logo href=/home>.</a></div><ul id=site-menu>"
    );
    for item in 0..8 {
        let _ = write!(html, "<li class=menu-item><a href=/section/{item}>{item}</a></li>");
    }
    let _ =
        write!(html, "</ul><article id=story class=lead>{words}</article><div id=page-footer>2026</div></body></html>");
    Page::new(html)
}

const STORY: &str = "<p>The residents of the old factory district invite neighbours on Saturday to plant forty lime trees \
    along the river, to share soup, and to listen to the choir that has practised in the boiler house since March.";
const STORY_IN_RUSSIAN: &str = "<p>Жители старого заводского района зовут соседей в субботу посадить сорок лип вдоль реки, поесть супа и \
    послушать хор, который с марта репетирует в котельной.";

fn story() -> Page {
    page("en", "The factory district", STORY)
}

/// A site that shows every visitor the story, with further conditions.
fn lab(make: impl Fn(&Lab)) -> Lab {
    let lab = Lab::new();
    lab.host("site.example").at("203.0.113.10").https().http().page("/", story());
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    make(&lab);
    lab
}

async fn probed(lab: &Lab, ways: &[&str]) -> Reachability {
    byway(lab, ways, Exposure::Open).await.probe(URL).await.unwrap()
}

fn shown(probed: &Reachability) -> String {
    let attempts: Vec<String> = probed
        .attempts
        .iter()
        .map(|attempt| format!("{} {} {:?}", attempt.hop, attempt.strategy.scheme(), attempt.page))
        .collect();
    let sentence = probed.sentence(Language::En);
    format!("{} {:?}\n{sentence}\n{}", probed.verdict.rule.code(), probed.verdict.weights, attempts.join("\n"))
}

type Setup = fn(&Lab);

/// The site gives this network its own page (`here`), and the other network the story.
fn here(lab: &Lab, here: impl Into<Page>) {
    let _ = lab.host("site.example").page("/", here).page_for("nl", "/", story());
}

#[tokio::test(start_paused = true)]
async fn what_a_site_does_itself_is_no_block() {
    let innocents: &[(&str, Setup)] = &[
        ("the same page", |_| {}),
        ("another language", |lab| here(lab, page("ru", "Заводской район", STORY_IN_RUSSIAN))),
        ("another country's news in the same frame", |lab| {
            here(lab, page("en", "Sweden", "<p>Snow fell on Tuesday in Kiruna and nobody minded it."));
        }),
        ("a dynamic page", |lab| {
            here(lab, page("en", "The factory district (7)", &format!("<p>12:31, 1042 visitors{STORY}")));
        }),
        ("an A/B layout with the same title", |lab| {
            here(lab, "<title>The factory district</title><section><h2>Welcome</h2></section>");
        }),
        ("an A/B layout with the same words", |lab| {
            here(lab, format!("<title>Hello</title><table><tr><td>{STORY}</table>"));
        }),
        ("a short text in another language", |lab| {
            let _ = lab.host("site.example").page("/", "die Gruppe").page_for("nl", "/", "de groep");
        }),
        ("a counter alone", |lab| {
            let _ = lab.host("site.example").page("/", "visitor 17").page_for("nl", "/", "visitor 2048");
        }),
        ("the time of day", |lab| {
            let _ = lab.host("site.example").page("/", "12:00:59").page_for("nl", "/", "12:01:02");
        }),
        ("one's own address", |lab| {
            let _ = lab.host("site.example").page("/", "198.51.100.1").page_for("nl", "/", "198.51.100.7");
        }),
        ("a 404 here and a 200 there", |lab| here(lab, Page::new("nothing is here").status(404))),
        ("a page that is gone here", |lab| here(lab, Page::new("gone").status(410))),
        ("a login wanted here", |lab| here(lab, Page::new("log in").status(401))),
        ("too many requests here", |lab| here(lab, Page::new("slow down").status(429))),
        ("a CDN's challenge", |lab| {
            here(lab, Page::new("<title>Just a moment...</title>").status(403).header("cf-mitigated", "challenge"));
        }),
        ("an upgrade to https on the same site", |lab| {
            here(lab, Page::redirect("https://site.example/"));
            let _ = lab.host("site.example").page("/", Page::redirect("https://site.example/en"));
            let _ = lab.host("site.example").page("/en", page("de", "Anders", "<b>ganz anders"));
        }),
        ("an upgrade to https and www", |lab| {
            lab.host("www.site.example").at("203.0.113.11").https().page("/", "another page altogether");
            here(lab, Page::redirect("https://www.site.example/"));
        }),
        ("an upgrade to https there", |lab| {
            let _ = lab.host("site.example").page_for("nl", "/", Page::redirect("https://site.example/s"));
            let _ = lab.host("site.example").page("/s", story());
        }),
        ("a login on the same host", |lab| {
            here(lab, Page::redirect("/login"));
            let _ = lab.host("site.example").page("/login", "<title>Log in</title>name and password, please");
        }),
        ("a country's subdomain", |lab| {
            lab.host("ru.site.example").at("203.0.113.12").http().page("/", page("ru", "Район", STORY_IN_RUSSIAN));
            here(lab, Page::redirect("http://ru.site.example/"));
        }),
        ("phones' own pages", |lab| {
            lab.host("m.site.example").at("203.0.113.12").http().page("/", "<title>Mobile</title>short");
            here(lab, Page::redirect("http://m.site.example/"));
        }),
        ("a site that moved, for everybody", |lab| {
            lab.host("moved.example").at("203.0.113.13").http().page("/", "<title>We moved</title>here");
            let _ = lab.host("site.example").redirect("/", "http://moved.example/");
        }),
        ("a site that moved, with two pages", |lab| {
            lab.host("moved.example").at("203.0.113.13").http().page("/", "один").page_for("nl", "/", "twee");
            let _ = lab.host("site.example").redirect("/", "http://moved.example/");
        }),
        ("another proxy is refused by the site", |lab| {
            let _ = lab.host("site.example").page_for("nl", "/", Page::new("Tor exits are not welcome").status(403));
        }),
        ("another proxy is challenged by the site", |lab| {
            let challenge = Page::new("<title>Just a moment...</title>").header("cf-mitigated", "challenge");
            let _ = lab.host("site.example").page_for("nl", "/", challenge);
        }),
        ("another proxy asks too often", |lab| {
            let _ = lab.host("site.example").page_for("nl", "/", Page::new("slow down").status(429));
        }),
        ("another proxy reads nothing", |lab| {
            let _ = lab.host("site.example").page_for("nl", "/", "");
        }),
        ("the other proxy is dead", |lab| drop(lab.socks5("proxy.nl").dead())),
        ("an empty page for everybody", |lab| drop(lab.host("site.example").page("/", ""))),
    ];
    for (what, setup) in innocents {
        let lab = lab(setup);
        let probed = probed(&lab, BOTH).await;
        assert_eq!(probed.verdict.code, VerdictCode::Reachable, "{what}: {}", shown(&probed));
        assert!(probed.verdict.weights.blocked <= 0.1, "{what}: {}", shown(&probed));
        assert_eq!(probed.reached_by.as_ref().map(Strategy::scheme), Some("direct"), "{what}");
    }
}

const NOTICE: &str = "<html><head><title>Доступ ограничен</title></head><body><h1>Доступ к ресурсу ограничен</h1><p>по решению \
    суда</body></html>";

#[tokio::test(start_paused = true)]
async fn another_page_that_nothing_explains_is_not_called_reachable() {
    fn inject(lab: &Lab, page: impl Into<Page>) {
        lab.censor().when_host("site.example").block_page(page);
    }
    fn isp(lab: &Lab) {
        lab.host("blocked.isp").at("192.0.2.66").https().http().page("/", NOTICE);
    }
    let guilty: &[(&str, Setup)] = &[
        ("a notice without a known fingerprint", |lab| inject(lab, NOTICE)),
        ("a notice with status 403", |lab| inject(lab, Page::new(NOTICE).status(403))),
        ("a bare 403", |lab| inject(lab, Page::new("").status(403))),
        ("an empty 200", |lab| inject(lab, "")),
        ("a short text", |lab| inject(lab, "blocked")),
        ("a notice as long as the page", |lab| inject(lab, format!("<title>Sorry</title>{}", "нельзя ".repeat(120)))),
        ("a notice with a server's and a framework's usual headers", |lab| {
            let usual = Page::new(NOTICE).header("server", "nginx").header("set-cookie", "PHPSESSID=1");
            let _ = lab
                .host("site.example")
                .page("/", story().header("server", "nginx").header("set-cookie", "PHPSESSID=2"));
            inject(lab, usual.header("x-frame-options", "DENY"));
        }),
        ("a notice with headers that few sites have, and this one too", |lab| {
            let with = |page: Page| page.header("server", "Angie").header("permissions-policy", "a=()");
            let _ = lab.host("site.example").page("/", with(story()));
            inject(lab, with(Page::new(NOTICE)));
        }),
        ("a refusal with the site's own cookie and server", |lab| {
            let with = |page: Page| page.header("server", "ddos-guard").header("set-cookie", "remixlang=0; path=/");
            let _ = lab.host("site.example").page("/", with(story()));
            inject(lab, with(Page::new("Forbidden").status(403)));
        }),
        ("a redirect to a copy at the provider", |lab| {
            let copy = page("en", "Sorry", STORY);
            lab.host("blocked.isp").at("192.0.2.66").https().page("/", copy);
            inject(lab, Page::redirect("https://blocked.isp/"));
        }),
        ("an iframe", |lab| {
            inject(lab, "<html><body><iframe src=http://notice.isp/ style='width:100%'></iframe></body></html>")
        }),
        ("a meta refresh to the provider", |lab| {
            inject(lab, "<html><head><meta http-equiv=refresh content='0;url=http://blocked.isp/'></head></html>");
        }),
        ("a redirect by script", |lab| inject(lab, "<script>window.location='http://blocked.isp/?u=site'</script>")),
        ("a redirect to the provider", |lab| {
            isp(lab);
            inject(lab, Page::redirect("http://blocked.isp/"));
        }),
        ("a redirect to the provider by https", |lab| {
            isp(lab);
            inject(lab, Page::redirect("https://blocked.isp/"));
        }),
        ("a redirect to a provider that does not answer", |lab| {
            lab.host("blocked.isp").at("192.0.2.66").down();
            inject(lab, Page::redirect("http://blocked.isp/"));
        }),
        ("a redirect to an address", |lab| {
            isp(lab);
            inject(lab, Page::redirect("http://192.0.2.66/"));
        }),
        ("a redirect within the site to a notice, where the site redirects too", |lab| {
            lab.host("www.site.example").at("203.0.113.11").http().page("/", story());
            let _ = lab.host("site.example").redirect("/", "http://www.site.example/");
            lab.censor().when_host("www.site.example").block_page(NOTICE);
        }),
        ("a notice instead of an upgrade to https", |lab| {
            lab.host("www.site.example").at("203.0.113.11").https().page("/", story());
            let _ = lab.host("site.example").redirect("/", "https://www.site.example/");
            inject(lab, NOTICE);
        }),
        ("a false address where a notice stands", |lab| {
            lab.host("blocked.isp").at("192.0.2.66").http().app(|_: &Ask| Page::new(NOTICE));
            let _ = lab.system_resolver().lies("site.example", Lie::Addresses(vec!["192.0.2.66".parse().unwrap()]));
        }),
    ];
    for (what, setup) in guilty {
        let lab = lab(setup);
        let probed = probed(&lab, BOTH).await;
        assert_eq!(probed.verdict.rule.code(), "http.other_page.other_vantage", "{what}: {}", shown(&probed));
        assert!(!probed.verdict.code.blames(), "{what}: nothing of it is proved");
        assert_eq!(
            probed.reached_by.as_ref().map(Strategy::scheme),
            Some("socks5"),
            "{what}: the page that is not doubted"
        );
        let (en, ru) = (probed.sentence(Language::En), probed.sentence(Language::Ru));
        assert!(en.contains("without encryption") && en.contains("anyone in between"), "{what}: {en}");
        assert!(en.contains("“The factory district”") && ru.contains("«The factory district»"), "{what}: {en} {ru}");
        assert!(ru.contains("без шифрования"), "{what}: {ru}");
    }
}

/// What someone on the path can answer, and no reader may be told "this is not a block" for it.
#[tokio::test(start_paused = true)]
async fn an_answer_in_cleartext_is_never_called_no_block() {
    const KNOWN: &str = "<html><h1>Доступ к запрашиваемому ресурсу ограничен</h1></html>";
    let notices = [200, 203, 206, 400, 401, 403, 404, 429, 451, 500, 502, 503, 511].map(|status| {
        let page = Page::new(KNOWN).status(status);
        (format!("a notice with {status}"), if status == 206 { part(page) } else { page })
    });
    let targets =
        ["http://127.0.0.1/", "http://0.0.0.0/", "http://localhost/", "http://[fe80::1]/", "/", "ftp://x.example/"];
    let others = targets.map(|to| (format!("a redirect to {to}"), Page::redirect(to))).into_iter().chain([
        ("an error".to_owned(), Page::new("oops").status(502)),
        ("a check for browsers".to_owned(), Page::new("wait").status(503).header("cf-mitigated", "challenge")),
        ("a part of a page".to_owned(), part(Page::new("the"))),
        ("an unknown coding".to_owned(), Page::new("x").header("content-encoding", "x")),
    ]);
    let cases = notices.map(|(what, page)| (what, page, VerdictCode::BlockPage)).into_iter();
    for (what, page, code) in cases.chain(others.map(|(what, page)| (what, page, VerdictCode::Unknown))) {
        let lab = lab(|lab| drop(lab.censor().when_host("site.example").block_page(page.clone())));
        let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
        let probed = byway.probe(URL).await.unwrap();
        let got = byway.get(URL).await;
        let got = got.as_ref().map_or_else(byway::GetError::reachability, |got| Some(&got.reachability)).unwrap();
        for met in [&probed, got] {
            assert_eq!(met.verdict.code, code, "{what}: {}", shown(met));
            let (en, ru) = (met.sentence(Language::En), met.sentence(Language::Ru));
            assert!(!en.contains("not a block") && !en.contains("itself answers"), "{what}: {en}");
            assert!(!ru.contains("не блокировка") && !ru.contains("сам отвечает"), "{what}: {ru}");
        }
    }
}

/// The network leads the reader to its own host, which proves its own name. What that host says is no word of the site.
#[tokio::test(start_paused = true)]
async fn where_cleartext_leads_is_not_called_the_sites_fault() {
    let hosts: &[(&str, Setup)] = &[
        ("an error", |lab| drop(lab.host("warn.isp").page("/", Page::new("oops").status(503)))),
        ("a loop", |lab| drop(lab.host("warn.isp").page("/", Page::redirect("/")))),
        ("back", |lab| drop(lab.host("warn.isp").page("/", Page::redirect(URL)))),
        ("nowhere", |lab| drop(lab.host("warn.isp").page("/", Page::redirect("ftp://warn.isp/")))),
        ("a refusal", |lab| drop(lab.host("warn.isp").refuses())),
        ("an expired certificate", |lab| drop(lab.host("warn.isp").expired_certificate())),
    ];
    for (what, setup) in hosts {
        let lab = lab(|lab| {
            lab.host("warn.isp").at("192.0.2.66").https();
            lab.censor().when_host("site.example").block_page(Page::redirect("https://warn.isp/"));
        });
        setup(&lab);
        let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
        let probed = byway.probe(URL).await.unwrap();
        let got = byway.get(URL).await;
        let opened = byway.open(URL).await;
        let got = got.as_ref().map_or_else(byway::GetError::reachability, |got| Some(&got.reachability)).unwrap();
        let opened =
            opened.as_ref().map_or_else(byway::OpenError::reachability, |opened| Some(&opened.reachability)).unwrap();
        assert_eq!((probed.verdict.code, got.verdict.code), (VerdictCode::Unknown, VerdictCode::Unknown), "{what}");
        for met in [&probed, got, opened] {
            let code = met.verdict.code;
            assert!(code != VerdictCode::OriginFault && code != VerdictCode::OriginDown, "{what}: {}", shown(met));
            let (en, ru) = (met.sentence(Language::En), met.sentence(Language::Ru));
            assert!(!en.contains("not a block") && !en.contains("itself answers"), "{what}: {en}");
            assert!(!ru.contains("не блокировка") && !ru.contains("сам отвечает"), "{what}: {ru}");
        }
    }
}

/// Each redirect of a loop is an answer, and none is the page that was asked for.
#[tokio::test(start_paused = true)]
async fn a_loop_of_redirects_is_not_called_reachable() {
    for (tls, code) in [(false, VerdictCode::Unknown), (true, VerdictCode::OriginFault)] {
        let lab = lab(|lab| {
            let site = lab.host("loop.example").at("203.0.113.44");
            let site = if tls { site.https() } else { site.http() };
            site.redirect("/", "/");
        });
        let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
        let link = if tls { "https://loop.example/" } else { "http://loop.example/" };
        let failed = byway.open(link).await.unwrap_err();
        let met = failed.reachability().unwrap();
        assert_eq!((met.verdict.code, met.reached_by.is_none()), (code, true), "{}", shown(met));
        let got = byway.get(link).await.unwrap_err();
        assert_eq!(got.reachability().unwrap().verdict.rule, met.verdict.rule, "`open` says what `get` says");
    }
}

/// In cleartext a change of one sentence looks like a site's own change.
#[tokio::test(start_paused = true)]
async fn a_page_that_is_only_alike_keeps_its_remark() {
    let moved = STORY.replace("along the river", "at the police station");
    let cases = [
        (page("en", "The factory district", &moved), "reachable.cleartext", "not equal", "не такая же"),
        (
            Page::new(format!("<title>The factory district</title>{}", "нельзя ".repeat(90))),
            "http.other_answer.other_vantage",
            "may have changed it",
            "без шифрования",
        ),
    ];
    for (here, rule, en, ru) in cases {
        let lab = lab(|lab| drop(lab.censor().when_host("site.example").block_page(here.clone())));
        let probed = probed(&lab, BOTH).await;
        assert_eq!(probed.verdict.rule.code(), rule, "{}", shown(&probed));
        assert!(probed.sentence(Language::En).contains(en), "{}", probed.sentence(Language::En));
        assert!(probed.sentence(Language::Ru).contains(ru), "{}", probed.sentence(Language::Ru));
    }
}

fn part(page: Page) -> Page {
    page.status(206).header("content-range", "bytes 0-2/9")
}

#[tokio::test(start_paused = true)]
async fn a_difference_that_sites_make_is_named_and_reachable() {
    for status in [401, 404, 410, 429] {
        let lab = lab(|lab| here(lab, Page::new("no").status(status)));
        let probed = probed(&lab, BOTH).await;
        assert_eq!(probed.verdict.rule.code(), "http.other_answer.other_vantage", "{}", shown(&probed));
        let (en, ru) = (probed.sentence(Language::En), probed.sentence(Language::Ru));
        assert!(en.contains(&format!("status {status}")) && en.contains("through the proxy"), "{en}");
        assert!(ru.contains(&format!("код {status}")) && ru.contains("через прокси"), "{ru}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_without_comparison_is_said_to_be_unencrypted() {
    let lab = lab(|lab| drop(lab.censor().when_host("site.example").block_page(NOTICE)));
    for ways in [&[DIRECT][..], &[DIRECT, "direct:?dns=udp://198.51.100.53"]] {
        lab.resolver("198.51.100.53");
        let probed = probed(&lab, ways).await;
        assert_eq!(
            (probed.verdict.code, probed.verdict.rule.code()),
            (VerdictCode::Reachable, "reachable.cleartext"),
            "{}",
            shown(&probed)
        );
        assert!(probed.sentence(Language::En).contains("without encryption"), "{}", shown(&probed));
        assert!(probed.sentence(Language::Ru).contains("без шифрования"), "{}", shown(&probed));
    }
    // A proxy is no better: its own network can write the page as well.
    let by_proxy = probed(&lab, &[PROXY]).await;
    assert_eq!(by_proxy.verdict.rule.code(), "reachable.cleartext");
    assert!(by_proxy.sentence(Language::En).contains("without encryption"), "{}", shown(&by_proxy));
    // A proxy in the same country does not help either: it repeats what that country orders.
    let ways = ["direct:?cc=ru", "socks5://198.51.100.8:1080?cc=ru"];
    lab.socks5("proxy.ru").at("198.51.100.8").country("ru");
    lab.censor().when_host("site.example").inside_proxies().block_page(NOTICE);
    assert_eq!(probed(&lab, &ways).await.verdict.rule.code(), "reachable.cleartext");
}

#[tokio::test(start_paused = true)]
async fn a_page_in_the_users_own_network_needs_no_comparison() {
    let lab = Lab::new();
    lab.host("nas.lan").at("192.168.1.9").http().page("/", "the nas");
    let probed = byway(&lab, &[DIRECT], Exposure::Open).await.probe("http://192.168.1.9/").await.unwrap();
    assert_eq!(probed.verdict.rule.code(), "reachable");
}

#[tokio::test(start_paused = true)]
async fn a_get_in_cleartext_says_that_the_page_is_unconfirmed() {
    let lab = lab(|lab| drop(lab.censor().when_host("site.example").block_page(NOTICE)));
    let mut got = byway(&lab, BOTH, Exposure::Open).await.get(URL).await.unwrap();
    assert_eq!(got.reachability.verdict.rule.code(), "reachable.cleartext");
    assert!(got.reachability.sentence(Language::En).contains("without encryption"));
    got.settle().await;
    assert_eq!(got.reachability.verdict.rule.code(), "reachable.cleartext", "no other route was asked");
    // Over TLS there is nothing to add.
    let got = byway(&lab, BOTH, Exposure::Open).await.get("https://site.example/").await.unwrap();
    assert_eq!(got.reachability.verdict.rule.code(), "reachable");
    assert!(!got.reachability.sentence(Language::En).contains("encryption"));
}

#[tokio::test(start_paused = true)]
async fn a_slower_route_with_another_page_changes_a_gets_verdict() {
    // The direct route is silent for so long that the proxy is tried, too; both bring a page.
    let lab = lab(|lab| {
        lab.host("site.example").rtt(Duration::from_millis(40));
        lab.censor().when_host("site.example").delay(Duration::from_millis(700));
        let _ = lab.host("site.example").page("/", NOTICE).page_for("nl", "/", story());
    });
    let mut got = byway(&lab, BOTH, Exposure::Open).await.get(URL).await.unwrap();
    got.settle().await;
    let verdict = &got.reachability.verdict;
    let pages = got.reachability.attempts.iter().filter(|attempt| attempt.page.is_some()).count();
    assert_eq!((verdict.rule.code(), pages), ("http.other_page.other_vantage", 2), "{}", shown(&got.reachability));
    assert_eq!(got.reachability.reached_by.as_ref(), Some(&got.response.strategy), "what was read stays what was read");
}

#[tokio::test(start_paused = true)]
async fn a_redacted_account_holds_no_title_and_no_host() {
    let lab = lab(|lab| {
        lab.host("blocked.isp").at("192.0.2.66").http().page("/", NOTICE);
        lab.censor().when_host("site.example").block_page(Page::redirect("http://blocked.isp/"));
    });
    let probed = probed(&lab, BOTH).await;
    let account = serde_json::to_string(&probed.account(Language::En)).unwrap();
    assert!(!account.contains("blocked.isp") && !account.contains("factory"), "{account}");
    let debug = format!("{:?} {:?}", probed.verdict, probed.attempts.iter().map(|a| &a.page).collect::<Vec<_>>());
    assert!(!debug.contains("blocked.isp") && !debug.contains("factory"), "{debug}");
}
