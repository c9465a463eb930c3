//! A whole reading of an answer of 16 MiB, from the socket to the store, takes less than 64 MiB of memory; a longer answer is a typed error.
//!
//! A program has one counting allocator, so this is a test binary with one test function. The lab's own buffers count with it, except
//! for the answer that the host has.

#![allow(clippy::unwrap_used, clippy::print_stdout, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::sync::atomic::Ordering;

use async_compression::tokio::write::GzipEncoder;
use byway::{Byway, OpenError, Opened, Roots, StoreKey, Strategy};
use byway_lab::{Lab, Page};
use tokio::io::AsyncWriteExt as _;

use peak_memory::{PEAK, USED};

const LIMIT: usize = 64 << 20;

/// The largest answer that is read.
const LONG: usize = 16 << 20;

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

/// A document of this length: pieces between a head and a tail, and blanks.
fn filled(length: usize, head: &str, piece: impl Fn(usize) -> String, tail: &str) -> Vec<u8> {
    let mut text = head.to_owned();
    for n in 0.. {
        let piece = piece(n);
        if text.len() + piece.len() + tail.len() > length {
            break;
        }
        text.push_str(&piece);
    }
    text.push_str(tail);
    let mut bytes = text.into_bytes();
    bytes.resize(length, b' ');
    bytes
}

/// Reads an answer, and returns the memory that this takes at its peak.
async fn read(answer: Vec<u8>, kind: &str, is_zipped: bool) -> (Result<Opened, OpenError>, usize) {
    let lab = Lab::new();
    let mut page = Page::new(if is_zipped { gzip(&answer).await } else { answer }).header("content-type", kind);
    if is_zipped {
        page = page.header("content-encoding", "gzip");
    }
    lab.host("zavod.example").at("203.0.113.10").https().page("/feed", page);
    let folder = tempfile::tempdir().unwrap();
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let byway = Byway::builder().strategy("direct:".parse::<Strategy>().unwrap()).roots(roots).net(lab.client());
    let byway = byway.data_dir(folder.path(), StoreKey::new([7; 32])).build().await.unwrap();
    let before = USED.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let opened = byway.open("https://zavod.example/feed").await;
    (opened, PEAK.load(Ordering::Relaxed) - before)
}

#[tokio::test(start_paused = true)]
async fn a_reading_of_the_largest_answer_takes_less_than_64_mib() {
    let words = "word ".repeat(250);
    let item = |n: usize| format!("<item><guid>{n}</guid><title>t{n}</title><description>{words}</description></item>");
    let rss = |length| filled(length, "<rss><channel><title>Z</title>", item, "</channel></rss>");
    let entry = |n: usize| {
        format!(
            "<entry><id>{n}</id><content type='html'>&lt;p&gt;{words}&lt;a href='/{n}'&gt;x&lt;/a&gt;</content></entry>"
        )
    };
    let atom = filled(LONG, "<feed xmlns='http://www.w3.org/2005/Atom'><title>Z</title>", entry, "</feed>");
    let one = |n: usize| format!("{{\"id\":\"{n}\",\"content_html\":\"<p>{words}\"}},");
    let json = filled(
        LONG,
        "{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"Z\",\"items\":[",
        one,
        "{\"id\":\"last\",\"title\":\"t\"}]}",
    );
    let event = |n: usize| {
        format!(
            "BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:20270101T100000Z\r\nSUMMARY:S{n}\r\nDESCRIPTION:{words}\r\nEND:VEVENT\r\n"
        )
    };
    let calendar = filled(LONG, "BEGIN:VCALENDAR\r\n", event, "END:VCALENDAR\r\n");
    let html = filled(LONG, "<html><title>Z</title>", |n| format!("<p>{n}{words}"), "</html>");
    let mut cyrillic = rss(LONG);
    // `o`, `r` and `d` in the words become letters of windows-1251, which have two bytes in UTF-8.
    for word in cyrillic.chunks_mut(5).skip(20) {
        if word == b"word " || word == b"ord w" || word == b"rd wo" || word == b"d wor" || word == b" word" {
            word.iter_mut().filter(|byte| **byte != b' ').for_each(|byte| *byte = 0xf6);
        }
    }
    let xml = "application/rss+xml";
    for (what, answer, kind, posts, events) in [
        ("RSS", rss(LONG), xml, 10_000, 0),
        ("RSS in windows-1251", cyrillic, "text/xml; charset=windows-1251", 10_000, 0),
        ("Atom", atom, xml, 10_000, 0),
        ("JSON", json, "application/feed+json", 10_000, 0),
        ("a calendar", calendar, "text/calendar", 0, 10_000),
    ] {
        for is_zipped in [false, true] {
            let (opened, peak) = read(answer.clone(), kind, is_zipped).await;
            let opened = opened.unwrap();
            println!(
                "{what}, zipped: {is_zipped}: {} MiB, {} posts, {} events",
                peak >> 20,
                opened.posts.len(),
                opened.events.len()
            );
            assert!(peak < LIMIT, "{what}: {} MiB", peak >> 20);
            assert!(opened.posts.len() + 1_000 > posts && opened.events.len() + 1_000 > events, "{what}");
        }
    }
    for is_zipped in [false, true] {
        let (opened, peak) = read(html.clone(), "text/html", is_zipped).await;
        assert_eq!(opened.unwrap_err().fault.code(), "no_feed");
        assert!(peak < LIMIT, "a page: {} MiB", peak >> 20);
        let (opened, peak) = read(rss(LONG + 1), xml, is_zipped).await;
        let error = opened.unwrap_err();
        let outcome = error.reachability().unwrap().attempts[0].outcome.code();
        assert_eq!((error.fault.code(), outcome), ("unreached", "limit"), "a byte more is never cut silently");
        assert!(peak < LIMIT, "an answer that is too long: {} MiB", peak >> 20);
    }
}
