//! Rows N5, N10, N11, N13, N14, N17 and N24 in their less common forms: the evidence, the verdict, and what is not
//! dialled. Other cases must never count as a block.

use std::time::{Duration, SystemTime};

use byway::Exposure;
use byway::community::Restriction;
use byway::internals::reach::{Fingerprints, Layer, VerdictCode};
use byway::internals::transport::Strategy;
use byway::{Byway, Language, Network, NetworkKind, OpenFault, OpenOptions, ReadFrom};
use byway_lab::{Lab, Page};
use tokio::time::{Instant, advance};

use crate::stack::{builder, byway, probe};

const DIRECT: &str = "direct:?cc=ru";
const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const OTHER_RESOLVER: &str = "direct:?dns=udp://198.51.100.53";
const BOTH: &[&str] = &[DIRECT, PROXY];
const URL: &str = "https://vk.com/";
const CLUB: &str = "vk.com/club";

/// The site, a proxy in the Netherlands, and no fault yet.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().http().page("/", "the group");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

/// The platform with one group, and the proxy.
fn platform() -> Lab {
    let lab = Lab::new();
    lab.vk().community("club").name("The club").post("hello");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

#[tokio::test(start_paused = true)]
async fn n5_a_451_of_the_host_becomes_a_restriction_in_the_answer() {
    let lab = lab();
    let answer = || {
        Page::new("<title>451</title>Withheld by order of the court")
            .status(451)
            .header("Link", "<https://a.example/>; rel=next, </order>; title=\"x, y\"; rel=\"blocked-by help\"")
    };
    lab.host("vk.com").page("/", answer());
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::Legal451, Some(Layer::Http), None), "{probed:?}");
    let restriction = probed.reachability.restriction().unwrap();
    assert_eq!(restriction.link.as_deref(), Some("https://vk.com/order"));
    assert_eq!((restriction.stated_by.as_str(), restriction.jurisdiction), ("HTTP 451", None));
    assert_eq!(restriction.authority, None, "the blocking party is not the ordering one");
    assert_eq!(restriction.observed_in.as_deref(), Some("RU"));
    assert!(restriction.text.contains("order of the court"));

    let refused = byway(&lab, BOTH, Exposure::Open).await.get(URL).await.unwrap_err();
    assert!(refused.reachability().unwrap().restriction().is_some());
}

#[tokio::test(start_paused = true)]
async fn n5_a_451_of_the_platform_is_read_abroad_and_recorded() {
    let lab = platform();
    lab.vk().refused_in("ru", "https://rkn.example/order", "Withheld by order of the court");
    let byway = byway(&lab, BOTH, Exposure::Open).await;
    let opened = byway.open(CLUB).await.unwrap();
    assert_eq!((opened.community.name.as_str(), opened.posts.len()), ("The club", 1));
    assert_eq!(opened.reachability.verdict.code, VerdictCode::Legal451, "{opened:?}");
    assert_eq!(opened.reachability.reached_by.as_ref().unwrap().scheme(), "socks5");
    let [stated] = &opened.community.restrictions[..] else { panic!("{:?}", opened.community.restrictions) };
    assert_eq!(stated.link.as_deref(), Some("https://rkn.example/order"));
    assert_eq!((stated.stated_by.as_str(), stated.observed_in.as_deref()), (Restriction::HTTP_451, Some("RU")));
    assert!(stated.text.contains("order of the court"));
    // The full account has it once, as recorded; the redacted one does not have it.
    let full = opened.reachability.account_in_full(Language::En);
    assert_eq!(full.restrictions, opened.community.restrictions);
    let redacted = serde_json::to_string(&opened.reachability.account(Language::En)).unwrap();
    assert!(!redacted.contains("rkn.example") && !redacted.contains("court"), "{redacted}");

    // It is kept: the next reading is not direct.
    let again = byway.open(CLUB).await.unwrap();
    assert!(again.reachability.attempts.iter().all(|attempt| !attempt.strategy.is_direct()), "{again:?}");
    assert_eq!(again.community.restrictions, opened.community.restrictions);
}

