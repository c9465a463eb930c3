//! The same GET many times with one side, for a profiler: instructions counted by callgrind are the same on a busy
//! machine.
//!
//! `cargo bench --bench drive --no-run`, then the program that cargo names with `SIDE PATH COUNT`, as in
//! docs/performance.md. Without arguments it prints its usage and ends, as it does among all benches.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]
#![allow(dead_code, reason = "each bench uses its part of what they share")]

mod origin;
mod sides;
mod tls;

use origin::{HOST, Origin};
use sides::{BYWAY, FACE, REQWEST, Sides};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [side, version, path, count] = words.as_slice() else {
        println!("usage: drive reqwest|get|face http1|http2 small|large|small/close|large/close COUNT");
        return;
    };
    let side = match side.as_str() {
        "reqwest" => REQWEST,
        "get" => BYWAY,
        _ => FACE,
    };
    let count: usize = count.parse().expect("a count");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _guard = runtime.enter();
    let origin = Origin::start(version == "http2");
    let sides = runtime.block_on(Sides::of(&origin));
    let url = format!("https://{HOST}:{}/{path}", origin.address.port());
    runtime.block_on(async {
        for _ in 0..count {
            sides.get(side, &url).await;
            tokio::task::yield_now().await;
        }
    });
}
