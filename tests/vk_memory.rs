//! Handling an answer of VK takes less than 64 MiB of memory, whatever its shape.
//!
//! A program has one counting allocator, so this is a test binary with one test function.

#![allow(clippy::unwrap_used, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::sync::atomic::Ordering;

use byway::internals::vk;

use peak_memory::{PEAK, USED};

const LIMIT: usize = 64 << 20;

/// The largest answer that is read, and a little less.
const LONG: usize = (8 << 20) - 1024;

#[test]
fn an_answer_of_any_shape_takes_less_than_64_mib() {
    let wrap = |inside: String| format!(r#"{{"response": {{"count": 1, "items": [{inside}]}}}}"#);
    let many = |piece: &str| wrap(format!("{}0", piece.repeat(LONG / piece.len())));
    let nested = |open: &str, close: &str, depth: usize| {
        let tower = format!("{}{}", open.repeat(depth), close.repeat(depth));
        wrap(format!("{}0", format!("{tower},").repeat(LONG / (tower.len() + 1))))
    };
    let members = |length: usize| (0..length).map(|n| format!("\"{n}\":0,")).collect::<String>();
    let post = |n: usize| format!(r#"{{"id": {n}, "text": "t", "attachments": [{{"type": "link", "link": {{}}}}]}},"#);
    let posts = |count: usize| wrap(format!("{}0", (0..count).map(post).collect::<String>()));
    let shapes: Vec<(&str, String)> = vec![
        ("numbers", many("0,")),
        ("empty lists", many("[],")),
        ("lists of one", many("[0],")),
        ("empty objects", many("{},")),
        ("objects of one", many(r#"{"a":0},"#)),
        ("objects in objects", nested(r#"{"a":"#, "}", 90).replace(":}", ":0}")),
        ("lists in lists", nested("[", "]", 90)),
        ("a tower", "[".repeat(LONG)),
        ("tiny texts", many(r#""","#)),
        ("texts", many(r#""abcdefgh","#)),
        ("one text", wrap(format!("\"{}\"", "x".repeat(LONG)))),
        ("one text of escapes", wrap(format!("\"{}\"", "\\u0041".repeat(LONG / 6)))),
        ("bad escapes", wrap(format!("\"{}\"", "\\q".repeat(LONG / 2)))),
        ("one number", wrap("9".repeat(LONG))),
        ("numbers out of range", many("1e999,")),
        ("members", wrap(format!("{{{}\"\":0}}", members(600_000)))),
        ("posts", posts(100_000)),
        ("some posts", posts(5_000)),
        ("just below", wrap(format!("{}0", "0,".repeat(300_000)))),
        ("objects just below", wrap(format!("{}0", r#"{"a":0},"#.repeat(25_000)))),
        ("too long", "1".repeat(4 * LONG)),
    ];
    for (shape, answer) in shapes {
        let answer = answer.into_bytes();
        let before = USED.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let read = vk::posts(&answer);
        // The answer itself is held meanwhile, in a buffer of at most twice its length.
        let peak = PEAK.load(Ordering::Relaxed) - before + 2 * answer.len().min(LONG);
        assert!(peak < LIMIT, "{shape}: {} MiB", peak >> 20);
        if shape == "some posts" {
            assert_eq!(
                read.map(|posts| posts.len()).ok(),
                Some(100),
                "an honest answer is read, as far as one page goes"
            );
        }
    }
    // Bytes that are not UTF-8 become three each.
    let mut noise = b"{\"response\": \"".to_vec();
    noise.resize(LONG / 2, 0xFF);
    noise.extend(b"\"}");
    let before = USED.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let _ = vk::posts(&noise);
    let peak = PEAK.load(Ordering::Relaxed) - before + noise.len();
    assert!(peak < LIMIT, "noise: {} MiB", peak >> 20);
}
