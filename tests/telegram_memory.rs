//! Handling a page of Telegram's takes less than 64 MiB of memory, whatever its shape.
//!
//! A program has one counting allocator, so this is a test binary with one test function.

#![allow(clippy::unwrap_used, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::sync::atomic::Ordering;

use byway::fuzzing;

use peak_memory::{PEAK, USED};

const LIMIT: usize = 64 << 20;

/// What is read of a page at most.
const LONG: usize = 2 << 20;

#[test]
fn a_page_of_any_shape_takes_less_than_64_mib() {
    let page = |piece: &str| format!("<div class=tgme_channel_info>{}", piece.repeat(LONG / piece.len() + 1));
    let message = |inside: &str| format!("<div class=tgme_widget_message data-post=z/1>{inside}</div>");
    let unique: String = (0..LONG / 6).map(|n| format!(" a{n}")).collect();
    let shapes = [
        ("tags", page("<b>")),
        ("closed tags", page("<b></b>")),
        ("end tags", page("</b>")),
        ("messages", page(&message("<div class=tgme_widget_message_text>x</div>"))),
        ("open messages", page("<div class=tgme_widget_message data-post=z/1>")),
        ("attributes", page(&format!("<a{}>", " b=c".repeat(1_000)))),
        ("attributes of one tag", format!("<div class=tgme_channel_info><a{unique}>")),
        ("one text", page("x")),
        ("references", page("&nbsp;&x;")),
        (
            "pictures",
            page(&message(
                &"<a class=tgme_widget_message_photo_wrap style=\"background-image:url(//a.b/c)\">".repeat(99),
            )),
        ),
        ("noise", page("\u{fffd}<")),
    ];
    for (shape, mut page) in shapes {
        while !page.is_char_boundary(LONG.min(page.len())) {
            page.pop();
        }
        page.truncate(LONG);
        let before = USED.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        drop(fuzzing::telegram(page.as_bytes()));
        // The page itself is held meanwhile, in room that has grown to twice its length at most.
        let peak = PEAK.load(Ordering::Relaxed) - before + 2 * page.len();
        assert!(peak < LIMIT, "{shape}: {} MiB", peak >> 20);
    }
}
