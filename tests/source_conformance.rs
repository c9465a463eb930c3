//! What every source does, whatever its platform: a source is one line of `CASES`, and each test goes over all of them.
//!
//! A new source adds its case here: where its lab host serves a community, and the link to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::time::Duration;

use byway::internals::signed::{
    Charter, Digest, EventKind, FORMAT, FileEntry, Head, KeySet, NEWEST, SignedEvent, SigningKey,
};
use byway::jiff::Timestamp;
use byway::{Byway, Exposure, OpenOptions, ReadFrom, Roots, Strategy};
use byway_lab::{Ask, Lab, Page, Script};

/// One source.
struct Case {
    name: &'static str,
    link: &'static str,
    /// The hosts that it asks.
    hosts: &'static [&'static str],
    /// Puts a community with three posts into the lab.
    serve: fn(&Lab),
}

const CASES: [Case; 4] = [
    Case { name: "vk", link: "vk.com/zavod", hosts: &["api.vk.ru", "api.vk.com"], serve: vk },
    Case { name: "web", link: "https://zavod.example/feed", hosts: &["zavod.example"], serve: web },
    Case { name: "telegram", link: "t.me/zavod", hosts: &["t.me", "telegram.me", "telegram.dog"], serve: telegram },
    Case { name: "mirror", link: MIRROR, hosts: &["zavod.example"], serve: mirror },
];

fn vk(lab: &Lab) {
    lab.vk().token("token").community("zavod").name("Zavod").post("1").post("2").post("3");
}

fn web(lab: &Lab) {
    let item = |n: u32| format!("<item><guid>{n}</guid><title>{n}</title></item>");
    let feed = format!("<rss><channel><title>Zavod</title>{}</channel></rss>", (1..4).map(item).collect::<String>());
    lab.host("zavod.example").https().page("/feed", Page::new(feed).header("content-type", "application/rss+xml"));
}

fn telegram(lab: &Lab) {
    lab.telegram().channel("zavod").title("Zavod").post("1").post("2").post("3");
}

/// The id is the digest of the charter that `mirror` makes.
const MIRROR: &str = "https://zavod.example/m/#byway:b82bc94535e351fcd24dfdcd0f3dfb27b8d7bca4eaed7af7c388b3070047e5fc";

fn mirror(lab: &Lab) {
    let key = |person: u8| SigningKey::from_bytes([person; 32].into()).unwrap();
    let at = |days: i64| Timestamp::from_second(1_478_595_600 + days * 86_400).unwrap();
    let root = KeySet::new(vec![key(1).public()], 1);
    let mut charter = Charter::first("Zavod", at(0), at(700), root, vec![key(10).public()]);
    charter.authors = vec![key(20).public()];
    let charter = charter.seal([&key(1)]).unwrap();
    let community = format!("byway:{}", charter.digest());
    let tags = vec![vec!["i".to_owned(), community]];
    let post = |text: &str| SignedEvent::sign(&key(20), at(1), EventKind::Note, tags.clone(), text).unwrap().to_json();
    let newest: String = ["1", "2", "3"].map(|text| post(text) + "\n").concat();
    let file = FileEntry { name: NEWEST.into(), bytes: newest.len() as u64, sha256: Digest::of(newest.as_bytes()) };
    let head = Head {
        format: FORMAT,
        community: charter.digest(),
        charter: 1,
        charter_digest: charter.digest(),
        sequence: 1,
        issued: at(2),
        expires: at(30),
        files: vec![file],
    };
    lab.host("zavod.example")
        .https()
        .page("/m/charter/1.json", Page::new(charter.to_json()))
        .page("/m/head.json", Page::new(head.seal(&key(10)).unwrap().to_json()))
        .page("/m/newest.jsonl", Page::new(newest));
}

impl Case {
    fn lab(&self) -> Lab {
        let lab = Lab::new();
        (self.serve)(&lab);
        lab
    }

    /// The hosts answer everything with this.
    fn answers(&self, lab: &Lab, page: &Page) {
        for host in self.hosts {
            let page = page.clone();
            lab.host(host).app(move |_: &Ask| page.clone());
        }
    }
}

