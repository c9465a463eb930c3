//! A picture of a stranger is cleaned with the memory of some rows, whatever it states of its size.
//!
//! A program has one counting allocator, so this is a test binary with one test function.

#![allow(clippy::unwrap_used, clippy::print_stdout, unsafe_code, reason = "a test, with an allocator that counts")]

mod peak_memory;

use std::io::Write as _;
use std::sync::atomic::Ordering;

use byway::publisher::Picture;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use peak_memory::{PEAK, USED};

/// The packed pixels are gathered (up to twice 8 MiB while they grow), and written anew (the same).
const LIMIT: usize = 48 << 20;

#[test]
fn a_picture_of_a_stranger_takes_little_memory() {
    for (width, height, depth, colour, filter) in [
        // One row of a picture with 50 million pixels: 400 MB.
        (50_000_000, 1, 16, 6, 0),
        (1, 50_000_000, 16, 6, 0),
        (u32::MAX, 1, 16, 6, 0),
        // The longest rows that are taken.
        (65_535, 40, 16, 6, 0),
        (65_535, 700, 8, 3, 0),
        // Rows that are packed well, and badly once they are filtered anew.
        (5_000, 5_000, 8, 0, 3),
    ] {
        let picture = picture((width, height), depth, colour, filter);
        let before = USED.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let cleaned = Picture::clean(&picture, "").map(drop);
        let took = PEAK.load(Ordering::Relaxed) - before;
        println!("{width} x {height}, {} bytes: {took} bytes of memory, {cleaned:?}", picture.len());
        assert!(took < LIMIT, "{width} x {height}: {took} bytes");
    }
}

/// A PNG with the pixels of a header that it can pack into some hundred kilobytes; no more rows than fit into 400 MB.
fn picture((width, height): (u32, u32), depth: u8, colour: u8, filter: u8) -> Vec<u8> {
    let samples = if colour == 6 { 4 } else { 1 };
    let row = (u64::from(width) * samples * u64::from(depth) / 8).min(400_000_000);
    let mut data = ZlibEncoder::new(Vec::new(), Compression::best());
    let block = [if filter == 0 { 0 } else { 85 }; 1 << 16];
    for _ in 0..u64::from(height).min(400_000_000 / row.max(1)) {
        data.write_all(&[filter]).unwrap();
        let mut left = row as usize;
        while left > 0 {
            let part = left.min(block.len());
            data.write_all(&block[..part]).unwrap();
            left -= part;
        }
        if height > 1_000_000 {
            break;
        }
    }
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut push = |name: &[u8; 4], body: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(name);
        sum.update(body);
        out.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
        out.extend_from_slice(name);
        out.extend_from_slice(body);
        out.extend_from_slice(&sum.sum().to_be_bytes());
    };
    let header = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    push(b"IHDR", &header);
    if colour == 3 {
        push(b"PLTE", &[1; 768]);
    }
    push(b"IDAT", &data.finish().unwrap());
    push(b"IEND", &[]);
    out
}
