//! Handling a page of Telegram's of 16 MiB takes less than 64 MiB of memory, whatever its shape.
//!
//! A program has one counting allocator, so this is a test binary with one test function.

#![allow(clippy::unwrap_used, clippy::print_stdout, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::sync::atomic::Ordering;

use byway::fuzzing;

use peak_memory::{PEAK, USED};

const LIMIT: usize = 64 << 20;

/// What is read of a page at most.
const LONG: usize = 16 << 20;

#[test]
fn a_page_of_any_shape_takes_less_than_64_mib() {
    let page = |piece: &str| format!("<div class=tgme_channel_info>{}", piece.repeat(LONG / piece.len() + 1));
    let message = |inside: &str| format!("<div class=tgme_widget_message data-post=z/1>{inside}</div>");
    let numbered = |inside: &str| {
        let one = |n: usize| {
            format!(
                "<div class=tgme_widget_message data-post=z/{n}><div class=tgme_widget_message_text>{inside}</div></div>"
            )
        };
        (1..200).map(one).collect::<String>()
    };
    let unique: String = (0..LONG / 6).map(|n| format!(" a{n}")).collect();
    let links: String = (0..100).map(|n| format!("<a href='{}{n}'>x</a>", "я".repeat(300))).collect();
    let shapes = [
        ("tags", page("<b>")),
        ("tags with an attribute", page("<b c=d>")),
        ("closed tags", page("<b></b>")),
        ("end tags", page("</b>")),
        ("messages", page(&message("<div class=tgme_widget_message_text>x</div>"))),
        ("open messages", page("<div class=tgme_widget_message data-post=z/1>")),
        ("messages with long texts", page(&numbered(&"word ".repeat(16_000)))),
        ("messages with links", page(&numbered(&links))),
        ("attributes", page(&format!("<a{}>", " b=c".repeat(1_000)))),
        ("many attributes", page(&format!("<a{}>", (0..1_000).map(|n| format!(" b{n}=c")).collect::<String>()))),
        ("attributes of one tag", format!("<div class=tgme_channel_info><a{unique}>")),
        ("one text", page("x")),
        ("a comment", format!("<div class=tgme_channel_info><!--{}", "x".repeat(LONG))),
        ("texts", page(&format!("<b>{}</b>", "x".repeat(60_000)))),
        ("references", page("&nbsp;&x;")),
        (
            "pictures",
            page(&message(
                &"<a class=tgme_widget_message_photo_wrap style=\"background-image:url(//a.b/c)\">".repeat(99),
            )),
        ),
        ("noise", page("\u{fffd}<")),
    ];
    let (mut largest, mut of) = (0, "");
    let mut measure = |shape: &'static str, page: &[u8]| {
        let page = page.get(..LONG).unwrap_or(page);
        let before = USED.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        drop(fuzzing::telegram(page));
        // The page itself is held meanwhile.
        let peak = PEAK.load(Ordering::Relaxed) - before + page.len();
        assert!(peak < LIMIT, "{shape}: {} MiB", peak >> 20);
        if peak > largest {
            (largest, of) = (peak, shape);
        }
    };
    for (shape, page) in shapes {
        measure(shape, page.as_bytes());
    }
    let invalid = [&b"<div class=tgme_channel_info>"[..], &vec![0xff; LONG]].concat();
    measure("bytes that are no text", &invalid);
    let mut tagged = page("<b>\u{e9}").into_bytes();
    tagged.iter_mut().filter(|byte| **byte == 0xc3).for_each(|byte| *byte = 0xff);
    measure("tags between such bytes", &tagged);
    println!("the largest: {of}, {} MiB", largest >> 20);
}