#[tokio::test(start_paused = true)]
async fn n14_an_account_has_each_address_and_names_it_only_in_full() {
    let lab = Lab::new();
    lab.host("two.example").at("203.0.113.10").at("198.51.100.10").https().http().page("/", "two");
    lab.censor().when_address("203.0.113.10").reset();
    let probed = probe(&lab, BOTH, "https://two.example/").await;
    let (full, redacted) =
        (probed.reachability.account_in_full(Language::En), probed.reachability.account(Language::En));
    let told = |account: &byway::Account| -> Vec<_> {
        account.verdict.addresses.iter().map(|one| (one.address.to_string(), one.code)).collect()
    };
    let known: Vec<_> =
        probed.reachability.verdict.addresses.iter().map(|one| (one.address.to_string(), one.code)).collect();
    assert!(known.len() > 1, "{:?}", probed.reachability.attempts);
    assert_eq!(told(&full), known);
    assert_eq!(told(&redacted).len(), known.len());
    assert!(told(&redacted).iter().all(|(address, _)| address.starts_with("192.0.2.")), "{redacted}");
}

#[tokio::test(start_paused = true)]
async fn n5_a_block_page_with_a_known_fingerprint_is_named_and_passed() {
    let list = "name,scope,location_found,pattern_type,pattern\nxx.isp,isp,body,ordered,our company*regrets\n\
        xx.box,prod,header.x-filter,prefix,stop\nxx.dns,isp,dns,full,192.0.2.66\n";
    let known = Fingerprints::parse_csv(list).unwrap().fingerprints;
    let pages = [
        (Page::new("Our company deeply regrets it"), VerdictCode::BlockPage),
        (Page::new("x").header("X-Filter", "STOP 17"), VerdictCode::BlockPage),
        // A different page proves nothing, and nothing explains it: it is neither blamed nor called reachable.
        (Page::new("Our company is glad"), VerdictCode::Unknown),
    ];
    for (page, code) in pages {
        let lab = lab();
        lab.censor().when_host("vk.com").block_page(page);
        let byway = builder(&lab, BOTH).fingerprints(&known).build().await.unwrap();
        let probed = byway.probe("http://vk.com/").await.unwrap();
        assert_eq!(probed.verdict.code, code, "{:?}", probed.verdict);
    }
    // Over TLS the site may quote it.
    let lab = lab();
    lab.host("vk.com").page("/", "Our company regrets");
    let byway = builder(&lab, BOTH).fingerprints(&known).build().await.unwrap();
    assert_eq!(byway.probe(URL).await.unwrap().verdict.code, VerdictCode::Reachable);
    // A page with a known address needs no second vantage.
    lab.system_resolver().answers("vk.com", "192.0.2.66");
    let byway = builder(&lab, &[DIRECT]).fingerprints(&known).build().await.unwrap();
    let told = byway.probe(URL).await.unwrap();
    assert_eq!((told.verdict.code, told.verdict.rule.code()), (VerdictCode::DnsTampered, "dns.block_address"));
}

#[tokio::test(start_paused = true)]
async fn n10_a_slow_handshake_or_low_rate_is_throttled_and_left() {
    let lab = lab();
    lab.censor().when_sni("vk.com").delay(Duration::from_secs(5));
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::Throttled, Some(Layer::Network), Some("direct")), "{probed:?}");
    assert_eq!(probed.got.as_ref().unwrap().response.strategy.scheme(), "socks5");
    // A caller that waits for the loser learns that it is slow, and not cut.
    let mut got = byway(&lab, BOTH, Exposure::Open).await.get(URL).await.unwrap();
    assert_eq!(got.reachability.verdict.rule.code(), "not_waited_for");
    got.settle().await;
    assert_eq!(got.reachability.verdict.code, VerdictCode::Throttled, "{:?}", got.reachability);

    let lab = self::lab();
    lab.host("vk.com").page("/long", vec![b'x'; 100_000]);
    lab.censor().when_sni("vk.com").rate(14_000);
    let probed = probe(&lab, BOTH, "https://vk.com/long").await;
    assert_eq!(probed.told(), (VerdictCode::Throttled, Some(Layer::Network), Some("direct")), "{probed:?}");
    assert_eq!(probed.text().unwrap().len(), 100_000, "slow is no failure");
}

