//! Handling an answer of a site of 16 MiB takes less than 64 MiB of memory, whatever its shape and its encoding.
//!
//! A program has one counting allocator, so this is a test binary with one test function.

#![allow(clippy::unwrap_used, clippy::print_stdout, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::sync::atomic::Ordering;

use byway::fuzzing;

use peak_memory::{PEAK, USED};

const LIMIT: usize = 64 << 20;

/// The largest answer that is read.
const LONG: usize = 16 << 20;

/// The shapes that are read in an encoding with one byte for each letter, too. In UTF-8 their text takes twice as much.
const LETTERS: [&str; 9] = [
    "one text",
    "an archive",
    "an archive in Cyrillic",
    "links",
    "its page after its items",
    "json",
    "one text of json",
    "events in Cyrillic",
    "parameters",
];

#[test]
fn an_answer_of_any_shape_takes_less_than_64_mib() {
    // A piece may have a number, so that each is an entry of its own.
    let filled = |head: &str, piece: &str| {
        if !piece.contains("NUMBER") {
            return format!("{head}{}", piece.repeat(LONG / piece.len()));
        }
        let mut text = head.to_owned();
        for n in 0.. {
            if text.len() + piece.len() > LONG {
                break;
            }
            text.push_str(&piece.replace("NUMBER", &n.to_string()));
        }
        text
    };
    let rss = |piece: &str| filled("<rss><channel>", piece);
    let ics = |piece: &str| filled("BEGIN:VCALENDAR\r\n", piece);
    let json = |piece: &str| filled("{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[", piece) + "0]}";
    let item = |content: &str| format!("<item><guid>NUMBER</guid><description>{content}</description></item>");
    let event =
        |lines: &str| format!("BEGIN:VEVENT\r\nUID:NUMBER\r\nDTSTART:19700101T100000Z\r\n{lines}\r\nEND:VEVENT\r\n");
    let letters = "word ".repeat(300);
    let cyrillic = "слово ".repeat(300);
    let (mut largest, mut of) = (0, String::new());
    let mut bytes = |shape: &str, answer: &[u8], content_type: Option<&str>| {
        // A longer answer is refused before it arrives.
        let answer = answer.get(..LONG).unwrap_or(answer);
        let before = USED.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        // It makes a copy of the answer, as large as the buffer in which an answer arrives.
        drop(fuzzing::site(answer, content_type));
        let peak = PEAK.load(Ordering::Relaxed) - before;
        assert!(peak < LIMIT, "{shape}: {} MiB", peak >> 20);
        if peak > largest {
            (largest, of) = (peak, shape.to_owned());
        }
    };
    let mut measure = |shape: &str, answer: String| {
        bytes(shape, answer.as_bytes(), None);
        if LETTERS.contains(&shape) {
            // Read as windows-1251, in which each letter has one byte and becomes two.
            let mut answer = answer.into_bytes();
            answer
                .iter_mut()
                .filter(|byte| matches!(byte, b'w' | b'x') || !byte.is_ascii())
                .for_each(|byte| *byte = 0xf6);
            bytes(&format!("{shape} in windows-1251"), &answer, Some("text/xml; charset=windows-1251"));
        }
    };
    measure("empty items", rss("<item/>"));
    measure("items", rss("<item><guid>NUMBER</guid><title>t</title></item>"));
    measure("open elements", rss("<a>"));
    measure("broken items", rss("<item></x>"));
    measure("references", rss("<item><title>&nbsp;&x;</title></item>"));
    measure("open descriptions", rss("<item><description>"));
    measure("one text", format!("<rss><channel><item><description>{}", "x".repeat(LONG)));
    measure("an archive", rss(&item(&letters)));
    measure(
        "an archive in Atom",
        filled("<feed>", &format!("<entry><id>NUMBER</id><content type='html'>&lt;p&gt;{letters}</content></entry>")),
    );
    measure("an archive in Cyrillic", rss(&item(&cyrillic)));
    measure("nested markup", rss(&item(&"<a><b><c>xxxxxxxxxx</c></b></a>".repeat(9_000))));
    measure("markup", rss(&item(&format!("<![CDATA[{}]]>", "<p><b>x</b>".repeat(10_000)))));
    measure("pictures", rss(&item(&(0..50).map(|n| format!("&lt;img src={n}>")).collect::<String>())));
    measure("links", rss(&item(&(0..100).map(|n| format!("&lt;a href={n}>x&lt;/a>")).collect::<String>())));
    measure("a long address", {
        let page = format!("<link>https://a.example/{}/</link>", "x".repeat(1_900));
        rss(&(page + &item(&(0..50).map(|n| format!("&lt;img src={n}>")).collect::<String>())))
    });
    measure("attributes", rss(&format!("<item {}/>", "a='b' ".repeat(10_000))));
    measure("its page after its items", rss(&item(&letters)).replace("word word word ", "<link>/a</link>word "));
    measure("a page of links", filled("<html>", "<link rel=alternate type=text/calendar href=/x>"));
    measure("json of nothing", json("{},"));
    measure("json", json(&format!("{{\"id\":\"NUMBER\",\"content_text\":\"{letters}\"}},")));
    measure("json of lists", json(&format!("{{\"a\":[{}0]}},", "[],".repeat(100_000))));
    measure(
        "one text of json",
        format!(
            "{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{{\"title\":\"{}\"}}]}}",
            "x".repeat(LONG - 80)
        ),
    );
    measure("members", filled("{\"version\":\"https://jsonfeed.org/version/1\",", "\"a\":0,") + "\"items\":[]}");
    measure("events", ics(&event("")));
    measure("events with texts", ics(&event(&format!("DESCRIPTION:{letters}"))));
    measure("events in Cyrillic", ics(&event(&format!("DESCRIPTION:{cyrillic}"))));
    measure("rules", ics(&event("RRULE:FREQ=SECONDLY")));
    measure("rules with long texts", ics(&event(&format!("RRULE:FREQ=DAILY\r\nDESCRIPTION:{}", "x".repeat(19_000)))));
    measure("dates", ics(&event(&format!("RDATE:{}20260101", "20260102,".repeat(900)))));
    measure("properties", ics(&event(&"URL:\r\n".repeat(200))));
    measure("parameters", ics(&event(&"SUMMARY;A=1;B=2;C=3;D=4:\r\n".repeat(200))));
    measure("a property", ics("SUMMARY"));
    measure("lines that are no properties", ics(&format!("BEGIN:VEVENT\r\nSUMMARY:\r\n{}", "x\r\n".repeat(9_000))));
    measure(
        "zones",
        ics("BEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\nRDATE:20260101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"),
    );
    measure("folds", ics("X\r\n "));
    let noise = [b"<rss><channel><item><title>".to_vec(), vec![0xcf; LONG]].concat();
    bytes("noise", &noise, None);
    bytes("noise in one encoding", &noise, Some("text/xml; charset=windows-874"));
    let utf_16: Vec<u8> = "\u{feff}<rss><item><title>"
        .encode_utf16()
        .chain(std::iter::repeat_n(0x4e00, LONG / 2))
        .flat_map(u16::to_le_bytes)
        .collect();
    bytes("UTF-16", &utf_16, None);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(rss(&item(&letters)).bytes());
    bytes("a byte order mark", &marked, None);
    let mut bad_utf_8 = rss(&item(&cyrillic)).into_bytes();
    bad_utf_8.truncate(LONG - 1);
    bytes("damaged UTF-8", &bad_utf_8, None);
    println!("the largest: {of}, {} MiB", largest >> 20);
}