async fn over(lab: &Lab, strategies: &[&str]) -> Byway {
    let strategies = strategies.iter().map(|strategy| strategy.parse::<Strategy>().unwrap());
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let builder = Byway::builder().strategies(strategies).roots(roots).vk_token("token");
    builder.net(lab.client()).build().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_source_reads_its_community() {
    for case in CASES {
        let lab = case.lab();
        let opened = over(&lab, &["direct:"]).await.open(case.link).await.unwrap();
        assert_eq!((opened.community.name.as_str(), opened.posts.len()), ("Zavod", 3), "{}", case.name);
        for name in lab.packets().lookups() {
            assert!(case.hosts.contains(&name.as_str()), "{} asks {name}", case.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_source_sends_nothing_directly_with_exposure_tor() {
    for case in CASES {
        let lab = case.lab();
        let tor = lab.tor().url();
        let how = OpenOptions { exposure: Exposure::Tor, ..OpenOptions::default() };
        let read = over(&lab, &["direct:", &tor]).await.open_with(case.link, how).await;
        if let Ok(opened) = read {
            assert_eq!(opened.exposure, Exposure::Tor, "{}", case.name);
        }
        assert_eq!(lab.packets().lookups(), [""; 0], "{}", case.name);
        let without = over(&lab, &["direct:"]).await.open_with(case.link, how).await;
        assert!(without.is_err() && lab.packets().lookups().is_empty(), "{}: it fails closed", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn every_source_keeps_what_it_read_when_it_is_blocked() {
    for case in CASES {
        let lab = case.lab();
        let byway = over(&lab, &["direct:"]).await;
        byway.open(case.link).await.unwrap();
        for host in case.hosts {
            lab.censor().when_sni(host).reset();
        }
        lab.client().flows_reset();
        let kept = byway.open(case.link).await.unwrap();
        assert_eq!((kept.source, kept.posts.len()), (ReadFrom::Store, 3), "{}", case.name);
        assert!(kept.fault.is_some() && !kept.reachability.attempts.is_empty(), "{}", case.name);
    }
}

/// Odd input is a note or a typed error, contacts no other host, and takes nothing from what is kept.
#[tokio::test(start_paused = true)]
async fn no_source_loses_anything_to_odd_answers() {
    let deep = "[".repeat(100_000);
    let tags = "<a>".repeat(50_000);
    let odd: [(&str, Page); 8] = [
        ("nothing", Page::new("")),
        ("bytes", Page::new(vec![0xff_u8; 70_000])),
        ("a page", Page::new("<html><body>Welcome</body></html>")),
        ("depth of JSON", Page::new(deep)),
        ("depth of tags", Page::new(tags)),
        ("numbers", Page::json(&serde_json::json!({ "response": [1e308, -1, null, { "items": "x", "count": -5 }] }))),
        ("a status of nobody's", Page::new("x").status(418)),
        ("a redirect home", Page::redirect("https://192.168.0.1/")),
    ];
    for case in CASES {
        for (what, page) in &odd {
            let lab = case.lab();
            let byway = over(&lab, &["direct:"]).await;
            let read = byway.open(case.link).await.unwrap();
            case.answers(&lab, page);
            let again = byway.open(case.link).await.unwrap();
            assert_eq!((again.posts.len(), again.community.state.code()), (3, "active"), "{}: {what}", case.name);
            let noted = again.fault.is_some() || !again.notes.is_empty();
            assert!(noted, "{}: {what}: it is said", case.name);
            assert_eq!(byway.posts(&read.community.id, None, 9).await.unwrap().items.len(), 3, "{}: {what}", case.name);
            let inside = lab.packets().connects().iter().any(|(_, to)| to.ip().to_string().starts_with("192.168"));
            assert!(!inside, "{}: {what}", case.name);
        }
    }
}

/// An answer without end is given up at a limit of the source's own.
#[tokio::test(start_paused = true)]
async fn every_source_bounds_an_answer() {
    for case in CASES {
        let lab = Lab::new();
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n";
        let body = "<a>1</a> ".repeat(100_000);
        for host in case.hosts {
            let script = Script::new().read_request().send(head).send_forever(body.clone(), Duration::from_millis(10));
            lab.host(host).tls_script(443, false, script);
        }
        let error = over(&lab, &["direct:"]).await.open(case.link).await.unwrap_err();
        assert_eq!(error.fault.code(), "unreached", "{}", case.name);
        let carried = lab.client().carried();
        // Telegram's pages are at three hosts, and each of them is asked.
        let answers = if case.name == "telegram" { 3 } else { 2 };
        assert!(carried < answers * (17 << 20), "{}: {carried} bytes", case.name);
    }
}