#[tokio::test(start_paused = true)]
async fn n10_the_text_comes_before_any_media_is_asked_for() {
    let lab = Lab::new();
    let photo = serde_json::json!({"type": "photo", "photo": {"id": 1, "owner_id": -1, "text": "", "sizes": [
        {"type": "x", "url": "https://photos.example/1.jpg", "width": 600, "height": 400}]}});
    lab.vk().community("club").name("The club").post_object(
        serde_json::json!({"id": 1, "date": 1_478_600_000, "text": "hello", "type": "post", "attachments": [photo]}),
    );
    lab.host("photos.example").at("203.0.113.30").https().page("/1.jpg", vec![7; 5_000]);
    lab.censor().always().rate(14_000);
    let byway = byway(&lab, &[DIRECT], Exposure::Open).await;
    let opened = byway.open(CLUB).await.unwrap();
    assert_eq!(opened.posts.first().unwrap().text, "hello");
    assert_eq!(lab.packets().first_packet_to("203.0.113.30"), None, "{}", lab.packets());
    assert!(!lab.packets().lookups().contains(&"photos.example".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn n11_a_whitelist_is_named_and_the_copy_comes_without_dialling() {
    let lab = platform();
    let byway = byway(&lab, BOTH, Exposure::Open).await;
    let id = byway.open(CLUB).await.unwrap().community.id;

    let resolver = lab.system_resolver().address().to_string();
    let whitelist = lab.censor().when_not_address(&["203.0.113.200", &resolver]).swallow();
    byway.network_changed();
    let met = byway.open(CLUB).await.unwrap();
    assert_eq!((met.source, met.posts.len()), (ReadFrom::Store, 1), "{met:?}");
    let verdict = &met.reachability.verdict;
    assert_eq!((verdict.code, verdict.layer), (VerdictCode::WhitelistOnly, Some(Layer::Network)), "{met:?}");
    let sentence = met.reachability.sentence(Language::En);
    assert!(sentence.contains("lets only a few chosen addresses through"), "{sentence}");

    // For a minute nothing is sent, and the copy is there in the same instant.
    for wait in [0, 30, 29] {
        advance(Duration::from_secs(wait)).await;
        let (before, began) = (lab.packets().len(), Instant::now());
        let kept = byway.open(CLUB).await.unwrap();
        assert_eq!((kept.source, kept.posts.len(), kept.age > Some(Duration::ZERO)), (ReadFrom::Store, 1, true));
        assert_eq!(kept.reachability.verdict.code, VerdictCode::WhitelistOnly);
        assert!(kept.reachability.sentence(Language::En).contains("nothing was sent now"));
        assert_eq!(kept.fault.as_ref().map(OpenFault::code), Some("unreached"));
        let refused = byway.get(URL).await.unwrap_err();
        assert_eq!(refused.reachability().unwrap().verdict.code, VerdictCode::WhitelistOnly);
        assert_eq!((lab.packets().len(), Instant::now()), (before, began), "{}", lab.packets());
    }

    // Then it is tried again, and the next pause is longer.
    advance(Duration::from_secs(2)).await;
    assert!(sends(&lab, &byway).await);
    advance(Duration::from_secs(90)).await;
    assert!(!sends(&lab, &byway).await);
    // An insisting user overrides it, and so does a change of the network.
    let before = lab.packets().len();
    assert_eq!(byway.refresh(&id).await.unwrap().source, ReadFrom::Store);
    assert!(lab.packets().len() > before);
    assert!(!sends(&lab, &byway).await);
    byway.network_changed();
    assert!(sends(&lab, &byway).await);

    whitelist.lift();
    let ignore_pause = OpenOptions { ignore_pause: true, ..OpenOptions::default() };
    let read = byway.open_with(CLUB, ignore_pause).await.unwrap();
    assert_eq!((read.source, read.reachability.verdict.code), (ReadFrom::Network, VerdictCode::Reachable));
    assert_eq!(byway.open(CLUB).await.unwrap().source, ReadFrom::Network, "what was reached ends the pause");
}

#[tokio::test(start_paused = true)]
async fn n11_a_whitelist_without_the_resolver_shows_by_what_passes() {
    let lab = platform();
    lab.host("allowed.example").at("203.0.113.200").http().page("/", "the bank");
    let byway = byway(&lab, BOTH, Exposure::Open).await;
    lab.censor().when_not_address(&["203.0.113.200"]).swallow();
    // Silence everywhere may be a network that is gone.
    let blind = byway.probe(CLUB).await.unwrap();
    assert_eq!(blind.verdict.code, VerdictCode::Unknown, "{blind:?}");
    let read = byway.probe("http://203.0.113.200/").await.unwrap();
    assert_eq!(read.verdict.code, VerdictCode::Reachable, "{read:?}");
    let told = byway.probe(CLUB).await.unwrap();
    assert_eq!((told.verdict.code, told.verdict.layer), (VerdictCode::WhitelistOnly, Some(Layer::Network)), "{told:?}");
}

/// Whether an opening sends anything.
async fn sends(lab: &Lab, byway: &Byway) -> bool {
    let before = lab.packets().len();
    byway.open(CLUB).await.unwrap();
    lab.packets().len() > before
}

#[tokio::test(start_paused = true)]
async fn n11_a_dead_site_or_a_dead_proxy_alone_is_no_whitelist() {
    let lab = lab();
    lab.host("vk.com").silent();
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.reachability.verdict.code, VerdictCode::OriginDown, "{probed:?}");

    let lab = self::lab();
    lab.socks5("proxy.nl").down();
    assert_eq!(probe(&lab, BOTH, URL).await.told(), (VerdictCode::Reachable, None, Some("direct")));

    let lab = self::lab();
    lab.host("vk.com").silent();
    let alone = probe(&lab, &[DIRECT, OTHER_RESOLVER], URL).await;
    assert_eq!(alone.reachability.verdict.code, VerdictCode::Unknown, "{alone:?}");
}

#[tokio::test(start_paused = true)]
async fn n13_a_wrong_clock_is_named_with_its_direction_not_as_a_block() {
    let day = Duration::from_secs(86_400);
    let lab = lab();
    lab.client().wall_clock(SystemTime::UNIX_EPOCH + day);
    let early = probe(&lab, BOTH, URL).await;
    assert_eq!(early.told(), (VerdictCode::OriginFault, Some(Layer::Tls), None), "{early:?}");
    let said = [Language::En, Language::Ru].map(|language| early.reachability.sentence(language));
    assert!(said[0].contains("too early") && said[1].contains("отстают"), "{said:?}");

    let lab = self::lab();
    let proxy = lab.https_proxy("proxy.de").at("198.51.100.9").country("de");
    lab.client().wall_clock(SystemTime::UNIX_EPOCH + 365 * 130 * day);
    let late = probe(&lab, &[DIRECT, &proxy.url()], URL).await;
    assert_eq!(late.told(), (VerdictCode::OriginFault, Some(Layer::Tls), None), "{late:?}");
    assert_eq!(late.reachability.verdict.rule.code(), "clock.two_hosts");
    let said = [Language::En, Language::Ru].map(|language| late.reachability.sentence(language));
    assert!(said[0].contains("too late") && said[1].contains("спешат"), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn n13_a_wrong_clock_is_named_with_its_error() {
    // The first host proves its name, gives its time, and redirects to one whose certificate has expired.
    for (date, rule, said) in [
        (-40, "clock.date", Some(["about 40 days ahead of", "спешат примерно на 40 дней"])),
        (0, "origin.certificate.expired_or_clock", None),
    ] {
        let lab = lab();
        let told =
            jiff::Timestamp::try_from(byway_lab::lab_epoch()).unwrap() + jiff::SignedDuration::from_hours(24 * date);
        let told = told.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        lab.host("a.example").at("203.0.113.30").https().page("/", Page::redirect(URL).header("date", &told));
        let _ = lab.host("vk.com").expired_certificate();
        let probed = probe(&lab, BOTH, "https://a.example/").await;
        assert_eq!(probed.reachability.verdict.rule.code(), rule, "{probed:?}");
        assert_eq!(probed.told(), (VerdictCode::OriginFault, Some(Layer::Tls), None), "{probed:?}");
        for (language, part) in [Language::En, Language::Ru].into_iter().zip(said.into_iter().flatten()) {
            let sentence = probed.reachability.sentence(language);
            assert!(sentence.contains(part), "{sentence}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n13_a_portal_is_named_over_tls_too_if_the_system_sees_no_net() {
    let lab = lab();
    lab.client().captive_portal();
    let byway = byway(&lab, BOTH, Exposure::Open).await;
    let blind = byway.probe(URL).await.unwrap();
    assert_eq!(blind.verdict.code, VerdictCode::Unknown, "{:?}", blind.verdict);
    let mut network = Network::new("hotel", NetworkKind::Wifi);
    network.validated = false;
    byway.set_network(network);
    let told = byway.probe(URL).await.unwrap();
    assert_eq!((told.verdict.code, told.verdict.layer), (VerdictCode::CaptivePortal, Some(Layer::Network)), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn n14_a_cut_address_is_named_beside_one_that_works() {
    let lab = lab();
    lab.host("vk.com").at("203.0.113.11");
    lab.censor().when_address("203.0.113.10").refuse();
    let probed = probe(&lab, BOTH, URL).await;
    assert_eq!(probed.told(), (VerdictCode::Reachable, None, Some("direct")), "{probed:?}");
    let told = |address: &str| {
        let addresses = &probed.reachability.verdict.addresses;
        addresses.iter().find(|found| found.address.to_string() == address).map(|found| found.code)
    };
    assert_eq!(told("203.0.113.10"), Some(VerdictCode::TcpBlocked), "{probed:?}");
    assert_eq!(told("203.0.113.11"), Some(VerdictCode::Reachable), "{probed:?}");
    let sentence = probed.reachability.sentence(Language::En);
    assert!(sentence.contains("203.0.113.10 does not"), "{sentence}");
    // The redacted account does not show the address.
    let account = probed.reachability.account(Language::En).to_string();
    assert!(account.contains("192.0.2.1 does not") && !account.contains("203.0.113"), "{account}");
}

#[tokio::test(start_paused = true)]
async fn n17_an_exit_abroad_disproves_a_notice_a_domestic_one_repeats() {
    let notice = "Материал заблокирован на территории Российской Федерации на основании требования Роскомнадзора";
    let lab = Lab::new();
    lab.vk().community("club").name("The club").post("hello").hidden_in("ru", notice);
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.socks5("proxy.ru").at("198.51.100.8").country("ru");
    let here = "ru".parse().unwrap();
    let verdict_of = async |ways: &[&str]| {
        let byway = builder(&lab, ways).country(here).build().await.unwrap();
        let told = byway.probe("https://vk.com/club").await.unwrap();
        (
            told.verdict.rule.code(),
            told.reached_by.as_ref().map(|way| Strategy::scheme(way).to_owned()),
            told.verdict.weights,
        )
    };
    let (rule, reached, _) = verdict_of(&["direct:", "socks5://198.51.100.8:1080?cc=ru"]).await;
    assert_eq!((rule, reached), ("platform.notice", None));
    // Any other route that answers is the second vantage, also if the subject is a proxy.
    for subject in ["direct:", "socks5://198.51.100.8:1080?cc=ru"] {
        let (rule, reached, weights) = verdict_of(&[subject, PROXY]).await;
        assert_eq!((rule, reached.as_deref()), ("platform.notice.other_country", Some("socks5")), "{subject}");
        assert!((weights.blocked + weights.down + weights.ok - 1.0).abs() < 1e-6);
    }
}

#[tokio::test(start_paused = true)]
async fn n24_what_is_out_of_order_by_itself_is_never_called_a_block() {
    type Setup = fn(&Lab);
    let faults: &[(&str, &str, Setup, &[VerdictCode])] = &[
        ("dead site", URL, |lab| drop(lab.host("vk.com").silent()), &[VerdictCode::OriginDown]),
        ("refusing site", URL, |lab| drop(lab.host("vk.com").refuses()), &[VerdictCode::OriginDown]),
        ("expired", URL, |lab| drop(lab.host("vk.com").expired_certificate()), &[VerdictCode::OriginFault]),
        (
            "a challenge abroad",
            URL,
            |lab| drop(lab.host("vk.com").page_for("nl", "/", Page::new("Checking your browser").status(503))),
            &[VerdictCode::Reachable],
        ),
        (
            "a challenge here",
            URL,
            |lab| {
                let page = Page::new("Checking your browser").status(503).header("cf-mitigated", "challenge");
                drop(lab.host("vk.com").page_for("ru", "/", page));
            },
            &[VerdictCode::Unknown],
        ),
        (
            "another page abroad",
            "http://vk.com/",
            |lab| drop(lab.host("vk.com").page_for("nl", "/", "de groep")),
            &[VerdictCode::Reachable],
        ),
        (
            "404 here",
            URL,
            |lab| drop(lab.host("vk.com").page_for("ru", "/", Page::new("no").status(404))),
            &[VerdictCode::Reachable],
        ),
        (
            "dead IPv6",
            URL,
            |lab| {
                lab.host("vk.com").at("2001:db8::10");
                drop(lab.client().broken_ipv6());
            },
            &[VerdictCode::Reachable],
        ),
        (
            "a name that does not exist, and a resolver that answers every name",
            "https://nosuch.example/",
            |lab| {
                lab.host("ads.isp").at("192.0.2.80").https().http().page("/", "Buy!");
                lab.resolver("198.51.100.53");
                drop(lab.system_resolver().rewrites_nxdomain("192.0.2.80"));
            },
            &[VerdictCode::OriginDown],
        ),
    ];
    let blocks = [
        VerdictCode::DnsTampered,
        VerdictCode::TcpBlocked,
        VerdictCode::TlsInterfered,
        VerdictCode::HttpInterfered,
        VerdictCode::TlsMitm,
        VerdictCode::BlockPage,
        VerdictCode::WhitelistOnly,
        VerdictCode::Frozen,
    ];
    for (fault, url, make, codes) in faults {
        let lab = lab();
        make(&lab);
        let ways: &[&str] = if url.contains("nosuch") { &[DIRECT, OTHER_RESOLVER, PROXY] } else { BOTH };
        let probed = probe(&lab, ways, url).await;
        let code = probed.reachability.verdict.code;
        assert!(codes.contains(&code) && !blocks.contains(&code), "{fault}: {probed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn n17_a_page_that_is_read_is_judged_as_one_that_is_probed() {
    type Hide = fn(&Lab);
    let hides: [Hide; 2] = [
        |lab| drop(lab.vk().community("club").blanked_in("ru")),
        |lab| {
            drop(
                lab.vk()
                    .community("club")
                    .hidden_in("ru", "Материал заблокирован на территории РФ по требованию Генеральной прокуратуры"),
            )
        },
    ];
    for (hide, page) in
        hides.into_iter().flat_map(|hide| ["https://vk.com/club", "https://m.vk.com/club"].map(|page| (hide, page)))
    {
        let lab = platform();
        hide(&lab);
        let got =
            byway(&lab, BOTH, Exposure::Open).await.get(page).await.unwrap_or_else(|error| panic!("{page}: {error}"));
        let told = (got.reachability.verdict.code, got.reachability.verdict.layer);
        assert_eq!(told, (VerdictCode::PlatformBlocked, Some(Layer::Platform)), "{page}: {:?}", got.reachability);
        assert!(!got.response.strategy.is_direct(), "by another country");
        assert!(String::from_utf8_lossy(&got.response.body).contains("The club"));
        let refused = byway(&lab, &[DIRECT], Exposure::Open).await.get(page).await.unwrap_err();
        let met = refused.reachability().unwrap();
        assert_eq!(met.verdict.code, VerdictCode::PlatformBlocked, "{page}: {met:?}");
    }
}
