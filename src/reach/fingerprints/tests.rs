#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;

fn starter() -> Fingerprints {
    Fingerprints::starter()
}

fn list(rows: &str) -> LoadedFingerprints {
    Fingerprints::parse_csv(&format!("name,scope,location_found,pattern_type,pattern\n{rows}")).unwrap()
}

fn of_body(known: &Fingerprints, body: &[u8]) -> Option<String> {
    known.block_page(None, &HeaderMap::new(), Some(body)).map(str::to_owned)
}

fn of_header(known: &Fingerprints, name: &'static str, value: &'static str) -> Option<String> {
    let headers = [(HeaderName::from_static(name), HeaderValue::from_static(value))].into_iter().collect();
    known.block_page(None, &headers, None).map(str::to_owned)
}

#[test]
fn the_starter_set_is_read_whole_and_each_fact_has_a_source() {
    let text = include_str!("starter.csv");
    let loaded = Fingerprints::parse_csv(text).unwrap();
    assert_eq!(loaded.skipped, []);
    assert_eq!(loaded.fingerprints.len(), starter().len());
    assert!(starter().len() > 50);
    let (header, _) = csv::record(text).unwrap();
    let source = header.unwrap().iter().position(|name| name == "source").unwrap();
    let mut rest = text;
    while let Some((record, behind)) = csv::record(rest) {
        rest = behind;
        assert!(!record.unwrap().get(source).unwrap().is_empty());
    }
}

#[test]
fn notice_hosts_are_known_and_their_neighbours_are_not() {
    let cases = [
        ("http://warning.rt.ru/?id=13&st=0&dt=192.0.2.1", Some("ru.rostelecom")),
        ("http://lawfilter.ertelecom.ru", Some("ru.ertelecom")),
        ("https://eais.rkn.gov.ru/", Some("ru.roskomnadzor")),
        ("https://internet.mts.by/blocked/?x", Some("by.mts")),
        ("https://internet.mts.by/tariffs", None),
        ("http://10.10.34.35:80/", Some("ir.national")),
        ("https://vk.com/blank.php?rkn=32274", Some("vk.blank")),
        ("https://vk.com/blank.php", None),
        ("https://www.rt.ru/", None),
        ("https://notwarning.rt.ru/", None),
        ("HTTP://WARNING.RT.RU./x", Some("ru.rostelecom")),
        ("http://reader:word@warning.rt.ru:8080/", Some("ru.rostelecom")),
        ("http://168436260/", Some("ir.national")),
        ("https://site.example/?to=warning.rt.ru", None),
        ("http://warning.rt.ru@site.example/", None),
    ];
    for (url, expected) in cases {
        let url = url.parse().unwrap();
        assert_eq!(starter().block_page(Some(&url), &HeaderMap::new(), None), expected, "{url}");
    }
}

#[test]
fn pages_are_known_by_what_the_law_makes_them_say() {
    let utf8 = "<h1>Доступ к запрашиваемому ресурсу ограничен</h1>";
    let law = Some("ru.149-fz".to_owned());
    assert_eq!(of_body(&starter(), utf8.as_bytes()), law);
    let cp1251: Vec<u8> =
        utf8.chars().map(|c| if c.is_ascii() { c as u8 } else { (u32::from(c) - 0x410 + 0xc0) as u8 }).collect();
    assert_eq!(of_body(&starter(), &cp1251), law);
    assert_eq!(of_body(&starter(), b"<iframe src=\"http://10.10.34.35:80\">"), Some("ir.national".into()));
    let refresh = b"<meta http-equiv=refresh content='0;url=http://blocked.mts.ru/'>";
    assert_eq!(of_body(&starter(), refresh), Some("ru.mts".into()));
}

#[test]
fn a_notice_is_known_however_its_words_are_written() {
    const NOTICE: &str = "Доступ к запрашиваемому ресурсу ограничен";
    let numbers: String = NOTICE.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    let hexadecimal: String = NOTICE.chars().map(|c| format!("&#x{:X}", u32::from(c))).collect();
    for page in [
        NOTICE.replace(' ', "&nbsp;"),
        NOTICE.replace(' ', "\u{a0}"),
        NOTICE.replace(' ', "\r\n   "),
        NOTICE.replace(' ', "<br>"),
        NOTICE.replace(' ', " <b></b>"),
        NOTICE.replace("ограничен", "огра<wbr>ни<!-- > -->чен"),
        NOTICE.replace("ограничен", "огра&shy;ни\u{200b}чен"),
        NOTICE.to_uppercase(),
        numbers,
        hexadecimal,
    ] {
        assert_eq!(of_body(&starter(), format!("<h1>{page}</h1>").as_bytes()), Some("ru.149-fz".into()), "{page}");
    }
    for other in ["Доступ к запрашиваемому ресурсу не ограничен", "&#1044;&#xffffffff;&bogus;&", "<h1"]
    {
        assert_eq!(of_body(&starter(), other.as_bytes()), None, "{other}");
    }
}

