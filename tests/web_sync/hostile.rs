//! What a hostile site may send: it ends within limits, loses nothing that is sound, and leads nowhere.

use std::time::Duration;

use byway::community::Attachment;
use byway::{Byway, Opened};
use byway_lab::{Lab, Page, Script};

use crate::{codes, over};

const URL: &str = "https://zavod.example/feed";
const SOUND: &str = "<item><title>Sound</title><guid>sound</guid></item>";

async fn lab_with(page: Page) -> (Lab, Byway) {
    let lab = Lab::new();
    lab.host("zavod.example").at("203.0.113.10").https().page("/feed", page);
    let byway = over(&lab, &["direct:"]).await;
    (lab, byway)
}

async fn read(body: String) -> Opened {
    let (lab, byway) = lab_with(Page::new(body).header("content-type", "application/xml")).await;
    let opened = byway.open(URL).await.unwrap();
    assert_eq!(lab.packets().lookups(), ["zavod.example"], "no other host is contacted");
    opened
}

fn rss(items: &str) -> String {
    format!("<rss version='2.0'><channel><title>T</title>{items}</channel></rss>")
}

fn ics(event: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:A\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

/// A feed that never ends: it is given up at the limit, and costs no more than that.
#[tokio::test(start_paused = true)]
async fn a_feed_without_end_is_given_up_at_the_limit() {
    let lab = Lab::new();
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n<rss><channel>".to_owned();
    let items = "<item><title>endless</title></item>".repeat(20_000);
    let script = Script::new().read_request().send(head.into_bytes()).send_forever(items, Duration::from_millis(10));
    lab.host("zavod.example").at("203.0.113.10").tls_script(443, false, script);
    let error = over(&lab, &["direct:"]).await.open(URL).await.unwrap_err();
    assert_eq!(error.fault.code(), "unreached", "{error}");
    let carried = lab.client().carried();
    assert!(carried < 17 << 20, "{carried} bytes");
}

#[tokio::test(start_paused = true)]
async fn of_a_hundred_thousand_entries_ten_thousand_are_read() {
    let items: String = (0..100_000).map(|n| format!("<item><guid>{n}</guid><title>t</title></item>")).collect();
    let opened = read(rss(&items)).await;
    assert_eq!((opened.posts.len(), opened.truncated), (10_000, false), "another reading would read no more");
    assert!(codes(&opened).contains(&"posts_cut"), "{:?}", opened.notes);
}

/// Each page is within its limit; what is held of all of them together has one, too.
#[tokio::test(start_paused = true)]
async fn large_older_pages_are_not_held_without_end() {
    let page = |n: i64| {
        let text = "ж".repeat(20_000);
        let item = |k: i64| {
            let time = byway::jiff::Timestamp::from_second(1_700_000_000 - n * 1_000 - k).unwrap();
            format!("<item><guid>{n}-{k}</guid><description>{text}</description><dc:date>{time}</dc:date></item>")
        };
        let items: String = (0..120).map(item).collect();
        Page::new(rss(&format!("<atom:link rel='next' href='/{}'/>{items}", n + 1)))
    };
    let known = "<item><guid>k</guid><title>t</title><dc:date>2001-01-01T00:00:00Z</dc:date></item>";
    let (lab, byway) = lab_with(Page::new(rss(known))).await;
    let id = byway.open(URL).await.unwrap().community.id;
    lab.host("zavod.example").page("/feed", page(0));
    for n in 1..8 {
        lab.host("zavod.example").page(&format!("/{n}"), page(n));
    }
    let limits = byway::SyncLimits { bytes: u64::MAX, ..byway::SyncLimits::default() };
    let synced = byway.sync_once(std::slice::from_ref(&id), limits).await;
    assert_eq!(synced.communities[0].outcome.code(), "done");
    assert!(synced.communities[0].notes.iter().any(|note| note.code() == "posts_gap"));
    assert_eq!(lab.log().requests().len(), 3, "{:?}", lab.log().requests());
}

#[tokio::test(start_paused = true)]
async fn a_document_without_measure_loses_no_sound_entry() {
    let entities = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\
        <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY x SYSTEM 'https://evil.example/x'>\
        <!ENTITY y SYSTEM 'file:///etc/passwd'>]>";
    let deep = "<a>".repeat(10_000);
    let html = "&lt;div&gt;".repeat(10_000);
    for (what, body) in [
        ("entities", format!("{entities}{}", rss(&format!("{SOUND}<item><title>&c;&x;&y;</title></item>")))),
        ("depth in an entry", rss(&format!("{SOUND}<item><title>Deep</title>{deep}</item>"))),
        ("depth before entries", rss(&format!("{SOUND}{deep}{}", "</a>".repeat(10_000)))),
        ("nested markup", rss(&format!("{SOUND}<item><title>M</title><description>{html}</description></item>"))),
        ("attributes", rss(&format!("{SOUND}<item {}><title>A</title></item>", "a='b' ".repeat(100_000)))),
        ("one long text", rss(&format!("{SOUND}<item><title>{}</title></item>", "x".repeat(4_000_000)))),
    ] {
        let opened = read(body).await;
        let texts: Vec<&str> = opened.posts.iter().map(|post| post.text.as_str()).collect();
        assert!(texts.contains(&"Sound"), "{what}: {} posts, {:?}", texts.len(), codes(&opened));
        assert!(texts.iter().all(|text| text.chars().count() <= 20_600 && !text.contains("root:")), "{what}");
        assert!(texts.iter().all(|text| !text.contains("aaaaaaaaaaa")), "{what}: no entity is expanded");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_post_names_is_a_web_address_or_nothing() {
    let bad =
        ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "vbscript:x", "intent://x", "ftp://h/x"];
    let items: String = bad
        .iter()
        .map(|url| {
            format!(
                "<item><title>Sound</title><guid>{url}</guid><link>{url}</link><enclosure url='{url}' type='image/png'/>\
                 <description>&lt;a href='{url}'&gt;x&lt;/a&gt;&lt;img src='{url}'&gt;&lt;iframe src='{url}'&gt;</description></item>"
            )
        })
        .collect();
    let opened = read(rss(&items)).await;
    assert_eq!(opened.posts.len(), bad.len());
    for post in &opened.posts {
        assert!(post.url.is_none() && post.links.is_empty() && post.attachments.is_empty(), "{}", post.id);
    }
}

/// An enclosure is fetched when a person asks for it, and never from the reader's own network.
#[tokio::test(start_paused = true)]
async fn an_enclosure_leads_into_no_private_network() {
    let private =
        ["http://192.168.0.1/x.png", "https://127.0.0.1/x.png", "https://[::1]/x.png", "https://router.local/x.png"];
    let redirect = "https://zavod.example/x.png";
    let urls = private.iter().copied().chain([redirect]);
    let items: String = urls
        .map(|url| format!("<item><guid>{url}</guid><enclosure url='{url}' type='image/png'/><title>t</title></item>"))
        .collect();
    let (lab, byway) = lab_with(Page::new(rss(&items))).await;
    lab.host("zavod.example").page("/x.png", Page::redirect("http://192.168.0.1/x.png"));
    let opened = byway.open(URL).await.unwrap();
    let before = lab.packets().connects().len();
    let mut tried = 0;
    for post in &opened.posts {
        for (id, attachment) in byway::attachments(&opened.community.id, post) {
            let Attachment::Photo { url: Some(_), .. } = attachment else { panic!("{attachment:?}") };
            let fetched = byway.fetch_attachment(&id, 1_000_000).await;
            assert!(fetched.is_err(), "{tried}");
            tried += 1;
        }
    }
    assert_eq!(tried, private.len() + 1);
    let inside = |to: &std::net::SocketAddr| to.ip().to_string().starts_with("192.168") || to.ip().is_loopback();
    assert!(!lab.packets().connects()[before..].iter().any(|(_, to)| inside(to)));
}

#[tokio::test(start_paused = true)]
async fn no_text_steers_the_display() {
    let steering = "A\u{202e}B\u{2066}C\u{200b}D&#x202e;E&#27;[31mF&#0;G";
    let items = format!(
        "<item><title>{steering}</title><author>{steering}</author><description>{steering}</description></item>"
    );
    let opened = read(format!("<rss><channel><title>{steering}</title>{items}</channel></rss>")).await;
    let post = &opened.posts[0];
    let texts = [&opened.community.name, &post.text, &post.author.as_ref().unwrap().name];
    for text in texts {
        assert!(
            !text.chars().any(|c| c != '\n' && (c.is_control() || byway::community::is_display_control(c))),
            "{text:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_entries_with_one_id_the_first_stands() {
    let twice = "<item><guid>1</guid><title>First</title></item><item><guid>1</guid><title>Second</title></item>";
    let opened = read(rss(twice)).await;
    assert_eq!((opened.posts.len(), opened.posts[0].text.as_str()), (1, "First"));
    assert!(codes(&opened).contains(&"posts_odd"));
}

#[tokio::test(start_paused = true)]
async fn a_calendar_without_measure_is_bounded() {
    for (what, event, most) in [
        ("every second for ever", "DTSTART:19700101T000000Z\r\nRRULE:FREQ=SECONDLY", 400),
        ("every second of the year 9999", "DTSTART:99991231T000000Z\r\nRRULE:FREQ=SECONDLY", 0),
        ("the year 99999", "DTSTART:999990101T000000Z", 0),
        ("the year 9999", "DTSTART:99991231T235959Z\r\nDURATION:P9999999W", 1),
        ("a rule that never meets", "DTSTART:20260101T000000Z\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 1),
        ("a count beyond numbers", "DTSTART:20260101T000000Z\r\nRRULE:FREQ=DAILY;COUNT=99999999999999999999", 400),
        ("an interval beyond numbers", "DTSTART:20260101T000000Z\r\nRRULE:FREQ=DAILY;INTERVAL=4294967295", 1),
    ] {
        let (_lab, byway) = lab_with(Page::new(ics(event)).header("content-type", "text/calendar")).await;
        let opened = byway.open(URL).await.unwrap();
        assert!(opened.events.len() <= most, "{what}: {} events", opened.events.len());
    }
}
