//! Handling an answer of a site takes less than 64 MiB of memory, whatever its shape.
//!
//! A program has one counting allocator, so this is a test binary with one test function.

#![allow(clippy::unwrap_used, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::sync::atomic::Ordering;

use byway::fuzzing;

use peak_memory::{PEAK, USED};

const LIMIT: usize = 64 << 20;

/// The largest answer that is read, and a little less.
const LONG: usize = (8 << 20) - 1024;

#[test]
fn an_answer_of_any_shape_takes_less_than_64_mib() {
    let rss = |piece: &str| format!("<rss><channel>{}", piece.repeat(LONG / piece.len()));
    let ics = |piece: &str| format!("BEGIN:VCALENDAR\r\n{}", piece.repeat(LONG / piece.len()));
    let shapes: Vec<(&str, String)> = vec![
        ("empty items", rss("<item/>")),
        ("items", rss("<item><title>t</title></item>")),
        ("items of many elements", rss(&format!("<item><title>t</title>{}</item>", "<a/>".repeat(2000)))),
        ("elements", rss("<a/>")),
        ("open elements", rss("<a>")),
        ("open items", rss("<item>")),
        ("broken items", rss("<item></x>")),
        ("references", rss("<item><title>&nbsp;&x;</title></item>")),
        ("open descriptions", rss("<item><description>")),
        ("one text", format!("<rss><channel><item><description>{}", "x".repeat(LONG))),
        ("long texts", rss(&format!("<item><description>{}</description></item>", "word ".repeat(100_000)))),
        (
            "markup",
            rss(&format!("<item><description><![CDATA[{}]]></description></item>", "<p><b>x</b>".repeat(10_000))),
        ),
        ("attributes", rss(&format!("<item {}/>", "a='b' ".repeat(10_000)))),
        ("a page of tags", format!("<html>{}", "<p x=y>".repeat(LONG / 7))),
        ("a page of links", format!("<html>{}", "<link rel=alternate type=text/calendar href=/x>".repeat(LONG / 47))),
        ("json", format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{}0]}}", "{},".repeat(LONG / 3))),
        ("events", ics("BEGIN:VEVENT\r\nDTSTART:20260101\r\nEND:VEVENT\r\n")),
        ("rules", ics("BEGIN:VEVENT\r\nDTSTART:19700101T000000Z\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\n")),
        ("properties", ics("BEGIN:VEVENT\r\nEND:VEVENT\r\n").replacen("END:VEVENT", &"URL:\r\n".repeat(LONG / 12), 1)),
        ("a property", ics("SUMMARY")),
        (
            "zones",
            ics("BEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\nRDATE:20260101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"),
        ),
        ("folds", ics("X\r\n ")),
    ];
    let noise = [b"<rss><channel><item><title>".to_vec(), vec![0xcf; LONG / 2]].concat();
    let shapes = shapes.into_iter().map(|(shape, answer)| (shape, answer.into_bytes())).chain([("noise", noise)]);
    for (shape, mut answer) in shapes {
        // A longer answer is refused before it arrives.
        answer.truncate(8 << 20);
        let before = USED.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        drop(fuzzing::site(&answer, None));
        // The answer itself is held meanwhile, in a buffer of at most twice its length.
        let peak = PEAK.load(Ordering::Relaxed) - before + 2 * answer.len();
        assert!(peak < LIMIT, "{shape}: {} MiB", peak >> 20);
    }
}