#[test]
fn what_leads_a_browser_to_a_notice_is_known() {
    for (name, value, expected) in [
        ("refresh", "0;url=http://warning.rt.ru/", Some("ru.rostelecom")),
        ("refresh", "5, URL = '//warning.rt.ru./x'", Some("ru.rostelecom")),
        ("refresh", "30", None),
        ("refresh", "0; url=/next?of=http://warning.rt.ru/", None),
        ("location", "http://warning.rt.ru/", Some("ru.rostelecom")),
        ("location", "/next?of=http://warning.rt.ru/", None),
    ] {
        assert_eq!(of_header(&starter(), name, value).as_deref(), expected, "{name}: {value}");
    }
    for (page, expected) in [
        ("<meta content='0; url=http://WARNING.rt.ru./' http-equiv=Refresh>", Some("ru.rostelecom")),
        ("<meta http-equiv=refresh content='0;url=http:&#47;&#47;warning.rt.ru'>", Some("ru.rostelecom")),
        ("<script>location=\"http://a.warning.rt.ru/\"</script>", Some("ru.rostelecom")),
        ("<script>window.location.replace('http:\\/\\/x@warning.rt.ru:80\\/')</script>", Some("ru.rostelecom")),
        ("<iframe src=//warning.rt.ru></iframe>", Some("ru.rostelecom")),
        ("<meta name=description content='see //warning.rt.ru'>", None),
        ("<p>location: <a href='http://warning.rt.ru/'>the notice</a>", None),
        ("<script>location.reload()</script><a href='http://warning.rt.ru/'>", None),
        ("<iframe src='//video.example/?from=warning.rt.ru'>", None),
    ] {
        assert_eq!(of_body(&starter(), page.as_bytes()).as_deref(), expected, "{page}");
    }
}

#[test]
fn a_providers_own_words_are_known_by_the_law_that_they_cite() {
    let own =
        "<html><style>p{}</style><h1>Уважаемый абонент!</h1><p>Доступ к сайту заблокирован в соответствии с 149-ФЗ";
    assert_eq!(of_body(&starter(), own.as_bytes()), Some("ru.149-fz".into()));
    for other in [
        "Страница закона 149-ФЗ об информации".to_owned(),
        "<script>/* доступ к сайту ограничен 149-фз */</script>Добро пожаловать".to_owned(),
        format!("{own}{}", " а мы напишем об этом ещё".repeat(50)),
    ] {
        assert_eq!(of_body(&starter(), other.as_bytes()), None, "{other}");
    }
}

#[test]
fn challenges_articles_and_noise_are_no_block_pages() {
    for page in ["Checking your browser before accessing", "403 Forbidden", "Access denied", "", "\u{fffd}"] {
        assert_eq!(of_body(&starter(), page.as_bytes()), None, "{page}");
    }
    assert_eq!(of_body(&starter(), b"<a href=\"https://eais.rkn.gov.ru/\">the register</a>"), None);
    // The limit that docs/verdicts.md states: an article of at most 32 kB that quotes a notice is taken for one.
    for (words, expected) in [(10_000, None), (2_000, Some("ru.149-fz"))] {
        let article = format!("Доступ к запрашиваемому ресурсу ограничен{}", " слово".repeat(words));
        assert_eq!(of_body(&starter(), article.as_bytes()).as_deref(), expected, "{words} words");
    }
    assert_eq!(of_body(&starter(), &[0xff; 100]), None);
}

#[test]
fn each_kind_of_pattern_matches_in_its_place_alone() {
    let known = list(
        "a,isp,body,full,all of it\nb,isp,body,prefix,<h1>blocked\nc,nat,body,contains,\"by order, as \"\"law\"\" says\"\n\
         d,nat,body,ordered,first*second*third\ne,prod,header.Server,contains,FilterBox\nf,isp,dns,full,192.0.2.66\n\
         g,isp,dns,prefix,198.51.100.\nh,vbw,body,contains,forbidden\n",
    );
    assert_eq!(known.skipped, []);
    let known = known.fingerprints;
    let bodies = [
        ("All of it", Some("a")),
        ("all of it, and more", None),
        ("<H1>Blocked</H1>", Some("b")),
        ("is <h1>blocked", None),
        ("x by order, as \"law\" says y", Some("c")),
        ("first, then second, then third", Some("d")),
        ("second first third", None),
        ("filterbox", None),
        ("forbidden", None),
        ("192.0.2.66", None),
    ];
    for (body, expected) in bodies {
        assert_eq!(of_body(&known, body.as_bytes()).as_deref(), expected, "{body}");
    }
    assert_eq!(of_header(&known, "server", "filterbox/1.0").as_deref(), Some("e"));
    assert_eq!(of_header(&known, "via", "filterbox/1.0"), None);
    for (address, expected) in [("192.0.2.66", Some("f")), ("192.0.2.6", None), ("198.51.100.9", Some("g"))] {
        assert_eq!(known.block_address(address.parse().unwrap()), expected, "{address}");
    }
    assert_eq!(known.block_address("::ffff:192.0.2.66".parse().unwrap()), Some("f"));
}

