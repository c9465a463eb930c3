//! A group with several homes (a channel at Telegram, a site like one of WordPress, a page like one of Mobilizon), each
//! blocked in the ways that networks know: what is read, by which route, and what is said.

use byway::internals::reach::VerdictCode;
use byway::{Byway, Language, Roots};
use byway_lab::{Lab, Page};

/// Three homes of one group.
const HOMES: [(&str, &str); 3] = [
    ("t.me/zavod", "t.me"),
    ("https://zavod.example/", "zavod.example"),
    ("https://events.example/@zavod", "events.example"),
];

const FEED: &str = r#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
    <channel><title>The plant</title><link>https://zavod.example</link><generator>https://wordpress.org/?v=6.1</generator>
    <item><title>Strike</title><link>https://zavod.example/2026/strike/</link><guid isPermaLink="false">https://zavod.example/?p=7</guid>
    <pubDate>Mon, 02 Nov 2026 10:00:00 +0000</pubDate><content:encoded><![CDATA[<p>At six.</p>]]></content:encoded></item>
    </channel></rss>"#;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nPRODID:-//geraldo//Mobilizon//EN\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:7\r\nSUMMARY:Meeting\r\n\
    DTSTART:20990309T170000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn lab() -> Lab {
    let lab = Lab::new();
    let _ = lab.telegram().channel("zavod").title("The plant").post("At six").post("At the gate");
    let named =
        |markup: &str| Page::new(format!("<html><head><title>The plant</title>{markup}</head><body>x</body></html>"));
    let rss = || Page::new(FEED).header("content-type", "application/rss+xml; charset=UTF-8");
    let _ = lab
        .host("zavod.example")
        .at("203.0.113.30")
        .https()
        .page("/", named(r#"<link rel="alternate" type="application/rss+xml" href="https://zavod.example/feed/">"#))
        .page("/feed/", rss());
    let both = r#"<link rel="alternate" type="application/atom+xml" href="/@zavod/feed/atom"><link rel="alternate"
        type="text/calendar" href="/@zavod/feed/ics">"#;
    let _ = lab
        .host("events.example")
        .at("203.0.113.31")
        .https()
        .page("/@zavod", named(both))
        .page("/@zavod/feed/atom", rss())
        .page("/@zavod/feed/ics", Page::new(CALENDAR).header("content-type", "text/calendar"));
    lab
}

async fn over(lab: &Lab, strategies: &[&str]) -> Byway {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let strategies = strategies.iter().map(|strategy| strategy.parse().unwrap());
    Byway::builder().strategies(strategies).roots(roots).net(lab.client().country("ru")).build().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_home_is_read_around_each_kind_of_block() {
    for block in
        ["none", "reset", "close", "swallow", "forged certificate", "nxdomain", "wrong address", "frozen", "address"]
    {
        let lab = lab();
        let proxy = lab.socks5("proxy.nl").at("198.51.100.7").country("nl").url();
        for name in ["t.me", "telegram.me", "telegram.dog", "zavod.example", "events.example"] {
            let censor = lab.censor();
            let _ = match block {
                "none" => continue,
                "reset" => censor.when_sni(name).reset(),
                "close" => censor.when_sni(name).close(),
                "swallow" => censor.when_sni(name).swallow(),
                "forged certificate" => censor.when_sni(name).forge_certificate(),
                "nxdomain" => censor.when_query(name).nxdomain(),
                "wrong address" => censor.when_query(name).resolve_to("203.0.113.99"),
                "frozen" => censor.when_sni(name).freeze_after_bytes(1_000),
                _ => censor.when_address(&lab.host(name).address().to_string()).swallow(),
            };
        }
        let byway = over(&lab, &["direct:", &proxy]).await;
        for (link, host) in HOMES {
            let opened = byway.open(link).await.unwrap_or_else(|error| panic!("{block} {link}: {error}"));
            assert!(!opened.posts.is_empty(), "{block} {link}");
            assert_eq!(opened.community.name, "The plant", "{block} {link}");
            let code = opened.reachability.verdict.code;
            assert_eq!(code == VerdictCode::Reachable, block == "none", "{block} {link}: {code:?}");
            let sentence = opened.reachability.sentence(Language::En);
            assert!(block == "none" || sentence.contains(host), "{block} {link}: {sentence}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_block_of_one_home_leaves_the_others_direct() {
    let lab = lab();
    for name in ["t.me", "telegram.me", "telegram.dog"] {
        lab.censor().when_sni(name).reset();
    }
    let byway = over(&lab, &["direct:"]).await;
    let blocked = byway.open("t.me/zavod").await.unwrap_err();
    assert_eq!(blocked.fault.code(), "unreached", "{blocked}");
    for (link, _) in &HOMES[1..] {
        let opened = byway.open(link).await.unwrap();
        assert_eq!(opened.reachability.verdict.code, VerdictCode::Reachable, "{link}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_telegram_is_not_called_blocked() {
    let lab = lab();
    for name in ["t.me", "telegram.me", "telegram.dog"] {
        let _ = lab.host(name).down();
    }
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7").country("nl").url();
    let error = over(&lab, &["direct:", &proxy]).await.open("t.me/zavod").await.unwrap_err();
    let verdict = &error.reachability().unwrap().verdict;
    assert!(verdict.weights.blocked < 0.5, "{:?} {:?}", verdict.code, verdict.weights);
}