#[test]
fn a_false_positive_outweighs_what_matches_beside_it() {
    let known = list(
        "a,isp,body,contains,blocked\nb,fp,body,contains,checking your browser\nc,isp,dns,full,192.0.2.1\nd,fp,dns,full,192.0.2.1\n",
    );
    let known = starter().and(&known.fingerprints);
    assert_eq!(of_body(&known, b"you are blocked").as_deref(), Some("a"));
    assert_eq!(of_body(&known, b"blocked while checking your browser"), None);
    assert_eq!(known.block_address([192, 0, 2, 1].into()), None);
}

#[test]
fn a_row_that_cannot_be_used_is_told_and_the_others_are_used() {
    let loaded = list(
        "a,isp,body,regexp,.*\nb,isp,body,contains,\nc,isp,nowhere,contains,x\nd,what,body,contains,x\ne,isp,body,sounds_like,x\n\
         f,isp\ng,isp,dns,full,block.example\nh,isp,body,ordered,a**b\ni,isp,body,host,x.example\nj,isp,body,contains,used\n",
    );
    let told: Vec<_> = loaded.skipped.iter().map(|skipped| (skipped.row, skipped.fault.code())).collect();
    assert_eq!(
        told,
        [
            (1, "regexp"),
            (2, "pattern"),
            (3, "location"),
            (4, "scope"),
            (5, "pattern_type"),
            (6, "short"),
            (7, "pattern"),
            (8, "pattern"),
            (9, "location")
        ]
    );
    assert_eq!(of_body(&loaded.fingerprints, b"used").as_deref(), Some("j"));
}

#[test]
fn a_list_that_is_none_says_why() {
    let header = "name,location_found,pattern_type,pattern\n";
    let cases = [
        (String::new(), "column"),
        ("name,pattern\n".to_owned(), "column"),
        (format!("{header}a,body,contains,\"x"), "quoting"),
        (format!("{header}a,body,contains,\"x\"y\n"), "quoting"),
        (format!("{header}{}", "a,body,contains,x\n".repeat(MOST_ROWS + 1)), "too_many_rows"),
        ("x".repeat(MOST_BYTES + 1), "too_long"),
    ];
    for (text, code) in cases {
        assert_eq!(Fingerprints::parse_csv(&text).unwrap_err().code(), code);
    }
    let windows = "\u{feff}pattern,NAME,location_found,unknown,pattern_type\r\n\r\n\"a\r\nb\",x,body,,contains\r\n";
    let loaded = Fingerprints::parse_csv(windows).unwrap();
    assert_eq!(of_body(&loaded.fingerprints, b"a\r\nb").as_deref(), Some("x"));
}

fn any_fingerprint() -> impl Strategy<Value = Fingerprint> {
    let text = "[a-z0-9 \",\n<>.']{1,20}".prop_filter("not blank", |text| !text.trim().is_empty());
    let piece = "[a-z\", ]{1,5}";
    let of_text = prop_oneof![
        text.clone().prop_map(Pattern::Prefix),
        text.clone().prop_map(Pattern::Contains),
        prop::collection::vec(piece, 2..4).prop_map(Pattern::Ordered),
    ];
    let place = prop_oneof![Just(Location::Body), "[a-z-]{1,8}".prop_map(Location::Header), Just(Location::Dns)];
    let whole = prop_oneof![
        any::<[u8; 4]>().prop_map(|octets| (Location::Dns, Pattern::Full(IpAddr::from(octets).to_string()))),
        text.prop_map(|text| (Location::Body, Pattern::Full(text))),
        "[a-z]{1,8}\\.example(/[a-z?=]{1,5})?".prop_map(|at| (Location::Header("location".into()), Pattern::Host(at))),
    ];
    let found = prop_oneof![(place, of_text), whole];
    let countries = prop::collection::vec("[a-z]{2}".prop_map(|code| code.parse().ok()), 0..3);
    ("[a-z._\",]{1,12}", prop::sample::select(Scope::ALL.to_vec()), found, countries).prop_map(
        |(name, scope, (location, pattern), countries)| Fingerprint {
            name,
            scope,
            location,
            pattern,
            countries: countries.into_iter().flatten().collect(),
        },
    )
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(known in prop::collection::vec(any_fingerprint(), 0..6)) {
        // A pattern whose pieces are only spaces is blank, and refused.
        let blank = |known: &Fingerprint| matches!(&known.pattern, Pattern::Ordered(pieces) if pieces.join("*").trim().is_empty());
        let known: Vec<_> = known.into_iter().filter(|known| !blank(known)).collect();
        let printed = Fingerprints(known.clone().into()).to_string();
        let read = Fingerprints::parse_csv(&printed).unwrap();
        prop_assert_eq!(read.skipped, []);
        prop_assert_eq!(read.fingerprints.0.iter().cloned().collect::<Vec<_>>(), known);
    }

    #[test]
    fn whatever_a_list_or_a_page_is_nothing_panics(text: String, body: Vec<u8>) {
        let _ = Fingerprints::parse_csv(&text);
        let rows = format!("name,location_found,pattern_type,pattern\n{text}");
        if let Ok(loaded) = Fingerprints::parse_csv(&rows) {
            let _ = loaded.fingerprints.and(&starter()).block_page(None, &HeaderMap::new(), Some(&body));
        }
    }
}
